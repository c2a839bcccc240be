/* Names: open's flags, links, rename, unlink, folders. */
#include "test.h"

#include <dirent.h>
#include <sys/sysmacros.h>

static void make(const char *path) { OK(close((int)OK(open(path, O_CREAT | O_WRONLY | O_EXCL, 0644)))); }

static long long links_of(const char *path) {
    struct stat about;
    OK(lstat(path, &about));
    return (long long)about.st_nlink;
}

TEST(open_creates_truncates_and_appends_as_asked) {
    CHECK_ERRNO(open("f", O_RDONLY), ENOENT);
    umask(027);
    int file = (int)OK(open("f", O_RDWR | O_CREAT, 0666));
    struct stat about;
    OK(fstat(file, &about));
    CHECK_EQ(about.st_mode, S_IFREG | 0640);
    CHECK_EQ(about.st_size, 0);
    CHECK_EQ(write(file, "12345", 5), 5);
    OK(close(file));
    file = (int)OK(open("f", O_WRONLY | O_APPEND));
    CHECK_EQ(lseek(file, 0, SEEK_SET), 0);
    CHECK_EQ(write(file, "67", 2), 2);
    CHECK_EQ(lseek(file, 0, SEEK_CUR), 7);
    CHECK_EQ(pwrite(file, "89", 2, 0), 2); /* pwrite(2), BUGS: O_APPEND wins */
    OK(close(file));
    char text[16];
    CHECK_EQ(test_read_file("f", text, sizeof text), 9);
    CHECK_STR(text, "123456789");
    OK(close((int)OK(open("f", O_WRONLY | O_TRUNC))));
    OK(stat("f", &about));
    CHECK_EQ(about.st_size, 0);
}

TEST(excl_refuses_what_exists_and_does_not_follow_links) {
    make("f");
    CHECK_ERRNO(open("f", O_CREAT | O_EXCL | O_WRONLY, 0644), EEXIST);
    OK(symlink("nowhere", "dangling"));
    CHECK_ERRNO(open("dangling", O_CREAT | O_EXCL | O_WRONLY, 0644), EEXIST);
    OK(close((int)OK(open("dangling", O_CREAT | O_WRONLY, 0644))));
    CHECK_EQ(links_of("nowhere"), 1);
}

TEST(directory_nofollow_and_path_flags) {
    make("f");
    OK(mkdir("d", 0755));
    OK(symlink("f", "l"));
    CHECK_ERRNO(open("f", O_RDONLY | O_DIRECTORY), ENOTDIR);
    CHECK_ERRNO(open("d", O_WRONLY), EISDIR);
    CHECK_ERRNO(open("d", O_RDONLY | O_CREAT, 0644), EISDIR);
    CHECK_ERRNO(open("l", O_RDONLY | O_NOFOLLOW), ELOOP);
    CHECK_ERRNO(open("f/", O_RDONLY), ENOTDIR);
    CHECK_ERRNO(open("f/x", O_RDONLY), ENOTDIR);
    CHECK_ERRNO(open("new/", O_WRONLY | O_CREAT, 0644), EISDIR);
    int path = (int)OK(open("l", O_PATH | O_NOFOLLOW));
    struct stat about;
    OK(fstat(path, &about));
    CHECK(S_ISLNK(about.st_mode));
    char byte;
    CHECK_ERRNO(read(path, &byte, 1), EBADF);
    CHECK_ERRNO(fchmod(path, 0644), EBADF);
    CHECK_ERRNO(write(path, "x", 1), EBADF);
    OK(close((int)OK(fcntl(path, F_DUPFD, 30))));
}

