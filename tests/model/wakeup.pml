/* SPDX-License-Identifier: MIT */
/*
 * The wake-up and the migration protocol, for the model checker spin: one sleeper that waits for
 * a condition twice, two wakers, and a mover that pushes it between the queues of two CPUs, as
 * load balancing and affinity do. CPUs that run nothing else idle and pick from their queue.
 *
 * What it stands for: try_to_wake_up(), wake_sleeper(), ttwu_runnable() in sched/wakeup.c;
 * __schedule(), try_to_block_task(), finish_task_switch(), task_rq_lock() in sched/core.c;
 * move_queued_task() in sched/affinity.c. Every access to a shared word is one step. Memory is
 * sequentially consistent here; where the code relies on that it has a barrier, named beside it.
 *
 * Checked in every interleaving: the task is never on two CPUs and never in two queues, its
 * registers are not loaded before they were saved, a lock is let go by its owner, and it gets to
 * its end: a lost wake-up would be an end state that is not one (spin's own check for deadlock).
 *
 * Each of these, defined, breaks one rule; the runner demands that spin finds a counterexample:
 *   NO_ON_CPU_WAIT	the waker does not wait until the switch away is done
 *   NO_STATE_LOOK	the sleeper looks at its condition before it sets its state
 *   NO_RQ_RECHECK	task_rq_lock() does not look again whether the queue is still the task's
 *   NO_MIGRATING	a mover lets go of the old queue without marking the task as on its way
 *   STALE_ON_RQ	the waker looks at on_rq before it has pi_lock and has seen the state
 */
#define NR_CPUS 2
#define ROUNDS	2

mtype = { RUNNING, ASLEEP, WAKING };
#define NOT_QUEUED 0
#define QUEUED	   1
#define MIGRATING  2

mtype state = RUNNING;
byte on_rq = QUEUED;	/* what the task's own word says */
bool on_cpu = true;
byte cpu = 0;		/* task_cpu() */
byte condition = 0;	/* how often the wakers made it true; each round takes one */
bool finished = false;

byte running = 1;	/* on how many CPUs the task runs: the truth, for the checks */
bool saved = false;	/* are its registers where a switch loads them from? */
bool in_queue[NR_CPUS];	/* waits there for the CPU; the current task is not in it */
bool rq_lock[NR_CPUS];
bool pi_lock = false;

inline lock(l) { atomic { !l -> l = true } }
inline unlock(l) { assert(l); l = false }

inline put_in_queue(c)
{
	d_step {
		assert(!in_queue[0] && !in_queue[1]);
		in_queue[c] = true
	}
}

/*
 * One process for the task and for the CPU under it: what it does while it has a CPU. The CPU's
 * side of a switch back to it is cpu_idle() below, which waits here in the meantime.
 */
chan resume = [0] of { byte };

/* __schedule() of the task on CPU `me`: returns when it runs again, on `me` as it then is. */
inline schedule(preempted)
{
	lock(rq_lock[me]);
	if
	:: !preempted && state == ASLEEP -> on_rq = NOT_QUEUED /* __block_task(): release */
	:: else -> put_in_queue(me)
	fi;
	/* The switch: another task's context from here, on this CPU, with its lock held. */
	d_step { running--; saved = true };
	switched_from = me;
	run finish_switch(me);
	resume ? me;
	/* finish_task_switch() on the way back is done by the one who resumed us. */
}

/* The next task on the CPU finishes the switch away from ours. */
proctype finish_switch(byte c)
{
	on_cpu = false;		/* release: the registers are saved before that */
	unlock(rq_lock[c])
}

proctype task()
{
	byte me = 0, round = 0, switched_from;

	do
	:: round < ROUNDS ->
		/* wait_event(): until the condition holds. */
		do
		:: true ->
#ifdef NO_STATE_LOOK
			if
			:: condition > round -> break
			:: else -> state = ASLEEP
			fi;
#else
			state = ASLEEP;		/* set_current_state(): full barrier behind it */
			if
			:: condition > round -> state = RUNNING; break
			:: else -> skip
			fi;
#endif
			/* Perhaps preempted between setting the state and schedule(). */
			if
			:: true -> schedule(true)
			:: true -> skip
			fi;
			schedule(false)
		od;
		round++
	:: else -> break
	od;
	finished = true
}

