/* SPDX-License-Identifier: MIT */
/*
 * inotify(7). A group is an open inotify file: a queue of events and its watches. A watch (mark)
 * ties a group to an inode, which it pins, until it is removed, the inode's last name and user go,
 * or its file system is unmounted.
 *
 * Serialization rules: marks_lock guards every mark and the links between inodes, marks and
 * groups; inside it a group's lock guards its queue. An event on an inode that nobody watches
 * takes neither: i_fsnotify_mask, the sum of the marks' masks, is read without a lock.
 */
#include "mount.h"
#include <arch/uaccess.h>
#include <jiffy/anon_inodes.h>
#include <jiffy/fsnotify.h>
#include <jiffy/init.h>
#include <jiffy/poll.h>
#include <jiffy/seq_file.h>
#include <jiffy/signal.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>
#include <jiffy/sysctl.h>
#include <jiffy/xarray.h>
#include <uapi/ioctl.h>

struct inotify_group {
	spinlock_t lock;
	struct list_head events;
	unsigned int nr_events;
	struct inotify_event_info *overflow; /* kept ready: running out of room needs no memory */
	bool overflow_queued;
	wait_queue_head_t wait;
	struct fasync_struct *fasync;
	struct user_struct *user;
	struct xarray watches; /* by wd; marks_lock */
	unsigned int nr_watches;
};

struct inotify_mark {
	struct inotify_mark *next; /* on the same inode; marks_lock */
	struct inotify_group *group;
	struct inode *inode; /* pinned */
	u32 mask;
	int wd;
};

struct inotify_event_info {
	struct list_head list;
	int wd;
	u32 mask, cookie;
	unsigned int name_len;
	char name[];
};

static DEFINE_SPINLOCK(marks_lock);
atomic_t inotify_nr_watches;
static atomic_t last_cookie;
static int max_user_instances = 128, max_user_watches = 65536, max_queued_events = 16384;

u32 fsnotify_get_cookie(void)
{
	return atomic_inc_return(&last_cookie);
}

static bool same_event(const struct inotify_event_info *a, const struct inotify_event_info *b)
{
	return a->wd == b->wd && a->mask == b->mask && a->cookie == b->cookie &&
	       a->name_len == b->name_len && !memcmp(a->name, b->name, a->name_len);
}

/* Any task context, spinlocks held. */
static void queue_event(struct inotify_group *group, int wd, u32 mask, u32 cookie,
			const struct qstr *name)
{
	unsigned int len = name ? name->len : 0;
	struct inotify_event_info *e = kmalloc(sizeof(*e) + len + 1, GFP_ATOMIC);

	if (e) {
		*e = (struct inotify_event_info){
		    .wd = wd, .mask = mask, .cookie = cookie, .name_len = len};
		if (len)
			memcpy(e->name, name->name, len);
		e->name[len] = 0;
	}
	spin_lock(&group->lock);
	/* An event like the last one in the queue says nothing new. */
	if (e && !list_empty(&group->events) &&
	    same_event(e, list_last_entry(&group->events, struct inotify_event_info, list))) {
		spin_unlock(&group->lock);
		kfree(e);
		return;
	}
	if (!e || (int)group->nr_events >= max_queued_events) {
		kfree(e);
		e = NULL;
		if (!group->overflow_queued) {
			group->overflow_queued = true;
			e = group->overflow;
		}
	}
	if (e) {
		list_add_tail(&e->list, &group->events);
		group->nr_events++;
	}
	spin_unlock(&group->lock);
	wake_up_interruptible_poll(&group->wait, EPOLLIN | EPOLLRDNORM);
	kill_fasync(&group->fasync, SIGIO, POLL_IN);
}

static void update_inode_mask(struct inode *inode)
{
	struct inotify_mark *m;
	u32 mask = 0;

	for (m = inode->i_fsnotify_marks; m; m = m->next)
		mask |= m->mask & IN_ALL_EVENTS;
	WRITE_ONCE(inode->i_fsnotify_mask, mask);
}

