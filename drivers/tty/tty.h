/* SPDX-License-Identifier: MIT */
/*
 * What the files of drivers/tty/ share beyond <jiffy/tty.h>. Locks: there.
 */
#ifndef DRIVERS_TTY_TTY_H
#define DRIVERS_TTY_TTY_H

#include <jiffy/fs.h>
#include <jiffy/tty.h>

struct tty_file_private {
	struct tty_struct *tty;
	struct file *file;
	struct list_head list; /* tty->tty_files; files_lock */
};

extern struct mutex tty_mutex;
extern struct list_head tty_drivers; /* tty_mutex */
extern const struct file_operations tty_fops;
extern const struct file_operations ptmx_fops;

/* tty_io.c */

void tty_release_struct(struct tty_struct *tty); /* tty_mutex, not open */

int tty_release(struct inode *inode, struct file *file);

/* pty.c */
int ptmx_open(struct inode *inode, struct file *file);
long pty_ioctl(struct tty_struct *tty, struct file *file, unsigned int cmd, unsigned long arg);

/* tty_ioctl.c */
long tty_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
int tty_set_termios(struct tty_struct *tty, const struct ktermios *new);
speed_t tty_baud_rate(const struct ktermios *t);
/* 0 or -ERESTARTSYS. timeout in jiffies, 0: for ever. */
int tty_wait_until_sent(struct tty_struct *tty, long timeout);

/* tty_jobctrl.c */
long tty_jobctrl_ioctl(struct tty_struct *tty, struct tty_struct *real_tty, struct file *file,
		       unsigned int cmd, unsigned long arg);
/* A session leader without a terminal opened one: it becomes the session's. */
void tty_open_proc_set_tty(struct file *file, struct tty_struct *tty);
struct pid *tty_get_session(struct tty_struct *tty); /* with a reference */
/* Nobody of the terminal's session has it any more. It still is in its table, or referenced. */
void tty_clear_session(struct tty_struct *tty);
/* SIGHUP and SIGCONT to the session's leader; how many references to tty the session drops. */
int tty_signal_session_leader(struct tty_struct *tty, bool exit_session);

#endif
