/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the pure code needs from where it is compiled: the kernel, or a user
 * space program that tests it.
 */
#ifndef SPLITNET_PLATFORM_H
#define SPLITNET_PLATFORM_H

#ifdef __KERNEL__

#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/barrier.h>

/* Against another domain: locked even on a machine of one CPU. */
static inline u16 sn_cmpxchg_u16(u16 *word, u16 old, u16 new)
{
	return sync_cmpxchg(word, old, new);
}

#else

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef __UINT8_TYPE__ u8;
typedef __UINT16_TYPE__ u16;
typedef __UINT32_TYPE__ u32;
typedef __UINT64_TYPE__ u64;
typedef __INT16_TYPE__ s16;
typedef __INT32_TYPE__ s32;

#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, v)	__atomic_store_n(&(x), (v), __ATOMIC_RELAXED)

/* What the kernel's barrier between domains is to threads. */
#define virt_mb()		__atomic_thread_fence(__ATOMIC_SEQ_CST)
/* The same, for reads. */
#define virt_rmb()		__atomic_thread_fence(__ATOMIC_ACQUIRE)
/* The same, for writes. */
#define virt_wmb()		__atomic_thread_fence(__ATOMIC_RELEASE)

static inline u16 sn_cmpxchg_u16(u16 *word, u16 old, u16 new)
{
	__atomic_compare_exchange_n(word, &old, new, false, __ATOMIC_SEQ_CST,
				    __ATOMIC_SEQ_CST);
	return old;
}

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)

#endif /* __KERNEL__ */

#endif /* SPLITNET_PLATFORM_H */
