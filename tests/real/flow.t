# SPDX-License-Identifier: MIT
# Flow control of the serial console: by CTS and RTS in the chip's own loop, by XON and XOFF towards
# a person who types faster than the program reads.
. tests/lib.sh

if ! make -s build/tests/real/uartloop build/tests/real/terminal; then
	not_ok flow 'the programs do not build'
	exit 0
fi
got_output=$(jiffy --timeout 60 "$PWD/build/tests/real/uartloop" </dev/null 2>&1)
case $got_output in
*without-crtscts) printf '%s\n' "$got_output" | sed 's/ok /ok cts-/' ;;
*) not_ok cts "it ended early: $(one_line)" ;;
esac

# Twenty thousand bytes, typed at once: XOFF comes when the buffers are nearly full, XON when the
# program reads again, and not a byte is lost.
chunk=$(printf '%01999d' 0)
{
	echo 'name xoff'
	echo 'expect # '
	echo 'send stty raw -echo ixoff; echo go-$((1+1)); sleep 3; head -c 20000 | wc -c; stty sane\r'
	echo 'expect go-2'
	for i in 0 1 2 3 4 5 6 7 8 9; do echo "send ${chunk}x"; done
	echo 'expect \x13'
	echo 'name xon'
	echo 'expect \x11'
	echo 'name nothing-lost'
	echo 'expect 20000'
	echo 'expect # '
	echo 'send exit 0\r'
	echo 'exit 0'
} | TERM=xterm build/tests/real/terminal build/jiffy run ${JIFFY_TEST_FLAGS-}
