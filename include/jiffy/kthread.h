/* SPDX-License-Identifier: MIT */
/*
 * Kernel threads, made by kthreadd, and queues of work for them. process/kthread.c and
 * kernel/workqueue.c. Task context.
 */
#ifndef JIFFY_KTHREAD_H
#define JIFFY_KTHREAD_H

#include <jiffy/ktime.h>
#include <jiffy/list.h>

struct task_struct;

/* A thread that does not run yet (wake_up_process() starts it); ERR_PTR(-ENOMEM, -EINTR). */
struct task_struct *kthread_create_on_cpu(int (*fn)(void *), void *data, int cpu, const char *fmt,
					  ...) __printf(4, 5);
#define kthread_create(fn, data, fmt, ...)                                                         \
	kthread_create_on_cpu(fn, data, -1, fmt, ##__VA_ARGS__)
#define kthread_run(fn, data, fmt, ...)                                                            \
	({                                                                                         \
		struct task_struct *__k = kthread_create(fn, data, fmt, ##__VA_ARGS__);            \
		if (!IS_ERR(__k))                                                                  \
			wake_up_process(__k);                                                      \
		__k;                                                                               \
	})
void kthread_bind(struct task_struct *k, unsigned int cpu); /* before it first runs */
int kthread_stop(struct task_struct *k); /* asks, waits, returns what fn returned */
bool kthread_should_stop(void);
int kthread_park(struct task_struct *k);
void kthread_unpark(struct task_struct *k);
bool kthread_should_park(void);
void kthread_parkme(void);
int kthreadd(void *unused);
/* A thread that shares nothing with user space, its pid or an errno. process/fork.c. */
pid_t kernel_thread(int (*fn)(void *), void *arg, unsigned long flags);

struct work_struct;
typedef void (*work_func_t)(struct work_struct *work);
struct work_struct {
	struct list_head entry;
	work_func_t func;
	unsigned long pending;
};
#define INIT_WORK(w, f)                                                                            \
	do {                                                                                       \
		INIT_LIST_HEAD(&(w)->entry);                                                       \
		(w)->func = (f);                                                                   \
		(w)->pending = 0;                                                                  \
	} while (0)
#define DECLARE_WORK(n, f)                                                                         \
	struct work_struct n = { .entry = LIST_HEAD_INIT(n.entry), .func = f, .pending = 0 }
bool schedule_work(struct work_struct *work); /* any context; false when already pending */
void flush_work(struct work_struct *work);
void flush_scheduled_work(void);

#endif
