/* SPDX-License-Identifier: MIT */
/* Credentials: user and group ids, supplementary groups, capabilities, securebits, refusals. */
#include "harness.h"

#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/fsuid.h>

struct caps {
	struct __user_cap_header_struct h;
	struct __user_cap_data_struct d[2];
};

static struct caps get_caps(void)
{
	struct caps c = {.h = {.version = _LINUX_CAPABILITY_VERSION_3}};

	OK(syscall(SYS_capget, &c.h, c.d));
	return c;
}

static bool has_cap(int cap)
{
	return get_caps().d[cap / 32].effective >> (cap % 32) & 1;
}

static void drop_cap(int cap)
{
	struct caps c = get_caps();

	c.d[cap / 32].effective &= ~(1u << cap % 32);
	OK(syscall(SYS_capset, &c.h, c.d));
}

static void check_uids(uid_t r, uid_t e, uid_t s)
{
	uid_t ruid, euid, suid;

	OK(getresuid(&ruid, &euid, &suid));
	CHECK_EQ(ruid, r);
	CHECK_EQ(euid, e);
	CHECK_EQ(suid, s);
}

static void check_gids(gid_t r, gid_t e, gid_t s)
{
	gid_t rgid, egid, sgid;

	OK(getresgid(&rgid, &egid, &sgid));
	CHECK_EQ(rgid, r);
	CHECK_EQ(egid, e);
	CHECK_EQ(sgid, s);
}

CASE(getters_agree)
{
	uid_t r, e, s;

	OK(getresuid(&r, &e, &s));
	CHECK_EQ(r, getuid());
	CHECK_EQ(e, geteuid());
	CHECK_EQ(proc_field("/proc/self/status", "Uid"), r);
	CHECK_EQ(proc_field("/proc/self/status", "Gid"), getgid());
}

CASE_ROOT(setuid_of_root_sets_all)
{
	OK(setuid(1000));
	check_uids(1000, 1000, 1000);
	CHECK_ERR(setuid(0), EPERM);
	CHECK_ERR(setuid(1001), EPERM);
	OK(setuid(1000));
}

CASE_ROOT(setgid_of_root_sets_all)
{
	OK(setgid(1000));
	check_gids(1000, 1000, 1000);
}

CASE_ROOT(seteuid_can_come_back)
{
	OK(seteuid(1000));
	check_uids(0, 1000, 0);
	CHECK(!has_cap(CAP_SETUID));
	OK(seteuid(0));
	check_uids(0, 0, 0);
	CHECK(has_cap(CAP_SETUID));
}

CASE_ROOT(setreuid_saves)
{
	OK(setreuid(1000, 2000));
	check_uids(1000, 2000, 2000);
	OK(setreuid(2000, 1000));
	check_uids(2000, 1000, 1000);
	CHECK_ERR(setreuid(-1, 3000), EPERM);
}

CASE_ROOT(setresuid_each)
{
	OK(setresuid(1, 2, 3));
	check_uids(1, 2, 3);
	OK(setresuid(3, -1, 2));
	check_uids(3, 2, 2);
	CHECK_ERR(setresuid(9, -1, -1), EPERM);
	OK(setresuid(-1, -1, -1));
}

CASE_ROOT(setresgid_each)
{
	OK(setresgid(1, 2, 3));
	check_gids(1, 2, 3);
	OK(setresuid(7, 7, 7));
	OK(setresgid(3, 1, 2));
	check_gids(3, 1, 2);
	CHECK_ERR(setresgid(9, -1, -1), EPERM);
}

CASE(minus_one_is_invalid)
{
	CHECK_ERR(setuid(-1), EINVAL);
	CHECK_ERR(setgid(-1), EINVAL);
}

CASE_ROOT(setfsuid_follows_and_returns_old)
{
	CHECK_EQ(setfsuid(1000), 0);
	CHECK_EQ(setfsuid(-1), 1000);
	OK(seteuid(2000));
	CHECK_EQ(setfsuid(-1), 2000);
}

CASE_ROOT(groups_set_and_get)
{
	gid_t in[] = {5, 10, 15, 20}, out[8];

	OK(setgroups(4, in));
	CHECK_EQ(getgroups(0, NULL), 4);
	CHECK_EQ(getgroups(8, out), 4);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(out[i], in[i]);
	CHECK_ERR(getgroups(3, out), EINVAL);
	CHECK_ERR(syscall(SYS_getgroups, -1, out), EINVAL);
	OK(setgroups(0, NULL));
	CHECK_EQ(getgroups(8, out), 0);
	CHECK_ERR(setgroups(65537, in), EINVAL);
}

