/* SPDX-License-Identifier: MIT */
/*
 * ELF64 programs: static, position independent, and those with an interpreter (PT_INTERP). elf(5),
 * the System V ABI, getauxval(3). Task context. Every number in the file is distrusted: sizes are
 * checked before they are added, and what is mapped goes through mmap()'s own checks.
 */
#include <arch/boot.h>
#include <arch/task.h>
#include <arch/uaccess.h>
#include <arch/vdso.h>
#include <jiffy/binfmts.h>
#include <jiffy/file.h>
#include <jiffy/fs.h>
#include <jiffy/init.h>
#include <jiffy/mm.h>
#include <jiffy/random.h>
#include <jiffy/resource.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>
#include <uapi/elf.h>
#include <uapi/futex.h>
#include <uapi/mman.h>
#include <uapi/prctl.h>

#include "coredump.h"
#include "internal.h"

#define ELF_MIN_ALIGN	  PAGE_SIZE
#define ELF_PAGESTART(v)  ((v) & ~(ELF_MIN_ALIGN - 1))
#define ELF_PAGEOFFSET(v) ((v) & (ELF_MIN_ALIGN - 1))
#define ELF_PAGEALIGN(v)  (((v) + ELF_MIN_ALIGN - 1) & ~(ELF_MIN_ALIGN - 1))
/* Where a position-independent program goes without an address of its own: two thirds up. */
#define ELF_ET_DYN_BASE (TASK_SIZE / 3 * 2)
#define BAD_ADDR(x)	((unsigned long)(x) >= TASK_SIZE)
#define MAX_PHDR_BYTES	65536
#define MAX_INTERP_PATH 4096
#define AUX_PAIRS	((AT_VECTOR_SIZE) / 2)

/* One file being loaded: the program, or its interpreter. */
struct elf_image {
	struct file *file;
	Elf64_Ehdr hdr;
	Elf64_Phdr *phdr;
};

/* What the program's segments came to. */
struct elf_layout {
	unsigned long load_bias, phdr_addr, entry;
	unsigned long start_code, end_code, start_data, end_data, elf_brk;
};

static int load_elf_binary(struct linux_binprm *bprm);

static struct linux_binfmt elf_format = {
    .name = "elf",
    .load_binary = load_elf_binary,
    .core_dump = elf_core_dump,
    .min_coredump = PAGE_SIZE,
};

static int elf_read(struct file *file, void *buf, size_t len, loff_t pos)
{
	ssize_t n = kernel_read(file, buf, len, &pos);

	if (n < 0)
		return n;
	return (size_t)n == len ? 0 : -EIO;
}

/*
 * The identification's class, byte order and version are not asked, as Linux does not: a file of
 * another class fails by the size of its program headers.
 */
static bool elf_header_ok(const Elf64_Ehdr *h)
{
	return !memcmp(h->e_ident, ELFMAG, SELFMAG) &&
	       (h->e_type == ET_EXEC || h->e_type == ET_DYN) && h->e_machine == EM_X86_64;
}

/* -ENOEXEC also when they lie where the file has nothing. */
static int read_phdrs(struct elf_image *img)
{
	size_t size = (size_t)img->hdr.e_phnum * sizeof(Elf64_Phdr);
	int ret;

	if (img->hdr.e_phentsize != sizeof(Elf64_Phdr) || !size || size > MAX_PHDR_BYTES)
		return -ENOEXEC;
	img->phdr = kvmalloc(size, GFP_KERNEL);
	if (!img->phdr)
		return -ENOMEM;
	ret = elf_read(img->file, img->phdr, size, img->hdr.e_phoff);
	if (!ret)
		return 0;
	kvfree(img->phdr);
	img->phdr = NULL;
	return -ENOEXEC;
}

static int make_prot(u32 p_flags)
{
	return (p_flags & PF_R ? PROT_READ : 0) | (p_flags & PF_W ? PROT_WRITE : 0) |
	       (p_flags & PF_X ? PROT_EXEC : 0);
}

/*
 * Maps the part of a segment that the file has. total_size: when not 0, room for all segments is
 * looked for and taken with the first, and the rest is given back at once.
 */
