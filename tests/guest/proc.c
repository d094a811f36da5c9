/* SPDX-License-Identifier: MIT */
/* /proc: each file parses and says the truth about a known child, about this process, the machine.
 */
#include "harness.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

static char buf[65536];

static const char *path_of(pid_t pid, const char *file)
{
	static char path[128];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	return path;
}

static char *text(const char *path)
{
	if (slurp(path, buf, sizeof(buf)) < 0)
		FAIL("%s: %s", path, strerror(errno));
	return buf;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	wait_status(pid);
}

CASE(stat_of_child)
{
	pid_t pid = waiting_child();
	char comm[32], state;
	int p, pp, pgrp, sid, tty, tpgid;

	await_state(pid, "S");
	CHECK_EQ(sscanf(text(path_of(pid, "stat")), "%d (%31[^)]) %c %d %d %d %d %d", &p, comm,
			&state, &pp, &pgrp, &sid, &tty, &tpgid),
		 8);
	CHECK_EQ(p, pid);
	CHECK_STR(comm, "proc");
	CHECK_EQ(state, 'S');
	CHECK_EQ(pp, getpid());
	CHECK_EQ(pgrp, getpgrp());
	CHECK_EQ(sid, getsid(0));
	CHECK_EQ(tty, 0);
	CHECK_EQ(tpgid, -1);
	end(pid);
}

CASE(stat_has_52_fields)
{
	int n = 0;

	for (char *p = strrchr(text("/proc/self/stat"), ')') + 1; (p = strchr(p, ' ')); p++)
		n++;
	CHECK_EQ(n, 50);
}

CASE(stat_states)
{
	pid_t pid;

	CHILD(pid) {
		for (;;)
			;
	}
	await_state(pid, "R");
	kill(pid, SIGSTOP);
	await_state(pid, "T");
	kill(pid, SIGKILL);
	await_state(pid, "Z");
	wait_status(pid);
	CHECK_EQ(proc_state(pid), 0);
}

CASE(status_fields)
{
	pid_t pid = waiting_child();

	await_state(pid, "S");
	CHECK(strstr(text(path_of(pid, "status")), "Name:\tproc\n"));
	CHECK(strstr(buf, "State:\tS (sleeping)\n"));
	CHECK_EQ(proc_field(path_of(pid, "status"), "Pid"), pid);
	CHECK_EQ(proc_field(path_of(pid, "status"), "Tgid"), pid);
	CHECK_EQ(proc_field(path_of(pid, "status"), "PPid"), getpid());
	CHECK_EQ(proc_field(path_of(pid, "status"), "Threads"), 1);
	CHECK(proc_field(path_of(pid, "status"), "VmRSS") > 0);
	end(pid);
}

CASE(status_signal_masks)
{
	unsigned long blocked, ignored, caught, pending;
	char *p;

	block_signal(SIGUSR1);
	signal(SIGUSR2, SIG_IGN);
	on_signal(SIGHUP, _exit, 0);
	kill(getpid(), SIGUSR1);
	text("/proc/self/status");
	CHECK((p = strstr(buf, "ShdPnd:")) && sscanf(p, "ShdPnd: %lx", &pending) == 1);
	CHECK((p = strstr(buf, "SigBlk:")) && sscanf(p, "SigBlk: %lx", &blocked) == 1);
	CHECK((p = strstr(buf, "SigIgn:")) && sscanf(p, "SigIgn: %lx", &ignored) == 1);
	CHECK((p = strstr(buf, "SigCgt:")) && sscanf(p, "SigCgt: %lx", &caught) == 1);
	CHECK_EQ(pending, 1UL << (SIGUSR1 - 1));
	CHECK_EQ(blocked, 1UL << (SIGUSR1 - 1));
	CHECK_EQ(ignored, 1UL << (SIGUSR2 - 1));
	CHECK_EQ(caught, 1UL << (SIGHUP - 1));
}

CASE(statm_agrees_with_status)
{
	long size, resident;

	CHECK_EQ(sscanf(text("/proc/self/statm"), "%ld %ld", &size, &resident), 2);
	CHECK(size >= resident && resident > 0);
	CHECK_EQ(proc_field("/proc/self/status", "VmSize"), size * 4);
}

CASE(maps_parse)
{
	unsigned long start, finish, last = 0, offset;
	char perms[8], *line;
	int n = 0;

	text("/proc/self/maps");
	for (line = strtok(buf, "\n"); line; line = strtok(NULL, "\n")) {
		CHECK_EQ(sscanf(line, "%lx-%lx %4s %lx", &start, &finish, perms, &offset), 4);
		CHECK(start < finish && start >= last);
		CHECK(start % PAGE == 0 && finish % PAGE == 0);
		last = finish;
		n++;
	}
	CHECK(n >= 5);
}

