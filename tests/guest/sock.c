/* SPDX-License-Identifier: MIT */
/* Unix domain sockets: streams, datagrams, packets, names, passing of descriptors and ids; options. */
#include "harness.h"

#include <sys/ioctl.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/un.h>

static int s[2];

static void pair_of(int type)
{
	OK(socketpair(AF_UNIX, type, 0, s));
}

static struct sockaddr_un name(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	strcpy(a.sun_path, path);
	return a;
}

static int listening(const char *path, int type)
{
	struct sockaddr_un a = name(path);
	int fd = OK(socket(AF_UNIX, type, 0));

	OK(bind(fd, (struct sockaddr *)&a, sizeof(a)));
	if (type != SOCK_DGRAM)
		OK(listen(fd, 4));
	return fd;
}

static int connected(const char *path, int type)
{
	struct sockaddr_un a = name(path);
	int fd = OK(socket(AF_UNIX, type, 0));

	OK(connect(fd, (struct sockaddr *)&a, sizeof(a)));
	return fd;
}

CASE(stream_pair_is_two_way)
{
	char buf[8] = "";

	pair_of(SOCK_STREAM);
	CHECK_EQ(write(s[0], "ping", 4), 4);
	CHECK_EQ(read(s[1], buf, 8), 4);
	CHECK_STR(buf, "ping");
	CHECK_EQ(send(s[1], "pong", 4, 0), 4);
	CHECK_EQ(recv(s[0], buf, 2, 0), 2);
	CHECK_EQ(recv(s[0], buf, 8, 0), 2);
}

CASE(stream_end_of_file)
{
	char c;

	pair_of(SOCK_STREAM);
	OK(close(s[0]));
	CHECK_EQ(read(s[1], &c, 1), 0);
	signal(SIGPIPE, SIG_IGN);
	CHECK_ERR(write(s[1], "x", 1), EPIPE);
}

CASE(sigpipe_and_nosignal)
{
	pid_t pid;

	pair_of(SOCK_STREAM);
	OK(close(s[0]));
	CHECK_ERR(send(s[1], "x", 1, MSG_NOSIGNAL), EPIPE);
	CHILD(pid) {
		send(s[1], "x", 1, 0);
	}
	CHECK_EQ(wait_killed(pid), SIGPIPE);
}

