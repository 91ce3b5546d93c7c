// SPDX-License-Identifier: GPL-2.0
/*
 * rate-tool: how many datagrams per second get from one end to the other, and
 * what the drivers did meanwhile
 *
 *   rate-tool serve PORT                         the far end, until killed
 *   rate-tool send HOST PORT SIZE MILLISECONDS   from here to there
 *   rate-tool fetch HOST PORT SIZE MILLISECONDS  from there to here
 *   rate-tool ask HOST PORT COMMAND              a shell's work over there
 *   rate-tool counters DEVICE|HOST:PORT:DEVICE...
 *
 * The last two are for driving a measurement: under emulation a start of a
 * program takes as long as thousands of packets, so there is one each.
 *
 * A sender that knows no limit drowns the receiver as soon as it is the faster
 * of the two, and what is measured then is where the drops happen. So a window
 * of datagrams is under way, and the receiver's acknowledgements, one for
 * every few datagrams, move it on: the slowest stage sets the pace and no
 * other one wastes work. What is reported was received, by the receiver's
 * clock.
 *
 * Both ends are batch jobs to the scheduler. Otherwise, where they share a
 * CPU, each datagram wakes its receiver at the cost of the sender, and under
 * emulation two switches cost far more than the packet that is looked for.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define TOOL	"rate-tool"
#include "tool.h"

#define MAGIC		0x72617465
#define MAX_SIZE	1472
/* Fits half of every ring and queue on the way. */
#define WINDOW		128
#define ACK_EVERY	32
/* Longer than any acknowledgement takes; then the window counts as lost. */
#define STALL_MS	40
/* The far end has got this long to answer at the start and at the end. */
#define TRIES		50
#define TRY_MS		100

enum kind { DATA, ACK, WANT, END, DONE };

/* At the start of every datagram; both ends are of one byte order. */
struct head {
	uint32_t magic;
	uint32_t kind;
	uint32_t session;
	uint32_t count;		/* received so far */
	uint32_t us;		/* WANT: for how long, DONE: in which time */
	uint32_t size;
};

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
}

static int open_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), big = 4 << 20;

	if (fd < 0)
		die(EXIT_FAILURE, "socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big));
	return fd;
}

/* The next of our datagrams within the time, or false. */
static bool receive(int fd, struct head *head, struct sockaddr_in *from,
		    int wait_ms)
{
	static uint8_t got[MAX_SIZE + 1];
	socklen_t length = sizeof(*from);
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	ssize_t bytes;

	for (;;) {
		bytes = recvfrom(fd, got, sizeof(got), MSG_DONTWAIT,
				 (struct sockaddr *)from, &length);
		if (bytes >= (ssize_t)sizeof(*head)) {
			memcpy(head, got, sizeof(*head));
			if (head->magic == MAGIC)
				return true;
		} else if (bytes < 0 && poll(&wait, 1, wait_ms) <= 0) {
			return false;
		}
	}
}

static void transmit(int fd, const struct head *head, size_t size)
{
	static uint8_t packet[MAX_SIZE];

	memcpy(packet, head, sizeof(*head));
	/* A full queue blocks; an unreachable peer shows as silence. */
	send(fd, packet, size, 0);
}

/* Sending: fd is connected to the receiver. */

struct window {
	uint32_t sent;
	uint32_t acked;
	uint32_t lost;		/* given up for the window's sake */
};

static void window_ack(struct window *window, const struct head *head)
{
	uint32_t acked = head->count + window->lost;

	/* What was given up did arrive after all. */
	if ((int32_t)(acked - window->sent) > 0) {
		window->lost -= acked - window->sent;
		acked = window->sent;
	}
	if ((int32_t)(acked - window->acked) > 0)
		window->acked = acked;
}

static void window_stalled(struct window *window)
{
	window->lost += window->sent - window->acked;
	window->acked = window->sent;
}