TEST(a_temporary_file_has_no_name_until_it_is_linked) {
    int file = (int)OK(open(".", O_TMPFILE | O_RDWR, 0600));
    struct stat about;
    OK(fstat(file, &about));
    CHECK_EQ(about.st_nlink, 0);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    OK(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
    CHECK_EQ(links_of("named"), 1);
    CHECK_ERRNO(open(".", O_TMPFILE | O_RDONLY, 0600), EINVAL);
}

TEST(symbolic_links_are_followed_and_loops_are_eloop) {
    char text[64];
    OK(mkdir("d", 0755));
    test_write_file("d/f", "deep");
    OK(symlink("d", "to-d"));
    OK(symlink("../d/f", "d/to-f"));
    test_read_file("to-d/to-f", text, sizeof text);
    CHECK_STR(text, "deep");
    memset(text, 'x', sizeof text);
    CHECK_EQ(readlink("d/to-f", text, sizeof text), 6);
    CHECK_EQ(text[6], 'x');
    CHECK_EQ(readlink("d/to-f", text, 3), 3);
    CHECK_ERRNO(readlink("d/to-f", text, 0), EINVAL);
    CHECK_ERRNO(readlink("d/f", text, 10), EINVAL);
    OK(symlink("b", "a"));
    OK(symlink("a", "b"));
    CHECK_ERRNO(open("a", O_RDONLY), ELOOP);
    CHECK_ERRNO(chdir("a"), ELOOP);
    CHECK_ERRNO(symlink("", "empty"), ENOENT);
    CHECK_ERRNO(symlink("x", "a"), EEXIST);
    /* 40 links in a chain are the limit (path_resolution(7)). */
    char from[8], to[8];
    test_write_file("c0", "end");
    for (int i = 1; i <= 41; i++) {
        snprintf(from, sizeof from, "c%d", i - 1);
        snprintf(to, sizeof to, "c%d", i);
        OK(symlink(from, to));
    }
    OK(access("c40", F_OK));
    CHECK_ERRNO(access("c41", F_OK), ELOOP);
}

TEST(hard_links_share_the_inode) {
    test_write_file("f", "one");
    OK(link("f", "g"));
    CHECK_EQ(links_of("f"), 2);
    struct stat f, g;
    OK(stat("f", &f));
    OK(stat("g", &g));
    CHECK_EQ(f.st_ino, g.st_ino);
    CHECK_EQ(f.st_dev, g.st_dev);
    OK(unlink("f"));
    CHECK_EQ(links_of("g"), 1);
    OK(mkdir("d", 0755));
    CHECK_ERRNO(link("d", "e"), EPERM);
    CHECK_ERRNO(link("g", "g"), EEXIST);
    CHECK_ERRNO(link("none", "h"), ENOENT);
    CHECK_ERRNO(link("g", "/dev/shm/x"), EXDEV);
    OK(symlink("g", "l"));
    OK(link("l", "l2")); /* the link itself */
    OK(linkat(AT_FDCWD, "l", AT_FDCWD, "g2", AT_SYMLINK_FOLLOW));
    CHECK_EQ(links_of("g"), 2);
}

TEST(rename_replaces_and_refuses_by_the_rules) {
    test_write_file("a", "A");
    test_write_file("b", "B");
    OK(rename("a", "b"));
    CHECK_ERRNO(access("a", F_OK), ENOENT);
    char text[8];
    test_read_file("b", text, sizeof text);
    CHECK_STR(text, "A");
    OK(mkdir("d", 0755));
    OK(mkdir("e", 0755));
    make("e/x");
    CHECK_ERRNO(rename("b", "d"), EISDIR);
    CHECK_ERRNO(rename("d", "b"), ENOTDIR);
    CHECK_ERRNO(rename("d", "e"), ENOTEMPTY);
    OK(rename("e", "d")); /* an empty folder is replaced */
    OK(access("d/x", F_OK));
    CHECK_ERRNO(rename("d", "d/inside"), EINVAL);
    CHECK_ERRNO(rename("none", "x"), ENOENT);
    CHECK_ERRNO(rename("b", "none/x"), ENOENT);
    CHECK_ERRNO(rename("b", "/proc/x"), EXDEV);
    CHECK_ERRNO(rename(".", "x"), EBUSY);
    OK(link("b", "b2"));
    OK(rename("b", "b2")); /* two links of one file: nothing happens */
    OK(access("b", F_OK));
}

TEST(renameat2_exchanges_and_refuses_to_replace) {
    test_write_file("a", "A");
    OK(mkdir("d", 0755));
    CHECK_ERRNO(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "d", 1 /* RENAME_NOREPLACE */), EEXIST);
    OK(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "d", 2 /* RENAME_EXCHANGE */));
    struct stat about;
    OK(stat("a", &about));
    CHECK(S_ISDIR(about.st_mode));
    OK(stat("d", &about));
    CHECK(S_ISREG(about.st_mode));
    CHECK_ERRNO(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "d", 3), EINVAL);
    CHECK_ERRNO(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "none", 2), ENOENT);
}

TEST(folders_count_their_subfolders_and_are_removed_only_empty) {
    OK(mkdir("d", 0755));
    CHECK_EQ(links_of("d"), 2);
    OK(mkdir("d/e", 0755));
    CHECK_EQ(links_of("d"), 3);
    CHECK_ERRNO(rmdir("d"), ENOTEMPTY);
    CHECK_ERRNO(unlink("d"), EISDIR);
    CHECK_ERRNO(mkdir("d", 0755), EEXIST);
    CHECK_ERRNO(mkdir("none/e", 0755), ENOENT);
    CHECK_ERRNO(rmdir("d/."), EINVAL);
    CHECK_ERRNO(rmdir("d/e/.."), ENOTEMPTY);
    OK(rename("d/e", "e"));
    CHECK_EQ(links_of("d"), 2);
    OK(rmdir("d"));
    make("f");
    CHECK_ERRNO(rmdir("f"), ENOTDIR);
    CHECK_ERRNO(rmdir("d"), ENOENT);
}

