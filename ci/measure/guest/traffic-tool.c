// SPDX-License-Identifier: GPL-2.0
/*
 * traffic-tool: a fixed amount of traffic with markers round it
 *
 *   traffic-tool serve PORT          the far end, until killed
 *   traffic-tool run WINDOW CACHE HOST PORT KIND DIRECTION SIZE WARM COUNT
 *
 * WINDOW is the number that the markers carry. CACHE is off, private or
 * shared. DIRECTION is seen from here: tx sends, rx fetches. KIND:
 *
 *   tcp    WARM bytes and then COUNT bytes of one stream, with at most SIZE
 *          bytes of it in a packet (0: what fits), written 64 KiB at a time
 *   udp    WARM and then COUNT datagrams of SIZE bytes, paced by credits: no
 *          more than a window of them is under way. SIZE/N: bursts, that is
 *          a window of N, acknowledged as one. SIZE@N: one each 1/N second
 *   flood  the same without credits; what the receiver cannot take is lost
 *   rr     WARM and then COUNT requests of SIZE bytes, each answered by as
 *          many before the next
 *
 * The warm-up and the window are the same transfer twice on one connection.
 * The result is a line "packets=N bytes=N seconds=S sent=N"; packets and
 * bytes are those that arrived.
 *
 * Both ends are batch jobs to the scheduler. Otherwise, where they share a
 * CPU, each datagram wakes its receiver at the cost of the sender.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "mark.h"

#define CHUNK		(1U << 16)
#define MAX_DATAGRAM	1472
/* What of a segment's limit the timestamps take. */
#define TCP_OPTIONS	12
#define TCP_PAYLOAD	1448
#define STREAM_BUFFER	(8 << 20)
#define STREAM_WINDOW	(512 << 10)
/* Fits half of every ring and queue on the way. */
#define WINDOW		128
#define ACK_EVERY	32
#define MOST_CREDITS	4096
#define MOST_RATE	1000000
/* Longer than any acknowledgement takes; then the window counts as lost. */
#define STALL_MS	40
/* After the sender's last word, what is still under way has got this long. */
#define LATE_MS		20

enum kind { TCP, UDP, FLOOD, RR };
enum direction { TX, RX };

/* What one end asks of the other; both are of one byte order. */
struct request {
	uint32_t kind;
	uint32_t direction;
	uint32_t size;
	uint32_t udp_port;	/* the client's */
	uint32_t credits;	/* datagrams under way at most, */
	uint32_t ack_every;	/* acknowledged by so many at once */
	uint32_t rate;		/* datagrams per second at most, or 0 */
	uint64_t warm;
	uint64_t count;
};

struct session {
	struct request request;
	bool sender;
	int control;		/* TCP */
	int data;		/* UDP, or -1 */
};

/* What a transfer came to. */
struct result {
	uint64_t sent;
	uint64_t received;
};

