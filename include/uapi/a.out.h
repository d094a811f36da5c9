/* SPDX-License-Identifier: MIT */
/*
 * a.out executables of the System V/BSD kind, with 64-bit fields where a size or an address
 * stands, as x86-64's struct exec has them (a.out.h of the kernel's user interface).
 *
 *   OMAGIC  text and data behind one another, all writable, header not mapped
 *   NMAGIC  text read-only, data on the next page
 *   ZMAGIC  pages mapped straight from the file; text begins at file offset 1024
 *   QMAGIC  the same, but the header is part of the first text page and page 0 stays empty
 */
#ifndef UAPI_AOUT_H
#define UAPI_AOUT_H

#include <jiffy/types.h>

struct exec {
	u32 a_info; /* magic in the low 16 bits, machine in the next 8, flags in the top 8 */
	u32 a_text, a_data, a_bss, a_syms, a_entry, a_trsize, a_drsize;
};

#define OMAGIC	      0407
#define NMAGIC	      0410
#define ZMAGIC	      0413
#define QMAGIC	      0314
#define N_MAGIC(x)    ((x).a_info & 0xffff)
#define N_MACHTYPE(x) (((x).a_info >> 16) & 0xff)
#define M_386	      100
#define ZMAGIC_HEADER 1024

#define N_TXTOFF(x) \
	(N_MAGIC(x) == ZMAGIC ? (u64)ZMAGIC_HEADER : N_MAGIC(x) == QMAGIC ? 0 : sizeof(struct exec))
#define N_DATOFF(x)  (N_TXTOFF(x) + (x).a_text)
#define N_TXTADDR(x) (N_MAGIC(x) == QMAGIC ? 4096UL : 0UL)

#endif
