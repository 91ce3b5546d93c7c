// SPDX-License-Identifier: GPL-2.0
/*
 * Rx: what the guest receives, out of the host's network into its ring.
 *
 * ndo_start_xmit puts packets into a row and wakes the queue's NAPI instance.
 * There, in batches: take looks at the requests that the guest posted; plan
 * (where the Tx half parses) lays the packet into slots; move delivers the
 * bytes; complete shows all slots with one push and, if the guest asked for
 * it, one event.
 *
 * A guest that posts no requests leaves packets waiting. They are dropped
 * after the drain timeout; after the stall timeout the vif loses its carrier,
 * until there are as many requests as the packet in front had needed.
 */
#include <linux/etherdevice.h>
#include <linux/mm.h>
#include "netback.h"
#include "../include/offload.h"

/* How often to look at the ring of a frontend that sends no events for its
 * requests (no feature-rx-notify), while packets wait.
 */
#define RX_LOOK_MS	10

/* The most data slots of a packet. A stock frontend takes 18 only if the
 * first one is small, so leave it at 17: no packet needs more.
 */
#define RX_DATA_SLOTS	17

/* Where a packet's bytes lie: each chunk within one page, which the mover may
 * keep if it is spare.
 */
struct rx_chunks {
	unsigned int count;
	void *data[SN_PLAN_CHUNKS];
	u16 len[SN_PLAN_CHUNKS];
	bool spare[SN_PLAN_CHUNKS];
};

struct rx_cb {
	unsigned long expires;	/* jiffies */
};

static struct rx_cb *rx_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct rx_cb) > sizeof(skb->cb));

	return (struct rx_cb *)skb->cb;
}

/**
 * snb_rx_enqueue() - let a packet wait for its turn
 * @queue: the queue
 * @skb: the packet; owned by the queue if this succeeds
 *
 * The byte limit is BQL's; this one stops the stack when the row is full.
 *
 * Context: the holder of the queue's transmit lock, softirqs off.
 *
 * Return: false if the row was full already.
 */
bool snb_rx_enqueue(struct snb_queue *queue, struct sk_buff *skb)
{
	struct netdev_queue *txq = snb_queue_txq(queue);
	struct snb_rx *rx = &queue->rx;

	if (unlikely(__ptr_ring_full(&rx->waiting)))
		return false;

	rx_cb(skb)->expires = jiffies + msecs_to_jiffies(snb_rx_drain_ms);
	/* Before the packet is seen: its completion must not come first. */
	netdev_tx_sent_queue(txq, skb->len);
	__ptr_ring_produce(&rx->waiting, skb);
	if (unlikely(__ptr_ring_full(&rx->waiting))) {
		netif_tx_stop_queue(txq);
		/* Pairs with smp_mb() in rx_wake(): either the consumer sees
		 * the stopped queue, or this sees the room it made.
		 */
		smp_mb();
		if (!__ptr_ring_full(&rx->waiting))
			netif_tx_start_queue(txq);
	}

	sn_seat_wake(&queue->seat);
	return true;
}

/* __ptr_ring_full() for who is not the producer: its index may be seen where it
 * is about to go back to the beginning.
 */
static bool rx_row_full(struct ptr_ring *row)
{
	int at = READ_ONCE(row->producer);

	return READ_ONCE(row->queue[at < row->size ? at : 0]);
}

static void rx_wake(struct snb_queue *queue)
{
	struct netdev_queue *txq = snb_queue_txq(queue);

	/* Pairs with smp_mb() in snb_rx_enqueue(). What was taken out of the
	 * row makes room some entries at a time; until then it is full.
	 */
	smp_mb();
	if (unlikely(netif_tx_queue_stopped(txq)) &&
	    !rx_row_full(&queue->rx.waiting))
		netif_tx_wake_queue(txq);
}

static struct sk_buff *rx_head(struct snb_rx *rx)
{
	if (!rx->head)
		rx->head = __ptr_ring_consume(&rx->waiting);

	return rx->head;
}

static bool rx_add_chunks(struct rx_chunks *chunks, void *data,
			  unsigned int len, bool spare)
{
	unsigned int part;

	for (; len; len -= part, data += part) {
		part = min_t(unsigned int, len,
			     PAGE_SIZE - offset_in_page(data));
		if (chunks->count == SN_PLAN_CHUNKS)
			return false;
		chunks->data[chunks->count] = data;
		chunks->spare[chunks->count] = spare;
		chunks->len[chunks->count++] = part;
	}

	return true;
}

