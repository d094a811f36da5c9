/* SPDX-License-Identifier: MIT */
/* fork(2), vfork(2): what the child gets, what it does not, and copy-on-write of its memory. */
#include "harness.h"

#include <sys/file.h>
#include <sys/time.h>

CASE(returns_child_pid)
{
	int *seen = shared(PAGE);
	pid_t pid;

	CHILD(pid) {
		*seen = getpid();
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(*seen, pid);
}

CASE(child_knows_parent)
{
	pid_t me = getpid(), pid;

	CHILD(pid) {
		CHECK_EQ(getppid(), me);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(pids_differ)
{
	pid_t a, b;

	CHILD(a) {
	}
	CHILD(b) {
	}
	CHECK(a != b);
	CHECK_EQ(wait_exit(b), 0);
	CHECK_EQ(wait_exit(a), 0);
}

CASE(memory_is_private)
{
	/* In memory, not folded into the comparison: nobody else can see any of the three. */
	static volatile int data = 1;
	volatile int stack = 1, *heap = malloc(4);
	pid_t pid;

	*heap = 1;
	CHILD(pid) {
		data = 2;
		stack = 2;
		*heap = 2;
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(data + stack + *heap, 3);
}

CASE(parent_write_unseen_by_child)
{
	static volatile int data = 1;
	struct gate g;
	pid_t pid;

	gate_init(&g);
	CHILD(pid) {
		gate_wait(&g);
		CHECK_EQ(data, 1);
	}
	data = 2;
	gate_open(&g);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(cow_many_pages)
{
	enum { N = 600 };
	int *p = mmap(NULL, N * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	for (int i = 0; i < N; i++)
		p[i * 1024] = i;
	CHILD(pid) {
		for (int i = 0; i < N; i += 2)
			p[i * 1024] = -1;
		for (int i = 0; i < N; i++)
			CHECK_EQ(p[i * 1024], i % 2 ? i : -1);
	}
	for (int i = 1; i < N; i += 2)
		p[i * 1024] = -2;
	CHECK_EQ(wait_exit(pid), 0);
	for (int i = 0; i < N; i++)
		CHECK_EQ(p[i * 1024], i % 2 ? -2 : i);
}

CASE(cow_three_generations)
{
	static volatile int v = 1;
	pid_t pid;

	CHILD(pid) {
		pid_t grandchild;

		v = 2;
		CHILD(grandchild) {
			v = 3;
			CHECK_EQ(v, 3);
		}
		CHECK_EQ(wait_exit(grandchild), 0);
		CHECK_EQ(v, 2);
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(v, 1);
}

CASE(cow_write_by_kernel)
{
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd[2];
	pid_t pid;

	memset(p, 'a', 10);
	OK(pipe(fd));
	CHECK_EQ(write(fd[1], "bbbb", 4), 4);
	CHILD(pid) {
		CHECK_EQ(read(fd[0], p, 4), 4);
		CHECK(!memcmp(p, "bbbbaa", 6));
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK(!memcmp(p, "aaaaaa", 6));
}

CASE(cow_after_child_is_gone)
{
	char *p = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(p, 1, 8 * PAGE);
	for (int i = 0; i < 10; i++) {
		pid_t pid;

		CHILD(pid) {
		}
		CHECK_EQ(wait_exit(pid), 0);
		memset(p, i, 8 * PAGE);
		CHECK_EQ(p[7 * PAGE + 5], i);
	}
}

CASE(shared_mapping_is_shared)
{
	volatile int *p = shared(PAGE);
	pid_t pid;

	CHILD(pid) {
		p[0] = 42;
		while (!p[1])
			sched_yield();
	}
	EVENTUALLY(p[0] == 42);
	p[1] = 1;
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(file_offset_is_shared)
{
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));
	pid_t pid;

	CHILD(pid) {
		CHECK_EQ(write(fd, "abc", 3), 3);
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 3);
}

CASE(descriptor_table_is_copied)
{
	int fd = OK(open("/dev/null", O_RDWR));
	pid_t pid;

	CHILD(pid) {
		OK(close(fd));
		OK(open("/dev/null", O_RDWR));
		OK(open("/dev/null", O_RDWR));
	}
	CHECK_EQ(wait_exit(pid), 0);
	OK(fcntl(fd, F_GETFD));
	CHECK_ERR(fcntl(fd + 1, F_GETFD), EBADF);
}

CASE(cloexec_survives_fork)
{
	int fd = OK(open("/dev/null", O_RDWR | O_CLOEXEC));
	pid_t pid;

	CHILD(pid) {
		CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(working_directory_is_copied)
{
	char buf[PATH_MAX], after[PATH_MAX];
	pid_t pid;

	CHECK(getcwd(buf, sizeof(buf)));
	CHILD(pid) {
		OK(chdir("/"));
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK(getcwd(after, sizeof(after)));
	CHECK_STR(after, buf);
}

CASE(umask_is_inherited)
{
	pid_t pid;

	umask(035);
	CHILD(pid) {
		CHECK_EQ(umask(0), 035);
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(umask(0), 035);
}

CASE(session_and_group_are_inherited)
{
	pid_t me = getpid(), pid;

	CHILD(pid) {
		CHECK_EQ(getpgrp(), me);
		CHECK_EQ(getsid(0), me);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

static void nothing(int sig)
{
	(void)sig;
}

CASE(signal_actions_are_inherited)
{
	struct sigaction sa;
	pid_t pid;

	on_signal(SIGUSR1, nothing, SA_RESTART);
	signal(SIGUSR2, SIG_IGN);
	CHILD(pid) {
		OK(sigaction(SIGUSR1, NULL, &sa));
		CHECK(sa.sa_handler == nothing && sa.sa_flags & SA_RESTART);
		OK(sigaction(SIGUSR2, NULL, &sa));
		CHECK(sa.sa_handler == SIG_IGN);
		signal(SIGUSR1, SIG_DFL);
	}
	CHECK_EQ(wait_exit(pid), 0);
	OK(sigaction(SIGUSR1, NULL, &sa));
	CHECK(sa.sa_handler == nothing);
}

CASE(signal_mask_is_inherited_pending_is_not)
{
	sigset_t set;
	pid_t pid;

	block_signal(SIGUSR1);
	raise(SIGUSR1);
	CHECK(signal_pending(SIGUSR1));
	CHILD(pid) {
		CHECK(!signal_pending(SIGUSR1));
		OK(sigprocmask(SIG_BLOCK, NULL, &set));
		CHECK(sigismember(&set, SIGUSR1));
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK(signal_pending(SIGUSR1));
}

CASE(alarm_and_itimer_are_not_inherited)
{
	struct itimerval it;
	pid_t pid;

	alarm(100);
	CHILD(pid) {
		OK(getitimer(ITIMER_REAL, &it));
		CHECK_EQ(it.it_value.tv_sec, 0);
		CHECK_EQ(alarm(0), 0);
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK(alarm(0) > 0);
}

CASE(cpu_times_start_at_zero)
{
	struct rusage ru;
	pid_t pid;

	for (volatile int i = 0; i < 3000000; i++)
		;
	CHILD(pid) {
		struct timespec ts;

		OK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts));
		OK(getrusage(RUSAGE_CHILDREN, &ru));
		CHECK_EQ(ru.ru_utime.tv_sec * 1000000 + ru.ru_utime.tv_usec, 0);
		CHECK_EQ(ru.ru_minflt, 0);
		CHECK(ts.tv_sec == 0);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(record_locks_are_not_inherited)
{
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));
	struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	pid_t me = getpid(), pid;

	OK(fcntl(fd, F_SETLK, &fl));
	CHILD(pid) {
		struct flock probe = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

		OK(fcntl(fd, F_GETLK, &probe));
		CHECK_EQ(probe.l_type, F_WRLCK);
		CHECK_EQ(probe.l_pid, me);
		CHECK_ERR(fcntl(fd, F_SETLK, &fl), EAGAIN);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(flock_is_shared_with_child)
{
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600)), other;
	pid_t pid;

	OK(flock(fd, LOCK_EX));
	CHILD(pid) {
		OK(flock(fd, LOCK_UN));
	}
	CHECK_EQ(wait_exit(pid), 0);
	other = OK(open("f", O_RDWR));
	OK(flock(other, LOCK_EX | LOCK_NB));
}

CASE(memory_locks_are_not_inherited)
{
	void *p = shared(PAGE);
	pid_t pid;

	OK(mlock(p, PAGE));
	CHECK_EQ(proc_field("/proc/self/status", "VmLck"), 4);
	CHILD(pid) {
		CHECK_EQ(proc_field("/proc/self/status", "VmLck"), 0);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(madv_dontfork_leaves_a_hole)
{
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	OK(madvise(p, PAGE, MADV_DONTFORK));
	*p = 1;
	CHILD(pid) {
		*(volatile char *)p;
	}
	CHECK_EQ(wait_killed(pid), SIGSEGV);
}

CASE(madv_wipeonfork_gives_zeroes)
{
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	OK(madvise(p, PAGE, MADV_WIPEONFORK));
	*p = 7;
	CHILD(pid) {
		CHECK_EQ(*p, 0);
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(*p, 7);
}

CASE(name_is_inherited)
{
	char name[16];
	pid_t pid;

	OK(prctl(PR_SET_NAME, "forked-one"));
	CHILD(pid) {
		OK(prctl(PR_GET_NAME, name));
		CHECK_STR(name, "forked-one");
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(nice_is_inherited)
{
	pid_t pid;

	OK(setpriority(PRIO_PROCESS, 0, 7));
	CHILD(pid) {
		CHECK_EQ(getpriority(PRIO_PROCESS, 0), 7);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(limits_are_inherited)
{
	struct rlimit rl = {.rlim_cur = 100, .rlim_max = 1000};
	pid_t pid;

	OK(setrlimit(RLIMIT_NOFILE, &(struct rlimit){950, 1000}));
	CHILD(pid) {
		OK(getrlimit(RLIMIT_NOFILE, &rl));
		CHECK_EQ(rl.rlim_cur, 950);
		CHECK_EQ(rl.rlim_max, 1000);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(environment_and_arguments_survive)
{
	pid_t pid;

	setenv("GUEST_VALUE", "17", 1);
	CHILD(pid) {
		CHECK_STR(getenv("GUEST_VALUE"), "17");
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(vfork_parent_waits_for_exit)
{
	volatile int *p = shared(PAGE);
	pid_t pid = vfork();

	if (pid == 0) {
		usleep(20000); /* a parent that does not wait has the CPU */
		*p = 1;
		_exit(5);
	}
	CHECK_EQ(*p, 1);
	CHECK_EQ(wait_exit(pid), 5);
}

CASE(vfork_shares_memory)
{
	static volatile int v;
	pid_t pid = vfork();

	if (pid == 0) {
		v = 9;
		_exit(0);
	}
	CHECK_EQ(v, 9);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(vfork_copies_descriptors)
{
	int fd = OK(open("/dev/null", O_RDONLY));
	pid_t pid = vfork();

	if (pid == 0) {
		close(fd);
		_exit(0);
	}
	OK(fcntl(fd, F_GETFD));
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(vfork_child_killed_wakes_parent)
{
	pid_t pid = vfork();

	if (pid == 0) {
		kill(getpid(), SIGKILL);
		_exit(1);
	}
	CHECK_EQ(wait_killed(pid), SIGKILL);
}

CASE(vfork_parent_can_be_killed)
{
	struct gate ready;
	pid_t parent;
	volatile pid_t *grandchild = shared(PAGE);

	gate_init(&ready);
	CHILD(parent) {
		pid_t pid = vfork();

		if (pid == 0) {
			*grandchild = getpid();
			write(ready.fd[1], "", 1);
			for (;;)
				pause();
		}
	}
	gate_wait(&ready);
	OK(kill(parent, SIGKILL));
	CHECK_EQ(wait_killed(parent), SIGKILL);
	OK(kill(*grandchild, SIGKILL));
}

CASE_OPT(two_hundred_children, .timeout = 60)
{
	enum { N = 200 };
	pid_t pid[N];
	struct gate go;

	gate_init(&go);
	for (int i = 0; i < N; i++) {
		CHILD(pid[i]) {
			char c;

			close(go.fd[1]);
			read(go.fd[0], &c, 1);
			_exit(i & 127);
		}
	}
	close(go.fd[1]);
	for (int i = 0; i < N; i++)
		CHECK_EQ(wait_exit(pid[i]), i & 127);
}

CASE(chain_of_thirty)
{
	int depth = 0;
	pid_t pid;

	for (;;) {
		pid = xfork();
		if (pid)
			break;
		if (++depth == 30)
			_exit(0);
	}
	CHECK_EQ(wait_exit(pid), 0);
	if (depth)
		_exit(0);
}

CASE(child_has_one_thread)
{
	pid_t pid;

	CHILD(pid) {
		CHECK_EQ(gettid(), getpid());
		CHECK_EQ(proc_field("/proc/self/status", "Threads"), 1);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(stack_grows_in_child)
{
	pid_t pid;

	CHILD(pid) {
		volatile char big[600000];

		for (size_t i = sizeof(big) - 1; i > 4096; i -= 4096)
			big[i] = 1;
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(read_only_mapping_stays_read_only)
{
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	*p = 1;
	OK(mprotect(p, PAGE, PROT_READ));
	CHILD(pid) {
		*p = 2;
	}
	CHECK_EQ(wait_killed(pid), SIGSEGV);
}

CASE(file_private_mapping_copies)
{
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));
	char *p;
	pid_t pid;

	CHECK_EQ(write(fd, "hello", 5), 5);
	p = OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
	CHILD(pid) {
		p[0] = 'J';
		CHECK(!memcmp(p, "Jello", 5));
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK(!memcmp(p, "hello", 5));
}
