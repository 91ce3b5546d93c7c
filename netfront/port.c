// SPDX-License-Identifier: GPL-2.0
/*
 * A port: this guest's end of one interface, and its net device.
 *
 * The net device lives as long as the xenbus device, and is registered at the
 * first connection. Queues come and go with the backend's connections:
 * port->queues, the number of them, publishes the entries of port->queue and
 * takes them back, under RCU, so that ndo_start_xmit needs no lock for them.
 */
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include "netfront.h"
#include "../include/frames.h"

static netdev_tx_t port_start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct snf_port *port = netdev_priv(dev);
	unsigned int id = skb_get_queue_mapping(skb);

	/* Pairs with smp_store_release() in port_publish(). */
	if (unlikely(id >= smp_load_acquire(&port->queues))) {
		dev_core_stats_tx_dropped_inc(dev);
		dev_kfree_skb_any(skb);
		return NETDEV_TX_OK;
	}

	return snf_tx_send(port->queue[id], skb);
}

/* Every queue's counters, of all connections so far. */
static void port_get_stats64(struct net_device *dev,
			     struct rtnl_link_stats64 *sum)
{
	struct snf_port *port = netdev_priv(dev);
	const u64 *counter;
	unsigned int i;

	for (i = 0; i < port->max_queues; i++) {
		counter = port->stats[i].counter;
		sum->rx_packets += READ_ONCE(counter[SN_RX_PACKETS]);
		sum->rx_bytes += READ_ONCE(counter[SN_RX_BYTES]);
		sum->rx_dropped += READ_ONCE(counter[SN_RX_DROPPED]);
		sum->tx_packets += READ_ONCE(counter[SN_TX_PACKETS]);
		sum->tx_bytes += READ_ONCE(counter[SN_TX_BYTES]);
		sum->tx_dropped += READ_ONCE(counter[SN_TX_DROPPED]);
	}
}

/* Call @fn for each queue that there is. */
static void port_for_queues(struct snf_port *port,
			    void (*fn)(struct snf_queue *queue))
{
	unsigned int i;

	for (i = 0; i < port->queues; i++)
		fn(port->queue[i]);
}

static int port_open(struct net_device *dev)
{
	struct snf_port *port = netdev_priv(dev);

	port_for_queues(port, snf_queue_start);
	port_for_queues(port, snf_tx_start);

	return 0;
}

static int port_stop(struct net_device *dev)
{
	netif_tx_stop_all_queues(dev);
	port_for_queues(netdev_priv(dev), snf_queue_stop);
	port_for_queues(netdev_priv(dev), snf_tx_orphan);

	return 0;
}

static int port_change_mtu(struct net_device *dev, int mtu)
{
	/* What is larger than max_mtu does not come here. */
	if (mtu > ETH_DATA_LEN && !(dev->features & NETIF_F_SG))
		return -EINVAL;

	dev->mtu = mtu;
	return 0;
}

static netdev_features_t port_fix_features(struct net_device *dev,
					   netdev_features_t features)
{
	const struct snf_port *port = netdev_priv(dev);
	const u32 *offer = port->offer;

	if (!offer[SN_BACK_SG])
		features &= ~NETIF_F_SG;
	if (!offer[SN_BACK_GSO_TCPV4])
		features &= ~NETIF_F_TSO;
	if (!offer[SN_BACK_GSO_TCPV6])
		features &= ~NETIF_F_TSO6;
	if (!offer[SN_BACK_CSUM_IPV6])
		features &= ~NETIF_F_IPV6_CSUM;

	return features;
}

static int port_set_features(struct net_device *dev, netdev_features_t features)
{
	if (!(features & NETIF_F_SG) && dev->mtu > ETH_DATA_LEN) {
		netdev_info(dev, "MTU lowered to %d without scatter-gather\n",
			    ETH_DATA_LEN);
		dev_set_mtu(dev, ETH_DATA_LEN);
	}

	return 0;
}

static const struct net_device_ops port_netdev_ops = {
	.ndo_open		= port_open,
	.ndo_stop		= port_stop,
	.ndo_start_xmit		= port_start_xmit,
	.ndo_get_stats64	= port_get_stats64,
	.ndo_change_mtu		= port_change_mtu,
	.ndo_fix_features	= port_fix_features,
	.ndo_set_features	= port_set_features,
	.ndo_set_mac_address	= eth_mac_addr,
	.ndo_validate_addr	= eth_validate_addr,
};

