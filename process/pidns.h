/* SPDX-License-Identifier: MIT */
/* Between pid.c and pidns.c. */
#ifndef PROCESS_PIDNS_H
#define PROCESS_PIDNS_H

struct pid_namespace;

void pidns_init(void);
/* May processes still be made in ns? Any context. */
bool pidns_is_open(struct pid_namespace *ns);
/* A number of ns came free: its dying init may wait for that. rcu_read_lock() held. */
void pidns_number_freed(struct pid_namespace *ns);

#endif
