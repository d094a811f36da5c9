/* SPDX-License-Identifier: MIT */
/* System V IPC in depth: several operations at once, shared debts, full queues, attach flags. */
#include "harness.h"

#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#ifndef MSG_COPY
#define MSG_COPY 040000
#endif
#ifndef SEM_STAT_ANY
#define SEM_STAT_ANY 20
#endif

union semun {
	int val;
	struct semid_ds *buf;
	unsigned short *array;
	struct seminfo *info;
};

static int value(int id, int num)
{
	return OK(semctl(id, num, GETVAL));
}

CASE(sem_complex_operation_waits_for_all)
{
	int id = NEED(semget(IPC_PRIVATE, 2, 0600));
	pid_t pid, simple;

	CHILD(pid) {
		struct sembuf both[2] = {{0, -1, 0}, {1, -1, 0}};

		OK(semop(id, both, 2));
	}
	EVENTUALLY(semctl(id, 0, GETNCNT) == 1);
	CHECK_EQ(semctl(id, 1, GETNCNT), 0); /* it waits for the first of them */
	OK(semop(id, &(struct sembuf){0, 1, 0}, 1));
	EVENTUALLY(semctl(id, 1, GETNCNT) == 1);
	CHECK_EQ(value(id, 0), 1); /* nothing is taken before all can be */
	/* A later simple one may be done while the earlier complex one cannot. */
	CHILD(simple) {
		OK(semop(id, &(struct sembuf){0, -1, 0}, 1));
	}
	CHECK_EQ(wait_exit(simple), 0);
	EVENTUALLY(semctl(id, 0, GETNCNT) == 1);
	OK(semop(id, (struct sembuf[]){{0, 1, 0}, {1, 1, 0}}, 2));
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(value(id, 0), 0);
	CHECK_EQ(value(id, 1), 0);
	OK(semctl(id, 0, IPC_RMID));
}

CASE(sem_same_semaphore_twice_in_a_call)
{
	int id = NEED(semget(IPC_PRIVATE, 1, 0600));
	struct sembuf lock[2] = {{0, 0, 0}, {0, 1, SEM_UNDO}};
	pid_t pid;

	OK(semop(id, lock, 2));
	CHECK_EQ(value(id, 0), 1);
	CHILD(pid) {
		OK(semop(id, lock, 2));
	}
	EVENTUALLY(semctl(id, 0, GETZCNT) == 1);
	OK(semop(id, &(struct sembuf){0, -1, SEM_UNDO}, 1));
	CHECK_EQ(wait_exit(pid), 0);
	EVENTUALLY(value(id, 0) == 0); /* its debt is paid */
	OK(semctl(id, 0, IPC_RMID));
}

CASE(sem_setall_wakes_and_forgets_debts)
{
	int id = NEED(semget(IPC_PRIVATE, 3, 0600));
	unsigned short set[3] = {4, 5, 6}, bad[3] = {0, 0, 40000}, got[3];
	struct gate g, end;
	pid_t pid, waiter;

	gate_init(&g);
	gate_init(&end);
	CHILD(pid) {
		OK(semop(id, &(struct sembuf){0, 7, SEM_UNDO}, 1));
		gate_open(&g);
		gate_wait(&end);
	}
	gate_wait(&g);
	CHILD(waiter) {
		OK(semop(id, &(struct sembuf){2, -6, 0}, 1));
	}
	EVENTUALLY(semctl(id, 2, GETNCNT) == 1);
	CHECK_ERR(semctl(id, 0, SETALL, (union semun){.array = bad}), ERANGE);
	OK(semctl(id, 0, SETALL, (union semun){.array = set}));
	CHECK_EQ(wait_exit(waiter), 0);
	gate_open(&end);
	CHECK_EQ(wait_exit(pid), 0);
	OK(semctl(id, 0, GETALL, (union semun){.array = got}));
	CHECK(got[0] == 4 && got[1] == 5 && got[2] == 0);
	CHECK_ERR(semctl(id, 0, GETALL, (union semun){.array = no_access_page()}), EFAULT);
	OK(semctl(id, 0, IPC_RMID));
}

