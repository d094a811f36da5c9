/* SPDX-License-Identifier: MIT */
/*
 * Pointer arguments that cannot be right, from one table: for each call and each of its pointers,
 * NULL, unmapped, read-only (when the kernel writes), straddling the end of a page, kernel space
 * and non-canonical. The call must fail with EFAULT, or with what the table says NULL means.
 */
#include "harness.h"

#include <linux/capability.h>
#include <sys/epoll.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>

#define BAD	(-1000L) /* in args: the pointer under test goes here */
#define NULL_OK (-1)	 /* NULL is accepted: the call does something else then */

enum direction { IN, OUT };

struct probe {
	const char *name;
	long nr;
	long args[6];
	enum direction dir;
	int size;	/* bytes the kernel reads or writes there */
	int null_errno; /* EFAULT unless NULL means something: an errno or NULL_OK */
};

static int pipe_fd[2], sock_fd[2], file_fd, epoll_fd, event_fd, timer_fd, dir_fd, child_pid;
static char good[8192] __attribute__((aligned(16)));

static const char zeros[256];
static int timer_id, pid_fd, sem_id, msg_id, shm_id;
static uint32_t cap_header[2] = {_LINUX_CAPABILITY_VERSION_3};

enum {
	PIPE_R = -2001,
	PIPE_W,
	SOCK,
	FILE_FD,
	EPOLL,
	EVENT,
	TIMERFD,
	DIR_FD,
	SELF,
	GOOD,
	ZEROS,
	TIMER,
	PIDFD,
	SEM,
	MSG,
	SHM,
	CAP_HEADER
};

