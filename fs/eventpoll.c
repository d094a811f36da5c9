/* SPDX-License-Identifier: MIT */
/*
 * What an epoll instance watches: epoll_create(2) and epoll_ctl(2), the wake-ups of what is
 * watched, and the end of either side. Rules in eventpoll.h. Task context, but the callback.
 */
#include <arch/uaccess.h>
#include <jiffy/anon_inodes.h>
#include <jiffy/cred.h>
#include <jiffy/err.h>
#include <jiffy/file.h>
#include <jiffy/init.h>
#include <jiffy/mm.h>
#include <jiffy/seq_file.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>
#include <jiffy/sysctl.h>

#include "eventpoll.h"

#define EP_EXCLUSIVE_OK \
	(EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE)
#define EP_MAX_NESTS 5
/* The queue goes away under its waiters: signalfd's, with the process. */
#define POLLFREE 0x4000U
static DEFINE_MUTEX(epmutex);
static unsigned long max_user_watches;
static struct kmem_cache *item_cache, *entry_cache;
static const struct file_operations eventpoll_fops;
bool is_file_epoll(const struct file *file)
{
	return file->f_op == &eventpoll_fops;
}

static bool item_less(struct file *file, int fd, const struct epitem *it)
{
	return file != it->file ? file < it->file : fd < it->fd;
}

static struct epitem *ep_find(struct eventpoll *ep, struct file *file, int fd)
{
	struct rb_node *n = ep->items.rb_root.rb_node;

	lockdep_assert_held(&ep->mtx);
	while (n) {
		struct epitem *it = rb_entry(n, struct epitem, rbn);

		if (it->file == file && it->fd == fd)
			return it;
		n = item_less(file, fd, it) ? n->rb_left : n->rb_right;
	}
	return NULL;
}

const struct file *eventpoll_target(struct file *file, int tfd, unsigned int toff)
{
	const struct file *target = ERR_PTR(-ENOENT);
	struct eventpoll *ep = file->private_data;
	struct rb_node *n;

	if (!is_file_epoll(file))
		return ERR_PTR(-EINVAL);
	mutex_lock(&ep->mtx);
	for (n = rb_first_cached(&ep->items); n; n = rb_next(n)) {
		struct epitem *it = rb_entry(n, struct epitem, rbn);

		if (it->fd == tfd && !toff--) {
			target = it->file;
			break;
		}
	}
	mutex_unlock(&ep->mtx);
	return target;
}

static void ep_link(struct eventpoll *ep, struct epitem *new)
{
	struct rb_node **link = &ep->items.rb_root.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		if (item_less(new->file, new->fd, rb_entry(parent, struct epitem, rbn)))
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&new->rbn, parent, link);
	rb_insert_color_cached(&new->rbn, &ep->items);
}

/* A watched queue was woken; its lock is held, interrupts are off. */
static int ep_poll_callback(struct wait_queue_entry *wait, unsigned int mode, int sync, void *key)
{
	struct eppoll_entry *pwq = container_of(wait, struct eppoll_entry, wait);
	struct epitem *it = pwq->item;
	struct eventpoll *ep = it->ep;
	__poll_t events = key_to_poll(key);
	bool pwake = false, interested, taken;
	unsigned long flags;

	/* One that watches exclusively takes the wake-up only when somebody is there to see to it.
	 */
	taken = !(it->event.events & EPOLLEXCLUSIVE);
	spin_lock_irqsave(&ep->lock, flags);
	/* A one-shot item that has fired waits for EPOLL_CTL_MOD. */
	interested =
	    (it->event.events & ~EP_PRIVATE_BITS) && (!events || (events & it->event.events));
	if (interested) {
		if (ep->ovflist != EP_UNACTIVE) {
			if (it->next == EP_UNACTIVE) {
				it->next = ep->ovflist;
				ep->ovflist = it;
			}
		} else if (list_empty(&it->ready)) {
			list_add_tail(&it->ready, &ep->ready);
		}
		if (waitqueue_active(&ep->wq)) {
			wake_up(&ep->wq);
			taken = true;
		}
		pwake = waitqueue_active(&ep->poll_wait);
	}
	spin_unlock_irqrestore(&ep->lock, flags);
	if (pwake)
		wake_up_poll(&ep->poll_wait, EPOLLIN | EPOLLRDNORM);
	if (events & POLLFREE) {
		list_del_init(&wait->entry);
		/* After this store the queue may be freed: ep_unregister() looks here first. */
		smp_store_release(&pwq->whead, NULL);
	}
	return taken;
}

struct ep_pqueue {
	poll_table pt;
	struct epitem *item;
	bool failed;
};

