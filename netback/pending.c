// SPDX-License-Identifier: GPL-2.0
/*
 * Pending slots: pages of the guest that packets use while they are under way
 * in the host (Tx mode "map").
 *
 * A slot has one owner at a time:
 *
 *   free	the table: on the row of free slots
 *   claimed	the table: waits for the flush that maps it
 *   lent	the skb whose fragment it is
 *   returned	the table again: its skb is gone, or its packet failed; waits to
 *		be unmapped and answered, and is free then
 *
 * The slots of a packet form a chain, which is lent and returned as a whole.
 * Whoever frees the skb, on any CPU, puts the chain's first slot on a list;
 * everything else is done by the owner of the queue's NAPI instance.
 *
 * A page cannot be taken from under a packet, and a guest may see to it that
 * one stays for long: it takes nothing of what others send to it. So nothing
 * more is lent while a packet has been out for long, or nearly all slots are:
 * the sender's packets to others are copied and answered at once. And when a
 * queue goes, a table whose slots are not all back is left: a work gives back
 * what returns to it, and frees it in the end.
 */
#include <linux/delay.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <xen/grant_table.h>
#include <xen/page.h>
#include "netback.h"

/* Xen flushes TLBs once for so many pages of one unmap call
 * (GNTTAB_UNMAP_BATCH_SIZE in its grant_table.c).
 */
#define PENDING_FLUSH_PAGES	32

#define PENDING_MAP_FLAGS	(GNTMAP_host_map | GNTMAP_readonly)

/* How often to look after what a guest left. */
#define PENDING_LOOK_MS		20

/* A packet that is out for so long, to twice as long, keeps others from being
 * lent; and so few free slots do: after one more the frontend, which stops
 * without room for the largest packet, still has it.
 */
#define PENDING_PERIOD_MS	50
#define PENDING_SPARE		(2 * (SN_PKT_SLOTS + 1))

/**
 * struct pending_slot - a page of the guest
 * @ubuf: tells that the packet's skb is gone; the chain's first slot has it
 * @node: entry of the list of returned chains, of a chain's first slot
 * @pending: the table
 * @handle: Xen's name of the mapping; INVALID_GRANT_HANDLE if there is none
 * @offset: bytes into the page
 * @len: bytes
 * @id: of the request that brought it
 * @next: slot of the same packet, or SNB_NO_SLOT
 * @status: what the request is answered with
 * @copied: the host copied the packet's bytes after all
 * @odd: claimed in a period that counts in the second of @out; the chain's
 *	first slot has it
 */
struct pending_slot {
	struct ubuf_info ubuf;
	struct llist_node node;
	struct snb_pending *pending;
	grant_handle_t handle;
	u16 offset;
	u16 len;
	u16 id;
	u16 next;
	s16 status;
	bool copied;
	bool odd;
};

/* One slot for each unanswered request that the ring can hold. */
struct snb_pending {
	struct snb_queue *queue;	/* NULL: the table is left */
	struct sn_stats *stats;
	domid_t domid;
	struct llist_head returned;
	unsigned int free;		/* entries of @free_slot */
	unsigned int claimed;		/* entries of @map_slot */
	unsigned int out[2];		/* chains: of this period at [odd] */
	unsigned long period_end;	/* jiffies */
	bool odd;
	bool held;			/* a chain is out for long */
	u16 free_slot[SN_RING_SLOTS];
	u16 map_slot[SN_RING_SLOTS];
	struct pending_slot slot[SN_RING_SLOTS];
	struct page *page[SN_RING_SLOTS];
	/* The hypercall at hand. */
	struct page *op_page[SN_RING_SLOTS];
	struct gnttab_map_grant_ref map_op[SN_RING_SLOTS];
	struct gnttab_unmap_grant_ref unmap_op[SN_RING_SLOTS];
	/* Of a table that is left: the vif with its statistics may be gone. */
	struct list_head entry;
	struct sn_stats unseen;
};

static void pending_look_after(struct work_struct *work);

/* The tables that were left. */
static LIST_HEAD(left_tables);
static DEFINE_MUTEX(left_lock);
static DECLARE_DELAYED_WORK(left_work, pending_look_after);

static unsigned long pending_address(const struct snb_pending *pending,
				     u16 slot)
{
	return (unsigned long)page_address(pending->page[slot]);
}

/**
 * snb_pending_claim() - take a slot for a page of the guest
 * @pending: the table; it has a slot for each request under way
 * @prev: last slot of the packet so far, or SNB_NO_SLOT
 * @part: the page's part that the packet has
 * @id: of its request
 *
 * The page is there after snb_pending_map().
 *
 * Context: the owner of the queue's NAPI instance. Return: the slot, by now
 * the last of the packet's chain.
 */
