/* SPDX-License-Identifier: MIT */
/*
 * What travels beside the bytes: descriptors (SCM_RIGHTS) and ids (SCM_CREDENTIALS), from the
 * sender's control buffer and into the receiver's. unix(7), "Ancillary messages"; cmsg(3). Task
 * context, no locks.
 */
#include "unix.h"
#include <arch/uaccess.h>
#include <jiffy/file.h>
#include <jiffy/resource.h>
#include <jiffy/slab.h>

void scm_fp_free(struct scm_fp_list *fpl)
{
	int i;

	for (i = 0; i < fpl->count; i++)
		fput(fpl->fp[i]);
	free_uid(fpl->user);
	kfree(fpl);
}

struct scm_fp_list *scm_fp_dup(struct scm_fp_list *fpl)
{
	size_t size = sizeof(*fpl) + fpl->count * sizeof(fpl->fp[0]);
	struct scm_fp_list *dup = kmemdup(fpl, size, GFP_KERNEL);
	int i;

	if (!dup)
		return NULL;
	for (i = 0; i < dup->count; i++)
		get_file(dup->fp[i]);
	get_uid(dup->user);
	dup->max = dup->count;
	dup->inflight = false;
	unix_gc_barrier();
	return dup;
}

void scm_destroy(struct scm_cookie *scm)
{
	put_pid(scm->pid);
	scm->pid = NULL;
	if (scm->fp)
		scm_fp_free(scm->fp);
	scm->fp = NULL;
}

/* Room for num more descriptors; several messages of the kind make one list. */
static int scm_fp_reserve(struct scm_cookie *scm, int num)
{
	struct scm_fp_list *old = scm->fp, *fpl;
	int max = num + (old ? old->count : 0);

	if (max > SCM_MAX_FD)
		return -EINVAL;
	fpl = krealloc(old, sizeof(*fpl) + max * sizeof(fpl->fp[0]), GFP_KERNEL);
	if (!fpl)
		return -ENOMEM;
	if (!old)
		*fpl = (struct scm_fp_list){.user = get_uid(current_user())};
	fpl->max = max;
	scm->fp = fpl;
	return 0;
}

static int scm_fp_copy(const struct cmsghdr *cmsg, struct scm_cookie *scm)
{
	const int *fds = (const int *)(cmsg + 1);
	int num = (cmsg->cmsg_len - sizeof(*cmsg)) / sizeof(int), i, err;

	if (num <= 0)
		return 0;
	err = scm_fp_reserve(scm, num);
	if (err)
		return err;
	for (i = 0; i < num; i++) {
		struct file *file = fds[i] < 0 ? NULL : fget_raw(fds[i]);

		if (!file)
			return -EBADF;
		scm->fp->fp[scm->fp->count++] = file;
	}
	return 0;
}

/* One may give one's own ids; CAP_SYS_ADMIN, CAP_SETUID and CAP_SETGID lift that. unix(7). */
static bool may_send_ids(const struct ucred *c, kuid_t uid, kgid_t gid)
{
	const struct cred *cred = current_cred();
	struct user_namespace *ns = cred->user_ns;

	if (c->pid != (u32)task_tgid_vnr(current) &&
	    !ns_capable(task_active_pid_ns(current)->user_ns, CAP_SYS_ADMIN))
		return false;
	if (!uid_eq(uid, cred->uid) && !uid_eq(uid, cred->euid) && !uid_eq(uid, cred->suid) &&
	    !ns_capable(ns, CAP_SETUID))
		return false;
	return gid_eq(gid, cred->gid) || gid_eq(gid, cred->egid) || gid_eq(gid, cred->sgid) ||
	       ns_capable(ns, CAP_SETGID);
}

