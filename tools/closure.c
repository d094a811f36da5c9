/* SPDX-License-Identifier: MIT */
/* What a program needs in order to run; see closure.h. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "closure.h"
#include "elfread.h"
#include "file.h"
#include "jiffy.h"
#include "ldpath.h"

#define MAX_LINKS     40  /* symbolic links in one walk: path_resolution(7) */
#define MAX_SCRIPTS   5	  /* interpreters of interpreters: execve(2) */
#define SCRIPT_LINE   256 /* bytes of a #! line that count: execve(2) */
#define MULTIARCH_LIB "lib/x86_64-linux-gnu"

/* What the C library opens by name at run time, unwinding a cancelled thread's stack for one. */
#define LIBC_SONAME   "libc.so.6"
#define UNWIND_SONAME "libgcc_s.so.1"

/* Return 0 when @path may be executed, or the errno that execve(2) would meet. */
static int check_executable(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	if (!S_ISREG(st.st_mode) || access(path, X_OK))
		return EACCES;
	return 0;
}

static bool absent(int err)
{
	return err == ENOENT || err == ENOTDIR;
}

char *find_program(const char *word)
{
	const char *dir = getenv("PATH"), *end;
	int err, seen = ENOENT;
	char *path;

	if (strchr(word, '/')) {
		err = check_executable(word);
		if (!err)
			return absolute_path(word);
		die(absent(err) ? STATUS_NOT_FOUND : STATUS_NOT_EXEC, "%s: %s", word,
		    strerror(err));
	}
	if (!dir)
		dir = "/usr/local/bin:/usr/bin:/bin";
	for (; *word; dir = end + 1) {
		end = strchrnul(dir, ':');
		path = end == dir ? xasprintf("./%s", word)
				  : xasprintf("%.*s/%s", (int)(end - dir), dir, word);
		err = check_executable(path);
		if (!err) {
			char *whole = absolute_path(path);

			free(path);
			return whole;
		}
		if (err == EACCES)
			seen = err;
		free(path);
		if (!*end)
			break;
	}
	if (seen == EACCES)
		die(STATUS_NOT_EXEC, "%s: found in $PATH, but not executable", word);
	die(STATUS_NOT_FOUND, "%s: not found in $PATH; give its path if it is elsewhere", word);
}

static bool add_one(struct archive *a, const char *path, const struct stat *st)
{
	if (S_ISDIR(st->st_mode)) {
		archive_dir(a, path, st->st_mode, st->st_uid, st->st_gid);
		return true;
	}
	if (!S_ISREG(st->st_mode))
		return false;
	archive_host(a, path, st->st_mode, st->st_uid, st->st_gid, path);
	return true;
}

/*
 * The walk keeps two strings: what has been resolved, which holds no link,
 * and what is still to come. A link moves its target to the front of the rest.
 */
bool pack_mirror(struct archive *a, const char *path)
{
	char done[PATH_MAX] = "", target[PATH_MAX], *rest = xstrdup(path), *p = rest, *longer;
	int links = 0;
	bool ok = true;
	struct stat st;
	size_t n, len;
	ssize_t got;

	while (ok && *(p += strspn(p, "/"))) {
		n = strcspn(p, "/");
		len = strlen(done);
		if (n == 2 && !memcmp(p, "..", 2)) {
			*(len ? strrchr(done, '/') : done) = '\0';
		} else if (!(n == 1 && *p == '.')) {
			if (len + 1 + n >= PATH_MAX) {
				ok = false;
				break;
			}
			sprintf(done + len, "/%.*s", (int)n, p);
			if (lstat(done, &st)) {
				ok = false;
			} else if (S_ISLNK(st.st_mode)) {
				got = readlink(done, target, sizeof(target) - 1);
				if (got < 0 || ++links > MAX_LINKS) {
					ok = false;
					break;
				}
				target[got] = '\0';
				archive_symlink(a, done, target);
				done[target[0] == '/' ? 0 : len] = '\0';
				longer = xasprintf("%s%s", target, p + n);
				free(rest);
				p = rest = longer;
				continue;
			} else {
				ok = add_one(a, done, &st);
			}
		}
		p += n;
	}
	free(rest);
	return ok;
}

/* One object of the closure: who asked for it decides whose RPATH applies. */
struct object {
	char *path;
	struct elf_info info;
	const struct object *parent;
	struct object *next;
};

struct closure {
	struct archive *archive;
	struct object *first;
	struct object **last;
	bool optional; /* what is missing is left out without a word */
};

