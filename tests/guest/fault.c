/* SPDX-License-Identifier: MIT */
/* Processor exceptions as signals: numbers, codes, addresses; and that handlers can repair them. */
#include "harness.h"

#include <cpuid.h>
#include <sys/ucontext.h>

static volatile int sig_seen, code_seen;
static void *volatile addr_seen;
static volatile greg_t trapno_seen, err_seen, cr2_seen;

/* Leave by the address in the register that each case sets up as its way out. */
static void *volatile resume_at;

static void record(int sig, siginfo_t *si, void *ctx)
{
	ucontext_t *uc = ctx;

	sig_seen = sig;
	code_seen = si->si_code;
	addr_seen = si->si_addr;
	trapno_seen = uc->uc_mcontext.gregs[REG_TRAPNO];
	err_seen = uc->uc_mcontext.gregs[REG_ERR];
	cr2_seen = uc->uc_mcontext.gregs[REG_CR2];
	if (resume_at)
		uc->uc_mcontext.gregs[REG_RIP] = (greg_t)resume_at;
}

static void catch_all(void)
{
	static const int sigs[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};

	for (size_t i = 0; i < ARRAY_SIZE(sigs); i++)
		on_siginfo(sigs[i], record, 0);
}

/* Run one instruction that traps and go on behind it. */
#define TRAP(insn, ...)                                                              \
	do {                                                                         \
		catch_all();                                                         \
		asm volatile("lea 1f(%%rip), %%rcx\n\tmov %%rcx, %0\n\t" insn "\n1:" \
			     : "=m"(resume_at)                                       \
			     : __VA_ARGS__                                           \
			     : "rax", "rcx", "rdx", "memory", "cc");                 \
	} while (0)

static void expect(int sig, int code)
{
	CHECK_EQ(sig_seen, sig);
	CHECK_EQ(code_seen, code);
}

CASE(null_read_is_maperr)
{
	TRAP("mov (%1), %%eax", "r"(0L));
	expect(SIGSEGV, SEGV_MAPERR);
	CHECK(!addr_seen);
	CHECK_EQ(trapno_seen, 14);
	CHECK_EQ(err_seen, 4);
}

CASE(unmapped_write_names_address)
{
	TRAP("movl $1, (%1)", "r"(0x12345678L));
	expect(SIGSEGV, SEGV_MAPERR);
	CHECK_EQ((long)addr_seen, 0x12345678);
	CHECK_EQ(cr2_seen, 0x12345678);
	CHECK_EQ(err_seen, 6);
}

CASE(read_only_write_is_accerr)
{
	char *p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	TRAP("movl $1, (%1)", "r"(p + 8));
	expect(SIGSEGV, SEGV_ACCERR);
	CHECK(addr_seen == p + 8);
}

CASE(no_access_read_is_accerr)
{
	TRAP("mov (%1), %%eax", "r"(no_access_page()));
	expect(SIGSEGV, SEGV_ACCERR);
}

CASE(kernel_address_is_maperr)
{
	TRAP("mov (%1), %%eax", "r"(0xffffffff81000000L));
	CHECK_EQ(sig_seen, SIGSEGV);
	CHECK_EQ(code_seen, SEGV_MAPERR);
	CHECK_EQ((long)addr_seen, 0xffffffff81000000L);
	CHECK_EQ(err_seen & ~1, 4);
}

CASE(non_canonical_is_general_protection)
{
	TRAP("mov (%1), %%eax", "r"(0x8000000000000000L));
	expect(SIGSEGV, SI_KERNEL);
	CHECK(!addr_seen);
	CHECK_EQ(trapno_seen, 13);
}

CASE(privileged_instruction)
{
	TRAP("hlt", "r"(0));
	expect(SIGSEGV, SI_KERNEL);
	CHECK_EQ(trapno_seen, 13);
}

CASE(io_port_is_refused)
{
	TRAP("inb $0x80, %%al", "r"(0));
	CHECK_EQ(sig_seen, SIGSEGV);
}

CASE(cli_is_refused)
{
	TRAP("cli", "r"(0));
	CHECK_EQ(sig_seen, SIGSEGV);
}

CASE(read_of_cr3_and_msr_is_refused)
{
	TRAP("mov %%cr3, %%rax", "r"(0));
	CHECK_EQ(sig_seen, SIGSEGV);
	sig_seen = 0;
	TRAP("rdmsr", "r"(0));
	CHECK_EQ(sig_seen, SIGSEGV);
}

