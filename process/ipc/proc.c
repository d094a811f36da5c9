/* SPDX-License-Identifier: MIT */
/*
 * /proc/sysvipc/{sem,msg,shm}: the objects of the namespace that the opener is in, one a line,
 * with process numbers as the opener's pid namespace has them. proc(5). Task context.
 */
#include <jiffy/init.h>
#include <jiffy/proc_fs.h>
#include <jiffy/seq_file.h>

#include "util.h"

/* Position 0 is the heading, n + 1 the first object whose index is at least n. */
static struct kern_ipc_perm *find_from(struct ipc_ids *ids, loff_t *pos)
{
	unsigned long index = *pos - 1;
	struct kern_ipc_perm *perm;

	lockdep_assert_held(&ids->rwsem);
	if (*pos > IPCMNI)
		return NULL;
	perm = xa_find(&ids->by_index, &index, IPCMNI - 1);
	if (perm)
		*pos = index + 1;
	return perm;
}

static struct ipc_ids *iter_ids(struct seq_file *m)
{
	struct ipc_proc_iter *iter = m->private;

	return &iter->ns->ids[iter->iface->kind];
}

static void *sysvipc_start(struct seq_file *m, loff_t *pos)
{
	struct ipc_ids *ids = iter_ids(m);

	down_read(&ids->rwsem);
	return *pos ? find_from(ids, pos) : SEQ_START_TOKEN;
}

static void *sysvipc_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return find_from(iter_ids(m), pos);
}

static void sysvipc_stop(struct seq_file *m, void *v)
{
	up_read(&iter_ids(m)->rwsem);
}

static int sysvipc_show(struct seq_file *m, void *v)
{
	struct ipc_proc_iter *iter = m->private;
	struct kern_ipc_perm *perm = v;

	if (v == SEQ_START_TOKEN) {
		seq_puts(m, iter->iface->header);
		return 0;
	}
	ipc_lock_object(perm);
	iter->iface->show(m, iter, perm);
	ipc_unlock_object(perm);
	return 0;
}

static const struct seq_operations sysvipc_seq_ops = {
    .start = sysvipc_start,
    .next = sysvipc_next,
    .stop = sysvipc_stop,
    .show = sysvipc_show,
};

static int sysvipc_open(struct inode *inode, struct file *file)
{
	struct ipc_proc_iter *iter = __seq_open_private(file, &sysvipc_seq_ops, sizeof(*iter));

	if (!iter)
		return -ENOMEM;
	iter->iface = pde_data(inode);
	iter->ns = get_ipc_ns(current_ipc_ns());
	iter->pid_ns = get_pid_ns(task_active_pid_ns(current));
	return 0;
}

static int sysvipc_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;
	struct ipc_proc_iter *iter = m->private;

	put_ipc_ns(iter->ns);
	put_pid_ns(iter->pid_ns);
	return seq_release_private(inode, file);
}

static const struct file_operations sysvipc_fops = {
    .open = sysvipc_open,
    .read_iter = seq_read_iter,
    .llseek = seq_lseek,
    .release = sysvipc_release,
};

static int sysvipc_proc_init(void)
{
	struct proc_dir_entry *dir = proc_mkdir("sysvipc", NULL);

	if (!dir || !proc_create_data("sem", 0444, dir, &sysvipc_fops, (void *)&sem_proc_iface) ||
	    !proc_create_data("msg", 0444, dir, &sysvipc_fops, (void *)&msg_proc_iface) ||
	    !proc_create_data("shm", 0444, dir, &sysvipc_fops, (void *)&shm_proc_iface))
		return -ENOMEM;
	return 0;
}
device_initcall(sysvipc_proc_init);
