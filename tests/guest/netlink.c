/* SPDX-License-Identifier: MIT */
/* Netlink sockets between programs, netlink(7), and the C library's notices, mq_notify(3). */
#include "harness.h"

#include <linux/capability.h>
#include <linux/netlink.h>
#include <mqueue.h>
#include <pthread.h>
#include <sys/socket.h>

static int user_socket(uint32_t port, uint32_t groups)
{
	struct sockaddr_nl addr = {.nl_family = AF_NETLINK, .nl_pid = port, .nl_groups = groups};
	int s = NEED(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK));

	OK(bind(s, (void *)&addr, sizeof(addr)));
	return s;
}

static struct sockaddr_nl name_of(int s)
{
	struct sockaddr_nl addr = {0};
	socklen_t len = sizeof(addr);

	OK(getsockname(s, (void *)&addr, &len));
	CHECK_EQ(len, sizeof(addr));
	CHECK_EQ(addr.nl_family, AF_NETLINK);
	return addr;
}

static ssize_t send_to(int s, const char *text, uint32_t port, uint32_t groups)
{
	struct sockaddr_nl addr = {.nl_family = AF_NETLINK, .nl_pid = port, .nl_groups = groups};

	return sendto(s, text, strlen(text), MSG_DONTWAIT, (void *)&addr, sizeof(addr));
}

/* The next message must be this one; returns the sender's port. */
static uint32_t expect(int s, const char *text)
{
	struct sockaddr_nl from;
	socklen_t len = sizeof(from);
	char buf[100] = "";
	ssize_t n = OK(recvfrom(s, buf, sizeof(buf) - 1, 0, (void *)&from, &len));

	CHECK_EQ(n, strlen(text));
	CHECK_STR(buf, text);
	return from.nl_pid;
}

CASE(what_there_is)
{
	CHECK_ERR(socket(AF_NETLINK, SOCK_STREAM, NETLINK_USERSOCK), ESOCKTNOSUPPORT);
	CHECK_ERR(socket(AF_NETLINK, SOCK_RAW, 32), EPROTONOSUPPORT);
	CHECK_ERR(socket(AF_NETLINK, SOCK_RAW, -1), EPROTONOSUPPORT);
	OK(socket(AF_NETLINK, SOCK_DGRAM, NETLINK_USERSOCK));
	OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
}

CASE(ports)
{
	struct sockaddr_nl addr = {.nl_family = AF_NETLINK, .nl_pid = 777777};
	int a = user_socket(0, 0), b = user_socket(0, 0), c;

	CHECK_EQ(name_of(a).nl_pid, getpid());
	CHECK((int)name_of(b).nl_pid < 0);
	CHECK_ERR(bind(a, (void *)&addr, sizeof(addr)), EINVAL);
	c = user_socket(777777, 0);
	CHECK_EQ(name_of(c).nl_pid, 777777);
	OK(bind(c, (void *)&addr, sizeof(addr)));
	b = OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK));
	CHECK_ERR(bind(b, (void *)&addr, sizeof(addr)), EADDRINUSE);
	CHECK_ERR(bind(b, (void *)&addr, 11), EINVAL);
	addr.nl_family = AF_UNIX;
	CHECK_ERR(bind(b, (void *)&addr, sizeof(addr)), EINVAL);
	OK(close(c));
	addr.nl_family = AF_NETLINK;
	OK(bind(b, (void *)&addr, sizeof(addr)));
}

CASE(messages_to_a_port)
{
	int a = user_socket(700001, 0), b = user_socket(700002, 0);
	struct pollfd p = {.fd = b, .events = POLLIN};
	char buf[4];

	CHECK_EQ(poll(&p, 1, 0), 0);
	CHECK_ERR(recv(b, buf, 4, MSG_DONTWAIT), EAGAIN);
	CHECK_EQ(send_to(a, "first", 700002, 0), 5);
	CHECK_EQ(send_to(a, "second", 700002, 0), 6);
	CHECK_EQ(poll(&p, 1, 0), 1);
	CHECK_EQ(recv(b, buf, 4, MSG_PEEK), 4);
	CHECK_EQ(recv(b, buf, 4, MSG_PEEK | MSG_TRUNC), 5);
	CHECK_EQ(expect(b, "first"), 700001);
	CHECK_EQ(expect(b, "second"), 700001);
	CHECK_ERR(send_to(a, "nobody", 700003, 0), ECONNREFUSED);
	CHECK_ERR(send_to(a, "the kernel", 0, 0), ECONNREFUSED);
	OK(close(b));
	CHECK_ERR(send_to(a, "gone", 700002, 0), ECONNREFUSED);
}

