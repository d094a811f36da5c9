/* SPDX-License-Identifier: MIT */
/*
 * siginfo_t and sigevent: sigaction(2), sigevent(7). 128 and 64 bytes.
 */
#ifndef UAPI_SIGINFO_H
#define UAPI_SIGINFO_H

#include <jiffy/compiler.h>
#include <jiffy/types.h>

union sigval {
	int sival_int;
	void __user *sival_ptr;
};
typedef union sigval sigval_t;

/* What stands behind si_signo, si_errno and si_code depends on the signal and its code. */
union __sifields {
	struct {
		pid_t pid;
		uid_t uid;
		sigval_t sigval;
	} rt; /* kill(2) leaves sigval 0 */
	struct {
		int tid, overrun;
		sigval_t sigval;
		int sys_private;
	} timer;
	struct {
		pid_t pid;
		uid_t uid;
		int status;
		s64 utime, stime; /* clock ticks of 1/100 s */
	} sigchld;
	struct {
		void __user *addr;
		union {
			s16 addr_lsb;
			struct {
				void __user *dummy, *lower, *upper;
			} addr_bnd;
			struct {
				void __user *dummy;
				u32 pkey;
			} addr_pkey;
		};
	} sigfault;
	struct {
		long band;
		int fd;
	} sigpoll;
	struct {
		void __user *call_addr;
		int syscall;
		unsigned int arch;
	} sigsys;
};

#define SI_MAX_SIZE 128
typedef struct siginfo {
	union {
		struct {
			int si_signo, si_errno, si_code;
			union __sifields _sifields;
		};
		int _si_pad[SI_MAX_SIZE / sizeof(int)];
	};
} siginfo_t;

#define si_pid	       _sifields.rt.pid
#define si_uid	       _sifields.rt.uid
#define si_value       _sifields.rt.sigval
#define si_int	       _sifields.rt.sigval.sival_int
#define si_ptr	       _sifields.rt.sigval.sival_ptr
#define si_tid	       _sifields.timer.tid
#define si_overrun     _sifields.timer.overrun
#define si_sys_private _sifields.timer.sys_private
#define si_status      _sifields.sigchld.status
#define si_utime       _sifields.sigchld.utime
#define si_stime       _sifields.sigchld.stime
#define si_addr	       _sifields.sigfault.addr
#define si_addr_lsb    _sifields.sigfault.addr_lsb
#define si_lower       _sifields.sigfault.addr_bnd.lower
#define si_upper       _sifields.sigfault.addr_bnd.upper
#define si_pkey	       _sifields.sigfault.addr_pkey.pkey
#define si_band	       _sifields.sigpoll.band
#define si_fd	       _sifields.sigpoll.fd
#define si_call_addr   _sifields.sigsys.call_addr
#define si_syscall     _sifields.sigsys.syscall
#define si_arch	       _sifields.sigsys.arch

#define SI_USER	    0
#define SI_KERNEL   0x80
#define SI_QUEUE    -1
#define SI_TIMER    -2
#define SI_MESGQ    -3
#define SI_ASYNCIO  -4
#define SI_SIGIO    -5
#define SI_TKILL    -6
#define SI_DETHREAD -7

#define ILL_ILLOPC	  1
#define ILL_ILLOPN	  2
#define ILL_ILLADR	  3
#define ILL_ILLTRP	  4
#define ILL_PRVOPC	  5
#define ILL_PRVREG	  6
#define ILL_COPROC	  7
#define ILL_BADSTK	  8
#define NSIGILL		  11
#define FPE_INTDIV	  1
#define FPE_INTOVF	  2
#define FPE_FLTDIV	  3
#define FPE_FLTOVF	  4
#define FPE_FLTUND	  5
#define FPE_FLTRES	  6
#define FPE_FLTINV	  7
#define FPE_FLTSUB	  8
#define FPE_FLTUNK	  14
#define NSIGFPE		  15
#define SEGV_MAPERR	  1
#define SEGV_ACCERR	  2
#define SEGV_BNDERR	  3
#define SEGV_PKUERR	  4
#define NSIGSEGV	  9
#define BUS_ADRALN	  1
#define BUS_ADRERR	  2
#define BUS_OBJERR	  3
#define NSIGBUS		  5
#define TRAP_BRKPT	  1
#define TRAP_TRACE	  2
#define TRAP_BRANCH	  3
#define TRAP_HWBKPT	  4
#define NSIGTRAP	  6
#define CLD_EXITED	  1
#define CLD_KILLED	  2
#define CLD_DUMPED	  3
#define CLD_TRAPPED	  4
#define CLD_STOPPED	  5
#define CLD_CONTINUED	  6
#define NSIGCHLD	  6
#define POLL_IN		  1
#define POLL_OUT	  2
#define POLL_MSG	  3
#define POLL_ERR	  4
#define POLL_PRI	  5
#define POLL_HUP	  6
#define NSIGPOLL	  6
#define SYS_SECCOMP	  1
#define SYS_USER_DISPATCH 2

#define SIGEV_SIGNAL	0
#define SIGEV_NONE	1
#define SIGEV_THREAD	2
#define SIGEV_THREAD_ID 4

typedef struct sigevent {
	sigval_t sigev_value;
	int sigev_signo, sigev_notify;
	union {
		int pad[12];
		pid_t tid;
	} _sigev_un;
} sigevent_t;
#define sigev_notify_thread_id _sigev_un.tid

_Static_assert(sizeof(siginfo_t) == 128, "siginfo_t is 128 bytes");
_Static_assert(offsetof(siginfo_t, _sifields) == 16, "the union is 8-byte aligned");
_Static_assert(sizeof(sigevent_t) == 64, "sigevent_t is 64 bytes");

#endif
