/* SPDX-License-Identifier: MIT */
/*
 * How much memory has been promised, and whether more may be: vm.overcommit_memory of proc(5).
 * 0 refuses only what exceeds all there is, 1 refuses nothing, 2 keeps the promises within
 * overcommit_ratio percent of memory. Any context.
 */
#include <jiffy/cred.h>
#include <jiffy/init.h>
#include <jiffy/smp.h>
#include <jiffy/sysctl.h>
#include <uapi/capability.h>
#include <uapi/mman.h>

#include "internal.h"

int sysctl_overcommit_memory = OVERCOMMIT_GUESS;
int sysctl_overcommit_ratio = 50;
unsigned long sysctl_overcommit_kbytes;
static unsigned long admin_reserve_kbytes = 8192, user_reserve_kbytes = 131072;

/*
 * Each CPU keeps its part of the sum; only mode 2, which must be exact, adds them up. A part may
 * be negative: memory is given back on other CPUs than where it was taken.
 */
static DEFINE_PER_CPU(long, committed_part);

unsigned long vm_committed(void)
{
	long sum = 0;
	int cpu;

	for_each_possible_cpu (cpu)
		sum += READ_ONCE(per_cpu(committed_part, cpu));
	return max(sum, 0L);
}

unsigned long vm_commit_limit(void)
{
	if (sysctl_overcommit_kbytes)
		return sysctl_overcommit_kbytes >> (PAGE_SHIFT - 10);
	return totalram_pages() * sysctl_overcommit_ratio / 100;
}

void vm_unacct_memory(long pages)
{
	this_cpu_sub(committed_part, pages);
}

static bool within_strict_limit(struct mm_struct *mm)
{
	unsigned long allowed = vm_commit_limit();

	if (!capable(CAP_SYS_ADMIN))
		allowed -= min(allowed, admin_reserve_kbytes >> (PAGE_SHIFT - 10));
	/* A single program leaves something to repair matters with. */
	if (mm)
		allowed -=
		    min(allowed, min(mm->total_vm / 32, user_reserve_kbytes >> (PAGE_SHIFT - 10)));
	return vm_committed() <= allowed;
}

int vm_enough_memory(struct mm_struct *mm, long pages)
{
	bool ok;

	this_cpu_add(committed_part, pages);
	switch (READ_ONCE(sysctl_overcommit_memory)) {
	case OVERCOMMIT_ALWAYS:
		return 0;
	case OVERCOMMIT_GUESS:
		ok = pages <= (long)totalram_pages();
		break;
	default:
		ok = within_strict_limit(mm);
		break;
	}
	/* mm NULL: the promise was made before and only moves. */
	if (ok || !mm)
		return 0;
	vm_unacct_memory(pages);
	return -ENOMEM;
}

static const struct ctl_table vm_table[] = {
    {.procname = "overcommit_memory",
     .data = &sysctl_overcommit_memory,
     .maxlen = sizeof(int),
     .mode = 0644,
     .proc_handler = proc_dointvec_minmax,
     .extra1 = SYSCTL_ZERO,
     .extra2 = SYSCTL_TWO},
    {.procname = "overcommit_ratio",
     .data = &sysctl_overcommit_ratio,
     .maxlen = sizeof(int),
     .mode = 0644,
     .proc_handler = proc_dointvec},
    {.procname = "overcommit_kbytes",
     .data = &sysctl_overcommit_kbytes,
     .maxlen = sizeof(unsigned long),
     .mode = 0644,
     .proc_handler = proc_doulongvec_minmax},
    {.procname = "max_map_count",
     .data = &sysctl_max_map_count,
     .maxlen = sizeof(int),
     .mode = 0644,
     .proc_handler = proc_dointvec_minmax,
     .extra1 = SYSCTL_ZERO},
    {.procname = "admin_reserve_kbytes",
     .data = &admin_reserve_kbytes,
     .maxlen = sizeof(unsigned long),
     .mode = 0644,
     .proc_handler = proc_doulongvec_minmax},
    {.procname = "user_reserve_kbytes",
     .data = &user_reserve_kbytes,
     .maxlen = sizeof(unsigned long),
     .mode = 0644,
     .proc_handler = proc_doulongvec_minmax},
    {},
};

static int register_vm_table(void)
{
	return register_sysctl("vm", vm_table);
}
device_initcall(register_vm_table);
