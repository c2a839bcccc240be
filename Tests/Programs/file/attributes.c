/* Modes, owners, times, permissions of users, locks, mounts, chroot. */
#include "test.h"

#include <sys/file.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>

#define AS_USER(...) CHECK_EXIT(CHILD(OK(setgid(1000)); OK(setuid(1000)); __VA_ARGS__), 0)

static mode_t mode_of(const char *path) {
    struct stat about;
    OK(lstat(path, &about));
    return about.st_mode & 07777;
}

TEST(umask_takes_bits_away) {
    umask(0);
    OK(close((int)OK(open("a", O_CREAT | O_WRONLY, 04777))));
    CHECK_EQ(mode_of("a"), 04777);
    CHECK_EQ(umask(077), 0);
    OK(close((int)OK(open("b", O_CREAT | O_WRONLY, 0777))));
    CHECK_EQ(mode_of("b"), 0700);
    OK(mkdir("d", 01777));
    CHECK_EQ(mode_of("d"), 01700);
    CHECK_EQ(umask(0xFFFF), 077);
    CHECK_EQ(umask(022), 0777);
}

TEST(chmod_and_chown_with_their_rules) {
    test_write_file("f", "");
    OK(chmod("f", 06755));
    CHECK_EQ(mode_of("f"), 06755);
    OK(chown("f", 1000, 1000));
    CHECK_EQ(mode_of("f"), 0755); /* chown takes the set-user-ID bits */
    OK(chown("f", -1, 5));
    struct stat about;
    OK(stat("f", &about));
    CHECK_EQ(about.st_uid, 1000);
    CHECK_EQ(about.st_gid, 5);
    OK(symlink("f", "l"));
    OK(lchown("l", 7, 7));
    OK(lstat("l", &about));
    CHECK_EQ(about.st_uid, 7);
    OK(stat("f", &about));
    CHECK_EQ(about.st_uid, 1000);
    AS_USER(OK(chmod("f", 0600)); CHECK_ERRNO(chown("f", 0, -1), EPERM); OK(chown("f", -1, 1000)); CHECK_ERRNO(chown("f", -1, 5), EPERM));
    OK(chown("f", 0, 0));
    AS_USER(CHECK_ERRNO(chmod("f", 0777), EPERM));
    CHECK_ERRNO(chmod("none", 0777), ENOENT);
}

TEST(a_user_is_checked_and_root_is_not) {
    OK(chmod(".", 0755));
    test_write_file("secret", "x");
    OK(chmod("secret", 0600));
    test_write_file("readable", "x");
    OK(mkdir("closed", 0700));
    test_write_file("closed/f", "x");
    AS_USER(CHECK_ERRNO(open("secret", O_RDONLY), EACCES); CHECK_ERRNO(open("readable", O_WRONLY), EACCES); OK(open("readable", O_RDONLY));
            CHECK_ERRNO(open("closed/f", O_RDONLY), EACCES); CHECK_ERRNO(open("new", O_CREAT | O_WRONLY, 0644), EACCES); CHECK_ERRNO(unlink("readable"), EACCES);
            CHECK_ERRNO(mkdir("d", 0755), EACCES); CHECK_ERRNO(rename("readable", "other"), EACCES); CHECK_ERRNO(access("secret", R_OK), EACCES);
            OK(access("readable", R_OK)); CHECK_ERRNO(access("readable", W_OK), EACCES); CHECK_ERRNO(chdir("closed"), EACCES); CHECK_ERRNO(chroot("."), EPERM);
            CHECK_ERRNO(truncate("readable", 0), EACCES));
    OK(chmod("secret", 0));
    OK(close((int)OK(open("secret", O_RDWR))));
    CHECK_ERRNO(access("secret", X_OK), EACCES); /* root, too, needs one execute bit */
    CHECK_ERRNO(access("secret", 8), EINVAL);
}

TEST(the_owner_class_counts_even_when_others_may_more) {
    OK(chmod(".", 0755));
    test_write_file("f", "x");
    OK(chown("f", 1000, 1000));
    OK(chmod("f", 0077));
    AS_USER(CHECK_ERRNO(open("f", O_RDONLY), EACCES));
    OK(chown("f", 0, 1000));
    OK(chmod("f", 0707));
    AS_USER(CHECK_ERRNO(open("f", O_RDONLY), EACCES));
    OK(chmod("f", 0040));
    AS_USER(OK(open("f", O_RDONLY)));
}

