#!/bin/sh
# SPDX-License-Identifier: MIT
# Recorded runs done again: one of the simulator under each policy on one CPU and on four; a record
# that was tampered with is seen to differ, one that is cut short is told from a whole one. Those
# of the kernel are in tests/real/replay.t.
sim=build/sim/jiffy-sim-checked
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

cat >"$dir/work" <<'END'
hog count=3 : run 50ms
pair count=2 slice=500us : run 100us~300us; sleep 1ms~3ms
mix count=4 : run 200us~2ms; yield; run 30us; sleep 100us~5ms
renice count=2 : run 300us; nice 10; run 300us~1ms; nice -5; sleep 1ms
rt policy=fifo/10 : run 200us; sleep 5ms
END

# same NAME FILE: the replay of FILE agrees.
same() {
	if out=$($sim --replay "$2" 2>&1); then
		echo "ok $1"
	else
		echo "not ok $1: $(echo "$out" | tail -n 1)"
	fi
}

for policy in cfs eevdf goodness o1; do
	for cpus in 1 4; do
		$sim --sched $policy --cpus $cpus --seed 7 --record "$dir/r" "$dir/work" >/dev/null
		same "replay_sim_${policy}_$cpus" "$dir/r"
	done
done

head -c 20001 "$dir/r" >"$dir/short"
case $($sim --replay "$dir/short" 2>&1) in
*damaged*) echo "ok replay_tells_a_cut_record" ;;
*) echo "not ok replay_tells_a_cut_record" ;;
esac

# The current task's tick, told as a smaller latency: slices end elsewhere.
$sim --seed 7 --cpus 1 --record "$dir/r" "$dir/work" >/dev/null
printf '\100\102\017\0\0\0\0\0' | dd of="$dir/r" bs=1 seek=24 conv=notrunc 2>/dev/null
$sim --replay "$dir/r" >/dev/null 2>&1
status=$?
if [ $status = 1 ]; then
	echo "ok replay_sees_a_difference"
else
	echo "not ok replay_sees_a_difference: with another latency, status $status"
fi

