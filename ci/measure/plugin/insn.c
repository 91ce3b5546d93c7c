// SPDX-License-Identifier: GPL-2.0
/* Recognising instructions. */
#include <string.h>

#include "../marker.h"
#include "insn.h"

static bool is_prefix(uint8_t byte)
{
	return byte == 0x66 || byte == 0x67 || (byte & 0xf0) == 0x40;
}

static bool is_string(uint8_t opcode)
{
	return (opcode >= 0xa4 && opcode <= 0xa7) ||	/* movs, cmps */
	       (opcode >= 0xaa && opcode <= 0xaf) ||	/* stos, lods, scas */
	       (opcode >= 0x6c && opcode <= 0x6f);	/* ins, outs */
}

bool is_rep_string(const uint8_t *bytes, size_t size)
{
	bool rep = false;

	for (size_t i = 0; i < size; i++) {
		if (bytes[i] == 0xf2 || bytes[i] == 0xf3)
			rep = true;
		else if (!is_prefix(bytes[i]))
			return rep && is_string(bytes[i]);
	}
	return false;
}

unsigned int marker_of(const uint8_t *bytes, size_t size)
{
	static const uint8_t head[] = MARKER_HEAD;

	if (size != MARKER_SIZE || memcmp(bytes, head, sizeof(head)))
		return 0;
	return bytes[sizeof(head)] << 8 | bytes[sizeof(head) + 1];
}
