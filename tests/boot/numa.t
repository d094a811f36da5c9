# SPDX-License-Identifier: MIT
# Two memory nodes, as the machine's SRAT and SLIT describe them: each has its memory and its CPUs,
# and the distances are the table's. A stand-in for QEMU splits the machine.
. tests/lib.sh

work=$(mktemp -d) || exit 71
trap 'rm -rf "$work"' EXIT

qemu_with "$work/qemu" <<'END'
case $arg in
*,memory-backend=ram) arg=${arg%,memory-backend=ram} ;;
memory-backend-ram,id=ram,*)
	set -- "$@" memory-backend-ram,id=ram0,size=192M \
		-object memory-backend-ram,id=ram1,size=320M \
		-numa node,nodeid=0,memdev=ram0,cpus=0-2 \
		-numa node,nodeid=1,memdev=ram1,cpus=3 -numa
	arg=dist,src=0,dst=1,val=31
	;;
esac
END

# What node 1 has in MiB, 320 less what the kernel keeps for itself, is rounded to 32.
for kernel in jiffy checked; do
	expect_match "two-nodes-$kernel" 0 '*0-1: 0-2 3, 10 31 31 10, 192 320, Mems_allowed_list: 0-1' \
		$kernel --qemu "$work/qemu" --machine q35 --cpus 4 --timeout 120 busybox sh -c '
		cd /sys/devices/system/node
		mib() {
			kib=$(sed -n "s/.*MemTotal: *\([0-9]*\) kB/\1/p" node$1/meminfo)
			echo $(((kib / 1024 + 31) / 32 * 32))
		}
		echo $(cat online): $(cat node0/cpulist node1/cpulist), \
			$(cat node0/distance node1/distance), $(mib 0) $(mib 1), \
			$(grep Mems_allowed_list /proc/self/status)'
done
