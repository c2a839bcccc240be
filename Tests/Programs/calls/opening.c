/* Flags of openat2, open, statx, record locks, advice, and polling. */
#include "test.h"

#include <linux/openat2.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>

static long open2(int folder, const char *path, uint64_t flags, uint64_t resolve) {
    struct open_how how = {.flags = flags, .resolve = resolve};
    return syscall(SYS_openat2, folder, path, &how, sizeof how);
}

TEST(openat2_keeps_a_path_where_it_is_told) {
    OK(mkdir("top", 0755));
    OK(mkdir("top/in", 0755));
    test_write_file("top/file", "t");
    test_write_file("file", "outer");
    OK(symlink("../file", "top/up"));
    OK(symlink("/file", "top/absolute"));
    OK(symlink("file", "top/near"));
    OK(symlink("../file", "top/in/near"));
    int top = (int)OK(open("top", O_PATH | O_DIRECTORY));
    OK(close((int)OK(open2(top, "file", O_RDONLY, RESOLVE_BENEATH))));
    OK(close((int)OK(open2(top, "in/../file", O_RDONLY, RESOLVE_BENEATH))));
    OK(close((int)OK(open2(top, "in/near", O_RDONLY, RESOLVE_BENEATH))));
    CHECK_ERRNO(open2(top, "../file", O_RDONLY, RESOLVE_BENEATH), EXDEV);
    CHECK_ERRNO(open2(top, "up", O_RDONLY, RESOLVE_BENEATH), EXDEV);
    CHECK_ERRNO(open2(top, "absolute", O_RDONLY, RESOLVE_BENEATH), EXDEV);
    CHECK_ERRNO(open2(top, "/", O_RDONLY, RESOLVE_BENEATH), EXDEV);
    char byte;
    int fd = (int)OK(open2(top, "absolute", O_RDONLY, RESOLVE_IN_ROOT));
    OK(read(fd, &byte, 1));
    CHECK_EQ(byte, 't');
    fd = (int)OK(open2(top, "../../up", O_RDONLY, RESOLVE_IN_ROOT));
    OK(read(fd, &byte, 1));
    CHECK_EQ(byte, 't');
    CHECK_ERRNO(open2(top, "near", O_RDONLY, RESOLVE_NO_SYMLINKS), ELOOP);
    OK(close((int)OK(open2(top, "near", O_PATH | O_NOFOLLOW, RESOLVE_NO_SYMLINKS))));
    OK(close((int)OK(open2(top, "near", O_RDONLY, RESOLVE_NO_MAGICLINKS))));
    char magic[64];
    snprintf(magic, sizeof magic, "/proc/self/fd/%d", fd);
    CHECK_ERRNO(open2(AT_FDCWD, magic, O_RDONLY, RESOLVE_NO_MAGICLINKS), ELOOP);
    CHECK_ERRNO(open2(AT_FDCWD, "/proc/self/stat", O_RDONLY, RESOLVE_NO_XDEV), EXDEV);
    OK(close((int)OK(open2(top, "file", O_RDONLY, RESOLVE_NO_XDEV))));
    CHECK_ERRNO(open2(top, "file", O_RDONLY, RESOLVE_BENEATH | RESOLVE_IN_ROOT), EINVAL);
    CHECK_ERRNO(open2(top, "file", O_RDONLY, 0x80), EINVAL);
    CHECK_ERRNO(open2(top, "file", O_RDONLY | (1UL << 40), 0), EINVAL);
}

