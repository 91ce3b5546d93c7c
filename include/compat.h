/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels that splitnet builds for, by feature.
 */
#ifndef SPLITNET_COMPAT_H
#define SPLITNET_COMPAT_H

#include <linux/version.h>

/* The page pool's header was split up (6.6). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
#include <net/page_pool/helpers.h>
#else
#include <net/page_pool.h>
#endif

/* uevent() takes a const device (6.3). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#define SN_UEVENT_CONST const
#else
#define SN_UEVENT_CONST
#endif

#endif /* SPLITNET_COMPAT_H */