static unsigned long elf_map(struct file *file, unsigned long addr, const Elf64_Phdr *p, int prot,
			     int type, unsigned long total_size)
{
	unsigned long size = p->p_filesz + ELF_PAGEOFFSET(p->p_vaddr);
	unsigned long off = p->p_offset - ELF_PAGEOFFSET(p->p_vaddr), map;

	addr = ELF_PAGESTART(addr);
	size = ELF_PAGEALIGN(size);
	if (!size)
		return addr;
	if (!total_size)
		return vm_mmap(file, addr, size, prot, type, off);
	total_size = ELF_PAGEALIGN(total_size);
	map = vm_mmap(file, addr, total_size, prot, type, off);
	if (!BAD_ADDR(map) && total_size > size)
		vm_munmap(map + size, total_size - size);
	return map;
}

/* Anonymous memory for the pages of a segment that lie wholly behind its file part. */
static int map_zero_pages(unsigned long start, unsigned long end, int prot)
{
	start = ELF_PAGEALIGN(start);
	end = ELF_PAGEALIGN(end);
	if (end > start)
		return vm_brk_flags(start, end - start, prot & PROT_EXEC ? VM_EXEC : 0);
	return 0;
}

/*
 * One PT_LOAD; the address of its first page. Behind the bytes of the file, memory up to p_memsz
 * is zero: the rest of the last file page is cleared (when it is writable; a read-only one has
 * nothing to say there), whole pages are anonymous. A segment without bytes in the file lies
 * where it says, be it the first: no room is looked for.
 */
static unsigned long elf_load_segment(struct file *file, unsigned long addr, const Elf64_Phdr *p,
				      int type, unsigned long total_size)
{
	int prot = make_prot(p->p_flags), err;
	unsigned long map, zero_start, zero_end;

	if (p->p_filesz) {
		map = elf_map(file, addr, p, prot, type, total_size);
		if (BAD_ADDR(map) || p->p_memsz <= p->p_filesz)
			return map;
		zero_start = map + ELF_PAGEOFFSET(p->p_vaddr) + p->p_filesz;
		zero_end = map + ELF_PAGEOFFSET(p->p_vaddr) + p->p_memsz;
		if ((prot & PROT_WRITE) && ELF_PAGEOFFSET(zero_start) &&
		    clear_user((void __user *)zero_start,
			       ELF_MIN_ALIGN - ELF_PAGEOFFSET(zero_start)))
			return -EFAULT;
	} else {
		map = ELF_PAGESTART(addr);
		zero_start = map;
		zero_end = map + ELF_PAGEOFFSET(p->p_vaddr) + p->p_memsz;
	}
	err = p->p_memsz > p->p_filesz ? map_zero_pages(zero_start, zero_end, prot) : 0;
	return err ? (unsigned long)err : map;
}

/* From the first segment's first page to the last one's last byte; 0: nothing to load. */
static unsigned long total_mapping_size(const Elf64_Phdr *phdr, int n)
{
	unsigned long lo = ~0UL, hi = 0;
	int i;

	for (i = 0; i < n; i++) {
		if (phdr[i].p_type != PT_LOAD)
			continue;
		lo = min(lo, ELF_PAGESTART(phdr[i].p_vaddr));
		hi = max(hi, phdr[i].p_vaddr + phdr[i].p_memsz);
	}
	return hi > lo ? hi - lo : 0;
}

static unsigned long maximum_alignment(const Elf64_Phdr *phdr, int n)
{
	unsigned long align = 0;
	int i;

	for (i = 0; i < n; i++)
		if (phdr[i].p_type == PT_LOAD && is_power_of_2(phdr[i].p_align))
			align = max(align, (unsigned long)phdr[i].p_align);
	return ELF_PAGEALIGN(align);
}

/* Does the segment end inside user space, with the file part no larger than the whole? */
static bool segment_ok(unsigned long start, const Elf64_Phdr *p)
{
	return !BAD_ADDR(start) && p->p_filesz <= p->p_memsz && p->p_memsz <= TASK_SIZE &&
	       TASK_SIZE - p->p_memsz >= start;
}

/* PT_INTERP's file, opened, with its headers. No such segment: interp->file stays NULL. */
static int open_interpreter(struct linux_binprm *bprm, struct elf_image *exe,
			    struct elf_image *interp)
{
	const Elf64_Phdr *p = exe->phdr, *end = p + exe->hdr.e_phnum;
	char *path;
	int ret;

