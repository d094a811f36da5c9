# SPDX-License-Identifier: MIT
# A short, repeatable run of each fuzz target (tests/fuzz): 20,000 mutated inputs to each parser of
# what comes from outside. `make fuzz-long` is the long run, by hand.
. tests/lib.sh

if ! got_output=$(make -s fuzz 2>&1); then
	not_ok build "$(printf '%s\n' "$got_output" | head -n 20)"
	exit 0
fi
for target in tests/fuzz/*.c; do
	name=$(basename "$target" .c)
	[ "$name" != driver ] || continue
	if got_output=$("build/tests/fuzz/$name" 20000 2>&1); then
		ok "$name"
	else
		not_ok "$name" "$(printf '%s\n' "$got_output" | head -n 20)"
	fi
done

# The driver itself: what touches a byte beside its input is seen, and so is a rule that is broken.
work=$(mktemp -d) || exit 71
trap 'rm -rf "$work"' EXIT
# sees NAME FAULT: the ELF target with a fault put in must fail and leave its input.
sees() {
	sed "s/^\tfile_data = data;/$2 &/; s@\"\.\./\.\./@\"@; s@\"fuzz\.h\"@\"tests/fuzz/fuzz.h\"@" \
		tests/fuzz/elf.c >"$work/elf.c"
	if make -s FUZZ_SOURCE="$work/elf.c" FUZZ_RESULT="$work/elf" fuzz-one >"$work/log" 2>&1 &&
		! "$work/elf" 20000 >"$work/log" 2>&1 && grep -q '^the input is in' "$work/log"; then
		ok "sees-$1"
	else
		not_ok "sees-$1" "$(head -n 20 "$work/log")"
	fi
	rm -f "$(sed -n 's/^the input is in //p' "$work/log")"
}

sees bytes-beside-the-input 'if (size > 300) size += data[size + 40];'
sees broken-rules 'MUST(size < 300);'
