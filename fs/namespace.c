/* SPDX-License-Identifier: MIT */
/*
 * The mount tree: how mounts are found, attached, copied and taken away, and the namespaces that
 * hold them. System calls on it are in mount_calls.c. Locks: fs/mount.h.
 *
 * References: a mount in a tree is held once by the tree; each child holds its parent once more;
 * everything else that counts is somebody's use (open files, working directories).
 */
#include "mount.h"
#include <jiffy/nsproxy.h>
#include <jiffy/slab.h>
#include <jiffy/xarray.h>
#include "mount_tree.h"

#define MNT_HASHBITS 8

DECLARE_RWSEM(namespace_sem);
DEFINE_SEQLOCK(mount_lock);
static struct hlist_head mount_hashtable[1 << MNT_HASHBITS];
static struct hlist_head mountpoint_hashtable[1 << MNT_HASHBITS];
static struct kmem_cache *mnt_cache;
static DEFINE_XARRAY(mnt_ids);
static u64 mnt_ns_seq;
struct mnt_namespace *init_mnt_ns;

/* What umounting left to be put once no lock is held. */
LIST_HEAD(unmounted);

static struct hlist_head *m_hash(const struct vfsmount *mnt, const struct dentry *dentry)
{
	unsigned long h = (unsigned long)mnt / L1_CACHE_BYTES + (unsigned long)dentry / 64;

	return &mount_hashtable[(h ^ (h >> MNT_HASHBITS)) & ((1 << MNT_HASHBITS) - 1)];
}

static struct hlist_head *mp_hash(const struct dentry *dentry)
{
	unsigned long h = (unsigned long)dentry / 64;

	return &mountpoint_hashtable[(h ^ (h >> MNT_HASHBITS)) & ((1 << MNT_HASHBITS) - 1)];
}

static struct mount *alloc_vfsmnt(const char *name)
{
	struct mount *mnt = kmem_cache_zalloc(mnt_cache, GFP_KERNEL);
	u32 id;

	if (!mnt)
		return NULL;
	if (xa_alloc_cyclic(&mnt_ids, &id, mnt, XA_LIMIT(1, 0x7fffffff), GFP_KERNEL) < 0)
		goto out_free;
	mnt->mnt_id = id;
	mnt->mnt_devname = kstrdup(name ? name : "none", GFP_KERNEL);
	if (!mnt->mnt_devname)
		goto out_id;
	atomic_set(&mnt->mnt_count, 1);
	mnt->mnt_parent = mnt;
	INIT_LIST_HEAD(&mnt->mnt_mounts);
	INIT_LIST_HEAD(&mnt->mnt_child);
	INIT_LIST_HEAD(&mnt->mnt_list);
	return mnt;
out_id:
	xa_erase(&mnt_ids, id);
out_free:
	kmem_cache_free(mnt_cache, mnt);
	return NULL;
}

static void free_vfsmnt_rcu(struct rcu_head *head)
{
	struct mount *mnt = container_of(head, struct mount, mnt_rcu);

	kfree(mnt->mnt_devname);
	kmem_cache_free(mnt_cache, mnt);
}

struct vfsmount *mntget(struct vfsmount *mnt)
{
	if (mnt)
		atomic_inc(&real_mount(mnt)->mnt_count);
	return mnt;
}

static void cleanup_mnt(struct mount *mnt)
{
	ASSERT(list_empty(&mnt->mnt_mounts));
	dput(mnt->mnt.mnt_root);
	deactivate_super(mnt->mnt.mnt_sb);
	xa_erase(&mnt_ids, mnt->mnt_id);
	call_rcu(&mnt->mnt_rcu, free_vfsmnt_rcu);
}

static void cleanup_mnt_work(struct callback_head *head)
{
	cleanup_mnt(container_of(head, struct mount, mnt_work));
}

/*
 * The end of a file system takes s_umount, which comes before every i_rwsem that the caller may
 * hold; so it waits for the task's way back to user space.
 */
void mntput(struct vfsmount *m)
{
	struct mount *mnt;

	if (!m)
		return;
	mnt = real_mount(m);
	if (!atomic_dec_and_test(&mnt->mnt_count))
		return;
	mnt->mnt_work.func = cleanup_mnt_work;
	if ((current->flags & PF_KTHREAD) || task_work_add(current, &mnt->mnt_work, true))
		cleanup_mnt(mnt);
}

struct mount *__lookup_mnt(struct vfsmount *mnt, struct dentry *dentry)
{
	struct mount *p;