static const struct probe probes[] = {
    {"read", SYS_read, {FILE_FD, BAD, 64}, OUT, 64, EFAULT},
    {"write", SYS_write, {PIPE_W, BAD, 64}, IN, 64, EFAULT},
    {"pread64", SYS_pread64, {FILE_FD, BAD, 64, 0}, OUT, 64, EFAULT},
    {"pwrite64", SYS_pwrite64, {FILE_FD, BAD, 64, 0}, IN, 64, EFAULT},
    {"readv vector", SYS_readv, {FILE_FD, BAD, 1}, IN, 16, EFAULT},
    {"writev vector", SYS_writev, {FILE_FD, BAD, 1}, IN, 16, EFAULT},
    {"open", SYS_open, {BAD, O_RDONLY}, IN, 0, EFAULT},
    {"openat", SYS_openat, {AT_FDCWD, BAD, O_RDONLY}, IN, 0, EFAULT},
    {"stat path", SYS_stat, {BAD, GOOD}, IN, 0, EFAULT},
    {"fstat", SYS_fstat, {FILE_FD, BAD}, OUT, sizeof(struct stat), EFAULT},
    {"lstat path", SYS_lstat, {BAD, GOOD}, IN, 0, EFAULT},
    {"newfstatat", SYS_newfstatat, {FILE_FD, BAD, GOOD, 0}, IN, 0, EFAULT},
    {"access", SYS_access, {BAD, 0}, IN, 0, EFAULT},
    {"chdir", SYS_chdir, {BAD}, IN, 0, EFAULT},
    {"mkdir", SYS_mkdir, {BAD, 0755}, IN, 0, EFAULT},
    {"rmdir", SYS_rmdir, {BAD}, IN, 0, EFAULT},
    {"unlink", SYS_unlink, {BAD}, IN, 0, EFAULT},
    {"rename", SYS_rename, {BAD, GOOD}, IN, 0, EFAULT},
    {"link", SYS_link, {BAD, GOOD}, IN, 0, EFAULT},
    {"symlink", SYS_symlink, {BAD, GOOD}, IN, 0, EFAULT},
    {"readlink path", SYS_readlink, {BAD, GOOD, 10}, IN, 0, EFAULT},
    {"chmod", SYS_chmod, {BAD, 0}, IN, 0, EFAULT},
    {"chown", SYS_chown, {BAD, -1, -1}, IN, 0, EFAULT},
    {"truncate", SYS_truncate, {BAD, 0}, IN, 0, EFAULT},
    {"mknod", SYS_mknod, {BAD, S_IFIFO, 0}, IN, 0, EFAULT},
    {"getcwd", SYS_getcwd, {BAD, 100}, OUT, 2, EFAULT},
    {"getdents64", SYS_getdents64, {DIR_FD, BAD, 1024}, OUT, 24, EFAULT},
    {"statfs path", SYS_statfs, {BAD, GOOD}, IN, 0, EFAULT},
    {"fstatfs", SYS_fstatfs, {FILE_FD, BAD}, OUT, 120, EFAULT},
    {"pipe", SYS_pipe, {BAD}, OUT, 8, EFAULT},
    {"pipe2", SYS_pipe2, {BAD, 0}, OUT, 8, EFAULT},
    {"poll", SYS_poll, {BAD, 1, 0}, IN, 8, EFAULT},
    {"select", SYS_select, {8, BAD, 0, 0, 0}, IN, 8, NULL_OK},
    {"epoll_ctl", SYS_epoll_ctl, {EPOLL, EPOLL_CTL_ADD, PIPE_R, BAD}, IN, 12, EFAULT},
    {"epoll_wait", SYS_epoll_wait, {EPOLL, BAD, 1, 0}, OUT, 12, EFAULT},
    {"eventfd write", SYS_write, {EVENT, BAD, 8}, IN, 8, EFAULT},
    {"timerfd_settime", SYS_timerfd_settime, {TIMERFD, 0, BAD, 0}, IN, 32, EFAULT},
    {"timerfd_gettime", SYS_timerfd_gettime, {TIMERFD, BAD}, OUT, 32, EFAULT},
    {"socketpair", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, BAD}, OUT, 8, EFAULT},
    {"sendto", SYS_sendto, {SOCK, BAD, 64, 0, 0, 0}, IN, 64, EFAULT},
    {"sendmsg", SYS_sendmsg, {SOCK, BAD, 0}, IN, 56, EFAULT},
    {"recvmsg", SYS_recvmsg, {SOCK, BAD, MSG_DONTWAIT}, IN, 56, EFAULT},
    {"execve path", SYS_execve, {BAD, GOOD, GOOD}, IN, 0, EFAULT},
    {"waitid rusage",
     SYS_waitid,
     {P_ALL, 0, 0, WEXITED | WNOHANG | WNOWAIT, BAD},
     OUT,
     sizeof(struct rusage),
     NULL_OK},
    {"wait4 status", SYS_wait4, {BAD + 1, BAD, 0, 0}, OUT, 4, NULL_OK},
    {"clone3", SYS_clone3, {BAD, 88}, IN, 88, EFAULT},
    {"seccomp filter", SYS_seccomp, {1, 0, BAD}, IN, 16, EFAULT},
    {"seccomp action", SYS_seccomp, {2, 0, BAD}, IN, 4, EFAULT},
    {"kcmp epoll slot", SYS_kcmp, {SELF, SELF, 7, FILE_FD, BAD}, IN, 12, EFAULT},
    {"futex wait", SYS_futex, {BAD, 0, 0, 0, 0, 0}, IN, 4, EFAULT},
    {"futex wake shared", SYS_futex, {BAD, 1, 1, 0, 0, 0}, IN, 0, EFAULT},
    {"rt_sigaction", SYS_rt_sigaction, {SIGUSR1, BAD, 0, 8}, IN, 32, NULL_OK},
    {"rt_sigaction old", SYS_rt_sigaction, {SIGUSR1, 0, BAD, 8}, OUT, 32, NULL_OK},
    {"rt_sigprocmask", SYS_rt_sigprocmask, {SIG_BLOCK, BAD, 0, 8}, IN, 8, NULL_OK},
    {"rt_sigprocmask old", SYS_rt_sigprocmask, {SIG_BLOCK, 0, BAD, 8}, OUT, 8, NULL_OK},
    {"rt_sigpending", SYS_rt_sigpending, {BAD, 8}, OUT, 8, EFAULT},
    {"rt_sigtimedwait", SYS_rt_sigtimedwait, {BAD, 0, 0, 8}, IN, 8, EFAULT},
    {"rt_sigqueueinfo", SYS_rt_sigqueueinfo, {SELF, SIGWINCH, BAD}, IN, 48, EFAULT},
    {"rt_sigsuspend", SYS_rt_sigsuspend, {BAD, 8}, IN, 8, EFAULT},
    {"sigaltstack", SYS_sigaltstack, {BAD, 0}, IN, 24, NULL_OK},
    {"sigaltstack old", SYS_sigaltstack, {0, BAD}, OUT, 24, NULL_OK},
    {"nanosleep", SYS_nanosleep, {BAD, 0}, IN, 16, EFAULT},
    {"clock_gettime", SYS_clock_gettime, {CLOCK_MONOTONIC, BAD}, OUT, 16, EFAULT},
    {"clock_getres", SYS_clock_getres, {CLOCK_MONOTONIC, BAD}, OUT, 16, NULL_OK},
    {"clock_nanosleep", SYS_clock_nanosleep, {CLOCK_MONOTONIC, 0, BAD, 0}, IN, 16, EFAULT},
    {"gettimeofday", SYS_gettimeofday, {BAD, 0}, OUT, 16, NULL_OK},
    {"getitimer", SYS_getitimer, {ITIMER_REAL, BAD}, OUT, 32, EFAULT},
    {"setitimer old", SYS_setitimer, {ITIMER_REAL, 0, BAD}, OUT, 32, NULL_OK},
    {"timer_create id", SYS_timer_create, {CLOCK_MONOTONIC, 0, BAD}, OUT, 4, EFAULT},
    {"times", SYS_times, {BAD}, OUT, 32, NULL_OK},
    {"time", SYS_time, {BAD}, OUT, 8, NULL_OK},
    {"getrlimit", SYS_getrlimit, {RLIMIT_CORE, BAD}, OUT, 16, EFAULT},
    {"setrlimit", SYS_setrlimit, {RLIMIT_CORE, BAD}, IN, 16, EFAULT},
    {"prlimit64 old", SYS_prlimit64, {0, RLIMIT_CORE, 0, BAD}, OUT, 16, NULL_OK},
    {"prlimit64 new", SYS_prlimit64, {0, RLIMIT_CORE, BAD, 0}, IN, 16, NULL_OK},
    {"getrusage", SYS_getrusage, {RUSAGE_SELF, BAD}, OUT, 144, EFAULT},
    {"sysinfo", SYS_sysinfo, {BAD}, OUT, sizeof(struct sysinfo), EFAULT},
    {"uname", SYS_uname, {BAD}, OUT, sizeof(struct utsname), EFAULT},
    {"getcpu", SYS_getcpu, {BAD, 0, 0}, OUT, 4, NULL_OK},
    {"getresuid", SYS_getresuid, {BAD, GOOD, GOOD}, OUT, 4, EFAULT},
    {"getresgid", SYS_getresgid, {GOOD, BAD, GOOD}, OUT, 4, EFAULT},
    {"setgroups", SYS_setgroups, {2, BAD}, IN, 8, EFAULT},
    {"capget header", SYS_capget, {BAD, GOOD}, IN, 4, EFAULT},
    {"sched_setscheduler", SYS_sched_setscheduler, {0, 0, BAD}, IN, 4, EINVAL},
    {"sched_setparam", SYS_sched_setparam, {0, BAD}, IN, 4, EINVAL},
    {"sched_getparam", SYS_sched_getparam, {0, BAD}, OUT, 4, EINVAL},
    {"sched_setaffinity", SYS_sched_setaffinity, {0, 8, BAD}, IN, 8, EFAULT},
    {"sched_getaffinity", SYS_sched_getaffinity, {0, 128, BAD}, OUT, 8, EFAULT},
    {"sched_rr_get_interval", SYS_sched_rr_get_interval, {0, BAD}, OUT, 16, EFAULT},
    {"sched_setattr", SYS_sched_setattr, {0, BAD, 0}, IN, 48, EINVAL},
    {"sched_getattr", SYS_sched_getattr, {0, BAD, 48, 0}, OUT, 48, EINVAL},
    {"prctl PR_SET_NAME", SYS_prctl, {PR_SET_NAME, BAD}, IN, 0, EFAULT},
    {"prctl PR_GET_NAME", SYS_prctl, {PR_GET_NAME, BAD}, OUT, 16, EFAULT},
    {"prctl PR_GET_PDEATHSIG", SYS_prctl, {PR_GET_PDEATHSIG, BAD}, OUT, 4, EFAULT},
    {"arch_prctl ARCH_GET_FS", SYS_arch_prctl, {0x1003, BAD}, OUT, 8, EFAULT},
    {"get_robust_list", SYS_get_robust_list, {0, BAD, GOOD}, OUT, 8, EFAULT},
    {"mincore", SYS_mincore, {-3000, 4096, BAD}, OUT, 1, EFAULT},
    {"process_vm_readv", SYS_process_vm_readv, {SELF, BAD, 1, GOOD, 0, 0}, IN, 16, EFAULT},
    {"statx path", SYS_statx, {FILE_FD, BAD, 0, 0, GOOD}, IN, 0, EFAULT},
    {"getrandom", SYS_getrandom, {BAD, 64, 0}, OUT, 64, EFAULT},
    {"sendfile offset", SYS_sendfile, {PIPE_W, FILE_FD, BAD, 1}, IN, 8, NULL_OK},
    {"waitid info", SYS_waitid, {0, 0, BAD, WEXITED | WNOHANG | WNOWAIT, 0}, OUT, 24, NULL_OK},
    {"utimensat times", SYS_utimensat, {FILE_FD, 0, BAD, 0}, IN, 32, NULL_OK},
    {"fcntl F_GETLK", SYS_fcntl, {FILE_FD, F_GETLK, BAD}, IN, 32, EFAULT},
    {"mount target", SYS_mount, {0, BAD, GOOD, 0, 0}, IN, 0, EFAULT},
    {"sethostname", SYS_sethostname, {BAD, 5}, IN, 5, EFAULT},
    {"signalfd4", SYS_signalfd4, {-1, BAD, 8, 0}, IN, 8, EFAULT},
    {"memfd_create", SYS_memfd_create, {BAD, 0}, IN, 0, EFAULT},
    {"execveat path", SYS_execveat, {AT_FDCWD, BAD, 0, 0, 0}, IN, 0, EFAULT},
    {"getresuid euid", SYS_getresuid, {GOOD, BAD, GOOD}, OUT, 4, EFAULT},
    {"getresuid suid", SYS_getresuid, {GOOD, GOOD, BAD}, OUT, 4, EFAULT},
    {"getresgid egid", SYS_getresgid, {BAD, GOOD, GOOD}, OUT, 4, EFAULT},
    {"getresgid sgid", SYS_getresgid, {GOOD, GOOD, BAD}, OUT, 4, EFAULT},
    {"capget data", SYS_capget, {CAP_HEADER, BAD}, OUT, 24, NULL_OK},
    {"capset header", SYS_capset, {BAD, ZEROS}, IN, 4, EFAULT},
    {"capset data", SYS_capset, {CAP_HEADER, BAD}, IN, 24, EFAULT},
    {"futex wait timeout", SYS_futex, {GOOD, 0, 0, BAD, 0, 0}, IN, 16, NULL_OK},
    {"futex requeue target", SYS_futex, {GOOD, 3, 1, 1, BAD, 0}, IN, 0, EFAULT},
    {"futex wake_op target", SYS_futex, {GOOD, 5, 1, 1, BAD, 0}, IN, 0, EFAULT},
    {"futex lock_pi", SYS_futex, {BAD, 6, 0, 0, 0, 0}, IN, 0, EFAULT},
    {"rt_tgsigqueueinfo", SYS_rt_tgsigqueueinfo, {SELF, SELF, SIGWINCH, BAD}, IN, 48, EFAULT},
    {"rt_sigtimedwait timeout", SYS_rt_sigtimedwait, {ZEROS, 0, BAD, 8}, IN, 16, NULL_OK},
    {"timer_create event", SYS_timer_create, {CLOCK_MONOTONIC, BAD, GOOD}, IN, 64, NULL_OK},
    {"timer_settime", SYS_timer_settime, {TIMER, 0, BAD, 0}, IN, 32, EINVAL},
    {"timer_settime old", SYS_timer_settime, {TIMER, 0, ZEROS, BAD}, OUT, 32, NULL_OK},
    {"timer_gettime", SYS_timer_gettime, {TIMER, BAD}, OUT, 32, EFAULT},
    {"setitimer", SYS_setitimer, {ITIMER_REAL, BAD, 0}, IN, 32, NULL_OK},
    {"clock_settime", SYS_clock_settime, {CLOCK_REALTIME, BAD}, IN, 16, EFAULT},
    {"settimeofday", SYS_settimeofday, {BAD, 0}, IN, 16, NULL_OK},
    {"adjtimex", SYS_adjtimex, {BAD}, IN, sizeof(struct timex), EFAULT},
    {"semop", SYS_semop, {SEM, BAD, 1}, IN, 6, EFAULT},
    {"semtimedop timeout", SYS_semtimedop, {SEM, ZEROS, 1, BAD}, IN, 16, NULL_OK},
    {"semctl IPC_STAT", SYS_semctl, {SEM, 0, IPC_STAT, BAD}, OUT, 104, EFAULT},
    {"semctl GETALL", SYS_semctl, {SEM, 0, GETALL, BAD}, OUT, 2, EFAULT},
    {"semctl SETALL", SYS_semctl, {SEM, 0, SETALL, BAD}, IN, 2, EFAULT},
    {"msgsnd", SYS_msgsnd, {MSG, BAD, 8, IPC_NOWAIT}, IN, 4, EFAULT},
    {"msgctl IPC_STAT", SYS_msgctl, {MSG, IPC_STAT, BAD}, OUT, 120, EFAULT},
    {"msgctl IPC_SET", SYS_msgctl, {MSG, IPC_SET, BAD}, IN, 120, EFAULT},
    {"shmctl IPC_STAT", SYS_shmctl, {SHM, IPC_STAT, BAD}, OUT, 112, EFAULT},
    {"shmctl IPC_SET", SYS_shmctl, {SHM, IPC_SET, BAD}, IN, 112, EFAULT},
    {"mq_open name", SYS_mq_open, {BAD, O_RDONLY, 0, 0}, IN, 0, EFAULT},
    {"mq_unlink name", SYS_mq_unlink, {BAD}, IN, 0, EFAULT},
    {"pidfd_send_signal info", SYS_pidfd_send_signal, {PIDFD, SIGWINCH, BAD, 0}, IN, 48, NULL_OK},
    {"process_vm_writev", SYS_process_vm_writev, {SELF, BAD, 1, GOOD, 0, 0}, IN, 16, EFAULT},
    {"setdomainname", SYS_setdomainname, {BAD, 5}, IN, 5, EFAULT},
    {"getcpu node", SYS_getcpu, {0, BAD, 0}, OUT, 4, NULL_OK},
    {"prctl PR_GET_CHILD_SUBREAPER", SYS_prctl, {PR_GET_CHILD_SUBREAPER, BAD}, OUT, 4, EFAULT},
    {"arch_prctl ARCH_GET_GS", SYS_arch_prctl, {0x1004, BAD}, OUT, 8, EFAULT},
    {"get_robust_list length", SYS_get_robust_list, {0, GOOD, BAD}, OUT, 8, EFAULT},
};

