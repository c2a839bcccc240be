/* Pseudo-terminals: line discipline, job control, window size, hang-up. */
#include "test.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

static int s_master, s_slave;
static char s_name[64];

static void open_pty(void) {
    s_master = (int)OK(open("/dev/ptmx", O_RDWR | O_NOCTTY));
    OK(unlockpt(s_master));
    OK(ptsname_r(s_master, s_name, sizeof s_name) == 0 ? 0 : -1);
    s_slave = (int)OK(open(s_name, O_RDWR | O_NOCTTY));
}

static void set_flags(tcflag_t local_off, tcflag_t input_off, tcflag_t output_off) {
    struct termios settings;
    OK(tcgetattr(s_slave, &settings));
    settings.c_lflag &= ~local_off;
    settings.c_iflag &= ~input_off;
    settings.c_oflag &= ~output_off;
    OK(tcsetattr(s_slave, TCSANOW, &settings));
}

/* What has come out of a terminal end within the time. */
static const char *read_some(int fd, int milliseconds) {
    static char text[8192];
    size_t length = 0;
    struct pollfd item = {fd, POLLIN, 0};
    while (length < sizeof text - 1 && poll(&item, 1, milliseconds) == 1 && (item.revents & POLLIN)) {
        ssize_t count = read(fd, text + length, sizeof text - 1 - length);
        if (count <= 0) break;
        length += (size_t)count;
        milliseconds = 20;
    }
    text[length] = 0;
    return text;
}

static void type(const char *text) { CHECK_EQ(write(s_master, text, strlen(text)), strlen(text)); }

TEST(a_line_is_readable_when_it_is_complete) {
    open_pty();
    struct pollfd item = {s_slave, POLLIN, 0};
    type("hal");
    CHECK_EQ(poll(&item, 1, 20), 0);
    type("lo\nnext\n");
    CHECK_STR(read_some(s_master, 1000), "hallo\r\nnext\r\n"); /* the echo */
    char text[64] = "";
    CHECK_EQ(read(s_slave, text, sizeof text), 6); /* one line a read */
    CHECK_STR(text, "hallo\n");
    CHECK_EQ(read(s_slave, text, 2), 2);
    memset(text, 0, sizeof text);
    CHECK_EQ(read(s_slave, text, sizeof text), 3); /* the rest of the line */
    CHECK_STR(text, "xt\n");
}

TEST(erase_kill_and_literal_next_edit_the_line) {
    open_pty();
    type("abcX\x7f" "d\n");
    CHECK_STR(read_some(s_slave, 1000), "abcd\n");
    CHECK_STR(read_some(s_master, 100), "abcX\b \bd\r\n");
    type("wrong\x15right\n");
    CHECK_STR(read_some(s_slave, 1000), "right\n");
    type("one two\x17three\n"); /* VWERASE */
    CHECK_STR(read_some(s_slave, 1000), "one three\n");
    read_some(s_master, 100);
    type("\x16\x03\n"); /* VLNEXT makes ^C an ordinary character */
    CHECK_STR(read_some(s_slave, 1000), "\x03\n");
    CHECK_STR(read_some(s_master, 100), "^\b^C\r\n");
}

TEST(end_of_file_character_ends_a_line_or_the_file) {
    open_pty();
    char text[16] = "";
    type("abc\x04");
    CHECK_EQ(read(s_slave, text, sizeof text), 3);
    type("\x04");
    CHECK_EQ(read(s_slave, text, sizeof text), 0);
    type("x\n");
    CHECK_EQ(read(s_slave, text, sizeof text), 2); /* and it goes on */
}

TEST(output_newlines_become_two_characters) {
    open_pty();
    CHECK_EQ(write(s_slave, "a\nb", 3), 3);
    CHECK_STR(read_some(s_master, 1000), "a\r\nb");
    set_flags(0, 0, OPOST);
    CHECK_EQ(write(s_slave, "a\nb", 3), 3);
    CHECK_STR(read_some(s_master, 1000), "a\nb");
}

TEST(input_carriage_returns_become_newlines_when_asked) {
    open_pty();
    type("x\r");
    CHECK_STR(read_some(s_slave, 1000), "x\n");
    set_flags(0, ICRNL, 0);
    type("y\r\n");
    CHECK_STR(read_some(s_slave, 1000), "y\r\n");
}

