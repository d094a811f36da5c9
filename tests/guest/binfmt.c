/* SPDX-License-Identifier: MIT */
/* What execve(2) takes for a program: ELF files and scripts, and what it says of all else. */
#include "exec.h"

#include <elf.h>

/* As the interpreter of a script: how many arguments there are behind "--role argc". */
int role_main(const char *role, int argc, char **argv __attribute__((unused)))
{
	return strcmp(role, "argc") ? 200 : argc;
}

CASE(missing_file)
{
	CHECK_ERR(execl("/no/such/file", "x", (char *)NULL), ENOENT);
	CHECK_ERR(execl("", "x", (char *)NULL), ENOENT);
}

CASE(directory_is_eacces)
{
	CHECK_ERR(execl("/tmp", "x", (char *)NULL), EACCES);
}

CASE(without_x_bit_is_eacces)
{
	make_executable("f", "#!/bin/sh\n", 10, 0644);
	CHECK_ERR(execl("./f", "x", (char *)NULL), EACCES);
}

CASE(component_not_a_directory)
{
	make_script("f", "x");
	CHECK_ERR(execl("./f/g", "x", (char *)NULL), ENOTDIR);
}

CASE(garbage_is_enoexec)
{
	make_script("f", "this is no program");
	CHECK_ERR(execl("./f", "x", (char *)NULL), ENOEXEC);
}

CASE(empty_file_is_enoexec)
{
	make_script("f", "");
	CHECK_ERR(execl("./f", "x", (char *)NULL), ENOEXEC);
}

CASE(symlink_loop_is_eloop)
{
	OK(symlink("b", "a"));
	OK(symlink("a", "b"));
	CHECK_ERR(execl("./a", "x", (char *)NULL), ELOOP);
}

CASE(truncated_elf_is_enoexec)
{
	Elf64_Ehdr h = {.e_ident = ELFMAG, .e_type = ET_EXEC, .e_machine = EM_X86_64};

	for (size_t n = 4; n < sizeof(h); n += 12) {
		make_executable("f", &h, n, 0755);
		CHECK_ERR(execl("./f", "x", (char *)NULL), ENOEXEC);
	}
}

CASE(wrong_machine_is_enoexec)
{
	Elf64_Ehdr h = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			.e_type = ET_EXEC,
			.e_machine = EM_AARCH64,
			.e_version = EV_CURRENT,
			.e_phoff = sizeof(h),
			.e_ehsize = sizeof(h),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 1};
	char image[512] = {0};

	memcpy(image, &h, sizeof(h));
	make_executable("f", image, sizeof(image), 0755);
	CHECK_ERR(execl("./f", "x", (char *)NULL), ENOEXEC);
}

/* The least ELF program: one segment holding the headers and code that exits with a status. */
struct tiny {
	Elf64_Ehdr eh;
	Elf64_Phdr ph[2];
	unsigned char code[64];
};

static void make_tiny(struct tiny *t, int type, unsigned char status)
{
	unsigned char code[] = {0xb8, 60, 0, 0, 0, 0xbf, status, 0, 0, 0, 0x0f, 0x05};
	unsigned long base = type == ET_EXEC ? 0x400000 : 0;

	memset(t, 0, sizeof(*t));
	t->eh = (Elf64_Ehdr){.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			     .e_type = type,
			     .e_machine = EM_X86_64,
			     .e_version = EV_CURRENT,
			     .e_entry = base + offsetof(struct tiny, code),
			     .e_phoff = offsetof(struct tiny, ph),
			     .e_ehsize = sizeof(Elf64_Ehdr),
			     .e_phentsize = sizeof(Elf64_Phdr),
			     .e_phnum = 1};
	t->ph[0] = (Elf64_Phdr){.p_type = PT_LOAD,
				.p_flags = PF_R | PF_X,
				.p_vaddr = base,
				.p_paddr = base,
				.p_filesz = sizeof(*t),
				.p_memsz = sizeof(*t),
				.p_align = PAGE};
	memcpy(t->code, code, sizeof(code));
}

