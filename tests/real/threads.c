/* SPDX-License-Identifier: MIT */
/*
 * A POSIX threads program for the real tier: sixteen workers, of which each
 * adds its numbers under a mutex after a common start, and one thread that is
 * cancelled in a wait. Prints one line; its exit status is 7.
 */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#define WORKERS 16
#define ROUNDS	100

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t started = PTHREAD_COND_INITIALIZER;
static int go;
static long sum;
static __thread long own;

static void *work(void *arg)
{
	long me = (long)arg;

	pthread_mutex_lock(&lock);
	while (!go)
		pthread_cond_wait(&started, &lock);
	pthread_mutex_unlock(&lock);
	for (int i = 0; i < ROUNDS; i++)
		own += i * (me + 1);
	pthread_mutex_lock(&lock);
	sum += own;
	pthread_mutex_unlock(&lock);
	return arg;
}

static void *wait_forever(void *arg)
{
	for (;;)
		pause();
	return arg;
}

int main(void)
{
	pthread_t t[WORKERS], idle;
	long joined = 0;
	void *result;

	for (long i = 0; i < WORKERS; i++)
		pthread_create(&t[i], NULL, work, (void *)i);
	pthread_create(&idle, NULL, wait_forever, NULL);
	pthread_mutex_lock(&lock);
	go = 1;
	pthread_cond_broadcast(&started);
	pthread_mutex_unlock(&lock);
	for (long i = 0; i < WORKERS; i++) {
		pthread_join(t[i], &result);
		joined += result == (void *)i;
	}
	pthread_cancel(idle);
	pthread_join(idle, &result);
	printf("sum %ld, joined %ld, %s\n", sum, joined,
	       result == PTHREAD_CANCELED ? "cancelled" : "not cancelled");
	return 7;
}
