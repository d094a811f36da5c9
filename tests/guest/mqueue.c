/* SPDX-License-Identifier: MIT */
/* POSIX message queues: order, limits, waiting, notification, the file system. */
#include "harness.h"

#include <mqueue.h>
#include <sys/mount.h>
#include <sys/socket.h>

#define MAXMSG	3
#define MSGSIZE 16

/* The names are the system's, not the case's. */
static const char *queue_name(void)
{
	static char name[32];

	snprintf(name, sizeof(name), "/guest-%d", getpid());
	return name;
}

/* An open queue without a name, so that nothing is left behind. */
static mqd_t new_queue(int flags)
{
	struct mq_attr attr = {.mq_maxmsg = MAXMSG, .mq_msgsize = MSGSIZE};
	mqd_t q = NEED(mq_open(queue_name(), O_RDWR | O_CREAT | O_EXCL | flags, 0600, &attr));

	OK(mq_unlink(queue_name()));
	return q;
}

static void put(mqd_t q, const char *text, unsigned int prio)
{
	OK(mq_send(q, text, strlen(text) + 1, prio));
}

static void expect(mqd_t q, const char *text, unsigned int want)
{
	char buf[MSGSIZE];
	unsigned int prio;

	CHECK_EQ(mq_receive(q, buf, sizeof(buf), &prio), (long)strlen(text) + 1);
	CHECK_STR(buf, text);
	CHECK_EQ(prio, want);
}

static long curmsgs(mqd_t q)
{
	struct mq_attr attr;

	OK(mq_getattr(q, &attr));
	return attr.mq_curmsgs;
}

/* CLOCK_REALTIME, ms from now. */
static struct timespec in_ms(long ms)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_nsec += ms * 1000000;
	ts.tv_sec += ts.tv_nsec / 1000000000;
	ts.tv_nsec %= 1000000000;
	return ts;
}

CASE(priority_then_arrival)
{
	mqd_t q = new_queue(0);

	put(q, "low", 1);
	put(q, "high", 9);
	put(q, "high2", 9);
	CHECK_EQ(curmsgs(q), 3);
	expect(q, "high", 9);
	expect(q, "high2", 9);
	expect(q, "low", 1);
	CHECK_EQ(curmsgs(q), 0);
}

CASE(empty_messages_and_top_priority)
{
	mqd_t q = new_queue(0);
	char buf[MSGSIZE];
	unsigned int prio;

	OK(mq_send(q, "", 0, MQ_PRIO_MAX - 1));
	CHECK_EQ(mq_receive(q, buf, sizeof(buf), &prio), 0);
	CHECK_EQ(prio, MQ_PRIO_MAX - 1);
	OK(mq_send(q, "x", 1, 0));
	CHECK_EQ(mq_receive(q, buf, sizeof(buf), NULL), 1);
}

CASE(attributes)
{
	mqd_t q = new_queue(O_NONBLOCK);
	struct mq_attr attr, old;

	OK(mq_getattr(q, &attr));
	CHECK_EQ(attr.mq_maxmsg, MAXMSG);
	CHECK_EQ(attr.mq_msgsize, MSGSIZE);
	CHECK_EQ(attr.mq_flags, O_NONBLOCK);
	attr.mq_flags = 0;
	attr.mq_maxmsg = 77; /* ignored */
	OK(mq_setattr(q, &attr, &old));
	CHECK_EQ(old.mq_flags, O_NONBLOCK);
	OK(mq_getattr(q, &attr));
	CHECK_EQ(attr.mq_flags, 0);
	CHECK_EQ(attr.mq_maxmsg, MAXMSG);
	attr.mq_flags = O_APPEND;
	CHECK_ERR(mq_setattr(q, &attr, NULL), EINVAL);
	CHECK(fcntl(q, F_GETFD) & FD_CLOEXEC);
}

