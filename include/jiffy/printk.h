/* SPDX-License-Identifier: MIT */
/*
 * The kernel's log: a ring buffer that any context may write to, NMIs too, and that the log
 * console, /dev/kmsg and syslog(2) read. kernel/printk.c.
 */
#ifndef JIFFY_PRINTK_H
#define JIFFY_PRINTK_H

#include <jiffy/compiler.h>
#include <jiffy/types.h>

#define KERN_SOH     "\001"
#define KERN_EMERG   KERN_SOH "0"
#define KERN_ALERT   KERN_SOH "1"
#define KERN_CRIT    KERN_SOH "2"
#define KERN_ERR     KERN_SOH "3"
#define KERN_WARNING KERN_SOH "4"
#define KERN_NOTICE  KERN_SOH "5"
#define KERN_INFO    KERN_SOH "6"
#define KERN_DEBUG   KERN_SOH "7"
#define KERN_CONT    KERN_SOH "c" /* goes on where the last line of this CPU stopped */

/* One message; a level may lead the format. Any context. The length of the text. */
int printk(const char *fmt, ...) __printf(1, 2);
int vprintk(const char *fmt, va_list ap) __printf(1, 0);

#define pr_emerg(fmt, ...)  printk(KERN_EMERG fmt, ##__VA_ARGS__)
#define pr_crit(fmt, ...)   printk(KERN_CRIT fmt, ##__VA_ARGS__)
#define pr_err(fmt, ...)    printk(KERN_ERR fmt, ##__VA_ARGS__)
#define pr_warn(fmt, ...)   printk(KERN_WARNING fmt, ##__VA_ARGS__)
#define pr_notice(fmt, ...) printk(KERN_NOTICE fmt, ##__VA_ARGS__)
#define pr_info(fmt, ...)   printk(KERN_INFO fmt, ##__VA_ARGS__)
#define pr_debug(fmt, ...)  printk(KERN_DEBUG fmt, ##__VA_ARGS__)
#define pr_cont(fmt, ...)   printk(KERN_CONT fmt, ##__VA_ARGS__)

/*
 * A log console gets every message; write() must work in any context with interrupts off, and
 * may not take locks that a panicking CPU could hold.
 */
struct console {
	const char *name;
	void (*write)(struct console *con, const char *s, size_t n);
	struct console *next;
};
void register_console(struct console *con);

/*
 * Reading the log back: copies the first message numbered *seq or later into buf (cut to size),
 * fills info and moves *seq behind it. The length, or -EAGAIN when there is none yet. When
 * messages before *seq + 1 have been overwritten, info->seq tells which one came instead.
 * Any context but NMI.
 */
struct printk_record {
	u64 seq;
	u64 ts_ns;
	u8 level;
};
int printk_read(u64 *seq, struct printk_record *info, char *buf, size_t size);
u64 printk_first_seq(void);
u64 printk_next_seq(void);
struct wait_queue_head;
extern struct wait_queue_head printk_wait; /* woken soon after a message came */
void printk_tick(void);			   /* from the tick: does that waking */

#endif