static int run_tiny(const struct tiny *t)
{
	char *argv[] = {"tiny", NULL};

	make_executable("tiny", t, sizeof(*t), 0755);
	return status_of("./tiny", argv);
}

CASE(smallest_static_elf)
{
	struct tiny t;

	make_tiny(&t, ET_EXEC, 77);
	CHECK_EQ(run_tiny(&t), 77);
}

CASE(smallest_pie)
{
	struct tiny t;

	make_tiny(&t, ET_DYN, 78);
	CHECK_EQ(run_tiny(&t), 78);
}

CASE(elf_bss_is_zero_and_writable)
{
	struct tiny t;
	/* mov eax,[0x600800]; mov dword [0x601800],5; add eax,[0x601800]; mov edi,eax; exit */
	static const unsigned char code[] = {0x8b, 0x04, 0x25, 0x00, 0x08, 0x60, 0x00, 0xc7, 0x04,
					     0x25, 0x00, 0x18, 0x60, 0x00, 0x05, 0x00, 0x00, 0x00,
					     0x03, 0x04, 0x25, 0x00, 0x18, 0x60, 0x00, 0x89, 0xc7,
					     0xb8, 0x3c, 0x00, 0x00, 0x00, 0x0f, 0x05};

	make_tiny(&t, ET_EXEC, 0);
	memcpy(t.code, code, sizeof(code));
	t.eh.e_phnum = 2;
	t.ph[1] = (Elf64_Phdr){.p_type = PT_LOAD,
			       .p_flags = PF_R | PF_W,
			       .p_vaddr = 0x600000,
			       .p_filesz = 16,
			       .p_memsz = 2 * PAGE,
			       .p_align = PAGE};
	CHECK_EQ(run_tiny(&t), 5);
}

CASE(elf_without_segments_is_refused)
{
	struct tiny t;
	int status;
	pid_t pid;

	make_tiny(&t, ET_EXEC, 0);
	t.eh.e_phnum = 0;
	make_executable("tiny", &t, sizeof(t), 0755);
	CHILD(pid) {
		execl("./tiny", "x", (char *)NULL);
		_exit(errno);
	}
	status = wait_status(pid);
	CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) == ENOEXEC);
}

CASE(elf_file_size_above_memory_size)
{
	struct tiny t;
	int status;
	pid_t pid;

	make_tiny(&t, ET_EXEC, 0);
	t.ph[0].p_memsz = 1;
	make_executable("tiny", &t, sizeof(t), 0755);
	CHILD(pid) {
		execl("./tiny", "x", (char *)NULL);
		_exit(errno);
	}
	status = wait_status(pid);
	CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) == EINVAL ||
	      WEXITSTATUS(status) == ENOEXEC);
}

CASE(elf_missing_interpreter)
{
	struct tiny t;

	make_tiny(&t, ET_EXEC, 0);
	t.eh.e_phnum = 2;
	memcpy(t.code + 20, "/no/such/ld.so", 15);
	t.ph[1] = (Elf64_Phdr){.p_type = PT_INTERP,
			       .p_offset = offsetof(struct tiny, code) + 20,
			       .p_filesz = 15,
			       .p_memsz = 15};
	CHECK_EQ(run_tiny(&t), ENOENT);
}

CASE(script_runs_interpreter)
{
	char text[PATH_MAX + 40];
	char *argv[] = {"ignored", "a", "b", NULL};

	snprintf(text, sizeof(text), "#!%s --role\n", self_path());
	make_script("argc", text);
	/* The interpreter gets: itself, "--role", the script's path, then the arguments. */
	CHECK_EQ(status_of("argc", argv), 2);
}

CASE(script_path_with_blanks_around)
{
	char text[PATH_MAX + 40];
	char *argv[] = {"ignored", "a", NULL};

	snprintf(text, sizeof(text), "#! \t %s  --role  \nrest", self_path());
	make_script("argc", text);
	CHECK_EQ(status_of("argc", argv), 1);
}

