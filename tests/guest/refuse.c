/* SPDX-License-Identifier: MIT */
/*
 * Whatever can touch another process asks first: one table of all such calls, made by an ordinary
 * user to a process of root's, to one of another user's and to one of its own. credentials(7),
 * ptrace(2) "Ptrace access mode checking", and the manual page of each call.
 */
#include "harness.h"

#include <linux/kcmp.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#define ME    1000
#define OTHER 1001

/* What the calls are made to: a process that sleeps, its pidfd, and a number it has. */
static struct victim {
	pid_t pid;
	int pidfd;
	void *address;
} victim;

static long do_kill(void)
{
	return kill(victim.pid, SIGWINCH);
}

static long do_tgkill(void)
{
	return syscall(SYS_tgkill, victim.pid, victim.pid, SIGWINCH);
}

static long do_tkill(void)
{
	return syscall(SYS_tkill, victim.pid, SIGWINCH);
}

static long do_sigqueue(void)
{
	return sigqueue(victim.pid, SIGWINCH, (union sigval){.sival_int = 1});
}

static long do_tgsigqueue(void)
{
	siginfo_t si = {.si_signo = SIGWINCH, .si_code = SI_QUEUE};

	return syscall(SYS_rt_tgsigqueueinfo, victim.pid, victim.pid, SIGWINCH, &si);
}

static long do_pidfd_send_signal(void)
{
	return syscall(SYS_pidfd_send_signal, victim.pidfd, SIGWINCH, NULL, 0);
}

static long do_pidfd_getfd(void)
{
	return syscall(SYS_pidfd_getfd, victim.pidfd, 0, 0);
}

static long do_attach(void)
{
	long ret = ptrace(PTRACE_ATTACH, victim.pid, 0, 0);

	if (!ret) {
		waitpid(victim.pid, NULL, __WALL);
		ptrace(PTRACE_DETACH, victim.pid, 0, 0);
	}
	return ret;
}

static long do_seize(void)
{
	long ret = ptrace(PTRACE_SEIZE, victim.pid, 0, 0);

	if (!ret) {
		ptrace(PTRACE_INTERRUPT, victim.pid, 0, 0);
		waitpid(victim.pid, NULL, __WALL);
		ptrace(PTRACE_DETACH, victim.pid, 0, 0);
	}
	return ret;
}

static long do_vm_readv(void)
{
	char here[8];
	struct iovec to = {here, 8}, from = {victim.address, 8};

	return process_vm_readv(victim.pid, &to, 1, &from, 1, 0) == 8 ? 0 : -1;
}

static long do_vm_writev(void)
{
	char here[8] = {0};
	struct iovec from = {here, 8}, to = {victim.address, 8};

	return process_vm_writev(victim.pid, &from, 1, &to, 1, 0) == 8 ? 0 : -1;
}

static long do_kcmp(void)
{
	return syscall(SYS_kcmp, getpid(), victim.pid, KCMP_VM, 0, 0) < 0 ? -1 : 0;
}

static long do_prlimit_get(void)
{
	struct rlimit rl;

	return prlimit(victim.pid, RLIMIT_CORE, NULL, &rl);
}

static long do_prlimit_set(void)
{
	return prlimit(victim.pid, RLIMIT_CORE, &(struct rlimit){0, 0}, NULL);
}

static long do_setpriority(void)
{
	return setpriority(PRIO_PROCESS, victim.pid, 10);
}

static long do_setscheduler(void)
{
	return sched_setscheduler(victim.pid, SCHED_BATCH, &(struct sched_param){0});
}

static long do_setparam(void)
{
	return sched_setparam(victim.pid, &(struct sched_param){0});
}

static long do_setattr(void)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} attr = {.size = sizeof(attr), .policy = SCHED_BATCH, .nice = 10};

	return syscall(SYS_sched_setattr, victim.pid, &attr, 0);
}

static long do_setaffinity(void)
{
	cpu_set_t set;

	sched_getaffinity(0, sizeof(set), &set);
	return sched_setaffinity(victim.pid, sizeof(set), &set);
}

static long do_ioprio_set(void)
{
	return syscall(SYS_ioprio_set, 1, victim.pid, 2 << 13 | 5);
}

static long do_get_robust_list(void)
{
	size_t len;
	void *head;

	return syscall(SYS_get_robust_list, victim.pid, &head, &len);
}

static long do_clock_of(void)
{
	clockid_t clock;
	struct timespec ts;

	/* Reading another's CPU time needs no right at all. */
	if (clock_getcpuclockid(victim.pid, &clock))
		return -1;
	return clock_gettime(clock, &ts);
}

