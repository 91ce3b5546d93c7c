// SPDX-License-Identifier: GPL-2.0
/*
 * Markers with an argument known at run time only: the instruction is written
 * into a page of code.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "mark.h"

#define MOST		64
#define STUB_SIZE	16
#define RET		0xc3

static struct {
	enum marker_op op;
	uint8_t argument;
} known[MOST];
static unsigned int count;
static uint8_t *code;

static void stub_write(uint8_t *stub, enum marker_op op, uint8_t argument)
{
	static const uint8_t head[] = MARKER_HEAD;

	memcpy(stub, head, sizeof(head));
	stub[sizeof(head)] = op;
	stub[sizeof(head) + 1] = argument;
	stub[MARKER_SIZE] = RET;
}

static unsigned int find(enum marker_op op, uint8_t argument)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (known[i].op == op && known[i].argument == argument)
			break;
	return i;
}

void mark_prepare(enum marker_op op, uint8_t argument)
{
	unsigned int i = find(op, argument);

	if (i < count)
		return;
	if (!code)
		code = mmap(NULL, MOST * STUB_SIZE,
			    PROT_READ | PROT_WRITE | PROT_EXEC,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (code == MAP_FAILED || count == MOST) {
		fputs("no room for a marker\n", stderr);
		exit(1);
	}
	known[count].op = op;
	known[count].argument = argument;
	stub_write(code + count++ * STUB_SIZE, op, argument);
}

void mark(enum marker_op op, uint8_t argument)
{
	mark_prepare(op, argument);
	((void (*)(void))(code + find(op, argument) * STUB_SIZE))();
}
