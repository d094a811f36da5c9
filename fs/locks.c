/* SPDX-License-Identifier: MIT */
/*
 * File locks: record locks of processes and of open files (fcntl(2)), and flock(2). Advisory.
 *
 * Serialization rules: flc_lock guards an inode's two lists and the locks on them; blocked_lock,
 * inside it, guards who waits for which lock (fl_blocker, fl_block, fl_blocked, blocked_list). A
 * waiter sleeps on its own fl_wait until fl_blocker is NULL, then tries again from the start.
 */
#include "mount.h"
#include <arch/uaccess.h>
#include <jiffy/pid.h>
#include <jiffy/seq_file.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>

struct file_lock_context {
	spinlock_t flc_lock;
	struct list_head flc_flock;
	struct list_head flc_posix;
	struct inode *inode;
	struct list_head all; /* all_lock */
};

static DEFINE_SPINLOCK(blocked_lock);
static LIST_HEAD(blocked_list); /* POSIX requests that wait, by fl_list */
static DEFINE_SPINLOCK(all_lock);
static LIST_HEAD(all_contexts);

static struct file_lock *locks_alloc(void)
{
	struct file_lock *fl = kzalloc(sizeof(*fl), GFP_KERNEL);

	if (!fl)
		return NULL;
	INIT_LIST_HEAD(&fl->fl_list);
	INIT_LIST_HEAD(&fl->fl_block);
	INIT_LIST_HEAD(&fl->fl_blocked);
	init_waitqueue_head(&fl->fl_wait);
	return fl;
}

static struct file_lock_context *get_context(struct inode *inode, bool make)
{
	struct file_lock_context *ctx = smp_load_acquire(&inode->i_flctx), *old = NULL;

	if (ctx || !make)
		return ctx;
	ctx = kmalloc(sizeof(*ctx), GFP_KERNEL);
	if (!ctx)
		return NULL;
	spin_lock_init(&ctx->flc_lock);
	INIT_LIST_HEAD(&ctx->flc_flock);
	INIT_LIST_HEAD(&ctx->flc_posix);
	ctx->inode = inode;
	if (!try_cmpxchg(&inode->i_flctx, &old, ctx)) {
		kfree(ctx);
		return old;
	}
	spin_lock(&all_lock);
	list_add_tail(&ctx->all, &all_contexts);
	spin_unlock(&all_lock);
	return ctx;
}

void locks_free_context(struct inode *inode)
{
	struct file_lock_context *ctx = inode->i_flctx;

	if (!ctx)
		return;
	WARN_ON(!list_empty(&ctx->flc_flock) || !list_empty(&ctx->flc_posix));
	spin_lock(&all_lock);
	list_del(&ctx->all);
	spin_unlock(&all_lock);
	inode->i_flctx = NULL;
	kfree(ctx);
}

/* The waiter cannot be freed yet: it passes blocked_lock once more in stop_waiting(). */
static void unblock(struct file_lock *waiter)
{
	lockdep_assert_held(&blocked_lock);
	list_del_init(&waiter->fl_block);
	if (!list_empty(&waiter->fl_list))
		list_del_init(&waiter->fl_list);
	WRITE_ONCE(waiter->fl_blocker, NULL);
	wake_up(&waiter->fl_wait);
}

/* The lock changed or goes: those that wait for it look again. */
static void wake_blocked(struct file_lock *fl)
{
	if (list_empty(&fl->fl_blocked))
		return;
	spin_lock(&blocked_lock);
	while (!list_empty(&fl->fl_blocked))
		unblock(list_first_entry(&fl->fl_blocked, struct file_lock, fl_block));
	spin_unlock(&blocked_lock);
}

static void unlink_lock(struct file_lock *fl, struct list_head *dispose)
{
	list_move(&fl->fl_list, dispose);
	wake_blocked(fl);
}

static void dispose_list(struct list_head *dispose)
{
	struct file_lock *fl, *n;

	list_for_each_entry_safe (fl, n, dispose, fl_list) {
		list_del(&fl->fl_list);
		kfree(fl);
	}
}

static bool overlap(const struct file_lock *a, const struct file_lock *b)
{
	return a->fl_end >= b->fl_start && b->fl_end >= a->fl_start;
}

static bool conflict(const struct file_lock *want, const struct file_lock *have)
{
	if (want->fl_type != F_WRLCK && have->fl_type != F_WRLCK)
		return false;
	if (want->fl_flags & FL_FLOCK)
		return want->fl_file != have->fl_file;
	return want->fl_owner != have->fl_owner && overlap(want, have);
}

