# SPDX-License-Identifier: MIT
# What the tiers' runners and test scripts share. POSIX sh, to be sourced at the top of the tree.
#
# A test prints one line: `ok NAME', `not ok NAME: why' or `skip NAME: why'. A runner passes these
# on with its tier's name in front and ends with `N passed, N failed'.
#
# JIFFY_TEST_FLAGS holds more options for each run of the machine, such as another kernel.

jiffy() {
	build/jiffy run ${JIFFY_TEST_FLAGS-} "$@"
}

# The same with the checked kernel: lock validator, poisoning, assertions.
checked() {
	build/jiffy run --kernel build/jiffy-checked.elf ${JIFFY_TEST_FLAGS-} "$@"
}

# qemu_with FILE: FILE becomes a stand-in for QEMU that changes its arguments by the shell commands on
# standard input: they are done for each $arg, behind $last, in its turn, and "$@" ends with those before.
qemu_with() {
	{
		printf '%s\n' '#!/bin/sh' 'last=' 'for arg; do' 'shift'
		cat
		printf '%s\n' 'last=$arg' 'set -- "$@" "$arg"' 'done' 'exec qemu-system-x86_64 "$@"'
	} >"$1"
	chmod +x "$1"
}

ok() {
	echo "ok $1"
}

not_ok() {
	echo "not ok $1: $2"
}

# expect NAME STATUS OUTPUT COMMAND...: COMMAND exits with STATUS and prints OUTPUT, nothing else.
expect() {
	expect_name=$1 expect_status=$2 expect_output=$3
	shift 3
	got_output=$("$@" 2>&1)
	got_status=$?
	if [ "$got_status" != "$expect_status" ]; then
		not_ok "$expect_name" "exit status $got_status, not $expect_status; it said: $(one_line)"
	elif [ "$got_output" != "$expect_output" ]; then
		not_ok "$expect_name" "it printed: $(one_line)"
	else
		ok "$expect_name"
	fi
}

# expect_match NAME STATUS PATTERN COMMAND...: the same, with a pattern of case for the output.
expect_match() {
	expect_name=$1 expect_status=$2 expect_pattern=$3
	shift 3
	got_output=$("$@" 2>&1)
	got_status=$?
	if [ "$got_status" != "$expect_status" ]; then
		not_ok "$expect_name" "exit status $got_status, not $expect_status; it said: $(one_line)"
		return
	fi
	case $got_output in
	$expect_pattern) ok "$expect_name" ;;
	*) not_ok "$expect_name" "it printed: $(one_line)" ;;
	esac
}

one_line() {
	printf '%s' "$got_output" | tail -n 12 | tr '\n' '|' | cut -c 1-600
}

# tally FILE: count the lines of results in FILE and print the sum; fail when a test failed.
tally() {
	tally_ok=$(grep -c '^ok ' "$1")
	tally_bad=$(grep -c '^not ok ' "$1")
	echo "$tally_ok passed, $tally_bad failed"
	[ "$tally_bad" = 0 ]
}

# prepare TIER TARGET...: build what scripts of the tier share, before two of them, side by side,
# would both begin to.
prepare() {
	prepare_tier=$1
	shift
	prepare_said=$(make -s "$@" 2>&1) && return
	echo "$prepare_said"
	echo "not ok $prepare_tier: what its tests share does not build"
	echo "0 passed, 1 failed"
	exit 1
}

# run_scripts TIER [NAME...]: run tests/TIER/NAME.t, or all of them, two at a time.
run_scripts() {
	tier=$1
	shift
	results=$(mktemp) || exit 71
	if [ $# = 0 ]; then
		set -- $(ls "tests/$tier" | sed -n 's/\.t$//p')
	fi
	if [ $# != 0 ]; then
		printf '%s\n' "$@" | xargs -P 2 -n 1 tests/one "$tier" | tee "$results"
	fi
	tally "$results"
	run_scripts_status=$?
	rm -f "$results"
	return $run_scripts_status
}
