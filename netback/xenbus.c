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
#include "backend.h"
#include "../include/frames.h"

/* Of what uevents are made, which anybody may read at any time. */
static DEFINE_MUTEX(backend_lock);	/* a device's backend, and its vif */

/* Whether flips are wanted, and work now. */
static bool backend_flips(const struct snb_backend *be)
{
	const struct snb_mode *flip = snb_rx_mode_find("flip");

	return be->vif->rx_want == flip && snb_mode_possible(flip) &&
	       !sn_absent_many();
}

static int backend_write_offer(struct xenbus_transaction xbt, const char *dir,
			       const u32 *offer)
{
	char *state = xenbus_read(xbt, dir, "state", NULL);
	int err;

	/* Where the toolstack has removed it, it is not to come back. */
	if (IS_ERR(state))
		return PTR_ERR(state);

	kfree(state);
	err = sn_keys_write(xbt, dir, sn_back_keys, SN_BACK_KEYS, offer);
	return err ?: sn_keys_forget(xbt, dir, sn_back_foreign);
}

/**
 * snb_backend_offer() - write what a frontend may ask for, and nothing else
 * @be: a backend without a connection
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int snb_backend_offer(struct snb_backend *be)
{
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

		err = backend_write_offer(xbt, be->xbdev->nodename, offer);
		if (err) {
			xenbus_transaction_end(xbt, 1);
			return err;
		}

		err = xenbus_transaction_end(xbt, 0);
	} while (err == -EAGAIN);

	return err;
}

/* The mode that the frontend asks for, or NULL. A frontend that had a backend
 * before us may have been offered more.
 */
static const struct snb_mode *backend_rx_mode(const struct snb_backend *be)
{
	const struct snb_mode *flip;

	if (be->vif->request[SN_FRONT_RX_COPY])
		return snb_rx_mode_find("copy");

	flip = snb_rx_mode_find("flip");
	return (be->flips || be->rebind) && snb_mode_possible(flip) ? flip :
								      NULL;
}

/**
 * snb_backend_tx_mode() - the Tx mode that a vif can have now
 * @vif: the vif
 *
 * That is the one that is wanted; but a guest that closed while packets had its
 * pages is lent no more until those are back, or it could have ever more of them
 * out.
 *
 * Return: the mode, or NULL if this build has no other one.
 */
const struct snb_mode *snb_backend_tx_mode(const struct snb_vif *vif)
{
	if (vif->tx_want->lends && snb_pending_left(vif->domid))
		return snb_tx_mode_find("copy");

	return vif->tx_want;
}

static void backend_disconnect(struct snb_backend *be)
{
	snb_hotplug_unwatch(be);
	snb_vif_disconnect(be->vif, false);
}

static int backend_connect(struct snb_backend *be)
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

	tx_mode = snb_backend_tx_mode(be->vif);
	if (!tx_mode) {
		sn_refuse(xbdev, &be->vif->conduct, -EBUSY,
			  "packets still have the guest's pages");
		return -EBUSY;
	}

	WRITE_ONCE(be->vif->rx_mode, rx_mode);
	WRITE_ONCE(be->vif->tx_mode, tx_mode);
	WRITE_ONCE(be->change.changing, false);

	err = snb_vif_connect(be->vif);
	if (err)
		return err;

	err = snb_hotplug_watch(be);
	if (err) {
		backend_disconnect(be);
		return err;
	}

	be->change.rx_before = NULL;
	be->change.reopen = false;
	be->rebind = false;
	return 0;
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

/**
 * snb_backend_enter() - be in a state, and say so
 * @be: the backend; while it waits for the hotplug script, nobody is told
 * @state: the next one on the way
 *
 * Context: xenbus' thread, or the probe.
 */
void snb_backend_enter(struct snb_backend *be, enum xenbus_state state)
{
	be->state = state;
	if (!be->hotplug.waits)
		xenbus_switch_state(be->xbdev, state);
	wake_up_all(&be->change.moved);
}

/**
 * snb_backend_walk() - walk from where a backend is to another state
 * @be: the backend
 * @state: where the frontend wants it. A frontend that cannot be connected to
 *	finds us closing; one that waits for us finds what is offered by now
 *
 * Context: xenbus' thread.
 */
void snb_backend_walk(struct snb_backend *be, enum xenbus_state state)
{
	enum xenbus_state next;
	int err;

	while (be->state != state) {
		next = backend_next(be->state, state);
		if (be->state == XenbusStateConnected)
			backend_disconnect(be);
		if (next == XenbusStateConnected && backend_connect(be)) {
			snb_change_go_back(be);
			be->state = XenbusStateClosing;
			return;
		}
		err = next == XenbusStateInitWait ? snb_backend_offer(be) : 0;
		if (err) {
			if (err != -ENOENT)
				xenbus_dev_error(be->xbdev, err,
						 "writing features");
			return;
		}
		snb_backend_enter(be, next);
	}
}

/**
 * snb_backend_begin_again() - let a frontend connect anew
 * @be: a backend whose frontend closed because it did
 *
 * Context: xenbus' thread.
 */
void snb_backend_begin_again(struct snb_backend *be)
{
	be->change.reopen = false;
	be->rebind = false;
	snb_backend_walk(be, XenbusStateInitWait);
}

