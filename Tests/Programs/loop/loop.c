/* Loop devices (loop(4)): a file as a disk. */
#include "test.h"

#include <linux/fs.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define KIB 1024
#define SIZE (256 * KIB)

static int control(void) {
    if (access("/dev/loop-control", F_OK) != 0) SKIP("no loop devices");
    return (int)OK(open("/dev/loop-control", O_RDWR));
}

static int make_file(size_t bytes) {
    int fd = (int)OK(open("image", O_RDWR | O_CREAT | O_TRUNC, 0600));
    OK(ftruncate(fd, (off_t)bytes));
    return fd;
}

static int open_loop(long number, int flags) {
    char path[32];
    snprintf(path, sizeof path, "/dev/loop%ld", number);
    return (int)OK(open(path, flags));
}

static int free_loop(void) {
    int fd = control();
    int loop = open_loop(OK(ioctl(fd, LOOP_CTL_GET_FREE)), O_RDWR);
    OK(close(fd));
    return loop;
}

static uint64_t size_of(int fd) {
    uint64_t bytes = 1;
    OK(ioctl(fd, BLKGETSIZE64, &bytes));
    return bytes;
}

static void pattern(unsigned char *to, size_t bytes, unsigned seed) {
    for (size_t i = 0; i < bytes; i++) to[i] = (unsigned char)((i + seed) * 31 + i / 256);
}

TEST(a_file_is_a_disk) {
    static unsigned char data[SIZE], found[SIZE];
    int loop = free_loop(), file = make_file(SIZE + 100);
    struct loop_info64 info;
    CHECK_EQ(size_of(loop), 0);
    CHECK_ERRNO(ioctl(loop, LOOP_GET_STATUS64, &info), ENXIO);
    OK(ioctl(loop, LOOP_SET_FD, file));
    CHECK_EQ(size_of(loop), SIZE); /* whole sectors */
    pattern(data, SIZE, 1);
    CHECK_EQ(pwrite(loop, data, SIZE, 0), SIZE);
    OK(fsync(loop));
    CHECK_EQ(pread(file, found, SIZE, 0), SIZE);
    CHECK(memcmp(data, found, SIZE) == 0);
    CHECK_EQ(pwrite(loop, "hello", 5, 1000), 5);
    OK(ioctl(loop, BLKFLSBUF, 0));
    CHECK_EQ(pread(loop, found, 5, 1000), 5);
    CHECK(memcmp(found, "hello", 5) == 0);
    CHECK_ERRNO(pwrite(loop, data, 1, SIZE), ENOSPC);

    struct stat status;
    OK(fstat(file, &status));
    OK(ioctl(loop, LOOP_GET_STATUS64, &info));
    CHECK_EQ(info.lo_inode, status.st_ino);
    CHECK_EQ(info.lo_device, status.st_dev);
    CHECK_EQ(info.lo_flags, 0);
    OK(ioctl(loop, LOOP_CLR_FD));
    OK(close(loop));
}

TEST(it_goes_when_nobody_has_it_open_any_more) {
    int fd = control();
    long number = OK(ioctl(fd, LOOP_CTL_GET_FREE));
    int loop = open_loop(number, O_RDWR), other = open_loop(number, O_RDWR), file = make_file(SIZE);
    struct loop_info64 info;
    OK(ioctl(loop, LOOP_SET_FD, file));
    OK(ioctl(loop, LOOP_CLR_FD));
    OK(close(loop));
    OK(ioctl(other, LOOP_GET_STATUS64, &info));
    CHECK_EQ(info.lo_flags, LO_FLAGS_AUTOCLEAR);
    CHECK_EQ(pwrite(other, "last", 4, 8192), 4);
    OK(close(other)); /* writes what is dirty first */
    char found[4];
    CHECK_EQ(pread(file, found, 4, 8192), 4);
    CHECK(memcmp(found, "last", 4) == 0);
    loop = open_loop(number, O_RDWR);
    CHECK_ERRNO(ioctl(loop, LOOP_GET_STATUS64, &info), ENXIO);
    CHECK_ERRNO(ioctl(loop, LOOP_CLR_FD), ENXIO);
    CHECK_EQ(size_of(loop), 0);
    CHECK_EQ(read(loop, found, 4), 0);
}

