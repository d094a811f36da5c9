/* SPDX-License-Identifier: MIT */
/* Memory: mmap, munmap, mprotect, mremap, brk, madvise, msync, mincore, sharing and copying. */
#include "harness.h"

#include <setjmp.h>

#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static char *map(size_t pages)
{
	return OK(mmap(NULL, pages * PAGE, RW, ANON, -1, 0));
}

static sigjmp_buf env;

static void fault(int sig)
{
	siglongjmp(env, sig);
}

/* The signal that a read (or write) of the address raises, 0 when none. */
static int touch(volatile char *p, bool write)
{
	int sig;

	on_signal(SIGSEGV, fault, 0);
	on_signal(SIGBUS, fault, 0);
	sig = sigsetjmp(env, 1);
	if (!sig) {
		if (write)
			*p = 1;
		else
			(void)*p;
	}
	signal(SIGSEGV, SIG_DFL);
	signal(SIGBUS, SIG_DFL);
	return sig;
}

static int file_of(size_t size)
{
	int fd = OK(open("f", O_RDWR | O_CREAT | O_TRUNC, 0600));

	for (size_t i = 0; i < size; i += 16)
		CHECK_EQ(write(fd, "0123456789abcdef", 16), 16);
	return fd;
}

CASE(anonymous_is_zero)
{
	char *p = map(16);

	for (size_t i = 0; i < 16 * PAGE; i++)
		CHECK_EQ(p[i], 0);
}

CASE(read_then_write_zero_page)
{
	char *p = map(2);

	CHECK_EQ(p[0] + p[PAGE], 0);
	p[0] = 5;
	CHECK_EQ(p[PAGE], 0);
	CHECK_EQ(p[0], 5);
}

CASE(errors)
{
	int f = file_of(PAGE);

	CHECK_ERR(mmap(NULL, 0, RW, ANON, -1, 0), EINVAL);
	CHECK_ERR(mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0), EINVAL);
	CHECK_ERR(mmap((void *)123, PAGE, RW, ANON | MAP_FIXED, -1, 0), EINVAL);
	CHECK_ERR(mmap(NULL, PAGE, RW, MAP_PRIVATE, f, 123), EINVAL);
	CHECK_ERR(mmap(NULL, PAGE, RW, MAP_PRIVATE, -1, 0), EBADF);
	CHECK_ERR(mmap(NULL, 1UL << 47, RW, ANON, -1, 0), ENOMEM);
	CHECK_ERR(mmap(NULL, -PAGE, RW, ANON, -1, 0), ENOMEM);
	int rdonly = OK(open("f", O_RDONLY)), wronly = OK(open("f", O_WRONLY));

	CHECK_ERR(mmap(NULL, PAGE, RW, MAP_SHARED, rdonly, 0), EACCES);
	OK(mmap(NULL, PAGE, RW, MAP_PRIVATE, rdonly, 0));
	CHECK_ERR(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, wronly, 0), EACCES);
	int dir = OK(open(".", O_RDONLY));

	CHECK_ERR(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, dir, 0), ENODEV);
}

CASE(munmap_faults_after)
{
	char *p = map(3);

	p[PAGE] = 1;
	OK(munmap(p + PAGE, PAGE));
	CHECK_EQ(touch(p + PAGE, false), SIGSEGV);
	CHECK_EQ(touch(p, true), 0);
	CHECK_EQ(touch(p + 2 * PAGE, true), 0);
	OK(munmap(p, 3 * PAGE));
	OK(munmap(p, 3 * PAGE));
	CHECK_ERR(munmap(p + 1, PAGE), EINVAL);
	CHECK_ERR(munmap(p, 0), EINVAL);
}

CASE(fixed_replaces)
{
	char *p = map(3);

	memset(p, 7, 3 * PAGE);
	CHECK(mmap(p + PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0) == p + PAGE);
	CHECK_EQ(p[PAGE - 1], 7);
	CHECK_EQ(p[PAGE], 0);
	CHECK_EQ(p[2 * PAGE], 7);
}