u16 snb_pending_claim(struct snb_pending *pending, u16 prev,
		      const struct sn_slot *part, u16 id)
{
	u16 index = pending->free_slot[--pending->free];
	struct pending_slot *slot = &pending->slot[index];
	unsigned int op = pending->claimed++;

	slot->offset = part->offset;
	slot->len = part->size;
	slot->id = id;
	slot->next = SNB_NO_SLOT;
	slot->status = SN_RSP_OKAY;
	slot->copied = false;
	if (prev == SNB_NO_SLOT) {
		slot->odd = pending->odd;
		pending->out[slot->odd]++;
	} else {
		pending->slot[prev].next = index;
	}

	pending->map_slot[op] = index;
	pending->op_page[op] = pending->page[index];
	gnttab_set_map_op(&pending->map_op[op], pending_address(pending, index),
			  PENDING_MAP_FLAGS, part->gref, pending->domid);
	pending->map_op[op].status = GNTST_general_error;

	return index;
}

/**
 * snb_pending_map() - map all claimed pages, by one hypercall
 * @pending: the table
 *
 * Whether a packet got all of its pages is told by snb_pending_mapped().
 *
 * Context: the owner of the queue's NAPI instance.
 */
void snb_pending_map(struct snb_pending *pending)
{
	struct sn_stats *stats = pending->stats;
	unsigned int i, count = pending->claimed;
	struct gnttab_map_grant_ref *op;

	if (!count)
		return;

	/* It would sleep over a page that is paged out; no guest that Linux can
	 * serve a vif to has any.
	 */
	if (gnttab_map_refs(pending->map_op, NULL, pending->op_page, count))
		pr_warn_once("GNTTABOP_map_grant_ref refused\n");

	for (i = 0; i < count; i++) {
		op = &pending->map_op[i];
		pending->slot[pending->map_slot[i]].handle =
			op->status == GNTST_okay ? op->handle :
						   INVALID_GRANT_HANDLE;
		sn_count_add(stats, SN_TX_MAPS, op->status == GNTST_okay);
	}
	sn_count(stats, SN_TX_MAP_CALLS);
	pending->claimed = 0;
}

/**
 * snb_pending_mapped() - whether all pages of a packet are there
 * @pending: the table
 * @chain: the packet's first slot
 *
 * Context: the owner of the queue's NAPI instance, after snb_pending_map().
 */
bool snb_pending_mapped(const struct snb_pending *pending, u16 chain)
{
	for (; chain != SNB_NO_SLOT; chain = pending->slot[chain].next)
		if (pending->slot[chain].handle == INVALID_GRANT_HANDLE)
			return false;

	return true;
}

/* The skb of a chain is gone. Any context. */
static void pending_returned(struct sk_buff *skb, struct ubuf_info *ubuf,
			     bool zerocopy)
{
	struct pending_slot *slot = container_of(ubuf, struct pending_slot,
						 ubuf);
	struct snb_pending *pending = slot->pending;
	bool irqs = !irqs_disabled();
	struct snb_queue *queue;

	if (!refcount_dec_and_test(&ubuf->refcnt))
		return;

	slot->copied = !zerocopy;
	/* A reader of the skb's bytes may free it with softirqs on, netpoll
	 * with interrupts off. Whoever frees the table, or its queue, waits for
	 * this section, an RCU reader's in either way, to end.
	 */
	if (irqs)
		local_bh_disable();
	llist_add(&slot->node, &pending->returned);
	queue = READ_ONCE(pending->queue);
	if (queue)
		sn_seat_wake(&queue->seat);
	if (irqs)
		local_bh_enable();
}

SN_UBUF_OPS(pending_ubuf_ops, pending_returned);

/**
 * snb_pending_lend() - give a packet's pages to its skb
 * @pending: the table
 * @chain: the packet's first slot; all of them are mapped
 * @skb: gets the pages as its fragments; the chain returns when they go
 *
 * Context: the owner of the queue's NAPI instance.
 */
void snb_pending_lend(struct snb_pending *pending, u16 chain,
		      struct sk_buff *skb)
{
	struct pending_slot *slot = &pending->slot[chain];
	struct ubuf_info *ubuf = &slot->ubuf;
	unsigned int frags = 0;

	for (;; chain = slot->next) {
		slot = &pending->slot[chain];
		/* The skb drops a reference; the table keeps its own. */
		get_page(pending->page[chain]);
		skb_add_rx_frag(skb, frags++, pending->page[chain],
				slot->offset, slot->len, PAGE_SIZE);
		if (slot->next == SNB_NO_SLOT)
			break;
	}

