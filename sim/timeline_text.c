/* SPDX-License-Identifier: MIT */
/*
 * A timeline for a terminal. Each column stands for an equal part of the time; a line shows in it
 * what there was most of, a run never hidden by a longer sleep.
 *
 *	cpu 0  |AAABbAAA|   A task's letter; small: less than half of the column was used
 *	A hog  |000 1---|   the CPU it ran on; -: it waited for one longer than it ran
 */
#include <stdlib.h>

#include "timeline.h"

#define LETTERS 26

static const struct timeline *line;
static unsigned int columns;

static u64 column_begin(unsigned int c)
{
	return line->end * c / columns;
}

static unsigned int column_of(u64 ns)
{
	unsigned int c = ns * columns / line->end;

	while (c && column_begin(c) > ns)
		c--;
	while (c + 1 < columns && column_begin(c + 1) <= ns)
		c++;
	return c;
}

/* Adds to sums[], one a column, what each column has of a span. */
static void add_span(u64 *sums, u64 begin, u64 end)
{
	unsigned int c;

	for (c = column_of(begin); c < columns && column_begin(c) < end; c++)
		sums[c] += min(end, column_begin(c + 1)) - max(begin, column_begin(c));
}

static char letter(size_t task)
{
	return task < LETTERS ? 'A' + task : '#';
}

static char digit(int cpu)
{
	return cpu < 10 ? '0' + cpu : cpu < 36 ? 'a' + cpu - 10 : '+';
}

static u64 *sums(size_t rows)
{
	u64 *s = calloc(rows * columns, sizeof(*s));

	BUG_ON(!s);
	return s;
}

static void print_cpu(int cpu)
{
	u64 *ran = sums(line->nr_tasks);
	unsigned int c;
	size_t i;

	for (i = 0; i < line->nr_runs; i++) {
		const struct timeline_run *r = &line->runs[i];

		if (r->cpu == cpu)
			add_span(ran + timeline_task_index(r->pid) * columns, r->begin, r->end);
	}
	printf("cpu %-16d |", cpu);
	for (c = 0; c < columns; c++) {
		u64 busy = 0;
		size_t most = 0;

		for (i = 0; i < line->nr_tasks; i++) {
			busy += ran[i * columns + c];
			if (ran[i * columns + c] > ran[most * columns + c])
				most = i;
		}
		if (!busy)
			putchar(' ');
		else if (2 * busy < column_begin(c + 1) - column_begin(c))
			putchar(letter(most) | 0x20);
		else
			putchar(letter(most));
	}
	puts("|");
	free(ran);
}

static void print_task(size_t task)
{
	u64 *ran = sums(1), *waited = sums(1);
	int *cpu = calloc(columns, sizeof(*cpu));
	const struct timeline_task *t = &line->tasks[task];
	unsigned int c;
	size_t i;

	BUG_ON(!cpu);
	for (i = 0; i < line->nr_runs; i++) {
		const struct timeline_run *r = &line->runs[i];

		if (r->pid != t->pid)
			continue;
		add_span(ran, r->begin, r->end);
		for (c = column_of(r->begin); c < columns && column_begin(c) < r->end; c++)
			cpu[c] = r->cpu;
	}
	for (i = 0; i < line->nr_waits; i++)
		if (line->waits[i].pid == t->pid)
			add_span(waited, line->waits[i].begin, line->waits[i].end);
	printf("%c %-12.12s %5d |", letter(task), t->comm, t->pid);
	for (c = 0; c < columns; c++)
		putchar(ran[c] && ran[c] >= waited[c] ? digit(cpu[c]) : waited[c] ? '-' : ' ');
	puts("|");
	free(ran);
	free(waited);
	free(cpu);
}

void timeline_print(const struct timeline *t, unsigned int width)
{
	unsigned int cpu;
	size_t i;

	line = t;
	columns = width;
	if (!line->end)
		return;
	printf("a column is %llu us; capital: busy for half of it; -: waits\n",
	       (unsigned long long)(line->end / columns / 1000));
	for_each_possible_cpu (cpu)
		print_cpu(cpu);
	for (i = 0; i < line->nr_tasks; i++)
		print_task(i);
}
