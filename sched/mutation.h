/* SPDX-License-Identifier: MIT */
/*
 * Deliberate bugs of the scheduler, by which its tests are tested: `jiffy-sim-checked --mutate
 * NAME --selftest N` turns one on and must fail. Constant false but in checked builds. Read
 * anywhere, set before anything runs. sched/mutation.c.
 */
#ifndef SCHED_MUTATION_H
#define SCHED_MUTATION_H

#define SCHED_MUTATIONS(M)                                                                      \
	/* core */                                                                              \
	M(WAKE_UP_LOST)	      /* a sleeper that is woken on another CPU is not queued */        \
	M(AFFINITY_IGNORED)   /* any CPU will do */                                             \
	M(RESCHED_IPI_LOST)   /* another CPU is marked and not told */                          \
	M(PREEMPTION_MISSING) /* a better class does not take the CPU */                        \
	M(NR_RUNNING_KEPT)    /* a task that sleeps stays counted */                            \
	/* fair: both policies */                                                               \
	M(VRUNTIME_UNWEIGHTED)	/* time counts the same for all weights */                      \
	M(VRUNTIME_BACKWARDS)	/* wrong sign */                                                \
	M(VRUNTIME_NOT_CHARGED) /* a missing update at the end of a stretch */                  \
	M(WEIGHT_ENTRY_WRONG)	/* nice levels above 0 are off by one */                        \
	M(WEIGHT_SUM_STALE)	/* the queue's weight keeps the one who left */                 \
	M(RENICE_KEEPS_WEIGHT)	/* nice(2) changes the number, not the share */                 \
	/* cfs */                                                                               \
	M(MIN_VRUNTIME_STALE) /* the origin stands still */                                     \
	M(LEFTMOST_WRONG)     /* the rightmost runs */                                          \
	M(SLEEPER_UNBOUNDED)  /* a sleeper keeps all that it did not use */                     \
	M(TICK_NEVER_PREEMPTS)                                                                  \
	M(MIGRATION_KEEPS_VRUNTIME) /* it counts from the old queue's origin */                 \
	/* eevdf */                                                                             \
	M(DEADLINE_NOT_MOVED)  /* a served request stays */                                     \
	M(ELIGIBILITY_IGNORED) /* the earliest deadline runs, whatever it owes */               \
	M(LAG_FORGOTTEN)       /* a sleep pays all debts */                                     \
	M(LAG_WRONG_SIDE)      /* who was owed time comes back as a debtor */                   \
	M(AVG_VRUNTIME_STALE)  /* the origin moves, the sum of distances does not */            \
	M(DEAD_STAY_QUEUED)    /* who exits pays his debts first */                             \
	/* groups */                                                                            \
	M(GROUP_WEIGHT_IGNORED) /* cpu.weight is a number and no more */                        \
	M(QUOTA_NEVER_THROTTLES)                                                                \
	M(QUOTA_REFILLED_TWICE)                                                                 \
	M(QUOTA_RETURN_LOST) /* what an idle queue gives back reaches no pool */                \
	M(QUOTA_RETURN_KEPT) /* it reaches the pool, and is kept too */                         \
	M(UNTHROTTLED_NOT_QUEUED)                                                               \
	/* real-time */                                                                         \
	M(RT_PUSH_MISSING)                                                                      \
	M(RT_PUSH_WRONG_CPU) /* to the one that runs the most urgent */                         \
	M(RT_PULL_MISSING)                                                                      \
	M(RR_NEVER_ROTATES)                                                                     \
	M(RT_NEVER_THROTTLED)                                                                   \
	M(RT_GROUP_NEVER_THROTTLED)                                                             \
	M(RT_CHARGED_LATE) /* the pick does not know of the time just used */                   \
	M(RT_BIT_STALE)	   /* the priority map keeps an empty list */                           \
	/* deadline */                                                                          \
	M(DL_NOT_POSTPONED) /* new runtime at the old deadline */                               \
	M(DL_NEVER_THROTTLED)                                                                   \
	M(DL_TIMER_LOST) /* a throttled one is not replenished */                               \
	M(DL_ADMITS_ALL)                                                                        \
	M(DL_PUSH_MISSING)                                                                      \
	M(DL_LATEST_FIRST)                                                                      \
	M(DL_WAKEUP_KEEPS_DEADLINE) /* more than its bandwidth after a short sleep */           \
	/* load tracking and balancing */                                                       \
	M(PELT_NO_DECAY)                                                                        \
	M(PELT_DECAY_TWICE)                                                                     \
	M(FREQUENCY_IGNORED)                                                                    \
	M(PRESSURE_IGNORED) /* what real-time tasks use of a CPU is there for fair ones, too */ \
	M(BALANCE_NEVER)                                                                        \
	M(BALANCE_SKIPS_LEVEL) /* the widest of several domains is left out */                  \
	M(BALANCE_FROM_IDLEST)                                                                  \
	M(BALANCE_IGNORES_CPUS) /* tasks are pulled to where they may not run */                \
	M(BALANCE_FOR_ONE)	/* who may not run on the CPU that balances stays */            \
	M(NO_LAST_RESORT)	/* a waiting task that the sums hide waits on */                \
	M(CROWDED_STAY)		/* idle CPUs are not poked for busy neighbours */               \
	M(IDLE_CORES_IGNORED)	/* any idle thread will do */                                   \
	M(IDLE_PULLS_NOTHING)	/* goodness, o1: a CPU that idles is told in vain */            \
	/* goodness */                                                                          \
	M(EPOCH_SKIPS_SLEEPERS)                                                                 \
	M(EPOCH_ENDS_ANYHOW) /* before one that waits where it is bound had its turn */         \
	M(YIELD_FOR_EVER)    /* who yields is behind all others until nobody else waits */      \
	M(GOODNESS_WAITS_FOR_OWN_CPU) /* an urgent task, though another CPU has a lesser one */ \
	M(COUNTER_NOT_SPENT)                                                                    \
	/* o1 */                                                                                \
	M(ARRAYS_NOT_SWAPPED)                                                                   \
	M(O1_PRIORITY_IGNORED)	  /* the last bit of the map is taken for the first */          \
	M(O1_ROUND_NEVER_OVERDUE) /* interactive ones are put back for ever */                  \
	M(O1_CHILD_KEEPS_SLICE)	  /* what it did not use is lost */                             \
	M(O1_WAIT_NOT_CREDITED)	  /* the time from a wake-up to the CPU */                      \
	M(O1_PULLS_FROM_ONE)	  /* where those that wait may be bound */                      \
	M(O1_PUSH_MISSING)	  /* real-time tasks wait where they are */                     \
	M(O1_PULLS_NOTHING_URGENT)                                                              \
	M(O1_PULL_TELLS_NOBODY) /* a better task that is pulled waits for a tick */             \
	M(EXPIRED_STAYS_ACTIVE)

#define SCHED_MUTATION_NUMBER(name) SCHED_MUTANT_##name,
enum sched_mutation {
	SCHED_MUTANT_NONE,
	SCHED_MUTATIONS(SCHED_MUTATION_NUMBER) NR_SCHED_MUTATIONS
};

extern enum sched_mutation sched_mutation;

/* Is this mistake to be made? */
#define sched_mutant(name) (JIFFY_CHECKS && unlikely(sched_mutation == SCHED_MUTANT_##name))

/* By its name; -EINVAL: there is none. */
int sched_mutate(const char *name);
/* NULL behind the last; number from 1. */
const char *sched_mutation_name(int number);

#endif
