/* SPDX-License-Identifier: MIT */
/*
 * Which events are recorded, and which of them by filters: the files below events/ of tracefs, and
 * set_event. Task context.
 */
#include "trace.h"
#include <jiffy/err.h>
#include <jiffy/proc_fs.h>
#include <jiffy/rcupdate.h>
#include <jiffy/seq_file.h>
#include <jiffy/slab.h>

/* An event or all of a system (NULL: all events). */
struct event_set {
	const char *system;
	struct trace_event *event;
};

static bool in_set(const struct event_set *set, const struct trace_event *ev)
{
	return set->event ? ev == set->event : !set->system || !strcmp(ev->system, set->system);
}

static int switch_set(const struct event_set *set, bool on)
{
	struct trace_event *const *pp;
	int err = trace_buffers_get();

	if (err)
		return err;
	for_each_trace_event (pp) {
		struct trace_event *ev = *pp;

		if (!in_set(set, ev))
			continue;
		if (on)
			__atomic_fetch_or(&ev->on, TRACE_TO_BUFFER, __ATOMIC_RELAXED);
		else
			__atomic_fetch_and(&ev->on, ~TRACE_TO_BUFFER, __ATOMIC_RELAXED);
	}
	return 0;
}

/* 0, 1, or X when some are on and some are not. */
static int enable_show(struct seq_file *m, void *v)
{
	const struct event_set *set = m->private;
	struct trace_event *const *pp;
	unsigned int on = 0, off = 0;

	for_each_trace_event (pp) {
		if (!in_set(set, *pp))
			continue;
		if (READ_ONCE((*pp)->on) & TRACE_TO_BUFFER)
			on++;
		else
			off++;
	}
	seq_printf(m, "%c\n", on && off ? 'X' : on ? '1' : '0');
	return 0;
}

static int enable_write(void *data, char *line)
{
	int err, on;

	err = kstrtoint(line, 0, &on);
	if (err)
		return err;
	if (on != 0 && on != 1)
		return -EINVAL;
	mutex_lock(&trace_lock);
	err = switch_set(data, on);
	mutex_unlock(&trace_lock);
	return err;
}

static int id_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%u\n", ((const struct event_set *)m->private)->event->id);
	return 0;
}

static void show_field(struct seq_file *m, const struct trace_field *f, unsigned int base)
{
	seq_printf(m, "\tfield:%s;\toffset:%u;\tsize:%u;\tsigned:%d;\n", f->decl, f->offset + base,
		   f->size, f->is_signed);
}

void trace_common_format(struct seq_file *m)
{
	static const struct trace_field common[] = {
	    {"unsigned short common_type", 0, 2, false},
	    {"unsigned char common_flags", 2, 1, false},
	    {"unsigned char common_preempt_count", 3, 1, false},
	    {"int common_pid", 4, 4, true}};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(common); i++)
		show_field(m, &common[i], 0);
}

/* How tools learn an entry's layout. The first four fields come with every record. */
static int format_show(struct seq_file *m, void *v)
{
	const struct trace_event *ev = ((const struct event_set *)m->private)->event;
	unsigned int i;

	seq_printf(m, "name: %s\nID: %u\nformat:\n", ev->name, ev->id);
	trace_common_format(m);
	seq_putc(m, '\n');
	for (i = 0; i < ev->nr_fields; i++)
		show_field(m, &ev->fields[i], 8);
	seq_printf(m, "\nprint fmt: %s\n", ev->print_fmt);
	return 0;
}

static int filter_show(struct seq_file *m, void *v)
{
	const struct event_set *set = m->private;

	mutex_lock(&trace_lock);
	seq_printf(m, "%s\n", set->event ? trace_filter_text(set->event->filter) : "none");
	mutex_unlock(&trace_lock);
	return 0;
}

static int set_filter(struct trace_event *ev, const char *text)
{
	struct trace_filter *new = NULL, *old = ev->filter;

	lockdep_assert_held(&trace_lock);
	if (text)
		new = trace_filter_create(ev, text);
	if (IS_ERR(new))
		return PTR_ERR(new);
	rcu_assign_pointer(ev->filter, new);
	if (old)
		synchronize_rcu();
	trace_filter_free(old);
	return 0;
}

/*
 * "0" takes the filter away. A system's is that of all its events that have the fields; it is
 * wrong when none has.
 */
