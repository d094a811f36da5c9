/* SPDX-License-Identifier: MIT */
/*
 * a.out programs: OMAGIC, NMAGIC, ZMAGIC and QMAGIC, laid out as <uapi/a.out.h> says; static
 * only, as the format never knew anything else in the kernel. Task context, called by exec.
 *
 * The new program finds argc, argv and envp on its stack as three words, followed by the two
 * arrays; there is no auxiliary vector. Every size in the header is 32 bits wide and all sums
 * are made in 64, so none can wrap.
 */
#include <arch/task.h>
#include <arch/uaccess.h>
#include <jiffy/binfmts.h>
#include <jiffy/file.h>
#include <jiffy/fs.h>
#include <jiffy/gfp.h>
#include <jiffy/init.h>
#include <jiffy/mm.h>
#include <jiffy/resource.h>
#include <jiffy/string.h>
#include <uapi/a.out.h>
#include <uapi/mman.h>

/* Where the header's sizes put the parts: addresses in the program, offsets in the file. */
struct aout_layout {
	unsigned long text, text_size, text_off;
	unsigned long data, data_size, data_off;
	unsigned long bss, bss_size;
};

/* Is the file one of ours, with all of its parts there? 0 or -ENOEXEC. */
static int check_header(const struct exec *ex, loff_t file_size)
{
	switch (N_MAGIC(*ex)) {
	case OMAGIC:
	case NMAGIC:
	case ZMAGIC:
	case QMAGIC:
		break;
	default:
		return -ENOEXEC;
	}
	/* Relocations are for the linker: a file that still has some is no program. */
	if (ex->a_trsize || ex->a_drsize)
		return -ENOEXEC;
	if (file_size < (loff_t)(N_DATOFF(*ex) + ex->a_data + ex->a_syms))
		return -ENOEXEC;
	return 0;
}

static void lay_out(const struct exec *ex, struct aout_layout *lay)
{
	lay->text = N_TXTADDR(*ex);
	lay->text_size = ex->a_text;
	lay->text_off = N_TXTOFF(*ex);
	lay->data = lay->text + lay->text_size;
	if (N_MAGIC(*ex) != OMAGIC)
		lay->data = PAGE_ALIGN(lay->data);
	lay->data_size = ex->a_data;
	lay->data_off = N_DATOFF(*ex);
	lay->bss = lay->data + lay->data_size;
	lay->bss_size = ex->a_bss;
}

/*
 * Copies a part of the file into mapped memory, writable or not: the copy is forced, as a
 * debugger's would be.
 */
static int copy_part(struct file *file, unsigned long addr, unsigned long size, loff_t pos)
{
	char *page = (char *)__get_free_page(GFP_KERNEL);
	int ret = 0;

	if (!page)
		return -ENOMEM;
	while (size) {
		ssize_t n = kernel_read(file, page, min(size, PAGE_SIZE), &pos);

		if (n <= 0) {
			ret = n ? n : -ENOEXEC;
			break;
		}
		if (access_process_vm(current, addr, page, n, FOLL_WRITE | FOLL_FORCE) != n) {
			ret = fatal_signal_pending(current) ? -EINTR : -EFAULT;
			break;
		}
		addr += n;
		size -= n;
	}
	free_page((unsigned long)page);
	return ret;
}

/*
 * One part of the program at its address: mapped from the file where offset and address allow
 * it, copied where they do not (a header of 32 or 1024 bytes stands before the text of most).
 */
static int load_part(struct file *file, unsigned long addr, unsigned long size, unsigned long off,
		     int prot)
{
	unsigned long len = PAGE_ALIGN(size), map;
	int flags = MAP_FIXED | MAP_PRIVATE;

	if (!size)
		return 0;
	if (PAGE_ALIGNED(off)) {
		map = vm_mmap(file, addr, size, prot, flags, off);
		return IS_ERR_VALUE(map) ? (long)map : 0;
	}
	map = vm_mmap(NULL, addr, len, prot, flags | MAP_ANONYMOUS, 0);
	if (IS_ERR_VALUE(map))
		return (long)map;
	return copy_part(file, addr, size, off);
}

