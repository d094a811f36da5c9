/* SPDX-License-Identifier: MIT */
/*
 * The guest's first process: sets the system up, runs the one program that the
 * host's specification names, buries every child, and switches the machine off
 * when the program has ended. Freestanding, a few KiB: it is read at every
 * boot, and the machine's start-up time counts its instructions too.
 *
 * It runs on Linux as well as on jiffy. Where the kernel has no /dev/host the
 * console takes the place of the host's descriptors, and the exit status goes
 * straight into the second serial port as the frame the kernel would send.
 */
#include <asm/ioctls.h>
#include <asm/signal.h>
#include <asm/termbits.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mount.h>
#include <linux/reboot.h>
#include <linux/stat.h>
#include <stddef.h>

#include "../spec.h"
#include "syscalls.h"

#define CONSOLE	    "/dev/console"
#define LINK_SERIAL "/dev/ttyS1"
#define TRACEFS	    "/sys/kernel/tracing"
#define MAX_SPEC    (4 << 20)
#define NR_SIGNALS  64
#define WAIT_ALL    0x40000000 /* __WALL: clones that tell with another signal, too */

struct window {
	unsigned short row, col, xpixel, ypixel;
};

struct action {
	void *handler;
	unsigned long flags;
	void *restorer;
	unsigned long mask;
};

struct spec {
	const char *program;
	const char *cwd;
	const char *hostname;
	const char *trace; /* events, or NULL */
	char **argv;
	char **envp;
	char fd_kind[SPEC_NR_FDS];
	struct window window;
};

void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);

void *memcpy(void *to, const void *from, size_t n)
{
	char *t = to;
	const char *f = from;

	while (n--)
		*t++ = *f++;
	return to;
}

void *memset(void *to, int c, size_t n)
{
	char *t = to;

	while (n--)
		*t++ = c;
	return to;
}

