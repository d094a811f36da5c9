/* SPDX-License-Identifier: MIT */
/*
 * user_struct: what a user uses in the whole system, found by its number in a hash whose buckets
 * have a lock each. Supplementary groups.
 */
#include <jiffy/gfp.h>
#include <jiffy/init.h>
#include <jiffy/slab.h>

#include "task.h"

#define UIDHASH_BITS 6
#define UIDHASH_SIZE (1 << UIDHASH_BITS)

static struct uidhash_bucket {
	spinlock_t lock; /* interrupts off: the last put may come from an RCU callback */
	struct hlist_head head;
} uidhash[UIDHASH_SIZE];

/* Outside the hash, and never freed. */
struct user_struct root_user = {
    .count = REFCOUNT_INIT(2),
    .processes = ATOMIC_INIT(1),
};

static struct uidhash_bucket *uid_bucket(kuid_t uid)
{
	/* Fibonacci hashing: the golden ratio spreads neighbouring numbers. */
	return &uidhash[(u32)(__kuid_val(uid) * 0x9e3779b9u) >> (32 - UIDHASH_BITS)];
}

static struct user_struct *uid_hash_find(struct uidhash_bucket *b, kuid_t uid)
{
	struct user_struct *up;

	lockdep_assert_held(&b->lock);
	hlist_for_each_entry (up, &b->head, node)
		if (uid_eq(up->uid, uid))
			return get_uid(up);
	return NULL;
}

struct user_struct *find_user(kuid_t uid)
{
	struct uidhash_bucket *b = uid_bucket(uid);
	struct user_struct *up;
	unsigned long flags;

	if (uid_eq(uid, GLOBAL_ROOT_UID))
		return get_uid(&root_user);
	spin_lock_irqsave(&b->lock, flags);
	up = uid_hash_find(b, uid);
	spin_unlock_irqrestore(&b->lock, flags);
	return up;
}

struct user_struct *alloc_uid(kuid_t uid)
{
	struct uidhash_bucket *b = uid_bucket(uid);
	struct user_struct *up = find_user(uid), *new;
	unsigned long flags;

	if (up)
		return up;
	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return NULL;
	new->uid = uid;
	refcount_set(&new->count, 1);
	spin_lock_irqsave(&b->lock, flags);
	up = uid_hash_find(b, uid);
	if (!up)
		hlist_add_head(&new->node, &b->head);
	spin_unlock_irqrestore(&b->lock, flags);
	if (!up)
		return new;
	kfree(new);
	return up;
}

void free_uid(struct user_struct *up)
{
	struct uidhash_bucket *b;
	unsigned long flags;
	bool last;

	if (!up || up == &root_user)
		return;
	b = uid_bucket(up->uid);
	/* Under the lock, so that nobody finds it between the last reference and the removal. */
	spin_lock_irqsave(&b->lock, flags);
	last = refcount_dec_and_test(&up->count);
	if (last)
		hlist_del(&up->node);
	spin_unlock_irqrestore(&b->lock, flags);
	if (last)
		kfree(up);
}

struct group_info *groups_alloc(int n)
{
	struct group_info *gi = kvmalloc(sizeof(*gi) + n * sizeof(kgid_t), GFP_KERNEL);

	if (!gi)
		return NULL;
	refcount_set(&gi->usage, 1);
	gi->ngroups = n;
	return gi;
}

void groups_free(struct group_info *gi)
{
	if (refcount_dec_and_test(&gi->usage))
		kvfree(gi);
}

static void sift_down(kgid_t *gid, int root, int n)
{
	for (;;) {
		int child = 2 * root + 1;

		if (child >= n)
			return;
		if (child + 1 < n && gid[child] < gid[child + 1])
			child++;
		if (gid[root] >= gid[child])
			return;
		swap(gid[root], gid[child]);
		root = child;
	}
}

/* Heap sort: a program chooses the order, and must not be able to make it quadratic. */
void groups_sort(struct group_info *gi)
{
	int n = gi->ngroups, i;

	for (i = n / 2 - 1; i >= 0; i--)
		sift_down(gi->gid, i, n);
	for (i = n - 1; i > 0; i--) {
		swap(gi->gid[0], gi->gid[i]);
		sift_down(gi->gid, 0, i);
	}
}

bool groups_search(const struct group_info *gi, kgid_t gid)
{
	int lo = 0, hi = gi->ngroups;

	while (lo < hi) {
		int mid = lo + (hi - lo) / 2;

		if (gi->gid[mid] == gid)
			return true;
		if (gi->gid[mid] < gid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

int in_group_p(kgid_t gid)
{
	const struct cred *cred = current_cred();

	return gid_eq(gid, cred->fsgid) || groups_search(cred->group_info, gid);
}

int in_egroup_p(kgid_t gid)
{
	const struct cred *cred = current_cred();

	return gid_eq(gid, cred->egid) || groups_search(cred->group_info, gid);
}

void user_init(void)
{
	int i;

	for (i = 0; i < UIDHASH_SIZE; i++)
		spin_lock_init(&uidhash[i].lock);
}
