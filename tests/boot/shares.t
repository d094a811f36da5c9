#!/bin/sh
# SPDX-License-Identifier: MIT
# Weights and limits of groups hold within 1 % over a second, where a second is one: the clock counts
# the machine's own instructions.
. tests/lib.sh
make -s build/tests/guest/cgshare >/dev/null || { echo "not ok shares_build: it does not compile"; exit 0; }
for case in weights_share_a_cpu weight_is_of_the_group_not_of_its_tasks max_limits_a_group \
	budget_limits_a_real_time_group; do
	expect "exact_$case" 0 "ok $case
1 passed, 0 failed" jiffy --icount --add "$PWD/build/tests/guest/cgshare:/cgshare" \
		busybox env GUEST_EXACT_TIME=1 /cgshare "$case"
done
