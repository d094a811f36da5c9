/* SPDX-License-Identifier: MIT */
/* QEMU's command line and process; see qemu.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jiffy.h"
#include "qemu.h"

#define MAX_ARGS 64

/* The first QEMU whose CPUs share the instruction budget of -icount fairly. */
#define ICOUNT_SMP_MAJOR 8
#define ICOUNT_SMP_MINOR 1

/* The sockets between QEMU and us, the first NR_CHARDEVS of them under the same name in QEMU. */
enum channel {
	CONSOLE,
	LINK,
	LOG,
	CONSOLE_OUT,
	LINK_OUT,
	NR_CHARDEVS,
	ERRORS = NR_CHARDEVS,
	NR_CHANNELS
};
static const char *const channel_names[NR_CHARDEVS] = {"console", "link", "log", "console-out",
						       "link-out"};

struct channels {
	int ours[NR_CHANNELS], theirs[NR_CHANNELS]; /* -1: not used */
};

struct args {
	char *v[MAX_ARGS];
	int n;
};

static void arg(struct args *a, const char *s)
{
	if (a->n == MAX_ARGS - 1)
		die(STATUS_HOST, "too many arguments for QEMU");
	a->v[a->n++] = xstrdup(s);
}

static void arg2(struct args *a, const char *name, const char *value)
{
	arg(a, name);
	arg(a, value);
}

static bool cpu_virtualizes(void)
{
	char *line = NULL;
	bool found = false;
	size_t room = 0;
	FILE *f;

	f = fopen("/proc/cpuinfo", "re");
	if (!f)
		return false;
	while (!found && getline(&line, &room, f) > 0)
		found =
		    !strncmp(line, "flags", 5) && (strstr(line, " vmx") || strstr(line, " svm"));
	free(line);
	fclose(f);
	return found;
}

/* A device that opens is not enough: some hosts offer one and then hang every guest. */
static bool kvm_works(void)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return false;
	close(fd);
	return cpu_virtualizes();
}

static bool use_kvm(const struct qemu_config *cfg)
{
	if (cfg->accel == ACCEL_AUTO)
		return !cfg->icount && kvm_works();
	return cfg->accel == ACCEL_KVM;
}

/*
 * Memory the guest never touches is never reserved either, so that a large
 * machine starts on a small host. QEMU asks this file whether that is allowed.
 */
static bool can_overcommit(void)
{
	return !access("/proc/sys/vm/overcommit_memory", R_OK);
}

static void machine_args(struct args *a, const struct qemu_config *cfg)
{
	bool kvm = use_kvm(cfg);
	char *s;

	arg2(a, "-machine",
	     cfg->machine == MACHINE_MICROVM
		 ? "microvm,acpi=on,isa-serial=on,rtc=on,x-option-roms=off,"
		   "auto-kernel-cmdline=off,memory-backend=ram"
		 : "q35,memory-backend=ram");
	s = xasprintf("memory-backend-ram,id=ram,size=%lluM,reserve=%s", cfg->mem_mib,
		      can_overcommit() ? "off" : "on");
	arg2(a, "-object", s);
	free(s);
	s = xasprintf("%lluM", cfg->mem_mib);
	arg2(a, "-m", s);
	free(s);
	s = xasprintf("%u", cfg->cpus);
	arg2(a, "-smp", s);
	free(s);
	if (kvm) {
		arg2(a, "-accel", "kvm");
		arg2(a, "-cpu", "host");
		return;
	}
	arg2(a, "-accel", cfg->icount ? "tcg,thread=single" : "tcg,thread=multi");
	/* QEMU 10 cannot tell the time in the middle of an MSR access, as x2APIC's timer needs. */
	arg2(a, "-cpu", cfg->icount ? "max,-erms,-fsrm,-x2apic" : "max,-erms,-fsrm");
	if (cfg->icount) {
		arg2(a, "-icount", "shift=0,sleep=off");
		arg2(a, "-rtc", "base=2025-01-01T00:00:00,clock=vm");
		arg2(a, "-seed", "1");
	}
}

static void socket_arg(struct args *a, const char *id, int fd)
{
	char *s = xasprintf("socket,id=%s,fd=%d", id, fd);

	arg2(a, "-chardev", s);
	free(s);
}

/* The ports are known to drivers/uart.h, and each reads as its own number. */
static void device_args(struct args *a, const struct qemu_config *cfg, const struct channels *c)
{
	for (int i = 0; i < NR_CHARDEVS; i++)
		if (c->theirs[i] >= 0)
			socket_arg(a, channel_names[i], c->theirs[i]);
	arg2(a, "-serial", "chardev:console");
	arg2(a, "-device", "isa-serial,index=1,chardev=link");
	arg2(a, "-device", "isa-debugcon,iobase=0xe9,chardev=log");
	if (cfg->icount) {
		arg2(a, "-device", "isa-debugcon,iobase=0xea,readback=0xea,chardev=link-out");
		arg2(a, "-device", "isa-debugcon,iobase=0xeb,readback=0xeb,chardev=console-out");
	}
	arg2(a, "-device", "isa-debug-exit,iobase=0xf4,iosize=4");
}

static void build_args(struct args *a, const struct qemu_config *cfg, const struct channels *c)
{
	char *s;

	arg(a, cfg->program);
	arg(a, "-nodefaults");
	arg(a, "-no-user-config");
	arg2(a, "-display", "none");
	arg(a, "-no-reboot");
	machine_args(a, cfg);
	device_args(a, cfg, c);
	arg2(a, "-kernel", cfg->kernel);
	arg2(a, "-initrd", cfg->initrd);
	/* jiffy's own log has a port of its own; another kernel must be told where to put its. */
	s = xasprintf("%s%s%s", cfg->foreign ? "console=ttyS0" : "",
		      cfg->foreign && cfg->append ? " " : "", cfg->append ? cfg->append : "");
	arg2(a, "-append", s);
	free(s);
	if (cfg->gdb_port) {
		s = xasprintf("tcp:127.0.0.1:%u", cfg->gdb_port);
		arg(a, "-S");
		arg2(a, "-gdb", s);
		free(s);
	}
	a->v[a->n] = NULL;
}

