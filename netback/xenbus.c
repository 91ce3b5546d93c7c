// SPDX-License-Identifier: GPL-2.0
/*
 * The backend's side of xenbus: what is offered, what the frontend asked for,
 * and the walk through the states.
 *
 * A frontend may go through the states in any order, also through a close
 * cycle before it ever connects, as Windows does; the backend walks from where
 * it is to where the frontend wants it, one legal step after another.
 *
 * Taken off a running guest (the module is unloaded), the backend leaves the
 * rings as they are, and a later one takes them up where they stand: the guest
 * notices a pause.
 */
#include <linux/slab.h>
#include "netback.h"

struct backend {
	struct xenbus_device *xbdev;
	struct snb_vif *vif;
	enum xenbus_state state;
	const char *script;
	bool rebind;		/* the frontend had a backend before us */
	bool found_closed;	/* ... and was closed, and has not moved yet */

	/* The switch to Connected waits for the hotplug script. */
	struct xenbus_watch hotplug;
	bool hotplug_waits;

	/* The transfer modes that are wanted, which anyone may change who may
	 * write to our directory.
	 */
	struct xenbus_watch modes;
	bool flips;		/* flips were offered */
	bool reopen;		/* closes only to begin again */
	bool changing;		/* ... and has not got to the new mode yet */
	const struct snb_mode *rx_before;	/* ... or goes back to this */
	unsigned int failures;	/* of changes */
	bool gone;		/* there will be no change any more */
	wait_queue_head_t moved;
};

/* How long a change of modes may take. */
#define MODES_WAIT	(5 * HZ)

/* Whether flips are wanted, and work. */
static bool backend_flips(const struct backend *be)
{
	const struct snb_mode *flip = snb_rx_mode_find("flip");

	return be->vif->rx_want == flip && snb_mode_possible(flip);
}

static int backend_offer(struct backend *be)
{
	struct xenbus_device *xbdev = be->xbdev;
	const u32 offer[SN_BACK_KEYS] = {
		[SN_BACK_SG]		= 1,
		[SN_BACK_GSO_TCPV4]	= 1,
		[SN_BACK_GSO_TCPV6]	= 1,
		[SN_BACK_CSUM_IPV6]	= 1,
		[SN_BACK_RX_COPY]	= !!snb_rx_mode_find("copy"),
		[SN_BACK_RX_FLIP]	= backend_flips(be),
		[SN_BACK_SPLIT_EVENTS]	= snb_split_events,
		[SN_BACK_MAX_QUEUES]	= snb_max_queues,
	};
	struct xenbus_transaction xbt;
	int err;

	be->flips = offer[SN_BACK_RX_FLIP];
	do {
		err = xenbus_transaction_start(&xbt);
		if (err)
			return err;

		err = sn_keys_write(xbt, xbdev->nodename, sn_back_keys,
				    SN_BACK_KEYS, offer);
		if (err) {
			xenbus_transaction_end(xbt, 1);
			return err;
		}

		err = xenbus_transaction_end(xbt, 0);
	} while (err == -EAGAIN);

	return err;
}

/* The watch goes where nobody else can take it away meanwhile: on the way out
 * of a connection, and not as soon as it has told its news.
 */
static void hotplug_unwatch(struct backend *be)
{
	be->hotplug_waits = false;
	if (!be->hotplug.node)
		return;

	unregister_xenbus_watch(&be->hotplug);
	kfree(be->hotplug.node);
	be->hotplug.node = NULL;
}

static void hotplug_changed(struct xenbus_watch *watch, const char *path,
			    const char *token)
{
	struct backend *be = container_of(watch, struct backend, hotplug);
	char *status;

	if (!be->hotplug_waits)
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
		be->hotplug_waits = false;
		xenbus_switch_state(be->xbdev, be->state);
	}
	kfree(status);
}

static int hotplug_watch(struct backend *be)
{
	be->hotplug_waits = true;
	return xenbus_watch_pathfmt(be->xbdev, &be->hotplug, NULL,
				    hotplug_changed, "%s/hotplug-status",
				    be->xbdev->nodename);
}

/* The mode that the frontend asks for, or NULL. A frontend that had a backend
 * before us may have been offered more.
 */
