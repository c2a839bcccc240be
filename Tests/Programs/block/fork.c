/*
 * fork(2) beside a transfer of O_DIRECT into the same page, which reaches the parent (here, and on Linux since 6.5; before, Linux lost it to whoever wrote to the page last). For machines whose disk lets reads wait, so that they are on their way when the process forks: the kernel's command line says slow_reads=1; elsewhere the
 * tests are skipped.
 */
#include "block.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>

#define SECTOR 512
#define AT (64 * KIB)
#define OLD 0x11
#define NEW 0x77

static int direct;
static unsigned char *page;
static atomic_int done;

static void needs_slow_reads(void) {
    char text[4096];
    int fd = (int)OK(open("/proc/cmdline", O_RDONLY));
    ssize_t length = OK(read(fd, text, sizeof text - 1));
    text[length] = 0;
    OK(close(fd));
    if (strstr(text, "slow_reads=1") == NULL) SKIP("the disk does not let reads wait");
}

static int reads_in_flight(void) {
    char path[64], text[64];
    snprintf(path, sizeof path, "/sys/class/block/%s/inflight", disk() + 5);
    int fd = (int)OK(open(path, O_RDONLY));
    ssize_t length = OK(read(fd, text, sizeof text - 1));
    text[length] = 0;
    OK(close(fd));
    return atoi(text);
}

static void *read_a_sector(void *unused) {
    (void)unused;
    CHECK_EQ(pread(direct, page, SECTOR, AT), SECTOR);
    atomic_store(&done, 1);
    return NULL;
}

static int is_filled(const unsigned char *bytes, size_t count, int value) {
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != value) return 0;
    }
    return 1;
}

/* What the device brings after the fork is not the child's; its own stores stay. */
static void look_at_the_page(int go) {
    unsigned char before[SECTOR];
    char byte;
    memcpy(before, page, SECTOR);
    CHECK_EQ(page[2 * SECTOR], OLD);
    page[3 * SECTOR] = 3;
    CHECK_EQ(read(go, &byte, 1), 1);
    CHECK(memcmp(page, before, SECTOR) == 0);
    CHECK_EQ(page[2 * SECTOR], OLD);
    CHECK_EQ(page[3 * SECTOR], 3);
}

/* One fork while the read is on its way; false when the read was done before. */
static int fork_beside_a_read(void) {
    memset(page, OLD, PAGE);
    int go[2];
    OK(pipe(go));

    /* The disk serves so many reads a second: the one behind another waits. */
    unsigned char *other = aligned(PAGE);
    CHECK_EQ(pread(direct, other, SECTOR, AT + PAGE), SECTOR);
    OK(munmap(other, PAGE));
    atomic_store(&done, 0);
    pthread_t reader;
    CHECK_EQ(pthread_create(&reader, NULL, read_a_sector, NULL), 0);
    while (reads_in_flight() == 0 && !atomic_load(&done)) sched_yield();

    pid_t child = CHILD(look_at_the_page(go[0]));
    page[2 * SECTOR] = 2; /* another part of the page: it becomes this process's own, if it is not */
    int was_beside = !atomic_load(&done);
    CHECK_EQ(pthread_join(reader, NULL), 0);
    CHECK(is_filled(page, SECTOR, NEW));
    CHECK_EQ(page[2 * SECTOR], 2);
    CHECK_EQ(page[3 * SECTOR], OLD);
    CHECK_EQ(write(go[1], "x", 1), 1);
    CHECK_EXIT(child, 0);
    OK(close(go[0]));
    OK(close(go[1]));
    return was_beside;
}

static void prepare(void) {
    needs_slow_reads();
    direct = open_disk(O_RDWR | O_DIRECT);
    page = aligned(PAGE);
    memset(page, NEW, PAGE);
    CHECK_EQ(pwrite(direct, page, PAGE, AT), PAGE);
}

TEST(slow_reads_arrive_in_the_process_that_asked_although_it_forks) {
    prepare();
    int beside = 0;
    for (int i = 0; i < 50 && beside < 3; i++) beside += fork_beside_a_read();
    CHECK_EQ(beside, 3);
}