/**
 * snf_port_fault() - note what the backend did wrong
 * @queue: where it was met
 * @fault: what; a fatal one cuts the backend off until it reconnects
 *
 * Context: the queue's NAPI owner.
 */
void snf_port_fault(struct snf_queue *queue, enum sn_fault fault)
{
	const struct sn_fault_info *info = &sn_fault_table[fault];
	struct snf_port *port = queue->port;

	queue->stats->fault[fault]++;
	if (!info->fatal) {
		if (sn_conduct_tell_first(&port->conduct, fault))
			netdev_warn(port->dev,
				    "queue %u: %s; dropped, and only counted from now on\n",
				    queue->id, info->text);
		return;
	}

	if (xchg(&port->disabled, true))
		return;

	/* One line for a connection, but not for each of thousands. */
	if (sn_conduct_tell(&port->conduct))
		netdev_err(port->dev,
			   "queue %u: %s; disabled until the backend reconnects\n",
			   queue->id, info->text);
	/* Not while the domain is frozen: the queues may have frames in hand. */
	queue_work(system_freezable_wq, &port->disable);
}

/* One grace period is enough for all. */
static void port_destroy_queues(struct snf_port *port, unsigned int queues)
{
	unsigned int i;

	if (!queues)
		return;

	for (i = 0; i < queues; i++)
		snf_queue_shut(port->queue[i]);
	synchronize_net();

	while (queues--) {
		snf_queue_destroy(port->queue[queues]);
		netdev_tx_reset_queue(netdev_get_tx_queue(port->dev, queues));
	}
}

static int port_create_queues(struct snf_port *port, unsigned int queues)
{
	unsigned int i;
	int err;

	for (i = 0; i < queues; i++) {
		port->queue[i] = snf_queue_create(port, i);
		if (IS_ERR(port->queue[i]))
			goto err;
	}

	return 0;

err:
	err = PTR_ERR(port->queue[i]);
	port_destroy_queues(port, i);
	return err;
}

/* The same, unless Xen lacks memory for what earlier connections gave up. */
static int port_try_queues(struct snf_port *port, unsigned int queues)
{
	if (port->flip && sn_absent_many())
		return -ENOMEM;

	return port_create_queues(port, queues);
}

/* Tell the backend which queues there are, and what is wanted. */
static int port_write_keys(struct snf_port *port, unsigned int queues,
			   struct xenbus_transaction xbt)
{
	const u32 request[SN_FRONT_KEYS] = {
		[SN_FRONT_RX_COPY]	= !port->flip,
		[SN_FRONT_RX_FLIP]	= snf_flip_possible(),
		[SN_FRONT_RX_NOTIFY]	= 1,
		[SN_FRONT_SG]		= 1,
		[SN_FRONT_GSO_TCPV4]	= snf_rx_csum,
		[SN_FRONT_GSO_TCPV6]	= snf_rx_csum,
		[SN_FRONT_NO_CSUM]	= !snf_rx_csum,
		[SN_FRONT_CSUM_IPV6]	= snf_rx_csum,
		[SN_FRONT_QUEUES]	= queues,
	};
	unsigned int i;
	int err;

	err = sn_keys_write(xbt, port->xbdev->nodename, sn_front_keys,
			    SN_FRONT_KEYS, request);
	if (!err)
		err = sn_keys_forget(xbt, port->xbdev->nodename,
				     sn_front_foreign);
	for (i = 0; i < queues && !err; i++)
		err = snf_queue_write(port->queue[i], xbt, queues);

	return err;
}

static int port_write(struct snf_port *port, unsigned int queues)
{
	struct xenbus_transaction xbt;
	int err;

	do {
		err = xenbus_transaction_start(&xbt);
		if (err)
			return err;

		err = port_write_keys(port, queues, xbt);
		if (err) {
			xenbus_transaction_end(xbt, 1);
			return err;
		}

		err = xenbus_transaction_end(xbt, 0);
	} while (err == -EAGAIN);

	return err;
}

