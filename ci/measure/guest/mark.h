/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MEASURE_MARK_H
#define MEASURE_MARK_H

#include "../marker.h"

/**
 * mark - say something to the plugin; nothing happens where there is none
 * @op: what
 * @argument: 0..255
 */
void mark(enum marker_op op, uint8_t argument);

/**
 * mark_prepare - make a marker ahead, so that mark() of it costs a call
 * @op: what
 * @argument: 0..255
 */
void mark_prepare(enum marker_op op, uint8_t argument);

#endif