TEST(openat2_checks_its_structure) {
    test_write_file("f", "");
    struct open_how how = {.flags = O_RDONLY};
    struct { struct open_how how; uint64_t more; } larger = {{.flags = O_RDONLY}, 0};
    OK(close((int)OK(syscall(SYS_openat2, AT_FDCWD, "f", &larger, sizeof larger))));
    larger.more = 1;
    CHECK_ERRNO(syscall(SYS_openat2, AT_FDCWD, "f", &larger, sizeof larger), E2BIG);
    CHECK_ERRNO(syscall(SYS_openat2, AT_FDCWD, "f", &how, sizeof how - 1), EINVAL);
    CHECK_ERRNO(syscall(SYS_openat2, AT_FDCWD, "f", &how, 5000), E2BIG);
    CHECK_ERRNO(syscall(SYS_openat2, AT_FDCWD, "f", (void *)8, sizeof how), EFAULT);
    how.mode = 0600;
    CHECK_ERRNO(syscall(SYS_openat2, AT_FDCWD, "f", &how, sizeof how), EINVAL); /* a mode and nothing is made */
    how.flags = O_CREAT | O_WRONLY;
    how.mode = 010600;
    CHECK_ERRNO(syscall(SYS_openat2, AT_FDCWD, "new", &how, sizeof how), EINVAL);
    how.mode = 0600;
    OK(close((int)OK(syscall(SYS_openat2, AT_FDCWD, "new", &how, sizeof how))));
    how = (struct open_how){.flags = O_PATH | O_TRUNC};
    CHECK_ERRNO(syscall(SYS_openat2, AT_FDCWD, "f", &how, sizeof how), EINVAL);
    how = (struct open_how){.flags = O_RDONLY, .resolve = RESOLVE_CACHED};
    OK(close((int)OK(syscall(SYS_openat2, AT_FDCWD, "f", &how, sizeof how))));
    how.flags = O_CREAT | O_WRONLY;
    how.mode = 0600;
    CHECK_ERRNO(syscall(SYS_openat2, AT_FDCWD, "f", &how, sizeof how), EAGAIN);
}

TEST(noatime_is_for_the_owner_and_keeps_the_time) {
    OK(chmod(".", 0755));
    test_write_file("f", "x");
    struct timespec old[2] = {{1000, 0}, {2000, 0}};
    OK(utimensat(AT_FDCWD, "f", old, 0));
    char byte;
    int fd = (int)OK(open("f", O_RDONLY | O_NOATIME));
    OK(read(fd, &byte, 1));
    struct stat about;
    OK(fstat(fd, &about));
    CHECK_EQ(about.st_atim.tv_sec, 1000);
    CHECK(OK(fcntl(fd, F_GETFL)) & O_NOATIME);
    fd = (int)OK(open("f", O_RDONLY));
    OK(read(fd, &byte, 1));
    OK(fstat(fd, &about));
    CHECK(about.st_atim.tv_sec > 1000);
    pid_t child = CHILD(OK(setgid(1000)); OK(setuid(1000)); CHECK_ERRNO(open("f", O_RDONLY | O_NOATIME), EPERM); int plain = (int)OK(open("f", O_RDONLY));
                        CHECK_ERRNO(fcntl(plain, F_SETFL, O_NOATIME), EPERM));
    CHECK_EXIT(child, 0);
}

TEST(a_running_program_is_not_truncated_by_a_reader) {
    CHECK_ERRNO(open("/proc/self/exe", O_RDONLY | O_TRUNC), ETXTBSY);
    CHECK_ERRNO(open("/proc/self/exe", O_WRONLY), ETXTBSY);
    CHECK_ERRNO(truncate("/proc/self/exe", 0), ETXTBSY);
    test_write_file("f", "hello");
    OK(close((int)OK(open("f", O_RDONLY | O_TRUNC)))); /* another file is */
    struct stat about;
    OK(stat("f", &about));
    CHECK_EQ(about.st_size, 0);
    OK(close((int)OK(open("f", O_RDWR))));
}

TEST(synchronous_flags_are_kept_and_shown) {
    int fd = (int)OK(open("f", O_CREAT | O_RDWR | O_DSYNC, 0600));
    CHECK_EQ(OK(fcntl(fd, F_GETFL)) & O_SYNC, O_DSYNC);
    CHECK_EQ(OK(write(fd, "x", 1)), 1);
    int both = (int)OK(open("f", O_RDWR | O_SYNC));
    CHECK_EQ(OK(fcntl(both, F_GETFL)) & O_SYNC, O_SYNC);
    OK(fcntl(fd, F_SETFL, 0)); /* cannot be taken away */
    CHECK_EQ(OK(fcntl(fd, F_GETFL)) & O_SYNC, O_DSYNC);
}

