/* SPDX-License-Identifier: MIT */
/*
 * Pointer arguments that cannot be right, by the table in badptr.h: for each call and each of its
 * pointers, NULL, unmapped, read-only (when the kernel writes), straddling the end of a page,
 * kernel space and non-canonical. The call must fail with EFAULT, or with what the table says NULL
 * means.
 */
#include "badptr.h"

#include <grp.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/msg.h>
#include <sys/rseq.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>

static char good[8192] __attribute__((aligned(16)));
static const char zeros[256];
static uint32_t cap_header[2] = {_LINUX_CAPABILITY_VERSION_3};
static int address_length;
static const struct timespec long_time = {.tv_sec = 1000};
static const uint64_t signal_set = 1ULL << (SIGUSR2 - 1);
static struct iovec local = {good, 64};
static struct futex_waitv waiter = {.uaddr = (uintptr_t)good, .flags = FUTEX_32};
/* struct __ptrace_peeksiginfo_args: one record of the process's own queue. */
static const struct {
	uint64_t off;
	uint32_t flags;
	int32_t nr;
} one_signal = {.nr = 1};

/* What stands for each of the table's names in this case. */
static long value[BAD_END - BAD];

#define SET(name, v) (value[(name)-BAD] = (long)(v))
#define GET(name)    (value[(name)-BAD])

#define IDS 32768 /* an identifier of SysV IPC is a sequence number times this, and an index */

static void ring(int sig)
{
	(void)sig;
}

static void set_up_files(void)
{
	struct epoll_event ev = {.events = EPOLLOUT};
	int p[2];

	SET(NAME, "f");
	SET(LINK, "l");
	SET(DOT, ".");
	SET(ATTR, "user.attribute");
	SET(FILE_FD, OK(open("f", O_RDWR | O_CREAT, 0600)));
	CHECK_EQ(write(GET(FILE_FD), good, sizeof(good)), sizeof(good));
	NEED(syscall(SYS_setxattr, "f", "user.attribute", "12345678", 8, 0));
	unlink("l");
	OK(symlink("ff", "l"));
	SET(DIR_FD, OK(open(".", O_RDONLY)));
	OK(pipe2(p, O_NONBLOCK));
	SET(PIPE_R, p[0]);
	SET(PIPE_W, p[1]);
	SET(EPOLL, OK(epoll_create1(0)));
	OK(epoll_ctl(GET(EPOLL), EPOLL_CTL_ADD, p[1], &ev));
	SET(EVENT, OK(syscall(SYS_eventfd2, 0, O_NONBLOCK)));
	SET(TIMERFD, OK(syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 0)));
	SET(INOTIFY, OK(inotify_init1(0)));
}

/* The controlling terminal of the case's session, by its master. */
static void set_up_terminal(void)
{
	SET(PTY, OK(posix_openpt(O_RDWR | O_NOCTTY)));
	OK(grantpt(GET(PTY)));
	OK(unlockpt(GET(PTY)));
	OK(open(ptsname(GET(PTY)), O_RDWR));
}

/* A datagram from a socket with a name waits at DGRAM; a stream has four bytes to read. */
static void set_up_sockets(void)
{
	struct sockaddr_un any = {.sun_family = AF_UNIX};
	int s[2];

	OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s));
	CHECK_EQ(write(s[1], "data", 4), 4);
	SET(SOCK, s[0]);
	OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
	OK(bind(s[1], (void *)&any, sizeof(any.sun_family)));
	CHECK_EQ(write(s[1], "datagram", 8), 8);
	SET(DGRAM, s[0]);
	SET(LISTENER, OK(socket(AF_UNIX, SOCK_STREAM, 0)));
	OK(bind(GET(LISTENER), (void *)&any, sizeof(any.sun_family)));
	OK(listen(GET(LISTENER), 64));
}

/* Stopped, with a signal queued that PTRACE_PEEKSIGINFO shows. */
static void set_up_tracee(void)
{
	pid_t pid;

	CHILD(pid) {
		block_signal(SIGUSR1);
		raise(SIGUSR1);
		OK(syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0));
		raise(SIGSTOP);
	}
	CHECK_EQ(waitpid(pid, NULL, WUNTRACED), pid);
	SET(TRACEE, pid);
}

