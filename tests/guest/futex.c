/* SPDX-License-Identifier: MIT */
/* futex(2) and futex_waitv(2), called directly: every operation, its errors and time-outs. */
#include "harness.h"

#include <linux/futex.h>
#include <pthread.h>

static long futex(void *uaddr, int op, uint32_t val, const void *timeout, void *uaddr2,
		  uint32_t val3)
{
	return syscall(SYS_futex, uaddr, op, val, timeout, uaddr2, val3);
}

static uint32_t word, word2;

struct waiter {
	pthread_t thread;
	int op;
	uint32_t *addr, *addr2;
	uint32_t value, bits;
	volatile pid_t tid;
	volatile long result;
	volatile int error;
	volatile bool done;
};

static void *wait_on_it(void *arg)
{
	struct waiter *w = arg;

	w->tid = gettid();
	w->result = futex(w->addr, w->op, w->value, NULL, w->addr2, w->bits);
	w->error = errno;
	w->done = true;
	return NULL;
}

/* Until the thread sleeps in the kernel. Its own lock-free way in is short, so S means asleep. */
static void start(struct waiter *w, int op, uint32_t *addr, uint32_t bits)
{
	char path[64];

	*w = (struct waiter){.op = op, .addr = addr, .value = *addr, .bits = bits};
	CHECK_EQ(pthread_create(&w->thread, NULL, wait_on_it, w), 0);
	EVENTUALLY(w->tid);
	snprintf(path, sizeof(path), "%d", w->tid);
	await_state(w->tid, "S");
}

static void join(struct waiter *w)
{
	pthread_join(w->thread, NULL);
}

CASE(wait_with_other_value_is_eagain)
{
	CHECK_ERR(futex(&word, FUTEX_WAIT, 1, NULL, NULL, 0), EAGAIN);
	CHECK_ERR(futex(&word, FUTEX_WAIT_PRIVATE, 1, NULL, NULL, 0), EAGAIN);
}

CASE(wake_without_waiters_is_zero)
{
	CHECK_EQ(futex(&word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0), 0);
	CHECK_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 0);
}

CASE(wake_wakes_one)
{
	struct waiter w[3];
	int done = 0;

	for (int i = 0; i < 3; i++)
		start(&w[i], FUTEX_WAIT_PRIVATE, &word, 0);
	CHECK_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 1);
	EVENTUALLY(w[0].done + w[1].done + w[2].done == 1);
	CHECK_EQ(futex(&word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0), 2);
	for (int i = 0; i < 3; i++) {
		join(&w[i]);
		CHECK_EQ(w[i].result, 0);
		done += w[i].done;
	}
	CHECK_EQ(done, 3);
}

CASE(relative_timeout)
{
	struct timespec ts = {.tv_nsec = 3000000};
	int64_t start = now_ns();

	CHECK_ERR(futex(&word, FUTEX_WAIT, 0, &ts, NULL, 0), ETIMEDOUT);
	CHECK(now_ns() - start >= 3000000);
}

CASE(absolute_timeouts_on_both_clocks)
{
	struct timespec ts;

	OK(clock_gettime(CLOCK_MONOTONIC, &ts));
	CHECK_ERR(futex(&word, FUTEX_WAIT_BITSET, 0, &ts, NULL, -1), ETIMEDOUT);
	OK(clock_gettime(CLOCK_REALTIME, &ts));
	CHECK_ERR(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &ts, NULL, -1),
		  ETIMEDOUT);
	OK(clock_gettime(CLOCK_MONOTONIC, &ts));
	ts.tv_nsec += 2000000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_nsec -= 1000000000;
		ts.tv_sec++;
	}
	CHECK_ERR(futex(&word, FUTEX_WAIT_BITSET, 0, &ts, NULL, -1), ETIMEDOUT);
}

CASE(bad_arguments)
{
	struct timespec ts = {.tv_nsec = 1000000000};

	CHECK_ERR(futex((char *)&word + 1, FUTEX_WAIT, 0, NULL, NULL, 0), EINVAL);
	CHECK_ERR(futex((char *)&word + 2, FUTEX_WAKE, 1, NULL, NULL, 0), EINVAL);
	CHECK_ERR(futex(&word, FUTEX_WAIT, 0, &ts, NULL, 0), EINVAL);
	ts = (struct timespec){.tv_sec = -1};
	CHECK_ERR(futex(&word, FUTEX_WAIT, 0, &ts, NULL, 0), EINVAL);
	CHECK_ERR(futex(&word, 77, 0, NULL, NULL, 0), ENOSYS);
	CHECK_ERR(futex(&word, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0), EINVAL);
	CHECK_ERR(futex(&word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0), EINVAL);
	CHECK_ERR(futex(no_access_page(), FUTEX_WAIT, 0, NULL, NULL, 0), EFAULT);
}

