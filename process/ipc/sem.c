/* SPDX-License-Identifier: MIT */
/*
 * semop(2) and semtimedop(2): all operations of a call are done at once or none is, and a call
 * that cannot be done waits its turn. Rules in util.h, queues in sem.h. Task context.
 */
#include <arch/uaccess.h>
#include <jiffy/ktime.h>
#include <jiffy/sched.h>
#include <jiffy/syscalls.h>

#include "sem.h"

#define SEMOPS_ON_STACK 64

/* Tries one operation: 0 and it is done, a negative errno, or SEMOP_WAITS. */
static int try_operation(struct sem_array *sma, const struct sembuf *sop, struct sem_undo *un)
{
	struct sem *sem = &sma->sems[sop->sem_num];
	int result = sem->semval + sop->sem_op;

	if ((!sop->sem_op && sem->semval) || result < 0)
		return sop->sem_flg & IPC_NOWAIT ? -EAGAIN : SEMOP_WAITS;
	if (result > SEMVMX)
		return -ERANGE;
	if (sop->sem_flg & SEM_UNDO) {
		int undo = un->semadj[sop->sem_num] - sop->sem_op;

		if (undo < -SEMAEM - 1 || undo > SEMAEM)
			return -ERANGE;
		un->semadj[sop->sem_num] = undo;
	}
	sem->semval = result;
	return 0;
}

static void take_back(struct sem_array *sma, const struct sembuf *sop, struct sem_undo *un)
{
	sma->sems[sop->sem_num].semval -= sop->sem_op;
	if (sop->sem_flg & SEM_UNDO)
		un->semadj[sop->sem_num] += sop->sem_op;
}

/*
 * All operations of q, or none. They are done one after the other, since a call may name one
 * semaphore several times, each operation seeing what those before it did.
 */
static int perform_atomic_semop(struct sem_array *sma, struct sem_queue *q)
{
	int i, ret = 0;

	lockdep_assert_held(&sma->sem_perm.lock);
	for (i = 0; i < q->nsops; i++) {
		ret = try_operation(sma, &q->sops[i], q->undo);
		if (ret)
			break;
	}
	if (ret) {
		q->blocking = &q->sops[i];
		while (--i >= 0)
			take_back(sma, &q->sops[i], q->undo);
		return ret;
	}
	for (i = 0; i < q->nsops; i++)
		ipc_update_pid(&sma->sems[q->sops[i].sem_num].sempid, q->pid);
	return 0;
}

/* ---- queues ---- */

static struct list_head *alter_queue(struct sem_array *sma, int semnum)
{
	return semnum < 0 ? &sma->pending_alter : &sma->sems[semnum].pending_alter;
}

static struct list_head *const_queue(struct sem_array *sma, int semnum)
{
	return semnum < 0 ? &sma->pending_const : &sma->sems[semnum].pending_const;
}

static void enqueue(struct sem_array *sma, struct sem_queue *q)
{
	int semnum = q->nsops == 1 ? q->sops[0].sem_num : -1;

	lockdep_assert_held(&sma->sem_perm.lock);
	if (semnum < 0 && sma->complex_count++ == 0)
		for (int i = 0; i < sma->sem_nsems; i++)
			list_splice_tail_init(&sma->sems[i].pending_alter, &sma->pending_alter);
	if (!q->alter)
		list_add_tail(&q->list, const_queue(sma, semnum));
	else
		list_add_tail(&q->list, alter_queue(sma, sma->complex_count ? -1 : semnum));
}

static void dequeue(struct sem_array *sma, struct sem_queue *q)
{
	lockdep_assert_held(&sma->sem_perm.lock);
	list_del(&q->list);
	if (q->nsops > 1)
		sma->complex_count--;
}

/* Without a call of several operations left, the simple ones go back to their own queues. */
static void unmerge_queues(struct sem_array *sma)
{
	struct sem_queue *q, *n;

	lockdep_assert_held(&sma->sem_perm.lock);
	if (sma->complex_count)
		return;
	list_for_each_entry_safe (q, n, &sma->pending_alter, list)
		list_move_tail(&q->list, alter_queue(sma, q->sops[0].sem_num));
}

/* The call ends with error, or 0. Its record may be gone as soon as the lock is. */
static void finish(struct sem_queue *q, int error, struct wake_batch *wakes)
{
	q->status = error;
	wake_batch_add(wakes, q->task);
}

/* Those that wait for zero, in one queue. True when a call was done. */
static bool update_const(struct sem_array *sma, int semnum, struct wake_batch *wakes)
{
	struct sem_queue *q, *n;
	bool done = false;

	list_for_each_entry_safe (q, n, const_queue(sma, semnum), list) {
		int error = perform_atomic_semop(sma, q);

		if (error > 0)
			continue;
		dequeue(sma, q);
		finish(q, error, wakes);
		done |= !error;
	}
	return done;
}

