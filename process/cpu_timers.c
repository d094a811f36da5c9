/* SPDX-License-Identifier: MIT */
/*
 * CPU time as a clock: clock_gettime(2) of a process or thread, timers on it, ITIMER_PROF,
 * ITIMER_VIRTUAL and RLIMIT_CPU. The tick of a CPU asks once whether the task or its process has
 * anything armed; the work is done by the task itself on its way to user space, where locks may
 * be taken and threads summed up.
 *
 * posix_cputimers of a task and of a signal_struct are guarded by siglock; timers_active is read
 * without it, as a hint that is at most one tick old.
 */
#include <arch/uaccess.h>
#include <jiffy/cputime.h>
#include <jiffy/mutation.h>
#include <jiffy/resource.h>

#include "cpu_timers.h"
#include "internal.h"
#include "posix_timers.h"

#define CPUTIMERS_ACTIVE 1
#define CPUTIMERS_WORK	 2 /* in a task's: the tick wants handle_posix_cpu_timers() to look */

struct cpu_sample {
	u64 at[CPUCLOCK_MAX];
};

void posix_cputimers_init(struct task_struct *t)
{
	int i;

	t->posix_cputimers.timers_active = 0;
	for (i = 0; i < CPUCLOCK_MAX; i++) {
		t->posix_cputimers.nextevt[i] = ~0ULL;
		INIT_LIST_HEAD(&t->posix_cputimers.cpu_timers[i]);
	}
}

static void sample_task(struct task_struct *t, struct cpu_sample *s)
{
	u64 utime, stime;

	task_cputime(t, &utime, &stime);
	s->at[CPUCLOCK_PROF] = utime + stime;
	s->at[CPUCLOCK_VIRT] = utime;
	s->at[CPUCLOCK_SCHED] = task_sched_runtime(t);
}

static void sample_group(struct task_struct *t, struct cpu_sample *s)
{
	struct task_cputime times;

	thread_group_cputime(t, &times);
	s->at[CPUCLOCK_PROF] = times.utime + times.stime;
	s->at[CPUCLOCK_VIRT] = times.utime;
	s->at[CPUCLOCK_SCHED] = times.sum_exec_runtime;
}

/* The pid whose time the clock is, with a reference; NULL: no such clock. gettime: any process. */
static struct pid *clock_pid(clockid_t clock, bool gettime)
{
	bool thread = CPUCLOCK_PERTHREAD(clock);
	pid_t nr = CPUCLOCK_PID(clock);
	struct task_struct *t;
	struct pid *pid = NULL;

	if (clock == CLOCK_PROCESS_CPUTIME_ID)
		return get_task_pid(current, PIDTYPE_TGID);
	if (clock == CLOCK_THREAD_CPUTIME_ID)
		return get_task_pid(current, PIDTYPE_PID);
	if (CPUCLOCK_WHICH(clock) >= CPUCLOCK_MAX)
		return NULL;
	rcu_read_lock();
	if (!nr) {
		pid = thread ? task_pid(current) : task_tgid(current);
	} else {
		t = find_task_by_vpid(nr);
		if (t && thread && same_thread_group(t, current))
			pid = task_pid(t);
		else if (t && !thread && (thread_group_leader(t) || (gettime && t == current)))
			pid = task_tgid(t);
	}
	get_pid(pid);
	rcu_read_unlock();
	return pid;
}

static bool clock_is_thread(clockid_t clock)
{
	return clock == CLOCK_THREAD_CPUTIME_ID || (clock < 0 && CPUCLOCK_PERTHREAD(clock));
}

static unsigned int clock_which(clockid_t clock)
{
	return clock < 0 ? CPUCLOCK_WHICH(clock) : CPUCLOCK_SCHED;
}

/* The task behind a clock's pid, under RCU. */
static struct task_struct *clock_task(struct pid *pid, clockid_t clock)
{
	return pid_task(pid, clock_is_thread(clock) ? PIDTYPE_PID : PIDTYPE_TGID);
}

static int sample_clock(struct pid *pid, clockid_t clock, u64 *now)
{
	struct task_struct *t;
	struct cpu_sample s;

	rcu_read_lock();
	t = clock_task(pid, clock);
	if (t) {
		if (clock_is_thread(clock))
			sample_task(t, &s);
		else
			sample_group(t, &s);
		*now = s.at[clock_which(clock)];
	}
	rcu_read_unlock();
	return t ? 0 : -ESRCH;
}

