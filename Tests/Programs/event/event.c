/* poll, select, epoll, eventfd, timerfd, signalfd. */
#include "test.h"

#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

static struct gate s_gate;

TEST(poll_tells_what_is_ready_and_what_is_no_descriptor) {
    s_gate = gate_make();
    struct pollfd items[] = {{s_gate.read, POLLIN, 0}, {s_gate.write, POLLOUT, 0}, {-1, POLLIN, 99}, {999, POLLIN, 0}};
    CHECK_EQ(poll(items, 4, 0), 2);
    CHECK_EQ(items[0].revents, 0);
    CHECK_EQ(items[1].revents, POLLOUT);
    CHECK_EQ(items[2].revents, 0);
    CHECK_EQ(items[3].revents, POLLNVAL);
    gate_open(s_gate);
    CHECK_EQ(poll(items, 1, -1), 1);
    CHECK_EQ(items[0].revents, POLLIN);
    int file = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    struct pollfd plain = {file, POLLIN | POLLOUT, 0};
    CHECK_EQ(poll(&plain, 1, -1), 1); /* a plain file is always ready */
    CHECK_EQ(plain.revents, POLLIN | POLLOUT);
}

TEST(poll_waits_for_another_process_and_times_out) {
    s_gate = gate_make();
    struct pollfd item = {s_gate.read, POLLIN, 0};
    int64_t before = test_now();
    CHECK_EQ(poll(&item, 1, 30), 0);
    CHECK(test_now() - before >= 30000000);
    CHECK_EQ(poll(NULL, 0, 5), 0);
    pid_t parent = getpid(), child = CHILD(test_wait_state(parent, "S"); gate_open(s_gate));
    CHECK_EQ(poll(&item, 1, 20000), 1);
    CHECK_EXIT(child, 0);
    struct rlimit limit = {16, 16};
    OK(setrlimit(RLIMIT_NOFILE, &limit));
    static struct pollfd many[100];
    CHECK_ERRNO(poll(many, 100, 0), EINVAL);
}

TEST(select_reads_writes_and_refuses) {
    s_gate = gate_make();
    fd_set reads, writes;
    struct timeval time = {0, 20000};
    FD_ZERO(&reads);
    FD_ZERO(&writes);
    FD_SET(s_gate.read, &reads);
    CHECK_EQ(select(s_gate.read + 1, &reads, NULL, NULL, &time), 0);
    CHECK(!FD_ISSET(s_gate.read, &reads));
    FD_SET(s_gate.read, &reads);
    FD_SET(s_gate.write, &writes);
    gate_open(s_gate);
    CHECK_EQ(select(s_gate.write + 1, &reads, &writes, NULL, NULL), 2);
    CHECK(FD_ISSET(s_gate.read, &reads) && FD_ISSET(s_gate.write, &writes));
    FD_ZERO(&reads);
    FD_SET(60, &reads);
    CHECK_ERRNO(select(61, &reads, NULL, NULL, NULL), EBADF);
    CHECK_ERRNO(select(-1, NULL, NULL, NULL, NULL), EINVAL);
    time = (struct timeval){-1, 0};
    CHECK_ERRNO(syscall(SYS_select, 0, NULL, NULL, NULL, &time), EINVAL);
}

static int epoll_with(int fd, uint32_t events) {
    int epoll = (int)OK(epoll_create1(EPOLL_CLOEXEC));
    struct epoll_event event = {events, {.u64 = 0x1122334455667788}};
    OK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
    return epoll;
}

TEST(epoll_level_triggered_tells_until_it_is_read) {
    struct epoll_event got[4];
    s_gate = gate_make();
    int epoll = epoll_with(s_gate.read, EPOLLIN);
    CHECK_EQ(epoll_wait(epoll, got, 4, 0), 0);
    gate_open(s_gate);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(epoll_wait(epoll, got, 4, -1), 1);
        CHECK_EQ(got[0].events, EPOLLIN);
        CHECK_EQ(got[0].data.u64, 0x1122334455667788);
    }
    gate_wait(s_gate);
    CHECK_EQ(epoll_wait(epoll, got, 4, 0), 0);
    OK(close(s_gate.write));
    CHECK_EQ(epoll_wait(epoll, got, 4, 0), 1);
    CHECK_EQ(got[0].events, EPOLLHUP);
}