static int port_register(struct snf_port *port)
{
	int err;

	if (port->registered)
		return 0;
	/* What failed once may have left the device half begun. */
	if (port->dev->reg_state != NETREG_UNINITIALIZED)
		return -ENODEV;

	err = register_netdev(port->dev);
	port->registered = !err;

	return err;
}

/* Make the first @queues of port->queue visible, and let them run. */
static int port_publish(struct snf_port *port, unsigned int queues)
{
	struct net_device *dev = port->dev;
	unsigned int i;
	int err;

	rtnl_lock();
	err = netif_set_real_num_queues(dev, queues, queues);
	if (err)
		goto unlock;

	netdev_update_features(dev);
	for (i = 0; i < queues; i++) {
		local_bh_disable();
		snf_rx_post(port->queue[i]);
		local_bh_enable();
	}

	/* Pairs with smp_load_acquire() in port_start_xmit(). */
	smp_store_release(&port->queues, queues);
	netif_carrier_on(dev);
	if (netif_running(dev)) {
		port_for_queues(port, snf_queue_start);
		netif_tx_wake_all_queues(dev);
		/* Also those that only BQL had stopped, until it was reset. */
		netif_tx_schedule_all(dev);
	}

unlock:
	rtnl_unlock();
	return err;
}

/* Undo port_publish(): afterwards nothing touches the queues. */
static void port_unpublish(struct snf_port *port)
{
	rtnl_lock();
	netif_carrier_off(port->dev);
	if (netif_running(port->dev))
		port_for_queues(port, snf_queue_stop);
	WRITE_ONCE(port->queues, 0);
	rtnl_unlock();

	/* Waits for the readers in port_start_xmit(). */
	synchronize_net();
}

/* Whether to go on without flips. A failure that closed the device is no matter
 * of theirs.
 */
static bool port_can_copy(const struct snf_port *port)
{
	return SNF_RX_COPY && port->offer[SN_BACK_RX_COPY] &&
	       port->xbdev->state == XenbusStateInitialising;
}

static void port_disconnect_locked(struct snf_port *port)
{
	unsigned int queues = port->queues;

	if (!queues)
		return;

	port_unpublish(port);
	port_destroy_queues(port, queues);
}

/**
 * snf_port_connect() - set up queues, offer them to the backend, be connected
 * @port: a port, with @port->offer read; a connection that it has is undone
 *
 * Context: may sleep. Return: 0 or a negative errno; -EDQUOT if the backend
 * holds too many pages of earlier connections.
 */
int snf_port_connect(struct snf_port *port)
{
	unsigned int queues = min_t(u32, port->max_queues,
				    port->offer[SN_BACK_MAX_QUEUES]);
	int err;

	mutex_lock(&port->lock);
	port_disconnect_locked(port);
	port->disabled = false;
	if (!snf_held_allow(port)) {
		err = -EDQUOT;
		goto unlock;
	}

	err = port_try_queues(port, queues);
	if (err && port->flip && port_can_copy(port)) {
		if (sn_conduct_tell(&port->conduct))
			netdev_info(port->dev, "no flips: error %d\n", err);
		port->flip = false;
		err = port_create_queues(port, queues);
	}
	if (err)
		goto unlock;

	err = port_write(port, queues);
	if (!err)
		err = port_register(port);
	if (!err)
		err = port_publish(port, queues);
	if (err)
		port_destroy_queues(port, queues);
	else
		/* Before a fault can close us again. */
		xenbus_switch_state(port->xbdev, XenbusStateConnected);

unlock:
	mutex_unlock(&port->lock);
	return err;
}

/**
 * snf_port_disconnect() - undo snf_port_connect(), in whatever state it is
 * @port: the port
 *
 * Context: may sleep.
 */
void snf_port_disconnect(struct snf_port *port)
{
	mutex_lock(&port->lock);
	port_disconnect_locked(port);
	mutex_unlock(&port->lock);
}

/**
 * snf_port_close() - follow a backend that closes
 * @port: the port
 *
 * One step for whoever looks at the state under the lock: a port that is closed
 * has no queues.
 *
 * Context: may sleep.
 */
void snf_port_close(struct snf_port *port)
{
	struct xenbus_device *xbdev = port->xbdev;

	mutex_lock(&port->lock);
	/* Not yet begun: this is the end of what was there before us. */
	if (xbdev->state != XenbusStateInitialising &&
	    xbdev->state != XenbusStateClosed) {
		port_disconnect_locked(port);
		xenbus_frontend_closed(xbdev);
	}
	mutex_unlock(&port->lock);
}