CASE_ROOT(setgroups_needs_privilege)
{
	gid_t g = 5;

	OK(setuid(1000));
	CHECK_ERR(setgroups(1, &g), EPERM);
}

CASE_ROOT(many_groups_are_searched)
{
	static gid_t g[200];

	for (int i = 0; i < 200; i++)
		g[i] = 5000 + i * 3;
	OK(spew("f", "x"));
	OK(chown("f", 0, 5000 + 150 * 3));
	OK(chmod("f", 0640));
	OK(setgroups(200, g));
	OK(setuid(1000));
	OK(open("f", O_RDONLY));
	CHECK_ERR(open("f", O_WRONLY), EACCES);
}

CASE_ROOT(setuid_clears_capabilities)
{
	CHECK(has_cap(CAP_CHOWN));
	OK(setuid(1000));
	struct caps c = get_caps();

	CHECK_EQ(c.d[0].effective | c.d[0].permitted | c.d[1].effective | c.d[1].permitted, 0);
}

CASE_ROOT(keepcaps_keeps_permitted)
{
	CHECK_EQ(prctl(PR_GET_KEEPCAPS), 0);
	OK(prctl(PR_SET_KEEPCAPS, 1));
	OK(setuid(1000));
	struct caps c = get_caps();

	CHECK_EQ(c.d[0].effective, 0);
	CHECK(c.d[0].permitted != 0);
	c.d[0].effective = c.d[0].permitted;
	OK(syscall(SYS_capset, &c.h, c.d));
	CHECK(has_cap(CAP_SETUID));
	OK(setuid(5));
}

CASE_ROOT(no_setuid_fixup)
{
	OK(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP));
	CHECK_EQ(prctl(PR_GET_SECUREBITS), SECBIT_NO_SETUID_FIXUP);
	OK(seteuid(1000));
	CHECK(has_cap(CAP_SETUID));
}

CASE_ROOT(locked_securebits_stay)
{
	OK(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED));
	CHECK_ERR(prctl(PR_SET_SECUREBITS, 0), EPERM);
}

CASE_ROOT(capset_cannot_raise)
{
	struct caps c = get_caps();

	c.d[0].permitted &= ~(1u << CAP_KILL);
	c.d[0].effective &= ~(1u << CAP_KILL);
	OK(syscall(SYS_capset, &c.h, c.d));
	c.d[0].permitted |= 1u << CAP_KILL;
	CHECK_ERR(syscall(SYS_capset, &c.h, c.d), EPERM);
	c.d[0].permitted &= ~(1u << CAP_KILL);
	c.d[0].effective |= 1u << CAP_KILL;
	CHECK_ERR(syscall(SYS_capset, &c.h, c.d), EPERM);
}

CASE(capget_versions)
{
	struct caps c = {.h = {.version = 0x12345678}};

	CHECK_ERR(syscall(SYS_capget, &c.h, c.d), EINVAL);
	CHECK_EQ(c.h.version, _LINUX_CAPABILITY_VERSION_3);
	OK(syscall(SYS_capget, &c.h, NULL));
	c.h.pid = 0x7ffffff0;
	CHECK_ERR(syscall(SYS_capget, &c.h, c.d), ESRCH);
}

CASE_ROOT(bounding_set_drops_for_good)
{
	CHECK_EQ(prctl(PR_CAPBSET_READ, CAP_CHOWN), 1);
	OK(prctl(PR_CAPBSET_DROP, CAP_CHOWN));
	CHECK_EQ(prctl(PR_CAPBSET_READ, CAP_CHOWN), 0);
	CHECK_ERR(prctl(PR_CAPBSET_READ, 1000), EINVAL);
	CHECK_ERR(prctl(PR_CAPBSET_DROP, 1000), EINVAL);
	drop_cap(CAP_SETPCAP);
	CHECK_ERR(prctl(PR_CAPBSET_DROP, CAP_KILL), EPERM);
}

CASE_ROOT(ambient_set)
{
	struct caps c = get_caps();

	CHECK_ERR(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0), EPERM);
	c.d[0].inheritable |= 1u << CAP_KILL;
	OK(syscall(SYS_capset, &c.h, c.d));
	OK(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0));
	CHECK_EQ(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL, 0, 0), 1);
	OK(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
	CHECK_EQ(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL, 0, 0), 0);
}

