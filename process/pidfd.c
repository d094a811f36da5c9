/* SPDX-License-Identifier: MIT */
/* File descriptors that stand for processes: pidfd_open(2), pidfd_getfd(2), poll. Task context. */
#include <jiffy/anon_inodes.h>
#include <jiffy/fdtable.h>
#include <jiffy/file.h>
#include <jiffy/fs.h>
#include <jiffy/poll.h>
#include <jiffy/ptrace.h>
#include <jiffy/seq_file.h>
#include <jiffy/syscalls.h>
#include <uapi/fcntl.h>

#include "internal.h"

static int pidfd_release(struct inode *inode, struct file *file)
{
	put_pid(file->private_data);
	return 0;
}

/*
 * Readable once the whole process is dead: nothing is left but its leader, a zombie. One that
 * stands for a thread waits for that alone. When it is reaped as well, the other end has hung up.
 */
static __poll_t pidfd_poll(struct file *file, poll_table *pt)
{
	struct pid *pid = file->private_data;
	struct task_struct *t;
	__poll_t mask = 0;

	poll_wait(file, &pid->wait_pidfd, pt);
	rcu_read_lock();
	t = pid_task(pid, PIDTYPE_PID);
	if (!t)
		mask = EPOLLIN | EPOLLRDNORM | EPOLLHUP;
	else if (READ_ONCE(t->exit_state) &&
		 ((file->f_flags & PIDFD_THREAD) || thread_group_empty(t)))
		mask = EPOLLIN | EPOLLRDNORM;
	rcu_read_unlock();
	return mask;
}

static void pidfd_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct pid *pid = file->private_data;
	struct pid_namespace *ns = task_active_pid_ns(current);
	pid_t nr = pid_nr_ns(pid, ns);
	unsigned int i;

	/* Reaped: the numbers may stand for somebody else by now. */
	if (!pid_has_task(pid, PIDTYPE_PID))
		nr = -1;
	seq_printf(m, "Pid:\t%d\nNSpid:\t%d", nr, nr);
	if (nr > 0)
		for (i = ns->level + 1; i <= pid->level; i++)
			seq_printf(m, "\t%d", pid->numbers[i].nr);
	seq_printf(m, "\n");
}

static const struct file_operations pidfd_fops = {
    .release = pidfd_release,
    .poll = pidfd_poll,
    .show_fdinfo = pidfd_show_fdinfo,
};

struct pid *pidfd_pid(const struct file *file)
{
	return file->f_op == &pidfd_fops ? file->private_data : ERR_PTR(-EBADF);
}

struct pid *pidfd_get_pid(unsigned int fd, unsigned int *flags)
{
	struct fd f = fdget(fd);
	struct pid *pid;

	if (!f.file)
		return ERR_PTR(-EBADF);
	pid = pidfd_pid(f.file);
	if (!IS_ERR(pid)) {
		get_pid(pid);
		*flags = f.file->f_flags;
	}
	fdput(f);
	return pid;
}

int pidfd_prepare(struct pid *pid, unsigned int flags, struct file **ret)
{
	struct file *file;
	int fd = get_unused_fd_flags(O_CLOEXEC);

	if (fd < 0)
		return fd;
	file = anon_inode_getfile("[pidfd]", &pidfd_fops, pid, O_RDWR | (flags & O_NONBLOCK));
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	file->f_flags |= flags & PIDFD_THREAD;
	get_pid(pid);
	*ret = file;
	return fd;
}

SYSCALL_DEFINE2(pidfd_open, pid_t, nr, unsigned int, flags)
{
	struct file *file;
	struct pid *pid;
	int fd;

	if ((flags & ~(O_NONBLOCK | PIDFD_THREAD)) || nr <= 0)
		return -EINVAL;
	pid = find_get_pid(nr);
	if (!pid)
		return -ESRCH;
	if (!pid_has_task(pid, PIDTYPE_PID))
		fd = -ESRCH;
	else
		fd = (flags & PIDFD_THREAD) || pid_has_task(pid, PIDTYPE_TGID) ? 0 : -ENOENT;
	if (!fd)
		fd = pidfd_prepare(pid, flags, &file);
	if (fd >= 0)
		fd_install(fd, file);
	put_pid(pid);
	return fd;
}

SYSCALL_DEFINE3(pidfd_getfd, int, pidfd, int, targetfd, unsigned int, flags)
{
	struct task_struct *t;
	unsigned int f_flags;
	struct file *file = NULL;
	struct pid *pid;
	int ret;

	if (flags)
		return -EINVAL;
	pid = pidfd_get_pid(pidfd, &f_flags);
	if (IS_ERR(pid))
		return PTR_ERR(pid);
	t = get_pid_task(pid, PIDTYPE_PID);
	put_pid(pid);
	if (!t)
		return -ESRCH;
	ret = down_read_killable(&t->signal->exec_update_lock);
	if (ret)
		goto out;
	if (!ptrace_may_access(t, PTRACE_MODE_ATTACH_REALCREDS))
		ret = -EPERM;
	else if (!(file = fget_task(t, targetfd)))
		ret = -EBADF;
	up_read(&t->signal->exec_update_lock);
	if (ret)
		goto out;
	ret = receive_fd(file, O_CLOEXEC);
	fput(file);
out:
	put_task_struct(t);
	return ret;
}
