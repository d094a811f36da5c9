/* SPDX-License-Identifier: MIT */
/*
 * tracefs: what the scheduler's tracepoints tell, and the files that control them. A case that
 * switches events on switches them off again.
 */
#include "harness.h"

static const char *root(void)
{
	static const char *const places[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};
	char path[128];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(path, sizeof(path), "%s/trace_marker", places[i]);
		if (!access(path, W_OK))
			return places[i];
	}
	SKIP("tracefs is not mounted, or not for us");
}

static int trace_open(const char *name, int flags)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", root(), name);
	return OK(open(path, flags));
}

static void put(const char *name, const char *text)
{
	int fd = trace_open(name, O_WRONLY | O_TRUNC);

	CHECK_EQ(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* A file's text, to be freed. */
static char *get(const char *name)
{
	int fd = trace_open(name, O_RDONLY);
	size_t size = 1 << 20, len = 0;
	char *text = malloc(size);
	ssize_t n;

	while ((n = OK(read(fd, text + len, size - 1 - len)))) {
		len += n;
		if (len == size - 1)
			text = realloc(text, size *= 2);
	}
	text[len] = 0;
	close(fd);
	return text;
}

static void begin(const char *events)
{
	put("tracing_on", "0");
	put("events/enable", "0");
	put("trace", "");
	if (*events)
		put("set_event", events);
	put("tracing_on", "1");
}

/* All lines recorded since begin(). */
static char *end(void)
{
	char *text;

	put("tracing_on", "0");
	text = get("trace");
	put("events/enable", "0");
	put("trace", "");
	put("tracing_on", "1");
	return text;
}

/* The line with all of these in it, in that order, at or behind text; NULL: none. */
static const char *find(const char *text, const char *event, const char *a, const char *b)
{
	char name[64];

	snprintf(name, sizeof(name), ": %s: ", event);
	while ((text = strstr(text, name))) {
		const char *eol = strchr(text, '\n'), *p = strstr(text, a);

		if (p && p < eol && (p = strstr(p + strlen(a), b)) && p < eol)
			return text;
		text = eol;
	}
	return NULL;
}

CASE_OPT(switches_and_wakeups, .root = true, .no_count = true)
{
	char me[32], child[32], to_child[32], *text;
	int fds[2];
	const char *p;
	pid_t pid;
	char c;

	begin("sched:sched_switch sched:sched_waking sched:sched_wakeup sched:sched_wakeup_new "
	      "sched:sched_process_fork sched:sched_process_exit sched:sched_process_wait");
	OK(pipe(fds));
	pid = OK(fork());
	if (!pid) {
		close(fds[1]);
		_exit(read(fds[0], &c, 1) == 0 ? 3 : 4);
	}
	close(fds[0]);
	/* The child sleeps in read() before the end of file wakes it. */
	await_state(pid, "S");
	close(fds[1]);
	CHECK_EQ(wait_exit(pid), 3);
	text = end();
	snprintf(me, sizeof(me), " pid=%d", getpid());
	snprintf(child, sizeof(child), "pid=%d", pid);
	p = find(text, "sched_process_fork", me, "child_");
	CHECK(p);
	p = find(p, "sched_wakeup_new", child, "target_cpu=");
	CHECK(p);
	snprintf(to_child, sizeof(to_child), "next_pid=%d", pid);
	p = find(p, "sched_switch", to_child, "next_prio=");
	CHECK(p);
	snprintf(to_child, sizeof(to_child), "prev_pid=%d", pid);
	p = find(p, "sched_switch", to_child, "prev_state=S ==>");
	CHECK(p);
	p = find(p, "sched_waking", child, "prio=");
	CHECK(p);
	p = find(p, "sched_wakeup", child, "prio=");
	CHECK(p);
	p = find(p, "sched_process_exit", child, "prio=");
	CHECK(p);
	CHECK(find(p, "sched_switch", to_child, "prev_state="));
	CHECK(find(text, "sched_process_wait", child, ""));
	free(text);
}

/* COMM-PID [CPU] FLAGS SECONDS.MICROSECONDS: EVENT: FIELDS, times in order. */
CASE_OPT(lines_have_the_usual_shape, .root = true, .no_count = true)
{
	unsigned long long s, us, last = 0;
	int pid, cpu, lines = 0, at;
	char flags[16], *text, *line, *rest;

	begin("sched:sched_switch");
	put("trace_marker", "shape\n");
	pid = OK(fork());
	if (!pid)
		_exit(0);
	/* It ran: there was a switch to it. */
	CHECK_EQ(wait_exit(pid), 0);
	text = rest = end();
	while ((line = strsep(&rest, "\n"))) {
		char *dash;

		if (!*line || *line == '#')
			continue;
		dash = strstr(line, " [");
		CHECK(dash);
		while (dash > line && dash[-1] != '-')
			dash--;
		CHECK(dash > line);
		at = 0;
		CHECK_EQ(
		    sscanf(dash, "%d [%d] %15s %llu.%llu: %n", &pid, &cpu, flags, &s, &us, &at), 5);
		CHECK(at > 0 && pid >= 0 && cpu >= 0);
		CHECK(strlen(flags) == 4 || strlen(flags) == 5);
		CHECK(s * 1000000 + us >= last);
		last = s * 1000000 + us;
		CHECK(!strncmp(dash + at, "sched_switch: prev_comm=", 24) ||
		      !strncmp(dash + at, "tracing_mark_write: shape", 25));
		lines++;
	}
	CHECK(lines >= 2);
	free(text);
}

CASE_OPT(formats, .root = true, .no_count = true)
{
	static const char *const fields[] = {
	    "name: sched_switch\n",	"field:unsigned short common_type;",
	    "field:int common_pid;",	"field:char prev_comm[16];",
	    "field:pid_t prev_pid;",	"field:int prev_prio;",
	    "field:long prev_state;",	"field:pid_t next_pid;",
	    "print fmt: \"prev_comm=%s"};
	char *text = get("events/sched/sched_switch/format"), *id, wanted[32];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (!strstr(text, fields[i]))
			FAIL("the format lacks %s", fields[i]);
	id = get("events/sched/sched_switch/id");
	snprintf(wanted, sizeof(wanted), "ID: %d\n", atoi(id));
	CHECK(strstr(text, wanted));
	free(text);
	free(id);
	text = get("available_events");
	CHECK(strstr(text, "sched:sched_switch\n") && strstr(text, "sched:sched_stat_runtime\n"));
	CHECK(strstr(text, "sched:sched_migrate_task\n") &&
	      strstr(text, "sched:sched_pi_setprio\n"));
	free(text);
}

CASE_OPT(enables, .root = true, .no_count = true)
{
	char *text;
	int fd;

	begin("");
	text = get("events/sched/enable");
	CHECK_STR(text, "0\n");
	free(text);
	put("events/sched/sched_switch/enable", "1");
	text = get("events/sched/enable");
	CHECK_STR(text, "X\n");
	free(text);
	text = get("set_event");
	CHECK_STR(text, "sched:sched_switch\n");
	free(text);
	put("events/sched/sched_switch/enable", "0");
	text = get("events/sched/sched_switch/enable");
	CHECK_STR(text, "0\n");
	free(text);
	fd = trace_open("set_event", O_WRONLY);
	CHECK_ERR(write(fd, "sched:no_such_event", 19), EINVAL);
	close(fd);
	fd = trace_open("current_tracer", O_WRONLY);
	CHECK_ERR(write(fd, "no_such_tracer", 14), EINVAL);
	close(fd);
	free(end());
}

/* A reader of trace_pipe waits, takes what comes, and takes it away. */
CASE_OPT(pipe_waits_and_takes, .root = true, .no_count = true)
{
	char buf[4096];
	struct pollfd pfd;
	pid_t pid;
	int fd;

	begin("");
	fd = trace_open("trace_pipe", O_RDONLY | O_NONBLOCK);
	CHECK_ERR(read(fd, buf, sizeof(buf)), EAGAIN);
	pfd = (struct pollfd){.fd = fd, .events = POLLIN};
	CHECK_EQ(poll(&pfd, 1, 0), 0);
	pid = OK(fork());
	if (!pid) {
		usleep(20000);
		put("trace_marker", "from the child\n");
		_exit(0);
	}
	CHECK_EQ(OK(poll(&pfd, 1, -1)), 1);
	memset(buf, 0, sizeof(buf));
	OK(read(fd, buf, sizeof(buf) - 1));
	CHECK(strstr(buf, ": tracing_mark_write: from the child\n"));
	CHECK_ERR(read(fd, buf, sizeof(buf)), EAGAIN);
	CHECK_EQ(wait_exit(pid), 0);
	close(fd);
	free(end());
}

static pid_t blocked_reader(int fd)
{
	pid_t pid;

	CHILD(pid) {
		char buf[4096];

		CHECK(read(fd, buf, sizeof(buf)) > 0);
	}
	await_state(pid, "S");
	return pid;
}

/* Two that read the same open file: neither stands behind the other's wait. */
CASE_OPT(two_wait_at_one_pipe, .root = true, .no_count = true)
{
	static const char *const files[] = {"trace_pipe", "per_cpu/cpu0/trace_pipe_raw"};

	bind_to(0, 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		pid_t first, second;
		int fd;

		begin("");
		fd = trace_open(files[i], O_RDONLY);
		first = blocked_reader(fd);
		second = blocked_reader(fd);
		OK(kill(first, SIGTERM));
		CHECK_EQ(wait_killed(first), SIGTERM);
		put("trace_marker", "for the second\n");
		CHECK_EQ(wait_exit(second), 0);
		close(fd);
		free(end());
	}
}

/* A pipe that was read to its end goes on with what the next buffer gets. */
CASE_OPT(pipe_goes_on_in_a_new_buffer, .root = true, .no_count = true)
{
	char *size = get("buffer_size_kb"), buf[4096];
	int fd, i;

	begin("");
	fd = trace_open("trace_pipe", O_RDONLY | O_NONBLOCK);
	for (i = 0; i < 100; i++)
		put("trace_marker", "in the old one");
	while (read(fd, buf, sizeof(buf)) > 0)
		;
	CHECK_EQ(errno, EAGAIN);
	put("buffer_size_kb", "64");
	put("trace_marker", "in the new one");
	memset(buf, 0, sizeof(buf));
	OK(read(fd, buf, sizeof(buf) - 1));
	CHECK(strstr(buf, ": tracing_mark_write: in the new one\n"));
	close(fd);
	put("buffer_size_kb", strchr(size, '(') ? "1024" : strtok(size, "\n"));
	free(size);
	free(end());
}

/* Takes what a file gives for ever, or only asks whether there is something. */
static void read_for_ever(const char *name, bool only_ask)
{
	static char buf[65536];
	int fd = trace_open(name, O_RDONLY | O_NONBLOCK);
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	for (unsigned int i = 1;; i++) {
		OK(poll(&pfd, 1, 0));
		if (!only_ask && read(fd, buf, sizeof(buf)) < 0)
			CHECK_EQ(errno, EAGAIN);
		/* What has an end is read again from its beginning. */
		lseek(fd, 0, SEEK_SET);
		if (i % 16 == 0)
			nap();
	}
}

static void write_for_ever(void)
{
	static char text[1000];
	int fd = trace_open("trace_marker", O_WRONLY);

	memset(text, '.', sizeof(text));
	for (;;)
		OK(write(fd, text, sizeof(text)));
}

/* The last CPU goes or comes, on a machine that is ours. */
static void plug_last_cpu(const char *online)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%ld/online",
		 sysconf(_SC_NPROCESSORS_CONF) - 1);
	if (!access("/proc/jiffy", F_OK) && sysconf(_SC_NPROCESSORS_CONF) > 1)
		OK(spew(path, online));
}