CASE(shutdown_halves)
{
	char c;

	pair_of(SOCK_STREAM);
	OK(shutdown(s[0], SHUT_WR));
	CHECK_EQ(read(s[1], &c, 1), 0);
	CHECK_EQ(write(s[1], "b", 1), 1);
	CHECK_EQ(read(s[0], &c, 1), 1);
	CHECK_ERR(send(s[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	CHECK_ERR(shutdown(s[0], 9), EINVAL);
}

CASE(datagrams_keep_boundaries)
{
	char buf[16];

	pair_of(SOCK_DGRAM);
	CHECK_EQ(send(s[0], "first", 5, 0), 5);
	CHECK_EQ(send(s[0], "two", 3, 0), 3);
	CHECK_EQ(send(s[0], "", 0, 0), 0);
	CHECK_EQ(recv(s[1], buf, 16, 0), 5);
	CHECK_EQ(recv(s[1], buf, 2, MSG_TRUNC), 3);
	CHECK_EQ(recv(s[1], buf, 16, 0), 0);
	CHECK_ERR(recv(s[1], buf, 16, MSG_DONTWAIT), EAGAIN);
}

CASE(seqpacket_keeps_boundaries_and_ends)
{
	char buf[16];

	pair_of(SOCK_SEQPACKET);
	CHECK_EQ(send(s[0], "abc", 3, 0), 3);
	CHECK_EQ(send(s[0], "d", 1, 0), 1);
	CHECK_EQ(recv(s[1], buf, 16, 0), 3);
	CHECK_EQ(recv(s[1], buf, 16, 0), 1);
	OK(close(s[0]));
	CHECK_EQ(recv(s[1], buf, 16, 0), 0);
}

CASE(peek_leaves_data)
{
	char buf[4];

	pair_of(SOCK_STREAM);
	CHECK_EQ(write(s[0], "abc", 3), 3);
	CHECK_EQ(recv(s[1], buf, 4, MSG_PEEK), 3);
	CHECK_EQ(recv(s[1], buf, 4, 0), 3);
}

CASE(waitall_waits)
{
	char buf[6];
	pid_t pid;

	pair_of(SOCK_STREAM);
	CHILD(pid) {
		for (int i = 0; i < 6; i++) {
			CHECK_EQ(write(s[0], "x", 1), 1);
			sched_yield();
		}
	}
	CHECK_EQ(recv(s[1], buf, 6, MSG_WAITALL), 6);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(connect_accept)
{
	int l = listening("sock", SOCK_STREAM), a;
	struct sockaddr_un peer;
	socklen_t len = sizeof(peer);
	char buf[8];
	pid_t pid;

	CHILD(pid) {
		int c = connected("sock", SOCK_STREAM);

		CHECK_EQ(write(c, "hello", 5), 5);
		CHECK_EQ(read(c, buf, 8), 2);
	}
	a = OK(accept4(l, (struct sockaddr *)&peer, &len, SOCK_CLOEXEC));
	CHECK_EQ(fcntl(a, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(peer.sun_family, AF_UNIX);
	CHECK_EQ(len, sizeof(sa_family_t));
	CHECK_EQ(recv(a, buf, 5, MSG_WAITALL), 5);
	CHECK_EQ(write(a, "ok", 2), 2);
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(read(a, buf, 1), 0);
}

CASE(accept_nonblocking)
{
	int l = listening("sock", SOCK_STREAM | SOCK_NONBLOCK);
	struct pollfd pf = {.fd = l, .events = POLLIN};

	CHECK_ERR(accept(l, NULL, NULL), EAGAIN);
	CHECK_EQ(poll(&pf, 1, 0), 0);
	connected("sock", SOCK_STREAM);
	CHECK_EQ(poll(&pf, 1, -1), 1);
	OK(accept(l, NULL, NULL));
}

CASE(backlog_is_enforced)
{
	struct sockaddr_un a = name("sock");
	int l = OK(socket(AF_UNIX, SOCK_STREAM, 0)), refused = 0;

	OK(bind(l, (struct sockaddr *)&a, sizeof(a)));
	OK(listen(l, 2));
	for (int i = 0; i < 10 && !refused; i++) {
		int c = OK(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));

		if (connect(c, (struct sockaddr *)&a, sizeof(a))) {
			CHECK_EQ(errno, EAGAIN);
			CHECK(i >= 2);
			refused = 1;
		}
	}
	CHECK(refused);
}

CASE(names_in_the_file_system)
{
	struct sockaddr_un a = name("sock"), got;
	socklen_t len = sizeof(got);
	struct stat st;
	int l = listening("sock", SOCK_STREAM), again = OK(socket(AF_UNIX, SOCK_STREAM, 0));

	OK(stat("sock", &st));
	CHECK(S_ISSOCK(st.st_mode));
	CHECK_ERR(open("sock", O_RDWR), ENXIO);
	CHECK_ERR(bind(again, (struct sockaddr *)&a, sizeof(a)), EADDRINUSE);
	a = name("other");
	CHECK_ERR(bind(l, (struct sockaddr *)&a, sizeof(a)), EINVAL);
	a = name("sock");
	OK(getsockname(l, (struct sockaddr *)&got, &len));
	CHECK_STR(got.sun_path, "sock");
	OK(close(l));
	CHECK_ERR(connect(again, (struct sockaddr *)&a, sizeof(a)), ECONNREFUSED);
	OK(unlink("sock"));
	CHECK_ERR(connect(again, (struct sockaddr *)&a, sizeof(a)), ENOENT);
}

CASE(abstract_names)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	socklen_t len;
	int l = OK(socket(AF_UNIX, SOCK_STREAM, 0)), c = OK(socket(AF_UNIX, SOCK_STREAM, 0));

	len = offsetof(struct sockaddr_un, sun_path) + 1 +
	      snprintf(a.sun_path + 1, 50, "guest-%d", getpid());
	OK(bind(l, (struct sockaddr *)&a, len));
	OK(listen(l, 1));
	OK(connect(c, (struct sockaddr *)&a, len));
	OK(close(l));
	l = OK(socket(AF_UNIX, SOCK_STREAM, 0));
	OK(bind(l, (struct sockaddr *)&a, len));
}

CASE(autobind)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX}, got;
	socklen_t len = sizeof(got);
	int fd = OK(socket(AF_UNIX, SOCK_DGRAM, 0));

	OK(bind(fd, (struct sockaddr *)&a, sizeof(sa_family_t)));
	OK(getsockname(fd, (struct sockaddr *)&got, &len));
	CHECK_EQ(len, sizeof(sa_family_t) + 6);
	CHECK_EQ(got.sun_path[0], 0);
}

CASE(datagram_to_name)
{
	struct sockaddr_un a = name("box"), from;
	socklen_t len = sizeof(from);
	int box = listening("box", SOCK_DGRAM), out = listening("me", SOCK_DGRAM);
	char buf[8];

	CHECK_EQ(sendto(out, "hi", 2, 0, (struct sockaddr *)&a, sizeof(a)), 2);
	CHECK_EQ(recvfrom(box, buf, 8, 0, (struct sockaddr *)&from, &len), 2);
	CHECK_STR(from.sun_path, "me");
	CHECK_ERR(send(out, "x", 1, 0), ENOTCONN);
}

CASE(errors)
{
	int fd = OK(socket(AF_UNIX, SOCK_STREAM, 0)), f = OK(open("/dev/null", O_RDWR));
	char c;

	CHECK_ERR(socket(AF_UNIX, 77, 0), EINVAL);
	CHECK_ERR(socket(1000, SOCK_STREAM, 0), EAFNOSUPPORT);
	CHECK_ERR(socketpair(AF_UNIX, SOCK_STREAM, 99, s), EPROTONOSUPPORT);
	CHECK_ERR(accept(fd, NULL, NULL), EINVAL);
	CHECK_ERR(listen(f, 1), ENOTSOCK);
	CHECK_ERR(recv(fd, &c, 1, 0), EINVAL);
	CHECK_ERR(recv(800, &c, 1, 0), EBADF);
	CHECK_ERR(lseek(fd, 0, SEEK_CUR), ESPIPE);
}

static void send_fds(int sock, int *fds, int n)
{
	char control[CMSG_SPACE(sizeof(int) * 64)] = {0};
	struct iovec iov = {"F", 1};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = CMSG_SPACE(sizeof(int) * n)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int) * n);
	memcpy(CMSG_DATA(c), fds, sizeof(int) * n);
	CHECK_EQ(sendmsg(sock, &m, 0), 1);
}

