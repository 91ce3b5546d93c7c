// SPDX-License-Identifier: GPL-2.0
/*
 * hostile: one thing done wrong per call
 *
 *   hostile list                 the offences, "front NAME" or "back NAME", and
 *                                what the scenario does by itself, "lab NAME"
 *   hostile faults front|back    the counters of what costs one by such an end
 *                                packets, each with its line of log
 *   hostile NAME [DOMID]         commit one; a backend's against this guest
 *   hostile good-front           a well-behaved connection, and away again
 *   hostile good-back DOMID
 *   hostile leave-faulty DOMID   go without a word, as a driver that crashed:
 *                                after a fatal fault, after an offer that
 *                                cannot be taken, in a good connection
 *   hostile leave-refused DOMID, leave-connected DOMID
 *   hostile fill DOMID FILE      have the guest send until its ring is full; when
 *                                the file is there, look at what is on it
 *   hostile hold STATE           a frontend that stays in it, and does no more
 *   hostile hoard                one that takes many packets, and then, connected
 *                                anew, none, nor says that it may run out of
 *                                requests
 *   hostile flood MAC            send the largest packets there, without end
 *   hostile lend MAC             send packets there whose receiver takes none,
 *                                and close while they wait
 *   hostile canary               fill free memory with what must not be seen
 *   hostile hog                  take all memory that Xen has, until killed
 *
 * The environment: VIF, a frontend's number; SECONDS_EACH, how long those that
 * last go on; SEED, for those that throw dice; OPS, and RANDOM_S as a bound, for
 * the random ones; POISON, if the kernels overwrite what is freed, so that no
 * search of free memory can find a thing. What the other end must have counted is printed:
 *
 *   expect COUNTER N    expect-some COUNTER
 *   cuts N    may-cut N    (so many log lines at most)
 *
 * and "begun" once there is a connection to do wrong in.
 *
 * Exit status: 0 the other end did right, 1 it did not, 2 misuse.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "hostile.h"
#include "../../../include/fault.h"

/* After so many operations of the first few connections the dice are shown. */
#define NOTED_OP	50
#define NOTED_SEEDS	8

/* How long a full ring waits for somebody to say that it goes on. */
#define FULL_MS		300000

struct offence {
	const char *name;
	void (*front)(struct front *f);
	void (*back)(struct back *b);
};

static const struct offence offences[] = {
#define FRONT(fault, id, text)	{ .name = #fault, .front = fault },
#define BACK(fault, id, text)	{ .name = #fault, .back = fault },
#define LAB(fault, id, text)	{ .name = #fault },
#include "offences.h"
#undef FRONT
#undef BACK
#undef LAB
};

unsigned int seconds = 3;
static unsigned long cuts, may_cuts, refusals;

void expect(const char *counter, unsigned long count)
{
	printf("expect %s %lu\n", counter, count);
}

void expect_some(const char *counter)
{
	printf("expect-some %s\n", counter);
}

void cut(unsigned int connections)
{
	cuts += connections;
}

void may_cut(unsigned int connections)
{
	may_cuts += connections;
}

void refused(unsigned int lines)
{
	refusals++;
	cut(lines);
}

void begun(void)
{
	static bool told;

	if (!told)
		printf("begun\n");
	fflush(stdout);
	told = true;
}

void wrong(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("wrong: ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
	fflush(stdout);
	/* Threads that storm need not be waited for. */
	_exit(1);
}

u64 now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

void sleep_ms(unsigned int ms)
{
	usleep(ms * 1000);
}

struct dice dice_new(u64 seed)
{
	struct dice dice = { seed * 0x9e3779b97f4a7c15ULL | 1 };

	return dice;
}

u32 dice_u32(struct dice *dice)
{
	dice->state ^= dice->state << 13;
	dice->state ^= dice->state >> 7;
	dice->state ^= dice->state << 17;

	return dice->state >> 16;
}

u32 dice_roll(struct dice *dice, u32 sides)
{
	return dice_u32(dice) % sides;
}

u64 environment(const char *name, u64 absent)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : absent;
}

struct dice dice_of_race(void)
{
	static bool begun;
	static u64 seed;

	if (!begun) {
		seed = environment("SEED", 1);
		printf("races from seed %lu\n", seed);
	}
	begun = true;

	return dice_new(seed++);
}

struct random_run random_run_begin(void)
{
	u64 seed = environment("SEED", 1);
	struct random_run run = {
		.seed = seed,
		.first = seed,
		.ops = environment("OPS", 20000),
		.start = now_ms(),
	};

	run.end = run.start + environment("RANDOM_S", 60) * 1000;
	printf("%lu operations from seed %lu\n", run.ops, seed);

	return run;
}

void random_run_note(const struct random_run *run, unsigned int done)
{
	if (done == NOTED_OP && run->seed - run->first <= NOTED_SEEDS)
		printf("dice of seed %lu after %u operations: %016lx\n",
		       run->seed - 1, done, run->dice.state);
}

bool random_run_goes_on(struct random_run *run)
{
	run->dice = dice_new(run->seed++);

	return run->done < run->ops && now_ms() < run->end;
}