TEST(access_asks_for_the_real_user) {
    OK(chmod(".", 0755));
    test_write_file("f", "x");
    OK(chmod("f", 0600));
    CHECK_EXIT(CHILD(OK(setresuid(1000, 0, 0)); CHECK_ERRNO(access("f", R_OK), EACCES); OK(faccessat(AT_FDCWD, "f", R_OK, AT_EACCESS));
                     OK(close((int)OK(open("f", O_RDONLY))))), 0);
}

TEST(a_sticky_folder_protects_others_files) {
    OK(mkdir("sticky", 0));
    OK(chmod("sticky", 01777));
    OK(chmod(".", 0755));
    test_write_file("sticky/root", "x");
    OK(chmod("sticky/root", 0666));
    AS_USER(CHECK_ERRNO(unlink("sticky/root"), EPERM); CHECK_ERRNO(rename("sticky/root", "sticky/mine"), EPERM); OK(close((int)OK(open("sticky/own", O_CREAT | O_WRONLY, 0644))));
            OK(unlink("sticky/own")));
}

TEST(a_set_group_folder_gives_its_group) {
    OK(mkdir("d", 0755));
    OK(chown("d", 0, 1000));
    OK(chmod("d", 02755));
    test_write_file("d/f", "x");
    OK(mkdir("d/e", 0755));
    struct stat about;
    OK(stat("d/f", &about));
    CHECK_EQ(about.st_gid, 1000);
    CHECK_EQ(mode_of("d/e"), 02755);
}

TEST(a_write_by_a_user_takes_the_set_user_bit) {
    OK(chmod(".", 0777));
    test_write_file("f", "x");
    OK(chown("f", 1000, 1000));
    OK(chmod("f", 04777));
    AS_USER(int file = (int)OK(open("f", O_WRONLY)); CHECK_EQ(write(file, "y", 1), 1));
    CHECK_EQ(mode_of("f"), 0777);
}

TEST(times_are_kept_and_set) {
    test_write_file("f", "x");
    struct timespec times[2] = {{1000000000, 123456789}, {1100000000, 987654321}};
    OK(utimensat(AT_FDCWD, "f", times, 0));
    struct stat about;
    OK(stat("f", &about));
    CHECK_EQ(about.st_atim.tv_sec, 1000000000);
    CHECK_EQ(about.st_atim.tv_nsec, 123456789);
    CHECK_EQ(about.st_mtim.tv_nsec, 987654321);
    times[0].tv_nsec = UTIME_OMIT;
    times[1].tv_nsec = UTIME_NOW;
    OK(utimensat(AT_FDCWD, "f", times, 0));
    OK(stat("f", &about));
    CHECK_EQ(about.st_atim.tv_sec, 1000000000);
    CHECK(about.st_mtim.tv_sec != 1100000000);
    times[1].tv_nsec = 1000000000;
    CHECK_ERRNO(utimensat(AT_FDCWD, "f", times, 0), EINVAL);
    int file = (int)OK(open("f", O_RDWR));
    OK(futimens(file, (struct timespec[]){{5, 0}, {6, 0}}));
    CHECK_EQ(write(file, "y", 1), 1);
    OK(fstat(file, &about));
    CHECK(about.st_mtim.tv_sec != 6); /* a write sets the modification time */
    struct timespec before = about.st_ctim;
    test_sleep_ms(30);
    OK(chmod("f", 0600));
    OK(fstat(file, &about));
    CHECK(about.st_ctim.tv_sec > before.tv_sec || about.st_ctim.tv_nsec > before.tv_nsec);
}

TEST(statx_fills_what_it_says) {
    test_write_file("f", "hello");
    struct statx about;
    memset(&about, 0xFF, sizeof about);
    OK((syscall(SYS_statx, AT_FDCWD, "f", 0, STATX_BASIC_STATS, &about)));
    CHECK_EQ(about.stx_mask & STATX_BASIC_STATS, STATX_BASIC_STATS);
    CHECK_EQ(about.stx_size, 5);
    CHECK_EQ(about.stx_mode, S_IFREG | 0644);
    CHECK_EQ(about.stx_nlink, 1);
    struct stat plain;
    OK(stat("f", &plain));
    CHECK_EQ(about.stx_ino, plain.st_ino);
    CHECK_EQ(makedev(about.stx_dev_major, about.stx_dev_minor), plain.st_dev);
    CHECK_ERRNO((syscall(SYS_statx, AT_FDCWD, "f", 0, 0x80000000U, &about)), EINVAL);
    CHECK_ERRNO((syscall(SYS_statx, AT_FDCWD, "f", 0x6000, STATX_SIZE, &about)), EINVAL);
    CHECK_ERRNO((syscall(SYS_statx, AT_FDCWD, "f", 0, STATX_SIZE, 16)), EFAULT);
}

