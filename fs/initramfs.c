/* SPDX-License-Identifier: MIT */
/*
 * The initramfs: a cpio archive (the "newc" format, cpio(5)) that the loader put into memory is
 * unpacked into rootfs. A file's data that begins on a page boundary is not copied: those pages
 * of the archive become the file's pages; the rest of the archive's memory is freed.
 *
 * The archive comes from outside: every field is checked against the space that is left, and what
 * is wrong ends the unpacking with one message, never the kernel.
 */
#include "shmem.h"
#include <arch/boot.h>
#include <arch/pgtable.h>
#include <jiffy/init.h>
#include <jiffy/mm.h>
#include <jiffy/slab.h>

#define CPIO_HEADER_LEN 110
#define CPIO_TRAILER	"TRAILER!!!"

struct cpio_entry {
	u32 ino, mode, uid, gid, nlink, mtime, size, major, minor, rmajor, rminor, namesize;
	const char *name; /* in the archive, terminated */
	char *data;	  /* in the archive, size bytes */
};

/* A file with several names, met for the first time. */
struct hard_link {
	struct list_head list;
	u32 ino, major, minor;
	char name[];
};
static LIST_HEAD(hard_links);

/* Pages that were given away: runs, in ascending order, that freeing the archive leaves out. */
static unsigned long free_from; /* nothing below it is still to be freed */

