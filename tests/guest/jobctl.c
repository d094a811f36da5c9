/* SPDX-License-Identifier: MIT */
/* Sessions, process groups, the controlling terminal, orphaned groups: job control over a pty. */
#include "harness.h"

#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>

CASE(case_is_session_leader)
{
	CHECK_EQ(getsid(0), getpid());
	CHECK_EQ(getpgrp(), getpid());
	CHECK_EQ(getpgid(0), getpid());
}

CASE(setsid_of_group_leader_fails)
{
	CHECK_ERR(setsid(), EPERM);
}

CASE(setsid_makes_session_and_group)
{
	pid_t pid;

	CHILD(pid) {
		CHECK_EQ(OK(setsid()), getpid());
		CHECK_EQ(getsid(0), getpid());
		CHECK_EQ(getpgrp(), getpid());
		CHECK_ERR(setsid(), EPERM);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(setsid_refused_while_group_id_is_in_use)
{
	pid_t a, b;
	struct gate g;

	/* b joins a's group and a leaves it: a's pid still names a group, so a may not lead anew.
	 */
	gate_init(&g);
	CHILD(a) {
		OK(setpgid(0, 0));
		CHILD(b) {
			gate_wait(&g);
		}
		OK(setpgid(0, getpgid(getppid())));
		CHECK_ERR(setsid(), EPERM);
		gate_open(&g);
		CHECK_EQ(wait_exit(b), 0);
	}
	CHECK_EQ(wait_exit(a), 0);
}

static void end(pid_t pid)
{
	OK(kill(pid, SIGKILL));
	wait_status(pid);
}

CASE(setpgid_of_child)
{
	pid_t a = waiting_child(), b = waiting_child();

	OK(setpgid(a, 0));
	CHECK_EQ(getpgid(a), a);
	OK(setpgid(b, a));
	CHECK_EQ(getpgid(b), a);
	OK(setpgid(b, getpgrp()));
	CHECK_EQ(getpgid(b), getpgrp());
	end(a);
	end(b);
}

CASE(setpgid_errors)
{
	pid_t a = waiting_child();

	CHECK_ERR(setpgid(a, -1), EINVAL);
	CHECK_ERR(setpgid(0x7ffffff0, 0), ESRCH);
	CHECK_ERR(setpgid(getppid(), 0), ESRCH);
	CHECK_ERR(setpgid(a, 0x7ffffff0), EPERM);
	CHECK_ERR(setpgid(0, 0), EPERM); /* a session leader */
	end(a);
}

CASE(setpgid_after_exec_is_eacces)
{
	pid_t pid;
	int fd[2];

	OK(pipe(fd));
	CHILD(pid) {
		dup2(fd[0], 0);
		close(fd[1]);
		execl(self_path(), "guest", "--role", "read", (char *)NULL);
	}
	char path[64], buf[100] = "";

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	EVENTUALLY(slurp(path, buf, sizeof(buf)) > 0 && !strcmp(buf, "guest"));
	CHECK_ERR(setpgid(pid, pid), EACCES);
	close(fd[1]);
	CHECK_EQ(wait_exit(pid), 0);
}

int role_main(const char *role, int argc, char **argv)
{
	char c;

	(void)role;
	(void)argc;
	(void)argv;
	return read(0, &c, 1);
}

CASE(setpgid_across_sessions)
{
	pid_t pid;
	struct gate g;

	gate_init(&g);
	CHILD(pid) {
		OK(setsid());
		gate_open(&g);
		for (;;)
			pause();
	}
	gate_wait(&g);
	CHECK_ERR(setpgid(pid, 0), EPERM);
	end(pid);
}

CASE(getpgid_getsid_of_missing)
{
	CHECK_ERR(getpgid(0x7ffffff0), ESRCH);
	CHECK_ERR(getsid(0x7ffffff0), ESRCH);
	CHECK_ERR(getpgid(-1), ESRCH);
}

CASE(group_outlives_leader)
{
	pid_t a = waiting_child(), b = waiting_child();

	OK(setpgid(a, a));
	OK(setpgid(b, a));
	end(a);
	CHECK_EQ(getpgid(b), a);
	OK(kill(-a, SIGTERM));
	CHECK_EQ(wait_killed(b), SIGTERM);
	CHECK_ERR(kill(-a, 0), ESRCH);
}

CASE(orphaned_stopped_group_gets_hup_and_cont)
{
	volatile int *seen = shared(PAGE);
	pid_t leader;
	struct gate g;

	gate_init(&g);
	OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	CHILD(leader) {
		pid_t job;

		OK(setsid());
		CHILD(job) {
			sigset_t set;

			OK(setpgid(0, 0));
			sigemptyset(&set);
			sigaddset(&set, SIGHUP);
			sigaddset(&set, SIGCONT);
			OK(sigprocmask(SIG_BLOCK, &set, NULL));
			raise(SIGSTOP);
			seen[1] = signal_pending(SIGHUP);
			seen[2] = signal_pending(SIGCONT);
			gate_open(&g);
		}
		CHECK_EQ(waitpid(job, NULL, WUNTRACED), job);
		seen[0] = job;
	}
	CHECK_EQ(wait_exit(leader), 0);
	gate_wait(&g);
	CHECK_EQ(seen[1], 1);
	CHECK_EQ(seen[2], 1);
	CHECK_EQ(wait_exit(seen[0]), 0);
}

CASE(orphaned_group_does_not_stop_on_tstp)
{
	volatile int *seen = shared(PAGE);
	pid_t pid;

	OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	/* Its parent is in another session, so its group is orphaned from the start. */
	CHILD(pid) {
		OK(setsid());
		raise(SIGTSTP);
		seen[0] = 1;
		raise(SIGTTIN);
		raise(SIGTTOU);
		seen[1] = 1;
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK(seen[0] && seen[1]);
}

CASE(tstp_stops_a_job)
{
	static const int sigs[] = {SIGTSTP, SIGTTIN, SIGTTOU};

	for (size_t i = 0; i < ARRAY_SIZE(sigs); i++) {
		int status;
		pid_t pid;

		CHILD(pid) {
			OK(setpgid(0, 0));
			raise(sigs[i]);
		}
		CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
		CHECK(WIFSTOPPED(status));
		CHECK_EQ(WSTOPSIG(status), sigs[i]);
		OK(kill(-pid, SIGCONT));
		CHECK_EQ(wait_exit(pid), 0);
	}
}

/* Runs fn in a child that leads a session with a pty's slave as controlling terminal, on 0. */
static int with_terminal(void (*fn)(int master), int *out_status)
{
	int master, slave;
	pid_t pid;

	OK(openpty(&master, &slave, NULL, NULL, NULL));
	CHILD(pid) {
		OK(setsid());
		OK(ioctl(slave, TIOCSCTTY, 0));
		OK(dup2(slave, 0));
		close(slave);
		fn(master);
	}
	close(slave);
	*out_status = wait_status(pid);
	close(master);
	return *out_status;
}

#define ON_TERMINAL(fn)                               \
	do {                                          \
		int st_;                              \
		CHECK_EQ(with_terminal(fn, &st_), 0); \
	} while (0)

static void terminal_ids(int master)
{
	pid_t sid;

	(void)master;
	CHECK_EQ(tcgetpgrp(0), getpid());
	CHECK_EQ(tcgetsid(0), getpid());
	OK(ioctl(0, TIOCGSID, &sid));
	CHECK_EQ(sid, getpid());
	int fd = OK(open("/dev/tty", O_RDWR));

	CHECK_EQ(tcgetpgrp(fd), getpid());
}

CASE(controlling_terminal_ids)
{
	ON_TERMINAL(terminal_ids);
}

CASE(dev_tty_without_terminal)
{
	CHECK_ERR(open("/dev/tty", O_RDWR), ENXIO);
}

static void set_foreground(int master)
{
	pid_t job = waiting_child();

	(void)master;
	OK(setpgid(job, job));
	OK(tcsetpgrp(0, job));
	CHECK_EQ(tcgetpgrp(0), job);
	/* From the background of an orphaned group the change is refused, not stopped. */
	CHECK_ERR(tcsetpgrp(0, getpgrp()), ENOTTY);
	signal(SIGTTOU, SIG_IGN);
	CHECK_ERR(tcsetpgrp(0, 0x7ffffff0), ESRCH);
	CHECK_ERR(tcsetpgrp(0, -1), EINVAL);
	end(job);
}

CASE(tcsetpgrp_moves_foreground)
{
	ON_TERMINAL(set_foreground);
}

static void background_read(int master)
{
	int status;
	pid_t job;
	char c;

	CHILD(job) {
		OK(setpgid(0, 0));
		CHECK_EQ(read(0, &c, 1), 1);
		CHECK_EQ(c, 'k');
	}
	CHECK_EQ(waitpid(job, &status, WUNTRACED), job);
	CHECK(WIFSTOPPED(status));
	CHECK_EQ(WSTOPSIG(status), SIGTTIN);
	OK(tcsetpgrp(0, job));
	CHECK_EQ(write(master, "k\n", 2), 2);
	OK(kill(-job, SIGCONT));
	CHECK_EQ(wait_exit(job), 0);
}

CASE(background_read_stops_with_sigttin)
{
	ON_TERMINAL(background_read);
}

static void background_read_ignored(int master)
{
	pid_t job;
	char c;

	(void)master;
	CHILD(job) {
		OK(setpgid(0, 0));
		signal(SIGTTIN, SIG_IGN);
		CHECK_ERR(read(0, &c, 1), EIO);
	}
	CHECK_EQ(wait_exit(job), 0);
}

CASE(background_read_with_ttin_ignored_is_eio)
{
	ON_TERMINAL(background_read_ignored);
}

static void background_write(int master)
{
	struct termios t;
	int status;
	pid_t job;

	(void)master;
	OK(tcgetattr(0, &t));
	CHILD(job) {
		OK(setpgid(0, 0));
		CHECK_EQ(write(0, "x", 1), 1); /* without TOSTOP writing is free */
		t.c_lflag |= TOSTOP;
		signal(SIGTTOU, SIG_IGN);
		OK(tcsetattr(0, TCSANOW, &t));
		signal(SIGTTOU, SIG_DFL);
		CHECK_EQ(write(0, "y", 1), 1);
	}
	CHECK_EQ(waitpid(job, &status, WUNTRACED), job);
	CHECK(WIFSTOPPED(status));
	CHECK_EQ(WSTOPSIG(status), SIGTTOU);
	OK(tcsetpgrp(0, job));
	OK(kill(-job, SIGCONT));
	CHECK_EQ(wait_exit(job), 0);
}

CASE(background_write_with_tostop_stops)
{
	ON_TERMINAL(background_write);
}

static void background_tcsetattr(int master)
{
	struct termios t;
	int status;
	pid_t job;

	(void)master;
	OK(tcgetattr(0, &t));
	CHILD(job) {
		OK(setpgid(0, 0));
		OK(tcsetattr(0, TCSANOW, &t));
	}
	CHECK_EQ(waitpid(job, &status, WUNTRACED), job);
	CHECK(WIFSTOPPED(status));
	CHECK_EQ(WSTOPSIG(status), SIGTTOU);
	end(job);
}

CASE(background_tcsetattr_stops)
{
	ON_TERMINAL(background_tcsetattr);
}

static void signal_by_key(int master, const char *key, int sig)
{
	pid_t job = waiting_child();
	int status;

	OK(setpgid(job, job));
	signal(SIGTTOU, SIG_IGN);
	OK(tcsetpgrp(0, job));
	CHECK_EQ(write(master, key, 1), 1);
	CHECK_EQ(waitpid(job, &status, WUNTRACED), job);
	if (sig == SIGTSTP) {
		CHECK(WIFSTOPPED(status));
		CHECK_EQ(WSTOPSIG(status), sig);
		end(job);
	} else {
		CHECK(WIFSIGNALED(status));
		CHECK_EQ(WTERMSIG(status), sig);
	}
	OK(tcsetpgrp(0, getpgrp()));
}

static void keys(int master)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	signal_by_key(master, "\003", SIGINT);
	signal_by_key(master, "\034", SIGQUIT);
	signal_by_key(master, "\032", SIGTSTP);
}

CASE(keys_signal_the_foreground_group)
{
	ON_TERMINAL(keys);
}

CASE(hangup_signals_session_and_foreground)
{
	volatile int *seen = shared(PAGE);
	struct gate ready;
	int master, slave;
	pid_t pid;

	gate_init(&ready);
	OK(openpty(&master, &slave, NULL, NULL, NULL));
	CHILD(pid) {
		sigset_t set;
		siginfo_t si;

		close(master);
		OK(setsid());
		OK(ioctl(slave, TIOCSCTTY, 0));
		block_signal(SIGHUP);
		sigemptyset(&set);
		sigaddset(&set, SIGHUP);
		gate_open(&ready);
		seen[0] = sigwaitinfo(&set, &si);
		char c;

		CHECK_EQ(read(slave, &c, 1), 0);
		CHECK_ERR(write(slave, "x", 1), EIO);
	}
	close(slave);
	gate_wait(&ready);
	close(master);
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(seen[0], SIGHUP);
}

CASE(session_leader_exit_hangs_up_foreground)
{
	struct gate ready;
	int master, slave, *job_pid = shared(PAGE);
	pid_t pid;

	gate_init(&ready);
	OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	OK(openpty(&master, &slave, NULL, NULL, NULL));
	CHILD(pid) {
		OK(setsid());
		OK(ioctl(slave, TIOCSCTTY, 0));
		*job_pid = waiting_child();
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(wait_killed(*job_pid), SIGHUP);
}

static void give_up_terminal(int master)
{
	(void)master;
	signal(SIGHUP, SIG_IGN);
	OK(ioctl(0, TIOCNOTTY));
	CHECK_ERR(open("/dev/tty", O_RDWR), ENXIO);
	CHECK_ERR(tcgetpgrp(0), ENOTTY);
}

CASE(tiocnotty_detaches)
{
	ON_TERMINAL(give_up_terminal);
}

CASE(open_of_terminal_takes_it_unless_noctty)
{
	int master = OK(posix_openpt(O_RDWR | O_NOCTTY));
	const char *name;
	pid_t pid;

	OK(grantpt(master));
	OK(unlockpt(master));
	name = ptsname(master);
	CHILD(pid) {
		OK(setsid());
		OK(open(name, O_RDWR | O_NOCTTY));
		CHECK_ERR(open("/dev/tty", O_RDWR), ENXIO);
		OK(open(name, O_RDWR));
		OK(open("/dev/tty", O_RDWR));
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(terminal_of_another_session_cannot_be_stolen)
{
	int master, slave;
	struct gate ready;
	pid_t pid, other;

	gate_init(&ready);
	OK(openpty(&master, &slave, NULL, NULL, NULL));
	CHILD(pid) {
		OK(setsid());
		OK(ioctl(slave, TIOCSCTTY, 0));
		gate_open(&ready);
		for (;;)
			pause();
	}
	gate_wait(&ready);
	CHILD(other) {
		OK(setsid());
		CHECK_ERR(ioctl(slave, TIOCSCTTY, 0), EPERM);
	}
	CHECK_EQ(wait_exit(other), 0);
	end(pid);
}
