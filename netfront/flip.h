/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Receiving by page flip: the pages that a queue posts are given to Xen, and
 * the backend's come in their place. A build without the mode "flip" has none
 * of it, and calls none of this.
 */
#ifndef SPLITNET_FLIP_H
#define SPLITNET_FLIP_H

#include <linux/err.h>
#include <xen/grant_table.h>
#include "../include/accept.h"

struct snf_flip;
struct snf_queue;
struct snf_window;

/* window.c, process context */
struct snf_window *snf_window_create(void);
void snf_window_destroy(struct snf_window *window);
/* window.c, any context */
bool snf_window_possible(void);
struct sn_accept *snf_window_entry(const struct snf_window *window,
				   grant_ref_t gref);

#ifdef SN_MODE_FLIP

/* window.c, module init and exit */
void snf_windows_init(void);
void snf_windows_exit(void);

/* flip.c, process context */
bool snf_flip_possible(void);
struct snf_flip *snf_flip_create(struct snf_queue *queue);
void snf_flip_destroy(struct snf_flip *flip);

/* flip.c, by the queue's NAPI owner */
unsigned int snf_flip_prepare(struct snf_flip *flip, u32 idx,
			      unsigned int count);
void snf_flip_post(struct snf_flip *flip, u32 idx);
bool snf_flip_accept(struct snf_flip *flip, u32 from, u32 end);
bool snf_flip_has(const struct snf_flip *flip, u32 idx);

#else

static inline void snf_windows_init(void)
{
}

static inline void snf_windows_exit(void)
{
}

static inline bool snf_flip_possible(void)
{
	return false;
}

static inline struct snf_flip *snf_flip_create(struct snf_queue *queue)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static inline void snf_flip_destroy(struct snf_flip *flip)
{
}

static inline unsigned int snf_flip_prepare(struct snf_flip *flip, u32 idx,
					    unsigned int count)
{
	return 0;
}

static inline void snf_flip_post(struct snf_flip *flip, u32 idx)
{
}

static inline bool snf_flip_accept(struct snf_flip *flip, u32 from, u32 end)
{
	return false;
}

static inline bool snf_flip_has(const struct snf_flip *flip, u32 idx)
{
	return false;
}

#endif

#endif /* SPLITNET_FLIP_H */
