/* SPDX-License-Identifier: MIT */
/*
 * ioctl(2): how request numbers are made, and the requests that any file may answer.
 */
#ifndef UAPI_IOCTL_H
#define UAPI_IOCTL_H

#define _IOC_NONE  0U
#define _IOC_WRITE 1U
#define _IOC_READ  2U
#define _IOC(dir, type, nr, size) \
	(((dir) << 30) | ((unsigned int)(size) << 16) | ((type) << 8) | (nr))
#define _IO(type, nr)	   _IOC(_IOC_NONE, type, nr, 0)
#define _IOR(type, nr, t)  _IOC(_IOC_READ, type, nr, sizeof(t))
#define _IOW(type, nr, t)  _IOC(_IOC_WRITE, type, nr, sizeof(t))
#define _IOWR(type, nr, t) _IOC(_IOC_READ | _IOC_WRITE, type, nr, sizeof(t))
#define _IOC_DIR(nr)	   ((nr) >> 30)
#define _IOC_TYPE(nr)	   (((nr) >> 8) & 0xff)
#define _IOC_NR(nr)	   ((nr)&0xff)
#define _IOC_SIZE(nr)	   (((nr) >> 16) & 0x3fff)

#define FIONREAD	0x541B
#define FIONBIO		0x5421
#define FIONCLEX	0x5450
#define FIOCLEX		0x5451
#define FIOASYNC	0x5452
#define FIOQSIZE	0x5460
#define FIOSETOWN	0x8901
#define SIOCSPGRP	0x8902
#define FIOGETOWN	0x8903
#define SIOCGPGRP	0x8904
#define SIOCATMARK	0x8905
#define SIOCINQ		FIONREAD
#define SIOCOUTQ	0x5411
#define FIGETBSZ	2
#define FS_IOC_GETFLAGS 0x80086601U

#endif
