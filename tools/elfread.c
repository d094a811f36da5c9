/* SPDX-License-Identifier: MIT */
/*
 * The ELF reader; see elfread.h. Structures are copied out of the image before
 * they are looked at, since nothing promises that a hostile file aligns them.
 */
#include <elf.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "elfread.h"
#include "jiffy.h"

struct image {
	const unsigned char *base;
	size_t size;
	Elf64_Ehdr ehdr;
	const char *why;
};

static bool within(const struct image *im, uint64_t offset, uint64_t length)
{
	return offset <= im->size && length <= im->size - offset;
}

static bool fetch(const struct image *im, uint64_t offset, void *to, size_t length)
{
	if (!within(im, offset, length))
		return false;
	memcpy(to, im->base + offset, length);
	return true;
}

static enum elf_verdict damaged(struct image *im, const char *why)
{
	im->why = why;
	return ELF_DAMAGED;
}

static bool get_phdr(const struct image *im, unsigned int i, Elf64_Phdr *ph)
{
	return fetch(im, im->ehdr.e_phoff + (uint64_t)i * sizeof(*ph), ph, sizeof(*ph));
}

static enum elf_verdict check_header(struct image *im)
{
	static const char truncated[] = "the file ends inside the ELF header";
	const unsigned char *ident = im->base;

	if (im->size < SELFMAG || memcmp(ident, ELFMAG, SELFMAG)) {
		im->why = "no ELF magic number";
		return ELF_NOT_ELF;
	}
	if (im->size < EI_NIDENT)
		return damaged(im, truncated);
	if (ident[EI_CLASS] != ELFCLASS64 || ident[EI_DATA] != ELFDATA2LSB) {
		im->why = "not a 64-bit little-endian file";
		return ELF_WRONG_ARCH;
	}
	if (!fetch(im, 0, &im->ehdr, sizeof(im->ehdr)))
		return damaged(im, truncated);
	if (im->ehdr.e_machine != EM_X86_64) {
		im->why = "not for x86-64";
		return ELF_WRONG_ARCH;
	}
	if (im->ehdr.e_type != ET_EXEC && im->ehdr.e_type != ET_DYN) {
		im->why = "an object or core file, not a program";
		return ELF_NOT_LOADED;
	}
	if (im->ehdr.e_phentsize != sizeof(Elf64_Phdr) || !im->ehdr.e_phnum)
		return damaged(im, "no usable program headers");
	if (im->ehdr.e_phoff > im->size ||
	    !within(im, im->ehdr.e_phoff, (uint64_t)im->ehdr.e_phnum * sizeof(Elf64_Phdr)))
		return damaged(im, "the program headers lie outside the file");
	return ELF_OK;
}

/* Segments must be whole: one that is cut short would fault only once it is touched. */
static enum elf_verdict check_segments(struct image *im)
{
	bool loads = false;
	Elf64_Phdr ph;

	for (unsigned int i = 0; i < im->ehdr.e_phnum; i++) {
		get_phdr(im, i, &ph);
		if (ph.p_type != PT_LOAD && ph.p_type != PT_DYNAMIC && ph.p_type != PT_INTERP)
			continue;
		if (!within(im, ph.p_offset, ph.p_filesz))
			return damaged(im, "the file is shorter than its segments");
		if (ph.p_type != PT_LOAD)
			continue;
		loads = true;
		if (ph.p_filesz > ph.p_memsz)
			return damaged(im, "a segment is larger in the file than in memory");
		if (ph.p_vaddr + ph.p_memsz < ph.p_vaddr)
			return damaged(im, "a segment wraps round the address space");
	}
	return loads ? ELF_OK : damaged(im, "nothing to load");
}

/* Find the file offset of a virtual address and how many file bytes follow it there. */
static bool offset_of(const struct image *im, uint64_t vaddr, uint64_t *offset, uint64_t *left)
{
	Elf64_Phdr ph;

	for (unsigned int i = 0; i < im->ehdr.e_phnum; i++) {
		get_phdr(im, i, &ph);
		if (ph.p_type != PT_LOAD || vaddr < ph.p_vaddr || vaddr - ph.p_vaddr >= ph.p_filesz)
			continue;
		*offset = ph.p_offset + (vaddr - ph.p_vaddr);
		*left = ph.p_filesz - (vaddr - ph.p_vaddr);
		return true;
	}
	return false;
}

static char *string_at(const struct image *im, uint64_t offset, uint64_t limit)
{
	const char *s = (const char *)im->base + offset;
	size_t n = strnlen(s, limit);

	if (n == limit || n >= PATH_MAX)
		return NULL;
	return xstrdup(s);
}

