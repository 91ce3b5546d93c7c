// SPDX-License-Identifier: GPL-2.0
#include <linux/ethtool.h>
#include <linux/module.h>
#include "netfront.h"

static void port_get_drvinfo(struct net_device *dev,
			     struct ethtool_drvinfo *info)
{
	struct snf_port *port = netdev_priv(dev);

	strscpy(info->driver, "splitnet-netfront", sizeof(info->driver));
	strscpy(info->version, SPLITNET_VERSION, sizeof(info->version));
	strscpy(info->bus_info, dev_name(&port->xbdev->dev),
		sizeof(info->bus_info));
}

static int port_get_sset_count(struct net_device *dev, int set)
{
	if (set != ETH_SS_STATS)
		return -EOPNOTSUPP;

	return SN_MISSTEPS +
	       dev->real_num_tx_queues * sn_stats_count(SN_END_FRONT);
}

static void port_get_strings(struct net_device *dev, u32 set, u8 *data)
{
	unsigned int i;

	if (set != ETH_SS_STATS)
		return;

	sn_conduct_names(&data);
	for (i = 0; i < dev->real_num_tx_queues; i++)
		sn_stats_names(SN_END_FRONT, i, &data);
}

static void port_get_ethtool_stats(struct net_device *dev,
				   struct ethtool_stats *stats, u64 *data)
{
	struct snf_port *port = netdev_priv(dev);
	unsigned int i;

	sn_conduct_values(&port->conduct, &data);
	for (i = 0; i < dev->real_num_tx_queues; i++)
		sn_stats_values(SN_END_FRONT, &port->stats[i], &data);
}

static void port_get_channels(struct net_device *dev,
			      struct ethtool_channels *channels)
{
	struct snf_port *port = netdev_priv(dev);

	channels->max_combined = port->max_queues;
	channels->combined_count = port->queues;
}

static void port_get_ringparam(struct net_device *dev,
			       struct ethtool_ringparam *ring,
			       struct kernel_ethtool_ringparam *kernel_ring,
			       struct netlink_ext_ack *extack)
{
	ring->rx_max_pending = SN_RING_SLOTS;
	ring->tx_max_pending = SN_RING_SLOTS;
	ring->rx_pending = SN_RING_SLOTS;
	ring->tx_pending = SN_RING_SLOTS;
}

const struct ethtool_ops snf_ethtool_ops = {
	.get_drvinfo		= port_get_drvinfo,
	.get_link		= ethtool_op_get_link,
	.get_ts_info		= ethtool_op_get_ts_info,
	.get_sset_count		= port_get_sset_count,
	.get_strings		= port_get_strings,
	.get_ethtool_stats	= port_get_ethtool_stats,
	.get_channels		= port_get_channels,
	.get_ringparam		= port_get_ringparam,
};
