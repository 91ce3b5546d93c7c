/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SPLITNET_EXTRA_H
#define SPLITNET_EXTRA_H

#include "../include/packet.h"

/**
 * sn_extra_apply() - take over what one extra says
 * @extra: private copy of the extra
 * @seen: bit per type met in this packet so far, updated
 * @offload: where a GSO wish goes
 *
 * Return: false if the type is unknown, repeated, or was never negotiated.
 * What a GSO extra contains is not judged here: see sn_offload_sane().
 */
bool sn_extra_apply(const struct sn_extra *extra, u32 *seen,
		    struct sn_offload *offload);

/* False if @offload came with a GSO extra that names no type, or no size that
 * can be.
 */
bool sn_offload_sane(const struct sn_offload *offload, u32 seen);

#endif /* SPLITNET_EXTRA_H */