CASE(connected_ends_take_from_each_other_only)
{
	struct sockaddr_nl addr = {.nl_family = AF_NETLINK, .nl_pid = 700002}, peer;
	int a = user_socket(700001, 0), b = user_socket(700002, 0), c = user_socket(700003, 0);
	socklen_t len = sizeof(peer);

	OK(connect(a, (void *)&addr, sizeof(addr)));
	OK(getpeername(a, (void *)&peer, &len));
	CHECK_EQ(peer.nl_pid, 700002);
	CHECK_EQ(send(a, "by connection", 13, 0), 13);
	expect(b, "by connection");
	CHECK_ERR(send_to(c, "not yours", 700001, 0), ECONNREFUSED);
	CHECK_EQ(send_to(b, "yours", 700001, 0), 5);
	expect(a, "yours");
}

/* Of several groups a message goes to the lowest, by an address as by a connection. */
CASE_ROOT(one_message_goes_to_one_group)
{
	struct sockaddr_nl addr = {.nl_family = AF_NETLINK, .nl_groups = 6}, peer;
	int a = user_socket(700001, 0), b = user_socket(700002, 2), c = user_socket(700003, 4);
	socklen_t len = sizeof(peer);
	char buf[8];

	OK(connect(a, (void *)&addr, sizeof(addr)));
	OK(getpeername(a, (void *)&peer, &len));
	CHECK_EQ(peer.nl_groups, 2);
	CHECK_ERR(send(a, "x", 1, 0), ECONNREFUSED);
	CHECK_EQ(expect(b, "x"), 700001);
	CHECK_ERR(send_to(b, "y", 0, 6), ECONNREFUSED);
	CHECK_ERR(recv(b, buf, 8, MSG_DONTWAIT), EAGAIN);
	CHECK_ERR(recv(c, buf, 8, MSG_DONTWAIT), EAGAIN);
}

CASE_ROOT(groups)
{
	int a = user_socket(700001, 1), b = user_socket(700002, 5), c = user_socket(700003, 2);
	int group = 3, none = user_socket(700004, 0);
	char buf[8];

	/* There is no kernel's end, which the message goes to as well. */
	CHECK_ERR(send_to(a, "one", 0, 1), ECONNREFUSED);
	CHECK_EQ(expect(b, "one"), 700001);
	CHECK_ERR(recv(a, buf, 8, MSG_DONTWAIT), EAGAIN);
	CHECK_ERR(recv(c, buf, 8, MSG_DONTWAIT), EAGAIN);
	OK(setsockopt(none, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)));
	CHECK_EQ(name_of(none).nl_groups, 4);
	CHECK_EQ(send_to(a, "three", 700003, 4), 5);
	expect(c, "three");
	expect(b, "three");
	expect(none, "three");
	OK(setsockopt(none, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, &group, sizeof(group)));
	CHECK_ERR(send_to(a, "again", 0, 4), ECONNREFUSED);
	CHECK_ERR(recv(none, buf, 8, MSG_DONTWAIT), EAGAIN);
	group = 0;
	CHECK_ERR(setsockopt(none, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)),
		  EINVAL);
	OK(setresuid(1000, 1000, 1000));
	group = 1;
	CHECK_ERR(setsockopt(none, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)),
		  EPERM);
}

CASE(an_owner_of_the_network_may_use_it)
{
	struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
	int s;

	NEED(unshare(CLONE_NEWUSER | CLONE_NEWNET));
	s = user_socket(1, 1);
	OK(setsockopt(s, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &(int){2}, sizeof(int)));
	CHECK_ERR(send_to(user_socket(0, 0), "news", 0, 2), ECONNREFUSED); /* by port 0 alone */
	expect(s, "news");
	OK(syscall(SYS_capset, &h, none));
	CHECK_ERR(setsockopt(s, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &(int){3}, sizeof(int)),
		  EPERM);
}