static void send_data(int fd, struct head head, uint64_t end_us)
{
	struct window window = { 0 };
	struct sockaddr_in from;
	uint32_t size = head.size;
	struct head got;

	head.kind = DATA;
	while (now_us() < end_us) {
		/* A look at the clock for each would be much of the work. */
		for (int i = 0; i < ACK_EVERY &&
		     window.sent - window.acked < WINDOW; i++, window.sent++)
			transmit(fd, &head, size);
		if (window.sent - window.acked < WINDOW)
			continue;
		if (!receive(fd, &got, &from, STALL_MS))
			window_stalled(&window);
		else if (got.kind == ACK && got.session == head.session)
			window_ack(&window, &got);
	}
}

/* Tell the receiver that this was all; its count is the result. */
static void send_end(int fd, struct head head, struct head *result)
{
	struct sockaddr_in from;

	head.kind = END;
	for (int i = 0; i < TRIES; i++) {
		transmit(fd, &head, sizeof(head));
		while (receive(fd, result, &from, TRY_MS))
			if (result->kind == DONE &&
			    result->session == head.session)
				return;
	}
	result->count = 0;
}

/* Receiving */

struct count {
	uint32_t session;
	uint32_t packets;
	uint64_t first_us;
	uint64_t last_us;
};

static void count_reply(int fd, const struct count *count, enum kind kind,
			const struct sockaddr_in *to)
{
	struct head head = {
		.magic = MAGIC, .kind = kind, .session = count->session,
		.count = count->packets,
		.us = count->last_us - count->first_us,
	};

	sendto(fd, &head, sizeof(head), 0, (const struct sockaddr *)to,
	       sizeof(*to));
}

/* One datagram of a session that sends to us; true when it was the last. */
static bool count_packet(int fd, struct count *count, const struct head *head,
			 const struct sockaddr_in *from)
{
	if (head->session != count->session) {
		memset(count, 0, sizeof(*count));
		count->session = head->session;
	}
	if (head->kind == DATA) {
		if (!count->packets++)
			count->first_us = now_us();
		if (count->packets % ACK_EVERY)
			return false;
		count->last_us = now_us();
		count_reply(fd, count, ACK, from);
		return false;
	}
	if (head->kind != END)
		return false;
	count_reply(fd, count, DONE, from);
	return true;
}

/* The commands */

static uint32_t number(const char *text, uint32_t most)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || end == text || value > most)
		die(EXIT_FAILURE, "not a number up to %u: %s", most, text);
	return value;
}

static struct sockaddr_in address_of(const char *host, const char *port)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(number(port, 65535)),
	};

	if (inet_pton(AF_INET, host, &to.sin_addr) != 1)
		die(EXIT_FAILURE, "not an address: %s", host);
	return to;
}

static void serve_want(int fd, const struct head *want,
		       const struct sockaddr_in *to)
{
	struct sockaddr nobody = { .sa_family = AF_UNSPEC };
	struct head result;

	if (want->size < sizeof(*want) || want->size > MAX_SIZE)
		return;
	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)))
		return;
	send_data(fd, *want, now_us() + want->us);
	send_end(fd, *want, &result);
	connect(fd, &nobody, sizeof(nobody));
}

/* What a network device's driver did since it was made. */

struct counters {
	unsigned long long events;	/* interrupts, by the kernel's count */
	unsigned long long hypercalls;	/* by the driver's; stock has none */
};

static void count_events(const char *device, struct counters *sum)
{
	FILE *file = fopen("/proc/interrupts", "r");
	size_t length = strlen(device), room = 0;
	char *line = NULL, *name, *at, *end;

	while (file && getline(&line, &room, file) > 0) {
		name = strrchr(line, ' ');
		at = strchr(line, ':');
		/* Ours and stock alike: DEVICE-qN, perhaps with -tx or -rx. */
		if (!name || !at || strncmp(name + 1, device, length) ||
		    strncmp(name + 1 + length, "-q", 2))
			continue;
		for (at++;; at = end) {
			unsigned long value = strtoul(at, &end, 10);

			if (end == at)
				break;
			sum->events += value;
		}
	}
	free(line);
	if (file)
		fclose(file);
}

