/* SPDX-License-Identifier: MIT */
/*
 * The mutex, for the model checker spin: three tasks take it and give it back, twice, and one of
 * them may be killed while it waits. What kernel/mutex.c does in one atomic instruction is one step
 * here, as is each access to a shared word; the order of memory is that of the steps.
 *
 * Checked in every interleaving: one task has the lock at a time; all get to their end (a lost
 * wake-up would be an end state that is not one, which spin looks for itself); at the end the word
 * is 0 and nobody is in line; and nobody overtakes the first in line once that has run and found
 * the lock taken.
 *
 * A spinning task may stop spinning at any moment, for its time may be over or the owner asleep.
 *
 * Each of these, defined, breaks one rule; the runner demands that spin finds a counterexample:
 *   NO_LOOK_BEHIND_BIT	a waiter sets its bit in a word it has not looked at again
 *   NO_STATE_BEFORE_LOOK	a waiter sets its state when it has seen the lock taken, and let go of the line
 *   NO_WAKE_UP_IN_SLOW_UNLOCK	the owner gives the lock back without a look at the line
 *   NO_BIT_TAKEN_BACK	who is killed leaves the bit set by which it was next
 *   NO_NEXT_BIT		the first in line does not stop the overtaking
 *   NO_BIT_FOR_THE_REST	the first in line enters and leaves no bit for those behind it
 */
#define TASKS	3
#define ROUNDS	2
#define KILLED	2 /* the task that may be */
#define NOBODY	TASKS

mtype = { RUNNING, ASLEEP };

byte owner = NOBODY;	/* the word: the owner ... */
bool waiters = false;	/* ... bit 0 ... */
bool next = false;	/* ... and bit 1 */
bool wait_lock = false;
byte line[TASKS];
byte in_line = 0;
mtype state[TASKS] = RUNNING;
bool killed = false;

byte inside = 0;	  /* the truth: how many have the lock */
byte entitled = NOBODY; /* who ran as the first in line and found the lock taken */
byte done = 0;

inline lock_line() { atomic { !wait_lock -> wait_lock = true } }
inline unlock_line() { assert(wait_lock); wait_lock = false }
inline wake_first() { if :: in_line > 0 -> state[line[0]] = RUNNING :: else -> skip fi }

inline leave_line()
{
	d_step {
		i = 0;
		do
		:: line[i] != me -> i++
		:: else -> break
		od;
		do
		:: i + 1 < in_line -> line[i] = line[i + 1]; i++
		:: else -> break
		od;
		in_line--;
		line[in_line] = 0;
		i = 0
	}
}

/* take_free() and, for those who spin, overtake(). */
inline overtake(bits_too)
{
	atomic {
		if
		:: owner == NOBODY && (bits_too -> !next : !next && !waiters) ->
			assert(entitled == NOBODY);
			owner = me;
			got = true
		:: else -> skip
		fi
	}
}

/* take_as_first() */
inline take_as_first()
{
#ifdef NO_LOOK_BEHIND_BIT
	seen = owner;
	atomic {
		if
		:: seen == NOBODY && owner == NOBODY ->
#else
	atomic {
		if
		:: owner == NOBODY ->
#endif
			owner = me;
			next = false;
#ifdef NO_BIT_FOR_THE_REST
			waiters = false;
#else
			waiters = in_line > 1;
#endif
			if
			:: entitled == me -> entitled = NOBODY
			:: else -> skip
			fi;
			got = true
		:: else ->
			waiters = true;
			if
			:: ran ->
				entitled = me;
#ifndef NO_NEXT_BIT
				next = true
#endif
			:: else -> skip
			fi
		fi
	}
}

/*
 * give_up(): of the one who is killed, whether it is the first or not. Nobody need be called for it:
 * it has just seen the lock taken and the waiters' bit set.
 */
inline give_up()
{
	drop_next = line[0] == me;
	leave_line();
	if
	:: entitled == me -> entitled = NOBODY
	:: else -> skip
	fi;
	drop_waiters = in_line == 0;
	d_step {
#ifndef NO_BIT_TAKEN_BACK
		next = next && !drop_next;
#endif
		waiters = waiters && !drop_waiters
	}
}

/* lock_slow(): got says whether me has it now. */
inline lock_slow()
{
	do
	:: overtake(true);
		if
		:: got -> break
		:: else -> skip
		fi
	:: break
	od;
	if
	:: got -> skip
	:: else ->
		lock_line();
		d_step { line[in_line] = me; in_line++ };
		ran = false;
		do
		:: true ->
#ifndef NO_STATE_BEFORE_LOOK
			state[me] = ASLEEP;	/* full barrier */
#endif
			if
			:: line[0] == me -> take_as_first()
			:: else -> skip
			fi;
			if
			:: got ->
				leave_line();
				break
			:: !got && me == KILLED && killed ->
				give_up();
				break
			:: else -> skip
			fi;
			unlock_line();
#ifdef NO_STATE_BEFORE_LOOK
			state[me] = ASLEEP;
#endif
			/* schedule(), or it spins and looks again whenever that ends. */
			if
			:: state[me] == RUNNING || (me == KILLED && killed) -> skip
			:: entitled == me -> skip
			fi;
			ran = true;
			lock_line()
		od;
		state[me] = RUNNING;
		unlock_line()
	fi
}

inline unlock()
{
	atomic {
		if
		:: !waiters && !next -> owner = NOBODY; got = false
		:: else -> skip
		fi
	};
	if
	:: got ->
#ifndef NO_WAKE_UP_IN_SLOW_UNLOCK
		lock_line();
		owner = NOBODY;
		wake_first();
		unlock_line();
#else
		owner = NOBODY;
#endif
		got = false
	:: else -> skip
	fi
}

proctype task(byte me)
{
	byte round = 0, i = 0, seen = NOBODY;
	bool got = false, ran = false, drop_next = false, drop_waiters = false;

	do
	:: round < ROUNDS ->
		overtake(false);
		if
		:: !got -> lock_slow()
		:: else -> skip
		fi;
		if
		:: got ->
			d_step { inside++; assert(inside == 1) };
			d_step { inside--; assert(owner == me) };
			unlock()
		:: else -> skip
		fi;
		round++
	:: else -> break
	od;
	done++
}

proctype killer()
{
	killed = true
}

/* All have come to their end, and the lock is as it was at first. */
proctype monitor()
{
	done == TASKS;
	assert(owner == NOBODY && !waiters && !next && in_line == 0 && entitled == NOBODY)
}

init {
	atomic {
		run task(0);
		run task(1);
		run task(2);
		run killer();
		run monitor()
	}
}
