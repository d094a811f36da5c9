# SPDX-License-Identifier: MIT
# The host command, the guest's init, their installation, and the tests that run on the host.

DESTDIR ?=

HOST_OBJ := $(patsubst tools/%.c,$(BUILD)/tools/%.o,$(sort $(wildcard tools/*.c)))
HOSTCFLAGS ?= -O2 -g
HOST_FLAGS = -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror=implicit -MMD -MP

# No C library, no unwinding tables: it is loaded at each boot.
INIT_FLAGS = -std=gnu11 -Os -Wall -Wextra -ffreestanding -fno-stack-protector -fno-pie \
	-fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns -fcf-protection=none \
	-MMD -MP -static -nostdlib -no-pie -Wl,--build-id=none -Wl,-z,noexecstack -Wl,-s

.PHONY: install
host: $(BUILD)/jiffy $(BUILD)/guest/init

$(BUILD)/tools/%.o: tools/%.c
	@mkdir -p $(@D)
	$(call say,HOSTCC,$@)
	$(Q)$(HOSTCC) $(HOST_FLAGS) $(HOSTCFLAGS) -c -o $@ $<

$(BUILD)/jiffy: $(HOST_OBJ) $(BUILD)/sim/libsim.a
	$(call say,LINK,$@)
	$(Q)$(HOSTCC) $(HOSTCFLAGS) -o $@ $^

$(BUILD)/guest/init: tools/guest/init.c
	@mkdir -p $(@D)
	$(call say,INIT,$@)
	$(Q)$(CC) $(INIT_FLAGS) -MF $@.d -o $@ $<

install: host $(BUILD)/jiffy.elf
	install -D -m 755 $(BUILD)/jiffy $(DESTDIR)$(PREFIX)/bin/jiffy
	install -D -m 755 $(BUILD)/guest/init $(DESTDIR)$(PREFIX)/lib/jiffy/init
	install -D -m 644 $(BUILD)/jiffy.elf $(DESTDIR)$(PREFIX)/lib/jiffy/jiffy.elf

-include $(HOST_OBJ:.o=.d) $(BUILD)/guest/init.d
-include tests/unit/unit.mk tests/fuzz/fuzz.mk tests/real/real.mk
