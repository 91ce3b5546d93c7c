// SPDX-License-Identifier: GPL-2.0
/*
 * net-tool: traffic whose every byte is checked
 *
 * One static program for dom0, the guests and the far side of the wire.
 * The bytes of a stream, datagram or echo follow from a seed, so that the
 * receiver knows what must arrive without having been told.
 *
 * Exit status: 0 as it should be, 1 wrong or missing data, 2 misuse or no
 * connection.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define TOOL	"net-tool"
#include "tool.h"

#define CHUNK		(1U << 16)
#define MAX_PAYLOAD	65507
#define REPLY_TIMEOUT_MS	3000
#define CONNECT_TIMEOUT_MS	20000
#define BACKGROUND_NICE	10

#define EXIT_BAD_DATA	1

static uint64_t number(const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 0);

	if (*end || end == text)
		die(EXIT_NO_RUN, "not a number: %s", text);
	return value;
}

/* The stream: xorshift64, eight bytes at a time. */
struct stream {
	uint64_t state;
};

static void stream_init(struct stream *stream, uint64_t seed)
{
	/* xorshift stays at zero for ever, so keep the state off zero. */
	stream->state = seed * 0x9e3779b97f4a7c15ULL | 1;
}

/* bytes need not be a multiple of 8, but only at a stream's end. */
static void stream_fill(struct stream *stream, uint8_t *to, size_t bytes)
{
	uint64_t state = stream->state;

	for (size_t at = 0; at < bytes; at += 8) {
		size_t left = bytes - at;

		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		memcpy(to + at, &state, left < 8 ? left : 8);
	}
	stream->state = state;
}

/* Addresses and sockets */

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	socklen_t length;
};

static struct address address_of(const char *host, const char *port)
{
	in_port_t be_port = htons(number(port));
	struct address to = { .length = sizeof(to.v6) };

	if (inet_pton(AF_INET6, host, &to.v6.sin6_addr) == 1) {
		to.v6.sin6_family = AF_INET6;
		to.v6.sin6_port = be_port;
		return to;
	}
	if (inet_pton(AF_INET, host, &to.v4.sin_addr) != 1)
		die(EXIT_NO_RUN, "not an address: %s", host);
	to.v4.sin_family = AF_INET;
	to.v4.sin_port = be_port;
	to.length = sizeof(to.v4);
	return to;
}

static int listen_any(const char *port, int type)
{
	struct sockaddr_in6 any = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(number(port)),
	};
	int fd = socket(AF_INET6, type, 0), off = 0, on = 1;

	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)))
		die(EXIT_NO_RUN, "bind to port %s: %s", port, strerror(errno));
	if (type == SOCK_STREAM && listen(fd, 8))
		die(EXIT_NO_RUN, "listen: %s", strerror(errno));
	return fd;
}

/* The listener may be a moment late: try until the bound. */
static int connect_to(const char *host, const char *port, int type)
{
	struct address to = address_of(host, port);
	double end = now_seconds() + CONNECT_TIMEOUT_MS / 1e3;

	for (;;) {
		int fd = socket(to.any.sa_family, type, 0);

		if (!connect(fd, &to.any, to.length))
			return fd;
		if (now_seconds() > end)
			die(EXIT_NO_RUN, "connect to %s %s: %s", host, port,
			    strerror(errno));
		close(fd);
		usleep(50000);
	}
}

/* TCP: the sender says in front how much will come and from which seed; the
 * receiver checks it as it comes and answers with a line.
 */

#define ENDLESS	UINT64_MAX

struct announce {
	uint64_t bytes;
	uint64_t seed;
};

static bool write_all(int fd, const void *from, size_t bytes)
{
	const uint8_t *at = from;

	while (bytes) {
		ssize_t done = write(fd, at, bytes);

		if (done <= 0)
			return false;
		at += done;
		bytes -= done;
	}
	return true;
}

static bool read_all(int fd, void *to, size_t bytes)
{
	uint8_t *at = to;

	while (bytes) {
		ssize_t done = read(fd, at, bytes);

		if (done <= 0)
			return false;
		at += done;
		bytes -= done;
	}
	return true;
}

static size_t chunk_at(uint64_t at, uint64_t bytes)
{
	return bytes - at < CHUNK ? bytes - at : CHUNK;
}

