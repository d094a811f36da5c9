/* SPDX-License-Identifier: MIT */
/*
 * What of an ELF file comes to lie where: execve(2), elf(5). Each program here is made up on the
 * spot and stopped by its tracer before its first instruction, so that none of them has any.
 */
#include "harness.h"

#include <elf.h>
#include <sys/ptrace.h>

/*
 * Where mmap(2) finds room: below the stack's 16 GiB and a random distance of up to 1 TiB from the
 * top of 128 TiB. One such address of sixty is less than 0x7f0000000000.
 */
#define MMAP_LEAST 0x7e0000000000

#define FILL	  0xa5
#define EXEC_BASE 0x400000UL

/* A file of eight pages, full of FILL where nothing else is said. */
struct image {
	Elf64_Ehdr eh;
	Elf64_Phdr ph[8];
	char rest[8 * PAGE - sizeof(Elf64_Ehdr) - 8 * sizeof(Elf64_Phdr)];
};

static void start_image(struct image *m, int type)
{
	memset(m, FILL, sizeof(*m));
	m->eh = (Elf64_Ehdr){.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			     .e_type = type,
			     .e_machine = EM_X86_64,
			     .e_version = EV_CURRENT,
			     .e_phoff = offsetof(struct image, ph),
			     .e_ehsize = sizeof(Elf64_Ehdr),
			     .e_phentsize = sizeof(Elf64_Phdr)};
}

static Elf64_Phdr *add_phdr(struct image *m, int type, int flags, unsigned long offset,
			    unsigned long addr, unsigned long filesz, unsigned long memsz)
{
	Elf64_Phdr *p = &m->ph[m->eh.e_phnum++];

	*p = (Elf64_Phdr){type, flags, offset, addr, addr, filesz, memsz, PAGE};
	return p;
}

/* The page that every program here has, with its entry. */
static void add_text(struct image *m, unsigned long addr)
{
	add_phdr(m, PT_LOAD, PF_R | PF_X, 7 * PAGE, addr, PAGE, PAGE);
	m->eh.e_entry = addr;
}

static void write_image(const struct image *m, const char *name, int mode)
{
	int fd = OK(open(name, O_WRONLY | O_CREAT | O_TRUNC, 0700));

	CHECK_EQ(write(fd, m, sizeof(*m)), (ssize_t)sizeof(*m));
	OK(fchmod(fd, mode));
	OK(close(fd));
}

/* The program, stopped in front of its first instruction. */
static pid_t load(const struct image *m)
{
	int status;
	pid_t pid;

	write_image(m, "prog", 0755);
	CHILD(pid) {
		OK(ptrace(PTRACE_TRACEME, 0, 0, 0));
		execl("./prog", "prog", (char *)NULL);
		_exit(errno);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP)
		FAIL("the program ends with %#x instead of being loaded", status);
	return pid;
}

static void unload(pid_t pid)
{
	kill(pid, SIGKILL);
	CHECK_EQ(wait_killed(pid), SIGKILL);
}

/* Why the program is not loaded: an errno, or 1000 and the signal it dies of. */
static int refusal(const struct image *m)
{
	int status;
	pid_t pid;

	write_image(m, "prog", 0755);
	CHILD(pid) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		execl("./prog", "prog", (char *)NULL);
		_exit(errno);
	}
	status = wait_status(pid);
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* What is mapped there: "rw-p OFFSET f" with f for a file and a for none; "-" for nothing. */
static const char *mapped(pid_t pid, unsigned long addr)
{
	static char buf[65536], out[64];
	char path[64], perm[8], *line;
	unsigned long start, end, offset, inode;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	CHECK(slurp(path, buf, sizeof(buf)) > 0);
	for (line = strtok(buf, "\n"); line; line = strtok(NULL, "\n")) {
		CHECK_EQ(
		    sscanf(line, "%lx-%lx %7s %lx %*s %lu", &start, &end, perm, &offset, &inode),
		    5);
		if (addr < start || addr >= end)
			continue;
		if (inode)
			snprintf(out, sizeof(out), "%s %lx f", perm, offset + (addr - start));
		else
			snprintf(out, sizeof(out), "%s a", perm);
		return out;
	}
	return "-";
}