static int recv_fds(int sock, int *fds, int max, int flags)
{
	char control[CMSG_SPACE(sizeof(int) * 64)] = {0}, byte;
	struct iovec iov = {&byte, 1};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = CMSG_SPACE(sizeof(int) * max)};
	struct cmsghdr *c;
	int n;

	CHECK_EQ(recvmsg(sock, &m, flags), 1);
	CHECK_EQ(m.msg_flags & MSG_CMSG_CLOEXEC, flags & MSG_CMSG_CLOEXEC);
	c = CMSG_FIRSTHDR(&m);
	if (!c)
		return 0;
	CHECK_EQ(c->cmsg_type, SCM_RIGHTS);
	n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(fds, CMSG_DATA(c), n * sizeof(int));
	return n;
}

CASE(descriptors_are_passed)
{
	int fd, p[2];
	char c;
	pid_t pid;

	pair_of(SOCK_STREAM);
	OK(pipe(p));
	CHILD(pid) {
		CHECK_EQ(recv_fds(s[1], &fd, 1, 0), 1);
		CHECK_EQ(write(fd, "w", 1), 1);
	}
	send_fds(s[0], &p[1], 1);
	OK(close(p[1]));
	CHECK_EQ(read(p[0], &c, 1), 1);
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(read(p[0], &c, 1), 0);
}

CASE(passed_descriptor_shares_the_open_file)
{
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600)), got;

	pair_of(SOCK_DGRAM);
	send_fds(s[0], &fd, 1);
	CHECK_EQ(recv_fds(s[1], &got, 1, MSG_CMSG_CLOEXEC), 1);
	CHECK(got != fd);
	CHECK_EQ(fcntl(got, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(write(got, "abc", 3), 3);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 3);
}

CASE(many_descriptors_in_one_message)
{
	int fds[20], got[20];

	pair_of(SOCK_STREAM);
	for (int i = 0; i < 20; i++)
		fds[i] = OK(open("/dev/null", O_RDONLY));
	send_fds(s[0], fds, 20);
	CHECK_EQ(recv_fds(s[1], got, 20, 0), 20);
	for (int i = 0; i < 20; i++)
		OK(fcntl(got[i], F_GETFD));
}

CASE(passing_a_bad_descriptor)
{
	int bad = 800;
	char control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec iov = {"F", 1};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	pair_of(SOCK_STREAM);
	*c = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
	memcpy(CMSG_DATA(c), &bad, sizeof(bad));
	CHECK_ERR(sendmsg(s[0], &m, 0), EBADF);
}