/* Its users stay while the buffer is replaced and a CPU of it goes and comes. */
CASE_OPT(users_outlive_the_buffer, .root = true, .no_count = true, .timeout = 60)
{
	static const struct {
		const char *file;
		bool only_ask;
	} readers[] = {{"trace_pipe", false},
		       {"trace_pipe", true},
		       {"per_cpu/cpu0/trace_pipe_raw", false},
		       {"per_cpu/cpu0/trace_pipe_raw", true},
		       {"per_cpu/cpu0/trace_pipe", false},
		       {"trace", false}};
	char *size = get("buffer_size_kb");
	pid_t pid[ARRAY_SIZE(readers) + 2];

	begin("sched:*");
	for (size_t i = 0; i < ARRAY_SIZE(pid); i++) {
		CHILD(pid[i]) {
			if (i >= ARRAY_SIZE(readers))
				write_for_ever();
			read_for_ever(readers[i].file, readers[i].only_ask);
		}
	}
	for (long i = 0; i < scale(40); i++) {
		put("buffer_size_kb", i % 2 ? "64" : "128");
		if (i % 4 == 1)
			plug_last_cpu(i % 8 == 1 ? "0" : "1");
		if (i % 5 == 0)
			put("trace", "");
		nap();
	}
	plug_last_cpu("1");
	for (size_t i = 0; i < ARRAY_SIZE(pid); i++) {
		kill(pid[i], SIGKILL);
		CHECK_EQ(wait_killed(pid[i]), SIGKILL);
	}
	put("buffer_size_kb", strchr(size, '(') ? "1024" : strtok(size, "\n"));
	free(size);
	free(end());
}

