/* SPDX-License-Identifier: MIT */
/*
 * TCP as programs see it: options, states, struct tcp_info. tcp(7).
 */
#ifndef UAPI_TCP_H
#define UAPI_TCP_H

#include <jiffy/types.h>

#define TCP_NODELAY	     1
#define TCP_MAXSEG	     2
#define TCP_CORK	     3
#define TCP_KEEPIDLE	     4
#define TCP_KEEPINTVL	     5
#define TCP_KEEPCNT	     6
#define TCP_SYNCNT	     7
#define TCP_LINGER2	     8
#define TCP_DEFER_ACCEPT     9
#define TCP_WINDOW_CLAMP     10
#define TCP_INFO	     11
#define TCP_QUICKACK	     12
#define TCP_CONGESTION	     13
#define TCP_USER_TIMEOUT     18
#define TCP_FASTOPEN	     23
#define TCP_NOTSENT_LOWAT    25
#define TCP_FASTOPEN_CONNECT 30
#define TCP_INQ		     36

/* tcpi_state and the column st of /proc/net/tcp. */
enum tcp_state {
	TCP_ESTABLISHED = 1,
	TCP_SYN_SENT,
	TCP_SYN_RECV,
	TCP_FIN_WAIT1,
	TCP_FIN_WAIT2,
	TCP_TIME_WAIT,
	TCP_CLOSE,
	TCP_CLOSE_WAIT,
	TCP_LAST_ACK,
	TCP_LISTEN,
	TCP_CLOSING,
};

struct tcp_info {
	u8 tcpi_state;
	u8 tcpi_ca_state;
	u8 tcpi_retransmits;
	u8 tcpi_probes;
	u8 tcpi_backoff;
	u8 tcpi_options;
	u8 tcpi_wscale; /* sent in the low half, received in the high */
	u8 tcpi_flags;
	u32 tcpi_rto;
	u32 tcpi_ato;
	u32 tcpi_snd_mss;
	u32 tcpi_rcv_mss;
	u32 tcpi_unacked; /* of a listener: connections that wait to be accepted */
	u32 tcpi_sacked;  /* of a listener: its backlog */
	u32 tcpi_lost;
	u32 tcpi_retrans;
	u32 tcpi_fackets;
	u32 tcpi_last_data_sent;
	u32 tcpi_last_ack_sent;
	u32 tcpi_last_data_recv;
	u32 tcpi_last_ack_recv;
	u32 tcpi_pmtu;
	u32 tcpi_rcv_ssthresh;
	u32 tcpi_rtt;
	u32 tcpi_rttvar;
	u32 tcpi_snd_ssthresh;
	u32 tcpi_snd_cwnd;
	u32 tcpi_advmss;
	u32 tcpi_reordering;
	u32 tcpi_rcv_rtt;
	u32 tcpi_rcv_space;
	u32 tcpi_total_retrans;
};

#endif
