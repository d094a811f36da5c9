/* SPDX-License-Identifier: MIT */
/* Small storms, scaled by -n: fork trees, exits in every manner, pipes, threads, signals, memory.
 */
#include "harness.h"

#include <pthread.h>
#include <sys/ptrace.h>

static uint32_t rng_state;

static uint32_t rng(void)
{
	rng_state ^= rng_state << 13;
	rng_state ^= rng_state >> 17;
	rng_state ^= rng_state << 5;
	return rng_state;
}

/* A tree of processes of random shape; returns how many it was, by exit statuses. */
static int tree(int depth)
{
	int n = 1, kids = depth ? rng() % 3 : 0;
	pid_t pid[3];

	for (int i = 0; i < kids; i++) {
		uint32_t seed = rng();

		CHILD(pid[i]) {
			rng_state = seed | 1;
			_exit(tree(depth - 1));
		}
	}
	for (int i = 0; i < kids; i++)
		n += wait_exit(pid[i]);
	return n;
}

CASE_OPT(random_fork_trees, .timeout = 60)
{
	for (long i = 0; i < scale(10); i++) {
		rng_state = 7919 * (i + 1);
		CHECK(tree(5) >= 1);
	}
}

CASE_OPT(fork_exit_wait, .timeout = 60)
{
	for (long i = 0; i < scale(300); i++) {
		pid_t pid;

		CHILD(pid) {
		}
		CHECK_EQ(wait_exit(pid), 0);
	}
}

CASE_OPT(four_forkers, .timeout = 60)
{
	pid_t pid[4];

	for (int i = 0; i < 4; i++) {
		CHILD(pid[i]) {
			for (long k = 0; k < scale(80); k++) {
				pid_t child;

				CHILD(child) {
					_exit(k & 63);
				}
				CHECK_EQ(wait_exit(child), k & 63);
			}
		}
	}
	for (int i = 0; i < 4; i++)
		CHECK_EQ(wait_exit(pid[i]), 0);
}

CASE_OPT(ends_of_every_manner, .timeout = 60)
{
	for (long i = 0; i < scale(60); i++) {
		int status, manner = i % 5;
		pid_t pid;

		CHILD(pid) {
			if (manner == 0)
				_exit(1);
			if (manner == 1)
				raise(SIGKILL);
			if (manner == 2)
				syscall(SYS_exit, 1);
			if (manner == 3)
				execl("/proc/self/exe", "guest", "-l", (char *)NULL);
			for (;;)
				pause();
		}
		if (manner == 4 || manner == 3)
			kill(pid, SIGTERM);
		status = wait_status(pid);
		CHECK(WIFEXITED(status) || WIFSIGNALED(status));
	}
}

CASE_OPT(kill_during_fork, .timeout = 60)
{
	for (long i = 0; i < scale(30); i++) {
		pid_t pid;

		CHILD(pid) {
			OK(setpgid(0, 0));
			for (;;)
				if (fork() == 0)
					_exit(0);
				else
					waitpid(-1, NULL, WNOHANG);
		}
		EVENTUALLY(getpgid(pid) == pid);
		for (uint32_t k = 0; k < (uint32_t)(i * 7919) % 3000; k++)
			asm volatile("pause");
		kill(-pid, SIGKILL);
		CHECK_EQ(wait_killed(pid), SIGKILL);
	}
}

CASE_OPT(pipe_storm, .timeout = 60)
{
	enum { PAIRS = 4 };
	pid_t pid[PAIRS * 2];
	int p[2];

	for (int i = 0; i < PAIRS; i++) {
		OK(pipe(p));
		CHILD(pid[i * 2]) {
			char buf[777];

			close(p[0]);
			memset(buf, i, sizeof(buf));
			for (long k = 0; k < scale(100); k++)
				CHECK_EQ(write(p[1], buf, sizeof(buf)), sizeof(buf));
		}
		CHILD(pid[i * 2 + 1]) {
			char buf[500];
			long total = 0;
			ssize_t n;

			close(p[1]);
			while ((n = read(p[0], buf, sizeof(buf))) > 0) {
				for (ssize_t k = 0; k < n; k++)
					CHECK_EQ(buf[k], i);
				total += n;
			}
			CHECK_EQ(total, scale(100) * 777);
		}
		close(p[0]);
		close(p[1]);
	}
	for (int i = 0; i < PAIRS * 2; i++)
		CHECK_EQ(wait_exit(pid[i]), 0);
}

