# SPDX-License-Identifier: MIT
# A damaged or hostile initramfs never breaks the kernel: what is wrong ends the unpacking with one
# message, and what came before it is there. A stand-in for QEMU puts pieces behind the archive that
# jiffy made, or in its place.
. tests/lib.sh

work=$(mktemp -d) || exit 71
trap 'rm -rf "$work"' EXIT
export JIFFY_TEST_WORK="$work"

# mode: behind (the archive, then the piece) or alone (only the piece).
cat >"$work/qemu" <<'END'
#!/bin/sh
before=
for arg; do
	shift
	if [ "$before" = -initrd ]; then
		{
			[ "$(cat "$JIFFY_TEST_WORK/mode")" = alone ] || cat "$arg"
			cat "$JIFFY_TEST_WORK/piece"
		} >"$JIFFY_TEST_WORK/initrd"
		[ -e "$JIFFY_TEST_WORK/whole" ] || cat "$arg" >"$JIFFY_TEST_WORK/whole"
		arg=$JIFFY_TEST_WORK/initrd
	fi
	set -- "$@" "$arg"
	before=$arg
	[ "$arg" != "$JIFFY_TEST_WORK/initrd" ] || before=
done
exec qemu-system-x86_64 "$@"
END
chmod +x "$work/qemu"

# header MODE SIZE NAMESIZE [NLINK [INO]]: the 110 bytes before a name.
header() {
	printf 070701
	printf %08x "${5-7}" "$1" 0 0 "${4-1}" 0 "$2" 0 0 1 3 "$3" 0
}

pad() {
	n=$((($1 + 3) / 4 * 4 - $1))
	while [ $n -gt 0 ]; do printf '\0'; n=$((n - 1)); done
}

# entry NAME MODE DATA [NLINK [INO]]: a whole one.
entry() {
	header "$2" ${#3} $((${#1} + 1)) ${4-1} ${5-7}
	printf '%s\0' "$1"
	pad $((111 + ${#1}))
	printf %s "$3"
	pad ${#3}
}

# behind NAME MESSAGE: piece behind the archive; the program runs and the log says MESSAGE.
behind() {
	echo behind >"$work/mode"
	expect_match "$1" 0 "*initramfs: $2*alive" checked --qemu "$work/qemu" --timeout 120 \
		busybox sh -c 'dmesg | grep initramfs; echo alive'
}

# alone NAME PATTERN: nothing else; no program is found, and the kernel says so and why.
alone() {
	echo alone >"$work/mode"
	expect_match "$1" 70 "*$2*Kernel panic: no program to run*" \
		checked --qemu "$work/qemu" --timeout 120 true
}

file=$((0100644)) dir=$((040755)) link=$((0120777)) char=$((020600))
letters=$(printf '%0300d' 0)

{ header $file 0 5 | head -c 60; } >"$work/piece"
behind short-header 'the archive ends inside a header'
{ printf 'X07070'; entry a $file x; } >"$work/piece"
behind bad-magic 'not a cpio archive*'
{ printf 070707; entry a $file x | tail -c +7; } >"$work/piece"
behind old-format 'a cpio format that is not supported*'
{ entry a $file x | sed 's/^070701......../070701zzzzzzzz/'; } >"$work/piece"
behind no-number 'a number in a header is not hexadecimal'
for size in 0 4294967295 2147483647 5000; do
	{ header $file 0 $size; printf 'name\0\0\0\0'; } >"$work/piece"
	behind "name-size-$size" 'a name has an impossible length'
done
{ header $file 0 4000; printf 'name\0\0\0\0'; } >"$work/piece"
behind short-name 'the archive ends inside a name'
{ header $file 0 4; printf nameXXXXXXXX; } >"$work/piece"
behind endless-name 'a name is not terminated'
for size in 4294967295 2147483648 1000000; do
	{ header $file $size 2; printf 'n\0'; printf data; } >"$work/piece"
	behind "file-size-$size" 'the archive ends inside a file'
done
head -c 100000 build/jiffy >"$work/piece"
behind garbage 'not a cpio archive*'

# Odd, and still an archive: each entry is made or refused by itself, and the last one is there.
{
	entry a $file first
	entry a $file second             # twice
	entry a $dir ''                  # a directory in a file's place
	entry d $dir ''
	entry d $file 'a file in its place'
	entry "$letters" $file 'a long name'
	entry ../../up $file 'above the root'
	entry a/../../../up2 $file 'above the root'
	entry //slashes///many $file x
	entry ./. $dir ''
	entry '' $file x
	entry / $file x
	entry loop $link loop
	entry loop/in $file 'through a loop'
	entry empty-link $link ''
	entry away $link /proc/1/mem
	entry away $file 'through a link'
	entry odd $((0170000)) x
	entry none 0 x
	entry device $char ''
	entry device $char '' 2 9        # links
	entry linked $file one 2 5
	entry linked2 $file two 2 5
	entry linked2 $file '' 2 5
	entry linked $file three 2 5
	entry deep/er/and/deep/er $file x
	entry "$(printf '%0500d' 0 | sed 's@0@d/@g')end" $file 'a thousand bytes deep'
	entry tmp/last $file last
	entry 'TRAILER!!!' 0 ''
	entry tmp/behind $file 'behind the trailer'
} >"$work/piece"
echo behind >"$work/mode"
expect_match odd-entries 0 '*
second
last
behind the trailer
none wrong' checked --qemu "$work/qemu" --timeout 120 busybox sh -c '
	cat /a; echo; cat /tmp/last; echo; cat /tmp/behind; echo; dmesg | grep "WARN\|panic\|lockdep" || echo none wrong'

gzip -c "$work/whole" >"$work/piece"
alone packed 'initramfs: it is packed with gzip: give the cpio archive unpacked'
: >"$work/piece"
alone empty ''
for cut in 100 5000 20001; do
	head -c $cut "$work/whole" >"$work/piece"
	alone "cut-at-$cut" 'initramfs: the archive ends inside'
done

# Bytes changed here and there: whatever comes of it, no fault of the kernel's.
for seed in 1 2 3 4 5 6 7 8; do
	cp "$work/whole" "$work/piece"
	for place in $(awk -v s=$seed -v n="$(wc -c <"$work/whole")" 'BEGIN {
		srand(s); for (i = 0; i < 40; i++) print int(rand() * rand() * rand() * n) }'); do
		printf "\\$(printf %o $(((place * 7 + seed) % 256)))" |
			dd of="$work/piece" bs=1 seek=$place conv=notrunc 2>/dev/null
	done
	echo alone >"$work/mode"
	got_output=$(checked --qemu "$work/qemu" --timeout 30 busybox echo alive 2>&1)
	status=$?
	case $status:$got_output in
	# Without /init the kernel may come upon /bin/sh, which waits for somebody to type.
	70:*'Kernel panic: no program to run'* | 70:*'Attempted to kill init'* | 124:*' Run /bin/'*)
		ok "changed-$seed" ;;
	70:* | 7[1-4]:* | 124:* | *lockdep* | *WARNING*)
		not_ok "changed-$seed" "exit status $status; it said: $(one_line)" ;;
	*) ok "changed-$seed" ;;
	esac
done
