/* SPDX-License-Identifier: MIT */
/*
 * Terminals: tty_struct (one open terminal), tty_driver (who makes them), the line discipline
 * between them and a program, and job control's side of it. Rooms: drivers/tty/.
 *
 * A driver hands received bytes over with tty_insert_flip_string() and tty_flip_buffer_push()
 * from any context; a worker feeds them to the line discipline, in task context. Programs write
 * through the line discipline to ops->write(), which never sleeps and takes what fits.
 *
 * Serialization rules, outermost first:
 *
 *   tty_mutex (mutex)	      opens, closes and hang-ups: driver->ttys[], tty->count, tty->link
 *   tty->atomic_write_lock   one writer at a time
 *   tty->buf.work_lock	      one feeder at a time
 *   tty->termios_rwsem	      termios; write: a change of settings, read: input and read()
 *   n_tty's own locks	      see drivers/tty/n_tty.h
 *   tty->buf.lock (spin, irq) bytes received and not yet given to the line discipline
 *   tty->files_lock	      tty_files
 *   tty->flow.lock (spin, irq) stopped, tco_stopped
 *   tty->ctrl.lock (spin, irq) session, pgrp, pktstatus, packet; inside siglock
 *   tty->winsize_mutex	      winsize
 *
 * signal->tty of a process is under its sighand->siglock; a session's ttys change together,
 * under tasklist_lock (read). siglock comes before ctrl.lock.
 */
#ifndef JIFFY_TTY_H
#define JIFFY_TTY_H

#include <jiffy/kthread.h>
#include <jiffy/mutex.h>
#include <jiffy/refcount.h>
#include <jiffy/wait.h>
#include <uapi/termios.h>

struct file;
struct inode;
struct pid;
struct seq_file;
struct task_struct;
struct tty_struct;
struct tty_driver;
struct fasync_struct;
struct n_tty_data;
struct signal_struct;

/*
 * What a driver does for its terminals. All but open, close, set_termios, wait_until_sent,
 * ioctl, hangup and resize are called in atomic context as well. NULL: nothing to do.
 */
struct tty_operations {
	int (*install)(struct tty_driver *driver, struct tty_struct *tty);
	void (*remove)(struct tty_driver *driver, struct tty_struct *tty);
	int (*open)(struct tty_struct *tty, struct file *file);
	void (*close)(struct tty_struct *tty, struct file *file);
	void (*cleanup)(struct tty_struct *tty);
	/* Takes up to n bytes, as many as fit now; how many, or a negative errno. */
	ssize_t (*write)(struct tty_struct *tty, const u8 *buf, size_t n);
	size_t (*write_room)(struct tty_struct *tty);
	size_t (*chars_in_buffer)(struct tty_struct *tty);
	int (*ioctl)(struct tty_struct *tty, unsigned int cmd, unsigned long arg);
	void (*set_termios)(struct tty_struct *tty, const struct ktermios *old);
	/* The reader is slow: stop what comes in; it has caught up. Task context. */
	void (*throttle)(struct tty_struct *tty);
	void (*unthrottle)(struct tty_struct *tty);
	/* XOFF, XON: output rests, goes on. */
	void (*stop)(struct tty_struct *tty);
	void (*start)(struct tty_struct *tty);
	void (*hangup)(struct tty_struct *tty);
	void (*flush_buffer)(struct tty_struct *tty);
	void (*wait_until_sent)(struct tty_struct *tty, long timeout_jiffies);
	int (*break_ctl)(struct tty_struct *tty, int state);
	int (*tiocmget)(struct tty_struct *tty);
	int (*tiocmset)(struct tty_struct *tty, unsigned int set, unsigned int clear);
	int (*resize)(struct tty_struct *tty, const struct winsize *ws);
};

#define TTY_DRIVER_TYPE_SYSTEM 1
#define TTY_DRIVER_TYPE_SERIAL 3
#define TTY_DRIVER_TYPE_PTY    4
#define PTY_TYPE_MASTER	       1
#define PTY_TYPE_SLAVE	       2

struct tty_driver {
	const char *driver_name; /* "serial" */
	const char *name;	 /* "ttyS": a terminal's name is this and its number */
	int name_base;
	int major, minor_start, num;
	short type, subtype;
	struct ktermios init_termios;
	const struct tty_operations *ops;
	struct tty_driver *other;     /* pty: the other end's driver */
	struct tty_struct **ttys;     /* [num]; tty_mutex */
	struct ktermios **termios;    /* [num]: settings kept while closed; tty_mutex */
	bool no_node;		      /* nodes come from elsewhere (devpts) */
	struct list_head tty_drivers; /* tty_mutex */
};

/* tty_struct.flags */
enum {
	TTY_THROTTLED,	  /* the driver was told to stop the sender */
	TTY_IO_ERROR,	  /* no device behind it: reads and writes fail with EIO */
	TTY_OTHER_CLOSED, /* pty: the other end is closed */
	TTY_EXCLUSIVE,	  /* TIOCEXCL */
	TTY_DO_WRITE_WAKEUP,
	TTY_HUPPED,
	TTY_HUPPING,
	TTY_PTY_LOCK, /* the slave may not be opened yet */
	TTY_CLOSING,
};

#define TTY_FLIP_SIZE 8192
/* Flags of a received byte; TTY_NORMAL bytes have none. */
#define TTY_NORMAL  0
#define TTY_BREAK   1
#define TTY_FRAME   2
#define TTY_PARITY  3
#define TTY_OVERRUN 4

