/* SPDX-License-Identifier: MIT */
/*
 * a.out headers: of a file that check_header() accepts, all parts lie inside the file and inside
 * the first few gigabytes, in order, without a sum that wrapped.
 */
#include "../../process/binfmt_aout.c"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const unsigned long limit = 1UL << 35;
	struct aout_layout lay;
	struct exec ex = {0};
	u32 file_size = 0;

	__builtin_memcpy(&ex, data, min(size, sizeof(ex)));
	if (size >= sizeof(ex) + 4)
		__builtin_memcpy(&file_size, data + sizeof(ex), 4);
	if (check_header(&ex, file_size))
		return 0;
	lay_out(&ex, &lay);
	MUST(lay.text_off + lay.text_size <= lay.data_off);
	MUST(lay.data_off + lay.data_size <= file_size);
	MUST(lay.text + lay.text_size <= lay.data && lay.data + lay.data_size == lay.bss);
	MUST(lay.bss + lay.bss_size < limit);
	return 0;
}

size_t fuzz_seed(int n, unsigned char *buf, size_t room)
{
	static const u16 magic[] = {OMAGIC, NMAGIC, ZMAGIC, QMAGIC};
	struct exec ex = {.a_text = 4096, .a_data = 4096, .a_bss = 100};
	u32 file_size = 16384;

	if (n >= (int)ARRAY_SIZE(magic))
		return 0;
	ex.a_info = magic[n] | 100 << 16;
	__builtin_memcpy(buf, &ex, sizeof(ex));
	__builtin_memcpy(buf + sizeof(ex), &file_size, 4);
	return sizeof(ex) + 4;
}
