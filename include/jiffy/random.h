/* SPDX-License-Identifier: MIT */
/*
 * Random bytes: a ChaCha20 generator keyed from the machine's entropy. kernel/random.c.
 */
#ifndef JIFFY_RANDOM_H
#define JIFFY_RANDOM_H

#include <jiffy/types.h>

void random_init(void);
void get_random_bytes(void *buf, size_t n); /* any context */
u64 get_random_u64(void);
u32 get_random_u32(void);
/* Uniform below ceil (ceil > 0). */
u64 get_random_below(u64 ceil);
void add_device_randomness(const void *buf, size_t n);

#endif
