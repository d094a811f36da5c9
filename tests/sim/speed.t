#!/bin/sh
# SPDX-License-Identifier: MIT
# The simulator's own speed, in processor time, so that other programs matter little: 384 CPUs with
# 768 tasks. The bound is a quarter of what a quiet machine does. And the largest machine boots.
work=$(mktemp)
trap 'rm -f "$work"' EXIT
cat >"$work" <<'END'
worker count=512 : run 100us~400us; sleep 200us~800us
hog count=128 : run 20ms
pair count=128 : run 20us~60us; sleep 50us~300us
END
made=$(build/jiffy sim --measure --cpus 384 --caches 6 --time 200 "$work" | tail -n 1)
speed=${made%% events/s*}
speed=${speed##* }
size=${made%% bytes a task*}
size=${size##* }
if [ "${speed:-0}" -ge 500000 ] && [ "${size:-9999}" -lt 4096 ]; then
	echo "ok sim_speed"
else
	echo "not ok sim_speed: $made"
fi
made=$(build/jiffy sim --measure --cpus 4096 --caches 8 --time 5 "$work" | tail -n 1)
memory=${made##*, }
memory=${memory%% KiB*}
if [ "${memory:-9999999}" -lt 400000 ]; then
	echo "ok sim_4096_cpus"
else
	echo "not ok sim_4096_cpus: $made"
fi
