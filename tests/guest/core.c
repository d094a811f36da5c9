/* SPDX-License-Identifier: MIT */
/* Core files: core(5), elf(5), prctl(2) PR_SET_DUMPABLE, madvise(2). What gdb reads in them. */
#include "harness.h"

#include <elf.h>
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/procfs.h>
#include <sys/user.h>

#define MAGIC_REG  0x1122334455667788UL
#define MAGIC_WORD 0x8877665544332211UL

/* A core file in memory. */
struct core {
	char *data;
	size_t size;
	const Elf64_Ehdr *eh;
	const Elf64_Phdr *ph;
};

/* Puts core_pattern to "core", or skips the case where that is not for us to choose. */
static void need_plain_pattern(void)
{
	char pattern[256], uses_pid[16];

	if (slurp("/proc/sys/kernel/core_pattern", pattern, sizeof(pattern)) < 0 ||
	    strcmp(pattern, "core\n"))
		SKIP("core_pattern is not \"core\"");
	if (slurp("/proc/sys/kernel/core_uses_pid", uses_pid, sizeof(uses_pid)) < 0 ||
	    strcmp(uses_pid, "0\n"))
		SKIP("core_uses_pid is set");
	NEED(setrlimit(RLIMIT_CORE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY}));
}

static void core_load(struct core *c, const char *name)
{
	int fd = OK(open(name, O_RDONLY));
	struct stat st;

	OK(fstat(fd, &st));
	c->size = st.st_size;
	c->data = OK(mmap(NULL, c->size, PROT_READ, MAP_PRIVATE, fd, 0));
	close(fd);
	c->eh = (const Elf64_Ehdr *)c->data;
	CHECK(c->size >= sizeof(*c->eh));
	CHECK(!memcmp(c->eh->e_ident, ELFMAG, SELFMAG));
	CHECK_EQ(c->eh->e_type, ET_CORE);
	CHECK_EQ(c->eh->e_machine, EM_X86_64);
	CHECK_EQ(c->eh->e_phentsize, sizeof(Elf64_Phdr));
	c->ph = (const Elf64_Phdr *)(c->data + c->eh->e_phoff);
}

/* The nth note of a type; NULL when there are fewer. size, unless NULL: of what it holds. */
static const void *core_note(const struct core *c, unsigned int type, int nth, size_t *size)
{
	for (int i = 0; i < c->eh->e_phnum; i++) {
		const char *p = c->data + c->ph[i].p_offset, *end = p + c->ph[i].p_filesz;

		if (c->ph[i].p_type != PT_NOTE)
			continue;
		while (p < end) {
			const Elf64_Nhdr *n = (const Elf64_Nhdr *)p;

			p += sizeof(*n) + ((n->n_namesz + 3) & ~3U);
			if (n->n_type == type && nth-- == 0) {
				if (size)
					*size = n->n_descsz;
				return p;
			}
			p += (n->n_descsz + 3) & ~3U;
		}
	}
	return NULL;
}

/* The segment that has addr; NULL when there is none. */
static const Elf64_Phdr *core_segment(const struct core *c, const void *addr)
{
	unsigned long a = (unsigned long)addr;

	for (int i = 0; i < c->eh->e_phnum; i++)
		if (c->ph[i].p_type == PT_LOAD && a >= c->ph[i].p_vaddr &&
		    a < c->ph[i].p_vaddr + c->ph[i].p_memsz)
			return &c->ph[i];
	return NULL;
}

/* Is the byte at addr in the file? */
static bool core_has(const struct core *c, const void *addr)
{
	const Elf64_Phdr *ph = core_segment(c, addr);

	return ph && (unsigned long)addr - ph->p_vaddr < ph->p_filesz;
}

static unsigned long core_word(const struct core *c, const void *addr)
{
	const Elf64_Phdr *ph = core_segment(c, addr);

	CHECK(core_has(c, addr));
	return *(unsigned long *)(c->data + ph->p_offset + ((unsigned long)addr - ph->p_vaddr));
}

/* The child has died of sig and left a core file. */
static void check_dumped(pid_t pid, int sig)
{
	int status = wait_status(pid);

	CHECK(WIFSIGNALED(status));
	CHECK_EQ(WTERMSIG(status), sig);
	CHECK(WCOREDUMP(status));
}

