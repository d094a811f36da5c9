/* SPDX-License-Identifier: MIT */
/* Calls system calls that do not exist, some more than once; prints what they answer. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
	static const long numbers[] = {511, 511, 100000, 511, -2, 100000};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		printf("%ld: %s\n", numbers[i],
		       syscall(numbers[i]) == -1 ? strerrorname_np(errno) : "success");
	return 0;
}
