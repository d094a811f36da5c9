/* SPDX-License-Identifier: MIT */
/* Pseudo-terminals and the line discipline: canonical and raw input, echo, editing, output. */
#include "harness.h"

#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>

static int m, t;

/* Opens a pair whose slave has the given local flags on top of a plain setting. */
static void open_pair(tcflag_t local)
{
	struct termios tio;

	OK(openpty(&m, &t, NULL, NULL, NULL));
	OK(tcgetattr(t, &tio));
	tio.c_iflag = ICRNL;
	tio.c_oflag = 0;
	tio.c_lflag = local;
	OK(tcsetattr(t, TCSANOW, &tio));
}

static void type(const char *keys)
{
	CHECK_EQ(write(m, keys, strlen(keys)), (ssize_t)strlen(keys));
}

static const char *from(int fd, size_t n)
{
	static char buf[512];
	size_t used = 0;

	while (used < n) {
		ssize_t r = read(fd, buf + used, fd == m ? n - used : sizeof(buf) - 1 - used);

		if (r <= 0)
			FAIL("read returns %zd after %zu of %zu bytes", r, used, n);
		used += r;
	}
	buf[used] = 0;
	return buf;
}

static int available(int fd)
{
	int n;

	OK(ioctl(fd, FIONREAD, &n));
	return n;
}

CASE(ptmx_and_pts)
{
	char path[64];
	int fd = OK(open("/dev/ptmx", O_RDWR | O_NOCTTY)), n, lock = 0;
	struct stat st;

	OK(ioctl(fd, TIOCGPTN, &n));
	snprintf(path, sizeof(path), "/dev/pts/%d", n);
	CHECK_STR(ptsname(fd), path);
	CHECK_ERR(open(path, O_RDWR | O_NOCTTY), EIO);
	OK(ioctl(fd, TIOCSPTLCK, &lock));
	OK(open(path, O_RDWR | O_NOCTTY));
	OK(stat(path, &st));
	CHECK(S_ISCHR(st.st_mode));
	CHECK_EQ(st.st_uid, geteuid());
}

CASE(isatty_and_ttyname)
{
	open_pair(0);
	CHECK_EQ(isatty(t), 1);
	CHECK_EQ(isatty(m), 1);
	CHECK(ttyname(t));
	CHECK(!strncmp(ttyname(t), "/dev/pts/", 9));
	int p[2];

	OK(pipe(p));
	CHECK_EQ(isatty(p[0]), 0);
	CHECK_EQ(errno, ENOTTY);
}

CASE(default_settings)
{
	struct termios tio;

	OK(openpty(&m, &t, NULL, NULL, NULL));
	OK(tcgetattr(t, &tio));
	CHECK(tio.c_lflag & ICANON && tio.c_lflag & ECHO && tio.c_lflag & ISIG);
	CHECK(tio.c_iflag & ICRNL);
	CHECK(tio.c_oflag & OPOST && tio.c_oflag & ONLCR);
	CHECK_EQ(tio.c_cc[VINTR], 3);
	CHECK_EQ(tio.c_cc[VEOF], 4);
	CHECK_EQ(tio.c_cc[VERASE], 127);
	CHECK_EQ(tio.c_cc[VKILL], 21);
	CHECK_EQ(tio.c_cc[VSUSP], 26);
	CHECK_EQ(tio.c_cc[VQUIT], 28);
}

CASE(canonical_waits_for_newline)
{
	open_pair(ICANON);
	type("abc");
	CHECK_EQ(available(t), 0);
	type("\n");
	CHECK_STR(from(t, 4), "abc\n");
}

CASE(canonical_one_line_a_read)
{
	open_pair(ICANON);
	type("one\ntwo\n");
	CHECK_STR(from(t, 1), "one\n");
	CHECK_STR(from(t, 1), "two\n");
}

CASE(canonical_partial_read_keeps_rest)
{
	char buf[3] = "";

	open_pair(ICANON);
	type("abcd\n");
	CHECK_EQ(read(t, buf, 2), 2);
	CHECK_STR(buf, "ab");
	CHECK_STR(from(t, 1), "cd\n");
}

CASE(return_becomes_newline)
{
	open_pair(ICANON);
	type("x\r");
	CHECK_STR(from(t, 2), "x\n");
}

CASE(erase_edits)
{
	open_pair(ICANON);
	type("abx\177c\n");
	CHECK_STR(from(t, 1), "abc\n");
	type("\177\177a\n");
	CHECK_STR(from(t, 1), "a\n");
}

CASE(kill_erases_line)
{
	open_pair(ICANON);
	type("rubbish\025good\n");
	CHECK_STR(from(t, 1), "good\n");
}

CASE(word_erase)
{
	open_pair(ICANON | IEXTEN);
	type("one two\027three\n");
	CHECK_STR(from(t, 1), "one three\n");
}

CASE(literal_next)
{
	open_pair(ICANON | IEXTEN);
	type("a\026\177b\n");
	CHECK_STR(from(t, 1), "a\177b\n");
}

