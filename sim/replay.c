/* SPDX-License-Identifier: MIT */
/*
 * `jiffy sim --replay FILE`: a run of the kernel, recorded by sched/record.c, done again by the
 * same scheduling classes here. Each call is repeated with the clocks it had; who is picked, and
 * whether the running task has to go, must come out as it did in the kernel. The form of the
 * file is in sched/record.h. One thread, no events of its own.
 */
#include <stdlib.h>

#include "../sched/record.h"
#include "sim.h"

static FILE *file;
static struct record_header header;
static struct task_struct **known; /* by id */
static u32 nr_known;
static u64 *clocks; /* by CPU */
static bool cut;    /* the file ended inside a record */
static bool astray; /* another task was picked, and what it does from there was not recorded */
static u64 calls, switches, picks, compared, divergences;

/* What the look that follows met elsewhere, in order: who could not be had, NULL: an epoch's end. */
static struct task_struct **met;
static u32 nr_met, met_size, next_met;

static u64 get(void)
{
	u64 v = 0;
	int c, shift = 0;

	do {
		c = getc_unlocked(file);
		if (c == EOF) {
			cut = true;
			return 0;
		}
		v |= (u64)(c & 0x7f) << shift;
		shift += 7;
	} while (c & 0x80 && shift < 64);
	return v;
}

static s64 get_signed(void)
{
	u64 v = get();

	return v & 1 ? (s64) ~(v >> 1) : (s64)(v >> 1);
}

static struct task_struct *task_of_id(u32 id)
{
	return id < nr_known ? known[id] : NULL;
}

static void diverged(const char *what, const struct rq *rq, const struct task_struct *here,
		     const struct task_struct *there)
{
	if (divergences++ < 10)
		fprintf(stderr,
			"call %llu, switch %llu, CPU %d, %llu ns: %s: here %s:%d, there %s:%d\n",
			(unsigned long long)calls, (unsigned long long)switches, rq->cpu,
			(unsigned long long)rq->clock, what, here ? here->comm : "nobody",
			here ? here->pid : -1, there ? there->comm : "nobody",
			there ? there->pid : -1);
}

static bool new_task_record(void)
{
	u32 id = get(), pid = get(), idle = get();
	struct task_struct *p;

	if (cut || id != nr_known)
		return false;
	known = realloc(known, (nr_known + 1) * sizeof(*known));
	BUG_ON(!known);
	if (idle) {
		if (idle > header.cpus)
			return false;
		p = cpu_rq(idle - 1)->idle;
	} else {
		p = sim_new_task("task");
		p->pid = pid;
		p->sched_task_group = &root_task_group;
	}
	known[nr_known++] = p;
	return true;
}

static int idle_rank(void)
{
	return idle_sched_class.rank;
}

/*
 * Its first attributes are those it was forked with; later ones are changes. The weight of one that
 * the class keeps by weight changes by a call of its own.
 */
static bool attr_record(void)
{
	u32 id = get();
	struct task_struct *p = task_of_id(id);
	bool by_call;
	u64 v[9];
	int i;

	for (i = 0; i < 9; i++)
		v[i] = get();
	if (cut || !p || v[0] > (u64)idle_rank())
		return false;
	/* The thread that is to be another CPU's idle loop is an ordinary one at first. */
	if ((int)v[0] == idle_rank())
		p->flags |= PF_IDLE;
	if (is_idle_task(p))
		return true;
	by_call = p->record_id && p->sched_class->reweight_task;
	p->record_id = id;
	p->sched_class = sched_classes[v[0]];
	p->policy = v[1];
	p->static_prio = v[2];
	p->normal_prio = v[3];
	p->prio = v[4];
	p->rt_priority = v[5];
	p->nr_cpus_allowed = v[6];
	sim_task_of(p)->program = (const void *)(uintptr_t)(v[7] << 4);
	p->se.slice = v[8];
	p->se.custom_slice = v[8] != 0;
	if (!by_call)
		set_load_weight(p, false);
	return true;
}

struct call {
	u64 op, cpu, caller, id, flags, result;
	s64 begin;
	u64 took, times;
};

