/* SPDX-License-Identifier: MIT */
/* One POSIX timer; between posix_timers.c and cpu_timers.c. */
#ifndef PROCESS_POSIX_TIMERS_H
#define PROCESS_POSIX_TIMERS_H

#include <jiffy/posix_timers.h>
#include <jiffy/signal.h>

struct k_itimer {
	refcount_t count;   /* the process that made it, and one for each use outside it_lock */
	spinlock_t it_lock; /* outside siglock; interrupts off */
	int id;
	clockid_t clock;
	struct signal_struct *it_signal; /* NULL once deleted; it_lock */
	struct hlist_node list;		 /* signal->posix_timers; siglock */

	/* it_lock */
	int sigev_notify;
	bool requeue_pending; /* its signal is out and the interval waits for it to be taken */
	s64 overrun, overrun_last;
	u64 interval;	 /* ns */
	struct pid *pid; /* who gets the signal */
	struct sigqueue *sigq;
	union {
		struct hrtimer timer;
		struct {
			struct list_head entry, firing; /* siglock of the measured process */
			u64 expires;
			struct pid *pid; /* whose time is measured */
		} cpu;
	} it;
	struct rcu_head rcu;
};

static inline bool is_cpu_clock(clockid_t clock)
{
	return clock < 0 || clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID;
}

/* it_lock held, interrupts off. */
void posix_timer_event(struct k_itimer *timer);
void posix_timer_put(struct k_itimer *timer);

#endif
