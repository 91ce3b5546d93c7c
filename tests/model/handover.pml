/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A queue is handed to a worker, to another one, or back, while work comes in,
 * and the workers sleep and are woken. At the end, when nobody can do anything
 * any more, no work may be left; and at no time do two run the queue.
 *
 * Model			Driver
 * sender()			snb_rx_enqueue(), netback/rx.c, or channel_event(),
 *				common/channel.c: both make work visible, and
 *				call sn_seat_wake(), include/seat.h
 * softirq()			NAPI's core with queue_poll(), netback/queue.c
 * worker_main()		the same, common/worker.c
 * mover()			sn_worker_move(), common/worker.c
 * visit()			queue_visit(), netback/queue.c
 *
 * The ring and its event index are not here: wake.pml has them. What a visit
 * does between its first look and giving the instance up is the same there.
 * Weaker than the kernel: a semaphore is no barrier.
 *
 * With two workers there is more than can be searched, so that stores reach
 * memory at once there.
 * Checked with: -DWORKERS=1
 * Checked with: -DWORKERS=2 -DPROMPT
 *
 * Each #ifdef below takes one step out, and one of these must then fail.
 */
#define PACKETS		2
#define MOVES		3	/* to a worker, back, to the same or another */
#define BUDGET		1

/* Who has a store buffer. A worker's is its number, too. */
#define SENDER		0
#if !defined(WORKERS)
#define WORKERS		1	/* from 1 on */
#endif
#define SOFTIRQ		(WORKERS + 1)
#define MOVER		(WORKERS + 2)
#define CPUS		(WORKERS + 3)

/* Shared memory. */
#define ROW		0	/* packets put into the row so far */
#define OWNER		1	/* sn_seat.worker: 0 NAPI, or the worker's number */
#define ASLEEP		2	/* sn_seat.asleep */
#define WOKEN(worker)	(2 + (worker))	/* sn_worker.woken */
#define VARS		(3 + WORKERS)

#include "tso.h"

/* napi_struct.state, which only locked instructions touch. */
bit sched, missed;

/* NAPI's core is to run the instance. */
chan poll_list = [2] of { bit };

/* sn_worker.turn, sn_worker.seats, and the thread's state; 0 is unused. */
bit lock[WORKERS + 1], seated[WORKERS + 1], resting[WORKERS + 1];

/* What was done; only by the owner of the instance. */
byte packets_done;
bit running;

inline napi_schedule(cpu)
{
	atomic {
		LOCKED(cpu);
		if
		:: sched -> missed = 1
		:: else -> sched = 1; poll_list!1
		fi
	}
}

/* Gives @gone; otherwise NAPI's core runs the instance once more. */
inline napi_complete(cpu)
{
	atomic {
		LOCKED(cpu);
		running = 0;
		if
		:: missed -> missed = 0; gone = 0; poll_list!1
		:: else -> sched = 0; gone = 1
		fi
	}
}

inline wake_up_process(cpu, worker)
{
	atomic { LOCKED(cpu); resting[worker] = 0 }
}

/* sn_worker_wake() */
inline worker_wake(cpu)
{
	atomic {
		LOCKED(cpu);
		was = mem[ASLEEP];
		mem[ASLEEP] = 0
	}
	if
	:: was ->
#ifndef STALE_WORKER
		who = LOAD(OWNER);
#endif
		if
		:: who ->
			STORE(cpu, WOKEN(who), 1);
			wake_up_process(cpu, who)
		:: else
		fi
	:: else
	fi
}

/* sn_seat_wake() */
inline seat_wake(cpu)
{
#ifndef NO_WAKE_BARRIER
	MB(cpu);	/* smp_mb() */
#endif
	who = LOAD(OWNER);
	if
	:: who == 0 ->
		if
		:: !sched -> napi_schedule(cpu)
		:: else
		fi
	:: else ->
		if
		:: LOAD(ASLEEP) -> worker_wake(cpu)
		:: else
		fi
	fi;
	who = 0
}

/* queue_visit(), by the owner of the instance. Gives @again if it was to come
 * back with the instance kept.
 */
#ifdef ANYONE_PARKS
#define BY_WORKER(cpu)	(LOAD(OWNER) != 0)	/* sn_seat.worker */
#else
#define BY_WORKER(cpu)	(cpu <= WORKERS)	/* sn_seat.by_worker */
#endif

