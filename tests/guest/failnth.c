/* SPDX-License-Identifier: MIT */
/* Every allocation made to fail (failnth.h) that processes make, of their kind and of IPC's. */
#include "failnth.h"

#include <elf.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <mqueue.h>
#include <pthread.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

static int reap(pid_t pid)
{
	if (pid < 0)
		return errno;
	if (!pid)
		_exit(0);
	return wait_exit(pid);
}

static int op_fork(void)
{
	return reap(syscall(SYS_fork));
}

CASE_OPT(fork_fails, .timeout = 60)
{
	each_nth(op_fork);
}

static int op_clone(void)
{
	return reap(
	    syscall(SYS_clone, SIGCHLD | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM, 0, 0, 0, 0));
}

CASE_OPT(clone_fails, .timeout = 60)
{
	each_nth(op_clone);
}

static int op_clone3_pidfd(void)
{
	int pidfd = -1;
	uint64_t args[8] = {CLONE_PIDFD, (uintptr_t)&pidfd, [4] = SIGCHLD};
	pid_t pid = syscall(SYS_clone3, args, sizeof(args));
	int err = reap(pid);

	if (pid > 0)
		OK(close(pidfd));
	return err;
}

CASE_OPT(clone3_with_pidfd_fails, .timeout = 60)
{
	each_nth(op_clone3_pidfd);
}

static int op_namespaces(void)
{
	return reap(syscall(SYS_clone,
			    SIGCHLD | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNS |
				CLONE_NEWUSER,
			    0, 0, 0, 0));
}

CASE_OPT(new_namespaces_fail, .timeout = 60, .root = true)
{
	each_nth(op_namespaces);
}

static int op_set_tid(void)
{
	/* Nobody has the number; it is the next but many. */
	pid_t pid, tid = getpid() + 5000;
	uint64_t args[10] = {[4] = SIGCHLD, [8] = (uintptr_t)&tid, [9] = 1};

	pid = syscall(SYS_clone3, args, sizeof(args));
	return reap(pid);
}

CASE_OPT(clone3_with_a_number_fails, .timeout = 60, .root = true)
{
	each_nth(op_set_tid);
}

/* unshare(2) changes its caller: each attempt has a process of its own, which tells the result. */
static int op_unshare(void)
{
	int status;
	pid_t pid;

	set_nth(0);
	CHILD(pid) {
		int err = 0;

		close(nth_fd);
		open_nth();
		set_nth(nth);
		if (unshare(CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNS | CLONE_FILES |
			    CLONE_FS))
			err = errno;
		_exit(err | (struck() ? 128 : 0));
	}
	status = wait_exit(pid);
	/* Hand what happened there on to our own count. */
	set_nth(status & 128 ? 0 : MAX_N);
	return status & 127;
}

CASE_OPT(unshare_fails, .timeout = 60, .root = true)
{
	each_nth(op_unshare);
}

static void *thread_body(void *arg)
{
	return arg;
}

static int op_thread(void)
{
	pthread_t t;
	int err = pthread_create(&t, NULL, thread_body, NULL);

	if (!err)
		CHECK_EQ(pthread_join(t, NULL), 0);
	return err;
}

/* The library keeps stacks: the counts settle only after some. */
CASE_OPT(thread_creation_fails, .timeout = 60)
{
	each_nth(op_thread);
}

static int op_signal(void)
{
	union sigval v = {.sival_int = 7};
	struct timespec none = {0, 0};
	siginfo_t info;
	sigset_t set;
	int err = sigqueue(getpid(), SIGRTMIN, v) ? errno : 0;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	if (!err)
		CHECK_EQ(sigtimedwait(&set, &info, &none), SIGRTMIN);
	return err;
}

CASE(queued_signals_fail)
{
	block_signal(SIGRTMIN);
	each_nth(op_signal);
}

static int op_timer(void)
{
	timer_t id;

	/* Straight to the kernel: the library's own memory is not the question. */
	if (syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &id))
		return errno;
	OK(syscall(SYS_timer_delete, *(int *)&id));
	return 0;
}

