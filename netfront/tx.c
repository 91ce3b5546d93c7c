// SPDX-License-Identifier: GPL-2.0
/*
 * Tx: what the guest sends, from its stack into the ring, and the way back of
 * what the backend has taken.
 *
 * The sender (under the transmit lock) and the reaper (the NAPI owner) share
 * no lock: ids go from the reaper to the sender through a row of their own,
 * requests from the sender to the reaper through the ring.
 */
#include <linux/etherdevice.h>
#include <linux/mm.h>
#include <xen/page.h>
#include "netfront.h"
#include "../include/offload.h"

/* Ring slots that a packet takes at most: data, and an extra for GSO. */
#define TX_SLOTS_MAX	(SN_PKT_SLOTS + 1)

/* A backend that lends our pages on may keep some for long, which BQL, made for
 * hardware that finishes in order, does not expect: if nothing at all comes back
 * for so long, what is under way is not its business any more. Nor may a stopped
 * queue rely on an event for longer: the backend may keep so many that there
 * will be none, while others came back.
 */
#define TX_STUCK_MS	100

/* What the reaper needs to know of a packet. */
struct tx_cb {
	u32 bytes;
	u32 epoch;
	u16 slots;	/* still to be answered */
	bool refused;
};

static struct tx_cb *tx_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct tx_cb) > sizeof(skb->cb));

	return (struct tx_cb *)skb->cb;
}

/* Whether the largest packet would find room. */
static bool tx_has_room(const struct snf_tx *tx)
{
	/* Pairs with smp_store_release() in tx_free_id(). */
	u32 ids = smp_load_acquire(&tx->free_prod) - tx->free_cons;

	return ids >= TX_SLOTS_MAX && sn_front_free(&tx->ring) >= TX_SLOTS_MAX;
}

static u16 tx_alloc_id(struct snf_tx *tx)
{
	return tx->free[tx->free_cons++ & (SN_RING_SLOTS - 1)];
}

static void tx_free_id(struct snf_tx *tx, u16 id)
{
	tx->free[tx->free_prod & (SN_RING_SLOTS - 1)] = id;
	/* Pairs with smp_load_acquire() in tx_has_room(). */
	smp_store_release(&tx->free_prod, tx->free_prod + 1);
}

static unsigned int tx_chunk_slots(unsigned int offset, unsigned int len)
{
	return len ? DIV_ROUND_UP(offset_in_page(offset) + len, SN_SLOT_BYTES) :
		     0;
}

static unsigned int tx_count_slots(const struct sk_buff *skb)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);
	unsigned int i, slots;

	slots = tx_chunk_slots(offset_in_page(skb->data), skb_headlen(skb));
	for (i = 0; i < shinfo->nr_frags; i++)
		slots += tx_chunk_slots(skb_frag_off(&shinfo->frags[i]),
					skb_frag_size(&shinfo->frags[i]));

	return slots;
}

/* Grant one page's part of a packet and put it on the ring. */
static void tx_put(struct snf_queue *queue, struct sk_buff *skb,
		   struct page *page, unsigned int offset, unsigned int size,
		   u16 flags)
{
	struct snf_tx *tx = &queue->tx;
	u32 idx = tx->ring.req_prod++;
	u16 id = tx_alloc_id(tx);
	struct sn_tx_req req = {
		.gref	= tx->gref[id],
		.offset	= offset,
		.flags	= flags,
		.id	= id,
		.size	= size,
	};

	gnttab_grant_foreign_access_ref(tx->gref[id],
					queue->port->xbdev->otherend_id,
					xen_page_to_gfn(page), GTF_readonly);
	tx->page[id] = page;
	tx->index[id] = idx;
	/* Pairs with smp_rmb() in tx_reap_one(): whoever finds the packet also
	 * finds where its request is, and that it is not yet pushed.
	 */
	smp_wmb();
	WRITE_ONCE(tx->skb[id], skb);

	sn_tx_slot(tx->ring.sring, idx)->req = req;
}

