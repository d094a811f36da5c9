/* SPDX-License-Identifier: MIT */
/*
 * The `jiffy` command: finds the subcommand and hands it its arguments.
 * Each subcommand lives in a file of its own and parses its own options.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "jiffy.h"

static const struct command {
	const char *name;
	const char *title;   /* argv[0] for the subcommand's own messages */
	const char *summary; /* one line for --help */
	int (*main)(int argc, char **argv);
} commands[] = {
    {"run", "jiffy run", "run a program, or a shell, inside jiffy", cmd_run},
    {"sim", "jiffy sim", "run a workload under the scheduler on a simulated machine", sim_main},
};

#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_help(FILE *to)
{
	fputs("Usage: jiffy COMMAND [OPTION...] [ARG...]\n\nCommands:\n", to);
	for (size_t i = 0; i < NR_COMMANDS; i++)
		fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].summary);
	fputs("\n`jiffy COMMAND --help` tells a command's options and exit statuses.\n", to);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return STATUS_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-?") || !strcmp(argv[1], "help")) {
		print_help(stdout);
		return 0;
	}
	for (size_t i = 0; i < NR_COMMANDS; i++) {
		if (strcmp(argv[1], commands[i].name))
			continue;
		argv[1] = (char *)commands[i].title;
		return commands[i].main(argc - 1, argv + 1);
	}
	die(STATUS_USAGE, "no command `%s'; `jiffy --help' lists them", argv[1]);
}
