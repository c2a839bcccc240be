/* init_module(2), finit_module(2), delete_module(2), /proc/modules, /sys/module: with the modules of Tests/LoadableModules in /lib/modules, on a loadable kernel. */
#include "test.h"
#include <sched.h>
#include <sys/klog.h>

#define MODULES "/lib/modules/"

static int finit(const char *name, const char *parameters) {
    char path[128];
    snprintf(path, sizeof path, MODULES "%s.ko", name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) SKIP("%s is not there", path);
    int result = (int)syscall(SYS_finit_module, fd, parameters, 0);
    int error = errno;
    close(fd);
    errno = error;
    return result;
}

static int delete(const char *name) { return (int)syscall(SYS_delete_module, name, O_NONBLOCK); }

static void need_modules(void) {
    if (syscall(SYS_delete_module, "no_such_module", O_NONBLOCK) == -1 && errno == ENOSYS) SKIP("this kernel cannot load modules");
}

/* What a small file says, without its last newline. */
static const char *read_text(const char *path) {
    static char text[65536];
    int fd = (int)OK(open(path, O_RDONLY | O_CLOEXEC));
    size_t length = 0;
    for (ssize_t n; length < sizeof text - 1 && (n = read(fd, text + length, sizeof text - 1 - length)) > 0; length += (size_t)n) {}
    close(fd);
    text[length] = 0;
    if (length > 0 && text[length - 1] == '\n') text[length - 1] = 0;
    return text;
}

static bool is_in(const char *path, const char *name) {
    char start[80];
    snprintf(start, sizeof start, "%s ", name);
    const char *text = read_text(path);
    for (const char *line = text; line && *line; line = strchr(line, '\n'), line += line != NULL)
        if (strncmp(line, start, strlen(start)) == 0) return true;
    return false;
}

/* It is loaded, or its memory is still there. */
static bool is_listed(const char *name) { return is_in("/proc/modules", name) || is_in("/proc/modules_unloading", name); }

static bool log_has(const char *text) {
    static char log[1 << 20];
    int length = (int)OK(klogctl(3, log, sizeof log - 1));
    log[length] = 0;
    return strstr(log, text) != NULL;
}

static long free_kib(void) {
    const char *line = strstr(read_text("/proc/meminfo"), "MemFree:");
    CHECK(line != NULL);
    return atol(line + 8);
}

TEST(loading_needs_the_capability) {
    char byte = 0;
    CHECK_EXIT(CHILD(
        OK(setgid(1000)); OK(setuid(1000));
        CHECK(syscall(SYS_init_module, &byte, 1L, "") == -1 && (errno == EPERM || errno == ENOSYS));
        CHECK(syscall(SYS_finit_module, 0, "", 0) == -1 && (errno == EPERM || errno == ENOSYS));
        CHECK(syscall(SYS_delete_module, "x", 0) == -1 && (errno == EPERM || errno == ENOSYS))), 0);
}

TEST(what_is_no_module_is_refused) {
    need_modules();
    static char garbage[8192];
    memset(garbage, 0x41, sizeof garbage);
    CHECK_ERRNO(syscall(SYS_init_module, garbage, sizeof garbage, ""), ENOEXEC);
    CHECK_ERRNO(syscall(SYS_init_module, garbage, 10L, ""), ENOEXEC);
    CHECK_ERRNO(syscall(SYS_init_module, (void *)16, 4096L, ""), EFAULT);
    CHECK_ERRNO(syscall(SYS_finit_module, -1, "", 0), EBADF);
    CHECK_ERRNO(syscall(SYS_finit_module, 0, "", 0x80), EINVAL);
    CHECK_ERRNO(syscall(SYS_delete_module, "no_such_module", O_NONBLOCK), ENOENT);
    CHECK_ERRNO(syscall(SYS_delete_module, (void *)16, O_NONBLOCK), EFAULT);
    int fd = (int)OK(open("/proc/self/exe", O_RDONLY));
    CHECK_ERRNO(syscall(SYS_finit_module, fd, "", 0), ENOEXEC);
    CHECK_ERRNO(syscall(SYS_finit_module, fd, (void *)16, 0), EFAULT);
}

TEST(a_module_loads_shows_itself_and_unloads) {
    need_modules();
    OK(finit("simple", ""));
    CHECK(is_listed("simple"));
    CHECK(log_has("simple: hello, 42"));
    CHECK_STR(read_text("/sys/module/simple/initstate"), "live");
    CHECK_STR(read_text("/sys/module/simple/refcnt"), "0");
    CHECK_ERRNO(finit("simple", ""), EEXIST);
    OK(delete("simple"));
    CHECK(!is_listed("simple"));
    CHECK(access("/sys/module/simple", F_OK) == -1);
    CHECK(log_has("simple: goodbye"));
    CHECK_ERRNO(delete("simple"), ENOENT);
}

