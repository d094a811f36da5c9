/* SPDX-License-Identifier: MIT */
/*
 * Filters of events: an expression over an entry's fields; an entry for which it is false is not
 * recorded.
 *
 *	expression	term || term ...
 *	term		factor && factor ...
 *	factor		! factor, ( expression ), FIELD OPERATOR VALUE
 *
 * Operators of numbers: == != < <= > >= & (common bits); of strings: == != ~ (pattern with * and
 * ?). Fields are those of the event's format, and CPU and COMM: where, and in whose name, it
 * came. A string may be in quotes.
 *
 * Making one is task context; asking one is any context, under preempt_disable().
 */
#include "trace.h"
#include <jiffy/err.h>
#include <jiffy/sched.h>
#include <jiffy/slab.h>
#include <jiffy/smp.h>

#define MAX_NODES  64
#define MAX_DEPTH  16 /* of parentheses and negations: so deep the parser recurses */
#define MAX_STRING 64

enum node_kind { NODE_AND, NODE_OR, NODE_NOT, NODE_NUMBER, NODE_STRING };
enum test { OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_BITS, OP_LIKE };

struct node {
	enum node_kind kind;
	u8 left, right; /* of AND and OR; NOT: left */
	enum test op;
	const struct trace_field *field;
	s64 number;
	char string[MAX_STRING];
};

struct trace_filter {
	char *text; /* as it was written */
	unsigned int nr;
	int root;
	struct node nodes[MAX_NODES];
};

/* Fields of every entry: see find_field(). */
static const struct trace_field field_cpu = {"int CPU", 0, 4, true},
				field_comm = {"char COMM[16]", 0, TASK_COMM_LEN, false},
				field_pid = {"int common_pid", 0, 4, true};

struct parser {
	const char *at;
	const struct trace_event *ev;
	struct trace_filter *filter;
	int depth;
};

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static void skip_blanks(struct parser *ps)
{
	while (*ps->at == ' ' || *ps->at == '\t')
		ps->at++;
}

/* Is word next? Then it is taken. */
static bool take(struct parser *ps, const char *word)
{
	size_t n = strlen(word);

	skip_blanks(ps);
	if (strncmp(ps->at, word, n))
		return false;
	ps->at += n;
	return true;
}

static int new_node(struct parser *ps, enum node_kind kind)
{
	struct trace_filter *f = ps->filter;

	if (f->nr == MAX_NODES)
		return -E2BIG;
	f->nodes[f->nr].kind = kind;
	return f->nr++;
}

/* The name in a declaration: "char comm[16]" is of comm. */
static bool declares(const struct trace_field *f, const char *name, size_t len)
{
	const char *end = strchr(f->decl, '['), *begin;

	if (!end)
		end = f->decl + strlen(f->decl);
	for (begin = end; begin > f->decl && is_name(begin[-1]); begin--)
		;
	return (size_t)(end - begin) == len && !memcmp(begin, name, len);
}

static bool is_string(const struct trace_field *f)
{
	return strchr(f->decl, '[') != NULL;
}

static const struct trace_field *find_field(const struct trace_event *ev, const char *name,
					    size_t len)
{
	static const struct trace_field *const everywhere[] = {&field_cpu, &field_comm, &field_pid};
	unsigned int i;

	for (i = 0; i < ev->nr_fields; i++)
		if (declares(&ev->fields[i], name, len))
			return &ev->fields[i];
	for (i = 0; i < ARRAY_SIZE(everywhere); i++)
		if (declares(everywhere[i], name, len))
			return everywhere[i];
	return NULL;
}

static int parse_operator(struct parser *ps, bool string, enum test *op)
{
	static const struct {
		const char *text;
		enum test op;
		bool string, number;
	} ops[] = {{"==", OP_EQ, true, true},	{"!=", OP_NE, true, true},
		   {"<=", OP_LE, false, true},	{">=", OP_GE, false, true},
		   {"<", OP_LT, false, true},	{">", OP_GT, false, true},
		   {"&", OP_BITS, false, true}, {"~", OP_LIKE, true, false}};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ops); i++)
		if ((string ? ops[i].string : ops[i].number) && take(ps, ops[i].text)) {
			*op = ops[i].op;
			return 0;
		}
	return -EINVAL;
}

/* A word up to a blank or something that cannot be part of it, or what is in quotes. */
static int parse_word(struct parser *ps, char *to, size_t size)
{
	char quote = 0;
	size_t n = 0;

	skip_blanks(ps);
	if (*ps->at == '"' || *ps->at == '\'')
		quote = *ps->at++;
	while (*ps->at && (quote ? *ps->at != quote : !strchr(" \t()&|", *ps->at))) {
		if (n == size - 1)
			return -EINVAL;
		to[n++] = *ps->at++;
	}
	to[n] = '\0';
	if (!quote)
		return n ? 0 : -EINVAL;
	return *ps->at++ == quote ? 0 : -EINVAL;
}

static int parse_predicate(struct parser *ps)
{
	const char *name;
	struct node *node;
	int i, err;

	skip_blanks(ps);
	for (name = ps->at; is_name(*ps->at); ps->at++)
		;
	i = new_node(ps, NODE_NUMBER);
	if (i < 0)
		return i;
	node = &ps->filter->nodes[i];
	node->field = find_field(ps->ev, name, ps->at - name);
	if (!node->field)
		return -EINVAL;
	if (is_string(node->field))
		node->kind = NODE_STRING;
	err = parse_operator(ps, node->kind == NODE_STRING, &node->op);
	if (!err)
		err = parse_word(ps, node->string, sizeof(node->string));
	if (!err && node->kind == NODE_NUMBER) {
		long v;

		err = kstrtol(node->string, 0, &v);
		/* One above the signed range is meant as its bits. */
		if (err)
			err = kstrtoul(node->string, 0, (unsigned long *)&v);
		node->number = v;
	}
	return err ? err : i;
}