CASE(cmdline_and_environ)
{
	pid_t pid;
	int p[2];

	OK(pipe(p));
	CHILD(pid) {
		char *env[] = {"ONE=1", "TWO=2", NULL};
		char *argv[] = {"argv0", "--role", "wait", "", "last", NULL};

		dup2(p[0], 0);
		close(p[1]);
		execve(self_path(), argv, env);
	}
	EVENTUALLY(slurp(path_of(pid, "cmdline"), buf, sizeof(buf)) == 24 && !strcmp(buf, "argv0"));
	CHECK(!memcmp(buf, "argv0\0--role\0wait\0\0last", 23));
	CHECK_EQ(slurp(path_of(pid, "environ"), buf, sizeof(buf)), 12);
	CHECK(!memcmp(buf, "ONE=1\0TWO=2", 12));
	CHECK_STR(text(path_of(pid, "comm")), "proc\n");
	close(p[1]);
	CHECK_EQ(wait_exit(pid), 0);
}

int role_main(const char *role, int argc, char **argv)
{
	char c;

	(void)role;
	(void)argc;
	(void)argv;
	return read(0, &c, 1);
}

CASE(comm_can_be_written)
{
	OK(spew("/proc/self/comm", "other-name"));
	CHECK_STR(text("/proc/self/comm"), "other-name\n");
	char name[16];

	OK(prctl(PR_GET_NAME, name));
	CHECK_STR(name, "other-name");
}

CASE(links_exe_cwd_root)
{
	char link[PATH_MAX] = "", cwd[PATH_MAX];
	pid_t pid = waiting_child();

	CHECK(readlink(path_of(pid, "exe"), link, sizeof(link)) > 0);
	CHECK_STR(link, self_path());
	memset(link, 0, sizeof(link));
	CHECK(readlink(path_of(pid, "cwd"), link, sizeof(link)) > 0);
	CHECK(getcwd(cwd, sizeof(cwd)));
	CHECK_STR(link, cwd);
	memset(link, 0, sizeof(link));
	CHECK(readlink(path_of(pid, "root"), link, sizeof(link)) > 0);
	CHECK_STR(link, "/");
	end(pid);
}

/* A descriptor has one name: its number, and nothing before or after it. */
CASE(fd_names_are_numbers_alone)
{
	int fd = OK(open(".", O_RDONLY | O_DIRECTORY));
	struct stat st;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	OK(lstat(path, &st));
	for (int c = 1; c < 256; c++) {
		if (c == '/' || (c >= '1' && c <= '9'))
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%c%d", c, fd);
		CHECK_ERR(lstat(path, &st), ENOENT);
		snprintf(path, sizeof(path), "/proc/self/fdinfo/%d%c", fd, c);
		CHECK_ERR(lstat(path, &st), ENOENT);
		snprintf(path, sizeof(path), "/proc/self/fd/%d%c", fd, c);
		CHECK_ERR(lstat(path, &st), ENOENT);
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%llu", (1ULL << 32) + fd);
	CHECK_ERR(lstat(path, &st), ENOENT);
}

CASE(fd_directory)
{
	char link[PATH_MAX] = "", path[64];
	int fd = OK(open("/dev/null", O_RDONLY)), n = 0;
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK(readlink(path, link, sizeof(link)) > 0);
	CHECK_STR(link, "/dev/null");
	d = opendir("/proc/self/fd");
	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	CHECK(n >= 2);
	OK(close(fd));
	CHECK_ERR(readlink(path, link, sizeof(link)), ENOENT);
}

CASE(deleted_file_is_marked)
{
	char link[PATH_MAX] = "", path[64];
	int fd = OK(open("gone", O_RDWR | O_CREAT, 0600));

	OK(unlink("gone"));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK(readlink(path, link, sizeof(link)) > 0);
	CHECK(strstr(link, "/gone (deleted)"));
}

CASE(fdinfo_shows_position_and_flags)
{
	char path[64];
	int fd = OK(open("f", O_RDWR | O_CREAT | O_APPEND, 0600));
	unsigned flags;
	char *p;

	CHECK_EQ(write(fd, "abc", 3), 3);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	CHECK_EQ(proc_field(path, "pos"), 3);
	p = strstr(text(path), "flags:");
	CHECK(p && sscanf(p, "flags: %o", &flags) == 1);
	CHECK_EQ(flags & (O_ACCMODE | O_APPEND), O_RDWR | O_APPEND);
}

static void *sleep_in(void *arg)
{
	gate_wait(arg);
	return NULL;
}

CASE(task_directory_lists_threads)
{
	struct gate g;
	pthread_t t[3];
	int n = 0;
	struct dirent *e;
	DIR *d;

	gate_init(&g);
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, sleep_in, &g);
	d = opendir("/proc/self/task");
	CHECK(d);
	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	CHECK_EQ(n, 4);
	for (int i = 0; i < 3; i++)
		gate_open(&g);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
}