int posix_cpu_clock_getres(clockid_t clock, struct timespec64 *ts)
{
	struct pid *pid = clock_pid(clock, false);

	if (!pid)
		return -EINVAL;
	put_pid(pid);
	*ts = (struct timespec64){0, clock_which(clock) == CPUCLOCK_SCHED ? 1 : TICK_NSEC};
	return 0;
}

int posix_cpu_clock_get(clockid_t clock, struct timespec64 *ts)
{
	struct pid *pid = clock_pid(clock, true);
	u64 now;
	int ret;

	if (!pid)
		return -EINVAL;
	ret = sample_clock(pid, clock, &now);
	put_pid(pid);
	if (ret)
		return -EINVAL;
	*ts = ns_to_timespec64(now);
	return 0;
}

int cpu_timer_create(struct k_itimer *timer)
{
	INIT_LIST_HEAD(&timer->it.cpu.entry);
	INIT_LIST_HEAD(&timer->it.cpu.firing);
	timer->it.cpu.pid = clock_pid(timer->clock, false);
	return timer->it.cpu.pid ? 0 : -EINVAL;
}

void cpu_timer_del(struct k_itimer *timer)
{
	struct task_struct *t;
	unsigned long flags;

	rcu_read_lock();
	t = clock_task(timer->it.cpu.pid, timer->clock);
	if (t && lock_task_sighand(t, &flags)) {
		list_del_init(&timer->it.cpu.entry);
		unlock_task_sighand(t, &flags);
	}
	rcu_read_unlock();
}

/* Puts it on the list of what it measures. it_lock held. */
static void cpu_timer_enqueue(struct k_itimer *timer)
{
	unsigned int which = clock_which(timer->clock);
	struct task_struct *t;
	unsigned long flags;

	rcu_read_lock();
	t = clock_task(timer->it.cpu.pid, timer->clock);
	if (t && lock_task_sighand(t, &flags)) {
		if (clock_is_thread(timer->clock)) {
			list_add(&timer->it.cpu.entry, &t->posix_cputimers.cpu_timers[which]);
			t->posix_cputimers.timers_active |= CPUTIMERS_ACTIVE;
		} else {
			list_add(&timer->it.cpu.entry,
				 &t->signal->posix_cputimers.cpu_timers[which]);
			t->signal->posix_cputimers.timers_active |= CPUTIMERS_ACTIVE;
		}
		unlock_task_sighand(t, &flags);
	}
	rcu_read_unlock();
}

int cpu_timer_set(struct k_itimer *timer, u64 expires, bool absolute)
{
	u64 now;
	int ret = sample_clock(timer->it.cpu.pid, timer->clock, &now);

	if (ret)
		return ret;
	timer->it.cpu.expires = 0;
	if (!expires)
		return 0;
	timer->it.cpu.expires = absolute ? expires : now + expires;
	if (timer->sigev_notify == SIGEV_NONE)
		return 0;
	if (timer->it.cpu.expires <= now)
		posix_timer_event(timer);
	else
		cpu_timer_enqueue(timer);
	return 0;
}

/* Moves expires past now by whole intervals, counting them. */
static void cpu_timer_forward(struct k_itimer *timer, u64 now)
{
	u64 n;

	if (!timer->interval || now < timer->it.cpu.expires)
		return;
	n = (now - timer->it.cpu.expires) / timer->interval + 1;
	timer->it.cpu.expires += n * timer->interval;
	timer->overrun += n;
}

void cpu_timer_rearm(struct k_itimer *timer)
{
	u64 now;

	if (sample_clock(timer->it.cpu.pid, timer->clock, &now))
		return;
	cpu_timer_forward(timer, now);
	cpu_timer_enqueue(timer);
}

u64 cpu_timer_remaining(struct k_itimer *timer)
{
	u64 now;

	if (!timer->it.cpu.expires || sample_clock(timer->it.cpu.pid, timer->clock, &now))
		return 0;
	if (timer->requeue_pending || timer->sigev_notify == SIGEV_NONE)
		cpu_timer_forward(timer, now);
	if (timer->it.cpu.expires > now)
		return timer->it.cpu.expires - now;
	return timer->sigev_notify == SIGEV_NONE ? 0 : 1;
}

/* Reaped: its timers stay without anything to measure. siglock. */
static void drop_lists(struct list_head *lists)
{
	int i;

	for (i = 0; i < CPUCLOCK_MAX; i++)
		while (!list_empty(&lists[i]))
			list_del_init(lists[i].next);
}

