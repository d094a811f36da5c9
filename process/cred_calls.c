/* SPDX-License-Identifier: MIT */
/*
 * The calls that show and change users and groups: setuid(2), setreuid(2), setresuid(2),
 * setfsuid(2), setgroups(2) and their kin. credentials(7), capabilities(7). Task context.
 */
#include <arch/uaccess.h>
#include <jiffy/resource.h>
#include <jiffy/syscalls.h>

#include "internal.h"

#define SHOW_ID(name, field, from)                                     \
	SYSCALL_DEFINE0(name)                                          \
	{                                                              \
		return from(current_user_ns(), current_cred()->field); \
	}
SHOW_ID(getuid, uid, from_kuid_munged)
SHOW_ID(geteuid, euid, from_kuid_munged)
SHOW_ID(getgid, gid, from_kgid_munged)
SHOW_ID(getegid, egid, from_kgid_munged)

/* The user's counts go with the real user id. */
static int set_user(struct cred *new)
{
	struct user_struct *user = alloc_uid(new->uid);

	if (!user)
		return -EAGAIN;
	free_uid(new->user);
	new->user = user;
	/* Programs rarely look whether setuid() failed; so it does not, but exec will. */
	if (atomic_read(&user->processes) > rlimit(RLIMIT_NPROC) && user != &root_user)
		current->flags |= PF_NPROC_EXCEEDED;
	else
		current->flags &= ~PF_NPROC_EXCEEDED;
	return 0;
}

/* capabilities(7), "Effect of user ID changes on capabilities". */
static void fix_capabilities(struct cred *new, const struct cred *old)
{
	kuid_t root = make_kuid(old->user_ns, 0);
	bool was, is;

	if (new->securebits & SECBIT_NO_SETUID_FIXUP)
		return;
	was = uid_eq(old->uid, root) || uid_eq(old->euid, root) || uid_eq(old->suid, root);
	is = uid_eq(new->uid, root) || uid_eq(new->euid, root) || uid_eq(new->suid, root);
	if (was && !is) {
		if (!(new->securebits &SECBIT_KEEP_CAPS)) {
			new->cap_permitted = 0;
			new->cap_effective = 0;
		}
		new->cap_ambient = 0;
	}
	if (uid_eq(old->euid, root) && !uid_eq(new->euid, root))
		new->cap_effective = 0;
	if (!uid_eq(old->euid, root) && uid_eq(new->euid, root))
		new->cap_effective = new->cap_permitted;
}

static long commit_uids(struct cred *new)
{
	const struct cred *old = current_cred();
	int ret = 0;

	new->fsuid = new->euid;
	if (!uid_eq(new->uid, old->uid))
		ret = set_user(new);
	if (ret) {
		abort_creds(new);
		return ret;
	}
	fix_capabilities(new, old);
	return commit_creds(new);
}

static bool may_setuid(const struct cred *old)
{
	return ns_capable(old->user_ns, CAP_SETUID);
}

static bool may_setgid(const struct cred *old)
{
	return ns_capable(old->user_ns, CAP_SETGID);
}

SYSCALL_DEFINE1(setuid, uid_t, uid)
{
	const struct cred *old = current_cred();
	kuid_t kuid = make_kuid(old->user_ns, uid);
	struct cred *new;

	if (!uid_valid(kuid))
		return -EINVAL;
	if (!may_setuid(old) && !uid_eq(kuid, old->uid) && !uid_eq(kuid, old->suid))
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	if (may_setuid(old))
		new->suid = new->uid = kuid;
	new->euid = kuid;
	return commit_uids(new);
}

SYSCALL_DEFINE2(setreuid, uid_t, ruid, uid_t, euid)
{
	const struct cred *old = current_cred();
	kuid_t kr = make_kuid(old->user_ns, ruid), ke = make_kuid(old->user_ns, euid);
	struct cred *new;

	if ((ruid != (uid_t)-1 && !uid_valid(kr)) || (euid != (uid_t)-1 && !uid_valid(ke)))
		return -EINVAL;
	if (ruid != (uid_t)-1 && !uid_eq(kr, old->uid) && !uid_eq(kr, old->euid) &&
	    !may_setuid(old))
		return -EPERM;
	if (euid != (uid_t)-1 && !uid_eq(ke, old->uid) && !uid_eq(ke, old->euid) &&
	    !uid_eq(ke, old->suid) && !may_setuid(old))
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	if (ruid != (uid_t)-1)
		new->uid = kr;
	if (euid != (uid_t)-1)
		new->euid = ke;
	if (ruid != (uid_t)-1 || (euid != (uid_t)-1 && !uid_eq(ke, old->uid)))
		new->suid = new->euid;
	return commit_uids(new);
}

