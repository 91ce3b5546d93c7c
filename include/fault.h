/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything that the other end can do wrong, by name.
 *
 * The table in common/fault.c says what each fault costs its author: the
 * packet, or the connection. A fault costs the connection only where the ring
 * can no longer be followed, or a page is still held; anything else loses one
 * packet and is counted.
 */
#ifndef SPLITNET_FAULT_H
#define SPLITNET_FAULT_H

#include "platform.h"

enum sn_fault {
	SN_OK,

	/* Found by the backend. */
	SN_FAULT_TX_RING,	/* impossible request producer, Tx ring */
	SN_FAULT_TX_CHAIN,	/* packet runs past the producer */
	SN_FAULT_TX_FLOOD,	/* more slots than any honest packet has */
	SN_FAULT_TX_SLOTS,	/* a few slots more than allowed */
	SN_FAULT_TX_SIZE,	/* slots hold more than the packet's size */
	SN_FAULT_TX_RUNT,	/* shorter than an Ethernet header */
	SN_FAULT_TX_PAGE,	/* slot reaches beyond its page */
	SN_FAULT_TX_EXTRA,	/* unknown, repeated or unasked extra */
	SN_FAULT_TX_GSO,	/* GSO that is none */
	SN_FAULT_TX_CSUM,	/* no checksum field where one was claimed */
	SN_FAULT_TX_GRANT,	/* bytes could not be fetched */
	SN_FAULT_RX_RING,	/* impossible request producer, Rx ring */
	SN_FAULT_RX_GRANT,	/* bytes could not be delivered */

	/* Found by the frontend. */
	SN_FAULT_RXRSP_RING,	/* impossible response producer, Rx ring */
	SN_FAULT_RXRSP_CHAIN,	/* packet runs past the producer */
	SN_FAULT_RXRSP_HELD,	/* answered while the page is still mapped */
	SN_FAULT_RXRSP_NO_PAGE,	/* answered, and no page came */
	SN_FAULT_RXRSP_STATUS,	/* backend reports a failed slot */
	SN_FAULT_RXRSP_SLOTS,	/* more slots than allowed */
	SN_FAULT_RXRSP_RUNT,	/* shorter than an Ethernet header */
	SN_FAULT_RXRSP_PAGE,	/* slot reaches beyond its page */
	SN_FAULT_RXRSP_EXTRA,	/* unknown or repeated extra */
	SN_FAULT_RXRSP_GSO,	/* GSO that is none */
	SN_FAULT_RXRSP_CSUM,	/* no checksum field where one was claimed */
	SN_FAULT_TXRSP_RING,	/* impossible response producer, Tx ring */
	SN_FAULT_TXRSP_ID,	/* answer to a request that is not pending */
	SN_FAULT_TXRSP_HELD,	/* answered while the page is still mapped */
	SN_FAULT_TXRSP_STATUS,	/* backend refused the packet */

	SN_FAULTS
};

/* The first fault of the frontend's half. */
#define SN_FAULT_FRONT	SN_FAULT_RXRSP_RING

/**
 * struct sn_fault_info - what a fault is called, and what it costs
 * @name: name of its counter in ethtool's statistics
 * @fatal: true if the connection is cut, false if a packet is dropped
 * @text: for the log line
 */
struct sn_fault_info {
	const char *name;
	bool fatal;
	const char *text;
};

extern const struct sn_fault_info sn_fault_table[SN_FAULTS];

/* True if @fault costs the connection. */
static inline bool sn_fault_fatal(enum sn_fault fault)
{
	return sn_fault_table[fault].fatal;
}

#endif /* SPLITNET_FAULT_H */
