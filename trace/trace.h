/* SPDX-License-Identifier: MIT */
/*
 * Inside of trace/: the buffers and how their records become text. See trace.c for the rules.
 */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include "ring.h"
#include <jiffy/cpumask.h>
#include <jiffy/fs.h>
#include <jiffy/mutex.h>
#include <jiffy/tracepoint.h>
#include <jiffy/wait.h>

struct seq_file;

extern struct mutex trace_lock;
extern bool trace_overwrite;
extern wait_queue_head_t trace_wait; /* for records: trace_pipe_opened() has it woken */

struct trace_clock {
	const char *name;
	u64 (*read)(void); /* any context */
	bool counter;	   /* its values are no nanoseconds */
};
extern const struct trace_clock trace_clocks[];
extern const unsigned int nr_trace_clocks;
extern const struct trace_clock *trace_clock;

/* The rings: trace_lock. 0 or -ENOMEM. */
int trace_buffers_get(void);
int trace_buffers_resize(u64 bytes_per_cpu);
u64 trace_buffers_size(void); /* bytes a CPU; 0 before the first use: see trace_size_wanted */
extern u64 trace_size_wanted;
struct ring *trace_ring(unsigned int cpu); /* NULL before the first use */
void trace_reset(int cpu);		   /* -1: all */
bool trace_is_on(void);
void trace_set_on(bool on);
/* Text of a user: -ENOMEM, -EBADF while tracing is off, else 0. */
int trace_write_marker(const char *text, size_t len);

/* Walking over the records of one CPU or of all by time. trace_lock. */
struct trace_iter {
	int cpu;      /* -1: all */
	bool consume; /* takes what it shows */
	u64 index;    /* of the record in hand, from 1 */
	int rec_cpu;  /* where that came from; -1: none in hand */
	u64 lost;     /* records that were written over before it */
	u64 pos[NR_CPUS], end[NR_CPUS], overrun[NR_CPUS];
	union {
		struct ring_header header;
		char bytes[RING_MAX_RECORD];
	} rec, candidate;
};
void trace_iter_rewind(struct trace_iter *it);
bool trace_iter_next(struct trace_iter *it); /* false: no more */
bool trace_iter_empty(const struct trace_iter *it);
/* The record in hand as a line with its newline; the length. */
int trace_iter_print(const struct trace_iter *it, char *buf, size_t size);

/* A reader waits on trace_wait from now on; no longer. [task] */
void trace_pipe_opened(void);
void trace_pipe_closed(void);

/*
 * filter.c: those of ev's entries for which the expression is true. ERR_PTR: -EINVAL, -E2BIG,
 * -ENOMEM. [task] Who frees one waits for a grace period first.
 */
struct trace_filter *trace_filter_create(const struct trace_event *ev, const char *text);
void trace_filter_free(struct trace_filter *f);
const char *trace_filter_text(const struct trace_filter *f);		   /* "none" for NULL */
bool trace_filter_passes(const struct trace_filter *f, const void *entry); /* [preemption off] */

/* The data of a file of tracefs: a CPU's number and one, or 0 for all of them. */
static inline int trace_cpu_of(const void *data)
{
	return (int)(long)data - 1;
}

/* pipe.c: an open file whose reads take the records away, in one form or another. */
struct trace_reader {
	struct mutex lock; /* what follows; not held where a read waits */
	struct trace_iter it;
	bool pending;	    /* the record in hand is still to be given */
	bool was_read;	    /* something was: when tracing is off, what is left is all */
	size_t from, count; /* bytes of data that were read, and that there are */
	char *data;
	/* What there is, into data; false: nothing. Sets from and count. [lock] */
	bool (*fill)(struct trace_reader *r);
};
/*
 * For a file of tracefs: the beginning of a structure of size bytes of zeros, which is the
 * file's until trace_reader_release(). The caller sets data and fill. NULL: no memory. [task]
 */
struct trace_reader *trace_reader_open(struct inode *inode, struct file *file, size_t size);
int trace_reader_release(struct inode *inode, struct file *file);
ssize_t trace_reader_read(struct kiocb *iocb, struct iov_iter *to);
__poll_t trace_reader_poll(struct file *file, struct poll_table_struct *pt);

#define TRACE_LINE_MAX 1024 /* bytes of a record's line */
extern const struct file_operations trace_pipe_fops;

/* raw.c: trace_pipe_raw of a CPU, and the files that describe its form. */
struct proc_dir_entry;
extern const struct file_operations trace_raw_fops;
int trace_make_header_files(struct proc_dir_entry *events);

/* cmdlines.c: the name in a record that was read is kept for saved_cmdlines. trace_lock. */
void trace_save_cmdline(const struct ring_header *h);
int trace_saved_cmdlines_show(struct seq_file *m, void *v);

/* trace_events.c: files below events/. trace_lock for enabling. */
int trace_make_event_files(struct proc_dir_entry *root);
void trace_common_format(struct seq_file *m); /* the lines of the fields that all have */
int trace_set_event(char *words);	      /* as set_event takes them */

#endif