struct tty_struct {
	refcount_t kref;
	int index;
	const struct tty_driver *driver;
	const struct tty_operations *ops;
	struct tty_struct *link; /* pty: the other end; tty_mutex */
	struct n_tty_data *disc_data;
	void *driver_data;
	unsigned long flags; /* TTY_*: atomic bit operations */
	char name[32];

	int count; /* opens; tty_mutex */

	struct rw_semaphore termios_rwsem;
	struct ktermios termios, termios_locked;

	struct mutex winsize_mutex;
	struct winsize winsize;

	struct mutex atomic_write_lock;
	u8 *write_buf;

	struct {
		spinlock_t lock;
		struct pid *pgrp;    /* foreground process group */
		struct pid *session; /* whose controlling terminal it is */
		unsigned char pktstatus;
		bool packet;
	} ctrl;

	struct {
		spinlock_t lock;
		bool stopped;	  /* output rests */
		bool tco_stopped; /* by TCOOFF, so that only TCOON ends it */
	} flow;

	/* Received, not yet looked at: a ring of bytes and of flags. */
	struct {
		spinlock_t lock;
		struct mutex work_lock;	 /* one feeder at a time */
		u8 *data, *flag;	 /* TTY_FLIP_SIZE each */
		unsigned int head, tail; /* free running; tail: work_lock too */
		unsigned int discard;	 /* if discarding: not to be looked at before this */
		bool discarding;
		unsigned int flagged; /* how many of them are not TTY_NORMAL */
		bool stalled;	      /* the line discipline had no room */
		struct work_struct work;
	} buf;

	wait_queue_head_t read_wait, write_wait;
	struct fasync_struct *fasync;

	spinlock_t files_lock;
	struct list_head tty_files; /* of tty_file_private */
};

/* drivers/tty/tty_io.c: drivers' side. */
int tty_register_driver(struct tty_driver *driver); /* 0, -EBUSY, -ENOMEM; at boot */
extern const struct ktermios tty_std_termios;	    /* 38400 8N1, cooked, echo */
size_t tty_insert_flip_string(struct tty_struct *tty, const u8 *s, size_t n); /* any context */
bool tty_insert_flip_char(struct tty_struct *tty, u8 c, u8 flag);
size_t tty_buffer_space_avail(struct tty_struct *tty);
void tty_flip_buffer_push(struct tty_struct *tty); /* any context */
void tty_buffer_restart_work(struct tty_struct *tty);
void tty_buffer_flush_work(struct tty_struct *tty); /* task: everything received is looked at */
void tty_buffer_flush(struct tty_struct *tty);
void tty_buffer_discard(struct tty_struct *tty); /* any context: a pty's other end flushes */
void tty_wakeup(struct tty_struct *tty);	 /* any context: there is room to write again */
/* The line is gone: every open file of it is at its end from now on. Task context. */
void tty_vhangup(struct tty_struct *tty);
void tty_vhangup_locked(struct tty_struct *tty); /* tty_mutex held */
/* The session leader goes: what it wrote is sent first. Task context. */
void tty_vhangup_session(struct tty_struct *tty);
int tty_do_resize(struct tty_struct *tty, const struct winsize *ws); /* task; SIGWINCH */
struct tty_struct *tty_kref_get(struct tty_struct *tty);
void tty_kref_put(struct tty_struct *tty); /* task context */
struct tty_struct *tty_init_dev(struct tty_driver *driver, int idx);
int tty_alloc_file(struct tty_struct *tty, struct file *file);
void tty_free_file(struct file *file);
bool tty_hung_up_p(struct file *file);
/* Opened as /dev/console, which job control leaves alone and a hang-up spares. */
bool file_is_console(struct file *file);
/* The terminal behind a file, NULL when it is none. */
struct tty_struct *file_tty(struct file *file);
void stop_tty(struct tty_struct *tty);
void start_tty(struct tty_struct *tty);
dev_t tty_devnum(const struct tty_struct *tty);
/* The terminal behind /dev/console; its window has another size: 0, or -ENXIO while closed. */
int tty_console_resize(const struct winsize *ws);
void tty_set_console(struct tty_driver *driver, int index);

/* drivers/tty/tty_jobctrl.c: process/'s side. Task context. */
/*
 * The caller leaves its controlling terminal: on_exit, as a session leader that exits, hangs it
 * up: SIGHUP and SIGCONT to the foreground group, and nobody of the session keeps it. Else
 * (TIOCNOTTY) the same without the hang-up of the line.
 */
void disassociate_ctty(int on_exit);
void no_tty(void);
/* setsid(2) and fork's error path: p has no controlling terminal any more. */
void proc_clear_tty(struct task_struct *p);
/* fork: the child's signal_struct shares the parent's terminal (a reference). siglock held. */
void tty_inherit(struct signal_struct *child, struct signal_struct *parent);
/* The caller's controlling terminal with a reference, or NULL; tty_kref_put() ends it. */
struct tty_struct *get_current_tty(void);
#define tty_put(tty) tty_kref_put(tty)
void session_clear_tty(struct pid *session); /* tasklist_lock held */
/* Background access: 0, -EIO (orphaned group), -ERESTARTSYS (stop signal sent). */
int __tty_check_change(struct tty_struct *tty, int sig);
int tty_check_change(struct tty_struct *tty);
/* The terminal's device number and foreground group of p, for /proc/PID/stat. */
dev_t task_tty_nr(struct task_struct *p, struct pid **pgrp);

#endif