static const struct snb_mode *backend_rx_mode(const struct backend *be)
{
	const struct snb_mode *flip;

	if (be->vif->request[SN_FRONT_RX_COPY])
		return snb_rx_mode_find("copy");

	flip = snb_rx_mode_find("flip");
	return (be->flips || be->rebind) && snb_mode_possible(flip) ? flip :
								      NULL;
}

/* The mode that is wanted. A guest that closed while packets had its pages is
 * lent no more until those are back, or it could have ever more of them out.
 */
static const struct snb_mode *backend_tx_mode(const struct snb_vif *vif)
{
	if (vif->tx_want->lends && snb_pending_left(vif->domid))
		return snb_tx_mode_find("copy");

	return vif->tx_want;
}

static void backend_disconnect(struct backend *be)
{
	hotplug_unwatch(be);
	snb_vif_disconnect(be->vif, false);
}

static int backend_connect(struct backend *be)
{
	struct xenbus_device *xbdev = be->xbdev;
	u32 *request = be->vif->request;
	const struct snb_mode *rx_mode;
	const struct snb_mode *tx_mode;
	int err;

	err = sn_keys_read(xbdev, &be->vif->conduct, xbdev->otherend,
			   sn_front_keys, SN_FRONT_KEYS, request);
	if (err)
		return err;

	rx_mode = backend_rx_mode(be);
	if (!rx_mode) {
		sn_refuse(xbdev, &be->vif->conduct, -EOPNOTSUPP,
			  request[SN_FRONT_RX_COPY] ?
			  "the frontend requests rx-copy, which this build has not" :
			  "the frontend does not request rx-copy");
		return -EOPNOTSUPP;
	}

	tx_mode = backend_tx_mode(be->vif);
	if (!tx_mode) {
		sn_refuse(xbdev, &be->vif->conduct, -EBUSY,
			  "packets still have the guest's pages");
		return -EBUSY;
	}

	WRITE_ONCE(be->vif->rx_mode, rx_mode);
	WRITE_ONCE(be->vif->tx_mode, tx_mode);
	WRITE_ONCE(be->changing, false);

	err = snb_vif_connect(be->vif);
	if (err)
		return err;

	err = hotplug_watch(be);
	if (err) {
		backend_disconnect(be);
		return err;
	}

	be->rx_before = NULL;
	be->rebind = false;
	return 0;
}

/* Where a change of the Rx mode failed, the next connection is made in the mode
 * before it.
 */
static void backend_go_back(struct backend *be)
{
	if (!be->rx_before)
		return;

	WRITE_ONCE(be->vif->rx_want, be->rx_before);
	be->rx_before = NULL;
	be->reopen = true;
	WRITE_ONCE(be->failures, be->failures + 1);
	wake_up_all(&be->moved);
}

/* The next state on the way from @from to @to; @from itself if there. */
static enum xenbus_state backend_next(enum xenbus_state from,
				      enum xenbus_state to)
{
	switch (from) {
	case XenbusStateInitialising:
		return to == XenbusStateClosed ? to : XenbusStateInitWait;
	case XenbusStateInitWait:
		return to == XenbusStateConnected ? to : XenbusStateClosing;
	case XenbusStateConnected:
		return XenbusStateClosing;
	case XenbusStateClosing:
		return XenbusStateClosed;
	default:
		return to == XenbusStateClosing ? to : XenbusStateInitWait;
	}
}

static void backend_enter(struct backend *be, enum xenbus_state state)
{
	be->state = state;
	if (!be->hotplug_waits)
		xenbus_switch_state(be->xbdev, state);
	wake_up_all(&be->moved);
}

/* Walk to @state. A frontend that cannot be connected to finds us closing; one
 * that waits for us finds what is offered by now.
 */
static void backend_walk(struct backend *be, enum xenbus_state state)
{
	enum xenbus_state next;
	int err;

	while (be->state != state) {
		next = backend_next(be->state, state);
		if (be->state == XenbusStateConnected)
			backend_disconnect(be);
		if (next == XenbusStateConnected && backend_connect(be)) {
			backend_go_back(be);
			be->state = XenbusStateClosing;
			return;
		}
		err = next == XenbusStateInitWait ? backend_offer(be) : 0;
		if (err) {
			xenbus_dev_error(be->xbdev, err, "writing features");
			return;
		}
		backend_enter(be, next);
	}
}

