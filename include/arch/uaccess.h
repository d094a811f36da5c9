/* SPDX-License-Identifier: MIT */
/*
 * Contract 4 of 8: touching user memory. All may sleep (a fault may bring the page in) unless
 * page faults are disabled, in which case a missing page is an error at once. No address from a
 * program is trusted: one outside user space fails without an access.
 */
#ifndef ARCH_UACCESS_H
#define ARCH_UACCESS_H

#include <jiffy/compiler.h>
#include <jiffy/errno.h>
#include <jiffy/types.h>

#include <asm/uaccess.h>

/* <asm/uaccess.h>: bool access_ok(const void __user *p, size_t n): [p, p+n) is user space. */

/* How many bytes were NOT copied: 0 is success. */
unsigned long __must_check copy_from_user(void *to, const void __user *from, unsigned long n);
unsigned long __must_check copy_to_user(void __user *to, const void *from, unsigned long n);
unsigned long __must_check clear_user(void __user *to, unsigned long n);
/* The string's length without NUL; count when it does not end before; -EFAULT. */
long strncpy_from_user(char *dst, const char __user *src, long count);
/* Length with NUL, 0 on fault, more than count when longer. */
long strnlen_user(const char __user *s, long count);

/* One value of 1, 2, 4 or 8 bytes (<asm/uaccess.h>): 0 or -EFAULT.
 *   get_user(x, ptr), put_user(x, ptr)
 */

/*
 * Atomic operations on a user word for futexes, with page faults disabled by the caller: 0 or
 * -EFAULT, *old gets what was there. op is FUTEX_OP_*; full barrier.
 */
int arch_futex_atomic_op(int op, int oparg, int *old, u32 __user *uaddr);
int arch_futex_cmpxchg(u32 *old, u32 __user *uaddr, u32 expected, u32 desired);

/* Between these a fault in a user access fails at once; nests; no preemption change. */
void pagefault_disable(void);
void pagefault_enable(void);

#endif
