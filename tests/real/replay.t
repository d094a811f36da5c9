# SPDX-License-Identifier: MIT
# A run of the kernel, recorded, is done again by the simulator: the same task is picked at each
# switch, on one CPU and on four; and under goodness, where CPUs end each other's epochs and meet
# tasks that another one is about to leave, beside hogs that use their quanta up soon. REPLAY_ROUNDS
# (2000) sets how long the run is, REPLAY_MEMORY (32M) how much room the record gets.
. tests/lib.sh

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# replayed NAME CPUS POLICY [HOGS]
replayed() {
	jiffy --cpus "$2" --mem 512M --timeout 240 \
		--append "sched=$3 sched_record=${REPLAY_MEMORY-32M}" busybox sh -c "
		for n in ${4-}; do
			sh -c 'renice -n 19 -p \$\$; i=0; while [ \$i -lt 5000 ]; do i=\$((i+1)); done' &
		done
		i=0; while [ \$i -lt ${REPLAY_ROUNDS-2000} ]; do echo \$i; i=\$((i+1)); done |
			cat | cat >/dev/null &
		i=0; while [ \$i -lt 40 ]; do renice -n 1 -p \$\$ >/dev/null 2>&1; ls / >/dev/null; i=\$((i+1)); done &
		wait; cat /sys/kernel/debug/sched/record" </dev/null >"$dir/record" 2>"$dir/err"
	got_output=$(build/jiffy sim --replay "$dir/record" 2>&1)
	got_status=$?
	switches=${got_output%% switches*}
	if [ $got_status = 0 ] && [ "${switches##* }" -ge 100 ]; then
		ok "$1"
	else
		not_ok "$1" "$(one_line) $(tail -n 2 "$dir/err")"
	fi
}

replayed replay_kernel_1 1 cfs
replayed replay_kernel_4 4 cfs
replayed replay_kernel_goodness_4 4 goodness "1 2 3 4 5 6"