CASE(senders_are_named)
{
	int a = user_socket(700001, 0), b = user_socket(700002, 0), on = 1;
	char buf[8], control[CMSG_SPACE(sizeof(struct ucred))];
	struct iovec v = {buf, sizeof(buf)};
	struct msghdr m = {.msg_iov = &v,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control)};
	struct cmsghdr *c;
	struct ucred id;

	OK(setsockopt(b, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	CHECK_EQ(send_to(a, "hello", 700002, 0), 5);
	CHECK_EQ(recvmsg(b, &m, 0), 5);
	c = CMSG_FIRSTHDR(&m);
	CHECK(c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS);
	memcpy(&id, CMSG_DATA(c), sizeof(id));
	CHECK_EQ(id.pid, getpid());
	CHECK_EQ(id.uid, getuid());
	CHECK_EQ(id.gid, getgid());
}

CASE(a_full_queue_makes_the_sender_wait)
{
	int a = user_socket(700001, 0), b = user_socket(700002, 0), small = 1, sent = 0;
	char big[1000] = "";
	struct sockaddr_nl to = {.nl_family = AF_NETLINK, .nl_pid = 700002};
	ssize_t n;
	pid_t pid;

	OK(setsockopt(b, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)));
	while ((n = sendto(a, big, sizeof(big), MSG_DONTWAIT, (void *)&to, sizeof(to))) > 0)
		CHECK(++sent < 1000);
	CHECK_EQ(n, -1);
	CHECK_EQ(errno, EAGAIN);
	CHECK(sent > 0);
	CHILD(pid) {
		CHECK_EQ(sendto(a, big, sizeof(big), 0, (void *)&to, sizeof(to)), sizeof(big));
	}
	await_state(pid, "S");
	for (int i = 0; i <= sent; i++)
		CHECK_EQ(recv(b, big, sizeof(big), 0), sizeof(big));
	CHECK_EQ(wait_exit(pid), 0);
	OK(setsockopt(a, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)));
	CHECK_EQ(sendto(a, big, 1, 0, (void *)&to, sizeof(to)), 1);
}

/* A message for which there is no room may be larger than what waits: its sender sleeps too. */
CASE(a_large_message_waits_for_room)
{
	int a = user_socket(700001, 0), b = user_socket(700002, 0), small = 2500;
	struct sockaddr_nl to = {.nl_family = AF_NETLINK, .nl_pid = 700002};
	char big[4900] = "";
	pid_t pid;

	OK(setsockopt(b, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)));
	CHECK_EQ(send_to(a, "in the way", 700002, 0), 10);
	CHECK_ERR(sendto(a, big, sizeof(big), MSG_DONTWAIT, (void *)&to, sizeof(to)), EAGAIN);
	CHILD(pid) {
		sendto(a, big, sizeof(big), 0, (void *)&to, sizeof(to));
	}
	await_state(pid, "S");
	OK(kill(pid, SIGTERM));
	CHECK_EQ(wait_killed(pid), SIGTERM);
	CHILD(pid) {
		CHECK_EQ(sendto(a, big, sizeof(big), 0, (void *)&to, sizeof(to)), sizeof(big));
	}
	await_state(pid, "S");
	expect(b, "in the way");
	CHECK_EQ(recv(b, big, sizeof(big), 0), sizeof(big));
	CHECK_EQ(wait_exit(pid), 0);
}

/* A reader that waits is in nobody's way. */
CASE(two_read_one_socket)
{
	int a = user_socket(700001, 0), b = user_socket(700002, 0);
	char buf[8];
	pid_t pid;

	CHILD(pid) {
		CHECK_EQ(recv(b, buf, sizeof(buf), 0), 2);
	}
	await_state(pid, "S");
	CHECK_ERR(recv(b, buf, sizeof(buf), MSG_DONTWAIT), EAGAIN);
	CHECK_EQ(send_to(a, "go", 700002, 0), 2);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(an_empty_message_is_none)
{
	CHECK_ERR(send_to(user_socket(700001, 0), "", 700001, 0), ENODATA);
}

#define STAYING 3

static void *come_and_go(void *stop)
{
	while (!__atomic_load_n((bool *)stop, __ATOMIC_RELAXED)) {
		int s[4];

		for (int i = 0; i < 4; i++)
			s[i] = user_socket(0, 1);
		for (int i = 0; i < 4; i++)
			close(s[i]);
	}
	return NULL;
}

/* Those that stay in a group get each message once, whoever comes and goes meanwhile. */
CASE_ROOT(members_come_and_go)
{
	int a = user_socket(700001, 0), staying[STAYING];
	bool stop = false;
	pthread_t t;

	for (int i = 0; i < STAYING; i++)
		staying[i] = user_socket(700010 + i, 1);
	CHECK_EQ(pthread_create(&t, NULL, come_and_go, &stop), 0);
	for (int n = 0; n < scale(1000); n++) {
		char text[16], buf[16];

		snprintf(text, sizeof(text), "%d", n);
		CHECK_ERR(send_to(a, text, 0, 1), ECONNREFUSED);
		for (int i = 0; i < STAYING; i++) {
			expect(staying[i], text);
			CHECK_ERR(recv(staying[i], buf, 16, MSG_DONTWAIT), EAGAIN);
		}
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	CHECK_EQ(pthread_join(t, NULL), 0);
}

/* ---- mq_notify(3) by a thread ---- */

static mqd_t new_queue(void)
{
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 16};
	char name[32];
	mqd_t q;

	snprintf(name, sizeof(name), "/netlink%d", getpid());
	q = NEED(mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600, &attr));
	OK(mq_unlink(name));
	return q;
}