CASE(unread_descriptors_are_closed_with_socket)
{
	int p[2];
	char c;

	pair_of(SOCK_STREAM);
	OK(pipe(p));
	send_fds(s[0], &p[1], 1);
	OK(close(p[1]));
	OK(close(s[0]));
	OK(close(s[1]));
	CHECK_EQ(read(p[0], &c, 1), 0);
}

CASE(socket_sent_over_itself_is_collected)
{
	/* A cycle of references only: no descriptor reaches it once both are closed. */
	for (int i = 0; i < 5; i++) {
		pair_of(SOCK_STREAM);
		send_fds(s[0], &s[0], 1);
		send_fds(s[0], &s[1], 1);
		OK(close(s[0]));
		OK(close(s[1]));
	}
}

CASE(credentials_are_passed)
{
	char control[CMSG_SPACE(sizeof(struct ucred))], byte;
	struct iovec iov = {&byte, 1};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control)};
	struct ucred cred;
	int on = 1;
	pid_t pid;

	pair_of(SOCK_STREAM);
	OK(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	CHILD(pid) {
		CHECK_EQ(write(s[0], "x", 1), 1);
	}
	CHECK_EQ(recvmsg(s[1], &m, 0), 1);
	CHECK(CMSG_FIRSTHDR(&m));
	CHECK_EQ(CMSG_FIRSTHDR(&m)->cmsg_type, SCM_CREDENTIALS);
	memcpy(&cred, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(cred));
	CHECK_EQ(cred.pid, pid);
	CHECK_EQ(cred.uid, getuid());
	wait_status(pid);
}

CASE(peer_credentials)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	pair_of(SOCK_STREAM);
	OK(getsockopt(s[0], SOL_SOCKET, SO_PEERCRED, &cred, &len));
	CHECK_EQ(cred.pid, getpid());
	CHECK_EQ(cred.gid, getgid());
}

CASE(socket_options)
{
	int v;
	socklen_t len = sizeof(v);

	pair_of(SOCK_STREAM);
	OK(getsockopt(s[0], SOL_SOCKET, SO_TYPE, &v, &len));
	CHECK_EQ(v, SOCK_STREAM);
	OK(getsockopt(s[0], SOL_SOCKET, SO_DOMAIN, &v, &len));
	CHECK_EQ(v, AF_UNIX);
	OK(getsockopt(s[0], SOL_SOCKET, SO_ERROR, &v, &len));
	CHECK_EQ(v, 0);
	OK(getsockopt(s[0], SOL_SOCKET, SO_ACCEPTCONN, &v, &len));
	CHECK_EQ(v, 0);
	OK(getsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &v, &len));
	CHECK(v > 1000);
	CHECK_ERR(getsockopt(s[0], SOL_SOCKET, 9999, &v, &len), ENOPROTOOPT);
}

static int option(int fd, int name)
{
	int v = -1;
	socklen_t len = sizeof(v);

	OK(getsockopt(fd, SOL_SOCKET, name, &v, &len));
	CHECK_EQ(len, sizeof(v));
	return v;
}

static void set_option(int fd, int name, int v)
{
	OK(setsockopt(fd, SOL_SOCKET, name, &v, sizeof(v)));
}

/* Sets SO_LINGER and checks what it says then. */
static void check_linger(int fd, int on, int seconds, int says_on, int says_seconds)
{
	struct linger l = {on, seconds};
	socklen_t len = sizeof(l);

	OK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
	OK(getsockopt(fd, SOL_SOCKET, SO_LINGER, &l, &len));
	CHECK(l.l_onoff == says_on && l.l_linger == says_seconds);
}

static void check_timeout(int fd, int name)
{
	struct timeval tv = {.tv_sec = 3, .tv_usec = 1000000};
	socklen_t len = sizeof(tv);

	CHECK_ERR(setsockopt(fd, SOL_SOCKET, name, &tv, sizeof(tv)), EDOM);
	CHECK_ERR(setsockopt(fd, SOL_SOCKET, name, &tv, sizeof(tv) - 1), EINVAL);
	OK(getsockopt(fd, SOL_SOCKET, name, &tv, &len));
	CHECK(!tv.tv_sec && !tv.tv_usec);
	tv.tv_sec = 3;
	OK(setsockopt(fd, SOL_SOCKET, name, &tv, sizeof(tv)));
	tv.tv_sec = 0;
	OK(getsockopt(fd, SOL_SOCKET, name, &tv, &len));
	CHECK(tv.tv_sec == 3 && !tv.tv_usec);
}