TEST(flock_excludes_between_open_files_and_goes_with_the_last_descriptor) {
    int one = (int)OK(open("f", O_RDWR | O_CREAT, 0644)), two = (int)OK(open("f", O_RDWR));
    OK(flock(one, LOCK_EX));
    CHECK_ERRNO(flock(two, LOCK_EX | LOCK_NB), EWOULDBLOCK);
    CHECK_ERRNO(flock(two, LOCK_SH | LOCK_NB), EWOULDBLOCK);
    int copy = (int)OK(dup(one));
    OK(close(one));
    CHECK_ERRNO(flock(two, LOCK_EX | LOCK_NB), EWOULDBLOCK);
    OK(close(copy));
    OK(flock(two, LOCK_SH | LOCK_NB));
    int three = (int)OK(open("f", O_RDWR));
    OK(flock(three, LOCK_SH | LOCK_NB));
    OK(flock(three, LOCK_UN));
    struct gate gate = gate_make();
    pid_t child = CHILD(int own = (int)OK(open("f", O_RDWR)); gate_open(gate); OK(flock(own, LOCK_EX)));
    gate_wait(gate);
    test_wait_state(child, "S");
    OK(flock(two, LOCK_UN));
    CHECK_EXIT(child, 0);
    CHECK_ERRNO(flock(two, 0), EINVAL);
    CHECK_ERRNO(flock(999, LOCK_EX), EBADF);
}

static int lock(int file, int command, short type, off_t start, off_t length) {
    struct flock request = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    return fcntl(file, command, &request);
}

TEST(record_locks_belong_to_processes_and_cover_ranges) {
    int file = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    OK(lock(file, F_SETLK, F_WRLCK, 0, 100));
    OK(lock(file, F_SETLK, F_RDLCK, 50, 10)); /* one's own locks are converted */
    CHECK_EXIT(CHILD(CHECK(lock(file, F_SETLK, F_WRLCK, 0, 10) == -1 && (errno == EAGAIN || errno == EACCES)); OK(lock(file, F_SETLK, F_WRLCK, 100, 10));
                     OK(lock(file, F_SETLK, F_RDLCK, 55, 5)); struct flock request = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1000};
                     OK(fcntl(file, F_GETLK, &request)); CHECK_EQ(request.l_type, F_WRLCK); CHECK_EQ(request.l_start, 0); CHECK_EQ(request.l_len, 50);
                     CHECK_EQ(request.l_pid, getppid())), 0);
    pid_t child = CHILD(OK(lock(file, F_SETLKW, F_WRLCK, 10, 1)));
    test_wait_state(child, "S");
    OK(lock(file, F_SETLK, F_UNLCK, 0, 50));
    CHECK_EXIT(child, 0);
    OK(lock(file, F_SETLK, F_WRLCK, 0, 0)); /* to the end of everything */
    CHECK_EXIT(CHILD(CHECK_ERRNO(lock(file, F_SETLK, F_WRLCK, 1LL << 40, 1), EAGAIN)), 0);
    OK(close((int)OK(open("f", O_RDONLY)))); /* fcntl(2): closing any descriptor of the file drops the locks */
    CHECK_EXIT(CHILD(OK(lock(file, F_SETLK, F_WRLCK, 0, 0))), 0);
    CHECK_ERRNO(lock(file, F_SETLK, 99, 0, 0), EINVAL);
    CHECK_ERRNO(lock(file, F_SETLK, F_WRLCK, -1, 0), EINVAL);
    CHECK_ERRNO(lock((int)OK(open("f", O_RDONLY)), F_SETLK, F_WRLCK, 0, 0), EBADF);
}