/* marks_lock held. The caller puts the inode and frees the mark when the lock is dropped. */
static void detach_mark(struct inotify_mark *mark)
{
	struct inotify_mark **p = (struct inotify_mark **)&mark->inode->i_fsnotify_marks;

	lockdep_assert_held(&marks_lock);
	while (*p != mark)
		p = &(*p)->next;
	*p = mark->next;
	update_inode_mask(mark->inode);
	xa_erase(&mark->group->watches, mark->wd);
	mark->group->nr_watches--;
	atomic_dec(&inotify_nr_watches);
	queue_event(mark->group, mark->wd, IN_IGNORED, 0, NULL);
}

static void free_marks(struct inotify_mark *m)
{
	while (m) {
		struct inotify_mark *next = m->next;

		iput(m->inode);
		kfree(m);
		m = next;
	}
}

void __fsnotify_inode(struct inode *inode, u32 mask, const struct qstr *name, u32 cookie)
{
	struct inotify_mark *m, *next, *done = NULL;

	spin_lock(&marks_lock);
	for (m = inode->i_fsnotify_marks; m; m = next) {
		next = m->next;
		if (!(m->mask & mask & IN_ALL_EVENTS))
			continue;
		queue_event(m->group, m->wd, mask, cookie, name);
		if (m->mask & IN_ONESHOT) {
			detach_mark(m);
			m->next = done;
			done = m;
		}
	}
	spin_unlock(&marks_lock);
	free_marks(done);
}

static bool wants_unlinked(struct inode *dir)
{
	struct inotify_mark *m;
	bool wants = false;

	spin_lock(&marks_lock);
	for (m = dir->i_fsnotify_marks; m; m = m->next)
		wants |= !(m->mask & IN_EXCL_UNLINK);
	spin_unlock(&marks_lock);
	return wants;
}

void __fsnotify_dentry(struct dentry *dentry, u32 mask)
{
	struct inode *inode = d_inode(dentry);
	u32 dir = S_ISDIR(inode->i_mode) ? IN_ISDIR : 0;

	if (!mask)
		return;
	if (!IS_ROOT(dentry)) {
		struct dentry *parent = dget_parent(dentry);
		struct inode *p_inode = d_inode(parent);

		if ((p_inode->i_fsnotify_mask & mask) &&
		    (!d_unlinked(dentry) || wants_unlinked(p_inode)))
			__fsnotify_inode(p_inode, mask | dir, &dentry->d_name, 0);
		dput(parent);
	}
	if (inode->i_fsnotify_mask & mask)
		__fsnotify_inode(inode, mask | dir, NULL, 0);
}

static void remove_all_marks(struct inode *inode, u32 event)
{
	struct inotify_mark *m, *done = NULL;

	spin_lock(&marks_lock);
	while ((m = inode->i_fsnotify_marks)) {
		if (event == IN_UNMOUNT || (m->mask & event))
			queue_event(m->group, m->wd, event, 0, NULL);
		detach_mark(m);
		m->next = done;
		done = m;
	}
	spin_unlock(&marks_lock);
	free_marks(done);
}

void __fsnotify_inode_delete(struct inode *inode)
{
	remove_all_marks(inode, IN_DELETE_SELF);
}

void fsnotify_sb_delete(struct super_block *sb)
{
	struct inode *inode;

	if (!atomic_read(&inotify_nr_watches))
		return;
again:
	spin_lock(&sb->s_inode_list_lock);
	list_for_each_entry (inode, &sb->s_inodes, i_sb_list) {
		if (inode->i_fsnotify_marks && atomic_inc_not_zero(&inode->i_count)) {
			spin_unlock(&sb->s_inode_list_lock);
			remove_all_marks(inode, IN_UNMOUNT);
			iput(inode);
			goto again;
		}
	}
	spin_unlock(&sb->s_inode_list_lock);
}

