/* SPDX-License-Identifier: MIT */
/*
 * What every part of the host command shares: exit statuses, the one way to
 * give up, and allocation that gives up by itself. The command is an ordinary
 * single-threaded Linux program; nothing here is ever linked into the kernel.
 */
#ifndef TOOLS_JIFFY_H
#define TOOLS_JIFFY_H

#include <stddef.h>

/*
 * Exit statuses of the command's own. They sit where sysexits.h has its block,
 * clear of the small numbers that programs like to use and of the shell's
 * 124 to 127 and 128+n. `jiffy run --help` lists the same table.
 */
enum jiffy_status {
	STATUS_USAGE = 64,	 /* an option or argument that does not parse */
	STATUS_DAMAGED = 65,	 /* PROGRAM is a truncated or malformed ELF file */
	STATUS_MISSING = 66,	 /* a file that PROGRAM needs, or --add names, is not there */
	STATUS_WRONG_ARCH = 67,	 /* PROGRAM is for another processor */
	STATUS_OLD_QEMU = 68,	 /* this QEMU cannot do what was asked */
	STATUS_UNAVAILABLE = 69, /* QEMU, busybox or the kernel is not installed */
	STATUS_PANIC = 70,	 /* the guest's kernel panicked or reset the machine */
	STATUS_HOST = 71,	 /* the host refused memory, a file or a process */
	STATUS_QEMU = 72,	 /* QEMU ended for a reason of its own */
	STATUS_NO_STATUS = 73,	 /* the guest switched off before the program ended */
	STATUS_IO = 74,		 /* standard input or output failed */
	STATUS_NOT_PROGRAM = 75, /* PROGRAM is neither an ELF file nor a script */
	STATUS_TIMEOUT = 124,
	STATUS_NOT_EXEC = 126,
	STATUS_NOT_FOUND = 127,
	STATUS_SIGNAL = 128, /* plus the signal's number */
};

/*
 * die - print one line, `jiffy: MESSAGE`, on stderr and exit.
 * @status: what to exit with, one of enum jiffy_status.
 * @fmt: printf(3) format without the final newline.
 */
void die(int status, const char *fmt, ...) __attribute__((noreturn, format(printf, 2, 3)));

/* note - print `jiffy: MESSAGE` on stderr and go on. */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* malloc(3), calloc(3), realloc(3), strdup(3), asprintf(3): die with STATUS_HOST on no memory. */
void *xmalloc(size_t size) __attribute__((malloc));
void *xcalloc(size_t n, size_t size) __attribute__((malloc));
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s) __attribute__((malloc));
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Subcommands. Each gets its own argv, with argv[0] already the words
 * to show in messages (`jiffy run`), and returns the exit status.
 */
int cmd_run(int argc, char **argv);
int sim_main(int argc, char **argv); /* sim/main.c */

#endif
