#!/bin/sh
# SPDX-License-Identifier: MIT
# Protocols, exhaustively, by the model checker spin: the wake-up and the migration, the mutex, the
# readers-writer semaphore. Each model as it is has no error in any interleaving; with any of its
# rules broken spin shows one.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# check MODEL NAME [RULE OPTIMISATION]: spin's verdict on the model (with RULE broken), a line like
# "errors: 0". A counterexample comes soon: what takes longest then is the compiler.
check() {
	mkdir "$work/$2"
	(cd "$work/$2" && spin ${3:+-D$3} -a "$1" &&
		gcc "-O${4-2}" -w -DSAFETY -o pan pan.c && timeout 300 ./pan -m100000) 2>&1 |
		tee "$work/$2/log" | grep -o 'errors: [0-9]*'
}

for model in "$PWD"/tests/model/*.pml; do
	name=model_$(basename "$model" .pml)
	verdict=$(check "$model" "$name")
	if [ "$verdict" != 'errors: 0' ]; then
		echo "not ok $name: ${verdict:-spin did not finish}: $(head -n 3 "$work/$name/log" | tr '\n' '|')"
	elif grep -q 'max search depth too small' "$work/$name/log"; then
		echo "not ok $name: not every interleaving was looked at"
	else
		echo "ok $name"
	fi
	for rule in $(sed -n 's/^ \*   \(NO_[A-Z_]*\|STALE_[A-Z_]*\)\t.*/\1/p' "$model"); do
		case $(check "$model" "${name}_$rule" "$rule" 0) in
		'errors: 0' | '') echo "not ok ${name}_$rule: the broken protocol passes" ;;
		*) echo "ok ${name}_$rule" ;;
		esac
	done
done
