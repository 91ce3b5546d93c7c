/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The map of netfront. A xenbus device is a port; a port has queues; a queue
 * has a Tx and an Rx half and is run by its NAPI instance.
 *
 * Tx: guest stack -> port.c (ndo_start_xmit) -> tx.c (grant, push; reap)
 * Rx: queue.c (NAPI poll) -> rx.c (take, parse, build, deliver; post)
 */
#ifndef SPLITNET_NETFRONT_H
#define SPLITNET_NETFRONT_H

#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <xen/grant_table.h>
#include <xen/xenbus.h>
#include "../include/compat.h"
#include "../include/conduct.h"
#include "../include/events.h"
#include "../include/fault.h"
#include "../include/packet.h"
#include "../include/ring.h"
#include "../include/seat.h"
#include "../include/sidecore.h"
#include "../include/stats.h"
#include "../include/xenstore.h"
#include "flip.h"

struct snf_port;
struct snf_queue;

/* What the guest sends. A slot's id names a row of the four arrays; the ids
 * that are free go round in @free, from the NAPI owner to the sender.
 */
struct snf_tx {
	struct sn_front_ring ring;
	grant_ref_t ring_ref;
	struct page *ring_page;

	/* Set by the holder of the transmit lock; a row is cleared by the NAPI
	 * owner.
	 */
	u32 free_cons;
	u32 epoch;		/* what BQL counts began with it */
	struct sk_buff *skb[SN_RING_SLOTS];	/* NULL: not on the ring */
	u32 index[SN_RING_SLOTS];		/* ring index of the request */
	struct page *page[SN_RING_SLOTS];
	grant_ref_t gref[SN_RING_SLOTS];

	/* Looks whether we are stopped in vain. */
	struct timer_list timer;
	u32 watched;		/* responses taken back when it was set */
	bool stuck;		/* it is so; until the NAPI owner has looked */

	/* By the NAPI owner. */
	u32 free_prod ____cacheline_aligned_in_smp;
	u32 overtaken;		/* ring index behind the latest answered */
	u16 free[SN_RING_SLOTS];
};

/* What the guest receives: a page for every ring slot. */
struct snf_rx {
	struct sn_front_ring ring;
	grant_ref_t ring_ref;
	struct page *ring_page;
	u32 taken;		/* @slot is valid up to this ring index */
	struct page_pool *pool;
	struct snf_flip *flip;		/* NULL: pages are granted */
	struct timer_list timer;	/* tries again to post pages */
	struct page *page[SN_RING_SLOTS];	/* NULL: not on the ring */
	grant_ref_t gref[SN_RING_SLOTS];
	union sn_rx_slot slot[SN_RING_SLOTS];
};

struct snf_queue {
	struct napi_struct napi;
	struct sn_seat seat;
	struct snf_port *port;
	struct sn_stats *stats;
	unsigned int id;
	struct snf_rx rx;
	struct snf_tx tx;

	struct sn_events events;

	struct list_head held;		/* among its port's, once it is over */
};

/* Queues of connections that are over, of which the backend holds pages. */
struct snf_held {
	struct list_head list;
	unsigned int queues;
	struct delayed_work work;
};

/**
 * struct snf_port - one interface of this guest
 * @dev: its net device
 * @xbdev: its xenbus device
 * @queues: entries of @queue that are connected; 0 while disconnected
 * @max_queues: room in @queue and @stats
 * @queue: the queues
 * @stats: statistics for each of @max_queues, kept over reconnects
 * @offer: what the backend offers, by enum sn_back_key
 * @takes_flips: pages are to be received by flip, where the backend offers it
 * @flip: they are
 * @sidecore: where the queues run
 * @held: what the backend holds of earlier connections; under @lock
 * @bounce: the backend is not trusted: show it nothing but packets
 * @disabled: a fault cut the backend off until it reconnects
 * @registered: @dev is registered
 * @removing: no connection is made any more
 * @announced: neighbours were told of the connection
 * @reopen: a connection is closed, or to be, in order to be made anew
 * @lock: serialises connect, disconnect and disable, each with its change of
 *	the xenbus device's state
 * @wish: serialises those who want another mode
 * @disable: disconnects after a fatal fault
 * @close: begins to close, for @reopen
 * @conduct: what the backend did wrong besides what the queues met
 * @backend_moved: woken when the backend changes its state
 */
