/* SPDX-License-Identifier: MIT */
/*
 * The kernel's listener: each CPU's ring of records, switched on and off, the clocks, and the
 * walk over the records by time.
 *
 * Serialization rules
 *
 *   trace_lock (mutex)	which events are on, the size of the rings, the clock, all readers
 *   rings		set while no writer looks: made before an event goes on, replaced with
 *			recording off and after a grace period (a writer has preemption off,
 *			which RCU waits for); freed after another, for who asks whether there
 *			is something to read does so under RCU alone
 *   a ring		see ring.h
 *
 * trace_emit() takes no lock and wakes nobody, for the run queue's lock may be held where it is
 * called: a reader that sleeps is woken by a timer, which runs while there is such a reader.
 */
#include "trace.h"
#include <jiffy/err.h>
#include <jiffy/init.h>
#include <jiffy/ktime.h>
#include <jiffy/rcupdate.h>
#include <jiffy/sched.h>
#include <jiffy/slab.h>
#include <jiffy/smp.h>
#include <jiffy/vmalloc.h>

#define WAKE_INTERVAL (HZ / 100 ? HZ / 100 : 1)
#define DEFAULT_SIZE  KIB(1024)

DEFINE_MUTEX(trace_lock);
DECLARE_WAIT_QUEUE_HEAD(trace_wait);
bool trace_overwrite = true;
u64 trace_size_wanted = DEFAULT_SIZE;
static struct ring *rings; /* by CPU */
static u64 ring_bytes;
static bool on = true, recording;
static int pipe_readers; /* trace_lock */

static u64 clock_local(void)
{
	return sched_clock();
}

