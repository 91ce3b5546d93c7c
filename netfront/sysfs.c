// SPDX-License-Identifier: GPL-2.0
/*
 * The attributes in /sys/class/net/<interface>/splitnet/ of the guest. What
 * each means stands in docs/ABI/sysfs-class-net-splitnet; the lab's scenario
 * "attributes" holds the two together.
 */
#include <linux/netdevice.h>
#include <linux/sysfs.h>
#include "netfront.h"

static ssize_t modes_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%s\n", SN_MODES);
}
static DEVICE_ATTR_RO(modes);

static struct attribute *port_attrs[] = {
	&dev_attr_modes.attr,
	NULL
};

const struct attribute_group snf_sysfs_group = {
	.name = "splitnet",
	.attrs = port_attrs,
};
