/* SPDX-License-Identifier: MIT */
/*
 * Options of internet sockets: ip(7), ipv6(7), tcp(7), udp(7). Nearly all are a number that is kept
 * and given back; those at SOL_SOCKET are socket_opt.c's. Task context; no lock, as inet.h has it.
 */
#include "inet.h"
#include <arch/uaccess.h>

/* An option that is a number: a flag of inet_opts.flags, or a word of inet_opts. */
struct number_opt {
	u8 level, name;
	bool is_flag;
	u8 at;	      /* the flag's bit; the word's offset in ints from inet_opts.tos */
	int min, max; /* what it may be set to; -1 sets the default where that is the least */
	int dflt;     /* of a new socket */
};

#define AT(field) \
	((offsetof(struct inet_opts, field) - offsetof(struct inet_opts, tos)) / sizeof(int))
#define NUMBER(lv, nm, field, lo, hi, d)            \
	{                                           \
		lv, nm, false, AT(field), lo, hi, d \
	}
#define BIT_OPT(lv, nm, bit, lo, hi, d)      \
	{                                    \
		lv, nm, true, bit, lo, hi, d \
	}
#define INT_MAX_OPT		     0x7fffffff
#define INT_MIN_OPT		     (-INT_MAX_OPT - 1)
#define ANY_NUMBER(lv, nm, field, d) NUMBER(lv, nm, field, INT_MIN_OPT, INT_MAX_OPT, d)
/* One that takes any number for on, and one that is particular. */
#define FLAG(lv, nm, bit, d)	 BIT_OPT(lv, nm, bit, INT_MIN_OPT, INT_MAX_OPT, d)
#define FLAG_0_1(lv, nm, bit, d) BIT_OPT(lv, nm, bit, 0, 1, d)

#define LINGER2_DEFAULT 60 /* seconds; and twice as many at most */
#define CLAMP_MIN	1152
#define CSCOV_MIN	8 /* the header of UDP-Lite: RFC 3828 */