static int mem_read(pid_t pid, unsigned long addr, void *buf, size_t n)
{
	char path[64];
	int fd;
	ssize_t got;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = OK(open(path, O_RDONLY));
	got = pread(fd, buf, n, addr);
	close(fd);
	return got == (ssize_t)n ? 0 : -1;
}

/* Are all the bytes from start to end this one? */
static bool all_bytes(pid_t pid, unsigned long start, unsigned long end, unsigned char want)
{
	unsigned char buf[PAGE];

	for (; start < end; start += sizeof(buf)) {
		size_t n = end - start < sizeof(buf) ? end - start : sizeof(buf);

		CHECK(!mem_read(pid, start, buf, n));
		for (size_t i = 0; i < n; i++)
			if (buf[i] != want)
				return false;
	}
	return true;
}

static unsigned long auxv_of(pid_t pid, unsigned long key)
{
	unsigned long aux[128];
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/auxv", pid);
	fd = OK(open(path, O_RDONLY));
	n = OK(read(fd, aux, sizeof(aux)));
	close(fd);
	for (size_t i = 0; i + 1 < n / sizeof(long); i += 2)
		if (aux[i] == key)
			return aux[i + 1];
	FAIL("no %lu in the auxiliary vector", key);
}

CASE(bss_across_a_page_end)
{
	unsigned long data = EXEC_BASE + 0x1234;
	struct image m;
	pid_t pid;

	start_image(&m, ET_EXEC);
	add_phdr(&m, PT_LOAD, PF_R | PF_W, 0x1234, data, 0x200, 0x4000);
	add_text(&m, EXEC_BASE + 0x10000);
	pid = load(&m);
	CHECK_STR(mapped(pid, EXEC_BASE + PAGE), "rw-p 1000 f");
	/* What the file has in front of the segment comes with the page. */
	CHECK(all_bytes(pid, EXEC_BASE + PAGE, data + 0x200, FILL));
	CHECK(all_bytes(pid, data + 0x200, EXEC_BASE + 6 * PAGE, 0));
	CHECK_STR(mapped(pid, EXEC_BASE + 2 * PAGE), "rw-p a");
	CHECK_STR(mapped(pid, EXEC_BASE + 5 * PAGE), "rw-p a");
	CHECK_STR(mapped(pid, EXEC_BASE + 6 * PAGE), "-");
	unload(pid);
}

CASE(bss_from_a_page_end_on)
{
	struct image m;
	pid_t pid;

	start_image(&m, ET_EXEC);
	add_phdr(&m, PT_LOAD, PF_R | PF_W, PAGE, EXEC_BASE, PAGE, PAGE + 1);
	add_phdr(&m, PT_LOAD, PF_R | PF_W, PAGE, EXEC_BASE + 4 * PAGE, PAGE - 1, PAGE);
	add_text(&m, EXEC_BASE + 0x10000);
	pid = load(&m);
	CHECK(all_bytes(pid, EXEC_BASE, EXEC_BASE + PAGE, FILL));
	CHECK_STR(mapped(pid, EXEC_BASE + PAGE), "rw-p a");
	CHECK_STR(mapped(pid, EXEC_BASE + 2 * PAGE), "-");
	CHECK(all_bytes(pid, EXEC_BASE + 4 * PAGE, EXEC_BASE + 5 * PAGE - 1, FILL));
	CHECK(all_bytes(pid, EXEC_BASE + 5 * PAGE - 1, EXEC_BASE + 5 * PAGE, 0));
	CHECK_STR(mapped(pid, EXEC_BASE + 5 * PAGE), "-");
	unload(pid);
}

