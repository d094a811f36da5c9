/* SPDX-License-Identifier: MIT */
/*
 * The caches of a CPU and who shares them, by CPUID: leaf 4 (Intel's manual, volume 2, "CPUID"),
 * or on AMD's processors leaf 8000001DH, which is laid out alike (AMD64 manual, volume 3, appendix
 * E.4.15); older ones of AMD's have leaves 80000005H and 80000006H. What they tell of a cache that
 * is shared is for how many APIC numbers there is room below it: the CPUs whose numbers agree
 * above that many have one cache together.
 *
 * Each CPU asks for itself at its start, interrupts off; only read afterwards.
 */
#include <asm/setup.h>
#include <jiffy/kernel.h>
#include <jiffy/string.h>

bool cache_from_leaf(const u32 regs[4], u32 apicid, struct cpu_cache *cache)
{
	u32 a = regs[0], b = regs[1], type = a & 0x1f, sharers = (a >> 14 & 0xfff) + 1;

	if (type < CPU_CACHE_DATA || type > CPU_CACHE_UNIFIED)
		return false;
	*cache = (struct cpu_cache){
	    .type = type,
	    .level = a >> 5 & 7,
	    .line_size = (b & 0xfff) + 1,
	    .partitions = (b >> 12 & 0x3ff) + 1,
	    .ways = (b >> 22) + 1,
	    .sets = regs[2] + 1,
	    .id = apicid >> ilog2(roundup_pow_of_two(sharers)),
	};
	return true;
}

/* size: bytes; ways: 0 for as many as there are lines. */
static struct cpu_cache old_cache(int level, int type, u32 size, u32 line, u32 ways, u32 id)
{
	u32 lines = line ? size / line : 0;

	if (!ways || ways > lines)
		ways = lines;
	return (struct cpu_cache){.level = level,
				  .type = type,
				  .line_size = line,
				  .partitions = 1,
				  .ways = ways,
				  .sets = ways ? lines / ways : 0,
				  .id = id};
}

unsigned int caches_from_old_leaves(const u32 l1[4], const u32 l2[4], u32 core, u32 package,
				    struct cpu_cache *caches)
{
	/* How many ways a code stands for; 0: all. */
	static const u8 ways[16] = {1, 1, 2, 3, 4, 6, 8, 1, 16, 1, 32, 48, 64, 96, 128, 0};
	u32 l2_size = l2[2] >> 16 << 10, l3_size = l2[3] >> 18 << 19;
	u32 l2_ways = l2[2] >> 12 & 0xf, l3_ways = l2[3] >> 12 & 0xf; /* 0: it is off */
	unsigned int n = 0;

	for (int i = 2; i < 4; i++)
		if (l1[i] >> 24)
			caches[n++] =
			    old_cache(1, i == 2 ? CPU_CACHE_DATA : CPU_CACHE_INSTRUCTION,
				      l1[i] >> 24 << 10, l1[i] & 0xff,
				      (l1[i] >> 16 & 0xff) == 0xff ? 0 : l1[i] >> 16 & 0xff, core);
	if (l2_size && l2_ways)
		caches[n++] =
		    old_cache(2, CPU_CACHE_UNIFIED, l2_size, l2[2] & 0xff, ways[l2_ways], core);
	if (l3_size && l3_ways)
		caches[n++] =
		    old_cache(3, CPU_CACHE_UNIFIED, l3_size, l2[3] & 0xff, ways[l3_ways], package);
	return n;
}

/* One leaf, a cache for each number below it, until there is none. */
static void ask_leaf(struct cpuinfo_x86 *c, u32 leaf)
{
	u32 r[4];

	for (u32 sub = 0; sub < MAX_CPU_CACHES; sub++) {
		cpuid(leaf, sub, &r[0], &r[1], &r[2], &r[3]);
		if (!cache_from_leaf(r, c->initial_apicid, &c->caches[sub]))
			break;
		c->nr_caches++;
	}
}

static void ask_old_leaves(struct cpuinfo_x86 *c)
{
	u32 l1[4], l2[4];

	cpuid(0x80000005, 0, &l1[0], &l1[1], &l1[2], &l1[3]);
	cpuid(0x80000006, 0, &l2[0], &l2[1], &l2[2], &l2[3]);
	c->nr_caches = caches_from_old_leaves(l1, l2, c->initial_apicid >> c->thread_bits,
					      c->package_id, c->caches);
}

void identify_caches(struct cpuinfo_x86 *c)
{
	const struct cpu_cache *widest = NULL;
	bool amd = !strcmp(c->vendor, "AuthenticAMD") || !strcmp(c->vendor, "HygonGenuine");

	c->nr_caches = 0;
	/* A processor without either leaf answers 0 there: a cache of no type. */
	if (!amd && c->cpuid_level >= 4)
		ask_leaf(c, 4);
	if (amd && c->extended_level >= 0x8000001d)
		ask_leaf(c, 0x8000001d);
	if (amd && !c->nr_caches && c->extended_level >= 0x80000006)
		ask_old_leaves(c);
	for (unsigned int i = 0; i < c->nr_caches; i++)
		if (c->caches[i].type != CPU_CACHE_INSTRUCTION &&
		    (!widest || c->caches[i].level > widest->level))
			widest = &c->caches[i];
	c->llc_id = widest ? (int)widest->id : c->package_id;
	/* What /proc/cpuinfo tells of AMD's is the second level. */
	if (widest && !amd)
		c->cache_kib = cpu_cache_size(widest) >> 10;
}
