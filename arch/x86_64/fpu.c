/* SPDX-License-Identifier: MIT */
/*
 * Saving and loading the FPU registers; see <asm/fpu.h> for the states and the locks. By XSAVE
 * (XSAVEOPT where there is) in its standard form, or FXSAVE on a CPU without. Which components:
 * x87, SSE, AVX, AVX-512. Protection keys are left out: with them in XCR0, each XRSTOR may
 * change rights and costs an emulator its translation cache.
 */
#include <arch/task.h>
#include <arch/uaccess.h>
#include <asm/fpu.h>
#include <asm/setup.h>
#include <jiffy/sched.h>
#include <jiffy/slab.h>
#include <jiffy/string.h>

#define FP_XSTATE_MAGIC1 0x46505853u
#define FP_XSTATE_MAGIC2 0x46505845u
#define MXCSR_DEFAULT	 0x1f80u

unsigned int fpu_state_size = sizeof(struct fxregs_state);
u64 fpu_features = XFEATURE_MASK_FPSSE;
static bool use_xsave, use_xsaveopt;
static u32 mxcsr_mask = 0xffbf;
static u32 component_offset[8], component_size[8]; /* of the extended area; bytes */
static struct kmem_cache *fpstate_cache;
/* x87 control word and MXCSR at their power-on values; every component else "initial". */
static struct fpstate init_fpstate = {.fx = {.cwd = 0x37f, .mxcsr = MXCSR_DEFAULT}};

/* Whose registers the CPU's are, when they are somebody's. Interrupts off to write. */
static DEFINE_PER_CPU(struct task_struct *, fpregs_owner);

static void fpregs_lock(void)
{
	preempt_disable();
}

static void fpregs_unlock(void)
{
	preempt_enable();
}

static void xsetbv(u32 reg, u64 v)
{
	__asm__ volatile("xsetbv" ::"c"(reg), "a"((u32)v), "d"((u32)(v >> 32)));
}

static void save_regs(struct fpstate *s)
{
	if (use_xsaveopt)
		__asm__ volatile("xsaveopt64 %0" : "+m"(*s) : "a"(-1), "d"(-1) : "memory");
	else if (use_xsave)
		__asm__ volatile("xsave64 %0" : "+m"(*s) : "a"(-1), "d"(-1) : "memory");
	else
		__asm__ volatile("fxsave64 %0" : "+m"(*s)::"memory");
}

static void load_regs(const struct fpstate *s)
{
	if (use_xsave)
		__asm__ volatile("xrstor64 %0" ::"m"(*s), "a"(-1), "d"(-1) : "memory");
	else
		__asm__ volatile("fxrstor64 %0" ::"m"(*s) : "memory");
}

/* arch_setup(): which components, how large. */
void __init fpu_init_boot(void)
{
	u32 a, b, c, d;

	if (!boot_cpu_has(X86_FEATURE_XSAVE) || boot_cpu_data.cpuid_level < 0xd)
		return;
	use_xsave = true;
	use_xsaveopt = boot_cpu_has(X86_FEATURE_XSAVEOPT);
	cpuid(0xd, 0, &a, &b, &c, &d);
	fpu_features = a & (XFEATURE_MASK_FPSSE | XFEATURE_MASK_AVX | XFEATURE_MASK_AVX512);
	if ((fpu_features & XFEATURE_MASK_AVX512) != XFEATURE_MASK_AVX512 ||
	    !(fpu_features & XFEATURE_MASK_AVX))
		fpu_features &= ~XFEATURE_MASK_AVX512;
	fpu_state_size = sizeof(struct fpstate);
	for (u32 i = 2; i < 8; i++)
		if (fpu_features & BIT(i)) {
			cpuid(0xd, i, &a, &b, &c, &d);
			component_offset[i] = b;
			component_size[i] = a;
			fpu_state_size = max(fpu_state_size, b + a);
		}
}

void fpu_init_cpu(void)
{
	struct fxregs_state probe __aligned(64);

	if (use_xsave)
		xsetbv(0, fpu_features);
	__asm__ volatile("fninit");
	__asm__ volatile("fxsave64 %0" : "=m"(probe));
	if (probe.mxcsr_mask)
		mxcsr_mask = probe.mxcsr_mask;
	load_regs(&init_fpstate);
	this_cpu_write(fpregs_owner, NULL);
}

static int fpu_cache_init(void)
{
	fpstate_cache = kmem_cache_create("fpstate", fpu_state_size, 64, SLAB_PANIC, NULL);
	return 0;
}

/* The first fork comes before the initcalls. */
static struct kmem_cache *the_cache(void)
{
	if (unlikely(!fpstate_cache))
		fpu_cache_init();
	return fpstate_cache;
}

int fpu_alloc(struct task_struct *t)
{
	struct fpstate *s = kmem_cache_zalloc(the_cache(), GFP_KERNEL);

	if (!s)
		return -ENOMEM;
	s->fx.cwd = init_fpstate.fx.cwd;
	s->fx.mxcsr = MXCSR_DEFAULT;
	t->thread.fpstate = s;
	t->thread.fpu_last_cpu = -1U;
	return 0;
}

