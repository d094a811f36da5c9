/* SPDX-License-Identifier: MIT */
/*
 * The memory of tasks: task_struct, kernel stack, signal_struct and sighand_struct, from their
 * allocation in fork to the last reference. Any context to put; task context to make.
 */
#include <arch/task.h>
#include <jiffy/binfmts.h>
#include <jiffy/cgroup.h>
#include <jiffy/gfp.h>
#include <jiffy/init.h>
#include <jiffy/mm.h>
#include <jiffy/nsproxy.h>
#include <jiffy/random.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include <jiffy/sysctl.h>
#include <jiffy/trace_sched.h>
#include <jiffy/vmalloc.h>

#include "task.h"

DEFINE_RWLOCK(tasklist_lock);

int max_threads;

static struct kmem_cache *task_struct_cachep, *signal_cachep, *sighand_cachep;

bool try_get_task_stack(struct task_struct *t)
{
	return refcount_inc_not_zero(&t->stack_refcount);
}

void put_task_stack(struct task_struct *t)
{
	if (refcount_dec_and_test(&t->stack_refcount)) {
		void *stack = t->stack;

		ASSERT(task_thread_info(t)->magic == STACK_END_MAGIC);
		t->stack = NULL;
		free_thread_stack(stack);
	}
}

/* A byte copy of orig with a stack of its own; the caller makes every field right. */
struct task_struct *dup_task_struct(struct task_struct *orig, int node)
{
	struct task_struct *p = kmem_cache_alloc_node(task_struct_cachep, GFP_KERNEL, node);
	void *stack;

	if (!p)
		return NULL;
	stack = alloc_thread_stack_node(p, node);
	if (!stack) {
		kmem_cache_free(task_struct_cachep, p);
		return NULL;
	}
	arch_dup_task_struct(p, orig);
	p->stack = stack;
	p->kthread = NULL;
	*task_thread_info(p) = (struct thread_info){
	    .task = p,
	    .magic = STACK_END_MAGIC,
	};
	/* The two are one reference, put a grace period after the last of them. */
	refcount_set(&p->usage, 1);
	refcount_set(&p->rcu_users, 2);
	refcount_set(&p->stack_refcount, 2);
	p->stack_canary = get_random_u64() & ~0xffULL;
	return p;
}

void free_task(struct task_struct *t)
{
	if (t->stack)
		free_thread_stack(t->stack);
	free_kthread_struct(t);
	arch_release_task_struct(t);
	kmem_cache_free(task_struct_cachep, t);
}

void put_task_struct(struct task_struct *t)
{
	if (!refcount_dec_and_test(&t->usage))
		return;
	ASSERT(t->exit_state && t != current);
	cgroup_free(t);
	sched_task_free(t);
	exit_creds(t);
	put_signal_struct(t->signal);
	free_task(t);
}

static void delayed_put_task_struct(struct rcu_head *head)
{
	struct task_struct *t = container_of(head, struct task_struct, rcu);

	trace_sched_process_free(t);
	put_task_struct(t);
}

/*
 * Readers under RCU find a task through the tree and through rq->curr. Either may end first: a
 * thread that nobody waits for is released before its last switch, a zombie long after it. So the
 * grace period begins with the later of the two.
 */
void put_task_struct_rcu_user(struct task_struct *t)
{
	if (refcount_dec_and_test(&t->rcu_users))
		call_rcu(&t->rcu, delayed_put_task_struct);
}

struct signal_struct *alloc_signal_struct(void)
{
	return kmem_cache_zalloc(signal_cachep, GFP_KERNEL);
}

void free_signal_struct(struct signal_struct *sig)
{
	kmem_cache_free(signal_cachep, sig);
}

void put_signal_struct(struct signal_struct *sig)
{
	if (refcount_dec_and_test(&sig->sigcnt))
		free_signal_struct(sig);
}

struct sighand_struct *alloc_sighand_struct(void)
{
	struct sighand_struct *sighand = kmem_cache_alloc(sighand_cachep, GFP_KERNEL);

	if (sighand)
		refcount_set(&sighand->count, 1);
	return sighand;
}

/*
 * The memory stays a sighand_struct for a grace period, with a lock that works: one who found it
 * through a task locks it first and then looks whether the task still has it.
 */
void __cleanup_sighand(struct sighand_struct *sighand)
{
	if (refcount_dec_and_test(&sighand->count)) {
		ASSERT(!waitqueue_active(&sighand->signalfd_wqh));
		kmem_cache_free(sighand_cachep, sighand);
	}
}

static void sighand_ctor(void *obj)
{
	struct sighand_struct *sighand = obj;

	spin_lock_init(&sighand->siglock);
	init_waitqueue_head(&sighand->signalfd_wqh);
}

char *get_task_comm(char *buf, struct task_struct *t)
{
	task_lock(t);
	memcpy(buf, t->comm, TASK_COMM_LEN);
	task_unlock(t);
	return buf;
}

/* A reader without the lock may see a mix of both names, but always one that ends. */
void __set_task_comm(struct task_struct *t, const char *from, bool exec)
{
	char name[TASK_COMM_LEN] = {0};

	strscpy(name, from, sizeof(name));
	task_lock(t);
	memcpy(t->comm, name, sizeof(name));
	task_unlock(t);
}

void set_task_comm(struct task_struct *t, const char *name)
{
	__set_task_comm(t, name, false);
}

/*
 * At most an eighth of memory may be kernel stacks and what belongs to them: as many threads as
 * that buys, and each user half of them.
 */
static void set_max_threads(void)
{
	unsigned long threads = totalram_pages() / 8 / (THREAD_SIZE / PAGE_SIZE);
	unsigned long per_user;

	max_threads = clamp_t(unsigned long, threads, 20, PID_MAX_LIMIT);
	per_user = max_threads / 2;
	init_task.signal->rlim[RLIMIT_NPROC] = (struct rlimit){per_user, per_user};
	init_task.signal->rlim[RLIMIT_SIGPENDING] = (struct rlimit){per_user, per_user};
}

void __init fork_init(void)
{
	task_struct_cachep = KMEM_CACHE(task_struct, SLAB_HWCACHE_ALIGN | SLAB_PANIC);
	signal_cachep = KMEM_CACHE(signal_struct, SLAB_HWCACHE_ALIGN | SLAB_PANIC);
	sighand_cachep =
	    kmem_cache_create("sighand_struct", sizeof(struct sighand_struct), 0,
			      SLAB_HWCACHE_ALIGN | SLAB_PANIC | SLAB_TYPESAFE_BY_RCU, sighand_ctor);
	set_max_threads();
	user_init();
	cred_init();
	pid_init();
	signals_init();
	nsproxy_init();
}

static const int threads_lowest = 20, threads_highest = PID_MAX_LIMIT;
static const struct ctl_table fork_table[] = {
    {.procname = "threads-max",
     .data = &max_threads,
     .maxlen = sizeof(max_threads),
     .mode = 0644,
     .proc_handler = proc_dointvec_minmax,
     .extra1 = (void *)&threads_lowest,
     .extra2 = (void *)&threads_highest},
    {NULL},
};

static int __init fork_sysctl_init(void)
{
	return register_sysctl("kernel", fork_table);
}
device_initcall(fork_sysctl_init);
