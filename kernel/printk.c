/* SPDX-License-Identifier: MIT */
/*
 * The log: messages one after another in a ring, each behind a small header, the oldest giving
 * way. Any context may write.
 *
 * Serialization rules: log_lock (a bare ticket lock, unknown to the validator, because the
 * validator itself prints) guards the ring and the consoles' turn. An NMI that finds it held may
 * have interrupted its holder, so in NMI context and in a panic it is tried for a while and then
 * passed over: a garbled line is better than none. Readers are woken from the next tick and not
 * from printk(), whose caller may hold a run queue's lock.
 */
#include <arch/time.h>
#include <jiffy/err.h>
#include <jiffy/init.h>
#include <jiffy/printk.h>
#include <jiffy/spinlock.h>
#include <jiffy/string.h>
#include <jiffy/wait.h>

#define LOG_SIZE  (1u << 16)
#define LINE_MAX_ 960

struct log_entry {
	u64 ts_ns;
	u16 len; /* of the text */
	u8 level;
	u8 filler; /* unused rest at the ring's end: go to its start */
};

static char ring[LOG_SIZE] __aligned(8);
static u32 head, tail; /* byte offsets that only grow; the place is offset % LOG_SIZE */
static u64 first_seq, next_seq;
static spinlock_t log_lock;
static struct console *consoles;
static bool readers_wait;
DECLARE_WAIT_QUEUE_HEAD(printk_wait);

static bool lock_log(unsigned long *flags)
{
	*flags = arch_local_irq_save();
	if (!in_nmi() && system_state != SYSTEM_PANIC) {
		arch_neutral_spin_lock(&log_lock);
		return true;
	}
	for (int i = 0; i < 100000; i++) {
		if (arch_neutral_spin_trylock(&log_lock))
			return true;
		arch_cpu_relax();
	}
	return false;
}

static void unlock_log(bool locked, unsigned long flags)
{
	if (locked)
		arch_neutral_spin_unlock(&log_lock);
	arch_local_irq_restore(flags);
}

static struct log_entry *entry_at(u32 offset)
{
	return (struct log_entry *)&ring[offset % LOG_SIZE];
}

static u32 entry_size(const struct log_entry *e)
{
	return ALIGN((u32)sizeof(*e) + e->len, 8u);
}

static void drop_oldest(void)
{
	struct log_entry *e = entry_at(tail);

	if (!e->filler)
		first_seq++;
	tail += entry_size(e);
}

/* Room for one entry of len bytes of text, in one piece. */
static struct log_entry *reserve(u16 len)
{
	u32 need = ALIGN((u32)sizeof(struct log_entry) + len, 8u);
	u32 to_end = LOG_SIZE - head % LOG_SIZE;

	while (head + need + (to_end < need ? to_end : 0) - tail > LOG_SIZE)
		drop_oldest();
	if (to_end < need) {
		struct log_entry *f = entry_at(head);

		*f = (struct log_entry){.len = to_end - sizeof(*f), .filler = 1};
		head += to_end;
	}
	head += need;
	return entry_at(head - need);
}

static void store(u64 ts, int level, const char *text, size_t len)
{
	struct log_entry *e = reserve(len);

	e->ts_ns = ts;
	e->len = len;
	e->level = level;
	e->filler = 0;
	memcpy(e + 1, text, len);
	next_seq++;
	WRITE_ONCE(readers_wait, true);
}

static void to_consoles(u64 ts, const char *text, size_t len, bool cont)
{
	static char line[LINE_MAX_ + 40]; /* under log_lock */
	int n = 0;

	if (!cont)
		n = scnprintf(line, sizeof(line), "[%5llu.%06llu] ",
			      (unsigned long long)(ts / NSEC_PER_SEC),
			      (unsigned long long)(ts % NSEC_PER_SEC / 1000));
	n += scnprintf(line + n, sizeof(line) - n, "%.*s\n", (int)len, text);
	for (struct console *c = consoles; c; c = c->next)
		c->write(c, line, n);
}

int vprintk(const char *fmt, va_list ap)
{
	char text[LINE_MAX_];
	int level = 6, len, off = 0;
	unsigned long flags;
	bool locked, cont = false;
	u64 ts = arch_clock_ns();

	len = vscnprintf(text, sizeof(text), fmt, ap);
	if (text[0] == KERN_SOH[0] && text[1]) {
		cont = text[1] == 'c';
		if (!cont)
			level = text[1] - '0';
		off = 2;
	}
	while (len > off && text[len - 1] == '\n')
		len--;
	locked = lock_log(&flags);
	store(ts, level, text + off, len - off);
	to_consoles(ts, text + off, len - off, cont);
	unlock_log(locked, flags);
	return len - off;
}

int printk(const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vprintk(fmt, ap);
	va_end(ap);
	return n;
}

void register_console(struct console *con)
{
	unsigned long flags;
	bool locked = lock_log(&flags);

	/* What was said before it came is said to it now. */
	for (u32 at = tail; at != head; at += entry_size(entry_at(at))) {
		struct log_entry *e = entry_at(at);
		struct console *others = consoles;

		if (e->filler)
			continue;
		con->next = NULL;
		consoles = con;
		to_consoles(e->ts_ns, (char *)(e + 1), e->len, false);
		consoles = others;
	}
	con->next = consoles;
	consoles = con;
	unlock_log(locked, flags);
}

int printk_read(u64 *seq, struct printk_record *info, char *buf, size_t size)
{
	unsigned long flags;
	bool locked = lock_log(&flags);
	u64 at_seq = first_seq;
	int len = -EAGAIN;

	for (u32 at = tail; at != head; at += entry_size(entry_at(at))) {
		struct log_entry *e = entry_at(at);

		if (e->filler)
			continue;
		if (at_seq++ < *seq)
			continue;
		*info =
		    (struct printk_record){.seq = at_seq - 1, .ts_ns = e->ts_ns, .level = e->level};
		len = min_t(size_t, e->len, size);
		memcpy(buf, e + 1, len);
		*seq = at_seq;
		break;
	}
	unlock_log(locked, flags);
	return len;
}

u64 printk_first_seq(void)
{
	return READ_ONCE(first_seq);
}

u64 printk_next_seq(void)
{
	return READ_ONCE(next_seq);
}

void printk_tick(void)
{
	if (READ_ONCE(readers_wait)) {
		WRITE_ONCE(readers_wait, false);
		if (wq_has_sleeper(&printk_wait))
			__wake_up(&printk_wait, 3, 0, NULL);
	}
}
