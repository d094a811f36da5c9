/* SPDX-License-Identifier: MIT */
/*
 * a.out programs of the four kinds, built here from the format's definition. A kernel without the
 * format answers ENOEXEC, and the case is skipped.
 */
#include "harness.h"

enum { OMAGIC = 0407, NMAGIC = 0410, ZMAGIC = 0413, QMAGIC = 0314 };

struct aout {
	uint32_t info, text, data, bss, syms, entry, trsize, drsize;
};

#define BSS_SIZE 9000

struct image {
	struct aout head;
	uint32_t text_addr, data_addr, bss_addr;
	size_t text_off, data_off, size;
	unsigned char bytes[16384];
};

/* exit_group(argc + *a + *b): text of the program. */
static size_t put_sum(unsigned char *code, uint32_t a, uint32_t b)
{
	static const unsigned char text[] = {
	    0x8b, 0x3c, 0x24,		  /* mov (%rsp), %edi */
	    0x03, 0x3c, 0x25, 0, 0, 0, 0, /* add a, %edi */
	    0x03, 0x3c, 0x25, 0, 0, 0, 0, /* add b, %edi */
	    0xb8, 0xe7, 0,    0, 0,	  /* mov $SYS_exit_group, %eax */
	    0x0f, 0x05,			  /* syscall */
	};

	memcpy(code, text, sizeof(text));
	memcpy(code + 6, &a, 4);
	memcpy(code + 13, &b, 4);
	return sizeof(text);
}

/* *a = 5; exit_group(*a) */
static size_t put_store(unsigned char *code, uint32_t a)
{
	static const unsigned char text[] = {
	    0xc7, 0x04, 0x25, 0, 0, 0,	  0,	5, 0, 0, 0, /* movl $5, a */
	    0x8b, 0x3c, 0x25, 0, 0, 0,	  0,		    /* mov a, %edi */
	    0xb8, 0xe7, 0,    0, 0, 0x0f, 0x05,
	};

	memcpy(code, text, sizeof(text));
	memcpy(code + 3, &a, 4);
	memcpy(code + 14, &a, 4);
	return sizeof(text);
}

/* exit_group(argv[argc - 1][0]), by the pointers that stand behind argc */
static size_t put_argv(unsigned char *code)
{
	static const unsigned char text[] = {
	    0x48, 0x8b, 0x04, 0x24,	  /* mov (%rsp), %rax */
	    0x48, 0x8b, 0x4c, 0x24, 0x08, /* mov 8(%rsp), %rcx */
	    0x48, 0x8b, 0x54, 0xc1, 0xf8, /* mov -8(%rcx, %rax, 8), %rdx */
	    0x0f, 0xb6, 0x3a,		  /* movzbl (%rdx), %edi */
	    0xb8, 0xe7, 0,    0,    0,	  0x0f, 0x05,
	};

	memcpy(code, text, sizeof(text));
	return sizeof(text);
}

/* Sizes, addresses and offsets, with room for the code; the caller fills text and data. */
static void lay_out(struct image *m, int magic)
{
	memset(m, 0, sizeof(*m));
	m->head.info = magic;
	m->head.text = magic == OMAGIC || magic == NMAGIC ? 64 : PAGE;
	m->head.data = magic == OMAGIC || magic == NMAGIC ? 32 : PAGE;
	m->head.bss = BSS_SIZE;
	m->text_off = magic == ZMAGIC ? 1024 : magic == QMAGIC ? 0 : sizeof(struct aout);
	m->data_off = m->text_off + m->head.text;
	m->text_addr = magic == QMAGIC ? PAGE : 0;
	m->data_addr = m->text_addr + m->head.text;
	if (magic != OMAGIC)
		m->data_addr = (m->data_addr + PAGE - 1) & -PAGE;
	m->bss_addr = m->data_addr + m->head.data;
	m->size = m->data_off + m->head.data;
	m->head.entry = m->text_addr;
	if (magic == QMAGIC) {
		m->head.entry += sizeof(struct aout);
		m->text_off += sizeof(struct aout);
	}
}

