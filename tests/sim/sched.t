#!/bin/sh
# SPDX-License-Identifier: MIT
# The scheduler in the simulator, every check on: SIM_SEEDS (200) seeds of each property under
# each policy, those far from the first ones that once found a fault, and two equal runs give equal
# traces.
sim=build/sim/jiffy-sim-checked
make -s "$sim" >/dev/null || { echo "not ok sim_build: it does not compile"; exit 0; }
$sim --selftest "${SIM_SEEDS-200}" 2>/tmp/sim-selftest.$$ || cat /tmp/sim-selftest.$$ >&2
rm -f /tmp/sim-selftest.$$
for seed in 4498 4680 7391; do
	$sim --selftest 1 --seed "$seed" --only random 2>&1 |
		sed -n "s/^\\(ok\\|not ok\\) \\([^:]*\\)/\\1 \\2_$seed/p"
done

work=$(mktemp)
cat >"$work" <<'END'
group web weight=300
group batch weight=100 max=20ms/100ms burst=5ms
group low in=web idle
hog count=3 : run 50ms
server count=4 group=web uclamp=300-900 : run 1ms~3ms; sleep 2ms
build count=4 group=batch : run 50ms
rest group=low : run 10ms; sleep 1ms
shell count=2 session=1 : run 5ms; sleep 1ms
reclaimer policy=deadline/2ms/20ms/20ms/reclaim : run 5ms; sleep 10ms
pair count=2 : run 100us~300us; sleep 1ms~3ms
rt policy=fifo/10 : run 200us; sleep 5ms
END
for policy in cfs eevdf goodness o1; do
	one=$($sim --sched $policy --cpus 4 --seed 7 "$work")
	two=$($sim --sched $policy --cpus 4 --seed 7 "$work")
	if [ -n "$one" ] && [ "$one" = "$two" ]; then
		echo "ok sim_${policy}_repeats"
	else
		echo "not ok sim_${policy}_repeats: two runs of one seed differ"
	fi
done
rm -f "$work"
