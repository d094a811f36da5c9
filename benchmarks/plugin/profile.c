/* SPDX-License-Identifier: MIT */
/*
 * A plugin of QEMU's TCG that counts how often each translated block of guest code
 * is entered between two marks in the benchmark program. Loaded with
 *
 *	-plugin FILE,begin=ADDRESS,end=ADDRESS,out=PATH
 *
 * it writes a line `ADDRESS INSTRUCTIONS' (hexadecimal, decimal) for each block to
 * PATH when the machine ends. A block is as good as a function's part: it ends at
 * the first branch, so it lies in one function.
 *
 * The declarations below are those parts of QEMU's documented plugin interface that
 * are the same in versions 1 to 5 of it; PLUGIN_VERSION says which one to announce.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info_t;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };
typedef void (*vcpu_tb_trans_cb)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void (*vcpu_udata_cb)(unsigned int vcpu, void *udata);
typedef void (*udata_cb)(qemu_plugin_id_t id, void *udata);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, vcpu_tb_trans_cb cb);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, vcpu_udata_cb cb,
					  enum qemu_plugin_cb_flags flags, void *udata);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, udata_cb cb, void *udata);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);

#define EXPORT __attribute__((visibility("default")))

EXPORT
int qemu_plugin_version = PLUGIN_VERSION;
EXPORT
int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t *info, int argc, char **argv);

#define HASH_BITS 16

/* One for each address and length: a block that is translated again keeps its count. */
struct block {
	struct block *next;
	uint64_t addr, insns, entered;
};

static struct block *table[1 << HASH_BITS];
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t begin_addr, end_addr;
static char *out_path;
static bool counting; /* under -icount the CPUs run in one thread: nobody else writes it */

static struct block *find_block(uint64_t addr, uint64_t insns)
{
	struct block **head = &table[(addr * 0x9e3779b97f4a7c15ULL) >> (64 - HASH_BITS)];
	struct block *b;

	pthread_mutex_lock(&table_lock);
	for (b = *head; b && (b->addr != addr || b->insns != insns); b = b->next)
		;
	if (!b) {
		b = calloc(1, sizeof(*b));
		if (!b)
			abort();
		b->addr = addr;
		b->insns = insns;
		b->next = *head;
		*head = b;
	}
	pthread_mutex_unlock(&table_lock);
	return b;
}

static void on_entry(unsigned int vcpu, void *udata)
{
	struct block *b = udata;

	if (b->addr == begin_addr)
		counting = true;
	else if (b->addr == end_addr)
		counting = false;
	if (counting)
		b->entered++;
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	struct block *b = find_block(qemu_plugin_tb_vaddr(tb), qemu_plugin_tb_n_insns(tb));

	qemu_plugin_register_vcpu_tb_exec_cb(tb, on_entry, QEMU_PLUGIN_CB_NO_REGS, b);
}

static void on_exit_write(qemu_plugin_id_t id, void *udata)
{
	FILE *out = fopen(out_path, "we");

	if (!out)
		return;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		for (struct block *b = table[i]; b; b = b->next)
			if (b->entered)
				fprintf(out, "%" PRIx64 " %" PRIu64 "\n", b->addr,
					b->entered * b->insns);
	fclose(out);
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t *info, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "begin=", 6))
			begin_addr = strtoull(argv[i] + 6, NULL, 0);
		else if (!strncmp(argv[i], "end=", 4))
			end_addr = strtoull(argv[i] + 4, NULL, 0);
		else if (!strncmp(argv[i], "out=", 4))
			out_path = strdup(argv[i] + 4);
	}
	if (!begin_addr || !end_addr || !out_path)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	qemu_plugin_register_atexit_cb(id, on_exit_write, NULL);
	return 0;
}
