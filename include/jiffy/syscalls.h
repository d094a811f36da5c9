/* SPDX-License-Identifier: MIT */
/*
 * System calls register themselves: SYSCALL_DEFINE3(read, unsigned int, fd, char __user *, buf,
 * size_t, count) { ... } defines sys_read(fd, buf, count) under the number __NR_read, and
 * an entry of the linked table from which boot fills sys_call_table[]. Two definitions of one
 * number are a panic at boot. process/syscall.c.
 *
 * The wrapper reads the arguments from pt_regs through arch_syscall_arg(), casting each to its
 * type, so that what a program left in the upper half of a register cannot reach the body.
 */
#ifndef JIFFY_SYSCALLS_H
#define JIFFY_SYSCALLS_H

#include <arch/task.h>
#include <jiffy/errno.h>
#include <jiffy/types.h>
#include <uapi/unistd.h>

#define NR_SYSCALLS 512
typedef long (*syscall_fn_t)(struct pt_regs *regs);
struct syscall_entry {
	unsigned int nr;
	syscall_fn_t fn;
	const char *name;
};
extern syscall_fn_t sys_call_table[NR_SYSCALLS];

void syscall_table_init(void);
/* What arch/ calls with interrupts on; the result goes into the return register. */
long do_syscall(struct pt_regs *regs, unsigned long nr);
/* What a number without a call comes to: counted, logged once per program; -ENOSYS. */
long sys_ni_syscall(unsigned long nr);
unsigned long nr_unknown_syscalls(void); /* how many such calls there were */
const char *syscall_name(unsigned int nr); /* NULL when there is none */

#define __SYSCALL_ENTRY(nm)                                                                        \
	static const struct syscall_entry __syscall_entry_##nm __used __aligned(8) __section("syscall_entries") = { \
		.nr = __NR_##nm, .fn = __wrap_sys_##nm, .name = #nm }

#define __A(regs, n, t) ((t)arch_syscall_arg(regs, n))

#define SYSCALL_DEFINE0(nm)                                                                        \
	long sys_##nm(void);                                                                       \
	static long __wrap_sys_##nm(struct pt_regs *regs)                                          \
	{                                                                                          \
		(void)regs;                                                                        \
		return sys_##nm();                                                                 \
	}                                                                                          \
	__SYSCALL_ENTRY(nm);                                                                       \
	long sys_##nm(void)
#define SYSCALL_DEFINE1(nm, t0, a0)                                                                \
	long sys_##nm(t0 a0);                                                                      \
	static long __wrap_sys_##nm(struct pt_regs *regs)                                          \
	{                                                                                          \
		return sys_##nm(__A(regs, 0, t0));                                                 \
	}                                                                                          \
	__SYSCALL_ENTRY(nm);                                                                       \
	long sys_##nm(t0 a0)
#define SYSCALL_DEFINE2(nm, t0, a0, t1, a1)                                                        \
	long sys_##nm(t0 a0, t1 a1);                                                               \
	static long __wrap_sys_##nm(struct pt_regs *regs)                                          \
	{                                                                                          \
		return sys_##nm(__A(regs, 0, t0), __A(regs, 1, t1));                               \
	}                                                                                          \
	__SYSCALL_ENTRY(nm);                                                                       \
	long sys_##nm(t0 a0, t1 a1)
#define SYSCALL_DEFINE3(nm, t0, a0, t1, a1, t2, a2)                                                \
	long sys_##nm(t0 a0, t1 a1, t2 a2);                                                        \
	static long __wrap_sys_##nm(struct pt_regs *regs)                                          \
	{                                                                                          \
		return sys_##nm(__A(regs, 0, t0), __A(regs, 1, t1), __A(regs, 2, t2));             \
	}                                                                                          \
	__SYSCALL_ENTRY(nm);                                                                       \
	long sys_##nm(t0 a0, t1 a1, t2 a2)
#define SYSCALL_DEFINE4(nm, t0, a0, t1, a1, t2, a2, t3, a3)                                        \
	long sys_##nm(t0 a0, t1 a1, t2 a2, t3 a3);                                                 \
	static long __wrap_sys_##nm(struct pt_regs *regs)                                          \
	{                                                                                          \
		return sys_##nm(__A(regs, 0, t0), __A(regs, 1, t1), __A(regs, 2, t2),              \
				__A(regs, 3, t3));                                                 \
	}                                                                                          \
	__SYSCALL_ENTRY(nm);                                                                       \
	long sys_##nm(t0 a0, t1 a1, t2 a2, t3 a3)
#define SYSCALL_DEFINE5(nm, t0, a0, t1, a1, t2, a2, t3, a3, t4, a4)                                \
	long sys_##nm(t0 a0, t1 a1, t2 a2, t3 a3, t4 a4);                                          \
	static long __wrap_sys_##nm(struct pt_regs *regs)                                          \
	{                                                                                          \
		return sys_##nm(__A(regs, 0, t0), __A(regs, 1, t1), __A(regs, 2, t2),              \
				__A(regs, 3, t3), __A(regs, 4, t4));                               \
	}                                                                                          \
	__SYSCALL_ENTRY(nm);                                                                       \
	long sys_##nm(t0 a0, t1 a1, t2 a2, t3 a3, t4 a4)
#define SYSCALL_DEFINE6(nm, t0, a0, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5)                        \
	long sys_##nm(t0 a0, t1 a1, t2 a2, t3 a3, t4 a4, t5 a5);                                   \
	static long __wrap_sys_##nm(struct pt_regs *regs)                                          \
	{                                                                                          \
		return sys_##nm(__A(regs, 0, t0), __A(regs, 1, t1), __A(regs, 2, t2),              \
				__A(regs, 3, t3), __A(regs, 4, t4), __A(regs, 5, t5));             \
	}                                                                                          \
	__SYSCALL_ENTRY(nm);                                                                       \
	long sys_##nm(t0 a0, t1 a1, t2 a2, t3 a3, t4 a4, t5 a5)
/* For the few calls that work on the caller's registers (rt_sigreturn, clone, execve). */
#define SYSCALL_DEFINE_REGS(nm, regs)                                                              \
	static long __wrap_sys_##nm(struct pt_regs *regs);                                         \
	__SYSCALL_ENTRY(nm);                                                                       \
	static long __wrap_sys_##nm(struct pt_regs *regs)

#endif