CASE(fixed_noreplace_refuses)
{
	char *p = map(1);

	CHECK_ERR(mmap(p, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
	OK(munmap(p, PAGE));
	CHECK(mmap(p, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) == p);
}

CASE(hint_is_taken_when_free)
{
	char *p = map(4);

	OK(munmap(p, 4 * PAGE));
	CHECK(mmap(p, PAGE, RW, ANON, -1, 0) == p);
}

CASE(protection_is_enforced)
{
	char *p = map(1);

	*p = 3;
	OK(mprotect(p, PAGE, PROT_READ));
	CHECK_EQ(touch(p, false), 0);
	CHECK_EQ(touch(p, true), SIGSEGV);
	OK(mprotect(p, PAGE, PROT_NONE));
	CHECK_EQ(touch(p, false), SIGSEGV);
	OK(mprotect(p, PAGE, RW));
	CHECK_EQ(*p, 3);
	CHECK_EQ(touch(p, true), 0);
}

CASE(mprotect_middle_splits)
{
	char *p = map(5);

	OK(mprotect(p + 2 * PAGE, PAGE, PROT_READ));
	CHECK_EQ(touch(p + PAGE, true), 0);
	CHECK_EQ(touch(p + 2 * PAGE, true), SIGSEGV);
	CHECK_EQ(touch(p + 3 * PAGE, true), 0);
	OK(mprotect(p, 5 * PAGE, RW));
	CHECK_EQ(touch(p + 2 * PAGE, true), 0);
}

CASE(mprotect_errors)
{
	char *p = map(3);

	OK(munmap(p + PAGE, PAGE));
	CHECK_ERR(mprotect(p, 3 * PAGE, PROT_READ), ENOMEM);
	CHECK_ERR(mprotect(p + 1, PAGE, PROT_READ), EINVAL);
	CHECK_ERR(mprotect(p, PAGE, 0x80), EINVAL);
	OK(mprotect(p, 0, PROT_READ));
	int fd = file_of(PAGE), ro = OK(open("f", O_RDONLY));
	char *q = OK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, ro, 0));

	CHECK_ERR(mprotect(q, PAGE, RW), EACCES);
	close(fd);
}

CASE(no_execute)
{
	unsigned char *p = (unsigned char *)map(1);
	pid_t pid;

	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	p[0] = 0xc3;
	CHILD(pid) {
		((void (*)(void))p)();
	}
	CHECK_EQ(wait_killed(pid), SIGSEGV);
	OK(mprotect(p, PAGE, PROT_READ | PROT_EXEC));
	((void (*)(void))p)();
}

CASE(code_written_then_run)
{
	unsigned char *p = OK(mmap(NULL, PAGE, RW | PROT_EXEC, ANON, -1, 0));

	for (int i = 0; i < 10; i++) {
		unsigned char code[] = {0xb8, i, 0, 0, 0, 0xc3};

		memcpy(p, code, sizeof(code));
		CHECK_EQ(((int (*)(void))p)(), i);
	}
}

CASE(mremap_grows_and_moves)
{
	char *p = map(2), *q;

	memset(p, 9, 2 * PAGE);
	q = OK(mremap(p, 2 * PAGE, 100 * PAGE, MREMAP_MAYMOVE));
	CHECK_EQ(q[0], 9);
	CHECK_EQ(q[2 * PAGE - 1], 9);
	CHECK_EQ(q[2 * PAGE], 0);
	if (q != p)
		CHECK_EQ(touch(p, false), SIGSEGV);
}

CASE(mremap_shrinks_in_place)
{
	char *p = map(4);

	CHECK(mremap(p, 4 * PAGE, PAGE, 0) == p);
	CHECK_EQ(touch(p + PAGE, false), SIGSEGV);
}

CASE(mremap_without_maymove)
{
	char *p = map(3);

	OK(mmap(p + 2 * PAGE, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0));
	CHECK_ERR(mremap(p, 2 * PAGE, 3 * PAGE, 0), ENOMEM);
}

CASE(mremap_fixed)
{
	char *p = map(2), *q = map(4);

	p[PAGE] = 4;
	q[0] = 1;
	CHECK(mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q + PAGE) == q + PAGE);
	CHECK_EQ(q[2 * PAGE], 4);
	CHECK_EQ(q[0], 1);
	CHECK_ERR(mremap(q, PAGE, PAGE, MREMAP_FIXED, p), EINVAL);
	CHECK_ERR(mremap(q + 1, PAGE, PAGE, 0), EINVAL);
	CHECK_ERR(mremap(q, PAGE, 0, 0), EINVAL);
	CHECK_ERR(mremap(no_access_page() + PAGE * 4096, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
}

CASE(brk_grows_and_shrinks)
{
	char *start = sbrk(0);

	OK(sbrk(10 * PAGE));
	memset(start, 5, 10 * PAGE);
	CHECK(sbrk(0) == start + 10 * PAGE);
	OK(sbrk(-10 * (long)PAGE));
	CHECK(sbrk(0) == start);
	OK(sbrk(10 * PAGE));
	CHECK_EQ(start[9 * PAGE], 0);
	CHECK_EQ(syscall(SYS_brk, 0), (long)sbrk(0));
	CHECK_EQ(syscall(SYS_brk, 1UL << 60), (long)sbrk(0));
}

CASE(file_private_reads_file)
{
	int fd = file_of(PAGE);
	char *p = OK(mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0));
	char buf[4];

	CHECK(!memcmp(p, "0123", 4));
	p[0] = 'X';
	CHECK_EQ(pread(fd, buf, 1, 0), 1);
	CHECK_EQ(buf[0], '0');
}