/* Faults with a word of its choice in a register that nobody else uses. */
static void fault_with_magic(void)
{
	asm volatile("mov %0, %%r15\n\t"
		     "xor %%eax, %%eax\n\t"
		     ".globl core_fault_here\n"
		     "core_fault_here:\n\t"
		     "mov (%%rax), %%rax" ::"i"(MAGIC_REG)
		     : "rax", "r15", "memory");
}

extern const char core_fault_here[];

#define NR_THREADS 3
struct team {
	pid_t tid[NR_THREADS];
	int ready;
};

static struct team *team;

static void *sleep_for_ever(void *arg)
{
	team->tid[(long)arg] = gettid();
	__atomic_add_fetch(&team->ready, 1, __ATOMIC_RELEASE);
	for (;;)
		pause();
	return NULL;
}

static void start_team(void)
{
	pthread_t t;

	for (long i = 0; i < NR_THREADS; i++)
		CHECK_EQ(pthread_create(&t, NULL, sleep_for_ever, (void *)i), 0);
	while (__atomic_load_n(&team->ready, __ATOMIC_ACQUIRE) != NR_THREADS)
		nap();
	for (int i = 0; i < NR_THREADS; i++)
		await_state(team->tid[i], "S");
}

CASE(registers_of_the_thread_that_faulted)
{
	const struct elf_prstatus *st;
	const struct user_regs_struct *regs;
	const siginfo_t *si;
	struct core c;
	size_t size;
	pid_t pid;

	need_plain_pattern();
	CHILD(pid) {
		fault_with_magic();
	}
	check_dumped(pid, SIGSEGV);
	core_load(&c, "core");
	st = core_note(&c, NT_PRSTATUS, 0, &size);
	CHECK(st);
	CHECK_EQ(size, sizeof(*st));
	CHECK_EQ(st->pr_pid, pid);
	CHECK_EQ(st->pr_ppid, getpid());
	CHECK_EQ(st->pr_pgrp, getpgrp());
	CHECK_EQ(st->pr_sid, getsid(0));
	CHECK_EQ(st->pr_cursig, SIGSEGV);
	CHECK_EQ(st->pr_info.si_signo, SIGSEGV);
	CHECK(st->pr_fpvalid);
	regs = (const void *)st->pr_reg;
	CHECK_EQ(regs->r15, MAGIC_REG);
	CHECK_EQ(regs->rip, (unsigned long)core_fault_here);
	CHECK_EQ(regs->rax, 0);
	CHECK(!core_note(&c, NT_PRSTATUS, 1, NULL));
	si = core_note(&c, NT_SIGINFO, 0, NULL);
	CHECK(si);
	CHECK_EQ(si->si_signo, SIGSEGV);
	CHECK_EQ(si->si_code, SEGV_MAPERR);
	CHECK(si->si_addr == NULL);
}

CASE(notes_of_each_thread)
{
	const struct elf_prstatus *st;
	bool seen[NR_THREADS] = {false};
	struct core c;
	size_t size;
	pid_t pid;

	need_plain_pattern();
	team = shared(sizeof(*team));
	CHILD(pid) {
		start_team();
		fault_with_magic();
	}
	check_dumped(pid, SIGSEGV);
	core_load(&c, "core");
	for (int i = 0; (st = core_note(&c, NT_PRSTATUS, i, NULL)); i++) {
		const struct user_regs_struct *regs = (const void *)st->pr_reg;
		bool found = i == 0 && st->pr_pid == pid;

		CHECK(i <= NR_THREADS);
		/* The one that faulted comes first; the others are where their system call is. */
		for (int j = 0; i && j < NR_THREADS; j++) {
			if (st->pr_pid != team->tid[j] || seen[j])
				continue;
			found = seen[j] = true;
			CHECK(regs->orig_rax == SYS_pause || regs->orig_rax == SYS_ppoll);
			CHECK(core_has(&c, (void *)regs->rsp));
		}
		CHECK(found);
		CHECK_EQ(st->pr_cursig, SIGSEGV);
		CHECK(core_note(&c, NT_PRFPREG, i, &size));
		CHECK_EQ(size, sizeof(struct user_fpregs_struct));
	}
	for (int j = 0; j < NR_THREADS; j++)
		CHECK(seen[j]);
}

static void *fault_in_thread(void *arg)
{
	team->tid[0] = gettid();
	fault_with_magic();
	return arg;
}

