/* SPDX-License-Identifier: MIT */
/* unit: trace/ring.c tests/unit/shim.c */
/* unit-flags: -DJIFFY_HOSTED -Iinclude -Iarch/sim/include -Itests/unit -pthread */
/*
 * The ring buffer of trace records: what goes in comes out whole, in order and once, also when a
 * writer interrupts a writer (a signal handler does) and a reader takes records meanwhile.
 */
#include "trace/ring.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <setjmp.h>
#include <cmocka.h>

#define SIZE 4096

static char data[SIZE];
static struct ring ring;

union record {
	struct ring_header h;
	char bytes[RING_MAX_RECORD];
};

/* A record that carries its number, as often as its length says. */
static bool put(u16 writer, u64 n, bool overwrite)
{
	u64 payload[(RING_MAX_RECORD - sizeof(struct ring_header)) / sizeof(u64)];
	struct ring_header h = {.id = writer, .ns = n};
	u32 words = 1 + n * 7 % 40, i;

	for (i = 0; i < words; i++)
		payload[i] = n;
	return ring_write(&ring, overwrite, &h, payload, words * sizeof(u64) - n % 8);
}

static bool is_whole(const union record *r)
{
	u64 n = r->h.ns;
	u32 len = r->h.size - sizeof(r->h), i;
	const char *payload = (const char *)(&r->h + 1);

	for (i = 0; i < len; i++)
		if (payload[i] != ((const char *)&n)[i % 8])
			return false;
	return len == (1 + n * 7 % 40) * sizeof(u64) - n % 8;
}

static bool take(union record *r)
{
	u64 pos = 0, next;

	do {
		if (!ring_peek(&ring, &pos, &next, &r->h))
			return false;
	} while (!ring_consume(&ring, pos, next));
	return true;
}

static void in_order(void **state)
{
	union record r;
	u64 n, in = 0, out = 0;

	ring_init(&ring, data, SIZE);
	assert_false(take(&r));
	for (n = 0; n < 10000; n++) {
		while (put(1, in, false))
			in++;
		assert_true(take(&r));
		assert_true(r.h.ns == out && is_whole(&r));
		out++;
	}
	while (take(&r))
		assert_true(r.h.ns == out++);
	assert_true(in == out);
	assert_true(ring.written == in && ring.read == in && !ring.overrun && ring.dropped);
}

static void overwrites_the_oldest(void **state)
{
	union record r;
	u64 n, first;

	ring_init(&ring, data, SIZE);
	for (n = 0; n < 1000; n++)
		assert_true(put(1, n, true));
	assert_true(take(&r));
	first = r.h.ns;
	assert_true(first > 900 && ring.overrun == first);
	for (n = first + 1; take(&r); n++)
		assert_true(r.h.ns == n && is_whole(&r));
	assert_true(n == 1000);
	ring_reset(&ring);
	assert_true(ring_empty(&ring) && !ring.written);
	assert_true(put(1, 7, true) && take(&r) && r.h.ns == 7);
}

/* Looking takes nothing away; a cursor whose record was written over goes on behind it. */
static void peeks(void **state)
{
	union record r;
	u64 pos = 0, next, old;

	ring_init(&ring, data, SIZE);
	put(1, 1, true);
	put(1, 2, true);
	assert_true(ring_peek(&ring, &pos, &next, &r.h) && r.h.ns == 1);
	assert_true(ring_peek(&ring, &pos, &next, &r.h) && r.h.ns == 1);
	old = pos;
	pos = next;
	assert_true(ring_peek(&ring, &pos, &next, &r.h) && r.h.ns == 2);
	pos = next;
	assert_false(ring_peek(&ring, &pos, &next, &r.h));
	for (u64 n = 3; n < 100; n++)
		put(1, n, true);
	assert_false(ring_consume(&ring, old, next));
	pos = 0;
	assert_true(ring_peek(&ring, &pos, &next, &r.h) && r.h.ns > 50 && is_whole(&r));
}

static void too_long(void **state)
{
	static char big[RING_MAX_RECORD];
	struct ring_header h = {0};

	ring_init(&ring, data, SIZE);
	assert_false(ring_write(&ring, true, &h, big, sizeof(big)));
	assert_true(ring_empty(&ring));
}

static u64 handler_next, handler_written;

static void nested(int sig)
{
	if (put(2, handler_next, true))
		handler_written++;
	handler_next++;
}

static bool stop;
static u64 taken, bad;

static void *reader(void *arg)
{
	union record r;
	u64 last[3] = {0, 0, 0};

	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE) || !ring_empty(&ring)) {
		if (!take(&r))
			continue;
		bad += !is_whole(&r) || r.h.id > 2 || r.h.ns < last[r.h.id];
		if (r.h.id <= 2)
			last[r.h.id] = r.h.ns + 1;
		taken++;
	}
	return NULL;
}

static void nests(void **state)
{
	struct itimerval often = {{0, 50}, {0, 50}}, never = {{0, 0}, {0, 0}};
	struct sigaction sa = {.sa_handler = nested};
	sigset_t alarm;
	pthread_t thread;
	u64 n, written = 0;

	ring_init(&ring, data, SIZE);
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm, NULL); /* the reader's thread takes none */
	assert_int_equal(pthread_create(&thread, NULL, reader, NULL), 0);
	pthread_sigmask(SIG_UNBLOCK, &alarm, NULL);
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (n = 0; n < 1000000; n++)
		written += put(1, n, true);
	setitimer(ITIMER_REAL, &never, NULL);
	__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	assert_true(handler_next > 0);
	assert_true(bad == 0);
	assert_true(ring.written == written + handler_written);
	assert_true(taken + ring.overrun == ring.written);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(in_order), cmocka_unit_test(overwrites_the_oldest),
	    cmocka_unit_test(peeks),	cmocka_unit_test(too_long),
	    cmocka_unit_test(nests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
