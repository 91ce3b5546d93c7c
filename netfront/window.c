// SPDX-License-Identifier: GPL-2.0
/*
 * A window on this domain's grant table, for entries that Linux has no helper
 * for: those that accept a transfer.
 *
 * Xen lists the table's frames to whoever asks, and they are this domain's, so
 * they may be mapped once more. A PV guest cannot be saved while a page table
 * shows them; so all windows are shut right before that, and opened again right
 * after, whether or not the domain was saved.
 */
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/syscore_ops.h>
#include <linux/vmalloc.h>
#include <xen/grant_table.h>
#include <xen/page.h>
#include <asm/xen/hypercall.h>
#include "../include/compat.h"
#include "flip.h"

/* Entries of version 1 in a frame of the table. */
#define WINDOW_ENTRIES	(XEN_PAGE_SIZE / sizeof(struct sn_accept))

/**
 * struct snf_window - a mapping of the grant table
 * @list: entry of the list of all windows
 * @frames: frames that the table had when this was made
 * @entry: the mapping
 * @mfn: what it shows
 * @blank: what it shows where Xen does not name a frame
 */
struct snf_window {
	struct list_head list;
	unsigned int frames;
	struct sn_accept *entry;
	xen_pfn_t *mfn;
	struct page *blank;
};

/* With interrupts off: then nobody is within it when the domain is saved. What
 * is not on the list shows nothing of the grant table.
 */
static DEFINE_SPINLOCK(window_lock);
static LIST_HEAD(windows);

static unsigned int window_version(void)
{
	struct gnttab_get_version query = { .dom = DOMID_SELF };

	if (HYPERVISOR_grant_table_op(GNTTABOP_get_version, &query, 1))
		return 0;

	return query.version;
}

static unsigned int window_table_frames(void)
{
	struct gnttab_query_size query = { .dom = DOMID_SELF };

	if (HYPERVISOR_grant_table_op(GNTTABOP_query_size, &query, 1) ||
	    query.status != GNTST_okay)
		return 0;

	return query.nr_frames;
}

static int window_put_pte(struct snf_window *window, unsigned int i, pte_t pte)
{
	return HYPERVISOR_update_va_mapping((unsigned long)window->entry +
					    i * XEN_PAGE_SIZE, pte,
					    UVMF_INVLPG | UVMF_ALL);
}

/* Let the window show the table. An errno if it does not show all of it. */
static int window_open(struct snf_window *window)
{
	struct gnttab_setup_table setup = {
		.dom		= DOMID_SELF,
		.nr_frames	= window->frames,
	};
	int err;
	unsigned int i;

	/* The table has that many already: nothing is set up by this. */
	set_xen_guest_handle(setup.frame_list, window->mfn);
	err = HYPERVISOR_grant_table_op(GNTTABOP_setup_table, &setup, 1);
	if (err || setup.status != GNTST_okay)
		return -EIO;

	for (i = 0; i < window->frames && !err; i++)
		err = window_put_pte(window, i,
				     mfn_pte(window->mfn[i], PAGE_KERNEL));

	return err;
}

static void window_shut(struct snf_window *window)
{
	unsigned int i;

	for (i = 0; i < window->frames; i++)
		WARN_ON_ONCE(window_put_pte(window, i, __pte_ma(0)));
}

/* Whoever looks finds entries that are idle for ever. */
static void window_show_blank(struct snf_window *window)
{
	unsigned int i;

	clear_page(page_address(window->blank));
	for (i = 0; i < window->frames; i++)
		window_put_pte(window, i, mk_pte(window->blank, PAGE_KERNEL));
}

static int windows_suspend(SN_SYSCORE_ARG)
{
	struct snf_window *window;

	list_for_each_entry(window, &windows, list)
		window_shut(window);

	return 0;
}

static void windows_resume(SN_SYSCORE_ARG)
{
	struct snf_window *window;

	list_for_each_entry(window, &windows, list)
		if (window_open(window))
			window_show_blank(window);
}

/* Called with all CPUs stopped and interrupts off. */
SN_SYSCORE(window_syscore, windows_suspend, windows_resume);

/* Address space that has page tables, with something harmless to look at. */
static int window_reserve(struct snf_window *window)
{
	struct page **pages;
	unsigned int i;

	window->mfn = kcalloc(window->frames, sizeof(*window->mfn), GFP_KERNEL);
	window->blank = alloc_page(GFP_KERNEL | __GFP_ZERO);
	pages = kcalloc(window->frames, sizeof(*pages), GFP_KERNEL);
	if (window->mfn && window->blank && pages) {
		for (i = 0; i < window->frames; i++)
			pages[i] = window->blank;
		window->entry = vmap(pages, window->frames, VM_MAP,
				     PAGE_KERNEL);
	}
	kfree(pages);

	return window->entry ? 0 : -ENOMEM;
}

static void window_free(struct snf_window *window)
{
	vunmap(window->entry);
	if (window->blank)
		__free_page(window->blank);
	kfree(window->mfn);
	kfree(window);
}

/* Open, and on the list; or neither. */
static int window_add(struct snf_window *window)
{
	unsigned long flags;
	int err;

	spin_lock_irqsave(&window_lock, flags);
	err = window_open(window);
	if (err)
		window_shut(window);
	else
		list_add(&window->list, &windows);
	spin_unlock_irqrestore(&window_lock, flags);

	return err;
}

static void window_del(struct snf_window *window)
{
	unsigned long flags;

	spin_lock_irqsave(&window_lock, flags);
	window_shut(window);
	list_del(&window->list);
	spin_unlock_irqrestore(&window_lock, flags);
}

/**
 * snf_window_possible() - whether the grant table is of the kind we know
 *
 * Context: any.
 */
bool snf_window_possible(void)
{
	return window_version() == 1;
}

/**
 * snf_window_create() - open a window on the whole of the grant table
 *
 * References that were claimed before this are within it.
 *
 * Context: may sleep. Return: the window or an error pointer.
 */
struct snf_window *snf_window_create(void)
{
	struct snf_window *window;
	int err;

	if (!snf_window_possible())
		return ERR_PTR(-EOPNOTSUPP);

	window = kzalloc(sizeof(*window), GFP_KERNEL);
	if (!window)
		return ERR_PTR(-ENOMEM);

	window->frames = window_table_frames();
	err = window->frames ? window_reserve(window) : -EIO;
	if (!err)
		err = window_add(window);
	if (err) {
		window_free(window);
		return ERR_PTR(err);
	}

	return window;
}

/**
 * snf_window_destroy() - undo snf_window_create()
 * @window: the window
 *
 * Context: may sleep.
 */
void snf_window_destroy(struct snf_window *window)
{
	window_del(window);
	window_free(window);
}

/**
 * snf_window_entry() - the entry of a grant reference
 * @window: the window
 * @gref: the reference
 *
 * Context: any. Return: the entry, or NULL if it is outside the window.
 */
struct sn_accept *snf_window_entry(const struct snf_window *window,
				   grant_ref_t gref)
{
	return gref < window->frames * WINDOW_ENTRIES ? &window->entry[gref] :
							NULL;
}

/* Have windows shut while the domain is saved. Context: module init. */
void snf_windows_init(void)
{
	sn_syscore_register(window_syscore);
}

/* Undo snf_windows_init(); there is no window. Context: module exit. */
void snf_windows_exit(void)
{
	sn_syscore_unregister(window_syscore);
}
