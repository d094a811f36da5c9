/* SPDX-License-Identifier: MIT */
/*
 * Autogroups: the tasks of one session are a group, so that a build with many processes in one
 * terminal gets no more of the CPU than the program in the next one. A task holds a reference on
 * its session's autogroup under its pi_lock, so that the group outlives all that are in it; only
 * tasks whose control group is the root one are in it (sched(7), "The autogroup feature").
 */
#include "internal.h"

struct autogroup {
	refcount_t ref; /* of the tasks that have it */
	struct task_group *tg;
	unsigned long id;
	int nice; /* shares_mutex keeps tg's shares whole; the last writer's nice shows */
	struct rcu_head rcu;
};

unsigned int sysctl_sched_autogroup_enabled = 1;

int noautogroup(char *value)
{
	sysctl_sched_autogroup_enabled = 0;
	return 0;
}

struct task_group *autogroup_task_group(struct task_struct *p, struct task_group *tg)
{
	if (tg == &root_task_group && p->autogroup && READ_ONCE(sysctl_sched_autogroup_enabled))
		return p->autogroup->tg;
	return tg;
}

static struct autogroup *create(void)
{
	static atomic_t last_id;
	struct autogroup *ag = sched_env_alloc(sizeof(*ag), false);

	if (!ag)
		return NULL;
	ag->tg = sched_create_group(&root_task_group);
	if (IS_ERR(ag->tg)) {
		sched_env_free(ag);
		return NULL;
	}
	refcount_set(&ag->ref, 1);
	ag->id = atomic_inc_return(&last_id);
	sched_online_group(ag->tg);
	return ag;
}

static void free_autogroup(struct rcu_head *head)
{
	sched_env_free(container_of(head, struct autogroup, rcu));
}

static void put(struct autogroup *ag)
{
	if (!ag || !refcount_dec_and_test(&ag->ref))
		return;
	sched_release_group(ag->tg);
	call_rcu(&ag->rcu, free_autogroup);
}

/*
 * p's autogroup, with a reference. Another thread of p's process may replace it meanwhile; then
 * the new one counts.
 */
static struct autogroup *get(struct task_struct *p)
{
	struct autogroup *ag;

	rcu_read_lock();
	do {
		ag = rcu_dereference(p->autogroup);
	} while (ag && !refcount_inc_not_zero(&ag->ref));
	rcu_read_unlock();
	return ag;
}

void sched_autogroup_put(struct task_struct *p)
{
	put(p->autogroup);
	p->autogroup = NULL;
}

/* p, a copy of current that nobody else knows, is of its session. */
void sched_autogroup_inherit(struct task_struct *p)
{
	p->autogroup = get(current);
}

/* [task or inside tasklist_lock] */
static void attach(struct task_struct *p, void *arg)
{
	struct autogroup *ag = arg, *old;
	unsigned long flags;
	struct rq *rq = task_rq_lock(p, &flags);

	old = p->autogroup;
	if (ag)
		refcount_inc(&ag->ref);
	rcu_assign_pointer(p->autogroup, ag);
	sched_update_group(rq, p);
	task_rq_unlock(rq, p, &flags);
	put(old);
}

void sched_autogroup_follow(struct task_struct *p)
{
	struct autogroup *ag = get(current);

	attach(p, ag);
	put(ag);
}

void sched_autogroup_create_attach(struct task_struct *p)
{
	struct autogroup *ag = create();

	if (!ag)
		return;
	sched_env_for_each_thread(p, attach, ag);
	put(ag);
}

int sched_autogroup_set_nice(struct task_struct *p, int nice)
{
	struct autogroup *ag;
	int err = -EINVAL;

	if (nice < MIN_NICE || nice > MAX_NICE)
		return err;
	ag = get(p);
	if (!ag)
		return err;
	err = sched_group_set_shares(ag->tg, sched_prio_to_weight[nice - MIN_NICE]);
	if (!err)
		WRITE_ONCE(ag->nice, nice);
	put(ag);
	return err;
}

bool sched_autogroup_get(struct task_struct *p, unsigned long *id, int *nice)
{
	struct autogroup *ag;

	rcu_read_lock();
	ag = rcu_dereference(p->autogroup);
	if (ag) {
		*id = ag->id;
		*nice = READ_ONCE(ag->nice);
	}
	rcu_read_unlock();
	return ag != NULL;
}
