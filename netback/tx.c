// SPDX-License-Identifier: GPL-2.0
/*
 * Tx: what the guest sends, out of its ring into the host's network.
 *
 * Four steps, each over the whole batch: take copies new slots out of the
 * shared page, once; parse turns them into packets with room for their bytes;
 * move fetches the bytes; complete answers all slots with one push and, if the
 * guest asked for it, one event. Then the packets are delivered.
 */
#include <linux/etherdevice.h>
#include <linux/mm.h>
#include <linux/tcp.h>
#include "netback.h"
#include "../include/offload.h"

/* Packets up to this size get a head of their own size. */
#define TX_SMALL_BYTES	256

/* Larger ones that fit a page, less what the skb needs of it, get a page as
 * their head. Still larger ones get a small head and whole pages.
 */
#define TX_PAGE_BYTES	(SKB_WITH_OVERHEAD(PAGE_SIZE) - NET_SKB_PAD)

/* Of lent packets this much is copied into the head: all headers of most. */
#define TX_LENT_HEAD_BYTES	SN_HEADER_BYTES

/* Copy what the guest pushed since the last visit. False if it cannot be. */
static bool tx_take(struct snb_tx *tx)
{
	u32 count, end;

	if (!sn_back_requests(&tx->ring, &count) ||
	    !sn_slots_end(tx->ring.req_cons, tx->taken, count, &end))
		return false;

	for (; tx->taken != end; tx->taken++)
		memcpy(&tx->slot[tx->taken & (SN_RING_SLOTS - 1)],
		       sn_tx_slot(tx->ring.sring, tx->taken),
		       sizeof(union sn_tx_slot));

	/* The copies above are what everything below reads; the compiler must
	 * not go back to the shared page.
	 */
	barrier();

	return true;
}

/* The id of the request at a ring index that was taken. */
static u16 tx_id(const struct snb_tx *tx, u32 idx)
{
	return tx->slot[idx & (SN_RING_SLOTS - 1)].req.id;
}

static struct sk_buff *tx_alloc_page_head(struct snb_tx *tx)
{
	struct page *page = page_pool_dev_alloc_pages(tx->pool);
	struct sk_buff *skb;

	if (!page)
		return NULL;

	skb = napi_build_skb(page_address(page), PAGE_SIZE);
	if (!skb) {
		page_pool_recycle_direct(tx->pool, page);
		return NULL;
	}

	skb_reserve(skb, NET_SKB_PAD);
	skb_mark_for_recycle(skb);
	return skb;
}

/* An skb whose head has room for @cap bytes, set by the size of the packet. */
static struct sk_buff *tx_alloc_head(struct snb_queue *queue, u32 size,
				     unsigned int *cap)
{
	if (size > TX_SMALL_BYTES && size <= TX_PAGE_BYTES) {
		*cap = size;
		return tx_alloc_page_head(&queue->tx);
	}

	*cap = min_t(u32, size, TX_SMALL_BYTES);
	return napi_alloc_skb(&queue->napi, *cap);
}

/* Give @skb the pages that the plan asks for. */
static bool tx_alloc_frags(struct snb_tx *tx, struct sk_buff *skb,
			   const struct sn_plan *plan)
{
	u16 fill[SN_PLAN_BUFS] = { 0 };
	unsigned int i;
	struct page *page;

	for (i = 0; i < plan->pieces; i++)
		fill[plan->piece[i].buf] += plan->piece[i].len;

	__skb_put(skb, fill[0]);
	if (plan->bufs > 1)
		skb_mark_for_recycle(skb);

	for (i = 1; i < plan->bufs; i++) {
		page = page_pool_dev_alloc_pages(tx->pool);
		if (!page)
			return false;
		skb_add_rx_frag(skb, i - 1, page, 0, fill[i], PAGE_SIZE);
	}

	return true;
}

/* Ask for the bytes of a packet: ring slots into the skb's head and pages. */
static void tx_move(struct snb_tx *tx, struct sk_buff *skb,
		    const struct sn_packet *pkt, const struct sn_plan *plan)
{
	const struct sn_piece *piece;
	const struct sn_slot *slot;
	struct sn_move move;
	unsigned int i;

	move.tag = tx->count;
	move.spare = false;
	for (i = 0; i < plan->pieces; i++) {
		piece = &plan->piece[i];
		slot = &pkt->slot[piece->chunk];
		move.gref = slot->gref;
		move.offset = slot->offset + piece->chunk_offset;
		move.len = piece->len;
		move.local = piece->buf_offset + (piece->buf ?
			skb_frag_address(&skb_shinfo(skb)->frags[piece->buf - 1]) :
			skb->data);
		tx->mover.ops->add(&tx->mover, &move);
	}
}

