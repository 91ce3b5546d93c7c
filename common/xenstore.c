// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>
#include "../include/xenstore.h"

void sn_refuse(struct xenbus_device *dev, struct sn_conduct *conduct, int err,
	       const char *format, ...)
{
	char *node = kasprintf(GFP_KERNEL, "error/%s", dev->nodename);
	va_list args;
	char *text;

	va_start(args, format);
	text = kvasprintf(GFP_KERNEL, format, args);
	va_end(args);

	sn_conduct_count(conduct, SN_REFUSED);
	if (node && text)
		xenbus_printf(XBT_NIL, node, "error", "%d %s", -err, text);
	if (text && sn_conduct_tell(conduct))
		dev_err(&dev->dev, "%d %s\n", -err, text);
	xenbus_switch_state(dev, XenbusStateClosing);
	kfree(text);
	kfree(node);
}

int sn_keys_read(struct xenbus_device *dev, struct sn_conduct *conduct,
		 const char *dir, const struct sn_key *keys,
		 unsigned int count, u32 *value)
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
	sn_refuse(dev, conduct, err, "reading %s/%s", dir, keys[i].name);
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
			err = xenbus_rm(xbt, dir, keys[i].name);
		else
			err = xenbus_printf(xbt, dir, keys[i].name, "%u",
					    value[i]);
		if (err)
			return err;
	}

	return 0;
}

int sn_keys_forget(struct xenbus_transaction xbt, const char *dir,
		   const char * const *names)
{
	int err;

	for (; *names; names++) {
		err = xenbus_rm(xbt, dir, *names);
		if (err)
			return err;
	}

	return 0;
}

int sn_mac_read(struct xenbus_device *dev, struct sn_conduct *conduct,
		u8 *mac)
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
		sn_refuse(dev, conduct, err, "reading %s/mac", dev->nodename);

	return err;
}

char *sn_queue_dir(const char *dir, unsigned int queue, unsigned int queues)
{
	if (queues == 1)
		return kstrdup(dir, GFP_KERNEL);

	return kasprintf(GFP_KERNEL, "%s/queue-%u", dir, queue);
}