static __poll_t inotify_poll(struct file *file, poll_table *wait)
{
	struct inotify_group *group = file->private_data;

	poll_wait(file, &group->wait, wait);
	return READ_ONCE(group->nr_events) ? EPOLLIN | EPOLLRDNORM : 0;
}

/* What a name takes in a record: with its NUL, to a multiple of the record's head. */
static size_t padded_name(const struct inotify_event_info *e)
{
	return e->name_len ? ALIGN(e->name_len + 1, sizeof(struct inotify_event)) : 0;
}

static ssize_t copy_event(const struct inotify_event_info *e, char __user *buf)
{
	struct inotify_event head = {.wd = e->wd, .mask = e->mask, .cookie = e->cookie};
	size_t pad = padded_name(e);

	head.len = pad;
	if (copy_to_user(buf, &head, sizeof(head)))
		return -EFAULT;
	buf += sizeof(head);
	if (pad && (copy_to_user(buf, e->name, e->name_len) ||
		    clear_user(buf + e->name_len, pad - e->name_len)))
		return -EFAULT;
	return sizeof(head) + pad;
}

/* The oldest event if it fits: NULL: none, -EINVAL: it does not. */
static struct inotify_event_info *get_one_event(struct inotify_group *group, size_t count)
{
	struct inotify_event_info *e = NULL;

	spin_lock(&group->lock);
	if (!list_empty(&group->events)) {
		e = list_first_entry(&group->events, struct inotify_event_info, list);
		if (sizeof(struct inotify_event) + padded_name(e) > count) {
			e = ERR_PTR(-EINVAL);
		} else {
			list_del_init(&e->list);
			group->nr_events--;
			if (e == group->overflow)
				group->overflow_queued = false;
		}
	}
	spin_unlock(&group->lock);
	return e;
}

static ssize_t inotify_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct inotify_group *group = file->private_data;
	char __user *start = buf;
	ssize_t ret = 0;

	for (;;) {
		struct inotify_event_info *e = get_one_event(group, count);

		if (IS_ERR(e)) {
			ret = PTR_ERR(e);
			break;
		}
		if (e) {
			ret = copy_event(e, buf);
			if (e != group->overflow)
				kfree(e);
			if (ret < 0)
				break;
			buf += ret;
			count -= ret;
			continue;
		}
		ret = -EAGAIN;
		if (start != buf || (file->f_flags & O_NONBLOCK))
			break;
		ret = wait_event_interruptible(group->wait, READ_ONCE(group->nr_events));
		if (ret)
			break;
	}
	return start != buf && ret != -EFAULT ? buf - start : ret;
}

static long inotify_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct inotify_group *group = file->private_data;
	struct inotify_event_info *e;
	int bytes = 0;

	if (cmd != FIONREAD)
		return -ENOTTY;
	spin_lock(&group->lock);
	list_for_each_entry (e, &group->events, list)
		bytes += sizeof(struct inotify_event) + padded_name(e);
	spin_unlock(&group->lock);
	return put_user(bytes, (int __user *)arg);
}

static int inotify_fasync(int fd, struct file *file, int on)
{
	struct inotify_group *group = file->private_data;

	return fasync_helper(fd, file, on, &group->fasync) >= 0 ? 0 : -EIO;
}

static void free_group(struct inotify_group *group)
{
	struct inotify_event_info *e, *n;

	list_for_each_entry_safe (e, n, &group->events, list)
		if (e != group->overflow)
			kfree(e);
	kfree(group->overflow);
	xa_destroy(&group->watches);
	atomic_dec(&group->user->inotify_instances);
	free_uid(group->user);
	kfree(group);
}

