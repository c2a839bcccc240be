#include "ipc.h"
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <sys/socket.h>

/* Names that no other test has; children of the test's process use the same. */
static const char *name(int n) {
    static char text[4][40];
    static int process;
    process = process == 0 ? getpid() : process;
    snprintf(text[n], sizeof text[n], "/test.%d.%d", process, n);
    return text[n];
}
static mqd_t make(int n, long messages, long bytes, int flags) {
    struct mq_attr attributes = {.mq_maxmsg = messages, .mq_msgsize = bytes};
    mqd_t queue = (mqd_t)OK(mq_open(name(n), O_CREAT | O_EXCL | O_RDWR | flags, 0600, &attributes));
    return queue;
}
static char got[8193];
static unsigned priority;
static ssize_t take(mqd_t queue) {
    ssize_t length = mq_receive(queue, got, sizeof got, &priority);
    if (length >= 0) got[length] = 0;
    return length;
}
static int put(mqd_t queue, const char *text, unsigned of) { return mq_send(queue, text, strlen(text), of); }
static struct timespec in_ms(int ms) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += (long)ms * 1000000;
    t.tv_sec += t.tv_nsec / 1000000000;
    t.tv_nsec %= 1000000000;
    return t;
}
static void nothing(int signal) { (void)signal; }

TEST(mq_higher_priorities_come_first_and_equal_ones_in_order) {
    mqd_t queue = make(0, 10, 100, 0);
    OK(put(queue, "low", 1));
    OK(put(queue, "high", 32767));
    OK(put(queue, "middle 1", 5));
    OK(put(queue, "middle 2", 5));
    OK(put(queue, "", 0));
    OK(put(queue, "middle 3", 5));
    const char *expected[] = {"high", "middle 1", "middle 2", "middle 3", "low", ""};
    unsigned priorities[] = {32767, 5, 5, 5, 1, 0};
    for (int i = 0; i < 6; i++) {
        CHECK_EQ(take(queue), strlen(expected[i]));
        CHECK_STR(got, expected[i]);
        CHECK_EQ(priority, priorities[i]);
    }
    CHECK_ERRNO(mq_send(queue, "x", 1, 32768), EINVAL);
    OK(mq_close(queue));
    OK(mq_unlink(name(0)));
    CHECK_ERRNO(mq_unlink(name(0)), ENOENT);
}

TEST(mq_many_messages_are_sorted) {
    mqd_t queue = make(0, 300, 16, 0);
    unsigned seed = 12345;
    for (int i = 0; i < 300; i++) {
        seed = seed * 1103515245 + 12345;
        char text[16];
        snprintf(text, sizeof text, "%d", i);
        OK(put(queue, text, (seed >> 16) % 20));
    }
    unsigned last = 99;
    int number = -1;
    for (int i = 0; i < 300; i++) {
        OK(take(queue));
        CHECK(priority <= last);
        CHECK(priority < last || atoi(got) > number);
        last = priority;
        number = atoi(got);
    }
    OK(mq_unlink(name(0)));
}