TEST(statx_tells_what_it_is_asked_for) {
    test_write_file("f", "hello");
    OK(symlink("f", "l"));
    struct statx about;
    memset(&about, 0xFF, sizeof about);
    OK(statx(AT_FDCWD, "f", 0, STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID, &about));
    CHECK_EQ(about.stx_mask & STATX_BASIC_STATS, STATX_BASIC_STATS);
    CHECK(about.stx_mask & STATX_BTIME);
    CHECK(about.stx_mask & STATX_MNT_ID);
    CHECK_EQ(about.stx_size, 5);
    CHECK_EQ(about.stx_mode, S_IFREG | 0644);
    CHECK(about.stx_btime.tv_sec > 0);
    struct stat plain;
    OK(stat("f", &plain));
    CHECK_EQ(about.stx_ino, plain.st_ino);
    CHECK_EQ(makedev(about.stx_dev_major, about.stx_dev_minor), plain.st_dev);
    CHECK_EQ(about.stx_blksize, plain.st_blksize);
    OK(statx(AT_FDCWD, "l", AT_SYMLINK_NOFOLLOW | AT_STATX_FORCE_SYNC, 0, &about));
    CHECK(S_ISLNK(about.stx_mode));
    OK(statx(AT_FDCWD, "f", AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_SIZE, &about));
    int fd = (int)OK(open("f", O_PATH));
    OK(statx(fd, "", AT_EMPTY_PATH, STATX_ALL, &about));
    CHECK_EQ(about.stx_size, 5);
    OK(statx(AT_FDCWD, "/", 0, STATX_BASIC_STATS, &about));
    CHECK(about.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT);
    CHECK(about.stx_attributes & STATX_ATTR_MOUNT_ROOT);
    CHECK_ERRNO(statx(AT_FDCWD, "f", AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC, 0, &about), EINVAL);
    CHECK_ERRNO(statx(AT_FDCWD, "f", 0, 0x80000000u, &about), EINVAL);
    CHECK_ERRNO(statx(AT_FDCWD, "f", 0x8000, 0, &about), EINVAL);
    CHECK_ERRNO(statx(AT_FDCWD, "f", 0, 0, (void *)8), EFAULT);
}

static struct flock range(short type, off_t start, off_t length) { return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length}; }

TEST(locks_of_an_open_file_are_the_descriptions) {
    int one = (int)OK(open("f", O_CREAT | O_RDWR, 0600)), two = (int)OK(open("f", O_RDWR));
    struct flock lock = range(F_WRLCK, 0, 10);
    OK(fcntl(one, F_OFD_SETLK, &lock));
    lock = range(F_WRLCK, 5, 10);
    CHECK_ERRNO(fcntl(two, F_OFD_SETLK, &lock), EAGAIN); /* the same process, another description */
    struct flock ask = range(F_RDLCK, 0, 0);
    OK(fcntl(two, F_OFD_GETLK, &ask));
    CHECK_EQ(ask.l_type, F_WRLCK);
    CHECK_EQ(ask.l_pid, -1);
    CHECK_EQ(ask.l_start, 0);
    CHECK_EQ(ask.l_len, 10);
    lock.l_pid = 1;
    CHECK_ERRNO(fcntl(two, F_OFD_SETLK, &lock), EINVAL);
    pid_t child = CHILD(struct flock more = range(F_WRLCK, 0, 20); OK(fcntl(one, F_OFD_SETLK, &more))); /* the child has the same description */
    CHECK_EXIT(child, 0);
    ask = range(F_RDLCK, 15, 1);
    OK(fcntl(two, F_OFD_GETLK, &ask));
    CHECK_EQ(ask.l_type, F_WRLCK);
    /* A waiter gets it when the description is closed. */
    struct gate gate = gate_make();
    child = CHILD(OK(close(one)); gate_open(gate); struct flock wait = range(F_WRLCK, 0, 0); OK(fcntl(two, F_OFD_SETLKW, &wait)));
    gate_wait(gate);
    test_wait_state(child, "S");
    OK(close(one));
    CHECK_EXIT(child, 0);
}

