/* SPDX-License-Identifier: MIT */
/* System V semaphores with undo, message queues and shared memory. */
#include "harness.h"

#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

union semun {
	int val;
	struct semid_ds *buf;
	unsigned short *array;
};

static int sem_op(int id, int num, int op, int flags)
{
	struct sembuf b = {num, op, flags};

	return semop(id, &b, 1);
}

static int new_sem(int n)
{
	return NEED(semget(IPC_PRIVATE, n, 0600));
}

static int sem_value(int id, int num)
{
	return OK(semctl(id, num, GETVAL));
}

static void remove_sem(int id)
{
	OK(semctl(id, 0, IPC_RMID));
}

CASE(sem_starts_at_zero_and_counts)
{
	int id = new_sem(3);

	CHECK_EQ(sem_value(id, 1), 0);
	OK(sem_op(id, 1, 5, 0));
	OK(sem_op(id, 1, -2, 0));
	CHECK_EQ(sem_value(id, 1), 3);
	CHECK_EQ(semctl(id, 1, GETPID), getpid());
	OK(semctl(id, 2, SETVAL, (union semun){.val = 9}));
	unsigned short all[3];

	OK(semctl(id, 0, GETALL, (union semun){.array = all}));
	CHECK(all[0] == 0 && all[1] == 3 && all[2] == 9);
	remove_sem(id);
}

CASE(sem_errors)
{
	int id = new_sem(2);

	CHECK_ERR(sem_op(id, 0, -1, IPC_NOWAIT), EAGAIN);
	CHECK_ERR(sem_op(id, 2, 1, 0), EFBIG);
	CHECK_ERR(semctl(id, 0, SETVAL, (union semun){.val = 40000}), ERANGE);
	CHECK_ERR(sem_op(id, 0, 32767, 0) ?: sem_op(id, 0, 1, 0), ERANGE);
	CHECK_ERR(semget(IPC_PRIVATE, 0, 0600), EINVAL);
	CHECK_ERR(semget(0x7654321, 1, 0), ENOENT);
	remove_sem(id);
	CHECK_ERR(sem_op(id, 0, 1, 0), EINVAL);
}

CASE(sem_blocks_and_wakes)
{
	int id = new_sem(1);
	pid_t pid;

	CHILD(pid) {
		OK(sem_op(id, 0, -2, 0));
	}
	await_state(pid, "S");
	EVENTUALLY(semctl(id, 0, GETNCNT) == 1);
	OK(sem_op(id, 0, 1, 0));
	CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);
	OK(sem_op(id, 0, 1, 0));
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(sem_value(id, 0), 0);
	remove_sem(id);
}

CASE(sem_wait_for_zero)
{
	int id = new_sem(1);
	pid_t pid;

	OK(sem_op(id, 0, 1, 0));
	CHILD(pid) {
		OK(sem_op(id, 0, 0, 0));
	}
	EVENTUALLY(semctl(id, 0, GETZCNT) == 1);
	OK(sem_op(id, 0, -1, 0));
	CHECK_EQ(wait_exit(pid), 0);
	remove_sem(id);
}

CASE(sem_operations_are_all_or_nothing)
{
	int id = new_sem(2);
	struct sembuf b[2] = {{0, 1, 0}, {1, -1, IPC_NOWAIT}};

	CHECK_ERR(semop(id, b, 2), EAGAIN);
	CHECK_EQ(sem_value(id, 0), 0);
	remove_sem(id);
}

