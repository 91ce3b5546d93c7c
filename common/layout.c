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
#define SAME_FIELD(ours, theirs, field) \
	static_assert(offsetof(ours, field) == offsetof(theirs, field) && \
		      sizeof_field(ours, field) == sizeof_field(theirs, field))
#define SAME_AS(our_field, their_field) \
	static_assert(offsetof(struct sn_extra, our_field) == \
		      offsetof(struct xen_netif_extra_info, their_field))

SAME_SIZE(struct sn_tx_req, struct xen_netif_tx_request);
SAME_FIELD(struct sn_tx_req, struct xen_netif_tx_request, gref);
SAME_FIELD(struct sn_tx_req, struct xen_netif_tx_request, offset);
SAME_FIELD(struct sn_tx_req, struct xen_netif_tx_request, flags);
SAME_FIELD(struct sn_tx_req, struct xen_netif_tx_request, id);
SAME_FIELD(struct sn_tx_req, struct xen_netif_tx_request, size);
SAME_SIZE(struct sn_tx_rsp, struct xen_netif_tx_response);
SAME_FIELD(struct sn_tx_rsp, struct xen_netif_tx_response, id);
SAME_FIELD(struct sn_tx_rsp, struct xen_netif_tx_response, status);
SAME_SIZE(struct sn_rx_req, struct xen_netif_rx_request);
SAME_FIELD(struct sn_rx_req, struct xen_netif_rx_request, id);
SAME_FIELD(struct sn_rx_req, struct xen_netif_rx_request, gref);
SAME_SIZE(struct sn_rx_rsp, struct xen_netif_rx_response);
SAME_FIELD(struct sn_rx_rsp, struct xen_netif_rx_response, id);
SAME_FIELD(struct sn_rx_rsp, struct xen_netif_rx_response, offset);
SAME_FIELD(struct sn_rx_rsp, struct xen_netif_rx_response, flags);
SAME_FIELD(struct sn_rx_rsp, struct xen_netif_rx_response, status);
SAME_SIZE(struct sn_extra, struct xen_netif_extra_info);
SAME_FIELD(struct sn_extra, struct xen_netif_extra_info, type);
SAME_FIELD(struct sn_extra, struct xen_netif_extra_info, flags);
SAME_AS(gso.size, u.gso.size);
SAME_AS(gso.type, u.gso.type);
SAME_AS(gso.features, u.gso.features);
SAME_AS(mcast.addr, u.mcast.addr);
SAME_AS(hash.type, u.hash.type);
SAME_AS(hash.algorithm, u.hash.algorithm);
SAME_AS(hash.value, u.hash.value);
SAME_AS(xdp.headroom, u.xdp.headroom);

SAME_FIELD(struct sn_sring, struct xen_netif_tx_sring, req_prod);
SAME_FIELD(struct sn_sring, struct xen_netif_tx_sring, req_event);
SAME_FIELD(struct sn_sring, struct xen_netif_tx_sring, rsp_prod);
SAME_FIELD(struct sn_sring, struct xen_netif_tx_sring, rsp_event);
static_assert(offsetof(struct xen_netif_tx_sring, ring) ==
	      sizeof(struct sn_sring));
static_assert(sizeof(union xen_netif_tx_sring_entry) ==
	      sizeof(union sn_tx_slot));
static_assert(sizeof(union xen_netif_rx_sring_entry) ==
	      sizeof(union sn_rx_slot));
static_assert(__CONST_RING_SIZE(xen_netif_tx, XEN_PAGE_SIZE) == SN_RING_SLOTS);
static_assert(__CONST_RING_SIZE(xen_netif_rx, XEN_PAGE_SIZE) == SN_RING_SLOTS);

static_assert(SN_TXF_CSUM_BLANK == XEN_NETTXF_csum_blank);
static_assert(SN_TXF_DATA_VALIDATED == XEN_NETTXF_data_validated);
static_assert(SN_TXF_MORE_DATA == XEN_NETTXF_more_data);
static_assert(SN_TXF_EXTRA_INFO == XEN_NETTXF_extra_info);
static_assert(SN_RXF_DATA_VALIDATED == XEN_NETRXF_data_validated);
static_assert(SN_RXF_CSUM_BLANK == XEN_NETRXF_csum_blank);
static_assert(SN_RXF_MORE_DATA == XEN_NETRXF_more_data);
static_assert(SN_RXF_EXTRA_INFO == XEN_NETRXF_extra_info);
static_assert(SN_EXTRA_GSO == XEN_NETIF_EXTRA_TYPE_GSO);
static_assert(SN_EXTRA_HASH == XEN_NETIF_EXTRA_TYPE_HASH);
static_assert(SN_EXTRA_XDP == XEN_NETIF_EXTRA_TYPE_XDP);
static_assert(SN_EXTRA_TYPES == XEN_NETIF_EXTRA_TYPE_MAX);
static_assert(SN_EXTRA_MORE == XEN_NETIF_EXTRA_FLAG_MORE);
static_assert(SN_GSO_TCPV4 == XEN_NETIF_GSO_TYPE_TCPV4);
static_assert(SN_GSO_TCPV6 == XEN_NETIF_GSO_TYPE_TCPV6);
static_assert(SN_RSP_DROPPED == XEN_NETIF_RSP_DROPPED);
static_assert(SN_RSP_ERROR == XEN_NETIF_RSP_ERROR);
static_assert(SN_RSP_OKAY == XEN_NETIF_RSP_OKAY);
static_assert(SN_RSP_NULL == XEN_NETIF_RSP_NULL);
static_assert(SN_PKT_SLOTS == XEN_NETIF_NR_SLOTS_MIN);
static_assert(SN_PKT_BYTES == XEN_NETIF_MAX_TX_SIZE);
static_assert(SN_SLOT_BYTES == XEN_PAGE_SIZE);
