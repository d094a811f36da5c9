/* SPDX-License-Identifier: MIT */
/*
 * Damaged programs executed: ELF files, one with an interpreter, scripts and a.out files, whose
 * headers are changed at random. Each attempt ends as an error of execve(2), an exit or a death
 * by a signal; the machine lives on and nothing leaks. -n sets how many of each kind; a failure's
 * seed is the number of the attempt, so it can be had again.
 */
#include "harness.h"

#include <elf.h>
#include <sys/time.h>

#define FILE_MAX 16384

static uint64_t rng_state;
static bool stay_root;

static uint32_t rng(void)
{
	rng_state ^= rng_state << 13;
	rng_state ^= rng_state >> 7;
	rng_state ^= rng_state << 17;
	return rng_state >> 16;
}

/* A file, of which the first head_size bytes are to be damaged. */
struct seed {
	unsigned char bytes[FILE_MAX];
	size_t size, head_size;
};

/* exit_group(7) */
static const unsigned char code[] = {0xbf, 7, 0, 0, 0, 0xb8, 0xe7, 0, 0, 0, 0x0f, 0x05};

#define BASE 0x400000UL

/* Text, data with zeros behind it, a stack note; an interpreter when there is a name for it. */
static void make_elf(struct seed *s, int type, const char *interp)
{
	unsigned long base = type == ET_EXEC ? BASE : 0;
	Elf64_Ehdr *eh = (Elf64_Ehdr *)s->bytes;
	Elf64_Phdr *ph = (Elf64_Phdr *)(eh + 1);

	memset(s, 0, sizeof(*s));
	memcpy(eh->e_ident, ELFMAG, SELFMAG);
	eh->e_ident[EI_CLASS] = ELFCLASS64;
	eh->e_ident[EI_DATA] = ELFDATA2LSB;
	eh->e_ident[EI_VERSION] = EV_CURRENT;
	eh->e_type = type;
	eh->e_machine = EM_X86_64;
	eh->e_version = EV_CURRENT;
	eh->e_entry = base + PAGE;
	eh->e_phoff = sizeof(*eh);
	eh->e_ehsize = sizeof(*eh);
	eh->e_phentsize = sizeof(*ph);
	ph[0] = (Elf64_Phdr){PT_LOAD, PF_R | PF_X, 0, base, base, 2 * PAGE, 2 * PAGE, PAGE};
	ph[1] = (Elf64_Phdr){PT_LOAD,	      PF_R | PF_W, 2 * PAGE, base + 2 * PAGE,
			     base + 2 * PAGE, 100,	   3 * PAGE, PAGE};
	ph[2] = (Elf64_Phdr){.p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W, .p_align = 16};
	eh->e_phnum = 3;
	s->size = 2 * PAGE + 100;
	s->head_size = sizeof(*eh) + 3 * sizeof(*ph);
	if (interp) {
		ph[3] = (Elf64_Phdr){.p_type = PT_INTERP,
				     .p_flags = PF_R,
				     .p_offset = 1024,
				     .p_filesz = strlen(interp) + 1,
				     .p_align = 1};
		strcpy((char *)s->bytes + 1024, interp);
		eh->e_phnum++;
		s->head_size += sizeof(*ph);
	}
	memcpy(s->bytes + PAGE, code, sizeof(code));
}

static void make_script(struct seed *s)
{
	memset(s, 0, sizeof(*s));
	s->size = s->head_size = sprintf((char *)s->bytes, "#! ./good  an argument \nrest\n");
}

static void make_aout(struct seed *s, uint32_t magic)
{
	uint32_t off = magic == 0413 ? 1024 : magic == 0314 ? 0 : 32;
	uint32_t head[8] = {magic, PAGE, PAGE, 5000, 0, magic == 0314 ? PAGE + 32 : 0};

	memset(s, 0, sizeof(*s));
	memcpy(s->bytes, head, sizeof(head));
	memcpy(s->bytes + (off ? off : 32), code, sizeof(code));
	s->size = off + 2 * PAGE;
	s->head_size = sizeof(head);
}

/* Values at which arithmetic goes wrong. */
static uint64_t awkward(void)
{
	static const uint64_t v[] = {
	    0,		1,	    PAGE - 1,	PAGE,		PAGE + 1,
	    0x7fffffff, 0x80000000, 0xffffffff, 0x7ffffffff000, 0x800000000000,
	    INT64_MAX,	INT64_MIN,  UINT64_MAX, -PAGE,		0xffff,
	    56,		0x400000,   1UL << 40,
	};

	return v[rng() % ARRAY_SIZE(v)] + (rng() % 4 ? 0 : rng() % 64 - 32);
}

