/* SPDX-License-Identifier: MIT */
/*
 * What code built with the undefined-behaviour sanitizer calls when it catches something: in
 * checked builds such a finding is a broken rule, so each is a panic that says where. The names
 * and the layout of the descriptors are the compiler's (GCC and Clang share them). Any context.
 */
#include <jiffy/bug.h>

#ifdef JIFFY_CHECKED

#include <jiffy/kernel.h>

struct source_location {
	const char *file;
	u32 line, column;
};

struct type_descriptor {
	u16 kind; /* 0: an integer */
	u16 info; /* bit 0: signed; above: the width's binary logarithm */
	char name[];
};

struct value_data {
	struct source_location where;
	const struct type_descriptor *type;
};

struct bounds_data {
	struct source_location where;
	const struct type_descriptor *array, *index;
};

struct shift_data {
	struct source_location where;
	const struct type_descriptor *left, *right;
};

struct location_data {
	struct source_location where;
};

/* An operand: itself when it fits a word, else a pointer to it. */
static long long operand(const struct type_descriptor *t, unsigned long v)
{
	unsigned int bits = 1u << (t->info >> 1);

	if (bits > 64)
		return *(long long *)v;
	if ((t->info & 1) && bits < 64)
		return (long long)(v << (64 - bits)) >> (64 - bits);
	return v;
}

static __noreturn void finding(const struct source_location *where, const char *what, long long v)
{
	panic("undefined behaviour at %s:%u: %s (%lld)", where->file, where->line, what, v);
}

void __ubsan_handle_out_of_bounds(struct bounds_data *d, unsigned long index);
void __ubsan_handle_shift_out_of_bounds(struct shift_data *d, unsigned long l, unsigned long r);
void __ubsan_handle_divrem_overflow(struct value_data *d, unsigned long l, unsigned long r);
void __ubsan_handle_load_invalid_value(struct value_data *d, unsigned long v);
void __ubsan_handle_nonnull_arg(struct location_data *d);
void __ubsan_handle_invalid_builtin(struct location_data *d);
void __ubsan_handle_builtin_unreachable(struct location_data *d);
void __ubsan_handle_missing_return(struct location_data *d);

void __ubsan_handle_out_of_bounds(struct bounds_data *d, unsigned long index)
{
	finding(&d->where, "index out of bounds", operand(d->index, index));
}

void __ubsan_handle_shift_out_of_bounds(struct shift_data *d, unsigned long l, unsigned long r)
{
	finding(&d->where, "shift by too much", operand(d->right, r));
}

void __ubsan_handle_divrem_overflow(struct value_data *d, unsigned long l, unsigned long r)
{
	finding(&d->where, "division by zero or overflow", operand(d->type, l));
}

void __ubsan_handle_load_invalid_value(struct value_data *d, unsigned long v)
{
	finding(&d->where, "a value that its type does not have", v);
}

void __ubsan_handle_nonnull_arg(struct location_data *d)
{
	finding(&d->where, "a null pointer where none may be", 0);
}

void __ubsan_handle_invalid_builtin(struct location_data *d)
{
	finding(&d->where, "a bit search in zero", 0);
}

void __ubsan_handle_builtin_unreachable(struct location_data *d)
{
	finding(&d->where, "unreachable code reached", 0);
}

void __ubsan_handle_missing_return(struct location_data *d)
{
	finding(&d->where, "the end of a function that returns a value", 0);
}

#endif
