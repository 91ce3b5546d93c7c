// SPDX-License-Identifier: GPL-2.0
/*
 * Rx: what the guest receives, out of its ring into its stack.
 *
 * Every ring slot holds a granted page for the backend to fill. Take copies
 * new responses out of the shared page, once; parse turns them into packets;
 * build takes the pages back and makes one skb around them; post gives the ring
 * new pages, pushed once per visit.
 */
#include <linux/etherdevice.h>
#include <linux/mm.h>
#include <xen/page.h>
#include "netfront.h"
#include "../include/header.h"
#include "../include/offload.h"

/* Room in an skb's linear part: headers, or a small packet whole. */
#define RX_HEAD_BYTES	256

/* Empty slots that are worth a visit to the page pool. */
#define RX_POST_BATCH	16

/* When to try again if there was no memory for pages. */
#define RX_RETRY_MS	100

static unsigned int rx_pos(u32 idx)
{
	return idx & (SN_RING_SLOTS - 1);
}

/* Put the next slot's request onto the ring. */
static void rx_put(struct snf_rx *rx)
{
	u32 idx = rx->ring.req_prod++;
	unsigned int pos = rx_pos(idx);
	struct sn_rx_req req = { .id = pos, .gref = rx->gref[pos] };

	sn_rx_slot(rx->ring.sring, idx)->req = req;
}

/* Grant a fresh page for the next slot. False if there is no memory. */
static bool rx_post_one(struct snf_queue *queue)
{
	struct snf_rx *rx = &queue->rx;
	unsigned int pos = rx_pos(rx->ring.req_prod);
	struct page *page;

	/* Zeroed when new, so that the backend finds nothing old in it. */
	page = page_pool_alloc_pages(rx->pool, GFP_ATOMIC | __GFP_NOWARN |
					       __GFP_ZERO);
	if (unlikely(!page))
		return false;

	/* One that is used again may hold what somebody here made of a packet:
	 * some decrypt in place.
	 */
	if (unlikely(queue->port->bounce))
		clear_page(page_address(page));

	rx->page[pos] = page;
	gnttab_grant_foreign_access_ref(rx->gref[pos],
					queue->port->xbdev->otherend_id,
					xen_page_to_gfn(page), 0);
	rx_put(rx);
	return true;
}

/* Ask for pages in the next slots, as far as there is memory. */
static void rx_post_flips(struct snf_rx *rx)
{
	unsigned int count = snf_flip_prepare(rx->flip, rx->ring.req_prod,
					      sn_front_free(&rx->ring));

	while (count--) {
		snf_flip_post(rx->flip, rx->ring.req_prod);
		rx_put(rx);
	}
}

/**
 * snf_rx_post() - fill the ring with pages
 * @queue: the queue
 *
 * Context: the queue's NAPI owner, or nobody runs the queue; softirqs off.
 */
void snf_rx_post(struct snf_queue *queue)
{
	struct snf_rx *rx = &queue->rx;
	bool notify;

	if (sn_front_free(&rx->ring) < RX_POST_BATCH)
		return;

	if (rx->flip)
		rx_post_flips(rx);
	else
		while (sn_front_free(&rx->ring) && rx_post_one(queue))
			;
	if (unlikely(sn_front_free(&rx->ring)))
		mod_timer(&rx->timer, jiffies + msecs_to_jiffies(RX_RETRY_MS));

	notify = sn_front_push(&rx->ring);
	if (notify)
		sn_channel_notify(sn_events_of_rx(&queue->events));
	sn_count_push(queue->stats, SN_RX_EVENTS_SENT, notify);
}

/* Copy what the backend pushed since the last visit, and take the pages that
 * came with it.
 */
static enum sn_fault rx_take(struct snf_rx *rx)
{
	u32 count, end, from = rx->taken;

	if (!sn_front_responses(&rx->ring, &count) ||
	    !sn_slots_end(rx->ring.rsp_cons, from, count, &end))
		return SN_FAULT_RXRSP_RING;

	for (; rx->taken != end; rx->taken++)
		memcpy(&rx->slot[rx_pos(rx->taken)],
		       sn_rx_slot(rx->ring.sring, rx->taken),
		       sizeof(union sn_rx_slot));

	/* The copies above are what everything below reads; the compiler must
	 * not go back to the shared page.
	 */
	barrier();

	if (rx->flip && !snf_flip_accept(rx->flip, from, end))
		return SN_FAULT_RXRSP_HELD;

	return SN_OK;
}

/* Whether the pages came that a packet's slots speak of. */
static bool rx_came(const struct snf_rx *rx, const struct sn_packet *pkt)
{
	unsigned int i;

	for (i = 0; i < pkt->slots; i++)
		if (!snf_flip_has(rx->flip,
				  rx->ring.rsp_cons + pkt->slot[i].ring))
			return false;

	return true;
}

