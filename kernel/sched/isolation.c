/* SPDX-License-Identifier: MIT */
/*
 * isolcpus=[FLAG,...]LIST: CPUs that belong to no scheduling domain. The balancer does not look at
 * them and no wake-up chooses them; a task is there because it was sent there by
 * sched_setaffinity(2), from which pid 1, and so all that it starts, begins with the others.
 * Boot only.
 *
 * The flags of Linux: "domain" is what is said above and the default. "managed_irq" asks that
 * devices' interrupts stay away, which they do: all go to the boot CPU. "nohz" would stop the
 * tick while a CPU runs one task, as nohz_full= would; here a CPU that runs a task ticks. Both
 * are refused aloud rather than half done.
 */
#include <jiffy/init.h>
#include <jiffy/string.h>

#include "../../sched/internal.h"

const struct cpumask *const cpu_isolated_mask = &sched_isolated_mask;

static bool starts_with(char **list, const char *flag)
{
	size_t n = strlen(flag);

	if (strncmp(*list, flag, n))
		return false;
	*list += n;
	return true;
}

static int set_isolcpus(char *value)
{
	cpumask_t wanted, others;
	bool domain = false, other = false;
	int err;

	for (;;) {
		if (starts_with(&value, "domain,"))
			domain = true;
		else if (starts_with(&value, "managed_irq,"))
			other = true;
		else if (starts_with(&value, "nohz,"))
			return -EOPNOTSUPP;
		else
			break;
	}
	cpumask_clear(&wanted);
	err = bitmap_parse_list(value, cpumask_bits(&wanted), NR_CPUS);
	if (err)
		return err;
	cpumask_and(&wanted, &wanted, cpu_possible_mask);
	/* Interrupts only: nothing that is not so already. */
	if (other && !domain)
		return 0;
	/* The boot CPU starts the system, and somebody must do all that is not isolated. */
	cpumask_andnot(&others, cpu_possible_mask, &wanted);
	if (cpumask_empty(&others)) {
		pr_warn("isolcpus: no CPU would be left for everything else: ignored\n");
		return -EINVAL;
	}
	cpumask_copy(&sched_isolated_mask, &wanted);
	return 0;
}
early_param("isolcpus=", set_isolcpus);

static int set_nohz_full(char *value)
{
	pr_warn("nohz_full: a CPU that runs a task ticks here: ignored\n");
	return -EOPNOTSUPP;
}
early_param("nohz_full=", set_nohz_full);

/* [pid 1] its children inherit where it may run. */
static int __init keep_off_isolated(void)
{
	cpumask_t others;

	if (cpumask_empty(cpu_isolated_mask))
		return 0;
	cpumask_andnot(&others, cpu_possible_mask, cpu_isolated_mask);
	return set_cpus_allowed_ptr(current, &others);
}
core_initcall(keep_off_isolated);
