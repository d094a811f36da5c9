/* SPDX-License-Identifier: MIT */
/*
 * Work that must sleep, for contexts that may not: a queue and a few kernel threads.
 *
 * Serialization rules: pool.lock (interrupts off) guards the list and `running`. A work item is
 * the worker's own from the moment its pending bit is cleared until its function has returned;
 * the function may free it.
 */
#include <jiffy/init.h>
#include <jiffy/kthread.h>
#include <jiffy/sched.h>

/* Two, so that work that waits for other work does not wait for itself. */
#define NR_WORKERS 2

static struct {
	spinlock_t lock;
	struct list_head queue;
	struct work_struct *running[NR_WORKERS];
	wait_queue_head_t more, done;
} pool = {
    .lock = __SPIN_LOCK_UNLOCKED(pool.lock),
    .queue = LIST_HEAD_INIT(pool.queue),
    .more = __WAIT_QUEUE_HEAD_INITIALIZER(pool.more),
    .done = __WAIT_QUEUE_HEAD_INITIALIZER(pool.done),
};

bool schedule_work(struct work_struct *work)
{
	unsigned long flags;

	if (xchg(&work->pending, 1))
		return false;
	spin_lock_irqsave(&pool.lock, flags);
	list_add_tail(&work->entry, &pool.queue);
	spin_unlock_irqrestore(&pool.lock, flags);
	wake_up(&pool.more);
	return true;
}

static struct work_struct *take_work(int worker)
{
	struct work_struct *work;

	spin_lock_irq(&pool.lock);
	work = list_first_entry_or_null(&pool.queue, struct work_struct, entry);
	if (work) {
		list_del_init(&work->entry);
		pool.running[worker] = work;
		smp_store_release(&work->pending, 0);
	}
	spin_unlock_irq(&pool.lock);
	return work;
}

static int worker_thread(void *data)
{
	int me = (long)data;

	while (!kthread_should_stop()) {
		struct work_struct *work = take_work(me);

		if (!work) {
			wait_event_interruptible_exclusive(pool.more, !list_empty(&pool.queue));
			continue;
		}
		work->func(work);
		spin_lock_irq(&pool.lock);
		pool.running[me] = NULL;
		spin_unlock_irq(&pool.lock);
		wake_up_all(&pool.done);
	}
	return 0;
}

static bool idle(struct work_struct *work)
{
	bool yes = !READ_ONCE(work->pending);

	spin_lock_irq(&pool.lock);
	for (int i = 0; i < NR_WORKERS; i++)
		yes = yes && pool.running[i] != work;
	spin_unlock_irq(&pool.lock);
	return yes;
}

void flush_work(struct work_struct *work)
{
	wait_event(pool.done, idle(work));
}

static bool all_idle(void)
{
	bool yes;

	spin_lock_irq(&pool.lock);
	yes = list_empty(&pool.queue);
	for (int i = 0; i < NR_WORKERS; i++)
		yes = yes && !pool.running[i];
	spin_unlock_irq(&pool.lock);
	return yes;
}

void flush_scheduled_work(void)
{
	wait_event(pool.done, all_idle());
}

static int __init workqueue_init(void)
{
	for (long i = 0; i < NR_WORKERS; i++) {
		struct task_struct *t = kthread_run(worker_thread, (void *)i, "kworker/%ld", i);

		if (IS_ERR(t))
			return PTR_ERR(t);
	}
	return 0;
}
core_initcall(workqueue_init);