/* Put a part of a packet that lies within one, maybe large, page. @left is
 * the number of slots that the packet still has to fill.
 */
static void tx_put_parts(struct snf_queue *queue, struct sk_buff *skb,
			 struct page *page, unsigned int offset,
			 unsigned int len, unsigned int *left)
{
	unsigned int part;

	for (; len; len -= part, offset += part) {
		part = min_t(unsigned int, len,
			     PAGE_SIZE - offset_in_page(offset));
		tx_put(queue, skb, nth_page(page, offset >> PAGE_SHIFT),
		       offset_in_page(offset), part,
		       --*left ? SN_TXF_MORE_DATA : 0);
	}
}

static void tx_put_gso(struct snf_tx *tx, const struct sn_offload *offload)
{
	struct sn_extra extra = {
		.type		= SN_EXTRA_GSO,
		.gso.size	= offload->gso_size,
		.gso.type	= offload->gso_type,
	};

	sn_tx_slot(tx->ring.sring, tx->ring.req_prod++)->extra = extra;
}

static u16 tx_first_flags(const struct sn_offload *offload)
{
	u16 flags = 0;

	if (offload->csum_blank)
		flags |= SN_TXF_CSUM_BLANK;
	if (offload->csum_valid)
		flags |= SN_TXF_DATA_VALIDATED;
	if (offload->gso_type)
		flags |= SN_TXF_EXTRA_INFO;

	return flags;
}

/* Put a whole packet on the ring. */
static void tx_put_skb(struct snf_queue *queue, struct sk_buff *skb)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);
	unsigned int offset = offset_in_page(skb->data);
	unsigned int headlen = skb_headlen(skb);
	unsigned int left = tx_count_slots(skb);
	struct page *page = virt_to_page(skb->data);
	struct sn_offload offload;
	unsigned int i, part;
	u16 flags;

	tx_cb(skb)->bytes = skb->len;
	tx_cb(skb)->epoch = queue->tx.epoch;
	tx_cb(skb)->slots = left;
	tx_cb(skb)->refused = false;

	/* The first slot tells the size of the whole packet. */
	sn_offload_from_skb(&offload, skb);
	flags = tx_first_flags(&offload) | (--left ? SN_TXF_MORE_DATA : 0);
	tx_put(queue, skb, page, offset, skb->len, flags);
	if (offload.gso_type)
		tx_put_gso(&queue->tx, &offload);

	part = min_t(unsigned int, headlen, PAGE_SIZE - offset);
	tx_put_parts(queue, skb, page, offset + part, headlen - part, &left);
	for (i = 0; i < shinfo->nr_frags; i++)
		tx_put_parts(queue, skb, skb_frag_page(&shinfo->frags[i]),
			     skb_frag_off(&shinfo->frags[i]),
			     skb_frag_size(&shinfo->frags[i]), &left);
}

static void tx_push(struct snf_queue *queue)
{
	bool notify = sn_front_push(&queue->tx.ring);

	if (notify)
		sn_channel_notify(&queue->events.tx);
	sn_count_push(queue->stats, SN_TX_EVENTS_SENT, notify);
}

/* A grant that the backend does not let go of holds a page back from being used
 * again, which memory of a slab it would not.
 */
static struct page *tx_alloc_pages(unsigned int order)
{
	return alloc_pages(GFP_ATOMIC | __GFP_NOWARN | __GFP_ZERO | __GFP_COMP,
			   order);
}

/* An empty skb with room for a page's bytes. What it needs behind them starts a
 * new page, which is not granted.
 */
static struct sk_buff *tx_alloc_head(void)
{
	unsigned int order = get_order(PAGE_SIZE +
			SKB_DATA_ALIGN(sizeof(struct skb_shared_info)));
	struct page *page = tx_alloc_pages(order);
	struct sk_buff *skb;

	if (!page)
		return NULL;

	skb = build_skb(page_address(page), PAGE_SIZE << order);
	if (!skb)
		__free_pages(page, order);

