/* SPDX-License-Identifier: MIT */
/* getrlimit(2), setrlimit(2), prlimit64(2): the values, and each limit at work. */
#include "harness.h"

#include <sys/time.h>

static void set_limit(int which, rlim_t cur, rlim_t max)
{
	NEED(setrlimit(which, &(struct rlimit){cur, max}));
}

CASE(get_set_each)
{
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit rl, again;

		OK(getrlimit(i, &rl));
		CHECK(rl.rlim_cur <= rl.rlim_max);
		OK(setrlimit(i, &rl));
		OK(getrlimit(i, &again));
		CHECK_EQ(again.rlim_cur, rl.rlim_cur);
		CHECK_EQ(again.rlim_max, rl.rlim_max);
	}
}

CASE(invalid)
{
	struct rlimit rl = {10, 5};

	CHECK_ERR(getrlimit(99, &rl), EINVAL);
	CHECK_ERR(getrlimit(-1, &rl), EINVAL);
	CHECK_ERR(setrlimit(RLIMIT_CORE, &rl), EINVAL);
}

CASE_ROOT(hard_limit_cannot_be_raised)
{
	OK(setuid(1000));
	set_limit(RLIMIT_CORE, 100, 1000);
	CHECK_ERR(setrlimit(RLIMIT_CORE, &(struct rlimit){100, 1001}), EPERM);
	set_limit(RLIMIT_CORE, 1000, 1000);
	set_limit(RLIMIT_CORE, 0, 500);
}

CASE(prlimit_of_self_returns_old)
{
	struct rlimit old, new = {100, 200};

	set_limit(RLIMIT_CORE, 50, 300);
	OK(prlimit(0, RLIMIT_CORE, &new, &old));
	CHECK_EQ(old.rlim_cur, 50);
	CHECK_EQ(old.rlim_max, 300);
	OK(prlimit(getpid(), RLIMIT_CORE, NULL, &old));
	CHECK_EQ(old.rlim_cur, 100);
}

CASE(prlimit_of_child)
{
	struct rlimit new = {64, 65}, old;
	struct gate g;
	pid_t pid;

	gate_init(&g);
	CHILD(pid) {
		struct rlimit rl;

		gate_wait(&g);
		OK(getrlimit(RLIMIT_NOFILE, &rl));
		CHECK_EQ(rl.rlim_cur, 64);
	}
	OK(prlimit(pid, RLIMIT_NOFILE, &new, &old));
	gate_open(&g);
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_ERR(prlimit(0x7ffffff0, RLIMIT_CORE, NULL, &old), ESRCH);
}

CASE(nofile)
{
	int fd = OK(dup(0)), top = fd, limit = fd + 3;

	set_limit(RLIMIT_NOFILE, limit, 1024);
	while ((fd = dup(0)) >= 0)
		top = fd;
	CHECK_EQ(errno, EMFILE);
	CHECK_EQ(top, limit - 1);
	CHECK_ERR(open("/dev/null", O_RDONLY), EMFILE);
	CHECK_ERR(fcntl(0, F_DUPFD, top + 1), EINVAL);
	CHECK_ERR(dup2(0, top + 1), EBADF);
	int p[2];

	close(top);
	CHECK_ERR(pipe(p), EMFILE);
	OK(dup(0));
}

CASE(fsize_signals)
{
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));
	char buf[2000] = {0};

	set_limit(RLIMIT_FSIZE, 3000, RLIM_INFINITY);
	signal(SIGXFSZ, SIG_IGN);
	CHECK_EQ(write(fd, buf, 2000), 2000);
	CHECK_EQ(write(fd, buf, 2000), 1000);
	CHECK_ERR(write(fd, buf, 1), EFBIG);
	CHECK_ERR(ftruncate(fd, 3001), EFBIG);
	OK(ftruncate(fd, 3000));
	pid_t pid;

	CHILD(pid) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		signal(SIGXFSZ, SIG_DFL);
		write(fd, buf, 1);
	}
	CHECK_EQ(wait_killed(pid), SIGXFSZ);
}