CASE(bitset_selects)
{
	struct waiter a, b;

	start(&a, FUTEX_WAIT_BITSET_PRIVATE, &word, 1);
	start(&b, FUTEX_WAIT_BITSET_PRIVATE, &word, 2);
	CHECK_EQ(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, INT_MAX, NULL, NULL, 4), 0);
	CHECK_EQ(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, INT_MAX, NULL, NULL, 2), 1);
	join(&b);
	CHECK(!a.done);
	CHECK_EQ(futex(&word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0), 1);
	join(&a);
}

CASE(requeue_moves_waiters)
{
	struct waiter w[3];

	for (int i = 0; i < 3; i++)
		start(&w[i], FUTEX_WAIT_PRIVATE, &word, 0);
	CHECK_EQ(futex(&word, FUTEX_REQUEUE_PRIVATE, 1, (void *)INT_MAX, &word2, 0), 3);
	CHECK_EQ(futex(&word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0), 0);
	CHECK_EQ(futex(&word2, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0), 2);
	for (int i = 0; i < 3; i++)
		join(&w[i]);
}

CASE(cmp_requeue_compares)
{
	struct waiter w[2];

	for (int i = 0; i < 2; i++)
		start(&w[i], FUTEX_WAIT_PRIVATE, &word, 0);
	CHECK_ERR(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 0, (void *)1, &word2, 5), EAGAIN);
	CHECK_EQ(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 0, (void *)1, &word2, 0), 1);
	CHECK_EQ(futex(&word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0), 1);
	CHECK_EQ(futex(&word2, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0), 1);
	for (int i = 0; i < 2; i++)
		join(&w[i]);
	CHECK_ERR(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, -1, (void *)1, &word2, 0), EINVAL);
}

CASE(wake_op_changes_and_wakes)
{
	struct waiter a, b;

	word2 = 5;
	start(&a, FUTEX_WAIT_PRIVATE, &word, 0);
	start(&b, FUTEX_WAIT_PRIVATE, &word2, 0);
	/* *word2 += 3; wake one at word; if the old value was 5 wake one at word2. */
	CHECK_EQ(futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, &word2,
		       FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 5)),
		 2);
	CHECK_EQ(word2, 8);
	join(&a);
	join(&b);
}

CASE(wake_op_every_operation)
{
	static const struct {
		int op, arg;
		uint32_t result;
	} t[] = {{FUTEX_OP_SET, 9, 9}, {FUTEX_OP_ADD, 1, 13},
		 {FUTEX_OP_OR, 3, 15}, {FUTEX_OP_ANDN, 4, 8},
		 {FUTEX_OP_XOR, 5, 9}, {FUTEX_OP_SET | FUTEX_OP_OPARG_SHIFT, 4, 16}};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		word2 = 12;
		CHECK_EQ(futex(&word, FUTEX_WAKE_OP, 0, NULL, &word2,
			       FUTEX_OP(t[i].op, t[i].arg, FUTEX_OP_CMP_EQ, 0)),
			 0);
		CHECK_EQ(word2, t[i].result);
	}
}

static void nothing(int sig)
{
	(void)sig;
}

CASE(wait_is_interrupted_or_restarted)
{
	struct waiter w;
	pid_t me = getpid(), pid;
	struct timespec ts = {.tv_sec = 100};

	on_signal(SIGUSR1, nothing, SA_RESTART);
	start(&w, FUTEX_WAIT_PRIVATE, &word, 0);
	syscall(SYS_tgkill, getpid(), w.tid, SIGUSR1);
	await_state(w.tid, "S");
	CHECK(!w.done);
	CHECK_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 1);
	join(&w);
	CHECK_EQ(w.result, 0);
	on_signal(SIGUSR1, nothing, 0);
	CHILD(pid) {
		await_state(me, "S");
		kill(me, SIGUSR1);
	}
	CHECK_ERR(futex(&word, FUTEX_WAIT_PRIVATE, 0, &ts, NULL, 0), EINTR);
	wait_status(pid);
}

CASE(shared_anonymous_between_processes)
{
	uint32_t *p = shared(PAGE);
	pid_t pid;

	CHILD(pid) {
		CHECK_EQ(futex(p, FUTEX_WAIT, 0, NULL, NULL, 0), 0);
	}
	EVENTUALLY(futex(p, FUTEX_WAKE, 1, NULL, NULL, 0) == 1);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(shared_file_at_two_addresses)
{
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));
	uint32_t *a, *b;
	struct waiter w;

	OK(ftruncate(fd, PAGE));
	a = OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	b = OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	start(&w, FUTEX_WAIT, a, 0);
	CHECK_EQ(futex(b, FUTEX_WAKE, 1, NULL, NULL, 0), 1);
	join(&w);
}

