/* SPDX-License-Identifier: MIT */
/*
 * Tracepoints: places in the code that can tell what happens there, with typed fields. A
 * tracepoint nobody listens to costs one untaken branch on a word that is only read. The kernel
 * and the simulator compile the same declarations; what becomes of an event differs
 * (trace/trace.c, sim/sim_trace.c).
 *
 * A room declares its events in a header with DECLARE_TRACE() and defines each in one file of its
 * own by FIELDS_<name> and DEFINE_TRACE(); see <jiffy/trace_sched.h> and sched/trace.c.
 *
 * Context: any, NMI too; the run queue's lock may be held. A listener may not sleep, wake, or
 * take a lock that the traced code takes.
 */
#ifndef JIFFY_TRACEPOINT_H
#define JIFFY_TRACEPOINT_H

#include <jiffy/compiler.h>
#include <jiffy/kernel.h>
#include <jiffy/string.h>
#include <jiffy/types.h>

/* Who listens to an event: bits of trace_event.on. */
#define TRACE_TO_BUFFER	  1u /* the ring buffers, or the simulator's output */
#define TRACE_TO_MONITOR  2u /* sched/monitor.c */
#define TRACE_TO_HOOK	  4u /* the simulator's own accounts */
#define TRACE_TO_TIMELINE 8u /* sim/timeline.c */

#define TRACE_MAX_ENTRY 256 /* bytes of the largest entry */

struct trace_field {
	const char *decl; /* as a C declaration: "char comm[16]" */
	u16 offset, size; /* bytes in the entry */
	bool is_signed;
};

struct trace_filter;
struct trace_event {
	u32 on; /* TRACE_TO_*: written under the listeners' own locks, read without */
	struct trace_filter *filter; /* of TRACE_TO_BUFFER, or NULL: trace/filter.c; RCU */
	u16 id, size;
	const char *system, *name, *print_fmt;
	const struct trace_field *fields;
	unsigned int nr_fields;
	/* The fields as text, NUL-terminated; the length. */
	int (*print)(char *buf, size_t size, const void *entry);
};

/* All events, in the order of linking; ids are given by trace_number_events(). */
extern struct trace_event *const __start_trace_events[], *const __stop_trace_events[];
#define for_each_trace_event(pp) \
	for ((pp) = __start_trace_events; (pp) < __stop_trace_events; (pp)++)

/* The first id of an event that is declared here; smaller ones are for the buffer's own. */
#define TRACE_FIRST_ID 100
#define TRACE_PRINT_ID 5 /* text from trace_marker */
void trace_number_events(void);
/* By name, with or without "system:"; NULL when there is none. */
struct trace_event *trace_find_event(const char *name);
struct trace_event *trace_event_of_id(unsigned int id);

/* An entry of ev for its listeners. Any context. */
void trace_emit(struct trace_event *ev, const void *entry, size_t size);

/* When and where an event came, as a line of text shows it. */
struct trace_where {
	u64 ns;
	int cpu, pid;
	const char *comm;
	u8 flags;   /* TRACE_IRQS_OFF... */
	u8 preempt; /* depth of preempt_disable() */
};
#define TRACE_IRQS_OFF	   0x01
#define TRACE_NEED_RESCHED 0x04
#define TRACE_HARDIRQ	   0x08
#define TRACE_SOFTIRQ	   0x10
#define TRACE_NMI	   0x40
/* The part of a line before the event's name; the length. counter: the clock is no time. */
int trace_print_where(char *buf, size_t size, const struct trace_where *w, bool counter);

/* A plain read, which can be one instruction with its test: just when a listener is seen is open. */
#define DECLARE_TRACE(nm, proto, args)               \
	extern struct trace_event trace_event_##nm;  \
	void __trace_##nm proto;                     \
	static __always_inline void trace_##nm proto \
	{                                            \
		if (unlikely(trace_event_##nm.on))   \
			__trace_##nm args;           \
	}

/* For trace/: the entry's type, its table of fields, its text. */
#define __TRACE_MEMBER(type, nm)	  type nm;
#define __TRACE_MEMBER_ARRAY(type, nm, n) type nm[n];
#define __TRACE_ROW(type, nm)                                                      \
	{#type " " #nm, offsetof(TRACE_ENTRY, nm), sizeof(((TRACE_ENTRY *)0)->nm), \
	 (type)-1 < (type)1},
#define __TRACE_ROW_ARRAY(type, nm, n)                                                        \
	{#type " " #nm "[" #n "]", offsetof(TRACE_ENTRY, nm), sizeof(((TRACE_ENTRY *)0)->nm), \
	 (type)-1 < (type)1},

#define DEFINE_TRACE(sys, nm, fmt, ...)                                                          \
	static int print_##nm(char *buf, size_t size, const void *entry)                         \
	{                                                                                        \
		const struct trace_##nm *REC = entry;                                            \
                                                                                                 \
		return scnprintf(buf, size, fmt, __VA_ARGS__);                                   \
	}                                                                                        \
	struct trace_event trace_event_##nm = {                                                  \
	    .size = sizeof(struct trace_##nm),                                                   \
	    .system = #sys,                                                                      \
	    .name = #nm,                                                                         \
	    .print_fmt = #fmt ", " #__VA_ARGS__,                                                 \
	    .fields = fields_##nm,                                                               \
	    .nr_fields = ARRAY_SIZE(fields_##nm),                                                \
	    .print = print_##nm,                                                                 \
	};                                                                                       \
	static struct trace_event *const trace_event_ptr_##nm __used __section("trace_events") = \
	    &trace_event_##nm

#endif