	for (; p < end && p->p_type != PT_INTERP; p++)
		;
	if (p == end)
		return 0;
	if (p->p_filesz > MAX_INTERP_PATH || p->p_filesz < 2)
		return -ENOEXEC;
	path = kmalloc(p->p_filesz, GFP_KERNEL);
	if (!path)
		return -ENOMEM;
	ret = elf_read(exe->file, path, p->p_filesz, p->p_offset);
	if (!ret && path[p->p_filesz - 1] != '\0')
		ret = -ENOEXEC;
	if (!ret) {
		interp->file = open_exec(path);
		if (IS_ERR(interp->file)) {
			ret = PTR_ERR(interp->file);
			interp->file = NULL;
		}
	}
	kfree(path);
	if (ret)
		return ret;
	would_dump(bprm, interp->file);
	ret = elf_read(interp->file, &interp->hdr, sizeof(interp->hdr), 0);
	if (ret)
		return ret;
	if (!elf_header_ok(&interp->hdr))
		return -ELIBBAD;
	ret = read_phdrs(interp);
	return ret == -ENOEXEC ? -ELIBBAD : ret;
}

static void close_image(struct elf_image *img)
{
	kvfree(img->phdr);
	img->phdr = NULL;
	if (img->file) {
		allow_write_access(img->file);
		fput(img->file);
		img->file = NULL;
	}
}

/* PT_GNU_STACK; of several the last counts. */
static int stack_rights(const struct elf_image *exe)
{
	const Elf64_Phdr *p = exe->phdr, *end = p + exe->hdr.e_phnum;
	int rights = EXSTACK_DEFAULT;

	for (; p < end; p++)
		if (p->p_type == PT_GNU_STACK)
			rights = p->p_flags & PF_X ? EXSTACK_ENABLE_X : EXSTACK_DISABLE_X;
	return rights;
}

/*
 * The interpreter's load address less its first virtual one; an errno at failure. anywhere: the
 * addresses in its file are not even a wish, since the program has been moved from its own.
 */
static unsigned long load_elf_interp(struct elf_image *interp, bool anywhere)
{
	unsigned long total = total_mapping_size(interp->phdr, interp->hdr.e_phnum), bias = 0, map;
	bool placed = false;
	int i;

	if (!total)
		return -EINVAL;
	for (i = 0; i < interp->hdr.e_phnum; i++) {
		const Elf64_Phdr *p = &interp->phdr[i];
		int type = MAP_PRIVATE;

		if (p->p_type != PT_LOAD)
			continue;
		if (interp->hdr.e_type == ET_EXEC || placed)
			type |= MAP_FIXED;
		else if (anywhere)
			bias = -p->p_vaddr;
		map =
		    elf_load_segment(interp->file, bias + p->p_vaddr, p, type, placed ? 0 : total);
		if (BAD_ADDR(map))
			return map;
		if (!placed && interp->hdr.e_type == ET_DYN)
			bias = map - ELF_PAGESTART(p->p_vaddr);
		placed = true;
		if (!segment_ok(bias + p->p_vaddr, p))
			return -ENOMEM;
	}
	return bias;
}

/*
 * An interpreter run by itself, or a static program. It loads other programs later, perhaps, and
 * keeps out of their way: mmap() says where there is room, and a larger alignment is made by
 * asking for a place first and going down from there.
 */
static unsigned long choose_free_bias(const struct elf_image *exe, const Elf64_Phdr *first,
				      unsigned long total, unsigned long align, int *type)
{
	unsigned long map;

	if (align <= ELF_MIN_ALIGN || !first->p_filesz)
		return 0;
	map = elf_load_segment(exe->file, 0, first, MAP_PRIVATE, total);
	if (BAD_ADDR(map))
		return map;
	vm_munmap(map, total);
	*type |= MAP_FIXED_NOREPLACE;
	return map & ~(align - 1);
}

/*
 * What is added to a position-independent program's addresses, an errno at failure: its first
 * segment goes to the chosen place, or where mmap() likes with no place chosen (0).
 */
