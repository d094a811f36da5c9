/* SPDX-License-Identifier: MIT */
/*
 * Thread mode: a threaded cgroup shares the resource domain of its nearest ancestor that is not
 * threaded, and threads of one process may be spread over the cgroups of one domain. All
 * controllers of this kernel are threaded ones, so a cgroup that gives them to its children
 * may have tasks of its own only inside such a domain. cgroups(7), "Thread mode". cgroup_mutex.
 */
#include <jiffy/string.h>

#include "internal.h"

/* The root alone is both: a domain with processes and the root of thread domains. */
static bool is_mixable(const struct cgroup *cgrp)
{
	return !cgrp->parent;
}

/* May threaded children be made below it? Its domain children then must have nobody in them. */
static bool can_be_thread_root(struct cgroup *cgrp)
{
	return is_mixable(cgrp) ||
	       (!cgroup_is_threaded(cgrp) && !READ_ONCE(cgrp->nr_populated_domain_children));
}

bool cgroup_is_thread_root(struct cgroup *cgrp)
{
	if (cgroup_is_threaded(cgrp))
		return false;
	/* Processes beside controllers for the children: only thread domains may have that. */
	return cgrp->nr_threaded_children || (READ_ONCE(cgrp->nr_tasks) && cgrp->subtree_control);
}

bool cgroup_is_valid_domain(struct cgroup *cgrp)
{
	if (cgroup_is_threaded(cgrp))
		return false;
	while ((cgrp = cgrp->parent)) {
		if (cgroup_is_threaded(cgrp))
			return false;
		if (!is_mixable(cgrp) && cgroup_is_thread_root(cgrp))
			return false;
	}
	return true;
}

int cgroup_vet_control_enable(struct cgroup *cgrp, unsigned int enable)
{
	if (!enable)
		return 0;
	if (!cgroup_is_valid_domain(cgrp->dom_cgrp))
		return -EOPNOTSUPP;
	if (can_be_thread_root(cgrp) || cgroup_is_threaded(cgrp))
		return 0;
	return READ_ONCE(cgrp->nr_tasks) ? -EBUSY : 0;
}

int cgroup_vet_destination(struct cgroup *cgrp)
{
	if (!cgroup_is_valid_domain(cgrp->dom_cgrp))
		return -EOPNOTSUPP;
	if (can_be_thread_root(cgrp) || cgroup_is_threaded(cgrp))
		return 0;
	/* Who shares out to children keeps nothing back for tasks of its own. */
	return cgrp->subtree_control ? -EBUSY : 0;
}

int cgroup_enable_threaded(struct cgroup *cgrp)
{
	struct cgroup *dom = cgrp->parent->dom_cgrp, *c;

	if (cgroup_is_threaded(cgrp))
		return 0;
	if (READ_ONCE(cgrp->nr_tasks) || cgrp->nr_populated_domain_children ||
	    cgrp->nr_populated_threaded_children)
		return -EOPNOTSUPP;
	if (!cgroup_is_valid_domain(dom) || !can_be_thread_root(dom))
		return -EOPNOTSUPP;
	/* What is threaded below it already moves over to the wider domain. */
	cgroup_for_each_descendant (c, cgrp)
		if (c == cgrp || cgroup_is_threaded(c))
			c->dom_cgrp = dom;
	cgrp->parent->nr_threaded_children++;
	return 0;
}

int cgroup_type_show(struct seq_file *m, struct cgroup *cgrp)
{
	if (cgroup_is_threaded(cgrp))
		seq_puts(m, "threaded\n");
	else if (!cgroup_is_valid_domain(cgrp))
		seq_puts(m, "domain invalid\n");
	else if (cgroup_is_thread_root(cgrp))
		seq_puts(m, "domain threaded\n");
	else
		seq_puts(m, "domain\n");
	return 0;
}

int cgroup_type_write(struct cgroup_open *of, char *text)
{
	return strcmp(text, "threaded") ? -EINVAL : cgroup_enable_threaded(of->cgrp);
}
