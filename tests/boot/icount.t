# SPDX-License-Identifier: MIT
# Under --icount two runs are the same to the last digit: time, interrupts, context switches.
. tests/lib.sh

once() {
	jiffy --icount --timeout 120 busybox sh -c \
		'cat /proc/uptime /proc/stat; date +%s; for i in 1 2 3; do (echo $i) | cat; done; cat /proc/uptime' \
		</dev/null 2>&1
}

first=$(once)
status=$?
second=$(once)
got_output=$first
if [ $status != 0 ]; then
	not_ok same-run "exit status $status: $(one_line)"
elif [ "$first" != "$second" ]; then
	not_ok same-run "the runs differ: $(one_line)"
else
	ok same-run
fi
