/* SPDX-License-Identifier: MIT */
/*
 * Programs of classic BPF over a small structure of 32-bit words. lib/bpf.c. Any context; pure.
 */
#ifndef JIFFY_BPF_H
#define JIFFY_BPF_H

#include <uapi/filter.h>

/*
 * May the program of n instructions run over size bytes? 0 or -EINVAL. One that passes ends, reads
 * nothing outside the data, and no word of its memory that it has not written. written: room for n
 * numbers (n at most BPF_MAXINSNS), needed for the check alone.
 */
int bpf_check(const struct sock_filter *prog, unsigned int n, unsigned int size, u16 *written);
/* Runs a checked program; what it returns. A division by a zero in X ends it with 0. */
u32 bpf_run(const struct sock_filter *prog, const u32 *data, unsigned int size);

#endif
