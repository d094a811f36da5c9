/* SPDX-License-Identifier: MIT */
/* Open files: flags, reading and writing, offsets, locks, descriptors, copying between files. */
#include "harness.h"

#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

static int make(const char *name, const char *text)
{
	int fd = OK(open(name, O_RDWR | O_CREAT | O_TRUNC, 0644));

	CHECK_EQ(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	OK(lseek(fd, 0, SEEK_SET));
	return fd;
}

static void expect_content(const char *name, const char *text)
{
	char buf[8192];

	CHECK(slurp(name, buf, sizeof(buf)) >= 0);
	CHECK_STR(buf, text);
}

CASE(open_errors)
{
	CHECK_ERR(open("none", O_RDONLY), ENOENT);
	CHECK_ERR(open("none/x", O_RDWR | O_CREAT, 0600), ENOENT);
	make("f", "x");
	CHECK_ERR(open("f", O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST);
	CHECK_ERR(open("f/x", O_RDONLY), ENOTDIR);
	CHECK_ERR(open(".", O_RDWR), EISDIR);
	CHECK_ERR(open(".", O_WRONLY | O_CREAT, 0600), EISDIR);
	CHECK_ERR(open("f", O_RDONLY | O_DIRECTORY), ENOTDIR);
	char name[300];

	memset(name, 'n', 299);
	name[299] = 0;
	CHECK_ERR(open(name, O_RDONLY), ENAMETOOLONG);
	name[255] = 0;
	OK(close(OK(open(name, O_RDWR | O_CREAT, 0600))));
}

CASE(open_lowest_descriptor)
{
	int a = OK(open("/dev/null", O_RDONLY)), b = OK(open("/dev/null", O_RDONLY));

	CHECK_EQ(b, a + 1);
	OK(close(a));
	CHECK_EQ(OK(open("/dev/null", O_RDONLY)), a);
}

CASE(read_write_access_modes)
{
	char c;

	OK(close(make("f", "x")));
	int r = OK(open("f", O_RDONLY)), w = OK(open("f", O_WRONLY));

	CHECK_ERR(write(r, "x", 1), EBADF);
	CHECK_ERR(read(w, &c, 1), EBADF);
	CHECK_ERR(read(800, &c, 1), EBADF);
	CHECK_EQ(fcntl(r, F_GETFL) & O_ACCMODE, O_RDONLY);
	CHECK_EQ(fcntl(w, F_GETFL) & O_ACCMODE, O_WRONLY);
	int d = OK(open(".", O_RDONLY));

	CHECK_ERR(read(d, &c, 1), EISDIR);
}

CASE(truncate_on_open)
{
	struct stat st;

	OK(close(make("f", "content")));
	OK(close(OK(open("f", O_WRONLY | O_TRUNC))));
	OK(stat("f", &st));
	CHECK_EQ(st.st_size, 0);
}

CASE(umask_applies)
{
	struct stat st;

	umask(027);
	OK(close(OK(open("f", O_WRONLY | O_CREAT, 0666))));
	OK(stat("f", &st));
	CHECK_EQ(st.st_mode, S_IFREG | 0640);
	OK(mkdir("d", 0777));
	OK(stat("d", &st));
	CHECK_EQ(st.st_mode, S_IFDIR | 0750);
}

CASE(append_always_writes_at_end)
{
	int fd = make("f", "abc"), a = OK(open("f", O_WRONLY | O_APPEND));

	CHECK_EQ(write(a, "d", 1), 1);
	OK(lseek(a, 0, SEEK_SET));
	CHECK_EQ(write(a, "e", 1), 1);
	CHECK_EQ(lseek(a, 0, SEEK_CUR), 5);
	expect_content("f", "abcde");
	OK(fcntl(fd, F_SETFL, O_APPEND));
	CHECK_EQ(write(fd, "f", 1), 1);
	expect_content("f", "abcdef");
}

CASE(appending_processes_do_not_overwrite)
{
	struct stat st;
	pid_t pid[3];

	for (int i = 0; i < 3; i++) {
		CHILD(pid[i]) {
			int fd = OK(open("f", O_WRONLY | O_APPEND | O_CREAT, 0600));

			for (int k = 0; k < 100; k++)
				CHECK_EQ(write(fd, "0123456789", 10), 10);
		}
	}
	for (int i = 0; i < 3; i++)
		CHECK_EQ(wait_exit(pid[i]), 0);
	OK(stat("f", &st));
	CHECK_EQ(st.st_size, 3000);
}

CASE(lseek_every_whence)
{
	int fd = make("f", "0123456789");

	CHECK_EQ(lseek(fd, 3, SEEK_SET), 3);
	CHECK_EQ(lseek(fd, 2, SEEK_CUR), 5);
	CHECK_EQ(lseek(fd, -1, SEEK_END), 9);
	CHECK_EQ(lseek(fd, 100, SEEK_END), 110);
	CHECK_ERR(lseek(fd, -1, SEEK_SET), EINVAL);
	CHECK_ERR(lseek(fd, 0, 99), EINVAL);
	int p[2];

	OK(pipe(p));
	CHECK_ERR(lseek(p[0], 0, SEEK_CUR), ESPIPE);
	CHECK_ERR(lseek(800, 0, SEEK_CUR), EBADF);
}

CASE(holes_read_as_zero)
{
	int fd = make("f", "");
	char buf[100];
	struct stat st;

	CHECK_EQ(pwrite(fd, "end", 3, 100000), 3);
	CHECK_EQ(pread(fd, buf, 100, 50000), 100);
	for (int i = 0; i < 100; i++)
		CHECK_EQ(buf[i], 0);
	OK(fstat(fd, &st));
	CHECK_EQ(st.st_size, 100003);
	CHECK_EQ(lseek(fd, 100003, SEEK_DATA) == -1 && errno == ENXIO, 1);
	CHECK_EQ(lseek(fd, 0, SEEK_HOLE) >= 0, 1);
}

CASE(pread_and_pwrite_leave_offset)
{
	int fd = make("f", "abcdef");
	char c;

	CHECK_EQ(pread(fd, &c, 1, 4), 1);
	CHECK_EQ(c, 'e');
	CHECK_EQ(pwrite(fd, "X", 1, 2), 1);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 0);
	CHECK_EQ(pread(fd, &c, 1, 100), 0);
	CHECK_ERR(pread(fd, &c, 1, -1), EINVAL);
	expect_content("f", "abXdef");
}

CASE(read_at_end_is_zero)
{
	int fd = make("f", "ab");
	char buf[10];

	CHECK_EQ(read(fd, buf, 10), 2);
	CHECK_EQ(read(fd, buf, 10), 0);
	CHECK_EQ(read(fd, buf, 0), 0);
}

CASE(vectors)
{
	int fd = make("f", "");
	char a[4] = "", b[8] = "";
	struct iovec w[3] = {{"one", 3}, {"", 0}, {"twothree", 8}}, r[2] = {{a, 3}, {b, 7}};

	CHECK_EQ(writev(fd, w, 3), 11);
	CHECK_EQ(preadv(fd, r, 2, 0), 10);
	CHECK_STR(a, "one");
	CHECK_STR(b, "twothre");
	CHECK_EQ(pwritev(fd, w, 1, 20), 3);
	CHECK_ERR(syscall(SYS_writev, fd, w, -1), EINVAL);
	CHECK_ERR(syscall(SYS_writev, fd, w, 1025), EINVAL);
	CHECK_EQ(writev(fd, w, 0), 0);
	struct iovec huge[2] = {{a, 1}, {a, 1UL << 63}};

	CHECK_ERR(readv(fd, huge, 2), EINVAL);
}

CASE(ftruncate_grows_and_shrinks)
{
	int fd = make("f", "abcdef");
	char buf[10];

	OK(ftruncate(fd, 3));
	OK(ftruncate(fd, 6));
	CHECK_EQ(pread(fd, buf, 10, 0), 6);
	CHECK(!memcmp(buf, "abc\0\0\0", 6));
	CHECK_ERR(ftruncate(fd, -1), EINVAL);
	CHECK_ERR(ftruncate(OK(open("f", O_RDONLY)), 1), EINVAL);
	CHECK_ERR(truncate(".", 1), EISDIR);
	CHECK_ERR(truncate("none", 1), ENOENT);
	OK(truncate("f", 1));
	expect_content("f", "a");
}

CASE(fallocate_extends)
{
	int fd = make("f", "abc");
	struct stat st;

	NEED(fallocate(fd, 0, 0, 10000));
	OK(fstat(fd, &st));
	CHECK_EQ(st.st_size, 10000);
	OK(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 20000));
	OK(fstat(fd, &st));
	CHECK_EQ(st.st_size, 10000);
	CHECK_ERR(fallocate(fd, 0, 0, 0), EINVAL);
	CHECK_ERR(fallocate(fd, 0, -1, 5), EINVAL);
}

