/* System calls of files whose C library wrappers are seldom used, flag by flag. */
#include "test.h"

#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <utime.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

struct old_dirent {
    unsigned long d_ino;
    unsigned long d_off;
    unsigned short d_reclen;
    char d_name[];
};

static void check_times(const char *path, long access_seconds, long access_nanoseconds, long change_seconds, long change_nanoseconds) {
    struct stat about;
    OK(lstat(path, &about));
    CHECK_EQ(about.st_atim.tv_sec, access_seconds);
    CHECK_EQ(about.st_atim.tv_nsec, access_nanoseconds);
    CHECK_EQ(about.st_mtim.tv_sec, change_seconds);
    CHECK_EQ(about.st_mtim.tv_nsec, change_nanoseconds);
}

TEST(getdents_of_old_programs_has_the_type_behind_the_name) {
    OK(mkdir("d", 0755));
    test_write_file("d/file", "");
    OK(mkdir("d/folder", 0755));
    OK(symlink("x", "d/link"));
    int fd = (int)OK(open("d", O_RDONLY | O_DIRECTORY));
    char space[1024];
    unsigned seen = 0;
    for (;;) {
        long n = OK(syscall(SYS_getdents, fd, space, sizeof space));
        if (n == 0) break;
        for (long at = 0; at < n;) {
            struct old_dirent *entry = (struct old_dirent *)(space + at);
            unsigned char type = (unsigned char)space[at + entry->d_reclen - 1];
            CHECK(entry->d_ino != 0);
            CHECK_EQ(entry->d_reclen % 8, 0);
            if (strcmp(entry->d_name, ".") == 0) seen |= 1, CHECK_EQ(type, 4);
            else if (strcmp(entry->d_name, "..") == 0) seen |= 2, CHECK_EQ(type, 4);
            else if (strcmp(entry->d_name, "file") == 0) seen |= 4, CHECK_EQ(type, 8);
            else if (strcmp(entry->d_name, "folder") == 0) seen |= 8, CHECK_EQ(type, 4);
            else if (strcmp(entry->d_name, "link") == 0) seen |= 16, CHECK_EQ(type, 10);
            else FAIL("an entry \"%s\"", entry->d_name);
            at += entry->d_reclen;
        }
    }
    CHECK_EQ(seen, 31);
    OK(lseek(fd, 0, SEEK_SET));
    CHECK_ERRNO(syscall(SYS_getdents, fd, space, 1), EINVAL);
    CHECK_ERRNO(syscall(SYS_getdents, fd, (void *)8, sizeof space), EFAULT);
    CHECK_ERRNO(syscall(SYS_getdents, -1, space, sizeof space), EBADF);
    CHECK_ERRNO(syscall(SYS_getdents, (int)OK(open("d/file", O_RDONLY)), space, sizeof space), ENOTDIR);
}

