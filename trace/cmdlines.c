/* SPDX-License-Identifier: MIT */
/*
 * saved_cmdlines: the names of the tasks whose records were read. A record in binary form says only
 * the task's number; tools look here, afterwards, for the name it had.
 *
 * Context: task. Under trace_lock.
 */
#include "trace.h"
#include <jiffy/seq_file.h>
#include <jiffy/string.h>

/* By number: of those whose numbers end alike the last one is kept. */
#define SAVED 1024
static struct saved {
	s32 pid; /* 0: none */
	char comm[TASK_COMM_LEN];
} saved[SAVED];

void trace_save_cmdline(const struct ring_header *h)
{
	struct saved *s = &saved[(u32)h->pid % SAVED];

	lockdep_assert_held(&trace_lock);
	if (!h->pid)
		return;
	s->pid = h->pid;
	memcpy(s->comm, h->comm, sizeof(s->comm));
}

int trace_saved_cmdlines_show(struct seq_file *m, void *v)
{
	unsigned int i;

	mutex_lock(&trace_lock);
	for (i = 0; i < SAVED; i++)
		if (saved[i].pid)
			seq_printf(m, "%d %s\n", saved[i].pid, saved[i].comm);
	mutex_unlock(&trace_lock);
	return 0;
}
