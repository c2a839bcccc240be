/* System calls of processes, signals, waiting and memory whose C library wrappers are seldom used, flag by flag. */
#include "test.h"

#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fsuid.h>
#include <sys/select.h>

#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

TEST(the_file_system_ids_follow_and_can_differ) {
    OK(chmod(".", 0755));
    test_write_file("f", "x");
    OK(chmod("f", 0600));
    CHECK_EQ(setfsuid(1000), 0);
    CHECK_EQ(setfsuid(-1), 1000); /* an id that is none changes nothing and tells the present one */
    CHECK_ERRNO(open("f", O_RDONLY), EACCES);
    CHECK_EQ(geteuid(), 0);
    CHECK_EQ(setfsuid(0), 1000);
    OK(close((int)OK(open("f", O_RDONLY))));
    CHECK_EQ(setfsgid(1000), 0);
    CHECK_EQ(setfsgid(-1), 1000);
    OK(close((int)OK(open("made", O_CREAT | O_WRONLY, 0600))));
    struct stat about;
    OK(stat("made", &about));
    CHECK_EQ(about.st_gid, 1000);
    OK(setegid(5));
    CHECK_EQ(setfsgid(-1), 5); /* it follows the effective one */
    pid_t child = CHILD(OK(setuid(1000)); CHECK_EQ(setfsuid(0), 1000); CHECK_EQ(setfsuid(-1), 1000));
    CHECK_EXIT(child, 0);
}

TEST(memory_is_locked_within_the_limit) {
    char *space = mmap(NULL, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned char there[16];
    OK(mlock(space + 100, 4096)); /* two pages */
    OK(mincore(space, 16 * 4096, there));
    CHECK(there[0] & 1);
    CHECK(there[1] & 1);
    CHECK(!(there[2] & 1));
    OK(syscall(SYS_mlock2, space + 4 * 4096, 4096, 1)); /* MLOCK_ONFAULT */
    OK(mincore(space, 16 * 4096, there));
    CHECK(!(there[4] & 1));
    CHECK_ERRNO(syscall(SYS_mlock2, space, 4096, 2), EINVAL);
    CHECK_ERRNO(madvise(space, 4096, MADV_DONTNEED), EINVAL);
    OK(munlock(space, 4096));
    OK(madvise(space, 4096, MADV_DONTNEED));
    CHECK_ERRNO(mlock(space, SIZE_MAX - 8192), EINVAL);
    CHECK_ERRNO(mlock(space, (size_t)1 << 60), ENOMEM);
    OK(munmap(space + 15 * 4096, 4096));
    CHECK_ERRNO(mlock(space + 14 * 4096, 2 * 4096), ENOMEM);
    CHECK_ERRNO(mlockall(0), EINVAL);
    CHECK_ERRNO(mlockall(8), EINVAL);
    CHECK_ERRNO(mlockall(4), EINVAL); /* MCL_ONFAULT alone */
    OK(mlockall(MCL_CURRENT));
    OK(mincore(space, 15 * 4096, there));
    CHECK(there[9] & 1);
    OK(munlockall());
    OK(mlockall(MCL_FUTURE));
    char *later = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    OK(mincore(later, 4096, there));
    CHECK(there[0] & 1);
    OK(munlockall());
    pid_t child = CHILD(struct rlimit limit = {2 * 4096, 2 * 4096}; OK(setrlimit(RLIMIT_MEMLOCK, &limit)); OK(setuid(1000)); OK(mlock(space, 2 * 4096));
                        CHECK_ERRNO(mlock(space + 4 * 4096, 4096), ENOMEM); OK(mlock(space, 4096)); CHECK_ERRNO(mlockall(MCL_CURRENT), ENOMEM));
    CHECK_EXIT(child, 0);
    child = CHILD(struct rlimit limit = {0, 0}; OK(setrlimit(RLIMIT_MEMLOCK, &limit)); OK(setuid(1000)); CHECK_ERRNO(mlock(space, 4096), EPERM);
                  CHECK_ERRNO(mlockall(MCL_FUTURE), EPERM));
    CHECK_EXIT(child, 0);
}

TEST(ioprio_is_kept_for_thread_process_group_and_user) {
    CHECK_EQ(OK(syscall(SYS_ioprio_set, 1, 0, (2 << 13) | 6)), 0);
    CHECK_EQ(OK(syscall(SYS_ioprio_get, 1, 0)), (2 << 13) | 6);
    pid_t child = CHILD(CHECK_EQ(OK(syscall(SYS_ioprio_get, 1, 0)), (2 << 13) | 6));
    CHECK_EXIT(child, 0);
    OK(syscall(SYS_ioprio_set, 1, getpid(), 3 << 13));
    CHECK_EQ(OK(syscall(SYS_ioprio_get, 1, getpid())), 3 << 13);
    CHECK_ERRNO(syscall(SYS_ioprio_set, 1, 0, (4 << 13)), EINVAL);
    CHECK_ERRNO(syscall(SYS_ioprio_set, 0, 0, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_ioprio_get, 4, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_ioprio_get, 1, 0x3FFFFFFF), ESRCH);
    child = CHILD(OK(setpgid(0, 0)); OK(syscall(SYS_ioprio_set, 2, 0, (2 << 13) | 3)); CHECK_EQ(OK(syscall(SYS_ioprio_get, 2, 0)), (2 << 13) | 3);
                  CHECK_EQ(OK(syscall(SYS_ioprio_get, 1, 0)), (2 << 13) | 3));
    CHECK_EXIT(child, 0);
    child = CHILD(OK(setuid(1000)); CHECK_ERRNO(syscall(SYS_ioprio_set, 1, 0, (1 << 13) | 3), EPERM); CHECK_ERRNO(syscall(SYS_ioprio_set, 1, 1, (2 << 13)), EPERM));
    CHECK_EXIT(child, 0);
}

static volatile sig_atomic_t signals;
static volatile sig_atomic_t value;
static void count(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    signals++;
    value = info->si_value.sival_int;
}

static void handle(int signal) {
    struct sigaction action = {.sa_sigaction = count, .sa_flags = SA_SIGINFO};
    OK(sigaction(signal, &action, NULL));
}

TEST(pselect6_takes_the_mask_for_the_wait_alone) {
    handle(SIGUSR1);
    sigset_t blocked, none;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigemptyset(&none);
    OK(sigprocmask(SIG_BLOCK, &blocked, NULL));
    OK(kill(getpid(), SIGUSR1));
    CHECK_EQ(signals, 0);
    struct timespec long_time = {20, 0};
    struct { const void *mask; size_t size; } with_mask = {&none, 8};
    CHECK_ERRNO(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &long_time, &with_mask), EINTR);
    CHECK_EQ(signals, 1);
    CHECK(long_time.tv_sec >= 10); /* the rest is written */
    OK(kill(getpid(), SIGUSR1)); /* blocked again */
    CHECK_EQ(signals, 1);
    struct timespec short_time = {0, 1000000};
    CHECK_EQ(OK(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &short_time, NULL)), 0);
    CHECK_EQ(short_time.tv_nsec, 0);
    with_mask.size = 4;
    CHECK_ERRNO(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &short_time, &with_mask), EINVAL);
    short_time.tv_nsec = -1;
    CHECK_ERRNO(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &short_time, NULL), EINVAL);
    CHECK_ERRNO(syscall(SYS_pselect6, -1, NULL, NULL, NULL, NULL, NULL), EINVAL);
    int ends[2];
    OK(pipe(ends));
    OK(write(ends[1], "x", 1));
    fd_set set;
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    CHECK_EQ(OK(syscall(SYS_pselect6, ends[0] + 1, &set, NULL, NULL, NULL, NULL)), 1);
    CHECK(FD_ISSET(ends[0], &set));
    OK(close(ends[0]));
    CHECK_ERRNO(syscall(SYS_pselect6, ends[0] + 1, &set, NULL, NULL, NULL, NULL), EBADF);
}

