/* SPDX-License-Identifier: MIT */
/*
 * Start-up, in the order in which the kernel comes into being: the machine, memory, time, the
 * structures of processes and files, then the first threads. start_kernel() is the boot CPU's
 * idle task (pid 0) from its first line on; what it makes at its end are pid 1, which brings up
 * the other CPUs and the devices and then becomes the first program, and pid 2, kthreadd.
 */
#include <arch/boot.h>
#include <arch/irq.h>
#include <jiffy/binfmts.h>
#include <jiffy/cgroup.h>
#include <jiffy/cred.h>
#include <jiffy/dcache.h>
#include <jiffy/fs.h>
#include <jiffy/init.h>
#include <jiffy/interrupt.h>
#include <jiffy/kthread.h>
#include <jiffy/mm.h>
#include <jiffy/pid.h>
#include <jiffy/random.h>
#include <jiffy/rcupdate.h>
#include <jiffy/sched.h>
#include <jiffy/signal.h>
#include <jiffy/string.h>
#include <jiffy/syscalls.h>
#include <uapi/fcntl.h>

extern char __init_begin[], __init_end[];
extern const initcall_t __initcall_start[], __initcall_end[];

static const char *init_program; /* init=: instead of the list below */
static const char *ramdisk_program = "/init";
static DECLARE_COMPLETION(kthreadd_done);

static int set_init(char *value)
{
	init_program = value;
	/* Words before init= are for a boot loader's own init: as in Linux, they are dropped. */
	for (int i = 1; i < MAX_INIT_ARGS; i++)
		argv_init[i] = NULL;
	return 0;
}
__setup("init=", set_init);

static int set_rdinit(char *value)
{
	ramdisk_program = value;
	return 0;
}
__setup("rdinit=", set_rdinit);

static void do_initcalls(void)
{
	for (const initcall_t *fn = __initcall_start; fn < __initcall_end; fn++) {
		int err = (*fn)();

		if (err)
			pr_err("initcall %ps: error %d", *fn, err);
		if (preempt_count() || irqs_disabled())
			panic("initcall %ps returned with preempt_count %d, interrupts %s", *fn,
			      preempt_count(), irqs_disabled() ? "off" : "on");
	}
}

/* Descriptors 0, 1 and 2 of the first program, when the root already has a console. */
static void open_console(void)
{
	struct file *f = filp_open("/dev/console", O_RDWR, 0);

	if (IS_ERR(f))
		return;
	for (int fd = 0; fd < 3; fd++) {
		int got = get_unused_fd_flags(0);

		if (got >= 0)
			fd_install(got, get_file(f));
	}
	fput(f);
}

/* The first program that can be started becomes pid 1; only then does this return, with 0. */
static int start_first_program(void)
{
	static const char *const fallbacks[] = {"/sbin/init", "/etc/init", "/bin/init", "/bin/sh"};
	int err = run_init_process(ramdisk_program);

	if (!err)
		return 0;
	if (err != -ENOENT)
		pr_err("%s exists but cannot be run: error %d", ramdisk_program, err);
	if (init_program) {
		err = run_init_process(init_program);
		if (!err)
			return 0;
		panic("the program that init= names, %s, cannot be run: error %d", init_program,
		      err);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(fallbacks); i++) {
		err = run_init_process(fallbacks[i]);
		if (!err)
			return 0;
		if (err != -ENOENT)
			pr_err("%s exists but cannot be run: error %d", fallbacks[i], err);
	}
	panic("no program to run: give an initramfs with /init, or init=");
}

static int kernel_init(void *unused)
{
	wait_for_completion(&kthreadd_done);
	smp_init();
	sched_init_smp();
	do_initcalls();
	open_console();
	system_state = SYSTEM_RUNNING;
	arch_mark_rodata_ro();
	free_reserved_area(__init_begin, __init_end, "init");
	pr_info("first program: %s", ramdisk_program);
	return start_first_program();
}

/* Out of line, so that start_kernel()'s own code can be given back with the rest of boot's. */
static noinline void rest_init(void)
{
	system_state = SYSTEM_SCHEDULING;
	/* pid 1 first, by number; it waits until pid 2 is there to make kernel threads for it. */
	if (kernel_thread(kernel_init, NULL, CLONE_FS | CLONE_SIGHAND) != 1)
		panic("the first thread is not pid 1");
	if (kernel_thread(kthreadd, NULL, CLONE_FS | CLONE_FILES) != 2)
		panic("kthreadd is not pid 2");
	complete(&kthreadd_done);
	schedule_preempt_disabled();
	cpu_startup_entry();
}

void start_kernel(void)
{
	arch_setup();
	__cpumask_set_cpu(0, &__cpu_online_mask);
	__cpumask_set_cpu(0, &__cpu_active_mask);
	pr_info("jiffy, command line: %s", boot_command_line);
	parse_params(true);
	setup_per_cpu_areas();
	arch_cpu_init();
	arch_trap_init();
	mem_init();
	sched_init();
	rcu_init();
	softirq_init();
	arch_irq_init();
	time_init();
	random_init();
	local_irq_enable();

	mm_caches_init();
	fork_init();
	cgroup_init();
	vfs_caches_init();
	syscall_table_init();
	parse_params(false);
	rest_init();
	BUG();
}