/* A full buffer keeps the newest, or with overwrite off the oldest, and counts what it lost. */
CASE_OPT(full_buffer, .root = true, .no_count = true)
{
	char *size = get("buffer_size_kb"), *text, line[128];
	int i;

	bind_to(0, 0);
	begin("");
	put("buffer_size_kb", "64");
	for (i = 0; i < 5000; i++) {
		snprintf(line, sizeof(line), "number %d of many, with some text to fill the room",
			 i);
		put("trace_marker", line);
	}
	text = get("trace");
	CHECK(strstr(text, "number 4999 ") && !strstr(text, ": number 0 "));
	free(text);
	text = get("per_cpu/cpu0/stats");
	CHECK(strstr(text, "overrun: ") && !strstr(text, "\noverrun: 0\n"));
	free(text);
	put("trace", "");
	put("options/overwrite", "0");
	for (i = 0; i < 5000; i++) {
		snprintf(line, sizeof(line), "number %d of many, with some text to fill the room",
			 i);
		put("trace_marker", line);
	}
	text = get("trace");
	CHECK(!strstr(text, "number 4999 ") && strstr(text, ": number 0 "));
	free(text);
	put("options/overwrite", "1");
	put("buffer_size_kb", strchr(size, '(') ? "1024" : strtok(size, "\n"));
	free(size);
	free(end());
}

