/* SPDX-License-Identifier: MIT */
/*
 * Core dumps: stopping all threads, noting the mappings, opening the file, letting the binary
 * format write it. core(5). Current, dying of a signal; interrupts on, no locks.
 *
 * Every other thread of the process is killed, and waits in coredump_task_exit() with its
 * registers and memory as they were until the dump is done. SIGKILL ends a dump.
 *
 * Serialization rules: sighand->siglock guards signal->core_state, the list that begins at
 * core_state->dumper, and the moment in which the last thread arrives; once nr_threads is 0 the
 * list is the dumper's. mmap_lock is held for reading to note the mappings and to reach a page,
 * never across a write to the file (whose lock comes before it).
 */
#include <jiffy/binfmts.h>
#include <jiffy/cred.h>
#include <jiffy/file.h>
#include <jiffy/fs.h>
#include <jiffy/gfp.h>
#include <jiffy/mm.h>
#include <jiffy/resource.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include <uapi/elf.h>
#include <uapi/fcntl.h>
#include <uapi/stat.h>
#include <arch/uaccess.h>

#include "coredump.h"

/* Kills the other threads; how many of them will still come by coredump_task_exit(). siglock. */
static int zap_process(struct signal_struct *sig, int exit_code)
{
	struct task_struct *t;
	int nr = 0;

	lockdep_assert_held(&current->sighand->siglock);
	sig->flags = SIGNAL_GROUP_EXIT;
	sig->group_exit_code = exit_code;
	sig->group_stop_count = 0;
	for_each_thread (current, t) {
		task_clear_jobctl_pending(t, JOBCTL_PENDING_MASK);
		if (t == current || (t->flags & PF_POSTCOREDUMP))
			continue;
		sigaddset(&t->pending.signal, SIGKILL);
		signal_wake_up(t, true);
		nr++;
	}
	return nr;
}

/* 0 when all others stand still; -EAGAIN: the process is ending already. */
static int coredump_wait(int exit_code, struct core_state *core)
{
	struct signal_struct *sig = current->signal;
	struct core_thread *p;
	int ret = -EAGAIN;

	init_waitqueue_head(&core->startup);
	core->dumper.task = current;
	core->dumper.next = NULL;
	spin_lock_irq(&current->sighand->siglock);
	if (!(sig->flags & SIGNAL_GROUP_EXIT) && !sig->group_exec_task) {
		sig->core_state = core;
		atomic_set(&core->nr_threads, zap_process(sig, exit_code));
		/* What is pending is not to disturb the dump; a SIGKILL to come will. */
		clear_thread_flag(TIF_SIGPENDING);
		current->flags |= PF_DUMPCORE;
		ret = 0;
	}
	spin_unlock_irq(&current->sighand->siglock);
	if (ret)
		return ret;
	wait_event(core->startup, !atomic_read(&core->nr_threads));
	/* The last to arrive may still be waking us: it does so under siglock. */
	spin_lock_irq(&current->sighand->siglock);
	p = core->dumper.next;
	spin_unlock_irq(&current->sighand->siglock);
	/* Their registers are in memory once they are off their CPUs. */
	for (; p; p = p->next)
		wait_task_inactive(p->task, 0);
	return 0;
}

static void coredump_finish(struct core_state *core, bool dumped)
{
	struct core_thread *cur, *next;

	spin_lock_irq(&current->sighand->siglock);
	if (dumped)
		current->signal->group_exit_code |= 0x80;
	next = core->dumper.next;
	current->signal->core_state = NULL;
	spin_unlock_irq(&current->sighand->siglock);
	while ((cur = next)) {
		struct task_struct *t = cur->task;

		next = cur->next;
		get_task_struct(t);
		/* cur is on t's stack, which t leaves as soon as it sees NULL. */
		smp_store_release(&cur->task, NULL);
		wake_up_process(t);
		put_task_struct(t);
	}
}

bool dump_emit(struct coredump_params *cprm, const void *data, size_t len)
{
	const char *p = data;

	if (len > cprm->limit || cprm->written > cprm->limit - len)
		return false;
	while (len) {
		ssize_t n;

		if (fatal_signal_pending(current))
			return false;
		n = kernel_write(cprm->file, p, len, &cprm->pos);
		if (n <= 0)
			return false;
		cprm->written += n;
		p += n;
		len -= n;
	}
	return true;
}

/*
 * A hole costs no space, so it does not count against the limit either. The end of the file is
 * put right when all is written.
 */
