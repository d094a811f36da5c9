#!/bin/sh
# SPDX-License-Identifier: MIT
# isolcpus=: what begins elsewhere, what may go there, what is refused.
. tests/lib.sh

here='cat /sys/devices/system/cpu/isolated; grep Cpus_allowed_list /proc/self/status;
taskset -p 2 $$ >/dev/null; grep Cpus_allowed_list /proc/self/status'
tab=$(printf '\t')
expect isolated_cpu 0 "1
Cpus_allowed_list:${tab}0
Cpus_allowed_list:${tab}1" jiffy --cpus 2 --append isolcpus=1 busybox sh -c "$here"
expect isolated_domain_flag 0 "1
Cpus_allowed_list:${tab}0
Cpus_allowed_list:${tab}1" jiffy --cpus 2 --append isolcpus=domain,managed_irq,1 \
	busybox sh -c "$here"
expect isolated_all_is_refused 0 "
Cpus_allowed_list:${tab}0-1" jiffy --cpus 2 --append isolcpus=0-1 busybox sh -c \
	'cat /sys/devices/system/cpu/isolated; grep Cpus_allowed_list /proc/self/status'
# A partition that is to be balanced cannot have one; cpusets have them otherwise, as on Linux.
expect isolated_cpus_in_cpusets 0 "0-1
1
root invalid (CPUs of cpuset.cpus were isolated at boot)
isolated" jiffy --cpus 2 --append isolcpus=1 busybox sh -c 'cd /sys/fs/cgroup
echo +cpuset > cgroup.subtree_control
cat cpuset.cpus.effective cpuset.cpus.isolated
mkdir a; echo 1 > a/cpuset.cpus
for p in root isolated; do echo $p > a/cpuset.cpus.partition; cat a/cpuset.cpus.partition; done'
expect_match nohz_full_is_refused 0 '*nohz_full*ignored*' jiffy --cpus 2 --append nohz_full=1 \
	busybox sh -c 'dmesg | grep nohz_full:'
