/* SPDX-License-Identifier: MIT */
/* kcmp(2) */
#ifndef UAPI_KCMP_H
#define UAPI_KCMP_H

#include <jiffy/types.h>

enum kcmp_type {
	KCMP_FILE,
	KCMP_VM,
	KCMP_FILES,
	KCMP_FS,
	KCMP_SIGHAND,
	KCMP_IO,
	KCMP_SYSVSEM,
	KCMP_EPOLL_TFD,
	KCMP_TYPES,
};

/* KCMP_EPOLL_TFD: what epoll instance efd watches as tfd, the toff'th of that number. */
struct kcmp_epoll_slot {
	u32 efd, tfd, toff;
};

#endif
