/* SPDX-License-Identifier: MIT */
/* Pipes and FIFOs: capacity, blocking, ends, atomicity, SIGPIPE. */
#include "harness.h"

#include <sys/socket.h>
#include <sys/uio.h>

static int p[2];

static void make_pipe(int flags)
{
	OK(pipe2(p, flags));
}

CASE(bytes_in_order)
{
	char buf[16] = "";

	make_pipe(0);
	CHECK_EQ(write(p[1], "abc", 3), 3);
	CHECK_EQ(write(p[1], "def", 3), 3);
	CHECK_EQ(read(p[0], buf, 4), 4);
	CHECK_STR(buf, "abcd");
	CHECK_EQ(read(p[0], buf, 16), 2);
}

CASE(ends_are_one_way)
{
	char c;

	make_pipe(0);
	CHECK_ERR(write(p[0], "x", 1), EBADF);
	CHECK_ERR(read(p[1], &c, 1), EBADF);
}

CASE(end_of_file_when_writers_are_gone)
{
	char c;

	make_pipe(0);
	CHECK_EQ(write(p[1], "x", 1), 1);
	OK(close(p[1]));
	CHECK_EQ(read(p[0], &c, 1), 1);
	CHECK_EQ(read(p[0], &c, 1), 0);
	CHECK_EQ(read(p[0], &c, 1), 0);
}

CASE(sigpipe_kills)
{
	pid_t pid;

	make_pipe(0);
	OK(close(p[0]));
	CHILD(pid) {
		write(p[1], "x", 1);
	}
	CHECK_EQ(wait_killed(pid), SIGPIPE);
}

CASE(epipe_when_ignored)
{
	make_pipe(0);
	signal(SIGPIPE, SIG_IGN);
	OK(close(p[0]));
	CHECK_ERR(write(p[1], "x", 1), EPIPE);
}

CASE(default_capacity_is_64k)
{
	char buf[PAGE] = {0};
	int n = 0;

	make_pipe(O_NONBLOCK);
	CHECK_EQ(fcntl(p[1], F_GETPIPE_SZ), 65536);
	while (write(p[1], buf, PAGE) == PAGE)
		n++;
	CHECK_EQ(errno, EAGAIN);
	CHECK_EQ(n, 16);
}

CASE(capacity_can_change)
{
	char buf[PAGE] = {0};

	make_pipe(O_NONBLOCK);
	CHECK_EQ(fcntl(p[1], F_SETPIPE_SZ, 1), PAGE);
	CHECK_EQ(write(p[1], buf, PAGE), PAGE);
	CHECK_ERR(write(p[1], "x", 1), EAGAIN);
	CHECK_EQ(fcntl(p[1], F_SETPIPE_SZ, 5000), 8192);
	CHECK_EQ(write(p[1], buf, PAGE), PAGE);
	CHECK_ERR(fcntl(p[1], F_SETPIPE_SZ, PAGE), EBUSY);
}

CASE(nonblocking_read_of_empty)
{
	char c;

	make_pipe(O_NONBLOCK);
	CHECK_ERR(read(p[0], &c, 1), EAGAIN);
	OK(fcntl(p[0], F_SETFL, 0));
	CHECK_EQ(fcntl(p[0], F_GETFL) & O_NONBLOCK, 0);
	CHECK(fcntl(p[1], F_GETFL) & O_NONBLOCK);
}

CASE(nonblocking_small_write_is_all_or_nothing)
{
	char buf[65536] = {0};

	make_pipe(O_NONBLOCK);
	CHECK_EQ(write(p[1], buf, 65536 - 100), 65536 - 100);
	CHECK_ERR(write(p[1], buf, PIPE_BUF), EAGAIN);
	CHECK(write(p[1], buf, PIPE_BUF + 2 * PAGE) >= 0 || errno == EAGAIN);
}

