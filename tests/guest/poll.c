/* SPDX-License-Identifier: MIT */
/* poll, ppoll, select, pselect, epoll, eventfd, signalfd: readiness in all its forms. */
#include "harness.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

static int p[2];

static void make_pipe(void)
{
	OK(pipe(p));
}

static void put(void)
{
	CHECK_EQ(write(p[1], "x", 1), 1);
}

static void take(void)
{
	char c;

	CHECK_EQ(read(p[0], &c, 1), 1);
}

static int poll_one(int fd, short events, int timeout)
{
	struct pollfd pf = {.fd = fd, .events = events};
	int n = poll(&pf, 1, timeout);

	return n < 0 ? -1 : pf.revents;
}

CASE(poll_of_pipe)
{
	make_pipe();
	CHECK_EQ(poll_one(p[0], POLLIN, 0), 0);
	CHECK_EQ(poll_one(p[1], POLLOUT, 0), POLLOUT);
	put();
	CHECK_EQ(poll_one(p[0], POLLIN, 0), POLLIN);
	CHECK_EQ(poll_one(p[0], 0, 0), 0);
}

CASE(poll_hup_and_err)
{
	make_pipe();
	put();
	OK(close(p[1]));
	CHECK_EQ(poll_one(p[0], POLLIN, 0), POLLIN | POLLHUP);
	take();
	CHECK_EQ(poll_one(p[0], POLLIN, 0), POLLHUP);
	make_pipe();
	OK(close(p[0]));
	CHECK_EQ(poll_one(p[1], POLLOUT, 0), POLLOUT | POLLERR);
}

CASE(poll_full_pipe)
{
	char buf[PAGE] = {0};

	make_pipe();
	for (int i = 0; i < 16; i++)
		CHECK_EQ(write(p[1], buf, PAGE), PAGE);
	CHECK_EQ(poll_one(p[1], POLLOUT, 0), 0);
	CHECK_EQ(read(p[0], buf, PAGE), PAGE);
	CHECK_EQ(poll_one(p[1], POLLOUT, 0), POLLOUT);
}

CASE(poll_bad_and_negative_descriptors)
{
	CHECK_EQ(poll_one(800, POLLIN, 0), POLLNVAL);
	CHECK_EQ(poll_one(-1, POLLIN, 0), 0);
	CHECK_ERR(poll(NULL, 1000000, 0), EINVAL);
	CHECK_EQ(poll(NULL, 0, 0), 0);
}

CASE(poll_regular_file_is_always_ready)
{
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));

	CHECK_EQ(poll_one(fd, POLLIN | POLLOUT, 0), POLLIN | POLLOUT);
}

CASE(poll_times_out)
{
	int64_t start = now_ns();

	make_pipe();
	CHECK_EQ(poll_one(p[0], POLLIN, 3), 0);
	CHECK(now_ns() - start >= 3000000);
}

CASE(poll_wakes)
{
	pid_t me = getpid(), pid;

	make_pipe();
	CHILD(pid) {
		await_state(me, "S");
		put();
	}
	CHECK_EQ(poll_one(p[0], POLLIN, -1), POLLIN);
	wait_status(pid);
}

CASE(poll_counts_descriptors)
{
	struct pollfd pf[3];

	make_pipe();
	put();
	pf[0] = (struct pollfd){.fd = p[0], .events = POLLIN};
	pf[1] = (struct pollfd){.fd = p[1], .events = POLLIN};
	pf[2] = (struct pollfd){.fd = p[1], .events = POLLOUT};
	CHECK_EQ(poll(pf, 3, -1), 2);
	CHECK_EQ(pf[1].revents, 0);
}

static volatile sig_atomic_t hits;

static void count(int sig)
{
	(void)sig;
	hits++;
}