/* What socket(7) says of all families, for the two that programs on one machine use. */
static void check_options(int fd)
{
	static const int flags[] = {SO_REUSEADDR, SO_BROADCAST, SO_KEEPALIVE, SO_OOBINLINE,
				    SO_PASSCRED};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		CHECK_EQ(option(fd, flags[i]), 0);
		set_option(fd, flags[i], 7);
		CHECK_EQ(option(fd, flags[i]), 1);
		set_option(fd, flags[i], 0);
		CHECK_EQ(option(fd, flags[i]), 0);
	}
	/* Twice what was asked for, within limits. */
	set_option(fd, SO_SNDBUF, 5000);
	CHECK_EQ(option(fd, SO_SNDBUF), 10000);
	set_option(fd, SO_SNDBUF, 1);
	CHECK_EQ(option(fd, SO_SNDBUF), 4608);
	set_option(fd, SO_RCVBUF, 5000);
	CHECK_EQ(option(fd, SO_RCVBUF), 10000);
	set_option(fd, SO_RCVBUF, 1);
	CHECK_EQ(option(fd, SO_RCVBUF), 2304);
	set_option(fd, SO_RCVBUF, -1);
	CHECK(option(fd, SO_RCVBUF) >= 212992);
	set_option(fd, SO_RCVLOWAT, 0);
	CHECK_EQ(option(fd, SO_RCVLOWAT), 1);
	set_option(fd, SO_PRIORITY, 5);
	CHECK_EQ(option(fd, SO_PRIORITY), 5);
	check_linger(fd, 7, 3, 1, 3);
	check_linger(fd, 0, 9, 0, 3);
	check_timeout(fd, SO_RCVTIMEO);
	check_timeout(fd, SO_SNDTIMEO);
	CHECK_ERR(setsockopt(fd, SOL_SOCKET, SO_TYPE, &(int){1}, sizeof(int)), ENOPROTOOPT);
	CHECK_ERR(setsockopt(fd, SOL_SOCKET, 9999, &(int){1}, 3), EINVAL);
	CHECK_ERR(setsockopt(fd, SOL_SOCKET, 9999, &(int){1}, sizeof(int)), ENOPROTOOPT);
}

CASE(options_of_every_family)
{
	int nl;

	check_options(OK(socket(AF_UNIX, SOCK_DGRAM, AF_UNIX)));
	nl = NEED(socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK));
	check_options(nl);
	CHECK_EQ(option(nl, SO_TYPE), SOCK_RAW);
	CHECK_EQ(option(nl, SO_DOMAIN), AF_NETLINK);
	CHECK_EQ(option(nl, SO_PROTOCOL), NETLINK_USERSOCK);
}

CASE_ROOT(buffers_beyond_the_limit)
{
	int fd = OK(socket(AF_UNIX, SOCK_DGRAM, AF_UNIX));

	CHECK_EQ(option(fd, SO_PROTOCOL), 0);
	set_option(fd, SO_SNDBUFFORCE, 1 << 28);
	CHECK_EQ(option(fd, SO_SNDBUF), 1 << 29);
	set_option(fd, SO_RCVBUFFORCE, 1 << 28);
	CHECK_EQ(option(fd, SO_RCVBUF), 1 << 29);
	set_option(fd, SO_PRIORITY, 7);
	OK(setresuid(1000, 1000, 1000));
	CHECK_ERR(setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &(int){1}, sizeof(int)), EPERM);
	CHECK_ERR(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &(int){1}, sizeof(int)), EPERM);
	CHECK_ERR(setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &(int){7}, sizeof(int)), EPERM);
	CHECK_ERR(setsockopt(fd, SOL_SOCKET, SO_DEBUG, &(int){1}, sizeof(int)), EACCES);
}

CASE(full_buffer_and_writability)
{
	char buf[PAGE] = {0};
	struct pollfd pf;
	size_t total = 0, n;

	pair_of(SOCK_STREAM | SOCK_NONBLOCK);
	while ((ssize_t)(n = write(s[0], buf, PAGE)) > 0)
		total += n;
	CHECK_EQ(errno, EAGAIN);
	CHECK(total >= 65536);
	pf = (struct pollfd){.fd = s[0], .events = POLLOUT};
	CHECK_EQ(poll(&pf, 1, 0), 0);
	while (read(s[1], buf, PAGE) > 0)
		;
	CHECK_EQ(poll(&pf, 1, 0), 1);
}

