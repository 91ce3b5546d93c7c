/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels that splitnet builds for, by feature. Kbuild
 * finds out which features there are.
 */
#ifndef SPLITNET_COMPAT_H
#define SPLITNET_COMPAT_H

/* The page pool's header was split up (6.6). */
#ifdef SN_HAVE_PAGE_POOL_HELPERS
#include <net/page_pool/helpers.h>
#else
#include <net/page_pool.h>
#endif

/* uevent() takes a const device (6.3). */
#ifdef SN_HAVE_UEVENT_CONST
#define SN_UEVENT_CONST const
#else
#define SN_UEVENT_CONST
#endif

#endif /* SPLITNET_COMPAT_H */