TEST(a_part_of_a_file_is_a_disk) {
    int loop = free_loop(), file = make_file(SIZE);
    struct loop_config config = {.fd = (unsigned)file, .info = {.lo_offset = 4096, .lo_sizelimit = 8192, .lo_flags = LO_FLAGS_AUTOCLEAR}};
    strcpy((char *)config.info.lo_file_name, "image");
    config.block_size = 300;
    CHECK_ERRNO(ioctl(loop, LOOP_CONFIGURE, &config), EINVAL);
    config.block_size = 512;
    OK(ioctl(loop, LOOP_CONFIGURE, &config));
    CHECK_EQ(size_of(loop), 8192);
    CHECK_EQ(pwrite(loop, "first", 5, 0), 5);
    OK(fsync(loop));
    char found[5];
    CHECK_EQ(pread(file, found, 5, 4096), 5);
    CHECK(memcmp(found, "first", 5) == 0);

    /* Another window: what is dirty goes where it belonged. */
    CHECK_EQ(pwrite(loop, "other", 5, 4096), 5);
    struct loop_info64 info;
    OK(ioctl(loop, LOOP_GET_STATUS64, &info));
    CHECK_STR((char *)info.lo_file_name, "image");
    CHECK_EQ(info.lo_offset, 4096);
    CHECK_EQ(info.lo_sizelimit, 8192);
    info.lo_offset = 8192;
    info.lo_sizelimit = 0;
    OK(ioctl(loop, LOOP_SET_STATUS64, &info));
    CHECK_EQ(size_of(loop), SIZE - 8192);
    CHECK_EQ(pread(loop, found, 5, 0), 5);
    CHECK(memcmp(found, "other", 5) == 0);

    /* The file grows. */
    OK(ftruncate(file, 2 * SIZE));
    OK(ioctl(loop, LOOP_SET_CAPACITY, 0));
    CHECK_EQ(size_of(loop), 2 * SIZE - 8192);
}

TEST(what_cannot_be_a_disk_is_refused) {
    int loop = free_loop(), file = make_file(SIZE), null = (int)OK(open("/dev/null", O_RDWR)), pipes[2];
    OK(pipe(pipes));
    CHECK_ERRNO(ioctl(loop, LOOP_SET_FD, -1), EBADF);
    CHECK_ERRNO(ioctl(loop, LOOP_SET_FD, null), EINVAL);
    CHECK_ERRNO(ioctl(loop, LOOP_SET_FD, pipes[0]), EINVAL);
    CHECK_ERRNO(ioctl(loop, LOOP_CLR_FD), ENXIO);
    OK(ioctl(loop, LOOP_SET_FD, file));
    CHECK_ERRNO(ioctl(loop, LOOP_SET_FD, file), EBUSY);
    OK(ioctl(loop, LOOP_CLR_FD));
}

TEST(a_file_that_cannot_be_written_is_a_disk_that_cannot) {
    int loop = free_loop();
    OK(close(make_file(SIZE)));
    int file = (int)OK(open("image", O_RDONLY)), is_read_only = 0;
    OK(ioctl(loop, LOOP_SET_FD, file));
    OK(ioctl(loop, BLKROGET, &is_read_only));
    CHECK_EQ(is_read_only, 1);
    CHECK_ERRNO(pwrite(loop, "x", 1, 0), EPERM);
    OK(ioctl(loop, LOOP_CLR_FD));
}

TEST(devices_are_added_and_removed) {
    int fd = control(), file = make_file(SIZE);
    long number = OK(ioctl(fd, LOOP_CTL_ADD, -1));
    CHECK_ERRNO(ioctl(fd, LOOP_CTL_ADD, number), EEXIST);
    int loop = open_loop(number, O_RDWR);
    CHECK_ERRNO(ioctl(fd, LOOP_CTL_REMOVE, number), EBUSY);
    OK(ioctl(loop, LOOP_SET_FD, file));
    OK(close(loop));
    CHECK_ERRNO(ioctl(fd, LOOP_CTL_REMOVE, number), EBUSY); /* it still has its file */
    loop = open_loop(number, O_RDWR);
    OK(ioctl(loop, LOOP_CLR_FD));
    OK(close(loop));
    OK(ioctl(fd, LOOP_CTL_REMOVE, number));
    CHECK_ERRNO(ioctl(fd, LOOP_CTL_REMOVE, number), ENODEV);
    char path[32];
    snprintf(path, sizeof path, "/dev/loop%ld", number);
    CHECK_ERRNO(access(path, F_OK), ENOENT);
    CHECK_ERRNO(ioctl(fd, 0x4C90, 0), ENOSYS);
}