TEST(mq_opening) {
    CHECK_ERRNO(mq_open(name(0), O_RDWR), ENOENT);
    mqd_t queue = make(0, 5, 50, 0);
    CHECK_EQ(fcntl(queue, F_GETFD), FD_CLOEXEC);
    struct mq_attr a;
    OK(mq_getattr(queue, &a));
    CHECK_EQ(a.mq_maxmsg, 5);
    CHECK_EQ(a.mq_msgsize, 50);
    CHECK_EQ(a.mq_curmsgs, 0);
    CHECK_EQ(a.mq_flags, 0);
    CHECK_ERRNO(mq_open(name(0), O_CREAT | O_EXCL | O_RDWR, 0600, NULL), EEXIST);
    mqd_t reader = (mqd_t)OK(mq_open(name(0), O_CREAT | O_RDONLY, 0600, NULL)), writer = (mqd_t)OK(mq_open(name(0), O_WRONLY | O_NONBLOCK));
    OK(put(writer, "hello", 3));
    CHECK_ERRNO(put(reader, "x", 0), EBADF);
    CHECK_ERRNO(take(writer), EBADF);
    CHECK_EQ(take(reader), 5);
    OK(mq_getattr(writer, &a));
    CHECK_EQ(a.mq_flags, O_NONBLOCK);
    CHECK_ERRNO(mq_open(name(0), O_RDWR | O_WRONLY), EINVAL);
    mqd_t standard = (mqd_t)OK(mq_open(name(1), O_CREAT | O_RDWR, 0600, NULL));
    OK(mq_getattr(standard, &a));
    CHECK_EQ(a.mq_maxmsg, 10);
    CHECK_EQ(a.mq_msgsize, 8192);
    struct mq_attr bad[] = {{.mq_maxmsg = 0, .mq_msgsize = 1}, {.mq_maxmsg = 1, .mq_msgsize = 0}, {.mq_maxmsg = -1, .mq_msgsize = 1}, {.mq_maxmsg = 65537, .mq_msgsize = 1}, {.mq_maxmsg = 1, .mq_msgsize = 16777217}};
    for (unsigned i = 0; i < COUNT_OF(bad); i++) CHECK_ERRNO(mq_open(name(2), O_CREAT | O_RDWR, 0600, &bad[i]), EINVAL);
    CHECK_ERRNO(syscall(SYS_mq_open, "a/b", O_CREAT | O_RDWR, 0600, NULL), EACCES);
    CHECK_ERRNO(syscall(SYS_mq_open, "/a", O_CREAT | O_RDWR, 0600, NULL), EACCES);
    CHECK_ERRNO(syscall(SYS_mq_open, "..", O_CREAT | O_RDWR, 0600, NULL), EACCES);
    CHECK_ERRNO(syscall(SYS_mq_open, "", O_CREAT | O_RDWR, 0600, NULL), ENOENT);
    CHECK_ERRNO(syscall(SYS_mq_open, (void *)8, O_RDWR, 0, NULL), EFAULT);
    CHECK_ERRNO(syscall(SYS_mq_open, name(2) + 1, O_CREAT | O_RDWR, 0600, (void *)8), EFAULT);
    char longest[300];
    memset(longest, 'n', sizeof longest);
    longest[255] = 0;
    int fd = (int)OK(syscall(SYS_mq_open, longest, O_CREAT | O_RDWR, 0600, NULL));
    close(fd);
    OK(syscall(SYS_mq_unlink, longest));
    longest[255] = 'n';
    longest[256] = 0;
    CHECK_ERRNO(syscall(SYS_mq_open, longest, O_CREAT | O_RDWR, 0600, NULL), ENAMETOOLONG);
    OK(mq_unlink(name(0)));
    OK(mq_unlink(name(1)));
}

TEST(mq_an_unlinked_queue_lives_until_it_is_closed) {
    mqd_t queue = make(0, 5, 50, 0);
    OK(put(queue, "kept", 1));
    OK(mq_unlink(name(0)));
    CHECK_ERRNO(mq_open(name(0), O_RDWR), ENOENT);
    mqd_t other = make(0, 3, 30, 0);
    CHECK_EQ(take(queue), 4);
    CHECK_STR(got, "kept");
    struct mq_attr a;
    OK(mq_getattr(other, &a));
    CHECK_EQ(a.mq_maxmsg, 3);
    OK(mq_unlink(name(0)));
}

TEST(mq_lengths_and_descriptors) {
    mqd_t queue = make(0, 2, 10, 0);
    CHECK_ERRNO(mq_send(queue, "12345678901", 11, 0), EMSGSIZE);
    OK(mq_send(queue, "1234567890", 10, 0));
    CHECK_ERRNO(mq_receive(queue, got, 9, NULL), EMSGSIZE);
    CHECK_EQ(mq_receive(queue, got, 10, NULL), 10);
    CHECK_ERRNO(mq_send(queue, (void *)8, 5, 0), EFAULT);
    CHECK_ERRNO(mq_send(0, "x", 1, 0), EBADF);
    CHECK_ERRNO(mq_send(999, "x", 1, 0), EBADF);
    CHECK_ERRNO(mq_receive(0, got, 10, NULL), EBADF);
    struct timespec bad = {0, 1000000000};
    CHECK_ERRNO(mq_timedreceive(queue, got, 10, NULL, &bad), EINVAL);
    CHECK_ERRNO(mq_timedsend(queue, "x", 1, 0, &bad), EINVAL);
    CHECK_ERRNO(mq_timedsend(queue, "x", 1, 0, (void *)8), EFAULT);
    struct mq_attr a;
    CHECK_ERRNO(mq_getattr(0, &a), EBADF);
    OK(mq_unlink(name(0)));
}