/* Zeros behind the data: the rest of its last page, then pages of their own. */
static int load_bss(const struct aout_layout *lay)
{
	unsigned long start = PAGE_ALIGN(lay->bss), end = PAGE_ALIGN(lay->bss + lay->bss_size);

	/* Without data of its own the page in question is the text's, or nobody's. */
	if (lay->data_size && start > lay->bss &&
	    clear_user((void __user *)lay->bss, start - lay->bss))
		return -EFAULT;
	return end > start ? vm_brk(start, end - start) : 0;
}

static int load_image(struct file *file, const struct exec *ex, const struct aout_layout *lay)
{
	int all = PROT_READ | PROT_WRITE | PROT_EXEC, ret;

	if (N_MAGIC(*ex) == OMAGIC) {
		ret =
		    load_part(file, lay->text, lay->text_size + lay->data_size, lay->text_off, all);
	} else {
		ret = load_part(file, lay->text, lay->text_size, lay->text_off,
				PROT_READ | PROT_EXEC);
		if (!ret)
			ret = load_part(file, lay->data, lay->data_size, lay->data_off, all);
	}
	return ret ? ret : load_bss(lay);
}

/* n pointers to the strings that lie one behind another from *str on, and a NULL. */
static int put_strings(unsigned long __user *array, int n, unsigned long *str)
{
	for (; n > 0; n--) {
		long len = strnlen_user((const char __user *)*str, MAX_ARG_STRLEN);

		if (!len || (unsigned long)len > MAX_ARG_STRLEN)
			return -EINVAL;
		if (put_user(*str, array++))
			return -EFAULT;
		*str += len;
	}
	return put_user(0UL, array) ? -EFAULT : 0;
}

/* The stack: argc, argv, envp, then both arrays. bprm->p becomes the stack pointer. */
static int create_aout_tables(struct linux_binprm *bprm)
{
	struct mm_struct *mm = current->mm;
	unsigned long str = bprm->p, words = 3 + bprm->argc + 1 + bprm->envc + 1;
	unsigned long __user *sp, *argv, *envp;
	int ret;

	sp = (unsigned long __user *)((bprm->p - words * sizeof(long)) & ~15UL);
	argv = sp + 3;
	envp = argv + bprm->argc + 1;
	if (put_user((unsigned long)bprm->argc, sp) || put_user((unsigned long)argv, sp + 1) ||
	    put_user((unsigned long)envp, sp + 2))
		return -EFAULT;
	mm->arg_start = str;
	ret = put_strings(argv, bprm->argc, &str);
	mm->arg_end = mm->env_start = str;
	if (!ret)
		ret = put_strings(envp, bprm->envc, &str);
	mm->env_end = str;
	bprm->p = (unsigned long)sp;
	return ret;
}

static void note_layout(struct mm_struct *mm, const struct aout_layout *lay)
{
	mm->start_code = lay->text;
	mm->end_code = lay->text + lay->text_size;
	mm->start_data = lay->data;
	mm->end_data = mm->start_brk = lay->bss;
	mm->brk = lay->bss + lay->bss_size;
	memset(mm->saved_auxv, 0, sizeof(mm->saved_auxv));
}

static int load_aout_binary(struct linux_binprm *bprm);

static struct linux_binfmt aout_format = {
    .name = "a.out",
    .load_binary = load_aout_binary,
};

static int load_aout_binary(struct linux_binprm *bprm)
{
	struct aout_layout lay;
	struct exec ex;
	int ret;

	memcpy(&ex, bprm->buf, sizeof(ex));
	ret = check_header(&ex, i_size_read(file_inode(bprm->file)));
	if (ret)
		return ret;
	lay_out(&ex, &lay);
	if (lay.data_size + lay.bss_size > rlimit(RLIMIT_DATA))
		return -ENOMEM;
	ret = begin_new_exec(bprm);
	if (ret)
		return ret;
	setup_new_exec(bprm);
	note_layout(current->mm, &lay);
	ret = setup_arg_pages(bprm, 0, EXSTACK_DEFAULT);
	if (ret)
		return ret;
	ret = load_image(bprm->file, &ex, &lay);
	if (ret)
		return ret;
	set_binfmt(&aout_format);
	ret = create_aout_tables(bprm);
	if (ret)
		return ret;
	current->mm->start_stack = bprm->p;
	finalize_exec(bprm);
	start_thread(task_pt_regs(current), ex.a_entry, bprm->p);
	return 0;
}

static int __init init_aout_binfmt(void)
{
	register_binfmt(&aout_format);
	return 0;
}
fs_initcall(init_aout_binfmt);
