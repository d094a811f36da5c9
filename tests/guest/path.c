/* SPDX-License-Identifier: MIT */
/* Names: directories, links, rename, unlink, the *at calls, attributes, permissions, getdents. */
#include "harness.h"

#include <dirent.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

static struct stat stat_of(const char *path)
{
	struct stat st;

	OK(lstat(path, &st));
	return st;
}

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static void become_user(void)
{
	OK(setgid(1000));
	OK(setuid(1000));
}

CASE(mkdir_and_rmdir)
{
	OK(mkdir("d", 0755));
	CHECK_ERR(mkdir("d", 0755), EEXIST);
	CHECK_ERR(mkdir("x/y", 0755), ENOENT);
	OK(mkdir("d/e", 0755));
	CHECK_ERR(rmdir("d"), ENOTEMPTY);
	OK(rmdir("d/e"));
	OK(rmdir("d"));
	CHECK_ERR(rmdir("d"), ENOENT);
	OK(spew("f", ""));
	CHECK_ERR(rmdir("f"), ENOTDIR);
	CHECK_ERR(rmdir("."), EINVAL);
	CHECK_ERR(unlink("."), EISDIR);
	CHECK_ERR(rmdir("/"), EBUSY);
}

CASE(directory_link_counts)
{
	OK(mkdir("d", 0755));
	if (stat_of("d").st_nlink == 1)
		SKIP("file system does not count directory links");
	CHECK_EQ(stat_of("d").st_nlink, 2);
	OK(mkdir("d/e", 0755));
	CHECK_EQ(stat_of("d").st_nlink, 3);
	OK(rmdir("d/e"));
	CHECK_EQ(stat_of("d").st_nlink, 2);
}

CASE(unlink_of_open_file_keeps_content)
{
	char buf[4] = "";
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));
	struct stat st;

	CHECK_EQ(write(fd, "abc", 3), 3);
	OK(unlink("f"));
	CHECK(!exists("f"));
	CHECK_EQ(pread(fd, buf, 3, 0), 3);
	CHECK_STR(buf, "abc");
	OK(fstat(fd, &st));
	CHECK_EQ(st.st_nlink, 0);
}

CASE(hard_links_share_one_inode)
{
	OK(spew("a", "x"));
	OK(link("a", "b"));
	CHECK_EQ(stat_of("a").st_ino, stat_of("b").st_ino);
	CHECK_EQ(stat_of("a").st_nlink, 2);
	OK(spew("b", "changed"));
	CHECK_EQ(stat_of("a").st_size, 7);
	OK(unlink("a"));
	CHECK_EQ(stat_of("b").st_nlink, 1);
	CHECK_ERR(link("none", "c"), ENOENT);
	CHECK_ERR(link("b", "b"), EEXIST);
	OK(mkdir("d", 0755));
	CHECK_ERR(link("d", "e"), EPERM);
}

CASE(symlink_and_readlink)
{
	char buf[32] = "";

	OK(symlink("target/of/link", "l"));
	CHECK_EQ(readlink("l", buf, sizeof(buf)), 14);
	CHECK_STR(buf, "target/of/link");
	CHECK_EQ(readlink("l", buf, 3), 3);
	CHECK_EQ(stat_of("l").st_mode, S_IFLNK | 0777);
	CHECK_EQ(stat_of("l").st_size, 14);
	CHECK_ERR(readlink(".", buf, 10), EINVAL);
	CHECK_ERR(readlink("none", buf, 10), ENOENT);
	CHECK_ERR(readlink("l", buf, 0), EINVAL);
	CHECK_ERR(symlink("", "m"), ENOENT);
	CHECK_ERR(symlink("x", "l"), EEXIST);
}

CASE(symlinks_are_followed)
{
	char buf[8];

	OK(mkdir("d", 0755));
	OK(spew("d/f", "deep"));
	OK(symlink("d", "ld"));
	OK(symlink("../d/f", "d/lf"));
	CHECK_EQ(slurp("ld/lf", buf, sizeof(buf)), 4);
	CHECK_ERR(open("ld/none/..", O_RDONLY), ENOENT);
	OK(symlink("none", "dangling"));
	CHECK_ERR(open("dangling", O_RDONLY), ENOENT);
	OK(close(OK(open("dangling", O_RDWR | O_CREAT, 0600))));
	CHECK(exists("none"));
	CHECK_ERR(mkdir("ld", 0755), EEXIST);
}

