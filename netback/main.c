// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <xen/xen.h>
#include "../include/frames.h"
#include "netback.h"

/* Queues per vif where the user names no number: the CPUs, up to this. */
#define SNB_MAX_QUEUES_DEFAULT	8

unsigned int snb_max_queues;
module_param_named(max_queues, snb_max_queues, uint, 0444);
MODULE_PARM_DESC(max_queues,
		 "Most queues per vif (default: number of CPUs, up to 8)");

bool snb_split_events = true;
module_param_named(separate_tx_rx_irq, snb_split_events, bool, 0644);
MODULE_PARM_DESC(separate_tx_rx_irq,
		 "Offer an event channel for each direction (default: Y)");

unsigned int snb_rx_drain_ms = 10000;
module_param_named(rx_drain_timeout_msecs, snb_rx_drain_ms, uint, 0644);
MODULE_PARM_DESC(rx_drain_timeout_msecs,
		 "A packet that its guest does not take is dropped after this");

unsigned int snb_rx_stall_ms = 60000;
module_param_named(rx_stall_timeout_msecs, snb_rx_stall_ms, uint, 0444);
MODULE_PARM_DESC(rx_stall_timeout_msecs,
		 "A guest that takes no packets loses its carrier after this; 0 is never");

static int __init snb_init(void)
{
	int err;

	if (!xen_domain())
		return -ENODEV;

	if (!snb_max_queues)
		snb_max_queues = min_t(unsigned int, num_online_cpus(),
				       SNB_MAX_QUEUES_DEFAULT);

	err = sn_sidecore_module_init();
	if (err)
		return err;

	err = snb_xenbus_init();
	if (err)
		sn_sidecore_module_exit();

	return err;
}
module_init(snb_init);

static void __exit snb_exit(void)
{
	snb_xenbus_exit();
	snb_pending_exit();
	sn_absent_exit();
	sn_sidecore_module_exit();
}
module_exit(snb_exit);

MODULE_DESCRIPTION("splitnet: Xen network backend");
MODULE_LICENSE("GPL");
MODULE_VERSION(SPLITNET_VERSION);
MODULE_INFO(modes, SN_MODES);
MODULE_INFO(offload, SN_OFFLOADS);
MODULE_ALIAS("xen-backend:vif");
