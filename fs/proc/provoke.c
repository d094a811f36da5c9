/* SPDX-License-Identifier: MIT */
/*
 * /proc/jiffy/provoke, of checked builds: root writes the name of a fault into it, and the kernel
 * commits it, so that a test sees what the detectors of such faults report. Reading gives the
 * names. Task context; most writes do not return.
 */
#ifdef JIFFY_CHECKED

#include <arch/boot.h>
#include <arch/uaccess.h>
#include <jiffy/bug.h>
#include <jiffy/init.h>
#include <jiffy/interrupt.h>
#include <jiffy/kernel.h>
#include <jiffy/kthread.h>
#include <jiffy/mutex.h>
#include <jiffy/proc_fs.h>
#include <jiffy/rcupdate.h>
#include <jiffy/sched.h>
#include <jiffy/seq_file.h>
#include <jiffy/slab.h>
#include <jiffy/spinlock.h>
#include <jiffy/string.h>
#include "internal.h"

static DEFINE_MUTEX(provoked_mutex);
static DEFINE_SPINLOCK(provoked_lock);
static DEFINE_SPINLOCK(provoked_inner);

static void provoke_panic(void)
{
	panic("provoked");
}

static void provoke_warning(void)
{
	WARN_ON(true);
}

/* The compiler must not know what is wrong with an address. */
static void *hide(void *addr)
{
	static void *volatile hidden;

	hidden = addr;
	return hidden;
}

static void store(void *addr)
{
	WRITE_ONCE(*(u8 *)hide(addr), 1);
}

static void provoke_null(void)
{
	store(NULL);
}

static const u8 provoked_constant[64] = {1};

static void provoke_readonly(void)
{
	store((void *)provoked_constant);
}

/* The stack of a process, about which the kernel may know everything but its mapping. */
static void provoke_user_memory(void)
{
	store((void *)current->mm->start_stack);
}

/* The memory is there, for the tables are the last process's: it is none of the thread's. */
static int touch_user_memory(void *addr)
{
	u8 byte;

	return get_user(byte, (u8 __user *)addr) ? -EFAULT : byte;
}

static void provoke_kthread_user_memory(void)
{
	kthread_run(touch_user_memory, (void *)current->mm->start_stack, "provoked");
	schedule_timeout_uninterruptible(HZ);
}

static u8 provoked_code[16] = {0xc3}; /* data, whatever instruction it looks like */

static void provoke_data_execution(void)
{
	void (*fn)(void) = (void (*)(void))hide(provoked_code);

	fn();
}

static noinline int deeper(int depth)
{
	volatile u8 frame[512];

	frame[depth % sizeof(frame)] = depth;
	return depth < 0 ? 0 : deeper(depth + 1) + frame[depth % sizeof(frame)];
}

static void provoke_stack_overflow(void)
{
	pr_info("provoke: %d", deeper(0));
}

static void provoke_double_fault(void)
{
	arch_lose_stack();
}

/* Under --icount a loop with a pause in it takes minutes of the host's for a second of its own. */
static void spin_for_ever(void)
{
	for (;;)
		barrier();
}

static void provoke_hard_lockup(void)
{
	spin_lock_irq(&provoked_lock);
	spin_for_ever();
}

static void provoke_soft_lockup(void)
{
	spin_lock(&provoked_lock);
	spin_for_ever();
}

/* Who comes second waits for the lock of the first. */
static void provoke_hung_task(void)
{
	mutex_lock(&provoked_mutex);
	schedule_timeout_uninterruptible(600 * HZ);
	mutex_unlock(&provoked_mutex);
}

static void provoke_lock_circle(void)
{
	spin_lock(&provoked_lock);
	spin_lock(&provoked_inner);
	spin_unlock(&provoked_inner);
	spin_unlock(&provoked_lock);
	spin_lock(&provoked_inner);
	spin_lock(&provoked_lock);
}

static void take_in_softirq(unsigned long unused)
{
	spin_lock(&provoked_lock);
	spin_unlock(&provoked_lock);
}

static void provoke_softirq_lock(void)
{
	static struct tasklet_struct tasklet;

	tasklet_init(&tasklet, take_in_softirq, 0);
	tasklet_schedule(&tasklet);
	tasklet_kill(&tasklet);
	spin_lock(&provoked_lock);
}

static void provoke_lock_twice(void)
{
	spin_lock(&provoked_lock);
	spin_lock(&provoked_lock);
}

static void provoke_sleep_in_atomic(void)
{
	preempt_disable();
	schedule_timeout_uninterruptible(1);
	preempt_enable();
}

static void provoke_mutex_in_spinlock(void)
{
	spin_lock(&provoked_lock);
	mutex_lock(&provoked_mutex);
}

static void provoke_exit_with_lock(void)
{
	mutex_lock(&provoked_mutex);
	do_exit(0);
}

static void provoke_slab_overrun(void)
{
	u8 *p = kmalloc(64, GFP_KERNEL);

	store(p + 64);
	kfree(p);
}

static void provoke_slab_double_free(void)
{
	u8 *p = kmalloc(64, GFP_KERNEL);

	kfree(p);
	kfree(hide(p));
}

/* What was written is found when the object is handed out again: the cache is emptied. */
static void provoke_slab_use_after_free(void)
{
	u8 *p = kmalloc(64, GFP_KERNEL);

	kfree(p);
	store(p);
	for (;;)
		kmalloc(64, GFP_KERNEL);
}

static void provoke_idle_reader(void)
{
	preempt_disable();
	rcu_idle_enter();
	rcu_read_lock();
}

static const struct {
	const char *name;
	void (*commit)(void);
} faults[] = {
    {"panic", provoke_panic},
    {"warning", provoke_warning},
    {"null", provoke_null},
    {"readonly", provoke_readonly},
    {"user-memory", provoke_user_memory},
    {"kthread-user-memory", provoke_kthread_user_memory},
    {"data-execution", provoke_data_execution},
    {"stack-overflow", provoke_stack_overflow},
    {"double-fault", provoke_double_fault},
    {"hard-lockup", provoke_hard_lockup},
    {"soft-lockup", provoke_soft_lockup},
    {"hung-task", provoke_hung_task},
    {"lock-circle", provoke_lock_circle},
    {"softirq-lock", provoke_softirq_lock},
    {"lock-twice", provoke_lock_twice},
    {"sleep-in-atomic", provoke_sleep_in_atomic},
    {"mutex-in-spinlock", provoke_mutex_in_spinlock},
    {"exit-with-lock", provoke_exit_with_lock},
    {"idle-reader", provoke_idle_reader},
    {"slab-overrun", provoke_slab_overrun},
    {"slab-double-free", provoke_slab_double_free},
    {"slab-use-after-free", provoke_slab_use_after_free},
};

static int provoke_show(struct seq_file *m, void *v)
{
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		seq_printf(m, "%s\n", faults[i].name);
	return 0;
}

static int provoke_write(void *data, char *line)
{
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		if (strcmp(line, faults[i].name))
			continue;
		faults[i].commit();
		return 0;
	}
	return -EINVAL;
}

static int lockdep_stats_show(struct seq_file *m, void *v)
{
	lockdep_show_stats(m);
	return 0;
}

static int __init provoke_init(void)
{
	/* The directory is made by an initcall of a level before this one. */
	if (!proc_create_rw("jiffy/provoke", 0600, NULL, provoke_show, provoke_write, NULL) ||
	    !proc_create_single("lockdep_stats", 0444, NULL, lockdep_stats_show))
		return -ENOMEM;
	return 0;
}
late_initcall(provoke_init);

#endif
