/* SPDX-License-Identifier: MIT */
/*
 * What the host tells the guest's init: the file SPEC_PATH in the initial file
 * system. It is a sequence of records, each one letter, a string and a NUL.
 * Records of one letter keep their order; letters may come in any order.
 * Shared by the packer (an ordinary program) and init (freestanding).
 */
#ifndef TOOLS_SPEC_H
#define TOOLS_SPEC_H

#define SPEC_PATH "/etc/jiffy/spec"

enum spec_letter {
	SPEC_PROGRAM = 'P', /* the file to execute */
	SPEC_ARG = 'A',	    /* one argument, argv[0] first */
	SPEC_ENV = 'E',	    /* one string of the environment */
	SPEC_CWD = 'C',	    /* the directory to start in, where it exists */
	SPEC_HOSTNAME = 'H',
	SPEC_WINDOW = 'W', /* the terminal's "ROWS COLUMNS XPIXELS YPIXELS" */
	SPEC_TRACE = 'T',  /* events to record while the program runs, then sent over the link */
	SPEC_FD = 'F',	   /* "NK": descriptor N, '0' to '2', is of the kind K below */
};

enum spec_fd {
	SPEC_FD_TERMINAL = 't', /* the guest's console, read and write */
	SPEC_FD_HOST = 'h',	/* the host's descriptor of the same number, over the link */
	SPEC_FD_CLOSED = '-',
	SPEC_FD_STDOUT = '1', /* for descriptor 2: a duplicate of descriptor 1 */
};

/* Three descriptors, and room for anything else that the table of records may hold. */
#define SPEC_NR_FDS 3

#endif
