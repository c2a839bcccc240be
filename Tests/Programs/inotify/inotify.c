/* inotify(7): which events come, in which order, and what the calls refuse. */
#include "test.h"

#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#ifndef IN_MASK_CREATE
#define IN_MASK_CREATE 0x10000000
#endif

static int s_fd;

static int begin(void) { return s_fd = (int)OK(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)); }

static int watch(const char *path, uint32_t mask) { return (int)OK(inotify_add_watch(s_fd, path, mask)); }

static char *text_of(uint32_t mask, char *to) {
    static const struct {
        uint32_t bit;
        const char *name;
    } names[] = {{IN_ACCESS, "access"}, {IN_MODIFY, "modify"}, {IN_ATTRIB, "attrib"}, {IN_CLOSE_WRITE, "close-write"}, {IN_CLOSE_NOWRITE, "close"}, {IN_OPEN, "open"},
        {IN_MOVED_FROM, "from"}, {IN_MOVED_TO, "to"}, {IN_CREATE, "create"}, {IN_DELETE, "delete"}, {IN_DELETE_SELF, "delete-self"}, {IN_MOVE_SELF, "move-self"},
        {IN_UNMOUNT, "unmount"}, {IN_Q_OVERFLOW, "overflow"}, {IN_IGNORED, "ignored"}, {IN_ISDIR, "dir"}};
    *to = 0;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (mask & names[i].bit) {
            if (*to) strcat(to, "+");
            strcat(to, names[i].name);
            mask &= ~names[i].bit;
        }
    }
    if (mask) FAIL("unknown bits %x in an event", mask);
    return to;
}

/* All events that wait, as "WD:EVENT[=NAME]" with blanks between. */
static const char *events(void) {
    static char text[65536];
    _Alignas(struct inotify_event) static char buffer[65536];
    char name[200];
    ssize_t got;
    size_t length = 0;
    text[0] = 0;
    while ((got = read(s_fd, buffer, sizeof buffer)) > 0) {
        for (char *at = buffer; at < buffer + got;) {
            struct inotify_event *event = (struct inotify_event *)at;
            length += (size_t)sprintf(text + length, "%s%d:%s", length ? " " : "", event->wd, text_of(event->mask, name));
            if (event->len) {
                CHECK_EQ(event->len % sizeof(struct inotify_event), 0);
                CHECK(event->name[event->len - 1] == 0);
                length += (size_t)sprintf(text + length, "=%s", event->name);
            }
            at += sizeof *event + event->len;
        }
    }
    CHECK(got == -1 && errno == EAGAIN);
    return text;
}

static void put(const char *path, const char *text) {
    int file = (int)OK(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644));
    CHECK_EQ(write(file, text, strlen(text)), (ssize_t)strlen(text));
    OK(close(file));
}

TEST(the_life_of_a_file_is_told_to_its_directory) {
    OK(mkdir("d", 0755));
    begin();
    CHECK_EQ(watch("d", IN_ALL_EVENTS), 1);
    put("d/f", "hello");
    CHECK_STR(events(), "1:create=f 1:open=f 1:modify=f 1:close-write=f");
    int file = (int)OK(open("d/f", O_RDWR));
    char byte[8];
    CHECK_EQ(read(file, byte, 8), 5);
    CHECK_EQ(read(file, byte, 8), 0); /* the end is no access */
    CHECK_EQ(pwrite(file, "xy", 2, 0), 2);
    OK(ftruncate(file, 1));
    OK(fchmod(file, 0600));
    OK(close(file));
    CHECK_STR(events(), "1:open=f 1:access=f 1:modify=f 1:attrib=f 1:close-write=f");
    file = (int)OK(open("d/f", O_RDONLY));
    OK(close(file));
    CHECK_STR(events(), "1:open=f 1:close=f");
    OK(unlink("d/f"));
    CHECK_STR(events(), "1:delete=f");
    OK(mkdir("d/s", 0755));
    OK(rmdir("d/s"));
    CHECK_STR(events(), "1:create+dir=s 1:delete+dir=s");
    OK(symlink("x", "d/l"));
    OK(mkfifo("d/p", 0644));
    OK(mknod("d/n", S_IFREG | 0644, 0));
    CHECK_STR(events(), "1:create=l 1:create=p 1:create=n");
}

