/* SPDX-License-Identifier: MIT */
/*
 * RCU's calls for irq/ and time/ only. Interrupts off.
 */
#ifndef JIFFY_RCU_PRIVATE_H
#define JIFFY_RCU_PRIVATE_H

#include <jiffy/types.h>

bool rcu_needs_cpu(void);  /* callbacks wait here: keep the tick */
void rcu_irq_enter(void);  /* every interrupt's entry ... */
void rcu_irq_exit(void);   /* ... and end: it may have come out of the idle loop */

#endif
