/*
 * What it costs to load and to unload a module, and what the module measures itself: lines "##figure module.NAME VALUE ns", and those of the kernel's log with the word "figure". As /init it switches the machine off at the end.
 * With QEMU's -icount shift=0,sleep=off a nanosecond is an instruction.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 21

static void fail(const char *what)
{
    printf("##figure-failed %s: %s\n", what, strerror(errno));
    fflush(stdout);
    reboot(RB_POWER_OFF);
    _exit(1);
}

static long long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    long long x = *(const long long *)a, y = *(const long long *)b;
    return (x > y) - (x < y);
}

static void report(const char *name, long long *times)
{
    qsort(times, ROUNDS, sizeof *times, compare);
    printf("##figure module.%s %lld ns\n", name, times[ROUNDS / 2]);
}

static void load(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || syscall(SYS_finit_module, fd, "", 0) != 0) fail(path);
    close(fd);
}

int main(void)
{
    static char log[1 << 20];
    mount("proc", "/proc", "proc", 0, NULL);
    if (access("/modules/simple.ko", F_OK) == 0) {
        long long in[ROUNDS], out[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            long long start = now();
            load("/modules/simple.ko");
            long long loaded = now();
            if (syscall(SYS_delete_module, "simple", O_NONBLOCK) != 0) fail("delete_module");
            in[i] = loaded - start;
            out[i] = now() - loaded;
        }
        report("load", in);
        report("unload", out);
        load("/modules/module_figures.ko");
    }
    int length = klogctl(3, log, sizeof log - 1);
    if (length < 0) fail("klogctl");
    log[length] = 0;
    for (char *line = strtok(log, "\n"); line; line = strtok(NULL, "\n")) {
        char *figure = strstr(line, "module_figures: figure ");
        if (figure) printf("##measured %s\n", figure + strlen("module_figures: figure "));
    }
    printf("##poweroff\n");
    fflush(stdout);
    reboot(RB_POWER_OFF);
    return 0;
}