static void set_up(void)
{
	OK(pipe2(pipe_fd, O_NONBLOCK));
	OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sock_fd));
	file_fd = OK(open("f", O_RDWR | O_CREAT, 0600));
	CHECK_EQ(write(file_fd, good, sizeof(good)), sizeof(good));
	dir_fd = OK(open(".", O_RDONLY));
	epoll_fd = OK(epoll_create1(0));
	event_fd = OK(syscall(SYS_eventfd2, 0, O_NONBLOCK));
	timer_fd = OK(syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 0));
	CHECK_EQ(write(sock_fd[1], "data", 4), 4);
	struct epoll_event ev = {.events = EPOLLOUT};

	OK(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, pipe_fd[1], &ev));
	CHILD(child_pid) {
	}
	OK(waitid(P_PID, child_pid, NULL, WEXITED | WNOWAIT));
	OK(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &timer_id));
	pid_fd = OK(syscall(SYS_pidfd_open, getpid(), 0));
	sem_id = OK(semget(IPC_PRIVATE, 1, 0600));
	msg_id = OK(msgget(IPC_PRIVATE, 0600));
	shm_id = OK(shmget(IPC_PRIVATE, PAGE, 0600));
}

/* What would outlive the case. */
static void tear_down(void)
{
	OK(semctl(sem_id, 0, IPC_RMID));
	OK(msgctl(msg_id, IPC_RMID, NULL));
	OK(shmctl(shm_id, IPC_RMID, NULL));
}

