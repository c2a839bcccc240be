/* Files of /proc that tell figures: the figures move with what they are about. Files that can be written change what they say. */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char s_text[64 * 1024];

/* The number behind a name that begins a line. */
static long long value(const char *path, const char *name) {
    test_read_file(path, s_text, sizeof s_text);
    for (char *line = s_text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, strlen(name)) == 0) return atoll(line + strlen(name));
    }
    FAIL("%s has no line that begins with %s", path, name);
    return 0;
}

static long long number(const char *path) {
    test_read_file(path, s_text, sizeof s_text);
    return atoll(s_text);
}

TEST(io_counts_calls_and_bytes) {
    long long calls = value("/proc/self/io", "syscw: "), bytes = value("/proc/self/io", "wchar: ");
    int null = (int)OK(open("/dev/null", O_WRONLY));
    for (int i = 0; i < 10; i++) CHECK_EQ(write(null, s_text, 100), 100);
    CHECK_EQ(value("/proc/self/io", "syscw: ") - calls, 10);
    CHECK_EQ(value("/proc/self/io", "wchar: ") - bytes, 1000);
    calls = value("/proc/self/io", "syscr: "), bytes = value("/proc/self/io", "rchar: ");
    int zero = (int)OK(open("/dev/zero", O_RDONLY));
    CHECK_EQ(read(zero, s_text + 1024, 3000), 3000);
    CHECK(value("/proc/self/io", "syscr: ") - calls >= 2);
    CHECK(value("/proc/self/io", "rchar: ") - bytes >= 3000);
}

TEST(io_has_what_collected_children_wrote) {
    long long bytes = value("/proc/self/io", "wchar: ");
    pid_t child = CHILD(CHECK_EQ(write(OK(open("/dev/null", O_WRONLY)), s_text, 5000), 5000));
    CHECK_EXIT(child, 0);
    CHECK(value("/proc/self/io", "wchar: ") - bytes >= 5000);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/io", getpid());
    CHECK(value(path, "wchar: ") < value("/proc/self/io", "wchar: "));
}

TEST(schedstat_counts_the_wait_for_a_cpu) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    OK(sched_setaffinity(0, sizeof one, &one));
    pid_t rival = fork();
    if (rival == 0) {
        for (;;) __asm__ volatile("pause");
    }
    unsigned long long ran, waited, times, before;
    test_read_file("/proc/self/schedstat", s_text, sizeof s_text);
    CHECK_EQ(sscanf(s_text, "%llu %llu %llu", &ran, &before, &times), 3);
    int64_t end = test_now() + 10000000000;
    do {
        test_read_file("/proc/self/schedstat", s_text, sizeof s_text);
        CHECK_EQ(sscanf(s_text, "%llu %llu %llu", &ran, &waited, &times), 3);
        CHECK(test_now() < end);
    } while (waited - before < 20000000);
    OK(kill(rival, SIGKILL));
    CHECK_KILLED(rival, SIGKILL);
}

