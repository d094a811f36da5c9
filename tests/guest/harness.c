/* SPDX-License-Identifier: MIT */
/*
 * The runner of guest tests; harness.h is its contract. It keeps to old and simple calls (fork,
 * waitpid, pipe, setitimer) because it has to report when the newer ones fail.
 */
#include "harness.h"

#include <dirent.h>
#include <ftw.h>
#include <sys/time.h>

#define MAX_COUNTS 16
#define COUNTS	   "/proc/jiffy/counts"
#define MUTATION   "/proc/sys/kernel/mutation"
#define LEAK_TRIES 3

struct counts {
	int n;
	char name[MAX_COUNTS][32];
	long long value[MAX_COUNTS];
};

enum verdict { PASSED, FAILED, SKIPPED };

static struct test_case *first_case, **last_case = &first_case;
static int report_fd = -1;
static volatile pid_t case_pid;
static volatile sig_atomic_t timed_out;
static long scale_arg = -1;
static int time_factor = 1;
static const char *mutation;
static char own_path[PATH_MAX];

void register_case(struct test_case *c)
{
	*last_case = c;
	last_case = &c->next;
}

/* The first report of a case is the one that counts; later ones are consequences. */
static void report(char kind, const char *text)
{
	char msg[1024];
	int n = snprintf(msg, sizeof(msg), "%c%s", kind, text);

	if (n >= (int)sizeof(msg))
		n = sizeof(msg) - 1;
	if (write(report_fd, msg, n + 1) < 0)
		_exit(98);
	if (getpid() != case_pid)
		kill(case_pid, SIGKILL);
	_exit(99);
}

void fail_at(const char *file, int line, const char *fmt, ...)
{
	const char *base = strrchr(file, '/');
	char msg[1000];
	va_list ap;
	int n;

	n = snprintf(msg, sizeof(msg), "%s:%d: ", base ? base + 1 : file, line);
	va_start(ap, fmt);
	vsnprintf(msg + n, sizeof(msg) - n, fmt, ap);
	va_end(ap);
	report('F', msg);
	_exit(99);
}

