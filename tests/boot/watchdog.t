# SPDX-License-Identifier: MIT
# The watchdog leaves a machine alone that is busy and well: on one CPU eight programs that spend
# their time in the kernel are switched at each tick, so each tick finds a request for it.
. tests/lib.sh

expect busy-kernel 0 alive jiffy --cpus 1 --timeout 60 --append watchdog_thresh=1 busybox sh -c '
	for i in 1 2 3 4 5 6 7 8; do dd if=/dev/zero of=/dev/null bs=4M 2>/dev/null & done
	sleep 8
	kill $(jobs -p)
	echo alive'
