# SPDX-License-Identifier: MIT
# The core file of a program with threads, and what Debian's gdb reads in it: the thread that
# faulted first, the right backtrace of each, and variables.
. tests/lib.sh

command -v gdb >/dev/null || { echo 'skip core: no gdb here'; exit 0; }
if ! make -s build/tests/real/crash; then
	not_ok core 'the program does not build'
	exit 0
fi
# Stacks are large and mostly empty: the file comes out of the machine compressed.
out=build/tests/real/core.out
crash=$PWD/build/tests/real/crash

# frames FUNCTION: how many frames of that function gdb has shown.
frames() {
	grep -c "^#.* $1 (" $out/gdb
}

for cpus in 1 4; do
	rm -rf $out
	mkdir -p $out
	jiffy --cpus $cpus --timeout 120 --add "$crash:/crash" busybox sh -c \
		'cd /tmp && ulimit -c unlimited && { /crash; s=$?; } 2>/dev/null; gzip -c core; exit $s' \
		>$out/core.gz 2>$out/log </dev/null
	status=$?
	if [ $status != 139 ]; then
		not_ok dumped-cpus$cpus "exit status $status; $(tail -n 3 $out/log | tr '\n' '|')"
		continue
	fi
	gunzip $out/core.gz && ok dumped-cpus$cpus
	gdb -nx -batch -ex 'info threads' -ex 'thread apply all bt' -ex 'frame 0' \
		-ex 'print depth_of_fault' "$crash" $out/core >$out/gdb 2>&1
	# The first thread is the one that faulted; the waiting ones lie 2, 3 and 4 calls deep.
	if grep -q 'terminated with signal SIGSEGV' $out/gdb &&
		grep -q '^\* 1 .*inner_fault' $out/gdb && grep -q '^.1 = 2$' $out/gdb &&
		[ "$(frames inner_fault)" -ge 1 ] && [ "$(frames outer_fault)" = 1 ] &&
		[ "$(frames main)" = 1 ] && [ "$(frames thread_main)" = 3 ] &&
		[ "$(frames wait_at_depth)" = 9 ]; then
		ok backtraces-cpus$cpus
	else
		not_ok backtraces-cpus$cpus "gdb said: $(head -c 1500 $out/gdb | tr '\n' '|')"
	fi
done
