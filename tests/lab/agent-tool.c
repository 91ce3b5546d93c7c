// SPDX-License-Identifier: GPL-2.0
/*
 * agent-tool: commands for a guest, over xenstore
 *
 * So a test can look into a guest whose network is broken. One program for
 * both ends: a shell at each that calls xenstore's own programs takes two
 * seconds a command under emulation.
 *
 *   data/agent    "ready"; the guest's
 *   data/request  "SEQ SECONDS COMMAND"; dom0's, SEQ only ever grows
 *   data/out/N    the output in pieces; the guest's
 *   data/answer   "SEQ STATUS PIECES", written last; the guest's
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xenstore.h>

#define TOOL	"agent-tool"
#include "tool.h"

/* A value that a guest writes may have 2048 bytes. */
#define PIECE_BYTES	2000
#define OUTPUT_BYTES	60000
#define OUTPUT		"/run/output"
/* A message to xenstored has 4096 bytes, its path among them. */
#define REQUEST_BYTES	4000
#define PATH_BYTES	128

/* What a guest may take to say so beyond its command's own bound. */
#define SLACK_S		10
#define LOOK_MS		2000

#define EXIT_NO_GUEST	97
#define EXIT_TIMEOUT	124

static struct xs_handle *xs;

__attribute__((format(printf, 1, 2)))
static char *read_node(const char *format, ...)
{
	char path[PATH_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	return xs_read(xs, XBT_NULL, path, NULL);
}

/* The guest's end */

/* Reaps the child; true if it ended within so many seconds. */
static bool ended(pid_t pid, double seconds, int *status)
{
	double end = now_seconds() + seconds;
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	while (waitpid(pid, status, WNOHANG) != pid) {
		double left = end - now_seconds();
		struct timespec bound = {
			.tv_sec = left, .tv_nsec = (left - (long)left) * 1e9,
		};

		if (left <= 0)
			return false;
		sigtimedwait(&child, NULL, &bound);
	}
	return true;
}

__attribute__((noreturn))
static void become(const char *command, int output)
{
	sigset_t none;

	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	execl("/bin/bash", "bash", "-c", command, NULL);
	_exit(127);
}

/* As timeout does it: first asked to end, a second later made to. */
static int run_command(const char *command, long seconds, int output)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return EXIT_NO_RUN;
	if (!pid)
		become(command, output);
	if (ended(pid, seconds, &status))
		return WIFEXITED(status) ? WEXITSTATUS(status) :
					   128 + WTERMSIG(status);
	kill(-pid, SIGTERM);
	if (!ended(pid, 1, &status)) {
		kill(-pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	return EXIT_TIMEOUT;
}

/* Returns how many pieces there are. */
static int send_output(int output)
{
	char piece[PIECE_BYTES], path[PATH_BYTES];
	int pieces = 0;

	while (pieces < OUTPUT_BYTES / PIECE_BYTES) {
		ssize_t length = pread(output, piece, sizeof(piece),
				       (off_t)pieces * PIECE_BYTES);

		if (length <= 0)
			break;
		snprintf(path, sizeof(path), "data/out/%d", pieces);
		if (!xs_write(xs, XBT_NULL, path, piece, length))
			break;
		pieces++;
	}
	return pieces;
}

static void answer(unsigned long long seq, long seconds, const char *command)
{
	char text[PATH_BYTES];
	int output, status;

	/* What an earlier command left behind may still write to its own. */
	unlink(OUTPUT);
	output = open(OUTPUT, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	status = output < 0 ? EXIT_NO_RUN :
			      run_command(command, seconds, output);
	snprintf(text, sizeof(text), "%llu %d %d", seq, status,
		 send_output(output));
	close(output);
	xs_write(xs, XBT_NULL, "data/answer", text, strlen(text));
}

static int run_serve(char **args)
{
	unsigned long long last = 0;
	sigset_t child;

	(void)args;
	/* Before the library begins a thread of its own. */
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	if (!xs_watch(xs, "data/request", "request") ||
	    !xs_write(xs, XBT_NULL, "data/agent", "ready", 5))
		die(EXIT_NO_RUN, "xenstore: %s", strerror(errno));
	/* A watch fires once at once: no request from before it is missed. */
	for (;;) {
		unsigned long long seq;
		unsigned int count;
		char *request;
		long seconds;
		int at = 0;

		free(xs_read_watch(xs, &count));
		request = read_node("data/request");
		if (request && sscanf(request, "%llu %ld %n", &seq, &seconds,
				      &at) == 2 && at && seq > last) {
			last = seq;
			answer(seq, seconds, request + at);
		}
		free(request);
	}
}

/* dom0's end */

/* The domain of this name, or -1. */
static long domid_of(const char *name)
{
	unsigned int count = 0;
	char **domains = xs_directory(xs, XBT_NULL, "/local/domain", &count);
	long found = -1;

	for (unsigned int i = 0; domains && i < count && found < 0; i++) {
		char *its = read_node("/local/domain/%s/name", domains[i]);

		if (its && !strcmp(its, name))
			found = atol(domains[i]);
		free(its);
	}
	free(domains);
	return found;
}

static int run_domid(char **args)
{
	long domid = domid_of(args[0]);

	if (domid < 0)
		return 1;
	printf("%ld\n", domid);
	return 0;
}

static int run_ready(char **args)
{
	char *ready = read_node("/local/domain/%ld/data/agent",
				domid_of(args[0]));

	return !ready || strcmp(ready, "ready");
}

/* Dies when no answer comes in time, or the guest is gone. */
static void await(long domid, unsigned long long seq, double seconds,
		  int *status, int *pieces)
{
	double end = now_seconds() + seconds;
	struct pollfd fd = { .fd = xs_fileno(xs), .events = POLLIN };

	while (now_seconds() < end) {
		unsigned long long its;
		unsigned int count;
		char *text;

		if (poll(&fd, 1, LOOK_MS) > 0)
			free(xs_read_watch(xs, &count));
		text = read_node("/local/domain/%ld/data/answer", domid);
		if (text && sscanf(text, "%llu %d %d", &its, status,
				   pieces) == 3 && its == seq) {
			free(text);
			return;
		}
		free(text);
		text = read_node("/local/domain/%ld/data", domid);
		if (!text)
			die(EXIT_NO_GUEST, "the guest is gone");
		free(text);
	}
	die(EXIT_TIMEOUT, "no answer within %.0f s", seconds);
}

static void print_output(long domid, int pieces)
{
	char path[PATH_BYTES];

	for (int i = 0; i < pieces; i++) {
		unsigned int length;
		char *piece;

		snprintf(path, sizeof(path), "/local/domain/%ld/data/out/%d",
			 domid, i);
		piece = xs_read(xs, XBT_NULL, path, &length);
		if (!piece)
			die(EXIT_NO_GUEST, "the output is gone");
		fwrite(piece, 1, length, stdout);
		free(piece);
	}
}

static int run_run(char **args)
{
	long domid = domid_of(args[0]), seconds = atol(args[1]);
	char path[PATH_BYTES], request[REQUEST_BYTES];
	unsigned long long seq;
	struct timespec now;
	int length, status, pieces;

	if (domid < 0)
		die(EXIT_NO_GUEST, "no guest %s", args[0]);
	clock_gettime(CLOCK_REALTIME, &now);
	seq = now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
	length = snprintf(request, sizeof(request), "%llu %ld %s", seq,
			  seconds, args[2]);
	if (length >= REQUEST_BYTES)
		die(EXIT_NO_RUN, "the command is too long");
	snprintf(path, sizeof(path), "/local/domain/%ld/data/answer", domid);
	if (!xs_watch(xs, path, "answer"))
		die(EXIT_NO_RUN, "xenstore: %s", strerror(errno));
	snprintf(path, sizeof(path), "/local/domain/%ld/data/request", domid);
	if (!xs_write(xs, XBT_NULL, path, request, length))
		die(EXIT_NO_GUEST, "xenstore: %s", strerror(errno));
	await(domid, seq, seconds + SLACK_S, &status, &pieces);
	print_output(domid, pieces);
	return status;
}

static const struct command commands[] = {
	{ "serve", 0, run_serve, "" },
	{ "domid", 1, run_domid, "GUEST" },
	{ "ready", 1, run_ready, "GUEST" },
	{ "run", 3, run_run, "GUEST SECONDS COMMAND" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

int main(int argc, char **argv)
{
	const struct command *command = command_of(commands, COMMANDS, argc,
						   argv);

	if (!command)
		return EXIT_NO_RUN;
	xs = xs_open(0);
	if (!xs)
		die(EXIT_NO_RUN, "no xenstore: %s", strerror(errno));
	return command->run(argv + 2);
}
