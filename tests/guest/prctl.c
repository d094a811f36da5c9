/* SPDX-License-Identifier: MIT */
/*
 * prctl(2): what a program asks of the machine, of memory, and of its own system calls; and
 * personality(2), what each flag changes.
 */
#include "harness.h"

#include <stddef.h>
#include <sys/personality.h>
#include <sys/select.h>
#include <sys/ucontext.h>
#include <sys/utsname.h>

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif
#define DISPATCH_ALLOW 0
#define DISPATCH_BLOCK 1

static long call(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	return syscall(SYS_prctl, option, a, b, c, d);
}

static int tsc_mode(void)
{
	int mode = 0;

	OK(prctl(PR_GET_TSC, &mode));
	return mode;
}

static void read_tsc(void)
{
	asm volatile("rdtsc" ::: "rax", "rdx");
}

CASE(cycle_counter_can_be_forbidden)
{
	cpu_set_t one;
	pid_t pid, child, free;

	CHECK_EQ(tsc_mode(), PR_TSC_ENABLE);
	CHECK_ERR(prctl(PR_SET_TSC, 0), EINVAL);
	CHECK_ERR(prctl(PR_SET_TSC, 3), EINVAL);
	/* Beside one on the same CPU that goes on to read it: the ban is one task's own. */
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	OK(sched_setaffinity(0, sizeof(one), &one));
	CHILD(free) {
		for (;;)
			read_tsc();
	}
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	for (int i = 0; i < 5; i++) {
		CHILD(pid) {
			OK(prctl(PR_SET_TSC, PR_TSC_SIGSEGV));
			CHECK_EQ(tsc_mode(), PR_TSC_SIGSEGV);
			nap();
			/* Its child has it from birth. */
			CHILD(child) {
				read_tsc();
			}
			CHECK_EQ(wait_killed(child), SIGSEGV);
			OK(prctl(PR_SET_TSC, PR_TSC_ENABLE));
			read_tsc();
			nap();
			read_tsc();
			OK(prctl(PR_SET_TSC, PR_TSC_SIGSEGV));
			nap();
			read_tsc();
		}
		CHECK_EQ(wait_killed(pid), SIGSEGV);
	}
	CHECK_EQ(waitpid(free, NULL, WNOHANG), 0);
	OK(kill(free, SIGKILL));
	wait_status(free);
}

static long thp_disabled(void)
{
	return call(PR_GET_THP_DISABLE, 0, 0, 0, 0);
}

static long mce_policy(void)
{
	return call(PR_MCE_KILL_GET, 0, 0, 0, 0);
}

/* The roles: the next program of a process, and of one that chose. */
int role_main(const char *role, int argc __attribute__((unused)),
	      char **argv __attribute__((unused)))
{
	if (!strcmp(role, "any"))
		return 0;
	if (!strcmp(role, "layout")) {
		uintptr_t here =
		    (uintptr_t)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		/* Far from the stack, which stays at the top. */
		return here < 6UL << 44 && personality(-1) == ADDR_COMPAT_LAYOUT ? 0 : 1;
	}
	if (!strcmp(role, "no-exec"))
		return personality(-1) & READ_IMPLIES_EXEC ? 1 : 0;
	return thp_disabled() == 1 && mce_policy() == PR_MCE_KILL_EARLY ? 0 : 1;
}

CASE(choices_are_kept_and_inherited)
{
	pid_t pid;

	CHECK_EQ(thp_disabled(), 0);
	CHECK_EQ(mce_policy(), PR_MCE_KILL_DEFAULT);
	CHECK_ERR(call(PR_GET_THP_DISABLE, 1, 0, 0, 0), EINVAL);
	CHECK_ERR(call(PR_SET_THP_DISABLE, 1, 0, 0, 1), EINVAL);
	OK(call(PR_SET_THP_DISABLE, 1, 0, 0, 0));
	CHECK_ERR(call(PR_MCE_KILL, PR_MCE_KILL_SET, 3, 0, 0), EINVAL);
	CHECK_ERR(call(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 1, 0, 0), EINVAL);
	CHECK_ERR(call(PR_MCE_KILL, PR_MCE_KILL_SET, 0, 1, 0), EINVAL);
	CHECK_ERR(call(PR_MCE_KILL, 2, 0, 0, 0), EINVAL);
	CHECK_ERR(call(PR_MCE_KILL_GET, 1, 0, 0, 0), EINVAL);
	OK(call(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_LATE, 0, 0));
	CHECK_EQ(mce_policy(), PR_MCE_KILL_LATE);
	OK(call(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0));
	CHILD(pid) {
		execl(self_path(), "prctl", "--role", "heir", NULL);
		_exit(8);
	}
	CHECK_EQ(wait_exit(pid), 0);
	OK(call(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 0, 0, 0));
	CHECK_EQ(mce_policy(), PR_MCE_KILL_DEFAULT);
	OK(call(PR_SET_THP_DISABLE, 0, 0, 0, 0));
	CHECK_EQ(thp_disabled(), 0);
}

