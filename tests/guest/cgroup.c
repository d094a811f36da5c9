/* SPDX-License-Identifier: MIT */
/*
 * Control groups v2 (cgroups(7)): the tree and its rules, membership, events, freezing, killing,
 * threads, namespaces, and the controller of numbers of processes. Those of CPU time and CPUs are
 * in cgroup_cpu.c and cpuset.c, what they promise of shares in cgshare.c.
 */
#include "cgroup.h"
#include <linux/sched.h>
#include <pthread.h>
#include <sys/inotify.h>

CASE_ROOT(new_cgroup_has_its_files)
{
	begin();
	CHECK_STR(text_of(own, "cgroup.type"), "domain");
	CHECK_STR(text_of(own, "cgroup.procs"), "");
	CHECK_STR(text_of(own, "cgroup.max.depth"), "max");
	CHECK_STR(text_of(own, "cgroup.max.descendants"), "max");
	CHECK_STR(text_of(own, "cgroup.freeze"), "0");
	CHECK_STR(text_of(own, "cgroup.subtree_control"), "");
	CHECK_EQ(stat_of(own, "cgroup.events", "populated"), 0);
	CHECK_EQ(stat_of(own, "cgroup.events", "frozen"), 0);
	CHECK_EQ(stat_of(own, "cgroup.stat", "nr_descendants"), 0);
	CHECK_EQ(stat_of(own, "cpu.stat", "usage_usec"), 0);
	/* The root has no state of being in something. */
	CHECK_ERR(open(at(base, "cgroup.type"), O_RDONLY), ENOENT);
	CHECK_ERR(open(at(base, "cgroup.events"), O_RDONLY), ENOENT);
	CHECK_ERR(open(at(base, "cgroup.kill"), O_WRONLY), ENOENT);
	end();
}

CASE_ROOT(files_cannot_be_made_or_removed)
{
	begin();
	CHECK_ERR(open(at(own, "mine"), O_CREAT | O_WRONLY, 0644), EACCES);
	CHECK(unlink(at(own, "cgroup.procs")) < 0 && errno == EPERM);
	CHECK_ERR(mkdir(at(own, "cgroup.procs"), 0755), EEXIST);
	CHECK_ERR(mkdir(at(own, "a\nb"), 0755), EINVAL);
	CHECK_ERR(rmdir(at(own, "none")), ENOENT);
	end();
}

CASE_ROOT(reading_and_writing_what_cannot_be)
{
	char c;
	int fd;

	begin();
	fd = OK(open(at(own, "cgroup.kill"), O_RDONLY | O_CLOEXEC));
	CHECK_ERR(read(fd, &c, 1), EINVAL);
	close(fd);
	CHECK_ERR(put(own, "cgroup.controllers", "x"), EINVAL);
	CHECK_ERR(put(own, "cgroup.kill", "2"), ERANGE);
	CHECK_ERR(put(own, "cgroup.kill", "x"), EINVAL);
	CHECK_ERR(put(own, "cgroup.freeze", "2"), ERANGE);
	CHECK_ERR(put(own, "cgroup.subtree_control", "+nonsense"), EINVAL);
	CHECK_ERR(put(own, "cgroup.type", "domain"), EINVAL);
	CHECK_ERR(put(own, "cgroup.max.depth", "-1"), ERANGE);
	CHECK_ERR(put(own, "cgroup.procs", "x"), EINVAL);
	CHECK_ERR(put(own, "cgroup.procs", "999999999"), ESRCH);
	end();
}

CASE_ROOT(process_moves_and_shows_where_it_is)
{
	char want[400], path[64], buf[4096];
	pid_t pid;

	begin();
	pid = waiting_child();
	OK(put_pid(own, "cgroup.procs", pid));
	CHECK_EQ(atoi(text_of(own, "cgroup.procs")), pid);
	CHECK_EQ(atoi(text_of(own, "cgroup.threads")), pid);
	CHECK_EQ(stat_of(own, "cgroup.events", "populated"), 1);
	snprintf(want, sizeof(want), "0::/guest-test-%d\n", getpid());
	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	CHECK(slurp(path, buf, sizeof(buf)) > 0);
	CHECK(strstr(buf, want));
	CHECK_ERR(rmdir(own), EBUSY);
	OK(put_pid(base, "cgroup.procs", pid));
	CHECK_STR(text_of(own, "cgroup.procs"), "");
	CHECK_EQ(stat_of(own, "cgroup.events", "populated"), 0);
	reap(pid);
	end();
}

