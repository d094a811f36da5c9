/* SPDX-License-Identifier: MIT */
/* POSIX threads as glibc makes them: life, TLS, mutexes of every kind, conditions, barriers. */
#include "harness.h"

#include <pthread.h>
#include <semaphore.h>

static void *identity(void *arg)
{
	return arg;
}

static pthread_t start(void *(*fn)(void *), void *arg)
{
	pthread_t t;
	int err = pthread_create(&t, NULL, fn, arg);

	if (err)
		FAIL("pthread_create: %s", strerror(err));
	return t;
}

static void *join(pthread_t t)
{
	void *ret;

	CHECK_EQ(pthread_join(t, &ret), 0);
	return ret;
}

CASE(create_and_join)
{
	CHECK_EQ((long)join(start(identity, (void *)77)), 77);
}

CASE(two_hundred_in_turn)
{
	for (long i = 0; i < 200; i++)
		CHECK_EQ((long)join(start(identity, (void *)i)), i);
}

static pthread_mutex_t gate_mutex = PTHREAD_MUTEX_INITIALIZER;

static void *pass_gate(void *arg)
{
	pthread_mutex_lock(&gate_mutex);
	pthread_mutex_unlock(&gate_mutex);
	return arg;
}

static void many_at_once(int n)
{
	pthread_t *t = calloc(n, sizeof(*t));
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	pthread_mutex_lock(&gate_mutex);
	for (long i = 0; i < n; i++) {
		int err = pthread_create(&t[i], &attr, pass_gate, (void *)i);

		if (err)
			FAIL("thread %ld: %s", i, strerror(err));
	}
	CHECK_EQ(proc_field("/proc/self/status", "Threads"), n + 1);
	pthread_mutex_unlock(&gate_mutex);
	for (long i = 0; i < n; i++)
		CHECK_EQ((long)join(t[i]), i);
	EVENTUALLY(proc_field("/proc/self/status", "Threads") == 1);
}

CASE(fifty_at_once)
{
	many_at_once(50);
}

CASE_OPT(thousand_at_once, .timeout = 60)
{
	char max[32];

	/* An eighth of memory may be threads' stacks: less than 128 MiB is too little. */
	CHECK(slurp("/proc/sys/kernel/threads-max", max, sizeof(max)) > 0);
	if (atoi(max) < 1100)
		SKIP("threads-max is too low on a machine so small");
	many_at_once(1000);
}

static void *store_tid(void *arg)
{
	*(pid_t *)arg = gettid();
	return (void *)(long)getpid();
}

CASE(tids_differ_pids_do_not)
{
	pid_t a, b;

	CHECK_EQ((long)join(start(store_tid, &a)), getpid());
	CHECK_EQ((long)join(start(store_tid, &b)), getpid());
	CHECK(a != getpid() && b != getpid());
}

static int detached_done;

static void *set_flag(void *arg)
{
	__atomic_store_n((int *)arg, 1, __ATOMIC_RELEASE);
	return NULL;
}

CASE(detached)
{
	pthread_t t = start(set_flag, &detached_done);

	CHECK_EQ(pthread_detach(t), 0);
	EVENTUALLY(__atomic_load_n(&detached_done, __ATOMIC_ACQUIRE));
	EVENTUALLY(proc_field("/proc/self/status", "Threads") == 1);
}

static __thread int tls = 5;

static void *change_tls(void *arg)
{
	int before = tls;

	tls = (long)arg;
	sched_yield();
	return (void *)(long)(before == 5 && tls == (long)arg);
}

CASE(thread_local_storage)
{
	pthread_t t[8];

	for (long i = 0; i < 8; i++)
		t[i] = start(change_tls, (void *)(i + 100));
	for (int i = 0; i < 8; i++)
		CHECK_EQ((long)join(t[i]), 1);
	CHECK_EQ(tls, 5);
}

static pthread_key_t key;
static int destroyed;

static void destroy(void *value)
{
	destroyed += (long)value;
}

static void *use_key(void *arg)
{
	pthread_setspecific(key, arg);
	return pthread_getspecific(key);
}

CASE(thread_specific_data)
{
	CHECK_EQ(pthread_key_create(&key, destroy), 0);
	CHECK_EQ((long)join(start(use_key, (void *)3)), 3);
	CHECK_EQ((long)join(start(use_key, (void *)4)), 4);
	CHECK_EQ(destroyed, 7);
	CHECK(!pthread_getspecific(key));
}

static int cleaned;

static void clean(void *arg)
{
	cleaned = (long)arg;
}

