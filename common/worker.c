// SPDX-License-Identifier: GPL-2.0
#include <linux/kthread.h>
#include <linux/netpoll.h>
#include <linux/percpu.h>
#include <linux/sched/clock.h>
#include <linux/semaphore.h>
#include <linux/slab.h>
#include "../include/mark.h"
#include "../include/sidecore.h"
#include "../include/worker.h"

#define CREATE_TRACE_POINTS
#include "../include/trace.h"

/**
 * struct sn_worker - the thread of a side-core
 * @task: the thread
 * @cpu: where it runs
 * @users: calls of sn_worker_get()
 * @woken: somebody woke a seat since the thread last began a round
 * @found: a visit of this round found something to do
 * @turn: guards @seats; the thread's for a round, so that whoever takes a seat
 *	away finds it unvisited. No mutex: that would be the thread's again and
 *	again, as it comes back at once; this is whose turn it is, in order
 * @seats: the queues to visit
 */
struct sn_worker {
	struct task_struct *task;
	unsigned int cpu;
	unsigned int users;
	bool woken;
	bool found;
	struct semaphore turn;
	struct list_head seats;
};

static DEFINE_PER_CPU(struct sn_worker *, worker_of);

void sn_worker_wake(struct sn_seat *seat)
{
	struct sn_worker *worker;

	/* One waker wins. Pairs with smp_mb() in worker_round(): a round that
	 * clears @woken after this set it sees the seat awake.
	 */
	if (!xchg(&seat->asleep, false))
		return;

	/* Not sooner: the seat may have gone to another worker since somebody
	 * was found to look for it, and it is that one's visit which put it to
	 * sleep. If nobody looks any more, seat_take() has NAPI's core visit.
	 */
	worker = sn_seat_worker(seat);
	if (!worker)
		return;

	/* Pairs with set_current_state() in worker_rest(), by way of the
	 * barrier in wake_up_process().
	 */
	WRITE_ONCE(worker->woken, true);
	wake_up_process(worker->task);
}

bool sn_worker_parks(struct sn_seat *seat, bool worked)
{
	u64 now;

	seat->worker->found |= worked;
	switch (READ_ONCE(seat->sidecore->notify)) {
	case SN_NOTIFY_EVENT:
		return false;
	case SN_NOTIFY_POLL:
		return true;
	default:
		now = local_clock();
		if (worked)
			seat->busy_ns = now;
		return now - seat->busy_ns <
		       (u64)READ_ONCE(seat->sidecore->poll_us) * NSEC_PER_USEC;
	}
}

/* One visit. The instance is the queue's lock: a softirq that has it now gives
 * it up within its own visit, and until then there is nothing to do; to ask for
 * it would have the softirq come again. netpoll takes no instance, and keeps to
 * a lock of its own, as does NAPI's core.
 */
static void worker_run(struct sn_seat *seat)
{
	void *polling;
	int done;

	local_bh_disable();
	polling = netpoll_poll_lock(seat->napi);
	/* A full barrier, pairs with smp_mb() in sn_seat_wake(): what was
	 * announced to a seat that was not asleep is seen by this visit or by
	 * the next.
	 */
	if (!test_bit(NAPI_STATE_SCHED, &seat->napi->state) &&
	    napi_schedule_prep(seat->napi)) {
		seat->by_worker = true;
		done = seat->ops->visit(seat, SN_VISIT_BUDGET);
		if (done >= SN_VISIT_BUDGET) {
			seat->worker->found = true;
			napi_complete_done(seat->napi, done);
		}
	}
	netpoll_poll_unlock(polling);
	local_bh_enable();
}

/* Returns whether the seat is to be visited again. */
static bool worker_visit(struct sn_worker *worker, struct sn_seat *seat)
{
	if (READ_ONCE(seat->asleep))
		return false;

	if (seat->slept) {
		seat->slept = false;
		sn_count(seat->stats, SN_WAKEUPS);
		trace_queue_wake(seat->napi->dev, seat->id, worker->cpu);
	}

	worker_run(seat);
	if (!READ_ONCE(seat->asleep))
		return true;

	seat->slept = true;
	trace_queue_sleep(seat->napi->dev, seat->id, worker->cpu);
	return false;
}

/* Each seat once, in the order of their coming. Returns whether any of them is
 * to be visited again.
 */
