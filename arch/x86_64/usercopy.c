/* SPDX-License-Identifier: MIT */
/*
 * User memory in blocks and strings, and the atomic operations of futex(2). Callers and contexts:
 * include/arch/uaccess.h. No state.
 */
#include <arch/uaccess.h>
#include <jiffy/bitops.h>
#include <jiffy/sched.h>
#include <uapi/futex.h>

unsigned long __copy_user(void *to, const void *from, unsigned long n);
unsigned long __clear_user(void *to, unsigned long n);

#ifdef JIFFY_CHECKED
void arch_check_user_access(void)
{
	if (unlikely(current->flags & PF_KTHREAD))
		panic("user memory touched by a kernel thread, which has none");
}
#endif

static void check_may_fault(void)
{
	arch_check_user_access();
	if (!current->pagefault_disabled)
		might_sleep();
}

unsigned long copy_from_user(void *to, const void __user *from, unsigned long n)
{
	check_may_fault();
	if (!access_ok(from, n))
		return n;
	return __copy_user(to, from, n);
}

unsigned long copy_to_user(void __user *to, const void *from, unsigned long n)
{
	check_may_fault();
	if (!access_ok(to, n))
		return n;
	return __copy_user(to, from, n);
}

unsigned long clear_user(void __user *to, unsigned long n)
{
	check_may_fault();
	if (!access_ok(to, n))
		return n;
	return __clear_user(to, n);
}

/* Its zero bytes have bit 7 set; bytes above the lowest of them may as well. */
static u64 zero_bytes(u64 w)
{
	return (w - 0x0101010101010101UL) & ~w & 0x8080808080808080UL;
}

/* How many bytes may be looked at from s on, at most max, without leaving user space. */
static long user_limit(const char __user *s, long max)
{
	unsigned long left = TASK_SIZE - (unsigned long)s;

	return (unsigned long)max < left ? max : (long)left;
}

/*
 * Words at first: where one cannot be read (the string may end just before an unmapped page),
 * bytes decide.
 */
long strncpy_from_user(char *dst, const char __user *src, long count)
{
	long n = 0, max;
	u64 w;
	u8 c;

	check_may_fault();
	if (count <= 0)
		return 0;
	if (!access_ok(src, 1))
		return -EFAULT;
	max = user_limit(src, count);
	while (max - n >= 8 && !get_user(w, (const u64 __user *)(src + n))) {
		__builtin_memcpy(dst + n, &w, 8);
		if (zero_bytes(w))
			return n + __ffs(zero_bytes(w)) / 8;
		n += 8;
	}
	for (; n < max; n++) {
		if (get_user(c, (const u8 __user *)(src + n)))
			return -EFAULT;
		dst[n] = c;
		if (!c)
			return n;
	}
	return n == count ? count : -EFAULT;
}

long strnlen_user(const char __user *s, long count)
{
	long n = 0, max;
	u64 w;
	u8 c;

	check_may_fault();
	if (count <= 0 || !access_ok(s, 1))
		return 0;
	max = user_limit(s, count);
	while (max - n >= 8 && !get_user(w, (const u64 __user *)(s + n))) {
		if (zero_bytes(w))
			return n + __ffs(zero_bytes(w)) / 8 + 1;
		n += 8;
	}
	for (; n < max; n++) {
		if (get_user(c, (const u8 __user *)(s + n)))
			return 0;
		if (!c)
			return n + 1;
	}
	return n == count ? count + 1 : 0;
}

void pagefault_disable(void)
{
	current->pagefault_disabled++;
	barrier();
}

void pagefault_enable(void)
{
	barrier();
	current->pagefault_disabled--;
}

/* ---- futex words ---- */

int arch_futex_cmpxchg(u32 *old, u32 __user *uaddr, u32 expected, u32 desired)
{
	int err = 0;

	arch_check_user_access();
	if (!access_ok(uaddr, 4))
		return -EFAULT;
	__asm__ volatile(
	    __SMAP_SITE("stac") "1:\tlock cmpxchgl %4, %2\n"
				"2:\n" __SMAP_SITE("clac") "\t.pushsection .text.fixup, \"ax\"\n"
							   "3:\tmovl %3, %0\n"
							   "\tjmp 2b\n"
							   "\t.popsection\n" __EX_TABLE("1b", "3b")
	    : "+r"(err), "+a"(expected), "+m"(*uaddr)
	    : "i"(-EFAULT), "r"(desired)
	    : "memory", "cc");
	*old = expected;
	return err;
}

/* One locked instruction that returns the old value. */
#define futex_atomic(insn, err, v, uaddr)                                                         \
	__asm__ volatile(__SMAP_SITE("stac") "1:\t" insn "\n"                                     \
					     "2:\n" __SMAP_SITE(                                  \
						 "clac") "\t.pushsection .text.fixup, \"ax\"\n"   \
							 "3:\tmovl %3, %0\n"                      \
							 "\tjmp 2b\n"                             \
							 "\t.popsection\n" __EX_TABLE("1b", "3b") \
			 : "+r"(err), "+r"(v), "+m"(*(uaddr))                                     \
			 : "i"(-EFAULT)                                                           \
			 : "memory", "cc")

int arch_futex_atomic_op(int op, int oparg, int *old, u32 __user *uaddr)
{
	u32 found, seen, v = oparg;
	int err = 0;

	arch_check_user_access();
	if (!access_ok(uaddr, 4))
		return -EFAULT;
	switch (op) {
	case FUTEX_OP_SET:
		futex_atomic("xchgl %1, %2", err, v, uaddr);
		*old = v;
		return err;
	case FUTEX_OP_ADD:
		futex_atomic("lock xaddl %1, %2", err, v, uaddr);
		*old = v;
		return err;
	case FUTEX_OP_OR:
	case FUTEX_OP_ANDN:
	case FUTEX_OP_XOR:
		break;
	default:
		return -ENOSYS;
	}
	err = get_user(seen, uaddr);
	while (!err) {
		v = op == FUTEX_OP_OR	  ? seen | (u32)oparg
		    : op == FUTEX_OP_ANDN ? seen & ~(u32)oparg
					  : seen ^ (u32)oparg;
		err = arch_futex_cmpxchg(&found, uaddr, seen, v);
		if (!err && found == seen)
			break;
		seen = found;
	}
	*old = seen;
	return err;
}
