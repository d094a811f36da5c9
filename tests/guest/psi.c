/* SPDX-License-Identifier: MIT */
/*
 * Pressure: /proc/pressure/cpu, cpu.pressure of control groups, and their triggers.
 */
#include "harness.h"

/* What the line of that kind ("some", "full") says, in microseconds. */
static unsigned long long pressure_of(const char *file, const char *kind)
{
	char line[256], format[64];
	unsigned long long total = 0;
	double a, b, c;
	bool found = false;
	FILE *f = fopen(file, "r");

	if (!f)
		SKIP("no %s: %s", file, strerror(errno));
	snprintf(format, sizeof(format), "%s avg10=%%lf avg60=%%lf avg300=%%lf total=%%llu", kind);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, format, &a, &b, &c, &total) == 4) {
			CHECK(a >= 0 && a <= 100 && b >= 0 && b <= 100 && c >= 0 && c <= 100);
			found = true;
		}
	if (ferror(f))
		SKIP("pressure is not counted here");
	fclose(f);
	if (!found)
		SKIP("pressure is not counted here");
	return total;
}

static unsigned long long total_of(const char *kind)
{
	return pressure_of("/proc/pressure/cpu", kind);
}

/* Two that compute on one CPU until both have done so for a while. */
static void compete(pid_t pids[2])
{
	int i;

	for (i = 0; i < 2; i++) {
		pids[i] = OK(fork());
		if (!pids[i]) {
			bind_to(0, 0);
			for (;;)
				;
		}
	}
}

static void end_both(pid_t pids[2])
{
	int i, status;

	for (i = 0; i < 2; i++) {
		OK(kill(pids[i], SIGKILL));
		OK(waitpid(pids[i], &status, 0));
	}
}

CASE_OPT(waiting_counts, .timeout = 30)
{
	unsigned long long before = total_of("some");
	pid_t pids[2];

	compete(pids);
	EVENTUALLY(total_of("some") > before + 100000);
	end_both(pids);
	/* Somebody always runs: for the machine as a whole, nobody is without a CPU. */
	CHECK_EQ(total_of("full"), 0);
}

CASE_OPT(trigger, .timeout = 60)
{
	static const char text[] = "some 50000 2000000";
	struct pollfd p = {.events = POLLPRI};
	pid_t pids[2];

	total_of("some");
	p.fd = open("/proc/pressure/cpu", O_RDWR | O_NONBLOCK);
	if (p.fd < 0)
		SKIP("triggers are not for us: %s", strerror(errno));
	NEED(write(p.fd, text, sizeof(text)));
	compete(pids);
	CHECK_EQ(OK(poll(&p, 1, -1)), 1);
	CHECK(p.revents & POLLPRI);
	end_both(pids);
	close(p.fd);
}

CASE(bad_triggers)
{
	static const char *const bad[] = {"some 150000 100000",	    "some 0 1000000",
					  "none 1 1000000",	    "some 1000 1000",
					  "some 20000000 20000000", "some"};
	unsigned int i;
	int fd;

	total_of("some");
	fd = open("/proc/pressure/cpu", O_RDWR | O_NONBLOCK);
	if (fd < 0)
		SKIP("triggers are not for us: %s", strerror(errno));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK_ERR(write(fd, bad[i], strlen(bad[i]) + 1), EINVAL);
	close(fd);
}

/* A control group below the root, and its pressure; the caller removes it. */
static char group[64], pressure[96];

static void make_group(void)
{
	snprintf(group, sizeof(group), "/sys/fs/cgroup/psi-test-%d", getpid());
	NEED(mkdir(group, 0755));
	snprintf(pressure, sizeof(pressure), "%s/cpu.pressure", group);
	if (access(pressure, R_OK)) {
		OK(rmdir(group));
		SKIP("control groups have no pressure here");
	}
}

static void join_group(const char *dir, pid_t pid)
{
	char procs[96], text[16];

	snprintf(procs, sizeof(procs), "%s/cgroup.procs", dir);
	snprintf(text, sizeof(text), "%d", pid);
	CHECK(!spew(procs, text));
}

static bool stands_still(const char *kind)
{
	unsigned long long before = pressure_of(pressure, kind);

	nap();
	return pressure_of(pressure, kind) == before;
}

CASE_OPT(group_waits, .root = true, .timeout = 60)
{
	pid_t pids[2];

	make_group();
	CHECK_EQ(pressure_of(pressure, "some"), 0);
	CHECK_EQ(pressure_of(pressure, "full"), 0);
	compete(pids);
	join_group(group, pids[0]);
	join_group(group, pids[1]);
	EVENTUALLY(pressure_of(pressure, "some") > 100000);
	end_both(pids);
	CHECK(pressure_of(pressure, "some") >= pressure_of(pressure, "full"));
	/* When the last of them is off its CPU for good, nothing grows any more. */
	EVENTUALLY(stands_still("some"));
	OK(rmdir(group));
}

/* One task of a group waits while another, outside, runs: all of the group is held up. */
CASE_OPT(group_is_full, .root = true, .timeout = 60)
{
	unsigned long long full;
	pid_t pids[2];

	make_group();
	compete(pids);
	join_group(group, pids[0]);
	EVENTUALLY(pressure_of(pressure, "full") > 100000);
	/* It leaves, running or waiting as it may be, and takes with it what it counted for. */
	join_group("/sys/fs/cgroup", pids[0]);
	full = pressure_of(pressure, "full");
	nap();
	CHECK_EQ(pressure_of(pressure, "full"), full);
	end_both(pids);
	OK(rmdir(group));
}

CASE_OPT(group_trigger, .root = true, .timeout = 60)
{
	static const char text[] = "full 50000 2000000";
	struct pollfd p = {.events = POLLPRI};
	pid_t pids[2];

	make_group();
	p.fd = OK(open(pressure, O_RDWR | O_NONBLOCK));
	CHECK_ERR(write(p.fd, "full", 4), EINVAL);
	CHECK_EQ(OK(write(p.fd, text, sizeof(text))), sizeof(text));
	CHECK_ERR(write(p.fd, text, sizeof(text)), EBUSY);
	compete(pids);
	join_group(group, pids[0]);
	CHECK_EQ(OK(poll(&p, 1, -1)), 1);
	CHECK(p.revents & POLLPRI);
	end_both(pids);
	close(p.fd);
	OK(rmdir(group));
}

/* Who waits for an event of a group that is removed hears that none will come. */
CASE_OPT(trigger_of_a_removed_group, .root = true)
{
	static const char trigger[] = "some 500000 1000000";
	struct pollfd p = {.events = POLLPRI};
	pid_t pid;

	make_group();
	p.fd = open(pressure, O_RDWR | O_NONBLOCK);
	if (p.fd < 0 || write(p.fd, trigger, sizeof(trigger)) < 0) {
		OK(rmdir(group));
		SKIP("triggers are not for us: %s", strerror(errno));
	}
	CHECK_EQ(poll(&p, 1, 0), 0);
	CHILD(pid) {
		CHECK_EQ(poll(&p, 1, -1), 1);
		CHECK_EQ(p.revents, POLLPRI | POLLERR);
	}
	await_state(pid, "S");
	OK(rmdir(group));
	CHECK_EQ(wait_exit(pid), 0);
}
