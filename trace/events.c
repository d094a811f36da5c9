/* SPDX-License-Identifier: MIT */
/*
 * The table of all events, and how an event is placed in a line of text. No state but the ids,
 * which are given once. Kernel and simulator; any context.
 */
#include <jiffy/tracepoint.h>

/* Called once, before anybody listens. */
void trace_number_events(void)
{
	struct trace_event *const *pp;
	u16 id = TRACE_FIRST_ID;

	for_each_trace_event (pp)
		(*pp)->id = id++;
}

struct trace_event *trace_find_event(const char *name)
{
	const char *colon = strchr(name, ':');
	struct trace_event *const *pp;

	for_each_trace_event (pp) {
		const struct trace_event *ev = *pp;
		size_t len = strlen(ev->system);

		if (colon && (len != (size_t)(colon - name) || strncmp(name, ev->system, len)))
			continue;
		if (!strcmp(colon ? colon + 1 : name, ev->name))
			return *pp;
	}
	return NULL;
}

struct trace_event *trace_event_of_id(unsigned int id)
{
	size_t n = __stop_trace_events - __start_trace_events;

	if (id < TRACE_FIRST_ID || id - TRACE_FIRST_ID >= n)
		return NULL;
	return __start_trace_events[id - TRACE_FIRST_ID];
}

/* NMI, hard interrupt inside a softirq, hard interrupt, softirq, task. */
static char context_letter(u8 flags)
{
	if (flags & TRACE_NMI)
		return flags & TRACE_HARDIRQ ? 'Z' : 'z';
	if (flags & TRACE_HARDIRQ)
		return flags & TRACE_SOFTIRQ ? 'H' : 'h';
	return flags & TRACE_SOFTIRQ ? 's' : '.';
}

int trace_print_where(char *buf, size_t size, const struct trace_where *w, bool counter)
{
	char depth = !w->preempt ? '.' : w->preempt < 10 ? '0' + w->preempt : 'a' + w->preempt - 10;
	u64 us = (w->ns + 500) / 1000;
	int len;

	/* The last of the five flags is the depth of migrate_disable(), which nests nowhere. */
	len = scnprintf(buf, size, "%16s-%-7d [%03d] %c%c%c%c. ", w->comm, w->pid, w->cpu,
			w->flags & TRACE_IRQS_OFF ? 'd' : '.',
			w->flags & TRACE_NEED_RESCHED ? 'N' : '.', context_letter(w->flags), depth);
	if (counter)
		return len +
		       scnprintf(buf + len, size - len, "%12llu: ", (unsigned long long)w->ns);
	return len + scnprintf(buf + len, size - len,
			       "%5llu.%06llu: ", (unsigned long long)(us / 1000000),
			       (unsigned long long)(us % 1000000));
}
