/* SPDX-License-Identifier: MIT */
/*
 * msgsnd(2) and msgrcv(2). A message is handed straight to a receiver that waits for its type,
 * and is queued only when there is none. Rules in util.h. Task context.
 */
#include <arch/uaccess.h>
#include <jiffy/ktime.h>
#include <jiffy/sched.h>
#include <jiffy/string.h>
#include <jiffy/syscalls.h>

#include "msg.h"

/* What msgtyp and the flags of msgrcv(2) ask for. */
enum search { SEARCH_ANY, SEARCH_EQUAL, SEARCH_NOTEQUAL, SEARCH_LESSEQUAL, SEARCH_NUMBER };

/* A task that waits in msgrcv(): on its stack, in q_receivers until it has a result. */
struct msg_receiver {
	struct list_head list;
	struct task_struct *task;
	enum search mode;
	long type;
	size_t maxsize; /* bytes; SIZE_MAX when a longer message may be cut */
	/* The message, or an error; ERR_PTR(-EAGAIN): look again. NULL while it waits. */
	struct msg_msg *msg;
};

/* A task that waits in msgsnd(), in q_senders until it was told to look again. */
struct msg_sender {
	struct list_head list;
	struct task_struct *task;
	size_t size; /* bytes */
	bool woken;
};

static bool type_matches(const struct msg_msg *msg, long type, enum search mode)
{
	switch (mode) {
	case SEARCH_ANY:
	case SEARCH_NUMBER:
		return true;
	case SEARCH_EQUAL:
		return msg->type == type;
	case SEARCH_NOTEQUAL:
		return msg->type != type;
	case SEARCH_LESSEQUAL:
		return msg->type <= type;
	}
	return false;
}

static void finish_receiver(struct msg_receiver *r, struct msg_msg *result,
			    struct wake_batch *wakes)
{
	list_del(&r->list);
	r->msg = result;
	wake_batch_add(wakes, r->task);
}

void msg_wake_receivers(struct msg_queue *msq, int error, struct wake_batch *wakes)
{
	struct msg_receiver *r, *n;

	lockdep_assert_held(&msq->q_perm.lock);
	list_for_each_entry_safe (r, n, &msq->q_receivers, list)
		finish_receiver(r, ERR_PTR(error), wakes);
}

/*
 * As many as the room suffices for, in their order: the others would only look and sleep again.
 * One that is woken and then does not send wakes again in its stead, so no room is forgotten.
 */
void msg_wake_senders(struct msg_queue *msq, bool all, struct wake_batch *wakes)
{
	unsigned long bytes = msq->q_cbytes, count = msq->q_qnum;
	struct msg_sender *s, *n;

	lockdep_assert_held(&msq->q_perm.lock);
	list_for_each_entry_safe (s, n, &msq->q_senders, list) {
		if (!all && (bytes + s->size > msq->q_qbytes || count + 1 > msq->q_qbytes))
			continue;
		bytes += s->size;
		count++;
		list_del(&s->list);
		s->woken = true;
		wake_batch_add(wakes, s->task);
	}
}

/* ---- sending ---- */

static bool msg_fits(const struct msg_queue *msq, size_t size)
{
	return size + msq->q_cbytes <= msq->q_qbytes && 1 + msq->q_qnum <= msq->q_qbytes;
}

/* Hands msg to the first receiver it is for; one whose buffer is too small gets E2BIG. */
static bool pipelined_send(struct msg_queue *msq, struct msg_msg *msg, struct wake_batch *wakes)
{
	struct msg_receiver *r, *n;

	list_for_each_entry_safe (r, n, &msq->q_receivers, list) {
		if (!type_matches(msg, r->type, r->mode))
			continue;
		if (r->maxsize < msg->size) {
			finish_receiver(r, ERR_PTR(-E2BIG), wakes);
			continue;
		}
		ipc_update_pid(&msq->q_lrpid, task_tgid(r->task));
		msq->q_rtime = ktime_get_real_seconds();
		finish_receiver(r, msg, wakes);
		return true;
	}
	return false;
}

static void insert_message(struct ipc_namespace *ns, struct msg_queue *msq, struct msg_msg *msg)
{
	list_add_tail(&msg->list, &msq->q_messages);
	msq->q_cbytes += msg->size;
	msq->q_qnum++;
	atomic_long_add(msg->size, &ns->msg_bytes);
	atomic_long_inc(&ns->msg_hdrs);
}