static void set_up_ipc(void)
{
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
	char name[32];
	int timer;

	OK(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &timer));
	SET(TIMER, timer);
	SET(SEM, OK(semget(IPC_PRIVATE, 1, 0600)));
	SET(MSG, OK(msgget(IPC_PRIVATE, 0600)));
	SET(SHM, OK(shmget(IPC_PRIVATE, PAGE, 0600)));
	SET(SEM_INDEX, GET(SEM) % IDS);
	SET(MSG_INDEX, GET(MSG) % IDS);
	SET(SHM_INDEX, GET(SHM) % IDS);
	snprintf(name, sizeof(name), "/badptr%d", getpid());
	SET(MQ, OK(mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600, &attr)));
	OK(mq_unlink(name));
}

static void make_zombie(void)
{
	pid_t pid;

	if (GET(CHILD_PID) && !waitid(P_PID, GET(CHILD_PID), NULL, WEXITED | WNOWAIT | WNOHANG))
		return;
	CHILD(pid) {
	}
	OK(waitid(P_PID, pid, NULL, WEXITED | WNOWAIT));
	SET(CHILD_PID, pid);
}

static void set_up(void)
{
	gid_t group = 7;

	SET(GOOD, good);
	SET(PAGE_START, (uintptr_t)good & -PAGE);
	SET(ZEROS, zeros);
	SET(LEN, &address_length);
	SET(SELF, getpid());
	SET(SELF_PATH, self_path());
	SET(LONG_TIME, &long_time);
	SET(SIGSET, &signal_set);
	SET(IOV, &local);
	SET(WAITERS, &waiter);
	SET(ONE_SIGNAL, &one_signal);
	SET(CAP_HEADER, cap_header);
	SET(PIDFD, OK(syscall(SYS_pidfd_open, getpid(), 0)));
	OK(setgroups(1, &group));
	make_zombie();
	on_signal(SIGALRM, ring, 0);
	block_signal(SIGUSR2);
	set_up_files();
	set_up_terminal();
	set_up_sockets();
	set_up_tracee();
	set_up_ipc();
}

/* What would outlive the case, or keep it from the next set_up(). */
static void tear_down(void)
{
	OK(semctl(GET(SEM), 0, IPC_RMID));
	OK(msgctl(GET(MSG), IPC_RMID, NULL));
	OK(shmctl(GET(SHM), IPC_RMID, NULL));
	OK(kill(GET(TRACEE), SIGKILL));
	CHECK_EQ(wait_killed(GET(TRACEE)), SIGKILL);
}

/* ---- what a call takes away, made anew before each time ---- */

static void connect_client(void)
{
	struct sockaddr_un name;
	socklen_t len = sizeof(name);
	int s = OK(socket(AF_UNIX, SOCK_STREAM, 0));

	OK(getsockname(GET(LISTENER), (void *)&name, &len));
	OK(connect(s, (void *)&name, len));
	OK(close(s));
}

static void raise_it(void)
{
	raise(SIGUSR2);
}

/* Again and again, as the first might come before the sleep has begun. */
static void ring_soon(void)
{
	struct itimerval often = {{0, 1000}, {0, 1000}};

	OK(setitimer(ITIMER_REAL, &often, NULL));
}

static void send_mq(void)
{
	CHECK(!mq_send(GET(MQ), "message", 8, 0) || errno == EAGAIN);
}

static void send_sysv(void)
{
	struct {
		long type;
		char text[8];
	} m = {1, "message"};

	OK(msgsnd(GET(MSG), &m, sizeof(m.text), IPC_NOWAIT));
}

static const struct {
	long nr;
	void (*prepare)(void);
} preparations[] = {
    {SYS_accept, connect_client},     {SYS_accept4, connect_client},
    {SYS_wait4, make_zombie},	      {SYS_nanosleep, ring_soon},
    {SYS_clock_nanosleep, ring_soon}, {SYS_rt_sigtimedwait, raise_it},
    {SYS_mq_timedreceive, send_mq},   {SYS_msgrcv, send_sysv},
};

