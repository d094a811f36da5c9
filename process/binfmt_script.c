/* SPDX-License-Identifier: MIT */
/*
 * "#!" scripts: the line names an interpreter and at most one argument, whatever blanks it has.
 * execve(2), "Interpreter scripts".
 */
#include <jiffy/binfmts.h>
#include <jiffy/file.h>
#include <jiffy/fs.h>
#include <jiffy/init.h>
#include <jiffy/string.h>

#include "internal.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * Splits buf, which holds the start of the file, into interpreter and argument. -ENOEXEC when
 * there is none, or when the name itself may have been cut off at the buffer's end.
 */
static int parse_line(char *buf, char **name, char **arg)
{
	char *end = buf + BINPRM_BUF_SIZE, *eol, *p;

	if (buf[0] != '#' || buf[1] != '!')
		return -ENOEXEC;
	eol = memchr(buf, '\n', BINPRM_BUF_SIZE);
	/* A file shorter than the buffer ends with the zeros behind it. */
	if (!eol)
		eol = memchr(buf, '\0', BINPRM_BUF_SIZE);
	if (!eol) {
		/* An argument may be cut off, a name may not: something must stand behind it. */
		for (p = buf + 2; p < end && is_blank(*p); p++)
			;
		for (; p < end && !is_blank(*p); p++)
			;
		if (p == end)
			return -ENOEXEC;
		eol = end - 1;
	}
	*eol = '\0';
	while (eol > buf && is_blank(eol[-1]))
		*--eol = '\0';
	for (p = buf + 2; is_blank(*p); p++)
		;
	if (!*p)
		return -ENOEXEC;
	*name = p;
	while (*p && !is_blank(*p))
		p++;
	if (!*p) {
		*arg = NULL;
		return 0;
	}
	*p++ = '\0';
	while (is_blank(*p))
		p++;
	*arg = *p ? p : NULL;
	return 0;
}

/* argv becomes: interpreter, its argument if any, the script's name, the old argv[1] and on. */
static int load_script(struct linux_binprm *bprm)
{
	char *name, *arg;
	struct file *file;
	int ret = parse_line(bprm->buf, &name, &arg);

	if (ret)
		return ret;
	/* The interpreter could not open the script by a descriptor that exec closes. */
	if (bprm->interp_fd_script)
		return -ENOENT;
	ret = remove_arg_zero(bprm);
	if (ret)
		return ret;
	ret = copy_string_kernel(bprm->interp, bprm);
	if (ret)
		return ret;
	bprm->argc++;
	if (arg) {
		ret = copy_string_kernel(arg, bprm);
		if (ret)
			return ret;
		bprm->argc++;
	}
	ret = copy_string_kernel(name, bprm);
	if (ret)
		return ret;
	bprm->argc++;
	ret = bprm_change_interp(name, bprm);
	if (ret)
		return ret;
	file = open_exec(name);
	if (IS_ERR(file))
		return PTR_ERR(file);
	bprm->interpreter = file;
	return 0;
}

static struct linux_binfmt script_format = {
    .name = "script",
    .load_binary = load_script,
};

static int __init init_script_binfmt(void)
{
	register_binfmt(&script_format);
	return 0;
}
fs_initcall(init_script_binfmt);