TEST(mq_without_waiting) {
    mqd_t queue = make(0, 1, 10, O_NONBLOCK);
    CHECK_ERRNO(take(queue), EAGAIN);
    OK(put(queue, "1", 0));
    CHECK_ERRNO(put(queue, "2", 0), EAGAIN);
    struct mq_attr none = {.mq_flags = 0}, old, bad = {.mq_flags = O_APPEND};
    OK(mq_setattr(queue, &none, &old));
    CHECK_EQ(old.mq_flags, O_NONBLOCK);
    CHECK_EQ(old.mq_curmsgs, 1);
    CHECK_EQ(fcntl(queue, F_GETFL) & O_NONBLOCK, 0);
    struct timespec soon = in_ms(30), past = {1, 0};
    CHECK_ERRNO(mq_timedsend(queue, "2", 1, 0, &soon), ETIMEDOUT);
    CHECK_ERRNO(mq_timedsend(queue, "2", 1, 0, &past), ETIMEDOUT);
    OK(take(queue));
    OK(mq_timedsend(queue, "2", 1, 0, &past));
    CHECK_EQ(mq_timedreceive(queue, got, sizeof got, NULL, &past), 1);
    soon = in_ms(30);
    CHECK_ERRNO(mq_timedreceive(queue, got, sizeof got, NULL, &soon), ETIMEDOUT);
    CHECK_ERRNO(mq_setattr(queue, &bad, NULL), EINVAL);
    OK(mq_unlink(name(0)));
}

TEST(mq_who_waits_gets_it) {
    mqd_t queue = make(0, 1, 10, 0);
    struct gate ready = gate_make();
    pid_t child = CHILD({
        gate_open(ready);
        CHECK_EQ(take(queue), 5);
        CHECK_STR(got, "hello");
        CHECK_EQ(priority, 7);
    });
    gate_wait(ready);
    test_wait_state(child, "S");
    OK(put(queue, "hello", 7));
    CHECK_EXIT(child, 0);
    OK(put(queue, "first", 1));
    child = CHILD({
        gate_open(ready);
        OK(put(queue, "second", 9));
    });
    gate_wait(ready);
    test_wait_state(child, "S");
    CHECK_EQ(take(queue), 5);
    CHECK_EXIT(child, 0);
    CHECK_EQ(take(queue), 6);
    OK(mq_unlink(name(0)));
}

TEST(mq_receivers_are_served_in_order) {
    mqd_t queue = make(0, 5, 10, 0);
    struct gate ready = gate_make();
    int order[2];
    OK(pipe(order));
    pid_t children[4];
    for (int i = 0; i < 4; i++) {
        children[i] = CHILD({
            gate_open(ready);
            CHECK_EQ(take(queue), 1);
            char line[2] = {(char)('0' + i), got[0]};
            CHECK_EQ(write(order[1], line, 2), 2);
        });
        gate_wait(ready);
        test_wait_state(children[i], "S");
    }
    for (int i = 0; i < 4; i++) {
        char text[2] = {(char)('a' + i), 0}, line[2];
        OK(put(queue, text, 0));
        CHECK_EQ(read(order[0], line, 2), 2);
        CHECK_EQ(line[0], '0' + i);
        CHECK_EQ(line[1], 'a' + i);
    }
    for (int i = 0; i < 4; i++) CHECK_EXIT(children[i], 0);
    OK(mq_unlink(name(0)));
}