CASE(open_errors)
{
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 1};
	char name[300];
	mqd_t q = new_queue(0);

	(void)q;
	CHECK_ERR(mq_open(queue_name(), O_RDWR), ENOENT);
	CHECK_ERR(mq_open("/a/b", O_RDWR | O_CREAT, 0600, &attr), EACCES);
	CHECK_ERR(mq_open("/", O_RDWR | O_CREAT, 0600, &attr), ENOENT);
	memset(name, 'x', sizeof(name));
	name[0] = '/';
	name[sizeof(name) - 1] = 0;
	CHECK_ERR(mq_open(name, O_RDWR | O_CREAT, 0600, &attr), ENAMETOOLONG);
	attr.mq_maxmsg = 0;
	CHECK_ERR(mq_open(queue_name(), O_RDWR | O_CREAT, 0600, &attr), EINVAL);
	attr.mq_maxmsg = 1;
	attr.mq_msgsize = -1;
	CHECK_ERR(mq_open(queue_name(), O_RDWR | O_CREAT, 0600, &attr), EINVAL);
	attr.mq_maxmsg = 1L << 20;
	attr.mq_msgsize = 1;
	CHECK_ERR(mq_open(queue_name(), O_RDWR | O_CREAT, 0600, &attr), EINVAL);
	CHECK_ERR(mq_unlink(queue_name()), ENOENT);
}

CASE(name_outlives_descriptor_and_the_other_way)
{
	struct mq_attr attr = {.mq_maxmsg = MAXMSG, .mq_msgsize = MSGSIZE};
	mqd_t q = NEED(mq_open(queue_name(), O_RDWR | O_CREAT | O_EXCL, 0600, &attr)), r;

	put(q, "kept", 2);
	CHECK_ERR(mq_open(queue_name(), O_RDWR | O_CREAT | O_EXCL, 0600, &attr), EEXIST);
	OK(mq_close(q));
	q = OK(mq_open(queue_name(), O_RDWR));
	OK(mq_unlink(queue_name()));
	CHECK_ERR(mq_open(queue_name(), O_RDWR), ENOENT);
	r = OK(mq_open(queue_name(), O_RDWR | O_CREAT, 0600, &attr));
	OK(mq_unlink(queue_name()));
	CHECK_EQ(curmsgs(r), 0);
	expect(q, "kept", 2);
}

CASE(direction_of_descriptors)
{
	struct mq_attr attr = {.mq_maxmsg = MAXMSG, .mq_msgsize = MSGSIZE};
	mqd_t in = NEED(mq_open(queue_name(), O_RDONLY | O_CREAT | O_EXCL, 0600, &attr));
	mqd_t out = OK(mq_open(queue_name(), O_WRONLY));
	char buf[MSGSIZE];

	OK(mq_unlink(queue_name()));
	CHECK_ERR(mq_send(in, "x", 1, 0), EBADF);
	CHECK_ERR(mq_receive(out, buf, sizeof(buf), NULL), EBADF);
	put(out, "x", 0);
	expect(in, "x", 0);
	CHECK_ERR(mq_send(-1, "x", 1, 0), EBADF);
	CHECK_ERR(mq_send(STDOUT_FILENO, "x", 1, 0), EBADF);
}

CASE(sizes)
{
	mqd_t q = new_queue(0);
	char buf[MSGSIZE + 1] = "";

	CHECK_ERR(mq_send(q, buf, MSGSIZE + 1, 0), EMSGSIZE);
	CHECK_ERR(mq_receive(q, buf, MSGSIZE - 1, NULL), EMSGSIZE);
	CHECK_ERR(mq_send(q, buf, 1, MQ_PRIO_MAX), EINVAL);
	CHECK_ERR(mq_send(q, no_access_page(), 4, 0), EFAULT);
}

CASE(nonblocking)
{
	mqd_t q = new_queue(O_NONBLOCK);
	char buf[MSGSIZE];

	CHECK_ERR(mq_receive(q, buf, sizeof(buf), NULL), EAGAIN);
	for (int i = 0; i < MAXMSG; i++)
		put(q, "x", 0);
	CHECK_ERR(mq_send(q, "x", 1, 0), EAGAIN);
}

CASE(times_out)
{
	mqd_t q = new_queue(0);
	struct timespec ts = in_ms(20), past = {0}, bad = {.tv_nsec = 1000000000};
	char buf[MSGSIZE];

	CHECK_ERR(mq_timedreceive(q, buf, sizeof(buf), NULL, &ts), ETIMEDOUT);
	CHECK_ERR(mq_timedreceive(q, buf, sizeof(buf), NULL, &past), ETIMEDOUT);
	CHECK_ERR(mq_timedreceive(q, buf, sizeof(buf), NULL, &bad), EINVAL);
	for (int i = 0; i < MAXMSG; i++)
		OK(mq_timedsend(q, "x", 2, 0, &past)); /* no need to wait */
	ts = in_ms(20);
	CHECK_ERR(mq_timedsend(q, "x", 2, 0, &ts), ETIMEDOUT);
	CHECK_EQ(mq_timedreceive(q, buf, sizeof(buf), NULL, &past), 2);
}

