/* SPDX-License-Identifier: MIT */
/*
 * A fuzz target is one file: it takes a parser of the kernel's in, with all of its static parts,
 * answers what that calls, and offers the two functions below. driver.c, or libFuzzer, does the
 * rest.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>

/* One input; it returns unless the parser is wrong, which ends the program. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
/* The n-th example, from 0, into buf: its length, 0 behind the last one. */
size_t fuzz_seed(int n, unsigned char *buf, size_t room);
/* Ends the program: a rule about what the parser may do was broken. */
void fuzz_broken(const char *rule) __attribute__((noreturn));
#define MUST(cond) ((cond) ? (void)0 : fuzz_broken(#cond))

#endif
