/* SPDX-License-Identifier: MIT */
/*
 * The simulator's answer to contract 5 of 8: tasks have no registers. What a simulated task does
 * is a list of operations that sim/engine.c carries out.
 */
#ifndef ASM_SIM_TASK_H
#define ASM_SIM_TASK_H

struct pt_regs {
	unsigned long none;
};

struct thread_struct {
	unsigned long none;
};

#endif
