// SPDX-License-Identifier: GPL-2.0
/*
 * The frontend's side of xenbus: what the backend offers, what is asked for,
 * and the walk through the states.
 *
 * The backend may go away and come back, at any time and without having said
 * so; the frontend then starts over. It never waits for the backend without a
 * bound, and never with a lock held that anyone else needs.
 *
 * Our state leaves Connected under port->lock, together with the queues, but for
 * a removal, during which nobody else changes it. From Closed and Initialising
 * only xenwatch takes it further.
 */
#include "netfront.h"

/* How long a removal waits for the backend to take each of two steps; and how
 * often it looks, since it may run where nobody can tell it of a step.
 */
#define CLOSE_WAIT	(5 * HZ)
#define CLOSE_LOOK	(HZ / 10)

/* How long a wish for another connection is waited for: both ends close, and
 * connect again.
 */
#define REOPEN_WAIT	(3 * CLOSE_WAIT)

/* Whether the backend may see what else lies in a packet's pages. The key is
 * our toolstack's: one that cannot be read must not say yes.
 */
static int frontend_read_trust(struct snf_port *port)
{
	struct xenbus_device *xbdev = port->xbdev;
	unsigned int trusted = 1;
	int err;

	err = xenbus_scanf(XBT_NIL, xbdev->nodename, "trusted", "%u", &trusted);
	if (err < 0 && err != -ENOENT) {
		xenbus_dev_fatal(xbdev, err, "reading %s/trusted",
				 xbdev->nodename);
		return err;
	}

	port->bounce = !snf_trusted || !trusted;
	return 0;
}

/* The toolstack's address is what the interface begins with; later it is up to
 * whoever administers it.
 */
static int frontend_read_mac(struct snf_port *port)
{
	u8 mac[ETH_ALEN];
	int err;

	if (port->registered)
		return 0;

	err = sn_mac_read(port->xbdev, &port->conduct, mac);
	if (!err)
		eth_hw_addr_set(port->dev, mac);

	return err;
}

static int frontend_connect(struct snf_port *port)
{
	struct xenbus_device *xbdev = port->xbdev;
	int err;

	err = sn_keys_read(xbdev, &port->conduct, xbdev->otherend, sn_back_keys,
			   SN_BACK_KEYS, port->offer);
	if (err)
		return err;

	port->flip = port->offer[SN_BACK_RX_FLIP] && port->takes_flips &&
		     snf_flip_possible();
	if (!port->flip && !(SNF_RX_COPY && port->offer[SN_BACK_RX_COPY])) {
		sn_refuse(xbdev, &port->conduct, -EOPNOTSUPP,
			  SNF_RX_COPY ?
			  "the backend does not offer rx-copy" :
			  "the backend does not offer rx-flip, and this build has not rx-copy");
		return -EOPNOTSUPP;
	}

	err = frontend_read_trust(port);
	if (err)
		return err;

	err = frontend_read_mac(port);
	if (err)
		return err;

	err = snf_port_connect(port);
	if (err)
		sn_refuse(xbdev, &port->conduct, err, err == -EDQUOT ?
			  "the backend holds on to pages of earlier connections" :
			  "connecting");

	return err;
}

/* The backend waits for us. Where it had closed before, or we had cut it off,
 * begin again.
 */
static void frontend_backend_waits(struct snf_port *port)
{
	struct xenbus_device *xbdev = port->xbdev;

	/* A fault's closing must not come after this look at the state. */
	flush_work(&port->disable);
	if (xbdev->state == XenbusStateClosed)
		xenbus_switch_state(xbdev, XenbusStateInitialising);
	if (xbdev->state != XenbusStateInitialising)
		return;

	/* What follows goes by what is wanted now. Pairs with
	 * smp_load_acquire() in frontend_is_settled().
	 */
	smp_store_release(&port->reopen, false);

	port->announced = false;
	/* Closed is where the next backend finds us. */
	if (frontend_connect(port))
		xenbus_frontend_closed(xbdev);
	wake_up_all(&port->backend_moved);
}

