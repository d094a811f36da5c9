/* SPDX-License-Identifier: MIT */
/*
 * The log's first console: the emulator's debug port 0xe9, which takes bytes at any time, and
 * whole strings in one instruction. A machine that has it answers 0xe9 when it is read.
 */
#include <asm/setup.h>
#include <jiffy/printk.h>

#define DEBUGCON_PORT 0xe9

static void debugcon_write(struct console *con, const char *s, size_t n)
{
	outsb(DEBUGCON_PORT, s, n);
}

static struct console debugcon = {.name = "debugcon", .write = debugcon_write};

void __init debugcon_init(void)
{
	if (inb(DEBUGCON_PORT) == DEBUGCON_PORT)
		register_console(&debugcon);
}