TEST(opening_with_truncation_is_a_change_before_it_is_an_open) {
    OK(mkdir("d", 0755));
    put("d/f", "hello");
    begin();
    watch("d", IN_ALL_EVENTS);
    int file = (int)OK(open("d/f", O_WRONLY | O_TRUNC));
    OK(close(file));
    CHECK_STR(events(), "1:modify=f 1:open=f 1:close-write=f");
    CHECK_ERRNO(open("d/f", O_RDWR | O_CREAT | O_EXCL, 0644), EEXIST);
    CHECK_ERRNO(open("d/none", O_RDONLY), ENOENT);
    CHECK_STR(events(), "");
    file = (int)OK(open("d/f", O_PATH));
    OK(close(file));
    CHECK_STR(events(), "");
}

TEST(attributes_and_sizes_that_are_changed_by_path) {
    OK(mkdir("d", 0755));
    put("d/f", "hello");
    begin();
    watch("d", IN_ALL_EVENTS);
    watch("d/f", IN_ALL_EVENTS);
    OK(chmod("d/f", 0600));
    CHECK_STR(events(), "1:attrib=f 2:attrib");
    OK(chown("d/f", 1, 1));
    CHECK_STR(events(), "1:attrib=f 2:attrib");
    OK(truncate("d/f", 3));
    CHECK_STR(events(), "1:modify=f 2:modify");
    OK(utimensat(AT_FDCWD, "d/f", NULL, 0));
    CHECK_STR(events(), "1:attrib=f 2:attrib");
    struct timespec only_access[] = {{5, 0}, {0, UTIME_OMIT}}, only_modify[] = {{0, UTIME_OMIT}, {5, 0}}, none[] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
    OK(utimensat(AT_FDCWD, "d/f", only_access, 0));
    CHECK_STR(events(), "1:access=f 2:access");
    OK(utimensat(AT_FDCWD, "d/f", only_modify, 0));
    CHECK_STR(events(), "1:modify=f 2:modify");
    OK(utimensat(AT_FDCWD, "d/f", none, 0));
    CHECK_STR(events(), "");
    OK(chmod("d", 0700));
    CHECK_STR(events(), "1:attrib+dir");
    int file = (int)OK(open("d/f", O_RDWR));
    OK(fallocate(file, 0, 0, 10000));
    CHECK_STR(events(), "1:open=f 2:open 1:modify=f 2:modify");
    CHECK_ERRNO(fallocate(file, 0, -1, 10000), EINVAL);
    CHECK_STR(events(), "");
}

TEST(names_that_come_and_go_are_changes_of_the_file) {
    OK(mkdir("d", 0755));
    put("d/f", "hello");
    begin();
    watch("d", IN_ALL_EVENTS);
    watch("d/f", IN_ALL_EVENTS);
    OK(link("d/f", "d/g"));
    CHECK_STR(events(), "2:attrib 1:create=g");
    OK(unlink("d/f"));
    CHECK_STR(events(), "2:attrib 1:delete=f");
    OK(unlink("d/g"));
    CHECK_STR(events(), "2:attrib 2:delete-self 2:ignored 1:delete=g");
    CHECK_ERRNO(inotify_rm_watch(s_fd, 2), EINVAL);
    put("d/f", "x");
    events();
    CHECK_EQ(watch("d/f", IN_ALL_EVENTS), 3); /* numbers are not used again */
}

TEST(an_open_file_is_gone_only_when_it_is_closed) {
    OK(mkdir("d", 0755));
    put("d/f", "hello");
    begin();
    watch("d", IN_ALL_EVENTS);
    watch("d/f", IN_ALL_EVENTS);
    int file = (int)OK(open("d/f", O_RDWR));
    events();
    OK(unlink("d/f"));
    CHECK_STR(events(), "2:attrib 1:delete=f");
    CHECK_EQ(write(file, "x", 1), 1);
    CHECK_STR(events(), "1:modify=f 2:modify");
    OK(close(file));
    CHECK_STR(events(), "1:close-write=f 2:close-write 2:delete-self 2:ignored");
}