CASE(blocking_writer_waits_for_reader)
{
	char *buf = calloc(1, 200000);
	size_t got = 0;
	ssize_t n;
	pid_t pid;

	make_pipe(0);
	CHILD(pid) {
		close(p[0]);
		CHECK_EQ(write(p[1], buf, 200000), 200000);
	}
	OK(close(p[1]));
	await_state(pid, "S");
	while ((n = read(p[0], buf, 200000)) > 0)
		got += n;
	CHECK_EQ(got, 200000);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(blocked_writer_dies_when_reader_closes)
{
	char *buf = calloc(1, 200000);
	pid_t pid;

	make_pipe(0);
	CHILD(pid) {
		close(p[0]);
		signal(SIGPIPE, SIG_IGN);
		CHECK_EQ(write(p[1], buf, 200000), 65536);
		CHECK_ERR(write(p[1], buf, 1), EPIPE);
	}
	await_state(pid, "S");
	OK(close(p[0]));
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(blocked_reader_wakes_at_close)
{
	pid_t pid;
	char c;

	make_pipe(0);
	CHILD(pid) {
		close(p[1]);
		CHECK_EQ(read(p[0], &c, 1), 0);
	}
	await_state(pid, "S");
	OK(close(p[1]));
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(small_writes_are_atomic)
{
	enum { WRITERS = 4, EACH = 50, SIZE = 512 };
	pid_t pid[WRITERS];
	char buf[SIZE];

	make_pipe(0);
	for (int i = 0; i < WRITERS; i++) {
		CHILD(pid[i]) {
			memset(buf, 'a' + i, SIZE);
			for (int k = 0; k < EACH; k++)
				CHECK_EQ(write(p[1], buf, SIZE), SIZE);
		}
	}
	OK(close(p[1]));
	for (int i = 0; i < WRITERS * EACH; i++) {
		CHECK_EQ(read(p[0], buf, SIZE), SIZE);
		for (int k = 1; k < SIZE; k++)
			CHECK_EQ(buf[k], buf[0]);
	}
	CHECK_EQ(read(p[0], buf, 1), 0);
	for (int i = 0; i < WRITERS; i++)
		CHECK_EQ(wait_exit(pid[i]), 0);
}

CASE(packet_mode)
{
	char buf[100];

	make_pipe(O_DIRECT);
	CHECK_EQ(write(p[1], "first", 5), 5);
	CHECK_EQ(write(p[1], "second", 6), 6);
	CHECK_EQ(read(p[0], buf, 100), 5);
	CHECK_EQ(read(p[0], buf, 2), 2);
	OK(fcntl(p[0], F_SETFL, O_NONBLOCK));
	CHECK_ERR(read(p[0], buf, 2), EAGAIN);
}

CASE(zero_length_write_and_read)
{
	char c;

	make_pipe(O_NONBLOCK);
	CHECK_EQ(write(p[1], "", 0), 0);
	CHECK_EQ(read(p[0], &c, 0), 0);
	CHECK_ERR(read(p[0], &c, 1), EAGAIN);
}

CASE(pipe2_flags)
{
	make_pipe(O_CLOEXEC | O_NONBLOCK);
	CHECK_EQ(fcntl(p[0], F_GETFD), FD_CLOEXEC);
	CHECK(fcntl(p[1], F_GETFL) & O_NONBLOCK);
	CHECK_ERR(pipe2(p, O_APPEND), EINVAL);
}

CASE(fstat_is_fifo)
{
	struct stat st;
	char buf[64] = "", link[64];

	make_pipe(0);
	OK(fstat(p[0], &st));
	CHECK(S_ISFIFO(st.st_mode));
	snprintf(link, sizeof(link), "/proc/self/fd/%d", p[0]);
	CHECK(readlink(link, buf, sizeof(buf) - 1) > 0);
	snprintf(link, sizeof(link), "pipe:[%lu]", (long)st.st_ino);
	CHECK_STR(buf, link);
}

CASE(reopen_through_proc)
{
	char path[64], c = 0;

	make_pipe(0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", p[0]);
	int w = OK(open(path, O_WRONLY));

	CHECK_EQ(write(w, "r", 1), 1);
	CHECK_EQ(read(p[0], &c, 1), 1);
	CHECK_EQ(c, 'r');
}

/* Only a FIFO's opener waits for the other side: a pipe's has been there. */
CASE(reopen_without_the_other_side)
{
	char path[64], c;
	int fd;

	make_pipe(0);
	CHECK_EQ(write(p[1], "w", 1), 1);
	OK(close(p[1]));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", p[0]);
	fd = OK(open(path, O_RDONLY));
	CHECK_EQ(read(fd, &c, 1), 1);
	CHECK_EQ(read(fd, &c, 1), 0);

	OK(close(fd));
	OK(close(p[0]));
	make_pipe(0);
	OK(close(p[0]));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", p[1]);
	signal(SIGPIPE, SIG_IGN);
	fd = OK(open(path, O_WRONLY));
	CHECK_ERR(write(fd, "w", 1), EPIPE);
	fd = OK(open(path, O_WRONLY | O_NONBLOCK));
	CHECK_ERR(write(fd, "w", 1), EPIPE);
}

CASE(fifo_open_meets)
{
	char c = 0;
	pid_t pid;

	OK(mkfifo("f", 0600));
	CHILD(pid) {
		int w = OK(open("f", O_WRONLY));

		CHECK_EQ(write(w, "m", 1), 1);
	}
	await_state(pid, "S");
	int r = OK(open("f", O_RDONLY));

	CHECK_EQ(read(r, &c, 1), 1);
	CHECK_EQ(read(r, &c, 1), 0);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(fifo_nonblocking_open)
{
	OK(mkfifo("f", 0600));
	CHECK_ERR(open("f", O_WRONLY | O_NONBLOCK), ENXIO);
	int r = OK(open("f", O_RDONLY | O_NONBLOCK));
	char c;

	CHECK_EQ(read(r, &c, 1), 0);
	OK(open("f", O_WRONLY | O_NONBLOCK));
	CHECK_ERR(read(r, &c, 1), EAGAIN);
}

CASE(fifo_read_write_open_does_not_block)
{
	char c;

	OK(mkfifo("f", 0600));
	int fd = OK(open("f", O_RDWR));

	CHECK_EQ(write(fd, "x", 1), 1);
	CHECK_EQ(read(fd, &c, 1), 1);
}

CASE(tee_duplicates)
{
	int q[2];
	char buf[8] = "";

	make_pipe(0);
	OK(pipe(q));
	CHECK_EQ(write(p[1], "dup", 3), 3);
	CHECK_EQ(NEED(tee(p[0], q[1], 10, 0)), 3);
	CHECK_EQ(read(q[0], buf, 8), 3);
	CHECK_STR(buf, "dup");
	CHECK_EQ(read(p[0], buf, 8), 3);
}

/* A page is all there is: to ask for more must not mean to wait for it. */
CASE(splice_gives_what_a_socket_has)
{
	static char page[4096], back[4096];
	int sv[2], p[2];

	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	OK(pipe(p));
	memset(page, 'x', sizeof(page));
	CHECK_EQ(write(sv[0], page, sizeof(page)), (ssize_t)sizeof(page));
	CHECK_EQ(NEED(splice(sv[1], NULL, p[1], NULL, 65536, 0)), (ssize_t)sizeof(page));
	CHECK_EQ(read(p[0], back, sizeof(back)), (ssize_t)sizeof(back));
	CHECK(!memcmp(page, back, sizeof(page)));
}

/* Several pages of a pipe are one message. */
CASE(splice_keeps_messages_whole)
{
	static const int types[] = {SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM};
	static char out[10000], in[20000];
	int sv[2], p[2];
	unsigned int i;

	memset(out, 'm', sizeof(out));
	OK(pipe(p));
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		OK(socketpair(AF_UNIX, types[i], 0, sv));
		CHECK_EQ(write(p[1], out, sizeof(out)), (ssize_t)sizeof(out));
		/* Not from a page's beginning, nor to one's end. */
		CHECK_EQ(read(p[0], in, 100), 100);
		CHECK_EQ(NEED(splice(p[0], NULL, sv[0], NULL, 9000, 0)), 9000);
		CHECK_EQ(recv(sv[1], in, sizeof(in), 0), 9000);
		CHECK(!memcmp(out, in, 9000));
		CHECK_EQ(splice(p[0], NULL, sv[0], NULL, 20000, 0), 900);
		CHECK_EQ(recv(sv[1], in, sizeof(in), 0), 900);
	}
}

CASE(vmsplice_into_pipe)
{
	char buf[8] = "", text[] = "mapped";
	struct iovec iov = {text, 6};

	make_pipe(0);
	CHECK_EQ(NEED(vmsplice(p[1], &iov, 1, 0)), 6);
	CHECK_EQ(read(p[0], buf, 8), 6);
	CHECK_STR(buf, "mapped");
}

CASE(ring_of_processes)
{
	enum { N = 8, ROUNDS = 30 };
	int ring[N][2];
	pid_t pid[N];

	for (int i = 0; i < N; i++)
		OK(pipe(ring[i]));
	for (int i = 0; i < N; i++) {
		CHILD(pid[i]) {
			for (int k = 0; k < ROUNDS; k++) {
				int v;

				CHECK_EQ(read(ring[i][0], &v, sizeof(v)), sizeof(v));
				v++;
				CHECK_EQ(write(ring[(i + 1) % N][1], &v, sizeof(v)), sizeof(v));
			}
			if (i == 0)
				_exit(0);
		}
	}
	int v = 0;

	CHECK_EQ(write(ring[0][1], &v, sizeof(v)), sizeof(v));
	for (int i = 0; i < N; i++)
		CHECK_EQ(wait_exit(pid[i]), 0);
	CHECK_EQ(read(ring[0][0], &v, sizeof(v)), sizeof(v));
	CHECK_EQ(v, N * ROUNDS);
}