TEST(utime_and_its_family_set_what_they_are_told) {
    test_write_file("f", "");
    OK(symlink("f", "l"));
    struct utimbuf seconds = {100, 200};
    OK(syscall(SYS_utime, "f", &seconds));
    check_times("f", 100, 0, 200, 0);
    struct timeval micro[2] = {{300, 5}, {400, 6}};
    OK(syscall(SYS_utimes, "l", micro)); /* follows the link */
    check_times("f", 300, 5000, 400, 6000);
    micro[0].tv_sec = 301;
    OK(syscall(SYS_futimesat, AT_FDCWD, "f", micro));
    check_times("f", 301, 5000, 400, 6000);
    int fd = (int)OK(open("f", O_RDWR));
    micro[0].tv_sec = 302;
    OK(syscall(SYS_futimesat, fd, NULL, micro));
    check_times("f", 302, 5000, 400, 6000);
    micro[1].tv_usec = 1000000;
    CHECK_ERRNO(syscall(SYS_utimes, "f", micro), EINVAL);
    micro[1].tv_usec = -1;
    CHECK_ERRNO(syscall(SYS_futimesat, AT_FDCWD, "f", micro), EINVAL);
    CHECK_ERRNO(syscall(SYS_utimes, "f", (void *)8), EFAULT);
    CHECK_ERRNO(syscall(SYS_utime, "none", NULL), ENOENT);

    struct timespec nano[2] = {{1, 7}, {2, 8}};
    OK(utimensat(AT_FDCWD, "l", nano, AT_SYMLINK_NOFOLLOW));
    check_times("l", 1, 7, 2, 8);
    check_times("f", 302, 5000, 400, 6000);
    nano[0].tv_nsec = UTIME_OMIT;
    OK(utimensat(AT_FDCWD, "f", nano, 0));
    check_times("f", 302, 5000, 2, 8);
    nano[1].tv_nsec = UTIME_OMIT;
    OK(utimensat(AT_FDCWD, "f", nano, 0));
    check_times("f", 302, 5000, 2, 8);
    OK(syscall(SYS_utimensat, AT_FDCWD, "none", nano, 0x8000)); /* nothing to do: nothing else is looked at */
    nano[1].tv_nsec = 9;
    OK(utimensat(fd, "", nano, AT_EMPTY_PATH));
    check_times("f", 302, 5000, 2, 9);
    CHECK_ERRNO(utimensat(AT_FDCWD, "f", nano, 0x8000), EINVAL);
    CHECK_ERRNO(syscall(SYS_utimensat, fd, NULL, nano, AT_SYMLINK_NOFOLLOW), EINVAL);
    CHECK_ERRNO(syscall(SYS_utimensat, AT_FDCWD, NULL, nano, 0), EFAULT);
    CHECK_ERRNO(syscall(SYS_utimes, NULL, NULL), EFAULT);
    nano[1].tv_nsec = 1000000000;
    CHECK_ERRNO(utimensat(AT_FDCWD, "f", nano, 0), EINVAL);
    OK(utimensat(AT_FDCWD, "f", NULL, 0));
    struct stat about;
    OK(stat("f", &about));
    CHECK(about.st_atim.tv_sec > 1000);

    /* Now is for who may write; a time of one's own is for the owner. */
    OK(chmod(".", 0755));
    OK(chmod("f", 0666));
    pid_t child = CHILD(OK(setgid(1000)); OK(setuid(1000)); OK(utimensat(AT_FDCWD, "f", NULL, 0)); nano[1].tv_nsec = 0; nano[0].tv_nsec = 0;
                        CHECK_ERRNO(utimensat(AT_FDCWD, "f", nano, 0), EPERM); nano[0].tv_nsec = UTIME_NOW;
                        CHECK_ERRNO(utimensat(AT_FDCWD, "f", nano, 0), EPERM); nano[1].tv_nsec = UTIME_NOW; OK(utimensat(AT_FDCWD, "f", nano, 0)));
    CHECK_EXIT(child, 0);
    OK(chmod("f", 0644));
    child = CHILD(OK(setgid(1000)); OK(setuid(1000)); CHECK_ERRNO(utimensat(AT_FDCWD, "f", NULL, 0), EACCES));
    CHECK_EXIT(child, 0);
}

TEST(mknodat_makes_each_kind_of_node) {
    int folder = (int)OK(open(".", O_RDONLY | O_DIRECTORY));
    umask(0);
    struct stat about;
    OK(mknodat(folder, "plain", 0640, 0));
    OK(stat("plain", &about));
    CHECK_EQ(about.st_mode, S_IFREG | 0640);
    OK(mknodat(folder, "regular", S_IFREG | 0600, 0));
    OK(mknodat(folder, "fifo", S_IFIFO | 0600, 0));
    OK(stat("fifo", &about));
    CHECK(S_ISFIFO(about.st_mode));
    OK(mknodat(folder, "socket", S_IFSOCK | 0600, 0));
    OK(stat("socket", &about));
    CHECK(S_ISSOCK(about.st_mode));
    CHECK_ERRNO(open("socket", O_RDONLY), ENXIO);
    OK(mknodat(folder, "null", S_IFCHR | 0666, makedev(1, 3)));
    OK(stat("null", &about));
    CHECK_EQ(about.st_rdev, makedev(1, 3));
    OK(mknodat(folder, "nothing", S_IFBLK | 0666, makedev(250, 7)));
    OK(stat("nothing", &about));
    CHECK(S_ISBLK(about.st_mode));
    CHECK_ERRNO(open("nothing", O_RDONLY), ENXIO);
    CHECK_ERRNO(mknodat(folder, "folder", S_IFDIR | 0700, 0), EPERM);
    CHECK_ERRNO(mknodat(folder, "odd", 0170000, 0), EINVAL);
    CHECK_ERRNO(mknodat(folder, "fifo", S_IFIFO | 0600, 0), EEXIST);
    CHECK_ERRNO(mknodat(folder, "plain/x", S_IFIFO | 0600, 0), ENOTDIR);
    CHECK_ERRNO(mknodat(-1, "x", S_IFIFO | 0600, 0), EBADF);
    OK(chmod(".", 0777));
    pid_t child = CHILD(OK(setgid(1000)); OK(setuid(1000)); CHECK_ERRNO(mknod("device", S_IFCHR | 0600, makedev(1, 3)), EPERM);
                        CHECK_ERRNO(mknod("block", S_IFBLK | 0600, makedev(1, 3)), EPERM); OK(mknod("myfifo", S_IFIFO | 0600, 0)));
    CHECK_EXIT(child, 0);
}

