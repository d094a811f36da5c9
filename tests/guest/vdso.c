/* SPDX-License-Identifier: MIT */
/* vdso(7): the functions that a program finds at AT_SYSINFO_EHDR, called without libc's help. */
#include "harness.h"

#include <elf.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/uio.h>

/* The function of that name and of version LINUX_2.6, as a dynamic linker would find it. */
static void *vdso_function(const char *name)
{
	char *base = (char *)getauxval(AT_SYSINFO_EHDR), *strings = NULL;
	const Elf64_Phdr *ph = (const Elf64_Phdr *)(base + ((Elf64_Ehdr *)base)->e_phoff);
	const Elf64_Dyn *dyn = NULL;
	const Elf64_Sym *sym = NULL;
	const uint32_t *hash = NULL;
	unsigned long bias = 0;

	CHECK(base);
	CHECK(!memcmp(base, ELFMAG, SELFMAG));
	for (int i = 0; i < ((Elf64_Ehdr *)base)->e_phnum; i++) {
		if (ph[i].p_type == PT_LOAD)
			bias = (unsigned long)base + ph[i].p_offset - ph[i].p_vaddr;
		if (ph[i].p_type == PT_DYNAMIC)
			dyn = (const Elf64_Dyn *)(base + ph[i].p_offset);
	}
	for (; dyn && dyn->d_tag != DT_NULL; dyn++) {
		if (dyn->d_tag == DT_STRTAB)
			strings = (char *)(dyn->d_un.d_ptr + bias);
		if (dyn->d_tag == DT_SYMTAB)
			sym = (const Elf64_Sym *)(dyn->d_un.d_ptr + bias);
		if (dyn->d_tag == DT_HASH)
			hash = (const uint32_t *)(dyn->d_un.d_ptr + bias);
	}
	if (!hash)
		SKIP("this vDSO has no hash table of the old kind");
	CHECK(strings && sym);
	for (uint32_t i = 1; i < hash[1]; i++)
		if (!strcmp(strings + sym[i].st_name, name))
			return (void *)(sym[i].st_value + bias);
	FAIL("no %s", name);
}

/* One clock's time lies between two looks at it by system call. */
CASE(gives_the_time_of_clocks)
{
	int (*get)(clockid_t, struct timespec *) = vdso_function("__vdso_clock_gettime");
	static const clockid_t clocks[] = {
	    CLOCK_REALTIME,	    CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE,
	    CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME,  CLOCK_TAI,		  CLOCK_PROCESS_CPUTIME_ID,
	    CLOCK_THREAD_CPUTIME_ID};
	struct timespec t[3];

	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		OK(syscall(SYS_clock_gettime, clocks[i], &t[0]));
		CHECK_EQ(get(clocks[i], &t[1]), 0);
		OK(syscall(SYS_clock_gettime, clocks[i], &t[2]));
		for (int j = 0; j < 2; j++)
			CHECK(t[j].tv_sec < t[j + 1].tv_sec ||
			      (t[j].tv_sec == t[j + 1].tv_sec && t[j].tv_nsec <= t[j + 1].tv_nsec));
	}
	CHECK_EQ(get(77, &t[0]), -EINVAL);
}

CASE(gives_the_time_of_day)
{
	int (*get)(struct timeval *, struct timezone *) = vdso_function("__vdso_gettimeofday");
	struct timezone tz = {7, 7};
	struct timeval a, b, c;

	OK(syscall(SYS_gettimeofday, &a, NULL));
	CHECK_EQ(get(&b, &tz), 0);
	OK(syscall(SYS_gettimeofday, &c, NULL));
	CHECK(!timercmp(&b, &a, <) && !timercmp(&c, &b, <));
	CHECK(tz.tz_minuteswest != 7);
	CHECK_EQ(get(NULL, NULL), 0);
}

CASE(gives_cpu_and_node)
{
	int (*get)(unsigned int *, unsigned int *, void *) = vdso_function("__vdso_getcpu");
	unsigned int cpu, node, other;
	cpu_set_t all, one;

	OK(sched_getaffinity(0, sizeof(all), &all));
	for (unsigned int i = 0; i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(i, &one);
		OK(sched_setaffinity(0, sizeof(one), &one));
		CHECK_EQ(get(&cpu, &node, NULL), 0);
		CHECK_EQ(cpu, i);
		OK(syscall(SYS_getcpu, NULL, &other, NULL));
		CHECK_EQ(node, other);
	}
	CHECK_EQ(get(NULL, NULL, NULL), 0);
}

CASE(gives_the_time_in_seconds)
{
	time_t (*get)(time_t *) = vdso_function("__vdso_time");
	time_t a, b, c, stored;

	a = syscall(SYS_time, NULL);
	b = get(&stored);
	c = syscall(SYS_time, NULL);
	CHECK(a <= b && b <= c);
	CHECK_EQ(stored, b);
	CHECK(get(NULL) >= b);
}

CASE(cannot_be_written)
{
	pid_t pid;

	CHILD(pid) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		*(volatile char *)getauxval(AT_SYSINFO_EHDR) = 1;
	}
	CHECK_EQ(wait_killed(pid), SIGSEGV);
}

static void peek(pid_t pid, unsigned long addr, void *to, size_t n)
{
	struct iovec local = {to, n}, remote = {(void *)addr, n};

	CHECK_EQ(process_vm_readv(pid, &local, 1, &remote, 1, 0), (ssize_t)n);
}

/* A debugger reads the vDSO of another process, and plants a breakpoint that is that one's alone. */
CASE(seen_and_changed_by_a_debugger)
{
	unsigned long base = getauxval(AT_SYSINFO_EHDR), word;
	static char ours[PAGE], theirs[PAGE];
	pid_t pid;

	CHILD(pid) {
		OK(ptrace(PTRACE_TRACEME, 0, 0, 0));
		raise(SIGSTOP);
	}
	CHECK(WIFSTOPPED(wait_status(pid)));
	peek(getpid(), base, ours, PAGE);
	CHECK(!memcmp(ours, (void *)base, PAGE));
	CHECK(!memcmp(ours, ELFMAG, SELFMAG));
	peek(pid, base, theirs, PAGE);
	CHECK(!memcmp(ours, theirs, PAGE));

	errno = 0;
	word = ptrace(PTRACE_PEEKTEXT, pid, base, 0);
	CHECK_EQ(errno, 0);
	OK(ptrace(PTRACE_POKETEXT, pid, base, ~word));
	peek(pid, base, &word, sizeof(word));
	CHECK_EQ(word, ~*(unsigned long *)base);
	CHECK(!memcmp(ours, (void *)base, PAGE));
	OK(ptrace(PTRACE_DETACH, pid, 0, 0));
	CHECK_EQ(wait_exit(pid), 0);
}

/* The clocks' page beside it is no memory to look into from outside. */
CASE(variables_are_not_seen_from_outside)
{
	struct iovec local = {&(long){0}, sizeof(long)}, remote = {NULL, sizeof(long)};
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[256];

	CHECK(maps);
	while (fgets(line, sizeof(line), maps))
		if (strstr(line, "[vvar]"))
			remote.iov_base = (void *)strtoul(line, NULL, 16);
	fclose(maps);
	CHECK(remote.iov_base);
	CHECK_ERR(process_vm_readv(getpid(), &local, 1, &remote, 1, 0), EFAULT);
}