/* Never back, whichever CPU asks: each value is at least the one given last. */
static u64 clock_global(void)
{
	static u64 last;
	u64 now = sched_clock(), seen = __atomic_load_n(&last, __ATOMIC_RELAXED);

	do {
		if ((s64)(now - seen) <= 0)
			return seen;
	} while (!__atomic_compare_exchange_n(&last, &seen, now, false, __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	return now;
}

static u64 clock_counter(void)
{
	static u64 n;

	return __atomic_add_fetch(&n, 1, __ATOMIC_RELAXED);
}

static u64 clock_uptime(void)
{
	return (u64)jiffies * (NSEC_PER_SEC / HZ);
}

const struct trace_clock trace_clocks[] = {{"local", clock_local, false},
					   {"global", clock_global, false},
					   {"counter", clock_counter, true},
					   {"uptime", clock_uptime, false},
					   {"perf", clock_local, false}};
const unsigned int nr_trace_clocks = ARRAY_SIZE(trace_clocks);
const struct trace_clock *trace_clock = &trace_clocks[0];

/* [preemption off, by one preempt_disable() of the caller's for this] */
static void write_record(u16 id, const void *payload, u32 len)
{
	struct task_struct *p = current;
	struct ring_header h = {.id = id, .pid = p->pid};
	unsigned int count;

	if (smp_load_acquire(&recording)) {
		struct ring *r = &READ_ONCE(rings)[smp_processor_id()];

		count = preempt_count();
		h.preempt = min((count & PREEMPT_MASK) - 1, 15u);
		h.flags = (irqs_disabled() ? TRACE_IRQS_OFF : 0) |
			  (test_tsk_need_resched(p) ? TRACE_NEED_RESCHED : 0) |
			  (count & HARDIRQ_MASK ? TRACE_HARDIRQ : 0) |
			  (count & SOFTIRQ_OFFSET ? TRACE_SOFTIRQ : 0) |
			  (count & NMI_MASK ? TRACE_NMI : 0);
		h.ns = READ_ONCE(trace_clock)->read();
		memcpy(h.comm, p->pid ? p->comm : "<idle>\0\0\0\0\0\0\0\0\0", sizeof(h.comm));
		ring_write(r, READ_ONCE(trace_overwrite), &h, payload, len);
	}
}

void trace_emit(struct trace_event *ev, const void *entry, size_t size)
{
	const struct trace_filter *filter;

	if (!(READ_ONCE(ev->on) & TRACE_TO_BUFFER))
		return;
	preempt_disable();
	filter = READ_ONCE(ev->filter);
	if (likely(!filter) || trace_filter_passes(filter, entry))
		write_record(ev->id, entry, size);
	preempt_enable_no_resched();
}

int trace_write_marker(const char *text, size_t len)
{
	int err;

	mutex_lock(&trace_lock);
	err = trace_buffers_get();
	mutex_unlock(&trace_lock);
	if (err)
		return err;
	if (!trace_is_on())
		return -EBADF;
	preempt_disable();
	write_record(TRACE_PRINT_ID, text, len);
	preempt_enable();
	return 0;
}

bool trace_is_on(void)
{
	return READ_ONCE(on);
}

static void update_recording(void)
{
	lockdep_assert_held(&trace_lock);
	/* The rings are whole before a writer, who reads this first, may look. */
	smp_store_release(&recording, on && rings);
}

void trace_set_on(bool value)
{
	lockdep_assert_held(&trace_lock);
	WRITE_ONCE(on, value);
	update_recording();
	/* A reader of trace_pipe learns that there will be no more. */
	wake_up_interruptible_all(&trace_wait);
}

static void free_rings(struct ring *r)
{
	unsigned int cpu;

	for (cpu = 0; r && cpu < nr_cpu_ids; cpu++)
		vfree(r[cpu].data);
	kfree(r);
}

static struct ring *make_rings(u64 bytes)
{
	struct ring *r = kcalloc(nr_cpu_ids, sizeof(*r), GFP_KERNEL);
	unsigned int cpu;

	for (cpu = 0; r && cpu < nr_cpu_ids; cpu++) {
		void *data = vmalloc(bytes);

		if (!data) {
			free_rings(r);
			return NULL;
		}
		ring_init(&r[cpu], data, bytes);
	}
	return r;
}

int trace_buffers_resize(u64 bytes)
{
	struct ring *new, *old = rings;

	lockdep_assert_held(&trace_lock);
	bytes = roundup_pow_of_two(max(bytes, (u64)4 * RING_MAX_RECORD));
	if (old && bytes == ring_bytes)
		return 0;
	new = make_rings(bytes);
	if (!new)
		return -ENOMEM;
	WRITE_ONCE(recording, false);
	synchronize_rcu();
	WRITE_ONCE(rings, new);
	ring_bytes = trace_size_wanted = bytes;
	update_recording();
	synchronize_rcu();
	free_rings(old);
	return 0;
}

int trace_buffers_get(void)
{
	lockdep_assert_held(&trace_lock);
	return rings ? 0 : trace_buffers_resize(trace_size_wanted);
}

u64 trace_buffers_size(void)
{
	return ring_bytes;
}

struct ring *trace_ring(unsigned int cpu)
{
	lockdep_assert_held(&trace_lock);
	return rings ? &rings[cpu] : NULL;
}

void trace_reset(int cpu)
{
	unsigned int i;

	lockdep_assert_held(&trace_lock);
	for (i = 0; rings && i < nr_cpu_ids; i++)
		if (cpu < 0 || cpu == (int)i)
			ring_reset(&rings[i]);
}

/* Readers. */
static bool iter_covers(const struct trace_iter *it, unsigned int cpu)
{
	return it->cpu < 0 || it->cpu == (int)cpu;
}

void trace_iter_rewind(struct trace_iter *it)
{
	unsigned int cpu;

	lockdep_assert_held(&trace_lock);
	it->index = 0;
	it->rec_cpu = -1;
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		it->pos[cpu] = 0;
		/* What comes later is another reading's: the reading itself makes events. */
		it->end[cpu] = rings && !it->consume ? ring_load(&rings[cpu].commit) : ~0ULL;
		it->overrun[cpu] = 0;
	}
}

bool trace_iter_empty(const struct trace_iter *it)
{
	bool empty = true;
	struct ring *r;
	unsigned int cpu;

	rcu_read_lock();
	r = rcu_dereference(rings);
	for (cpu = 0; r && cpu < nr_cpu_ids && empty; cpu++)
		empty = !iter_covers(it, cpu) || ring_empty(&r[cpu]);
	rcu_read_unlock();
	return empty;
}

/* The oldest of the CPUs' next records comes into it->rec; its place there in *pos and *next. */
static int find_oldest(struct trace_iter *it, u64 *pos, u64 *next)
{
	int best = -1;
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		/* Who takes what he reads begins where the ring does, which may be a new one. */
		u64 p = it->consume ? 0 : it->pos[cpu], n;

		if (!iter_covers(it, cpu) ||
		    !ring_peek(&rings[cpu], &p, &n, &it->candidate.header) || p >= it->end[cpu])
			continue;
		if (best >= 0 && it->candidate.header.ns >= it->rec.header.ns)
			continue;
		memcpy(&it->rec, &it->candidate, it->candidate.header.size);
		best = cpu;
		*pos = p;
		*next = n;
	}
	return best;
}

