/* SPDX-License-Identifier: MIT */
/*
 * The dentry cache. Rules and contracts: <jiffy/dcache.h>. Any task context; the look-ups take
 * no lock that two names share.
 *
 * The life of a dentry's count:
 *
 *	n > 0	used n times; anyone who has one may take more
 *	DEAD	nobody used it and it was unhashed in the same step, under d_lock. A reader that
 *		still sees it through RCU cannot take it, and asks the file system again.
 */
#include "mount.h"
#include <jiffy/fsnotify.h>
#include <jiffy/slab.h>

#define D_HASHBITS 13
#define D_LOCKBITS 8
#define D_DEAD	   (-128)

static struct hlist_head dentry_hashtable[1 << D_HASHBITS];
static spinlock_t dentry_hash_lock[1 << D_LOCKBITS];
static struct kmem_cache *dentry_cache;
static atomic64_t nr_dentry;
DEFINE_SEQLOCK(rename_lock);

struct external_name {
	struct rcu_head rcu;
	char name[];
};

unsigned long nr_dentries(void)
{
	return atomic64_read(&nr_dentry);
}

/* FNV-1a over the bytes, begun with the parent so that equal names spread; then folded. */
u32 full_name_hash(const void *salt, const char *name, unsigned int len)
{
	u64 h = (unsigned long)salt >> 6;

	while (len--)
		h = (h ^ (u8)*name++) * 0x100000001b3ULL;
	return h ^ (h >> 32);
}

static struct hlist_head *d_bucket(u32 hash)
{
	return &dentry_hashtable[hash & ((1 << D_HASHBITS) - 1)];
}

static spinlock_t *d_bucket_lock(u32 hash)
{
	return &dentry_hash_lock[hash & ((1 << D_LOCKBITS) - 1)];
}

static bool d_name_is_external(const struct dentry *dentry)
{
	return dentry->d_name.name != dentry->d_iname;
}

/*
 * Stops at the first difference. A concurrent rename may change the bytes, but every buffer ends
 * in NUL and a looked-up name holds none, so the loop cannot leave the buffer.
 */
static bool d_same_name(const struct dentry *dentry, const struct qstr *name)
{
	const char *have = READ_ONCE(dentry->d_name.name);
	u32 i;

	if (READ_ONCE(dentry->d_name.len) != name->len)
		return false;
	for (i = 0; i < name->len; i++)
		if (have[i] != name->name[i])
			return false;
	return true;
}

static struct dentry *__d_alloc(struct super_block *sb, const struct qstr *name)
{
	struct dentry *dentry = kmem_cache_alloc(dentry_cache, GFP_KERNEL);
	char *to;

	if (!dentry)
		return NULL;
	dentry->d_iname[DNAME_INLINE_LEN - 1] = 0;
	if (name->len > DNAME_INLINE_LEN - 1) {
		struct external_name *p = kmalloc(sizeof(*p) + name->len + 1, GFP_KERNEL);

		if (!p) {
			kmem_cache_free(dentry_cache, dentry);
			return NULL;
		}
		to = p->name;
	} else {
		to = dentry->d_iname;
	}
	memcpy(to, name->name, name->len);
	to[name->len] = 0;
	dentry->d_name = (struct qstr){.hash = name->hash, .len = name->len, .name = to};
	dentry->d_flags = 0;
	seqcount_init(&dentry->d_seq);
	INIT_HLIST_NODE(&dentry->d_hash);
	dentry->d_parent = dentry;
	dentry->d_inode = NULL;
	atomic_set(&dentry->d_count, 1);
	spin_lock_init(&dentry->d_lock);
	dentry->d_sb = sb;
	dentry->d_op = sb->s_d_op;
	if (dentry->d_op && dentry->d_op->d_revalidate)
		dentry->d_flags |= DCACHE_OP_REVALIDATE;
	dentry->d_time = 0;
	dentry->d_fsdata = NULL;
	INIT_LIST_HEAD(&dentry->d_child);
	INIT_LIST_HEAD(&dentry->d_subdirs);
	INIT_HLIST_NODE(&dentry->d_alias);
	atomic64_inc(&nr_dentry);
	return dentry;
}

struct dentry *d_alloc(struct dentry *parent, const struct qstr *name)
{
	struct dentry *dentry = __d_alloc(parent->d_sb, name);

	if (!dentry)
		return NULL;
	dentry->d_name.hash = full_name_hash(parent, name->name, name->len);
	dentry->d_parent = dget(parent);
	spin_lock(&parent->d_lock);
	list_add(&dentry->d_child, &parent->d_subdirs);
	spin_unlock(&parent->d_lock);
	return dentry;
}

struct dentry *d_alloc_name(struct dentry *parent, const char *name)
{
	struct qstr q = QSTR(name);

	return d_alloc(parent, &q);
}

