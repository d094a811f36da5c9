/* SPDX-License-Identifier: MIT */
/* seccomp(2) */
#ifndef UAPI_SECCOMP_H
#define UAPI_SECCOMP_H

#include <jiffy/types.h>

#define SECCOMP_MODE_DISABLED 0
#define SECCOMP_MODE_STRICT   1
#define SECCOMP_MODE_FILTER   2

#define SECCOMP_SET_MODE_STRICT	 0
#define SECCOMP_SET_MODE_FILTER	 1
#define SECCOMP_GET_ACTION_AVAIL 2

#define SECCOMP_FILTER_FLAG_TSYNC	(1UL << 0)
#define SECCOMP_FILTER_FLAG_LOG		(1UL << 1)
#define SECCOMP_FILTER_FLAG_SPEC_ALLOW	(1UL << 2)
#define SECCOMP_FILTER_FLAG_TSYNC_ESRCH (1UL << 4)

/* What a filter returns: an action, and 16 bits for it. The lowest, as a signed number, wins. */
#define SECCOMP_RET_KILL_PROCESS 0x80000000U
#define SECCOMP_RET_KILL_THREAD	 0x00000000U
#define SECCOMP_RET_TRAP	 0x00030000U
#define SECCOMP_RET_ERRNO	 0x00050000U
#define SECCOMP_RET_TRACE	 0x7ff00000U
#define SECCOMP_RET_LOG		 0x7ffc0000U
#define SECCOMP_RET_ALLOW	 0x7fff0000U
#define SECCOMP_RET_ACTION_FULL	 0xffff0000U
#define SECCOMP_RET_DATA	 0x0000ffffU

/* What a filter reads. */
struct seccomp_data {
	int nr;
	u32 arch; /* AUDIT_ARCH_* */
	u64 instruction_pointer;
	u64 args[6];
};

#endif
