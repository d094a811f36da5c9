/* SPDX-License-Identifier: MIT */
/*
 * Capabilities: the check, capget(2), capset(2). capabilities(7), user_namespaces(7).
 */
#include <arch/uaccess.h>
#include <jiffy/fs.h>
#include <jiffy/syscalls.h>

#include "internal.h"

/*
 * A process has a capability over ns when its effective set has it and it is a member of ns or of
 * an ancestor; the user who made a namespace, acting from its parent, has all of them in it.
 */
bool cred_ns_capable(const struct cred *cred, struct user_namespace *target, int cap)
{
	struct user_namespace *ns = target;

	for (;;) {
		if (ns == cred->user_ns)
			return cap_raised(cred->cap_effective, cap);
		if (ns->level <= cred->user_ns->level)
			return false;
		if (ns->parent == cred->user_ns && uid_eq(ns->owner, cred->euid))
			return true;
		ns = ns->parent;
	}
}

bool ns_capable_noaudit(struct user_namespace *ns, int cap)
{
	return cred_ns_capable(current_cred(), ns, cap);
}

bool ns_capable(struct user_namespace *ns, int cap)
{
	ASSERT(cap_valid(cap));
	if (!cred_ns_capable(current_cred(), ns, cap))
		return false;
	current->flags |= PF_SUPERPRIV;
	return true;
}

bool capable(int cap)
{
	return ns_capable(&init_user_ns, cap);
}

bool has_ns_capability(struct task_struct *t, struct user_namespace *ns, int cap)
{
	bool ret;

	rcu_read_lock();
	ret = cred_ns_capable(__task_cred(t), ns, cap);
	rcu_read_unlock();
	return ret;
}

bool has_capability(struct task_struct *t, int cap)
{
	return has_ns_capability(t, &init_user_ns, cap);
}

bool file_ns_capable(const struct file *file, struct user_namespace *ns, int cap)
{
	return cred_ns_capable(file->f_cred, ns, cap);
}

/* How many 32-bit parts the caller's version has; -EINVAL after telling it ours. */
static int cap_version_parts(struct __user_cap_header_struct __user *header)
{
	u32 version;

	if (get_user(version, &header->version))
		return -EFAULT;
	switch (version) {
	case _LINUX_CAPABILITY_VERSION_1:
		return 1;
	case _LINUX_CAPABILITY_VERSION_2:
	case _LINUX_CAPABILITY_VERSION_3:
		return 2;
	default:
		if (put_user((u32)_LINUX_CAPABILITY_VERSION_3, &header->version))
			return -EFAULT;
		return -EINVAL;
	}
}

SYSCALL_DEFINE2(capget, struct __user_cap_header_struct __user *, header,
		struct __user_cap_data_struct __user *, dataptr)
{
	struct __user_cap_data_struct data[2];
	const struct cred *cred;
	struct task_struct *t;
	int parts = cap_version_parts(header), pid, i;

	/* Without a buffer it is a question for the version, which has been answered. */
	if (!dataptr && (parts > 0 || parts == -EINVAL))
		return 0;
	if (parts < 0)
		return parts;
	if (get_user(pid, &header->pid))
		return -EFAULT;
	if (pid < 0)
		return -EINVAL;
	rcu_read_lock();
	t = pid ? find_task_by_vpid(pid) : current;
	if (!t) {
		rcu_read_unlock();
		return -ESRCH;
	}
	cred = __task_cred(t);
	for (i = 0; i < 2; i++) {
		data[i].effective = cred->cap_effective >> (32 * i);
		data[i].permitted = cred->cap_permitted >> (32 * i);
		data[i].inheritable = cred->cap_inheritable >> (32 * i);
	}
	rcu_read_unlock();
	if (copy_to_user(dataptr, data, parts * sizeof(data[0])))
		return -EFAULT;
	return 0;
}

/* capabilities(7), "Programmatically adjusting capability sets". */
static int cap_capset(struct cred *new, const struct cred *old, kernel_cap_t effective,
		      kernel_cap_t inheritable, kernel_cap_t permitted)
{
	bool setpcap = cred_ns_capable(old, old->user_ns, CAP_SETPCAP);

	if (!setpcap && !cap_issubset(inheritable, old->cap_inheritable | old->cap_permitted))
		return -EPERM;
	if (!cap_issubset(inheritable, old->cap_inheritable | old->cap_bset))
		return -EPERM;
	if (!cap_issubset(permitted, old->cap_permitted))
		return -EPERM;
	if (!cap_issubset(effective, permitted))
		return -EPERM;
	new->cap_effective = effective;
	new->cap_inheritable = inheritable;
	new->cap_permitted = permitted;
	new->cap_ambient &= permitted &inheritable;
	return 0;
}

SYSCALL_DEFINE2(capset, struct __user_cap_header_struct __user *, header,
		const struct __user_cap_data_struct __user *, dataptr)
{
	struct __user_cap_data_struct data[2] = {{0, 0, 0}, {0, 0, 0}};
	kernel_cap_t set[3];
	struct cred *new;
	int parts = cap_version_parts(header), pid, ret, i;

	if (parts < 0)
		return parts;
	if (get_user(pid, &header->pid))
		return -EFAULT;
	if (pid && pid != task_pid_vnr(current))
		return -EPERM;
	if (copy_from_user(data, dataptr, parts * sizeof(data[0])))
		return -EFAULT;
	set[0] = data[0].effective | (u64)data[1].effective << 32;
	set[1] = data[0].inheritable | (u64)data[1].inheritable << 32;
	set[2] = data[0].permitted | (u64)data[1].permitted << 32;
	for (i = 0; i < 3; i++)
		set[i] &= CAP_FULL_SET;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	ret = cap_capset(new, current_cred(), set[0], set[1], set[2]);
	if (ret) {
		abort_creds(new);
		return ret;
	}
	return commit_creds(new);
}
