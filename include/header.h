/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SPLITNET_HEADER_H
#define SPLITNET_HEADER_H

#include "platform.h"

/* Taken for headers where they cannot be told. */
#define SN_HEADER_GUESS		128

/**
 * sn_header_len() - where a packet's headers end
 * @data: the packet, from its Ethernet header on
 * @len: bytes readable at @data, which may be less than the whole packet
 *
 * An skb whose linear part holds exactly the headers is what GRO merges best,
 * so this knows TCP and UDP over plain IPv4 and IPv6, behind at most one VLAN
 * tag, and guesses for all else. Nothing depends on its being right.
 *
 * Return: bytes, at most @len.
 */
unsigned int sn_header_len(const u8 *data, unsigned int len);

#endif /* SPLITNET_HEADER_H */
