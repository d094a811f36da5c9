# SPDX-License-Identifier: MIT
# The shell at a terminal: editing, job control, window size, and the way out. Jobs say themselves
# when they run, so that no key comes before there is one to take it.
. tests/lib.sh

if ! make -s build/tests/real/terminal; then
	not_ok shell 'the terminal driver does not build'
	exit 0
fi
TERM=xterm build/tests/real/terminal build/jiffy run ${JIFFY_TEST_FLAGS-} <<'END'
name prompt
expect # 
name command
send echo $((6*7))-out\r
expect 42-out
name erase
send echo abX\x7fc-out\r
expect abc-out
name window-at-start
send stty size; echo end\r
expect 30 100
name interrupt
send sh -c 'echo go-$((4+4)); exec sleep 1000'\r
expect go-8
send \x03
expect ^C
expect # 
send echo status $?\r
expect status 130
expect # 
name stop
send sh -c 'trap "echo go-\\$((5+5))" CONT; echo go-$((3+3)); while :; do sleep 0.1; done'\r
expect go-6
send \x1a
expect Stopped
expect # 
name background
send bg\r
expect go-10
send jobs\r
expect Running
expect # 
name foreground
send fg\r
expect go-10
send \x03
expect ^C
expect # 
name redirection
send echo kept >/tmp/f; cat </tmp/f | tr a-z A-Z\r
expect KEPT
name controlling-terminal
send echo by-tty >/dev/tty; tty\r
expect by-tty
expect /dev/
name exit
send exit 3\r
exit 3
END

# A change of the host's window reaches the guest, as a size and as a signal. (Not at the prompt:
# there busybox's line editor takes the signal for itself, on Linux too.)
TERM=xterm build/tests/real/terminal build/jiffy run ${JIFFY_TEST_FLAGS-} <<'END'
name window-change
expect # 
send sh -c "trap 'echo got-signal; stty size; exit' WINCH; echo set-\$((1+1)); while :; do sleep 1; done"\r
expect set-2
size 50 132
expect got-signal
expect 50 132
send exit\r
exit 0
END

# Three Ctrl-] end a guest that listens to nothing.
TERM=xterm build/tests/real/terminal build/jiffy run ${JIFFY_TEST_FLAGS-} <<'END'
name escape
expect # 
send trap '' INT TSTP QUIT; while :; do :; done\r
send \x1d\x1d\x1d
exit 143
END

# A program that writes to a terminal, but does not read from it: lines end as the host's do.
TERM=xterm build/tests/real/terminal sh -c 'build/jiffy run ${JIFFY_TEST_FLAGS-} bash -c "echo one; echo two; test -t 1" </dev/null; echo status $?' <<'END'
name output-only
expect one\r\ntwo\r\n
expect status 0
exit 0
END
