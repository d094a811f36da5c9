/* SPDX-License-Identifier: MIT */
/*
 * PR_SET_MM of prctl(2): where a process's code, data, heap, arguments and environment are said to
 * lie, its auxiliary vector and its program. Who restores a process from a file sets them; the
 * kernel uses them for brk(2) and tells them in /proc, no more. Task context; the fields are
 * mmap_lock's.
 */
#include <arch/uaccess.h>
#include <jiffy/binfmts.h>
#include <jiffy/file.h>
#include <jiffy/fs.h>
#include <jiffy/mm.h>
#include <jiffy/path.h>
#include <jiffy/resource.h>
#include <jiffy/string.h>
#include <uapi/auxvec.h>
#include <uapi/prctl.h>

#include "internal.h"

static const size_t field_of[] = {
    [PR_SET_MM_START_CODE] = offsetof(struct prctl_mm_map, start_code),
    [PR_SET_MM_END_CODE] = offsetof(struct prctl_mm_map, end_code),
    [PR_SET_MM_START_DATA] = offsetof(struct prctl_mm_map, start_data),
    [PR_SET_MM_END_DATA] = offsetof(struct prctl_mm_map, end_data),
    [PR_SET_MM_START_STACK] = offsetof(struct prctl_mm_map, start_stack),
    [PR_SET_MM_START_BRK] = offsetof(struct prctl_mm_map, start_brk),
    [PR_SET_MM_BRK] = offsetof(struct prctl_mm_map, brk),
    [PR_SET_MM_ARG_START] = offsetof(struct prctl_mm_map, arg_start),
    [PR_SET_MM_ARG_END] = offsetof(struct prctl_mm_map, arg_end),
    [PR_SET_MM_ENV_START] = offsetof(struct prctl_mm_map, env_start),
    [PR_SET_MM_ENV_END] = offsetof(struct prctl_mm_map, env_end),
};

static struct prctl_mm_map map_of(const struct mm_struct *mm)
{
	return (struct prctl_mm_map){
	    .start_code = mm->start_code,
	    .end_code = mm->end_code,
	    .start_data = mm->start_data,
	    .end_data = mm->end_data,
	    .start_brk = mm->start_brk,
	    .brk = mm->brk,
	    .start_stack = mm->start_stack,
	    .arg_start = mm->arg_start,
	    .arg_end = mm->arg_end,
	    .env_start = mm->env_start,
	    .env_end = mm->env_end,
	    .exe_fd = -1,
	};
}

static void apply_map(struct mm_struct *mm, const struct prctl_mm_map *map)
{
	mm->start_code = map->start_code;
	mm->end_code = map->end_code;
	mm->start_data = map->start_data;
	mm->end_data = map->end_data;
	mm->start_brk = map->start_brk;
	mm->brk = map->brk;
	mm->start_stack = map->start_stack;
	mm->arg_start = map->arg_start;
	mm->arg_end = map->arg_end;
	mm->env_start = map->env_start;
	mm->env_end = map->env_end;
}

/* In user space, in order, and the data no larger than RLIMIT_DATA: 0 or -EINVAL. */
static int check_map(const struct prctl_mm_map *map)
{
	const u64 address[] = {map->start_code, map->end_code,	map->start_data,  map->end_data,
			       map->start_brk,	map->brk,	map->start_stack, map->arg_start,
			       map->arg_end,	map->env_start, map->env_end};
	unsigned long limit = rlimit(RLIMIT_DATA);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(address); i++)
		if (address[i] < PAGE_SIZE || address[i] >= TASK_SIZE)
			return -EINVAL;
	if (map->start_code >= map->end_code || map->start_data > map->end_data ||
	    map->start_brk > map->brk || map->arg_start > map->arg_end ||
	    map->env_start > map->env_end)
		return -EINVAL;
	if (limit != RLIM_INFINITY &&
	    map->brk - map->start_brk + (map->end_data - map->start_data) > limit)
		return -EINVAL;
	return 0;
}

/* One of them. An address of the stack, the arguments or the environment has to be mapped. */
static int set_field(int opt, unsigned long address)
{
	struct mm_struct *mm = current->mm;
	struct prctl_mm_map map;
	int err;

	if (address < PAGE_SIZE || address >= TASK_SIZE)
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	map = map_of(mm);
	*(u64 *)((char *)&map + field_of[opt]) = address;
	err = check_map(&map);
	if (!err && (opt == PR_SET_MM_START_STACK || opt >= PR_SET_MM_ARG_START) &&
	    !find_vma(mm, address))
		err = -EFAULT;
	if (!err)
		apply_map(mm, &map);
	mmap_write_unlock(mm);
	return err;
}