/* Values named by sops (NULL: any) have changed: serves those that wait for zero. */
static bool update_zero(struct sem_array *sma, const struct sembuf *sops, int nsops,
			struct wake_batch *wakes)
{
	bool done = false, zero = false;
	int i, nr = sops ? nsops : sma->sem_nsems;

	for (i = 0; i < nr; i++) {
		int semnum = sops ? sops[i].sem_num : i;

		if (sma->sems[semnum].semval == 0) {
			zero = true;
			done |= update_const(sma, semnum, wakes);
		}
	}
	return zero && !list_empty(&sma->pending_const) ? update_const(sma, -1, wakes) || done
							: done;
}

/*
 * Those that would change something, in one queue. In a semaphore's own queue all are decrements
 * of it, so one that is done helps no other there; it may make the value zero, which concerns
 * other queues. A call from the common queue may have raised a value: begin again.
 */
static bool update_alter(struct sem_array *sma, int semnum, struct wake_batch *wakes)
{
	struct sem_queue *q, *n;
	bool done = false;

again:
	list_for_each_entry_safe (q, n, alter_queue(sma, semnum), list) {
		int error;

		if (semnum >= 0 && sma->sems[semnum].semval == 0)
			break;
		error = perform_atomic_semop(sma, q);
		if (error > 0)
			continue;
		dequeue(sma, q);
		if (!error) {
			done = true;
			update_zero(sma, q->sops, q->nsops, wakes);
		}
		finish(q, error, wakes);
		if (!error && semnum < 0)
			goto again;
	}
	return done;
}

void sem_update(struct sem_array *sma, const struct sembuf *sops, int nsops, bool happened,
		struct wake_batch *wakes)
{
	int i;

	lockdep_assert_held(&sma->sem_perm.lock);
	happened |= update_zero(sma, sops, nsops, wakes);
	if (!list_empty(&sma->pending_alter)) {
		happened |= update_alter(sma, -1, wakes);
	} else if (!sops) {
		for (i = 0; i < sma->sem_nsems; i++)
			happened |= update_alter(sma, i, wakes);
	} else {
		for (i = 0; i < nsops; i++)
			if (sops[i].sem_op > 0)
				happened |= update_alter(sma, sops[i].sem_num, wakes);
	}
	unmerge_queues(sma);
	if (happened)
		sma->sem_otime = ktime_get_real_seconds();
}

static void finish_queue(struct sem_array *sma, struct list_head *queue, int error,
			 struct wake_batch *wakes)
{
	struct sem_queue *q, *n;

	list_for_each_entry_safe (q, n, queue, list) {
		dequeue(sma, q);
		finish(q, error, wakes);
	}
}

void sem_wake_all(struct sem_array *sma, int error, struct wake_batch *wakes)
{
	lockdep_assert_held(&sma->sem_perm.lock);
	for (int i = -1; i < sma->sem_nsems; i++) {
		finish_queue(sma, const_queue(sma, i), error, wakes);
		finish_queue(sma, alter_queue(sma, i), error, wakes);
	}
}

/* A call counts for the one operation that it cannot do now, whatever else it wants. */
static int count_queue(const struct list_head *queue, int semnum, bool zero)
{
	const struct sem_queue *q;
	int count = 0;

	list_for_each_entry (q, queue, list)
		count += q->blocking->sem_num == semnum && (q->blocking->sem_op == 0) == zero;
	return count;
}

int sem_count_waiting(const struct sem_array *sma, int semnum, bool zero)
{
	const struct sem *sem = &sma->sems[semnum];

	lockdep_assert_held(&sma->sem_perm.lock);
	return count_queue(&sem->pending_alter, semnum, zero) +
	       count_queue(&sem->pending_const, semnum, zero) +
	       count_queue(&sma->pending_alter, semnum, zero) +
	       count_queue(&sma->pending_const, semnum, zero);
}

/* ---- the calls ---- */

/*
 * The set is locked, q is queued. Sleeps until somebody has done the call, a signal comes or the
 * time is up. Comes back with the set locked, q->status being the result, q in no queue.
 */
static void wait_in_queue(struct sem_array *sma, struct sem_queue *q, ktime_t *expires)
{
	while (q->status == SEMOP_WAITS) {
		int timed_out;

		__set_current_state(TASK_INTERRUPTIBLE);
		ipc_unlock_object(&sma->sem_perm);
		timed_out =
		    !schedule_hrtimeout_range(expires, current_timer_slack(), HRTIMER_MODE_ABS);
		ipc_lock_object(&sma->sem_perm);
		if (q->status != SEMOP_WAITS)
			return;
		if (signal_pending(current))
			q->status = -EINTR;
		else if (timed_out)
			q->status = -EAGAIN;
	}
	dequeue(sma, q);
	unmerge_queues(sma);
}