	hlist_for_each_entry_rcu (p, m_hash(mnt, dentry), mnt_hash)
		if (&p->mnt_parent->mnt == mnt && p->mnt_mountpoint == dentry)
			return p;
	return NULL;
}

/* The count goes up only from above zero; then the tree must still be the one that was read. */
bool legitimize_mnt(struct vfsmount *mnt, unsigned int seq)
{
	if (!atomic_inc_not_zero(&real_mount(mnt)->mnt_count))
		return false;
	if (!read_seqretry(&mount_lock, seq))
		return true;
	/* Not the last one: whoever unlinks it holds one until a grace period later or longer. */
	if (!atomic_add_unless(&real_mount(mnt)->mnt_count, -1, 1)) {
		rcu_read_unlock();
		mntput(mnt);
		rcu_read_lock();
	}
	return false;
}

struct vfsmount *lookup_mnt(const struct path *path)
{
	struct vfsmount *m;
	struct mount *child;
	unsigned int seq;

	rcu_read_lock();
	do {
		seq = read_seqbegin(&mount_lock);
		child = __lookup_mnt(path->mnt, path->dentry);
		m = child ? &child->mnt : NULL;
	} while (m ? !legitimize_mnt(m, seq) : read_seqretry(&mount_lock, seq));
	rcu_read_unlock();
	return m;
}

bool is_local_mountpoint(struct dentry *dentry)
{
	struct mnt_namespace *ns = current->nsproxy->mnt_ns;
	struct mount *m;
	bool found = false;

	if (!d_mountpoint(dentry))
		return false;
	down_read(&namespace_sem);
	hlist_for_each_entry (m, mp_hash(dentry), mnt_mp_hash) {
		if (m->mnt_mountpoint == dentry && m->mnt_ns == ns) {
			found = true;
			break;
		}
	}
	up_read(&namespace_sem);
	return found;
}

static void touch_mnt_namespace(struct mnt_namespace *ns)
{
	if (ns) {
		ns->event++;
		wake_up_interruptible(&ns->poll);
	}
}

/* Hangs mnt into the tree at (parent, dentry), with a reference to both. */
void mnt_set_mountpoint(struct mount *parent, struct dentry *dentry, struct mount *mnt)
{
	lockdep_assert_held(&namespace_sem);
	mntget(&parent->mnt);
	dget(dentry);
	write_seqlock(&mount_lock);
	spin_lock(&dentry->d_lock);
	dentry->d_flags |= DCACHE_MOUNTED;
	spin_unlock(&dentry->d_lock);
	mnt->mnt_parent = parent;
	mnt->mnt_mountpoint = dentry;
	list_add_tail(&mnt->mnt_child, &parent->mnt_mounts);
	hlist_add_head_rcu(&mnt->mnt_hash, m_hash(&parent->mnt, dentry));
	hlist_add_head(&mnt->mnt_mp_hash, mp_hash(dentry));
	write_sequnlock(&mount_lock);
}

/* Takes mnt off its mountpoint; *old gets the references that it held there. */
void detach_mnt(struct mount *mnt, struct path *old)
{
	struct dentry *dentry = mnt->mnt_mountpoint;
	struct mount *m;
	bool more = false;

	lockdep_assert_held(&namespace_sem);
	old->mnt = &mnt->mnt_parent->mnt;
	old->dentry = dentry;
	write_seqlock(&mount_lock);
	hlist_del_init_rcu(&mnt->mnt_hash);
	hlist_del_init(&mnt->mnt_mp_hash);
	list_del_init(&mnt->mnt_child);
	mnt->mnt_parent = mnt;
	mnt->mnt_mountpoint = mnt->mnt.mnt_root;
	hlist_for_each_entry (m, mp_hash(dentry), mnt_mp_hash)
		more |= m->mnt_mountpoint == dentry;
	if (!more) {
		spin_lock(&dentry->d_lock);
		dentry->d_flags &= ~DCACHE_MOUNTED;
		spin_unlock(&dentry->d_lock);
	}
	write_sequnlock(&mount_lock);
}

struct mount *next_mnt(struct mount *p, struct mount *root)
{
	if (!list_empty(&p->mnt_mounts))
		return list_first_entry(&p->mnt_mounts, struct mount, mnt_child);
	for (; p != root; p = p->mnt_parent)
		if (!list_is_last(&p->mnt_child, &p->mnt_parent->mnt_mounts))
			return list_next_entry(p, mnt_child);
	return NULL;
}

