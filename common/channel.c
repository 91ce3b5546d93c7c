// SPDX-License-Identifier: GPL-2.0
#include <linux/interrupt.h>
#include <linux/irq.h>
#include "../include/channel.h"

/* Bit of sn_channel.owed. */
#define CHANNEL_EVENT	0

static irqreturn_t channel_event(int irq, void *data)
{
	struct sn_channel *ch = data;

	set_bit(CHANNEL_EVENT, &ch->owed);
	sn_seat_wake(ch->seat);

	return IRQ_HANDLED;
}

int sn_channel_accept(struct sn_channel *ch, struct xenbus_device *dev,
		      evtchn_port_t port, struct sn_seat *seat)
{
	int irq;

	ch->seat = seat;
	irq = bind_interdomain_evtchn_to_irqhandler_lateeoi(dev, port,
							    channel_event, 0,
							    ch->name, ch);
	if (irq < 0)
		return irq;

	ch->irq = irq;
	return 0;
}

int sn_channel_offer(struct sn_channel *ch, struct xenbus_device *dev,
		     struct sn_seat *seat)
{
	int err, irq;

	err = xenbus_alloc_evtchn(dev, &ch->port);
	if (err)
		return err;

	ch->seat = seat;
	/* In two steps, since who undoes the first one closes the port. */
	irq = bind_evtchn_to_irq_lateeoi(ch->port);
	if (irq < 0) {
		xenbus_free_evtchn(dev, ch->port);
		ch->port = 0;
		return irq;
	}

	err = request_irq(irq, channel_event, 0, ch->name, ch);
	if (err) {
		evtchn_put(ch->port);
		ch->port = 0;
		return err;
	}

	ch->irq = irq;
	return 0;
}

void sn_channel_close(struct sn_channel *ch)
{
	if (!ch->irq)
		return;

	unbind_from_irqhandler(ch->irq, ch);
	ch->irq = 0;
	ch->port = 0;
	ch->owed = 0;
	ch->due = false;
	cpumask_clear(&ch->home);
}

void sn_channel_steer(struct sn_channel *ch, int cpu)
{
	if (!ch->irq)
		return;

	if (cpu >= 0) {
		if (cpumask_empty(&ch->home))
			cpumask_copy(&ch->home,
				     irq_get_affinity_mask(ch->irq));
		irq_set_affinity(ch->irq, cpumask_of(cpu));
	} else if (!cpumask_empty(&ch->home)) {
		irq_set_affinity(ch->irq, &ch->home);
		cpumask_clear(&ch->home);
	}
}

void sn_channel_take_up(struct sn_channel *ch)
{
	/* Where the bit is not seen yet, the event comes later. Where it is, it
	 * is cleared before the rings are read: a full barrier, pairs with
	 * set_bit() in channel_event(), which comes after what it announces.
	 */
	if (READ_ONCE(ch->owed) &&
	    test_and_clear_bit(CHANNEL_EVENT, &ch->owed))
		ch->due = true;
}

void sn_channel_eoi(struct sn_channel *ch, u32 progress)
{
	if (!ch->due)
		return;

	ch->due = false;
	xen_irq_lateeoi(ch->irq, progress == ch->progress ?
			XEN_EOI_FLAG_SPURIOUS : 0);
	ch->progress = progress;
}
