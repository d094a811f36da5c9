/* SPDX-License-Identifier: MIT */
/*
 * POSIX message queues as programs see them: mq_overview(7), mq_open(3), mq_getattr(3).
 */
#ifndef UAPI_MQUEUE_H
#define UAPI_MQUEUE_H

#include <jiffy/types.h>

#define MQ_PRIO_MAX 32768

struct mq_attr {
	long mq_flags; /* O_NONBLOCK or 0 */
	long mq_maxmsg;
	long mq_msgsize; /* bytes */
	long mq_curmsgs;
	long __reserved[4];
};

/* Of SIGEV_THREAD: sigev_value points to a cookie that a netlink socket receives. */
#define NOTIFY_COOKIE_LEN 32

#endif
