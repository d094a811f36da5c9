/* SPDX-License-Identifier: MIT */
/*
 * CPU hot-plug: the ladder of <jiffy/cpuhotplug.h>. Everything is done by the task that asked,
 * on another CPU than the one that comes or goes, but for two things: a CPU leaves the online
 * mask in its own migration thread while all others stand still, and it says "dead" in its own
 * idle loop.
 *
 *	the asker					the CPU that goes
 *	AP_ACTIVE: no task is sent there any more;
 *	waits until nobody is who saw it before;
 *	its tasks are moved, by its migration thread	moves them
 *	cpusets go without it
 *	AP_KSOFTIRQD: its softirq thread is parked	parks
 *	BRINGUP_CPU: stop_machine			all irqs off: not online, no more stop work
 *	waits for "dead"				idle: tick off, leaves mm and RCU; "dead";
 *	SOFTIRQ, RCU, TIMERS, MEMORY: takes over	halts
 *	what lies in its per-CPU data
 *
 * Why stop_machine: whoever looks at the online mask with preemption off and then sends to the
 * CPU has sent before it goes. What was sent is served when the CPU turns interrupts on for the
 * last time, between stop_machine and its idle loop.
 *
 * Serialization rules: cpu_hotplug_lock for writing around every change of a state, outside of
 * cgroup_mutex; `dead` is stored by the dying CPU with release order; `start` goes from REQUESTED
 * on by cmpxchg(). Device interrupts need no care: every line goes to the boot CPU, which never
 * leaves.
 */
#include <arch/boot.h>
#include <arch/pgtable.h>
#include <arch/time.h>
#include <jiffy/cgroup.h>
#include <jiffy/cpuhotplug.h>
#include <jiffy/init.h>
#include <jiffy/interrupt.h>
#include <jiffy/ktime.h>
#include <jiffy/mutex.h>
#include <jiffy/percpu.h>
#include <jiffy/rcupdate.h>
#include <jiffy/sched.h>
#include <jiffy/smp.h>
#include <jiffy/string.h>

/* How long a CPU may take from its first instruction to the idle loop, or from there to its end. */
#define CPU_TIMEOUT_NS (5 * NSEC_PER_SEC)
/* How long tasks that may not be moved, or are about to die, keep a CPU from going. */
#define DRAIN_TIMEOUT_NS (10 * NSEC_PER_SEC)

static DECLARE_RWSEM(cpu_hotplug_lock);

/*
 * Whoever starts a CPU may give it up, and the host of a machine may let it run long after that.
 * One atomic step decides: the starter takes its request back, or the CPU has taken it first, is on
 * its way, and is waited for. A CPU that finds no request halts, and another start finds it there.
 */
enum start_request { NOT_REQUESTED, REQUESTED, TAKEN };

struct cpuhp_cpu {
	enum cpuhp_state state;
	int fail;
	bool dead;
	enum start_request start;
};
static DEFINE_PER_CPU(struct cpuhp_cpu, cpuhp);

void cpus_read_lock(void)
{
	down_read(&cpu_hotplug_lock);
}

void cpus_read_unlock(void)
{
	up_read(&cpu_hotplug_lock);
}

enum cpuhp_state cpuhp_state_of(unsigned int cpu)
{
	return READ_ONCE(per_cpu(cpuhp, cpu).state);
}

/* The idle task is made once and kept. */
static int prepare_idle(unsigned int cpu)
{
	struct task_struct *idle = idle_task(cpu);

	if (!idle)
		idle = fork_idle(cpu);
	return IS_ERR(idle) ? PTR_ERR(idle) : 0;
}

static int start_cpu(unsigned int cpu)
{
	WRITE_ONCE(per_cpu(cpuhp, cpu).start, REQUESTED);
	return arch_cpu_up(cpu, idle_task(cpu));
}

/* False when the CPU is on its way, and must be waited for. */
static bool give_up_start(unsigned int cpu)
{
	return cmpxchg(&per_cpu(cpuhp, cpu).start, REQUESTED, NOT_REQUESTED) != TAKEN;
}

bool secondary_may_start(int cpu)
{
	return cmpxchg(&per_cpu(cpuhp, cpu).start, REQUESTED, TAKEN) == REQUESTED;
}

static int bringup_cpu(unsigned int cpu)
{
	u64 give_up = arch_clock_ns() + CPU_TIMEOUT_NS;
	int err;

	per_cpu(cpuhp, cpu).dead = false;
	/* Whatever it was doing when its CPU went, it begins at its beginning. */
	init_idle(idle_task(cpu), cpu);
	err = start_cpu(cpu);
	if (err)
		return err;
	while (!cpu_online(cpu)) {
		if (arch_clock_ns() > give_up && give_up_start(cpu)) {
			pr_err("CPU %u did not come up", cpu);
			return -EIO;
		}
		cpu_relax();
	}
	/* No step that may fail comes between: without it the CPU could not be taken down again. */
	sched_stopper_online(cpu);
	return 0;
}