static void frontend_backend_closes(struct snf_port *port,
				    enum xenbus_state state)
{
	struct xenbus_device *xbdev = port->xbdev;

	snf_port_close(port);

	/* It closed because we did: what follows is the walk of a new frontend,
	 * which the backend sees only after it has closed.
	 */
	if (state == XenbusStateClosed && xbdev->state == XenbusStateClosed &&
	    READ_ONCE(port->reopen))
		xenbus_switch_state(xbdev, XenbusStateInitialising);
}

/* Bridges may look for us where we were before. Once, however often the backend
 * says that it is connected.
 */
static void frontend_announce(struct snf_port *port)
{
	if (port->announced || port->xbdev->state != XenbusStateConnected)
		return;

	port->announced = true;
	netdev_notify_peers(port->dev);
}

static void frontend_backend_changed(struct xenbus_device *xbdev,
				     enum xenbus_state state)
{
	struct snf_port *port = dev_get_drvdata(&xbdev->dev);

	wake_up_all(&port->backend_moved);
	if (port->removing)
		return;

	switch (state) {
	case XenbusStateInitWait:
		frontend_backend_waits(port);
		break;
	case XenbusStateConnected:
		frontend_announce(port);
		break;
	case XenbusStateClosing:
	case XenbusStateClosed:
		frontend_backend_closes(port, state);
		break;
	case XenbusStateUnknown:
	case XenbusStateInitialising:
		/* It is gone, or new: it will say what it waits for. */
		break;
	default:
		sn_conduct_count(&port->conduct, SN_ODD_STATES);
		break;
	}
}

static int frontend_probe(struct xenbus_device *xbdev,
			  const struct xenbus_device_id *id)
{
	struct snf_port *port;

	port = snf_port_create(xbdev);
	if (IS_ERR(port)) {
		xenbus_dev_fatal(xbdev, PTR_ERR(port), "creating the net device");
		return PTR_ERR(port);
	}

	dev_set_drvdata(&xbdev->dev, port);

	/* A backend that closed with our predecessor begins again by this. */
	xenbus_switch_state(xbdev, XenbusStateInitialising);
	return 0;
}

static bool frontend_backend_is(struct xenbus_device *xbdev,
				enum xenbus_state state)
{
	enum xenbus_state now = xenbus_read_driver_state(xbdev->otherend);

	return now == state || now == XenbusStateClosed ||
	       now == XenbusStateUnknown;
}

/* Wait for the backend to be in @state, or gone. A look sleeps, so it must not
 * be what wait_event() waits for.
 */
static void frontend_await(struct snf_port *port, enum xenbus_state state)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	unsigned long end = jiffies + CLOSE_WAIT;

	add_wait_queue(&port->backend_moved, &wait);
	while (!frontend_backend_is(port->xbdev, state) &&
	       time_before(jiffies, end))
		wait_woken(&wait, TASK_UNINTERRUPTIBLE, CLOSE_LOOK);
	remove_wait_queue(&port->backend_moved, &wait);
}

/* Ask the backend to let go of our pages, and give it time to. What it still
 * holds afterwards is freed when it does let go.
 */
static void frontend_close(struct snf_port *port)
{
	struct xenbus_device *xbdev = port->xbdev;

	xenbus_switch_state(xbdev, XenbusStateClosing);
	frontend_await(port, XenbusStateClosing);
	xenbus_switch_state(xbdev, XenbusStateClosed);
	frontend_await(port, XenbusStateClosed);
}

/* Whether both ends can do what is wanted. */
static bool frontend_can(const struct snf_port *port, bool flips)
{
	return flips ? snf_flip_possible() && port->offer[SN_BACK_RX_FLIP] :
		       SNF_RX_COPY && port->offer[SN_BACK_RX_COPY];
}

