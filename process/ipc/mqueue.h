/* SPDX-License-Identifier: MIT */
/*
 * POSIX message queues inside, mq_overview(7): each is an inode of the file system "mqueue", of
 * which every IPC namespace has an instance. For mqueue.c (the file system, opening, removing),
 * mq_msg.c (messages) and mq_notify.c. Locks: util.h.
 */
#ifndef PROCESS_IPC_MQUEUE_H
#define PROCESS_IPC_MQUEUE_H

#include <jiffy/fs.h>
#include <jiffy/rbtree.h>
#include <uapi/mqueue.h>
#include <uapi/siginfo.h>

#include "util.h"

/* A namespace's tunables at first, and what nobody may pass, whatever the privilege. */
#define DFLT_QUEUESMAX	256
#define MIN_MSGMAX	1
#define DFLT_MSG	10
#define DFLT_MSGMAX	10
#define HARD_MSGMAX	65536
#define MIN_MSGSIZEMAX	128
#define DFLT_MSGSIZE	8192
#define DFLT_MSGSIZEMAX 8192
#define HARD_MSGSIZEMAX (16 * 1024 * 1024)

/* A message: in a queue's tree, by descending priority and then by arrival. */
struct mq_msg {
	struct rb_node node;
	unsigned int priority;
	size_t size; /* bytes */
	char text[];
};

enum mq_side { MQ_SEND, MQ_RECV };

struct mqueue_inode_info {
	struct inode vfs_inode;
	long maxmsg, msgsize;	  /* fixed; msgsize in bytes */
	struct user_struct *user; /* fixed: whose mq_bytes it is in, NULL for directories */
	unsigned long charged;	  /* fixed; bytes */

	wait_queue_head_t wait_q; /* poll(2) */
	spinlock_t lock;
	/* lock */
	struct rb_root_cached messages;
	long curmsgs;
	unsigned long qsize;	     /* bytes of text queued */
	struct list_head waiters[2]; /* by mq_side: the highest priority first, then by arrival */
	struct pid *notify_owner;    /* the process that asked for notice; NULL: none */
	struct user_namespace *notify_user_ns;
	struct sigevent notify;
	struct netlink_msg *notify_cookie; /* of SIGEV_THREAD: the notice, ready to be sent */
};

static inline struct mqueue_inode_info *MQUEUE_I(struct inode *inode)
{
	return container_of(inode, struct mqueue_inode_info, vfs_inode);
}

extern const struct file_operations mqueue_file_operations;

/* The queue open as a descriptor, in the mode wanted (FMODE_*, 0: any); fdput() ends. Or errno. */
int mq_fdget(int mqdes, fmode_t mode, struct fd *f);
/* Frees all messages; nobody uses the queue any more. */
void mq_free_messages(struct mqueue_inode_info *info);
/* A message came into the empty queue: tells the owner of the notice once. The lock is held. */
void mq_do_notify(struct mqueue_inode_info *info);
/* The notice is given up, of which a thread that waits for it is told. The lock is held. */
void mq_remove_notification(struct mqueue_inode_info *info);

#endif
