/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One end of an event channel: the event wakes a queue, and the channel stays
 * masked until the queue has been visited (late EOI), so a storm of events
 * costs its sender more than it costs us.
 *
 * tests/model/wake.pml checks that no wake-up is missed, each barrier of it
 * being needed; whoever changes the order of steps here, in include/ring.h or
 * in a queue_visit() changes it there, too.
 */
#ifndef SPLITNET_CHANNEL_H
#define SPLITNET_CHANNEL_H

#include <linux/netdevice.h>
#include <xen/events.h>
#include <xen/xenbus.h>
#include "seat.h"

#define SN_CHANNEL_NAME		(IFNAMSIZ + 16)

/**
 * struct sn_channel - a bound event channel
 * @irq: Linux interrupt; 0 while unbound
 * @port: local event channel port, for the frontend to publish
 * @owed: bit 0 is set by the event, and cleared when a visit takes it up
 * @due: a visit took the event up, and its EOI is still to be given
 * @progress: how far the rings had come at the last EOI
 * @seat: what the event wakes
 * @home: where its interrupt was before sn_channel_steer()
 * @name: as /proc/interrupts shows it
 */
struct sn_channel {
	unsigned int irq;
	evtchn_port_t port;
	unsigned long owed;
	bool due;
	u32 progress;
	struct sn_seat *seat;
	struct cpumask home;
	char name[SN_CHANNEL_NAME];
};

/**
 * sn_channel_accept() - bind to a port that the other domain offered
 * @ch: zeroed channel with @ch->name set
 * @dev: the backend's device
 * @port: the other domain's port
 * @seat: what to wake; its instance may be disabled, the event then waits
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int sn_channel_accept(struct sn_channel *ch, struct xenbus_device *dev,
		      evtchn_port_t port, struct sn_seat *seat);

/**
 * sn_channel_offer() - allocate a port for the other domain, and bind to it
 * @ch: zeroed channel with @ch->name set
 * @dev: the frontend's device
 * @seat: what to wake; its instance may be disabled, the event then waits
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int sn_channel_offer(struct sn_channel *ch, struct xenbus_device *dev,
		     struct sn_seat *seat);

/**
 * sn_channel_close() - undo either of the above
 * @ch: the channel; nothing happens if it is not bound
 *
 * Context: may sleep; waits for a running handler.
 */
void sn_channel_close(struct sn_channel *ch);

/**
 * sn_channel_steer() - have the event come in on a CPU
 * @ch: the channel; nothing happens if it is not bound
 * @cpu: where, or -1: back to where it was
 *
 * Context: may sleep; one caller at a time.
 */
void sn_channel_steer(struct sn_channel *ch, int cpu);

/**
 * sn_channel_take_up() - take note of an event, before looking at the rings
 * @ch: the channel
 *
 * What the event announced is visible to whoever looks at the rings after
 * this. An event that comes later is not taken up, and makes
 * sn_channel_owes() true.
 *
 * Context: the owner of the NAPI instance.
 */
void sn_channel_take_up(struct sn_channel *ch);

/**
 * sn_channel_eoi() - let the next event through, if one was taken up
 * @ch: the channel
 * @progress: a count that grows with all that the peer handed over
 *
 * An event without progress since the last EOI was spurious; Xen's event code
 * then delays the channel more and more.
 *
 * Context: the owner of the NAPI instance, before it completes.
 */
void sn_channel_eoi(struct sn_channel *ch, u32 progress);

/* True if there was an event that no visit took up. Context: any. */
static inline bool sn_channel_owes(const struct sn_channel *ch)
{
	return READ_ONCE(ch->owed);
}

/* Send the peer an event. Context: any. */
static inline void sn_channel_notify(const struct sn_channel *ch)
{
	notify_remote_via_irq(ch->irq);
}

#endif /* SPLITNET_CHANNEL_H */
