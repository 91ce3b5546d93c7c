// SPDX-License-Identifier: GPL-2.0
/*
 * A queue: two rings, one or two event channels, and the NAPI instance that
 * runs both directions.
 */
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include "netfront.h"

/* Whether work was announced that no visit has looked at. */
static bool queue_waits(const struct snf_queue *queue)
{
	return sn_seat_owes(&queue->seat) || sn_events_owe(&queue->events);
}

static int queue_visit(struct sn_seat *seat, int budget)
{
	struct snf_queue *queue = container_of(seat, struct snf_queue, seat);
	unsigned int reaped;
	bool more;
	int done;

	if (unlikely(READ_ONCE(queue->port->disabled))) {
		/* No EOI either: the channels stay silent until they go. */
		sn_seat_leave(seat, 0);
		return 0;
	}

	sn_seat_enter(seat);
	reaped = snf_tx_reap(queue, budget);
	done = snf_rx_step(queue, budget);
	snf_rx_post(queue);
	sn_count_visit(queue->stats, done + reaped);

	if (done >= budget)
		return budget;

	if (sn_seat_parks(seat, done || reaped)) {
		napi_complete_done(seat->napi, done);
		return done;
	}

	/* Everything is armed before the instance is given up: from then on
	 * another CPU may run it.
	 */
	sn_events_take_up(&queue->events);
	more = snf_tx_arm(queue);
	more |= sn_front_arm(&queue->rx.ring, 1);
	if (more)
		return budget;

	sn_events_eoi(&queue->events, queue->tx.ring.rsp_cons,
		      queue->rx.ring.rsp_cons);
	if (sn_seat_leave(seat, done) && queue_waits(queue))
		sn_seat_wake(seat);

	return done;
}

static void queue_steer(struct sn_seat *seat, int cpu)
{
	struct snf_queue *queue = container_of(seat, struct snf_queue, seat);

	sn_events_steer(&queue->events, cpu);
}

static const struct sn_seat_ops queue_seat_ops = {
	.visit	= queue_visit,
	.steer	= queue_steer,
};

static int queue_poll(struct napi_struct *napi, int budget)
{
	struct snf_queue *queue = container_of(napi, struct snf_queue, napi);

	if (unlikely(sn_seat_pass_on(&queue->seat)))
		return 0;

	return queue_visit(&queue->seat, budget);
}

static void queue_create_seat(struct snf_queue *queue)
{
	queue->seat.napi = &queue->napi;
	queue->seat.ops = &queue_seat_ops;
	queue->seat.stats = queue->stats;
	queue->seat.sidecore = &queue->port->sidecore;
	queue->seat.id = queue->id;

	/* Who walks the device's instances holds RTNL, and may sleep. */
	rtnl_lock();
	netif_napi_add(queue->port->dev, &queue->napi, queue_poll);
	rtnl_unlock();
}

/* Somebody may be looking at the instance until synchronize_net(). */
static void queue_destroy_seat(struct snf_queue *queue)
{
	rtnl_lock();
	__netif_napi_del(&queue->napi);
	rtnl_unlock();
}

static int queue_bind_one(struct snf_queue *queue, struct sn_channel *ch,
			  const char *suffix)
{
	snprintf(ch->name, SN_CHANNEL_NAME, "%s-q%u%s",
		 dev_name(&queue->port->xbdev->dev), queue->id, suffix);

	return sn_channel_offer(ch, queue->port->xbdev, &queue->seat);
}

/* Two channels where the backend takes two. Whoever fails to allocate one has
 * told the backend already that the connection will not be made.
 */
static int queue_bind(struct snf_queue *queue)
{
	int err;

	if (!queue->port->offer[SN_BACK_SPLIT_EVENTS])
		return queue_bind_one(queue, &queue->events.tx, "");

	err = queue_bind_one(queue, &queue->events.tx, "-tx");
	if (err)
		return err;

	err = queue_bind_one(queue, &queue->events.rx, "-rx");
	if (err)
		sn_channel_close(&queue->events.tx);

	return err;
}

