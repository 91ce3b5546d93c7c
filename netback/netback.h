/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The map of netback. A guest's interface is a vif; a vif has queues; a queue
 * has a Tx and an Rx half and is run by its NAPI instance.
 *
 * Rx: bridge -> vif.c (ndo_start_xmit) -> rx.c (queue, plan, move, push)
 * Tx: queue.c (NAPI poll) -> tx.c (take, parse, move, complete, deliver)
 */
#ifndef SPLITNET_NETBACK_H
#define SPLITNET_NETBACK_H

#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/ptr_ring.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <xen/grant_table.h>
#include <xen/xenbus.h>
#include "../include/compat.h"
#include "../include/conduct.h"
#include "../include/events.h"
#include "../include/fault.h"
#include "../include/packet.h"
#include "../include/plan.h"
#include "../include/ring.h"
#include "../include/seat.h"
#include "../include/sidecore.h"
#include "../include/stats.h"
#include "../include/transfer.h"
#include "../include/xenstore.h"
#include "pending.h"

/* Packets of one direction that one poll handles at most. */
#define SNB_BATCH		64

/* What waits for the guest, per queue: packets, and bytes beyond which BQL lets
 * no more come, whatever it makes of a guest that takes nothing.
 */
#define SNB_RX_PACKETS		512
#define SNB_RX_BYTES		(512 * 1024)

struct snb_vif;
struct snb_queue;

/**
 * struct snb_mode - a transfer mode of one direction
 * @name: as users name it
 * @mover: carries the bytes, of a lent packet those of its header
 * @lends: Tx: packets use the guest's own pages for all but the header
 * @possible: whether it works in this domain; NULL: always
 */
struct snb_mode {
	const char *name;
	const struct sn_mover_ops *mover;
	bool lends;
	bool (*possible)(void);
};

/* The page of a ring, mapped. */
struct snb_ring_page {
	struct page *page;
	grant_handle_t handle;
};

/* A packet between taking it and answering it. */
struct snb_tx_packet {
	struct sk_buff *skb;	/* NULL: dropped */
	struct sn_offload offload;
	u32 first;		/* ring index of its first slot */
	u32 lent;		/* mask of slots that the skb has the pages of */
	u16 chain;		/* the first of them in the pending table */
	u16 ring_slots;
	u16 extras;
	s16 status;
};

/* What the guest sends. */
struct snb_tx {
	struct sn_back_ring ring;
	struct snb_ring_page ring_page;
	u32 taken;		/* @slot is valid up to this ring index */
	bool resting;		/* the vif's credit is used up */
	unsigned int count;	/* packets in @packet */
	struct page_pool *pool;		/* the vif's */
	struct sn_mover mover;
	bool lends;		/* packets are to use the guest's pages */
	struct snb_pending *pending;	/* NULL: no page was ever lent */
	struct snb_tx_packet packet[SNB_BATCH];
	union sn_tx_slot slot[SN_RING_SLOTS];
};

/* A packet between filling its slots and showing them. */
struct snb_rx_packet {
	struct sk_buff *skb;
	u32 first;		/* ring index of its first slot */
	bool failed;
};

/* What the guest receives. */
struct snb_rx {
	struct sn_back_ring ring;
	struct snb_ring_page ring_page;
	u32 seen;		/* requests up to this index were seen */
	unsigned int count;	/* packets in @packet */
	struct sn_mover mover;

	struct sk_buff *head;	/* taken off @waiting, not yet sent */
	bool blocked;		/* @head waits for slots */
	bool starved;		/* ... or did, and nothing was sent since */
	bool stalled;		/* ... for so long that the carrier went */
	u32 need;		/* slots that end the wait */
	unsigned long since;	/* jiffies when it began to starve */
	struct timer_list timer;

	struct snb_rx_packet packet[SNB_BATCH];

	/* Filled by ndo_start_xmit on any CPU. */
	struct ptr_ring waiting ____cacheline_aligned_in_smp;
};