/* [the dying CPU's migration thread, all CPUs with interrupts off] */
static int take_cpu_down(void *arg)
{
	int err = sched_cpu_dying();

	if (err)
		return err;
	cpumask_clear_cpu(smp_processor_id(), &__cpu_online_mask);
	return 0;
}

static int takedown_cpu(unsigned int cpu)
{
	u64 give_up = arch_clock_ns() + DRAIN_TIMEOUT_NS;
	int err;

	/* A task that was asleep, pinned there, may have been woken since the CPU was empty. */
	while ((err = stop_machine_on(cpu, take_cpu_down, NULL))) {
		if (arch_clock_ns() > give_up)
			return err;
		schedule_timeout_uninterruptible(1);
	}
	give_up = arch_clock_ns() + CPU_TIMEOUT_NS;
	while (!smp_load_acquire(&per_cpu(cpuhp, cpu).dead)) {
		/* It is in no mask and may be anywhere: there is no way back. */
		if (arch_clock_ns() > give_up)
			panic("CPU %u was taken down and does not stop", cpu);
		cond_resched();
		cpu_relax();
	}
	return 0;
}

static int memory_dead(unsigned int cpu)
{
	mm_cpu_dead(cpu);
	return 0;
}

static int timers_dead(unsigned int cpu)
{
	hrtimers_cpu_dead(cpu);
	timers_cpu_dead(cpu);
	return 0;
}

static int rcu_dead(unsigned int cpu)
{
	rcu_cpu_dead(cpu);
	return 0;
}

static int softirq_dead(unsigned int cpu)
{
	softirq_cpu_dead(cpu);
	return 0;
}

static int ksoftirqd_offline(unsigned int cpu)
{
	ksoftirqd_cpu_offline(cpu);
	return 0;
}

static int deactivate(unsigned int cpu)
{
	u64 give_up = arch_clock_ns() + DRAIN_TIMEOUT_NS;
	int err = sched_cpu_deactivate(cpu);

	if (err)
		return err;
	while ((err = sched_cpu_drain(cpu)) == -EAGAIN && arch_clock_ns() < give_up)
		schedule_timeout_uninterruptible(1);
	if (err)
		sched_cpu_activate(cpu);
	else
		cpuset_update_active_cpus();
	return err;
}

static int activate(unsigned int cpu)
{
	int err = sched_cpu_activate(cpu);

	if (!err)
		cpuset_update_active_cpus();
	return err;
}

static const struct cpuhp_step {
	const char *name;
	int (*startup)(unsigned int cpu);
	int (*teardown)(unsigned int cpu);
} steps[NR_CPUHP_STATES] = {
    [CPUHP_OFFLINE] = {"offline", NULL, NULL},
    [CPUHP_IDLE_TASK] = {"sched:idle", prepare_idle, NULL},
    [CPUHP_MEMORY] = {"mm:dead", NULL, memory_dead},
    [CPUHP_TIMERS] = {"timers:dead", NULL, timers_dead},
    [CPUHP_RCU] = {"rcu:dead", NULL, rcu_dead},
    [CPUHP_SOFTIRQ] = {"softirq:dead", NULL, softirq_dead},
    [CPUHP_STOPPER] = {"sched:stopper", sched_stopper_create, NULL},
    [CPUHP_BRINGUP_CPU] = {"cpu:bringup", bringup_cpu, takedown_cpu},
    [CPUHP_AP_KSOFTIRQD] = {"ap:ksoftirqd", ksoftirqd_cpu_online, ksoftirqd_offline},
    [CPUHP_AP_ACTIVE] = {"sched:active", activate, deactivate},
    [CPUHP_ONLINE] = {"online", NULL, NULL},
};

const char *cpuhp_state_name(int state)
{
	return state >= 0 && state < NR_CPUHP_STATES ? steps[state].name : NULL;
}

static int call_step(unsigned int cpu, int state, int (*fn)(unsigned int cpu))
{
	struct cpuhp_cpu *c = per_cpu_ptr(&cpuhp, cpu);

	if (unlikely(c->fail == state) && state) {
		c->fail = 0;
		return -EAGAIN;
	}
	return fn ? fn(cpu) : 0;
}

/* Up to `target`; the state it has come to is always one whose startup has been done. */
static int climb(unsigned int cpu, int target)
{
	struct cpuhp_cpu *c = per_cpu_ptr(&cpuhp, cpu);

	while ((int)c->state < target) {
		int err = call_step(cpu, c->state + 1, steps[c->state + 1].startup);

		if (err)
			return err;
		WRITE_ONCE(c->state, c->state + 1);
	}
	return 0;
}