CASE(a_thread_other_than_the_leader_comes_first)
{
	const struct elf_prstatus *st;
	struct core c;
	pid_t pid;

	need_plain_pattern();
	team = shared(sizeof(*team));
	CHILD(pid) {
		pthread_t t;

		pthread_create(&t, NULL, fault_in_thread, NULL);
		pthread_join(t, NULL);
	}
	check_dumped(pid, SIGSEGV);
	core_load(&c, "core");
	st = core_note(&c, NT_PRSTATUS, 0, NULL);
	CHECK(st);
	CHECK_EQ(st->pr_pid, team->tid[0]);
	CHECK_EQ(((const struct user_regs_struct *)st->pr_reg)->r15, MAGIC_REG);
	st = core_note(&c, NT_PRSTATUS, 1, NULL);
	CHECK(st);
	CHECK_EQ(st->pr_pid, pid);
}

/* In NT_FILE's names, one behind the other after the table. */
static bool file_note_names(const struct core *c, const char *path)
{
	size_t size;
	const uint64_t *w = core_note(c, NT_FILE, 0, &size);
	const char *name, *end = (const char *)w + size;

	CHECK(w);
	CHECK(w[1] == 1 || w[1] == PAGE); /* the unit of offsets */
	name = (const char *)(w + 2 + 3 * w[0]);
	for (uint64_t i = 0; i < w[0] && name < end; i++, name += strlen(name) + 1)
		if (!strcmp(name, path))
			return true;
	return false;
}

CASE(notes_of_the_process)
{
	const struct elf_prpsinfo *ps;
	const unsigned long *aux;
	char path[256] = {0};
	struct core c;
	bool entry = false;
	size_t size;
	pid_t pid;

	need_plain_pattern();
	CHILD(pid) {
		prctl(PR_SET_NAME, "dumper");
		setpriority(PRIO_PROCESS, 0, 3);
		raise(SIGABRT);
	}
	check_dumped(pid, SIGABRT);
	core_load(&c, "core");
	ps = core_note(&c, NT_PRPSINFO, 0, &size);
	CHECK(ps);
	CHECK_EQ(size, sizeof(*ps));
	CHECK_STR(ps->pr_fname, "dumper");
	CHECK_EQ(ps->pr_pid, pid);
	CHECK_EQ(ps->pr_ppid, getpid());
	CHECK_EQ(ps->pr_uid, getuid());
	CHECK_EQ(ps->pr_nice, 3);
	aux = core_note(&c, NT_AUXV, 0, &size);
	CHECK(aux);
	for (size_t i = 0; i < size / sizeof(long); i += 2)
		entry |= aux[i] == AT_ENTRY && aux[i + 1] == getauxval(AT_ENTRY);
	CHECK(entry);
	OK(readlink("/proc/self/exe", path, sizeof(path) - 1));
	CHECK(file_note_names(&c, path));
}

static void *private_page(unsigned long word)
{
	unsigned long *p =
	    OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	*p = word;
	return p;
}

