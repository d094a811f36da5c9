/* SPDX-License-Identifier: MIT */
/*
 * poll: how a file says what it is ready for, and where one waits for a change. A file's
 * poll() calls poll_wait() for every queue whose wake-up may change the answer, then answers.
 */
#ifndef JIFFY_POLL_H
#define JIFFY_POLL_H

#include <jiffy/fs.h>
#include <jiffy/wait.h>
#include <uapi/eventpoll.h>
#include <uapi/poll.h>

typedef void (*poll_queue_proc)(struct file *file, wait_queue_head_t *wq,
				struct poll_table_struct *pt);

/* _qproc NULL: only the answer is wanted. _key: the events wanted. */
typedef struct poll_table_struct {
	poll_queue_proc _qproc;
	__poll_t _key;
} poll_table;

#define DEFAULT_POLLMASK (EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM)

static inline void poll_wait(struct file *file, wait_queue_head_t *wq, poll_table *pt)
{
	if (pt && pt->_qproc && wq)
		pt->_qproc(file, wq, pt);
}

static inline bool poll_does_not_wait(const poll_table *pt)
{
	return !pt || !pt->_qproc;
}

static inline __poll_t poll_requested_events(const poll_table *pt)
{
	return pt ? pt->_key : ~(__poll_t)0;
}

static inline void init_poll_funcptr(poll_table *pt, poll_queue_proc qproc)
{
	pt->_qproc = qproc;
	pt->_key = ~(__poll_t)0;
}

static inline __poll_t vfs_poll(struct file *file, poll_table *pt)
{
	if (unlikely(!file->f_op->poll))
		return DEFAULT_POLLMASK;
	return file->f_op->poll(file, pt);
}

/*
 * What the epoll instance ep watches under the number tfd, the toff'th (from 0) of that number: for
 * comparison only, there is no reference. -EINVAL: no epoll file; -ENOENT: nothing there. Task
 * context. fs/eventpoll.c.
 */
const struct file *eventpoll_target(struct file *ep, int tfd, unsigned int toff);
/* Called when a file that epoll instances watch goes away. fs/eventpoll.c. */
void eventpoll_release_file(struct file *file);
static inline void eventpoll_release(struct file *file)
{
	if (unlikely(!hlist_empty(&file->f_ep)))
		eventpoll_release_file(file);
}

#endif