CASE(file_shared_writes_file)
{
	int fd = file_of(PAGE);
	char *p = OK(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));
	char buf[4];

	p[1] = 'Y';
	CHECK_EQ(pread(fd, buf, 4, 0), 4);
	CHECK(!memcmp(buf, "0Y23", 4));
	CHECK_EQ(pwrite(fd, "Z", 1, 2), 1);
	CHECK_EQ(p[2], 'Z');
	OK(msync(p, PAGE, MS_SYNC));
}

CASE(file_mapping_outlives_descriptor_and_name)
{
	int fd = file_of(2 * PAGE);
	char *p = OK(mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0));

	OK(close(fd));
	OK(unlink("f"));
	CHECK(!memcmp(p + PAGE, "0123", 4));
}

CASE(file_offset_mapping)
{
	int fd = file_of(3 * PAGE);
	char *p;

	CHECK_EQ(pwrite(fd, "here", 4, 2 * PAGE), 4);
	p = OK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 2 * PAGE));
	CHECK(!memcmp(p, "here", 4));
}

CASE(tail_of_last_page_is_zero)
{
	int fd = file_of(16);
	char *p = OK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0));

	for (size_t i = 16; i < PAGE; i++)
		CHECK_EQ(p[i], 0);
}

CASE(past_end_of_file_is_sigbus)
{
	int fd = file_of(16);
	char *p = OK(mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0));

	CHECK_EQ(touch(p, false), 0);
	CHECK_EQ(touch(p + PAGE, false), SIGBUS);
	OK(ftruncate(fd, 2 * PAGE));
	CHECK_EQ(touch(p + PAGE, true), 0);
	OK(ftruncate(fd, 1));
	CHECK_EQ(touch(p + PAGE, false), SIGBUS);
}

CASE(truncate_drops_private_copies_too)
{
	int fd = file_of(2 * PAGE);
	char *p = OK(mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0));

	p[PAGE] = 'x';
	OK(ftruncate(fd, PAGE));
	CHECK_EQ(touch(p + PAGE, false), SIGBUS);
}

CASE(shared_file_between_processes)
{
	int fd = file_of(PAGE);
	volatile char *p = OK(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));
	pid_t pid;

	CHILD(pid) {
		volatile char *q = OK(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));

		q[100] = 'c';
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(p[100], 'c');
}

CASE(madvise_dontneed_zeroes_anonymous)
{
	char *p = map(2);

	memset(p, 1, 2 * PAGE);
	OK(madvise(p, PAGE, MADV_DONTNEED));
	CHECK_EQ(p[0], 0);
	CHECK_EQ(p[PAGE], 1);
}

CASE(madvise_dontneed_rereads_file)
{
	int fd = file_of(PAGE);
	char *p = OK(mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0));

	p[0] = 'X';
	OK(madvise(p, PAGE, MADV_DONTNEED));
	CHECK_EQ(p[0], '0');
}

CASE(madvise_errors)
{
	char *p = map(2);

	CHECK_ERR(madvise(p + 1, PAGE, MADV_NORMAL), EINVAL);
	CHECK_ERR(madvise(p, PAGE, 12345), EINVAL);
	OK(munmap(p + PAGE, PAGE));
	CHECK_ERR(madvise(p, 2 * PAGE, MADV_DONTNEED), ENOMEM);
	OK(madvise(p, PAGE, MADV_WILLNEED));
	OK(madvise(p, PAGE, MADV_SEQUENTIAL));
	OK(madvise(p, 0, MADV_NORMAL));
}

