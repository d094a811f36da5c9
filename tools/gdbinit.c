/* SPDX-License-Identifier: MIT */
/*
 * The gdb script: connects, and adds commands that walk the kernel's own
 * structures. It is written in gdb's language alone, so that a gdb without
 * Python runs it too.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "gdbinit.h"
#include "jiffy.h"
#include "qemu.h"

static const char commands[] =
    "define jiffy-tasks\n"
    "  set $offset = (unsigned long)&((struct task_struct *)0)->tasks\n"
    "  set $task = &init_task\n"
    /* A string that is an argument would have to be made in the kernel, by a malloc() of its. */
    "  printf \"    PID    TGID STATE PRIO  COMM\\n\"\n"
    "  while 1\n"
    "    printf \"%7d %7d %5x %4d  %s\\n\", $task->pid, $task->tgid, "
    "(unsigned int)$task->__state, $task->prio, $task->comm\n"
    "    set $task = (struct task_struct *)((char *)$task->tasks.next - $offset)\n"
    "    if $task == &init_task\n"
    "      loop_break\n"
    "    end\n"
    "  end\n"
    "end\n"
    "document jiffy-tasks\n"
    "List every process: pid, thread group, state bits, priority and name.\n"
    "end\n"
    "define jiffy-runqueues\n"
    "  set $cpu = 0\n"
    "  while $cpu < nr_cpu_ids\n"
    "    set $rq = (struct rq *)((char *)&runqueues + __per_cpu_offset[$cpu])\n"
    "    printf \"cpu %d: nr_running %u, curr %d (%s)\\n\", $cpu, $rq->nr_running, "
    "$rq->curr->pid, $rq->curr->comm\n"
    "    set $cpu = $cpu + 1\n"
    "  end\n"
    "end\n"
    "document jiffy-runqueues\n"
    "For every CPU: how many tasks it has to run, and which one runs.\n"
    "end\n";

static char *script_path(const char *kernel)
{
	char *whole = absolute_path(kernel), *slash = strrchr(whole, '/'), *path;

	*slash = '\0';
	path = access(*whole ? whole : "/", W_OK) ? absolute_path("gdbinit")
						  : xasprintf("%s/gdbinit", whole);
	free(whole);
	return path;
}

unsigned int prepare_gdb(const char *kernel)
{
	unsigned int port = qemu_free_port();
	char *path = script_path(kernel);
	FILE *f = fopen(path, "we");

	if (!f)
		die(STATUS_HOST, "cannot write %s: %s", path, strerror(errno));
	fprintf(f, "set confirm off\nset pagination off\n%starget remote 127.0.0.1:%u\n", commands,
		port);
	if (fclose(f))
		die(STATUS_HOST, "cannot write %s: %s", path, strerror(errno));
	note("waiting for gdb on port %u; start it with: gdb -x %s %s", port, path, kernel);
	free(path);
	return port;
}