TEST(files_without_a_name_are_left_out_on_demand) {
    OK(mkdir("d", 0755));
    put("d/f", "hello");
    begin();
    watch("d", IN_ALL_EVENTS | IN_EXCL_UNLINK);
    int file = (int)OK(open("d/f", O_RDWR));
    OK(unlink("d/f"));
    CHECK_STR(events(), "1:open=f 1:delete=f");
    CHECK_EQ(write(file, "x", 1), 1);
    OK(close(file));
    CHECK_STR(events(), "");
}

TEST(a_rename_has_a_cookie_that_both_events_share) {
    OK(mkdir("a", 0755));
    OK(mkdir("b", 0755));
    put("a/f", "1");
    put("b/g", "2");
    begin();
    watch("a", IN_ALL_EVENTS);
    watch("b", IN_ALL_EVENTS);
    watch("a/f", IN_ALL_EVENTS);
    watch("b/g", IN_ALL_EVENTS);
    OK(rename("a/f", "a/h"));
    CHECK_STR(events(), "1:from=f 1:to=h 3:move-self");
    OK(rename("a/h", "b/g")); /* replaces it */
    CHECK_STR(events(), "1:from=h 2:to=g 4:attrib 3:move-self 4:delete-self 4:ignored");
    OK(rename("b/g", "a/x"));
    _Alignas(struct inotify_event) char buffer[200];
    ssize_t got = OK(read(s_fd, buffer, sizeof buffer));
    struct inotify_event *first = (struct inotify_event *)buffer, *second = (struct inotify_event *)(buffer + sizeof *first + first->len);
    CHECK(got > (ssize_t)(sizeof *first * 2));
    CHECK(first->cookie != 0);
    CHECK_EQ(first->cookie, second->cookie);
    CHECK_EQ(first->mask, IN_MOVED_FROM);
    CHECK_EQ(second->mask, IN_MOVED_TO);
    uint32_t cookie = first->cookie;
    OK(rename("a/x", "a/y"));
    OK(read(s_fd, buffer, sizeof buffer));
    CHECK(first->cookie != cookie);
}

TEST(directories_move_and_change_places) {
    OK(mkdir("a", 0755));
    OK(mkdir("b", 0755));
    OK(mkdir("a/s", 0755));
    put("b/f", "1");
    begin();
    watch("a", IN_ALL_EVENTS);
    watch("b", IN_ALL_EVENTS);
    watch("a/s", IN_ALL_EVENTS);
    watch("b/f", IN_ALL_EVENTS);
    OK(renameat2(AT_FDCWD, "a/s", AT_FDCWD, "b/f", RENAME_EXCHANGE));
    CHECK_STR(events(), "1:from+dir=s 2:to+dir=f 3:move-self 2:from=f 1:to=s 4:move-self");
    OK(rename("b/f", "a/t"));
    CHECK_STR(events(), "2:from+dir=f 1:to+dir=t 3:move-self");
    put("a/t/x", "1");
    CHECK_STR(events(), "3:create=x 3:open=x 3:modify=x 3:close-write=x");
    OK(unlink("a/t/x"));
    OK(rmdir("a/t"));
    CHECK_STR(events(), "3:delete=x 3:delete-self 3:ignored 1:delete+dir=t");
}

TEST(a_removed_directory_that_is_in_use_is_gone_later) {
    OK(mkdir("d", 0755));
    begin();
    watch("d", IN_DELETE_SELF);
    int directory = (int)OK(open("d", O_RDONLY | O_DIRECTORY));
    OK(rmdir("d"));
    CHECK_STR(events(), "");
    OK(close(directory));
    CHECK_STR(events(), "1:delete-self 1:ignored");
    OK(mkdir("e", 0755));
    watch("e", IN_DELETE_SELF);
    OK(chdir("e"));
    OK(rmdir("../e"));
    CHECK_STR(events(), "");
    OK(chdir("/tmp/work"));
    CHECK_STR(events(), "2:delete-self 2:ignored");
}

