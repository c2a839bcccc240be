/*
 * What /dev/vda gives on the kernel that runs this: the same static program, disk and QEMU on Linux and here. As /init it mounts what it needs, loads the drivers in /modules (Linux has them as modules, in
 * the order of /modules/list), measures, and switches the machine off. One line "##figure block.NAME VALUE UNIT" for each figure: the quickest of BATCHES, because what else the host does only ever adds to a time.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define BATCHES 7
#define KIB 1024L
#define MIB (1024L * 1024L)
#define SPAN (48 * MIB)

static int buffered, direct;
static char *buffer;

static void check(long result, const char *what)
{
    if (result < 0) {
        printf("##figure-failed %s: %s\n", what, strerror(errno));
        fflush(stdout);
        sync();
        reboot(RB_POWER_OFF);
    }
}

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int compare(const void *a, const void *b) { return *(const int64_t *)a < *(const int64_t *)b ? -1 : 1; }

static void write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY);
    check(fd, path);
    check(write(fd, text, strlen(text)), path);
    close(fd);
}

static void load_modules(void)
{
    FILE *list = fopen("/modules/list", "r");
    char name[256], path[300];
    while (list != NULL && fscanf(list, "%255s", name) == 1) {
        snprintf(path, sizeof path, "/modules/%s", name);
        int fd = open(path, O_RDONLY);
        check(fd, path);
        long error = syscall(SYS_finit_module, fd, "", 0);
        if (error < 0 && errno != EEXIST) check(error, name);
        close(fd);
    }
    if (list != NULL) fclose(list);
}

static unsigned next(unsigned *state)
{
    *state = *state * 1103515245u + 12345u;
    return *state >> 8;
}

/* Each returns how many operations it did. */
static long sequential(int fd, int writes, size_t block, long span)
{
    for (off_t at = 0; at < span; at += (off_t)block) check(writes ? pwrite(fd, buffer, block, at) : pread(fd, buffer, block, at), "transfer");
    return span / MIB;
}

static long read_sequential_direct(void) { return sequential(direct, 0, 256 * KIB, SPAN); }
static long write_sequential_direct(void) { return sequential(direct, 1, 256 * KIB, SPAN); }
static long read_large_direct(void) { return sequential(direct, 0, MIB, SPAN); }
static long write_large_direct(void) { return sequential(direct, 1, MIB, SPAN); }
static long read_small_direct(void) { return sequential(direct, 0, 4 * KIB, 4 * MIB) * (MIB / (4 * KIB)); }
static long write_small_direct(void) { return sequential(direct, 1, 4 * KIB, 4 * MIB) * (MIB / (4 * KIB)); }
static long read_sequential_cold(void)
{
    return sequential(buffered, 0, 64 * KIB, SPAN);
}
static long read_small_cold(void) { return sequential(buffered, 0, 4 * KIB, SPAN); }
static long read_sequential_cached(void) { return sequential(buffered, 0, 64 * KIB, SPAN); }
static long write_sequential_buffered(void)
{
    long done = sequential(buffered, 1, 64 * KIB, SPAN);
    check(fsync(buffered), "fsync");
    return done;
}

struct worker {
    pthread_t thread;
    unsigned seed;
    int writes, count;
};

static void *random_worker(void *argument)
{
    struct worker *worker = argument;
    void *memory = mmap(NULL, 4 * KIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    for (int i = 0; i < worker->count; i++) {
        off_t at = (off_t)(next(&worker->seed) % (SPAN / (4 * KIB))) * 4 * KIB;
        check(worker->writes ? pwrite(direct, memory, 4 * KIB, at) : pread(direct, memory, 4 * KIB, at), "random transfer");
    }
    munmap(memory, 4 * KIB);
    return NULL;
}

static long random_direct(int writes, int depth, int total)
{
    static unsigned seed;
    struct worker workers[32];
    for (int i = 0; i < depth; i++) {
        workers[i] = (struct worker){.seed = ++seed * 2654435761u, .writes = writes, .count = total / depth};
        if (depth > 1) check(-pthread_create(&workers[i].thread, NULL, random_worker, &workers[i]), "thread");
    }
    if (depth == 1) random_worker(&workers[0]);
    for (int i = 0; depth > 1 && i < depth; i++) pthread_join(workers[i].thread, NULL);
    return total;
}

static long read_random_1(void) { return random_direct(0, 1, 1000); }
static long write_random_1(void) { return random_direct(1, 1, 1000); }
static long read_random_32(void) { return random_direct(0, 32, 3200); }
static long write_random_32(void) { return random_direct(1, 32, 3200); }

static long write_and_sync(void)
{
    for (int i = 0; i < 100; i++) {
        check(pwrite(buffered, buffer, 4 * KIB, i * 64 * KIB), "write");
        check(fdatasync(buffered), "fdatasync");
    }
    return 100;
}

static void drop(void)
{
    sync();
    write_text("/proc/sys/vm/drop_caches", "1");
}

static void measure(const char *name, long (*run)(void), const char *unit, void (*before)(void))
{
    int64_t times[BATCHES];
    if (before == NULL) run();
    for (int i = 0; i < BATCHES; i++) {
        if (before != NULL) before();
        int64_t start = now();
        long operations = run();
        times[i] = (now() - start) / operations;
    }
    qsort(times, BATCHES, sizeof times[0], compare);
    printf("##figure block.%s %lld %s\n", name, (long long)times[0], unit);
    fflush(stdout);
}

int main(void)
{
    mount("proc", "/proc", "proc", 0, NULL);
    mount("sysfs", "/sys", "sysfs", 0, NULL);
    mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
    int console = open("/dev/console", O_RDWR);
    for (int fd = 0; console >= 0 && fd < 3; fd++) dup2(console, fd);
    load_modules();
    for (int i = 0; i < 100 && access("/dev/vda", F_OK) != 0; i++) usleep(50000);
    buffered = open("/dev/vda", O_RDWR);
    check(buffered, "/dev/vda");
    direct = open("/dev/vda", O_RDWR | O_DIRECT);
    check(direct, "/dev/vda with O_DIRECT");
    buffer = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    memset(buffer, 0x5A, MIB);
    measure("direct_read_256k", read_sequential_direct, "ns/MiB", NULL);
    measure("direct_write_256k", write_sequential_direct, "ns/MiB", NULL);
    measure("direct_read_1m", read_large_direct, "ns/MiB", NULL);
    measure("direct_write_1m", write_large_direct, "ns/MiB", NULL);
    measure("direct_read_4k_sequential", read_small_direct, "ns", NULL);
    measure("direct_write_4k_sequential", write_small_direct, "ns", NULL);
    measure("direct_read_4k_depth_1", read_random_1, "ns", NULL);
    measure("direct_write_4k_depth_1", write_random_1, "ns", NULL);
    measure("direct_read_4k_depth_32", read_random_32, "ns", NULL);
    measure("direct_write_4k_depth_32", write_random_32, "ns", NULL);
    measure("read_uncached", read_sequential_cold, "ns/MiB", drop);
    measure("read_4k_uncached", read_small_cold, "ns/MiB", drop);
    measure("read_cached", read_sequential_cached, "ns/MiB", NULL);
    measure("write_and_fsync", write_sequential_buffered, "ns/MiB", drop);
    measure("write_4k_and_fdatasync", write_and_sync, "ns", NULL);
    printf("##poweroff\n");
    fflush(stdout);
    sync();
    reboot(RB_POWER_OFF);
}