/* A freshly made tree becomes visible below (parent, dentry). */
void attach_recursive_mnt(struct mount *tree, struct mount *parent, struct dentry *dentry)
{
	struct mnt_namespace *ns = parent->mnt_ns;
	struct mount *p;

	for (p = tree; p; p = next_mnt(p, tree)) {
		if (p->mnt_ns == ns)
			continue;
		p->mnt_ns = ns;
		list_add_tail(&p->mnt_list, &ns->list);
		ns->nr_mounts++;
	}
	mnt_set_mountpoint(parent, dentry, tree);
	touch_mnt_namespace(ns);
}

static struct mount *vfs_create_mount(struct dentry *root, const char *name)
{
	struct mount *mnt = alloc_vfsmnt(name);

	if (!mnt)
		return NULL;
	mnt->mnt.mnt_root = root;
	mnt->mnt.mnt_sb = root->d_sb;
	mnt->mnt_mountpoint = root;
	return mnt;
}

struct vfsmount *vfs_kern_mount(struct file_system_type *type, int flags, const char *name,
				void *data)
{
	struct dentry *root = mount_fs(type, flags, name, data);
	struct mount *mnt;

	if (IS_ERR(root))
		return ERR_CAST(root);
	mnt = vfs_create_mount(root, name);
	if (!mnt) {
		struct super_block *sb = root->d_sb;

		dput(root);
		deactivate_super(sb);
		return ERR_PTR(-ENOMEM);
	}
	if (flags & SB_KERNMOUNT)
		mnt->mnt.mnt_flags |= MNT_INTERNAL;
	return &mnt->mnt;
}

struct vfsmount *kern_mount(struct file_system_type *type)
{
	return vfs_kern_mount(type, SB_KERNMOUNT, type->name, NULL);
}

void kern_unmount(struct vfsmount *mnt)
{
	if (!IS_ERR_OR_NULL(mnt))
		mntput(mnt);
}

struct mount *clone_mnt(struct mount *old, struct dentry *root)
{
	struct mount *mnt;

	atomic_inc(&old->mnt.mnt_sb->s_active);
	mnt = vfs_create_mount(dget(root), old->mnt_devname);
	if (!mnt) {
		dput(root);
		deactivate_super(old->mnt.mnt_sb);
		return ERR_PTR(-ENOMEM);
	}
	mnt->mnt.mnt_flags = old->mnt.mnt_flags & ~(MNT_INTERNAL | MNT_UMOUNT);
	mnt->mnt_unbindable = old->mnt_unbindable;
	return mnt;
}

/* namespace_sem held. The tree's references go onto `unmounted` for namespace_unlock(). */
void umount_tree(struct mount *mnt, bool lazy)
{
	struct mount *p, *next;
	LIST_HEAD(tree);

	lockdep_assert_held(&namespace_sem);
	for (p = mnt; p; p = next_mnt(p, mnt)) {
		if (p->mnt_ns) {
			touch_mnt_namespace(p->mnt_ns);
			p->mnt_ns->nr_mounts--;
			p->mnt_ns = NULL;
			list_del(&p->mnt_list);
		}
		p->mnt.mnt_flags |= MNT_UMOUNT;
		list_add(&p->mnt_list, &tree); /* children before parents */
	}
	for (p = list_first_entry(&tree, struct mount, mnt_list); &p->mnt_list != &tree; p = next) {
		struct path old;

		next = list_next_entry(p, mnt_list);
		list_move_tail(&p->mnt_list, &unmounted);
		if (!mnt_has_parent(p))
			continue;
		detach_mnt(p, &old);
		/* Kept in these two until the lock is dropped: putting them may sleep on it. */
		p->mnt_parent = real_mount(old.mnt);
		p->mnt_mountpoint = old.dentry;
	}
}

void namespace_unlock(void)
{
	struct mount *p, *n;
	LIST_HEAD(list);

	lockdep_assert_held(&namespace_sem);
	list_splice_init(&unmounted, &list);
	up_write(&namespace_sem);
	if (list_empty(&list))
		return;
	/* A walk without references may still stand on one of them. */
	synchronize_rcu();
	list_for_each_entry_safe (p, n, &list, mnt_list) {
		struct mount *parent = p->mnt_parent;
		struct dentry *mountpoint = p->mnt_mountpoint;

		list_del_init(&p->mnt_list);
		p->mnt_parent = p;
		p->mnt_mountpoint = p->mnt.mnt_root;
		if (parent != p) {
			dput(mountpoint);
			mntput(&parent->mnt);
		}
		mntput(&p->mnt);
	}
}