TEST(reading_a_directory_and_executing_are_accesses) {
    OK(mkdir("d", 0755));
    begin();
    watch("d", IN_ALL_EVENTS);
    DIR *directory = opendir("d");
    CHECK(directory != NULL);
    while (readdir(directory) != NULL) {}
    closedir(directory);
    CHECK_STR(events(), "1:open+dir 1:access+dir 1:close+dir");
    OK(inotify_rm_watch(s_fd, 1));
    CHECK_STR(events(), "1:ignored");
    watch("/bin/busybox", IN_OPEN | IN_ACCESS);
    CHECK_EXIT(CHILD(execl("/bin/busybox", "true", NULL); _exit(1)), 0);
    CHECK_STR(events(), "2:open 2:access");
}

TEST(equal_events_that_follow_each_other_are_one) {
    put("f", "");
    begin();
    watch("f", IN_MODIFY | IN_ACCESS);
    int file = (int)OK(open("f", O_RDWR));
    for (int i = 0; i < 10; i++) CHECK_EQ(write(file, "x", 1), 1);
    char byte;
    CHECK_EQ(pread(file, &byte, 1, 0), 1);
    CHECK_EQ(write(file, "x", 1), 1);
    CHECK_STR(events(), "1:modify 1:access 1:modify");
}

TEST(a_watch_is_changed_added_to_and_made_once) {
    put("f", "");
    OK(symlink("f", "l"));
    begin();
    CHECK_EQ(watch("f", IN_OPEN), 1);
    CHECK_EQ(watch("l", IN_MASK_ADD | IN_CLOSE), 1); /* the same file */
    OK(close((int)OK(open("f", O_RDONLY))));
    CHECK_STR(events(), "1:open 1:close");
    CHECK_EQ(watch("f", IN_MODIFY), 1);
    OK(close((int)OK(open("f", O_RDONLY))));
    CHECK_STR(events(), "");
    CHECK_ERRNO(inotify_add_watch(s_fd, "f", IN_MASK_CREATE | IN_OPEN), EEXIST);
    CHECK_EQ(watch("l", IN_DONT_FOLLOW | IN_MASK_CREATE | IN_ALL_EVENTS), 2); /* the link itself */
    OK(rename("l", "m"));
    CHECK_STR(events(), "2:move-self");
    CHECK_ERRNO(inotify_add_watch(s_fd, "f", IN_ONLYDIR | IN_OPEN), ENOTDIR);
    int other = (int)OK(inotify_init());
    CHECK_EQ(OK(inotify_add_watch(other, "f", IN_OPEN)), 1);
    CHECK_EQ(fcntl(other, F_GETFD), 0);
    CHECK_EQ(fcntl(s_fd, F_GETFD), FD_CLOEXEC);
}

TEST(a_watch_for_one_event_goes_with_it) {
    OK(mkdir("d", 0755));
    begin();
    watch("d", IN_CREATE | IN_ONESHOT);
    put("d/a", "");
    put("d/b", "");
    CHECK_STR(events(), "1:create=a 1:ignored");
    CHECK_ERRNO(inotify_rm_watch(s_fd, 1), EINVAL);
}

