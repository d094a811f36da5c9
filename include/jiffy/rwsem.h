/* SPDX-License-Identifier: MIT */
#include <jiffy/mutex.h>
