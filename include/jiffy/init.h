/* SPDX-License-Identifier: MIT */
/*
 * What a room hangs into start-up without anyone else's file being edited: functions that run
 * at a stage of boot, boot parameters, and (in <jiffy/syscalls.h>) system calls.
 */
#ifndef JIFFY_INIT_H
#define JIFFY_INIT_H

#include <jiffy/compiler.h>
#include <jiffy/types.h>

typedef int (*initcall_t)(void);

/*
 * All run in kernel_init (pid 1), in task context with interrupts on, every CPU up, the level's
 * digit giving the order; inside a level the order of linking. A failure is logged.
 */
#define __define_initcall(fn, level)                                                               \
	static const initcall_t __initcall_##fn __used __section(".initcall" #level) = fn
#define core_initcall(fn)   __define_initcall(fn, 1) /* caches, tables that others need */
#define subsys_initcall(fn) __define_initcall(fn, 2) /* a room's own set-up */
#define fs_initcall(fn)	    __define_initcall(fn, 3) /* file systems, binary formats */
#define rootfs_initcall(fn) __define_initcall(fn, 4) /* unpack the initramfs */
#define device_initcall(fn) __define_initcall(fn, 5) /* devices and /proc files */
#define late_initcall(fn)   __define_initcall(fn, 6)

struct boot_param {
	const char *name; /* with its '=' when it takes a value */
	int (*setup)(char *value);
	bool early;
};
/*
 * setup() gets what stands behind the name ("" when nothing does), returns 0 when it took it or
 * a negative errno, which is logged. Early ones run before memory and the scheduler are up.
 */
#define __define_param(nm, fn, is_early)                                                           \
	static const struct boot_param __PASTE(__param_, fn) __used __aligned(8) __section("boot_params") =     \
		{ .name = nm, .setup = fn, .early = is_early }
#define __setup(nm, fn)	    __define_param(nm, fn, false)
#define early_param(nm, fn) __define_param(nm, fn, true)

extern char boot_command_line[2048]; /* as the loader gave it */

/*
 * Splits the command line and runs the setup functions of the early (or the other) parameters.
 * What nobody took is kept for init: words with '=' in its environment, others as arguments,
 * all after "--" as arguments. init/params.c.
 */
void parse_params(bool early);
#define MAX_INIT_ARGS 32
extern const char *argv_init[MAX_INIT_ARGS + 2];
extern const char *envp_init[MAX_INIT_ARGS + 2];

enum system_states {
	SYSTEM_BOOTING,
	SYSTEM_SCHEDULING, /* the scheduler runs, sleeping is allowed */
	SYSTEM_RUNNING,
	SYSTEM_HALT,
	SYSTEM_POWER_OFF,
	SYSTEM_RESTART,
	SYSTEM_PANIC,
};
extern enum system_states system_state;

__noreturn void start_kernel(void);

#endif
