/* SPDX-License-Identifier: MIT */
/*
 * The table of system calls, filled at boot from what SYSCALL_DEFINEn() left in the image, and
 * the calls that do not exist: they are counted and named in the log once for each program.
 */
#include <jiffy/init.h>
#include <jiffy/ptrace.h>
#include <jiffy/string.h>
#include <jiffy/syscalls.h>

#include "internal.h"

extern const struct syscall_entry __start_syscall_entries[], __stop_syscall_entries[];

syscall_fn_t sys_call_table[NR_SYSCALLS];
static const char *names[NR_SYSCALLS];

/* Unknown calls: how often, and which programs asked lately. */
#define SEEN_SLOTS 64
static atomic_long_t unknown_calls;
static u32 seen[SEEN_SLOTS]; /* a hash of program and number; a lost race prints a line twice */

static u32 hash_program_and_nr(unsigned long nr)
{
	u32 h = 2166136261u ^ (u32)nr;
	const char *c;

	/* FNV-1a */
	for (c = current->comm; *c; c++)
		h = (h ^ (u8)*c) * 16777619u;
	return h ? h : 1;
}

unsigned long nr_unknown_syscalls(void)
{
	return atomic_long_read(&unknown_calls);
}

long sys_ni_syscall(unsigned long nr)
{
	u32 h = hash_program_and_nr(nr);

	atomic_long_inc(&unknown_calls);
	if (READ_ONCE(seen[h % SEEN_SLOTS]) != h) {
		WRITE_ONCE(seen[h % SEEN_SLOTS], h);
		pr_notice("%s[%d] calls unknown system call %lu\n", current->comm,
			  task_pid_nr(current), nr);
	}
	return -ENOSYS;
}

static long ni_entry(struct pt_regs *regs)
{
	return sys_ni_syscall(syscall_get_nr(current, regs));
}

const char *syscall_name(unsigned int nr)
{
	return nr < NR_SYSCALLS ? names[nr] : NULL;
}

void __init syscall_table_init(void)
{
	const struct syscall_entry *e;
	unsigned int nr;

	for (nr = 0; nr < NR_SYSCALLS; nr++)
		sys_call_table[nr] = ni_entry;
	for (e = __start_syscall_entries; e < __stop_syscall_entries; e++) {
		if (e->nr >= NR_SYSCALLS || names[e->nr])
			panic("System call %u (%s) is defined twice or out of range", e->nr,
			      e->name);
		sys_call_table[e->nr] = e->fn;
		names[e->nr] = e->name;
	}
}

long do_syscall(struct pt_regs *regs, unsigned long nr)
{
	if (likely(nr < NR_SYSCALLS))
		return sys_call_table[nr](regs);
	return sys_ni_syscall(nr);
}
