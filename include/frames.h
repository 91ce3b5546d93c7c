/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages whose machine frames come and go: the memory side of page flips. Only
 * a PV domain can do this.
 *
 * A page without a frame ("absent") is still a struct page with an address,
 * which nobody may touch: it has no entry in the page tables. It is marked as
 * offline, so that nothing walks over it.
 */
#ifndef SPLITNET_FRAMES_H
#define SPLITNET_FRAMES_H

#include <linux/mm_types.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/xen.h>

/* Pages that one hypercall handles at most. */
#define SN_FRAMES_BATCH		64

/**
 * struct sn_frames - a batch of pages
 * @count: how many, at most SN_FRAMES_BATCH
 * @page: the pages, of order 0
 * @mfn: frame of each, as each function says
 * @list: scratch: frames as Xen's calls take them
 * @call: scratch: the calls
 */
struct sn_frames {
	unsigned int count;
	struct page *page[SN_FRAMES_BATCH];
	unsigned long mfn[SN_FRAMES_BATCH];
	xen_pfn_t list[SN_FRAMES_BATCH];
	struct multicall_entry call[SN_FRAMES_BATCH + 1];
};

/**
 * sn_frames_can_flip() - whether this domain's frames may come and go by
 * transfers
 *
 * Context: any. Return: true if it is PV and Xen knows transfers.
 */
bool sn_frames_can_flip(void);

/**
 * sn_frames_release() - give the frames of pages to Xen
 * @frames: present pages, not none; the first of them become absent
 *
 * What was in the pages may be read by whoever gets the frames next.
 *
 * Context: any. Return: how many did: all, unless Xen refuses.
 */
unsigned int sn_frames_release(struct sn_frames *frames);

/**
 * sn_frames_populate() - get frames from Xen for pages
 * @frames: absent pages; the first of them become present, with contents
 *	that nobody knows
 *
 * Context: any. Return: how many did; less than asked for if Xen has no more.
 */
unsigned int sn_frames_populate(struct sn_frames *frames);

/**
 * sn_frames_show() - let pages have frames that are this domain's already
 * @frames: absent pages, and their frames in @frames->mfn
 *
 * Context: any.
 */
void sn_frames_show(struct sn_frames *frames);

/**
 * sn_frames_transfer() - give the frames of pages to another domain
 * @frames: present pages; all become absent, their former frames in
 *	@frames->mfn
 * @xfer: domain and reference for each; its status says what became of the
 *	frame: GNTST_okay and all errors but two mean that it is gone.
 *	GNTST_bad_page, and SN_TRANSFER_NOT_REACHED, mean that it is this
 *	domain's still, and to be shown again
 *
 * Context: any.
 */
void sn_frames_transfer(struct sn_frames *frames, struct gnttab_transfer *xfer);

#ifdef SN_MODE_FLIP

/**
 * sn_absent_free() - free pages, each as soon as there is a frame for it
 * @frames: absent pages, of which the caller has the only reference; empty
 *	afterwards
 *
 * Context: may sleep.
 */
void sn_absent_free(struct sn_frames *frames);

/**
 * sn_absent_many() - whether Xen lacks memory for many pages
 *
 * Then no connection is to begin that flips: each could leave behind as many as
 * it has, until this domain had no memory, either.
 *
 * Context: any.
 */
bool sn_absent_many(void);

/**
 * sn_absent_exit() - before the module goes, wait a little for the last of them
 *
 * Context: may sleep.
 */
void sn_absent_exit(void);

#else

static inline bool sn_absent_many(void)
{
	return false;
}

static inline void sn_absent_exit(void)
{
}

#endif

/* A status that Xen never sets. */
#define SN_TRANSFER_NOT_REACHED	1

#endif /* SPLITNET_FRAMES_H */
