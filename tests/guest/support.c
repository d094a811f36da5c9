/* SPDX-License-Identifier: MIT */
/* Small helpers for guest tests, declared in harness.h: waiting, looking into /proc, signals. */
#include "harness.h"

int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

int64_t now_ms(void)
{
	return now_ns() / 1000000;
}

void nap(void)
{
	struct timespec ts = {.tv_nsec = 1000000};

	nanosleep(&ts, NULL);
}

pid_t waiting_child(void)
{
	pid_t pid;

	CHILD(pid) {
		for (;;)
			pause();
	}
	return pid;
}

pid_t xfork(void)
{
	pid_t pid = fork();

	if (pid < 0)
		FAIL("fork: %s", strerror(errno));
	return pid;
}

int wait_status(pid_t pid)
{
	int status;
	pid_t got;

	do
		got = waitpid(pid, &status, __WALL);
	while (got < 0 && errno == EINTR);
	if (got != pid)
		FAIL("waitpid(%d) returns %d: %s", pid, got, strerror(errno));
	return status;
}

int wait_exit_at(const char *file, int line, pid_t pid)
{
	int status = wait_status(pid);

	if (!WIFEXITED(status))
		fail_at(file, line, "child's status is %#x, expected an exit", status);
	return WEXITSTATUS(status);
}

int wait_killed_at(const char *file, int line, pid_t pid)
{
	int status = wait_status(pid);

	if (!WIFSIGNALED(status))
		fail_at(file, line, "child's status is %#x, expected death by a signal", status);
	return WTERMSIG(status);
}

char proc_state(pid_t pid)
{
	char path[64], buf[512], *p;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (slurp(path, buf, sizeof(buf)) <= 0)
		return 0;
	p = strrchr(buf, ')');
	return p ? p[2] : 0;
}

/* The name in parentheses, field 2, may hold spaces and parentheses. */
long long stat_field_in(const char *path, int n)
{
	char buf[2048], *p;

	if (slurp(path, buf, sizeof(buf)) <= 0)
		return -1;
	p = strrchr(buf, ')');
	for (int field = 2; p && field < n; field++)
		p = strchr(p + 1, ' ');
	return p ? strtoll(p, NULL, 10) : -1;
}

long long stat_field(pid_t pid, int n)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	return stat_field_in(path, n);
}

void await_state(pid_t pid, const char *states)
{
	int64_t until = now_ms() + 10000;

	for (;;) {
		char c = proc_state(pid);

		if (c && strchr(states, c))
			return;
		if (now_ms() > until)
			FAIL("process %d is in state %c, expected one of %s", pid, c ? c : '?',
			     states);
		nap();
	}
}

ssize_t slurp(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n;

	if (fd < 0)
		return -1;
	while (used < size - 1 && (n = read(fd, buf + used, size - 1 - used)) > 0)
		used += n;
	buf[used] = 0;
	close(fd);
	return used;
}

long long proc_field(const char *path, const char *key)
{
	static __thread char buf[16384];
	size_t len = strlen(key);
	char *p = buf;

	if (slurp(path, buf, sizeof(buf)) < 0)
		return -1;
	while (p) {
		if (!strncmp(p, key, len) && strchr(": \t", p[len]))
			return strtoll(p + len + strspn(p + len, ": \t"), NULL, 10);
		p = strchr(p, '\n');
		if (p)
			p++;
	}
	return -1;
}

static int write_to(const char *path, int flags, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0644);
	ssize_t n;
	int err;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	err = errno;
	close(fd);
	errno = err;
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

int spew(const char *path, const char *text)
{
	return write_to(path, O_CREAT | O_TRUNC, text);
}

int poke(const char *path, const char *text)
{
	return write_to(path, 0, text);
}

void gate_init(struct gate *g)
{
	OK(pipe2(g->fd, O_CLOEXEC));
}

void gate_open(struct gate *g)
{
	CHECK_EQ(write(g->fd[1], "", 1), 1);
}

void gate_wait(struct gate *g)
{
	char c;
	ssize_t n;

	do
		n = read(g->fd[0], &c, 1);
	while (n < 0 && errno == EINTR);
	CHECK_EQ(n, 1);
}

bool gate_is_open(struct gate *g)
{
	struct pollfd p = {.fd = g->fd[0], .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

void on_signal(int sig, void (*handler)(int), int flags)
{
	struct sigaction sa = {.sa_handler = handler, .sa_flags = flags};

	OK(sigaction(sig, &sa, NULL));
}

void on_siginfo(int sig, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction sa = {.sa_sigaction = handler, .sa_flags = flags | SA_SIGINFO};

	OK(sigaction(sig, &sa, NULL));
}

static void change_mask(int how, int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	OK(sigprocmask(how, &set, NULL));
}

void block_signal(int sig)
{
	change_mask(SIG_BLOCK, sig);
}

void unblock_signal(int sig)
{
	change_mask(SIG_UNBLOCK, sig);
}

bool signal_pending(int sig)
{
	sigset_t set;

	OK(sigpending(&set));
	return sigismember(&set, sig);
}

void *shared(size_t size)
{
	return OK(mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
}

void *no_access_page(void)
{
	return OK(mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

void bind_to(pid_t pid, int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	OK(sched_setaffinity(pid, sizeof(one), &one));
}

int cpu_count(void)
{
	cpu_set_t set;

	OK(sched_getaffinity(0, sizeof(set), &set));
	return CPU_COUNT(&set);
}
