/* SPDX-License-Identifier: MIT */
/* The vDSO as it was linked, in pages of its own, to be mapped into programs. */
	.section .rodata.vdso, "a"
	.balign 4096
	.globl vdso_image_start, vdso_image_end
vdso_image_start:
	.incbin "vdso.so"
vdso_image_end:
	.balign 4096

	.section .note.GNU-stack, "", @progbits
