/* SPDX-License-Identifier: MIT */
/*
 * The new program's stack while it is being built: an address space with one VMA at its top, into
 * which the strings of the arguments and the environment are copied once, from the last to the
 * first. execve(2), "Limits on size of arguments and environment".
 */
#include <arch/pgtable.h>
#include <arch/task.h>
#include <arch/uaccess.h>
#include <jiffy/fs.h>
#include <jiffy/mm.h>
#include <jiffy/random.h>
#include <jiffy/resource.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include <uapi/prctl.h>

#include "exec.h"

#define STACK_RND_PAGES 0x3fffffUL /* 16 GiB of possible tops */

int randomize_va_space = 2; /* /proc/sys/kernel/randomize_va_space */

/*
 * The stack's top is chosen before anything is copied, so that nothing has to move afterwards.
 * Only a set-user-ID program that drops ADDR_NO_RANDOMIZE learns its personality too late; it
 * gets the fixed top.
 */
static unsigned long choose_stack_top(void)
{
	unsigned long top = TASK_SIZE - PAGE_SIZE;

	if (randomize_va_space && !(current->personality & ADDR_NO_RANDOMIZE))
		top -= (get_random_u64() & STACK_RND_PAGES) << PAGE_SHIFT;
	return top;
}

int bprm_mm_init(struct linux_binprm *bprm)
{
	struct mm_struct *mm = mm_alloc();
	struct vm_area_struct *vma;
	int ret = -ENOMEM;

	if (!mm)
		return -ENOMEM;
	bprm->mm = mm;
	task_lock(current->group_leader);
	bprm->rlim_stack.rlim_cur = rlimit(RLIMIT_STACK);
	bprm->rlim_stack.rlim_max = rlimit_max(RLIMIT_STACK);
	task_unlock(current->group_leader);
	vma = vm_area_alloc(mm);
	if (!vma)
		goto out_mm;
	vma->vm_end = choose_stack_top();
	vma->vm_start = vma->vm_end - PAGE_SIZE;
	vma->vm_pgoff = vma->vm_start >> PAGE_SHIFT;
	vma->vm_flags = VM_STACK_DEFAULT_FLAGS;
	vma->vm_page_prot = vm_get_page_prot(vma->vm_flags);
	mmap_write_lock(mm);
	ret = insert_vm_struct(mm, vma);
	mmap_write_unlock(mm);
	if (ret)
		goto out_vma;
	bprm->vma = vma;
	bprm->p = vma->vm_end - sizeof(void *);
	return 0;
out_vma:
	vm_area_free(vma);
out_mm:
	bprm->mm = NULL;
	mmput(mm);
	return ret;
}

int count_strings(struct user_arg_ptr argv)
{
	const char __user *p;
	int i = 0;

	if (argv.kernel) {
		while (argv.kernel[i])
			i++;
		return i;
	}
	if (!argv.native)
		return 0;
	for (;;) {
		if (get_user(p, argv.native + i))
			return -EFAULT;
		if (!p)
			return i;
		if (i++ >= MAX_ARG_STRINGS)
			return -E2BIG;
		if (fatal_signal_pending(current))
			return -ERESTARTNOHAND;
		cond_resched();
	}
}

/*
 * Strings and their pointers may take a quarter of the stack limit, at most 6 MiB (three quarters
 * of the default stack), and at least 128 KiB.
 */
int bprm_stack_limits(struct linux_binprm *bprm)
{
	unsigned long limit = min(MIB(8) / 4 * 3, bprm->rlim_stack.rlim_cur / 4);
	unsigned long pointers;

	limit = max(limit, MAX_ARG_STRLEN);
	pointers = (max(bprm->argc, 1) + (unsigned long)bprm->envc) * sizeof(void *);
	if (limit <= pointers)
		return -E2BIG;
	limit -= pointers;
	bprm->argmin = bprm->p - limit;
	return 0;
}

/* The page of the new stack that holds pos, writable, with a reference; NULL without memory. */
static struct page *get_arg_page(struct linux_binprm *bprm, unsigned long pos)
{
	struct vm_area_struct *vma = bprm->vma;
	struct mm_struct *mm = bprm->mm;
	struct page *page = NULL;

	mmap_write_lock(mm);
	if (pos < vma->vm_start && expand_stack(vma, pos))
		goto out;
	if (get_user_pages_remote(mm, pos, 1, FOLL_WRITE, &page, NULL) <= 0)
		page = NULL;
out:
	mmap_write_unlock(mm);
	return page;
}

/*
 * The same, held until another page is wanted or put_arg_page(): most strings lie in the page of
 * the string before. Nobody else has the new address space yet, so the page stays where it is.
 */