void __detach_mounts(struct dentry *dentry)
{
	struct mount *m;

	down_write(&namespace_sem);
again:
	hlist_for_each_entry (m, mp_hash(dentry), mnt_mp_hash) {
		if (m->mnt_mountpoint == dentry) {
			umount_tree(m, true);
			goto again;
		}
	}
	namespace_unlock();
}

/* A copy of the mounts below root (in mnt); namespace_sem held for writing. */
struct mount *copy_tree(struct mount *mnt, struct dentry *root, bool whole_ns)
{
	struct mount *res, *parent, *q, *r, *child;

	if (mnt->mnt_unbindable && !whole_ns)
		return ERR_PTR(-EINVAL);
	res = clone_mnt(mnt, root);
	if (IS_ERR(res))
		return res;
	parent = res;
	list_for_each_entry (child, &mnt->mnt_mounts, mnt_child) {
		struct mount *at = mnt;

		if (!is_subdir(child->mnt_mountpoint, root))
			continue;
		parent = res;
		for (r = child; r; r = next_mnt(r, child)) {
			if (r->mnt_unbindable && !whole_ns) {
				struct mount *last = r, *deeper;

				while ((deeper = next_mnt(last, r)))
					last = deeper; /* its subtree stays out too */
				r = last;
				continue;
			}
			/* Climb from the last original copied to r's parent, the copies in step. */
			while (at != r->mnt_parent) {
				at = at->mnt_parent;
				parent = parent->mnt_parent;
			}
			q = clone_mnt(r, r->mnt.mnt_root);
			if (IS_ERR(q)) {
				umount_tree(res, true);
				return q;
			}
			mnt_set_mountpoint(parent, r->mnt_mountpoint, q);
			at = r;
			parent = q;
		}
	}
	return res;
}

static struct mnt_namespace *alloc_mnt_ns(struct user_namespace *user_ns)
{
	struct mnt_namespace *ns = kzalloc(sizeof(*ns), GFP_KERNEL);

	if (!ns)
		return ERR_PTR(-ENOMEM);
	refcount_set(&ns->ns.count, 1);
	ns->ns.inum = ns_alloc_inum();
	INIT_LIST_HEAD(&ns->list);
	init_waitqueue_head(&ns->poll);
	ns->user_ns = get_user_ns(user_ns);
	ns->seq = ++mnt_ns_seq;
	return ns;
}

/* Whoever of new_fs stood on the old copy stands on the new one. */
static void follow_copy(struct fs_struct *fs, struct mount *old, struct mount *copy,
			struct path *put)
{
	if (fs->root.mnt == &old->mnt) {
		put[0].mnt = fs->root.mnt;
		fs->root.mnt = mntget(&copy->mnt);
	}
	if (fs->pwd.mnt == &old->mnt) {
		put[1].mnt = fs->pwd.mnt;
		fs->pwd.mnt = mntget(&copy->mnt);
	}
}

struct mnt_namespace *copy_mnt_ns(unsigned long flags, struct mnt_namespace *ns,
				  struct user_namespace *user_ns, struct fs_struct *new_fs)
{
	struct mnt_namespace *new_ns;
	struct path put[2] = {{0}, {0}};
	struct mount *p, *q;

	if (!(flags & CLONE_NEWNS)) {
		get_mnt_ns(ns);
		return ns;
	}
	new_ns = alloc_mnt_ns(user_ns);
	if (IS_ERR(new_ns))
		return new_ns;
	down_write(&namespace_sem);
	q = copy_tree(ns->root, ns->root->mnt.mnt_root, true);
	if (IS_ERR(q)) {
		namespace_unlock();
		put_user_ns(new_ns->user_ns);
		kfree(new_ns);
		return ERR_CAST(q);
	}
	new_ns->root = q;
	for (p = ns->root; p && q; p = next_mnt(p, ns->root), q = next_mnt(q, new_ns->root)) {
		q->mnt_ns = new_ns;
		list_add_tail(&q->mnt_list, &new_ns->list);
		new_ns->nr_mounts++;
		if (new_fs)
			follow_copy(new_fs, p, q, put);
	}
	namespace_unlock();
	mntput(put[0].mnt);
	mntput(put[1].mnt);
	return new_ns;
}

void get_mnt_ns(struct mnt_namespace *ns)
{
	refcount_inc(&ns->ns.count);
}

