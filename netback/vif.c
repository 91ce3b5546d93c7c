// SPDX-License-Identifier: GPL-2.0
/*
 * A vif: the net device that stands in the host for a guest's interface.
 *
 * The net device lives as long as the xenbus device. Queues come and go with
 * the frontend's connections: vif->queues, the number of them, publishes the
 * entries of vif->queue and takes them back, under RCU, so that ndo_start_xmit
 * needs no lock for them.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include "netback.h"

/* How long a guest that closes may keep others waiting for its packets, all its
 * queues together: xenwatch serves every guest. How long one that did so in
 * vain may do it again, until that is forgotten.
 */
#define VIF_DRAIN_MS		500
#define VIF_DRAIN_AGAIN_MS	50
#define VIF_DRAIN_FORGET	(10 * HZ)

static netdev_tx_t vif_start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct snb_vif *vif = netdev_priv(dev);
	unsigned int id = skb_get_queue_mapping(skb);
	struct snb_queue *queue;

	/* Pairs with smp_store_release() in vif_publish(). */
	if (unlikely(id >= smp_load_acquire(&vif->queues)))
		goto drop;

	queue = vif->queue[id];
	skb_tx_timestamp(skb);
	if (unlikely(!snb_rx_enqueue(queue, skb)))
		goto drop;

	return NETDEV_TX_OK;

drop:
	dev_core_stats_tx_dropped_inc(dev);
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

/* Every queue's counters, of all connections so far. */
static void vif_get_stats64(struct net_device *dev,
			    struct rtnl_link_stats64 *sum)
{
	struct snb_vif *vif = netdev_priv(dev);
	const u64 *counter;
	unsigned int i;

	for (i = 0; i < vif->max_queues; i++) {
		counter = vif->stats[i].counter;
		sum->rx_packets += READ_ONCE(counter[SN_TX_PACKETS]);
		sum->rx_bytes += READ_ONCE(counter[SN_TX_BYTES]);
		sum->rx_dropped += READ_ONCE(counter[SN_TX_DROPPED]);
		sum->tx_packets += READ_ONCE(counter[SN_RX_PACKETS]);
		sum->tx_bytes += READ_ONCE(counter[SN_RX_BYTES]);
		sum->tx_dropped += READ_ONCE(counter[SN_RX_DROPPED]);
	}
}

static void vif_for_queues(struct snb_vif *vif,
			   void (*fn)(struct snb_queue *queue))
{
	unsigned int i;

	for (i = 0; i < vif->queues; i++)
		fn(vif->queue[i]);
}

static int vif_open(struct net_device *dev)
{
	struct snb_vif *vif = netdev_priv(dev);

	vif_for_queues(vif, snb_queue_start);
	netif_tx_start_all_queues(dev);

	return 0;
}

static int vif_stop(struct net_device *dev)
{
	struct snb_vif *vif = netdev_priv(dev);

	netif_tx_stop_all_queues(dev);
	vif_for_queues(vif, snb_queue_stop);

	return 0;
}

static int vif_max_mtu(const struct snb_vif *vif)
{
	return vif->request[SN_FRONT_SG] ? ETH_MAX_MTU - VLAN_ETH_HLEN :
					   ETH_DATA_LEN;
}

static int vif_change_mtu(struct net_device *dev, int mtu)
{
	struct snb_vif *vif = netdev_priv(dev);

	if (mtu > vif_max_mtu(vif))
		return -EINVAL;

	dev->mtu = mtu;
	return 0;
}

static netdev_features_t vif_fix_features(struct net_device *dev,
					  netdev_features_t features)
{
	struct snb_vif *vif = netdev_priv(dev);
	const u32 *request = vif->request;

	if (!request[SN_FRONT_SG])
		features &= ~(NETIF_F_SG | NETIF_F_FRAGLIST);
	if (!request[SN_FRONT_GSO_TCPV4])
		features &= ~NETIF_F_TSO;
	if (!request[SN_FRONT_GSO_TCPV6])
		features &= ~NETIF_F_TSO6;
	if (request[SN_FRONT_NO_CSUM])
		features &= ~NETIF_F_IP_CSUM;
	if (!request[SN_FRONT_CSUM_IPV6])
		features &= ~NETIF_F_IPV6_CSUM;

	return features;
}

