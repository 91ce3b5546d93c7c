// SPDX-License-Identifier: GPL-2.0
/*
 * Transfer mode "copy": Xen copies the bytes, GNTTABOP_copy.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <xen/grant_table.h>
#include <xen/page.h>
#include <asm/xen/hypercall.h>
#include "../include/transfer.h"

/* Operations that one hypercall carries at most. */
#define COPY_BATCH	128

struct copy_batch {
	unsigned int count;
	struct gnttab_copy op[COPY_BATCH];
	u16 tag[COPY_BATCH];
};

static int copy_create(struct sn_mover *mover)
{
	struct copy_batch *batch = kvzalloc(sizeof(*batch), GFP_KERNEL);

	mover->mode = batch;
	return batch ? 0 : -ENOMEM;
}

static void copy_destroy(struct sn_mover *mover)
{
	kvfree(mover->mode);
	mover->mode = NULL;
}

/* Whether what failed is to be blamed on our guest: not if Xen refused the call,
 * nor where it may have been the other guest, whose page was to be copied.
 */
static bool copy_blames(const struct gnttab_copy *op, bool refused)
{
	const u16 both = GNTCOPY_source_gref | GNTCOPY_dest_gref;

	return !refused && (op->flags & both) != both;
}

static void copy_flush(struct sn_mover *mover)
{
	struct copy_batch *batch = mover->mode;
	bool refused;
	unsigned int i;

	if (!batch->count)
		return;

	/* Not gnttab_batch_copy(): that one sleeps where a guest's page is paged
	 * out, and stops the machine where Xen refuses the call as a whole. An
	 * operation that Xen did not reach keeps the status it was given.
	 */
	refused = HYPERVISOR_grant_table_op(GNTTABOP_copy, batch->op,
					    batch->count);
	if (refused)
		pr_warn_once("GNTTABOP_copy refused\n");
	for (i = 0; i < batch->count; i++)
		if (unlikely(batch->op[i].status != GNTST_okay))
			mover->failed(mover->owner, batch->tag[i],
				      copy_blames(&batch->op[i], refused));

	*mover->moves += batch->count;
	++*mover->flushes;
	batch->count = 0;
}

/* The mark of a page that another guest granted to us means something else in a
 * page of a file, or of the swap cache.
 */
static struct xen_page_foreign *copy_foreign(struct page *page)
{
	struct xen_page_foreign *foreign = xen_page_foreign(page);

	return unlikely(foreign) && !page->mapping ? foreign : NULL;
}

/* A page that another guest granted to us is not ours to name by frame: name
 * the grant that we have it by.
 */
static u16 copy_name_local(struct gnttab_copy_ptr *end, void *local, u16 flag)
{
	struct page *page = virt_to_page(local);
	struct xen_page_foreign *foreign = copy_foreign(page);

	end->offset = xen_offset_in_page(local);
	if (unlikely(foreign)) {
		end->domid = foreign->domid;
		end->u.ref = foreign->gref;
		return flag;
	}

	end->domid = DOMID_SELF;
	end->u.gmfn = virt_to_gfn(local);
	return 0;
}

static void copy_name_guest(struct gnttab_copy_ptr *end, domid_t domid,
			    u32 gref, u16 offset)
{
	end->domid = domid;
	end->u.ref = gref;
	end->offset = offset;
}

static void copy_add_one(struct sn_mover *mover, const struct sn_move *move,
			 unsigned int done, unsigned int len)
{
	struct copy_batch *batch = mover->mode;
	void *local = move->local + done;
	struct gnttab_copy *op;

	if (batch->count == COPY_BATCH)
		copy_flush(mover);

	batch->tag[batch->count] = move->tag;
	op = &batch->op[batch->count++];
	op->len = len;
	op->status = GNTST_general_error;
	if (mover->direction == SN_TO_GUEST) {
		op->flags = GNTCOPY_dest_gref |
			    copy_name_local(&op->source, local,
					    GNTCOPY_source_gref);
		copy_name_guest(&op->dest, mover->domid, move->gref,
				move->offset + done);
	} else {
		op->flags = GNTCOPY_source_gref |
			    copy_name_local(&op->dest, local,
					    GNTCOPY_dest_gref);
		copy_name_guest(&op->source, mover->domid, move->gref,
				move->offset + done);
	}
}

static void copy_add(struct sn_mover *mover, const struct sn_move *move)
{
	unsigned int done, part;

	/* Pages that follow each other here need not do so in the machine. */
	for (done = 0; done < move->len; done += part) {
		part = min_t(unsigned int, move->len - done, XEN_PAGE_SIZE -
			     xen_offset_in_page(move->local + done));
		copy_add_one(mover, move, done, part);
	}
}

const struct sn_mover_ops sn_copy_ops = {
	.name		= "copy",
	.create		= copy_create,
	.destroy	= copy_destroy,
	.add		= copy_add,
	.flush		= copy_flush,
};
