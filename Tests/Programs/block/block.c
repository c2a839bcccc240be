/* Block devices: contents, the cache, O_DIRECT, mappings, ioctls. The disk is the first of /dev/vdb, /dev/vda, /dev/ram0 that is there; what is on it is lost. */
#include "block.h"

#include <linux/hdreg.h>
#include <sys/sysmacros.h>

const char *disk(void) {
    static const char *names[] = {"/dev/vdb", "/dev/vda", "/dev/ram0"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (access(names[i], F_OK) == 0) return names[i];
    }
    SKIP("no disk");
}

int open_disk(int flags) { return (int)OK(open(disk(), flags)); }

void *aligned(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    return memory;
}

void fill(unsigned char *to, size_t bytes, unsigned seed) {
    for (size_t i = 0; i < bytes; i++) {
        seed = seed * 1103515245 + 12345;
        to[i] = (unsigned char)(seed >> 16);
    }
}

static uint64_t size_of(int fd) {
    uint64_t bytes = 0;
    OK(ioctl(fd, BLKGETSIZE64, &bytes));
    return bytes;
}

static long meminfo(const char *field) {
    char text[8192];
    int fd = (int)OK(open("/proc/meminfo", O_RDONLY));
    ssize_t length = OK(read(fd, text, sizeof text - 1));
    text[length] = 0;
    OK(close(fd));
    char *at = strstr(text, field);
    CHECK(at != NULL);
    return strtol(at + strlen(field), NULL, 10);
}

static void write_text(const char *path, const char *text) {
    int fd = (int)OK(open(path, O_WRONLY));
    CHECK_EQ(OK(write(fd, text, strlen(text))), (long)strlen(text));
    OK(close(fd));
}

static void drop_caches(void) { write_text("/proc/sys/vm/drop_caches", "1"); }

TEST(sizes_agree) {
    int fd = open_disk(O_RDONLY);
    uint64_t bytes = size_of(fd);
    CHECK(bytes >= 1024 * KIB);
    unsigned long sectors = 0;
    OK(ioctl(fd, BLKGETSIZE, &sectors));
    CHECK_EQ(sectors, bytes / 512);
    CHECK_EQ(lseek(fd, 0, SEEK_END), (long long)bytes);
    CHECK_ERRNO(lseek(fd, 1, SEEK_END), EINVAL);
    int logical = 0;
    unsigned physical = 0;
    OK(ioctl(fd, BLKSSZGET, &logical));
    OK(ioctl(fd, BLKPBSZGET, &physical));
    CHECK(logical >= 512 && (int)physical >= logical);
    struct hd_geometry geometry;
    OK(ioctl(fd, HDIO_GETGEO, &geometry));
    CHECK_EQ(geometry.start, 0);
    struct stat about;
    OK(fstat(fd, &about));
    CHECK(S_ISBLK(about.st_mode));
    char path[64], text[32];
    snprintf(path, sizeof path, "/sys/class/block/%s/size", disk() + 5);
    int file = (int)OK(open(path, O_RDONLY));
    ssize_t length = OK(read(file, text, sizeof text - 1));
    text[length] = 0;
    CHECK_EQ(strtoull(text, NULL, 10), bytes / 512);
    snprintf(path, sizeof path, "/sys/dev/block/%u:%u/dev", major(about.st_rdev), minor(about.st_rdev));
    OK(access(path, F_OK));
    CHECK_ERRNO(ioctl(fd, 0x1299, 0), ENOTTY);
}

TEST(what_is_written_comes_back_from_the_device) {
    int fd = open_disk(O_RDWR);
    unsigned char *data = aligned(1024 * KIB), *found = aligned(1024 * KIB);
    fill(data, 1024 * KIB, 1);
    CHECK_EQ(pwrite(fd, data, 1024 * KIB, 0), 1024 * KIB);
    CHECK_EQ(pread(fd, found, 1024 * KIB, 0), 1024 * KIB);
    CHECK(memcmp(data, found, 1024 * KIB) == 0);
    OK(fsync(fd));
    drop_caches();
    memset(found, 0, 1024 * KIB);
    CHECK_EQ(pread(fd, found, 1024 * KIB, 0), 1024 * KIB);
    CHECK(memcmp(data, found, 1024 * KIB) == 0);
    /* Parts of blocks keep what is around them. */
    OK(ioctl(fd, BLKFLSBUF, 0));
    CHECK_EQ(pwrite(fd, "middle", 6, 5000), 6);
    memcpy(data + 5000, "middle", 6);
    CHECK_EQ(pwrite(fd, "across", 6, 8189), 6);
    memcpy(data + 8189, "across", 6);
    OK(fdatasync(fd));
    OK(ioctl(fd, BLKFLSBUF, 0));
    CHECK_EQ(pread(fd, found, 16 * KIB, 0), 16 * KIB);
    CHECK(memcmp(data, found, 16 * KIB) == 0);
}