TEST(epoll_edge_triggered_tells_once_for_each_arrival) {
    struct epoll_event got[4];
    s_gate = gate_make();
    int epoll = epoll_with(s_gate.read, EPOLLIN | EPOLLET);
    gate_open(s_gate);
    CHECK_EQ(epoll_wait(epoll, got, 4, 0), 1);
    CHECK_EQ(epoll_wait(epoll, got, 4, 0), 0);
    gate_open(s_gate);
    CHECK_EQ(epoll_wait(epoll, got, 4, 0), 1);
    CHECK_EQ(epoll_wait(epoll, got, 4, 0), 0);
}

TEST(epoll_oneshot_tells_once_until_it_is_armed_again) {
    struct epoll_event got[4], event = {EPOLLIN | EPOLLONESHOT, {.fd = 5}};
    s_gate = gate_make();
    int epoll = epoll_with(s_gate.read, EPOLLIN | EPOLLONESHOT);
    gate_open(s_gate);
    CHECK_EQ(epoll_wait(epoll, got, 4, 0), 1);
    gate_open(s_gate);
    CHECK_EQ(epoll_wait(epoll, got, 4, 0), 0);
    OK(epoll_ctl(epoll, EPOLL_CTL_MOD, s_gate.read, &event));
    CHECK_EQ(epoll_wait(epoll, got, 4, 0), 1);
    CHECK_EQ(got[0].data.fd, 5);
}

TEST(epoll_ctl_and_wait_check_their_arguments) {
    struct epoll_event event = {EPOLLIN, {0}};
    s_gate = gate_make();
    int epoll = epoll_with(s_gate.read, EPOLLIN), file = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    CHECK_ERRNO(epoll_ctl(epoll, EPOLL_CTL_ADD, s_gate.read, &event), EEXIST);
    CHECK_ERRNO(epoll_ctl(epoll, EPOLL_CTL_DEL, s_gate.write, NULL), ENOENT);
    CHECK_ERRNO(epoll_ctl(epoll, EPOLL_CTL_MOD, s_gate.write, &event), ENOENT);
    CHECK_ERRNO(epoll_ctl(epoll, EPOLL_CTL_ADD, file, &event), EPERM);
    CHECK_ERRNO(epoll_ctl(epoll, EPOLL_CTL_ADD, epoll, &event), EINVAL);
    CHECK_ERRNO(epoll_ctl(epoll, EPOLL_CTL_ADD, 999, &event), EBADF);
    CHECK_ERRNO(epoll_ctl(s_gate.read, EPOLL_CTL_ADD, s_gate.write, &event), EINVAL);
    CHECK_ERRNO(epoll_ctl(epoll, 9, s_gate.write, &event), EINVAL);
    CHECK_ERRNO(epoll_ctl(epoll, EPOLL_CTL_ADD, s_gate.write, (void *)16), EFAULT);
    CHECK_ERRNO(epoll_wait(epoll, &event, 0, 0), EINVAL);
    CHECK_ERRNO(epoll_wait(s_gate.read, &event, 1, 0), EINVAL);
    CHECK_ERRNO(epoll_create1(1), EINVAL);
    CHECK_ERRNO(epoll_create(0), EINVAL);
    OK(epoll_ctl(epoll, EPOLL_CTL_DEL, s_gate.read, NULL));
}

TEST(closing_the_last_descriptor_leaves_the_epoll_set) {
    struct epoll_event got[4];
    s_gate = gate_make();
    int epoll = epoll_with(s_gate.read, EPOLLIN), copy = (int)OK(dup(s_gate.read));
    gate_open(s_gate);
    OK(close(s_gate.read));
    CHECK_EQ(epoll_wait(epoll, got, 4, 0), 1); /* the open file lives on in its copy: epoll(7) */
    OK(close(copy));
    CHECK_EQ(epoll_wait(epoll, got, 4, 0), 0);
}

TEST(epoll_sets_can_hold_epoll_sets) {
    struct epoll_event got[4], event = {EPOLLIN, {.fd = 7}};
    s_gate = gate_make();
    int inner = epoll_with(s_gate.read, EPOLLIN), outer = epoll_with(inner, EPOLLIN);
    struct pollfd item = {outer, POLLIN, 0};
    CHECK_EQ(poll(&item, 1, 0), 0);
    gate_open(s_gate);
    CHECK_EQ(poll(&item, 1, 0), 1);
    CHECK_EQ(epoll_wait(outer, got, 4, 0), 1);
    CHECK_ERRNO(epoll_ctl(inner, EPOLL_CTL_ADD, outer, &event), ELOOP);
}