static int hex8(const char *s, u32 *res)
{
	u32 v = 0;
	int i;

	for (i = 0; i < 8; i++) {
		char c = s[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (u32)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			v = v << 4 | (u32)((c | 0x20) - 'a' + 10);
		else
			return -EINVAL;
	}
	*res = v;
	return 0;
}

/* Reads the entry at *pos and moves *pos behind it: NULL, or what is wrong. */
static const char *parse_entry(char *start, char *end, char **pos, struct cpio_entry *e)
{
	u32 *fields[] = {&e->ino,  &e->mode,  &e->uid,	 &e->gid,    &e->nlink,	 &e->mtime,
			 &e->size, &e->major, &e->minor, &e->rmajor, &e->rminor, &e->namesize};
	char *p = *pos;
	unsigned int i;
	size_t off;

	if (end - p < CPIO_HEADER_LEN)
		return "the archive ends inside a header";
	if (memcmp(p, "07070", 5))
		return "not a cpio archive, or damaged (no magic number)";
	if (p[5] != '1' && p[5] != '2')
		return "a cpio format that is not supported: make it with 'cpio -H newc'";
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (hex8(p + 6 + 8 * i, fields[i]))
			return "a number in a header is not hexadecimal";
	off = (p - start) + CPIO_HEADER_LEN;
	if (e->namesize == 0 || e->namesize > PATH_MAX)
		return "a name has an impossible length";
	if (e->namesize > (size_t)(end - start) - off)
		return "the archive ends inside a name";
	e->name = start + off;
	/* A name may be padded with zeros, so that the data behind it begins on a page. */
	if (e->name[e->namesize - 1])
		return "a name is not terminated";
	off = ALIGN(off + e->namesize, 4);
	if (off > (size_t)(end - start) || e->size > (size_t)(end - start) - off)
		return "the archive ends inside a file";
	e->data = start + off;
	off = ALIGN(off + e->size, 4);
	*pos = start + min(off, (size_t)(end - start));
	return NULL;
}

/* The directories of a name that the archive has not brought before it. */
static void make_parents(const char *name)
{
	char *copy = kstrdup(name, GFP_KERNEL), *slash;

	if (!copy)
		return;
	for (slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		do_mkdir_kern(copy, 0755);
		*slash = '/';
	}
	kfree(copy);
}

static struct hard_link *find_link(const struct cpio_entry *e)
{
	struct hard_link *l;

	list_for_each_entry (l, &hard_links, list)
		if (l->ino == e->ino && l->major == e->major && l->minor == e->minor)
			return l;
	return NULL;
}

static void remember_link(const struct cpio_entry *e, const char *path)
{
	struct hard_link *l;

	if (e->nlink < 2)
		return;
	l = kmalloc(sizeof(*l) + strlen(path) + 1, GFP_KERNEL);
	if (!l)
		return;
	l->ino = e->ino;
	l->major = e->major;
	l->minor = e->minor;
	strcpy(l->name, path);
	list_add(&l->list, &hard_links);
}

static int make_link(const char *old, const char *name)
{
	struct path from, to;
	struct dentry *dentry;
	int err = kern_path(old, 0, &from);

	if (err)
		return err;
	dentry = kern_path_create(AT_FDCWD, name, &to, 0);
	err = PTR_ERR_OR_ZERO(dentry);
	if (!err) {
		err =
		    from.mnt == to.mnt ? vfs_link(from.dentry, d_inode(to.dentry), dentry) : -EXDEV;
		done_path_create(&to, dentry);
	}
	path_put(&from);
	return err;
}

/* Whole pages of page-aligned data change hands; the bytes that did. */
static size_t donate_pages(struct file *file, struct cpio_entry *e)
{
	struct inode *inode = file_inode(file);
	unsigned long addr = (unsigned long)e->data;
	size_t done = 0;

	if (!PAGE_ALIGNED(addr) || !shmem_mapping(inode->i_mapping))
		return 0;
	while (e->size - done >= PAGE_SIZE) {
		struct page *page = adopt_reserved_page((void *)(addr + done));

		if (!page)
			break;
		if (shmem_adopt_page(inode, done >> PAGE_SHIFT, page)) {
			/* Nothing is lost: the page's text is still there to be copied below. */
			break;
		}
		done += PAGE_SIZE;
	}
	if (!done)
		return 0;
	if (free_from < addr)
		free_reserved_area((void *)free_from, (void *)addr, NULL);
	free_from = addr + done;
	i_size_write(inode, done);
	return done;
}

static int write_file(const char *path, struct cpio_entry *e)
{
	struct hard_link *l = e->nlink > 1 ? find_link(e) : NULL;
	struct file *file;
	ssize_t n = 0;
	loff_t pos;

	if (l) {
		int err;

		do_unlink_kern(path);
		err = make_link(l->name, path);
		/* In newc the last name of a file brings its data. */
		if (err || !e->size)
			return err;
	}
	file = filp_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_LARGEFILE, e->mode & 07777);
	if (IS_ERR(file))
		return PTR_ERR(file);
	pos = donate_pages(file, e);
	while (pos < e->size) {
		n = kernel_write(file, e->data + pos, e->size - pos, &pos);
		if (n <= 0)
			break;
	}
	__fput_sync(file);
	if (!l)
		remember_link(e, path);
	return n < 0 ? n : 0;
}

static int make_symlink(const char *path, const struct cpio_entry *e)
{
	char *target;
	int err;

	if (e->size == 0 || e->size >= PATH_MAX)
		return -EINVAL;
	target = kstrndup(e->data, e->size, GFP_KERNEL);
	if (!target)
		return -ENOMEM;
	do_unlink_kern(path);
	err = do_symlink_kern(target, path);
	kfree(target);
	return err;
}

static int make_entry(const char *path, struct cpio_entry *e)
{
	struct hard_link *l;
	int err;

	switch (e->mode & S_IFMT) {
	case S_IFREG:
		return write_file(path, e);
	case S_IFDIR:
		err = do_mkdir_kern(path, e->mode & 07777);
		return err == -EEXIST ? 0 : err;
	case S_IFLNK:
		return make_symlink(path, e);
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		l = e->nlink > 1 ? find_link(e) : NULL;
		do_unlink_kern(path);
		if (l)
			return make_link(l->name, path);
		err = do_mknod_kern(path, e->mode, MKDEV(e->rmajor, e->rminor));
		if (!err)
			remember_link(e, path);
		return err;
	default:
		return -EINVAL;
	}
}

