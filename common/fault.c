// SPDX-License-Identifier: GPL-2.0
#include "../include/fault.h"

const struct sn_fault_info sn_fault_table[SN_FAULTS] = {
	[SN_OK] = { "ok", false, "no fault" },

	[SN_FAULT_TX_RING] = {
		"tx_bad_ring", true, "impossible number of Tx requests" },
	[SN_FAULT_TX_CHAIN] = {
		"tx_bad_chain", true, "Tx packet without an end" },
	[SN_FAULT_TX_FLOOD] = {
		"tx_slot_flood", true, "Tx packet of too many slots" },
	[SN_FAULT_TX_SLOTS] = {
		"tx_bad_slots", false, "Tx packet of more than 18 slots" },
	[SN_FAULT_TX_SIZE] = {
		"tx_bad_size", false, "Tx slots larger than their packet" },
	[SN_FAULT_TX_RUNT] = {
		"tx_runt", false, "Tx packet without Ethernet header" },
	[SN_FAULT_TX_PAGE] = {
		"tx_bad_page", false, "Tx slot across a page's end" },
	[SN_FAULT_TX_EXTRA] = {
		"tx_bad_extra", false, "Tx extra unknown or repeated" },
	[SN_FAULT_TX_GSO] = {
		"tx_bad_gso", false, "Tx packet with impossible GSO" },
	[SN_FAULT_TX_CSUM] = {
		"tx_bad_csum", false, "Tx packet without checksum field" },
	[SN_FAULT_TX_GRANT] = {
		"tx_bad_grant", false, "Tx grant that cannot be read" },
	[SN_FAULT_RX_RING] = {
		"rx_bad_ring", true, "impossible number of Rx requests" },
	[SN_FAULT_RX_GRANT] = {
		"rx_bad_grant", false, "Rx grant that cannot be written" },

	[SN_FAULT_RXRSP_RING] = {
		"rx_bad_ring", true, "impossible number of Rx responses" },
	[SN_FAULT_RXRSP_CHAIN] = {
		"rx_bad_chain", true, "Rx packet without an end" },
	[SN_FAULT_RXRSP_HELD] = {
		"rx_page_held", true, "Rx page still held by the backend" },
	[SN_FAULT_RXRSP_NO_PAGE] = {
		"rx_no_page", false, "Rx slot whose page did not come" },
	[SN_FAULT_RXRSP_STATUS] = {
		"rx_refused", false, "Rx slot that the backend gave up" },
	[SN_FAULT_RXRSP_SLOTS] = {
		"rx_bad_slots", false, "Rx packet of more than 18 slots" },
	[SN_FAULT_RXRSP_RUNT] = {
		"rx_runt", false, "Rx packet without Ethernet header" },
	[SN_FAULT_RXRSP_PAGE] = {
		"rx_bad_page", false, "Rx slot across a page's end" },
	[SN_FAULT_RXRSP_EXTRA] = {
		"rx_bad_extra", false, "Rx extra unknown or repeated" },
	[SN_FAULT_RXRSP_GSO] = {
		"rx_bad_gso", false, "Rx packet with impossible GSO" },
	[SN_FAULT_RXRSP_CSUM] = {
		"rx_bad_csum", false, "Rx packet without checksum field" },
	[SN_FAULT_TXRSP_RING] = {
		"tx_bad_ring", true, "impossible number of Tx responses" },
	[SN_FAULT_TXRSP_ID] = {
		"tx_bad_id", true, "Tx response to nothing pending" },
	[SN_FAULT_TXRSP_HELD] = {
		"tx_page_held", true, "Tx page still held by the backend" },
	[SN_FAULT_TXRSP_STATUS] = {
		"tx_refused", false, "Tx packet refused by the backend" },
};