CASE(fallocate_punches_hole)
{
	int fd = make("f", "");
	static char block[3 * PAGE];
	char c = 1;

	memset(block, 'x', sizeof(block));
	CHECK_EQ(write(fd, block, sizeof(block)), sizeof(block));
	NEED(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, PAGE, PAGE));
	CHECK_EQ(pread(fd, &c, 1, PAGE + 5), 1);
	CHECK_EQ(c, 0);
	CHECK_EQ(pread(fd, &c, 1, 2 * PAGE), 1);
	CHECK_EQ(c, 'x');
}

CASE(o_path_gives_a_place_only)
{
	char c;

	OK(close(make("f", "x")));
	int fd = OK(open("f", O_PATH));
	struct stat st;

	CHECK_ERR(read(fd, &c, 1), EBADF);
	CHECK_ERR(fchmod(fd, 0600), EBADF);
	OK(fstat(fd, &st));
	CHECK_EQ(st.st_size, 1);
}

CASE(o_tmpfile_has_no_name_until_linked)
{
	int fd = open(".", O_TMPFILE | O_RDWR, 0600);
	struct stat st;
	char path[64];

	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
		SKIP("no O_TMPFILE on this file system");
	OK(fstat(fd, &st));
	CHECK_EQ(st.st_nlink, 0);
	CHECK_EQ(write(fd, "q", 1), 1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	OK(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
	expect_content("named", "q");
}

CASE(o_nofollow)
{
	OK(close(make("f", "x")));
	OK(symlink("f", "l"));
	CHECK_ERR(open("l", O_RDONLY | O_NOFOLLOW), ELOOP);
	OK(open("l", O_RDONLY));
	OK(open("l", O_PATH | O_NOFOLLOW));
}

CASE(dup_shares_offset_and_flags)
{
	int fd = make("f", "abcdef"), d = OK(dup(fd));
	char c;

	CHECK_EQ(read(fd, &c, 1), 1);
	CHECK_EQ(read(d, &c, 1), 1);
	CHECK_EQ(c, 'b');
	OK(fcntl(fd, F_SETFL, O_APPEND));
	CHECK(fcntl(d, F_GETFL) & O_APPEND);
	OK(close(fd));
	CHECK_EQ(read(d, &c, 1), 1);
}

CASE(dup2_and_dup3)
{
	int fd = make("f", "x"), target = OK(dup(fd));

	CHECK_EQ(dup2(fd, target), target);
	CHECK_EQ(dup2(fd, fd), fd);
	CHECK_ERR(dup2(800, 801), EBADF);
	CHECK_ERR(dup2(fd, -1), EBADF);
	CHECK_EQ(dup3(fd, 50, O_CLOEXEC), 50);
	CHECK_EQ(fcntl(50, F_GETFD), FD_CLOEXEC);
	CHECK_ERR(dup3(fd, fd, 0), EINVAL);
	CHECK_ERR(dup3(fd, 50, O_APPEND), EINVAL);
	CHECK_EQ(dup2(fd, 50), 50);
	CHECK_EQ(fcntl(50, F_GETFD), 0);
}

CASE(fcntl_dupfd)
{
	int fd = make("f", "x");

	CHECK_EQ(fcntl(fd, F_DUPFD, 100), 100);
	CHECK_EQ(fcntl(fd, F_DUPFD, 100), 101);
	CHECK_EQ(fcntl(fd, F_DUPFD_CLOEXEC, 100), 102);
	CHECK_EQ(fcntl(102, F_GETFD), FD_CLOEXEC);
	OK(fcntl(102, F_SETFD, 0));
	CHECK_EQ(fcntl(102, F_GETFD), 0);
	CHECK_ERR(fcntl(fd, F_DUPFD, -1), EINVAL);
	CHECK_ERR(fcntl(fd, 9999), EINVAL);
	CHECK_ERR(fcntl(800, F_GETFD), EBADF);
}

CASE(close_range_of_descriptors)
{
	int fd = make("f", "x");

	for (int i = 60; i < 70; i++)
		OK(dup2(fd, i));
	if (syscall(SYS_close_range, 62, 65, 0) == -1 && errno == ENOSYS)
		SKIP("no close_range");
	OK(fcntl(61, F_GETFD));
	CHECK_ERR(fcntl(62, F_GETFD), EBADF);
	CHECK_ERR(fcntl(65, F_GETFD), EBADF);
	OK(fcntl(66, F_GETFD));
	OK(syscall(SYS_close_range, 66, 69, 4));
	CHECK_EQ(fcntl(66, F_GETFD), FD_CLOEXEC);
	CHECK_ERR(syscall(SYS_close_range, 5, 4, 0), EINVAL);
	CHECK_ERR(syscall(SYS_close_range, 5, 6, 64), EINVAL);
}

CASE(close_twice)
{
	int fd = make("f", "x");

	OK(close(fd));
	CHECK_ERR(close(fd), EBADF);
	CHECK_ERR(close(-1), EBADF);
}

CASE(a_thousand_descriptors)
{
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){4096, 4096});
	struct rlimit rl;

	OK(getrlimit(RLIMIT_NOFILE, &rl));
	if (rl.rlim_cur < 1100)
		SKIP("limit of %ld", (long)rl.rlim_cur);
	int fd = make("f", "x"), top = 0;

	for (int i = 0; i < 1000; i++)
		top = OK(dup(fd));
	CHECK(top >= 1000);
	pid_t pid;

	CHILD(pid) {
		OK(fcntl(top, F_GETFD));
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(flock_modes)
{
	int a = make("f", "x"), b = OK(open("f", O_RDWR));

	OK(flock(a, LOCK_SH));
	OK(flock(b, LOCK_SH | LOCK_NB));
	CHECK_ERR(flock(a, LOCK_EX | LOCK_NB), EWOULDBLOCK);
	OK(flock(b, LOCK_UN));
	OK(flock(a, LOCK_EX | LOCK_NB));
	CHECK_ERR(flock(b, LOCK_SH | LOCK_NB), EWOULDBLOCK);
	OK(close(a));
	OK(flock(b, LOCK_EX | LOCK_NB));
	CHECK_ERR(flock(b, 0), EINVAL);
}

CASE(flock_blocks_until_released)
{
	int a = make("f", "x");
	pid_t pid;

	OK(flock(a, LOCK_EX));
	CHILD(pid) {
		int b = OK(open("f", O_RDWR));

		OK(flock(b, LOCK_EX));
	}
	await_state(pid, "S");
	OK(flock(a, LOCK_UN));
	CHECK_EQ(wait_exit(pid), 0);
}

static int lock(int fd, int cmd, int type, off_t start, off_t len)
{
	struct flock fl = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len};

	return fcntl(fd, cmd, &fl);
}

CASE(record_locks_by_range)
{
	int fd = make("f", "0123456789");
	pid_t pid;

	OK(lock(fd, F_SETLK, F_WRLCK, 2, 3));
	CHILD(pid) {
		struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

		OK(lock(fd, F_SETLK, F_WRLCK, 0, 2));
		OK(lock(fd, F_SETLK, F_WRLCK, 5, 0));
		CHECK_ERR(lock(fd, F_SETLK, F_RDLCK, 4, 1), EAGAIN);
		fl.l_start = 4;
		OK(fcntl(fd, F_GETLK, &fl));
		CHECK_EQ(fl.l_start, 2);
		CHECK_EQ(fl.l_len, 3);
		CHECK_EQ(fl.l_type, F_WRLCK);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(record_lock_split_and_merge)
{
	int fd = make("f", "0123456789");
	pid_t pid;

	OK(lock(fd, F_SETLK, F_WRLCK, 0, 10));
	OK(lock(fd, F_SETLK, F_UNLCK, 4, 2));
	CHILD(pid) {
		OK(lock(fd, F_SETLK, F_WRLCK, 4, 2));
		CHECK_ERR(lock(fd, F_SETLK, F_WRLCK, 3, 1), EAGAIN);
		CHECK_ERR(lock(fd, F_SETLK, F_WRLCK, 6, 1), EAGAIN);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(record_locks_share_for_reading)
{
	int fd = make("f", "0123456789");
	pid_t pid;

	OK(lock(fd, F_SETLK, F_RDLCK, 0, 0));
	CHILD(pid) {
		OK(lock(fd, F_SETLK, F_RDLCK, 0, 0));
		CHECK_ERR(lock(fd, F_SETLK, F_WRLCK, 0, 0), EAGAIN);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(closing_any_descriptor_drops_record_locks)
{
	int fd = make("f", "x"), other = OK(dup(fd));
	pid_t pid;

	OK(lock(fd, F_SETLK, F_WRLCK, 0, 0));
	OK(close(other));
	CHILD(pid) {
		OK(lock(fd, F_SETLK, F_WRLCK, 0, 0));
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(record_lock_deadlock_is_found)
{
	int fd = make("f", "0123456789");
	struct gate g;
	pid_t pid;

	gate_init(&g);
	OK(lock(fd, F_SETLK, F_WRLCK, 0, 1));
	CHILD(pid) {
		OK(lock(fd, F_SETLK, F_WRLCK, 1, 1));
		gate_open(&g);
		OK(lock(fd, F_SETLKW, F_WRLCK, 0, 1));
	}
	gate_wait(&g);
	await_state(pid, "S");
	CHECK_ERR(lock(fd, F_SETLKW, F_WRLCK, 1, 1), EDEADLK);
	OK(lock(fd, F_SETLK, F_UNLCK, 0, 1));
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(open_file_description_locks)
{
	int a = make("f", "x"), b = OK(open("f", O_RDWR));

	OK(lock(a, F_OFD_SETLK, F_WRLCK, 0, 0));
	CHECK_ERR(lock(b, F_OFD_SETLK, F_WRLCK, 0, 0), EAGAIN);
	OK(close(a));
	OK(lock(b, F_OFD_SETLK, F_WRLCK, 0, 0));
}

CASE(sendfile_between_files_and_pipe)
{
	int in = make("in", "0123456789"), out = make("out", ""), p[2];
	off_t off = 3;
	char buf[20] = "";

	CHECK_EQ(sendfile(out, in, &off, 4), 4);
	CHECK_EQ(off, 7);
	CHECK_EQ(lseek(in, 0, SEEK_CUR), 0);
	expect_content("out", "3456");
	OK(pipe(p));
	CHECK_EQ(sendfile(p[1], in, NULL, 100), 10);
	CHECK_EQ(read(p[0], buf, 20), 10);
	CHECK_STR(buf, "0123456789");
	CHECK_EQ(sendfile(p[1], in, NULL, 100), 0);
}

CASE(copy_file_range_copies)
{
	int in = make("in", "0123456789"), out = make("out", "abc");
	loff_t from = 2, to = 1;

	CHECK_EQ(NEED(copy_file_range(in, &from, out, &to, 5, 0)), 5);
	CHECK_EQ(from, 7);
	CHECK_EQ(to, 6);
	expect_content("out", "a23456");
	CHECK_ERR(copy_file_range(in, NULL, out, NULL, 5, 1), EINVAL);
}

CASE(splice_file_to_pipe_and_back)
{
	int in = make("in", "hello splice"), out = make("out", ""), p[2];

	OK(pipe(p));
	CHECK_EQ(NEED(splice(in, NULL, p[1], NULL, 100, 0)), 12);
	CHECK_EQ(splice(p[0], NULL, out, NULL, 100, 0), 12);
	expect_content("out", "hello splice");
	CHECK_ERR(splice(in, NULL, out, NULL, 10, 0), EINVAL);
}

CASE(fsync_and_friends)
{
	int fd = make("f", "x"), p[2];

	OK(fsync(fd));
	OK(fdatasync(fd));
	sync();
	OK(syncfs(fd));
	OK(pipe(p));
	CHECK_ERR(fsync(p[0]), EINVAL);
	CHECK_ERR(fsync(800), EBADF);
}

CASE(fionread_of_file_and_pipe)
{
	int fd = make("f", "12345"), p[2], n;

	OK(ioctl(fd, FIONREAD, &n));
	CHECK_EQ(n, 5);
	OK(pipe(p));
	CHECK_EQ(write(p[1], "123", 3), 3);
	OK(ioctl(p[0], FIONREAD, &n));
	CHECK_EQ(n, 3);
	CHECK_ERR(ioctl(fd, TIOCGWINSZ, &n), ENOTTY);
}

CASE(posix_fadvise_and_readahead)
{
	int fd = make("f", "12345");

	CHECK_EQ(posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED), 0);
	CHECK_EQ(posix_fadvise(fd, 0, 0, 99), EINVAL);
	int p[2];

	OK(pipe(p));
	CHECK_EQ(posix_fadvise(p[0], 0, 0, POSIX_FADV_NORMAL), ESPIPE);
}

CASE(big_file_offsets)
{
	int fd = make("f", "");
	char c = 0;

	CHECK_EQ(pwrite(fd, "z", 1, 5UL << 32), 1);
	CHECK_EQ(lseek(fd, 0, SEEK_END), (5L << 32) + 1);
	CHECK_EQ(pread(fd, &c, 1, 5UL << 32), 1);
	CHECK_EQ(c, 'z');
}

CASE(nonaligned_large_write_round_trip)
{
	size_t n = 300001;
	unsigned char *a = malloc(n), *b = malloc(n);
	int fd = make("f", "");

	for (size_t i = 0; i < n; i++)
		a[i] = i * 2654435761u >> 13;
	CHECK_EQ(pwrite(fd, a, n, 777), (ssize_t)n);
	CHECK_EQ(pread(fd, b, n, 777), (ssize_t)n);
	CHECK(!memcmp(a, b, n));
}
