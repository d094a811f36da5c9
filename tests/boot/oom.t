#!/bin/sh
# SPDX-License-Identifier: MIT
# A victim of the OOM killer that cannot end is not waited for for ever.
. tests/lib.sh
make -s build/tests/guest/stress >/dev/null || { echo "not ok oom_build: it does not compile"; exit 0; }
case=a_victim_that_stands_still
expect_match "oom_$case" 0 "*does not end, another one has to*
ok $case
1 passed, 0 failed" checked --cpus 2 --mem 64M --timeout 90 \
	--add "$PWD/build/tests/guest/stress:/stress" busybox sh -c "/stress $case"