static long argument(long a, void *bad)
{
	if (a == BAD)
		return (long)bad;
	return a > BAD && a < BAD_END ? value[a - BAD] : a;
}

static void expect(const struct probe *p, void *bad, const char *kind, int want)
{
	static const struct itimerval never;
	long a[6], r;
	int err;

	lseek(GET(FILE_FD), 0, SEEK_SET);
	lseek(GET(DIR_FD), 0, SEEK_SET);
	address_length = 128;
	for (size_t i = 0; i < ARRAY_SIZE(preparations); i++)
		if (preparations[i].nr == p->nr)
			preparations[i].prepare();
	for (int i = 0; i < 6; i++)
		a[i] = argument(p->args[i], bad);
	errno = 0;
	r = syscall(p->nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	err = errno;
	OK(setitimer(ITIMER_REAL, &never, NULL));
	if (r == -1 && err == ENOSYS)
		FAIL("%s: no such system call", p->name);
	if (r == -1 && err == want)
		return;
	FAIL("%s with a pointer that is %s: returns %ld, errno %d (%s), expected errno %d", p->name,
	     kind, r, err, strerror(err), want);
}

static void for_all(void *bad, const char *kind, bool out_only)
{
	set_up();
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++)
		if (!out_only || probes[i].dir == OUT)
			expect(&probes[i], bad, kind, EFAULT);
	tear_down();
}

CASE(null)
{
	set_up();
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++)
		if (probes[i].null_errno > 0)
			expect(&probes[i], NULL, "NULL", probes[i].null_errno);
	tear_down();
}

CASE(unmapped)
{
	char *p = no_access_page();

	OK(munmap(p, PAGE));
	for_all(p, "unmapped", false);
}

CASE(no_access)
{
	for_all(no_access_page(), "without access", false);
}

CASE(first_page)
{
	for_all((void *)0x18, "in the first page", false);
}

CASE(read_only_where_the_kernel_writes)
{
	void *p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for_all(p, "read-only", true);
}

CASE(kernel_address)
{
	for_all((void *)0xffff888000001000, "in kernel space", false);
}

CASE(kernel_text)
{
	for_all((void *)0xffffffff81000000, "in the kernel's text", false);
}

CASE(non_canonical)
{
	for_all((void *)0x8000000000000000, "non-canonical", false);
}

CASE(just_below_the_end_of_user_space)
{
	for_all((void *)0x7ffffffff000, "at the end of user space", false);
}

CASE(all_ones)
{
	set_up();
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++)
		if (probes[i].size != 1)
			expect(&probes[i], (void *)-8L, "nearly all ones", EFAULT);
	tear_down();
}

/* The last bytes of a mapped page: half of the object lies beyond it. */
CASE(straddling)
{
	char *p =
	    OK(mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	OK(mprotect(p + PAGE, PAGE, PROT_NONE));
	set_up();
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++) {
		const struct probe *pr = &probes[i];
		bool moves_bytes = pr->nr == SYS_read || pr->nr == SYS_pread64 ||
				   pr->nr == SYS_pwrite64 || pr->nr == SYS_write ||
				   pr->nr == SYS_getrandom || pr->nr == SYS_getdents64 ||
				   pr->nr == SYS_getdents;

		if (pr->size < 8 || moves_bytes)
			continue;
		memset(p, 0, PAGE);
		expect(pr, p + PAGE - pr->size / 2, "straddling", EFAULT);
	}
	tear_down();
}