struct snf_port {
	struct net_device *dev;
	struct xenbus_device *xbdev;
	unsigned int queues;
	unsigned int max_queues;
	struct snf_queue **queue;
	struct sn_stats *stats;
	u32 offer[SN_BACK_KEYS];
	bool takes_flips;
	bool flip;
	struct sn_sidecore sidecore;
	struct snf_held held;
	bool bounce;
	bool disabled;
	bool registered;
	bool removing;
	bool announced;
	bool reopen;
	struct mutex lock;	/* connect, disconnect, disable */
	struct mutex wish;	/* who waits for another mode; no other within */
	struct work_struct disable;
	struct work_struct close;
	struct sn_conduct conduct;
	wait_queue_head_t backend_moved;
};

/* What this build can do without flips. */
#ifdef SN_MODE_COPY
#define SNF_RX_COPY	true
#else
#define SNF_RX_COPY	false
#endif

/* Whether it can do flips. */
#ifdef SN_MODE_FLIP
#define SNF_RX_FLIP	true
#else
#define SNF_RX_FLIP	false
#endif

/* mode.c */
bool snf_takes_flips(void);
int snf_mode_parse(const char *text, bool *flips);

/* main.c */
extern unsigned int snf_max_queues;
extern bool snf_rx_csum;
extern bool snf_trusted;

/* xenbus.c */
int snf_xenbus_init(void);
int snf_xenbus_want(struct snf_port *port, bool flips);
void snf_xenbus_exit(void);

/* port.c, process context */
struct snf_port *snf_port_create(struct xenbus_device *xbdev);
void snf_port_destroy(struct snf_port *port);
int snf_port_connect(struct snf_port *port);
void snf_port_disconnect(struct snf_port *port);
void snf_port_close(struct snf_port *port);

/* port.c, any context */
void snf_port_fault(struct snf_queue *queue, enum sn_fault fault);

/* queue.c, process context */
struct snf_queue *snf_queue_create(struct snf_port *port, unsigned int id);
void snf_queue_shut(struct snf_queue *queue);
void snf_queue_destroy(struct snf_queue *queue);
void snf_queue_start(struct snf_queue *queue);
void snf_queue_stop(struct snf_queue *queue);
int snf_queue_write(struct snf_queue *queue, struct xenbus_transaction xbt,
		    unsigned int queues);

/* held.c, process context */
void snf_held_init(struct snf_port *port);
void snf_held_exit(struct snf_port *port);
void snf_held_put(struct snf_queue *queue);
bool snf_held_allow(struct snf_port *port);

/* grants.c */
int snf_grants_claim(grant_ref_t *gref, unsigned int count);
void snf_grants_free(grant_ref_t *gref, unsigned int count);
bool snf_grants_end(grant_ref_t *gref);
unsigned int snf_grants_settle(grant_ref_t *gref, struct page **page,
			       unsigned int count);
unsigned int snf_grants_abandon(grant_ref_t *gref, struct page **page,
				unsigned int count);

/* tx.c: set-up in process context, reaping by the queue's NAPI owner */
int snf_tx_create(struct snf_queue *queue);
void snf_tx_destroy(struct snf_queue *queue);
unsigned int snf_tx_reap(struct snf_queue *queue, int budget);
void snf_tx_orphan(struct snf_queue *queue);
bool snf_tx_arm(struct snf_queue *queue);

/* tx.c: by the holder of the queue's transmit lock */
netdev_tx_t snf_tx_send(struct snf_queue *queue, struct sk_buff *skb);
void snf_tx_start(struct snf_queue *queue);

/* rx.c: set-up in process context, steps by the queue's NAPI owner */
int snf_rx_create(struct snf_queue *queue);
void snf_rx_destroy(struct snf_queue *queue);
int snf_rx_step(struct snf_queue *queue, int budget);
void snf_rx_post(struct snf_queue *queue);

/* ethtool.c */
extern const struct ethtool_ops snf_ethtool_ops;

/* sysfs.c */
extern const struct attribute_group snf_sysfs_group;

static inline struct netdev_queue *snf_queue_txq(const struct snf_queue *queue)
{
	return netdev_get_tx_queue(queue->port->dev, queue->id);
}

#endif /* SPLITNET_NETFRONT_H */
