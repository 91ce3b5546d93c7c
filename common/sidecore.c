// SPDX-License-Identifier: GPL-2.0
/*
 * One lock guards all settings, the assignment of queues to workers, and the
 * workers themselves: these change rarely. It nests within RTNL and within the
 * lock of CPU hotplug; neither is taken under it.
 */
#include <linux/capability.h>
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include "../include/sidecore.h"
#include "../include/worker.h"

/* More than a second of looking at nothing is not "for a while" any more. */
#define POLL_US_MAX	1000000

static DEFINE_MUTEX(sidecore_lock);
static LIST_HEAD(sidecores);

/* Online CPUs, as far as hotplug has told; and room for two functions, which
 * must not fail for lack of memory.
 */
static struct cpumask sidecore_online;
static struct cpumask sidecore_old;
static struct cpumask sidecore_left;
static enum cpuhp_state sidecore_state;

static const char * const offload_name[] = { "off", "sidecore" };

static const char * const notify_name[SN_NOTIFIES] = {
	[SN_NOTIFY_EVENT]	= "event",
	[SN_NOTIFY_POLL]	= "poll",
	[SN_NOTIFY_ADAPTIVE]	= "adaptive",
};

static char *sidecore_offload = "off";
module_param_named(offload, sidecore_offload, charp, 0444);
MODULE_PARM_DESC(offload,
		 "Where the work of new interfaces runs: off or sidecore (default: off)");

static char *sidecore_cpus = "";
module_param_named(sidecore_cpus, sidecore_cpus, charp, 0444);
MODULE_PARM_DESC(sidecore_cpus,
		 "Their side-cores, a list of CPUs (default: none)");

static char *sidecore_notify = "event";
module_param_named(notify, sidecore_notify, charp, 0444);
MODULE_PARM_DESC(notify,
		 "How their side-cores learn of work: event, poll or adaptive (default: event)");

static unsigned int sidecore_poll_us = 50;
module_param_named(poll_us, sidecore_poll_us, uint, 0444);
MODULE_PARM_DESC(poll_us,
		 "How long an adaptive one polls after the last packet (default: 50)");

/* Hold the worker of each of @cpus. All or none. */
static int workers_get(const struct cpumask *cpus)
{
	struct sn_worker *worker;
	unsigned int cpu, held;

	for_each_cpu(cpu, cpus) {
		worker = sn_worker_get(cpu);
		if (IS_ERR(worker))
			goto undo;
	}

	return 0;

undo:
	for_each_cpu(held, cpus) {
		if (held == cpu)
			break;
		sn_worker_put(held);
	}
	return PTR_ERR(worker);
}

static void workers_put(const struct cpumask *cpus)
{
	unsigned int cpu;

	for_each_cpu(cpu, cpus)
		sn_worker_put(cpu);
}

/* The worker of the queue with number @id; NULL while offload is off. */
static struct sn_worker *sidecore_worker(const struct sn_sidecore *sc,
					 unsigned int id)
{
	unsigned int cpu;

	if (!sc->on)
		return NULL;

	id %= cpumask_weight(sc->cpus);
	for_each_cpu(cpu, sc->cpus)
		if (!id--)
			break;

	return sn_worker_find(cpu);
}

static void sidecore_place(struct sn_sidecore *sc)
{
	struct sn_seat *seat;

	list_for_each_entry(seat, &sc->seats, of_device)
		sn_worker_move(seat, sidecore_worker(sc, seat->id));
}

/* Change the settings, and move the queues. Either all or nothing happens. The
 * workers of @cpus are there from now on, in use or not: turning offload on and
 * off is then a matter of moving queues.
 */
static int sidecore_set(struct sn_sidecore *sc, bool on,
			const struct cpumask *cpus)
{
	int err;

	if (on && cpumask_empty(cpus))
		return -EINVAL;
	if (!cpumask_subset(cpus, &sidecore_online))
		return -ENXIO;
	if (on == sc->on && cpumask_equal(cpus, sc->cpus))
		return 0;

	err = workers_get(cpus);
	if (err)
		return err;

	cpumask_copy(&sidecore_old, sc->cpus);
	cpumask_copy(sc->cpus, cpus);
	WRITE_ONCE(sc->on, on);
	sidecore_place(sc);
	workers_put(&sidecore_old);

	return 0;
}