CASE_ROOT(io_flusher)
{
	pid_t pid;

	NEED(call(PR_SET_IO_FLUSHER, 1, 0, 0, 0));
	CHECK_ERR(call(PR_SET_IO_FLUSHER, 2, 0, 0, 0), EINVAL);
	CHECK_ERR(call(PR_GET_IO_FLUSHER, 1, 0, 0, 0), EINVAL);
	CHILD(pid) {
		CHECK_EQ(call(PR_GET_IO_FLUSHER, 0, 0, 0, 0), 1);
		OK(setuid(1000));
		CHECK_ERR(call(PR_GET_IO_FLUSHER, 0, 0, 0, 0), EPERM);
		CHECK_ERR(call(PR_SET_IO_FLUSHER, 0, 0, 0, 0), EPERM);
	}
	CHECK_EQ(wait_exit(pid), 0);
	OK(call(PR_SET_IO_FLUSHER, 0, 0, 0, 0));
	CHECK_EQ(call(PR_GET_IO_FLUSHER, 0, 0, 0, 0), 0);
}

CASE(speculation_is_told)
{
	for (int which = 0; which < 3; which++)
		OK(call(PR_GET_SPECULATION_CTRL, which, 0, 0, 0));
	CHECK_ERR(call(PR_GET_SPECULATION_CTRL, 77, 0, 0, 0), ENODEV);
	CHECK_ERR(call(PR_GET_SPECULATION_CTRL, 0, 1, 0, 0), EINVAL);
	CHECK_ERR(call(PR_SET_SPECULATION_CTRL, 77, 2, 0, 0), ENODEV);
	CHECK_ERR(call(PR_SET_SPECULATION_CTRL, 0, 2, 1, 0), EINVAL);
}

/* ---- system call user dispatch ---- */

static volatile char selector;
static volatile int caught, caught_code, caught_nr;

/* Answers the call in the kernel's place. */
static void answer(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	selector = DISPATCH_ALLOW;
	caught += sig == SIGSYS;
	caught_code = info->si_code;
	caught_nr = info->si_syscall;
	uc->uc_mcontext.gregs[REG_RAX] = 4242;
}

static void dispatch(unsigned long offset, unsigned long len)
{
	NEED(call(PR_SET_SYSCALL_USER_DISPATCH, 1, offset, len, (unsigned long)&selector));
}

CASE(calls_become_signals)
{
	pid_t parent = getppid();

	on_siginfo(SIGSYS, answer, 0);
	dispatch(0, 0);
	CHECK_EQ(syscall(SYS_getppid), parent);
	for (int i = 1; i <= 3; i++) {
		selector = DISPATCH_BLOCK;
		CHECK_EQ(syscall(SYS_getppid), 4242);
		CHECK_EQ(caught, i);
		CHECK_EQ(caught_nr, SYS_getppid);
		CHECK_EQ(caught_code, 2); /* SYS_USER_DISPATCH */
	}
	/* Also one that there is not. */
	selector = DISPATCH_BLOCK;
	CHECK_EQ(syscall(1000), 4242);
	CHECK_EQ(caught_nr, 1000);
	OK(call(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 0));
	selector = DISPATCH_BLOCK;
	CHECK_EQ(syscall(SYS_getppid), parent);
}

CASE(calls_from_the_range_are_made)
{
	/* All of user space. */
	dispatch(PAGE, (1UL << 47) - 2 * PAGE);
	selector = DISPATCH_BLOCK;
	CHECK(syscall(SYS_getppid) > 0);
}

