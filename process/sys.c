/* SPDX-License-Identifier: MIT */
/*
 * Small calls about the process and the system: getpid(2) and its kin, personality(2), getcpu(2),
 * sysinfo(2), reboot(2), umask-like state of the process that has no other home.
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

SYSCALL_DEFINE2(arch_prctl, int, option, unsigned long, arg2)
{
	return arch_prctl(current, option, arg2);
}