	sn_ubuf_init(ubuf, &pending_ubuf_ops);
	skb_zcopy_init(skb, ubuf);
}

/**
 * snb_pending_refuse() - return a packet's pages that no skb had
 * @pending: the table
 * @chain: the packet's first slot; it is answered by SN_RSP_ERROR
 *
 * Context: the owner of the queue's NAPI instance.
 */
void snb_pending_refuse(struct snb_pending *pending, u16 chain)
{
	llist_add(&pending->slot[chain].node, &pending->returned);
	for (; chain != SNB_NO_SLOT; chain = pending->slot[chain].next)
		pending->slot[chain].status = SN_RSP_ERROR;
}

/* Line up a chain's slots. Returns how many there are by now. */
static unsigned int pending_line_up(struct snb_pending *pending, u16 index,
				    u16 *line, unsigned int count)
{
	sn_count_add(pending->stats, SN_TX_MAPS_COPIED,
		     pending->slot[index].copied);
	pending->out[pending->slot[index].odd]--;
	for (; index != SNB_NO_SLOT; index = pending->slot[index].next)
		line[count++] = index;

	return count;
}

/* Unmap the pages of the slots in @line, by one hypercall. */
static void pending_unmap(struct snb_pending *pending, const u16 *line,
			  unsigned int count)
{
	struct sn_stats *stats = pending->stats;
	struct pending_slot *slot;
	unsigned int i, ops = 0;

	for (i = 0; i < count; i++) {
		slot = &pending->slot[line[i]];
		if (slot->handle == INVALID_GRANT_HANDLE)
			continue;
		pending->op_page[ops] = pending->page[line[i]];
		gnttab_set_unmap_op(&pending->unmap_op[ops++],
				    pending_address(pending, line[i]),
				    GNTMAP_host_map, slot->handle);
		slot->handle = INVALID_GRANT_HANDLE;
	}

	if (!ops)
		return;

	/* Xen refuses only what is not mapped. */
	WARN_ON_ONCE(gnttab_unmap_refs(pending->unmap_op, NULL,
				       pending->op_page, ops));
	sn_count_add(stats, SN_TX_UNMAPS, ops);
	sn_count(stats, SN_TX_UNMAP_CALLS);
	sn_count_add(stats, SN_TX_UNMAP_FLUSHES,
		     DIV_ROUND_UP(ops, PENDING_FLUSH_PAGES));
}

/* A period ends when all of the one before are back, or is made longer. */
static void pending_look(struct snb_pending *pending)
{
	if (time_before(jiffies, pending->period_end))
		return;

	pending->held = pending->out[!pending->odd];
	if (!pending->held)
		pending->odd = !pending->odd;
	pending->period_end = jiffies + msecs_to_jiffies(PENDING_PERIOD_MS);
}

/**
 * snb_pending_may_lend() - whether another packet may have the guest's pages
 * @pending: the table
 *
 * Context: the owner of the queue's NAPI instance. Return: false if others are
 * held up, or too many are under way.
 */
bool snb_pending_may_lend(const struct snb_pending *pending)
{
	return !pending->held && pending->free > PENDING_SPARE;
}

/**
 * snb_pending_take_back() - unmap and answer what was returned
 * @pending: the table; of one that is left nobody is answered
 *
 * The responses are written, and not yet pushed.
 *
 * Context: the owner of the queue's NAPI instance, or nobody runs the queue.
 */
void snb_pending_take_back(struct snb_pending *pending)
{
	struct pending_slot *slot, *next;
	u16 line[SN_RING_SLOTS];
	unsigned int i, count = 0;

	pending_look(pending);
	if (llist_empty(&pending->returned))
		return;

	llist_for_each_entry_safe(slot, next, llist_del_all(&pending->returned),
				  node)
		count = pending_line_up(pending, slot - pending->slot, line,
					count);

	pending_unmap(pending, line, count);
	for (i = 0; i < count; i++) {
		slot = &pending->slot[line[i]];
		if (pending->queue)
			snb_tx_answer(pending->queue, slot->id, slot->status);
		pending->free_slot[pending->free++] = line[i];
	}
}

/**
 * snb_pending_waits() - whether there is something to take back
 * @pending: the table
 *
 * Context: any.
 */
bool snb_pending_waits(const struct snb_pending *pending)
{
	return !llist_empty(&pending->returned);
}

/**
 * snb_pending_create() - make a queue's table
 * @queue: the queue
 *
 * Context: may sleep. Return: the table or an error pointer.
 */
struct snb_pending *snb_pending_create(struct snb_queue *queue)
{
	struct snb_pending *pending;
	unsigned int i;
	int err;

