// SPDX-License-Identifier: GPL-2.0
/*
 * The hotplug script: the toolstack's, which puts the net device where it
 * belongs. The frontend is told of the connection when the script has ended.
 */
#include <linux/slab.h>
#include "backend.h"

static void hotplug_changed(struct xenbus_watch *watch, const char *path,
			    const char *token)
{
	struct snb_backend *be = container_of(watch, struct snb_backend,
					      hotplug.watch);
	char *status;

	if (!be->hotplug.waits)
		return;

	status = xenbus_read(XBT_NIL, be->xbdev->nodename, "hotplug-status",
			     NULL);
	if (IS_ERR(status)) {
		if (PTR_ERR(status) != -ENOENT)
			xenbus_dev_error(be->xbdev, PTR_ERR(status),
					 "reading hotplug-status");
		return;
	}

	if (!strcmp(status, "connected")) {
		be->hotplug.waits = false;
		xenbus_switch_state(be->xbdev, be->state);
	}
	kfree(status);
}

/**
 * snb_hotplug_watch() - keep the state from the frontend until the script ends
 * @be: a backend that has just connected
 *
 * Context: xenbus' thread. Return: 0 or a negative errno; the frontend was told
 * then.
 */
int snb_hotplug_watch(struct snb_backend *be)
{
	be->hotplug.waits = true;
	return xenbus_watch_pathfmt(be->xbdev, &be->hotplug.watch, NULL,
				    hotplug_changed, "%s/hotplug-status",
				    be->xbdev->nodename);
}

/**
 * snb_hotplug_unwatch() - undo snb_hotplug_watch(), if it was done
 * @be: a backend
 *
 * The watch goes where nobody else can take it away meanwhile: on the way out
 * of a connection, and not as soon as it has told its news.
 *
 * Context: may sleep.
 */
void snb_hotplug_unwatch(struct snb_backend *be)
{
	be->hotplug.waits = false;
	if (!be->hotplug.watch.node)
		return;

	unregister_xenbus_watch(&be->hotplug.watch);
	kfree(be->hotplug.watch.node);
	be->hotplug.watch.node = NULL;
}
