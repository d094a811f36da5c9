# SPDX-License-Identifier: MIT
# What looks at other processes from outside: strace and ltrace that start a program, strace that
# attaches to one, gdb with threads and a watched variable; killall, which signals by way of /proc;
# a shell's process substitution, which opens pipes by way of /proc.
. tests/lib.sh

# have NAME PROGRAM: the test can be made on this host.
have() {
	command -v "$2" >/dev/null && return 0
	echo "skip $1: $2 is not installed"
	return 1
}

# guest SCRIPT TOOL...: bash runs SCRIPT in the guest, which has the TOOLs as well.
guest() {
	guest_script=$1 guest_add=
	shift
	for tool in "$@"; do
		case $tool in
		*:*) guest_add="$guest_add --add $tool" ;;
		*) guest_add="$guest_add --add $(command -v "$tool")" ;;
		esac
	done
	jiffy --cpus "${cpus-2}" --timeout 100 $guest_add bash -c "$guest_script" </dev/null
}

for cpus in 1 4; do
	if have strace-cpus$cpus strace; then
		expect strace-cpus$cpus 3 'three ended by 0, one by 3, four execve' guest '
			strace -f -o /tmp/o sh -c "ls / >/dev/null & ls / | cat >/dev/null; wait; exit 3"
			s=$?
			[ $(grep -c "+++ exited with 0 +++$" /tmp/o) = 3 ] && echo -n "three ended by 0, "
			[ $(grep -c "+++ exited with 3 +++$" /tmp/o) = 1 ] && echo -n "one by 3, "
			[ $(grep -c "execve(" /tmp/o) = 4 ] && echo "four execve"
			exit $s' strace sh ls cat grep
	fi
done
cpus=2

if have strace-attaches strace; then
	expect strace-attaches 143 'SIGTERM seen' guest '
		sleep 100 & child=$!
		strace -o /tmp/o -p $child 2>/dev/null & tracer=$!
		until grep -q "^TracerPid:.$tracer$" /proc/$child/status; do sleep 0.1; done
		kill $child
		wait $tracer
		grep -q "^+++ killed by SIGTERM +++$" /tmp/o && echo SIGTERM seen
		wait $child' strace sleep grep
fi

if have ltrace ltrace; then
	expect_match ltrace 0 '*SYS_exit_group(0*+++ exited (status 0) +++' \
		guest 'ltrace -S cat /dev/null 2>&1' ltrace cat
fi

# A gdb with Python inside would want all of Python's library along.
if have gdb-watches gdb && ldd "$(command -v gdb)" | grep -q python; then
	echo 'skip gdb-watches: gdb is not of the package gdb-minimal here'
elif command -v gdb >/dev/null && make -s build/tests/real/threads; then
	expect gdb-watches 0 'Old value = 0|New value = 1|threads: 18|exited with code 07' guest '
		gdb -nx -batch -ex "break main" -ex run -ex "watch go" -ex continue \
			-ex "info threads" -ex delete -ex "handle SIG32 nostop" -ex continue /threads >/tmp/o 2>&1
		grep -o -e "^Old value = 0$" -e "^New value = 1$" /tmp/o | tr "\n" "|"
		echo -n "threads: $(grep -cE "^[* ] [0-9]+ +(LWP|Thread)" /tmp/o)|"
		grep -o "exited with code 07" /tmp/o' gdb grep tr "$PWD/build/tests/real/threads:/threads"
fi

if have killall killall; then
	expect killall 0 '143 143 143' guest '
		sleep 100 & a=$!
		sleep 100 & b=$!
		sleep 100 & c=$!
		killall sleep || exit
		wait $a; a=$?
		wait $b; b=$?
		wait $c; echo $a $b $?' killall sleep
fi

expect process-substitution 1 '3a4|> 4' guest 'diff <(seq 3; exit) <(seq 4) >/tmp/o
	s=$?; tr "\n" "|" </tmp/o | sed "s/|\$//"; exit $s' diff seq tr sed
