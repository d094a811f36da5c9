/* SPDX-License-Identifier: MIT */
/*
 * The N_TTY line discipline's own state, and what its files (input, output, reading, the rest)
 * call of each other. Only drivers/tty/ includes this. Task context throughout: received bytes
 * come from the feeder of tty_buffer.c, never straight from an interrupt.
 *
 * Serialization rules, outermost first:
 *
 *   read_lock (mutex)		one reader at a time
 *   tty->buf.work_lock (mutex)	the feeder: lnext, erasing
 *   tty->termios_rwsem		held for reading while input is processed or read
 *   output_lock (mutex)	column, canon_column, echo, and calls of ops->write()
 *   lock (spin)		the read buffer: head, canon_head, tail, and both bitmaps
 *
 * head, canon_head and tail run freely; the difference of two is a number of bytes.
 * tail <= canon_head <= head: [tail, canon_head) are whole lines when ICANON is set,
 * [canon_head, head) the line being edited. Without ICANON canon_head means nothing.
 */
#ifndef DRIVERS_TTY_N_TTY_H
#define DRIVERS_TTY_N_TTY_H

#include <jiffy/bitops.h>
#include <jiffy/poll.h>
#include <jiffy/tty.h>

struct iov_iter;

#define N_TTY_BUF_SIZE	4096 /* one less than this is the longest line: termios(3) */
#define N_TTY_MASK	(N_TTY_BUF_SIZE - 1)
#define N_TTY_ECHO_SIZE 4096
#define N_TTY_OUT_SIZE	512
/* A writer is woken only when at most this much waits in the driver. */
#define WAKEUP_CHARS 256

struct n_tty_data {
	/* the feeder */
	bool lnext;   /* the next byte is taken as it is */
	bool erasing; /* inside the \.../ of ECHOPRT */

	struct mutex read_lock;

	struct mutex output_lock;
	unsigned int column, canon_column; /* cursor; where the edited line began */
	u8 echo[N_TTY_ECHO_SIZE];	   /* processed echo that the driver had no room for */
	unsigned int echo_head, echo_tail;
	u8 out[N_TTY_OUT_SIZE];

	spinlock_t lock;
	u8 read_buf[N_TTY_BUF_SIZE];
	unsigned int head, canon_head, tail;
	DECLARE_BITMAP(line_end, N_TTY_BUF_SIZE); /* a read stops behind this byte */
	DECLARE_BITMAP(line_eof, N_TTY_BUF_SIZE); /* and the byte itself is not delivered */
};

#define I_FLAG(tty, f) ((tty)->termios.c_iflag & (f))
#define O_FLAG(tty, f) ((tty)->termios.c_oflag & (f))
#define L_FLAG(tty, f) ((tty)->termios.c_lflag & (f))
/* A control character of this value is switched off. */
#define __DISABLED_CHAR '\0'
#define CC(tty, which)	((tty)->termios.c_cc[which])

static inline bool is_cc(const struct tty_struct *tty, int which, u8 c)
{
	return CC(tty, which) != __DISABLED_CHAR && CC(tty, which) == c;
}

static inline bool tty_iscntrl(u8 c)
{
	return c < 0x20 || c == 0x7f;
}

/* Letters as a terminal without UTF-8 means them: Latin-1, as termios has it on Linux. */
static inline bool tty_isupper(u8 c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7);
}

static inline bool tty_islower(u8 c)
{
	return (c >= 'a' && c <= 'z') || (c >= 0xdf && c != 0xf7);
}

static inline u8 tty_tolower(u8 c)
{
	return tty_isupper(c) ? c + 0x20 : c;
}

static inline u8 tty_toupper(u8 c)
{
	return tty_islower(c) ? c - 0x20 : c;
}

/* The second and later bytes of a character in UTF-8. */
static inline bool is_continuation(const struct tty_struct *tty, u8 c)
{
	return I_FLAG(tty, IUTF8) && (c & 0xc0) == 0x80;
}

/* tty_buffer.c */
int tty_buffer_init(struct tty_struct *tty);
void tty_buffer_free(struct tty_struct *tty);

/* n_tty.c */
int n_tty_open(struct tty_struct *tty); /* 0 or -ENOMEM */
void n_tty_close(struct tty_struct *tty);
void n_tty_hangup(struct tty_struct *tty);
/* The settings changed from *old (NULL: there were none). termios_rwsem held for writing. */
void n_tty_set_termios(struct tty_struct *tty, const struct ktermios *old);
void n_tty_flush_input(struct tty_struct *tty); /* TCIFLUSH */
void n_tty_packet_mode_flush(struct tty_struct *tty);
int n_tty_ioctl(struct tty_struct *tty, unsigned int cmd, unsigned long arg);
bool n_tty_input_available(struct tty_struct *tty, bool poll);
__poll_t n_tty_poll(struct tty_struct *tty, struct file *file, struct poll_table_struct *wait);

/* n_tty_input.c: the feeder gives n bytes (flags NULL: all normal); how many were taken. */
size_t n_tty_receive_buf(struct tty_struct *tty, const u8 *data, const u8 *flags, size_t n);

/* n_tty_read.c, n_tty_output.c: a program reads and writes. */
ssize_t n_tty_read(struct tty_struct *tty, struct file *file, struct iov_iter *to);
ssize_t n_tty_write(struct tty_struct *tty, struct file *file, const u8 *buf, size_t n);

/* n_tty_output.c: echo. All need output_lock; what finds no room in the driver waits. */
void echo_char(struct tty_struct *tty, u8 c);	  /* as ECHOCTL wants it */
void echo_char_raw(struct tty_struct *tty, u8 c); /* through OPOST only */
void echo_erase_tab(struct tty_struct *tty, unsigned int chars, bool from_line_start);
void process_echoes(struct tty_struct *tty);

#endif
