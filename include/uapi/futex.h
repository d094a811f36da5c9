/* SPDX-License-Identifier: MIT */
/* futex(2), set_robust_list(2), futex_waitv(2), rseq(2), membarrier(2). */
#ifndef UAPI_FUTEX_H
#define UAPI_FUTEX_H

#include <jiffy/compiler.h>
#include <jiffy/types.h>

#define FUTEX_WAIT	      0
#define FUTEX_WAKE	      1
#define FUTEX_FD	      2
#define FUTEX_REQUEUE	      3
#define FUTEX_CMP_REQUEUE     4
#define FUTEX_WAKE_OP	      5
#define FUTEX_LOCK_PI	      6
#define FUTEX_UNLOCK_PI	      7
#define FUTEX_TRYLOCK_PI      8
#define FUTEX_WAIT_BITSET     9
#define FUTEX_WAKE_BITSET     10
#define FUTEX_WAIT_REQUEUE_PI 11
#define FUTEX_CMP_REQUEUE_PI  12
#define FUTEX_LOCK_PI2	      13
#define FUTEX_PRIVATE_FLAG    128
#define FUTEX_CLOCK_REALTIME  256
#define FUTEX_CMD_MASK	      (~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME))

#define FUTEX_OP_SET	     0
#define FUTEX_OP_ADD	     1
#define FUTEX_OP_OR	     2
#define FUTEX_OP_ANDN	     3
#define FUTEX_OP_XOR	     4
#define FUTEX_OP_OPARG_SHIFT 8
#define FUTEX_OP_CMP_EQ	     0
#define FUTEX_OP_CMP_NE	     1
#define FUTEX_OP_CMP_LT	     2
#define FUTEX_OP_CMP_LE	     3
#define FUTEX_OP_CMP_GT	     4
#define FUTEX_OP_CMP_GE	     5

#define FUTEX_WAITERS	       0x80000000
#define FUTEX_OWNER_DIED       0x40000000
#define FUTEX_TID_MASK	       0x3fffffff
#define FUTEX_BITSET_MATCH_ANY 0xffffffff
#define ROBUST_LIST_LIMIT      2048

struct robust_list {
	struct robust_list __user *next;
};
struct robust_list_head {
	struct robust_list list;
	long futex_offset;
	struct robust_list __user *list_op_pending;
};

#define FUTEX_32	2
#define FUTEX_WAITV_MAX 128
struct futex_waitv {
	u64 val, uaddr;
	u32 flags, __reserved;
};

#define RSEQ_FLAG_UNREGISTER		1
#define RSEQ_CPU_ID_UNINITIALIZED	((u32)-1)
#define RSEQ_CPU_ID_REGISTRATION_FAILED ((u32)-2)
struct rseq_cs {
	u32 version, flags;
	u64 start_ip, post_commit_offset, abort_ip;
} __attribute__((aligned(32)));
struct rseq {
	u32 cpu_id_start, cpu_id;
	u64 rseq_cs;
	u32 flags, node_id, mm_cid;
	char end[];
} __attribute__((aligned(32)));
#define RSEQ_ORIG_SIZE	  32
#define RSEQ_FEATURE_SIZE __builtin_offsetof(struct rseq, mm_cid) /* what is kept up to date */

#define MEMBARRIER_CMD_QUERY				    0
#define MEMBARRIER_CMD_GLOBAL				    (1 << 0)
#define MEMBARRIER_CMD_GLOBAL_EXPEDITED			    (1 << 1)
#define MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED	    (1 << 2)
#define MEMBARRIER_CMD_PRIVATE_EXPEDITED		    (1 << 3)
#define MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED	    (1 << 4)
#define MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE	    (1 << 5)
#define MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE (1 << 6)
#define MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ		    (1 << 7)
#define MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ	    (1 << 8)
#define MEMBARRIER_CMD_GET_REGISTRATIONS		    (1 << 9)
#define MEMBARRIER_CMD_FLAG_CPU				    (1 << 0)

#endif