static long argument(long a, void *bad)
{
	switch (a) {
	case BAD:
		return (long)bad;
	case BAD + 1:
		return child_pid;
	case PIPE_R:
		return pipe_fd[0];
	case PIPE_W:
		return pipe_fd[1];
	case SOCK:
		return sock_fd[0];
	case FILE_FD:
		return file_fd;
	case DIR_FD:
		return dir_fd;
	case EPOLL:
		return epoll_fd;
	case EVENT:
		return event_fd;
	case TIMERFD:
		return timer_fd;
	case SELF:
		return getpid();
	case GOOD:
		return (long)good;
	case ZEROS:
		return (long)zeros;
	case TIMER:
		return timer_id;
	case PIDFD:
		return pid_fd;
	case SEM:
		return sem_id;
	case MSG:
		return msg_id;
	case SHM:
		return shm_id;
	case CAP_HEADER:
		return (long)cap_header;
	case -3000:
		return (long)good & -PAGE;
	default:
		return a;
	}
}

static void expect(const struct probe *p, void *bad, const char *kind, int want)
{
	long a[6], r;
	int err;

	for (int i = 0; i < 6; i++)
		a[i] = argument(p->args[i], bad);
	errno = 0;
	lseek(file_fd, 0, SEEK_SET);
	lseek(dir_fd, 0, SEEK_SET);
	errno = 0;
	r = syscall(p->nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	err = errno;
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
				   pr->nr == SYS_sendto;

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
	long n = pread(file_fd, p + PAGE - 10, 64, 0);

	CHECK(n == 10 || (n == -1 && errno == EFAULT));
	n = pwrite(file_fd, p + PAGE - 10, 64, 0);
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
	CHECK_ERR(execve(self_path(), (char **)0x1234, ok), EFAULT);
	CHECK_ERR(execve(self_path(), (char **)0xffff888000001000, ok), EFAULT);
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
