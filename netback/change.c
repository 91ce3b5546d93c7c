// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of the transfer modes. What is wanted stands in xenstore, in the
 * backend's directory as mode/rx and mode/tx, and outlives the module.
 *
 * Tx goes over to another mode as it is; for Rx the connection is closed and
 * made anew, and if that fails, once more with the mode before.
 */
#include <linux/slab.h>
#include "backend.h"
#include "../include/frames.h"

/* How long a change may take. */
#define CHANGE_WAIT	(5 * HZ)

/* Have what comes from now on cross by the Tx mode that is wanted. The frontend
 * notices nothing.
 */
static void change_tx(struct snb_backend *be)
{
	struct snb_vif *vif = be->vif;
	int err = -EBUSY;

	if (snb_backend_tx_mode(vif) == vif->tx_want)
		err = snb_vif_change_tx(vif, vif->tx_want);
	if (!err)
		return;

	xenbus_dev_error(be->xbdev, err, "changing Tx to %s",
			 vif->tx_want->name);
	WRITE_ONCE(vif->tx_want, vif->tx_mode);
	WRITE_ONCE(be->change.failures, be->change.failures + 1);
}

/* Have the connection made anew, by the Rx mode that is wanted. */
static void change_rx(struct snb_backend *be)
{
	struct snb_change *change = &be->change;

	change->rx_before = be->vif->rx_mode;
	change->reopen = true;
	WRITE_ONCE(change->changing, true);
	snb_backend_walk(be, XenbusStateClosing);
}

/* Whether the connection at hand can go over to an Rx mode now. */
static bool change_can_rx(const struct snb_vif *vif,
			  const struct snb_mode *mode)
{
	return snb_mode_possible(mode) &&
	       (mode != snb_rx_mode_find("flip") ||
		(vif->request[SN_FRONT_RX_FLIP] && !sn_absent_many()));
}

static const struct snb_mode *
change_read(struct snb_backend *be, const char *key,
	    const struct snb_mode *fallback,
	    const struct snb_mode *(*find)(const char *name))
{
	char *name = xenbus_read(XBT_NIL, be->xbdev->nodename, key, NULL);
	const struct snb_mode *mode;

	if (IS_ERR(name))
		return fallback;

	mode = find(name);
	kfree(name);
	return mode ?: fallback;
}

/* Read again what may have changed: the one that is named like the end of
 * @path, or both. The other one may be wished for still, after it failed.
 */
static void change_read_at(struct snb_backend *be, const char *path)
{
	const char *key = kbasename(path);
	struct snb_vif *vif = be->vif;

	if (strcmp(key, "rx"))
		vif->tx_want = change_read(be, "mode/tx", vif->tx_want,
					   snb_tx_mode_find);
	if (strcmp(key, "tx"))
		vif->rx_want = change_read(be, "mode/rx", vif->rx_want,
					   snb_rx_mode_find);
}

/* Follow what is wanted. A vif that closed for want of anything, and whose
 * frontend waits, tries again.
 */
static void change_wanted(struct xenbus_watch *watch, const char *path,
			  const char *token)
{
	struct snb_backend *be = container_of(watch, struct snb_backend,
					      change.watch);
	struct snb_vif *vif = be->vif;

	change_read_at(be, path);
	if (be->state == XenbusStateClosed) {
		if (xenbus_dev_is_online(be->xbdev))
			snb_backend_begin_again(be);
	} else if (be->state == XenbusStateInitWait) {
		snb_backend_offer(be);
		/* Nobody was told if that failed. */
		snb_backend_enter(be, be->state);
	} else if (be->state != XenbusStateConnected) {
		/* It is on its way, and comes to this by itself. */
	} else if (vif->rx_want != vif->rx_mode &&
		   change_can_rx(vif, vif->rx_want)) {
		change_rx(be);
	} else if (vif->tx_want != vif->tx_mode) {
		change_tx(be);
	}
	wake_up_all(&be->change.moved);
}