__attribute__((noreturn, format(printf, 1, 2)))
static void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("traffic-tool: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static double now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void write_all(int fd, const void *from, size_t bytes)
{
	const uint8_t *at = from;

	while (bytes) {
		ssize_t done = write(fd, at, bytes);

		if (done <= 0)
			die("write: %s", strerror(errno));
		at += done;
		bytes -= done;
	}
}

static void read_all(int fd, void *to, size_t bytes)
{
	uint8_t *at = to;

	while (bytes) {
		ssize_t done = read(fd, at, bytes);

		if (done <= 0)
			die("read: %s", done ? strerror(errno) : "closed");
		at += done;
		bytes -= done;
	}
}

/* TCP */

static uint8_t chunk[CHUNK];

static size_t piece(uint64_t left)
{
	return left < CHUNK ? left : CHUNK;
}

static void stream_send(int fd, uint64_t bytes)
{
	for (; bytes; bytes -= piece(bytes))
		write_all(fd, chunk, piece(bytes));
}

static void stream_receive(int fd, uint64_t bytes)
{
	while (bytes) {
		ssize_t got = read(fd, chunk, piece(bytes));

		if (got <= 0)
			die("read: %s", got ? strerror(errno) : "closed");
		bytes -= got;
	}
}

static void tcp_transfer(const struct session *session, uint64_t bytes,
			 struct result *result)
{
	if (session->sender)
		stream_send(session->control, bytes);
	else
		stream_receive(session->control, bytes);
	result->sent = bytes;
	result->received = bytes;
}

static void rr_transfer(const struct session *session, uint64_t count,
			struct result *result)
{
	for (uint64_t i = 0; i < count; i++) {
		if (session->sender)
			write_all(session->control, chunk,
				  session->request.size);
		read_all(session->control, chunk, session->request.size);
		if (!session->sender)
			write_all(session->control, chunk,
				  session->request.size);
	}
	result->sent = count;
	result->received = count;
}

/* UDP: datagrams one way, acknowledgements the other, both with a count in
 * front. The control connection says how many were sent, and at the end how
 * many came.
 */

static bool ack_receive(int fd, uint32_t *acked, int wait_ms)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	uint32_t got;

	for (;;) {
		ssize_t bytes = recv(fd, &got, sizeof(got), MSG_DONTWAIT);

		if (bytes == sizeof(got)) {
			/* One of the warm-up's may be late. */
			if ((int32_t)(got - *acked) <= 0)
				continue;
			*acked = got;
			return true;
		}
		if (bytes < 0 && poll(&wait, 1, wait_ms) <= 0)
			return false;
	}
}

/* Wait for a datagram's turn; one that is late goes at once. */
static void rate_wait(double start, uint64_t number, uint32_t rate)
{
	double due = start + (double)number / rate;
	struct timespec until = {
		.tv_sec = due,
		.tv_nsec = (due - (time_t)due) * 1e9,
	};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static void udp_send(const struct session *session, uint64_t count,
		     struct result *result)
{
	const struct request *request = &session->request;
	bool paced = request->kind == UDP;
	static uint32_t sent, acked;
	uint32_t end = sent + count;
	double start = now_seconds();
	uint64_t number = count;

	acked = sent;
	while (sent != end) {
		if (request->rate)
			rate_wait(start, count - (end - sent), request->rate);
		if (paced && sent - acked >= request->credits &&
		    !ack_receive(session->data, &acked, STALL_MS))
			acked = sent;
		memcpy(chunk, &sent, sizeof(sent));
		/* A full queue blocks; an unreachable peer shows as silence. */
		send(session->data, chunk, request->size, 0);
		sent++;
	}
	write_all(session->control, &number, sizeof(number));
	read_all(session->control, &result->received,
		 sizeof(result->received));
	result->sent = count;
}

/* Takes what is there; false when nothing more is. */
static bool udp_take(const struct session *session, uint64_t *received)
{
	static uint32_t total;
	bool paced = session->request.kind == UDP;
	uint32_t number;
	ssize_t bytes;

	bytes = recv(session->data, chunk, sizeof(chunk), MSG_DONTWAIT);
	if (bytes < 0)
		return false;
	if (bytes != session->request.size)
		return true;
	++*received;
	memcpy(&number, chunk, sizeof(number));
	number++;
	if (paced && ++total % session->request.ack_every == 0)
		send(session->data, &number, sizeof(number), 0);
	return true;
}

static void udp_receive(const struct session *session, uint64_t count,
			struct result *result)
{
	struct pollfd wait[] = {
		{ .fd = session->data, .events = POLLIN },
		{ .fd = session->control, .events = POLLIN },
	};
	int which = 2, wait_ms = -1;

	result->received = 0;
	while (result->received < count) {
		if (udp_take(session, &result->received))
			continue;
		if (poll(wait, which, wait_ms) <= 0)
			break;
		if (which == 2 && wait[1].revents) {
			/* All were sent. */
			which = 1;
			wait_ms = LATE_MS;
		}
	}
	read_all(session->control, &result->sent, sizeof(result->sent));
	write_all(session->control, &result->received,
		  sizeof(result->received));
}

static void udp_transfer(const struct session *session, uint64_t count,
			 struct result *result)
{
	if (session->sender)
		udp_send(session, count, result);
	else
		udp_receive(session, count, result);
}

/* One transfer, begun by the client's word and ended by the server's. */
static void transfer(const struct session *session, bool client,
		     uint64_t count, struct result *result)
{
	char word = 'g';

	if (client)
		write_all(session->control, &word, 1);
	else
		read_all(session->control, &word, 1);
	switch (session->request.kind) {
	case TCP:
		tcp_transfer(session, count, result);
		break;
	case RR:
		rr_transfer(session, count, result);
		break;
	default:
		udp_transfer(session, count, result);
	}
	if (client)
		read_all(session->control, &word, 1);
	else
		write_all(session->control, &word, 1);
}

/* Sockets */

static uint64_t number(const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 0);

	if (*end || end == text)
		die("not a number: %s", text);
	return value;
}