CASE(dispatch_ends_with_a_child_or_a_program)
{
	pid_t pid;

	dispatch(0, 0);
	CHILD(pid) {
		selector = DISPATCH_BLOCK;
		CHECK(syscall(SYS_getppid) > 0);
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHILD(pid) {
		dispatch(0, 0);
		execl(self_path(), "prctl", "--role", "any", NULL);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(bad_selectors_kill)
{
	char *gone = OK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	pid_t pid;

	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	CHILD(pid) {
		dispatch(0, 0);
		selector = 7;
		syscall(SYS_getppid);
	}
	CHECK_EQ(wait_killed(pid), SIGSYS);
	CHILD(pid) {
		OK(call(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, (unsigned long)gone));
		munmap(gone, PAGE);
		syscall(SYS_getppid);
	}
	CHECK_EQ(wait_killed(pid), SIGSEGV);
	CHILD(pid) {
		/* Without one, every call is dispatched, and nobody handles it. */
		syscall(SYS_prctl, PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, 0);
		syscall(SYS_getppid);
	}
	CHECK_EQ(wait_killed(pid), SIGSYS);
}

CASE(dispatch_errors)
{
	dispatch(0, 0);
	CHECK_ERR(call(PR_SET_SYSCALL_USER_DISPATCH, 2, 0, 0, 0), EINVAL);
	CHECK_ERR(call(PR_SET_SYSCALL_USER_DISPATCH, 1, 5, -5UL, 0), EINVAL);
	CHECK_ERR(call(PR_SET_SYSCALL_USER_DISPATCH, 1, 5, 0, 0), EINVAL);
	CHECK_ERR(call(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, -1UL), EFAULT);
	CHECK_ERR(call(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 1), EINVAL);
	CHECK_ERR(call(PR_SET_SYSCALL_USER_DISPATCH, 0, 1, 0, 0), EINVAL);
}

/* ---- PR_SET_MM ---- */

struct mm_map {
	uint64_t start_code, end_code, start_data, end_data, start_brk, brk, start_stack;
	uint64_t arg_start, arg_end, env_start, env_end, auxv;
	uint32_t auxv_size, exe_fd;
};

/* As /proc/self/stat has it: fields 26-28, 45-51. */
static struct mm_map own_map(void)
{
	struct mm_map m = {.exe_fd = -1, .brk = (uintptr_t)sbrk(0)};
	unsigned long field[53];
	char text[2048], *p;

	CHECK(slurp("/proc/self/stat", text, sizeof(text)) > 0);
	p = strrchr(text, ')') + 4;
	for (int i = 4; i <= 51; i++)
		field[i] = strtoul(p, &p, 10);
	m.start_code = field[26];
	m.end_code = field[27];
	m.start_stack = field[28];
	m.start_data = field[45];
	m.end_data = field[46];
	m.start_brk = field[47];
	m.arg_start = field[48];
	m.arg_end = field[49];
	m.env_start = field[50];
	m.env_end = field[51];
	return m;
}

static long set_map(const struct mm_map *m)
{
	return call(PR_SET_MM, PR_SET_MM_MAP, (unsigned long)m, sizeof(*m), 0);
}

CASE(memory_map_as_a_whole)
{
	static const size_t low[] = {
	    offsetof(struct mm_map, start_code), offsetof(struct mm_map, brk),
	    offsetof(struct mm_map, start_stack), offsetof(struct mm_map, env_end)};
	uint64_t auxv[4] = {17, 100, 0, 0};
	char text[512], *title;
	unsigned int size = 0;
	struct mm_map m;

	NEED(call(PR_SET_MM, PR_SET_MM_MAP_SIZE, (unsigned long)&size, 0, 0));
	CHECK_EQ(size, sizeof(m));
	m = own_map();
	OK(set_map(&m));
	CHECK_ERR(call(PR_SET_MM, PR_SET_MM_MAP, (unsigned long)&m, sizeof(m) - 8, 0), EINVAL);
	CHECK_ERR(call(PR_SET_MM, PR_SET_MM_MAP, (unsigned long)&m, sizeof(m), 1), EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(low); i++) {
		m = own_map();
		*(uint64_t *)((char *)&m + low[i]) = 0;
		CHECK_ERR(set_map(&m), EINVAL);
		*(uint64_t *)((char *)&m + low[i]) = 1UL << 47;
		CHECK_ERR(set_map(&m), EINVAL);
	}
	m = own_map();
	m.end_code = m.start_code;
	CHECK_ERR(set_map(&m), EINVAL);
	m = own_map();
	m.auxv_size = 8;
	CHECK_ERR(set_map(&m), EINVAL);
	/* Another command line and another vector are what /proc tells. */
	title = OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	strcpy(title, "another title");
	m.arg_start = (uintptr_t)title;
	m.arg_end = (uintptr_t)title + 14;
	m.auxv = (uintptr_t)auxv;
	m.auxv_size = sizeof(auxv);
	OK(set_map(&m));
	CHECK_EQ(slurp("/proc/self/cmdline", text, sizeof(text)), 14);
	CHECK_STR(text, "another title");
	CHECK_EQ(slurp("/proc/self/auxv", text, sizeof(text)), 32);
	CHECK(!memcmp(text, auxv, sizeof(auxv)));
}

CASE_ROOT(memory_map_piece_by_piece)
{
	struct mm_map m = own_map();
	pid_t pid;

	CHILD(pid) {
		OK(setuid(1000));
		CHECK_ERR(call(PR_SET_MM, PR_SET_MM_BRK, m.brk, 0, 0), EPERM);
		CHECK_ERR(call(PR_SET_MM, PR_SET_MM_EXE_FILE, 0, 0, 0), EPERM);
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_ERR(call(PR_SET_MM, PR_SET_MM_BRK, m.brk, 1, 0), EINVAL);
	NEED(call(PR_SET_MM, PR_SET_MM_START_BRK, m.start_brk, 0, 0));
	OK(call(PR_SET_MM, PR_SET_MM_ARG_END, m.arg_end - 1, 0, 0));
	CHECK_EQ(own_map().arg_end, m.arg_end - 1);
	CHECK_ERR(call(PR_SET_MM, PR_SET_MM_ARG_END, m.arg_start - 1, 0, 0), EINVAL);
	CHECK_ERR(call(PR_SET_MM, PR_SET_MM_ENV_END, (1UL << 47) - 2 * PAGE, 0, 0), EFAULT);
	CHECK_ERR(call(PR_SET_MM, PR_SET_MM_START_DATA, 0, 0, 0), EINVAL);
	CHECK_ERR(call(PR_SET_MM, 16, PAGE, 0, 0), EINVAL);
	CHECK_ERR(call(PR_SET_MM, PR_SET_MM_EXE_FILE, 999, 0, 0), EBADF);
	CHECK_ERR(call(PR_SET_MM, PR_SET_MM_EXE_FILE, OK(open(".", O_RDONLY)), 0, 0), EACCES);
	/* Its own text is mapped. */
	CHECK_ERR(call(PR_SET_MM, PR_SET_MM_EXE_FILE, OK(open(self_path(), O_RDONLY)), 0, 0),
		  EBUSY);
}

/* ---- personality(2) ---- */

static int exec_role(const char *role, unsigned long persona)
{
	pid_t pid;

	CHILD(pid) {
		OK(personality(persona));
		execl(self_path(), "prctl", "--role", role, NULL);
		_exit(8);
	}
	return wait_exit(pid);
}

CASE(old_layout_maps_upwards)
{
	CHECK_EQ(exec_role("layout", ADDR_COMPAT_LAYOUT), 0);
}

/* The permissions of the mapping that has address, as /proc/self/maps shows them. */
static void permissions(uintptr_t address, char *text)
{
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned long start, end;
	char line[512], perm[5];

	CHECK(f);
	strcpy(text, "");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx-%lx %4s", &start, &end, perm) == 3 && address >= start &&
		    address < end)
			strcpy(text, perm);
	fclose(f);
}

CASE(readable_is_executable_until_exec)
{
	char text[5];
	pid_t pid;

	CHILD(pid) {
		OK(personality(READ_IMPLIES_EXEC));
		permissions(
		    (uintptr_t)OK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)),
		    text);
		CHECK_STR(text, "r-xp");
		permissions((uintptr_t)OK(sbrk(64 * PAGE)) + 32 * PAGE, text);
		CHECK_STR(text, "rwxp");
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(exec_role("no-exec", READ_IMPLIES_EXEC), 0);
}

CASE(old_version_number)
{
	struct utsname real, told;
	int major, minor;
	pid_t pid;

	OK(uname(&real));
	CHECK_EQ(sscanf(real.release, "%d.%d", &major, &minor), 2);
	CHILD(pid) {
		int number;

		OK(personality(UNAME26));
		OK(uname(&told));
		CHECK_EQ(sscanf(told.release, "2.6.%d", &number), 1);
		CHECK_EQ(number, 60 + minor);
		CHECK_STR(told.release + strspn(told.release, "0123456789."),
			  real.release + strspn(real.release, "0123456789."));
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(time_left_is_not_told)
{
	struct timeval left = {.tv_usec = 2000};
	struct timespec ts = {.tv_nsec = 2000000};
	struct pollfd none;

	CHECK_EQ(select(0, NULL, NULL, NULL, &left), 0);
	CHECK_EQ(left.tv_usec, 0);
	OK(personality(STICKY_TIMEOUTS));
	left.tv_usec = 2000;
	CHECK_EQ(select(0, NULL, NULL, NULL, &left), 0);
	CHECK_EQ(left.tv_usec, 2000);
	CHECK_EQ(syscall(SYS_ppoll, &none, 0, &ts, NULL, 8), 0);
	CHECK_EQ(ts.tv_nsec, 2000000);
}