/* The kernel does not write to what the program may not: its last page is as the file has it. */
CASE(bss_of_a_read_only_segment)
{
	struct image m;
	pid_t pid;

	start_image(&m, ET_EXEC);
	add_phdr(&m, PT_LOAD, PF_R, PAGE, EXEC_BASE, 0x100, 3 * PAGE);
	add_text(&m, EXEC_BASE + 0x10000);
	pid = load(&m);
	CHECK_STR(mapped(pid, EXEC_BASE), "r--p 1000 f");
	CHECK(all_bytes(pid, EXEC_BASE, EXEC_BASE + PAGE, FILL));
	CHECK_STR(mapped(pid, EXEC_BASE + PAGE), "rw-p a");
	CHECK(all_bytes(pid, EXEC_BASE + PAGE, EXEC_BASE + 3 * PAGE, 0));
	unload(pid);
}

CASE(bss_alone)
{
	struct image m;
	pid_t pid;

	start_image(&m, ET_EXEC);
	add_phdr(&m, PT_LOAD, PF_R | PF_W, 0x1234, EXEC_BASE + 0x1234, 0, 2 * PAGE);
	add_phdr(&m, PT_LOAD, PF_R | PF_W | PF_X, 0, EXEC_BASE + 8 * PAGE, 0, PAGE);
	add_text(&m, EXEC_BASE + 0x10000);
	pid = load(&m);
	CHECK_STR(mapped(pid, EXEC_BASE), "-");
	CHECK_STR(mapped(pid, EXEC_BASE + PAGE), "rw-p a");
	CHECK_STR(mapped(pid, EXEC_BASE + 3 * PAGE), "rw-p a");
	CHECK_STR(mapped(pid, EXEC_BASE + 4 * PAGE), "-");
	CHECK_STR(mapped(pid, EXEC_BASE + 8 * PAGE), "rwxp a");
	CHECK(all_bytes(pid, EXEC_BASE + PAGE, EXEC_BASE + 4 * PAGE, 0));
	unload(pid);
}

/* The later one lies on top, be its addresses lower or higher. */
CASE(segments_that_overlap)
{
	struct image m;
	pid_t pid;

	start_image(&m, ET_EXEC);
	add_phdr(&m, PT_LOAD, PF_R | PF_W, PAGE, EXEC_BASE, 3 * PAGE, 3 * PAGE);
	add_phdr(&m, PT_LOAD, PF_R, 5 * PAGE, EXEC_BASE + PAGE, PAGE, PAGE);
	add_phdr(&m, PT_LOAD, PF_R, 4 * PAGE, EXEC_BASE + 8 * PAGE, 2 * PAGE, 2 * PAGE);
	/* Its zeros go over what was there. */
	add_phdr(&m, PT_LOAD, PF_R | PF_W, PAGE, EXEC_BASE + 7 * PAGE, 16, 2 * PAGE);
	add_text(&m, EXEC_BASE + 0x10000);
	pid = load(&m);
	CHECK_STR(mapped(pid, EXEC_BASE), "rw-p 1000 f");
	CHECK_STR(mapped(pid, EXEC_BASE + PAGE), "r--p 5000 f");
	CHECK_STR(mapped(pid, EXEC_BASE + 2 * PAGE), "rw-p 3000 f");
	CHECK_STR(mapped(pid, EXEC_BASE + 7 * PAGE), "rw-p 1000 f");
	CHECK_STR(mapped(pid, EXEC_BASE + 8 * PAGE), "rw-p a");
	CHECK_STR(mapped(pid, EXEC_BASE + 9 * PAGE), "r--p 5000 f");
	unload(pid);
}

/* Nothing is mapped for them, but they count for where data ends and the heap begins. */
CASE(segments_of_no_size)
{
	unsigned long end = EXEC_BASE + 0x20234;
	struct image m;
	pid_t pid;

	start_image(&m, ET_EXEC);
	add_phdr(&m, PT_LOAD, PF_R | PF_W, 0x1234, EXEC_BASE + 0x1234, 0, 0);
	add_text(&m, EXEC_BASE + 0x10000);
	add_phdr(&m, PT_LOAD, PF_R | PF_W, 0x1234, end, 0, 0);
	pid = load(&m);
	CHECK_STR(mapped(pid, EXEC_BASE + PAGE), "-");
	CHECK_STR(mapped(pid, EXEC_BASE + 0x10000), "r-xp 7000 f");
	CHECK_STR(mapped(pid, EXEC_BASE + 0x20000), "-");
	CHECK_EQ(stat_field(pid, 45), end);
	CHECK_EQ(stat_field(pid, 46), end);
	unload(pid);
}