TEST(an_open_file_lives_on_after_unlink) {
    int file = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    CHECK_EQ(write(file, "data", 4), 4);
    OK(unlink("f"));
    struct stat about;
    OK(fstat(file, &about));
    CHECK_EQ(about.st_nlink, 0);
    char text[4];
    CHECK_EQ(pread(file, text, 4, 0), 4);
    CHECK(memcmp(text, "data", 4) == 0);
    char path[64], name[128];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    ssize_t length = OK(readlink(path, name, sizeof name - 1));
    name[length] = 0;
    CHECK(strstr(name, "/f (deleted)") != NULL);
}

TEST(a_removed_working_directory_is_empty_and_has_no_name) {
    char text[PATH_MAX];
    OK(mkdir("d", 0755));
    OK(chdir("d"));
    OK(rmdir("../d"));
    CHECK_ERRNO(syscall(SYS_getcwd, text, sizeof text), ENOENT);
    CHECK_ERRNO(open("x", O_CREAT | O_WRONLY, 0644), ENOENT);
    CHECK_ERRNO(mkdir("x", 0755), ENOENT);
}

TEST(getcwd_and_chdir) {
    char text[PATH_MAX];
    OK(mkdir("d", 0755));
    OK(chdir("d"));
    CHECK(getcwd(text, sizeof text) != NULL);
    CHECK_STR(text, "/tmp/work/d");
    CHECK_EQ(syscall(SYS_getcwd, text, sizeof text), 12);
    CHECK_ERRNO(syscall(SYS_getcwd, text, 11), ERANGE);
    OK(chdir(".././//d/.."));
    CHECK(getcwd(text, sizeof text) != NULL);
    CHECK_STR(text, "/tmp/work");
    OK(chdir("/../.."));
    CHECK(getcwd(text, sizeof text) != NULL);
    CHECK_STR(text, "/");
    CHECK_ERRNO(chdir("/tests/list"), ENOTDIR);
    CHECK_ERRNO(chdir(""), ENOENT);
    int folder = (int)OK(open("/tmp/work", O_RDONLY));
    OK(fchdir(folder));
    CHECK_ERRNO(fchdir((int)OK(open("/tests/list", O_RDONLY))), ENOTDIR);
}

TEST(names_too_long_are_refused) {
    char name[5000];
    memset(name, 'n', sizeof name);
    name[255] = 0;
    make(name);
    OK(unlink(name));
    name[255] = 'n';
    name[256] = 0;
    CHECK_ERRNO(open(name, O_CREAT | O_WRONLY, 0644), ENAMETOOLONG);
    CHECK_ERRNO(mkdir(name, 0755), ENAMETOOLONG);
    CHECK_ERRNO(access(name, F_OK), ENAMETOOLONG);
    for (size_t i = 0; i < sizeof name; i += 2) name[i] = '.', name[i + 1] = '/';
    name[4095] = 0;
    OK(access(name, F_OK)); /* 4095 bytes and the NUL */
    name[4095] = '/';
    name[4096] = 0;
    CHECK_ERRNO(access(name, F_OK), ENAMETOOLONG);
}

struct entry64 {
    uint64_t inode;
    int64_t offset;
    uint16_t bytes;
    uint8_t type;
    char name[];
};

