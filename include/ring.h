/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ring cursors: the private half of a shared ring, one kind for each end.
 *
 * The other end may write anything into the shared page at any time. Its
 * producer index is read once per visit, checked against what this end knows
 * privately, and only the checked copy is used. Indices run freely through
 * 2^32; all comparisons are differences.
 *
 * An end that is about to sleep arms its event index, and then looks at the
 * producer again: sn_back_arm() and sn_front_arm() are the only two places
 * that do so.
 */
#ifndef SPLITNET_RING_H
#define SPLITNET_RING_H

#include "wire.h"

/* The backend takes requests and puts responses. */
struct sn_back_ring {
	struct sn_sring *sring;
	u32 req_cons;		/* next request to take */
	u32 rsp_prod;		/* next response to write */
	u32 rsp_pushed;		/* responses the frontend may see */
};

/* The frontend puts requests and takes responses. */
struct sn_front_ring {
	struct sn_sring *sring;
	u32 req_prod;		/* next request to write */
	u32 req_pushed;		/* requests the backend may see */
	u32 rsp_cons;		/* next response to take */
};

/**
 * sn_back_attach() - take over the backend's end of a ring
 * @ring: cursors to initialise
 * @sring: the mapped shared page
 *
 * The ring may have been in use before (a backend that was unbound and bound
 * again): work goes on behind the last response that was pushed, so requests
 * that the former backend took and did not answer are taken again.
 *
 * Return: false if the indices in the page cannot be true.
 */
static inline bool sn_back_attach(struct sn_back_ring *ring,
				  struct sn_sring *sring)
{
	u32 rsp_prod = READ_ONCE(sring->rsp_prod);
	u32 req_prod = READ_ONCE(sring->req_prod);

	ring->sring = sring;
	ring->req_cons = rsp_prod;
	ring->rsp_prod = rsp_prod;
	ring->rsp_pushed = rsp_prod;

	return req_prod - rsp_prod <= SN_RING_SLOTS;
}

/**
 * sn_back_requests() - how many requests wait to be taken
 * @ring: the backend's cursors
 * @count: set to the number of requests from @ring->req_cons on
 *
 * The requests may be read after this returned true.
 *
 * Return: false if the frontend's producer index cannot be true.
 */
static inline bool sn_back_requests(const struct sn_back_ring *ring,
				    u32 *count)
{
	u32 prod = READ_ONCE(ring->sring->req_prod);

	/* Pairs with virt_wmb() in the frontend's push. */
	virt_rmb();
	*count = prod - ring->req_cons;

	return prod - ring->rsp_prod <= SN_RING_SLOTS &&
	       prod - ring->rsp_prod >= ring->req_cons - ring->rsp_prod;
}

/**
 * sn_back_push() - show the frontend all responses written so far
 * @ring: the backend's cursors
 *
 * Return: true if the frontend asked for an event within what was pushed.
 */
static inline bool sn_back_push(struct sn_back_ring *ring)
{
	u32 old = ring->rsp_pushed;
	u32 new = ring->rsp_prod;

	/* Pairs with virt_rmb() in the frontend's sn_front_responses(). */
	virt_wmb();
	WRITE_ONCE(ring->sring->rsp_prod, new);
	ring->rsp_pushed = new;
	/* Pairs with virt_mb() in the frontend's sn_front_arm(). */
	virt_mb();

	return new - READ_ONCE(ring->sring->rsp_event) < new - old;
}

/**
 * sn_back_arm() - ask for an event, and look once more
 * @ring: the backend's cursors
 * @want: requests that must be there for work to go on, at least 1
 *
 * Return: true if they are there already: then do not sleep.
 */
static inline bool sn_back_arm(struct sn_back_ring *ring, u32 want)
{
	WRITE_ONCE(ring->sring->req_event, ring->req_cons + want);
	/* Pairs with virt_mb() in the frontend's push: either it sees the new
	 * event index, or this end sees its new producer index.
	 */
	virt_mb();

	return READ_ONCE(ring->sring->req_prod) - ring->req_cons >= want;
}

/**
 * sn_front_init() - start a ring on a fresh, zeroed page
 * @ring: cursors to initialise
 * @sring: the page, not yet shared
 */
static inline void sn_front_init(struct sn_front_ring *ring,
				 struct sn_sring *sring)
{
	sring->req_event = 1;
	sring->rsp_event = 1;
	ring->sring = sring;
	ring->req_prod = 0;
	ring->req_pushed = 0;
	ring->rsp_cons = 0;
}

/**
 * sn_front_free() - how many requests can be written
 * @ring: the frontend's cursors
 *
 * May be called beside a concurrent reader of responses, which only ever
 * makes room.
 */
static inline u32 sn_front_free(const struct sn_front_ring *ring)
{
	return SN_RING_SLOTS - (ring->req_prod - READ_ONCE(ring->rsp_cons));
}

/**
 * sn_front_push() - show the backend all requests written so far
 * @ring: the frontend's cursors
 *
 * Return: true if the backend asked for an event within what was pushed.
 */
static inline bool sn_front_push(struct sn_front_ring *ring)
{
	u32 old = ring->req_pushed;
	u32 new = ring->req_prod;

	WRITE_ONCE(ring->req_pushed, new);
	/* Pairs with virt_rmb() in sn_back_requests(), and orders req_pushed
	 * before any response that follows from it: see sn_front_responses().
	 */
	virt_wmb();
	WRITE_ONCE(ring->sring->req_prod, new);
	/* Pairs with virt_mb() in sn_back_arm(). */
	virt_mb();

	return new - READ_ONCE(ring->sring->req_event) < new - old;
}

/**
 * sn_front_responses() - how many responses wait to be taken
 * @ring: the frontend's cursors
 * @count: set to the number of responses from @ring->rsp_cons on
 *
 * The responses may be read after this returned true.
 *
 * Return: false if the backend claims to have answered what was never asked.
 */
static inline bool sn_front_responses(const struct sn_front_ring *ring,
				      u32 *count)
{
	u32 prod = READ_ONCE(ring->sring->rsp_prod);

	/* Pairs with virt_wmb() in sn_back_push(). */
	virt_rmb();
	*count = prod - ring->rsp_cons;

	return *count <= READ_ONCE(ring->req_pushed) - ring->rsp_cons;
}

/**
 * sn_slots_end() - up to where slots are to be copied, before work on them
 * @cons: next slot to work on
 * @taken: slots up to here were copied by a visit that did not come to them all
 * @count: slots from @cons on, as the peer's producer says now
 * @end: set to the ring index behind them
 *
 * Either end's cursors say that the producer is not behind @cons. It must not
 * be behind what was copied either: whoever copies from @taken to there would
 * go round the ring millions of times.
 *
 * Return: false if the peer's producer went back.
 */
static inline bool sn_slots_end(u32 cons, u32 taken, u32 count, u32 *end)
{
	*end = cons + count;

	return count >= taken - cons;
}

/**
 * sn_front_arm() - ask for an event, and look once more
 * @ring: the frontend's cursors
 * @want: responses that must be there for work to go on, at least 1
 *
 * Return: true if they are there already: then do not sleep.
 */
static inline bool sn_front_arm(struct sn_front_ring *ring, u32 want)
{
	WRITE_ONCE(ring->sring->rsp_event, ring->rsp_cons + want);
	/* Pairs with virt_mb() in sn_back_push(). */
	virt_mb();

	return READ_ONCE(ring->sring->rsp_prod) - ring->rsp_cons >= want;
}

#endif /* SPLITNET_RING_H */