static void *sleep_cancellably(void *arg)
{
	pthread_cleanup_push(clean, arg);
	for (;;)
		pause();
	pthread_cleanup_pop(0);
	return NULL;
}

CASE(cancel_of_sleeper_runs_cleanup)
{
	pthread_t t = start(sleep_cancellably, (void *)6);

	CHECK_EQ(pthread_cancel(t), 0);
	CHECK(join(t) == PTHREAD_CANCELED);
	CHECK_EQ(cleaned, 6);
}

static void *spin_async(void *arg)
{
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	__atomic_store_n((int *)arg, 1, __ATOMIC_RELEASE);
	for (;;)
		asm volatile("");
	return NULL;
}

CASE(asynchronous_cancel_of_spinner)
{
	int ready = 0;
	pthread_t t = start(spin_async, &ready);

	EVENTUALLY(__atomic_load_n(&ready, __ATOMIC_ACQUIRE));
	CHECK_EQ(pthread_cancel(t), 0);
	CHECK(join(t) == PTHREAD_CANCELED);
}

static void *not_cancellable(void *arg)
{
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	gate_wait(arg);
	return (void *)1;
}

CASE(disabled_cancel_is_held)
{
	struct gate g;
	pthread_t t;

	gate_init(&g);
	t = start(not_cancellable, &g);
	nap();
	pthread_cancel(t);
	gate_open(&g);
	void *ret = join(t);

	CHECK(ret == (void *)1 || ret == PTHREAD_CANCELED);
}

static long counter;
static pthread_mutex_t mutex;

static void *add_many(void *arg)
{
	for (long i = 0; i < (long)arg; i++) {
		pthread_mutex_lock(&mutex);
		counter++;
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static void contend(int type, int protocol)
{
	pthread_mutexattr_t a;
	pthread_t t[4];

	pthread_mutexattr_init(&a);
	pthread_mutexattr_settype(&a, type);
	CHECK_EQ(pthread_mutexattr_setprotocol(&a, protocol), 0);
	CHECK_EQ(pthread_mutex_init(&mutex, &a), 0);
	for (int i = 0; i < 4; i++)
		t[i] = start(add_many, (void *)2000);
	for (int i = 0; i < 4; i++)
		join(t[i]);
	CHECK_EQ(counter, 8000);
}

CASE(mutex_normal)
{
	contend(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE);
}

CASE(mutex_recursive)
{
	contend(PTHREAD_MUTEX_RECURSIVE, PTHREAD_PRIO_NONE);
	pthread_mutex_lock(&mutex);
	CHECK_EQ(pthread_mutex_lock(&mutex), 0);
	pthread_mutex_unlock(&mutex);
	pthread_mutex_unlock(&mutex);
	CHECK_EQ(pthread_mutex_unlock(&mutex), EPERM);
}

CASE(mutex_errorcheck)
{
	contend(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_NONE);
	pthread_mutex_lock(&mutex);
	CHECK_EQ(pthread_mutex_lock(&mutex), EDEADLK);
}

CASE(mutex_priority_inheriting)
{
	contend(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT);
}

CASE(mutex_timedlock)
{
	struct timespec ts;
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&m);
	clock_gettime(CLOCK_REALTIME, &ts);
	CHECK_EQ(pthread_mutex_timedlock(&m, &ts), ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &ts);
	CHECK_EQ(pthread_mutex_clocklock(&m, CLOCK_MONOTONIC, &ts), ETIMEDOUT);
	CHECK_EQ(pthread_mutex_trylock(&m), EBUSY);
}

static void *lock_and_die(void *arg)
{
	pthread_mutex_lock(arg);
	return NULL;
}

static void robust(int protocol, bool process)
{
	pthread_mutex_t *m = shared(PAGE);
	pthread_mutexattr_t a;
	pid_t pid;

	pthread_mutexattr_init(&a);
	pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setprotocol(&a, protocol);
	pthread_mutexattr_setpshared(&a, process);
	CHECK_EQ(pthread_mutex_init(m, &a), 0);
	if (process) {
		CHILD(pid) {
			pthread_mutex_lock(m);
		}
		CHECK_EQ(wait_exit(pid), 0);
	} else {
		join(start(lock_and_die, m));
	}
	CHECK_EQ(pthread_mutex_lock(m), EOWNERDEAD);
	CHECK_EQ(pthread_mutex_consistent(m), 0);
	CHECK_EQ(pthread_mutex_unlock(m), 0);
	CHECK_EQ(pthread_mutex_lock(m), 0);
}

CASE(robust_mutex_of_dead_thread)
{
	robust(PTHREAD_PRIO_NONE, false);
}

CASE(robust_mutex_of_dead_process)
{
	robust(PTHREAD_PRIO_NONE, true);
}

CASE(robust_pi_mutex_of_dead_thread)
{
	robust(PTHREAD_PRIO_INHERIT, false);
}

CASE(robust_pi_mutex_of_dead_process)
{
	robust(PTHREAD_PRIO_INHERIT, true);
}

CASE(robust_waiter_is_woken_by_death)
{
	pthread_mutex_t *m = shared(PAGE);
	pthread_mutexattr_t a;
	struct gate locked;
	pid_t pid;

	gate_init(&locked);
	pthread_mutexattr_init(&a);
	pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setpshared(&a, 1);
	pthread_mutex_init(m, &a);
	pid_t me = getpid();

	CHILD(pid) {
		pthread_mutex_lock(m);
		gate_open(&locked);
		await_state(me, "S");
		kill(getpid(), SIGKILL);
	}
	gate_wait(&locked);
	CHECK_EQ(pthread_mutex_lock(m), EOWNERDEAD);
	wait_status(pid);
}

static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int turn;

static void *take_turns(void *arg)
{
	long me = (long)arg;

	for (int i = 0; i < 200; i++) {
		pthread_mutex_lock(&gate_mutex);
		while (turn % 3 != me)
			pthread_cond_wait(&cond, &gate_mutex);
		turn++;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&gate_mutex);
	}
	return NULL;
}