static const struct net_device_ops vif_netdev_ops = {
	.ndo_open		= vif_open,
	.ndo_stop		= vif_stop,
	.ndo_start_xmit		= vif_start_xmit,
	.ndo_get_stats64	= vif_get_stats64,
	.ndo_change_mtu		= vif_change_mtu,
	.ndo_fix_features	= vif_fix_features,
	.ndo_set_mac_address	= eth_mac_addr,
	.ndo_validate_addr	= eth_validate_addr,
};

/**
 * snb_vif_queue_waits() - a queue's guest stopped taking packets
 * @vif: whose
 *
 * Context: a queue's NAPI owner.
 */
void snb_vif_queue_waits(struct snb_vif *vif)
{
	spin_lock(&vif->carrier_lock);
	if (!vif->waiting_queues++) {
		netdev_info(vif->dev, "guest takes no packets\n");
		netif_carrier_off(vif->dev);
	}
	spin_unlock(&vif->carrier_lock);
}

/**
 * snb_vif_queue_ready() - a queue's guest takes packets (again)
 * @vif: whose
 *
 * Context: a queue's NAPI owner.
 */
void snb_vif_queue_ready(struct snb_vif *vif)
{
	spin_lock(&vif->carrier_lock);
	if (!--vif->waiting_queues)
		netif_carrier_on(vif->dev);
	spin_unlock(&vif->carrier_lock);
}

/**
 * snb_vif_fault() - note what the frontend did wrong
 * @queue: where it was met
 * @fault: what; a fatal one cuts the frontend off until it reconnects
 *
 * Context: the queue's NAPI owner.
 */
void snb_vif_fault(struct snb_queue *queue, enum sn_fault fault)
{
	const struct sn_fault_info *info = &sn_fault_table[fault];
	struct snb_vif *vif = queue->vif;

	queue->stats->fault[fault]++;
	if (!info->fatal) {
		if (sn_conduct_tell_first(&vif->conduct, fault))
			netdev_warn(vif->dev,
				    "queue %u: %s; dropped, and only counted from now on\n",
				    queue->id, info->text);
		return;
	}

	if (xchg(&vif->disabled, true))
		return;

	/* One line for a connection, but not for each of thousands. */
	if (sn_conduct_tell(&vif->conduct))
		netdev_err(vif->dev,
			   "queue %u: %s; disabled until the frontend reconnects\n",
			   queue->id, info->text);
	schedule_work(&vif->disable);
}

/* Make the first @queues of vif->queue visible, and let them run. */
static int vif_publish(struct snb_vif *vif, unsigned int queues)
{
	struct net_device *dev = vif->dev;
	int err;

	rtnl_lock();
	err = netif_set_real_num_queues(dev, queues, queues);
	if (err)
		goto unlock;

	if (dev->mtu > vif_max_mtu(vif))
		dev_set_mtu(dev, vif_max_mtu(vif));
	netdev_update_features(dev);

	/* Pairs with smp_load_acquire() in vif_start_xmit(). */
	smp_store_release(&vif->queues, queues);
	if (netif_running(dev)) {
		vif_for_queues(vif, snb_queue_start);
		netif_tx_wake_all_queues(dev);
	}

unlock:
	rtnl_unlock();
	return err;
}

/* Undo vif_publish(): afterwards nothing touches the queues, and nothing waits
 * there.
 */
static void vif_unpublish(struct snb_vif *vif)
{
	unsigned int i, queues = vif->queues;

	rtnl_lock();
	if (netif_running(vif->dev))
		vif_for_queues(vif, snb_queue_stop);
	/* Not sooner: a queue that runs may turn it on. */
	netif_carrier_off(vif->dev);
	WRITE_ONCE(vif->queues, 0);
	rtnl_unlock();

	/* Waits for the readers in vif_start_xmit(), who may have found the row
	 * of a queue that was stopped already. What they put there may be lent
	 * by a vif that waits for it.
	 */
	synchronize_net();
	for (i = 0; i < queues; i++)
		snb_rx_clear(vif->queue[i]);
}

#ifdef CONFIG_BQL
static void vif_bound_bytes(struct net_device *dev)
{
	unsigned int i;

	for (i = 0; i < dev->num_tx_queues; i++)
		netdev_get_tx_queue(dev, i)->dql.max_limit = SNB_RX_BYTES;
}

static void vif_reset_bytes(struct netdev_queue *txq)
{
	netdev_tx_reset_queue(txq);
	/* Or the next connection might have waiting what this one carried. */
	txq->dql.adj_limit = txq->dql.limit;
}
#else
static void vif_bound_bytes(struct net_device *dev)
{
}

