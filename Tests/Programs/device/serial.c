/* Serial ports that are not the console. The transmitter is connected to the receiver inside of the device (TIOCM_LOOP), and the outputs to the inputs. */
#include "test.h"

#include <asm/termbits.h>
#include <linux/serial.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/time.h>

#ifndef TIOCMGET
#define TIOCMGET 0x5415
#define TIOCMBIS 0x5416
#define TIOCMBIC 0x5417
#define TIOCMSET 0x5418
#endif
#define LINE_DTR 0x002
#define LINE_RTS 0x004
#define LINE_CTS 0x020
#define LINE_DSR 0x100
#define LINE_LOOP 0x8000
#ifndef TCSBRK
#define TCSBRK 0x5409
#define TCXONC 0x540A
#define TCFLSH 0x540B
#define TCSBRKP 0x5425
#endif
#ifndef TIOCOUTQ
#define TIOCOUTQ 0x5411
#endif

static int open_line(void) {
    int fd = open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 && (errno == ENOENT || errno == ENXIO || errno == EIO)) SKIP("no second serial port");
    return (int)OK(fd);
}

static struct termios2 raw(int fd, unsigned speed, unsigned flags) {
    struct termios2 settings;
    OK(ioctl(fd, TCGETS2, &settings));
    settings.c_iflag = 0;
    settings.c_oflag = 0;
    settings.c_lflag = 0;
    settings.c_cflag = CS8 | CREAD | CLOCAL | HUPCL | BOTHER | flags;
    settings.c_ispeed = settings.c_ospeed = speed;
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    OK(ioctl(fd, TCSETS2, &settings));
    return settings;
}

static int lines_of(int fd) {
    int lines;
    OK(ioctl(fd, TIOCMGET, &lines));
    return lines;
}

static void loop(int fd, int with) {
    int lines = LINE_LOOP | with;
    OK(ioctl(fd, TIOCMSET, &lines));
}

static size_t read_for(int fd, void *to, size_t bytes, int milliseconds) {
    size_t done = 0;
    struct pollfd one = { fd, POLLIN, 0 };
    while (done < bytes && poll(&one, 1, milliseconds) > 0) done += (size_t)OK(read(fd, (char *)to + done, bytes - done));
    return done;
}

/* Settings outlive the last close: this is the first test of the line, since tests run in the order of their names. */
TEST(a_serial_line_has_the_settings_of_one) {
    int fd = open_line();
    struct termios2 settings;
    OK(ioctl(fd, TCGETS2, &settings));
    CHECK_EQ(settings.c_cflag & CBAUD, B9600);
    CHECK(settings.c_cflag & CLOCAL);
    CHECK(settings.c_cflag & CREAD);
    raw(fd, 19200, PARENB | CSTOPB);
    OK(ioctl(fd, TCGETS2, &settings));
    CHECK_EQ(settings.c_ospeed, 19200);
    CHECK(settings.c_cflag & PARENB);
    raw(fd, 1000000, 0);
    OK(ioctl(fd, TCGETS2, &settings));
    CHECK_EQ(settings.c_ospeed, 115200); /* what the device can */
    CHECK_EQ(settings.c_cflag & CBAUD, B115200);
}

TEST(modem_lines_are_set_and_read) {
    int fd = open_line();
    CHECK_EQ(lines_of(fd) & (LINE_DTR | LINE_RTS), LINE_DTR | LINE_RTS);
    loop(fd, 0);
    CHECK_EQ(lines_of(fd) & (LINE_DTR | LINE_RTS | LINE_CTS | LINE_DSR), 0);
    int bits = LINE_RTS;
    OK(ioctl(fd, TIOCMBIS, &bits));
    CHECK_EQ(lines_of(fd) & (LINE_DTR | LINE_RTS | LINE_CTS | LINE_DSR), LINE_RTS | LINE_CTS);
    bits = LINE_DTR;
    OK(ioctl(fd, TIOCMBIS, &bits));
    CHECK_EQ(lines_of(fd) & (LINE_CTS | LINE_DSR), LINE_CTS | LINE_DSR);
    bits = LINE_RTS;
    OK(ioctl(fd, TIOCMBIC, &bits));
    CHECK_EQ(lines_of(fd) & (LINE_CTS | LINE_DSR), LINE_DSR);
    struct serial_icounter_struct counts;
    OK(ioctl(fd, TIOCGICOUNT, &counts));
    CHECK(counts.cts >= 2 && counts.dsr >= 1);
    CHECK_ERRNO(ioctl(fd, TIOCMGET, (void *)8), EFAULT);

    /* The speed 0 hangs up, and the next one raises the lines again. */
    raw(fd, 0, 0);
    CHECK_EQ(lines_of(fd) & (LINE_DTR | LINE_RTS), 0);
    raw(fd, 9600, 0);
    CHECK_EQ(lines_of(fd) & (LINE_DTR | LINE_RTS), LINE_DTR | LINE_RTS);
}

