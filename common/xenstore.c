// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>
#include "../include/xenstore.h"

int sn_keys_read(struct xenbus_device *dev, const char *dir,
		 const struct sn_key *keys, unsigned int count, u32 *value)
{
	unsigned int i;
	char *text;
	int err;

	for (i = 0; i < count; i++) {
		text = xenbus_read(XBT_NIL, dir, keys[i].name, NULL);
		if (IS_ERR(text)) {
			err = PTR_ERR(text);
			if (err != -ENOENT)
				goto fail;
			text = NULL;
		}

		err = sn_key_parse(&keys[i], text, &value[i]);
		kfree(text);
		if (err)
			goto fail;
	}

	return 0;

fail:
	xenbus_dev_fatal(dev, err, "reading %s/%s", dir, keys[i].name);
	return err;
}

int sn_keys_write(struct xenbus_transaction xbt, const char *dir,
		  const struct sn_key *keys, unsigned int count,
		  const u32 *value)
{
	unsigned int i;
	int err;

	for (i = 0; i < count; i++) {
		if (!value[i] && keys[i].min)
			continue;

		err = xenbus_printf(xbt, dir, keys[i].name, "%u", value[i]);
		if (err)
			return err;
	}

	return 0;
}

int sn_mac_read(struct xenbus_device *dev, u8 *mac)
{
	char *text = xenbus_read(XBT_NIL, dev->nodename, "mac", NULL);
	int err = 0;

	if (IS_ERR(text))
		err = PTR_ERR(text);
	else if (!mac_pton(text, mac))
		err = -EINVAL;

	if (!IS_ERR(text))
		kfree(text);
	if (err)
		xenbus_dev_fatal(dev, err, "reading %s/mac", dev->nodename);

	return err;
}

char *sn_queue_dir(const char *dir, unsigned int queue, unsigned int queues)
{
	if (queues == 1)
		return kstrdup(dir, GFP_KERNEL);

	return kasprintf(GFP_KERNEL, "%s/queue-%u", dir, queue);
}
