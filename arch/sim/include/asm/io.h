/* SPDX-License-Identifier: MIT */
/* A simulated machine has no devices, so no ports. */
#ifndef ASM_SIM_IO_H
#define ASM_SIM_IO_H
#endif
