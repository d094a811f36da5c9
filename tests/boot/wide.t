# SPDX-License-Identifier: MIT
# The edges of what --cpus and --mem allow.
. tests/lib.sh

for cpus in 3 64; do
	expect "cpus-$cpus" 0 $cpus jiffy --cpus $cpus --mem 1G --timeout 300 \
		busybox sh -c 'grep -c ^processor /proc/cpuinfo'
done
expect_match mem-64G 0 'MemTotal: *6[0-9]?????? kB' jiffy --mem 64G --timeout 120 \
	busybox sh -c 'grep MemTotal /proc/meminfo'
