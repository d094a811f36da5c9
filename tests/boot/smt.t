# SPDX-License-Identifier: MIT
# Two cores of two threads each: two tasks that begin on the threads of one core end up on a core
# each, though nobody waits and the CPUs that idle have no tick. A stand-in for QEMU makes the cores.
. tests/lib.sh

work=$(mktemp -d) || exit 71
trap 'rm -rf "$work"' EXIT

qemu_with "$work/qemu" <<'END'
[ "$last" != -smp ] || arg=4,sockets=1,cores=2,threads=2
END

for kernel in jiffy checked; do
	expect_match "spread-$kernel" 0 '*0-1 2-3: SMT MC, apart' \
		$kernel --qemu "$work/qemu" --cpus 4 --timeout 120 busybox sh -c '
		core() { echo $(($(cut -d " " -f 39 /proc/$1/stat) / 2)); }
		for cpu in 0 1; do
			taskset $((1 << cpu)) sh -c "while :; do :; done" &
			pids="$pids $!"
		done
		sleep 0.3
		for pid in $pids; do taskset -p f $pid >/dev/null; done
		for i in $(seq 600); do
			set -- $(for pid in $pids; do core $pid; done)
			[ "$1" = "$2" ] || break
			sleep 0.1
		done
		[ "$1" = "$2" ] && where=together || where=apart
		cd /sys/devices/system/cpu
		echo $(cat cpu0/topology/thread_siblings_list cpu3/topology/thread_siblings_list): \
			$(cat /sys/kernel/debug/sched/domains/cpu0/domain*/name), $where
		kill $pids'
done
