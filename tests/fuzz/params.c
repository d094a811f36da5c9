/* SPDX-License-Identifier: MIT */
/*
 * The kernel's command line: whatever it is, each word handed on lies in the kernel's own copy,
 * and no list of init's grows over its end. The parameters are in a section of their own here as
 * well, between two symbols that the linker makes.
 */
#include "../../init/params.c"
#include <jiffy/errno.h>

#include "fuzz.h"

static long taken;

static int take(char *value)
{
	MUST(value >= words && value < words + sizeof(words));
	taken += __builtin_strlen(value);
	return 0;
}

static int refuse(char *value)
{
	return -EINVAL;
}

static int take_late(char *value)
{
	return take(value);
}

early_param("console=", take);
__setup("quiet", refuse);
__setup("init=", take_late);

int printk(const char *fmt, ...)
{
	return 0;
}

/* The list up to its end; behind the words set at first all lie in the copy. */
static void check_list(const char *const *list, int fixed)
{
	int n = 0;

	for (; list[n]; n++) {
		MUST(n <= MAX_INIT_ARGS);
		MUST(n < fixed || (list[n] >= words && list[n] < words + sizeof(words)));
		taken += __builtin_strlen(list[n]);
	}
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	size = min(size, sizeof(boot_command_line) - 1);
	__builtin_memcpy(boot_command_line, data, size);
	boot_command_line[size] = '\0';
	__builtin_memset(argv_init + 1, 0, sizeof(argv_init) - sizeof(*argv_init));
	__builtin_memset(envp_init, 0, sizeof(envp_init));
	envp_init[0] = "HOME=/";
	envp_init[1] = "TERM=linux";
	parse_params(true);
	parse_params(false);
	check_list(argv_init, 1);
	/* A setting may have replaced one of the first. */
	check_list(envp_init, 2);
	return 0;
}

size_t fuzz_seed(int n, unsigned char *buf, size_t room)
{
	static const char *const seeds[] = {
	    "console=ttyS0 quiet init=/bin/sh A=b C=\"d e\" foo.bar=1 single -- --help x y", "\"",
	    "a b c d e f g h i j k l m n o p q r s t u v w x y z A=1 A=2 TERM=vt100", "--"};

	if (n >= (int)ARRAY_SIZE(seeds))
		return 0;
	__builtin_memcpy(buf, seeds[n], __builtin_strlen(seeds[n]));
	return __builtin_strlen(seeds[n]);
}
