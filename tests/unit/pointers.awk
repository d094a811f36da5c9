# SPDX-License-Identifier: MIT
# The pointers that system calls take, as lines "CALL ARGUMENT" (arguments from 0), without order.
#
#	awk -v what=kernel -f pointers.awk C-FILE...	those of every SYSCALL_DEFINEn()
#	awk -v what=rows   -f pointers.awk badptr.h	those that the table tries, or spares
#	awk -v what=cases  -f pointers.awk C-FILE...	"CONSTANT" for each "case CONSTANT:"

what == "kernel" && /^SYSCALL_DEFINE[1-6]\(/ { head = ""; inside = 1 }
inside {
	head = head $0
	if (!/\)$/)
		next
	inside = 0
	sub(/^SYSCALL_DEFINE[1-6]\(/, "", head)
	n = split(head, part, ",")
	for (i = 2; i < n; i += 2)
		if (part[i] ~ /\*/)
			print part[1], (i - 2) / 2
}

what == "rows" { text = text $0 }

what == "cases" && match($0, /case [A-Z][A-Z0-9_]*:/) {
	print substr($0, RSTART + 5, RLENGTH - 6)
}

# A row is {"NAME", SYS_CALL, {ARGUMENT...}, ...}; one spared {SYS_CALL, ARGUMENT, "WHY"}.
END {
	if (what != "rows")
		exit
	gsub(/[ \t]/, "", text)
	rest = text
	while (match(rest, /SYS_[a-z0-9_]+,\{[^}]*\}/)) {
		row = substr(rest, RSTART + 4, RLENGTH - 4)
		rest = substr(rest, RSTART + RLENGTH)
		call = row
		sub(/,.*/, "", call)
		sub(/^[^{]*\{/, "", row)
		n = split(row, part, /[,}]/)
		for (i = 1; i <= n; i++)
			if (part[i] == "BAD")
				print call, i - 1
	}
	rest = text
	while (match(rest, /\{SYS_[a-z0-9_]+,[0-9],"/)) {
		row = substr(rest, RSTART + 5, RLENGTH - 7)
		rest = substr(rest, RSTART + RLENGTH)
		sub(/,/, " ", row)
		print row
	}
}