void random_run_end(const struct random_run *run)
{
	printf("%lu operations done in %lu ms, %lu of it to connect %lu times; last seed %lu\n",
	       run->done, now_ms() - run->start, run->connecting,
	       run->seed - run->first - 1, run->seed - 2);
}

/* The name has dashes where the function has underscores. */
static bool same_name(const char *given, const char *name)
{
	for (; *given && *name; given++, name++)
		if (*given != (*name == '_' ? '-' : *name))
			return false;

	return *given == *name;
}

static const struct offence *offence_find(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(offences); i++)
		if (same_name(name, offences[i].name))
			return &offences[i];

	return NULL;
}

static void list(void)
{
	const char *c;

	for (unsigned int i = 0; i < ARRAY_SIZE(offences); i++) {
		printf("%s ", offences[i].front ? "front" :
			      offences[i].back ? "back" : "lab");
		for (c = offences[i].name; *c; c++)
			putchar(*c == '_' ? '-' : *c);
		putchar('\n');
	}
}

static void faults(bool front)
{
	const struct sn_fault_info *info;

	for (unsigned int i = SN_OK + 1; i < SN_FAULTS; i++) {
		info = &sn_fault_table[i];
		if (!info->fatal && (i < SN_FAULT_FRONT) == front)
			printf("%s %s\n", info->name, info->text);
	}
}

static void good_front(struct front *f)
{
	front_must_connect(f);
	for (unsigned int bytes = 60; bytes < 1515; bytes += 363)
		must(front_echo(f, bytes), "an echo of %u bytes is lost",
		     bytes);
	front_close(f);
}

static void good_back(struct back *b)
{
	back_must_connect(b);
	for (unsigned int bytes = 60; bytes < 1515; bytes += 363)
		must(back_echo(b, bytes), "an echo of %u bytes is lost",
		     bytes);
	back_close(b);
}

/* What a search of granted pages looks for, left behind in the guest. */
static void canary(void)
{
	const unsigned int bytes = 64 << 20;
	u32 *mem = malloc(bytes);

	must(mem, "no memory");
	for (unsigned int i = 0; i < bytes / sizeof(*mem); i++)
		WRITE_ONCE(mem[i], CANARY);
	free(mem);
}

/* On the straight way there, and no further. */
static void hold(unsigned int state)
{
	struct front *f = front_new();

	front_begin(f);
	if (state >= STATE_CONNECTED)
		front_must_connect(f);
	else if (state > STATE_INITIALISING)
		front_make_rings(f);
	if (state != STATE_CONNECTED)
		xs_write(f->dir, "state", "%u", state);
	for (;;)
		sleep_ms(1000);
}

/* As an honest one would. */
static void take(struct front *f, unsigned int packets)
{
	static u8 frame[FRAME_MAX + PAGE];

	must(front_connect(f), "a good connection is refused");
	front_hello(f);
	while (packets--)
		must(front_receive(f, frame, WAIT_MS), "nothing comes");
	front_close(f);
}

static void hoard(void)
{
	struct front *f = front_new();

	/* What is allowed for these must not be allowed the next connection. */
	take(f, 100);

	f->rx_quiet = true;
	f->odd_key = "feature-rx-notify";
	f->odd_value = "0";
	must(front_connect(f), "a good connection is refused");
	begun();
	for (;;)
		sleep_ms(1000);
}

/* Each is TCP of nearly 16 pages, which the other end may cut up. */
static void flood(const char *mac)
{
	static const struct sn_extra gso = {
		.type = SN_EXTRA_GSO,
		.gso = { .size = 1448, .type = SN_GSO_TCPV4 },
	};
	static u16 size[SN_RING_SLOTS];
	static u8 frame[FRAME_MAX + PAGE];
	struct front *f = front_new();
	struct host taker = f->peer;
	unsigned int i, left, length, slots;

	must(mac_read(mac, taker.mac), "no MAC");
	front_must_connect(f);
	length = frame_tcp(frame, &f->self, &taker, 16 * PAGE - 2000);
	for (slots = 0, left = length; left; left -= size[slots++])
		size[slots] = left < PAGE ? left : PAGE;
	for (i = 0;; i++) {
		must(front_send(f, frame, size, slots, &gso,
				SN_TXF_CSUM_BLANK | SN_TXF_DATA_VALIDATED),
		     "packet %u is refused", i);
		if (i == 100)
			begun();
	}
}

/* Packets for somebody behind the same backend. False if one did not return,
 * the frontend's pages being where it is.
 */
static bool lend_to(struct front *f, const struct host *taker)
{
	unsigned int i, size;

	for (i = 0; i < FRONT_TX_PAGES; i++) {
		size = frame_echo(f->tx_data[i].mem, &f->self, taker, 1514, i);
		front_put(f, f->tx_data[i].ref, 0, size, 0);
	}
	front_push(f);

	return front_reap(f, 1000);
}

