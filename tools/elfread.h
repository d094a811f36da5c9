/* SPDX-License-Identifier: MIT */
/*
 * A reader of ELF files for the packer: what must come along for the file to
 * start. It takes any bytes at all, so every offset and length is checked
 * against the image before use; see elf(5) and the System V ABI, chapters 4
 * and 5. It has no state: any caller, any time.
 */
#ifndef TOOLS_ELFREAD_H
#define TOOLS_ELFREAD_H

#include <stddef.h>

enum elf_verdict {
	ELF_OK,
	ELF_NOT_ELF,	/* does not begin with the magic number */
	ELF_WRONG_ARCH, /* ELF, for another processor, width or byte order */
	ELF_NOT_LOADED, /* a relocatable object or core file: nothing to execute */
	ELF_DAMAGED,	/* truncated, or inconsistent with itself */
};

struct elf_info {
	char *interp;  /* PT_INTERP, or NULL: static or a library */
	char **needed; /* DT_NEEDED in file order */
	size_t nr_needed;
	char *rpath;   /* DT_RPATH, or NULL */
	char *runpath; /* DT_RUNPATH, or NULL */
};

/*
 * elf_parse - read what @image needs in order to run.
 * @image, @size: the whole file, in bytes.
 * @info: filled in when the verdict is ELF_OK; elf_release() frees it.
 * @why: set to a static phrase when the verdict is not ELF_OK.
 */
enum elf_verdict elf_parse(const void *image, size_t size, struct elf_info *info, const char **why);

/* elf_release - free what elf_parse() put into @info. */
void elf_release(struct elf_info *info);

#endif
