/* SPDX-License-Identifier: MIT */
/*
 * May the caller do this to an inode? The classical rules: owner, group, others by the mode, with
 * the capabilities that pass over them (path_resolution(7), capabilities(7)). Under RCU as well
 * (MAY_NOT_BLOCK): nothing here sleeps.
 */
#include "mount.h"

static bool privileged_wrt_inode(const struct inode *inode, int cap)
{
	struct user_namespace *ns = current_user_ns();

	return ns_capable(ns, cap) && kuid_has_mapping(ns, inode->i_uid) &&
	       kgid_has_mapping(ns, inode->i_gid);
}

static bool mode_allows(const struct inode *inode, int mask)
{
	unsigned int mode = inode->i_mode;

	if (uid_eq(current_fsuid(), inode->i_uid))
		mode >>= 6;
	/* Groups are searched only where the answer for the group is not that for others. */
	else if (((mode >> 3) ^ mode) & mask & 7 && in_group_p(inode->i_gid))
		mode >>= 3;
	return !(mask & ~mode & (MAY_READ | MAY_WRITE | MAY_EXEC));
}

int generic_permission(struct inode *inode, int mask)
{
	if (mode_allows(inode, mask))
		return 0;
	if (S_ISDIR(inode->i_mode)) {
		if (!(mask & MAY_WRITE) && privileged_wrt_inode(inode, CAP_DAC_READ_SEARCH))
			return 0;
		return privileged_wrt_inode(inode, CAP_DAC_OVERRIDE) ? 0 : -EACCES;
	}
	if ((mask & (MAY_READ | MAY_WRITE | MAY_EXEC)) == MAY_READ &&
	    privileged_wrt_inode(inode, CAP_DAC_READ_SEARCH))
		return 0;
	/* Even root needs one x bit to execute. */
	if ((!(mask & MAY_EXEC) || (inode->i_mode & S_IXUGO)) &&
	    privileged_wrt_inode(inode, CAP_DAC_OVERRIDE))
		return 0;
	return -EACCES;
}

int inode_permission(struct inode *inode, int mask)
{
	if (unlikely(mask & MAY_WRITE)) {
		umode_t mode = inode->i_mode;

		if (IS_RDONLY(inode) && (S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode)))
			return -EROFS;
		if (IS_IMMUTABLE(inode))
			return -EPERM;
	}
	if (unlikely(inode->i_op->permission))
		return inode->i_op->permission(inode, mask);
	return generic_permission(inode, mask);
}