CASE(timers_fail)
{
	each_nth(op_timer);
}

static int op_pidfd(void)
{
	int fd = syscall(SYS_pidfd_open, getpid(), 0);

	return fd < 0 ? errno : OK(close(fd));
}

CASE(pidfd_open_fails)
{
	each_nth(op_pidfd);
}

static int op_groups(void)
{
	gid_t gid[3] = {1, 2, 3};

	return setgroups(3, gid) ? errno : 0;
}

CASE_ROOT(setgroups_fails)
{
	each_nth(op_groups);
}

/*
 * exec: before the point of no return it says what ran short, behind it the process is killed. The
 * new program finds what is left of the count.
 */
static void exec_round(int dir, const char *path, char *const argv[], int flags, int *err)
{
	char *const env[] = {NULL};
	int status;
	pid_t pid;

	for (int n = 1;; n++) {
		CHECK(n < MAX_N);
		*err = 0;
		CHILD(pid) {
			close(nth_fd);
			open_nth();
			set_nth(n);
			syscall(SYS_execveat, dir, path, argv, env, flags);
			*err = errno;
		}
		status = wait_status(pid);
		/* E2BIG: there was no page for the arguments, whatever the reason, as in Linux. */
		if (*err && !shortage(*err) && *err != E2BIG)
			FAIL("failing allocation %d: error %d (%s)", n, *err, strerror(*err));
		/* It struck the new program: in its own code, or in the library's start. */
		if (WIFEXITED(status) && (WEXITSTATUS(status) == 3 || WEXITSTATUS(status) == 127))
			return;
		if (WIFEXITED(status))
			CHECK_EQ(WEXITSTATUS(status), 0);
		else
			CHECK(WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGKILL ||
			      WTERMSIG(status) == SIGBUS);
	}
}

/* Twice, for the same reason as ROUNDS: the first time some names are not in the cache yet. */
static void exec_each(int dir, const char *path, char *const argv[], int flags)
{
	int *err = shared(sizeof(*err));

	open_nth();
	for (int i = 0; i < 2; i++)
		exec_round(dir, path, argv, flags, err);
}

int role_main(const char *role, int argc __attribute__((unused)),
	      char **argv __attribute__((unused)))
{
	char text[16] = "";
	int fd = open("/proc/thread-self/fail-nth", O_RDWR);

	if (strcmp(role, "left"))
		return 9;
	/* A failure that is still to come strikes in here: it was not exec's. */
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return 3;
	return atoi(text) ? 3 : 0;
}

CASE_OPT(exec_fails, .timeout = 120)
{
	char *const argv[] = {"failnth", "--role", "left", NULL};

	exec_each(AT_FDCWD, self_path(), argv, 0);
}

CASE_OPT(exec_of_a_script_fails, .timeout = 120)
{
	char *const argv[] = {"left", NULL};
	char line[PATH_MAX + 32];

	/* The interpreter gets: its name, "--role", the script's name. */
	snprintf(line, sizeof(line), "#!%s --role\n", self_path());
	OK(spew("left", line));
	OK(chmod("left", 0755));
	exec_each(AT_FDCWD, "left", argv, 0);
}

CASE_OPT(exit_does_not_need_memory, .timeout = 60)
{
	open_nth();
	for (int n = 1; n < 40; n++) {
		pid_t pid;

		CHILD(pid) {
			close(nth_fd);
			open_nth();
			set_nth(n);
			_exit(5);
		}
		CHECK_EQ(wait_exit(pid), 5);
	}
}

CASE_OPT(exec_of_descriptors_fails, .timeout = 240)
{
	char *const argv[] = {"failnth", "--role", "left", NULL};

	OK(symlink(self_path(), "prog"));
	exec_each(OK(open(".", O_RDONLY)), "prog", argv, 0);
	exec_each(OK(open(self_path(), O_RDONLY)), "", argv, AT_EMPTY_PATH);
}