/* Have the backend close, and let go of our pages; we follow. A work, since who
 * asks for it writes an attribute, which RTNL's holder may wait for.
 */
static void port_begin_close(struct work_struct *work)
{
	struct snf_port *port = container_of(work, struct snf_port, close);

	mutex_lock(&port->lock);
	/* Or the backend was quicker, and the connection is the new one. */
	if (!port->removing && READ_ONCE(port->reopen) &&
	    port->xbdev->state == XenbusStateConnected)
		xenbus_switch_state(port->xbdev, XenbusStateClosing);
	mutex_unlock(&port->lock);
}

static void port_disable(struct work_struct *work)
{
	struct snf_port *port = container_of(work, struct snf_port, disable);

	/* It may have reconnected meanwhile, and deserves a new chance. If not,
	 * we are closed, so that the next backend that waits finds us ready.
	 */
	mutex_lock(&port->lock);
	if (port->disabled && port->queues && !port->removing) {
		port_disconnect_locked(port);
		xenbus_switch_state(port->xbdev, XenbusStateClosing);
		xenbus_frontend_closed(port->xbdev);
	}
	mutex_unlock(&port->lock);
}

static void port_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &port_netdev_ops;
	dev->ethtool_ops = &snf_ethtool_ops;
	dev->sysfs_groups[0] = &snf_sysfs_group;
	dev->hw_features = NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM |
			   NETIF_F_TSO | NETIF_F_TSO6;
	dev->features = dev->hw_features | NETIF_F_RXCSUM | NETIF_F_GSO_ROBUST;
	dev->max_mtu = SN_PKT_BYTES - ETH_HLEN;
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;

	/* The wire knows no larger packet. */
	netif_set_tso_max_size(dev, SN_PKT_BYTES);
}

static int port_alloc(struct snf_port *port)
{
	port->queue = kcalloc(port->max_queues, sizeof(*port->queue),
			      GFP_KERNEL);
	port->stats = kcalloc(port->max_queues, sizeof(*port->stats),
			      GFP_KERNEL);

	return port->queue && port->stats ? 0 : -ENOMEM;
}

static void port_free(struct snf_port *port)
{
	kfree(port->stats);
	kfree(port->queue);
	free_netdev(port->dev);
}

/**
 * snf_port_create() - create the port of a xenbus device
 * @xbdev: the xenbus device
 *
 * Context: may sleep. Return: the port or an error pointer.
 */
struct snf_port *snf_port_create(struct xenbus_device *xbdev)
{
	struct net_device *dev;
	struct snf_port *port;
	int err;

	dev = alloc_netdev_mq(sizeof(*port), "eth%d", NET_NAME_UNKNOWN,
			      port_setup, snf_max_queues);
	if (!dev)
		return ERR_PTR(-ENOMEM);

	port = netdev_priv(dev);
	port->dev = dev;
	port->xbdev = xbdev;
	port->max_queues = snf_max_queues;
	port->takes_flips = snf_takes_flips();
	mutex_init(&port->lock);
	mutex_init(&port->wish);
	INIT_WORK(&port->disable, port_disable);
	INIT_WORK(&port->close, port_begin_close);
	snf_held_init(port);
	sn_conduct_init(&port->conduct);
	init_waitqueue_head(&port->backend_moved);
	SET_NETDEV_DEV(dev, &xbdev->dev);
	netif_carrier_off(dev);

	err = port_alloc(port);
	if (!err)
		err = sn_sidecore_init(&port->sidecore, dev);
	if (err) {
		port_free(port);
		return ERR_PTR(err);
	}

	return port;
}

/**
 * snf_port_destroy() - undo snf_port_create()
 * @port: a disconnected port
 *
 * Context: may sleep.
 */
void snf_port_destroy(struct snf_port *port)
{
	cancel_work_sync(&port->disable);
	if (port->registered)
		unregister_netdev(port->dev);
	/* Nobody writes an attribute any more. */
	cancel_work_sync(&port->close);
	snf_held_exit(port);
	sn_sidecore_exit(&port->sidecore);
	port_free(port);
}