CASE(symlink_loops_end)
{
	OK(symlink("b", "a"));
	OK(symlink("a", "b"));
	CHECK_ERR(open("a", O_RDONLY), ELOOP);
	char name[16], target[16];

	OK(spew("s0", "x"));
	for (int i = 1; i <= 41; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		snprintf(target, sizeof(target), "s%d", i - 1);
		OK(symlink(target, name));
	}
	OK(close(OK(open("s40", O_RDONLY))));
	CHECK_ERR(open("s41", O_RDONLY), ELOOP);
}

CASE(rename_replaces)
{
	char buf[8];

	OK(spew("a", "new"));
	OK(spew("b", "old"));
	OK(rename("a", "b"));
	CHECK(!exists("a"));
	CHECK_EQ(slurp("b", buf, sizeof(buf)), 3);
	CHECK_STR(buf, "new");
	OK(rename("b", "b"));
	CHECK_ERR(rename("none", "x"), ENOENT);
}

CASE(rename_of_directories)
{
	OK(mkdir("d", 0755));
	OK(mkdir("d/sub", 0755));
	CHECK_ERR(rename("d", "d/sub/inside"), EINVAL);
	OK(mkdir("e", 0755));
	OK(rename("d", "e"));
	CHECK(exists("e/sub"));
	OK(mkdir("g", 0755));
	CHECK_ERR(rename("g", "e"), ENOTEMPTY);
	OK(spew("f", ""));
	CHECK_ERR(rename("f", "g"), EISDIR);
	CHECK_ERR(rename("g", "f"), ENOTDIR);
	OK(rename("e/sub", "sub"));
	int fd = OK(open("sub/..", O_RDONLY));
	struct stat a, b;

	OK(fstat(fd, &a));
	OK(stat(".", &b));
	CHECK_EQ(a.st_ino, b.st_ino);
}

CASE(rename_flags)
{
	char buf[8];

	OK(spew("a", "aa"));
	OK(spew("b", "bb"));
	CHECK_ERR(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_NOREPLACE), EEXIST);
	NEED(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_EXCHANGE));
	CHECK_EQ(slurp("a", buf, sizeof(buf)), 2);
	CHECK_STR(buf, "bb");
	CHECK_ERR(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_NOREPLACE | RENAME_EXCHANGE),
		  EINVAL);
	OK(renameat2(AT_FDCWD, "a", AT_FDCWD, "c", RENAME_NOREPLACE));
}

CASE(at_calls_are_relative)
{
	int d;

	OK(mkdir("d", 0755));
	d = OK(open("d", O_RDONLY | O_DIRECTORY));
	OK(close(OK(openat(d, "f", O_RDWR | O_CREAT, 0600))));
	CHECK(exists("d/f"));
	OK(mkdirat(d, "sub", 0755));
	OK(symlinkat("f", d, "l"));
	OK(linkat(d, "f", d, "h", 0));
	OK(renameat(d, "h", AT_FDCWD, "moved"));
	struct stat st;

	OK(fstatat(d, "l", &st, AT_SYMLINK_NOFOLLOW));
	CHECK(S_ISLNK(st.st_mode));
	OK(fstatat(d, "", &st, AT_EMPTY_PATH));
	CHECK(S_ISDIR(st.st_mode));
	CHECK_ERR(fstatat(d, "", &st, 0), ENOENT);
	OK(unlinkat(d, "sub", AT_REMOVEDIR));
	OK(unlinkat(d, "f", 0));
	CHECK_ERR(unlinkat(d, "l", AT_REMOVEDIR), ENOTDIR);
	CHECK_ERR(openat(OK(open("moved", O_RDONLY)), "x", O_RDONLY), ENOTDIR);
	CHECK_ERR(openat(800, "x", O_RDONLY), EBADF);
	OK(openat(800, "/dev/null", O_RDONLY));
}

CASE(getcwd_and_chdir)
{
	char buf[PATH_MAX], sub[PATH_MAX + 2];

	CHECK(getcwd(buf, sizeof(buf)));
	OK(mkdir("d", 0755));
	OK(chdir("d"));
	snprintf(sub, sizeof(sub), "%s/d", buf);
	char now[PATH_MAX];

	CHECK(getcwd(now, sizeof(now)));
	CHECK_STR(now, sub);
	CHECK_ERR(syscall(SYS_getcwd, now, 3), ERANGE);
	OK(chdir(".."));
	int fd = OK(open("d", O_RDONLY));

	OK(fchdir(fd));
	CHECK_ERR(chdir("none"), ENOENT);
	CHECK_ERR(chdir("/dev/null"), ENOTDIR);
	OK(rmdir("../d"));
	CHECK_ERR(syscall(SYS_getcwd, now, sizeof(now)), ENOENT);
	CHECK_ERR(open("x", O_CREAT | O_RDWR, 0600), ENOENT);
}

