/* SPDX-License-Identifier: MIT */
/*
 * x86-64's part of contract 1: per-CPU data through %gs.
 *
 * In the kernel GS.base is this CPU's per-CPU offset, so "%gs:symbol" with the symbol's link
 * address is this CPU's copy, in one instruction that no interrupt can split. Entry code swaps
 * the user's base away (swapgs) before the first line of C. See include/arch/percpu.h.
 */
#ifndef ASM_PERCPU_H
#define ASM_PERCPU_H

/* Of type T at a link address; reads and writes go through the named address space. */
#define __gs_ptr(var) ((volatile __seg_gs __typeof__(var) *)(unsigned long)&(var))

#define arch_this_cpu_read(var)	    (*__gs_ptr(var))
#define arch_this_cpu_write(var, v) ((void)(*__gs_ptr(var) = (v)))

/* In assembler, since a compiler is free to make "+=" a load and a store. */
#define arch_this_cpu_add(var, v)                                          \
	do {                                                               \
		switch (sizeof(var)) {                                     \
		case 1:                                                    \
			__asm__ volatile("addb %1, %%gs:%0"                \
					 : "+m"(var)                       \
					 : "qi"((u8)(unsigned long)(v)));  \
			break;                                             \
		case 2:                                                    \
			__asm__ volatile("addw %1, %%gs:%0"                \
					 : "+m"(var)                       \
					 : "ri"((u16)(unsigned long)(v))); \
			break;                                             \
		case 4:                                                    \
			__asm__ volatile("addl %1, %%gs:%0"                \
					 : "+m"(var)                       \
					 : "ri"((u32)(unsigned long)(v))); \
			break;                                             \
		default:                                                   \
			__asm__ volatile("addq %1, %%gs:%0"                \
					 : "+m"(var)                       \
					 : "re"((unsigned long)(v)));      \
		}                                                          \
	} while (0)

#define arch_this_cpu_dec_and_test(var)                                                      \
	({                                                                                   \
		bool __zero;                                                                 \
		static_assert_size(var, 4);                                                  \
		__asm__ volatile("subl $1, %%gs:%0" : "+m"(var), "=@ccz"(__zero)::"memory"); \
		__zero;                                                                      \
	})

extern unsigned long this_cpu_off;	 /* per CPU: its own offset */
extern int cpu_number;			 /* per CPU */
extern struct task_struct *current_task; /* per CPU; written by arch_switch_to() */

static __always_inline unsigned long arch_percpu_offset(void)
{
	return arch_this_cpu_read(this_cpu_off);
}

static __always_inline int arch_smp_processor_id(void)
{
	return arch_this_cpu_read(cpu_number);
}

/* Not volatile: the value is the same wherever the task runs, so it may stay in a register. */
static __always_inline struct task_struct *arch_current(void)
{
	struct task_struct *t;

	__asm__("movq %%gs:%1, %0" : "=r"(t) : "m"(current_task));
	return t;
}

static __always_inline unsigned long arch_stack_pointer(void)
{
	unsigned long sp;

	__asm__ volatile("movq %%rsp, %0" : "=r"(sp));
	return sp;
}

#endif
