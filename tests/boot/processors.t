# SPDX-License-Identifier: MIT
# Processors of other makes: who shares which cache, and that the scheduler's domains have it from
# there; and one without XSAVE, as processors were before 2008. A stand-in for QEMU puts the model
# and the layout in.
. tests/lib.sh

work=$(mktemp -d) || exit 71
trap 'rm -rf "$work"' EXIT
make -s build/tests/guest/fpu build/tests/guest/misc >&2

# qemu NAME MODEL [LAYOUT]: a stand-in of that name, with -cpu MODEL and -smp LAYOUT.
qemu() {
	qemu_with "$work/$1" <<END
case \$last in
-cpu) arg=$2 ;;
-smp) arg=${3:-\$arg} ;;
esac
END
}

# caches NAME MODEL OUTPUT: eight CPUs, two packages of two dies of two cores, as CPU 5 sees them.
caches() {
	qemu "$1" "$2" 8,sockets=2,dies=2,cores=2,threads=1
	expect "caches-$1" 0 "$3" jiffy --qemu "$work/$1" --machine q35 --cpus 8 --timeout 120 \
		--add "$PWD/build/tests/guest/misc:/misc" busybox sh -c '
		cd /sys/devices/system/cpu/cpu5/cache
		for i in index*; do
			echo $(cat $i/level $i/type $i/size $i/id $i/shared_cpu_list)
		done
		cd /sys/kernel/debug/sched/domains/cpu5
		for d in *; do echo $(cat $d/name $d/span); done
		/misc caches_are_described'
}

fine='ok caches_are_described
1 passed, 0 failed'
caches intel Skylake-Server "1 Data 32K 5 5
1 Instruction 32K 5 5
2 Unified 4096K 5 5
3 Unified 16384K 2 4-5
MC 4-5
PKG 4-7
NODE 0-7
$fine"
caches amd EPYC "1 Data 32K 5 5
1 Instruction 64K 5 5
2 Unified 512K 5 5
3 Unified 8192K 2 4-5
MC 4-5
PKG 4-7
NODE 0-7
$fine"
caches amd-old-leaves qemu64 "1 Data 64K 5 5
1 Instruction 64K 5 5
2 Unified 512K 5 5
3 Unified 16384K 1 4-7
MC 4-7
NODE 0-7
$fine"
caches no-third-level Skylake-Server,l3-cache=off "1 Data 32K 5 5
1 Instruction 32K 5 5
2 Unified 4096K 5 5
PKG 4-7
NODE 0-7
$fine"

qemu without-xsave qemu64
expect_match without-xsave 0 '*
[1-9]* passed, 0 failed' checked --qemu "$work/without-xsave" --cpus 2 --timeout 120 \
	--add "$PWD/build/tests/guest/fpu:/fpu" busybox sh -c '
	grep -q " xsave" /proc/cpuinfo && echo it has XSAVE && exit 1; /fpu'
