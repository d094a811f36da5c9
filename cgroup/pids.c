/* SPDX-License-Identifier: MIT */
/*
 * The pids controller: how many tasks there may be in a cgroup and below it. The count itself is
 * kept for every cgroup, whether it has the controller or not, so that enabling it later needs no
 * counting and zombies of before are never missed; limit, peak and events are the css's.
 * A task counts from its fork until it is reaped. Moving tasks is never refused. cgroups(7).
 */
#include <jiffy/pid.h>
#include <jiffy/printk.h>
#include <jiffy/string.h>

#include "internal.h"

#define PIDS_MAX INT64_MAX

struct pids_css {
	struct cgroup_subsys_state css;
	atomic64_t limit, peak;
	atomic64_t events, local_events; /* forks refused: here or below, and for this limit */
};

static struct pids_css *pids_of(struct cgroup *cgrp)
{
	return (struct pids_css *)cgroup_css(cgrp, PIDS_CGRP);
}

/* The peak of a count that others change too. */
static void note_peak(struct pids_css *pids, s64 now)
{
	s64 old = atomic64_read(&pids->peak);

	while (now > old && !atomic64_try_cmpxchg(&pids->peak, &old, now))
		;
}

/* The limit of `over` refused a fork in some cgroup below it. */
static void count_refusal(struct cgroup *over)
{
	struct cgroup *c;

	atomic64_inc(&pids_of(over)->local_events);
	cgroup_file_notify(over, pids_local_events_show);
	for (c = over; c->parent; c = c->parent) {
		struct pids_css *pids = pids_of(c);

		if (!pids)
			continue;
		atomic64_inc(&pids->events);
		cgroup_file_notify(c, pids_events_show);
	}
}

int pids_charge(struct cgroup *cgrp)
{
	struct cgroup *c, *over;

	for (c = cgrp; c->parent; c = c->parent) {
		s64 now = atomic64_inc_return(&c->nr_pids);
		struct pids_css *pids = pids_of(c);

		if (!pids)
			continue;
		if (now > atomic64_read(&pids->limit))
			goto refuse;
		note_peak(pids, now);
	}
	return 0;
refuse:
	over = c;
	for (c = cgrp; c != over->parent; c = c->parent)
		atomic64_dec(&c->nr_pids);
	count_refusal(over);
	return -EAGAIN;
}

void pids_uncharge(struct cgroup *cgrp)
{
	for (; cgrp->parent; cgrp = cgrp->parent)
		atomic64_dec(&cgrp->nr_pids);
}

void pids_move(struct cgroup *src, struct cgroup *dst)
{
	struct cgroup *c;

	for (c = dst; c->parent; c = c->parent) {
		s64 now = atomic64_inc_return(&c->nr_pids);
		struct pids_css *pids = pids_of(c);

		if (pids)
			note_peak(pids, now);
	}
	pids_uncharge(src);
}

static struct cgroup_subsys_state *pids_css_alloc(struct cgroup_subsys_state *parent)
{
	struct pids_css *pids = kzalloc(sizeof(*pids), GFP_KERNEL);

	if (!pids)
		return ERR_PTR(-ENOMEM);
	atomic64_set(&pids->limit, PIDS_MAX);
	return &pids->css;
}

static void pids_css_online(struct cgroup_subsys_state *css)
{
	struct pids_css *pids = (struct pids_css *)css;

	atomic64_set(&pids->peak, atomic64_read(&css->cgroup->nr_pids));
}

static void pids_css_reset(struct cgroup_subsys_state *css)
{
	atomic64_set(&((struct pids_css *)css)->limit, PIDS_MAX);
}

static void pids_css_free(struct cgroup_subsys_state *css)
{
	kfree(css);
}

const struct cgroup_subsys pids_cgrp_subsys = {
    .name = "pids",
    .css_alloc = pids_css_alloc,
    .css_online = pids_css_online,
    .css_reset = pids_css_reset,
    .css_free = pids_css_free,
};

int pids_max_show(struct seq_file *m, struct cgroup *cgrp)
{
	s64 limit = atomic64_read(&pids_of(cgrp)->limit);

	if (limit == PIDS_MAX)
		seq_puts(m, "max\n");
	else
		seq_printf(m, "%lld\n", (long long)limit);
	return 0;
}

int pids_max_write(struct cgroup_open *of, char *text)
{
	unsigned long limit;
	int err = cgroup_parse_max(text, PID_MAX_LIMIT, &limit);

	if (!err)
		atomic64_set(&pids_of(of->cgrp)->limit, limit == ~0UL ? PIDS_MAX : (s64)limit);
	return err;
}

int pids_current_show(struct seq_file *m, struct cgroup *cgrp)
{
	seq_printf(m, "%lld\n", (long long)atomic64_read(&cgrp->nr_pids));
	return 0;
}

int pids_peak_show(struct seq_file *m, struct cgroup *cgrp)
{
	seq_printf(m, "%lld\n", (long long)atomic64_read(&pids_of(cgrp)->peak));
	return 0;
}

int pids_events_show(struct seq_file *m, struct cgroup *cgrp)
{
	seq_printf(m, "max %lld\n", (long long)atomic64_read(&pids_of(cgrp)->events));
	return 0;
}

int pids_local_events_show(struct seq_file *m, struct cgroup *cgrp)
{
	seq_printf(m, "max %lld\n", (long long)atomic64_read(&pids_of(cgrp)->local_events));
	return 0;
}
