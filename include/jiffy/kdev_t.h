/* SPDX-License-Identifier: MIT */
/*
 * Device numbers: 12 bits of major and 20 of minor, kept in the layout that stat(2) shows
 * (makedev(3)), so that no conversion is needed at the border. No state, any context.
 */
#ifndef JIFFY_KDEV_T_H
#define JIFFY_KDEV_T_H

#include <jiffy/types.h>

#define MINORBITS 20
#define MINORMASK ((1U << MINORBITS) - 1)

static inline dev_t MKDEV(unsigned int major, unsigned int minor)
{
	return ((dev_t)(major & 0xfffff000u) << 32) | ((dev_t)(major & 0xfffu) << 8) |
	       ((dev_t)(minor & 0xffffff00u) << 12) | (minor & 0xffu);
}

static inline unsigned int MAJOR(dev_t dev)
{
	return ((dev >> 8) & 0xfff) | ((dev >> 32) & ~0xfffu);
}

static inline unsigned int MINOR(dev_t dev)
{
	return (dev & 0xff) | ((dev >> 12) & ~0xffu);
}

#endif
