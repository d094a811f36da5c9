/* SPDX-License-Identifier: MIT */
/*
 * Limits and use of resources: getrlimit(2), prlimit64, getrusage(2), times(2). Rules in
 * <jiffy/resource.h>. The CPU's limit is enforced by cpu_timers.c, the others where they apply.
 */
#include <arch/uaccess.h>
#include <jiffy/cputime.h>
#include <jiffy/fdtable.h>
#include <jiffy/mm.h>
#include <jiffy/posix_timers.h>
#include <jiffy/resource.h>
#include <jiffy/string.h>
#include <jiffy/syscalls.h>

#include "internal.h"

int do_prlimit(struct task_struct *t, unsigned int resource, struct rlimit *new, struct rlimit *old)
{
	struct rlimit *rlim;
	int ret = 0;

	if (resource >= RLIM_NLIMITS)
		return -EINVAL;
	if (new) {
		if (new->rlim_cur > new->rlim_max)
			return -EINVAL;
		if (resource == RLIMIT_NOFILE && new->rlim_max > sysctl_nr_open)
			return -EPERM;
	}
	rlim = &t->signal->rlim[resource];
	task_lock(t->group_leader);
	if (new) {
		if (new->rlim_max > rlim->rlim_max && !capable(CAP_SYS_RESOURCE))
			ret = -EPERM;
	}
	if (!ret) {
		if (old)
			*old = *rlim;
		if (new)
			*rlim = *new;
	}
	task_unlock(t->group_leader);
	if (!ret && new &&resource == RLIMIT_CPU &&new->rlim_cur != RLIM_INFINITY)
		update_rlimit_cpu(t, new->rlim_cur);
	return ret;
}

SYSCALL_DEFINE2(getrlimit, unsigned int, resource, struct rlimit __user *, rlim)
{
	struct rlimit value;
	int ret = do_prlimit(current, resource, NULL, &value);

	if (!ret && copy_to_user(rlim, &value, sizeof(value)))
		ret = -EFAULT;
	return ret;
}

SYSCALL_DEFINE2(setrlimit, unsigned int, resource, struct rlimit __user *, rlim)
{
	struct rlimit new;

	if (copy_from_user(&new, rlim, sizeof(new)))
		return -EFAULT;
	return do_prlimit(current, resource, &new, NULL);
}

/* prlimit(2): all real ids must match all of the target's, or CAP_SYS_RESOURCE over it. RCU. */
static int check_prlimit_permission(struct task_struct *t)
{
	const struct cred *cred = current_cred(), *tcred = __task_cred(t);

	if (same_thread_group(current, t))
		return 0;
	if (uid_eq(cred->uid, tcred->euid) && uid_eq(cred->uid, tcred->suid) &&
	    uid_eq(cred->uid, tcred->uid) && gid_eq(cred->gid, tcred->egid) &&
	    gid_eq(cred->gid, tcred->sgid) && gid_eq(cred->gid, tcred->gid))
		return 0;
	return ns_capable(tcred->user_ns, CAP_SYS_RESOURCE) ? 0 : -EPERM;
}

SYSCALL_DEFINE4(prlimit64, pid_t, pid, unsigned int, resource, const struct rlimit64 __user *,
		new_rlim, struct rlimit64 __user *, old_rlim)
{
	struct rlimit64 old64, new64;
	struct rlimit old, new;
	struct task_struct *t;
	int ret;

	if (new_rlim) {
		if (copy_from_user(&new64, new_rlim, sizeof(new64)))
			return -EFAULT;
		new = (struct rlimit){new64.rlim_cur, new64.rlim_max};
	}
	rcu_read_lock();
	t = pid ? find_task_by_vpid(pid) : current;
	ret = t ? check_prlimit_permission(t) : -ESRCH;
	if (!ret)
		get_task_struct(t);
	rcu_read_unlock();
	if (ret)
		return ret;
	ret = do_prlimit(t, resource, new_rlim ? &new : NULL, old_rlim ? &old : NULL);
	put_task_struct(t);
	if (!ret && old_rlim) {
		old64 = (struct rlimit64){old.rlim_cur, old.rlim_max};
		if (copy_to_user(old_rlim, &old64, sizeof(old64)))
			ret = -EFAULT;
	}
	return ret;
}

