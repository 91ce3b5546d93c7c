/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A vif's backend, as xenbus has it. xenbus.c walks through the states,
 * hotplug.c waits for the script, change.c follows the modes that are wanted.
 *
 * All of it runs in xenbus' thread, but for snb_change_want().
 */
#ifndef SPLITNET_BACKEND_H
#define SPLITNET_BACKEND_H

#include "netback.h"

/* What the switch to Connected waits for. */
struct snb_hotplug {
	struct xenbus_watch watch;
	bool waits;
};

/**
 * struct snb_change - a change of the transfer modes
 * @watch: on what is wanted, which anyone may change who may write to our
 *	directory
 * @moved: woken at each step
 * @reopen: the connection closes only to begin again
 * @changing: ... and has not got to the new mode yet
 * @rx_before: ... or goes back to this
 * @failures: of changes
 * @gone: there will be no change any more
 */
struct snb_change {
	struct xenbus_watch watch;
	wait_queue_head_t moved;
	bool reopen;
	bool changing;
	const struct snb_mode *rx_before;
	unsigned int failures;
	bool gone;
};

/**
 * struct snb_backend - the backend of a vif
 * @xbdev: its xenbus device
 * @vif: the vif
 * @state: where it is on its way
 * @script: of the toolstack's, for the net device
 * @revived: the device had a backend before us, and so its script has run
 * @rebind: the frontend had a backend before us
 * @found_closed: ... and was closed, and has not moved yet
 * @flips: flips were offered
 * @hotplug: the script's end
 * @change: what becomes of another mode that is wanted
 */
struct snb_backend {
	struct xenbus_device *xbdev;
	struct snb_vif *vif;
	enum xenbus_state state;
	const char *script;
	bool revived;
	bool rebind;
	bool found_closed;
	bool flips;
	struct snb_hotplug hotplug;
	struct snb_change change;
};

/* xenbus.c */
int snb_backend_offer(struct snb_backend *be);
void snb_backend_enter(struct snb_backend *be, enum xenbus_state state);
void snb_backend_walk(struct snb_backend *be, enum xenbus_state state);
void snb_backend_begin_again(struct snb_backend *be);
const struct snb_mode *snb_backend_tx_mode(const struct snb_vif *vif);

/* hotplug.c */
int snb_hotplug_watch(struct snb_backend *be);
void snb_hotplug_unwatch(struct snb_backend *be);

/* change.c */
void snb_change_init(struct snb_change *change);
void snb_change_exit(struct snb_change *change);
int snb_change_watch(struct snb_backend *be);
void snb_change_go_back(struct snb_backend *be);

#endif /* SPLITNET_BACKEND_H */
