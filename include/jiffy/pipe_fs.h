/* SPDX-License-Identifier: MIT */
/*
 * Pipes: a ring of page-sized buffers. fs/pipe.c; pipe(7).
 *
 * pipe->mutex guards everything but the wait queues. head and tail may be read without it for
 * a guess (poll). head is where the next buffer goes, tail the oldest one; both run freely and
 * are taken modulo ring_size.
 */
#ifndef JIFFY_PIPE_FS_H
#define JIFFY_PIPE_FS_H

#include <jiffy/mutex.h>
#include <jiffy/wait.h>

struct page;
struct file;
struct inode;
struct fasync_struct;
struct user_struct;
struct pipe_inode_info;

#define PIPE_DEF_BUFFERS 16

#define PIPE_BUF_FLAG_CAN_MERGE 0x01 /* later writes may be appended to this page */
#define PIPE_BUF_FLAG_PACKET	0x02 /* O_DIRECT: a read ends here */
#define PIPE_BUF_FLAG_SHARED	0x04 /* the page is somebody else's too: never written */

struct pipe_buffer {
	struct page *page;
	unsigned int offset, len;
	unsigned int flags;
};

struct pipe_inode_info {
	struct mutex mutex;
	unsigned int head, tail;
	unsigned int ring_size; /* power of two */
	unsigned int readers, writers;
	unsigned int files;		   /* struct files that hold the pipe; inode->i_lock */
	unsigned int r_counter, w_counter; /* opens so far: a FIFO's open waits for a change */
	unsigned int nr_accounted;
	bool poll_usage;       /* polled at least once: every write is an event for epoll */
	struct page *tmp_page; /* one spare page, so that a ping-pong allocates nothing */
	struct pipe_buffer *bufs;
	struct fasync_struct *fasync_readers, *fasync_writers;
	struct user_struct *user;
	wait_queue_head_t rd_wait, wr_wait;
	struct pipe_buffer inline_bufs[PIPE_DEF_BUFFERS];
};

extern unsigned int pipe_max_size; /* /proc/sys/fs/pipe-max-size */

static inline unsigned int pipe_occupancy(unsigned int head, unsigned int tail)
{
	return head - tail;
}

static inline bool pipe_empty(unsigned int head, unsigned int tail)
{
	return head == tail;
}

static inline bool pipe_full(unsigned int head, unsigned int tail, unsigned int limit)
{
	return head - tail >= limit;
}

/* The pipe behind a file, or NULL when it is none. */
struct pipe_inode_info *get_pipe_info(struct file *file);
struct pipe_inode_info *alloc_pipe_info(void);
void free_pipe_info(struct pipe_inode_info *pipe);
int create_pipe_files(struct file **res, int flags);
long pipe_fcntl(struct file *file, unsigned int cmd, unsigned long arg);
/* Two pipes locked in the order of their addresses. */
void pipe_double_lock(struct pipe_inode_info *a, struct pipe_inode_info *b);
/* mutex held, dropped while asleep: until there is something to read (room to write), an end is
 * gone, or a signal: 0 or -ERESTARTSYS. */
int pipe_wait_readable(struct pipe_inode_info *pipe);
int pipe_wait_writable(struct pipe_inode_info *pipe);
/* mutex held. The oldest buffer has been used up. */
void pipe_release_tail(struct pipe_inode_info *pipe);
/* mutex held, ring not full: the page, whose reference passes to the pipe, goes in last. */
void pipe_push(struct pipe_inode_info *pipe, struct page *page, unsigned int offset,
	       unsigned int len, unsigned int flags);
/* A page to fill for pipe_push(), NULL without memory. mutex held. */
struct page *pipe_get_page(struct pipe_inode_info *pipe);
void pipe_wake_readers(struct pipe_inode_info *pipe);
void pipe_wake_writers(struct pipe_inode_info *pipe);
extern const struct file_operations pipefifo_fops;

#endif
