/* SPDX-License-Identifier: MIT */
/*
 * The checked simulator as a program of its own, for the tests. The ordinary one is a
 * subcommand of `jiffy`.
 */
int sim_main(int argc, char **argv);

int main(int argc, char **argv)
{
	return sim_main(argc, argv);
}
