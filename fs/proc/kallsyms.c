/* SPDX-License-Identifier: MIT */
/*
 * /proc/kallsyms: the kernel's functions in the order of their addresses, which only those with
 * CAP_SYSLOG are shown. Task context; the table is fixed.
 */
#include <jiffy/cred.h>
#include <jiffy/init.h>
#include <jiffy/kallsyms.h>
#include "internal.h"

extern char _text[];

/* A record's position is the address's distance from the start of the code. */
static void *symbol_at(loff_t *pos)
{
	unsigned long addr = (unsigned long)_text + *pos, offset, size;

	if (!kallsyms_lookup(addr, &offset, &size)) {
		/* Code before the first function has no name. */
		while (kernel_text_address(addr) && !kallsyms_lookup(addr, &offset, &size))
			addr += 16;
		if (!kernel_text_address(addr))
			return NULL;
	}
	*pos = addr - offset - (unsigned long)_text;
	return (void *)(addr - offset);
}

static void *s_start(struct seq_file *m, loff_t *pos)
{
	return symbol_at(pos);
}

static void *s_next(struct seq_file *m, void *v, loff_t *pos)
{
	unsigned long offset, size;

	if (!kallsyms_lookup((unsigned long)v, &offset, &size) || !size)
		return NULL;
	*pos += size;
	return symbol_at(pos);
}

static void s_stop(struct seq_file *m, void *v)
{
}

static int s_show(struct seq_file *m, void *v)
{
	bool shown = file_ns_capable(m->file, &init_user_ns, CAP_SYSLOG);
	const char *name = kallsyms_lookup((unsigned long)v, NULL, NULL);

	seq_printf(m, "%016lx t %s\n", shown ? (unsigned long)v : 0, name);
	return 0;
}

static const struct seq_operations kallsyms_op = {s_start, s_stop, s_next, s_show};

static int __init kallsyms_proc_init(void)
{
	return proc_create_seq("kallsyms", 0444, NULL, &kallsyms_op) ? 0 : -ENOMEM;
}
fs_initcall(kallsyms_proc_init);