TEST(what_a_serial_line_sends_comes_back_in_a_loop) {
    int fd = open_line();
    struct serial_icounter_struct before;
    OK(ioctl(fd, TIOCGICOUNT, &before));
    raw(fd, 115200, 0);
    loop(fd, LINE_DTR | LINE_RTS);
    unsigned char sent[2000], received[2000];
    for (size_t i = 0; i < sizeof sent; i++) sent[i] = (unsigned char)(i * 31 + i / 256);
    CHECK_EQ(write(fd, sent, sizeof sent), sizeof sent);
    CHECK_EQ(read_for(fd, received, sizeof received, 60000), sizeof received);
    CHECK(memcmp(sent, received, sizeof sent) == 0);
    struct serial_icounter_struct counts;
    OK(ioctl(fd, TIOCGICOUNT, &counts));
    CHECK(counts.rx - before.rx >= 2000 && counts.tx - before.tx >= 2000);
    CHECK_EQ(counts.overrun, before.overrun);
    CHECK_EQ(counts.buf_overrun, before.buf_overrun);
}

TEST(the_line_cts_holds_the_transmitter) {
    int fd = open_line();
    raw(fd, 115200, CRTSCTS);
    loop(fd, LINE_DTR);
    CHECK_EQ(write(fd, "held", 4), 4);
    char seen[4];
    CHECK_EQ(read_for(fd, seen, 4, 200), 0);
    int waiting;
    OK(ioctl(fd, TIOCOUTQ, &waiting));
    CHECK_EQ(waiting, 4);
    int bits = LINE_RTS;
    OK(ioctl(fd, TIOCMBIS, &bits));
    CHECK_EQ(read_for(fd, seen, 4, 60000), 4);
    CHECK(memcmp(seen, "held", 4) == 0);
}

/* 12,000 bytes are more than the ring and the discipline hold: RTS is dropped, which is CTS here, and nothing is lost. */
TEST(nothing_is_lost_while_nobody_reads) {
    int fd = open_line();
    struct serial_icounter_struct before;
    OK(ioctl(fd, TIOCGICOUNT, &before));
    raw(fd, 115200, CRTSCTS);
    loop(fd, LINE_DTR | LINE_RTS);
    enum { BYTES = 12000 };
    static unsigned char sent[BYTES], received[BYTES];
    for (size_t i = 0; i < BYTES; i++) sent[i] = (unsigned char)(i ^ (i >> 8));
    pid_t writer = OK(fork());
    if (writer == 0) {
        for (size_t done = 0; done < BYTES;) done += (size_t)OK(write(fd, sent + done, BYTES - done));
        _exit(0);
    }
    for (int i = 0; i < 6000 && (lines_of(fd) & LINE_CTS); i++) test_sleep_ms(10);
    CHECK_EQ(lines_of(fd) & LINE_CTS, 0);
    CHECK_EQ(read_for(fd, received, BYTES, 60000), BYTES);
    CHECK(memcmp(sent, received, BYTES) == 0);
    OK(waitpid(writer, NULL, 0));
    struct serial_icounter_struct counts;
    OK(ioctl(fd, TIOCGICOUNT, &counts));
    CHECK_EQ(counts.buf_overrun, before.buf_overrun);
}

/* Nobody reads, and nothing holds the sender back: what finds no room is lost and counted, but who writes goes on. */
TEST(who_writes_goes_on_while_nobody_reads) {
    int fd = open_line();
    struct serial_icounter_struct before;
    OK(ioctl(fd, TIOCGICOUNT, &before));
    raw(fd, 115200, 0);
    loop(fd, LINE_DTR | LINE_RTS);
    static char sent[20000];
    for (size_t done = 0; done < sizeof sent;) done += (size_t)OK(write(fd, sent + done, sizeof sent - done));
    OK(ioctl(fd, TCSBRK, 1));
    int waiting;
    OK(ioctl(fd, TIOCOUTQ, &waiting));
    CHECK_EQ(waiting, 0);
    struct pollfd one = { fd, POLLOUT, 0 };
    CHECK_EQ(poll(&one, 1, 60000), 1);
    struct serial_icounter_struct counts;
    OK(ioctl(fd, TIOCGICOUNT, &counts));
    CHECK(counts.tx - before.tx >= 20000);
    OK(ioctl(fd, TCFLSH, TCIOFLUSH));
}

/* What holds the ring back is CTS, which is RTS in the loop: so it is known what is in the ring. */
static int hold(const char *text) {
    int fd = open_line();
    raw(fd, 115200, 0);
    loop(fd, LINE_DTR);
    raw(fd, 115200, CRTSCTS);
    CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
    return fd;
}

/* Without CRTSCTS the level of CTS does not count. */
static void release(int fd) { raw(fd, 115200, 0); }

static int unsent(int fd) {
    int waiting;
    OK(ioctl(fd, TIOCOUTQ, &waiting));
    return waiting;
}

