/* SPDX-License-Identifier: MIT */
/*
 * Bounds of POSIX message queues, mq_overview(7): the defaults of a namespace's tunables, and
 * what nobody may pass, whatever the privilege. For process/ipc/ only.
 */
#ifndef PROCESS_IPC_MQUEUE_H
#define PROCESS_IPC_MQUEUE_H

#define DFLT_QUEUESMAX	256
#define MIN_MSGMAX	1
#define DFLT_MSG	10
#define DFLT_MSGMAX	10
#define HARD_MSGMAX	65536
#define MIN_MSGSIZEMAX	128
#define DFLT_MSGSIZE	8192
#define DFLT_MSGSIZEMAX 8192
#define HARD_MSGSIZEMAX (16 * 1024 * 1024)

#endif
