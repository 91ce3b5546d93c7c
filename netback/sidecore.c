// SPDX-License-Identifier: GPL-2.0
/*
 * Side-core offload, compiled into this module. Left out by SIDECORE=n.
 */
#include "netback.h"

#define SN_TRACE_SYSTEM netback
#include "../common/worker.c"
#include "../common/sidecore.c"

struct sn_sidecore *sn_sidecore_of(struct device *dev)
{
	struct snb_vif *vif = netdev_priv(to_net_dev(dev));

	return &vif->sidecore;
}
