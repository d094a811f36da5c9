/* SPDX-License-Identifier: MIT */
/*
 * One boot of a kernel with the benchmark program, and the rows run in it. When the
 * machine dies or falls silent, the row it was at has failed, and the rows behind it
 * get a new machine.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define MAX_ARGS     512
#define SILENCE_MS   600000 /* 10,000 tasks under sched=goodness take minutes to say a word */
#define MAX_IN_A_ROW 3	    /* machines that may die one after the other without a result */
#define GUEST_LOG    "guest.log"

struct args {
	char *v[MAX_ARGS];
	size_t n;
};

static void arg(struct args *a, char *s)
{
	if (a->n == MAX_ARGS - 1)
		die(STATUS_USAGE, "too many rows at once");
	a->v[a->n++] = s;
	a->v[a->n] = NULL;
}

static void arg2(struct args *a, char *option, char *value)
{
	arg(a, option);
	arg(a, value);
}

bool machine_wall(const struct options *o, enum machine m)
{
	return o->kvm || m == MACHINE_SCALE || m == MACHINE_HOST ||
	       (m == MACHINE_PAIR && !o->icount_smp);
}

/* How fast this processor's time-stamp counter runs: Linux on microvm cannot find it out itself. */
static unsigned long tsc_khz(void)
{
	const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
	static unsigned long khz;
	uint64_t ticks;
	double start;

	if (!khz) {
		start = wall_seconds();
		ticks = __builtin_ia32_rdtsc();
		nanosleep(&pause, NULL);
		ticks = __builtin_ia32_rdtsc() - ticks;
		khz = ticks / (wall_seconds() - start) / 1000;
	}
	return khz;
}

/* Linux's fastest self: nothing checked for the sake of safety, nothing said on the console. */
char *linux_parameters(bool wall)
{
	return xasprintf("mitigations=off init_on_alloc=0 tsc=reliable tsc_early_khz=%lu quiet "
			 "loglevel=0 panic=-1",
			 wall ? tsc_khz() : 1000000UL);
}

static void machine_arguments(struct args *a, const struct options *o, const struct boot *b)
{
	static char *const memory[NR_MACHINES] = {
	    [MACHINE_START] = "512M", [MACHINE_ONE] = "512M", [MACHINE_LARGE] = "6G",
	    [MACHINE_PAIR] = "512M",  [MACHINE_SCALE] = "1G", [MACHINE_HOST] = "512M"};
	bool wall = machine_wall(o, b->machine);

	arg(a, xasprintf("%s/build/jiffy", o->tree));
	arg(a, "run");
	arg2(a, "--mem", memory[b->machine]);
	arg2(a, "--cpus", xasprintf("%u", b->cpus));
	if (o->kvm)
		arg2(a, "--accel", "kvm");
	else if (wall)
		arg2(a, "--accel", "tcg");
	else
		arg(a, "--icount");
	if (b->qemu || o->qemu)
		arg2(a, "--qemu", (char *)(b->qemu ? b->qemu : o->qemu));
	if (b->kernel == KERNEL_LINUX) {
		arg2(a, "--kernel", o->linux_kernel);
		arg2(a, "--append", linux_parameters(wall));
	}
	if (b->append)
		arg2(a, "--append", (char *)b->append);
	arg2(a, "--append", "rdinit=/bench/first");
}

static void guest_arguments(struct args *a, const struct options *o, const struct boot *b)
{
	machine_arguments(a, o, b);
	arg2(a, "--add", xasprintf("%s/build/bench/first:/bench/first", o->tree));
	arg2(a, "--add", "/usr/bin/true:/bench/true");
	if (o->hackbench)
		arg2(a, "--add", xasprintf("%s:/bench/hackbench", o->hackbench));
}

static char *log_path(const struct options *o)
{
	return xasprintf("%s/build/bench/" GUEST_LOG, o->tree);
}

static pid_t start(const struct options *o, char *const argv[], int *out)
{
	char *log = log_path(o);
	int pair[2];
	pid_t pid;

	if (pipe(pair))
		die(STATUS_HOST, "cannot make a pipe: %s", strerror(errno));
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die(STATUS_HOST, "cannot fork: %s", strerror(errno));
	if (!pid) {
		dup2(pair[1], STDOUT_FILENO);
		close(pair[0]);
		close(pair[1]);
		if (!freopen("/dev/null", "r", stdin) || !freopen(log, "w", stderr))
			_exit(STATUS_HOST);
		execv(argv[0], argv);
		_exit(127);
	}
	close(pair[1]);
	free(log);
	*out = pair[0];
	return pid;
}

