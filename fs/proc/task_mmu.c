/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/maps, smaps and smaps_rollup. The mm is found, and permission asked, at open; each
 * read then walks it under mmap_lock. A record's position is the address it begins at, so a
 * reader goes on at the right place whatever has been mapped meanwhile. Task context.
 */
#include <jiffy/mm.h>
#include <jiffy/ptrace.h>
#include <jiffy/slab.h>
#include "internal.h"

#define NAME_COLUMN 73 /* where Linux puts the name */
#define END_POS	    ((loff_t)-1)

struct proc_maps_private {
	struct mm_struct *mm; /* mm_count held: the structure, not the memory */
};

static void *m_start(struct seq_file *m, loff_t *pos)
{
	struct proc_maps_private *priv = m->private;
	struct vm_area_struct *vma;

	if (*pos == END_POS || !priv->mm || !mmget_not_zero(priv->mm))
		return NULL;
	if (mmap_read_lock_killable(priv->mm)) {
		mmput(priv->mm);
		return ERR_PTR(-EINTR);
	}
	vma = find_vma(priv->mm, *pos);
	if (vma) {
		*pos = vma->vm_start;
		return vma;
	}
	mmap_read_unlock(priv->mm);
	mmput(priv->mm);
	return NULL;
}

/* NULL keeps the lock for m_stop(), which tells the two by what it is given. */
static void *m_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct vm_area_struct *vma = ((struct vm_area_struct *)v)->vm_next;

	if (!vma) {
		struct proc_maps_private *priv = m->private;

		*pos = END_POS;
		mmap_read_unlock(priv->mm);
		mmput(priv->mm);
		return NULL;
	}
	*pos = vma->vm_start;
	return vma;
}

static void m_stop(struct seq_file *m, void *v)
{
	struct proc_maps_private *priv = m->private;

	if (IS_ERR_OR_NULL(v))
		return;
	mmap_read_unlock(priv->mm);
	mmput(priv->mm);
}

static void show_name(struct seq_file *m, struct vm_area_struct *vma)
{
	const char *name;

	if (vma->vm_file) {
		seq_pad(m, ' ');
		seq_file_path(m, vma->vm_file, "\n");
		return;
	}
	name = vma_special_name(vma);
	if (name) {
		seq_pad(m, ' ');
		seq_puts(m, name);
	}
}

static void show_header(struct seq_file *m, unsigned long start, unsigned long end,
			unsigned long flags, unsigned long long pgoff, dev_t dev, unsigned long ino)
{
	seq_setwidth(m, NAME_COLUMN - 1);
	seq_put_hex_ll(m, NULL, start, 8);
	seq_put_hex_ll(m, "-", end, 8);
	seq_printf(m, " %c%c%c%c", flags & VM_READ ? 'r' : '-', flags & VM_WRITE ? 'w' : '-',
		   flags & VM_EXEC ? 'x' : '-', flags & VM_MAYSHARE ? 's' : 'p');
	seq_put_hex_ll(m, " ", pgoff, 8);
	seq_put_hex_ll(m, " ", MAJOR(dev), 2);
	seq_put_hex_ll(m, ":", MINOR(dev), 2);
	seq_put_decimal_ull(m, " ", ino);
	seq_putc(m, ' ');
}

static int show_map(struct seq_file *m, void *v)
{
	struct vm_area_struct *vma = v;
	struct inode *inode = vma->vm_file ? file_inode(vma->vm_file) : NULL;

	show_header(m, vma->vm_start, vma->vm_end, vma->vm_flags,
		    inode ? (unsigned long long)vma->vm_pgoff << PAGE_SHIFT : 0,
		    inode ? inode->i_sb->s_dev : 0, inode ? inode->i_ino : 0);
	show_name(m, vma);
	seq_putc(m, '\n');
	return 0;
}

static void smaps_kb(struct seq_file *m, const char *name, unsigned long bytes)
{
	seq_printf(m, "%-16s%8lu kB\n", name, bytes >> 10);
}

static void show_smap_numbers(struct seq_file *m, const struct mem_size_stats *mss)
{
	unsigned long pss = mss->pss >> 12;

	smaps_kb(m, "Rss:", mss->resident);
	smaps_kb(m, "Pss:", pss);
	smaps_kb(m, "Pss_Dirty:", min(pss, mss->shared_dirty + mss->private_dirty));
	smaps_kb(m, "Shared_Clean:", mss->shared_clean);
	smaps_kb(m, "Shared_Dirty:", mss->shared_dirty);
	smaps_kb(m, "Private_Clean:", mss->private_clean);
	smaps_kb(m, "Private_Dirty:", mss->private_dirty);
	smaps_kb(m, "Referenced:", mss->referenced);
	smaps_kb(m, "Anonymous:", mss->anonymous);
	smaps_kb(m, "LazyFree:", 0);
	smaps_kb(m, "AnonHugePages:", 0);
	smaps_kb(m, "ShmemPmdMapped:", 0);
	smaps_kb(m, "FilePmdMapped:", 0);
	smaps_kb(m, "Shared_Hugetlb:", 0);
	smaps_kb(m, "Private_Hugetlb:", 0);
	smaps_kb(m, "Swap:", 0);
	smaps_kb(m, "SwapPss:", 0);
	smaps_kb(m, "Locked:", mss->locked);
}

