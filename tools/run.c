/* SPDX-License-Identifier: MIT */
/*
 * `jiffy run`: options, their checks, and the order of things: look at our own
 * descriptors, pack, start the machine, carry it to its end.
 */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gdbinit.h"
#include "jiffy.h"
#include "pack.h"
#include "paths.h"
#include "qemu.h"
#include "session.h"
#include "spec.h"
#include "term.h"

#define MIN_CPUS     1
#define MAX_CPUS     64
#define MIN_MEM_MIB  32ULL
#define MAX_MEM_MIB  (64ULL * 1024)
#define MAX_SECONDS  1e9
#define NSEC_PER_SEC 1e9

struct run_options {
	struct qemu_config qemu;
	struct session_config session;
	struct pack_request pack;
	const char *trace_file, *trace_events;
	bool gdb;
};

enum option_key {
	OPT_CPUS = 256,
	OPT_MEM,
	OPT_MACHINE,
	OPT_ACCEL,
	OPT_ICOUNT,
	OPT_APPEND,
	OPT_ADD,
	OPT_TIMEOUT,
	OPT_GDB,
	OPT_VERBOSE,
	OPT_TRACE,
	OPT_TRACE_EVENTS,
	OPT_KERNEL,
	OPT_QEMU,
};

static const struct argp_option options[] = {
    {"cpus", OPT_CPUS, "N", 0, "Give the machine N processors, 1 to 64 (2; with --icount 1)", 0},
    {"mem", OPT_MEM, "SIZE", 0,
     "Give it SIZE of memory, 32M to 64G; K, M, G suffixes, without one it is MiB (512M)", 0},
    {"machine", OPT_MACHINE, "TYPE", 0, "QEMU's machine: microvm or q35 (microvm)", 0},
    {"accel", OPT_ACCEL, "HOW", 0,
     "tcg, kvm, or auto: kvm where /dev/kvm opens and the processor has vmx or svm (auto)", 0},
    {"icount", OPT_ICOUNT, NULL, 0, "Let virtual time count instructions: two runs are identical",
     0},
    {"append", OPT_APPEND, "STR", 0, "Add STR to the kernel's command line", 0},
    {"add", OPT_ADD, "HOSTPATH[:GUESTPATH]", 0,
     "Put a file or a directory of the host's into the guest; may be repeated", 0},
    {"timeout", OPT_TIMEOUT, "S", 0, "End the guest after S seconds, with status 124", 0},
    {"gdb", OPT_GDB, NULL, 0, "Wait for gdb before the first instruction, and say how to start it",
     0},
    {"verbose", OPT_VERBOSE, NULL, 0, "Show QEMU's command line and the kernel's log", 0},
    {"trace", OPT_TRACE, "FILE", 0,
     "Record the scheduler's events while PROGRAM runs, and write them to FILE as text", 0},
    {"trace-events", OPT_TRACE_EVENTS, "EVENTS", 0,
     "What --trace records, as tracefs's set_event takes it (sched:*)", 0},
    {"kernel", OPT_KERNEL, "FILE", 0, "Boot FILE in place of jiffy's kernel", 0},
    {"qemu", OPT_QEMU, "FILE", 0, "Use this QEMU (qemu-system-x86_64)", 0},
    {0},
};

static const char doc[] =
    "Run PROGRAM, one of this host's, inside a new jiffy machine; without PROGRAM, run a shell."
    "\v"
    "PROGRAM is found on $PATH as a shell does it. Its interpreter and its shared libraries go "
    "along; standard input, output and error and the exit status pass through. On a terminal "
    "every key goes to the guest; Ctrl-] three times within a second ends the machine.\n"
    "\n"
    "Exit status: PROGRAM's own, 128+n when signal n ended it, or\n"
    "   64  an option or argument is wrong\n"
    "   65  PROGRAM is a truncated or malformed ELF file\n"
    "   66  a file that PROGRAM needs, or --add names, is missing\n"
    "   67  PROGRAM is for another processor\n"
    "   68  this QEMU is too old for what was asked\n"
    "   69  QEMU, busybox or the kernel is not installed\n"
    "   70  the kernel panicked, or the machine reset itself\n"
    "   71  the host refused memory, a file or a process\n"
    "   72  QEMU ended for a reason of its own\n"
    "   73  the guest switched off before PROGRAM ended\n"
    "   74  standard input or output failed\n"
    "   75  PROGRAM is neither an ELF program nor a script\n"
    "  124  --timeout ran out\n"
    "  126  PROGRAM was found, but may not be executed\n"
    "  127  PROGRAM was not found\n"
    "  128+n  signal n ended this command";

