/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included before all else in the build FAILING=y (Linux 6.1), with which the
 * lab injects faults: each call that can fail is a point, which fails once when
 * the module's parameter "failing" names it. A point is known from the first
 * time that it is reached.
 */
#ifndef SPLITNET_FAILING_H
#define SPLITNET_FAILING_H

/* All that the sources include: what is inline there is no point of ours. */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/err.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_vlan.h>
#include <linux/kthread.h>
#include <linux/llist.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/ptr_ring.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <linux/trace_events.h>
#include <linux/tracepoint.h>
#include <linux/vmalloc.h>
#include <net/ip6_checksum.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/mem-reservation.h>
#include <xen/page.h>
#include <xen/xenbus.h>
#include <asm/xen/hypercall.h>
#include "compat.h"

/**
 * struct sn_failing_point - a call that can fail
 * @node: among those of this module that were reached
 * @file: where it stands
 * @line: likewise
 * @call: the function that it calls
 * @known: whether @node is linked
 * @hits: how often it was reached
 * @failed: how often it failed
 */
struct sn_failing_point {
	struct llist_node node;
	const char *file;
	unsigned int line;
	const char *call;
	bool known;
	atomic_t hits;
	unsigned int failed;
};

/**
 * sn_failing() - whether a call is to fail this time
 * @point: which
 *
 * Context: any.
 */
bool sn_failing(struct sn_failing_point *point);

/* The call, or what it answers when it fails; which it does only if it @may.
 * "modinfo -F failing_point" lists them all, reached or not.
 */
