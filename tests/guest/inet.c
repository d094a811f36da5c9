/* SPDX-License-Identifier: MIT */
/* TCP over the loopback: how connections come about and end, addresses, ports, namespaces. */
#include "harness.h"
#include "inet.h"

#include <pthread.h>
#include <stdatomic.h>

CASE(ends_know_each_other)
{
	struct sockaddr_in a, b;
	int s[2];

	tcp_pair(s);
	a = name_of(s[0], getsockname);
	b = name_of(s[1], getpeername);
	CHECK_EQ(a.sin_port, b.sin_port);
	CHECK_EQ(ntohl(a.sin_addr.s_addr), INADDR_LOOPBACK);
	CHECK_EQ(a.sin_addr.s_addr, b.sin_addr.s_addr);
	a = name_of(s[0], getpeername);
	b = name_of(s[1], getsockname);
	CHECK_EQ(a.sin_port, b.sin_port);
	CHECK(a.sin_port);
}

CASE(nobody_listens)
{
	struct sockaddr_in a;
	int fd = tcp_bound(&a), c = OK(socket(AF_INET, SOCK_STREAM, 0));

	CHECK_ERR(connect(c, (void *)&a, sizeof(a)), ECONNREFUSED);
	CHECK_ERR(connect(c, (void *)&a, sizeof(a)), ECONNREFUSED);
	OK(listen(fd, 1));
	OK(connect(c, (void *)&a, sizeof(a)));
	CHECK_ERR(connect(c, (void *)&a, sizeof(a)), EISCONN);
	OK(close(accept(fd, NULL, NULL)));
}

/* Both ends in one socket, as when both connect at once: RFC 9293, 3.5. */
CASE(connected_to_itself)
{
	struct sockaddr_in a;
	int c = tcp_bound(&a);
	struct pollfd p = {c, POLLIN | POLLOUT | POLLRDHUP, 0};
	char buf[8];

	OK(connect(c, (void *)&a, sizeof(a)));
	CHECK_EQ(name_of(c, getpeername).sin_port, a.sin_port);
	CHECK_EQ(write(c, "abc", 3), 3);
	CHECK_EQ(read(c, buf, 8), 3);
	CHECK_EQ(poll(&p, 1, 0), 1);
	CHECK_EQ(p.revents, POLLOUT);
	OK(shutdown(c, SHUT_WR));
	CHECK_EQ(read(c, buf, 8), 0);
	CHECK_ERR(send(c, "x", 1, MSG_NOSIGNAL), EPIPE);
	EVENTUALLY(tcp_state(c) == TCP_CLOSE);
	OK(close(c));
	c = tcp_bound(&a);
	OK(connect(c, (void *)&a, sizeof(a)));
	CHECK_EQ(write(c, "abc", 3), 3); /* closed with bytes unread */
}