/* Find room for a packet and ask for its bytes. NULL if there is no room. */
static struct sk_buff *tx_build(struct snb_queue *queue,
				const struct sn_packet *pkt)
{
	struct sn_plan *plan = &queue->plan;
	u16 chunk[SN_PKT_SLOTS];
	struct sk_buff *skb;
	unsigned int i, cap;

	skb = tx_alloc_head(queue, pkt->size, &cap);
	if (!skb)
		return NULL;

	for (i = 0; i < pkt->slots; i++)
		chunk[i] = pkt->slot[i].size;

	if (!sn_plan_make(plan, chunk, pkt->slots, cap, 1 + MAX_SKB_FRAGS) ||
	    !tx_alloc_frags(&queue->tx, skb, plan)) {
		kfree_skb(skb);
		return NULL;
	}

	tx_move(&queue->tx, skb, pkt, plan);
	return skb;
}

/* How many slots reach beyond the first @head bytes of a packet. */
static unsigned int tx_slots_beyond(const struct sn_packet *pkt,
				    unsigned int head)
{
	unsigned int i = 0;

	while (i < pkt->slots && pkt->slot[i].size <= head)
		head -= pkt->slot[i++].size;

	return pkt->slots - i;
}

/* Whether the packet is to use the guest's pages: there is enough in them, the
 * skb has a fragment for each, and others come back in time.
 */
static bool tx_lends(const struct snb_queue *queue, const struct sn_packet *pkt)
{
	const struct snb_tx *tx = &queue->tx;

	/* Pairs with smp_store_release() in snb_tx_lend(): there is a table. */
	if (!smp_load_acquire(&tx->lends) || pkt->size <= TX_SMALL_BYTES ||
	    tx_slots_beyond(pkt, TX_LENT_HEAD_BYTES) > MAX_SKB_FRAGS)
		return false;

	if (likely(snb_pending_may_lend(tx->pending)))
		return true;

	sn_count(queue->stats, SN_TX_MAPS_WITHHELD);
	return false;
}

/* Ask for a packet's header to be copied and for the rest to be mapped. NULL if
 * there is no room.
 */
static struct sk_buff *tx_build_lent(struct snb_queue *queue,
				     const struct sn_packet *pkt,
				     struct snb_tx_packet *packet)
{
	unsigned int i, part, head = TX_LENT_HEAD_BYTES;
	struct snb_tx *tx = &queue->tx;
	struct sn_slot slot;
	struct sk_buff *skb;
	u16 last = SNB_NO_SLOT;
	struct sn_move move;

	skb = napi_alloc_skb(&queue->napi, TX_SMALL_BYTES);
	if (!skb)
		return NULL;

	move.tag = tx->count;
	move.spare = false;
	for (i = 0; i < pkt->slots; i++) {
		slot = pkt->slot[i];
		part = min_t(unsigned int, head, slot.size);
		if (part) {
			move.gref = slot.gref;
			move.offset = slot.offset;
			move.len = part;
			move.local = __skb_put(skb, part);
			tx->mover.ops->add(&tx->mover, &move);
			head -= part;
		}
		if (part == slot.size)
			continue;

		slot.offset += part;
		slot.size -= part;
		last = snb_pending_claim(tx->pending, last, &slot,
					 tx_id(tx, packet->first + slot.ring));
		if (!packet->lent)
			packet->chain = last;
		packet->lent |= BIT(slot.ring);
	}

	return skb;
}

static void tx_drop(struct snb_queue *queue, enum sn_fault fault)
{
	sn_count(queue->stats, SN_TX_DROPPED);
	if (fault != SN_OK)
		snb_vif_fault(queue, fault);
}

/* Whether the vif's rate limit, if there is one, lets the next packet pass. */
static bool tx_has_credit(struct snb_queue *queue)
{
	struct snb_tx *tx = &queue->tx;
	u32 pos = tx->ring.req_cons & (SN_RING_SLOTS - 1);

	tx->resting = READ_ONCE(queue->vif->credit.limited) &&
		      !snb_credit_take(queue->vif, tx->slot[pos].req.size);

	return !tx->resting;
}

