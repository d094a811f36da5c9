/* SPDX-License-Identifier: MIT */
/*
 * /proc files about memory: meminfo, vmstat, slabinfo, buddyinfo, zoneinfo (proc(5),
 * slabinfo(5)); jiffy/counts, by which a test sees whether anything leaked, and
 * jiffy/unknown_syscalls, how many calls met no system call. Task context.
 */
#include <jiffy/file.h>
#include <jiffy/init.h>
#include <jiffy/mm.h>
#include <jiffy/pid.h>
#include <jiffy/pagemap.h>
#include <jiffy/slab.h>
#include <jiffy/syscalls.h>
#include "internal.h"

static void kb(struct seq_file *m, const char *name, unsigned long pages)
{
	seq_printf(m, "%-15s %8lu kB\n", name, pages << (PAGE_SHIFT - 10));
}

static int meminfo_show(struct seq_file *m, void *v)
{
	unsigned long shmem = nr_shmem_pages(), cached, limit = vm_commit_limit();
	struct sysinfo_mem i;

	si_meminfo(&i);
	cached = i.cached;
	kb(m, "MemTotal:", i.totalram);
	kb(m, "MemFree:", i.freeram);
	kb(m, "MemAvailable:", i.available);
	kb(m, "Buffers:", i.bufferram);
	kb(m, "Cached:", cached);
	kb(m, "SwapCached:", 0);
	/* There is no ageing: what programs use is active, the rest of the cache is not. */
	kb(m, "Active:", i.anon + i.mapped);
	kb(m, "Inactive:", cached > i.mapped ? cached - i.mapped : 0);
	kb(m, "Active(anon):", i.anon + shmem);
	kb(m, "Inactive(anon):", 0);
	kb(m, "Active(file):", i.mapped > shmem ? i.mapped - shmem : 0);
	kb(m, "Inactive(file):", cached > i.mapped + shmem ? cached - i.mapped - shmem : 0);
	kb(m, "Unevictable:", 0);
	kb(m, "Mlocked:", 0);
	kb(m, "SwapTotal:", 0);
	kb(m, "SwapFree:", 0);
	kb(m, "Dirty:", 0);
	kb(m, "Writeback:", 0);
	kb(m, "AnonPages:", i.anon);
	kb(m, "Mapped:", i.mapped);
	kb(m, "Shmem:", shmem);
	kb(m, "KReclaimable:", i.slab_reclaimable);
	kb(m, "Slab:", i.slab_reclaimable + i.slab_unreclaimable);
	kb(m, "SReclaimable:", i.slab_reclaimable);
	kb(m, "SUnreclaim:", i.slab_unreclaimable);
	kb(m, "KernelStack:", i.kernel_stack);
	kb(m, "PageTables:", i.page_tables);
	kb(m, "NFS_Unstable:", 0);
	kb(m, "Bounce:", 0);
	kb(m, "WritebackTmp:", 0);
	kb(m, "CommitLimit:", limit);
	kb(m, "Committed_AS:", vm_committed());
	seq_printf(m, "VmallocTotal:   %8lu kB\n", (VMALLOC_END - VMALLOC_START) >> 10);
	kb(m, "VmallocUsed:", i.vmalloc_used);
	seq_printf(m, "VmallocChunk:   %8lu kB\n", 0UL);
	kb(m, "Percpu:", i.percpu);
	return 0;
}

static int vmstat_show(struct seq_file *m, void *v)
{
	unsigned long sums[NR_VM_EVENT_ITEMS];
	struct sysinfo_mem i;
	int e;

	si_meminfo(&i);
	all_vm_events(sums);
	seq_printf(m, "nr_free_pages %lu\nnr_anon_pages %lu\nnr_mapped %lu\n", i.freeram, i.anon,
		   i.mapped);
	seq_printf(m, "nr_file_pages %lu\nnr_dirty 0\nnr_writeback 0\n", i.cached);
	seq_printf(m, "nr_slab_reclaimable %lu\nnr_slab_unreclaimable %lu\n", i.slab_reclaimable,
		   i.slab_unreclaimable);
	seq_printf(m, "nr_page_table_pages %lu\nnr_kernel_stack %lu\nnr_shmem %lu\n", i.page_tables,
		   i.kernel_stack << (PAGE_SHIFT - 10), nr_shmem_pages());
	seq_puts(m, "pgpgin 0\npgpgout 0\npswpin 0\npswpout 0\n");
	for (e = 0; e < NR_VM_EVENT_ITEMS; e++)
		seq_printf(m, "%s %lu\n", vm_event_name[e], sums[e]);
	return 0;
}

