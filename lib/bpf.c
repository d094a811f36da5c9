/* SPDX-License-Identifier: MIT */
/*
 * Classic BPF (McCanne and Jacobson, "The BSD Packet Filter", 1993): two registers, sixteen words
 * of memory, jumps that go forward only. So a program ends after at most as many steps as it has
 * instructions, and one pass from the front can check it. Pure; <jiffy/bpf.h>.
 */
#include <jiffy/bpf.h>
#include <jiffy/errno.h>
#include <jiffy/string.h>

#define CLASS(code) ((code)&0x07)
#define OP(code)    ((code)&0xf0)
#define SRC(code)   ((code)&0x08)
#define MODE(code)  ((code)&0xe0)

static bool load_ok(const struct sock_filter *f, unsigned int size)
{
	switch (f->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		return f->k % sizeof(u32) == 0 && f->k < size;
	case BPF_LD | BPF_IMM:
	case BPF_LDX | BPF_IMM:
	case BPF_LD | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_W | BPF_LEN:
		return true;
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
		return f->k < BPF_MEMWORDS;
	default:
		return false;
	}
}

static bool alu_ok(const struct sock_filter *f)
{
	if (f->code == (BPF_ALU | BPF_NEG))
		return true;
	if (f->code & ~(0xf0 | BPF_X | BPF_ALU))
		return false;
	switch (OP(f->code)) {
	case BPF_ADD:
	case BPF_SUB:
	case BPF_MUL:
	case BPF_OR:
	case BPF_AND:
	case BPF_XOR:
		return true;
	case BPF_DIV:
		return SRC(f->code) == BPF_X || f->k;
	case BPF_LSH:
	case BPF_RSH:
		return SRC(f->code) == BPF_X || f->k < 32;
	default:
		return false;
	}
}

/* left: how many instructions come behind this one. */
static bool jump_ok(const struct sock_filter *f, unsigned int left)
{
	if (f->code == (BPF_JMP | BPF_JA))
		return f->k < left;
	if (f->code & ~(0xf0 | BPF_X | BPF_JMP))
		return false;
	switch (OP(f->code)) {
	case BPF_JEQ:
	case BPF_JGT:
	case BPF_JGE:
	case BPF_JSET:
		return f->jt < left && f->jf < left;
	default:
		return false;
	}
}

static bool instruction_ok(const struct sock_filter *f, unsigned int left, unsigned int size)
{
	switch (CLASS(f->code)) {
	case BPF_LD:
	case BPF_LDX:
		return load_ok(f, size);
	case BPF_ST:
	case BPF_STX:
		return (f->code == BPF_ST || f->code == BPF_STX) && f->k < BPF_MEMWORDS;
	case BPF_ALU:
		return alu_ok(f);
	case BPF_JMP:
		return jump_ok(f, left);
	case BPF_RET:
		return f->code == (BPF_RET | BPF_K) || f->code == (BPF_RET | BPF_A);
	default:
		return f->code == (BPF_MISC | BPF_TAX) || f->code == (BPF_MISC | BPF_TXA);
	}
}

static bool writes_memory(const struct sock_filter *f)
{
	return f->code == BPF_ST || f->code == BPF_STX;
}

static bool reads_memory(const struct sock_filter *f)
{
	return f->code == (BPF_LD | BPF_MEM) || f->code == (BPF_LDX | BPF_MEM);
}

/*
 * No word is read that may not have been written. written[i]: the words that every way to
 * instruction i has written; as all jumps go forward, they are all known when i is reached.
 */
static bool memory_ok(const struct sock_filter *prog, unsigned int n, u16 *written)
{
	unsigned int i;

	memset(written, 0xff, n * sizeof(*written));
	written[0] = 0;
	for (i = 0; i < n; i++) {
		const struct sock_filter *f = &prog[i];
		u16 now = written[i];

		if (reads_memory(f) && !(now & 1u << f->k))
			return false;
		if (writes_memory(f))
			now |= 1u << f->k;
		if (f->code == (BPF_JMP | BPF_JA)) {
			written[i + 1 + f->k] &= now;
		} else if (CLASS(f->code) == BPF_JMP) {
			written[i + 1 + f->jt] &= now;
			written[i + 1 + f->jf] &= now;
		} else if (CLASS(f->code) != BPF_RET) {
			written[i + 1] &= now;
		}
	}
	return true;
}

int bpf_check(const struct sock_filter *prog, unsigned int n, unsigned int size, u16 *written)
{
	unsigned int i;

	if (!n || n > BPF_MAXINSNS || CLASS(prog[n - 1].code) != BPF_RET)
		return -EINVAL;
	for (i = 0; i < n; i++)
		if (!instruction_ok(&prog[i], n - 1 - i, size))
			return -EINVAL;
	return memory_ok(prog, n, written) ? 0 : -EINVAL;
}

/* false: a division by zero, which ends the program. */
static bool compute(u32 *a, u32 b, u16 op)
{
	switch (op) {
	case BPF_ADD:
		*a += b;
		break;
	case BPF_SUB:
		*a -= b;
		break;
	case BPF_MUL:
		*a *= b;
		break;
	case BPF_DIV:
		if (!b)
			return false;
		*a /= b;
		break;
	case BPF_OR:
		*a |= b;
		break;
	case BPF_AND:
		*a &= b;
		break;
	case BPF_XOR:
		*a ^= b;
		break;
	case BPF_LSH:
		*a <<= b & 31;
		break;
	case BPF_RSH:
		*a >>= b & 31;
		break;
	case BPF_NEG:
		*a = -*a;
		break;
	}
	return true;
}

static bool holds(u32 a, u32 b, u16 op)
{
	switch (op) {
	case BPF_JEQ:
		return a == b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	default:
		return a & b;
	}
}

/* What a load instruction brings. */
static u32 load(const struct sock_filter *f, const u32 *data, unsigned int size, const u32 *memory)
{
	switch (MODE(f->code)) {
	case BPF_ABS:
		return data[f->k / sizeof(u32)];
	case BPF_MEM:
		return memory[f->k];
	case BPF_LEN:
		return size;
	default:
		return f->k;
	}
}

u32 bpf_run(const struct sock_filter *f, const u32 *data, unsigned int size)
{
	u32 a = 0, x = 0, memory[BPF_MEMWORDS] = {0};

	for (;; f++) {
		u32 b = SRC(f->code) == BPF_X ? x : f->k;

		switch (CLASS(f->code)) {
		case BPF_LD:
			a = load(f, data, size, memory);
			break;
		case BPF_LDX:
			x = load(f, data, size, memory);
			break;
		case BPF_ST:
			memory[f->k] = a;
			break;
		case BPF_STX:
			memory[f->k] = x;
			break;
		case BPF_ALU:
			if (!compute(&a, b, OP(f->code)))
				return 0;
			break;
		case BPF_JMP:
			if (f->code == (BPF_JMP | BPF_JA))
				f += f->k;
			else
				f += holds(a, b, OP(f->code)) ? f->jt : f->jf;
			break;
		case BPF_RET:
			return f->code == (BPF_RET | BPF_A) ? a : f->k;
		case BPF_MISC:
			if (f->code == (BPF_MISC | BPF_TAX))
				x = a;
			else
				a = x;
			break;
		}
	}
}
