/* SPDX-License-Identifier: MIT */
/* sched_setattr(2) and sched_getattr(2), which the C library does not know, for guest tests. */
#ifndef GUEST_SCHEDCALL_H
#define GUEST_SCHEDCALL_H

#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

static inline long set_attr(pid_t pid, struct attr *a)
{
	return syscall(SYS_sched_setattr, pid, a, 0);
}

static inline long get_attr(pid_t pid, struct attr *a)
{
	return syscall(SYS_sched_getattr, pid, a, sizeof(*a), 0);
}

#endif