static unsigned int one_of(const char *text, const char *const *names,
			   unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (!strcmp(text, names[i]))
			return i;
	die("what is %s?", text);
}

static int udp_open(struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), big = 4 << 20;
	socklen_t length = sizeof(*address);

	memset(address, 0, sizeof(*address));
	address->sin_family = AF_INET;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big));
	if (fd < 0 || bind(fd, (struct sockaddr *)address, length) ||
	    getsockname(fd, (struct sockaddr *)address, &length))
		die("datagram socket: %s", strerror(errno));
	return fd;
}

/* To the control connection's peer, at this port. */
static void udp_connect(const struct session *session, uint32_t port)
{
	struct sockaddr_in peer;
	socklen_t length = sizeof(peer);

	if (getpeername(session->control, (struct sockaddr *)&peer, &length))
		die("getpeername: %s", strerror(errno));
	peer.sin_port = htons(port);
	if (connect(session->data, (struct sockaddr *)&peer, sizeof(peer)))
		die("connect: %s", strerror(errno));
}

/* Linux acknowledges every second segment, unless its reader is so far behind
 * that it would have to offer a smaller window; then it waits for the reader,
 * and how often that happens is a matter of luck. A buffer much larger than the
 * window leaves nothing to luck.
 */
static void stream_window(int fd)
{
	int buffer = STREAM_BUFFER, window = STREAM_WINDOW;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer,
		       sizeof(buffer)) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, &window,
		       sizeof(window)))
		die("a receive window: %s", strerror(errno));
}

static void stream_setup(int fd, const struct request *request)
{
	int on = 1, size = request->size + TCP_OPTIONS;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (request->kind == TCP)
		stream_window(fd);
	if (request->kind == TCP && request->size &&
	    setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &size, sizeof(size)))
		die("segments of %d bytes: %s", size, strerror(errno));
}

/* The client */

static void check_request(const struct request *request)
{
	bool datagrams = request->kind == UDP || request->kind == FLOOD;

	if (request->kind > RR || request->direction > RX ||
	    (datagrams && request->size < 8) ||
	    (datagrams && request->size > MAX_DATAGRAM) ||
	    !request->ack_every || request->ack_every > request->credits ||
	    request->credits > MOST_CREDITS || request->rate > MOST_RATE ||
	    (request->kind == RR && !request->size) || request->size > CHUNK)
		die("no such traffic");
}

static void session_open(struct session *session, char *host, char *port)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(number(port)),
	}, mine;
	struct request *request = &session->request;
	uint32_t udp_port;

	if (inet_pton(AF_INET, host, &to.sin_addr) != 1)
		die("not an address: %s", host);
	session->sender = request->direction == TX;
	session->control = socket(AF_INET, SOCK_STREAM, 0);
	stream_setup(session->control, request);
	if (connect(session->control, (struct sockaddr *)&to, sizeof(to)))
		die("%s: %s", host, strerror(errno));
	session->data = udp_open(&mine);
	request->udp_port = ntohs(mine.sin_port);
	write_all(session->control, request, sizeof(*request));
	read_all(session->control, &udp_port, sizeof(udp_port));
	udp_connect(session, udp_port);
}