CASE_ROOT(chroot_confines)
{
	OK(mkdir("r", 0755));
	OK(mkdir("r/in", 0755));
	OK(chroot("r"));
	OK(chdir("/"));
	CHECK(exists("/in"));
	CHECK(exists("/../../in"));
	CHECK(!exists("/dev"));
}

CASE_ROOT(chroot_needs_privilege)
{
	become_user();
	CHECK_ERR(chroot("."), EPERM);
}

CASE(getdents_lists_everything_once)
{
	enum { N = 300 };
	char name[16], seen[N] = {0};
	struct dirent *e;
	int dots = 0;
	DIR *d;

	for (int i = 0; i < N; i++) {
		snprintf(name, sizeof(name), "e%d", i);
		OK(spew(name, ""));
	}
	d = opendir(".");
	CHECK(d);
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.') {
			dots++;
			continue;
		}
		int i = atoi(e->d_name + 1);

		CHECK(i >= 0 && i < N && !seen[i]);
		seen[i] = 1;
		CHECK(e->d_type == DT_REG || e->d_type == DT_UNKNOWN);
	}
	CHECK_EQ(dots, 2);
	for (int i = 0; i < N; i++)
		CHECK_EQ(seen[i], 1);
	rewinddir(d);
	CHECK(readdir(d));
}

CASE(getdents_while_removing)
{
	struct dirent *e;
	char name[16];
	int n = 0;
	DIR *d;

	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "e%d", i);
		OK(spew(name, ""));
	}
	d = opendir(".");
	while ((e = readdir(d)))
		if (e->d_name[0] != '.') {
			OK(unlink(e->d_name));
			n++;
		}
	CHECK_EQ(n, 100);
}

CASE(getdents_errors)
{
	char buf[8];
	int d = OK(open(".", O_RDONLY));

	CHECK_ERR(syscall(SYS_getdents64, d, buf, 1), EINVAL);
	OK(spew("f", ""));
	CHECK_ERR(syscall(SYS_getdents64, OK(open("f", O_RDONLY)), buf, 8), ENOTDIR);
}

CASE(stat_fields)
{
	struct stat st;

	OK(spew("f", "12345"));
	OK(chmod("f", 0604));
	st = stat_of("f");
	CHECK_EQ(st.st_mode, S_IFREG | 0604);
	CHECK_EQ(st.st_size, 5);
	CHECK_EQ(st.st_nlink, 1);
	CHECK_EQ(st.st_uid, geteuid());
	CHECK_EQ(st.st_gid, getegid());
	CHECK(st.st_blksize > 0);
	CHECK(st.st_ino > 0);
	CHECK(st.st_blocks >= 0);
	struct timespec now;

	OK(clock_gettime(CLOCK_REALTIME, &now));
	CHECK(now.tv_sec - st.st_mtime <= 60 && now.tv_sec >= st.st_mtime - 1);
}

CASE(statx_agrees)
{
	struct statx sx;
	struct stat st;

	OK(spew("f", "12345"));
	st = stat_of("f");
	OK(statx(AT_FDCWD, "f", 0, STATX_BASIC_STATS, &sx));
	CHECK_EQ(sx.stx_mask & STATX_BASIC_STATS, STATX_BASIC_STATS);
	CHECK_EQ(sx.stx_ino, st.st_ino);
	CHECK_EQ(sx.stx_size, 5);
	CHECK_EQ(sx.stx_mode, st.st_mode);
	CHECK_EQ(sx.stx_mtime.tv_sec, st.st_mtime);
	CHECK_EQ(makedev(sx.stx_dev_major, sx.stx_dev_minor), st.st_dev);
	CHECK_ERR(statx(AT_FDCWD, "f", 1 << 30, 0, &sx), EINVAL);
	CHECK_ERR(statx(AT_FDCWD, "none", 0, 0, &sx), ENOENT);
}