static struct file_lock *find_conflict(struct list_head *list, const struct file_lock *want)
{
	struct file_lock *fl;

	list_for_each_entry (fl, list, fl_list)
		if (conflict(want, fl))
			return fl;
	return NULL;
}

/*
 * Would waiting for blocker close a circle of processes that wait for each other? Each waits for
 * one lock at most, so there is one chain to follow. Open file descriptions have no such owner.
 */
static bool would_deadlock(const struct file_lock *request, const struct file_lock *blocker)
{
	fl_owner_t owner = blocker->fl_owner;
	int steps = 0;

	lockdep_assert_held(&blocked_lock);
	if (request->fl_flags & FL_OFDLCK)
		return false;
	while (steps++ < 10000) {
		struct file_lock *w, *next = NULL;

		if (owner == request->fl_owner)
			return true;
		list_for_each_entry (w, &blocked_list, fl_list) {
			if (w->fl_owner == owner && !(w->fl_flags & FL_OFDLCK)) {
				next = w->fl_blocker;
				break;
			}
		}
		if (!next)
			return false;
		owner = next->fl_owner;
	}
	return false;
}

/* flc_lock held: request waits for blocker. -EDEADLK. */
static int block_on(struct file_lock *request, struct file_lock *blocker)
{
	int err = 0;

	spin_lock(&blocked_lock);
	if ((request->fl_flags & FL_POSIX) && would_deadlock(request, blocker)) {
		err = -EDEADLK;
	} else {
		WRITE_ONCE(request->fl_blocker, blocker);
		list_add_tail(&request->fl_block, &blocker->fl_blocked);
		if (request->fl_flags & FL_POSIX)
			list_add(&request->fl_list, &blocked_list);
	}
	spin_unlock(&blocked_lock);
	return err;
}

static void stop_waiting(struct file_lock *request)
{
	spin_lock(&blocked_lock);
	if (request->fl_blocker)
		unblock(request);
	spin_unlock(&blocked_lock);
}

#define LOCK_DEFERRED 1

/* Cuts the owner's other locks to what lies outside [start, end]; *spare is used for a split. */
static void carve(struct file_lock *fl, struct file_lock *req, struct file_lock **spare,
		  struct list_head *dispose)
{
	if (fl->fl_start < req->fl_start && fl->fl_end > req->fl_end) {
		struct file_lock *right = *spare;

		*spare = NULL;
		right->fl_owner = fl->fl_owner;
		right->fl_flags = fl->fl_flags;
		right->fl_type = fl->fl_type;
		right->fl_pid = fl->fl_pid;
		right->fl_file = fl->fl_file;
		right->fl_start = req->fl_end + 1;
		right->fl_end = fl->fl_end;
		list_add(&right->fl_list, &fl->fl_list);
		fl->fl_end = req->fl_start - 1;
	} else if (fl->fl_start < req->fl_start) {
		fl->fl_end = req->fl_start - 1;
	} else if (fl->fl_end > req->fl_end) {
		fl->fl_start = req->fl_end + 1;
	} else {
		unlink_lock(fl, dispose);
		return;
	}
	wake_blocked(fl);
}

/* Touching locks of one type become one; none begins at 0 - 1 or after OFFSET_MAX. */
static bool touches(const struct file_lock *fl, const struct file_lock *req)
{
	return (fl->fl_start == 0 || fl->fl_start - 1 <= req->fl_end) &&
	       (req->fl_start == 0 || req->fl_start - 1 <= fl->fl_end);
}

