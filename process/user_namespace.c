/* SPDX-License-Identifier: MIT */
/*
 * User namespaces: numbers of users and groups that mean something else inside than outside.
 * user_namespaces(7). Maps are written once, by a process of the parent namespace or the
 * namespace itself, and read without a lock ever after.
 */
#include <jiffy/fs.h>
#include <jiffy/fs_struct.h>
#include <jiffy/gfp.h>
#include <jiffy/init.h>
#include <jiffy/nsproxy.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include <jiffy/sysctl.h>

#include "internal.h"

#define MAX_LEVEL 32

int overflowuid = DEFAULT_OVERFLOWUID, overflowgid = DEFAULT_OVERFLOWUID;
static DEFINE_MUTEX(userns_state_mutex);

static struct uid_gid_extent init_extents[1] = {{0, 0, 0xffffffffu}};
struct user_namespace init_user_ns = {
    .ns = {.count = REFCOUNT_INIT(3), .inum = PROC_USER_INIT_INO, .ops = &userns_operations},
    .uid_map = {.nr_extents = 1, .extents = init_extents},
    .gid_map = {.nr_extents = 1, .extents = init_extents},
    .flags = USERNS_SETGROUPS_ALLOWED,
};

static void free_user_ns(struct rcu_head *head)
{
	struct user_namespace *ns = container_of(head, struct user_namespace, rcu);

	if (ns->uid_map.extents != &ns->uid_map.one)
		kfree(ns->uid_map.extents);
	if (ns->gid_map.extents != &ns->gid_map.one)
		kfree(ns->gid_map.extents);
	kfree(ns);
}

void put_user_ns(struct user_namespace *ns)
{
	while (ns != &init_user_ns && refcount_dec_and_test(&ns->ns.count)) {
		struct user_namespace *parent = ns->parent;

		call_rcu(&ns->rcu, free_user_ns);
		ns = parent;
	}
}

bool in_userns(const struct user_namespace *ancestor, const struct user_namespace *child)
{
	while (child->level > ancestor->level)
		child = child->parent;
	return child == ancestor;
}

bool current_in_userns(const struct user_namespace *target)
{
	return in_userns(target, current_user_ns());
}

/* The extent that number n is in, by its inside (or its outside) range; NULL for none. */
static const struct uid_gid_extent *find_extent(const struct uid_gid_map *map, u32 n, bool outside)
{
	u32 i, nr = smp_load_acquire(&map->nr_extents);

	for (i = 0; i < nr; i++) {
		const struct uid_gid_extent *e = &map->extents[i];
		u32 first = outside ? e->lower_first : e->first;

		if (n >= first && n - first < e->count)
			return e;
	}
	return NULL;
}

static u32 map_down(const struct uid_gid_map *map, u32 n)
{
	const struct uid_gid_extent *e = find_extent(map, n, false);

	return e ? n - e->first + e->lower_first : (u32)-1;
}

static u32 map_up(const struct uid_gid_map *map, u32 n)
{
	const struct uid_gid_extent *e = find_extent(map, n, true);

	return e ? n - e->lower_first + e->first : (u32)-1;
}

/* An extent's outside numbers are the kernel's own: the parent's map was applied when written. */
kuid_t make_kuid(struct user_namespace *ns, uid_t uid)
{
	return ns == &init_user_ns ? uid : map_down(&ns->uid_map, uid);
}

kgid_t make_kgid(struct user_namespace *ns, gid_t gid)
{
	return ns == &init_user_ns ? gid : map_down(&ns->gid_map, gid);
}

uid_t from_kuid(struct user_namespace *ns, kuid_t uid)
{
	return ns == &init_user_ns ? uid : map_up(&ns->uid_map, uid);
}

gid_t from_kgid(struct user_namespace *ns, kgid_t gid)
{
	return ns == &init_user_ns ? gid : map_up(&ns->gid_map, gid);
}

uid_t from_kuid_munged(struct user_namespace *ns, kuid_t kuid)
{
	uid_t uid = from_kuid(ns, kuid);

	return uid == (uid_t)-1 ? (uid_t)overflowuid : uid;
}

gid_t from_kgid_munged(struct user_namespace *ns, kgid_t kgid)
{
	gid_t gid = from_kgid(ns, kgid);

	return gid == (gid_t)-1 ? (gid_t)overflowgid : gid;
}

static void give_full_capabilities(struct cred *cred, struct user_namespace *ns)
{
	cred->securebits = 0;
	cred->cap_inheritable = cred->cap_ambient = 0;
	cred->cap_permitted = cred->cap_effective = cred->cap_bset = CAP_FULL_SET;
	cred->user_ns = ns;
}

