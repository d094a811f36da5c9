/* SPDX-License-Identifier: MIT */
/*
 * Between coredump.c, which stops the process and opens the file, corename.c, which names it, and
 * the formats that write cores. Current, which is the only thread of its process that runs.
 */
#ifndef PROCESS_COREDUMP_H
#define PROCESS_COREDUMP_H

#include <jiffy/signal.h>
#include <jiffy/types.h>

struct file;

/* A mapping as it was when the dump began; the file is held. */
struct core_vma {
	unsigned long start, end, flags; /* VM_* */
	unsigned long pgoff;		 /* pages */
	unsigned long dump_size;	 /* bytes from start on that go into the core */
	struct file *file;
};

struct coredump_params {
	const struct kernel_siginfo *siginfo;
	struct file *file;
	unsigned long limit;	/* RLIMIT_CORE, bytes */
	unsigned long mm_flags; /* MMF_*: the filter */
	unsigned long written;	/* bytes */
	loff_t pos;		/* where the next one goes */
	int vma_count;
	struct core_vma *vma;
};

/* Writes at the dump's position; false once the limit, the disk or a fatal signal ends it. */
bool dump_emit(struct coredump_params *cprm, const void *data, size_t len);
bool dump_skip(struct coredump_params *cprm, size_t len); /* a hole */
bool dump_align(struct coredump_params *cprm, size_t align);
/* Memory of the program, holes for pages that are not there. */
bool dump_user_range(struct coredump_params *cprm, const struct core_vma *vma);

/*
 * The file's name by core_pattern(5) in buf, which has size bytes. 0, -ENAMETOOLONG, or -ENOENT
 * when the pattern is empty. corename.c
 */
int format_corename(char *buf, size_t size, const struct coredump_params *cprm);

/* Growing buffer of ELF notes. elf_notes.c */
struct note_buf {
	char *data;
	size_t len, room;
	bool failed; /* no memory */
};
void gather_notes(struct note_buf *b, const struct coredump_params *cprm);

int elf_core_dump(struct coredump_params *cprm); /* elf_core.c; 1: there is a core */

#endif