static unsigned long choose_load_bias(const struct elf_image *exe, const Elf64_Phdr *first,
				      bool has_interp, unsigned long total, int *type)
{
	unsigned long align = maximum_alignment(exe->phdr, exe->hdr.e_phnum), place;

	if (has_interp) {
		place = ELF_ET_DYN_BASE;
		if (current->flags & PF_RANDOMIZE)
			place += (get_random_u64() & ((1UL << 28) - 1)) << PAGE_SHIFT;
		if (align)
			place &= ~(align - 1);
		*type |= MAP_FIXED_NOREPLACE;
	} else {
		place = choose_free_bias(exe, first, total, align, type);
		if (BAD_ADDR(place))
			return IS_ERR_VALUE(place) ? place : -EINVAL;
	}
	return ELF_PAGESTART(place - first->p_vaddr);
}

static void note_segment(struct elf_layout *lay, const Elf64_Phdr *p, const Elf64_Ehdr *hdr)
{
	unsigned long start = p->p_vaddr, file_end = start + p->p_filesz, end = start + p->p_memsz;

	/* The file offset of the program headers tells which segment holds them. */
	if (p->p_offset <= hdr->e_phoff && hdr->e_phoff < p->p_offset + p->p_filesz)
		lay->phdr_addr = hdr->e_phoff - p->p_offset + p->p_vaddr;
	if ((p->p_flags & PF_X) && start < lay->start_code)
		lay->start_code = start;
	if (lay->start_data < start)
		lay->start_data = start;
	if ((p->p_flags & PF_X) && lay->end_code < file_end)
		lay->end_code = file_end;
	if (lay->end_data < file_end)
		lay->end_data = file_end;
	if (lay->elf_brk < end)
		lay->elf_brk = end;
}

/* One PT_LOAD; first: of those. */
static int load_program_segment(struct elf_image *exe, const Elf64_Phdr *p, bool first,
				bool has_interp, struct elf_layout *lay)
{
	bool dyn = exe->hdr.e_type == ET_DYN;
	unsigned long total = 0, map;
	int type = MAP_PRIVATE;

	if (!first) {
		type |= MAP_FIXED;
	} else if (!dyn) {
		/* Not over the stack, which is all there is in the mm. */
		type |= MAP_FIXED_NOREPLACE;
	} else {
		total = total_mapping_size(exe->phdr, exe->hdr.e_phnum);
		if (!total)
			return -EINVAL;
		lay->load_bias = choose_load_bias(exe, p, has_interp, total, &type);
		/* Often negative, but always whole pages: no bias looks like an errno. */
		if (IS_ERR_VALUE(lay->load_bias))
			return (long)lay->load_bias;
	}
	map = elf_load_segment(exe->file, lay->load_bias + p->p_vaddr, p, type, total);
	if (BAD_ADDR(map))
		return IS_ERR_VALUE(map) ? (long)map : -EINVAL;
	if (first && dyn)
		lay->load_bias += map - ELF_PAGESTART(lay->load_bias + p->p_vaddr);
	/* Where the file says, and where it went. */
	if (!segment_ok(p->p_vaddr, p) || !segment_ok(lay->load_bias + p->p_vaddr, p))
		return -EINVAL;
	note_segment(lay, p, &exe->hdr);
	return 0;
}

static int load_program(struct elf_image *exe, bool has_interp, struct elf_layout *lay)
{
	const Elf64_Phdr *p = exe->phdr, *end = p + exe->hdr.e_phnum;
	bool first = true;
	int ret;

	*lay = (struct elf_layout){.start_code = ~0UL};
	for (; p < end; p++) {
		if (p->p_type != PT_LOAD)
			continue;
		ret = load_program_segment(exe, p, first, has_interp, lay);
		if (ret)
			return ret;
		first = false;
	}
	lay->entry = exe->hdr.e_entry + lay->load_bias;
	if (lay->phdr_addr)
		lay->phdr_addr += lay->load_bias;
	lay->start_code += lay->load_bias;
	lay->end_code += lay->load_bias;
	lay->start_data += lay->load_bias;
	lay->end_data += lay->load_bias;
	lay->elf_brk += lay->load_bias;
	return first ? -ENOEXEC : 0;
}

/*
 * Behind the last segment; but next to the mmap area a heap could soon be stuck, so that a lone
 * ET_DYN's goes where programs with an interpreter lie. A random distance on when that is wanted.
 */
