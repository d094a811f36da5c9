#!/bin/sh
# SPDX-License-Identifier: MIT
# Who runs is not held up for long by what others have left to do, where the clock counts the
# machine's own instructions.
. tests/lib.sh
make -s build/tests/guest/exit >/dev/null || { echo "not ok latency_build: it does not compile"; exit 0; }
expect exact_the_dead_hold_up_nobody 0 "ok the_dead_hold_up_nobody
1 passed, 0 failed" jiffy --icount --add "$PWD/build/tests/guest/exit:/exit" \
	busybox env GUEST_EXACT_TIME=1 /exit the_dead_hold_up_nobody