CASE(ppoll_swaps_mask)
{
	sigset_t none;
	struct timespec ts = {.tv_sec = 5};

	on_signal(SIGUSR1, count, 0);
	block_signal(SIGUSR1);
	raise(SIGUSR1);
	sigemptyset(&none);
	CHECK_EQ(hits, 0);
	CHECK_ERR(ppoll(NULL, 0, &ts, &none), EINTR);
	CHECK_EQ(hits, 1);
	CHECK_ERR(ppoll(NULL, 0, &(struct timespec){0, 1000000000}, NULL), EINVAL);
}

CASE(select_sets)
{
	fd_set r, w, e;
	struct timeval tv = {0};

	make_pipe();
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_ZERO(&e);
	FD_SET(p[0], &r);
	FD_SET(p[1], &w);
	FD_SET(p[0], &e);
	CHECK_EQ(select(p[1] + 1, &r, &w, &e, &tv), 1);
	CHECK(!FD_ISSET(p[0], &r) && FD_ISSET(p[1], &w) && !FD_ISSET(p[0], &e));
	put();
	FD_SET(p[0], &r);
	CHECK_EQ(select(p[1] + 1, &r, &w, NULL, NULL), 2);
	CHECK(FD_ISSET(p[0], &r));
}

CASE(select_errors)
{
	fd_set r;

	FD_ZERO(&r);
	FD_SET(700, &r);
	CHECK_ERR(select(701, &r, NULL, NULL, &(struct timeval){0}), EBADF);
	CHECK_ERR(select(-1, NULL, NULL, NULL, &(struct timeval){0}), EINVAL);
	CHECK_ERR(select(0, NULL, NULL, NULL, &(struct timeval){-1, 0}), EINVAL);
}

CASE(select_updates_time_left)
{
	fd_set r;
	struct timeval tv = {.tv_sec = 100};
	pid_t me = getpid(), pid;

	make_pipe();
	CHILD(pid) {
		await_state(me, "S");
		put();
	}
	FD_ZERO(&r);
	FD_SET(p[0], &r);
	CHECK_EQ(select(p[0] + 1, &r, NULL, NULL, &tv), 1);
	CHECK(tv.tv_sec > 50 && tv.tv_sec < 100);
	wait_status(pid);
}

CASE(pselect_swaps_mask)
{
	sigset_t none;

	on_signal(SIGUSR1, count, 0);
	block_signal(SIGUSR1);
	raise(SIGUSR1);
	sigemptyset(&none);
	CHECK_ERR(pselect(0, NULL, NULL, NULL, NULL, &none), EINTR);
	CHECK_EQ(hits, 1);
}

static int ep;

static void add(int fd, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.fd = fd};

	OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
}

static int ready(int timeout)
{
	struct epoll_event ev[8];

	return OK(epoll_wait(ep, ev, 8, timeout));
}

CASE(epoll_level)
{
	struct epoll_event ev;

	make_pipe();
	ep = OK(epoll_create1(EPOLL_CLOEXEC));
	CHECK_EQ(fcntl(ep, F_GETFD), FD_CLOEXEC);
	add(p[0], EPOLLIN);
	CHECK_EQ(ready(0), 0);
	put();
	CHECK_EQ(ready(0), 1);
	CHECK_EQ(epoll_wait(ep, &ev, 1, 0), 1);
	CHECK_EQ(ev.data.fd, p[0]);
	CHECK_EQ(ev.events, EPOLLIN);
	take();
	CHECK_EQ(ready(0), 0);
}

CASE(epoll_edge)
{
	make_pipe();
	ep = OK(epoll_create1(0));
	add(p[0], EPOLLIN | EPOLLET);
	put();
	CHECK_EQ(ready(0), 1);
	CHECK_EQ(ready(0), 0);
	put();
	CHECK_EQ(ready(0), 1);
	CHECK_EQ(ready(0), 0);
}

