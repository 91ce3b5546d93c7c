/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Accept entries: a guest's grant table entry into which another domain may
 * transfer a page, as its owner sees it.
 *
 *   idle		flags 0
 *   posted		accept: names a sender, and the pfn that the page is for
 *   committed		Xen has taken the entry for a page, and fills it in
 *   completed		the entry names the machine frame, which is the owner's
 *
 * The owner posts and takes; Xen commits and completes, at any time between. A
 * take that comes before the commit withdraws the entry, and Xen's commit then
 * fails: an entry goes one way or the other, never both.
 */
#ifndef SPLITNET_ACCEPT_H
#define SPLITNET_ACCEPT_H

#include "platform.h"

/* Xen's values, in an entry of a grant table of version 1. */
#define SN_ACCEPT_POSTED	0x2
#define SN_ACCEPT_COMMITTED	0x4
#define SN_ACCEPT_COMPLETED	0x8

/* As Xen lays it out. */
struct sn_accept {
	u16 flags;
	u16 domid;
	u32 frame;
};

enum sn_taken {
	SN_TAKEN_EMPTY,		/* no page came, and none will */
	SN_TAKEN_PAGE,
	SN_TAKEN_NOT_YET,	/* a page is on its way: take again */
};

/**
 * sn_accept_post() - ask for a page
 * @entry: an idle entry
 * @domid: who may send it
 * @pfn: where the owner wants it
 */
static inline void sn_accept_post(struct sn_accept *entry, u16 domid, u32 pfn)
{
	WRITE_ONCE(entry->domid, domid);
	WRITE_ONCE(entry->frame, pfn);
	/* Xen reads the rest once it finds the flag. */
	virt_wmb();
	WRITE_ONCE(entry->flags, SN_ACCEPT_POSTED);
}

/**
 * sn_accept_take() - take the page out of an entry, or withdraw the entry
 * @entry: a posted entry, or one that lost its contents with the grant table
 * @mfn: the page's machine frame, if there is one
 *
 * Return: what there was. The entry is idle afterwards, unless its page is
 * still on its way.
 */
static inline enum sn_taken sn_accept_take(struct sn_accept *entry, u32 *mfn)
{
	u16 flags = READ_ONCE(entry->flags);
	u16 seen;

	while (!(flags & SN_ACCEPT_COMMITTED)) {
		seen = sn_cmpxchg_u16(&entry->flags, flags, 0);
		if (seen == flags)
			return SN_TAKEN_EMPTY;
		flags = seen;
	}

	if (!(flags & SN_ACCEPT_COMPLETED))
		return SN_TAKEN_NOT_YET;

	/* Pairs with Xen's barrier between the frame and the flag. */
	virt_rmb();
	*mfn = READ_ONCE(entry->frame);
	WRITE_ONCE(entry->flags, 0);

	return SN_TAKEN_PAGE;
}

#endif /* SPLITNET_ACCEPT_H */
