/* SPDX-License-Identifier: MIT */
/*
 * /proc/jiffy/kthreads, of checked builds: reading it puts kernel threads through their life
 * (created, run on a CPU, parked, stopped, waited for) and gives a line "NAME: ok" or "NAME: why
 * not" for each part. <jiffy/kthread.h>. Task context; sleeps; readers take turns, since each
 * part has one set of marks.
 */
#ifdef JIFFY_CHECKED

#include <jiffy/cpumask.h>
#include <jiffy/err.h>
#include <jiffy/init.h>
#include <jiffy/interrupt.h>
#include <jiffy/kthread.h>
#include <jiffy/mutex.h>
#include <jiffy/proc_fs.h>
#include <jiffy/sched.h>
#include <jiffy/seq_file.h>
#include <jiffy/smp.h>
#include <jiffy/string.h>

#include "internal.h"

#define WAIT_TICKS 3 /* long enough for a thread that may run to have run */

static DEFINE_MUTEX(threads_mutex);

/* What the thread under test leaves behind for its maker. threads_mutex; READ_ONCE. */
static struct {
	bool begun, own_mm, borrowed_mm, bound, ended;
	unsigned int cpu, other_cpu, rounds;
	char comm[TASK_COMM_LEN];
} seen;

/* Notes who it is, then counts its rounds until it is told to stop; gives back what it was given. */
static int counting(void *result)
{
	memcpy(seen.comm, current->comm, sizeof(seen.comm));
	seen.cpu = raw_smp_processor_id();
	seen.own_mm = current->mm;
	seen.borrowed_mm = current->active_mm;
	WRITE_ONCE(seen.begun, true);
	while (!kthread_should_stop()) {
		if (kthread_should_park())
			kthread_parkme();
		if (raw_smp_processor_id() != seen.cpu)
			seen.other_cpu++;
		WRITE_ONCE(seen.rounds, seen.rounds + 1);
		schedule_timeout_interruptible(1);
	}
	return (int)(long)result;
}

static int ending_at_once(void *result)
{
	WRITE_ONCE(seen.ended, true);
	return (int)(long)result;
}

static struct task_struct *make(int (*fn)(void *), int result, int cpu)
{
	memset(&seen, 0, sizeof(seen));
	return kthread_create_on_cpu(fn, (void *)(long)result, cpu, "checked/%d", cpu);
}

static void let_run(void)
{
	schedule_timeout_uninterruptible(WAIT_TICKS);
}

/* It goes on: at least one more round, however long that takes. */
static void await_round(void)
{
	unsigned int before = READ_ONCE(seen.rounds);

	while (READ_ONCE(seen.rounds) == before)
		schedule_timeout_uninterruptible(1);
}

/* One that counts, and has begun to. */
static struct task_struct *make_running(int result, int cpu)
{
	struct task_struct *t = make(counting, result, cpu);

	if (!IS_ERR(t)) {
		wake_up_process(t);
		await_round();
	}
	return t;
}

/* Each part: NULL, or what went wrong. */

static const char *part_create(void)
{
	struct task_struct *t = make(counting, 0, -1);
	const char *bad = NULL;

	if (IS_ERR(t))
		return "no thread";
	let_run();
	if (READ_ONCE(seen.begun))
		bad = "it runs before it is woken";
	else if (!(t->flags & PF_KTHREAD) || t->real_parent->pid != 2)
		bad = "it is no child of kthreadd";
	else if (strcmp(t->comm, "checked/-1"))
		bad = "it has another name";
	if (kthread_stop(t) != -EINTR && !bad)
		bad = "stopped before it ran, it gives back a result";
	return seen.begun && !bad ? "stopped before it ran, it runs" : bad;
}

static const char *part_stop(void)
{
	static const int results[] = {0, 42, -ENOSPC};
	struct task_struct *t;

	for (size_t i = 0; i < ARRAY_SIZE(results); i++) {
		t = make_running(results[i], -1);
		if (IS_ERR(t))
			return "no thread";
		if (kthread_stop(t) != results[i])
			return "the result is another";
	}
	return NULL;
}

/* Who ends by itself is waited for as well, for as long as somebody holds it. */
static const char *part_wait(void)
{
	struct task_struct *t = make(ending_at_once, 7, -1);
	const char *bad = NULL;

	if (IS_ERR(t))
		return "no thread";
	get_task_struct(t);
	wake_up_process(t);
	while (!(READ_ONCE(t->flags) & PF_EXITING))
		schedule_timeout_uninterruptible(1);
	if (kthread_park(t) != -ENOSYS)
		bad = "what exits is parked";
	else if (kthread_stop(t) != 7)
		bad = "the result is lost";
	else if (!seen.ended)
		bad = "it has not run";
	put_task_struct(t);
	return bad;
}

