/* SPDX-License-Identifier: MIT */
/* TCP over the loopback: what goes through a connection, its buffers, urgent bytes, options. */
#include "harness.h"
#include "inet.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/uio.h>

CASE(bytes_go_both_ways)
{
	char buf[16] = "";
	int s[2];

	tcp_pair(s);
	CHECK_EQ(write(s[0], "ping", 4), 4);
	CHECK_EQ(read(s[1], buf, 2), 2);
	CHECK_EQ(recv(s[1], buf + 2, 8, 0), 2);
	CHECK_STR(buf, "ping");
	CHECK_EQ(send(s[1], "po", 2, 0), 2);
	CHECK_EQ(send(s[1], "ng", 2, MSG_MORE), 2);
	CHECK_EQ(send(s[1], "!", 1, 0), 1);
	CHECK_EQ(recv(s[0], buf, 5, MSG_WAITALL), 5);
	CHECK(!memcmp(buf, "pong!", 5));
	CHECK_ERR(recv(s[0], buf, 1, MSG_DONTWAIT), EAGAIN);
	CHECK_EQ(write(s[0], "", 0), 0);
}

CASE(no_bytes_wanted)
{
	char buf[1];
	int s[2];

	tcp_pair(s);
	CHECK_ERR(recv(s[0], buf, 0, MSG_DONTWAIT), EAGAIN);
	CHECK_EQ(write(s[1], "a", 1), 1);
	CHECK_EQ(recv(s[0], buf, 0, 0), 0);
	CHECK_EQ(recv(s[0], buf, 0, MSG_PEEK), 0);
	CHECK_EQ(recv(s[0], buf, 1, 0), 1);
	CHECK_ERR(recv(OK(socket(AF_INET, SOCK_STREAM, 0)), buf, 0, 0), ENOTCONN);
}

CASE(peek_leaves_the_bytes)
{
	char buf[16] = "";
	int s[2], n;

	tcp_pair(s);
	CHECK_EQ(write(s[0], "abcdef", 6), 6);
	CHECK_EQ(recv(s[1], buf, 4, MSG_PEEK), 4);
	CHECK_EQ(recv(s[1], buf, 16, MSG_PEEK), 6);
	OK(ioctl(s[1], FIONREAD, &n));
	CHECK_EQ(n, 6);
	CHECK_EQ(recv(s[1], buf, 3, MSG_TRUNC), 3); /* thrown away: tcp(7) */
	CHECK_EQ(recv(s[1], buf, 16, 0), 3);
	CHECK(!memcmp(buf, "def", 3));
}

