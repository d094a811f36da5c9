/* SPDX-License-Identifier: MIT */
#ifndef JIFFY_ERRNO_H
#define JIFFY_ERRNO_H

#include <uapi/errno.h>

/*
 * Inside the kernel only, never seen by a program: the answers by which a system call that a
 * signal interrupted says how it wants to go on. The signal code turns them into EINTR or into
 * a second entry of the call.
 */
#define ERESTARTSYS	      512 /* EINTR, or again when the handler has SA_RESTART */
#define ERESTARTNOINTR	      513 /* always again */
#define ERESTARTNOHAND	      514 /* EINTR when a handler ran, else again */
#define ENOIOCTLCMD	      515 /* this driver does not know the ioctl: ENOTTY in the end */
#define ERESTART_RESTARTBLOCK 516 /* by restart_syscall(2), with what restart_block keeps */
#define EPROBE_DEFER	      517
#define ENOTSUPP	      524

#endif
