// SPDX-License-Identifier: GPL-2.0
/*
 * The page of a ring, which is the guest's, mapped here.
 *
 * Not xenbus_map_ring_valloc(): that one has a line for the log each time that
 * a guest offers what cannot be mapped, and a guest can do so without end.
 */
#include <linux/mm.h>
#include <xen/grant_table.h>
#include "netback.h"

/* Where it is seen, for Xen to know the mapping by. */
static unsigned long ring_page_address(const struct snb_ring_page *ring)
{
	return (unsigned long)page_address(ring->page);
}

/**
 * snb_ring_page_map() - map a ring's page
 * @ring: set to the mapping
 * @domid: the guest
 * @ref: its grant
 *
 * Context: may sleep. Return: the page's address or an error pointer.
 */
void *snb_ring_page_map(struct snb_ring_page *ring, domid_t domid,
			grant_ref_t ref)
{
	struct gnttab_map_grant_ref op;
	int err;

	err = gnttab_alloc_pages(1, &ring->page);
	if (err)
		return ERR_PTR(err);

	gnttab_set_map_op(&op, ring_page_address(ring), GNTMAP_host_map, ref,
			  domid);
	op.status = GNTST_general_error;
	err = gnttab_map_refs(&op, NULL, &ring->page, 1);
	if (!err && op.status == GNTST_okay) {
		ring->handle = op.handle;
		return page_address(ring->page);
	}

	gnttab_free_pages(1, &ring->page);
	return ERR_PTR(err ?: -ENXIO);
}

/**
 * snb_ring_page_unmap() - undo snb_ring_page_map()
 * @ring: the mapping
 *
 * Context: may sleep.
 */
void snb_ring_page_unmap(struct snb_ring_page *ring)
{
	struct gnttab_unmap_grant_ref op;

	gnttab_set_unmap_op(&op, ring_page_address(ring), GNTMAP_host_map,
			    ring->handle);
	op.status = GNTST_general_error;
	/* Xen refuses only what is not mapped. */
	if (!WARN_ON_ONCE(gnttab_unmap_refs(&op, NULL, &ring->page, 1) ||
			  op.status != GNTST_okay))
		gnttab_free_pages(1, &ring->page);
}