TEST(raw_mode_gives_each_byte_and_obeys_min_and_time) {
    struct termios settings;
    open_pty();
    OK(tcgetattr(s_slave, &settings));
    settings.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
    settings.c_iflag &= ~(tcflag_t)(ICRNL | IXON);
    settings.c_cc[VMIN] = 3;
    settings.c_cc[VTIME] = 0;
    OK(tcsetattr(s_slave, TCSANOW, &settings));
    struct pollfd item = {s_slave, POLLIN, 0};
    type("\x03\x7f");
    CHECK_EQ(poll(&item, 1, 20), 0);
    type("\r");
    char text[8] = "";
    CHECK_EQ(read(s_slave, text, sizeof text), 3);
    CHECK_STR(text, "\x03\x7f\r");
    settings.c_cc[VMIN] = 0;
    OK(tcsetattr(s_slave, TCSANOW, &settings));
    CHECK_EQ(read(s_slave, text, sizeof text), 0); /* does not wait */
    settings.c_cc[VTIME] = 1;
    OK(tcsetattr(s_slave, TCSANOW, &settings));
    int64_t before = test_now();
    CHECK_EQ(read(s_slave, text, sizeof text), 0);
    CHECK(test_now() - before >= 90000000);
    type("z");
    CHECK_EQ(read(s_slave, text, sizeof text), 1);
    CHECK_STR(read_some(s_master, 50), ""); /* no echo */
}

TEST(echo_can_be_off_but_newlines_echoed) {
    open_pty();
    set_flags(ECHO, 0, 0);
    type("secret\n");
    CHECK_STR(read_some(s_master, 50), "");
    struct termios settings;
    OK(tcgetattr(s_slave, &settings));
    settings.c_lflag |= ECHONL;
    OK(tcsetattr(s_slave, TCSANOW, &settings));
    type("secret\n");
    CHECK_STR(read_some(s_master, 1000), "\r\n");
}

TEST(the_window_size_is_kept_and_changes_are_signalled) {
    struct winsize size = {25, 80, 0, 0}, now = {0};
    open_pty();
    OK(ioctl(s_slave, TIOCGWINSZ, &now));
    CHECK_EQ(now.ws_row, 0);
    OK(ioctl(s_master, TIOCSWINSZ, &size));
    OK(ioctl(s_slave, TIOCGWINSZ, &now));
    CHECK_EQ(now.ws_row * 1000 + now.ws_col, 25080);
    struct gate ready = gate_make();
    pid_t child = CHILD(OK(setsid()); OK(ioctl(s_slave, TIOCSCTTY, 0)); sigset_t set; sigemptyset(&set); sigaddset(&set, SIGWINCH); OK(sigprocmask(SIG_BLOCK, &set, NULL));
                        gate_open(ready); siginfo_t info; CHECK_EQ(sigwaitinfo(&set, &info), SIGWINCH));
    gate_wait(ready);
    size.ws_col = 132;
    OK(ioctl(s_master, TIOCSWINSZ, &size));
    CHECK_EXIT(child, 0);
}

TEST(signal_characters_go_to_the_foreground_group) {
    static const struct {
        const char *typed;
        int signal;
    } cases[] = {{"\x03", SIGINT}, {"\x1c", SIGQUIT}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct gate ready = gate_make();
        open_pty();
        pid_t leader = CHILD(OK(setsid()); OK(ioctl(s_slave, TIOCSCTTY, 0)); signal(SIGINT, SIG_IGN); signal(SIGQUIT, SIG_IGN); signal(SIGTTOU, SIG_IGN);
                             pid_t job = CHILD(signal(SIGINT, SIG_DFL); signal(SIGQUIT, SIG_DFL); OK(setpgid(0, 0)); OK(tcsetpgrp(s_slave, getpid())); gate_open(ready); for (;;) pause());
                             CHECK_KILLED(job, cases[i].signal));
        gate_wait(ready);
        type(cases[i].typed);
        CHECK_EXIT(leader, 0);
    }
}

TEST(the_suspend_character_stops_the_job_and_the_shell_takes_the_terminal_back) {
    struct gate ready = gate_make();
    open_pty();
    pid_t leader = CHILD(OK(setsid()); OK(ioctl(s_slave, TIOCSCTTY, 0)); signal(SIGTTOU, SIG_IGN); CHECK_EQ(tcgetpgrp(s_slave), getpid()); CHECK_EQ(tcgetsid(s_slave), getpid());
                         pid_t job = CHILD(OK(setpgid(0, 0)); OK(tcsetpgrp(s_slave, getpid())); gate_open(ready); for (;;) pause()); int status;
                         CHECK_EQ(waitpid(job, &status, WUNTRACED), job); CHECK(WIFSTOPPED(status)); CHECK_EQ(WSTOPSIG(status), SIGTSTP); CHECK_EQ(tcgetpgrp(s_slave), job);
                         OK(tcsetpgrp(s_slave, getpgrp())); OK(kill(-job, SIGCONT)); CHECK_EQ(waitpid(job, &status, WCONTINUED), job); OK(kill(job, SIGKILL));
                         CHECK_KILLED(job, SIGKILL));
    gate_wait(ready);
    type("\x1a");
    CHECK_EXIT(leader, 0);
}

