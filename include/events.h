/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The events of one queue: a channel for each ring, or one for both.
 */
#ifndef SPLITNET_EVENTS_H
#define SPLITNET_EVENTS_H

#include "channel.h"

/**
 * struct sn_events - a queue's event channels
 * @tx: of the Tx ring, or of both
 * @rx: of the Rx ring; not bound where @tx is of both
 */
struct sn_events {
	struct sn_channel tx;
	struct sn_channel rx;
};

/* Whether each ring has a channel. */
static inline bool sn_events_split(const struct sn_events *events)
{
	return events->rx.irq;
}

/* The one to send for the Rx ring. */
static inline const struct sn_channel *
sn_events_of_rx(const struct sn_events *events)
{
	return sn_events_split(events) ? &events->rx : &events->tx;
}

/* Undo what was bound. Context: may sleep; waits for running handlers. */
static inline void sn_events_close(struct sn_events *events)
{
	sn_channel_close(&events->rx);
	sn_channel_close(&events->tx);
}

/* As sn_channel_steer(). */
static inline void sn_events_steer(struct sn_events *events, int cpu)
{
	sn_channel_steer(&events->tx, cpu);
	sn_channel_steer(&events->rx, cpu);
}

/* Take note of events before the last look at the rings: what they announced
 * is then seen by that look. Context: as sn_channel_take_up().
 */
static inline void sn_events_take_up(struct sn_events *events)
{
	sn_channel_take_up(&events->tx);
	sn_channel_take_up(&events->rx);
}

/* Let the next ones through. @tx and @rx are how far the other end's producers
 * came, for the check of spurious events. Context: as sn_channel_eoi().
 */
static inline void sn_events_eoi(struct sn_events *events, u32 tx, u32 rx)
{
	if (sn_events_split(events)) {
		sn_channel_eoi(&events->tx, tx);
		sn_channel_eoi(&events->rx, rx);
	} else {
		sn_channel_eoi(&events->tx, tx + rx);
	}
}

/* True if there was an event that no visit took up. Context: any. */
static inline bool sn_events_owe(const struct sn_events *events)
{
	return sn_channel_owes(&events->tx) || sn_channel_owes(&events->rx);
}

#endif /* SPLITNET_EVENTS_H */