TEST(epoll_wait_is_woken_by_another_process) {
    struct epoll_event got[4];
    s_gate = gate_make();
    int epoll = epoll_with(s_gate.read, EPOLLIN);
    pid_t parent = getpid(), child = CHILD(test_wait_state(parent, "S"); gate_open(s_gate));
    CHECK_EQ(epoll_wait(epoll, got, 4, 20000), 1);
    CHECK_EXIT(child, 0);
    gate_wait(s_gate);
    int64_t before = test_now();
    CHECK_EQ(epoll_wait(epoll, got, 4, 30), 0);
    CHECK(test_now() - before >= 30000000);
}

TEST(many_descriptors_are_handed_out_in_turns) {
    int pipes[20][2], epoll = (int)OK(epoll_create1(0)), seen[20] = {0};
    for (int i = 0; i < 20; i++) {
        struct epoll_event event = {EPOLLIN, {.u32 = (uint32_t)i}};
        OK(pipe(pipes[i]));
        OK(epoll_ctl(epoll, EPOLL_CTL_ADD, pipes[i][0], &event));
        CHECK_EQ(write(pipes[i][1], "x", 1), 1);
    }
    for (int i = 0; i < 10; i++) {
        struct epoll_event got[4];
        CHECK_EQ(epoll_wait(epoll, got, 4, 0), 4);
        for (int j = 0; j < 4; j++) seen[got[j].data.u32]++;
    }
    for (int i = 0; i < 20; i++) CHECK_EQ(seen[i], 2); /* nobody is starved */
}

TEST(eventfd_adds_and_takes) {
    uint64_t value = 0;
    int event = (int)OK(eventfd(5, EFD_NONBLOCK));
    CHECK_EQ(read(event, &value, 8), 8);
    CHECK_EQ(value, 5);
    CHECK_ERRNO(read(event, &value, 8), EAGAIN);
    value = 3;
    CHECK_EQ(write(event, &value, 8), 8);
    CHECK_EQ(write(event, &value, 8), 8);
    CHECK_EQ(read(event, &value, 8), 8);
    CHECK_EQ(value, 6);
    value = UINT64_MAX;
    CHECK_ERRNO(write(event, &value, 8), EINVAL);
    value = UINT64_MAX - 1;
    CHECK_EQ(write(event, &value, 8), 8);
    value = 1;
    CHECK_ERRNO(write(event, &value, 8), EAGAIN);
    struct pollfd item = {event, POLLIN | POLLOUT, 0};
    CHECK_EQ(poll(&item, 1, 0), 1);
    CHECK_EQ(item.revents, POLLIN);
    CHECK_ERRNO(read(event, &value, 4), EINVAL);
    CHECK_ERRNO(eventfd(0, 2), EINVAL);
    int semaphore = (int)OK(eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK));
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(read(semaphore, &value, 8), 8);
        CHECK_EQ(value, 1);
    }
    CHECK_ERRNO(read(semaphore, &value, 8), EAGAIN);
}

TEST(eventfd_wakes_a_blocked_reader) {
    int event = (int)OK(eventfd(0, 0));
    pid_t child = CHILD(uint64_t value; CHECK_EQ(read(event, &value, 8), 8); CHECK_EQ(value, 9));
    test_wait_state(child, "S");
    uint64_t value = 9;
    CHECK_EQ(write(event, &value, 8), 8);
    CHECK_EXIT(child, 0);
}

