/* SPDX-License-Identifier: MIT */
/*
 * Per-CPU variables. Each CPU has a copy of the section "percpu_data"; an address in the image
 * plus __per_cpu_offset[cpu] is that CPU's copy. this_cpu_*() are single operations that an
 * interrupt cannot split; a this_cpu_ptr() is good as long as the task cannot be moved
 * (preemption off). Before setup_per_cpu_areas() CPU 0 uses the image's own copy.
 */
#ifndef JIFFY_PERCPU_H
#define JIFFY_PERCPU_H

#include <arch/percpu.h>
#include <jiffy/cpumask.h>

#define DEFINE_PER_CPU(type, name)  __section("percpu_data") __typeof__(type) name
#define DECLARE_PER_CPU(type, name) extern __typeof__(type) name
#define DEFINE_PER_CPU_ALIGNED(type, name)                                                         \
	__section("percpu_data") __typeof__(type) name ____cacheline_aligned_in_smp

extern unsigned long __per_cpu_offset[NR_CPUS];

#define per_cpu_ptr(ptr, cpu)                                                                      \
	((__typeof__(ptr))((unsigned long)(ptr) + __per_cpu_offset[cpu]))
#define per_cpu(var, cpu) (*per_cpu_ptr(&(var), cpu))
#define raw_cpu_ptr(ptr)  ((__typeof__(ptr))((unsigned long)(ptr) + arch_percpu_offset()))
#define this_cpu_ptr(ptr) raw_cpu_ptr(ptr)

/* arch/percpu.h makes each one instruction where it can. var is a variable, not a pointer. */
#define this_cpu_read(var)     arch_this_cpu_read(var)
#define this_cpu_write(var, v) arch_this_cpu_write(var, v)
#define this_cpu_add(var, v)   arch_this_cpu_add(var, v)
#define this_cpu_sub(var, v)   arch_this_cpu_add(var, -(__typeof__(var))(v))
#define this_cpu_inc(var)      arch_this_cpu_add(var, 1)
#define this_cpu_dec(var)      arch_this_cpu_add(var, -1)
#define this_cpu_dec_and_test(var) arch_this_cpu_dec_and_test(var) /* an int; 0 left? */

#define get_cpu_ptr(ptr)                                                                           \
	({                                                                                         \
		preempt_disable();                                                                 \
		this_cpu_ptr(ptr);                                                                 \
	})
#define put_cpu_ptr(ptr) preempt_enable()
#define get_cpu()                                                                                  \
	({                                                                                         \
		preempt_disable();                                                                 \
		smp_processor_id();                                                                \
	})
#define put_cpu() preempt_enable()

/* Lays out every possible CPU's copy. Boot, one CPU, memory allocator not yet needed. */
void setup_per_cpu_areas(void);

/*
 * A zeroed object per CPU, from the spare room in each CPU's area; use it through per_cpu_ptr()
 * and this_cpu_ptr(). NULL when the room is used up. Task context.
 */
void *__alloc_percpu(size_t size, size_t align);
void free_percpu(void *ptr);
#define alloc_percpu(type) ((type *)__alloc_percpu(sizeof(type), __alignof__(type)))

#endif
