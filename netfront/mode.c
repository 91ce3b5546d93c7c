// SPDX-License-Identifier: GPL-2.0
/*
 * The transfer modes of this build, for what the guest receives. The backend
 * chooses among those that both ends have: this end only says what it takes.
 */
#include <linux/module.h>
#include "netfront.h"

/* In the order of the parameter's values. */
static const char * const mode_name[] = { "copy", "flip" };

/**
 * snf_mode_parse() - read a mode's name
 * @text: the name; a newline may follow
 * @flips: set to whether it is a flip
 *
 * Context: any. Return: 0, or -EINVAL if this build has no such mode.
 */
int snf_mode_parse(const char *text, bool *flips)
{
	int i = sysfs_match_string(mode_name, text);

	if (i < 0 || (i ? !SNF_RX_FLIP : !SNF_RX_COPY))
		return -EINVAL;

	*flips = i;
	return 0;
}

static bool mode_flips = SNF_RX_FLIP;

static int mode_set(const char *text, const struct kernel_param *kp)
{
	return snf_mode_parse(text, &mode_flips);
}

static int mode_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%s\n", mode_name[mode_flips]);
}

static const struct kernel_param_ops mode_ops = {
	.set	= mode_set,
	.get	= mode_get,
};

module_param_cb(rx_mode, &mode_ops, NULL, 0644);
MODULE_PARM_DESC(rx_mode,
		 "Of new interfaces: take flips where the backend offers them (flip, the default), or never (copy)");

/* Whether new interfaces take flips where the backend offers them. */
bool snf_takes_flips(void)
{
	return READ_ONCE(mode_flips);
}