CASE(end_of_file_key)
{
	char c;

	open_pair(ICANON);
	type("ab\004");
	CHECK_STR(from(t, 1), "ab");
	type("\004");
	CHECK_EQ(read(t, &c, 1), 0);
}

CASE(echo_returns_input)
{
	open_pair(ICANON | ECHO);
	type("hi\n");
	CHECK_STR(from(m, 3), "hi\n");
}

CASE(no_echo_returns_nothing)
{
	open_pair(ICANON);
	type("hi\n");
	CHECK_STR(from(t, 1), "hi\n");
	OK(fcntl(m, F_SETFL, O_NONBLOCK));
	char c;

	CHECK_ERR(read(m, &c, 1), EAGAIN);
}

CASE(echo_of_erase_wipes)
{
	open_pair(ICANON | ECHO | ECHOE);
	type("a\177");
	CHECK_STR(from(m, 4), "a\b \b");
}

CASE(echo_of_control_characters)
{
	open_pair(ICANON | ECHO | ECHOCTL);
	type("\001\n");
	CHECK_STR(from(m, 3), "^A\n");
}

CASE(echonl_alone)
{
	open_pair(ICANON | ECHONL);
	type("x\n");
	CHECK_STR(from(m, 1), "\n");
}

CASE(output_newline_to_crlf)
{
	struct termios tio;

	open_pair(0);
	OK(tcgetattr(t, &tio));
	tio.c_oflag = OPOST | ONLCR;
	OK(tcsetattr(t, TCSANOW, &tio));
	CHECK_EQ(write(t, "a\nb", 3), 3);
	CHECK_STR(from(m, 4), "a\r\nb");
}

CASE(output_raw_is_untouched)
{
	open_pair(0);
	CHECK_EQ(write(t, "a\n\tb\r", 5), 5);
	CHECK_STR(from(m, 5), "a\n\tb\r");
}

static void set_min_time(int min, int time)
{
	struct termios tio;

	OK(tcgetattr(t, &tio));
	tio.c_lflag &= ~ICANON;
	tio.c_cc[VMIN] = min;
	tio.c_cc[VTIME] = time;
	OK(tcsetattr(t, TCSANOW, &tio));
}

CASE(raw_bytes_come_at_once)
{
	open_pair(0);
	set_min_time(1, 0);
	type("q");
	CHECK_STR(from(t, 1), "q");
	type("\177\004\003");
	CHECK_STR(from(t, 3), "\177\004\003");
}

CASE(vmin_waits_for_that_many)
{
	char buf[8];
	pid_t pid;

	open_pair(0);
	set_min_time(3, 0);
	CHILD(pid) {
		CHECK_EQ(read(t, buf, 8), 3);
	}
	type("ab");
	await_state(pid, "S");
	CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);
	type("c");
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(vmin_zero_polls)
{
	char c;

	open_pair(0);
	set_min_time(0, 0);
	CHECK_EQ(read(t, &c, 1), 0);
	type("z");
	EVENTUALLY(available(t) == 1);
	CHECK_EQ(read(t, &c, 1), 1);
}

CASE(vtime_times_out)
{
	int64_t start = now_ms();
	char c;

	open_pair(0);
	set_min_time(0, 1);
	CHECK_EQ(read(t, &c, 1), 0);
	CHECK(now_ms() - start >= 90);
}

CASE(nonblocking_read)
{
	char c;

	open_pair(ICANON);
	OK(fcntl(t, F_SETFL, O_NONBLOCK));
	CHECK_ERR(read(t, &c, 1), EAGAIN);
	type("a");
	CHECK_ERR(read(t, &c, 1), EAGAIN);
	type("\n");
	EVENTUALLY(available(t) == 2);
	CHECK_EQ(read(t, &c, 1), 1);
}

CASE(window_size)
{
	struct winsize ws = {.ws_row = 50, .ws_col = 132}, got;

	open_pair(0);
	OK(ioctl(m, TIOCSWINSZ, &ws));
	OK(ioctl(t, TIOCGWINSZ, &got));
	CHECK_EQ(got.ws_row, 50);
	CHECK_EQ(got.ws_col, 132);
}

static volatile sig_atomic_t hits;

static void count(int sig)
{
	(void)sig;
	hits++;
}

CASE(window_change_signals_foreground)
{
	struct winsize ws = {.ws_row = 40, .ws_col = 100};
	struct gate ready;
	pid_t pid;

	gate_init(&ready);
	open_pair(ISIG);
	CHILD(pid) {
		OK(setsid());
		OK(ioctl(t, TIOCSCTTY, 0));
		on_signal(SIGWINCH, count, 0);
		gate_open(&ready);
		EVENTUALLY(hits);
	}
	gate_wait(&ready);
	OK(ioctl(m, TIOCSWINSZ, &ws));
	CHECK_EQ(wait_exit(pid), 0);
}

static volatile int *shared_hits;

