/* SPDX-License-Identifier: MIT */
/* _exit(2), exit_group(2): what ends with a process, who gets its children, who is told. */
#include "harness.h"

#include <linux/futex.h>
#include <pthread.h>

CASE(descriptors_close_at_exit)
{
	int fd[2];
	char c;
	pid_t pid;

	OK(pipe(fd));
	CHILD(pid) {
		close(fd[0]);
		CHECK_EQ(write(fd[1], "x", 1), 1);
	}
	OK(close(fd[1]));
	CHECK_EQ(read(fd[0], &c, 1), 1);
	CHECK_EQ(read(fd[0], &c, 1), 0);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(descriptors_close_when_killed)
{
	int fd[2];
	char c;
	pid_t pid;

	OK(pipe(fd));
	CHILD(pid) {
		for (;;)
			pause();
	}
	OK(close(fd[1]));
	OK(kill(pid, SIGKILL));
	CHECK_EQ(read(fd[0], &c, 1), 0);
	wait_status(pid);
}

CASE(record_locks_go_at_exit)
{
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));
	struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct gate locked, end;
	pid_t pid;

	gate_init(&locked);
	gate_init(&end);
	CHILD(pid) {
		OK(fcntl(fd, F_SETLK, &fl));
		gate_open(&locked);
		gate_wait(&end);
	}
	gate_wait(&locked);
	CHECK_ERR(fcntl(fd, F_SETLK, &fl), EAGAIN);
	gate_open(&end);
	OK(fcntl(fd, F_SETLKW, &fl));
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(orphan_goes_to_subreaper)
{
	pid_t *seen = shared(PAGE), pid;
	struct gate g;

	gate_init(&g);
	OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	CHILD(pid) {
		pid_t grandchild;

		CHILD(grandchild) {
			gate_wait(&g);
			seen[0] = getppid();
			_exit(6);
		}
		seen[1] = grandchild;
	}
	CHECK_EQ(wait_exit(pid), 0);
	gate_open(&g);
	CHECK_EQ(wait_exit(seen[1]), 6);
	CHECK_EQ(seen[0], getpid());
}

