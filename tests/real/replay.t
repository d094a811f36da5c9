# SPDX-License-Identifier: MIT
# A run of the kernel, recorded, is done again by the simulator: the same task is picked at each
# switch, on one CPU and on four. REPLAY_ROUNDS (2000) sets how long the run is, REPLAY_MEMORY
# (32M) how much room the record gets.
. tests/lib.sh

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

for cpus in 1 4; do
	jiffy --cpus $cpus --mem 512M --timeout 240 --append "sched_record=${REPLAY_MEMORY-32M}" \
		busybox sh -c "
		i=0; while [ \$i -lt ${REPLAY_ROUNDS-2000} ]; do echo \$i; i=\$((i+1)); done |
			cat | cat >/dev/null &
		i=0; while [ \$i -lt 40 ]; do renice -n 1 -p \$\$ >/dev/null 2>&1; ls / >/dev/null; i=\$((i+1)); done &
		wait; cat /sys/kernel/debug/sched/record" </dev/null >"$dir/record" 2>"$dir/err"
	got_output=$(build/jiffy sim --replay "$dir/record" 2>&1)
	got_status=$?
	switches=${got_output%% switches*}
	if [ $got_status = 0 ] && [ "${switches##* }" -ge 100 ]; then
		ok "replay_kernel_$cpus"
	else
		not_ok "replay_kernel_$cpus" "$(one_line) $(tail -n 2 "$dir/err")"
	fi
done