CASE(no_new_privs_is_one_way_and_inherited)
{
	pid_t pid;

	CHECK_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
	CHECK_ERR(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
	OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	CHECK_ERR(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
	CHILD(pid) {
		CHECK_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE_ROOT(file_access_by_owner_group_other)
{
	OK(spew("f", "x"));
	OK(chown("f", 1000, 2000));
	OK(chmod("f", 0640));
	pid_t pid;

	CHILD(pid) {
		OK(setgroups(0, NULL));
		OK(setgid(1));
		OK(setuid(1000));
		OK(open("f", O_RDWR));
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHILD(pid) {
		OK(setgroups(0, NULL));
		OK(setgid(2000));
		OK(setuid(1001));
		OK(open("f", O_RDONLY));
		CHECK_ERR(open("f", O_WRONLY), EACCES);
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHILD(pid) {
		OK(setgroups(0, NULL));
		OK(setgid(1));
		OK(setuid(1001));
		CHECK_ERR(open("f", O_RDONLY), EACCES);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE_ROOT(owner_class_is_not_widened_by_group)
{
	OK(spew("f", "x"));
	OK(chown("f", 1000, 2000));
	OK(chmod("f", 0066));
	OK(setgroups(0, NULL));
	OK(setgid(2000));
	OK(setuid(1000));
	CHECK_ERR(open("f", O_RDONLY), EACCES);
}

CASE_ROOT(dac_override_is_what_lets_root_in)
{
	OK(spew("f", "x"));
	OK(chown("f", 1000, 1000));
	OK(chmod("f", 0));
	OK(open("f", O_RDWR));
	drop_cap(CAP_DAC_OVERRIDE);
	drop_cap(CAP_DAC_READ_SEARCH);
	CHECK_ERR(open("f", O_RDONLY), EACCES);
}

CASE_ROOT(chown_needs_cap)
{
	OK(spew("f", "x"));
	drop_cap(CAP_CHOWN);
	CHECK_ERR(chown("f", 1000, -1), EPERM);
	OK(chown("f", -1, -1));
}

CASE_ROOT(chown_clears_setuid)
{
	struct stat st;

	OK(spew("f", "x"));
	OK(chmod("f", 06755));
	OK(chown("f", 1000, 1000));
	OK(stat("f", &st));
	CHECK_EQ(st.st_mode & 07777, 0755);
}

CASE_ROOT(fork_inherits_credentials)
{
	pid_t pid;

	OK(setresgid(10, 11, 12));
	OK(setresuid(1, 2, 3));
	CHILD(pid) {
		check_uids(1, 2, 3);
		check_gids(10, 11, 12);
	}
	CHECK_EQ(wait_exit(pid), 0);
}

CASE_ROOT(credentials_are_per_thread_in_the_kernel)
{
	OK(syscall(SYS_setresuid, 1, 1, 0));
	check_uids(1, 1, 0);
	OK(syscall(SYS_setresuid, 0, 0, 0));
}

CASE_ROOT(changing_uid_clears_dumpable_and_pdeathsig)
{
	int sig = -1;

	OK(prctl(PR_SET_PDEATHSIG, SIGUSR1));
	CHECK_EQ(prctl(PR_GET_DUMPABLE), 1);
	OK(setuid(1000));
	CHECK(prctl(PR_GET_DUMPABLE) != 1);
	OK(prctl(PR_GET_PDEATHSIG, &sig));
	CHECK_EQ(sig, 0);
}

CASE_ROOT(setpriority_of_others_is_refused)
{
	pid_t target, pid;

	CHILD(target) {
		for (;;)
			pause();
	}
	CHILD(pid) {
		struct rlimit rl;

		OK(setuid(1000));
		CHECK_ERR(setpriority(PRIO_PROCESS, target, 5), EPERM);
		CHECK_ERR(setpriority(PRIO_PROCESS, 0, -5), EACCES);
		CHECK_ERR(prlimit(target, RLIMIT_NOFILE, NULL, &rl), EPERM);
		CHECK_ERR(sched_setscheduler(target, SCHED_BATCH, &(struct sched_param){0}), EPERM);
		CHECK_ERR(syscall(SYS_get_robust_list, target, &rl, &rl), EPERM);
	}
	CHECK_EQ(wait_exit(pid), 0);
	kill(target, SIGKILL);
	wait_status(target);
}
