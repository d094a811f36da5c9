# SPDX-License-Identifier: MIT
# Input is read only as far as the program reads; output and error stay apart, and in order when
# they are one file.
. tests/lib.sh

work=$(mktemp -d) || exit 71
trap 'rm -rf "$work"' EXIT

got=$(echo hi | jiffy --timeout 60 cat 2>"$work/err")
if [ "$got" = hi ] && ! [ -s "$work/err" ]; then
	ok cat
else
	not_ok cat "printed $got, and on stderr: $(head -c 200 "$work/err")"
fi

jiffy --timeout 60 bash -c 'echo out; echo err >&2' >"$work/out" 2>"$work/err" </dev/null
if [ "$(cat "$work/out")/$(cat "$work/err")" = out/err ]; then
	ok apart
else
	not_ok apart "stdout $(cat "$work/out"), stderr $(cat "$work/err")"
fi

jiffy --timeout 60 bash -c 'for i in 1 2 3; do echo o$i; echo e$i >&2; done' >"$work/both" 2>&1 </dev/null
if [ "$(tr '\n' ' ' <"$work/both")" = 'o1 e1 o2 e2 o3 e3 ' ]; then
	ok one-file
else
	not_ok one-file "the order is $(tr '\n' ' ' <"$work/both")"
fi

# A megabyte there and back, byte for byte.
head -c 1000000 /dev/urandom >"$work/data"
jiffy --timeout 120 cat <"$work/data" >"$work/copy" 2>"$work/err"
if cmp -s "$work/data" "$work/copy"; then
	ok megabyte
else
	not_ok megabyte "$(wc -c <"$work/copy") bytes came back; $(head -c 200 "$work/err")"
fi

# What the program leaves is left for the next reader.
left=$({
	sleep 1
	echo first
	sleep 3
	echo second
} | {
	jiffy --timeout 60 busybox head -n 1 >/dev/null 2>&1
	cat
})
if [ "$left" = second ]; then
	ok leftover
else
	not_ok leftover "left for the next reader: $left"
fi

# A reader that goes away ends the run as it would end the program.
status=$({
	jiffy --timeout 60 yes </dev/null 2>"$work/err"
	echo $? >"$work/status"
} | head -n 1)
if [ "$status$(cat "$work/status")" = y141 ]; then
	ok broken-pipe
else
	not_ok broken-pipe "first line $status, exit status $(cat "$work/status")"
fi

expect closed-output 0 '' sh -c '. tests/lib.sh; jiffy --timeout 60 bash -c "echo x 2>/dev/null || exit 0; exit 1" >&-'
