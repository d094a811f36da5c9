/* SPDX-License-Identifier: MIT */
/*
 * The ring buffer of trace records; see ring.h for its rules. Portable: it needs an array.
 */
#include "ring.h"
#include <jiffy/kernel.h>
#include <jiffy/string.h>

static u32 aligned(u32 size)
{
	return ALIGN(size, RING_ALIGN);
}

void ring_init(struct ring *r, void *data, u64 size)
{
	memset(r, 0, sizeof(*r));
	r->data = data;
	r->size = size;
}

/* Bytes at a position, which may go on at the array's begin. */
static void put_bytes(struct ring *r, u64 pos, const void *from, u32 len)
{
	u64 at = pos & (r->size - 1);
	u32 first = min_t(u64, len, r->size - at);

	memcpy(r->data + at, from, first);
	memcpy(r->data, (const char *)from + first, len - first);
}

static void get_bytes(const struct ring *r, u64 pos, void *to, u32 len)
{
	u64 at = pos & (r->size - 1);
	u32 first = min_t(u64, len, r->size - at);

	memcpy(to, r->data + at, first);
	memcpy((char *)to + first, r->data, len - first);
}

static bool move(u64 *p, u64 from, u64 to)
{
	return __atomic_compare_exchange_n(p, &from, to, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

static void count(u64 *n)
{
	__atomic_fetch_add(n, 1, __ATOMIC_RELAXED);
}

/*
 * Room for need bytes at *pos. A writer nested in this one may come between any two lines: it
 * moves head, and this one looks anew. The header at tail is whole when it lies before commit.
 */
static bool reserve(struct ring *r, bool overwrite, u32 need, u64 *pos)
{
	for (;;) {
		u64 head = ring_load(&r->head), tail = ring_load(&r->tail);
		u32 oldest;

		if (head + need - tail <= r->size) {
			if (!move(&r->head, head, head + need))
				continue;
			*pos = head;
			return true;
		}
		if (!overwrite) {
			count(&r->dropped);
			return false;
		}
		if (tail >= ring_load(&r->commit)) {
			count(&r->commit_overrun);
			return false;
		}
		/* A reader may take it meanwhile; only who moves tail has its room. */
		get_bytes(r, tail, &oldest, sizeof(oldest));
		if (move(&r->tail, tail, tail + aligned(oldest)))
			count(&r->overrun);
	}
}

/*
 * The outermost writer publishes all that was reserved: those nested in it are done. One that
 * comes between the last store to commit and the end of this one's nesting leaves its record to
 * be published here, so head is looked at once more after that.
 */
static void publish(struct ring *r)
{
	u64 head;

	do {
		if (__atomic_load_n(&r->nesting, __ATOMIC_RELAXED) == 1) {
			head = ring_load(&r->head);
			__atomic_store_n(&r->commit, head, __ATOMIC_RELEASE);
		} else {
			__atomic_fetch_sub(&r->nesting, 1, __ATOMIC_SEQ_CST);
			return;
		}
		__atomic_fetch_sub(&r->nesting, 1, __ATOMIC_SEQ_CST);
		if (ring_load(&r->head) == head)
			return;
		__atomic_fetch_add(&r->nesting, 1, __ATOMIC_SEQ_CST);
	} while (1);
}

bool ring_write(struct ring *r, bool overwrite, struct ring_header *h, const void *payload, u32 len)
{
	bool ok;
	u64 pos;

	if (sizeof(*h) + len > RING_MAX_RECORD)
		return false;
	h->size = sizeof(*h) + len;
	__atomic_fetch_add(&r->nesting, 1, __ATOMIC_SEQ_CST);
	ok = reserve(r, overwrite, aligned(h->size), &pos);
	if (ok) {
		put_bytes(r, pos, h, sizeof(*h));
		put_bytes(r, pos + sizeof(*h), payload, len);
		count(&r->written);
	}
	publish(r);
	return ok;
}

bool ring_peek(struct ring *r, u64 *pos, u64 *next, struct ring_header *rec)
{
	for (;;) {
		u64 tail = ring_load(&r->tail), commit = ring_load(&r->commit);

		if (*pos < tail)
			*pos = tail;
		if (*pos >= commit)
			return false;
		get_bytes(r, *pos, rec, sizeof(*rec));
		if (rec->size >= sizeof(*rec) && rec->size <= RING_MAX_RECORD)
			get_bytes(r, *pos + sizeof(*rec), rec + 1, rec->size - sizeof(*rec));
		/* What was copied is the record if it was not yet given up after the copy. */
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (ring_load(&r->tail) <= *pos) {
			*next = *pos + aligned(rec->size);
			return true;
		}
	}
}

bool ring_consume(struct ring *r, u64 pos, u64 next)
{
	if (!move(&r->tail, pos, next))
		return false;
	count(&r->read);
	return true;
}

void ring_reset(struct ring *r)
{
	u64 tail;

	do {
		tail = ring_load(&r->tail);
	} while (!move(&r->tail, tail, ring_load(&r->commit)));
	r->written = r->overrun = r->dropped = r->commit_overrun = r->read = 0;
}