CASE(sem_signal_ends_the_wait)
{
	int id = NEED(semget(IPC_PRIVATE, 1, 0600));
	pid_t pid;

	CHILD(pid) {
		signal(SIGUSR1, SIG_DFL);
		OK(semop(id, &(struct sembuf){0, -1, 0}, 1));
	}
	EVENTUALLY(semctl(id, 0, GETNCNT) == 1);
	kill(pid, SIGUSR1);
	CHECK_EQ(wait_killed(pid), SIGUSR1);
	CHECK_EQ(semctl(id, 0, GETNCNT), 0);
	OK(semctl(id, 0, IPC_RMID));
}

CASE(sem_storm)
{
	int id = NEED(semget(IPC_PRIVATE, 4, 0600));
	enum { TASKS = 6, ROUNDS = 300 };
	pid_t pid[TASKS];

	OK(semctl(id, 0, SETALL, (union semun){.array = (unsigned short[]){2, 2, 2, 2}}));
	for (int t = 0; t < TASKS; t++)
		CHILD(pid[t]) {
			for (int i = 0; i < ROUNDS; i++) {
				unsigned short a = (t + i) % 4, b = (t + 3 * i + 1) % 4;
				struct sembuf take[2] = {{a, -1, SEM_UNDO}, {b, -1, SEM_UNDO}};
				struct sembuf give[2] = {{a, 1, SEM_UNDO}, {b, 1, SEM_UNDO}};
				int n = i % 3 ? 2 : 1;

				OK(semop(id, take, n));
				OK(semop(id, give, n));
			}
		}
	for (int t = 0; t < TASKS; t++)
		CHECK_EQ(wait_exit(pid[t]), 0);
	for (int s = 0; s < 4; s++)
		CHECK_EQ(value(id, s), 2);
	OK(semctl(id, 0, IPC_RMID));
}

CASE(sem_info_and_stat)
{
	int id = NEED(semget(IPC_PRIVATE, 5, 0640)), top, found = 0;
	struct semid_ds ds;
	struct seminfo info;

	OK(semctl(id, 0, IPC_STAT, (union semun){.buf = &ds}));
	CHECK_EQ(ds.sem_nsems, 5);
	CHECK_EQ(ds.sem_perm.mode, 0640);
	CHECK_EQ(ds.sem_perm.uid, geteuid());
	CHECK_EQ(ds.sem_otime, 0);
	CHECK(ds.sem_ctime > 0);
	ds.sem_perm.mode = 0600;
	OK(semctl(id, 0, IPC_SET, (union semun){.buf = &ds}));
	OK(semctl(id, 0, IPC_STAT, (union semun){.buf = &ds}));
	CHECK_EQ(ds.sem_perm.mode, 0600);
	OK(semctl(id, 0, IPC_INFO, (union semun){.info = &info}));
	CHECK_EQ(info.semvmx, 32767);
	top = OK(semctl(id, 0, SEM_INFO, (union semun){.info = &info}));
	CHECK(info.semusz >= 1 && info.semaem >= 5);
	for (int i = 0; i <= top; i++)
		found += semctl(i, 0, SEM_STAT_ANY, (union semun){.buf = &ds}) == id;
	CHECK_EQ(found, 1);
	CHECK_ERR(semop(id, &(struct sembuf){0, 0, 0}, 0), EINVAL);
	CHECK_ERR(semctl(id, 5, GETVAL), EINVAL);
	CHECK_ERR(semctl(id, 0, 99), EINVAL);
	OK(semctl(id, 0, IPC_RMID));
}

struct message {
	long type;
	char text[64];
};

static void send(int q, long type, const char *text)
{
	struct message m = {.type = type};

	strcpy(m.text, text);
	OK(msgsnd(q, &m, strlen(text) + 1, IPC_NOWAIT));
}

