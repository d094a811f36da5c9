/* SPDX-License-Identifier: MIT */
/*
 * System V semaphores as programs see them: semget(2), semop(2), semctl(2).
 */
#ifndef UAPI_SEM_H
#define UAPI_SEM_H

#include <uapi/ipc.h>

#define SEM_UNDO 0x1000

#define GETPID	     11
#define GETVAL	     12
#define GETALL	     13
#define GETNCNT	     14
#define GETZCNT	     15
#define SETVAL	     16
#define SETALL	     17
#define SEM_STAT     18
#define SEM_INFO     19
#define SEM_STAT_ANY 20

struct sembuf {
	u16 sem_num;
	s16 sem_op;
	s16 sem_flg;
};

struct semid64_ds {
	struct ipc64_perm sem_perm;
	s64 sem_otime;
	unsigned long __unused1;
	s64 sem_ctime;
	unsigned long __unused2;
	unsigned long sem_nsems;
	unsigned long __unused3;
	unsigned long __unused4;
};
_Static_assert(sizeof(struct semid64_ds) == 104, "semid64_ds is 104 bytes");

struct seminfo {
	int semmap, semmni, semmns, semmnu, semmsl, semopm, semume, semusz, semvmx, semaem;
};

#define SEMMNI 32000
#define SEMMSL 32000
#define SEMMNS (SEMMNI * SEMMSL)
#define SEMOPM 500
#define SEMVMX 32767
#define SEMAEM SEMVMX
#define SEMUME SEMOPM
#define SEMMNU SEMMNS
#define SEMMAP SEMMNS
#define SEMUSZ 20

#endif
