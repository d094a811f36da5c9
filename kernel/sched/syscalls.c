/* SPDX-License-Identifier: MIT */
/*
 * The scheduler's system calls: getpriority(2), sched_setscheduler(2),
 * sched_setattr(2), sched_setaffinity(2), sched_yield(2), sched_rr_get_interval(2) and their
 * kin. Kernel only. Task context; a target is kept by a reference while it is looked at.
 */
#include <arch/uaccess.h>
#include <jiffy/cgroup.h>
#include <jiffy/cred.h>
#include <jiffy/pid.h>
#include <jiffy/resource.h>
#include <jiffy/signal.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>

#include "../../sched/internal.h"

#define PRIO_PROCESS 0
#define PRIO_PGRP    1
#define PRIO_USER    2

/* With a reference; pid 0 is the caller. */
static struct task_struct *get_task_by_pid(pid_t pid)
{
	struct task_struct *p;

	rcu_read_lock();
	p = pid ? find_task_by_vpid(pid) : current;
	if (p)
		get_task_struct(p);
	rcu_read_unlock();
	return p;
}

/* -EACCES for more than the caller may, -EPERM for somebody else's task (setpriority(2)). */
static int set_one_prio(struct task_struct *p, int nice, int error)
{
	if (!sched_env_same_owner(p) && !sched_env_capable_nice())
		return -EPERM;
	if (nice < task_nice(p) && !can_nice(p, nice))
		return -EACCES;
	set_user_nice(p, nice);
	/* A success does not hide that one before it failed. */
	return error == -ESRCH ? 0 : error;
}

/* 20 - nice is positive for all nice values, so that -1 can mean an error. */
static int max_prio(struct task_struct *p, int best)
{
	return max(best, 20 - task_nice(p));
}

/*
 * fn folds each task that which and who name into the result, which begins as -ESRCH; so what
 * stays -ESRCH found nobody.
 */
static long for_each_named(int which, int who, int (*fn)(struct task_struct *, int, int), int arg)
{
	struct task_struct *p, *g;
	int result = -ESRCH;
	struct pid *pgrp;
	kuid_t uid;

	read_lock(&tasklist_lock);
	switch (which) {
	case PRIO_PROCESS:
		p = who ? find_task_by_vpid(who) : current;
		if (p)
			result = fn(p, arg, result);
		break;
	case PRIO_PGRP:
		pgrp = who ? find_vpid(who) : task_pgrp(current);
		if (!pgrp)
			break;
		do_each_pid_thread(pgrp, PIDTYPE_PGID, p)
		{
			result = fn(p, arg, result);
		}
		while_each_pid_thread(pgrp, PIDTYPE_PGID, p);
		break;
	case PRIO_USER:
		uid = who ? make_kuid(current_user_ns(), who) : current_uid();
		for_each_process_thread (g, p) {
			if (uid_eq(task_uid(p), uid) && task_pid_vnr(p))
				result = fn(p, arg, result);
		}
		break;
	}
	read_unlock(&tasklist_lock);
	return result;
}

static int fold_set(struct task_struct *p, int nice, int error)
{
	return set_one_prio(p, nice, error);
}

static int fold_get(struct task_struct *p, int unused, int best)
{
	return max_prio(p, best);
}

SYSCALL_DEFINE3(setpriority, int, which, int, who, int, nice)
{
	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	return for_each_named(which, who, fold_set, clamp(nice, MIN_NICE, MAX_NICE));
}

SYSCALL_DEFINE2(getpriority, int, which, int, who)
{
	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	return for_each_named(which, who, fold_get, 0);
}

static long do_sched_setscheduler(pid_t pid, int policy, struct sched_param __user *uparam)
{
	struct sched_param param;
	struct task_struct *p;
	long err;

	if (!uparam || pid < 0)
		return -EINVAL;
	if (copy_from_user(&param, uparam, sizeof(param)))
		return -EFAULT;
	p = get_task_by_pid(pid);
	if (!p)
		return -ESRCH;
	err = sched_setscheduler(p, policy, &param);
	put_task_struct(p);
	return err;
}