/* 0, -EAGAIN, LOCK_DEFERRED (request waits), -EDEADLK, -ENOLCK. */
static int posix_lock_inode(struct inode *inode, struct file_lock *request)
{
	struct file_lock_context *ctx = get_context(inode, request->fl_type != F_UNLCK);
	struct file_lock *fl, *n, *new, *spare, work = *request;
	LIST_HEAD(dispose);
	int error = 0;

	if (!ctx)
		return request->fl_type == F_UNLCK ? 0 : -ENOMEM;
	new = locks_alloc();
	spare = locks_alloc();
	if (!new || !spare) {
		kfree(new);
		kfree(spare);
		return -ENOLCK;
	}
	spin_lock(&ctx->flc_lock);
	if (request->fl_type != F_UNLCK) {
		fl = find_conflict(&ctx->flc_posix, request);
		if (fl) {
			error = -EAGAIN;
			if (request->fl_flags & FL_SLEEP) {
				error = block_on(request, fl);
				if (!error)
					error = LOCK_DEFERRED;
			}
			goto out;
		}
	}
	list_for_each_entry_safe (fl, n, &ctx->flc_posix, fl_list) {
		if (fl->fl_owner != request->fl_owner)
			continue;
		if (fl->fl_type == request->fl_type) {
			if (!touches(fl, &work))
				continue;
			work.fl_start = min(work.fl_start, fl->fl_start);
			work.fl_end = max(work.fl_end, fl->fl_end);
			unlink_lock(fl, &dispose);
		} else if (overlap(fl, &work)) {
			carve(fl, &work, &spare, &dispose);
		}
	}
	if (request->fl_type != F_UNLCK) {
		new->fl_owner = request->fl_owner;
		new->fl_flags = request->fl_flags & ~FL_SLEEP;
		new->fl_type = request->fl_type;
		new->fl_pid = request->fl_pid;
		new->fl_file = request->fl_file;
		new->fl_start = work.fl_start;
		new->fl_end = work.fl_end;
		list_add_tail(&new->fl_list, &ctx->flc_posix);
		new = NULL;
	}
out:
	spin_unlock(&ctx->flc_lock);
	kfree(new);
	kfree(spare);
	dispose_list(&dispose);
	return error;
}

int posix_lock_file(struct file *file, struct file_lock *fl)
{
	return posix_lock_inode(file_inode(file), fl);
}

/* Tries until it is granted or a signal comes. */
static int lock_wait(struct inode *inode, struct file_lock *fl,
		     int (*try)(struct inode *inode, struct file_lock *fl))
{
	int error;

	might_sleep();
	for (;;) {
		error = try(inode, fl);
		if (error != LOCK_DEFERRED)
			return error;
		error = wait_event_interruptible(fl->fl_wait, !READ_ONCE(fl->fl_blocker));
		stop_waiting(fl);
		if (error)
			return error;
	}
}

static int flock_lock_inode(struct inode *inode, struct file_lock *request)
{
	struct file_lock_context *ctx = get_context(inode, request->fl_type != F_UNLCK);
	struct file_lock *fl, *new = NULL, *old = NULL;
	LIST_HEAD(dispose);
	int error = 0;

	if (!ctx)
		return request->fl_type == F_UNLCK ? 0 : -ENOMEM;
	if (request->fl_type != F_UNLCK) {
		new = locks_alloc();
		if (!new)
			return -ENOMEM;
	}
	spin_lock(&ctx->flc_lock);
	list_for_each_entry (fl, &ctx->flc_flock, fl_list)
		if (fl->fl_file == request->fl_file)
			old = fl;
	if (old && old->fl_type == request->fl_type)
		goto out;
	/* A change of kind is not atomic (flock(2)): the old lock goes first. */
	if (old)
		unlink_lock(old, &dispose);
	if (request->fl_type == F_UNLCK)
		goto out;
	fl = find_conflict(&ctx->flc_flock, request);
	if (fl) {
		error = -EAGAIN;
		if (request->fl_flags & FL_SLEEP) {
			block_on(request, fl);
			error = LOCK_DEFERRED;
		}
		goto out;
	}
	new->fl_file = request->fl_file;
	new->fl_owner = request->fl_owner;
	new->fl_flags = FL_FLOCK;
	new->fl_type = request->fl_type;
	new->fl_pid = request->fl_pid;
	new->fl_end = OFFSET_MAX;
	list_add_tail(&new->fl_list, &ctx->flc_flock);
	new = NULL;
out:
	spin_unlock(&ctx->flc_lock);
	kfree(new);
	dispose_list(&dispose);
	return error;
}

SYSCALL_DEFINE2(flock, unsigned int, fd, unsigned int, cmd)
{
	struct file_lock *fl;
	int type, error;
	struct fd f;

	switch (cmd & ~LOCK_NB) {
	case LOCK_SH:
		type = F_RDLCK;
		break;
	case LOCK_EX:
		type = F_WRLCK;
		break;
	case LOCK_UN:
		type = F_UNLCK;
		break;
	default:
		return -EINVAL;
	}
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	error = -EBADF;
	if (type != F_UNLCK && !(f.file->f_mode & (FMODE_READ | FMODE_WRITE)))
		goto out_put;
	error = -ENOMEM;
	fl = locks_alloc();
	if (!fl)
		goto out_put;
	fl->fl_file = f.file;
	fl->fl_owner = f.file;
	fl->fl_pid = current->tgid;
	fl->fl_flags = FL_FLOCK | (cmd & LOCK_NB ? 0 : FL_SLEEP);
	fl->fl_type = type;
	fl->fl_end = OFFSET_MAX;
	if (f.file->f_op->flock)
		error = f.file->f_op->flock(f.file, cmd & LOCK_NB ? F_SETLK : F_SETLKW, fl);
	else
		error = lock_wait(file_inode(f.file), fl, flock_lock_inode);
	kfree(fl);
out_put:
	fdput(f);
	return error;
}

