/* SPDX-License-Identifier: MIT */
/* Filling the initial file system; see pack.h. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive.h"
#include "closure.h"
#include "file.h"
#include "jiffy.h"
#include "pack.h"
#include "spec.h"

#define BUSYBOX	     "/bin/busybox"
#define GUEST_PATH   "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define FTW_MAX_OPEN 16

extern char **environ;

static const char default_passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
				     "nobody:x:65534:65534:nobody:/:/bin/false\n";
static const char default_group[] = "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n";
static const char default_hosts[] = "127.0.0.1\tlocalhost jiffy\n::1\tlocalhost\n";
static const char default_nss[] = "passwd: files\ngroup: files\nshadow: files\nhosts: files\n";

static const char default_services[] = "ssh\t22/tcp\ndomain\t53/tcp\ndomain\t53/udp\n"
				       "http\t80/tcp\nhttps\t443/tcp\n";
static const char default_protocols[] = "ip\t0\tIP\nicmp\t1\tICMP\ntcp\t6\tTCP\nudp\t17\tUDP\n";

/* The host's top-level links (/bin to /usr/bin on merged systems) come first: all else follows. */
static void add_skeleton(struct archive *a)
{
	static const char *const links[] = {"/bin", "/sbin", "/lib", "/lib64"};
	static const struct {
		const char *path;
		mode_t mode;
	} dirs[] = {
	    {"/bin", 0755},  {"/dev", 0755}, {"/etc", 0755},	  {"/proc", 0555},
	    {"/root", 0700}, {"/run", 0755}, {"/sys", 0555},	  {"/tmp", 01777},
	    {"/usr", 0755},  {"/var", 0755}, {"/var/tmp", 01777}, {"/etc/jiffy", 0755},
	};
	struct stat st;

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (!lstat(links[i], &st) && S_ISLNK(st.st_mode))
			pack_mirror(a, links[i]);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		archive_dir(a, dirs[i].path, dirs[i].mode, 0, 0);
}

static void add_etc(struct archive *a)
{
	static const struct {
		const char *path, *fallback;
	} files[] = {
	    {"/etc/passwd", default_passwd},	 {"/etc/group", default_group},
	    {"/etc/hosts", default_hosts},	 {"/etc/nsswitch.conf", default_nss},
	    {"/etc/services", default_services}, {"/etc/protocols", default_protocols},
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (!access(files[i].path, R_OK) && pack_mirror(a, files[i].path))
			continue;
		archive_mem(a, files[i].path, 0644, files[i].fallback, strlen(files[i].fallback));
	}
}

static void add_terminfo(struct archive *a)
{
	static const char *const dirs[] = {"/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo"};
	const char *term = getenv("TERM");
	bool found = false;
	char *path;

	if (!term || !*term || strchr(term, '/') || term[0] == '.')
		return;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]) && !found; i++) {
		path = xasprintf("%s/%c/%s", dirs[i], term[0], term);
		found = !access(path, R_OK) && pack_mirror(a, path);
		free(path);
	}
}

/* Busybox itself is asked which applets it has: the list differs from build to build. */
static void add_applets(struct archive *a)
{
	char *line = NULL, *path;
	size_t room = 0;
	ssize_t n;
	FILE *f;

	f = popen(BUSYBOX " --list", "re");
	if (!f)
		die(STATUS_HOST, "cannot run " BUSYBOX ": %s", strerror(errno));
	while ((n = getline(&line, &room, f)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		path = xasprintf("/bin/%s", line);
		archive_symlink(a, path, "busybox");
		free(path);
	}
	free(line);
	if (pclose(f))
		die(STATUS_UNAVAILABLE, BUSYBOX " does not list its applets");
}

static void add_busybox(struct archive *a)
{
	if (access(BUSYBOX, X_OK))
		die(STATUS_UNAVAILABLE, "%s is missing: install the package busybox-static",
		    BUSYBOX);
	pack_program(a, BUSYBOX);
	add_applets(a);
}

/* nftw(3) passes no argument of the caller's along, so the one walk under way is here. */
static struct {
	struct archive *archive;
	const char *to;
	size_t from_len;
} walk;

static int add_walked(const char *path, const struct stat *st, int type, struct FTW *where)
{
	char *guest = xasprintf("%s%s", walk.to, path + walk.from_len), target[PATH_MAX];
	ssize_t n;

	(void)where;
	if (type == FTW_SL || type == FTW_SLN) {
		n = readlink(path, target, sizeof(target) - 1);
		if (n > 0) {
			target[n] = '\0';
			archive_symlink(walk.archive, guest, target);
		}
	} else if (S_ISDIR(st->st_mode)) {
		archive_dir(walk.archive, guest, st->st_mode, st->st_uid, st->st_gid);
	} else if (S_ISREG(st->st_mode)) {
		archive_host(walk.archive, guest, st->st_mode, st->st_uid, st->st_gid, path);
		if (st->st_mode & 0111)
			pack_needs(walk.archive, path);
	}
	free(guest);
	return 0;
}

static void add_tree(struct archive *a, const char *from, const char *to)
{
	walk.archive = a;
	walk.to = to;
	walk.from_len = strlen(from);
	if (nftw(from, add_walked, FTW_MAX_OPEN, FTW_PHYS))
		die(STATUS_MISSING, "--add: cannot read %s: %s", from, strerror(errno));
}

/*
 * A colon may be part of the host's name: the whole is tried as a name first,
 * then what stands before the last colon.
 */
static void add_extra(struct archive *a, const char *arg)
{
	char *host = xstrdup(arg), *guest = NULL, *real, *colon = strrchr(host, ':');
	struct stat st;

	if (lstat(host, &st) && colon) {
		*colon = '\0';
		guest = colon + 1;
		if (guest[0] != '/')
			die(STATUS_USAGE, "--add %s: the guest's path must begin with a slash",
			    arg);
	}
	real = realpath(host, NULL);
	if (!real || stat(real, &st))
		die(STATUS_MISSING, "--add: %s: %s", host, strerror(errno));
	if (!guest) {
		char *here = absolute_path(host);

		pack_mirror(a, here);
		free(here);
		guest = real;
	}
	add_tree(a, real, guest);
	free(real);
	free(host);
}

static void record(FILE *f, enum spec_letter letter, const char *s)
{
	fputc(letter, f);
	fwrite(s, strlen(s) + 1, 1, f);
}

/* The shell gets a small environment of its own, as from login(1); a program gets the caller's. */
static void record_env(FILE *f, bool shell)
{
	static const char *const fixed[] = {"HOME=/root", "USER=root", "LOGNAME=root",
					    "SHELL=/bin/sh", "PATH=" GUEST_PATH};
	static const char *const kept[] = {"TERM", "LANG", "LC_ALL", "TZ"};
	const char *value;
	char *s;

	if (!shell) {
		for (char **e = environ; *e; e++)
			record(f, SPEC_ENV, *e);
		return;
	}
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		record(f, SPEC_ENV, fixed[i]);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		value = getenv(kept[i]);
		if (!value)
			continue;
		s = xasprintf("%s=%s", kept[i], value);
		record(f, SPEC_ENV, s);
		free(s);
	}
}