static bool ethtool(int fd, const char *device, void *command)
{
	struct ifreq request = { .ifr_data = command };

	strncpy(request.ifr_name, device, IFNAMSIZ - 1);
	return !ioctl(fd, SIOCETHTOOL, &request);
}

static bool is_hypercall(const char *name)
{
	return strstr(name, "_events_sent") ||
	       strstr(name, "_copy_hypercalls");
}

#define MAX_STATS	4096

static void count_hypercalls(const char *device, struct counters *sum)
{
	static struct {
		struct ethtool_gstrings head;
		char name[MAX_STATS][ETH_GSTRING_LEN];
	} strings;
	static struct {
		struct ethtool_stats head;
		__u64 value[MAX_STATS];
	} stats;
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	strings.head.cmd = ETHTOOL_GSTRINGS;
	strings.head.string_set = ETH_SS_STATS;
	stats.head.cmd = ETHTOOL_GSTATS;
	if (ethtool(fd, device, &info) && info.n_stats < MAX_STATS &&
	    ethtool(fd, device, &strings) && ethtool(fd, device, &stats))
		for (size_t i = 0; i < info.n_stats; i++)
			if (is_hypercall(strings.name[i]))
				sum->hypercalls += stats.value[i];
	close(fd);
}

static void count_device(const char *device, struct counters *sum)
{
	count_events(device, sum);
	count_hypercalls(device, sum);
}

/* Control, over TCP: a command and the end of the stream, answered by output
 * and the end of the stream.
 */

static int listen_control(const char *port)
{
	struct sockaddr_in any = address_of("0.0.0.0", port);
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) || listen(fd, 8))
		die(EXIT_FAILURE, "control port %s: %s", port, strerror(errno));
	return fd;
}

static void serve_control(int listener)
{
	struct timeval bound = { .tv_sec = 2 };
	int fd = accept(listener, NULL, NULL);
	char line[8192];
	size_t got = 0;
	ssize_t bytes;

	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof(bound));
	while ((bytes = read(fd, line + got, sizeof(line) - 1 - got)) > 0)
		got += bytes;
	line[got] = 0;
	if (!strncmp(line, "counters ", 9)) {
		struct counters sum = { 0 };

		count_device(line + 9, &sum);
		dprintf(fd, "%llu %llu\n", sum.events, sum.hypercalls);
	} else if (!fork()) {
		/* The server goes on serving datagrams meanwhile. */
		dup2(fd, 1);
		dup2(fd, 2);
		close(listener);
		close(fd);
		execl("/bin/sh", "sh", "-c", line, NULL);
		exit(127);
	}
	close(fd);
}