bool trace_iter_next(struct trace_iter *it)
{
	u64 pos, next;
	int cpu;

	lockdep_assert_held(&trace_lock);
	it->rec_cpu = -1;
	if (!rings)
		return false;
	do {
		cpu = find_oldest(it, &pos, &next);
		if (cpu < 0)
			return false;
		/* One that a writer took meanwhile is not the oldest any more. */
	} while (it->consume && !ring_consume(&rings[cpu], pos, next));
	it->lost = 0;
	if (it->consume) {
		u64 overrun = READ_ONCE(rings[cpu].overrun);

		if (overrun > it->overrun[cpu])
			it->lost = overrun - it->overrun[cpu];
		it->overrun[cpu] = overrun;
	}
	it->pos[cpu] = next;
	it->rec_cpu = cpu;
	it->index++;
	trace_save_cmdline(&it->rec.header);
	return true;
}

int trace_iter_print(const struct trace_iter *it, char *buf, size_t size)
{
	const struct ring_header *h = &it->rec.header;
	const struct trace_event *ev = trace_event_of_id(h->id);
	const void *payload = h + 1;
	struct trace_where w = {.ns = h->ns,
				.cpu = it->rec_cpu,
				.pid = h->pid,
				.comm = h->comm,
				.flags = h->flags,
				.preempt = h->preempt};
	int len = 0;

	if (it->lost)
		len = scnprintf(buf, size, "CPU:%d [LOST %llu EVENTS]\n", it->rec_cpu,
				(unsigned long long)it->lost);
	len += trace_print_where(buf + len, size - len, &w, trace_clock->counter);
	if (ev) {
		len += scnprintf(buf + len, size - len, "%s: ", ev->name);
		len += ev->print(buf + len, size - len, payload);
	} else {
		len += scnprintf(buf + len, size - len, "tracing_mark_write: %.*s",
				 (int)(h->size - sizeof(*h)), (const char *)payload);
	}
	return len + scnprintf(buf + len, size - len, "\n");
}

/* Waking readers. */
static void wake_readers(struct timer_list *timer)
{
	static const struct trace_iter all = {.cpu = -1};

	if (!trace_iter_empty(&all))
		wake_up_interruptible_all(&trace_wait);
	mod_timer(timer, jiffies + WAKE_INTERVAL);
}
static struct timer_list wake_timer;

void trace_pipe_opened(void)
{
	lockdep_assert_held(&trace_lock);
	if (!pipe_readers++) {
		timer_setup(&wake_timer, wake_readers, 0);
		mod_timer(&wake_timer, jiffies + WAKE_INTERVAL);
	}
}

void trace_pipe_closed(void)
{
	lockdep_assert_held(&trace_lock);
	if (!--pipe_readers)
		del_timer_sync(&wake_timer);
}
