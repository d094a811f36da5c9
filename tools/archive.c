/* SPDX-License-Identifier: MIT */
/*
 * The initial file system; see archive.h. The format is that of cpio(5),
 * "New ASCII Format", which is what Linux's initramfs is made of.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive.h"
#include "jiffy.h"

#define MAX_LINKS   40 /* what path_resolution(7) allows in one walk */
#define CPIO_HEADER 110
#define CPIO_ALIGN  4
#define DATA_ALIGN  4096
#define OUT_BUFFER  (64 * 1024)

struct node {
	char *name; /* without the leading slash; the tree's key */
	mode_t mode;
	uid_t uid;
	gid_t gid;
	char *target;	     /* symbolic link */
	unsigned char *data; /* contents in memory */
	size_t len;
	char *host; /* or the host's file that holds them */
};

struct archive {
	void *tree;
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct node *)a)->name, ((const struct node *)b)->name);
}

struct archive *archive_new(void)
{
	return xcalloc(1, sizeof(struct archive));
}

static void free_node(void *p)
{
	struct node *e = p;

	free(e->name);
	free(e->target);
	free(e->data);
	free(e->host);
	free(e);
}

void archive_free(struct archive *a)
{
	tdestroy(a->tree, free_node);
	free(a);
}

static struct node *find(struct archive *a, const char *name)
{
	struct node key = {.name = (char *)name};
	void *node = tfind(&key, &a->tree, compare);

	return node ? *(struct node **)node : NULL;
}

static struct node *insert(struct archive *a, const char *name, mode_t mode)
{
	struct node *e = xcalloc(1, sizeof(*e));

	e->name = xstrdup(name);
	e->mode = mode;
	if (!tsearch(e, &a->tree, compare))
		die(STATUS_HOST, "out of memory");
	return e;
}

/* Drop the last component of @done, a name without leading slash. */
static void step_up(char *done)
{
	char *slash = strrchr(done, '/');

	*(slash ? slash : done) = '\0';
}

static void step_down(char *done, const char *component, size_t len)
{
	size_t n = strlen(done);

	if (n + 1 + len >= PATH_MAX)
		die(STATUS_USAGE, "the path /%s/%.*s is too long", done, (int)len, component);
	if (n)
		done[n++] = '/';
	memcpy(done + n, component, len);
	done[n + len] = '\0';
}

/*
 * Turn @path into the name of the entry it stands for. Symbolic links on the
 * way are followed, the last component is not; with @make, directories that
 * are missing on the way are made.
 */
static void resolve(struct archive *a, const char *path, char name[PATH_MAX], bool make)
{
	char *rest = xstrdup(path), *p = rest, *longer;
	struct node *e;
	int links = 0;
	size_t n;

	name[0] = '\0';
	while (*(p += strspn(p, "/"))) {
		n = strcspn(p, "/");
		if (n == 1 && p[0] == '.') {
			p += n;
			continue;
		}
		if (n == 2 && p[0] == '.' && p[1] == '.') {
			step_up(name);
			p += n;
			continue;
		}
		step_down(name, p, n);
		p += n;
		if (!p[strspn(p, "/")])
			break;
		e = find(a, name);
		if (e && S_ISLNK(e->mode)) {
			if (++links > MAX_LINKS)
				die(STATUS_USAGE, "too many symbolic links in %s", path);
			if (e->target[0] == '/')
				name[0] = '\0';
			else
				step_up(name);
			longer = xasprintf("%s/%s", e->target, p);
			free(rest);
			p = rest = longer;
		} else if (!e && make) {
			insert(a, name, S_IFDIR | 0755);
		}
	}
	free(rest);
}

static struct node *claim(struct archive *a, const char *path, mode_t mode)
{
	char name[PATH_MAX];

	resolve(a, path, name, true);
	if (!name[0] || find(a, name))
		return NULL;
	return insert(a, name, mode);
}

bool archive_dir(struct archive *a, const char *path, mode_t mode, uid_t uid, gid_t gid)
{
	struct node *e = claim(a, path, S_IFDIR | (mode & 07777));
	char name[PATH_MAX];

	if (!e) {
		resolve(a, path, name, true);
		return !name[0] || S_ISDIR(find(a, name)->mode);
	}
	e->uid = uid;
	e->gid = gid;
	return true;
}

bool archive_symlink(struct archive *a, const char *path, const char *target)
{
	struct node *e = claim(a, path, S_IFLNK | 0777);

	if (e)
		e->target = xstrdup(target);
	return e;
}

bool archive_mem(struct archive *a, const char *path, mode_t mode, const void *data, size_t len)
{
	struct node *e = claim(a, path, S_IFREG | (mode & 07777));

	if (!e)
		return false;
	e->data = xmalloc(len);
	memcpy(e->data, data, len);
	e->len = len;
	return true;
}

bool archive_host(struct archive *a, const char *path, mode_t mode, uid_t uid, gid_t gid,
		  const char *host)
{
	struct node *e = claim(a, path, S_IFREG | (mode & 07777));

	if (!e)
		return false;
	e->uid = uid;
	e->gid = gid;
	e->host = xstrdup(host);
	return true;
}