CASE(thread_self_link)
{
	char link[64] = "", want[64];

	CHECK(readlink("/proc/thread-self", link, sizeof(link)) > 0);
	snprintf(want, sizeof(want), "%d/task/%d", getpid(), gettid());
	CHECK_STR(link, want);
}

CASE(children_file)
{
	char path[64];
	pid_t pid = waiting_child();
	int got;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", gettid());
	if (access(path, F_OK))
		SKIP("no children file");
	CHECK_EQ(sscanf(text(path), "%d", &got), 1);
	CHECK_EQ(got, pid);
	end(pid);
}

CASE(directory_lists_processes)
{
	pid_t pid = waiting_child();
	bool found = false, self = false;
	struct dirent *e;
	DIR *d = opendir("/proc");

	while ((e = readdir(d))) {
		found |= atoi(e->d_name) == pid;
		self |= !strcmp(e->d_name, "self");
	}
	CHECK(found && self);
	end(pid);
	CHECK(access(path_of(pid, "stat"), F_OK));
}

static void *write_some(void *arg)
{
	char path[64];

	CHECK_EQ(write(*(int *)arg, "12345678", 8), 8);
	snprintf(path, sizeof(path), "/proc/self/task/%d/io", gettid());
	CHECK_EQ(proc_field(path, "wchar"), 8);
	CHECK_EQ(proc_field(path, "syscw"), 1);
	return NULL;
}

/* A thread's file counts the thread, the process's also those that are gone. */
CASE(io_counts_calls_and_bytes)
{
	long long rchar = proc_field("/proc/self/io", "rchar"), wchar, syscr, syscw;
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));
	pthread_t t;

	if (rchar < 0)
		SKIP("no /proc/PID/io");
	wchar = proc_field("/proc/self/io", "wchar");
	syscw = proc_field("/proc/self/io", "syscw");
	CHECK_EQ(write(fd, buf, 100), 100);
	CHECK_EQ(pwrite(fd, buf, 50, 0), 50);
	CHECK_ERR(write(-1, buf, 10), EBADF); /* not counted */
	CHECK_EQ(proc_field("/proc/self/io", "wchar") - wchar, 150);
	CHECK_EQ(proc_field("/proc/self/io", "syscw") - syscw, 2);
	CHECK_EQ(pthread_create(&t, NULL, write_some, &fd), 0);
	CHECK_EQ(pthread_join(t, NULL), 0);
	EVENTUALLY(proc_field("/proc/self/status", "Threads") == 1);
	CHECK_EQ(proc_field("/proc/self/io", "wchar") - wchar, 158);
	rchar = proc_field("/proc/thread-self/io", "rchar");
	syscr = proc_field("/proc/thread-self/io", "syscr");
	CHECK_EQ(pread(fd, buf, 100, 0), 100);
	CHECK(proc_field("/proc/thread-self/io", "rchar") - rchar >= 100);
	CHECK(proc_field("/proc/thread-self/io", "syscr") - syscr >= 1);
	CHECK(proc_field("/proc/self/io", "cancelled_write_bytes") >= 0);
}

CASE_ROOT(io_is_for_the_owner)
{
	pid_t pid = waiting_child(), other;

	CHILD(other) {
		OK(setuid(1000));
		CHECK_ERR(slurp(path_of(pid, "io"), buf, sizeof(buf)), EACCES);
	}
	CHECK_EQ(wait_exit(other), 0);
	end(pid);
}

CASE(files_of_dead_process_say_esrch)
{
	pid_t pid = waiting_child();
	int fd = OK(open(path_of(pid, "stat"), O_RDONLY));

	end(pid);
	CHECK_ERR(read(fd, buf, 100), ESRCH);
}

