/* SPDX-License-Identifier: MIT */
/*
 * Signals as programs see them: signal(7), sigaction(2), sigaltstack(2).
 */
#ifndef UAPI_SIGNAL_H
#define UAPI_SIGNAL_H

#include <jiffy/compiler.h>
#include <jiffy/types.h>

#define SIGHUP	  1
#define SIGINT	  2
#define SIGQUIT	  3
#define SIGILL	  4
#define SIGTRAP	  5
#define SIGABRT	  6
#define SIGIOT	  6
#define SIGBUS	  7
#define SIGFPE	  8
#define SIGKILL	  9
#define SIGUSR1	  10
#define SIGSEGV	  11
#define SIGUSR2	  12
#define SIGPIPE	  13
#define SIGALRM	  14
#define SIGTERM	  15
#define SIGSTKFLT 16
#define SIGCHLD	  17
#define SIGCONT	  18
#define SIGSTOP	  19
#define SIGTSTP	  20
#define SIGTTIN	  21
#define SIGTTOU	  22
#define SIGURG	  23
#define SIGXCPU	  24
#define SIGXFSZ	  25
#define SIGVTALRM 26
#define SIGPROF	  27
#define SIGWINCH  28
#define SIGIO	  29
#define SIGPOLL	  SIGIO
#define SIGPWR	  30
#define SIGSYS	  31
#define SIGRTMIN  32
#define SIGRTMAX  64
#define _NSIG	  64

#define SA_NOCLDSTOP	  0x00000001UL
#define SA_NOCLDWAIT	  0x00000002UL
#define SA_SIGINFO	  0x00000004UL
#define SA_UNSUPPORTED	  0x00000400UL /* never supported: programs probe with it */
#define SA_EXPOSE_TAGBITS 0x00000800UL
#define SA_RESTORER	  0x04000000UL
#define SA_ONSTACK	  0x08000000UL
#define SA_RESTART	  0x10000000UL
#define SA_NODEFER	  0x40000000UL
#define SA_RESETHAND	  0x80000000UL
#define UAPI_SA_FLAGS                                                                      \
	(SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_NODEFER | \
	 SA_RESETHAND | SA_EXPOSE_TAGBITS | SA_RESTORER)

#define SIG_BLOCK   0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

typedef u64 sigset_t; /* bit n-1: signal n */
typedef void (*sighandler_t)(int);
#define SIG_DFL ((sighandler_t)0)
#define SIG_IGN ((sighandler_t)1)
#define SIG_ERR ((sighandler_t)-1)

/* What rt_sigaction(2) passes on x86-64. */
struct sigaction {
	sighandler_t sa_handler;
	unsigned long sa_flags;
	void (*sa_restorer)(void);
	sigset_t sa_mask;
};

#define SS_ONSTACK    1
#define SS_DISABLE    2
#define SS_AUTODISARM (1U << 31)
#define SS_FLAG_BITS  SS_AUTODISARM
#define MINSIGSTKSZ   2048

typedef struct sigaltstack {
	void __user *ss_sp;
	int ss_flags;
	size_t ss_size;
} stack_t;

#endif
