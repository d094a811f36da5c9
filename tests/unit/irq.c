/* SPDX-License-Identifier: MIT */
/* unit: irq/irq.c lib/bitmap.c lib/string.c tests/unit/shim.c */
/* unit-flags: -DJIFFY_HOSTED -Iinclude -Iarch/sim/include -fno-sanitize=object-size */
/*
 * When a line is switched off: when nobody cares for what comes, not when now and then nobody does.
 */
#include <jiffy/interrupt.h>
#include <jiffy/seq_file.h>
#include <arch/irq.h>

#include <setjmp.h>
#include <cmocka.h>

/* ---- what irq.c asks of the kernel ---- */

int sim_cpu;
unsigned long __per_cpu_offset[NR_CPUS];
cpumask_t __cpu_online_mask, __cpu_possible_mask;

static int masked; /* how often a line was switched off */

int arch_irq_setup(unsigned int irq, unsigned int flags)
{
	return 0;
}

void arch_irq_mask(unsigned int irq)
{
	masked++;
}

void arch_irq_unmask(unsigned int irq)
{
}

void arch_irq_show(struct seq_file *m)
{
}

void arch_cpu_relax(void)
{
}

int printk(const char *fmt, ...)
{
	return 0;
}

void seq_printf(struct seq_file *m, const char *fmt, ...)
{
}

/* ---- the tests ---- */

static long calls, handles_every; /* 0: none */

static irqreturn_t handler(int irq, void *dev)
{
	return handles_every && ++calls % handles_every == 0 ? IRQ_HANDLED : IRQ_NONE;
}

static void interrupts(long n, long every)
{
	handles_every = every;
	while (n--)
		generic_handle_irq(3);
}

static void some_are_nobodys(void **state)
{
	assert_int_equal(request_irq(3, handler, 0, "device", &calls), 0);
	masked = 0;
	interrupts(1000000, 2);
	assert_int_equal(masked, 0);
	/* One of a hundred is claimed: that is a device at work. */
	interrupts(1000000, 100);
	assert_int_equal(masked, 0);
	free_irq(3, &calls);
}

static void nobody_cares(void **state)
{
	assert_int_equal(request_irq(3, handler, 0, "device", &calls), 0);
	masked = 0;
	interrupts(50000, 1);
	interrupts(200000, 0);
	assert_true(masked > 0);
	free_irq(3, &calls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(some_are_nobodys),
	    cmocka_unit_test(nobody_cares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
