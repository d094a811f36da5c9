# SPDX-License-Identifier: MIT
# The vDSO: a shared object of its own, linked at 0 with no relocations, then part of the kernel's
# read-only data (vdso_image.S). It is user code, so the kernel's flags do not apply.

VDSO_DIR = arch/x86_64/vdso
VDSO_OUT = $(BUILD)/vdso
VDSO_CFLAGS = -std=gnu11 -O2 -m64 -march=x86-64 -mno-sse -fPIC -ffreestanding -fno-stack-protector \
	-fasynchronous-unwind-tables -fvisibility=hidden -fcf-protection=none -fno-common $(KWARN)

$(VDSO_OUT)/%.o: $(VDSO_DIR)/%.c $(MAKEFILE_LIST)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(KCPPFLAGS) $(VDSO_CFLAGS) -c -o $@ $<

$(VDSO_OUT)/%.o: $(VDSO_DIR)/%.S $(MAKEFILE_LIST)
	@mkdir -p $(@D)
	$(call say,AS,$@)
	$(Q)$(CC) $(KCPPFLAGS) -m64 -D__ASSEMBLER__ -c -o $@ $<

$(VDSO_OUT)/vdso.so: $(VDSO_OUT)/vclock.o $(VDSO_OUT)/sigreturn.o $(VDSO_DIR)/vdso.lds
	$(call say,LINK,$@)
	$(Q)$(CC) -m64 -nostdlib -shared -Wl,-soname,linux-vdso.so.1 -Wl,--hash-style=both -Wl,-Bsymbolic -Wl,--eh-frame-hdr \
		-Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,-z,noexecstack -Wl,--no-undefined \
		-T $(VDSO_DIR)/vdso.lds -o $@ $(VDSO_OUT)/vclock.o $(VDSO_OUT)/sigreturn.o
	$(Q)strip --strip-debug $@

$(BUILD)/plain/arch/x86_64/vdso_image.o $(BUILD)/checked/arch/x86_64/vdso_image.o: $(VDSO_OUT)/vdso.so
$(BUILD)/plain/arch/x86_64/vdso_image.o $(BUILD)/checked/arch/x86_64/vdso_image.o: ARCH_CFLAGS += -Wa,-I$(VDSO_OUT)

-include $(VDSO_OUT)/vclock.d $(VDSO_OUT)/sigreturn.d