static int flock_to_posix_lock(struct file *file, struct file_lock *fl, const struct flock *l)
{
	switch (l->l_whence) {
	case SEEK_SET:
		fl->fl_start = 0;
		break;
	case SEEK_CUR:
		fl->fl_start = file->f_pos;
		break;
	case SEEK_END:
		fl->fl_start = i_size_read(file_inode(file));
		break;
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(fl->fl_start, l->l_start, &fl->fl_start))
		return -EOVERFLOW;
	if (fl->fl_start < 0)
		return -EINVAL;
	if (l->l_len > 0) {
		if (__builtin_add_overflow(fl->fl_start, l->l_len - 1, &fl->fl_end))
			return -EOVERFLOW;
	} else if (l->l_len < 0) {
		if (fl->fl_start + l->l_len < 0)
			return -EINVAL;
		fl->fl_end = fl->fl_start - 1;
		fl->fl_start += l->l_len;
	} else {
		fl->fl_end = OFFSET_MAX;
	}
	if (l->l_type != F_RDLCK && l->l_type != F_WRLCK && l->l_type != F_UNLCK)
		return -EINVAL;
	fl->fl_type = l->l_type;
	fl->fl_owner = current->files;
	fl->fl_pid = current->tgid;
	fl->fl_file = file;
	fl->fl_flags = FL_POSIX;
	return 0;
}

static int set_ofd(struct file_lock *fl, const struct flock *l)
{
	if (l->l_pid)
		return -EINVAL;
	fl->fl_flags |= FL_OFDLCK;
	fl->fl_owner = fl->fl_file;
	fl->fl_pid = -1;
	return 0;
}

/* F_GETLK: the first lock in the way, or F_UNLCK. */
static int fcntl_getlk(struct file *file, unsigned int cmd, struct flock __user *arg)
{
	struct file_lock_context *ctx;
	struct file_lock *fl, *c;
	struct flock l;
	int error;

	if (copy_from_user(&l, arg, sizeof(l)))
		return -EFAULT;
	if (l.l_type != F_RDLCK && l.l_type != F_WRLCK)
		return -EINVAL;
	fl = locks_alloc();
	if (!fl)
		return -ENOMEM;
	error = flock_to_posix_lock(file, fl, &l);
	if (!error && cmd == F_OFD_GETLK)
		error = set_ofd(fl, &l);
	if (error)
		goto out;
	l.l_type = F_UNLCK;
	ctx = get_context(file_inode(file), false);
	if (ctx) {
		spin_lock(&ctx->flc_lock);
		c = find_conflict(&ctx->flc_posix, fl);
		if (c) {
			l.l_type = c->fl_type;
			l.l_whence = SEEK_SET;
			l.l_start = c->fl_start;
			l.l_len = c->fl_end == OFFSET_MAX ? 0 : c->fl_end - c->fl_start + 1;
			l.l_pid = c->fl_pid;
		}
		spin_unlock(&ctx->flc_lock);
	}
	error = copy_to_user(arg, &l, sizeof(l)) ? -EFAULT : 0;
out:
	kfree(fl);
	return error;
}

/* The descriptor may have been closed by another thread before the lock was granted. */
static bool still_open(unsigned int fd, struct file *file)
{
	struct file *now = fget_raw(fd);

	if (now)
		fput(now);
	return now == file;
}

static int fcntl_setlk(unsigned int fd, struct file *file, unsigned int cmd,
		       struct flock __user *arg)
{
	struct inode *inode = file_inode(file);
	struct file_lock *fl;
	struct flock l;
	int error;