TEST(background_reads_stop_and_background_writes_when_tostop_is_set) {
    open_pty();
    pid_t leader = CHILD(OK(setsid()); OK(ioctl(s_slave, TIOCSCTTY, 0)); int status; char byte;
                         pid_t reader = CHILD(OK(setpgid(0, 0)); OK(read(s_slave, &byte, 1))); CHECK_EQ(waitpid(reader, &status, WUNTRACED), reader);
                         CHECK(WIFSTOPPED(status)); CHECK_EQ(WSTOPSIG(status), SIGTTIN); OK(kill(reader, SIGKILL)); CHECK_KILLED(reader, SIGKILL);
                         pid_t writer = CHILD(OK(setpgid(0, 0)); CHECK_EQ(write(s_slave, "x", 1), 1)); CHECK_EXIT(writer, 0); /* TOSTOP is off */
                         struct termios settings; OK(tcgetattr(s_slave, &settings)); settings.c_lflag |= TOSTOP; OK(tcsetattr(s_slave, TCSANOW, &settings));
                         writer = CHILD(OK(setpgid(0, 0)); CHECK_EQ(write(s_slave, "x", 1), 1)); CHECK_EQ(waitpid(writer, &status, WUNTRACED), writer);
                         CHECK(WIFSTOPPED(status)); CHECK_EQ(WSTOPSIG(status), SIGTTOU); OK(kill(writer, SIGKILL)); CHECK_KILLED(writer, SIGKILL);
                         pid_t setter = CHILD(OK(setpgid(0, 0)); OK(tcsetattr(s_slave, TCSANOW, &settings))); CHECK_EQ(waitpid(setter, &status, WUNTRACED), setter);
                         CHECK(WIFSTOPPED(status)); CHECK_EQ(WSTOPSIG(status), SIGTTOU); OK(kill(setter, SIGKILL)); CHECK_KILLED(setter, SIGKILL);
                         pid_t ignorer = CHILD(OK(setpgid(0, 0)); signal(SIGTTIN, SIG_IGN); CHECK_ERRNO(read(s_slave, &byte, 1), EIO)); CHECK_EXIT(ignorer, 0));
    CHECK_EXIT(leader, 0);
}

TEST(closing_the_master_hangs_the_session_up) {
    struct gate ready = gate_make();
    open_pty();
    pid_t leader = CHILD(OK(close(s_master)); OK(setsid()); OK(ioctl(s_slave, TIOCSCTTY, 0)); gate_open(ready); for (;;) pause());
    gate_wait(ready);
    OK(close(s_master));
    CHECK_KILLED(leader, SIGHUP);
    char byte;
    CHECK_EQ(read(s_slave, &byte, 1), 0);
    CHECK_ERRNO(write(s_slave, "x", 1), EIO);
    struct pollfd item = {s_slave, POLLIN, 0};
    CHECK_EQ(poll(&item, 1, 0), 1);
    CHECK_EQ(item.revents & POLLHUP, POLLHUP);
}

TEST(closing_the_slave_gives_the_master_eio) {
    open_pty();
    CHECK_EQ(write(s_slave, "last", 4), 4);
    OK(close(s_slave));
    char text[8] = "";
    CHECK_EQ(read(s_master, text, 8), 4);
    CHECK_STR(text, "last");
    CHECK_ERRNO(read(s_master, text, 8), EIO);
    s_slave = (int)OK(open(s_name, O_RDWR | O_NOCTTY)); /* and it can be opened again */
    CHECK_EQ(write(s_slave, "new", 3), 3);
    CHECK_EQ(read(s_master, text, 8), 3);
}

TEST(dev_tty_is_the_controlling_terminal) {
    open_pty();
    CHECK_EXIT(CHILD(OK(setsid()); CHECK_ERRNO(open("/dev/tty", O_RDWR), ENXIO); int own = (int)OK(open(s_name, O_RDWR)); (void)own; /* without O_NOCTTY it becomes ours */
                     int tty = (int)OK(open("/dev/tty", O_RDWR)); CHECK_EQ(write(tty, "tty", 3), 3); CHECK_EQ(tcgetsid(tty), getpid());
                     signal(SIGHUP, SIG_IGN); OK(ioctl(tty, TIOCNOTTY)); CHECK_ERRNO(open("/dev/tty", O_RDWR), ENXIO)), 0);
    CHECK_STR(read_some(s_master, 1000), "tty");
}