static void report(const struct request *request, const struct result *result,
		   double seconds)
{
	uint64_t packets = result->received, bytes = packets * request->size;

	if (request->kind == TCP) {
		uint64_t payload = request->size ? request->size : TCP_PAYLOAD;

		bytes = result->received;
		packets = (bytes + payload - 1) / payload;
	}
	printf("packets=%llu bytes=%llu seconds=%.4f sent=%llu\n",
	       (unsigned long long)packets, (unsigned long long)bytes,
	       seconds, (unsigned long long)result->sent);
}

/* SIZE, SIZE/CREDITS or SIZE@RATE */
static void parse_size(char *text, struct request *request)
{
	char *more = strpbrk(text, "/@");
	uint32_t value = 0;

	if (more) {
		value = number(more + 1);
		if (*more == '@')
			request->rate = value;
		else
			request->credits = request->ack_every = value;
		*more = 0;
	}
	request->size = number(text);
}

static int run_client(char **args)
{
	static const char *const caches[] = { "off", "private", "shared" };
	static const char *const kinds[] = { "tcp", "udp", "flood", "rr" };
	static const char *const directions[] = { "tx", "rx" };
	uint8_t window = number(args[0]);
	struct session session = {
		.request = {
			.kind = one_of(args[4], kinds, 4),
			.direction = one_of(args[5], directions, 2),
			.credits = WINDOW,
			.ack_every = ACK_EVERY,
			.warm = number(args[7]),
			.count = number(args[8]),
		},
	};
	struct result result = { 0 };
	double start;

	parse_size(args[6], &session.request);
	check_request(&session.request);
	mark_prepare(MARKER_START, window);
	mark_prepare(MARKER_END, window);
	session_open(&session, args[2], args[3]);
	mark(MARKER_CACHE, one_of(args[1], caches, 3));
	mark(MARKER_WARM, 0);
	transfer(&session, true, session.request.warm, &result);
	start = now_seconds();
	mark(MARKER_START, window);
	transfer(&session, true, session.request.count, &result);
	mark(MARKER_END, window);
	report(&session.request, &result, now_seconds() - start);
	return 0;
}

/* The server */

__attribute__((noreturn))
static void serve_one(int fd)
{
	struct session session = { .control = fd };
	struct request *request = &session.request;
	struct sockaddr_in mine;
	struct result result;
	uint32_t port;

	read_all(fd, request, sizeof(*request));
	check_request(request);
	session.sender = request->direction == RX;
	stream_setup(fd, request);
	session.data = udp_open(&mine);
	udp_connect(&session, request->udp_port);
	port = ntohs(mine.sin_port);
	write_all(fd, &port, sizeof(port));
	transfer(&session, false, request->warm, &result);
	transfer(&session, false, request->count, &result);
	exit(0);
}

__attribute__((noreturn))
static int run_serve(char **args)
{
	struct sockaddr_in any = {
		.sin_family = AF_INET,
		.sin_port = htons(number(args[0])),
	};
	int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener, (struct sockaddr *)&any, sizeof(any)) ||
	    listen(listener, 8))
		die("port %s: %s", args[0], strerror(errno));
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			continue;
		if (!fork()) {
			close(listener);
			serve_one(fd);
		}
		close(fd);
	}
}

int main(int argc, char **argv)
{
	struct sched_param none = { 0 };

	signal(SIGPIPE, SIG_IGN);
	sched_setscheduler(0, SCHED_BATCH, &none);
	if (argc == 3 && !strcmp(argv[1], "serve"))
		return run_serve(argv + 2);
	if (argc == 11 && !strcmp(argv[1], "run"))
		return run_client(argv + 2);
	fputs("traffic-tool serve PORT\n"
	      "traffic-tool run WINDOW off|private|shared HOST PORT\n"
	      "\ttcp|udp|flood|rr tx|rx SIZE WARM COUNT\n", stderr);
	return 2;
}