/* Parse the next packet of the private slots. False at a fatal fault. */
static bool tx_parse(struct snb_queue *queue)
{
	struct snb_tx *tx = &queue->tx;
	struct snb_tx_packet *packet = &tx->packet[tx->count];
	struct sn_packet pkt;
	enum sn_fault fault;

	fault = sn_tx_parse(tx->slot, tx->ring.req_cons,
			    tx->taken - tx->ring.req_cons, &pkt);
	if (unlikely(fault != SN_OK && sn_fault_fatal(fault))) {
		snb_vif_fault(queue, fault);
		return false;
	}

	packet->offload = pkt.offload;
	packet->first = tx->ring.req_cons;
	packet->lent = 0;
	packet->ring_slots = pkt.ring_slots;
	packet->extras = pkt.extras;
	packet->status = SN_RSP_OKAY;
	packet->skb = NULL;
	if (likely(fault == SN_OK))
		packet->skb = tx_lends(queue, &pkt) ?
			      tx_build_lent(queue, &pkt, packet) :
			      tx_build(queue, &pkt);
	if (unlikely(!packet->skb)) {
		packet->status = SN_RSP_ERROR;
		tx_drop(queue, fault);
	}

	tx->ring.req_cons += pkt.ring_slots;
	tx->count++;
	return true;
}

/* The mover's report: a packet lacks bytes. */
static void tx_failed(void *owner, u16 tag, bool grant)
{
	struct snb_queue *queue = owner;
	struct snb_tx_packet *packet = &queue->tx.packet[tag];

	if (packet->status == SN_RSP_ERROR)
		return;

	packet->status = SN_RSP_ERROR;
	tx_drop(queue, grant ? SN_FAULT_TX_GRANT : SN_OK);
}

/**
 * snb_tx_answer() - write the next response
 * @queue: the queue
 * @id: of the request
 * @status: the answer
 *
 * It is seen by the guest after the next push.
 *
 * Context: the owner of the queue's NAPI instance, or nobody runs the queue.
 */
void snb_tx_answer(struct snb_queue *queue, u16 id, s16 status)
{
	struct sn_back_ring *ring = &queue->tx.ring;
	struct sn_tx_rsp rsp = { .id = id, .status = status };

	sn_tx_slot(ring->sring, ring->rsp_prod++)->rsp = rsp;
}

/* Answer the slots of one packet, but for those that are lent; extras are
 * answered by a blank.
 */
static void tx_respond(struct snb_queue *queue,
		       const struct snb_tx_packet *packet)
{
	unsigned int i;

	for (i = 0; i < packet->ring_slots; i++) {
		if (i && i <= packet->extras)
			snb_tx_answer(queue, 0, SN_RSP_NULL);
		else if (i >= 32 || !(packet->lent & BIT(i)))
			snb_tx_answer(queue,
				      tx_id(&queue->tx, packet->first + i),
				      packet->status);
	}
}

/* Show the guest what was answered. */
static void tx_push(struct snb_queue *queue)
{
	struct snb_tx *tx = &queue->tx;
	bool notify;

	notify = sn_back_push(&tx->ring);
	if (notify)
		sn_channel_notify(&queue->events.tx);
	sn_count_push(queue->stats, SN_TX_EVENTS_SENT, notify);
}

/* Headers belong in the linear part: whole ones for TCP with offloads, which
 * sn_skb_offload() has seen to, or else as much as some drivers expect.
 */
static bool tx_pull_headers(struct sk_buff *skb)
{
	unsigned int want = min_t(unsigned int, skb->len, SN_HEADER_BYTES);

	if (skb_headlen(skb) >= want || skb_is_gso(skb))
		return true;

	return __pskb_pull_tail(skb, want - skb_headlen(skb));
}

/* What the guest did wrong, if it was that. */
static enum sn_fault tx_fault_of(int err)
{
	switch (err) {
	case -EPROTO:
		return SN_FAULT_TX_CSUM;
	case -EINVAL:
		return SN_FAULT_TX_GSO;
	default:
		return SN_OK;
	}
}

/* Returns 0 or a negative errno, one of tx_fault_of() if it is the guest's. */
static int tx_finish_skb(struct snb_queue *queue, struct snb_tx_packet *packet)
{
	struct sk_buff *skb = packet->skb;
	int err;

	/* The parser has seen to it that there is so much. */
	if (!pskb_may_pull(skb, ETH_HLEN))
		return -ENOMEM;

	skb->protocol = eth_type_trans(skb, queue->vif->dev);
	skb_reset_network_header(skb);
	skb_record_rx_queue(skb, queue->id);

	err = sn_skb_offload(skb, &packet->offload,
			     &queue->stats->counter[SN_GSO_CSUM_FIXUP]);
	if (err)
		return err;

	return tx_pull_headers(skb) ? 0 : -ENOMEM;
}

