#!/bin/sh
# SPDX-License-Identifier: MIT
# The tests of the simulator are tested: each of the deliberate bugs of sched/mutation.h must be
# shown by one of the self-tests within a few seeds.
sim=build/sim/jiffy-sim-checked
make -s "$sim" >/dev/null || { echo "not ok sim_mutation_build: it does not compile"; exit 0; }
for name in $($sim --mutations); do
	shown=$($sim --mutate "$name" --selftest "${SIM_MUTATION_SEEDS-6}" 2>/dev/null)
	case $? in
	1) echo "ok sim_mutation_$name" ;;
	0) echo "not ok sim_mutation_$name: no test notices" ;;
	*) echo "not ok sim_mutation_$name: $shown" ;;
	esac
done