/* exit_group(7) */
static const unsigned char code[] = {0xbf, 7, 0, 0, 0, 0xb8, 0xe7, 0, 0, 0, 0x0f, 0x05};

static void write_program(const char *name, const void *bytes, size_t size)
{
	int fd = OK(open(name, O_WRONLY | O_CREAT | O_TRUNC, 0755));

	CHECK_EQ(write(fd, bytes, size), size);
	OK(close(fd));
}

/* One that takes its first step in "interp", which is such a program without one. */
static void write_elf(const char *name, const char *interp)
{
	struct {
		Elf64_Ehdr eh;
		Elf64_Phdr load, interp;
		char path[16], code[sizeof(code)];
	} file = {
	    .eh = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
		   .e_type = ET_DYN,
		   .e_machine = EM_X86_64,
		   .e_version = EV_CURRENT,
		   .e_ehsize = sizeof(Elf64_Ehdr),
		   .e_phentsize = sizeof(Elf64_Phdr),
		   .e_phoff = sizeof(Elf64_Ehdr),
		   .e_phnum = interp ? 2 : 1},
	    .load = {.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_align = PAGE},
	    .interp = {.p_type = PT_INTERP, .p_flags = PF_R, .p_align = 1},
	};

	file.eh.e_entry = offsetof(typeof(file), code);
	file.load.p_filesz = file.load.p_memsz = sizeof(file);
	file.interp.p_offset = offsetof(typeof(file), path);
	file.interp.p_filesz = sizeof("interp");
	memcpy(file.path, "interp", sizeof("interp"));
	memcpy(file.code, code, sizeof(code));
	write_program(name, &file, sizeof(file));
}

/* More than any of the following asks for; none of them can say what is left of the count. */
#define ENOUGH 80

/* Ends well, with an error that says what was short, or by a signal; and as it should at last. */
static void run_each(const char *path)
{
	char *const argv[] = {"prog", NULL}, *const env[] = {NULL};
	int status = 0;
	pid_t pid;

	for (int n = 1; n <= ENOUGH; n++) {
		CHILD(pid) {
			close(nth_fd);
			open_nth();
			set_nth(n);
			execve(path, argv, env);
			_exit(shortage(errno) || errno == E2BIG ? 99 : 98);
		}
		status = wait_status(pid);
		CHECK(!WIFEXITED(status) || WEXITSTATUS(status) == 7 || WEXITSTATUS(status) == 99);
	}
	CHECK_EQ(status, 7 << 8);
}

CASE_OPT(exec_with_an_interpreter_fails, .timeout = 120)
{
	open_nth();
	write_elf("interp", NULL);
	write_elf("prog", "interp");
	run_each("./prog");
}

CASE_OPT(exec_of_an_aout_fails, .timeout = 120)
{
	/* OMAGIC: text and data follow the header, and are loaded at 0. */
	struct {
		uint32_t magic, text, data, bss, syms, entry, trsize, drsize;
		char code[64];
	} file = {.magic = 0407, .text = sizeof(file.code)};

	open_nth();
	memcpy(file.code, code, sizeof(code));
	write_program("prog", &file, sizeof(file));
	run_each("./prog");
}

CASE_OPT(core_dump_fails, .timeout = 240, .root = true)
{
	struct rlimit any = {RLIM_INFINITY, RLIM_INFINITY};
	char pattern[256];
	pid_t pid;

	open_nth();
	CHECK(slurp("/proc/sys/kernel/core_pattern", pattern, sizeof(pattern)) > 0);
	OK(spew("/proc/sys/kernel/core_pattern", "core.%E"));
	for (int i = 0; i < 4 * ENOUGH; i++) {
		/* Up and down: what one way steps over, since caches filled, the other meets. */
		int k = i % ENOUGH, n = i / ENOUGH % 2 ? ENOUGH - k : k + 1;

		CHILD(pid) {
			OK(setrlimit(RLIMIT_CORE, &any));
			close(nth_fd);
			open_nth();
			set_nth(n);
			syscall(SYS_tgkill, getpid(), getpid(), SIGQUIT);
		}
		CHECK_EQ(wait_killed(pid), SIGQUIT);
	}
	OK(spew("/proc/sys/kernel/core_pattern", pattern));
}