static void slab_line(const struct slabinfo *s, void *arg)
{
	seq_printf(arg,
		   "%-17s %6lu %6lu %6u %4u %4d : tunables %4u %4u %4u : slabdata %6lu %6lu %6u\n",
		   s->name, s->active_objs, s->num_objs, s->object_size, s->objects_per_slab,
		   s->pages_per_slab, 0, 0, 0, s->active_slabs, s->num_slabs, 0);
}

static int slabinfo_show(struct seq_file *m, void *v)
{
	seq_puts(m,
		 "slabinfo - version: 2.1\n"
		 "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>"
		 " : tunables <limit> <batchcount> <sharedfactor>"
		 " : slabdata <active_slabs> <num_slabs> <sharedavail>\n");
	for_each_slabinfo(slab_line, m);
	return 0;
}

static int buddyinfo_show(struct seq_file *m, void *v)
{
	struct zone *z;
	int i, order;

	for (i = 0; (z = populated_zone(i)); i++) {
		seq_printf(m, "Node %d, zone %8s ", z->zone_pgdat->node_id, z->name);
		for (order = 0; order <= MAX_ORDER; order++)
			seq_printf(m, "%6lu ", READ_ONCE(z->free_area[order].nr_free));
		seq_putc(m, '\n');
	}
	return 0;
}

static int zoneinfo_show(struct seq_file *m, void *v)
{
	struct zone *z;
	int i;

	for (i = 0; (z = populated_zone(i)); i++) {
		seq_printf(m, "Node %d, zone %8s\n  pages free     %lu\n", z->zone_pgdat->node_id,
			   z->name, READ_ONCE(z->nr_free));
		seq_printf(m, "        min      %lu\n        low      %lu\n        high     %lu\n",
			   z->watermark[WMARK_MIN], z->watermark[WMARK_LOW],
			   z->watermark[WMARK_HIGH]);
		seq_printf(m, "        spanned  %lu\n        present  %lu\n        managed  %lu\n",
			   z->spanned_pages, z->present_pages, READ_ONCE(z->managed_pages));
		seq_printf(m, "  start_pfn:           %lu\n", z->zone_start_pfn);
	}
	return 0;
}

/*
 * Everything that is kept for speed alone is given back first, so that runs compare exactly. How
 * many pages hold a number of small objects depends on the order of their births, so free pages
 * and those of slabs are counted as one.
 */
static int counts_show(struct seq_file *m, void *v)
{
	struct mm_counts c;

	flush_delayed_fput();
	flush_scheduled_work();
	drop_lazy_mms();
	shrink_pid_map();
	mm_drain_and_count(&c);
	seq_printf(m, "free_and_slab_pages %lu\ntasks %d\npids %lu\nfiles %lu\nslab_objects %lu\n",
		   c.free_pages + c.slab_pages, READ_ONCE(nr_threads), nr_pids(), nr_files(),
		   c.slab_objects);
	seq_printf(m, "vmas %lu\nmms %lu\nfile_pages %lu\ncommitted %lu\n", c.vmas, c.mms,
		   c.file_pages, c.committed);
	seq_printf(m, "dentries %lu\ninodes %lu\n", nr_dentries(), nr_inodes());
	return 0;
}

static int unknown_syscalls_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%lu\n", nr_unknown_syscalls());
	return 0;
}

static int failed_allocations_show(struct seq_file *m, void *v)
{
	unsigned int pos = 0;
	unsigned long ip;

	while ((ip = next_failed_allocation(&pos)))
		seq_printf(m, "%016lx\n", ip);
	return 0;
}

static int __init proc_meminfo_init(void)
{
	struct proc_dir_entry *dir = proc_mkdir("jiffy", NULL);

	if (!dir || !proc_create_single("counts", 0400, dir, counts_show) ||
	    !proc_create_single("unknown_syscalls", 0, dir, unknown_syscalls_show) ||
	    !proc_create_single("failed-allocations", 0400, dir, failed_allocations_show) ||
	    !proc_create_single("meminfo", 0, NULL, meminfo_show) ||
	    !proc_create_single("vmstat", 0, NULL, vmstat_show) ||
	    !proc_create_single("slabinfo", 0400, NULL, slabinfo_show) ||
	    !proc_create_single("buddyinfo", 0, NULL, buddyinfo_show) ||
	    !proc_create_single("zoneinfo", 0, NULL, zoneinfo_show))
		return -ENOMEM;
	return 0;
}
fs_initcall(proc_meminfo_init);
