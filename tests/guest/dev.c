/* SPDX-License-Identifier: MIT */
/* The character devices every program expects: null, zero, full, random, urandom, tty, shm. */
#include "harness.h"

#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/sysmacros.h>

static char buf[8192];

static int dev(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/%s", name);
	return OK(open(path, O_RDWR));
}

CASE(numbers)
{
	static const struct {
		const char *path;
		int major, minor;
	} t[] = {{"/dev/null", 1, 3},	{"/dev/zero", 1, 5},	{"/dev/full", 1, 7},
		 {"/dev/random", 1, 8}, {"/dev/urandom", 1, 9}, {"/dev/tty", 5, 0}};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct stat st;

		OK(stat(t[i].path, &st));
		CHECK(S_ISCHR(st.st_mode));
		CHECK_EQ(st.st_rdev, makedev(t[i].major, t[i].minor));
	}
}

CASE(null_swallows_and_ends)
{
	int fd = dev("null");

	CHECK_EQ(write(fd, buf, 5000), 5000);
	CHECK_EQ(read(fd, buf, 10), 0);
	CHECK_EQ(lseek(fd, 100, SEEK_SET), 0);
	struct pollfd pf = {.fd = fd, .events = POLLIN | POLLOUT};

	CHECK_EQ(poll(&pf, 1, 0), 1);
}

CASE(null_does_not_look_at_the_buffer)
{
	CHECK_EQ(write(dev("null"), no_access_page(), 10), 10);
}

CASE(zero_reads_zeroes)
{
	int fd = dev("zero");

	memset(buf, 1, sizeof(buf));
	CHECK_EQ(read(fd, buf, sizeof(buf)), sizeof(buf));
	for (size_t i = 0; i < sizeof(buf); i++)
		CHECK_EQ(buf[i], 0);
	CHECK_EQ(write(fd, buf, 10), 10);
}

CASE(zero_maps_private_memory)
{
	char *p = OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, dev("zero"), 0));

	CHECK_EQ(p[5], 0);
	p[5] = 1;
}

CASE(zero_maps_shared_memory)
{
	char *p = OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, dev("zero"), 0));
	pid_t pid;

	CHILD(pid) {
		p[7] = 9;
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(p[7], 9);
}

CASE(full_has_no_space)
{
	int fd = dev("full");

	CHECK_ERR(write(fd, "x", 1), ENOSPC);
	buf[0] = 1;
	CHECK_EQ(read(fd, buf, 10), 10);
	CHECK_EQ(buf[0], 0);
}

CASE(urandom_differs)
{
	static char a[256], b[256];
	int fd = dev("urandom");

	CHECK_EQ(read(fd, a, 256), 256);
	CHECK_EQ(read(fd, b, 256), 256);
	CHECK(memcmp(a, b, 256));
	CHECK_EQ(write(fd, a, 16), 16);
}

CASE(random_reads)
{
	CHECK_EQ(read(dev("random"), buf, 64), 64);
}

CASE(getrandom_call)
{
	static char a[64], b[64];

	CHECK_EQ(getrandom(a, 64, 0), 64);
	CHECK_EQ(getrandom(b, 64, GRND_NONBLOCK), 64);
	CHECK(memcmp(a, b, 64));
	CHECK_ERR(getrandom(a, 1, 0x100), EINVAL);
	CHECK_EQ(getrandom(a, 0, 0), 0);
}

CASE(children_get_other_random_bytes)
{
	char *p = shared(PAGE);
	pid_t pid;

	CHILD(pid) {
		CHECK_EQ(getrandom(p, 32, 0), 32);
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(getrandom(p + 32, 32, 0), 32);
	CHECK(memcmp(p, p + 32, 32));
}

CASE(standard_links)
{
	char link[64] = "";

	if (access("/dev/fd", F_OK))
		SKIP("no /dev/fd");
	CHECK(readlink("/dev/fd", link, sizeof(link)) > 0);
	CHECK_STR(link, "/proc/self/fd");
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));

	snprintf(buf, sizeof(buf), "/dev/fd/%d", fd);
	OK(open(buf, O_RDONLY));
}

CASE(shm_open_shares)
{
	char name[32];
	int fd;
	char *p;
	pid_t pid;

	if (access("/dev/shm", W_OK))
		SKIP("no /dev/shm");
	snprintf(name, sizeof(name), "/guest-%d", getpid());
	fd = OK(shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600));
	OK(ftruncate(fd, PAGE));
	p = OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	CHILD(pid) {
		int other = OK(shm_open(name, O_RDWR, 0));
		char *q = OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, other, 0));

		q[3] = 'S';
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(p[3], 'S');
	OK(shm_unlink(name));
	CHECK_ERR(shm_open(name, O_RDWR, 0), ENOENT);
}

CASE(unknown_ioctl)
{
	CHECK_ERR(ioctl(dev("null"), TCGETS, buf), ENOTTY);
	CHECK_ERR(ioctl(800, TCGETS, buf), EBADF);
}
