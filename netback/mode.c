// SPDX-License-Identifier: GPL-2.0
/*
 * The transfer modes of this build, for either direction.
 */
#include <linux/module.h>
#include "../include/frames.h"
#include "netback.h"

#ifdef SN_MODE_COPY
static const struct snb_mode mode_copy = {
	.name	= "copy",
	.mover	= &sn_copy_ops,
};
#endif

#ifdef SN_MODE_MAP
static const struct snb_mode mode_map = {
	.name	= "map",
	.mover	= &sn_copy_ops,
	.lends	= true,
};
#endif

#ifdef SN_MODE_FLIP
static const struct snb_mode mode_flip = {
	.name	= "flip",
	.mover	= &snb_flip_ops,
	.possible = sn_frames_can_flip,
};
#endif

/* The first one is the default. */
static const struct snb_mode * const tx_modes[] = {
#ifdef SN_MODE_COPY
	&mode_copy,
#endif
#ifdef SN_MODE_MAP
	&mode_map,
#endif
	NULL
};

static const struct snb_mode * const rx_modes[] = {
#ifdef SN_MODE_COPY
	&mode_copy,
#endif
#ifdef SN_MODE_FLIP
	&mode_flip,
#endif
	NULL
};

static const struct snb_mode *mode_find(const struct snb_mode * const *mode,
					const char *name)
{
	while (*mode && !sysfs_streq(name, (*mode)->name))
		mode++;

	return *mode;
}

/**
 * snb_mode_possible() - whether a mode works in this domain
 * @mode: the mode, or NULL for none
 *
 * Context: any.
 */
bool snb_mode_possible(const struct snb_mode *mode)
{
	return mode && (!mode->possible || mode->possible());
}

/**
 * snb_tx_mode_find() - the mode of that name, for what guests send
 * @name: the name; a newline may follow
 *
 * Context: any. Return: the mode, or NULL if this build has none such.
 */
const struct snb_mode *snb_tx_mode_find(const char *name)
{
	return mode_find(tx_modes, name);
}

/**
 * snb_rx_mode_find() - the mode of that name, for what guests receive
 * @name: the name; a newline may follow
 *
 * Context: any. Return: the mode, or NULL if this build has none such.
 */
const struct snb_mode *snb_rx_mode_find(const char *name)
{
	return mode_find(rx_modes, name);
}

/* A parameter holds a mode of a row, the first one until it is set. */
struct mode_param {
	const struct snb_mode * const *row;
	const struct snb_mode *value;
};

static struct mode_param tx_mode_param = { .row = tx_modes };
static struct mode_param rx_mode_param = { .row = rx_modes };

static const struct snb_mode *mode_param_value(const struct mode_param *param)
{
	return READ_ONCE(param->value) ?: param->row[0];
}

static int mode_param_set(const char *text, const struct kernel_param *kp)
{
	struct mode_param *param = kp->arg;
	const struct snb_mode *mode = mode_find(param->row, text);

	if (!mode)
		return -EINVAL;

	WRITE_ONCE(param->value, mode);
	return 0;
}

static int mode_param_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%s\n", mode_param_value(kp->arg)->name);
}

static const struct kernel_param_ops mode_param_ops = {
	.set	= mode_param_set,
	.get	= mode_param_get,
};

module_param_cb(tx_mode, &mode_param_ops, &tx_mode_param, 0644);
MODULE_PARM_DESC(tx_mode,
		 "Of new vifs: how what guests send crosses (copy, map)");

module_param_cb(rx_mode, &mode_param_ops, &rx_mode_param, 0644);
MODULE_PARM_DESC(rx_mode,
		 "Of new vifs: how what guests receive crosses (copy, flip)");

/* The mode that new vifs ask for. Context: any. */
const struct snb_mode *snb_tx_mode_default(void)
{
	return mode_param_value(&tx_mode_param);
}

/* The mode that new vifs ask for. Context: any. */
const struct snb_mode *snb_rx_mode_default(void)
{
	return mode_param_value(&rx_mode_param);
}
