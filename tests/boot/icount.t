# SPDX-License-Identifier: MIT
# Under --icount two runs are the same to the last digit: time, interrupts, context switches. More
# is printed than a socket holds unread, and the runs of a test go on at once, so that the host
# reads them late and at different moments.
#
# sh tests/boot/icount.t [ROUNDS]: from the top of the tree; ROUNDS of three runs each (2).
. tests/lib.sh

rounds=${1-2}

work=$(mktemp -d) || exit 71
trap 'rm -rf "$work"' EXIT
report='dmesg; cat /proc/stat /proc/interrupts /proc/sched_debug; date +%s
	for i in 1 2 3; do (echo $i) | cat; done; cat /proc/uptime /proc/sched_debug'

to_pipe() {
	jiffy --icount --timeout 200 busybox sh -c "$report" </dev/null
}

# The terminal is for output only: who types, types at a moment of his own.
to_terminal() {
	script -qec ". tests/lib.sh; jiffy --icount --timeout 200 busybox sh -c '$report' </dev/null" \
		/dev/null </dev/null
}

# same NAME COMMAND: all runs of COMMAND, three at a time, print the same and succeed.
same() {
	round=0
	while [ $round -lt "$rounds" ]; do
		round=$((round + 1))
		pids=
		for i in 1 2 3; do
			"$2" >"$work/$2.$round.$i" 2>&1 &
			pids="$pids $!"
		done
		for pid in $pids; do
			wait "$pid" && continue
			not_ok "$1" "a run ended with status $?: $(tail -n 3 "$work/$2.$round.1")"
			return
		done
	done
	for run in "$work/$2".*; do
		cmp -s "$work/$2.1.1" "$run" && continue
		got_output=$(diff "$work/$2.1.1" "$run" | cut -c 1-100)
		not_ok "$1" "the runs differ: $(one_line)"
		return
	done
	if grep -q '^ktime' "$work/$2.1.1"; then
		ok "$1"
	else
		not_ok "$1" "the report is not there: $(tail -n 3 "$work/$2.1.1")"
	fi
}

same same-run to_pipe
same same-run-at-terminal to_terminal