CASE(msg_except_copy_and_position)
{
	int q = NEED(msgget(IPC_PRIVATE, 0600));
	struct message m;

	send(q, 1, "one");
	send(q, 2, "two");
	CHECK_EQ(msgrcv(q, &m, 64, 1, IPC_NOWAIT | MSG_EXCEPT), 4);
	CHECK_STR(m.text, "two");
	CHECK_ERR(msgrcv(q, &m, 64, 1, IPC_NOWAIT | MSG_EXCEPT), ENOMSG);
	send(q, 9, "nine");
	CHECK_ERR(msgrcv(q, &m, 64, 0, MSG_COPY), EINVAL);
	if (msgrcv(q, &m, 64, 1, IPC_NOWAIT | MSG_COPY) == -1 && errno == ENOSYS)
		SKIP("MSG_COPY: not built in");
	CHECK_STR(m.text, "nine");
	CHECK_EQ(m.type, 9);
	CHECK_ERR(msgrcv(q, &m, 64, 2, IPC_NOWAIT | MSG_COPY), ENOMSG);
	CHECK_ERR(msgrcv(q, &m, 2, 1, IPC_NOWAIT | MSG_COPY), E2BIG);
	CHECK_EQ(msgrcv(q, &m, 64, 0, IPC_NOWAIT), 4);
	CHECK_EQ(msgrcv(q, &m, 64, 0, IPC_NOWAIT), 5);
	OK(msgctl(q, IPC_RMID, NULL));
}

