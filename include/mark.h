/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Marks for an emulator that counts instructions: an eight-byte NOP whose
 * displacement tells it what the processor is about to do, and the processor
 * nothing. ci/measure/marker.h has the other side's half.
 */
#ifndef SPLITNET_MARK_H
#define SPLITNET_MARK_H

#include <linux/types.h>

#ifdef CONFIG_X86

#define SN_MARK_HEAD	".byte 0x0f, 0x1f, 0x84, 0, 'K', 'P', "

/**
 * sn_mark_look() - a poller is done with a look for work
 * @found: there was some, or the poller slept: this was not polling
 *
 * The next look begins here. Context: any.
 */
static inline void sn_mark_look(bool found)
{
	if (found)
		asm volatile(SN_MARK_HEAD "'V', 0");
	else
		asm volatile(SN_MARK_HEAD "'P', 0");
}

#else

static inline void sn_mark_look(bool found)
{
}

#endif /* CONFIG_X86 */

#endif /* SPLITNET_MARK_H */
