/* SPDX-License-Identifier: MIT */
/*
 * Do two processes share a resource? kcmp(2). Task context.
 *
 * Whoever saves a tree of processes sorts thousands of descriptors by what they lead to, so the
 * answer is an order, not just a yes or no. It is the order of the kernel's addresses scrambled by
 * two secrets for each type: the same until the next boot, and telling nothing about addresses.
 */
#include <arch/uaccess.h>
#include <jiffy/fdtable.h>
#include <jiffy/file.h>
#include <jiffy/init.h>
#include <jiffy/poll.h>
#include <jiffy/ptrace.h>
#include <jiffy/random.h>
#include <jiffy/syscalls.h>
#include <uapi/kcmp.h>

#include "internal.h"

static unsigned long cookies[KCMP_TYPES][2]; /* after boot read-only */

/* One side of the comparison: what of the task, and which; file: to be given back. */
struct kcmp_side {
	struct task_struct *task;
	unsigned long idx;
	struct file *file;
	const void *object;
};

/* Multiplication by an odd number loses nothing, so different objects stay different. */
static unsigned long scramble(const void *object, int type)
{
	return ((unsigned long)object ^ cookies[type][0]) * cookies[type][1];
}

/* 0: the same; 1: a comes first; 2: b does. */
static int compare(const void *a, const void *b, int type)
{
	unsigned long x = scramble(a, type), y = scramble(b, type);

	return (x < y) | (x > y) << 1;
}

/* The file that an epoll instance of the task watches. idx is the user's slot. */
static int find_epoll_target(struct kcmp_side *side)
{
	struct kcmp_epoll_slot slot;
	int ret = 0;

	if (copy_from_user(&slot, (void __user *)side->idx, sizeof(slot)))
		return -EFAULT;
	side->file = fget_task(side->task, slot.efd);
	if (!side->file)
		return -EBADF;
	side->object = eventpoll_target(side->file, slot.tfd, slot.toff);
	if (IS_ERR(side->object))
		ret = PTR_ERR(side->object);
	return ret;
}

static int find_object(struct kcmp_side *side, int type)
{
	struct task_struct *t = side->task;

	switch (type) {
	case KCMP_FILE:
		side->file = fget_task(t, side->idx);
		side->object = side->file;
		return side->file ? 0 : -EBADF;
	case KCMP_EPOLL_TFD:
		return find_epoll_target(side);
	case KCMP_VM:
		side->object = t->mm;
		return 0;
	case KCMP_FILES:
		side->object = t->files;
		return 0;
	case KCMP_FS:
		side->object = t->fs;
		return 0;
	case KCMP_SIGHAND:
		side->object = t->sighand;
		return 0;
	case KCMP_IO:
		side->object = t->io_context;
		return 0;
	case KCMP_SYSVSEM:
		side->object = t->sysvsem_undo;
		return 0;
	default:
		return -EINVAL;
	}
}

/* The task must not become a set-user-ID program between the check and the look. */
static int look_at(struct kcmp_side *side, int type)
{
	struct signal_struct *sig = side->task->signal;
	int ret = down_read_killable(&sig->exec_update_lock);

	if (ret)
		return ret;
	ret = -EPERM;
	if (ptrace_may_access(side->task, PTRACE_MODE_READ_REALCREDS))
		ret = find_object(side, type);
	up_read(&sig->exec_update_lock);
	return ret;
}

/* fd is compared with what the epoll instance of the other process watches, so types differ. */
SYSCALL_DEFINE5(kcmp, pid_t, pid1, pid_t, pid2, int, type, unsigned long, idx1, unsigned long, idx2)
{
	struct kcmp_side a = {.idx = idx1}, b = {.idx = idx2};
	int ret = -ESRCH;

	a.task = find_get_task_by_vpid(pid1);
	b.task = find_get_task_by_vpid(pid2);
	if (a.task && b.task)
		ret = look_at(&a, type == KCMP_EPOLL_TFD ? KCMP_FILE : type);
	if (!ret)
		ret = look_at(&b, type);
	if (!ret)
		ret = compare(a.object, b.object, type);
	if (a.file)
		fput(a.file);
	if (b.file)
		fput(b.file);
	if (a.task)
		put_task_struct(a.task);
	if (b.task)
		put_task_struct(b.task);
	return ret;
}

static int __init kcmp_init(void)
{
	int i;

	for (i = 0; i < KCMP_TYPES; i++) {
		cookies[i][0] = get_random_u64();
		cookies[i][1] = get_random_u64() | 1;
	}
	return 0;
}
device_initcall(kcmp_init);