TEST(parameters_are_set_checked_and_shown) {
    need_modules();
    CHECK_ERRNO(finit("tuned", "times=6"), EINVAL);
    CHECK(!is_listed("tuned"));
    CHECK_ERRNO(finit("tuned", "times=x"), EINVAL);
    OK(finit("tuned", "times=3 word=\"well well\" nonsense=1"));
    CHECK(log_has("tuned: well well 2"));
    CHECK(log_has("unknown parameter 'nonsense' ignored"));
    CHECK_STR(read_text("/sys/module/tuned/parameters/times"), "3");
    CHECK_STR(read_text("/sys/module/tuned/version"), "1.2.3");
    OK(delete("tuned"));
}

TEST(a_module_whose_start_throws_leaves_no_trace) {
    need_modules();
    for (int i = 0; i < 3; i++) {
        CHECK_ERRNO(finit("tuned", "fail=1"), EIO);
        CHECK(!is_listed("tuned"));
        CHECK(access("/sys/module/tuned", F_OK) == -1);
    }
    CHECK(log_has("asked to fail"));
    OK(finit("tuned", ""));
    OK(delete("tuned"));
}

TEST(a_module_that_others_need_stays) {
    need_modules();
    CHECK_ERRNO(finit("shapes_user", ""), ENOENT);
    OK(finit("shapes", ""));
    OK(finit("shapes_user", ""));
    CHECK_ERRNO(delete("shapes"), EWOULDBLOCK);
    OK(access("/sys/module/shapes/holders/shapes_user", F_OK));
    OK(delete("shapes_user"));
    OK(delete("shapes"));
    CHECK(!is_listed("shapes"));
}

TEST(all_of_the_language_works_in_a_module) {
    need_modules();
    OK(finit("everything", ""));
    CHECK(log_has("everything: "));
    CHECK(log_has(" passed, 0 failed"));
    OK(delete("everything"));
}

TEST(loading_and_unloading_again_and_again_loses_no_memory) {
    need_modules();
    for (int i = 0; i < 20; i++) {
        OK(finit("simple", ""));
        OK(delete("simple"));
    }
    long before = free_kib();
    for (int i = 0; i < 100; i++) {
        OK(finit("simple", ""));
        OK(delete("simple"));
        CHECK(!is_listed("simple"));
    }
    long after = free_kib();
    if (before - after > 1024) FAIL("%ld KiB free before, %ld after", before, after);
}

TEST(a_module_whose_device_is_open_stays) {
    need_modules();
    OK(finit("squares", ""));
    int fd = (int)OK(open("/dev/squares", O_RDONLY | O_CLOEXEC));
    CHECK_STR(read_text("/sys/module/squares/refcnt"), "1");
    CHECK_ERRNO(delete("squares"), EWOULDBLOCK);
    char text[32] = "";
    CHECK(read(fd, text, sizeof text - 1) == 2 && strcmp(text, "1\n") == 0);
    CHECK(read(fd, text, sizeof text - 1) == 2 && strcmp(text, "4\n") == 0);
    close(fd);
    OK(delete("squares"));
    CHECK(access("/dev/squares", F_OK) == -1);
    CHECK(!is_listed("squares"));
}

/* Opens, reads and closes as long as it is not killed; whatever it reads must be a square. */
static void read_squares(void) {
    for (;;) {
        int fd = open("/dev/squares", O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
            CHECK(errno == ENOENT || errno == ENXIO || errno == ENODEV);
            sched_yield();
            continue;
        }
        for (int i = 1; i <= 20; i++) {
            char text[32] = "";
            CHECK(read(fd, text, sizeof text - 1) > 0);
            CHECK(atol(text) == (long)i * i);
        }
        close(fd);
        usleep(1000 * (1 + (unsigned)rand() % 4));
    }
}

TEST(a_module_comes_and_goes_while_other_cpus_run_its_code) {
    need_modules();
    pid_t readers[3];
    for (int i = 0; i < 3; i++) {
        readers[i] = (pid_t)OK(fork());
        if (readers[i] == 0) {
            srand((unsigned)i);
            read_squares();
            _exit(1);
        }
    }
    int refused = 0;
    for (int i = 0; i < 10; i++) {
        OK(finit("squares", ""));
        while (delete("squares") == -1) {
            CHECK(errno == EWOULDBLOCK);
            refused++;
            sched_yield();
        }
    }
    for (int i = 0; i < 3; i++) {
        int status;
        OK(kill(readers[i], SIGKILL));
        CHECK(OK(waitpid(readers[i], &status, 0)) == readers[i] && WIFSIGNALED(status));
    }
    printf("refused %d times while it was open\n", refused);
}

