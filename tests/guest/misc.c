/* SPDX-License-Identifier: MIT */
/* Calls that tell about the system or set small things: uname, sysinfo, prctl, personality, rseq.
 */
#include "harness.h"

#include <asm/prctl.h>
#include <linux/kcmp.h>
#include <sys/epoll.h>
#include <sys/personality.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/utsname.h>

CASE(uname_fields)
{
	struct utsname u;
	int major, minor;

	OK(uname(&u));
	CHECK_STR(u.sysname, "Linux");
	CHECK_STR(u.machine, "x86_64");
	CHECK_EQ(sscanf(u.release, "%d.%d", &major, &minor), 2);
	CHECK(major >= 3);
	CHECK(u.nodename[0] && u.version[0]);
}

CASE_ROOT(hostname_and_domainname)
{
	char name[65];
	struct utsname u;

	NEED(unshare(CLONE_NEWUTS));
	OK(sethostname("a-host", 6));
	OK(gethostname(name, sizeof(name)));
	CHECK_STR(name, "a-host");
	OK(setdomainname("dom", 3));
	OK(uname(&u));
	CHECK_STR(u.nodename, "a-host");
	CHECK_STR(u.domainname, "dom");
	CHECK_ERR(syscall(SYS_sethostname, "x", -1), EINVAL);
	CHECK_ERR(syscall(SYS_sethostname, "x", 65), EINVAL);
	OK(setuid(1000));
	CHECK_ERR(sethostname("b", 1), EPERM);
}

CASE(sysinfo_is_plausible)
{
	struct sysinfo si;

	OK(sysinfo(&si));
	CHECK(si.uptime >= 0 && si.procs >= 1 && si.mem_unit >= 1);
	CHECK(si.totalram > si.freeram && si.freeram > 0);
}

CASE(sysconf_processors)
{
	CHECK(sysconf(_SC_NPROCESSORS_ONLN) >= 1);
	CHECK(sysconf(_SC_NPROCESSORS_CONF) >= sysconf(_SC_NPROCESSORS_ONLN));
	CHECK_EQ(sysconf(_SC_PAGESIZE), 4096);
}

/* The number that a file of a cache's directory holds; its text, without the newline, in text. */
static unsigned long cache_file(int cpu, int index, const char *name, char *text, size_t size)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/cache/index%d/%s", cpu, index,
		 name);
	CHECK(slurp(path, text, size) > 0);
	text[strcspn(text, "\n")] = 0;
	return strtoul(text, NULL, 10);
}

/* The size is what the parts make, and who shares a cache with one shares it with all. */
CASE(caches_are_described)
{
	static const char *const kinds[] = {"Data", "Instruction", "Unified"};
	char text[256], list[256], path[128];
	cpu_set_t allowed;
	int index, cpu;

	OK(sched_getaffinity(0, sizeof(allowed), &allowed));
	for (cpu = 0; !CPU_ISSET(cpu, &allowed);)
		cpu++;
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/cache/index0", cpu);
	if (access(path, F_OK))
		SKIP("nothing is known of this processor's caches");
	for (index = 0;; index++) {
		unsigned long bytes, kind = 0;

		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/cache/index%d", cpu,
			 index);
		if (access(path, F_OK))
			break;
		bytes = cache_file(cpu, index, "coherency_line_size", text, sizeof(text)) *
			cache_file(cpu, index, "physical_line_partition", text, sizeof(text)) *
			cache_file(cpu, index, "number_of_sets", text, sizeof(text)) *
			cache_file(cpu, index, "ways_of_associativity", text, sizeof(text));
		CHECK_EQ(cache_file(cpu, index, "size", text, sizeof(text)), bytes / 1024);
		CHECK_EQ(text[strlen(text) - 1], 'K');
		CHECK(cache_file(cpu, index, "level", text, sizeof(text)) >= 1);
		cache_file(cpu, index, "type", text, sizeof(text));
		while (kind < ARRAY_SIZE(kinds) && strcmp(text, kinds[kind]))
			kind++;
		CHECK(kind < ARRAY_SIZE(kinds));
		/* The list begins with the lowest of those who share. */
		cache_file(cache_file(cpu, index, "shared_cpu_list", list, sizeof(list)), index,
			   "shared_cpu_list", text, sizeof(text));
		CHECK_STR(text, list);
	}
	CHECK(index > 0);
}