struct snb_queue {
	struct napi_struct napi;
	struct sn_seat seat;
	struct snb_vif *vif;
	struct sn_stats *stats;
	unsigned int id;
	struct snb_tx tx;
	struct snb_rx rx;
	struct sn_plan plan;	/* of the packet at hand, either way */

	struct sn_events events;
};

/**
 * struct snb_credit - the rate limit of a vif, for what the guest sends
 * @limited: if there is one
 * @lock: guards the next five
 * @bytes: allowed per period
 * @period_us: the period
 * @left: bytes that may go at once
 * @filled: jiffies when the bucket was filled last
 * @next: jiffies when it is filled again
 * @timer: starts queues that ran out of credit
 * @watch: on the xenstore key
 */
struct snb_credit {
	bool limited;
	spinlock_t lock;	/* all queues pay from one bucket */
	u64 bytes;
	u32 period_us;
	u64 left;
	unsigned long filled;
	unsigned long next;
	struct timer_list timer;
	struct xenbus_watch watch;
};

/**
 * struct snb_vif - one guest's interface
 * @dev: its net device
 * @xbdev: its xenbus device
 * @domid: the guest
 * @queues: entries of @queue that are connected; 0 while disconnected
 * @max_queues: room in @queue and @stats
 * @queue: the queues
 * @stats: statistics for each of @max_queues, kept over reconnects
 * @tx_pool: pages for the packets of each, likewise; NULL until the first one
 * @request: what the frontend asked for, by enum sn_front_key
 * @tx_want: how the bytes of what the guest sends are to cross
 * @rx_want: ... and of what it receives, if the frontend does that
 * @tx_mode: how they do: set at each connect, and by a change
 * @rx_mode: set at each connect
 * @credit: the rate limit
 * @sidecore: where the queues run
 * @disabled: a fault cut the frontend off until it reconnects
 * @carrier_lock: makes @waiting_queues and the carrier one step; softirqs are off
 * @waiting_queues: queues whose guest does not take packets
 * @drain_end: jiffies from which a disconnect waits no more for pages lent out
 * @drain_failed: jiffies when one had waited in vain
 * @lock: serialises connect, disconnect, disable and a change of the Tx mode
 * @disable: disconnects after a fatal fault
 * @conduct: what the frontend did wrong besides what its queues met
 */
struct snb_vif {
	struct net_device *dev;
	struct xenbus_device *xbdev;
	domid_t domid;
	unsigned int queues;
	unsigned int max_queues;
	struct snb_queue **queue;
	struct sn_stats *stats;
	struct page_pool **tx_pool;
	u32 request[SN_FRONT_KEYS];
	const struct snb_mode *tx_want;
	const struct snb_mode *rx_want;
	const struct snb_mode *tx_mode;
	const struct snb_mode *rx_mode;
	struct snb_credit credit;
	struct sn_sidecore sidecore;
	bool disabled;
	spinlock_t carrier_lock;	/* @waiting_queues, the carrier */
	unsigned int waiting_queues;
	unsigned long drain_end;
	unsigned long drain_failed;
	struct mutex lock;	/* the queues */
	struct work_struct disable;
	struct sn_conduct conduct;
};

/* mode.c */
const struct snb_mode *snb_tx_mode_default(void);
const struct snb_mode *snb_rx_mode_default(void);
bool snb_mode_possible(const struct snb_mode *mode);
const struct snb_mode *snb_tx_mode_find(const char *name);
const struct snb_mode *snb_rx_mode_find(const char *name);

/* flip.c */
extern const struct sn_mover_ops snb_flip_ops;

/* main.c */
extern unsigned int snb_max_queues;
extern bool snb_split_events;
extern unsigned int snb_rx_drain_ms;
extern unsigned int snb_rx_stall_ms;

