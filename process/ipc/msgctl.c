/* SPDX-License-Identifier: MIT */
/*
 * msgget(2) and msgctl(2): message queues are made, looked at, changed and removed; their lines
 * in /proc/sysvipc/msg. Rules in util.h. Task context.
 */
#include <arch/uaccess.h>
#include <jiffy/ktime.h>
#include <jiffy/seq_file.h>
#include <jiffy/syscalls.h>

#include "msg.h"

void msg_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct msg_queue, q_perm.rcu));
}

static int newque(struct ipc_namespace *ns, const struct ipc_params *params)
{
	struct msg_queue *msq = kzalloc(sizeof(*msq), GFP_KERNEL);
	int id, err;

	lockdep_assert_held(&msg_ids(ns)->rwsem);
	if (!msq)
		return -ENOMEM;
	ipc_init_perm(&msq->q_perm, params);
	msq->q_ctime = ktime_get_real_seconds();
	msq->q_qbytes = ns->msg_ctlmnb;
	INIT_LIST_HEAD(&msq->q_messages);
	INIT_LIST_HEAD(&msq->q_receivers);
	INIT_LIST_HEAD(&msq->q_senders);
	err = ipc_addid(msg_ids(ns), &msq->q_perm, ns->msg_ctlmni);
	if (err) {
		msg_putref(msq);
		return err;
	}
	id = msq->q_perm.id;
	ipc_unlock_object(&msq->q_perm);
	return id;
}

SYSCALL_DEFINE2(msgget, key_t, key, int, msgflg)
{
	static const struct ipc_ops ops = {.getnew = newque};
	struct ipc_namespace *ns = current_ipc_ns();
	struct ipc_params params = {.key = key, .flg = msgflg};

	return ipcget(ns, msg_ids(ns), &ops, &params);
}

/* Removes a locked queue: every waiting call ends with EIDRM. The lock is given back. */
static void freeque(struct ipc_namespace *ns, struct kern_ipc_perm *perm)
{
	struct msg_queue *msq = to_msq(perm);
	struct wake_batch wakes = {.nr = 0};
	struct msg_msg *msg, *n;
	LIST_HEAD(messages);

	lockdep_assert_held(&msg_ids(ns)->rwsem);
	ipc_rmid(msg_ids(ns), perm);
	msg_wake_receivers(msq, -EIDRM, &wakes);
	msg_wake_senders(msq, true, &wakes);
	list_splice_init(&msq->q_messages, &messages);
	atomic_long_sub(msq->q_qnum, &ns->msg_hdrs);
	atomic_long_sub(msq->q_cbytes, &ns->msg_bytes);
	ipc_unlock_object(perm);

	wake_batch_flush(&wakes);
	list_for_each_entry_safe (msg, n, &messages, list)
		kvfree(msg);
	put_pid(msq->q_lspid);
	put_pid(msq->q_lrpid);
	msg_putref(msq);
}

void msg_exit_ns(struct ipc_namespace *ns)
{
	ipc_free_all(ns, msg_ids(ns), freeque);
}

static long msgctl_info(struct ipc_namespace *ns, int cmd, struct msginfo __user *arg)
{
	struct msginfo info = {
	    .msgmni = ns->msg_ctlmni,
	    .msgmax = ns->msg_ctlmax,
	    .msgmnb = ns->msg_ctlmnb,
	    .msgssz = MSGSSZ,
	    .msgseg = MSGSEG,
	    .msgpool = MSGPOOL,
	    .msgmap = MSGMAP,
	    .msgtql = MSGTQL,
	};
	int max_index;

	down_read(&msg_ids(ns)->rwsem);
	if (cmd == MSG_INFO) {
		info.msgpool = msg_ids(ns)->in_use;
		info.msgmap = min(atomic_long_read(&ns->msg_hdrs), (s64)INT32_MAX);
		info.msgtql = min(atomic_long_read(&ns->msg_bytes), (s64)INT32_MAX);
	}
	max_index = ipc_max_index(msg_ids(ns));
	up_read(&msg_ids(ns)->rwsem);
	return copy_to_user(arg, &info, sizeof(info)) ? -EFAULT : max_index;
}