TEST(wrong_arguments_are_refused) {
    put("f", "");
    begin();
    CHECK_ERRNO(inotify_add_watch(s_fd, "f", 0), EINVAL);
    CHECK_ERRNO(inotify_add_watch(s_fd, "f", 0x00100000), EINVAL);
    CHECK_ERRNO(inotify_add_watch(s_fd, "f", IN_OPEN | 0x00010000), EINVAL);
    CHECK_ERRNO(inotify_add_watch(s_fd, "f", IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE), EINVAL);
    CHECK_ERRNO(inotify_add_watch(-1, "f", IN_OPEN), EBADF);
    CHECK_ERRNO(inotify_add_watch(0, "f", IN_OPEN), EINVAL);
    CHECK_ERRNO(inotify_add_watch(s_fd, "none", IN_OPEN), ENOENT);
    CHECK_ERRNO(inotify_add_watch(s_fd, "", IN_OPEN), ENOENT);
    CHECK_ERRNO(inotify_add_watch(s_fd, (char *)1, IN_OPEN), EFAULT);
    CHECK_ERRNO(inotify_rm_watch(s_fd, 1), EINVAL);
    CHECK_ERRNO(inotify_rm_watch(0, 1), EINVAL);
    CHECK_ERRNO(inotify_rm_watch(-1, 1), EBADF);
    CHECK_ERRNO(inotify_init1(1), EINVAL);
    CHECK_ERRNO(write(s_fd, "x", 1), EBADF);
    CHECK_EQ(lseek(s_fd, 5, SEEK_SET), 0); /* the position means nothing */
    OK(chmod("f", 0200));
    CHECK_EXIT(CHILD(OK(setuid(1000)); CHECK_ERRNO(inotify_add_watch(s_fd, "f", IN_OPEN), EACCES)), 0);
    char byte[15];
    watch("f", IN_OPEN);
    OK(close((int)OK(open("f", O_RDONLY))));
    CHECK_ERRNO(read(s_fd, byte, sizeof byte), EINVAL); /* no room for an event */
    CHECK_ERRNO(read(s_fd, (void *)1, 4096), EFAULT);
    CHECK_ERRNO(read(s_fd, byte, sizeof byte), EAGAIN); /* and that one is lost */
}

TEST(waiting_for_events_by_read_poll_epoll_and_size) {
    OK(mkdir("d", 0755));
    begin();
    watch("d", IN_CREATE);
    struct pollfd item = {s_fd, POLLIN | POLLOUT, 0};
    CHECK_EQ(poll(&item, 1, 0), 0);
    int bytes = -1;
    OK(ioctl(s_fd, FIONREAD, &bytes));
    CHECK_EQ(bytes, 0);
    put("d/a", "");
    put("d/sixteen-letters0", "");
    CHECK_EQ(poll(&item, 1, 0), 1);
    CHECK_EQ(item.revents, POLLIN);
    OK(ioctl(s_fd, FIONREAD, &bytes));
    CHECK_EQ(bytes, 16 + 16 + 16 + 32);
    _Alignas(struct inotify_event) char buffer[100];
    CHECK_EQ(OK(read(s_fd, buffer, 40)), 32); /* whole events only */
    CHECK_ERRNO(read(s_fd, buffer, 40), EINVAL);
    CHECK_EQ(OK(read(s_fd, buffer, 48)), 48);
    int epoll = (int)OK(epoll_create1(0));
    struct epoll_event event = {EPOLLIN | EPOLLET, {.u32 = 7}};
    OK(epoll_ctl(epoll, EPOLL_CTL_ADD, s_fd, &event));
    CHECK_EQ(epoll_wait(epoll, &event, 1, 0), 0);
    pid_t parent = getpid(), child = CHILD(test_wait_state(parent, "S"); put("d/b", ""));
    CHECK_EQ(epoll_wait(epoll, &event, 1, 20000), 1);
    CHECK_EXIT(child, 0);
    CHECK_STR(events(), "1:create=b");
    OK(fcntl(s_fd, F_SETFL, 0));
    child = CHILD(test_wait_state(parent, "S"); put("d/c", ""));
    CHECK_EQ(OK(read(s_fd, buffer, sizeof buffer)), 32);
    CHECK_EXIT(child, 0);
}

