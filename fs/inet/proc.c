/* SPDX-License-Identifier: MIT */
/*
 * What /proc/net tells of internet sockets and of lo, in the forms of proc(5), and the values under
 * /proc/sys/net/ipv4. Each reader sees its own network namespace. Task context.
 */
#include "inet.h"
#include <jiffy/init.h>
#include <jiffy/proc_fs.h>
#include <jiffy/sched.h>
#include <jiffy/seq_file.h>
#include <jiffy/sysctl.h>
#include <uapi/if.h>

/* One reading of a table of sockets. */
struct listing {
	struct seq_file *m;
	short family;
	unsigned int n; /* of the line */
};

/* Words of the address in the order they have in memory, the port as a number. */
static void show_end(struct seq_file *m, const struct inet_end *end, short family)
{
	const u32 *w = end->addr.s6_addr32;

	if (family == AF_INET)
		seq_printf(m, " %08X:%04X", w[3], end->port);
	else
		seq_printf(m, " %08X%08X%08X%08X:%04X", w[0], w[1], w[2], w[3], end->port);
}

static void show_sock(struct inet_sock *sk, void *arg)
{
	struct listing *l = arg;
	struct seq_file *m = l->m;
	bool stream = sk->type == SOCK_STREAM;
	struct socket *sock;
	int unsent;

	/* A stream is there while it is connected or listens: the port alone is not told. */
	if (sk->family != l->family || (stream && READ_ONCE(sk->state) == TCP_CLOSE))
		return;
	unsent = stream ? tcp_outq(sk) : 0;
	spin_lock(&sk->lock);
	sock = sk->socket;
	seq_printf(m, stream ? "%4u:" : "%5u:", l->n++);
	show_end(m, &sk->local, l->family);
	show_end(m, &sk->remote, l->family);
	seq_printf(m, " %02X %08X:%08X %02X:%08lX %08X %5u %8d %lu %d %p", sk->state, unsent,
		   sk->state == TCP_LISTEN ? sk->accept_len : sk->queued, 0, 0UL, 0,
		   from_kuid_munged(current_user_ns(), sk->uid), 0,
		   sock && sock->file ? file_inode(sock->file)->i_ino : 0UL,
		   refcount_read(&sk->refcnt), sock_shown_as(m, sk));
	if (stream)
		seq_puts(m, " 20 4 0 10 -1\n"); /* times of segments: none was ever late */
	else
		seq_printf(m, " %lu\n", (unsigned long)sk->drops);
	spin_unlock(&sk->lock);
}

#define SOCK_HEADER "st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
#define V4_PEER	    "  sl  local_address rem_address   "
#define V6_PEER                                                      \
	"  sl  local_address                         remote_address" \
	"                        "

static const struct table {
	const char *name;
	int protocol;
	short family;
} tables[] = {
    {"net/tcp", IPPROTO_TCP, AF_INET},	       {"net/tcp6", IPPROTO_TCP, AF_INET6},
    {"net/udp", IPPROTO_UDP, AF_INET},	       {"net/udp6", IPPROTO_UDP, AF_INET6},
    {"net/udplite", IPPROTO_UDPLITE, AF_INET}, {"net/udplite6", IPPROTO_UDPLITE, AF_INET6},
};

/* m->private is the table. */
static int table_show(struct seq_file *m, void *v)
{
	const struct table *t = m->private;
	struct listing l = {.m = m, .family = t->family};

	seq_puts(m, t->family == AF_INET ? V4_PEER SOCK_HEADER : V6_PEER SOCK_HEADER);
	seq_puts(m, t->protocol == IPPROTO_TCP ? "\n" : " ref pointer drops\n");
	inet_for_each(current->nsproxy->net_ns, t->protocol, show_sock, &l);
	return 0;
}

/* Nothing passes the interface, so it counts nothing. */
static int dev_show(struct seq_file *m, void *v)
{
	seq_puts(m, "Inter-|   Receive                                                |  Transmit\n"
		    " face |bytes    packets errs drop fifo frame compressed multicast|bytes"
		    "    packets errs drop fifo colls carrier compressed\n");
	seq_printf(m, "%6s:%8d%8d%5d%5d%5d%6d%11d%10d%9d%8d%5d%5d%5d%6d%8d%11d\n", "lo", 0, 0, 0, 0,
		   0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	return 0;
}

/* The routes beyond this machine: there are none, so of IPv4 the header alone. */
static int route_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%-127s\n",
		   "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU"
		   "\tWindow\tIRTT");
	return 0;
}

static int if_inet6_show(struct seq_file *m, void *v)
{
	if (READ_ONCE(current->nsproxy->net_ns->lo_up))
		seq_printf(m, "%031d1 %02x %02x %02x %02x %8s\n", 0, LOOPBACK_IFINDEX, 128,
			   0x10 /* of this host */, 0x80 /* permanent */, "lo");
	return 0;
}

static int ipv6_route_show(struct seq_file *m, void *v)
{
	if (READ_ONCE(current->nsproxy->net_ns->lo_up))
		seq_printf(m, "%031d1 80 %032d 00 %032d %08x %08x %08x %08x %8s\n", 0, 0, 0, 0, 2,
			   0, 0x80200001, "lo");
	return 0;
}