void posix_cpu_timers_exit(struct task_struct *t)
{
	drop_lists(t->posix_cputimers.cpu_timers);
}

void posix_cpu_timers_exit_group(struct task_struct *t)
{
	drop_lists(t->signal->posix_cputimers.cpu_timers);
}

/* Expired ones move to the firing list with a reference each; true: some are left. siglock. */
static bool collect_timers(struct list_head *lists, const struct cpu_sample *now,
			   struct list_head *firing)
{
	struct k_itimer *timer, *n;
	bool left = false;
	int i;

	for (i = 0; i < CPUCLOCK_MAX; i++) {
		list_for_each_entry_safe (timer, n, &lists[i], it.cpu.entry) {
			if (timer->it.cpu.expires > now->at[i]) {
				left = true;
				continue;
			}
			list_del_init(&timer->it.cpu.entry);
			if (list_empty(&timer->it.cpu.firing)) {
				refcount_inc(&timer->count);
				list_add_tail(&timer->it.cpu.firing, firing);
			}
		}
	}
	return left;
}

/* One of the two interval timers. True: still armed. siglock. */
static bool check_cpu_itimer(struct cpu_itimer *it, u64 now, int sig)
{
	if (!it->expires)
		return false;
	if (now >= it->expires) {
		if (it->incr)
			it->expires += it->incr;
		else
			it->expires = 0;
		send_signal_locked(sig, SEND_SIG_PRIV, current, PIDTYPE_TGID);
	}
	return it->expires != 0;
}

/* SIGXCPU at the soft limit and each second past it, SIGKILL at the hard one. True: limited. */
static bool check_cpu_limit(struct signal_struct *sig, u64 now)
{
	unsigned long soft =
	    mutant(CPU_LIMIT_IGNORED) ? RLIM_INFINITY : READ_ONCE(sig->rlim[RLIMIT_CPU].rlim_cur);
	unsigned long hard = READ_ONCE(sig->rlim[RLIMIT_CPU].rlim_max);

	if (soft == RLIM_INFINITY)
		return false;
	if (now / NSEC_PER_SEC >= hard) {
		send_signal_locked(SIGKILL, SEND_SIG_PRIV, current, PIDTYPE_TGID);
	} else if (now / NSEC_PER_SEC >= soft) {
		send_signal_locked(SIGXCPU, SEND_SIG_PRIV, current, PIDTYPE_TGID);
		sig->rlim[RLIMIT_CPU].rlim_cur = now / NSEC_PER_SEC + 1;
	}
	return true;
}

static void check_thread(struct task_struct *t, struct list_head *firing)
{
	struct cpu_sample now;

	if (!(t->posix_cputimers.timers_active & CPUTIMERS_ACTIVE))
		return;
	sample_task(t, &now);
	if (!collect_timers(t->posix_cputimers.cpu_timers, &now, firing))
		t->posix_cputimers.timers_active &= ~CPUTIMERS_ACTIVE;
}

static void check_process(struct task_struct *t, struct list_head *firing)
{
	struct signal_struct *sig = t->signal;
	struct cpu_sample now;
	bool active;

	if (!sig->posix_cputimers.timers_active)
		return;
	sample_group(t, &now);
	active = collect_timers(sig->posix_cputimers.cpu_timers, &now, firing);
	active |= check_cpu_itimer(&sig->it[CPUCLOCK_PROF], now.at[CPUCLOCK_PROF], SIGPROF);
	active |= check_cpu_itimer(&sig->it[CPUCLOCK_VIRT], now.at[CPUCLOCK_VIRT], SIGVTALRM);
	active |= check_cpu_limit(sig, now.at[CPUCLOCK_PROF]);
	sig->posix_cputimers.timers_active = active;
}

void handle_posix_cpu_timers(void)
{
	struct task_struct *t = current;
	struct k_itimer *timer, *n;
	unsigned long flags;
	LIST_HEAD(firing);

	if (likely(!(READ_ONCE(t->posix_cputimers.timers_active) & CPUTIMERS_WORK)))
		return;
	spin_lock_irqsave(&t->sighand->siglock, flags);
	t->posix_cputimers.timers_active &= ~CPUTIMERS_WORK;
	check_thread(t, &firing);
	check_process(t, &firing);
	spin_unlock_irqrestore(&t->sighand->siglock, flags);
	list_for_each_entry_safe (timer, n, &firing, it.cpu.firing) {
		spin_lock_irqsave(&timer->it_lock, flags);
		list_del_init(&timer->it.cpu.firing);
		if (timer->it_signal)
			posix_timer_event(timer);
		spin_unlock_irqrestore(&timer->it_lock, flags);
		posix_timer_put(timer);
	}
}

