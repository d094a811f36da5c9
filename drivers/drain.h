/* SPDX-License-Identifier: MIT */
/*
 * What devices_drain() calls. Any context.
 */
#ifndef DRIVERS_DRAIN_H
#define DRIVERS_DRAIN_H

void serial_drain(void);
void host_drain(void);

#endif