/* setresuid: each of the three may become what any of the three is. */
static bool uid_among(const struct cred *c, kuid_t u)
{
	return uid_eq(u, c->uid) || uid_eq(u, c->euid) || uid_eq(u, c->suid);
}

static bool gid_among(const struct cred *c, kgid_t g)
{
	return gid_eq(g, c->gid) || gid_eq(g, c->egid) || gid_eq(g, c->sgid);
}

SYSCALL_DEFINE3(setresuid, uid_t, ruid, uid_t, euid, uid_t, suid)
{
	const struct cred *old = current_cred();
	uid_t want[3] = {ruid, euid, suid};
	kuid_t k[3];
	struct cred *new;
	int i;

	for (i = 0; i < 3; i++) {
		k[i] = make_kuid(old->user_ns, want[i]);
		if (want[i] != (uid_t)-1 && !uid_valid(k[i]))
			return -EINVAL;
	}
	for (i = 0; i < 3; i++)
		if (want[i] != (uid_t)-1 && !uid_among(old, k[i]) && !may_setuid(old))
			return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	if (ruid != (uid_t)-1)
		new->uid = k[0];
	if (euid != (uid_t)-1)
		new->euid = k[1];
	if (suid != (uid_t)-1)
		new->suid = k[2];
	return commit_uids(new);
}

SYSCALL_DEFINE3(getresuid, uid_t __user *, ruid, uid_t __user *, euid, uid_t __user *, suid)
{
	const struct cred *c = current_cred();

	if (put_user(from_kuid_munged(c->user_ns, c->uid), ruid) ||
	    put_user(from_kuid_munged(c->user_ns, c->euid), euid) ||
	    put_user(from_kuid_munged(c->user_ns, c->suid), suid))
		return -EFAULT;
	return 0;
}

SYSCALL_DEFINE1(setgid, gid_t, gid)
{
	const struct cred *old = current_cred();
	kgid_t kgid = make_kgid(old->user_ns, gid);
	struct cred *new;

	if (!gid_valid(kgid))
		return -EINVAL;
	if (!may_setgid(old) && !gid_eq(kgid, old->gid) && !gid_eq(kgid, old->sgid))
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	if (may_setgid(old))
		new->gid = new->sgid = kgid;
	new->egid = new->fsgid = kgid;
	return commit_creds(new);
}

SYSCALL_DEFINE2(setregid, gid_t, rgid, gid_t, egid)
{
	const struct cred *old = current_cred();
	kgid_t kr = make_kgid(old->user_ns, rgid), ke = make_kgid(old->user_ns, egid);
	struct cred *new;

	if ((rgid != (gid_t)-1 && !gid_valid(kr)) || (egid != (gid_t)-1 && !gid_valid(ke)))
		return -EINVAL;
	if (rgid != (gid_t)-1 && !gid_eq(kr, old->gid) && !gid_eq(kr, old->egid) &&
	    !may_setgid(old))
		return -EPERM;
	if (egid != (gid_t)-1 && !gid_among(old, ke) && !may_setgid(old))
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	if (rgid != (gid_t)-1)
		new->gid = kr;
	if (egid != (gid_t)-1)
		new->egid = ke;
	if (rgid != (gid_t)-1 || (egid != (gid_t)-1 && !gid_eq(ke, old->gid)))
		new->sgid = new->egid;
	new->fsgid = new->egid;
	return commit_creds(new);
}

SYSCALL_DEFINE3(setresgid, gid_t, rgid, gid_t, egid, gid_t, sgid)
{
	const struct cred *old = current_cred();
	gid_t want[3] = {rgid, egid, sgid};
	kgid_t k[3];
	struct cred *new;
	int i;

	for (i = 0; i < 3; i++) {
		k[i] = make_kgid(old->user_ns, want[i]);
		if (want[i] != (gid_t)-1 && !gid_valid(k[i]))
			return -EINVAL;
	}
	for (i = 0; i < 3; i++)
		if (want[i] != (gid_t)-1 && !gid_among(old, k[i]) && !may_setgid(old))
			return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	if (rgid != (gid_t)-1)
		new->gid = k[0];
	if (egid != (gid_t)-1)
		new->egid = k[1];
	if (sgid != (gid_t)-1)
		new->sgid = k[2];
	new->fsgid = new->egid;
	return commit_creds(new);
}

