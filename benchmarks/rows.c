/* SPDX-License-Identifier: MIT */
/* The table's rows, in its order. */
#include <string.h>

#include "bench.h"

const struct row rows[] = {
    {"boot", "-", MACHINE_START, false, "from the kernel's entry to init's first instruction",
     NULL},
    {"memory_at_init", "-", MACHINE_START, false, "of 512 MiB, not free when init starts", NULL},
    {"memory_per", "thread process", MACHINE_START, false, "the kernel's memory a sleeping task",
     NULL},
    {"getppid", "-", MACHINE_ONE, false, "a system call that does nothing", NULL},
    {"clock_gettime", "vdso", MACHINE_ONE, false, "the time, without a system call", NULL},
    {"fork", "0MiB 1MiB 4MiB 16MiB 64MiB", MACHINE_ONE, true,
     "fork, exit, wait with so much memory touched", NULL},
    {"fork_place", "1cpu", MACHINE_ONE, false,
     "from fork to the child's first instruction, on one CPU", NULL},
    {"vfork_exec", "static dynamic", MACHINE_ONE, false, "vfork, execve, exit, wait", NULL},
    {"fork_exec", "static dynamic", MACHINE_ONE, false, "fork, execve, exit, wait", NULL},
    {"posix_spawn", "static dynamic", MACHINE_ONE, false, "posix_spawn, exit, wait", NULL},
    {"thread", "-", MACHINE_ONE, false, "pthread_create and pthread_join", NULL},
    {"pipe_pingpong", "1cpu", MACHINE_ONE, false, "a byte there and back, on one CPU", NULL},
    {"futex_pingpong", "1cpu", MACHINE_ONE, false, "wake and wait there and back, on one CPU",
     NULL},
    {"signal_self", "-", MACHINE_ONE, false, "a signal to oneself, with a handler", NULL},
    {"signal_pingpong", "1cpu", MACHINE_ONE, false, "kill and sigwait there and back", NULL},
    {"pipe_pingpong", "2cpu", MACHINE_PAIR, false, "the same between two CPUs", NULL},
    {"futex_pingpong", "2cpu", MACHINE_PAIR, false, "the same between two CPUs", NULL},
    {"signal_pingpong", "2cpu", MACHINE_PAIR, false, "the same between two CPUs", NULL},
    {"fork_place", "2cpu", MACHINE_PAIR, false, "the same where there are two CPUs", NULL},
    {"fault_anon", "-", MACHINE_ONE, false, "first write to an anonymous page", NULL},
    {"fault_file", "-", MACHINE_ONE, false, "first read of a cached file page", NULL},
    {"fault_cow", "-", MACHINE_ONE, false, "first write to a page shared by fork", NULL},
    {"stack_growth", "-", MACHINE_ONE, false, "a page further down the stack", NULL},
    {"mmap_munmap", "64KiB 64KiB-touched", MACHINE_ONE, false, "map, (touch,) unmap", NULL},
    {"mprotect_pair", "64KiB", MACHINE_ONE, false, "read-only and back, inside a mapping", NULL},
    {"mremap_pair", "grow move", MACHINE_ONE, false, "to 128 KiB and back; away and back", NULL},
    {"brk_pair", "64KiB", MACHINE_ONE, false, "grow and shrink the heap", NULL},
    {"setpriority", "-", MACHINE_ONE, false, "another nice value", NULL},
    {"sched_setattr", "other-nice other-fifo", MACHINE_ONE, false, "another nice value, class",
     NULL},
    {"nanosleep_late", "100us 1000us", MACHINE_ONE, false, "how late a sleep ends", NULL},
    {"wakeup",
     "other-idle fifo-idle rr-idle deadline-idle other-loaded nice-loaded fifo-loaded rr-loaded "
     "deadline-loaded",
     MACHINE_ONE, false, "from timer to task, alone or beside four busy ones", NULL},
    {"shares", "nice groups", MACHINE_ONE, false,
     "of one CPU, by nice value, and in groups; the difference counts", NULL},
    {"hackbench", "processes-pipes processes-sockets threads-pipes threads-sockets", MACHINE_ONE,
     false, "Debian's: 2 groups of 20 and 20, 200 messages", NULL},
    {"yield", "2 64 1024 10000", MACHINE_LARGE, true, "sched_yield among so many", NULL},
    {"schedule_cfs", "1 10 100 1000 10000", MACHINE_LARGE, true, "sched=cfs: a yield among so many",
     "sched=cfs"},
    {"schedule_eevdf", "1 10 100 1000 10000", MACHINE_LARGE, true, "sched=eevdf: the same",
     "sched=eevdf"},
    {"schedule_goodness", "1 10 100 1000 10000", MACHINE_LARGE, true, "sched=goodness: the same",
     "sched=goodness"},
    {"schedule_o1", "1 10 100 1000 10000", MACHINE_LARGE, true, "sched=o1: the same", "sched=o1"},
    {"wait4_zombies", "1 10 100 1000 5000", MACHINE_LARGE, true, "bury one of so many zombies",
     NULL},
    {"wait4_living", "1 10 100 1000 5000", MACHINE_LARGE, true,
     "wait4(WNOHANG) beside so many living children", NULL},
    {"fork_sleepers", "10 100 1000 10000 100000", MACHINE_LARGE, true,
     "fork, exit, wait beside so many sleepers", NULL},
    {"kill_sleepers", "10 100 1000 10000 100000", MACHINE_LARGE, true,
     "kill(pid, 0) of any of so many sleepers", NULL},
    {"timer_settime", "10 100 1000 10000 100000", MACHINE_LARGE, true,
     "arm and disarm a timer beside so many", NULL},
    {"run_true", "wall", MACHINE_HOST, false, "./run true, from outside", NULL},
    {"boot_wall", "1cpu 16cpu", MACHINE_HOST, false, "the same with 1 and with 16 CPUs", NULL},
    {"scale", "fork fault futex pipe page", MACHINE_SCALE, false,
     "operations a second in one process a CPU", NULL},
    {NULL, NULL, 0, false, NULL, NULL},
};

const struct row *row_find(const char *name)
{
	for (const struct row *r = rows; r->name; r++)
		if (!strcmp(r->name, name))
			return r;
	return NULL;
}