TEST(epoll_pwait_and_its_second_form) {
    handle(SIGUSR1);
    sigset_t blocked, none;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigemptyset(&none);
    OK(sigprocmask(SIG_BLOCK, &blocked, NULL));
    int set = (int)OK(epoll_create1(EPOLL_CLOEXEC));
    int counter = (int)OK(eventfd(0, EFD_NONBLOCK));
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = 42}, found[4];
    OK(epoll_ctl(set, EPOLL_CTL_ADD, counter, &event));
    OK(kill(getpid(), SIGUSR1));
    CHECK_ERRNO(syscall(SYS_epoll_pwait, set, found, 4, 20000, &none, 8), EINTR);
    CHECK_EQ(signals, 1);
    OK(kill(getpid(), SIGUSR1));
    CHECK_EQ(OK(syscall(SYS_epoll_pwait, set, found, 4, 1, NULL, 0)), 0);
    CHECK_EQ(signals, 1);
    CHECK_ERRNO(syscall(SYS_epoll_pwait, set, found, 4, 1, &none, 4), EINVAL);
    CHECK_ERRNO(syscall(SYS_epoll_pwait, set, found, 0, 1, NULL, 0), EINVAL);
    struct timespec brief = {0, 500000};
    CHECK_EQ(OK(syscall(SYS_epoll_pwait2, set, found, 4, &brief, NULL, 0)), 0);
    brief.tv_nsec = 1000000000;
    CHECK_ERRNO(syscall(SYS_epoll_pwait2, set, found, 4, &brief, NULL, 0), EINVAL);
    struct timespec long_time = {20, 0};
    CHECK_ERRNO(syscall(SYS_epoll_pwait2, set, found, 4, &long_time, &none, 8), EINTR);
    CHECK_EQ(signals, 2);
    CHECK_EQ(OK(write(counter, &(uint64_t){1}, 8)), 8);
    CHECK_EQ(OK(syscall(SYS_epoll_pwait2, set, found, 4, NULL, NULL, 0)), 1);
    CHECK_EQ(found[0].data.u64, 42);
    CHECK_EQ(found[0].events, EPOLLIN);
}