/* Whether an attempt to connect has ended, and none is asked for. */
static bool frontend_is_settled(struct snf_port *port)
{
	enum xenbus_state state;

	/* Pairs with smp_store_release() in frontend_backend_waits(): the state
	 * below is not one from before the attempt.
	 */
	if (smp_load_acquire(&port->reopen))
		return false;

	state = READ_ONCE(port->xbdev->state);
	return state == XenbusStateConnected || state == XenbusStateClosed;
}

/* Close and begin again, with what is wanted by now. The states are xenwatch's
 * to walk through, as ever; what comes too late for us comes all the same.
 */
static int frontend_reopen(struct snf_port *port)
{
	long left;

	WRITE_ONCE(port->reopen, true);
	queue_work(system_freezable_wq, &port->close);
	left = wait_event_interruptible_timeout(port->backend_moved,
						frontend_is_settled(port) ||
						READ_ONCE(port->removing),
						REOPEN_WAIT);
	if (left < 0)
		return left;
	if (READ_ONCE(port->removing))
		return -ENODEV;

	return left ? 0 : -ETIMEDOUT;
}

/**
 * snf_xenbus_want() - have a port receive by flips, or by copies
 * @port: a port
 * @flips: whether by flips
 *
 * If it does not, the connection is made anew: the net device stays, its queues
 * are new. Without a connection, the wish is for the next one.
 *
 * Context: may sleep, without RTNL. Must not take port->lock: whoever has that
 * takes RTNL, and whoever has RTNL may wait for an attribute's writer.
 *
 * Return: 0, -EOPNOTSUPP if one of the ends cannot do it, -ETIMEDOUT if the
 * backend does not follow, -EIO if the connection failed or goes another way,
 * -ENODEV if the port goes meanwhile, or -ERESTARTSYS.
 */
int snf_xenbus_want(struct snf_port *port, bool flips)
{
	int err = 0;

	if (!frontend_can(port, flips))
		return -EOPNOTSUPP;
	if (mutex_lock_interruptible(&port->wish))
		return -ERESTARTSYS;

	WRITE_ONCE(port->takes_flips, flips);
	if (port->flip != flips && port->xbdev->state == XenbusStateConnected) {
		err = frontend_reopen(port);
		if (!err && (port->xbdev->state != XenbusStateConnected ||
			     READ_ONCE(port->flip) != flips))
			err = -EIO;
	}
	mutex_unlock(&port->wish);

	return err;
}

static void frontend_remove(struct xenbus_device *xbdev)
{
	struct snf_port *port = dev_get_drvdata(&xbdev->dev);

	/* Under the lock: nobody else begins to close from here on. */
	mutex_lock(&port->lock);
	WRITE_ONCE(port->removing, true);
	mutex_unlock(&port->lock);
	/* Attributes' writers are waited for below, with RTNL held. */
	wake_up_all(&port->backend_moved);

	if (!frontend_backend_is(xbdev, XenbusStateClosed))
		frontend_close(port);
	snf_port_disconnect(port);
	snf_port_destroy(port);
	dev_set_drvdata(&xbdev->dev, NULL);
}

/* The domain was restored: rings, grants and channels are gone. The backend is
 * a new one, and its InitWait makes us connect.
 */
static int frontend_resume(struct xenbus_device *xbdev)
{
	snf_port_disconnect(dev_get_drvdata(&xbdev->dev));

	return 0;
}

static const struct xenbus_device_id frontend_ids[] = {
	{ "vif" },
	{ "" }
};

static struct xenbus_driver frontend_driver = {
	.name			= "splitnet-netfront",
	.ids			= frontend_ids,
	.probe			= frontend_probe,
	.remove			= frontend_remove,
	.resume			= frontend_resume,
	.otherend_changed	= frontend_backend_changed,
};

/* Bind to all interfaces that there are and will be. Returns 0 or an errno. */
int snf_xenbus_init(void)
{
	return xenbus_register_frontend(&frontend_driver);
}

/* Undo snf_xenbus_init(); the net devices go. */
void snf_xenbus_exit(void)
{
	xenbus_unregister_driver(&frontend_driver);
}
