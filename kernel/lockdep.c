/* SPDX-License-Identifier: MIT */
/*
 * The lock validator. A node of its graph is a lock class with a subclass; an edge A -> B says
 * that somebody took B while holding A. Three rules, each checked the moment something new is
 * seen, so that a dead-lock is reported without having to happen:
 *
 *   1. the graph has no circle;
 *   2. a class that an interrupt (softirq) takes is never held with interrupts (softirqs) on,
 *      and neither is any class that is taken while the first is held;
 *   3. a lock that may sleep is not taken inside a spinlock.
 *
 * Serialization rules: graph_lock, a bare ticket lock taken with interrupts off; what a task
 * holds is its own (interrupts push on the interrupted task's list and pop before they return).
 */
#include <jiffy/lockdep.h>

#ifdef JIFFY_CHECKED

#include <jiffy/bitops.h>
#include <jiffy/init.h>
#include <jiffy/sched.h>

#define MAX_CLASSES 1024
#define SUBCLASSES  4

enum { USED_HARDIRQ = 1, USED_SOFTIRQ = 2, HELD_HARDIRQ_ON = 4, HELD_SOFTIRQ_ON = 8 };

struct lock_class {
	const char *name;
	u8 usage;
	u8 subclass;
	unsigned long usage_ip[4]; /* where each usage was first seen */
};

static struct lock_class classes[MAX_CLASSES];
static DECLARE_BITMAP(edges[MAX_CLASSES], MAX_CLASSES);
static int nr_classes = SUBCLASSES; /* id 0 means: none yet */
static spinlock_t graph_lock;
static bool off; /* after the first report */

static int class_of(struct lockdep_map *map, int subclass)
{
	if (!map->key)
		return 0;
	if (!map->key->id) {
		if (nr_classes + SUBCLASSES > MAX_CLASSES) {
			off = true;
			printk(KERN_WARNING "lockdep: more than %d lock classes, off", MAX_CLASSES);
			return 0;
		}
		for (int i = 0; i < SUBCLASSES; i++) {
			classes[nr_classes + i].name = map->name;
			classes[nr_classes + i].subclass = i;
		}
		map->key->id = nr_classes;
		nr_classes += SUBCLASSES;
	}
	return map->key->id + subclass;
}

static void print_class(int id)
{
	pr_emerg("  %s/%d", classes[id].name ? classes[id].name : "?", classes[id].subclass);
}

void lockdep_print_held(struct task_struct *t)
{
	if (!t->lockdep_depth)
		return;
	pr_emerg("locks held by %s (pid %d):", t->comm, t->pid);
	for (int i = t->lockdep_depth - 1; i >= 0; i--) {
		struct held_lock *h = &t->held_locks[i];

		pr_emerg("  #%d %s/%d taken at %pS", i, h->map->name ? h->map->name : "?",
			 h->subclass, (void *)h->ip);
	}
}

/* Marks in `seen` all that can be reached from id; with `to`, prints the way found to it. */
static bool reach(int id, int to, unsigned long *seen, int depth)
{
	int next;

	if (id == to) {
		print_class(id);
		return true;
	}
	if (depth > 64 || __test_and_set_bit(id, seen))
		return false;
	for_each_set_bit (next, edges[id], MAX_CLASSES) {
		if (reach(next, to, seen, depth + 1)) {
			print_class(id);
			return true;
		}
	}
	return false;
}

static void __noreturn report(const char *what)
{
	off = true;
	arch_neutral_spin_unlock(&graph_lock);
	panic("lockdep: %s", what);
}

/* Rule 2, for all classes at once: from one that interrupts use, no way to one held with them on.
 */
static void check_irq_rule(void)
{
	static DECLARE_BITMAP(seen, MAX_CLASSES);
	static const struct {
		u8 used, on;
		const char *what;
	} rules[] = {
	    {USED_HARDIRQ, HELD_HARDIRQ_ON, "a lock that interrupts take is held with them on"},
	    {USED_SOFTIRQ, HELD_SOFTIRQ_ON, "a lock that softirqs take is held with them on"},
	};

	for (unsigned int r = 0; r < ARRAY_SIZE(rules); r++) {
		for (int a = SUBCLASSES; a < nr_classes; a++) {
			int b;

			if (!(classes[a].usage & rules[r].used))
				continue;
			bitmap_zero(seen, MAX_CLASSES);
			reach(a, -1, seen, 0);
			for_each_set_bit (b, seen, MAX_CLASSES) {
				if (!(classes[b].usage & rules[r].on))
					continue;
				pr_emerg(
				    "lockdep: the first is taken by interrupts at %pS, the last is held "
				    "with them on at %pS:",
				    (void *)classes[a].usage_ip[ilog2(rules[r].used)],
				    (void *)classes[b].usage_ip[ilog2(rules[r].on)]);
				bitmap_zero(seen, MAX_CLASSES);
				reach(a, b, seen, 0);
				report(rules[r].what);
			}
		}
	}
}

