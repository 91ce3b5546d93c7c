// SPDX-License-Identifier: GPL-2.0
/*
 * The attributes in /sys/class/net/<interface>/splitnet/ of the guest. What
 * each means stands in docs/ABI/sysfs-class-net-splitnet; the lab's scenario
 * "attributes" holds the two together.
 */
#include <linux/capability.h>
#include <linux/netdevice.h>
#include <linux/sysfs.h>
#include "netfront.h"

static ssize_t modes_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%s\n", SN_MODES);
}
static DEVICE_ATTR_RO(modes);

static ssize_t rx_mode_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct snf_port *port = netdev_priv(to_net_dev(dev));

	return sysfs_emit(buf, "%s\n", READ_ONCE(port->flip) ? "flip" : "copy");
}

static ssize_t rx_mode_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t count)
{
	struct snf_port *port = netdev_priv(to_net_dev(dev));
	bool flips;
	int err;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;

	err = snf_mode_parse(buf, &flips);
	if (err)
		return err;

	err = snf_xenbus_want(port, flips);

	return err ?: count;
}
static DEVICE_ATTR_RW(rx_mode);

static struct attribute *port_attrs[] = {
	&dev_attr_rx_mode.attr,
	&dev_attr_modes.attr,
#ifdef SN_SIDECORE
	&sn_attr_offload.attr,
	&sn_attr_sidecore_cpus.attr,
	&sn_attr_notify.attr,
	&sn_attr_poll_us.attr,
#endif
	NULL
};

const struct attribute_group snf_sysfs_group = {
	.name = "splitnet",
	.attrs = port_attrs,
};
