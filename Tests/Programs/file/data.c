/* What is in files: offsets, holes, vectors, truncation, descriptors. */
#include "test.h"

#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <sys/vfs.h>

static int open_new(const char *path) { return (int)OK(open(path, O_RDWR | O_CREAT | O_TRUNC, 0644)); }

TEST(seeks_and_their_errors) {
    int file = open_new("f");
    CHECK_EQ(write(file, "0123456789", 10), 10);
    CHECK_EQ(lseek(file, 3, SEEK_SET), 3);
    CHECK_EQ(lseek(file, 2, SEEK_CUR), 5);
    CHECK_EQ(lseek(file, -1, SEEK_END), 9);
    CHECK_EQ(lseek(file, 100, SEEK_SET), 100);
    char byte;
    CHECK_EQ(read(file, &byte, 1), 0);
    CHECK_ERRNO(lseek(file, -1, SEEK_SET), EINVAL);
    CHECK_ERRNO(lseek(file, -101, SEEK_CUR), EINVAL);
    CHECK_ERRNO(lseek(file, 0, 99), EINVAL);
    CHECK_ERRNO(lseek(999, 0, SEEK_SET), EBADF);
    CHECK_EQ(lseek(file, 0, SEEK_CUR), 100);
    struct gate gate = gate_make();
    CHECK_ERRNO(lseek(gate.read, 0, SEEK_SET), ESPIPE);
    CHECK_ERRNO(pread(gate.read, &byte, 1, 0), ESPIPE);
    CHECK_ERRNO(pwrite(gate.write, "x", 1, 0), ESPIPE);
}

TEST(a_sparse_file_reads_zeros_and_takes_no_space) {
    int file = open_new("f");
    CHECK_EQ(pwrite(file, "end", 3, 1LL << 30), 3);
    struct stat about;
    OK(fstat(file, &about));
    CHECK_EQ(about.st_size, (1LL << 30) + 3);
    CHECK(about.st_blocks <= 16);
    char bytes[4096];
    memset(bytes, 1, sizeof bytes);
    CHECK_EQ(pread(file, bytes, sizeof bytes, 123456789), sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) CHECK_EQ(bytes[i], 0);
    CHECK_EQ(lseek(file, 0, SEEK_DATA), 1LL << 30);
    CHECK_EQ(lseek(file, 0, SEEK_HOLE), 0);
    CHECK_EQ(lseek(file, 1LL << 30, SEEK_HOLE), (1LL << 30) + 3);
    CHECK_ERRNO(lseek(file, (1LL << 30) + 3, SEEK_DATA), ENXIO);
}

TEST(truncation_cuts_and_extends_with_zeros) {
    int file = open_new("f");
    char bytes[6000];
    memset(bytes, 'x', sizeof bytes);
    CHECK_EQ(write(file, bytes, sizeof bytes), sizeof bytes);
    OK(ftruncate(file, 100));
    OK(ftruncate(file, 5000));
    CHECK_EQ(pread(file, bytes, sizeof bytes, 0), 5000);
    for (int i = 0; i < 5000; i++) CHECK_EQ(bytes[i], i < 100 ? 'x' : 0);
    OK(truncate("f", 0));
    struct stat about;
    OK(fstat(file, &about));
    CHECK_EQ(about.st_size, 0);
    CHECK_ERRNO(ftruncate(file, -1), EINVAL);
    CHECK_ERRNO(truncate(".", 0), EISDIR);
    CHECK_ERRNO(ftruncate((int)OK(open("f", O_RDONLY)), 0), EINVAL);
    CHECK_ERRNO(truncate("none", 0), ENOENT);
}

TEST(positioned_transfers_leave_the_offset) {
    int file = open_new("f");
    CHECK_EQ(write(file, "abcdef", 6), 6);
    char text[4] = "";
    CHECK_EQ(pread(file, text, 3, 1), 3);
    CHECK_STR(text, "bcd");
    CHECK_EQ(pwrite(file, "ZZ", 2, 0), 2);
    CHECK_EQ(lseek(file, 0, SEEK_CUR), 6);
    CHECK_EQ(pread(file, text, 3, 100), 0);
    CHECK_ERRNO(pread(file, text, 3, -1), EINVAL);
}