static void set_brk_start(struct mm_struct *mm, const struct elf_layout *lay, bool has_interp,
			  bool dyn)
{
	unsigned long brk = ELF_PAGEALIGN(dyn && !has_interp ? ELF_ET_DYN_BASE : lay->elf_brk);

	if ((current->flags & PF_RANDOMIZE) && randomize_va_space > 1)
		brk += PAGE_ALIGN(get_random_below(MIB(32)));
	mm->start_brk = mm->brk = brk;
}

/* The auxiliary vector, in the order that Linux has. */
static int fill_auxv(struct linux_binprm *bprm, const struct elf_image *exe,
		     const struct elf_layout *lay, unsigned long interp_base, unsigned long vdso,
		     unsigned long platform, unsigned long random, unsigned long *aux)
{
	const struct cred *cred = current_cred();
	struct user_namespace *ns = cred->user_ns;
	int i = 0;

#define NEW_AUX(id, val)          \
	do {                      \
		aux[i++] = (id);  \
		aux[i++] = (val); \
	} while (0)
	if (vdso)
		NEW_AUX(AT_SYSINFO_EHDR, vdso);
	NEW_AUX(AT_MINSIGSTKSZ, arch_min_sigstack());
	NEW_AUX(AT_HWCAP, arch_elf_hwcap());
	NEW_AUX(AT_PAGESZ, PAGE_SIZE);
	NEW_AUX(AT_CLKTCK, USER_HZ);
	NEW_AUX(AT_PHDR, lay->phdr_addr);
	NEW_AUX(AT_PHENT, sizeof(Elf64_Phdr));
	NEW_AUX(AT_PHNUM, exe->hdr.e_phnum);
	NEW_AUX(AT_BASE, interp_base);
	NEW_AUX(AT_FLAGS, 0);
	NEW_AUX(AT_ENTRY, lay->entry);
	NEW_AUX(AT_UID, from_kuid_munged(ns, cred->uid));
	NEW_AUX(AT_EUID, from_kuid_munged(ns, cred->euid));
	NEW_AUX(AT_GID, from_kgid_munged(ns, cred->gid));
	NEW_AUX(AT_EGID, from_kgid_munged(ns, cred->egid));
	NEW_AUX(AT_SECURE, bprm->secureexec);
	NEW_AUX(AT_RANDOM, random);
	NEW_AUX(AT_HWCAP2, arch_elf_hwcap2());
	NEW_AUX(AT_EXECFN, bprm->exec);
	NEW_AUX(AT_PLATFORM, platform);
	if (bprm->have_execfd)
		NEW_AUX(AT_EXECFD, bprm->execfd);
	NEW_AUX(AT_RSEQ_FEATURE_SIZE, RSEQ_FEATURE_SIZE);
	NEW_AUX(AT_RSEQ_ALIGN, __alignof__(struct rseq));
	NEW_AUX(AT_NULL, 0);
#undef NEW_AUX
	return i;
}

/* argc, the pointers to n strings that lie one behind another from *str on, and a NULL. */
static int put_pointers(unsigned long __user **sp, int n, unsigned long *str)
{
	while (n-- > 0) {
		long len;

		if (put_user(*str, (*sp)++))
			return -EFAULT;
		len = strnlen_user((const char __user *)*str, MAX_ARG_STRLEN);
		if (!len || (unsigned long)len > MAX_ARG_STRLEN)
			return -EINVAL;
		*str += len;
	}
	return put_user(0UL, (*sp)++) ? -EFAULT : 0;
}