	return skb;
}

/* Copy the next bytes of @skb, a page of them at most. */
static bool tx_bounce_page(struct sk_buff *copy, const struct sk_buff *skb)
{
	unsigned int part = min_t(unsigned int, skb->len - copy->len, PAGE_SIZE);
	unsigned int offset = copy->len;
	struct page *page;

	if (!offset)
		return !skb_copy_bits(skb, 0, skb_put(copy, part), part);

	page = tx_alloc_pages(0);
	if (!page)
		return false;

	skb_add_rx_frag(copy, skb_shinfo(copy)->nr_frags, page, 0, part,
			PAGE_SIZE);
	return !skb_copy_bits(skb, offset, page_address(page), part);
}

/* A copy of @skb whose grants show the backend the packet and nothing else,
 * now or later.
 */
static struct sk_buff *tx_bounce(const struct sk_buff *skb)
{
	struct sk_buff *copy;

	copy = tx_alloc_head();
	if (!copy)
		return NULL;

	while (copy->len != skb->len)
		if (!tx_bounce_page(copy, skb)) {
			dev_kfree_skb_any(copy);
			return NULL;
		}

	skb_copy_header(copy, skb);
	skb_headers_offset_update(copy, -(int)skb_headroom(skb));
	return copy;
}

/* Whether the packet as it is must not be granted: other memory is not to be
 * shown; stock backends want the Ethernet header in the first slot; or there may
 * be one slot only.
 */
static bool tx_must_bounce(const struct snf_port *port,
			   const struct sk_buff *skb)
{
	return port->bounce || skb_headlen(skb) < ETH_HLEN ||
	       PAGE_SIZE - offset_in_page(skb->data) < ETH_HLEN ||
	       (!port->offer[SN_BACK_SG] && tx_count_slots(skb) > 1);
}

/* Not by the device's features, which may have changed since the packet was
 * found to fit them.
 */
static bool tx_gso_fits(const u32 *offer, const struct sk_buff *skb)
{
	unsigned int type = skb_shinfo(skb)->gso_type;

	if (!offer[SN_BACK_SG])
		return false;
	if (type & SKB_GSO_TCPV4)
		return offer[SN_BACK_GSO_TCPV4];

	return (type & SKB_GSO_TCPV6) && offer[SN_BACK_GSO_TCPV6] &&
	       offer[SN_BACK_CSUM_IPV6];
}

/* Make a packet fit the wire. The caller's packet is replaced or freed. */
static struct sk_buff *tx_shape(struct snf_queue *queue, struct sk_buff *skb)
{
	struct sk_buff *copy;

	if (unlikely(skb->len > SN_PKT_BYTES || skb->len < ETH_HLEN))
		goto drop;

	/* It may have waited since before a backend that cannot take it. */
	if (skb_is_gso(skb) && unlikely(!tx_gso_fits(queue->port->offer, skb)))
		goto drop;

	/* Another guest's pages, by way of a bridge, are not ours to grant. */
	if (unlikely(skb_orphan_frags(skb, GFP_ATOMIC)))
		goto drop;

	if (unlikely(tx_must_bounce(queue->port, skb))) {
		copy = tx_bounce(skb);
		if (!copy)
			goto drop;
		/* A copy has no socket that would hear of it. */
		skb_tx_timestamp(skb);
		dev_consume_skb_any(skb);
		skb = copy;
	}

	if (unlikely(tx_count_slots(skb) > SN_PKT_SLOTS) &&
	    (skb_linearize(skb) || tx_count_slots(skb) > SN_PKT_SLOTS))
		goto drop;

	if (unlikely(!queue->port->offer[SN_BACK_SG] &&
		     tx_count_slots(skb) > 1))
		goto drop;

	return skb;

drop:
	sn_count(queue->stats, SN_TX_DROPPED);
	dev_kfree_skb_any(skb);
	return NULL;
}