CASE(msg_full_queue)
{
	int q = NEED(msgget(IPC_PRIVATE, 0600));
	struct message m = {.type = 1};
	struct msqid_ds ds;
	pid_t pid;

	OK(msgctl(q, IPC_STAT, &ds));
	ds.msg_qbytes = 100;
	OK(msgctl(q, IPC_SET, &ds));
	OK(msgsnd(q, &m, 60, 0));
	CHECK_ERR(msgsnd(q, &m, 60, IPC_NOWAIT), EAGAIN);
	CHILD(pid) {
		OK(msgsnd(q, &m, 60, 0));
		CHECK_ERR(msgsnd(q, &m, 60, 0), EIDRM);
	}
	await_state(pid, "S");
	CHECK_EQ(msgrcv(q, &m, 64, 0, 0), 60);
	EVENTUALLY(!msgctl(q, IPC_STAT, &ds) && ds.msg_qnum == 1);
	CHECK_EQ(ds.msg_lspid, pid);
	CHECK_EQ(ds.msg_lrpid, getpid());
	CHECK_EQ(ds.msg_cbytes, 60);
	await_state(pid, "S");
	OK(msgctl(q, IPC_RMID, NULL));
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(msg_room_made_by_ipc_set)
{
	int q = NEED(msgget(IPC_PRIVATE, 0600));
	struct message m = {.type = 1};
	struct msqid_ds ds;
	pid_t pid;

	OK(msgctl(q, IPC_STAT, &ds));
	ds.msg_qbytes = 10;
	OK(msgctl(q, IPC_SET, &ds));
	CHILD(pid) {
		OK(msgsnd(q, &m, 60, 0));
	}
	await_state(pid, "S");
	ds.msg_qbytes = 100;
	OK(msgctl(q, IPC_SET, &ds));
	CHECK_EQ(wait_exit(pid), 0);
	OK(msgctl(q, IPC_RMID, NULL));
}

CASE(msg_small_receiver_does_not_hold_up)
{
	int q = NEED(msgget(IPC_PRIVATE, 0600));
	pid_t small, large;

	CHILD(small) {
		struct message m;

		CHECK_ERR(msgrcv(q, &m, 2, 0, 0), E2BIG);
	}
	await_state(small, "S");
	CHILD(large) {
		struct message m;

		CHECK_EQ(msgrcv(q, &m, 64, 0, 0), 6);
	}
	await_state(large, "S");
	send(q, 1, "large");
	CHECK_EQ(wait_exit(small), 0);
	CHECK_EQ(wait_exit(large), 0);
	OK(msgctl(q, IPC_RMID, NULL));
}

CASE(msg_storm)
{
	int q = NEED(msgget(IPC_PRIVATE, 0600));
	enum { TASKS = 3, EACH = 300 };
	pid_t pid[TASKS];
	long sum = 0;

	for (int t = 0; t < TASKS; t++)
		CHILD(pid[t]) {
			struct {
				long type;
				char text[1000];
			} m = {.type = t + 1};

			for (int i = 0; i < EACH; i++) {
				memcpy(m.text, &i, sizeof(i));
				OK(msgsnd(q, &m, sizeof(m.text) - i % 7, 0));
			}
		}
	for (int i = 0; i < TASKS * EACH; i++) {
		struct {
			long type;
			char text[1000];
		} m;
		int n;

		OK(msgrcv(q, &m, sizeof(m.text), i % 2 ? 0 : -TASKS, 0));
		memcpy(&n, m.text, sizeof(n));
		sum += n;
	}
	for (int t = 0; t < TASKS; t++)
		CHECK_EQ(wait_exit(pid[t]), 0);
	CHECK_EQ(sum, TASKS * EACH * (EACH - 1L) / 2);
	OK(msgctl(q, IPC_RMID, NULL));
}

CASE(shm_flags_of_attach)
{
	int id = NEED(shmget(IPC_PRIVATE, 3 * PAGE, 0600));
	char *area = OK(mmap(NULL, 4 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)), *p;
	pid_t pid;

	CHECK_ERR(shmat(id, area, 0), EINVAL);
	CHECK_ERR(shmat(id, area + 1, SHM_REMAP), EINVAL);
	CHECK_ERR(shmat(id, NULL, SHM_REMAP), EINVAL);
	p = OK(shmat(id, area, SHM_REMAP));
	CHECK(p == area);
	p[2 * PAGE] = 'z';
	OK(munmap(area + 3 * PAGE, PAGE));
	OK(shmdt(p));
	p = OK(shmat(id, area + 5, SHM_RND | SHM_RDONLY));
	CHECK(p == area);
	CHECK_EQ(p[2 * PAGE], 'z');
	CHILD(pid) {
		p[0] = 1;
	}
	CHECK_EQ(wait_killed(pid), SIGSEGV);
	CHECK_ERR(mprotect(p, PAGE, PROT_READ | PROT_WRITE), EACCES);
	OK(shmdt(p));
	OK(shmctl(id, IPC_RMID, NULL));
}

static unsigned long attaches(int id)
{
	struct shmid_ds ds;

	OK(shmctl(id, IPC_STAT, &ds));
	return ds.shm_nattch;
}

CASE(shm_attaches_are_counted_by_area)
{
	int id = NEED(shmget(IPC_PRIVATE, 3 * PAGE, 0600));
	char *p = OK(shmat(id, NULL, 0)), *q = OK(shmat(id, NULL, 0));
	pid_t pid;

	CHECK_EQ(attaches(id), 2);
	OK(munmap(p + PAGE, PAGE)); /* a hole splits it */
	CHECK_EQ(attaches(id), 3);
	CHILD(pid) {
		CHECK_EQ(attaches(id), 6);
		OK(shmdt(p));
		CHECK_EQ(attaches(id), 4);
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(attaches(id), 3);
	OK(shmdt(p)); /* both parts */
	CHECK_EQ(attaches(id), 1);
	CHECK_ERR(shmdt(p), EINVAL);
	OK(shmdt(q));
	OK(shmctl(id, IPC_RMID, NULL));
}

CASE(shm_removed_segment)
{
	key_t key = 0x52000000 | getpid();
	int id = NEED(shmget(key, PAGE, 0600 | IPC_CREAT | IPC_EXCL)), other;
	char *p = OK(shmat(id, NULL, 0)), *q;
	struct shmid_ds ds;

	p[0] = 'a';
	OK(shmctl(id, IPC_RMID, NULL));
	OK(shmctl(id, IPC_STAT, &ds));
	CHECK(ds.shm_perm.mode & SHM_DEST);
	CHECK_EQ(ds.shm_perm.__key, IPC_PRIVATE);
	q = OK(shmat(id, NULL, 0)); /* still there while it is attached */
	CHECK_EQ(q[0], 'a');
	other = OK(shmget(key, PAGE, 0600 | IPC_CREAT | IPC_EXCL));
	CHECK(other != id);
	OK(shmctl(other, IPC_RMID, NULL));
	OK(shmdt(p));
	OK(shmdt(q));
	CHECK_ERR(shmctl(id, IPC_STAT, &ds), EINVAL);
}

CASE(shm_lock_and_info)
{
	int id = NEED(shmget(IPC_PRIVATE, 2 * PAGE, 0600));
	struct shmid_ds ds;
	struct shm_info info;
	char *p = OK(shmat(id, NULL, 0)), line[8192];

	p[0] = 1;
	OK(shmctl(id, SHM_LOCK, NULL));
	OK(shmctl(id, IPC_STAT, &ds));
	CHECK(ds.shm_perm.mode & SHM_LOCKED);
	OK(shmctl(id, SHM_UNLOCK, NULL));
	OK(shmctl(id, SHM_INFO, (struct shmid_ds *)&info));
	CHECK(info.used_ids >= 1 && info.shm_tot >= 2 && info.shm_rss >= 1);
	snprintf(line, sizeof(line), "/SYSV%08x (deleted)", IPC_PRIVATE);
	char want[128], maps[16384];

	strcpy(want, line);
	OK(slurp("/proc/self/maps", maps, sizeof(maps)));
	CHECK(strstr(maps, want));
	OK(slurp("/proc/sysvipc/shm", line, sizeof(line)));
	snprintf(want, sizeof(want), "%10d %10d   600 %21lu %5d %5d  %5d", 0, id, 2 * PAGE,
		 getpid(), getpid(), 1);
	CHECK(strstr(line, want));
	OK(shmdt(p));
	OK(shmctl(id, IPC_RMID, NULL));
}

CASE_ROOT(namespace_of_its_own)
{
	key_t key = 0x53000000 | getpid();
	int id = NEED(semget(key, 1, 0600 | IPC_CREAT | IPC_EXCL));
	int shm = NEED(shmget(IPC_PRIVATE, PAGE, 0600));
	char *p = OK(shmat(shm, NULL, 0));
	pid_t pid;

	CHILD(pid) {
		if (unshare(CLONE_NEWIPC))
			_exit(1);
		CHECK_ERR(semget(key, 1, 0600), ENOENT);
		CHECK_ERR(semop(id, &(struct sembuf){0, 1, 0}, 1), EINVAL);
		p[0] = 'n'; /* attached memory comes along */
		OK(semget(key, 2, 0600 | IPC_CREAT | IPC_EXCL));
		OK(shmat(OK(shmget(key, PAGE, 0600 | IPC_CREAT)), NULL, 0));
		OK(msgget(key, 0600 | IPC_CREAT));
		OK(semop(OK(semget(key, 0, 0)), &(struct sembuf){1, 1, SEM_UNDO}, 1));
	}
	if (wait_exit(pid)) {
		semctl(id, 0, IPC_RMID);
		SKIP("unshare(CLONE_NEWIPC) does not work");
	}
	CHECK_EQ(p[0], 'n');
	CHECK_EQ(value(id, 0), 0);
	OK(semctl(id, 0, IPC_RMID));
	OK(shmctl(shm, IPC_RMID, NULL));
	OK(shmdt(p));
}

CASE_ROOT(forced_removal)
{
	pid_t pid;

	CHILD(pid) {
		struct shmid_ds ds;
		pid_t maker;
		int *id = shared(2 * sizeof(int));
		char *p;

		if (unshare(CLONE_NEWIPC) || spew("/proc/sys/kernel/shm_rmid_forced", "1"))
			_exit(1);
		CHILD(maker) {
			id[0] = OK(shmget(IPC_PRIVATE, PAGE, 0600));
			id[1] = OK(shmget(IPC_PRIVATE, PAGE, 0600));
			OK(shmat(id[1], NULL, 0));
			OK(shmctl(id[0], IPC_STAT, &ds));
		}
		CHECK_EQ(wait_exit(maker), 0);
		CHECK_ERR(shmctl(id[0], IPC_STAT, &ds), EINVAL);
		CHECK_ERR(shmctl(id[1], IPC_STAT, &ds), EINVAL);
		id[0] = OK(shmget(IPC_PRIVATE, PAGE, 0600));
		p = OK(shmat(id[0], NULL, 0));
		OK(shmdt(p));
		CHECK_ERR(shmctl(id[0], IPC_STAT, &ds), EINVAL);
	}
	if (wait_exit(pid))
		SKIP("no namespace with shm_rmid_forced");
}
