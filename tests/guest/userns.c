/* SPDX-License-Identifier: MIT */
/* user_namespaces(7): capabilities inside, maps of ids, who may write them, nesting, setns(2). */
#include "harness.h"

#include <grp.h>
#include <sys/prctl.h>

/* A child in a new user namespace, or a skip where the host has none to give. */
static pid_t ns_child(void)
{
	pid_t pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

	if (pid < 0 && (errno == EPERM || errno == EINVAL || errno == ENOSPC || errno == EUSERS))
		SKIP("no user namespaces: %s", strerror(errno));
	return OK(pid);
}

static int write_proc(pid_t pid, const char *file, const char *text)
{
	char path[64];
	int fd, ret, err;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	fd = OK(open(path, O_WRONLY));
	ret = write(fd, text, strlen(text)) < 0 ? -1 : 0;
	err = errno;
	close(fd);
	errno = err;
	return ret;
}

CASE(unmapped_ids_are_the_overflow_id)
{
	pid_t pid = ns_child();

	if (!pid) {
		CHECK_EQ(getuid(), 65534);
		CHECK_EQ(getgid(), 65534);
		_exit(0);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(all_capabilities_inside)
{
	uint32_t head[2] = {0x20080522, 0}, data[6];
	pid_t pid = ns_child();

	if (!pid) {
		OK(syscall(SYS_capget, head, data));
		CHECK(data[0] == ~0u && data[1] == ~0u);
		/* Over what the namespace owns: a host name of its own. */
		OK(unshare(CLONE_NEWUTS));
		OK(sethostname("inside", 6));
		_exit(0);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE_ROOT(no_capability_outside)
{
	pid_t pid, ns;

	CHILD(pid) {
		OK(setgid(1000));
		OK(setuid(1000));
		ns = ns_child();
		if (!ns) {
			/* The machine's name is still the parent namespace's. */
			CHECK_ERR(sethostname("outside", 7), EPERM);
			CHECK_ERR(setgroups(0, NULL), EPERM);
			CHECK_ERR(kill(1, 0), EPERM);
			_exit(0);
		}
		CHECK_EQ(wait_exit(ns), 0);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

/* One id each, one's own: what everybody may map. */
CASE_ROOT(an_ordinary_user_maps_itself)
{
	struct gate mapped;
	pid_t pid, ns;

	gate_init(&mapped);
	CHILD(pid) {
		OK(setgid(1000));
		OK(setuid(1000));
		OK(prctl(PR_SET_DUMPABLE, 1));
		ns = ns_child();
		if (!ns) {
			gate_wait(&mapped);
			CHECK_EQ(getuid(), 0);
			CHECK_EQ(getgid(), 5);
			/* An id that has no number here cannot be become. */
			CHECK_ERR(setuid(1), EINVAL);
			OK(setuid(0));
			_exit(0);
		}
		CHECK_ERR(write_proc(ns, "uid_map", "0 1001 1"), EPERM);
		CHECK_ERR(write_proc(ns, "uid_map", "0 1000 2"), EPERM);
		OK(write_proc(ns, "uid_map", "0 1000 1"));
		CHECK_ERR(write_proc(ns, "uid_map", "0 1000 1"), EPERM); /* once */
		CHECK_ERR(write_proc(ns, "gid_map", "5 1000 1"), EPERM); /* setgroups first */
		OK(write_proc(ns, "setgroups", "deny"));
		OK(write_proc(ns, "gid_map", "5 1000 1"));
		gate_open(&mapped);
		CHECK_EQ(wait_exit(ns), 0);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE_ROOT(the_first_map_is_for_good)
{
	char map[64];
	unsigned int inside, outside, count;

	CHECK(slurp("/proc/self/uid_map", map, sizeof(map)) > 0);
	CHECK_EQ(sscanf(map, "%u %u %u", &inside, &outside, &count), 3);
	if (count != UINT_MAX)
		SKIP("not in the initial user namespace");
	CHECK_ERR(write_proc(getpid(), "uid_map", "0 0 1"), EPERM);
	CHECK_ERR(write_proc(getpid(), "gid_map", "0 0 1"), EPERM);
}

CASE_ROOT(root_maps_ranges)
{
	struct gate mapped;
	char map[256];
	pid_t ns;

	gate_init(&mapped);
	ns = ns_child();
	if (!ns) {
		struct stat st;

		gate_wait(&mapped);
		OK(setresgid(10, 10, 10));
		OK(setresuid(10, 10, 10));
		OK(close(OK(open("f", O_WRONLY | O_CREAT, 0600))));
		OK(stat("f", &st));
		CHECK_EQ(st.st_uid, 10);
		OK(stat("other", &st));
		CHECK_EQ(st.st_uid, 65534);
		_exit(0);
	}
	OK(chmod(".", 0777));
	OK(close(OK(open("other", O_WRONLY | O_CREAT, 0644))));
	OK(chown("other", 7, 7));					   /* not in the map */
	CHECK_ERR(write_proc(ns, "uid_map", "0 100 10\n5 300 1"), EINVAL); /* overlap */
	CHECK_ERR(write_proc(ns, "uid_map", "0 100 0"), EINVAL);
	CHECK_ERR(write_proc(ns, "uid_map", "nonsense"), EINVAL);
	OK(write_proc(ns, "uid_map", "0 100 10\n10 300 5\n"));
	OK(write_proc(ns, "gid_map", "0 100 10\n10 300 5\n"));
	snprintf(map, sizeof(map), "/proc/%d/uid_map", ns);
	CHECK(slurp(map, map, sizeof(map)) > 0);
	int a, b, n, c, d, m;

	CHECK_EQ(sscanf(map, "%d %d %d %d %d %d", &a, &b, &n, &c, &d, &m), 6);
	CHECK(a == 0 && b == 100 && n == 10 && c == 10 && d == 300 && m == 5);
	gate_open(&mapped);
	CHECK_EQ(wait_exit(ns), 0);
	struct stat st;

	OK(stat("f", &st));
	CHECK_EQ(st.st_uid, 300);
	CHECK_EQ(st.st_gid, 300);
}

CASE_ROOT(setgroups_may_be_denied_for_good)
{
	struct gate mapped;
	pid_t ns;

	gate_init(&mapped);
	ns = ns_child();
	if (!ns) {
		gate_wait(&mapped);
		CHECK_ERR(setgroups(0, NULL), EPERM);
		_exit(0);
	}
	OK(write_proc(ns, "setgroups", "deny"));
	OK(write_proc(ns, "gid_map", "0 0 1"));
	CHECK_ERR(write_proc(ns, "setgroups", "allow"), EPERM);
	gate_open(&mapped);
	CHECK_EQ(wait_exit(ns), 0);
}

CASE_ROOT(set_user_id_means_nothing_without_a_number)
{
	pid_t ns = ns_child();

	if (!ns) {
		/* chown to an id that does not exist here. */
		CHECK_ERR(chown(".", 3, -1), EINVAL);
		_exit(0);
	}
	CHECK_EQ(wait_exit(ns), 0);
}

/* Down into a new namespace in which the caller is root; false at the deepest. */
static bool descend(void)
{
	unsigned int uid = getuid(), gid = getgid();
	char map[32];

	if (unshare(CLONE_NEWUSER)) {
		CHECK(errno == ENOSPC || errno == EUSERS);
		return false;
	}
	snprintf(map, sizeof(map), "0 %u 1", uid);
	OK(write_proc(getpid(), "setgroups", "deny"));
	OK(write_proc(getpid(), "uid_map", map));
	snprintf(map, sizeof(map), "0 %u 1", gid);
	OK(write_proc(getpid(), "gid_map", map));
	CHECK_EQ(getuid(), 0);
	return true;
}

CASE_OPT(nest_32_deep_and_no_deeper, .timeout = 30)
{
	pid_t pid = ns_child();
	int depth = 0;

	if (!pid)
		_exit(0);
	CHECK_EQ(wait_exit(pid), 0);
	while (depth < 40 && descend())
		depth++;
	CHECK(depth >= 30 && depth <= 33); /* the first may be one of a container's own */
}

CASE_ROOT(setns_into_and_out)
{
	char path[64];
	pid_t ns = ns_child(), pid;
	int fd, own = OK(open("/proc/self/ns/user", O_RDONLY));

	if (!ns) {
		for (;;)
			pause();
	}
	snprintf(path, sizeof(path), "/proc/%d/ns/user", ns);
	fd = OK(open(path, O_RDONLY));
	CHILD(pid) {
		OK(setns(fd, CLONE_NEWUSER));
		CHECK_EQ(getuid(), 65534);
		/* Into the same one again, or out of it: neither. */
		CHECK_ERR(setns(fd, CLONE_NEWUSER), EINVAL);
		CHECK_ERR(setns(own, CLONE_NEWUSER), EPERM);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

/* In one go: the user namespace first, and the others belong to it. */
CASE_ROOT(other_namespaces_belong_to_it)
{
	pid_t pid, ns;

	CHILD(pid) {
		OK(setgid(1000));
		OK(setuid(1000));
		CHECK_ERR(unshare(CLONE_NEWUTS), EPERM);
		ns = syscall(SYS_clone, CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWUTS | SIGCHLD, 0, 0,
			     0, 0);
		if (ns < 0)
			SKIP("no user namespaces: %s", strerror(errno));
		if (!ns) {
			CHECK_EQ(getpid(), 1);
			OK(sethostname("mine", 4));
			_exit(0);
		}
		CHECK_EQ(wait_exit(ns), 0);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

/* A child, waiting, in user and mount namespaces of its own. */
static pid_t mount_child(int *pidfd, char *go)
{
	pid_t pid = syscall(SYS_clone, CLONE_NEWUSER | CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0);

	if (pid < 0 && (errno == EPERM || errno == EINVAL || errno == ENOSPC || errno == EUSERS))
		SKIP("no user namespaces: %s", strerror(errno));
	OK(pid);
	while (!pid)
		pause();
	*pidfd = NEED(syscall(SYS_pidfd_open, pid, 0));
	snprintf(go, 64, "/proc/%d/ns/mnt", pid);
	return pid;
}

/* Root of one user namespace is nobody in another's mounts; and what fails leaves no trace. */
CASE_ROOT(mounts_of_another_user_namespace)
{
	int one_fd, two_fd, mnt;
	char one_mnt[64], two_mnt[64];
	pid_t one = mount_child(&one_fd, one_mnt), two = mount_child(&two_fd, two_mnt), pid;

	CHILD(pid) {
		char before[64] = "", after[64] = "";

		mnt = OK(open(two_mnt, O_RDONLY));
		OK(mkdir("here", 0755));
		OK(chdir("here"));
		OK(syscall(SYS_setns, one_fd, CLONE_NEWUSER | CLONE_NEWNS));
		CHECK(readlink("/proc/self/ns/mnt", before, sizeof(before) - 1) > 0);
		CHECK_ERR(syscall(SYS_setns, mnt, CLONE_NEWNS), EPERM);
		CHECK_ERR(syscall(SYS_setns, two_fd, CLONE_NEWNS), EPERM);
		CHECK_ERR(syscall(SYS_setns, two_fd, CLONE_NEWNS | CLONE_NEWUSER), EPERM);
		CHECK(readlink("/proc/self/ns/mnt", after, sizeof(after) - 1) > 0);
		CHECK_STR(after, before);
	}
	CHECK_EQ(wait_exit(pid), 0);
	OK(kill(one, SIGKILL));
	OK(kill(two, SIGKILL));
	CHECK_EQ(wait_killed(one), SIGKILL);
	CHECK_EQ(wait_killed(two), SIGKILL);
}

/* One who may enter the user namespace alone gets the rest by it, in the same call. */
CASE_ROOT(user_namespace_opens_the_others)
{
	char go[64];
	int fd;
	pid_t pid, child;

	CHILD(pid) {
		OK(setgid(1000));
		OK(setuid(1000));
		OK(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
		child = mount_child(&fd, go);
		CHECK_ERR(syscall(SYS_setns, fd, CLONE_NEWNS), EPERM);
		OK(syscall(SYS_setns, fd, CLONE_NEWUSER | CLONE_NEWNS));
		OK(kill(child, SIGKILL));
		CHECK_EQ(wait_killed(child), SIGKILL);
	}
	CHECK_EQ(wait_exit(pid), 0);
}