/* Whether BQL keeps the stack from sending. */
static bool tx_bql_waits(const struct netdev_queue *txq)
{
	return test_bit(__QUEUE_STATE_STACK_XOFF, &txq->state);
}

static void tx_watch(struct snf_tx *tx)
{
	if (timer_pending(&tx->timer))
		return;

	WRITE_ONCE(tx->watched, READ_ONCE(tx->ring.rsp_cons));
	mod_timer(&tx->timer, jiffies + msecs_to_jiffies(TX_STUCK_MS));
}

/* The queue is stopped. Have a visit look, if none did for long: by BQL it may
 * wait in vain, and for room while less came back than an event was asked for.
 */
static void tx_timer(struct timer_list *timer)
{
	struct snf_queue *queue = from_timer(queue, timer, tx.timer);
	struct snf_tx *tx = &queue->tx;

	/* Pairs with smp_mb() in tx_stop() and netdev_tx_sent_queue(): either
	 * this sees that the queue is stopped, or the sender sees that the
	 * timer is not pending.
	 */
	smp_mb();
	if (!netif_running(queue->port->dev) ||
	    !netif_xmit_stopped(snf_queue_txq(queue)))
		return;

	if (READ_ONCE(tx->ring.rsp_cons) == READ_ONCE(tx->watched)) {
		WRITE_ONCE(tx->stuck, true);
		sn_seat_kick(&queue->seat);
	}
	/* The visit may not make enough room, or leave BQL to wait on. */
	tx_watch(tx);
}

/* Have BQL begin anew, without what is under way. */
static void tx_unstick(struct snf_queue *queue)
{
	struct netdev_queue *txq = snf_queue_txq(queue);

	__netif_tx_lock(txq, smp_processor_id());
	netdev_tx_reset_queue(txq);
	queue->tx.epoch++;
	__netif_tx_unlock(txq);
	netif_schedule_queue(txq);
	sn_count(queue->stats, SN_TX_BQL_RESTARTS);
}

/* Have the stack send no more. False if there is room meanwhile. */
static bool tx_stop(struct snf_queue *queue)
{
	struct netdev_queue *txq = snf_queue_txq(queue);

	netif_tx_stop_queue(txq);
	/* Pairs with smp_mb() in tx_wake(): either the reaper sees the stopped
	 * queue, or this sees the room that it made.
	 */
	smp_mb();
	if (tx_has_room(&queue->tx)) {
		netif_tx_start_queue(txq);
		return false;
	}

	tx_watch(&queue->tx);
	return true;
}

/**
 * snf_tx_send() - put a packet on the ring
 * @queue: the queue
 * @skb: the packet; taken, unless there is no room for the largest one
 *
 * The queue is stopped while it has no room, but whoever wakes it may have
 * looked for room before the last packets came.
 *
 * Context: the holder of the queue's transmit lock, softirqs off.
 *
 * Return: NETDEV_TX_BUSY if @skb is still the caller's.
 */
netdev_tx_t snf_tx_send(struct snf_queue *queue, struct sk_buff *skb)
{
	struct netdev_queue *txq = snf_queue_txq(queue);
	struct snf_tx *tx = &queue->tx;
	bool more = netdev_xmit_more();
	bool kick = !more;

	if (unlikely(!tx_has_room(tx)) && tx_stop(queue))
		return NETDEV_TX_BUSY;

	skb = tx_shape(queue, skb);
	if (likely(skb)) {
		skb_tx_timestamp(skb);
		/* The backend may take its time; who unloads conntrack waits. */
		nf_reset_ct(skb);
		tx_put_skb(queue, skb);
		kick = __netdev_tx_sent_queue(txq, skb->len, more);
		if (unlikely(tx_bql_waits(txq)))
			tx_watch(tx);
		sn_count(queue->stats, SN_TX_PACKETS);
		sn_count_add(queue->stats, SN_TX_BYTES, skb->len);
	}

	if (unlikely(!tx_has_room(tx))) {
		tx_stop(queue);
		kick = true;
	}

	if (kick && tx->ring.req_prod != tx->ring.req_pushed)
		tx_push(queue);

	return NETDEV_TX_OK;
}

