# SPDX-License-Identifier: MIT
# Exit statuses and standard descriptors pass through as they are.
. tests/lib.sh

expect true 0 '' jiffy --timeout 60 true
expect false 1 '' jiffy --timeout 60 false
expect exit-255 255 '' jiffy --timeout 60 bash -c 'exit 255'
expect killed 137 '' jiffy --timeout 60 bash -c 'kill -KILL $$'
expect segv 139 '' jiffy --timeout 60 bash -c 'kill -SEGV $$'
expect not-found-inside 127 'nothing here' \
	jiffy --timeout 60 bash -c 'exec 2>/dev/null; echo nothing here; /no/such/program'
expect arguments 0 '[a b][][*][--help]' \
	jiffy --timeout 60 bash -c 'printf "[%s]" "$@"' sh 'a b' '' '*' --help
expect environment 0 'of the caller' env JIFFY_TEST='of the caller' \
	build/jiffy run ${JIFFY_TEST_FLAGS-} --timeout 60 bash -c 'echo "$JIFFY_TEST"'
