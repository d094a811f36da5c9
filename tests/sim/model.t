#!/bin/sh
# SPDX-License-Identifier: MIT
# The wake-up and the migration protocol, exhaustively, by the model checker spin: the model as it
# is has no error in any interleaving; with any of its rules broken spin shows one.
model=$PWD/tests/model/wakeup.pml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# check NAME [RULE]: spin's verdict on the model (with RULE broken), a line like "errors: 0".
check() {
	mkdir "$work/$1"
	(cd "$work/$1" && spin ${2:+-D$2} -a "$model" && gcc -O2 -w -DSAFETY -o pan pan.c &&
		timeout 300 ./pan -m100000) 2>&1 | tee "$work/$1/log" | grep -o 'errors: [0-9]*'
}

verdict=$(check whole)
if [ "$verdict" != 'errors: 0' ]; then
	echo "not ok model_wakeup: ${verdict:-spin did not finish}: $(head -n 3 "$work/whole/log" | tr '\n' '|')"
elif grep -q 'max search depth too small' "$work/whole/log"; then
	echo "not ok model_wakeup: not every interleaving was looked at"
else
	echo "ok model_wakeup"
fi
for rule in $(sed -n 's/^ \*   \(NO_[A-Z_]*\|STALE_[A-Z_]*\)\t.*/\1/p' "$model"); do
	case $(check "$rule" "$rule") in
	'errors: 0' | '') echo "not ok model_$rule: the broken protocol passes" ;;
	*) echo "ok model_$rule" ;;
	esac
done
