/* SPDX-License-Identifier: MIT */
#include <jiffy/wait.h>