	if (copy_from_user(&l, arg, sizeof(l)))
		return -EFAULT;
	fl = locks_alloc();
	if (!fl)
		return -ENOLCK;
	error = flock_to_posix_lock(file, fl, &l);
	if (!error && (cmd == F_OFD_SETLK || cmd == F_OFD_SETLKW))
		error = set_ofd(fl, &l);
	if (error)
		goto out;
	if (cmd == F_SETLKW || cmd == F_OFD_SETLKW)
		fl->fl_flags |= FL_SLEEP;
	error = -EBADF;
	if ((fl->fl_type == F_RDLCK && !(file->f_mode & FMODE_READ)) ||
	    (fl->fl_type == F_WRLCK && !(file->f_mode & FMODE_WRITE)))
		goto out;
	if (file->f_op->lock)
		error = file->f_op->lock(file, cmd, fl);
	else
		error = lock_wait(inode, fl, posix_lock_inode);
	if (!error && fl->fl_type != F_UNLCK && !(fl->fl_flags & FL_OFDLCK) &&
	    !still_open(fd, file)) {
		fl->fl_type = F_UNLCK;
		posix_lock_inode(inode, fl);
		error = -EBADF;
	}
out:
	kfree(fl);
	return error;
}

long fcntl_lock(unsigned int fd, struct file *file, unsigned int cmd, struct flock __user *arg)
{
	if (cmd == F_GETLK || cmd == F_OFD_GETLK)
		return fcntl_getlk(file, cmd, arg);
	return fcntl_setlk(fd, file, cmd, arg);
}

static void remove_all(struct file *file, fl_owner_t owner, bool flock)
{
	struct file_lock_context *ctx = get_context(file_inode(file), false);
	struct list_head *list;
	struct file_lock *fl, *n;
	LIST_HEAD(dispose);

	if (!ctx)
		return;
	list = flock ? &ctx->flc_flock : &ctx->flc_posix;
	if (list_empty(list))
		return;
	spin_lock(&ctx->flc_lock);
	list_for_each_entry_safe (fl, n, list, fl_list)
		if (flock ? fl->fl_file == file : fl->fl_owner == owner)
			unlink_lock(fl, &dispose);
	spin_unlock(&ctx->flc_lock);
	dispose_list(&dispose);
}

void locks_remove_posix(struct file *file, fl_owner_t owner)
{
	if (likely(!file_inode(file)->i_flctx))
		return;
	remove_all(file, owner, false);
}

void locks_remove_file(struct file *file)
{
	if (likely(!file_inode(file)->i_flctx))
		return;
	remove_all(file, file, false);
	remove_all(file, file, true);
}

static void show_one(struct seq_file *m, const struct inode *inode, const struct file_lock *fl)
{
	seq_printf(m, "%s ADVISORY  %s %d %02x:%02x:%llu %lld ",
		   fl->fl_flags & FL_FLOCK    ? "FLOCK "
		   : fl->fl_flags & FL_OFDLCK ? "OFDLCK"
					      : "POSIX ",
		   fl->fl_type == F_WRLCK ? "WRITE" : "READ ", fl->fl_pid,
		   MAJOR(inode->i_sb->s_dev), MINOR(inode->i_sb->s_dev),
		   (unsigned long long)inode->i_ino, (long long)fl->fl_start);
	if (fl->fl_end == OFFSET_MAX)
		seq_puts(m, "EOF\n");
	else
		seq_printf(m, "%lld\n", (long long)fl->fl_end);
}

void show_fd_locks(struct seq_file *m, struct file *file, struct files_struct *files)
{
	struct file_lock_context *ctx = get_context(file_inode(file), false);
	struct file_lock *fl;
	int id = 0;

	if (!ctx)
		return;
	spin_lock(&ctx->flc_lock);
	list_for_each_entry (fl, &ctx->flc_flock, fl_list) {
		if (fl->fl_file == file) {
			seq_printf(m, "lock:\t%d: ", ++id);
			show_one(m, ctx->inode, fl);
		}
	}
	list_for_each_entry (fl, &ctx->flc_posix, fl_list) {
		if (fl->fl_owner == files || fl->fl_owner == file) {
			seq_printf(m, "lock:\t%d: ", ++id);
			show_one(m, ctx->inode, fl);
		}
	}
	spin_unlock(&ctx->flc_lock);
}

void show_locks(struct seq_file *m)
{
	struct file_lock_context *ctx;
	struct file_lock *fl;
	int id = 0;

	spin_lock(&all_lock);
	list_for_each_entry (ctx, &all_contexts, all) {
		spin_lock(&ctx->flc_lock);
		list_for_each_entry (fl, &ctx->flc_flock, fl_list) {
			seq_printf(m, "%d: ", ++id);
			show_one(m, ctx->inode, fl);
		}
		list_for_each_entry (fl, &ctx->flc_posix, fl_list) {
			seq_printf(m, "%d: ", ++id);
			show_one(m, ctx->inode, fl);
		}
		spin_unlock(&ctx->flc_lock);
	}
	spin_unlock(&all_lock);
}