CASE_ROOT(zero_is_the_writer_and_children_stay)
{
	pid_t pid;

	begin();
	CHILD(pid) {
		pid_t child;

		OK(put(own, "cgroup.procs", "0"));
		child = waiting_child();
		CHECK(strstr(text_of("/proc/self", "cgroup"), own + strlen(base)));
		char list[64];
		snprintf(list, sizeof(list), "%d\n%d", getpid(), child);
		CHECK_STR(text_of(own, "cgroup.procs"), list);
		reap(child);
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(stat_of(own, "cgroup.events", "populated"), 0);
	end();
}

CASE_ROOT(zombie_does_not_keep_a_cgroup)
{
	char path[64], buf[4096];
	pid_t pid;

	begin();
	pid = waiting_child();
	OK(put_pid(own, "cgroup.procs", pid));
	kill(pid, SIGKILL);
	await_state(pid, "Z");
	EVENTUALLY(stat_of(own, "cgroup.events", "populated") == 0);
	OK(rmdir(own));
	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	CHECK(slurp(path, buf, sizeof(buf)) > 0);
	CHECK(strstr(buf, " (deleted)\n"));
	CHECK_EQ(wait_killed(pid), SIGKILL);
}

CASE_ROOT(removed_cgroup_has_no_files)
{
	char buf[64];
	int fd, wfd;

	begin();
	fd = OK(open(at(own, "cgroup.procs"), O_RDONLY | O_CLOEXEC));
	wfd = OK(open(at(own, "cgroup.procs"), O_WRONLY | O_CLOEXEC));
	end();
	CHECK_ERR(read(fd, buf, sizeof(buf)), ENODEV);
	CHECK_ERR(write(wfd, "0", 1), ENODEV);
	CHECK_ERR(open(at(own, "cgroup.procs"), O_RDONLY), ENOENT);
	close(fd);
	close(wfd);
}

CASE_ROOT(limits_of_depth_and_number)
{
	char a[400], b[500];

	begin();
	snprintf(a, sizeof(a), "%s/a", own);
	snprintf(b, sizeof(b), "%s/b", a);
	OK(put(own, "cgroup.max.depth", "1"));
	OK(mkdir(a, 0755));
	CHECK_ERR(mkdir(b, 0755), EAGAIN);
	OK(put(own, "cgroup.max.depth", "max"));
	OK(put(own, "cgroup.max.descendants", "1"));
	CHECK_ERR(mkdir(b, 0755), EAGAIN);
	OK(put(own, "cgroup.max.descendants", "2"));
	OK(mkdir(b, 0755));
	CHECK_EQ(stat_of(own, "cgroup.stat", "nr_descendants"), 2);
	CHECK_ERR(rmdir(a), EBUSY);
	OK(rmdir(b));
	OK(rmdir(a));
	end();
}

CASE_ROOT(populated_reaches_the_ancestors)
{
	char a[400];
	pid_t pid;

	begin();
	snprintf(a, sizeof(a), "%s/a", own);
	OK(mkdir(a, 0755));
	pid = waiting_child();
	OK(put_pid(a, "cgroup.procs", pid));
	CHECK_EQ(stat_of(own, "cgroup.events", "populated"), 1);
	reap(pid);
	CHECK_EQ(stat_of(own, "cgroup.events", "populated"), 0);
	OK(rmdir(a));
	end();
}

/* However many they are, and while some of them come: each is listed once. */
/* Each move waits for a grace period. */
CASE_OPT(all_processes_are_listed, .root = true, .timeout = 60)
{
	enum { MANY = 150 };
	char text[MANY * 8 + 1];
	pid_t pids[MANY];
	int i, fd;
	size_t used = 0;
	ssize_t n;

	begin();
	for (i = 0; i < MANY; i++) {
		pids[i] = waiting_child();
		OK(put_pid(own, "cgroup.procs", pids[i]));
	}
	fd = OK(open(at(own, "cgroup.procs"), O_RDONLY | O_CLOEXEC));
	while ((n = OK(read(fd, text + used, sizeof(text) - 1 - used))) > 0)
		used += n;
	text[used] = 0;
	close(fd);
	for (i = 0; i < MANY; i++) {
		char line[16], *found;

		snprintf(line, sizeof(line), "%d\n", pids[i]);
		for (found = text; (found = strstr(found, line)); found++)
			if (found == text || found[-1] == '\n')
				break;
		if (!found)
			FAIL("process %d is not listed", pids[i]);
		memmove(found, found + strlen(line), strlen(found + strlen(line)) + 1);
		reap(pids[i]);
	}
	CHECK_STR(text, "");
	end();
}

CASE_ROOT(poll_tells_of_events)
{
	char buf[128];
	struct pollfd p;
	pid_t pid;

	begin();
	p = (struct pollfd){.fd = OK(open(at(own, "cgroup.events"), O_RDONLY | O_CLOEXEC)),
			    .events = POLLPRI};
	CHECK(read(p.fd, buf, sizeof(buf)) > 0);
	CHECK_EQ(poll(&p, 1, 0), 0);
	pid = waiting_child();
	OK(put_pid(own, "cgroup.procs", pid));
	CHECK_EQ(poll(&p, 1, 10000), 1);
	CHECK_EQ(p.revents, POLLPRI | POLLERR);
	OK(lseek(p.fd, 0, SEEK_SET));
	CHECK(read(p.fd, buf, sizeof(buf)) > 0);
	CHECK_EQ(poll(&p, 1, 0), 0);
	reap(pid);
	CHECK_EQ(poll(&p, 1, 10000), 1);
	close(p.fd);
	end();
}

CASE_ROOT(inotify_tells_of_events)
{
	struct pollfd p;
	char buf[512];
	pid_t pid;

	begin();
	p = (struct pollfd){.fd = OK(inotify_init1(IN_CLOEXEC)), .events = POLLIN};
	OK(inotify_add_watch(p.fd, at(own, "cgroup.events"), IN_MODIFY));
	pid = waiting_child();
	OK(put_pid(own, "cgroup.procs", pid));
	CHECK_EQ(poll(&p, 1, 10000), 1);
	CHECK(read(p.fd, buf, sizeof(buf)) >= (ssize_t)sizeof(struct inotify_event));
	CHECK(((struct inotify_event *)buf)->mask & IN_MODIFY);
	reap(pid);
	close(p.fd);
	end();
}

static volatile long *signals; /* in shared memory */

static void count_signal(int sig)
{
	(void)sig;
	++*signals;
}

/* Counts in shared memory for as long as it runs; count[1]: SIGUSR1s taken. */
static pid_t counter(volatile long *count)
{
	pid_t pid;

	CHILD(pid) {
		signals = count + 1;
		on_signal(SIGUSR1, count_signal, 0);
		for (;;)
			++*count;
	}
	EVENTUALLY(*count > 0);
	return pid;
}

CASE_ROOT(frozen_tasks_stand_still)
{
	volatile long *count = shared(PAGE);
	long before;
	pid_t pid;

	begin();
	pid = counter(count);
	OK(put_pid(own, "cgroup.procs", pid));
	OK(put(own, "cgroup.freeze", "1"));
	CHECK_STR(text_of(own, "cgroup.freeze"), "1");
	EVENTUALLY(stat_of(own, "cgroup.events", "frozen") == 1);
	before = *count;
	usleep(20000);
	CHECK_EQ(*count, before);
	/* A signal that does not kill waits. */
	kill(pid, SIGUSR1);
	usleep(20000);
	CHECK_EQ(count[1], 0);
	CHECK_EQ(stat_of(own, "cgroup.events", "frozen"), 1);
	OK(put(own, "cgroup.freeze", "0"));
	EVENTUALLY(count[1] == 1 && *count > before);
	CHECK_EQ(stat_of(own, "cgroup.events", "frozen"), 0);
	reap(pid);
	end();
}

CASE_ROOT(frozen_tasks_can_be_killed)
{
	pid_t pid;

	begin();
	pid = waiting_child();
	OK(put_pid(own, "cgroup.procs", pid));
	OK(put(own, "cgroup.freeze", "1"));
	EVENTUALLY(stat_of(own, "cgroup.events", "frozen") == 1);
	reap(pid);
	EVENTUALLY(stat_of(own, "cgroup.events", "frozen") == 1); /* empty, it stays so */
	end();
}

CASE_ROOT(freezing_goes_down_and_moves_with_tasks)
{
	volatile long *count = shared(PAGE);
	char a[400];
	pid_t pid;
	long before;

	begin();
	snprintf(a, sizeof(a), "%s/a", own);
	OK(mkdir(a, 0755));
	pid = counter(count);
	OK(put(own, "cgroup.freeze", "1"));
	CHECK_STR(text_of(a, "cgroup.freeze"), "0");
	OK(put_pid(a, "cgroup.procs", pid));
	EVENTUALLY(stat_of(a, "cgroup.events", "frozen") == 1);
	EVENTUALLY(stat_of(own, "cgroup.events", "frozen") == 1);
	before = *count;
	OK(put_pid(base, "cgroup.procs", pid));
	EVENTUALLY(*count > before);
	reap(pid);
	OK(rmdir(a));
	end();
}

CASE_ROOT(stopped_tasks_count_as_frozen)
{
	pid_t pid;

	begin();
	pid = waiting_child();
	OK(put_pid(own, "cgroup.procs", pid));
	kill(pid, SIGSTOP);
	await_state(pid, "T");
	OK(put(own, "cgroup.freeze", "1"));
	EVENTUALLY(stat_of(own, "cgroup.events", "frozen") == 1);
	OK(put(own, "cgroup.freeze", "0"));
	EVENTUALLY(stat_of(own, "cgroup.events", "frozen") == 0);
	CHECK_EQ(proc_state(pid), 'T');
	reap(pid);
	end();
}

CASE_ROOT(kill_ends_the_whole_tree)
{
	char a[400];
	pid_t pid[4];
	int i;

	begin();
	snprintf(a, sizeof(a), "%s/a", own);
	OK(mkdir(a, 0755));
	for (i = 0; i < 4; i++) {
		pid[i] = waiting_child();
		OK(put_pid(i & 1 ? a : own, "cgroup.procs", pid[i]));
	}
	OK(put(own, "cgroup.kill", "1"));
	for (i = 0; i < 4; i++)
		CHECK_EQ(wait_killed(pid[i]), SIGKILL);
	CHECK_EQ(stat_of(own, "cgroup.events", "populated"), 0);
	OK(rmdir(a));
	end();
}

CASE_ROOT(kill_catches_those_that_fork)
{
	pid_t pid;
	int i;

	begin();
	CHILD(pid) {
		OK(put(own, "cgroup.procs", "0"));
		for (i = 0; i < 3; i++)
			fork();
		for (;;) {
			pid_t child = fork();

			if (!child)
				_exit(0);
			waitpid(child, NULL, 0);
		}
	}
	usleep(50000);
	OK(put(own, "cgroup.kill", "1"));
	CHECK_EQ(wait_killed(pid), SIGKILL);
	EVENTUALLY(stat_of(own, "cgroup.events", "populated") == 0);
	end();
}

/*
 * A task that is moved in the middle of a fork: its child belongs where the parent is by then, to
 * the last of what a controller keeps, for the group that was left is gone a moment later.
 */
CASE_OPT(moved_while_it_forks, .timeout = 60, .root = true)
{
	char from[400], to[400];
	pid_t pid;
	int i;

	begin();
	need_controller("cpu");
	OK(put(own, "cgroup.subtree_control", "+cpu"));
	snprintf(from, sizeof(from), "%s/0", own);
	NEED(mkdir(from, 0755));
	CHILD(pid) {
		OK(put(from, "cgroup.procs", "0"));
		for (;;) {
			pid_t child = fork();

			if (!child) {
				for (i = 0; i < 20; i++)
					sched_yield();
				_exit(0);
			}
			waitpid(child, NULL, 0);
		}
	}
	EVENTUALLY(stat_of(from, "cgroup.events", "populated") == 1);
	for (i = 1; i <= 30; i++) {
		snprintf(to, sizeof(to), "%s/%d", own, i);
		NEED(mkdir(to, 0755));
		OK(put_pid(to, "cgroup.procs", pid));
		/* A child that was made before the move stays behind for a moment. */
		EVENTUALLY(!rmdir(from));
		strcpy(from, to);
	}
	reap(pid);
	EVENTUALLY(stat_of(from, "cgroup.events", "populated") == 0);
	OK(rmdir(from));
	end();
}

static volatile pid_t thread_id;

static void *wait_in_thread(void *arg)
{
	struct gate *g = arg;

	thread_id = gettid();
	gate_wait(g);
	return NULL;
}

CASE_ROOT(threads_spread_over_a_thread_domain)
{
	char a[400], b[400], procs[32];
	pthread_t thread;
	struct gate g;
	pid_t pid;
	int fd;

	begin();
	snprintf(a, sizeof(a), "%s/a", own);
	snprintf(b, sizeof(b), "%s/b", own);
	OK(mkdir(a, 0755));
	OK(mkdir(b, 0755));
	OK(put(a, "cgroup.type", "threaded"));
	CHECK_STR(text_of(a, "cgroup.type"), "threaded");
	CHECK_STR(text_of(own, "cgroup.type"), "domain threaded");
	CHECK_STR(text_of(b, "cgroup.type"), "domain invalid");
	CHECK_ERR(put(b, "cgroup.procs", "0"), EOPNOTSUPP);
	CHILD(pid) {
		gate_init(&g);
		CHECK(!pthread_create(&thread, NULL, wait_in_thread, &g));
		OK(put(own, "cgroup.procs", "0"));
		EVENTUALLY(thread_id);
		OK(put_pid(a, "cgroup.threads", thread_id));
		CHECK_EQ(atoi(text_of(own, "cgroup.procs")), getpid());
		fd = OK(open(at(a, "cgroup.procs"), O_RDONLY | O_CLOEXEC));
		CHECK_ERR(read(fd, procs, sizeof(procs)), EOPNOTSUPP);
		close(fd);
		CHECK_EQ(atoi(text_of(a, "cgroup.threads")), thread_id);
		/* Out of the domain the process goes whole or not at all. */
		CHECK_ERR(put_pid(base, "cgroup.threads", getpid()), EOPNOTSUPP);
		OK(put_pid(base, "cgroup.procs", getpid()));
		CHECK_STR(text_of(a, "cgroup.threads"), "");
		gate_open(&g);
		CHECK(!pthread_join(thread, NULL));
	}
	CHECK_EQ(wait_exit(pid), 0);
	OK(rmdir(a));
	OK(rmdir(b));
	end();
}

CASE_ROOT(clone_into_cgroup)
{
	struct clone_args args = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD};
	pid_t pid;
	int fd;

	begin();
	fd = OK(open(own, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	args.cgroup = fd;
	pid = NEED(syscall(SYS_clone3, &args, sizeof(args)));
	if (!pid) {
		for (;;)
			pause();
	}
	CHECK_EQ(atoi(text_of(own, "cgroup.procs")), pid);
	reap(pid);
	close(fd);
	args.cgroup = OK(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	CHECK_ERR(syscall(SYS_clone3, &args, sizeof(args)), EBADF);
	close(args.cgroup);
	end();
}

CASE_ROOT(delegation_to_a_user)
{
	char a[400], b[400];
	pid_t pid, mover;

	begin();
	snprintf(a, sizeof(a), "%s/a", own);
	snprintf(b, sizeof(b), "%s/b", own);
	OK(chown(own, 1000, 1000));
	OK(chown(at(own, "cgroup.procs"), 1000, 1000));
	pid = waiting_child();
	CHILD(mover) {
		OK(put(own, "cgroup.procs", "0"));
		OK(setresgid(1000, 1000, 1000));
		OK(setresuid(1000, 1000, 1000));
		OK(mkdir(a, 0755));
		OK(mkdir(b, 0755));
		OK(put(a, "cgroup.procs", "0"));
		OK(put(b, "cgroup.procs", "0"));
		/* Out of what was delegated: the common ancestor is not its own. */
		CHECK_ERR(put(base, "cgroup.procs", "0"), EACCES);
		CHECK_ERR(put_pid(a, "cgroup.procs", pid), EACCES);
		CHECK_ERR(put(own, "cgroup.freeze", "1"), EACCES);
	}
	CHECK_EQ(wait_exit(mover), 0);
	reap(pid);
	OK(rmdir(a));
	OK(rmdir(b));
	end();
}

CASE_ROOT(namespace_has_a_root_of_its_own)
{
	char buf[4096];
	pid_t pid;

	begin();
	CHILD(pid) {
		OK(put(own, "cgroup.procs", "0"));
		NEED(unshare(CLONE_NEWCGROUP));
		CHECK(slurp("/proc/self/cgroup", buf, sizeof(buf)) > 0);
		CHECK(strstr(buf, "0::/\n"));
		CHECK(slurp("/proc/1/cgroup", buf, sizeof(buf)) > 0);
		CHECK(strstr(buf, "0::/.."));
	}
	CHECK_EQ(wait_exit(pid), 0);
	end();
}

CASE_ROOT(pids_max_refuses_forks)
{
	pid_t pid, child;

	begin();
	need_controller("pids");
	CHECK_STR(text_of(own, "pids.max"), "max");
	CHECK_EQ(atoi(text_of(own, "pids.current")), 0);
	OK(put(own, "pids.max", "2"));
	CHECK_ERR(put(own, "pids.max", "-1"), EINVAL);
	CHILD(pid) {
		OK(put(own, "cgroup.procs", "0"));
		child = waiting_child();
		CHECK_EQ(atoi(text_of(own, "pids.current")), 2);
		CHECK_ERR(fork(), EAGAIN);
		CHECK_EQ(stat_of(own, "pids.events", "max"), 1);
		/* A zombie counts until it is reaped. */
		kill(child, SIGKILL);
		await_state(child, "Z");
		CHECK_ERR(fork(), EAGAIN);
		CHECK_EQ(wait_killed(child), SIGKILL);
		reap(waiting_child());
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(atoi(text_of(own, "pids.current")), 0);
	CHECK_EQ(atoi(text_of(own, "pids.peak")), 2);
	end();
}

CASE_ROOT(no_processes_where_children_are_given_to)
{
	char a[400];
	pid_t pid;

	begin();
	need_controller("pids");
	snprintf(a, sizeof(a), "%s/a", own);
	OK(mkdir(a, 0755));
	CHECK_ERR(put(a, "cgroup.subtree_control", "+pids"), ENOENT);
	pid = waiting_child();
	OK(put_pid(a, "cgroup.procs", pid));
	OK(put(own, "cgroup.subtree_control", "+pids"));
	CHECK_STR(text_of(a, "cgroup.controllers"), "pids");
	CHECK_EQ(atoi(text_of(a, "pids.current")), 1);
	CHECK_ERR(put(own, "cgroup.procs", "0"), EBUSY);
	OK(put(own, "cgroup.subtree_control", "-pids"));
	CHECK_ERR(open(at(a, "pids.max"), O_RDONLY), ENOENT);
	reap(pid);
	OK(rmdir(a));
	end();
}
