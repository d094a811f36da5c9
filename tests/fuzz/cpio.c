/* SPDX-License-Identifier: MIT */
/*
 * The initramfs: an archive is unpacked into a file system that only counts. Names and data must
 * lie in the archive, and nothing may stay allocated.
 */
#include "../../fs/initramfs.c"

#include "fuzz.h"

struct boot_info boot_info;
struct user_namespace init_user_ns;
static char *archive, *archive_end;
static long live, calls;
static struct inode an_inode = {.i_mode = S_IFREG};
static struct dentry a_dentry = {.d_inode = &an_inode};
static struct file a_file = {.f_inode = &an_inode};

void *kmalloc(size_t size, gfp_t gfp)
{
	live++;
	return __builtin_malloc(size);
}

void kfree(const void *p)
{
	live -= p != NULL;
	__builtin_free((void *)p);
}

char *kstrndup(const char *s, size_t max, gfp_t gfp)
{
	size_t n = 0;
	char *copy;

	while (n < max && s[n])
		n++;
	copy = kmalloc(n + 1, gfp);
	__builtin_memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}

char *kstrdup(const char *s, gfp_t gfp)
{
	return kstrndup(s, -1UL, gfp);
}

/* The one format that is asked for: "/%s". */
char *kasprintf(gfp_t gfp, const char *fmt, ...)
{
	const char *name;
	char *path;
	va_list ap;

	va_start(ap, fmt);
	name = va_arg(ap, const char *);
	va_end(ap);
	path = kmalloc(__builtin_strlen(name) + 2, gfp);
	path[0] = '/';
	__builtin_strcpy(path + 1, name);
	return path;
}

int printk(const char *fmt, ...)
{
	return 0;
}

/* Every third call finds no such directory, so that parents are made. */
static int sometimes(const char *path)
{
	MUST(path[0] == '/');
	return ++calls % 3 ? 0 : -ENOENT;
}

int do_mkdir_kern(const char *path, umode_t mode)
{
	return sometimes(path);
}

int do_mknod_kern(const char *path, umode_t mode, dev_t dev)
{
	return sometimes(path);
}

int do_symlink_kern(const char *target, const char *path)
{
	MUST(__builtin_strlen(target) < PATH_MAX);
	return sometimes(path);
}

int do_unlink_kern(const char *path)
{
	return sometimes(path);
}

struct file *filp_open(const char *path, int flags, umode_t mode)
{
	return sometimes(path) ? ERR_PTR(-ENOENT) : &a_file;
}

void __fput_sync(struct file *file)
{
}

ssize_t kernel_write(struct file *file, const void *buf, size_t len, loff_t *pos)
{
	const char *at = buf;
	unsigned char sum = 0;

	MUST(at >= archive && at <= archive_end && len <= (size_t)(archive_end - at));
	for (size_t i = 0; i < len; i++)
		sum += at[i];
	an_inode.i_size += sum;
	*pos += len;
	return len;
}

int kern_path(const char *path, unsigned int flags, struct path *res)
{
	res->dentry = &a_dentry;
	res->mnt = NULL;
	return sometimes(path);
}

void path_put(const struct path *path)
{
}

struct dentry *kern_path_create(int dfd, const char *name, struct path *path, unsigned int flags)
{
	path->dentry = &a_dentry;
	path->mnt = NULL;
	return sometimes(name) ? ERR_PTR(-ENOENT) : &a_dentry;
}

void done_path_create(struct path *path, struct dentry *dentry)
{
}

int vfs_link(struct dentry *old, struct inode *dir, struct dentry *new)
{
	return 0;
}

bool shmem_mapping(struct address_space *mapping)
{
	return false;
}

void down_write_nested(struct rw_semaphore *sem, int subclass)
{
}

void up_write(struct rw_semaphore *sem)
{
}

kuid_t make_kuid(struct user_namespace *ns, uid_t uid)
{
	return KUIDT_INIT(uid);
}

kgid_t make_kgid(struct user_namespace *ns, gid_t gid)
{
	return KGIDT_INIT(gid);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct hard_link *l, *n;

	archive = (char *)data;
	archive_end = archive + size;
	calls = 0;
	if (!compression_of((u8 *)archive, size))
		unpack(archive, archive_end);
	list_for_each_entry_safe (l, n, &hard_links, list) {
		list_del(&l->list);
		kfree(l);
	}
	MUST(live == 0);
	return 0;
}

static size_t add(unsigned char *buf, size_t at, const char *name, u32 mode, const char *data)
{
	static const char digits[] = "0123456789abcdef";
	u32 fields[13] = {7, mode, 0, 0, mode & 1 ? 2 : 1, 0, __builtin_strlen(data), 0, 0, 1, 3};

	fields[11] = __builtin_strlen(name) + 1;
	__builtin_memcpy(buf + at, "070701", 6);
	for (int i = 0; i < 13; i++)
		for (int k = 0; k < 8; k++)
			buf[at + 6 + 8 * i + k] = digits[fields[i] >> (28 - 4 * k) & 15];
	at += CPIO_HEADER_LEN;
	__builtin_strcpy((char *)buf + at, name);
	at = ALIGN(at + fields[11], 4);
	__builtin_memcpy(buf + at, data, fields[6]);
	return ALIGN(at + fields[6], 4);
}

size_t fuzz_seed(int n, unsigned char *buf, size_t room)
{
	size_t at = 0;

	if (n > 1)
		return 0;
	__builtin_memset(buf, 0, 2048);
	at = add(buf, at, n ? "./etc" : "etc", S_IFDIR | 0754, "");
	at = add(buf, at, "/etc/file", S_IFREG | 0645, "");
	at = add(buf, at, "etc/other/../name", S_IFREG | 0645, "some text");
	at = add(buf, at, "link", S_IFLNK | 0776, "etc/file");
	at = add(buf, at, "dev/null", S_IFCHR | 0666, "");
	return add(buf, at, CPIO_TRAILER, 0, "");
}
