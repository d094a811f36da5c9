/* SPDX-License-Identifier: MIT */
/*
 * The initial file system as a tree in memory, and its cpio `newc' writer.
 *
 * Names are absolute guest paths. Adding follows the symbolic links already in
 * the tree, so that /bin/x lands in /usr/bin where /bin is a link, and makes
 * missing directories. The first claim to a name wins: a later one is told so
 * and changes nothing.
 *
 * The written archive depends on the tree alone: entries in byte order of
 * their names, numbered from 1, time stamps zero. The data of every file
 * begins on a page boundary, so that a kernel may map it where it lies.
 */
#ifndef TOOLS_ARCHIVE_H
#define TOOLS_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct archive;

struct archive *archive_new(void);
void archive_free(struct archive *a);

/*
 * archive_dir, archive_symlink, archive_mem, archive_host - add one entry.
 * @path: absolute guest path.
 * @mode: permission bits.
 * @target: where the link points, verbatim.
 * @data, @len: the contents, copied, in bytes.
 * @host: a regular file of the host's, read when the archive is written.
 * Return false when the name was taken already (for archive_dir: by something
 * that is not a directory).
 */
bool archive_dir(struct archive *a, const char *path, mode_t mode, uid_t uid, gid_t gid);
bool archive_symlink(struct archive *a, const char *path, const char *target);
bool archive_mem(struct archive *a, const char *path, mode_t mode, const void *data, size_t len);
bool archive_host(struct archive *a, const char *path, mode_t mode, uid_t uid, gid_t gid,
		  const char *host);

/* archive_has - is there an entry of that name, the last component not followed? */
bool archive_has(struct archive *a, const char *path);

/*
 * archive_write - write the whole tree to @fd.
 * A file of the host's that cannot be read ends the command, with its name.
 */
void archive_write(struct archive *a, int fd);

#endif