static long do_kill_group(void)
{
	return kill(-victim.pid, SIGWINCH);
}

static long do_attach_later(void)
{
	/* Who does not trace it is told that there is no such tracee. */
	return ptrace(PTRACE_CONT, victim.pid, 0, 0);
}

static long do_setpriority_group(void)
{
	return setpriority(PRIO_PGRP, victim.pid, 10);
}

static long do_ioprio_set_group(void)
{
	return syscall(SYS_ioprio_set, 2, victim.pid, 2 << 13 | 5);
}

static long do_setns(void)
{
	return setns(victim.pidfd, CLONE_NEWUTS);
}

static long do_setpgid(void)
{
	return setpgid(victim.pid, victim.pid);
}

static long do_capset(void)
{
	uint32_t head[2] = {0x20080522, victim.pid}, data[6] = {0};

	return syscall(SYS_capset, head, data);
}

static long do_capget(void)
{
	uint32_t head[2] = {0x20080522, victim.pid}, data[6];

	return syscall(SYS_capget, head, data);
}

static clockid_t clock_of_victim(void)
{
	return (clockid_t)(~(unsigned int)victim.pid << 3 | 2);
}

static long do_clock_settime(void)
{
	return clock_settime(clock_of_victim(), &(struct timespec){0});
}

static long do_timer_create(void)
{
	int timer;

	return syscall(SYS_timer_create, clock_of_victim(), NULL, &timer);
}

static long do_pidfd_open(void)
{
	int fd = syscall(SYS_pidfd_open, victim.pid, 0);

	return fd < 0 ? -1 : close(fd);
}

static long do_wait(void)
{
	return waitpid(victim.pid, NULL, WNOHANG);
}

/* What is told to everybody: 0 when each of them answers. */
static long do_getters(void)
{
	struct sched_param param;
	struct timespec ts;
	cpu_set_t set;
	char attr[56];

	errno = 0;
	if (getpriority(PRIO_PROCESS, victim.pid) == -1 && errno)
		return -1;
	return sched_getscheduler(victim.pid) < 0 || sched_getparam(victim.pid, &param) ||
		       sched_getaffinity(victim.pid, sizeof(set), &set) ||
		       sched_rr_get_interval(victim.pid, &ts) ||
		       syscall(SYS_sched_getattr, victim.pid, attr, sizeof(attr), 0) ||
		       syscall(SYS_ioprio_get, 1, victim.pid) < 0 || getpgid(victim.pid) < 0 ||
		       getsid(victim.pid) < 0
		   ? -1
		   : 0;
}

static const struct call {
	const char *name;
	long (*call)(void);
	int error;     /* for another's process */
	int own_error; /* for one's own */
} calls[] = {
    {"kill", do_kill, EPERM, 0},
    {"tgkill", do_tgkill, EPERM, 0},
    {"tkill", do_tkill, EPERM, 0},
    {"rt_sigqueueinfo", do_sigqueue, EPERM, 0},
    {"rt_tgsigqueueinfo", do_tgsigqueue, EPERM, 0},
    {"pidfd_send_signal", do_pidfd_send_signal, EPERM, 0},
    {"pidfd_getfd", do_pidfd_getfd, EPERM, 0},
    {"ptrace attach", do_attach, EPERM, 0},
    {"ptrace seize", do_seize, EPERM, 0},
    {"process_vm_readv", do_vm_readv, EPERM, 0},
    {"process_vm_writev", do_vm_writev, EPERM, 0},
    {"kcmp", do_kcmp, EPERM, 0},
    {"prlimit get", do_prlimit_get, EPERM, 0},
    {"prlimit set", do_prlimit_set, EPERM, 0},
    {"setpriority", do_setpriority, EPERM, 0},
    {"sched_setscheduler", do_setscheduler, EPERM, 0},
    {"sched_setparam", do_setparam, EPERM, 0},
    {"sched_setattr", do_setattr, EPERM, 0},
    {"sched_setaffinity", do_setaffinity, EPERM, 0},
    {"ioprio_set", do_ioprio_set, EPERM, 0},
    {"get_robust_list", do_get_robust_list, EPERM, 0},
    {"clock_gettime", do_clock_of, 0, 0},
    {"kill of a group", do_kill_group, EPERM, 0},
    {"ptrace cont", do_attach_later, ESRCH, ESRCH},
    {"setpriority of a group", do_setpriority_group, EPERM, 0},
    {"ioprio_set of a group", do_ioprio_set_group, EPERM, 0},
    {"setns", do_setns, EPERM, EPERM},
    {"setpgid", do_setpgid, ESRCH, ESRCH},
    {"capset", do_capset, EPERM, EPERM},
    {"capget", do_capget, 0, 0},
    {"clock_settime", do_clock_settime, EPERM, EPERM},
    {"timer_create", do_timer_create, 0, 0},
    {"pidfd_open", do_pidfd_open, 0, 0},
    {"wait4", do_wait, ECHILD, ECHILD},
    {"getters", do_getters, 0, 0},
};