static void ep_ptable_queue_proc(struct file *file, wait_queue_head_t *whead, poll_table *pt)
{
	struct ep_pqueue *epq = container_of(pt, struct ep_pqueue, pt);
	struct eppoll_entry *pwq;

	if (epq->failed)
		return;
	pwq = kmem_cache_alloc(entry_cache, GFP_KERNEL);
	if (!pwq) {
		epq->failed = true;
		return;
	}
	init_waitqueue_func_entry(&pwq->wait, ep_poll_callback);
	pwq->whead = whead;
	pwq->item = epq->item;
	pwq->next = epq->item->pwq;
	epq->item->pwq = pwq;
	if (epq->item->event.events & EPOLLEXCLUSIVE)
		add_wait_queue_exclusive(whead, &pwq->wait);
	else
		add_wait_queue(whead, &pwq->wait);
}

static void ep_unregister(struct epitem *it)
{
	while (it->pwq) {
		struct eppoll_entry *pwq = it->pwq;
		wait_queue_head_t *whead;

		it->pwq = pwq->next;
		rcu_read_lock();
		whead = smp_load_acquire(&pwq->whead);
		if (whead)
			remove_wait_queue(whead, &pwq->wait);
		rcu_read_unlock();
		kmem_cache_free(entry_cache, pwq);
	}
}

static void ep_free_item_rcu(struct rcu_head *head)
{
	kmem_cache_free(item_cache, container_of(head, struct epitem, rcu));
}

static void ep_remove(struct eventpoll *ep, struct epitem *it)
{
	lockdep_assert_held(&ep->mtx);
	ep_unregister(it);
	spin_lock(&it->file->f_lock);
	hlist_del_init_rcu(&it->file_link);
	spin_unlock(&it->file->f_lock);
	rb_erase_cached(&it->rbn, &ep->items);
	spin_lock_irq(&ep->lock);
	if (!list_empty(&it->ready))
		list_del_init(&it->ready);
	spin_unlock_irq(&ep->lock);
	atomic_long_dec(&ep->user->epoll_watches);
	call_rcu(&it->rcu, ep_free_item_rcu);
}

void eventpoll_release_file(struct file *file)
{
	mutex_lock(&epmutex);
	while (!hlist_empty(&file->f_ep)) {
		struct epitem *it = hlist_entry(file->f_ep.first, struct epitem, file_link);
		struct eventpoll *ep = it->ep;

		mutex_lock(&ep->mtx);
		ep_remove(ep, it);
		mutex_unlock(&ep->mtx);
	}
	mutex_unlock(&epmutex);
}

static void ep_make_ready(struct eventpoll *ep, struct epitem *it)
{
	bool pwake = false;

	spin_lock_irq(&ep->lock);
	if (list_empty(&it->ready)) {
		list_add_tail(&it->ready, &ep->ready);
		if (waitqueue_active(&ep->wq))
			wake_up(&ep->wq);
		pwake = waitqueue_active(&ep->poll_wait);
	}
	spin_unlock_irq(&ep->lock);
	if (pwake)
		wake_up_poll(&ep->poll_wait, EPOLLIN | EPOLLRDNORM);
}

static int ep_insert(struct eventpoll *ep, const struct epoll_event *event, struct file *file,
		     int fd, int depth)
{
	struct ep_pqueue epq = {.failed = false};
	struct epitem *it;
	__poll_t revents;

	if (atomic_long_inc_return(&ep->user->epoll_watches) > (long)max_user_watches) {
		atomic_long_dec(&ep->user->epoll_watches);
		return -ENOSPC;
	}
	it = kmem_cache_zalloc(item_cache, GFP_KERNEL);
	if (!it) {
		atomic_long_dec(&ep->user->epoll_watches);
		return -ENOMEM;
	}
	INIT_LIST_HEAD(&it->ready);
	it->ep = ep;
	it->file = file;
	it->fd = fd;
	it->event = *event;
	it->next = EP_UNACTIVE;
	spin_lock(&file->f_lock);
	hlist_add_head_rcu(&it->file_link, &file->f_ep);
	spin_unlock(&file->f_lock);
	ep_link(ep, it);

	epq.item = it;
	init_poll_funcptr(&epq.pt, ep_ptable_queue_proc);
	revents = ep_item_poll(it, &epq.pt, depth);
	if (epq.failed) {
		ep_remove(ep, it);
		return -ENOMEM;
	}
	if (revents)
		ep_make_ready(ep, it);
	return 0;
}

