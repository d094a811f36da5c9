/* SPDX-License-Identifier: MIT */
/* unix(7): the address. */
#ifndef UAPI_UN_H
#define UAPI_UN_H

#include <jiffy/types.h>

#define UNIX_PATH_MAX 108

struct sockaddr_un {
	u16 sun_family;
	char sun_path[UNIX_PATH_MAX];
};

#endif
