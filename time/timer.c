/* SPDX-License-Identifier: MIT */
/*
 * The timer wheel. Level 0 has a slot for each of the next 64 jiffies; a slot of level n holds
 * the timers of 64^n jiffies. When the clock enters a level-n slot (its lower digits in base 64
 * are all 0) that slot is emptied into the levels below: each timer is moved at most once per
 * level, so arming, cancelling and expiring cost O(1) each. Six levels reach 2^36 jiffies (nine
 * years); later ones wait in the last slot and are looked at again.
 *
 * Serialization rules: wheel->lock (interrupts off) guards a CPU's wheel and its timers' entry;
 * timer->flags names the CPU, changes only while the timer is on no wheel or under both rules of
 * lock_wheel(). Callbacks run in softirq context without the lock; `running` is what
 * del_timer_sync() waits for.
 */
#include <jiffy/bitops.h>
#include <jiffy/cpuhotplug.h>
#include <jiffy/err.h>
#include <jiffy/interrupt.h>
#include <jiffy/ktime.h>
#include <jiffy/sched.h>
#include <jiffy/spinlock.h>
#include <jiffy/time_private.h>

#define LEVELS 6
#define SHIFT  6
#define SLOTS  64

struct wheel {
	spinlock_t lock;
	unsigned long clk; /* every timer before it has run */
	unsigned long count;
	struct timer_list *running;
	u64 used[LEVELS];
	struct hlist_head slots[LEVELS][SLOTS];
};

static DEFINE_PER_CPU(struct wheel, wheels);

static struct wheel *lock_wheel(struct timer_list *t, unsigned long *flags)
{
	for (;;) {
		u32 cpu = READ_ONCE(t->flags);
		struct wheel *w = per_cpu_ptr(&wheels, cpu);

		spin_lock_irqsave(&w->lock, *flags);
		if (likely(t->flags == cpu))
			return w;
		spin_unlock_irqrestore(&w->lock, *flags);
	}
}

void timer_setup(struct timer_list *t, void (*fn)(struct timer_list *), unsigned int flags)
{
	INIT_HLIST_NODE(&t->entry);
	t->function = fn;
	t->flags = raw_smp_processor_id();
}

bool timer_pending(const struct timer_list *t)
{
	return !hlist_unhashed(&t->entry);
}

static void place(struct wheel *w, struct timer_list *t)
{
	unsigned long when = time_before(t->expires, w->clk) ? w->clk : t->expires;
	unsigned long delta = when - w->clk;
	int level = 0;

	while (level < LEVELS - 1 && delta >> ((level + 1) * SHIFT))
		level++;
	if (delta >> (LEVELS * SHIFT))
		when = w->clk + (1UL << (LEVELS * SHIFT)) - 1;
	when = (when >> (level * SHIFT)) & (SLOTS - 1);
	hlist_add_head(&t->entry, &w->slots[level][when]);
	w->used[level] |= 1ULL << when;
}

/* The bit of a slot that became empty is cleared when the clock passes it. */
static bool detach(struct wheel *w, struct timer_list *t)
{
	if (!timer_pending(t))
		return false;
	hlist_del_init(&t->entry);
	w->count--;
	return true;
}

/* An empty wheel need not be turned through the time it was empty. */
static void catch_up(struct wheel *w)
{
	if (!w->count && time_before(w->clk, jiffies)) {
		w->clk = jiffies;
		for (int i = 0; i < LEVELS; i++)
			w->used[i] = 0;
	}
}

int mod_timer(struct timer_list *t, unsigned long expires)
{
	struct wheel *w, *here;
	unsigned long flags;
	bool was;

	w = lock_wheel(t, &flags);
	was = detach(w, t);
	here = this_cpu_ptr(&wheels);
	/* A running callback stays on its CPU, so that del_timer_sync() looks at the right one. */
	if (here != w && w->running != t) {
		WRITE_ONCE(t->flags, smp_processor_id());
		spin_unlock(&w->lock);
		w = here;
		spin_lock(&w->lock);
		/* In between, somebody else may have armed it here: the later call wins. */
		detach(w, t);
	}
	t->expires = expires;
	catch_up(w);
	place(w, t);
	w->count++;
	spin_unlock_irqrestore(&w->lock, flags);
	return was;
}

void add_timer(struct timer_list *t)
{
	mod_timer(t, t->expires);
}

int del_timer(struct timer_list *t)
{
	unsigned long flags;
	struct wheel *w;
	bool was;

	if (!timer_pending(t))
		return 0;
	w = lock_wheel(t, &flags);
	was = detach(w, t);
	spin_unlock_irqrestore(&w->lock, flags);
	return was;
}

