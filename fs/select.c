/* SPDX-License-Identifier: MIT */
/*
 * poll(2), ppoll(2), select(2), pselect6(2). A waiter hangs an entry on every queue that the
 * files name (first from the stack, then in pages), and sleeps until one of them fires. Waking
 * sets `triggered` before the task is made runnable, so a wake-up between the look at the files
 * and the sleep is not lost:
 *
 *	poller				waker
 *	look at files: nothing		event
 *	state = INTERRUPTIBLE		triggered = 1
 *	triggered? do not sleep		state = RUNNING
 */
#include "mount.h"
#include <arch/uaccess.h>
#include <jiffy/poll.h>
#include <jiffy/resource.h>
#include <jiffy/signal.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>
#include <uapi/prctl.h>

#define INLINE_ENTRIES 8
#define POLLIN_SET     (EPOLLRDNORM | EPOLLRDBAND | EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLNVAL)
#define POLLOUT_SET    (EPOLLWRBAND | EPOLLWRNORM | EPOLLOUT | EPOLLERR | EPOLLNVAL)
#define POLLEX_SET     (EPOLLPRI | EPOLLNVAL)

struct poll_table_entry {
	struct file *filp;
	__poll_t key;
	wait_queue_entry_t wait;
	wait_queue_head_t *wait_address;
};

struct poll_table_page {
	struct poll_table_page *next;
	unsigned int used;
	struct poll_table_entry entries[];
};
#define ENTRIES_PER_PAGE \
	((PAGE_SIZE - sizeof(struct poll_table_page)) / sizeof(struct poll_table_entry))

struct poll_wqueues {
	poll_table pt;
	struct poll_table_page *table;
	struct task_struct *polling_task;
	int triggered;
	int error;
	unsigned int inline_used;
	struct poll_table_entry inline_entries[INLINE_ENTRIES];
};

static int pollwake(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	struct poll_wqueues *pwq = wait->private;
	struct poll_table_entry *entry = container_of(wait, struct poll_table_entry, wait);
	DECLARE_WAITQUEUE(dummy, pwq->polling_task);

	if (key && !(key_to_poll(key) & entry->key))
		return 0;
	smp_wmb(); /* the event before triggered */
	WRITE_ONCE(pwq->triggered, 1);
	return default_wake_function(&dummy, mode, sync, key);
}

static struct poll_table_entry *poll_get_entry(struct poll_wqueues *p)
{
	struct poll_table_page *table = p->table;

	if (p->inline_used < INLINE_ENTRIES)
		return &p->inline_entries[p->inline_used++];
	if (!table || table->used == ENTRIES_PER_PAGE) {
		table = (struct poll_table_page *)__get_free_page(GFP_KERNEL);
		if (!table) {
			p->error = -ENOMEM;
			return NULL;
		}
		table->used = 0;
		table->next = p->table;
		p->table = table;
	}
	return &table->entries[table->used++];
}

static void __pollwait(struct file *filp, wait_queue_head_t *wq, poll_table *pt)
{
	struct poll_wqueues *pwq = container_of(pt, struct poll_wqueues, pt);
	struct poll_table_entry *entry = poll_get_entry(pwq);

	if (!entry)
		return;
	entry->filp = get_file(filp);
	entry->wait_address = wq;
	entry->key = pt->_key;
	init_waitqueue_func_entry(&entry->wait, pollwake);
	entry->wait.private = pwq;
	add_wait_queue(wq, &entry->wait);
}

static void poll_initwait(struct poll_wqueues *pwq)
{
	init_poll_funcptr(&pwq->pt, __pollwait);
	pwq->polling_task = current;
	pwq->triggered = 0;
	pwq->error = 0;
	pwq->table = NULL;
	pwq->inline_used = 0;
}

static void free_poll_entry(struct poll_table_entry *entry)
{
	remove_wait_queue(entry->wait_address, &entry->wait);
	fput(entry->filp);
}

static void poll_freewait(struct poll_wqueues *pwq)
{
	struct poll_table_page *p = pwq->table, *old;
	unsigned int i;

	for (i = 0; i < pwq->inline_used; i++)
		free_poll_entry(&pwq->inline_entries[i]);
	while (p) {
		for (i = 0; i < p->used; i++)
			free_poll_entry(&p->entries[i]);
		old = p;
		p = p->next;
		free_page((unsigned long)old);
	}
}

