/* SPDX-License-Identifier: MIT */
/* unit: tools/elfread.c tools/util.c */
/* The ELF reader: what it finds in a good file, and that no bad one gets it out of bounds. */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tools/elfread.h"

#define BASE 0x400000

/* A small dynamic program, laid out by hand. */
struct file {
	Elf64_Ehdr ehdr;
	Elf64_Phdr ph[3];
	char interp[16];
	Elf64_Dyn dyn[7];
	char strings[64];
};

static const char strings[] = "\0liba.so\0libb.so\0/some/path\0$ORIGIN";

static void build(struct file *f)
{
	memset(f, 0, sizeof(*f));
	memcpy(f->ehdr.e_ident, ELFMAG, SELFMAG);
	f->ehdr.e_ident[EI_CLASS] = ELFCLASS64;
	f->ehdr.e_ident[EI_DATA] = ELFDATA2LSB;
	f->ehdr.e_type = ET_DYN;
	f->ehdr.e_machine = EM_X86_64;
	f->ehdr.e_phoff = offsetof(struct file, ph);
	f->ehdr.e_phentsize = sizeof(Elf64_Phdr);
	f->ehdr.e_phnum = 3;
	f->ph[0] = (Elf64_Phdr){.p_type = PT_LOAD,
				.p_vaddr = BASE,
				.p_filesz = sizeof(*f),
				.p_memsz = sizeof(*f) + 100};
	f->ph[1] = (Elf64_Phdr){
	    .p_type = PT_INTERP, .p_offset = offsetof(struct file, interp), .p_filesz = 7};
	f->ph[2] = (Elf64_Phdr){.p_type = PT_DYNAMIC,
				.p_offset = offsetof(struct file, dyn),
				.p_filesz = sizeof(f->dyn)};
	strcpy(f->interp, "/ld.so");
	f->dyn[0] = (Elf64_Dyn){DT_NEEDED, {1}};
	f->dyn[1] = (Elf64_Dyn){DT_NEEDED, {9}};
	f->dyn[2] = (Elf64_Dyn){DT_RPATH, {17}};
	f->dyn[3] = (Elf64_Dyn){DT_RUNPATH, {28}};
	f->dyn[4] = (Elf64_Dyn){DT_STRTAB, {BASE + offsetof(struct file, strings)}};
	f->dyn[5] = (Elf64_Dyn){DT_STRSZ, {sizeof(strings)}};
	memcpy(f->strings, strings, sizeof(strings));
}

/* Parse a copy that ends exactly where its allocation does: the sanitizer sees every overrun. */
static enum elf_verdict parse(const void *image, size_t size, struct elf_info *info)
{
	enum elf_verdict verdict;
	void *copy = malloc(size ? size : 1);
	const char *why;

	memcpy(copy, image, size);
	verdict = elf_parse(copy, size, info, &why);
	if (verdict != ELF_OK)
		assert_non_null(why);
	free(copy);
	return verdict;
}

static enum elf_verdict verdict_of(const struct file *f)
{
	struct elf_info info;
	enum elf_verdict v = parse(f, sizeof(*f), &info);

	elf_release(&info);
	return v;
}

static void reads_a_program(void **state)
{
	struct elf_info info;
	struct file f;

	build(&f);
	assert_int_equal(parse(&f, sizeof(f), &info), ELF_OK);
	assert_string_equal(info.interp, "/ld.so");
	assert_int_equal(info.nr_needed, 2);
	assert_string_equal(info.needed[0], "liba.so");
	assert_string_equal(info.needed[1], "libb.so");
	assert_string_equal(info.rpath, "/some/path");
	assert_string_equal(info.runpath, "$ORIGIN");
	elf_release(&info);
}

static void truncation_is_never_ok(void **state)
{
	struct elf_info info;
	struct file f;

	build(&f);
	for (size_t size = 0; size < sizeof(f); size++) {
		assert_int_not_equal(parse(&f, size, &info), ELF_OK);
		assert_null(info.needed);
	}
}

static void tells_foreign_files(void **state)
{
	struct file f;

	build(&f);
	f.ehdr.e_machine = EM_AARCH64;
	assert_int_equal(verdict_of(&f), ELF_WRONG_ARCH);
	build(&f);
	f.ehdr.e_ident[EI_CLASS] = ELFCLASS32;
	assert_int_equal(verdict_of(&f), ELF_WRONG_ARCH);
	build(&f);
	f.ehdr.e_type = ET_REL;
	assert_int_equal(verdict_of(&f), ELF_NOT_LOADED);
	build(&f);
	f.ehdr.e_ident[0] = 'x';
	assert_int_equal(verdict_of(&f), ELF_NOT_ELF);
}

static void refuses_hostile_offsets(void **state)
{
	static const uint64_t bad[] = {1ULL << 40, UINT64_MAX, UINT64_MAX - 8, INT64_MAX};
	struct file f;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		build(&f);
		f.ehdr.e_phoff = bad[i];
		assert_int_equal(verdict_of(&f), ELF_DAMAGED);
		build(&f);
		f.ph[0].p_offset = bad[i];
		assert_int_equal(verdict_of(&f), ELF_DAMAGED);
		build(&f);
		f.ph[1].p_filesz = bad[i];
		assert_int_equal(verdict_of(&f), ELF_DAMAGED);
		build(&f);
		f.ph[2].p_offset = bad[i];
		assert_int_equal(verdict_of(&f), ELF_DAMAGED);
		build(&f);
		f.dyn[4].d_un.d_ptr = bad[i];
		assert_int_equal(verdict_of(&f), ELF_DAMAGED);
		build(&f);
		f.dyn[0].d_un.d_val = bad[i];
		assert_int_equal(verdict_of(&f), ELF_DAMAGED);
	}
	build(&f);
	f.ph[1].p_filesz = 6; /* the name without its NUL */
	assert_int_equal(verdict_of(&f), ELF_DAMAGED);
	build(&f);
	f.dyn[5].d_un.d_val = 30; /* the string table ends inside a name */
	assert_int_equal(verdict_of(&f), ELF_DAMAGED);
}

/* Every byte in turn gets every value of interest: whatever the verdict, nothing overruns. */
static void survives_mutation(void **state)
{
	static const unsigned char values[] = {0, 1, 0x7f, 0x80, 0xff};
	struct elf_info info;
	struct file f;

	for (size_t at = 0; at < sizeof(f); at++) {
		for (size_t i = 0; i < sizeof(values); i++) {
			build(&f);
			((unsigned char *)&f)[at] = values[i];
			parse(&f, sizeof(f), &info);
			elf_release(&info);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_a_program),	   cmocka_unit_test(truncation_is_never_ok),
	    cmocka_unit_test(tells_foreign_files), cmocka_unit_test(refuses_hostile_offsets),
	    cmocka_unit_test(survives_mutation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
