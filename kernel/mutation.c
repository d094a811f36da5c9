/* SPDX-License-Identifier: MIT */
/*
 * Which deliberate bug is on: /proc/sys/kernel/mutation, checked kernels only. The sites are
 * described in <jiffy/mutation.h>. Task context; no lock, since a site reads one word.
 */
#include <jiffy/errno.h>
#include <jiffy/init.h>
#include <jiffy/mutation.h>
#include <jiffy/string.h>
#include <jiffy/sysctl.h>

#ifdef JIFFY_CHECKED

#define NAME_SIZE 32

enum mutation active_mutation;

#define MUTATION_NAME(name) [MUTANT_##name] = #name,
static const char *const mutation_names[NR_MUTATIONS] = {"none", MUTATIONS(MUTATION_NAME)};

/* -EINVAL for a name that is none of them. */
static int mutation_handler(const struct ctl_table *table, int write, void *buffer, size_t *lenp,
			    loff_t *ppos)
{
	char name[NAME_SIZE];
	struct ctl_table text = *table;
	int i, ret;

	strscpy(name, mutation_names[active_mutation], sizeof(name));
	text.data = name;
	text.maxlen = sizeof(name);
	ret = proc_dostring(&text, write, buffer, lenp, ppos);
	if (ret || !write)
		return ret;
	for (i = 0; i < NR_MUTATIONS; i++) {
		if (!strcmp(name, mutation_names[i])) {
			WRITE_ONCE(active_mutation, i);
			return 0;
		}
	}
	return -EINVAL;
}

static const struct ctl_table mutation_table[] = {
    {.procname = "mutation", .mode = 0600, .proc_handler = mutation_handler},
    {NULL},
};

static int __init mutation_init(void)
{
	return register_sysctl("kernel", mutation_table);
}
device_initcall(mutation_init);

#endif