static size_t length(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

static void say(int fd, const char *s)
{
	SYS3(write, fd, s, length(s));
}

static char *put_decimal(char *end, unsigned int n)
{
	do
		*--end = '0' + n % 10;
	while (n /= 10);
	return end;
}

static const char *error_name(long err)
{
	switch (-err) {
	case ENOENT:
		return "not found, or its interpreter is not";
	case EACCES:
		return "permission denied";
	case ENOEXEC:
		return "not a program this kernel can run";
	case ENOMEM:
		return "out of memory";
	case E2BIG:
		return "arguments and environment are too long";
	case ELOOP:
		return "too many symbolic links";
	case EPERM:
		return "not permitted";
	case ENOTDIR:
		return "not a directory";
	case EIO:
		return "input/output error";
	default:
		return NULL;
	}
}

static void complain(const char *what, long err)
{
	const char *name = error_name(err);
	char digits[12];

	say(2, what);
	say(2, ": ");
	if (name) {
		say(2, name);
	} else {
		digits[11] = '\0';
		say(2, "error ");
		say(2, put_decimal(digits + 11, -err));
	}
	say(2, "\n");
}

/* EBUSY (the kernel mounted it itself) and ENODEV (it has no such thing) are both fine. */
static void mount_all(void)
{
	static const struct {
		const char *source, *target, *type;
		unsigned long flags;
		const char *data;
	} mounts[] = {
	    {"proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL},
	    {"sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL},
	    {"cgroup2", "/sys/fs/cgroup", "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC,
	     "nsdelegate"},
	    {"devtmpfs", "/dev", "devtmpfs", MS_NOSUID, "mode=0755"},
	    {"devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
	     "gid=5,mode=0620,ptmxmode=0666"},
	    {"tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777"},
	    {"tracefs", "/sys/kernel/tracing", "tracefs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL},
	    {"debugfs", "/sys/kernel/debug", "debugfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL},
	    {"tracefs", "/sys/kernel/debug/tracing", "tracefs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
	     NULL},
	};
	static const char *const links[][2] = {{"/proc/self/fd", "/dev/fd"},
					       {"/proc/self/fd/0", "/dev/stdin"},
					       {"/proc/self/fd/1", "/dev/stdout"},
					       {"/proc/self/fd/2", "/dev/stderr"}};

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		SYS2(mkdir, mounts[i].target, 0755);
		SYS5(mount, mounts[i].source, mounts[i].target, mounts[i].type, mounts[i].flags,
		     mounts[i].data);
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		SYS2(symlink, links[i][0], links[i][1]);
}

static char *read_spec(size_t *size)
{
	char *buf = (char *)SYS0(brk);
	size_t have = 0;
	long n, fd;

	*size = 0;
	if ((char *)SYS1(brk, buf + MAX_SPEC) != buf + MAX_SPEC)
		return NULL;
	fd = SYS3(open, SPEC_PATH, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return NULL;
	while (have < MAX_SPEC - 1 && (n = SYS3(read, fd, buf + have, MAX_SPEC - 1 - have)) > 0)
		have += n;
	SYS1(close, fd);
	/* Whatever the file holds, it ends in a NUL. */
	buf[have] = '\0';
	*size = have;
	return buf;
}

static unsigned short next_number(const char **s)
{
	unsigned int n = 0;

	while (**s == ' ')
		++*s;
	while (**s >= '0' && **s <= '9')
		n = n * 10 + *(*s)++ - '0';
	return n;
}

static void parse_window(const char *s, struct window *w)
{
	w->row = next_number(&s);
	w->col = next_number(&s);
	w->xpixel = next_number(&s);
	w->ypixel = next_number(&s);
}

static void parse_record(struct spec *spec, char letter, char *s, char ***arg, char ***env)
{
	switch (letter) {
	case SPEC_PROGRAM:
		spec->program = s;
		break;
	case SPEC_ARG:
		*(*arg)++ = s;
		break;
	case SPEC_ENV:
		*(*env)++ = s;
		break;
	case SPEC_CWD:
		spec->cwd = s;
		break;
	case SPEC_HOSTNAME:
		spec->hostname = s;
		break;
	case SPEC_TRACE:
		spec->trace = s;
		break;
	case SPEC_WINDOW:
		parse_window(s, &spec->window);
		break;
	case SPEC_FD:
		if (s[0] >= '0' && s[0] < '0' + SPEC_NR_FDS && s[1])
			spec->fd_kind[s[0] - '0'] = s[1];
		break;
	}
}

static size_t count_records(const char *p, const char *end, char letter)
{
	size_t n = 0;

	for (; p < end; p += length(p) + 1)
		n += *p == letter;
	return n;
}

static void load_spec(struct spec *spec)
{
	static char *default_argv[] = {"sh", NULL};
	static char *default_envp[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", NULL};
	char *p, *end, **arg, **env;
	size_t size;

	*spec = (struct spec){.program = "/bin/sh",
			      .cwd = "/",
			      .hostname = "jiffy",
			      .argv = default_argv,
			      .envp = default_envp,
			      .fd_kind = {SPEC_FD_TERMINAL, SPEC_FD_TERMINAL, SPEC_FD_TERMINAL}};
	p = read_spec(&size);
	if (!p || !size)
		return;
	end = p + size;
	arg = (char **)((unsigned long)(end + sizeof(char *)) & -sizeof(char *));
	env = arg + count_records(p, end, SPEC_ARG) + 1;
	if ((char *)SYS1(brk, env + count_records(p, end, SPEC_ENV) + 1) < (char *)env)
		return;
	spec->argv = arg;
	spec->envp = env;
	for (; p < end; p += length(p) + 1)
		parse_record(spec, *p, p + 1, &arg, &env);
	*arg = *env = NULL;
}

/* Put @from on the number @to and forget the old number. */
static void move_fd(long from, int to)
{
	if (from < 0 || from == to)
		return;
	SYS2(dup2, from, to);
	SYS1(close, from);
}

static long open_console(void)
{
	long fd = SYS3(open, CONSOLE, O_RDWR | O_NOCTTY, 0);

	return fd >= 0 ? fd : SYS3(open, "/dev/ttyS0", O_RDWR | O_NOCTTY, 0);
}

/* Return the descriptor that stands for the host's descriptor @i, or what open(2) said. */
static long open_standard(int i, char kind, long console)
{
	static const struct {
		const char *path;
		int flags;
	} host[SPEC_NR_FDS] = {{"/dev/host/stdin", O_RDONLY},
			       {"/dev/host/stdout", O_WRONLY},
			       {"/dev/host/stderr", O_WRONLY}};
	long fd;

	if (kind == SPEC_FD_CLOSED)
		return -EBADF;
	if (kind == SPEC_FD_STDOUT)
		return SYS1(dup, 1);
	if (kind == SPEC_FD_HOST) {
		fd = SYS3(open, host[i].path, host[i].flags, 0);
		if (fd >= 0)
			return fd;
	}
	return SYS1(dup, console);
}

/*
 * The kernel may have opened the console on 0 to 2 for us. The console of our
 * own moves to a high number first, so that 0 to 2 can be filled in order.
 */
static int open_standards(const struct spec *spec)
{
	long console = open_console(), high;

	high = SYS3(fcntl, console, F_DUPFD_CLOEXEC, 10);
	if (console >= 0)
		SYS1(close, console);
	for (int i = 0; i < SPEC_NR_FDS; i++)
		SYS1(close, i);
	for (int i = 0; i < SPEC_NR_FDS; i++)
		move_fd(open_standard(i, spec->fd_kind[i], high), i);
	return high;
}

static int uses_terminal(const struct spec *spec)
{
	for (int i = 0; i < SPEC_NR_FDS; i++)
		if (spec->fd_kind[i] == SPEC_FD_TERMINAL)
			return 1;
	return 0;
}

static void reset_signals(void)
{
	struct action dfl = {0};
	unsigned long none = 0;

	for (int sig = 1; sig <= NR_SIGNALS; sig++)
		SYS4(rt_sigaction, sig, &dfl, NULL, sizeof(dfl.mask));
	SYS4(rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none));
}

static void run_program(const struct spec *spec, int console)
{
	long err;

	SYS0(setsid);
	if (uses_terminal(spec))
		SYS3(ioctl, console, TIOCSCTTY, 0);
	reset_signals();
	if (SYS1(chdir, spec->cwd) < 0)
		SYS1(chdir, "/");
	err = SYS3(execve, spec->program, spec->argv, spec->envp);
	complain(spec->argv[0] ? spec->argv[0] : spec->program, err);
	SYS1(exit_group, err == -ENOENT ? 127 : 126);
}

/* Bury children until the program is among them; return its status as a shell would tell it. */
static unsigned int wait_for(long program)
{
	int status = 0;
	long pid;

	for (;;) {
		pid = SYS4(wait4, -1, &status, WAIT_ALL, NULL);
		if (pid == program)
			break;
		if (pid < 0 && pid != -EINTR)
			return 126;
	}
	return status & 0x7f ? 128 + (status & 0x7f) : (status >> 8) & 0xff;
}

/* Into a file of tracefs; 0 or what open(2) or write(2) said. */
static long control_trace(const char *path, const char *text)
{
	long fd = SYS3(open, path, O_WRONLY | O_CLOEXEC, 0), n;

	if (fd < 0)
		return fd;
	n = SYS3(write, fd, text, length(text));
	SYS1(close, fd);
	return n < 0 ? n : 0;
}

static void begin_trace(const char *events)
{
	long err = control_trace(TRACEFS "/set_event", events);

	if (err)
		complain("--trace", err);
}

/* What was recorded goes to the host. */
static void send_trace(void)
{
	static char buf[4096];
	long from, to, n, done, at;

	control_trace(TRACEFS "/tracing_on", "0");
	from = SYS3(open, TRACEFS "/trace", O_RDONLY | O_CLOEXEC, 0);
	to = SYS3(open, "/dev/host/trace", O_WRONLY | O_CLOEXEC, 0);
	if (from < 0 || to < 0) {
		complain("--trace", from < 0 ? from : to);
		return;
	}
	while ((n = SYS3(read, from, buf, sizeof(buf))) > 0)
		for (at = 0; at < n; at += done) {
			done = SYS3(write, to, buf + at, n - at);
			if (done <= 0)
				return;
		}
}

/* Without the kernel's help the frame goes over the wire as it is, past the line discipline. */
static void report_by_wire(unsigned int status)
{
	const unsigned char frame[] = {'X', 0, 4, 0, status, 0, 0, 0};
	struct termios t = {.c_cflag = B115200 | CS8 | CREAD | CLOCAL};
	long fd = SYS3(open, LINK_SERIAL, O_RDWR | O_NOCTTY | O_CLOEXEC, 0);

	if (fd < 0)
		return;
	SYS3(ioctl, fd, TCSETS, &t);
	SYS3(write, fd, frame, sizeof(frame));
	SYS3(ioctl, fd, TCSBRK, 1);
}

static void report(unsigned int status)
{
	char line[16] = "exit ", digits[4] = "", *d = put_decimal(digits + 3, status);
	size_t n = 5;
	long fd = SYS3(open, "/dev/host/ctl", O_WRONLY | O_CLOEXEC, 0);

	if (fd < 0) {
		report_by_wire(status);
		return;
	}
	while (*d)
		line[n++] = *d++;
	line[n++] = '\n';
	SYS3(write, fd, line, n);
	SYS1(close, fd);
}

static void switch_off(void)
{
	SYS0(sync);
	SYS4(reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_POWER_OFF, NULL);
	for (;;)
		SYS0(pause);
}

__attribute__((noreturn, used, force_align_arg_pointer)) void _start(void)
{
	struct spec spec;
	unsigned int status;
	int console;
	long pid;

	mount_all();
	load_spec(&spec);
	SYS2(sethostname, spec.hostname, length(spec.hostname));
	console = open_standards(&spec);
	if (spec.window.row && spec.window.col)
		SYS3(ioctl, console, TIOCSWINSZ, &spec.window);
	if (spec.trace)
		begin_trace(spec.trace);
	pid = SYS0(fork);
	if (!pid)
		run_program(&spec, console);
	status = 126;
	if (pid < 0)
		complain("fork", pid);
	else
		status = wait_for(pid);
	if (spec.trace)
		send_trace();
	SYS3(ioctl, console, TCSBRK, 1);
	report(status);
	switch_off();
	__builtin_unreachable();
}
