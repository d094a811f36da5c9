/* SPDX-License-Identifier: MIT */
/*
 * ELF programs and interpreters: whatever the headers say, the loader reads inside its own memory,
 * asks mmap() for nothing that wraps, gives back no more than it took, and a program it takes
 * lies in user space. The file is the input; memory is a record of what was asked for.
 */
#include <arch/task.h>
#include <jiffy/sched.h>

static struct task_struct a_task;
#undef current
#define current (&a_task)

#include "../../process/binfmt_elf.c"

#include "fuzz.h"

int randomize_va_space = 2;
static const unsigned char *file_data;
static size_t file_size;
static unsigned long last_map, last_len; /* what mmap() gave last */

ssize_t kernel_read(struct file *file, void *buf, size_t len, loff_t *pos)
{
	size_t n;

	if (*pos < 0)
		return -EINVAL;
	if ((u64)*pos >= file_size)
		return 0;
	n = min(len, file_size - (size_t)*pos);
	__builtin_memcpy(buf, file_data + *pos, n);
	*pos += n;
	return n;
}

void *kmalloc(size_t size, gfp_t gfp)
{
	return __builtin_malloc(size);
}

void *kvmalloc(size_t size, gfp_t gfp)
{
	return __builtin_malloc(size);
}

void kvfree(const void *p)
{
	__builtin_free((void *)p);
}

u64 get_random_u64(void)
{
	return 0x123456789abcdefULL;
}

unsigned long vm_mmap(struct file *file, unsigned long addr, unsigned long len, unsigned long prot,
		      unsigned long flags, unsigned long offset)
{
	if (!len || (offset & ~PAGE_MASK))
		return -EINVAL;
	if (len > TASK_SIZE || offset + len < offset)
		return -ENOMEM;
	len = PAGE_ALIGN(len);
	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
		if (addr & ~PAGE_MASK)
			return -EINVAL;
		if (addr > TASK_SIZE - len)
			return -ENOMEM;
	} else {
		addr = (TASK_SIZE - len) / 2 & PAGE_MASK;
	}
	last_map = addr;
	last_len = len;
	return addr;
}

int vm_munmap(unsigned long start, size_t len)
{
	MUST(!(start & ~PAGE_MASK) && start >= last_map && len);
	MUST(start - last_map <= last_len && PAGE_ALIGN(len) <= last_len - (start - last_map));
	return 0;
}

int vm_brk_flags(unsigned long addr, unsigned long len, unsigned long flags)
{
	MUST(!(addr & ~PAGE_MASK) && !(len & ~PAGE_MASK) && len);
	return len > TASK_SIZE || addr > TASK_SIZE - len ? -ENOMEM : 0;
}

unsigned long clear_user(void __user *to, unsigned long n)
{
	MUST(n < PAGE_SIZE);
	return (unsigned long)to > TASK_SIZE - n ? n : 0;
}

/* The parts of load_elf_binary() that look at the file, as a program and as an interpreter. */
static void load(bool as_interp)
{
	struct elf_image img = {0};
	struct elf_layout lay;
	unsigned long base;

	if (elf_read(NULL, &img.hdr, sizeof(img.hdr), 0) || !elf_header_ok(&img.hdr) ||
	    read_phdrs(&img))
		return;
	stack_rights(&img);
	if (as_interp) {
		base = load_elf_interp(&img, img.hdr.e_ident[15] & 2);
		MUST(BAD_ADDR(base) || img.hdr.e_phnum);
	} else if (!load_program(&img, img.hdr.e_ident[15] & 1, &lay)) {
		MUST(lay.elf_brk <= TASK_SIZE && lay.end_data <= TASK_SIZE);
	}
	kvfree(img.phdr);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	file_data = data;
	file_size = size;
	a_task.flags = size & 1 ? PF_RANDOMIZE : 0;
	load(false);
	load(true);
	return 0;
}

size_t fuzz_seed(int n, unsigned char *buf, size_t room)
{
	Elf64_Ehdr h = {.e_type = n & 1 ? ET_DYN : ET_EXEC,
			.e_machine = EM_X86_64,
			.e_entry = 0x401000,
			.e_phoff = sizeof(h),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 4};
	unsigned long base = n & 1 ? 0 : 0x400000;
	Elf64_Phdr p[4] = {
	    {.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_filesz = 0x1000, .p_memsz = 0x1000},
	    {.p_type = PT_LOAD,
	     .p_flags = PF_R | PF_W,
	     .p_offset = 0x1e10,
	     .p_filesz = 0x300,
	     .p_memsz = 0x2000},
	    {.p_type = n & 2 ? PT_LOAD : PT_GNU_STACK, .p_flags = PF_R, .p_memsz = 0x5000},
	    {.p_type = PT_INTERP, .p_offset = 0x200, .p_filesz = 20, .p_memsz = 20},
	};

	if (n >= 4)
		return 0;
	__builtin_memcpy(h.e_ident, ELFMAG, SELFMAG);
	h.e_ident[EI_CLASS] = ELFCLASS64;
	for (int i = 0; i < 4; i++) {
		p[i].p_vaddr = base + 0x10000 * i + (p[i].p_offset & 0xfff);
		p[i].p_align = 0x1000;
	}
	__builtin_memcpy(buf, &h, sizeof(h));
	__builtin_memcpy(buf + sizeof(h), p, sizeof(p));
	return sizeof(h) + sizeof(p);
}