CASE(receiver_waits)
{
	mqd_t q = new_queue(0);
	pid_t pid;

	CHILD(pid) {
		expect(q, "hello", 7);
	}
	await_state(pid, "S");
	put(q, "hello", 7);
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(curmsgs(q), 0);
}

CASE(sender_waits)
{
	mqd_t q = new_queue(0);
	pid_t pid;

	for (int i = 0; i < MAXMSG; i++)
		put(q, "old", 1);
	CHILD(pid) {
		put(q, "new", 5);
	}
	await_state(pid, "S");
	expect(q, "old", 1);
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(curmsgs(q), MAXMSG);
	expect(q, "new", 5);
}

static volatile sig_atomic_t caught;

static void catch (int sig)
{
	(void)sig;
	caught++;
}

CASE(signals_interrupt_and_restart)
{
	mqd_t q = new_queue(0);
	pid_t pid;

	CHILD(pid) {
		char buf[MSGSIZE];

		on_signal(SIGUSR1, catch, 0);
		on_signal(SIGUSR2, catch, SA_RESTART);
		put(q, "ready", 0);
		while (curmsgs(q))
			nap();
		CHECK_ERR(mq_receive(q, buf, sizeof(buf), NULL), EINTR);
		CHECK_EQ(caught, 1);
		expect(q, "go", 0);
		CHECK_EQ(caught, 2);
	}
	EVENTUALLY(curmsgs(q) == 1);
	expect(q, "ready", 0);
	await_state(pid, "S");
	/* Between two naps it sleeps as well: signal until the wait itself was interrupted. */
	nap();
	nap();
	await_state(pid, "S");
	kill(pid, SIGUSR1);
	nap();
	nap();
	await_state(pid, "S");
	kill(pid, SIGUSR2);
	nap();
	await_state(pid, "S");
	put(q, "go", 0);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(many_through_a_small_queue)
{
	mqd_t q = new_queue(0);
	enum { SENDERS = 3, EACH = 200 };
	int sum = 0;
	pid_t pid[SENDERS];

	for (int s = 0; s < SENDERS; s++)
		CHILD(pid[s]) {
			for (int i = 1; i <= EACH; i++)
				OK(mq_send(q, (char *)&i, sizeof(i), i % 4));
		}
	for (int i = 0; i < SENDERS * EACH; i++) {
		int value;
		char buf[MSGSIZE];

		CHECK_EQ(mq_receive(q, buf, sizeof(buf), NULL), (long)sizeof(value));
		memcpy(&value, buf, sizeof(value));
		sum += value;
	}
	for (int s = 0; s < SENDERS; s++)
		CHECK_EQ(wait_exit(pid[s]), 0);
	CHECK_EQ(sum, SENDERS * EACH * (EACH + 1) / 2);
	CHECK_EQ(curmsgs(q), 0);
}

CASE(poll_tells)
{
	mqd_t q = new_queue(0);
	struct pollfd p = {.fd = q, .events = POLLIN | POLLOUT};
	pid_t pid;

	CHECK_EQ(poll(&p, 1, 0), 1);
	CHECK_EQ(p.revents, POLLOUT);
	put(q, "x", 0);
	CHECK_EQ(poll(&p, 1, 0), 1);
	CHECK_EQ(p.revents, POLLIN | POLLOUT);
	put(q, "x", 0);
	put(q, "x", 0);
	CHECK_EQ(poll(&p, 1, 0), 1);
	CHECK_EQ(p.revents, POLLIN);
	for (int i = 0; i < MAXMSG; i++)
		expect(q, "x", 0);
	CHILD(pid) {
		struct pollfd in = {.fd = q, .events = POLLIN};

		CHECK_EQ(poll(&in, 1, -1), 1);
		CHECK_EQ(in.revents, POLLIN);
	}
	await_state(pid, "S");
	put(q, "x", 0);
	CHECK_EQ(wait_exit(pid), 0);
}

static siginfo_t seen;

static void notice(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	seen = *info;
	caught++;
}

CASE(notify_by_signal_once)
{
	mqd_t q = new_queue(0);
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	pid_t pid;

	ev.sigev_value.sival_int = 4711;
	on_siginfo(SIGUSR1, notice, 0);
	OK(mq_notify(q, &ev));
	CHECK_ERR(mq_notify(q, &ev), EBUSY);
	CHILD(pid) {
		CHECK_ERR(mq_notify(q, &ev), EBUSY);
		OK(mq_notify(q, NULL)); /* not the owner: nothing happens */
		put(q, "x", 0);
	}
	CHECK_EQ(wait_exit(pid), 0);
	EVENTUALLY(caught == 1);
	CHECK_EQ(seen.si_code, SI_MESGQ);
	CHECK_EQ(seen.si_value.sival_int, 4711);
	CHECK_EQ(seen.si_pid, pid);
	CHECK_EQ(seen.si_uid, getuid());
	expect(q, "x", 0);
	put(q, "y", 0); /* no longer registered */
	nap();
	CHECK_EQ(caught, 1);
	OK(mq_notify(q, &ev)); /* not empty: the next message says nothing */
	put(q, "z", 0);
	nap();
	CHECK_EQ(caught, 1);
	expect(q, "y", 0);
	expect(q, "z", 0);
	put(q, "again", 0);
	EVENTUALLY(caught == 2);
}

CASE(notify_waits_behind_receivers)
{
	mqd_t q = new_queue(0);
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	pid_t pid;

	on_siginfo(SIGUSR1, notice, 0);
	OK(mq_notify(q, &ev));
	CHILD(pid) {
		expect(q, "mine", 0);
	}
	await_state(pid, "S");
	put(q, "mine", 0);
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(caught, 0);
	put(q, "x", 0);
	EVENTUALLY(caught == 1);
}

CASE(notify_errors_and_end)
{
	mqd_t q = new_queue(0);
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 99};
	char cookie[32] = "";
	pid_t pid;
	int fd;

	CHECK_ERR(mq_notify(q, &ev), EINVAL);
	ev.sigev_notify = 77;
	CHECK_ERR(mq_notify(q, &ev), EINVAL);
	CHECK_ERR(mq_notify(STDOUT_FILENO, NULL), EBADF);
	ev.sigev_notify = SIGEV_NONE;
	CHILD(pid) {
		OK(mq_notify(q, &ev)); /* ends with the process */
	}
	CHECK_EQ(wait_exit(pid), 0);
	OK(mq_notify(q, &ev));
	OK(mq_notify(q, NULL));
	OK(mq_notify(q, NULL));
	/* As the C library does it, with descriptors that are no netlink sockets. */
	ev.sigev_notify = SIGEV_THREAD;
	ev.sigev_value.sival_ptr = cookie;
	ev.sigev_signo = -1;
	CHECK_ERR(syscall(SYS_mq_notify, q, &ev), EBADF);
	ev.sigev_signo = q;
	CHECK_ERR(syscall(SYS_mq_notify, q, &ev), ENOTSOCK);
	fd = OK(socket(AF_UNIX, SOCK_STREAM, 0));
	ev.sigev_signo = fd;
	CHECK_ERR(syscall(SYS_mq_notify, q, &ev), EINVAL);
}

