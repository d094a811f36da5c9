/* SPDX-License-Identifier: MIT */
/*
 * Linked with every unit test: the address sanitizer's options, asked for
 * before main() and before anything may be intercepted. Leaks are found by
 * stopping the program's own threads, which takes /proc; a bare chroot has
 * none, and the environment cannot say so, since it too is read from there.
 */
#include <sys/syscall.h>
#include <unistd.h>

const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return syscall(SYS_access, "/proc/self/task", R_OK) ? "detect_leaks=0" : "";
}