static enum elf_verdict read_interp(struct image *im, const Elf64_Phdr *ph, struct elf_info *info)
{
	if (info->interp)
		return damaged(im, "two interpreters");
	info->interp = string_at(im, ph->p_offset, ph->p_filesz);
	if (!info->interp || !*info->interp)
		return damaged(im, "the interpreter's name is not a string");
	return ELF_OK;
}

struct strtab {
	uint64_t offset;
	uint64_t size;
	bool present;
};

static enum elf_verdict find_strtab(struct image *im, const Elf64_Phdr *ph, struct strtab *st)
{
	uint64_t addr = 0, size = 0, left;
	bool have_addr = false;
	Elf64_Dyn dyn;

	for (uint64_t at = 0; ph->p_filesz - at >= sizeof(dyn); at += sizeof(dyn)) {
		fetch(im, ph->p_offset + at, &dyn, sizeof(dyn));
		if (dyn.d_tag == DT_NULL)
			break;
		if (dyn.d_tag == DT_STRTAB) {
			addr = dyn.d_un.d_ptr;
			have_addr = true;
		} else if (dyn.d_tag == DT_STRSZ) {
			size = dyn.d_un.d_val;
		}
	}
	st->present = have_addr;
	if (!have_addr)
		return ELF_OK;
	if (!offset_of(im, addr, &st->offset, &left))
		return damaged(im, "the dynamic string table lies outside the file");
	st->size = size < left ? size : left;
	return ELF_OK;
}

static char *dyn_string(const struct image *im, const struct strtab *st, uint64_t index)
{
	if (!st->present || index >= st->size)
		return NULL;
	return string_at(im, st->offset + index, st->size - index);
}

static void replace(char **slot, char *s)
{
	free(*slot);
	*slot = s;
}

static enum elf_verdict read_dynamic(struct image *im, const Elf64_Phdr *ph, struct elf_info *info)
{
	enum elf_verdict verdict;
	struct strtab st = {0};
	Elf64_Dyn dyn;
	char *s;

	verdict = find_strtab(im, ph, &st);
	if (verdict != ELF_OK)
		return verdict;
	for (uint64_t at = 0; ph->p_filesz - at >= sizeof(dyn); at += sizeof(dyn)) {
		fetch(im, ph->p_offset + at, &dyn, sizeof(dyn));
		if (dyn.d_tag == DT_NULL)
			break;
		if (dyn.d_tag != DT_NEEDED && dyn.d_tag != DT_RPATH && dyn.d_tag != DT_RUNPATH)
			continue;
		s = dyn_string(im, &st, dyn.d_un.d_val);
		if (!s)
			return damaged(im, "a name in the dynamic section is not a string");
		if (dyn.d_tag == DT_RPATH) {
			replace(&info->rpath, s);
		} else if (dyn.d_tag == DT_RUNPATH) {
			replace(&info->runpath, s);
		} else {
			info->needed =
			    xrealloc(info->needed, (info->nr_needed + 1) * sizeof(char *));
			info->needed[info->nr_needed++] = s;
		}
	}
	return ELF_OK;
}

static enum elf_verdict read_needs(struct image *im, struct elf_info *info)
{
	enum elf_verdict verdict = ELF_OK;
	bool dynamic = false;
	Elf64_Phdr ph;

	for (unsigned int i = 0; i < im->ehdr.e_phnum && verdict == ELF_OK; i++) {
		get_phdr(im, i, &ph);
		if (ph.p_type == PT_INTERP) {
			verdict = read_interp(im, &ph, info);
		} else if (ph.p_type == PT_DYNAMIC) {
			if (dynamic)
				return damaged(im, "two dynamic sections");
			dynamic = true;
			verdict = read_dynamic(im, &ph, info);
		}
	}
	return verdict;
}

enum elf_verdict elf_parse(const void *image, size_t size, struct elf_info *info, const char **why)
{
	struct image im = {.base = image, .size = size};
	enum elf_verdict verdict;

	memset(info, 0, sizeof(*info));
	verdict = check_header(&im);
	if (verdict == ELF_OK)
		verdict = check_segments(&im);
	if (verdict == ELF_OK)
		verdict = read_needs(&im, info);
	if (verdict != ELF_OK)
		elf_release(info);
	*why = im.why;
	return verdict;
}

void elf_release(struct elf_info *info)
{
	for (size_t i = 0; i < info->nr_needed; i++)
		free(info->needed[i]);
	free(info->needed);
	free(info->interp);
	free(info->rpath);
	free(info->runpath);
	memset(info, 0, sizeof(*info));
}
