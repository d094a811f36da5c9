# SPDX-License-Identifier: MIT
# The benchmark works from end to end: two rows on jiffy alone, their figures in the table.
. tests/lib.sh

# figure ROW PARAMETER: the table's value in jiffy's column, or nothing.
figure() {
	printf '%s\n' "$got_output" |
		awk -v row="$1" -v param="$2" '$1 == row && $2 == param && $3 > 0 { print $3 }'
}

if ! got_output=$(make -s bench 2>&1); then
	not_ok builds "$(one_line)"
	exit 0
fi
ok builds
got_output=$(build/bench/runner --jiffy-only --cpus 0 --rows getppid,fork:1MiB 2>&1)
status=$?
if [ $status != 0 ]; then
	not_ok rows "exit status $status: $(one_line)"
elif [ -z "$(figure getppid -)" ] || [ -z "$(figure fork 1MiB)" ]; then
	not_ok rows "a figure is missing: $(one_line)"
else
	ok rows
fi
expect_match unknown-row 64 '*no row*' build/bench/runner --jiffy-only --rows nosuch