static long msgctl_stat(struct ipc_namespace *ns, int msqid, int cmd, struct msqid64_ds __user *arg)
{
	struct msqid64_ds ds = {};
	struct kern_ipc_perm *perm;
	struct msg_queue *msq;
	long ret = 0;

	perm =
	    cmd == IPC_STAT ? ipc_lock_id(msg_ids(ns), msqid) : ipc_lock_index(msg_ids(ns), msqid);
	if (IS_ERR(perm))
		return PTR_ERR(perm);
	msq = to_msq(perm);
	if (cmd != MSG_STAT_ANY)
		ret = ipcperms(ns, perm, S_IRUGO);
	if (!ret) {
		kernel_to_ipc64_perm(perm, &ds.msg_perm);
		ds.msg_stime = msq->q_stime;
		ds.msg_rtime = msq->q_rtime;
		ds.msg_ctime = msq->q_ctime;
		ds.msg_cbytes = msq->q_cbytes;
		ds.msg_qnum = msq->q_qnum;
		ds.msg_qbytes = msq->q_qbytes;
		ds.msg_lspid = pid_vnr(msq->q_lspid);
		ds.msg_lrpid = pid_vnr(msq->q_lrpid);
		ret = cmd == IPC_STAT ? 0 : perm->id;
	}
	ipc_unlock_object(perm);
	if (ret >= 0 && copy_to_user(arg, &ds, sizeof(ds)))
		ret = -EFAULT;
	return ret;
}

static long msgctl_set(struct ipc_namespace *ns, struct msg_queue *msq, const struct msqid64_ds *ds,
		       struct wake_batch *wakes)
{
	int err;

	lockdep_assert_held(&msq->q_perm.lock);
	if (ds->msg_qbytes > ns->msg_ctlmnb && !ns_capable(ns->user_ns, CAP_SYS_RESOURCE))
		return -EPERM;
	err = ipc_update_perm(&ds->msg_perm, &msq->q_perm);
	if (err)
		return err;
	msq->q_qbytes = ds->msg_qbytes;
	msq->q_ctime = ktime_get_real_seconds();
	/* The new permissions may forbid what some wait for, and there may be more room. */
	msg_wake_receivers(msq, -EAGAIN, wakes);
	msg_wake_senders(msq, true, wakes);
	return 0;
}

/* IPC_RMID and IPC_SET. User memory was read before, since a fault may not come under rwsem. */
static long msgctl_down(struct ipc_namespace *ns, int msqid, int cmd, const struct msqid64_ds *ds)
{
	struct wake_batch wakes = {.nr = 0};
	struct kern_ipc_perm *perm;
	long ret = 0;

	down_write(&msg_ids(ns)->rwsem);
	perm = ipcctl_obtain(ns, msg_ids(ns), msqid);
	if (IS_ERR(perm)) {
		ret = PTR_ERR(perm);
	} else if (cmd == IPC_RMID) {
		freeque(ns, perm);
	} else {
		ret = msgctl_set(ns, to_msq(perm), ds, &wakes);
		ipc_unlock_object(perm);
	}
	up_write(&msg_ids(ns)->rwsem);
	wake_batch_flush(&wakes);
	return ret;
}

SYSCALL_DEFINE3(msgctl, int, msqid, int, cmd, struct msqid64_ds __user *, buf)
{
	struct ipc_namespace *ns = current_ipc_ns();
	struct msqid64_ds ds;

	if (msqid < 0 || cmd < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
	case MSG_INFO:
		return msgctl_info(ns, cmd, (struct msginfo __user *)buf);
	case IPC_STAT:
	case MSG_STAT:
	case MSG_STAT_ANY:
		return msgctl_stat(ns, msqid, cmd, buf);
	case IPC_SET:
		if (copy_from_user(&ds, buf, sizeof(ds)))
			return -EFAULT;
		return msgctl_down(ns, msqid, cmd, &ds);
	case IPC_RMID:
		return msgctl_down(ns, msqid, cmd, NULL);
	default:
		return -EINVAL;
	}
}

static void msg_proc_show(struct seq_file *m, struct ipc_proc_iter *iter,
			  struct kern_ipc_perm *perm)
{
	struct user_namespace *uns = m->file->f_cred->user_ns;
	struct msg_queue *msq = to_msq(perm);

	seq_printf(m, "%10d %10d  %4o  %10lu %10lu %5u %5u %5u %5u %5u %5u %10llu %10llu %10llu\n",
		   perm->key, perm->id, perm->mode, msq->q_cbytes, msq->q_qnum,
		   pid_nr_ns(msq->q_lspid, iter->pid_ns), pid_nr_ns(msq->q_lrpid, iter->pid_ns),
		   from_kuid_munged(uns, perm->uid), from_kgid_munged(uns, perm->gid),
		   from_kuid_munged(uns, perm->cuid), from_kgid_munged(uns, perm->cgid),
		   (unsigned long long)msq->q_stime, (unsigned long long)msq->q_rtime,
		   (unsigned long long)msq->q_ctime);
}

const struct ipc_proc_iface msg_proc_iface = {
    .header = "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  "
	      "cgid      stime      rtime      ctime\n",
    .kind = IPC_MSG_IDS,
    .show = msg_proc_show,
};