CASE(epoll_oneshot)
{
	struct epoll_event ev;

	make_pipe();
	ep = OK(epoll_create1(0));
	add(p[0], EPOLLIN | EPOLLONESHOT);
	put();
	CHECK_EQ(ready(0), 1);
	CHECK_EQ(ready(0), 0);
	put();
	CHECK_EQ(ready(0), 0);
	ev = (struct epoll_event){.events = EPOLLIN | EPOLLONESHOT};
	OK(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev));
	CHECK_EQ(ready(0), 1);
}

CASE(epoll_ctl_errors)
{
	struct epoll_event ev = {.events = EPOLLIN};
	int file = OK(open("f", O_RDWR | O_CREAT, 0600));

	make_pipe();
	ep = OK(epoll_create1(0));
	CHECK_ERR(epoll_create1(1), EINVAL);
	CHECK_ERR(epoll_create(0), EINVAL);
	CHECK_ERR(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev), ENOENT);
	CHECK_ERR(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], &ev), ENOENT);
	add(p[0], EPOLLIN);
	CHECK_ERR(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev), EEXIST);
	CHECK_ERR(epoll_ctl(ep, EPOLL_CTL_ADD, file, &ev), EPERM);
	CHECK_ERR(epoll_ctl(ep, EPOLL_CTL_ADD, 800, &ev), EBADF);
	CHECK_ERR(epoll_ctl(ep, EPOLL_CTL_ADD, ep, &ev), EINVAL);
	CHECK_ERR(epoll_ctl(p[0], EPOLL_CTL_ADD, p[1], &ev), EINVAL);
	CHECK_ERR(epoll_ctl(ep, 99, p[0], &ev), EINVAL);
	CHECK_ERR(epoll_wait(ep, &ev, 0, 0), EINVAL);
	CHECK_ERR(epoll_wait(p[0], &ev, 1, 0), EINVAL);
}

CASE(epoll_forgets_closed_file)
{
	make_pipe();
	ep = OK(epoll_create1(0));
	add(p[0], EPOLLIN);
	put();
	int d = OK(dup(p[0]));

	OK(close(p[0]));
	CHECK_EQ(ready(0), 1); /* the open file lives on in the duplicate */
	OK(close(d));
	CHECK_EQ(ready(0), 0);
}

CASE(epoll_reports_hup)
{
	struct epoll_event ev;

	make_pipe();
	ep = OK(epoll_create1(0));
	add(p[0], 0);
	OK(close(p[1]));
	CHECK_EQ(epoll_wait(ep, &ev, 1, -1), 1);
	CHECK_EQ(ev.events, EPOLLHUP);
}

CASE(epoll_nested)
{
	int inner;

	make_pipe();
	ep = inner = OK(epoll_create1(0));
	add(p[0], EPOLLIN);
	ep = OK(epoll_create1(0));
	add(inner, EPOLLIN);
	CHECK_EQ(ready(0), 0);
	put();
	CHECK_EQ(ready(0), 1);
	CHECK_EQ(poll_one(ep, POLLIN, 0), POLLIN);
	struct epoll_event ev = {.events = EPOLLIN};

	CHECK_ERR(epoll_ctl(inner, EPOLL_CTL_ADD, ep, &ev), ELOOP);
}

/* The one that was added first is nobody's to see to: the wake-up is the other one's. */
struct churn {
	int ep, n, fd[20]; /* these n enter ep and leave it */
	bool *stop;
};

static void *enter_and_leave(void *arg)
{
	struct churn *c = arg;
	struct epoll_event ev = {.events = EPOLLIN};

	while (!__atomic_load_n(c->stop, __ATOMIC_RELAXED)) {
		for (int i = 0; i < c->n; i++)
			OK(epoll_ctl(c->ep, EPOLL_CTL_ADD, c->fd[i], &ev));
		for (int i = 0; i < c->n; i++)
			OK(epoll_ctl(c->ep, EPOLL_CTL_DEL, c->fd[i], NULL));
	}
	return NULL;
}