TEST(advice_about_files_is_checked) {
    int fd = (int)OK(open("f", O_CREAT | O_RDWR, 0600)), ends[2];
    OK(pipe(ends));
    for (int advice = POSIX_FADV_NORMAL; advice <= POSIX_FADV_NOREUSE; advice++) CHECK_EQ(posix_fadvise(fd, 0, 0, advice), 0);
    CHECK_EQ(posix_fadvise(fd, 0, 0, 6), EINVAL);
    CHECK_EQ(posix_fadvise(fd, 0, -1, POSIX_FADV_NORMAL), EINVAL);
    CHECK_EQ(posix_fadvise(ends[0], 0, 0, POSIX_FADV_NORMAL), ESPIPE);
    CHECK_EQ(posix_fadvise(-1, 0, 0, POSIX_FADV_NORMAL), EBADF);
    uint64_t hint = 99;
    OK(fcntl(fd, 1035, &hint)); /* F_GET_RW_HINT */
    CHECK_EQ(hint, 0);
    hint = 2;
    OK(fcntl(fd, 1036, &hint));
    hint = 0;
    OK(fcntl(fd, 1035, &hint));
    CHECK_EQ(hint, 2);
    hint = 77;
    CHECK_ERRNO(fcntl(fd, 1036, &hint), EINVAL);
}

TEST(epoll_exclusive_wakes_one_of_two_sets) {
    int counter = (int)OK(eventfd(0, EFD_NONBLOCK)), sets[2];
    struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.u64 = 1};
    for (int i = 0; i < 2; i++) {
        sets[i] = (int)OK(epoll_create1(0));
        OK(epoll_ctl(sets[i], EPOLL_CTL_ADD, counter, &event));
    }
    CHECK_ERRNO(epoll_ctl(sets[0], EPOLL_CTL_MOD, counter, &event), EINVAL);
    event.events = EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT;
    int other = (int)OK(eventfd(0, 0));
    CHECK_ERRNO(epoll_ctl(sets[0], EPOLL_CTL_ADD, other, &event), EINVAL);
    event.events = EPOLLIN | EPOLLEXCLUSIVE;
    int nested = (int)OK(epoll_create1(0));
    CHECK_ERRNO(epoll_ctl(sets[0], EPOLL_CTL_ADD, nested, &event), EINVAL);
    event.events = EPOLLIN | EPOLLWAKEUP | EPOLLET;
    OK(epoll_ctl(sets[0], EPOLL_CTL_ADD, other, &event));
    CHECK_EQ(OK(write(counter, &(uint64_t){1}, 8)), 8);
    struct epoll_event found[2];
    CHECK_EQ(OK(epoll_wait(sets[0], found, 2, 0)), 1); /* level-triggered: whoever asks sees it */
}

TEST(poll_tells_that_the_other_end_stopped_writing) {
    int ends[2];
    OK(pipe(ends));
    OK(close(ends[1]));
    struct pollfd poll_for = {.fd = ends[0], .events = POLLIN | POLLRDHUP};
    CHECK_EQ(OK(poll(&poll_for, 1, 0)), 1);
    CHECK_EQ(poll_for.revents, POLLHUP);
    struct pollfd none[2] = {{.fd = -1, .events = POLLIN}, {.fd = 500, .events = 0}};
    CHECK_EQ(OK(poll(none, 2, 0)), 1);
    CHECK_EQ(none[0].revents, 0);
    CHECK_EQ(none[1].revents, POLLNVAL);
}

TEST(a_timer_on_the_clock_is_cancelled_when_the_clock_is_set) {
    int timer = (int)OK(timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
    CHECK_EQ(OK(fcntl(timer, F_GETFD)), FD_CLOEXEC);
    struct timespec now;
    OK(clock_gettime(CLOCK_REALTIME, &now));
    struct itimerspec when = {.it_value = {now.tv_sec + 10000, 0}};
    OK(timerfd_settime(timer, TFD_TIMER_ABSTIME | 2, &when, NULL)); /* TFD_TIMER_CANCEL_ON_SET */
    uint64_t times;
    CHECK_ERRNO(read(timer, &times, 8), EAGAIN);
    OK(clock_settime(CLOCK_REALTIME, &now));
    struct pollfd ready = {.fd = timer, .events = POLLIN};
    CHECK_EQ(OK(poll(&ready, 1, 60000)), 1);
    CHECK_ERRNO(read(timer, &times, 8), ECANCELED);
    CHECK_ERRNO(read(timer, &times, 8), EAGAIN);
    CHECK_ERRNO(timerfd_settime(timer, 4, &when, NULL), EINVAL);
}
