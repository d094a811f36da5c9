/* SPDX-License-Identifier: MIT */
/* Debugging the guest's kernel with gdb over QEMU's stub. */
#ifndef TOOLS_GDBINIT_H
#define TOOLS_GDBINIT_H

/*
 * prepare_gdb - choose a port, write the gdb script for it beside @kernel (or, where that
 * directory is not writable, in the current one), and say on stderr how to start gdb.
 * Return the TCP port.
 */
unsigned int prepare_gdb(const char *kernel);

#endif