static const struct number_opt numbers[] = {
    ANY_NUMBER(SOL_IP, IP_TOS, tos, 0),
    NUMBER(SOL_IP, IP_TTL, ttl, -1, 255, INET_TTL),
    NUMBER(SOL_IP, IP_MINTTL, min_ttl, 0, 255, 0),
    NUMBER(SOL_IP, IP_MTU_DISCOVER, mtu_discover, 0, 5, 1),
    NUMBER(SOL_IP, IP_MULTICAST_TTL, mc_ttl, -1, 255, 1),
    FLAG(SOL_IP, IP_MULTICAST_LOOP, INET_MC_LOOP, 1),
    FLAG(SOL_IP, IP_PKTINFO, INET_PKTINFO, 0),
    FLAG(SOL_IP, IP_RECVTTL, INET_RECVTTL, 0),
    FLAG(SOL_IP, IP_RECVTOS, INET_RECVTOS, 0),
    FLAG(SOL_IP, IP_RECVERR, INET_RECVERR, 0),
    FLAG(SOL_IP, IP_FREEBIND, INET_FREEBIND, 0),
    FLAG(SOL_IP, IP_TRANSPARENT, INET_TRANSPARENT, 0),
    FLAG(SOL_IP, IP_BIND_ADDRESS_NO_PORT, INET_BIND_NO_PORT, 0),
    NUMBER(SOL_IPV6, IPV6_UNICAST_HOPS, hops, -1, 255, INET_TTL),
    NUMBER(SOL_IPV6, IPV6_MULTICAST_HOPS, mc_hops, -1, 255, 1),
    NUMBER(SOL_IPV6, IPV6_MTU_DISCOVER, mtu_discover6, 0, 5, 1),
    NUMBER(SOL_IPV6, IPV6_TCLASS, tclass, -1, 255, 0),
    FLAG_0_1(SOL_IPV6, IPV6_MULTICAST_LOOP, INET6_MC_LOOP, 1),
    FLAG(SOL_IPV6, IPV6_V6ONLY, INET_V6ONLY, 0),
    FLAG(SOL_IPV6, IPV6_RECVPKTINFO, INET6_PKTINFO, 0),
    FLAG(SOL_IPV6, IPV6_RECVHOPLIMIT, INET6_RECVHOPLIMIT, 0),
    FLAG(SOL_IPV6, IPV6_RECVTCLASS, INET6_RECVTCLASS, 0),
    FLAG(SOL_IPV6, IPV6_RECVERR, INET6_RECVERR, 0),
    FLAG(SOL_TCP, TCP_NODELAY, TCPF_NODELAY, 0),
    FLAG(SOL_TCP, TCP_CORK, TCPF_CORK, 0),
    FLAG(SOL_TCP, TCP_QUICKACK, TCPF_QUICKACK, 1),
    FLAG_0_1(SOL_TCP, TCP_INQ, TCPF_INQ, 0),
    FLAG_0_1(SOL_TCP, TCP_FASTOPEN_CONNECT, TCPF_FASTOPEN_CONNECT, 0),
    NUMBER(SOL_TCP, TCP_KEEPIDLE, keepidle, 1, 32767, 7200),
    NUMBER(SOL_TCP, TCP_KEEPINTVL, keepintvl, 1, 32767, 75),
    NUMBER(SOL_TCP, TCP_KEEPCNT, keepcnt, 1, 127, 9),
    NUMBER(SOL_TCP, TCP_SYNCNT, syncnt, 1, 127, 6),
    ANY_NUMBER(SOL_TCP, TCP_LINGER2, linger2, LINGER2_DEFAULT),
    ANY_NUMBER(SOL_TCP, TCP_DEFER_ACCEPT, defer_accept, 0),
    ANY_NUMBER(SOL_TCP, TCP_WINDOW_CLAMP, window_clamp, 0),
    NUMBER(SOL_TCP, TCP_USER_TIMEOUT, user_timeout, 0, INT_MAX_OPT, 0),
    ANY_NUMBER(SOL_TCP, TCP_NOTSENT_LOWAT, notsent_lowat, 0),
    NUMBER(SOL_TCP, TCP_FASTOPEN, fastopen, 0, INT_MAX_OPT, 0),
    ANY_NUMBER(SOL_UDPLITE, UDPLITE_SEND_CSCOV, send_cscov, 0),
    ANY_NUMBER(SOL_UDPLITE, UDPLITE_RECV_CSCOV, recv_cscov, 0),
    FLAG(SOL_UDP, UDP_CORK, UDPF_CORK, 0),
    FLAG(SOL_UDP, UDP_NO_CHECK6_TX, UDPF_NO_CHECK6_TX, 0),
    FLAG(SOL_UDP, UDP_NO_CHECK6_RX, UDPF_NO_CHECK6_RX, 0),
};

static int *word_of(struct inet_sock *sk, const struct number_opt *o)
{
	return &sk->inet.tos + o->at;
}

static void put_number(struct inet_sock *sk, const struct number_opt *o, int v)
{
	if (!o->is_flag)
		WRITE_ONCE(*word_of(sk, o), v);
	else if (v)
		set_bit(o->at, &sk->inet.flags);
	else
		clear_bit(o->at, &sk->inet.flags);
}

void inet_opts_init(struct inet_sock *sk)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		put_number(sk, &numbers[i], numbers[i].dflt);
}

/* The number option of that level and name that sk has; NULL: none. */
static const struct number_opt *find_number(const struct inet_sock *sk, int level, int name)
{
	unsigned int i;

	if ((level == SOL_TCP && sk->type != SOCK_STREAM) ||
	    (level == SOL_UDP && sk->type != SOCK_DGRAM) ||
	    (level == SOL_UDPLITE && sk->protocol != IPPROTO_UDPLITE) ||
	    (level == SOL_IPV6 && sk->family != AF_INET6))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		if (numbers[i].level == level && numbers[i].name == name)
			return &numbers[i];
	return NULL;
}

static bool is_opt(const struct number_opt *o, int level, int name)
{
	return o->level == level && o->name == name;
}

