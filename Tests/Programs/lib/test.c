/* The part of a test program that is the same in all: checks, and a main that lists or runs its tests. */
#include "test.h"

#include <stdarg.h>
#include <sys/auxv.h>

static struct test *s_first, **s_last = &s_first;

void test_add(struct test *test) {
    *s_last = test;
    s_last = &test->next;
}

__attribute__((weak)) int test_helper(int argc, char **argv) {
    fprintf(stderr, "this program has no helper %s\n", argc > 0 ? argv[0] : "");
    return 2;
}

const char *test_program(void) { return (const char *)getauxval(AT_EXECFN); }

static void say(const char *text, size_t bytes) {
    while (bytes > 0) {
        ssize_t done = write(STDOUT_FILENO, text, bytes);
        if (done <= 0) break;
        text += done;
        bytes -= (size_t)done;
    }
}

void test_fail(const char *file, int line, const char *format, ...) {
    char text[1024];
    const char *name = strrchr(file, '/');
    int length = snprintf(text, sizeof text, "%s:%d: ", name ? name + 1 : file, line);
    va_list arguments;
    va_start(arguments, format);
    length += vsnprintf(text + length, sizeof text - (size_t)length - 1, format, arguments);
    va_end(arguments);
    if ((size_t)length > sizeof text - 2) length = sizeof text - 2;
    text[length++] = '\n';
    say(text, (size_t)length);
    _exit(TEST_FAILED);
}

void test_skip(const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    say(text, strlen(text));
    _exit(TEST_SKIPPED);
}

void test_equal(const char *file, int line, const char *what, long long expected, long long found) {
    if (expected == found) return;
    int error = errno;
    if (expected > 4096 || expected < -4096 || found > 4096 || found < -4096) {
        test_fail(file, line, "%s: expected %lld (%#llx), found %lld (%#llx), errno %d", what, expected, expected, found, found, error);
    }
    test_fail(file, line, "%s: expected %lld, found %lld, errno %d", what, expected, found, error);
}

void test_error(const char *file, int line, const char *what, long result, int expected) {
    int error = errno;
    if (result != -1) test_fail(file, line, "%s: expected errno %d (%s), found the result %ld", what, expected, strerror(expected), result);
    if (error != expected) {
        test_fail(file, line, "%s: expected errno %d (%s), found %d (%s)", what, expected, strerror(expected), error, strerror(error));
    }
}

long test_ok(const char *file, int line, const char *what, long result) {
    int error = errno;
    if (result == -1) test_fail(file, line, "%s: errno %d (%s)", what, error, strerror(error));
    return result;
}

static int reap(const char *file, int line, pid_t child) {
    int status = 0;
    pid_t found;
    do {
        found = waitpid(child, &status, __WALL);
    } while (found == -1 && errno == EINTR);
    if (found != child) test_fail(file, line, "waitpid(%d): found %d, errno %d", child, found, errno);
    return status;
}

static void describe(char *text, size_t size, int status) {
    if (WIFEXITED(status)) {
        snprintf(text, size, "exit status %d", WEXITSTATUS(status));
    } else {
        snprintf(text, size, "signal %d", WTERMSIG(status));
    }
}

void test_exit_status(const char *file, int line, pid_t child, int expected) {
    char found[40];
    int status = reap(file, line, child);
    describe(found, sizeof found, status);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != expected) test_fail(file, line, "child: expected exit status %d, found %s", expected, found);
}

void test_killed(const char *file, int line, pid_t child, int signal) {
    char found[40];
    int status = reap(file, line, child);
    describe(found, sizeof found, status);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != signal) test_fail(file, line, "child: expected signal %d, found %s", signal, found);
}

int64_t test_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

void test_sleep_ms(int milliseconds) {
    struct timespec left = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    while (nanosleep(&left, &left) == -1 && errno == EINTR) {
    }
}

long long test_stat_field(pid_t pid, int field) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    test_read_file(path, text, sizeof text);
    char *at = strrchr(text, ')'); /* the name may hold spaces */
    if (at == NULL) FAIL("%s has no name: %s", path, text);
    at += 2;
    for (int i = 3; i < field; i++) {
        at = strchr(at, ' ');
        if (at == NULL) FAIL("%s has no field %d", path, field);
        at++;
    }
    return field == 3 ? *at : strtoll(at, NULL, 10);
}

void test_wait_state(pid_t pid, const char *states) {
    int64_t end = test_now() + 60000000000LL;
    long long state;
    while (strchr(states, (int)(state = test_stat_field(pid, 3))) == NULL) {
        if (test_now() > end) FAIL("process %d is in state %c, not in one of %s", pid, (int)state, states);
        test_sleep_ms(1);
    }
}

struct gate gate_make(void) {
    int ends[2];
    OK(pipe(ends));
    return (struct gate){ends[0], ends[1]};
}

void gate_open(struct gate gate) {
    if (write(gate.write, "g", 1) != 1) FAIL("write to a gate: errno %d", errno);
}

void gate_wait(struct gate gate) {
    char byte;
    ssize_t count;
    do {
        count = read(gate.read, &byte, 1);
    } while (count == -1 && errno == EINTR);
    if (count != 1) FAIL("read from a gate: %zd, errno %d", count, errno);
}

size_t test_read_file(const char *path, char *text, size_t size) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file == -1) FAIL("open %s: errno %d (%s)", path, errno, strerror(errno));
    size_t length = 0;
    while (length < size - 1) {
        ssize_t count = read(file, text + length, size - 1 - length);
        if (count < 0) FAIL("read %s: errno %d (%s)", path, errno, strerror(errno));
        if (count == 0) break;
        length += (size_t)count;
    }
    text[length] = 0;
    close(file);
    return length;
}

void test_write_file(const char *path, const char *text) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file == -1) FAIL("open %s: errno %d (%s)", path, errno, strerror(errno));
    if (write(file, text, strlen(text)) != (ssize_t)strlen(text)) FAIL("write %s: errno %d", path, errno);
    close(file);
}

/* Runs one test in a child with a limit, for a person at a shell; the runner of the initramfs does the same by itself. */
static int run_forked(struct test *test) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        setsid();
        alarm(60);
        test->run();
        _exit(TEST_PASSED);
    }
    int status = 0;
    if (child == -1 || waitpid(child, &status, 0) != child) status = TEST_FAILED << 8;
    kill(-child, SIGKILL);
    bool skipped = WIFEXITED(status) && WEXITSTATUS(status) == TEST_SKIPPED;
    if (WIFSIGNALED(status)) printf("killed by signal %d\n", WTERMSIG(status));
    printf("%s%s %s\n", skipped ? "\n" : "", status == 0 ? "pass" : skipped ? "skip" : "FAIL", test->name);
    return status == 0 || skipped ? 0 : 1;
}

/* PROGRAM --list, PROGRAM NAME (in this process), or PROGRAM for all. */
int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        for (struct test *test = s_first; test != NULL; test = test->next) puts(test->name);
        return 0;
    }
    if (argc >= 3 && strcmp(argv[1], "--helper") == 0) return test_helper(argc - 2, argv + 2);
    if (argc == 2) {
        for (struct test *test = s_first; test != NULL; test = test->next) {
            if (strcmp(test->name, argv[1]) == 0) {
                test->run();
                _exit(TEST_PASSED);
            }
        }
        fprintf(stderr, "no test %s\n", argv[1]);
        return 2;
    }
    int failed = 0;
    for (struct test *test = s_first; test != NULL; test = test->next) failed += run_forked(test);
    printf("%d failed\n", failed);
    return failed != 0;
}
