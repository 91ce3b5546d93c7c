// SPDX-License-Identifier: GPL-2.0
/*
 * Both halves of a ring as two threads.
 *
 * An end that arms its event index and looks at the producer, while the other
 * end moves the producer and looks at the event index, is safe only with a full
 * barrier between store and load on both sides. Where one is missing an event
 * is lost once in a while, and a guest's network hangs until the next packet.
 * Here the ends first carry requests and responses, asleep as often as can be,
 * where a lost event is a time-out; then one pushes at the moment when the
 * other one arms, over and over, and one of the two must always notice.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <time.h>

#include "ktap.h"
#include "ring_pair.h"

/* Both halves as threads. An event is a semaphore; waiting is bounded. */
struct threads {
	struct pair pair;
	sem_t to_front;
	sem_t to_back;
	u32 limit;
	bool lost;		/* an end waited in vain */
	bool wrong;		/* an end saw an index or id that cannot be */
};

#define THREADS_WAIT_S	20

static bool threads_wait(struct threads *run, sem_t *event)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += THREADS_WAIT_S;
	while (sem_timedwait(event, &until)) {
		if (errno == EINTR)
			continue;
		__atomic_store_n(&run->lost, true, __ATOMIC_RELAXED);
		return false;
	}

	return !__atomic_load_n(&run->wrong, __ATOMIC_RELAXED);
}

static void *threads_back(void *data)
{
	struct threads *run = data;
	struct sn_back_ring *ring = &run->pair.back;
	u32 count, done = 0;

	while (done < run->limit) {
		if (!sn_back_requests(ring, &count)) {
			__atomic_store_n(&run->wrong, true, __ATOMIC_RELAXED);
			break;
		}
		for (; count; count--, done++) {
			union sn_tx_slot *slot;

			slot = sn_tx_slot(ring->sring, ring->req_cons++);
			slot->rsp.id = slot->req.gref;
			ring->rsp_prod++;
		}
		if (sn_back_push(ring))
			sem_post(&run->to_front);
		if (done < run->limit && !sn_back_arm(ring, 1) &&
		    !threads_wait(run, &run->to_back))
			break;
	}
	sem_post(&run->to_front);

	return NULL;
}

static void threads_front(struct threads *run)
{
	struct sn_front_ring *ring = &run->pair.front;
	u32 count, n, sent = 0, done = 0;

	while (done < run->limit) {
		if (!sn_front_responses(ring, &count))
			break;
		for (; count; count--, done++)
			if (sn_tx_slot(ring->sring, ring->rsp_cons++)->rsp.id !=
			    (u16)done)
				goto wrong;

		/* Small bursts: the ends fall asleep often. */
		n = ktap_between(1, 4);
		for (; n && sn_front_free(ring) && sent < run->limit; n--)
			sn_tx_slot(ring->sring, ring->req_prod++)->req.gref =
				sent++;
		if (sn_front_push(ring))
			sem_post(&run->to_back);
		if (done < run->limit && !sn_front_arm(ring, 1) &&
		    !threads_wait(run, &run->to_front))
			break;
	}
	if (done == run->limit)
		return;
wrong:
	__atomic_store_n(&run->wrong, true, __ATOMIC_RELAXED);
	sem_post(&run->to_back);
}

static void test_both_threads(void)
{
	static struct threads run;
	pthread_t back;

	pair_init(&run.pair, 0xffffe000);
	run.limit = 100000;
	CHECK(!sem_init(&run.to_front, 0, 0) && !sem_init(&run.to_back, 0, 0));
	CHECK(!pthread_create(&back, NULL, threads_back, &run));
	threads_front(&run);
	pthread_join(back, NULL);

	CHECK(!run.lost, "an event was lost");
	CHECK(!run.wrong, "an index or an id was wrong");
	CHECK(run.pair.sring->rsp_prod == 0xffffe000 + run.limit);
}

/* One thread pushes one entry while the other one arms. Without a full barrier
 * in either of them both may look before the other's store is seen: no event,
 * and a sleeper. Each round is one such meeting, a little shifted.
 */
struct race {
	struct pair pair;
	u32 round;		/* the one that may begin */
	u32 ended;		/* the last one that the other thread ended */
	bool responses;		/* the backend pushes, the frontend arms */
	bool ready;		/* what the other thread's arm returned */
	bool stop;
};

#define RACE_ROUNDS	200000
#define RACE_MAX_S	3

static void race_wait(const u32 *counter, u32 round, const bool *stop)
{
	unsigned int spins = 0;

	while (__atomic_load_n(counter, __ATOMIC_ACQUIRE) != round) {
		if (stop && __atomic_load_n(stop, __ATOMIC_RELAXED))
			return;
		if (++spins % 4096 == 0)
			sched_yield();
	}
}

/* Have the ring's head in this CPU's cache too, so that a store to it has to
 * wait and a load does not; then do nothing for 0 to 127 turns.
 */
static void race_ready(struct race *race, u32 number)
{
	u32 turns;

	READ_ONCE(race->pair.sring->pad[0]);
	for (turns = number * 0x9e3779b9 >> 25; turns; turns--)
		asm volatile("" ::: "memory");
}

static void *race_arm(void *data)
{
	struct race *race = data;
	u32 round;

	for (round = 1; round <= RACE_ROUNDS; round++) {
		race_wait(&race->round, round, &race->stop);
		if (__atomic_load_n(&race->stop, __ATOMIC_RELAXED))
			break;
		race_ready(race, round);
		if (race->responses)
			race->ready = sn_front_arm(&race->pair.front, 1);
		else
			race->ready = sn_back_arm(&race->pair.back, 1);
		__atomic_store_n(&race->ended, round, __ATOMIC_RELEASE);
	}

	return NULL;
}

static bool race_push(struct race *race)
{
	if (race->responses) {
		race->pair.back.rsp_prod++;
		return sn_back_push(&race->pair.back);
	}
	race->pair.front.req_prod++;
	return sn_front_push(&race->pair.front);
}

static void race_run(bool responses)
{
	static struct race race;
	u32 round, unheard = 0;
	pthread_t other;
	time_t end;
	bool event;

	memset(&race, 0, sizeof(race));
	pair_init(&race.pair, 0xffffff00);
	race.responses = responses;
	end = time(NULL) + RACE_MAX_S;
	CHECK(!pthread_create(&other, NULL, race_arm, &race));

	for (round = 1; round <= RACE_ROUNDS; round++) {
		if (round % 1024 == 0 && time(NULL) > end)
			break;
		/* Not armed: no event but through this round's arm. */
		race.pair.sring->req_event = race.pair.back.req_cons;
		race.pair.sring->rsp_event = race.pair.front.rsp_cons;
		__atomic_store_n(&race.round, round, __ATOMIC_RELEASE);
		race_ready(&race, round + 0x12345);
		event = race_push(&race);
		race_wait(&race.ended, round, NULL);
		unheard += !event && !race.ready;
		race.pair.back.req_cons += !responses;
		race.pair.front.rsp_cons += responses;
	}
	__atomic_store_n(&race.stop, true, __ATOMIC_RELAXED);
	pthread_join(other, NULL);

	CHECK(!unheard, "%u of %u pushes were not heard of", unheard, round);
}

static void test_push_races_arm(void)
{
	race_run(false);
	race_run(true);
}

static const struct ktap_case cases[] = {
	KTAP_CASE(both_threads),
	KTAP_CASE(push_races_arm),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
