/* SPDX-License-Identifier: MIT */
/*
 * Call chains by frame pointer, and registers as text. A pointer is followed only upwards on one
 * of the stacks that this CPU or the task has, so that a broken chain ends the list and no more.
 * Any context.
 */
#include <arch/task.h>
#include <asm/setup.h>
#include <jiffy/kallsyms.h>
#include <jiffy/printk.h>
#include <jiffy/sched.h>

#define MAX_FRAMES 64

struct unwind {
	struct task_struct *task;
	unsigned long bp, lo, hi; /* the stack that bp is on */
	int cpu;		  /* whose own stacks count too; -1: the task sleeps */
};

/* Sets lo and hi for the stack addr is on; false when it is on none. */
static bool find_stack(struct unwind *u, unsigned long addr)
{
	unsigned long base = (unsigned long)READ_ONCE(u->task->stack);
	const char *name;
	void *cpu_stack;

	if (base && addr - base < THREAD_SIZE) {
		u->lo = base;
		u->hi = base + THREAD_SIZE;
		return true;
	}
	if (u->cpu < 0)
		return false;
	cpu_stack = cpu_stack_of(addr, u->cpu, &name, &u->hi);
	u->lo = (unsigned long)cpu_stack;
	return cpu_stack;
}

/* The return address of the frame at bp, and on to its caller's; 0 at the end. */
static unsigned long unwind_next(struct unwind *u)
{
	unsigned long *frame = (unsigned long *)u->bp, ret, next;

	if (!u->bp || (u->bp & 7) || !find_stack(u, u->bp) || u->bp + 16 > u->hi)
		return 0;
	ret = READ_ONCE(frame[1]);
	next = READ_ONCE(frame[0]);
	/* On one stack the chain only goes up; from an interrupt's it goes to another stack. */
	if (next <= u->bp && next >= u->lo)
		next = 0;
	u->bp = next;
	return kernel_text_address(ret) ? ret : 0;
}

static void unwind_sleeping(struct unwind *u, struct task_struct *t)
{
	/* __switch_stack()'s frame: r15, r14, r13, r12, rbx, rbp, return address. */
	unsigned long sp = READ_ONCE(t->thread.sp), base = (unsigned long)READ_ONCE(t->stack);

	*u = (struct unwind){.task = t, .cpu = -1};
	if (base && !(sp & 7) && sp - base < THREAD_SIZE - 56)
		u->bp = READ_ONCE(((unsigned long *)sp)[5]);
}

/* From the caller's frame up. */
static __always_inline struct unwind own_chain(void)
{
	return (struct unwind){
	    .task = current,
	    .bp = (unsigned long)__builtin_frame_address(0),
	    .cpu = arch_smp_processor_id(),
	};
}

static void show_chain(struct unwind *u)
{
	unsigned long ip;

	for (int i = 0; i < MAX_FRAMES && (ip = unwind_next(u)); i++)
		printk(KERN_EMERG " %pS", (void *)ip);
}

void arch_show_stack(struct task_struct *t)
{
	struct unwind u;

	printk(KERN_EMERG "call chain:");
	if (!t || t == current)
		u = own_chain();
	else
		unwind_sleeping(&u, t);
	show_chain(&u);
}

int arch_stack_trace(struct task_struct *t, unsigned long *entries, int max)
{
	struct unwind u;
	int n = 0;

	if (t == current)
		u = own_chain();
	else
		unwind_sleeping(&u, t);
	while (n < max && (entries[n] = unwind_next(&u)))
		n++;
	return n;
}

void arch_show_regs(const struct pt_regs *r)
{
	struct unwind u = {.task = current, .bp = r->bp, .cpu = arch_smp_processor_id()};

	printk(KERN_EMERG "CPU %d, task %s/%d, RIP %04lx:%016lx %pS", u.cpu, current->comm,
	       current->pid, r->cs, r->ip, user_mode(r) ? NULL : (void *)r->ip);
	printk(KERN_EMERG "RSP %04lx:%016lx RFLAGS %08lx CR2 %016lx CR3 %016lx", r->ss, r->sp,
	       r->flags, read_cr2(), read_cr3());
	printk(KERN_EMERG "RAX %016lx RBX %016lx RCX %016lx RDX %016lx", r->ax, r->bx, r->cx,
	       r->dx);
	printk(KERN_EMERG "RSI %016lx RDI %016lx RBP %016lx R8  %016lx", r->si, r->di, r->bp,
	       r->r8);
	printk(KERN_EMERG "R9  %016lx R10 %016lx R11 %016lx R12 %016lx", r->r9, r->r10, r->r11,
	       r->r12);
	printk(KERN_EMERG "R13 %016lx R14 %016lx R15 %016lx", r->r13, r->r14, r->r15);
	if (user_mode(r))
		return;
	printk(KERN_EMERG "interrupted call chain:");
	printk(KERN_EMERG " %pS", (void *)r->ip);
	show_chain(&u);
}