/* The exit status, 256 + signal, or -errno of execve. */
static int run(struct image *m, char *arg)
{
	int *err = shared(sizeof(*err)), status;
	char *argv[] = {"prog", arg, NULL};
	int fd = OK(open("prog", O_WRONLY | O_CREAT | O_TRUNC, 0755));
	pid_t pid;

	memcpy(m->bytes, &m->head, sizeof(m->head));
	CHECK_EQ(write(fd, m->bytes, m->size), m->size);
	OK(close(fd));
	CHILD(pid) {
		execve("./prog", argv, NULL);
		*err = errno;
	}
	status = wait_status(pid);
	if (*err)
		return -*err;
	return WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void need_aout(int got)
{
	if (got == -ENOEXEC)
		SKIP("no a.out");
}

static void runs(int magic)
{
	struct image m;
	int got;

	lay_out(&m, magic);
	put_sum(m.bytes + m.text_off, m.data_addr + 4, m.bss_addr + BSS_SIZE - 4);
	m.bytes[m.data_off + 4] = 40;
	got = run(&m, NULL);
	need_aout(got);
	CHECK_EQ(got, 41);
	CHECK_EQ(run(&m, "x"), 42);
	/* The zeros begin right behind the data. */
	put_sum(m.bytes + m.text_off, m.data_addr + 4, m.bss_addr);
	CHECK_EQ(run(&m, "x"), 42);
}

CASE(omagic_runs)
{
	runs(OMAGIC);
}

CASE(nmagic_runs)
{
	runs(NMAGIC);
}

CASE(zmagic_runs)
{
	runs(ZMAGIC);
}

CASE(qmagic_runs)
{
	runs(QMAGIC);
}

CASE(argv_is_handed_over)
{
	struct image m;
	int got;

	lay_out(&m, ZMAGIC);
	put_argv(m.bytes + m.text_off);
	got = run(&m, "G");
	need_aout(got);
	CHECK_EQ(got, 'G');
}

CASE(only_omagic_text_is_writable)
{
	static const int magic[] = {OMAGIC, NMAGIC, ZMAGIC, QMAGIC};
	struct image m;
	int got;

	for (unsigned int i = 0; i < ARRAY_SIZE(magic); i++) {
		lay_out(&m, magic[i]);
		put_store(m.bytes + m.text_off, m.head.entry + 40);
		got = run(&m, NULL);
		need_aout(got);
		CHECK_EQ(got, magic[i] == OMAGIC ? 5 : 256 + SIGSEGV);
		put_store(m.bytes + m.text_off, m.data_addr + 8);
		CHECK_EQ(run(&m, NULL), 5);
	}
}

CASE(bad_headers_are_refused)
{
	struct image m;
	int got;

	lay_out(&m, OMAGIC);
	put_argv(m.bytes + m.text_off);
	got = run(&m, "G");
	need_aout(got);
	m.head.trsize = 8;
	CHECK_EQ(run(&m, "G"), -ENOEXEC);
	m.head.trsize = 0;
	m.head.drsize = 8;
	CHECK_EQ(run(&m, "G"), -ENOEXEC);
	m.head.drsize = 0;
	m.head.data += 1; /* more than the file has */
	CHECK_EQ(run(&m, "G"), -ENOEXEC);
	m.head.data = 0xffffffff;
	m.head.text = 0xffffffff;
	CHECK_EQ(run(&m, "G"), -ENOEXEC);
}

CASE(data_limit_counts)
{
	struct rlimit r = {8192, 8192};
	struct image m;

	lay_out(&m, ZMAGIC);
	put_argv(m.bytes + m.text_off);
	need_aout(run(&m, "G"));
	OK(setrlimit(RLIMIT_DATA, &r));
	CHECK_EQ(run(&m, "G"), -ENOMEM);
}