static void add_spec(struct archive *a, const struct pack_request *rq, const char *program)
{
	static char *const shell[] = {"sh", NULL};
	char *const *argv = rq->argv[0] ? rq->argv : shell;
	char *data = NULL, cwd[PATH_MAX], window[64];
	size_t len = 0;
	FILE *f;

	f = open_memstream(&data, &len);
	if (!f)
		die(STATUS_HOST, "out of memory");
	record(f, SPEC_PROGRAM, program);
	for (; *argv; argv++)
		record(f, SPEC_ARG, *argv);
	record_env(f, !rq->argv[0]);
	if (rq->argv[0] && getcwd(cwd, sizeof(cwd)))
		record(f, SPEC_CWD, cwd);
	record(f, SPEC_HOSTNAME, "jiffy");
	for (int i = 0; i < SPEC_NR_FDS; i++)
		record(f, SPEC_FD, (char[]){'0' + i, rq->fd_kind[i], '\0'});
	snprintf(window, sizeof(window), "%u %u %u %u", rq->window.ws_row, rq->window.ws_col,
		 rq->window.ws_xpixel, rq->window.ws_ypixel);
	record(f, SPEC_WINDOW, window);
	if (rq->trace)
		record(f, SPEC_TRACE, rq->trace);
	if (fclose(f))
		die(STATUS_HOST, "out of memory");
	archive_mem(a, SPEC_PATH, 0644, data, len);
	free(data);
}

static char *temporary_name;

static void remove_temporary(void)
{
	unlink(temporary_name);
}

/*
 * A file in memory has no name but the one under /proc. Where there is no
 * /proc (a bare chroot), a file that is removed at exit has to do.
 */
static int make_file(char **path)
{
	const char *dir = getenv("TMPDIR");
	int fd;

	if (!access("/proc/self/fd", X_OK)) {
		fd = memfd_create("jiffy-initramfs", MFD_CLOEXEC);
		if (fd >= 0) {
			*path = xasprintf("/proc/self/fd/%d", fd);
			return fd;
		}
	}
	*path = xasprintf("%s/jiffy-XXXXXX", dir && *dir ? dir : "/tmp");
	fd = mkostemp(*path, O_CLOEXEC);
	if (fd < 0)
		die(STATUS_HOST, "cannot make a temporary file: %s", strerror(errno));
	temporary_name = *path;
	atexit(remove_temporary);
	return fd;
}

int pack(const struct pack_request *rq, char **path)
{
	struct archive *a = archive_new();
	char *program = rq->argv[0] ? find_program(rq->argv[0]) : xstrdup("/bin/sh");
	int fd;

	add_skeleton(a);
	if (!archive_host(a, "/init", 0755, 0, 0, rq->init))
		die(STATUS_HOST, "two files want to be /init");
	if (rq->argv[0])
		pack_program(a, program);
	for (size_t i = 0; i < rq->nr_add; i++)
		add_extra(a, rq->add[i]);
	add_spec(a, rq, program);
	add_etc(a);
	add_terminfo(a);
	add_busybox(a);
	free(program);
	fd = make_file(path);
	archive_write(a, fd);
	archive_free(a);
	return fd;
}
