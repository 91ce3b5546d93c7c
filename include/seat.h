/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A seat: what of a queue decides who runs it, and when.
 *
 * Whoever owns the queue's NAPI instance (NAPI_STATE_SCHED) runs it, one owner
 * at a time. Who is to *look* for work is one pointer: with no worker, whoever
 * makes work schedules the instance, and NAPI's core runs it there; with a
 * worker, that thread visits the queue on its own CPU (common/worker.c). Both
 * visits are the same function of the queue.
 *
 * tests/model/wake.pml is the wake-up without a worker, tests/model/handover.pml
 * that with one, and the moves between the two. The names of functions there
 * are those here.
 */
#ifndef SPLITNET_SEAT_H
#define SPLITNET_SEAT_H

#include <linux/netdevice.h>
#include "stats.h"

/* What a visit handles at most, each way. */
#define SN_VISIT_BUDGET	NAPI_POLL_WEIGHT

struct sn_seat;
struct sn_sidecore;
struct sn_worker;

/**
 * struct sn_seat_ops - what a queue does for its seat
 * @visit: one visit; like a NAPI poll function, but may only return the whole
 *	budget (more to do, the instance is kept) or have given the instance up,
 *	by sn_seat_leave() unless sn_seat_parks() said otherwise. By the
 *	instance's owner, softirqs off
 * @steer: have the queue's events on this CPU, or with -1 where they were
 *	before. May sleep
 */
struct sn_seat_ops {
	int (*visit)(struct sn_seat *seat, int budget);
	void (*steer)(struct sn_seat *seat, int cpu);
};

/**
 * struct sn_seat - who runs a queue
 * @napi: the queue's instance
 * @worker: who looks for work; NULL: NAPI's core, when it is scheduled
 * @asleep: the worker does not look before sn_seat_wake(). Set by the worker's
 *	visits, cleared by whoever wakes
 * @by_worker: the owner's: this visit is the worker's, not NAPI's core's
 * @kicked: a second look is due whatever it may find
 * @ops: the queue's
 * @stats: the queue's
 * @sidecore: the settings of its device
 * @id: number of the queue
 * @slept: the worker's: the last visit left the seat asleep
 * @busy_ns: the worker's: when a visit found something last
 * @entry: in the worker's list
 * @of_device: in the device's list
 */
struct sn_seat {
	struct napi_struct *napi;
	struct sn_worker *worker;
	bool asleep;
	bool by_worker;
	bool kicked;

	const struct sn_seat_ops *ops;
	struct sn_stats *stats;
	struct sn_sidecore *sidecore;
	unsigned int id;
	bool slept;
	u64 busy_ns;
	struct list_head entry;
	struct list_head of_device;
};

#ifdef SN_SIDECORE

/* Who looks. It may be another one by now. */
static inline struct sn_worker *sn_seat_worker(const struct sn_seat *seat)
{
	return READ_ONCE(seat->worker);
}

/* Wake the worker of a seat that was found asleep. Context: as sn_seat_wake(). */
void sn_worker_wake(struct sn_seat *seat);

/* Whether notify says to come again. Context: a worker's visit. */
bool sn_worker_parks(struct sn_seat *seat, bool worked);

#else

static inline struct sn_worker *sn_seat_worker(const struct sn_seat *seat)
{
	return NULL;
}

static inline void sn_worker_wake(struct sn_seat *seat)
{
}

static inline bool sn_worker_parks(struct sn_seat *seat, bool worked)
{
	return false;
}

#endif /* SN_SIDECORE */

/**
 * sn_seat_wake() - have a queue look at work that was just made
 * @seat: the queue's seat
 *
 * Cheaper than napi_schedule(), which makes an instance that is scheduled
 * already run once more than needed. In return the instance's owner, after
 * sn_seat_leave(), has to look again for work that was announced by this.
 *
 * Context: any, the work is visible; softirqs or interrupts are off. An
 * instance that is disabled is left to whoever enables it.
 */
