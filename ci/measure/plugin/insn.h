/* SPDX-License-Identifier: GPL-2.0 */
/* The few instructions that are told apart, by their bytes. */
#ifndef MEASURE_INSN_H
#define MEASURE_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * is_rep_string - whether this is a string instruction that repeats
 * @bytes: the instruction
 * @size: its length
 */
bool is_rep_string(const uint8_t *bytes, size_t size);

/**
 * marker_of - the marker in an instruction
 * @bytes: the instruction
 * @size: its length
 *
 * Return: enum marker_op << 8 | its argument, or 0 for any other instruction.
 */
unsigned int marker_of(const uint8_t *bytes, size_t size);

#endif
