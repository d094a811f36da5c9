/* SPDX-License-Identifier: MIT */
/* Between exec.c, exec_args.c and exec_creds.c. */
#ifndef PROCESS_EXEC_H
#define PROCESS_EXEC_H

#include <jiffy/binfmts.h>

#include "internal.h"

/* Where argument or environment strings come from: a program's memory or the kernel's. */
struct user_arg_ptr {
	const char __user *const __user *native;
	const char *const *kernel; /* not NULL: this one */
};

/* exec_args.c */
int bprm_mm_init(struct linux_binprm *bprm);
int bprm_stack_limits(struct linux_binprm *bprm);
int count_strings(struct user_arg_ptr argv);
int copy_strings(int argc, struct user_arg_ptr argv, struct linux_binprm *bprm);

/* exec_creds.c */
void check_unsafe_exec(struct linux_binprm *bprm);
void bprm_creds_from_file(struct linux_binprm *bprm);

#endif
