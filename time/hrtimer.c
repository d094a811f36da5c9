/* SPDX-License-Identifier: MIT */
/*
 * High-resolution timers: per CPU and clock a tree ordered by expiry; the CPU's one-shot alarm
 * stands at the earliest of all.
 *
 * Serialization rules: base->cpu_base->lock (interrupts off) guards the trees, a queued timer's
 * fields and `running`. timer->base says which lock; it changes only under that lock, while the
 * timer is neither queued nor running, so lock_base() locks, looks again and repeats.
 * The callback runs without the lock; `running` keeps hrtimer_cancel() waiting for it, and keeps
 * a timer that is started again meanwhile on the CPU where its callback is.
 */
#include <arch/irq.h>
#include <arch/time.h>
#include <jiffy/cpuhotplug.h>
#include <jiffy/err.h>
#include <jiffy/interrupt.h>
#include <jiffy/ktime.h>
#include <jiffy/sched.h>
#include <jiffy/spinlock.h>
#include <jiffy/time_private.h>

enum { BASE_MONOTONIC, BASE_REALTIME, BASE_TAI, NR_BASES };
enum { STATE_INACTIVE, STATE_QUEUED };

struct hrtimer_cpu_base;
struct hrtimer_clock_base {
	struct hrtimer_cpu_base *cpu_base;
	int index;
	struct rb_root_cached tree;
};

struct hrtimer_cpu_base {
	spinlock_t lock;
	int cpu;
	unsigned int active; /* a bit for each base whose tree has a timer */
	struct hrtimer *running;
	ktime_t programmed; /* what the alarm stands at, monotonic; KTIME_MAX: nothing */
	bool in_interrupt;  /* it will be programmed at the end anyway */
	struct hrtimer_clock_base bases[NR_BASES];
};

static DEFINE_PER_CPU(struct hrtimer_cpu_base, cpu_bases);

static noinline ktime_t real_base_offset(int index)
{
	ktime_t offset = ktime_real_offset();

	if (index == BASE_TAI)
		offset += get_tai_offset() * NSEC_PER_SEC;
	return offset;
}

/* Most timers are monotonic. */
static __always_inline ktime_t base_offset(const struct hrtimer_clock_base *b)
{
	return likely(b->index == BASE_MONOTONIC) ? 0 : real_base_offset(b->index);
}

/* The bases that have timers; bits is an unsigned int, used up. [lock, or interrupts off] */
#define for_each_active_base(b, cb, bits)                                                      \
	for ((bits) = (cb)->active; (bits) && ((b) = &(cb)->bases[__builtin_ctz(bits)], true); \
	     (bits) &= (bits)-1)

static __always_inline struct hrtimer *timer_of(struct rb_node *n)
{
	return rb_entry(n, struct hrtimer, node);
}

static int base_index(clockid_t clock)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_ALARM:
		return BASE_REALTIME;
	case CLOCK_TAI:
		return BASE_TAI;
	default:
		return BASE_MONOTONIC;
	}
}

void hrtimers_init(void)
{
	int cpu;

	for_each_possible_cpu (cpu) {
		struct hrtimer_cpu_base *cb = per_cpu_ptr(&cpu_bases, cpu);

		spin_lock_init(&cb->lock);
		cb->cpu = cpu;
		cb->programmed = KTIME_MAX;
		for (int i = 0; i < NR_BASES; i++)
			cb->bases[i] = (struct hrtimer_clock_base){
			    .cpu_base = cb, .index = i, .tree = RB_ROOT_CACHED};
	}
}

void hrtimer_init(struct hrtimer *t, clockid_t clock, enum hrtimer_mode mode)
{
	/* A relative wait for real time is not moved by setting the clock: it is monotonic. */
	if (clock == CLOCK_REALTIME && (mode & HRTIMER_MODE_REL))
		clock = CLOCK_MONOTONIC;
	*t = (struct hrtimer){.base = &raw_cpu_ptr(&cpu_bases)->bases[base_index(clock)]};
}