bool dump_skip(struct coredump_params *cprm, size_t len)
{
	static const char zeros[512];
	size_t n;

	if (cprm->file->f_mode & FMODE_LSEEK) {
		cprm->pos += len;
		return true;
	}
	for (; len; len -= n) {
		n = min(len, sizeof(zeros));
		if (!dump_emit(cprm, zeros, n))
			return false;
	}
	return true;
}

bool dump_align(struct coredump_params *cprm, size_t align)
{
	size_t over = cprm->pos & (align - 1);

	return !over || dump_skip(cprm, align - over);
}

/*
 * The page at addr with a reference, NULL where there is nothing but zeros. Anonymous memory that
 * was never touched stays untouched; a file's page is read in.
 */
static struct page *get_dump_page(const struct core_vma *vma, unsigned long addr)
{
	unsigned int flags = FOLL_FORCE | FOLL_GET | (vma->file ? 0 : FOLL_NOFAULT);
	struct mm_struct *mm = current->mm;
	struct page *page = NULL;
	long n;

	if (mmap_read_lock_killable(mm))
		return NULL;
	n = get_user_pages_remote(mm, addr, 1, flags, &page, NULL);
	mmap_read_unlock(mm);
	if (n != 1 || !page)
		return NULL;
	if (page == zero_page) {
		put_page(page);
		return NULL;
	}
	return page;
}

bool dump_user_range(struct coredump_params *cprm, const struct core_vma *vma)
{
	unsigned long addr, end = vma->start + vma->dump_size;
	struct page *page;
	bool ok;

	for (addr = vma->start; addr < end; addr += PAGE_SIZE) {
		page = get_dump_page(vma, addr);
		if (page) {
			ok = dump_emit(cprm, page_address(page), PAGE_SIZE);
			put_page(page);
		} else {
			ok = !fatal_signal_pending(current) && dump_skip(cprm, PAGE_SIZE);
		}
		if (!ok)
			return false;
		cond_resched();
	}
	return true;
}

/* Pages of a private mapping that the program made its own: they are nowhere else. */
static bool has_private_pages(struct vm_area_struct *vma)
{
	struct mem_size_stats mss;

	memset(&mss, 0, sizeof(mss));
	smap_gather_stats(vma, &mss);
	return mss.anonymous != 0;
}

/* core(5), "Controlling which mappings are written to the core dump". mmap_lock. */
static unsigned long vma_dump_size(struct vm_area_struct *vma, unsigned long filter)
{
	unsigned long whole = vma->vm_end - vma->vm_start;
	const char *name = vma_special_name(vma);
	int bit;

	/* The vDSO's unwind tables are needed to get through a signal frame. */
	if (name && !strcmp(name, "[vdso]"))
		return whole;
	if (vma->vm_flags & (VM_DONTDUMP | VM_IO))
		return 0;
	if (vma->vm_flags & VM_SHARED) {
		bit = vma->vm_file && file_inode(vma->vm_file)->i_nlink ? MMF_DUMP_MAPPED_SHARED
									: MMF_DUMP_ANON_SHARED;
		return filter & BIT(bit) ? whole : 0;
	}
	if ((filter & BIT(MMF_DUMP_ANON_PRIVATE)) && has_private_pages(vma))
		return whole;
	if (!vma->vm_file)
		return 0;
	if (filter & BIT(MMF_DUMP_MAPPED_PRIVATE))
		return whole;
	/* A program's first page bears its build ID: by it a debugger finds the rest. */
	if ((filter & BIT(MMF_DUMP_ELF_HEADERS)) && !vma->vm_pgoff && (vma->vm_flags & VM_READ))
		return PAGE_SIZE;
	return 0;
}

/*
 * A first page that stands alone is worth its place only when it is an ELF header. No mmap_lock:
 * the look at it may fault.
 */
static void drop_foreign_headers(struct coredump_params *cprm)
{
	char magic[SELFMAG];
	struct core_vma *v;

	for (v = cprm->vma; v < cprm->vma + cprm->vma_count; v++) {
		if (v->dump_size != PAGE_SIZE || v->end - v->start == PAGE_SIZE)
			continue;
		if (copy_from_user(magic, (void __user *)v->start, SELFMAG) ||
		    memcmp(magic, ELFMAG, SELFMAG))
			v->dump_size = 0;
	}
}