void skip_case(const char *fmt, ...)
{
	char msg[1000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	report('S', msg);
	_exit(99);
}

static bool read_counts(struct counts *c)
{
	char line[128];
	FILE *f = fopen(COUNTS, "r");

	c->n = 0;
	if (!f)
		return false;
	while (c->n < MAX_COUNTS && fgets(line, sizeof(line), f))
		if (sscanf(line, "%31s %lld", c->name[c->n], &c->value[c->n]) == 2)
			c->n++;
	fclose(f);
	return true;
}

/* Writes the differences to text and returns how many there are. */
static int compare_counts(const struct counts *a, const struct counts *b, char *text, size_t size)
{
	int differences = 0;
	size_t used = 0;

	text[0] = 0;
	for (int i = 0; i < a->n && i < b->n; i++) {
		if (a->value[i] == b->value[i])
			continue;
		differences++;
		used += snprintf(text + used, used < size ? size - used : 0, " %s %+lld",
				 a->name[i], b->value[i] - a->value[i]);
	}
	return differences;
}

/* What the dead leave behind is freed a moment later, so equality may take a second to come. */
static bool counts_return_to(const struct counts *before, char *text, size_t size, int tries)
{
	struct counts after;

	for (int i = 0; i < tries; i++) {
		if (!read_counts(&after) || !compare_counts(before, &after, text, size))
			return true;
		usleep(20000);
	}
	return false;
}

static void on_timeout(int sig)
{
	(void)sig;
	timed_out = 1;
	kill(case_pid, SIGKILL);
}

static void set_alarm(int seconds)
{
	struct itimerval it = {.it_value.tv_sec = seconds, .it_interval.tv_sec = seconds ? 1 : 0};

	setitimer(ITIMER_REAL, &it, NULL);
}

/* A deliberate bug of the kernel under test is on while a case runs, and only then. */
static void set_mutation(const char *name)
{
	if (!mutation)
		return;
	if (spew(MUTATION, name)) {
		fprintf(stderr, "mutation %s: %s\n", name, strerror(errno));
		exit(2);
	}
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	remove(path);
	return 0;
}

/* The parent's pid by /proc/PID/stat; the comm field may hold spaces and parentheses. */
static pid_t parent_of(const char *pid)
{
	char path[64], buf[512], *p;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	if (slurp(path, buf, sizeof(buf)) < 0)
		return -1;
	p = strrchr(buf, ')');
	return p ? atoi(p + 4) : -1;
}

#define ORPHANS_TIMEOUT 10 /* seconds */

/*
 * Orphans of a case come to the harness, which is their subreaper; they are killed and reaped.
 * False: some would neither die nor be reaped.
 */
static bool kill_orphans(void)
{
	int64_t end = now_ms() + ORPHANS_TIMEOUT * 1000 * time_factor;

	while (now_ms() < end) {
		bool some = false;
		DIR *d = opendir("/proc");
		struct dirent *e;

		while (d && (e = readdir(d))) {
			if (e->d_name[0] < '1' || e->d_name[0] > '9')
				continue;
			if (parent_of(e->d_name) == getpid()) {
				kill(atoi(e->d_name), SIGKILL);
				some = true;
			}
		}
		if (d)
			closedir(d);
		if (!some && waitpid(-1, NULL, WNOHANG) <= 0)
			return true;
		while (now_ms() < end && waitpid(-1, NULL, WNOHANG | __WALL) > 0)
			;
		if (some)
			nap();
	}
	return false;
}

static void become_case(const struct test_case *c, const char *dir, int fd)
{
	static const unsigned long default_action[4];
	sigset_t none;

	set_alarm(0);
	/* Not by signal(): libc keeps two signals to itself, but they may be ignored from outside.
	 */
	for (int sig = 1; sig < NSIG; sig++)
		syscall(SYS_rt_sigaction, sig, default_action, NULL, 8);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Out of the way of cases that want the lowest descriptors, or close a range. */
	report_fd = fcntl(fd, F_DUPFD_CLOEXEC, 900);
	close(fd);
	case_pid = getpid();
	setsid();
	if (chdir(dir))
		fail_at(__FILE__, __LINE__, "chdir %s: %s", dir, strerror(errno));
	c->run();
	_exit(0);
}

static enum verdict judge(const struct test_case *c, int status, int fd, char *why, size_t size)
{
	char msg[1024];
	ssize_t n = read(fd, msg, sizeof(msg) - 1);

	if (n > 0) {
		msg[n] = 0;
		snprintf(why, size, "%s", msg + 1);
		return msg[0] == 'S' ? SKIPPED : FAILED;
	}
	if (timed_out)
		snprintf(why, size, "not done after %d s",
			 (c->timeout ? c->timeout : 10) * time_factor);
	else if (WIFSIGNALED(status))
		snprintf(why, size, "killed by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status))
		snprintf(why, size, "exit status %d", WEXITSTATUS(status));
	else
		return PASSED;
	return FAILED;
}

static enum verdict run_once(const struct test_case *c, char *why, size_t size)
{
	char dir[] = "/tmp/guest.XXXXXX";
	int fd[2], status = 0;
	enum verdict v;
	bool gone;

	if (!mkdtemp(dir) || pipe2(fd, O_CLOEXEC | O_NONBLOCK)) {
		snprintf(why, size, "no directory or pipe: %s", strerror(errno));
		return FAILED;
	}
	chmod(dir, 0777);
	timed_out = 0;
	set_mutation(mutation);
	case_pid = fork();
	if (case_pid == 0) {
		close(fd[0]);
		become_case(c, dir, fd[1]);
	}
	close(fd[1]);
	set_alarm((c->timeout ? c->timeout : 10) * time_factor);
	while (waitpid(case_pid, &status, 0) < 0 && errno == EINTR)
		;
	set_alarm(0);
	set_mutation("none");
	kill(-case_pid, SIGKILL);
	gone = kill_orphans();
	v = judge(c, status, fd[0], why, size);
	if (!gone) {
		snprintf(why, size, "it leaves processes that cannot be killed and reaped");
		v = FAILED;
	}
	close(fd[0]);
	nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	return v;
}

static enum verdict run_case(const struct test_case *c, char *why, size_t size)
{
	struct counts before;
	char text[512];

	if (c->root && geteuid()) {
		snprintf(why, size, "needs root");
		return SKIPPED;
	}
	for (int i = 0; i < LEAK_TRIES; i++) {
		bool counted = read_counts(&before);
		enum verdict v = run_once(c, why, size);

		if (v != PASSED || !counted || c->no_count)
			return v;
		/* A first touch does not go away by waiting; only the last look is patient. */
		if (counts_return_to(&before, text, sizeof(text), i + 1 < LEAK_TRIES ? 8 : 50))
			return PASSED;
	}
	snprintf(why, size, "leaks:%s", text);
	return FAILED;
}

static void nothing(void)
{
}

/*
 * What this process touches for the first time counts as memory that the case took. An empty case
 * and a comparison that finds a difference touch it beforehand.
 */
static void warm_up(void)
{
	static const struct test_case empty = {.name = "warm_up", .run = nothing};
	struct counts before;
	char text[512];

	if (!read_counts(&before) || !before.n)
		return;
	run_once(&empty, text, sizeof(text));
	before.value[0]++;
	counts_return_to(&before, text, sizeof(text), 1);
}

static bool selected(const struct test_case *c, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (!strcmp(*names, c->name))
			return true;
	return false;
}

static int usage(const char *name)
{
	fprintf(stderr,
		"usage: %s [-l] [-m MUTATION] [-n SCALE] [-t FACTOR] [CASE...]\n"
		"  -l         list the cases\n"
		"  -m NAME    turn this bug of a checked jiffy kernel on for each case\n"
		"  -n SCALE   size of the stress cases\n"
		"  -t FACTOR  multiply every time-out\n",
		name);
	return 2;
}

static int run_all(char **names)
{
	static const char *const word[] = {"ok", "not ok", "skip"};
	int count[3] = {0};
	char why[1100];

	signal(SIGALRM, on_timeout);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	warm_up();
	for (struct test_case *c = first_case; c; c = c->next) {
		enum verdict v;

		if (!selected(c, names))
			continue;
		v = run_case(c, why, sizeof(why));
		count[v]++;
		if (v == PASSED)
			printf("ok %s\n", c->name);
		else
			printf("%s %s: %s\n", word[v], c->name, why);
		fflush(stdout);
	}
	if (*names && !count[PASSED] && !count[FAILED] && !count[SKIPPED]) {
		fprintf(stderr, "no such case: %s\n", *names);
		return 2;
	}
	printf("%d passed, %d failed\n", count[PASSED], count[FAILED]);
	return count[FAILED] != 0;
}

int main(int argc, char **argv)
{
	int opt;

	if (readlink("/proc/self/exe", own_path, sizeof(own_path) - 1) < 0)
		snprintf(own_path, sizeof(own_path), "%s", argv[0]);
	if (argc > 2 && !strcmp(argv[1], "--role") && role_main)
		return role_main(argv[2], argc - 3, argv + 3);
	while ((opt = getopt(argc, argv, "lm:n:t:")) != -1) {
		switch (opt) {
		case 'l':
			for (struct test_case *c = first_case; c; c = c->next)
				puts(c->name);
			return 0;
		case 'm':
			mutation = optarg;
			break;
		case 'n':
			scale_arg = atol(optarg);
			break;
		case 't':
			time_factor = atoi(optarg) > 0 ? atoi(optarg) : 1;
			break;
		default:
			return usage(argv[0]);
		}
	}
	return run_all(argv + optind);
}

const char *self_path(void)
{
	return own_path;
}

long scale(long dflt)
{
	return scale_arg > 0 ? scale_arg : dflt;
}