/*
 * What current owes to the set, in *un, made when there is no record yet. The set is locked and
 * comes back locked, but is unlocked while memory is found: 0, -EIDRM or -ENOMEM. A record that
 * turns out to be one too many is left in *spare, to be freed without the lock.
 */
static int find_or_make_undo(struct ipc_namespace *ns, struct sem_array *sma, struct sem_undo **un,
			     struct sem_undo **spare)
{
	struct sem_undo_list *ulp = current->sysvsem_undo;

	*un = ulp ? sem_undo_find(sma, ulp) : NULL;
	if (*un)
		return 0;
	ipc_unlock_object(&sma->sem_perm);
	ulp = sem_undo_list_get();
	*spare = IS_ERR(ulp) ? NULL : sem_undo_alloc(ns, sma, ulp);
	ipc_lock_object(&sma->sem_perm);
	if (sma->sem_perm.deleted)
		return -EIDRM;
	if (!*spare)
		return -ENOMEM;
	/* Another task that shares the list may have made it meanwhile. */
	*un = sem_undo_find(sma, ulp);
	if (!*un) {
		sem_undo_insert(sma, *spare);
		*un = *spare;
		*spare = NULL;
	}
	return 0;
}

static int do_locked_semop(struct ipc_namespace *ns, struct sem_array *sma, struct sem_queue *q,
			   ktime_t *expires, struct wake_batch *wakes)
{
	int i, error;

	for (i = 0; i < q->nsops; i++)
		if (q->sops[i].sem_num >= sma->sem_nsems)
			return -EFBIG;
	error = ipcperms(ns, &sma->sem_perm, q->alter ? S_IWUGO : S_IRUGO);
	if (error)
		return error;
	error = perform_atomic_semop(sma, q);
	if (!error) {
		if (q->alter)
			sem_update(sma, q->sops, q->nsops, true, wakes);
		else
			sma->sem_otime = ktime_get_real_seconds();
	}
	if (error <= 0)
		return error;
	q->status = SEMOP_WAITS;
	enqueue(sma, q);
	wait_in_queue(sma, q, expires);
	return q->status;
}

static long do_semop(int semid, struct sembuf *sops, int nsops, ktime_t *expires)
{
	struct ipc_namespace *ns = current_ipc_ns();
	struct sem_queue q = {
	    .task = current, .pid = task_tgid(current), .sops = sops, .nsops = nsops};
	struct wake_batch wakes = {.nr = 0};
	struct sem_undo *spare = NULL;
	struct kern_ipc_perm *perm;
	bool undos = false;
	long error = 0;

	for (int i = 0; i < nsops; i++) {
		q.alter |= sops[i].sem_op != 0;
		undos |= !!(sops[i].sem_flg & SEM_UNDO);
	}
	perm = ipc_lock_id(sem_ids(ns), semid);
	if (IS_ERR(perm))
		return PTR_ERR(perm);
	ipc_getref(perm);
	if (undos)
		error = find_or_make_undo(ns, to_sem(perm), &q.undo, &spare);
	if (!error)
		error = do_locked_semop(ns, to_sem(perm), &q, expires, &wakes);
	ipc_unlock_object(perm);
	wake_batch_flush(&wakes);
	sem_putref(to_sem(perm));
	if (spare)
		sem_undo_free(spare);
	return error;
}

static long copy_and_do_semop(int semid, const struct sembuf __user *usops, unsigned int nsops,
			      ktime_t *expires)
{
	struct sembuf on_stack[SEMOPS_ON_STACK], *sops = on_stack;
	long error;

	if (nsops < 1 || semid < 0)
		return -EINVAL;
	if (nsops > (unsigned int)current_ipc_ns()->sc_semopm)
		return -E2BIG;
	if (nsops > SEMOPS_ON_STACK) {
		sops = kvmalloc_array(nsops, sizeof(*sops), GFP_KERNEL);
		if (!sops)
			return -ENOMEM;
	}
	error = copy_from_user(sops, usops, nsops * sizeof(*sops)) ? -EFAULT : 0;
	if (!error)
		error = do_semop(semid, sops, nsops, expires);
	if (sops != on_stack)
		kvfree(sops);
	return error;
}

SYSCALL_DEFINE3(semop, int, semid, struct sembuf __user *, sops, unsigned int, nsops)
{
	return copy_and_do_semop(semid, sops, nsops, NULL);
}

SYSCALL_DEFINE4(semtimedop, int, semid, struct sembuf __user *, sops, unsigned int, nsops,
		const struct __kernel_timespec __user *, timeout)
{
	struct timespec64 ts;
	ktime_t expires;

	if (!timeout)
		return copy_and_do_semop(semid, sops, nsops, NULL);
	if (copy_from_user(&ts, timeout, sizeof(ts)))
		return -EFAULT;
	if (!timespec64_valid(&ts))
		return -EINVAL;
	expires = ktime_add_safe(ktime_get(), timespec64_to_ktime(ts));
	return copy_and_do_semop(semid, sops, nsops, &expires);
}
