/* Many of everything: descriptors, names, levels of directories. */
#include "test.h"

#include <dirent.h>
#include <poll.h>

TEST(hundreds_of_thousands_of_descriptors_up_to_a_million) {
    const int most = 250000, highest = 999999;
    struct rlimit limit = {highest + 1, highest + 1};
    OK(setrlimit(RLIMIT_NOFILE, &limit));
    int file = (int)OK(open("f", O_RDWR | O_CREAT, 0644)), last = 0;
    for (int i = file + 1; i < most; i++) {
        last = dup(file);
        if (last != i) FAIL("dup gave %d, not %d, errno %d", last, i, errno);
    }
    CHECK_EQ(fcntl(file, F_DUPFD, highest), highest);
    CHECK_ERRNO(fcntl(file, F_DUPFD, highest), EMFILE);
    limit.rlim_cur = most;
    OK(setrlimit(RLIMIT_NOFILE, &limit));
    CHECK_ERRNO(dup(file), EMFILE);
    CHECK_ERRNO(open("f", O_RDONLY), EMFILE);
    CHECK_EQ(write(last, "x", 1), 1);
    OK(close(100000));
    CHECK_EQ(dup(last), 100000);
    CHECK_EXIT(CHILD(CHECK_EQ(write(last, "y", 1), 1); OK(close(last))), 0); /* a copy of the table */
    struct pollfd item = {last, POLLIN, 0};
    CHECK_EQ(poll(&item, 1, 0), 1);
    OK(syscall(SYS_close_range, file + 1, ~0U, 0));
    CHECK_EQ(dup(file), file + 1);
    limit.rlim_max = limit.rlim_cur = 2000000;
    CHECK_ERRNO(setrlimit(RLIMIT_NOFILE, &limit), EPERM); /* above nr_open */
}

TEST(a_hundred_thousand_names_in_one_directory) {
    const int count = 100000;
    char name[64];
    OK(mkdir("d", 0755));
    OK(chdir("d"));
    for (int i = 0; i < count; i++) {
        sprintf(name, "name-%d", i);
        OK(mknod(name, S_IFREG | 0644, 0));
    }
    DIR *directory = opendir(".");
    CHECK(directory != NULL);
    int seen = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) seen += entry->d_name[0] == 'n';
    CHECK_EQ(seen, count);
    rewinddir(directory);
    struct stat about;
    OK(stat("name-0", &about));
    OK(stat("name-99999", &about));
    CHECK_ERRNO(stat("name-100000", &about), ENOENT);
    seen = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] == 'n') {
            OK(unlink(entry->d_name)); /* while the directory is read */
            seen++;
        }
    }
    CHECK_EQ(seen, count);
    closedir(directory);
    OK(chdir(".."));
    OK(rmdir("d"));
}

TEST(five_thousand_levels_of_directories) {
    const int levels = 5000;
    for (int i = 0; i < levels; i++) {
        OK(mkdir("0123456789", 0755));
        OK(chdir("0123456789"));
    }
    char text[4096];
    CHECK_ERRNO(syscall(SYS_getcwd, text, sizeof text), ENAMETOOLONG);
    test_write_file("f", "deep");
    CHECK_EXIT(CHILD(char path[4096] = ""; for (int i = 0; i < 1300; i++) strcat(path, "../"); OK(chdir(path)); strcpy(path, ".");
        for (int i = 0; i < 300; i++) strcat(path, "/0123456789"); struct stat about; OK(stat(path, &about))), 0);
    OK(unlink("f"));
    for (int i = 0; i < levels; i++) {
        OK(chdir(".."));
        OK(rmdir("0123456789"));
    }
    CHECK(getcwd(text, sizeof text) != NULL);
    CHECK_STR(text, "/tmp/work");
}