TEST(vectors_are_gathered_and_scattered) {
    int file = open_new("f");
    char a[4] = "", b[4] = "";
    struct iovec out[] = {{"abc", 3}, {NULL, 0}, {"defg", 4}}, in[] = {{a, 2}, {b, 3}};
    CHECK_EQ(writev(file, out, 3), 7);
    CHECK_EQ(lseek(file, 0, SEEK_SET), 0);
    CHECK_EQ(readv(file, in, 2), 5);
    CHECK_STR(a, "ab");
    CHECK_STR(b, "cde");
    CHECK_EQ(readv(file, in, 2), 2);
    CHECK_EQ(preadv(file, in, 2, 1), 5);
    CHECK_STR(a, "bc");
    CHECK_EQ(pwritev(file, out, 3, 7), 7);
    CHECK_ERRNO(readv(file, in, -1), EINVAL);
    CHECK_ERRNO(readv(file, in, 1025), EINVAL);
    CHECK_EQ(readv(file, in, 0), 0);
    in[1].iov_len = (size_t)-1;
    CHECK_ERRNO(readv(file, in, 2), EINVAL);
}

TEST(a_read_into_a_bad_address_is_efault_and_moves_nothing) {
    int file = open_new("f");
    CHECK_EQ(write(file, "abcdef", 6), 6);
    CHECK_EQ(lseek(file, 0, SEEK_SET), 0);
    CHECK_ERRNO(read(file, (void *)16, 4), EFAULT);
    CHECK_EQ(lseek(file, 0, SEEK_CUR), 0);
    CHECK_ERRNO(write(file, (void *)16, 4), EFAULT);
    CHECK_EQ(lseek(file, 0, SEEK_CUR), 0);
    CHECK_EQ(lseek(file, 0, SEEK_END), 6);
}

TEST(access_modes_hold) {
    test_write_file("f", "x");
    int reader = (int)OK(open("f", O_RDONLY)), writer = (int)OK(open("f", O_WRONLY));
    char byte;
    CHECK_ERRNO(write(reader, "y", 1), EBADF);
    CHECK_ERRNO(read(writer, &byte, 1), EBADF);
    CHECK_ERRNO(read((int)OK(open(".", O_RDONLY)), &byte, 1), EISDIR);
}

TEST(dup_shares_offset_and_status_flags_but_not_close_on_exec) {
    int file = open_new("f");
    CHECK_EQ(write(file, "abc", 3), 3);
    int copy = (int)OK(dup(file));
    CHECK_EQ(lseek(copy, 0, SEEK_CUR), 3);
    OK(fcntl(copy, F_SETFL, O_APPEND | O_NONBLOCK));
    CHECK_EQ(OK(fcntl(file, F_GETFL)) & (O_APPEND | O_NONBLOCK | O_ACCMODE), O_APPEND | O_NONBLOCK | O_RDWR);
    OK(fcntl(copy, F_SETFD, FD_CLOEXEC));
    CHECK_EQ(OK(fcntl(file, F_GETFD)), 0);
    CHECK_EQ(OK(dup2(file, file)), file);
    CHECK_ERRNO(dup2(999, 5), EBADF);
    CHECK_ERRNO(dup2(file, -1), EBADF);
    CHECK_ERRNO(dup3(file, file, 0), EINVAL);
    CHECK_ERRNO(dup3(file, 30, O_APPEND), EINVAL);
    CHECK_ERRNO(dup(999), EBADF);
    CHECK_EQ(OK(fcntl(file, F_DUPFD, 100)), 100);
    CHECK_EQ(OK(fcntl(file, F_DUPFD, 100)), 101);
    CHECK_ERRNO(fcntl(file, F_DUPFD, -1), EINVAL);
    CHECK_ERRNO(fcntl(file, 12345), EINVAL);
    CHECK_ERRNO(close(999), EBADF);
}

TEST(descriptors_end_at_the_limit) {
    struct rlimit limit = {32, 32};
    OK(setrlimit(RLIMIT_NOFILE, &limit));
    int last = 0, next;
    while ((next = dup(0)) != -1) last = next;
    CHECK_EQ(errno, EMFILE);
    CHECK_EQ(last, 31);
    CHECK_ERRNO(open("/dev/null", O_RDONLY), EMFILE);
    CHECK_ERRNO(dup2(0, 32), EBADF);
    CHECK_ERRNO(fcntl(0, F_DUPFD, 32), EINVAL);
    int ends[2];
    OK(close(31));
    CHECK_ERRNO(pipe(ends), EMFILE);
    CHECK_EQ(OK(dup(0)), 31); /* the lowest free one, and pipe took none */
    OK(close(7));
    CHECK_EQ(OK(dup(0)), 7);
}