TEST(getdents_lists_ten_thousand_entries_once_each) {
    enum { COUNT = 10000 };
    static bool seen[COUNT];
    char name[32];
    OK(mkdir("many", 0755));
    OK(chdir("many"));
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "file-%d", i);
        make(name);
    }
    int folder = (int)OK(open(".", O_RDONLY | O_DIRECTORY)), found = 0, dots = 0;
    static char buffer[3000] __attribute__((aligned(8)));
    long count;
    while ((count = OK(syscall(SYS_getdents64, folder, buffer, sizeof buffer))) > 0) {
        for (long at = 0; at < count;) {
            struct entry64 *entry = (struct entry64 *)(buffer + at);
            int number;
            CHECK_EQ(entry->bytes % 8, 0);
            if (entry->name[0] == '.') {
                CHECK_EQ(entry->type, DT_DIR);
                dots++;
            } else {
                CHECK_EQ(sscanf(entry->name, "file-%d", &number), 1);
                CHECK_EQ(entry->type, DT_REG);
                CHECK(number >= 0 && number < COUNT && !seen[number]);
                seen[number] = true;
                found++;
            }
            at += entry->bytes;
        }
    }
    CHECK_EQ(found, COUNT);
    CHECK_EQ(dots, 2);
    CHECK_EQ(lseek(folder, 0, SEEK_SET), 0);
    CHECK_ERRNO(syscall(SYS_getdents64, folder, buffer, 8), EINVAL);
    CHECK_ERRNO(syscall(SYS_getdents64, 0, buffer, sizeof buffer), ENOTDIR);
    DIR *listing = opendir(".");
    struct dirent *item;
    while ((item = readdir(listing)) != NULL) { /* removing while reading loses and repeats nothing */
        if (item->d_name[0] == '.') continue;
        OK(unlink(item->d_name));
        found--;
    }
    CHECK_EQ(found, 0);
    OK(rmdir("../many"));
}

TEST(seekdir_comes_back_to_the_same_entry) {
    char name[32];
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "s%d", i);
        make(name);
    }
    DIR *listing = opendir(".");
    long place = 0;
    for (int i = 0; i < 10; i++) {
        place = telldir(listing);
        snprintf(name, sizeof name, "%s", readdir(listing)->d_name);
    }
    while (readdir(listing) != NULL) {
    }
    seekdir(listing, place);
    CHECK_STR(readdir(listing)->d_name, name);
}

TEST(mknod_makes_fifos_and_devices) {
    struct stat about;
    OK(mkfifo("fifo", 0644));
    OK(stat("fifo", &about));
    CHECK(S_ISFIFO(about.st_mode));
    OK(mknod("null", S_IFCHR | 0666, makedev(1, 3)));
    OK(stat("null", &about));
    CHECK(S_ISCHR(about.st_mode));
    CHECK_EQ(about.st_rdev, makedev(1, 3));
    int null = (int)OK(open("null", O_RDWR));
    char byte;
    CHECK_EQ(write(null, "x", 1), 1);
    CHECK_EQ(read(null, &byte, 1), 0);
    OK(mknod("plain", S_IFREG | 0600, 0));
    OK(mknod("none", S_IFCHR | 0600, makedev(250, 250)));
    CHECK_ERRNO(open("none", O_RDONLY), ENXIO);
    CHECK_ERRNO(mknod("d", S_IFDIR | 0755, 0), EPERM);
    CHECK_ERRNO(mknod("plain", S_IFREG | 0600, 0), EEXIST);
    CHECK_EXIT(CHILD(OK(setuid(1000)); CHECK_ERRNO(mknod("/tmp/dev", S_IFCHR | 0600, makedev(1, 3)), EPERM)), 0);
}

TEST(at_calls_start_from_the_folder_descriptor) {
    OK(mkdir("d", 0755));
    int folder = (int)OK(open("d", O_PATH | O_DIRECTORY));
    OK(rename("d", "renamed")); /* the descriptor follows the folder */
    OK(close((int)OK(openat(folder, "f", O_CREAT | O_WRONLY, 0644))));
    OK(access("renamed/f", F_OK));
    OK(mkdirat(folder, "sub", 0755));
    OK(symlinkat("f", folder, "l"));
    OK(renameat(folder, "f", folder, "g"));
    struct stat about;
    OK(fstatat(folder, "l", &about, AT_SYMLINK_NOFOLLOW));
    CHECK(S_ISLNK(about.st_mode));
    CHECK_ERRNO(fstatat(folder, "l", &about, 0), ENOENT);
    OK(fstatat(folder, "", &about, AT_EMPTY_PATH));
    CHECK(S_ISDIR(about.st_mode));
    CHECK_ERRNO(fstatat(folder, "", &about, 0), ENOENT);
    CHECK_ERRNO(openat(999, "f", O_RDONLY), EBADF);
    int file = (int)OK(openat(folder, "g", O_RDONLY));
    CHECK_ERRNO(openat(file, "f", O_RDONLY), ENOTDIR);
    int root = (int)OK(openat(999, "/", O_RDONLY)); /* an absolute path needs no folder */
    CHECK(root > 0);
    OK(unlinkat(folder, "sub", AT_REMOVEDIR));
    CHECK_ERRNO(unlinkat(folder, "g", AT_REMOVEDIR), ENOTDIR);
    CHECK_ERRNO(unlinkat(folder, "g", 0x10), EINVAL);
    OK(unlinkat(folder, "g", 0));
}
