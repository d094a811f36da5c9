/* SPDX-License-Identifier: MIT */
/*
 * adjtimex(2).
 */
#ifndef UAPI_TIMEX_H
#define UAPI_TIMEX_H

#include <uapi/time.h>

struct timex {
	u32 modes, pad0;
	s64 offset, freq, maxerror, esterror;
	s32 status, pad1;
	s64 constant, precision, tolerance;
	struct __kernel_timeval time;
	s64 tick, ppsfreq, jitter;
	s32 shift, pad2;
	s64 stabil, jitcnt, calcnt, errcnt, stbcnt;
	s32 tai;
	s32 pad3[11];
};

#define ADJ_OFFSET    0x0001
#define ADJ_FREQUENCY 0x0002
#define ADJ_TAI	      0x0080
#define ADJ_SETOFFSET 0x0100
#define ADJ_NANO      0x2000
#define ADJ_TICK      0x4000
#define STA_UNSYNC    0x0040
#define STA_NANO      0x2000
#define TIME_ERROR    5

#endif
