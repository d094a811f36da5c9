/* SPDX-License-Identifier: MIT */
/* Who gets how much of one CPU: busy processes of several nice values, and in groups. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define ROOT	  "/cgroup"
#define MAX_TASKS 6

/* Of a task: its name, its nice value, and the directory of its cgroup, NULL where there are none. */
struct share {
	const char *name;
	int nice;
	const char *group;
};

static const struct share by_nice[MAX_TASKS] = {
    {"-10", -10, NULL}, {"-5", -5, NULL}, {"+0", 0, NULL},
    {"+0b", 0, NULL},	{"+5", 5, NULL},  {"+10", 10, NULL},
};

/* Beside a task of the root: 300 parts of 500 for a; b's 100 are divided 200 to 50. */
static const struct share by_group[MAX_TASKS] = {
    {"root+0", 0, ROOT},       {"a+0", 0, ROOT "/a"},	   {"a+5", 5, ROOT "/a"},
    {"b/c+0", 0, ROOT "/b/c"}, {"b/d-5", -5, ROOT "/b/d"}, {"b/d+0", 0, ROOT "/b/d"},
};

static void put(const char *dir, const char *file, const char *text)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	fd = check(open(path, O_WRONLY | O_CLOEXEC));
	check(write(fd, text, strlen(text)));
	close(fd);
}

static void make_dir(const char *dir)
{
	if (mkdir(dir, 0755) && errno != EEXIST)
		fail(dir);
}

static void make_group(const char *dir, const char *weight)
{
	make_dir(dir);
	put(dir, "cpu.weight", weight);
}

static void make_groups(void)
{
	make_dir(ROOT);
	check(mount("none", ROOT, "cgroup2", 0, NULL));
	put(ROOT, "cgroup.subtree_control", "+cpu");
	make_group(ROOT "/a", "300");
	make_group(ROOT "/b", "100");
	put(ROOT "/b", "cgroup.subtree_control", "+cpu");
	make_group(ROOT "/b/c", "200");
	make_group(ROOT "/b/d", "50");
}

static void remove_groups(void)
{
	static const char *const dirs[] = {ROOT "/b/d", ROOT "/b/c", ROOT "/b", ROOT "/a"};

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		check(rmdir(dirs[i]));
	check(umount(ROOT));
}

static pid_t begin(const struct share *s)
{
	pid_t pid = check(fork());

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a row that fails leaves nobody busy */
	if (s->group)
		put(s->group, "cgroup.procs", "0");
	check(setpriority(PRIO_PROCESS, 0, s->nice));
	for (;;)
		;
}

static uint64_t cpu_time_of(pid_t pid)
{
	struct timespec ts;
	clockid_t clock;

	check_error(clock_getcpuclockid(pid, &clock));
	check(clock_gettime(clock, &ts));
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static void run_shares(const char *param)
{
	static const struct timespec settle = {.tv_nsec = 200 * NSEC_PER_MSEC},
				     span = {.tv_sec = 2};
	const struct sched_param watcher = {.sched_priority = 1};
	bool groups = !strcmp(param, "groups");
	const struct share *shares = groups ? by_group : by_nice;
	uint64_t ns[MAX_TASKS], sum = 0;
	pid_t pid[MAX_TASKS];

	pin(0);
	if (groups)
		make_groups();
	for (size_t i = 0; i < MAX_TASKS; i++)
		pid[i] = begin(&shares[i]);
	check(sched_setscheduler(0, SCHED_FIFO, &watcher));
	nanosleep(&settle, NULL);
	for (size_t i = 0; i < MAX_TASKS; i++)
		ns[i] = cpu_time_of(pid[i]);
	nanosleep(&span, NULL);
	for (size_t i = 0; i < MAX_TASKS; i++) {
		ns[i] = cpu_time_of(pid[i]) - ns[i];
		sum += ns[i];
	}
	for (size_t i = 0; i < MAX_TASKS; i++) {
		double share = 100.0 * ns[i] / sum;

		kill(pid[i], SIGKILL);
		waitpid(pid[i], NULL, 0);
		emit(shares[i].name, "%", share, share, share, 1);
	}
	if (groups)
		remove_groups();
}

const struct bench_row shares_rows[] = {
    {"shares", PARAMS("nice", "groups"), run_shares},
    {NULL, NULL, NULL},
};