TEST(rt_tgsigqueueinfo_carries_a_value_to_one_thread) {
    handle(SIGUSR2);
    siginfo_t info = {.si_code = SI_QUEUE};
    info.si_value.sival_int = 77;
    OK(syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGUSR2, &info));
    CHECK_EQ(signals, 1);
    CHECK_EQ(value, 77);
    OK(syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), 0, &info));
    CHECK_ERRNO(syscall(SYS_rt_tgsigqueueinfo, getpid(), 0x3FFFFFFF, SIGUSR2, &info), ESRCH);
    CHECK_ERRNO(syscall(SYS_rt_tgsigqueueinfo, 0, gettid(), SIGUSR2, &info), EINVAL);
    CHECK_ERRNO(syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), 65, &info), EINVAL);
    CHECK_ERRNO(syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGUSR2, (void *)8), EFAULT);
    /* A code of the kernel's is for oneself alone. */
    info.si_code = SI_KERNEL;
    OK(syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGUSR2, &info));
    pid_t parent = getpid();
    pid_t child = CHILD(CHECK_ERRNO(syscall(SYS_rt_tgsigqueueinfo, parent, parent, SIGUSR2, &info), EPERM); info.si_code = SI_TKILL;
                        CHECK_ERRNO(syscall(SYS_rt_tgsigqueueinfo, parent, parent, SIGUSR2, &info), EPERM));
    CHECK_EXIT(child, 0);
}

TEST(pidfd_getfd_takes_a_descriptor_of_another_process) {
    int ends[2];
    OK(pipe(ends));
    struct gate gate = gate_make();
    pid_t child = CHILD(int mine = (int)OK(open("/dev/zero", O_RDONLY)); OK(dup2(mine, 200)); OK(write(ends[1], "r", 1)); gate_wait(gate));
    char byte;
    OK(read(ends[0], &byte, 1));
    int process = (int)OK(syscall(SYS_pidfd_open, child, 0));
    int taken = (int)OK(syscall(SYS_pidfd_getfd, process, 200, 0));
    CHECK_EQ(OK(fcntl(taken, F_GETFD)), FD_CLOEXEC);
    CHECK_EQ(OK(read(taken, &byte, 1)), 1);
    CHECK_EQ(byte, 0);
    CHECK_ERRNO(syscall(SYS_pidfd_getfd, process, 201, 0), EBADF);
    CHECK_ERRNO(syscall(SYS_pidfd_getfd, process, 200, 1), EINVAL);
    CHECK_ERRNO(syscall(SYS_pidfd_getfd, ends[0], 200, 0), EBADF);
    OK(chmod(".", 0777));
    pid_t other = CHILD(OK(setgid(1000)); OK(setuid(1000)); CHECK_ERRNO(syscall(SYS_pidfd_getfd, process, 200, 0), EPERM));
    CHECK_EXIT(other, 0);
    gate_open(gate);
    CHECK_EXIT(child, 0);
    CHECK_ERRNO(syscall(SYS_pidfd_getfd, process, 200, 0), ESRCH);
}

static void *ends_the_group(void *argument) {
    (void)argument;
    syscall(SYS_exit_group, 0x123);
    return NULL;
}

TEST(exit_group_ends_all_threads_with_the_low_byte) {
    pid_t child = (pid_t)OK(fork());
    if (child == 0) {
        pthread_t thread;
        CHECK_EQ(pthread_create(&thread, NULL, ends_the_group, NULL), 0);
        for (;;) pause();
    }
    CHECK_EXIT(child, 0x23);
}

TEST(settimeofday_moves_the_clock_and_keeps_the_zone) {
    struct timeval before, set;
    struct timezone zone = {.tz_minuteswest = -60, .tz_dsttime = 0}, found;
    struct timespec monotonic, after;
    OK(gettimeofday(&before, NULL));
    OK(clock_gettime(CLOCK_MONOTONIC, &monotonic));
    set = before;
    set.tv_sec += 1000000;
    OK(syscall(SYS_settimeofday, &set, NULL));
    struct timeval now;
    OK(gettimeofday(&now, NULL));
    CHECK(now.tv_sec >= set.tv_sec && now.tv_sec < set.tv_sec + 10);
    OK(clock_gettime(CLOCK_MONOTONIC, &after));
    CHECK(after.tv_sec - monotonic.tv_sec < 10);
    OK(syscall(SYS_settimeofday, &before, NULL));
    set.tv_usec = 1000000;
    CHECK_ERRNO(syscall(SYS_settimeofday, &set, NULL), EINVAL);
    set.tv_usec = -1;
    CHECK_ERRNO(syscall(SYS_settimeofday, &set, NULL), EINVAL);
    CHECK_ERRNO(syscall(SYS_settimeofday, (void *)8, NULL), EFAULT);
    zone.tz_minuteswest = 16 * 60;
    CHECK_ERRNO(syscall(SYS_settimeofday, NULL, &zone), EINVAL);
    OK(syscall(SYS_gettimeofday, NULL, &found));
    pid_t child = CHILD(OK(setuid(1000)); CHECK_ERRNO(syscall(SYS_settimeofday, &before, NULL), EPERM));
    CHECK_EXIT(child, 0);
}
