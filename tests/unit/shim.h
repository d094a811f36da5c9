/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_SHIM_H
#define TESTS_UNIT_SHIM_H

extern long shim_fail_at;     /* this allocation, counted from 1, fails; 0: none */
extern long shim_allocations; /* how many there were */
extern long shim_live;	      /* not freed yet */

#endif