CASE(integer_division_by_zero)
{
	TRAP("xor %%edx, %%edx\n\tmov $1, %%eax\n\tdivl %1", "r"(0));
	expect(SIGFPE, FPE_INTDIV);
	CHECK_EQ(trapno_seen, 0);
}

CASE(division_overflow)
{
	TRAP("mov $0x7fffffff, %%edx\n\tmov $1, %%eax\n\tdivl %1", "r"(1));
	expect(SIGFPE, FPE_INTDIV);
}

CASE(illegal_instruction)
{
	TRAP("ud2", "r"(0));
	expect(SIGILL, ILL_ILLOPN);
	CHECK_EQ(trapno_seen, 6);
	CHECK((char *)addr_seen < (char *)resume_at && addr_seen);
}

CASE(breakpoint)
{
	TRAP("int3", "r"(0));
	expect(SIGTRAP, SI_KERNEL);
	CHECK_EQ(trapno_seen, 3);
}

CASE(software_interrupt_of_the_kernel)
{
	TRAP("int $0x21", "r"(0));
	CHECK_EQ(sig_seen, SIGSEGV);
	CHECK_EQ(trapno_seen, 13);
}

CASE(trap_flag_steps)
{
	catch_all();
	resume_at = NULL;
	asm volatile("pushf\n\torl $0x100, (%%rsp)\n\tpopf\n\tnop\n\t"
		     "pushf\n\tandl $~0x100, (%%rsp)\n\tpopf" ::
			 : "memory", "cc");
	expect(SIGTRAP, TRAP_TRACE);
}

/* QEMU's own emulation of the processor raises neither SSE exceptions nor alignment checks. */
static bool emulated(void)
{
	unsigned a, b, c, d;

	__cpuid(0x40000000, a, b, c, d);
	return b == 0x54474354 && c == 0x43544743 && d == 0x47435447; /* "TCGTCGTCGTCG" */
}

CASE(sse_exception)
{
	unsigned mxcsr = 0x1f80 & ~0x200;

	if (emulated())
		skip_case("this emulator raises no SSE exceptions");
	TRAP("ldmxcsr %1\n\txorps %%xmm0, %%xmm0\n\tmov $1, %%eax\n\t"
	     "cvtsi2ss %%eax, %%xmm1\n\tdivss %%xmm0, %%xmm1",
	     "m"(mxcsr));
	mxcsr = 0x1f80;
	asm volatile("ldmxcsr %0" ::"m"(mxcsr));
	expect(SIGFPE, FPE_FLTDIV);
	CHECK_EQ(trapno_seen, 19);
}

CASE(x87_exception)
{
	unsigned short cw = 0x37f & ~4;

	TRAP("fninit\n\tfldcw %1\n\tfld1\n\tfldz\n\tfdivrp\n\tfwait", "m"(cw));
	asm volatile("fninit");
	expect(SIGFPE, FPE_FLTDIV);
	CHECK_EQ(trapno_seen, 16);
}

CASE(bus_error_past_end_of_file)
{
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));
	char *p = OK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0));

	TRAP("mov (%1), %%eax", "r"(p + 16));
	expect(SIGBUS, BUS_ADRERR);
	CHECK(addr_seen == p + 16);
}

CASE(alignment_check)
{
	static int v[2];

	if (emulated())
		skip_case("this emulator checks no alignment");
	catch_all();
	/* Misaligned access with EFLAGS.AC set; the flag is cleared behind it. */
	TRAP("pushf\n\torl $0x40000, (%%rsp)\n\tpopf\n\tmov 1(%1), %%eax", "r"(v));
	asm volatile("pushf\n\tandl $~0x40000, (%%rsp)\n\tpopf" ::: "memory", "cc");
	expect(SIGBUS, BUS_ADRALN);
	CHECK_EQ(trapno_seen, 17);
}

static void unprotect(int sig, siginfo_t *si, void *ctx)
{
	(void)ctx;
	sig_seen = sig;
	mprotect((void *)((long)si->si_addr & -PAGE), PAGE, PROT_READ | PROT_WRITE);
}

CASE(handler_repairs_and_instruction_is_repeated)
{
	volatile int *p = no_access_page();

	on_siginfo(SIGSEGV, unprotect, 0);
	p[3] = 44;
	CHECK_EQ(sig_seen, SIGSEGV);
	CHECK_EQ(p[3], 44);
}

