/* SPDX-License-Identifier: MIT */
/*
 * Terminals as programs see them: ioctl_tty(2), termios(3). Numbers of the x86-64 ABI.
 */
#ifndef UAPI_TERMIOS_H
#define UAPI_TERMIOS_H

#include <jiffy/types.h>

typedef unsigned char cc_t;
typedef unsigned int speed_t;
typedef unsigned int tcflag_t;

#define NCCS 19
/* TCGETS and TCSETS. */
struct termios {
	tcflag_t c_iflag, c_oflag, c_cflag, c_lflag;
	cc_t c_line;
	cc_t c_cc[NCCS];
};

/* TCGETS2 and TCSETS2; the kernel's own form as well. */
struct ktermios {
	tcflag_t c_iflag, c_oflag, c_cflag, c_lflag;
	cc_t c_line;
	cc_t c_cc[NCCS];
	speed_t c_ispeed, c_ospeed;
};

/* TCGETA and TCSETA, of System V. */
#define NCC 8
struct termio {
	u16 c_iflag, c_oflag, c_cflag, c_lflag;
	u8 c_line;
	u8 c_cc[NCC];
};

struct winsize {
	u16 ws_row, ws_col, ws_xpixel, ws_ypixel;
};

/* c_cc */
#define VINTR	 0
#define VQUIT	 1
#define VERASE	 2
#define VKILL	 3
#define VEOF	 4
#define VTIME	 5
#define VMIN	 6
#define VSWTC	 7
#define VSTART	 8
#define VSTOP	 9
#define VSUSP	 10
#define VEOL	 11
#define VREPRINT 12
#define VDISCARD 13
#define VWERASE	 14
#define VLNEXT	 15
#define VEOL2	 16

/* c_iflag */
#define IGNBRK	0x0001
#define BRKINT	0x0002
#define IGNPAR	0x0004
#define PARMRK	0x0008
#define INPCK	0x0010
#define ISTRIP	0x0020
#define INLCR	0x0040
#define IGNCR	0x0080
#define ICRNL	0x0100
#define IUCLC	0x0200
#define IXON	0x0400
#define IXANY	0x0800
#define IXOFF	0x1000
#define IMAXBEL 0x2000
#define IUTF8	0x4000

/* c_oflag */
#define OPOST  0x0001
#define OLCUC  0x0002
#define ONLCR  0x0004
#define OCRNL  0x0008
#define ONOCR  0x0010
#define ONLRET 0x0020
#define OFILL  0x0040
#define OFDEL  0x0080
#define TABDLY 0x1800
#define XTABS  0x1800

/* c_cflag */
#define CBAUD	0x0000100f
#define CBAUDEX 0x00001000
#define CSIZE	0x00000030
#define CS5	0x00000000
#define CS6	0x00000010
#define CS7	0x00000020
#define CS8	0x00000030
#define CSTOPB	0x00000040
#define CREAD	0x00000080
#define PARENB	0x00000100
#define PARODD	0x00000200
#define HUPCL	0x00000400
#define CLOCAL	0x00000800
#define CIBAUD	0x100f0000
#define ADDRB	0x20000000
#define CMSPAR	0x40000000
#define CRTSCTS 0x80000000
#define IBSHIFT 16
#define B0	0x0000
#define B9600	0x000d
#define B38400	0x000f
#define B115200 0x1002
#define BOTHER	0x1000

/* c_lflag */
#define ISIG	0x00001
#define ICANON	0x00002
#define XCASE	0x00004
#define ECHO	0x00008
#define ECHOE	0x00010
#define ECHOK	0x00020
#define ECHONL	0x00040
#define NOFLSH	0x00080
#define TOSTOP	0x00100
#define ECHOCTL 0x00200
#define ECHOPRT 0x00400
#define ECHOKE	0x00800
#define FLUSHO	0x01000
#define PENDIN	0x04000
#define IEXTEN	0x08000
#define EXTPROC 0x10000

#define TCGETS	      0x5401
#define TCSETS	      0x5402
#define TCSETSW	      0x5403
#define TCSETSF	      0x5404
#define TCGETA	      0x5405
#define TCSETA	      0x5406
#define TCSETAW	      0x5407
#define TCSETAF	      0x5408
#define TCSBRK	      0x5409
#define TCXONC	      0x540A
#define TCFLSH	      0x540B
#define TIOCEXCL      0x540C
#define TIOCNXCL      0x540D
#define TIOCSCTTY     0x540E
#define TIOCGPGRP     0x540F
#define TIOCSPGRP     0x5410
#define TIOCOUTQ      0x5411
#define TIOCSTI	      0x5412
#define TIOCGWINSZ    0x5413
#define TIOCSWINSZ    0x5414
#define TIOCMGET      0x5415
#define TIOCMBIS      0x5416
#define TIOCMBIC      0x5417
#define TIOCMSET      0x5418
#define TIOCGSOFTCAR  0x5419
#define TIOCSSOFTCAR  0x541A
#define TIOCINQ	      0x541B
#define TIOCCONS      0x541D
#define TIOCPKT	      0x5420
#define TIOCNOTTY     0x5422
#define TIOCSETD      0x5423
#define TIOCGETD      0x5424
#define TCSBRKP	      0x5425
#define TIOCSBRK      0x5427
#define TIOCCBRK      0x5428
#define TIOCGSID      0x5429
#define TCGETS2	      0x802C542A
#define TCSETS2	      0x402C542B
#define TCSETSW2      0x402C542C
#define TCSETSF2      0x402C542D
#define TIOCGPTN      0x80045430
#define TIOCSPTLCK    0x40045431
#define TIOCGDEV      0x80045432
#define TIOCVHANGUP   0x5437
#define TIOCGPKT      0x80045438
#define TIOCGPTLCK    0x80045439
#define TIOCGEXCL     0x80045440
#define TIOCGPTPEER   0x5441
#define TIOCSERGETLSR 0x5459

/* TCXONC, TCFLSH */
#define TCOOFF	  0
#define TCOON	  1
#define TCIOFF	  2
#define TCION	  3
#define TCIFLUSH  0
#define TCOFLUSH  1
#define TCIOFLUSH 2

/* The first byte of a read from a pseudo-terminal's master in packet mode: ioctl_tty(2). */
#define TIOCPKT_DATA	   0x00
#define TIOCPKT_FLUSHREAD  0x01
#define TIOCPKT_FLUSHWRITE 0x02
#define TIOCPKT_STOP	   0x04
#define TIOCPKT_START	   0x08
#define TIOCPKT_NOSTOP	   0x10
#define TIOCPKT_DOSTOP	   0x20
#define TIOCPKT_IOCTL	   0x40

#define TIOCM_DTR  0x002
#define TIOCM_RTS  0x004
#define TIOCM_CTS  0x020
#define TIOCM_CAR  0x040
#define TIOCM_RNG  0x080
#define TIOCM_DSR  0x100
#define TIOCM_OUT1 0x2000
#define TIOCM_OUT2 0x4000
#define TIOCM_LOOP 0x8000

#define TIOCSER_TEMT 0x01

#define N_TTY 0

#endif