bool archive_has(struct archive *a, const char *path)
{
	char name[PATH_MAX];

	resolve(a, path, name, false);
	return !name[0] || find(a, name);
}

/* The writer: bytes leave through one buffer, large file data directly. */
struct writer {
	int fd;
	unsigned int ino;
	uint64_t offset; /* bytes written so far, those in the buffer included */
	size_t fill;
	char buffer[OUT_BUFFER];
};

static void flush(struct writer *w)
{
	ssize_t n;

	for (size_t at = 0; at < w->fill; at += n) {
		n = write(w->fd, w->buffer + at, w->fill - at);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n < 0)
			die(STATUS_HOST, "cannot write the guest's files: %s", strerror(errno));
	}
	w->fill = 0;
}

static void put(struct writer *w, const void *data, size_t len)
{
	size_t n;

	w->offset += len;
	while (len) {
		if (w->fill == OUT_BUFFER)
			flush(w);
		n = OUT_BUFFER - w->fill < len ? OUT_BUFFER - w->fill : len;
		memcpy(w->buffer + w->fill, data, n);
		w->fill += n;
		data = (const char *)data + n;
		len -= n;
	}
}

static void put_zeros(struct writer *w, size_t len)
{
	static const char zeros[DATA_ALIGN];

	put(w, zeros, len);
}

static void put_padding(struct writer *w)
{
	put_zeros(w, -w->offset % CPIO_ALIGN);
}

static void put_header(struct writer *w, const struct node *e, const char *name, size_t namesize,
		       size_t filesize)
{
	char header[CPIO_HEADER + 1];
	size_t len = strlen(name);

	snprintf(header, sizeof(header),
		 "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", w->ino++, e->mode,
		 e->uid, e->gid, S_ISDIR(e->mode) ? 2 : 1, 0, (unsigned int)filesize, 0, 0, 0, 0,
		 (unsigned int)namesize, 0);
	put(w, header, CPIO_HEADER);
	put(w, name, len);
	put_zeros(w, namesize - len);
	put_padding(w);
}

/*
 * How many bytes the name must take for the data after it to begin on a page.
 * The format lets a name end in any number of NULs, up to PATH_MAX in all.
 */
static size_t aligning_namesize(const struct writer *w, const char *name)
{
	uint64_t from = w->offset + CPIO_HEADER;
	uint64_t data = from + strlen(name) + 1;

	data += -data % DATA_ALIGN;
	return data - from;
}

static void put_host_file(struct writer *w, const struct node *e, int fd, size_t size)
{
	size_t left = size;
	ssize_t n;

	while (left) {
		if (w->fill == OUT_BUFFER)
			flush(w);
		n = OUT_BUFFER - w->fill < left ? OUT_BUFFER - w->fill : left;
		n = read(fd, w->buffer + w->fill, n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			die(STATUS_HOST, "cannot read %s: %s", e->host,
			    n ? strerror(errno) : "it became shorter");
		w->fill += n;
		w->offset += n;
		left -= n;
	}
}

static void put_regular(struct writer *w, const struct node *e)
{
	static const struct node root = {.name = ".", .mode = S_IFDIR | 0755};
	size_t size = e->len, namesize;
	int fd = -1;
	struct stat st;

	if (e->host) {
		fd = open(e->host, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || fstat(fd, &st))
			die(STATUS_MISSING, "cannot read %s: %s", e->host, strerror(errno));
		size = st.st_size;
		if (st.st_size > INT32_MAX)
			die(STATUS_USAGE, "%s is larger than the 2 GiB a guest file may have",
			    e->host);
	}
	/* Where the name would pass PATH_MAX, a second mention of the root moves us along. */
	while ((namesize = aligning_namesize(w, e->name)) > PATH_MAX)
		put_header(w, &root, root.name, strlen(root.name) + 1, 0);
	put_header(w, e, e->name, namesize, size);
	if (e->host) {
		put_host_file(w, e, fd, size);
		close(fd);
	} else {
		put(w, e->data, size);
	}
	put_padding(w);
}

static void put_entry(struct writer *w, const struct node *e)
{
	if (S_ISREG(e->mode)) {
		put_regular(w, e);
		return;
	}
	put_header(w, e, e->name, strlen(e->name) + 1, e->target ? strlen(e->target) : 0);
	if (e->target)
		put(w, e->target, strlen(e->target));
	put_padding(w);
}

static void visit(const void *node, VISIT which, void *w)
{
	if (which == postorder || which == leaf)
		put_entry(w, *(struct node *const *)node);
}

void archive_write(struct archive *a, int fd)
{
	static const struct node trailer = {.name = "TRAILER!!!"};
	struct writer *w = xmalloc(sizeof(*w));

	w->fd = fd;
	w->ino = 1;
	w->offset = 0;
	w->fill = 0;
	twalk_r(a->tree, visit, w);
	put_header(w, &trailer, trailer.name, strlen(trailer.name) + 1, 0);
	put_zeros(w, -w->offset % DATA_ALIGN);
	flush(w);
	free(w);
}
