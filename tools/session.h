/* SPDX-License-Identifier: MIT */
/*
 * One run of the machine, from its start to its end: carries bytes between the
 * guest's two serial ports and our descriptors, watches signals and the clock,
 * and decides what the run's exit status is.
 */
#ifndef TOOLS_SESSION_H
#define TOOLS_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "qemu.h"

struct session_config {
	char fd_kind[3];     /* enum spec_fd of the three standard descriptors */
	bool shell;	     /* nothing but a shell was asked for: switching off is no error */
	bool console_out;    /* without a terminal, the guest's console is our standard output */
	bool verbose;	     /* show the kernel's log as it comes */
	uint64_t timeout_ns; /* 0: no limit */
	int trace_fd;	     /* the file for the trace, or -1 */
};

/* What session_run() returns when the guest of a shell session asks for a restart. */
#define SESSION_RESTART (-1)

/*
 * session_signals - from here on SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH and SIGCHLD
 * wait for the session. Before the first qemu_start(), so that none is lost.
 */
void session_signals(void);

/* session_run - carry the machine @q to its end; return an exit status or SESSION_RESTART. */
int session_run(const struct session_config *cfg, const struct qemu *q);

#endif