CASE(nearest_subreaper_wins)
{
	volatile pid_t *seen = shared(PAGE);
	pid_t pid;

	OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	CHILD(pid) {
		pid_t middle;

		OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
		CHILD(middle) {
			pid_t last;

			CHILD(last) {
				EVENTUALLY(getppid() != seen[0] || !seen[0]);
				while (!seen[2])
					sched_yield();
				seen[1] = getppid();
			}
			seen[0] = getpid();
		}
		CHECK_EQ(wait_exit(middle), 0);
		seen[2] = 1;
		OK(wait(NULL));
		CHECK_EQ(seen[1], getpid());
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_ERR(waitpid(-1, NULL, WNOHANG), ECHILD);
}

CASE(subreaper_flag_is_not_inherited)
{
	int v = 9;
	pid_t pid;

	OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	CHILD(pid) {
		OK(prctl(PR_GET_CHILD_SUBREAPER, &v));
		CHECK_EQ(v, 0);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(zombie_orphan_is_reapable_by_subreaper)
{
	pid_t *zombie = shared(PAGE), pid;

	OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	CHILD(pid) {
		pid_t z;

		CHILD(z) {
			_exit(33);
		}
		*zombie = z;
		await_state(z, "Z");
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(wait_exit(*zombie), 33);
}

CASE(parent_death_signal)
{
	struct gate ready, told;
	pid_t pid;

	gate_init(&ready);
	gate_init(&told);
	CHILD(pid) {
		pid_t grandchild;

		CHILD(grandchild) {
			sigset_t set;
			siginfo_t si;

			block_signal(SIGUSR1);
			sigemptyset(&set);
			sigaddset(&set, SIGUSR1);
			OK(prctl(PR_SET_PDEATHSIG, SIGUSR1));
			gate_open(&ready);
			CHECK_EQ(sigwaitinfo(&set, &si), SIGUSR1);
			gate_open(&told);
		}
		gate_wait(&ready);
	}
	CHECK_EQ(wait_exit(pid), 0);
	gate_wait(&told);
}

static void *have_a_child(void *arg)
{
	volatile pid_t *seen = arg;
	pid_t pid;

	CHILD(pid) {
		OK(prctl(PR_SET_PDEATHSIG, SIGUSR1));
		seen[0] = 1;
		for (;;)
			pause();
	}
	seen[1] = pid;
	while (!seen[0])
		sched_yield();
	return NULL;
}

/* prctl(2): a child's parent is the thread that made it, though its process lives on. */
CASE(parent_death_signal_when_the_thread_ends)
{
	pid_t *seen = shared(PAGE);
	pthread_t t;

	CHECK_EQ(pthread_create(&t, NULL, have_a_child, seen), 0);
	CHECK_EQ(pthread_join(t, NULL), 0);
	CHECK_EQ(wait_killed(seen[1]), SIGUSR1);
}

CASE(pdeathsig_values)
{
	int sig = -1;

	OK(prctl(PR_GET_PDEATHSIG, &sig));
	CHECK_EQ(sig, 0);
	CHECK_ERR(prctl(PR_SET_PDEATHSIG, 65), EINVAL);
	OK(prctl(PR_SET_PDEATHSIG, SIGRTMAX));
	OK(prctl(PR_GET_PDEATHSIG, &sig));
	CHECK_EQ(sig, SIGRTMAX);
}

static void *exit_group_from_thread(void *arg)
{
	syscall(SYS_exit_group, (long)arg);
	return NULL;
}

static void *sleep_for_ever(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return NULL;
}

static void *spin_for_ever(void *arg)
{
	for (;;)
		*(volatile int *)arg += 1;
	return NULL;
}

CASE(exit_group_ends_all_threads)
{
	pid_t pid;

	CHILD(pid) {
		static int x;
		pthread_t t;

		pthread_create(&t, NULL, sleep_for_ever, NULL);
		pthread_create(&t, NULL, spin_for_ever, &x);
		pthread_create(&t, NULL, exit_group_from_thread, (void *)44);
		for (;;)
			pause();
	}
	CHECK_EQ(wait_exit(pid), 44);
}

CASE(racing_exit_groups_give_one_status)
{
	for (int round = 0; round < 10; round++) {
		pid_t pid;
		int status;

		CHILD(pid) {
			pthread_t t;

			for (long i = 1; i < 4; i++)
				pthread_create(&t, NULL, exit_group_from_thread, (void *)i);
			syscall(SYS_exit_group, 4);
		}
		status = wait_exit(pid);
		CHECK(status >= 1 && status <= 4);
	}
}

CASE(fatal_signal_ends_all_threads)
{
	pid_t pid;
	struct gate g;

	gate_init(&g);
	CHILD(pid) {
		static int x;
		pthread_t t;

		for (int i = 0; i < 4; i++)
			pthread_create(&t, NULL, i & 1 ? sleep_for_ever : spin_for_ever, &x);
		gate_open(&g);
		for (;;)
			pause();
	}
	gate_wait(&g);
	OK(kill(pid, SIGTERM));
	CHECK_EQ(wait_killed(pid), SIGTERM);
}

static void *end_thread(void *arg)
{
	pthread_exit(arg);
}

CASE(thread_exit_leaves_process)
{
	pid_t pid;

	CHILD(pid) {
		pthread_t t;

		pthread_create(&t, NULL, end_thread, NULL);
		pthread_join(t, NULL);
		_exit(3);
	}
	CHECK_EQ(wait_exit(pid), 3);
}

static void *write_and_return(void *arg)
{
	gate_wait(arg);
	_exit(17);
}

CASE(leader_exit_leaves_threads)
{
	struct gate g;
	pid_t pid;

	gate_init(&g);
	CHILD(pid) {
		pthread_t t;

		pthread_create(&t, NULL, write_and_return, &g);
		syscall(SYS_exit, 0);
	}
	await_state(pid, "Z");
	CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);
	OK(kill(pid, 0));
	gate_open(&g);
	CHECK_EQ(wait_exit(pid), 17);
}

CASE(atexit_handlers_and_stdio)
{
	int fd[2];
	char buf[16] = "";
	pid_t pid;

	OK(pipe(fd));
	CHILD(pid) {
		FILE *f = fdopen(fd[1], "w");

		fputs("flushed", f);
		exit(2);
	}
	CHECK_EQ(wait_exit(pid), 2);
	CHECK_EQ(read(fd[0], buf, sizeof(buf)), 7);
	CHECK_STR(buf, "flushed");
}

CASE(abort_is_sigabrt)
{
	pid_t pid;

	CHILD(pid) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		abort();
	}
	CHECK_EQ(wait_killed(pid), SIGABRT);
}

CASE(abort_when_ignored_or_blocked)
{
	pid_t pid;

	CHILD(pid) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		signal(SIGABRT, SIG_IGN);
		block_signal(SIGABRT);
		abort();
	}
	CHECK_EQ(wait_killed(pid), SIGABRT);
}

CASE(child_times_are_added_when_reaped)
{
	struct rusage before, after;
	pid_t pid;

	OK(getrusage(RUSAGE_CHILDREN, &before));
	CHILD(pid) {
		for (;;) {
			struct timespec ts;

			clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
			if (ts.tv_nsec > 30000000 || ts.tv_sec)
				break;
		}
	}
	await_state(pid, "Z");
	OK(getrusage(RUSAGE_CHILDREN, &after));
	CHECK_EQ(after.ru_utime.tv_usec + after.ru_stime.tv_usec,
		 before.ru_utime.tv_usec + before.ru_stime.tv_usec);
	wait_status(pid);
	OK(getrusage(RUSAGE_CHILDREN, &after));
	CHECK(after.ru_utime.tv_sec * 1000000 + after.ru_utime.tv_usec +
		  after.ru_stime.tv_sec * 1000000 + after.ru_stime.tv_usec >=
	      25000);
}

static volatile uint32_t *robust_word;

CASE(robust_list_marks_owner_died)
{
	struct robust {
		void *next;
		uint32_t word;
	} *r = shared(PAGE);
	pid_t pid;

	robust_word = &r->word;
	CHILD(pid) {
		static struct {
			void *next;
			long offset;
			void *pending;
		} head;

		head.next = &r->next;
		r->next = &head;
		head.offset = offsetof(struct robust, word);
		r->word = gettid() | FUTEX_WAITERS;
		OK(syscall(SYS_set_robust_list, &head, sizeof(head)));
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK(r->word & FUTEX_OWNER_DIED);
	CHECK_EQ(r->word & FUTEX_TID_MASK, 0);
}

CASE(broken_robust_list_is_survived)
{
	pid_t pid;

	CHILD(pid) {
		void *bad[3] = {(void *)0x10, (void *)8, NULL};

		OK(syscall(SYS_set_robust_list, bad, 24));
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHILD(pid) {
		/* A list that never ends: the kernel gives up after a bound. */
		static void *loop[3];
		static void *node[2];

		node[0] = node;
		loop[0] = node;
		loop[1] = (void *)8;
		OK(syscall(SYS_set_robust_list, loop, 24));
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_ERR(syscall(SYS_set_robust_list, NULL, 23), EINVAL);
}

CASE(get_robust_list_of_self)
{
	void *head;
	size_t len;

	OK(syscall(SYS_get_robust_list, 0, &head, &len));
	CHECK_EQ(len, 24);
	CHECK_ERR(syscall(SYS_get_robust_list, 0x7ffffff0, &head, &len), ESRCH);
}

/* The longest that a program which only reads the clock for 60 ms does not get to. ns */
static int64_t longest_gap(void)
{
	int64_t last = now_ns(), end = last + 60000000, now, longest = 0;

	for (; (now = now_ns()) < end; last = now)
		longest = now - last > longest ? now - last : longest;
	return longest;
}

/*
 * What the dead leave behind is taken away a little at a time: 200 of them held up whoever ran
 * next for 170,000 instructions.
 */
CASE_OPT(the_dead_hold_up_nobody, .timeout = 60)
{
	struct gate end;

	if (!getenv("GUEST_EXACT_TIME"))
		SKIP("the machine's clock counts the host's doings as well");
	for (int round = 0; round < 4; round++) {
		pid_t pid[200];
		int64_t gap;

		gate_init(&end);
		for (size_t i = 0; i < ARRAY_SIZE(pid); i++)
			CHILD(pid[i])
				gate_wait(&end);
		for (size_t i = 0; i < ARRAY_SIZE(pid); i++)
			gate_open(&end);
		for (size_t i = 0; i < ARRAY_SIZE(pid); i++)
			CHECK_EQ(wait_exit(pid[i]), 0);
		gap = longest_gap();
		if (gap > 60000)
			FAIL("round %d: a gap of %lld instructions", round, (long long)gap);
	}
}
