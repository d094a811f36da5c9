/* SPDX-License-Identifier: MIT */
/*
 * Where the command finds its own files: beside itself in a build directory,
 * or under ../lib/jiffy once installed.
 */
#ifndef TOOLS_PATHS_H
#define TOOLS_PATHS_H

/*
 * own_file - the path of one of our files.
 * @built: its name below the directory of a built command.
 * @installed: its name below PREFIX/lib/jiffy of an installed one.
 * Return the path, which the caller frees, of the one that exists; dies with STATUS_UNAVAILABLE
 * when neither does.
 */
char *own_file(const char *built, const char *installed);

#endif