static int inotify_release(struct inode *inode, struct file *file)
{
	struct inotify_group *group = file->private_data;
	struct inotify_mark *m, *done = NULL;
	unsigned long wd;

	spin_lock(&marks_lock);
	xa_for_each(&group->watches, wd, m)
	{
		detach_mark(m);
		m->next = done;
		done = m;
	}
	spin_unlock(&marks_lock);
	free_marks(done);
	free_group(group);
	return 0;
}

static void inotify_show_fdinfo(struct seq_file *s, struct file *file)
{
	struct inotify_group *group = file->private_data;
	struct inotify_mark *m;
	unsigned long wd;

	spin_lock(&marks_lock);
	xa_for_each(&group->watches, wd, m)
	    seq_printf(s, "inotify wd:%x ino:%llx sdev:%llx mask:%x ignored_mask:0\n", m->wd,
		       (unsigned long long)m->inode->i_ino,
		       (unsigned long long)m->inode->i_sb->s_dev, m->mask);
	spin_unlock(&marks_lock);
}

static const struct file_operations inotify_fops = {
    .show_fdinfo = inotify_show_fdinfo,
    .poll = inotify_poll,
    .read = inotify_read,
    .fasync = inotify_fasync,
    .release = inotify_release,
    .unlocked_ioctl = inotify_ioctl,
    .llseek = noop_llseek,
};

static struct inotify_group *new_group(void)
{
	struct inotify_group *group = kzalloc(sizeof(*group), GFP_KERNEL);

	if (!group)
		return ERR_PTR(-ENOMEM);
	group->overflow = kzalloc(sizeof(*group->overflow) + 1, GFP_KERNEL);
	if (!group->overflow) {
		kfree(group);
		return ERR_PTR(-ENOMEM);
	}
	group->overflow->wd = -1;
	group->overflow->mask = IN_Q_OVERFLOW;
	spin_lock_init(&group->lock);
	INIT_LIST_HEAD(&group->events);
	init_waitqueue_head(&group->wait);
	xa_init(&group->watches);
	group->user = get_uid(current_user());
	if (atomic_inc_return(&group->user->inotify_instances) > max_user_instances) {
		free_group(group);
		return ERR_PTR(-EMFILE);
	}
	return group;
}

static int do_inotify_init(int flags)
{
	struct inotify_group *group;
	int ret;

	if (flags & ~(IN_CLOEXEC | IN_NONBLOCK))
		return -EINVAL;
	group = new_group();
	if (IS_ERR(group))
		return PTR_ERR(group);
	ret = anon_inode_getfd("inotify", &inotify_fops, group, O_RDONLY | flags);
	if (ret < 0)
		free_group(group);
	return ret;
}

SYSCALL_DEFINE1(inotify_init1, int, flags)
{
	return do_inotify_init(flags);
}

SYSCALL_DEFINE0(inotify_init)
{
	return do_inotify_init(0);
}

static struct inotify_mark *find_mark(struct inotify_group *group, struct inode *inode)
{
	struct inotify_mark *m;

	lockdep_assert_held(&marks_lock);
	for (m = inode->i_fsnotify_marks; m; m = m->next)
		if (m->group == group)
			return m;
	return NULL;
}

/* marks_lock held. */
static int attach_mark(struct inotify_group *group, struct inode *inode, struct inotify_mark *m)
{
	u32 wd;
	int err;

	if ((int)group->nr_watches >= max_user_watches)
		return -ENOSPC;
	xa_lock(&group->watches);
	err = __xa_alloc_cyclic(&group->watches, &wd, m, XA_LIMIT(1, 0x7fffffff), GFP_ATOMIC);
	xa_unlock(&group->watches);
	if (err < 0)
		return err == -EBUSY ? -ENOSPC : err;
	m->wd = wd;
	m->group = group;
	m->inode = inode;
	ihold(inode);
	m->next = inode->i_fsnotify_marks;
	inode->i_fsnotify_marks = m;
	group->nr_watches++;
	atomic_inc(&inotify_nr_watches);
	return 0;
}

