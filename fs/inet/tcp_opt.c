/* SPDX-License-Identifier: MIT */
/*
 * Options of TCP that are no number to keep: tcp(7). Nothing is ever lost, so that there is nothing
 * for congestion control to do, and figures about segments tell what one send is. Task context.
 */
#include "inet.h"
#include <arch/uaccess.h>

#define MSS_DEFAULT 536 /* before a connection tells: RFC 9293 */
#define MSS_MIN	    88
#define MSS_MAX	    32767

static int set_maxseg(struct inet_sock *sk, const void __user *val, int len)
{
	int v;

	if (len < (int)sizeof(v))
		return -EINVAL;
	if (get_user(v, (const int __user *)val))
		return -EFAULT;
	if (v && (v < MSS_MIN || v > MSS_MAX))
		return -EINVAL;
	WRITE_ONCE(sk->inet.maxseg, v);
	return 0;
}

static int set_congestion(struct inet_sock *sk, const void __user *val, int len)
{
	char name[16] = "";

	if (len < 1)
		return -EINVAL;
	if (copy_from_user(name, val, min(len, (int)sizeof(name) - 1)))
		return -EFAULT;
	if (strcmp(name, "cubic") && strcmp(name, "reno"))
		return -ENOENT;
	WRITE_ONCE(sk->inet.reno, !strcmp(name, "reno"));
	return 0;
}

int tcp_set_option(struct inet_sock *sk, int name, const void __user *val, int len)
{
	switch (name) {
	case TCP_MAXSEG:
		return set_maxseg(sk, val, len);
	case TCP_CONGESTION:
		return set_congestion(sk, val, len);
	}
	return -ENOPROTOOPT;
}

static int mss_of(const struct inet_sock *sk)
{
	int asked = READ_ONCE(sk->inet.maxseg), state = READ_ONCE(sk->state);

	if (state == TCP_CLOSE || state == TCP_LISTEN)
		return asked ?: MSS_DEFAULT;
	return asked ? min(asked, LOOPBACK_MSS) : LOOPBACK_MSS;
}

static void fill_info(struct inet_sock *sk, struct tcp_info *info)
{
	*info = (struct tcp_info){
	    .tcpi_rto = 200000, /* microseconds: the least there is */
	    .tcpi_ato = 40000,
	    .tcpi_snd_mss = mss_of(sk),
	    .tcpi_rcv_mss = mss_of(sk),
	    .tcpi_advmss = LOOPBACK_MSS,
	    .tcpi_pmtu = LOOPBACK_MTU,
	    .tcpi_snd_cwnd = 10,
	    .tcpi_snd_ssthresh = 0x7fffffff,
	    .tcpi_reordering = 3,
	    .tcpi_rcv_space = READ_ONCE(sk->opts.rcvbuf),
	    .tcpi_rcv_ssthresh = READ_ONCE(sk->opts.rcvbuf),
	};
	spin_lock(&sk->lock);
	info->tcpi_state = sk->state;
	if (sk->state == TCP_LISTEN) {
		info->tcpi_unacked = sk->accept_len;
		info->tcpi_sacked = sk->backlog;
	}
	spin_unlock(&sk->lock);
}

int tcp_get_option(struct inet_sock *sk, int name, void __user *val, int len, int __user *ulen)
{
	char congestion[16] = "cubic";
	struct tcp_info info;
	int v;

	switch (name) {
	case TCP_MAXSEG:
		v = mss_of(sk);
		return sock_put_option(&v, sizeof(v), val, len, ulen);
	case TCP_CONGESTION:
		if (READ_ONCE(sk->inet.reno))
			strcpy(congestion, "reno");
		return sock_put_option(congestion, sizeof(congestion), val, len, ulen);
	case TCP_INFO:
		fill_info(sk, &info);
		return sock_put_option(&info, sizeof(info), val, len, ulen);
	}
	return -ENOPROTOOPT;
}