static int ep_modify(struct eventpoll *ep, struct epitem *it, const struct epoll_event *event)
{
	poll_table pt;

	init_poll_funcptr(&pt, NULL);
	it->event.events = event->events;
	it->event.data = event->data;
	/*
	 * The callback reads events under ep->lock without our mutex. Either it comes after this
	 * barrier and sees the new ones, or the poll below sees what it was called for.
	 */
	smp_mb();
	if (ep_item_poll(it, &pt, 1))
		ep_make_ready(ep, it);
	return 0;
}

/* How deep eventpolls nest below this one; more than allowed, or `to` met: -ELOOP. */
static int ep_depth(struct eventpoll *ep, struct eventpoll *to, int depth)
{
	int deepest = 0;

	if (ep == to || depth > EP_MAX_NESTS)
		return -ELOOP;
	mutex_lock_nested(&ep->mtx, depth);
	for (struct rb_node *n = rb_first(&ep->items.rb_root); n && deepest >= 0; n = rb_next(n)) {
		struct epitem *it = rb_entry(n, struct epitem, rbn);
		int d;

		if (!is_file_epoll(it->file))
			continue;
		d = ep_depth(it->file->private_data, to, depth + 1);
		deepest = d < 0 ? d : max(deepest, d + 1);
	}
	mutex_unlock(&ep->mtx);
	return deepest;
}

/* How many eventpolls stand above this one. RCU: an item may leave while it is looked at. */
static int ep_height(struct eventpoll *ep, int depth)
{
	struct epitem *it;
	int highest = 0;

	if (depth > EP_MAX_NESTS)
		return EP_MAX_NESTS;
	hlist_for_each_entry_rcu (it, &ep->file->f_ep, file_link)
		highest = max(highest, ep_height(it->ep, depth + 1) + 1);
	return highest;
}

/*
 * epmutex is held: no eventpoll is added to another meanwhile, and none that is met is freed.
 * Other items come and go: below, they are looked at under the mutex of their eventpoll, taken
 * from the outer to the inner as by who polls.
 */
static int ep_loop_check(struct eventpoll *ep, struct file *target)
{
	int below = ep_depth(target->private_data, ep, 0), above;

	lockdep_assert_held(&epmutex);
	if (below < 0)
		return below;
	rcu_read_lock();
	above = ep_height(ep, 0);
	rcu_read_unlock();
	return below + above + 1 >= EP_MAX_NESTS ? -ELOOP : 0;
}

static int ep_check_target(int op, struct file *epfile, struct file *target,
			   struct epoll_event *event)
{
	if (!target->f_op->poll)
		return -EPERM;
	if (target == epfile || !is_file_epoll(epfile))
		return -EINVAL;
	event->events &= ~EPOLLWAKEUP;
	if (op != EPOLL_CTL_DEL && (event->events & EPOLLEXCLUSIVE)) {
		if (op == EPOLL_CTL_MOD)
			return -EINVAL;
		if (is_file_epoll(target) || (event->events & ~EP_EXCLUSIVE_OK))
			return -EINVAL;
	}
	return 0;
}

static int ep_ctl_locked(struct eventpoll *ep, int op, struct file *target, int fd,
			 struct epoll_event *event)
{
	struct epitem *it = ep_find(ep, target, fd);

	switch (op) {
	case EPOLL_CTL_ADD:
		if (it)
			return -EEXIST;
		event->events |= EPOLLERR | EPOLLHUP;
		return ep_insert(ep, event, target, fd, 1);
	case EPOLL_CTL_DEL:
		if (!it)
			return -ENOENT;
		ep_remove(ep, it);
		return 0;
	case EPOLL_CTL_MOD:
		if (!it)
			return -ENOENT;
		if (it->event.events & EPOLLEXCLUSIVE)
			return -EINVAL;
		event->events |= EPOLLERR | EPOLLHUP;
		return ep_modify(ep, it, event);
	default:
		return -EINVAL;
	}
}

SYSCALL_DEFINE4(epoll_ctl, int, epfd, int, op, int, fd, struct epoll_event __user *, uevent)
{
	struct epoll_event event = {0, 0};
	struct fd epf, tf;
	struct eventpoll *ep;
	bool nested;
	int err = -EBADF;

	if (op != EPOLL_CTL_DEL && copy_from_user(&event, uevent, sizeof(event)))
		return -EFAULT;
	epf = fdget(epfd);
	if (!epf.file)
		return err;
	tf = fdget(fd);
	if (!tf.file)
		goto out_epf;
	err = ep_check_target(op, epf.file, tf.file, &event);
	if (err)
		goto out;
	ep = epf.file->private_data;
	nested = op == EPOLL_CTL_ADD && is_file_epoll(tf.file);
	if (nested) {
		mutex_lock(&epmutex);
		err = ep_loop_check(ep, tf.file);
	}
	if (!err) {
		mutex_lock(&ep->mtx);
		err = ep_ctl_locked(ep, op, tf.file, fd, &event);
		mutex_unlock(&ep->mtx);
	}
	if (nested)
		mutex_unlock(&epmutex);
out:
	fdput(tf);
out_epf:
	fdput(epf);
	return err;
}