static void backend_frontend_changed(struct xenbus_device *xbdev,
				     enum xenbus_state state)
{
	struct snb_backend *be = dev_get_drvdata(&xbdev->dev);

	/* That is how we found it, and it has yet to see that we wait. Were we
	 * to close for it, both would be closed for good.
	 */
	if (be->found_closed && state == XenbusStateClosed &&
	    xenbus_dev_is_online(xbdev))
		return;

	be->found_closed = false;
	switch (state) {
	case XenbusStateInitialising:
		snb_backend_walk(be, XenbusStateInitWait);
		break;
	case XenbusStateConnected:
	case XenbusStateClosing:
		snb_backend_walk(be, state);
		break;
	case XenbusStateClosed:
	case XenbusStateUnknown:
		/* Only the toolstack says when the device goes. Whoever unbinds
		 * it has its lock and waits for this thread, which would wait
		 * for the lock: a guest must not be able to bring that about.
		 */
		snb_backend_walk(be, XenbusStateClosed);
		if (!xenbus_dev_is_online(xbdev))
			device_unregister(&xbdev->dev);
		else if (be->change.reopen && state == XenbusStateClosed)
			snb_backend_begin_again(be);
		break;
	default:
		/* Not worth a line in the log: a guest can write what it
		 * likes, and as often.
		 */
		sn_conduct_count(&be->vif->conduct, SN_ODD_STATES);
		break;
	}
}

static int backend_create_vif(struct snb_backend *be)
{
	struct xenbus_device *xbdev = be->xbdev;
	struct snb_vif *vif;
	unsigned int handle;
	int err;

	err = xenbus_scanf(XBT_NIL, xbdev->nodename, "handle", "%u", &handle);
	if (err != 1)
		return err < 0 ? err : -EINVAL;

	vif = snb_vif_create(xbdev, handle);
	if (IS_ERR(vif))
		return PTR_ERR(vif);

	mutex_lock(&backend_lock);
	be->vif = vif;
	mutex_unlock(&backend_lock);
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

/* The vif goes while the attributes' writers may still look for the backend. */
static void backend_destroy_vif(struct snb_backend *be)
{
	struct snb_vif *vif = be->vif;

	if (!vif)
		return;

	/* No watch outlives the wait for what is lent: who removes the device
	 * from xenstore then has xenbus' thread, which watches end with, wait
	 * for us.
	 */
	snb_credit_unwatch(vif);
	kobject_uevent(&be->xbdev->dev.kobj, KOBJ_OFFLINE);
	snb_vif_disconnect(vif, snb_xenbus_keeps(vif));

	mutex_lock(&backend_lock);
	be->vif = NULL;
	mutex_unlock(&backend_lock);
	snb_vif_destroy(vif);
}

static void backend_remove(struct xenbus_device *xbdev)
{
	struct snb_backend *be = dev_get_drvdata(&xbdev->dev);

	snb_change_exit(&be->change);
	snb_hotplug_unwatch(be);
	xenbus_rm(XBT_NIL, xbdev->nodename, "hotplug-status");
	backend_destroy_vif(be);

	mutex_lock(&backend_lock);
	dev_set_drvdata(&xbdev->dev, NULL);
	mutex_unlock(&backend_lock);
	kfree(be->script);
	kfree(be);
}

static int backend_probe(struct xenbus_device *xbdev,
			 const struct xenbus_device_id *id)
{
	enum xenbus_state frontend;
	struct snb_backend *be;
	const char *script;
	int err;

	be = kzalloc(sizeof(*be), GFP_KERNEL);
	if (!be)
		return -ENOMEM;

	be->xbdev = xbdev;
	snb_change_init(&be->change);
	be->state = XenbusStateInitialising;
	be->revived = xenbus_read_driver_state(xbdev->nodename) >
		      XenbusStateInitialising;
	/* That we wait is said in any case: by what xenbus remembers another
	 * state may stand there, and who was refused by whoever waited there
	 * last is ready for us only once it is written again.
	 */
	xbdev->state = XenbusStateUnknown;
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

	err = snb_change_watch(be);
	if (!err)
		err = snb_backend_offer(be);
	if (err) {
		xenbus_dev_fatal(xbdev, err, "writing features");
		goto err_remove;
	}
	if (!snb_rx_mode_find("copy"))
		xenbus_dev_error(xbdev, -EOPNOTSUPP,
				 "this build has not rx-copy: only a frontend with rx-flip can connect");
	snb_backend_enter(be, XenbusStateInitWait);

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
 * for a new device, whether or not its guest has got to it; SPLITNET_REBIND
 * tells a udev rule that it has to.
 */
static int backend_uevent(SN_UEVENT_CONST struct xenbus_device *xbdev,
			  struct kobj_uevent_env *env)
{
	const struct snb_backend *be;
	int err = 0;

	mutex_lock(&backend_lock);
	be = dev_get_drvdata(&xbdev->dev);
	if (be && be->vif &&
	    (add_uevent_var(env, "script=%s", be->script) ||
	     add_uevent_var(env, "vif=%s", be->vif->dev->name) ||
	     add_uevent_var(env, "SPLITNET_REBIND=%d", be->revived)))
		err = -ENOMEM;
	mutex_unlock(&backend_lock);

	return err;
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
