# SPDX-License-Identifier: MIT
# The simulator: the scheduler's files and the simulated machine, as a library for the `jiffy`
# command (build/sim/libsim.a: int sim_main(argc, argv)); with every check and the sanitizers, as
# the tests' program build/sim/jiffy-sim-checked; and with every check alone, three times as fast,
# as build/sim/jiffy-sim-long for tests/sim/long.

SIM_SRC := $(filter-out sched/cputime.c, $(wildcard sched/*.c)) lib/rbtree.c lib/bitmap.c lib/string.c \
	trace/events.c sim/sim_env.c sim/sim_trace.c sim/timeline.c sim/timeline_text.c \
	sim/timeline_page.c sim/engine.c sim/tasks.c sim/ops.c sim/replay.c sim/random.c sim/workload.c sim/selftest.c \
	sim/selftest_fair.c sim/selftest_groups.c sim/selftest_classes.c sim/selftest_load.c \
	sim/selftest_smp.c sim/selftest_work.c sim/selftest_replay.c \
	sim/selftest_trace.c sim/main.c
SIM_CPPFLAGS = -Iinclude -Iarch/sim/include -D__JIFFY__ -DJIFFY_HOSTED -D_GNU_SOURCE \
	-DNR_CPUS=4096 -MMD -MP
SIM_CFLAGS = -std=gnu11 -O2 -g -fno-strict-aliasing -fwrapv -fno-common -Wall -Wextra \
	-Wno-unused-parameter -Wno-sign-compare -Wmissing-prototypes -Wstrict-prototypes
SIM_LONG = -DJIFFY_CHECKED
SIM_CHECKED = -DJIFFY_CHECKED -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-sanitize=alignment,shift-base,pointer-overflow,object-size -fno-omit-frame-pointer

SIM_OBJ := $(patsubst %.c,$(BUILD)/sim/plain/%.o,$(SIM_SRC))
SIM_OBJ_CHECKED := $(patsubst %.c,$(BUILD)/sim/checked/%.o,$(SIM_SRC) sim/standalone.c)
SIM_OBJ_LONG := $(patsubst %.c,$(BUILD)/sim/long/%.o,$(SIM_SRC) sim/standalone.c)

$(BUILD)/sim/plain/%.o: %.c sim/sim.mk
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(HOSTCC) $(SIM_CPPFLAGS) $(SIM_CFLAGS) -c -o $@ $<

$(BUILD)/sim/checked/%.o: %.c sim/sim.mk
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(HOSTCC) $(SIM_CPPFLAGS) $(SIM_CFLAGS) $(SIM_CHECKED) -c -o $@ $<

$(BUILD)/sim/long/%.o: %.c sim/sim.mk
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(HOSTCC) $(SIM_CPPFLAGS) $(SIM_CFLAGS) $(SIM_LONG) -c -o $@ $<

$(BUILD)/sim/libsim.a: $(SIM_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)ar rcs $@ $^

$(BUILD)/sim/jiffy-sim-checked: $(SIM_OBJ_CHECKED)
	$(call say,LINK,$@)
	$(Q)$(HOSTCC) $(SIM_CHECKED) -o $@ $^

$(BUILD)/sim/jiffy-sim-long: $(SIM_OBJ_LONG)
	$(call say,LINK,$@)
	$(Q)$(HOSTCC) $(SIM_LONG) -o $@ $^

.PHONY: sim
sim: $(BUILD)/sim/libsim.a $(BUILD)/sim/jiffy-sim-checked

-include $(SIM_OBJ:.o=.d) $(SIM_OBJ_CHECKED:.o=.d) $(SIM_OBJ_LONG:.o=.d)