static unsigned int parse_cpus(struct argp_state *state, const char *arg)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(arg, &end, 10);
	if (errno || end == arg || *end || arg[0] == '-' || n < MIN_CPUS || n > MAX_CPUS)
		argp_error(state, "--cpus takes a number from %d to %d, not `%s'", MIN_CPUS,
			   MAX_CPUS, arg);
	return n;
}

/* Return MiB. A size below one MiB comes out as 0, which is out of range like all that are. */
static unsigned long long parse_mem(struct argp_state *state, const char *arg)
{
	unsigned long long n, mib = 0;
	char *end;

	errno = 0;
	n = strtoull(arg, &end, 10);
	if (!errno && end != arg && arg[0] != '-' && n <= MAX_MEM_MIB * 1024) {
		if (!strcasecmp(end, "k"))
			mib = n / 1024;
		else if (!*end || !strcasecmp(end, "m"))
			mib = n;
		else if (!strcasecmp(end, "g"))
			mib = n * 1024;
	}
	if (mib < MIN_MEM_MIB || mib > MAX_MEM_MIB)
		argp_error(state, "--mem takes a size from 32M to 64G, not `%s'", arg);
	return mib;
}

static uint64_t parse_timeout(struct argp_state *state, const char *arg)
{
	double seconds;
	char *end;

	seconds = strtod(arg, &end);
	if (end == arg || *end || !(seconds > 0) || seconds > MAX_SECONDS)
		argp_error(state, "--timeout takes a number of seconds above 0, not `%s'", arg);
	return seconds * NSEC_PER_SEC;
}

static int parse_word(struct argp_state *state, const char *option, const char *arg,
		      const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(arg, words[i]))
			return i;
	argp_error(state, "%s does not know `%s'; see --help", option, arg);
	return 0;
}

static void append_parameters(struct run_options *o, const char *arg)
{
	const char *before = o->qemu.append;

	o->qemu.append = before ? xasprintf("%s %s", before, arg) : xstrdup(arg);
}

static void add_path(struct run_options *o, char *arg)
{
	struct pack_request *p = &o->pack;

	p->add = xrealloc(p->add, (p->nr_add + 1) * sizeof(char *));
	p->add[p->nr_add++] = arg;
}