/* A page alone in its mapping: those beside it cannot be joined to it. */
static void *lone_page(int flags, int fd)
{
	char *p = OK(mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	return OK(mmap(p + PAGE, PAGE, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, 0));
}

CASE(memory_is_there)
{
	unsigned long *anon = private_page(MAGIC_WORD), *hidden, *untouched;
	unsigned long on_stack = MAGIC_WORD;
	struct core c;
	pid_t pid;

	need_plain_pattern();
	hidden = lone_page(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	*hidden = MAGIC_WORD;
	OK(madvise(hidden, PAGE, MADV_DONTDUMP));
	untouched = lone_page(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	CHILD(pid) {
		*(volatile unsigned long *)&on_stack += 1;
		raise(SIGQUIT);
	}
	check_dumped(pid, SIGQUIT);
	core_load(&c, "core");
	CHECK_EQ(core_word(&c, anon), MAGIC_WORD);
	CHECK_EQ(core_word(&c, &on_stack), MAGIC_WORD + 1);
	CHECK(core_segment(&c, hidden));
	CHECK(!core_has(&c, hidden));
	CHECK(core_segment(&c, untouched));
	CHECK(!core_has(&c, untouched) || !core_word(&c, untouched));
	CHECK(core_has(&c, (void *)getauxval(AT_SYSINFO_EHDR)));
	/* The program's text is in its file; of it only the first page comes along. */
	CHECK(core_segment(&c, core_fault_here));
	CHECK(!core_has(&c, core_fault_here));
}

static void dump_with_filter(const char *filter, struct core *c)
{
	pid_t pid;

	unlink("core");
	CHILD(pid) {
		OK(spew("/proc/self/coredump_filter", filter));
		raise(SIGQUIT);
	}
	check_dumped(pid, SIGQUIT);
	core_load(c, "core");
}

CASE(filter_chooses_mappings)
{
	int fd = OK(open("mapped", O_RDWR | O_CREAT, 0600));
	unsigned long *anon, *anon_shared, *file, *file_shared;
	struct core c;

	need_plain_pattern();
	OK(ftruncate(fd, PAGE));
	anon = lone_page(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	anon_shared = lone_page(MAP_SHARED | MAP_ANONYMOUS, -1);
	file = lone_page(MAP_PRIVATE, fd); /* read only: no page of its own */
	file_shared = lone_page(MAP_SHARED, fd);
	*anon = *anon_shared = *file_shared = MAGIC_WORD;
	CHECK_EQ(*(volatile unsigned long *)file, MAGIC_WORD);

	dump_with_filter("0x0", &c);
	CHECK(!core_has(&c, anon) && !core_has(&c, anon_shared));
	CHECK(!core_has(&c, file) && !core_has(&c, file_shared));
	dump_with_filter("0x1", &c);
	CHECK_EQ(core_word(&c, anon), MAGIC_WORD);
	CHECK(!core_has(&c, anon_shared) && !core_has(&c, file) && !core_has(&c, file_shared));
	dump_with_filter("0x2", &c);
	CHECK(!core_has(&c, anon));
	CHECK_EQ(core_word(&c, anon_shared), MAGIC_WORD);
	dump_with_filter("0x4", &c);
	CHECK_EQ(core_word(&c, file), MAGIC_WORD);
	CHECK(!core_has(&c, file_shared));
	dump_with_filter("0x8", &c);
	CHECK_EQ(core_word(&c, file_shared), MAGIC_WORD);
	CHECK(!core_has(&c, file));
}

CASE(filter_is_read_written_and_inherited)
{
	char text[32];
	pid_t pid;

	CHECK(slurp("/proc/self/coredump_filter", text, sizeof(text)) > 0);
	CHECK_STR(text, "00000033\n");
	OK(spew("/proc/self/coredump_filter", "0x21"));
	CHILD(pid) {
		CHECK(slurp("/proc/self/coredump_filter", text, sizeof(text)) > 0);
		CHECK_STR(text, "00000021\n");
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_ERR(spew("/proc/self/coredump_filter", "nonsense"), EINVAL);
}

CASE(limit_cuts_it_short)
{
	struct stat st;
	struct core c;
	pid_t pid;

	need_plain_pattern();
	CHILD(pid) {
		char *p = OK(mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

		memset(p, 1, 1 << 20);
		OK(setrlimit(RLIMIT_CORE, &(struct rlimit){65536, RLIM_INFINITY}));
		raise(SIGSEGV);
	}
	check_dumped(pid, SIGSEGV);
	OK(stat("core", &st));
	CHECK(st.st_size > 4096);
	CHECK(st.st_blocks * 512 <= 65536 + 4096);
	core_load(&c, "core");
	CHECK(core_note(&c, NT_PRSTATUS, 0, NULL));
}

CASE(limit_below_a_page_is_none)
{
	pid_t pid;

	need_plain_pattern();
	CHILD(pid) {
		OK(setrlimit(RLIMIT_CORE, &(struct rlimit){4095, RLIM_INFINITY}));
		raise(SIGSEGV);
	}
	CHECK(!WCOREDUMP(wait_status(pid)));
	CHECK_ERR(access("core", F_OK), ENOENT);
}

CASE(signals_that_dump)
{
	static const int dump[] = {SIGQUIT, SIGILL,  SIGTRAP, SIGABRT, SIGBUS,
				   SIGFPE,  SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS},
			 none[] = {SIGTERM, SIGINT, SIGHUP, SIGKILL,   SIGPIPE, SIGALRM,
				   SIGUSR1, SIGIO,  SIGPWR, SIGVTALRM, SIGPROF};
	pid_t pid;

	need_plain_pattern();
	for (size_t i = 0; i < ARRAY_SIZE(dump); i++) {
		unlink("core");
		CHILD(pid) {
			raise(dump[i]);
		}
		check_dumped(pid, dump[i]);
		OK(access("core", F_OK));
	}
	unlink("core");
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		CHILD(pid) {
			raise(none[i]);
		}
		CHECK_EQ(wait_status(pid), none[i]);
	}
	CHECK_ERR(access("core", F_OK), ENOENT);
}

CASE(an_old_one_is_replaced_and_no_link_followed)
{
	struct stat st;
	pid_t pid;

	need_plain_pattern();
	OK(spew("target", "mine"));
	OK(symlink("target", "core"));
	CHILD(pid) {
		raise(SIGSEGV);
	}
	check_dumped(pid, SIGSEGV);
	OK(lstat("core", &st));
	CHECK(S_ISREG(st.st_mode));
	CHECK_EQ(st.st_mode & 0777, 0600);
	CHECK_EQ(st.st_uid, geteuid());
	OK(stat("target", &st));
	CHECK_EQ(st.st_size, 4);
}

CASE(a_directory_in_its_place_means_none)
{
	pid_t pid;

	need_plain_pattern();
	OK(mkdir("core", 0700));
	CHILD(pid) {
		raise(SIGSEGV);
	}
	CHECK(!WCOREDUMP(wait_status(pid)));
}

/* prctl(2): who changed its user does not dump, until it says that it may. */
CASE_ROOT(after_a_change_of_user)
{
	struct stat st;
	char suid[16];
	pid_t pid;

	need_plain_pattern();
	if (slurp("/proc/sys/fs/suid_dumpable", suid, sizeof(suid)) < 0 || strcmp(suid, "0\n"))
		SKIP("suid_dumpable is set");
	OK(chmod(".", 0777));
	CHILD(pid) {
		OK(setuid(1000));
		CHECK_EQ(prctl(PR_GET_DUMPABLE), 0);
		raise(SIGSEGV);
	}
	CHECK(!WCOREDUMP(wait_status(pid)));
	CHECK_ERR(access("core", F_OK), ENOENT);
	CHILD(pid) {
		OK(setuid(1000));
		OK(prctl(PR_SET_DUMPABLE, 1));
		raise(SIGSEGV);
	}
	check_dumped(pid, SIGSEGV);
	OK(stat("core", &st));
	CHECK_EQ(st.st_uid, 1000);
}

/*
 * The status of a child that calls itself name and dies of SIGQUIT while core_pattern is pattern.
 * The old one is back before anything can fail.
 */
static int dump_with_pattern(const char *pattern, const char *name, pid_t *pid)
{
	char old[256];
	int status;

	if (slurp("/proc/sys/kernel/core_pattern", old, sizeof(old)) < 0)
		SKIP("no core_pattern");
	OK(setrlimit(RLIMIT_CORE, &(struct rlimit){1 << 20, RLIM_INFINITY}));
	if (spew("/proc/sys/kernel/core_pattern", pattern))
		SKIP("core_pattern: %s", strerror(errno));
	*pid = fork();
	if (!*pid) {
		prctl(PR_SET_NAME, name);
		raise(SIGQUIT);
		_exit(0);
	}
	if (waitpid(*pid, &status, 0) != *pid)
		status = -1;
	spew("/proc/sys/kernel/core_pattern", old);
	return status;
}

CASE_ROOT(pattern_specifiers)
{
	char name[128], host[65] = {0};
	struct stat st;
	int status;
	pid_t pid;

	status = dump_with_pattern("c.%p.%P.%i.%e.%s.%u.%g.%d.%c.%f.%h.%%.x", "na/me", &pid);
	CHECK(WIFSIGNALED(status) && WCOREDUMP(status));
	OK(gethostname(host, sizeof(host) - 1));
	snprintf(name, sizeof(name), "c.%d.%d.%d.na!me.%d.0.0.1.%d.core.%s.%%.x", pid, pid, pid,
		 SIGQUIT, 1 << 20, host);
	OK(stat(name, &st));
}

CASE_ROOT(pattern_with_directories)
{
	char cwd[256], pattern[512];
	int status;
	pid_t pid;

	OK((long)getcwd(cwd, sizeof(cwd)));
	if (strlen(cwd) > 90)
		SKIP("the current directory's name is too long for a pattern");
	snprintf(pattern, sizeof(pattern), "%s/sub/core-%%e", cwd);
	/* The directory is not made for it. */
	status = dump_with_pattern(pattern, "x", &pid);
	CHECK(WIFSIGNALED(status) && !WCOREDUMP(status));
	OK(mkdir("sub", 0700));
	OK(mkdir("elsewhere", 0700));
	OK(chdir("elsewhere"));
	status = dump_with_pattern(pattern, "x", &pid);
	CHECK(WIFSIGNALED(status) && WCOREDUMP(status));
	OK(access("../sub/core-x", F_OK));
}

CASE_ROOT(pid_is_added)
{
	char old[16], name[64];
	int status;
	pid_t pid;

	CHECK(slurp("/proc/sys/kernel/core_uses_pid", old, sizeof(old)) > 0);
	if (spew("/proc/sys/kernel/core_uses_pid", "1"))
		SKIP("core_uses_pid: %s", strerror(errno));
	status = dump_with_pattern("dump", "x", &pid);
	spew("/proc/sys/kernel/core_uses_pid", old);
	CHECK(WIFSIGNALED(status) && WCOREDUMP(status));
	snprintf(name, sizeof(name), "dump.%d", pid);
	OK(access(name, F_OK));
}

/* proc(5), suid_dumpable: 1 dumps all, 2 as root and to an absolute name that is not there yet. */
CASE_ROOT(suid_dumpable_values)
{
	static const struct {
		const char *value;
		bool absolute, there, dumps;
		uid_t owner;
	} tries[] = {
	    {"0", false, false, false, 0}, {"1", false, false, true, 1000},
	    {"2", false, false, false, 0}, {"2", true, false, true, 0},
	    {"2", true, true, false, 0},
	};
	char dir[256], pattern[512], old[256], suid[16], core[400];
	struct stat st;
	int status[ARRAY_SIZE(tries)];
	pid_t pid;

	CHECK(slurp("/proc/sys/kernel/core_pattern", old, sizeof(old)) > 0);
	if (slurp("/proc/sys/fs/suid_dumpable", suid, sizeof(suid)) < 0 ||
	    spew("/proc/sys/fs/suid_dumpable", suid))
		SKIP("suid_dumpable: %s", strerror(errno));
	OK((long)getcwd(dir, sizeof(dir)));
	if (strlen(dir) > 90)
		SKIP("the current directory's name is too long for a pattern");
	OK(chmod(".", 0777));
	OK(setrlimit(RLIMIT_CORE, &(struct rlimit){1 << 20, RLIM_INFINITY}));
	for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
		snprintf(core, sizeof(core), "%s/kept%zu", dir, i);
		snprintf(pattern, sizeof(pattern), "%s",
			 tries[i].absolute ? core : core + strlen(dir) + 1);
		if (tries[i].there)
			spew(core, "mine");
		spew("/proc/sys/fs/suid_dumpable", tries[i].value);
		spew("/proc/sys/kernel/core_pattern", pattern);
		pid = fork();
		if (!pid) {
			if (!setuid(1000))
				raise(SIGQUIT);
			_exit(0);
		}
		if (waitpid(pid, &status[i], 0) != pid)
			status[i] = -1;
	}
	spew("/proc/sys/fs/suid_dumpable", suid);
	spew("/proc/sys/kernel/core_pattern", old);
	for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
		CHECK(WIFSIGNALED(status[i]));
		CHECK_EQ(!!WCOREDUMP(status[i]), tries[i].dumps);
		snprintf(core, sizeof(core), "kept%zu", i);
		if (!tries[i].dumps && !tries[i].there) {
			CHECK_ERR(stat(core, &st), ENOENT);
			continue;
		}
		OK(stat(core, &st));
		CHECK_EQ(st.st_uid, tries[i].owner);
		CHECK_EQ(st.st_size == 4, tries[i].there);
	}
}

CASE_ROOT(pattern_specifiers_of_place_and_time)
{
	time_t now = time(NULL);
	bool found = false;
	struct stat st;
	char name[64];
	int status;
	pid_t pid;

	/* What is no specifier says nothing, nor does a lone % at the end. */
	status = dump_with_pattern("c.%I.%C.%z.%", "x", &pid);
	CHECK(WIFSIGNALED(status) && WCOREDUMP(status));
	for (int cpu = 0; cpu < 1024 && !found; cpu++) {
		snprintf(name, sizeof(name), "c.%d.%d..", pid, cpu);
		found = !stat(name, &st);
	}
	CHECK(found);
	status = dump_with_pattern("t.%t", "x", &pid);
	CHECK(WIFSIGNALED(status) && WCOREDUMP(status));
	found = false;
	for (time_t t = now; t < now + 60 && !found; t++) {
		snprintf(name, sizeof(name), "t.%lld", (long long)t);
		found = !stat(name, &st);
	}
	CHECK(found);
}