/* expires NULL: for ever. 0 when the time is up. */
static int poll_schedule_timeout(struct poll_wqueues *pwq, ktime_t *expires, u64 slack)
{
	int rc = -EINTR;

	set_current_state(TASK_INTERRUPTIBLE);
	if (!READ_ONCE(pwq->triggered))
		rc = schedule_hrtimeout_range(expires, slack, HRTIMER_MODE_ABS);
	__set_current_state(TASK_RUNNING);
	smp_store_mb(pwq->triggered, 0);
	return rc;
}

/* A thousandth of the wait, at most 100 ms, at least the task's slack: select(2) may be late. */
static u64 select_estimate_accuracy(ktime_t expires)
{
	s64 left = expires - ktime_get();
	u64 slack = left > 0 ? left / 1000 : 0;

	return max_t(u64, min_t(u64, slack, 100 * NSEC_PER_MSEC), current_timer_slack());
}

/* One end time for the three ways of giving it: none, now, later. */
struct deadline {
	ktime_t at;
	bool none, now;
};

static struct deadline deadline_in(s64 sec, s64 nsec)
{
	struct timespec64 ts = {.tv_sec = sec, .tv_nsec = nsec};
	struct deadline d = {.none = false, .now = !sec && !nsec};

	d.at = ktime_add_safe(ktime_get(), timespec64_to_ktime(ts));
	return d;
}

/*
 * Calls scan(arg, pt) until it answers nonzero, the deadline comes (0) or a signal (-ERESTARTNOHAND
 * when signal_err, with 0 found).
 */
static int poll_loop(int (*scan)(void *arg, poll_table *pt), void *arg, struct deadline *end)
{
	struct poll_wqueues table;
	poll_table *wait;
	bool timed_out = end->now;
	int count;

	poll_initwait(&table);
	wait = &table.pt;
	if (timed_out)
		wait->_qproc = NULL;
	for (;;) {
		count = scan(arg, wait);
		wait->_qproc = NULL; /* on every queue already */
		if (!count) {
			count = table.error;
			if (!count && signal_pending(current))
				count = -ERESTARTNOHAND;
		}
		if (count || timed_out)
			break;
		if (!poll_schedule_timeout(&table, end->none ? NULL : &end->at,
					   end->none ? 0 : select_estimate_accuracy(end->at)))
			timed_out = true;
	}
	poll_freewait(&table);
	return count;
}

struct poll_set {
	struct pollfd *fds;
	unsigned int nfds;
};

static __poll_t do_pollfd(struct pollfd *pollfd, poll_table *pt)
{
	struct fd f;
	__poll_t mask, filter;

	if (pollfd->fd < 0)
		return 0;
	f = fdget(pollfd->fd);
	if (!f.file)
		return EPOLLNVAL;
	filter = (u16)pollfd->events | EPOLLERR | EPOLLHUP;
	pt->_key = filter;
	mask = vfs_poll(f.file, pt) & filter;
	fdput(f);
	return mask;
}

static int scan_pollfds(void *arg, poll_table *pt)
{
	struct poll_set *set = arg;
	unsigned int i;
	int count = 0;

	for (i = 0; i < set->nfds; i++) {
		__poll_t mask = do_pollfd(&set->fds[i], pt);

		set->fds[i].revents = mask;
		if (mask) {
			count++;
			pt->_qproc = NULL;
		}
	}
	return count;
}

static int do_sys_poll(struct pollfd __user *ufds, unsigned int nfds, struct deadline *end)
{
	struct pollfd stack_fds[16], *fds = stack_fds;
	struct poll_set set;
	unsigned int i;
	int count;

	if (nfds > rlimit(RLIMIT_NOFILE))
		return -EINVAL;
	if (nfds > ARRAY_SIZE(stack_fds)) {
		fds = kvmalloc_array(nfds, sizeof(*fds), GFP_KERNEL);
		if (!fds)
			return -ENOMEM;
	}
	count = -EFAULT;
	if (copy_from_user(fds, ufds, nfds * sizeof(*fds)))
		goto out;
	set.fds = fds;
	set.nfds = nfds;
	count = poll_loop(scan_pollfds, &set, end);
	for (i = 0; i < nfds; i++) {
		if (put_user(fds[i].revents, &ufds[i].revents)) {
			count = -EFAULT;
			break;
		}
	}
out:
	if (fds != stack_fds)
		kvfree(fds);
	return count;
}