CASE_ROOT(nproc)
{
	struct gate g;

	gate_init(&g);
	OK(setuid(54321));
	set_limit(RLIMIT_NPROC, 3, 3);
	for (int i = 0; i < 2; i++) {
		pid_t pid;

		CHILD(pid) {
			for (;;)
				pause();
		}
	}
	CHECK_ERR(fork(), EAGAIN);
}

/* What the child that came to nothing was a copy of is still there, and used once more. */
CASE_ROOT(refused_forks_leave_the_parent_whole)
{
	cpu_set_t set, now;
	pid_t pid;

	OK(sched_getaffinity(0, sizeof(set), &set));
	OK(sched_setaffinity(0, sizeof(set), &set));
	CHILD(pid) {
		OK(setuid(54323));
		set_limit(RLIMIT_NPROC, 1, 1);
		for (int i = 0; i < 20; i++)
			CHECK_ERR(fork(), EAGAIN);
		OK(sched_getaffinity(0, sizeof(now), &now));
		CHECK(CPU_EQUAL(&set, &now));
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHILD(pid) {
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE_ROOT(nproc_has_room_once_children_are_reaped)
{
	pid_t pid;

	OK(setuid(54322));
	set_limit(RLIMIT_NPROC, 2, 2);
	for (int i = 0; i < 6; i++) {
		CHILD(pid) {
		}
		CHECK_EQ(wait_exit(pid), 0);
	}
}

CASE_ROOT(nproc_does_not_bind_root)
{
	pid_t pid;

	set_limit(RLIMIT_NPROC, 1, 1);
	CHILD(pid) {
	}
	CHECK_EQ(wait_exit(pid), 0);
}

/* It binds everybody, root as well: so it is tried where nobody else is. */
CASE_ROOT(threads_max)
{
	static const char sysctl[] = "/proc/sys/kernel/threads-max";
	char old[32], few[32], load[128];
	int running, total, made = 0, error = 0;
	pid_t pid[40];

	if (access("/proc/jiffy/counts", F_OK))
		SKIP("it would keep the whole host from forking");
	CHECK(slurp(sysctl, old, sizeof(old)) > 0);
	CHECK(slurp("/proc/loadavg", load, sizeof(load)) > 0);
	CHECK_EQ(sscanf(load, "%*s %*s %*s %d/%d", &running, &total), 2);
	snprintf(few, sizeof(few), "%d", total + 20);
	OK(spew(sysctl, few));
	for (; made < 40; made++) {
		pid[made] = fork();
		error = errno;
		if (!pid[made])
			for (;;)
				pause();
		if (pid[made] < 0)
			break;
	}
	OK(spew(sysctl, old));
	/* Others come and go, a few at a time. */
	CHECK(made >= 10 && made <= 30);
	CHECK_EQ(error, EAGAIN);
	for (int i = 0; i < made; i++) {
		kill(pid[i], SIGKILL);
		CHECK_EQ(wait_killed(pid[i]), SIGKILL);
	}
}

CASE(as)
{
	set_limit(RLIMIT_AS, 64 << 20, RLIM_INFINITY);
	CHECK_ERR(mmap(NULL, 65 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
	OK(mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

CASE(data)
{
	set_limit(RLIMIT_DATA, 4 << 20, RLIM_INFINITY);
	char *brk = sbrk(0);

	CHECK_ERR(sbrk(8 << 20), ENOMEM);
	CHECK(sbrk(0) == brk);
	CHECK_ERR(mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
		  ENOMEM);
	OK(mmap(NULL, 8 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

CASE(stack_limit_ends_growth)
{
	pid_t pid;

	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	CHILD(pid) {
		char here;
		volatile char *p = &here;

		set_limit(RLIMIT_STACK, 1 << 20, RLIM_INFINITY);
		for (;;) {
			p -= PAGE;
			*p = 1;
		}
	}
	CHECK_EQ(wait_killed(pid), SIGSEGV);
}

CASE(stack_within_limit_grows)
{
	char here;
	volatile char *p = &here;

	set_limit(RLIMIT_STACK, 4 << 20, RLIM_INFINITY);
	for (int i = 0; i < (3 << 20); i += 4096)
		p[-i] = 1;
}

CASE(cpu_soft_then_hard)
{
	pid_t pid;

	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	CHILD(pid) {
		set_limit(RLIMIT_CPU, 1, 10);
		/* Already used counts: the limit of one second cannot have passed yet. */
		for (;;)
			;
	}
	CHECK_EQ(wait_killed(pid), SIGXCPU);
}

CASE_OPT(cpu_hard_kills, .timeout = 30)
{
	pid_t pid;

	CHILD(pid) {
		signal(SIGXCPU, SIG_IGN);
		set_limit(RLIMIT_CPU, 1, 1);
		for (;;)
			;
	}
	CHECK_EQ(wait_killed(pid), SIGKILL);
}

CASE_ROOT(memlock)
{
	char *p = shared(16 * PAGE);

	OK(mlock(p, 16 * PAGE));
	OK(munlock(p, 16 * PAGE));
	OK(setuid(1000));
	set_limit(RLIMIT_MEMLOCK, 4 * PAGE, 4 * PAGE);
	OK(mlock(p, 4 * PAGE));
	CHECK_ERR(mlock(p, 5 * PAGE), ENOMEM);
	set_limit(RLIMIT_MEMLOCK, 0, 0);
	CHECK_ERR(mlock(p, PAGE), EPERM);
}

CASE_ROOT(nice_limit)
{
	OK(setuid(1000));
	OK(setpriority(PRIO_PROCESS, 0, 5));
	if (setrlimit(RLIMIT_NICE, &(struct rlimit){0, 0}) == 0)
		CHECK_ERR(setpriority(PRIO_PROCESS, 0, 4), EACCES);
}

CASE_ROOT(nice_limit_allows)
{
	set_limit(RLIMIT_NICE, 20 + 5, 20 + 5);
	OK(setuid(1000));
	OK(setpriority(PRIO_PROCESS, 0, -5));
	CHECK_ERR(setpriority(PRIO_PROCESS, 0, -6), EACCES);
}

CASE_ROOT(rtprio_limit)
{
	struct sched_param sp = {.sched_priority = 10};

	set_limit(RLIMIT_RTPRIO, 0, 0);
	pid_t pid;

	CHILD(pid) {
		OK(setuid(1000));
		CHECK_ERR(sched_setscheduler(0, SCHED_FIFO, &sp), EPERM);
	}
	CHECK_EQ(wait_exit(pid), 0);
	set_limit(RLIMIT_RTPRIO, 10, 10);
	CHILD(pid) {
		OK(setuid(1000));
		if (sched_setscheduler(0, SCHED_FIFO, &sp))
			SKIP("no real-time budget in this group");
		sp.sched_priority = 11;
		CHECK_ERR(sched_setscheduler(0, SCHED_FIFO, &sp), EPERM);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

static volatile sig_atomic_t xcpus;

static void count_xcpu(int sig)
{
	(void)sig;
	xcpus++;
}

/* The caller is a real-time task from here on, with so many microseconds at a stretch. */
static void become_real_time(rlim_t soft, rlim_t hard)
{
	struct sched_param sp = {.sched_priority = 1};

	NEED(sched_setscheduler(0, SCHED_FIFO, &sp));
	set_limit(RLIMIT_RTTIME, soft, hard);
}

CASE_ROOT(rttime_soft_signals_and_moves_on)
{
	struct rlimit rl;
	int64_t begin;

	on_signal(SIGXCPU, count_xcpu, 0);
	begin = now_ms();
	become_real_time(100000, RLIM_INFINITY);
	while (!xcpus)
		sched_yield(); /* no sleep: it does not begin anew */
	CHECK(now_ms() - begin >= 90);
	OK(getrlimit(RLIMIT_RTTIME, &rl));
	CHECK_EQ(rl.rlim_cur, 1100000);
	CHECK_EQ(xcpus, 1);
}

CASE_ROOT(rttime_hard_kills)
{
	pid_t pid;

	CHILD(pid) {
		signal(SIGXCPU, SIG_IGN);
		become_real_time(50000, 200000);
		for (;;)
			;
	}
	CHECK_EQ(wait_killed(pid), SIGKILL);
}

CASE_ROOT(rttime_begins_anew_after_a_sleep)
{
	struct timespec ms = {0, 1000000}, used;
	int64_t end = 0;

	on_signal(SIGXCPU, count_xcpu, 0);
	become_real_time(400000, RLIM_INFINITY);
	/* Twice the limit in all, in stretches of a twentieth of it. */
	while (end < 800) {
		end += 20;
		do {
			OK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used));
		} while (used.tv_sec * 1000 + used.tv_nsec / 1000000 < end);
		nanosleep(&ms, NULL);
	}
	CHECK_EQ(xcpus, 0);
}

CASE_ROOT(rttime_is_for_real_time_tasks)
{
	struct timespec used;

	on_signal(SIGXCPU, count_xcpu, 0);
	set_limit(RLIMIT_RTTIME, 20000, RLIM_INFINITY);
	do {
		OK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used));
	} while (used.tv_nsec < 200000000);
	CHECK_EQ(xcpus, 0);
}

CASE(core_zero_leaves_no_file)
{
	pid_t pid;
	int status;

	set_limit(RLIMIT_CORE, 0, 0);
	CHILD(pid) {
		raise(SIGSEGV);
	}
	status = wait_status(pid);
	CHECK(WIFSIGNALED(status));
	CHECK(!WCOREDUMP(status));
	CHECK(access("core", F_OK));
}

CASE(core_file_is_an_elf_core)
{
	char pattern[256], head[20];
	pid_t pid;
	int status, fd;

	if (slurp("/proc/sys/kernel/core_pattern", pattern, sizeof(pattern)) < 0 ||
	    strcmp(pattern, "core\n"))
		SKIP("core_pattern is not \"core\"");
	set_limit(RLIMIT_CORE, RLIM_INFINITY, RLIM_INFINITY);
	CHILD(pid) {
		raise(SIGSEGV);
	}
	status = wait_status(pid);
	CHECK(WIFSIGNALED(status) && WCOREDUMP(status));
	fd = open("core", O_RDONLY);
	if (fd < 0) {
		char name[32];

		snprintf(name, sizeof(name), "core.%d", pid);
		fd = OK(open(name, O_RDONLY));
	}
	CHECK_EQ(read(fd, head, sizeof(head)), sizeof(head));
	CHECK(!memcmp(head, "\177ELF", 4));
	CHECK_EQ(head[16], 4); /* ET_CORE */
}

CASE(not_dumpable_leaves_no_core)
{
	pid_t pid;
	int status;

	set_limit(RLIMIT_CORE, RLIM_INFINITY, RLIM_INFINITY);
	CHILD(pid) {
		OK(prctl(PR_SET_DUMPABLE, 0));
		raise(SIGSEGV);
	}
	status = wait_status(pid);
	CHECK(!WCOREDUMP(status));
}

CASE(limits_file_shows_them)
{
	char buf[4096], *p;

	set_limit(RLIMIT_NOFILE, 950, 1000);
	CHECK(slurp("/proc/self/limits", buf, sizeof(buf)) > 0);
	p = strstr(buf, "Max open files");
	CHECK(p);
	CHECK(strstr(p, "950"));
	CHECK(strstr(p, "1000"));
	CHECK(strstr(buf, "Max realtime timeout"));
}