SYSCALL_DEFINE3(getresgid, gid_t __user *, rgid, gid_t __user *, egid, gid_t __user *, sgid)
{
	const struct cred *c = current_cred();

	if (put_user(from_kgid_munged(c->user_ns, c->gid), rgid) ||
	    put_user(from_kgid_munged(c->user_ns, c->egid), egid) ||
	    put_user(from_kgid_munged(c->user_ns, c->sgid), sgid))
		return -EFAULT;
	return 0;
}

/* Capabilities that let one pass over file permissions follow the file system user. */
#define CAP_FS_SET                                                                    \
	(1ULL << CAP_CHOWN | 1ULL << CAP_DAC_OVERRIDE | 1ULL << CAP_DAC_READ_SEARCH | \
	 1ULL << CAP_FOWNER | 1ULL << CAP_FSETID | 1ULL << CAP_LINUX_IMMUTABLE |      \
	 1ULL << CAP_MKNOD | 1ULL << CAP_MAC_OVERRIDE)

SYSCALL_DEFINE1(setfsuid, uid_t, uid)
{
	const struct cred *old = current_cred();
	uid_t old_fsuid = from_kuid_munged(old->user_ns, old->fsuid);
	kuid_t kuid = make_kuid(old->user_ns, uid), root = make_kuid(old->user_ns, 0);
	struct cred *new;

	if (!uid_valid(kuid) || uid_eq(kuid, old->fsuid) ||
	    (!uid_among(old, kuid) && !may_setuid(old)))
		return old_fsuid;
	new = prepare_creds();
	if (!new)
		return old_fsuid;
	new->fsuid = kuid;
	if (!(new->securebits &SECBIT_NO_SETUID_FIXUP)) {
		if (uid_eq(old->fsuid, root))
			new->cap_effective &= ~CAP_FS_SET;
		else if (uid_eq(kuid, root))
			new->cap_effective |= new->cap_permitted &CAP_FS_SET;
	}
	commit_creds(new);
	return old_fsuid;
}

SYSCALL_DEFINE1(setfsgid, gid_t, gid)
{
	const struct cred *old = current_cred();
	gid_t old_fsgid = from_kgid_munged(old->user_ns, old->fsgid);
	kgid_t kgid = make_kgid(old->user_ns, gid);
	struct cred *new;

	if (!gid_valid(kgid) || gid_eq(kgid, old->fsgid) ||
	    (!gid_among(old, kgid) && !may_setgid(old)))
		return old_fsgid;
	new = prepare_creds();
	if (!new)
		return old_fsgid;
	new->fsgid = kgid;
	commit_creds(new);
	return old_fsgid;
}

SYSCALL_DEFINE2(getgroups, int, size, gid_t __user *, list)
{
	const struct cred *cred = current_cred();
	const struct group_info *gi = cred->group_info;
	int i;

	if (size < 0)
		return -EINVAL;
	if (!size)
		return gi->ngroups;
	if (gi->ngroups > size)
		return -EINVAL;
	for (i = 0; i < gi->ngroups; i++)
		if (put_user(from_kgid_munged(cred->user_ns, gi->gid[i]), list + i))
			return -EFAULT;
	return gi->ngroups;
}

SYSCALL_DEFINE2(setgroups, int, size, gid_t __user *, list)
{
	struct user_namespace *ns = current_user_ns();
	struct group_info *gi;
	struct cred *new;
	gid_t gid;
	int i;

	if (!ns_capable(ns, CAP_SETGID) || !userns_may_setgroups(ns))
		return -EPERM;
	if (size < 0 || size > NGROUPS_MAX)
		return -EINVAL;
	gi = groups_alloc(size);
	if (!gi)
		return -ENOMEM;
	for (i = 0; i < size; i++) {
		int bad = get_user(gid, list + i) ? -EFAULT : 0;

		gi->gid[i] = make_kgid(ns, gid);
		if (!bad && !gid_valid(gi->gid[i]))
			bad = -EINVAL;
		if (bad) {
			put_group_info(gi);
			return bad;
		}
	}
	groups_sort(gi);
	new = prepare_creds();
	if (!new) {
		put_group_info(gi);
		return -ENOMEM;
	}
	put_group_info(new->group_info);
	new->group_info = gi;
	return commit_creds(new);
}
