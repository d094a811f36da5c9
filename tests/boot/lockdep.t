# SPDX-License-Identifier: MIT
# The lock validator's own lock is for what is new. Were it taken at each acquisition, the CPUs of a
# machine that the host runs by turns would wait for one another at every lock, and stand still.
. tests/lib.sh

# looks NAME OPTION...: a second round of the same work takes locks by the ten thousand. What is
# still new in it (an interrupt's locks inside one of the others) is a hundredth of that.
looks() {
	looks_name=$1
	shift
	expect_match "$looks_name" 0 '*few new ones' checked --timeout 200 "$@" busybox sh -c '
	looks() {
		sed -n "s/.*graph.s lock: //p" /proc/lockdep_stats
	}
	round() {
		for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
			true | cat /proc/self/status >/dev/null
		done
	}
	grep -q "direct dependencies: [1-9]" /proc/lockdep_stats || exit 1
	round
	before=$(looks)
	round
	new=$(($(looks) - before))
	[ $new -lt 400 ] && echo few new ones || echo $new new ones'
}

looks second-round-learns-little --icount
looks second-round-learns-little-4-cpus --cpus 4