/* The CPU that held them last may find a new task_struct at the old address. */
void fpu_free(struct task_struct *t)
{
	unsigned int cpu = t->thread.fpu_last_cpu;

	if (!t->thread.fpstate)
		return;
	kmem_cache_free(fpstate_cache, t->thread.fpstate);
	t->thread.fpstate = NULL;
	t->thread.fpu_last_cpu = -1U;
	if (cpu < nr_cpu_ids)
		cmpxchg(per_cpu_ptr(&fpregs_owner, cpu), t, NULL);
}

void fpu_sync_current(void)
{
	fpregs_lock();
	if (!test_thread_flag(TIF_NEED_FPU_LOAD) && current->thread.fpstate)
		save_regs(current->thread.fpstate);
	fpregs_unlock();
}

/*
 * XSAVEOPT leaves the memory of a component alone that is in its initial state, and says so in
 * the header: before anybody but XRSTOR reads the image, such components get their initial values.
 */
static void sanitize(struct fpstate *s)
{
	u64 initial = fpu_features & ~s->header.xfeatures;

	if (!use_xsave || !initial)
		return;
	if (initial & XFEATURE_MASK_FP) {
		s->fx.cwd = init_fpstate.fx.cwd;
		s->fx.swd = s->fx.twd = s->fx.fop = 0;
		s->fx.rip = s->fx.rdp = 0;
		memset(s->fx.st_space, 0, sizeof(s->fx.st_space));
	}
	if (initial & XFEATURE_MASK_SSE)
		memset(s->fx.xmm_space, 0, sizeof(s->fx.xmm_space));
	for (int i = 2; i < 8; i++)
		if (initial & BIT(i))
			memset((u8 *)s + component_offset[i], 0, component_size[i]);
}

size_t fpu_get_regs(struct task_struct *t, void *buf, size_t n)
{
	struct fpstate *s = t->thread.fpstate;
	u64 *xcr0 = (u64 *)s->fx.sw_reserved;

	if (t == current)
		fpu_sync_current();
	sanitize(s);
	*xcr0 = fpu_features; /* where debuggers look for what the image holds */
	memcpy(buf, s, n);
	return n;
}

void fpu_copy(struct task_struct *dst, struct task_struct *src)
{
	if (!src->thread.fpstate || (src->flags & PF_KTHREAD))
		return;
	fpu_sync_current();
	memcpy(dst->thread.fpstate, src->thread.fpstate, fpu_state_size);
}

void fpu_switch_out(struct task_struct *prev, int cpu)
{
	if (!prev->thread.fpstate || test_tsk_thread_flag(prev, TIF_NEED_FPU_LOAD) ||
	    (prev->flags & PF_KTHREAD))
		return;
	save_regs(prev->thread.fpstate);
	prev->thread.fpu_last_cpu = cpu;
	this_cpu_write(fpregs_owner, prev);
}

void fpu_switch_in(struct task_struct *next)
{
	if (next->thread.fpstate && !(next->flags & PF_KTHREAD))
		set_tsk_thread_flag(next, TIF_NEED_FPU_LOAD);
}

void fpu_return_to_user(void)
{
	struct task_struct *t = current;
	unsigned int cpu = smp_processor_id();

	if (t->thread.fpu_last_cpu != cpu || this_cpu_read(fpregs_owner) != t) {
		load_regs(t->thread.fpstate);
		this_cpu_write(fpregs_owner, t);
		t->thread.fpu_last_cpu = cpu;
	}
	clear_thread_flag(TIF_NEED_FPU_LOAD);
}

void fpu_invalidate(struct task_struct *t)
{
	t->thread.fpu_last_cpu = -1U;
}

/* What is in memory counts from here on. */
static void fpregs_to_memory(struct task_struct *t)
{
	set_tsk_thread_flag(t, TIF_NEED_FPU_LOAD);
	fpu_invalidate(t);
}

void fpu_reset_current(void)
{
	struct fpstate *s = current->thread.fpstate;

	fpregs_lock();
	/* A component that the header does not name is in its initial state, whatever lies there. */
	memset(s, 0, use_xsave ? sizeof(struct fpstate) : fpu_state_size);
	s->fx.cwd = init_fpstate.fx.cwd;
	s->fx.mxcsr = MXCSR_DEFAULT;
	fpregs_to_memory(current);
	fpregs_unlock();
}

/* ---- signal frames ---- */

/* What stands in the reserved words of the FXSAVE area and tells a program how to read on. */
struct fpx_sw_bytes {
	u32 magic1, extended_size;
	u64 xfeatures;
	u32 xstate_size, padding[7];
};
static_assert_size(struct fpx_sw_bytes, 48);

unsigned int fpu_frame_size(void)
{
	return use_xsave ? fpu_state_size + sizeof(u32) : fpu_state_size;
}