/* Whether nobody else has @skb, or what is in it. */
static bool rx_sole(const struct sk_buff *skb)
{
	return !skb_cloned(skb) && !skb_shared(skb);
}

/* Whether nobody has a fragment's page but @skb, which nobody else has: a page
 * like those that another guest's packets were copied into.
 */
static bool rx_frag_spare(const struct sk_buff *skb, const skb_frag_t *frag)
{
	return skb->pp_recycle && !skb_frag_off(frag) &&
	       sn_pool_page_sole(skb_frag_page(frag));
}

static bool rx_find_chunks_one(struct rx_chunks *chunks,
			       const struct sk_buff *skb, bool keeps)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);
	const skb_frag_t *frag = shinfo->frags;
	unsigned int i;

	if (!rx_add_chunks(chunks, skb->data, skb_headlen(skb), false))
		return false;

	for (i = 0; i < shinfo->nr_frags; i++, frag++)
		if (!rx_add_chunks(chunks, skb_frag_address(frag),
				   skb_frag_size(frag),
				   keeps && rx_frag_spare(skb, frag)))
			return false;

	return true;
}

/* @keeps: whoever moves the bytes keeps what is spare. */
static bool rx_find_chunks(struct rx_chunks *chunks, struct sk_buff *skb,
			   bool keeps)
{
	struct sk_buff *part;

	/* Whoever has @skb has its parts, which do not tell. */
	keeps = keeps && rx_sole(skb);
	chunks->count = 0;
	if (!rx_find_chunks_one(chunks, skb, keeps))
		return false;

	skb_walk_frags(skb, part)
		if (!rx_find_chunks_one(chunks, part, keeps && rx_sole(part)))
			return false;

	return true;
}

/* Lay @skb into slots. False if it cannot be sent at all. */
static bool rx_plan(struct snb_queue *queue, struct sk_buff *skb,
		    struct rx_chunks *chunks, const struct sn_offload *offload)
{
	bool keeps = queue->rx.mover.ops->keeps_spare;

	if (unlikely(!snb_vif_takes_gso(queue->vif, offload->gso_type)))
		return false;

	if (!rx_find_chunks(chunks, skb, keeps) &&
	    (skb_linearize(skb) || !rx_find_chunks(chunks, skb, keeps)))
		return false;

	return sn_plan_make(&queue->plan, chunks->len, chunks->count,
			    SN_SLOT_BYTES, RX_DATA_SLOTS);
}

/* Look at the guest's producer. False if it cannot be true. One that went back
 * would pass for progress, time and again.
 */
static bool rx_take(struct snb_rx *rx)
{
	u32 count;

	if (!sn_back_requests(&rx->ring, &count) ||
	    (s32)(rx->ring.req_cons + count - rx->seen) < 0)
		return false;

	rx->seen = rx->ring.req_cons + count;
	return true;
}

/* Whether there are @need requests. */
static bool rx_requests(struct snb_rx *rx, u32 need)
{
	if (likely(rx->seen - rx->ring.req_cons >= need))
		return true;

	return rx_take(rx) && rx->seen - rx->ring.req_cons >= need;
}

/* The request in the next slot, read once; the slot then takes a response. */
static struct sn_rx_req rx_next(struct snb_rx *rx, union sn_rx_slot **slot)
{
	struct sn_rx_req req;

	*slot = sn_rx_slot(rx->ring.sring, rx->ring.req_cons++);
	req.id = READ_ONCE((*slot)->req.id);
	req.gref = READ_ONCE((*slot)->req.gref);

	return req;
}

/* Fill the next slot with the extra that carries the GSO wish. */
static void rx_put_gso(struct snb_rx *rx, const struct sn_offload *offload)
{
	struct sn_extra extra = {
		.type		= SN_EXTRA_GSO,
		.gso.size	= offload->gso_size,
		.gso.type	= offload->gso_type,
	};
	union sn_rx_slot *slot;

	rx_next(rx, &slot);
	slot->extra = extra;
}

static u16 rx_first_flags(const struct sn_offload *offload)
{
	u16 flags = 0;

	if (offload->csum_blank)
		flags |= SN_RXF_CSUM_BLANK;
	if (offload->csum_valid)
		flags |= SN_RXF_DATA_VALIDATED;
	if (offload->gso_type)
		flags |= SN_RXF_EXTRA_INFO;

	return flags;
}