static const struct entry {
	const char *name;
	int flags; /* of open(2); O_PATH: readlink(2) */
	int error, own_error;
} entries[] = {
    {"environ", O_RDONLY, EACCES, 0},
    {"auxv", O_RDONLY, EACCES, 0},
    {"mem", O_RDWR, EACCES, 0},
    {"maps", O_RDONLY, EACCES, 0},
    {"smaps", O_RDONLY, EACCES, 0},
    {"io", O_RDONLY, EACCES, 0},
    {"personality", O_RDONLY, EACCES, 0},
    {"fd", O_RDONLY | O_DIRECTORY, EACCES, 0},
    {"map_files", O_RDONLY | O_DIRECTORY, EACCES, 0},
    {"ns", O_RDONLY | O_DIRECTORY, EACCES, 0},
    {"exe", O_PATH, EACCES, 0},
    {"cwd", O_PATH, EACCES, 0},
    {"root", O_PATH, EACCES, 0},
    {"fd/0", O_PATH, EACCES, 0},
    {"ns/pid", O_PATH, EACCES, 0},
    {"comm", O_WRONLY, EACCES, 0},
    {"oom_score_adj", O_WRONLY, EACCES, 0},
    {"uid_map", O_WRONLY, EACCES, 0},
    {"coredump_filter", O_WRONLY, EACCES, 0},
    {"fdinfo", O_RDONLY | O_DIRECTORY, EACCES, 0},
    {"fdinfo/0", O_RDONLY, EACCES, 0},
    {"syscall", O_RDONLY, EACCES, 0},
    {"stack", O_RDONLY, EACCES, EACCES},
    {"smaps_rollup", O_RDONLY, EACCES, 0},
    {"mountstats", O_RDONLY, EACCES, 0},
    {"timers", O_RDONLY, EACCES, 0},
    {"pagemap", O_RDONLY, EACCES, 0},
    {"clear_refs", O_WRONLY, EACCES, 0},
    {"timerslack_ns", O_RDONLY, EPERM, EPERM},
    {"fail-nth", O_WRONLY, EACCES, 0},
    {"autogroup", O_WRONLY, EACCES, 0},
    {"sched", O_WRONLY, EACCES, 0},
    {"oom_adj", O_WRONLY, EACCES, 0},
    {"gid_map", O_WRONLY, EACCES, 0},
    {"setgroups", O_WRONLY, EACCES, EACCES},
    {"loginuid", O_WRONLY, EACCES, 0},
    {"task", O_RDONLY | O_DIRECTORY, 0, 0},
    {"cgroup", O_RDONLY, 0, 0},
    {"wchan", O_RDONLY, 0, 0},
    {"schedstat", O_RDONLY, 0, 0},
    {"stat", O_RDONLY, 0, 0},
    {"status", O_RDONLY, 0, 0},
    {"statm", O_RDONLY, 0, 0},
    {"cmdline", O_RDONLY, 0, 0},
    {"comm", O_RDONLY, 0, 0},
    {"limits", O_RDONLY, 0, 0},
    {"oom_score", O_RDONLY, 0, 0},
    {"mountinfo", O_RDONLY, 0, 0},
};

/* Opens and reads; some files let everybody open them and refuse when they are read. */
static int try_entry(const struct entry *e)
{
	char path[64], buf[256];
	int fd, ret = 0;

	snprintf(path, sizeof(path), "/proc/%d/%s", victim.pid, e->name);
	if (e->flags == O_PATH)
		return readlink(path, buf, sizeof(buf)) < 0 ? errno : 0;
	fd = open(path, e->flags);
	if (fd < 0)
		return errno;
	if (e->flags == O_RDONLY && read(fd, buf, sizeof(buf)) < 0)
		ret = errno;
	close(fd);
	return ret;
}

/* Whose process it is: another user's; one's own; or one's own that PR_SET_DUMPABLE 0 hides. */
enum whose { OTHERS, OWN, HIDDEN };

