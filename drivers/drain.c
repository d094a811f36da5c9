/* SPDX-License-Identifier: MIT */
/*
 * The last output before the machine ends. See <jiffy/device.h>.
 */
#include <jiffy/device.h>
#include "drain.h"

void devices_drain(void)
{
	serial_drain();
	host_drain();
}
