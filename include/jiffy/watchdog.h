/* SPDX-License-Identifier: MIT */
/*
 * The watchdogs: a CPU that should switch tasks and does not (soft lock-up), a CPU that takes no
 * interrupts (hard lock-up), a task that sleeps uninterruptibly for too long (hung task).
 * kernel/watchdog.c.
 */
#ifndef JIFFY_WATCHDOG_H
#define JIFFY_WATCHDOG_H

struct pt_regs;

void watchdog_tick(struct pt_regs *regs); /* every tick, interrupts off */
void touch_softlockup_watchdog(void);	  /* a long spin that is meant */
void nmi_handler(struct pt_regs *regs);	  /* arch/: an NMI, inside nmi_enter() */
/* The CPU's tick stops or goes on, so that its silence is not taken for a lock-up. */
void watchdog_idle(bool idle);
/* When, in jiffies, this CPU's tick must come even if it idles, to look after another CPU. */
bool watchdog_next_look(unsigned long *when);

#endif