void sn_sidecore_start(struct sn_sidecore *sc, struct sn_seat *seat)
{
	mutex_lock(&sidecore_lock);
	list_add_tail(&seat->of_device, &sc->seats);
	sn_worker_move(seat, sidecore_worker(sc, seat->id));
	mutex_unlock(&sidecore_lock);

	/* What came in before is found by this first visit. */
	local_bh_disable();
	sn_seat_kick(seat);
	local_bh_enable();
}

void sn_sidecore_stop(struct sn_sidecore *sc, struct sn_seat *seat)
{
	mutex_lock(&sidecore_lock);
	sn_worker_move(seat, NULL);
	list_del(&seat->of_device);
	mutex_unlock(&sidecore_lock);
}

/* A CPU comes: it may be used. */
static int sidecore_cpu_up(unsigned int cpu)
{
	mutex_lock(&sidecore_lock);
	cpumask_set_cpu(cpu, &sidecore_online);
	mutex_unlock(&sidecore_lock);

	return 0;
}

/* Give up @cpu; without any other, offload is over. */
static void sidecore_lose(struct sn_sidecore *sc, unsigned int cpu)
{
	struct cpumask *left = &sidecore_left;
	bool on;

	cpumask_copy(left, sc->cpus);
	cpumask_clear_cpu(cpu, left);
	on = sc->on && !cpumask_empty(left);
	if (sc->on)
		netdev_warn(sc->dev, "side-core %u goes offline: queues move to %s\n",
			    cpu, on ? "the others" : "NAPI, offload is off");
	/* The workers that are left are there already: this cannot fail. */
	sidecore_set(sc, on, left);
}

static int sidecore_cpu_down(unsigned int cpu)
{
	struct sn_sidecore *sc;

	mutex_lock(&sidecore_lock);
	list_for_each_entry(sc, &sidecores, entry)
		if (cpumask_test_cpu(cpu, sc->cpus))
			sidecore_lose(sc, cpu);
	cpumask_clear_cpu(cpu, &sidecore_online);
	mutex_unlock(&sidecore_lock);

	return 0;
}

int sn_sidecore_module_init(void)
{
	cpumask_var_t cpus;
	int err;

	if (match_string(offload_name, ARRAY_SIZE(offload_name),
			 sidecore_offload) < 0 ||
	    match_string(notify_name, SN_NOTIFIES, sidecore_notify) < 0 ||
	    sidecore_poll_us > POLL_US_MAX)
		return -EINVAL;

	if (!alloc_cpumask_var(&cpus, GFP_KERNEL))
		return -ENOMEM;

	err = cpulist_parse(sidecore_cpus, cpus);
	free_cpumask_var(cpus);
	if (err)
		return err;

	err = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, KBUILD_MODNAME ":online",
				sidecore_cpu_up, sidecore_cpu_down);
	if (err < 0)
		return err;

	sidecore_state = err;
	return 0;
}

void sn_sidecore_module_exit(void)
{
	cpuhp_remove_state_nocalls(sidecore_state);
}

int sn_sidecore_init(struct sn_sidecore *sc, struct net_device *dev)
{
	cpumask_var_t cpus;
	bool on;
	int err;

	if (!zalloc_cpumask_var(&sc->cpus, GFP_KERNEL))
		return -ENOMEM;
	if (!alloc_cpumask_var(&cpus, GFP_KERNEL)) {
		free_cpumask_var(sc->cpus);
		return -ENOMEM;
	}

	sc->dev = dev;
	sc->notify = match_string(notify_name, SN_NOTIFIES, sidecore_notify);
	sc->poll_us = sidecore_poll_us;
	INIT_LIST_HEAD(&sc->seats);
	cpulist_parse(sidecore_cpus, cpus);
	on = !strcmp(sidecore_offload, "sidecore");

	mutex_lock(&sidecore_lock);
	list_add_tail(&sc->entry, &sidecores);
	err = sidecore_set(sc, on, cpus);
	mutex_unlock(&sidecore_lock);
	if (err)
		pr_warn(KBUILD_MODNAME ": %s: no offload to side-cores %s: error %d\n",
			dev->name, sidecore_cpus, err);

	free_cpumask_var(cpus);
	return 0;
}