struct dentry *d_alloc_pseudo(struct super_block *sb, const struct qstr *name)
{
	struct dentry *dentry = __d_alloc(sb, name);

	if (dentry)
		dentry->d_flags |= DCACHE_DISCONNECTED;
	return dentry;
}

struct dentry *d_make_root(struct inode *root_inode)
{
	static const struct qstr slash = QSTR_INIT("/", 1);
	struct dentry *root;

	if (!root_inode)
		return NULL;
	root = __d_alloc(root_inode->i_sb, &slash);
	if (root)
		d_instantiate(root, root_inode);
	else
		iput(root_inode);
	return root;
}

static void dentry_free_rcu(struct rcu_head *head)
{
	struct dentry *dentry = container_of(head, struct dentry, d_rcu);

	if (d_name_is_external(dentry))
		kfree(container_of(dentry->d_name.name, struct external_name, name[0]));
	kmem_cache_free(dentry_cache, dentry);
}

static void __d_drop(struct dentry *dentry)
{
	lockdep_assert_held(&dentry->d_lock);
	if (!d_unhashed(dentry)) {
		spinlock_t *lock = d_bucket_lock(dentry->d_name.hash);

		spin_lock(lock);
		hlist_del_init_rcu(&dentry->d_hash);
		spin_unlock(lock);
	}
}

void d_drop(struct dentry *dentry)
{
	spin_lock(&dentry->d_lock);
	write_seqcount_begin(&dentry->d_seq);
	__d_drop(dentry);
	write_seqcount_end(&dentry->d_seq);
	spin_unlock(&dentry->d_lock);
}

static void __d_rehash(struct dentry *dentry)
{
	spinlock_t *lock = d_bucket_lock(dentry->d_name.hash);

	lockdep_assert_held(&dentry->d_lock);
	spin_lock(lock);
	hlist_add_head_rcu(&dentry->d_hash, d_bucket(dentry->d_name.hash));
	spin_unlock(lock);
}

void d_rehash(struct dentry *dentry)
{
	spin_lock(&dentry->d_lock);
	if (d_unhashed(dentry))
		__d_rehash(dentry);
	spin_unlock(&dentry->d_lock);
}

static unsigned int d_flags_for_inode(const struct inode *inode)
{
	if (!inode)
		return 0;
	if (S_ISDIR(inode->i_mode))
		return DCACHE_DIRECTORY;
	return S_ISLNK(inode->i_mode) ? DCACHE_SYMLINK : 0;
}

/* i_lock of the inode and d_lock held. */
static void __d_set_inode(struct dentry *dentry, struct inode *inode)
{
	write_seqcount_begin(&dentry->d_seq);
	dentry->d_flags |= d_flags_for_inode(inode);
	WRITE_ONCE(dentry->d_inode, inode);
	write_seqcount_end(&dentry->d_seq);
}

void d_instantiate(struct dentry *dentry, struct inode *inode)
{
	if (!inode)
		return;
	ASSERT(!dentry->d_inode);
	spin_lock(&inode->i_lock);
	hlist_add_head(&dentry->d_alias, &inode->i_dentry);
	spin_lock(&dentry->d_lock);
	__d_set_inode(dentry, inode);
	spin_unlock(&dentry->d_lock);
	spin_unlock(&inode->i_lock);
}

void d_add(struct dentry *dentry, struct inode *inode)
{
	d_instantiate(dentry, inode);
	d_rehash(dentry);
}

void d_make_persistent(struct dentry *dentry, struct inode *inode)
{
	d_add(dentry, inode);
	dget(dentry);
	spin_lock(&dentry->d_lock);
	dentry->d_flags |= DCACHE_PERSISTENT;
	spin_unlock(&dentry->d_lock);
}

void d_make_discardable(struct dentry *dentry)
{
	bool had;

	spin_lock(&dentry->d_lock);
	had = dentry->d_flags & DCACHE_PERSISTENT;
	dentry->d_flags &= ~DCACHE_PERSISTENT;
	spin_unlock(&dentry->d_lock);
	if (had)
		dput(dentry);
}

/* d_lock held and the count is DEAD. Gives the parent, whose reference passes to the caller. */
static struct dentry *dentry_kill(struct dentry *dentry)
{
	struct inode *inode = dentry->d_inode;
	struct dentry *parent = IS_ROOT(dentry) ? NULL : dentry->d_parent;

	write_seqcount_begin(&dentry->d_seq);
	__d_drop(dentry);
	dentry->d_flags &= ~(DCACHE_DIRECTORY | DCACHE_SYMLINK);
	WRITE_ONCE(dentry->d_inode, NULL);
	write_seqcount_end(&dentry->d_seq);
	spin_unlock(&dentry->d_lock);