/* auxv: room for AT_VECTOR_SIZE words, of which the last two come to end it. */
static int fetch_auxv(unsigned long *auxv, u64 from, unsigned long size)
{
	size_t room = AT_VECTOR_SIZE * sizeof(*auxv);

	if (!from || size > room)
		return -EINVAL;
	memset(auxv, 0, room);
	if (copy_from_user(auxv, (const void __user *)from, size))
		return -EFAULT;
	auxv[AT_VECTOR_SIZE - 2] = auxv[AT_VECTOR_SIZE - 1] = AT_NULL;
	return 0;
}

static int set_auxv(unsigned long from, unsigned long size)
{
	struct mm_struct *mm = current->mm;
	unsigned long auxv[AT_VECTOR_SIZE];
	int err = fetch_auxv(auxv, from, size);

	if (err)
		return err;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	memcpy(mm->saved_auxv, auxv, sizeof(auxv));
	mmap_write_unlock(mm);
	return 0;
}

/* While something of the old program is mapped it stays the program. mmap_lock. */
static bool program_in_use(struct mm_struct *mm)
{
	struct vm_area_struct *vma;

	for_each_vma (mm, vma)
		if (vma->vm_file && mm->exe_file &&
		    path_equal(&vma->vm_file->f_path, &mm->exe_file->f_path))
			return true;
	return false;
}

static int set_program(unsigned int fd)
{
	struct mm_struct *mm = current->mm;
	struct file *file = fget(fd);
	int err = -EACCES;

	if (!file)
		return -EBADF;
	if (!S_ISREG(file_inode(file)->i_mode) || path_noexec(&file->f_path))
		goto out;
	err = file_permission(file, MAY_EXEC);
	if (err)
		goto out;
	err = -EINTR;
	if (mmap_write_lock_killable(mm))
		goto out;
	err = program_in_use(mm) ? -EBUSY : set_mm_exe_file(mm, file);
	mmap_write_unlock(mm);
out:
	fput(file);
	return err;
}

static int set_map(const struct prctl_mm_map __user *from, unsigned long size)
{
	struct mm_struct *mm = current->mm;
	unsigned long auxv[AT_VECTOR_SIZE];
	struct prctl_mm_map map;
	int err;

	if (size != sizeof(map))
		return -EINVAL;
	if (copy_from_user(&map, from, sizeof(map)))
		return -EFAULT;
	err = check_map(&map);
	if (!err && (map.auxv || map.auxv_size))
		err = fetch_auxv(auxv, map.auxv, map.auxv_size);
	if (err)
		return err;
	if (map.exe_fd != (u32)-1) {
		if (!ns_capable(current_user_ns(), CAP_SYS_ADMIN) &&
		    !ns_capable(current_user_ns(), CAP_CHECKPOINT_RESTORE))
			return -EPERM;
		err = set_program(map.exe_fd);
		if (err)
			return err;
	}
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	apply_map(mm, &map);
	if (map.auxv_size)
		memcpy(mm->saved_auxv, auxv, sizeof(auxv));
	mmap_write_unlock(mm);
	return 0;
}

int prctl_set_mm(unsigned long opt, unsigned long address, unsigned long size, unsigned long zero)
{
	if (zero ||
	    (size && opt != PR_SET_MM_AUXV && opt != PR_SET_MM_MAP && opt != PR_SET_MM_MAP_SIZE))
		return -EINVAL;
	if (opt == PR_SET_MM_MAP)
		return set_map((const struct prctl_mm_map __user *)address, size);
	if (opt == PR_SET_MM_MAP_SIZE)
		return put_user((u32)sizeof(struct prctl_mm_map), (u32 __user *)address);
	if (!capable(CAP_SYS_RESOURCE))
		return -EPERM;
	if (opt == PR_SET_MM_EXE_FILE)
		return set_program(address);
	if (opt == PR_SET_MM_AUXV)
		return set_auxv(address, size);
	if (opt < PR_SET_MM_START_CODE || opt > PR_SET_MM_ENV_END)
		return -EINVAL;
	return set_field(opt, address);
}
