/* SPDX-License-Identifier: MIT */
/*
 * The tree of entries that rooms register under /proc and /sys. See <jiffy/proc_fs.h>; locks in
 * internal.h. Task context.
 */
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include "internal.h"

#define FIRST_DYNAMIC_INO 0xf0000000u

static DEFINE_RWLOCK(proc_subdir_lock);
static atomic_t next_ino = ATOMIC_INIT(0);

#define ROOT_ENTRY(nm, self, number)                                                         \
	{                                                                                    \
		.name = nm, .namelen = 0, .mode = S_IFDIR | 0555, .nlink = 2, .ino = number, \
		.refcnt = REFCOUNT_INIT(1), .parent = &self,                                 \
		.subdir = LIST_HEAD_INIT(self.subdir),                                       \
	}
struct proc_dir_entry proc_root = ROOT_ENTRY("/proc", proc_root, 1);
struct proc_dir_entry sysfs_root = ROOT_ENTRY("/sys", sysfs_root, 1);
struct proc_dir_entry tracefs_root = ROOT_ENTRY("tracefs", tracefs_root, 1);
struct proc_dir_entry debugfs_root = ROOT_ENTRY("debugfs", debugfs_root, 1);

void pde_put(struct proc_dir_entry *de)
{
	if (!de || !refcount_dec_and_test(&de->refcnt))
		return;
	kfree(de->target);
	kfree(de->name);
	kfree(de);
}

/* proc_subdir_lock held. */
static struct proc_dir_entry *find_child(struct proc_dir_entry *dir, const char *name,
					 unsigned int len)
{
	struct proc_dir_entry *de;

	list_for_each_entry (de, &dir->subdir, child)
		if (de->namelen == len && !memcmp(de->name, name, len))
			return de;
	return NULL;
}

/*
 * Walks the directories of *name below *parent; on return *name is its last part. -ENOENT when
 * one is missing. proc_subdir_lock held.
 */
static int walk_to_last(const char **name, struct proc_dir_entry **parent)
{
	const char *slash;

	if (!*parent)
		*parent = &proc_root;
	while ((slash = strchr(*name, '/'))) {
		*parent = find_child(*parent, *name, slash - *name);
		if (!*parent)
			return -ENOENT;
		*name = slash + 1;
	}
	return **name ? 0 : -ENOENT;
}

/* An entry called name (a copy), in no tree. */
static struct proc_dir_entry *pde_alloc(const char *name, umode_t mode)
{
	struct proc_dir_entry *de = kzalloc(sizeof(*de), GFP_KERNEL);
	const char *last = strrchr(name, '/');

	if (!de)
		return NULL;
	de->name = kstrdup(last ? last + 1 : name, GFP_KERNEL);
	if (!de->name) {
		kfree(de);
		return NULL;
	}
	de->namelen = strlen(de->name);
	de->mode = mode;
	de->nlink = S_ISDIR(mode) ? 2 : 1;
	de->ino = FIRST_DYNAMIC_INO + atomic_inc_return(&next_ino);
	refcount_set(&de->refcnt, 1);
	INIT_LIST_HEAD(&de->subdir);
	return de;
}

/* Puts de into the tree where name says; the entry, or NULL (freed) when that cannot be. */
static struct proc_dir_entry *pde_register(const char *name, struct proc_dir_entry *parent,
					   struct proc_dir_entry *de)
{
	bool ok;

	if (!de)
		return NULL;
	write_lock(&proc_subdir_lock);
	ok = !walk_to_last(&name, &parent) && S_ISDIR(parent->mode) &&
	     !find_child(parent, de->name, de->namelen);
	if (ok) {
		de->parent = parent;
		list_add_tail(&de->child, &parent->subdir);
		if (S_ISDIR(de->mode))
			parent->nlink++;
	}
	write_unlock(&proc_subdir_lock);
	if (WARN(!ok, "/proc/%s: exists already, or its directory does not", name)) {
		pde_put(de);
		return NULL;
	}
	return de;
}

