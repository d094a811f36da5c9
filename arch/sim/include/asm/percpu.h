/* SPDX-License-Identifier: MIT */
/*
 * The simulator's answer to contract 1 of 8: "this CPU" is the one whose event is being worked
 * on. sim/sim_env.c switches it.
 */
#ifndef ASM_SIM_PERCPU_H
#define ASM_SIM_PERCPU_H

struct task_struct;

extern unsigned long sim_cpu_offset;
extern int sim_cpu;
extern struct task_struct *sim_current;

#define arch_percpu_offset()	    sim_cpu_offset
#define arch_smp_processor_id()	    sim_cpu
#define arch_current()		    (*(struct task_struct *volatile *)&sim_current)
#define __sim_this(var)		    (*(__typeof__(var) *)((char *)&(var) + sim_cpu_offset))
#define arch_this_cpu_read(var)	    __sim_this(var)
#define arch_this_cpu_write(var, v) (__sim_this(var) = (v))
#define arch_this_cpu_add(var, v)   (__sim_this(var) += (v))
#define arch_this_cpu_dec_and_test(var) (--__sim_this(var) == 0)
#define arch_stack_pointer()	    ((unsigned long)__builtin_frame_address(0))

#endif
