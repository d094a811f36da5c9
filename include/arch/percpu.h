/* SPDX-License-Identifier: MIT */
/*
 * Contract 1 of 8: which CPU this is, its per-CPU data, and the current task.
 *
 * Every architecture's <asm/percpu.h> defines, as macros or inline functions:
 *
 *   unsigned long arch_percpu_offset(void)
 *	What to add to a per-CPU variable's link address for this CPU's copy. 0 on the boot CPU
 *	before setup_per_cpu_areas(). Any context; stable only with preemption off.
 *
 *   arch_this_cpu_read(var), arch_this_cpu_write(var, v), arch_this_cpu_add(var, v)
 *	One access to this CPU's copy, atomic against interrupts and preemption on this CPU (not
 *	against other CPUs). 1, 2, 4 or 8 bytes wide. No barrier, not even against the compiler
 *	reordering around other variables: preempt_disable() adds its own.
 *
 *   bool arch_this_cpu_dec_and_test(var)
 *	The same for taking 1 from an int; true when 0 is left. No barrier for the CPU; the
 *	compiler moves no access to memory across it.
 *
 *   struct task_struct *arch_current(void)
 *	The task this CPU runs. Written by arch_switch_to() alone, in the same instant as the stack
 *	changes as seen from this CPU; so right in task, interrupt and NMI context, whether
 *	interrupts have stacks of their own (irqstacks=separate, the default) or run on the task's
 *	(irqstacks=shared). The compiler may keep its value in a register: a task that moves to
 *	another CPU is still current there.
 *
 *   int arch_smp_processor_id(void)
 *	This CPU's number, from 0. Stable only with preemption off.
 *
 *   unsigned long arch_stack_pointer(void)
 *	The stack pointer now. current_thread_info() masks it.
 *
 * And declared here:
 */
#ifndef ARCH_PERCPU_H
#define ARCH_PERCPU_H

#include <jiffy/compiler.h>
#include <jiffy/types.h>

struct task_struct;

#include <asm/percpu.h>

/* Makes CPU `cpu` use the per-CPU copy at offset (called on that CPU, interrupts off). */
void arch_set_percpu(int cpu, unsigned long offset);

#endif
