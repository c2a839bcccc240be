/* Tests in user space: docs/programs.md. One program an area; each test runs in a process of its own. */
#ifndef TEST_H
#define TEST_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Exit statuses of a test's process, which the runner reads. */
#define TEST_PASSED 0
#define TEST_FAILED 1
#define TEST_SKIPPED 77

struct test {
    const char *name;
    void (*run)(void);
    struct test *next;
};

void test_add(struct test *test);

#define TEST_NAMED(id, text)                                                       \
    static void test_##id(void);                                                   \
    static struct test entry_##id = {text, test_##id, NULL};                       \
    __attribute__((constructor)) static void register_##id(void) { test_add(&entry_##id); } \
    static void test_##id(void)

/* A test: its name is the sentence that it proves. AREA comes from the build, "proc" for Tests/Programs/proc. */
#define TEST(id) TEST_NAMED(id, AREA "." #id)

/* A test of what our kernel does not have yet: it runs only where a pattern begins with "later". */
#define TEST_LATER(id) TEST_NAMED(id, "later." AREA "." #id)

/* Ends the process as failed or skipped; the text goes to standard output. Async-signal-safe but for the formatting. */
__attribute__((noreturn, format(printf, 3, 4))) void test_fail(const char *file, int line, const char *format, ...);
__attribute__((noreturn, format(printf, 1, 2))) void test_skip(const char *format, ...);

void test_equal(const char *file, int line, const char *what, long long expected, long long found);
void test_error(const char *file, int line, const char *what, long result, int expected);
long test_ok(const char *file, int line, const char *what, long result);
void test_exit_status(const char *file, int line, pid_t child, int expected);
void test_killed(const char *file, int line, pid_t child, int signal);

#define FAIL(...) test_fail(__FILE__, __LINE__, __VA_ARGS__)
#define SKIP(...) test_skip(__VA_ARGS__)
#define CHECK(condition) ((condition) ? (void)0 : test_fail(__FILE__, __LINE__, "%s is not so (errno %d)", #condition, errno))
#define CHECK_EQ(found, expected) test_equal(__FILE__, __LINE__, #found, (long long)(expected), (long long)(found))
/* The call gives -1 and errno EXPECTED. */
#define CHECK_ERRNO(call, expected) test_error(__FILE__, __LINE__, #call, (errno = 0, (long)(call)), expected)
/* The call does not give -1; the value is its result. */
#define OK(call) test_ok(__FILE__, __LINE__, #call, (errno = 0, (long)(call)))
#define CHECK_STR(found, expected)                                                                              \
    do {                                                                                                        \
        const char *found_ = (found), *expected_ = (expected);                                                  \
        if (strcmp(found_, expected_) != 0) FAIL("%s: expected \"%s\", found \"%s\"", #found, expected_, found_); \
    } while (0)

/* A forked child that runs the statements and exits with 0. The value is its process number. */
#define CHILD(...)                         \
    ({                                     \
        pid_t child_ = (pid_t)OK(fork());  \
        if (child_ == 0) {                 \
            __VA_ARGS__;                   \
            _exit(0);                      \
        }                                  \
        child_;                            \
    })

/* Waits for the child: it must exit with this status, or die by this signal. */
#define CHECK_EXIT(child, status) test_exit_status(__FILE__, __LINE__, child, status)
#define CHECK_KILLED(child, signal) test_killed(__FILE__, __LINE__, child, signal)

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* PROGRAM --helper ARGS: what a test executes. An area defines it where it needs one; argv[0] is the first word after --helper. */
int test_helper(int argc, char **argv);
/* The path of this program. */
const char *test_program(void);

/* Nanoseconds of CLOCK_MONOTONIC. */
int64_t test_now(void);
void test_sleep_ms(int milliseconds);

/* The field of /proc/PID/stat: 3 is the state (a character), as proc(5) counts. Fails the test when the file is not there. */
long long test_stat_field(pid_t pid, int field);
/* Waits until the thread is in one of these states ("S", "TZ"...), at most a minute, else fails. */
void test_wait_state(pid_t pid, const char *states);

/* A byte through a pipe: one process says "go", the other waits for it. */
struct gate {
    int read, write;
};
struct gate gate_make(void);
void gate_open(struct gate gate);
void gate_wait(struct gate gate);

/* Reads a whole small file into text, with a NUL; returns its bytes. */
size_t test_read_file(const char *path, char *text, size_t size);
void test_write_file(const char *path, const char *text);

#endif