CASE(prctl_name)
{
	char name[16];

	OK(prctl(PR_SET_NAME, "0123456789abcdefgh"));
	OK(prctl(PR_GET_NAME, name));
	CHECK_STR(name, "0123456789abcde");
}

CASE(prctl_dumpable)
{
	CHECK_EQ(prctl(PR_GET_DUMPABLE), 1);
	OK(prctl(PR_SET_DUMPABLE, 0));
	CHECK_EQ(prctl(PR_GET_DUMPABLE), 0);
	CHECK_ERR(prctl(PR_SET_DUMPABLE, 2), EINVAL);
	CHECK_ERR(prctl(PR_SET_DUMPABLE, 9), EINVAL);
}

CASE(prctl_unknown)
{
	CHECK_ERR(prctl(123456), EINVAL);
}

CASE(prctl_tid_address)
{
	int *address;

	if (prctl(PR_GET_TID_ADDRESS, &address))
		SKIP("no PR_GET_TID_ADDRESS");
	int word;

	CHECK_EQ(syscall(SYS_set_tid_address, &word), gettid());
	OK(prctl(PR_GET_TID_ADDRESS, &address));
	CHECK(address == &word);
}

CASE(personality_get_and_set)
{
	int old = personality(0xffffffff);

	CHECK_EQ(old, 0);
	CHECK_EQ(personality(ADDR_NO_RANDOMIZE), 0);
	CHECK_EQ(personality(0xffffffff), ADDR_NO_RANDOMIZE);
	pid_t pid;

	CHILD(pid) {
		CHECK_EQ(personality(0xffffffff), ADDR_NO_RANDOMIZE);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

static unsigned long fs_base(void)
{
	unsigned long v = 0;

	OK(syscall(SYS_arch_prctl, ARCH_GET_FS, &v));
	return v;
}

CASE(arch_prctl_bases)
{
	static unsigned long block[4] = {77};
	unsigned long v, read_back;

	asm volatile("mov %%fs:0, %0" : "=r"(v));
	CHECK_EQ(fs_base(), v);
	OK(syscall(SYS_arch_prctl, ARCH_SET_GS, block));
	asm volatile("mov %%gs:0, %0" : "=r"(v));
	CHECK_EQ(v, 77);
	OK(syscall(SYS_arch_prctl, ARCH_GET_GS, &read_back));
	CHECK_EQ(read_back, (long)block);
	CHECK_ERR(syscall(SYS_arch_prctl, ARCH_SET_GS, 1UL << 63), EPERM);
	CHECK_ERR(syscall(SYS_arch_prctl, 0x9999, 0), EINVAL);
	pid_t pid;

	CHILD(pid) {
		asm volatile("mov %%gs:0, %0" : "=r"(v));
		CHECK_EQ(v, 77);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(gs_base_survives_preemption)
{
	static unsigned long mine[2][1];
	pid_t pid[2];

	for (int i = 0; i < 2; i++) {
		CHILD(pid[i]) {
			mine[i][0] = i + 1;
			OK(syscall(SYS_arch_prctl, ARCH_SET_GS, mine[i]));
			for (int k = 0; k < 2000; k++) {
				unsigned long v;

				asm volatile("mov %%gs:0, %0" : "=r"(v));
				CHECK_EQ(v, i + 1);
				if (k % 16 == 0)
					sched_yield();
			}
		}
	}
	for (int i = 0; i < 2; i++)
		CHECK_EQ(wait_exit(pid[i]), 0);
}

CASE(getrusage_counts)
{
	struct rusage a, b;
	char *p;

	OK(getrusage(RUSAGE_SELF, &a));
	p = mmap(NULL, 100 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < 100; i++)
		p[i * PAGE] = 1;
	OK(getrusage(RUSAGE_SELF, &b));
	CHECK(b.ru_minflt - a.ru_minflt >= 1);
	CHECK(b.ru_maxrss >= a.ru_maxrss);
	OK(getrusage(RUSAGE_THREAD, &b));
	CHECK_ERR(getrusage(77, &b), EINVAL);
}

CASE(times_grow_under_load)
{
	struct tms t;
	int64_t until = now_ms() + 8000;

	do
		times(&t);
	while (t.tms_utime + t.tms_stime < 3 && now_ms() < until);
	CHECK(t.tms_utime + t.tms_stime >= 3);
}

CASE(user_and_system_time_are_told_apart)
{
	struct rusage ru;
	int64_t until = now_ms() + 8000;

	do {
		for (volatile int i = 0; i < 100000; i++)
			;
		OK(getrusage(RUSAGE_SELF, &ru));
	} while (ru.ru_utime.tv_sec == 0 && ru.ru_utime.tv_usec < 40000 && now_ms() < until);
	CHECK(ru.ru_utime.tv_sec * 1000000 + ru.ru_utime.tv_usec >= 40000);
	CHECK(ru.ru_utime.tv_usec + ru.ru_utime.tv_sec * 1000000 >
	      ru.ru_stime.tv_usec + ru.ru_stime.tv_sec * 1000000);
}

CASE(rseq_is_registered_by_libc)
{
	/* A second registration of other memory is refused while the first stands. */
	static char area[32] __attribute__((aligned(32)));
	long r = syscall(SYS_rseq, area, 32, 0, 0x53053053);

	if (r == -1 && errno == ENOSYS)
		SKIP("no rseq");
	if (r == -1)
		CHECK(errno == EINVAL || errno == EBUSY);
	else
		CHECK(*(unsigned *)(area + 4) < CPU_SETSIZE);
	CHECK_ERR(syscall(SYS_rseq, area, 31, 0, 0x53053053), EINVAL);
}

CASE(identity_calls_answer)
{
	CHECK_EQ(syscall(SYS_getpid), getpid());
	CHECK_EQ(syscall(SYS_getuid), getuid());
	CHECK_EQ(syscall(SYS_gettid), gettid());
	CHECK_EQ(syscall(SYS_getpgrp), getpgrp());
	CHECK(syscall(SYS_umask, 022) >= 0);
}

static int kcmp(pid_t a, pid_t b, int type, unsigned long x, unsigned long y)
{
	return syscall(SYS_kcmp, a, b, type, x, y);
}

CASE(kcmp_of_files)
{
	int fd = OK(open("/dev/null", O_RDONLY)), d = OK(dup(fd)),
	    o = OK(open("/dev/null", O_RDONLY));
	pid_t me = getpid();
	int order;

	CHECK_EQ(NEED(kcmp(me, me, KCMP_FILE, fd, d)), 0);
	order = kcmp(me, me, KCMP_FILE, fd, o);
	CHECK(order == 1 || order == 2);
	CHECK_EQ(kcmp(me, me, KCMP_FILE, o, d), 3 - order);
	CHECK_ERR(kcmp(me, me, KCMP_FILE, fd, 999), EBADF);
	CHECK_ERR(kcmp(me, me, KCMP_TYPES, fd, d), EINVAL);
	CHECK_ERR(kcmp(me, 0x7ffffff0, KCMP_FILE, fd, d), ESRCH);
}

static int sleep_for_good(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return 0;
}

CASE(kcmp_of_what_clone_shares)
{
	static const struct {
		int flag, type;
	} kind[] = {{CLONE_VM, KCMP_VM},
		    {CLONE_FILES, KCMP_FILES},
		    {CLONE_FS, KCMP_FS},
		    {CLONE_SIGHAND | CLONE_VM, KCMP_SIGHAND}};
	char *stack = malloc(65536);
	pid_t me = getpid(), pid;

	NEED(kcmp(me, me, KCMP_VM, 0, 0));
	for (size_t i = 0; i < ARRAY_SIZE(kind); i++) {
		pid = OK(clone(sleep_for_good, stack + 65536, kind[i].flag | SIGCHLD, NULL));
		for (size_t j = 0; j < ARRAY_SIZE(kind); j++) {
			int order = kcmp(me, pid, kind[j].type, 0, 0);
			bool shared = (kind[i].flag & kind[j].flag) == kind[j].flag;

			CHECK(shared ? order == 0 : order == 1 || order == 2);
		}
		OK(kill(pid, SIGKILL));
		wait_status(pid);
	}
}

#define IOPRIO(level) (2 << 13 | (level)) /* best effort */

static int set_io_priority(void *level)
{
	OK(syscall(SYS_ioprio_set, 1, 0, IOPRIO((long)level)));
	return 0;
}

static int other_io_priority(void *stack, int flags, long level)
{
	pid_t pid =
	    OK(clone(set_io_priority, (char *)stack + 65536, flags | SIGCHLD, (void *)level));

	CHECK_EQ(wait_exit(pid), 0);
	return OK(syscall(SYS_ioprio_get, 1, 0));
}

/* clone(2): CLONE_IO shares the I/O context, else the child has a copy. */
CASE(io_context_is_shared_or_copied)
{
	void *stack = malloc(65536);
	pid_t pid, me = getpid();

	/* Not set is told as such, whatever follows from the nice value. */
	CHECK_EQ(syscall(SYS_ioprio_get, 1, 0), 0);
	set_io_priority((void *)5);
	CHECK_EQ(other_io_priority(stack, CLONE_IO, 3), IOPRIO(3));
	CHECK_EQ(other_io_priority(stack, 0, 6), IOPRIO(3));
	CHILD(pid) {
		CHECK_EQ(syscall(SYS_ioprio_get, 1, 0), IOPRIO(3));
	}
	CHECK_EQ(wait_exit(pid), 0);
	NEED(kcmp(me, me, KCMP_IO, 0, 0));
	for (unsigned int flag = 0;; flag = CLONE_IO) {
		pid = OK(clone(sleep_for_good, (char *)stack + 65536, flag | SIGCHLD, NULL));
		CHECK_EQ(!kcmp(me, pid, KCMP_IO, 0, 0), flag == CLONE_IO);
		OK(kill(pid, SIGKILL));
		wait_status(pid);
		if (flag)
			break;
	}
}

CASE(kcmp_of_an_epoll_target)
{
	struct epoll_event ev = {.events = EPOLLIN};
	struct kcmp_epoll_slot slot;
	pid_t me = getpid();
	int p[2];

	OK(pipe(p));
	slot = (struct kcmp_epoll_slot){.efd = OK(epoll_create1(0)), .tfd = p[0]};
	OK(epoll_ctl(slot.efd, EPOLL_CTL_ADD, p[0], &ev));
	CHECK_EQ(NEED(kcmp(me, me, KCMP_EPOLL_TFD, p[0], (unsigned long)&slot)), 0);
	CHECK(kcmp(me, me, KCMP_EPOLL_TFD, p[1], (unsigned long)&slot) > 0);
	slot.toff = 1;
	CHECK_ERR(kcmp(me, me, KCMP_EPOLL_TFD, p[0], (unsigned long)&slot), ENOENT);
	slot = (struct kcmp_epoll_slot){.efd = p[1], .tfd = p[0]};
	CHECK_ERR(kcmp(me, me, KCMP_EPOLL_TFD, p[0], (unsigned long)&slot), EINVAL);
}

CASE_ROOT(kcmp_needs_the_right_to_trace)
{
	pid_t me = getpid(), pid;

	NEED(kcmp(me, me, KCMP_VM, 0, 0));
	CHILD(pid) {
		OK(setuid(1000));
		CHECK_ERR(kcmp(getpid(), me, KCMP_VM, 0, 0), EPERM);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(seccomp_strict)
{
	pid_t pid;

	CHILD(pid) {
		if (prctl(PR_SET_SECCOMP, 1))
			_exit(77);
		write(-1, "", 0);
		syscall(SYS_getpid);
	}
	int status = wait_status(pid);

	if (WIFEXITED(status))
		SKIP("no seccomp");
	CHECK_EQ(WTERMSIG(status), SIGKILL);
}