static bool look_record(void)
{
	u32 id = get();
	struct task_struct *p = task_of_id(id);

	if (cut || (id && !p))
		return false;
	if (nr_met == met_size) {
		met_size = met_size ? 2 * met_size : 64;
		met = realloc(met, met_size * sizeof(*met));
		BUG_ON(!met);
	}
	met[nr_met++] = p;
	return true;
}

/* The answers that there were: the queue has the same order here, so they come in theirs. */
static bool look_again(struct task_struct *p, bool can)
{
	if (next_met < nr_met && met[next_met] == p) {
		next_met++;
		return false;
	}
	if (!p)
		diverged("an epoch ends here", this_rq(), NULL, NULL);
	return true;
}

/* After a look. */
static void all_met(const struct rq *rq)
{
	if (next_met < nr_met)
		diverged(met[next_met] ? "who cannot be had there is not asked here"
				       : "an epoch ends there",
			 rq, NULL, met[next_met]);
	nr_met = next_met = 0;
}

/* A pick of rq's own, or a look for the best of all. */
static void do_pick(const struct call *c, struct rq *rq)
{
	const struct sched_class *class = sched_classes[c->flags];
	struct task_struct *there = task_of_id(c->result >> REC_RESULT_SHIFT), *here;

	if ((int)c->flags == idle_rank())
		there = rq->idle;
	if (c->op == REC_PICK) {
		here = class->pick_task(rq);
	} else {
		here = class->find_task(rq);
		if (here)
			put_task_struct(here);
	}
	picks++;
	all_met(rq);
	if (here == there)
		return;
	diverged(c->op == REC_PICK ? "another task is picked" : "another task is to be fetched", rq,
		 here, there);
	/* One that is not to be fetched is where it was. */
	astray = c->op == REC_PICK;
}

/* The core, after a pick: from here on p is the one that runs. */
static void becomes_current(struct rq *rq, struct task_struct *p)
{
	switches++;
	clear_tsk_thread_flag(rq->curr, TIF_NEED_RESCHED);
	rq->curr->on_cpu = 0;
	rq->curr = p;
	p->on_cpu = 1;
}

static void do_set_next(const struct call *c, struct rq *rq, struct task_struct *p)
{
	p->sched_class->set_next_task(rq, p, c->flags);
	if (c->flags)
		becomes_current(rq, p);
}

static void do_switch(struct rq *rq, struct task_struct *p)
{
	p->sched_class->switch_task(rq, rq->curr, p);
	becomes_current(rq, p);
}

static void do_fork(const struct call *c, struct rq *rq, struct task_struct *p)
{
	struct task_struct *parent = task_of_id(c->result >> REC_RESULT_SHIFT);

	sim_current = parent && !is_idle_task(parent) ? parent : rq->idle;
	p->sched_class->task_fork(p);
	sim_current = rq->curr;
}

static void do_child_exit(const struct call *c, struct rq *rq, struct task_struct *parent)
{
	struct task_struct *p = task_of_id(c->result >> REC_RESULT_SHIFT);

	if (p && parent->sched_class->task_exit)
		parent->sched_class->task_exit(rq, parent, p);
}

static void do_migrate(const struct call *c, struct task_struct *p)
{
	if (p->sched_class->migrate_task_rq)
		p->sched_class->migrate_task_rq(p, c->flags);
	__set_task_cpu(p, c->flags);
}

/* What comes of a change of p's class, priority or weight. */
static bool do_change(const struct call *c, struct rq *rq, struct task_struct *p)
{
	switch (c->op) {
	case REC_SWITCHED_FROM:
		sched_classes[c->flags]->switched_from(rq, p);
		break;
	case REC_SWITCHING_TO:
		sched_classes[c->flags]->switching_to(rq, p);
		break;
	case REC_SWITCHED_TO:
		sched_classes[c->flags]->switched_to(rq, p);
		break;
	case REC_PRIO_CHANGED:
		p->sched_class->prio_changed(rq, p, (int)c->flags);
		break;
	case REC_REWEIGHT:
		set_load_weight(p, true);
		break;
	default:
		return false;
	}
	return true;
}

