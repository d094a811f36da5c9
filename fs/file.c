/* SPDX-License-Identifier: MIT */
/*
 * The descriptor table. Rules: <jiffy/fdtable.h>.
 *
 * A reader against a close and a new open of the same number:
 *
 *	reader				writer
 *	file = fd[n]
 *					fd[n] = NULL, last reference dropped
 *	count 0? then look again	memory waits for a grace period
 *	else count + 1
 *	fd[n] == file? mine		(else put it back and look again)
 */
#include "mount.h"
#include <jiffy/mutation.h>
#include <jiffy/resource.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>

unsigned int sysctl_nr_open = 1024 * 1024;

struct files_struct init_files = {
    .count = ATOMIC_INIT(1),
    .fdt = &init_files.fdtab,
    .fdtab =
	{
	    .max_fds = NR_OPEN_DEFAULT,
	    .fd = init_files.fd_array,
	    .close_on_exec = init_files.close_on_exec_init,
	    .open_fds = init_files.open_fds_init,
	},
    .file_lock = __SPIN_LOCK_UNLOCKED(init_files.file_lock),
};

static void free_fdtable(struct fdtable *fdt)
{
	kvfree(fdt->fd);
	kvfree(fdt->open_fds);
	kfree(fdt);
}

static void free_fdtable_rcu(struct rcu_head *rcu)
{
	free_fdtable(container_of(rcu, struct fdtable, rcu));
}

/* Room for descriptor nr at least; ERR_PTR. */
static struct fdtable *alloc_fdtable(unsigned int nr)
{
	struct fdtable *fdt;
	unsigned int words;

	nr = max_t(unsigned int, roundup_pow_of_two(nr + 1), 256);
	if (nr > sysctl_nr_open)
		nr = ALIGN(sysctl_nr_open, BITS_PER_LONG);
	words = nr / BITS_PER_LONG;
	fdt = kmalloc(sizeof(*fdt), GFP_KERNEL);
	if (!fdt)
		return NULL;
	fdt->max_fds = nr;
	fdt->fd = kvmalloc_array(nr, sizeof(struct file *), GFP_KERNEL);
	fdt->open_fds = kvmalloc_array(2 * words, sizeof(long), GFP_KERNEL);
	fdt->close_on_exec = fdt->open_fds + words;
	if (!fdt->fd || !fdt->open_fds) {
		free_fdtable(fdt);
		return NULL;
	}
	return fdt;
}

static void copy_fdtable(struct fdtable *to, const struct fdtable *from)
{
	unsigned int n = from->max_fds, words = n / BITS_PER_LONG,
		     all = to->max_fds / BITS_PER_LONG;

	memcpy(to->fd, from->fd, n * sizeof(struct file *));
	memset(to->fd + n, 0, (to->max_fds - n) * sizeof(struct file *));
	memcpy(to->open_fds, from->open_fds, words * sizeof(long));
	memset(to->open_fds + words, 0, (all - words) * sizeof(long));
	memcpy(to->close_on_exec, from->close_on_exec, words * sizeof(long));
	memset(to->close_on_exec + words, 0, (all - words) * sizeof(long));
}

/* file_lock held, dropped and taken again when memory is needed. 1: changed, 0: big enough. */
static int expand_files(struct files_struct *files, unsigned int nr)
{
	struct fdtable *old = files->fdt, *new;

	lockdep_assert_held(&files->file_lock);
	if (nr < old->max_fds)
		return 0;
	if (nr >= sysctl_nr_open)
		return -EMFILE;
	spin_unlock(&files->file_lock);
	new = alloc_fdtable(nr);
	spin_lock(&files->file_lock);
	if (!new)
		return -ENOMEM;
	if (nr < files->fdt->max_fds) {
		free_fdtable(new); /* somebody else was faster */
		return 1;
	}
	old = files->fdt;
	copy_fdtable(new, old);
	rcu_assign_pointer(files->fdt, new);
	if (old != &files->fdtab)
		call_rcu(&old->rcu, free_fdtable_rcu);
	return 1;
}

int alloc_fd(unsigned int start, unsigned int end, unsigned int flags)
{
	struct files_struct *files = current->files;
	struct fdtable *fdt;
	unsigned int fd;
	int error;

	spin_lock(&files->file_lock);
repeat:
	fdt = files->fdt;
	fd = max(start, files->next_fd);
	if (fd < fdt->max_fds)
		fd = find_next_zero_bit(fdt->open_fds, fdt->max_fds, fd);
	error = -EMFILE;
	if (fd >= end)
		goto out;
	error = expand_files(files, fd);
	if (error < 0)
		goto out;
	if (error)
		goto repeat;
	if (start <= files->next_fd)
		files->next_fd = fd + 1;
	__set_bit(fd, fdt->open_fds);
	if (flags & O_CLOEXEC)
		__set_bit(fd, fdt->close_on_exec);
	else
		__clear_bit(fd, fdt->close_on_exec);
	error = fd;
out:
	spin_unlock(&files->file_lock);
	return error;
}