int create_user_ns(struct cred *new)
{
	struct user_namespace *parent = new->user_ns, *ns;

	if (parent->level >= MAX_LEVEL)
		return -ENOSPC;
	/* Who has no name in the parent could not be the owner there. */
	if (!kuid_has_mapping(parent, new->euid) || !kgid_has_mapping(parent, new->egid))
		return -EPERM;
	ns = kzalloc(sizeof(*ns), GFP_KERNEL);
	if (!ns)
		return -ENOMEM;
	refcount_set(&ns->ns.count, 1);
	ns->ns.inum = ns_alloc_inum();
	ns->ns.ops = &userns_operations;
	ns->parent = parent; /* takes over the reference of new */
	ns->level = parent->level + 1;
	ns->owner = new->euid;
	ns->group = new->egid;
	ns->parent_could_setfcap = cap_raised(new->cap_effective, CAP_SETFCAP);
	mutex_lock(&userns_state_mutex);
	ns->flags = parent->flags;
	mutex_unlock(&userns_state_mutex);
	give_full_capabilities(new, ns);
	return 0;
}

/* One number at *p, past blanks; false when there is none or it does not fit. */
static bool parse_number(const char **p, const char *end, u32 *val)
{
	u64 v = 0;
	const char *start;

	while (*p < end && (**p == ' ' || **p == '\t'))
		(*p)++;
	for (start = *p; *p < end && **p >= '0' && **p <= '9'; (*p)++) {
		v = v * 10 + (**p - '0');
		if (v > UINT32_MAX)
			return false;
	}
	*val = v;
	return *p > start;
}

static bool overlaps(const struct uid_gid_extent *a, const struct uid_gid_extent *b)
{
	return (a->first < b->first + (u64)b->count && b->first < a->first + (u64)a->count) ||
	       (a->lower_first < b->lower_first + (u64)b->count &&
		b->lower_first < a->lower_first + (u64)a->count);
}

/* Lines "inside outside count" into e[]; how many, -EINVAL, -E2BIG. */
static int parse_map(const char *text, size_t len, struct uid_gid_extent *e)
{
	const char *p = text, *end = text + len;
	int n = 0, i;

	while (p < end) {
		if (n == UID_GID_MAP_MAX_EXTENTS)
			return -EINVAL;
		if (!parse_number(&p, end, &e[n].first) ||
		    !parse_number(&p, end, &e[n].lower_first) ||
		    !parse_number(&p, end, &e[n].count))
			return -EINVAL;
		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		if (p < end && *p++ != '\n')
			return -EINVAL;
		if (!e[n].count || e[n].first + (u64)e[n].count > UINT32_MAX ||
		    e[n].lower_first + (u64)e[n].count > UINT32_MAX)
			return -EINVAL;
		for (i = 0; i < n; i++)
			if (overlaps(&e[i], &e[n]))
				return -EINVAL;
		n++;
	}
	return n ? n : -EINVAL;
}

/* user_namespaces(7), "Defining user and group ID mappings": who may write which map. */
static bool map_permitted(const struct file *opener, struct user_namespace *ns, bool gid,
			  const struct uid_gid_extent *e, int n)
{
	const struct cred *cred = opener->f_cred;

	/* One line that maps one's own id, written by the one who made the namespace. */
	if (n == 1 && e->count == 1 && uid_eq(ns->owner, cred->euid)) {
		if (!gid && uid_eq(make_kuid(ns->parent, e->lower_first), cred->euid))
			return true;
		if (gid && !(ns->flags & USERNS_SETGROUPS_ALLOWED) &&
		    gid_eq(make_kgid(ns->parent, e->lower_first), cred->egid))
			return true;
	}
	return ns_capable(ns->parent, gid ? CAP_SETGID : CAP_SETUID) &&
	       file_ns_capable(opener, ns->parent, gid ? CAP_SETGID : CAP_SETUID);
}

/* Outside numbers, as the parent calls them, become the kernel's own. */
static int lower_extents(const struct uid_gid_map *parent_map, bool parent_is_init,
			 struct uid_gid_extent *e, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		const struct uid_gid_extent *pe;

		if (parent_is_init)
			continue;
		pe = find_extent(parent_map, e[i].lower_first, false);
		if (!pe || e[i].lower_first - pe->first + (u64)e[i].count > pe->count)
			return -EPERM;
		e[i].lower_first = e[i].lower_first - pe->first + pe->lower_first;
	}
	return 0;
}

static int install_map(struct uid_gid_map *map, const struct uid_gid_extent *e, int n)
{
	if (n == 1) {
		map->one = e[0];
		map->extents = &map->one;
	} else {
		map->extents = kmemdup(e, n * sizeof(*e), GFP_KERNEL);
		if (!map->extents)
			return -ENOMEM;
	}
	smp_store_release(&map->nr_extents, n);
	return 0;
}

