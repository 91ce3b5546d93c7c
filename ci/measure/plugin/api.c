// SPDX-License-Identifier: GPL-2.0
/* One plugin for both generations of QEMU's plugin interface. */
#include <string.h>

#include "api.h"

#define API_FIRST	1	/* QEMU up to 8.1 */
#define API_COPIES	4	/* 9.2 and later: insn_data copies */

/* QEMU reads it after loading us and before calling us. */
PLUGIN_EXPORT int qemu_plugin_version = API_FIRST;

/* Not called: that QEMU has it tells which interface this is. */
__attribute__((weak)) bool qemu_plugin_read_memory_vaddr(uint64_t vaddr,
							 void *data,
							 size_t bytes);

/* Up to version 2 it takes the instruction only, and returns a pointer; from
 * version 3 on it copies, and returns how much. The calling convention lets
 * one declaration serve both.
 */
uintptr_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn,
				void *to, size_t bytes);

__attribute__((constructor)) static void choose_version(void)
{
	if (qemu_plugin_read_memory_vaddr)
		qemu_plugin_version = API_COPIES;
}

size_t insn_bytes(const struct qemu_plugin_insn *insn,
		  uint8_t bytes[INSN_BYTES])
{
	size_t size = qemu_plugin_insn_size(insn);
	uintptr_t data;

	if (size > INSN_BYTES)
		size = INSN_BYTES;
	data = qemu_plugin_insn_data(insn, bytes, size);
	if (qemu_plugin_version == API_FIRST)
		memcpy(bytes, (const void *)data, size);
	return size;
}