inline visit(cpu)
{
	atomic {
		assert(!running);
		running = 1
	}
	again = 0;
	d_step {
		done = 0;
		do
		:: done < BUDGET && packets_done < LOAD(ROW) ->
			packets_done++;
			done++
		:: else -> break
		od
	}
	if
	:: done == BUDGET -> again = 1
	:: else ->
		if
		:: BY_WORKER(cpu) ->
			/* sn_seat_parks(), if notify says so */
			napi_complete(cpu)
		:: packets_done < LOAD(ROW) -> again = 1
		:: packets_done >= LOAD(ROW) ->
			/* sn_seat_leave() */
			if
			:: BY_WORKER(cpu) -> STORE(cpu, ASLEEP, 1)
			:: else
			fi;
			napi_complete(cpu);
			if
			:: gone ->
				MB(cpu);	/* smp_mb() */
#ifndef NO_SECOND_LOOK
				if
				:: packets_done < LOAD(ROW) -> seat_wake(cpu)
				:: else
				fi
#endif
			:: else
			fi
		fi
	fi
}

active proctype sender()
{
	byte row, who;
	bit was;

	do
	:: row < PACKETS ->
		row++;
		STORE(SENDER, ROW, row);
		seat_wake(SENDER)
	:: else -> break
	od
}

/* queue_poll() */
active proctype softirq()
{
	byte done, who;
	bit again, gone, was;

end:	do
	:: poll_list?_ ->
repeat:		if
		:: LOAD(OWNER) != 0 ->
			/* sn_seat_pass_on(): the worker may have slept before
			 * the waker, who found nobody there, made this visit
			 */
			napi_complete(SOFTIRQ);
#ifndef NO_PASS_ON
			seat_wake(SOFTIRQ)
#endif
		:: LOAD(OWNER) == 0 ->
			visit(SOFTIRQ);
			if
			:: again -> running = 0; goto repeat
			:: else
			fi
		fi
	od
}

proctype worker_main(byte self)
{
	byte done, who;
	bit again, gone, was, got;

	/* worker_main(): there is nothing to do before the first seat comes. */
end0:	LOAD(WOKEN(self));
round:	atomic { !lock[self] -> lock[self] = 1 }
	STORE(self, WOKEN(self), 0);
#ifndef NO_ROUND_BARRIER
	MB(self);	/* smp_mb() in worker_round() */
#endif
	again = 0;
	if
	:: seated[self] && !LOAD(ASLEEP) ->
		/* test_bit(NAPI_STATE_SCHED), napi_schedule_prep() */
		if
		:: sched -> got = 0
		:: else ->
			atomic {
				LOCKED(self);
				got = !sched;
				if
				:: sched -> missed = 1
				:: else -> sched = 1
				fi
			}
		fi;
		if
		:: got ->
			visit(self);
			if
			:: again -> napi_complete(self)
			:: else
			fi
		:: else
		fi;
		again = !LOAD(ASLEEP)
	:: else
	fi;
	lock[self] = 0;
	if
	:: again -> goto round
	:: else
	fi;

	/* worker_rest() */
	/* set_current_state() */
	atomic { LOCKED(self); resting[self] = 1 }
#ifndef NO_REST_LOOK
	if
	:: LOAD(WOKEN(self)) -> resting[self] = 0
	:: else
	fi;
#endif
end:	!resting[self];
	goto round
}

inline seat_give(to)
{
	STORE(MOVER, ASLEEP, 0);
	STORE(MOVER, OWNER, to);
	atomic { !lock[to] -> lock[to] = 1 }
	seated[to] = 1;
	lock[to] = 0;
	STORE(MOVER, WOKEN(to), 1);
	wake_up_process(MOVER, to)
}

inline seat_take(from)
{
	atomic { !lock[from] -> lock[from] = 1 }
	seated[from] = 0;
	STORE(MOVER, OWNER, 0);
	lock[from] = 0;
#ifndef NO_TAKE_VISIT
	napi_schedule(MOVER)
#endif
}

active proctype mover()
{
	byte moves, at;

	do
	:: moves < MOVES && at == 0 ->
		moves++;
		select(at : 1 .. WORKERS);
		seat_give(at)
	:: moves < MOVES && at != 0 ->
		moves++;
		seat_take(at);
		at = 0
	:: break	/* fewer are right, too */
	od
}

init
{
	byte worker;

	atomic {
		for (worker : 1 .. WORKERS) {
			run worker_main(worker)
		}
	}
}

active proctype watch()
{
end:	timeout;
	assert(packets_done == PACKETS)
}