static long do_restart_poll(struct restart_block *rb)
{
	struct deadline end = {.at = rb->poll.expires, .none = !rb->poll.has_timeout};
	int ret = do_sys_poll(rb->poll.ufds, rb->poll.nfds, &end);

	if (ret == -ERESTARTNOHAND) {
		rb->fn = do_restart_poll;
		ret = -ERESTART_RESTARTBLOCK;
	}
	return ret;
}

SYSCALL_DEFINE3(poll, struct pollfd __user *, ufds, unsigned int, nfds, int, timeout_msecs)
{
	struct deadline end = {.none = true};
	int ret;

	if (timeout_msecs >= 0)
		end = deadline_in(timeout_msecs / MSEC_PER_SEC,
				  NSEC_PER_MSEC * (timeout_msecs % MSEC_PER_SEC));
	ret = do_sys_poll(ufds, nfds, &end);
	if (ret == -ERESTARTNOHAND) {
		struct restart_block *rb = &current->restart_block;

		rb->poll.ufds = ufds;
		rb->poll.nfds = nfds;
		rb->poll.has_timeout = !end.none;
		rb->poll.expires = end.at;
		rb->fn = do_restart_poll;
		ret = -ERESTART_RESTARTBLOCK;
	}
	return ret;
}

/* How the time left is told: not at all, as timeval, as timespec. */
enum left_format { LEFT_TIMEVAL, LEFT_TIMESPEC };

static int poll_select_finish(const struct deadline *end, void __user *p, enum left_format fmt,
			      int ret)
{
	struct __kernel_timespec left;
	struct timespec64 ts;

	restore_saved_sigmask_unless(ret == -ERESTARTNOHAND);
	if (!p || end->none)
		return ret;
	if (current->personality & STICKY_TIMEOUTS)
		return ret == -ERESTARTNOHAND ? -EINTR : ret; /* again would be the whole time */
	ts = ns_to_timespec64(max_t(s64, end->now ? 0 : end->at - ktime_get(), 0));
	left.tv_sec = ts.tv_sec;
	left.tv_nsec = fmt == LEFT_TIMEVAL ? ts.tv_nsec / NSEC_PER_USEC : ts.tv_nsec;
	/* A program that keeps the time in read-only memory does not want it changed. */
	if (copy_to_user(p, &left, sizeof(left)) && ret == -ERESTARTNOHAND)
		return -EINTR;
	return ret;
}

SYSCALL_DEFINE5(ppoll, struct pollfd __user *, ufds, unsigned int, nfds,
		struct __kernel_timespec __user *, tsp, const sigset_t __user *, sigmask, size_t,
		sigsetsize)
{
	struct deadline end = {.none = true};
	struct timespec64 ts;
	int ret;

	if (tsp) {
		if (copy_from_user(&ts, tsp, sizeof(ts)))
			return -EFAULT;
		if (!timespec64_valid(&ts))
			return -EINVAL;
		end = deadline_in(ts.tv_sec, ts.tv_nsec);
	}
	ret = set_user_sigmask(sigmask, sigsetsize);
	if (ret)
		return ret;
	ret = do_sys_poll(ufds, nfds, &end);
	return poll_select_finish(&end, tsp, LEFT_TIMESPEC, ret);
}

/* Six bitmaps of n bits: wanted (in, out, ex) and found. */
struct select_set {
	int n;
	unsigned long *bits;
	size_t words;
};

static __poll_t select_one(struct select_set *s, int fd, bool in, bool out, bool ex, poll_table *pt,
			   int *err)
{
	struct fd f = fdget(fd);
	__poll_t mask;

	if (!f.file) {
		*err = -EBADF;
		return 0;
	}
	pt->_key =
	    EPOLLNVAL | (in ? POLLIN_SET : 0) | (out ? POLLOUT_SET : 0) | (ex ? POLLEX_SET : 0);
	mask = vfs_poll(f.file, pt);
	fdput(f);
	return mask;
}