/* A CPU with nothing else to do picks our task from its queue and switches to it. */
proctype cpu_idle(byte c)
{
end:	do
	:: atomic { in_queue[c] && !rq_lock[c] -> rq_lock[c] = true };
		if
		:: in_queue[c] ->
			assert(!on_cpu || cpu == c);
			in_queue[c] = false;
			on_cpu = true;
			d_step {
				assert(running == 0);	/* never on two CPUs */
				assert(saved);		/* registers are there to be loaded */
				running++;
				saved = false
			};
			unlock(rq_lock[c]);
			resume ! c
		:: else -> unlock(rq_lock[c])
		fi
	od
}

/* task_rq_lock() without its pi_lock half: locks the queue of the task's CPU into r. */
inline lock_task_rq(r)
{
	do
	:: true ->
		r = cpu;
		lock(rq_lock[r]);
		if
#ifdef NO_RQ_RECHECK
		:: true -> break
#else
		:: r == cpu && on_rq != MIGRATING -> break
		:: else -> unlock(rq_lock[r])
#endif
		fi
	od
}

proctype waker()
{
	byte r, target, was;

	condition++;
#ifdef STALE_ON_RQ
	was = on_rq;
#endif
	lock(pi_lock);			/* full barrier: the condition before the look at the state */
	if
	:: state == ASLEEP ->
#ifndef STALE_ON_RQ
		was = on_rq;		/* read barrier before it: after the state */
#endif
		if
		:: was != NOT_QUEUED ->
			lock_task_rq(r);
			if
			:: on_rq == QUEUED -> state = RUNNING; was = QUEUED
			:: else -> was = NOT_QUEUED
			fi;
			unlock(rq_lock[r])
		:: else -> skip
		fi;
		if
		:: was == NOT_QUEUED ->
			state = WAKING;
#ifndef NO_ON_CPU_WAIT
			!on_cpu;	/* acquire */
#endif
			if
			:: target = 0
			:: target = 1
			fi;
			cpu = target;	/* set_task_cpu(): release */
			lock(rq_lock[target]);
			put_in_queue(target);
			on_rq = QUEUED;
			state = RUNNING;
			unlock(rq_lock[target])
		:: else -> skip
		fi
	:: else -> skip
	fi;
	unlock(pi_lock)
}

/* A change of affinity moves the task to the other queue, when it waits in one. */
proctype mover()
{
	byte r;

	lock(pi_lock);
	lock_task_rq(r);
	if
	:: on_rq == QUEUED && !on_cpu ->
		assert(in_queue[r]);	/* with the lock of its queue, its own word is true */
#ifndef NO_MIGRATING
		on_rq = MIGRATING;
#endif
		in_queue[r] = false;
		cpu = 1 - r;
		unlock(rq_lock[r]);
		lock(rq_lock[1 - r]);
		put_in_queue(1 - r);
		on_rq = QUEUED;
		unlock(rq_lock[1 - r])
	:: else -> unlock(rq_lock[r])
	fi;
	unlock(pi_lock)
}

/* The balancer's way to move: by the run queues' locks alone, without pi_lock. */
proctype balancer()
{
	byte from;

	if
	:: from = 0
	:: from = 1
	fi;
	lock(rq_lock[from]);
	if
	:: in_queue[from] && !on_cpu ->
#ifndef NO_MIGRATING
		on_rq = MIGRATING;
#endif
		in_queue[from] = false;
		cpu = 1 - from;
		unlock(rq_lock[from]);
		lock(rq_lock[1 - from]);
		put_in_queue(1 - from);
		on_rq = QUEUED;
		unlock(rq_lock[1 - from])
	:: else -> unlock(rq_lock[from])
	fi
}

/* Once both wakers are done and nothing moves any more, the task must have come to its end. */
proctype monitor()
{
	finished
}

init {
	atomic {
		run task();
		run cpu_idle(0);
		run cpu_idle(1);
		run waker();
		run waker();
		run mover();
		run balancer();
		run monitor()
	}
}