static bool do_class_call(const struct call *c, struct rq *rq, struct task_struct *p)
{
	const struct sched_class *class = p ? p->sched_class : NULL;

	switch (c->op) {
	case REC_ENQUEUE:
		if (class == &stop_sched_class)
			rq->stop = p;
		if (c->flags & REC_BY_INTERRUPT)
			preempt_count_set(PREEMPT_OFFSET + HARDIRQ_OFFSET);
		class->enqueue_task(rq, p, c->flags & ~REC_BY_INTERRUPT);
		preempt_count_set(PREEMPT_OFFSET);
		p->on_rq = TASK_ON_RQ_QUEUED; /* what the core does after it */
		break;
	case REC_DEQUEUE:
		if (class->dequeue_task(rq, p, c->flags) != !!(c->result >> REC_RESULT_SHIFT))
			diverged("a sleeper leaves, or stays to pay", rq, p, p);
		if (c->flags & DEQUEUE_SLEEP && c->result >> REC_RESULT_SHIFT)
			p->on_rq = 0;
		break;
	case REC_YIELD:
		class->yield_task(rq);
		break;
	case REC_CHECK_PREEMPT:
		class->check_preempt_curr(rq, p, c->flags & ~REC_MM_CHANGED);
		break;
	case REC_PICK:
	case REC_FIND:
		do_pick(c, rq);
		break;
	case REC_PUT_PREV:
		class->put_prev_task(rq, p);
		break;
	case REC_SET_NEXT:
		do_set_next(c, rq, p);
		break;
	case REC_SWITCH:
		do_switch(rq, p);
		break;
	case REC_TICK:
		class->task_tick(rq, p);
		break;
	case REC_FORK:
		do_fork(c, rq, p);
		break;
	case REC_EXIT:
		do_child_exit(c, rq, p);
		break;
	case REC_MIGRATE:
		do_migrate(c, p);
		break;
	case REC_UPDATE_CURR:
		class->update_curr(rq);
		break;
	default:
		return do_change(c, rq, p);
	}
	return true;
}

/* Where the call's flags are a class's rank or a CPU, there is such a one. */
static bool names_what_is_there(const struct call *c)
{
	switch (c->op) {
	case REC_FIND:
		return c->flags <= (u64)idle_rank() && sched_classes[c->flags]->find_task;
	case REC_PICK:
	case REC_SWITCHED_FROM:
	case REC_SWITCHING_TO:
	case REC_SWITCHED_TO:
		return c->flags <= (u64)idle_rank();
	case REC_MIGRATE:
		return c->flags < header.cpus;
	default:
		return true;
	}
}

/* Who the call is about; false when the record is not one. */
static bool resolve(const struct call *c, struct rq *rq, struct task_struct **pp)
{
	struct task_struct *p = NULL;

	if (c->id) {
		p = task_of_id(c->id);
		if (!p)
			return false;
		if (is_idle_task(p))
			p = rq->idle;
	}
	*pp = p;
	return (c->op == REC_PICK || c->op == REC_FIND || p) && names_what_is_there(c);
}

/* A fork and a move are told without the queue's lock: its running task may change. */
static bool has_lock(const struct call *c)
{
	return c->op != REC_FORK && c->op != REC_MIGRATE;
}

/* Whether the running task has to go is to come out as it did. */
static bool comparable(const struct call *c)
{
	if (c->op == REC_CHECK_PREEMPT && c->flags & REC_MM_CHANGED)
		return false;
	return has_lock(c) && c->op != REC_SET_NEXT && c->op != REC_SWITCH;
}

