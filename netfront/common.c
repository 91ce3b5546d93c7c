// SPDX-License-Identifier: GPL-2.0
/*
 * The shared pieces, compiled into this module. Both modules hold a copy, so
 * that neither needs a third one loaded.
 */
#include "../common/channel.c"
#include "../common/conduct.c"
#include "../common/fault.c"
#include "../common/extra.c"
#include "../common/header.c"
#include "../common/keys.c"
#include "../common/offload.c"
#include "../common/stats.c"
#include "../common/xenstore.c"
#ifdef SN_MODE_FLIP
#include "../common/absent.c"
#include "../common/frames.c"
#endif