	pending = kvzalloc(sizeof(*pending), GFP_KERNEL);
	if (!pending)
		return ERR_PTR(-ENOMEM);

	err = gnttab_alloc_pages(SN_RING_SLOTS, pending->page);
	if (err) {
		kvfree(pending);
		return ERR_PTR(err);
	}

	pending->queue = queue;
	pending->stats = queue->stats;
	pending->domid = queue->vif->domid;
	pending->period_end = jiffies;
	init_llist_head(&pending->returned);
	for (i = 0; i < SN_RING_SLOTS; i++) {
		pending->slot[i].pending = pending;
		pending->slot[i].handle = INVALID_GRANT_HANDLE;
		pending->free_slot[pending->free++] = i;
	}

	return pending;
}

/* What returns from now on is not the queue's business. */
static void pending_leave_queue(struct snb_pending *pending)
{
	pending->stats = &pending->unseen;
	WRITE_ONCE(pending->queue, NULL);
}

/**
 * snb_pending_drain() - take back what is lent
 * @pending: the table of a stopped queue
 * @all: wait for all of it, however long packets are under way in the host, for
 *	as long as the frontend keeps its rings. If not, what has not come by
 *	the vif's @drain_end is given back later, and not answered
 *
 * The responses are written, and not yet pushed. On other CPUs the queue may be
 * woken until synchronize_net().
 *
 * Context: may sleep, without RTNL.
 */
void snb_pending_drain(struct snb_pending *pending, bool all)
{
	struct snb_vif *vif = pending->queue->vif;
	unsigned long told = jiffies;
	unsigned long look = jiffies;

	for (;;) {
		snb_pending_take_back(pending);
		if (pending->free == SN_RING_SLOTS)
			return;
		if (!all && time_after(jiffies, vif->drain_end))
			break;
		if (all && time_after_eq(jiffies, look)) {
			look = jiffies + HZ;
			all = snb_xenbus_keeps(vif);
		}
		if (time_after(jiffies, told + 10 * HZ)) {
			netdev_info(vif->dev,
				    "waiting for %u pages that packets use\n",
				    SN_RING_SLOTS - pending->free);
			told = jiffies;
		}
		msleep(PENDING_LOOK_MS);
	}

	vif->drain_failed = jiffies;
	pending_leave_queue(pending);
}

static void pending_free(struct snb_pending *pending)
{
	gnttab_free_pages(SN_RING_SLOTS, pending->page);
	kvfree(pending);
}

/* Free tables to which all has returned. */
static void pending_free_all(struct list_head *tables)
{
	struct snb_pending *pending, *next;

	if (list_empty(tables))
		return;

	/* For pending_returned() on other CPUs. */
	synchronize_rcu();
	list_for_each_entry_safe(pending, next, tables, entry)
		pending_free(pending);
}

/* Give back what returned to tables that were left. */
static void pending_look_after(struct work_struct *work)
{
	struct snb_pending *pending, *next;
	LIST_HEAD(whole);

	mutex_lock(&left_lock);
	list_for_each_entry_safe(pending, next, &left_tables, entry) {
		snb_pending_take_back(pending);
		if (pending->free == SN_RING_SLOTS)
			list_move(&pending->entry, &whole);
	}
	if (!list_empty(&left_tables))
		schedule_delayed_work(&left_work,
				      msecs_to_jiffies(PENDING_LOOK_MS));
	mutex_unlock(&left_lock);
	pending_free_all(&whole);
}

/**
 * snb_pending_destroy() - undo snb_pending_create()
 * @pending: a table that never lent, or was drained, maybe not of all, before a
 *	synchronize_net()
 *
 * Context: may sleep.
 */
void snb_pending_destroy(struct snb_pending *pending)
{
	if (pending->queue) {
		pending_free(pending);
		return;
	}

	mutex_lock(&left_lock);
	list_add_tail(&pending->entry, &left_tables);
	schedule_delayed_work(&left_work, 0);
	mutex_unlock(&left_lock);
}

/**
 * snb_pending_left() - whether pages of a guest are lent that a table was left
 * with
 * @domid: the guest
 *
 * Context: may sleep.
 */
bool snb_pending_left(domid_t domid)
{
	struct snb_pending *pending;
	bool found = false;

	mutex_lock(&left_lock);
	list_for_each_entry(pending, &left_tables, entry)
		found |= pending->domid == domid;
	mutex_unlock(&left_lock);

	return found;
}

/**
 * snb_pending_exit() - wait for all tables that were left
 *
 * Context: module exit: no more are.
 */
void snb_pending_exit(void)
{
	while (!list_empty(&left_tables))
		msleep(PENDING_LOOK_MS);
	cancel_delayed_work_sync(&left_work);
}