/* End the grants of a packet's slots. False if the backend holds one. */
static bool rx_take_back(struct snf_rx *rx, const struct sn_packet *pkt)
{
	unsigned int i, pos;

	if (rx->flip)
		return true;

	for (i = 0; i < pkt->ring_slots; i++) {
		pos = rx_pos(rx->ring.rsp_cons + i);
		if (!gnttab_end_foreign_access_ref(rx->gref[pos]))
			return false;
	}

	return true;
}

static struct page *rx_take_page(struct snf_rx *rx, u32 idx)
{
	struct page *page = rx->page[rx_pos(idx)];

	/* Absent: it stays where it is, for the slot's next turn. */
	if (rx->flip && !snf_flip_has(rx->flip, idx))
		return NULL;

	rx->page[rx_pos(idx)] = NULL;
	return page;
}

/* Give all pages of a packet that no skb took back to the pool. */
static void rx_recycle(struct snf_rx *rx, const struct sn_packet *pkt)
{
	struct page *page;
	unsigned int i;

	for (i = 0; i < pkt->ring_slots; i++) {
		page = rx_take_page(rx, rx->ring.rsp_cons + i);
		if (page)
			page_pool_recycle_direct(rx->pool, page);
	}
}

/* How much of the first slot goes into the linear part. A packet of all 18
 * slots has a fragment too many, unless its first slot goes there whole.
 */
static unsigned int rx_head_len(const struct sn_packet *pkt, const u8 *data)
{
	unsigned int first = pkt->slot[0].size;

	if (first <= RX_HEAD_BYTES &&
	    (pkt->slots == 1 || pkt->slots > MAX_SKB_FRAGS))
		return first;

	return sn_header_len(data, min_t(unsigned int, first, RX_HEAD_BYTES));
}

/* Build the one skb of a packet around its pages. NULL if there is no memory,
 * or no room for that many fragments.
 */
static struct sk_buff *rx_build(struct snf_queue *queue,
				const struct sn_packet *pkt)
{
	struct snf_rx *rx = &queue->rx;
	u32 cons = rx->ring.rsp_cons;
	const struct sn_slot *slot = pkt->slot;
	unsigned int i, head, frags = 0;
	struct sk_buff *skb;
	u8 *data;

	data = page_address(rx->page[rx_pos(cons + slot->ring)]) + slot->offset;
	head = rx_head_len(pkt, data);
	if (pkt->slots > MAX_SKB_FRAGS && head < slot->size)
		return NULL;

	skb = napi_alloc_skb(&queue->napi, RX_HEAD_BYTES);
	if (unlikely(!skb))
		return NULL;

	skb_put_data(skb, data, head);
	for (i = 0; i < pkt->slots; i++, slot++, head = 0) {
		if (head == slot->size)
			continue;
		skb_add_rx_frag(skb, frags++,
				rx_take_page(rx, cons + slot->ring),
				slot->offset + head, slot->size - head,
				PAGE_SIZE);
	}
	if (frags)
		skb_mark_for_recycle(skb);

	return skb;
}

/* What the backend did wrong, if it was that. */
static enum sn_fault rx_fault_of(int err)
{
	switch (err) {
	case -EPROTO:
		return SN_FAULT_RXRSP_CSUM;
	case -EINVAL:
		return SN_FAULT_RXRSP_GSO;
	default:
		return SN_OK;
	}
}

/* Check what the packet claims of itself, against its headers. Returns 0 or a
 * negative errno, one of rx_fault_of() if the backend is at fault. A segment may
 * be longer than IP's own length says, so the stack has to look again.
 */
static int rx_finish_skb(struct snf_queue *queue, struct sk_buff *skb,
			 const struct sn_offload *offload)
{
	/* The parser has seen to it that there is so much. */
	if (!pskb_may_pull(skb, ETH_HLEN))
		return -ENOMEM;

	skb->protocol = eth_type_trans(skb, queue->port->dev);
	skb_reset_network_header(skb);
	skb_record_rx_queue(skb, queue->id);

	return sn_skb_offload(skb, offload,
			      &queue->stats->counter[SN_GSO_CSUM_FIXUP]);
}

static void rx_deliver(struct snf_queue *queue, struct sk_buff *skb,
		       const struct sn_offload *offload)
{
	unsigned int bytes = skb->len;
	enum sn_fault fault;
	int err;

	err = rx_finish_skb(queue, skb, offload);
	if (unlikely(err)) {
		fault = rx_fault_of(err);
		sn_count(queue->stats, SN_RX_DROPPED);
		if (fault != SN_OK)
			snf_port_fault(queue, fault);
		kfree_skb(skb);
		return;
	}

	sn_count(queue->stats, SN_RX_PACKETS);
	sn_count_add(queue->stats, SN_RX_BYTES, bytes);
	napi_gro_receive(&queue->napi, skb);
}