static void vif_reset_bytes(struct netdev_queue *txq)
{
}
#endif

/* One grace period is enough for all. */
static void vif_destroy_queues(struct snb_vif *vif, unsigned int queues,
			       bool keeps)
{
	bool again = time_before(jiffies, vif->drain_failed + VIF_DRAIN_FORGET);
	unsigned int i;

	if (!queues)
		return;

	vif->drain_end = jiffies + msecs_to_jiffies(again ? VIF_DRAIN_AGAIN_MS :
							    VIF_DRAIN_MS);
	for (i = 0; i < queues; i++)
		snb_queue_shut(vif->queue[i], keeps);
	synchronize_net();

	while (queues--) {
		snb_queue_destroy(vif->queue[queues]);
		vif_reset_bytes(netdev_get_tx_queue(vif->dev, queues));
	}
}

static int vif_create_queues(struct snb_vif *vif, unsigned int queues)
{
	unsigned int i;
	int err;

	for (i = 0; i < queues; i++) {
		vif->queue[i] = snb_queue_create(vif, i, queues);
		if (IS_ERR(vif->queue[i]))
			goto err;
	}

	return 0;

err:
	err = PTR_ERR(vif->queue[i]);
	vif_destroy_queues(vif, i, false);
	return err;
}

/**
 * snb_vif_connect() - connect to what the frontend published
 * @vif: a disconnected vif, with @vif->request read
 *
 * Context: may sleep. Return: 0 or a negative errno; the frontend was told then.
 */
int snb_vif_connect(struct snb_vif *vif)
{
	unsigned int queues = vif->request[SN_FRONT_QUEUES];
	int err;

	if (queues > vif->max_queues) {
		sn_refuse(vif->xbdev, &vif->conduct, -EINVAL,
			  "%u queues, more than there may be", queues);
		return -EINVAL;
	}

	mutex_lock(&vif->lock);
	vif->disabled = false;
	vif->waiting_queues = queues;
	err = vif_create_queues(vif, queues);
	if (!err) {
		err = vif_publish(vif, queues);
		if (err) {
			sn_refuse(vif->xbdev, &vif->conduct, err,
				  "connecting %u queues", queues);
			vif_destroy_queues(vif, queues, false);
		}
	}
	mutex_unlock(&vif->lock);

	return err;
}

static void vif_disconnect_locked(struct snb_vif *vif, bool keeps)
{
	unsigned int queues = vif->queues;

	if (!queues)
		return;

	vif_unpublish(vif);
	vif_destroy_queues(vif, queues, keeps);
}

/**
 * snb_vif_disconnect() - undo snb_vif_connect(), in whatever state it is
 * @vif: the vif
 * @keeps: the frontend keeps its rings, for another connection to them
 *
 * Context: may sleep; if the rings are kept, until the host is done with all
 * packets under way.
 */
void snb_vif_disconnect(struct snb_vif *vif, bool keeps)
{
	mutex_lock(&vif->lock);
	vif_disconnect_locked(vif, keeps);
	mutex_unlock(&vif->lock);
}

/**
 * snb_vif_change_tx() - have what the guest sends cross by another mode
 * @vif: the vif, connected or not
 * @mode: a mode of Tx; all of them have one mover
 *
 * The connection stays, and nothing waits for packets under way: those have the
 * guest's pages, if they have any, for as long as they need them. That may be
 * long, where another guest takes nothing.
 *
 * Context: may sleep, without RTNL. Return: 0, or a negative errno, and the
 * mode is the one before.
 */
int snb_vif_change_tx(struct snb_vif *vif, const struct snb_mode *mode)
{
	unsigned int i;
	int err = 0;

	mutex_lock(&vif->lock);
	for (i = 0; mode->lends && i < vif->queues && !err; i++)
		err = snb_tx_may_lend(vif->queue[i]);
	if (!err) {
		for (i = 0; i < vif->queues; i++)
			snb_tx_lend(vif->queue[i], mode->lends);
		WRITE_ONCE(vif->tx_mode, mode);
	}
	mutex_unlock(&vif->lock);

	return err;
}

static void vif_disable(struct work_struct *work)
{
	struct snb_vif *vif = container_of(work, struct snb_vif, disable);

	/* It may have reconnected meanwhile, and deserves a new chance. */
	mutex_lock(&vif->lock);
	if (vif->disabled)
		vif_disconnect_locked(vif, false);
	mutex_unlock(&vif->lock);
}

