/*
 * Drives a program through a pseudo-terminal of 24 rows and 80 columns: drive SCRIPT PROGRAM [ARGUMENT...]
 * The script's lines: "send TEXT" types (\r \n \t \e \\ \xHH are understood), "expect TEXT" waits until TEXT came out after the last match (a minute),
 * "size ROWS COLUMNS" resizes, "wait MS" waits, "end" expects the program to end. Lines that begin with # are comments.
 * Exit status: the program's, or 99 with what was seen when something expected did not come.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static char s_seen[256 * 1024];
static size_t s_length, s_matched;
static int s_master;
static pid_t s_child;

static void fail(const char *what, const char *text) {
    printf("drive: %s: %s\nseen since the last match:\n", what, text);
    for (size_t i = s_matched; i < s_length; i++) {
        unsigned char c = (unsigned char)s_seen[i];
        if (c == '\n' || (c >= ' ' && c < 0x7F)) {
            putchar(c);
        } else {
            printf("\\x%02x", c);
        }
    }
    putchar('\n');
    fflush(stdout);
    kill(s_child, SIGKILL);
    _exit(99);
}

static size_t unescape(char *text) {
    char *to = text;
    for (char *from = text; *from != 0; from++) {
        if (*from != '\\' || from[1] == 0) {
            *to++ = *from;
            continue;
        }
        switch (*++from) {
        case 'r': *to++ = '\r'; break;
        case 'n': *to++ = '\n'; break;
        case 't': *to++ = '\t'; break;
        case 'e': *to++ = '\x1b'; break;
        case 'x': {
            char digits[3] = {from[1], from[1] ? from[2] : 0, 0};
            *to++ = (char)strtol(digits, NULL, 16);
            from += 2;
            break;
        }
        default: *to++ = *from;
        }
    }
    *to = 0;
    return (size_t)(to - text);
}

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

/* Reads what comes within the time; 0 when the other end is closed. */
static int pump(int milliseconds) {
    struct pollfd item = {s_master, POLLIN, 0};
    if (poll(&item, 1, milliseconds) <= 0) return 1;
    if (s_length == sizeof s_seen) fail("too much output", "");
    ssize_t count = read(s_master, s_seen + s_length, sizeof s_seen - s_length);
    if (count <= 0) return 0;
    s_length += (size_t)count;
    return 1;
}

static void expect(const char *text, size_t bytes) {
    long long end = now() + 60000;
    for (;;) {
        char *found = memmem(s_seen + s_matched, s_length - s_matched, text, bytes);
        if (found != NULL) {
            s_matched = (size_t)(found - s_seen) + bytes;
            return;
        }
        if (now() > end || !pump(100)) fail("expected", text);
    }
}

static void resize(unsigned short rows, unsigned short columns) {
    struct winsize size = {rows, columns, 0, 0};
    if (ioctl(s_master, TIOCSWINSZ, &size) == -1) fail("TIOCSWINSZ", strerror(errno));
}

static void start(char **words) {
    s_master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (s_master == -1 || unlockpt(s_master) == -1) fail("/dev/ptmx", strerror(errno));
    char name[64];
    if (ptsname_r(s_master, name, sizeof name) != 0) fail("ptsname", strerror(errno));
    resize(24, 80);
    s_child = fork();
    if (s_child != 0) return;
    setsid();
    int slave = open(name, O_RDWR);
    for (int i = 0; i <= 2; i++) dup2(slave, i);
    if (slave > 2) close(slave);
    execvp(words[0], words);
    dprintf(2, "exec %s: %s\n", words[0], strerror(errno));
    _exit(127);
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    FILE *script = fopen(argv[1], "re");
    if (script == NULL) {
        printf("drive: %s: %s\n", argv[1], strerror(errno));
        return 99;
    }
    start(argv + 2);
    char line[1024];
    int ended = 0, status = 0;
    while (fgets(line, sizeof line, script) != NULL) {
        line[strcspn(line, "\n")] = 0;
        char *text = strchr(line, ' ');
        text = text == NULL ? line + strlen(line) : text + 1;
        if (line[0] == 0 || line[0] == '#') continue;
        if (strncmp(line, "send ", 5) == 0) {
            size_t bytes = unescape(text);
            if (write(s_master, text, bytes) != (ssize_t)bytes) fail("send", strerror(errno));
        } else if (strncmp(line, "expect ", 7) == 0) {
            expect(text, unescape(text));
        } else if (strncmp(line, "size ", 5) == 0) {
            unsigned rows = 24, columns = 80;
            sscanf(text, "%u %u", &rows, &columns);
            resize((unsigned short)rows, (unsigned short)columns);
        } else if (strncmp(line, "wait ", 5) == 0) {
            long long end = now() + atoi(text);
            while (now() < end && pump((int)(end - now()))) {
            }
        } else if (strcmp(line, "end") == 0) {
            long long end = now() + 60000;
            while (pump(100) && now() < end) {
            }
            while (!(ended = waitpid(s_child, &status, WNOHANG) == s_child) && now() < end) usleep(10000);
            if (!ended) fail("expected", "the end of the program");
        } else {
            fail("a line that is no command", line);
        }
    }
    if (!ended) {
        kill(s_child, SIGKILL);
        waitpid(s_child, &status, 0);
        return 0;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
