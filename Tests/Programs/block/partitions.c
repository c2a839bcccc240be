/* Partitions that are added and taken away by BLKPG, whatever table the disk has. */
#include "block.h"

#include <linux/blkpg.h>

#define MIB (1024 * KIB)

static int change(int fd, int op, int number, long long start, long long length) {
    struct blkpg_partition partition = {.start = start, .length = length, .pno = number};
    struct blkpg_ioctl_arg argument = {.op = op, .datalen = sizeof partition, .data = &partition};
    return ioctl(fd, BLKPG, &argument);
}

static uint64_t bytes_of(int fd) {
    uint64_t bytes = 0;
    OK(ioctl(fd, BLKGETSIZE64, &bytes));
    return bytes;
}

TEST(partitions_are_added_and_taken_away) {
    if (strncmp(disk(), "/dev/vd", 7) != 0) SKIP("a disk without partitions");
    int fd = open_disk(O_RDWR);
    if (bytes_of(fd) < 8 * MIB) SKIP("the disk is too small");
    char name[64], second[64];
    snprintf(name, sizeof name, "%s5", disk());
    snprintf(second, sizeof second, "%s21", disk()); /* behind the disk's own minor numbers */
    OK(change(fd, BLKPG_ADD_PARTITION, 5, 5 * MIB, 2 * MIB));
    CHECK_ERRNO(change(fd, BLKPG_ADD_PARTITION, 5, 7 * MIB, 1 * MIB), EBUSY);
    CHECK_ERRNO(change(fd, BLKPG_ADD_PARTITION, 21, 6 * MIB, 2 * MIB), EBUSY);
    OK(change(fd, BLKPG_ADD_PARTITION, 21, 7 * MIB, 1 * MIB));
    CHECK_ERRNO(change(fd, BLKPG_ADD_PARTITION, 6, 100, MIB), EINVAL);
    CHECK_ERRNO(change(fd, BLKPG_ADD_PARTITION, 0, 0, MIB), EINVAL);
    CHECK_ERRNO(change(fd, BLKPG_DEL_PARTITION, 7, 0, 0), ENXIO);
    CHECK_ERRNO(change(fd, 9, 5, 5 * MIB, MIB), EINVAL);

    int partition = (int)OK(open(name, O_RDWR));
    CHECK_EQ(bytes_of(partition), 2 * MIB);
    CHECK_ERRNO(change(partition, BLKPG_ADD_PARTITION, 1, 0, MIB), EINVAL);
    unsigned char *data = aligned(64 * KIB), *found = aligned(64 * KIB);
    fill(data, 64 * KIB, 3);
    CHECK_EQ(pwrite(partition, data, 64 * KIB, MIB), 64 * KIB);
    OK(fsync(partition));
    int direct = open_disk(O_RDONLY | O_DIRECT);
    CHECK_EQ(pread(direct, found, 64 * KIB, 6 * MIB), 64 * KIB);
    CHECK(memcmp(data, found, 64 * KIB) == 0);
    CHECK_ERRNO(change(fd, BLKPG_DEL_PARTITION, 5, 0, 0), EBUSY);
    CHECK_ERRNO(change(fd, BLKPG_RESIZE_PARTITION, 5, 5 * MIB, 3 * MIB), EBUSY);
    OK(change(fd, BLKPG_RESIZE_PARTITION, 5, 5 * MIB, 1 * MIB));
    CHECK_EQ(bytes_of(partition), 1 * MIB);
    CHECK_EQ(pread(partition, found, PAGE, MIB), 0);
    OK(close(partition));
    OK(change(fd, BLKPG_DEL_PARTITION, 5, 0, 0));
    OK(change(fd, BLKPG_DEL_PARTITION, 21, 0, 0));
    CHECK_ERRNO(open(name, O_RDONLY), ENOENT);
    CHECK_ERRNO(open(second, O_RDONLY), ENOENT);
    CHECK_ERRNO(change(fd, BLKPG_DEL_PARTITION, 5, 0, 0), ENXIO);
}
