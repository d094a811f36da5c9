# SPDX-License-Identifier: MIT
# The arrows between rooms: every #include of the kernel against the design's picture.
. tests/lib.sh

rooms=
for room in arch fs include init irq kernel lib mm process sched sim time trace drivers cgroup; do
	[ -d "$room" ] && rooms="$rooms $room"
done
# The vDSO is user code; what is built is not ours to judge.
got_output=$(awk -f tests/unit/includes.awk $(find $rooms -path '*/vdso/*' -prune -o \
	-name '*.[chS]' -print | sort) 2>&1) && got_status=0 || got_status=$?
if [ $got_status = 0 ]; then
	ok arrows
else
	printf '%s\n' "$got_output" | while IFS= read -r line; do not_ok arrows "$line"; done
fi

# The checker itself: each kind of bad arrow must be seen.
work=$(mktemp -d) || exit 71
trap 'rm -rf "$work"' EXIT
checker=$PWD/tests/unit/includes.awk

# seen NAME PATTERN FILE INCLUDE...: pairs of a file and its #include; PATTERN must be complained of.
seen() {
	seen_name=$1 seen_pattern=$2
	shift 2
	rm -rf "$work"/*
	while [ $# -gt 0 ]; do
		mkdir -p "$work/${1%/*}"
		echo "#include $2" >>"$work/$1"
		shift 2
	done
	got_output=$(cd "$work" && awk -f "$checker" $(find . -name '*.[ch]' | sed 's@^\./@@'))
	case $got_output in
	$seen_pattern) ok "sees-$seen_name" ;;
	*) not_ok "sees-$seen_name" "it said: $got_output" ;;
	esac
}

seen circle 'a circle: *' include/jiffy/a.h '<jiffy/b.h>' include/jiffy/b.h '<jiffy/a.h>'
seen private '*private to its room' fs/x.c '"../mm/internal.h"' mm/internal.h '<jiffy/t.h>' include/jiffy/t.h '<stddef.h>'
seen scheduler '*sched/ knows nothing of mm/*' sched/x.h '<jiffy/mm.h>' include/jiffy/mm.h '<stddef.h>'
seen library '*lib/ knows nothing of fs/*' lib/x.c '<jiffy/fs.h>' include/jiffy/fs.h '<stddef.h>'
seen upward '*from rooms to include/' include/jiffy/x.h '"../../mm/m.h"' mm/m.h '<stddef.h>'
seen abi '*the ABI stands alone' include/uapi/x.h '<jiffy/t.h>' include/jiffy/t.h '<stddef.h>'
seen architecture '*only the contract*' mm/x.c '<asm/y.h>' arch/x86_64/include/asm/y.h '<stddef.h>'
seen unknown '*in no room' mm/x.c '<jiffy/none.h>'
seen nothing '' mm/x.c '"internal.h"' mm/internal.h '<jiffy/t.h>' include/jiffy/t.h '<stddef.h>'