TEST(a_discard_is_a_hole_in_the_file) {
    static unsigned char data[SIZE], found[SIZE];
    int loop = free_loop(), file = make_file(SIZE);
    OK(ioctl(loop, LOOP_SET_FD, file));
    pattern(data, SIZE, 2);
    CHECK_EQ(pwrite(loop, data, SIZE, 0), SIZE);
    OK(fsync(loop));
    struct stat before, after;
    OK(fstat(file, &before));
    uint64_t range[2] = {64 * KIB, 128 * KIB};
    OK(ioctl(loop, BLKDISCARD, range));
    OK(fstat(file, &after));
    CHECK_EQ(before.st_blocks - after.st_blocks, 128 * 2);
    memset(data + 64 * KIB, 0, 128 * KIB);
    CHECK_EQ(pread(loop, found, SIZE, 0), SIZE);
    CHECK(memcmp(data, found, SIZE) == 0);
    OK(ioctl(loop, LOOP_CLR_FD));
}

static void read_text(const char *path, char *text, size_t bytes) {
    int fd = (int)OK(open(path, O_RDONLY));
    ssize_t length = OK(read(fd, text, bytes - 1));
    text[length] = 0;
    if (length > 0 && text[length - 1] == '\n') text[length - 1] = 0;
    OK(close(fd));
}

/* What /sys/block/loopN has under a name. */
static char *attribute(long number, const char *name) {
    static char text[4096];
    char path[128];
    snprintf(path, sizeof path, "/sys/block/loop%ld/%s", number, name);
    read_text(path, text, sizeof text);
    return text;
}

static long number_of(int loop) {
    struct stat status;
    OK(fstat(loop, &status));
    return (long)minor(status.st_rdev);
}

static int block_of(int loop) {
    int bytes = 0;
    OK(ioctl(loop, BLKSSZGET, &bytes));
    return bytes;
}

TEST(blocks_have_the_size_that_is_asked_for) {
    int loop = free_loop(), file = make_file(SIZE + 512);
    long number = number_of(loop);
    CHECK_ERRNO(ioctl(loop, LOOP_SET_BLOCK_SIZE, 4096L), ENXIO);
    struct loop_config config = {.fd = (unsigned)file, .block_size = 4096};
    static const unsigned bad[] = {1, 256, 513, 3072, 8192, 1u << 31};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        config.block_size = bad[i];
        CHECK_ERRNO(ioctl(loop, LOOP_CONFIGURE, &config), EINVAL);
    }
    config.block_size = 4096;
    OK(ioctl(loop, LOOP_CONFIGURE, &config));
    CHECK_EQ(block_of(loop), 4096);
    CHECK_EQ(size_of(loop), SIZE + 512);
    CHECK_STR(attribute(number, "queue/logical_block_size"), "4096");
    CHECK_STR(attribute(number, "queue/physical_block_size"), "4096");

    int direct = open_loop(number, O_RDWR | O_DIRECT);
    unsigned char *memory = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    CHECK_ERRNO(pread(direct, memory, 512, 0), EINVAL);
    CHECK_ERRNO(pread(direct, memory, 4096, 512), EINVAL);
    pattern(memory, 4096, 3);
    CHECK_EQ(pwrite(direct, memory, 4096, 4096), 4096);
    CHECK_EQ(pread(file, memory + 4096, 4096, 4096), 4096);
    CHECK(memcmp(memory, memory + 4096, 4096) == 0);

    CHECK_EQ(pwrite(loop, "kept", 4, 20000), 4); /* dirty when the size changes */
    for (size_t i = 0; i < COUNT_OF(bad); i++) CHECK_ERRNO(ioctl(loop, LOOP_SET_BLOCK_SIZE, (long)bad[i]), EINVAL);
    for (long bytes = 512; bytes <= 4096; bytes *= 2) {
        OK(ioctl(loop, LOOP_SET_BLOCK_SIZE, bytes));
        CHECK_EQ(block_of(loop), bytes);
        CHECK_EQ(pread(direct, memory, (size_t)bytes, bytes), bytes);
    }
    OK(ioctl(loop, LOOP_SET_BLOCK_SIZE, 512L));
    CHECK_EQ(pread(direct, memory, 512, 512), 512);
    CHECK_EQ(pread(loop, memory, 4, 20000), 4);
    CHECK(memcmp(memory, "kept", 4) == 0);
    OK(ioctl(loop, LOOP_SET_BLOCK_SIZE, 2048L));
    OK(ioctl(loop, LOOP_CLR_FD));
    OK(close(direct));
    OK(close(loop));

    /* The next file has blocks of 512 bytes again. */
    loop = open_loop(number, O_RDWR);
    OK(ioctl(loop, LOOP_SET_FD, file));
    CHECK_EQ(block_of(loop), 512);
    OK(ioctl(loop, LOOP_CLR_FD));
}

