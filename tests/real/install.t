# SPDX-License-Identifier: MIT
# `make install': the same command, elsewhere, without the tree.
. tests/lib.sh

work=$(mktemp -d) || exit 71
trap 'rm -rf "$work"' EXIT

expect_match install 0 '*' make -s install PREFIX="$work/usr"
cd / || exit 71
expect run 0 '' "$work/usr/bin/jiffy" run --timeout 60 true
expect status 7 '' "$work/usr/bin/jiffy" run --timeout 60 bash -c 'exit 7'
expect by-path 0 hi env PATH="$work/usr/bin:$PATH" jiffy run --timeout 60 echo hi
ln -s usr/bin/jiffy "$work/link"
expect by-link 0 hi "$work/link" run --timeout 60 echo hi
expect_match help 0 'Usage: jiffy run *' "$work/usr/bin/jiffy" run --help
mv "$work/usr" "$work/moved"
expect moved 0 '' "$work/moved/bin/jiffy" run --timeout 60 true
