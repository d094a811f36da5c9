/* SPDX-License-Identifier: MIT */
/*
 * Sits at a terminal: runs a command on a pseudo-terminal of its own, types at
 * it and waits for what must appear. The dialogue comes from standard input, a
 * line each:
 *
 *	name NAME	results from here on are of the case NAME
 *	send TEXT	type TEXT; \r \n \t \\ and \xHH as in C
 *	expect TEXT	TEXT must appear behind what was last expected
 *	absent TEXT	TEXT must not have appeared since the last expect
 *	size ROWS COLS	the window changes
 *	exit STATUS	the command must end with STATUS
 *
 * A case passes when its lines all hold. Anything waited for may take LIMIT
 * seconds in all. `terminal COMMAND [ARG...] <DIALOGUE`.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define LIMIT	 60
#define MAX_SEEN (1 << 20)

static int master;
static pid_t child;
static char seen[MAX_SEEN + 1];
static size_t have, from;
static char name[128];
static bool open_case;

static void fail(const char *why, const char *text)
{
	printf("not ok %s: %s `%s'; the screen: ", name, why, text);
	for (size_t i = have > 300 ? have - 300 : 0; i < have; i++)
		putchar(seen[i] < ' ' ? '|' : seen[i]);
	putchar('\n');
	fflush(stdout);
	kill(child, SIGTERM);
	exit(0);
}

static void pass(void)
{
	if (open_case)
		printf("ok %s\n", name);
	fflush(stdout);
	open_case = false;
}

/* Read what the command prints, for at most @ms milliseconds; false at its end. */
static bool hear(int ms)
{
	struct pollfd p = {.fd = master, .events = POLLIN};
	ssize_t n;

	if (poll(&p, 1, ms) <= 0)
		return true;
	n = read(master, seen + have, MAX_SEEN - have);
	if (n <= 0)
		return false;
	have += n;
	return true;
}

static void expect(const char *text)
{
	time_t end = time(NULL) + LIMIT;
	char *at;

	for (;;) {
		at = memmem(seen + from, have - from, text, strlen(text));
		if (at) {
			from = at - seen + strlen(text);
			return;
		}
		if (time(NULL) >= end)
			fail("not seen in time:", text);
		if (!hear(200))
			fail("the command ended before", text);
	}
}

static void check_absent(const char *text)
{
	if (memmem(seen + from, have - from, text, strlen(text)))
		fail("seen, and should not be:", text);
}

static void unescape(char *s)
{
	char *to = s, *end;

	for (; *s; s++) {
		if (*s != '\\') {
			*to++ = *s;
			continue;
		}
		switch (*++s) {
		case 'r':
			*to++ = '\r';
			break;
		case 'n':
			*to++ = '\n';
			break;
		case 't':
			*to++ = '\t';
			break;
		case 'x':
			*to++ = strtoul((char[]){s[1], s[2], '\0'}, &end, 16);
			s += 2;
			break;
		default:
			*to++ = *s;
		}
	}
	*to = '\0';
}

static void send_text(const char *text)
{
	if (write(master, text, strlen(text)) != (ssize_t)strlen(text))
		fail("cannot type", text);
}

static void check_exit(const char *text)
{
	time_t end = time(NULL) + LIMIT;
	int status;

	while (hear(200))
		if (time(NULL) >= end)
			fail("still running, not exited with", text);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != atoi(text))
		fail("did not exit with status", text);
}

static void resize(const char *text)
{
	struct winsize ws = {0};

	if (sscanf(text, "%hu %hu", &ws.ws_row, &ws.ws_col) != 2 || ioctl(master, TIOCSWINSZ, &ws))
		fail("cannot set the size", text);
}

static void act(char *line)
{
	char *arg = strchr(line, ' ');

	if (!arg || line[0] == '#')
		return;
	*arg++ = '\0';
	unescape(arg);
	if (!strcmp(line, "name")) {
		pass();
		snprintf(name, sizeof(name), "%s", arg);
		open_case = true;
	} else if (!strcmp(line, "send")) {
		send_text(arg);
	} else if (!strcmp(line, "expect")) {
		expect(arg);
	} else if (!strcmp(line, "absent")) {
		check_absent(arg);
	} else if (!strcmp(line, "size")) {
		resize(arg);
	} else if (!strcmp(line, "exit")) {
		check_exit(arg);
	} else {
		fail("no such instruction:", line);
	}
}

int main(int argc, char **argv)
{
	struct winsize ws = {.ws_row = 30, .ws_col = 100};
	char *line = NULL;
	size_t room = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: terminal COMMAND [ARG...] <DIALOGUE\n");
		return 64;
	}
	child = forkpty(&master, NULL, NULL, &ws);
	if (child < 0) {
		printf("skip terminal: this host gives no pseudo-terminal: %s\n", strerror(errno));
		return 0;
	}
	if (!child) {
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	while (getline(&line, &room, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		act(line);
	}
	pass();
	return 0;
}