/**
 * snf_tx_start() - let the stack send, after it was stopped
 * @queue: the queue
 *
 * What was on the ring before is still there. If there is no room, the reaper
 * starts the stack when there is.
 *
 * Context: RTNL is held, the queue runs.
 */
void snf_tx_start(struct snf_queue *queue)
{
	struct netdev_queue *txq = snf_queue_txq(queue);

	if (tx_has_room(&queue->tx))
		netif_tx_start_queue(txq);
	/* Nobody watched while the device was down. */
	if (netif_xmit_stopped(txq))
		tx_watch(&queue->tx);
}

static void tx_wake(struct snf_queue *queue)
{
	struct netdev_queue *txq = snf_queue_txq(queue);

	/* Pairs with smp_mb() in tx_stop(). */
	smp_mb();
	if (unlikely(netif_tx_queue_stopped(txq)) && tx_has_room(&queue->tx))
		netif_tx_wake_queue(txq);
}

/* The packet whose slot @rsp answers, after taking the slot back. */
static struct sk_buff *tx_reap_one(struct snf_queue *queue,
				   const struct sn_tx_rsp *rsp,
				   enum sn_fault *fault)
{
	struct snf_tx *tx = &queue->tx;
	struct sk_buff *skb;
	u32 index;

	*fault = SN_FAULT_TXRSP_ID;
	if (rsp->id >= SN_RING_SLOTS)
		return NULL;

	skb = READ_ONCE(tx->skb[rsp->id]);
	/* Pairs with smp_wmb() in tx_put(). */
	smp_rmb();
	index = tx->index[rsp->id];
	if (!skb || (s32)(index - READ_ONCE(tx->ring.req_pushed)) >= 0)
		return NULL;

	*fault = SN_FAULT_TXRSP_HELD;
	if (!gnttab_end_foreign_access_ref(tx->gref[rsp->id]))
		return NULL;

	tx->skb[rsp->id] = NULL;
	tx_free_id(tx, rsp->id);
	if ((s32)(index - tx->overtaken) >= 0)
		tx->overtaken = index + 1;
	return skb;
}

/**
 * snf_tx_reap() - take back what the backend is done with
 * @queue: the queue
 * @budget: NAPI's, for freeing packets
 *
 * Context: the queue's NAPI owner, or nobody runs the queue; softirqs off.
 * Return: slots taken back.
 */
unsigned int snf_tx_reap(struct snf_queue *queue, int budget)
{
	struct snf_tx *tx = &queue->tx;
	unsigned int packets = 0;
	unsigned int bytes = 0;
	enum sn_fault fault;
	struct sk_buff *skb;
	u32 count, i;

	if (unlikely(!sn_front_responses(&tx->ring, &count))) {
		snf_port_fault(queue, SN_FAULT_TXRSP_RING);
		return 0;
	}

	for (i = 0; i < count; i++) {
		union sn_tx_slot *slot = sn_tx_slot(tx->ring.sring,
						    tx->ring.rsp_cons + i);
		struct sn_tx_rsp rsp = {
			.id	= READ_ONCE(slot->rsp.id),
			.status	= READ_ONCE(slot->rsp.status),
		};

		if (rsp.status == SN_RSP_NULL)
			continue;

		skb = tx_reap_one(queue, &rsp, &fault);
		if (unlikely(!skb)) {
			snf_port_fault(queue, fault);
			return 0;
		}

		if (unlikely(rsp.status < 0 && !tx_cb(skb)->refused)) {
			tx_cb(skb)->refused = true;
			snf_port_fault(queue, SN_FAULT_TXRSP_STATUS);
		}

		if (--tx_cb(skb)->slots)
			continue;

		if (likely(tx_cb(skb)->epoch == tx->epoch)) {
			packets++;
			bytes += tx_cb(skb)->bytes;
		}
		napi_consume_skb(skb, budget);
	}

	/* Without a budget this is netpoll, maybe under the transmit lock, or the
	 * interface goes down.
	 */
	if (unlikely(READ_ONCE(tx->stuck)) && budget) {
		WRITE_ONCE(tx->stuck, false);
		if (!count && tx_bql_waits(snf_queue_txq(queue)))
			tx_unstick(queue);
	}

	if (!count)
		return 0;

	WRITE_ONCE(tx->ring.rsp_cons, tx->ring.rsp_cons + count);
	netdev_tx_completed_queue(snf_queue_txq(queue), packets, bytes);
	tx_wake(queue);

	return count;
}