int del_timer_sync(struct timer_list *t)
{
	unsigned long flags;
	int was = 0;

	for (;;) {
		struct wheel *w = lock_wheel(t, &flags);
		bool running = w->running == t;

		was |= detach(w, t);
		spin_unlock_irqrestore(&w->lock, flags);
		if (!running)
			return was;
		cpu_relax();
	}
}

static void cascade(struct wheel *w, int level)
{
	unsigned long slot = (w->clk >> (level * SHIFT)) & (SLOTS - 1);
	struct timer_list *t;
	struct hlist_node *n;
	struct hlist_head list = w->slots[level][slot];

	w->slots[level][slot].first = NULL;
	w->used[level] &= ~(1ULL << slot);
	hlist_for_each_entry_safe (t, n, &list, entry)
		place(w, t);
}

static void expire_slot(struct wheel *w, struct hlist_head *slot)
{
	while (!hlist_empty(slot)) {
		struct timer_list *t = hlist_entry(slot->first, struct timer_list, entry);
		void (*fn)(struct timer_list *) = t->function;

		detach(w, t);
		w->running = t;
		spin_unlock_irq(&w->lock);
		fn(t);
		spin_lock_irq(&w->lock);
		w->running = NULL;
	}
}

static void timer_softirq(void)
{
	struct wheel *w = this_cpu_ptr(&wheels);

	spin_lock_irq(&w->lock);
	catch_up(w);
	while (time_before_eq(w->clk, jiffies)) {
		unsigned long slot = w->clk & (SLOTS - 1);

		for (int level = 1; level < LEVELS; level++) {
			if (w->clk & ((1UL << (level * SHIFT)) - 1))
				break;
			cascade(w, level);
		}
		/* Timers armed by the callbacks for now or the past go to the next slot. */
		w->clk++;
		w->used[0] &= ~(1ULL << slot);
		expire_slot(w, &w->slots[0][slot]);
	}
	spin_unlock_irq(&w->lock);
}

/* The first jiffy at which the wheel has something to do: a timer, or a slot to empty. */
static bool next_expiry(struct wheel *w, unsigned long *when)
{
	bool found = false;

	catch_up(w);
	if (!w->count)
		return false;
	for (int level = 0; level < LEVELS; level++) {
		unsigned int shift = level * SHIFT;
		unsigned long here = w->clk >> shift;
		u64 rotated;
		unsigned long first;

		if (!w->used[level])
			continue;
		/* Bit 0 of rotated is the slot the clock is in, which above level 0 is done. */
		if (level && (w->clk & ((1UL << shift) - 1)))
			here++;
		rotated = w->used[level] >> (here % SLOTS);
		if (here % SLOTS)
			rotated |= w->used[level] << (SLOTS - here % SLOTS);
		first = (here + __ffs(rotated)) << shift;
		if (!found || time_before(first, *when))
			*when = first;
		found = true;
	}
	return found;
}

void run_local_timers(void)
{
	struct wheel *w = this_cpu_ptr(&wheels);

	if (w->count && time_before_eq(w->clk, jiffies))
		raise_softirq_irqoff(TIMER_SOFTIRQ);
}

bool timers_next_expiry(unsigned long *when)
{
	struct wheel *w = this_cpu_ptr(&wheels);
	bool any;

	spin_lock(&w->lock);
	any = next_expiry(w, when);
	spin_unlock(&w->lock);
	return any;
}

void timers_cpu_dead(unsigned int cpu)
{
	struct wheel *from = per_cpu_ptr(&wheels, cpu), *to;
	unsigned long flags;

	local_irq_save(flags);
	to = this_cpu_ptr(&wheels);
	spin_lock(&to->lock);
	spin_lock_nested(&from->lock, SINGLE_DEPTH_NESTING);
	catch_up(to);
	for (int level = 0; level < LEVELS; level++) {
		for (int slot = 0; slot < SLOTS; slot++) {
			struct hlist_head *h = &from->slots[level][slot];

			while (!hlist_empty(h)) {
				struct timer_list *t =
				    hlist_entry(h->first, struct timer_list, entry);

				detach(from, t);
				WRITE_ONCE(t->flags, smp_processor_id());
				place(to, t);
				to->count++;
			}
		}
	}
	spin_unlock(&from->lock);
	spin_unlock(&to->lock);
	local_irq_restore(flags);
}

void timers_init(void)
{
	int cpu;

	for_each_possible_cpu (cpu) {
		struct wheel *w = per_cpu_ptr(&wheels, cpu);

		spin_lock_init(&w->lock);
		w->clk = jiffies;
	}
	open_softirq(TIMER_SOFTIRQ, timer_softirq);
}
