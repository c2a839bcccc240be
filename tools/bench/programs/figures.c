/*
 * What operations cost on the kernel that runs this: the table of docs/figures.md, the same static program on Linux and here.
 * Prints one line "##figure user.NAME VALUE ns" for each operation: the median of BATCHES means. With QEMU's -icount shift=0,sleep=off a nanosecond is an instruction.
 * As /init (or with the argument "off") it switches the machine off at the end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BATCHES 9

static char self[4096];

static void fail(const char *what)
{
    printf("##figure-failed %s: %s\n", what, strerror(errno));
    fflush(stdout);
    _exit(1);
}

static void check(long result, const char *what)
{
    if (result < 0) {
        fail(what);
    }
}

static uint64_t now(void)
{
    struct timespec t;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(const char *name, double *means)
{
    qsort(means, BATCHES, sizeof means[0], by_value);
    printf("##figure user.%s %.0f ns\n", name, means[BATCHES / 2]);
    fflush(stdout);
}

/* The operation's own loop runs count times; the first batch warms up and is not counted. */
static void measure(const char *name, long count, void (*loop)(long))
{
    double means[BATCHES];
    loop(count / 4 + 1);
    for (int i = 0; i < BATCHES; i++) {
        uint64_t start = now();
        loop(count);
        means[i] = (double)(now() - start) / (double)count;
    }
    report(name, means);
}

static int zero_fd, null_fd, pipe_a[2], pipe_b[2];

static void getppid_loop(long n)
{
    while (n--) {
        syscall(SYS_getppid);
    }
}

static void read_loop(long n)
{
    char c;
    while (n--) {
        check(read(zero_fd, &c, 1), "read");
    }
}

static void write_loop(long n)
{
    char c = 0;
    while (n--) {
        check(write(null_fd, &c, 1), "write");
    }
}

static void clock_loop(long n)
{
    struct timespec t;
    while (n--) {
        syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
    }
}

/* By the C library, which asks the vDSO. */
static void library_clock_loop(long n)
{
    struct timespec t;
    while (n--) {
        clock_gettime(CLOCK_MONOTONIC, &t);
    }
}

static volatile long handled;

static void handler(int number)
{
    (void)number;
    handled++;
}

static void signal_loop(long n)
{
    pid_t pid = getpid();
    while (n--) {
        kill(pid, SIGUSR1);
    }
}

static void mmap_loop(long n)
{
    while (n--) {
        char *at = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (at == MAP_FAILED) {
            fail("mmap");
        }
        for (int i = 0; i < 65536; i += 4096) {
            at[i] = 1;
        }
        check(munmap(at, 65536), "munmap");
    }
}

static void pipe_loop(long n)
{
    char c = 1;
    while (n--) {
        check(write(pipe_a[1], &c, 1), "pipe write");
        check(read(pipe_a[0], &c, 1), "pipe read");
    }
}

static void ping_loop(long n)
{
    char c = 1;
    while (n--) {
        check(write(pipe_a[1], &c, 1), "ping");
        check(read(pipe_b[0], &c, 1), "pong");
    }
}

static _Atomic uint32_t ball;

