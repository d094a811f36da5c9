/* SPDX-License-Identifier: MIT */
/*
 * Which deliberate bug is on: see mutation.h. Set before the scheduler runs.
 */
#include "internal.h"

enum sched_mutation sched_mutation;

#define MUTATION_TEXT(name) #name,
static const char *const names[NR_SCHED_MUTATIONS] = {"NONE", SCHED_MUTATIONS(MUTATION_TEXT)};

const char *sched_mutation_name(int number)
{
	return number > 0 && number < NR_SCHED_MUTATIONS ? names[number] : NULL;
}

int sched_mutate(const char *name)
{
	int i;

	for (i = 1; i < NR_SCHED_MUTATIONS; i++) {
		if (!strcmp(name, names[i])) {
			sched_mutation = i;
			return 0;
		}
	}
	return -EINVAL;
}
