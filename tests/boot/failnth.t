# SPDX-License-Identifier: MIT
# Every allocation in process/ is seen failing: the calls of allocators in the checked kernel's
# code against what /proc/jiffy/failed-allocations has once the guest program failnth is through.
. tests/lib.sh

make -s build/tests/guest/failnth >&2
elf=build/jiffy-checked.elf
allocators='kmalloc|kvmalloc|kmem_cache_alloc|kmemdup|kstrdup|kasprintf|alloc_pages|__get_free_pages|vmalloc|alloc_thread_stack_node|vm_area_alloc|mm_alloc|xa_store|xa_insert|xa_alloc|xa_alloc_cyclic'

# No user's task makes these.
#   futex_init: at boot, where want of memory is a panic
#   kthread, kthread_create_on_cpu: by kernel threads and at boot
#   publish: puts a pid where its number was taken before, which allocates nothing
unreachable='futex_init|kthread|kthread_create_on_cpu|publish'

work=$(mktemp -d) || exit 71
trap 'rm -rf "$work"' EXIT

# "RETURN-ADDRESS CALL-ADDRESS CALLEE" of each call of an allocator.
objdump -d --no-show-raw-insn $elf | awk -v names="^($allocators)\$" '
	/^[0-9a-f]+ <.*>:$/ || NF < 2 { next }
	{ at = $1; sub(":", "", at) }
	callee != "" { print at, call, callee; callee = "" }
	/call/ { name = $NF; gsub(/[<>]/, "", name); if (name ~ names) { callee = name; call = at } }
' >"$work/calls"

# "RETURN-ADDRESS FUNCTION FILE:LINE" of those in process/, inlined helpers of headers left out.
awk '{ print "0x" $2 }' "$work/calls" | addr2line -a -f -i -e $elf | awk '
	function end() { if (address != "") print place }
	/^0x/ { end(); address = $1; place = "-"; line = 0; next }
	++line % 2 { function_name = $0; next }
	place == "-" && sub(".*/process/", "process/") { sub(" .*", ""); place = function_name " " $0 }
	END { end() }' | paste -d ' ' "$work/calls" - |
	awk -v skip="^($unreachable)\$" '$5 ~ /^process\// && $4 !~ skip { print $1, $4, $5 }' |
	sort >"$work/sites"

# What one run leaves in the kernel's caches the next allocation may do without, so one run may
# step over a site; what is asked is that each was hit in one of a few.
passed=yes
: >"$work/failed"
for run in 1 2 3; do
	checked --cpus 1 --timeout 400 --add "$PWD/build/tests/guest/failnth:/tests/failnth" \
		busybox sh -c '/tests/failnth -t 4; cat /proc/jiffy/failed-allocations' \
		</dev/null >"$work/out" 2>&1
	grep -q '^[0-9]* passed, 0 failed' "$work/out" || passed=no
	tr -d '\r' <"$work/out" | grep -oE 'f{8}[0-9a-f]{8}$' | sort -u - "$work/failed" >"$work/all"
	mv "$work/all" "$work/failed"
	join -v 1 "$work/sites" "$work/failed" >"$work/missed"
	[ $passed = yes ] && [ -s "$work/missed" ] || break
done
sites=$(wc -l <"$work/sites")
if [ $passed = no ]; then
	got_output=$(cat "$work/out")
	not_ok cases "$(one_line)"
elif [ "$sites" -lt 40 ]; then
	not_ok sites "only $sites calls of allocators were found in $elf"
else
	ok sites
	while read -r address name place; do
		not_ok "$name" "the allocation at $place was never made to fail"
	done <"$work/missed"
	[ -s "$work/missed" ] || ok every-site
fi