/* Fill the next slot with the pieces of buffer @buf; @from is the first. */
static unsigned int rx_put_data(struct snb_queue *queue,
				const struct rx_chunks *chunks,
				unsigned int from, u16 flags)
{
	const struct sn_plan *plan = &queue->plan;
	const struct sn_piece *piece = &plan->piece[from];
	struct snb_rx *rx = &queue->rx;
	unsigned int buf = piece->buf;
	union sn_rx_slot *slot;
	struct sn_move move;
	struct sn_rx_req req;
	struct sn_rx_rsp rsp = { .flags = flags };

	req = rx_next(rx, &slot);
	move.tag = rx->count;
	move.gref = req.gref;
	for (; from < plan->pieces && piece->buf == buf; from++, piece++) {
		move.offset = piece->buf_offset;
		move.len = piece->len;
		move.local = chunks->data[piece->chunk] + piece->chunk_offset;
		move.spare = chunks->spare[piece->chunk] &&
			     !piece->chunk_offset;
		rx->mover.ops->add(&rx->mover, &move);
		rsp.status += piece->len;
	}

	rsp.id = req.id;
	if (buf + 1 < plan->bufs)
		rsp.flags |= SN_RXF_MORE_DATA;
	slot->rsp = rsp;

	return from;
}

/* Fill the slots of one packet and ask for its bytes to be moved. */
static void rx_put(struct snb_queue *queue, struct sk_buff *skb,
		   const struct rx_chunks *chunks,
		   const struct sn_offload *offload)
{
	struct snb_rx *rx = &queue->rx;
	struct snb_rx_packet *packet = &rx->packet[rx->count];
	unsigned int next;

	packet->skb = skb;
	packet->first = rx->ring.req_cons;
	packet->failed = false;

	next = rx_put_data(queue, chunks, 0, rx_first_flags(offload));
	if (offload->gso_type)
		rx_put_gso(rx, offload);
	while (next < queue->plan.pieces)
		next = rx_put_data(queue, chunks, next, 0);

	rx->count++;
}

/* The mover's report: a packet lacks bytes. */
static void rx_failed(void *owner, u16 tag, bool grant)
{
	struct snb_queue *queue = owner;
	struct snb_rx_packet *packet = &queue->rx.packet[tag];

	if (packet->failed)
		return;

	packet->failed = true;
	sn_count(queue->stats, SN_RX_DROPPED);
	if (grant)
		snb_vif_fault(queue, SN_FAULT_RX_GRANT);
}

/* Free the packet in front. netpoll has us do so with interrupts off. */
static void rx_drop_head(struct snb_queue *queue, unsigned int *bytes)
{
	struct snb_rx *rx = &queue->rx;

	*bytes += rx->head->len;
	dev_kfree_skb_any(rx->head);
	rx->head = NULL;
	sn_count(queue->stats, SN_RX_DROPPED);
}

/* Answer the slots of all packets placed, and let go of the packets. */
static void rx_complete(struct snb_queue *queue, int budget,
			unsigned int *bytes)
{
	struct snb_rx *rx = &queue->rx;
	struct snb_rx_packet *packet;
	unsigned int i;
	bool notify;

	for (i = 0; i < rx->count; i++) {
		packet = &rx->packet[i];
		if (unlikely(packet->failed))
			sn_rx_slot(rx->ring.sring, packet->first)->rsp.status =
				SN_RSP_ERROR;
	}

	rx->ring.rsp_prod = rx->ring.req_cons;
	notify = sn_back_push(&rx->ring);
	if (notify)
		sn_channel_notify(sn_events_of_rx(&queue->events));
	sn_count_push(queue->stats, SN_RX_EVENTS_SENT, notify);

	for (i = 0; i < rx->count; i++) {
		packet = &rx->packet[i];
		*bytes += packet->skb->len;
		if (likely(!packet->failed)) {
			sn_count(queue->stats, SN_RX_PACKETS);
			sn_count_add(queue->stats, SN_RX_BYTES,
				     packet->skb->len);
		}
		napi_consume_skb(packet->skb, budget);
	}
	rx->count = 0;
}

/* Place packets until the row, the requests or the batch end. @done counts
 * packets that left the row, @bytes those of dropped ones.
 */
