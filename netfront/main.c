// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <xen/platform_pci.h>
#include <xen/xen.h>
#include "netfront.h"
#include "../include/frames.h"

/* Queues per interface where the user names no number: the CPUs, up to this. */
#define SNF_MAX_QUEUES_DEFAULT	8

unsigned int snf_max_queues;
module_param_named(max_queues, snf_max_queues, uint, 0444);
MODULE_PARM_DESC(max_queues,
		 "Most queues per interface (default: number of CPUs, up to 8)");

bool snf_rx_csum = true;
module_param_named(rx_csum, snf_rx_csum, bool, 0444);
MODULE_PARM_DESC(rx_csum,
		 "Take packets whose checksum is still to be filled in (default: Y)");

bool snf_trusted = true;
module_param_named(trusted, snf_trusted, bool, 0444);
MODULE_PARM_DESC(trusted,
		 "The backend may see what else lies in a packet's pages (default: Y)");

static int __init snf_init(void)
{
	int err;

	if (!xen_domain() || !xen_has_pv_nic_devices())
		return -ENODEV;

	if (!snf_max_queues)
		snf_max_queues = min_t(unsigned int, num_online_cpus(),
				       SNF_MAX_QUEUES_DEFAULT);

	err = sn_sidecore_module_init();
	if (err)
		return err;

	snf_windows_init();
	err = snf_xenbus_init();
	if (err) {
		snf_windows_exit();
		sn_sidecore_module_exit();
	}

	return err;
}
module_init(snf_init);

static void __exit snf_exit(void)
{
	snf_xenbus_exit();
	sn_absent_exit();
	snf_windows_exit();
	sn_sidecore_module_exit();
}
module_exit(snf_exit);

MODULE_DESCRIPTION("splitnet: Xen network frontend");
MODULE_LICENSE("GPL");
MODULE_VERSION(SPLITNET_VERSION);
MODULE_INFO(modes, SN_MODES);
MODULE_INFO(offload, SN_OFFLOADS);
MODULE_ALIAS("xen:vif");
