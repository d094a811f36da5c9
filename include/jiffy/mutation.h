/* SPDX-License-Identifier: MIT */
/*
 * Deliberate bugs, by which the tests are tested: the tier `mutation' turns on one at a time, runs
 * the cases that ought to notice, and fails when none does. A checked kernel has them all and
 * shows the one that is on in /proc/sys/kernel/mutation; to the plain kernel each is the constant
 * false. Any context, no locks. kernel/mutation.c; tests/mutation/table names the cases.
 *
 * A site is one expression, `if (... && !mutant(NAME))', in the place of the mistake that somebody
 * might make.
 */
#ifndef JIFFY_MUTATION_H
#define JIFFY_MUTATION_H

#include <jiffy/bug.h>

#define MUTATIONS(M)                                                                               \
	/* fork */                                                                                 \
	M(COW_WRITE_KEPT)	    /* private pages stay writable in both address spaces */       \
	M(COW_PAGE_STOLEN)	    /* a page of two owners is written in place */                 \
	M(COW_OLD_PAGE_LEAKED)	    /* the copy's original keeps the reference of its entry */     \
	M(PAGE_REF_MISSED)	    /* a copied entry takes no reference to its page */            \
	M(TABLE_WRITABLE)	    /* a shared page table can be written by those who share it */ \
	M(TABLE_SHARE_LEAKED)	    /* a sharer leaves and is counted for ever */                  \
	M(FORK_TLB_STALE)	    /* the parent goes on with translations that allow writes */   \
	M(DONTFORK_IGNORED)	    /* MADV_DONTFORK */                                            \
	M(FILES_SHARED)		    /* parent and child have one table of descriptors */           \
	M(FS_SHARED)		    /* ... one working directory */                                \
	M(SIGHAND_SHARED)	    /* ... one table of signal handlers */                         \
	M(PENDING_INHERITED)	    /* the child is born with its parent's pending signals */      \
	M(VFORK_PARENT_EARLY)	    /* the parent goes on while the child has its memory */        \
	M(VFORK_PARENT_FORGOTTEN)   /* the child gives the memory back and tells nobody */         \
	M(PID_REUSED_EARLY)	    /* the lowest free number instead of the next */               \
	M(PID_NUMBER_LEAKED)	    /* the number of a dead task stays taken */                    \
	M(PID_REF_LEAKED)	    /* fork keeps its reference to the child's pid */              \
	/* exec */                                                                                 \
	M(CLOEXEC_IGNORED)	    /* FD_CLOEXEC */                                               \
	M(HANDLERS_KEPT)	    /* the old program's handlers for the new one */               \
	M(EXEC_THREADS_LIVE)	    /* the other threads go on in the old memory */                \
	M(SETUID_IGNORED)	    /* the mode bit S_ISUID */                                     \
	M(NO_NEW_PRIVS_IGNORED)	    /* prctl(2) PR_SET_NO_NEW_PRIVS */                             \
	M(TEXT_BUSY_IGNORED)	    /* a program is written while it runs */                       \
	/* exit and wait */                                                                        \
	M(CHILD_NOT_REPARENTED)	    /* children keep a parent that is no more */                   \
	M(SUBREAPER_SKIPPED)	    /* orphans go past it to init */                               \
	M(DEATH_SIGNAL_LOST)	    /* PR_SET_PDEATHSIG */                                         \
	M(EXIT_SIGNAL_LOST)	    /* SIGCHLD of a child that ended */                            \
	M(PARENT_NOT_WOKEN)	    /* wait(2) sleeps on */                                        \
	M(AUTOREAP_MISSED)	    /* a zombie although SIGCHLD is ignored */                     \
	M(WNOWAIT_REAPS)	    /* WNOWAIT takes the zombie away */                            \
	M(STOP_TOLD_TWICE)	    /* a stop that was waited for is told again */                 \
	M(ZOMBIE_LEAKED)	    /* waited for, and not released */                             \
	M(LEADER_REAPED_EARLY)	    /* the leader is waited for while its threads live */          \
	M(CHILD_TIMES_LOST)	    /* the use of a child that was waited for */                   \
	M(THREAD_TIMES_LOST)	    /* the use of a thread that ended */                           \
	M(TASK_REF_LEAKED)	    /* the tree's reference to the dead task */                    \
	M(TASK_REF_MISSED)	    /* one put more than was got */                                \
	M(MM_LEAKED)		    /* the dead task's reference to its memory */                  \
	M(USER_COUNT_LEAKED)	    /* the dead are counted for RLIMIT_NPROC */                    \
	M(CLEARTID_NOT_WOKEN)	    /* CLONE_CHILD_CLEARTID clears, but wakes nobody */            \
	M(ROBUST_LIST_IGNORED)	    /* locks of a dead thread stay locked */                       \
	M(ROBUST_WAITER_ASLEEP)	    /* ... are marked, but nobody is woken */                      \
	M(SEM_UNDO_LOST)	    /* SEM_UNDO */                                                 \
	M(PIDFD_POLL_ASLEEP)	    /* poll(2) on a pidfd hears of no death */                     \
	M(PIDNS_OUTLIVES_INIT)	    /* the rest of the namespace is not killed */                  \
	M(PIDNS_INIT_KILLABLE)	    /* ... whose init dies of a signal from inside */              \
	/* signals and jobs */                                                                     \
	M(GROUP_STOP_LOST)	    /* only one thread of the process stops */                     \
	M(CONT_DOES_NOT_WAKE)	    /* SIGCONT */                                                  \
	M(STOP_KEEPS_CONT)	    /* a stop signal leaves SIGCONT pending */                     \
	M(ORPHANED_PGRP_LEFT)	    /* a stopped group that nobody can continue */                 \
	M(SIGNAL_QUEUED_TWICE)	    /* a standard signal that is pending already */                \
	M(SIGQUEUE_LEAKED)	    /* entries that a dead task never took */                      \
	M(SIGKILL_BLOCKED)	    /* the mask may hold SIGKILL and SIGSTOP */                    \
	/* permission and limits */                                                                \
	M(KILL_UNCHECKED)	    /* anybody may signal anybody */                               \
	M(PTRACE_UNCHECKED)	    /* anybody may trace anybody */                                \
	M(CHANGED_CRED_DUMPABLE)    /* a process that changed its user can be looked into */       \
	M(NPROC_IGNORED)	    /* RLIMIT_NPROC */                                             \
	M(NOFILE_IGNORED)	    /* RLIMIT_NOFILE */                                            \
	M(AS_IGNORED)		    /* RLIMIT_AS */                                                \
	M(SIGPENDING_IGNORED)	    /* RLIMIT_SIGPENDING */                                        \
	M(CPU_LIMIT_IGNORED)	    /* RLIMIT_CPU */                                               \
	/* waking */                                                                               \
	M(WAKE_UP_LOST)		    /* of a wait queue */                                          \
	M(COMPLETION_LOST)	    /* complete() wakes nobody */                                  \
	M(FUTEX_VALUE_UNCHECKED)    /* FUTEX_WAIT sleeps whatever the word holds */                \
	M(FUTEX_WAKE_LOST)	    /* FUTEX_WAKE finds nobody */                                  \
	M(FUTEX_BITSET_IGNORED)	    /* FUTEX_WAKE_BITSET wakes anybody */                          \
	M(FUTEX_REQUEUE_LOSES)	    /* a requeued waiter is found under its old key only */        \
	M(PI_BOOST_MISSING)	    /* a lock's owner does not inherit */                          \
	M(PI_BOOST_KEPT)	    /* ... keeps what it inherited */

#define MUTATION_NUMBER(name) MUTANT_##name,
enum mutation { MUTANT_NONE, MUTATIONS(MUTATION_NUMBER) NR_MUTATIONS };

extern enum mutation active_mutation;

/* Is this mistake to be made? One load and a branch not taken; nothing in the plain kernel. */
#define mutant(name) (JIFFY_CHECKS && unlikely(active_mutation == MUTANT_##name))

#endif