static void count_shared(int sig)
{
	(void)sig;
	++*shared_hits;
}

CASE(isig_flushes_and_echoes)
{
	struct gate ready;
	pid_t pid;

	gate_init(&ready);
	shared_hits = shared(PAGE);
	open_pair(ICANON | ISIG | ECHO | ECHOCTL);
	CHILD(pid) {
		OK(setsid());
		OK(ioctl(t, TIOCSCTTY, 0));
		on_signal(SIGINT, count_shared, SA_RESTART);
		gate_open(&ready);
		CHECK_STR(from(t, 1), "after\n");
	}
	gate_wait(&ready);
	type("before");
	type("\003");
	EVENTUALLY(*shared_hits == 1);
	/* The key flushes input, and output still unread; its own echo comes after that. */
	while (*from(m, 1) != '^')
		;
	CHECK_STR(from(m, 1), "C");
	type("after\n");
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(without_isig_the_key_is_data)
{
	open_pair(ICANON);
	type("\003\n");
	CHECK_STR(from(t, 1), "\003\n");
}

CASE(tcflush_discards)
{
	char c;

	open_pair(ICANON);
	type("gone\n");
	EVENTUALLY(available(t) == 5);
	OK(tcflush(t, TCIFLUSH));
	OK(fcntl(t, F_SETFL, O_NONBLOCK));
	CHECK_ERR(read(t, &c, 1), EAGAIN);
	CHECK_ERR(tcflush(t, 99), EINVAL);
	OK(tcdrain(t));
}

CASE(tcsaflush_discards_input)
{
	struct termios tio;
	char c;

	open_pair(ICANON);
	type("gone\n");
	EVENTUALLY(available(t) == 5);
	OK(tcgetattr(t, &tio));
	OK(tcsetattr(t, TCSAFLUSH, &tio));
	OK(fcntl(t, F_SETFL, O_NONBLOCK));
	CHECK_ERR(read(t, &c, 1), EAGAIN);
}

CASE(master_closed)
{
	char c;

	open_pair(ICANON);
	OK(close(m));
	CHECK_EQ(read(t, &c, 1), 0);
	CHECK_ERR(write(t, "x", 1), EIO);
}

CASE(slave_closed)
{
	char c;

	open_pair(ICANON);
	OK(close(t));
	CHECK_ERR(read(m, &c, 1), EIO);
	struct pollfd pf = {.fd = m, .events = POLLIN};

	CHECK_EQ(poll(&pf, 1, 0), 1);
	CHECK(pf.revents & POLLHUP);
}

CASE(poll_both_sides)
{
	struct pollfd pf;

	open_pair(ICANON);
	pf = (struct pollfd){.fd = t, .events = POLLIN | POLLOUT};
	CHECK_EQ(poll(&pf, 1, 0), 1);
	CHECK_EQ(pf.revents, POLLOUT);
	type("x");
	CHECK_EQ(poll(&pf, 1, 0), 1);
	CHECK_EQ(pf.revents, POLLOUT);
	type("\n");
	EVENTUALLY(poll(&pf, 1, 0) == 1 && pf.revents == (POLLIN | POLLOUT));
	CHECK_EQ(write(t, "o", 1), 1);
	pf.fd = m;
	EVENTUALLY(poll(&pf, 1, 0) == 1 && pf.revents & POLLIN);
}

CASE_ROOT(faked_input)
{
	open_pair(ICANON);
	char c = 'i';

	OK(ioctl(t, TIOCSTI, &c));
	c = '\n';
	OK(ioctl(t, TIOCSTI, &c));
	CHECK_STR(from(t, 1), "i\n");
	/* Another's terminal takes privilege: EPERM, or EIO where even one's own is refused. */
	OK(setresuid(1000, 1000, 1000));
	CHECK_EQ(ioctl(t, TIOCSTI, &c), -1);
	CHECK(errno == EPERM || errno == EIO);
}

CASE(many_pairs_with_distinct_numbers)
{
	int number[20];

	for (int i = 0; i < 20; i++) {
		int fd = OK(posix_openpt(O_RDWR | O_NOCTTY));

		OK(ioctl(fd, TIOCGPTN, &number[i]));
		for (int k = 0; k < i; k++)
			CHECK(number[k] != number[i]);
	}
}

CASE(long_transfer)
{
	enum { N = 20000 };
	char buf[1000];
	size_t got = 0;
	pid_t pid;

	open_pair(0);
	set_min_time(1, 0);
	CHILD(pid) {
		memset(buf, 'L', sizeof(buf));
		for (int i = 0; i < N / 1000; i++)
			for (size_t done = 0; done < 1000;)
				done += OK(write(m, buf, 1000 - done));
	}
	while (got < N) {
		ssize_t n = OK(read(t, buf, sizeof(buf)));

		for (ssize_t i = 0; i < n; i++)
			CHECK_EQ(buf[i], 'L');
		got += n;
	}
	CHECK_EQ(wait_exit(pid), 0);
}