TEST(the_last_close_writes_back) {
    int fd = open_disk(O_RDWR);
    unsigned char data[3000], found[3000];
    fill(data, sizeof data, 2);
    CHECK_EQ(pwrite(fd, data, sizeof data, 70000), sizeof data);
    OK(close(fd));
    fd = open_disk(O_RDWR);
    CHECK_EQ(pread(fd, found, sizeof found, 70000), sizeof found);
    CHECK(memcmp(data, found, sizeof data) == 0);
}

TEST(direct_transfers_and_the_cache_agree) {
    int cached = open_disk(O_RDWR), direct = open_disk(O_RDWR | O_DIRECT);
    unsigned char *data = aligned(64 * KIB), *found = aligned(64 * KIB);
    fill(data, 64 * KIB, 3);
    CHECK_EQ(pwrite(cached, data, 64 * KIB, 128 * KIB), 64 * KIB);
    CHECK_EQ(pread(direct, found, 64 * KIB, 128 * KIB), 64 * KIB); /* without a sync in between */
    CHECK(memcmp(data, found, 64 * KIB) == 0);
    fill(data, 64 * KIB, 4);
    CHECK_EQ(pwrite(direct, data, 64 * KIB, 128 * KIB), 64 * KIB);
    CHECK_EQ(pread(cached, found, 64 * KIB, 128 * KIB), 64 * KIB);
    CHECK(memcmp(data, found, 64 * KIB) == 0);
    CHECK_ERRNO(pread(direct, found, 100, 0), EINVAL);
    CHECK_ERRNO(pread(direct, found, 4096, 100), EINVAL);
    CHECK_ERRNO(pread(direct, found + 1, 4096, 0), EINVAL);
    CHECK_ERRNO(pwrite(direct, data + 1, 4096, 0), EINVAL);
    CHECK_ERRNO(pread(direct, (void *)(16 * PAGE), 4096, 0), EFAULT);
}

TEST(the_device_ends_where_it_ends) {
    int fd = open_disk(O_RDWR);
    off_t size = (off_t)size_of(fd);
    unsigned char data[PAGE * 2], found[PAGE * 2];
    fill(data, sizeof data, 5);
    CHECK_EQ(pwrite(fd, data, sizeof data, size - PAGE), PAGE);
    CHECK_ERRNO(pwrite(fd, data, 1, size), ENOSPC);
    CHECK_EQ(pread(fd, found, sizeof found, size - PAGE), PAGE);
    CHECK(memcmp(data, found, PAGE) == 0);
    CHECK_EQ(pread(fd, found, 1, size), 0);
    OK(fsync(fd));
    CHECK_ERRNO(ftruncate(fd, 0), EINVAL);
}

TEST(a_shared_mapping_is_the_device) {
    int fd = open_disk(O_RDWR), direct = open_disk(O_RDONLY | O_DIRECT);
    unsigned char *map = mmap(NULL, 64 * KIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 256 * KIB);
    CHECK(map != MAP_FAILED);
    unsigned char *found = aligned(64 * KIB), *data = aligned(64 * KIB);
    for (unsigned round = 0; round < 3; round++) { /* after each msync a store must be noticed again */
        fill(data, 64 * KIB, 6 + round);
        memcpy(map, data, 64 * KIB);
        OK(msync(map, 64 * KIB, MS_SYNC));
        OK(fsync(fd));
        CHECK_EQ(pread(direct, found, 64 * KIB, 256 * KIB), 64 * KIB);
        CHECK(memcmp(data, found, 64 * KIB) == 0);
    }
    CHECK_EQ(pwrite(fd, "hello", 5, 256 * KIB + 10), 5);
    CHECK(memcmp(map + 10, "hello", 5) == 0);
    /* A mapping that becomes writable later. */
    unsigned char *second = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 256 * KIB);
    CHECK(second != MAP_FAILED);
    CHECK_EQ(second[10], 'h');
    OK(fsync(fd));
    OK(mprotect(second, PAGE, PROT_READ | PROT_WRITE));
    second[10] = 'J';
    OK(fsync(fd));
    CHECK_EQ(pread(direct, found, PAGE, 256 * KIB), PAGE);
    CHECK_EQ(found[10], 'J');
}