TEST(too_many_events_are_told_as_lost) {
    OK(mkdir("d", 0755));
    test_write_file("/proc/sys/fs/inotify/max_queued_events", "10");
    begin();
    test_write_file("/proc/sys/fs/inotify/max_queued_events", "16384");
    watch("d", IN_CREATE | IN_DELETE);
    for (int i = 0; i < 10; i++) {
        put("d/x", "");
        OK(unlink("d/x"));
    }
    CHECK_STR(events(), "1:create=x 1:delete=x 1:create=x 1:delete=x 1:create=x 1:delete=x 1:create=x 1:delete=x 1:create=x 1:delete=x -1:overflow");
    put("d/y", "");
    CHECK_STR(events(), "1:create=y");
}

TEST(a_user_has_so_many_instances_and_watches) {
    OK(mkdir("d", 0755));
    put("d/a", "");
    put("d/b", "");
    put("d/c", "");
    char instances[32], watches[32];
    test_read_file("/proc/sys/fs/inotify/max_user_instances", instances, sizeof instances);
    test_read_file("/proc/sys/fs/inotify/max_user_watches", watches, sizeof watches);
    CHECK(atoi(instances) >= 128);
    CHECK(atoi(watches) >= 8192);
    test_write_file("/proc/sys/fs/inotify/max_user_instances", "2");
    test_write_file("/proc/sys/fs/inotify/max_user_watches", "2");
    pid_t child = CHILD(OK(setuid(1234)); int one = (int)OK(inotify_init()); OK(inotify_init()); CHECK_ERRNO(inotify_init(), EMFILE); OK(close(one)); begin();
        CHECK_ERRNO(inotify_init(), EMFILE); watch("d/a", IN_OPEN); watch("d/b", IN_OPEN); CHECK_ERRNO(inotify_add_watch(s_fd, "d/c", IN_OPEN), ENOSPC);
        watch("d/b", IN_CLOSE); OK(inotify_rm_watch(s_fd, 1)); watch("d/c", IN_OPEN); OK(close(s_fd)); begin(); watch("d/a", IN_OPEN); watch("d/b", IN_OPEN));
    int status;
    OK(waitpid(child, &status, 0));
    test_write_file("/proc/sys/fs/inotify/max_user_instances", instances);
    test_write_file("/proc/sys/fs/inotify/max_user_watches", watches);
    CHECK_EQ(status, 0);
}

TEST(the_end_of_a_file_system_ends_its_watches) {
    OK(mkdir("m", 0755));
    OK(mount("none", "m", "tmpfs", 0, NULL));
    put("m/f", "");
    begin();
    watch("m/f", IN_OPEN);
    watch("m", IN_CREATE | IN_DELETE_SELF);
    watch(".", IN_DELETE);
    OK(umount("m"));
    const char *text = events();
    CHECK(strstr(text, "1:unmount 1:ignored") != NULL);
    CHECK(strstr(text, "2:unmount 2:ignored") != NULL || strstr(text, "2:unmount+dir 2:ignored") != NULL);
    CHECK_ERRNO(inotify_rm_watch(s_fd, 1), EINVAL);
    OK(rmdir("m"));
    CHECK_STR(events(), "3:delete+dir=m");
}

TEST(the_watches_stand_in_fdinfo) {
    put("f", "");
    begin();
    watch("f", IN_OPEN | IN_CLOSE | IN_ONESHOT);
    struct stat about;
    OK(stat("f", &about));
    char path[64], text[4096], expected[200];
    sprintf(path, "/proc/self/fdinfo/%d", s_fd);
    test_read_file(path, text, sizeof text);
    sprintf(expected, "inotify wd:1 ino:%lx sdev:%lx mask:%x ignored_mask:0 ", (long)about.st_ino, (long)((major(about.st_dev) << 20) | minor(about.st_dev)), IN_OPEN | IN_CLOSE | IN_ONESHOT);
    if (strstr(text, expected) == NULL) FAIL("no \"%s\" in \"%s\"", expected, text);
    sprintf(path, "/proc/self/fd/%d", s_fd);
    ssize_t length = OK(readlink(path, text, sizeof text));
    text[length] = 0;
    CHECK_STR(text, "anon_inode:inotify");
}

