/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The wake-up of a queue, as the drivers do it: an event of the peer or a
 * packet of the stack makes work visible and wakes the NAPI instance, whose
 * owner arms the event, looks once more, gives the instance up, and looks a
 * second time. If any of it were missed, the network would hang: at the end,
 * when nobody can do anything any more, no work may be left.
 *
 * Model			Driver
 * peer()			sn_front_push(), include/ring.h; the other
 *				domain's Xen call; any number of its vCPUs
 * upcall()			Xen's event code, channel_event(), common/channel.c
 * sender()			snb_rx_enqueue(), netback/rx.c
 * owner()			queue_visit(), netback/queue.c, and NAPI's core
 *
 * Weaker than the kernel where that costs nothing: interrupts run beside
 * the CPU that they interrupt, and napi_complete_done() is a plain store,
 * although it is a locked instruction today.
 *
 * Each #ifdef below takes one step out, and the check must then fail: see
 * the Makefile.
 */
#define REQUESTS	3	/* by the peer */
#define PACKETS		2	/* by the stack */
#define BUDGET		2	/* requests per visit */

/* Who has a store buffer. */
#define PEER		0
#define UPCALL		1
#define SENDER		2
#define OWNER		3
#define CPUS		4

/* Shared memory. */
#define REQ_PROD	0	/* the ring's */
#define REQ_EVENT	1	/* the ring's */
#define ROW		2	/* packets put into the ptr_ring so far */
#define SCHED		3	/* NAPI_STATE_SCHED */
#define VARS		4

#include "tso.h"

/* The event channel, which only locked instructions touch. */
bit pending, masked;

/* sn_channel.owed; set and cleared by locked instructions. */
bit owed;

/* Where NAPI's core is to run the instance. */
chan poll_list = [2] of { bit };

/* What the owner has done so far. */
byte requests_done, packets_done;

#define READY	(LOAD(SCHED) == 0)

/* napi_schedule(): one winner; the loser leaves MISSED, which is not modelled:
 * the drivers do not rely on it.
 */
inline napi_schedule(cpu)
{
	atomic {
		LOCKED(cpu);
		if
		:: mem[SCHED] == 0 -> mem[SCHED] = 1; poll_list!1
		:: else
		fi
	}
}

/* sn_seat_wake() without a worker, include/seat.h */
inline napi_wake(cpu)
{
#ifndef NO_WAKE_BARRIER
	MB(cpu);	/* smp_mb(), pairs with the owner's before its second look */
#endif
	if
	:: READY -> napi_schedule(cpu)
	:: else
	fi
}

active proctype peer()
{
	byte prod, event;

	do
	:: prod < REQUESTS ->
		prod++;
		STORE(PEER, REQ_PROD, prod);
#ifndef NO_PUSH_BARRIER
		MB(PEER);	/* virt_mb(), pairs with the one in sn_back_arm() */
#endif
		event = LOAD(REQ_EVENT);
		if
		:: event == prod -> atomic { LOCKED(PEER); pending = 1 }
		:: else
		fi
	:: else -> break
	od
}

active proctype upcall()
{
end:	do
	:: atomic {
		pending && !masked && empty(buffer[UPCALL]);
		masked = 1;	/* late EOI */
		pending = 0
	   }
	   atomic { LOCKED(UPCALL); owed = 1 }
	   napi_wake(UPCALL)
	od
}

active proctype sender()
{
	byte row;

	do
	:: row < PACKETS ->
		row++;
		STORE(SENDER, ROW, row);
		napi_wake(SENDER)
	:: else -> break
	od
}

/* snb_tx_step() and snb_rx_step(): what is seen at once is taken. */
inline step()
{
	d_step {
		done = 0;
		do
		:: done < BUDGET && requests_done < LOAD(REQ_PROD) ->
			requests_done++;
			done++
		:: else -> break
		od
	}
	packets_done = LOAD(ROW)
}

/* sn_events_take_up() */
inline take_up()
{
	if
	:: owed -> atomic { LOCKED(OWNER); owed = 0; due = 1 }
	:: else
	fi
}

active proctype owner()
{
	byte done, seen;
	bit due, more;

	/* The first visit, by snb_queue_start(). */
	goto visit;

idle:
end:	poll_list?_;

visit:	step();
	if
	:: done == BUDGET -> goto visit
	:: else
	fi;

#ifndef LATE_TAKE_UP
	take_up();
#endif
	/* snb_rx_arm() */
	if
	:: packets_done < LOAD(ROW) -> goto visit
	:: else
	fi;

	/* sn_back_arm() */
	STORE(OWNER, REQ_EVENT, requests_done + 1);
#ifndef NO_ARM_BARRIER
	MB(OWNER);	/* virt_mb(), pairs with the one in the peer's push */
#endif
#ifndef NO_ARM_LOOK
	seen = LOAD(REQ_PROD);
	if
	:: seen > requests_done -> goto visit
	:: else
	fi;
#endif
#ifdef LATE_TAKE_UP
	take_up();
#endif
	/* sn_events_eoi() */
	if
	:: due -> due = 0; atomic { LOCKED(OWNER); masked = 0 }
	:: else
	fi;

	/* napi_complete_done() */
	STORE(OWNER, SCHED, 0);
#ifndef NO_COMPLETE_BARRIER
	MB(OWNER);	/* smp_mb(), pairs with the one in sn_seat_wake() */
#endif
#ifndef NO_SECOND_LOOK
	if
	:: owed || packets_done < LOAD(ROW) -> napi_schedule(OWNER)
	:: else
	fi;
#endif
	goto idle
}

/* Once nobody can go on: nothing is left undone, and the channel is not left
 * masked, which would make it silent forever.
 */
active proctype watch()
{
end:	timeout;
	assert(requests_done == REQUESTS);
	assert(packets_done == PACKETS);
	assert(!masked)
}