TEST(a_private_mapping_is_not) {
    int fd = open_disk(O_RDWR);
    unsigned char data[PAGE], found[PAGE];
    fill(data, PAGE, 7);
    CHECK_EQ(pwrite(fd, data, PAGE, 512 * KIB), PAGE);
    unsigned char *map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 512 * KIB);
    CHECK(map != MAP_FAILED);
    CHECK(memcmp(map, data, PAGE) == 0);
    memset(map, 0, PAGE);
    CHECK_EQ(pread(fd, found, PAGE, 512 * KIB), PAGE);
    CHECK(memcmp(data, found, PAGE) == 0);
}

TEST(dirty_memory_is_counted_and_written) {
    int fd = open_disk(O_RDWR);
    unsigned char *data = aligned(512 * KIB);
    OK(fsync(fd));
    sync();
    fill(data, 512 * KIB, 8);
    CHECK_EQ(pwrite(fd, data, 512 * KIB, 0), 512 * KIB);
    CHECK(meminfo("Dirty:") + meminfo("Writeback:") >= 500);
    CHECK(meminfo("Buffers:") >= 512);
    OK(sync_file_range(fd, 0, 512 * KIB, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER));
    CHECK(meminfo("Dirty:") + meminfo("Writeback:") < 256);
    CHECK_EQ(pwrite(fd, data, 4096, 0), 4096);
    OK(syncfs(fd)); /* the file system of the node: not the disk */
    OK(fsync(fd));
}

TEST(old_dirty_pages_are_written_by_themselves) {
    int fd = open_disk(O_RDWR);
    sync();
    write_text("/proc/sys/vm/dirty_expire_centisecs", "20");
    write_text("/proc/sys/vm/dirty_writeback_centisecs", "10");
    unsigned char data[PAGE];
    fill(data, PAGE, 9);
    for (int i = 0; i < 64; i++) CHECK_EQ(pwrite(fd, data, PAGE, i * PAGE), PAGE);
    for (int i = 0; i < 1200 && meminfo("Dirty:") + meminfo("Writeback:") > 0; i++) test_sleep_ms(50);
    long left = meminfo("Dirty:") + meminfo("Writeback:");
    write_text("/proc/sys/vm/dirty_expire_centisecs", "3000");
    write_text("/proc/sys/vm/dirty_writeback_centisecs", "500");
    CHECK_EQ(left, 0);
}

TEST(a_writer_with_too_much_dirty_memory_waits_for_the_device) {
    int fd = open_disk(O_RDWR);
    write_text("/proc/sys/vm/dirty_background_bytes", "131072");
    write_text("/proc/sys/vm/dirty_bytes", "262144");
    unsigned char *data = aligned(64 * KIB);
    long most = 0;
    for (int round = 0; round < 64; round++) {
        fill(data, 64 * KIB, (unsigned)round);
        CHECK_EQ(pwrite(fd, data, 64 * KIB, (round % 16) * 64 * KIB), 64 * KIB);
        long dirty = meminfo("Dirty:");
        most = dirty > most ? dirty : most;
    }
    write_text("/proc/sys/vm/dirty_ratio", "20");
    write_text("/proc/sys/vm/dirty_background_ratio", "10");
    CHECK(most <= 1024);
}

TEST(a_device_that_is_set_read_only_refuses_writes) {
    int fd = open_disk(O_RDWR), on = 1, off = 0, found = 0;
    OK(ioctl(fd, BLKROSET, &on));
    OK(ioctl(fd, BLKROGET, &found));
    CHECK_EQ(found, 1);
    int writes = open(disk(), O_RDWR);
    int error = errno;
    ssize_t written = pwrite(fd, "x", 1, 0);
    int write_error = errno;
    OK(ioctl(fd, BLKROSET, &off));
    CHECK_EQ(writes, -1);
    CHECK(error == EACCES || error == EPERM);
    CHECK_EQ(written, -1);
    CHECK_EQ(write_error, EPERM);
    OK(close((int)OK(open(disk(), O_RDWR))));
}