static void futex(int operation, uint32_t value)
{
    syscall(SYS_futex, &ball, operation | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

static void pass(uint32_t mine, uint32_t other)
{
    while (atomic_load(&ball) != mine) {
        futex(FUTEX_WAIT, other);
    }
    atomic_store(&ball, other);
    futex(FUTEX_WAKE, 1);
}

static long futex_rounds;

static void *futex_partner(void *unused)
{
    for (long n = futex_rounds; n--;) {
        pass(1, 0);
    }
    return unused;
}

static void futex_loop(long n)
{
    pthread_t thread;
    futex_rounds = n;
    atomic_store(&ball, 0);
    if (pthread_create(&thread, NULL, futex_partner, NULL) != 0) {
        fail("pthread_create");
    }
    while (n--) {
        pass(0, 1);
    }
    pthread_join(thread, NULL);
}

static atomic_int yielding;
static volatile long partner_yields;

static void *yield_partner(void *unused)
{
    while (atomic_load(&yielding)) {
        sched_yield();
        partner_yields++;
    }
    return unused;
}

/*
 * Two threads that do nothing but yield. What is counted is a yield of either, which is a switch to the other one: Linux lets a new thread wait for some milliseconds and the yields of the old one return
 * at once meanwhile, so both must have come into step before, and even then some of its yields do not switch.
 */
static void measure_yield(const char *name, long count)
{
    double means[BATCHES];
    pthread_t thread;
    atomic_store(&yielding, 1);
    if (pthread_create(&thread, NULL, yield_partner, NULL) != 0) {
        fail("pthread_create");
    }
    while (partner_yields < 2000) {
        sched_yield();
    }
    for (int i = 0; i < BATCHES; i++) {
        long others = partner_yields;
        uint64_t start = now();
        for (long n = count; n--;) {
            sched_yield();
        }
        uint64_t end = now();
        means[i] = (double)(end - start) / (double)(count + partner_yields - others);
    }
    atomic_store(&yielding, 0);
    pthread_join(thread, NULL);
    report(name, means);
}

static void *empty(void *unused)
{
    return unused;
}

static void pthread_loop(long n)
{
    while (n--) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, empty, NULL) != 0) {
            fail("pthread_create");
        }
        pthread_join(thread, NULL);
    }
}

static void await(pid_t child)
{
    int status;
    check(child, "fork");
    check(waitpid(child, &status, 0), "waitpid");
    if (status != 0) {
        fail("child");
    }
}

static void fork_loop(long n)
{
    while (n--) {
        pid_t child = fork();
        if (child == 0) {
            _exit(0);
        }
        await(child);
    }
}

static void exec_loop(long n)
{
    while (n--) {
        pid_t child = vfork();
        if (child == 0) {
            execl(self, self, "nothing", (char *)NULL);
            _exit(1);
        }
        await(child);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "nothing") == 0) {
        return 0;
    }

    if (getpid() == 1) {
        mkdir("/dev", 0755);
        mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
        mkdir("/proc", 0755);
        mount("proc", "/proc", "proc", 0, NULL);
    }
    check(readlink("/proc/self/exe", self, sizeof self - 1), "readlink");
    check(zero_fd = open("/dev/zero", O_RDONLY), "/dev/zero");
    check(null_fd = open("/dev/null", O_WRONLY), "/dev/null");
    check(pipe(pipe_a), "pipe");
    check(pipe(pipe_b), "pipe");
    signal(SIGUSR1, handler);

    measure("getppid", 20000, getppid_loop);
    measure("read_zero", 20000, read_loop);
    measure("write_null", 20000, write_loop);
    measure("clock_gettime", 20000, clock_loop);
    measure("clock_gettime_vdso", 20000, library_clock_loop);
    measure("signal_self", 1000, signal_loop);
    measure("mmap_touch_munmap", 100, mmap_loop);
    measure("pipe_write_read", 5000, pipe_loop);

    pid_t partner = fork();
    check(partner, "fork");
    if (partner == 0) {
        char c;
        close(pipe_a[1]);
        while (read(pipe_a[0], &c, 1) == 1 && write(pipe_b[1], &c, 1) == 1) {
        }
        _exit(0);
    }
    measure("pipe_ping_pong", 500, ping_loop);
    close(pipe_a[1]);
    await(partner);

    measure("futex_ping_pong", 500, futex_loop);
    measure_yield("yield", 5000);
    measure("pthread_create_join", 100, pthread_loop);
    measure("fork_exit_wait", 50, fork_loop);
    measure("vfork_exec_wait", 50, exec_loop);
    printf("figures done\n");
    fflush(stdout);
    if (getpid() == 1 || (argc > 1 && strcmp(argv[1], "off") == 0)) {
        sync();
        reboot(RB_POWER_OFF);
    }
    return 0;
}