CASE(condition_broadcast)
{
	pthread_t t[3];

	for (long i = 0; i < 3; i++)
		t[i] = start(take_turns, (void *)i);
	for (int i = 0; i < 3; i++)
		join(t[i]);
	CHECK_EQ(turn, 600);
}

CASE(condition_times_out)
{
	struct timespec ts;

	pthread_mutex_lock(&gate_mutex);
	clock_gettime(CLOCK_REALTIME, &ts);
	CHECK_EQ(pthread_cond_timedwait(&cond, &gate_mutex, &ts), ETIMEDOUT);
	CHECK_EQ(pthread_mutex_trylock(&gate_mutex), EBUSY);
}

static pthread_barrier_t barrier;

static void *meet(void *arg)
{
	int serial = 0;

	(void)arg;
	for (int i = 0; i < 100; i++)
		serial += pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
	return (void *)(long)serial;
}

CASE(barrier_one_serial_thread_a_round)
{
	pthread_t t[5];
	long sum = 0;

	pthread_barrier_init(&barrier, NULL, 5);
	for (int i = 0; i < 5; i++)
		t[i] = start(meet, NULL);
	for (int i = 0; i < 5; i++)
		sum += (long)join(t[i]);
	CHECK_EQ(sum, 100);
}

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static int pair[2];

static void *read_or_write(void *arg)
{
	for (int i = 0; i < 500; i++) {
		if ((long)arg == 0) {
			pthread_rwlock_wrlock(&rwlock);
			pair[0]++;
			pair[1]++;
		} else {
			pthread_rwlock_rdlock(&rwlock);
			if (pair[0] != pair[1])
				return (void *)1;
		}
		pthread_rwlock_unlock(&rwlock);
	}
	return NULL;
}

CASE(rwlock_keeps_pairs_equal)
{
	pthread_t t[4];

	for (long i = 0; i < 4; i++)
		t[i] = start(read_or_write, (void *)(i & 1));
	for (int i = 0; i < 4; i++)
		CHECK_EQ((long)join(t[i]), 0);
	CHECK_EQ(pair[0], 1000);
}