/* An MBR with two partitions, of 64 and 32 KiB. */
static void write_table(int file) {
    unsigned char sector[512] = {0};
    static const unsigned starts[] = {128, 320}, lengths[] = {128, 64};
    for (size_t i = 0; i < 2; i++) {
        unsigned char *entry = sector + 446 + 16 * i;
        entry[4] = 0x83;
        memcpy(entry + 8, &starts[i], 4);
        memcpy(entry + 12, &lengths[i], 4);
    }
    sector[510] = 0x55;
    sector[511] = 0xAA;
    CHECK_EQ(pwrite(file, sector, 512, 0), 512);
}

static int has_partition(long number, int partition) {
    char path[64];
    snprintf(path, sizeof path, "/sys/block/loop%ld/loop%ldp%d", number, number, partition);
    return access(path, F_OK) == 0;
}

static int open_partition(long number, int partition) {
    char path[64];
    snprintf(path, sizeof path, "/dev/loop%ldp%d", number, partition);
    return (int)OK(open(path, O_RDWR));
}

TEST(partitions_are_looked_for_when_that_is_asked_for) {
    int loop = free_loop(), file = make_file(SIZE);
    long number = number_of(loop);
    write_table(file);
    struct loop_config config = {.fd = (unsigned)file, .info = {.lo_flags = LO_FLAGS_PARTSCAN}};
    OK(ioctl(loop, LOOP_CONFIGURE, &config));
    CHECK(has_partition(number, 1) && has_partition(number, 2) && !has_partition(number, 3));
    CHECK_STR(attribute(number, "loop/partscan"), "1");
    int second = open_partition(number, 2);
    CHECK_EQ(size_of(second), 64 * 512);
    CHECK_EQ(pwrite(second, "second", 6, 1000), 6);
    OK(fsync(second));
    char found[6];
    CHECK_EQ(pread(file, found, 6, 320 * 512 + 1000), 6);
    CHECK(memcmp(found, "second", 6) == 0);

    /* Who has a partition open has the file in use. */
    CHECK_ERRNO(ioctl(loop, BLKRRPART), EBUSY);
    OK(ioctl(loop, LOOP_CLR_FD));
    OK(close(loop));
    CHECK_EQ(pwrite(second, "still", 5, 0), 5);
    OK(close(second));
    CHECK_EQ(pread(file, found, 5, 320 * 512), 5);
    CHECK(memcmp(found, "still", 5) == 0);
    for (int i = 0; i < 60000 && has_partition(number, 1); i++) usleep(1000);
    CHECK(!has_partition(number, 1) && !has_partition(number, 2));
    char path[64];
    snprintf(path, sizeof path, "/sys/block/loop%ld/loop", number);
    CHECK_ERRNO(access(path, F_OK), ENOENT);
}

TEST(partitions_are_not_looked_for_otherwise) {
    int loop = free_loop(), file = make_file(SIZE);
    long number = number_of(loop);
    write_table(file);
    OK(ioctl(loop, LOOP_SET_FD, file));
    CHECK(!has_partition(number, 1));
    CHECK_ERRNO(ioctl(loop, BLKRRPART), EINVAL);

    /* The wish can come later; it does not go again. */
    struct loop_info64 info;
    OK(ioctl(loop, LOOP_GET_STATUS64, &info));
    CHECK_EQ(info.lo_flags, 0);
    info.lo_flags = LO_FLAGS_PARTSCAN;
    OK(ioctl(loop, LOOP_SET_STATUS64, &info));
    CHECK(has_partition(number, 1) && has_partition(number, 2));
    info.lo_flags = 0;
    OK(ioctl(loop, LOOP_SET_STATUS64, &info));
    OK(ioctl(loop, LOOP_GET_STATUS64, &info));
    CHECK_EQ(info.lo_flags, LO_FLAGS_PARTSCAN);
    OK(ioctl(loop, BLKRRPART));
    CHECK(has_partition(number, 1));
    OK(ioctl(loop, LOOP_CLR_FD));
}