/* Processes that share the mm without being threads run on: what is noted stays as it is. */
static int note_vmas(struct coredump_params *cprm)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	struct core_vma *v;

	if (mmap_read_lock_killable(mm))
		return -EINTR;
	cprm->vma = kvmalloc_array(mm->map_count, sizeof(*cprm->vma), GFP_KERNEL);
	if (!cprm->vma) {
		mmap_read_unlock(mm);
		return -ENOMEM;
	}
	for_each_vma (mm, vma) {
		v = &cprm->vma[cprm->vma_count++];
		*v = (struct core_vma){
		    .start = vma->vm_start,
		    .end = vma->vm_end,
		    .flags = vma->vm_flags,
		    .pgoff = vma->vm_pgoff,
		    .dump_size = vma_dump_size(vma, cprm->mm_flags),
		    .file = vma->vm_file ? get_file(vma->vm_file) : NULL,
		};
	}
	mmap_read_unlock(mm);
	drop_foreign_headers(cprm);
	return 0;
}

static void free_vmas(struct coredump_params *cprm)
{
	int i;

	for (i = 0; i < cprm->vma_count; i++)
		if (cprm->vma[i].file)
			fput(cprm->vma[i].file);
	kvfree(cprm->vma);
}

/*
 * A new regular file that nobody else can name or own. The core of a program that changed its
 * user (safe) is root's: it must have an absolute name, begins at the system's own root, and
 * never replaces a file.
 */
static struct file *open_corefile(const char *name, bool safe)
{
	int flags = O_CREAT | O_WRONLY | O_NOFOLLOW | O_LARGEFILE | O_EXCL;
	struct inode *inode;
	struct file *file;
	struct path root;
	int ret = -EPERM;

	if (safe) {
		if (name[0] != '/')
			return ERR_PTR(-EPERM);
		get_fs_root(init_task.fs, &root);
		file = file_open_root(&root, name, flags, 0600);
		path_put(&root);
	} else {
		/* Whatever goes wrong with the old one, the open will tell. */
		do_unlink_kern(name);
		file = filp_open(name, flags, 0600);
	}
	if (IS_ERR(file))
		return file;
	inode = file_inode(file);
	if (S_ISREG(inode->i_mode) && inode->i_nlink == 1 && !d_unhashed(file->f_path.dentry) &&
	    uid_eq(inode->i_uid, current_fsuid()) && (inode->i_mode & 0677) == 0600 &&
	    (file->f_mode & FMODE_CAN_WRITE)) {
		ret = do_truncate(file->f_path.dentry, 0, 0, file);
		if (!ret)
			return file;
	}
	filp_close(file, NULL);
	return ERR_PTR(ret);
}

/* All threads stand still: writes the file. True: there is one. */
static bool write_core(struct coredump_params *cprm, struct linux_binfmt *fmt, bool safe)
{
	char *name = kmalloc(PATH_MAX, GFP_KERNEL);
	bool dumped = false;

	if (!name || format_corename(name, PATH_MAX, cprm))
		goto out;
	cprm->file = open_corefile(name, safe);
	if (IS_ERR(cprm->file))
		goto out;
	if (!note_vmas(cprm))
		dumped = fmt->core_dump(cprm) > 0;
	free_vmas(cprm);
	/* A hole at the end: the size must say so. */
	if (dumped && cprm->pos > i_size_read(file_inode(cprm->file)))
		do_truncate(cprm->file->f_path.dentry, cprm->pos, 0, cprm->file);
	filp_close(cprm->file, NULL);
out:
	kfree(name);
	return dumped;
}

void do_coredump(const struct kernel_siginfo *info)
{
	struct coredump_params cprm = {
	    .siginfo = info,
	    .limit = rlimit(RLIMIT_CORE),
	    .mm_flags = READ_ONCE(current->mm->flags),
	};
	struct linux_binfmt *fmt = current->mm->binfmt;
	int dumpable = get_dumpable(current->mm);
	struct core_state core;
	const struct cred *old;
	struct cred *cred;
	bool dumped;

	if (dumpable == SUID_DUMP_DISABLE || !fmt || !fmt->core_dump ||
	    cprm.limit < fmt->min_coredump)
		return;
	cred = prepare_creds();
	if (!cred)
		return;
	if (dumpable == SUID_DUMP_ROOT)
		cred->fsuid = GLOBAL_ROOT_UID;
	if (!coredump_wait(info->si_signo, &core)) {
		old = override_creds(cred);
		dumped = write_core(&cprm, fmt, dumpable == SUID_DUMP_ROOT);
		coredump_finish(&core, dumped);
		revert_creds(old);
	}
	put_cred(cred);
}