/* Owner, mode (beyond the umask) and time, straight into the inode: nobody else looks yet. */
static void set_attributes(const char *path, const struct cpio_entry *e)
{
	struct inode *inode;
	struct path p;

	if (kern_path(path, 0, &p))
		return;
	inode = d_inode(p.dentry);
	inode_lock(inode);
	inode->i_uid = make_kuid(&init_user_ns, e->uid);
	inode->i_gid = make_kgid(&init_user_ns, e->gid);
	if (!S_ISLNK(inode->i_mode))
		inode->i_mode = (inode->i_mode & S_IFMT) | (e->mode & 07777);
	inode->i_mtime.tv_sec = e->mtime;
	inode->i_mtime.tv_nsec = 0;
	inode_unlock(inode);
	path_put(&p);
}

static void unpack_entry(struct cpio_entry *e)
{
	const char *name = e->name;
	char *path;
	int err;

	while (*name == '/')
		name++;
	if (name[0] == '.' && (!name[1] || name[1] == '/'))
		for (name++; *name == '/'; name++)
			;
	path = kasprintf(GFP_KERNEL, "/%s", name);
	if (!path) {
		pr_err("initramfs: no memory for %s\n", name);
		return;
	}
	err = *name ? make_entry(path, e) : 0;
	if (err == -ENOENT) {
		make_parents(path);
		err = make_entry(path, e);
	}
	if (err)
		pr_err("initramfs: %s: error %d\n", path, err);
	else
		set_attributes(path, e);
	kfree(path);
}

static const char *unpack(char *start, char *end)
{
	char *pos = start;

	while (pos < end) {
		struct cpio_entry e;
		const char *wrong;

		/* Archives may follow one another, with zeros between them. */
		if (!*pos) {
			pos++;
			continue;
		}
		wrong = parse_entry(start, end, &pos, &e);
		if (wrong)
			return wrong;
		if (e.namesize == sizeof(CPIO_TRAILER) && !strcmp(e.name, CPIO_TRAILER)) {
			struct hard_link *l, *n;

			list_for_each_entry_safe (l, n, &hard_links, list) {
				list_del(&l->list);
				kfree(l);
			}
			continue;
		}
		unpack_entry(&e);
	}
	return NULL;
}

static const char *compression_of(const u8 *p, size_t len)
{
	static const struct {
		u8 magic[6];
		u8 len;
		const char *name;
	} kinds[] = {
	    {{0x1f, 0x8b}, 2, "gzip"},
	    {{0x42, 0x5a, 0x68}, 3, "bzip2"},
	    {{0xfd, '7', 'z', 'X', 'Z'}, 5, "xz"},
	    {{0x28, 0xb5, 0x2f, 0xfd}, 4, "zstd"},
	    {{0x02, 0x21, 0x4c, 0x18}, 4, "lz4"},
	    {{0x5d, 0x00, 0x00}, 3, "lzma"},
	    {{0x89, 'L', 'Z', 'O'}, 4, "lzo"},
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (len >= kinds[i].len && !memcmp(p, kinds[i].magic, kinds[i].len))
			return kinds[i].name;
	return NULL;
}

static int populate_rootfs(void)
{
	phys_addr_t start = boot_info.initrd_start, end = boot_info.initrd_end;
	const char *packed, *wrong;
	char *from, *to;

	if (!start || end <= start)
		return 0;
	from = __va(start);
	to = from + (end - start);
	free_from = (unsigned long)from;
	packed = compression_of((u8 *)from, end - start);
	if (packed) {
		pr_err("initramfs: it is packed with %s: give the cpio archive unpacked\n", packed);
	} else {
		wrong = unpack(from, to);
		if (wrong)
			pr_err("initramfs: %s\n", wrong);
	}
	if (free_from < (unsigned long)to)
		free_reserved_area((void *)free_from, (void *)PAGE_ALIGN((unsigned long)to), NULL);
	return 0;
}
rootfs_initcall(populate_rootfs);