static void rx_place(struct snb_queue *queue, unsigned int *done,
		     unsigned int *bytes)
{
	struct snb_rx *rx = &queue->rx;
	struct sn_offload offload;
	struct rx_chunks chunks;
	struct sk_buff *skb;

	while (*done < SNB_BATCH) {
		skb = rx_head(rx);
		if (!skb)
			break;

		sn_offload_from_skb(&offload, skb);
		if (unlikely(!rx_plan(queue, skb, &chunks, &offload))) {
			rx_drop_head(queue, bytes);
			++*done;
			continue;
		}

		rx->need = queue->plan.bufs + !!offload.gso_type;
		if (!rx_requests(rx, rx->need)) {
			rx->blocked = true;
			break;
		}

		rx->head = NULL;
		rx_put(queue, skb, &chunks, &offload);
		++*done;
	}
}

/* Drop what waited too long. Returns whether anything did. */
static bool rx_expire(struct snb_queue *queue, unsigned int *done,
		      unsigned int *bytes)
{
	struct snb_rx *rx = &queue->rx;
	unsigned int before = *done;
	struct sk_buff *skb;

	while ((skb = rx_head(rx)) &&
	       time_after_eq(jiffies, rx_cb(skb)->expires)) {
		sn_count(queue->stats, SN_RX_EXPIRED);
		rx_drop_head(queue, bytes);
		++*done;
	}

	return *done != before;
}

/* A frontend that sends no events for its requests cannot be told apart from
 * one that is stuck.
 */
static bool rx_can_stall(const struct snb_queue *queue)
{
	return snb_rx_stall_ms && queue->vif->request[SN_FRONT_RX_NOTIFY];
}

/* When the next thing happens to a blocked queue that no event announces. */
static unsigned long rx_deadline(const struct snb_queue *queue)
{
	const struct snb_rx *rx = &queue->rx;
	unsigned long next;

	if (!queue->vif->request[SN_FRONT_RX_NOTIFY])
		return jiffies + msecs_to_jiffies(RX_LOOK_MS);

	next = snb_rx_stall_ms && !rx->stalled ?
	       rx->since + msecs_to_jiffies(snb_rx_stall_ms) :
	       jiffies + msecs_to_jiffies(snb_rx_drain_ms);
	if (rx->head && time_before(rx_cb(rx->head)->expires, next))
		next = rx_cb(rx->head)->expires;

	return next;
}

static void rx_update_stall(struct snb_queue *queue)
{
	struct snb_rx *rx = &queue->rx;

	if (rx->stalled) {
		if (!rx_can_stall(queue) || rx_requests(rx, rx->need)) {
			rx->stalled = false;
			rx->starved = false;
			snb_vif_queue_ready(queue->vif);
		}
		return;
	}

	/* What waited has expired, and there are requests by now. */
	if (!rx->blocked &&
	    (!rx_can_stall(queue) || rx_requests(rx, rx->need))) {
		rx->starved = false;
		return;
	}

	if (rx_can_stall(queue) &&
	    time_after_eq(jiffies,
			  rx->since + msecs_to_jiffies(snb_rx_stall_ms))) {
		rx->stalled = true;
		snb_vif_queue_waits(queue->vif);
	}
}

static void rx_timer(struct timer_list *timer)
{
	struct snb_queue *queue = from_timer(queue, timer, rx.timer);

	sn_seat_kick(&queue->seat);
}

/* Place, move and complete what the guest has requests for. */
static void rx_carry(struct snb_queue *queue, int budget, unsigned int *done,
		     unsigned int *bytes)
{
	struct snb_rx *rx = &queue->rx;

	rx->blocked = false;
	rx_place(queue, done, bytes);
	if (rx->count) {
		rx->mover.ops->flush(&rx->mover);
		rx_complete(queue, budget, bytes);
		rx->starved = false;
	}

	if (unlikely(rx->blocked && !rx->starved)) {
		rx->starved = true;
		rx->since = jiffies;
	}
}

/**
 * snb_rx_step() - carry packets from the host into the guest
 * @queue: the queue
 * @budget: NAPI's, for freeing packets
 *
 * Context: the owner of the queue's NAPI instance, softirqs off.
 *
 * Return: packets taken out of the row, dropped ones included.
 */