TEST(readlinkat_by_path_and_by_descriptor) {
    char text[32];
    OK(symlink("some/where", "l"));
    CHECK_EQ(OK(readlinkat(AT_FDCWD, "l", text, sizeof text)), 10);
    CHECK(memcmp(text, "some/where", 10) == 0);
    CHECK_EQ(OK(readlinkat(AT_FDCWD, "l", text, 4)), 4);
    int link = (int)OK(open("l", O_PATH | O_NOFOLLOW));
    CHECK_EQ(OK(readlinkat(link, "", text, sizeof text)), 10);
    CHECK_ERRNO(readlinkat(AT_FDCWD, "l", text, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_readlinkat, AT_FDCWD, "l", text, -1), EINVAL);
    CHECK_ERRNO(readlinkat(AT_FDCWD, ".", text, sizeof text), EINVAL);
    CHECK_ERRNO(readlinkat(AT_FDCWD, "", text, sizeof text), ENOENT);
    CHECK_ERRNO(readlinkat((int)OK(open(".", O_RDONLY)), "", text, sizeof text), ENOENT);
    CHECK_ERRNO(readlinkat(AT_FDCWD, "l", (char *)8, 10), EFAULT);
}

TEST(fchmodat_follows_and_its_second_form_need_not) {
    test_write_file("f", "");
    OK(symlink("f", "l"));
    struct stat about;
    OK(syscall(SYS_fchmodat, AT_FDCWD, "l", 0123));
    OK(stat("f", &about));
    CHECK_EQ(about.st_mode & 07777, 0123);
    CHECK_ERRNO(syscall(SYS_fchmodat, -1, "f", 0644), EBADF);
    int folder = (int)OK(open(".", O_RDONLY));
    OK(syscall(SYS_fchmodat, folder, "f", 07600));
    OK(stat("f", &about));
    CHECK_EQ(about.st_mode & 07777, 07600);
    errno = 0;
    if (syscall(SYS_fchmodat2, AT_FDCWD, "f", 0604, 0) == -1 && errno == ENOSYS) SKIP("fchmodat2 is of Linux 6.6");
    OK(stat("f", &about));
    CHECK_EQ(about.st_mode & 07777, 0604);
    OK(syscall(SYS_fchmodat2, (int)OK(open("f", O_PATH)), "", 0640, AT_EMPTY_PATH));
    OK(stat("f", &about));
    CHECK_EQ(about.st_mode & 07777, 0640);
    CHECK_ERRNO(syscall(SYS_fchmodat2, AT_FDCWD, "l", 0600, AT_SYMLINK_NOFOLLOW), EOPNOTSUPP);
    CHECK_ERRNO(syscall(SYS_fchmodat2, AT_FDCWD, "f", 0600, AT_REMOVEDIR), EINVAL);
}

TEST(sync_and_its_ranges) {
    sync();
    int fd = (int)OK(open("f", O_CREAT | O_RDWR, 0600));
    CHECK_EQ(OK(write(fd, "hello", 5)), 5);
    OK(syncfs(fd));
    OK(sync_file_range(fd, 0, 5, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER));
    OK(sync_file_range(fd, 0, 0, 0));
    CHECK_ERRNO(sync_file_range(fd, 0, 5, 8), EINVAL);
    CHECK_ERRNO(sync_file_range(fd, -1, 5, 0), EINVAL);
    CHECK_ERRNO(sync_file_range(fd, 1, -5, 0), EINVAL);
    CHECK_ERRNO(sync_file_range(-1, 0, 5, 0), EBADF);
    int ends[2];
    OK(pipe(ends));
    CHECK_ERRNO(sync_file_range(ends[0], 0, 5, 0), ESPIPE);
    CHECK_ERRNO(syncfs(-1), EBADF);
}

