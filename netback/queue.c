// SPDX-License-Identifier: GPL-2.0
/*
 * A queue: two rings, one or two event channels, and the NAPI instance that
 * runs both directions.
 */
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include "netback.h"

/* Whether work was announced that no visit has looked at. */
static bool queue_waits(struct snb_queue *queue)
{
	return sn_seat_owes(&queue->seat) ||
	       sn_events_owe(&queue->events) || snb_rx_waits(queue) ||
	       snb_tx_waits(queue);
}

static int queue_visit(struct sn_seat *seat, int budget)
{
	struct snb_queue *queue = container_of(seat, struct snb_queue, seat);
	unsigned int rx;
	int done;

	if (unlikely(READ_ONCE(queue->vif->disabled))) {
		/* No EOI either: the channels stay silent until they go. */
		sn_seat_leave(seat, 0);
		return 0;
	}

	sn_seat_enter(seat);
	done = snb_tx_step(queue, budget);
	rx = snb_rx_step(queue, budget);
	sn_count_visit(queue->stats, done + rx);

	if (done >= budget)
		return budget;

	if (sn_seat_parks(seat, done || rx)) {
		napi_complete_done(seat->napi, done);
		return done;
	}

	/* Everything is armed before the instance is given up: from then on
	 * another CPU may run it.
	 */
	sn_events_take_up(&queue->events);
	if (snb_rx_arm(queue) || snb_tx_arm(queue))
		return budget;

	sn_events_eoi(&queue->events, queue->tx.ring.req_cons, queue->rx.seen);
	if (sn_seat_leave(seat, done) && queue_waits(queue))
		sn_seat_wake(seat);

	return done;
}

static void queue_steer(struct sn_seat *seat, int cpu)
{
	struct snb_queue *queue = container_of(seat, struct snb_queue, seat);

	sn_events_steer(&queue->events, cpu);
}

static const struct sn_seat_ops queue_seat_ops = {
	.visit	= queue_visit,
	.steer	= queue_steer,
};

static int queue_poll(struct napi_struct *napi, int budget)
{
	struct snb_queue *queue = container_of(napi, struct snb_queue, napi);

	if (unlikely(sn_seat_pass_on(&queue->seat)))
		return 0;

	return queue_visit(&queue->seat, budget);
}

static void queue_create_seat(struct snb_queue *queue)
{
	queue->seat.napi = &queue->napi;
	queue->seat.ops = &queue_seat_ops;
	queue->seat.stats = queue->stats;
	queue->seat.sidecore = &queue->vif->sidecore;
	queue->seat.id = queue->id;

	/* Who walks the device's instances holds RTNL, and may sleep. */
	rtnl_lock();
	netif_napi_add(queue->vif->dev, &queue->napi, queue_poll);
	rtnl_unlock();
}

/* Somebody may be looking at the instance until synchronize_net(). */
static void queue_destroy_seat(struct snb_queue *queue)
{
	rtnl_lock();
	__netif_napi_del(&queue->napi);
	rtnl_unlock();
}

/* The ports come from one key or from two; 0 says that there is none. */
static int queue_bind(struct snb_queue *queue, const u32 *key)
{
	const char *name = queue->vif->dev->name;
	struct xenbus_device *xbdev = queue->vif->xbdev;
	bool split = key[SN_QUEUE_EVENT_TX] && key[SN_QUEUE_EVENT_RX];
	int err;

	snprintf(queue->events.tx.name, SN_CHANNEL_NAME, "%s-q%u%s", name,
		 queue->id, split ? "-tx" : "");
	err = sn_channel_accept(&queue->events.tx, xbdev,
				key[split ? SN_QUEUE_EVENT_TX : SN_QUEUE_EVENT],
				&queue->seat);
	if (err || !split)
		return err;

	snprintf(queue->events.rx.name, SN_CHANNEL_NAME, "%s-q%u-rx", name,
		 queue->id);
	err = sn_channel_accept(&queue->events.rx, xbdev,
				key[SN_QUEUE_EVENT_RX], &queue->seat);
	if (err)
		sn_channel_close(&queue->events.tx);

	return err;
}