static int vif_alloc(struct snb_vif *vif)
{
	vif->queue = kcalloc(vif->max_queues, sizeof(*vif->queue), GFP_KERNEL);
	vif->stats = kcalloc(vif->max_queues, sizeof(*vif->stats), GFP_KERNEL);
	vif->tx_pool = kcalloc(vif->max_queues, sizeof(*vif->tx_pool),
			       GFP_KERNEL);

	return vif->queue && vif->stats && vif->tx_pool ? 0 : -ENOMEM;
}

static void vif_free(struct snb_vif *vif)
{
	unsigned int i;

	for (i = 0; vif->tx_pool && i < vif->max_queues; i++)
		if (vif->tx_pool[i])
			page_pool_destroy(vif->tx_pool[i]);
	kfree(vif->tx_pool);
	kfree(vif->stats);
	kfree(vif->queue);
	free_netdev(vif->dev);
}

static void vif_setup(struct net_device *dev)
{
	static const u8 addr[ETH_ALEN] = { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff };

	ether_setup(dev);

	/* The largest address: a bridge then never takes it for its own. */
	eth_hw_addr_set(dev, addr);
	dev->netdev_ops = &vif_netdev_ops;
	dev->ethtool_ops = &snb_ethtool_ops;
	dev->sysfs_groups[0] = &snb_sysfs_group;
	dev->hw_features = NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_IP_CSUM |
			   NETIF_F_IPV6_CSUM | NETIF_F_TSO | NETIF_F_TSO6;
	dev->features = dev->hw_features | NETIF_F_RXCSUM | NETIF_F_GSO_ROBUST;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = ETH_MAX_MTU - VLAN_ETH_HLEN;
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;
}

/**
 * snb_vif_create() - create the net device of a xenbus device
 * @xbdev: the xenbus device
 * @handle: number of the interface within the guest
 *
 * Context: may sleep. Return: the vif or an error pointer.
 */
struct snb_vif *snb_vif_create(struct xenbus_device *xbdev, unsigned int handle)
{
	struct net_device *dev;
	struct snb_vif *vif;
	char name[IFNAMSIZ];
	int err;

	snprintf(name, sizeof(name), "vif%u.%u", xbdev->otherend_id, handle);
	dev = alloc_netdev_mq(sizeof(*vif), name, NET_NAME_UNKNOWN, vif_setup,
			      snb_max_queues);
	if (!dev)
		return ERR_PTR(-ENOMEM);

	vif = netdev_priv(dev);
	vif->dev = dev;
	vif->xbdev = xbdev;
	vif->domid = xbdev->otherend_id;
	vif->max_queues = snb_max_queues;
	vif->drain_failed = jiffies - VIF_DRAIN_FORGET;
	vif->request[SN_FRONT_SG] = 1;
	vif->tx_want = snb_tx_mode_default();
	vif->rx_want = snb_rx_mode_default();
	vif->tx_mode = vif->tx_want;
	vif->rx_mode = vif->rx_want;
	mutex_init(&vif->lock);
	spin_lock_init(&vif->carrier_lock);
	INIT_WORK(&vif->disable, vif_disable);
	sn_conduct_init(&vif->conduct);
	vif_bound_bytes(dev);
	SET_NETDEV_DEV(dev, &xbdev->dev);
	netif_carrier_off(dev);

	err = vif_alloc(vif);
	if (err)
		goto err_free;

	err = sn_sidecore_init(&vif->sidecore, dev);
	if (err)
		goto err_free;

	err = register_netdev(dev);
	if (err)
		goto err_sidecore;

	err = snb_credit_create(vif);
	if (err)
		goto err_unregister;

	return vif;

err_unregister:
	unregister_netdev(dev);
err_sidecore:
	sn_sidecore_exit(&vif->sidecore);
err_free:
	vif_free(vif);
	return ERR_PTR(err);
}

/**
 * snb_vif_destroy() - undo snb_vif_create()
 * @vif: a disconnected vif
 *
 * Context: may sleep.
 */
void snb_vif_destroy(struct snb_vif *vif)
{
	snb_credit_destroy(vif);
	cancel_work_sync(&vif->disable);
	unregister_netdev(vif->dev);
	sn_sidecore_exit(&vif->sidecore);
	vif_free(vif);
}
