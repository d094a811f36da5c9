/* SPDX-License-Identifier: MIT */
/*
 * The files of tracefs (/sys/kernel/tracing): control, and the records as text. Task context;
 * each takes trace_lock itself.
 */
#include "trace.h"
#include <arch/uaccess.h>
#include <jiffy/err.h>
#include <jiffy/fs.h>
#include <jiffy/init.h>
#include <jiffy/poll.h>
#include <jiffy/proc_fs.h>
#include <jiffy/sched.h>
#include <jiffy/seq_file.h>
#include <jiffy/slab.h>

static int parse_bool(const char *line, bool *value)
{
	int n, err = kstrtoint(line, 0, &n);

	if (!err)
		*value = n != 0;
	return err;
}

static int tracing_on_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%d\n", trace_is_on());
	return 0;
}

static int tracing_on_write(void *data, char *line)
{
	bool on;
	int err = parse_bool(line, &on);

	if (err)
		return err;
	mutex_lock(&trace_lock);
	trace_set_on(on);
	mutex_unlock(&trace_lock);
	return 0;
}

static int size_show(struct seq_file *m, void *v)
{
	mutex_lock(&trace_lock);
	if (trace_buffers_size())
		seq_printf(m, "%llu\n", (unsigned long long)trace_buffers_size() / 1024);
	else
		seq_printf(m, "0 (expanded: %llu)\n", (unsigned long long)trace_size_wanted / 1024);
	mutex_unlock(&trace_lock);
	return 0;
}

static int total_size_show(struct seq_file *m, void *v)
{
	mutex_lock(&trace_lock);
	seq_printf(m, "%llu\n", (unsigned long long)trace_buffers_size() / 1024 * nr_cpu_ids);
	mutex_unlock(&trace_lock);
	return 0;
}

static int size_write(void *data, char *line)
{
	unsigned long kb;
	int err = kstrtoul(line, 10, &kb);

	if (err)
		return err;
	if (!kb || kb > GIB(1) / 1024)
		return -EINVAL;
	mutex_lock(&trace_lock);
	err = trace_buffers_resize((u64)kb * 1024);
	mutex_unlock(&trace_lock);
	return err;
}

static int clock_show(struct seq_file *m, void *v)
{
	unsigned int i;

	for (i = 0; i < nr_trace_clocks; i++) {
		bool now = trace_clock == &trace_clocks[i];

		seq_printf(m, "%s%s%s%s", i ? " " : "", now ? "[" : "", trace_clocks[i].name,
			   now ? "]" : "");
	}
	seq_putc(m, '\n');
	return 0;
}

/* Times of two clocks do not compare: what was recorded by the old one goes. */
static int clock_write(void *data, char *line)
{
	unsigned int i;

	for (i = 0; i < nr_trace_clocks; i++) {
		if (strcmp(line, trace_clocks[i].name))
			continue;
		mutex_lock(&trace_lock);
		WRITE_ONCE(trace_clock, &trace_clocks[i]);
		trace_reset(-1);
		mutex_unlock(&trace_lock);
		return 0;
	}
	return -EINVAL;
}

static int overwrite_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%d\n", READ_ONCE(trace_overwrite));
	return 0;
}

static int overwrite_write(void *data, char *line)
{
	bool on;
	int err = parse_bool(line, &on);

	if (!err)
		WRITE_ONCE(trace_overwrite, on);
	return err;
}

static int options_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%soverwrite\n", READ_ONCE(trace_overwrite) ? "" : "no");
	return 0;
}

static int options_write(void *data, char *line)
{
	bool off = !strncmp(line, "no", 2);

	if (strcmp(line + 2 * off, "overwrite"))
		return -EINVAL;
	WRITE_ONCE(trace_overwrite, !off);
	return 0;
}

/* There is no function tracer: events are all there is to trace. */
static int tracer_show(struct seq_file *m, void *v)
{
	seq_puts(m, "nop\n");
	return 0;
}