/*
 * Each attempt in a process of its own, which prepares what it needs before the count begins and
 * takes what it made along when it dies.
 */
static void each_nth_apart(void (*prepare)(void), int (*op)(void))
{
	bool hit = true;
	int status, err, rounds = 0;
	pid_t pid;

	open_nth();
	for (nth = 1; hit || ++rounds < ROUNDS; nth++) {
		if (!hit)
			nth = 1;
		CHECK(nth < MAX_N);
		CHILD(pid) {
			close(nth_fd);
			open_nth();
			if (prepare)
				prepare();
			set_nth(nth);
			err = op();
			_exit(err | (struck() ? 128 : 0));
		}
		status = wait_exit(pid);
		hit = status & 128;
		err = status & 127;
		if (!hit)
			CHECK_EQ(err, 0);
		else if (err && !shortage(err))
			FAIL("failing allocation %d: error %d (%s)", nth, err, strerror(err));
	}
}

static void own_ipc(void)
{
	OK(unshare(CLONE_NEWIPC));
}

static int op_all_namespaces(void)
{
	return unshare(CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWNS |
		       0x80 /* CLONE_NEWTIME */)
		   ? errno
		   : 0;
}

CASE_OPT(unshare_of_every_namespace_fails, .timeout = 120, .root = true)
{
	each_nth_apart(NULL, op_all_namespaces);
}

/* The first priority of a task, and its child's copy. */
static int op_io_priority(void)
{
	if (syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 5))
		return errno;
	return op_fork();
}

CASE_OPT(io_priority_fails, .timeout = 60)
{
	each_nth_apart(NULL, op_io_priority);
}

static int op_setns(void)
{
	int fd = open("/proc/self/ns/mnt", O_RDONLY), err;

	/* /proc finds nothing where it has no memory for an inode; so does Linux's. */
	if (fd < 0)
		return errno == ENOENT ? ENOMEM : errno;
	err = setns(fd, CLONE_NEWNS) ? errno : 0;
	close(fd);
	return err;
}

CASE_OPT(setns_fails, .timeout = 120, .root = true)
{
	each_nth_apart(NULL, op_setns);
}

static int op_msg(void)
{
	struct {
		long type;
		char text[100];
	} msg = {1, "text"};
	int id = msgget(0x5eed, IPC_CREAT | 0600);

	if (id < 0 || msgsnd(id, &msg, sizeof(msg.text), 0))
		return errno;
	if (msgrcv(id, &msg, sizeof(msg.text), 0, MSG_COPY | IPC_NOWAIT) < 0)
		return errno;
	return msgctl(id, IPC_RMID, NULL) ? errno : 0;
}

CASE_OPT(message_queues_fail, .timeout = 120, .root = true)
{
	each_nth_apart(own_ipc, op_msg);
}

#define SEMS 300

static int op_sem(void)
{
	unsigned short value[SEMS] = {0};
	struct sembuf ops[SEMS];
	int id = semget(IPC_PRIVATE, SEMS, 0600);

	if (id < 0 || semctl(id, 0, SETALL, value) || semctl(id, 0, GETALL, value))
		return errno;
	for (int i = 0; i < SEMS; i++)
		ops[i] = (struct sembuf){.sem_num = i, .sem_op = 1, .sem_flg = SEM_UNDO};
	if (semop(id, ops, SEMS))
		return errno;
	return semctl(id, 0, IPC_RMID) ? errno : 0;
}

CASE_OPT(semaphores_fail, .timeout = 120, .root = true)
{
	each_nth_apart(own_ipc, op_sem);
}

static int op_shm(void)
{
	int id = shmget(IPC_PRIVATE, PAGE, 0600);
	void *p;

	if (id < 0)
		return errno;
	p = shmat(id, NULL, 0);
	if (p == (void *)-1)
		return errno;
	if (shmctl(id, IPC_RMID, NULL))
		return errno;
	return shmdt(p) ? errno : 0;
}

