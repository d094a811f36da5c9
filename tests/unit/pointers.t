# SPDX-License-Identifier: MIT
# Every pointer that a system call takes is tried by tests/guest/badptr: the kernel's own
# definitions against that program's table.
. tests/lib.sh

work=$(mktemp -d) || exit 71
trap 'rm -rf "$work"' EXIT
pointers=tests/unit/pointers.awk
table=tests/guest/badptr.h

# missing DEFINITIONS... < TABLE: the kernel's pointers that the table does not have.
missing() {
	awk -v what=rows -f $pointers | sort -u >"$work/rows"
	awk -v what=kernel -f $pointers "$@" | sort -u | comm -23 - "$work/rows"
}

definitions=$(grep -rl --include='*.c' '^SYSCALL_DEFINE' arch cgroup drivers fs kernel mm process time)
lost=$(missing $definitions <$table)
if [ -z "$lost" ]; then ok every-pointer; else not_ok every-pointer "no row for: $lost"; fi
number=$(awk -v what=kernel -f $pointers $definitions | sort -u | wc -l)
if [ "$number" -ge 280 ]; then
	ok the-kernel-is-read
else
	not_ok the-kernel-is-read "only $number pointers found"
fi

# The calls whose argument is a pointer for some commands: each command has a row or is named
# here as one without a pointer.
# commands NAME FILE PATTERN WITHOUT...: the commands of FILE that match PATTERN.
commands() {
	name=$1 file=$2 pattern=$3
	shift 3
	lost=
	for command in $(awk -v what=cases -f $pointers "$file" | grep -E "^$pattern\$" | sort -u); do
		grep -q "[^A-Z_]$command[^A-Z_0-9]" $table && continue
		case " $* " in
		*" $command "*) ;;
		*) lost="$lost $command" ;;
		esac
	done
	if [ -z "$lost" ]; then ok "commands-of-$name"; else not_ok "commands-of-$name" "no row for:$lost"; fi
}

# The byte that PR_SET_SYSCALL_USER_DISPATCH names is read when a call is made: tests/guest/prctl.
commands prctl process/prctl.c 'PR_.*' PR_SET_SYSCALL_USER_DISPATCH PR_GET_KEEPCAPS PR_SET_KEEPCAPS PR_CAPBSET_READ \
	PR_CAPBSET_DROP PR_GET_SECUREBITS PR_SET_SECUREBITS PR_CAP_AMBIENT PR_SET_NO_NEW_PRIVS \
	PR_GET_NO_NEW_PRIVS PR_SET_PDEATHSIG PR_GET_DUMPABLE PR_SET_DUMPABLE PR_GET_TIMING \
	PR_SET_TIMING PR_SET_TIMERSLACK PR_GET_TIMERSLACK PR_SET_CHILD_SUBREAPER PR_GET_SECCOMP \
	PR_GET_THP_DISABLE PR_SET_THP_DISABLE PR_SET_TSC PR_MCE_KILL PR_MCE_KILL_GET \
	PR_SET_IO_FLUSHER PR_GET_IO_FLUSHER PR_GET_SPECULATION_CTRL PR_SET_SPECULATION_CTRL
commands fcntl fs/fcntl.c 'F_.*' F_DUPFD F_DUPFD_CLOEXEC F_GETFD F_SETFD F_GETFL F_SETFL F_GETOWN \
	F_SETOWN F_GETSIG F_SETSIG F_GETLEASE F_SETLEASE F_SETPIPE_SZ F_GETPIPE_SZ F_ADD_SEALS \
	F_GET_SEALS
commands ptrace process/ptrace_requests.c 'PTRACE_.*' PTRACE_POKETEXT PTRACE_POKEDATA \
	PTRACE_SETOPTIONS PTRACE_INTERRUPT PTRACE_LISTEN PTRACE_DETACH PTRACE_CONT PTRACE_SYSCALL \
	PTRACE_SINGLESTEP PTRACE_SYSEMU PTRACE_SYSEMU_SINGLESTEP PTRACE_KILL
commands registers arch/x86_64/ptrace.c 'PTRACE_.*' PTRACE_POKEUSR
commands semctl process/ipc/semctl.c '[A-Z_]+' GETVAL GETPID GETNCNT GETZCNT SETVAL IPC_RMID
commands msgctl process/ipc/msgctl.c '[A-Z_]+' IPC_RMID
commands shmctl process/ipc/shmctl.c '[A-Z_]+' IPC_RMID SHM_LOCK SHM_UNLOCK
commands ioctl fs/ioctl.c 'FI.*' FIOCLEX FIONCLEX
modem="TIOCMGET TIOCMSET TIOCMBIS TIOCMBIC" # lines that a pseudo-terminal does not have
commands terminal drivers/tty/tty_ioctl.c 'T[CI].*' TIOCEXCL TIOCNXCL TIOCSBRK TIOCCBRK TCSBRK \
	TCSBRKP TCXONC TCOOFF TCOON TCIOFF TCION TCFLSH TIOCVHANGUP $modem
commands pseudo-terminal drivers/tty/pty.c 'TIO.*' TIOCGPTPEER
commands job-control drivers/tty/tty_jobctrl.c 'TIO.*' TIOCNOTTY TIOCSCTTY

# The comparison itself: a pointer without a row is seen, as is one in a row of another argument.
cat >"$work/calls.c" <<'END'
SYSCALL_DEFINE3(alpha, int, fd, const char __user *, path,
		int, flags)
{
SYSCALL_DEFINE2(beta, void __user *, to, struct x __user *, from)
END
lost=$(missing "$work/calls.c" <<'END' | tr '\n' ' '
    {"alpha", SYS_alpha, {1, BAD,
      2}, IN, 0, EFAULT},
    {"beta", SYS_beta, {GOOD, BAD}, IN, 0, EFAULT},
END
)
if [ "$lost" = "beta 0 " ]; then ok sees-what-is-missing; else not_ok sees-what-is-missing "$lost"; fi
lost=$(printf '{SYS_alpha, 1, "why"}, {SYS_beta, 0, "why"}, {SYS_beta, 1, "why"},\n' |
	missing "$work/calls.c")
if [ -z "$lost" ]; then ok takes-what-is-spared; else not_ok takes-what-is-spared "$lost"; fi