#define SN_FAILING_IF(may, answer, function, ...)			\
({									\
	static struct sn_failing_point point = {			\
		.file = __FILE__, .line = __LINE__, .call = #function,	\
	};								\
	MODULE_INFO(failing_point, __FILE__ ":" __stringify(__LINE__)	\
		    ":" #function);					\
									\
	(may) && sn_failing(&point) ?					\
		(typeof(function(__VA_ARGS__)))(answer) :		\
		function(__VA_ARGS__);					\
})

#define SN_FAILING(answer, function, ...)				\
	SN_FAILING_IF(true, answer, function, __VA_ARGS__)

/* Some of xenbus's functions close the device when they fail. */
static inline int sn_failing_fatal(struct xenbus_device *dev, ...)
{
	xenbus_dev_fatal(dev, -EIO, "failing, as it was told");
	return -EIO;
}

/* A transaction that fails is over, too. */
static inline int sn_failing_end(struct xenbus_transaction xbt, int abort)
{
	xenbus_transaction_end(xbt, 1);
	return -EIO;
}

/* Who waits for the end is told of it even so. */
static inline int sn_failing_closed(struct xenbus_device *dev)
{
	complete(&dev->down);
	return sn_failing_fatal(dev);
}

/* A point is a call that answers. */
static inline int sn_frontend_closed(struct xenbus_device *dev)
{
	xenbus_frontend_closed(dev);
	return 0;
}

/* Whether Xen may refuse these calls: page table entries for frames that are
 * ours are nothing that it does.
 */
static inline bool sn_failing_calls(const struct multicall_entry *call, int count)
{
	return call[count - 1].op != __HYPERVISOR_update_va_mapping;
}

/* How they fail: a transfer, every other time, by its first page, which is left
 * mapped, and which Xen then refuses; all the rest as a whole.
 */
static inline int sn_failing_multicall(struct multicall_entry *call, int count)
{
	const struct multicall_entry *last = &call[count - 1];
	const struct gnttab_transfer *xfer = (void *)last->args[1];
	static atomic_t transfers;

	if (last->op != __HYPERVISOR_grant_table_op ||
	    !(atomic_inc_return(&transfers) & 1))
		return -EFAULT;

	call->args[1] = mfn_pte(xfer->mfn, PAGE_KERNEL).pte;
	return HYPERVISOR_multicall(call, count);
}

/* Memory. */
#define kzalloc(...)		SN_FAILING(NULL, kzalloc, __VA_ARGS__)
#define kvzalloc(...)		SN_FAILING(NULL, kvzalloc, __VA_ARGS__)
#define kcalloc(...)		SN_FAILING(NULL, kcalloc, __VA_ARGS__)
#define kstrdup(...)		SN_FAILING(NULL, kstrdup, __VA_ARGS__)
#define kasprintf(...)		SN_FAILING(NULL, kasprintf, __VA_ARGS__)
#define kvasprintf(...)		SN_FAILING(NULL, kvasprintf, __VA_ARGS__)
#define alloc_pages(...)	SN_FAILING(NULL, alloc_pages, __VA_ARGS__)
#define vmap(...)		SN_FAILING(NULL, vmap, __VA_ARGS__)
#define alloc_cpumask_var(...)	SN_FAILING(false, alloc_cpumask_var, __VA_ARGS__)
#define zalloc_cpumask_var(...)	SN_FAILING(false, zalloc_cpumask_var, __VA_ARGS__)
#define ptr_ring_init(...)	SN_FAILING(-ENOMEM, ptr_ring_init, __VA_ARGS__)
#define page_pool_create(...)	\
	SN_FAILING(ERR_PTR(-ENOMEM), page_pool_create, __VA_ARGS__)
#define page_pool_alloc_pages(...)	\
	SN_FAILING(NULL, page_pool_alloc_pages, __VA_ARGS__)
#define page_pool_dev_alloc_pages(...)	\
	SN_FAILING(NULL, page_pool_dev_alloc_pages, __VA_ARGS__)

/* Packets. */
#define alloc_skb(...)		SN_FAILING(NULL, alloc_skb, __VA_ARGS__)
#define build_skb(...)		SN_FAILING(NULL, build_skb, __VA_ARGS__)
#define napi_alloc_skb(...)	SN_FAILING(NULL, napi_alloc_skb, __VA_ARGS__)
#define napi_build_skb(...)	SN_FAILING(NULL, napi_build_skb, __VA_ARGS__)
#define skb_linearize(...)	SN_FAILING(-ENOMEM, skb_linearize, __VA_ARGS__)
#define pskb_may_pull(...)	SN_FAILING(false, pskb_may_pull, __VA_ARGS__)
#define __pskb_pull_tail(...)	SN_FAILING(NULL, __pskb_pull_tail, __VA_ARGS__)
#define skb_orphan_frags(...)	SN_FAILING(-ENOMEM, skb_orphan_frags, __VA_ARGS__)
#define skb_checksum_setup(...)	SN_FAILING(-ENOMEM, skb_checksum_setup, __VA_ARGS__)

/* Devices and threads. */
#define alloc_netdev_mqs(...)	SN_FAILING(NULL, alloc_netdev_mqs, __VA_ARGS__)
#define register_netdev(...)	SN_FAILING(-ENOMEM, register_netdev, __VA_ARGS__)
#define netif_set_real_num_queues(...)	\
	SN_FAILING(-ENOMEM, netif_set_real_num_queues, __VA_ARGS__)
#define add_uevent_var(...)	SN_FAILING(-ENOMEM, add_uevent_var, __VA_ARGS__)
#define kobject_uevent(...)	SN_FAILING(-ENOMEM, kobject_uevent, __VA_ARGS__)
#define irq_set_affinity(...)	SN_FAILING(-ENOSPC, irq_set_affinity, __VA_ARGS__)
#define kthread_create_on_cpu(...)	\
	SN_FAILING(ERR_PTR(-ENOMEM), kthread_create_on_cpu, __VA_ARGS__)
#define cpuhp_setup_state(...)	\
	SN_FAILING(-ENOSPC, cpuhp_setup_state, __VA_ARGS__)

/* Xen: grants, frames, event channels. What cannot fail in a sane Xen, such as
 * unmapping what is mapped, is none.
 */
#define HYPERVISOR_grant_table_op(...)	\
	SN_FAILING(-EFAULT, HYPERVISOR_grant_table_op, __VA_ARGS__)
#define HYPERVISOR_multicall(...)	\
	SN_FAILING_IF(sn_failing_calls(__VA_ARGS__),	\
		      sn_failing_multicall(__VA_ARGS__),	\
		      HYPERVISOR_multicall, __VA_ARGS__)
#define xenmem_reservation_increase(...)	\
	SN_FAILING(0, xenmem_reservation_increase, __VA_ARGS__)
#define gnttab_alloc_grant_references(...)	\
	SN_FAILING(-ENOSPC, gnttab_alloc_grant_references, __VA_ARGS__)
#define gnttab_alloc_pages(...)	\
	SN_FAILING(-ENOMEM, gnttab_alloc_pages, __VA_ARGS__)
#define gnttab_end_foreign_access_ref(...)	\
	SN_FAILING(0, gnttab_end_foreign_access_ref, __VA_ARGS__)
#define gnttab_try_end_foreign_access(...)	\
	SN_FAILING(0, gnttab_try_end_foreign_access, __VA_ARGS__)
#define gnttab_map_refs(...)	SN_FAILING(-EFAULT, gnttab_map_refs, __VA_ARGS__)
#define xenbus_map_ring_valloc(...)	\
	SN_FAILING(sn_failing_fatal(__VA_ARGS__), xenbus_map_ring_valloc, \
		   __VA_ARGS__)
#define xenbus_setup_ring(...)	\
	SN_FAILING(sn_failing_fatal(__VA_ARGS__), xenbus_setup_ring,	\
		   __VA_ARGS__)
#define xenbus_alloc_evtchn(...)	\
	SN_FAILING(sn_failing_fatal(__VA_ARGS__), xenbus_alloc_evtchn,	\
		   __VA_ARGS__)
#define bind_evtchn_to_irq_lateeoi(...)	\
	SN_FAILING(-ENOSPC, bind_evtchn_to_irq_lateeoi, __VA_ARGS__)
#define request_irq(...)	\
	SN_FAILING(-ENOMEM, request_irq, __VA_ARGS__)
#define bind_interdomain_evtchn_to_irqhandler_lateeoi(...)	\
	SN_FAILING(-ENOSPC, bind_interdomain_evtchn_to_irqhandler_lateeoi, \
		   __VA_ARGS__)

/* Xenstore. */
#define xenbus_read(...)	SN_FAILING(ERR_PTR(-ENOMEM), xenbus_read, __VA_ARGS__)
#define xenbus_exists(...)	SN_FAILING(0, xenbus_exists, __VA_ARGS__)
#define xenbus_scanf(...)	SN_FAILING(-ENOMEM, xenbus_scanf, __VA_ARGS__)
#define xenbus_printf(...)	SN_FAILING(-ENOMEM, xenbus_printf, __VA_ARGS__)
#define xenbus_rm(...)		SN_FAILING(-ENOMEM, xenbus_rm, __VA_ARGS__)
#define xenbus_transaction_start(...)	\
	SN_FAILING(-ENOMEM, xenbus_transaction_start, __VA_ARGS__)
#define xenbus_transaction_end(...)	\
	SN_FAILING(sn_failing_end(__VA_ARGS__), xenbus_transaction_end,	\
		   __VA_ARGS__)
#define xenbus_watch_pathfmt(...)	\
	SN_FAILING(sn_failing_fatal(__VA_ARGS__), xenbus_watch_pathfmt,	\
		   __VA_ARGS__)
#define xenbus_switch_state(...)	\
	SN_FAILING(sn_failing_fatal(__VA_ARGS__), xenbus_switch_state,	\
		   __VA_ARGS__)
#define xenbus_frontend_closed(...)	\
	((void)SN_FAILING(sn_failing_closed(__VA_ARGS__), sn_frontend_closed, \
			  __VA_ARGS__))
#define __xenbus_register_backend(...)	\
	SN_FAILING(-ENOMEM, __xenbus_register_backend, __VA_ARGS__)
#define __xenbus_register_frontend(...)	\
	SN_FAILING(-ENOMEM, __xenbus_register_frontend, __VA_ARGS__)

#endif /* SPLITNET_FAILING_H */
