/* SPDX-License-Identifier: MIT */
/* getrlimit(2), getrusage(2), getpriority(2), times(2), sysinfo(2). */
#ifndef UAPI_RESOURCE_H
#define UAPI_RESOURCE_H

#include <uapi/time.h>

#define RLIMIT_CPU	  0
#define RLIMIT_FSIZE	  1
#define RLIMIT_DATA	  2
#define RLIMIT_STACK	  3
#define RLIMIT_CORE	  4
#define RLIMIT_RSS	  5
#define RLIMIT_NPROC	  6
#define RLIMIT_NOFILE	  7
#define RLIMIT_MEMLOCK	  8
#define RLIMIT_AS	  9
#define RLIMIT_LOCKS	  10
#define RLIMIT_SIGPENDING 11
#define RLIMIT_MSGQUEUE	  12
#define RLIMIT_NICE	  13
#define RLIMIT_RTPRIO	  14
#define RLIMIT_RTTIME	  15
#define RLIM_NLIMITS	  16
#define RLIM_INFINITY	  (~0UL)
#define RLIM64_INFINITY	  (~0ULL)

struct rlimit {
	unsigned long rlim_cur, rlim_max;
};
struct rlimit64 {
	u64 rlim_cur, rlim_max;
};

#define RUSAGE_SELF	0
#define RUSAGE_CHILDREN (-1)
#define RUSAGE_BOTH	(-2) /* inside the kernel: wait4() */
#define RUSAGE_THREAD	1
struct rusage {
	struct __kernel_timeval ru_utime, ru_stime;
	long ru_maxrss, ru_ixrss, ru_idrss, ru_isrss, ru_minflt, ru_majflt, ru_nswap, ru_inblock,
	    ru_oublock, ru_msgsnd, ru_msgrcv, ru_nsignals, ru_nvcsw, ru_nivcsw;
};

#define PRIO_PROCESS 0
#define PRIO_PGRP    1
#define PRIO_USER    2

#define USER_HZ 100
struct tms {
	long tms_utime, tms_stime, tms_cutime, tms_cstime; /* ticks of 1/USER_HZ */
};

struct sysinfo {
	long uptime;
	unsigned long loads[3]; /* fixed point, 16 bits of fraction */
	unsigned long totalram, freeram, sharedram, bufferram, totalswap, freeswap;
	u16 procs, pad;
	unsigned long totalhigh, freehigh;
	u32 mem_unit;
	char _f[0];
};
#define SI_LOAD_SHIFT 16

#endif