TEST(flags_that_are_not_there_are_refused_or_do_not_count) {
    int loop = free_loop(), file = make_file(SIZE);
    struct loop_info64 info;
    struct loop_config config = {.fd = (unsigned)file, .info = {.lo_flags = 2}};
    CHECK_ERRNO(ioctl(loop, LOOP_CONFIGURE, &config), EINVAL);
    config.info.lo_flags = 1u << 20;
    CHECK_ERRNO(ioctl(loop, LOOP_CONFIGURE, &config), EINVAL);
    config.info.lo_flags = 0;
    config.info.lo_encrypt_type = LO_CRYPT_XOR;
    CHECK_ERRNO(ioctl(loop, LOOP_CONFIGURE, &config), EINVAL);
    config.info.lo_encrypt_type = 0;
    config.info.lo_offset = 1ull << 63;
    CHECK_ERRNO(ioctl(loop, LOOP_CONFIGURE, &config), EOVERFLOW);
    config.info.lo_offset = 0;
    CHECK_ERRNO(ioctl(loop, LOOP_SET_DIRECT_IO, 0L), ENXIO);
    config.info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR;
    OK(ioctl(loop, LOOP_CONFIGURE, &config));
    OK(ioctl(loop, LOOP_GET_STATUS64, &info));
    CHECK_EQ(info.lo_flags, LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR);
    CHECK_ERRNO(pwrite(loop, "x", 1, 0), EPERM);
    OK(ioctl(loop, LOOP_SET_DIRECT_IO, 0L));
    info.lo_flags = 1u << 20; /* neither this nor the end of READ_ONLY */
    OK(ioctl(loop, LOOP_SET_STATUS64, &info));
    OK(ioctl(loop, LOOP_GET_STATUS64, &info));
    CHECK_EQ(info.lo_flags, LO_FLAGS_READ_ONLY);
    OK(ioctl(loop, LOOP_CLR_FD));
}

TEST(sysfs_says_what_file_it_is) {
    int loop = free_loop(), file = make_file(SIZE);
    long number = number_of(loop);
    char path[4096], sys[64];
    snprintf(sys, sizeof sys, "/sys/block/loop%ld/loop", number);
    CHECK_ERRNO(access(sys, F_OK), ENOENT);
    struct loop_config config = {.fd = (unsigned)file, .info = {.lo_offset = 1024, .lo_sizelimit = 8192}};
    OK(ioctl(loop, LOOP_CONFIGURE, &config));
    OK((long)(getcwd(path, sizeof path - 10) == NULL ? -1 : 0));
    strcat(path, "/image");
    CHECK_STR(attribute(number, "loop/backing_file"), path);
    CHECK_STR(attribute(number, "loop/offset"), "1024");
    CHECK_STR(attribute(number, "loop/sizelimit"), "8192");
    CHECK_STR(attribute(number, "loop/autoclear"), "0");
    CHECK_STR(attribute(number, "loop/partscan"), "0");
    CHECK_STR(attribute(number, "loop/dio"), "0");
    CHECK_STR(attribute(number, "size"), "16");
    OK(rename("image", "other"));
    strcpy(strrchr(path, '/'), "/other");
    CHECK_STR(attribute(number, "loop/backing_file"), path);
    OK(unlink("other"));
    strcat(path, " (deleted)");
    CHECK_STR(attribute(number, "loop/backing_file"), path);
    OK(ioctl(loop, LOOP_CLR_FD));
    OK(close(loop));
    CHECK_ERRNO(access(sys, F_OK), ENOENT);
}

/* Linux 6.1 writes the zeros that its cache has behind the old end over the new bytes. */
TEST(what_a_file_grows_by_is_there) {
    static char version[512];
    read_text("/proc/version", version, sizeof version);
    if (strstr(version, "CosmosKernel") == NULL) SKIP("Linux loses it");
    int loop = free_loop(), file = make_file(4096 + 1024);
    char found[4];
    OK(ioctl(loop, LOOP_SET_FD, file));
    CHECK_EQ(pwrite(loop, "old", 3, 4096), 3); /* the page in which the device ends is in the cache, and dirty */
    CHECK_EQ(pread(loop, found, 4, 4096), 4);
    CHECK_EQ(pwrite(file, "new", 3, 4096 + 1024), 3);
    OK(ftruncate(file, 8192));
    CHECK_EQ(pread(loop, found, 4, 4096 + 1024), 0);
    OK(ioctl(loop, LOOP_SET_CAPACITY, 0));
    CHECK_EQ(size_of(loop), 8192);
    CHECK_EQ(pwrite(loop, "x", 1, 4100), 1); /* what is written of the page leaves alone what the file has got */
    OK(fsync(loop));
    CHECK_EQ(pread(file, found, 3, 4096 + 1024), 3);
    CHECK(memcmp(found, "new", 3) == 0);
    OK(ioctl(loop, BLKFLSBUF, 0));
    CHECK_EQ(pread(loop, found, 3, 4096 + 1024), 3);
    CHECK(memcmp(found, "new", 3) == 0);
    CHECK_EQ(pread(loop, found, 3, 4096), 3);
    CHECK(memcmp(found, "old", 3) == 0);
    OK(ioctl(loop, LOOP_CLR_FD));
}

