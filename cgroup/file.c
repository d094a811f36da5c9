/* SPDX-License-Identifier: MIT */
/*
 * An open interface file: reading makes its text anew, or lists tasks as they were when the
 * reading began; writing is one command a call; poll(2) tells by POLLPRI that the text has
 * changed since it was last read. After rmdir(2) all of it is -ENODEV. Task context.
 */
#include <jiffy/pid.h>
#include <jiffy/poll.h>
#include <jiffy/signal.h>
#include <jiffy/string.h>

#include "file.h"

static struct cgroup_open *open_of(struct file *file)
{
	return ((struct seq_file *)file->private_data)->private;
}

/* Is p to be in the list? A leader stands for its process. */
static bool wanted(const struct cgroup_open *of, struct task_struct *p)
{
	return of->cft->lists == LISTS_THREADS || thread_group_leader(p);
}

/* Counted in any case, listed when there is room. */
static void add_pid(struct cgroup_open *of, struct task_struct *p, unsigned int room)
{
	if (of->nr_pids < room)
		of->pids[of->nr_pids] =
		    of->cft->lists == LISTS_THREADS ? task_pid_vnr(p) : task_tgid_vnr(p);
	of->nr_pids++;
}

/* Processes of a thread domain are listed where its root is. css_set_lock. */
static bool lists_cgroup(const struct cgroup_open *of, const struct cgroup *c)
{
	return c == of->cgrp || (of->cft->lists == LISTS_PROCESSES && c->dom_cgrp == of->cgrp);
}

static void list_pids(struct cgroup_open *of, unsigned int room)
{
	struct task_struct *p;
	struct cgroup *c;

	of->nr_pids = 0;
	spin_lock_irq(&css_set_lock);
	cgroup_for_each_descendant (c, of->cgrp) {
		if (!lists_cgroup(of, c))
			continue;
		list_for_each_entry (p, &c->tasks, cg_list)
			if (wanted(of, p))
				add_pid(of, p, room);
		if (of->cft->lists == LISTS_PROCESSES)
			list_for_each_entry (p, &c->dying, cg_list)
				if (atomic_read(&p->signal->live))
					add_pid(of, p, room);
	}
	spin_unlock_irq(&css_set_lock);
}

/* All of them: when they did not fit, anew, with room for some that come meanwhile. */
static int take_snapshot(struct cgroup_open *of)
{
	unsigned int room = 64;

	do {
		kvfree(of->pids);
		of->pids = kvmalloc_array(room, sizeof(*of->pids), GFP_KERNEL);
		if (!of->pids) {
			of->nr_pids = 0;
			return -ENOMEM;
		}
		list_pids(of, room);
		if (of->nr_pids <= room)
			return 0;
		room = of->nr_pids + of->nr_pids / 8;
	} while (true);
}

static void *cgroup_seq_start(struct seq_file *m, loff_t *pos)
{
	struct cgroup_open *of = m->private;
	int err;

	mutex_lock(&cgroup_mutex);
	if (cgroup_is_dead(of->cgrp) || !cgroup_file_visible(of->cgrp, of->cft))
		return ERR_PTR(-ENODEV);
	if (of->cft->lists == LISTS_NO_TASKS)
		return *pos ? NULL : SEQ_START_TOKEN;
	if (!*pos) {
		err = of->cft->show(m, of->cgrp);
		if (!err)
			err = take_snapshot(of);
		if (err)
			return ERR_PTR(err);
	}
	return *pos < of->nr_pids ? &of->pids[*pos] : NULL;
}

static void *cgroup_seq_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct cgroup_open *of = m->private;

	++*pos;
	return of->cft->lists != LISTS_NO_TASKS && *pos < of->nr_pids ? &of->pids[*pos] : NULL;
}

static void cgroup_seq_stop(struct seq_file *m, void *v)
{
	mutex_unlock(&cgroup_mutex);
}

static int cgroup_seq_show(struct seq_file *m, void *v)
{
	struct cgroup_open *of = m->private;

	if (of->cft->lists != LISTS_NO_TASKS) {
		seq_printf(m, "%d\n", *(pid_t *)v);
		return 0;
	}
	of->event = atomic_read(&of->node->event);
	return of->cft->show(m, of->cgrp);
}

static const struct seq_operations cgroup_seq_ops = {
    .start = cgroup_seq_start,
    .next = cgroup_seq_next,
    .stop = cgroup_seq_stop,
    .show = cgroup_seq_show,
};

static int cgroup_file_open(struct inode *inode, struct file *file)
{
	struct cgroup_node *node = inode->i_private;
	struct cgroup_open *of;

	if (cgroup_is_dead(node->cgrp))
		return -ENODEV;
	of = __seq_open_private(file, &cgroup_seq_ops, sizeof(*of));
	if (!of)
		return -ENOMEM;
	of->node = node;
	of->cgrp = node->cgrp;
	of->cft = &cgroup_files[node->index - 1];
	of->file = file;
	of->ns = current->nsproxy->cgroup_ns;
	refcount_inc(&of->ns->ns.count);
	cgroup_get(of->cgrp);
	return 0;
}

static int cgroup_file_release(struct inode *inode, struct file *file)
{
	struct cgroup_open *of = open_of(file);

	psi_trigger_free(of->trigger);
	put_cgroup_ns(of->ns);
	cgroup_put(of->cgrp);
	kvfree(of->pids);
	return seq_release_private(inode, file);
}

static ssize_t cgroup_file_read(struct kiocb *iocb, struct iov_iter *iter)
{
	return open_of(iocb->ki_filp)->cft->show ? seq_read_iter(iocb, iter) : -EINVAL;
}

/* What the root of a namespace is given from outside, those inside cannot change. */
static bool is_delegated(const struct cgroup_open *of)
{
	return !cgroup_nsdelegate || (of->cft->flags & CFTYPE_NS_DELEGATABLE) ||
	       of->ns == &init_cgroup_ns || of->ns->root_cgrp != of->cgrp;
}

static ssize_t cgroup_file_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	struct cgroup_open *of = open_of(file);
	char *text;
	int err;

	if (!of->cft->write)
		return -EINVAL;
	if (len > PAGE_SIZE)
		return -E2BIG;
	text = memdup_user_nul(buf, len);
	if (IS_ERR(text))
		return PTR_ERR(text);
	mutex_lock(&cgroup_mutex);
	if (cgroup_is_dead(of->cgrp) || !cgroup_file_visible(of->cgrp, of->cft))
		err = -ENODEV;
	else if (!is_delegated(of))
		err = -EPERM;
	else
		err = of->cft->write(of, strim(text));
	mutex_unlock(&cgroup_mutex);
	kfree(text);
	return err ? err : (ssize_t)len;
}

static __poll_t cgroup_file_poll(struct file *file, struct poll_table_struct *pt)
{
	struct cgroup_open *of = open_of(file);

	poll_wait(file, &of->cgrp->poll_wait, pt);
	if (!cgroup_is_dead(of->cgrp) && of->cft->poll)
		return of->cft->poll(of, pt);
	if (cgroup_is_dead(of->cgrp) || of->event != atomic_read(&of->node->event))
		return DEFAULT_POLLMASK | EPOLLERR | EPOLLPRI;
	return DEFAULT_POLLMASK;
}

const struct file_operations cgroup_file_operations = {
    .open = cgroup_file_open,
    .release = cgroup_file_release,
    .read_iter = cgroup_file_read,
    .write = cgroup_file_write,
    .llseek = seq_lseek,
    .poll = cgroup_file_poll,
};
