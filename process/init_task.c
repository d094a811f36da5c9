/* SPDX-License-Identifier: MIT */
/*
 * The first task: pid 0, made by the linker and not by fork. It runs start_kernel() and becomes
 * CPU 0's idle task. Every other task descends from it by copy_process(), so what stands here is
 * what the first processes inherit.
 */
#include <jiffy/cgroup.h>
#include <jiffy/fdtable.h>
#include <jiffy/fs_struct.h>
#include <jiffy/mm_types.h>
#include <jiffy/nsproxy.h>
#include <jiffy/posix_timers.h>

#include "internal.h"

union thread_union init_thread_union __aligned(THREAD_SIZE) = {
    .thread_info = {.task = &init_task, .magic = STACK_END_MAGIC},
};

static struct sighand_struct init_sighand = {
    .siglock = __SPIN_LOCK_UNLOCKED(init_sighand.siglock),
    .count = REFCOUNT_INIT(1),
    .signalfd_wqh = __WAIT_QUEUE_HEAD_INITIALIZER(init_sighand.signalfd_wqh),
};

#define RLIM_BOTH(n, cur, max) [n] = {(cur), (max)}
static struct signal_struct init_signals = {
    .sigcnt = REFCOUNT_INIT(1),
    .live = ATOMIC_INIT(1),
    .nr_threads = 1,
    .thread_head = LIST_HEAD_INIT(init_task.thread_node),
    .wait_chldexit = __WAIT_QUEUE_HEAD_INITIALIZER(init_signals.wait_chldexit),
    .shared_pending = {.list = LIST_HEAD_INIT(init_signals.shared_pending.list)},
    .pids =
	{
	    [PIDTYPE_TGID] = &init_struct_pid,
	    [PIDTYPE_PGID] = &init_struct_pid,
	    [PIDTYPE_SID] = &init_struct_pid,
	},
    .stats_lock = {SEQCNT_ZERO, __SPIN_LOCK_UNLOCKED(init_signals.stats_lock.lock)},
    .prev_cputime = {.lock = __SPIN_LOCK_UNLOCKED(init_signals.prev_cputime.lock)},
    .rlim =
	{
	    RLIM_BOTH(RLIMIT_CPU, RLIM_INFINITY, RLIM_INFINITY),
	    RLIM_BOTH(RLIMIT_FSIZE, RLIM_INFINITY, RLIM_INFINITY),
	    RLIM_BOTH(RLIMIT_DATA, RLIM_INFINITY, RLIM_INFINITY),
	    RLIM_BOTH(RLIMIT_STACK, MIB(8), RLIM_INFINITY),
	    RLIM_BOTH(RLIMIT_CORE, 0, RLIM_INFINITY),
	    RLIM_BOTH(RLIMIT_RSS, RLIM_INFINITY, RLIM_INFINITY),
	    RLIM_BOTH(RLIMIT_NPROC, 0, 0), /* half of threads-max: fork_init() */
	    RLIM_BOTH(RLIMIT_NOFILE, 1024, 4096),
	    RLIM_BOTH(RLIMIT_MEMLOCK, MIB(8), MIB(8)),
	    RLIM_BOTH(RLIMIT_AS, RLIM_INFINITY, RLIM_INFINITY),
	    RLIM_BOTH(RLIMIT_LOCKS, RLIM_INFINITY, RLIM_INFINITY),
	    RLIM_BOTH(RLIMIT_SIGPENDING, 0, 0), /* likewise */
	    RLIM_BOTH(RLIMIT_MSGQUEUE, 819200, 819200),
	    RLIM_BOTH(RLIMIT_NICE, 0, 0),
	    RLIM_BOTH(RLIMIT_RTPRIO, 0, 0),
	    RLIM_BOTH(RLIMIT_RTTIME, RLIM_INFINITY, RLIM_INFINITY),
	},
    .posix_cputimers = {.nextevt = {~0ULL, ~0ULL, ~0ULL}},
    .cred_guard_mutex = __MUTEX_INITIALIZER(init_signals.cred_guard_mutex),
    .exec_update_lock = __RWSEM_INITIALIZER(init_signals.exec_update_lock),
};

struct task_struct init_task = {
    .__state = TASK_RUNNING,
    .flags = PF_KTHREAD,
    .stack = &init_thread_union,
    .usage = REFCOUNT_INIT(1),
    .rcu_users = REFCOUNT_INIT(2),
    .stack_refcount = REFCOUNT_INIT(2),
    .prio = DEFAULT_PRIO,
    .static_prio = DEFAULT_PRIO,
    .normal_prio = DEFAULT_PRIO,
    .policy = SCHED_NORMAL,
    .nr_cpus_allowed = NR_CPUS,
    .cpus_ptr = &init_task.cpus_mask,
    .cpus_mask = {{[0 ... BITS_TO_LONGS(NR_CPUS) - 1] = ~0UL}},
    .pi_lock = __SPIN_LOCK_UNLOCKED(init_task.pi_lock),
    .pi_waiters = {{NULL}, NULL},
    .pi_state_list = LIST_HEAD_INIT(init_task.pi_state_list),
    .tasks = LIST_HEAD_INIT(init_task.tasks),
    .active_mm = &init_mm,
    .exit_signal = 0,
    .real_parent = &init_task,
    .parent = &init_task,
    .children = LIST_HEAD_INIT(init_task.children),
    .sibling = LIST_HEAD_INIT(init_task.sibling),
    .group_leader = &init_task,
    .ptraced = LIST_HEAD_INIT(init_task.ptraced),
    .ptrace_entry = LIST_HEAD_INIT(init_task.ptrace_entry),
    .thread_pid = &init_struct_pid,
    .thread_node = LIST_HEAD_INIT(init_signals.thread_head),
    .prev_cputime = {.lock = __SPIN_LOCK_UNLOCKED(init_task.prev_cputime.lock)},
    .posix_cputimers = {.nextevt = {~0ULL, ~0ULL, ~0ULL}},
    .real_cred = &init_cred,
    .cred = &init_cred,
    .comm = "swapper",
    .fs = &init_fs,
    .files = &init_files,
    .nsproxy = &init_nsproxy,
    .cgroup = &cgrp_root,
    .cg_list = LIST_HEAD_INIT(init_task.cg_list),
    .mems_allowed = ~0u,
    .signal = &init_signals,
    .sighand = &init_sighand,
    .pending = {.list = LIST_HEAD_INIT(init_task.pending.list)},
    .alloc_lock = __SPIN_LOCK_UNLOCKED(init_task.alloc_lock),
    .sysvshm_clist = LIST_HEAD_INIT(init_task.sysvshm_clist),
    .timer_slack_ns = 50000,
    .default_timer_slack_ns = 50000,
    .stack_canary = STACK_END_MAGIC,
    .thread = INIT_THREAD((unsigned long)&init_thread_union + THREAD_SIZE),
};