ssize_t userns_map_write(struct file *opener, struct user_namespace *ns, bool gid, const char *text,
			 size_t len)
{
	struct uid_gid_map *map = gid ? &ns->gid_map : &ns->uid_map;
	struct uid_gid_extent *e;
	int n, ret = -EPERM;

	if (len >= 4096)
		return -EINVAL;
	/* The initial one has no parent, and its map is for good. */
	if (!ns->parent || (current_user_ns() != ns && current_user_ns() != ns->parent))
		return -EPERM;
	e = kcalloc(UID_GID_MAP_MAX_EXTENTS, sizeof(*e), GFP_KERNEL);
	if (!e)
		return -ENOMEM;
	mutex_lock(&userns_state_mutex);
	if (map->nr_extents || !file_ns_capable(opener, ns, CAP_SYS_ADMIN))
		goto out;
	ret = n = parse_map(text, len, e);
	if (n < 0)
		goto out;
	ret = -EPERM;
	if (!map_permitted(opener, ns, gid, e, n))
		goto out;
	ret = lower_extents(gid ? &ns->parent->gid_map : &ns->parent->uid_map,
			    ns->parent == &init_user_ns, e, n);
	if (!ret)
		ret = install_map(map, e, n);
out:
	mutex_unlock(&userns_state_mutex);
	kfree(e);
	return ret ? ret : (ssize_t)len;
}

ssize_t userns_setgroups_write(struct file *opener, struct user_namespace *ns, const char *text,
			       size_t len)
{
	bool allow;
	ssize_t ret = len;

	if (!strncmp(text, "allow", 5) && (len == 5 || (len == 6 && text[5] == '\n')))
		allow = true;
	else if (!strncmp(text, "deny", 4) && (len == 4 || (len == 5 && text[4] == '\n')))
		allow = false;
	else
		return -EINVAL;
	if (!file_ns_capable(opener, ns, CAP_SYS_ADMIN))
		return -EPERM;
	mutex_lock(&userns_state_mutex);
	/* Denied stays denied, and after the group map is set it is too late to deny. */
	if (allow != !!(ns->flags & USERNS_SETGROUPS_ALLOWED)) {
		if (allow || ns->gid_map.nr_extents)
			ret = -EPERM;
		else
			ns->flags &= ~USERNS_SETGROUPS_ALLOWED;
	}
	mutex_unlock(&userns_state_mutex);
	return ret;
}

bool userns_may_setgroups(const struct user_namespace *ns)
{
	return smp_load_acquire(&ns->gid_map.nr_extents) &&
	       (READ_ONCE(ns->flags) & USERNS_SETGROUPS_ALLOWED);
}

static struct user_namespace *to_user_ns(struct ns_common *ns)
{
	return container_of(ns, struct user_namespace, ns);
}

static struct ns_common *userns_get(struct task_struct *task)
{
	struct user_namespace *ns;

	rcu_read_lock();
	ns = get_user_ns(__task_cred(task)->user_ns);
	rcu_read_unlock();
	return &ns->ns;
}

static void userns_put(struct ns_common *ns)
{
	put_user_ns(to_user_ns(ns));
}

static int userns_install(struct nsset *set, struct ns_common *common)
{
	struct user_namespace *ns = to_user_ns(common);
	struct cred *cred = (struct cred *)set->cred;

	if (ns == current_user_ns() || current->signal->nr_threads > 1)
		return -EINVAL;
	/* One whom others could steer by a shared root directory must not gain rights. */
	if (current->fs->users != 1)
		return -EINVAL;
	if (!ns_capable(ns, CAP_SYS_ADMIN))
		return -EPERM;
	put_user_ns(cred->user_ns);
	give_full_capabilities(cred, get_user_ns(ns));
	return 0;
}

static struct user_namespace *userns_owner(struct ns_common *ns)
{
	return to_user_ns(ns)->parent;
}

static struct ns_common *userns_get_parent(struct ns_common *ns)
{
	struct user_namespace *mine = current_user_ns(), *parent = to_user_ns(ns)->parent, *up;

	for (up = parent; up; up = up->parent)
		if (up == mine)
			return &get_user_ns(parent)->ns;
	return ERR_PTR(-EPERM);
}

const struct proc_ns_operations userns_operations = {
    .name = "user",
    .type = CLONE_NEWUSER,
    .get = userns_get,
    .put = userns_put,
    .install = userns_install,
    .owner = userns_owner,
    .get_parent = userns_get_parent,
};

static const int overflow_max = 65535;
static const struct ctl_table overflow_table[] = {
    {.procname = "overflowuid",
     .data = &overflowuid,
     .maxlen = sizeof(int),
     .mode = 0644,
     .proc_handler = proc_dointvec_minmax,
     .extra1 = SYSCTL_ZERO,
     .extra2 = (void *)&overflow_max},
    {.procname = "overflowgid",
     .data = &overflowgid,
     .maxlen = sizeof(int),
     .mode = 0644,
     .proc_handler = proc_dointvec_minmax,
     .extra1 = SYSCTL_ZERO,
     .extra2 = (void *)&overflow_max},
    {NULL},
};

static int __init userns_sysctl_init(void)
{
	return register_sysctl("kernel", overflow_table);
}
device_initcall(userns_sysctl_init);
