// SPDX-License-Identifier: GPL-2.0
/*
 * The plugin: counts what a machine's CPUs run between markers.
 *
 *   -plugin measure.so,out=FILE[,llc=BYTES]
 *
 * The file gets a piece for each window; ci/lablib/measure reads it.
 */
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "count.h"
#include "domain.h"
#include "insn.h"

#define PAGE_SHIFT	12
#define LLC_BYTES	(4UL << 20)

static qemu_plugin_id_t own_id;
/* Memory accesses are looked at: costs several times the speed. */
static bool watching;

static void on_access(unsigned int vcpu, qemu_plugin_meminfo_t info,
		      uint64_t vaddr, void *data)
{
	struct qemu_plugin_hwaddr *where;

	(void)data;
	if (!count_accesses())
		return;
	where = qemu_plugin_get_hwaddr(info, vaddr);
	if (where && !qemu_plugin_hwaddr_is_io(where))
		count_access(vcpu, qemu_plugin_hwaddr_phys_addr(where),
			     1U << qemu_plugin_mem_size_shift(info),
			     qemu_plugin_mem_is_store(info));
}

/* The lines of code from one address to another. */
static void set_lines(struct block *block, int part, uint64_t first,
		      uint64_t last)
{
	block->line[part] = first >> LINE_SHIFT;
	block->lines[part] = (last >> LINE_SHIFT) - (first >> LINE_SHIFT) + 1;
}

/* A block goes over at most one page's end. */
static void find_lines(struct block *block, const struct qemu_plugin_tb *tb,
		       size_t insns)
{
	uint64_t first = block->host, last = first, page = block->vaddr;
	int part = 0;

	for (size_t i = 0; first && i < insns; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t vaddr = qemu_plugin_insn_vaddr(insn);
		uint64_t host = (uintptr_t)qemu_plugin_insn_haddr(insn);

		if (!part && host && vaddr >> PAGE_SHIFT != page >> PAGE_SHIFT) {
			set_lines(block, part++, first, last);
			first = host;
		}
		if (host)
			last = host + qemu_plugin_insn_size(insn) - 1;
	}
	if (first)
		set_lines(block, part, first, last);
}

static void look_at(struct qemu_plugin_insn *insn, struct block *block,
		    bool is_last)
{
	uint8_t bytes[INSN_BYTES];
	size_t size = insn_bytes(insn, bytes);
	unsigned int marker = marker_of(bytes, size);

	if (is_last)
		block->rep = is_rep_string(bytes, size) ?
			     qemu_plugin_insn_vaddr(insn) : 0;
	if (marker)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, count_marker,
						       QEMU_PLUGIN_CB_NO_REGS,
						       (void *)(uintptr_t)marker);
	if (watching)
		qemu_plugin_register_vcpu_mem_cb(insn, on_access,
						 QEMU_PLUGIN_CB_NO_REGS,
						 QEMU_PLUGIN_MEM_RW, NULL);
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t insns = qemu_plugin_tb_n_insns(tb);
	struct qemu_plugin_insn *first = qemu_plugin_tb_get_insn(tb, 0);
	struct block *block;

	(void)id;
	block = block_get(qemu_plugin_tb_vaddr(tb),
			  (uintptr_t)qemu_plugin_insn_haddr(first), insns);
	if (block->place == PLACE_CORE && block->host)
		block->mapping = mapping_of(block->vaddr, block->host);
	if (watching)
		find_lines(block, tb, insns);
	for (size_t i = 0; i < insns; i++)
		look_at(qemu_plugin_tb_get_insn(tb, i), block, i == insns - 1);
	qemu_plugin_register_vcpu_tb_exec_cb(tb, count_block,
					     QEMU_PLUGIN_CB_NO_REGS, block);
}

static void on_reset(qemu_plugin_id_t id)
{
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
}

/* Code is translated anew, with accesses told. There is no way back: QEMU 7.2
 * may keep a CPU's pointer to the callbacks of the code that it drops.
 */
static void watch(void)
{
	if (watching)
		return;
	watching = true;
	qemu_plugin_reset(own_id, on_reset);
}

/* NAME=VALUE of the arguments, or NULL. */
static const char *option(int argc, char **argv, const char *name)
{
	size_t length = strlen(name);

	for (int i = 0; i < argc; i++)
		if (!strncmp(argv[i], name, length) && argv[i][length] == '=')
			return argv[i] + length + 1;
	return NULL;
}

PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id,
				      const struct qemu_info *info,
				      int argc, char **argv)
{
	const char *path = option(argc, argv, "out");
	const char *llc = option(argc, argv, "llc");
	unsigned int cpus = info->system.max_vcpus;
	FILE *out = path ? fopen(path, "w") : NULL;

	if (!out || !info->system_emulation || cpus > MAX_CPUS) {
		fputs("measure: wants out=FILE, a whole machine, few CPUs\n",
		      stderr);
		return -1;
	}
	own_id = id;
	if (!count_setup(out, cpus, watch) ||
	    !cache_setup(cpus, llc ? strtoull(llc, NULL, 0) : LLC_BYTES)) {
		fputs("measure: no memory\n", stderr);
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	return 0;
}