int fpu_save_to_user(void __user *buf)
{
	struct fpx_sw_bytes sw = {
	    .magic1 = FP_XSTATE_MAGIC1,
	    .extended_size = fpu_frame_size(),
	    .xfeatures = fpu_features,
	    .xstate_size = fpu_state_size,
	};
	struct fpstate *s = current->thread.fpstate;
	u8 __user *u = buf;

	fpu_sync_current();
	sanitize(s);
	if (use_xsave) {
		memcpy(s->fx.sw_reserved, &sw, sizeof(sw));
		/* A handler that changes x87 or SSE values in the frame means them to count. */
		s->header.xfeatures |= XFEATURE_MASK_FPSSE;
	}
	if (copy_to_user(u, s, fpu_state_size))
		return -EFAULT;
	if (!use_xsave)
		return 0;
	return put_user(FP_XSTATE_MAGIC2, (u32 __user *)(u + fpu_state_size));
}

/* Every value that could make the load fault, or keep kernel bits, is refused. */
static int fpstate_valid(const struct fpstate *s)
{
	if (s->fx.mxcsr & ~mxcsr_mask)
		return -EINVAL;
	if (!use_xsave)
		return 0;
	if ((s->header.xfeatures & ~fpu_features) || s->header.xcomp_bv)
		return -EINVAL;
	for (int i = 0; i < 6; i++)
		if (s->header.reserved[i])
			return -EINVAL;
	return 0;
}

static bool frame_has_xstate(const struct fxregs_state *fx, u8 __user *u)
{
	struct fpx_sw_bytes sw;
	u32 magic2;

	memcpy(&sw, fx->sw_reserved, sizeof(sw));
	return sw.magic1 == FP_XSTATE_MAGIC1 && sw.xstate_size >= sizeof(struct fpstate) &&
	       sw.xstate_size <= fpu_state_size && sw.xstate_size <= sw.extended_size &&
	       !get_user(magic2, (u32 __user *)(u + sw.xstate_size)) && magic2 == FP_XSTATE_MAGIC2;
}

int fpu_restore_from_user(void __user *buf)
{
	struct fpstate *copy;
	u8 __user *u = buf;
	size_t n = sizeof(struct fxregs_state);
	int err = -EFAULT;

	if (!buf) {
		fpu_reset_current();
		return 0;
	}
	copy = kmem_cache_alloc(fpstate_cache, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	if (copy_from_user(&copy->fx, u, n))
		goto out;
	if (use_xsave && frame_has_xstate(&copy->fx, u)) {
		struct fpx_sw_bytes sw;

		memcpy(&sw, copy->fx.sw_reserved, sizeof(sw));
		if (copy_from_user((u8 *)copy + n, u + n, sw.xstate_size - n))
			goto out;
		/* A shorter frame, of a program that knows fewer components. */
		memset((u8 *)copy + sw.xstate_size, 0, fpu_state_size - sw.xstate_size);
		copy->header.xfeatures &= sw.xfeatures;
	} else {
		memset((u8 *)copy + n, 0, fpu_state_size - n);
		if (use_xsave)
			copy->header.xfeatures = XFEATURE_MASK_FPSSE;
	}
	err = fpstate_valid(copy);
	if (err)
		goto out;
	fpregs_lock();
	swap(current->thread.fpstate, copy);
	fpregs_to_memory(current);
	fpregs_unlock();
out:
	kmem_cache_free(fpstate_cache, copy);
	return err;
}

int fpu_set_regs(struct task_struct *t, const void *buf, size_t size)
{
	struct fpstate *s = t->thread.fpstate, *copy;
	int err;

	if (!s || size < sizeof(struct fxregs_state))
		return -EINVAL;
	copy = kmem_cache_alloc(fpstate_cache, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, s, fpu_state_size);
	memcpy(copy, buf, min_t(size_t, size, fpu_state_size));
	if (size == sizeof(struct fxregs_state) && use_xsave)
		copy->header.xfeatures |= XFEATURE_MASK_FPSSE;
	err = fpstate_valid(copy);
	if (!err) {
		memcpy(s, copy, fpu_state_size);
		fpregs_to_memory(t);
	}
	kmem_cache_free(fpstate_cache, copy);
	return err;
}

/* FPE_* of siginfo(2): the lowest exception that happened and is not masked decides. */
int fpu_exception_code(int trap)
{
	struct fpstate *s = current->thread.fpstate;
	u32 err;

	fpu_sync_current();
	if (trap == X86_TRAP_MF)
		err = s->fx.swd & ~s->fx.cwd;
	else
		err = ~(s->fx.mxcsr >> 7) & s->fx.mxcsr;
	if (err & 0x01)
		return 7; /* FPE_FLTINV */
	if (err & 0x04)
		return 3; /* FPE_FLTDIV */
	if (err & 0x08)
		return 4; /* FPE_FLTOVF */
	if (err & 0x12)
		return 5; /* FPE_FLTUND: denormal operand, underflow */
	if (err & 0x20)
		return 6; /* FPE_FLTRES */
	return 0;
}
