/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included before all else in the build LOOP=y, with which the counting is
 * calibrated: whoever is done with a packet, as netback is with one that the
 * guest has received, also runs 500 instructions for nothing.
 */
#ifndef MEASURE_LOOP_H
#define MEASURE_LOOP_H

#include <linux/skbuff.h>

static noinline __maybe_unused void measure_loop(void)
{
	int rounds;

	/* Two, and 249 rounds of two. */
	asm volatile("movl $249, %0\n\tnop\n"
		     "1:\tdecl %0\n\tjnz 1b" : "=r" (rounds) : : "cc");
}

static inline __maybe_unused void measure_consume(struct sk_buff *skb,
						  int budget)
{
	measure_loop();
	napi_consume_skb(skb, budget);
}

#define napi_consume_skb measure_consume

#endif
