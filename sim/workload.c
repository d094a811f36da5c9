/* SPDX-License-Identifier: MIT */
/*
 * Workloads as text. One program a line, '#' begins a comment:
 *
 *	NAME [nice=N] [policy=P] [cpus=A-B] [count=N] [start=TIME] [group=NAME] [session=N] : OP;
 *...
 *
 * or, before the programs that name it, a group of tasks:
 *
 *	group NAME [in=GROUP] [weight=W] [max=TIME/TIME] [burst=TIME] [idle]
 *
 * with the meanings that cpu.weight, cpu.max (quota and period), cpu.max.burst and cpu.idle have.
 * uclamp=MIN-MAX asks for utilisation clamps, of 1,024, slice=TIME for that much at a time, by which
 * eevdf goes. A program is in a group by group=NAME, in a
 * session (an autogroup) by session=N.
 *
 * P is other, batch, idle, fifo/PRIO, rr/PRIO or deadline/RUNTIME/DEADLINE/PERIOD, with /reclaim
 * behind it where the task may use what others leave. A TIME is a
 * number with ns, us, ms or s behind it; A~B is A to B at random. Operations, which repeat for
 * good unless one is exit: run TIME, sleep TIME, period TIME (until the next multiple of TIME since
 * the task's start), wait, wake N, yield, fork N, nice N, cpus A-B,
 * exit. N of wake counts tasks, N of fork programs, from 0.
 */
#include <stdlib.h>

#include "sim.h"

static const char *const op_names[] = {
    [OP_RUN] = "run",	    [OP_SLEEP] = "sleep", [OP_WAIT] = "wait",	[OP_WAKE] = "wake",
    [OP_YIELD] = "yield",   [OP_FORK] = "fork",	  [OP_NICE] = "nice",	[OP_POLICY] = "policy",
    [OP_PERIOD] = "period", [OP_CPUS] = "cpus",	  [OP_BOOST] = "boost", [OP_PLUG] = "plug",
    [OP_EXIT] = "exit",
};

static int fail(const char *file, int line, const char *what, const char *at)
{
	fprintf(stderr, "%s:%d: %s: %s\n", file, line, what, at);
	return -1;
}

/* Nanoseconds; *end is behind the unit. -1: no time. */
static s64 parse_time(const char *s, char **end)
{
	static const struct {
		const char *unit;
		s64 ns;
	} units[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};
	s64 v = strtoll(s, end, 10);
	unsigned int i;

	if (*end == s || v < 0)
		return -1;
	for (i = 0; i < ARRAY_SIZE(units); i++) {
		size_t n = strlen(units[i].unit);

		if (!strncmp(*end, units[i].unit, n)) {
			*end += n;
			return v * units[i].ns;
		}
	}
	return -1;
}

static bool parse_range(const char *s, s64 *a, s64 *b)
{
	char *end;

	*a = *b = strtoll(s, &end, 10);
	if (end == s)
		return false;
	if (*end == '-') {
		s = end + 1;
		*b = strtoll(s, &end, 10);
	}
	return !*end && *b >= *a && *a >= 0;
}

static bool parse_policy(const char *s, struct sim_program *p)
{
	char *end;

	if (!strcmp(s, "other") || !strcmp(s, "batch") || !strcmp(s, "idle")) {
		p->policy = s[0] == 'o' ? SCHED_NORMAL : s[0] == 'b' ? SCHED_BATCH : SCHED_IDLE;
		return true;
	}
	if (!strncmp(s, "fifo/", 5) || !strncmp(s, "rr/", 3)) {
		p->policy = s[0] == 'f' ? SCHED_FIFO : SCHED_RR;
		p->rt_priority = strtol(strchr(s, '/') + 1, &end, 10);
		return !*end && p->rt_priority > 0 && p->rt_priority < MAX_RT_PRIO;
	}
	if (strncmp(s, "deadline/", 9))
		return false;
	p->policy = SCHED_DEADLINE;
	p->dl_runtime = parse_time(s + 9, &end);
	if (*end != '/')
		return false;
	p->dl_deadline = parse_time(end + 1, &end);
	if (*end != '/')
		return false;
	p->dl_period = parse_time(end + 1, &end);
	if (!strcmp(end, "/reclaim")) {
		p->dl_flags = SCHED_FLAG_RECLAIM;
		return true;
	}
	return !*end;
}

static int find_group(const char *name)
{
	int i;

	for (i = 1; i <= sim_nr_groups; i++)
		if (!strcmp(sim_groups[i].name, name))
			return i;
	return 0;
}

static bool parse_group_attribute(const char *s, struct sim_group *g)
{
	char *end;
	s64 a, b;

	if (!strcmp(s, "idle")) {
		g->idle = true;
		return true;
	}
	if (!strncmp(s, "in=", 3)) {
		g->parent = find_group(s + 3);
		return g->parent != 0;
	}
	if (!strncmp(s, "weight=", 7)) {
		a = strtol(s + 7, &end, 10);
		g->shares = (a * 1024 + 50) / 100;
		return !*end && a >= 1 && a <= 10000;
	}
	if (!strncmp(s, "max=", 4)) {
		a = parse_time(s + 4, &end);
		b = *end == '/' ? parse_time(end + 1, &end) : -1;
		g->bandwidth.quota_us = a / 1000;
		g->bandwidth.period_us = b / 1000;
		return a > 0 && b > 0 && !*end;
	}
	if (!strncmp(s, "burst=", 6)) {
		a = parse_time(s + 6, &end);
		g->bandwidth.burst_us = a / 1000;
		return a >= 0 && !*end;
	}
	return false;
}