/* Carry the next packet into the stack. False at a fatal fault. */
static bool rx_packet(struct snf_queue *queue)
{
	struct snf_rx *rx = &queue->rx;
	struct sk_buff *skb = NULL;
	struct sn_packet pkt;
	enum sn_fault fault;

	fault = sn_rx_parse(rx->slot, rx->ring.rsp_cons,
			    rx->taken - rx->ring.rsp_cons, &pkt);
	if (likely(fault == SN_OK || !sn_fault_fatal(fault)) &&
	    unlikely(!rx_take_back(rx, &pkt)))
		fault = SN_FAULT_RXRSP_HELD;
	if (fault == SN_OK && rx->flip && unlikely(!rx_came(rx, &pkt)))
		fault = SN_FAULT_RXRSP_NO_PAGE;
	if (unlikely(fault != SN_OK))
		snf_port_fault(queue, fault);
	if (unlikely(sn_fault_fatal(fault)))
		return false;

	if (likely(fault == SN_OK))
		skb = rx_build(queue, &pkt);
	rx_recycle(rx, &pkt);
	WRITE_ONCE(rx->ring.rsp_cons, rx->ring.rsp_cons + pkt.ring_slots);

	if (likely(skb))
		rx_deliver(queue, skb, &pkt.offload);
	else
		sn_count(queue->stats, SN_RX_DROPPED);

	return true;
}

/**
 * snf_rx_step() - carry packets from the ring into the stack
 * @queue: the queue
 * @budget: packets to carry at most
 *
 * Context: the queue's NAPI owner, softirqs off.
 *
 * Return: packets taken off the ring, dropped ones included.
 */
int snf_rx_step(struct snf_queue *queue, int budget)
{
	struct snf_rx *rx = &queue->rx;
	enum sn_fault fault;
	int done;

	fault = rx_take(rx);
	if (unlikely(fault != SN_OK)) {
		snf_port_fault(queue, fault);
		return 0;
	}

	for (done = 0; done < budget; done++)
		if (rx->taken == rx->ring.rsp_cons || !rx_packet(queue))
			break;

	return done;
}

static void rx_timer(struct timer_list *timer)
{
	struct snf_queue *queue = from_timer(queue, timer, rx.timer);

	sn_seat_kick(&queue->seat);
}

static int rx_create_pool(struct snf_rx *rx)
{
	struct page_pool_params params = {
		.pool_size	= SN_RING_SLOTS,
		.nid		= NUMA_NO_NODE,
	};

	rx->pool = page_pool_create(&params);

	return PTR_ERR_OR_ZERO(rx->pool);
}

static int rx_create_flip(struct snf_queue *queue)
{
	struct snf_flip *flip;

	if (!queue->port->flip)
		return 0;

	flip = snf_flip_create(queue);
	if (IS_ERR(flip))
		return PTR_ERR(flip);

	queue->rx.flip = flip;
	return 0;
}

/**
 * snf_rx_create() - set up the Rx ring
 * @queue: the queue
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int snf_rx_create(struct snf_queue *queue)
{
	struct xenbus_device *xbdev = queue->port->xbdev;
	struct snf_rx *rx = &queue->rx;
	void *sring;
	int err;

	timer_setup(&rx->timer, rx_timer, 0);

	rx->ring_ref = INVALID_GRANT_REF;
	err = snf_grants_claim(rx->gref, SN_RING_SLOTS);
	if (err)
		return err;

	err = rx_create_pool(rx);
	if (err)
		goto err_grants;

	err = rx_create_flip(queue);
	if (err)
		goto err_pool;

	err = xenbus_setup_ring(xbdev, GFP_KERNEL, &sring, 1, &rx->ring_ref);
	if (err)
		goto err_flip;

	rx->ring_page = virt_to_page(sring);
	sn_front_init(&rx->ring, sring);
	return 0;

err_flip:
	if (rx->flip)
		snf_flip_destroy(rx->flip);
err_pool:
	page_pool_destroy(rx->pool);
err_grants:
	snf_grants_free(rx->gref, SN_RING_SLOTS);
	return err;
}

/* Give up a slot, and its page if that is on the ring. */
static void rx_abandon(struct snf_rx *rx, unsigned int pos)
{
	struct page *page = rx->page[pos];

	if (!page) {
		snf_grants_free(&rx->gref[pos], 1);
		return;
	}

	/* What the backend has mapped: with a second reference held for the
	 * grant, the pool lets go of the page instead of using it again.
	 */
	if (!snf_grants_end(&rx->gref[pos]))
		get_page(page);
	page_pool_put_full_page(rx->pool, page, false);
}

/**
 * snf_rx_destroy() - undo snf_rx_create()
 * @queue: a stopped queue
 *
 * The grants of the ring, and of pages that the backend has mapped, are left to
 * snf_held_put().
 *
 * Context: may sleep.
 */
void snf_rx_destroy(struct snf_queue *queue)
{
	struct snf_rx *rx = &queue->rx;
	unsigned int i;

	/* Also set for a queue that never ran: its pages are posted before. */
	del_timer_sync(&rx->timer);
	if (rx->flip)
		snf_flip_destroy(rx->flip);
	for (i = 0; i < SN_RING_SLOTS; i++)
		rx_abandon(rx, i);
	page_pool_destroy(rx->pool);
}