/* System V ABI, "Initial process stack": argc, argv, envp, auxv from the stack pointer upwards. */
static int create_elf_tables(struct linux_binprm *bprm, const struct elf_image *exe,
			     const struct elf_layout *lay, unsigned long interp_base,
			     unsigned long vdso)
{
	const char *platform = arch_elf_platform();
	struct mm_struct *mm = current->mm;
	unsigned long p = arch_align_stack(bprm->p), u_platform, u_random, str;
	unsigned long __user *sp;
	u8 random[16];
	int items, n;

	p -= strlen(platform) + 1;
	u_platform = p;
	if (copy_to_user((void __user *)p, platform, strlen(platform) + 1))
		return -EFAULT;
	get_random_bytes(random, sizeof(random));
	p -= sizeof(random);
	u_random = p;
	if (copy_to_user((void __user *)p, random, sizeof(random)))
		return -EFAULT;
	memset(mm->saved_auxv, 0, sizeof(mm->saved_auxv));
	n = fill_auxv(bprm, exe, lay, interp_base, vdso, u_platform, u_random, mm->saved_auxv);
	ASSERT(n <= AT_VECTOR_SIZE);
	items = 1 + bprm->argc + 1 + bprm->envc + 1 + n;
	sp = (unsigned long __user *)((p - items * sizeof(long)) & ~15UL);
	bprm->p = (unsigned long)sp;
	if (put_user((unsigned long)bprm->argc, sp++))
		return -EFAULT;
	str = mm->arg_start = mm->arg_end;
	if (put_pointers(&sp, bprm->argc, &str))
		return -EFAULT;
	mm->arg_end = mm->env_start = str;
	if (put_pointers(&sp, bprm->envc, &str))
		return -EFAULT;
	mm->env_end = str;
	return copy_to_user(sp, mm->saved_auxv, n * sizeof(long)) ? -EFAULT : 0;
}

static void note_layout(struct mm_struct *mm, const struct elf_layout *lay)
{
	mm->start_code = lay->start_code;
	mm->end_code = lay->end_code;
	mm->start_data = lay->start_data;
	mm->end_data = lay->end_data;
}

/* Past the point of no return: the new program is put together in its own address space. */
static int build_program(struct linux_binprm *bprm, struct elf_image *exe, struct elf_image *interp)
{
	struct mm_struct *mm = current->mm;
	unsigned long interp_bias = 0, entry, vdso;
	bool has_interp = interp->file != NULL;
	struct elf_layout lay;
	int ret;

	mm->arg_end = bprm->p; /* create_elf_tables() moves it on */
	ret = setup_arg_pages(bprm, 0, stack_rights(exe));
	if (ret)
		return ret;
	ret = load_program(exe, has_interp, &lay);
	if (ret)
		return ret;
	entry = lay.entry;
	if (has_interp) {
		interp_bias = load_elf_interp(interp, lay.load_bias != 0);
		if (IS_ERR_VALUE(interp_bias))
			return (long)interp_bias;
		entry = interp_bias + interp->hdr.e_entry;
	}
	if (BAD_ADDR(entry))
		return has_interp ? -EINVAL : -ENOEXEC;
	set_brk_start(mm, &lay, has_interp, exe->hdr.e_type == ET_DYN);
	note_layout(mm, &lay);
	set_binfmt(&elf_format);
	vdso = arch_map_vdso(mm, mm->start_stack);
	if (IS_ERR_VALUE(vdso))
		return (long)vdso;
	ret = create_elf_tables(bprm, exe, &lay, interp_bias, vdso);
	if (ret)
		return ret;
	mm->start_stack = bprm->p;
	if (current->personality & MMAP_PAGE_ZERO)
		vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_EXEC,
			MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, 0);
	finalize_exec(bprm);
	start_thread(task_pt_regs(current), entry, bprm->p);
	return 0;
}

static int load_elf_binary(struct linux_binprm *bprm)
{
	struct elf_image exe = {.file = bprm->file}, interp = {NULL};
	int ret;

	memcpy(&exe.hdr, bprm->buf, sizeof(exe.hdr));
	if (!elf_header_ok(&exe.hdr))
		return -ENOEXEC;
	ret = read_phdrs(&exe);
	if (ret)
		return ret;
	ret = open_interpreter(bprm, &exe, &interp);
	if (ret)
		goto out;
	ret = begin_new_exec(bprm);
	if (ret)
		goto out;
	/* Programs for this processor say themselves what they want to execute. */
	current->personality &= ~READ_IMPLIES_EXEC;
	if (!(current->personality & ADDR_NO_RANDOMIZE) && randomize_va_space)
		current->flags |= PF_RANDOMIZE;
	setup_new_exec(bprm);
	ret = build_program(bprm, &exe, &interp);
out:
	close_image(&interp);
	kvfree(exe.phdr);
	return ret;
}

static int __init init_elf_binfmt(void)
{
	register_binfmt(&elf_format);
	return 0;
}
fs_initcall(init_elf_binfmt);
