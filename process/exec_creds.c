/* SPDX-License-Identifier: MIT */
/*
 * What exec does to credentials: set-user-ID and set-group-ID programs, and the transformation of
 * capabilities. execve(2), credentials(7), capabilities(7). Task context; cred_guard_mutex held.
 */
#include <jiffy/fs.h>
#include <jiffy/fs_struct.h>
#include <jiffy/mount.h>
#include <jiffy/mutation.h>
#include <jiffy/ptrace.h>
#include <uapi/prctl.h>
#include <uapi/stat.h>

#include "exec.h"

/* Who else could steer the program while it has more rights than they? */
void check_unsafe_exec(struct linux_binprm *bprm)
{
	struct fs_struct *fs = current->fs;
	struct task_struct *t;
	int sharers = 1;

	if (current->ptrace)
		bprm->unsafe |= LSM_UNSAFE_PTRACE;
	if (current->no_new_privs && !mutant(NO_NEW_PRIVS_IGNORED))
		bprm->unsafe |= LSM_UNSAFE_NO_NEW_PRIVS;
	spin_lock(&fs->lock);
	rcu_read_lock();
	for_each_thread (current, t)
		if (t != current && t->fs == fs)
			sharers++;
	rcu_read_unlock();
	/* Threads will be gone by then; a process with the same root directory will not. */
	if (fs->users > sharers)
		bprm->unsafe |= LSM_UNSAFE_SHARE;
	else
		fs->in_exec = 1;
	spin_unlock(&fs->lock);
}

static void bprm_fill_uid(struct linux_binprm *bprm, struct file *file)
{
	struct inode *inode = file_inode(file);
	struct cred *new = bprm->cred;
	umode_t mode = READ_ONCE(inode->i_mode);

	if (!mnt_may_suid(file->f_path.mnt) || mutant(SETUID_IGNORED) ||
	    (current->no_new_privs && !mutant(NO_NEW_PRIVS_IGNORED)))
		return;
	if (!(mode & (S_ISUID | S_ISGID)))
		return;
	/* The file's owner must mean something in the program's user namespace. */
	if (!kuid_has_mapping(new->user_ns, inode->i_uid) ||
	    !kgid_has_mapping(new->user_ns, inode->i_gid))
		return;
	if (mode & S_ISUID) {
		bprm->per_clear |= PER_CLEAR_ON_SETID;
		new->euid = inode->i_uid;
	}
	/* Without group execution the bit once meant mandatory locking. */
	if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP)) {
		bprm->per_clear |= PER_CLEAR_ON_SETID;
		new->egid = inode->i_gid;
	}
}

static bool tracer_may_see(const struct cred *new)
{
	const struct cred *tracer = current->ptracer_cred;

	return !tracer || cred_ns_capable(tracer, new->user_ns, CAP_SYS_PTRACE);
}

/* Rights were gained although somebody could abuse them: they are taken away again. */
static void downgrade_unsafe(struct linux_binprm *bprm, const struct cred *old)
{
	struct cred *new = bprm->cred;

	if (!(bprm->unsafe & ~LSM_UNSAFE_PTRACE) && tracer_may_see(new))
		return;
	if (!ns_capable(new->user_ns, CAP_SETUID) || (bprm->unsafe & LSM_UNSAFE_NO_NEW_PRIVS)) {
		new->euid = new->uid;
		new->egid = new->gid;
	}
	new->cap_permitted &= old->cap_permitted;
}

/*
 * capabilities(7): P'(permitted) = (P(inheritable) & F(inheritable)) | (F(permitted) & P(bounding))
 * | P'(ambient), where the file's sets are all ones for root and empty for others.
 */
void bprm_creds_from_file(struct linux_binprm *bprm)
{
	const struct cred *old = current_cred();
	struct cred *new = bprm->cred;
	kuid_t root;
	bool effective = false, setid;

	bprm_fill_uid(bprm, bprm->execfd_creds ? bprm->executable : bprm->file);
	root = make_kuid(new->user_ns, 0);
	new->cap_permitted = 0;
	if (!(new->securebits &SECBIT_NOROOT)) {
		if (uid_eq(new->euid, root) || uid_eq(new->uid, root))
			new->cap_permitted = old->cap_bset | old->cap_inheritable;
		effective = uid_eq(new->euid, root);
	}
	setid = !uid_eq(new->euid, old->uid) || !gid_eq(new->egid, old->gid);
	if (setid || !cap_issubset(new->cap_permitted, old->cap_permitted))
		downgrade_unsafe(bprm, old);
	new->suid = new->fsuid = new->euid;
	new->sgid = new->fsgid = new->egid;
	if (setid)
		new->cap_ambient = 0;
	new->cap_permitted |= new->cap_ambient;
	new->cap_effective = effective ? new->cap_permitted : new->cap_ambient;
	new->securebits &= ~SECBIT_KEEP_CAPS;
	bprm->secureexec = setid || (!uid_eq(new->uid, root) &&
				     (effective || new->cap_permitted != new->cap_ambient));
}