static struct __kernel_timeval ns_to_timeval(u64 ns)
{
	return (struct __kernel_timeval){ns / NSEC_PER_SEC, ns % NSEC_PER_SEC / NSEC_PER_USEC};
}

static void add_thread_usage(struct task_struct *t, struct rusage *r)
{
	r->ru_nvcsw += t->nvcsw;
	r->ru_nivcsw += t->nivcsw;
	r->ru_minflt += t->min_flt;
	r->ru_majflt += t->maj_flt;
}

/* What the group's dead threads and its reaped children used. siglock. */
static void add_signal_usage(struct signal_struct *sig, bool self, bool children, struct rusage *r,
			     unsigned long *maxrss)
{
	if (children) {
		r->ru_nvcsw += sig->cnvcsw;
		r->ru_nivcsw += sig->cnivcsw;
		r->ru_minflt += sig->cmin_flt;
		r->ru_majflt += sig->cmaj_flt;
		*maxrss = max(*maxrss, sig->cmaxrss);
	}
	if (self) {
		r->ru_nvcsw += sig->nvcsw;
		r->ru_nivcsw += sig->nivcsw;
		r->ru_minflt += sig->min_flt;
		r->ru_majflt += sig->maj_flt;
		*maxrss = max(*maxrss, sig->maxrss);
	}
}

void rusage_set_times(struct rusage *r, u64 utime, u64 stime)
{
	r->ru_utime = ns_to_timeval(utime);
	r->ru_stime = ns_to_timeval(stime);
}

void getrusage(struct task_struct *t, int who, struct rusage *r)
{
	bool self = who == RUSAGE_SELF || who == RUSAGE_BOTH;
	bool children = who == RUSAGE_CHILDREN || who == RUSAGE_BOTH;
	u64 utime = 0, stime = 0, tu, ts;
	unsigned long flags, maxrss = 0;
	struct task_struct *thread;
	struct mm_struct *mm;

	memset(r, 0, sizeof(*r));
	if (who == RUSAGE_THREAD) {
		task_cputime_adjusted(t, &utime, &stime);
		add_thread_usage(t, r);
		maxrss = t->signal->maxrss;
	} else if (lock_task_sighand(t, &flags)) {
		add_signal_usage(t->signal, self, children, r, &maxrss);
		if (children) {
			utime = t->signal->cutime;
			stime = t->signal->cstime;
		}
		if (self) {
			for_each_thread (t, thread)
				add_thread_usage(thread, r);
		}
		unlock_task_sighand(t, &flags);
		if (self) {
			thread_group_cputime_adjusted(t, &tu, &ts);
			utime += tu;
			stime += ts;
		}
	}
	if (who != RUSAGE_CHILDREN) {
		mm = get_task_mm(t);
		if (mm) {
			maxrss = max(maxrss, max(get_mm_hiwater_rss(mm), get_mm_rss(mm)));
			mmput(mm);
		}
	}
	r->ru_maxrss = maxrss * (PAGE_SIZE / KIB(1));
	rusage_set_times(r, utime, stime);
}

SYSCALL_DEFINE2(getrusage, int, who, struct rusage __user *, ru)
{
	struct rusage r;

	if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN && who != RUSAGE_THREAD)
		return -EINVAL;
	getrusage(current, who, &r);
	return copy_to_user(ru, &r, sizeof(r)) ? -EFAULT : 0;
}

static long ns_to_clock_t(u64 ns)
{
	return ns / (NSEC_PER_SEC / USER_HZ);
}

SYSCALL_DEFINE1(times, struct tms __user *, tbuf)
{
	struct tms tms;
	u64 utime, stime;

	if (tbuf) {
		thread_group_cputime_adjusted(current, &utime, &stime);
		spin_lock_irq(&current->sighand->siglock);
		tms = (struct tms){
		    .tms_utime = ns_to_clock_t(utime),
		    .tms_stime = ns_to_clock_t(stime),
		    .tms_cutime = ns_to_clock_t(current->signal->cutime),
		    .tms_cstime = ns_to_clock_t(current->signal->cstime),
		};
		spin_unlock_irq(&current->sighand->siglock);
		if (copy_to_user(tbuf, &tms, sizeof(tms)))
			return -EFAULT;
	}
	return ns_to_clock_t(ktime_get());
}