TEST(mq_signals_end_waits_or_let_them_go_on) {
    mqd_t queue = make(0, 1, 10, 0);
    struct gate ready = gate_make();
    pid_t child = CHILD({
        struct sigaction action = {.sa_handler = nothing};
        OK(sigaction(SIGUSR1, &action, NULL));
        gate_open(ready);
        CHECK_ERRNO(take(queue), EINTR);
    });
    gate_wait(ready);
    test_wait_state(child, "S");
    OK(kill(child, SIGUSR1));
    CHECK_EXIT(child, 0);
    child = CHILD({
        struct sigaction action = {.sa_handler = nothing, .sa_flags = SA_RESTART};
        OK(sigaction(SIGUSR1, &action, NULL));
        gate_open(ready);
        CHECK_EQ(take(queue), 2);
    });
    gate_wait(ready);
    test_wait_state(child, "S");
    OK(kill(child, SIGUSR1));
    usleep(20000);
    test_wait_state(child, "S");
    OK(put(queue, "ok", 0));
    CHECK_EXIT(child, 0);
    OK(mq_unlink(name(0)));
}

TEST(mq_notification_is_a_signal_once) {
    mqd_t queue = make(0, 5, 10, 0);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 3);
    OK(sigprocmask(SIG_BLOCK, &set, NULL));
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 3, .sigev_value.sival_int = 4711};
    OK(mq_notify(queue, &event));
    CHECK_ERRNO(mq_notify(queue, &event), EBUSY);
    pid_t child = CHILD({
        CHECK_ERRNO(mq_notify(queue, &event), EBUSY);
        OK(mq_notify(queue, NULL));
        OK(put(queue, "one", 0));
        OK(put(queue, "two", 0));
    });
    siginfo_t info;
    struct timespec second = {10, 0}, none = {0, 0};
    CHECK_EQ(sigtimedwait(&set, &info, &second), SIGRTMIN + 3);
    CHECK_EQ(info.si_code, SI_MESGQ);
    CHECK_EQ(info.si_pid, child);
    CHECK_EQ(info.si_uid, 0);
    CHECK_EQ(info.si_value.sival_int, 4711);
    CHECK_EXIT(child, 0);
    CHECK_ERRNO(sigtimedwait(&set, &info, &none), EAGAIN);
    /* Not when the queue was not empty. */
    OK(mq_notify(queue, &event));
    OK(put(queue, "three", 0));
    CHECK_ERRNO(sigtimedwait(&set, &info, &none), EAGAIN);
    for (int i = 0; i < 3; i++) OK(take(queue));
    /* Nor when somebody waits for the message. */
    struct gate ready = gate_make();
    child = CHILD({
        gate_open(ready);
        OK(take(queue));
    });
    gate_wait(ready);
    test_wait_state(child, "S");
    OK(put(queue, "four", 0));
    CHECK_EXIT(child, 0);
    CHECK_ERRNO(sigtimedwait(&set, &info, &none), EAGAIN);
    OK(put(queue, "five", 0));
    CHECK_EQ(sigtimedwait(&set, &info, &second), SIGRTMIN + 3);
    OK(take(queue));
    /* Who closes a descriptor of it is told no more. */
    OK(mq_notify(queue, &event));
    OK(mq_close(dup(queue)));
    OK(put(queue, "six", 0));
    CHECK_ERRNO(sigtimedwait(&set, &info, &none), EAGAIN);
    OK(mq_unlink(name(0)));
}

TEST(mq_notification_arguments) {
    mqd_t queue = make(0, 5, 10, 0);
    struct sigevent event = {.sigev_notify = SIGEV_NONE};
    OK(mq_notify(queue, &event));
    CHECK_ERRNO(mq_notify(queue, &event), EBUSY);
    OK(mq_notify(queue, NULL));
    OK(mq_notify(queue, NULL));
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = 65;
    CHECK_ERRNO(mq_notify(queue, &event), EINVAL);
    event.sigev_signo = SIGUSR1;
    event.sigev_notify = 99;
    CHECK_ERRNO(syscall(SYS_mq_notify, queue, &event), EINVAL);
    CHECK_ERRNO(syscall(SYS_mq_notify, queue, 8), EFAULT);
    event.sigev_notify = SIGEV_NONE;
    CHECK_ERRNO(mq_notify(0, &event), EBADF);
    CHECK_ERRNO(mq_notify(999, NULL), EBADF);
    /* SIGEV_THREAD as the system call has it. */
    char cookie[32] = {0};
    struct sigevent thread = {.sigev_notify = SIGEV_THREAD, .sigev_signo = 999, .sigev_value.sival_ptr = cookie};
    CHECK_ERRNO(syscall(SYS_mq_notify, queue, &thread), EBADF);
    thread.sigev_signo = 0;
    CHECK_ERRNO(syscall(SYS_mq_notify, queue, &thread), ENOTSOCK);
    thread.sigev_value.sival_ptr = (void *)8;
    CHECK_ERRNO(syscall(SYS_mq_notify, queue, &thread), EFAULT);
    OK(mq_unlink(name(0)));
}

