# SPDX-License-Identifier: MIT
# The programs of the real tier that Debian does not bring: an ordinary dynamic one, and the
# driver that sits at a terminal.

$(BUILD)/tests/real/%: tests/real/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(HOSTCC) -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -pthread -o $@ $< -lutil