TEST(zeros_are_written_and_blocks_discarded) {
    int fd = open_disk(O_RDWR);
    unsigned char data[PAGE * 4], found[PAGE * 4], zeros[PAGE * 4];
    memset(zeros, 0, sizeof zeros);
    fill(data, sizeof data, 10);
    CHECK_EQ(pwrite(fd, data, sizeof data, 0), sizeof data);
    uint64_t range[2] = {PAGE, 2 * PAGE};
    OK(ioctl(fd, BLKZEROOUT, range));
    CHECK_EQ(pread(fd, found, sizeof found, 0), sizeof found);
    CHECK(memcmp(found, data, PAGE) == 0 && memcmp(found + PAGE, zeros, 2 * PAGE) == 0 && memcmp(found + 3 * PAGE, data + 3 * PAGE, PAGE) == 0);
    range[0] = 100;
    CHECK_ERRNO(ioctl(fd, BLKZEROOUT, range), EINVAL);
    range[0] = size_of(fd);
    CHECK_ERRNO(ioctl(fd, BLKZEROOUT, range), EINVAL);
    range[0] = 0;
    range[1] = PAGE;
    if (ioctl(fd, BLKDISCARD, range) != 0) CHECK_EQ(errno, EOPNOTSUPP);
    int reads = open_disk(O_RDONLY);
    CHECK_ERRNO(ioctl(reads, BLKZEROOUT, range), EBADF);
}

TEST(statistics_count_requests) {
    char path[64], text[512];
    snprintf(path, sizeof path, "/sys/class/block/%s/stat", disk() + 5);
    unsigned long long before[4], after[4];
    for (int round = 0; round < 2; round++) {
        int file = (int)OK(open(path, O_RDONLY));
        ssize_t length = OK(read(file, text, sizeof text - 1));
        text[length] = 0;
        unsigned long long *to = round == 0 ? before : after;
        CHECK_EQ(sscanf(text, "%llu %llu %llu %llu", &to[0], &to[1], &to[2], &to[3]), 4);
        OK(close(file));
        if (round == 0) {
            int direct = open_disk(O_RDONLY | O_DIRECT);
            void *memory = aligned(64 * KIB);
            for (int i = 0; i < 10; i++) CHECK_EQ(pread(direct, memory, 4 * KIB, i * 64 * KIB), 4 * KIB);
        }
    }
    CHECK(after[0] - before[0] >= 10);
    CHECK(after[2] - before[2] >= 80);
}

/* One process, one stretch of the disk, a copy of it in memory: random operations of all kinds. */
static void work_on(unsigned seed, off_t start, size_t bytes, int rounds) {
    unsigned state = seed * 2654435761u + 1;
    int cached = open_disk(O_RDWR), direct = open_disk(O_RDWR | O_DIRECT);
    unsigned char *model = aligned(bytes), *found = aligned(bytes);
    fill(model, bytes, seed);
    CHECK_EQ(pwrite(cached, model, bytes, start), (long)bytes);
    unsigned char *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, cached, start);
    CHECK(map != MAP_FAILED);
    for (int i = 0; i < rounds; i++) {
        state = state * 1103515245 + 12345;
        unsigned what = (state >> 16) % 9;
        state = state * 1103515245 + 12345;
        size_t at = (state >> 8) % bytes;
        state = state * 1103515245 + 12345;
        size_t length = 1 + (state >> 12) % (bytes - at);
        size_t block = at / PAGE * PAGE, blocks = length / PAGE * PAGE;
        switch (what) {
        case 0: case 1:
            fill(model + at, length, state);
            CHECK_EQ(pwrite(cached, model + at, length, start + (off_t)at), (long)length);
            break;
        case 2:
            if (blocks == 0 || block + blocks > bytes) break;
            fill(model + block, blocks, state);
            CHECK_EQ(pwrite(direct, model + block, blocks, start + (off_t)block), (long)blocks);
            break;
        case 3:
            fill(model + at, length, state);
            memcpy(map + at, model + at, length);
            break;
        case 4:
            CHECK_EQ(pread(cached, found, length, start + (off_t)at), (long)length);
            CHECK(memcmp(found, model + at, length) == 0);
            break;
        case 5:
            if (blocks == 0 || block + blocks > bytes) break;
            CHECK_EQ(pread(direct, found, blocks, start + (off_t)block), (long)blocks);
            CHECK(memcmp(found, model + block, blocks) == 0);
            break;
        case 6:
            CHECK(memcmp(map + at, model + at, length) == 0);
            break;
        case 7:
            OK(fdatasync(cached));
            break;
        default:
            if (i % 8 == 0) OK(ioctl(cached, BLKFLSBUF, 0));
            if (i % 16 == 1) drop_caches();
            break;
        }
    }
    OK(fsync(cached));
    CHECK_EQ(pread(direct, found, bytes, start), (long)bytes);
    CHECK(memcmp(found, model, bytes) == 0);
}

