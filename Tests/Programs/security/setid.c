/* Set-id programs, file capabilities, and what takes their effect away. */
#include "filters.h"

#include <linux/capability.h>
#include <linux/securebits.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/xattr.h>

enum { OWNER = 1000, CALLER = 2000, GROUP = 3000 };

struct told {
    int user, group, secure, dumpable;
};

int helper_capabilities(const char *what) {
    char text[8192];
    test_read_file("/proc/self/status", text, sizeof text);
    char *at = strstr(text, what);
    if (at == NULL) return 99;
    printf("%llx %lu\n", strtoull(at + strlen(what), NULL, 16), helper_secure());
    return 0;
}

static void copy_program(const char *to, uid_t owner, gid_t group, mode_t mode) {
    char buffer[65536];
    int in = (int)OK(open(test_program(), O_RDONLY)), out = (int)OK(open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755));
    ssize_t count;
    while ((count = read(in, buffer, sizeof buffer)) > 0) CHECK_EQ(write(out, buffer, (size_t)count), count);
    OK(close(in));
    OK(close(out));
    OK(chown(to, owner, group));
    OK(chmod(to, mode));
}

/* Runs the program as another user and reads the line that it prints. */
static int run(const char *program, const char *word, void (*prepare)(void), uid_t user, char *line, size_t size) {
    int ends[2];
    OK(pipe(ends));
    pid_t child = (pid_t)OK(fork());
    if (child == 0) {
        OK(setgroups(0, NULL));
        if (user != 0) OK(setresgid(user, user, user));
        if (user != 0) OK(setresuid(user, user, user));
        if (prepare != NULL) prepare();
        OK(dup2(ends[1], 1));
        execl(program, program, "--helper", word, NULL);
        _exit(errno == EPERM ? 50 : 51);
    }
    OK(close(ends[1]));
    ssize_t count = read(ends[0], line, size - 1);
    line[count > 0 ? count : 0] = 0;
    OK(close(ends[0]));
    int status;
    OK(waitpid(child, &status, 0));
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static struct told ids(const char *program, void (*prepare)(void)) {
    char line[128];
    struct told told;
    CHECK_EQ(run(program, "ids", prepare, CALLER, line, sizeof line), 0);
    CHECK_EQ(sscanf(line, "%d %d %d %d", &told.user, &told.group, &told.secure, &told.dumpable), 4);
    return told;
}

static void give_up(void) { OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)); }

TEST(a_set_user_id_program_has_its_owners_rights) {
    copy_program("p", OWNER, 0, 04755);
    struct told told = ids("./p", NULL);
    CHECK_EQ(told.user, OWNER);
    CHECK_EQ(told.group, CALLER);
    CHECK_EQ(told.secure, 1);
    CHECK_EQ(told.dumpable, 0);
    /* A change of the owner takes the bits away, and so does a write of somebody who may not keep them. */
    OK(chown("p", OWNER, 0));
    struct stat s;
    OK(stat("p", &s));
    CHECK_EQ(s.st_mode & 07777, 0755);
    told = ids("./p", NULL);
    CHECK_EQ(told.user, CALLER);
    CHECK_EQ(told.secure, 0);
    CHECK_EQ(told.dumpable, 1);
}

TEST(a_set_group_id_program_needs_the_right_of_the_group_to_execute) {
    copy_program("p", OWNER, GROUP, 02755);
    struct told told = ids("./p", NULL);
    CHECK_EQ(told.group, GROUP);
    CHECK_EQ(told.user, CALLER);
    CHECK_EQ(told.secure, 1);
    OK(chmod("p", 02745));
    told = ids("./p", NULL);
    CHECK_EQ(told.group, CALLER);
    CHECK_EQ(told.secure, 0);
}

TEST(no_new_privileges_takes_the_bits_effect) {
    copy_program("p", OWNER, GROUP, 06755);
    struct told told = ids("./p", give_up);
    CHECK_EQ(told.user, CALLER);
    CHECK_EQ(told.group, CALLER);
    CHECK_EQ(told.secure, 0);
}