static int dies_of(void (*fn)(void), bool ignore, bool block, int sig)
{
	pid_t pid;

	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	CHILD(pid) {
		if (ignore)
			signal(sig, SIG_IGN);
		if (block)
			block_signal(sig);
		fn();
	}
	return wait_killed(pid);
}

static void read_null(void)
{
	asm volatile("mov 0, %%eax" ::: "eax");
}

static void divide(void)
{
	asm volatile("xor %%ecx, %%ecx\n\tdivl %%ecx" ::: "eax", "ecx", "edx");
}

CASE(ignored_or_blocked_fault_still_kills)
{
	CHECK_EQ(dies_of(read_null, false, false, SIGSEGV), SIGSEGV);
	CHECK_EQ(dies_of(read_null, true, false, SIGSEGV), SIGSEGV);
	CHECK_EQ(dies_of(read_null, false, true, SIGSEGV), SIGSEGV);
	CHECK_EQ(dies_of(divide, true, true, SIGFPE), SIGFPE);
}

static void fault_again(int sig)
{
	(void)sig;
	read_null();
}

static void fault_in_handler(void)
{
	on_signal(SIGSEGV, fault_again, 0);
	read_null();
}

CASE(fault_in_its_own_handler_kills)
{
	CHECK_EQ(dies_of(fault_in_handler, false, false, SIGUSR1), SIGSEGV);
}

static void jump_to_data(void)
{
	static char data[16] = {(char)0xc3};

	((void (*)(void))(void *)data)();
}

static void jump_to_null(void)
{
	void (*volatile f)(void) = NULL;

	f();
}

CASE(jump_to_nowhere_or_data)
{
	CHECK_EQ(dies_of(jump_to_data, false, false, 0), SIGSEGV);
	CHECK_EQ(dies_of(jump_to_null, false, false, 0), SIGSEGV);
}

static void bad_stack(void)
{
	asm volatile("mov $0x10, %rsp\n\tpush %rax");
}

CASE(bad_stack_pointer)
{
	CHECK_EQ(dies_of(bad_stack, false, false, 0), SIGSEGV);
}

CASE(bad_segment_selector)
{
	TRAP("mov $0x1234, %%eax\n\tmov %%ax, %%ds", "r"(0));
	CHECK_EQ(sig_seen, SIGSEGV);
	CHECK_EQ(trapno_seen, 13);
}

CASE(syscall_with_odd_flags)
{
	long r;

	/* NT, AC, DF and TF-free oddities in EFLAGS must not hurt the kernel. */
	asm volatile("pushf\n\torl $0x44400, (%%rsp)\n\tpopf\n\tsyscall\n\t"
		     "pushf\n\tandl $~0x44400, (%%rsp)\n\tpopf"
		     : "=a"(r)
		     : "a"(SYS_getpid)
		     : "rcx", "r11", "memory", "cc");
	CHECK_EQ(r, getpid());
}

CASE(unknown_system_calls)
{
	CHECK_ERR(syscall(100000), ENOSYS);
	CHECK_ERR(syscall(-1), ENOSYS);
	CHECK_ERR(syscall(LONG_MAX), ENOSYS);
	/* Only the low half of the register is the number. */
	CHECK_EQ(syscall(1L << 40 | SYS_getpid), getpid());
}

CASE(system_call_keeps_registers)
{
	long bad;

	asm volatile("mov $1, %%rbx\n\tmov $2, %%r12\n\tmov $3, %%r13\n\tmov $4, %%r14\n\t"
		     "mov $5, %%r15\n\tmov $6, %%rdi\n\tmov $7, %%rsi\n\tmov $8, %%rdx\n\t"
		     "mov $9, %%r10\n\tmov $10, %%r8\n\tmov $11, %%r9\n\tmov $39, %%eax\n\t"
		     "syscall\n\t"
		     "add %%rbx, %%r12\n\tadd %%r12, %%r13\n\tadd %%r13, %%r14\n\t"
		     "add %%r14, %%r15\n\tadd %%rdi, %%rsi\n\tadd %%rsi, %%rdx\n\t"
		     "add %%rdx, %%r10\n\tadd %%r10, %%r8\n\tadd %%r8, %%r9\n\t"
		     "add %%r15, %%r9\n\tmov %%r9, %0"
		     : "=r"(bad)
		     :
		     : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12",
		       "r13", "r14", "r15", "memory");
	CHECK_EQ(bad, 66);
}
