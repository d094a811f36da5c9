/* SPDX-License-Identifier: MIT */
/*
 * The session; see session.h. A single loop over poll(2). Each direction is a
 * source, a sink, and the rule that a source is read only while its sink has
 * room.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "jiffy.h"
#include "link.h"
#include "ring.h"
#include "session.h"
#include "sink.h"
#include "spec.h"
#include "term.h"

#define NSEC_PER_SEC	 1000000000ULL
#define NSEC_PER_MSEC	 1000000ULL
#define READ_CHUNK	 16384
#define STDIN_CHUNK	 4096
#define LOG_SIZE	 (256 * 1024)
#define ERRORS_SIZE	 (16 * 1024)
#define LAST_WORDS_NS	 NSEC_PER_SEC /* to pass on what is under way once we end the machine */
#define ESCAPE_KEY	 0x1d	      /* Ctrl-] */
#define ESCAPE_COUNT	 3
#define ESCAPE_WINDOW_NS NSEC_PER_SEC

struct session {
	const struct session_config *cfg;
	struct qemu q;
	int signals;

	/* Descriptors that are read; -1 once at their end. */
	int tty;
	int console, console_out;
	int link, link_out;
	int log;
	int errors;

	/* Sinks: towards the guest, and towards the host's descriptors. */
	struct sink to_console;
	struct sink to_link;
	struct sink to_term;
	struct sink to_stdout;
	struct sink to_stderr;

	struct link_decoder decoder;
	struct ring kernel_log;
	struct ring qemu_errors;
	unsigned int wanted; /* bytes of standard input the guest asked for; 0: none */

	int qemu_status; /* of waitpid(2), once exited */
	bool exited;
	int status; /* the program's, or -1 */
	int forced; /* decided here, or -1: why we ended the machine */
	uint64_t deadline;

	bool raw;
	bool held_return; /* a carriage return whose line feed has not come yet */
	unsigned int escapes;
	uint64_t first_escape;
};

static const int watched_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH, SIGCHLD};

static void watched_set(sigset_t *set)
{
	struct sigaction old;

	sigemptyset(set);
	for (size_t i = 0; i < sizeof(watched_signals) / sizeof(watched_signals[0]); i++) {
		/* What our parent had us ignore (nohup does) stays ignored. */
		sigaction(watched_signals[i], NULL, &old);
		if (old.sa_handler != SIG_IGN)
			sigaddset(set, watched_signals[i]);
	}
}

void session_signals(void)
{
	sigset_t set;

	signal(SIGCHLD, SIG_DFL);
	watched_set(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/* End the machine for a reason of ours; what it has said so far still gets through. */
static void force(struct session *s, int status)
{
	if (s->forced >= 0)
		return;
	s->forced = status;
	if (!s->exited)
		kill(s->q.pid, SIGKILL);
	s->deadline = now_ns() + LAST_WORDS_NS;
}

static void send_window(struct session *s)
{
	unsigned char frame[LINK_HEADER + 8];
	struct winsize ws;

	if (!isatty(s->to_term.fd))
		return;
	term_window(s->to_term.fd, &ws);
	sink_put(&s->to_link, frame, link_put_window(frame, &ws));
}

/* The job control of the host's shell: give the terminal back while we are stopped. */
static void suspend(struct session *s)
{
	if (s->exited)
		return;
	term_restore();
	kill(s->q.pid, SIGSTOP);
	raise(SIGSTOP);
	kill(s->q.pid, SIGCONT);
	if (s->raw)
		term_raw(s->tty);
	send_window(s);
}

static void reap(struct session *s)
{
	if (!s->exited && waitpid(s->q.pid, &s->qemu_status, WNOHANG) == s->q.pid)
		s->exited = true;
}

static void take_signals(struct session *s)
{
	struct signalfd_siginfo si;

	while (read(s->signals, &si, sizeof(si)) == sizeof(si)) {
		switch (si.ssi_signo) {
		case SIGCHLD:
			reap(s);
			break;
		case SIGWINCH:
			send_window(s);
			break;
		case SIGTSTP:
			suspend(s);
			break;
		default:
			force(s, STATUS_SIGNAL + si.ssi_signo);
		}
	}
}

/* Read what is there into @buf. Return the bytes, or 0 once *@fd is at its end and forgotten. */
static size_t take(int *fd, void *buf, size_t size)
{
	ssize_t n = read(*fd, buf, size);

	if (n > 0)
		return n;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	*fd = -1;
	return 0;
}

/*
 * The guest's terminal ends its lines with CR LF. A host terminal that is not
 * raw adds the CR itself, so ours is dropped then.
 */
static void show_terminal(struct session *s, const char *p, size_t n)
{
	const char *end = p + n, *stop;

	if (s->raw) {
		sink_put(&s->to_term, p, n);
		return;
	}
	while (p < end) {
		if (s->held_return && *p != '\n')
			sink_put(&s->to_term, "\r", 1);
		s->held_return = false;
		stop = memchr(p, '\r', end - p);
		sink_put(&s->to_term, p, (stop ? stop : end) - p);
		s->held_return = stop;
		p = stop ? stop + 1 : end;
	}
}

static void take_console(struct session *s, int *fd)
{
	char buf[READ_CHUNK];
	size_t n = take(fd, buf, sizeof(buf));

	show_terminal(s, buf, n);
}

static bool asks_to_leave(struct session *s, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] != ESCAPE_KEY) {
			s->escapes = 0;
			continue;
		}
		if (!s->escapes || now_ns() - s->first_escape > ESCAPE_WINDOW_NS) {
			s->escapes = 0;
			s->first_escape = now_ns();
		}
		if (++s->escapes == ESCAPE_COUNT)
			return true;
	}
	return false;
}

