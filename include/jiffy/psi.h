/* SPDX-License-Identifier: MIT */
/*
 * Pressure (PSI), for those that show it and for control groups: for how much of the time tasks
 * waited for a CPU or for I/O. The counting is in sched/psi.c, the files and triggers are in
 * kernel/sched/psi.c.
 *
 * A group's life is that of its control group: psi_group_create(), tasks come and go by
 * psi_move_task(), psi_group_free() when no task, file or child has it any more. NULL stands for
 * the machine as a whole.
 */
#ifndef JIFFY_PSI_H
#define JIFFY_PSI_H

#include <jiffy/types.h>

struct file;
struct poll_table_struct;
struct psi_group;
struct psi_trigger;
struct seq_file;
struct task_struct;

/* FULL: nobody ran. Of the machine's CPUs it is never counted: whoever waits, waits for one that
 * runs. Groups count no I/O. */
enum psi_span { PSI_CPU_SOME, PSI_CPU_FULL, PSI_IO_SOME, PSI_IO_FULL, NR_PSI };
#define NR_PSI_AVGS 3
struct psi_total {
	u64 ns;
	unsigned long avg[NR_PSI_AVGS]; /* percent over 10, 60, 300 s, FSHIFT bits of fraction */
};

extern bool psi_on;	  /* psi=0 at boot: nothing is counted, and there are no files */
extern bool psi_counting; /* the machine's is: from the first psi_get() on, psi=1 from boot */

/* A group below parent. ERR_PTR(-ENOMEM); NULL when nothing is counted. [task] */
struct psi_group *psi_group_create(struct psi_group *parent);
void psi_group_free(struct psi_group *group);
/* p, which may run, sleep or be dead, is in group from now on. [any context but rq->lock, pi_lock]
 */
void psi_move_task(struct task_struct *p, struct psi_group *group);
/* All NR_PSI of them, as of now. [any context but rq->lock] */
void psi_get(struct psi_group *group, struct psi_total *totals);

/* The two lines of a pressure file; some is PSI_CPU_SOME or PSI_IO_SOME. [task] */
void psi_show(struct seq_file *m, struct psi_group *group, enum psi_span some);
/*
 * A trigger, as it is written to a pressure file: "some|full THRESHOLD WINDOW", in microseconds.
 * text is cut to pieces. -EINVAL, -ENOMEM. [task]
 */
struct psi_trigger *psi_trigger_create(struct psi_group *group, enum psi_span some, char *text);
void psi_trigger_free(struct psi_trigger *t); /* NULL: nothing happens. [task] */
/* poll(2) of a file with that trigger, or NULL when it has none yet: POLLPRI once an event. */
unsigned int psi_trigger_poll(struct psi_trigger *t, struct file *file,
			      struct poll_table_struct *pt);

#endif