static void lend(const char *mac)
{
	struct front *f = front_new();
	struct host taker = f->peer;
	unsigned int rounds = 0;
	u64 start;

	must(mac_read(mac, taker.mac), "no MAC");
	front_must_connect(f);
	while (lend_to(f, &taker))
		must(++rounds < 50, "every packet is taken");
	start = now_ms();
	front_close(f);
	printf("closing took %lu ms\n", now_ms() - start);
	must(now_ms() - start < 3000, "packets under way keep us from closing");

	/* There is another connection meanwhile. */
	good_front(f);
	front_free(f);
}

static void run_front(void (*offence)(struct front *f))
{
	struct front *f = front_new();

	offence(f);
	front_close(f);
	front_free(f);
}

/* Who goes before the frontend is done leaves it closing, for the next backend to
 * follow.
 */
static void leave_closed(struct back *b)
{
	must(xs_wait(b->front, STATES(STATE_CLOSED), WAIT_MS),
	     "the frontend does not close");
}

static void leave_faulty(struct back *b)
{
	struct sn_tx_req req;

	back_must_connect(b);
	req = back_tx_one(b);
	back_tx_answer(b, req.id + SN_RING_SLOTS, SN_RSP_OKAY);
	back_tx_push(b);
	back_must_be_cut(b, "an answer to nothing");
	leave_closed(b);
}

static void leave_refused(struct back *b)
{
	b->odd_key = "multi-queue-max-queues";
	b->odd_value = "0";
	must(!back_connect(b), "an offer of no queues is taken");
	leave_closed(b);
}

/* What the guest has sent is on its ring once, and answered now. */
static void answer_all(struct back *b)
{
	bool seen[SN_RING_SLOTS] = { false };
	struct sn_tx_req req;

	while (back_tx_take(b, &req, 0)) {
		must(req.id < SN_RING_SLOTS && !seen[req.id],
		     "request %u is on the ring twice", req.id);
		seen[req.id] = true;
		back_tx_answer(b, req.id, SN_RSP_OKAY);
	}
	back_tx_push(b);
}

/* By requests for its address: its answers to them are no socket's, and none's
 * buffer bounds how many of them can wait.
 */
static void fill(struct back *b, const char *file)
{
	static u8 request[64];
	u32 count = 0;
	u64 end;

	back_must_connect(b);
	for (unsigned int i = 0; count < SN_RING_SLOTS - SN_PKT_SLOTS - 1; i++) {
		must(i < 1000, "only %u requests are on the ring", count);
		back_send(b, request, frame_arp(request, &b->self, b->peer.ip));
		must(sn_back_requests(&b->tx, &count), "impossible");
	}
	printf("full\n");
	end = now_ms() + FULL_MS;
	while (access(file, F_OK)) {
		must(now_ms() < end, "nobody says to go on");
		sleep_ms(50);
	}
	answer_all(b);
	must(back_echo(b, 98), "an echo is lost");
}

/* The scenario binds another driver: what is in xenstore stays as it is. */
static void leave(void (*part)(struct back *b), const char *domid)
{
	part(back_new(atoi(domid)));
}

static void run_back(void (*offence)(struct back *b), const char *domid)
{
	struct back *b = back_new(atoi(domid));

	offence(b);
	back_close(b);
	free(b);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	const struct offence *offence = offence_find(name);

	setvbuf(stdout, NULL, _IOLBF, 0);
	seconds = environment("SECONDS_EACH", seconds);

	if (!strcmp(name, "list")) {
		list();
		return 0;
	}
	if (!strcmp(name, "faults") && argc > 2) {
		faults(!strcmp(argv[2], "front"));
		return 0;
	}

	if (!strcmp(name, "good-front"))
		run_front(good_front);
	else if (!strcmp(name, "good-back") && argc > 2)
		run_back(good_back, argv[2]);
	else if (!strcmp(name, "leave-faulty") && argc > 2)
		leave(leave_faulty, argv[2]);
	else if (!strcmp(name, "leave-refused") && argc > 2)
		leave(leave_refused, argv[2]);
	else if (!strcmp(name, "leave-connected") && argc > 2)
		leave(back_must_connect, argv[2]);
	else if (!strcmp(name, "fill") && argc > 3)
		fill(back_new(atoi(argv[2])), argv[3]);
	else if (!strcmp(name, "hold") && argc > 2)
		hold(atoi(argv[2]));
	else if (!strcmp(name, "hoard"))
		hoard();
	else if (!strcmp(name, "flood") && argc > 2)
		flood(argv[2]);
	else if (!strcmp(name, "lend") && argc > 2)
		lend(argv[2]);
	else if (!strcmp(name, "canary"))
		canary();
	else if (!strcmp(name, "hog"))
		memory_hog();
	else if (offence && offence->front)
		run_front(offence->front);
	else if (offence && offence->back && argc > 2)
		run_back(offence->back, argv[2]);
	else
		return 2;

	/* Where something may have been cut, it may have been refused, too. */
	if (refusals && may_cuts)
		expect_some("refused");
	else
		expect("refused", refusals);
	printf("cuts %lu\n", cuts);
	printf("may-cut %lu\n", may_cuts);
	return 0;
}