static bool usable_library(const char *path, void *arg)
{
	struct elf_info info;
	struct mapped m;
	const char *why;
	bool ok;

	if (map_file(path, &m))
		return false;
	ok = elf_parse(m.data, m.size, &info, &why) == ELF_OK;
	unmap_file(&m);
	if (!ok)
		return false;
	elf_release(&info);
	*(char **)arg = xstrdup(path);
	return true;
}

static size_t token_length(const char *s, const char *name)
{
	size_t n = strlen(name);

	if (s[0] != '$')
		return 0;
	if (!strncmp(s + 1, name, n))
		return n + 1;
	if (s[1] == '{' && !strncmp(s + 2, name, n) && s[n + 2] == '}')
		return n + 3;
	return 0;
}

/* Expand ld.so(8)'s tokens in the @len bytes at @s for an object in the directory @origin. */
static char *expand_tokens(const char *s, size_t len, const char *origin)
{
	const struct {
		const char *name, *value;
	} tokens[] = {{"ORIGIN", origin}, {"LIB", MULTIARCH_LIB}, {"PLATFORM", "x86_64"}};
	size_t room = 0, n;
	const char *end = s + len;
	char *out = NULL;
	FILE *f = open_memstream(&out, &room);

	if (!f)
		die(STATUS_HOST, "out of memory");
	while (s < end) {
		n = 0;
		for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]) && !n; i++) {
			n = token_length(s, tokens[i].name);
			if (n)
				fputs(tokens[i].value, f);
		}
		if (!n)
			fputc(s[n++], f);
		s += n;
	}
	fclose(f);
	return out;
}

static char *directory_of(const char *path)
{
	char *real = realpath(path, NULL), *slash;

	if (!real)
		return xstrdup("/");
	slash = strrchr(real, '/');
	slash[slash == real] = '\0';
	return real;
}

static char *search_list(const char *list, const char *separators, const struct object *owner,
			 const char *name)
{
	char *origin, *dir, *path, *found = NULL;
	size_t n;

	if (!list)
		return NULL;
	origin = directory_of(owner->path);
	for (; *list && !found; list += n + !!list[n]) {
		n = strcspn(list, separators);
		if (!n)
			continue;
		dir = expand_tokens(list, n, origin);
		path = xasprintf("%s/%s", dir, name);
		usable_library(path, &found);
		free(path);
		free(dir);
	}
	free(origin);
	return found;
}

/* The order is that of ld.so(8). An object with a RUNPATH turns the RPATHs off for its own needs.
 */
static char *find_library(const struct object *owner, const char *name)
{
	const struct object *o;
	char *found = NULL;

	if (strchr(name, '/')) {
		char *origin = directory_of(owner->path);
		char *path = expand_tokens(name, strlen(name), origin);

		usable_library(path, &found);
		free(path);
		free(origin);
		return found;
	}
	for (o = owner; o && !found && !owner->info.runpath; o = o->parent)
		if (!o->info.runpath)
			found = search_list(o->info.rpath, ":", o, name);
	if (!found)
		found = search_list(getenv("LD_LIBRARY_PATH"), ":;", owner, name);
	if (!found)
		found = search_list(owner->info.runpath, ":", owner, name);
	if (!found)
		ldpath_each(name, usable_library, &found);
	return found;
}

static bool already_in(const struct closure *c, const char *path)
{
	for (const struct object *o = c->first; o; o = o->next)
		if (!strcmp(o->path, path))
			return true;
	return false;
}

/* Append the object at @path, whose name the closure then owns. */
static void append(struct closure *c, char *path, const struct object *parent)
{
	struct object *o;
	struct mapped m;
	const char *why;

	if (already_in(c, path) || map_file(path, &m)) {
		free(path);
		return;
	}
	o = xcalloc(1, sizeof(*o));
	elf_parse(m.data, m.size, &o->info, &why);
	unmap_file(&m);
	o->path = path;
	o->parent = parent;
	*c->last = o;
	c->last = &o->next;
	pack_mirror(c->archive, path);
}

static void add_interpreter(struct closure *c, const struct object *o)
{
	const char *interp = o->info.interp;

	if (pack_mirror(c->archive, interp)) {
		pack_mirror(c->archive, "/etc/ld.so.cache");
		append(c, xstrdup(interp), NULL);
	} else if (!c->optional) {
		die(STATUS_MISSING, "%s needs the program interpreter %s, which is not installed",
		    o->path, interp);
	}
}