CASE(poll_sees_hang_up)
{
	struct pollfd pf;

	pair_of(SOCK_STREAM);
	pf = (struct pollfd){.fd = s[0], .events = POLLIN | POLLRDHUP};
	CHECK_EQ(poll(&pf, 1, 0), 0);
	OK(shutdown(s[1], SHUT_WR));
	CHECK_EQ(poll(&pf, 1, 0), 1);
	CHECK_EQ(pf.revents, POLLIN | POLLRDHUP);
	OK(close(s[1]));
	CHECK_EQ(poll(&pf, 1, 0), 1);
	CHECK(pf.revents & POLLHUP);
}

CASE(fionread)
{
	int n;

	pair_of(SOCK_STREAM);
	CHECK_EQ(write(s[0], "12345", 5), 5);
	OK(ioctl(s[1], FIONREAD, &n));
	CHECK_EQ(n, 5);
}

CASE(receive_timeout)
{
	struct timeval tv = {.tv_usec = 3000};
	char c;

	pair_of(SOCK_STREAM);
	OK(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	CHECK_ERR(recv(s[0], &c, 1, 0), EAGAIN);
}

CASE(ping_pong_between_processes)
{
	int v = 0;
	pid_t pid;

	pair_of(SOCK_SEQPACKET);
	CHILD(pid) {
		OK(close(s[0]));
		while (recv(s[1], &v, sizeof(v), 0) == sizeof(v)) {
			v++;
			CHECK_EQ(send(s[1], &v, sizeof(v), 0), sizeof(v));
		}
	}
	for (int i = 0; i < 200; i++) {
		CHECK_EQ(send(s[0], &v, sizeof(v), 0), sizeof(v));
		CHECK_EQ(recv(s[0], &v, sizeof(v), 0), sizeof(v));
	}
	CHECK_EQ(v, 200);
	OK(close(s[0]));
	CHECK_EQ(wait_exit(pid), 0);
}

/* Abstract names are known in one network namespace, netlink's ports as well; paths everywhere. */
CASE_ROOT(network_namespaces_are_apart)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX}, path = {.sun_family = AF_UNIX};
	struct sockaddr_nl port = {.nl_family = AF_NETLINK, .nl_pid = 700100};
	socklen_t len = offsetof(struct sockaddr_un, sun_path) + 12;
	int here, nl, by_path;
	char buf[8];
	pid_t pid;

	snprintf(name.sun_path + 1, 16, "apart%06d", getpid());
	here = OK(socket(AF_UNIX, SOCK_DGRAM, 0));
	OK(bind(here, (void *)&name, len));
	strcpy(path.sun_path, "path");
	by_path = OK(socket(AF_UNIX, SOCK_DGRAM, 0));
	OK(bind(by_path, (void *)&path, sizeof(path)));
	nl = NEED(socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK));
	OK(bind(nl, (void *)&port, sizeof(port)));
	CHILD(pid) {
		int old = OK(socket(AF_UNIX, SOCK_DGRAM, 0)), there, other;

		NEED(unshare(CLONE_NEWNET));
		there = OK(socket(AF_UNIX, SOCK_DGRAM, 0));
		CHECK_ERR(sendto(there, "x", 1, 0, (void *)&name, len), ECONNREFUSED);
		CHECK_EQ(sendto(there, "path", 4, 0, (void *)&path, sizeof(path)), 4);
		/* A socket stays in the one that it was made in. */
		CHECK_EQ(sendto(here, "kept", 4, MSG_DONTWAIT, (void *)&name, len), 4);
		OK(bind(there, (void *)&name, len));
		CHECK_ERR(bind(old, (void *)&name, len), EADDRINUSE);
		other = OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK));
		CHECK_ERR(sendto(other, "x", 1, 0, (void *)&port, sizeof(port)), ECONNREFUSED);
		other = OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK));
		OK(bind(other, (void *)&port, sizeof(port)));
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(recv(by_path, buf, sizeof(buf), MSG_DONTWAIT), 4);
	CHECK_EQ(recv(here, buf, sizeof(buf), MSG_DONTWAIT), 4);
	CHECK_ERR(recv(nl, buf, sizeof(buf), MSG_DONTWAIT), EAGAIN);
}