CASE(msync_errors)
{
	char *p = map(2);

	CHECK_ERR(msync(p + 1, PAGE, MS_SYNC), EINVAL);
	CHECK_ERR(msync(p, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
	CHECK_ERR(msync(p, PAGE, 0x100), EINVAL);
	OK(munmap(p + PAGE, PAGE));
	CHECK_ERR(msync(p, 2 * PAGE, MS_SYNC), ENOMEM);
}

CASE(mincore_shows_residency)
{
	char *p = map(4);
	unsigned char vec[4];

	p[0] = p[2 * PAGE] = 1;
	OK(mincore(p, 4 * PAGE, vec));
	CHECK_EQ(vec[0] & 1, 1);
	CHECK_EQ(vec[2] & 1, 1);
	CHECK_EQ(vec[3] & 1, 0);
	CHECK_ERR(mincore(p + 1, PAGE, vec), EINVAL);
	OK(munmap(p + PAGE, PAGE));
	CHECK_ERR(mincore(p, 4 * PAGE, vec), ENOMEM);
}

CASE(populate_and_locked_are_resident)
{
	unsigned char vec[4] = {0};
	char *p = OK(mmap(NULL, 4 * PAGE, RW, ANON | MAP_POPULATE, -1, 0));

	OK(mincore(p, 4 * PAGE, vec));
	CHECK_EQ(vec[0] & vec[1] & vec[2] & vec[3] & 1, 1);
	p = map(4);
	OK(mlock(p, 4 * PAGE));
	OK(mincore(p, 4 * PAGE, vec));
	CHECK_EQ(vec[0] & vec[1] & vec[2] & vec[3] & 1, 1);
	OK(munlockall());
}

CASE(large_sparse_mapping)
{
	size_t size = 4UL << 30;
	char *p = OK(mmap(NULL, size, RW, ANON | MAP_NORESERVE, -1, 0));

	for (size_t i = 0; i < size; i += 256UL << 20)
		p[i] = 1;
	OK(munmap(p, size));
}

CASE(many_mappings)
{
	enum { N = 500 };
	char *p[N];

	for (int i = 0; i < N; i++)
		p[i] = OK(mmap(NULL, PAGE, i & 1 ? RW : PROT_READ, ANON, -1, 0));
	for (int i = 1; i < N; i += 2)
		p[i][0] = i;
	for (int i = 1; i < N; i += 2)
		CHECK_EQ(p[i][0], (char)i);
	for (int i = 0; i < N; i++)
		OK(munmap(p[(i * 7) % N], PAGE));
}

CASE(maps_file_shows_mapping)
{
	char *p = OK(mmap(NULL, 3 * PAGE, PROT_READ, ANON, -1, 0)), line[256], want[64];
	bool found = false;
	FILE *f = fopen("/proc/self/maps", "r");

	OK(mprotect(p + PAGE, PAGE, PROT_READ | PROT_EXEC));
	snprintf(want, sizeof(want), "%lx-%lx r-xp", (long)p + PAGE, (long)p + 2 * PAGE);
	CHECK(f);
	while (fgets(line, sizeof(line), f))
		found |= strstr(line, want) == line;
	CHECK(found);
}

CASE(growsdown_stack_mapping_has_name)
{
	char buf[16384];

	CHECK(slurp("/proc/self/maps", buf, sizeof(buf)) > 0);
	CHECK(strstr(buf, "[stack]"));
	CHECK(strstr(buf, "[vdso]"));
}

CASE(memfd)
{
	int fd = OK(memfd_create("name", MFD_CLOEXEC | MFD_ALLOW_SEALING));
	char *p;

	OK(ftruncate(fd, PAGE));
	p = OK(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));
	strcpy(p, "in memory");
	char buf[10];

	CHECK_EQ(pread(fd, buf, 10, 0), 10);
	CHECK_STR(buf, "in memory");
	CHECK_ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
	OK(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW));
	CHECK_ERR(ftruncate(fd, 0), EPERM);
	CHECK_ERR(ftruncate(fd, 2 * PAGE), EPERM);
	CHECK_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_SHRINK | F_SEAL_GROW);
}

CASE(kernel_writes_fault_in_pages)
{
	char *p = map(4);
	int fd = file_of(4 * PAGE);

	CHECK_EQ(pread(fd, p, 4 * PAGE, 0), 4 * PAGE);
	CHECK(!memcmp(p + 3 * PAGE, "0123", 4));
}

CASE(write_through_two_mappings_of_one_file)
{
	int fd = file_of(PAGE);
	volatile char *a = OK(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));
	volatile char *b = OK(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));

	CHECK(a != b);
	for (int i = 0; i < 100; i++) {
		a[i] = i;
		CHECK_EQ(b[i], i);
	}
}

CASE(rss_counts_touched_pages)
{
	long long before = proc_field("/proc/self/status", "VmRSS");
	char *p = map(1024);

	memset(p, 1, 1024 * PAGE);
	CHECK(proc_field("/proc/self/status", "VmRSS") - before >= 3800);
	OK(munmap(p, 1024 * PAGE));
	CHECK(proc_field("/proc/self/status", "VmRSS") - before < 2000);
}