static bool tcp_send_stream(int fd, uint64_t bytes, uint64_t seed)
{
	struct announce announce = { .bytes = bytes, .seed = seed };
	static uint8_t chunk[CHUNK];
	struct stream stream;

	stream_init(&stream, seed);
	if (!write_all(fd, &announce, sizeof(announce)))
		return false;
	for (uint64_t at = 0; at < bytes; at += CHUNK) {
		stream_fill(&stream, chunk, chunk_at(at, bytes));
		if (!write_all(fd, chunk, chunk_at(at, bytes)))
			return false;
	}
	return true;
}

/* The line that tells the sender, of at most this many bytes. */
#define VERDICT_BYTES	64

static void tcp_receive_stream(int fd, char *verdict)
{
	static uint8_t chunk[CHUNK], expected[CHUNK];
	struct announce announce;
	struct stream stream;

	if (!read_all(fd, &announce, sizeof(announce))) {
		strcpy(verdict, "no announcement");
		return;
	}
	stream_init(&stream, announce.seed);
	for (uint64_t at = 0; at < announce.bytes; at += CHUNK) {
		size_t n = chunk_at(at, announce.bytes);

		if (!read_all(fd, chunk, n)) {
			sprintf(verdict, "cut short near %llu",
				(unsigned long long)at);
			return;
		}
		stream_fill(&stream, expected, n);
		if (memcmp(chunk, expected, n)) {
			sprintf(verdict, "wrong bytes near %llu",
				(unsigned long long)at);
			return;
		}
	}
	strcpy(verdict, "ok");
}

/* Serves any number of connections, each in a process of its own. */
__attribute__((noreturn))
static int run_tcp_sink(char **args)
{
	int listener = listen_any(args[0], SOCK_STREAM);
	char verdict[VERDICT_BYTES];

	/* On a loaded machine the test itself comes first. */
	nice(BACKGROUND_NICE);
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0 || fork()) {
			close(fd);
			continue;
		}
		tcp_receive_stream(fd, verdict);
		if (strcmp(verdict, "ok"))
			fprintf(stderr, "net-tool: %s\n", verdict);
		write_all(fd, verdict, strlen(verdict));
		exit(0);
	}
}

static int run_tcp_send(char **args)
{
	int fd = connect_to(args[0], args[1], SOCK_STREAM);
	char verdict[VERDICT_BYTES] = "";
	uint64_t bytes = number(args[2]);
	double start = now_seconds(), seconds;

	if (!tcp_send_stream(fd, bytes, number(args[3])))
		die(EXIT_BAD_DATA, "send: %s", strerror(errno));
	if (read(fd, verdict, VERDICT_BYTES - 1) <= 0 || strcmp(verdict, "ok"))
		die(EXIT_BAD_DATA, "the receiver says: \"%s\"", verdict);
	seconds = now_seconds() - start;
	printf("sent bytes=%llu seconds=%.3f mbit=%.1f\n",
	       (unsigned long long)bytes, seconds, bytes * 8 / 1e6 / seconds);
	return 0;
}

/* Sends until killed, and starts over whenever the connection breaks; wrong
 * bytes still end it.
 */
__attribute__((noreturn))
static int run_tcp_flood(char **args)
{
	struct address to = address_of(args[0], args[1]);
	struct timeval bound = { .tv_sec = 2 };
	unsigned int rate = number(args[2]);

	nice(BACKGROUND_NICE);
	for (uint64_t seed = 1;; seed++) {
		int fd = socket(to.any.sa_family, SOCK_STREAM, 0);
		char verdict[VERDICT_BYTES] = "";

		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof(bound));
		if (rate)
			setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate,
				   sizeof(rate));
		if (!connect(fd, &to.any, to.length))
			tcp_send_stream(fd, ENDLESS, seed);
		if (recv(fd, verdict, VERDICT_BYTES - 1, MSG_DONTWAIT) > 0 &&
		    !strncmp(verdict, "wrong", 5))
			die(EXIT_BAD_DATA, "the receiver says: %s", verdict);
		close(fd);
		usleep(50000);
	}
}

/* Echo of every size */

struct echo {
	int fd;
	int header;		/* bytes before the payload in what we send */
	int skip;		/* bytes before that in what we receive */
	uint8_t reply_type;
	uint16_t id;
};