static int filter_write(void *data, char *line)
{
	const struct event_set *set = data;
	const char *text = strim(line);
	struct trace_event *const *pp;
	int err = -EINVAL;

	if (!strcmp(text, "0") || !*text)
		text = NULL;
	mutex_lock(&trace_lock);
	for_each_trace_event(pp)
	{
		int e = in_set(set, *pp) ? set_filter(*pp, text) : -EINVAL;

		if (!e || e == -ENOMEM)
			err = e;
		if (e == -ENOMEM)
			break;
	}
	mutex_unlock(&trace_lock);
	return err;
}

/* One word: [!]EVENT, [!]SYSTEM:EVENT, [!]SYSTEM:* or *:*. */
static int set_word(char *word)
{
	struct event_set set = {NULL, NULL};
	bool on = *word != '!';
	struct trace_event *const *pp;
	char *colon;

	word += !on;
	colon = strchr(word, ':');
	if (strcmp(word, "*:*") && strcmp(word, "*")) {
		if (colon && (!colon[1] || !strcmp(colon + 1, "*"))) {
			*colon = '\0';
			for_each_trace_event (pp)
				if (!strcmp((*pp)->system, word))
					set.system = (*pp)->system;
		} else {
			set.event = trace_find_event(word);
		}
		if (!set.system && !set.event)
			return -EINVAL;
	}
	return switch_set(&set, on);
}

int trace_set_event(char *words)
{
	char *word;
	int err = 0;

	lockdep_assert_held(&trace_lock);
	while (!err && (word = strsep(&words, " ,\t\n")))
		if (*word)
			err = set_word(word);
	return err;
}

static int set_event_write(void *data, char *line)
{
	int err;

	mutex_lock(&trace_lock);
	err = trace_set_event(line);
	mutex_unlock(&trace_lock);
	return err;
}

static void list_events(struct seq_file *m, bool all)
{
	struct trace_event *const *pp;

	for_each_trace_event (pp)
		if (all || (READ_ONCE((*pp)->on) & TRACE_TO_BUFFER))
			seq_printf(m, "%s:%s\n", (*pp)->system, (*pp)->name);
}

static int set_event_show(struct seq_file *m, void *v)
{
	list_events(m, false);
	return 0;
}

static int available_show(struct seq_file *m, void *v)
{
	list_events(m, true);
	return 0;
}

static int make_event(struct proc_dir_entry *parent, struct event_set *set)
{
	struct proc_dir_entry *dir = proc_mkdir(set->event->name, parent);

	if (!dir || !proc_create_rw("enable", 0644, dir, enable_show, enable_write, set) ||
	    !proc_create_rw("filter", 0644, dir, filter_show, filter_write, set) ||
	    !proc_create_single_data("format", 0444, dir, format_show, set) ||
	    !proc_create_single_data("id", 0444, dir, id_show, set))
		return -ENOMEM;
	return 0;
}

int trace_make_event_files(struct proc_dir_entry *root)
{
	static struct event_set all;
	size_t n = __stop_trace_events - __start_trace_events, i;
	struct proc_dir_entry *events = proc_mkdir("events", root), *dir = NULL;
	/* The files refer to them for good. */
	struct event_set *sets = kcalloc(2 * n, sizeof(*sets), GFP_KERNEL), *set = sets;
	const char *system = "";
	int err = 0;

	if (!events || !sets ||
	    !proc_create_rw("enable", 0644, events, enable_show, enable_write, &all) ||
	    !proc_create_rw("set_event", 0644, root, set_event_show, set_event_write, NULL) ||
	    !proc_create_single("available_events", 0444, root, available_show))
		return -ENOMEM;
	for (i = 0; i < n && !err; i++) {
		struct trace_event *ev = __start_trace_events[i];

		/* Events of one system lie side by side: they are one file's. */
		if (strcmp(ev->system, system)) {
			system = ev->system;
			dir = proc_mkdir(system, events);
			set->system = system;
			if (!dir ||
			    !proc_create_rw("filter", 0644, dir, filter_show, filter_write, set) ||
			    !proc_create_rw("enable", 0644, dir, enable_show, enable_write, set++))
				return -ENOMEM;
		}
		set->event = ev;
		err = make_event(dir, set++);
	}
	return err ? err : trace_make_header_files(events);
}
