// SPDX-License-Identifier: GPL-2.0
/*
 * The parameter "failing" of the build FAILING=y. Reading it lists the points
 * that were reached: FILE:LINE:CALL, how often, and how often it failed. Writing
 * one makes it fail once, the next time; or, with "+N" behind it, N times later.
 */
#include <linux/module.h>
#include <linux/string.h>

#define FAILING_NAME	64

static LLIST_HEAD(failing_points);
/* The next two are read while @failing_armed. */
static char failing_name[FAILING_NAME];
static atomic_t failing_spared;
static bool failing_armed;

static void failing_write_name(const struct sn_failing_point *point, char *name)
{
	snprintf(name, FAILING_NAME, "%s:%u:%s", kbasename(point->file),
		 point->line, point->call);
}

bool sn_failing(struct sn_failing_point *point)
{
	char name[FAILING_NAME];

	if (!READ_ONCE(point->known) && !xchg(&point->known, true))
		llist_add(&point->node, &failing_points);
	atomic_inc(&point->hits);

	/* Pairs with smp_store_release() in failing_set(). */
	if (!smp_load_acquire(&failing_armed))
		return false;

	failing_write_name(point, name);
	if (strcmp(name, failing_name) ||
	    atomic_dec_return(&failing_spared) >= 0 ||
	    !xchg(&failing_armed, false))
		return false;

	point->failed++;
	pr_info(KBUILD_MODNAME ": %s fails, as it was told\n", name);
	return true;
}

static int failing_set(const char *text, const struct kernel_param *kp)
{
	unsigned int spared = 0;
	char *more;

	if (strlen(text) >= FAILING_NAME)
		return -EINVAL;

	WRITE_ONCE(failing_armed, false);
	strscpy(failing_name, text, FAILING_NAME);
	strim(failing_name);
	more = strchr(failing_name, '+');
	if (more) {
		*more = '\0';
		if (kstrtouint(more + 1, 10, &spared))
			return -EINVAL;
	}
	atomic_set(&failing_spared, spared);
	/* Pairs with smp_load_acquire() in sn_failing(). */
	smp_store_release(&failing_armed, *failing_name);

	return 0;
}

static int failing_get(char *buf, const struct kernel_param *kp)
{
	const struct sn_failing_point *point;
	char name[FAILING_NAME];
	int len = 0;

	llist_for_each_entry(point, failing_points.first, node) {
		failing_write_name(point, name);
		len += sysfs_emit_at(buf, len, "%s %u %u\n", name,
				     atomic_read(&point->hits), point->failed);
	}

	return len;
}

static const struct kernel_param_ops failing_ops = {
	.set	= failing_set,
	.get	= failing_get,
};

module_param_cb(failing, &failing_ops, NULL, 0644);
MODULE_PARM_DESC(failing, "The call that fails next time, FILE:LINE:CALL");
