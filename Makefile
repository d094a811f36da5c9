# SPDX-License-Identifier: MIT
# One build graph. `make` builds the kernel, its checked twin and the host's programs.
#
#   make kernel     build/jiffy.elf and build/jiffy-checked.elf
#   make host       build/jiffy and what it packs
#   make install PREFIX=/usr/local
#
# Each room adds its own part by a file <room>/<name>.mk.

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SUFFIXES:

ARCH ?= x86_64
BUILD ?= build
CC = gcc
HOSTCC = gcc
PREFIX ?= /usr/local
ifneq ($(V),1)
Q = @
say = @printf '  %-7s %s\n' $(1) $(2)
endif

.PHONY: all kernel host clean
all: kernel host

include kernel/kernel.mk
-include tools/host.mk
-include tests/tests.mk
-include sim/sim.mk
-include benchmarks/benchmarks.mk

clean:
	rm -rf $(BUILD)