CASE(sizes_that_cannot_be)
{
	static const unsigned long sizes[][2] = {
	    {0x200, 0x100}, {0x200, 0}, {0x100, ~0UL}, {0x100, 1UL << 47}};
	struct image m;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		start_image(&m, ET_EXEC);
		add_phdr(&m, PT_LOAD, PF_R | PF_W, PAGE, EXEC_BASE, sizes[i][0], sizes[i][1]);
		add_text(&m, EXEC_BASE + 0x10000);
		CHECK_EQ(refusal(&m), 1000 + SIGSEGV);
	}
}

CASE(addresses_that_cannot_be)
{
	static const unsigned long addrs[] = {0x7ffffffff000, 1UL << 47, 0xffff800000000000, -PAGE};
	struct image m;

	for (size_t i = 0; i < ARRAY_SIZE(addrs); i++) {
		start_image(&m, ET_EXEC);
		add_phdr(&m, PT_LOAD, PF_R, PAGE, addrs[i], PAGE, PAGE);
		add_text(&m, EXEC_BASE + 0x10000);
		CHECK_EQ(refusal(&m), 1000 + SIGSEGV);
		start_image(&m, ET_EXEC);
		add_text(&m, EXEC_BASE);
		m.eh.e_entry = addrs[i];
		CHECK_EQ(refusal(&m), 1000 + SIGSEGV);
	}
	/* Page offsets of file and memory must agree, for mmap(2) can do no other. */
	start_image(&m, ET_EXEC);
	add_phdr(&m, PT_LOAD, PF_R, 0x1100, EXEC_BASE + 0x1200, 0x80, 0x80);
	add_text(&m, EXEC_BASE + 0x10000);
	CHECK_EQ(refusal(&m), 1000 + SIGSEGV);
}

/* It is mapped all the same; touching it would be SIGBUS. */
CASE(segment_behind_the_end_of_the_file)
{
	struct image m;
	char c;
	pid_t pid;

	start_image(&m, ET_EXEC);
	add_phdr(&m, PT_LOAD, PF_R, 0x20000, EXEC_BASE, PAGE, PAGE);
	add_text(&m, EXEC_BASE + 0x10000);
	pid = load(&m);
	CHECK_STR(mapped(pid, EXEC_BASE), "r--p 20000 f");
	CHECK(mem_read(pid, EXEC_BASE, &c, 1) < 0);
	unload(pid);
}

static const char *stack_of(struct image *m)
{
	static char perm[5];
	pid_t pid = load(m);

	strcpy(perm, "");
	strncat(perm, mapped(pid, auxv_of(pid, AT_RANDOM)), 4);
	unload(pid);
	return perm;
}

CASE(gnu_stack_says_whether_it_is_executable)
{
	struct image m;

	start_image(&m, ET_EXEC);
	add_text(&m, EXEC_BASE);
	CHECK_STR(stack_of(&m), "rw-p"); /* 64-bit programs need not say that they do not */
	add_phdr(&m, PT_GNU_STACK, PF_R | PF_W | PF_X, 0, 0, 0, 0);
	CHECK_STR(stack_of(&m), "rwxp");
	add_phdr(&m, PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 0);
	CHECK_STR(stack_of(&m), "rw-p");
	/* Rights and size are not taken from it. */
	add_phdr(&m, PT_GNU_STACK, PF_X, ~0UL, ~0UL, ~0UL, ~0UL);
	CHECK_STR(stack_of(&m), "rwxp");
}