static void add_needs_of(struct closure *c, const struct object *o)
{
	char *path;

	if (o->info.interp)
		add_interpreter(c, o);
	for (size_t i = 0; i < o->info.nr_needed; i++) {
		path = find_library(o, o->info.needed[i]);
		if (path)
			append(c, path, o);
		else if (!c->optional)
			die(STATUS_MISSING,
			    "%s needs the library %s, which is not found; install it or set LD_LIBRARY_PATH",
			    o->path, o->info.needed[i]);
		if (!strcmp(o->info.needed[i], LIBC_SONAME)) {
			path = find_library(o, UNWIND_SONAME);
			if (path)
				append(c, path, o);
		}
	}
}

static void pack_elf(struct archive *a, const char *path, bool optional)
{
	struct closure c = {.archive = a, .optional = optional};
	struct object *next;

	c.last = &c.first;
	append(&c, xstrdup(path), NULL);
	for (struct object *o = c.first; o; o = o->next)
		add_needs_of(&c, o);
	for (struct object *o = c.first; o; o = next) {
		next = o->next;
		elf_release(&o->info);
		free(o->path);
		free(o);
	}
}

/* The words of the #! line that @m begins with, or NULL when @m is no script. */
static char *script_line(const struct mapped *m)
{
	size_t n = m->size < SCRIPT_LINE ? m->size : SCRIPT_LINE;
	char *copy;

	if (n < 2 || memcmp(m->data, "#!", 2))
		return NULL;
	copy = xcalloc(1, n);
	memcpy(copy, (const char *)m->data + 2, n - 2);
	copy[strcspn(copy, "\n")] = '\0';
	return copy;
}

static void refuse(const char *path, enum elf_verdict verdict, const char *why)
{
	switch (verdict) {
	case ELF_OK:
		break;
	case ELF_NOT_ELF:
		die(STATUS_NOT_PROGRAM, "%s is neither an ELF program nor a #! script", path);
	case ELF_NOT_LOADED:
		die(STATUS_NOT_PROGRAM, "%s is %s", path, why);
	case ELF_WRONG_ARCH:
		die(STATUS_WRONG_ARCH, "%s is %s: jiffy runs x86-64 Linux programs", path, why);
	case ELF_DAMAGED:
		die(STATUS_DAMAGED, "%s is damaged: %s", path, why);
	}
}

static void pack_depth(struct archive *a, const char *path, int depth);

/* env(1) as the interpreter stands for the command that it is given: that one comes along too. */
static void pack_env_command(struct archive *a, char *save, int depth)
{
	char *word, *path;

	while ((word = strtok_r(NULL, " \t", &save)))
		if (word[0] != '-' && !strchr(word, '='))
			break;
	if (!word)
		return;
	path = find_program(word);
	pack_depth(a, path, depth);
	free(path);
}

static void pack_script(struct archive *a, const char *path, char *line, int depth)
{
	char *save, *interp = strtok_r(line, " \t", &save), *base;
	int err;

	if (depth > MAX_SCRIPTS)
		die(STATUS_NOT_PROGRAM, "%s: too many scripts interpret each other", path);
	if (!interp)
		die(STATUS_NOT_PROGRAM, "%s: its #! line names no interpreter", path);
	err = check_executable(interp);
	if (err)
		die(STATUS_MISSING, "%s is a script for `%s': %s", path, interp, strerror(err));
	pack_mirror(a, path);
	pack_depth(a, interp, depth + 1);
	base = strrchr(interp, '/');
	if (!strcmp(base ? base + 1 : interp, "env"))
		pack_env_command(a, save, depth + 1);
}

static void pack_depth(struct archive *a, const char *path, int depth)
{
	struct elf_info info;
	enum elf_verdict verdict;
	const char *why;
	struct mapped m;
	char *line;
	int err;

	err = map_file(path, &m);
	if (err)
		die(STATUS_NOT_EXEC, "%s: %s", path, strerror(-err));
	line = script_line(&m);
	if (line) {
		unmap_file(&m);
		pack_script(a, path, line, depth);
		free(line);
		return;
	}
	verdict = elf_parse(m.data, m.size, &info, &why);
	unmap_file(&m);
	refuse(path, verdict, why);
	elf_release(&info);
	pack_elf(a, path, false);
}

void pack_program(struct archive *a, const char *path)
{
	pack_depth(a, path, 1);
}

void pack_needs(struct archive *a, const char *path)
{
	struct elf_info info;
	struct mapped m;
	const char *why;
	bool elf;

	if (map_file(path, &m))
		return;
	elf = elf_parse(m.data, m.size, &info, &why) == ELF_OK;
	unmap_file(&m);
	if (!elf)
		return;
	elf_release(&info);
	pack_elf(a, path, true);
}
