/* SPDX-License-Identifier: MIT */
/*
 * The serial port ttyS0 in the chip's own loop, where what is sent is received and RTS is CTS:
 * modem lines, and hardware flow control of what is sent. Prints a line a case; only for a guest.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#ifndef TIOCM_LOOP
#define TIOCM_LOOP 0x8000
#endif

static int fd;

static void check(const char *name, bool good)
{
	printf("%s %s\n", good ? "ok" : "not ok", name);
}

static void lines(bool rts)
{
	int bits = TIOCM_LOOP | TIOCM_DTR | (rts ? TIOCM_RTS : 0);

	ioctl(fd, TIOCMSET, &bits);
}

static bool receives(const char *text, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char buf[64];
	size_t have = 0;
	ssize_t n;

	while (have < strlen(text)) {
		if (poll(&p, 1, ms) <= 0)
			return false;
		n = read(fd, buf + have, sizeof(buf) - have);
		if (n <= 0)
			return false;
		have += n;
	}
	return !memcmp(buf, text, have);
}

static int pending(void)
{
	int n = -1;

	ioctl(fd, TIOCOUTQ, &n);
	return n;
}

int main(void)
{
	struct termios t, old;
	int bits = 0;

	fd = open("/dev/ttyS0", O_RDWR | O_NOCTTY);
	if (fd < 0 || tcgetattr(fd, &old)) {
		printf("not ok open\n");
		return 1;
	}
	t = old;
	cfmakeraw(&t);
	t.c_cflag |= CRTSCTS;
	lines(true);
	check("set", !tcsetattr(fd, TCSANOW, &t));
	ioctl(fd, TIOCMGET, &bits);
	check("rts-is-cts", (bits & (TIOCM_RTS | TIOCM_CTS)) == (TIOCM_RTS | TIOCM_CTS));
	check("loop", write(fd, "abc", 3) == 3 && receives("abc", 5000));
	lines(false);
	ioctl(fd, TIOCMGET, &bits);
	check("cts-off", !(bits & TIOCM_CTS));
	check("held-back", write(fd, "defg", 4) == 4 && !receives("d", 300) && pending() == 4);
	lines(true);
	check("goes-on", receives("defg", 5000) && !pending());
	lines(false);
	t.c_cflag &= ~CRTSCTS;
	check("held-again", write(fd, "hi", 2) == 2 && pending() == 2);
	tcsetattr(fd, TCSANOW, &t);
	check("without-crtscts", receives("hi", 5000));
	bits = TIOCM_DTR | TIOCM_RTS;
	ioctl(fd, TIOCMSET, &bits);
	tcsetattr(fd, TCSANOW, &old);
	return 0;
}