/* Until somebody makes room or removes the queue. Locked before and after. */
static int wait_for_room(struct msg_queue *msq, size_t size)
{
	struct msg_sender s = {.task = current, .size = size};

	list_add_tail(&s.list, &msq->q_senders);
	while (!s.woken) {
		__set_current_state(TASK_INTERRUPTIBLE);
		ipc_unlock_object(&msq->q_perm);
		schedule();
		ipc_lock_object(&msq->q_perm);
		if (!s.woken && signal_pending(current)) {
			list_del(&s.list);
			return -ERESTARTNOHAND;
		}
	}
	return msq->q_perm.deleted ? -EIDRM : 0;
}

/* The queue is locked; on success the message belongs to it or to a receiver. */
static int send_locked(struct ipc_namespace *ns, struct msg_queue *msq, struct msg_msg *msg,
		       int flags, struct wake_batch *wakes)
{
	for (;;) {
		int err = ipcperms(ns, &msq->q_perm, S_IWUGO);

		if (err) {
			msg_wake_senders(msq, false, wakes);
			return err;
		}
		if (msg_fits(msq, msg->size))
			break;
		if (flags & IPC_NOWAIT)
			return -EAGAIN;
		err = wait_for_room(msq, msg->size);
		if (err)
			return err;
	}
	ipc_update_pid(&msq->q_lspid, task_tgid(current));
	msq->q_stime = ktime_get_real_seconds();
	if (!pipelined_send(msq, msg, wakes))
		insert_message(ns, msq, msg);
	return 0;
}

