#!/bin/sh
# SPDX-License-Identifier: MIT
# The pictures of `jiffy sim`, and the examples that the documentation draws them from.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
sim=build/jiffy
desk='--cpus 2 --time 100'

# told CONDITION NAME WHY: a result line by the shell's own condition.
told() {
	if eval "$1"; then echo "ok $2"; else echo "not ok $2: $3"; fi
}

# shellcheck disable=SC2086 # options are words
$sim sim $desk sim/examples/desk >"$dir/plain"
$sim sim $desk --timeline=40 --page="$dir/page" sim/examples/desk >"$dir/drawn"
head -n "$(wc -l <"$dir/plain")" "$dir/drawn" >"$dir/head"
told 'cmp -s "$dir/plain" "$dir/head"' drawing_changes_nothing "$(tail -n 1 "$dir/head")"

lines=$(grep -c '|.\{40\}|$' "$dir/drawn")
told '[ "$lines" = 7 ]' a_line_for_each_cpu_and_task "$lines lines of 40 columns"
# Its deadline comes before everybody else's, so it never waits: a picture with a wait is wrong.
told 'grep -q "player .*|0[0 ]*|$" "$dir/drawn"' \
	deadline_task_is_not_drawn_waiting "$(grep player "$dir/drawn" | tail -n 1)"

# As many runs as switches to a task, each in its CPU's lane and in its own.
$sim sim $desk --trace sim/examples/desk | grep -c 'sched_switch.*next_comm=[^s]' >"$dir/switches"
runs=$(grep -c 'class="run"' "$dir/page")
told '[ "$runs" = $((2 * $(cat "$dir/switches"))) ]' page_has_every_run \
	"$runs rectangles, $(cat "$dir/switches") switches"
told '[ "$(grep -o "<rect" "$dir/page" | wc -l)" = "$(grep -o "/>\|</rect>" "$dir/page" | grep -c .)" ]' \
	page_is_well_formed "rectangles left open"
told 'grep -q "^sched_pick: comm=edit .*class=fair" "$dir/page"' page_tells_why "no reason is given"
told '! $sim sim --page=/nowhere/page $desk sim/examples/desk >/dev/null 2>&1' \
	page_that_cannot_be_written_is_an_error "status 0"

# A name is text, not markup.
echo '<b>&"x : run 1ms; sleep 1ms' >"$dir/name"
$sim sim --time 10 --page="$dir/page" "$dir/name" >/dev/null
told 'grep -q "&lt;b>&amp;&quot;x" "$dir/page" && ! grep -q "<b>" "$dir/page"' names_are_escaped \
	"$(grep -m 1 'x ' "$dir/page")"

# Two tasks that a slow CPU is too small for end up on the two fast ones.
$sim sim --cpus 4 --capacity 1024,1024,512,512 --time 1000 --timeline=10 sim/examples/slow-and-fast \
	>"$dir/drawn"
told '[ "$(grep "heavy .*[01]|$" "$dir/drawn" | wc -l)" = 2 ]' misfit_moves_to_a_fast_cpu \
	"$(grep 'heavy .*|' "$dir/drawn" | tr '\n' ' ')"
for policy in cfs eevdf goodness o1; do
	for example in sim/examples/*; do
		options=$(sed -n 's/^#	jiffy sim \(.*\) sim\/examples.*/\1/p' "$example")
		if build/sim/jiffy-sim-checked --sched $policy $options "$example" >"$dir/out" 2>&1; then
			echo "ok example_${example##*/}_$policy"
		else
			echo "not ok example_${example##*/}_$policy: $(tail -n 1 "$dir/out")"
		fi
	done
done