/* The ids agree, but the process must not be looked into. */
static bool looks_into(const char *name)
{
	static const char *const calls_that_do[] = {
	    "ptrace attach", "ptrace seize", "process_vm_readv", "process_vm_writev",
	    "kcmp",	     "pidfd_getfd",  "get_robust_list"};

	for (size_t i = 0; i < ARRAY_SIZE(calls_that_do); i++)
		if (!strcmp(calls_that_do[i], name))
			return true;
	return false;
}

static void try_all(enum whose whose)
{
	char wrong[1024] = "";
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		int want = whose == OTHERS || (whose == HIDDEN && looks_into(calls[i].name))
			       ? calls[i].error
			       : calls[i].own_error;
		int got;

		errno = 0;
		got = calls[i].call() ? errno : 0;
		if (got == ENOSYS)
			continue; /* a kernel without it refuses everybody */
		if (got != want && len < sizeof(wrong))
			len += snprintf(wrong + len, sizeof(wrong) - len, "%s: %d, not %d; ",
					calls[i].name, got, want);
	}
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		int want = whose == OWN ? entries[i].own_error : entries[i].error,
		    got = try_entry(&entries[i]);

		if (got == ENOENT)
			continue;
		if (got != want && len < sizeof(wrong))
			len += snprintf(wrong + len, sizeof(wrong) - len,
					"/proc/PID/%s: %d, not %d; ", entries[i].name, got, want);
	}
	if (len)
		FAIL("%s", wrong);
}

/* A child of user uid, asleep, in a group of its own. */
static void make_victim(uid_t uid, int dumpable)
{
	struct gate ready;

	gate_init(&ready);
	victim.address = shared(PAGE);
	CHILD(victim.pid) {
		OK(setpgid(0, 0));
		OK(setgid(uid));
		OK(setuid(uid));
		OK(prctl(PR_SET_DUMPABLE, dumpable));
		gate_open(&ready);
		for (;;)
			pause();
	}
	gate_wait(&ready);
	await_state(victim.pid, "S");
	victim.pidfd = NEED(syscall(SYS_pidfd_open, victim.pid, 0));
}

static void as_user(uid_t uid, enum whose whose)
{
	pid_t pid;

	CHILD(pid) {
		OK(setgid(uid));
		OK(setuid(uid));
		try_all(whose);
	}
	CHECK_EQ(wait_exit(pid), 0);
	OK(kill(victim.pid, SIGKILL));
	wait_status(victim.pid);
}

CASE_ROOT(an_ordinary_user_to_a_process_of_root)
{
	make_victim(0, 1);
	as_user(ME, OTHERS);
}

CASE_ROOT(an_ordinary_user_to_one_of_another_user)
{
	make_victim(OTHER, 1);
	as_user(ME, OTHERS);
}

CASE_ROOT(an_ordinary_user_to_its_own)
{
	make_victim(ME, 1);
	as_user(ME, OWN);
}

CASE_ROOT(what_dumpable_hides_from_its_own_user)
{
	make_victim(ME, 0);
	as_user(ME, HIDDEN);
}

/* Without one capability the rest does not help; with the one, it is enough. */
CASE_ROOT(the_capability_that_each_needs)
{
	static const struct {
		int cap;
		const char *name;
	} needs[] = {{5, "kill"},	    /* CAP_KILL */
		     {19, "ptrace attach"}, /* CAP_SYS_PTRACE */
		     {19, "process_vm_readv"},
		     {23, "setpriority"}, /* CAP_SYS_NICE */
		     {23, "sched_setaffinity"},
		     {24, "prlimit set"}}; /* CAP_SYS_RESOURCE */

	make_victim(OTHER, 1);
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		const struct call *c = calls;
		pid_t pid;

		while (strcmp(c->name, needs[i].name))
			c++;
		CHILD(pid) {
			uint32_t head[2] = {0x20080522, 0}, data[6] = {0};

			OK(prctl(PR_SET_KEEPCAPS, 1));
			OK(setgid(ME));
			OK(setuid(ME));
			/* Permitted still; the effective ones are gone: first it is refused. */
			errno = 0;
			if (!c->call() || errno != EPERM)
				FAIL("%s without: errno %d", c->name, errno);
			OK(syscall(SYS_capget, head, data));
			if (!(data[1] & 1u << needs[i].cap))
				_exit(0); /* not even root has it on this machine */
			memset(data, 0, sizeof(data));
			data[0] = data[1] = 1u << needs[i].cap;
			OK(syscall(SYS_capset, head, data));
			if (c->call())
				FAIL("%s with its capability: errno %d", c->name, errno);
		}
		CHECK_EQ(wait_exit(pid), 0);
	}
}
