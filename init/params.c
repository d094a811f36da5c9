/* SPDX-License-Identifier: MIT */
/*
 * The command line: words, of which a double-quoted part may hold spaces; "--" ends the
 * kernel's. What no room asked for goes to init, as Linux does: NAME=VALUE into its
 * environment, other words as arguments, except words with a dot before any '=', which name
 * modules and are dropped.
 */
#include <jiffy/init.h>
#include <jiffy/kernel.h>
#include <jiffy/string.h>

extern const struct boot_param __start_boot_params[], __stop_boot_params[];

char boot_command_line[2048];
static char words[sizeof(boot_command_line)]; /* cut up; argv_init and envp_init point in here */
const char *argv_init[MAX_INIT_ARGS + 2] = {"init"};
const char *envp_init[MAX_INIT_ARGS + 2] = {"HOME=/", "TERM=linux"};

/* Cuts the next word off *s, quotes taken out; NULL at the end. */
static char *next_word(char **s)
{
	char *in = skip_spaces(*s), *out = in, *start = in;
	bool quoted = false;

	if (!*in)
		return NULL;
	for (; *in && (quoted || (*in != ' ' && *in != '\t' && *in != '\n')); in++) {
		if (*in == '"')
			quoted = !quoted;
		else
			*out++ = *in;
	}
	*s = *in ? in + 1 : in;
	*out = '\0';
	return start;
}

static const struct boot_param *find_param(const char *word, char **value)
{
	for (const struct boot_param *p = __start_boot_params; p < __stop_boot_params; p++) {
		size_t n = strlen(p->name);

		if (strncmp(word, p->name, n))
			continue;
		if (n && p->name[n - 1] != '=' && word[n])
			continue;
		*value = (char *)word + n;
		return p;
	}
	return NULL;
}

static void append(const char **list, const char *word)
{
	int n = 0;

	/* A later setting of a variable replaces an earlier one. */
	for (; list[n]; n++) {
		size_t name = strcspn(word, "=");

		if (list == envp_init && !strncmp(list[n], word, name + 1))
			break;
	}
	if (n < MAX_INIT_ARGS)
		list[n] = word;
	else
		pr_warn("too many words for init: %s left out", word);
}

static void give_to_init(char *word)
{
	char *eq = strchr(word, '='), *dot = strchr(word, '.');

	if (dot && (!eq || dot < eq))
		return;
	append(eq ? envp_init : argv_init, word);
}

void parse_params(bool early)
{
	bool ours = true;
	char *at = words, *word;

	strscpy(words, boot_command_line, sizeof(words));
	while ((word = next_word(&at))) {
		const struct boot_param *p;
		char *value;
		int err;

		if (ours && !strcmp(word, "--")) {
			ours = false;
			continue;
		}
		p = ours ? find_param(word, &value) : NULL;
		if (p && p->early == early) {
			err = p->setup(value);
			if (err)
				pr_warn("boot parameter %s: error %d", word, err);
		} else if (!p && !early) {
			if (ours)
				give_to_init(word);
			else
				append(argv_init, word);
		}
	}
}