CASE_OPT(shared_memory_fails, .timeout = 120, .root = true)
{
	each_nth_apart(own_ipc, op_shm);
}

static int op_mq(void)
{
	struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 64};
	mqd_t q = mq_open("/q", O_RDWR | O_CREAT, 0600, &attr);

	if (q == (mqd_t)-1)
		return errno;
	return mq_send(q, "text", 4, 1) ? errno : 0;
}

CASE_OPT(posix_message_queues_fail, .timeout = 120, .root = true)
{
	each_nth_apart(own_ipc, op_mq);
}

static uint32_t word, word2;

static int op_waitv(void)
{
	struct {
		uint64_t value, addr;
		uint32_t flags, reserved;
	} w[2] = {{1, (uintptr_t)&word, 2, 0}, {1, (uintptr_t)&word2, 2, 0}};
	long r = syscall(449 /* futex_waitv */, w, 2, 0, NULL, 0);

	return r < 0 && errno != EAGAIN ? errno : 0;
}

static int op_lock_pi(void)
{
	if (syscall(SYS_futex, &word, FUTEX_LOCK_PI, 0, NULL, NULL, 0))
		return errno;
	return syscall(SYS_futex, &word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0) ? errno : 0;
}

CASE_OPT(futexes_fail, .timeout = 120)
{
	each_nth_apart(NULL, op_waitv);
	each_nth_apart(NULL, op_lock_pi);
}

static volatile pid_t waiter;

static void *wait_requeue_pi(void *arg)
{
	waiter = gettid();
	syscall(SYS_futex, &word, FUTEX_WAIT_REQUEUE_PI, 0, NULL, &word2, 0);
	return arg;
}

static void start_waiter(void)
{
	pthread_t t;

	CHECK_EQ(pthread_create(&t, NULL, wait_requeue_pi, NULL), 0);
	EVENTUALLY(waiter);
	await_state(waiter, "S");
}

static int op_requeue_pi(void)
{
	return syscall(SYS_futex, &word, FUTEX_CMP_REQUEUE_PI, 1, (void *)1L, &word2, 0) < 0 ? errno
											     : 0;
}

CASE_OPT(requeueing_to_a_lock_fails, .timeout = 120)
{
	each_nth_apart(start_waiter, op_requeue_pi);
}

static int op_setuid(void)
{
	return setuid(54999) ? errno : 0;
}

CASE_OPT(change_of_user_fails, .timeout = 120, .root = true)
{
	each_nth_apart(NULL, op_setuid);
}

static int map_fd;

/* A child of ours in a user namespace without a map, for which a privileged one may write it. */
static void start_mapped(void)
{
	struct gate g;
	char path[64];
	pid_t pid;

	gate_init(&g);
	CHILD(pid) {
		OK(prctl(PR_SET_PDEATHSIG, SIGKILL));
		OK(unshare(CLONE_NEWUSER));
		gate_open(&g);
		for (;;)
			pause();
	}
	gate_wait(&g);
	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	map_fd = OK(open(path, O_WRONLY));
}

static int op_map(void)
{
	static const char map[] = "0 1000 1\n10 2000 1\n20 3000 1\n30 4000 1\n40 5000 1\n"
				  "50 6000 1\n60 7000 1\n";

	return write(map_fd, map, sizeof(map) - 1) < 0 ? errno : 0;
}

CASE_OPT(map_of_users_fails, .timeout = 120, .root = true)
{
	each_nth_apart(start_mapped, op_map);
}

/* A process's first timer makes the table of its timers. */
CASE_OPT(first_timer_fails, .timeout = 120)
{
	each_nth_apart(NULL, op_timer);
}

static void no_new_privs(void)
{
	OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

static int op_filter(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = {.len = 1, .filter = &allow};

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) ? errno : 0;
}

CASE_OPT(filter_of_system_calls_fails, .timeout = 120)
{
	each_nth_apart(no_new_privs, op_filter);
}
