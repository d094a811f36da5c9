/* SPDX-License-Identifier: MIT */
/*
 * readv(2), preadv2(2).
 */
#ifndef UAPI_UIO_H
#define UAPI_UIO_H

#include <jiffy/compiler.h>
#include <jiffy/types.h>

struct iovec {
	void __user *iov_base;
	size_t iov_len;
};

#define UIO_FASTIOV 8
#define UIO_MAXIOV  1024

#define RWF_HIPRI     0x01
#define RWF_DSYNC     0x02
#define RWF_SYNC      0x04
#define RWF_NOWAIT    0x08
#define RWF_APPEND    0x10
#define RWF_SUPPORTED 0x1f

#endif