CASE(connected_by_sending)
{
	const struct sockaddr none = {.sa_family = AF_UNSPEC};
	enum { FLAGS = MSG_FASTOPEN | MSG_NOSIGNAL };
	int c = OK(socket(AF_INET, SOCK_STREAM, 0)), l;
	struct sockaddr_in a;
	char buf[8];

	l = tcp_bound(&a);
	CHECK_ERR(sendto(c, "x", 1, FLAGS, (void *)&a, sizeof(a)), ECONNREFUSED);
	CHECK_ERR(sendto(c, "x", 1, FLAGS, &none, sizeof(none)), EOPNOTSUPP);
	CHECK_ERR(send(c, "x", 1, FLAGS), EINVAL);
	OK(listen(l, 2));
	CHECK_EQ(sendto(c, "x", 1, FLAGS, (void *)&a, sizeof(a)), 1);
	CHECK_ERR(sendto(c, "x", 1, FLAGS, (void *)&a, sizeof(a)), EISCONN);
	CHECK_EQ(read(OK(accept(l, NULL, NULL)), buf, 8), 1);
	c = OK(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	CHECK_ERR(sendto(c, "y", 1, FLAGS, (void *)&a, sizeof(a)), EINPROGRESS);
	EVENTUALLY(tcp_state(c) == TCP_ESTABLISHED);
	CHECK_EQ(sendto(c, "y", 1, FLAGS, (void *)&a, sizeof(a)), 1);
	CHECK_EQ(read(OK(accept(l, NULL, NULL)), buf, 8), 1);
}

CASE(nonblocking_connect)
{
	struct sockaddr_in a;
	int l = tcp_bound(&a), c, err;
	struct pollfd p;

	OK(listen(l, 4));
	c = OK(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	CHECK_ERR(connect(c, (void *)&a, sizeof(a)), EINPROGRESS);
	p = (struct pollfd){c, POLLOUT, 0};
	CHECK_EQ(poll(&p, 1, 5000), 1);
	CHECK_EQ(p.revents, POLLOUT);
	CHECK_EQ(int_opt(c, SOL_SOCKET, SO_ERROR), 0);
	OK(connect(c, (void *)&a, sizeof(a)));
	CHECK_ERR(connect(c, (void *)&a, sizeof(a)), EISCONN);
	OK(close(c));
	OK(close(l));
	c = OK(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	CHECK_ERR(connect(c, (void *)&a, sizeof(a)), EINPROGRESS);
	p = (struct pollfd){c, POLLOUT | POLLIN | POLLRDHUP, 0};
	CHECK_EQ(poll(&p, 1, 5000), 1);
	CHECK_EQ(p.revents, POLLOUT | POLLIN | POLLRDHUP | POLLERR | POLLHUP);
	err = int_opt(c, SOL_SOCKET, SO_ERROR);
	CHECK_EQ(err, ECONNREFUSED);
	CHECK_EQ(int_opt(c, SOL_SOCKET, SO_ERROR), 0);
}

CASE(no_route)
{
	struct sockaddr_in a = inet_addr_of(INADDR_LOOPBACK, 1);
	int c;

	NEED(unshare(CLONE_NEWNET | (geteuid() ? CLONE_NEWUSER : 0)));
	c = OK(socket(AF_INET, SOCK_STREAM, 0));
	CHECK_ERR(connect(c, (void *)&a, sizeof(a)), ENETUNREACH); /* lo is down */
	lo_up();
	CHECK_ERR(connect(c, (void *)&a, sizeof(a)), ECONNREFUSED);
	a = inet_addr_of(0x0a010203, 1);
	CHECK_ERR(connect(c, (void *)&a, sizeof(a)), ENETUNREACH);
	CHECK_ERR(bind(c, (void *)&a, sizeof(a)), EADDRNOTAVAIL);
}

CASE(namespaces_have_their_own_ports)
{
	struct sockaddr_in a;
	int l = tcp_bound(&a), fd;

	OK(listen(l, 1));
	NEED(unshare(CLONE_NEWNET | (geteuid() ? CLONE_NEWUSER : 0)));
	lo_up();
	fd = OK(socket(AF_INET, SOCK_STREAM, 0));
	CHECK_ERR(connect(fd, (void *)&a, sizeof(a)), ECONNREFUSED);
	OK(bind(fd, (void *)&a, sizeof(a)));
	OK(listen(fd, 1));
}

CASE(addresses_are_checked)
{
	struct sockaddr_in a = inet_addr_of(INADDR_LOOPBACK, 0), b;
	int fd = OK(socket(AF_INET, SOCK_STREAM, 0)), other;

	CHECK_ERR(bind(fd, (void *)&a, 8), EINVAL);
	a.sin_family = AF_UNIX;
	CHECK_ERR(bind(fd, (void *)&a, sizeof(a)), EAFNOSUPPORT);
	CHECK_ERR(connect(fd, (void *)&a, sizeof(a)), EAFNOSUPPORT);
	a.sin_family = AF_INET;
	CHECK_ERR(connect(fd, (void *)&a, 8), EINVAL);
	OK(bind(fd, (void *)&a, sizeof(a)));
	b = name_of(fd, getsockname);
	CHECK(ntohs(b.sin_port) >= 1024);
	CHECK_ERR(bind(fd, (void *)&a, sizeof(a)), EINVAL);
	other = OK(socket(AF_INET, SOCK_STREAM, 0));
	CHECK_ERR(bind(other, (void *)&b, sizeof(b)), EADDRINUSE);
	b.sin_addr.s_addr = 0;
	CHECK_ERR(bind(other, (void *)&b, sizeof(b)), EADDRINUSE);
	b.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 4); /* 127.0.0.5 is ours as well */
	OK(bind(other, (void *)&b, sizeof(b)));
	CHECK_ERR(getpeername(other, (void *)&b, &(socklen_t){sizeof(b)}), ENOTCONN);
}

CASE(types_and_protocols)
{
	CHECK_ERR(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP), EPROTONOSUPPORT);
	CHECK_ERR(socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP), EPROTONOSUPPORT);
	CHECK_ERR(socket(AF_INET, SOCK_SEQPACKET, 0), ESOCKTNOSUPPORT);
	int fd = OK(socket(AF_INET, SOCK_STREAM, 0));
	CHECK_EQ(int_opt(fd, SOL_SOCKET, SO_PROTOCOL), IPPROTO_TCP);
	CHECK_EQ(int_opt(fd, SOL_SOCKET, SO_DOMAIN), AF_INET);
	CHECK_EQ(int_opt(fd, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
	CHECK_EQ(int_opt(fd, SOL_SOCKET, SO_ACCEPTCONN), 0);
	OK(listen(fd, 1)); /* chooses a port */
	CHECK_EQ(int_opt(fd, SOL_SOCKET, SO_ACCEPTCONN), 1);
	CHECK(name_of(fd, getsockname).sin_port);
	CHECK_ERR(socketpair(AF_INET, SOCK_STREAM, 0, (int[2]){0}), EOPNOTSUPP);
}

CASE_ROOT(low_ports_need_a_capability)
{
	struct sockaddr_in a = inet_addr_of(INADDR_LOOPBACK, 7);
	int fd = OK(socket(AF_INET, SOCK_STREAM, 0));
	char text[16] = "";

	slurp("/proc/sys/net/ipv4/ip_unprivileged_port_start", text, sizeof(text));
	if (atoi(text) <= 7)
		SKIP("all ports are for everybody here");
	OK(setresuid(1000, 1000, 1000));
	CHECK_ERR(bind(fd, (void *)&a, sizeof(a)), EACCES);
}

CASE(sharing_a_port)
{
	struct sockaddr_in a;
	int first = OK(socket(AF_INET, SOCK_STREAM, 0)), second, c[8], i, at[2] = {0};

	/* SO_REUSEADDR: until one of them listens. */
	set_opt(first, SOL_SOCKET, SO_REUSEADDR, 1);
	a = bind_any(first);
	second = OK(socket(AF_INET, SOCK_STREAM, 0));
	CHECK_ERR(bind(second, (void *)&a, sizeof(a)), EADDRINUSE);
	set_opt(second, SOL_SOCKET, SO_REUSEADDR, 1);
	OK(bind(second, (void *)&a, sizeof(a)));
	OK(listen(first, 1));
	CHECK_ERR(listen(second, 1), EADDRINUSE);
	OK(close(first));
	OK(close(second));
	/* SO_REUSEPORT: all listen. */
	first = OK(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	second = OK(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	set_opt(first, SOL_SOCKET, SO_REUSEPORT, 1);
	set_opt(second, SOL_SOCKET, SO_REUSEPORT, 1);
	a = bind_any(first);
	OK(bind(second, (void *)&a, sizeof(a)));
	OK(listen(first, 8));
	OK(listen(second, 8));
	for (i = 0; i < 8; i++) {
		c[i] = OK(socket(AF_INET, SOCK_STREAM, 0));
		OK(connect(c[i], (void *)&a, sizeof(a)));
	}
	while (accept(first, NULL, NULL) >= 0)
		at[0]++;
	while (accept(second, NULL, NULL) >= 0)
		at[1]++;
	CHECK_EQ(at[0] + at[1], 8);
}

CASE(the_more_exact_listener_is_meant)
{
	struct sockaddr_in a, any;
	int wild = OK(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)), exact, c;

	set_opt(wild, SOL_SOCKET, SO_REUSEPORT, 1);
	any = inet_addr_of(INADDR_ANY, 0);
	OK(bind(wild, (void *)&any, sizeof(any)));
	a = name_of(wild, getsockname);
	OK(listen(wild, 4));
	exact = OK(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	set_opt(exact, SOL_SOCKET, SO_REUSEPORT, 1);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	OK(bind(exact, (void *)&a, sizeof(a)));
	OK(listen(exact, 4));
	c = OK(socket(AF_INET, SOCK_STREAM, 0));
	OK(connect(c, (void *)&a, sizeof(a)));
	CHECK_ERR(accept(wild, NULL, NULL), EAGAIN);
	OK(accept(exact, NULL, NULL));
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	c = OK(socket(AF_INET, SOCK_STREAM, 0));
	OK(connect(c, (void *)&a, sizeof(a)));
	CHECK_ERR(accept(exact, NULL, NULL), EAGAIN);
	OK(accept(wild, NULL, NULL));
	/* An unspecified destination is this machine. */
	a.sin_addr.s_addr = 0;
	c = OK(socket(AF_INET, SOCK_STREAM, 0));
	OK(connect(c, (void *)&a, sizeof(a)));
	CHECK_EQ(ntohl(name_of(c, getpeername).sin_addr.s_addr), INADDR_LOOPBACK);
}

CASE(a_connection_that_is_over_has_no_port)
{
	struct linger linger = {1, 0};
	struct sockaddr_in a;
	int l = tcp_bound(&a), c = OK(socket(AF_INET, SOCK_STREAM, 0)), end;

	OK(listen(l, 1));
	OK(connect(c, (void *)&a, sizeof(a)));
	end = OK(accept(l, NULL, NULL));
	OK(close(l));
	l = OK(socket(AF_INET, SOCK_STREAM, 0));
	CHECK_ERR(bind(l, (void *)&a, sizeof(a)), EADDRINUSE);
	OK(setsockopt(c, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
	OK(close(c));
	EVENTUALLY(tcp_state(end) == TCP_CLOSE);
	OK(bind(l, (void *)&a, sizeof(a)));
	/* An attempt that failed gives its own back, too. */
	c = OK(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	CHECK_ERR(connect(c, (void *)&a, sizeof(a)), EINPROGRESS);
	EVENTUALLY(tcp_state(c) == TCP_CLOSE);
	a = bind_any(c);
	CHECK(a.sin_port);
	CHECK_ERR(getpeername(c, (void *)&a, &(socklen_t){sizeof(a)}), ENOTCONN);
	/* One that was asked for by its number stays. */
	OK(listen(l, 1));
	a = name_of(l, getsockname);
	OK(shutdown(l, SHUT_RD));
	c = OK(socket(AF_INET, SOCK_STREAM, 0));
	CHECK_ERR(bind(c, (void *)&a, sizeof(a)), EADDRINUSE);
}

CASE(linger_of_zero_resets)
{
	struct linger l = {1, 0};
	char buf[8];
	int s[2];

	tcp_pair(s);
	OK(setsockopt(s[0], SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
	OK(close(s[0]));
	EVENTUALLY(tcp_state(s[1]) == TCP_CLOSE);
	CHECK_ERR(read(s[1], buf, 8), ECONNRESET);
	CHECK_ERR(getpeername(s[1], (void *)buf, &(socklen_t){sizeof(buf)}), ENOTCONN);
}

CASE(exit_does_not_linger)
{
	struct linger l = {1, 100};
	static char buf[65536];
	long total = 0, n;
	int s[2], told[2];
	pid_t pid;

	tcp_pair(s);
	OK(pipe(told));
	CHILD(pid) {
		close(s[1]);
		OK(setsockopt(s[0], SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
		total = tcp_fill(s[0]);
		CHECK_EQ(write(told[1], &total, sizeof(total)), sizeof(total));
	}
	OK(close(s[0]));
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(read(told[0], &total, sizeof(total)), sizeof(total));
	while ((n = read(s[1], buf, sizeof(buf))) > 0) /* in the background all was sent */
		total -= n;
	CHECK_EQ(n, 0);
	CHECK_EQ(total, 0);
}

CASE(a_reset_does_not_linger)
{
	struct linger l = {1, 100};
	int s[2], n;

	tcp_pair(s);
	OK(setsockopt(s[0], SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
	tcp_fill(s[0]);
	CHECK_EQ(write(s[1], "x", 1), 1);
	EVENTUALLY(!ioctl(s[0], FIONREAD, &n) && n == 1);
	OK(close(s[0])); /* what it did not read breaks the connection off */
	EVENTUALLY(tcp_state(s[1]) == TCP_CLOSE);
}

CASE(connections_that_nobody_accepts)
{
	struct sockaddr_in a;
	int l = tcp_bound(&a), c = OK(socket(AF_INET, SOCK_STREAM, 0)), fd;
	char buf[8];

	OK(listen(l, 4));
	OK(connect(c, (void *)&a, sizeof(a)));
	CHECK_EQ(write(c, "early", 5), 5);
	fd = OK(accept(l, NULL, NULL));
	CHECK_EQ(read(fd, buf, 8), 5);
	OK(close(c));
	/* One that has ended meanwhile is accepted all the same. */
	c = OK(socket(AF_INET, SOCK_STREAM, 0));
	OK(connect(c, (void *)&a, sizeof(a)));
	CHECK_EQ(write(c, "gone", 4), 4);
	OK(close(c));
	fd = OK(accept(l, (void *)&a, &(socklen_t){sizeof(a)}));
	CHECK_EQ(read(fd, buf, 8), 4);
	CHECK_EQ(read(fd, buf, 8), 0);
	/* The listener's end breaks off those that wait. */
	a = name_of(l, getsockname);
	c = OK(socket(AF_INET, SOCK_STREAM, 0));
	OK(connect(c, (void *)&a, sizeof(a)));
	OK(close(l));
	EVENTUALLY(tcp_state(c) == TCP_CLOSE);
	CHECK_ERR(read(c, buf, 8), ECONNRESET);
}

CASE(a_full_backlog_waits)
{
	struct sockaddr_in a;
	int l = tcp_bound(&a), c[3], i;
	struct pollfd p;

	OK(listen(l, 1));
	for (i = 0; i < 2; i++) { /* one more than the backlog: listen(2) */
		c[i] = OK(socket(AF_INET, SOCK_STREAM, 0));
		OK(connect(c[i], (void *)&a, sizeof(a)));
	}
	c[2] = OK(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	CHECK_ERR(connect(c[2], (void *)&a, sizeof(a)), EINPROGRESS);
	CHECK_ERR(connect(c[2], (void *)&a, sizeof(a)), EALREADY);
	p = (struct pollfd){c[2], POLLOUT, 0};
	CHECK_EQ(poll(&p, 1, 20), 0);
	CHECK_EQ(tcp_state(c[2]), TCP_SYN_SENT);
	CHECK_ERR(getpeername(c[2], (void *)&a, &(socklen_t){sizeof(a)}), ENOTCONN);
	OK(accept(l, NULL, NULL));
	CHECK_EQ(poll(&p, 1, 9000), 1); /* Linux knocks again after a second */
	CHECK_EQ(p.revents, POLLOUT);
	CHECK_EQ(tcp_state(c[2]), TCP_ESTABLISHED);
	OK(accept(l, NULL, NULL));
	OK(accept(l, NULL, NULL));
}

CASE(listening_again_makes_room)
{
	struct sockaddr_in a;
	int l = tcp_bound(&a), c[2];
	struct pollfd p;

	OK(listen(l, 0));
	c[0] = OK(socket(AF_INET, SOCK_STREAM, 0));
	OK(connect(c[0], (void *)&a, sizeof(a)));
	c[1] = OK(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	CHECK_ERR(connect(c[1], (void *)&a, sizeof(a)), EINPROGRESS);
	OK(listen(l, 1));
	p = (struct pollfd){c[1], POLLOUT, 0};
	CHECK_EQ(poll(&p, 1, 9000), 1);
	CHECK_EQ(p.revents, POLLOUT);
	OK(accept(l, NULL, NULL));
	OK(accept(l, NULL, NULL));
}

static struct sockaddr_in meeting_point;

static void *connect_to_meeting_point(void *fd)
{
	int ret = connect((intptr_t)fd, (void *)&meeting_point, sizeof(meeting_point));

	return (void *)(intptr_t)(ret ? errno : 0);
}

CASE(shutdown_while_connecting)
{
	int l = tcp_bound(&meeting_point), c = OK(socket(AF_INET, SOCK_STREAM, 0)), fd;
	socklen_t len = sizeof(meeting_point);
	pthread_t t;
	void *err;

	OK(listen(l, 0));
	OK(connect(c, (void *)&meeting_point, len));
	fd = OK(socket(AF_INET, SOCK_STREAM, 0));
	CHECK_EQ(pthread_create(&t, NULL, connect_to_meeting_point, (void *)(intptr_t)fd), 0);
	EVENTUALLY(tcp_state(fd) == TCP_SYN_SENT);
	nap();
	OK(shutdown(fd, SHUT_RDWR));
	CHECK_EQ(pthread_join(t, &err), 0);
	CHECK_EQ((intptr_t)err, ECONNRESET);
	CHECK_EQ(tcp_state(fd), TCP_CLOSE);
	/* Established, though the program has not heard of it. */
	OK(close(OK(accept(l, NULL, NULL))));
	fd = OK(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	CHECK_ERR(connect(fd, (void *)&meeting_point, len), EINPROGRESS);
	EVENTUALLY(tcp_state(fd) == TCP_ESTABLISHED);
	OK(shutdown(fd, SHUT_WR));
	CHECK_ERR(connect(fd, (void *)&meeting_point, len), EISCONN);
}

CASE(listener_shut_down)
{
	struct sockaddr_in a;
	int l = tcp_bound(&a), c = OK(socket(AF_INET, SOCK_STREAM, 0));
	pid_t pid;

	OK(listen(l, 1));
	CHILD(pid) {
		CHECK_ERR(accept(l, NULL, NULL), EINVAL);
	}
	await_state(pid, "S");
	OK(shutdown(l, SHUT_RD));
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_ERR(connect(c, (void *)&a, sizeof(a)), ECONNREFUSED);
	OK(listen(l, 1)); /* at another port: the first was not asked for by its number */
	a = name_of(l, getsockname);
	OK(connect(c, (void *)&a, sizeof(a)));
	CHECK_ERR(recv(l, &a, 1, 0), ENOTCONN);
}

CASE(disconnected_by_unspec)
{
	struct sockaddr none = {.sa_family = AF_UNSPEC};
	struct sockaddr_in a;
	int s[2], l;
	char buf[8];

	tcp_pair(s);
	OK(connect(s[0], &none, sizeof(none)));
	EVENTUALLY(tcp_state(s[1]) == TCP_CLOSE);
	CHECK_ERR(read(s[1], buf, 8), ECONNRESET);
	CHECK_ERR(getpeername(s[0], (void *)&a, &(socklen_t){sizeof(a)}), ENOTCONN);
	CHECK_EQ(int_opt(s[0], SOL_SOCKET, SO_ERROR), ECONNRESET);
	CHECK_EQ(int_opt(s[0], SOL_SOCKET, SO_ERROR), 0);
	l = tcp_bound(&a);
	OK(listen(l, 1));
	OK(connect(s[0], (void *)&a, sizeof(a)));
	CHECK_EQ(write(s[0], "x", 1), 1);
	CHECK_EQ(read(OK(accept(l, NULL, NULL)), buf, 8), 1);
}

CASE(accepted_descriptors_flags)
{
	struct sockaddr_in a, peer;
	int l = tcp_bound(&a), c = OK(socket(AF_INET, SOCK_STREAM, 0)), fd;
	socklen_t len = sizeof(peer);

	OK(listen(l, 4));
	OK(connect(c, (void *)&a, sizeof(a)));
	fd = OK(accept4(l, (void *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC));
	CHECK_EQ(len, sizeof(peer));
	CHECK_EQ(peer.sin_port, name_of(c, getsockname).sin_port);
	CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	OK(fcntl(l, F_SETFL, O_NONBLOCK));
	CHECK_ERR(accept(l, NULL, NULL), EAGAIN);
	CHECK_ERR(accept(c, NULL, NULL), EINVAL);
	CHECK_ERR(listen(c, 1), EINVAL);
}

CASE(many_connections_at_once)
{
	enum { WORKERS = 4, EACH = 50 };
	struct sockaddr_in a;
	int l = tcp_bound(&a), i, fd;
	pid_t pid[WORKERS];
	char c;

	OK(listen(l, 2));
	for (i = 0; i < WORKERS; i++)
		CHILD(pid[i]) {
			int n;

			close(l);
			for (n = 0; n < EACH; n++) {
				fd = OK(socket(AF_INET, SOCK_STREAM, 0));
				OK(connect(fd, (void *)&a, sizeof(a)));
				CHECK_EQ(write(fd, "q", 1), 1);
				CHECK_EQ(read(fd, &c, 1), 1);
				CHECK_EQ(c, 'a');
				OK(close(fd));
			}
		}
	for (i = 0; i < WORKERS * EACH; i++) {
		fd = OK(accept(l, NULL, NULL));
		CHECK_EQ(read(fd, &c, 1), 1);
		CHECK_EQ(write(fd, "a", 1), 1);
		OK(close(fd));
	}
	for (i = 0; i < WORKERS; i++)
		CHECK_EQ(wait_exit(pid[i]), 0);
}

enum { SLOTS = 12, HANDS = 4 };
static int slot[SLOTS];
/* One of the things that may happen to a socket, at any time and to any other thread's. */
static void do_something(unsigned int r)
{
	static const struct sockaddr none = {.sa_family = AF_UNSPEC};
	int at = slot[r / 16 % SLOTS], fd = -1;
	char buf[3000] = "";
	struct pollfd p = {at, POLLIN | POLLOUT, 0};

	switch (r % 16) {
	case 0:
	case 1:
		fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		break;
	case 2:
	case 3:
	case 4:
		connect(at, (void *)&meeting_point, sizeof(meeting_point));
		break;
	case 5:
	case 6:
		fd = accept4(slot[0], NULL, NULL, SOCK_NONBLOCK);
		break;
	case 7:
	case 8:
		send(at, buf, r / 1024 % sizeof(buf), MSG_DONTWAIT | MSG_NOSIGNAL);
		break;
	case 9:
	case 10:
		recv(at, buf, r / 1024 % sizeof(buf), MSG_DONTWAIT);
		break;
	case 11:
		recv(at, buf, sizeof(buf), MSG_DONTWAIT | MSG_PEEK);
		send(at, buf, 5, MSG_DONTWAIT | MSG_NOSIGNAL | MSG_OOB);
		break;
	case 12:
		if (at != slot[0])
			shutdown(at, r / 1024 % 3);
		break;
	case 13:
		if (at != slot[0])
			connect(at, &none, sizeof(none));
		break;
	case 14:
		poll(&p, 1, 0);
		break;
	case 15:
		setsockopt(at, SOL_SOCKET, SO_LINGER, &(struct linger){r & 1024, 0},
			   sizeof(struct linger));
		setsockopt(at, SOL_SOCKET, SO_RCVBUF, &(int){r / 64 % 5000}, sizeof(int));
	}
	if (fd >= 0 && at != slot[0])
		dup2(fd, at); /* closes what was there */
	if (fd >= 0)
		close(fd);
}

static void *hand(void *arg)
{
	unsigned int r = (uintptr_t)arg, i, n = scale(2000);

	for (i = 0; i < n; i++) {
		r = r * 1664525 + 1013904223;
		do_something(r >> 8);
	}
	return NULL;
}

/* Whatever threads do to the same sockets, nothing is lost, and the listener still listens. */
CASE_OPT(threads_share_sockets, .timeout = 60)
{
	pthread_t t[HANDS];
	uintptr_t i;
	int c, fd;

	slot[0] = tcp_bound(&meeting_point);
	OK(fcntl(slot[0], F_SETFL, O_NONBLOCK));
	OK(listen(slot[0], 3));
	for (i = 1; i < SLOTS; i++)
		slot[i] = OK(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	for (i = 0; i < HANDS; i++)
		CHECK_EQ(pthread_create(&t[i], NULL, hand, (void *)(i + 1)), 0);
	for (i = 0; i < HANDS; i++)
		CHECK_EQ(pthread_join(t[i], NULL), 0);
	for (i = 1; i < SLOTS; i++)
		OK(close(slot[i]));
	while ((fd = accept(slot[0], NULL, NULL)) >= 0)
		OK(close(fd));
	c = OK(socket(AF_INET, SOCK_STREAM, 0));
	OK(connect(c, (void *)&meeting_point, sizeof(meeting_point)));
	EVENTUALLY((fd = accept(slot[0], NULL, NULL)) >= 0);
	CHECK_EQ(write(c, "x", 1), 1);
}

static atomic_bool over;
static atomic_int port_now;

static void *come_and_go(void *fd)
{
	struct sockaddr_in a = inet_addr_of(INADDR_LOOPBACK, 0);
	int c;

	while (!over) {
		a.sin_port = port_now;
		c = OK(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
		connect(c, (void *)&a, sizeof(a));
		connect(c, (void *)&a, sizeof(a));
		close(accept((intptr_t)fd, NULL, NULL));
		OK(close(c));
	}
	return NULL;
}

/* It listens at another port each time, and those who come may find it gone. */
CASE_OPT(a_listener_moves, .timeout = 60)
{
	int l = OK(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)), c, fd;
	unsigned int i, n = scale(500);
	struct sockaddr_in a;
	pthread_t t[3];

	for (i = 0; i < ARRAY_SIZE(t); i++)
		CHECK_EQ(pthread_create(&t[i], NULL, come_and_go, (void *)(intptr_t)l), 0);
	for (i = 0; i < n; i++) {
		OK(listen(l, 0));
		a = name_of(l, getsockname);
		port_now = a.sin_port;
		sched_yield();
		if (i < n - 1)
			OK(shutdown(l, SHUT_RD));
	}
	over = true;
	for (i = 0; i < ARRAY_SIZE(t); i++)
		CHECK_EQ(pthread_join(t[i], NULL), 0);
	while ((fd = accept(l, NULL, NULL)) >= 0)
		OK(close(fd));
	c = OK(socket(AF_INET, SOCK_STREAM, 0));
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	OK(connect(c, (void *)&a, sizeof(a)));
	EVENTUALLY((fd = accept(l, NULL, NULL)) >= 0);
	CHECK_EQ(write(c, "x", 1), 1);
}
