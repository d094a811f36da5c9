# SPDX-License-Identifier: MIT
# Which program becomes the first one: rdinit=, then init=, then Linux's list in its order. Each
# ends at once with a status of its own, and the last words of the kernel say which it was.
. tests/lib.sh

work=$(mktemp -d) || exit 71
trap 'rm -rf "$work"' EXIT
busybox=$(command -v busybox)

# first NAME WORDS STATUS:PATH...: at each PATH stands a program that ends with STATUS; the first
# one's ends the machine.
first() {
	name=$1 words=$2 places=${also-}
	shift 2
	status=${1%%:*} path=${1#*:}
	for place; do
		program=$work/${place%%:*}
		printf '#!/bin/busybox sh\nexit %d\n' "${place%%:*}" >"$program"
		chmod 755 "$program"
		places="$places --add $program:${place#*:}"
	done
	# shellcheck disable=SC2086
	expect_match "$name" 70 \
		"*Run $path as init process*Kernel panic: Attempted to kill init! exitcode=0x00000${status}00*" \
		jiffy --timeout 60 --add "$busybox:/bin/busybox" $places --append "$words" true
}

sbin=3:/sbin/init etc=4:/etc/init bin=5:/bin/init
first sbin-init rdinit=/none $sbin $etc $bin
first etc-init rdinit=/none $etc $bin
first bin-init rdinit=/none $bin
# /bin/init is there as well, but nothing that could run.
echo 'no program' >"$work/none"
chmod 755 "$work/none"
also="--add $work/none:/bin/init" first bin-sh rdinit=/none 6:/bin/sh
first init-names-it 'rdinit=/none init=/my/own' 7:/my/own $sbin $etc $bin
first rdinit-names-it 'rdinit=/my/own init=/sbin/init' 7:/my/own $sbin
expect_match no-second-choice 70 '*Kernel panic: the program that init= names, /none, cannot be run: error -2*' \
	jiffy --timeout 60 --append 'rdinit=/none init=/none' true
