/* SPDX-License-Identifier: MIT */
/*
 * Pressure: how much of the time tasks waited for a CPU, or for I/O (<jiffy/psi.h>). Per CPU four
 * spans are summed: "cpu some", a task waits; "cpu full", one waits and none of its group runs;
 * "io some", a task sleeps for I/O; "io full", one does and none is runnable. Over CPUs
 *
 *	share = sum(span_i * busy_i) / sum(busy_i),   busy: some task runs, waits or does I/O
 *
 * in each period of 2 s, for a CPU that has nothing to do is no part of how well the others do.
 * Averages over 10, 60 and 300 s are exponential ones of these shares, with e = exp(-2 s / span).
 *
 * The machine's spans follow from what its run queues count anyway, and change when a queue's
 * number of tasks passes 0, 1 or 2. That is on the path of each wake-up, so it is done from when
 * somebody first asks for it (or from boot, with psi=1). A group's need a count of its own: each
 * task of it, and of those below, tells when it is queued, taken off, and switched to or from.
 *
 * Serialization: what is counted of a CPU, machine or group, changes under that CPU's rq->lock,
 * as does p->psi_group (with p's queue locked). psi_lock guards totals, averages and the list of
 * groups, and is taken outside rq->lock.
 */
#include "internal.h"

#define PSI_PERIOD (2 * NSEC_PER_SEC)
#define FIXED_1	   (1UL << FSHIFT)
#define BUSY	   BIT(NR_PSI)
/* 2048 * exp(-2/10), exp(-2/60), exp(-2/300) */
static const unsigned long exp_psi[NR_PSI_AVGS] = {1677, 1981, 2034};

struct psi_group {
	struct psi_group *parent; /* NULL: none but the machine */
	struct list_head list;
	struct psi_total totals[NR_PSI];
	u64 period_start, period_total[NR_PSI];
	struct psi_cpu *cpu; /* by number; NULL: the machine's, in the run queues */
};

static DEFINE_SPINLOCK(psi_lock);
static struct psi_group machine = {.list = LIST_HEAD_INIT(machine.list)};
bool psi_on = true, psi_counting;

/* The spans that are under way are counted up to now; on are those that go on from here. */
static inline void account(struct psi_cpu *ps, u64 now, unsigned int on)
{
	s64 delta = now - ps->since;
	int i;

	if (delta > 0) {
		if (ps->on) {
			ps->busy += delta;
			for (i = 0; i < NR_PSI; i++)
				if (ps->on & BIT(i))
					ps->time[i] += delta;
		}
		ps->since = now;
	}
	ps->on = on;
}

void __psi_change(struct rq *rq)
{
	unsigned int nr = rq->nr_running, on = nr ? BUSY : 0;

	lockdep_assert_held(&rq->lock);
	if (nr > 1)
		on |= BIT(PSI_CPU_SOME);
	if (atomic_read(&rq->nr_iowait) > 0)
		on |= BIT(PSI_IO_SOME) | (nr ? 0 : BIT(PSI_IO_FULL));
	account(&rq->psi, rq_clock(rq), on);
}

/* n tasks of g and of those above it come to rq (or go), or begin (cease) to run there. */
static void group_change(struct psi_group *g, struct rq *rq, int n, int running)
{
	lockdep_assert_held(&rq->lock);
	for (; g; g = g->parent) {
		struct psi_cpu *ps = &g->cpu[rq->cpu];
		unsigned int on = 0;

		ps->nr += n;
		ps->running += running;
		if (ps->nr)
			on = BUSY | (ps->nr > ps->running ? BIT(PSI_CPU_SOME) : 0) |
			     (ps->running ? 0 : BIT(PSI_CPU_FULL));
		account(ps, rq_clock(rq), on);
	}
}

void psi_enqueue(struct rq *rq, struct task_struct *p)
{
	if (p->psi_queued)
		return;
	p->psi_queued = true;
	group_change(p->psi_group, rq, 1, 0);
}

void psi_dequeue(struct rq *rq, struct task_struct *p)
{
	p->psi_queued = false;
	group_change(p->psi_group, rq, -1, 0);
}

void psi_switch(struct rq *rq, struct task_struct *prev, struct task_struct *next)
{
	group_change(prev->psi_group, rq, 0, -1);
	group_change(next->psi_group, rq, 0, 1);
}

void psi_move_task(struct task_struct *p, struct psi_group *group)
{
	unsigned long flags;
	struct rq *rq = task_rq_lock(p, &flags);
	int queued = p->psi_queued, running = rq->curr == p;

	update_rq_clock(rq);
	group_change(p->psi_group, rq, -queued, -running);
	/* One that was queued in the machine's books alone is counted from here on. */
	if (!p->psi_group && task_on_rq_queued(p) && !p->se.sched_delayed)
		queued = 1;
	p->psi_queued = queued && group;
	p->psi_group = group;
	group_change(group, rq, queued, running);
	task_rq_unlock(rq, p, &flags);
}

struct psi_group *psi_group_create(struct psi_group *parent)
{
	size_t cpus = nr_cpu_ids * sizeof(struct psi_cpu);
	struct psi_group *g;

