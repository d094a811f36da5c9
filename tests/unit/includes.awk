# SPDX-License-Identifier: MIT
# Reads every #include of the kernel and fails on an arrow that the design does not have, and on
# headers that include each other in a circle. Arguments: the files.

# room(FILE): the room a file belongs to; headers that all may use are of the room `include'.
function room(file,	part) {
	split(file, part, "/")
	return part[1]
}

# resolve(FROM, NAME): the file of the tree that #include NAME in FROM means, or "".
function resolve(from, name,	dir, path) {
	if (name ~ /^"/) {
		dir = from
		sub("[^/]*$", "", dir)
		path = dir substr(name, 2, length(name) - 2)
		while (sub("[^/]+/[.][.]/", "", path))
			;
		if (path in is_file)
			return path
	}
	path = substr(name, 2, length(name) - 2)
	if (("include/" path) in is_file)
		return "include/" path
	if (path ~ /^asm\//)
		return "arch/x86_64/include/" path
	if (path in is_file)
		return path
	return ""
}

function complain(what) {
	print what
	bad = 1
}

function check_arrow(from, name, to,	a, b, base) {
	a = room(from)
	if (to == "") {
		# The compiler's own headers; include/ also serves hosted programs, which have a libc.
		if (name !~ /^<(stddef|stdarg|stdbool|stdint|limits|cpuid)[.]h>$/ && a != "sim" &&
		    !(a == "include" && name ~ /^</ && name !~ /^<(jiffy|arch|asm|uapi)\//))
			complain(from " includes " name ", which is in no room")
		return
	}
	b = room(to)
	if (to ~ /^arch\// && a != "arch" && from !~ /^include\/arch\//)
		complain(from " includes " name ": only the contract in include/arch/ may")
	else if (a == "include" && b != "include" && b != "arch")
		complain(from " includes " name ": the arrow runs from rooms to include/")
	else if (from ~ /^include\/uapi\// && to !~ /^include\/(uapi\/|jiffy\/(types|compiler)[.]h$)/)
		complain(from " includes " name ": the ABI stands alone")
	else if (b != "include" && b != a && b != "arch" && a != "init" &&
		 !(b == "sched" && (a == "sim" || from ~ /^kernel\/sched\//)))
		complain(from " includes " name ": that header is private to its room")
	base = to
	if ((a == "sched" || a == "lib") && sub("^include/jiffy/", "", base) && base in above)
		complain(from " includes " name ": " a "/ knows nothing of " above[base] "/")
	if (a == "sched" && from ~ /[.]c$/ && b != "sched" && from != "sched/env.c")
		complain(from " includes " name ": a scheduler file includes sched/ headers alone")
}

# walk(FILE): depth first along the headers; a header that is met again on its own way is a circle.
function walk(file, trail,	n, i, next_file) {
	state[file] = 1
	n = count[file]
	for (i = 1; i <= n; i++) {
		next_file = arrow[file, i]
		if (state[next_file] == 1)
			complain("a circle: " trail " -> " next_file)
		else if (!state[next_file])
			walk(next_file, trail " -> " next_file)
	}
	state[file] = 2
}

function belongs(r, list,	part, n, i) {
	n = split(list, part, " ")
	for (i = 1; i <= n; i++)
		above[part[i] ".h"] = r
}

BEGIN {
	# The public headers of the rooms above sched/ and lib/. Allocation (slab, gfp) is for all.
	belongs("mm", "mm mm_types pagemap shmem_fs vmalloc rmap swap")
	belongs("process", "binfmts cred futex ipc kthread ns_common nsproxy pid posix_timers ptrace seccomp signal")
	belongs("fs", "anon_inodes dcache eventfd fdtable file fs fs_struct fsnotify mount netlink path pipe_fs poll proc_fs seq_file socket sysctl uio xattr")
	belongs("cgroup", "cgroup")
	belongs("drivers", "cdev device tty")
	for (i = 1; i < ARGC; i++)
		is_file[ARGV[i]] = 1
}

/^[ \t]*#[ \t]*include/ {
	name = $0
	sub("^[ \t]*#[ \t]*include[ \t]*", "", name)
	if (!match(name, /^(<[^>]*>|"[^"]*")/))
		next
	name = substr(name, 1, RLENGTH)
	to = resolve(FILENAME, name)
	check_arrow(FILENAME, name, to)
	if (to ~ /[.]h$/)
		arrow[FILENAME, ++count[FILENAME]] = to
}

END {
	for (file in is_file)
		if (file ~ /[.]h$/ && !state[file])
			walk(file, file)
	exit bad
}
