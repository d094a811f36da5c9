/* SPDX-License-Identifier: MIT */
/*
 * "#!" lines: what parse_line() makes of the first bytes of a file lies inside of them, is
 * terminated there, and has no blanks where there may be none.
 */
#include "../../process/binfmt_script.c"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char *buf = __builtin_malloc(BINPRM_BUF_SIZE), *name = NULL, *arg = NULL, *end;

	__builtin_memset(buf, 0, BINPRM_BUF_SIZE);
	__builtin_memcpy(buf, data, min(size, (size_t)BINPRM_BUF_SIZE));
	end = buf + BINPRM_BUF_SIZE;
	if (!parse_line(buf, &name, &arg)) {
		MUST(name >= buf + 2 && name < end && *name && !is_blank(*name));
		MUST(name + __builtin_strlen(name) < end);
		MUST(!__builtin_strchr(name, '\n') && !__builtin_strchr(name, ' '));
		if (arg) {
			MUST(arg > name && arg < end && *arg && !is_blank(*arg));
			MUST(arg + __builtin_strlen(arg) < end);
			/* A NUL in the line cuts the argument off wherever it stands. */
			MUST(__builtin_memchr(data, '\0', min(size, (size_t)BINPRM_BUF_SIZE)) ||
			     !is_blank(arg[__builtin_strlen(arg) - 1]));
		}
	}
	__builtin_free(buf);
	return 0;
}

size_t fuzz_seed(int n, unsigned char *buf, size_t room)
{
	static const char *const seeds[] = {"#!/bin/sh\n", "#! \t/usr/bin/env  perl -w \t\nuse;",
					    "#!/bin/sh -x", "#! \n", "\177ELF"};

	if (n >= (int)ARRAY_SIZE(seeds))
		return 0;
	__builtin_memcpy(buf, seeds[n], __builtin_strlen(seeds[n]));
	return __builtin_strlen(seeds[n]);
}