TEST(extended_attributes_by_path_link_and_descriptor) {
    test_write_file("f", "");
    OK(symlink("f", "l"));
    int fd = (int)OK(open("f", O_RDWR));
    char value[64];
    /* tmpfs keeps trusted ones (and user ones from Linux 6.6 on). */
    OK(setxattr("f", "trusted.one", "1234", 4, XATTR_CREATE));
    CHECK_ERRNO(setxattr("f", "trusted.one", "x", 1, XATTR_CREATE), EEXIST);
    CHECK_ERRNO(setxattr("f", "trusted.two", "x", 1, XATTR_REPLACE), ENODATA);
    CHECK_ERRNO(setxattr("f", "trusted.one", "x", 1, 4), EINVAL);
    CHECK_EQ(OK(getxattr("l", "trusted.one", value, sizeof value)), 4);
    CHECK(memcmp(value, "1234", 4) == 0);
    CHECK_EQ(OK(getxattr("l", "trusted.one", NULL, 0)), 4);
    CHECK_ERRNO(getxattr("f", "trusted.one", value, 3), ERANGE);
    CHECK_ERRNO(lgetxattr("l", "trusted.one", value, sizeof value), ENODATA);
    OK(fsetxattr(fd, "trusted.two", "", 0, 0));
    CHECK_EQ(OK(fgetxattr(fd, "trusted.two", value, sizeof value)), 0);
    OK(lsetxattr("l", "trusted.link", "y", 1, 0));
    CHECK_ERRNO(getxattr("f", "trusted.link", value, sizeof value), ENODATA);
    CHECK_EQ(OK(lgetxattr("l", "trusted.link", value, sizeof value)), 1);
    CHECK_EQ(OK(flistxattr(fd, NULL, 0)), 24);
    CHECK_EQ(OK(listxattr("l", value, sizeof value)), 24);
    CHECK_ERRNO(listxattr("f", value, 5), ERANGE);
    CHECK_EQ(OK(llistxattr("l", value, sizeof value)), 13);
    CHECK_STR(value, "trusted.link");
    OK(removexattr("l", "trusted.one"));
    CHECK_ERRNO(removexattr("f", "trusted.one"), ENODATA);
    OK(fremovexattr(fd, "trusted.two"));
    OK(lremovexattr("l", "trusted.link"));
    CHECK_EQ(OK(flistxattr(fd, NULL, 0)), 0);
    CHECK_ERRNO(setxattr("f", "nodomain.x", "x", 1, 0), EOPNOTSUPP);
    CHECK_ERRNO(setxattr("f", "", "x", 1, 0), ERANGE);
    char name[300];
    memset(name, 'a', sizeof name - 1);
    memcpy(name, "trusted.", 8);
    name[299] = 0;
    CHECK_ERRNO(setxattr("f", name, "x", 1, 0), ERANGE);
    CHECK_ERRNO(setxattr("f", "trusted.big", value, 65537, 0), E2BIG);
    CHECK_ERRNO(setxattr("f", "trusted.bad", (void *)8, 4, 0), EFAULT);
    CHECK_ERRNO(setxattr("f", (char *)8, "", 0, 0), EFAULT);
    CHECK_ERRNO(fsetxattr(-1, "trusted.x", "", 0, 0), EBADF);
    CHECK_ERRNO(fsetxattr((int)OK(open("f", O_PATH)), "trusted.x", "", 0, 0), EBADF);
    OK(chmod(".", 0755));
    OK(chmod("f", 0666));
    OK(setxattr("f", "trusted.one", "1", 1, 0));
    pid_t child = CHILD(OK(setgid(1000)); OK(setuid(1000)); CHECK_ERRNO(setxattr("f", "trusted.x", "", 0, 0), EPERM);
                        CHECK_ERRNO(getxattr("f", "trusted.one", value, sizeof value), ENODATA); CHECK_EQ(OK(listxattr("f", value, sizeof value)), 0));
    CHECK_EXIT(child, 0);
}

