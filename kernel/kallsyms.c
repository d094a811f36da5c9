/* SPDX-License-Identifier: MIT */
/*
 * From addresses to names, by the table that kallsyms.sh makes at link time: offsets from _text
 * in ascending order, so a look-up is a binary search. Read-only, any context.
 */
#include <jiffy/kallsyms.h>
#include <jiffy/string.h>

extern const u64 kallsyms_count;
extern const u32 kallsyms_addresses[], kallsyms_name_offsets[];
extern const char kallsyms_names[];
extern char _text[], _etext[], __init_text_begin[], __init_text_end[];

bool kernel_text_address(unsigned long addr)
{
	return (addr >= (unsigned long)_text && addr < (unsigned long)_etext) ||
	       (addr >= (unsigned long)__init_text_begin && addr < (unsigned long)__init_text_end);
}

const char *kallsyms_lookup(unsigned long addr, unsigned long *offset, unsigned long *size)
{
	unsigned long lo = 0, hi = kallsyms_count, rel = addr - (unsigned long)_text;

	if (!kernel_text_address(addr) || !hi || rel < kallsyms_addresses[0])
		return NULL;
	while (hi - lo > 1) {
		unsigned long mid = (lo + hi) / 2;

		if (kallsyms_addresses[mid] <= rel)
			lo = mid;
		else
			hi = mid;
	}
	if (offset)
		*offset = rel - kallsyms_addresses[lo];
	if (size)
		*size = (lo + 1 < kallsyms_count ? kallsyms_addresses[lo + 1]
						 : (unsigned long)(_etext - _text)) -
			kallsyms_addresses[lo];
	return kallsyms_names + kallsyms_name_offsets[lo];
}

int sprint_symbol(char *buf, size_t size, unsigned long addr)
{
	unsigned long offset, len;
	const char *name = kallsyms_lookup(addr, &offset, &len);

	if (!name)
		return scnprintf(buf, size, "0x%lx", addr);
	return scnprintf(buf, size, "%s+0x%lx/0x%lx", name, offset, len);
}
