/* SPDX-License-Identifier: MIT */
/*
 * Resource limits and use: getrlimit(2), getrusage(2). process/rlimit.c. The limits are those of
 * the thread group; a read is one word, a change is made under task_lock() of the group leader.
 */
#ifndef JIFFY_RESOURCE_H
#define JIFFY_RESOURCE_H

#include <jiffy/signal.h>
#include <uapi/resource.h>

static inline unsigned long task_rlimit(const struct task_struct *t, unsigned int limit)
{
	return READ_ONCE(t->signal->rlim[limit].rlim_cur);
}
static inline unsigned long task_rlimit_max(const struct task_struct *t, unsigned int limit)
{
	return READ_ONCE(t->signal->rlim[limit].rlim_max);
}
static inline unsigned long rlimit(unsigned int limit)
{
	return task_rlimit(current, limit);
}
static inline unsigned long rlimit_max(unsigned int limit)
{
	return task_rlimit_max(current, limit);
}

int do_prlimit(struct task_struct *t, unsigned int resource, struct rlimit *new,
	       struct rlimit *old);
void getrusage(struct task_struct *t, int who, struct rusage *r);
/* Puts times, in ns, into r. */
void rusage_set_times(struct rusage *r, u64 utime, u64 stime);
/* utime and stime of one thread, of a whole live group with its dead threads; ns. sched/cputime.c
 */
void task_cputime_adjusted(struct task_struct *t, u64 *utime, u64 *stime);
void thread_group_cputime_adjusted(struct task_struct *t, u64 *utime, u64 *stime);

#endif
