/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels that splitnet builds for, by feature. Kbuild
 * finds out which features there are.
 */
#ifndef SPLITNET_COMPAT_H
#define SPLITNET_COMPAT_H

#include <linux/page_ref.h>
#include <linux/poison.h>
#include <linux/skbuff.h>
#include <linux/syscore_ops.h>

/* The page pool's header was split up (6.6). */
#ifdef SN_HAVE_PAGE_POOL_HELPERS
#include <net/page_pool/helpers.h>
#else
#include <net/page_pool.h>
#endif

/* A pool's page counts the users of its parts by itself: always (6.8), or if
 * it is one that is used in parts.
 */
#ifdef SN_HAVE_PP_REF_COUNT
static inline bool sn_pool_page_whole(const struct page *page)
{
	return atomic_long_read(&page->pp_ref_count) == 1;
}
#else
static inline bool sn_pool_page_whole(const struct page *page)
{
	return !(page->pp->p.flags & PP_FLAG_PAGE_FRAG);
}
#endif

/**
 * sn_pool_page_sole() - whether a page has one user, who will return it to a
 * page pool
 * @page: a page that the caller has a reference to
 *
 * Context: any.
 *
 * Return: true if it does, is a single page, and no device knows it.
 */
static inline bool sn_pool_page_sole(const struct page *page)
{
	/* The two lowest bits are no part of the signature. */
	return (page->pp_magic & ~0x3UL) == PP_SIGNATURE &&
	       !page->pp->p.dev && !page->pp->p.order &&
	       page_ref_count(page) == 1 && sn_pool_page_whole(page);
}

/* uevent() takes a const device (6.3). */
#ifdef SN_HAVE_UEVENT_CONST
#define SN_UEVENT_CONST const
#else
#define SN_UEVENT_CONST
#endif

/* The callback of a zero-copy packet is one of a table (6.10). SN_UBUF_OPS()
 * makes what sn_ubuf_init() takes.
 */
#ifdef SN_HAVE_UBUF_OPS
#define SN_UBUF_OPS(name, fn) \
	static const struct ubuf_info_ops name = { .complete = (fn) }
#define sn_ubuf_set(ubuf, name)		((ubuf)->ops = (name))
#else
struct sn_ubuf_ops {
	void (*complete)(struct sk_buff *skb, struct ubuf_info *ubuf,
			 bool zerocopy);
};

#define SN_UBUF_OPS(name, fn) \
	static const struct sn_ubuf_ops name = { .complete = (fn) }
#define sn_ubuf_set(ubuf, name)		((ubuf)->callback = (name)->complete)
#endif

/* What happens around a suspend is a table and a thing of its own (6.12.y).
 * SN_SYSCORE() makes what sn_syscore_register() takes.
 */
#ifdef SN_HAVE_SYSCORE
#define SN_SYSCORE_ARG			void *data
#define SN_SYSCORE(name, suspend_fn, resume_fn) \
	static const struct syscore_ops name##_ops = { \
		.suspend = (suspend_fn), \
		.resume = (resume_fn), \
	}; \
	static struct syscore name = { .ops = &name##_ops }
#define sn_syscore_register(name)	register_syscore(&(name))
#define sn_syscore_unregister(name)	unregister_syscore(&(name))
#else
#define SN_SYSCORE_ARG			void
#define SN_SYSCORE(name, suspend_fn, resume_fn) \
	static struct syscore_ops name = { \
		.suspend = (suspend_fn), \
		.resume = (resume_fn), \
	}
#define sn_syscore_register(name)	register_syscore_ops(&(name))
#define sn_syscore_unregister(name)	unregister_syscore_ops(&(name))
#endif

/* Make @ubuf ready for one skb: ops as SN_UBUF_OPS() made them. */
#define sn_ubuf_init(ubuf, name) \
do { \
	struct ubuf_info *__ubuf = (ubuf); \
\
	sn_ubuf_set(__ubuf, name); \
	refcount_set(&__ubuf->refcnt, 1); \
	__ubuf->flags = SKBFL_ZEROCOPY_FRAG; \
} while (0)

#endif /* SPLITNET_COMPAT_H */
