# SPDX-License-Identifier: MIT
# Debian's tools for schedulers: hackbench and cyclictest, stress-ng's scheduler class, schedtool,
# rt-app. What they find out is not judged here, but that they run and find no fault.
. tests/lib.sh

# have NAME PROGRAM: the test can be made on this host.
have() {
	command -v "$2" >/dev/null && return 0
	echo "skip $1: $2 is not installed"
	return 1
}

for mode in '' -T -p '-T -p'; do
	name=hackbench$(echo "$mode" | tr -d ' ')
	have "$name" hackbench || continue
	expect_match "$name" 0 '*Time: [0-9]*' \
		jiffy --cpus 2 --timeout 90 hackbench $mode -g 1 -f 4 -l 50 </dev/null
done

if have cyclictest cyclictest; then
	expect_match cyclictest 0 '*T: 0 *C:*50*T: 1 *Max:*' \
		jiffy --cpus 2 --timeout 90 cyclictest -q -m -p 80 -i 2000 -l 50 -t 2 </dev/null
fi

if have schedtool schedtool; then
	expect schedtool 0 'PID     0: PRIO  20, POLICY F: SCHED_FIFO    , NICE   0, AFFINITY 0x1' \
		jiffy --cpus 2 --timeout 60 schedtool -F -p 20 -a 0x1 -e schedtool 0 </dev/null
fi

if have rt-app rt-app; then
	expect rt-app 0 'fair fifo' jiffy --cpus 2 --timeout 90 --add "$(command -v rt-app)" \
		--add tests/real/data/two-classes.json:/two-classes.json bash -c '
		rt-app /two-classes.json >/dev/null 2>&1 || exit
		for t in fair fifo; do
			n=0
			while read line; do n=$((n + 1)); done </tmp/rt-app-$t-*.log
			[ $n -gt 10 ] && echo $t
		done | { read a; read b; echo $a $b; }' </dev/null
fi

# Its class without what needs what is not here: netlink, fanotify. The threads of mutex are real-time
# ones: the second process may have to wait for the 5 % of a second that they leave, so a second is
# not enough there.
stressors='affinity clone cyclic daemon eventfd exec fifo fork futex hrtimers kill mmapfork mq msg
	mutex nanosleep nice poll pthread race-sched resched schedpolicy sem sem-sysv session sleep
	spawn switch tee vfork vforkmany wait yield zombie'
if have stress-ng stress-ng; then
	expect stress-ng 0 'all ran' jiffy --cpus 2 --mem 1G --timeout 300 \
		--add "$(command -v stress-ng)" bash -c 'for s do
			t=1
			[ $s != mutex ] || t=3
			stress-ng --$s 2 --timeout $t --quiet >/tmp/out 2>&1 || echo "$s: $(</tmp/out)"
		done; echo all ran' bash $stressors </dev/null
fi