static int scan_select(void *arg, poll_table *pt)
{
	struct select_set *s = arg;
	size_t w = s->words, i;
	unsigned long *want = s->bits, *got = s->bits + 3 * w;
	int count = 0, err = 0;

	memset(got, 0, 3 * w * sizeof(long));
	for (i = 0; i < w; i++) {
		unsigned long all = want[i] | want[w + i] | want[2 * w + i];

		for (; all; all &= all - 1) {
			unsigned int b = __ffs(all);
			unsigned long bit = 1UL << b;
			bool in = want[i] & bit, out = want[w + i] & bit,
			     ex = want[2 * w + i] & bit;
			__poll_t mask;

			if ((int)(i * BITS_PER_LONG + b) >= s->n)
				break;
			mask = select_one(s, i * BITS_PER_LONG + b, in, out, ex, pt, &err);
			if (err)
				return err;
			if (in && (mask & POLLIN_SET)) {
				got[i] |= bit;
				count++;
			}
			if (out && (mask & POLLOUT_SET)) {
				got[w + i] |= bit;
				count++;
			}
			if (ex && (mask & POLLEX_SET)) {
				got[2 * w + i] |= bit;
				count++;
			}
			if (count)
				pt->_qproc = NULL;
		}
		cond_resched();
	}
	return count;
}

static int core_sys_select(int n, unsigned long __user *inp, unsigned long __user *outp,
			   unsigned long __user *exp, struct deadline *end)
{
	unsigned long __user *user[3] = {inp, outp, exp};
	unsigned long stack_bits[6 * 2];
	struct select_set s = {.bits = stack_bits};
	int ret, i;

	if (n < 0)
		return -EINVAL;
	n = min_t(unsigned int, n, task_max_fds(current));
	s.n = n;
	s.words = BITS_TO_LONGS(n);
	if (6 * s.words > ARRAY_SIZE(stack_bits)) {
		s.bits = kvmalloc_array(6 * s.words, sizeof(long), GFP_KERNEL);
		if (!s.bits)
			return -ENOMEM;
	}
	ret = -EFAULT;
	for (i = 0; i < 3; i++) {
		if (!user[i])
			memset(s.bits + i * s.words, 0, s.words * sizeof(long));
		else if (copy_from_user(s.bits + i * s.words, user[i], s.words * sizeof(long)))
			goto out;
	}
	ret = poll_loop(scan_select, &s, end);
	if (ret < 0)
		goto out;
	for (i = 0; i < 3; i++)
		if (user[i] &&
		    copy_to_user(user[i], s.bits + (3 + i) * s.words, s.words * sizeof(long)))
			ret = -EFAULT;
out:
	if (s.bits != stack_bits)
		kvfree(s.bits);
	return ret;
}

SYSCALL_DEFINE5(select, int, n, unsigned long __user *, inp, unsigned long __user *, outp,
		unsigned long __user *, exp, struct __kernel_timeval __user *, tvp)
{
	struct deadline end = {.none = true};
	struct __kernel_timeval tv;
	int ret;

	if (tvp) {
		if (copy_from_user(&tv, tvp, sizeof(tv)))
			return -EFAULT;
		if (tv.tv_sec < 0 || tv.tv_usec < 0)
			return -EINVAL;
		end = deadline_in(tv.tv_sec + tv.tv_usec / USEC_PER_SEC,
				  (tv.tv_usec % USEC_PER_SEC) * NSEC_PER_USEC);
	}
	ret = core_sys_select(n, inp, outp, exp, &end);
	return poll_select_finish(&end, tvp, LEFT_TIMEVAL, ret);
}

/* The sixth argument points to a mask and its size. */
struct sigset_argpack {
	const sigset_t __user *p;
	size_t size;
};

SYSCALL_DEFINE6(pselect6, int, n, unsigned long __user *, inp, unsigned long __user *, outp,
		unsigned long __user *, exp, struct __kernel_timespec __user *, tsp,
		struct sigset_argpack __user *, sig)
{
	struct sigset_argpack x = {NULL, 0};
	struct deadline end = {.none = true};
	struct timespec64 ts;
	int ret;

	if (sig && copy_from_user(&x, sig, sizeof(x)))
		return -EFAULT;
	if (tsp) {
		if (copy_from_user(&ts, tsp, sizeof(ts)))
			return -EFAULT;
		if (!timespec64_valid(&ts))
			return -EINVAL;
		end = deadline_in(ts.tv_sec, ts.tv_nsec);
	}
	ret = set_user_sigmask(x.p, x.size);
	if (ret)
		return ret;
	ret = core_sys_select(n, inp, outp, exp, &end);
	return poll_select_finish(&end, tsp, LEFT_TIMESPEC, ret);
}
