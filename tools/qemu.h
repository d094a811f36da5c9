/* SPDX-License-Identifier: MIT */
/*
 * The machine: which QEMU, with which arguments, and starting it. All that is
 * specific to QEMU's command line is in qemu.c; what then happens between the
 * machine and us is session.c's.
 */
#ifndef TOOLS_QEMU_H
#define TOOLS_QEMU_H

#include <stdbool.h>
#include <sys/types.h>

enum machine { MACHINE_MICROVM, MACHINE_Q35 };
enum accel { ACCEL_AUTO, ACCEL_TCG, ACCEL_KVM };

struct qemu_config {
	const char *program; /* a path or a word to find on PATH */
	enum machine machine;
	enum accel accel;
	bool icount;
	unsigned int cpus;
	unsigned long long mem_mib;
	const char *kernel;
	bool foreign;	       /* not jiffy, as far as we know: --kernel named it */
	const char *initrd;    /* the name QEMU opens it by */
	int initrd_fd;	       /* inherited by QEMU */
	const char *append;    /* kernel parameters of the user's, or NULL */
	unsigned int gdb_port; /* 0: no gdb */
	bool verbose;	       /* show the command line */
};

/* What a running QEMU and we talk over; each end of ours is non-blocking and closed on exec. */
struct qemu {
	pid_t pid;
	int console; /* COM1: the guest's terminal, raw bytes, both ways */
	int link;    /* COM2: frames, both ways; see link.h */
	int log;     /* the debug console: what the guest's kernel prints */
	int errors;  /* QEMU's own standard output and error */
	/*
	 * With --icount: what jiffy sends to the terminal and over the link. A serial port that our
	 * end of a socket keeps waiting would let the guest notice how soon we read; QEMU's debug
	 * consoles make the whole guest wait instead, its clock too. Otherwise -1.
	 */
	int console_out, link_out;
};

/* How the guest ends the machine: isa-debug-exit turns the byte B into the status 2B+1. */
enum qemu_exit {
	QEMU_EXIT_RESET = 0, /* a reset that the kernel did not announce, under -no-reboot */
	QEMU_EXIT_POWER_OFF = (0x10 << 1) | 1,
	QEMU_EXIT_PANIC = (0x11 << 1) | 1,
	QEMU_EXIT_RESTART = (0x12 << 1) | 1,
};

/*
 * qemu_start - start the machine @cfg, leaving the signal mask of the caller to itself but
 * clearing the child's. Dies with STATUS_UNAVAILABLE when there is no QEMU, and STATUS_OLD_QEMU
 * when the one there is cannot do @cfg.
 */
void qemu_start(const struct qemu_config *cfg, struct qemu *q);

/* qemu_free_port - a TCP port of the loop-back interface that nothing listens on now. */
unsigned int qemu_free_port(void);

#endif
