/* SPDX-License-Identifier: MIT */
/*
 * The readers-writer semaphore, for the model checker spin: two writers and two readers, of which
 * one writer and one reader may be killed while they wait, and one writer becomes a reader before
 * it leaves. What kernel/rwsem.c does in one atomic instruction is one step here, as is each access
 * to a shared word; the order of memory is that of the steps.
 *
 * Checked in every interleaving: a writer is alone inside; all get to their end (a lost wake-up
 * would be an end state that is not one, which spin looks for itself); at the end the word is 0 and
 * nobody is in line; and nobody overtakes the first in line any more when that is a writer which
 * has run and found others inside, or a reader which has been kept out by a writer.
 *
 * A spinning task may stop spinning at any moment, for its time may be over or the owner asleep.
 *
 * Each of these, defined, breaks one rule; the runner demands that spin finds a counterexample:
 *   NO_STATE_BEFORE_LOOK	a writer sets its state when it has seen others inside, and let go of the line
 *   NO_GRANT_BY_WRITER	a writer that leaves lets nobody in
 *   NO_GRANT_BY_READER	the last reader that leaves calls no writer
 *   NO_GRANT_AT_DOWNGRADE	a writer that becomes a reader lets no other reader in
 *   NO_GRANT_BACKING_OUT	a reader that has kept a writer out for a moment does not look after it
 *   NO_GRANT_BY_KILLED	who is killed leaves the line without a look at who is behind it
 *   NO_BIT_TAKEN_BACK	who is killed leaves the bit set by which it was next
 *   NO_BIT_OF_WRITER	a writer, first in line, does not stop the overtaking
 *   NO_BIT_FOR_READER	nor does who finds a reader there that cannot come in
 *   NO_SECOND_LOOK	a reader comes back in without a look whether a writer was faster
 */
#define TASKS  4
#define NOBODY TASKS
#define is_writer(t) (t < 2)
#define may_die(t)   (t == 1 || t == 3)
#ifndef ROUNDS
#define ROUNDS 1
#endif

mtype = { RUNNING, ASLEEP };

bool writer = false;	/* the word: bit 0 ... */
bool waiters = false;	/* ... bit 1 ... */
bool handoff = false;	/* ... bit 2 ... */
byte readers = 0;	/* ... and the rest of it */
bool wait_lock = false;
byte line[TASKS];
byte in_line = 0;
mtype state[TASKS] = RUNNING;
bool let_in[TASKS];	/* a reader's w.task is NULL */
bool killed = false;

byte writing = 0, reading = 0; /* the truth: how many are inside */
byte entitled = NOBODY;	       /* the first in line, who waits for those inside and no others */
byte done = 0;

inline lock_line() { atomic { !wait_lock -> wait_lock = true } }
inline unlock_line() { assert(wait_lock); wait_lock = false }

inline remove(t)
{
	d_step {
		i = 0;
		do
		:: line[i] != t -> i++
		:: else -> break
		od;
		do
		:: i + 1 < in_line -> line[i] = line[i + 1]; i++
		:: else -> break
		od;
		in_line--;
		line[in_line] = 0;
		i = 0;
		if
		:: entitled == t -> entitled = NOBODY
		:: else -> skip
		fi
	}
}

/* grant(), under wait_lock */
inline grant()
{
	do
	:: in_line == 0 -> waiters = false; break
	:: in_line > 0 && is_writer(line[0]) ->
		if
		:: !writer && readers == 0 -> state[line[0]] = RUNNING
		:: else -> skip
		fi;
		break
	:: in_line > 0 && !is_writer(line[0]) ->
		atomic { readers++; kept_out = writer };
		if
		:: kept_out ->
			readers--;
			d_step {
				entitled = line[0];
#ifndef NO_BIT_FOR_READER
				handoff = true
#endif
			};
			break
		:: else ->
			first = line[0];
			handoff = false;
			remove(first);
			let_in[first] = true;
			state[first] = RUNNING;
			first = 0
		fi
	od;
	kept_out = false
}

inline grant_locked()
{
	lock_line();
	grant();
	unlock_line()
}

/* leave_line(), under wait_lock: of one who is killed */
inline leave_line()
{
	atomic {
#ifndef NO_BIT_TAKEN_BACK
		handoff = handoff && line[0] != me;
#endif
		entitled = (entitled == me -> NOBODY : entitled)
	};
	remove(me);
#ifndef NO_GRANT_BY_KILLED
	grant()
#endif
}

inline schedule() { state[me] == RUNNING || (may_die(me) && killed) }

