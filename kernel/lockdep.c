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
 * Almost every acquisition is like one before it and changes nothing in the graph. Such a one is
 * recognised without a lock: otherwise all CPUs would meet at graph_lock whatever they lock, and
 * where the host lets the CPUs of a machine run by turns only, each hand-over of a ticket takes a
 * turn of the host's. (Four CPUs on a busy host came to 25 acquisitions a second, and never parted
 * again.)
 *
 * Serialization rules: graph_lock, a bare ticket lock taken with interrupts off, guards changes of
 * the graph and the scratch space of the searches. Bits of the graph are only ever set, and a
 * class's number is published after the class is filled in: whoever reads without the lock may
 * miss what is new, and then looks again with it. What a task holds is its own (interrupts push on
 * the interrupted task's list and pop before they return).
 */
#include <jiffy/lockdep.h>

#ifdef JIFFY_CHECKED

#include <jiffy/bitops.h>
#include <jiffy/init.h>
#include <jiffy/sched.h>
#include <jiffy/seq_file.h>

#define MAX_CLASSES 2048
#define SUBCLASSES  8

/* Rule 2 for hardware interrupts and for softirqs. */
enum { HARDIRQ, SOFTIRQ, NR_KINDS };
/* What it knows of a class: an interrupt of the kind took it; it was held with them on. */
#define USED_IN(kind) (kind)
#define HELD_ON(kind) (NR_KINDS + (kind))
#define NR_USES	      (2 * NR_KINDS)

struct lock_class {
	const char *name;
	u8 subclass;
	unsigned long ip[NR_USES]; /* where it was used so for the first time */
};

typedef unsigned long class_set[BITS_TO_LONGS(MAX_CLASSES)];

static struct lock_class classes[MAX_CLASSES];
static class_set after[MAX_CLASSES];  /* edges */
static class_set before[MAX_CLASSES]; /* the same, backwards */
static class_set used[NR_USES];
static int nr_classes = SUBCLASSES; /* id 0 means: none yet */
static spinlock_t graph_lock;
static unsigned long nr_edges, nr_looks; /* graph_lock; looks: acquisitions that took it */
static bool off;			 /* after the first report */

static int class_of(struct lockdep_map *map, int subclass)
{
	if (!map->key->id) {
		if (nr_classes + SUBCLASSES > MAX_CLASSES)
			panic("lockdep: more than %d lock classes", MAX_CLASSES);
		for (int i = 0; i < SUBCLASSES; i++) {
			classes[nr_classes + i].name = map->name;
			classes[nr_classes + i].subclass = i;
		}
		smp_store_release(&map->key->id, nr_classes);
		nr_classes += SUBCLASSES;
	}
	return map->key->id + subclass;
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

/* Scratch of walk(): the classes reached, in order, and from which each was reached. */
static class_set seen;
static u16 queue[MAX_CLASSES], came_from[MAX_CLASSES];

/* All that can be reached from id along `edges`, id too; stops early at `to` (true: got there). */
static bool walk(int id, const class_set *edges, int to)
{
	int head = 0, tail = 0, next;

	bitmap_zero(seen, MAX_CLASSES);
	__set_bit(id, seen);
	came_from[id] = 0;
	queue[tail++] = id;
	while (head < tail) {
		int at = queue[head++];

		if (at == to)
			return true;
		for_each_set_bit (next, edges[at], nr_classes) {
			if (__test_and_set_bit(next, seen))
				continue;
			came_from[next] = at;
			queue[tail++] = next;
		}
	}
	return false;
}

/* The way that the last walk() found to id, last class first. */
static void print_way(int id)
{
	for (; id; id = came_from[id])
		pr_emerg("  %s/%d", classes[id].name ? classes[id].name : "?",
			 classes[id].subclass);
}

void debug_locks_off(void)
{
	off = true;
}

static void __noreturn report(const char *what)
{
	debug_locks_off();
	arch_neutral_spin_unlock(&graph_lock);
	panic("lockdep: %s", what);
}

static void __noreturn report_irq(int kind, int in, int on)
{
	debug_locks_off();
	pr_emerg(
	    "lockdep: %s/%d is taken by %s at %pS; %s/%d is held with them on at %pS; the way:",
	    classes[in].name, classes[in].subclass, kind ? "softirqs" : "interrupts",
	    (void *)classes[in].ip[USED_IN(kind)], classes[on].name, classes[on].subclass,
	    (void *)classes[on].ip[HELD_ON(kind)]);
	walk(in, after, on);
	print_way(on);
	report(kind ? "a lock that softirqs depend on is held with softirqs on"
		    : "a lock that interrupts depend on is held with interrupts on");
}

/*
 * Rule 2 after a change between `low` and what follows it: from no class at or before low that
 * is used in interrupts is there a way to a class, at or after high, that is held with them on.
 */
static void check_irq_rule(int low, int high)
{
	static class_set back;

	walk(low, before, -1);
	bitmap_copy(back, seen, MAX_CLASSES);
	walk(high, after, -1);
	for (int kind = 0; kind < NR_KINDS; kind++) {
		class_set u, o;

		if (bitmap_and(u, back, used[USED_IN(kind)], MAX_CLASSES) &&
		    bitmap_and(o, seen, used[HELD_ON(kind)], MAX_CLASSES))
			report_irq(kind, find_first_bit(u, MAX_CLASSES),
				   find_first_bit(o, MAX_CLASSES));
	}
}

/* How an acquisition uses its class: a bit for each of the NR_USES. */
static unsigned int uses_of(const struct held_lock *h)
{
	unsigned int uses = 0;

	if (h->sleeps)
		return 0;
	if (in_hardirq())
		uses |= BIT(USED_IN(HARDIRQ));
	else if (!h->irqs_off)
		uses |= BIT(HELD_ON(HARDIRQ));
	if (in_serving_softirq() && !in_hardirq())
		uses |= BIT(USED_IN(SOFTIRQ));
	else if (!softirq_count() && !in_hardirq() && !h->irqs_off)
		uses |= BIT(HELD_ON(SOFTIRQ));
	return uses;
}

/* True when one of them was not known of the class. */
static bool mark_usage(int id, const struct held_lock *h)
{
	unsigned int uses = uses_of(h);
	bool new = false;

	for (int use = 0; use < NR_USES; use++) {
		if (!(uses & BIT(use)) || test_bit(id, used[use]))
			continue;
		classes[id].ip[use] = h->ip;
		set_bit(id, used[use]);
		new = true;
	}
	return new;
}

static void check_pair(const struct held_lock *prev, int id, const struct held_lock *h, int from)
{
	if (from == id) {
		if (h->read && prev->read)
			return;
		debug_locks_off();
		pr_emerg("lockdep: %s/%d taken at %pS while one of its class is held from %pS",
			 classes[id].name, h->subclass, (void *)h->ip, (void *)prev->ip);
		report("a lock class nested in itself");
	}
	if (!prev->sleeps && h->sleeps) {
		debug_locks_off();
		pr_emerg("lockdep: %s at %pS inside spinlock %s", classes[id].name, (void *)h->ip,
			 prev->map->name);
		report("a sleeping lock inside a spinlock");
	}
}

/* Adds the edges from all that is held to the new lock. */
static void add_edges(struct task_struct *t, int id, const struct held_lock *h)
{
	for (int i = 0; i < t->lockdep_depth; i++) {
		struct held_lock *prev = &t->held_locks[i];
		int from = prev->map->key->id + prev->subclass;

		check_pair(prev, id, h, from);
		if (from == id || test_bit(id, after[from]))
			continue;
		if (walk(id, after, from)) {
			debug_locks_off();
			pr_emerg("lockdep: the known order, last taken first:");
			print_way(from);
			pr_emerg("lockdep: now %s at %pS is taken while %s is held from %pS",
				 classes[id].name, (void *)h->ip, classes[from].name,
				 (void *)prev->ip);
			report("locks taken in a circle");
		}
		nr_edges++;
		set_bit(id, after[from]);
		set_bit(from, before[id]);
		check_irq_rule(from, id);
	}
}

/* The same class inside itself, or one that sleeps inside one that spins: check_pair()'s cases. */
static bool odd_pair(const struct held_lock *prev, int from, const struct held_lock *h, int id)
{
	return (from == id && !(h->read && prev->read)) || (!prev->sleeps && h->sleeps);
}

/* Without the lock: that an acquisition is right and leaves the graph as it is. */
static bool known(struct task_struct *t, const struct held_lock *h, bool trylock)
{
	int id = smp_load_acquire(&h->map->key->id);
	unsigned int uses = uses_of(h);

	if (!id)
		return false;
	id += h->subclass;
	for (int use = 0; use < NR_USES; use++)
		if ((uses & BIT(use)) && !test_bit(id, used[use]))
			return false;
	for (int i = 0; i < t->lockdep_depth && !trylock; i++) {
		const struct held_lock *prev = &t->held_locks[i];
		int from = prev->map->key->id + prev->subclass;

		if (odd_pair(prev, from, h, id) || (from != id && !test_bit(id, after[from])))
			return false;
	}
	return true;
}

/* [irqs off] */
static void learn(struct task_struct *t, const struct held_lock *h, bool trylock)
{
	int id;

	arch_neutral_spin_lock(&graph_lock);
	nr_looks++;
	id = class_of(h->map, h->subclass);
	if (mark_usage(id, h))
		check_irq_rule(id, id);
	/* A trylock never waits, so it closes no circle. */
	if (!trylock)
		add_edges(t, id, h);
	if (t->lockdep_depth >= MAX_LOCK_DEPTH)
		report("too many locks held");
	arch_neutral_spin_unlock(&graph_lock);
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

	if (off || !map->key || in_nmi())
		return;
	BUG_ON(subclass >= SUBCLASSES);
	flags = arch_local_irq_save();
	if (t->lockdep_depth >= MAX_LOCK_DEPTH || !known(t, &h, trylock))
		learn(t, &h, trylock);
	t->held_locks[t->lockdep_depth++] = h;
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

void lockdep_show_stats(struct seq_file *m)
{
	seq_printf(m, " lock-classes: %d [max: %d]\n", (READ_ONCE(nr_classes) / SUBCLASSES) - 1,
		   MAX_CLASSES / SUBCLASSES - 1);
	seq_printf(m, " direct dependencies: %lu\n", READ_ONCE(nr_edges));
	seq_printf(m, " looks under the graph's lock: %lu\n", READ_ONCE(nr_looks));
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
