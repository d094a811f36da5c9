/* SPDX-License-Identifier: MIT */
/*
 * What the files of the simulator's self-test share. A test is run in a process of its own, with
 * the policy chosen and the generator seeded; it returns how many properties were broken.
 */
#ifndef SIM_SELFTEST_H
#define SIM_SELFTEST_H

#include "sim.h"

#define SELFTEST_PROGRAMS 16

struct selftest {
	const char *name; /* NULL: the end of a table */
	int (*fn)(void);
	bool once; /* no chance in it: one seed is as good as all */
};
extern const struct selftest selftest_classes[], selftest_load[], selftest_smp[], selftest_work[];

/* Says what was broken; 1. */
int selftest_failure(const char *what);

/* p, number i, computes all the time. */
void selftest_hog(struct sim_program *p, int i);

/* The longest that t has waited for a CPU, or waits now; ns. */
u64 selftest_waits(struct sim_task *t);
/*
 * How long one of the workload's tasks may wait where none is real-time and groups have no limits;
 * ns. Once all have started; nice: the best of theirs.
 */
u64 selftest_longest_wait(int nice);

/* The longest that one of n tasks of nice 0, which are all there is, waits on one CPU under cfs; ns. */
u64 selftest_cfs_wait(int n);

int selftest_shares(void);
int selftest_lag(void);
int selftest_naps(void);
int selftest_bandwidth(void);
int selftest_group_shares(void);
int selftest_rt_groups(void);
int selftest_reclaim(void);
int selftest_clamps(void);
int selftest_monitors(void);
int selftest_replay(void);
/*
 * Called every `apart' ns of a run: NULL, or what is wrong: a CPU has idled beside one with several
 * tasks, of which it may run one, for longer than a balancer may take.
 */
const char *selftest_work_conserved(u64 apart);
/* Half of the time, a tree of groups and sessions for the programs. True: some have limits. */
bool selftest_random_groups(struct sim_program *p, int n);

#endif
