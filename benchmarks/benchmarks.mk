# SPDX-License-Identifier: MIT
# The benchmark: the programs that run in the guest, the runner on the host, the profiler's
# plugins. ./bench builds them; `make all' does not, since a plain run needs none of them.

BENCH_GUEST_SRC := $(filter-out benchmarks/guest/first.c,$(sort $(wildcard benchmarks/guest/*.c)))
BENCH_HOST_OBJ := $(patsubst benchmarks/%.c,$(BUILD)/bench/obj/%.o,$(sort $(wildcard benchmarks/*.c)))
BENCH_CFLAGS = -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Wno-unused-parameter -Werror=implicit

.PHONY: bench
bench: $(BUILD)/bench/bench $(BUILD)/bench/first $(BUILD)/bench/firmware.elf \
	$(BUILD)/bench/runner $(BUILD)/bench/profile-v1.so $(BUILD)/bench/profile-v2.so

# Linked at an address of its own: the profiler knows the program by where it lies.
$(BUILD)/bench/bench: $(BENCH_GUEST_SRC) benchmarks/guest/bench.h
	@mkdir -p $(@D)
	$(call say,BENCH,$@)
	$(Q)$(CC) $(BENCH_CFLAGS) -static -no-pie -pthread -Wl,-Ttext-segment=0x10000000 \
		-Wl,--build-id=none -o $@ $(BENCH_GUEST_SRC)

$(BUILD)/bench/first: benchmarks/guest/first.c tools/guest/syscalls.h
	@mkdir -p $(@D)
	$(call say,INIT,$@)
	$(Q)$(CC) $(INIT_FLAGS) -MF $@.d -o $@ $<

$(BUILD)/bench/firmware.elf: benchmarks/firmware.S
	@mkdir -p $(@D)
	$(call say,AS,$@)
	$(Q)$(CC) -m32 -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-Ttext=0x100000 \
		-Wl,-z,noexecstack -o $@ $<

$(BUILD)/bench/obj/%.o: benchmarks/%.c
	@mkdir -p $(@D)
	$(call say,HOSTCC,$@)
	$(Q)$(HOSTCC) $(BENCH_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/bench/runner: $(BENCH_HOST_OBJ)
	$(call say,LINK,$@)
	$(Q)$(HOSTCC) -o $@ $^ -lm

# QEMU loads a plugin that was made for a version of the interface it still knows.
$(BUILD)/bench/profile-v%.so: benchmarks/plugin/profile.c
	@mkdir -p $(@D)
	$(call say,PLUGIN,$@)
	$(Q)$(HOSTCC) $(BENCH_CFLAGS) -DPLUGIN_VERSION=$* -shared -fPIC -o $@ $<

-include $(BENCH_HOST_OBJ:.o=.d)
