/* User, group and capability rules of the credentials. */
#include "test.h"

#include <grp.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>

#define CHECK_UIDS(r, e, s)                          \
    do {                                             \
        uid_t real_, effective_, saved_;             \
        OK(getresuid(&real_, &effective_, &saved_)); \
        CHECK_EQ(real_, r);                          \
        CHECK_EQ(effective_, e);                     \
        CHECK_EQ(saved_, s);                         \
    } while (0)

/* By number: the C libraries make all threads change, which is another test. */
static long set_uid(uid_t user) { return syscall(SYS_setuid, user); }
static long set_res_uid(uid_t real, uid_t effective, uid_t saved) { return syscall(SYS_setresuid, real, effective, saved); }
static long set_re_uid(uid_t real, uid_t effective) { return syscall(SYS_setreuid, real, effective); }

TEST(root_starts_with_everything) {
    CHECK_UIDS(0, 0, 0);
    CHECK_EQ(getgid(), 0);
    CHECK_EQ(getegid(), 0);
    char text[4096];
    test_read_file("/proc/self/status", text, sizeof text);
    CHECK(strstr(text, "Uid:\t0\t0\t0\t0\n") != NULL);
    CHECK(strstr(text, "Gid:\t0\t0\t0\t0\n") != NULL);
}

TEST(setuid_of_root_is_for_good) {
    OK(set_uid(1000));
    CHECK_UIDS(1000, 1000, 1000);
    CHECK_ERRNO(set_uid(0), EPERM);
    CHECK_ERRNO(set_uid(1001), EPERM);
    OK(set_uid(1000));
    CHECK_UIDS(1000, 1000, 1000);
}

TEST(seteuid_can_come_back_by_the_saved_id) {
    OK(set_res_uid(-1, 1000, -1));
    CHECK_UIDS(0, 1000, 0);
    CHECK_ERRNO(set_res_uid(5, -1, -1), EPERM);
    OK(set_res_uid(-1, 0, -1));
    CHECK_UIDS(0, 0, 0);
    OK(set_res_uid(1000, 1001, 1002));
    OK(set_uid(1000)); /* not privileged now: the effective one only */
    CHECK_UIDS(1000, 1000, 1002);
    OK(set_res_uid(-1, 1002, -1));
    CHECK_UIDS(1000, 1002, 1002);
}

TEST(setreuid_sets_the_saved_id_too) {
    OK(set_re_uid(1000, 1001));
    CHECK_UIDS(1000, 1001, 1001);
    OK(set_re_uid(1001, 1000));
    CHECK_UIDS(1001, 1000, 1000);
    CHECK_ERRNO(set_re_uid(0, -1), EPERM);
}

TEST(group_ids_follow_the_same_rules) {
    gid_t real, effective, saved;
    OK(syscall(SYS_setresgid, 10, 11, 12));
    OK(getresgid(&real, &effective, &saved));
    CHECK_EQ(real * 10000 + effective * 100 + saved, 101112);
    OK(set_uid(1000));
    OK(syscall(SYS_setgid, 12));
    CHECK_EQ(getegid(), 12);
    CHECK_EQ(getgid(), 10);
    CHECK_ERRNO(syscall(SYS_setgid, 13), EPERM);
    CHECK_ERRNO(syscall(SYS_setresgid, 0, -1, -1), EPERM);
    OK(syscall(SYS_setregid, -1, 10));
}

TEST(supplementary_groups_are_set_by_root_and_give_access) {
    gid_t groups[] = {7, 1234, 9}, now[10];
    OK(setgroups(3, groups));
    CHECK_EQ(getgroups(0, NULL), 3);
    CHECK_EQ(getgroups(10, now), 3);
    CHECK_ERRNO(getgroups(2, now), EINVAL);
    CHECK_ERRNO(syscall(SYS_setgroups, 65537, groups), EINVAL);
    test_write_file("f", "x");
    OK(chown("f", 0, 1234));
    OK(chmod("f", 0040));
    OK(chmod(".", 0755));
    CHECK_EXIT(CHILD(OK(set_uid(1000)); OK(close((int)OK(open("f", O_RDONLY)))); CHECK_ERRNO(syscall(SYS_setgroups, 0, NULL), EPERM)), 0);
    OK(setgroups(0, NULL));
    CHECK_EQ(getgroups(0, NULL), 0);
    CHECK_EXIT(CHILD(OK(set_uid(1000)); CHECK_ERRNO(open("f", O_RDONLY), EACCES)), 0);
}

TEST(setfsuid_changes_only_file_access) {
    OK(chmod(".", 0755));
    test_write_file("f", "x");
    OK(chmod("f", 0600));
    CHECK_EQ(setfsuid(1000), 0);
    CHECK_EQ(setfsuid((uid_t)-1), 1000);
    CHECK_ERRNO(open("f", O_RDONLY), EACCES);
    CHECK_UIDS(0, 0, 0);
    CHECK_EQ(setfsuid(0), 1000);
    OK(close((int)OK(open("f", O_RDONLY))));
}

