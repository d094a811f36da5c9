/* SPDX-License-Identifier: MIT */
/*
 * The end of a kernel that found itself wrong, and warnings about one that may go on.
 */
#include <arch/boot.h>
#include <arch/task.h>
#include <jiffy/bug.h>
#include <jiffy/device.h>
#include <jiffy/init.h>
#include <jiffy/sched.h>
#include <jiffy/string.h>

enum system_states system_state;
static atomic_t panic_cpu = ATOMIC_INIT(-1);
static bool panic_on_warn;

static int set_panic_on_warn(char *value)
{
	panic_on_warn = true;
	return 0;
}
early_param("panic_on_warn", set_panic_on_warn);

static void print_where(void)
{
	pr_emerg("CPU %d, task %s (pid %d), preempt_count %08x", smp_processor_id(), current->comm,
		 current->pid, preempt_count());
}

void dump_stack(void)
{
	print_where();
	arch_show_stack(NULL);
}

void panic(const char *fmt, ...)
{
	static char message[512];
	int cpu = smp_processor_id(), none = -1;
	va_list ap;

	local_irq_disable();
	debug_locks_off();
	/* One CPU reports. Another that panics at the same time waits to be stopped. */
	if (!atomic_try_cmpxchg(&panic_cpu, &none, cpu) && none != cpu)
		for (;;)
			cpu_relax();
	if (none == cpu) /* a panic inside the report */
		arch_machine_end(MACHINE_PANIC);
	arch_stop_other_cpus();
	system_state = SYSTEM_PANIC;
	va_start(ap, fmt);
	vscnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	pr_emerg("Kernel panic: %s", message);
	print_where();
	arch_show_stack(NULL);
	lockdep_print_held(current);
	pr_emerg("---[ end of panic ]---");
	devices_drain();
	arch_machine_end(MACHINE_PANIC);
}

void warn_slowpath(const char *file, int line, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vscnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (panic_on_warn)
		panic("warning at %s:%d: %s", file, line, text);
	pr_warn("WARNING at %s:%d: %s", file, line, text);
	dump_stack();
}