/**
 * snf_tx_orphan() - let go of whoever sent what is under way
 * @queue: a stopped queue
 *
 * Until it is started again nobody takes back what the backend is done with,
 * and no socket is to wait for that, nor the network namespace of one.
 *
 * Context: RTNL is held.
 */
void snf_tx_orphan(struct snf_queue *queue)
{
	struct snf_tx *tx = &queue->tx;
	unsigned int id;

	local_bh_disable();
	snf_tx_reap(queue, 0);
	for (id = 0; id < SN_RING_SLOTS; id++)
		if (tx->skb[id])
			skb_orphan(tx->skb[id]);
	local_bh_enable();
}

/**
 * snf_tx_arm() - ask for an event when half of what is under way is done
 * @queue: the queue
 *
 * What later packets have overtaken is not expected back soon.
 *
 * Context: the queue's NAPI owner. Return: true if that is so already.
 */
bool snf_tx_arm(struct snf_queue *queue)
{
	struct snf_tx *tx = &queue->tx;
	s32 expected = READ_ONCE(tx->ring.req_pushed) - tx->overtaken;

	return sn_front_arm(&tx->ring, max(expected / 2, 1));
}

/**
 * snf_tx_create() - set up the Tx ring
 * @queue: the queue
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int snf_tx_create(struct snf_queue *queue)
{
	struct xenbus_device *xbdev = queue->port->xbdev;
	struct snf_tx *tx = &queue->tx;
	unsigned int i;
	void *sring;
	int err;

	timer_setup(&tx->timer, tx_timer, 0);

	tx->ring_ref = INVALID_GRANT_REF;
	err = snf_grants_claim(tx->gref, SN_RING_SLOTS);
	if (err)
		return err;

	err = xenbus_setup_ring(xbdev, GFP_KERNEL, &sring, 1, &tx->ring_ref);
	if (err) {
		snf_grants_free(tx->gref, SN_RING_SLOTS);
		return err;
	}

	tx->ring_page = virt_to_page(sring);
	sn_front_init(&tx->ring, sring);
	for (i = 0; i < SN_RING_SLOTS; i++)
		tx_free_id(tx, i);

	return 0;
}

/* Give up a slot, and its packet if the backend never answered. */
static void tx_abandon(struct snf_tx *tx, u16 id)
{
	struct sk_buff *skb = tx->skb[id];

	if (!skb) {
		snf_grants_free(&tx->gref[id], 1);
		return;
	}

	/* The packet goes; what the backend has mapped of it stays. */
	if (!snf_grants_end(&tx->gref[id]))
		get_page(tx->page[id]);
	tx->skb[id] = NULL;
	if (!--tx_cb(skb)->slots)
		kfree_skb(skb);
}

/**
 * snf_tx_destroy() - undo snf_tx_create()
 * @queue: a stopped queue that no ndo_start_xmit can see any more
 *
 * The grants of the ring, and of pages that the backend has mapped, are left to
 * snf_held_put().
 *
 * Context: may sleep.
 */
void snf_tx_destroy(struct snf_queue *queue)
{
	struct snf_tx *tx = &queue->tx;
	unsigned int i;

	del_timer_sync(&tx->timer);
	for (i = 0; i < SN_RING_SLOTS; i++)
		tx_abandon(tx, i);
}
