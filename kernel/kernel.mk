# SPDX-License-Identifier: MIT
# The kernel: every .c and .S of the kernel's rooms, compiled twice (plain, checked), linked in
# two passes so that the table of function names can be part of the image.

KERNEL_ROOMS = lib kernel irq time mm sched process cgroup fs trace drivers init arch/$(ARCH)
KERNEL_SRC := $(sort $(foreach r,$(KERNEL_ROOMS),$(wildcard $(r)/*.c $(r)/*.S $(r)/*/*.c $(r)/*/*.S)))
# The vDSO is user code with a link of its own (arch/$(ARCH)/vdso/vdso.mk).
KERNEL_SRC := $(filter-out arch/$(ARCH)/vdso/%,$(KERNEL_SRC))

KCPPFLAGS = -Iinclude -Iarch/$(ARCH)/include -D__JIFFY__ -MMD -MP
KWARN = -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -Wmissing-prototypes \
	-Wstrict-prototypes -Wvla -Wundef -Werror=implicit-function-declaration \
	-Werror=int-conversion -Werror=incompatible-pointer-types -Werror=return-type
KCFLAGS = -std=gnu11 -O2 -g -ffreestanding -fno-pic -fno-pie -fno-strict-aliasing -fwrapv \
	-fno-common -fno-omit-frame-pointer -fno-optimize-sibling-calls -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fno-delete-null-pointer-checks -ffunction-sections \
	-fdata-sections -fcf-protection=none $(KWARN)
# What a shorter way may cost the plain kernel is a line of a backtrace: of a function that ended
# by calling another, or the caller of one that calls nobody. The checked kernel shows them all.
KCFLAGS_PLAIN = -foptimize-sibling-calls -momit-leaf-frame-pointer
KCFLAGS_CHECKED = -DJIFFY_CHECKED -fsanitize=undefined \
	-fno-sanitize=alignment,null,object-size,vptr,shift-base,signed-integer-overflow,pointer-overflow
KLDFLAGS = -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,max-page-size=4096 \
	-Wl,-z,noexecstack -Wl,--gc-sections -Wl,--no-warn-rwx-segments

# Of the plain kernel these files are compiled as one, across which a function can become part of its
# caller: what is on the way of each interrupt, wake-up and switch. Their objects hold the
# compiler's own form; one step makes an ordinary object of them.
ONE_UNIT = $(filter sched/%.c time/%.c irq/%.c kernel/sched/%.c,$(KERNEL_SRC)) lib/rbtree.c \
	$(addprefix arch/$(ARCH)/,fpu.c irq.c process.c traps.c tsc.c)

-include arch/$(ARCH)/arch.mk

ONE_UNIT_OBJ = $(ONE_UNIT:%.c=$(BUILD)/plain/%.o)

kernel: $(BUILD)/jiffy.elf $(BUILD)/jiffy-checked.elf

# Without the .d files, which are younger than what is compiled beside them.
KERNEL_MAKEFILES := $(filter-out %.d,$(MAKEFILE_LIST))

# $(1) variant, $(2) extra flags, $(3) the image
define kernel_variant
$(1)_OBJ := $$(patsubst %,$(BUILD)/$(1)/%.o,$$(basename $$(KERNEL_SRC))) $$(ARCH_EXTRA_OBJ_$(1))

$(BUILD)/$(1)/%.o: %.c $(KERNEL_MAKEFILES)
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)
	$$(Q)$$(CC) $$(KCPPFLAGS) $$(KCFLAGS) $$(ARCH_CFLAGS) $(2) -c -o $$@ $$<

$(BUILD)/$(1)/%.o: %.S $(KERNEL_MAKEFILES)
	@mkdir -p $$(@D)
	$$(call say,AS,$$@)
	$$(Q)$$(CC) $$(KCPPFLAGS) $$(ARCH_CFLAGS) $(2) -D__ASSEMBLER__ -c -o $$@ $$<

# Pass 0 has an empty name table; passes 1 and 2 carry the names of the pass before. The table
# lies behind all code, so the addresses of pass 1 already are those of pass 2.
$(3): $$($(1)_OBJ) arch/$(ARCH)/kernel.lds kernel/kallsyms.sh
	$$(call say,LINK,$$@)
	$$(Q)kernel/kallsyms.sh /dev/null > $(BUILD)/$(1)/kallsyms0.S
	$$(Q)$$(CC) -c -o $(BUILD)/$(1)/kallsyms0.o $(BUILD)/$(1)/kallsyms0.S
	$$(Q)$$(CC) $$(ARCH_CFLAGS) $$(KLDFLAGS) -T arch/$(ARCH)/kernel.lds -o $$@.0 $$($(1)_LINKED) $(BUILD)/$(1)/kallsyms0.o
	$$(Q)kernel/kallsyms.sh $$@.0 > $(BUILD)/$(1)/kallsyms1.S
	$$(Q)$$(CC) -c -o $(BUILD)/$(1)/kallsyms1.o $(BUILD)/$(1)/kallsyms1.S
	$$(Q)$$(CC) $$(ARCH_CFLAGS) $$(KLDFLAGS) -T arch/$(ARCH)/kernel.lds -o $$@ $$($(1)_LINKED) $(BUILD)/$(1)/kallsyms1.o
	$$(Q)rm -f $$@.0

-include $$($(1)_OBJ:.o=.d)
endef

$(ONE_UNIT_OBJ): KCFLAGS_PLAIN += -flto
plain_LINKED = $(filter-out $(ONE_UNIT_OBJ),$(plain_OBJ)) $(BUILD)/plain/one_unit.o
checked_LINKED = $(checked_OBJ)

$(BUILD)/plain/one_unit.o: $(ONE_UNIT_OBJ)
	$(call say,LTO,$@)
	$(Q)$(CC) -r -nostdlib -flto -flto-partition=none -flinker-output=nolto-rel $(KCFLAGS) $(ARCH_CFLAGS) \
		$(KCFLAGS_PLAIN) -o $@ $(ONE_UNIT_OBJ)

$(BUILD)/jiffy.elf: $(BUILD)/plain/one_unit.o
$(eval $(call kernel_variant,plain,$$(KCFLAGS_PLAIN),$(BUILD)/jiffy.elf))
$(eval $(call kernel_variant,checked,$$(KCFLAGS_CHECKED),$(BUILD)/jiffy-checked.elf))

# Compiles one room without linking: make room-mm
room-%:
	$(Q)$(MAKE) --no-print-directory $(patsubst %,$(BUILD)/plain/%.o,$(basename $(filter $*/%,$(KERNEL_SRC)))) \
		$(patsubst %,$(BUILD)/checked/%.o,$(basename $(filter $*/%,$(KERNEL_SRC))))
