# SPDX-License-Identifier: MIT
# A dynamic glibc program with threads, mutexes, conditions, cancellation and thread-local data.
. tests/lib.sh

if ! make -s build/tests/real/threads; then
	not_ok threads 'it does not build'
	exit 0
fi
for cpus in 1 4; do
	expect "cpus$cpus" 7 'sum 673200, joined 16, cancelled' \
		jiffy --cpus $cpus --timeout 120 build/tests/real/threads
done