unsigned int snb_rx_step(struct snb_queue *queue, int budget)
{
	struct snb_rx *rx = &queue->rx;
	unsigned int done = 0;
	unsigned int bytes = 0;

	if (unlikely(!rx_take(rx))) {
		snb_vif_fault(queue, SN_FAULT_RX_RING);
		return 0;
	}

	rx_carry(queue, budget, &done, &bytes);
	/* What stood behind may need fewer requests. */
	if (unlikely(rx->blocked) && rx_expire(queue, &done, &bytes))
		rx_carry(queue, budget, &done, &bytes);
	if (unlikely(rx->starved || rx->stalled))
		rx_update_stall(queue);
	/* A packet that stays may be one that no visit has tried to place. */
	if (unlikely(rx->head || (rx->starved && !rx->stalled)))
		mod_timer(&rx->timer, rx_deadline(queue));

	if (done) {
		netdev_tx_completed_queue(snb_queue_txq(queue), done, bytes);
		rx_wake(queue);
	}

	return done;
}

/**
 * snb_rx_arm() - ask for an event at the request that work waits for
 * @queue: the queue
 *
 * Context: the owner of the queue's NAPI instance. Return: true if another
 * step would find work at once.
 */
bool snb_rx_arm(struct snb_queue *queue)
{
	struct snb_rx *rx = &queue->rx;

	if (unlikely(rx->blocked || rx->stalled))
		return sn_back_arm(&rx->ring, rx->need);

	return rx_head(rx);
}

/**
 * snb_rx_waits() - whether a packet came in that nothing keeps from going
 * @queue: the queue
 *
 * Context: any.
 */
bool snb_rx_waits(struct snb_queue *queue)
{
	return !READ_ONCE(queue->rx.blocked) &&
	       !__ptr_ring_empty(&queue->rx.waiting);
}

static int rx_create_mover(struct snb_queue *queue)
{
	struct sn_mover *mover = &queue->rx.mover;

	mover->ops = queue->vif->rx_mode->mover;
	mover->domid = queue->vif->domid;
	mover->direction = SN_TO_GUEST;
	mover->failed = rx_failed;
	mover->owner = queue;
	mover->moves = &queue->stats->counter[SN_RX_COPY_OPS];
	mover->flushes = &queue->stats->counter[SN_RX_COPY_CALLS];

	return mover->ops->create(mover);
}

/**
 * snb_rx_create() - connect the Rx ring
 * @queue: the queue
 * @ref: the frontend's grant of the ring page
 *
 * A queue starts out as stalled: the carrier waits for the first request.
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int snb_rx_create(struct snb_queue *queue, grant_ref_t ref)
{
	struct snb_rx *rx = &queue->rx;
	void *sring;
	int err;

	timer_setup(&rx->timer, rx_timer, 0);
	rx->stalled = true;
	rx->need = 1;

	sring = snb_ring_page_map(&rx->ring_page, queue->vif->domid, ref);
	if (IS_ERR(sring))
		return PTR_ERR(sring);

	err = -EIO;
	if (!sn_back_attach(&rx->ring, sring))
		goto err_unmap;
	rx->seen = rx->ring.req_cons;

	err = ptr_ring_init(&rx->waiting, SNB_RX_PACKETS, GFP_KERNEL);
	if (err)
		goto err_unmap;

	err = rx_create_mover(queue);
	if (err)
		goto err_ring;

	return 0;

err_ring:
	ptr_ring_cleanup(&rx->waiting, NULL);
err_unmap:
	snb_ring_page_unmap(&rx->ring_page);
	return err;
}

/**
 * snb_rx_clear() - drop what waits
 * @queue: a stopped queue
 *
 * Among it may be packets that have another guest's pages.
 *
 * Context: may sleep; one caller at a time.
 */
void snb_rx_clear(struct snb_queue *queue)
{
	struct snb_rx *rx = &queue->rx;
	unsigned int done = 0;
	unsigned int bytes = 0;

	for (; rx_head(rx); done++)
		rx_drop_head(queue, &bytes);
	rx->blocked = false;
	rx->starved = false;
	netdev_tx_completed_queue(snb_queue_txq(queue), done, bytes);
}

static void rx_free_skb(void *skb)
{
	kfree_skb(skb);
}

/**
 * snb_rx_destroy() - undo snb_rx_create()
 * @queue: a stopped queue that no ndo_start_xmit can see any more
 *
 * Context: may sleep.
 */
void snb_rx_destroy(struct snb_queue *queue)
{
	struct snb_rx *rx = &queue->rx;

	rx->mover.ops->destroy(&rx->mover);
	kfree_skb(rx->head);
	ptr_ring_cleanup(&rx->waiting, rx_free_skb);
	snb_ring_page_unmap(&rx->ring_page);
}
