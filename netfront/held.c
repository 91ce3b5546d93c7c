// SPDX-License-Identifier: GPL-2.0
/*
 * Queues of connections that are over, of whose grants the backend still holds
 * some: pages that it has mapped can neither be freed nor granted anew.
 *
 * A backend may have a reason for that; our map mode lends pages to guests that
 * are slow to take them. But one that held on to all that it ever had would use
 * up the grant table, which disks and consoles need, too. So what is held is
 * counted, and beyond the queues of one connection, the largest, there is no
 * other one until the backend lets go.
 */
#include "netfront.h"

/* How often is looked whether the backend has let go. */
#define HELD_LOOK	HZ

/* Do @fn to all grants of a queue; the sum of what it returns. */
static unsigned int held_for_rows(struct snf_queue *queue,
				  unsigned int (*fn)(grant_ref_t *gref,
						     struct page **page,
						     unsigned int count))
{
	struct snf_tx *tx = &queue->tx;
	struct snf_rx *rx = &queue->rx;

	return fn(tx->gref, tx->page, SN_RING_SLOTS) +
	       fn(&tx->ring_ref, &tx->ring_page, 1) +
	       fn(rx->gref, rx->page, SN_RING_SLOTS) +
	       fn(&rx->ring_ref, &rx->ring_page, 1);
}

static void held_free(struct snf_port *port, struct snf_queue *queue)
{
	list_del(&queue->held);
	port->held.queues--;
	kvfree(queue);
}

/* Free those queues of which nothing is held any more. */
static void held_look(struct snf_port *port)
{
	struct snf_queue *queue, *next;

	list_for_each_entry_safe(queue, next, &port->held.list, held)
		if (!held_for_rows(queue, snf_grants_settle))
			held_free(port, queue);
}

static void held_work(struct work_struct *work)
{
	struct snf_port *port = container_of(to_delayed_work(work),
					     struct snf_port, held.work);

	mutex_lock(&port->lock);
	held_look(port);
	if (port->held.queues)
		schedule_delayed_work(&port->held.work, HELD_LOOK);
	mutex_unlock(&port->lock);
}

/**
 * snf_held_init() - prepare a port for what may be held
 * @port: the port
 *
 * Context: any.
 */
void snf_held_init(struct snf_port *port)
{
	INIT_LIST_HEAD(&port->held.list);
	INIT_DELAYED_WORK(&port->held.work, held_work);
}

/**
 * snf_held_exit() - leave to the kernel what the backend holds still
 * @port: a disconnected port that connects no more
 *
 * Context: may sleep.
 */
void snf_held_exit(struct snf_port *port)
{
	struct snf_queue *queue, *next;

	cancel_delayed_work_sync(&port->held.work);
	list_for_each_entry_safe(queue, next, &port->held.list, held) {
		held_for_rows(queue, snf_grants_abandon);
		held_free(port, queue);
	}
}

/**
 * snf_held_put() - free a queue, as soon as the backend has let go of it
 * @queue: a queue whose two halves are destroyed
 *
 * Context: may sleep; its port's lock is held.
 */
void snf_held_put(struct snf_queue *queue)
{
	struct snf_port *port = queue->port;
	unsigned int grants = held_for_rows(queue, snf_grants_settle);

	if (!grants) {
		kvfree(queue);
		return;
	}

	sn_count_add(queue->stats, SN_GRANTS_HELD, grants);
	list_add(&queue->held, &port->held.list);
	port->held.queues++;
	schedule_delayed_work(&port->held.work, HELD_LOOK);
}

/**
 * snf_held_allow() - whether the backend may have another connection
 * @port: a disconnected port
 *
 * Context: may sleep; the port's lock is held.
 */
bool snf_held_allow(struct snf_port *port)
{
	held_look(port);

	return port->held.queues <= port->max_queues;
}