static int descend(unsigned int cpu, int target)
{
	struct cpuhp_cpu *c = per_cpu_ptr(&cpuhp, cpu);

	while ((int)c->state > target) {
		int err = call_step(cpu, c->state, steps[c->state].teardown);

		if (err)
			return err;
		WRITE_ONCE(c->state, c->state - 1);
	}
	return 0;
}

int cpu_up(unsigned int cpu)
{
	int err;

	if (cpu >= nr_cpu_ids || !cpumask_test_cpu(cpu, cpu_present_mask))
		return -EINVAL;
	down_write(&cpu_hotplug_lock);
	err = climb(cpu, CPUHP_ONLINE);
	if (err && descend(cpu, CPUHP_OFFLINE))
		panic("CPU %u can neither come up nor go", cpu);
	up_write(&cpu_hotplug_lock);
	return err;
}

int cpu_down(unsigned int cpu)
{
	int err;

	if (cpu >= nr_cpu_ids || !cpumask_test_cpu(cpu, cpu_present_mask))
		return -EINVAL;
	if (cpu == 0)
		return -EBUSY;
	down_write(&cpu_hotplug_lock);
	err = descend(cpu, CPUHP_OFFLINE);
	/* Back, even if it was dead already: what was not yet taken from it is still there. */
	if (err && climb(cpu, CPUHP_ONLINE) && descend(cpu, CPUHP_OFFLINE))
		panic("CPU %u can neither go nor come back", cpu);
	up_write(&cpu_hotplug_lock);
	return err;
}

int cpuhp_set_fail(unsigned int cpu, int state)
{
	if (state < 0 || state >= NR_CPUHP_STATES ||
	    (state && !steps[state].startup && !steps[state].teardown))
		return -EINVAL;
	down_write(&cpu_hotplug_lock);
	per_cpu(cpuhp, cpu).fail = state;
	up_write(&cpu_hotplug_lock);
	return 0;
}

int cpuhp_get_fail(unsigned int cpu)
{
	return READ_ONCE(per_cpu(cpuhp, cpu).fail);
}

void cpuhp_idle_dead(void)
{
	tick_cpu_dying();
	rcu_cpu_dying();
	/* From here on the asker takes what this CPU's per-CPU data hold. */
	smp_store_release(&this_cpu_ptr(&cpuhp)->dead, true);
	arch_cpu_dead();
}

static int max_cpus = NR_CPUS;

static int set_maxcpus(char *value)
{
	return kstrtoint(value, 0, &max_cpus);
}
early_param("maxcpus=", set_maxcpus);

/* The slowest decides; each that comes is a sign that the others may. */
static void __init wait_for_cpus(cpumask_t *expected)
{
	u64 give_up = 0;
	unsigned int cpu, online = 0;

	while (!cpumask_subset(expected, cpu_online_mask)) {
		if (num_online_cpus() != online) {
			online = num_online_cpus();
			give_up = arch_clock_ns() + CPU_TIMEOUT_NS;
		}
		cpu_relax();
		if (arch_clock_ns() < give_up)
			continue;
		for_each_cpu (cpu, expected) {
			if (cpu_online(cpu) || !give_up_start(cpu))
				continue;
			pr_err("CPU %u did not come up", cpu);
			cpumask_clear_cpu(cpu, expected);
		}
	}
}

/* All other CPUs at the same time, to where cpu_up() has them when they run their idle loops. */
void __init smp_init(void)
{
	int cpu, started = 1;
	cpumask_t expected;

	cpumask_clear(&expected);
	arch_smp_prepare();
	per_cpu(cpuhp, 0).state = CPUHP_ONLINE;
	for_each_present_cpu (cpu) {
		if (cpu_online(cpu) || started >= max_cpus)
			continue;
		if (prepare_idle(cpu) || start_cpu(cpu)) {
			pr_err("CPU %d cannot be started", cpu);
			continue;
		}
		__cpumask_set_cpu(cpu, &expected);
		started++;
	}
	wait_for_cpus(&expected);
	/* Their threads are made by sched_init_smp() and ksoftirqd's initcall. */
	for_each_online_cpu (cpu) {
		per_cpu(cpuhp, cpu).state = CPUHP_ONLINE;
		cpumask_set_cpu(cpu, &__cpu_active_mask);
	}
	pr_info("smp: %u CPUs online", num_online_cpus());
}

void secondary_start_kernel(void)
{
	time_init_secondary();
	rcu_cpu_starting();
	cpumask_set_cpu(smp_processor_id(), &__cpu_online_mask);
	/*
	 * Who changed the kernel's own tables before that store did not tell this CPU, which may
	 * have looked at them; who changes them after it does.
	 */
	arch_flush_tlb_local();
	local_irq_enable();
	cpu_startup_entry();
}