/* Its memory is released, now or at a later look: what a processor or a task has left on a stack may keep it for a moment. */
static bool goes(const char *name) {
    for (int i = 0; i < 6000; i++) {
        if (!is_listed(name)) return true;
        usleep(10000);
    }
    return false;
}

/* Runs a little, and has children that do, under whatever policy it has. */
static void run_a_little(void) {
    for (int i = 0; i < 50; i++) sched_yield();
    CHECK_EXIT(CHILD(
        for (int i = 0; i < 50; i++) sched_yield();
        usleep(1000)), 0);
}

/* Its memory may stay for longer than this test (docs/module-loading.md), and it is loaded again beside it. */
TEST(a_module_with_a_scheduling_class_comes_and_goes) {
    need_modules();
    for (int round = 0; round < 4; round++) {
        OK(finit("lottery_load", round % 2 ? "adopt=1 tasks=3" : "tasks=8 rank=20"));
        CHECK(log_has("tasks has won twice"));
        run_a_little();

        /* It has the policy of its parent, and is still there when that is gone. */
        int go[2];
        OK(pipe(go));
        pid_t child = (pid_t)OK(fork());
        if (child == 0) {
            char byte;
            close(go[1]);
            for (int i = 0; i < 20; i++) sched_yield();
            CHECK(read(go[0], &byte, 1) == 0);
            for (int i = 0; i < 20; i++) sched_yield();
            _exit(0);
        }
        close(go[0]);
        OK(delete("lottery_load"));
        CHECK(!is_in("/proc/modules", "lottery_load"));
        CHECK(sched_getscheduler(0) == SCHED_OTHER);
        run_a_little();
        close(go[1]);
        int status;
        CHECK(OK(waitpid(child, &status, 0)) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
}

/* Makes the kernel allocate, as long as it is not killed. */
static void allocate(void) {
    for (int i = 0;; i++) {
        int fds[2];
        OK(pipe(fds));
        int fd = (int)OK(open("/proc/self/status", O_RDONLY | O_CLOEXEC));
        char text[256];
        CHECK(read(fd, text, sizeof text) > 0);
        close(fd);
        close(fds[0]);
        close(fds[1]);
        if (i % 16 == 0) {
            pid_t child = (pid_t)OK(fork());
            if (child == 0) _exit(0);
            CHECK(OK(waitpid(child, NULL, 0)) == child);
        }
    }
}

TEST(modules_come_and_go_while_others_allocate) {
    need_modules();
    pid_t others[3];
    for (int i = 0; i < 3; i++) {
        others[i] = (pid_t)OK(fork());
        if (others[i] == 0) {
            allocate();
            _exit(1);
        }
    }
    OK(finit("everything", ""));
    CHECK(log_has(" passed, 0 failed"));
    for (int i = 0; i < 6; i++) {
        OK(finit("simple", ""));
        OK(finit("squares", ""));
        OK(finit("lottery_load", ""));
        OK(delete("simple"));
        OK(delete("lottery_load"));
        OK(delete("squares"));
        CHECK(goes("simple"));
        CHECK(goes("squares"));
    }
    OK(delete("everything"));
    for (int i = 0; i < 3; i++) {
        int status;
        OK(kill(others[i], SIGKILL));
        CHECK(OK(waitpid(others[i], &status, 0)) == others[i] && WIFSIGNALED(status));
    }
}

/* Kills a child after a while, and waits for it. */
static void kill_after(pid_t child, unsigned microseconds) {
    int status;
    usleep(microseconds);
    OK(kill(child, SIGKILL));
    CHECK(OK(waitpid(child, &status, 0)) == child);
}

TEST(a_loader_that_is_killed_leaves_no_half_of_a_module) {
    need_modules();
    srand(7);
    for (int i = 0; i < 24; i++) {
        pid_t child = (pid_t)OK(fork());
        if (child == 0) _exit(finit("simple", "") == 0 ? 0 : 1);
        kill_after(child, (unsigned)rand() % 60000);
        if (is_in("/proc/modules", "simple")) OK(delete("simple"));
        CHECK(!is_in("/proc/modules", "simple"));

        OK(finit("simple", ""));
        child = (pid_t)OK(fork());
        if (child == 0) _exit(delete("simple") == 0 ? 0 : 1);
        kill_after(child, (unsigned)rand() % 60000);
        if (is_in("/proc/modules", "simple")) OK(delete("simple"));
        CHECK(!is_in("/proc/modules", "simple"));
    }
    OK(finit("simple", ""));
    OK(delete("simple"));
    CHECK(goes("simple"));
}
