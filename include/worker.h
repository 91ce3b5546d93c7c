/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Workers: one thread per side-core, which visits in turn all queues that were
 * assigned to it. All of this is called under the one lock of
 * common/sidecore.c, and may sleep.
 */
#ifndef SPLITNET_WORKER_H
#define SPLITNET_WORKER_H

#include "seat.h"

/**
 * sn_worker_get() - the worker of a CPU, made if there is none
 * @cpu: an online CPU
 *
 * Return: the worker or an error pointer.
 */
struct sn_worker *sn_worker_get(unsigned int cpu);

/**
 * sn_worker_find() - the worker of a CPU
 * @cpu: one that sn_worker_get() was called for
 *
 * Return: the worker.
 */
struct sn_worker *sn_worker_find(unsigned int cpu);

/**
 * sn_worker_put() - undo sn_worker_get(); the last one ends the thread
 * @cpu: whose worker, which no seat of the caller has any more
 */
void sn_worker_put(unsigned int cpu);

/**
 * sn_worker_move() - hand a running queue over
 * @seat: the queue's seat
 * @to: who is to look at it; NULL for NAPI
 *
 * No work is missed, whatever happens meanwhile. The queue's events follow.
 */
void sn_worker_move(struct sn_seat *seat, struct sn_worker *to);

#endif /* SPLITNET_WORKER_H */
