/* SPDX-License-Identifier: MIT */
/*
 * I/O ports. Any context; the devices behind them have locks of their own.
 */
#ifndef ASM_X86_IO_H
#define ASM_X86_IO_H

#include <jiffy/compiler.h>
#include <jiffy/types.h>

#define __X86_PORT(sfx, type)                                                 \
	static __always_inline void out##sfx(type v, u16 port)                \
	{                                                                     \
		__asm__ volatile("out" #sfx " %0, %1" ::"a"(v), "Nd"(port));  \
	}                                                                     \
	static __always_inline type in##sfx(u16 port)                         \
	{                                                                     \
		type v;                                                       \
		__asm__ volatile("in" #sfx " %1, %0" : "=a"(v) : "Nd"(port)); \
		return v;                                                     \
	}
__X86_PORT(b, u8)
__X86_PORT(w, u16)
__X86_PORT(l, u32)

/* n bytes to one port, in one instruction. */
static __always_inline void outsb(u16 port, const void *buf, size_t n)
{
	__asm__ volatile("rep outsb" : "+S"(buf), "+c"(n) : "d"(port) : "memory");
}

#endif