static bool call_record(u64 op)
{
	struct call c = {.op = op};
	struct task_struct *p, *curr;
	struct rq *rq;
	bool ok, locked;

	c.cpu = get();
	c.caller = get();
	c.id = get();
	c.flags = get();
	c.begin = get_signed();
	c.took = get();
	c.result = get();
	c.times = get();
	if (cut || c.cpu >= header.cpus || c.caller >= header.cpus)
		return false;
	rq = cpu_rq(c.cpu);
	if (!resolve(&c, rq, &p))
		return false;
	sim_switch_cpu(c.caller);
	arch_local_irq_disable();
	if (p && !is_idle_task(p)) {
		p->on_rq = c.result & REC_ON_RQ;
		if (task_cpu(p) != (int)c.cpu)
			__set_task_cpu(p, c.cpu);
	}
	rq->clock = rq->clock_task = clocks[c.cpu] + c.begin;
	sim_now = clocks[c.cpu] = rq->clock + c.took;
	curr = rq->curr;
	if (c.result & REC_RESCHED)
		set_tsk_thread_flag(curr, TIF_NEED_RESCHED);
	else
		clear_tsk_thread_flag(curr, TIF_NEED_RESCHED);
	calls++;
	locked = has_lock(&c);
	preempt_count_set(PREEMPT_OFFSET);
	if (locked)
		rq_lock(rq);
	ok = do_class_call(&c, rq, p);
	if (locked)
		rq_unlock(rq);
	if (c.times != record_times(rq, p))
		diverged("times differ", rq, curr, p);
	rq->balance_callback = NULL; /* what it would move is in the record */
	if (comparable(&c)) {
		compared++;
		if (test_tsk_need_resched(curr) != !!(c.result & REC_RESCHED_NOW))
			diverged(c.result & REC_RESCHED_NOW ? "the running task has to go there"
							    : "the running task has to go here",
				 rq, curr, p);
	}
	return ok;
}

static bool one_record(int op)
{
	u64 t[RECORD_TUNABLES];
	int i;

	switch (op) {
	case REC_TASK:
		return new_task_record();
	case REC_ATTR:
		return attr_record();
	case REC_JIFFIES:
		jiffies += get_signed();
		return !cut;
	case REC_LOOK:
		return look_record();
	case REC_TUNABLES:
		for (i = 0; i < RECORD_TUNABLES; i++)
			t[i] = get();
		record_set_tunables(t);
		return !dl_set_global_bw(dl_global_bw()) && !cut;
	default:
		return op < REC_NR && call_record(op);
	}
}

static bool open_record(const char *name)
{
	struct sim_config config = {
	    .threads_per_core = 1, .cores_per_llc = NR_CPUS, .llcs_per_node = 1};

	file = fopen(name, "rb");
	if (!file) {
		perror(name);
		return false;
	}
	if (fread(&header, sizeof(header), 1, file) != 1 || header.magic != RECORD_MAGIC ||
	    !header.cpus || header.cpus > NR_CPUS || header.sched > SCHED_O1 ||
	    header.load > LOAD_PELT_4_0 || header.hz != HZ) {
		fprintf(stderr, "%s: not a record of this scheduler\n", name);
		fclose(file);
		return false;
	}
	config.cpus = header.cpus;
	sched_choice = header.sched;
	load_choice = header.load;
	sim_boot(&config);
	jiffies = 0;
	sim_now = 0;
	record_set_tunables(header.tunables);
	sched_record_look = look_again;
	clocks = calloc(header.cpus, sizeof(*clocks));
	known = calloc(1, sizeof(*known));
	BUG_ON(!clocks || !known);
	nr_known = 1;
	return true;
}

int sim_replay(const char *name)
{
	bool ok = true;
	int op;

	if (!open_record(name))
		return 2;
	while (ok && !astray && (op = getc_unlocked(file)) != EOF && op != REC_END)
		ok = one_record(op);
	if (!ok)
		fprintf(stderr, "%s: damaged near byte %ld\n", name, ftell(file));
	fclose(file);
	if (astray)
		fprintf(stderr, "%s: what follows is another run, and not compared\n", name);
	printf("%u CPUs, %u tasks, %llu calls, %llu switches, %llu picks and %llu preemption "
	       "decisions compared, %llu divergences\n",
	       header.cpus, nr_known - 1, (unsigned long long)calls, (unsigned long long)switches,
	       (unsigned long long)picks, (unsigned long long)compared,
	       (unsigned long long)divergences);
	return !ok ? 2 : divergences ? 1 : 0;
}