SYSCALL_DEFINE4(msgsnd, int, msqid, struct msgbuf __user *, msgp, size_t, msgsz, int, msgflg)
{
	struct ipc_namespace *ns = current_ipc_ns();
	struct wake_batch wakes = {.nr = 0};
	struct kern_ipc_perm *perm;
	struct msg_msg *msg;
	long type, err;

	if (copy_from_user(&type, &msgp->mtype, sizeof(type)))
		return -EFAULT;
	if (msgsz > ns->msg_ctlmax || msqid < 0 || type < 1)
		return -EINVAL;
	msg = kvmalloc(sizeof(*msg) + msgsz, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	msg->type = type;
	msg->size = msgsz;
	err = -EFAULT;
	if (copy_from_user(msg->text, msgp->mtext, msgsz))
		goto out_free;
	perm = ipc_lock_id(msg_ids(ns), msqid);
	err = PTR_ERR_OR_ZERO(perm);
	if (err)
		goto out_free;
	ipc_getref(perm);
	err = send_locked(ns, to_msq(perm), msg, msgflg, &wakes);
	ipc_unlock_object(perm);
	wake_batch_flush(&wakes);
	msg_putref(to_msq(perm));
	if (!err)
		return 0;
out_free:
	kvfree(msg);
	return err;
}

/* ---- receiving ---- */

static enum search convert_mode(long *type, int flags)
{
	if (flags & MSG_COPY)
		return SEARCH_NUMBER;
	if (*type == 0)
		return SEARCH_ANY;
	if (*type < 0) {
		*type = *type == INT64_MIN ? INT64_MAX : -*type;
		return SEARCH_LESSEQUAL;
	}
	return flags & MSG_EXCEPT ? SEARCH_NOTEQUAL : SEARCH_EQUAL;
}

/* The oldest that matches; of SEARCH_LESSEQUAL the oldest of the lowest type. NULL: none. */
static struct msg_msg *find_message(const struct msg_queue *msq, long type, enum search mode)
{
	struct msg_msg *msg, *found = NULL;
	long position = 0;

	list_for_each_entry (msg, &msq->q_messages, list) {
		if (mode == SEARCH_NUMBER && position++ != type)
			continue;
		if (!type_matches(msg, type, mode))
			continue;
		found = msg;
		if (mode != SEARCH_LESSEQUAL || msg->type == 1)
			break;
		type = msg->type - 1;
	}
	return found;
}

static void take_message(struct ipc_namespace *ns, struct msg_queue *msq, struct msg_msg *msg,
			 struct wake_batch *wakes)
{
	list_del(&msg->list);
	msq->q_qnum--;
	msq->q_cbytes -= msg->size;
	atomic_long_sub(msg->size, &ns->msg_bytes);
	atomic_long_dec(&ns->msg_hdrs);
	ipc_update_pid(&msq->q_lrpid, task_tgid(current));
	msq->q_rtime = ktime_get_real_seconds();
	msg_wake_senders(msq, false, wakes);
}

/* Until r has a result: locked before and after. A signal makes its own result. */
static void wait_for_message(struct msg_queue *msq, struct msg_receiver *r)
{
	r->msg = NULL;
	list_add_tail(&r->list, &msq->q_receivers);
	while (!r->msg) {
		__set_current_state(TASK_INTERRUPTIBLE);
		ipc_unlock_object(&msq->q_perm);
		schedule();
		ipc_lock_object(&msq->q_perm);
		if (!r->msg && signal_pending(current)) {
			list_del(&r->list);
			r->msg = ERR_PTR(-ERESTARTNOHAND);
		}
	}
}

/* The message, no longer in the queue, or ERR_PTR. The queue is locked. */
static struct msg_msg *receive_locked(struct ipc_namespace *ns, struct msg_queue *msq,
				      struct msg_receiver *r, int flags, struct wake_batch *wakes)
{
	struct msg_msg *msg;
	int err;

	do {
		err = ipcperms(ns, &msq->q_perm, S_IRUGO);
		if (err)
			return ERR_PTR(err);
		msg = find_message(msq, r->type, r->mode);
		if (msg) {
			if (r->maxsize < msg->size)
				return ERR_PTR(-E2BIG);
			take_message(ns, msq, msg, wakes);
			return msg;
		}
		if (flags & IPC_NOWAIT)
			return ERR_PTR(-ENOMSG);
		wait_for_message(msq, r);
	} while (r->msg == ERR_PTR(-EAGAIN));
	return r->msg;
}

static long copy_out(struct msgbuf __user *msgp, const struct msg_msg *msg, size_t bufsz)
{
	size_t len = min(msg->size, bufsz);

	if (copy_to_user(&msgp->mtype, &msg->type, sizeof(msg->type)) ||
	    copy_to_user(msgp->mtext, msg->text, len))
		return -EFAULT;
	return len;
}

/* MSG_COPY: the message stays where it is. copy has room for `room` bytes of text. */
static int copy_locked(struct ipc_namespace *ns, struct msg_queue *msq, long position,
		       struct msg_msg *copy, size_t room, size_t maxsize)
{
	struct msg_msg *msg;
	int err = ipcperms(ns, &msq->q_perm, S_IRUGO);

	if (err)
		return err;
	msg = find_message(msq, position, SEARCH_NUMBER);
	if (!msg)
		return -ENOMSG;
	if (msg->size > maxsize)
		return -E2BIG;
	copy->type = msg->type;
	copy->size = min(msg->size, room);
	memcpy(copy->text, msg->text, copy->size);
	return 0;
}

static long receive_copy(struct ipc_namespace *ns, int msqid, struct msgbuf __user *msgp,
			 size_t bufsz, long position, int flags)
{
	size_t room = min(bufsz, (size_t)ns->msg_ctlmax);
	struct kern_ipc_perm *perm;
	struct msg_msg *copy;
	long ret;

	if (!(flags & IPC_NOWAIT) || (flags & MSG_EXCEPT))
		return -EINVAL;
	copy = kvmalloc(sizeof(*copy) + room, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	perm = ipc_lock_id(msg_ids(ns), msqid);
	ret = PTR_ERR_OR_ZERO(perm);
	if (!ret) {
		ret = copy_locked(ns, to_msq(perm), position, copy, room,
				  flags & MSG_NOERROR ? SIZE_MAX : bufsz);
		ipc_unlock_object(perm);
	}
	if (!ret)
		ret = copy_out(msgp, copy, bufsz);
	kvfree(copy);
	return ret;
}

SYSCALL_DEFINE5(msgrcv, int, msqid, struct msgbuf __user *, msgp, size_t, msgsz, long, msgtyp, int,
		msgflg)
{
	struct ipc_namespace *ns = current_ipc_ns();
	struct wake_batch wakes = {.nr = 0};
	struct msg_receiver r = {.task = current, .type = msgtyp};
	struct kern_ipc_perm *perm;
	struct msg_msg *msg;
	long ret;

	if (msqid < 0 || (ssize_t)msgsz < 0)
		return -EINVAL;
	if (msgflg & MSG_COPY)
		return receive_copy(ns, msqid, msgp, msgsz, msgtyp, msgflg);
	r.mode = convert_mode(&r.type, msgflg);
	r.maxsize = msgflg & MSG_NOERROR ? SIZE_MAX : msgsz;
	perm = ipc_lock_id(msg_ids(ns), msqid);
	if (IS_ERR(perm))
		return PTR_ERR(perm);
	ipc_getref(perm);
	msg = receive_locked(ns, to_msq(perm), &r, msgflg, &wakes);
	ipc_unlock_object(perm);
	wake_batch_flush(&wakes);
	msg_putref(to_msq(perm));
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	ret = copy_out(msgp, msg, msgsz);
	kvfree(msg);
	return ret;
}
