/* SPDX-License-Identifier: MIT */
/*
 * Every allocation made to fail: /proc/thread-self/fail-nth lets the n-th one of the writer fail.
 * Each operation is run with n = 1, 2, ... until none was hit. It must then succeed; with a hit it
 * must succeed too or say that memory or a slot ran short; and nothing may leak, which the
 * harness's counts show. A kernel without the file is not asked.
 */
#ifndef GUEST_FAILNTH_H
#define GUEST_FAILNTH_H

#include "harness.h"

#define MAX_N 2000

static int nth_fd, nth;

static inline void open_nth(void)
{
	nth_fd = open("/proc/thread-self/fail-nth", O_RDWR);
	if (nth_fd < 0)
		SKIP("no fail-nth");
}

static inline void set_nth(int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", n);
	CHECK_EQ(pwrite(nth_fd, text, strlen(text), 0), (ssize_t)strlen(text));
}

/* Did the failure strike? What is left of the count is taken back. */
static inline bool struck(void)
{
	char text[16] = "";
	ssize_t n = pread(nth_fd, text, sizeof(text) - 1, 0);

	/* The look itself may be what it struck. */
	if (n < 0) {
		CHECK_EQ(errno, ENOMEM);
		set_nth(0);
		return false;
	}
	set_nth(0);
	return atoi(text) == 0;
}

static inline bool shortage(int err)
{
	/* EFAULT: the call wrote to our memory, and the page that took was not to be had. */
	return err == ENOMEM || err == EAGAIN || err == ENOSPC || err == ENFILE || err == EMFILE ||
	       err == ENOBUFS || err == EFAULT;
}

/*
 * op: 0, or the error it ended with; it undoes what it did. An attempt leaves things in the
 * kernel's caches that the next one need not allocate, so that counts shift and allocations are
 * stepped over: each round begins with fuller caches than the one before.
 */
#define ROUNDS 4

static inline void one_round(int (*op)(void))
{
	bool hit = true;
	int err;

	for (nth = 1; hit; nth++) {
		CHECK(nth < MAX_N);
		set_nth(nth);
		err = op();
		hit = struck();
		if (!hit)
			CHECK_EQ(err, 0);
		else if (err && !shortage(err))
			FAIL("failing allocation %d: error %d (%s)", nth, err, strerror(err));
	}
}

static inline void each_nth(int (*op)(void))
{
	open_nth();
	for (int i = 0; i < ROUNDS; i++)
		one_round(op);
}

#endif