static int update_watch(struct inotify_group *group, struct inode *inode, u32 arg)
{
	const u32 kept = IN_ALL_EVENTS | IN_ONESHOT | IN_EXCL_UNLINK;
	struct inotify_mark *new = kzalloc(sizeof(*new), GFP_KERNEL), *m;
	int ret;

	if (!new)
		return -ENOMEM;
	spin_lock(&marks_lock);
	m = find_mark(group, inode);
	if (m) {
		ret = m->wd;
		if (arg & IN_MASK_CREATE)
			ret = -EEXIST;
		else if (arg & IN_MASK_ADD)
			m->mask |= arg & kept;
		else
			m->mask = arg & kept;
	} else {
		new->mask = arg &kept;
		ret = attach_mark(group, inode, new);
		if (!ret) {
			ret = new->wd;
			new = NULL;
		}
	}
	update_inode_mask(inode);
	spin_unlock(&marks_lock);
	kfree(new);
	return ret;
}

SYSCALL_DEFINE3(inotify_add_watch, int, fd, const char __user *, pathname, u32, mask)
{
	const u32 all = IN_ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED | IN_ONLYDIR |
			IN_DONT_FOLLOW | IN_EXCL_UNLINK | IN_MASK_ADD | IN_MASK_CREATE | IN_ISDIR |
			IN_ONESHOT;
	unsigned int flags = 0;
	struct path path;
	struct fd f;
	int ret;

	if (!(mask & IN_ALL_EVENTS) || (mask & ~all))
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	ret = -EINVAL;
	if (((mask & IN_MASK_ADD) && (mask & IN_MASK_CREATE)) || f.file->f_op != &inotify_fops)
		goto out;
	if (!(mask & IN_DONT_FOLLOW))
		flags |= LOOKUP_FOLLOW;
	if (mask & IN_ONLYDIR)
		flags |= LOOKUP_DIRECTORY;
	ret = user_path_at(AT_FDCWD, pathname, flags, &path);
	if (ret)
		goto out;
	ret = path_permission(&path, MAY_READ);
	if (!ret)
		ret = update_watch(f.file->private_data, d_inode(path.dentry), mask);
	path_put(&path);
out:
	fdput(f);
	return ret;
}

SYSCALL_DEFINE2(inotify_rm_watch, int, fd, int, wd)
{
	struct inotify_group *group;
	struct inotify_mark *m = NULL;
	struct fd f = fdget(fd);
	int ret = -EINVAL;

	if (!f.file)
		return -EBADF;
	if (f.file->f_op == &inotify_fops) {
		group = f.file->private_data;
		spin_lock(&marks_lock);
		m = wd > 0 ? xa_load(&group->watches, wd) : NULL;
		if (m) {
			detach_mark(m);
			m->next = NULL;
			ret = 0;
		}
		spin_unlock(&marks_lock);
		free_marks(m);
	}
	fdput(f);
	return ret;
}

static const struct ctl_table inotify_table[] = {{.procname = "max_user_instances",
						  .data = &max_user_instances,
						  .maxlen = sizeof(int),
						  .mode = 0644,
						  .proc_handler = proc_dointvec_minmax,
						  .extra1 = SYSCTL_ZERO},
						 {.procname = "max_user_watches",
						  .data = &max_user_watches,
						  .maxlen = sizeof(int),
						  .mode = 0644,
						  .proc_handler = proc_dointvec_minmax,
						  .extra1 = SYSCTL_ZERO},
						 {.procname = "max_queued_events",
						  .data = &max_queued_events,
						  .maxlen = sizeof(int),
						  .mode = 0644,
						  .proc_handler = proc_dointvec_minmax,
						  .extra1 = SYSCTL_ZERO},
						 {0}};

static int inotify_setup(void)
{
	return register_sysctl("fs/inotify", inotify_table);
}
fs_initcall(inotify_setup);