void put_mnt_ns(struct mnt_namespace *ns)
{
	if (!refcount_dec_and_test(&ns->ns.count))
		return;
	down_write(&namespace_sem);
	umount_tree(ns->root, true);
	namespace_unlock();
	put_user_ns(ns->user_ns);
	kfree(ns);
}

void mntns_enter(struct fs_struct *fs, struct mnt_namespace *ns)
{
	struct path root;

	down_read(&namespace_sem);
	root.mnt = mntget(&ns->root->mnt);
	root.dentry = dget(ns->root->mnt.mnt_root);
	up_read(&namespace_sem);
	while (follow_down(&root) > 0)
		;
	set_fs_pwd(fs, &root);
	set_fs_root(fs, &root);
	path_put(&root);
}

struct user_namespace *mnt_ns_owner(struct mnt_namespace *ns)
{
	return ns->user_ns;
}

u64 mnt_ns_inum(struct mnt_namespace *ns)
{
	return ns->ns.inum;
}

u64 mnt_ns_event(struct mnt_namespace *ns)
{
	return READ_ONCE(ns->event);
}

void *mnt_ns_poll_queue(struct mnt_namespace *ns)
{
	return &ns->poll;
}

bool current_chrooted(void)
{
	struct path ns_root, fs_root;
	bool chrooted;

	down_read(&namespace_sem);
	ns_root.mnt = mntget(&current->nsproxy->mnt_ns->root->mnt);
	ns_root.dentry = dget(ns_root.mnt->mnt_root);
	up_read(&namespace_sem);
	while (follow_down(&ns_root) > 0)
		;
	get_fs_root(current->fs, &fs_root);
	chrooted = !path_equal(&fs_root, &ns_root);
	path_put(&fs_root);
	path_put(&ns_root);
	return chrooted;
}

int mnt_want_write(struct vfsmount *m)
{
	struct mount *mnt = real_mount(m);

	atomic_inc(&mnt->mnt_writers);
	smp_mb__after_atomic(); /* pairs with the count read after MNT_READONLY is set */
	if (unlikely((READ_ONCE(m->mnt_flags) & MNT_READONLY) ||
		     (m->mnt_sb->s_flags & SB_RDONLY))) {
		atomic_dec(&mnt->mnt_writers);
		return -EROFS;
	}
	return 0;
}

void mnt_drop_write(struct vfsmount *mnt)
{
	atomic_dec(&real_mount(mnt)->mnt_writers);
}

bool mnt_may_suid(struct vfsmount *mnt)
{
	return !(mnt->mnt_flags & MNT_NOSUID) && current_in_userns(mnt->mnt_sb->s_user_ns);
}

bool path_noexec(const struct path *path)
{
	return (path->mnt->mnt_flags & MNT_NOEXEC) || (path->mnt->mnt_sb->s_flags & SB_NOEXEC);
}

/* rootfs, a tmpfs, is the root of everything. Boot, before there are tasks. */
static void init_mount_tree(void)
{
	/* No limit of its own: what init brings along may fill the memory there is. */
	char options[] = "size=0,nr_inodes=0,mode=755";
	struct file_system_type *type = get_fs_type("tmpfs");
	struct mnt_namespace *ns;
	struct vfsmount *mnt;
	struct path root;

	mnt = vfs_kern_mount(type, 0, "rootfs", options);
	if (IS_ERR(mnt))
		panic("cannot create the root file system: %ld", PTR_ERR(mnt));
	ns = alloc_mnt_ns(&init_user_ns);
	if (IS_ERR(ns))
		panic("cannot create the first mount namespace");
	ns->ns.inum = PROC_MNT_INIT_INO;
	ns->root = real_mount(mnt);
	ns->root->mnt_ns = ns;
	list_add(&ns->root->mnt_list, &ns->list);
	ns->nr_mounts = 1;
	init_mnt_ns = ns;
	init_nsproxy.mnt_ns = ns;
	root.mnt = mnt;
	root.dentry = mnt->mnt_root;
	set_fs_pwd(&init_fs, &root);
	set_fs_root(&init_fs, &root);
}

void vfs_caches_init(void)
{
	dcache_init();
	inode_init();
	files_init();
	files_struct_init();
	/* tmpfs mounts itself for anonymous shared memory, and the root is one: in this order. */
	mnt_cache = KMEM_CACHE(mount, SLAB_PANIC | SLAB_HWCACHE_ALIGN);
	shmem_init();
	init_mount_tree();
}
