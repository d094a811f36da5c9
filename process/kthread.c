/* SPDX-License-Identifier: MIT */
/*
 * Kernel threads. kthreadd (pid 2) makes them all, so that none inherits a user process's files,
 * credentials or signals. A creator queues its wish and sleeps until the thread stands ready.
 */
#include <jiffy/gfp.h>
#include <jiffy/kthread.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>

#include "internal.h"

enum { KTHREAD_SHOULD_STOP, KTHREAD_SHOULD_PARK };

struct kthread {
	unsigned long flags; /* atomic bits */
	int result;
	struct completion parked, exited;
};

/* One wish. Owned by the creator, or by kthreadd once a killed creator let go of `done`. */
struct kthread_create_info {
	int (*threadfn)(void *data);
	void *data;
	char name[TASK_COMM_LEN];
	struct task_struct *result;
	struct completion *done; /* whoever exchanges it for NULL owns the rest */
	struct list_head list;	 /* create_lock */
};

static DEFINE_SPINLOCK(create_lock);
static LIST_HEAD(create_list);
static DECLARE_WAIT_QUEUE_HEAD(kthreadd_wait);

bool kthread_should_stop(void)
{
	return test_bit(KTHREAD_SHOULD_STOP, &current->kthread->flags);
}

bool kthread_should_park(void)
{
	return test_bit(KTHREAD_SHOULD_PARK, &current->kthread->flags);
}

void kthread_parkme(void)
{
	struct kthread *self = current->kthread;

	for (;;) {
		set_current_state(TASK_PARKED);
		if (!test_bit(KTHREAD_SHOULD_PARK, &self->flags))
			break;
		complete(&self->parked);
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

/* The thread's own first code: makes itself known, waits to be woken, runs. */
static int kthread(void *arg)
{
	struct kthread_create_info *create = arg;
	int (*threadfn)(void *) = create->threadfn;
	void *data = create->data;
	struct completion *done;
	struct kthread *self;
	int ret = -EINTR;

	self = kzalloc(sizeof(*self), GFP_KERNEL);
	done = xchg(&create->done, NULL);
	if (!done) {
		kfree(create);
		kfree(self);
		do_exit(-EINTR);
	}
	if (!self) {
		create->result = ERR_PTR(-ENOMEM);
		complete(done);
		do_exit(-ENOMEM);
	}
	init_completion(&self->parked);
	init_completion(&self->exited);
	current->kthread = self;
	set_task_comm(current, create->name);
	/* Nice 0 and any CPU, whoever asked. */
	sched_set_normal(current, 0);
	__set_current_state(TASK_UNINTERRUPTIBLE);
	create->result = current;
	/* create is the creator's from here on. */
	preempt_disable();
	complete(done);
	schedule_preempt_disabled();
	preempt_enable();
	if (!test_bit(KTHREAD_SHOULD_STOP, &self->flags)) {
		if (test_bit(KTHREAD_SHOULD_PARK, &self->flags))
			kthread_parkme();
		ret = threadfn(data);
	}
	self->result = ret;
	do_exit(0);
}

/* do_exit() of any task: kthread_stop() may wait for this one. */
void kthread_exit_notify(struct task_struct *t, long code)
{
	if (t->kthread)
		complete_all(&t->kthread->exited);
}

void free_kthread_struct(struct task_struct *t)
{
	kfree(t->kthread);
}

struct task_struct *kthread_create_on_cpu(int (*fn)(void *), void *data, int cpu, const char *fmt,
					  ...)
{
	struct kthread_create_info *create = kmalloc(sizeof(*create), GFP_KERNEL);
	DECLARE_COMPLETION_ONSTACK(done);
	struct task_struct *task;
	va_list args;

	if (!create)
		return ERR_PTR(-ENOMEM);
	create->threadfn = fn;
	create->data = data;
	create->done = &done;
	va_start(args, fmt);
	vsnprintf(create->name, sizeof(create->name), fmt, args);
	va_end(args);
	spin_lock(&create_lock);
	list_add_tail(&create->list, &create_list);
	spin_unlock(&create_lock);
	wake_up(&kthreadd_wait);
	if (wait_for_completion_killable(&done)) {
		/* Whichever of us comes first leaves; the other one cleans up. */
		if (xchg(&create->done, NULL))
			return ERR_PTR(-EINTR);
		wait_for_completion(&done);
	}
	task = create->result;
	kfree(create);
	if (!IS_ERR(task) && cpu >= 0)
		kthread_bind(task, cpu);
	return task;
}

void kthread_bind(struct task_struct *k, unsigned int cpu)
{
	cpumask_t mask;

	/* It sleeps in kthread(), on its way off the CPU at most. */
	wait_task_inactive(k, TASK_UNINTERRUPTIBLE);
	cpumask_clear(&mask);
	cpumask_set_cpu(cpu, &mask);
	set_cpus_allowed_ptr(k, &mask);
	k->flags |= PF_NO_SETAFFINITY;
}

int kthread_park(struct task_struct *k)
{
	struct kthread *kt = k->kthread;

	if (k->flags & PF_EXITING)
		return -ENOSYS;
	if (test_and_set_bit(KTHREAD_SHOULD_PARK, &kt->flags))
		return -EBUSY;
	if (k != current) {
		wake_up_process(k);
		wait_for_completion(&kt->parked);
		/* It has said so before it slept: the state must have become visible. */
		wait_task_inactive(k, TASK_PARKED);
	}
	return 0;
}

void kthread_unpark(struct task_struct *k)
{
	struct kthread *kt = k->kthread;

	reinit_completion(&kt->parked);
	clear_bit(KTHREAD_SHOULD_PARK, &kt->flags);
	smp_mb__after_atomic();
	wake_up_state(k, TASK_PARKED);
}

int kthread_stop(struct task_struct *k)
{
	struct kthread *kt = k->kthread;
	int ret;

	get_task_struct(k);
	set_bit(KTHREAD_SHOULD_STOP, &kt->flags);
	kthread_unpark(k);
	wake_up_process(k);
	wait_for_completion(&kt->exited);
	ret = kt->result;
	put_task_struct(k);
	return ret;
}

static void create_kthread(struct kthread_create_info *create)
{
	pid_t pid = kernel_thread(kthread, create, CLONE_FS | CLONE_FILES | SIGCHLD);
	struct completion *done;

	if (pid >= 0)
		return;
	done = xchg(&create->done, NULL);
	if (!done) {
		kfree(create);
		return;
	}
	create->result = ERR_PTR(pid);
	complete(done);
}

int kthreadd(void *unused)
{
	struct kthread_create_info *create;
	int sig;

	set_task_comm(current, "kthreadd");
	/* Its children inherit this: no signal disturbs a kernel thread, dead ones need no wait. */
	for (sig = 1; sig <= _NSIG; sig++)
		kernel_sigaction(sig, SIG_IGN);
	for (;;) {
		/* Interruptible, though all signals are ignored: an idle thread is no load. */
		wait_event_interruptible(kthreadd_wait, !list_empty(&create_list));
		spin_lock(&create_lock);
		while (!list_empty(&create_list)) {
			create = list_first_entry(&create_list, struct kthread_create_info, list);
			list_del_init(&create->list);
			spin_unlock(&create_lock);
			create_kthread(create);
			spin_lock(&create_lock);
		}
		spin_unlock(&create_lock);
	}
}
