/* SPDX-License-Identifier: MIT */
/*
 * Getting memory back: the registered shrinkers give up what they only keep to be faster, and
 * the slab caches give back their empty slabs. There is no place to page out to. Task context.
 * Locks: shrinkers_lock (a reader while shrinkers run, so one may be registered only between).
 */
#include <jiffy/init.h>
#include <jiffy/mutex.h>
#include <jiffy/sysctl.h>

#include "internal.h"

static LIST_HEAD(shrinkers);
static DECLARE_RWSEM(shrinkers_lock);

int register_shrinker(struct shrinker *s)
{
	down_write(&shrinkers_lock);
	list_add_tail(&s->list, &shrinkers);
	up_write(&shrinkers_lock);
	return 0;
}

void unregister_shrinker(struct shrinker *s)
{
	down_write(&shrinkers_lock);
	list_del(&s->list);
	up_write(&shrinkers_lock);
}

/* A shrinker is asked for its 2^-priority part, a batch at a time. */
static unsigned long run_shrinker(struct shrinker *s, gfp_t gfp, int nid, unsigned int priority)
{
	struct shrink_control sc = {.gfp_mask = gfp, .nid = nid};
	unsigned long have = s->count_objects(s, &sc), want, freed = 0;

	if (have == SHRINK_EMPTY || !have)
		return 0;
	for (want = max(have >> priority, 1UL); want;) {
		unsigned long n;

		sc.nr_to_scan = min(want, 128UL);
		n = s->scan_objects(s, &sc);
		if (n == SHRINK_STOP)
			break;
		count_vm_event(SLABS_SCANNED);
		freed += n;
		want -= sc.nr_to_scan;
		cond_resched();
	}
	return freed;
}

unsigned long shrink_slab(gfp_t gfp, int nid, unsigned int priority)
{
	unsigned long freed = 0;
	struct shrinker *s;

	/* Somebody registers one just now, perhaps this task: then not this time. */
	if (!down_read_trylock(&shrinkers_lock))
		return 0;
	list_for_each_entry (s, &shrinkers, list)
		freed += run_shrinker(s, gfp, nid, priority);
	up_read(&shrinkers_lock);
	if (freed || !priority)
		slab_shrink_all();
	return freed;
}

/* vm.drop_caches of proc(5): all clean caches go, or as many as will. */
static int sysctl_drop_caches;

static int drop_caches_handler(const struct ctl_table *table, int write, void *buffer, size_t *lenp,
			       loff_t *ppos)
{
	int err = proc_dointvec_minmax(table, write, buffer, lenp, ppos);

	if (err || !write)
		return err;
	for (int tries = 0; tries < 8 && shrink_slab(GFP_KERNEL, 0, 0); tries++)
		cond_resched();
	return 0;
}

static int sysctl_min_free_kbytes;

static int min_free_handler(const struct ctl_table *table, int write, void *buffer, size_t *lenp,
			    loff_t *ppos)
{
	int err;

	if (!write)
		sysctl_min_free_kbytes = min_free_pages() << (PAGE_SHIFT - 10);
	err = proc_dointvec_minmax(table, write, buffer, lenp, ppos);
	if (!err && write)
		set_min_free_pages(sysctl_min_free_kbytes >> (PAGE_SHIFT - 10));
	return err;
}

static const int drop_max = 4;
static const struct ctl_table reclaim_table[] = {
    {.procname = "drop_caches",
     .data = &sysctl_drop_caches,
     .maxlen = sizeof(int),
     .mode = 0200,
     .proc_handler = drop_caches_handler,
     .extra1 = SYSCTL_ONE,
     .extra2 = (void *)&drop_max},
    {.procname = "min_free_kbytes",
     .data = &sysctl_min_free_kbytes,
     .maxlen = sizeof(int),
     .mode = 0644,
     .proc_handler = min_free_handler,
     .extra1 = SYSCTL_ZERO},
    {},
};

static int register_reclaim_table(void)
{
	return register_sysctl("vm", reclaim_table);
}
device_initcall(register_reclaim_table);