static int tracer_write(void *data, char *line)
{
	return strcmp(line, "nop") ? -EINVAL : 0;
}

static int stats_show(struct seq_file *m, void *v)
{
	struct ring *r, none = {0};
	u64 tail;

	mutex_lock(&trace_lock);
	r = trace_ring(trace_cpu_of(m->private));
	if (!r)
		r = &none;
	tail = ring_load(&r->tail);
	seq_printf(m, "entries: %llu\noverrun: %llu\ncommit overrun: %llu\nbytes: %llu\n",
		   (unsigned long long)(r->written - r->overrun - r->read),
		   (unsigned long long)r->overrun, (unsigned long long)r->commit_overrun,
		   (unsigned long long)(ring_load(&r->commit) - tail));
	seq_printf(m, "dropped events: %llu\nread events: %llu\n", (unsigned long long)r->dropped,
		   (unsigned long long)r->read);
	mutex_unlock(&trace_lock);
	return 0;
}

/* trace: all records, left where they are. */
static void *trace_start(struct seq_file *m, loff_t *pos)
{
	struct trace_iter *it = m->private;

	mutex_lock(&trace_lock);
	if (!*pos) {
		trace_iter_rewind(it);
		return SEQ_START_TOKEN;
	}
	if (it->index > (u64)*pos)
		trace_iter_rewind(it);
	while (it->index < (u64)*pos)
		if (!trace_iter_next(it))
			return NULL;
	return it->rec_cpu >= 0 ? it : NULL;
}

static void *trace_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct trace_iter *it = m->private;

	++*pos;
	return trace_iter_next(it) ? it : NULL;
}

static void trace_stop(struct seq_file *m, void *v)
{
	mutex_unlock(&trace_lock);
}

static void show_head(struct seq_file *m, const struct trace_iter *it)
{
	u64 in = 0, written = 0;
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct ring *r = trace_ring(cpu);

		if (!r || (it->cpu >= 0 && it->cpu != (int)cpu))
			continue;
		written += r->written - r->read;
		in += r->written - r->overrun - r->read;
	}
	seq_printf(m, "# tracer: nop\n#\n# entries-in-buffer/entries-written: %llu/%llu   #P:%u\n",
		   (unsigned long long)in, (unsigned long long)written, nr_cpu_ids);
	seq_puts(m, "#\n# Flags: d interrupts off; N must reschedule; h, s, z in an interrupt, "
		    "softirq, NMI;\n#        depth of preempt_disable(); depth of "
		    "migrate_disable()\n#\n");
	seq_puts(m, "#           TASK-PID     CPU#  FLAGS  TIMESTAMP  FUNCTION\n");
}

static int trace_show(struct seq_file *m, void *v)
{
	struct trace_iter *it = m->private;
	char *buf;
	int len;

	if (v == SEQ_START_TOKEN) {
		show_head(m, it);
		return 0;
	}
	if (seq_get_buf(m, &buf) < TRACE_LINE_MAX) {
		seq_commit(m, -1);
		return 0;
	}
	len = trace_iter_print(it, buf, TRACE_LINE_MAX);
	seq_commit(m, len);
	return 0;
}

static const struct seq_operations trace_seq_ops = {
    .start = trace_start, .next = trace_next, .stop = trace_stop, .show = trace_show};

static int trace_open(struct inode *inode, struct file *file)
{
	int cpu = trace_cpu_of(pde_data(inode)), err;
	struct trace_iter *it;

	if ((file->f_mode & FMODE_WRITE) && (file->f_flags & O_TRUNC)) {
		mutex_lock(&trace_lock);
		trace_reset(cpu);
		mutex_unlock(&trace_lock);
	}
	err = seq_open_private(file, &trace_seq_ops, sizeof(*it));
	if (!err) {
		it = ((struct seq_file *)file->private_data)->private;
		it->cpu = cpu;
	}
	return err;
}

/* `echo > trace` empties it, by the open; what is written is of no interest. */
static ssize_t trace_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	return len;
}