/**
 * snb_change_go_back() - make the next connection in the Rx mode before
 * @be: a backend that could not connect; nothing happens if that was not to
 *	change the mode
 *
 * Context: xenbus' thread.
 */
void snb_change_go_back(struct snb_backend *be)
{
	struct snb_change *change = &be->change;

	if (!change->rx_before)
		return;

	WRITE_ONCE(be->vif->rx_want, change->rx_before);
	change->rx_before = NULL;
	change->reopen = true;
	WRITE_ONCE(change->failures, change->failures + 1);
	wake_up_all(&change->moved);
}

/* Whether @mode is in use, or will be at the next connection. The backend may
 * not know its vif yet: the attributes are there before the probe is done.
 */
static bool change_settled(const struct snb_backend *be,
			   const struct snb_vif *vif, bool rx,
			   const struct snb_mode *mode)
{
	if (be->state == XenbusStateConnected)
		return mode == (rx ? READ_ONCE(vif->rx_mode) :
				     READ_ONCE(vif->tx_mode));

	return !READ_ONCE(be->change.changing) &&
	       mode == (rx ? READ_ONCE(vif->rx_want) :
			     READ_ONCE(vif->tx_want));
}

/**
 * snb_change_want() - have a vif change its transfer mode
 * @vif: the vif
 * @rx: of what the guest receives, or of what it sends
 * @mode: the mode
 *
 * Context: may sleep, for as long as the frontend needs to follow.
 *
 * Return: 0, -EOPNOTSUPP if one of the ends cannot do it, -ETIMEDOUT if the
 * frontend does not follow, -EIO if the change failed and the mode before is
 * gone back to, -ENODEV if the vif goes meanwhile, or another negative errno.
 */
int snb_change_want(struct snb_vif *vif, bool rx, const struct snb_mode *mode)
{
	struct snb_backend *be = dev_get_drvdata(&vif->xbdev->dev);
	struct snb_change *change = &be->change;
	unsigned int failures = READ_ONCE(change->failures);
	int err;

	if (READ_ONCE(change->gone))
		return -ENODEV;
	if (rx && !change_can_rx(vif, mode))
		return -EOPNOTSUPP;

	err = xenbus_printf(XBT_NIL, vif->xbdev->nodename,
			    rx ? "mode/rx" : "mode/tx", "%s", mode->name);
	if (err)
		return err;

	if (!wait_event_timeout(change->moved,
				change_settled(be, vif, rx, mode) ||
				READ_ONCE(change->failures) != failures ||
				READ_ONCE(change->gone),
				CHANGE_WAIT)) {
		/* Whoever comes next wishes for the next connection. */
		WRITE_ONCE(change->changing, false);
		return -ETIMEDOUT;
	}

	if (READ_ONCE(change->gone))
		return -ENODEV;

	return READ_ONCE(change->failures) == failures ? 0 : -EIO;
}

/**
 * snb_change_init() - no change yet
 * @change: zeroed
 */
void snb_change_init(struct snb_change *change)
{
	init_waitqueue_head(&change->moved);
}

/**
 * snb_change_watch() - read what is wanted, and follow it from now on
 * @be: a backend that has its vif
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int snb_change_watch(struct snb_backend *be)
{
	change_read_at(be, "mode");
	return xenbus_watch_pathfmt(be->xbdev, &be->change.watch, NULL,
				    change_wanted, "%s/mode",
				    be->xbdev->nodename);
}

/**
 * snb_change_exit() - undo snb_change_init() and, if it was done,
 * snb_change_watch()
 * @change: of a backend that goes: whoever waits is sent away, since the
 *	attributes' writers are waited for when the net device goes
 *
 * Context: may sleep.
 */
void snb_change_exit(struct snb_change *change)
{
	WRITE_ONCE(change->gone, true);
	wake_up_all(&change->moved);
	if (!change->watch.node)
		return;

	unregister_xenbus_watch(&change->watch);
	kfree(change->watch.node);
	change->watch.node = NULL;
}
