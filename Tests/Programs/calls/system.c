/* What is counted and reported about the system and its processes. */
#include "test.h"

#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/time.h>

TEST(the_most_resident_memory_is_known_of_self_and_of_children) {
    struct rusage usage;
    enum { Bytes = 24 << 20 };
    OK(getrusage(RUSAGE_SELF, &usage));
    long before = usage.ru_maxrss;
    CHECK(before > 100 && before < Bytes / 1024);
    pid_t child = CHILD({
        char *memory = mmap(NULL, Bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(memory != MAP_FAILED);
        memset(memory, 1, Bytes);
        OK(munmap(memory, Bytes));
        OK(getrusage(RUSAGE_SELF, &usage));
        CHECK(usage.ru_maxrss >= Bytes / 1024); /* it stays, though the memory is gone */
        OK(getrusage(RUSAGE_THREAD, &usage));
        CHECK(usage.ru_maxrss >= Bytes / 1024);
    });
    int status;
    CHECK_EQ(wait4(child, &status, 0, &usage), child);
    CHECK_EQ(status, 0);
    CHECK(usage.ru_maxrss >= Bytes / 1024);
    OK(getrusage(RUSAGE_CHILDREN, &usage));
    CHECK(usage.ru_maxrss >= Bytes / 1024);
    OK(getrusage(RUSAGE_SELF, &usage));
    CHECK(usage.ru_maxrss < Bytes / 1024);
}

TEST(adjtime_ends_a_correction) {
    struct timeval none = {0, 0}, left = {1, 1};
    OK(adjtime(&none, &left));
    CHECK_EQ(left.tv_sec, 0);
    CHECK_EQ(left.tv_usec, 0);
    CHECK_EXIT(CHILD({
        OK(setuid(1000));
        CHECK_ERRNO(adjtime(&none, NULL), EPERM);
        OK(adjtime(NULL, &left));
    }), 0);
}

TEST(readahead_is_for_files_that_can_be_read) {
    test_write_file("file", "contents");
    int fd = (int)OK(open("file", O_RDONLY));
    OK(readahead(fd, 0, 8));
    OK(readahead(fd, 1 << 20, 4096));
    CHECK_ERRNO(readahead(fd, 0, (size_t)-1), EINVAL);
    CHECK_ERRNO(readahead(OK(open("file", O_WRONLY)), 0, 8), EBADF);
    CHECK_ERRNO(readahead(999, 0, 8), EBADF);
    int ends[2];
    OK(pipe(ends));
    CHECK_ERRNO(readahead(ends[0], 0, 8), EINVAL);
}

static long open_files(void) {
    char text[128] = "";
    int fd = (int)OK(open("/proc/sys/fs/file-nr", O_RDONLY));
    OK(read(fd, text, sizeof text - 1));
    OK(close(fd));
    return atol(text);
}

TEST(a_file_system_refuses_at_once_what_it_can_never_hold) {
    OK(mkdir("small", 0755));
    OK(mount("none", "small", "tmpfs", 0, "size=64k"));
    int fd = (int)OK(open("small/file", O_RDWR | O_CREAT, 0600));
    CHECK_ERRNO(fallocate(fd, 0, 0, 1L << 40), ENOSPC);
    struct stat about;
    OK(fstat(fd, &about));
    CHECK_EQ(about.st_size, 0);
    CHECK_EQ(about.st_blocks, 0);
    OK(fallocate(fd, 0, 0, 32 << 10));
    OK(close(fd));
    OK(umount("small"));
}

TEST(open_files_are_counted) {
    long before = open_files();
    int files[600];
    for (int i = 0; i < 600; i++) files[i] = (int)OK(open("/dev/null", O_RDONLY));
    /* Linux's count is off by what its CPUs have not added yet: 32 each and more. */
    CHECK(open_files() >= before + 300);
    for (int i = 0; i < 600; i++) OK(close(files[i]));
    CHECK(open_files() <= before + 300);
}
