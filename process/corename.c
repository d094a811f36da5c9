/* SPDX-License-Identifier: MIT */
/*
 * What a core file is called: /proc/sys/kernel/core_pattern and core_uses_pid. core(5), "Naming
 * of core dump files". Current, dying; may sleep.
 */
#include <jiffy/binfmts.h>
#include <jiffy/cred.h>
#include <jiffy/file.h>
#include <jiffy/fs.h>
#include <jiffy/init.h>
#include <jiffy/mm.h>
#include <jiffy/nsproxy.h>
#include <jiffy/pid.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include <jiffy/sysctl.h>

#include "coredump.h"

#define CORENAME_MAX 128
static char core_pattern[CORENAME_MAX] = "core";
static int core_uses_pid;

struct corename {
	char *buf;
	size_t len, size;
};

static void __printf(2, 3) cn_printf(struct corename *cn, const char *fmt, ...)
{
	size_t room = cn->size - cn->len;
	va_list ap;

	va_start(ap, fmt);
	cn->len += min((size_t)vsnprintf(cn->buf + cn->len, room, fmt, ap), room);
	va_end(ap);
}

/* Text that the program or its user chose: a slash in it must not make a path, nor "..". */
static void cn_name(struct corename *cn, const char *name)
{
	size_t start = cn->len;

	cn_printf(cn, "%s", name);
	if (cn->len == cn->size)
		return;
	if (!strcmp(cn->buf + start, ".") || !strcmp(cn->buf + start, ".."))
		cn->buf[start] = '!';
	for (; start < cn->len; start++)
		if (cn->buf[start] == '/')
			cn->buf[start] = '!';
}

/* The program's file: its whole path, or the last component alone. */
static void cn_exe(struct corename *cn, bool whole_path)
{
	struct file *exe = get_mm_exe_file(current->mm);
	char comm[TASK_COMM_LEN], *room, *path;

	room = exe ? kmalloc(PATH_MAX, GFP_KERNEL) : NULL;
	path = room ? d_path(&exe->f_path, room, PATH_MAX) : ERR_PTR(-ENOENT);
	/* Every path has a slash, but for those of files that have no place in a tree. */
	if (IS_ERR(path) || !strchr(path, '/')) {
		cn_name(cn, get_task_comm(comm, current));
		if (whole_path)
			cn_printf(cn, " (path unknown)");
	} else {
		cn_name(cn, whole_path ? path : strrchr(path, '/') + 1);
	}
	kfree(room);
	if (exe)
		fput(exe);
}

static void cn_hostname(struct corename *cn)
{
	struct new_utsname name;

	down_read(&uts_sem);
	name = *utsname();
	up_read(&uts_sem);
	cn_name(cn, name.nodename);
}

/* One specifier. True: it was the pid, which core_uses_pid then need not add. */
static bool expand(struct corename *cn, char c, const struct coredump_params *cprm)
{
	const struct cred *cred = current_cred();
	char comm[TASK_COMM_LEN];

	switch (c) {
	case '%':
		cn_printf(cn, "%%");
		break;
	case 'p':
		cn_printf(cn, "%d", task_tgid_vnr(current));
		return true;
	case 'P':
		cn_printf(cn, "%d", task_tgid_nr(current));
		break;
	case 'i':
		cn_printf(cn, "%d", task_pid_vnr(current));
		break;
	case 'I':
		cn_printf(cn, "%d", task_pid_nr(current));
		break;
	case 'u':
		cn_printf(cn, "%u", from_kuid(&init_user_ns, cred->uid));
		break;
	case 'g':
		cn_printf(cn, "%u", from_kgid(&init_user_ns, cred->gid));
		break;
	case 'd':
		cn_printf(cn, "%d", get_dumpable(current->mm));
		break;
	case 's':
		cn_printf(cn, "%d", cprm->siginfo->si_signo);
		break;
	case 't':
		cn_printf(cn, "%ld", (long)ktime_get_real_seconds());
		break;
	case 'c':
		cn_printf(cn, "%lu", cprm->limit);
		break;
	case 'C':
		cn_printf(cn, "%d", raw_smp_processor_id());
		break;
	case 'h':
		cn_hostname(cn);
		break;
	case 'e':
		cn_name(cn, get_task_comm(comm, current));
		break;
	case 'f':
		cn_exe(cn, false);
		break;
	case 'E':
		cn_exe(cn, true);
		break;
	}
	return false;
}

int format_corename(char *buf, size_t size, const struct coredump_params *cprm)
{
	struct corename cn = {.buf = buf, .size = size};
	char pattern[CORENAME_MAX];
	bool pid_used = false;
	const char *p;

	/* A writer of the pattern may be at it: one consistent copy, ended in any case. */
	memcpy(pattern, core_pattern, sizeof(pattern));
	pattern[sizeof(pattern) - 1] = '\0';
	buf[0] = '\0';
	for (p = pattern; *p; p++) {
		if (*p != '%')
			cn_printf(&cn, "%c", *p);
		else if (!*++p)
			break; /* a lone % at the end says nothing */
		else
			pid_used |= expand(&cn, *p, cprm);
	}
	if (!pid_used && core_uses_pid)
		cn_printf(&cn, ".%d", task_tgid_vnr(current));
	if (cn.len >= size)
		return -ENAMETOOLONG;
	return cn.len ? 0 : -ENOENT;
}

/* A pattern that would hand the core to a program is refused: there is nobody to run it. */
static int proc_core_pattern(const struct ctl_table *table, int write, void *buffer, size_t *lenp,
			     loff_t *ppos)
{
	if (write && *lenp && *(char *)buffer == '|')
		return -EINVAL;
	return proc_dostring(table, write, buffer, lenp, ppos);
}

static const struct ctl_table core_table[] = {
    {.procname = "core_pattern",
     .data = core_pattern,
     .maxlen = CORENAME_MAX,
     .mode = 0644,
     .proc_handler = proc_core_pattern},
    {.procname = "core_uses_pid",
     .data = &core_uses_pid,
     .maxlen = sizeof(int),
     .mode = 0644,
     .proc_handler = proc_dointvec},
    {NULL},
};

static int __init corename_init(void)
{
	return register_sysctl("kernel", core_table);
}
device_initcall(corename_init);