/* The tick, interrupts off. */
void run_posix_cpu_timers(struct task_struct *t)
{
	lockdep_assert_irqs_disabled();
	if (likely(!READ_ONCE(t->posix_cputimers.timers_active) &&
		   !READ_ONCE(t->signal->posix_cputimers.timers_active)))
		return;
	if (t->exit_state || (t->flags & PF_EXITING))
		return;
	__atomic_fetch_or(&t->posix_cputimers.timers_active, CPUTIMERS_WORK, __ATOMIC_RELAXED);
	set_tsk_thread_flag(t, TIF_NOTIFY_RESUME);
}

void get_cpu_itimer(unsigned int clock, u64 *value, u64 *interval)
{
	struct cpu_itimer *it = &current->signal->it[clock];
	struct cpu_sample now;

	sample_group(current, &now);
	spin_lock_irq(&current->sighand->siglock);
	*interval = it->incr;
	*value = 0;
	if (it->expires)
		*value = it->expires > now.at[clock] ? it->expires - now.at[clock] : TICK_NSEC;
	spin_unlock_irq(&current->sighand->siglock);
}

void set_cpu_itimer(unsigned int clock, u64 *value, u64 *interval)
{
	struct cpu_itimer *it = &current->signal->it[clock], old;
	struct cpu_sample now;

	sample_group(current, &now);
	spin_lock_irq(&current->sighand->siglock);
	old = *it;
	it->expires = *value ? now.at[clock] + *value : 0;
	it->incr = *interval;
	if (it->expires)
		current->signal->posix_cputimers.timers_active |= CPUTIMERS_ACTIVE;
	spin_unlock_irq(&current->sighand->siglock);
	*value = 0;
	if (old.expires)
		*value = old.expires > now.at[clock] ? old.expires - now.at[clock] : TICK_NSEC;
	*interval = old.incr;
}

void update_rlimit_cpu(struct task_struct *t, unsigned long seconds)
{
	unsigned long flags;

	if (!lock_task_sighand(t, &flags))
		return;
	t->signal->posix_cputimers.timers_active |= CPUTIMERS_ACTIVE;
	unlock_task_sighand(t, &flags);
}

/*
 * clock_nanosleep(2) on a CPU clock: looks again whenever the missing time could have passed if
 * the process had one CPU for each of its threads.
 */
int posix_cpu_nsleep(clockid_t clock, int flags, const struct timespec64 *rqtp,
		     struct timespec64 __user *rmtp)
{
	struct pid *pid;
	struct timespec64 rem;
	u64 now, end, wanted = timespec64_to_ktime(*rqtp);
	ktime_t wait;
	int ret;

	/* A thread that sleeps for its own CPU time would never wake. */
	if (clock == CLOCK_THREAD_CPUTIME_ID ||
	    (clock < 0 && CPUCLOCK_PERTHREAD(clock) &&
	     (!CPUCLOCK_PID(clock) || CPUCLOCK_PID(clock) == task_pid_vnr(current))))
		return -EINVAL;
	pid = clock_pid(clock, false);
	if (!pid)
		return -EINVAL;
	ret = sample_clock(pid, clock, &now);
	end = flags & TIMER_ABSTIME ? wanted : now + wanted;
	while (!ret && now < end) {
		wait = max_t(u64, (end - now) / num_online_cpus(), TICK_NSEC);
		set_current_state(TASK_INTERRUPTIBLE);
		schedule_hrtimeout_range(&wait, current_timer_slack(), HRTIMER_MODE_REL);
		ret = sample_clock(pid, clock, &now);
		if (!ret && signal_pending(current))
			ret = -EINTR;
	}
	put_pid(pid);
	if (ret == -EINTR && now < end && !(flags & TIMER_ABSTIME) && rmtp) {
		rem = ns_to_timespec64(end - now);
		if (copy_to_user(rmtp, &rem, sizeof(rem)))
			ret = -EFAULT;
	}
	return ret == -ESRCH ? -EINVAL : ret;
}