CASE(utimensat_sets_times)
{
	struct timespec t[2] = {{1000, 111}, {2000, 222}};
	struct stat st;

	OK(spew("f", ""));
	OK(utimensat(AT_FDCWD, "f", t, 0));
	st = stat_of("f");
	CHECK_EQ(st.st_atim.tv_sec, 1000);
	CHECK_EQ(st.st_mtim.tv_sec, 2000);
	CHECK_EQ(st.st_mtim.tv_nsec, 222);
	t[0].tv_nsec = UTIME_OMIT;
	t[1].tv_nsec = UTIME_NOW;
	OK(utimensat(AT_FDCWD, "f", t, 0));
	st = stat_of("f");
	CHECK_EQ(st.st_atim.tv_sec, 1000);
	CHECK(st.st_mtim.tv_sec > 2000);
	t[0].tv_nsec = 1000000000;
	CHECK_ERR(utimensat(AT_FDCWD, "f", t, 0), EINVAL);
	OK(symlink("f", "l"));
	t[0] = t[1] = (struct timespec){5, 0};
	OK(utimensat(AT_FDCWD, "l", t, AT_SYMLINK_NOFOLLOW));
	CHECK_EQ(stat_of("l").st_mtim.tv_sec, 5);
}

CASE(writing_changes_mtime_and_ctime)
{
	struct timespec t[2] = {{1000, 0}, {1000, 0}};
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));

	OK(futimens(fd, t));
	CHECK_EQ(write(fd, "x", 1), 1);
	CHECK(stat_of("f").st_mtim.tv_sec > 1000);
	OK(utimensat(AT_FDCWD, ".", t, 0));
	OK(spew("g", ""));
	CHECK(stat_of(".").st_mtim.tv_sec > 1000);
}

CASE_ROOT(utimensat_permissions)
{
	struct timespec t[2] = {{5, 0}, {5, 0}};

	OK(spew("f", ""));
	OK(chmod("f", 0666));
	become_user();
	CHECK_ERR(utimensat(AT_FDCWD, "f", t, 0), EPERM);
	OK(utimensat(AT_FDCWD, "f", NULL, 0));
}

CASE(access_checks)
{
	OK(spew("f", ""));
	OK(access("f", F_OK));
	OK(access("f", R_OK | W_OK));
	CHECK_ERR(access("f", X_OK), EACCES);
	OK(chmod("f", 0755));
	OK(access("f", X_OK));
	CHECK_ERR(access("none", F_OK), ENOENT);
	CHECK_ERR(access("f", 99), EINVAL);
}

CASE_ROOT(access_uses_the_real_user)
{
	OK(spew("f", ""));
	OK(chmod("f", 0600));
	OK(setreuid(1000, 0));
	CHECK_ERR(access("f", R_OK), EACCES);
	OK(faccessat(AT_FDCWD, "f", R_OK, AT_EACCESS));
}

CASE_ROOT(search_permission_on_directories)
{
	OK(mkdir("d", 0700));
	OK(spew("d/f", "x"));
	OK(chmod("d/f", 0666));
	OK(mkdir("only-x", 0711));
	OK(spew("only-x/f", "x"));
	become_user();
	CHECK_ERR(open("d/f", O_RDONLY), EACCES);
	OK(open("only-x/f", O_RDONLY));
	CHECK_ERR(open("only-x", O_RDONLY), EACCES);
	CHECK_ERR(open("only-x/new", O_RDWR | O_CREAT, 0600), EACCES);
	CHECK_ERR(unlink("only-x/f"), EACCES);
}

CASE_ROOT(sticky_directory)
{
	OK(mkdir("t", 0777));
	OK(chmod("t", 01777));
	OK(spew("t/roots", ""));
	become_user();
	CHECK_ERR(unlink("t/roots"), EPERM);
	CHECK_ERR(rename("t/roots", "t/x"), EPERM);
	OK(spew("t/mine", ""));
	OK(unlink("t/mine"));
}

CASE_ROOT(setgid_directory_gives_its_group)
{
	OK(mkdir("g", 0777));
	OK(chown("g", -1, 4242));
	OK(chmod("g", 02777));
	OK(spew("g/f", ""));
	CHECK_EQ(stat_of("g/f").st_gid, 4242);
	OK(mkdir("g/sub", 0755));
	CHECK_EQ(stat_of("g/sub").st_gid, 4242);
	CHECK(stat_of("g/sub").st_mode & S_ISGID);
}

CASE(chmod_and_fchmod)
{
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));

	OK(fchmod(fd, 04751));
	CHECK_EQ(stat_of("f").st_mode & 07777, 04751);
	OK(fchmodat(AT_FDCWD, "f", 0400, 0));
	CHECK_EQ(stat_of("f").st_mode & 07777, 0400);
	CHECK_ERR(chmod("none", 0), ENOENT);
}

CASE_ROOT(chmod_of_others_is_refused)
{
	OK(spew("f", ""));
	become_user();
	CHECK_ERR(chmod("f", 0777), EPERM);
	CHECK_ERR(chown("f", 1000, 1000), EPERM);
}