static int queue_keys(struct snb_queue *queue, unsigned int queues, u32 *key)
{
	struct xenbus_device *xbdev = queue->vif->xbdev;
	char *dir = sn_queue_dir(xbdev->otherend, queue->id, queues);
	int err;

	if (!dir) {
		sn_refuse(xbdev, &queue->vif->conduct, -ENOMEM, "queue %u",
			  queue->id);
		return -ENOMEM;
	}

	err = sn_keys_read(xbdev, &queue->vif->conduct, dir, sn_queue_keys,
			   SN_QUEUE_KEYS, key);
	kfree(dir);
	if (!err && (!key[SN_QUEUE_TX_RING] || !key[SN_QUEUE_RX_RING])) {
		err = -ENOENT;
		sn_refuse(xbdev, &queue->vif->conduct, err,
			  "queue %u has no ring", queue->id);
	}

	return err;
}

/* Take up what the keys name. */
static int queue_attach(struct snb_queue *queue, const u32 *key)
{
	int err;

	err = snb_tx_create(queue, key[SN_QUEUE_TX_RING]);
	if (err)
		return err;

	err = snb_rx_create(queue, key[SN_QUEUE_RX_RING]);
	if (err)
		goto err_tx;

	queue_create_seat(queue);
	err = queue_bind(queue, key);
	if (err)
		goto err_seat;

	return 0;

err_seat:
	queue_destroy_seat(queue);
	synchronize_net();
	snb_rx_destroy(queue);
err_tx:
	snb_tx_destroy(queue);
	return err;
}

/**
 * snb_queue_create() - connect one queue to its frontend
 * @vif: whose
 * @id: number of the queue
 * @queues: how many the vif will have
 *
 * The queue does nothing before snb_queue_start().
 *
 * Context: may sleep. Return: the queue or an error pointer; the frontend was
 * told then.
 */
struct snb_queue *snb_queue_create(struct snb_vif *vif, unsigned int id,
				   unsigned int queues)
{
	struct snb_queue *queue;
	u32 key[SN_QUEUE_KEYS];
	int err;

	queue = kvzalloc(sizeof(*queue), GFP_KERNEL);
	if (!queue) {
		sn_refuse(vif->xbdev, &vif->conduct, -ENOMEM, "queue %u", id);
		return ERR_PTR(-ENOMEM);
	}

	queue->vif = vif;
	queue->id = id;
	queue->stats = &vif->stats[id];

	err = queue_keys(queue, queues, key);
	if (err)
		goto err;

	err = queue_attach(queue, key);
	if (err) {
		sn_refuse(vif->xbdev, &vif->conduct, err, "connecting queue %u",
			  id);
		goto err;
	}

	return queue;

err:
	kvfree(queue);
	return ERR_PTR(err);
}

/**
 * snb_queue_shut() - begin to undo snb_queue_create()
 * @queue: a stopped queue that no ndo_start_xmit can see any more
 * @keeps: the frontend keeps its rings, for another connection to them
 *
 * Context: may sleep; if the rings are kept, until the host is done with all
 * packets under way.
 */
void snb_queue_shut(struct snb_queue *queue, bool keeps)
{
	snb_tx_drain(queue, keeps);
	sn_events_close(&queue->events);
	queue_destroy_seat(queue);
}

/**
 * snb_queue_destroy() - undo snb_queue_create()
 * @queue: a queue that was shut, and synchronize_net() was called since: NAPI
 *	may have been looking at its instance, and packets that came back waking it
 *
 * Context: may sleep.
 */
void snb_queue_destroy(struct snb_queue *queue)
{
	snb_rx_destroy(queue);
	snb_tx_destroy(queue);
	kvfree(queue);
}

/**
 * snb_queue_start() - let the queue run
 * @queue: a stopped queue
 *
 * Context: RTNL is held.
 */
void snb_queue_start(struct snb_queue *queue)
{
	napi_enable(&queue->napi);
	sn_sidecore_start(&queue->vif->sidecore, &queue->seat);
}

/**
 * snb_queue_stop() - undo snb_queue_start()
 * @queue: a running queue
 *
 * Context: RTNL is held; waits for the current visit to end.
 */
void snb_queue_stop(struct snb_queue *queue)
{
	sn_sidecore_stop(&queue->vif->sidecore, &queue->seat);
	napi_disable(&queue->napi);
	del_timer_sync(&queue->rx.timer);
	snb_rx_clear(queue);
}
