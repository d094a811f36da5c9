# SPDX-License-Identifier: MIT
# The kernel's command line: what it does not know goes to init, and nothing in it is fatal.
. tests/lib.sh

expect_match unknown-variable 0 '*colour=blue*' \
	jiffy --timeout 60 --append colour=blue busybox sh -c 'tr "\0" "\n" </proc/1/environ'
expect_match unknown-word 0 '*heliotrope*' \
	jiffy --timeout 60 --append heliotrope busybox sh -c 'tr "\0" " " </proc/1/cmdline'
expect_match shown 0 '*heliotrope colour=blue*' \
	jiffy --timeout 60 --append 'heliotrope colour=blue' busybox cat /proc/cmdline
long=$(printf '%01500d' 0 | sed 's/0/x=/g')
expect long 0 alive jiffy --timeout 60 --append "$long" busybox echo alive
many=$(i=0; while [ $i -lt 500 ]; do printf 'v%d=%d ' $i $i; i=$((i + 1)); done)
expect many 0 alive jiffy --timeout 60 --append "$many" busybox echo alive
expect odd 0 alive jiffy --timeout 60 --append '= == =x x= "un closed  , ; -- %s %n \ --' busybox echo alive

# Each parameter that the kernel knows, with values that it cannot mean: one message, and on it goes.
parameters=$(grep -rhoE '(__setup|early_param)\("[^"]*=' --include='*.c' [a-z]*/ | sed 's/.*"//' |
	grep -vE '^(init|rdinit)=' | sort -u)
[ "$(printf '%s\n' "$parameters" | wc -l)" -ge 5 ] || not_ok parameters "found only: $parameters"
for value in '' -1 x 99999999999999999999 '4294967295,,-,0x' "$(printf '%0400d' 0)"; do
	words=$(for p in $parameters; do printf '%s%s ' "$p" "$value"; done)
	expect_match "value-$(printf %.20s "$value")" 0 '*alive' \
		checked --timeout 120 --append "$words" busybox echo alive
done
expect bytes 0 alive jiffy --timeout 60 --append "$(printf '\001\377\200=\r\033["\t"\\')" busybox echo alive
expect quotes 0 alive jiffy --timeout 60 --append '"" " "" a"b"c=" d e" "=' busybox echo alive
expect huge 0 alive jiffy --timeout 60 --append "$(printf '%060000d' 0 | sed 's/0000/ a=b/g')" busybox echo alive
expect_match no-value 70 '*Kernel panic: the program that init= names*' \
	jiffy --timeout 60 --append 'rdinit= init=' true