CASE_OPT(off_is_off, .root = true, .no_count = true)
{
	char *text;
	int fd;

	begin("sched:sched_switch");
	put("tracing_on", "0");
	put("trace", "");
	usleep(2000);
	fd = trace_open("trace_marker", O_WRONLY);
	CHECK_ERR(write(fd, "unheard", 7), EBADF);
	close(fd);
	text = get("trace");
	CHECK(!strstr(text, "sched_switch:") && !strstr(text, "unheard"));
	free(text);
	text = get("tracing_on");
	CHECK_STR(text, "0\n");
	free(text);
	free(end());
}

CASE_OPT(clocks, .root = true, .no_count = true)
{
	char *text = get("trace_clock");
	int fd;

	CHECK(strstr(text, "[local]") && strstr(text, "global") && strstr(text, "counter"));
	free(text);
	put("trace_clock", "counter");
	text = get("trace_clock");
	CHECK(strstr(text, "[counter]"));
	free(text);
	put("trace_clock", "local");
	fd = trace_open("trace_clock", O_WRONLY);
	CHECK_ERR(write(fd, "sundial", 7), EINVAL);
	close(fd);
}

CASE_OPT(exec_and_migration, .root = true, .no_count = true)
{
	cpu_set_t set;
	char pid_text[32], *text;
	pid_t pid;

	begin("sched:sched_process_exec sched:sched_migrate_task sched:sched_stat_runtime");
	pid = OK(fork());
	if (!pid) {
		execl("/proc/self/exe", "trace", "-l", NULL);
		_exit(127);
	}
	CHECK_EQ(wait_exit(pid), 0);
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1) {
		CPU_ZERO(&set);
		CPU_SET(0, &set);
		OK(sched_setaffinity(0, sizeof(set), &set));
		CPU_ZERO(&set);
		CPU_SET(1, &set);
		OK(sched_setaffinity(0, sizeof(set), &set));
	}
	text = end();
	snprintf(pid_text, sizeof(pid_text), " pid=%d old_pid=%d", pid, pid);
	CHECK(find(text, "sched_process_exec", "filename=/proc/self/exe", pid_text));
	snprintf(pid_text, sizeof(pid_text), "pid=%d", pid);
	CHECK(find(text, "sched_stat_runtime", pid_text, "runtime="));
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1) {
		snprintf(pid_text, sizeof(pid_text), "pid=%d", getpid());
		CHECK(find(text, "sched_migrate_task", pid_text, "dest_cpu=1"));
	}
	free(text);
}

static bool refuses(const char *name, const char *text)
{
	int fd = trace_open(name, O_WRONLY), err = write(fd, text, strlen(text)) < 0 ? errno : 0;

	close(fd);
	return err == EINVAL;
}

