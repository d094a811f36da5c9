# SPDX-License-Identifier: MIT
# gdb on the live kernel: it stops where it is told, and the helpers print processes and run queues.
. tests/lib.sh

work=$(mktemp -d) || exit 71
build/jiffy run ${JIFFY_TEST_FLAGS-} --cpus 2 --gdb --timeout 300 sleep 1000 </dev/null >"$work/out" 2>&1 &
run=$!
trap 'kill $run 2>/dev/null; rm -rf "$work"' EXIT
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	command=$(sed -n 's/^jiffy: waiting for gdb on port [0-9]*; start it with: gdb //p' "$work/out")
	[ -z "$command" ] || break
	sleep 0.5
done
if [ -z "$command" ]; then
	not_ok says-how "it said: $(cat "$work/out")"
	exit 0
fi
ok says-how

# The first call of sleep's own is in the clock: by then every process of the guest is there.
timeout 200 gdb -nx -batch $command -ex 'hbreak start_kernel' -ex continue \
	-ex 'break sys_clock_nanosleep' -ex continue -ex backtrace -ex jiffy-tasks -ex jiffy-runqueues \
	-ex kill </dev/null >"$work/gdb" 2>&1
got_output=$(cat "$work/gdb")

# shows NAME PATTERN
shows() {
	if grep -qE "$2" "$work/gdb"; then ok "$1"; else not_ok "$1" "gdb printed: $(one_line)"; fi
}

shows first-stop 'Breakpoint 1, start_kernel \(\) at init/main\.c:[0-9]+'
shows second-stop 'Breakpoint 2, .*sys_clock_nanosleep \('
shows backtrace '^#[1-4] .*(do_syscall|entry_SYSCALL_64)'
shows heading '^ +PID +TGID +STATE +PRIO +COMM$'
shows idle '^ +0 +0 +0 +120  swapper'
shows init '^ +1 +1 +1 +120  init$'
shows kthreadd '^ +2 +2 +[12] +120  kthreadd$'
shows program '^ +[0-9]+ +[0-9]+ +0 +120  sleep$'
shows runqueue-0 '^cpu 0: nr_running [0-9]+, curr [0-9]+ \(.+\)$'
shows runqueue-1 '^cpu 1: nr_running [0-9]+, curr [0-9]+ \(.+\)$'
shows runs '^cpu [01]: nr_running 1, curr [0-9]+ \(sleep\)$'
