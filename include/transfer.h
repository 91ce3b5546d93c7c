/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The transfer interface: how bytes cross the domain boundary.
 *
 * A mover collects moves and carries them out together. The packet path says
 * what to move, never how; a mode is one struct sn_mover_ops in a file of its
 * own. The hypercall stands in flush() and nowhere else.
 */
#ifndef SPLITNET_TRANSFER_H
#define SPLITNET_TRANSFER_H

#include <linux/types.h>
#include <xen/interface/xen.h>

struct sn_mover;

enum sn_direction {
	SN_FROM_GUEST,		/* Tx */
	SN_TO_GUEST,		/* Rx */
};

/**
 * struct sn_move - bytes to move between a granted page and local memory
 * @gref: the guest's grant
 * @offset: bytes into the granted page
 * @len: bytes; @offset + @len is within the page
 * @local: local bytes; any alignment, linear map only
 * @tag: what to report if this fails
 * @spare: nobody else has the page that @local begins, and nobody needs what
 *	is in it once the move was made
 */
struct sn_move {
	u32 gref;
	u16 offset;
	u16 len;
	void *local;
	u16 tag;
	bool spare;
};

/**
 * struct sn_mover_ops - a transfer mode
 * @name: as users name it
 * @keeps_spare: may keep the page of a spare move, by a reference of its own;
 *	other modes need not be told which are
 * @create: set up @mover->mode; returns 0 or a negative errno; may sleep
 * @destroy: undo it; nothing may be pending
 * @add: take note of a move; flushes by itself when full. Moves to one grant
 *	come one after another and leave no gap, the first at offset 0
 * @flush: carry out what is pending; @mover->failed is called once or more
 *	for each tag of which a move failed
 */
struct sn_mover_ops {
	const char *name;
	bool keeps_spare;
	int (*create)(struct sn_mover *mover);
	void (*destroy)(struct sn_mover *mover);
	void (*add)(struct sn_mover *mover, const struct sn_move *move);
	void (*flush)(struct sn_mover *mover);
};

/**
 * struct sn_mover - one direction of one queue
 * @ops: the mode
 * @mode: the mode's own
 * @domid: the guest
 * @direction: which way
 * @failed: called by add or flush with the tag of a failed move, and whether
 *	it was the guest's grant that was at fault
 * @owner: for @failed
 * @moves: counts single moves
 * @flushes: counts hypercalls
 */
struct sn_mover {
	const struct sn_mover_ops *ops;
	void *mode;
	domid_t domid;
	enum sn_direction direction;
	void (*failed)(void *owner, u16 tag, bool grant);
	void *owner;
	u64 *moves;
	u64 *flushes;
};

extern const struct sn_mover_ops sn_copy_ops;

#endif /* SPLITNET_TRANSFER_H */
