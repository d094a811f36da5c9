/* SPDX-License-Identifier: MIT */
/*
 * x86-64's part of contract 4: single values from and to user memory. See include/arch/uaccess.h.
 *
 * Supervisor mode may touch user pages only while EFLAGS.AC is set (SMAP): each access stands
 * between stac and clac. A CPU without SMAP does not know these, so their places are listed in
 * .smap_sites, and boot overwrites them with no-ops there. A faulting instruction that the
 * exception table lists goes on at its fix-up.
 */
#ifndef ASM_UACCESS_H
#define ASM_UACCESS_H

#include <asm/pgtable.h>

#define __SMAP_SITE(insn)                     \
	"661:\t" insn "\n"                    \
	"\t.pushsection .smap_sites, \"a\"\n" \
	"\t.long 661b - .\n"                  \
	"\t.popsection\n"
#define __EX_TABLE(from, to)                 \
	"\t.pushsection __ex_table, \"a\"\n" \
	"\t.balign 4\n"                      \
	"\t.long " from " - ., " to " - .\n" \
	"\t.popsection\n"

static __always_inline void arch_user_access_begin(void)
{
	__asm__ volatile(__SMAP_SITE("stac")::: "memory");
}

static __always_inline void arch_user_access_end(void)
{
	__asm__ volatile(__SMAP_SITE("clac")::: "memory");
}

/* [p, p + n) lies in user space. The subtraction cannot wrap for n that passes the first test. */
static __always_inline bool __access_ok(unsigned long p, size_t n)
{
	return n <= TASK_SIZE && p <= TASK_SIZE - n;
}
#define access_ok(p, n) likely(__access_ok((unsigned long)(p), n))

/*
 * A kernel thread runs on somebody's page tables and would find that one's memory there: checked
 * builds panic when it asks for any.
 */
#ifdef JIFFY_CHECKED
void arch_check_user_access(void);
#else
static __always_inline void arch_check_user_access(void)
{
}
#endif

#define __get_user_asm(x, ptr, suffix, err, type)                                            \
	do {                                                                                 \
		type __gv;                                                                   \
		__asm__ volatile(                                                            \
		    __SMAP_SITE("stac") "1:\tmov" suffix " %2, %1\n"                         \
					"2:\n" __SMAP_SITE(                                  \
					    "clac") "\t.pushsection .text.fixup, \"ax\"\n"   \
						    "3:\tmovl %3, %0\n"                      \
						    "\txorl %k1, %k1\n"                      \
						    "\tjmp 2b\n"                             \
						    "\t.popsection\n" __EX_TABLE("1b", "3b") \
		    : "+r"(err), "=&r"(__gv)                                                 \
		    : "m"(*(const type *)(ptr)), "i"(-EFAULT));                              \
		(x) = __gv;                                                                  \
	} while (0)

#define __put_user_asm(v, ptr, suffix, err, type, cons)                                           \
	__asm__ volatile(__SMAP_SITE("stac") "1:\tmov" suffix " %2, %1\n"                         \
					     "2:\n" __SMAP_SITE(                                  \
						 "clac") "\t.pushsection .text.fixup, \"ax\"\n"   \
							 "3:\tmovl %3, %0\n"                      \
							 "\tjmp 2b\n"                             \
							 "\t.popsection\n" __EX_TABLE("1b", "3b") \
			 : "+r"(err), "=m"(*(type *)(ptr))                                        \
			 : cons(v), "i"(-EFAULT))

/* x becomes *ptr, or 0 together with -EFAULT. Pointers and integers of 1, 2, 4 or 8 bytes. */
#define get_user(x, ptr)                                            \
	({                                                          \
		const __typeof__(*(ptr)) __user *__gp = (ptr);      \
		int __ge = 0;                                       \
		unsigned long __gu = 0;                             \
		arch_check_user_access();                           \
		if (!access_ok(__gp, sizeof(*__gp)))                \
			__ge = -EFAULT;                             \
		else if (sizeof(*__gp) == 1)                        \
			__get_user_asm(__gu, __gp, "b", __ge, u8);  \
		else if (sizeof(*__gp) == 2)                        \
			__get_user_asm(__gu, __gp, "w", __ge, u16); \
		else if (sizeof(*__gp) == 4)                        \
			__get_user_asm(__gu, __gp, "l", __ge, u32); \
		else                                                \
			__get_user_asm(__gu, __gp, "q", __ge, u64); \
		(x) = (__typeof__(*(ptr)))__gu;                     \
		__ge;                                               \
	})

#define put_user(x, ptr)                                                       \
	({                                                                     \
		__typeof__(*(ptr)) __user *__pp = (ptr);                       \
		__typeof__(*(ptr)) __pv = (x);                                 \
		unsigned long __pu = (unsigned long)__pv;                      \
		int __pe = 0;                                                  \
		arch_check_user_access();                                      \
		if (!access_ok(__pp, sizeof(*__pp)))                           \
			__pe = -EFAULT;                                        \
		else if (sizeof(*__pp) == 1)                                   \
			__put_user_asm((u8)__pu, __pp, "b", __pe, u8, "iq");   \
		else if (sizeof(*__pp) == 2)                                   \
			__put_user_asm((u16)__pu, __pp, "w", __pe, u16, "ir"); \
		else if (sizeof(*__pp) == 4)                                   \
			__put_user_asm((u32)__pu, __pp, "l", __pe, u32, "ir"); \
		else                                                           \
			__put_user_asm(__pu, __pp, "q", __pe, u64, "er");      \
		__pe;                                                          \
	})

#define __get_user(x, ptr) get_user(x, ptr)
#define __put_user(x, ptr) put_user(x, ptr)

#endif