CASE(private_memory_of_forks_is_apart)
{
	pid_t pid;
	struct waiter w;

	start(&w, FUTEX_WAIT, &word, 0);
	CHILD(pid) {
		CHECK_EQ(futex(&word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0), 0);
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0), 1);
	join(&w);
}

CASE(lock_pi_uncontended)
{
	word = 0;
	OK(futex(&word, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	CHECK_EQ(word & FUTEX_TID_MASK, gettid());
	CHECK_ERR(futex(&word, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0), EDEADLK);
	OK(futex(&word, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	CHECK_EQ(word, 0);
	CHECK_ERR(futex(&word, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0), EPERM);
}

/* The priority that /proc shows: -1 - N under SCHED_FIFO with priority N, lent or own. */
static long shown_priority(pid_t tid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	return stat_field_in(path, 18);
}

static void *lock_urgently(void *arg)
{
	struct sched_param urgent = {.sched_priority = 20};

	OK(sched_setscheduler(0, SCHED_FIFO, &urgent));
	return wait_on_it(arg);
}

CASE(lock_pi_lends_priority_until_unlock)
{
	struct sched_param low = {.sched_priority = 10};
	struct waiter w = {.op = FUTEX_LOCK_PI_PRIVATE, .addr = &word};
	pid_t me = gettid();

	NEED(sched_setscheduler(0, SCHED_FIFO, &low));
	OK(futex(&word, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	CHECK_EQ(shown_priority(me), -11);
	CHECK_EQ(pthread_create(&w.thread, NULL, lock_urgently, &w), 0);
	EVENTUALLY(shown_priority(me) == -21);
	CHECK(!w.done);
	OK(futex(&word, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	CHECK_EQ(shown_priority(me), -11);
	join(&w);
	CHECK_EQ(w.result, 0);
}

CASE(trylock_pi)
{
	OK(futex(&word, FUTEX_TRYLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	CHECK_EQ(word & FUTEX_TID_MASK, gettid());
	CHECK_ERR(futex(&word, FUTEX_TRYLOCK_PI_PRIVATE, 0, NULL, NULL, 0), EDEADLK);
}

/* A process that holds the PI lock *word until the gate opens. */
static pid_t holder_of(uint32_t *lock, struct gate *end)
{
	struct gate locked;
	pid_t pid;

	gate_init(&locked);
	gate_init(end);
	CHILD(pid) {
		OK(futex(lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
		gate_open(&locked);
		gate_wait(end);
	}
	gate_wait(&locked);
	return pid;
}

CASE(trylock_pi_of_a_lock_in_use)
{
	uint32_t *lock = shared(PAGE);
	struct gate end;
	pid_t pid = holder_of(lock, &end);

	for (int i = 0; i < 3; i++)
		CHECK_ERR(futex(lock, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0), EAGAIN);
	/* Its owner has to ask the kernel when it unlocks. */
	CHECK_EQ(*lock, pid | FUTEX_WAITERS);
	gate_open(&end);
	wait_exit(pid);
	CHECK_ERR(futex(lock, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0), ESRCH);
}

CASE(lock_pi_tells_that_its_owner_died)
{
	uint32_t *lock = shared(PAGE);
	struct waiter first, second;
	struct gate end;
	pid_t pid = holder_of(lock, &end);

	start(&first, FUTEX_LOCK_PI, lock, 0);
	gate_open(&end);
	CHECK_EQ(wait_exit(pid), 0);
	join(&first);
	CHECK_EQ(first.result, 0);
	CHECK((*lock & ~FUTEX_WAITERS) == (FUTEX_OWNER_DIED | (uint32_t)first.tid));
	/* Who unlocks says nothing of the kind to the next. */
	*lock = 0;
	OK(futex(lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	start(&second, FUTEX_LOCK_PI, lock, 0);
	OK(futex(lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	join(&second);
	CHECK_EQ(second.result, 0);
	CHECK_EQ(*lock & FUTEX_TID_MASK, second.tid);
	CHECK(!(*lock & FUTEX_OWNER_DIED));
}

CASE(lock_pi_hands_over)
{
	struct waiter w;

	OK(futex(&word, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	start(&w, FUTEX_LOCK_PI_PRIVATE, &word, 0);
	CHECK(word & FUTEX_WAITERS);
	CHECK(!w.done);
	OK(futex(&word, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	join(&w);
	CHECK_EQ(w.result, 0);
	/* It ended as owner: the word names it, dead or alive. */
	CHECK_EQ(word & FUTEX_TID_MASK, w.tid);
}

CASE(lock_pi_of_a_dead_owner)
{
	CHECK_ERR((word = 0x3ffffff0, futex(&word, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0)),
		  ESRCH);
}

CASE(lock_pi_times_out)
{
	struct timespec ts;
	volatile uint32_t *p = shared(PAGE);
	struct gate g, end;
	pid_t pid;

	gate_init(&g);
	gate_init(&end);
	CHILD(pid) {
		OK(futex((void *)p, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
		gate_open(&g);
		gate_wait(&end);
	}
	gate_wait(&g);
	OK(clock_gettime(CLOCK_REALTIME, &ts));
	CHECK_ERR(futex((void *)p, FUTEX_LOCK_PI, 0, &ts, NULL, 0), ETIMEDOUT);
	gate_open(&end);
	wait_status(pid);
}

CASE(requeue_pi)
{
	struct waiter w;

	word = 0;
	w = (struct waiter){.op = FUTEX_WAIT_REQUEUE_PI_PRIVATE, .addr = &word, .addr2 = &word2};
	OK(futex(&word2, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	CHECK_EQ(pthread_create(&w.thread, NULL, wait_on_it, &w), 0);
	EVENTUALLY(w.tid);
	await_state(w.tid, "S");
	CHECK_EQ(futex(&word, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, (void *)1, &word2, 0), 1);
	CHECK(!w.done);
	OK(futex(&word2, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	join(&w);
	CHECK_EQ(w.result, 0);
	CHECK_EQ(word2 & FUTEX_TID_MASK, w.tid);
	CHECK_ERR(futex(&word, FUTEX_CMP_REQUEUE_PI_PRIVATE, 2, (void *)1, &word2, 0), EINVAL);
}

CASE(waitv)
{
	struct {
		uint64_t val, uaddr;
		uint32_t flags, reserved;
	} v[2] = {{0, (uintptr_t)&word, 2 | 128, 0}, {0, (uintptr_t)&word2, 2 | 128, 0}};
	struct timespec ts;

	OK(clock_gettime(CLOCK_MONOTONIC, &ts));
	if (syscall(449, v, 2, 0, &ts, CLOCK_MONOTONIC) == -1 && errno == ENOSYS)
		SKIP("no futex_waitv");
	CHECK_ERR(syscall(449, v, 2, 0, &ts, CLOCK_MONOTONIC), ETIMEDOUT);
	v[1].val = 5;
	CHECK_ERR(syscall(449, v, 2, 0, NULL, 0), EAGAIN);
	CHECK_ERR(syscall(449, v, 0, 0, NULL, 0), EINVAL);
	CHECK_ERR(syscall(449, v, 129, 0, NULL, 0), EINVAL);
	CHECK_ERR(syscall(449, v, 2, 1, NULL, 0), EINVAL);
}

static void *waitv_thread(void *arg)
{
	struct waiter *w = arg;
	struct {
		uint64_t val, uaddr;
		uint32_t flags, reserved;
	} v[2] = {{0, (uintptr_t)&word, 2 | 128, 0}, {0, (uintptr_t)&word2, 2 | 128, 0}};

	w->tid = gettid();
	w->result = syscall(449, v, 2, 0, NULL, 0);
	w->error = errno;
	return NULL;
}

CASE(waitv_returns_index)
{
	struct waiter w = {0};

	pthread_create(&w.thread, NULL, waitv_thread, &w);
	EVENTUALLY(w.tid);
	await_state(w.tid, "SZ");
	EVENTUALLY(w.error || futex(&word2, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0) == 1);
	join(&w);
	if (w.error == ENOSYS)
		SKIP("no futex_waitv");
	CHECK_EQ(w.result, 1);
}

static uint32_t ping, pong;

static void *answer(void *arg)
{
	for (long i = 0; i < (long)arg; i++) {
		while (!__atomic_load_n(&ping, __ATOMIC_ACQUIRE))
			futex(&ping, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
		__atomic_store_n(&ping, 0, __ATOMIC_RELEASE);
		__atomic_store_n(&pong, 1, __ATOMIC_RELEASE);
		futex(&pong, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	}
	return NULL;
}

CASE(ping_pong_loses_nothing)
{
	pthread_t t;
	long rounds = 500;

	pthread_create(&t, NULL, answer, (void *)rounds);
	for (long i = 0; i < rounds; i++) {
		__atomic_store_n(&ping, 1, __ATOMIC_RELEASE);
		futex(&ping, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
		while (!__atomic_load_n(&pong, __ATOMIC_ACQUIRE))
			futex(&pong, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
		__atomic_store_n(&pong, 0, __ATOMIC_RELEASE);
	}
	pthread_join(t, NULL);
}

CASE(killed_waiter_leaves_queue)
{
	uint32_t *p = shared(PAGE);
	pid_t pid;

	CHILD(pid) {
		futex(p, FUTEX_WAIT, 0, NULL, NULL, 0);
	}
	await_state(pid, "S");
	kill(pid, SIGKILL);
	wait_status(pid);
	CHECK_EQ(futex(p, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
}