struct proc_dir_entry *proc_mkdir_mode(const char *name, umode_t mode,
				       struct proc_dir_entry *parent)
{
	return pde_register(name, parent, pde_alloc(name, S_IFDIR | (mode ? mode : 0555)));
}

struct proc_dir_entry *proc_mkdir(const char *name, struct proc_dir_entry *parent)
{
	return proc_mkdir_mode(name, 0, parent);
}

struct proc_dir_entry *proc_mkdir_path(const char *path, struct proc_dir_entry *parent)
{
	char part[64];

	while (parent && *path) {
		size_t len = strcspn(path, "/");
		struct proc_dir_entry *de;

		if (len >= sizeof(part))
			return NULL;
		memcpy(part, path, len);
		part[len] = '\0';
		read_lock(&proc_subdir_lock);
		de = find_child(parent, part, len);
		read_unlock(&proc_subdir_lock);
		parent = de ? de : proc_mkdir(part, parent);
		path += len + (path[len] == '/');
	}
	return parent;
}

struct proc_dir_entry *proc_symlink(const char *name, struct proc_dir_entry *parent,
				    const char *target)
{
	struct proc_dir_entry *de = pde_alloc(name, S_IFLNK | 0777);

	if (de) {
		de->target = kstrdup(target, GFP_KERNEL);
		if (!de->target) {
			pde_put(de);
			return NULL;
		}
	}
	return pde_register(name, parent, de);
}

struct proc_dir_entry *proc_create_link(const char *name, const struct inode_operations *iop)
{
	struct proc_dir_entry *de = pde_alloc(name, S_IFLNK | 0777);

	if (de)
		de->iop = iop;
	return pde_register(name, NULL, de);
}

struct proc_dir_entry *proc_create_data(const char *name, umode_t mode,
					struct proc_dir_entry *parent,
					const struct file_operations *fops, void *data)
{
	struct proc_dir_entry *de = pde_alloc(name, S_IFREG | (mode ? mode : 0444));

	if (de) {
		de->fops = fops;
		de->data = data;
	}
	return pde_register(name, parent, de);
}

struct proc_dir_entry *proc_create(const char *name, umode_t mode, struct proc_dir_entry *parent,
				   const struct file_operations *fops)
{
	return proc_create_data(name, mode, parent, fops, NULL);
}

void *pde_data(const struct inode *inode)
{
	return PROC_I(inode)->pde->data;
}

static int pde_single_open(struct inode *inode, struct file *file)
{
	struct proc_dir_entry *de = PROC_I(inode)->pde;

	return single_open(file, de->show, de->data);
}

static ssize_t pde_line_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	struct proc_dir_entry *de = PROC_I(file_inode(file))->pde;
	char *line;
	int err;

	if (len >= PAGE_SIZE)
		return -E2BIG;
	line = memdup_user_nul(buf, len);
	if (IS_ERR(line))
		return PTR_ERR(line);
	if (len && line[len - 1] == '\n')
		line[len - 1] = '\0';
	err = de->write ? de->write(de->data, line) : -EIO;
	kfree(line);
	return err ? err : len;
}

static const struct file_operations pde_single_fops = {
    .open = pde_single_open,
    .read_iter = seq_read_iter,
    .write = pde_line_write,
    .llseek = seq_lseek,
    .release = single_release,
};

struct proc_dir_entry *proc_create_rw(const char *name, umode_t mode, struct proc_dir_entry *parent,
				      int (*show)(struct seq_file *m, void *v),
				      int (*write)(void *data, char *line), void *data)
{
	struct proc_dir_entry *de = pde_alloc(name, S_IFREG | (mode ? mode : 0444));

	if (de) {
		de->fops = &pde_single_fops;
		de->show = show;
		de->write = write;
		de->data = data;
	}
	return pde_register(name, parent, de);
}

struct proc_dir_entry *proc_create_single_data(const char *name, umode_t mode,
					       struct proc_dir_entry *parent,
					       int (*show)(struct seq_file *m, void *v), void *data)
{
	return proc_create_rw(name, mode, parent, show, NULL, data);
}