void sn_sidecore_exit(struct sn_sidecore *sc)
{
	mutex_lock(&sidecore_lock);
	sidecore_set(sc, false, cpu_none_mask);
	list_del(&sc->entry);
	mutex_unlock(&sidecore_lock);

	free_cpumask_var(sc->cpus);
}

static ssize_t offload_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  offload_name[READ_ONCE(sn_sidecore_of(dev)->on)]);
}

static ssize_t offload_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t count)
{
	struct sn_sidecore *sc = sn_sidecore_of(dev);
	int err, on = sysfs_match_string(offload_name, buf);

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	if (on < 0)
		return on;

	mutex_lock(&sidecore_lock);
	err = sidecore_set(sc, on, sc->cpus);
	mutex_unlock(&sidecore_lock);

	return err ?: count;
}

static ssize_t sidecore_cpus_show(struct device *dev,
				  struct device_attribute *attr, char *buf)
{
	ssize_t len;

	mutex_lock(&sidecore_lock);
	len = sysfs_emit(buf, "%*pbl\n",
			 cpumask_pr_args(sn_sidecore_of(dev)->cpus));
	mutex_unlock(&sidecore_lock);

	return len;
}

static ssize_t sidecore_cpus_store(struct device *dev,
				   struct device_attribute *attr,
				   const char *buf, size_t count)
{
	struct sn_sidecore *sc = sn_sidecore_of(dev);
	cpumask_var_t cpus;
	int err;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	if (!alloc_cpumask_var(&cpus, GFP_KERNEL))
		return -ENOMEM;

	err = cpulist_parse(buf, cpus);
	if (!err) {
		mutex_lock(&sidecore_lock);
		err = sidecore_set(sc, sc->on, cpus);
		mutex_unlock(&sidecore_lock);
	}
	free_cpumask_var(cpus);

	return err ?: count;
}

static ssize_t notify_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  notify_name[READ_ONCE(sn_sidecore_of(dev)->notify)]);
}

/* Seats that sleep take a new setting up by a visit. */
static void sidecore_kick(struct sn_sidecore *sc)
{
	struct sn_seat *seat;

	list_for_each_entry(seat, &sc->seats, of_device) {
		local_bh_disable();
		sn_seat_kick(seat);
		local_bh_enable();
	}
}

static ssize_t notify_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t count)
{
	struct sn_sidecore *sc = sn_sidecore_of(dev);
	int notify = sysfs_match_string(notify_name, buf);

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	if (notify < 0)
		return notify;

	mutex_lock(&sidecore_lock);
	if (notify != sc->notify) {
		WRITE_ONCE(sc->notify, notify);
		sidecore_kick(sc);
	}
	mutex_unlock(&sidecore_lock);

	return count;
}

static ssize_t poll_us_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(sn_sidecore_of(dev)->poll_us));
}

static ssize_t poll_us_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t count)
{
	unsigned int poll_us;
	int err;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;

	err = kstrtouint(buf, 10, &poll_us);
	if (err)
		return err;
	if (poll_us > POLL_US_MAX)
		return -ERANGE;

	WRITE_ONCE(sn_sidecore_of(dev)->poll_us, poll_us);
	return count;
}

struct device_attribute sn_attr_offload = __ATTR_RW(offload);
struct device_attribute sn_attr_sidecore_cpus = __ATTR_RW(sidecore_cpus);
struct device_attribute sn_attr_notify = __ATTR_RW(notify);
struct device_attribute sn_attr_poll_us = __ATTR_RW(poll_us);