CASE(limit_of_bytes)
{
	struct rlimit none = {0, 0};
	struct mq_attr attr = {.mq_maxmsg = MAXMSG, .mq_msgsize = MSGSIZE};
	unsigned long need = MAXMSG * (48 + 48 + MSGSIZE);
	mqd_t q = new_queue(0);
	pid_t pid;

	(void)q;
	CHILD(pid) {
		OK(setrlimit(RLIMIT_MSGQUEUE, &none));
		CHECK_ERR(mq_open(queue_name(), O_RDWR | O_CREAT, 0600, &attr), EMFILE);
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHILD(pid) {
		struct rlimit enough = {2 * need, 2 * need};

		OK(setrlimit(RLIMIT_MSGQUEUE, &enough));
		q = mq_open(queue_name(), O_RDWR | O_CREAT, 0600, &attr);
		if (q == -1) /* others of this user have queues */
			_exit(0);
		OK(mq_unlink(queue_name()));
		CHECK_ERR(mq_open(queue_name(), O_RDWR | O_CREAT, 0600, &attr), EMFILE);
		OK(mq_close(q));
		q = OK(mq_open(queue_name(), O_RDWR | O_CREAT, 0600, &attr));
		OK(mq_unlink(queue_name()));
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE_ROOT(permissions_of_names)
{
	struct mq_attr attr = {.mq_maxmsg = MAXMSG, .mq_msgsize = MSGSIZE};
	mqd_t q;
	char name[32];
	struct stat st;
	pid_t pid;

	umask(022);
	q = NEED(mq_open(queue_name(), O_RDWR | O_CREAT | O_EXCL, 0666, &attr));
	OK(fstat(q, &st));
	CHECK_EQ(st.st_mode, S_IFREG | 0644);
	strcpy(name, queue_name());
	CHILD(pid) {
		OK(setgid(1000));
		OK(setuid(1000));
		CHECK_ERR(mq_open(name, O_RDWR), EACCES);
		CHECK_ERR(mq_open(name, O_WRONLY), EACCES);
		OK(mq_open(name, O_RDONLY));
		CHECK_ERR(syscall(SYS_mq_unlink, name + 1), EPERM);
	}
	CHECK_EQ(wait_exit(pid), 0);
	OK(mq_unlink(name));
}

CASE(reading_tells_the_state)
{
	mqd_t q = new_queue(0);
	char line[200] = "", want[200];
	struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};

	OK(mq_notify(q, &ev));
	snprintf(want, sizeof(want), "QSIZE:%-10u NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n", 0,
		 SIGEV_SIGNAL, SIGUSR1, getpid());
	OK(read(q, line, sizeof(line) - 1));
	CHECK_STR(line, want);
	OK(mq_notify(q, NULL));
	put(q, "12345", 0);
	snprintf(want, sizeof(want), "QSIZE:%-10u NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n", 6, 0,
		 0, 0);
	memset(line, 0, sizeof(line));
	OK(pread(q, line, sizeof(line) - 1, 0));
	CHECK_STR(line, want);
}

CASE_ROOT(mounted)
{
	struct mq_attr attr = {.mq_maxmsg = MAXMSG, .mq_msgsize = MSGSIZE};
	char path[64], name[32];
	struct stat st;
	mqd_t q;
	int fd;

	strcpy(name, queue_name());
	NEED(unshare(CLONE_NEWNS));
	OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	OK(mkdir("mq", 0755));
	NEED(mount("none", "mq", "mqueue", 0, NULL));
	q = NEED(mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0640, &attr));
	snprintf(path, sizeof(path), "mq%s", name);
	OK(stat(path, &st));
	CHECK_EQ(st.st_mode, S_IFREG | 0640);
	fd = OK(open(path, O_RDWR)); /* the same queue */
	put(q, "file", 3);
	expect(fd, "file", 3);
	OK(unlink(path));
	CHECK_ERR(mq_open(name, O_RDWR), ENOENT);
	OK(close(fd));
	fd = OK(open(path, O_CREAT | O_RDWR, 0600));
	OK(mq_getattr(fd, &attr));
	CHECK(attr.mq_maxmsg > 0 && attr.mq_msgsize > 0);
	OK(mq_unlink(name));
	CHECK_ERR(mkdir("mq/dir", 0755), EPERM);
	OK(close(fd));
	OK(umount("mq"));
}

CASE_ROOT(namespaces_are_apart)
{
	struct mq_attr attr = {.mq_maxmsg = MAXMSG, .mq_msgsize = MSGSIZE};
	char name[32];
	mqd_t q;
	pid_t pid;

	strcpy(name, queue_name());
	q = NEED(mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr));
	CHILD(pid) {
		if (unshare(CLONE_NEWIPC))
			_exit(1);
		CHECK_ERR(mq_open(name, O_RDWR), ENOENT);
		put(q, "open stays open", 1);
		OK(mq_open(name, O_RDWR | O_CREAT, 0600, &attr));
	}
	if (wait_exit(pid)) {
		mq_unlink(name);
		SKIP("unshare(CLONE_NEWIPC) does not work");
	}
	expect(q, "open stays open", 1);
	CHECK_EQ(curmsgs(q), 0);
	OK(mq_unlink(name));
}
