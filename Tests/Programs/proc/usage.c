/* What processes have used, and what they share. */
#include "test.h"
#include <sched.h>
#include <sys/klog.h>
#include <sys/sysmacros.h>

#ifndef SYS_kcmp
#define SYS_kcmp 312
#endif

static long kcmp(pid_t one, pid_t other, int type, unsigned long first, unsigned long second) { return syscall(SYS_kcmp, one, other, type, first, second); }

TEST(the_most_resident_memory_is_kept) {
    enum { MIB = 1 << 20 };
    struct rusage before, peak, after;
    OK(getrusage(RUSAGE_SELF, &before));
    CHECK(before.ru_maxrss > 100);
    char *memory = mmap(NULL, 32 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(memory, 1, 32 * MIB);
    OK(getrusage(RUSAGE_SELF, &peak));
    CHECK(peak.ru_maxrss >= before.ru_maxrss + 30 * 1024);
    OK(munmap(memory, 32 * MIB));
    OK(getrusage(RUSAGE_SELF, &after));
    CHECK(after.ru_maxrss >= peak.ru_maxrss);
    OK(getrusage(RUSAGE_CHILDREN, &before));
    CHECK_EQ(before.ru_maxrss, 0);
    pid_t child = CHILD({
        char *more = mmap(NULL, 64 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memset(more, 1, 64 * MIB);
    });
    struct rusage of_child;
    CHECK_EQ(wait4(child, NULL, 0, &of_child), child);
    CHECK(of_child.ru_maxrss >= 60 * 1024);
    OK(getrusage(RUSAGE_CHILDREN, &after));
    CHECK(after.ru_maxrss >= of_child.ru_maxrss);
}

TEST(kcmp_tells_what_is_shared) {
    int file = (int)OK(open("/dev/null", O_RDONLY)), same = (int)OK(dup(file)), other = (int)OK(open("/dev/null", O_RDONLY));
    pid_t self = getpid();
    enum { FILE_, VM, FILES, FS, SIGHAND, IO_, SYSVSEM };
    CHECK_EQ(kcmp(self, self, FILE_, file, same), 0);
    CHECK(kcmp(self, self, FILE_, file, other) > 0);
    CHECK_ERRNO(kcmp(self, self, FILE_, file, 999), EBADF);
    CHECK_EQ(kcmp(self, self, VM, 0, 0), 0);
    struct gate go = gate_make();
    pid_t child = CHILD(gate_wait(go));
    CHECK_EQ(kcmp(self, child, FILE_, file, file), 0);
    CHECK(kcmp(self, child, VM, 0, 0) > 0);
    CHECK(kcmp(self, child, FILES, 0, 0) > 0);
    CHECK(kcmp(self, child, FS, 0, 0) > 0);
    CHECK(kcmp(self, child, SIGHAND, 0, 0) > 0);
    CHECK_EQ(kcmp(self, child, SYSVSEM, 0, 0), 0);
    CHECK_ERRNO(kcmp(self, child, 99, 0, 0), EINVAL);
    gate_open(go);
    CHECK_EXIT(child, 0);
    CHECK_ERRNO(kcmp(self, child, VM, 0, 0), ESRCH);
    child = (pid_t)syscall(SYS_clone, CLONE_FILES | CLONE_FS | SIGCHLD, NULL, NULL, NULL, NULL);
    if (child == 0) {
        gate_wait(go);
        _exit(0);
    }
    CHECK_EQ(kcmp(self, child, FILES, 0, 0), 0);
    CHECK_EQ(kcmp(self, child, FS, 0, 0), 0);
    gate_open(go);
    CHECK_EXIT(child, 0);
    child = CHILD({
        OK(setresgid(1000, 1000, 1000));
        OK(setresuid(1000, 1000, 1000));
        CHECK_ERRNO(kcmp(self, self, VM, 0, 0), EPERM);
    });
    CHECK_EXIT(child, 0);
}

TEST(a_reader_of_the_kernel_log_waits_for_a_line) {
    char marker[60], text[80];
    snprintf(marker, sizeof marker, "a line for process %d", getpid());
    pid_t child = CHILD({
        static char log[65536];
        for (;;) {
            int length = (int)OK(klogctl(2, log, sizeof log - 1));
            CHECK(length > 0);
            log[length] = 0;
            if (strstr(log, marker) != NULL) break;
        }
    });
    test_wait_state(child, "S");
    int kmsg = (int)OK(open("/dev/kmsg", O_WRONLY));
    snprintf(text, sizeof text, "<7>%s\n", marker);
    OK(write(kmsg, text, strlen(text)));
    CHECK_EXIT(child, 0);
}

static volatile sig_atomic_t warnings;
static void count_warning(int signal) { (void)signal; warnings++; }

TEST(the_limit_of_real_time_without_blocking) {
    pid_t child = CHILD({
        struct rlimit limit = {100000, RLIM_INFINITY};
        struct sigaction action = {.sa_handler = count_warning};
        struct sched_param parameters = {.sched_priority = 10};
        OK(sigaction(SIGXCPU, &action, NULL));
        OK(syscall(SYS_sched_setscheduler, 0, SCHED_RR, &parameters));
        /* Who blocks now and then gets nothing. Once that must be so: the host may let the CPU stand still between two sleeps. */
        for (int tries = 0; tries < 50; tries++) {
            OK(setrlimit(RLIMIT_RTTIME, &limit)); /* a warning moves it */
            warnings = 0;
            int64_t end = test_now() + 300000000;
            while (test_now() < end) {
                int64_t part = test_now() + 30000000;
                while (test_now() < part) continue;
                usleep(2000);
            }
            if (warnings == 0) break;
        }
        CHECK_EQ(warnings, 0);
        while (warnings == 0) continue;
        limit = (struct rlimit){400000, 400000};
        OK(setrlimit(RLIMIT_RTTIME, &limit));
        for (;;) continue;
    });
    CHECK_KILLED(child, SIGKILL);
    /* An ordinary thread may go on. */
    child = CHILD({
        struct rlimit limit = {50000, 100000};
        OK(setrlimit(RLIMIT_RTTIME, &limit));
        int64_t end = test_now() + 300000000;
        while (test_now() < end) continue;
    });
    CHECK_EXIT(child, 0);
}