CASE(sem_undo_at_exit)
{
	int id = new_sem(1);
	pid_t pid;

	OK(sem_op(id, 0, 5, 0));
	CHILD(pid) {
		OK(sem_op(id, 0, -3, SEM_UNDO));
		OK(sem_op(id, 0, -1, 0));
		CHECK_EQ(sem_value(id, 0), 1);
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(sem_value(id, 0), 4);
	CHILD(pid) {
		OK(sem_op(id, 0, -3, SEM_UNDO));
		raise(SIGKILL);
	}
	wait_status(pid);
	CHECK_EQ(sem_value(id, 0), 4);
	remove_sem(id);
}

CASE(sem_undo_wakes_waiter)
{
	int id = new_sem(1);
	struct gate g, end;
	pid_t holder, waiter;

	gate_init(&g);
	gate_init(&end);
	OK(sem_op(id, 0, 1, 0));
	CHILD(holder) {
		OK(sem_op(id, 0, -1, SEM_UNDO));
		gate_open(&g);
		gate_wait(&end);
	}
	gate_wait(&g);
	CHILD(waiter) {
		OK(sem_op(id, 0, -1, 0));
	}
	EVENTUALLY(semctl(id, 0, GETNCNT) == 1);
	gate_open(&end);
	CHECK_EQ(wait_exit(holder), 0);
	CHECK_EQ(wait_exit(waiter), 0);
	remove_sem(id);
}

CASE(sem_removal_wakes_with_eidrm)
{
	int id = new_sem(1);
	pid_t pid;

	CHILD(pid) {
		CHECK_ERR(sem_op(id, 0, -1, 0), EIDRM);
	}
	EVENTUALLY(semctl(id, 0, GETNCNT) == 1);
	remove_sem(id);
	CHECK_EQ(wait_exit(pid), 0);
}

CASE(semtimedop_times_out)
{
	int id = new_sem(1);
	struct sembuf b = {0, -1, 0};
	struct timespec ts = {.tv_nsec = 2000000};

	CHECK_ERR(semtimedop(id, &b, 1, &ts), EAGAIN);
	remove_sem(id);
}

struct message {
	long type;
	char text[64];
};

static int new_queue(void)
{
	return NEED(msgget(IPC_PRIVATE, 0600));
}

static void send(int q, long type, const char *text)
{
	struct message m = {.type = type};

	strcpy(m.text, text);
	OK(msgsnd(q, &m, strlen(text) + 1, 0));
}

static void expect(int q, long want, const char *text)
{
	struct message m;

	OK(msgrcv(q, &m, sizeof(m.text), want, IPC_NOWAIT));
	CHECK_STR(m.text, text);
}

CASE(msg_order_and_types)
{
	int q = new_queue();

	send(q, 2, "a");
	send(q, 1, "b");
	send(q, 3, "c");
	send(q, 1, "d");
	expect(q, 1, "b");
	expect(q, 0, "a");
	expect(q, -2, "d");
	expect(q, 0, "c");
	OK(msgctl(q, IPC_RMID, NULL));
}

CASE(msg_errors)
{
	int q = new_queue();
	struct message m = {.type = 0};

	CHECK_ERR(msgrcv(q, &m, 10, 0, IPC_NOWAIT), ENOMSG);
	CHECK_ERR(msgsnd(q, &m, 1, 0), EINVAL);
	CHECK_ERR(msgget(0x7654321, 0), ENOENT);
	send(q, 1, "long text");
	CHECK_ERR(msgrcv(q, &m, 3, 0, 0), E2BIG);
	CHECK_EQ(msgrcv(q, &m, 3, 0, MSG_NOERROR), 3);
	OK(msgctl(q, IPC_RMID, NULL));
	CHECK_ERR(msgrcv(q, &m, 10, 0, 0), EINVAL);
}

CASE(msg_receiver_blocks)
{
	int q = new_queue();
	pid_t pid;

	CHILD(pid) {
		struct message m;

		CHECK_EQ(msgrcv(q, &m, 64, 5, 0), 6);
		CHECK_STR(m.text, "right");
		CHECK_ERR(msgrcv(q, &m, 64, 5, 0), EIDRM);
	}
	await_state(pid, "S");
	send(q, 4, "wrong");
	send(q, 5, "right");
	nap();
	await_state(pid, "S");
	OK(msgctl(q, IPC_RMID, NULL));
	wait_status(pid);
}

CASE(shm_is_shared)
{
	int id = NEED(shmget(IPC_PRIVATE, 2 * PAGE, 0600));
	volatile char *p = OK(shmat(id, NULL, 0));
	struct shmid_ds ds;
	pid_t pid;

	CHECK_EQ(p[PAGE], 0);
	CHILD(pid) {
		p[PAGE] = 'x'; /* inherited */
		volatile char *q = OK(shmat(id, NULL, SHM_RDONLY));

		CHECK_EQ(q[PAGE], 'x');
	}
	CHECK_EQ(wait_exit(pid), 0);
	CHECK_EQ(p[PAGE], 'x');
	OK(shmctl(id, IPC_STAT, &ds));
	CHECK_EQ(ds.shm_nattch, 1);
	CHECK_EQ(ds.shm_segsz, 2 * PAGE);
	OK(shmdt((void *)p));
	OK(shmctl(id, IPC_STAT, &ds));
	CHECK_EQ(ds.shm_nattch, 0);
	OK(shmctl(id, IPC_RMID, NULL));
}

CASE(shm_lives_until_last_detach)
{
	int id = NEED(shmget(IPC_PRIVATE, PAGE, 0600));
	char *p = OK(shmat(id, NULL, 0));

	OK(shmctl(id, IPC_RMID, NULL));
	p[0] = 1;
	OK(shmdt(p));
	CHECK_ERR(shmat(id, NULL, 0), EINVAL);
	CHECK_ERR(shmdt(p), EINVAL);
}

CASE(shm_errors)
{
	CHECK_ERR(shmget(IPC_PRIVATE, 0, 0600), EINVAL);
	CHECK_ERR(shmget(0x7654321, PAGE, 0), ENOENT);
	CHECK_ERR(shmat(0x7ffffff0, NULL, 0), EINVAL);
	int id = NEED(shmget(IPC_PRIVATE, PAGE, 0600));

	CHECK_ERR(shmat(id, (void *)123, 0), EINVAL);
	OK(shmctl(id, IPC_RMID, NULL));
}

CASE(keys_find_the_same_object)
{
	key_t key = 0x51000000 | getpid();
	int id = NEED(shmget(key, PAGE, 0600 | IPC_CREAT | IPC_EXCL));

	CHECK_EQ(shmget(key, PAGE, 0), id);
	CHECK_ERR(shmget(key, PAGE, 0600 | IPC_CREAT | IPC_EXCL), EEXIST);
	CHECK_ERR(shmget(key, 5 * PAGE, 0), EINVAL);
	OK(shmctl(id, IPC_RMID, NULL));
}

CASE_ROOT(permissions)
{
	int id = new_sem(1);
	pid_t pid;

	CHILD(pid) {
		OK(setuid(1000));
		CHECK_ERR(sem_op(id, 0, 1, 0), EACCES);
		CHECK_ERR(semctl(id, 0, IPC_RMID), EPERM);
	}
	CHECK_EQ(wait_exit(pid), 0);
	remove_sem(id);
}