static int pde_seq_open(struct inode *inode, struct file *file)
{
	struct proc_dir_entry *de = PROC_I(inode)->pde;
	int err;

	if (de->state_size)
		return seq_open_private(file, de->seq_ops, de->state_size);
	err = seq_open(file, de->seq_ops);
	if (!err)
		((struct seq_file *)file->private_data)->private = de->data;
	return err;
}

static int pde_seq_release(struct inode *inode, struct file *file)
{
	return PROC_I(inode)->pde->state_size ? seq_release_private(inode, file)
					      : seq_release(inode, file);
}

static const struct file_operations pde_seq_fops = {
    .open = pde_seq_open,
    .read_iter = seq_read_iter,
    .llseek = seq_lseek,
    .release = pde_seq_release,
};

struct proc_dir_entry *proc_create_seq_private(const char *name, umode_t mode,
					       struct proc_dir_entry *parent,
					       const struct seq_operations *ops,
					       unsigned int state_size, void *data)
{
	struct proc_dir_entry *de = pde_alloc(name, S_IFREG | (mode ? mode : 0444));

	if (de) {
		de->fops = &pde_seq_fops;
		de->seq_ops = ops;
		de->state_size = state_size;
		de->data = data;
	}
	return pde_register(name, parent, de);
}

/* de and all below it leave the tree; files that are open keep what they show. */
void proc_remove(struct proc_dir_entry *de)
{
	struct proc_dir_entry *parent, *next;

	if (!de)
		return;
	write_lock(&proc_subdir_lock);
	while (!de->deleted) {
		/* The deepest first child; then up again, until de itself has gone. */
		for (next = de; !list_empty(&next->subdir);)
			next = list_first_entry(&next->subdir, struct proc_dir_entry, child);
		parent = next->parent;
		list_del(&next->child);
		next->deleted = true;
		if (S_ISDIR(next->mode))
			parent->nlink--;
		if (next == de)
			break;
		pde_put(next);
	}
	write_unlock(&proc_subdir_lock);
	pde_put(de);
}

void remove_proc_entry(const char *name, struct proc_dir_entry *parent)
{
	struct proc_dir_entry *de = NULL;

	read_lock(&proc_subdir_lock);
	if (!walk_to_last(&name, &parent))
		de = find_child(parent, name, strlen(name));
	read_unlock(&proc_subdir_lock);
	proc_remove(de);
}

struct dentry *proc_lookup_de(struct inode *dir, struct dentry *dentry, struct proc_dir_entry *de)
{
	struct proc_dir_entry *found;
	struct inode *inode;

	read_lock(&proc_subdir_lock);
	found = find_child(de, dentry->d_name.name, dentry->d_name.len);
	if (found)
		refcount_inc(&found->refcnt);
	read_unlock(&proc_subdir_lock);
	if (!found)
		return ERR_PTR(-ENOENT);
	inode = proc_get_inode(dir->i_sb, found);
	if (!inode) {
		pde_put(found);
		return ERR_PTR(-ENOMEM);
	}
	d_add(dentry, inode);
	return NULL;
}

/* The entry at place n of the listing, with a reference; NULL behind the last. */
static struct proc_dir_entry *nth_child(struct proc_dir_entry *dir, loff_t n)
{
	struct proc_dir_entry *de;

	read_lock(&proc_subdir_lock);
	list_for_each_entry (de, &dir->subdir, child) {
		if (n-- == 0) {
			refcount_inc(&de->refcnt);
			read_unlock(&proc_subdir_lock);
			return de;
		}
	}
	read_unlock(&proc_subdir_lock);
	return NULL;
}

bool proc_readdir_de(struct file *file, struct dir_context *ctx, struct proc_dir_entry *dir)
{
	struct proc_dir_entry *de;
	bool more;

	if (!dir_emit_dots(file, ctx))
		return false;
	while ((de = nth_child(dir, ctx->pos - 2))) {
		more = dir_emit(ctx, de->name, de->namelen, de->ino, de->mode >> 12);
		pde_put(de);
		if (!more)
			return false;
		ctx->pos++;
	}
	return true;
}