static void take_tty(struct session *s)
{
	char buf[READ_CHUNK];
	size_t n = take(&s->tty, buf, sizeof(buf));

	if (asks_to_leave(s, buf, n))
		force(s, STATUS_SIGNAL + SIGTERM);
	else
		sink_put(&s->to_console, buf, n);
}

static void take_stdin(struct session *s)
{
	unsigned char frame[LINK_HEADER + STDIN_CHUNK];
	char buf[STDIN_CHUNK];
	ssize_t n;

	n = read(STDIN_FILENO, buf, s->wanted < sizeof(buf) ? s->wanted : sizeof(buf));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	sink_put(&s->to_link, frame, link_put_data(frame, buf, n > 0 ? n : 0));
	s->wanted = 0;
}

/* Live log lines for a stderr that may be a terminal in raw mode. */
static void show_log(struct session *s, const char *p, size_t n)
{
	const char *end = p + n, *stop;

	while (s->raw && (stop = memchr(p, '\n', end - p))) {
		sink_put(&s->to_stderr, p, stop - p);
		sink_put(&s->to_stderr, "\r\n", 2);
		p = stop + 1;
	}
	sink_put(&s->to_stderr, p, end - p);
}

static void take_text(struct session *s, int *fd, struct ring *ring)
{
	char buf[READ_CHUNK];
	size_t n = take(fd, buf, sizeof(buf));

	ring_put(ring, buf, n);
	if (s->cfg->verbose)
		show_log(s, buf, n);
}

/* A file is written at once: nobody waits for it but us. */
static void save_trace(struct session *s, const char *data, size_t len)
{
	while (s->cfg->trace_fd >= 0 && len) {
		ssize_t n = write(s->cfg->trace_fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			note("cannot write the trace: %s", strerror(errno));
			force(s, STATUS_IO);
			return;
		}
		data += n;
		len -= n;
	}
}

static void on_write(void *arg, unsigned int stream, const void *data, size_t len)
{
	struct session *s = arg;

	if (stream == LINK_STREAM_TRACE) {
		save_trace(s, data, len);
		return;
	}
	sink_put(stream == 1 ? &s->to_stdout : &s->to_stderr, data, len);
}

static void on_read(void *arg, unsigned int max)
{
	struct session *s = arg;

	s->wanted = max;
}

static void on_exit_status(void *arg, unsigned int status)
{
	struct session *s = arg;

	s->status = status;
}

static void take_link(struct session *s, int *fd)
{
	static const struct link_ops ops = {on_write, on_read, on_exit_status};
	char buf[READ_CHUNK];
	size_t n = take(fd, buf, sizeof(buf));

	if (!link_feed(&s->decoder, buf, n, &ops, s))
		return;
	note("the guest's kernel sent a frame that is none over the link");
	*fd = -1;
	force(s, STATUS_PANIC);
}

static void drain_to_host(struct session *s, struct sink *sink, const char *name)
{
	int err = sink_drain(sink);

	if (!err)
		return;
	sink->fd = -1;
	sink->at = sink->end = 0;
	/* The program would have met SIGPIPE: so do we, as far as anyone can see. */
	if (err == -EPIPE) {
		force(s, STATUS_SIGNAL + SIGPIPE);
		return;
	}
	if (s->forced < 0)
		note("cannot write standard %s: %s", name, strerror(-err));
	force(s, STATUS_IO);
}

/* Bytes for a machine that has gone are of no use, and its end is noticed elsewhere. */
static void drain_to_guest(struct sink *sink)
{
	if (!sink_drain(sink))
		return;
	sink->fd = -1;
	sink->at = sink->end = 0;
}

