/* SPDX-License-Identifier: MIT */
/* Files of the host's; see file.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "jiffy.h"

int map_file(const char *path, struct mapped *m)
{
	struct stat st;
	int fd, err = 0;
	void *p;

	/* O_NONBLOCK: opening a FIFO by mistake must not wait for its writer. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	m->data = "";
	m->size = 0;
	if (fstat(fd, &st)) {
		err = -errno;
	} else if (!S_ISREG(st.st_mode)) {
		err = S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	} else if (st.st_size) {
		p = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (p == MAP_FAILED) {
			err = -errno;
		} else {
			m->data = p;
			m->size = st.st_size;
		}
	}
	close(fd);
	return err;
}

void unmap_file(struct mapped *m)
{
	if (m->size)
		munmap((void *)m->data, m->size);
	m->size = 0;
}

char *absolute_path(const char *path)
{
	char cwd[PATH_MAX];

	if (path[0] == '/')
		return xstrdup(path);
	if (!getcwd(cwd, sizeof(cwd)))
		die(STATUS_HOST, "cannot tell the current directory: %s", strerror(errno));
	return xasprintf("%s/%s", cwd, path);
}
