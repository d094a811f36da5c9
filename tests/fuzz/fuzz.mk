# SPDX-License-Identifier: MIT
# Fuzz targets: tests/fuzz/NAME.c with its parser inside, and the driver. A target answers what
# its parser calls; what else the parser's file would call has no address: to get there is a crash.
#
#	make fuzz			the targets, by the compiler that is there anyway
#	make fuzz-long			five million inputs to them, all in all
#	make fuzz-libfuzzer		the same targets as build/tests/fuzz/NAME-libfuzzer, by clang

FUZZ_NAMES  := $(filter-out driver,$(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c)))
FUZZ_CFLAGS := -std=gnu11 -g -O1 -w -ffreestanding -fno-builtin -fwrapv -nostdinc -isystem \
	$(shell $(HOSTCC) -print-file-name=include) -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined -fno-omit-frame-pointer -fno-pie -I. -Iinclude \
	-Iarch/x86_64/include -Iprocess -Ifs
FUZZ_LDFLAGS := -no-pie -Wl,--unresolved-symbols=ignore-all
FUZZ_HEADERS := tests/fuzz/fuzz.h $(wildcard include/*/*.h arch/x86_64/include/*/*.h process/*.h fs/*.h)
FUZZ_PARSERS := process/binfmt_script.c process/binfmt_aout.c process/binfmt_elf.c \
	arch/x86_64/acpi.c init/params.c fs/initramfs.c lib/string.c

.PHONY: fuzz fuzz-long fuzz-libfuzzer fuzz-one
fuzz: $(FUZZ_NAMES:%=$(BUILD)/tests/fuzz/%)

fuzz-long: fuzz
	$(Q)for t in $(FUZZ_NAMES); do echo "$$t"; $(BUILD)/tests/fuzz/$$t 1000000 $${SEED:-2} || exit 1; done

fuzz-libfuzzer: $(FUZZ_NAMES:%=$(BUILD)/tests/fuzz/%-libfuzzer)

$(BUILD)/tests/fuzz/driver.o: tests/fuzz/driver.c tests/fuzz/fuzz.h
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(HOSTCC) -std=gnu11 -g -O1 -Wall -Wextra -fsanitize=address -c -o $@ $<

$(BUILD)/tests/fuzz/%: tests/fuzz/%.c $(BUILD)/tests/fuzz/driver.o $(FUZZ_HEADERS) $(FUZZ_PARSERS)
	@mkdir -p $(@D)
	$(call say,FUZZ,$@)
	$(Q)$(HOSTCC) $(FUZZ_CFLAGS) -fsanitize-coverage=trace-pc $(FUZZ_LDFLAGS) -o $@ $< \
		lib/string.c $(BUILD)/tests/fuzz/driver.o

# A target from anywhere, for the test of the driver.
fuzz-one: $(BUILD)/tests/fuzz/driver.o
	$(Q)$(HOSTCC) $(FUZZ_CFLAGS) -fsanitize-coverage=trace-pc $(FUZZ_LDFLAGS) -o $(FUZZ_RESULT) \
		$(FUZZ_SOURCE) lib/string.c $<

$(BUILD)/tests/fuzz/%-libfuzzer: tests/fuzz/%.c $(FUZZ_HEADERS) $(FUZZ_PARSERS)
	@mkdir -p $(@D)
	$(Q)clang $(subst $(shell $(HOSTCC) -print-file-name=include),$(shell clang -print-file-name=include),$(FUZZ_CFLAGS)) \
		-fsanitize=fuzzer $(FUZZ_LDFLAGS) -o $@ $< lib/string.c