/* Whether sk may set o at all, to v. */
static int check_number(const struct inet_sock *sk, const struct number_opt *o, int v)
{
	if (sk->type == SOCK_STREAM && is_opt(o, SOL_IP, IP_MULTICAST_TTL))
		return -EINVAL;
	if (sk->type == SOCK_STREAM && is_opt(o, SOL_IPV6, IPV6_MULTICAST_HOPS))
		return -ENOPROTOOPT;
	if (v < o->min || v > o->max || (!v && is_opt(o, SOL_IP, IP_TTL)))
		return -EINVAL;
	if (is_opt(o, SOL_IP, IP_TRANSPARENT) && v &&
	    !ns_capable(sk->net->user_ns, CAP_NET_ADMIN) &&
	    !ns_capable(sk->net->user_ns, CAP_NET_RAW))
		return -EPERM;
	return 0;
}

/* What is kept when v, which passed, is asked for. */
static int kept(const struct inet_sock *sk, const struct number_opt *o, int v)
{
	if (o->is_flag)
		return !!v;
	if (v == -1 && o->min == -1)
		v = o->dflt;
	/* A byte of the header, of which a stream's lowest bits are not the program's: RFC 3168. */
	if (is_opt(o, SOL_IP, IP_TOS) || is_opt(o, SOL_IPV6, IPV6_TCLASS))
		return v & (sk->type == SOCK_STREAM ? 0xfc : 0xff);
	if (o->level == SOL_UDPLITE)
		return v ? clamp(v, CSCOV_MIN, 65535) : 0;
	if (o->level != SOL_TCP)
		return v;
	switch (o->name) {
	case TCP_LINGER2:
		return v ? clamp(v, -1, 2 * LINGER2_DEFAULT) : LINGER2_DEFAULT;
	case TCP_DEFER_ACCEPT:
		return max(v, 0);
	case TCP_WINDOW_CLAMP:
		return v ? max(v, CLAMP_MIN) : 0;
	case TCP_FASTOPEN:
		return min(v, READ_ONCE(sysctl_somaxconn));
	}
	return v;
}

/* The levels of IP take a single byte too. */
static int read_number(int level, const void __user *val, int len, int *v)
{
	u8 byte;

	if (len >= (int)sizeof(*v))
		return get_user(*v, (const int __user *)val) ? -EFAULT : 0;
	if (len < 1 || level != SOL_IP)
		return -EINVAL;
	if (get_user(byte, (const u8 __user *)val))
		return -EFAULT;
	*v = byte;
	return 0;
}

static int set_number(struct inet_sock *sk, const struct number_opt *o, const void __user *val,
		      int len)
{
	int v, err = read_number(o->level, val, len, &v);

	err = err ?: check_number(sk, o, v);
	if (err)
		return err;
	if (!is_opt(o, SOL_IPV6, IPV6_V6ONLY)) {
		put_number(sk, o, kept(sk, o, v));
		if (is_opt(o, SOL_UDP, UDP_CORK) && !v)
			udp_uncork(sk);
		return 0;
	}
	/* Who may share a port with sk hangs on it, so not once it has one. */
	mutex_lock(&sk->iolock);
	if (sk->port)
		err = -EINVAL;
	else
		put_number(sk, o, v);
	mutex_unlock(&sk->iolock);
	return err;
}

/* SO_BINDTODEVICE: lo is the only one. */
static int set_device(struct inet_sock *sk, const void __user *val, int len)
{
	char name[16] = "";

	if (len < 0)
		return -EINVAL;
	if (copy_from_user(name, val, min(len, (int)sizeof(name) - 1)))
		return -EFAULT;
	if (*name && strcmp(name, "lo"))
		return -ENODEV;
	if (*name)
		set_bit(INET_BOUND_TO_LO, &sk->inet.flags);
	else
		clear_bit(INET_BOUND_TO_LO, &sk->inet.flags);
	return 0;
}

