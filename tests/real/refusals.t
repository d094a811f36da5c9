# SPDX-License-Identifier: MIT
# What cannot run: one clear line each, and a status of its own.
. tests/lib.sh

work=$(mktemp -d) || exit 71
trap 'rm -rf "$work"' EXIT

# refuse NAME STATUS PATTERN ARG...: as expect_match, and the message is a line, or two for usage.
refuse() {
	expect_match "$@"
	[ "$(printf '%s\n' "$got_output" | wc -l)" -le 2 ] || not_ok "$1-lines" "more than a line: $(one_line)"
}

cp /bin/true "$work/arm"
printf '\267\000' | dd of="$work/arm" bs=1 seek=18 conv=notrunc 2>/dev/null
head -c 3000 /bin/true >"$work/short"
head -c 20 /bin/true >"$work/stub"
echo 'just text' >"$work/text"
: >"$work/empty"
echo '#!/no/such/interpreter' >"$work/orphan"
echo '#!' >"$work/nameless"
chmod +x "$work"/*
cp /bin/true "$work/plain"
chmod -x "$work/plain"
printf '#!%s/loop\n' "$work" >"$work/loop"
chmod +x "$work/loop"

refuse not-found 127 'jiffy: no-such-program: not found*' jiffy no-such-program
refuse no-such-path 127 'jiffy: /no/such/program: No such file*' jiffy /no/such/program
refuse not-executable 126 "jiffy: $work/plain: Permission denied" jiffy "$work/plain"
refuse directory 126 'jiffy: /tmp: Is a directory' jiffy /tmp
refuse wrong-architecture 67 "jiffy: $work/arm is not for x86-64*" jiffy "$work/arm"
refuse truncated 65 "jiffy: $work/short is damaged: *" jiffy "$work/short"
refuse truncated-header 65 "jiffy: $work/stub is damaged: *" jiffy "$work/stub"
refuse text 75 "jiffy: $work/text is neither*" jiffy "$work/text"
refuse empty 75 "jiffy: $work/empty is neither*" jiffy "$work/empty"
refuse no-interpreter 66 "jiffy: $work/orphan is a script for *" jiffy "$work/orphan"
refuse nameless-interpreter 75 "jiffy: $work/nameless: its #! line names no interpreter" jiffy "$work/nameless"
refuse script-loop 75 'jiffy: * too many scripts*' jiffy "$work/loop"
refuse add-missing 66 'jiffy: --add: /no/such/file: *' jiffy --add /no/such/file true
refuse add-relative 64 'jiffy: --add *must begin with a slash' jiffy --add /bin/true:relative true

for bad in --cpus=0 --cpus=65 --cpus=x --cpus=-1 --cpus= --mem=1M --mem=65G --mem=x --mem=10X \
	--mem=99999999999999999999G --machine=pc --accel=magic --timeout=0 --timeout=-1 --timeout=x \
	--timeout=nan --no-such-option; do
	refuse "option $bad" 64 'jiffy run: *' build/jiffy run "$bad" true
done
refuse icount-kvm 64 'jiffy run: --icount *' build/jiffy run --icount --accel kvm true
refuse trace-nowhere 64 'jiffy run: --trace-events *' build/jiffy run --trace-events 'sched:*' true
refuse unknown-command 64 'jiffy: no command *' build/jiffy frobnicate
refuse no-qemu 69 'jiffy: /no/qemu is missing: install *' build/jiffy run --qemu /no/qemu true
refuse no-kernel 69 'jiffy: the kernel /no/kernel: *' build/jiffy run --kernel /no/kernel true
expect_match not-a-kernel 72 'jiffy: QEMU gave up with status 1; it said:*' \
	build/jiffy run --kernel /dev/null true
expect_match help 0 '*127  PROGRAM was not found*' build/jiffy run --help

# Each status that --help lists has a test: those of PROGRAM's own are in status.t.
expect_match panic 70 'jiffy: the guest*s kernel panicked; its log:*Kernel panic: *' \
	jiffy --timeout 60 --append rdinit=/bin/false true
refuse host-refuses 71 'jiffy: cannot *' sh -c 'ulimit -n 9; exec build/jiffy run true'
refuse switched-off 73 'jiffy: the guest switched itself off before the program ended' \
	jiffy --timeout 60 busybox poweroff -f
refuse restarted 73 'jiffy: the guest restarted itself before the program ended' \
	jiffy --timeout 60 busybox reboot -f
refuse full-output 74 'jiffy: cannot write standard output: No space left on device' \
	sh -c 'exec build/jiffy run --timeout 60 echo x >/dev/full'
refuse no-apt 69 'jiffy: these packages are needed, and there is no apt-get *: *qemu-system-x86*' \
	env PATH=/nonexistent /bin/sh ./run true

# Too old a QEMU for --icount with several CPUs is told from one that is not.
printf '#!/bin/sh\necho QEMU emulator version 8.0.9\n' >"$work/qemu"
chmod +x "$work/qemu"
refuse old-qemu 68 'jiffy: --icount with more than one CPU needs QEMU 8.1 or later*' \
	build/jiffy run --icount --cpus 2 --qemu "$work/qemu" true

# Ends that come from outside.
expect_match timeout 124 'jiffy: the guest did not end*' jiffy --timeout 3 sleep 1000
build/jiffy run ${JIFFY_TEST_FLAGS-} sleep 1000 </dev/null >/dev/null 2>&1 &
sleep 2
kill -TERM $!
wait $!
status=$?
if [ $status = 143 ]; then ok sigterm; else not_ok sigterm "exit status $status"; fi

# A killed command leaves no machine behind.
build/jiffy run ${JIFFY_TEST_FLAGS-} --append orphan-test-$$ sleep 1000 </dev/null >/dev/null 2>&1 &
sleep 2
kill -KILL $!
wait $! 2>/dev/null
sleep 1
if grep -lq "orphan-test-$$" /proc/[0-9]*/cmdline 2>/dev/null; then
	not_ok no-orphan 'QEMU outlives the command'
else
	ok no-orphan
fi
