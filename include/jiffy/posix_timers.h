/* SPDX-License-Identifier: MIT */
/*
 * Timers that send signals: timer_create(2), setitimer(2), and limits on CPU time. The clocks
 * themselves are in time/. process/posix_timers.c, process/cpu_timers.c, process/itimer.c.
 */
#ifndef JIFFY_POSIX_TIMERS_H
#define JIFFY_POSIX_TIMERS_H

#include <jiffy/sched.h>

/* Indices of posix_cputimers: what of a task or group is measured. */
#define CPUCLOCK_PROF  0
#define CPUCLOCK_VIRT  1
#define CPUCLOCK_SCHED 2
#define CPUCLOCK_MAX   3

/* clockid_t of another process's or thread's CPU time: clock_getcpuclockid(3). */
#define CPUCLOCK_PID(clock)		  ((pid_t) ~((clock) >> 3))
#define CPUCLOCK_PERTHREAD(clock)	  (((clock)&4) != 0)
#define CPUCLOCK_WHICH(clock)		  ((clock)&3)
#define MAKE_PROCESS_CPUCLOCK(pid, which) ((clockid_t)(~(pid) << 3) | (which))
#define MAKE_THREAD_CPUCLOCK(tid, which)  (MAKE_PROCESS_CPUCLOCK(tid, which) | 4)

/* clock_gettime, clock_getres and clock_nanosleep of CPU clocks, called by time/. 0, -EINVAL. */
int posix_cpu_clock_get(clockid_t clock, struct timespec64 *ts);
int posix_cpu_clock_getres(clockid_t clock, struct timespec64 *ts);
int posix_cpu_nsleep(clockid_t clock, int flags, const struct timespec64 *rqtp,
		     struct timespec64 __user *rmtp);

/* From the tick, interrupts off: arms the check on the way to user space when one is due. */
void run_posix_cpu_timers(struct task_struct *t);
void posix_cpu_timers_exit(struct task_struct *t);
void posix_cpu_timers_exit_group(struct task_struct *t);
void posix_cputimers_init(struct task_struct *t);
void exit_itimers(struct task_struct *t); /* deletes all POSIX timers of the group */
void exit_real_itimer(struct signal_struct *sig);
struct kernel_siginfo;
/* A timer's signal is taken off the queue: arms it again, counts overruns. No locks. */
void posixtimer_rearm(struct kernel_siginfo *info);
/* RLIMIT_CPU of the group changed: seconds. */
void update_rlimit_cpu(struct task_struct *t, unsigned long seconds);
enum hrtimer_restart it_real_fn(struct hrtimer *timer);

#endif