/* The script "argc", called like a role: this program gets --role, "argc", then what follows. */
static void make_argc(const char *end)
{
	char text[PATH_MAX + 40];

	snprintf(text, sizeof(text), "#!%s --role%s", self_path(), end);
	make_script("argc", text);
}

CASE(script_without_newline)
{
	char *argv[] = {"ignored", NULL};

	make_argc("");
	CHECK_EQ(status_of("argc", argv), 0);
}

CASE(script_missing_interpreter)
{
	char *argv[] = {"ignored", NULL};

	make_script("s", "#!/no/such/interpreter\n");
	CHECK_EQ(status_of("./s", argv), ENOENT);
}

CASE(script_empty_interpreter)
{
	char *argv[] = {"ignored", NULL};

	make_script("s", "#!\n");
	CHECK_EQ(status_of("./s", argv), ENOEXEC);
	make_script("s", "#!   \n");
	CHECK_EQ(status_of("./s", argv), ENOEXEC);
}

CASE(script_interpreter_may_be_a_script)
{
	char *argv[] = {"ignored", "a", NULL};

	/* The outer script's interpreter is "argc", whose own is this program: --role argc s2 a. */
	make_argc("\n");
	make_script("s2", "#!argc\n");
	CHECK_EQ(status_of("s2", argv), 2);
}

CASE(script_nesting_has_a_limit)
{
	char *argv[] = {"ignored", NULL};

	make_script("loop", "#!loop\n");
	CHECK_EQ(status_of("loop", argv), ELOOP);
}

/* Five scripts, each the interpreter of the next, and a program below; a sixth is too many. */
CASE(script_nesting_depth)
{
	char text[PATH_MAX + 40], name[16];
	char *argv[] = {"ignored", "a", NULL};

	make_argc("\n");
	make_script("s2", "#!argc x\n");
	for (int i = 3; i <= 6; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		snprintf(text, sizeof(text), "#!s%d y%d\n", i - 1, i);
		make_script(name, text);
	}
	/* Each but the last adds its own argument and its name in front of "a". */
	CHECK_EQ(status_of("s5", argv), 9);
	CHECK_EQ(status_of("s6", argv), ELOOP);
}

/* 256 bytes are looked at. An argument may be cut off there; a name may not. */
CASE(script_line_has_a_longest_length)
{
	char *argv[] = {"ignored", NULL};
	char text[300];

	OK(symlink(self_path(), "interp"));
	/* Called without a role, this program complains of its arguments. */
	OK(dup2(OK(open("/dev/null", O_WRONLY)), STDERR_FILENO));
	for (int name = 250; name <= 256; name++) {
		memset(text, '/', sizeof(text));
		memcpy(text, "#!.", 3);
		memcpy(text + 2 + name - 6, "interp", 6);
		/* With a newline behind it, with a blank and an argument, with nothing more. */
		strcpy(text + 2 + name, "\n");
		make_script("argc", text);
		CHECK_EQ(status_of("argc", argv) == ENOEXEC, 2 + name > 255);
		strcpy(text + 2 + name, " --role\n");
		make_script("argc", text);
		CHECK_EQ(status_of("argc", argv) == ENOEXEC, 2 + name > 255);
		text[2 + name] = '\0';
		make_script("argc", text);
		CHECK_EQ(status_of("argc", argv) == ENOEXEC, 2 + name > 255);
	}
	/* The last byte that counts is the last one of "--role"; one further, and it is another. */
	memset(text, ' ', sizeof(text));
	memcpy(text, "#!interp", 8);
	strcpy(text + 249, "--role\n");
	make_script("argc", text);
	CHECK_EQ(status_of("argc", argv), 0);
	memset(text + 249, ' ', 6);
	strcpy(text + 250, "--role\n");
	make_script("argc", text);
	CHECK(status_of("argc", argv) != 0);
}