static void damage(struct seed *s)
{
	for (int n = 1 + rng() % 4; n > 0; n--) {
		size_t at = rng() % s->head_size, len;
		uint64_t v = awkward();

		switch (rng() % 4) {
		case 0:
			s->bytes[at] ^= 1 << rng() % 8;
			break;
		case 1:
			s->bytes[at] = rng();
			break;
		default:
			len = 1 << rng() % 4;
			at &= -len;
			memcpy(s->bytes + at, &v, at + len <= s->head_size ? len : 1);
			break;
		}
	}
	if (rng() % 16 == 0)
		s->size = rng() % s->size;
}

static void write_file(const char *name, const struct seed *s)
{
	int fd = OK(open(name, O_WRONLY | O_CREAT | O_TRUNC, 0755));

	CHECK_EQ(write(fd, s->bytes, s->size), s->size);
	OK(close(fd));
}

/*
 * In a process that can do no harm should it run into bytes that happen to be a system call: no
 * privilege, no other process to signal, little time. The raw wait status.
 */
static int execute(void)
{
	struct rlimit nproc = {0, 0}, core = {0, 0}, as = {64 << 20, 64 << 20};
	struct itimerval second = {.it_value = {1, 0}};
	char *const argv[] = {"prog", "x", NULL}, *const env[] = {"A=1", NULL};
	pid_t pid;

	CHILD(pid) {
		OK(setsid());
		if (!geteuid() && !stay_root) {
			OK(setresgid(65534, 65534, 65534));
			OK(setresuid(65534, 65534, 65534));
		}
		OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
		OK(setrlimit(RLIMIT_NPROC, &nproc));
		OK(setrlimit(RLIMIT_CORE, &core));
		OK(setrlimit(RLIMIT_AS, &as));
		OK(setitimer(ITIMER_REAL, &second, NULL));
		execve("./prog", argv, env);
		_exit(99);
	}
	return wait_status(pid);
}

static void good_interpreter(void)
{
	struct seed s;

	OK(chmod(".", 0755));
	make_elf(&s, ET_DYN, NULL);
	write_file("good", &s);
}

static void fuzz(void (*make)(struct seed *s), int expected)
{
	struct seed s;
	int status;

	good_interpreter();
	make(&s);
	write_file("prog", &s);
	status = execute();
	if (WIFEXITED(status) && WEXITSTATUS(status) == 99 && expected != 7)
		SKIP("not a format here");
	CHECK_EQ(status, 7 << 8);
	for (long i = 0; i < scale(100); i++) {
		rng_state = 0x9e3779b97f4a7c15UL * (i + 1);
		make(&s);
		damage(&s);
		write_file("prog", &s);
		status = execute();
		CHECK(WIFEXITED(status) || WIFSIGNALED(status));
	}
}

static void make_static(struct seed *s)
{
	make_elf(s, ET_EXEC, NULL);
}

static void make_pie(struct seed *s)
{
	make_elf(s, ET_DYN, NULL);
}

static void make_dynamic(struct seed *s)
{
	make_elf(s, ET_DYN, "./good");
}

static void make_any_aout(struct seed *s)
{
	static const uint32_t magic[] = {0407, 0410, 0413, 0314};

	make_aout(s, magic[rng() % 4]);
}

CASE_OPT(damaged_static_elf, .timeout = 120)
{
	fuzz(make_static, 7);
}

CASE_OPT(damaged_pie, .timeout = 120)
{
	fuzz(make_pie, 7);
}

CASE_OPT(damaged_elf_with_interpreter, .timeout = 120)
{
	fuzz(make_dynamic, 7);
}

/* The program is whole, what loads it is not. */
CASE_OPT(damaged_interpreter, .timeout = 120)
{
	struct seed prog, s;
	int status;

	OK(chmod(".", 0755));
	make_elf(&prog, ET_DYN, "./good");
	write_file("prog", &prog);
	for (long i = 0; i < scale(100); i++) {
		rng_state = 0x9e3779b97f4a7c15UL * (i + 1);
		make_elf(&s, ET_DYN, NULL);
		damage(&s);
		write_file("good", &s);
		status = execute();
		CHECK(WIFEXITED(status) || WIFSIGNALED(status));
	}
}

CASE_OPT(damaged_script, .timeout = 120)
{
	fuzz(make_script, 7);
}

CASE_OPT(damaged_aout, .timeout = 120)
{
	/* Its addresses are so low that nobody else may map them. */
	stay_root = true;
	rng_state = 1;
	fuzz(make_any_aout, -1);
}