static volatile int called;
static volatile uintptr_t argument;
static pid_t caller;

static void on_message(union sigval v)
{
	argument = (uintptr_t)v.sival_ptr;
	caller = gettid();
	__atomic_add_fetch(&called, 1, __ATOMIC_SEQ_CST);
}

static void receive(mqd_t q, const char *text)
{
	char buf[17] = "";

	CHECK_EQ(mq_receive(q, buf, 16, NULL), strlen(text));
	CHECK_STR(buf, text);
}

CASE(a_function_is_called_in_a_thread)
{
	struct sigevent ev = {.sigev_notify = SIGEV_THREAD,
			      .sigev_notify_function = on_message,
			      .sigev_value.sival_ptr = (void *)&called};
	mqd_t q = new_queue();

	for (int i = 1; i <= 3; i++) {
		OK(mq_notify(q, &ev));
		CHECK_ERR(mq_notify(q, &ev), EBUSY);
		OK(mq_send(q, "message", 7, 0));
		EVENTUALLY(called == i);
		CHECK_EQ(argument, (uintptr_t)&called);
		CHECK(caller != gettid());
		/* Once: the next message finds nobody. */
		OK(mq_send(q, "second", 6, 0));
		receive(q, "message");
		receive(q, "second");
	}
	CHECK_EQ(called, 3);
}

CASE(a_message_from_another_process_calls_it_too)
{
	struct sigevent ev = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = on_message};
	mqd_t q = new_queue();
	pid_t pid;

	OK(mq_notify(q, &ev));
	CHILD(pid) {
		OK(mq_send(q, "child", 5, 0));
	}
	CHECK_EQ(wait_exit(pid), 0);
	EVENTUALLY(called == 1);
	receive(q, "child");
}

/* What the library does, by hand: the cookie comes back with its last byte changed. */
static char cookie[32] = "a cookie of thirty-one letters.";

static int register_by_hand(mqd_t q)
{
	int s = NEED(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0));
	struct sigevent ev = {
	    .sigev_notify = SIGEV_THREAD, .sigev_signo = s, .sigev_value.sival_ptr = cookie};

	OK(syscall(SYS_mq_notify, q, &ev));
	return s;
}

static void expect_cookie(int s, char last)
{
	char buf[64];

	CHECK_EQ(recv(s, buf, sizeof(buf), MSG_WAITALL), 32);
	CHECK(!memcmp(buf, cookie, 31));
	CHECK_EQ(buf[31], last);
	CHECK_ERR(recv(s, buf, sizeof(buf), MSG_DONTWAIT), EAGAIN);
}

CASE(the_cookie)
{
	mqd_t q = new_queue(), other;
	int s = register_by_hand(q);
	char buf[16];

	OK(mq_send(q, "m", 1, 0));
	expect_cookie(s, 1);
	OK(mq_receive(q, buf, 16, NULL));
	s = register_by_hand(q);
	OK(mq_notify(q, NULL));
	expect_cookie(s, 2);
	s = register_by_hand(q);
	other = OK(dup(q));
	OK(close(other)); /* any descriptor closed gives the notice up */
	expect_cookie(s, 2);
	s = register_by_hand(q);
	OK(close(s));
	OK(mq_send(q, "m", 1, 0));
	OK(mq_receive(q, buf, 16, NULL));
	s = register_by_hand(q);
	OK(mq_send(q, "m", 1, 0));
	expect_cookie(s, 1);
}

CASE(sockets_that_will_not_do)
{
	mqd_t q = new_queue();
	int p[2];
	struct sigevent ev = {.sigev_notify = SIGEV_THREAD, .sigev_value.sival_ptr = cookie};

	OK(pipe(p));
	ev.sigev_signo = p[0];
	CHECK_ERR(syscall(SYS_mq_notify, q, &ev), ENOTSOCK);
	ev.sigev_signo = 999;
	CHECK_ERR(syscall(SYS_mq_notify, q, &ev), EBADF);
	ev.sigev_signo = OK(socket(AF_UNIX, SOCK_DGRAM, 0));
	CHECK_ERR(syscall(SYS_mq_notify, q, &ev), EINVAL);
	ev.sigev_signo = OK(socket(AF_NETLINK, SOCK_RAW, 0));
	ev.sigev_value.sival_ptr = no_access_page();
	CHECK_ERR(syscall(SYS_mq_notify, q, &ev), EFAULT);
	ev.sigev_value.sival_ptr = cookie;
	CHECK_ERR(syscall(SYS_mq_notify, 999, &ev), EBADF);
	OK(syscall(SYS_mq_notify, q, &ev));
}
