# SPDX-License-Identifier: MIT
# --trace: what the scheduler did for a program comes to the host as text; the program's own output
# and status are as without it.
. tests/lib.sh

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

expect trace_status 3 hello jiffy --cpus 2 --timeout 100 --trace "$dir/all" busybox sh -c \
	'busybox true & wait; echo hello; exit 3' </dev/null
if grep -q ': sched_process_fork: comm=busybox ' "$dir/all" &&
	grep -q ': sched_switch: .* ==> next_comm=busybox ' "$dir/all" &&
	head -n 1 "$dir/all" | grep -q '^# tracer: nop$'; then
	ok trace_file
else
	not_ok trace_file "$(head -n 20 "$dir/all" | tr '\n' '|' | cut -c 1-600)"
fi
jiffy --timeout 100 --trace "$dir/one" --trace-events sched:sched_process_exec busybox true </dev/null
if grep -v '^#' "$dir/one" | grep -v ': sched_process_exec: ' || ! grep -q 'filename=.*busybox' "$dir/one"; then
	not_ok trace_events "$(head -n 20 "$dir/one" | tr '\n' '|' | cut -c 1-600)"
else
	ok trace_events
fi
expect trace_place 74 "jiffy: --trace: $dir/no/file: No such file or directory" \
	jiffy --trace "$dir/no/file" busybox true </dev/null

# Inside, Debian's tool for tracefs: it takes the rings' binary pages by splice(2).
if ! command -v trace-cmd >/dev/null; then
	echo "skip trace_cmd: trace-cmd is not installed"
	exit 0
fi
expect trace_cmd 0 'true by bash, sleep, its names' \
	jiffy --cpus 2 --timeout 100 --add "$(command -v trace-cmd)" bash -c '
	cd /tmp
	trace-cmd record -e sched bash -c "/bin/true & wait; sleep 0.1" >log 2>&1 || { cat log; exit 1; }
	trace-cmd report >text 2>/dev/null
	say=
	while read -r line; do
		case $line in
		*sched_process_exec:*filename=/bin/true*) say="true by bash" ;;
		*sched_switch:*next_comm=sleep*) [ "$say" != "true by bash" ] || say="$say, sleep" ;;
		esac
		case "$say, $line" in
		*sleep,\ sleep-[0-9]*) say="true by bash, sleep, its names" ;;
		esac
	done <text
	echo "$say"' </dev/null