static void echo_open_icmp(struct echo *echo, const char *host)
{
	struct address to = address_of(host, "0");
	bool v6 = to.any.sa_family == AF_INET6;

	echo->fd = socket(to.any.sa_family, SOCK_RAW,
			  v6 ? (int)IPPROTO_ICMPV6 : (int)IPPROTO_ICMP);
	if (echo->fd < 0 || connect(echo->fd, &to.any, to.length))
		die(EXIT_NO_RUN, "raw socket to %s: %s", host,
		    strerror(errno));
	echo->header = sizeof(struct icmphdr);
	echo->skip = v6 ? 0 : 20;
	echo->reply_type = v6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY;
	echo->id = getpid();
}

static uint16_t internet_checksum(const uint8_t *data, size_t bytes)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < bytes; i += 2)
		sum += data[i] << 8 | data[i + 1];
	if (bytes & 1)
		sum += data[bytes - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* The payload's seed holds its size, so that a reply to another size, or a
 * frame cut and padded, is not taken for this one.
 */
static void echo_payload(uint8_t *to, size_t size)
{
	struct stream stream;

	stream_init(&stream, size + 1);
	stream_fill(&stream, to, size);
}

static size_t echo_request(const struct echo *echo, uint8_t *packet,
			   size_t size)
{
	struct icmphdr *icmp = (void *)packet;

	echo_payload(packet + echo->header, size);
	if (!echo->header)
		return size;
	memset(icmp, 0, sizeof(*icmp));
	/* The same layout in v4 and v6; the kernel fills v6's checksum. */
	icmp->type = echo->skip ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
	icmp->un.echo.id = htons(echo->id);
	icmp->un.echo.sequence = htons(size);
	icmp->checksum = htons(internet_checksum(packet, size + echo->header));
	return size + echo->header;
}

/* 1: the reply to this request, 0: somebody else's packet. */
static int echo_is_reply(const struct echo *echo, const uint8_t *got,
			 ssize_t bytes, size_t size)
{
	const struct icmphdr *icmp = (const void *)(got + echo->skip);

	if (!echo->header)
		return 1;
	if (bytes < echo->skip + echo->header)
		return 0;
	return icmp->type == echo->reply_type &&
	       icmp->un.echo.id == htons(echo->id) &&
	       icmp->un.echo.sequence == htons(size);
}

static void echo_check(const struct echo *echo, const uint8_t *got,
		       ssize_t bytes, size_t size)
{
	static uint8_t expected[MAX_PAYLOAD];
	ssize_t payload = bytes - echo->skip - echo->header;

	echo_payload(expected, size);
	if (payload != (ssize_t)size)
		die(EXIT_BAD_DATA, "payload %zu came back with %zd bytes",
		    size, payload);
	if (memcmp(got + echo->skip + echo->header, expected, size))
		die(EXIT_BAD_DATA, "payload %zu came back changed", size);
}

static void echo_one(const struct echo *echo, size_t size)
{
	static uint8_t packet[MAX_PAYLOAD + 64], got[MAX_PAYLOAD + 128];
	double end = now_seconds() + REPLY_TIMEOUT_MS / 1e3;
	size_t bytes = echo_request(echo, packet, size);

	if (send(echo->fd, packet, bytes, 0) != (ssize_t)bytes)
		die(EXIT_BAD_DATA, "payload %zu: send: %s", size,
		    strerror(errno));
	for (;;) {
		struct pollfd wait = { .fd = echo->fd, .events = POLLIN };
		int left_ms = (end - now_seconds()) * 1e3;
		ssize_t have;

		if (left_ms <= 0 || poll(&wait, 1, left_ms) <= 0)
			die(EXIT_BAD_DATA, "payload %zu: no reply", size);
		have = recv(echo->fd, got, sizeof(got), 0);
		if (have < 0)
			die(EXIT_BAD_DATA, "payload %zu: %s", size,
			    strerror(errno));
		if (!echo_is_reply(echo, got, have, size))
			continue;
		echo_check(echo, got, have, size);
		return;
	}
}

static int echo_range(const struct echo *echo, char **range)
{
	size_t lo = number(range[0]), hi = number(range[1]);
	size_t step = number(range[2]), count = 0;

	if (hi > MAX_PAYLOAD || !step)
		die(EXIT_NO_RUN, "sizes up to %d, a step of at least 1",
		    MAX_PAYLOAD);
	for (size_t size = lo; size <= hi; size += step, count++)
		echo_one(echo, size);
	printf("echoed sizes=%zu\n", count);
	return 0;
}

static int run_ping(char **args)
{
	struct echo echo;

	echo_open_icmp(&echo, args[0]);
	return echo_range(&echo, args + 1);
}

static int run_udp_ping(char **args)
{
	struct echo echo = {
		.fd = connect_to(args[0], args[1], SOCK_DGRAM),
	};

	return echo_range(&echo, args + 2);
}

__attribute__((noreturn))
static int run_udp_echo(char **args)
{
	int fd = listen_any(args[0], SOCK_DGRAM);
	static uint8_t got[MAX_PAYLOAD];
	struct sockaddr_in6 from;

	for (;;) {
		socklen_t length = sizeof(from);
		ssize_t bytes = recvfrom(fd, got, sizeof(got), 0,
					 (struct sockaddr *)&from, &length);

		if (bytes >= 0)
			sendto(fd, got, bytes, 0, (struct sockaddr *)&from,
			       length);
	}
}

/* Packets per second */

static int run_udp_flood(char **args)
{
	int fd = connect_to(args[0], args[1], SOCK_DGRAM);
	size_t size = number(args[2]);
	double start = now_seconds();
	double end = start + number(args[3]);
	static uint8_t payload[MAX_PAYLOAD];
	uint64_t sent = 0, refused = 0;

	if (size > MAX_PAYLOAD)
		die(EXIT_NO_RUN, "at most %d bytes", MAX_PAYLOAD);
	while (now_seconds() < end) {
		/* A look at the clock per packet would be half the work. */
		for (int i = 0; i < 64; i++) {
			if (send(fd, payload, size, 0) == (ssize_t)size)
				sent++;
			else
				refused++;
		}
	}
	printf("sent packets=%llu refused=%llu seconds=%.3f\n",
	       (unsigned long long)sent, (unsigned long long)refused,
	       now_seconds() - start);
	return 0;
}

/* Counts from the first packet to the last, for at most the given seconds;
 * ends early once a second passes without one.
 */
static int run_udp_count(char **args)
{
	int fd = listen_any(args[0], SOCK_DGRAM), big = 4 << 20;
	double end = now_seconds() + number(args[1]);
	double first = 0, last = 0;
	static uint8_t got[2048];
	uint64_t packets = 0;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big));
	while (now_seconds() < end) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };

		if (poll(&wait, 1, 1000) <= 0) {
			if (packets)
				break;
			continue;
		}
		if (!packets)
			first = now_seconds();
		while (recv(fd, got, sizeof(got), MSG_DONTWAIT) >= 0)
			packets++;
		last = now_seconds();
	}
	printf("received packets=%llu seconds=%.3f pps=%.0f\n",
	       (unsigned long long)packets, last - first,
	       last > first ? packets / (last - first) : 0);
	return packets ? 0 : EXIT_BAD_DATA;
}