/**
 * snf_queue_create() - set up one queue, for the backend to connect to
 * @port: whose
 * @id: number of the queue
 *
 * The queue does nothing before snf_queue_start().
 *
 * Context: may sleep; the port's lock is held.
 *
 * Return: the queue or an error pointer.
 */
struct snf_queue *snf_queue_create(struct snf_port *port, unsigned int id)
{
	struct snf_queue *queue;
	int err;

	queue = kvzalloc(sizeof(*queue), GFP_KERNEL);
	if (!queue)
		return ERR_PTR(-ENOMEM);

	queue->port = port;
	queue->id = id;
	queue->stats = &port->stats[id];

	err = snf_tx_create(queue);
	if (err)
		goto err_free;

	err = snf_rx_create(queue);
	if (err)
		goto err_tx;

	queue_create_seat(queue);
	err = queue_bind(queue);
	if (err)
		goto err_seat;

	return queue;

err_seat:
	queue_destroy_seat(queue);
	synchronize_net();
	snf_rx_destroy(queue);
err_tx:
	snf_tx_destroy(queue);
	snf_held_put(queue);
	return ERR_PTR(err);

err_free:
	kvfree(queue);
	return ERR_PTR(err);
}

/**
 * snf_queue_shut() - begin to undo snf_queue_create()
 * @queue: a stopped queue that no ndo_start_xmit can see any more
 *
 * Context: may sleep.
 */
void snf_queue_shut(struct snf_queue *queue)
{
	sn_events_close(&queue->events);
	queue_destroy_seat(queue);
}

/**
 * snf_queue_destroy() - undo snf_queue_create()
 * @queue: a queue that was shut, and synchronize_net() was called since: NAPI
 *	may have been looking at its instance
 *
 * Context: may sleep; the port's lock is held.
 */
void snf_queue_destroy(struct snf_queue *queue)
{
	snf_rx_destroy(queue);
	snf_tx_destroy(queue);
	snf_held_put(queue);
}

/**
 * snf_queue_start() - let the queue run
 * @queue: a stopped queue
 *
 * Context: RTNL is held.
 */
void snf_queue_start(struct snf_queue *queue)
{
	napi_enable(&queue->napi);
	sn_sidecore_start(&queue->port->sidecore, &queue->seat);
}

/**
 * snf_queue_stop() - undo snf_queue_start()
 * @queue: a running queue
 *
 * Context: RTNL is held; waits for the current visit to end.
 */
void snf_queue_stop(struct snf_queue *queue)
{
	sn_sidecore_stop(&queue->port->sidecore, &queue->seat);
	napi_disable(&queue->napi);
}

/**
 * snf_queue_write() - publish a queue in xenstore
 * @queue: the queue
 * @xbt: transaction
 * @queues: how many the port has
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int snf_queue_write(struct snf_queue *queue, struct xenbus_transaction xbt,
		    unsigned int queues)
{
	const char *node = queue->port->xbdev->nodename;
	char *dir = sn_queue_dir(node, queue->id, queues);
	u32 key[SN_QUEUE_KEYS] = {
		[SN_QUEUE_TX_RING] = queue->tx.ring_ref,
		[SN_QUEUE_RX_RING] = queue->rx.ring_ref,
	};
	int err;

	if (!dir)
		return -ENOMEM;

	if (sn_events_split(&queue->events)) {
		key[SN_QUEUE_EVENT_TX] = queue->events.tx.port;
		key[SN_QUEUE_EVENT_RX] = queue->events.rx.port;
	} else {
		key[SN_QUEUE_EVENT] = queue->events.tx.port;
	}

	err = sn_keys_write(xbt, dir, sn_queue_keys, SN_QUEUE_KEYS, key);
	kfree(dir);

	return err;
}