static struct hrtimer_clock_base *lock_base(const struct hrtimer *t, unsigned long *flags)
{
	for (;;) {
		struct hrtimer_clock_base *b = READ_ONCE(t->base);

		spin_lock_irqsave(&b->cpu_base->lock, *flags);
		if (likely(b == t->base))
			return b;
		spin_unlock_irqrestore(&b->cpu_base->lock, *flags);
	}
}

static void unlock_base(struct hrtimer_clock_base *b, unsigned long flags)
{
	spin_unlock_irqrestore(&b->cpu_base->lock, flags);
}

static bool timer_less(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct hrtimer, node)->expires <
	       rb_entry(b, struct hrtimer, node)->expires;
}

static void enqueue(struct hrtimer *t, struct hrtimer_clock_base *b)
{
	rb_add_cached(&t->node, &b->tree, timer_less);
	b->cpu_base->active |= BIT(b->index);
	t->state = STATE_QUEUED;
}

static __always_inline void dequeue(struct hrtimer *t, struct hrtimer_clock_base *b)
{
	rb_erase_cached(&t->node, &b->tree);
	if (!rb_first_cached(&b->tree))
		b->cpu_base->active &= ~BIT(b->index);
	t->state = STATE_INACTIVE;
}

/* The latest that the alarm may come: when the first of all timers has used up its slack. */
static __always_inline ktime_t earliest(struct hrtimer_cpu_base *cb, struct hrtimer **first)
{
	struct hrtimer_clock_base *b;
	ktime_t last = KTIME_MAX;
	unsigned int bits;

	/* So it mostly is. */
	if (likely(cb->active == BIT(BASE_MONOTONIC))) {
		*first = timer_of(rb_first_cached(&cb->bases[BASE_MONOTONIC].tree));
		return (*first)->expires;
	}
	*first = NULL;
	for_each_active_base (b, cb, bits) {
		struct hrtimer *t = timer_of(rb_first_cached(&b->tree));
		ktime_t at = t->expires - base_offset(b);

		if (!*first || at < last) {
			*first = t;
			last = at;
		}
	}
	return last;
}

/*
 * Where the alarm should stand when `last' is the latest that it may come. At `last' it would find
 * due those timers whose softexpires is not beyond it. At the latest such softexpires it finds due
 * the very same ones, and none of them has waited for nothing. So slack gathers wake-ups as it
 * should, and costs time only where there is something to gather.
 *
 * The trees are in the order of expires, so only the first few of each are looked at: one that is
 * missed gets an alarm of its own, still within its slack.
 */
#define GATHER_AT_MOST 4

static noinline ktime_t gather_before(struct hrtimer_cpu_base *cb, ktime_t last)
{
	struct hrtimer_clock_base *b;
	ktime_t best = 0;
	unsigned int bits;

	for_each_active_base (b, cb, bits) {
		struct rb_node *n = rb_first_cached(&b->tree);
		ktime_t offset = base_offset(b);

		for (int seen = 0; n && seen < GATHER_AT_MOST; seen++, n = rb_next(n)) {
			ktime_t soft = timer_of(n)->softexpires - offset;

			if (soft == last)
				return last;
			if (soft < last)
				best = max(best, soft);
		}
	}
	return best;
}

/* The first one, due at `last', may itself have no slack; then nothing is to be found. */
static __always_inline ktime_t gather(struct hrtimer_cpu_base *cb, ktime_t last,
				      const struct hrtimer *first)
{
	if (!first || first->softexpires == first->expires)
		return last;
	return gather_before(cb, last);
}

static ktime_t alarm_time(struct hrtimer_cpu_base *cb)
{
	struct hrtimer *first;
	ktime_t last = earliest(cb, &first);

	return gather(cb, last, first);
}

static void program(struct hrtimer_cpu_base *cb, ktime_t when)
{
	ktime_t now;

	cb->programmed = when;
	if (when == KTIME_MAX) {
		arch_timer_stop();
		return;
	}
	now = ktime_get();
	arch_timer_program(when > now ? when - now : 0);
}

