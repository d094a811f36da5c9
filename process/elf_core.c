/* SPDX-License-Identifier: MIT */
/*
 * ELF core files: headers, one PT_NOTE with the state of process and threads (elf_notes.c), one
 * PT_LOAD for each mapping. core(5), elf(5). Called by do_coredump() while all other threads of
 * the process stand still; no locks.
 *
 *	ELF header | PT_NOTE, PT_LOAD... | notes | to a page | memory | section header
 *
 * The last one is there only when there are more program headers than e_phnum can count: it
 * then has their number (elf(5), PN_XNUM).
 */
#include <jiffy/gfp.h>
#include <jiffy/mm.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include <uapi/elf.h>

#include "coredump.h"

static void fill_elf_header(Elf64_Ehdr *eh, int phnum, loff_t end_of_memory)
{
	*eh = (Elf64_Ehdr){
	    .e_type = ET_CORE,
	    .e_machine = EM_X86_64,
	    .e_version = EV_CURRENT,
	    .e_phoff = sizeof(Elf64_Ehdr),
	    .e_ehsize = sizeof(Elf64_Ehdr),
	    .e_phentsize = sizeof(Elf64_Phdr),
	    .e_phnum = min(phnum, PN_XNUM),
	};
	memcpy(eh->e_ident, ELFMAG, SELFMAG);
	eh->e_ident[EI_CLASS] = ELFCLASS64;
	eh->e_ident[EI_DATA] = ELFDATA2LSB;
	eh->e_ident[EI_VERSION] = EV_CURRENT;
	eh->e_ident[EI_OSABI] = ELFOSABI_NONE;
	if (phnum >= PN_XNUM) {
		eh->e_shoff = end_of_memory;
		eh->e_shentsize = sizeof(Elf64_Shdr);
		eh->e_shnum = 1;
	}
}

static bool write_phdrs(struct coredump_params *cprm, size_t notes_len, loff_t notes_start,
			loff_t offset)
{
	Elf64_Phdr ph = {
	    .p_type = PT_NOTE, .p_offset = notes_start, .p_filesz = notes_len, .p_align = 4};
	const struct core_vma *v;

	if (!dump_emit(cprm, &ph, sizeof(ph)))
		return false;
	for (v = cprm->vma; v < cprm->vma + cprm->vma_count; v++) {
		ph = (Elf64_Phdr){
		    .p_type = PT_LOAD,
		    .p_flags = (v->flags & VM_READ ? PF_R : 0) | (v->flags & VM_WRITE ? PF_W : 0) |
			       (v->flags & VM_EXEC ? PF_X : 0),
		    .p_offset = offset,
		    .p_vaddr = v->start,
		    .p_filesz = v->dump_size,
		    .p_memsz = v->end - v->start,
		    .p_align = PAGE_SIZE,
		};
		offset += ph.p_filesz;
		if (!dump_emit(cprm, &ph, sizeof(ph)))
			return false;
	}
	return true;
}

static bool write_headers(struct coredump_params *cprm, const struct note_buf *notes)
{
	int phnum = cprm->vma_count + 1, i;
	loff_t notes_start = sizeof(Elf64_Ehdr) + (loff_t)phnum * sizeof(Elf64_Phdr);
	loff_t memory = ALIGN(notes_start + (loff_t)notes->len, (loff_t)PAGE_SIZE), end = memory;
	Elf64_Ehdr eh;

	for (i = 0; i < cprm->vma_count; i++)
		end += cprm->vma[i].dump_size;
	fill_elf_header(&eh, phnum, end);
	return dump_emit(cprm, &eh, sizeof(eh)) &&
	       write_phdrs(cprm, notes->len, notes_start, memory) &&
	       dump_emit(cprm, notes->data, notes->len) && dump_align(cprm, PAGE_SIZE);
}

static bool write_memory(struct coredump_params *cprm)
{
	int i;

	for (i = 0; i < cprm->vma_count; i++)
		if (!dump_user_range(cprm, &cprm->vma[i]))
			return false;
	return true;
}

/* What the ELF header had no room for. */
static bool write_section(struct coredump_params *cprm)
{
	Elf64_Shdr sh = {.sh_type = SHT_NULL, .sh_size = 1, .sh_info = cprm->vma_count + 1};

	return cprm->vma_count + 1 < PN_XNUM || dump_emit(cprm, &sh, sizeof(sh));
}

/* A core that the limit or the disk cut short is a core all the same. */
int elf_core_dump(struct coredump_params *cprm)
{
	struct note_buf notes = {NULL};

	gather_notes(&notes, cprm);
	if (notes.failed) {
		kvfree(notes.data);
		return 0;
	}
	if (write_headers(cprm, &notes) && write_memory(cprm))
		write_section(cprm);
	kvfree(notes.data);
	return 1;
}