CASE(partial_reads_and_writes_stop_at_the_fault)
{
	char *p =
	    OK(mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	OK(mprotect(p + PAGE, PAGE, PROT_NONE));
	set_up();
	long n = pread(GET(FILE_FD), p + PAGE - 10, 64, 0);

	CHECK(n == 10 || (n == -1 && errno == EFAULT));
	n = pwrite(GET(FILE_FD), p + PAGE - 10, 64, 0);
	CHECK(n == 10 || (n == -1 && errno == EFAULT));
	n = syscall(SYS_getrandom, p + PAGE - 10, 64, 0);
	CHECK(n == 10 || (n == -1 && errno == EFAULT));
	tear_down();
}

CASE(string_at_the_end_of_a_page)
{
	char *p =
	    OK(mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	OK(mprotect(p + PAGE, PAGE, PROT_NONE));
	OK(spew("f", ""));
	memcpy(p + PAGE - 2, "f", 2);
	OK(open(p + PAGE - 2, O_RDONLY));
	memcpy(p + PAGE - 2, "ff", 2);
	CHECK_ERR(open(p + PAGE - 2, O_RDONLY), EFAULT);
}

CASE(exec_vectors)
{
	char *argv[] = {"x", (char *)0x1234, NULL}, *ok[] = {"x", NULL};

	CHECK_ERR(execve(self_path(), argv, ok), EFAULT);
	CHECK_ERR(execve(self_path(), ok, argv), EFAULT);
}

CASE(iovec_entries)
{
	struct iovec v[2] = {{good, 4}, {(void *)0x1234, 4}};
	int p[2];

	OK(pipe(p));
	long n = writev(p[1], v, 2);

	CHECK(n == 4 || (n == -1 && errno == EFAULT));
	v[0].iov_base = (void *)0xffff888000001000;
	CHECK_ERR(writev(p[1], v, 1), EFAULT);
}

CASE(kernel_never_writes_where_the_program_may_not)
{
	char *p = OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	memset(p, 'k', PAGE);
	OK(mprotect(p, PAGE, PROT_READ));
	set_up();
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++)
		if (probes[i].dir == OUT)
			expect(&probes[i], p, "read-only", EFAULT);
	for (size_t i = 0; i < PAGE; i++)
		CHECK_EQ(p[i], 'k');
	tear_down();
}

/* The pointers inside of clone3's record; where a thread id cannot be written nothing fails. */
CASE(pointers_in_the_record_of_clone3)
{
	void *const bad[] = {(void *)0x18, no_access_page(), (void *)0xffff888000001000,
			     (void *)0x8000000000000000};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		uint64_t pidfd[11] = {CLONE_PIDFD, (uintptr_t)bad[i], [4] = SIGCHLD};
		uint64_t tids[11] = {[4] = SIGCHLD, [8] = (uintptr_t)bad[i], 1};
		uint64_t parent[11] = {CLONE_PARENT_SETTID, [3] = (uintptr_t)bad[i], SIGCHLD};
		pid_t pid;

		CHECK_ERR(syscall(SYS_clone3, pidfd, 88), EFAULT);
		CHECK_ERR(syscall(SYS_clone3, tids, 88), EFAULT);
		pid = OK(syscall(SYS_clone3, parent, 88));
		if (!pid)
			_exit(0);
		CHECK_EQ(wait_exit(pid), 0);
	}
}

/* Where the kernel is only to leave a number behind: who gave a bad address goes without it. */
CASE(where_a_thread_id_cannot_be_written_nothing_fails)
{
	void *const bad[] = {NULL, (void *)0x18, no_access_page(), (void *)0xffff888000001000,
			     (void *)0x8000000000000000};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		long flags = CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD;
		pid_t pid = OK(syscall(SYS_clone, flags, 0, 0, bad[i], 0));

		if (!pid)
			_exit(0);
		CHECK_EQ(wait_exit(pid), 0);
		CHILD(pid) {
			CHECK_EQ(syscall(SYS_set_tid_address, bad[i]), getpid());
			OK(syscall(SYS_set_robust_list, bad[i], 24));
		}
		CHECK_EQ(wait_exit(pid), 0);
	}
}

/* Outside of user space it is refused; inside that is found now or, fatally, on the way back. */
CASE(rseq_area)
{
	struct rseq *lib = (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);
	void *const outside[] = {(void *)0xffff888000001000, (void *)0x8000000000000000};
	void *inside = no_access_page();
	int status;
	pid_t pid;

	if (__rseq_size)
		OK(syscall(SYS_rseq, lib, 32, RSEQ_FLAG_UNREGISTER, RSEQ_SIG));
	for (size_t i = 0; i < ARRAY_SIZE(outside); i++)
		CHECK_ERR(syscall(SYS_rseq, outside[i], 32, 0, RSEQ_SIG), EFAULT);
	CHILD(pid) {
		CHECK_ERR(syscall(SYS_rseq, inside, 32, 0, RSEQ_SIG), EFAULT);
	}
	status = wait_status(pid);
	CHECK(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV));
}

