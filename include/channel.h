/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One end of an event channel: the event wakes a NAPI instance, and the
 * channel stays masked until that instance has run (late EOI), so a storm of
 * events costs its sender more than it costs us.
 *
 * tests/model/wake.pml checks that no wake-up is missed, each barrier of it
 * being needed; whoever changes the order of steps here, in include/ring.h or
 * in a queue_poll() changes it there, too.
 */
#ifndef SPLITNET_CHANNEL_H
#define SPLITNET_CHANNEL_H

#include <linux/netdevice.h>
#include <xen/events.h>
#include <xen/xenbus.h>

#define SN_CHANNEL_NAME		(IFNAMSIZ + 16)

/**
 * struct sn_channel - a bound event channel
 * @irq: Linux interrupt; 0 while unbound
 * @port: local event channel port, for the frontend to publish
 * @owed: bit 0 is set by the event, and cleared when a visit takes it up
 * @due: a visit took the event up, and its EOI is still to be given
 * @progress: how far the rings had come at the last EOI
 * @napi: what the event wakes
 * @name: as /proc/interrupts shows it
 */
struct sn_channel {
	unsigned int irq;
	evtchn_port_t port;
	unsigned long owed;
	bool due;
	u32 progress;
	struct napi_struct *napi;
	char name[SN_CHANNEL_NAME];
};

/**
 * sn_channel_accept() - bind to a port that the other domain offered
 * @ch: zeroed channel with @ch->name set
 * @dev: the backend's device
 * @port: the other domain's port
 * @napi: what to wake; may be disabled still, the event then waits
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int sn_channel_accept(struct sn_channel *ch, struct xenbus_device *dev,
		      evtchn_port_t port, struct napi_struct *napi);

/**
 * sn_channel_offer() - allocate a port for the other domain, and bind to it
 * @ch: zeroed channel with @ch->name set
 * @dev: the frontend's device
 * @napi: what to wake; may be disabled still, the event then waits
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int sn_channel_offer(struct sn_channel *ch, struct xenbus_device *dev,
		     struct napi_struct *napi);

/**
 * sn_channel_close() - undo either of the above
 * @ch: the channel; nothing happens if it is not bound
 *
 * Context: may sleep; waits for a running handler.
 */
void sn_channel_close(struct sn_channel *ch);

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

/**
 * sn_napi_wake() - have a NAPI instance look at work that was just made
 * @napi: the instance
 *
 * Cheaper than napi_schedule(), which makes an instance that is scheduled
 * already run once more than needed. In return the instance's owner, after
 * napi_complete_done() and a full barrier, has to look again for work that was
 * announced by this.
 *
 * Context: any, the work is visible; an instance that is disabled is left to
 * whoever enables it.
 */
static inline void sn_napi_wake(struct napi_struct *napi)
{
	/* Pairs with smp_mb() in the owners' queue_poll(): either this sees
	 * that the instance is given up, or its owner sees the work (the
	 * model's napi_wake()).
	 */
	smp_mb();
	if (!test_bit(NAPI_STATE_SCHED, &napi->state))
		napi_schedule(napi);
}

/* Send the peer an event. Context: any. */
static inline void sn_channel_notify(const struct sn_channel *ch)
{
	notify_remote_via_irq(ch->irq);
}

#endif /* SPLITNET_CHANNEL_H */