static void show_vm_flags(struct seq_file *m, unsigned long flags)
{
	static const struct {
		unsigned long flag;
		const char *name;
	} names[] = {{VM_READ, "rd"},	    {VM_WRITE, "wr"},	   {VM_EXEC, "ex"},
		     {VM_SHARED, "sh"},	    {VM_MAYREAD, "mr"},	   {VM_MAYWRITE, "mw"},
		     {VM_MAYEXEC, "me"},    {VM_MAYSHARE, "ms"},   {VM_GROWSDOWN, "gd"},
		     {VM_PFNMAP, "pf"},	    {VM_LOCKED, "lo"},	   {VM_IO, "io"},
		     {VM_SEQ_READ, "sr"},   {VM_RAND_READ, "rr"},  {VM_DONTCOPY, "dc"},
		     {VM_DONTEXPAND, "de"}, {VM_ACCOUNT, "ac"},	   {VM_NORESERVE, "nr"},
		     {VM_WIPEONFORK, "wf"}, {VM_DONTDUMP, "dd"},   {VM_MIXEDMAP, "mm"},
		     {VM_HUGEPAGE, "hg"},   {VM_NOHUGEPAGE, "nh"}, {VM_MERGEABLE, "mg"}};
	unsigned int i;

	seq_puts(m, "VmFlags:");
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].flag)
			seq_printf(m, " %s", names[i].name);
	seq_puts(m, " \n");
}

static int show_smap(struct seq_file *m, void *v)
{
	struct vm_area_struct *vma = v;
	struct mem_size_stats mss = {0};

	smap_gather_stats(vma, &mss);
	show_map(m, vma);
	smaps_kb(m, "Size:", vma->vm_end - vma->vm_start);
	smaps_kb(m, "KernelPageSize:", PAGE_SIZE);
	smaps_kb(m, "MMUPageSize:", PAGE_SIZE);
	show_smap_numbers(m, &mss);
	seq_puts(m, "THPeligible:    0\n");
	show_vm_flags(m, vma->vm_flags);
	return 0;
}

static const struct seq_operations proc_pid_maps_op = {m_start, m_stop, m_next, show_map};
static const struct seq_operations proc_pid_smaps_op = {m_start, m_stop, m_next, show_smap};

static int open_maps(struct inode *inode, struct file *file, const struct seq_operations *ops)
{
	struct proc_maps_private *priv;
	struct mm_struct *mm = proc_mem_open(inode, PTRACE_MODE_READ);

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	priv = __seq_open_private(file, ops, sizeof(*priv));
	if (!priv) {
		if (mm)
			mmput(mm);
		return -ENOMEM;
	}
	if (mm) {
		mmgrab(mm);
		mmput(mm);
	}
	priv->mm = mm;
	return 0;
}

static int pid_maps_open(struct inode *inode, struct file *file)
{
	return open_maps(inode, file, &proc_pid_maps_op);
}

static int pid_smaps_open(struct inode *inode, struct file *file)
{
	return open_maps(inode, file, &proc_pid_smaps_op);
}

static int maps_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;
	struct proc_maps_private *priv = m->private;

	if (priv->mm)
		mmdrop(priv->mm);
	return seq_release_private(inode, file);
}

const struct file_operations proc_pid_maps_operations = {
    .open = pid_maps_open,
    .read_iter = seq_read_iter,
    .llseek = seq_lseek,
    .release = maps_release,
};
const struct file_operations proc_pid_smaps_operations = {
    .open = pid_smaps_open,
    .read_iter = seq_read_iter,
    .llseek = seq_lseek,
    .release = maps_release,
};

/* The sum over all areas, under the addresses of the first and the last. */
static int show_smaps_rollup(struct seq_file *m, void *v)
{
	struct mm_struct *mm = m->private;
	struct mem_size_stats mss = {0};
	struct vm_area_struct *vma;
	unsigned long start = 0, end = 0;

	if (!mm || !mmget_not_zero(mm))
		return -ESRCH;
	if (mmap_read_lock_killable(mm)) {
		mmput(mm);
		return -EINTR;
	}
	for_each_vma (mm, vma) {
		start = start ? start : vma->vm_start;
		end = vma->vm_end;
		smap_gather_stats(vma, &mss);
	}
	mmap_read_unlock(mm);
	mmput(mm);
	show_header(m, start, end, 0, 0, 0, 0);
	seq_pad(m, ' ');
	seq_puts(m, "[rollup]\n");
	show_smap_numbers(m, &mss);
	return 0;
}

static int smaps_rollup_open(struct inode *inode, struct file *file)
{
	struct mm_struct *mm = proc_mem_open(inode, PTRACE_MODE_READ);
	int err;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	err = single_open(file, show_smaps_rollup, mm);
	if (mm) {
		if (!err)
			mmgrab(mm);
		mmput(mm);
	}
	return err;
}

static int smaps_rollup_release(struct inode *inode, struct file *file)
{
	struct mm_struct *mm = ((struct seq_file *)file->private_data)->private;

	if (mm)
		mmdrop(mm);
	return single_release(inode, file);
}

const struct file_operations proc_pid_smaps_rollup_operations = {
    .open = smaps_rollup_open,
    .read_iter = seq_read_iter,
    .llseek = seq_lseek,
    .release = smaps_rollup_release,
};