TEST(a_mount_with_nosuid_takes_it_too) {
    OK(mkdir("m", 0755));
    OK(mount("none", "m", "tmpfs", MS_NOSUID, NULL));
    copy_program("m/p", OWNER, GROUP, 06755);
    struct told told = ids("m/p", NULL);
    CHECK_EQ(told.user, CALLER);
    CHECK_EQ(told.group, CALLER);
    CHECK_EQ(told.secure, 0);
}

TEST(a_script_has_no_rights_of_its_own) {
    copy_program("p", 0, 0, 0755);
    test_write_file("script", "#!./p --helper\n");
    OK(chown("script", OWNER, GROUP));
    OK(chmod("script", 06755));
    int ends[2];
    OK(pipe(ends));
    pid_t child = CHILD(OK(setresgid(CALLER, CALLER, CALLER)); OK(setresuid(CALLER, CALLER, CALLER)); OK(dup2(ends[1], 1)); execl("./script", "./script", NULL));
    int status;
    OK(waitpid(child, &status, 0));
    /* The program is told "./script" and prints nothing, but it runs: with the caller's rights, since it is not set-id. */
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 99);
}

static char s_stack[65536] __attribute__((aligned(64)));
static int wait_for_end(void *pipe_end) {
    char byte;
    return read((int)(intptr_t)pipe_end, &byte, 1) < 0;
}

/* Somebody else could change the root directory under the program. */
static void share_directory(void) {
    int ends[2];
    OK(pipe(ends));
    OK(fcntl(ends[1], F_SETFD, FD_CLOEXEC));
    OK(clone(wait_for_end, s_stack + sizeof s_stack, CLONE_FS | SIGCHLD, (void *)(intptr_t)ends[0]));
}

TEST(who_shares_its_directory_with_another_process_gets_no_rights) {
    copy_program("p", OWNER, 0, 04755);
    struct told told = ids("./p", share_directory);
    CHECK_EQ(told.user, CALLER);
}

static void set_capability(const char *path, uint32_t revision, uint64_t permitted, uint64_t inheritable, bool effective) {
    struct vfs_cap_data data = {.magic_etc = revision | (effective ? VFS_CAP_FLAGS_EFFECTIVE : 0),
        .data = {{(uint32_t)permitted, (uint32_t)inheritable}, {(uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32)}}};
    OK(setxattr(path, "security.capability", &data, sizeof data, 0));
}

static int capabilities(const char *which, void (*prepare)(void), unsigned long long *set, int *secure) {
    char line[128];
    int status = run("./p", which, prepare, CALLER, line, sizeof line);
    if (status == 0) CHECK_EQ(sscanf(line, "%llx %d", set, secure), 2);
    return status;
}

#define RAW (1ull << CAP_NET_RAW)
#define CHECKPOINT (1ull << CAP_CHECKPOINT_RESTORE)

static void without_raw(void) {
    /* The bounding set is changed before the ids are; so here only a part can be tried: ambient and inheritable are empty. */
    OK(prctl(PR_SET_KEEPCAPS, 0));
}

TEST(a_file_gives_capabilities) {
    unsigned long long set;
    int secure;
    copy_program("p", 0, 0, 0755);
    set_capability("p", VFS_CAP_REVISION_2, RAW | CHECKPOINT, 0, true);
    CHECK_EQ(capabilities("CapEff:", NULL, &set, &secure), 0);
    CHECK_EQ(set, RAW | CHECKPOINT);
    CHECK_EQ(secure, 1);
    set_capability("p", VFS_CAP_REVISION_2, RAW, 0, false);
    CHECK_EQ(capabilities("CapEff:", without_raw, &set, &secure), 0);
    CHECK_EQ(set, 0);
    CHECK_EQ(capabilities("CapPrm:", NULL, &set, &secure), 0);
    CHECK_EQ(set, RAW);
    CHECK_EQ(secure, 1);
    /* Not with no_new_privs, not after the file was written. */
    CHECK_EQ(capabilities("CapPrm:", give_up, &set, &secure), 0);
    CHECK_EQ(set, 0);
    int file = (int)OK(open("p", O_WRONLY | O_APPEND));
    CHECK_EQ(write(file, "x", 1), 1);
    OK(close(file));
    CHECK_ERRNO(getxattr("p", "security.capability", NULL, 0), ENODATA);
    CHECK_EQ(capabilities("CapPrm:", NULL, &set, &secure), 0);
    CHECK_EQ(set, 0);
    CHECK_EQ(secure, 0);
}

