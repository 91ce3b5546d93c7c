// SPDX-License-Identifier: GPL-2.0
/*
 * Pages whose machine frames come and go, many by one multicall.
 *
 * Linux's own writers of single entries (__xenmem_reservation_va_mapping_*)
 * make one hypercall for each page, and stop the machine where Xen refuses.
 */
#include <linux/mm.h>
#include <xen/interface/memory.h>
#include <xen/mem-reservation.h>
#include <xen/page.h>
#include <xen/xen.h>
#include <asm/xen/hypercall.h>
#include "../include/frames.h"

/* What each call of a multicall answers is left to the caller. One that Xen did
 * not come to has failed, whatever the batch before this left there.
 */
static void frames_call(struct sn_frames *frames, unsigned int from,
			unsigned int end)
{
	unsigned int i;

	for (i = from; i < end; i++)
		frames->call[i].result = -EIO;

	if (HYPERVISOR_multicall(frames->call + from, end - from))
		pr_warn_once("splitnet: Xen refuses multicalls\n");
}

/* Call @i: let the page table entry of page @i be @pte. */
static void frames_put_pte(struct sn_frames *frames, unsigned int i, pte_t pte)
{
	struct multicall_entry *call = &frames->call[i];

	call->op = __HYPERVISOR_update_va_mapping;
	call->args[0] = (unsigned long)page_address(frames->page[i]);
	call->args[1] = pte.pte;
	call->args[2] = 0;
}

static void frames_set_p2m(struct page *page, unsigned long mfn)
{
	/* A page of ordinary memory has a leaf of its own, so this works. */
	WARN_ON_ONCE(xen_safe_write_ulong(xen_p2m_addr + page_to_pfn(page),
					  mfn));
}

/* Make all pages absent, by calls that are still to be made. */
static void frames_hide(struct sn_frames *frames)
{
	unsigned int i;

	for (i = 0; i < frames->count; i++) {
		frames->mfn[i] = pfn_to_mfn(page_to_pfn(frames->page[i]));
		frames_set_p2m(frames->page[i], INVALID_P2M_ENTRY);
		__SetPageOffline(frames->page[i]);
		frames_put_pte(frames, i, __pte_ma(0));
	}
}

/* Make the pages from @from up to @end present. */
static void frames_show_some(struct sn_frames *frames, unsigned int from,
			     unsigned int end)
{
	unsigned int i;

	if (from >= end)
		return;

	for (i = from; i < end; i++) {
		frames_set_p2m(frames->page[i], frames->mfn[i]);
		frames_put_pte(frames, i, mfn_pte(frames->mfn[i], PAGE_KERNEL));
	}
	frames_call(frames, from, end);

	for (i = from; i < end; i++) {
		WARN_ON_ONCE(frames->call[i].result);
		__ClearPageOffline(frames->page[i]);
	}
}

bool sn_frames_can_flip(void)
{
	struct gnttab_transfer none;

	/* Without a single transfer, this is a question. */
	return xen_pv_domain() &&
	       !HYPERVISOR_grant_table_op(GNTTABOP_transfer, &none, 0);
}

void sn_frames_show(struct sn_frames *frames)
{
	frames_show_some(frames, 0, frames->count);
}

unsigned int sn_frames_release(struct sn_frames *frames)
{
	unsigned int i, count = frames->count;
	struct multicall_entry *last = &frames->call[count];
	struct xen_memory_reservation reservation = {
		.nr_extents	= count,
		.domid		= DOMID_SELF,
	};
	long done;

	frames_hide(frames);
	for (i = 0; i < count; i++)
		frames->list[i] = frames->mfn[i];

	/* No CPU may find the old frame by this address later on. */
	frames->call[count - 1].args[2] = UVMF_TLB_FLUSH | UVMF_ALL;
	set_xen_guest_handle(reservation.extent_start, frames->list);
	last->op = __HYPERVISOR_memory_op;
	last->args[0] = XENMEM_decrease_reservation;
	last->args[1] = (unsigned long)&reservation;
	frames_call(frames, 0, count + 1);

	done = clamp_t(long, last->result, 0, count);
	frames_show_some(frames, done, count);

	return done;
}

unsigned int sn_frames_populate(struct sn_frames *frames)
{
	unsigned int i;
	int done;

	for (i = 0; i < frames->count; i++)
		frames->list[i] = page_to_pfn(frames->page[i]);

	/* Also tells Xen which page each frame is for. */
	done = xenmem_reservation_increase(frames->count, frames->list);
	if (done <= 0)
		return 0;

	for (i = 0; i < done; i++)
		frames->mfn[i] = frames->list[i];
	frames_show_some(frames, 0, done);

	return done;
}

void sn_frames_transfer(struct sn_frames *frames, struct gnttab_transfer *xfer)
{
	unsigned int i, count = frames->count;
	struct multicall_entry *last = &frames->call[count];

	frames_hide(frames);
	for (i = 0; i < count; i++) {
		xfer[i].mfn = frames->mfn[i];
		xfer[i].status = SN_TRANSFER_NOT_REACHED;
	}

	/* No flush: Xen makes one for every page between taking it from here
	 * and giving it away.
	 */
	last->op = __HYPERVISOR_grant_table_op;
	last->args[0] = GNTTABOP_transfer;
	last->args[1] = (unsigned long)xfer;
	last->args[2] = count;
	frames_call(frames, 0, count + 1);
}
