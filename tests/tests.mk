# SPDX-License-Identifier: MIT
# Guest tests: C programs over the Linux ABI, static, for jiffy and for the host's own Linux.
# Included by the top Makefile; also works alone: make -f tests/tests.mk guest-tests

GUEST_CC     ?= gcc
GUEST_OUT    ?= $(or $(BUILD),build)/tests/guest
# The tests hand bad pointers and lengths to the kernel on purpose.
GUEST_CFLAGS ?= -std=gnu11 -O1 -g -Wall -Wextra -Wno-unused-result -Wno-nonnull \
		-fno-delete-null-pointer-checks -fno-stack-protector
GUEST_COMMON := tests/guest/harness.c tests/guest/support.c
GUEST_SRCS   := $(filter-out $(GUEST_COMMON),$(wildcard tests/guest/*.c))
GUEST_BINS   := $(patsubst tests/guest/%.c,$(GUEST_OUT)/%,$(GUEST_SRCS))
GUEST_OBJS   := $(patsubst tests/guest/%.c,$(GUEST_OUT)/.obj/%.o,$(GUEST_COMMON))

.PHONY: guest-tests guest-native
guest-tests: $(GUEST_BINS)

# Every case on this machine's own kernel: the oracle of the expectations.
guest-native: guest-tests
	@status=0; \
	for t in $(GUEST_BINS); do \
		echo "== $${t##*/}"; \
		$$t >$(GUEST_OUT)/.out || status=1; \
		grep -v '^ok ' $(GUEST_OUT)/.out; \
	done; \
	exit $$status

$(GUEST_OBJS): $(GUEST_OUT)/.obj/%.o: tests/guest/%.c tests/guest/harness.h
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(GUEST_CC) $(GUEST_CFLAGS) -pthread -c -o $@ $<

$(GUEST_BINS): $(GUEST_OUT)/%: tests/guest/%.c $(GUEST_OBJS) $(wildcard tests/guest/*.h)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(GUEST_CC) $(GUEST_CFLAGS) -static -pthread -o $@ $< $(GUEST_OBJS) -lrt
