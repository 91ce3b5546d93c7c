/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Side-core offload of a net device: the settings, as sysfs has them, and the
 * queues that they apply to.
 */
#ifndef SPLITNET_SIDECORE_H
#define SPLITNET_SIDECORE_H

#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/list.h>
#include <linux/netdevice.h>
#include "seat.h"

/* How a worker learns of work. */
enum sn_notify {
	SN_NOTIFY_EVENT,	/* by an event, whenever it has none left */
	SN_NOTIFY_POLL,		/* by looking, without end */
	SN_NOTIFY_ADAPTIVE,	/* by looking for a while, then by an event */
	SN_NOTIFIES
};

/**
 * struct sn_sidecore - side-core offload of a net device
 * @dev: the device
 * @cpus: the side-cores to use, all online; queues are spread over them
 * @on: they are in use
 * @notify: how their workers learn of work
 * @poll_us: how long SN_NOTIFY_ADAPTIVE looks after the last packet
 * @seats: the seats of the queues that run
 * @entry: in the list of all
 */
struct sn_sidecore {
	struct net_device *dev;
	cpumask_var_t cpus;
	bool on;
	enum sn_notify notify;
	unsigned int poll_us;
	struct list_head seats;
	struct list_head entry;
};

#ifdef SN_SIDECORE

/**
 * sn_sidecore_module_init() - read the module's parameters, follow CPUs
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int sn_sidecore_module_init(void);

/* Undo sn_sidecore_module_init(); no device is left. Context: may sleep. */
void sn_sidecore_module_exit(void);

/**
 * sn_sidecore_init() - begin with what the module's parameters say
 * @sc: zeroed
 * @dev: a net device that is not registered yet
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int sn_sidecore_init(struct sn_sidecore *sc, struct net_device *dev);

/**
 * sn_sidecore_exit() - undo sn_sidecore_init()
 * @sc: of a device that is not registered any more, without running queues
 *
 * Context: may sleep.
 */
void sn_sidecore_exit(struct sn_sidecore *sc);

/**
 * sn_sidecore_start() - have a queue run where the settings say
 * @sc: the device's
 * @seat: seat of a queue whose instance was just enabled
 *
 * Context: may sleep; the queue's first visit comes by itself.
 */
void sn_sidecore_start(struct sn_sidecore *sc, struct sn_seat *seat);

/**
 * sn_sidecore_stop() - undo sn_sidecore_start()
 * @sc: the device's
 * @seat: the seat; afterwards only NAPI's core may run the queue
 *
 * Context: may sleep.
 */
void sn_sidecore_stop(struct sn_sidecore *sc, struct sn_seat *seat);

/**
 * sn_sidecore_of() - the settings of one of this module's devices
 * @dev: the net device's struct device
 *
 * Each module has its own.
 *
 * Return: the settings.
 */
struct sn_sidecore *sn_sidecore_of(struct device *dev);

/* The settings as sysfs attributes, for the module's group. */
extern struct device_attribute sn_attr_offload;
extern struct device_attribute sn_attr_sidecore_cpus;
extern struct device_attribute sn_attr_notify;
extern struct device_attribute sn_attr_poll_us;

#else

static inline int sn_sidecore_module_init(void)
{
	return 0;
}

static inline void sn_sidecore_module_exit(void)
{
}

static inline int sn_sidecore_init(struct sn_sidecore *sc,
				   struct net_device *dev)
{
	return 0;
}

static inline void sn_sidecore_exit(struct sn_sidecore *sc)
{
}

static inline void sn_sidecore_start(struct sn_sidecore *sc,
				     struct sn_seat *seat)
{
	local_bh_disable();
	napi_schedule(seat->napi);
	local_bh_enable();
}

static inline void sn_sidecore_stop(struct sn_sidecore *sc,
				    struct sn_seat *seat)
{
}

#endif /* SN_SIDECORE */

#endif /* SPLITNET_SIDECORE_H */
