/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the lab's programs have in common: each is one file with a table of
 * commands, which says TOOL, its own name, before it includes this.
 */
#ifndef SPLITNET_TOOL_H
#define SPLITNET_TOOL_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Misuse, or nobody to talk to. */
#define EXIT_NO_RUN	2
/* Of a command that takes any number of arguments. */
#define ANY		-1

struct command {
	const char *name;
	int nargs;
	int (*run)(char **args);
	const char *usage;
};

__attribute__((noreturn, format(printf, 2, 3)))
static inline void die(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs(TOOL ": ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(status);
}

static inline double now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* The command that a program was called with, or NULL after its usage. */
static inline const struct command *
command_of(const struct command *commands, size_t count, int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < count; i++)
		if (!strcmp(argv[1], commands[i].name) &&
		    (commands[i].nargs == ANY || argc - 2 == commands[i].nargs))
			return &commands[i];
	for (size_t i = 0; i < count; i++)
		fprintf(stderr, TOOL " %s %s\n", commands[i].name,
			commands[i].usage);
	return NULL;
}

#endif /* SPLITNET_TOOL_H */