/* Sends the line and copies the answer to out. */
static void ask(const char *host, const char *port, const char *line,
		FILE *out)
{
	struct sockaddr_in to = address_of(host, port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char answer[4096];
	ssize_t bytes;

	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		die(EXIT_FAILURE, "%s: %s", host, strerror(errno));
	dprintf(fd, "%s", line);
	shutdown(fd, SHUT_WR);
	while ((bytes = read(fd, answer, sizeof(answer))) > 0)
		fwrite(answer, 1, bytes, out);
	if (bytes < 0)
		die(EXIT_FAILURE, "%s: %s", host, strerror(errno));
	close(fd);
}

static int run_ask(char **args)
{
	ask(args[0], args[1], args[2], stdout);
	return 0;
}

/* HOST:PORT:DEVICE */
static void count_remote(char *where, struct counters *sum)
{
	char *host = strtok(where, ":"), *port = strtok(NULL, ":");
	char *device = strtok(NULL, ":"), line[64], *answer = NULL;
	unsigned long long events, hypercalls;
	size_t length;
	FILE *out;

	snprintf(line, sizeof(line), "counters %s", device ? device : "");
	out = open_memstream(&answer, &length);
	ask(host, port, line, out);
	fclose(out);
	if (sscanf(answer, "%llu %llu", &events, &hypercalls) != 2)
		die(EXIT_FAILURE, "%s says: %s", host, answer);
	sum->events += events;
	sum->hypercalls += hypercalls;
	free(answer);
}

static int run_counters(char **args)
{
	struct counters sum = { 0 };

	for (; *args; args++) {
		if (strchr(*args, ':'))
			count_remote(*args, &sum);
		else
			count_device(*args, &sum);
	}
	printf("%llu %llu\n", sum.events, sum.hypercalls);
	return 0;
}

__attribute__((noreturn))
static int run_serve(char **args)
{
	struct sockaddr_in any = address_of("0.0.0.0", args[0]), from;
	struct count count = { 0 };
	uint32_t served = 0;
	int fd = open_socket(), control = listen_control(args[0]);
	struct pollfd wait[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = control, .events = POLLIN },
	};
	struct head head;

	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)))
		die(EXIT_FAILURE, "bind to port %s: %s", args[0], strerror(errno));
	for (;;) {
		if (!receive(fd, &head, &from, 0)) {
			poll(wait, 2, -1);
			if (wait[1].revents)
				serve_control(control);
		} else if (head.kind != WANT) {
			count_packet(fd, &count, &head, &from);
		} else if (head.session != served) {
			/* Repeated until the first packet arrives there. */
			served = head.session;
			serve_want(fd, &head, &from);
		}
	}
}

static int report(uint32_t packets, uint32_t us)
{
	if (!packets || !us)
		die(EXIT_FAILURE, "nothing got through");
	printf("received packets=%u seconds=%.3f pps=%.0f\n", packets,
	       us / 1e6, packets * 1e6 / us);
	return 0;
}

static struct head open_session(char **args, int *fd)
{
	struct sockaddr_in to = address_of(args[0], args[1]);
	struct head head = {
		.magic = MAGIC,
		/* Never 0, which means no session. */
		.session = ((uint32_t)now_us() << 8 | getpid()) | 1,
		.size = number(args[2], MAX_SIZE),
		.us = number(args[3], 600000) * 1000,
	};

	if (head.size < sizeof(head))
		die(EXIT_FAILURE, "at least %zu bytes", sizeof(head));
	*fd = open_socket();
	if (connect(*fd, (struct sockaddr *)&to, sizeof(to)))
		die(EXIT_FAILURE, "connect: %s", strerror(errno));
	return head;
}

static int run_send(char **args)
{
	struct head result = { 0 }, head;
	int fd;

	head = open_session(args, &fd);
	send_data(fd, head, now_us() + head.us);
	send_end(fd, head, &result);
	return report(result.count, result.us);
}

static int run_fetch(char **args)
{
	struct count count = { 0 };
	struct sockaddr_in from;
	struct head want, got;
	int fd, tries = 0;

	want = open_session(args, &fd);
	want.kind = WANT;
	for (;;) {
		if (!count.packets)
			transmit(fd, &want, sizeof(want));
		if (!receive(fd, &got, &from, TRY_MS)) {
			if (tries++ == TRIES)
				die(EXIT_FAILURE, "silence");
			continue;
		}
		tries = 0;
		if (got.session == want.session &&
		    count_packet(fd, &count, &got, &from))
			break;
	}
	return report(count.packets, count.last_us - count.first_us);
}

static const struct command commands[] = {
	{ "serve", 1, run_serve, "PORT" },
	{ "send", 4, run_send, "HOST PORT SIZE MILLISECONDS" },
	{ "fetch", 4, run_fetch, "HOST PORT SIZE MILLISECONDS" },
	{ "ask", 3, run_ask, "HOST PORT COMMAND" },
	{ "counters", ANY, run_counters, "DEVICE|HOST:PORT:DEVICE..." },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

int main(int argc, char **argv)
{
	const struct command *command = command_of(commands, COMMANDS, argc,
						   argv);
	struct sched_param none = { 0 };

	sched_setscheduler(0, SCHED_BATCH, &none);
	return command ? command->run(argv + 2) : EXIT_NO_RUN;
}
