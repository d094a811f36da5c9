/* SPDX-License-Identifier: MIT */
/*
 * Small calls about the process and the system: getpid(2) and its kin, personality(2), getcpu(2),
 * sysinfo(2), reboot(2), ioprio_set(2), umask-like state of the process that has no other home.
 */
#include <arch/boot.h>
#include <arch/task.h>
#include <arch/uaccess.h>
#include <jiffy/device.h>
#include <jiffy/init.h>
#include <jiffy/mm.h>
#include <jiffy/resource.h>
#include <jiffy/string.h>
#include <jiffy/syscalls.h>
#include <uapi/prctl.h>

#include "internal.h"

SYSCALL_DEFINE0(getpid)
{
	return task_tgid_vnr(current);
}

SYSCALL_DEFINE0(gettid)
{
	return task_pid_vnr(current);
}

SYSCALL_DEFINE0(getppid)
{
	return task_ppid_nr_ns(current, task_active_pid_ns(current));
}

SYSCALL_DEFINE1(personality, unsigned int, personality)
{
	unsigned int old = current->personality;

	if (personality != 0xffffffff)
		current->personality = personality;
	return old;
}

SYSCALL_DEFINE3(getcpu, unsigned int __user *, cpup, unsigned int __user *, nodep, void __user *,
		unused)
{
	int cpu = raw_smp_processor_id();
	unsigned int node = boot_info.cpu_to_node[cpu];

	if (cpup && put_user((unsigned int)cpu, cpup))
		return -EFAULT;
	if (nodep && put_user(node, nodep))
		return -EFAULT;
	return 0;
}

SYSCALL_DEFINE1(sysinfo, struct sysinfo __user *, uinfo)
{
	struct sysinfo_mem mem;
	struct sysinfo info;
	int i;

	memset(&info, 0, sizeof(info));
	si_meminfo(&mem);
	info.uptime = DIV_ROUND_UP(ktime_get_boottime(), NSEC_PER_SEC);
	for (i = 0; i < 3; i++)
		info.loads[i] = avenrun[i] << (SI_LOAD_SHIFT - FSHIFT);
	info.procs = min(nr_threads, 0xffff);
	info.totalram = mem.totalram << PAGE_SHIFT;
	info.freeram = mem.freeram << PAGE_SHIFT;
	info.sharedram = mem.sharedram << PAGE_SHIFT;
	info.bufferram = mem.bufferram << PAGE_SHIFT;
	info.mem_unit = 1;
	return copy_to_user(uinfo, &info, sizeof(info)) ? -EFAULT : 0;
}

/* The firmware here takes no command; who gave one finds it in the log. 0 or -EFAULT. */
static int log_restart_command(const char __user *arg)
{
	char command[256];
	long len = strncpy_from_user(command, arg, sizeof(command) - 1);

	if (len < 0)
		return -EFAULT;
	command[len] = '\0';
	pr_emerg("Restarting system with command '%s'\n", command);
	return 0;
}

SYSCALL_DEFINE4(reboot, int, magic1, int, magic2, unsigned int, cmd, void __user *, arg)
{
	struct pid_namespace *ns = task_active_pid_ns(current);
	int ret;

	if (!ns_capable(ns->user_ns, CAP_SYS_BOOT))
		return -EPERM;
	if ((u32)magic1 != LINUX_REBOOT_MAGIC1 ||
	    (magic2 != LINUX_REBOOT_MAGIC2 && magic2 != LINUX_REBOOT_MAGIC2A &&
	     magic2 != LINUX_REBOOT_MAGIC2B && magic2 != LINUX_REBOOT_MAGIC2C))
		return -EINVAL;
	/* In a namespace of its own it is that one's end, which init's parent sees as a signal. */
	ret = reboot_pid_ns(ns, cmd);
	if (ret || ns != &init_pid_ns)
		return ret;
	switch (cmd) {
	case LINUX_REBOOT_CMD_RESTART2:
		ret = log_restart_command(arg);
		if (ret)
			return ret;
		fallthrough;
	case LINUX_REBOOT_CMD_RESTART:
		system_state = SYSTEM_RESTART;
		devices_drain();
		arch_machine_end(MACHINE_RESTART);
	case LINUX_REBOOT_CMD_POWER_OFF:
		system_state = SYSTEM_POWER_OFF;
		devices_drain();
		arch_machine_end(MACHINE_POWER_OFF);
	case LINUX_REBOOT_CMD_HALT:
		system_state = SYSTEM_HALT;
		devices_drain();
		arch_machine_end(MACHINE_POWER_OFF);
	case LINUX_REBOOT_CMD_CAD_ON:
	case LINUX_REBOOT_CMD_CAD_OFF:
		return 0; /* there is no keyboard to press it on */
	default:
		return -EINVAL;
	}
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

static int set_task_ioprio(struct task_struct *t, int ioprio)
{
	const struct cred *cred = current_cred(), *tcred = __task_cred(t);

	if (!uid_eq(tcred->uid, cred->euid) && !uid_eq(tcred->uid, cred->uid) &&
	    !ns_capable(tcred->user_ns, CAP_SYS_NICE))
		return -EPERM;
	t->ioprio = ioprio;
	return 0;
}

/* A task without a choice of its own has a best-effort level by its nice value. */
static int effective_ioprio(struct task_struct *t)
{
	if (IOPRIO_PRIO_CLASS(t->ioprio) != IOPRIO_CLASS_NONE)
		return t->ioprio;
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
	int ioprio; /* to set, or the best found */
	int ret;    /* -ESRCH until one task was found */
};

static void ioprio_visit(struct task_struct *t, struct ioprio_walk *w)
{
	if (w->set) {
		int err = set_task_ioprio(t, w->ioprio);

		if (w->ret != -EPERM)
			w->ret = err;
		return;
	}
	w->ioprio = best_ioprio(w->ioprio, effective_ioprio(t));
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
	struct ioprio_walk w = {.set = false};
	int ret = ioprio_walk(which, who, &w);

	return ret ? ret : w.ioprio;
}

SYSCALL_DEFINE2(arch_prctl, int, option, unsigned long, arg2)
{
	return arch_prctl(current, option, arg2);
}
