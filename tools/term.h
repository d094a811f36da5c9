/* SPDX-License-Identifier: MIT */
/*
 * The host's terminal while the guest has it: raw, so that every byte reaches
 * the guest's own line discipline, and put back on every way out that a
 * process can see. One terminal, so its state is the module's.
 */
#ifndef TOOLS_TERM_H
#define TOOLS_TERM_H

#include <stdbool.h>
#include <sys/ioctl.h>

/* term_raw - make @fd, a terminal, raw; exit(3) restores it. Again after term_restore(): resume. */
void term_raw(int fd);

/* term_restore - put the terminal back as term_raw() found it; nothing when it is so already. */
void term_restore(void);

/* term_window - the size of the terminal @fd; all zero when it does not know. */
void term_window(int fd, struct winsize *ws);

#endif