	if (inode) {
		spin_lock(&inode->i_lock);
		hlist_del_init(&dentry->d_alias);
		spin_unlock(&inode->i_lock);
		if (!inode->i_nlink)
			fsnotify_inode_delete(inode);
		if (dentry->d_op && dentry->d_op->d_iput)
			dentry->d_op->d_iput(dentry, inode);
		else
			iput(inode);
	}
	if (parent) {
		spin_lock(&parent->d_lock);
		list_del(&dentry->d_child);
		spin_unlock(&parent->d_lock);
	}
	if (dentry->d_op && dentry->d_op->d_release)
		dentry->d_op->d_release(dentry);
	atomic64_dec(&nr_dentry);
	call_rcu(&dentry->d_rcu, dentry_free_rcu);
	return parent;
}

/* Drops one unless it is the last one. */
static bool dput_fast(struct dentry *dentry)
{
	int c = atomic_read(&dentry->d_count);

	while (c > 1)
		if (atomic_try_cmpxchg(&dentry->d_count, &c, c - 1))
			return true;
	return false;
}

void dput(struct dentry *dentry)
{
	while (dentry && !dput_fast(dentry)) {
		spin_lock(&dentry->d_lock);
		if (atomic_cmpxchg(&dentry->d_count, 1, D_DEAD) == 1) {
			dentry = dentry_kill(dentry);
			continue;
		}
		spin_unlock(&dentry->d_lock);
	}
}

bool dget_not_dead(struct dentry *dentry)
{
	int c = atomic_read(&dentry->d_count);

	do {
		if (c < 0)
			return false;
	} while (!atomic_try_cmpxchg(&dentry->d_count, &c, c + 1));
	return true;
}

struct dentry *dget_parent(struct dentry *dentry)
{
	struct dentry *parent;

	for (;;) {
		rcu_read_lock();
		parent = READ_ONCE(dentry->d_parent);
		if (dget_not_dead(parent)) {
			rcu_read_unlock();
			if (likely(parent == READ_ONCE(dentry->d_parent)))
				return parent;
			dput(parent);
		} else {
			rcu_read_unlock();
		}
		cpu_relax();
	}
}

struct dentry *__d_lookup_rcu(struct dentry *parent, const struct qstr *name, unsigned int *seqp)
{
	struct dentry *dentry;

	hlist_for_each_entry_rcu (dentry, d_bucket(name->hash), d_hash) {
		unsigned int seq;

		if (dentry->d_name.hash != name->hash)
			continue;
		seq = smp_load_acquire(&dentry->d_seq.sequence);
		if ((seq & 1) || dentry->d_parent != parent || d_unhashed(dentry))
			continue;
		if (!d_same_name(dentry, name))
			continue;
		*seqp = seq;
		return dentry;
	}
	return NULL;
}

/* One pass: NULL may also mean that a rename moved the entry along under our feet. */
static struct dentry *__d_lookup(struct dentry *parent, const struct qstr *name)
{
	struct dentry *dentry, *found = NULL;

	rcu_read_lock();
	hlist_for_each_entry_rcu (dentry, d_bucket(name->hash), d_hash) {
		if (dentry->d_name.hash != name->hash)
			continue;
		spin_lock(&dentry->d_lock);
		if (dentry->d_parent == parent && !d_unhashed(dentry) &&
		    d_same_name(dentry, name) && dget_not_dead(dentry))
			found = dentry;
		spin_unlock(&dentry->d_lock);
		if (found)
			break;
	}
	rcu_read_unlock();
	return found;
}

struct dentry *d_lookup(struct dentry *parent, const struct qstr *name)
{
	struct dentry *dentry;
	unsigned int seq;

	do {
		seq = read_seqbegin(&rename_lock);
		dentry = __d_lookup(parent, name);
		if (dentry)
			return dentry;
	} while (read_seqretry(&rename_lock, seq));
	return NULL;
}

struct dentry *d_hash_and_lookup(struct dentry *parent, struct qstr *name)
{
	name->hash = full_name_hash(parent, name->name, name->len);
	return d_lookup(parent, name);
}

struct dentry *d_find_alias(struct inode *inode)
{
	struct dentry *dentry, *found = NULL;

	spin_lock(&inode->i_lock);
	hlist_for_each_entry (dentry, &inode->i_dentry, d_alias) {
		if ((!d_unhashed(dentry) || IS_ROOT(dentry)) && dget_not_dead(dentry)) {
			found = dentry;
			break;
		}
	}
	spin_unlock(&inode->i_lock);
	return found;
}

/*
 * After an unlink. A negative dentry would only take room, since unused ones are not kept; so the
 * name just leaves the hash and whoever has the file open keeps the dentry.
 */
void d_delete(struct dentry *dentry)
{
	d_drop(dentry);
}

void d_invalidate(struct dentry *dentry)
{
	d_drop(dentry);
	detach_mounts(dentry);
}

