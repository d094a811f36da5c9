/* SPDX-License-Identifier: MIT */
/*
 * trace_pipe_raw: a CPU's records in the binary form that tools which read Linux's tracefs know,
 * taken away as by trace_pipe. A read gives pages, or what is left of one:
 *
 *	u64 time of the first record; u64 bytes of records; the records
 *
 * and a record is a word of 5 bits of type or length and 27 bits of time since the one before (in
 * bytes 0 to 3), then the data: with a type of 1 to 28 as many words, with 0 as many bytes as the
 * next word says, itself included. Type 30 is no record but a longer time, whose upper bits are
 * the next word. The data begin with the common fields that each event's format names.
 *
 * Task context. What it has in common with trace_pipe: pipe.c.
 */
#include "trace.h"
#include <jiffy/proc_fs.h>
#include <jiffy/seq_file.h>
#include <jiffy/slab.h>

#define TYPE_BITS      5
#define TIME_BITS      27
#define MAX_WORDS      28 /* of data, by type */
#define TYPE_EXTEND    30
#define MISSED_EVENTS  (1UL << 31) /* in the bytes' word: some were lost before this page */
#define COMMON_BYTES   8
#define PRINT_IP_BYTES 8 /* a marker's entry: where it came from (0), then the text */

struct raw_page {
	u64 ns, commit;
	char data[PAGE_SIZE - 16];
};

struct raw_reader {
	struct trace_reader r;
	struct raw_page page;
	u64 last_ns; /* of the record before */
};

static void put_word(struct raw_page *p, u32 v)
{
	memcpy(p->data + p->commit, &v, sizeof(v));
	p->commit += sizeof(v);
}

/* The record in hand as the entry that its format describes; the bytes. */
static size_t make_entry(const struct ring_header *h, char *to)
{
	size_t len = h->size - sizeof(*h), n = 0;

	memcpy(to, &h->id, 2);
	to[2] = h->flags;
	to[3] = h->preempt;
	memcpy(to + 4, &h->pid, 4);
	n = COMMON_BYTES;
	if (h->id == TRACE_PRINT_ID) {
		memset(to + n, 0, PRINT_IP_BYTES);
		n += PRINT_IP_BYTES;
	}
	memcpy(to + n, h + 1, len);
	n += len;
	if (h->id == TRACE_PRINT_ID) {
		to[n++] = '\n';
		to[n++] = '\0';
	}
	while (n % sizeof(u32))
		to[n++] = '\0';
	return n;
}

/* False: it does not fit in this page. */
static bool add_record(struct raw_reader *s)
{
	char entry[RING_MAX_RECORD + COMMON_BYTES + PRINT_IP_BYTES + 8];
	struct raw_page *p = &s->page;
	size_t len = make_entry(&s->r.it.rec.header, entry), words = len / sizeof(u32);
	u64 ns = s->r.it.rec.header.ns, delta;

	/* With the most that can come before it: a longer time, and a length. */
	if (p->commit + len + 4 * sizeof(u32) > sizeof(p->data))
		return false;
	if (!p->commit)
		p->ns = s->last_ns = ns;
	delta = ns > s->last_ns ? ns - s->last_ns : 0;
	s->last_ns += delta;
	if (delta >> TIME_BITS) {
		put_word(p, TYPE_EXTEND | (u32)(delta << TYPE_BITS));
		put_word(p, delta >> TIME_BITS);
		delta = 0;
	}
	put_word(p, (words <= MAX_WORDS ? words : 0) | (u32)(delta << TYPE_BITS));
	if (words > MAX_WORDS)
		put_word(p, len + sizeof(u32));
	memcpy(p->data + p->commit, entry, len);
	p->commit += len;
	return true;
}

/* A page of what there is. */
static bool fill_page(struct trace_reader *r)
{
	struct raw_reader *s = container_of(r, struct raw_reader, r);
	u64 missed = 0;

	lockdep_assert_held(&r->lock);
	memset(&s->page, 0, sizeof(s->page));
	mutex_lock(&trace_lock);
	for (;;) {
		if (!r->pending && !trace_iter_next(&r->it))
			break;
		/* The flag stands before the page's first record. */
		r->pending = (r->it.lost && s->page.commit) || !add_record(s);
		if (r->pending)
			break;
		if (r->it.lost)
			missed = MISSED_EVENTS;
	}
	mutex_unlock(&trace_lock);
	if (!s->page.commit)
		return false;
	s->page.commit |= missed;
	WRITE_ONCE(r->from, 0);
	WRITE_ONCE(r->count, sizeof(s->page));
	return true;
}

static int raw_open(struct inode *inode, struct file *file)
{
	struct trace_reader *r = trace_reader_open(inode, file, sizeof(struct raw_reader));

	if (!r)
		return -ENOMEM;
	r->data = (char *)&container_of(r, struct raw_reader, r)->page;
	r->fill = fill_page;
	return 0;
}

const struct file_operations trace_raw_fops = {
    .open = raw_open,
    .read_iter = trace_reader_read,
    .poll = trace_reader_poll,
    .llseek = no_llseek,
    .release = trace_reader_release,
};

/* What readers need to know of the form: the page's head, a record's head, a marker's entry. */
static int header_page_show(struct seq_file *m, void *v)
{
	static const struct {
		const char *decl;
		unsigned int offset, size;
		int is_signed;
	} fields[] = {{"u64 timestamp", 0, 8, 0},
		      {"local_t commit", 8, 8, 1},
		      {"int overwrite", 8, 1, 1},
		      {"char data", 16, sizeof(((struct raw_page *)0)->data), 1}};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		seq_printf(m, "\tfield: %s;\toffset:%u;\tsize:%u;\tsigned:%d;\n", fields[i].decl,
			   fields[i].offset, fields[i].size, fields[i].is_signed);
	return 0;
}

static int header_event_show(struct seq_file *m, void *v)
{
	seq_printf(m, "# compressed entry header\n\ttype_len    : %4d bits\n", TYPE_BITS);
	seq_printf(m, "\ttime_delta  : %4d bits\n\tarray       :   32 bits\n\n", TIME_BITS);
	seq_printf(m, "\tpadding     : type == 29\n\ttime_extend : type == %d\n", TYPE_EXTEND);
	seq_printf(m, "\ttime_stamp : type == 31\n\tdata max type_len  == %d\n", MAX_WORDS);
	return 0;
}

static int print_format_show(struct seq_file *m, void *v)
{
	seq_printf(m, "name: print\nID: %d\nformat:\n", TRACE_PRINT_ID);
	trace_common_format(m);
	seq_puts(m, "\n\tfield:unsigned long ip;\toffset:8;\tsize:8;\tsigned:0;\n"
		    "\tfield:char buf[];\toffset:16;\tsize:0;\tsigned:1;\n\n"
		    "print fmt: \"%ps: %s\", (void *)REC->ip, REC->buf\n");
	return 0;
}

int trace_make_header_files(struct proc_dir_entry *events)
{
	struct proc_dir_entry *ftrace = proc_mkdir("ftrace", events), *print;

	print = ftrace ? proc_mkdir("print", ftrace) : NULL;
	if (!print || !proc_create_single("format", 0444, print, print_format_show) ||
	    !proc_create_single("header_page", 0444, events, header_page_show) ||
	    !proc_create_single("header_event", 0444, events, header_event_show))
		return -ENOMEM;
	return 0;
}