static void *churn(void *arg)
{
	for (int i = 0; i < 20; i++) {
		char *p = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);

		for (int k = 0; k < 16; k++)
			p[k * PAGE] = k;
		mprotect(p, 8 * PAGE, PROT_READ);
		munmap(p, 16 * PAGE);
	}
	return arg;
}

CASE_OPT(threads_churn_memory, .timeout = 60)
{
	for (long i = 0; i < scale(5); i++) {
		pthread_t t[6];

		for (int k = 0; k < 6; k++)
			CHECK_EQ(pthread_create(&t[k], NULL, churn, NULL), 0);
		for (int k = 0; k < 6; k++)
			pthread_join(t[k], NULL);
	}
}

/* Writers of the address space without end, and one that reads it: by a fault, through /proc. */
struct rivals {
	long turns[8];
	char *page;
};

static void *map_for_ever(void *arg)
{
	long *turns = arg;

	for (;;) {
		char *p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		munmap(p, PAGE);
		__atomic_add_fetch(turns, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void *fault_for_ever(void *arg)
{
	struct rivals *r = arg;

	for (;;) {
		madvise(r->page, PAGE, MADV_DONTNEED);
		*(volatile char *)r->page = 1;
		__atomic_add_fetch(&r->turns[7], 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void rival_threads(struct rivals *r)
{
	pthread_t t;

	for (int i = 0; i < 7; i++)
		CHECK_EQ(pthread_create(&t, NULL, map_for_ever, &r->turns[i]), 0);
	CHECK_EQ(pthread_create(&t, NULL, fault_for_ever, r), 0);
	for (;;)
		pause();
}

/* Who waits for the address space gets it, however many others want it; and can be killed. */
CASE_OPT(nobody_starves_for_the_address_space, .timeout = 60)
{
	struct rivals *r = shared(2 * PAGE);
	pid_t pid;

	for (long i = 0; i < scale(1); i++) {
		long seen[8];

		CHILD(pid) {
			r->page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			rival_threads(r);
		}
		memcpy(seen, r->turns, sizeof(seen));
		for (int k = 0; k < 8; k++)
			while (__atomic_load_n(&r->turns[k], __ATOMIC_RELAXED) < seen[k] + 10)
				nap();
		kill(pid, SIGKILL);
		CHECK_EQ(wait_status(pid), SIGKILL);
	}
}

#define SHARERS 6

struct sharer {
	pid_t pid;
	volatile long turns;
	char stack[8192] __attribute__((aligned(16)));
};

/* In its parent's memory, but a process: it can be killed by itself. No library calls but these. */
static int map_and_fault(void *arg)
{
	struct sharer *s = arg;

	for (;; s->turns++) {
		volatile char *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		p[0] = p[PAGE] = 1;
		mprotect((void *)p, PAGE, PROT_READ);
		munmap((void *)p, 2 * PAGE);
	}
	return 0;
}

static void start_sharer(struct sharer *s)
{
	s->pid = OK(clone(map_and_fault, s->stack + sizeof(s->stack), CLONE_VM | SIGCHLD, s));
}

/*
 * Those who are killed while they stand in line for the address space hold nobody up, be they next
 * or just called: all the others go on, round after round.
 */
CASE_OPT(killed_in_line_for_the_address_space, .timeout = 60)
{
	static struct sharer sharer[SHARERS];

	rng_state = 104729;
	for (int i = 0; i < SHARERS; i++)
		start_sharer(&sharer[i]);
	for (long round = 0; round < scale(30); round++) {
		struct sharer *s = &sharer[rng() % SHARERS];
		long before[SHARERS];

		for (int i = 0; i < SHARERS; i++)
			before[i] = sharer[i].turns;
		OK(kill(s->pid, SIGKILL));
		CHECK_EQ(wait_status(s->pid), SIGKILL);
		start_sharer(s);
		for (int i = 0; i < SHARERS; i++)
			while (sharer[i].turns == before[i])
				nap();
	}
	for (int i = 0; i < SHARERS; i++) {
		OK(kill(sharer[i].pid, SIGKILL));
		CHECK_EQ(wait_status(sharer[i].pid), SIGKILL);
	}
}

static void *fork_once(void *arg)
{
	pid_t pid;

	(void)arg;
	CHILD(pid) {
	}
	return (void *)(long)wait_exit(pid);
}

CASE_OPT(threads_fork_at_once, .timeout = 60)
{
	for (long i = 0; i < scale(8); i++) {
		pthread_t t[6];
		void *ret;

		for (int k = 0; k < 6; k++)
			CHECK_EQ(pthread_create(&t[k], NULL, fork_once, NULL), 0);
		for (int k = 0; k < 6; k++) {
			pthread_join(t[k], &ret);
			CHECK(!ret);
		}
	}
}

static volatile sig_atomic_t hits;

static void count(int sig)
{
	(void)sig;
	hits++;
}

CASE_OPT(signals_to_forking_process, .timeout = 60)
{
	pid_t me = getpid(), pid;

	on_signal(SIGUSR1, count, SA_RESTART);
	CHILD(pid) {
		for (;;)
			kill(me, SIGUSR1);
	}
	for (long i = 0; i < scale(50); i++) {
		pid_t child;

		CHILD(child) {
		}
		CHECK_EQ(wait_exit(child), 0);
	}
	kill(pid, SIGKILL);
	wait_status(pid);
	CHECK(hits > 0);
}

CASE_OPT(stop_and_continue_at_random, .timeout = 60)
{
	volatile unsigned long *n = shared(PAGE);
	pid_t pid;

	CHILD(pid) {
		for (;;)
			++*n;
	}
	for (long i = 0; i < scale(30); i++) {
		int status;

		OK(kill(pid, SIGSTOP));
		CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
		unsigned long frozen = *n;

		sched_yield();
		CHECK_EQ(*n, frozen);
		OK(kill(pid, SIGCONT));
		CHECK_EQ(waitpid(pid, &status, WCONTINUED), pid);
	}
	kill(pid, SIGKILL);
	wait_status(pid);
}

/* ---- forking while memory is short; -n: seconds ---- */

#define FORKERS	 24
#define HOGS	 2
#define CHUNK	 (64 * PAGE)
#define LEAVE	 4096 /* KiB that the hogs leave free: less than the forkers like to take */
#define PATTERNS 16   /* pages that parent and children must not see changed by each other */

static pid_t patient_fork(int64_t deadline)
{
	pid_t pid;

	while ((pid = fork()) < 0) {
		CHECK(errno == EAGAIN || errno == ENOMEM);
		if (now_ms() > deadline)
			return -1;
		nap();
	}
	return pid;
}

/* On a machine of a gigabyte or more, which others use as well, a hog takes little. */
static void hog(void)
{
	static char *chunk[4096];
	long total = proc_field("/proc/meminfo", "MemTotal");
	int n = 0, most = total >= 1 << 20 ? 64 : ARRAY_SIZE(chunk);

	spew("/proc/self/oom_score_adj", "500");
	rng_state = getpid();
	for (;;) {
		if (n < most && proc_field("/proc/meminfo", "MemFree") > LEAVE) {
			char *p = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

			if (p != MAP_FAILED) {
				chunk[n++] = memset(p, 1, CHUNK);
				continue;
			}
		}
		if (n && rng() % 8 == 0)
			munmap(chunk[--n], CHUNK);
		nap();
	}
}

static void check_pattern(const unsigned char *p, int mark)
{
	for (int i = 0; i < PATTERNS; i++)
		CHECK_EQ(p[i * PAGE], mark);
}

/* A child writes to memory that its parent has too, and so do its children, if it has any. */
static void forked(unsigned char *pattern, int mark, int64_t deadline)
{
	pid_t pid = 0;

	for (int depth = 2; !pid; depth--) {
		check_pattern(pattern, mark);
		for (unsigned int i = rng() % PATTERNS; i < PATTERNS; i++)
			pattern[i * PAGE] = ~mark;
		if (!depth || rng() % 2)
			break;
		pid = patient_fork(deadline);
		if (!pid)
			memset(pattern, ++mark, PATTERNS * PAGE);
	}
	/* One in two leaves its child behind. */
	if (pid > 0 && rng() % 2)
		waitpid(pid, NULL, 0);
	if (rng() % 4 == 0) {
		size_t size = (1 + rng() % 128) * PAGE;
		void *p =
		    mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p != MAP_FAILED)
			memset(p, mark, size);
	}
	_exit(mark);
}

/* What ran short of memory was killed; nothing else may have happened to a child. */
static void check_end(int status, int mark)
{
	CHECK(WIFEXITED(status) || WTERMSIG(status) == SIGKILL);
	if (WIFEXITED(status) && mark >= 0)
		CHECK_EQ(WEXITSTATUS(status), mark);
}

static void forker(int number, int64_t deadline)
{
	static unsigned char pattern[PATTERNS * PAGE];
	int mark = number + 1, status;
	pid_t pid, got;

	rng_state = 7919 * mark + getpid();
	OK(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	while (now_ms() < deadline) {
		memset(pattern, mark, sizeof(pattern));
		rng();
		pid = patient_fork(deadline);
		if (!pid) {
			rng_state ^= getpid();
			forked(pattern, mark, deadline);
		}
		if (pid > 0 && rng() % 8 == 0)
			kill(pid, SIGKILL);
		/* The orphans that come to us are reaped on the way. */
		while (pid > 0 && (got = waitpid(-1, &status, 0)) != pid) {
			CHECK(got > 0);
			check_end(status, -1);
		}
		if (pid > 0)
			check_end(status, mark);
		check_pattern(pattern, mark);
	}
	while (waitpid(-1, &status, 0) > 0)
		check_end(status, -1);
	_exit(0);
}

CASE_OPT(forkers_while_memory_is_short, .timeout = 60)
{
	int64_t deadline = now_ms() + scale(3) * 1000;
	pid_t forkers[FORKERS], hogs[HOGS];
	int status;

	/* The referee stays; to say so takes privilege. */
	spew("/proc/self/oom_score_adj", "-1000");
	for (int i = 0; i < HOGS; i++) {
		hogs[i] = patient_fork(deadline);
		if (!hogs[i])
			hog();
	}
	for (int i = 0; i < FORKERS; i++)
		forkers[i] = 0;
	for (int i = 0;; i = (i + 1) % FORKERS) {
		bool over = now_ms() >= deadline;

		if (!over && !forkers[i]) {
			forkers[i] = patient_fork(deadline);
			if (!forkers[i]) {
				/* Hogs first, we next, and those that watch us never. */
				spew("/proc/self/oom_score_adj", "300");
				forker(i, deadline);
			}
		}
		if (forkers[i] > 0 && waitpid(forkers[i], &status, over ? 0 : WNOHANG) > 0) {
			check_end(status, 0);
			forkers[i] = 0;
		}
		/* A hog that was killed for its size has a successor. */
		if (!over && hogs[i % HOGS] > 0 && waitpid(hogs[i % HOGS], NULL, WNOHANG) > 0) {
			hogs[i % HOGS] = patient_fork(deadline);
			if (!hogs[i % HOGS])
				hog();
		}
		if (over && i == FORKERS - 1)
			break;
		nap();
	}
	for (int i = 0; i < FORKERS; i++)
		if (forkers[i] > 0)
			check_end(wait_status(forkers[i]), 0);
	for (int i = 0; i < HOGS; i++) {
		if (hogs[i] > 0) {
			kill(hogs[i], SIGKILL);
			wait_status(hogs[i]);
		}
	}
}

static void eat_all(void)
{
	for (;;) {
		char *p =
		    mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			nap();
		else
			memset(p, 1, CHUNK);
	}
}

/* One that was chosen to free memory and cannot, for its tracer lets it stand: another one is. */
CASE_OPT(a_victim_that_stands_still, .timeout = 60, .root = true)
{
	pid_t first, second;
	struct gate go;
	int status;

	if (access("/proc/jiffy", F_OK) || proc_field("/proc/meminfo", "MemTotal") >= 1 << 17)
		SKIP(
		    "this machine's memory is left alone, or takes long to fill: tests/boot/oom.t");
	gate_init(&go);
	OK(spew("/proc/self/oom_score_adj", "-1000"));
	CHILD(second) {
		OK(spew("/proc/self/oom_score_adj", "900"));
		gate_wait(&go);
		eat_all();
	}
	CHILD(first) {
		OK(spew("/proc/self/oom_score_adj", "1000"));
		OK(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
		raise(SIGSTOP);
		eat_all();
	}
	CHECK_EQ(waitpid(first, &status, 0), first);
	OK(ptrace(PTRACE_SETOPTIONS, first, NULL, PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL));
	OK(ptrace(PTRACE_CONT, first, NULL, NULL));
	CHECK_EQ(waitpid(first, &status, 0), first);
	CHECK_EQ(status >> 8, SIGTRAP | PTRACE_EVENT_EXIT << 8);
	gate_open(&go);
	CHECK_EQ(wait_killed(second), SIGKILL);
	CHECK_EQ(proc_state(first), 't');
	OK(ptrace(PTRACE_CONT, first, NULL, NULL));
	CHECK_EQ(wait_killed(first), SIGKILL);
}
