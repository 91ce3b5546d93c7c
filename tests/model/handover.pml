/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A queue is handed to a worker and back, while work comes in, and the worker
 * sleeps and is woken. At the end, when nobody can do anything any more, no
 * work may be left; and at no time do two run the queue.
 *
 * Model			Driver
 * sender()			snb_rx_enqueue(), netback/rx.c, or channel_event(),
 *				common/channel.c: both make work visible, and
 *				call sn_seat_wake(), include/seat.h
 * softirq()			NAPI's core with queue_poll(), netback/queue.c
 * worker()			worker_main(), common/worker.c
 * mover()			sn_worker_move(), common/worker.c
 * visit()			queue_visit(), netback/queue.c
 *
 * The ring and its event index are not here: wake.pml has them. What a visit
 * does between its first look and giving the instance up is the same there.
 * Weaker than the kernel: a semaphore is no barrier.
 *
 * Each #ifdef below takes one step out, and the check must then fail.
 */
#define PACKETS		2
#define MOVES		3	/* to the worker, back, to the worker */
#define BUDGET		1

/* Who has a store buffer. */
#define SENDER		0
#define SOFTIRQ		1
#define WORKER		2
#define MOVER		3
#define CPUS		4

/* Shared memory. */
#define ROW		0	/* packets put into the row so far */
#define OWNER		1	/* sn_seat.worker: 0 NAPI, 1 the worker */
#define ASLEEP		2	/* sn_seat.asleep */
#define WOKEN		3	/* sn_worker.woken */
#define VARS		4

#include "tso.h"

/* napi_struct.state, which only locked instructions touch. */
bit sched, missed;

/* NAPI's core is to run the instance. */
chan poll_list = [2] of { bit };

/* sn_worker.turn, sn_worker.seats, and the thread's state. */
bit lock, seated, resting;

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

inline wake_up_process(cpu)
{
	atomic { LOCKED(cpu); resting = 0 }
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
		STORE(cpu, WOKEN, 1);
		wake_up_process(cpu)
	:: else
	fi
}

/* sn_seat_wake() */
inline seat_wake(cpu)
{
#ifndef NO_WAKE_BARRIER
	MB(cpu);	/* smp_mb() */
#endif
	if
	:: LOAD(OWNER) == 0 ->
		if
		:: !sched -> napi_schedule(cpu)
		:: else
		fi
	:: LOAD(OWNER) == 1 ->
		if
		:: LOAD(ASLEEP) -> worker_wake(cpu)
		:: else
		fi
	fi
}

/* queue_visit(), by the owner of the instance. Gives @again if it was to come
 * back with the instance kept.
 */
#ifdef ANYONE_PARKS
#define BY_WORKER(cpu)	(LOAD(OWNER) == 1)	/* sn_seat.worker */
#else
#define BY_WORKER(cpu)	(cpu == WORKER)		/* sn_seat.by_worker */
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
		:: else ->
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
	byte row;
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
	byte done;
	bit again, gone, was;

end:	do
	:: poll_list?_ ->
repeat:		if
		:: LOAD(OWNER) == 1 ->
			/* sn_seat_pass_on(); its wake-up is for NAPI's own
			 * timers only
			 */
			napi_complete(SOFTIRQ)
		:: LOAD(OWNER) == 0 ->
			visit(SOFTIRQ);
			if
			:: again -> running = 0; goto repeat
			:: else
			fi
		fi
	od
}

active proctype worker()
{
	byte done;
	bit again, gone, was, got;

round:	atomic { !lock -> lock = 1 }
	STORE(WORKER, WOKEN, 0);
#ifndef NO_ROUND_BARRIER
	MB(WORKER);	/* smp_mb() in worker_round() */
#endif
	again = 0;
	if
	:: seated && !LOAD(ASLEEP) ->
		/* test_bit(NAPI_STATE_SCHED), napi_schedule_prep() */
		if
		:: sched -> got = 0
		:: else ->
			atomic {
				LOCKED(WORKER);
				got = !sched;
				if
				:: sched -> missed = 1
				:: else -> sched = 1
				fi
			}
		fi;
		if
		:: got ->
			visit(WORKER);
			if
			:: again -> napi_complete(WORKER)
			:: else
			fi
		:: else
		fi;
		again = !LOAD(ASLEEP)
	:: else
	fi;
	lock = 0;
	if
	:: again -> goto round
	:: else
	fi;

	/* worker_rest() */
	atomic { LOCKED(WORKER); resting = 1 }	/* set_current_state() */
#ifndef NO_REST_LOOK
	if
	:: LOAD(WOKEN) -> resting = 0
	:: else
	fi;
#endif
end:	!resting;
	goto round
}

inline seat_give()
{
	STORE(MOVER, ASLEEP, 0);
	STORE(MOVER, OWNER, 1);
	atomic { !lock -> lock = 1 }
	seated = 1;
	lock = 0;
	STORE(MOVER, WOKEN, 1);
	wake_up_process(MOVER)
}

inline seat_take()
{
	atomic { !lock -> lock = 1 }
	seated = 0;
	STORE(MOVER, OWNER, 0);
	lock = 0;
#ifndef NO_TAKE_VISIT
	napi_schedule(MOVER)
#endif
}

active proctype mover()
{
	byte moves;

	do
	:: moves == MOVES -> break
	:: moves < MOVES && !(moves & 1) -> seat_give(); moves++
	:: moves < MOVES && (moves & 1) -> seat_take(); moves++
	:: break	/* fewer are right, too */
	od
}

active proctype watch()
{
end:	timeout;
	assert(packets_done == PACKETS)
}