static void show_args(const struct args *a)
{
	fputs("jiffy:", stderr);
	for (int i = 0; i < a->n; i++)
		fprintf(stderr, strpbrk(a->v[i], " \t\n'") ? " '%s'" : " %s", a->v[i]);
	fputc('\n', stderr);
}

static void make_channels(const struct qemu_config *cfg, struct channels *c)
{
	int pair[2];

	for (int i = 0; i < NR_CHANNELS; i++) {
		c->ours[i] = c->theirs[i] = -1;
		if (!cfg->icount && (i == CONSOLE_OUT || i == LINK_OUT))
			continue;
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
			die(STATUS_HOST, "cannot make a socket: %s", strerror(errno));
		fcntl(pair[0], F_SETFL, O_NONBLOCK);
		c->ours[i] = pair[0];
		c->theirs[i] = pair[1];
	}
}

static void keep_open(int fd)
{
	fcntl(fd, F_SETFD, 0);
}

/* In the child: become QEMU, or tell the parent over @failed which error kept us from it. */
static void become_qemu(const struct args *a, const struct channels *c, int initrd_fd, int failed)
{
	static const int fatal[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE};
	sigset_t none;
	int null, err;

	/* Whatever ends us, SIGKILL included, ends the machine. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		signal(fatal[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0)
		dup2(null, STDIN_FILENO);
	dup2(c->theirs[ERRORS], STDOUT_FILENO);
	dup2(c->theirs[ERRORS], STDERR_FILENO);
	for (int i = 0; i < NR_CHARDEVS; i++)
		if (c->theirs[i] >= 0)
			keep_open(c->theirs[i]);
	keep_open(initrd_fd);
	execvp(a->v[0], a->v);
	err = errno;
	if (write(failed, &err, sizeof(err)) != sizeof(err))
		_exit(STATUS_HOST);
	_exit(0);
}

static void check_started(const struct qemu_config *cfg, int failed)
{
	int err;

	if (read(failed, &err, sizeof(err)) != sizeof(err))
		return;
	if (err == ENOENT)
		die(STATUS_UNAVAILABLE, "%s is missing: install the package qemu-system-x86",
		    cfg->program);
	die(STATUS_UNAVAILABLE, "cannot run %s: %s", cfg->program, strerror(err));
}

/* Ask for the version only when the answer matters: it costs as much as a short run. */
static void check_version(const struct qemu_config *cfg)
{
	unsigned int major = 0, minor = 0;
	int out[2], n;
	char line[128] = "", *at;
	pid_t pid;

	if (!cfg->icount || cfg->cpus == 1)
		return;
	if (pipe2(out, O_CLOEXEC))
		die(STATUS_HOST, "cannot make a pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		die(STATUS_HOST, "cannot fork: %s", strerror(errno));
	if (!pid) {
		dup2(out[1], STDOUT_FILENO);
		execlp(cfg->program, cfg->program, "--version", NULL);
		_exit(127);
	}
	close(out[1]);
	n = read(out[0], line, sizeof(line) - 1);
	close(out[0]);
	waitpid(pid, NULL, 0);
	at = n > 0 ? strstr(line, "version ") : NULL;
	if (!at || sscanf(at, "version %u.%u", &major, &minor) != 2)
		die(STATUS_UNAVAILABLE, "%s does not tell its version: is it QEMU?", cfg->program);
	if (major < ICOUNT_SMP_MAJOR || (major == ICOUNT_SMP_MAJOR && minor < ICOUNT_SMP_MINOR))
		die(STATUS_OLD_QEMU,
		    "--icount with more than one CPU needs QEMU %d.%d or later and this is %u.%u: "
		    "add --cpus 1, or install a newer one (bookworm-backports has it)",
		    ICOUNT_SMP_MAJOR, ICOUNT_SMP_MINOR, major, minor);
}

void qemu_start(const struct qemu_config *cfg, struct qemu *q)
{
	struct args a = {.n = 0};
	struct channels c;
	int failed[2];

	check_version(cfg);
	make_channels(cfg, &c);
	if (pipe2(failed, O_CLOEXEC))
		die(STATUS_HOST, "cannot make a pipe: %s", strerror(errno));
	build_args(&a, cfg, &c);
	if (cfg->verbose)
		show_args(&a);
	q->pid = fork();
	if (q->pid < 0)
		die(STATUS_HOST, "cannot fork: %s", strerror(errno));
	if (!q->pid)
		become_qemu(&a, &c, cfg->initrd_fd, failed[1]);
	close(failed[1]);
	for (int i = 0; i < NR_CHANNELS; i++)
		if (c.theirs[i] >= 0)
			close(c.theirs[i]);
	check_started(cfg, failed[0]);
	close(failed[0]);
	while (a.n)
		free(a.v[--a.n]);
	q->console = c.ours[CONSOLE];
	q->link = c.ours[LINK];
	q->log = c.ours[LOG];
	q->errors = c.ours[ERRORS];
	q->console_out = c.ours[CONSOLE_OUT];
	q->link_out = c.ours[LINK_OUT];
}

unsigned int qemu_free_port(void)
{
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&sin, len) ||
	    getsockname(fd, (struct sockaddr *)&sin, &len))
		die(STATUS_HOST, "cannot find a port for gdb: %s", strerror(errno));
	close(fd);
	return ntohs(sin.sin_port);
}