/* A buffer's size changed: a sender may have room now, at this end or at the other. */
static void buffer_changed(struct inet_sock *sk)
{
	struct inet_sock *peer = inet_get_peer(sk);

	inet_wake_writers(sk);
	if (peer) {
		inet_wake_writers(peer);
		inet_put(peer);
	}
}

int inet_setsockopt(struct socket *sock, int level, int name, const void __user *val, int len)
{
	struct inet_sock *sk = inet_sk(sock);
	const struct number_opt *o;
	int err;

	if (level == SOL_SOCKET && name == SO_BINDTODEVICE)
		return set_device(sk, val, len);
	if (level == SOL_SOCKET) {
		err = sock_set_option(&sk->opts, name, val, len);
		if (!err && (name == SO_SNDBUF || name == SO_SNDBUFFORCE || name == SO_RCVBUF ||
			     name == SO_RCVBUFFORCE))
			buffer_changed(sk);
		return err;
	}
	o = find_number(sk, level, name);
	if (o)
		return set_number(sk, o, val, len);
	if (level == SOL_TCP && sk->type == SOCK_STREAM)
		return tcp_set_option(sk, name, val, len);
	return -ENOPROTOOPT;
}

/* Those that ask what the socket is, at SOL_SOCKET. 1: no such one. */
static int get_of_socket(struct inet_sock *sk, int name, void __user *val, int len,
			 int __user *ulen)
{
	struct ucred nobody = {0, -1, -1};
	int v;

	switch (name) {
	case SO_ERROR:
		v = -inet_take_error(sk);
		return sock_put_option(&v, sizeof(v), val, len, ulen);
	case SO_ACCEPTCONN:
		v = READ_ONCE(sk->state) == TCP_LISTEN;
		return sock_put_option(&v, sizeof(v), val, len, ulen);
	case SO_PEERCRED:
		return sock_put_option(&nobody, sizeof(nobody), val, len, ulen);
	case SO_BINDTODEVICE:
		if (!inet_flag(sk, INET_BOUND_TO_LO))
			return put_user(0, ulen);
		return len < 16 ? -EINVAL : sock_put_option("lo", 3, val, len, ulen);
	}
	return 1;
}

/* Those that ask about the way, at SOL_IP and SOL_IPV6. */
static int get_of_way(struct inet_sock *sk, int level, int name, void __user *val, int len,
		      int __user *ulen)
{
	int mtu = LOOPBACK_MTU;

	if (level == SOL_IP && name == IP_OPTIONS)
		return put_user(0, ulen);
	if (sk->family == AF_INET && level != SOL_IP && level != SOL_UDP)
		return -EOPNOTSUPP;
	if (!(level == SOL_IP && name == IP_MTU) &&
	    !(level == SOL_IPV6 && name == IPV6_MTU && sk->family == AF_INET6))
		return -ENOPROTOOPT;
	if (!READ_ONCE(sk->remote.port))
		return -ENOTCONN;
	return sock_put_option(&mtu, sizeof(mtu), val, len, ulen);
}

int inet_getsockopt(struct socket *sock, int level, int name, void __user *val, int __user *ulen)
{
	struct inet_sock *sk = inet_sk(sock);
	const struct number_opt *o;
	int len, v, err;

	if (get_user(len, ulen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	if (level == SOL_SOCKET) {
		err = get_of_socket(sk, name, val, len, ulen);
		return err <= 0 ? err : sock_get_option(&sk->opts, sock, name, val, len, ulen);
	}
	o = find_number(sk, level, name);
	if (o) {
		v = o->is_flag ? inet_flag(sk, o->at) : READ_ONCE(*word_of(sk, o));
		/* For less than an int the levels of IP give a byte, when it is enough. */
		if (level == SOL_IP && len && len < (int)sizeof(v) && v >= 0 && v <= 255)
			len = 1;
		return sock_put_option(&v, sizeof(v), val, len, ulen);
	}
	if (level == SOL_TCP && sk->type == SOCK_STREAM)
		return tcp_get_option(sk, name, val, len, ulen);
	return get_of_way(sk, level, name, val, len, ulen);
}
