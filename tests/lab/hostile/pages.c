// SPDX-License-Identifier: GPL-2.0
/*
 * Grants and event channels from user space.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "hostile.h"

/* Xen's names for them, which these headers take from the kernel's. */
typedef u32 grant_ref_t;
typedef u16 domid_t;
#include <xen/evtchn.h>
#include <xen/gntalloc.h>
#include <xen/gntdev.h>

/* Xen's numbers. */
#define CHANNEL_OP		32
#define CHANNEL_STATUS		5
#define CHANNEL_INTERDOMAIN	2

struct channel_status {
	u16 domid;
	u32 port;
	u32 status;
	u32 vcpu;
	u64 detail;
};

/* Flags of a copy, as Xen has them. */
#define COPY_FROM_GRANT	1
#define COPY_TO_GRANT	2

static int device(int *fd, const char *path)
{
	if (!*fd)
		*fd = open(path, O_RDWR | O_CLOEXEC);
	must(*fd > 0, "no %s", path);

	return *fd;
}

static int gntalloc(void)
{
	static int fd;

	return device(&fd, "/dev/xen/gntalloc");
}

static int gntdev(void)
{
	static int fd;

	return device(&fd, "/dev/xen/gntdev");
}

static int evtchn(void)
{
	static int fd;

	return device(&fd, "/dev/xen/evtchn");
}

bool grant_make(struct grant *grant, unsigned int domid, bool writable)
{
	struct ioctl_gntalloc_alloc_gref op = {
		.domid = domid,
		.flags = writable ? GNTALLOC_FLAG_WRITABLE : 0,
		.count = 1,
	};

	if (ioctl(gntalloc(), IOCTL_GNTALLOC_ALLOC_GREF, &op))
		return false;

	grant->ref = op.gref_ids[0];
	grant->index = op.index;
	grant->mem = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			  gntalloc(), op.index);
	must(grant->mem != MAP_FAILED, "a page of our own cannot be mapped");

	return true;
}

/* What the other end still maps stays granted until it lets go. */
void grant_end(struct grant *grant)
{
	struct ioctl_gntalloc_dealloc_gref op = {
		.index = grant->index,
		.count = 1,
	};

	if (!grant->mem)
		return;
	munmap(grant->mem, PAGE);
	ioctl(gntalloc(), IOCTL_GNTALLOC_DEALLOC_GREF, &op);
	grant->mem = NULL;
}

static void *grant_map_as(unsigned int domid, u32 ref, u64 *index, int prot)
{
	struct ioctl_gntdev_map_grant_ref op = {
		.count = 1,
		.refs = { { .domid = domid, .ref = ref } },
	};
	struct ioctl_gntdev_unmap_grant_ref undo = { .count = 1 };
	void *mem;

	if (ioctl(gntdev(), IOCTL_GNTDEV_MAP_GRANT_REF, &op))
		return NULL;

	*index = op.index;
	mem = mmap(NULL, PAGE, prot, MAP_SHARED, gntdev(), op.index);
	if (mem != MAP_FAILED)
		return mem;

	undo.index = op.index;
	ioctl(gntdev(), IOCTL_GNTDEV_UNMAP_GRANT_REF, &undo);
	return NULL;
}

void *grant_map(unsigned int domid, u32 ref, u64 *index)
{
	/* What failed once the device does not try again. */
	return grant_map_as(domid, ref, index, PROT_READ | PROT_WRITE) ?:
	       grant_map_as(domid, ref, index, PROT_READ);
}

void grant_unmap(void *mem, u64 index)
{
	struct ioctl_gntdev_unmap_grant_ref op = {
		.index = index,
		.count = 1,
	};

	if (!mem)
		return;
	munmap(mem, PAGE);
	ioctl(gntdev(), IOCTL_GNTDEV_UNMAP_GRANT_REF, &op);
}

static bool grant_copy(struct gntdev_grant_copy_segment *segment)
{
	struct ioctl_gntdev_grant_copy op = {
		.count = 1,
		.segments = segment,
	};

	return !ioctl(gntdev(), IOCTL_GNTDEV_GRANT_COPY, &op) &&
	       !segment->status;
}

bool grant_put(unsigned int domid, u32 ref, unsigned int offset,
	       const void *from, unsigned int length)
{
	struct gntdev_grant_copy_segment segment = {
		.source.virt = (void *)from,
		.dest.foreign = { ref, offset, domid },
		.len = length,
		.flags = COPY_TO_GRANT,
	};

	return grant_copy(&segment);
}

bool grant_get(unsigned int domid, u32 ref, unsigned int offset, void *to,
	       unsigned int length)
{
	struct gntdev_grant_copy_segment segment = {
		.source.foreign = { ref, offset, domid },
		.dest.virt = to,
		.len = length,
		.flags = COPY_FROM_GRANT,
	};

	return grant_copy(&segment);
}

int channel_offer(unsigned int domid)
{
	struct ioctl_evtchn_bind_unbound_port op = { .remote_domain = domid };
	int port = ioctl(evtchn(), IOCTL_EVTCHN_BIND_UNBOUND_PORT, &op);

	must(port > 0, "no event channel to be had");
	return port;
}

int channel_accept(unsigned int domid, unsigned int port)
{
	struct ioctl_evtchn_bind_interdomain op = {
		.remote_domain = domid,
		.remote_port = port,
	};

	return ioctl(evtchn(), IOCTL_EVTCHN_BIND_INTERDOMAIN, &op);
}

void channel_notify(int port)
{
	struct ioctl_evtchn_notify op = { .port = port };

	ioctl(evtchn(), IOCTL_EVTCHN_NOTIFY, &op);
}

bool channel_has_peer(int port)
{
	struct channel_status status = { .domid = SELF, .port = port };

	must(!hypercall(CHANNEL_OP, CHANNEL_STATUS, &status, 0),
	     "Xen knows no event channel %d", port);
	return status.status == CHANNEL_INTERDOMAIN;
}

void channel_close(int port)
{
	struct ioctl_evtchn_unbind op = { .port = port };

	if (port > 0)
		ioctl(evtchn(), IOCTL_EVTCHN_UNBIND, &op);
}