CASE_ROOT(lchown_and_fchownat)
{
	OK(symlink("none", "l"));
	OK(lchown("l", 5, 6));
	CHECK_EQ(stat_of("l").st_uid, 5);
	OK(fchownat(AT_FDCWD, "l", 7, -1, AT_SYMLINK_NOFOLLOW));
	CHECK_EQ(stat_of("l").st_uid, 7);
	CHECK_EQ(stat_of("l").st_gid, 6);
}

CASE(mknod_fifo_and_regular)
{
	OK(mknod("p", S_IFIFO | 0600, 0));
	CHECK(S_ISFIFO(stat_of("p").st_mode));
	OK(mkfifo("q", 0600));
	OK(mknod("r", S_IFREG | 0600, 0));
	CHECK(S_ISREG(stat_of("r").st_mode));
	CHECK_ERR(mknod("p", S_IFIFO | 0600, 0), EEXIST);
	CHECK_ERR(mknod("z", S_IFDIR | 0600, 0), EPERM);
}

CASE_ROOT(mknod_device_needs_privilege)
{
	pid_t pid;

	CHILD(pid) {
		become_user();
		CHECK_ERR(mknod("n", S_IFCHR | 0666, makedev(1, 3)), EPERM);
	}
	CHECK_EQ(wait_exit(pid), 0);
	OK(mknod("n", S_IFCHR | 0666, makedev(1, 3)));
	CHECK_EQ(stat_of("n").st_rdev, makedev(1, 3));
}

CASE(statfs_of_here)
{
	struct statfs s;

	OK(statfs(".", &s));
	CHECK(s.f_bsize > 0);
	CHECK(s.f_namelen >= 255);
	OK(fstatfs(OK(open(".", O_RDONLY)), &s));
	CHECK_ERR(statfs("none", &s), ENOENT);
}

CASE(dots_and_slashes)
{
	char buf[4];

	OK(mkdir("d", 0755));
	OK(spew("d/f", "x"));
	CHECK_EQ(slurp(".//d/./../d///f", buf, sizeof(buf)), 1);
	CHECK_ERR(open("d/f/", O_RDONLY), ENOTDIR);
	CHECK_ERR(open("new/", O_RDWR | O_CREAT, 0600), EISDIR);
	OK(mkdir("e/", 0755));
	CHECK_ERR(open("", O_RDONLY), ENOENT);
	OK(rmdir("e/"));
}

CASE(path_length_limit)
{
	char *p = malloc(5000);

	memset(p, '/', 4999);
	p[4095] = 0;
	OK(close(OK(open(p, O_RDONLY))));
	p[4095] = '/';
	p[4096] = 0;
	CHECK_ERR(open(p, O_RDONLY), ENAMETOOLONG);
}

CASE(deep_directories)
{
	for (int i = 0; i < 60; i++) {
		OK(mkdir("deep", 0755));
		OK(chdir("deep"));
	}
	char buf[PATH_MAX];

	CHECK(getcwd(buf, sizeof(buf)));
	for (int i = 0; i < 60; i++) {
		OK(chdir(".."));
		OK(rmdir("deep"));
	}
}

CASE(racing_creators_one_wins)
{
	volatile int *winners = shared(PAGE);
	pid_t pid[4];

	for (int i = 0; i < 4; i++) {
		CHILD(pid[i]) {
			for (int k = 0; k < 20; k++) {
				char name[16];

				snprintf(name, sizeof(name), "r%d", k);
				if (open(name, O_CREAT | O_EXCL | O_RDWR, 0600) >= 0)
					__atomic_fetch_add(&winners[k], 1, __ATOMIC_SEQ_CST);
				else
					CHECK_EQ(errno, EEXIST);
			}
		}
	}
	for (int i = 0; i < 4; i++)
		CHECK_EQ(wait_exit(pid[i]), 0);
	for (int k = 0; k < 20; k++)
		CHECK_EQ(winners[k], 1);
}

CASE(racing_renamers_keep_one_file)
{
	pid_t pid[2];

	OK(spew("a", "x"));
	for (int i = 0; i < 2; i++) {
		CHILD(pid[i]) {
			for (int k = 0; k < 200; k++)
				rename(k & 1 ? "a" : "b", k & 1 ? "b" : "a");
		}
	}
	for (int i = 0; i < 2; i++)
		CHECK_EQ(wait_exit(pid[i]), 0);
	CHECK_EQ(exists("a") + exists("b"), 1);
}
