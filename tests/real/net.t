# SPDX-License-Identifier: MIT
# Debian's programs that talk to each other through the loopback.
. tests/lib.sh
LC_ALL=C # perl says a lot about any other
export LC_ALL

# have NAME PROGRAM: the test can be made on this host.
have() {
	command -v "$2" >/dev/null && return 0
	echo "skip $1: $2 is not installed"
	return 1
}

# busybox: its web server and client, its nc, ip and netstat.
expect busybox-httpd 0 'page 200000' jiffy --cpus 2 --timeout 60 busybox sh -c '
	mkdir /tmp/www; cd /tmp/www
	dd if=/dev/zero of=page bs=1000 count=200 2>/dev/null
	busybox httpd -p 127.0.0.1:8080 -h /tmp/www
	until busybox wget -q -O /tmp/got http://127.0.0.1:8080/page 2>/dev/null; do sleep 0.1; done
	cmp page /tmp/got && echo page $(wc -c </tmp/got)' </dev/null

expect bash-tcp 0 'asked: question
answered: answer' jiffy --cpus 2 --timeout 60 bash -c '
	{ echo answer | busybox nc -l -p 4000 | while read q; do echo asked: $q; done; } &
	until exec 5<>/dev/tcp/127.0.0.1/4000; do sleep 0.1; done 2>/dev/null
	echo question >&5
	read a <&5
	exec 5>&-
	wait
	echo answered: $a' </dev/null

expect_match busybox-ip 0 '*127.0.0.1/8*::1/128*::1 dev lo*' jiffy --timeout 60 busybox sh -c '
	busybox ip addr; busybox ip -6 route' </dev/null

expect_match netstat 0 '*127.0.0.1:4001*LISTEN*' jiffy --cpus 2 --timeout 60 busybox sh -c '
	busybox httpd -p 127.0.0.1:4001
	busybox netstat -ltn' </dev/null

if have perl perl; then
	expect perl-sockets 0 'ECHO one|ECHO two|' jiffy --cpus 2 --timeout 60 --add "$(perl -MSocket -e '
		print $INC{"Socket.pm"} =~ s|/[^/]*$||r')" perl -e '
		use Socket;
		socket(L, PF_INET, SOCK_STREAM, 0) && bind(L, sockaddr_in(0, INADDR_LOOPBACK)) &&
			listen(L, 5) or die $!;
		my ($port) = sockaddr_in(getsockname(L));
		if (!fork) {
			for (1 .. 2) {
				accept(C, L) or die $!;
				my $line = <C>;
				syswrite(C, "ECHO $line");
				close(C);
			}
			exit;
		}
		for my $word ("one", "two") {
			socket(S, PF_INET, SOCK_STREAM, 0) && connect(S, sockaddr_in($port, INADDR_LOOPBACK))
				or die $!;
			syswrite(S, "$word\n");
			my $line = <S>;
			chomp $line;
			print "$line|";
		}' </dev/null
fi

if [ -x /usr/bin/python3 ]; then
	library=$(/usr/bin/python3 -c 'import os; print(os.path.dirname(os.__file__))')
	expect python-http 0 '5 pages of 300000, localhost is 127.0.0.1' jiffy --cpus 2 --mem 1G \
		--timeout 120 --add "$library" /usr/bin/python3 -c '
import http.server, os, socket, threading, urllib.request
os.chdir("/tmp")
open("page", "wb").write(b"x" * 300000)
class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = "http://127.0.0.1:%d/page" % server.server_port
sizes = [len(urllib.request.urlopen(url).read()) for i in range(5)]
server.shutdown()
print(len(sizes), "pages of %d," % sizes[0], "localhost is", socket.gethostbyname("localhost"))
' </dev/null
else
	echo 'skip python-http: python3 is not installed'
fi

if have stress-ng stress-ng; then
	expect stress-ng-sockets 0 'all ran' jiffy --cpus 2 --mem 1G --timeout 200 \
		--add "$(command -v stress-ng)" bash -c 'for s in sock udp; do
			stress-ng --$s 2 --timeout 1 --quiet >/tmp/out 2>&1 || echo "$s: $(</tmp/out)"
		done; echo all ran' </dev/null
fi
