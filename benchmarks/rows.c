/* SPDX-License-Identifier: MIT */
/* The table's rows, in its order. */
#include <string.h>

#include "bench.h"

const struct row rows[] = {
    {"boot", "-", MACHINE_START, false, "from the kernel's entry to init's first instruction"},
    {"memory_at_init", "-", MACHINE_START, false, "of 512 MiB, not free when init starts"},
    {"memory_per", "thread process", MACHINE_START, false, "the kernel's memory a sleeping task"},
    {"getppid", "-", MACHINE_ONE, false, "a system call that does nothing"},
    {"clock_gettime", "vdso", MACHINE_ONE, false, "the time, without a system call"},
    {"fork", "0MiB 1MiB 4MiB 16MiB 64MiB", MACHINE_ONE, true,
     "fork, exit, wait with so much memory touched"},
    {"vfork_exec", "static dynamic", MACHINE_ONE, false, "vfork, execve, exit, wait"},
    {"fork_exec", "static dynamic", MACHINE_ONE, false, "fork, execve, exit, wait"},
    {"posix_spawn", "static dynamic", MACHINE_ONE, false, "posix_spawn, exit, wait"},
    {"thread", "-", MACHINE_ONE, false, "pthread_create and pthread_join"},
    {"pipe_pingpong", "1cpu", MACHINE_ONE, false, "a byte there and back, on one CPU"},
    {"futex_pingpong", "1cpu", MACHINE_ONE, false, "wake and wait there and back, on one CPU"},
    {"signal_self", "-", MACHINE_ONE, false, "a signal to oneself, with a handler"},
    {"signal_pingpong", "1cpu", MACHINE_ONE, false, "kill and sigwait there and back"},
    {"pipe_pingpong", "2cpu", MACHINE_PAIR, false, "the same between two CPUs"},
    {"futex_pingpong", "2cpu", MACHINE_PAIR, false, "the same between two CPUs"},
    {"signal_pingpong", "2cpu", MACHINE_PAIR, false, "the same between two CPUs"},
    {"fault_anon", "-", MACHINE_ONE, false, "first write to an anonymous page"},
    {"fault_file", "-", MACHINE_ONE, false, "first read of a cached file page"},
    {"fault_cow", "-", MACHINE_ONE, false, "first write to a page shared by fork"},
    {"stack_growth", "-", MACHINE_ONE, false, "a page further down the stack"},
    {"mmap_munmap", "64KiB 64KiB-touched", MACHINE_ONE, false, "map, (touch,) unmap"},
    {"mprotect_pair", "64KiB", MACHINE_ONE, false, "read-only and back, inside a mapping"},
    {"mremap_pair", "grow move", MACHINE_ONE, false, "to 128 KiB and back; away and back"},
    {"brk_pair", "64KiB", MACHINE_ONE, false, "grow and shrink the heap"},
    {"setpriority", "-", MACHINE_ONE, false, "another nice value"},
    {"sched_setattr", "other-nice other-fifo", MACHINE_ONE, false, "another nice value, class"},
    {"nanosleep_late", "100us 1000us", MACHINE_ONE, false, "how late a sleep ends"},
    {"wakeup",
     "other-idle fifo-idle rr-idle deadline-idle other-loaded nice-loaded fifo-loaded rr-loaded "
     "deadline-loaded",
     MACHINE_ONE, false, "from timer to task, alone or beside four busy ones"},
    {"hackbench", "processes-pipes processes-sockets threads-pipes threads-sockets", MACHINE_ONE,
     false, "Debian's: 2 groups of 20 and 20, 200 messages"},
    {"yield", "2 64 1024 10000", MACHINE_LARGE, true, "sched_yield among so many"},
    {"wait4_zombies", "1 10 100 1000 5000", MACHINE_LARGE, true, "bury one of so many zombies"},
    {"wait4_living", "1 10 100 1000 5000", MACHINE_LARGE, true,
     "wait4(WNOHANG) beside so many living children"},
    {"fork_sleepers", "10 100 1000 10000 100000", MACHINE_LARGE, true,
     "fork, exit, wait beside so many sleepers"},
    {"kill_sleepers", "10 100 1000 10000 100000", MACHINE_LARGE, true,
     "kill(pid, 0) of any of so many sleepers"},
    {"timer_settime", "10 100 1000 10000 100000", MACHINE_LARGE, true,
     "arm and disarm a timer beside so many"},
    {"run_true", "wall", MACHINE_HOST, false, "./run true, from outside"},
    {"boot_wall", "1cpu 16cpu", MACHINE_HOST, false, "the same with 1 and with 16 CPUs"},
    {"scale", "fork fault futex pipe page", MACHINE_SCALE, false,
     "operations a second in one process a CPU"},
    {NULL, NULL, 0, false, NULL},
};

const struct row *row_find(const char *name)
{
	for (const struct row *r = rows; r->name; r++)
		if (!strcmp(r->name, name))
			return r;
	return NULL;
}