static const struct file_operations trace_fops = {
    .open = trace_open,
    .read_iter = seq_read_iter,
    .write = trace_write,
    .llseek = seq_lseek,
    .release = seq_release_private,
};

static ssize_t marker_write(struct file *file, const char __user *ubuf, size_t len, loff_t *pos)
{
	char text[RING_MAX_RECORD - sizeof(struct ring_header)];
	size_t n = min(len, sizeof(text));
	int err;

	if (copy_from_user(text, ubuf, n))
		return -EFAULT;
	err = trace_write_marker(text, n && text[n - 1] == '\n' ? n - 1 : n);
	return err ? err : (ssize_t)n;
}

static const struct file_operations marker_fops = {.write = marker_write, .llseek = no_llseek};

static int make_cpu_files(struct proc_dir_entry *root)
{
	struct proc_dir_entry *all = proc_mkdir("per_cpu", root), *dir;
	char name[16];
	long cpu;

	if (!all)
		return -ENOMEM;
	for_each_possible_cpu (cpu) {
		void *data = (void *)(cpu + 1);

		snprintf(name, sizeof(name), "cpu%ld", cpu);
		dir = proc_mkdir(name, all);
		if (!dir || !proc_create_data("trace_pipe_raw", 0400, dir, &trace_raw_fops, data) ||
		    !proc_create_data("trace", 0644, dir, &trace_fops, data) ||
		    !proc_create_data("trace_pipe", 0400, dir, &trace_pipe_fops, data) ||
		    !proc_create_single_data("stats", 0444, dir, stats_show, data) ||
		    !proc_create_rw("buffer_size_kb", 0444, dir, size_show, NULL, data))
			return -ENOMEM;
	}
	return 0;
}

static char boot_events[256];

static int set_trace_event(char *value)
{
	return strscpy(boot_events, value, sizeof(boot_events)) < 0 ? -E2BIG : 0;
}
__setup("trace_event=", set_trace_event);

static int set_trace_buf_size(char *value)
{
	u64 bytes = memparse(value, NULL);

	if (!bytes || bytes > GIB(1))
		return -EINVAL;
	trace_size_wanted = bytes;
	return 0;
}
__setup("trace_buf_size=", set_trace_buf_size);

static int __init tracefs_files_init(void)
{
	static const struct {
		const char *name;
		umode_t mode;
		int (*show)(struct seq_file *m, void *v);
		int (*write)(void *data, char *line);
	} files[] = {
	    {"tracing_on", 0644, tracing_on_show, tracing_on_write},
	    {"buffer_size_kb", 0644, size_show, size_write},
	    {"buffer_total_size_kb", 0444, total_size_show, NULL},
	    {"trace_clock", 0644, clock_show, clock_write},
	    {"trace_options", 0644, options_show, options_write},
	    {"options/overwrite", 0644, overwrite_show, overwrite_write},
	    {"current_tracer", 0644, tracer_show, tracer_write},
	    {"available_tracers", 0444, tracer_show, NULL},
	    {"saved_cmdlines", 0444, trace_saved_cmdlines_show, NULL},
	};
	struct proc_dir_entry *root = &tracefs_root;
	unsigned int i;
	int err = 0;

	trace_number_events();
	if (!proc_mkdir("options", root))
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(files); i++)
		if (!proc_create_rw(files[i].name, files[i].mode, root, files[i].show,
				    files[i].write, NULL))
			return -ENOMEM;
	if (!proc_create("trace", 0644, root, &trace_fops) ||
	    !proc_create("trace_pipe", 0400, root, &trace_pipe_fops) ||
	    !proc_create("trace_marker", 0220, root, &marker_fops))
		return -ENOMEM;
	err = make_cpu_files(root);
	if (!err)
		err = trace_make_event_files(root);
	if (!err && boot_events[0]) {
		mutex_lock(&trace_lock);
		err = trace_set_event(boot_events);
		mutex_unlock(&trace_lock);
	}
	return err;
}
device_initcall(tracefs_files_init);