int get_unused_fd_flags(unsigned int flags)
{
	return alloc_fd(0, mutant(NOFILE_IGNORED) ? sysctl_nr_open : rlimit(RLIMIT_NOFILE), flags);
}

static void __put_unused_fd(struct files_struct *files, unsigned int fd)
{
	struct fdtable *fdt = files->fdt;

	__clear_bit(fd, fdt->open_fds);
	if (fd < files->next_fd)
		files->next_fd = fd;
}

void put_unused_fd(unsigned int fd)
{
	struct files_struct *files = current->files;

	spin_lock(&files->file_lock);
	__put_unused_fd(files, fd);
	spin_unlock(&files->file_lock);
}

void fd_install(unsigned int fd, struct file *file)
{
	struct files_struct *files = current->files;

	spin_lock(&files->file_lock);
	ASSERT(!files->fdt->fd[fd]);
	rcu_assign_pointer(files->fdt->fd[fd], file);
	spin_unlock(&files->file_lock);
}

/* file_lock held. The file that was there; NULL: not open, or reserved and not yet installed. */
static struct file *pick_file(struct files_struct *files, unsigned int fd)
{
	struct fdtable *fdt = files->fdt;
	struct file *file;

	lockdep_assert_held(&files->file_lock);
	if (fd >= fdt->max_fds)
		return NULL;
	file = fdt->fd[fd];
	if (file) {
		RCU_INIT_POINTER(fdt->fd[fd], NULL);
		__clear_bit(fd, fdt->close_on_exec);
		__put_unused_fd(files, fd);
	}
	return file;
}

static struct file *take_fd(unsigned int fd)
{
	struct files_struct *files = current->files;
	struct file *file;

	spin_lock(&files->file_lock);
	file = pick_file(files, fd);
	spin_unlock(&files->file_lock);
	return file;
}

int close_fd(unsigned int fd)
{
	struct file *file = take_fd(fd);

	return file ? filp_close(file, current->files) : -EBADF;
}

SYSCALL_DEFINE1(close, unsigned int, fd)
{
	struct file *file = take_fd(fd);
	int ret = 0;

	if (!file)
		return -EBADF;
	if (file->f_op->flush)
		ret = file->f_op->flush(file, current->files);
	if (!(file->f_mode & FMODE_PATH))
		locks_remove_posix(file, current->files);
	__fput_sync(file);
	/* The descriptor is gone: a restart would close somebody else's. */
	if (ret == -ERESTARTSYS || ret == -ERESTARTNOINTR || ret == -ERESTARTNOHAND ||
	    ret == -ERESTART_RESTARTBLOCK)
		ret = -EINTR;
	return ret;
}

static void range_cloexec(struct files_struct *files, unsigned int fd, unsigned int max_fd)
{
	struct fdtable *fdt;

	spin_lock(&files->file_lock);
	fdt = files->fdt;
	for (; fd < fdt->max_fds && fd <= max_fd; fd++)
		__set_bit(fd, fdt->close_on_exec);
	spin_unlock(&files->file_lock);
}

static void range_close(struct files_struct *files, unsigned int fd, unsigned int max_fd)
{
	for (;;) {
		struct file *file;

		spin_lock(&files->file_lock);
		fd = find_next_bit(files->fdt->open_fds, files->fdt->max_fds, fd);
		if (fd >= files->fdt->max_fds || fd > max_fd) {
			spin_unlock(&files->file_lock);
			return;
		}
		file = pick_file(files, fd++);
		spin_unlock(&files->file_lock);
		if (file)
			filp_close(file, files);
		cond_resched();
	}
}

SYSCALL_DEFINE3(close_range, unsigned int, fd, unsigned int, max_fd, unsigned int, flags)
{
	struct files_struct *files = NULL, *old;

	if ((flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) || fd > max_fd)
		return -EINVAL;
	if (flags & CLOSE_RANGE_UNSHARE) {
		int err = unshare_fd(CLONE_FILES, &files);

		if (err)
			return err;
	}
	if (files) {
		task_lock(current);
		old = current->files;
		current->files = files;
		task_unlock(current);
		put_files_struct(old);
	}
	if (flags & CLOSE_RANGE_CLOEXEC)
		range_cloexec(current->files, fd, max_fd);
	else
		range_close(current->files, fd, max_fd);
	return 0;
}