/*
 * t, just queued, must not be served late by the alarm. One that stands too early is left to come
 * for nothing, unless it would stand at t from now on: then t's own is spared.
 */
static void reprogram_for(struct hrtimer_cpu_base *cb, const struct hrtimer *t)
{
	ktime_t last, soft, when;
	struct hrtimer *first;

	if (cb->in_interrupt)
		return;
	last = earliest(cb, &first);
	soft = t->softexpires - base_offset(t->base);
	if (soft > last)
		return;
	when = gather(cb, last, first);
	if (when < cb->programmed || (when == soft && when != cb->programmed))
		program(cb, when);
}

static void remote_reprogram(void *unused)
{
	struct hrtimer_cpu_base *cb = this_cpu_ptr(&cpu_bases);

	spin_lock(&cb->lock);
	program(cb, alarm_time(cb));
	spin_unlock(&cb->lock);
}

/* To this CPU's base, when nothing ties it to the one it is on. Lock held, maybe another's. */
static struct hrtimer_clock_base *switch_base(struct hrtimer *t, struct hrtimer_clock_base *b)
{
	struct hrtimer_clock_base *here = &this_cpu_ptr(&cpu_bases)->bases[b->index];

	if (here == b || b->cpu_base->running == t)
		return b;
	/*
	 * The two locks are never held together. The timer is on no queue; if somebody starts it
	 * while it has neither lock, lock_base() over there sees the old or the new base, and the
	 * caller's own rule (one starter at a time) makes that harmless.
	 */
	WRITE_ONCE(t->base, here);
	spin_unlock(&b->cpu_base->lock);
	spin_lock(&here->cpu_base->lock);
	return here;
}

void hrtimer_start_range_ns(struct hrtimer *t, ktime_t when, u64 slack, enum hrtimer_mode mode)
{
	struct hrtimer_clock_base *b;
	unsigned long flags;

	b = lock_base(t, &flags);
	if (t->state == STATE_QUEUED)
		dequeue(t, b);
	b = switch_base(t, b);
	if (mode & HRTIMER_MODE_REL)
		when = ktime_add_safe(ktime_get() + base_offset(b), when);
	t->softexpires = when;
	t->expires = ktime_add_safe(when, slack);
	enqueue(t, b);
	/* On another CPU its callback is running: that CPU's interrupt programs the alarm at its
	 * end. */
	if (b->cpu_base->cpu == smp_processor_id())
		reprogram_for(b->cpu_base, t);
	unlock_base(b, flags);
}

int hrtimer_try_to_cancel(struct hrtimer *t)
{
	struct hrtimer_clock_base *b;
	unsigned long flags;
	int ret = 0;

	if (!READ_ONCE(t->base))
		return 0;
	b = lock_base(t, &flags);
	if (b->cpu_base->running == t) {
		ret = -1;
	} else if (t->state == STATE_QUEUED) {
		dequeue(t, b);
		ret = 1;
	}
	unlock_base(b, flags);
	return ret;
}

int hrtimer_cancel(struct hrtimer *t)
{
	int ret;

	while ((ret = hrtimer_try_to_cancel(t)) < 0)
		cpu_relax();
	return ret;
}

bool hrtimer_callback_returned(const struct hrtimer *t)
{
	/* No base but the one it runs on can be seen: it moves neither queued nor running. */
	return smp_load_acquire(&READ_ONCE(t->base)->cpu_base->running) != t;
}

bool hrtimer_is_queued(const struct hrtimer *t)
{
	return READ_ONCE(t->state) == STATE_QUEUED;
}

bool hrtimer_active(const struct hrtimer *t)
{
	struct hrtimer_clock_base *b;
	unsigned long flags;
	bool active;

	if (!READ_ONCE(t->base))
		return false;
	b = lock_base(t, &flags);
	active = t->state == STATE_QUEUED || b->cpu_base->running == t;
	unlock_base(b, flags);
	return active;
}

