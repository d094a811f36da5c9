# SPDX-License-Identifier: MIT
# A system call that does not exist answers ENOSYS, is counted, and `--verbose' names it once for
# each program.
. tests/lib.sh

if ! make -s build/tests/real/unknown; then
	not_ok unknown 'the program does not build'
	exit 0
fi
program=$PWD/build/tests/real/unknown
expect answers 0 '511: ENOSYS
511: ENOSYS
100000: ENOSYS
511: ENOSYS
-2: ENOSYS
100000: ENOSYS' jiffy --timeout 60 "$program"
expect counted 0 '0
6
12' jiffy --timeout 60 --add "$program:/unknown" busybox sh -c \
	'cd /proc/jiffy; cat unknown_syscalls; /unknown >/dev/null; cat unknown_syscalls
	/unknown >/dev/null; cat unknown_syscalls'

got_output=$(jiffy --timeout 60 --verbose --add "$program:/unknown" --add "$program:/other" \
	busybox sh -c '/unknown; /unknown; /other' 2>&1 >/dev/null)
# named PROGRAM NUMBER
named() {
	n=$(printf '%s\n' "$got_output" | grep -c "$1\[[0-9]*\] calls unknown system call $2\$")
	if [ "$n" = 1 ]; then ok "named-$1-$2"; else not_ok "named-$1-$2" "$n times: $(one_line)"; fi
}
for program in unknown other; do
	named $program 511
	named $program 100000
done
