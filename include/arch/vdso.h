/* SPDX-License-Identifier: MIT */
/*
 * Contract 8 of 8: the code that the kernel lends to programs.
 */
#ifndef ARCH_VDSO_H
#define ARCH_VDSO_H

#include <jiffy/types.h>

struct mm_struct;

/*
 * The vDSO image (an ELF shared object linked into the kernel) and the page of time data it
 * reads: a sequence counter, the clock's cycle_last, mult and shift, and the bases of each clock.
 * Written by time/ under its lock through vdso_data; programs see it read-only.
 */
struct vdso_data {
	u32 seq; /* odd while written */
	u32 clock_mode; /* 0: use the system call */
	u64 cycle_last, mask;
	u32 mult, shift;
	u64 wall_sec, wall_snsec, mono_sec, mono_snsec; /* snsec: nanoseconds << shift */
	u64 boot_sec, boot_snsec, tai_offset;
	u64 coarse_wall_sec, coarse_wall_nsec, coarse_mono_sec, coarse_mono_nsec;
	s32 tz_minuteswest, tz_dsttime;
};
extern struct vdso_data *vdso_data; /* in a page of its own */

/* Maps both into a new program's mm near `hint`; the ELF header's address or an errno. */
unsigned long arch_map_vdso(struct mm_struct *mm, unsigned long hint);
/* The signal return trampoline inside it, 0 when the program brings its own (SA_RESTORER). */
unsigned long arch_vdso_sigreturn(struct mm_struct *mm);

#endif