TEST(close_range_closes_or_marks) {
    for (int fd = 50; fd < 60; fd++) OK(dup2(0, fd));
    OK(syscall(SYS_close_range, 50, 54, 0));
    for (int fd = 50; fd < 55; fd++) CHECK_ERRNO(fcntl(fd, F_GETFD), EBADF);
    OK(syscall(SYS_close_range, 55, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */));
    CHECK_EQ(OK(fcntl(59, F_GETFD)), FD_CLOEXEC);
    CHECK_ERRNO(syscall(SYS_close_range, 5, 4, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_close_range, 50, 54, 64), EINVAL);
}

TEST(fallocate_refuses_what_memory_files_cannot) {
    int file = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    OK(ftruncate(file, 20000));
    CHECK_ERRNO(fallocate(file, FALLOC_FL_COLLAPSE_RANGE, 0, 4096), EOPNOTSUPP);
    CHECK_ERRNO(fallocate(file, FALLOC_FL_INSERT_RANGE, 0, 4096), EOPNOTSUPP);
    CHECK_ERRNO(fallocate(file, FALLOC_FL_ZERO_RANGE, 0, 4096), EOPNOTSUPP);
    CHECK_ERRNO(fallocate(file, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, 0, 4096), EOPNOTSUPP);
    CHECK_ERRNO(fallocate(file, FALLOC_FL_UNSHARE_RANGE, 0, 4096), EOPNOTSUPP);
    CHECK_ERRNO(fallocate(file, FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_KEEP_SIZE, 0, 4096), EINVAL);
    CHECK_ERRNO(fallocate(file, FALLOC_FL_INSERT_RANGE | FALLOC_FL_COLLAPSE_RANGE, 0, 4096), EINVAL);
    CHECK_ERRNO(fallocate(file, FALLOC_FL_UNSHARE_RANGE | FALLOC_FL_ZERO_RANGE, 0, 4096), EINVAL);
    CHECK_ERRNO(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, 0, 4096), EOPNOTSUPP);
    CHECK_ERRNO(fallocate(file, 0x100, 0, 4096), EOPNOTSUPP);
    CHECK_ERRNO(fallocate(file, 0x100, -1, 4096), EINVAL);
    CHECK_ERRNO(fallocate((int)OK(open("f", O_RDONLY)), FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_KEEP_SIZE, 0, 10), EINVAL);
}

TEST(pwritev2_appends_and_refuses) {
    int file = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    struct iovec part = {(char *)"abc", 3};
    CHECK_EQ(pwritev2(file, &part, 1, 0, RWF_DSYNC | RWF_SYNC), 3);
    CHECK_EQ(lseek(file, 0, SEEK_CUR), 0);
    CHECK_EQ(pwritev2(file, &part, 1, 0, RWF_APPEND), 3);
    CHECK_EQ(lseek(file, 0, SEEK_CUR), 0);
    CHECK_EQ(lseek(file, 1, SEEK_SET), 1);
    CHECK_EQ(pwritev2(file, &part, 1, -1, RWF_APPEND | RWF_HIPRI), 3);
    CHECK_EQ(lseek(file, 0, SEEK_CUR), 9); /* behind what was appended */
    char text[16] = "";
    struct iovec into = {text, 15};
    CHECK_EQ(preadv2(file, &into, 1, 0, RWF_HIPRI | RWF_SYNC), 9);
    CHECK_STR(text, "abcabcabc");
    CHECK_ERRNO(preadv2(file, &into, 1, 0, RWF_NOWAIT), EOPNOTSUPP);
    CHECK_ERRNO(pwritev2(file, &part, 1, 0, RWF_NOWAIT), EOPNOTSUPP);
    CHECK_ERRNO(pwritev2(file, &part, 1, 0, 0x100), EOPNOTSUPP);
    CHECK_ERRNO(pwritev2(file, &part, 1, -2, 0), EINVAL);
    CHECK_ERRNO(pwritev2(999, &part, 1, 0, 0x100), EBADF);
    CHECK_EQ(pwritev2(file, &part, 0, 0, 0x100), 0); /* nothing to do */
}