TEST(random_operations_beside_a_model) { work_on(11, 0, 256 * KIB, 400); }

TEST(four_processes_on_neighbouring_stretches) {
    disk(); /* or the test is skipped */
    pid_t workers[4];
    for (unsigned i = 0; i < 4; i++) workers[i] = CHILD(work_on(20 + i, i * 192 * KIB, 192 * KIB, 150));
    for (unsigned i = 0; i < 4; i++) CHECK_EXIT(workers[i], 0);
}

TEST(the_scheduler_can_change_under_load) {
    char path[64], text[64];
    snprintf(path, sizeof path, "/sys/class/block/%s/queue/scheduler", disk() + 5);
    int file = (int)OK(open(path, O_RDONLY));
    ssize_t length = OK(read(file, text, sizeof text - 1));
    text[length] = 0;
    OK(close(file));
    if (strstr(text, "mq-deadline") == NULL) SKIP("no mq-deadline here");
    pid_t workers[2];
    for (unsigned i = 0; i < 2; i++) workers[i] = CHILD(work_on(30 + i, i * 192 * KIB, 192 * KIB, 150));
    for (int i = 0; i < 20; i++) {
        write_text(path, i % 2 == 0 ? "mq-deadline" : "none");
        test_sleep_ms(20);
    }
    for (unsigned i = 0; i < 2; i++) CHECK_EXIT(workers[i], 0);
    file = (int)OK(open(path, O_WRONLY));
    CHECK_ERRNO(write(file, "cfq", 3), EINVAL);
}

/* Where the host has made a partition table: what the host finds there afterwards is compared by the boot test. */
TEST(a_partition_is_its_part_of_the_disk) {
    if (access("/dev/vda2", F_OK) != 0) SKIP("no partitions");
    int disk_fd = (int)OK(open("/dev/vda", O_RDONLY)), fd = (int)OK(open("/dev/vda2", O_RDWR));
    char path[64] = "/sys/class/block/vda2/start", text[32];
    int file = (int)OK(open(path, O_RDONLY));
    ssize_t length = OK(read(file, text, sizeof text - 1));
    text[length] = 0;
    off_t start = (off_t)strtoull(text, NULL, 10) * 512;
    CHECK(start > 0);
    CHECK_EQ(size_of(fd), 4 * 1024 * KIB);
    unsigned char *data = aligned(256 * KIB), *found = aligned(256 * KIB);
    for (size_t i = 0; i < 256 * KIB; i++) data[i] = (unsigned char)(i * 7 + i / 256);
    CHECK_EQ(pwrite(fd, data, 256 * KIB, 4096), 256 * KIB);
    OK(fsync(fd));
    CHECK_EQ(pread(disk_fd, found, 256 * KIB, start + 4096), 256 * KIB);
    CHECK(memcmp(data, found, 256 * KIB) == 0);
    CHECK_ERRNO(ioctl(fd, BLKRRPART, 0), EINVAL);
    CHECK_ERRNO(ioctl(disk_fd, BLKRRPART, 0), EBUSY);
    OK(close(fd));
    OK(ioctl(disk_fd, BLKRRPART, 0));
    OK(access("/dev/vda2", F_OK));
    OK(access("/dev/vda1", F_OK));
    CHECK(access("/dev/vda3", F_OK) != 0);
}