static void count_sock(struct inet_sock *sk, void *arg)
{
	struct listing *l = arg;

	if (sk->family == l->family)
		l->n++;
}

/* How many sockets of a kind have a port. */
static unsigned int count(int protocol, short family)
{
	struct listing l = {.family = family};

	inet_for_each(current->nsproxy->net_ns, protocol, count_sock, &l);
	return l.n;
}

static int sockstat_show(struct seq_file *m, void *v)
{
	unsigned int tcp = count(IPPROTO_TCP, AF_INET), tcp6 = count(IPPROTO_TCP, AF_INET6);
	unsigned int udp = count(IPPROTO_UDP, AF_INET), udp6 = count(IPPROTO_UDP, AF_INET6);
	unsigned int lite = count(IPPROTO_UDPLITE, AF_INET);
	unsigned int lite6 = count(IPPROTO_UDPLITE, AF_INET6);

	seq_printf(m, "sockets: used %u\n", tcp + tcp6 + udp + udp6 + lite + lite6);
	seq_printf(m, "TCP: inuse %u orphan 0 tw 0 alloc %u mem 0\n", tcp, tcp + tcp6);
	seq_printf(m, "UDP: inuse %u mem 0\nUDPLITE: inuse %u\n", udp, lite);
	seq_puts(m, "RAW: inuse 0\nFRAG: inuse 0 memory 0\n"); /* there are none */
	return 0;
}

static int sockstat6_show(struct seq_file *m, void *v)
{
	seq_printf(m, "TCP6: inuse %u\nUDP6: inuse %u\nUDPLITE6: inuse %u\n",
		   count(IPPROTO_TCP, AF_INET6), count(IPPROTO_UDP, AF_INET6),
		   count(IPPROTO_UDPLITE, AF_INET6));
	seq_puts(m, "RAW6: inuse 0\nFRAG6: inuse 0 memory 0\n");
	return 0;
}

static const int port_min = 1, port_max = 65535;

static DEFINE_MUTEX(ports_mutex); /* of who writes one of the two, which bound each other */

/* A range that is one, of ports that everybody may have. Written as a whole, or not at all. */
static int ports_handler(const struct ctl_table *table, int write, void *buffer, size_t *lenp,
			 loff_t *ppos)
{
	bool is_range = table->data == sysctl_port_range;
	struct ctl_table copy = *table;
	int range[2], first, err;

	mutex_lock(&ports_mutex);
	range[0] = sysctl_port_range[0];
	range[1] = sysctl_port_range[1];
	first = sysctl_unprivileged_port;
	copy.data = is_range ? range : &first;
	err = proc_dointvec_minmax(&copy, write, buffer, lenp, ppos);
	if (!err && write && (range[0] > range[1] || range[0] < first))
		err = -EINVAL;
	if (!err) {
		WRITE_ONCE(sysctl_port_range[0], range[0]);
		WRITE_ONCE(sysctl_port_range[1], range[1]);
		WRITE_ONCE(sysctl_unprivileged_port, first);
	}
	mutex_unlock(&ports_mutex);
	return err;
}

static const struct ctl_table ipv4_table[] = {
    {
	.procname = "ip_local_port_range",
	.data = sysctl_port_range,
	.maxlen = sizeof(sysctl_port_range),
	.mode = 0644,
	.proc_handler = ports_handler,
	.extra1 = (void *)&port_min,
	.extra2 = (void *)&port_max,
    },
    {
	.procname = "ip_unprivileged_port_start",
	.data = &sysctl_unprivileged_port,
	.maxlen = sizeof(int),
	.mode = 0644,
	.proc_handler = ports_handler,
	.extra1 = SYSCTL_ZERO,
	.extra2 = (void *)&port_max,
    },
    {
	.procname = "tcp_rmem",
	.data = sysctl_tcp_rmem,
	.maxlen = sizeof(sysctl_tcp_rmem),
	.mode = 0644,
	.proc_handler = proc_dointvec_minmax,
	.extra1 = SYSCTL_ONE,
    },
    {
	.procname = "tcp_wmem",
	.data = sysctl_tcp_wmem,
	.maxlen = sizeof(sysctl_tcp_wmem),
	.mode = 0644,
	.proc_handler = proc_dointvec_minmax,
	.extra1 = SYSCTL_ONE,
    },
    {0},
};

static int inet_proc_init(void)
{
	static const struct {
		const char *name;
		int (*show)(struct seq_file *m, void *v);
	} files[] = {
	    {"net/dev", dev_show},	     {"net/route", route_show},
	    {"net/if_inet6", if_inet6_show}, {"net/ipv6_route", ipv6_route_show},
	    {"net/sockstat", sockstat_show}, {"net/sockstat6", sockstat6_show},
	};
	const struct table *t;
	unsigned int i;

	for (t = tables; t < tables + ARRAY_SIZE(tables); t++)
		if (!proc_create_single_data(t->name, 0, NULL, table_show, (void *)t))
			return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(files); i++)
		if (!proc_create_single(files[i].name, 0, NULL, files[i].show))
			return -ENOMEM;
	return register_sysctl("net/ipv4", ipv4_table);
}
late_initcall(inet_proc_init);
