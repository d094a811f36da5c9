/* SPDX-License-Identifier: MIT */
/*
 * From a word that the user typed to every file that must come along for it to
 * run: the program, the interpreters of scripts, the ELF interpreter, and the
 * closure of shared libraries as ld.so(8) will look for them. Nothing of the
 * target is executed to find out.
 */
#ifndef TOOLS_CLOSURE_H
#define TOOLS_CLOSURE_H

#include "archive.h"

/*
 * find_program - find @word as a POSIX shell would (XCU 2.9.1.4): a word with a slash is a path,
 * any other is looked for in $PATH.
 * Return the path, absolute but not resolved; the caller frees it. Does not return when there
 * is none or it may not be executed: says which, and exits with the shell's 127 or 126.
 */
char *find_program(const char *word);

/*
 * pack_program - add the file @path and all that it needs to run.
 * Does not return when the file is no program, is damaged, is for another processor or needs
 * a file that the host does not have.
 */
void pack_program(struct archive *a, const char *path);

/*
 * pack_needs - add what the file @path needs, when it is a program or library at all.
 * For files that come along as data: whatever else they are is no error.
 */
void pack_needs(struct archive *a, const char *path);

/*
 * pack_mirror - add the host's @path under the same name: its directories with their modes,
 * the symbolic links on the way as links, and what they lead to.
 * Return false when the host has no such file.
 */
bool pack_mirror(struct archive *a, const char *path);

#endif
