/* SPDX-License-Identifier: MIT */
/*
 * System V message queues inside. For msg.c (sending and receiving) and msgctl.c.
 */
#ifndef PROCESS_IPC_MSG_H
#define PROCESS_IPC_MSG_H

#include <uapi/msg.h>

#include "util.h"

/* Its text stands behind it. */
struct msg_msg {
	struct list_head list; /* q_messages; the queue's lock */
	long type;
	size_t size; /* bytes */
	char text[];
};

struct msg_queue {
	struct kern_ipc_perm q_perm;

	/* q_perm.lock */
	time_t q_stime, q_rtime, q_ctime;
	unsigned long q_cbytes, q_qnum, q_qbytes;
	struct pid *q_lspid, *q_lrpid;
	struct list_head q_messages;  /* oldest first */
	struct list_head q_receivers; /* waiting tasks, the first to come first */
	struct list_head q_senders;
};

#define msg_ids(ns)  (&(ns)->ids[IPC_MSG_IDS])
#define to_msq(perm) container_of(perm, struct msg_queue, q_perm)

void msg_free_rcu(struct rcu_head *head); /* for ipc_putref() */

static inline void msg_putref(struct msg_queue *msq)
{
	ipc_putref(&msq->q_perm, msg_free_rcu);
}

/* Every waiting receiver ends with error (-EAGAIN: looks again). The queue is locked. */
void msg_wake_receivers(struct msg_queue *msq, int error, struct wake_batch *wakes);
/* Waiting senders (all, or as many as there is room for) look again. The queue is locked. */
void msg_wake_senders(struct msg_queue *msq, bool all, struct wake_batch *wakes);

#endif
