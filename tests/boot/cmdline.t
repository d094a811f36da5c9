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