TEST(ids_of_minus_one_are_einval) {
    CHECK_ERRNO(set_uid((uid_t)-1), EINVAL);
    CHECK_ERRNO(syscall(SYS_setgid, -1), EINVAL);
    OK(set_res_uid(-1, -1, -1));
    CHECK_UIDS(0, 0, 0);
}

struct capability_header {
    uint32_t version;
    int pid;
};
struct capability_data {
    uint32_t effective, permitted, inheritable;
};

TEST(capabilities_are_full_for_root_and_go_with_setuid) {
    struct capability_header header = {0x20080522, 0};
    struct capability_data data[2];
    OK(syscall(SYS_capget, &header, data));
    CHECK(data[0].effective == 0xFFFFFFFF && data[0].permitted == 0xFFFFFFFF);
    header.version = 1;
    CHECK_ERRNO(syscall(SYS_capget, &header, data), EINVAL);
    CHECK_EQ(header.version, 0x20080522);
    CHECK_EXIT(CHILD(OK(set_uid(1000)); OK(syscall(SYS_capget, &header, data)); CHECK_EQ(data[0].effective | data[0].permitted, 0);
                     data[0].permitted = 1; CHECK_ERRNO(syscall(SYS_capset, &header, data), EPERM)), 0);
    OK(chmod(".", 0755));
    test_write_file("f", "x");
    OK(chmod("f", 0));
    OK(syscall(SYS_capget, &header, data));
    data[0].effective &= ~(1u << 1 | 1u << 2); /* CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH */
    CHECK_EXIT(CHILD(OK(syscall(SYS_capset, &header, data)); CHECK_ERRNO(open("f", O_RDONLY), EACCES)), 0);
    CHECK_EXIT(CHILD(OK(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)); OK(set_uid(1000)); OK(syscall(SYS_capget, &header, data)); CHECK_EQ(data[0].permitted, 0xFFFFFFFF);
                     CHECK_EQ(data[0].effective, 0)), 0);
}

static void copy_program(const char *to, mode_t mode, uid_t owner) {
    static char bytes[4 << 20];
    size_t length = 0;
    ssize_t count;
    int from = (int)OK(open(test_program(), O_RDONLY)), file = (int)OK(open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755));
    while ((count = OK(read(from, bytes + length, sizeof bytes - length))) > 0) length += (size_t)count;
    CHECK_EQ(write(file, bytes, length), length);
    OK(fchown(file, owner, owner));
    OK(fchmod(file, mode));
    OK(close(file));
    OK(close(from));
}

int test_helper(int argc, char **argv) {
    if (argc != 4) return 2;
    return (int)getuid() == atoi(argv[1]) && (int)geteuid() == atoi(argv[2]) && (int)getegid() == atoi(argv[3]) ? 0 : 1;
}

static void expect_ids(const char *path, const char *real, const char *effective, const char *group) {
    execl(path, path, "--helper", "ids", real, effective, group, (char *)NULL);
    _exit(9);
}

TEST(a_set_user_id_program_runs_as_its_owner) {
    OK(chmod(".", 0755));
    copy_program("as-root", 04755, 0);
    copy_program("as-group", 02755, 5);
    copy_program("plain", 0755, 5);
    CHECK_EXIT(CHILD(OK(setgroups(0, NULL)); OK(syscall(SYS_setgid, 1000)); OK(set_uid(1000)); expect_ids("./as-root", "1000", "0", "1000")), 0);
    CHECK_EXIT(CHILD(OK(syscall(SYS_setgid, 1000)); OK(set_uid(1000)); expect_ids("./as-group", "1000", "1000", "5")), 0);
    CHECK_EXIT(CHILD(OK(syscall(SYS_setgid, 1000)); OK(set_uid(1000)); expect_ids("./plain", "1000", "1000", "1000")), 0);
    CHECK_EXIT(CHILD(OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)); OK(syscall(SYS_setgid, 1000)); OK(set_uid(1000)); expect_ids("./as-root", "1000", "1000", "1000")), 0);
}

TEST(no_new_privs_is_one_way_and_inherited) {
    CHECK_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
    OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    CHECK_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
    CHECK_ERRNO(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
    CHECK_EXIT(CHILD(CHECK_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1)), 0);
}

TEST(names_of_threads_are_cut_at_fifteen_bytes) {
    char name[17] = "";
    OK(prctl(PR_SET_NAME, "a name that is too long", 0, 0, 0));
    OK(prctl(PR_GET_NAME, name, 0, 0, 0));
    CHECK_STR(name, "a name that is ");
    CHECK_ERRNO(prctl(PR_SET_NAME, 16, 0, 0, 0), EFAULT);
    CHECK_ERRNO(prctl(0x7FFFFFFF, 0, 0, 0, 0), EINVAL);
}