TEST(mq_poll_and_epoll) {
    mqd_t queue = make(0, 1, 10, 0);
    struct pollfd p = {queue, POLLIN | POLLOUT, 0};
    CHECK_EQ(poll(&p, 1, 0), 1);
    CHECK_EQ(p.revents, POLLOUT);
    OK(put(queue, "x", 0));
    CHECK_EQ(poll(&p, 1, 0), 1);
    CHECK_EQ(p.revents, POLLIN);
    OK(take(queue));
    struct gate ready = gate_make();
    pid_t child = CHILD({
        struct pollfd in = {queue, POLLIN, 0};
        gate_open(ready);
        CHECK_EQ(poll(&in, 1, 10000), 1);
        OK(take(queue));
    });
    gate_wait(ready);
    test_wait_state(child, "S");
    OK(put(queue, "y", 0));
    CHECK_EXIT(child, 0);
    int epoll = (int)OK(epoll_create1(0));
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    OK(epoll_ctl(epoll, EPOLL_CTL_ADD, queue, &event));
    CHECK_EQ(epoll_wait(epoll, &event, 1, 0), 0);
    OK(put(queue, "z", 0));
    CHECK_EQ(epoll_wait(epoll, &event, 1, 0), 1);
    CHECK_EQ(event.events, EPOLLIN);
    CHECK_EQ(epoll_wait(epoll, &event, 1, 0), 0);
    OK(mq_unlink(name(0)));
}

TEST(mq_the_file_system_shows_queues) {
    OK(mkdir("mq", 0700));
    OK(mount("none", "mq", "mqueue", 0, NULL));
    mqd_t queue = make(0, 5, 10, 0);
    char path[100], text[200];
    snprintf(path, sizeof path, "mq%s", name(0));
    struct stat s;
    OK(stat(path, &s));
    CHECK_EQ(s.st_mode, S_IFREG | 0600);
    CHECK_EQ(s.st_size, 80);
    OK(stat("mq", &s));
    CHECK_EQ(s.st_mode, S_IFDIR | 01777);
    test_read_file(path, text, sizeof text);
    CHECK_STR(text, "QSIZE:0          NOTIFY:0     SIGNO:0     NOTIFY_PID:0     \n");
    OK(put(queue, "hello", 0));
    OK(put(queue, "you", 0));
    OK(take(queue));
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    OK(mq_notify(queue, &event));
    char expected[200];
    snprintf(expected, sizeof expected, "QSIZE:%-10d NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n", 3, 0, SIGUSR1, getpid());
    test_read_file(path, text, sizeof text);
    CHECK_STR(text, expected);
    OK(chmod(path, 0640));
    /* A queue can be made and opened as a file. */
    int file = (int)OK(open("mq/made", O_CREAT | O_RDWR | O_EXCL, 0600));
    OK(mq_send(file, "by file", 7, 0));
    mqd_t same = (mqd_t)OK(mq_open("/made", O_RDONLY));
    CHECK_EQ(take(same), 7);
    CHECK_ERRNO(write(file, "x", 1), EINVAL);
    CHECK_ERRNO(mkdir("mq/directory", 0700), EPERM);
    CHECK_ERRNO(symlink("a", "mq/link"), EPERM);
    OK(unlink("mq/made"));
    CHECK_ERRNO(mq_open("/made", O_RDONLY), ENOENT);
    OK(mq_unlink(name(0)));
    CHECK_ERRNO(stat(path, &s), ENOENT);
    OK(close(file));
    OK(mq_close(same));
    OK(umount("mq"));
}

