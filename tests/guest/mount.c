/* SPDX-License-Identifier: MIT */
/* mount(2), umount2(2): tmpfs, bind mounts, read-only, busy, in a mount namespace of the case. */
#include "harness.h"

#include <sys/mount.h>
#include <sys/statfs.h>

/* Every case works in a namespace of its own, so that nothing it mounts outlives it. */
static void own_namespace(void)
{
	NEED(unshare(CLONE_NEWNS));
	NEED(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	OK(mkdir("m", 0755));
}

CASE_ROOT(tmpfs_mounts_and_unmounts)
{
	struct stat before, inside;

	own_namespace();
	OK(stat("m", &before));
	NEED(mount("none", "m", "tmpfs", 0, NULL));
	OK(stat("m", &inside));
	CHECK(inside.st_dev != before.st_dev);
	OK(spew("m/f", "x"));
	OK(umount("m"));
	CHECK(access("m/f", F_OK));
}

CASE_ROOT(tmpfs_options)
{
	struct stat st;
	struct statfs fs;
	char *buf = calloc(1, 1 << 20);
	int fd;

	own_namespace();
	NEED(mount("none", "m", "tmpfs", 0, "size=64k,mode=0700"));
	OK(stat("m", &st));
	CHECK_EQ(st.st_mode & 0777, 0700);
	OK(statfs("m", &fs));
	CHECK_EQ(fs.f_type, 0x01021994);
	CHECK_EQ(fs.f_blocks * fs.f_bsize, 65536);
	fd = OK(open("m/f", O_RDWR | O_CREAT, 0600));
	CHECK(write(fd, buf, 1 << 20) <= 65536);
	CHECK_ERR(write(fd, buf, 1 << 20), ENOSPC);
	OK(close(fd));
	OK(unlink("m/f"));
	OK(statfs("m", &fs));
	CHECK_EQ(fs.f_bfree * fs.f_bsize, 65536);
}

CASE_ROOT(bind_shows_the_same_files)
{
	char buf[8];

	own_namespace();
	OK(mkdir("src", 0755));
	OK(spew("src/f", "one"));
	OK(mount("src", "m", NULL, MS_BIND, NULL));
	CHECK_EQ(slurp("m/f", buf, sizeof(buf)), 3);
	OK(spew("m/g", "two"));
	OK(umount("m"));
	CHECK_EQ(slurp("src/g", buf, sizeof(buf)), 3);
}

CASE_ROOT(bind_of_a_file)
{
	char buf[8];

	own_namespace();
	OK(spew("a", "aaa"));
	OK(spew("b", "b"));
	OK(mount("a", "b", NULL, MS_BIND, NULL));
	CHECK_EQ(slurp("b", buf, sizeof(buf)), 3);
	CHECK_ERR(unlink("b"), EBUSY);
	OK(umount("b"));
	CHECK_EQ(slurp("b", buf, sizeof(buf)), 1);
}

CASE_ROOT(read_only_mount_refuses_writes)
{
	own_namespace();
	NEED(mount("none", "m", "tmpfs", 0, NULL));
	OK(spew("m/f", "x"));
	OK(mount("none", "m", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	CHECK_ERR(open("m/f", O_RDWR), EROFS);
	CHECK_ERR(open("m/new", O_RDWR | O_CREAT, 0600), EROFS);
	CHECK_ERR(unlink("m/f"), EROFS);
	CHECK_ERR(mkdir("m/d", 0755), EROFS);
	CHECK_ERR(chmod("m/f", 0600), EROFS);
	CHECK_ERR(access("m/f", W_OK), EROFS);
	OK(open("m/f", O_RDONLY));
}

CASE_ROOT(remount_with_open_writer_is_busy)
{
	own_namespace();
	NEED(mount("none", "m", "tmpfs", 0, NULL));
	OK(open("m/f", O_RDWR | O_CREAT, 0600));
	CHECK_ERR(mount("none", "m", NULL, MS_REMOUNT | MS_RDONLY, NULL), EBUSY);
}

CASE_ROOT(umount_of_busy_and_lazy)
{
	char c;

	own_namespace();
	NEED(mount("none", "m", "tmpfs", 0, NULL));
	OK(spew("m/f", "x"));
	int fd = OK(open("m/f", O_RDONLY));

	CHECK_ERR(umount("m"), EBUSY);
	OK(umount2("m", MNT_DETACH));
	CHECK(access("m/f", F_OK));
	CHECK_EQ(read(fd, &c, 1), 1);
}

CASE_ROOT(umount_errors)
{
	own_namespace();
	CHECK_ERR(umount("m"), EINVAL);
	CHECK_ERR(umount("none"), ENOENT);
	CHECK_ERR(umount2("m", 0x1000), EINVAL);
}

CASE_ROOT(mount_errors)
{
	own_namespace();
	CHECK_ERR(mount("none", "m", "no-such-fs", 0, NULL), ENODEV);
	CHECK_ERR(mount("none", "nowhere", "tmpfs", 0, NULL), ENOENT);
	OK(spew("f", ""));
	CHECK_ERR(mount("none", "f", "tmpfs", 0, NULL), ENOTDIR);
	CHECK_ERR(mount("none", "m", NULL, MS_BIND, NULL), ENOENT);
}

CASE_ROOT(mount_needs_privilege)
{
	OK(mkdir("m", 0755));
	OK(setuid(1000));
	CHECK_ERR(mount("none", "m", "tmpfs", 0, NULL), EPERM);
	CHECK_ERR(umount("m"), EPERM);
}

CASE_ROOT(mounts_stack)
{
	own_namespace();
	NEED(mount("none", "m", "tmpfs", 0, NULL));
	OK(spew("m/lower", ""));
	NEED(mount("none", "m", "tmpfs", 0, NULL));
	CHECK(access("m/lower", F_OK));
	OK(umount("m"));
	OK(access("m/lower", F_OK));
}

CASE_ROOT(cross_mount_rename_and_link_are_exdev)
{
	own_namespace();
	NEED(mount("none", "m", "tmpfs", 0, NULL));
	OK(spew("f", ""));
	CHECK_ERR(rename("f", "m/f"), EXDEV);
	CHECK_ERR(link("f", "m/f"), EXDEV);
	CHECK_ERR(rmdir("m"), EBUSY);
	CHECK_ERR(rename("m", "n"), EBUSY);
}

CASE_ROOT(mountinfo_and_mounts_show_it)
{
	char buf[16384];

	own_namespace();
	NEED(mount("my-source", "m", "tmpfs", MS_NOSUID | MS_NOEXEC, NULL));
	CHECK(slurp("/proc/self/mountinfo", buf, sizeof(buf)) > 0);
	CHECK(strstr(buf, "my-source"));
	CHECK(slurp("/proc/self/mounts", buf, sizeof(buf)) > 0);
	CHECK(strstr(buf, "nosuid"));
	CHECK(strstr(buf, "noexec"));
}

CASE_ROOT(noexec_refuses_execution)
{
	own_namespace();
	NEED(mount("none", "m", "tmpfs", MS_NOEXEC, NULL));
	OK(spew("m/f", "#!/bin/sh\n"));
	OK(chmod("m/f", 0755));
	CHECK_ERR(execl("m/f", "f", (char *)NULL), EACCES);
}

CASE_ROOT(namespace_hides_mount_from_parent)
{
	pid_t pid;

	OK(mkdir("m", 0755));
	OK(spew("m/outer", ""));
	CHILD(pid) {
		NEED(unshare(CLONE_NEWNS));
		NEED(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
		NEED(mount("none", "m", "tmpfs", 0, NULL));
		CHECK(access("m/outer", F_OK));
	}
	CHECK_EQ(wait_exit(pid), 0);
	OK(access("m/outer", F_OK));
}

CASE_ROOT(proc_can_be_mounted_again)
{
	char buf[16] = "", me[16];

	own_namespace();
	NEED(mount("proc", "m", "proc", 0, NULL));
	CHECK(readlink("m/self", buf, sizeof(buf)) > 0);
	snprintf(me, sizeof(me), "%d", getpid());
	CHECK_STR(buf, me);
}

CASE_ROOT(dot_dot_crosses_the_mount_point)
{
	struct stat a, b;

	own_namespace();
	OK(stat(".", &a));
	NEED(mount("none", "m", "tmpfs", 0, NULL));
	OK(stat("m/..", &b));
	CHECK_EQ(a.st_ino, b.st_ino);
	CHECK_EQ(a.st_dev, b.st_dev);
}