TEST(pipes_and_files_of_the_kernel_are_watched_too) {
    struct gate gate = gate_make();
    char path[64];
    begin();
    sprintf(path, "/proc/self/fd/%d", gate.read);
    watch(path, IN_MODIFY | IN_ACCESS | IN_CLOSE);
    gate_open(gate);
    gate_wait(gate);
    OK(close(gate.write));
    OK(close(gate.read));
    CHECK_STR(events(), "1:modify 1:access 1:close-write 1:close");
    OK(inotify_rm_watch(s_fd, 1));
    events();
    watch("/proc/sys/kernel/hostname", IN_ALL_EVENTS);
    char text[100];
    test_read_file("/proc/sys/kernel/hostname", text, sizeof text);
    CHECK_STR(events(), "2:open 2:access 2:close");
}

TEST(terminals_come_to_dev_pts_and_go) {
    begin();
    watch("/dev/pts", IN_CREATE | IN_DELETE);
    int master = (int)OK(open("/dev/ptmx", O_RDWR | O_NOCTTY));
    unsigned number = 0;
    OK(ioctl(master, TIOCGPTN, &number));
    char expected[100];
    sprintf(expected, "1:create=%u", number);
    CHECK_STR(events(), expected);
    OK(close(master));
    sprintf(expected, "1:delete=%u", number);
    CHECK_STR(events(), expected);
}

TEST(copies_inside_the_kernel_are_accesses_and_changes) {
    put("from", "hello");
    put("to", "");
    begin();
    watch("from", IN_ACCESS);
    watch("to", IN_MODIFY | IN_ATTRIB);
    int from = (int)OK(open("from", O_RDONLY)), to = (int)OK(open("to", O_RDWR));
    CHECK_EQ(sendfile(to, from, NULL, 5), 5);
    CHECK_STR(events(), "2:modify 1:access 2:modify"); /* by the write inside, and by the call */
    loff_t at = 0;
    CHECK_EQ(copy_file_range(from, &at, to, NULL, 5, 0), 5);
    CHECK_STR(events(), "2:modify 1:access 2:modify");
    int pipes[2];
    OK(pipe(pipes));
    CHECK_EQ(write(pipes[1], "abc", 3), 3);
    CHECK_EQ(splice(pipes[0], NULL, to, NULL, 3, 0), 3);
    CHECK_STR(events(), "2:modify");
    CHECK_EQ(sendfile(to, from, NULL, 5), 0);
    CHECK_STR(events(), "");
}

static void *churn(void *directory) {
    char one[64], two[64];
    sprintf(one, "%s/a", (char *)directory);
    sprintf(two, "%s/b", (char *)directory);
    for (int i = 0; i < 300; i++) {
        close(open(one, O_WRONLY | O_CREAT, 0644));
        rename(one, two);
        unlink(two);
    }
    return NULL;
}

TEST(watches_come_and_go_while_files_do) {
    OK(mkdir("d", 0755));
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) CHECK_EQ(pthread_create(&threads[i], NULL, churn, "d"), 0);
    begin();
    for (int i = 0; i < 300; i++) {
        int other = (int)OK(inotify_init1(IN_NONBLOCK));
        int one = inotify_add_watch(s_fd, i % 2 ? "d/a" : "d/b", IN_ALL_EVENTS | (i % 3 ? IN_ONESHOT : 0));
        if (one < 0) CHECK(errno == ENOENT);
        OK(inotify_add_watch(other, "d", IN_ALL_EVENTS));
        inotify_add_watch(other, "d/a", IN_DELETE_SELF | IN_MOVE_SELF);
        OK(close(other));
        if (one > 0 && i % 2) inotify_rm_watch(s_fd, one);
        if (i % 50 == 0) events();
    }
    for (int i = 0; i < 3; i++) CHECK_EQ(pthread_join(threads[i], NULL), 0);
    events();
    char text[4096], path[64];
    sprintf(path, "/proc/self/fdinfo/%d", s_fd);
    test_read_file(path, text, sizeof text);
    if (strstr(text, "inotify wd") != NULL) FAIL("a watch of a file that is gone: %s", text); /* all files are gone, and so are their watches */
}
