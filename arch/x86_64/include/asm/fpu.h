/* SPDX-License-Identifier: MIT */
/*
 * The FPU, SSE and AVX registers of user tasks. The kernel itself uses none of them.
 *
 * Of the current task they are in one of two places: in the CPU (TIF_NEED_FPU_LOAD clear), or
 * in memory, task->thread.fpstate (flag set; the exit to user mode loads them). The switch away
 * from a task saves them and sets the flag. What was saved still is in the CPU as long as
 * nobody else's were loaded there: the per-CPU owner and the task's fpu_last_cpu name each
 * other then, and the load is left out.
 *
 * Serialization rules: a task's fpstate belongs to the task, or to its tracer while it is stopped
 * off its CPU. The CPU's registers and the flag change with preemption off (fpregs_lock()).
 */
#ifndef ASM_FPU_H
#define ASM_FPU_H

#include <jiffy/types.h>

struct task_struct;
struct pt_regs;

/* Intel SDM volume 1, 10.5 (FXSAVE area) and 13.4 (XSAVE area, standard form). */
struct fxregs_state {
	u16 cwd, swd, twd, fop;
	u64 rip, rdp;
	u32 mxcsr, mxcsr_mask;
	u32 st_space[32], xmm_space[64];
	u32 reserved[12], sw_reserved[12];
};
static_assert_size(struct fxregs_state, 512);
struct xstate_header {
	u64 xfeatures, xcomp_bv, reserved[6];
};
struct fpstate {
	struct fxregs_state fx;
	struct xstate_header header;
	u8 extended[];
} __attribute__((aligned(64)));

#define XFEATURE_MASK_FP     0x1UL
#define XFEATURE_MASK_SSE    0x2UL
#define XFEATURE_MASK_AVX    0x4UL
#define XFEATURE_MASK_AVX512 0xe0UL
#define XFEATURE_MASK_FPSSE  (XFEATURE_MASK_FP | XFEATURE_MASK_SSE)

/* In bytes: the area in memory and on signal frames; and the features it holds. */
extern unsigned int fpu_state_size;
extern u64 fpu_features;

/* arch_setup(): what the CPU has; then each CPU: its control registers. */
void fpu_init_boot(void);
void fpu_init_cpu(void);
int fpu_alloc(struct task_struct *t); /* initial state; 0 or -ENOMEM. Task context. */
void fpu_free(struct task_struct *t);
/* dst (new, allocated) gets what src = current has. */
void fpu_copy(struct task_struct *dst, struct task_struct *src);
/* The switch; interrupts off. */
void fpu_switch_out(struct task_struct *prev, int cpu);
void fpu_switch_in(struct task_struct *next);
/* Exit to user mode with TIF_NEED_FPU_LOAD: interrupts off. */
void fpu_return_to_user(void);
/* current: initial registers (exec, signal handlers). */
void fpu_reset_current(void);
/* current's registers are in memory when it returns, and stay the CPU's too. */
void fpu_sync_current(void);
/* t's fpstate was (or is about to be) written: forget what CPUs hold. */
void fpu_invalidate(struct task_struct *t);
/*
 * Signal frames: bytes needed, aligned to 64 by the caller; and both ways. 0 or -EFAULT; a
 * restore checks what it reads, -EINVAL; buf NULL resets.
 */
unsigned int fpu_frame_size(void);
int fpu_save_to_user(void __user *buf);
int fpu_restore_from_user(void __user *buf);
/* t's FXSAVE/XSAVE image, its first n bytes (a multiple of 8); t stopped, or current. n. */
size_t fpu_get_regs(struct task_struct *t, void *buf, size_t n);
/* From a tracer's buffer into a stopped task: FXSAVE or XSAVE image. 0 or -EINVAL. */
int fpu_set_regs(struct task_struct *t, const void *buf, size_t size);
/* #MF and #XF of current: si_code of SIGFPE. */
int fpu_exception_code(int trap);

#endif