TEST(stopped_output_stays_in_the_ring) {
    int fd = hold("held");
    OK(ioctl(fd, TCXONC, TCOOFF));
    release(fd);
    char seen[4];
    CHECK_EQ(read_for(fd, seen, 4, 200), 0);
    CHECK_EQ(unsent(fd), 4);
    OK(ioctl(fd, TCXONC, TCOON));
    CHECK_EQ(read_for(fd, seen, 4, 60000), 4);
    CHECK(memcmp(seen, "held", 4) == 0);

    /* The next opener finds a line that is not stopped. */
    OK(ioctl(fd, TCXONC, TCOOFF));
    close(fd);
    fd = open_line();
    raw(fd, 115200, 0);
    loop(fd, LINE_DTR | LINE_RTS);
    CHECK_EQ(write(fd, "next", 4), 4);
    CHECK_EQ(read_for(fd, seen, 4, 60000), 4);
    CHECK(memcmp(seen, "next", 4) == 0);
}

TEST(flow_characters_overtake_what_waits) {
    int fd = hold("held");
    OK(ioctl(fd, TCXONC, TCIOFF));
    char seen[5];
    CHECK_EQ(read_for(fd, seen, 1, 60000), 1);
    CHECK_EQ(seen[0], 0x13);
    CHECK_EQ(unsent(fd), 4);
    release(fd);
    CHECK_EQ(read_for(fd, seen, 4, 60000), 4);
    CHECK(memcmp(seen, "held", 4) == 0);
}

static void on_alarm(int signal) { (void)signal; }

/* Again and again: the first may come before the call that it shall interrupt. */
static void alarm_soon(int flags) {
    struct sigaction action = { .sa_handler = on_alarm, .sa_flags = flags };
    OK(sigaction(SIGALRM, &action, NULL));
    struct itimerval soon = { { 0, 200000 }, { 0, 200000 } };
    OK(setitimer(ITIMER_REAL, &soon, NULL));
}

TEST(an_interrupted_drain_changes_nothing) {
    int fd = hold("held");
    alarm_soon(SA_RESTART);
    CHECK_ERRNO(ioctl(fd, TCSBRK, 1), EINTR); /* tcdrain(3) is not restarted */
    struct termios2 before, settings;
    OK(ioctl(fd, TCGETS2, &before));
    settings = before;
    settings.c_ispeed = settings.c_ospeed = 19200;
    settings.c_cflag |= PARENB;
    alarm_soon(0);
    CHECK_ERRNO(ioctl(fd, TCSETSW2, &settings), EINTR);
    OK(ioctl(fd, TCGETS2, &settings));
    CHECK_EQ(settings.c_ospeed, before.c_ospeed);
    CHECK_EQ(settings.c_cflag, before.c_cflag);
    CHECK_EQ(unsent(fd), 4);
    OK(ioctl(fd, TCFLSH, TCIOFLUSH));
}

static long milliseconds(void) {
    struct timespec now;
    OK(clock_gettime(CLOCK_MONOTONIC, &now));
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

TEST(breaks_can_be_interrupted) {
    int fd = open_line();
    raw(fd, 115200, 0);
    long begin = milliseconds();
    OK(ioctl(fd, TCSBRK, 0));
    CHECK(milliseconds() - begin >= 250);
    begin = milliseconds();
    alarm_soon(0);
    CHECK_ERRNO(ioctl(fd, TCSBRKP, 600), EINTR); /* a minute */
    CHECK(milliseconds() - begin < 30000);
}

/* The last close waits for what was written. Who opens the line meanwhile need not wait here; on Linux he does, but a signal ends that. */
TEST(lines_that_are_being_closed_can_be_opened) {
    int fd = hold("held");
    pid_t closer = OK(fork());
    if (closer == 0) {
        struct timespec wait = { 0, 300000000 };
        nanosleep(&wait, NULL);
        close(fd);
        _exit(0);
    }
    close(fd);
    struct timespec wait = { 1, 0 };
    nanosleep(&wait, NULL);
    CHECK_EQ(waitpid(closer, NULL, WNOHANG), 0);
    long begin = milliseconds();
    alarm_soon(0);
    fd = open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_NONBLOCK);
    int error = errno;
    struct itimerval none = { { 0, 0 }, { 0, 0 } };
    OK(setitimer(ITIMER_REAL, &none, NULL));
    CHECK(milliseconds() - begin < 20000); /* the last close waits for 30 seconds */
    if (fd < 0) {
        CHECK_EQ(error, EINTR);
    } else {
        CHECK_EQ(unsent(fd), 4);
        OK(ioctl(fd, TCFLSH, TCIOFLUSH));
    }
    OK(kill(closer, SIGKILL));
    OK(waitpid(closer, NULL, 0));
}

/* The session loses its terminal when the last file of that is closed. */
TEST(the_last_close_ends_the_controlling_terminal) {
    close(open_line());
    pid_t leader = OK(fork());
    if (leader == 0) {
        OK(setsid());
        int fd = (int)OK(open("/dev/ttyS1", O_RDWR));
        int same = (int)OK(open("/dev/tty", O_RDWR));
        close(fd);
        int again = (int)OK(open("/dev/tty", O_RDWR));
        close(same);
        close(again);
        CHECK_ERRNO(open("/dev/tty", O_RDWR), ENXIO);
        _exit(0);
    }
    int status;
    OK(waitpid(leader, &status, 0));
    CHECK_EQ(status, 0);
}
