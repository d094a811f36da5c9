/* SPDX-License-Identifier: MIT */
/*
 * Sequence counters: readers copy without a lock and look afterwards whether a writer was
 * there meanwhile (an odd number, or a changed one). Writers exclude one another by a lock of
 * their own; seqlock_t brings it along. A writer may not be preempted inside.
 */
#ifndef JIFFY_SEQLOCK_H
#define JIFFY_SEQLOCK_H

#include <jiffy/spinlock.h>

typedef struct seqcount {
	unsigned int sequence;
} seqcount_t;

typedef struct {
	seqcount_t seqcount;
	spinlock_t lock;
} seqlock_t;

#define SEQCNT_ZERO	    { 0 }
#define seqcount_init(s)    ((s)->sequence = 0)
#define DEFINE_SEQLOCK(nm)  seqlock_t nm = { SEQCNT_ZERO, __SPIN_LOCK_UNLOCKED(nm.lock) }
#define seqlock_init(sl)                                                                           \
	do {                                                                                       \
		seqcount_init(&(sl)->seqcount);                                                    \
		spin_lock_init(&(sl)->lock);                                                       \
	} while (0)

static inline unsigned int read_seqcount_begin(const seqcount_t *s)
{
	unsigned int seq;

	while ((seq = smp_load_acquire(&s->sequence)) & 1)
		arch_cpu_relax();
	return seq;
}

static inline bool read_seqcount_retry(const seqcount_t *s, unsigned int start)
{
	smp_rmb();
	return READ_ONCE(s->sequence) != start;
}

static inline void write_seqcount_begin(seqcount_t *s)
{
	WRITE_ONCE(s->sequence, s->sequence + 1);
	smp_wmb();
}

static inline void write_seqcount_end(seqcount_t *s)
{
	smp_store_release(&s->sequence, s->sequence + 1);
}

#define read_seqbegin(sl)	   read_seqcount_begin(&(sl)->seqcount)
#define read_seqretry(sl, start)   read_seqcount_retry(&(sl)->seqcount, start)

static inline void write_seqlock(seqlock_t *sl)
{
	spin_lock(&sl->lock);
	write_seqcount_begin(&sl->seqcount);
}

static inline void write_sequnlock(seqlock_t *sl)
{
	write_seqcount_end(&sl->seqcount);
	spin_unlock(&sl->lock);
}

#define write_seqlock_irqsave(sl, f)                                                               \
	do {                                                                                       \
		spin_lock_irqsave(&(sl)->lock, f);                                                 \
		write_seqcount_begin(&(sl)->seqcount);                                             \
	} while (0)
#define write_sequnlock_irqrestore(sl, f)                                                          \
	do {                                                                                       \
		write_seqcount_end(&(sl)->seqcount);                                               \
		spin_unlock_irqrestore(&(sl)->lock, f);                                            \
	} while (0)

#endif
