/* SPDX-License-Identifier: MIT */
/*
 * Times and clocks as programs see them: clock_gettime(2), setitimer(2), time(7).
 */
#ifndef UAPI_TIME_H
#define UAPI_TIME_H

#include <jiffy/types.h>

struct timespec64 {
	s64 tv_sec;
	s64 tv_nsec;
};

struct __kernel_timespec {
	s64 tv_sec;
	s64 tv_nsec;
};

struct __kernel_timeval {
	s64 tv_sec;
	s64 tv_usec;
};

struct __kernel_itimerspec {
	struct __kernel_timespec it_interval, it_value;
};

struct __kernel_itimerval {
	struct __kernel_timeval it_interval, it_value;
};

#ifdef JIFFY_HOSTED
#include <time.h>
#else
struct timezone {
	int tz_minuteswest, tz_dsttime;
};

#define CLOCK_REALTIME		 0
#define CLOCK_MONOTONIC		 1
#define CLOCK_PROCESS_CPUTIME_ID 2
#define CLOCK_THREAD_CPUTIME_ID	 3
#define CLOCK_MONOTONIC_RAW	 4
#define CLOCK_REALTIME_COARSE	 5
#define CLOCK_MONOTONIC_COARSE	 6
#define CLOCK_BOOTTIME		 7
#define CLOCK_REALTIME_ALARM	 8
#define CLOCK_BOOTTIME_ALARM	 9
#define CLOCK_TAI		 11
#define MAX_CLOCKS		 16
#define TIMER_ABSTIME		 1

#define ITIMER_REAL    0
#define ITIMER_VIRTUAL 1
#define ITIMER_PROF    2
#endif

#endif