TEST(capabilities_beyond_the_bounding_set_keep_the_file_from_running) {
    copy_program("p", 0, 0, 0755);
    set_capability("p", VFS_CAP_REVISION_2, RAW, 0, true);
    pid_t child = CHILD(OK(prctl(PR_CAPBSET_DROP, CAP_NET_RAW)); unsigned long long set; int secure; CHECK_EQ(capabilities("CapEff:", NULL, &set, &secure), 50);
                        set_capability("p", VFS_CAP_REVISION_2, RAW, 0, false); CHECK_EQ(capabilities("CapPrm:", NULL, &set, &secure), 0); CHECK_EQ(set, 0));
    CHECK_EXIT(child, 0);
}

TEST(a_root_program_with_capabilities_has_these_alone) {
    unsigned long long set;
    int secure;
    copy_program("p", 0, 0, 0755);
    OK(chmod("p", 04755));
    set_capability("p", VFS_CAP_REVISION_2, RAW, 0, true);
    CHECK_EQ(capabilities("CapEff:", NULL, &set, &secure), 0);
    CHECK_EQ(set, RAW);
    CHECK_EQ(secure, 1);
}

static void no_root(void) { OK(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED)); }

TEST(with_noroot_root_is_a_user_as_any_other) {
    char line[128];
    unsigned long long set;
    int secure;
    copy_program("p", 0, 0, 0755);
    CHECK_EQ(run("./p", "CapPrm:", no_root, 0, line, sizeof line), 0);
    CHECK_EQ(sscanf(line, "%llx %d", &set, &secure), 2);
    CHECK_EQ(set, 0);
    CHECK_EQ(run("./p", "CapPrm:", NULL, 0, line, sizeof line), 0);
    CHECK_EQ(sscanf(line, "%llx %d", &set, &secure), 2);
    CHECK(set != 0);
    CHECK_EQ(secure, 0);
    pid_t child = CHILD(no_root(); CHECK_ERRNO(prctl(PR_SET_SECUREBITS, 0), EPERM));
    CHECK_EXIT(child, 0);
}

TEST(only_who_may_gives_files_capabilities) {
    copy_program("p", CALLER, 0, 0755);
    struct vfs_cap_data data = {.magic_etc = VFS_CAP_REVISION_2};
    pid_t child = CHILD(OK(setresuid(CALLER, CALLER, CALLER)); CHECK_ERRNO(setxattr("p", "security.capability", &data, sizeof data, 0), EPERM));
    CHECK_EXIT(child, 0);
    CHECK_ERRNO(setxattr("p", "security.capability", &data, 7, 0), EINVAL);
    data.magic_etc = 0x09000000;
    CHECK_ERRNO(setxattr("p", "security.capability", &data, sizeof data, 0), EINVAL);
}

/* Who is not dumpable cannot be looked into by others of the same user. */
TEST(who_is_not_dumpable_is_closed_to_others) {
    struct gate ready = gate_make(), end = gate_make();
    pid_t child = CHILD(OK(setresgid(CALLER, CALLER, CALLER)); OK(setresuid(CALLER, CALLER, CALLER)); OK(prctl(PR_SET_DUMPABLE, 0)); gate_open(ready); gate_wait(end));
    gate_wait(ready);
    pid_t other = CHILD(OK(setresgid(CALLER, CALLER, CALLER)); OK(setresuid(CALLER, CALLER, CALLER)); char byte; struct iovec to = {&byte, 1}, from = {s_stack, 1};
                        CHECK_ERRNO(process_vm_readv(child, &to, 1, &from, 1, 0), EPERM));
    CHECK_EXIT(other, 0);
    gate_open(end);
    CHECK_EXIT(child, 0);
}
