/* SPDX-License-Identifier: MIT */
/*
 * The memory devices of major number 1: null(4), zero(4), full(4), random(4), urandom; and
 * getrandom(2). Task context, no locks of their own.
 */
#include <jiffy/cdev.h>
#include <jiffy/cred.h>
#include <jiffy/device.h>
#include <jiffy/fs.h>
#include <jiffy/init.h>
#include <jiffy/mm.h>
#include <jiffy/poll.h>
#include <jiffy/random.h>
#include <jiffy/syscalls.h>
#include <arch/uaccess.h>
#include "kmsg.h"

#define MEM_MAJOR      1
#define GRND_NONBLOCK  0x1
#define GRND_RANDOM    0x2
#define GRND_INSECURE  0x4
#define RNDGETENTCNT   0x80045200
#define RNDADDTOENTCNT 0x40045201
#define RNDADDENTROPY  0x40085203
#define RNDZAPENTCNT   0x5204
#define RNDCLEARPOOL   0x5206
#define RNDRESEEDCRNG  0x5207
#define ENTROPY_BITS   256

static ssize_t null_read(struct kiocb *iocb, struct iov_iter *to)
{
	return 0;
}

static ssize_t null_write(struct kiocb *iocb, struct iov_iter *from)
{
	size_t n = iov_iter_count(from);

	iov_iter_advance(from, n);
	return n;
}

static loff_t null_llseek(struct file *file, loff_t offset, int whence)
{
	return file->f_pos = 0;
}

/* In pieces, so that a fatal signal and other tasks get their turn in a huge read. */
static ssize_t zero_read(struct kiocb *iocb, struct iov_iter *to)
{
	ssize_t done = 0;

	while (iov_iter_count(to)) {
		size_t want = min_t(size_t, iov_iter_count(to), PAGE_SIZE);
		size_t n = iov_iter_zero(want, to);

		done += n;
		if (n < want)
			return done ? done : -EFAULT;
		if (signal_pending(current))
			break;
		cond_resched();
	}
	return done;
}

/* Shared: an object of tmpfs that nobody else can reach. Private: anonymous memory. */
static int zero_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_SHARED)
		return shmem_zero_setup(vma);
	vma->vm_ops = NULL;
	return 0;
}

static ssize_t full_write(struct kiocb *iocb, struct iov_iter *from)
{
	return -ENOSPC;
}

static ssize_t fill_random(struct iov_iter *to)
{
	u8 buf[256];
	ssize_t done = 0;

	while (iov_iter_count(to)) {
		size_t n = min_t(size_t, iov_iter_count(to), sizeof(buf)), copied;

		get_random_bytes(buf, n);
		copied = copy_to_iter(buf, n, to);
		done += copied;
		if (copied < n) {
			done = done ? done : -EFAULT;
			break;
		}
		if (signal_pending(current) && done >= PAGE_SIZE)
			break;
		cond_resched();
	}
	memset(buf, 0, sizeof(buf));
	return done;
}

static ssize_t random_read(struct kiocb *iocb, struct iov_iter *to)
{
	return fill_random(to);
}

static ssize_t random_write(struct kiocb *iocb, struct iov_iter *from)
{
	u8 buf[128];
	ssize_t done = 0;

	while (iov_iter_count(from)) {
		size_t n = min_t(size_t, iov_iter_count(from), sizeof(buf));

		n = copy_from_iter(buf, n, from);
		if (!n)
			return done ? done : -EFAULT;
		add_device_randomness(buf, n);
		done += n;
		cond_resched();
	}
	return done;
}

/* RNDADDENTROPY's argument: int bits, int size, then the bytes (random(4)). */
static long add_entropy(const int __user *arg)
{
	int size;
	u8 buf[128];

	if (get_user(size, arg + 1))
		return -EFAULT;
	if (size < 0)
		return -EINVAL;
	size = min_t(int, size, sizeof(buf));
	if (copy_from_user(buf, arg + 2, size))
		return -EFAULT;
	add_device_randomness(buf, size);
	return 0;
}

static long random_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	int __user *p = (int __user *)arg;

	if (cmd == RNDGETENTCNT)
		return put_user(ENTROPY_BITS, p);
	switch (cmd) {
	case RNDADDTOENTCNT:
	case RNDZAPENTCNT:
	case RNDCLEARPOOL:
	case RNDRESEEDCRNG:
		return capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
	case RNDADDENTROPY:
		return capable(CAP_SYS_ADMIN) ? add_entropy(p) : -EPERM;
	default:
		return -ENOTTY;
	}
}

static const struct file_operations null_fops = {
    .llseek = null_llseek,
    .read_iter = null_read,
    .write_iter = null_write,
};
static const struct file_operations zero_fops = {
    .llseek = null_llseek,
    .read_iter = zero_read,
    .write_iter = null_write,
    .mmap = zero_mmap,
};
static const struct file_operations full_fops = {
    .llseek = null_llseek,
    .read_iter = zero_read,
    .write_iter = full_write,
};
static const struct file_operations random_fops = {
    .llseek = noop_llseek,
    .read_iter = random_read,
    .write_iter = random_write,
    .unlocked_ioctl = random_ioctl,
};

static const struct {
	unsigned int minor;
	const char *name;
	umode_t mode;
	const struct file_operations *fops;
} devices[] = {
    {3, "null", 0666, &null_fops},	{5, "zero", 0666, &zero_fops},
    {7, "full", 0666, &full_fops},	{8, "random", 0666, &random_fops},
    {9, "urandom", 0666, &random_fops}, {11, "kmsg", 0644, &kmsg_fops},
};

static int mem_open(struct inode *inode, struct file *file)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(devices); i++) {
		if (devices[i].minor != iminor(inode))
			continue;
		replace_fops(file, devices[i].fops);
		return file->f_op->open ? file->f_op->open(inode, file) : 0;
	}
	return -ENXIO;
}

static const struct file_operations mem_fops = {
    .open = mem_open,
    .llseek = noop_llseek,
};

static int __init mem_init_devices(void)
{
	unsigned int i;
	int err = register_chrdev(MEM_MAJOR, "mem", &mem_fops);

	for (i = 0; i < ARRAY_SIZE(devices) && !err; i++)
		err = devtmpfs_create(devices[i].name, S_IFCHR | devices[i].mode,
				      MKDEV(MEM_MAJOR, devices[i].minor));
	return err;
}
fs_initcall(mem_init_devices);

/*
 * The generator is keyed before the first program runs, so nothing blocks and GRND_NONBLOCK
 * changes nothing.
 */
SYSCALL_DEFINE3(getrandom, char __user *, buf, size_t, count, unsigned int, flags)
{
	struct iov_iter to;

	if (flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	if ((flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	if (import_single_range(ITER_DEST, buf, count, &to))
		return -EFAULT;
	return fill_random(&to);
}
