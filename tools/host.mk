# SPDX-License-Identifier: MIT
# The host command, the guest's init, and their installation.

HOSTCC     ?= cc
HOSTCFLAGS ?= -O2 -g
PREFIX     ?= /usr/local
DESTDIR    ?=

host-srcs   := $(sort $(wildcard tools/*.c))
host-objs   := $(host-srcs:tools/%.c=build/tools/%.o)
host-flags  := -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror=implicit -MMD -MP

# No C library, no unwinding tables: it is loaded at each boot.
guest-flags := -std=gnu11 -Os -Wall -Wextra -ffreestanding -fno-stack-protector -fno-pie \
	-fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns -MMD -MP
guest-link  := -static -nostdlib -no-pie -Wl,--build-id=none -Wl,-z,noexecstack -Wl,-s

.PHONY: host install
host: build/jiffy build/guest/init

build/tools/%.o: tools/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(host-flags) $(HOSTCFLAGS) -c -o $@ $<

build/jiffy: $(host-objs)
	$(HOSTCC) $(HOSTCFLAGS) -o $@ $^

build/guest/init: tools/guest/init.c
	@mkdir -p $(@D)
	$(HOSTCC) $(guest-flags) -MF $@.d $(guest-link) -o $@ $<

install: host build/jiffy.elf
	install -D -m 755 build/jiffy $(DESTDIR)$(PREFIX)/bin/jiffy
	install -D -m 755 build/guest/init $(DESTDIR)$(PREFIX)/lib/jiffy/init
	install -D -m 644 build/jiffy.elf $(DESTDIR)$(PREFIX)/lib/jiffy/jiffy.elf

-include $(host-objs:.o=.d) build/guest/init.d
