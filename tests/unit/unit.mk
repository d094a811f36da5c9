# SPDX-License-Identifier: MIT
# Unit tests: tests/unit/NAME.c and the sources that its comment line names, as one program.
#
#	/* unit: lib/rbtree.c lib/bitmap.c */	what it is linked with
#	/* unit-flags: -Isim/include */		more flags for the compiler, if any

# A file without the first line is a helper, linked where another names it.
UNIT_SRC := $(shell grep -ls '^/\* unit: ' tests/unit/*.c)
UNIT_CFLAGS := -std=gnu11 -g -O1 -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
	-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -I.
UNIT_HEADERS := $(wildcard include/*/*.h */*.h tests/unit/*.h)

.PHONY: unit-tests
unit-tests: $(UNIT_SRC:tests/unit/%.c=$(BUILD)/tests/unit/%)

$(BUILD)/tests/unit/%: tests/unit/%.c tests/unit/sanitizer.c $(UNIT_HEADERS)
	@mkdir -p $(@D)
	$(call say,UNIT,$@)
	$(Q)$(HOSTCC) $(UNIT_CFLAGS) $(UNIT_FLAGS) -o $@ $(filter %.c,$^) -lcmocka

# The comment lines, as rules that add the sources and flags.
$(BUILD)/tests/unit/sources.mk: $(UNIT_SRC) tests/unit/unit.mk
	@mkdir -p $(@D)
	@sed -n -s 's@^/\* unit: \(.*\) \*/$$@: \1@p;s@^/\* unit-flags: \(.*\) \*/$$@: UNIT_FLAGS = \1@p;1F' \
		$(UNIT_SRC) /dev/null | awk '/^tests/ { sub("\\.c$$", ""); name = $$0; next } \
		/^:/ { print "$(BUILD)/" name $$0 }' > $@

ifneq ($(UNIT_SRC),)
include $(BUILD)/tests/unit/sources.mk
endif