TEST(mq_permissions_are_checked) {
    OK(mq_close(make(0, 5, 10, 0)));
    mqd_t readable = make(1, 5, 10, 0);
    OK(fchmod(readable, 0604));
    pid_t child = CHILD({
        ipc_become_user();
        CHECK_ERRNO(mq_open(name(0), O_RDONLY), EACCES);
        CHECK_ERRNO(mq_open(name(1), O_RDWR), EACCES);
        CHECK(mq_open(name(1), O_RDONLY) != -1);
        CHECK_ERRNO(syscall(SYS_mq_unlink, name(0) + 1), EPERM);
    });
    CHECK_EXIT(child, 0);
    OK(mq_unlink(name(0)));
    OK(mq_unlink(name(1)));
}

TEST(mq_limits_hold) {
    pid_t child = CHILD({
        struct rlimit limit = {20000, 20000};
        OK(setrlimit(RLIMIT_MSGQUEUE, &limit));
        ipc_become_user();
        struct mq_attr a = {.mq_maxmsg = 10, .mq_msgsize = 1000};
        mqd_t queue = (mqd_t)OK(mq_open(name(0), O_CREAT | O_RDWR, 0600, &a));
        CHECK_ERRNO(mq_open(name(1), O_CREAT | O_RDWR, 0600, &a), EMFILE);
        a.mq_msgsize = 800;
        mqd_t small = (mqd_t)OK(mq_open(name(1), O_CREAT | O_RDWR, 0600, &a));
        OK(mq_close(queue));
        CHECK_ERRNO(mq_open(name(2), O_CREAT | O_RDWR, 0600, &a), EMFILE);
        OK(mq_unlink(name(0)));
        OK(mq_open(name(2), O_CREAT | O_RDWR, 0600, &a));
        OK(mq_unlink(name(1)));
        OK(mq_unlink(name(2)));
        OK(mq_close(small));
        a.mq_maxmsg = 11;
        CHECK_ERRNO(mq_open(name(0), O_CREAT | O_RDWR, 0600, &a), EINVAL);
        a.mq_maxmsg = 1;
        a.mq_msgsize = 8193;
        CHECK_ERRNO(mq_open(name(0), O_CREAT | O_RDWR, 0600, &a), EINVAL);
    });
    CHECK_EXIT(child, 0);
    char text[40];
    test_read_file("/proc/sys/fs/mqueue/queues_max", text, sizeof text);
    CHECK_STR(text, "256\n");
    test_write_file("/proc/sys/fs/mqueue/queues_max", "0");
    child = CHILD({
        ipc_become_user();
        CHECK_ERRNO(mq_open(name(0), O_CREAT | O_RDWR, 0600, NULL), ENOSPC);
    });
    int status;
    CHECK_EQ(waitpid(child, &status, 0), child);
    test_write_file("/proc/sys/fs/mqueue/queues_max", "256");
    CHECK_EQ(status, 0);
    test_write_file("/proc/sys/fs/mqueue/msg_default", "4");
    mqd_t queue = mq_open(name(0), O_CREAT | O_RDWR, 0600, NULL);
    test_write_file("/proc/sys/fs/mqueue/msg_default", "10");
    struct mq_attr a;
    OK(mq_getattr(queue, &a));
    CHECK_EQ(a.mq_maxmsg, 4);
    OK(mq_unlink(name(0)));
}

TEST(mq_timed_receive_races_with_send) {
    mqd_t queue = make(0, 1, 16, 0);
    int total = 0;
    pid_t child = CHILD({
        for (int i = 0; i < 200; i++) OK(mq_send(queue, (char *)&i, sizeof i, 0));
    });
    while (total < 200) {
        struct timespec soon = in_ms(1);
        soon.tv_nsec -= 999000;
        if (soon.tv_nsec < 0) soon.tv_nsec = 0;
        ssize_t length = mq_timedreceive(queue, got, sizeof got, NULL, &soon);
        if (length == -1) {
            CHECK_EQ(errno, ETIMEDOUT);
            continue;
        }
        CHECK_EQ(*(int *)(void *)got, total);
        total++;
    }
    CHECK_EXIT(child, 0);
    OK(mq_unlink(name(0)));
}
