/* SPDX-License-Identifier: MIT */
/* The host's terminal; see term.h and termios(3). */
#include <stdlib.h>
#include <string.h>
#include <termios.h>

#include "term.h"

static struct termios before;
static int raw_fd = -1;
static bool registered;

void term_raw(int fd)
{
	struct termios t;

	if (raw_fd >= 0 || tcgetattr(fd, &before))
		return;
	t = before;
	cfmakeraw(&t);
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	if (tcsetattr(fd, TCSADRAIN, &t))
		return;
	raw_fd = fd;
	if (!registered)
		atexit(term_restore);
	registered = true;
}

void term_restore(void)
{
	if (raw_fd < 0)
		return;
	tcsetattr(raw_fd, TCSADRAIN, &before);
	raw_fd = -1;
}

void term_window(int fd, struct winsize *ws)
{
	if (ioctl(fd, TIOCGWINSZ, ws))
		memset(ws, 0, sizeof(*ws));
}