CASE(headers_that_do_not_matter)
{
	static const unsigned int types[] = {
	    PT_NULL, PT_TLS,	   PT_GNU_PROPERTY, PT_NOTE,   PT_DYNAMIC, PT_SHLIB,
	    PT_PHDR, PT_GNU_RELRO, PT_GNU_EH_FRAME, PT_LOPROC, PT_HIPROC};
	struct image m;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		start_image(&m, ET_EXEC);
		add_text(&m, EXEC_BASE);
		/* Sizes and places from nowhere, an alignment that is none. */
		add_phdr(&m, types[i], 7, ~0UL, 0x123, ~0UL, 5)->p_align = 3;
		add_phdr(&m, types[i], 0, 0x3001, EXEC_BASE, 0, 0)->p_align = 0;
		unload(load(&m));
	}
	start_image(&m, ET_EXEC);
	add_text(&m, EXEC_BASE);
	m.eh.e_ident[EI_OSABI] = 77;
	m.eh.e_ident[EI_VERSION] = 9;
	m.eh.e_ident[EI_DATA] = ELFDATA2MSB;
	m.eh.e_version = 7;
	m.eh.e_flags = ~0U;
	m.eh.e_ehsize = 1;
	m.eh.e_shoff = ~0UL;
	m.eh.e_shnum = 9;
	unload(load(&m));
}

CASE(headers_that_are_refused)
{
	struct image good, m;

	start_image(&good, ET_EXEC);
	add_text(&good, EXEC_BASE);
	m = good;
	m.eh.e_phentsize++;
	CHECK_EQ(refusal(&m), ENOEXEC);
	m = good;
	m.eh.e_phoff = 1UL << 20;
	CHECK_EQ(refusal(&m), ENOEXEC);
	m.eh.e_phoff = -1UL;
	CHECK_EQ(refusal(&m), ENOEXEC);
	m.eh.e_phoff = sizeof(m) - sizeof(Elf64_Phdr) + 1;
	CHECK_EQ(refusal(&m), ENOEXEC);
	m = good;
	m.eh.e_phnum = 0;
	CHECK_EQ(refusal(&m), ENOEXEC);
	m.eh.e_phnum = 0xffff;
	CHECK_EQ(refusal(&m), ENOEXEC);
	m = good;
	m.eh.e_type = ET_REL;
	CHECK_EQ(refusal(&m), ENOEXEC);
	m.eh.e_type = ET_CORE;
	CHECK_EQ(refusal(&m), ENOEXEC);
	m = good;
	m.eh.e_machine = EM_AARCH64;
	CHECK_EQ(refusal(&m), ENOEXEC);
}

static void add_interp(struct image *m, const char *name, size_t filesz)
{
	Elf64_Phdr *p = add_phdr(m, PT_INTERP, PF_R, 6 * PAGE, 0, filesz, filesz);

	strcpy((char *)m + p->p_offset, name);
}

static int interp_refusal(const char *name, size_t filesz)
{
	struct image m;

	start_image(&m, ET_EXEC);
	add_text(&m, EXEC_BASE);
	add_interp(&m, name, filesz);
	return refusal(&m);
}

CASE(interpreter_names)
{
	CHECK_EQ(interp_refusal("/no/such", 9), ENOENT);
	CHECK_EQ(interp_refusal("/no/such", 8), ENOEXEC); /* no NUL at its end */
	CHECK_EQ(interp_refusal("/no/such", 1), ENOEXEC);
	CHECK_EQ(interp_refusal("/no/such", 0), ENOEXEC);
	CHECK_EQ(interp_refusal("/no/such", PAGE), ENOEXEC);
	CHECK_EQ(interp_refusal("/no/such", PAGE + 1), ENOEXEC);
	CHECK_EQ(interp_refusal(".", 2), EACCES);
}

