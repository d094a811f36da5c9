/* SPDX-License-Identifier: MIT */
/* prctl(2), personality(2). */
#ifndef UAPI_PRCTL_H
#define UAPI_PRCTL_H

#include <jiffy/types.h>

#define PR_SET_PDEATHSIG	      1
#define PR_GET_PDEATHSIG	      2
#define PR_GET_DUMPABLE		      3
#define PR_SET_DUMPABLE		      4
#define PR_GET_KEEPCAPS		      7
#define PR_SET_KEEPCAPS		      8
#define PR_GET_TIMING		      13
#define PR_SET_TIMING		      14
#define PR_TIMING_STATISTICAL	      0
#define PR_SET_NAME		      15
#define PR_GET_NAME		      16
#define PR_GET_SECCOMP		      21
#define PR_SET_SECCOMP		      22
#define PR_CAPBSET_READ		      23
#define PR_CAPBSET_DROP		      24
#define PR_GET_TSC		      25
#define PR_SET_TSC		      26
#define PR_TSC_ENABLE		      1
#define PR_TSC_SIGSEGV		      2
#define PR_GET_SECUREBITS	      27
#define PR_SET_SECUREBITS	      28
#define PR_SET_TIMERSLACK	      29
#define PR_GET_TIMERSLACK	      30
#define PR_MCE_KILL		      33
#define PR_MCE_KILL_CLEAR	      0
#define PR_MCE_KILL_SET		      1
#define PR_MCE_KILL_LATE	      0
#define PR_MCE_KILL_EARLY	      1
#define PR_MCE_KILL_DEFAULT	      2
#define PR_MCE_KILL_GET		      34
#define PR_SET_MM		      35
#define PR_SET_MM_START_CODE	      1
#define PR_SET_MM_END_CODE	      2
#define PR_SET_MM_START_DATA	      3
#define PR_SET_MM_END_DATA	      4
#define PR_SET_MM_START_STACK	      5
#define PR_SET_MM_START_BRK	      6
#define PR_SET_MM_BRK		      7
#define PR_SET_MM_ARG_START	      8
#define PR_SET_MM_ARG_END	      9
#define PR_SET_MM_ENV_START	      10
#define PR_SET_MM_ENV_END	      11
#define PR_SET_MM_AUXV		      12
#define PR_SET_MM_EXE_FILE	      13
#define PR_SET_MM_MAP		      14
#define PR_SET_MM_MAP_SIZE	      15
#define PR_SET_CHILD_SUBREAPER	      36
#define PR_GET_CHILD_SUBREAPER	      37
#define PR_SET_NO_NEW_PRIVS	      38
#define PR_GET_NO_NEW_PRIVS	      39
#define PR_GET_TID_ADDRESS	      40
#define PR_SET_THP_DISABLE	      41
#define PR_GET_THP_DISABLE	      42
#define PR_CAP_AMBIENT		      47
#define PR_CAP_AMBIENT_IS_SET	      1
#define PR_CAP_AMBIENT_RAISE	      2
#define PR_CAP_AMBIENT_LOWER	      3
#define PR_CAP_AMBIENT_CLEAR_ALL      4
#define PR_GET_SPECULATION_CTRL	      52
#define PR_SET_SPECULATION_CTRL	      53
#define PR_SPEC_STORE_BYPASS	      0
#define PR_SPEC_INDIRECT_BRANCH	      1
#define PR_SPEC_L1D_FLUSH	      2
#define PR_SPEC_ENABLE		      2
#define PR_SET_IO_FLUSHER	      57
#define PR_GET_IO_FLUSHER	      58
#define PR_SET_SYSCALL_USER_DISPATCH  59
#define PR_SYS_DISPATCH_OFF	      0
#define PR_SYS_DISPATCH_ON	      1
#define SYSCALL_DISPATCH_FILTER_ALLOW 0
#define SYSCALL_DISPATCH_FILTER_BLOCK 1
#define PR_SET_VMA		      0x53564d41
#define PR_SET_PTRACER		      0x59616d61

/* PR_SET_MM_MAP: all that the other commands of PR_SET_MM set one by one. */
struct prctl_mm_map {
	u64 start_code, end_code, start_data, end_data;
	u64 start_brk, brk, start_stack;
	u64 arg_start, arg_end, env_start, env_end;
	u64 auxv; /* in user memory; 0: as it is */
	u32 auxv_size;
	u32 exe_fd; /* -1: as it is */
};

#define UNAME26		   0x0020000
#define ADDR_NO_RANDOMIZE  0x0040000
#define MMAP_PAGE_ZERO	   0x0100000
#define ADDR_COMPAT_LAYOUT 0x0200000
#define READ_IMPLIES_EXEC  0x0400000
#define ADDR_LIMIT_32BIT   0x0800000
#define WHOLE_SECONDS	   0x2000000
#define STICKY_TIMEOUTS	   0x4000000
#define ADDR_LIMIT_3GB	   0x8000000
#define PER_LINUX	   0
#define PER_LINUX32	   8
#define PER_MASK	   0xff
/* What a set-user-ID program does not inherit. */
#define PER_CLEAR_ON_SETID \
	(READ_IMPLIES_EXEC | ADDR_NO_RANDOMIZE | ADDR_COMPAT_LAYOUT | MMAP_PAGE_ZERO)

#define LINUX_REBOOT_MAGIC1	   0xfee1dead
#define LINUX_REBOOT_MAGIC2	   672274793
#define LINUX_REBOOT_MAGIC2A	   85072278
#define LINUX_REBOOT_MAGIC2B	   369367448
#define LINUX_REBOOT_MAGIC2C	   537993216
#define LINUX_REBOOT_CMD_RESTART   0x01234567
#define LINUX_REBOOT_CMD_HALT	   0xcdef0123
#define LINUX_REBOOT_CMD_CAD_ON	   0x89abcdef
#define LINUX_REBOOT_CMD_CAD_OFF   0x00000000
#define LINUX_REBOOT_CMD_POWER_OFF 0x4321fedc
#define LINUX_REBOOT_CMD_RESTART2  0xa1b2c3d4

#define IOPRIO_CLASS_SHIFT   13
#define IOPRIO_CLASS_NONE    0
#define IOPRIO_CLASS_RT	     1
#define IOPRIO_CLASS_BE	     2
#define IOPRIO_CLASS_IDLE    3
#define IOPRIO_PRIO_CLASS(v) ((v) >> IOPRIO_CLASS_SHIFT)
#define IOPRIO_PRIO_DATA(v)  ((v) & ((1 << IOPRIO_CLASS_SHIFT) - 1))
#define IOPRIO_WHO_PROCESS   1
#define IOPRIO_WHO_PGRP	     2
#define IOPRIO_WHO_USER	     3

#endif
