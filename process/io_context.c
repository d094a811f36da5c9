/* SPDX-License-Identifier: MIT */
/*
 * The I/O context: what tasks made with CLONE_IO have in common as issuers of I/O, which is the
 * priority of ioprio_set(2). No device of ours queues by it, so it is kept and told, as on a Linux
 * machine without a disk. A task has none until it asks for a priority; a child without CLONE_IO
 * gets a copy.
 *
 * Serialization rules: task->io_context is changed under task_lock(), by whoever sets the task's
 * priority and by its exit; after PF_EXITING nobody gives it a new one. task_lock() nests inside
 * tasklist_lock. The context itself is a count of its tasks and one word, read and written whole.
 */
#include <jiffy/init.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>
#include <uapi/prctl.h>

#include "internal.h"

struct io_context {
	refcount_t refs; /* tasks */
	unsigned short ioprio;
};

static struct io_context *new_io_context(int ioprio, gfp_t gfp)
{
	struct io_context *ioc = kmalloc(sizeof(*ioc), gfp);

	if (ioc) {
		refcount_set(&ioc->refs, 1);
		ioc->ioprio = ioprio;
	}
	return ioc;
}

int copy_io(u64 flags, struct task_struct *p)
{
	struct task_struct *me = current;
	bool inherit = false;
	int ioprio = 0;

	p->io_context = NULL;
	task_lock(me);
	if (me->io_context && (flags & CLONE_IO)) {
		p->io_context = me->io_context;
		refcount_inc(&p->io_context->refs);
	} else if (me->io_context) {
		inherit = true;
		ioprio = me->io_context->ioprio;
	}
	task_unlock(me);
	if (inherit) {
		p->io_context = new_io_context(ioprio, GFP_KERNEL);
		if (!p->io_context)
			return -ENOMEM;
	}
	return 0;
}

void exit_io_context(struct task_struct *t)
{
	struct io_context *ioc;

	task_lock(t);
	ioc = t->io_context;
	t->io_context = NULL;
	task_unlock(t);
	if (ioc && refcount_dec_and_test(&ioc->refs))
		kfree(ioc);
}

/* ioprio_set(2): 0 or why not. */
static int check_ioprio(int ioprio)
{
	int data = IOPRIO_PRIO_DATA(ioprio);

	switch (IOPRIO_PRIO_CLASS(ioprio)) {
	case IOPRIO_CLASS_RT:
		if (!capable(CAP_SYS_ADMIN) && !capable(CAP_SYS_NICE))
			return -EPERM;
		return data < 8 ? 0 : -EINVAL;
	case IOPRIO_CLASS_BE:
		return data < 8 ? 0 : -EINVAL;
	case IOPRIO_CLASS_IDLE:
		return 0;
	case IOPRIO_CLASS_NONE:
		return data ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}

/* The first choice of a task needs a place; inside tasklist_lock no allocation may sleep. */
static int store_ioprio(struct task_struct *t, int ioprio)
{
	struct io_context *spare = NULL;

	if (!READ_ONCE(t->io_context)) {
		spare = new_io_context(0, GFP_ATOMIC);
		if (!spare)
			return -ENOMEM;
	}
	task_lock(t);
	/* One on its way out will issue nothing more; that it was asked is no error. */
	if (!(t->flags & PF_EXITING)) {
		if (!t->io_context)
			swap(t->io_context, spare);
		WRITE_ONCE(t->io_context->ioprio, ioprio);
	}
	task_unlock(t);
	kfree(spare);
	return 0;
}

static int set_task_ioprio(struct task_struct *t, int ioprio)
{
	const struct cred *cred = current_cred(), *tcred = __task_cred(t);

	if (!uid_eq(tcred->uid, cred->euid) && !uid_eq(tcred->uid, cred->uid) &&
	    !ns_capable(tcred->user_ns, CAP_SYS_NICE))
		return -EPERM;
	return store_ioprio(t, ioprio);
}

/* As it was set; 0 when it was not. */
static int own_ioprio(struct task_struct *t)
{
	int ioprio;

	task_lock(t);
	ioprio = t->io_context ? READ_ONCE(t->io_context->ioprio) : 0;
	task_unlock(t);
	return ioprio;
}

/* A task without a choice of its own has a best-effort level by its nice value. */
static int effective_ioprio(struct task_struct *t)
{
	int ioprio = own_ioprio(t);

	if (IOPRIO_PRIO_CLASS(ioprio) != IOPRIO_CLASS_NONE)
		return ioprio;
	return IOPRIO_CLASS_BE << IOPRIO_CLASS_SHIFT | (task_nice(t) + 20) / 5;
}

/* The more urgent of two: class first, 0 (nothing known) last. */
static int best_ioprio(int a, int b)
{
	if (!a || !b)
		return a ? a : b;
	return min(a, b);
}

struct ioprio_walk {
	bool set;
	bool one; /* a single task is asked: what it chose, not what follows from its nice value */
	int ioprio; /* to set, or the best found */
	int ret;    /* -ESRCH until one task was found; the first failure ends the walk */
};

static void ioprio_visit(struct task_struct *t, struct ioprio_walk *w)
{
	if (w->set) {
		if (!w->ret || w->ret == -ESRCH)
			w->ret = set_task_ioprio(t, w->ioprio);
		return;
	}
	w->ioprio = w->one ? own_ioprio(t) : best_ioprio(w->ioprio, effective_ioprio(t));
	w->ret = 0;
}

static int ioprio_walk(int which, int who, struct ioprio_walk *w)
{
	struct task_struct *p, *t;
	struct pid *pgrp;
	kuid_t uid;

	w->ret = -ESRCH;
	rcu_read_lock();
	read_lock(&tasklist_lock);
	switch (which) {
	case IOPRIO_WHO_PROCESS:
		p = who ? find_task_by_vpid(who) : current;
		if (p)
			ioprio_visit(p, w);
		break;
	case IOPRIO_WHO_PGRP:
		pgrp = who ? find_vpid(who) : task_pgrp(current);
		do_each_pid_thread(pgrp, PIDTYPE_PGID, p)
		{
			ioprio_visit(p, w);
		}
		while_each_pid_thread(pgrp, PIDTYPE_PGID, p);
		break;
	case IOPRIO_WHO_USER:
		uid = who ? make_kuid(current_user_ns(), who) : current_uid();
		for_each_process_thread (p, t)
			if (uid_eq(task_uid(t), uid) && task_pid_vnr(t))
				ioprio_visit(t, w);
		break;
	default:
		w->ret = -EINVAL;
	}
	read_unlock(&tasklist_lock);
	rcu_read_unlock();
	return w->ret;
}

SYSCALL_DEFINE3(ioprio_set, int, which, int, who, int, ioprio)
{
	struct ioprio_walk w = {.set = true, .ioprio = ioprio};
	int ret = check_ioprio(ioprio);

	return ret ? ret : ioprio_walk(which, who, &w);
}

SYSCALL_DEFINE2(ioprio_get, int, which, int, who)
{
	struct ioprio_walk w = {.set = false, .one = which == IOPRIO_WHO_PROCESS};
	int ret = ioprio_walk(which, who, &w);

	return ret ? ret : w.ioprio;
}