/* The frontend closed because we did: let it connect anew. */
static void backend_begin_again(struct backend *be)
{
	be->reopen = false;
	be->rebind = false;
	backend_walk(be, XenbusStateInitWait);
}

/* Have what comes from now on cross by the Tx mode that is wanted. The frontend
 * notices nothing.
 */
static void backend_change_tx(struct backend *be)
{
	struct snb_vif *vif = be->vif;
	int err = -EBUSY;

	if (backend_tx_mode(vif) == vif->tx_want)
		err = snb_vif_change_tx(vif, vif->tx_want);
	if (!err)
		return;

	xenbus_dev_error(be->xbdev, err, "changing Tx to %s",
			 vif->tx_want->name);
	WRITE_ONCE(vif->tx_want, vif->tx_mode);
	WRITE_ONCE(be->failures, be->failures + 1);
}

/* Whether the connection at hand can go over to the Rx mode that is wanted. */
static bool backend_can_change(const struct snb_vif *vif,
			       const struct snb_mode *mode)
{
	return snb_mode_possible(mode) &&
	       (mode != snb_rx_mode_find("flip") ||
		vif->request[SN_FRONT_RX_FLIP]);
}

static const struct snb_mode *
modes_read(struct backend *be, const char *key, const struct snb_mode *fallback,
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
static void modes_read_at(struct backend *be, const char *path)
{
	const char *key = kbasename(path);
	struct snb_vif *vif = be->vif;

	if (strcmp(key, "rx"))
		vif->tx_want = modes_read(be, "mode/tx", vif->tx_want,
					  snb_tx_mode_find);
	if (strcmp(key, "tx"))
		vif->rx_want = modes_read(be, "mode/rx", vif->rx_want,
					  snb_rx_mode_find);
}

/* Take note of what is wanted. Runs where all changes of state do. A vif that
 * closed for want of anything, and whose frontend waits, tries again.
 */
static void modes_changed(struct xenbus_watch *watch, const char *path,
			  const char *token)
{
	struct backend *be = container_of(watch, struct backend, modes);
	struct snb_vif *vif = be->vif;

	modes_read_at(be, path);
	if (be->state == XenbusStateClosed) {
		if (xenbus_dev_is_online(be->xbdev))
			backend_begin_again(be);
	} else if (be->state == XenbusStateInitWait) {
		backend_offer(be);
		/* Nobody was told if that failed. */
		backend_enter(be, be->state);
	} else if (be->state != XenbusStateConnected) {
		/* It is on its way, and comes to this by itself. */
	} else if (vif->rx_want != vif->rx_mode &&
		   backend_can_change(vif, vif->rx_want)) {
		be->rx_before = vif->rx_mode;
		be->reopen = true;
		be->changing = true;
		backend_walk(be, XenbusStateClosing);
	} else if (vif->tx_want != vif->tx_mode) {
		backend_change_tx(be);
	}
	wake_up_all(&be->moved);
}

/* Whether @mode is in use, or will be at the next connection. */
static bool modes_settled(const struct backend *be, const struct snb_vif *vif,
			  bool rx, const struct snb_mode *mode)
{
	if (be->state == XenbusStateConnected)
		return mode == (rx ? READ_ONCE(vif->rx_mode) :
				     READ_ONCE(vif->tx_mode));

	return !READ_ONCE(be->changing) && mode == (rx ? READ_ONCE(vif->rx_want) :
					    READ_ONCE(vif->tx_want));
}

/**
 * snb_xenbus_want() - have a vif change its transfer mode
 * @vif: the vif
 * @rx: of what the guest receives, or of what it sends
 * @mode: the mode
 *
 * For what the guest receives, the connection is made anew. The wish is kept in
 * xenstore, in the backend's directory as mode/rx and mode/tx, and outlives the
 * module.
 *
 * Context: may sleep, for as long as the frontend needs to follow.
 *
 * Return: 0, -EOPNOTSUPP if one of the ends cannot do it, -ETIMEDOUT if the
 * frontend does not follow, -EIO if the change failed and the mode before is
 * gone back to, -ENODEV if the vif goes meanwhile, or another negative errno.
 */
int snb_xenbus_want(struct snb_vif *vif, bool rx, const struct snb_mode *mode)
{
	struct backend *be = dev_get_drvdata(&vif->xbdev->dev);
	unsigned int failures = READ_ONCE(be->failures);
	int err;

	if (rx && !backend_can_change(vif, mode))
		return -EOPNOTSUPP;

	err = xenbus_printf(XBT_NIL, vif->xbdev->nodename,
			    rx ? "mode/rx" : "mode/tx", "%s", mode->name);
	if (err)
		return err;

	if (!wait_event_timeout(be->moved,
				modes_settled(be, vif, rx, mode) ||
				READ_ONCE(be->failures) != failures ||
				READ_ONCE(be->gone),
				MODES_WAIT))
		return -ETIMEDOUT;

	if (READ_ONCE(be->gone))
		return -ENODEV;

	return READ_ONCE(be->failures) == failures ? 0 : -EIO;
}

static void backend_frontend_changed(struct xenbus_device *xbdev,
				     enum xenbus_state state)
{
	struct backend *be = dev_get_drvdata(&xbdev->dev);

	/* That is how we found it, and it has yet to see that we wait. Were we
	 * to close for it, both would be closed for good.
	 */
	if (be->found_closed && state == XenbusStateClosed &&
	    xenbus_dev_is_online(xbdev))
		return;

	be->found_closed = false;
	switch (state) {
	case XenbusStateInitialising:
		backend_walk(be, XenbusStateInitWait);
		break;
	case XenbusStateConnected:
	case XenbusStateClosing:
		backend_walk(be, state);
		break;
	case XenbusStateClosed:
	case XenbusStateUnknown:
		/* Only the toolstack says when the device goes. Whoever unbinds
		 * it has its lock and waits for this thread, which would wait
		 * for the lock: a guest must not be able to bring that about.
		 */
		backend_walk(be, XenbusStateClosed);
		if (!xenbus_dev_is_online(xbdev))
			device_unregister(&xbdev->dev);
		else if (be->reopen && state == XenbusStateClosed)
			backend_begin_again(be);
		break;
	default:
		/* Nor is a state that there is not worth a line in the log: a
		 * guest can write it as often as it likes.
		 */
		sn_conduct_count(&be->vif->conduct, SN_ODD_STATES);
		break;
	}
}

static int backend_create_vif(struct backend *be)
{
	struct xenbus_device *xbdev = be->xbdev;
	unsigned int handle;
	int err;

	err = xenbus_scanf(XBT_NIL, xbdev->nodename, "handle", "%u", &handle);
	if (err != 1)
		return err < 0 ? err : -EINVAL;

	be->vif = snb_vif_create(xbdev, handle);
	if (IS_ERR(be->vif)) {
		err = PTR_ERR(be->vif);
		be->vif = NULL;
		return err;
	}

	return 0;
}

/* A new frontend waits to be offered something. One in any other state has had
 * a backend, and maybe closed when it was left.
 */
static bool backend_is_next(enum xenbus_state frontend)
{
	switch (frontend) {
	case XenbusStateConnected:
	case XenbusStateClosing:
	case XenbusStateClosed:
		return true;
	default:
		return false;
	}
}

/* Read what is wanted, and follow it. */
static int modes_watch(struct backend *be)
{
	modes_read_at(be, "mode");
	return xenbus_watch_pathfmt(be->xbdev, &be->modes, NULL, modes_changed,
				    "%s/mode", be->xbdev->nodename);
}

static void modes_unwatch(struct backend *be)
{
	if (!be->modes.node)
		return;

	unregister_xenbus_watch(&be->modes);
	kfree(be->modes.node);
	be->modes.node = NULL;
}

/**
 * snb_xenbus_keeps() - whether the frontend goes on with what it is connected by
 * @vif: the vif, from which the backend is taken
 *
 * Not where the toolstack took the device away, so that no backend will come
 * after us.
 *
 * Context: may sleep.
 */
bool snb_xenbus_keeps(const struct snb_vif *vif)
{
	struct xenbus_device *xbdev = vif->xbdev;

	return xenbus_exists(XBT_NIL, xbdev->nodename, "") &&
	       xenbus_read_driver_state(xbdev->otherend) ==
	       XenbusStateConnected;
}

static void backend_remove(struct xenbus_device *xbdev)
{
	struct backend *be = dev_get_drvdata(&xbdev->dev);

	/* The net device's attributes are waited for below. */
	WRITE_ONCE(be->gone, true);
	wake_up_all(&be->moved);
	modes_unwatch(be);
	hotplug_unwatch(be);
	xenbus_rm(XBT_NIL, xbdev->nodename, "hotplug-status");
	if (be->vif) {
		kobject_uevent(&xbdev->dev.kobj, KOBJ_OFFLINE);
		snb_vif_disconnect(be->vif, snb_xenbus_keeps(be->vif));
		snb_vif_destroy(be->vif);
	}
	dev_set_drvdata(&xbdev->dev, NULL);
	kfree(be->script);
	kfree(be);
}

static int backend_probe(struct xenbus_device *xbdev,
			 const struct xenbus_device_id *id)
{
	enum xenbus_state frontend;
	struct backend *be;
	const char *script;
	int err;

	be = kzalloc(sizeof(*be), GFP_KERNEL);
	if (!be)
		return -ENOMEM;

	be->xbdev = xbdev;
	init_waitqueue_head(&be->moved);
	be->state = XenbusStateInitialising;
	frontend = xenbus_read_driver_state(xbdev->otherend);
	be->rebind = backend_is_next(frontend);
	be->found_closed = frontend == XenbusStateClosed;
	dev_set_drvdata(&xbdev->dev, be);

	script = xenbus_read(XBT_NIL, xbdev->nodename, "script", NULL);
	if (IS_ERR(script)) {
		err = PTR_ERR(script);
		xenbus_dev_fatal(xbdev, err, "reading script");
		goto err_remove;
	}
	be->script = script;

	err = backend_create_vif(be);
	if (err) {
		xenbus_dev_fatal(xbdev, err, "creating the net device");
		goto err_remove;
	}

	err = modes_watch(be);
	if (!err)
		err = backend_offer(be);
	if (err) {
		xenbus_dev_fatal(xbdev, err, "writing features");
		goto err_remove;
	}
	if (!snb_rx_mode_find("copy"))
		xenbus_dev_error(xbdev, -EOPNOTSUPP,
				 "this build has not rx-copy: only a frontend with rx-flip can connect");
	backend_enter(be, XenbusStateInitWait);

	/* Has the hotplug script run, by whoever listens. */
	err = kobject_uevent(&xbdev->dev.kobj, KOBJ_ONLINE);
	if (err)
		xenbus_dev_error(xbdev, err, "calling for the hotplug script");
	return 0;

err_remove:
	backend_remove(xbdev);
	return err;
}

/* What the hotplug script is called with. A toolstack runs the script only
 * for a new guest; SPLITNET_REBIND tells a udev rule that it has to.
 */
static int backend_uevent(SN_UEVENT_CONST struct xenbus_device *xbdev,
			  struct kobj_uevent_env *env)
{
	const struct backend *be = dev_get_drvdata(&xbdev->dev);

	if (!be || !be->vif)
		return 0;

	if (add_uevent_var(env, "script=%s", be->script) ||
	    add_uevent_var(env, "vif=%s", be->vif->dev->name) ||
	    add_uevent_var(env, "SPLITNET_REBIND=%d", be->rebind))
		return -ENOMEM;

	return 0;
}

static const struct xenbus_device_id backend_ids[] = {
	{ "vif" },
	{ "" }
};

static struct xenbus_driver backend_driver = {
	.name			= "splitnet-netback",
	.ids			= backend_ids,
	.probe			= backend_probe,
	.remove			= backend_remove,
	.uevent			= backend_uevent,
	.otherend_changed	= backend_frontend_changed,
	.allow_rebind		= true,
};

/* Bind to all vifs that there are and will be. Returns 0 or an errno. */
int snb_xenbus_init(void)
{
	return xenbus_register_backend(&backend_driver);
}

/* Undo snb_xenbus_init(); guests stay, without a backend. */
void snb_xenbus_exit(void)
{
	xenbus_unregister_driver(&backend_driver);
}