TEST(the_end_of_the_leader_hangs_up_and_frees_the_terminal) {
    struct gate ready = gate_make(), told = gate_make();
    open_pty();
    pid_t leader = CHILD(OK(setsid()); OK(ioctl(s_slave, TIOCSCTTY, 0)); pid_t job = CHILD(sigset_t set; sigemptyset(&set); sigaddset(&set, SIGHUP);
                         OK(sigprocmask(SIG_BLOCK, &set, NULL)); gate_open(ready); siginfo_t info; CHECK_EQ(sigwaitinfo(&set, &info), SIGHUP);
                         CHECK_ERRNO(open("/dev/tty", O_RDWR), ENXIO); gate_open(told)); (void)job; gate_wait(ready));
    CHECK_EXIT(leader, 0);
    gate_wait(told);
}

TEST(flushing_and_asking_for_waiting_bytes) {
    open_pty();
    int waiting = -1;
    struct pollfd item = {s_slave, POLLIN, 0};
    type("line\n");
    CHECK_EQ(poll(&item, 1, 10000), 1); /* what is typed may arrive a moment later */
    OK(ioctl(s_slave, FIONREAD, &waiting));
    CHECK_EQ(waiting, 5);
    OK(tcflush(s_slave, TCIFLUSH));
    OK(ioctl(s_slave, FIONREAD, &waiting));
    CHECK_EQ(waiting, 0);
    CHECK_EQ(isatty(s_slave), 1);
    CHECK_EQ(isatty((int)OK(open("/dev/null", O_RDWR))), 0);
    CHECK_ERRNO(ioctl(s_slave, 0x12345678, 0), ENOTTY);
    CHECK_ERRNO(ioctl(s_slave, TCGETS, 16), EFAULT);
}

TEST(stop_and_start_characters_hold_output) {
    open_pty();
    set_flags(ECHO, 0, 0);
    type("\x13go\n");
    CHECK_STR(read_some(s_slave, 10000), "go\n"); /* so the stop character has arrived */
    pid_t child = CHILD(CHECK_EQ(write(s_slave, "held", 4), 4));
    test_wait_state(child, "S");
    type("\x11");
    CHECK_EXIT(child, 0);
    CHECK_STR(read_some(s_master, 1000), "held");
}

TEST(a_terminal_takes_lines_up_to_4095_bytes) {
    open_pty();
    set_flags(ECHO, 0, 0);
    static char line[5000], text[8192];
    memset(line, 'x', sizeof line);
    CHECK_EQ(write(s_master, line, sizeof line) > 4000, 1);
    type("\n");
    ssize_t count = OK(read(s_slave, text, sizeof text));
    CHECK_EQ(count, 4096); /* 4095 and the newline; the rest was dropped */
    CHECK_EQ(text[4095], '\n');
}

TEST(many_terminals_have_their_own_names) {
    char names[20][64];
    for (int i = 0; i < 20; i++) {
        open_pty();
        strcpy(names[i], s_name);
        for (int j = 0; j < i; j++) CHECK(strcmp(names[i], names[j]) != 0);
        struct stat about;
        OK(stat(s_name, &about));
        CHECK(S_ISCHR(about.st_mode));
        CHECK_EQ(about.st_uid, 0);
    }
}

#ifndef TIOCGLCKTRMIOS
#define TIOCGLCKTRMIOS 0x5456
#define TIOCSLCKTRMIOS 0x5457
#endif

/* struct termios of the kernel, which is shorter than the C library's. */
struct kernel_termios {
    unsigned flags[4];
    unsigned char line, characters[19];
};

TEST(locked_settings_stay_as_they_are) {
    struct kernel_termios locked, settings, before;
    open_pty();
    OK(ioctl(s_slave, TIOCGLCKTRMIOS, &locked));
    for (int i = 0; i < 4; i++) CHECK_EQ(locked.flags[i], 0);
    locked.flags[3] = ECHO;
    locked.characters[VINTR] = 1;
    OK(ioctl(s_slave, TIOCSLCKTRMIOS, &locked));
    OK(ioctl(s_slave, TCGETS, &before));
    settings = before;
    settings.flags[3] ^= ECHO | ISIG;
    settings.characters[VINTR] = 'x';
    settings.characters[VQUIT] = 'y';
    OK(ioctl(s_slave, TCSETS, &settings));
    OK(ioctl(s_slave, TCGETS, &settings));
    CHECK_EQ(settings.flags[3], before.flags[3] ^ ISIG);
    CHECK_EQ(settings.characters[VINTR], before.characters[VINTR]);
    CHECK_EQ(settings.characters[VQUIT], 'y');
    CHECK_ERRNO(ioctl(s_slave, TIOCSLCKTRMIOS, 1), EFAULT);
    CHECK_EXIT(CHILD({
        OK(setuid(1000));
        CHECK_ERRNO(ioctl(s_slave, TIOCSLCKTRMIOS, &locked), EPERM);
        OK(ioctl(s_slave, TIOCGLCKTRMIOS, &locked));
        CHECK_EQ(locked.flags[3], ECHO);
    }), 0);
}
