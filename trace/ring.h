/* SPDX-License-Identifier: MIT */
/*
 * One CPU's ring buffer of trace records. Private to trace/ (and its unit test).
 *
 * Serialization rules. Writers run on the CPU that the ring belongs to, preemption off, and nest:
 * an interrupt's writer or an NMI's may come in the middle of a task's, and ends before it goes
 * on. They take no lock. Readers may be anywhere; they come one at a time (their own lock).
 *
 *   head	end of what was reserved: writers, by compare and exchange with those nested in them
 *   commit	end of what may be read: set by the outermost writer when all inside it are done
 *   tail	begin of what is there: a reader moves it on when it took a record, a writer when
 *		it needs the room; by compare and exchange, so that one of the two has the record
 *
 * All three are bytes since the ring was made, never wrap, and tail <= commit <= head <= tail +
 * size. A reader copies a record and then moves tail: when that fails a writer took the room,
 * and the copy, which may be half of another record, is thrown away.
 */
#ifndef TRACE_RING_H
#define TRACE_RING_H

#include <jiffy/types.h>

#define RING_ALIGN	8
#define RING_MAX_RECORD 512 /* bytes, header and all */

struct ring_header {
	u32 size; /* bytes of the record with this header, before alignment */
	u16 id;
	u8 flags, preempt;
	u64 ns;
	s32 pid;
	u32 unused;
	char comm[16];
};

struct ring {
	char *data;
	u64 size; /* bytes, a power of two */
	u64 head, commit, tail;
	u32 nesting;	    /* writers under way */
	u64 written;	    /* records that got in */
	u64 overrun;	    /* of them, written over before they were read */
	u64 dropped;	    /* that did not get in: full and not overwriting */
	u64 commit_overrun; /* that did not get in: unfinished writers fill the ring */
	u64 read;
};

/* data: size bytes, a power of two of at least 4 * RING_MAX_RECORD. */
void ring_init(struct ring *r, void *data, u64 size);
/* A record of h and len bytes; h->size is set here. False when it was dropped. [any, NMI too] */
bool ring_write(struct ring *r, bool overwrite, struct ring_header *h, const void *payload,
		u32 len);
/*
 * The oldest record at or behind *pos into rec (RING_MAX_RECORD bytes), left where it is; *pos
 * becomes its place and *next that of the one behind it. False when there is none. [readers]
 */
bool ring_peek(struct ring *r, u64 *pos, u64 *next, struct ring_header *rec);
/* The record that ring_peek() found at pos is taken; false when it has been written over. */
bool ring_consume(struct ring *r, u64 pos, u64 next);
/* Throws away all that is there, and the counts. [readers] */
void ring_reset(struct ring *r);

static inline u64 ring_load(const u64 *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static inline bool ring_empty(const struct ring *r)
{
	return ring_load(&r->tail) == ring_load(&r->commit);
}

#endif