TEST(a_deadlock_of_record_locks_is_edeadlk) {
    int file = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    struct gate gate = gate_make();
    OK(lock(file, F_SETLK, F_WRLCK, 0, 1));
    pid_t child = CHILD(OK(lock(file, F_SETLK, F_WRLCK, 1, 1)); gate_open(gate); OK(lock(file, F_SETLKW, F_WRLCK, 0, 1)));
    gate_wait(gate);
    test_wait_state(child, "S");
    CHECK_ERRNO(lock(file, F_SETLKW, F_WRLCK, 1, 1), EDEADLK);
    OK(lock(file, F_SETLK, F_UNLCK, 0, 1));
    CHECK_EXIT(child, 0);
}

TEST(chroot_closes_the_way_out) {
    OK(mkdir("jail", 0755));
    OK(mkdir("jail/in", 0755));
    test_write_file("jail/in/f", "x");
    CHECK_EXIT(CHILD(OK(chroot("jail")); OK(chdir("/")); OK(access("/in/f", F_OK)); CHECK_ERRNO(access("/tests/list", F_OK), ENOENT); OK(access("../../in/f", F_OK));
                     char where[64]; CHECK(getcwd(where, sizeof where) != NULL); CHECK_STR(where, "/")), 0);
    OK(access("/tests/list", F_OK));
    CHECK_ERRNO(chroot("jail/in/f"), ENOTDIR);
}

TEST(tmpfs_and_bind_mounts_cover_and_uncover) {
    OK(mkdir("a", 0755));
    OK(mkdir("b", 0755));
    test_write_file("a/under", "x");
    OK(mount("none", "a", "tmpfs", 0, "mode=0700"));
    CHECK_ERRNO(access("a/under", F_OK), ENOENT);
    CHECK_EQ(mode_of("a"), 0700);
    test_write_file("a/over", "x");
    OK(mount("a", "b", NULL, MS_BIND, NULL));
    OK(access("b/over", F_OK));
    test_write_file("b/more", "x");
    OK(access("a/more", F_OK));
    struct stat a, top;
    OK(stat("a", &a));
    OK(stat(".", &top));
    CHECK(a.st_dev != top.st_dev);
    CHECK_ERRNO(rmdir("a"), EBUSY);
    CHECK_ERRNO(rename("a/over", "over"), EXDEV);
    int file = (int)OK(open("a/over", O_RDONLY));
    CHECK_ERRNO(umount("a"), EBUSY);
    OK(close(file));
    OK(umount("a"));
    OK(access("a/under", F_OK));
    OK(access("b/over", F_OK)); /* the bind mount holds the file system */
    OK(umount("b"));
    CHECK_ERRNO(umount("b"), EINVAL);
    CHECK_ERRNO(mount("none", "a", "nosuchfs", 0, NULL), ENODEV);
    CHECK_ERRNO(mount("none", "none", "tmpfs", 0, NULL), ENOENT);
    AS_USER(CHECK_ERRNO(mount("none", "a", "tmpfs", 0, NULL), EPERM));
}

TEST(a_read_only_mount_refuses_changes) {
    OK(mkdir("a", 0755));
    OK(mount("none", "a", "tmpfs", 0, NULL));
    test_write_file("a/f", "x");
    OK(mount("none", "a", NULL, MS_REMOUNT | MS_RDONLY, NULL));
    CHECK_ERRNO(open("a/f", O_WRONLY), EROFS);
    CHECK_ERRNO(open("a/g", O_WRONLY | O_CREAT, 0644), EROFS);
    CHECK_ERRNO(mkdir("a/d", 0755), EROFS);
    CHECK_ERRNO(unlink("a/f"), EROFS);
    CHECK_ERRNO(chmod("a/f", 0600), EROFS);
    CHECK_ERRNO(access("a/f", W_OK), EROFS);
    OK(close((int)OK(open("a/f", O_RDONLY))));
    OK(umount("a"));
}

TEST(proc_mounts_lists_the_mounts) {
    char text[8192];
    OK(mkdir("m", 0755));
    OK(mount("mysource", "m", "tmpfs", MS_NOSUID | MS_NODEV, NULL));
    test_read_file("/proc/mounts", text, sizeof text);
    char *line = strstr(text, "mysource /tmp/work/m tmpfs rw,nosuid,nodev");
    CHECK(line != NULL);
    CHECK(strstr(line, " 0 0\n") != NULL);
    OK(umount("m"));
    test_read_file("/proc/mounts", text, sizeof text);
    CHECK(strstr(text, "mysource") == NULL);
}
