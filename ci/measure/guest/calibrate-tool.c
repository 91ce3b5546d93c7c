// SPDX-License-Identifier: GPL-2.0
/*
 * calibrate-tool: things whose counts are known, with markers round them
 *
 *   calibrate-tool WINDOW CACHE loop N         N rounds of two instructions
 *   calibrate-tool WINDOW CACHE rep N BYTES    N copies by REP MOVSB
 *   calibrate-tool WINDOW CACHE poll N         N visits of 1000 instructions,
 *                                              that find nothing; in each
 *                                              tenth 9000 more come between,
 *                                              and one of them is brief
 *   calibrate-tool WINDOW CACHE idle MS        nothing
 *   calibrate-tool WINDOW CACHE hypercalls N   N of Xen's xen_version
 *   calibrate-tool WINDOW CACHE walk BYTES N   N rounds over every line of a
 *                                              working set, after one before
 *   calibrate-tool WINDOW CACHE pass N         a line N times there and back
 *                                              between CPU 0 and CPU 1
 *
 * Xen's hypercalls are for dom0's root.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mark.h"

#define LINE		64
#define XEN_VERSION	17	/* the hypercall's number; 0: its first part */

/* /dev/xen/privcmd's request, as the kernel's header has it. */
struct privcmd_hypercall {
	uint64_t op;
	uint64_t arg[5];
};

#define PRIVCMD_HYPERCALL	_IOC(_IOC_NONE, 'P', 0, \
				     sizeof(struct privcmd_hypercall))

static uint8_t window;

static void die(const char *what)
{
	fprintf(stderr, "calibrate-tool: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t number(const char *text)
{
	return strtoull(text, NULL, 0);
}

static void start(void)
{
	mark(MARKER_START, window);
}

static void end(void)
{
	mark(MARKER_END, window);
}

static void run_loop(char **args)
{
	uint64_t rounds = number(args[0]);

	start();
	asm volatile("1: dec %0; jnz 1b" : "+r" (rounds) : : "cc");
	end();
}

static void run_poll(char **args)
{
	uint64_t visits = number(args[0]), brief = visits / 2 + 1;

	mark_prepare(MARKER_VISIT, 0);
	mark_prepare(MARKER_EMPTY, 0);
	start();
	while (visits--) {
		uint64_t rounds = visits % 10 ? 500 : 5000;

		if (visits == brief)
			rounds = 50;
		mark(MARKER_VISIT, 0);
		asm volatile("1: dec %0; jnz 1b" : "+r" (rounds) : : "cc");
		mark(MARKER_EMPTY, 0);
	}
	end();
}

static void run_rep(char **args)
{
	uint64_t copies = number(args[0]), bytes = number(args[1]);
	static char from[1 << 16], to[1 << 16];

	if (bytes > sizeof(from))
		die("too many bytes");
	memset(from, 1, sizeof(from));
	memset(to, 1, sizeof(to));
	start();
	while (copies--) {
		uint64_t left = bytes;
		char *source = from, *target = to;

		asm volatile("rep movsb" : "+c" (left), "+S" (source),
			     "+D" (target) : : "memory");
	}
	end();
}

static void run_idle(char **args)
{
	useconds_t us = number(args[0]) * 1000;

	usleep(10000);
	start();
	usleep(us);
	end();
}

static void run_hypercalls(char **args)
{
	struct privcmd_hypercall call = { .op = XEN_VERSION };
	int fd = open("/dev/xen/privcmd", O_RDWR);
	uint64_t count = number(args[0]);

	if (fd < 0)
		die("/dev/xen/privcmd");
	start();
	while (count--)
		if (ioctl(fd, PRIVCMD_HYPERCALL, &call) < 0)
			die("hypercall");
	end();
}

static void walk(volatile char *area, uint64_t bytes)
{
	for (uint64_t at = 0; at < bytes; at += LINE)
		(void)area[at];
}

static void run_walk(char **args)
{
	uint64_t bytes = number(args[0]), rounds = number(args[1]);
	char *area = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (area == MAP_FAILED)
		die("mmap");
	mark(MARKER_WARM, 0);
	walk(area, bytes);
	start();
	while (rounds--)
		walk(area, bytes);
	end();
}

static struct {
	_Alignas(LINE) volatile uint64_t turn;
	_Alignas(LINE) uint64_t passes;
} ball;

static void go_to_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("a second CPU");
}

/* The plugin hears of an access a moment after it was made. Ends that look
 * at the line all the time see each other's writes within that moment.
 */
static void look_away(void)
{
	uint64_t rounds = 2000;

	asm volatile("1: dec %0; jnz 1b" : "+r" (rounds) : : "cc");
}

/* Even turns are one end's, odd ones the other's. */
static void play(uint64_t parity)
{
	for (uint64_t turn = parity; turn < 2 * ball.passes; turn += 2) {
		while (ball.turn != turn)
			look_away();
		ball.turn = turn + 1;
	}
}

static void *other_end(void *nothing)
{
	go_to_cpu(1);
	play(1);
	return nothing;
}

static void run_pass(char **args)
{
	pthread_t other;

	ball.passes = number(args[0]);
	go_to_cpu(0);
	/* The other end waits for turn 1 from here on. */
	ball.turn = UINT64_MAX;
	if (pthread_create(&other, NULL, other_end, NULL))
		die("thread");
	usleep(50000);
	mark(MARKER_WARM, 0);
	start();
	ball.turn = 0;
	play(0);
	while (ball.turn != 2 * ball.passes)
		;
	end();
	pthread_join(other, NULL);
}

static const struct {
	const char *name;
	int nargs;
	void (*run)(char **args);
} commands[] = {
	{ "loop", 1, run_loop },
	{ "poll", 1, run_poll },
	{ "rep", 2, run_rep },
	{ "idle", 1, run_idle },
	{ "hypercalls", 1, run_hypercalls },
	{ "walk", 2, run_walk },
	{ "pass", 1, run_pass },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static enum cache_mode mode_of(const char *name)
{
	if (!strcmp(name, "private"))
		return CACHE_PRIVATE;
	return strcmp(name, "shared") ? CACHE_OFF : CACHE_SHARED;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 3 && i < COMMANDS; i++) {
		if (strcmp(argv[3], commands[i].name) ||
		    argc - 4 != commands[i].nargs)
			continue;
		window = number(argv[1]);
		mark_prepare(MARKER_START, window);
		mark_prepare(MARKER_END, window);
		mark(MARKER_CACHE, mode_of(argv[2]));
		commands[i].run(argv + 4);
		return 0;
	}
	fputs("calibrate-tool WINDOW off|private|shared\n"
	      "\tloop N | poll N | rep N BYTES | idle MS | hypercalls N |\n"
	      "\twalk BYTES N | pass N\n", stderr);
	return 2;
}
