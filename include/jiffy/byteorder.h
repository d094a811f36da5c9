/* SPDX-License-Identifier: MIT */
/*
 * Numbers in network order, most significant byte first, and the machine's own. Any context.
 */
#ifndef JIFFY_BYTEORDER_H
#define JIFFY_BYTEORDER_H

#include <jiffy/types.h>

static inline u16 htons(u16 v)
{
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap16(v) : v;
}

static inline u32 htonl(u32 v)
{
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap32(v) : v;
}

static inline u16 ntohs(u16 v)
{
	return htons(v);
}

static inline u32 ntohl(u32 v)
{
	return htonl(v);
}

#endif