SYSCALL_DEFINE3(sched_setscheduler, pid_t, pid, int, policy, struct sched_param __user *, param)
{
	return policy < 0 ? -EINVAL : do_sched_setscheduler(pid, policy, param);
}

SYSCALL_DEFINE2(sched_setparam, pid_t, pid, struct sched_param __user *, param)
{
	return do_sched_setscheduler(pid, -1, param);
}

SYSCALL_DEFINE1(sched_getscheduler, pid_t, pid)
{
	struct task_struct *p;
	long policy;

	if (pid < 0)
		return -EINVAL;
	p = get_task_by_pid(pid);
	if (!p)
		return -ESRCH;
	policy = p->policy | (p->sched_reset_on_fork ? SCHED_RESET_ON_FORK : 0);
	put_task_struct(p);
	return policy;
}

SYSCALL_DEFINE2(sched_getparam, pid_t, pid, struct sched_param __user *, uparam)
{
	struct sched_param param = {0};
	struct task_struct *p;

	if (!uparam || pid < 0)
		return -EINVAL;
	p = get_task_by_pid(pid);
	if (!p)
		return -ESRCH;
	if (rt_policy(p->policy))
		param.sched_priority = p->rt_priority;
	put_task_struct(p);
	return copy_to_user(uparam, &param, sizeof(param)) ? -EFAULT : 0;
}

/*
 * The caller's structure may be older (shorter) or newer (longer) than ours: what it lacks is 0,
 * what we do not know must be 0, or -E2BIG with our size written back.
 */
static long copy_attr(struct sched_attr *attr, struct sched_attr __user *uattr)
{
	u32 size, at;

	memset(attr, 0, sizeof(*attr));
	if (get_user(size, &uattr->size))
		return -EFAULT;
	if (!size)
		size = SCHED_ATTR_SIZE_VER0;
	if (size < SCHED_ATTR_SIZE_VER0 || size > PAGE_SIZE)
		goto bad_size;
	for (at = sizeof(*attr); at < size; at++) {
		u8 byte;

		if (get_user(byte, (u8 __user *)uattr + at))
			return -EFAULT;
		if (byte)
			goto bad_size;
	}
	if (copy_from_user(attr, uattr, min_t(size_t, size, sizeof(*attr))))
		return -EFAULT;
	if ((attr->sched_flags & (SCHED_FLAG_UTIL_CLAMP_MIN | SCHED_FLAG_UTIL_CLAMP_MAX)) &&
	    size < SCHED_ATTR_SIZE_VER1)
		return -EINVAL;
	attr->sched_nice = clamp(attr->sched_nice, MIN_NICE, MAX_NICE);
	return 0;
bad_size:
	if (put_user((u32)sizeof(*attr), &uattr->size))
		return -EFAULT;
	return -E2BIG;
}

SYSCALL_DEFINE3(sched_setattr, pid_t, pid, struct sched_attr __user *, uattr, unsigned int, flags)
{
	struct sched_attr attr, now;
	struct task_struct *p;
	long err;

	if (!uattr || pid < 0 || flags)
		return -EINVAL;
	err = copy_attr(&attr, uattr);
	if (err)
		return err;
	if ((s32)attr.sched_policy < 0)
		return -EINVAL;
	if (attr.sched_flags & SCHED_FLAG_KEEP_POLICY)
		attr.sched_policy = -1;
	p = get_task_by_pid(pid);
	if (!p)
		return -ESRCH;
	if (attr.sched_flags & SCHED_FLAG_KEEP_PARAMS) {
		memset(&now, 0, sizeof(now));
		sched_getattr_of(p, &now);
		attr.sched_nice = now.sched_nice;
		attr.sched_priority = now.sched_priority;
		attr.sched_runtime = now.sched_runtime;
		attr.sched_deadline = now.sched_deadline;
		attr.sched_period = now.sched_period;
	}
	err = sched_setattr(p, &attr, true);
	put_task_struct(p);
	return err;
}

