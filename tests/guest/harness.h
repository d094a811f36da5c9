/* SPDX-License-Identifier: MIT */
/*
 * The harness of the guest tests: programs over the Linux system-call ABI that run on jiffy and on
 * the host's own Linux alike, so that Linux is the oracle of each expectation.
 *
 * A case is a function made by CASE(name) or CASE_OPT(name, options). It runs in a child process of
 * its own: leader of a new session, current directory an empty directory of its own that the
 * harness removes, all signal actions at their defaults, nothing blocked, and killed after its
 * time-out. It passes by returning. A CHECK that fails in any process below the case fails the
 * case; processes left behind are killed.
 *
 * Where /proc/jiffy/counts exists (lines "NAME NUMBER", per-CPU caches drained by reading), the
 * numbers must be the same after the case as before it. A difference is judged a leak when it comes
 * again each time the case is repeated: a cache filled for the first time does not come again.
 */
#ifndef GUEST_HARNESS_H
#define GUEST_HARNESS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define PAGE	      4096UL

struct test_case {
	const char *name;
	void (*run)(void);
	int timeout;   /* seconds; 0 means 10 */
	bool no_count; /* the case may leave counts changed (it fills a cache on purpose) */
	bool root;     /* skipped unless the effective user is root */
	struct test_case *next;
};

void register_case(struct test_case *c);