static int parse_group(const char *file, int n, char *line)
{
	struct sim_group *g = &sim_groups[sim_nr_groups + 1];
	char *word = strtok(line, " \t");

	if (sim_nr_groups == SIM_MAX_GROUPS)
		return fail(file, n, "too many groups", line);
	memset(g, 0, sizeof(*g));
	word = strtok(NULL, " \t");
	if (!word || strlen(word) >= sizeof(g->name) || find_group(word))
		return fail(file, n, "no name, one that is too long, or one that is there", line);
	memcpy(g->name, word, strlen(word) + 1);
	while ((word = strtok(NULL, " \t")))
		if (!parse_group_attribute(word, g))
			return fail(file, n, "not an attribute of a group", word);
	sim_nr_groups++;
	return 0;
}

static bool parse_attribute(const char *s, struct sim_program *p)
{
	char *end;
	s64 a, b;

	if (!strncmp(s, "nice=", 5)) {
		p->nice = strtol(s + 5, &end, 10);
		return !*end && p->nice >= MIN_NICE && p->nice <= MAX_NICE;
	}
	if (!strncmp(s, "policy=", 7))
		return parse_policy(s + 7, p);
	if (!strncmp(s, "count=", 6)) {
		p->count = strtol(s + 6, &end, 10);
		return !*end && p->count > 0;
	}
	if (!strncmp(s, "cpus=", 5)) {
		if (!parse_range(s + 5, &a, &b))
			return false;
		p->first_cpu = a;
		p->last_cpu = b;
		return true;
	}
	if (!strncmp(s, "group=", 6)) {
		p->group = find_group(s + 6);
		return p->group != 0;
	}
	if (!strncmp(s, "session=", 8)) {
		p->session = strtol(s + 8, &end, 10);
		return !*end && p->session > 0 && p->session < SIM_MAX_GROUPS;
	}
	if (!strncmp(s, "uclamp=", 7)) {
		if (!parse_range(s + 7, &a, &b))
			return false;
		p->util_min = a;
		p->util_max = b;
		return b > 0 && b <= (s64)SCHED_CAPACITY_SCALE;
	}
	if (!strncmp(s, "slice=", 6)) {
		a = parse_time(s + 6, &end);
		p->slice = a;
		return a > 0 && !*end;
	}
	if (!strncmp(s, "start=", 6)) {
		a = parse_time(s + 6, &end);
		p->start = a;
		return a >= 0 && !*end;
	}
	return false;
}

static bool parse_op(char *text, struct sim_op *op)
{
	char *word = strtok(text, " \t"), *arg = strtok(NULL, " \t"), *end;
	unsigned int i;

	for (i = 0; word && i < ARRAY_SIZE(op_names); i++)
		if (!strcmp(word, op_names[i]))
			break;
	if (!word || i == ARRAY_SIZE(op_names))
		return false;
	*op = (struct sim_op){.kind = i};
	switch (op->kind) {
	case OP_PERIOD:
		op->a = op->b = arg ? parse_time(arg, &end) : -1;
		return op->a > 0 && !*end;
	case OP_RUN:
	case OP_SLEEP:
		op->a = arg ? parse_time(arg, &end) : -1;
		if (op->a < 0)
			return false;
		if (*end == '~') {
			op->b = parse_time(end + 1, &end) - op->a;
			return op->b > 0 && !*end;
		}
		return !*end;
	case OP_CPUS:
		return arg && parse_range(arg, &op->a, &op->b);
	case OP_WAKE:
	case OP_FORK:
	case OP_NICE:
	case OP_BOOST:
	case OP_PLUG:
		op->a = arg ? strtoll(arg, &end, 10) : 0;
		return arg && !*end;
	case OP_POLICY:
		return false;
	default:
		return !arg;
	}
}

static int parse_line(const char *file, int n, char *line, struct sim_program *p)
{
	char *colon = strchr(line, ':'), *word, *op, *next;

	memset(p, 0, sizeof(*p));
	p->count = 1;
	p->first_cpu = p->last_cpu = -1;
	if (!colon)
		return fail(file, n, "no ':' before the operations", line);
	*colon = 0;
	word = strtok(line, " \t");
	if (!word || strlen(word) >= sizeof(p->name))
		return fail(file, n, "no name, or one that is too long", line);
	memcpy(p->name, word, strlen(word) + 1);
	while ((word = strtok(NULL, " \t")))
		if (!parse_attribute(word, p))
			return fail(file, n, "not an attribute", word);
	for (op = colon + 1; op; op = next) {
		char copy[64];

		next = strchr(op, ';');
		if (next)
			*next++ = 0;
		snprintf(copy, sizeof(copy), "%s", op);
		if (!op[strspn(op, " \t\n")])
			continue;
		if (p->nr_ops == SIM_MAX_OPS)
			return fail(file, n, "too many operations", op);
		if (!parse_op(copy, &p->ops[p->nr_ops++]))
			return fail(file, n, "not an operation", op);
	}
	if (!p->nr_ops)
		return fail(file, n, "no operation", p->name);
	return 0;
}

int sim_parse_workload(const char *file, struct sim_program *programs, int max)
{
	FILE *f = fopen(file, "r");
	char line[1024];
	int n = 0, at = 0;

	if (!f) {
		perror(file);
		return -1;
	}
	while (fgets(line, sizeof(line), f)) {
		at++;
		line[strcspn(line, "#\n")] = 0;
		if (!line[strspn(line, " \t")])
			continue;
		if (!strncmp(line + strspn(line, " \t"), "group ", 6)) {
			if (!parse_group(file, at, line))
				continue;
			n = -1;
			break;
		}
		if (n == max) {
			fail(file, at, "too many programs", line);
			n = -1;
			break;
		}
		if (parse_line(file, at, line, &programs[n])) {
			n = -1;
			break;
		}
		n++;
	}
	fclose(f);
	return n;
}