/* Map what packets are to be lent, and give it to them. */
static void tx_lend(struct snb_queue *queue)
{
	struct snb_tx *tx = &queue->tx;
	struct snb_tx_packet *packet;
	unsigned int i;

	snb_pending_map(tx->pending);
	for (i = 0; i < tx->count; i++) {
		packet = &tx->packet[i];
		if (!packet->lent)
			continue;
		if (!snb_pending_mapped(tx->pending, packet->chain))
			tx_failed(queue, i, true);
		if (likely(packet->status == SN_RSP_OKAY))
			snb_pending_lend(tx->pending, packet->chain,
					 packet->skb);
		else
			snb_pending_refuse(tx->pending, packet->chain);
	}
}

/* Up the stack. Packets that have the guest's pages must not be merged, and
 * none must overtake another.
 */
static void tx_hand_over(struct snb_queue *queue, struct sk_buff *skb)
{
	if (READ_ONCE(queue->tx.pending))
		netif_receive_skb(skb);
	else
		napi_gro_receive(&queue->napi, skb);
}

static void tx_deliver_one(struct snb_queue *queue,
			   struct snb_tx_packet *packet)
{
	struct sk_buff *skb = packet->skb;
	unsigned int bytes = skb->len;
	int err;

	if (unlikely(packet->status != SN_RSP_OKAY)) {
		kfree_skb(skb);
		return;
	}

	err = tx_finish_skb(queue, packet);
	if (unlikely(err)) {
		tx_drop(queue, tx_fault_of(err));
		kfree_skb(skb);
		return;
	}

	sn_count(queue->stats, SN_TX_PACKETS);
	sn_count_add(queue->stats, SN_TX_BYTES, bytes);
	tx_hand_over(queue, skb);
}

static void tx_deliver(struct snb_queue *queue)
{
	struct snb_tx *tx = &queue->tx;
	unsigned int i;

	for (i = 0; i < tx->count; i++)
		if (tx->packet[i].skb)
			tx_deliver_one(queue, &tx->packet[i]);
	tx->count = 0;
}

/**
 * snb_tx_step() - carry packets from the guest into the host
 * @queue: the queue
 * @budget: packets to carry at most
 *
 * Context: the owner of the queue's NAPI instance, softirqs off.
 *
 * Return: packets taken off the ring, dropped ones included.
 */
int snb_tx_step(struct snb_queue *queue, int budget)
{
	struct snb_tx *tx = &queue->tx;
	struct snb_pending *pending;
	unsigned int i;
	int done;

	pending = READ_ONCE(tx->pending);
	if (pending)
		snb_pending_take_back(pending);

	if (unlikely(!tx_take(tx))) {
		snb_vif_fault(queue, SN_FAULT_TX_RING);
		return 0;
	}

	budget = min_t(int, budget, SNB_BATCH);
	while (tx->count < budget && tx->taken != tx->ring.req_cons)
		if (!tx_has_credit(queue) || !tx_parse(queue))
			break;

	done = tx->count;
	if (done)
		tx->mover.ops->flush(&tx->mover);
	/* It may have come since then, and packets are lent already. */
	if (done && READ_ONCE(tx->pending))
		tx_lend(queue);

	for (i = 0; i < done; i++)
		tx_respond(queue, &tx->packet[i]);
	if (tx->ring.rsp_prod != tx->ring.rsp_pushed)
		tx_push(queue);
	tx_deliver(queue);

	return done;
}

/**
 * snb_tx_arm() - ask for an event at the next request
 * @queue: the queue; if it rests, a timer starts it again instead
 *
 * Context: the owner of the queue's NAPI instance. Return: true if the request
 * is there already.
 */
bool snb_tx_arm(struct snb_queue *queue)
{
	bool more = !queue->tx.resting && sn_back_arm(&queue->tx.ring, 1);

	return more || snb_tx_waits(queue);
}

/**
 * snb_tx_waits() - whether packets came back that the guest waits for
 * @queue: the queue
 *
 * Context: any.
 */
bool snb_tx_waits(const struct snb_queue *queue)
{
	const struct snb_pending *pending = READ_ONCE(queue->tx.pending);

	return pending && snb_pending_waits(pending);
}

