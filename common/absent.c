// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that nobody needs any more, and that have no frame: they are freed when
 * Xen has memory for them, so that this domain ends with what it began with.
 */
#include <linux/delay.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "../include/frames.h"

/* How often Xen is asked. */
#define ABSENT_ASK_MS	100

/* How long the module stays for it, when it is unloaded. */
#define ABSENT_WAIT_MS	2000

/* So many are those of one queue: Xen has lacked memory for longer. */
#define ABSENT_MANY	256

static DEFINE_SPINLOCK(absent_lock);
static LIST_HEAD(absent_pages);
static unsigned long absent_count;

static void absent_ask(struct work_struct *work);
static DECLARE_DELAYED_WORK(absent_work, absent_ask);

/* Free those of a batch that Xen has frames for, and keep the rest. Returns
 * whether there is no rest.
 */
static bool absent_free(struct sn_frames *frames)
{
	unsigned int i, done = sn_frames_populate(frames);

	for (i = 0; i < done; i++)
		__free_page(frames->page[i]);
	if (done == frames->count)
		return true;

	spin_lock(&absent_lock);
	for (; i < frames->count; i++)
		list_add_tail(&frames->page[i]->lru, &absent_pages);
	absent_count += frames->count - done;
	spin_unlock(&absent_lock);

	return false;
}

/* Take a batch of what is kept. False if nothing is. */
static bool absent_take(struct sn_frames *frames)
{
	struct page *page;

	frames->count = 0;
	spin_lock(&absent_lock);
	while (frames->count < SN_FRAMES_BATCH && !list_empty(&absent_pages)) {
		page = list_first_entry(&absent_pages, struct page, lru);
		list_del(&page->lru);
		frames->page[frames->count++] = page;
	}
	absent_count -= frames->count;
	spin_unlock(&absent_lock);

	return frames->count;
}

/* Not while the domain is frozen: it would come back with other frames than those
 * that Xen gave.
 */
static void absent_ask_later(void)
{
	queue_delayed_work(system_freezable_wq, &absent_work,
			   msecs_to_jiffies(ABSENT_ASK_MS));
}

static void absent_ask(struct work_struct *work)
{
	/* There is one of this work. */
	static struct sn_frames frames;

	while (absent_take(&frames))
		if (!absent_free(&frames)) {
			absent_ask_later();
			break;
		}
}

void sn_absent_free(struct sn_frames *frames)
{
	if (frames->count && !absent_free(frames))
		absent_ask_later();
	frames->count = 0;
}

bool sn_absent_many(void)
{
	return READ_ONCE(absent_count) > ABSENT_MANY;
}

void sn_absent_exit(void)
{
	unsigned int waited;

	for (waited = 0; waited < ABSENT_WAIT_MS; waited += ABSENT_ASK_MS) {
		flush_delayed_work(&absent_work);
		if (list_empty(&absent_pages))
			return;
		msleep(ABSENT_ASK_MS);
	}
	cancel_delayed_work_sync(&absent_work);
	pr_err("splitnet: Xen has no memory for %lu pages that were given away\n",
	       absent_count);
}