static void set_machine_option(struct run_options *o, int key, char *arg, struct argp_state *state)
{
	static const char *const machines[] = {"microvm", "q35", NULL};
	static const char *const accels[] = {"auto", "tcg", "kvm", NULL};

	switch (key) {
	case OPT_CPUS:
		o->qemu.cpus = parse_cpus(state, arg);
		break;
	case OPT_MEM:
		o->qemu.mem_mib = parse_mem(state, arg);
		break;
	case OPT_MACHINE:
		o->qemu.machine = parse_word(state, "--machine", arg, machines);
		break;
	case OPT_ACCEL:
		o->qemu.accel = parse_word(state, "--accel", arg, accels);
		break;
	case OPT_ICOUNT:
		o->qemu.icount = true;
		break;
	case OPT_KERNEL:
		o->qemu.kernel = arg;
		o->qemu.foreign = true;
		o->session.console_out = true; /* it may know nothing of the link */
		break;
	case OPT_QEMU:
		o->qemu.program = arg;
		break;
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct run_options *o = state->input;

	switch (key) {
	case OPT_APPEND:
		append_parameters(o, arg);
		break;
	case OPT_ADD:
		add_path(o, arg);
		break;
	case OPT_TIMEOUT:
		o->session.timeout_ns = parse_timeout(state, arg);
		break;
	case OPT_GDB:
		o->gdb = true;
		break;
	case OPT_VERBOSE:
		o->qemu.verbose = o->session.verbose = true;
		break;
	case OPT_TRACE:
		o->trace_file = arg;
		break;
	case OPT_TRACE_EVENTS:
		o->trace_events = arg;
		break;
	case ARGP_KEY_ARG:
		/* The rest is PROGRAM's, options and all. */
		o->pack.argv = state->argv + state->next - 1;
		state->next = state->argc;
		break;
	case ARGP_KEY_END:
		if (o->qemu.icount && o->qemu.accel == ACCEL_KVM)
			argp_error(
			    state,
			    "--icount counts emulated instructions: it excludes --accel kvm");
		if (o->trace_events && !o->trace_file)
			argp_error(state, "--trace-events says what --trace=FILE records");
		/* Counting needs a newer QEMU for several CPUs: who wants that asks for it. */
		if (!o->qemu.cpus)
			o->qemu.cpus = o->qemu.icount ? 1 : 2;
		break;
	default:
		if (key < OPT_CPUS || key > OPT_QEMU)
			return ARGP_ERR_UNKNOWN;
		set_machine_option(o, key, arg, state);
	}
	return 0;
}

/*
 * Our own files must not land on the numbers 0 to 2 when the caller closed
 * some: /dev/null holds the place. Which were closed is remembered in @kind.
 */
static void look_at_fds(char kind[SPEC_NR_FDS])
{
	for (int i = 0; i < SPEC_NR_FDS; i++) {
		if (fcntl(i, F_GETFD) >= 0) {
			kind[i] = isatty(i) ? SPEC_FD_TERMINAL : SPEC_FD_HOST;
			continue;
		}
		kind[i] = SPEC_FD_CLOSED;
		if (open("/dev/null", O_RDWR) != i)
			die(STATUS_HOST, "descriptor %d is closed and /dev/null does not open", i);
	}
}

/* Output and error into one file (`>log 2>&1`) share one stream, so that their order holds. */
static bool same_file(int a, int b)
{
	struct stat sa, sb;

	return !fstat(a, &sa) && !fstat(b, &sb) && sa.st_dev == sb.st_dev &&
	       sa.st_ino == sb.st_ino && fcntl(a, F_GETFL) == fcntl(b, F_GETFL);
}

static void describe_fds(struct run_options *o)
{
	char *kind = o->pack.fd_kind;

	if (kind[1] == SPEC_FD_HOST && kind[2] == SPEC_FD_HOST &&
	    same_file(STDOUT_FILENO, STDERR_FILENO))
		kind[2] = SPEC_FD_STDOUT;
	for (int i = SPEC_NR_FDS - 1; i >= 0; i--)
		if (kind[i] == SPEC_FD_TERMINAL)
			term_window(i, &o->pack.window);
	memcpy(o->session.fd_kind, kind, SPEC_NR_FDS);
}

/* Early: a place that cannot be written is told before the machine starts. */
static void open_trace(struct run_options *o)
{
	o->session.trace_fd = -1;
	if (!o->trace_file)
		return;
	o->pack.trace = o->trace_events ? o->trace_events : "sched:*";
	o->session.trace_fd = open(o->trace_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (o->session.trace_fd < 0)
		die(STATUS_IO, "--trace: %s: %s", o->trace_file, strerror(errno));
}

static void check_kernel(const struct run_options *o)
{
	if (access(o->qemu.kernel, R_OK))
		die(STATUS_UNAVAILABLE, "the kernel %s: %s", o->qemu.kernel, strerror(errno));
}

int cmd_run(int argc, char **argv)
{
	static const struct argp argp = {options, parse, "[PROGRAM [ARG...]]", doc, NULL,
					 NULL,	  NULL};
	static char *no_program[] = {NULL};
	struct run_options o = {
	    .qemu = {.program = "qemu-system-x86_64", .mem_mib = 512},
	    .pack = {.argv = no_program},
	};
	struct qemu machine;
	char *initrd;
	int status;

	look_at_fds(o.pack.fd_kind);
	argp_err_exit_status = STATUS_USAGE;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &o);
	o.session.shell = !o.pack.argv[0];
	describe_fds(&o);
	open_trace(&o);
	o.pack.init = own_file("guest/init", "init");
	o.qemu.initrd_fd = pack(&o.pack, &initrd);
	o.qemu.initrd = initrd;
	if (!o.qemu.kernel)
		o.qemu.kernel = own_file("jiffy.elf", "jiffy.elf");
	check_kernel(&o);
	if (o.gdb)
		o.qemu.gdb_port = prepare_gdb(o.qemu.kernel);
	session_signals();
	do {
		qemu_start(&o.qemu, &machine);
		status = session_run(&o.session, &machine);
	} while (status == SESSION_RESTART);
	return status;
}