/* The pool is the vif's, since a pool whose pages are under way cannot go, and
 * a guest can connect and send again and again.
 */
static int tx_find_pool(struct snb_queue *queue)
{
	struct page_pool **pool = &queue->vif->tx_pool[queue->id];
	struct page_pool_params params = {
		.pool_size	= SN_RING_SLOTS,
		.nid		= NUMA_NO_NODE,
	};
	struct page_pool *created;

	if (!*pool) {
		created = page_pool_create(&params);
		if (IS_ERR(created))
			return PTR_ERR(created);
		*pool = created;
	}
	queue->tx.pool = *pool;

	return 0;
}

static int tx_create_mover(struct snb_queue *queue)
{
	struct sn_mover *mover = &queue->tx.mover;

	mover->ops = queue->vif->tx_mode->mover;
	mover->domid = queue->vif->domid;
	mover->direction = SN_FROM_GUEST;
	mover->failed = tx_failed;
	mover->owner = queue;
	mover->moves = &queue->stats->counter[SN_TX_COPY_OPS];
	mover->flushes = &queue->stats->counter[SN_TX_COPY_CALLS];

	return mover->ops->create(mover);
}

/**
 * snb_tx_may_lend() - make what a queue needs to lend pages, if it has it not
 * @queue: a queue, running or not
 *
 * It is there until the queue goes.
 *
 * Context: may sleep; one caller at a time. Return: 0 or a negative errno.
 */
int snb_tx_may_lend(struct snb_queue *queue)
{
	struct snb_pending *pending;

	if (queue->tx.pending)
		return 0;

	pending = snb_pending_create(queue);
	if (IS_ERR(pending))
		return PTR_ERR(pending);

	/* Pairs with READ_ONCE() wherever it is used by what was read. */
	smp_store_release(&queue->tx.pending, pending);
	return 0;
}

/**
 * snb_tx_lend() - say whether packets are to use the guest's own pages
 * @queue: a queue, running or not; to lend, after snb_tx_may_lend()
 * @lends: whether those that come from now on are. What is lent comes back as
 *	it would have
 *
 * Context: one caller at a time.
 */
void snb_tx_lend(struct snb_queue *queue, bool lends)
{
	/* Pairs with smp_load_acquire() in tx_lends(). */
	smp_store_release(&queue->tx.lends, lends);
}

/**
 * snb_tx_create() - connect the Tx ring
 * @queue: the queue
 * @ref: the frontend's grant of the ring page
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int snb_tx_create(struct snb_queue *queue, grant_ref_t ref)
{
	struct snb_tx *tx = &queue->tx;
	void *sring;
	int err;

	sring = snb_ring_page_map(&tx->ring_page, queue->vif->domid, ref);
	if (IS_ERR(sring))
		return PTR_ERR(sring);

	err = -EIO;
	if (!sn_back_attach(&tx->ring, sring))
		goto err_unmap;
	tx->taken = tx->ring.req_cons;

	err = tx_find_pool(queue);
	if (err)
		goto err_unmap;

	err = tx_create_mover(queue);
	if (err)
		goto err_unmap;

	if (queue->vif->tx_mode->lends) {
		err = snb_tx_may_lend(queue);
		if (err)
			goto err_mover;
		snb_tx_lend(queue, true);
	}

	return 0;

err_mover:
	tx->mover.ops->destroy(&tx->mover);
err_unmap:
	snb_ring_page_unmap(&tx->ring_page);
	return err;
}

/**
 * snb_tx_drain() - answer all that is under way
 * @queue: a stopped queue whose events can still be sent
 * @keeps: the frontend keeps its rings for the backend that comes after us,
 *	which starts at what was pushed: all has to be answered, however long
 *	that takes
 *
 * Context: may sleep, without RTNL.
 */
void snb_tx_drain(struct snb_queue *queue, bool keeps)
{
	struct snb_tx *tx = &queue->tx;

	if (tx->pending)
		snb_pending_drain(tx->pending, keeps);
	if (tx->ring.rsp_prod != tx->ring.rsp_pushed)
		tx_push(queue);
}

/**
 * snb_tx_destroy() - undo snb_tx_create()
 * @queue: a stopped queue
 *
 * Context: may sleep.
 */
void snb_tx_destroy(struct snb_queue *queue)
{
	struct snb_tx *tx = &queue->tx;

	if (tx->pending)
		snb_pending_destroy(tx->pending);
	tx->mover.ops->destroy(&tx->mover);
	snb_ring_page_unmap(&tx->ring_page);
}