/* Whether one may be added to another is asked while both are changed by others. */
CASE(epoll_nests_while_its_ends_change)
{
	int top = OK(epoll_create1(0)), outer = OK(epoll_create1(0)), inner = OK(epoll_create1(0));
	bool stop = false;
	struct churn below = {inner, 20, {0}, &stop}, above = {top, 1, {outer}, &stop};
	struct epoll_event ev = {.events = EPOLLIN};
	pthread_t t[2];

	for (int i = 0; i < below.n; i++)
		below.fd[i] = OK(eventfd(0, 0));
	CHECK_EQ(pthread_create(&t[0], NULL, enter_and_leave, &below), 0);
	CHECK_EQ(pthread_create(&t[1], NULL, enter_and_leave, &above), 0);
	for (int i = 0; i < scale(5000); i++) {
		OK(epoll_ctl(outer, EPOLL_CTL_ADD, inner, &ev));
		OK(epoll_ctl(outer, EPOLL_CTL_DEL, inner, NULL));
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (int i = 0; i < 2; i++)
		CHECK_EQ(pthread_join(t[i], NULL), 0);
}

CASE(epoll_exclusive_passes_by_who_does_not_wait)
{
	pid_t pid;

	make_pipe();
	ep = OK(epoll_create1(0));
	add(p[0], EPOLLIN | EPOLLEXCLUSIVE);
	ep = OK(epoll_create1(0));
	add(p[0], EPOLLIN | EPOLLEXCLUSIVE);
	CHILD(pid) {
		CHECK_EQ(ready(-1), 1);
	}
	await_state(pid, "S");
	put();
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(epoll_wakes_sleeper_in_another_process)
{
	pid_t pid;

	make_pipe();
	ep = OK(epoll_create1(0));
	add(p[0], EPOLLIN);
	CHILD(pid) {
		CHECK_EQ(ready(-1), 1);
	}
	await_state(pid, "S");
	put();
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(epoll_many_descriptors)
{
	enum { N = 100 };
	int fd[N];
	struct epoll_event ev[N];

	ep = OK(epoll_create1(0));
	for (int i = 0; i < N; i++) {
		fd[i] = OK(eventfd(0, EFD_NONBLOCK));
		add(fd[i], EPOLLIN);
	}
	for (int i = 0; i < N; i += 3)
		eventfd_write(fd[i], 1);
	CHECK_EQ(epoll_wait(ep, ev, N, 0), 34);
	CHECK_EQ(epoll_wait(ep, ev, 10, 0), 10);
	for (int i = 0; i < N; i += 2)
		OK(epoll_ctl(ep, EPOLL_CTL_DEL, fd[i], NULL));
	CHECK_EQ(epoll_wait(ep, ev, N, 0), 17);
}

CASE(epoll_pwait_swaps_mask)
{
	sigset_t none;
	struct epoll_event ev;

	on_signal(SIGUSR1, count, 0);
	block_signal(SIGUSR1);
	raise(SIGUSR1);
	sigemptyset(&none);
	ep = OK(epoll_create1(0));
	CHECK_ERR(epoll_pwait(ep, &ev, 1, -1, &none), EINTR);
	CHECK_EQ(hits, 1);
}

CASE(epoll_times_out)
{
	int64_t start = now_ns();

	ep = OK(epoll_create1(0));
	CHECK_EQ(ready(3), 0);
	CHECK(now_ns() - start >= 2900000);
}

CASE(eventfd_counts)
{
	int fd = OK(eventfd(3, EFD_NONBLOCK));
	uint64_t v;

	CHECK_EQ(read(fd, &v, 8), 8);
	CHECK_EQ(v, 3);
	CHECK_ERR(read(fd, &v, 8), EAGAIN);
	v = 5;
	CHECK_EQ(write(fd, &v, 8), 8);
	CHECK_EQ(write(fd, &v, 8), 8);
	CHECK_EQ(read(fd, &v, 8), 8);
	CHECK_EQ(v, 10);
	CHECK_EQ(poll_one(fd, POLLIN | POLLOUT, 0), POLLOUT);
}

CASE(eventfd_limits)
{
	int fd = OK(eventfd(0, EFD_NONBLOCK));
	uint64_t v = -1;

	CHECK_ERR(write(fd, &v, 8), EINVAL);
	CHECK_ERR(write(fd, &v, 4), EINVAL);
	CHECK_ERR(read(fd, &v, 4), EINVAL);
	v = 0xfffffffffffffffe;
	CHECK_EQ(write(fd, &v, 8), 8);
	v = 1;
	CHECK_ERR(write(fd, &v, 8), EAGAIN);
	CHECK_EQ(poll_one(fd, POLLOUT, 0), 0);
	CHECK_ERR(eventfd(0, 1 << 20), EINVAL);
}

CASE(eventfd_semaphore)
{
	int fd = OK(eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK));
	uint64_t v;

	for (int i = 0; i < 2; i++) {
		CHECK_EQ(read(fd, &v, 8), 8);
		CHECK_EQ(v, 1);
	}
	CHECK_ERR(read(fd, &v, 8), EAGAIN);
}

CASE(eventfd_blocks)
{
	int fd = OK(eventfd(0, 0));
	pid_t pid;

	CHILD(pid) {
		uint64_t v;

		CHECK_EQ(read(fd, &v, 8), 8);
		CHECK_EQ(v, 9);
	}
	await_state(pid, "S");
	eventfd_write(fd, 9);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(signalfd_reads_signals)
{
	struct signalfd_siginfo si;
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMIN);
	OK(sigprocmask(SIG_BLOCK, &set, NULL));
	fd = OK(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
	CHECK_ERR(read(fd, &si, sizeof(si)), EAGAIN);
	CHECK_EQ(poll_one(fd, POLLIN, 0), 0);
	OK(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 77}));
	raise(SIGUSR1);
	CHECK_EQ(poll_one(fd, POLLIN, 0), POLLIN);
	CHECK_EQ(read(fd, &si, sizeof(si)), sizeof(si));
	CHECK_EQ(si.ssi_signo, SIGUSR1);
	CHECK_EQ(si.ssi_pid, getpid());
	CHECK_EQ(read(fd, &si, sizeof(si)), sizeof(si));
	CHECK_EQ(si.ssi_signo, SIGRTMIN);
	CHECK_EQ(si.ssi_int, 77);
	CHECK(!signal_pending(SIGUSR1));
	CHECK_ERR(read(fd, &si, 10), EINVAL);
}

CASE(signalfd_mask_can_change)
{
	struct signalfd_siginfo si;
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	fd = OK(signalfd(-1, &set, SFD_NONBLOCK));
	block_signal(SIGUSR2);
	raise(SIGUSR2);
	CHECK_ERR(read(fd, &si, sizeof(si)), EAGAIN);
	sigaddset(&set, SIGUSR2);
	CHECK_EQ(signalfd(fd, &set, 0), fd);
	CHECK_EQ(read(fd, &si, sizeof(si)), sizeof(si));
	CHECK_EQ(si.ssi_signo, SIGUSR2);
	CHECK_ERR(signalfd(0, &set, 0), EINVAL);
	CHECK_ERR(signalfd(-1, &set, 1), EINVAL);
}

CASE(epoll_of_eventfd_signalfd_and_child)
{
	struct epoll_event ev[4];
	sigset_t set;
	int efd, sfd;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	OK(sigprocmask(SIG_BLOCK, &set, NULL));
	efd = OK(eventfd(0, 0));
	sfd = OK(signalfd(-1, &set, 0));
	ep = OK(epoll_create1(0));
	add(efd, EPOLLIN);
	add(sfd, EPOLLIN);
	CHILD(pid) {
	}
	CHECK_EQ(epoll_wait(ep, ev, 4, -1), 1);
	CHECK_EQ(ev[0].data.fd, sfd);
	wait_status(pid);
}
