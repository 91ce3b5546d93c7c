// SPDX-License-Identifier: GPL-2.0
/*
 * Compile-time proof that include/wire.h says the same as the kernel's copy
 * of Xen's io/netif.h. Nothing here becomes code.
 */
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <xen/page.h>
#include <xen/interface/io/netif.h>
#include "../include/wire.h"

#define SAME_SIZE(ours, theirs) \
	static_assert(sizeof(ours) == sizeof(theirs))
#define SAME_END(ours, our_field, theirs, their_field) \
	static_assert(offsetofend(ours, our_field) == \
		      offsetofend(theirs, their_field))
#define SAME_AS(our_field, their_field) \
	static_assert(offsetof(struct sn_extra, our_field) == \
		      offsetof(struct xen_netif_extra_info, their_field))

SAME_SIZE(struct sn_tx_req, struct xen_netif_tx_request);
SAME_END(struct sn_tx_req, gref, struct xen_netif_tx_request, gref);
SAME_END(struct sn_tx_req, offset, struct xen_netif_tx_request, offset);
SAME_END(struct sn_tx_req, flags, struct xen_netif_tx_request, flags);
SAME_END(struct sn_tx_req, id, struct xen_netif_tx_request, id);
SAME_END(struct sn_tx_req, size, struct xen_netif_tx_request, size);
SAME_SIZE(struct sn_tx_rsp, struct xen_netif_tx_response);
SAME_END(struct sn_tx_rsp, id, struct xen_netif_tx_response, id);
SAME_END(struct sn_tx_rsp, status, struct xen_netif_tx_response, status);
SAME_SIZE(struct sn_rx_req, struct xen_netif_rx_request);
SAME_END(struct sn_rx_req, id, struct xen_netif_rx_request, id);
SAME_END(struct sn_rx_req, gref, struct xen_netif_rx_request, gref);
SAME_SIZE(struct sn_rx_rsp, struct xen_netif_rx_response);
SAME_END(struct sn_rx_rsp, id, struct xen_netif_rx_response, id);
SAME_END(struct sn_rx_rsp, offset, struct xen_netif_rx_response, offset);
SAME_END(struct sn_rx_rsp, flags, struct xen_netif_rx_response, flags);
SAME_END(struct sn_rx_rsp, status, struct xen_netif_rx_response, status);
SAME_SIZE(struct sn_extra, struct xen_netif_extra_info);
SAME_END(struct sn_extra, type, struct xen_netif_extra_info, type);
SAME_END(struct sn_extra, flags, struct xen_netif_extra_info, flags);
SAME_AS(gso.size, u.gso.size);
SAME_AS(gso.type, u.gso.type);
SAME_AS(gso.features, u.gso.features);
SAME_AS(mcast.addr, u.mcast.addr);
SAME_AS(hash.type, u.hash.type);
SAME_AS(hash.algorithm, u.hash.algorithm);
SAME_AS(hash.value, u.hash.value);
SAME_AS(xdp.headroom, u.xdp.headroom);

SAME_END(struct sn_sring, req_prod, struct xen_netif_tx_sring, req_prod);
SAME_END(struct sn_sring, req_event, struct xen_netif_tx_sring, req_event);
SAME_END(struct sn_sring, rsp_prod, struct xen_netif_tx_sring, rsp_prod);
SAME_END(struct sn_sring, rsp_event, struct xen_netif_tx_sring, rsp_event);
static_assert(offsetof(struct xen_netif_tx_sring, ring) ==
	      sizeof(struct sn_sring));
static_assert(sizeof(union xen_netif_tx_sring_entry) ==
	      sizeof(union sn_tx_slot));
static_assert(sizeof(union xen_netif_rx_sring_entry) ==
	      sizeof(union sn_rx_slot));
static_assert(__CONST_RING_SIZE(xen_netif_tx, XEN_PAGE_SIZE) == SN_RING_SLOTS);
static_assert(__CONST_RING_SIZE(xen_netif_rx, XEN_PAGE_SIZE) == SN_RING_SLOTS);

static_assert(XEN_NETTXF_csum_blank == SN_TXF_CSUM_BLANK);
static_assert(XEN_NETTXF_data_validated == SN_TXF_DATA_VALIDATED);
static_assert(XEN_NETTXF_more_data == SN_TXF_MORE_DATA);
static_assert(XEN_NETTXF_extra_info == SN_TXF_EXTRA_INFO);
static_assert(XEN_NETRXF_data_validated == SN_RXF_DATA_VALIDATED);
static_assert(XEN_NETRXF_csum_blank == SN_RXF_CSUM_BLANK);
static_assert(XEN_NETRXF_more_data == SN_RXF_MORE_DATA);
static_assert(XEN_NETRXF_extra_info == SN_RXF_EXTRA_INFO);
static_assert(XEN_NETIF_EXTRA_TYPE_GSO == SN_EXTRA_GSO);
static_assert(XEN_NETIF_EXTRA_TYPE_HASH == SN_EXTRA_HASH);
static_assert(XEN_NETIF_EXTRA_TYPE_XDP == SN_EXTRA_XDP);
static_assert(XEN_NETIF_EXTRA_TYPE_MAX == SN_EXTRA_TYPES);
static_assert(XEN_NETIF_EXTRA_FLAG_MORE == SN_EXTRA_MORE);
static_assert(XEN_NETIF_GSO_TYPE_TCPV4 == SN_GSO_TCPV4);
static_assert(XEN_NETIF_GSO_TYPE_TCPV6 == SN_GSO_TCPV6);
static_assert(XEN_NETIF_RSP_DROPPED == SN_RSP_DROPPED);
static_assert(XEN_NETIF_RSP_ERROR == SN_RSP_ERROR);
static_assert(XEN_NETIF_RSP_OKAY == SN_RSP_OKAY);
static_assert(XEN_NETIF_RSP_NULL == SN_RSP_NULL);
static_assert(XEN_NETIF_NR_SLOTS_MIN == SN_PKT_SLOTS);
static_assert(XEN_NETIF_MAX_TX_SIZE == SN_PKT_BYTES);
static_assert(XEN_PAGE_SIZE == SN_SLOT_BYTES);