static int scm_copy_ids(const struct cmsghdr *cmsg, struct scm_cookie *scm)
{
	struct ucred c;
	struct pid *pid;
	kuid_t uid;
	kgid_t gid;

	if (cmsg->cmsg_len != CMSG_LEN(sizeof(c)))
		return -EINVAL;
	memcpy(&c, cmsg + 1, sizeof(c));
	uid = make_kuid(current_user_ns(), c.uid);
	gid = make_kgid(current_user_ns(), c.gid);
	if (!uid_valid(uid) || !gid_valid(gid))
		return -EINVAL;
	if (!may_send_ids(&c, uid, gid))
		return -EPERM;
	pid = find_get_pid(c.pid);
	if (!pid)
		return -ESRCH;
	put_pid(scm->pid);
	scm->pid = pid;
	scm->uid = uid;
	scm->gid = gid;
	return 0;
}

int scm_send(struct msghdr *msg, struct scm_cookie *scm)
{
	char *at = msg->msg_control_kern;
	size_t left = msg->msg_controllen;

	while (left >= sizeof(struct cmsghdr)) {
		const struct cmsghdr *cmsg = (const struct cmsghdr *)at;
		size_t step;
		int err = -EINVAL;

		if (cmsg->cmsg_len < sizeof(*cmsg) || cmsg->cmsg_len > left)
			goto error;
		if (cmsg->cmsg_level == SOL_SOCKET) {
			if (cmsg->cmsg_type == SCM_RIGHTS)
				err = scm_fp_copy(cmsg, scm);
			else if (cmsg->cmsg_type == SCM_CREDENTIALS)
				err = scm_copy_ids(cmsg, scm);
			if (err)
				goto error;
		}
		step = CMSG_ALIGN(cmsg->cmsg_len);
		if (step >= left)
			break;
		at += step;
		left -= step;
		continue;
	error:
		scm_destroy(scm);
		return err;
	}
	return 0;
}

/* As many descriptors as there is room for; the rest are closed and MSG_CTRUNC says so. */
static void scm_detach_fds(struct msghdr *msg, struct scm_fp_list *fpl, int flags)
{
	struct cmsghdr __user *cm = msg->msg_control;
	int __user *slot = (int __user *)(cm + 1);
	size_t room = cm && msg->msg_controllen > sizeof(*cm)
			  ? (msg->msg_controllen - sizeof(*cm)) / sizeof(int)
			  : 0;
	int max = min(room, (size_t)fpl->count), i;

	for (i = 0; i < max; i++) {
		int fd = get_unused_fd_flags(flags & MSG_CMSG_CLOEXEC ? O_CLOEXEC : 0);

		if (fd < 0)
			break;
		if (put_user(fd, slot + i)) {
			put_unused_fd(fd);
			break;
		}
		fd_install(fd, get_file(fpl->fp[i]));
	}
	if (i) {
		struct cmsghdr hdr = {CMSG_LEN(i * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};

		if (!copy_to_user(cm, &hdr, sizeof(hdr))) {
			size_t used = min(CMSG_SPACE(i * sizeof(int)), msg->msg_controllen);

			msg->msg_control = (char __user *)cm + used;
			msg->msg_controllen -= used;
		}
	}
	if (i < fpl->count)
		msg->msg_flags |= MSG_CTRUNC;
}

void scm_recv(struct unix_sock *u, struct msghdr *msg, struct scm_cookie *scm, int flags)
{
	if (sock_opt_flag(&u->opts, SOPT_PASSCRED) && msg->msg_control) {
		struct ucred c = {
		    .pid = scm->pid ? pid_vnr(scm->pid) : 0,
		    .uid = from_kuid_munged(current_user_ns(), scm->uid),
		    .gid = from_kgid_munged(current_user_ns(), scm->gid),
		};

		put_cmsg(msg, SOL_SOCKET, SCM_CREDENTIALS, sizeof(c), &c);
	} else if (scm->fp && !msg->msg_control) {
		msg->msg_flags |= MSG_CTRUNC;
	}
	if (scm->fp && msg->msg_control)
		scm_detach_fds(msg, scm->fp, flags | (int)(msg->msg_flags & MSG_CMSG_CLOEXEC));
	scm_destroy(scm);
}
