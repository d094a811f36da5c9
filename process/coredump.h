/* SPDX-License-Identifier: MIT */
/* Between coredump.c and the formats that write cores. */
#ifndef PROCESS_COREDUMP_H
#define PROCESS_COREDUMP_H

#include <jiffy/signal.h>
#include <jiffy/types.h>

struct file;

struct coredump_params {
	const struct kernel_siginfo *siginfo;
	struct file *file;
	unsigned long limit; /* RLIMIT_CORE, bytes */
	unsigned long mm_flags;
	loff_t written, pos;
};

/* Writes at the dump's position; false once the limit, the disk or a fatal signal ends it. */
bool dump_emit(struct coredump_params *cprm, const void *data, size_t len);
bool dump_skip(struct coredump_params *cprm, size_t len); /* a hole */
bool dump_align(struct coredump_params *cprm, size_t align);
int elf_core_dump(struct coredump_params *cprm); /* elf_core.c */

#endif