static struct page *hold_arg_page(struct linux_binprm *bprm, unsigned long pos)
{
	pos &= PAGE_MASK;
	if (bprm->arg_page && bprm->arg_page_pos == pos)
		return bprm->arg_page;
	if (bprm->arg_page)
		put_page(bprm->arg_page);
	bprm->arg_page = get_arg_page(bprm, pos);
	bprm->arg_page_pos = pos;
	return bprm->arg_page;
}

static void put_arg_page(struct linux_binprm *bprm)
{
	if (bprm->arg_page)
		put_page(bprm->arg_page);
	bprm->arg_page = NULL;
}

/* Copies len bytes (with the NUL) to below bprm->p; leaves a page held. */
static int push_string(struct linux_binprm *bprm, const char *from, bool user, unsigned long len)
{
	unsigned long end = bprm->p;

	if (len > MAX_ARG_STRLEN || bprm->p - bprm->argmin < len || bprm->p < len)
		return -E2BIG;
	bprm->p -= len;
	while (len) {
		unsigned long in_page = offset_in_page(end) ? offset_in_page(end) : PAGE_SIZE;
		unsigned long n = min(in_page, len);
		struct page *page;
		char *to;
		int bad = 0;

		if (fatal_signal_pending(current))
			return -ERESTARTNOHAND;
		end -= n;
		len -= n;
		page = hold_arg_page(bprm, end);
		if (!page)
			return -E2BIG;
		to = (char *)page_address(page) + offset_in_page(end);
		if (user)
			bad = copy_from_user(to, from + len, n) != 0;
		else
			memcpy(to, from + len, n);
		if (bad)
			return -EFAULT;
		cond_resched();
	}
	return 0;
}

int copy_string_kernel(const char *arg, struct linux_binprm *bprm)
{
	int ret = push_string(bprm, arg, false, strlen(arg) + 1);

	put_arg_page(bprm);
	return ret;
}

static int copy_user_string(const char __user *str, struct linux_binprm *bprm)
{
	long len = strnlen_user(str, MAX_ARG_STRLEN);

	if (!len)
		return -EFAULT;
	if ((unsigned long)len > MAX_ARG_STRLEN)
		return -E2BIG;
	return push_string(bprm, str, true, len);
}

int copy_strings(int argc, struct user_arg_ptr argv, struct linux_binprm *bprm)
{
	const char __user *str;
	int ret = 0;

	while (!ret && argc-- > 0) {
		if (argv.kernel)
			ret = copy_string_kernel(argv.kernel[argc], bprm);
		else if (get_user(str, argv.native + argc))
			ret = -EFAULT;
		else
			ret = copy_user_string(str, bprm);
	}
	put_arg_page(bprm);
	return ret;
}

/* Drops the first string, which a script's interpreter line replaces. */
int remove_arg_zero(struct linux_binprm *bprm)
{
	struct page *page;
	bool end = false;

	if (!bprm->argc)
		return 0;
	while (!end) {
		unsigned long offset = offset_in_page(bprm->p);
		char *k;

		page = get_arg_page(bprm, bprm->p);
		if (!page)
			return -EFAULT;
		k = page_address(page);
		for (; offset < PAGE_SIZE && k[offset]; offset++)
			bprm->p++;
		end = offset < PAGE_SIZE;
		put_page(page);
	}
	bprm->p++;
	bprm->argc--;
	return 0;
}

/*
 * The program is accepted: the stack takes its final place and rights, and as much room as the
 * program may soon need. stack_top: where a format without randomisation wants the end; 0 keeps
 * the place that it has.
 */
int setup_arg_pages(struct linux_binprm *bprm, unsigned long stack_top, int executable_stack)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma = bprm->vma, *prev = NULL;
	unsigned long flags = VM_STACK_DEFAULT_FLAGS | mm->def_flags, base, shift;
	int ret;

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	if (executable_stack == EXSTACK_ENABLE_X)
		flags |= VM_EXEC;
	ret = mprotect_fixup(vma, &prev, vma->vm_start, vma->vm_end, flags);
	if (ret)
		goto out;
	shift = stack_top ? vma->vm_end - stack_top : 0;
	if (shift) {
		ret = relocate_vma_down(vma, shift);
		if (ret)
			goto out;
		bprm->p -= shift;
		if (bprm->loader)
			bprm->loader -= shift;
		bprm->exec -= shift;
	}
	/* 128 KiB more below at once: a program that uses its stack soon faults less. */
	base = vma->vm_end - vma->vm_start + KIB(128);
	base = vma->vm_end - min(base, bprm->rlim_stack.rlim_cur & PAGE_MASK);
	mm->start_stack = bprm->p;
	if (base < vma->vm_start)
		ret = expand_stack(vma, base);
	if (ret)
		ret = -EFAULT;
out:
	mmap_write_unlock(mm);
	return ret;
}
