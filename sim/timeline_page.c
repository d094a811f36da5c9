/* SPDX-License-Identifier: MIT */
/*
 * A timeline for a browser: one page of HTML that needs nothing else. A lane a CPU and a lane a
 * task; under the pointer, when, and the trace events that tell why. Time is stretched by a slider.
 */
#include <errno.h>
#include <stdio.h>

#include "timeline.h"

#define LANE 20 /* units of height */

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>jiffy sim</title>\n"
    "<style>\n"
    "body{font:13px/20px sans-serif;margin:16px;color:#222}\n"
    "#all{display:flex;align-items:flex-start}\n"
    "#names{flex:none;padding-right:8px;white-space:pre;text-align:right;font-family:monospace}\n"
    "#names div{height:20px}\n"
    "#scroll{overflow-x:auto;flex:auto}\n"
    "#wide{width:100%;position:relative}\n"
    "#axis{height:20px;position:relative;font-family:monospace;font-size:11px}\n"
    "#axis span{position:absolute;border-left:1px solid #999;padding-left:2px}\n"
    "svg{display:block;width:100%;background:#f6f6f6}\n"
    ".lane{fill:#ececec}.wait{fill:#c33;opacity:.45}\n"
    "svg rect[class=run]:hover{stroke:#000;vector-effect:non-scaling-stroke}\n"
    "</style></head><body>\n"
    "<p>Colour: a task runs. Red line: it could run and waits. Point at a run to see why it was "
    "picked, and why on this CPU.\n"
    "Zoom: <input type=\"range\" min=\"0\" max=\"12\" step=\"0.1\" value=\"0\" oninput=\""
    "document.getElementById('wide').style.width=100*Math.pow(2,this.value)+'%'\"></p>\n";

/* The names come from a file that somebody wrote. */
static void put_escaped(FILE *f, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", f);
			break;
		case '&':
			fputs("&amp;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		default:
			fputc(*text, f);
		}
	}
}

static void put_names(FILE *f, const struct timeline *t)
{
	unsigned int cpu;
	size_t i;

	fputs("<div id=\"all\"><div id=\"names\"><div></div>", f);
	for_each_possible_cpu (cpu)
		fprintf(f, "<div>cpu %u</div>", cpu);
	for (i = 0; i < t->nr_tasks; i++) {
		fputs("<div>", f);
		put_escaped(f, t->tasks[i].comm);
		fprintf(f, " %d</div>", t->tasks[i].pid);
	}
	fputs("</div>\n<div id=\"scroll\"><div id=\"wide\"><div id=\"axis\">", f);
	for (i = 0; i < 10; i++)
		fprintf(f, "<span style=\"left:%zu%%\">%.3f ms</span>", 10 * i,
			(double)t->end * (double)i / 1e7);
	fputs("</div>\n", f);
}

static void put_event(FILE *f, const struct trace_event *ev, const void *entry)
{
	char text[512];

	ev->print(text, sizeof(text), entry);
	fprintf(f, "\n%s: ", ev->name);
	put_escaped(f, text);
}

/* One run, in its CPU's lane or in its task's. */
static void put_run(FILE *f, const struct timeline *t, const struct timeline_run *r, size_t lane)
{
	/* Neighbours in the order of pids are far apart on the circle: its golden section. */
	fprintf(f,
		"<rect class=\"run\" x=\"%.3f\" y=\"%zu\" width=\"%.3f\" height=\"%d\" "
		"fill=\"hsl(%d,65%%,55%%)\"><title>",
		(double)r->begin / 1e3, lane * LANE + 2, (double)(r->end - r->begin) / 1e3,
		LANE - 4, (int)(r->pid * 137.508) % 360);
	put_escaped(f, t->tasks[timeline_task_index(r->pid)].comm);
	fprintf(f, " %d on CPU %d, %.3f to %.3f ms%s", r->pid, r->cpu, (double)r->begin / 1e6,
		(double)r->end / 1e6, r->state & 0xff ? ", then it slept" : "");
	if (r->picked.pid == r->pid)
		put_event(f, &trace_event_sched_pick, &r->picked);
	if (r->at.pid)
		put_event(f, &trace_event_sched_select_cpu, &r->at);
	fputs("</title></rect>\n", f);
}

static void put_lanes(FILE *f, const struct timeline *t)
{
	size_t lanes = nr_cpu_ids + t->nr_tasks, i;

	fprintf(
	    f,
	    "<svg preserveAspectRatio=\"none\" viewBox=\"0 0 %.3f %zu\" style=\"height:%zupx\">\n",
	    (double)t->end / 1e3, lanes * LANE, lanes * LANE);
	for (i = 0; i < lanes; i++)
		fprintf(f,
			"<rect class=\"lane\" x=\"0\" y=\"%zu\" width=\"100%%\" height=\"%d\"/>\n",
			i * LANE + 1, LANE - 2);
	for (i = 0; i < t->nr_waits; i++) {
		const struct timeline_wait *w = &t->waits[i];

		fprintf(f,
			"<rect class=\"wait\" x=\"%.3f\" y=\"%zu\" width=\"%.3f\" height=\"4\">"
			"<title>waits %.3f ms</title></rect>\n",
			(double)w->begin / 1e3,
			(nr_cpu_ids + timeline_task_index(w->pid)) * LANE + LANE / 2 - 2,
			(double)(w->end - w->begin) / 1e3, (double)(w->end - w->begin) / 1e6);
	}
	for (i = 0; i < t->nr_runs; i++) {
		put_run(f, t, &t->runs[i], t->runs[i].cpu);
		put_run(f, t, &t->runs[i], nr_cpu_ids + timeline_task_index(t->runs[i].pid));
	}
	fputs("</svg></div></div></div></body></html>\n", f);
}

int timeline_page(const struct timeline *t, const char *file)
{
	FILE *f = fopen(file, "w");
	int err = 0;

	if (!f)
		return -errno;
	fputs(head, f);
	put_names(f, t);
	put_lanes(f, t);
	if (ferror(f))
		err = -EIO;
	if (fclose(f))
		err = -errno;
	return err;
}
