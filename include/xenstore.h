/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading and writing rows of the negotiation table in xenstore.
 */
#ifndef SPLITNET_XENSTORE_H
#define SPLITNET_XENSTORE_H

#include <linux/etherdevice.h>
#include <xen/xenbus.h>
#include "conduct.h"
#include "keys.h"

/**
 * sn_refuse() - end an attempt to connect, and say why
 * @dev: the device: its error node says so, and it is closing then
 * @conduct: the other end's: it is counted, and the log says so, too, but not
 *	without end
 * @err: a negative errno
 * @format: the reason
 *
 * Context: may sleep.
 */
__printf(4, 5)
void sn_refuse(struct xenbus_device *dev, struct sn_conduct *conduct, int err,
	       const char *format, ...);

/**
 * sn_keys_read() - read a row of keys
 * @dev: what is refused if that fails
 * @conduct: as of sn_refuse()
 * @dir: directory that holds the keys
 * @keys: the row
 * @count: keys in it
 * @value: set to a value for each
 *
 * Context: may sleep. Return: 0, or a negative errno if a key is out of its
 * range; the device is then refused already.
 */
int sn_keys_read(struct xenbus_device *dev, struct sn_conduct *conduct,
		 const char *dir, const struct sn_key *keys,
		 unsigned int count, u32 *value);

/**
 * sn_keys_write() - write a row of keys
 * @xbt: transaction
 * @dir: directory that gets the keys
 * @keys: the row
 * @count: keys in it
 * @value: a value for each; keys whose value is 0 and whose smallest legal
 *	number is above it are removed: they may be there from a connection
 *	before this one
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int sn_keys_write(struct xenbus_transaction xbt, const char *dir,
		  const struct sn_key *keys, unsigned int count,
		  const u32 *value);

/**
 * sn_keys_forget() - remove what another driver may have left
 * @xbt: transaction
 * @dir: directory that is to be without these keys
 * @names: their names, up to a NULL; they need not be there
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int sn_keys_forget(struct xenbus_transaction xbt, const char *dir,
		   const char * const *names);

/**
 * sn_mac_read() - read the "mac" key of a device
 * @dev: the device, of either end
 * @conduct: as of sn_refuse()
 * @mac: ETH_ALEN bytes to fill
 *
 * Context: may sleep. Return: 0 or a negative errno; the device is then
 * refused already.
 */
int sn_mac_read(struct xenbus_device *dev, struct sn_conduct *conduct,
		u8 *mac);

/**
 * sn_queue_dir() - the directory of a queue's keys
 * @dir: the frontend's directory
 * @queue: number of the queue
 * @queues: how many there are; a single one uses @dir itself
 *
 * Context: may sleep. Return: the path, to be freed by kfree(), or NULL.
 */
char *sn_queue_dir(const char *dir, unsigned int queue, unsigned int queues);

#endif /* SPLITNET_XENSTORE_H */