SYSCALL_DEFINE4(sched_getattr, pid_t, pid, struct sched_attr __user *, uattr, unsigned int, size,
		unsigned int, flags)
{
	struct sched_attr attr = {.size = min_t(u32, size, sizeof(attr))};
	struct task_struct *p;

	if (!uattr || pid < 0 || size > PAGE_SIZE || size < SCHED_ATTR_SIZE_VER0 || flags)
		return -EINVAL;
	p = get_task_by_pid(pid);
	if (!p)
		return -ESRCH;
	sched_getattr_of(p, &attr);
	put_task_struct(p);
	if (copy_to_user(uattr, &attr, attr.size))
		return -EFAULT;
	/* The rest of a longer structure is 0. */
	if (size > sizeof(attr) &&
	    clear_user((char __user *)uattr + sizeof(attr), size - sizeof(attr)))
		return -EFAULT;
	return 0;
}

/* The part of mask that p's cpuset has, as it is when this ends. 0 or -EINVAL, -ENOMEM. */
static int set_affinity(struct task_struct *p, const cpumask_t *mask)
{
	cpumask_t allowed, now;
	int err;

	cpuset_cpus_allowed(p, &now);
	do {
		cpumask_copy(&allowed, &now);
		err = set_user_cpus(p, mask, &allowed);
		cpuset_cpus_allowed(p, &now);
	} while (!err && !cpumask_equal(&allowed, &now));
	return err;
}

SYSCALL_DEFINE3(sched_setaffinity, pid_t, pid, unsigned int, len, unsigned long __user *, umask)
{
	struct task_struct *p;
	cpumask_t mask;
	long err;

	cpumask_clear(&mask);
	if (copy_from_user(cpumask_bits(&mask), umask, min_t(size_t, len, sizeof(mask))))
		return -EFAULT;
	p = get_task_by_pid(pid);
	if (!p)
		return -ESRCH;
	err = -EPERM;
	if (sched_env_same_owner(p) || sched_env_capable_nice())
		err = set_affinity(p, &mask);
	put_task_struct(p);
	return err;
}

/* The length copied, as the call itself has it; the C library turns it into 0. */
SYSCALL_DEFINE3(sched_getaffinity, pid_t, pid, unsigned int, len, unsigned long __user *, umask)
{
	struct task_struct *p;
	unsigned long flags;
	cpumask_t mask;

	if (len * 8 < nr_cpu_ids || len & (sizeof(long) - 1))
		return -EINVAL;
	p = get_task_by_pid(pid);
	if (!p)
		return -ESRCH;
	raw_spin_lock_irqsave(&p->pi_lock, flags);
	cpumask_and(&mask, &p->cpus_mask, cpu_active_mask);
	raw_spin_unlock_irqrestore(&p->pi_lock, flags);
	put_task_struct(p);
	len = min_t(unsigned int, len, sizeof(mask));
	return copy_to_user(umask, cpumask_bits(&mask), len) ? -EFAULT : (long)len;
}

SYSCALL_DEFINE0(sched_yield)
{
	sched_yield_current();
	return 0;
}

SYSCALL_DEFINE1(sched_get_priority_max, int, policy)
{
	if (rt_policy(policy))
		return MAX_RT_PRIO - 1;
	return valid_policy(policy) ? 0 : -EINVAL;
}

SYSCALL_DEFINE1(sched_get_priority_min, int, policy)
{
	if (rt_policy(policy))
		return 1;
	return valid_policy(policy) ? 0 : -EINVAL;
}

SYSCALL_DEFINE2(sched_rr_get_interval, pid_t, pid, struct __kernel_timespec __user *, interval)
{
	struct __kernel_timespec ts;
	struct task_struct *p;
	unsigned long flags;
	struct rq *rq;
	u64 ns = 0;

	if (pid < 0)
		return -EINVAL;
	p = get_task_by_pid(pid);
	if (!p)
		return -ESRCH;
	rq = task_rq_lock(p, &flags);
	if (p->sched_class->get_rr_interval)
		ns = p->sched_class->get_rr_interval(rq, p);
	task_rq_unlock(rq, p, &flags);
	put_task_struct(p);
	ts.tv_sec = ns / NSEC_PER_SEC;
	ts.tv_nsec = ns % NSEC_PER_SEC;
	return copy_to_user(interval, &ts, sizeof(ts)) ? -EFAULT : 0;
}
