// SPDX-License-Identifier: GPL-2.0
/*
 * The parameter "misdeed" of the build FAILING=y: a mistake made on purpose, for
 * the lab to show that the debug kernel tells of it. Any other kernel does not
 * mind.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/sysfs.h>

/* One may still be found on a stack. */
#define MISDEED_OBJECTS	16

static void *misdeed_object;
static DEFINE_SPINLOCK(misdeed_spin);
static DEFINE_MUTEX(misdeed_one);
static DEFINE_MUTEX(misdeed_other);

static void misdeed_leak(void)
{
	unsigned int i;

	for (i = 0; i < MISDEED_OBJECTS; i++)
		WRITE_ONCE(misdeed_object, kmalloc(64, GFP_KERNEL));
	WRITE_ONCE(misdeed_object, NULL);
}

static void misdeed_object_used(void)
{
	u8 *object = kmalloc(64, GFP_KERNEL);
	unsigned int i;

	if (!object)
		return;

	kfree(object);
	WRITE_ONCE(*object, 0);
	/* Whoever gets it next finds out. */
	for (i = 0; i < MISDEED_OBJECTS; i++)
		kfree(kmalloc(64, GFP_KERNEL));
}

static void misdeed_page_used(void)
{
	unsigned long page = __get_free_page(GFP_KERNEL);

	if (!page)
		return;

	free_page(page);
	READ_ONCE(*(u8 *)page);
}

static void misdeed_sleep(void)
{
	spin_lock(&misdeed_spin);
	might_sleep();
	spin_unlock(&misdeed_spin);
}

static void misdeed_lock(struct mutex *first, struct mutex *second)
{
	mutex_lock(first);
	mutex_lock(second);
	mutex_unlock(second);
	mutex_unlock(first);
}

static int misdeed_set(const char *text, const struct kernel_param *kp)
{
	if (sysfs_streq(text, "leak")) {
		misdeed_leak();
	} else if (sysfs_streq(text, "object")) {
		misdeed_object_used();
	} else if (sysfs_streq(text, "page")) {
		misdeed_page_used();
	} else if (sysfs_streq(text, "sleep")) {
		misdeed_sleep();
	} else if (sysfs_streq(text, "locks")) {
		misdeed_lock(&misdeed_one, &misdeed_other);
		misdeed_lock(&misdeed_other, &misdeed_one);
	} else {
		return -EINVAL;
	}

	return 0;
}

static const struct kernel_param_ops misdeed_ops = {
	.set	= misdeed_set,
};

module_param_cb(misdeed, &misdeed_ops, NULL, 0200);
MODULE_PARM_DESC(misdeed, "A mistake to make: leak, object, page, sleep or locks");