/* The calls that map memory take addresses, not memory: nothing there is looked at. */
CASE(addresses_that_are_not_read)
{
	void *const bad[] = {(void *)0xffff888000001000, (void *)0x8000000000000000};
	int shm = OK(shmget(IPC_PRIVATE, PAGE, 0600));

	OK(shmctl(shm, IPC_RMID, NULL));
	CHECK_ERR(shmat(shm, (void *)0x1234, 0), EINVAL);
	CHECK_ERR(shmdt(no_access_page()), EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK_ERR(
		    mmap(bad[i], PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
		    ENOMEM);
		CHECK_ERR(munmap(bad[i], PAGE), EINVAL);
		CHECK_ERR(mprotect(bad[i], PAGE, PROT_READ), ENOMEM);
		CHECK_ERR(madvise(bad[i], PAGE, MADV_DONTNEED), ENOMEM);
		CHECK_ERR(mlock(bad[i], PAGE), ENOMEM);
		CHECK_ERR(msync(bad[i], PAGE, MS_ASYNC), ENOMEM);
		CHECK_ERR(mremap(bad[i], PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
		CHECK_ERR(shmdt(bad[i]), EINVAL);
		CHECK(syscall(SYS_brk, bad[i]) == syscall(SYS_brk, 0));
	}
}

CASE_ROOT(restart_command)
{
	if (access("/proc/jiffy", F_OK))
		SKIP("a kernel that others use is not asked to restart");
	CHECK_ERR(syscall(SYS_reboot, 0xfee1dead, 672274793, 0xa1b2c3d4, 0x18), EFAULT);
	CHECK_ERR(syscall(SYS_reboot, 0xfee1dead, 672274793, 0xa1b2c3d4, 0xffff888000001000),
		  EFAULT);
}

/* The tracee's memory: EIO, as ptrace(2) has it; a word's worth at the end of a page too. */
CASE(memory_of_a_tracee)
{
	char *p =
	    OK(mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));

	OK(munmap(p + PAGE, PAGE));
	set_up_tracee();

	void *const bad[] = {(void *)0x1004, p + PAGE, (void *)0xffff888000001000,
			     (void *)0x8000000000000000, (void *)-8L};
	pid_t pid = GET(TRACEE);

	OK(syscall(SYS_ptrace, PTRACE_PEEKDATA, pid, p + PAGE - 8, good));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK_ERR(syscall(SYS_ptrace, PTRACE_PEEKTEXT, pid, bad[i], good), EIO);
		CHECK_ERR(syscall(SYS_ptrace, PTRACE_PEEKDATA, pid, bad[i], good), EIO);
		CHECK_ERR(syscall(SYS_ptrace, PTRACE_POKETEXT, pid, bad[i], 0), EIO);
		CHECK_ERR(syscall(SYS_ptrace, PTRACE_POKEDATA, pid, bad[i], 0), EIO);
		CHECK_ERR(syscall(SYS_ptrace, PTRACE_PEEKUSER, pid, bad[i], good), EIO);
		CHECK_ERR(syscall(SYS_ptrace, PTRACE_POKEUSER, pid, bad[i], 0), EIO);
	}
	OK(kill(pid, SIGKILL));
	CHECK_EQ(wait_killed(pid), SIGKILL);
}

/* futex_waitv(2): the addresses inside of its list. */
CASE(addresses_in_a_list_of_futexes)
{
	void *const bad[] = {NULL, (void *)0x18, no_access_page(), (void *)0xffff888000001000,
			     (void *)0x8000000000000000};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct futex_waitv w[2] = {waiter, {.uaddr = (uintptr_t)bad[i], .flags = FUTEX_32}};

		w[1].uaddr &= ~3UL;
		CHECK_ERR(syscall(SYS_futex_waitv, w, 2, 0, NULL, 0), EFAULT);
	}
}