static void swap_names(struct dentry *a, struct dentry *b)
{
	const char *an = a->d_name.name, *bn = b->d_name.name;
	bool ax = d_name_is_external(a), bx = d_name_is_external(b);
	char tmp[DNAME_INLINE_LEN];

	memcpy(tmp, a->d_iname, sizeof(tmp));
	memcpy(a->d_iname, b->d_iname, sizeof(tmp));
	memcpy(b->d_iname, tmp, sizeof(tmp));
	WRITE_ONCE(a->d_name.name, bx ? bn : a->d_iname);
	WRITE_ONCE(b->d_name.name, ax ? an : b->d_iname);
	swap(a->d_name.len, b->d_name.len);
	swap(a->d_name.hash, b->d_name.hash);
}

static bool __is_ancestor(struct dentry *dentry, struct dentry *ancestor)
{
	for (;; dentry = dentry->d_parent) {
		if (dentry == ancestor)
			return true;
		if (IS_ROOT(dentry))
			return false;
	}
}

/* Four locks: the two parents (an ancestor first, else by address), then the two children. */
static void lock_for_move(struct dentry *a, struct dentry *b)
{
	struct dentry *p1 = a->d_parent, *p2 = b->d_parent;

	if (p1 != p2 && (__is_ancestor(p1, p2) || (!__is_ancestor(p2, p1) && p2 < p1)))
		swap(p1, p2);
	spin_lock(&p1->d_lock);
	if (p1 != p2)
		spin_lock_nested(&p2->d_lock, 1);
	spin_lock_nested(&a->d_lock, 2);
	spin_lock_nested(&b->d_lock, 3);
}

static void __d_move(struct dentry *a, struct dentry *b, bool exchange)
{
	struct dentry *pa, *pb;

	write_seqlock(&rename_lock);
	pa = a->d_parent;
	pb = b->d_parent;
	lock_for_move(a, b);
	write_seqcount_begin(&a->d_seq);
	write_seqcount_begin(&b->d_seq);
	__d_drop(a);
	__d_drop(b);
	swap_names(a, b);
	if (pa != pb) {
		a->d_parent = pb;
		b->d_parent = pa;
		list_move(&a->d_child, &pb->d_subdirs);
		list_move(&b->d_child, &pa->d_subdirs);
		a->d_time = b->d_time = 0; /* new in their directories' listings */
	}
	__d_rehash(a);
	if (exchange)
		__d_rehash(b);
	write_seqcount_end(&b->d_seq);
	write_seqcount_end(&a->d_seq);
	spin_unlock(&b->d_lock);
	spin_unlock(&a->d_lock);
	if (pa != pb)
		spin_unlock(&pb->d_lock);
	spin_unlock(&pa->d_lock);
	write_sequnlock(&rename_lock);
}

void d_move(struct dentry *dentry, struct dentry *target)
{
	__d_move(dentry, target, false);
}

void d_exchange(struct dentry *a, struct dentry *b)
{
	__d_move(a, b, true);
}

bool is_subdir(struct dentry *dentry, struct dentry *ancestor)
{
	unsigned int seq;
	bool ret;

	if (dentry == ancestor)
		return true;
	do {
		seq = read_seqbegin(&rename_lock);
		rcu_read_lock();
		ret = __is_ancestor(dentry, ancestor);
		rcu_read_unlock();
	} while (read_seqretry(&rename_lock, seq));
	return ret;
}

static struct dentry *first_persistent_child(struct dentry *dentry)
{
	struct dentry *child, *found = NULL;

	spin_lock(&dentry->d_lock);
	list_for_each_entry (child, &dentry->d_subdirs, d_child) {
		if ((READ_ONCE(child->d_flags) & DCACHE_PERSISTENT) && dget_not_dead(child)) {
			found = child;
			break;
		}
	}
	spin_unlock(&dentry->d_lock);
	return found;
}

/* Leaves first, without recursion: down to one without persistent children, drop it, up. */
void d_genocide(struct dentry *root)
{
	struct dentry *dentry = dget(root), *next;

	for (;;) {
		next = first_persistent_child(dentry);
		if (!next) {
			if (dentry == root)
				break;
			next = dget(dentry->d_parent);
			d_drop(dentry);
			d_make_discardable(dentry);
		}
		dput(dentry);
		dentry = next;
	}
	dput(dentry);
}

void shrink_dcache_for_umount(struct super_block *sb)
{
	struct dentry *root = sb->s_root;

	sb->s_root = NULL;
	dput(root);
}

void dcache_init(void)
{
	unsigned int i;

	dentry_cache = KMEM_CACHE(dentry, SLAB_PANIC | SLAB_HWCACHE_ALIGN);
	for (i = 0; i < ARRAY_SIZE(dentry_hash_lock); i++)
		spin_lock_init(&dentry_hash_lock[i]);
}
