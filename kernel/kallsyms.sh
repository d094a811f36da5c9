#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints the assembler source of the kernel's table of function names, from a linked image:
# addresses as offsets from _text in order, offsets of the names, the names.
set -eu
echo '.section .kallsyms, "a"'
echo '.globl kallsyms_count, kallsyms_addresses, kallsyms_name_offsets, kallsyms_names'
{ nm -n "$1" 2>/dev/null || true; } | awk '
	BEGIN { n = 0 }
	$3 == "_text" { base = $1 }
	$2 ~ /^[tT]$/ && $3 !~ /^(\.L|__pfx)/ { addr[n] = $1; name[n] = $3; n++ }
	END {
		print ".balign 8\nkallsyms_count: .quad " n + 0
		print "kallsyms_addresses:"
		for (i = 0; i < n; i++)
			print ".long 0x" addr[i] " - 0x" base
		print "kallsyms_name_offsets:"
		for (i = off = 0; i < n; i++) {
			print ".long " off
			off += length(name[i]) + 1
		}
		print "kallsyms_names:"
		for (i = 0; i < n; i++)
			print ".asciz \"" name[i] "\""
		print ".byte 0"
	}'
