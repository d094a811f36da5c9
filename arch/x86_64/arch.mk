# SPDX-License-Identifier: MIT
# x86-64: how the kernel's code is compiled here, and the vDSO, which is linked on its own.

ARCH_CFLAGS = -m64 -fno-pic -fno-pie -march=x86-64 -mcmodel=kernel -mno-red-zone -mgeneral-regs-only

include arch/x86_64/vdso/vdso.mk
