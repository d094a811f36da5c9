/* SPDX-License-Identifier: MIT */
/*
 * Random numbers: ChaCha20 (RFC 8439, 2.3) run as a generator with fast key erasure (Bernstein,
 * 2017): the first 32 bytes of each request's key stream become the next key, so a key found in
 * memory later tells nothing about bytes given out before.
 *
 * Serialization rules: lock (interrupts off) guards the key and is held for two blocks at most.
 */
#include <arch/time.h>
#include <jiffy/random.h>
#include <jiffy/spinlock.h>
#include <jiffy/string.h>

static u32 key[8];
static u64 generation;
static DEFINE_SPINLOCK(lock);

static u32 rotl(u32 v, int n)
{
	return v << n | v >> (32 - n);
}

static void quarter_round(u32 *s, int a, int b, int c, int d)
{
	s[a] += s[b];
	s[d] = rotl(s[d] ^ s[a], 16);
	s[c] += s[d];
	s[b] = rotl(s[b] ^ s[c], 12);
	s[a] += s[b];
	s[d] = rotl(s[d] ^ s[a], 8);
	s[c] += s[d];
	s[b] = rotl(s[b] ^ s[c], 7);
}

static void chacha20_block(const u32 *k, u32 counter, u64 nonce, u32 out[16])
{
	u32 in[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

	memcpy(in + 4, k, 32);
	in[12] = counter;
	in[14] = nonce;
	in[15] = nonce >> 32;
	memcpy(out, in, sizeof(in));
	for (int i = 0; i < 10; i++) {
		quarter_round(out, 0, 4, 8, 12);
		quarter_round(out, 1, 5, 9, 13);
		quarter_round(out, 2, 6, 10, 14);
		quarter_round(out, 3, 7, 11, 15);
		quarter_round(out, 0, 5, 10, 15);
		quarter_round(out, 1, 6, 11, 12);
		quarter_round(out, 2, 7, 8, 13);
		quarter_round(out, 3, 4, 9, 14);
	}
	for (int i = 0; i < 16; i++)
		out[i] += in[i];
}

void add_device_randomness(const void *buf, size_t n)
{
	const u8 *p = buf;
	u32 block[16];
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
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
	u64 v;

	get_random_bytes(&v, sizeof(v));
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
