# SPDX-License-Identifier: MIT
# Debian's own programs, unmodified: static busybox, dynamic bash and coreutils, pipes of them.
. tests/lib.sh

tools='cat ls sort wc head tail tr uniq cut seq mkdir rm mv cp ln touch stat date od sha256sum dd env id'
add=
for tool in $tools; do add="$add --add $(command -v "$tool")"; done

coreutils() {
	jiffy --timeout 60 $add bash -c "$1" </dev/null
}

expect busybox-static 0 'Hello, jiffy' jiffy --timeout 60 busybox echo Hello, jiffy
expect bash 0 '15' jiffy --timeout 60 bash -c 'n=0; for i in 1 2 3 4 5; do n=$((n + i)); done; echo $n'
expect bash-subshells 0 'a b c' \
	jiffy --timeout 60 bash -c 'for x in a b c; do (echo $x) & wait $!; done | { read a; read b; read c; echo $a $b $c; }'
expect bash-signals 0 'caught' \
	jiffy --timeout 60 bash -c 'trap "echo caught; exit 0" USR1; kill -USR1 $$; exit 1'
expect coreutils-pipe 0 '      3 a|      2 b|      1 c|' \
	coreutils 'printf "%s\n" a b a c a b | sort | uniq -c | sort -rn | tr "\n" "|"'
expect coreutils-sum 0 '333833500' \
	coreutils 'n=0; for i in $(seq 1000); do n=$((n + i * i)); done; echo $n'
expect coreutils-files 0 'two|one two|2' coreutils \
	'mkdir -p /tmp/d; echo two >/tmp/d/one; ln -s one /tmp/d/two; cat /tmp/d/two | tr "\n" "|"; ls /tmp/d | tr "\n" " " | cut -c 1-7 | tr "\n" "|"; ls /tmp/d | wc -l'
expect coreutils-sha256 0 '8060aa0ac20a3e5db2b67325c98a0122f2d09a612574458225dcb9a086f87cc3  -' coreutils 'seq 10000 | sha256sum'
expect coreutils-dd 0 '1048576' coreutils 'dd if=/dev/zero bs=4096 count=256 status=none | wc -c'
expect coreutils-id 0 '0' coreutils 'id -u'
expect many-processes 0 '200' \
	coreutils 'for i in $(seq 200); do echo $i; done | while read i; do (echo $i); done | wc -l'
expect script 0 'a script: x' jiffy --timeout 60 tests/real/data/script x
