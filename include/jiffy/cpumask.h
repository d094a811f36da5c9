/* SPDX-License-Identifier: MIT */
/*
 * Sets of CPUs. NR_CPUS is the build's upper bound (64 in the kernel, 4,096 in the simulator);
 * nr_cpu_ids is this machine's own.
 */
#ifndef JIFFY_CPUMASK_H
#define JIFFY_CPUMASK_H

#include <jiffy/bitops.h>

#ifndef NR_CPUS
#define NR_CPUS 64
#endif

typedef struct cpumask {
	DECLARE_BITMAP(bits, NR_CPUS);
} cpumask_t;

extern unsigned int nr_cpu_ids;
extern cpumask_t __cpu_possible_mask; /* could ever be brought up */
extern cpumask_t __cpu_present_mask;  /* the firmware named it */
extern cpumask_t __cpu_online_mask;   /* schedules tasks */
extern cpumask_t __cpu_active_mask;   /* may be given more tasks */
#define cpu_possible_mask ((const cpumask_t *)&__cpu_possible_mask)
#define cpu_present_mask  ((const cpumask_t *)&__cpu_present_mask)
#define cpu_online_mask	  ((const cpumask_t *)&__cpu_online_mask)
#define cpu_active_mask	  ((const cpumask_t *)&__cpu_active_mask)

/* What operations on whole sets look at: a constant where that is one word. */
#define nr_cpumask_bits (NR_CPUS > BITS_PER_LONG ? nr_cpu_ids : (unsigned int)NR_CPUS)

#define cpumask_bits(m)		  ((m)->bits)
#define cpumask_set_cpu(c, m)	  set_bit(c, (m)->bits)
#define cpumask_clear_cpu(c, m)	  clear_bit(c, (m)->bits)
#define __cpumask_set_cpu(c, m)	  __set_bit(c, (m)->bits)
#define __cpumask_clear_cpu(c, m) __clear_bit(c, (m)->bits)
#define cpumask_test_cpu(c, m)	  test_bit(c, (m)->bits)
#define cpumask_test_and_set_cpu(c, m)	 test_and_set_bit(c, (m)->bits)
#define cpumask_test_and_clear_cpu(c, m) test_and_clear_bit(c, (m)->bits)
#define cpumask_clear(m)	  bitmap_zero((m)->bits, nr_cpumask_bits)
#define cpumask_setall(m)	  bitmap_fill((m)->bits, nr_cpu_ids)
#define cpumask_copy(d, s)	  bitmap_copy((d)->bits, (s)->bits, nr_cpumask_bits)
#define cpumask_and(d, a, b)	  bitmap_and((d)->bits, (a)->bits, (b)->bits, nr_cpumask_bits)
#define cpumask_or(d, a, b)	  bitmap_or((d)->bits, (a)->bits, (b)->bits, nr_cpumask_bits)
#define cpumask_andnot(d, a, b)	  bitmap_andnot((d)->bits, (a)->bits, (b)->bits, nr_cpumask_bits)
#define cpumask_equal(a, b)	  bitmap_equal((a)->bits, (b)->bits, nr_cpumask_bits)
#define cpumask_intersects(a, b)  bitmap_intersects((a)->bits, (b)->bits, nr_cpumask_bits)
#define cpumask_subset(a, b)	  bitmap_subset((a)->bits, (b)->bits, nr_cpumask_bits)
#define cpumask_empty(m)	  bitmap_empty((m)->bits, nr_cpumask_bits)
#define cpumask_weight(m)	  bitmap_weight((m)->bits, nr_cpu_ids)
#define cpumask_first(m)	  ((unsigned int)find_first_bit((m)->bits, nr_cpu_ids))
#define cpumask_last(m)		  ((unsigned int)find_last_bit((m)->bits, nr_cpu_ids))
#define cpumask_next(n, m)	  ((unsigned int)find_next_bit((m)->bits, nr_cpu_ids, (n) + 1))
#define cpumask_first_and(a, b)	  cpumask_next_and(-1, a, b)
#define cpumask_any(m)		  cpumask_first(m)

/* The first CPU after n that is in both sets; nr_cpu_ids when there is none. */
static inline unsigned int cpumask_next_and(int n, const cpumask_t *a, const cpumask_t *b)
{
	unsigned int c = n;

	do {
		c = find_next_bit(a->bits, nr_cpu_ids, c + 1);
	} while (c < nr_cpu_ids && !cpumask_test_cpu(c, b));
	return c;
}

static inline unsigned int cpumask_any_and(const cpumask_t *a, const cpumask_t *b)
{
	return cpumask_next_and(-1, a, b);
}

static inline unsigned int cpumask_any_but(const cpumask_t *m, unsigned int cpu)
{
	unsigned int c = cpumask_first(m);

	return c == cpu ? cpumask_next(c, m) : c;
}

#define for_each_cpu(cpu, mask)                                                                    \
	for ((cpu) = cpumask_first(mask); (cpu) < nr_cpu_ids; (cpu) = cpumask_next(cpu, mask))
#define for_each_cpu_and(cpu, a, b)                                                                \
	for ((cpu) = cpumask_next_and(-1, a, b); (cpu) < nr_cpu_ids;                               \
	     (cpu) = cpumask_next_and(cpu, a, b))
/* Every CPU of the mask once, beginning at start and going round. */
#define for_each_cpu_wrap(cpu, mask, start)                                                        \
	for (unsigned int __left = nr_cpu_ids, __unused_cpu = ((cpu) = (start) % nr_cpu_ids);      \
	     (void)__unused_cpu, __left > 0; __left--, (cpu) = (cpu) + 1 == nr_cpu_ids ? 0 : (cpu) + 1) \
		if (cpumask_test_cpu(cpu, mask))
#define for_each_possible_cpu(cpu) for_each_cpu(cpu, cpu_possible_mask)
#define for_each_present_cpu(cpu)  for_each_cpu(cpu, cpu_present_mask)
#define for_each_online_cpu(cpu)   for_each_cpu(cpu, cpu_online_mask)

#define num_online_cpus()   cpumask_weight(cpu_online_mask)
#define num_possible_cpus() cpumask_weight(cpu_possible_mask)
#define num_present_cpus()  cpumask_weight(cpu_present_mask)
#define cpu_online(c)	    cpumask_test_cpu(c, cpu_online_mask)
#define cpu_active(c)	    cpumask_test_cpu(c, cpu_active_mask)
#define cpu_possible(c)	    cpumask_test_cpu(c, cpu_possible_mask)

#endif
