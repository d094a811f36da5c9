# SPDX-License-Identifier: MIT
# What the kernel says when it finds itself wrong: each fault that the checked kernel knows how to
# commit is found, ends the run with status 70, and is named in the report on stderr.
. tests/lib.sh

# report NAME PATTERN OPTION...: the fault NAME, committed with these options.
report() {
	fault=$1 pattern=$2
	shift 2
	expect_match "$fault${1+ }$*" 70 "$pattern" checked --timeout 120 "$@" \
		busybox sh -c "exec 2>/dev/null; echo $fault >/proc/jiffy/provoke"
}

kernel_says='*jiffy: the guest*s kernel panicked; its log:*Kernel panic: '
report panic "${kernel_says}provoked*CPU ?, task busybox (pid *provoke_panic*---[[] end of panic ]---*"
report null "${kernel_says}page fault: NULL pointer: write of 0 by provoke_null+*"
report readonly "${kernel_says}page fault: write to read-only memory: write of *"
report user-memory "${kernel_says}page fault: user memory touched outside the uaccess routines*"
report kthread-user-memory "${kernel_says}user memory touched by a kernel thread*task provoked *"
report data-execution "${kernel_says}page fault: execution of data: fetch of *"
report stack-overflow "${kernel_says}kernel stack overflow of task busybox/* at deeper+*"
report stack-overflow "${kernel_says}kernel stack overflow of task busybox/* at deeper+*" \
	--append irqstacks=shared
report double-fault "*RSP *:8000000000000000*Kernel panic: double fault at arch_lose_stack+*"
report lock-circle "*provoked_inner*${kernel_says}lockdep: locks taken in a circle*locks held by busybox*"
report softirq-lock "*provoked_lock*take_in_softirq*${kernel_says}lockdep: a lock that softirqs *"
report lock-twice "${kernel_says}spinlock provoked_lock taken again by the CPU that holds it*"
report sleep-in-atomic "${kernel_says}*may sleep where sleeping is forbidden*"
report mutex-in-spinlock "${kernel_says}*may sleep where sleeping is forbidden*provoked_lock*"
report exit-with-lock "*locks held by busybox*provoked_mutex*Kernel panic: lockdep: locks held at task exit*"
report idle-reader "${kernel_says}*dynticks*"
report slab-overrun "${kernel_says}slab *: something was written past its end; allocated by *provoke_slab_*"
report slab-double-free "${kernel_says}slab *: freed twice; allocated by *provoke_slab_*"
report slab-use-after-free "${kernel_says}slab *: written after it was freed; allocated by *provoke_slab_*"

# The watchdogs, with neighbours (on the host's time: it may be busy) and without.
lock='*locks held by busybox*provoked_lock*taken at provoke_'
hard='*provoke_hard_lockup*Kernel panic: hard lock-up: CPU ?, in task busybox (pid *'
soft='*provoke_soft_lockup*Kernel panic: soft lock-up: CPU ? has not switched for ? s, in task busybox (pid *'
report hard-lockup "$hard$lock*" --cpus 2 --append watchdog_thresh=4
report hard-lockup "$hard$lock*" --cpus 4 --machine q35 --append watchdog_thresh=4
report hard-lockup "$hard$lock*" --icount --append watchdog_thresh=1
report hard-lockup "$hard$lock*" --icount --machine q35 --append watchdog_thresh=1
report soft-lockup "$soft$lock*" --cpus 2 --append watchdog_thresh=4
report soft-lockup "$soft$lock*" --icount --append watchdog_thresh=1

# A hung task is reported and the machine goes on; so it is after a warning, unless told otherwise.
expect_match hung-task 0 '*hung task: busybox *locks held by busybox*provoked_mutex*taken at provoke_hung_task*alive' \
	checked --icount --append watchdog_thresh=1 --timeout 120 busybox sh -c '
	echo hung-task >/proc/jiffy/provoke &
	echo hung-task >/proc/jiffy/provoke &
	sleep 20; dmesg; echo alive'
expect_match warning 0 '*WARNING at *provoke.c:*provoke_warning+*alive' \
	checked --timeout 60 busybox sh -c 'echo warning >/proc/jiffy/provoke; dmesg; echo alive'
expect_match panic-on-warn 70 '*Kernel panic: warning at *provoke.c:*' checked --timeout 60 \
	--append panic_on_warn busybox sh -c 'echo warning >/proc/jiffy/provoke'

# The plain kernel, which cannot be told to: its own last resort, and a report of its own.
expect_match no-init 70 "${kernel_says}*init=*/no/such/init*" jiffy --timeout 60 \
	--append 'rdinit=/no/such/init init=/no/such/init' true
expect_match init-ends 70 "${kernel_says}*init*" jiffy --timeout 60 --append rdinit=/bin/false true
