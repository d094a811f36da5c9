/* SPDX-License-Identifier: MIT */
/*
 * Random numbers: ChaCha20 (RFC 8439, 2.3) run as a generator with fast key erasure (Bernstein,
 * 2017): the first 32 bytes of each request's key stream become the next key, so a key found in
 * memory later tells nothing about bytes given out before.
 *
 * Serialization rules: lock (interrupts off) guards key and generation and is held for a block at
 * most; reseeds is written under it and read without. A CPU's batch is its own, with interrupts
 * off.
 */
#include <arch/irq.h>
#include <arch/time.h>
#include <jiffy/percpu.h>
#include <jiffy/random.h>
#include <jiffy/spinlock.h>
#include <jiffy/string.h>

static u32 key[8];
static u64 generation;
static unsigned long reseeds;
static DEFINE_SPINLOCK(lock);

/*
 * Single numbers are asked for at every fork and exec, so a CPU draws three blocks' worth at once:
 * 32 bytes come with the next key, 128 from two blocks more. Each is forgotten as it is given out.
 */
struct batch {
	u64 numbers[(32 + 2 * 64) / 8];
	unsigned int left;
	unsigned long reseeds; /* of an older seed: not to be used */
};
static DEFINE_PER_CPU(struct batch, batches);

static u32 rotl(u32 v, int n)
{
	return v << n | v >> (32 - n);
}

static __always_inline void quarter_round(u32 *a, u32 *b, u32 *c, u32 *d)
{
	*a += *b;
	*d = rotl(*d ^ *a, 16);
	*c += *d;
	*b = rotl(*b ^ *c, 12);
	*a += *b;
	*d = rotl(*d ^ *a, 8);
	*c += *d;
	*b = rotl(*b ^ *c, 7);
}

/* Every index is a constant, so that the state lives in registers as far as they go. */
static void chacha20_block(const u32 *k, u32 counter, u64 nonce, u32 out[16])
{
	u32 in[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
	u32 x[16];

	memcpy(in + 4, k, 32);
	in[12] = counter;
	in[14] = nonce;
	in[15] = nonce >> 32;
	memcpy(x, in, sizeof(in));
	for (int i = 0; i < 10; i++) {
		quarter_round(&x[0], &x[4], &x[8], &x[12]);
		quarter_round(&x[1], &x[5], &x[9], &x[13]);
		quarter_round(&x[2], &x[6], &x[10], &x[14]);
		quarter_round(&x[3], &x[7], &x[11], &x[15]);
		quarter_round(&x[0], &x[5], &x[10], &x[15]);
		quarter_round(&x[1], &x[6], &x[11], &x[12]);
		quarter_round(&x[2], &x[7], &x[8], &x[13]);
		quarter_round(&x[3], &x[4], &x[9], &x[14]);
	}
	for (int i = 0; i < 16; i++)
		out[i] = x[i] + in[i];
}

void add_device_randomness(const void *buf, size_t n)
{
	const u8 *p = buf;
	u32 block[16];
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	WRITE_ONCE(reseeds, reseeds + 1);
	for (size_t i = 0; i < n; i++) {
		((u8 *)key)[i % 32] ^= p[i];
		if (i % 32 == 31 || i + 1 == n) {
			chacha20_block(key, 0, ++generation, block);
			memcpy(key, block, 32);
		}
	}
	spin_unlock_irqrestore(&lock, flags);
}

void random_init(void)
{
	u64 seed[5];

	for (int i = 0; i < 4; i++)
		if (!arch_get_random(&seed[i]))
			seed[i] = arch_clock_read();
	seed[4] = arch_clock_read();
	add_device_randomness(seed, sizeof(seed));
}

void get_random_bytes(void *buf, size_t n)
{
	u32 stream_key[8], block[16];
	u8 *p = buf;
	size_t part = min_t(size_t, n, 32);
	unsigned long flags;
	u64 nonce;

	spin_lock_irqsave(&lock, flags);
	nonce = ++generation;
	chacha20_block(key, 0, nonce, block);
	memcpy(stream_key, key, 32);
	memcpy(key, block, 32);
	spin_unlock_irqrestore(&lock, flags);
	memcpy(p, block + 8, part);
	p += part;
	n -= part;
	for (u32 counter = 1; n; counter++) {
		part = min_t(size_t, n, 64);
		chacha20_block(stream_key, counter, nonce, block);
		memcpy(p, block, part);
		p += part;
		n -= part;
	}
}

u64 get_random_u64(void)
{
	struct batch *b;
	unsigned long flags, now;
	u64 v;

	local_irq_save(flags);
	b = this_cpu_ptr(&batches);
	now = READ_ONCE(reseeds);
	if (!b->left || b->reseeds != now) {
		get_random_bytes(b->numbers, sizeof(b->numbers));
		b->left = ARRAY_SIZE(b->numbers);
		b->reseeds = now;
	}
	v = b->numbers[--b->left];
	b->numbers[b->left] = 0;
	local_irq_restore(flags);
	return v;
}

u32 get_random_u32(void)
{
	return get_random_u64();
}

u64 get_random_below(u64 ceil)
{
	u64 v, limit;

	if (!ceil)
		return 0;
	/* Values below 2^64 mod ceil would come up once more often than the others. */
	limit = -ceil % ceil;
	do
		v = get_random_u64();
	while (v < limit);
	return v % ceil;
}