	if (!psi_on)
		return NULL;
	g = sched_env_alloc(sizeof(*g) + cpus, false);
	if (!g)
		return ERR_PTR(-ENOMEM);
	g->parent = parent;
	g->cpu = (struct psi_cpu *)(g + 1);
	g->period_start = sched_clock();
	spin_lock_irq(&psi_lock);
	list_add(&g->list, &machine.list);
	spin_unlock_irq(&psi_lock);
	return g;
}

void psi_group_free(struct psi_group *g)
{
	unsigned long flags;

	if (!g)
		return;
	spin_lock_irqsave(&psi_lock, flags);
	list_del(&g->list);
	spin_unlock_irqrestore(&psi_lock, flags);
	sched_env_free(g);
}

/* What a CPU has counted for g since it was asked last, up to now. [psi_lock] */
static void take(struct psi_group *g, unsigned int cpu, u64 *time, u64 *busy)
{
	struct rq *rq = cpu_rq(cpu);
	struct psi_cpu *ps = g->cpu ? &g->cpu[cpu] : &rq->psi;
	int i;

	lockdep_assert_held(&psi_lock);
	rq_lock(rq);
	update_rq_clock(rq);
	account(ps, rq_clock(rq), ps->on);
	for (i = 0; i < NR_PSI; i++) {
		time[i] = ps->time[i];
		ps->time[i] = 0;
	}
	*busy = ps->busy;
	ps->busy = 0;
	rq_unlock(rq);
}

/*
 * What all CPUs have counted becomes part of the totals. The mean over CPUs is kept as it goes:
 * the one of busy time b in a sum B so far moves it by b / B of the way to its own time. With 24
 * bits of B and times of up to six days in microseconds the product fits. [psi_lock]
 */
static void collect(struct psi_group *g)
{
	u64 sum = 0, time[NR_PSI], busy;
	s64 mean[NR_PSI] = {0};
	unsigned int cpu;
	int i, shift;

	for_each_online_cpu (cpu) {
		take(g, cpu, time, &busy);
		busy /= NSEC_PER_USEC;
		sum += busy;
		if (!busy)
			continue;
		shift = max(fls64(sum) - 24, 0);
		for (i = 0; i < NR_PSI; i++)
			mean[i] += ((s64)(time[i] / NSEC_PER_USEC) - mean[i]) *
				   (s64)(busy >> shift) / (s64)(sum >> shift);
	}
	for (i = 0; i < NR_PSI; i++)
		g->totals[i].ns += mean[i] * NSEC_PER_USEC;
}

/* percent: with FSHIFT bits of fraction */
static unsigned long average(unsigned long avg, unsigned long e, unsigned long percent)
{
	unsigned long sum = avg * e + percent * (FIXED_1 - e);

	if (percent >= avg)
		sum += FIXED_1 - 1;
	return sum / FIXED_1;
}

/* Averages of the periods that are over; what nobody looked at is spread over all of them. */
static void average_periods(struct psi_group *g, u64 now)
{
	u64 span = now - g->period_start;
	unsigned int n, periods;
	int i, k;

	if ((s64)span < (s64)PSI_PERIOD)
		return;
	/* After a thousand of them the longest average has forgotten what was before. */
	periods = min(span / PSI_PERIOD, (u64)1000);
	for (i = 0; i < NR_PSI; i++) {
		struct psi_total *t = &g->totals[i];
		u64 grown = min(t->ns - g->period_total[i], span);
		unsigned long percent =
		    grown / NSEC_PER_USEC * 100 * FIXED_1 / (span / NSEC_PER_USEC);

		for (k = 0; k < NR_PSI_AVGS; k++)
			for (n = 0; n < periods; n++)
				t->avg[k] = average(t->avg[k], exp_psi[k], percent);
		g->period_total[i] = t->ns;
	}
	g->period_start = now;
}

/* From here on the run queues tell what changes. [psi_lock] */
static void start_counting(void)
{
	unsigned int cpu;

	lockdep_assert_held(&psi_lock);
	machine.period_start = sched_clock();
	WRITE_ONCE(psi_counting, true);
	for_each_online_cpu (cpu) {
		struct rq *rq = cpu_rq(cpu);

		rq_lock(rq);
		update_rq_clock(rq);
		rq->psi.on = 0;
		__psi_change(rq);
		rq_unlock(rq);
	}
}

void psi_get(struct psi_group *group, struct psi_total *t)
{
	struct psi_group *g = group ? group : &machine;
	unsigned long flags;

	spin_lock_irqsave(&psi_lock, flags);
	if (g == &machine && !psi_counting)
		start_counting();
	collect(g);
	average_periods(g, sched_clock());
	memcpy(t, g->totals, sizeof(g->totals));
	spin_unlock_irqrestore(&psi_lock, flags);
}

/* The first busy CPU's tick after a period keeps the averages going. [tick, no rq lock] */
void psi_tick(void)
{
	struct psi_group *g;
	u64 now;

	if (!READ_ONCE(psi_counting) && list_empty(&machine.list))
		return;
	now = sched_clock();
	if (likely((s64)(now - READ_ONCE(machine.period_start)) < (s64)PSI_PERIOD))
		return;
	if (!spin_trylock(&psi_lock))
		return;
	collect(&machine);
	average_periods(&machine, now);
	list_for_each_entry (g, &machine.list, list) {
		collect(g);
		average_periods(g, now);
	}
	spin_unlock(&psi_lock);
}