/* Under RCU. A reference to what slot fd holds, unless its mode has a bit of mask. */
static struct file *__fget_files_rcu(struct files_struct *files, unsigned int fd, fmode_t mask)
{
	for (;;) {
		struct fdtable *fdt = rcu_dereference(files->fdt);
		struct file *file;
		s64 count;

		if (fd >= fdt->max_fds)
			return NULL;
		file = rcu_dereference(fdt->fd[fd]);
		if (!file || (file->f_mode & mask))
			return NULL;
		count = atomic64_read(&file->f_count);
		if (unlikely(count <= 0) ||
		    !atomic64_try_cmpxchg(&file->f_count, &count, count + 1)) {
			cpu_relax();
			continue;
		}
		if (likely(rcu_dereference(files->fdt) == fdt) &&
		    likely(rcu_access_pointer(fdt->fd[fd]) == file))
			return file;
		fput(file);
	}
}

static struct file *__fget_files(struct files_struct *files, unsigned int fd, fmode_t mask)
{
	struct file *file;

	rcu_read_lock();
	file = __fget_files_rcu(files, fd, mask);
	rcu_read_unlock();
	return file;
}

struct file *fget(unsigned int fd)
{
	return __fget_files(current->files, fd, FMODE_PATH);
}

struct file *fget_raw(unsigned int fd)
{
	return __fget_files(current->files, fd, 0);
}

static struct fd __fdget(unsigned int fd, fmode_t mask)
{
	struct files_struct *files = current->files;
	struct file *file;

	if (likely(atomic_read_acquire(&files->count) == 1)) {
		struct fdtable *fdt = files->fdt;

		file = likely(fd < fdt->max_fds) ? fdt->fd[fd] : NULL;
		if (file && (file->f_mode & mask))
			file = NULL;
		return (struct fd){file, 0};
	}
	file = __fget_files(files, fd, mask);
	return (struct fd){file, file ? FDPUT_FPUT : 0};
}

struct fd fdget(unsigned int fd)
{
	return __fdget(fd, FMODE_PATH);
}

struct fd fdget_raw(unsigned int fd)
{
	return __fdget(fd, 0);
}

struct fd fdget_pos(unsigned int fd)
{
	struct fd f = __fdget(fd, FMODE_PATH);

	if (f.file && (f.file->f_mode & FMODE_ATOMIC_POS) &&
	    (atomic64_read(&f.file->f_count) > 1 || (f.flags & FDPUT_FPUT))) {
		mutex_lock(&f.file->f_pos_lock);
		f.flags |= FDPUT_POS_UNLOCK;
	}
	return f;
}

void fdput_pos(struct fd f)
{
	if (f.flags & FDPUT_POS_UNLOCK)
		mutex_unlock(&f.file->f_pos_lock);
	fdput(f);
}

struct file *fget_task(struct task_struct *task, unsigned int fd)
{
	struct file *file = NULL;

	task_lock(task);
	if (task->files)
		file = __fget_files(task->files, fd, 0);
	task_unlock(task);
	return file;
}

struct file *task_lookup_next_fd(struct task_struct *task, unsigned int *ret_fd)
{
	struct files_struct *files;
	unsigned int fd = *ret_fd;
	struct file *file = NULL;

	task_lock(task);
	files = task->files;
	if (files) {
		rcu_read_lock();
		for (; fd < rcu_dereference(files->fdt)->max_fds; fd++) {
			file = __fget_files_rcu(files, fd, 0);
			if (file)
				break;
		}
		rcu_read_unlock();
	}
	task_unlock(task);
	*ret_fd = fd;
	return file;
}

bool task_fd_cloexec(struct task_struct *task, unsigned int fd)
{
	bool set = false;

	task_lock(task);
	if (task->files) {
		spin_lock(&task->files->file_lock);
		if (fd < task->files->fdt->max_fds)
			set = test_bit(fd, task->files->fdt->close_on_exec);
		spin_unlock(&task->files->file_lock);
	}
	task_unlock(task);
	return set;
}

unsigned int task_max_fds(struct task_struct *task)
{
	unsigned int n = 0;

	task_lock(task);
	if (task->files) {
		rcu_read_lock();
		n = rcu_dereference(task->files->fdt)->max_fds;
		rcu_read_unlock();
	}
	task_unlock(task);
	return n;
}

