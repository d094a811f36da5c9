/* SPDX-License-Identifier: MIT */
/*
 * Whole descriptor tables: copied by fork(2), left at exit(2), cleared of FD_CLOEXEC by exec(2).
 * Called by process/, task context. Locks as in <jiffy/fdtable.h>.
 */
#include "mount.h"
#include <jiffy/mutation.h>
#include <jiffy/slab.h>

static struct kmem_cache *files_cachep;

static struct files_struct *alloc_files(void)
{
	struct files_struct *f = kmem_cache_alloc(files_cachep, GFP_KERNEL);

	if (!f)
		return NULL;
	atomic_set(&f->count, 1);
	spin_lock_init(&f->file_lock);
	f->next_fd = 0;
	f->fdtab.max_fds = NR_OPEN_DEFAULT;
	f->fdtab.fd = f->fd_array;
	f->fdtab.close_on_exec = f->close_on_exec_init;
	f->fdtab.open_fds = f->open_fds_init;
	f->fdt = &f->fdtab;
	return f;
}

/* One more than the highest open descriptor, rounded up to a word of the bitmap. */
static unsigned int count_open_files(const struct fdtable *fdt)
{
	unsigned int i = fdt->max_fds / BITS_PER_LONG;

	while (i > 0 && !fdt->open_fds[i - 1])
		i--;
	return i * BITS_PER_LONG;
}

static struct fdtable *alloc_copy_table(unsigned int n)
{
	struct fdtable *fdt = kmalloc(sizeof(*fdt), GFP_KERNEL);

	if (!fdt)
		return NULL;
	fdt->max_fds = n;
	fdt->fd = kvmalloc_array(n, sizeof(struct file *), GFP_KERNEL);
	fdt->open_fds = kvmalloc_array(2 * (n / BITS_PER_LONG), sizeof(long), GFP_KERNEL);
	fdt->close_on_exec = fdt->open_fds + n / BITS_PER_LONG;
	if (fdt->fd && fdt->open_fds)
		return fdt;
	kvfree(fdt->fd);
	kvfree(fdt->open_fds);
	kfree(fdt);
	return NULL;
}

static void free_table(struct fdtable *fdt)
{
	kvfree(fdt->fd);
	kvfree(fdt->open_fds);
	kfree(fdt);
}

struct files_struct *dup_fd(struct files_struct *old, int *errp)
{
	struct files_struct *new = alloc_files();
	struct fdtable *from, *to;
	unsigned int n, i;

	*errp = -ENOMEM;
	if (!new)
		return NULL;
	to = &new->fdtab;
	spin_lock(&old->file_lock);
	for (;;) {
		from = old->fdt;
		n = count_open_files(from);
		if (n <= to->max_fds)
			break;
		spin_unlock(&old->file_lock);
		if (to != &new->fdtab)
			free_table(to);
		to = alloc_copy_table(n);
		if (!to) {
			kmem_cache_free(files_cachep, new);
			return NULL;
		}
		spin_lock(&old->file_lock);
	}
	memset(to->open_fds, 0, to->max_fds / 8);
	memset(to->close_on_exec, 0, to->max_fds / 8);
	memset(to->fd, 0, to->max_fds * sizeof(struct file *));
	for (i = 0; i < n / BITS_PER_LONG; i++) {
		unsigned long bits = from->open_fds[i];

		to->close_on_exec[i] = from->close_on_exec[i] & bits;
		for (; bits; bits &= bits - 1) {
			unsigned int fd = i * BITS_PER_LONG + __ffs(bits);

			/* A slot that is reserved but empty belongs to an open(2) in another
			 * thread. */
			if (from->fd[fd]) {
				to->fd[fd] = get_file(from->fd[fd]);
				__set_bit(fd, to->open_fds);
			}
		}
	}
	new->next_fd = 0;
	spin_unlock(&old->file_lock);
	new->fdt = to;
	*errp = 0;
	return new;
}

static void close_files(struct files_struct *files)
{
	struct fdtable *fdt = files->fdt;
	unsigned int i;

	for (i = 0; i < fdt->max_fds / BITS_PER_LONG; i++) {
		unsigned long bits = fdt->open_fds[i];

		for (; bits; bits &= bits - 1) {
			struct file *file = fdt->fd[i * BITS_PER_LONG + __ffs(bits)];

			if (file) {
				filp_close(file, files);
				cond_resched();
			}
		}
	}
	if (fdt != &files->fdtab)
		free_table(fdt);
}

void put_files_struct(struct files_struct *files)
{
	if (!atomic_dec_and_test(&files->count))
		return;
	close_files(files);
	kmem_cache_free(files_cachep, files);
}

void exit_files(struct task_struct *task)
{
	struct files_struct *files = task->files;

	if (!files)
		return;
	task_lock(task);
	task->files = NULL;
	task_unlock(task);
	put_files_struct(files);
}

int unshare_fd(unsigned long flags, struct files_struct **new)
{
	int error = 0;

	if ((flags & CLONE_FILES) && current->files && atomic_read(&current->files->count) > 1) {
		*new = dup_fd(current->files, &error);
		if (!*new)
			return error;
	}
	return 0;
}

int unshare_files(void)
{
	struct files_struct *old, *copy = NULL;
	int error = unshare_fd(CLONE_FILES, &copy);

	if (error || !copy)
		return error;
	task_lock(current);
	old = current->files;
	current->files = copy;
	task_unlock(current);
	put_files_struct(old);
	return 0;
}

void do_close_on_exec(struct files_struct *files)
{
	unsigned int i;

	if (mutant(CLOEXEC_IGNORED))
		return;
	spin_lock(&files->file_lock);
	for (i = 0; i < files->fdt->max_fds / BITS_PER_LONG; i++) {
		struct fdtable *fdt = files->fdt;
		unsigned long set = fdt->close_on_exec[i] & fdt->open_fds[i];

		fdt->close_on_exec[i] = 0;
		for (; set; set &= set - 1) {
			unsigned int fd = i * BITS_PER_LONG + __ffs(set);
			struct file *file = files->fdt->fd[fd];

			if (!file)
				continue;
			RCU_INIT_POINTER(files->fdt->fd[fd], NULL);
			__clear_bit(fd, files->fdt->open_fds);
			if (fd < files->next_fd)
				files->next_fd = fd;
			spin_unlock(&files->file_lock);
			filp_close(file, files);
			cond_resched();
			spin_lock(&files->file_lock);
		}
	}
	spin_unlock(&files->file_lock);
}

void files_struct_init(void)
{
	files_cachep = kmem_cache_create("files_cache", sizeof(struct files_struct), 0,
					 SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL);
}