#define CASE_OPT(fn, ...)                                                          \
	static void fn(void);                                                      \
	static struct test_case case_##fn = {.name = #fn, .run = fn, __VA_ARGS__}; \
	__attribute__((constructor)) static void register_##fn(void)               \
	{                                                                          \
		register_case(&case_##fn);                                         \
	}                                                                          \
	static void fn(void)
#define CASE(fn)      CASE_OPT(fn, .timeout = 0)
#define CASE_ROOT(fn) CASE_OPT(fn, .root = true)

/* End the case: as failed, with a reason; or as skipped. Callable from any process or thread. */
void fail_at(const char *file, int line, const char *fmt, ...)
    __attribute__((noreturn, format(printf, 3, 4)));
void skip_case(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

#define FAIL(...) fail_at(__FILE__, __LINE__, __VA_ARGS__)
#define SKIP(...) skip_case(__VA_ARGS__)

/* The condition holds. */
#define CHECK(cond)                                                               \
	do {                                                                      \
		if (!(cond))                                                      \
			FAIL("%s (errno %d: %s)", #cond, errno, strerror(errno)); \
	} while (0)

/* Both integers are equal; the message shows both. */
#define CHECK_EQ(a, b)                                                                            \
	do {                                                                                      \
		long long a_ = (long long)(a);                                                    \
		int e_ = errno;                                                                   \
		long long b_ = (long long)(b);                                                    \
		if (a_ != b_)                                                                     \
			FAIL("%s is %lld (%#llx), expected %s = %lld (errno %d: %s)", #a, a_, a_, \
			     #b, b_, e_, strerror(e_));                                           \
	} while (0)

/* The call does not return -1 (nor MAP_FAILED); the value is its result. */
#define OK(call)                                                                        \
	({                                                                              \
		__auto_type r_ = (call);                                                \
		if ((long)r_ == -1L)                                                    \
			FAIL("%s fails (errno %d: %s)", #call, errno, strerror(errno)); \
		r_;                                                                     \
	})

/* The call returns -1 and errno is err. */
#define CHECK_ERR(call, err)                                                                       \
	do {                                                                                       \
		errno = 0;                                                                         \
		long r_ = (long)(call);                                                            \
		int e_ = errno;                                                                    \
		if (r_ != -1L)                                                                     \
			FAIL("%s returns %ld, expected %s", #call, r_, #err);                      \
		if (e_ != (err))                                                                   \
			FAIL("%s fails with %d (%s), expected %s", #call, e_, strerror(e_), #err); \
	} while (0)

/* Both strings are equal. */
#define CHECK_STR(a, b)                                                    \
	do {                                                               \
		const char *a_ = (a), *b_ = (b);                           \
		if (strcmp(a_, b_))                                        \
			FAIL("%s is \"%s\", expected \"%s\"", #a, a_, b_); \
	} while (0)

/* The condition comes true within ten seconds; it is polled, so it must be cheap. */
#define EVENTUALLY(cond)                                              \
	do {                                                          \
		int64_t until_ = now_ms() + 10000;                    \
		while (!(cond)) {                                     \
			if (now_ms() > until_)                        \
				FAIL("%s does not come true", #cond); \
			nap();                                        \
		}                                                     \
	} while (0)

/* The call, or a SKIP when the kernel was built without it. */
#define NEED(call)                                                                      \
	({                                                                              \
		__auto_type r_ = (call);                                                \
		if ((long)r_ == -1L) {                                                  \
			if (errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM)   \
				SKIP("%s: %s", #call, strerror(errno));                 \
			FAIL("%s fails (errno %d: %s)", #call, errno, strerror(errno)); \
		}                                                                       \
		r_;                                                                     \
	})

int64_t now_ns(void); /* CLOCK_MONOTONIC */
int64_t now_ms(void);
void nap(void); /* gives the CPU away for about a millisecond */

/* fork() that cannot fail. */
pid_t xfork(void);
/* A block run by a new child process, which exits with status 0 at its end: CHILD(pid) { ... } */
#define CHILD(pid) for ((pid) = xfork(); (pid) == 0; _exit(0))

/* A child that waits for signals, until one ends it. */
pid_t waiting_child(void);

/* Wait for the child and return its raw status. */
int wait_status(pid_t pid);
/* The child must have exited; returns its exit status. */
int wait_exit_at(const char *file, int line, pid_t pid);
/* The child must have been killed; returns the signal (core flag not looked at). */
int wait_killed_at(const char *file, int line, pid_t pid);
#define wait_exit(pid)	 wait_exit_at(__FILE__, __LINE__, pid)
#define wait_killed(pid) wait_killed_at(__FILE__, __LINE__, pid)

/* State letter of a process or thread by /proc/PID/stat; 0 when there is none. */
char proc_state(pid_t pid);
/* The number in field n of a file of proc(5)'s form "stat", n >= 4; -1: it cannot be read. */
long long stat_field_in(const char *path, int n);
/* The same of /proc/PID/stat. */
long long stat_field(pid_t pid, int n);
/* Until the process is in one of the states named ("ST"). */
void await_state(pid_t pid, const char *states);
/* Read a whole file of /proc into buf as a string; -1 and errno when it cannot be opened. */
ssize_t slurp(const char *path, char *buf, size_t size);
/* The value after "KEY:" or "KEY" in a file of such lines, or -1. */
long long proc_field(const char *path, const char *key);
/* Write a string to a file (created when missing); 0 or -1 and errno. */
int spew(const char *path, const char *text);
/* The same for a file that must be there, and is not truncated. */
int poke(const char *path, const char *text);

/* One-shot meeting point between processes, made of a pipe. */
struct gate {
	int fd[2];
};
void gate_init(struct gate *g);
void gate_open(struct gate *g); /* lets one waiter through */
void gate_wait(struct gate *g);
bool gate_is_open(struct gate *g); /* non-blocking look; does not pass */

/* Install a handler. flags as of sigaction(2). */
void on_signal(int sig, void (*handler)(int), int flags);
void on_siginfo(int sig, void (*handler)(int, siginfo_t *, void *), int flags);
void block_signal(int sig);
void unblock_signal(int sig);
bool signal_pending(int sig);

/* Shared anonymous memory, zeroed, for results of children. */
void *shared(size_t size);
/* A page that faults on any access. */
void *no_access_page(void);
/* The path of this program, for cases that execute it anew with a role. */
const char *self_path(void);
/*
 * A program may be executed by its own cases in a role: `PROGRAM --role NAME [ARG...]` calls
 * role_main(NAME, argc, argv) where argv starts at the first ARG. Programs without roles need not
 * define it.
 */
int role_main(const char *role, int argc, char **argv) __attribute__((weak));
/* Numeric argument given to the program by -n, or dflt: scale of the stress cases. */
long scale(long dflt);
/* The task (0: the caller) may run on that CPU and no other. */
void bind_to(pid_t pid, int cpu);
/* Number of CPUs in the affinity mask. */
int cpu_count(void);

#endif