static const char *part_cpu(void)
{
	struct task_struct *t;
	int cpu;

	for_each_online_cpu (cpu) {
		t = make_running(0, cpu);
		if (IS_ERR(t))
			return "no thread";
		for (int i = 0; i < 2; i++)
			await_round();
		seen.bound = (t->flags & PF_NO_SETAFFINITY) && t->nr_cpus_allowed == 1;
		kthread_stop(t);
		if (seen.cpu != (unsigned int)cpu || seen.other_cpu)
			return "it runs elsewhere";
		if (!seen.bound)
			return "others may move it";
	}
	return NULL;
}

static const char *part_park(void)
{
	struct task_struct *t = make_running(5, cpumask_first(cpu_online_mask));
	const char *bad = NULL;
	unsigned int before;

	if (IS_ERR(t))
		return "no thread";
	for (int i = 0; i < 20 && !bad; i++) {
		if (kthread_park(t))
			bad = "it is not parked";
		else if (READ_ONCE(t->__state) != TASK_PARKED)
			bad = "it is not yet parked when its parking is over";
		else if (kthread_park(t) != -EBUSY)
			bad = "it is parked twice";
		before = READ_ONCE(seen.rounds);
		wake_up_process(t); /* not what it waits for */
		let_run();
		if (READ_ONCE(seen.rounds) != before && !bad)
			bad = "it runs while it is parked";
		kthread_unpark(t);
		await_round();
	}
	if (kthread_stop(t) != 5 && !bad)
		bad = "the result is lost";
	return bad;
}

static const char *part_stop_parked(void)
{
	struct task_struct *t = make_running(6, -1);

	if (IS_ERR(t))
		return "no thread";
	kthread_park(t);
	return kthread_stop(t) == 6 ? NULL : "the result is lost";
}

static const char *part_park_first(void)
{
	struct task_struct *t = make(counting, 8, -1);
	const char *bad = NULL;

	if (IS_ERR(t))
		return "no thread";
	if (kthread_park(t) || READ_ONCE(t->__state) != TASK_PARKED)
		bad = "it is not parked";
	let_run();
	if (READ_ONCE(seen.begun) && !bad)
		bad = "it runs while it is parked";
	kthread_unpark(t);
	await_round();
	return kthread_stop(t) == 8 ? bad : "the result is lost";
}

static const char *part_mm(void)
{
	struct task_struct *t = make_running(0, -1);

	if (IS_ERR(t))
		return "no thread";
	kthread_stop(t);
	if (seen.own_mm)
		return "it has user memory";
	return seen.borrowed_mm ? NULL : "it runs on nobody's page tables";
}

/* ---- softirqs that come faster than they can be done ---- */

static struct {
	struct tasklet_struct tasklet;
	bool end;
	unsigned int by_thread; /* runs in ksoftirqd */
} flood;

static void raise_again(unsigned long unused)
{
	if (!strncmp(current->comm, "ksoftirqd/", 10))
		flood.by_thread++;
	if (!READ_ONCE(flood.end))
		tasklet_schedule(&flood.tasklet);
}

static void begin_flood(void *unused)
{
	tasklet_schedule(&flood.tasklet);
}

/* ksoftirqd carries them, and others have their share of that CPU as they have beside a task. */
static const char *part_flood(void)
{
	int cpu = cpumask_first(cpu_online_mask);
	struct task_struct *t = make_running(0, cpu);

	if (IS_ERR(t))
		return "no thread";
	flood.end = false;
	flood.by_thread = 0;
	tasklet_init(&flood.tasklet, raise_again, 0);
	smp_call_function_single(cpu, begin_flood, NULL, true);
	for (int i = 0; i < 5; i++)
		await_round();
	WRITE_ONCE(flood.end, true);
	tasklet_kill(&flood.tasklet);
	kthread_stop(t);
	return flood.by_thread ? NULL : "ksoftirqd has carried none of them";
}

static const struct {
	const char *name;
	const char *(*run)(void);
} parts[] = {
    {"create", part_create},
    {"stop", part_stop},
    {"wait", part_wait},
    {"cpu", part_cpu},
    {"park", part_park},
    {"stop-parked", part_stop_parked},
    {"park-before-it-runs", part_park_first},
    {"mm", part_mm},
    {"ksoftirqd", part_flood},
};

static int kthreads_show(struct seq_file *m, void *v)
{
	const char *bad;

	mutex_lock(&threads_mutex);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		bad = parts[i].run();
		seq_printf(m, "%s: %s\n", parts[i].name, bad ? bad : "ok");
	}
	mutex_unlock(&threads_mutex);
	return 0;
}

static int __init kthreads_init(void)
{
	/* The directory is made by an initcall of a level before this one. */
	return proc_create_single("jiffy/kthreads", 0400, NULL, kthreads_show) ? 0 : -ENOMEM;
}
late_initcall(kthreads_init);

#endif
