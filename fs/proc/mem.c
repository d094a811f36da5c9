/* SPDX-License-Identifier: MIT */
/*
 * Files that are a piece of the process's own memory: cmdline, environ, auxv, mem. Permission
 * is that of the opener at open; the memory is looked at when it is read. Task context.
 */
#include <arch/uaccess.h>
#include <jiffy/mm.h>
#include <jiffy/ptrace.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include "internal.h"

/* file->private_data: the mm, its structure pinned, or NULL. */
static int mem_open_mode(struct inode *inode, struct file *file, unsigned int mode)
{
	struct mm_struct *mm = proc_mem_open(inode, mode);

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	if (mm) {
		mmgrab(mm);
		mmput(mm);
	}
	file->private_data = mm;
	return 0;
}

static int mem_release(struct inode *inode, struct file *file)
{
	struct mm_struct *mm = file->private_data;

	if (mm)
		mmdrop(mm);
	return 0;
}

/*
 * What lies in [start, end) of mm, from offset *pos on, to user space. Bytes, 0 at the end, or
 * a negative errno; *pos moves on.
 */
static ssize_t read_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			  char __user *buf, size_t count, loff_t *pos)
{
	char *page = (char *)__get_free_page(GFP_KERNEL);
	ssize_t done = 0;

	if (!page)
		return -ENOMEM;
	while (count && *pos >= 0 && *pos < end - start) {
		size_t want = min_t(size_t, count, PAGE_SIZE);
		int got;

		want = min_t(size_t, want, end - start - *pos);
		got = access_remote_vm(mm, start + *pos, page, want, FOLL_ANON);
		if (got <= 0) {
			done = done ? done : got;
			break;
		}
		if (copy_to_user(buf, page, got)) {
			done = done ? done : -EFAULT;
			break;
		}
		buf += got;
		count -= got;
		*pos += got;
		done += got;
	}
	free_page((unsigned long)page);
	return done;
}

/*
 * A process may write over its arguments to show a title (setproctitle): once the last byte
 * is no NUL, the title goes on into the environment behind, up to the next NUL.
 */
static unsigned long title_end(struct mm_struct *mm, unsigned long arg_end, unsigned long env_end)
{
	unsigned long at = arg_end;
	char chunk[64], last;
	int got, len;

	if (access_remote_vm(mm, arg_end - 1, &last, 1, FOLL_ANON) != 1 || !last)
		return arg_end;
	while (at < env_end) {
		got = access_remote_vm(mm, at, chunk, min_t(size_t, sizeof(chunk), env_end - at),
				       FOLL_ANON);
		if (got <= 0)
			break;
		len = strnlen(chunk, got);
		at += len;
		if (len < got)
			return at + 1;
	}
	return at;
}

static ssize_t proc_pid_cmdline_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct task_struct *task = get_proc_task(file_inode(file));
	unsigned long start, end, env_start, env_end;
	struct mm_struct *mm;
	ssize_t ret = 0;

	if (!task)
		return -ESRCH;
	mm = get_task_mm(task);
	put_task_struct(task);
	if (!mm)
		return 0;
	mmap_read_lock(mm);
	start = mm->arg_start;
	end = mm->arg_end;
	env_start = mm->env_start;
	env_end = mm->env_end;
	mmap_read_unlock(mm);
	if (start < end) {
		if (env_start == end && env_end > env_start)
			end = title_end(mm, end, env_end);
		ret = read_range(mm, start, end, buf, count, pos);
	}
	mmput(mm);
	return ret;
}

static int environ_open(struct inode *inode, struct file *file)
{
	return mem_open_mode(inode, file, PTRACE_MODE_READ);
}

static ssize_t environ_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct mm_struct *mm = file->private_data;
	unsigned long start, end;
	ssize_t ret = 0;

	if (!mm || !mmget_not_zero(mm))
		return 0;
	mmap_read_lock(mm);
	start = mm->env_start;
	end = mm->env_end;
	mmap_read_unlock(mm);
	if (start < end)
		ret = read_range(mm, start, end, buf, count, pos);
	mmput(mm);
	return ret;
}

static ssize_t auxv_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct mm_struct *mm = file->private_data;
	size_t n = 0;

	if (!mm)
		return 0;
	do {
		n += 2;
	} while (n < AT_VECTOR_SIZE && mm->saved_auxv[n - 2]);
	return simple_read_from_buffer(buf, count, pos, mm->saved_auxv,
				       n * sizeof(mm->saved_auxv[0]));
}

static int mem_open(struct inode *inode, struct file *file)
{
	return mem_open_mode(inode, file, PTRACE_MODE_ATTACH);
}

/* The file's position is the address. */
static ssize_t mem_rw(struct file *file, char __user *buf, size_t count, loff_t *pos, bool write)
{
	struct mm_struct *mm = file->private_data;
	unsigned int flags = FOLL_FORCE | (write ? FOLL_WRITE : 0);
	unsigned long addr = *pos;
	ssize_t done = 0;
	char *page;

	if (!mm || !mmget_not_zero(mm))
		return 0;
	page = (char *)__get_free_page(GFP_KERNEL);
	if (!page)
		done = -ENOMEM;
	while (page && count) {
		int n = min_t(size_t, count, PAGE_SIZE);

		if (write && copy_from_user(page, buf, n))
			n = -EFAULT;
		else
			n = access_remote_vm(mm, addr, page, n, flags);
		if (n > 0 && !write && copy_to_user(buf, page, n))
			n = -EFAULT;
		if (n <= 0) {
			done = done ? done : n < 0 ? n : -EIO;
			break;
		}
		buf += n;
		addr += n;
		count -= n;
		done += n;
	}
	*pos = addr;
	if (page)
		free_page((unsigned long)page);
	mmput(mm);
	return done;
}

static ssize_t mem_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	return mem_rw(file, buf, count, pos, false);
}

static ssize_t mem_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	return mem_rw(file, (char __user *)buf, count, pos, true);
}

/* Any address is a position, the upper half as a negative one. */
static loff_t mem_lseek(struct file *file, loff_t offset, int whence)
{
	if (whence == SEEK_CUR)
		offset += file->f_pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	file->f_pos = offset;
	return offset;
}

const struct file_operations proc_pid_cmdline_ops = {
    .read = proc_pid_cmdline_read,
    .llseek = generic_file_llseek,
};
const struct file_operations proc_environ_operations = {
    .open = environ_open,
    .read = environ_read,
    .llseek = generic_file_llseek,
    .release = mem_release,
};
const struct file_operations proc_auxv_operations = {
    .open = environ_open,
    .read = auxv_read,
    .llseek = generic_file_llseek,
    .release = mem_release,
};
const struct file_operations proc_mem_operations = {
    .open = mem_open,
    .read = mem_read,
    .write = mem_write,
    .llseek = mem_lseek,
    .release = mem_release,
};