CASE(semaphore_between_processes)
{
	sem_t *s = shared(PAGE);
	pid_t pid;

	OK(sem_init(s, 1, 0));
	CHILD(pid) {
		for (int i = 0; i < 100; i++)
			OK(sem_post(s));
	}
	for (int i = 0; i < 100; i++)
		OK(sem_wait(s));
	CHECK_ERR(sem_trywait(s), EAGAIN);
	CHECK_EQ(wait_exit(pid), 0);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int once_count;

static void do_once(void)
{
	once_count++;
}

static void *call_once(void *arg)
{
	pthread_once(&once, do_once);
	return arg;
}

CASE(once_is_once)
{
	pthread_t t[6];

	for (int i = 0; i < 6; i++)
		t[i] = start(call_once, NULL);
	for (int i = 0; i < 6; i++)
		join(t[i]);
	CHECK_EQ(once_count, 1);
}

static int atfork_log;

static void before_fork(void)
{
	atfork_log = atfork_log * 10 + 1;
}

static void in_parent(void)
{
	atfork_log = atfork_log * 10 + 2;
}

static void in_child(void)
{
	atfork_log = atfork_log * 10 + 3;
}

CASE(atfork_handlers)
{
	pid_t pid;

	CHECK_EQ(pthread_atfork(before_fork, in_parent, in_child), 0);
	CHILD(pid) {
		_exit(atfork_log);
	}
	CHECK_EQ(wait_exit(pid), 13);
	CHECK_EQ(atfork_log, 12);
}

static void *fork_here(void *arg)
{
	pid_t pid;

	(void)arg;
	CHILD(pid) {
		CHECK_EQ(proc_field("/proc/self/status", "Threads"), 1);
		CHECK_EQ(gettid(), getpid());
		CHECK_EQ((long)join(start(identity, (void *)5)), 5);
		_exit(21);
	}
	return (void *)(long)wait_exit(pid);
}

CASE(fork_from_a_thread)
{
	CHECK_EQ((long)join(start(fork_here, NULL)), 21);
}

static void *touch_guard(void *arg)
{
	pthread_attr_t a;
	void *addr;
	size_t size;

	(void)arg;
	pthread_getattr_np(pthread_self(), &a);
	pthread_attr_getstack(&a, &addr, &size);
	((volatile char *)addr)[-1] = 1;
	return NULL;
}

CASE(stack_guard_page)
{
	pid_t pid;

	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	CHILD(pid) {
		join(start(touch_guard, NULL));
	}
	CHECK_EQ(wait_killed(pid), SIGSEGV);
}

CASE(thread_name)
{
	char name[16], path[64], buf[32];

	CHECK_EQ(pthread_setname_np(pthread_self(), "renamed"), 0);
	CHECK_EQ(pthread_getname_np(pthread_self(), name, sizeof(name)), 0);
	CHECK_STR(name, "renamed");
	snprintf(path, sizeof(path), "/proc/self/task/%d/comm", gettid());
	CHECK(slurp(path, buf, sizeof(buf)) > 0);
	CHECK_STR(buf, "renamed\n");
	CHECK_EQ(pthread_setname_np(pthread_self(), "a name of sixteen+"), ERANGE);
}

static void *drop_to_user(void *arg)
{
	(void)arg;
	return (void *)(long)getuid();
}

CASE_ROOT(setuid_reaches_every_thread)
{
	pthread_t t;

	pthread_mutex_lock(&gate_mutex);
	t = start(pass_gate, NULL);
	OK(setuid(1000));
	pthread_mutex_unlock(&gate_mutex);
	join(t);
	CHECK_EQ((long)join(start(drop_to_user, NULL)), 1000);
}

CASE(membarrier)
{
	long supported = NEED(syscall(SYS_membarrier, 0, 0, 0));

	CHECK(supported & 1);
	OK(syscall(SYS_membarrier, 1, 0, 0));
	CHECK_ERR(syscall(SYS_membarrier, 8, 0, 0), EPERM);
	OK(syscall(SYS_membarrier, 16, 0, 0));
	OK(syscall(SYS_membarrier, 8, 0, 0));
	CHECK_ERR(syscall(SYS_membarrier, 1 << 30, 0, 0), EINVAL);
}

static void *cpu_time(void *arg)
{
	struct timespec ts;

	(void)arg;
	do
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	while (ts.tv_nsec < 10000000 && !ts.tv_sec);
	return NULL;
}

CASE(thread_cpu_clock_is_its_own)
{
	struct timespec mine, all;

	join(start(cpu_time, NULL));
	OK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &mine));
	OK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &all));
	CHECK(all.tv_sec * 1000000000LL + all.tv_nsec -
		  (mine.tv_sec * 1000000000LL + mine.tv_nsec) >=
	      9000000);
}

#define TOUCHED 200

static void *touch_pages(void *arg)
{
	char *p = OK(
	    mmap(NULL, TOUCHED * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	/* One fault a page: no huge ones. Not every kernel has any. */
	madvise(p, TOUCHED * PAGE, MADV_NOHUGEPAGE);
	for (int i = 0; i < TOUCHED; i++)
		p[i * PAGE] = 1;
	OK(munmap(p, TOUCHED * PAGE));
	return arg;
}

CASE(use_of_a_dead_thread_counts)
{
	struct rusage before, after;

	OK(getrusage(RUSAGE_SELF, &before));
	join(start(touch_pages, NULL));
	/* Joined is not yet gone. */
	EVENTUALLY(proc_field("/proc/self/status", "Threads") == 1);
	OK(getrusage(RUSAGE_SELF, &after));
	CHECK(after.ru_minflt - before.ru_minflt >= TOUCHED);
}