u64 hrtimer_forward(struct hrtimer *t, ktime_t now, ktime_t interval)
{
	u64 n;

	if (now < t->expires || interval <= 0)
		return 0;
	n = (now - t->expires) / interval + 1;
	t->expires = ktime_add_safe(t->expires, n * interval);
	t->softexpires = ktime_add_safe(t->softexpires, n * interval);
	return n;
}

ktime_t hrtimer_cb_get_time(const struct hrtimer *t)
{
	return ktime_get() + base_offset(t->base);
}

u64 hrtimer_forward_now(struct hrtimer *t, ktime_t interval)
{
	return hrtimer_forward(t, hrtimer_cb_get_time(t), interval);
}

ktime_t hrtimer_get_remaining(const struct hrtimer *t)
{
	struct hrtimer_clock_base *b;
	unsigned long flags;
	ktime_t left;

	b = lock_base(t, &flags);
	left = t->expires - ktime_get() - base_offset(b);
	unlock_base(b, flags);
	return left;
}

static void run_timer(struct hrtimer_cpu_base *cb, struct hrtimer_clock_base *b, struct hrtimer *t)
{
	enum hrtimer_restart restart;

	dequeue(t, b);
	WRITE_ONCE(cb->running, t);
	spin_unlock(&cb->lock);
	restart = t->function(t);
	spin_lock(&cb->lock);
	/* The callback may have freed the timer: only a restart says that it has not. */
	if (restart == HRTIMER_RESTART && t->state == STATE_INACTIVE)
		enqueue(t, b);
	/* With release order: what the callback did to the timer comes before. */
	smp_store_release(&cb->running, NULL);
}

void hrtimer_interrupt(void)
{
	struct hrtimer_cpu_base *cb = this_cpu_ptr(&cpu_bases);
	struct hrtimer_clock_base *b;
	ktime_t now = ktime_get();
	unsigned int bits;

	spin_lock(&cb->lock);
	cb->in_interrupt = true;
	for_each_active_base (b, cb, bits) {
		ktime_t base_now = now + base_offset(b);
		struct rb_node *n;

		/* Those inside their slack come along with the one that is due. */
		while ((n = rb_first_cached(&b->tree)) && timer_of(n)->softexpires <= base_now)
			run_timer(cb, b, timer_of(n));
	}
	cb->in_interrupt = false;
	program(cb, alarm_time(cb));
	spin_unlock(&cb->lock);
}

void clock_was_set(void)
{
	on_each_cpu(remote_reprogram, NULL, true);
}

void hrtimers_cpu_dying(void)
{
	struct hrtimer_cpu_base *cb = this_cpu_ptr(&cpu_bases);

	spin_lock(&cb->lock);
	program(cb, KTIME_MAX);
	spin_unlock(&cb->lock);
}

/* Whoever locks an old base looks again whether it is still the timer's, in lock_base(). */
void hrtimers_cpu_dead(unsigned int cpu)
{
	struct hrtimer_cpu_base *from = per_cpu_ptr(&cpu_bases, cpu);
	struct hrtimer_cpu_base *to;
	unsigned long flags;

	local_irq_save(flags);
	to = this_cpu_ptr(&cpu_bases);
	spin_lock(&to->lock);
	spin_lock_nested(&from->lock, SINGLE_DEPTH_NESTING);
	for (int i = 0; i < NR_BASES; i++) {
		struct rb_node *n;

		while ((n = rb_first_cached(&from->bases[i].tree))) {
			struct hrtimer *t = rb_entry(n, struct hrtimer, node);

			dequeue(t, &from->bases[i]);
			WRITE_ONCE(t->base, &to->bases[i]);
			enqueue(t, &to->bases[i]);
		}
	}
	spin_unlock(&from->lock);
	program(to, alarm_time(to));
	spin_unlock(&to->lock);
	local_irq_restore(flags);
}