enum slot {
	SLOT_SIGNALS,
	SLOT_CONSOLE,
	SLOT_LINK,
	SLOT_CONSOLE_OUT,
	SLOT_LINK_OUT,
	SLOT_LOG,
	SLOT_ERRORS,
	SLOT_TTY,
	SLOT_STDIN,
	SLOT_TO_CONSOLE,
	SLOT_TO_LINK,
	SLOT_TO_TERM,
	SLOT_TO_STDOUT,
	SLOT_TO_STDERR,
	NR_SLOTS
};

static void want(struct pollfd *p, int fd, bool when, short events)
{
	p->fd = when ? fd : -1;
	p->events = events;
}

static void prepare(struct session *s, struct pollfd p[NR_SLOTS])
{
	bool out_full = sink_full(&s->to_stdout) || sink_full(&s->to_stderr);

	want(&p[SLOT_SIGNALS], s->signals, true, POLLIN);
	want(&p[SLOT_CONSOLE], s->console, !sink_full(&s->to_term), POLLIN);
	want(&p[SLOT_LINK], s->link, !out_full, POLLIN);
	want(&p[SLOT_CONSOLE_OUT], s->console_out, !sink_full(&s->to_term), POLLIN);
	want(&p[SLOT_LINK_OUT], s->link_out, !out_full, POLLIN);
	want(&p[SLOT_LOG], s->log, !(s->cfg->verbose && sink_full(&s->to_stderr)), POLLIN);
	want(&p[SLOT_ERRORS], s->errors, true, POLLIN);
	want(&p[SLOT_TTY], s->tty, !s->exited && !sink_full(&s->to_console), POLLIN);
	want(&p[SLOT_STDIN], STDIN_FILENO, !s->exited && s->wanted, POLLIN);
	want(&p[SLOT_TO_CONSOLE], s->to_console.fd, sink_pending(&s->to_console), POLLOUT);
	want(&p[SLOT_TO_LINK], s->to_link.fd, sink_pending(&s->to_link), POLLOUT);
	want(&p[SLOT_TO_TERM], s->to_term.fd, sink_pending(&s->to_term), POLLOUT);
	want(&p[SLOT_TO_STDOUT], s->to_stdout.fd, sink_pending(&s->to_stdout), POLLOUT);
	want(&p[SLOT_TO_STDERR], s->to_stderr.fd, sink_pending(&s->to_stderr), POLLOUT);
}

static void handle(struct session *s, const struct pollfd p[NR_SLOTS])
{
	if (p[SLOT_SIGNALS].revents)
		take_signals(s);
	if (p[SLOT_CONSOLE].revents)
		take_console(s, &s->console);
	if (p[SLOT_LINK].revents)
		take_link(s, &s->link);
	if (p[SLOT_CONSOLE_OUT].revents)
		take_console(s, &s->console_out);
	if (p[SLOT_LINK_OUT].revents)
		take_link(s, &s->link_out);
	if (p[SLOT_LOG].revents)
		take_text(s, &s->log, &s->kernel_log);
	if (p[SLOT_ERRORS].revents)
		take_text(s, &s->errors, &s->qemu_errors);
	if (p[SLOT_TTY].revents)
		take_tty(s);
	if (p[SLOT_STDIN].revents)
		take_stdin(s);
	if (p[SLOT_TO_CONSOLE].revents)
		drain_to_guest(&s->to_console);
	if (p[SLOT_TO_LINK].revents)
		drain_to_guest(&s->to_link);
	if (p[SLOT_TO_TERM].revents)
		drain_to_host(s, &s->to_term, "output");
	if (p[SLOT_TO_STDOUT].revents)
		drain_to_host(s, &s->to_stdout, "output");
	if (p[SLOT_TO_STDERR].revents)
		drain_to_host(s, &s->to_stderr, "error");
}

static bool finished(const struct session *s)
{
	return s->exited && s->console < 0 && s->link < 0 && s->console_out < 0 &&
	       s->link_out < 0 && s->log < 0 && s->errors < 0 && !sink_pending(&s->to_term) &&
	       !sink_pending(&s->to_stdout) && !sink_pending(&s->to_stderr);
}

