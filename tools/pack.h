/* SPDX-License-Identifier: MIT */
/*
 * What goes into the guest: its init, busybox, the few files of /etc that the
 * C library reads, the program with all it needs, what --add names, and the
 * specification that tells init what to do with it.
 */
#ifndef TOOLS_PACK_H
#define TOOLS_PACK_H

#include <stddef.h>
#include <sys/ioctl.h>

struct pack_request {
	char **argv; /* the program and its arguments; argv[0] NULL for a shell */
	char **add;  /* HOSTPATH[:GUESTPATH], in order */
	size_t nr_add;
	const char *init;      /* our init, a host path */
	const char *trace;     /* the events to record, as set_event takes them, or NULL */
	char fd_kind[3];       /* enum spec_fd of the three standard descriptors */
	struct winsize window; /* all zero where there is no terminal */
};

/*
 * pack - build the initial file system that @rq asks for.
 * Return a descriptor, closed on exec, of a file in memory that holds the archive. *@path is
 * set to a name by which a child that inherits the descriptor opens it. Does not return when
 * the program cannot be packed: see closure.h.
 */
int pack(const struct pack_request *rq, char **path);

#endif