TEST(shared_memory_counts_in_meminfo) {
    long long before = value("/proc/meminfo", "Shmem:"), cached = value("/proc/meminfo", "Cached:");
    int file = (int)OK(memfd_create("big", 0));
    OK(ftruncate(file, 32 << 20));
    char *at = mmap(NULL, 32 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    CHECK(at != MAP_FAILED);
    memset(at, 1, 32 << 20);
    long long with = value("/proc/meminfo", "Shmem:");
    CHECK(with - before >= 30 << 10);
    CHECK(value("/proc/meminfo", "Cached:") - cached >= 30 << 10);
    OK(munmap(at, 32 << 20));
    OK(close(file));
    CHECK(with - value("/proc/meminfo", "Shmem:") >= 30 << 10);
}

TEST(children_are_listed_by_their_parent) {
    struct gate gate = gate_make();
    pid_t one = CHILD(gate_wait(gate)), two = CHILD(gate_wait(gate));
    char path[64], expected[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    snprintf(expected, sizeof expected, "%d %d ", one, two);
    test_read_file(path, s_text, sizeof s_text);
    CHECK_STR(s_text, expected);
    gate_open(gate);
    gate_open(gate);
    CHECK_EXIT(one, 0);
    CHECK_EXIT(two, 0);
    test_read_file(path, s_text, sizeof s_text);
    CHECK_STR(s_text, "");
}

TEST(timer_slack_of_another_process_can_be_set) {
    struct gate gate = gate_make(), set = gate_make();
    pid_t child = CHILD(gate_wait(set); CHECK_EQ(prctl(PR_GET_TIMERSLACK), 12345); gate_wait(gate));
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/timerslack_ns", child);
    CHECK_EQ(number(path), 50000);
    int file = (int)OK(open(path, O_RDWR));
    CHECK_EQ(write(file, "12345\n", 6), 6);
    CHECK_ERRNO(write(file, "some", 4), EINVAL);
    CHECK_EQ(number(path), 12345);
    gate_open(set);
    gate_open(gate);
    CHECK_EXIT(child, 0);
}

TEST(namespaces_have_one_number_for_all) {
    struct gate gate = gate_make();
    pid_t child = CHILD(gate_wait(gate));
    static const char *const names[] = {"cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "time", "user", "uts"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char own[64], other[64], one[64] = "", two[64] = "";
        snprintf(own, sizeof own, "/proc/self/ns/%s", names[i]);
        snprintf(other, sizeof other, "/proc/%d/ns/%s", child, names[i]);
        OK(readlink(own, one, sizeof one - 1));
        OK(readlink(other, two, sizeof two - 1));
        CHECK_STR(one, two);
        struct stat about, same;
        OK(stat(own, &about));
        OK(stat(other, &same));
        CHECK_EQ(about.st_ino, same.st_ino);
        CHECK_EQ(about.st_ino, atoll(strchr(one, '[') + 1));
    }
    CHECK_ERRNO(access("/proc/self/ns/none", F_OK), ENOENT);
    int pid = (int)OK(open("/proc/self/ns/pid", O_RDONLY)), net = (int)OK(open("/proc/self/ns/net", O_RDONLY));
    CHECK_EQ(ioctl(pid, 0xB703), CLONE_NEWPID);
    CHECK_ERRNO(ioctl(pid, 0xB702), EPERM);
    CHECK_ERRNO(ioctl(net, 0xB702), EINVAL);
    int user = (int)OK(ioctl(net, 0xB701));
    uid_t owner = 1;
    OK(ioctl(user, 0xB704, &owner));
    CHECK_EQ(owner, 0);
    CHECK_EQ(ioctl(user, 0xB703), CLONE_NEWUSER);
    CHECK_ERRNO(ioctl(user, 0xB701), EPERM);
    CHECK_ERRNO(ioctl(user, 0xB704, (uid_t *)8), EFAULT);
    CHECK_ERRNO(ioctl(net, 0xB704, &owner), EINVAL);
    gate_open(gate);
    CHECK_EXIT(child, 0);
}

TEST(rollup_is_the_sum_of_smaps) {
    long long sum = 0;
    CHECK(test_read_file("/proc/self/smaps", s_text, sizeof s_text) < sizeof s_text - 1);
    for (char *line = strstr(s_text, "\nRss:"); line != NULL; line = strstr(line + 1, "\nRss:")) sum += atoll(line + 5);
    long long whole = value("/proc/self/smaps_rollup", "Rss:");
    CHECK(whole >= sum - 64 && whole <= sum + 64);
    CHECK(strstr(s_text, "[rollup]\n") != NULL);
}

/* Puts a limit back when the test ends in whatever way. */
static void with_limit(const char *path, long long limit, void (*body)(void)) {
    char before[32], text[32];
    snprintf(before, sizeof before, "%lld\n", number(path));
    snprintf(text, sizeof text, "%lld\n", limit);
    test_write_file(path, text);
    pid_t child = CHILD(body());
    int status;
    OK(waitpid(child, &status, 0));
    test_write_file(path, before);
    CHECK_EQ(status, 0);
}

static void map_too_many(void) {
    int i = 0;
    for (; i < 300; i++) {
        if (mmap(NULL, 4096, i % 2 ? PROT_READ : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED) break;
    }
    CHECK_EQ(errno, ENOMEM);
    CHECK(i > 100 && i < 220);
}

TEST(max_map_count_is_the_limit_of_mappings) { with_limit("/proc/sys/vm/max_map_count", 200, map_too_many); }

static void *sleeper(void *gate) {
    gate_wait(*(struct gate *)gate);
    return NULL;
}

static void make_too_many_threads(void) {
    static struct gate gate;
    gate = gate_make();
    pthread_t threads[64];
    int count = 0, error = 0;
    while (count < 64 && (error = pthread_create(&threads[count], NULL, sleeper, &gate)) == 0) count++;
    CHECK_EQ(error, EAGAIN);
    for (int i = 0; i < count; i++) gate_open(gate);
    for (int i = 0; i < count; i++) CHECK_EQ(pthread_join(threads[i], NULL), 0);
}

/* Threads of the kernel count on Linux: the limit is what there is and a few more. */
TEST(threads_max_is_the_limit_of_all_threads) {
    test_read_file("/proc/loadavg", s_text, sizeof s_text);
    with_limit("/proc/sys/kernel/threads-max", atoll(strchr(s_text, '/') + 1) + 30, make_too_many_threads);
}

static void promise_too_much(void) {
    CHECK_EQ(mmap(NULL, 1ul << 40, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED, 1);
    CHECK_EQ(errno, ENOMEM);
}

static void promise_anything(void) {
    CHECK(mmap(NULL, 1ul << 40, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

TEST(overcommit_memory_is_the_policy) {
    with_limit("/proc/sys/vm/overcommit_memory", 0, promise_too_much);
    with_limit("/proc/sys/vm/overcommit_memory", 1, promise_anything);
    with_limit("/proc/sys/vm/overcommit_memory", 2, promise_too_much);
    int file = (int)OK(open("/proc/sys/vm/overcommit_memory", O_WRONLY));
    CHECK_ERRNO(write(file, "3\n", 2), EINVAL);
}

TEST(settings_keep_what_was_written) {
    static const char *const paths[] = {"/proc/sys/vm/swappiness", "/proc/sys/vm/dirty_ratio", "/proc/sys/vm/overcommit_ratio", "/proc/sys/kernel/core_uses_pid"};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        char before[32];
        snprintf(before, sizeof before, "%lld\n", number(paths[i]));
        test_write_file(paths[i], "1\n");
        CHECK_EQ(number(paths[i]), 1);
        int file = (int)OK(open(paths[i], O_WRONLY));
        CHECK_ERRNO(write(file, "words\n", 6), EINVAL);
        test_write_file(paths[i], before);
    }
}

TEST(a_directory_of_a_process_takes_signals_as_a_pidfd) {
    struct gate gate = gate_make();
    pid_t child = CHILD(gate_wait(gate));
    char path[64];
    snprintf(path, sizeof path, "/proc/%d", child);
    int place = (int)OK(open(path, O_PATH)), directory = (int)OK(open(path, O_RDONLY | O_DIRECTORY)), proc = (int)OK(open("/proc", O_RDONLY));
    CHECK_ERRNO(syscall(SYS_pidfd_send_signal, place, 0, NULL, 0), EBADF);
    CHECK_ERRNO(syscall(SYS_pidfd_send_signal, proc, 0, NULL, 0), EBADF);
    OK(syscall(SYS_pidfd_send_signal, directory, 0, NULL, 0));
    snprintf(path, sizeof path, "/proc/%d/task/%d", child, child);
    CHECK_ERRNO(syscall(SYS_pidfd_send_signal, OK(open(path, O_RDONLY)), 0, NULL, 0), EBADF);
    OK(syscall(SYS_pidfd_send_signal, directory, SIGTERM, NULL, 0));
    CHECK_KILLED(child, SIGTERM);
    CHECK_ERRNO(syscall(SYS_pidfd_send_signal, directory, 0, NULL, 0), ESRCH);
}
