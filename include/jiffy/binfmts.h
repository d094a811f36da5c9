/* SPDX-License-Identifier: MIT */
/*
 * Running a program: what exec gathers (linux_binprm) and how a binary format is added
 * (linux_binfmt, one file, register_binfmt() from an fs_initcall). process/exec.c,
 * process/binfmt_*.c. Task context.
 */
#ifndef JIFFY_BINFMTS_H
#define JIFFY_BINFMTS_H

#include <jiffy/sched.h>

struct file;
struct filename;
struct vm_area_struct;
struct coredump_params;

#define BINPRM_BUF_SIZE	 256
#define MAX_ARG_STRLEN	 (32 * 4096UL) /* one string: execve(2) */
#define MAX_ARG_STRINGS	 0x7fffffff
#define BINPRM_MAX_DEPTH 5 /* scripts run by scripts */

struct linux_binprm {
	struct vm_area_struct *vma; /* the new stack */
	struct mm_struct *mm;	    /* the new address space, until exec_mmap() hands it over */
	unsigned long p;	    /* lowest used address of the new stack */
	struct page *arg_page;	    /* while strings are copied: the page at arg_page_pos, or NULL */
	unsigned long arg_page_pos;
	unsigned long argmin;	    /* p must not go below: the limit on arguments */
	struct file *file;	    /* what is to run now */
	struct file *interpreter;   /* set by a format: run this one instead, once more */
	struct file *executable;    /* what execveat's descriptor gave to an interpreter */
	struct cred *cred;	    /* credentials to be */
	unsigned int unsafe;	    /* LSM_UNSAFE_*: why set-user-ID may be refused */
	unsigned int per_clear;	    /* personality bits to drop */
	bool have_execfd, execfd_creds, secureexec, point_of_no_return, interp_fd_script,
	    not_readable;
	int argc, envc;
	const char *filename; /* as the caller named it: AT_EXECFN */
	const char *interp;   /* what really is run */
	char *fdpath;	      /* "/dev/fd/N…" when there is no name */
	unsigned int interp_flags;
	int execfd, depth;
	unsigned long loader, exec;
	struct rlimit_stack {
		unsigned long rlim_cur, rlim_max;
	} rlim_stack;		   /* kept from the start: another thread may change it */
	char buf[BINPRM_BUF_SIZE]; /* the file's first bytes, zero filled */
};
#define LSM_UNSAFE_SHARE	1
#define LSM_UNSAFE_PTRACE	2
#define LSM_UNSAFE_NO_NEW_PRIVS 4

struct linux_binfmt {
	struct list_head lh;
	const char *name;
	/* 0 when current runs the program, -ENOEXEC when it is another's, else an error. */
	int (*load_binary)(struct linux_binprm *bprm);
	int (*core_dump)(struct coredump_params *cprm); /* 1 when written; NULL: none */
	unsigned long min_coredump;
};
void register_binfmt(struct linux_binfmt *fmt);
void unregister_binfmt(struct linux_binfmt *fmt);
void set_binfmt(struct linux_binfmt *fmt);

/* For formats, in this order. */
int begin_new_exec(struct linux_binprm *bprm); /* past it there is no way back but SIGKILL */
#define flush_old_exec begin_new_exec
void setup_new_exec(struct linux_binprm *bprm);
void finalize_exec(struct linux_binprm *bprm);
int setup_arg_pages(struct linux_binprm *bprm, unsigned long stack_top, int executable_stack);
#define EXSTACK_DEFAULT	  0
#define EXSTACK_DISABLE_X 1
#define EXSTACK_ENABLE_X  2
int remove_arg_zero(struct linux_binprm *bprm);
int copy_string_kernel(const char *arg, struct linux_binprm *bprm);
int bprm_change_interp(const char *interp, struct linux_binprm *bprm);
bool path_noexec_file(struct file *file);
struct file *open_exec(const char *name);
int would_dump(struct linux_binprm *bprm, struct file *file);

/* exec from inside the kernel; 0 and the caller returns to user space, or an errno. */
int kernel_execve(const char *filename, const char *const *argv, const char *const *envp);
/* The first program: argv_init and envp_init. */
int run_init_process(const char *init_filename);
void __set_task_comm(struct task_struct *t, const char *from, bool exec);

/* SUID_DUMP_* of <jiffy/mm_types.h>, as prctl(2) PR_SET_DUMPABLE sets it. */
void set_dumpable(struct mm_struct *mm, int value);
int get_dumpable(struct mm_struct *mm);
extern int suid_dumpable;
extern int randomize_va_space;
void do_coredump(const struct kernel_siginfo *info);

#endif