/* read_slow() and wait_to_read() */
inline read_slow()
{
	lock_line();
	atomic { readers--; kept_out = writer };
	if
	:: !kept_out && in_line == 0 ->
#ifdef NO_SECOND_LOOK
		readers++;
		got = true
#else
		atomic { readers++; got = !writer };
		if
		:: !got -> readers--
		:: else -> skip
		fi
#endif
	:: else -> skip
	fi;
	kept_out = false;
	if
	:: got -> unlock_line()
	:: else ->
		d_step { line[in_line] = me; in_line++ };
		waiters = true;
#ifndef NO_GRANT_BACKING_OUT
		grant();
#endif
		do
		:: let_in[me] -> break
		:: else ->
			state[me] = ASLEEP;
			if
			:: let_in[me] -> break
			:: !let_in[me] && may_die(me) && killed -> leave_line(); break
			:: else -> skip
			fi;
			unlock_line();
			schedule();
			lock_line()
		od;
		atomic { got = let_in[me]; let_in[me] = false };
		state[me] = RUNNING;
		unlock_line()
	fi
}

inline overtake()
{
	atomic {
		if
		:: !writer && readers == 0 && !handoff ->
			assert(entitled == NOBODY);
			writer = true;
			got = true
		:: else -> skip
		fi
	}
}

inline enter_as_first()
{
	atomic {
		if
		:: !writer && readers == 0 ->
			writer = true;
			handoff = false;
			waiters = in_line > 1;
			remove(me);
			got = true
		:: else -> skip
		fi
	}
}

inline write_slow()
{
	do
	:: overtake();
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
		waiters = true;
		woken = false;
		do
		:: true ->
#ifndef NO_STATE_BEFORE_LOOK
			state[me] = ASLEEP;
#endif
			if
			:: line[0] == me -> enter_as_first()
			:: else -> skip
			fi;
			if
			:: got -> break
			:: !got && may_die(me) && killed -> leave_line(); break
			:: else -> skip
			fi;
			next = woken && line[0] == me;
			if
			:: next ->
				d_step {
					entitled = me;
#ifndef NO_BIT_OF_WRITER
					handoff = true
#endif
				}
			:: else -> skip
			fi;
			unlock_line();
#ifdef NO_STATE_BEFORE_LOOK
			state[me] = ASLEEP;
#endif
			/* It spins and looks again whenever that ends, or schedule(). */
			if
			:: next -> skip
			:: schedule()
			fi;
			next = false;
			woken = true;
			lock_line()
		od;
		woken = false;
		state[me] = RUNNING;
		unlock_line()
	fi
}

inline up_read()
{
	atomic { readers--; last = waiters && readers == 0 };
	if
	:: last ->
#ifndef NO_GRANT_BY_READER
		grant_locked()
#else
		skip
#endif
	:: else -> skip
	fi;
	last = false
}

inline up_write()
{
	atomic { writer = false; last = waiters };
	if
	:: last ->
#ifndef NO_GRANT_BY_WRITER
		grant_locked()
#else
		skip
#endif
	:: else -> skip
	fi;
	last = false
}

inline downgrade_write()
{
	atomic { writer = false; readers++; writing--; reading++; last = waiters };
	if
	:: last ->
#ifndef NO_GRANT_AT_DOWNGRADE
		grant_locked()
#else
		skip
#endif
	:: else -> skip
	fi;
	last = false
}

inline read_once()
{
	atomic { readers++; got = !writer && !waiters };
	if
	:: !got -> read_slow()
	:: else -> skip
	fi;
	if
	:: got ->
		d_step { got = false; reading++; assert(writing == 0) };
		reading--;
		up_read()
	:: else -> skip
	fi
}

inline write_once()
{
	atomic {
		if
		:: !writer && !waiters && !handoff && readers == 0 -> writer = true; got = true
		:: else -> skip
		fi
	};
	if
	:: !got -> write_slow()
	:: else -> skip
	fi;
	if
	:: got ->
		d_step { got = false; writing++; assert(writing == 1 && reading == 0) };
		if
		:: me == 0 ->
			downgrade_write();
			/* It reads on as long as a reader, first in line, waits to come in, too. */
			in_line == 0 || is_writer(line[0]);
			reading--;
			up_read()
		:: else ->
			writing--;
			up_write()
		fi
	:: else -> skip
	fi
}

proctype task(byte me)
{
	byte round = 0, i = 0, first = 0;
	bool got = false, kept_out = false, woken = false, next = false, last = false;

	do
	:: round < ROUNDS ->
		if
		:: is_writer(me) -> write_once()
		:: else -> read_once()
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

/* All have come to their end, and the semaphore is as it was at first. */
proctype monitor()
{
	done == TASKS;
	assert(!writer && !waiters && !handoff && readers == 0 && in_line == 0 &&
	       entitled == NOBODY)
}

init {
	atomic {
		run task(0);
		run task(1);
		run task(2);
		run task(3);
		run killer();
		run monitor()
	}
}