CASE(zombie_has_empty_cmdline_and_maps)
{
	pid_t pid;

	CHILD(pid) {
	}
	await_state(pid, "Z");
	CHECK_EQ(slurp(path_of(pid, "cmdline"), buf, sizeof(buf)), 0);
	CHECK_EQ(slurp(path_of(pid, "maps"), buf, sizeof(buf)), 0);
	CHECK_ERR(readlink(path_of(pid, "exe"), buf, 100), ENOENT);
	wait_status(pid);
}

CASE(times_in_stat_grow)
{
	unsigned long utime = 0, stime = 0;
	pid_t pid;

	CHILD(pid) {
		for (;;)
			getppid();
	}
	for (int64_t until = now_ms() + 10000; utime + stime < 3 && now_ms() < until; nap())
		CHECK_EQ(sscanf(strrchr(text(path_of(pid, "stat")), ')') + 2,
				"%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &utime,
				&stime),
			 2);
	CHECK(utime + stime >= 3);
	end(pid);
}

CASE(start_time_is_recent)
{
	unsigned long long start;
	struct timespec ts;
	pid_t pid = waiting_child();

	CHECK_EQ(sscanf(strrchr(text(path_of(pid, "stat")), ')') + 2,
			"%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
			"%*d %llu",
			&start),
		 1);
	OK(clock_gettime(CLOCK_BOOTTIME, &ts));
	CHECK((long)start <= ts.tv_sec * 100 + ts.tv_nsec / 10000000);
	CHECK((long)start >= (ts.tv_sec - 10) * 100);
	end(pid);
}

CASE(sched_and_wchan_and_limits)
{
	pid_t pid = waiting_child();

	await_state(pid, "S");
	if (access(path_of(pid, "sched"), F_OK) == 0)
		CHECK(strstr(text(path_of(pid, "sched")), "se.sum_exec_runtime"));
	CHECK(slurp(path_of(pid, "wchan"), buf, sizeof(buf)) >= 1);
	CHECK(strstr(text(path_of(pid, "limits")), "Max cpu time"));
	end(pid);
}

CASE(mountinfo_has_root)
{
	int id, parent, major, minor;
	char root[256], point[256];
	bool found = false;

	text("/proc/self/mountinfo");
	for (char *line = strtok(buf, "\n"); line; line = strtok(NULL, "\n")) {
		CHECK_EQ(sscanf(line, "%d %d %d:%d %255s %255s", &id, &parent, &major, &minor, root,
				point),
			 6);
		CHECK(strstr(line, " - "));
		found |= !strcmp(point, "/");
	}
	CHECK(found);
}

CASE(machine_stat)
{
	unsigned long user, niced, system, idle;
	int cpus = 0;

	CHECK_EQ(sscanf(text("/proc/stat"), "cpu %lu %lu %lu %lu", &user, &niced, &system, &idle),
		 4);
	for (char *p = buf; (p = strstr(p, "\ncpu")); p++)
		cpus++;
	CHECK_EQ(cpus, get_nprocs());
	CHECK(proc_field("/proc/stat", "btime") > 0);
	CHECK(proc_field("/proc/stat", "ctxt") > 0);
	CHECK(proc_field("/proc/stat", "procs_running") >= 1);
	long long before = proc_field("/proc/stat", "processes");

	end(waiting_child());
	CHECK(proc_field("/proc/stat", "processes") > before);
}

CASE(meminfo_agrees_with_sysinfo)
{
	struct sysinfo si;
	long long total = proc_field("/proc/meminfo", "MemTotal");

	OK(sysinfo(&si));
	CHECK_EQ(si.totalram / 1024 * si.mem_unit, total);
	CHECK(proc_field("/proc/meminfo", "MemFree") > 0);
	CHECK(proc_field("/proc/meminfo", "MemFree") < total);
	CHECK(proc_field("/proc/meminfo", "MemAvailable") > 0);
	CHECK(strstr(text("/proc/meminfo"), " kB\n"));
}

CASE(cpuinfo_counts_processors)
{
	int n = 0;

	for (char *p = text("/proc/cpuinfo"); (p = strstr(p, "processor\t:")); p++)
		n++;
	CHECK_EQ(n, get_nprocs());
	CHECK(strstr(buf, "flags"));
}

CASE(uptime_runs)
{
	double a, b, idle;
	struct timespec ts;

	CHECK_EQ(sscanf(text("/proc/uptime"), "%lf %lf", &a, &idle), 2);
	OK(clock_gettime(CLOCK_BOOTTIME, &ts));
	b = ts.tv_sec + ts.tv_nsec / 1e9;
	CHECK(a <= b + 0.02 && b - a < 5);
}