static int parse_or(struct parser *ps);

static int parse_factor(struct parser *ps)
{
	int i, operand;

	if (ps->depth == MAX_DEPTH)
		return -E2BIG;
	ps->depth++;
	if (take(ps, "!")) {
		i = new_node(ps, NODE_NOT);
		operand = i < 0 ? i : parse_factor(ps);
		if (operand >= 0)
			ps->filter->nodes[i].left = operand;
		i = operand < 0 ? operand : i;
	} else if (take(ps, "(")) {
		i = parse_or(ps);
		if (i >= 0 && !take(ps, ")"))
			i = -EINVAL;
	} else {
		i = parse_predicate(ps);
	}
	ps->depth--;
	return i;
}

/* One or more of what next parses, joined by word, the left ones first. */
static int parse_joined(struct parser *ps, int (*next)(struct parser *), const char *word,
			enum node_kind kind)
{
	int left = next(ps), right, i;

	while (left >= 0 && take(ps, word)) {
		i = new_node(ps, kind);
		right = i < 0 ? i : next(ps);
		if (right < 0)
			return right;
		ps->filter->nodes[i].left = left;
		ps->filter->nodes[i].right = right;
		left = i;
	}
	return left;
}

static int parse_and(struct parser *ps)
{
	return parse_joined(ps, parse_factor, "&&", NODE_AND);
}

static int parse_or(struct parser *ps)
{
	return parse_joined(ps, parse_and, "||", NODE_OR);
}

struct trace_filter *trace_filter_create(const struct trace_event *ev, const char *text)
{
	struct trace_filter *f = kvzalloc(sizeof(*f), GFP_KERNEL);
	struct parser ps = {text, ev, f, 0};

	if (!f)
		return ERR_PTR(-ENOMEM);
	f->root = parse_or(&ps);
	skip_blanks(&ps);
	if (f->root >= 0 && *ps.at)
		f->root = -EINVAL;
	if (f->root >= 0) {
		f->text = kstrdup(text, GFP_KERNEL);
		if (!f->text)
			f->root = -ENOMEM;
	}
	if (f->root < 0) {
		int err = f->root;

		trace_filter_free(f);
		return ERR_PTR(err);
	}
	return f;
}

void trace_filter_free(struct trace_filter *f)
{
	if (f)
		kfree(f->text);
	kvfree(f);
}

const char *trace_filter_text(const struct trace_filter *f)
{
	return f ? f->text : "none";
}

/* Does the pattern, with * for any string and ? for any letter, fit all of s, of at most n? */
static bool fits(const char *pattern, const char *s, size_t n)
{
	const char *star = NULL, *from = s, *end = s + strnlen(s, n);

	while (s < end) {
		if (*pattern == '*') {
			star = ++pattern;
			from = s;
		} else if (*pattern == '?' || *pattern == *s) {
			pattern++;
			s++;
		} else if (star) {
			/* What the last star stands for is one letter longer. */
			pattern = star;
			s = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static bool string_is(const struct node *node, const char *s, size_t n)
{
	size_t len = strlen(node->string);
	bool same = strnlen(s, n) == len && !memcmp(s, node->string, len);

	switch (node->op) {
	case OP_EQ:
		return same;
	case OP_NE:
		return !same;
	default:
		return fits(node->string, s, n);
	}
}

static s64 number_of(const struct trace_field *f, const void *entry)
{
	const void *at = (const char *)entry + f->offset;
	u64 v = 0;

	if (f == &field_cpu)
		return smp_processor_id();
	if (f == &field_pid)
		return current->pid;
	memcpy(&v, at, f->size);
	if (f->is_signed && f->size < sizeof(v)) {
		unsigned int unused = 64 - 8 * f->size;

		return (s64)(v << unused) >> unused;
	}
	return v;
}

static bool number_is(const struct node *node, s64 v)
{
	bool is_signed = node->field->is_signed;
	bool less = is_signed ? v < node->number : (u64)v < (u64)node->number;

	switch (node->op) {
	case OP_EQ:
		return v == node->number;
	case OP_NE:
		return v != node->number;
	case OP_LT:
		return less;
	case OP_LE:
		return less || v == node->number;
	case OP_GT:
		return !less && v != node->number;
	case OP_GE:
		return !less;
	default:
		return v & node->number;
	}
}

/*
 * Recurses once for each node above another. Of AND and OR there are half of MAX_NODES, of NOT
 * MAX_DEPTH at most in one line: less than 50 small frames, on any stack.
 */
static bool node_is_true(const struct trace_filter *f, int i, const void *entry)
{
	const struct node *node = &f->nodes[i];

	switch (node->kind) {
	case NODE_AND:
		return node_is_true(f, node->left, entry) && node_is_true(f, node->right, entry);
	case NODE_OR:
		return node_is_true(f, node->left, entry) || node_is_true(f, node->right, entry);
	case NODE_NOT:
		return !node_is_true(f, node->left, entry);
	case NODE_STRING:
		if (node->field == &field_comm)
			return string_is(node, current->comm, sizeof(current->comm));
		return string_is(node, (const char *)entry + node->field->offset,
				 node->field->size);
	default:
		return number_is(node, number_of(node->field, entry));
	}
}

bool trace_filter_passes(const struct trace_filter *f, const void *entry)
{
	return node_is_true(f, f->root, entry);
}