CASE(end_of_stream)
{
	struct pollfd p;
	char buf[8];
	int s[2];

	tcp_pair(s);
	CHECK_EQ(write(s[0], "last", 4), 4);
	OK(shutdown(s[0], SHUT_WR));
	p = (struct pollfd){s[1], POLLIN | POLLRDHUP | POLLOUT, 0};
	CHECK_EQ(poll(&p, 1, 5000), 1);
	CHECK_EQ(p.revents, POLLIN | POLLRDHUP | POLLOUT);
	CHECK_EQ(read(s[1], buf, 8), 4);
	CHECK_EQ(read(s[1], buf, 8), 0);
	CHECK_EQ(write(s[1], "still", 5), 5);
	CHECK_EQ(read(s[0], buf, 8), 5);
	CHECK_ERR(send(s[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	CHECK_EQ(tcp_state(s[0]), TCP_FIN_WAIT2);
	CHECK_EQ(tcp_state(s[1]), TCP_CLOSE_WAIT);
	OK(shutdown(s[1], SHUT_WR));
	EVENTUALLY(tcp_state(s[0]) == TCP_CLOSE);
	EVENTUALLY(tcp_state(s[1]) == TCP_CLOSE);
	CHECK_EQ(read(s[0], buf, 8), 0);
	p = (struct pollfd){s[0], POLLIN, 0};
	CHECK_EQ(poll(&p, 1, 5000), 1);
	CHECK_EQ(p.revents, POLLIN | POLLHUP);
	CHECK_ERR(shutdown(s[0], SHUT_WR), ENOTCONN);
	CHECK_ERR(shutdown(s[0], 7), EINVAL);
}

CASE(writing_to_a_closed_end)
{
	char buf[8];
	int s[2];
	pid_t pid;

	tcp_pair(s);
	OK(close(s[0]));
	CHECK_EQ(read(s[1], buf, 8), 0);
	CHECK_EQ(send(s[1], "a", 1, MSG_NOSIGNAL), 1); /* answered by RST */
	EVENTUALLY(tcp_state(s[1]) == TCP_CLOSE);
	CHECK_ERR(send(s[1], "b", 1, MSG_NOSIGNAL), EPIPE);
	CHECK_EQ(read(s[1], buf, 8), 0);
	CHILD(pid) {
		send(s[1], "c", 1, 0);
	}
	CHECK_EQ(wait_killed(pid), SIGPIPE);
	/* Never connected. */
	s[0] = OK(socket(AF_INET, SOCK_STREAM, 0));
	CHECK_ERR(send(s[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	CHECK_ERR(recv(s[0], buf, 1, 0), ENOTCONN);
	CHECK_ERR(shutdown(s[0], SHUT_RDWR), ENOTCONN);
}

CASE(writing_to_an_end_shut_both_ways)
{
	char buf[8];
	int s[2];

	tcp_pair(s);
	OK(shutdown(s[0], SHUT_RD));
	CHECK_EQ(send(s[1], "abc", 3, 0), 3); /* kept: the other direction is open */
	EVENTUALLY(recv(s[0], buf, 8, 0) == 3);
	OK(shutdown(s[0], SHUT_WR));
	CHECK_EQ(send(s[1], "def", 3, 0), 3); /* answered by RST */
	EVENTUALLY(tcp_state(s[1]) == TCP_CLOSE);
	CHECK_EQ(tcp_state(s[0]), TCP_CLOSE);
	CHECK_ERR(send(s[0], "x", 1, MSG_NOSIGNAL), ECONNRESET);
	CHECK_EQ(read(s[0], buf, 8), 0);
	CHECK_ERR(send(s[1], "x", 1, MSG_NOSIGNAL), EPIPE);
}

CASE(unread_bytes_reset)
{
	struct pollfd p;
	char buf[8];
	int s[2];

	tcp_pair(s);
	CHECK_EQ(write(s[0], "unread", 6), 6);
	CHECK_EQ(write(s[1], "late", 4), 4);
	OK(close(s[1]));
	p = (struct pollfd){s[0], POLLIN, 0};
	EVENTUALLY(poll(&p, 1, 0) == 1 && (p.revents & POLLHUP));
	CHECK_EQ(p.revents, POLLIN | POLLERR | POLLHUP);
	CHECK_EQ(read(s[0], buf, 8), 4); /* what had come */
	CHECK_ERR(read(s[0], buf, 8), ECONNRESET);
	CHECK_EQ(read(s[0], buf, 8), 0);
	CHECK_ERR(send(s[0], "x", 1, MSG_NOSIGNAL), EPIPE);
}

CASE(buffers_fill_and_drain)
{
	static char buf[65536];
	struct pollfd p;
	long total, got = 0, n;
	int s[2];

	tcp_pair(s);
	total = tcp_fill(s[0]);
	CHECK(total >= 16384);
	p = (struct pollfd){s[0], POLLOUT, 0};
	CHECK_EQ(poll(&p, 1, 0), 0);
	while (got < total && (n = recv(s[1], buf, sizeof(buf), 0)) > 0)
		got += n;
	CHECK_EQ(got, total);
	CHECK_EQ(poll(&p, 1, 5000), 1);
	CHECK_EQ(p.revents, POLLOUT);
}

CASE(a_blocked_writer_goes_on)
{
	enum { TOTAL = 3 << 20 };
	unsigned char buf[5000];
	unsigned int i, sum = 0, want = 0;
	long n;
	int s[2];
	pid_t pid;

	tcp_pair(s);
	CHILD(pid) {
		char *block = calloc(1, TOTAL);

		close(s[1]);
		for (i = 0; i < TOTAL; i++)
			block[i] = i * 7 + (i >> 8);
		CHECK_EQ(write(s[0], block, TOTAL), TOTAL);
	}
	OK(close(s[0]));
	for (i = 0; i < TOTAL; i++)
		want = want * 31 + (unsigned char)(i * 7 + (i >> 8));
	while ((n = read(s[1], buf, sizeof(buf))) > 0)
		for (i = 0; i < n; i++)
			sum = sum * 31 + buf[i];
	CHECK_EQ(n, 0);
	CHECK_EQ(sum, want);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(a_blocked_writer_is_told_of_a_reset)
{
	static char block[1 << 20];
	struct gate full;
	int s[2];
	pid_t pid;

	tcp_pair(s);
	gate_init(&full);
	CHILD(pid) {
		close(s[1]);
		signal(SIGPIPE, SIG_IGN);
		tcp_fill(s[0]);
		gate_open(&full);
		CHECK_ERR(write(s[0], block, sizeof(block)), ECONNRESET);
	}
	gate_wait(&full);
	await_state(pid, "S");
	OK(close(s[0]));
	OK(close(s[1]));
	CHECK_EQ(wait_exit(pid), 0);
}

struct writer {
	int fd;
	_Atomic pid_t tid;
	ssize_t sent;
};

static void *write_much(void *arg)
{
	static char block[8 << 20]; /* more than the buffers take */
	struct writer *w = arg;

	w->tid = gettid();
	w->sent = send(w->fd, block, sizeof(block), MSG_NOSIGNAL);
	CHECK_ERR(send(w->fd, block, 1, MSG_NOSIGNAL), ECONNRESET);
	return NULL;
}

/* By another thread; the other end neither reads nor closes. */
CASE(a_blocked_writer_is_disconnected)
{
	static const struct sockaddr none = {.sa_family = AF_UNSPEC};
	struct writer w = {0};
	pthread_t t;
	int s[2];

	tcp_pair(s);
	w.fd = s[0];
	CHECK_EQ(pthread_create(&t, NULL, write_much, &w), 0);
	EVENTUALLY(w.tid);
	await_state(w.tid, "S");
	OK(connect(s[0], &none, sizeof(none)));
	CHECK_EQ(pthread_join(t, NULL), 0);
	CHECK(w.sent > 0 && w.sent < 8 << 20);
}

static void *write_until_shut(void *fd)
{
	while (send((intptr_t)fd, "x", 1, MSG_NOSIGNAL) == 1)
		;
	CHECK_EQ(errno, EPIPE);
	return NULL;
}

/* A writer that shutdown(2) overtakes adds nothing to a stream whose end was read. */
CASE(nothing_comes_after_the_end)
{
	unsigned int i, n = scale(100);
	char buf[4096];
	pthread_t t;
	int s[2];

	for (i = 0; i < n; i++) {
		tcp_pair(s);
		CHECK_EQ(pthread_create(&t, NULL, write_until_shut, (void *)(intptr_t)s[0]), 0);
		CHECK(read(s[1], buf, sizeof(buf)) > 0);
		OK(shutdown(s[0], SHUT_WR));
		while (OK(read(s[1], buf, sizeof(buf))) > 0)
			;
		CHECK_EQ(pthread_join(t, NULL), 0);
		CHECK_EQ(recv(s[1], buf, sizeof(buf), MSG_DONTWAIT), 0);
		OK(close(s[0]));
		OK(close(s[1]));
	}
}

static atomic_bool enough;

static void *write_always(void *fd)
{
	while (!enough)
		send((intptr_t)fd, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	return NULL;
}

/* A socket goes from connection to connection: a reset in one is none of the next. */
CASE(each_connection_has_its_own_end)
{
	static const struct sockaddr none = {.sa_family = AF_UNSPEC};
	unsigned int i, n = scale(200);
	struct sockaddr_in a;
	int l = tcp_bound(&a), c = OK(socket(AF_INET, SOCK_STREAM, 0)), end;
	pthread_t t;
	char byte;

	OK(listen(l, 4));
	CHECK_EQ(pthread_create(&t, NULL, write_always, (void *)(intptr_t)c), 0);
	for (i = 0; i < n; i++) {
		OK(connect(c, (void *)&a, sizeof(a)));
		end = OK(accept(l, NULL, NULL));
		CHECK_EQ(read(end, &byte, 1), 1);
		CHECK_EQ(tcp_state(c), TCP_ESTABLISHED);
		if (i & 1)
			OK(close(end)); /* with bytes unread, most times */
		OK(connect(c, &none, sizeof(none)));
		if (!(i & 1))
			OK(close(end));
	}
	enough = true;
	CHECK_EQ(pthread_join(t, NULL), 0);
}

CASE(time_limits)
{
	struct timeval tv = {0, 20000};
	char buf[8];
	int s[2];

	tcp_pair(s);
	OK(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	OK(setsockopt(s[0], SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)));
	CHECK_ERR(read(s[0], buf, 8), EAGAIN);
	tcp_fill(s[0]);
	CHECK_ERR(write(s[0], buf, 8), EAGAIN);
	CHECK_EQ(write(s[1], "ab", 2), 2);
	CHECK_EQ(recv(s[0], buf, 8, MSG_WAITALL), 2);
}

static volatile sig_atomic_t signal_seen;

static void note_signal(int sig)
{
	signal_seen = sig;
}

CASE(signals_interrupt)
{
	char buf[8];
	int s[2];
	pid_t pid;

	tcp_pair(s);
	CHILD(pid) {
		on_signal(SIGUSR1, note_signal, 0);
		CHECK_ERR(read(s[0], buf, 8), EINTR);
	}
	await_state(pid, "S");
	nap();
	OK(kill(pid, SIGUSR1));
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(urgent_byte)
{
	struct pollfd p;
	char buf[16];
	int s[2], at;

	tcp_pair(s);
	on_signal(SIGURG, note_signal, 0);
	OK(fcntl(s[1], F_SETOWN, getpid()));
	CHECK_ERR(recv(s[1], buf, 1, MSG_OOB), EINVAL);
	CHECK_EQ(send(s[0], "ab!", 3, MSG_OOB), 3);
	CHECK_EQ(send(s[0], "cd", 2, 0), 2);
	p = (struct pollfd){s[1], POLLPRI, 0};
	CHECK_EQ(poll(&p, 1, 5000), 1);
	EVENTUALLY(signal_seen == SIGURG);
	OK(ioctl(s[1], SIOCATMARK, &at));
	CHECK_EQ(at, 0);
	OK(ioctl(s[1], FIONREAD, &at));
	CHECK_EQ(at, 2);
	CHECK_EQ(recv(s[1], buf, 16, 0), 2); /* stops at the mark */
	OK(ioctl(s[1], SIOCATMARK, &at));
	CHECK_EQ(at, 1);
	CHECK_EQ(recv(s[1], buf, 1, MSG_OOB | MSG_PEEK), 1);
	CHECK_EQ(recv(s[1], buf, 1, MSG_OOB), 1);
	CHECK_EQ(buf[0], '!');
	CHECK_ERR(recv(s[1], buf, 1, MSG_OOB), EINVAL);
	CHECK_EQ(recv(s[1], buf, 16, 0), 2);
	CHECK(!memcmp(buf, "cd", 2));
	set_opt(s[1], SOL_SOCKET, SO_OOBINLINE, 1);
	CHECK_EQ(send(s[0], "e!", 2, MSG_OOB), 2);
	CHECK_EQ(recv(s[1], buf, 16, 0), 1);
	CHECK_EQ(recv(s[1], buf, 16, 0), 1);
	CHECK_EQ(buf[0], '!');
}

CASE(peek_past_an_urgent_byte)
{
	struct pollfd p;
	char buf[8];
	int s[2];
	pid_t pid;

	tcp_pair(s);
	CHECK_EQ(send(s[0], "!", 1, MSG_OOB), 1);
	p = (struct pollfd){s[1], POLLPRI, 0};
	CHECK_EQ(poll(&p, 1, 5000), 1);
	CHILD(pid) {
		CHECK_EQ(recv(s[1], buf, 8, MSG_PEEK), 2);
		CHECK(!memcmp(buf, "xy", 2));
	}
	await_state(pid, "S");
	CHECK_EQ(write(s[0], "xy", 2), 2);
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(recv(s[1], buf, 8, 0), 2);
}

CASE(edge_triggered)
{
	struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET};
	char buf[8];
	int s[2], ep = OK(epoll_create1(0));

	tcp_pair(s);
	OK(epoll_ctl(ep, EPOLL_CTL_ADD, s[1], &e));
	CHECK_EQ(epoll_wait(ep, &e, 1, 5000), 1);
	CHECK_EQ(e.events, EPOLLOUT);
	CHECK_EQ(epoll_wait(ep, &e, 1, 0), 0);
	CHECK_EQ(write(s[0], "x", 1), 1);
	CHECK_EQ(epoll_wait(ep, &e, 1, 5000), 1);
	CHECK_EQ(e.events, EPOLLIN | EPOLLOUT);
	CHECK_EQ(epoll_wait(ep, &e, 1, 0), 0);
	CHECK_EQ(write(s[0], "y", 1), 1);
	CHECK_EQ(epoll_wait(ep, &e, 1, 5000), 1);
	CHECK_EQ(read(s[1], buf, 8), 2);
	OK(shutdown(s[0], SHUT_WR));
	CHECK_EQ(epoll_wait(ep, &e, 1, 5000), 1);
	CHECK_EQ(e.events, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
}

CASE(vectors)
{
	struct iovec out[3] = {{"ab", 2}, {"", 0}, {"cde", 3}}, in[2];
	char x[2], y[8];
	int s[2];

	tcp_pair(s);
	CHECK_EQ(writev(s[0], out, 3), 5);
	in[0] = (struct iovec){x, 2};
	in[1] = (struct iovec){y, 8};
	CHECK_EQ(readv(s[1], in, 2), 5);
	CHECK(!memcmp(x, "ab", 2) && !memcmp(y, "cde", 3));
}

/* How many bytes the next recvmsg(2) gives, with what goes beside them. */
static ssize_t recv_beside(int fd, struct msghdr *m, void *control, size_t room)
{
	m->msg_control = control;
	m->msg_controllen = room;
	return recvmsg(fd, m, 0);
}

CASE(beside_the_bytes)
{
	char buf[8], control[128];
	struct iovec v = {buf, 4};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
	struct timeval *tv;
	int s[2];

	tcp_pair(s);
	CHECK_EQ(write(s[0], "ab", 2), 2);
	CHECK_EQ(recv_beside(s[1], &m, control, sizeof(control)), 2);
	CHECK_EQ(m.msg_controllen, 0);
	set_opt(s[1], SOL_SOCKET, SO_TIMESTAMP, 1);
	set_opt(s[1], SOL_TCP, TCP_INQ, 1);
	do { /* Linux begins with stamps a little later */
		CHECK_EQ(write(s[0], "abcdef", 6), 6);
		CHECK_EQ(recv_beside(s[1], &m, control, sizeof(control)), 4);
		CHECK_EQ(*(int *)cmsg_of(&m, SOL_TCP, TCP_INQ), 2);
		tv = cmsg_of(&m, SOL_SOCKET, SO_TIMESTAMP);
		CHECK(!tv || labs(tv->tv_sec - time(NULL)) < 100);
		CHECK_EQ(recv_beside(s[1], &m, control, sizeof(control)), 2);
		CHECK_EQ(*(int *)cmsg_of(&m, SOL_TCP, TCP_INQ), 0);
	} while (!tv);
	CHECK(cmsg_of(&m, SOL_SOCKET, SO_TIMESTAMP)); /* of the same message */
}

CASE(bad_memory)
{
	char *bad = no_access_page(), buf[8];
	int s[2];

	tcp_pair(s);
	CHECK_ERR(write(s[0], bad, 4), EFAULT);
	CHECK_EQ(write(s[0], "good", 4), 4);
	CHECK_ERR(read(s[1], bad, 4), EFAULT);
	CHECK_EQ(read(s[1], buf, 8), 4);
	CHECK_ERR(getsockname(s[0], (void *)bad, &(socklen_t){16}), EFAULT);
	CHECK_ERR(connect(s[0], (void *)bad, 16), EFAULT);
}

CASE(options)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);
	char name[16];
	int s[2];

	tcp_pair(s);
	CHECK_EQ(int_opt(s[0], SOL_TCP, TCP_NODELAY), 0);
	set_opt(s[0], SOL_TCP, TCP_NODELAY, 5);
	CHECK_EQ(int_opt(s[0], SOL_TCP, TCP_NODELAY), 1);
	set_opt(s[0], SOL_TCP, TCP_KEEPIDLE, 10);
	CHECK_EQ(int_opt(s[0], SOL_TCP, TCP_KEEPIDLE), 10);
	CHECK_EQ(int_opt(s[0], SOL_TCP, TCP_KEEPCNT), 9);
	CHECK_EQ(int_opt(s[0], SOL_TCP, TCP_KEEPINTVL), 75);
	CHECK_ERR(setsockopt(s[0], SOL_TCP, TCP_KEEPCNT, &(int){0}, 4), EINVAL);
	CHECK_ERR(setsockopt(s[0], SOL_TCP, TCP_KEEPCNT, &(int){1}, 2), EINVAL);
	CHECK_ERR(setsockopt(s[0], SOL_TCP, 99, &(int){1}, 4), ENOPROTOOPT);
	CHECK(int_opt(s[0], SOL_TCP, TCP_MAXSEG) > 500);
	CHECK_EQ(int_opt(s[0], SOL_IP, IP_TTL), 64);
	set_opt(s[0], SOL_IP, IP_TTL, 5);
	CHECK_EQ(int_opt(s[0], SOL_IP, IP_TTL), 5);
	set_opt(s[0], SOL_IP, IP_TTL, -1);
	CHECK_EQ(int_opt(s[0], SOL_IP, IP_TTL), 64);
	CHECK_ERR(setsockopt(s[0], SOL_IP, IP_TTL, &(int){256}, 4), EINVAL);
	set_opt(s[0], SOL_IP, IP_TOS, 0x10);
	CHECK_EQ(int_opt(s[0], SOL_IP, IP_TOS), 0x10);
	set_opt(s[0], SOL_SOCKET, SO_KEEPALIVE, 1);
	CHECK_EQ(int_opt(s[0], SOL_SOCKET, SO_KEEPALIVE), 1);
	set_opt(s[0], SOL_SOCKET, SO_SNDBUF, 10000);
	CHECK_EQ(int_opt(s[0], SOL_SOCKET, SO_SNDBUF), 20000);
	CHECK_ERR(getsockopt(s[0], SOL_IPV6, IPV6_V6ONLY, &len, &(socklen_t){4}), EOPNOTSUPP);
	CHECK_ERR(setsockopt(s[0], SOL_IPV6, IPV6_V6ONLY, &(int){1}, 4), ENOPROTOOPT);
	OK(getsockopt(s[0], SOL_TCP, TCP_INFO, &info, &len));
	CHECK_EQ(info.tcpi_state, TCP_ESTABLISHED);
	CHECK(info.tcpi_snd_mss > 500);
	len = sizeof(name);
	OK(getsockopt(s[0], SOL_TCP, TCP_CONGESTION, name, &len));
	CHECK(name[0]);
	CHECK_ERR(setsockopt(s[0], SOL_TCP, TCP_CONGESTION, "none", 5), ENOENT);
}

CASE(outq_counts_what_was_not_received)
{
	static char buf[1 << 16];
	int s[2], n, in;

	tcp_pair(s);
	CHECK_EQ(write(s[0], "abc", 3), 3);
	OK(ioctl(s[1], FIONREAD, &in));
	CHECK_EQ(in, 3);
	EVENTUALLY(!ioctl(s[0], TIOCOUTQ, &n) && !n);
	tcp_fill(s[0]);
	OK(ioctl(s[0], TIOCOUTQ, &n));
	CHECK(n > 0);
	while (recv(s[1], buf, sizeof(buf), MSG_DONTWAIT) > 0 || (ioctl(s[0], TIOCOUTQ, &n), n))
		;
	CHECK_EQ(n, 0);
	OK(listen(s[0] = OK(socket(AF_INET, SOCK_STREAM, 0)), 1));
	CHECK_ERR(ioctl(s[0], FIONREAD, &n), EINVAL);
}
