/* SPDX-License-Identifier: MIT */
/*
 * Lending the vDSO to programs: its image, read and executed, with the page of time data, only
 * read, just below it. The pages are the kernel image's own; all programs share them. Written
 * once at boot, read-only afterwards, except for the time data (time/ writes it).
 */
#include <arch/vdso.h>
#include <asm/setup.h>
#include <jiffy/err.h>
#include <jiffy/mm.h>
#include <jiffy/string.h>
#include <uapi/elf.h>

#define VDSO_MAX_PAGES 4

extern char vdso_image_start[], vdso_image_end[];

static union {
	struct vdso_data data;
	u8 page[PAGE_SIZE];
} vvar __section(".data.page_aligned") __aligned(PAGE_SIZE);
struct vdso_data *vdso_data = &vvar.data;

static struct page *vvar_pages[2], *image_pages[VDSO_MAX_PAGES + 1];
static const struct vm_special_mapping vvar_mapping = {.name = "[vvar]", .pages = vvar_pages};
static const struct vm_special_mapping vdso_mapping = {.name = "[vdso]", .pages = image_pages};
static unsigned long image_size, sigreturn_offset;

/* mov $15, %rax; syscall: the trampoline's bytes, of which the image has one. */
static const u8 sigreturn_code[] = {0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05};

/* A page of the kernel's that programs map: never freed, and known as such to mm/gup.c. */
static struct page *lend_page(void *addr)
{
	struct page *page = adopt_reserved_page(addr);

	SetPageReserved(page);
	return page;
}

static int vdso_init(void)
{
	unsigned long size = vdso_image_end - vdso_image_start;

	image_size = ALIGN(size, PAGE_SIZE);
	if (image_size > VDSO_MAX_PAGES * PAGE_SIZE)
		panic("vdso: the image has more than %d pages", VDSO_MAX_PAGES);
	vvar_pages[0] = lend_page(&vvar);
	for (unsigned long i = 0; i < image_size / PAGE_SIZE; i++)
		image_pages[i] = lend_page(vdso_image_start + i * PAGE_SIZE);
	for (unsigned long i = 0; i + sizeof(sigreturn_code) <= size; i++)
		if (!memcmp(vdso_image_start + i, sigreturn_code, sizeof(sigreturn_code)))
			sigreturn_offset = i;
	return 0;
}
core_initcall(vdso_init);

unsigned long arch_map_vdso(struct mm_struct *mm, unsigned long hint)
{
	struct vm_area_struct *vma;
	unsigned long addr;

	mmap_write_lock(mm);
	addr = get_unmapped_area(NULL, hint, PAGE_SIZE + image_size, 0, 0);
	if (IS_ERR_VALUE(addr))
		goto out;
	/* The clock's page changes under a reader: it is no memory to look into from outside. */
	vma = _install_special_mapping(mm, addr, PAGE_SIZE,
				       VM_READ | VM_MAYREAD | VM_IO | VM_DONTDUMP, &vvar_mapping);
	if (!IS_ERR(vma)) {
		vma = _install_special_mapping(
		    mm, addr + PAGE_SIZE, image_size,
		    VM_READ | VM_EXEC | VM_MAYREAD | VM_MAYEXEC | VM_MAYWRITE, &vdso_mapping);
		if (IS_ERR(vma))
			do_munmap(mm, addr, PAGE_SIZE);
	}
	if (IS_ERR(vma)) {
		addr = PTR_ERR(vma);
	} else {
		addr += PAGE_SIZE;
		mm->vdso_base = addr;
	}
out:
	mmap_write_unlock(mm);
	return addr;
}

unsigned long arch_vdso_sigreturn(struct mm_struct *mm)
{
	return mm->vdso_base ? mm->vdso_base + sigreturn_offset : 0;
}