static bool worker_round(struct sn_worker *worker)
{
	struct sn_seat *seat;
	bool again = false;

	down(&worker->turn);
	worker->found = false;
	WRITE_ONCE(worker->woken, false);
	/* Pairs with xchg() in sn_worker_wake(): a wake-up that this overwrote
	 * is one whose seat is seen awake below.
	 */
	smp_mb();
	list_for_each_entry(seat, &worker->seats, entry)
		again |= worker_visit(worker, seat);
	up(&worker->turn);

	return again;
}

static void worker_rest(struct sn_worker *worker)
{
	/* A full barrier, pairs with the one in wake_up_process() after @woken
	 * was set.
	 */
	set_current_state(TASK_IDLE);
	if (!READ_ONCE(worker->woken) && !kthread_should_stop())
		schedule();
	__set_current_state(TASK_RUNNING);
}

static int worker_main(void *data)
{
	struct sn_worker *worker = data;
	bool again;

	while (!kthread_should_stop()) {
		again = worker_round(worker);
		if (!again)
			worker_rest(worker);
		sn_mark_look(worker->found || !again);
		cond_resched_tasks_rcu_qs();
	}

	return 0;
}

static struct sn_worker *worker_create(unsigned int cpu)
{
	struct sn_worker *worker;

	worker = kzalloc(sizeof(*worker), GFP_KERNEL);
	if (!worker)
		return ERR_PTR(-ENOMEM);

	worker->cpu = cpu;
	sema_init(&worker->turn, 1);
	INIT_LIST_HEAD(&worker->seats);
	worker->task = kthread_create_on_cpu(worker_main, worker, cpu,
					     KBUILD_MODNAME "/%u");
	if (IS_ERR(worker->task)) {
		void *err = worker->task;

		kfree(worker);
		return err;
	}

	wake_up_process(worker->task);
	return worker;
}

static void worker_destroy(struct sn_worker *worker)
{
	/* Whoever is still to wake it found it in a seat before. Expedited, as
	 * whoever writes the setting waits.
	 */
	synchronize_rcu_expedited();
	kthread_stop(worker->task);
	kfree(worker);
}

struct sn_worker *sn_worker_get(unsigned int cpu)
{
	struct sn_worker *worker = per_cpu(worker_of, cpu);

	if (!worker) {
		worker = worker_create(cpu);
		if (IS_ERR(worker))
			return worker;
		per_cpu(worker_of, cpu) = worker;
	}

	worker->users++;
	return worker;
}

struct sn_worker *sn_worker_find(unsigned int cpu)
{
	return per_cpu(worker_of, cpu);
}

void sn_worker_put(unsigned int cpu)
{
	struct sn_worker *worker = per_cpu(worker_of, cpu);

	if (--worker->users)
		return;

	per_cpu(worker_of, cpu) = NULL;
	worker_destroy(worker);
}

static void seat_give(struct sn_seat *seat, struct sn_worker *worker)
{
	seat->slept = false;
	WRITE_ONCE(seat->asleep, false);
	/* Whoever does not see this yet has NAPI's core visit, as before. */
	WRITE_ONCE(seat->worker, worker);

	down(&worker->turn);
	list_add_tail(&seat->entry, &worker->seats);
	up(&worker->turn);
	/* As in sn_worker_wake(). */
	WRITE_ONCE(worker->woken, true);
	wake_up_process(worker->task);
}

/* Between two rounds; the worker does not come again. */
static void seat_take(struct sn_seat *seat, struct sn_worker *worker)
{
	down(&worker->turn);
	list_del(&seat->entry);
	WRITE_ONCE(seat->worker, NULL);
	up(&worker->turn);

	/* A full barrier, pairs with smp_mb() in sn_seat_wake(): either a waker
	 * sees that there is no worker, or this first visit sees the work.
	 */
	local_bh_disable();
	napi_schedule(seat->napi);
	local_bh_enable();
}

void sn_worker_move(struct sn_seat *seat, struct sn_worker *to)
{
	struct sn_worker *from = seat->worker;

	if (from == to)
		return;

	if (from)
		seat_take(seat, from);
	if (to)
		seat_give(seat, to);
	seat->ops->steer(seat, to ? to->cpu : -1);

	sn_count(seat->stats, SN_HANDOVERS);
	trace_queue_handover(seat->napi->dev, seat->id, from ? from->cpu : -1,
			     to ? to->cpu : -1);
}