/* xenbus.c */
bool snb_xenbus_keeps(const struct snb_vif *vif);
int snb_xenbus_init(void);
void snb_xenbus_exit(void);

/* change.c */
int snb_change_want(struct snb_vif *vif, bool rx, const struct snb_mode *mode);

/* vif.c, process context */
struct snb_vif *snb_vif_create(struct xenbus_device *xbdev, unsigned int handle);
void snb_vif_destroy(struct snb_vif *vif);
int snb_vif_connect(struct snb_vif *vif);
void snb_vif_disconnect(struct snb_vif *vif, bool keeps);
int snb_vif_change_tx(struct snb_vif *vif, const struct snb_mode *mode);

/* vif.c, any context */
void snb_vif_fault(struct snb_queue *queue, enum sn_fault fault);
void snb_vif_queue_waits(struct snb_vif *vif);
void snb_vif_queue_ready(struct snb_vif *vif);

/* ringpage.c, process context */
void *snb_ring_page_map(struct snb_ring_page *ring, domid_t domid,
			grant_ref_t ref);
void snb_ring_page_unmap(struct snb_ring_page *ring);

/* queue.c, process context */
struct snb_queue *snb_queue_create(struct snb_vif *vif, unsigned int id,
				   unsigned int queues);
void snb_queue_shut(struct snb_queue *queue, bool keeps);
void snb_queue_destroy(struct snb_queue *queue);
void snb_queue_start(struct snb_queue *queue);
void snb_queue_stop(struct snb_queue *queue);

/* tx.c: set-up in process context, steps by the queue's NAPI owner */
int snb_tx_create(struct snb_queue *queue, grant_ref_t ref);
int snb_tx_may_lend(struct snb_queue *queue);
void snb_tx_lend(struct snb_queue *queue, bool lends);
void snb_tx_drain(struct snb_queue *queue, bool keeps);
void snb_tx_destroy(struct snb_queue *queue);
int snb_tx_step(struct snb_queue *queue, int budget);
bool snb_tx_arm(struct snb_queue *queue);
bool snb_tx_waits(const struct snb_queue *queue);
void snb_tx_answer(struct snb_queue *queue, u16 id, s16 status);

/* rx.c: set-up in process context, steps by the queue's NAPI owner */
int snb_rx_create(struct snb_queue *queue, grant_ref_t ref);
void snb_rx_destroy(struct snb_queue *queue);
void snb_rx_clear(struct snb_queue *queue);
unsigned int snb_rx_step(struct snb_queue *queue, int budget);
bool snb_rx_arm(struct snb_queue *queue);
bool snb_rx_waits(struct snb_queue *queue);

/* rx.c: by the holder of the queue's transmit lock */
bool snb_rx_enqueue(struct snb_queue *queue, struct sk_buff *skb);

/* credit.c: set-up in process context, paid by a queue's NAPI owner */
int snb_credit_create(struct snb_vif *vif);
void snb_credit_unwatch(struct snb_vif *vif);
void snb_credit_destroy(struct snb_vif *vif);
bool snb_credit_take(struct snb_vif *vif, u32 bytes);

/* ethtool.c */
extern const struct ethtool_ops snb_ethtool_ops;

/* sysfs.c */
extern const struct attribute_group snb_sysfs_group;

static inline struct netdev_queue *snb_queue_txq(const struct snb_queue *queue)
{
	return netdev_get_tx_queue(queue->vif->dev, queue->id);
}

/* Whether the frontend takes packets of this GSO type; no type always goes. */
static inline bool snb_vif_takes_gso(const struct snb_vif *vif, u8 gso_type)
{
	switch (gso_type) {
	case SN_GSO_NONE:
		return true;
	case SN_GSO_TCPV4:
		return vif->request[SN_FRONT_GSO_TCPV4];
	default:
		return vif->request[SN_FRONT_GSO_TCPV6];
	}
}

#endif /* SPLITNET_NETBACK_H */
