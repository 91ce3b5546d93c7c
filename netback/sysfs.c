// SPDX-License-Identifier: GPL-2.0
/*
 * The attributes in /sys/class/net/<vif>/splitnet/. What each means stands in
 * docs/ABI/sysfs-class-net-splitnet; the lab's scenario "attributes" holds the
 * two together.
 */
#include <linux/capability.h>
#include <linux/netdevice.h>
#include <linux/sysfs.h>
#include "netback.h"

static ssize_t modes_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%s\n", SN_MODES);
}
static DEVICE_ATTR_RO(modes);

static ssize_t tx_mode_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct snb_vif *vif = netdev_priv(to_net_dev(dev));

	return sysfs_emit(buf, "%s\n", READ_ONCE(vif->tx_mode)->name);
}

static int mode_store(struct device *dev, bool rx, const struct snb_mode *mode)
{
	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	if (!mode)
		return -EINVAL;

	return snb_change_want(netdev_priv(to_net_dev(dev)), rx, mode);
}

static ssize_t tx_mode_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t count)
{
	int err = mode_store(dev, false, snb_tx_mode_find(buf));

	return err ?: count;
}
static DEVICE_ATTR_RW(tx_mode);

static ssize_t rx_mode_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct snb_vif *vif = netdev_priv(to_net_dev(dev));

	return sysfs_emit(buf, "%s\n", READ_ONCE(vif->rx_mode)->name);
}

static ssize_t rx_mode_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t count)
{
	int err = mode_store(dev, true, snb_rx_mode_find(buf));

	return err ?: count;
}
static DEVICE_ATTR_RW(rx_mode);

static struct attribute *vif_attrs[] = {
	&dev_attr_modes.attr,
	&dev_attr_tx_mode.attr,
	&dev_attr_rx_mode.attr,
#ifdef SN_SIDECORE
	&sn_attr_offload.attr,
	&sn_attr_sidecore_cpus.attr,
	&sn_attr_notify.attr,
	&sn_attr_poll_us.attr,
#endif
	NULL
};

const struct attribute_group snb_sysfs_group = {
	.name = "splitnet",
	.attrs = vif_attrs,
};