static int ep_eventpoll_release(struct inode *inode, struct file *file)
{
	struct eventpoll *ep = file->private_data;
	struct rb_node *n;

	mutex_lock(&epmutex);
	mutex_lock(&ep->mtx);
	while ((n = rb_first_cached(&ep->items)))
		ep_remove(ep, rb_entry(n, struct epitem, rbn));
	mutex_unlock(&ep->mtx);
	mutex_unlock(&epmutex);
	free_uid(ep->user);
	kfree(ep);
	return 0;
}

static void ep_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct eventpoll *ep = file->private_data;

	mutex_lock(&ep->mtx);
	for (struct rb_node *n = rb_first_cached(&ep->items); n; n = rb_next(n)) {
		struct epitem *it = rb_entry(n, struct epitem, rbn);

		seq_printf(m, "tfd: %8d events: %8x data: %16llx  pos:%lli ino:%lx sdev:%x\n",
			   it->fd, it->event.events, (unsigned long long)it->event.data,
			   (long long)it->file->f_pos, (unsigned long)file_inode(it->file)->i_ino,
			   (unsigned int)file_inode(it->file)->i_sb->s_dev);
	}
	mutex_unlock(&ep->mtx);
}

static const struct file_operations eventpoll_fops = {
    .poll = ep_eventpoll_poll,
    .release = ep_eventpoll_release,
    .llseek = noop_llseek,
    .show_fdinfo = ep_show_fdinfo,
};

static struct eventpoll *ep_alloc(void)
{
	struct eventpoll *ep = kzalloc(sizeof(*ep), GFP_KERNEL);

	if (!ep)
		return NULL;
	mutex_init(&ep->mtx);
	ep->items = RB_ROOT_CACHED;
	spin_lock_init(&ep->lock);
	INIT_LIST_HEAD(&ep->ready);
	ep->ovflist = EP_UNACTIVE;
	init_waitqueue_head(&ep->wq);
	init_waitqueue_head(&ep->poll_wait);
	lockdep_init_map(&ep->lock.dep_map, "ep->lock", NULL);
	lockdep_init_map(&ep->wq.lock.dep_map, "ep->wq.lock", NULL);
	lockdep_init_map(&ep->poll_wait.lock.dep_map, "ep->poll_wait.lock", NULL);
	ep->user = get_uid(current_user());
	return ep;
}

static int do_epoll_create(int flags)
{
	struct eventpoll *ep;
	struct file *file;
	int fd;

	if (flags & ~EPOLL_CLOEXEC)
		return -EINVAL;
	ep = ep_alloc();
	if (!ep)
		return -ENOMEM;
	fd = get_unused_fd_flags(O_RDWR | (flags & O_CLOEXEC));
	if (fd < 0)
		goto out_ep;
	file = anon_inode_getfile("[eventpoll]", &eventpoll_fops, ep, O_RDWR | (flags & O_CLOEXEC));
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		fd = PTR_ERR(file);
		goto out_ep;
	}
	ep->file = file;
	fd_install(fd, file);
	return fd;
out_ep:
	free_uid(ep->user);
	kfree(ep);
	return fd;
}

SYSCALL_DEFINE1(epoll_create1, int, flags)
{
	return do_epoll_create(flags);
}

SYSCALL_DEFINE1(epoll_create, int, size)
{
	return size <= 0 ? -EINVAL : do_epoll_create(0);
}

static const struct ctl_table epoll_table[] = {
    {.procname = "max_user_watches",
     .data = &max_user_watches,
     .maxlen = sizeof(max_user_watches),
     .mode = 0644,
     .proc_handler = proc_doulongvec_minmax},
    {NULL},
};

static int __init eventpoll_init(void)
{
	item_cache = KMEM_CACHE(epitem, SLAB_HWCACHE_ALIGN | SLAB_PANIC);
	entry_cache = KMEM_CACHE(eppoll_entry, SLAB_PANIC);
	/* A user's watches may take a 25th of memory. */
	max_user_watches = (totalram_pages() / 25) * PAGE_SIZE /
			   (sizeof(struct epitem) + sizeof(struct eppoll_entry));
	return register_sysctl("fs/epoll", epoll_table);
}
fs_initcall(eventpoll_init);