/* Milliseconds for poll(2), rounded up so that the deadline has passed when it returns. */
static int time_left(const struct session *s)
{
	uint64_t now = now_ns(), ms;

	if (!s->deadline)
		return -1;
	if (now >= s->deadline)
		return 0;
	ms = (s->deadline - now + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC;
	return ms < INT_MAX ? ms : INT_MAX;
}

static void carry(struct session *s)
{
	struct pollfd p[NR_SLOTS];

	while (!finished(s)) {
		prepare(s, p);
		if (poll(p, NR_SLOTS, time_left(s)) < 0 && errno != EINTR)
			die(STATUS_HOST, "poll: %s", strerror(errno));
		handle(s, p);
		if (!s->deadline || now_ns() < s->deadline)
			continue;
		if (s->forced >= 0)
			break;
		term_restore();
		note("the guest did not end within the time that --timeout allows");
		force(s, STATUS_TIMEOUT);
	}
	if (!s->exited) {
		kill(s->q.pid, SIGKILL);
		while (waitpid(s->q.pid, &s->qemu_status, 0) < 0 && errno == EINTR)
			;
		s->exited = true;
	}
}

static void show_report(struct session *s, const char *what)
{
	note("%s", what);
	if (!s->cfg->verbose)
		ring_write(&s->kernel_log, stderr);
}

static int qemu_failed(struct session *s)
{
	if (WIFSIGNALED(s->qemu_status))
		note("QEMU was ended by signal %d (%s)", WTERMSIG(s->qemu_status),
		     strsignal(WTERMSIG(s->qemu_status)));
	else
		note("QEMU gave up with status %d; it said:", WEXITSTATUS(s->qemu_status));
	if (!s->cfg->verbose)
		ring_write(&s->qemu_errors, stderr);
	return STATUS_QEMU;
}

static int verdict(struct session *s)
{
	if (s->forced >= 0)
		return s->forced;
	if (!WIFEXITED(s->qemu_status))
		return qemu_failed(s);
	switch (WEXITSTATUS(s->qemu_status)) {
	case QEMU_EXIT_PANIC:
		show_report(s, "the guest's kernel panicked; its log:");
		return STATUS_PANIC;
	case QEMU_EXIT_POWER_OFF:
		if (s->status >= 0 || s->cfg->shell)
			return s->status >= 0 ? s->status : 0;
		note("the guest switched itself off before the program ended");
		return STATUS_NO_STATUS;
	case QEMU_EXIT_RESTART:
		if (s->status >= 0 || s->cfg->shell)
			return s->status >= 0 ? s->status : SESSION_RESTART;
		note("the guest restarted itself before the program ended");
		return STATUS_NO_STATUS;
	case QEMU_EXIT_RESET:
		if (s->status >= 0)
			return s->status;
		show_report(s, "the machine was reset before the program ended; the kernel's log:");
		return STATUS_PANIC;
	default:
		return qemu_failed(s);
	}
}

/* Where the guest's terminal shows: the first of ours that is one. */
static int terminal_output(const struct session_config *cfg)
{
	static const int order[] = {STDOUT_FILENO, STDERR_FILENO, STDIN_FILENO};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (cfg->fd_kind[order[i]] == SPEC_FD_TERMINAL)
			return order[i];
	return cfg->console_out ? STDOUT_FILENO : -1;
}

static void open_session(struct session *s, const struct session_config *cfg, const struct qemu *q)
{
	sigset_t set;

	s->cfg = cfg;
	s->q = *q;
	s->console = q->console;
	s->link = q->link;
	s->console_out = q->console_out;
	s->link_out = q->link_out;
	s->log = q->log;
	s->errors = q->errors;
	s->status = -1;
	s->forced = -1;
	s->tty = cfg->fd_kind[0] == SPEC_FD_TERMINAL ? STDIN_FILENO : -1;
	s->raw = s->tty >= 0;
	watched_set(&set);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->signals < 0)
		die(STATUS_HOST, "signalfd: %s", strerror(errno));
	s->to_console = (struct sink){.fd = q->console, .chunk = READ_CHUNK};
	s->to_link = (struct sink){.fd = q->link, .chunk = READ_CHUNK};
	s->to_term = (struct sink){.fd = terminal_output(cfg), .chunk = PIPE_BUF};
	s->to_stdout = (struct sink){.fd = STDOUT_FILENO, .chunk = PIPE_BUF};
	s->to_stderr = (struct sink){.fd = STDERR_FILENO, .chunk = PIPE_BUF};
	ring_init(&s->kernel_log, LOG_SIZE);
	ring_init(&s->qemu_errors, ERRORS_SIZE);
	if (cfg->timeout_ns)
		s->deadline = now_ns() + cfg->timeout_ns;
}

static void close_session(struct session *s)
{
	close(s->signals);
	close(s->q.console);
	close(s->q.link);
	if (s->q.console_out >= 0)
		close(s->q.console_out);
	if (s->q.link_out >= 0)
		close(s->q.link_out);
	close(s->q.log);
	close(s->q.errors);
	free(s->to_console.data);
	free(s->to_link.data);
	free(s->to_term.data);
	free(s->to_stdout.data);
	free(s->to_stderr.data);
	ring_release(&s->kernel_log);
	ring_release(&s->qemu_errors);
	free(s);
}

int session_run(const struct session_config *cfg, const struct qemu *q)
{
	struct session *s = xcalloc(1, sizeof(*s));
	int status;

	open_session(s, cfg, q);
	if (s->raw)
		term_raw(s->tty);
	carry(s);
	term_restore();
	status = verdict(s);
	close_session(s);
	return status;
}
