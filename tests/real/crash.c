/* SPDX-License-Identifier: MIT */
/*
 * A program that dies of a bad pointer for the real tier's test of core files: three threads wait,
 * each at its own depth of calls, and the main thread faults below two more functions.
 */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#define THREADS 3

static pthread_barrier_t all_there;
int depth_of_fault = 2;
static volatile int leave; /* never set */

__attribute__((noinline)) static void wait_at_depth(long left)
{
	if (left > 0) {
		wait_at_depth(left - 1);
	} else {
		pthread_barrier_wait(&all_there);
		while (!leave)
			pause();
	}
	asm volatile("" ::: "memory"); /* the call above is not the last thing done */
}

static void *thread_main(void *arg)
{
	wait_at_depth((long)arg);
	return arg;
}

__attribute__((noinline)) static int inner_fault(int *p)
{
	return *p + depth_of_fault;
}

__attribute__((noinline)) static int outer_fault(int *p)
{
	int x = inner_fault(p);

	asm volatile("" ::: "memory");
	return x + 1;
}

int main(void)
{
	pthread_t t;

	pthread_barrier_init(&all_there, NULL, THREADS + 1);
	for (long i = 1; i <= THREADS; i++)
		if (pthread_create(&t, NULL, thread_main, (void *)i))
			return 1;
	pthread_barrier_wait(&all_there);
	/* They are past the barrier and about to sleep: let them. */
	usleep(200000);
	return outer_fault(NULL);
}