CASE(loadavg_parses)
{
	double a, b, c;
	int running, total, last;

	CHECK_EQ(sscanf(text("/proc/loadavg"), "%lf %lf %lf %d/%d %d", &a, &b, &c, &running, &total,
			&last),
		 6);
	CHECK(running >= 1 && total >= running && last > 0);
}

CASE(version_and_uname_agree)
{
	struct utsname u;

	OK(uname(&u));
	CHECK(strstr(text("/proc/version"), u.release));
	CHECK(!strncmp(text("/proc/sys/kernel/osrelease"), u.release, strlen(u.release)));
}

CASE(machine_files_exist)
{
	static const char *const files[] = {
	    "/proc/cmdline", "/proc/filesystems", "/proc/interrupts", "/proc/mounts",
	    "/proc/version", "/proc/loadavg",	  "/proc/uptime"};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		CHECK(strlen(text(files[i])) > 0);
	CHECK(strstr(text("/proc/filesystems"), "tmpfs"));
	CHECK(strstr(text("/proc/filesystems"), "nodev\tproc"));
}

/* The sum over CPUs of a line of /proc/interrupts. */
static long interrupts(const char *name)
{
	const char *p = strstr(text("/proc/interrupts"), name);
	long sum = 0, n;
	char *end;

	CHECK(p);
	for (p += strlen(name); n = strtol(p, &end, 10), end != p; p = end)
		sum += n;
	return sum;
}

static void *spin_for_ever(void *arg)
{
	__atomic_store_n((int *)arg, 1, __ATOMIC_RELEASE);
	for (;;)
		__asm__ volatile("pause");
	return NULL;
}

CASE(interrupts_are_counted_by_kind)
{
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long timer = interrupts("LOC:"), flushes = interrupts("TLB:");
	pthread_t t;
	int runs = 0;

	CHECK(interrupts("ERR:") >= 0);
	EVENTUALLY(interrupts("LOC:") > timer);
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		return;
	/* Another CPU runs in this address space: it must hear of a mapping that is gone. */
	CHECK_EQ(pthread_create(&t, NULL, spin_for_ever, &runs), 0);
	EVENTUALLY(__atomic_load_n(&runs, __ATOMIC_ACQUIRE));
	EVENTUALLY((*(volatile char *)p = 1, madvise(p, PAGE, MADV_DONTNEED),
		    interrupts("TLB:") > flushes));
}

CASE(sys_kernel_files)
{
	CHECK(atoi(text("/proc/sys/kernel/pid_max")) >= 4096);
	CHECK(atoi(text("/proc/sys/kernel/threads-max")) > 0);
	CHECK(strlen(text("/proc/sys/kernel/hostname")) > 0);
	CHECK_STR(text("/proc/sys/kernel/ostype"), "Linux\n");
}

CASE(proc_is_not_writable)
{
	CHECK_ERR(open("/proc/newfile", O_CREAT | O_RDWR, 0600), ENOENT);
	CHECK(mkdir("/proc/newdir", 0755) == -1);
	CHECK(unlink("/proc/self/stat") == -1);
	CHECK_ERR(open("/proc/0", O_RDONLY), ENOENT);
	CHECK_ERR(open("/proc/0123", O_RDONLY), ENOENT);
	CHECK_ERR(open("/proc/2147483647/stat", O_RDONLY), ENOENT);
}

CASE(small_reads_join_up)
{
	char whole[4096], parts[4096];
	size_t n = 0;
	int fd;

	CHECK(slurp("/proc/self/limits", whole, sizeof(whole)) > 0);
	fd = OK(open("/proc/self/limits", O_RDONLY));
	while (n < sizeof(parts) - 1 && read(fd, parts + n, 1) == 1)
		n++;
	parts[n] = 0;
	CHECK_STR(parts, whole);
	CHECK_EQ(lseek(fd, 5, SEEK_SET), 5);
	CHECK_EQ(read(fd, parts, 10), 10);
	CHECK(!memcmp(parts, whole + 5, 10));
}

CASE_ROOT(oom_score_adj)
{
	OK(spew("/proc/self/oom_score_adj", "500"));
	CHECK_STR(text("/proc/self/oom_score_adj"), "500\n");
	CHECK_ERR(spew("/proc/self/oom_score_adj", "5000"), EINVAL);
	CHECK_ERR(spew("/proc/self/oom_score_adj", "x"), EINVAL);
	pid_t pid = waiting_child();

	CHECK_STR(text(path_of(pid, "oom_score_adj")), "500\n");
	end(pid);
}
