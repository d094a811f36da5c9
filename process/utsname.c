/* SPDX-License-Identifier: MIT */
/* uname(2), sethostname(2), setdomainname(2), and the namespaces of these names. uts_namespaces(7)
 */
#include <arch/uaccess.h>
#include <jiffy/gfp.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include <jiffy/syscalls.h>
#include <uapi/prctl.h>

#include "internal.h"
#include "ns.h"

DECLARE_RWSEM(uts_sem);

struct uts_namespace init_uts_ns = {
    .ns = {.count = REFCOUNT_INIT(2), .inum = PROC_UTS_INIT_INO, .ops = &utsns_operations},
    .name =
	{
	    .sysname = "Linux",
	    .nodename = "(none)",
	    .release = "6.1.0-jiffy",
	    .version = "#1 SMP PREEMPT",
	    .machine = "x86_64",
	    .domainname = "(none)",
	},
    .user_ns = &init_user_ns,
};

struct new_utsname *utsname(void)
{
	return &current->nsproxy->uts_ns->name;
}

static struct uts_namespace *get_uts_ns(struct uts_namespace *ns)
{
	refcount_inc(&ns->ns.count);
	return ns;
}

void put_uts_ns(struct uts_namespace *ns)
{
	if (refcount_dec_and_test(&ns->ns.count)) {
		put_user_ns(ns->user_ns);
		kfree(ns);
	}
}

struct uts_namespace *copy_utsname(unsigned long flags, struct user_namespace *user_ns,
				   struct uts_namespace *old)
{
	struct uts_namespace *ns;

	if (!(flags & CLONE_NEWUTS))
		return get_uts_ns(old);
	ns = kmalloc(sizeof(*ns), GFP_KERNEL);
	if (!ns)
		return ERR_PTR(-ENOMEM);
	refcount_set(&ns->ns.count, 1);
	ns->ns.inum = ns_alloc_inum();
	ns->ns.ops = &utsns_operations;
	down_read(&uts_sem);
	ns->name = old->name;
	up_read(&uts_sem);
	ns->user_ns = get_user_ns(user_ns);
	return ns;
}

/*
 * What programs that know no version above 2.6 are told, personality(2): of 6.MINOR it is
 * 2.6.(60 + MINOR). What follows the numbers stays.
 */
static void release_as_2_6(char *release)
{
	char real[__NEW_UTS_LEN + 1];
	unsigned int number[2] = {0, 0}, dots = 0;
	const char *rest;

	strscpy(real, release, sizeof(real));
	for (rest = real; (*rest >= '0' && *rest <= '9') || *rest == '.'; rest++) {
		if (*rest == '.')
			dots++;
		else if (dots < ARRAY_SIZE(number))
			number[dots] = number[dots] * 10 + *rest - '0';
	}
	snprintf(release, __NEW_UTS_LEN + 1, "2.6.%u%s", 60 + number[1], rest);
}

SYSCALL_DEFINE1(uname, struct new_utsname __user *, name)
{
	struct new_utsname tmp;

	down_read(&uts_sem);
	tmp = *utsname();
	up_read(&uts_sem);
	/* A personality may want to look like a 32-bit machine: setarch(8). */
	if ((current->personality & PER_MASK) == PER_LINUX32)
		strscpy(tmp.machine, "i686", sizeof(tmp.machine));
	if (current->personality & UNAME26)
		release_as_2_6(tmp.release);
	return copy_to_user(name, &tmp, sizeof(tmp)) ? -EFAULT : 0;
}

/* field: one of the current namespace's names. */
static int set_name(char *field, const char __user *name, int len)
{
	char tmp[__NEW_UTS_LEN + 1] = {0};

	if (!ns_capable(current->nsproxy->uts_ns->user_ns, CAP_SYS_ADMIN))
		return -EPERM;
	if (len < 0 || len > __NEW_UTS_LEN)
		return -EINVAL;
	if (copy_from_user(tmp, name, len))
		return -EFAULT;
	down_write(&uts_sem);
	memcpy(field, tmp, sizeof(tmp));
	up_write(&uts_sem);
	return 0;
}

SYSCALL_DEFINE2(sethostname, const char __user *, name, int, len)
{
	return set_name(utsname()->nodename, name, len);
}

SYSCALL_DEFINE2(setdomainname, const char __user *, name, int, len)
{
	return set_name(utsname()->domainname, name, len);
}

static struct uts_namespace *to_uts_ns(struct ns_common *ns)
{
	return container_of(ns, struct uts_namespace, ns);
}

static struct ns_common *utsns_get(struct task_struct *task)
{
	struct uts_namespace *ns = NULL;

	task_lock(task);
	if (task->nsproxy)
		ns = get_uts_ns(task->nsproxy->uts_ns);
	task_unlock(task);
	return ns ? &ns->ns : NULL;
}

static void utsns_put(struct ns_common *ns)
{
	put_uts_ns(to_uts_ns(ns));
}

static int utsns_install(struct nsset *set, struct ns_common *new)
{
	struct uts_namespace *ns = to_uts_ns(new);

	if (!ns_capable(ns->user_ns, CAP_SYS_ADMIN) ||
	    !cred_ns_capable(set->cred, set->cred->user_ns, CAP_SYS_ADMIN))
		return -EPERM;
	get_uts_ns(ns);
	put_uts_ns(set->nsproxy->uts_ns);
	set->nsproxy->uts_ns = ns;
	return 0;
}

static struct user_namespace *utsns_owner(struct ns_common *ns)
{
	return to_uts_ns(ns)->user_ns;
}

const struct proc_ns_operations utsns_operations = {
    .name = "uts",
    .type = CLONE_NEWUTS,
    .get = utsns_get,
    .put = utsns_put,
    .install = utsns_install,
    .owner = utsns_owner,
};