CASE(interpreters_that_are_none)
{
	struct image in;

	CHECK_EQ(close(OK(open("interp", O_CREAT | O_WRONLY, 0755))), 0);
	CHECK_EQ(interp_refusal("interp", 7), EIO);
	start_image(&in, ET_DYN);
	add_text(&in, PAGE);
	write_image(&in, "interp", 0644);
	CHECK_EQ(interp_refusal("interp", 7), EACCES);
	OK(unlink("interp"));
	in.eh.e_machine = EM_AARCH64;
	write_image(&in, "interp", 0755);
	CHECK_EQ(interp_refusal("interp", 7), ELIBBAD);
	in.eh.e_machine = EM_X86_64;
	in.eh.e_phoff = 1 << 20;
	write_image(&in, "interp", 0755);
	CHECK_EQ(interp_refusal("interp", 7), ELIBBAD);
	memset(&in, FILL, sizeof(in));
	write_image(&in, "interp", 0755);
	CHECK_EQ(interp_refusal("interp", 7), ELIBBAD);
}

/* The interpreter's own interpreter is nobody's business. */
CASE(interpreter_is_loaded_and_told_of)
{
	struct image in, m;
	unsigned long base;
	pid_t pid;

	start_image(&in, ET_DYN);
	add_text(&in, 3 * PAGE);
	add_interp(&in, "/no/such", 9);
	write_image(&in, "interp", 0755);
	start_image(&m, ET_DYN);
	add_phdr(&m, PT_LOAD, PF_R, 0, 0, PAGE, PAGE)->p_align = 1 << 21;
	add_text(&m, 0x10000);
	add_interp(&m, "interp", 7);
	pid = load(&m);
	base = auxv_of(pid, AT_BASE);
	CHECK_STR(mapped(pid, base + 3 * PAGE), "r-xp 7000 f");
	CHECK_EQ(auxv_of(pid, AT_ENTRY) % (1 << 21), 0x10000);
	CHECK_STR(mapped(pid, auxv_of(pid, AT_ENTRY)), "r-xp 7000 f");
	CHECK_EQ(auxv_of(pid, AT_PHDR),
		 auxv_of(pid, AT_ENTRY) - 0x10000 + offsetof(struct image, ph));
	CHECK_EQ(auxv_of(pid, AT_PHNUM), 3);
	/* Away from its own address, for the program is, and both out of the other's reach. */
	CHECK(base > MMAP_LEAST);
	CHECK(auxv_of(pid, AT_ENTRY) < 0x700000000000);
	unload(pid);
}

/* Without interpreter: where mmap(2) finds room, whatever addresses the file has. */
CASE(position_independent_by_itself)
{
	struct image m;
	pid_t pid;

	start_image(&m, ET_DYN);
	add_phdr(&m, PT_LOAD, PF_R, PAGE, 0x11000, PAGE, PAGE)->p_align = 3;
	add_text(&m, 0x20000);
	pid = load(&m);
	CHECK(auxv_of(pid, AT_ENTRY) > MMAP_LEAST);
	CHECK_STR(mapped(pid, auxv_of(pid, AT_ENTRY)), "r-xp 7000 f");
	CHECK_STR(mapped(pid, auxv_of(pid, AT_ENTRY) - 0xf000), "r--p 1000 f");
	CHECK_EQ(auxv_of(pid, AT_BASE), 0);
	unload(pid);
}

/* Text and constants are the file's pages: after all that this program has run, none is its own. */
CASE(text_is_never_copied)
{
	static const char constants[2 * PAGE] = "as the file has them";
	static char buf[1 << 18];
	unsigned long start, end, kb, here[] = {(unsigned long)load, (unsigned long)constants};
	bool ours = false;
	int seen = 0;
	char *line;

	CHECK(((const volatile char *)constants)[PAGE] == 0);
	CHECK(slurp("/proc/self/smaps", buf, sizeof(buf)) > 0);
	for (line = strtok(buf, "\n"); line; line = strtok(NULL, "\n")) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			ours = (here[0] >= start && here[0] < end) ||
			       (here[1] >= start && here[1] < end);
		else if (ours && (sscanf(line, "Private_Dirty: %lu", &kb) == 1 ||
				  sscanf(line, "Anonymous: %lu", &kb) == 1))
			CHECK_EQ(kb, 0);
		else if (ours && sscanf(line, "Rss: %lu", &kb) == 1 && kb)
			seen++;
	}
	CHECK_EQ(seen, 2);
}