TEST(timerfd_counts_expirations) {
    uint64_t count = 0;
    int timer = (int)OK(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
    CHECK_ERRNO(read(timer, &count, 8), EAGAIN);
    struct itimerspec setting = {{0, 10000000}, {0, 10000000}}, now;
    OK(timerfd_settime(timer, 0, &setting, NULL));
    OK(timerfd_gettime(timer, &now));
    CHECK_EQ(now.it_interval.tv_nsec, 10000000);
    CHECK(now.it_value.tv_nsec <= 10000000 && now.it_value.tv_nsec > 0);
    struct pollfd item = {timer, POLLIN, 0};
    CHECK_EQ(poll(&item, 1, 10000), 1);
    test_sleep_ms(50);
    CHECK_EQ(read(timer, &count, 8), 8);
    CHECK(count >= 5);
    setting = (struct itimerspec){{0, 0}, {0, 0}};
    OK(timerfd_settime(timer, 0, &setting, &now));
    CHECK_EQ(now.it_interval.tv_nsec, 10000000);
    test_sleep_ms(20);
    CHECK_ERRNO(read(timer, &count, 8), EAGAIN);
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    setting.it_value = end; /* the past, absolute */
    OK(timerfd_settime(timer, TFD_TIMER_ABSTIME, &setting, NULL));
    CHECK_EQ(poll(&item, 1, 10000), 1);
    CHECK_EQ(read(timer, &count, 8), 8);
    CHECK_EQ(count, 1);
    CHECK_ERRNO(timerfd_create(99, 0), EINVAL);
    CHECK_ERRNO(timerfd_create(CLOCK_MONOTONIC, 1), EINVAL);
    setting.it_value.tv_nsec = 1000000000;
    CHECK_ERRNO(timerfd_settime(timer, 0, &setting, NULL), EINVAL);
    CHECK_ERRNO(timerfd_settime(0, 0, &setting, NULL), EINVAL);
}

TEST(signalfd_reads_pending_signals) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGRTMIN);
    OK(sigprocmask(SIG_BLOCK, &set, NULL));
    int fd = (int)OK(signalfd(-1, &set, SFD_NONBLOCK));
    struct signalfd_siginfo info[4];
    CHECK_ERRNO(read(fd, info, sizeof info), EAGAIN);
    OK(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 77}));
    raise(SIGUSR1);
    struct pollfd item = {fd, POLLIN, 0};
    CHECK_EQ(poll(&item, 1, 0), 1);
    CHECK_EQ(read(fd, info, sizeof info), 2 * (long)sizeof info[0]);
    CHECK_EQ(info[0].ssi_signo, SIGUSR1);
    CHECK_EQ(info[1].ssi_signo, SIGRTMIN);
    CHECK_EQ(info[1].ssi_int, 77);
    CHECK_EQ(info[1].ssi_pid, getpid());
    CHECK_ERRNO(read(fd, info, 10), EINVAL);
    CHECK_ERRNO(signalfd(0, &set, 0), EINVAL);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    OK(sigprocmask(SIG_BLOCK, &set, NULL));
    CHECK_EQ(signalfd(fd, &set, 0), fd); /* another mask for the same descriptor */
    raise(SIGUSR2);
    CHECK_EQ(read(fd, info, sizeof info), sizeof info[0]);
    CHECK_EQ(info[0].ssi_signo, SIGUSR2);
}

TEST(signalfd_wakes_poll_for_a_signal_of_another_process) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    OK(sigprocmask(SIG_BLOCK, &set, NULL));
    int fd = (int)OK(signalfd(-1, &set, 0));
    pid_t parent = getpid(), child = CHILD(test_wait_state(parent, "S"); OK(kill(parent, SIGUSR1)));
    struct pollfd item = {fd, POLLIN, 0};
    CHECK_EQ(poll(&item, 1, 20000), 1);
    struct signalfd_siginfo info;
    CHECK_EQ(read(fd, &info, sizeof info), sizeof info);
    CHECK_EQ(info.ssi_pid, child);
    CHECK_EXIT(child, 0);
}

TEST(pidfd_polls_readable_when_the_process_ends) {
    s_gate = gate_make();
    pid_t child = CHILD(gate_wait(s_gate));
    int fd = (int)OK(syscall(SYS_pidfd_open, child, 0));
    struct pollfd item = {fd, POLLIN, 0};
    CHECK_EQ(poll(&item, 1, 0), 0);
    gate_open(s_gate);
    CHECK_EQ(poll(&item, 1, 20000), 1);
    CHECK_EQ(item.revents & POLLIN, POLLIN);
    CHECK_EXIT(child, 0);
    CHECK_ERRNO(syscall(SYS_pidfd_open, 0x3FFFFFFF, 0), ESRCH);
    CHECK_ERRNO(syscall(SYS_pidfd_open, getpid(), 1), EINVAL);
}