TEST(hints_of_write_life_time_are_kept) {
    int file = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    uint64_t hint = 99;
    OK(fcntl(file, F_GET_RW_HINT, &hint));
    CHECK_EQ(hint, RWH_WRITE_LIFE_NOT_SET);
    hint = RWH_WRITE_LIFE_LONG;
    OK(fcntl(file, F_SET_RW_HINT, &hint));
    int other = (int)OK(open("f", O_RDONLY));
    hint = 0;
    OK(fcntl(other, F_GET_RW_HINT, &hint));
    CHECK_EQ(hint, RWH_WRITE_LIFE_LONG);
    hint = 6;
    CHECK_ERRNO(fcntl(file, F_SET_RW_HINT, &hint), EINVAL);
    CHECK_ERRNO(fcntl(file, F_SET_RW_HINT, (void *)1), EFAULT);
    CHECK_ERRNO(fcntl(file, F_GET_RW_HINT, (void *)1), EFAULT);
}

TEST(long_paths_work_in_every_call) {
    char path[4096] = "", other[4096], text[4096];
    for (int i = 0; i < 400; i++) strcat(path, "././/");
    strcat(path, "name-of-a-file");
    int file = (int)OK(open(path, O_RDWR | O_CREAT, 0644));
    struct stat about, same;
    OK(stat(path, &about));
    OK(fstat(file, &same));
    CHECK_EQ(about.st_ino, same.st_ino);
    sprintf(other, "%s-2", path);
    OK(rename(path, other));
    OK(symlink(other, path));
    ssize_t length = OK(readlink(path, text, sizeof text));
    CHECK_EQ(length, (ssize_t)strlen(other));
    CHECK(memcmp(text, other, (size_t)length) == 0);
    CHECK_EQ(readlink(path, text, 5), 5);
    OK(unlink(other));
    OK(unlink(path));
    OK(mkdir(path, 0755));
    OK(chdir(path));
    OK(rmdir("../name-of-a-file"));
    OK(chdir("/tmp/work"));
    /* a working directory whose path is long */
    char name[200];
    memset(name, 'x', 199);
    name[199] = 0;
    for (int i = 0; i < 15; i++) {
        OK(mkdir(name, 0755));
        OK(chdir(name));
    }
    CHECK(getcwd(text, sizeof text) == text);
    CHECK_EQ(strlen(text), strlen("/tmp/work") + 15 * 200);
    CHECK_ERRNO(syscall(SYS_getcwd, text, 100), ERANGE);
    memset(path, 'a', 4095);
    path[4095] = 0;
    for (int i = 200; i < 4095; i += 200) path[i] = '/';
    CHECK_ERRNO(open(path, O_RDONLY), ENOENT);
    char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(page, 'a', 8192);
    CHECK_ERRNO(open(page, O_RDONLY), ENAMETOOLONG);
    OK(munmap(page + 4096, 4096));
    CHECK_ERRNO(open(page + 4000, O_RDONLY), EFAULT);
    CHECK_ERRNO(open(page + 1000, O_RDONLY), EFAULT);
}

TEST(fallocate_extends_keeps_and_punches) {
    int file = open_new("f");
    OK(fallocate(file, 0, 0, 10000));
    struct stat about;
    OK(fstat(file, &about));
    CHECK_EQ(about.st_size, 10000);
    OK(fallocate(file, FALLOC_FL_KEEP_SIZE, 0, 100000));
    OK(fstat(file, &about));
    CHECK_EQ(about.st_size, 10000);
    CHECK_EQ(pwrite(file, "xxxxxxxx", 8, 4096), 8);
    OK(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 4));
    char text[8];
    CHECK_EQ(pread(file, text, 8, 4096), 8);
    CHECK(memcmp(text, "\0\0\0\0xxxx", 8) == 0);
    CHECK_ERRNO(fallocate(file, 0, -1, 10), EINVAL);
    CHECK_ERRNO(fallocate(file, 0, 0, 0), EINVAL);
    CHECK_ERRNO(fallocate(file, FALLOC_FL_PUNCH_HOLE, 0, 10), EOPNOTSUPP);
    CHECK_ERRNO(fallocate((int)OK(open("f", O_RDONLY)), 0, 0, 10), EBADF);
}