#define ALL_PROTOCOLS	0x0003

/* Reads whatever passes an interface, until killed: for as long as that takes,
 * packets are not only those' whom they are for.
 */
static int run_tap(char **args)
{
	static uint8_t packet[2 * CHUNK];
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ALL_PROTOCOLS),
		.sll_ifindex = if_nametoindex(args[0]),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (!at.sll_ifindex || bind(fd, (struct sockaddr *)&at, sizeof(at)))
		die(EXIT_NO_RUN, "no tap on %s: %s", args[0], strerror(errno));
	while (recv(fd, packet, sizeof(packet), 0) >= 0)
		;
	die(EXIT_NO_RUN, "%s: %s", args[0], strerror(errno));
}

static const struct command commands[] = {
	{ "tcp-sink", 1, run_tcp_sink, "PORT" },
	{ "tcp-send", 4, run_tcp_send, "HOST PORT BYTES SEED" },
	{ "tcp-flood", 3, run_tcp_flood, "HOST PORT BYTES_PER_SECOND" },
	{ "ping", 4, run_ping, "HOST LO HI STEP" },
	{ "udp-ping", 5, run_udp_ping, "HOST PORT LO HI STEP" },
	{ "udp-echo", 1, run_udp_echo, "PORT" },
	{ "udp-flood", 4, run_udp_flood, "HOST PORT SIZE SECONDS" },
	{ "tap", 1, run_tap, "INTERFACE" },
	{ "udp-count", 2, run_udp_count, "PORT SECONDS" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

int main(int argc, char **argv)
{
	const struct command *command = command_of(commands, COMMANDS, argc,
						   argv);

	/* A broken connection shows at the write, with its reason. */
	signal(SIGPIPE, SIG_IGN);
	return command ? command->run(argv + 2) : EXIT_NO_RUN;
}
