/*
 * What programs are told when the device fails. For machines whose disk fails as the kernel's command line says: ramdisk.bad_sector=N (also for a disk of QEMU's blkdebug with an error there), ramdisk.read_errors=N,
 * ramdisk.write_errors=N, ramdisk.lost=N; elsewhere the tests are skipped.
 */
#include "block.h"

/* The number behind an option of the kernel's command line; skips the test when it is not there. */
static long option(const char *name) {
    char text[4096];
    int fd = (int)OK(open("/proc/cmdline", O_RDONLY));
    ssize_t length = OK(read(fd, text, sizeof text - 1));
    text[length] = 0;
    OK(close(fd));
    const char *found = strstr(text, name);
    if (found == NULL) SKIP("the disk has no such fault");
    return strtol(found + strlen(name), NULL, 10);
}

/* Where the page begins that cannot be transferred. */
static off_t bad_page(void) { return option("ramdisk.bad_sector=") * 512 / PAGE * PAGE; }

TEST(error_of_one_sector_fails_reads_of_its_page_only) {
    off_t bad = bad_page();
    int fd = open_disk(O_RDWR), direct = open_disk(O_RDONLY | O_DIRECT);
    unsigned char *found = aligned(64 * KIB);
    OK(ioctl(fd, BLKFLSBUF, 0));
    CHECK_EQ(pread(fd, found, 64 * KIB, bad - 8 * PAGE), 8 * PAGE); /* what comes before it is read */
    CHECK_ERRNO(pread(fd, found, PAGE, bad), EIO);
    CHECK_ERRNO(pread(fd, found, 1, bad + PAGE - 1), EIO);
    CHECK_EQ(pread(fd, found, 16 * KIB, bad + PAGE), 16 * KIB);
    CHECK_ERRNO(pread(direct, found, PAGE, bad), EIO);
    CHECK_EQ(pread(direct, found, PAGE, bad - PAGE), PAGE);
    CHECK_EQ(pread(direct, found, PAGE, bad + PAGE), PAGE);
}

static void touch(off_t at) {
    int fd = open_disk(O_RDWR);
    volatile unsigned char *map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, at);
    CHECK(map != MAP_FAILED);
    (void)map[0];
}

TEST(error_of_a_page_that_is_mapped_is_a_bus_error) {
    off_t bad = bad_page();
    OK(ioctl(open_disk(O_RDWR), BLKFLSBUF, 0));
    pid_t child = CHILD(touch(bad));
    CHECK_KILLED(child, SIGBUS);
    child = CHILD(touch(bad + PAGE));
    CHECK_EXIT(child, 0);
}

TEST(error_of_writing_back_is_told_once_to_each_file) {
    off_t bad = bad_page();
    int first = open_disk(O_RDWR), second = open_disk(O_RDWR);
    unsigned char *data = aligned(PAGE);
    fill(data, PAGE, 1);
    CHECK_EQ(pwrite(first, data, PAGE, bad), PAGE);
    CHECK_ERRNO(fsync(first), EIO);
    OK(fsync(first));
    CHECK_ERRNO(fdatasync(second), EIO);
    OK(fdatasync(second));

    /* Who opens it afterwards asks for nothing that is new. */
    int third = open_disk(O_RDWR);
    OK(fsync(third));

    /* Other pages are written all the same. */
    CHECK_EQ(pwrite(first, data, PAGE, bad + 64 * PAGE), PAGE);
    OK(fsync(first));
}

TEST(error_of_writing_back_waits_for_who_opens_next) {
    off_t bad = bad_page();
    int fd = open_disk(O_RDWR);
    unsigned char *data = aligned(PAGE);
    CHECK_EQ(pwrite(fd, data, PAGE, bad), PAGE);
    OK(close(fd)); /* writes, and nobody is told */
    fd = open_disk(O_RDWR);
    CHECK_ERRNO(fsync(fd), EIO);
    OK(fsync(fd));
}

TEST(error_of_writing_at_once_is_the_result_of_the_call) {
    off_t bad = bad_page();
    int direct = open_disk(O_RDWR | O_DIRECT), synchronous = open_disk(O_RDWR | O_SYNC), fd = open_disk(O_RDWR);
    unsigned char *data = aligned(4 * PAGE);
    CHECK_ERRNO(pwrite(direct, data, PAGE, bad), EIO);
    CHECK_EQ(pwrite(direct, data, PAGE, bad + PAGE), PAGE);
    CHECK_ERRNO(pwrite(synchronous, data, PAGE, bad), EIO);
    CHECK_EQ(pwrite(synchronous, data, PAGE, bad + PAGE), PAGE);
    fsync(fd);
    unsigned char *map = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, bad);
    CHECK(map != MAP_FAILED);
    CHECK_EQ(pwrite(fd, data, PAGE, bad), PAGE); /* so that it need not be read */
    map[1] = 1;
    CHECK_ERRNO(msync(map, PAGE, MS_SYNC), EIO);
    OK(msync(map, PAGE, MS_SYNC));
    uint64_t range[2] = {(uint64_t)bad - PAGE, 4 * PAGE};
    CHECK_ERRNO(ioctl(fd, BLKZEROOUT, range), EIO);
}

/* One of so many requests fails, and the same request succeeds when it is made again. */
static void count_errors(long every, int writes) {
    int fd = open_disk(O_RDWR | O_DIRECT), failed = 0;
    unsigned char *data = aligned(PAGE);
    for (long i = 0; i < 6 * every; i++) {
        ssize_t done = writes ? pwrite(fd, data, PAGE, i * PAGE) : pread(fd, data, PAGE, i * PAGE);
        if (done == PAGE) continue;
        CHECK_EQ(done, -1);
        CHECK_EQ(errno, EIO);
        failed++;
    }
    CHECK_EQ(failed, 6);
}

TEST(error_of_every_nth_read_is_told) { count_errors(option("ramdisk.read_errors="), 0); }

TEST(error_of_every_nth_write_is_told) { count_errors(option("ramdisk.write_errors="), 1); }

TEST(error_of_a_read_ahead_is_not_one_of_the_page) {
    option("ramdisk.read_errors=");
    int fd = open_disk(O_RDWR);
    unsigned char *found = aligned(64 * KIB);
    for (int round = 0; round < 8; round++) { /* a transfer of many pages fails now and then; then the page alone is read */
        OK(ioctl(fd, BLKFLSBUF, 0));
        for (off_t at = 0; at < 512 * KIB; at += 64 * KIB) CHECK_EQ(pread(fd, found, 64 * KIB, at), 64 * KIB);
    }
}

TEST(error_of_a_lost_request_is_told_after_its_time) {
    long every = option("ramdisk.lost=");
    int fd = open_disk(O_RDWR | O_DIRECT), failed = 0;
    unsigned char *data = aligned(PAGE);
    for (long i = 0; i < 3 * every; i++) {
        ssize_t done = i % 2 == 0 ? pwrite(fd, data, PAGE, i * PAGE) : pread(fd, data, PAGE, i * PAGE);
        if (done == PAGE) continue;
        CHECK_EQ(done, -1);
        CHECK(errno == ETIMEDOUT || errno == EIO);
        failed++;
    }
    CHECK(failed >= 2 && failed <= 4);
}
