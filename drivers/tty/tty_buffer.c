/* SPDX-License-Identifier: MIT */
/*
 * Between a terminal's driver and its line discipline: a ring that the driver fills in any
 * context, and the work that empties it in task context. Locks: <jiffy/tty.h>.
 *
 * When the line discipline has no room the feeder rests, having said so in buf.stalled; a
 * reader that makes room looks there. Neither misses the other:
 *
 *	feeder				reader
 *	stalled = true			tail moves on (room)
 *	full barrier			full barrier
 *	room? then go on		stalled? then start the feeder
 */
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include "n_tty.h"

size_t tty_buffer_space_avail(struct tty_struct *tty)
{
	return TTY_FLIP_SIZE - (READ_ONCE(tty->buf.head) - READ_ONCE(tty->buf.tail));
}

/* Appends what fits of n bytes: how many. Any context. */
size_t tty_insert_flip_string(struct tty_struct *tty, const u8 *s, size_t n)
{
	unsigned long flags;
	size_t done = 0;

	spin_lock_irqsave(&tty->buf.lock, flags);
	n = min(n, tty_buffer_space_avail(tty));
	while (done < n) {
		unsigned int at = tty->buf.head % TTY_FLIP_SIZE;
		size_t run = min_t(size_t, n - done, TTY_FLIP_SIZE - at);

		memcpy(tty->buf.data + at, s + done, run);
		memset(tty->buf.flag + at, TTY_NORMAL, run);
		WRITE_ONCE(tty->buf.head, tty->buf.head + run);
		done += run;
	}
	spin_unlock_irqrestore(&tty->buf.lock, flags);
	return done;
}

bool tty_insert_flip_char(struct tty_struct *tty, u8 c, u8 flag)
{
	unsigned long flags;
	bool room;

	spin_lock_irqsave(&tty->buf.lock, flags);
	room = tty_buffer_space_avail(tty) > 0;
	if (room) {
		unsigned int at = tty->buf.head % TTY_FLIP_SIZE;

		tty->buf.data[at] = c;
		tty->buf.flag[at] = flag;
		tty->buf.flagged += flag != TTY_NORMAL;
		WRITE_ONCE(tty->buf.head, tty->buf.head + 1);
	}
	spin_unlock_irqrestore(&tty->buf.lock, flags);
	return room;
}

void tty_flip_buffer_push(struct tty_struct *tty)
{
	schedule_work(&tty->buf.work);
}

/* A reader made room. */
void tty_buffer_restart_work(struct tty_struct *tty)
{
	smp_mb();
	if (READ_ONCE(tty->buf.stalled))
		schedule_work(&tty->buf.work);
}

void tty_buffer_flush_work(struct tty_struct *tty)
{
	flush_work(&tty->buf.work);
}

/* Moves tail past n bytes that have been dealt with. work_lock held. */
static void consume(struct tty_struct *tty, unsigned int n)
{
	unsigned long flags;
	unsigned int i;

	lockdep_assert_held(&tty->buf.work_lock);
	spin_lock_irqsave(&tty->buf.lock, flags);
	for (i = 0; i < n && tty->buf.flagged; i++)
		if (tty->buf.flag[(tty->buf.tail + i) % TTY_FLIP_SIZE] != TTY_NORMAL)
			tty->buf.flagged--;
	WRITE_ONCE(tty->buf.tail, tty->buf.tail + n);
	spin_unlock_irqrestore(&tty->buf.lock, flags);
}

void tty_buffer_flush(struct tty_struct *tty)
{
	mutex_lock(&tty->buf.work_lock);
	consume(tty, READ_ONCE(tty->buf.head) - tty->buf.tail);
	WRITE_ONCE(tty->buf.stalled, false);
	mutex_unlock(&tty->buf.work_lock);
	if (test_and_clear_bit(TTY_THROTTLED, &tty->flags) && tty->ops->unthrottle)
		tty->ops->unthrottle(tty);
	if (tty->link)
		tty_wakeup(tty->link);
}

/*
 * What is in the ring now is not to be looked at any more. It goes when the feeder comes to it,
 * so that no lock of the feeder's is needed: the other end's line discipline may call.
 */
void tty_buffer_discard(struct tty_struct *tty)
{
	unsigned long flags;

	spin_lock_irqsave(&tty->buf.lock, flags);
	tty->buf.discard = tty->buf.head;
	tty->buf.discarding = tty->buf.head != tty->buf.tail;
	spin_unlock_irqrestore(&tty->buf.lock, flags);
	tty_flip_buffer_push(tty);
}

static void skip_discarded(struct tty_struct *tty)
{
	unsigned long flags;
	int skip;

	if (!READ_ONCE(tty->buf.discarding))
		return;
	spin_lock_irqsave(&tty->buf.lock, flags);
	skip = tty->buf.discard - tty->buf.tail;
	tty->buf.discarding = false;
	spin_unlock_irqrestore(&tty->buf.lock, flags);
	if (skip > 0)
		consume(tty, skip);
}

/* One contiguous piece of the ring to the line discipline: how much of it was taken. */
static size_t feed(struct tty_struct *tty)
{
	unsigned int at;
	const u8 *flags;
	size_t n;

	skip_discarded(tty);
	at = tty->buf.tail % TTY_FLIP_SIZE;
	n = smp_load_acquire(&tty->buf.head) - tty->buf.tail;
	n = min_t(size_t, n, TTY_FLIP_SIZE - at);
	flags = READ_ONCE(tty->buf.flagged) ? tty->buf.flag + at : NULL;
	if (!n)
		return 0;
	down_read(&tty->termios_rwsem);
	n = n_tty_receive_buf(tty, tty->buf.data + at, flags, n);
	up_read(&tty->termios_rwsem);
	consume(tty, n);
	return n;
}

/* The feeder: the bytes stay in place while they are read, since only it moves tail. */
static void flush_to_ldisc(struct work_struct *work)
{
	struct tty_struct *tty = container_of(work, struct tty_struct, buf.work);
	bool progress = false;

	mutex_lock(&tty->buf.work_lock);
	for (;;) {
		if (feed(tty)) {
			WRITE_ONCE(tty->buf.stalled, false);
			progress = true;
			continue;
		}
		if (READ_ONCE(tty->buf.stalled) || READ_ONCE(tty->buf.head) == tty->buf.tail)
			break;
		WRITE_ONCE(tty->buf.stalled, true);
		smp_mb();
	}
	mutex_unlock(&tty->buf.work_lock);
	if (READ_ONCE(tty->buf.stalled)) {
		if (!test_and_set_bit(TTY_THROTTLED, &tty->flags) && tty->ops->throttle)
			tty->ops->throttle(tty);
	} else if (test_and_clear_bit(TTY_THROTTLED, &tty->flags) && tty->ops->unthrottle) {
		tty->ops->unthrottle(tty);
	}
	if (progress && tty->link)
		tty_wakeup(tty->link);
}

/* 0 or -ENOMEM. */
int tty_buffer_init(struct tty_struct *tty)
{
	spin_lock_init(&tty->buf.lock);
	mutex_init(&tty->buf.work_lock);
	INIT_WORK(&tty->buf.work, flush_to_ldisc);
	tty->buf.data = kvmalloc(2 * TTY_FLIP_SIZE, GFP_KERNEL);
	if (!tty->buf.data)
		return -ENOMEM;
	tty->buf.flag = tty->buf.data + TTY_FLIP_SIZE;
	return 0;
}

/* Nobody fills the ring any more. */
void tty_buffer_free(struct tty_struct *tty)
{
	flush_work(&tty->buf.work);
	kvfree(tty->buf.data);
}