void set_close_on_exec(unsigned int fd, bool on)
{
	struct files_struct *files = current->files;

	spin_lock(&files->file_lock);
	if (on)
		__set_bit(fd, files->fdt->close_on_exec);
	else
		__clear_bit(fd, files->fdt->close_on_exec);
	spin_unlock(&files->file_lock);
}

bool get_close_on_exec(unsigned int fd)
{
	struct fdtable *fdt;
	bool on;

	rcu_read_lock();
	fdt = rcu_dereference(current->files->fdt);
	on = fd < fdt->max_fds && test_bit(fd, fdt->close_on_exec);
	rcu_read_unlock();
	return on;
}

/* file_lock held; dropped. Puts file where another may be. */
static int do_dup2(struct files_struct *files, struct file *file, unsigned int fd,
		   unsigned int flags)
{
	struct fdtable *fdt = files->fdt;
	struct file *tofree = fdt->fd[fd];

	if (!tofree && test_bit(fd, fdt->open_fds)) {
		spin_unlock(&files->file_lock);
		return -EBUSY; /* an open(2) of another thread is about to fill it */
	}
	get_file(file);
	rcu_assign_pointer(fdt->fd[fd], file);
	__set_bit(fd, fdt->open_fds);
	if (flags & O_CLOEXEC)
		__set_bit(fd, fdt->close_on_exec);
	else
		__clear_bit(fd, fdt->close_on_exec);
	spin_unlock(&files->file_lock);
	if (tofree)
		filp_close(tofree, files);
	return fd;
}

int replace_fd(unsigned int fd, struct file *file, unsigned int flags)
{
	struct files_struct *files = current->files;
	int err;

	if (!file)
		return close_fd(fd);
	if (fd >= rlimit(RLIMIT_NOFILE))
		return -EBADF;
	spin_lock(&files->file_lock);
	err = expand_files(files, fd);
	if (err < 0) {
		spin_unlock(&files->file_lock);
		return err;
	}
	return do_dup2(files, file, fd, flags);
}

int receive_fd(struct file *file, unsigned int o_flags)
{
	int fd = get_unused_fd_flags(o_flags);

	if (fd >= 0)
		fd_install(fd, get_file(file));
	return fd;
}

static int ksys_dup3(unsigned int oldfd, unsigned int newfd, int flags)
{
	struct files_struct *files = current->files;
	struct file *file;
	int err;

	if ((flags & ~O_CLOEXEC) || oldfd == newfd)
		return -EINVAL;
	if (newfd >= rlimit(RLIMIT_NOFILE))
		return -EBADF;
	spin_lock(&files->file_lock);
	err = expand_files(files, newfd);
	file = oldfd < files->fdt->max_fds ? files->fdt->fd[oldfd] : NULL;
	if (!file || err < 0) {
		spin_unlock(&files->file_lock);
		return !file || err == -EMFILE ? -EBADF : err;
	}
	return do_dup2(files, file, newfd, flags);
}

SYSCALL_DEFINE3(dup3, unsigned int, oldfd, unsigned int, newfd, int, flags)
{
	return ksys_dup3(oldfd, newfd, flags);
}

SYSCALL_DEFINE2(dup2, unsigned int, oldfd, unsigned int, newfd)
{
	if (unlikely(newfd == oldfd)) {
		struct fd f = fdget_raw(oldfd);

		fdput(f);
		return f.file ? (long)oldfd : -EBADF;
	}
	return ksys_dup3(oldfd, newfd, 0);
}

SYSCALL_DEFINE1(dup, unsigned int, fildes)
{
	struct file *file = fget_raw(fildes);
	int ret = -EBADF;

	if (file) {
		ret = get_unused_fd_flags(0);
		if (ret >= 0)
			fd_install(ret, file);
		else
			fput(file);
	}
	return ret;
}

int f_dupfd(unsigned int from, struct file *file, unsigned int flags)
{
	unsigned long limit = rlimit(RLIMIT_NOFILE);
	int err;

	if (from >= limit)
		return -EINVAL;
	err = alloc_fd(from, limit, flags);
	if (err >= 0)
		fd_install(err, get_file(file));
	return err;
}

int iterate_fd(struct files_struct *files, unsigned int n,
	       int (*fn)(const void *arg, struct file *file, unsigned int fd), const void *arg)
{
	int res = 0;

	if (!files)
		return 0;
	spin_lock(&files->file_lock);
	for (; n < files->fdt->max_fds; n++) {
		struct file *file = files->fdt->fd[n];

		if (!file)
			continue;
		res = fn(arg, file, n);
		if (res)
			break;
	}
	spin_unlock(&files->file_lock);
	return res;
}