TEST(a_file_size_limit_gives_sigxfsz_or_efbig) {
    struct rlimit limit = {1000, 1000};
    OK(setrlimit(RLIMIT_FSIZE, &limit));
    CHECK_KILLED(CHILD(int file = open_new("f"); char bytes[2000] = ""; CHECK_EQ(write(file, bytes, sizeof bytes), 1000); CHECK_EQ(write(file, bytes, 1), 1)), SIGXFSZ);
    signal(SIGXFSZ, SIG_IGN);
    int file = open_new("f");
    CHECK_ERRNO(pwrite(file, "x", 1, 1000), EFBIG);
    CHECK_ERRNO(ftruncate(file, 1001), EFBIG);
    OK(ftruncate(file, 1000));
}

TEST(sendfile_copies_between_files) {
    test_write_file("from", "hello world");
    int from = (int)OK(open("from", O_RDONLY)), to = open_new("to");
    off_t offset = 6;
    CHECK_EQ(sendfile(to, from, &offset, 100), 5);
    CHECK_EQ(offset, 11);
    CHECK_EQ(lseek(from, 0, SEEK_CUR), 0);
    CHECK_EQ(sendfile(to, from, NULL, 5), 5);
    CHECK_EQ(lseek(from, 0, SEEK_CUR), 5);
    char text[32];
    test_read_file("to", text, sizeof text);
    CHECK_STR(text, "worldhello");
}

TEST(copy_file_range_copies_and_refuses_overlaps) {
    test_write_file("from", "abcdefgh");
    int from = (int)OK(open("from", O_RDWR)), to = open_new("to");
    off_t in = 2;
    CHECK_EQ(copy_file_range(from, &in, to, NULL, 4, 0), 4);
    CHECK_EQ(in, 6);
    char text[16];
    test_read_file("to", text, sizeof text);
    CHECK_STR(text, "cdef");
    off_t out = 1;
    in = 0;
    CHECK_ERRNO(copy_file_range(from, &in, from, &out, 4, 0), EINVAL);
    CHECK_ERRNO(copy_file_range(from, &in, to, NULL, 4, 1), EINVAL);
}

TEST(statfs_tells_the_file_system) {
    struct statfs about;
    OK(statfs("/tmp", &about));
    CHECK_EQ(about.f_type, 0x01021994); /* TMPFS_MAGIC */
    CHECK_EQ(about.f_bsize, 4096);
    CHECK_EQ(about.f_namelen, 255);
    OK(statfs("/proc", &about));
    CHECK_EQ(about.f_type, 0x9FA0);
    CHECK_ERRNO(statfs("/none", &about), ENOENT);
}

TEST(devices_null_zero_full_and_random) {
    char bytes[64];
    memset(bytes, 1, sizeof bytes);
    int zero = (int)OK(open("/dev/zero", O_RDWR)), full = (int)OK(open("/dev/full", O_RDWR)), random = (int)OK(open("/dev/urandom", O_RDONLY));
    CHECK_EQ(read(zero, bytes, 64), 64);
    for (int i = 0; i < 64; i++) CHECK_EQ(bytes[i], 0);
    CHECK_EQ(write(zero, bytes, 64), 64);
    CHECK_ERRNO(write(full, bytes, 1), ENOSPC);
    CHECK_EQ(read(full, bytes, 64), 64);
    CHECK_EQ(read(random, bytes, 64), 64);
    int zeros = 0;
    for (int i = 0; i < 64; i++) zeros += bytes[i] == 0;
    CHECK(zeros < 16);
    CHECK_ERRNO(ioctl(zero, TCGETS, bytes), ENOTTY);
    CHECK_EQ(lseek(zero, 5, SEEK_SET), 0);
}

TEST(a_full_tmpfs_is_enospc_and_space_comes_back) {
    OK(mkdir("small", 0755));
    OK((syscall(SYS_mount, "none", "small", "tmpfs", 0, "size=64k")));
    int file = open_new("small/f");
    static char bytes[128 * 1024];
    memset(bytes, 'x', sizeof bytes);
    CHECK_EQ(write(file, bytes, sizeof bytes), 64 * 1024);
    CHECK_ERRNO(write(file, bytes, 1), ENOSPC);
    OK(ftruncate(file, 0));
    CHECK_EQ(pwrite(file, bytes, 64 * 1024, 0), 64 * 1024);
    OK(close(file));
    OK((syscall(SYS_umount2, "small", 0)));
}
