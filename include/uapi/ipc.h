/* SPDX-License-Identifier: MIT */
/*
 * What the three kinds of System V IPC objects have in common: sysvipc(7), ftok(3).
 */
#ifndef UAPI_IPC_H
#define UAPI_IPC_H

#include <jiffy/types.h>

typedef s32 key_t;

#define IPC_PRIVATE ((key_t)0)

/* flags of the *get() calls, beside the nine permission bits; IPC_NOWAIT: of the operations */
#define IPC_CREAT  01000
#define IPC_EXCL   02000
#define IPC_NOWAIT 04000

/* commands of the *ctl() calls */
#define IPC_RMID 0
#define IPC_SET	 1
#define IPC_STAT 2
#define IPC_INFO 3

struct ipc64_perm {
	key_t key;
	uid_t uid;
	gid_t gid;
	uid_t cuid;
	gid_t cgid;
	mode_t mode;
	u16 seq;
	u16 __pad2;
	unsigned long __unused1;
	unsigned long __unused2;
};
_Static_assert(sizeof(struct ipc64_perm) == 48, "ipc64_perm is 48 bytes");

#endif