static inline void sn_seat_wake(struct sn_seat *seat)
{
	struct sn_worker *worker;

	/* Pairs with smp_mb() in sn_seat_leave(): either this sees that the
	 * queue is given up, or its owner sees the work. Also pairs with
	 * napi_schedule() in seat_take(), common/worker.c: either this sees
	 * that the worker is gone, or that visit sees the work. And with the
	 * barrier of set_current_state() in worker_rest(), by sn_worker_wake().
	 */
	smp_mb();
	worker = sn_seat_worker(seat);
	if (!worker && !test_bit(NAPI_STATE_SCHED, &seat->napi->state))
		napi_schedule(seat->napi);
	if (worker && READ_ONCE(seat->asleep))
		sn_worker_wake(seat);
}

/**
 * sn_seat_kick() - have a queue visited, although no work shows
 * @seat: the queue's seat
 *
 * For timers: what they announce is found by a whole visit only.
 *
 * Context: as sn_seat_wake().
 */
static inline void sn_seat_kick(struct sn_seat *seat)
{
	WRITE_ONCE(seat->kicked, true);
	sn_seat_wake(seat);
}

/**
 * sn_seat_enter() - begin a visit
 * @seat: the seat
 *
 * Context: the owner of the instance, before it looks at anything.
 */
static inline void sn_seat_enter(struct sn_seat *seat)
{
	if (!READ_ONCE(seat->kicked))
		return;

	WRITE_ONCE(seat->kicked, false);
	/* Pairs with smp_mb() in sn_seat_wake(): a kick that this overwrote is
	 * one whose reason is seen by what follows.
	 */
	smp_mb();
}

/**
 * sn_seat_parks() - whether the peer's events stay parked, since we come again
 * @seat: the seat
 * @worked: this visit found something
 *
 * Context: the owner of the instance.
 */
static inline bool sn_seat_parks(struct sn_seat *seat, bool worked)
{
	return seat->by_worker && sn_worker_parks(seat, worked);
}

/**
 * sn_seat_leave() - end a visit, and give the instance up
 * @seat: the seat
 * @done: packets, for napi_complete_done()
 *
 * Everything is armed; from here on another CPU may run the queue.
 *
 * Context: the owner of the instance. Return: true if the caller has to look
 * a second time for work that was announced, and then to call sn_seat_wake().
 */
static inline bool sn_seat_leave(struct sn_seat *seat, int done)
{
	/* Only a worker may say that it does not come again. */
	if (seat->by_worker)
		WRITE_ONCE(seat->asleep, true);
	if (!napi_complete_done(seat->napi, done))
		return false;

	/* Pairs with smp_mb() in sn_seat_wake(); the models do not take
	 * napi_complete_done() for a barrier.
	 */
	smp_mb();
	return true;
}

/**
 * sn_seat_pass_on() - have the worker visit, if NAPI's core came to its queue
 * @seat: the seat that NAPI's core came to
 *
 * That happens when a waker met the queue on the move, and when a timer of the
 * core's own comes.
 *
 * Context: the owner of the instance. Return: true if the instance was given
 * up for that.
 */
static inline bool sn_seat_pass_on(struct sn_seat *seat)
{
	seat->by_worker = false;
	if (likely(!sn_seat_worker(seat)))
		return false;

	/* A socket that polls keeps the instance, so the visits are its; and
	 * netpoll waits for what its visit frees: no thread may run any more.
	 */
	if (READ_ONCE(seat->napi->state) &
	    (NAPIF_STATE_IN_BUSY_POLL | NAPIF_STATE_NPSVC))
		return false;

	napi_complete_done(seat->napi, 0);
	sn_seat_wake(seat);
	return true;
}

/* True if there was a kick that no visit took up. */
static inline bool sn_seat_owes(const struct sn_seat *seat)
{
	return READ_ONCE(seat->kicked);
}

#endif /* SPLITNET_SEAT_H */
