# SPDX-License-Identifier: MIT
# README.md's things to try print what it says they print. Only the log's times may differ: they move
# with every change of the kernel.
. tests/lib.sh

work=$(mktemp -d) || exit 71
trap 'rm -rf "$work"' EXIT

# The block between the first pair of fences under the heading, cut into numbered pairs of files: a
# command, and what is said to come of it.
awk -v work="$work" '
/^## / { here = $0 == "## Things to try"; next }
!here || done { next }
/^```/ { done = inside++; next }
!inside { next }
/^\$ / { n++; print substr($0, 3) >(work "/" n ".command"); printf "" >(work "/" n ".said"); next }
{ print >(work "/" n ".said") }' README.md

timeless() {
	sed 's/^\[ *[0-9]*\.[0-9]*\]/[time]/'
}

n=1
while [ -e "$work/$n.command" ]; do
	sh "$work/$n.command" </dev/null 2>&1 | timeless >"$work/got"
	if timeless <"$work/$n.said" | cmp -s - "$work/got"; then
		ok "$n"
	else
		got_output=$(cat "$work/got")
		not_ok "$n" "$(cat "$work/$n.command") printed: $(one_line)"
	fi
	n=$((n + 1))
done
[ $n -ge 8 ] || not_ok all "README.md has only $((n - 1)) things to try"