/* Hand on whole lines until the end of file, a long silence, or until @line returns false. */
static bool read_lines(int fd, bool (*line)(void *ctx, const char *text), void *ctx)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	char buf[4096], *nl;
	size_t have = 0;
	ssize_t n;

	for (;;) {
		if (poll(&poll_fd, 1, SILENCE_MS) <= 0)
			return false;
		n = read(fd, buf + have, sizeof(buf) - 1 - have);
		if (n <= 0)
			return true;
		have += n;
		buf[have] = '\0';
		while ((nl = strchr(buf, '\n'))) {
			*nl = '\0';
			if (nl > buf && nl[-1] == '\r')
				nl[-1] = '\0';
			if (!line(ctx, buf))
				return false;
			have -= nl + 1 - buf;
			memmove(buf, nl + 1, have + 1);
		}
		if (have == sizeof(buf) - 1)
			have = 0;
	}
}

/*
 * Run @program, which may begin with more options of `jiffy run', on a new machine
 * and hand each line that it prints to @line. Return its exit status, or 124 when it
 * was silent for too long or @line had enough.
 */
int run_guest(const struct options *o, const struct boot *b, char *const program[],
	      bool (*line)(void *ctx, const char *text), void *ctx)
{
	struct args a = {.n = 0};
	int out, status;
	bool ended;
	pid_t pid;

	guest_arguments(&a, o, b);
	for (size_t i = 0; program[i]; i++)
		arg(&a, program[i]);
	pid = start(o, a.v, &out);
	ended = read_lines(out, line, ctx);
	if (!ended)
		kill(pid, SIGTERM);
	close(out);
	waitpid(pid, &status, 0);
	if (!ended)
		return 124;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The rows of one machine: what is to be measured, and how far it has come. */
struct progress {
	char *todo[MAX_ARGS]; /* ROW:PARAMETER */
	size_t nr_todo, next;
	const struct boot *boot;
	struct figures *figures;
	bool wall, any;
};

static char *figure_param(const struct progress *p, const char *param)
{
	if (p->boot->machine == MACHINE_SCALE)
		return xasprintf("%s-%ucpu", param, p->boot->cpus);
	return xstrdup(param);
}

static void put_failed(struct progress *p, const char *row, const char *param, const char *why)
{
	char *full = figure_param(p, param);
	struct figure fig = {.row = (char *)row, .param = full, .why = (char *)why};

	figures_put(p->figures, &fig);
	fprintf(stderr, "bench: %s: %s %s failed: %s\n", kernel_name(p->boot->kernel), row, full,
		why);
	free(full);
}

static bool take_line(void *ctx, const char *text)
{
	struct progress *p = ctx;
	char row[64], param[64], unit[16], *full, *key;
	struct figure fig = {.row = row, .unit = unit, .wall = p->wall};
	int at = 0;

	if (sscanf(text, "begin %63s %63s", row, param) == 2) {
		key = xasprintf("%s:%s", row, param);
		while (p->next < p->nr_todo && strcmp(p->todo[p->next], key))
			p->next++;
		free(key);
	} else if (sscanf(text, "result %63s %63s %lf %15s %lf %lf %llu", row, param, &fig.median,
			  unit, &fig.min, &fig.max, &fig.ops) == 7) {
		fig.param = full = figure_param(p, param);
		figures_put(p->figures, &fig);
		free(full);
		p->any = true;
	} else if (sscanf(text, "failed %63s %63s %n", row, param, &at) == 2 && at) {
		put_failed(p, row, param, text + at);
		p->any = true;
	}
	return true;
}

bool selected(const struct options *o, const char *row, const char *param)
{
	const char *p = o->rows;
	size_t len, name = strlen(row);

	if (!p)
		return true;
	for (; *p; p += len + (p[len] == ',')) {
		len = strcspn(p, ",");
		if (len < name || memcmp(p, row, name))
			continue;
		if (len == name || (p[name] == ':' && len - name - 1 == strlen(param) &&
				    !memcmp(p + name + 1, param, len - name - 1)))
			return true;
	}
	return false;
}

static bool have_figure(const struct progress *p, const char *row, const char *param)
{
	char *full = figure_param(p, param), *prefix = xasprintf("%s-", full);
	bool have = false;

	for (size_t i = 0; i < p->figures->n && !have; i++) {
		const struct figure *f = &p->figures->v[i];

		have = !f->why && !strcmp(f->row, row) &&
		       (!strcmp(f->param, full) || !strncmp(f->param, prefix, strlen(prefix)));
	}
	free(full);
	free(prefix);
	return have;
}

static bool same_append(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void collect(struct progress *p, const struct options *o)
{
	for (const struct row *r = rows; r->name; r++) {
		const char *at = r->params;
		char param[64];
		int used;

		if (r->machine != p->boot->machine || !same_append(r->append, p->boot->append))
			continue;
		for (; sscanf(at, "%63s%n", param, &used) == 1; at += used) {
			/* The memory at init comes with the boot's figures. */
			bool want =
			    selected(o, r->name, param) ||
			    (!strcmp(r->name, "boot") && selected(o, "memory_at_init", "-"));

			if (want && strcmp(r->name, "memory_at_init") &&
			    !have_figure(p, r->name, param))
				p->todo[p->nr_todo++] = xasprintf("%s:%s", r->name, param);
		}
	}
}

/* What the machine said of its end on standard error: the panic's own line, or the last one. */
static char *last_words(const struct options *o, int status)
{
	char line[256], last[256] = "", *path = log_path(o);
	FILE *f = fopen(path, "re");
	bool panic = false;

	free(path);
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (!line[0] || panic)
			continue;
		panic = strstr(line, "panic:") != NULL;
		strcpy(last, line);
	}
	if (f)
		fclose(f);
	if (status == 124)
		return xasprintf("no answer for %d s", SILENCE_MS / 1000);
	return xasprintf("the machine ended with status %d%s%s", status, last[0] ? ": " : "", last);
}

static void fail_todo(struct progress *p, size_t i, const char *why)
{
	char *row = xstrdup(p->todo[i]), *colon = strchr(row, ':');

	*colon = '\0';
	put_failed(p, row, colon + 1, why);
	free(row);
}

/* The rows that boot @b can run, as the options select them, into @f. Those it has stay. */
void run_rows(const struct options *o, const struct boot *b, struct figures *f)
{
	struct progress p = {.boot = b, .figures = f, .wall = machine_wall(o, b->machine)};
	char *program[MAX_ARGS + 1], *why;
	int dead = 0, status;
	size_t n;

	collect(&p, o);
	while (p.next < p.nr_todo) {
		program[0] = xasprintf("%s/build/bench/bench", o->tree);
		n = p.nr_todo - p.next;
		memcpy(program + 1, p.todo + p.next, n * sizeof(*program));
		program[n + 1] = NULL;
		p.any = false;
		status = run_guest(o, b, program, take_line, &p);
		free(program[0]);
		if (!status && p.next == p.nr_todo - 1)
			return;
		why = last_words(o, status);
		fail_todo(&p, p.next++, why);
		dead = p.any ? 0 : dead + 1;
		while (dead == MAX_IN_A_ROW && p.next < p.nr_todo)
			fail_todo(&p, p.next++, "not tried: too many failures in a row");
		free(why);
	}
}

static bool take_ticks(void *ctx, const char *text)
{
	sscanf(text, "ticks %llx", (unsigned long long *)ctx);
	return true;
}

/* What the firmware executes before a kernel's first instruction, in ticks of the counter. */
void measure_firmware(struct options *o)
{
	char *argv[] = {xasprintf("%s/build/jiffy", o->tree),
			"run",
			"--icount",
			"--timeout",
			"60",
			"--kernel",
			xasprintf("%s/build/bench/firmware.elf", o->tree),
			"true",
			NULL};
	int out;
	pid_t pid = start(o, argv, &out);

	read_lines(out, take_ticks, &o->firmware_ticks);
	close(out);
	waitpid(pid, NULL, 0);
	if (!o->firmware_ticks)
		die(STATUS_UNAVAILABLE,
		    "the firmware probe said nothing; see build/bench/" GUEST_LOG);
}