/* One process closes it for the last time while another opens it: who could write has written into the file. */
TEST(who_opens_it_while_another_closes_it_loses_nothing) {
    int file = make_file(SIZE), fd = control(), rounds = 200;
    for (int i = 0; i < rounds; i++) {
        long number = OK(ioctl(fd, LOOP_CTL_GET_FREE));
        int loop = open_loop(number, O_RDWR);
        struct loop_config config = {.fd = (unsigned)file, .info = {.lo_flags = LO_FLAGS_AUTOCLEAR}};
        OK(ioctl(loop, LOOP_CONFIGURE, &config));
        int ready[2];
        OK(pipe(ready));
        pid_t child = fork();
        if (child == 0) {
            char path[32], byte;
            snprintf(path, sizeof path, "/dev/loop%ld", number);
            close(loop);
            if (read(ready[0], &byte, 1) != 1) _exit(3);
            int mine = open(path, O_RDWR);
            if (mine < 0) _exit(0);
            struct loop_info64 info;
            if (ioctl(mine, LOOP_GET_STATUS64, &info) != 0) _exit(0); /* too late: it has no file any more */
            unsigned value = (unsigned)i + 1;
            if (pwrite(mine, &value, 4, 4096) != 4 || fsync(mine) != 0) _exit(1);
            if (pread(file, &value, 4, 4096) != 4 || value != (unsigned)i + 1) _exit(2);
            _exit(0);
        }
        CHECK_EQ(write(ready[1], "x", 1), 1);
        OK(close(loop));
        CHECK_EXIT(child, 0);
        OK(close(ready[0]));
        OK(close(ready[1]));
    }
}

/* Several devices on several files at once, each beside what its file ought to have. */
static void work(unsigned seed) {
    static unsigned char model[SIZE], found[SIZE];
    char name[32];
    snprintf(name, sizeof name, "image%u", seed);
    int file = (int)OK(open(name, O_RDWR | O_CREAT | O_TRUNC, 0600)), fd = control(), loop;
    OK(ftruncate(file, SIZE));
    do { /* another one may take the device first */
        loop = open_loop(OK(ioctl(fd, LOOP_CTL_GET_FREE)), O_RDWR);
        if (ioctl(loop, LOOP_SET_FD, file) == 0) break;
        CHECK_EQ(errno, EBUSY);
        OK(close(loop));
    } while (1);
    for (unsigned i = 0; i < 100; i++) {
        seed = seed * 1103515245 + 12345;
        size_t at = (seed >> 8) % SIZE, length = 1 + (seed >> 4) % (SIZE - at);
        pattern(model + at, length, seed);
        CHECK_EQ(pwrite(loop, model + at, length, (off_t)at), (long)length);
        if (i % 10 == 0) OK(ioctl(loop, BLKFLSBUF, 0));
        CHECK_EQ(pread(loop, found, SIZE, 0), SIZE);
        CHECK(memcmp(model, found, SIZE) == 0);
    }
    OK(fsync(loop)); /* before 6.10 Linux gives the file up at once, and what is dirty is lost */
    OK(ioctl(loop, LOOP_CLR_FD));
    OK(close(loop));
    CHECK_EQ(pread(file, found, SIZE, 0), SIZE);
    CHECK(memcmp(model, found, SIZE) == 0);
}

TEST(several_are_used_at_once) {
    OK(close(control()));
    pid_t workers[4];
    for (unsigned i = 0; i < 4; i++) workers[i] = CHILD(work(i + 1));
    for (unsigned i = 0; i < 4; i++) CHECK_EXIT(workers[i], 0);
}