TEST(faccessat_asks_for_real_or_effective_ids) {
    OK(chmod(".", 0755));
    test_write_file("f", "");
    OK(chmod("f", 0600));
    OK(symlink("none", "dangling"));
    pid_t child = CHILD(OK(setresuid(1000, 0, 0)); CHECK_ERRNO(syscall(SYS_faccessat, AT_FDCWD, "f", R_OK), EACCES);
                        OK(syscall(SYS_faccessat2, AT_FDCWD, "f", R_OK, AT_EACCESS)); CHECK_ERRNO(syscall(SYS_faccessat2, AT_FDCWD, "f", R_OK, 0), EACCES));
    CHECK_EXIT(child, 0);
    CHECK_ERRNO(syscall(SYS_faccessat2, AT_FDCWD, "dangling", F_OK, 0), ENOENT);
    OK(syscall(SYS_faccessat2, AT_FDCWD, "dangling", F_OK, AT_SYMLINK_NOFOLLOW));
    OK(syscall(SYS_faccessat2, (int)OK(open("f", O_PATH)), "", R_OK, AT_EMPTY_PATH));
    CHECK_ERRNO(syscall(SYS_faccessat2, AT_FDCWD, "f", R_OK, 1), EINVAL);
    CHECK_ERRNO(syscall(SYS_faccessat2, AT_FDCWD, "f", 8, 0), EINVAL);
}

TEST(linkat_with_its_flags) {
    test_write_file("f", "x");
    OK(symlink("f", "l"));
    struct stat one, two;
    OK(linkat(AT_FDCWD, "l", AT_FDCWD, "kept", 0));
    OK(lstat("kept", &one));
    CHECK(S_ISLNK(one.st_mode));
    OK(linkat(AT_FDCWD, "l", AT_FDCWD, "followed", AT_SYMLINK_FOLLOW));
    OK(lstat("followed", &one));
    OK(stat("f", &two));
    CHECK_EQ(one.st_ino, two.st_ino);
    CHECK_EQ(two.st_nlink, 2);
    int fd = (int)OK(open("f", O_RDONLY));
    OK(linkat(fd, "", AT_FDCWD, "third", AT_EMPTY_PATH));
    OK(stat("f", &two));
    CHECK_EQ(two.st_nlink, 3);
    CHECK_ERRNO(linkat(fd, "", AT_FDCWD, "fourth", 0), ENOENT);
    CHECK_ERRNO(linkat(AT_FDCWD, "f", AT_FDCWD, "fourth", AT_SYMLINK_NOFOLLOW), EINVAL);
    CHECK_ERRNO(linkat(AT_FDCWD, ".", AT_FDCWD, "folder", 0), EPERM);
    CHECK_ERRNO(linkat(AT_FDCWD, "f", AT_FDCWD, "l", 0), EEXIST);
}

TEST(close_range_closes_or_marks) {
    int first = (int)OK(open("/dev/null", O_RDONLY));
    int numbers[5];
    for (int i = 0; i < 5; i++) numbers[i] = (int)OK(fcntl(first, F_DUPFD, 100 + i));
    OK(syscall(SYS_close_range, 101, 102, 0));
    CHECK_EQ(OK(fcntl(numbers[0], F_GETFD)), 0);
    CHECK_ERRNO(fcntl(numbers[1], F_GETFD), EBADF);
    CHECK_ERRNO(fcntl(numbers[2], F_GETFD), EBADF);
    OK(syscall(SYS_close_range, 103, ~0U, 4));
    CHECK_EQ(OK(fcntl(numbers[3], F_GETFD)), FD_CLOEXEC);
    CHECK_EQ(OK(fcntl(numbers[4], F_GETFD)), FD_CLOEXEC);
    CHECK_ERRNO(syscall(SYS_close_range, 5, 4, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_close_range, 4, 5, 1), EINVAL);
    /* With UNSHARE, a table that is shared stays as it is for the other. */
    pid_t child = (pid_t)OK(syscall(SYS_clone, 0x00000400 | SIGCHLD, 0, 0, 0, 0)); /* CLONE_FILES */
    if (child == 0) {
        OK(syscall(SYS_close_range, 100, ~0U, 2));
        CHECK_ERRNO(fcntl(numbers[0], F_GETFD), EBADF);
        _exit(0);
    }
    CHECK_EXIT(child, 0);
    CHECK_EQ(OK(fcntl(numbers[0], F_GETFD)), 0);
}
