# SPDX-License-Identifier: MIT
# What ./run and ./test share: install what is missing, build what has changed. POSIX sh, to be
# sourced with $here set to the source tree.

stamp=$here/build/.built

say() {
	printf 'jiffy: %s\n' "$*" >&2
}

# missing TAG...: print the packages of packages.txt with one of the tags whose probe fails.
missing() {
	while read -r package probe tag _; do
		case $package in '' | '#'*) continue ;; esac
		case " $* " in *" $tag "*) ;; *) continue ;; esac
		case $probe in
		/*) [ -e "$probe" ] && continue ;;
		*) command -v "$probe" >/dev/null && continue ;;
		esac
		printf '%s ' "$package"
	done <"$here/packages.txt"
}

# need TAG...: install what missing() names, or say what to install and exit 69.
need() {
	packages=$(missing "$@")
	[ -n "$packages" ] || return 0
	if ! command -v apt-get >/dev/null; then
		say "these packages are needed, and there is no apt-get to install them: $packages"
		exit 69
	fi
	as_root=
	if [ "$(id -u)" != 0 ]; then
		if ! command -v sudo >/dev/null; then
			say "these packages are needed, and only root may install them: $packages"
			exit 69
		fi
		as_root='sudo'
	fi
	say "installing $packages(with ${as_root:+$as_root }apt-get)"
	log=$(mktemp) || exit 71
	if ! { $as_root apt-get update && $as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y --no-install-recommends $packages; } >"$log" 2>&1 </dev/null; then
		tail -n 20 "$log" >&2
		rm -f "$log"
		say "apt-get could not install: $packages"
		exit 69
	fi
	rm -f "$log"
	if [ -n "$(missing "$@")" ]; then
		say "still missing after the installation: $(missing "$@")"
		exit 69
	fi
}

# fresh: has nothing in the tree changed since the last build?
fresh() {
	[ -e "$stamp" ] && [ -z "$(find "$here" \( -name .git -o -path "$here/build" -o \
		-path "$here/tests" -o -path "$here/docs" \) -prune -o -newer "$stamp" -print -quit)" ]
}

# build: bring everything that a run needs up to date. What make says is shown if it fails. The
# stamp carries the time the build began, so a change made meanwhile counts as one.
build() {
	fresh && return 0
	need build
	mkdir -p "$here/build"
	# One build at a time; whoever waited for another's may find nothing left to do.
	exec 9>"$here/build/.lock"
	flock 9
	if ! fresh; then
		: >"$stamp.new"
		if ! make -C "$here" -s -j "$(nproc)" all >"$here/build/make.log" 2>&1 9>&-; then
			cat "$here/build/make.log" >&2
			say "the build failed"
			exit 69
		fi
		mv "$stamp.new" "$stamp"
	fi
	exec 9>&-
}