static u8 usage_now(const struct held_lock *h)
{
	u8 usage = 0;

	if (h->sleeps)
		return 0;
	if (in_hardirq())
		usage |= USED_HARDIRQ;
	else if (!h->irqs_off)
		usage |= HELD_HARDIRQ_ON;
	if (in_serving_softirq() && !in_hardirq())
		usage |= USED_SOFTIRQ;
	else if (!softirq_count() && !in_hardirq() && !h->irqs_off)
		usage |= HELD_SOFTIRQ_ON;
	return usage;
}

static bool mark_usage(int id, const struct held_lock *h)
{
	u8 new = usage_now(h) & ~classes[id].usage;

	if (!new)
		return false;
	for (int i = 0; i < 4; i++)
		if (new &(1 << i))
			classes[id].usage_ip[i] = h->ip;
	classes[id].usage |= new;
	return true;
}

/* Adds the edges from all that is held to the new lock. True when one is new. */
static bool add_edges(struct task_struct *t, int id, const struct held_lock *h)
{
	static DECLARE_BITMAP(seen, MAX_CLASSES);
	bool added = false;

	for (int i = 0; i < t->lockdep_depth; i++) {
		struct held_lock *prev = &t->held_locks[i];
		int from = prev->map->key->id + prev->subclass;

		if (from == id) {
			if (h->read && prev->read)
				continue;
			pr_emerg(
			    "lockdep: %s/%d taken at %pS while one of its class is held from %pS",
			    classes[id].name, h->subclass, (void *)h->ip, (void *)prev->ip);
			report("a lock class nested in itself");
		}
		if (!prev->sleeps && h->sleeps) {
			pr_emerg("lockdep: %s at %pS inside spinlock %s", classes[id].name,
				 (void *)h->ip, prev->map->name);
			report("a sleeping lock inside a spinlock");
		}
		if (test_bit(id, edges[from]))
			continue;
		bitmap_zero(seen, MAX_CLASSES);
		if (reach(id, from, seen, 0)) {
			pr_emerg(
			    "lockdep: above, last first, the known order; now %s at %pS is taken "
			    "while %s is held from %pS",
			    classes[id].name, (void *)h->ip, classes[from].name, (void *)prev->ip);
			report("locks taken in a circle");
		}
		__set_bit(id, edges[from]);
		added = true;
	}
	return added;
}

void lock_acquire(struct lockdep_map *map, int subclass, bool trylock, bool read, bool sleeps,
		  unsigned long ip)
{
	struct task_struct *t = current;
	struct held_lock h = {.map = map,
			      .ip = ip,
			      .subclass = subclass,
			      .read = read,
			      .sleeps = sleeps,
			      .irqs_off = irqs_disabled()};
	unsigned long flags;
	int id;

	if (off || !map->key || in_nmi())
		return;
	flags = arch_local_irq_save();
	arch_neutral_spin_lock(&graph_lock);
	id = class_of(map, subclass);
	if (id) {
		bool new = mark_usage(id, &h);

		/* A trylock never waits, so it closes no circle. */
		if (!trylock)
			new |= add_edges(t, id, &h);
		if (new)
			check_irq_rule();
		if (t->lockdep_depth >= MAX_LOCK_DEPTH)
			report("too many locks held");
		t->held_locks[t->lockdep_depth++] = h;
	}
	arch_neutral_spin_unlock(&graph_lock);
	arch_local_irq_restore(flags);
}

void lock_release(struct lockdep_map *map, unsigned long ip)
{
	struct task_struct *t = current;
	unsigned long flags;

	if (off || !map->key || in_nmi())
		return;
	flags = arch_local_irq_save();
	for (int i = t->lockdep_depth - 1; i >= 0; i--) {
		if (t->held_locks[i].map != map)
			continue;
		for (t->lockdep_depth--; i < t->lockdep_depth; i++)
			t->held_locks[i] = t->held_locks[i + 1];
		arch_local_irq_restore(flags);
		return;
	}
	off = true;
	panic("lockdep: %s released at %pS by a task that does not hold it", map->name, (void *)ip);
}

bool lock_is_held(const struct lockdep_map *map)
{
	struct task_struct *t = current;

	if (off || !map->key || in_nmi())
		return true;
	for (int i = 0; i < t->lockdep_depth; i++)
		if (t->held_locks[i].map == map)
			return true;
	return false;
}

void lockdep_check_no_locks(const char *where)
{
	if (off || !current->lockdep_depth)
		return;
	lockdep_print_held(current);
	off = true;
	panic("lockdep: locks held at %s", where);
}

void lockdep_task_exit(void)
{
	lockdep_check_no_locks("task exit");
}

void __might_sleep(const char *file, int line)
{
	if (off || system_state != SYSTEM_RUNNING || preemptible() || is_idle_task(current))
		return;
	lockdep_print_held(current);
	off = true;
	panic("%s:%d may sleep where sleeping is forbidden (preempt_count %08x, interrupts %s)",
	      file, line, preempt_count(), irqs_disabled() ? "off" : "on");
}

#endif