/* A filter lets through what it says, and nothing else. */
CASE_OPT(filters, .root = true, .no_count = true)
{
	static const char *const bad[] = {
	    "nothing == 1",    "parent_pid ==",	 "(parent_pid == 1",
	    "parent_comm < 3", "parent_pid ~ 1", "parent_pid == 1 parent_pid"};
	static const char file[] = "events/sched/sched_process_fork/filter";
	char text[160], *now;
	pid_t pids[3];
	unsigned int i, n = 0;
	const char *p;

	now = get(file);
	CHECK_STR(now, "none\n");
	free(now);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		if (!refuses(file, bad[i]))
			FAIL("\"%s\" is taken", bad[i]);
	/* Of three forks of ours the second alone; pids of others are not in question. */
	begin("");
	put(file, "0");
	pids[0] = OK(fork());
	if (!pids[0])
		_exit(0);
	snprintf(text, sizeof(text),
		 "parent_pid == %d && !(child_pid <= %d || child_pid > 0x7ffffff0) && "
		 "parent_comm ~ \"*%.3s*\"",
		 getpid(), pids[0], program_invocation_short_name);
	put(file, text);
	now = get(file);
	CHECK(!strncmp(now, text, strlen(text)));
	free(now);
	put("set_event", "sched:sched_process_fork");
	for (i = 1; i < 3; i++) {
		pids[i] = OK(fork());
		if (!pids[i])
			_exit(0);
	}
	/* A child's own child has another parent. */
	for (i = 0; i < 3; i++)
		CHECK_EQ(wait_exit(pids[i]), 0);
	if (!fork()) {
		if (!fork())
			_exit(0);
		wait(NULL);
		_exit(0);
	}
	wait(NULL);
	put(file, "0");
	now = end();
	for (p = now; (p = strstr(p, ": sched_process_fork: ")); p++) {
		snprintf(text, sizeof(text), " pid=%d ", getpid());
		CHECK(strstr(p, text) && strstr(p, text) < strchr(p, '\n'));
		n++;
	}
	/* The two after the first, and the one that had a child. */
	CHECK_EQ(n, 3);
	free(now);
	now = get(file);
	CHECK_STR(now, "none\n");
	free(now);
}

struct raw_page {
	uint64_t ns, commit;
	char data[4080];
};

/* Walks a page's records; each marker's text, behind the others, into out. */
static void walk_page(const struct raw_page *page, char *out, size_t size)
{
	uint32_t bytes = page->commit & 0xfffff, at = 0, word, len;

	CHECK(bytes && bytes <= sizeof(page->data));
	while (at < bytes) {
		unsigned int type;
		uint16_t id;

		memcpy(&word, page->data + at, 4);
		at += 4;
		type = word & 31;
		if (type == 30 || type == 31) {
			at += 4;
			continue;
		}
		if (type == 29) /* the rest is empty, or a record that was given up */
			break;
		memcpy(&len, page->data + at, 4);
		if (type)
			len = 4 * type;
		else
			at += 4, len -= 4;
		CHECK(len >= 8 && at + len <= bytes);
		memcpy(&id, page->data + at, 2);
		if (id == 5) /* common fields, the caller's address, the text */
			snprintf(out + strlen(out), size - strlen(out), "%s", page->data + at + 16);
		at += len;
	}
	CHECK(at <= bytes);
}

/* The binary form: pages that end where they say, records whose form the files describe. */
CASE_OPT(raw_pages, .root = true, .no_count = true)
{
	static struct raw_page page;
	char out[4096] = "", want[4096] = "", line[128], *text;
	int fd, i;

	text = get("events/header_page");
	CHECK(strstr(text, "char data;\toffset:16;\tsize:4080;"));
	free(text);
	text = get("events/ftrace/print/format");
	CHECK(strstr(text, "ID: 5\n") && strstr(text, "char buf[];\toffset:16;"));
	free(text);
	bind_to(0, 0);
	begin("sched:sched_switch");
	fd = trace_open("per_cpu/cpu0/trace_pipe_raw", O_RDONLY | O_NONBLOCK);
	for (i = 0; i < 30; i++) {
		snprintf(line, sizeof(line), "%d %.*s\n", i, i * 3,
			 "of different lengths, that fill more than the twenty-eight words of a "
			 "short record");
		strcat(want, line);
		put("trace_marker", line);
		nap();
	}
	put("tracing_on", "0");
	/* Records are given out when their page is full, or nobody writes any more. */
	while (read(fd, &page, sizeof(page)) == (ssize_t)sizeof(page))
		walk_page(&page, out, sizeof(out));
	CHECK_STR(out, want);
	close(fd);
	free(end());
}
