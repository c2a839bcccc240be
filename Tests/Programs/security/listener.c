/* seccomp's listener: another process decides about system calls. */
#include "filters.h"

#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

static int listen_to(long number, unsigned flags) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    return (int)OK(install(filter, COUNT_OF(filter), SECCOMP_FILTER_FLAG_NEW_LISTENER | flags));
}

/* The thread that listens is made before the filter is installed by another thread, so both have the descriptor. */
static volatile int s_listener = -1;
static struct gate s_listening, s_calls;
static volatile long s_result, s_error, s_second, s_caller;
static int s_passed = -1;

static void *call_twice(void *unused) {
    (void)unused;
    s_caller = syscall(SYS_gettid);
    s_listener = listen_to(SYS_getppid, 0);
    gate_open(s_listening);
    s_result = syscall(SYS_getppid, 11, 22, 33, 44, 55, 66);
    s_error = errno;
    s_second = syscall(SYS_getppid);
    return NULL;
}

static pthread_t begin(void *(*body)(void *)) {
    pthread_t thread;
    s_listening = gate_make();
    s_calls = gate_make();
    CHECK_EQ(pthread_create(&thread, NULL, body, NULL), 0);
    gate_wait(s_listening);
    return thread;
}

static struct seccomp_notif receive(void) {
    struct seccomp_notif call;
    memset(&call, 0, sizeof call);
    OK(ioctl(s_listener, SECCOMP_IOCTL_NOTIF_RECV, &call));
    return call;
}

static void answer(uint64_t id, int64_t value, int error, unsigned flags) {
    struct seccomp_notif_resp reply = {.id = id, .val = value, .error = error, .flags = flags};
    OK(ioctl(s_listener, SECCOMP_IOCTL_NOTIF_SEND, &reply));
}

TEST(a_listener_decides) {
    pthread_t thread = begin(call_twice);
    struct pollfd poll_for = {.fd = s_listener, .events = POLLIN | POLLOUT};
    CHECK_EQ(poll(&poll_for, 1, 10000), 1);
    CHECK_EQ(poll_for.revents, POLLIN);
    struct seccomp_notif call = receive();
    CHECK_EQ(call.pid, s_caller);
    CHECK_EQ(call.data.nr, SYS_getppid);
    CHECK_EQ(call.data.args[0], 11);
    CHECK_EQ(call.data.args[5], 66);
    OK(ioctl(s_listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &call.id));
    poll_for.events = POLLIN | POLLOUT;
    CHECK_EQ(poll(&poll_for, 1, 0), 1);
    CHECK_EQ(poll_for.revents, POLLOUT);
    answer(call.id, 0, -EXDEV, 0);
    CHECK_ERRNO(ioctl(s_listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &call.id), ENOENT);
    call = receive();
    answer(call.id, 4711, 0, 0);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    CHECK_EQ(s_result, -1);
    CHECK_EQ(s_error, EXDEV);
    CHECK_EQ(s_second, 4711);
    /* Nobody has the filter any more. */
    poll_for.events = POLLIN;
    CHECK_EQ(poll(&poll_for, 1, 10000), 1);
    CHECK(poll_for.revents & POLLHUP);
}

TEST(a_call_may_go_on) {
    pthread_t thread = begin(call_twice);
    struct seccomp_notif call = receive();
    answer(call.id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
    call = receive();
    answer(call.id, 1, 0, 0);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    CHECK_EQ(s_result, getppid());
    CHECK_EQ(s_second, 1);
}

TEST(requests_are_checked) {
    pthread_t thread = begin(call_twice);
    struct seccomp_notif call;
    memset(&call, 0, sizeof call);
    call.pid = 1;
    CHECK_ERRNO(ioctl(s_listener, SECCOMP_IOCTL_NOTIF_RECV, &call), EINVAL);
    CHECK_ERRNO(ioctl(s_listener, SECCOMP_IOCTL_NOTIF_RECV, NULL), EFAULT);
    struct seccomp_notif_resp reply = {.id = 1234567};
    CHECK_ERRNO(ioctl(s_listener, SECCOMP_IOCTL_NOTIF_SEND, &reply), ENOENT);
    CHECK_ERRNO(ioctl(s_listener, SECCOMP_IOCTL_NOTIF_SEND, NULL), EFAULT);
    call = receive();
    reply = (struct seccomp_notif_resp){.id = call.id, .flags = 2};
    CHECK_ERRNO(ioctl(s_listener, SECCOMP_IOCTL_NOTIF_SEND, &reply), EINVAL);
    reply = (struct seccomp_notif_resp){.id = call.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE, .val = 1};
    CHECK_ERRNO(ioctl(s_listener, SECCOMP_IOCTL_NOTIF_SEND, &reply), EINVAL);
    CHECK_ERRNO(ioctl(s_listener, 0x12345678, 0), EINVAL);
    struct seccomp_notif_addfd give = {.id = call.id, .srcfd = 999};
    CHECK_ERRNO(ioctl(s_listener, SECCOMP_IOCTL_NOTIF_ADDFD, &give), EBADF);
    give = (struct seccomp_notif_addfd){.id = call.id, .srcfd = 1, .newfd = 5};
    CHECK_ERRNO(ioctl(s_listener, SECCOMP_IOCTL_NOTIF_ADDFD, &give), EINVAL);
    give = (struct seccomp_notif_addfd){.id = call.id + 100, .srcfd = 1};
    CHECK_ERRNO(ioctl(s_listener, SECCOMP_IOCTL_NOTIF_ADDFD, &give), ENOENT);
    answer(call.id, 0, 0, 0);
    answer(receive().id, 0, 0, 0);
    CHECK_EQ(pthread_join(thread, NULL), 0);
}

/* The listener's descriptor gets to a parent through a shared table of descriptors: the child is made with CLONE_FILES. */
static int call_once(void *number) {
    s_listener = listen_to(SYS_getppid, (unsigned)(uintptr_t)number);
    gate_open(s_listening);
    /* Without the C library, whose errno is the parent's. */
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "0"(SYS_getppid) : "rcx", "r11", "memory");
    s_error = result < 0 ? -result : 0;
    s_result = result < 0 ? -1 : result;
    return 0;
}

#include <sched.h>
static char s_stack[65536] __attribute__((aligned(64)));

static pid_t begin_process(unsigned flags) {
    s_listening = gate_make();
    pid_t child = (pid_t)OK(clone(call_once, s_stack + sizeof s_stack, CLONE_VM | CLONE_FILES | SIGCHLD, (void *)(uintptr_t)flags));
    gate_wait(s_listening);
    return child;
}

TEST(a_closed_listener_makes_the_call_one_that_is_not_there) {
    pid_t child = begin_process(0);
    struct seccomp_notif call = receive();
    CHECK_EQ(call.pid, child);
    OK(close(s_listener));
    CHECK_EXIT(child, 0);
    CHECK_EQ(s_result, -1);
    CHECK_EQ(s_error, ENOSYS);
}

TEST(a_descriptor_is_given) {
    pid_t child = begin_process(0);
    struct seccomp_notif call = receive();
    struct seccomp_notif_addfd give = {.id = call.id, .srcfd = 1, .newfd = 77, .flags = SECCOMP_ADDFD_FLAG_SETFD, .newfd_flags = O_CLOEXEC};
    CHECK_EQ(OK(ioctl(s_listener, SECCOMP_IOCTL_NOTIF_ADDFD, &give)), 77);
    CHECK_EQ(fcntl(77, F_GETFD), FD_CLOEXEC);
    give = (struct seccomp_notif_addfd){.id = call.id, .srcfd = 1};
    int given = (int)OK(ioctl(s_listener, SECCOMP_IOCTL_NOTIF_ADDFD, &give));
    CHECK_EQ(fcntl(given, F_GETFD), 0);
    give = (struct seccomp_notif_addfd){.id = call.id, .srcfd = 1, .flags = SECCOMP_ADDFD_FLAG_SEND};
    s_passed = (int)OK(ioctl(s_listener, SECCOMP_IOCTL_NOTIF_ADDFD, &give));
    CHECK_EXIT(child, 0);
    CHECK_EQ(s_result, s_passed);
    CHECK(fcntl(s_passed, F_GETFD) == 0);
}

TEST(a_second_listener_is_refused) {
    pid_t child = CHILD(listen_to(5000, 0); struct sock_filter allow[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
                        CHECK_ERRNO(install(allow, 1, SECCOMP_FILTER_FLAG_NEW_LISTENER), EBUSY));
    CHECK_EXIT(child, 0);
}

TEST(a_kill_ends_a_call_that_waits) {
    pid_t child = begin_process(0);
    struct seccomp_notif call = receive();
    OK(kill(child, SIGKILL));
    CHECK_KILLED(child, SIGKILL);
    CHECK_ERRNO(ioctl(s_listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &call.id), ENOENT);
    struct seccomp_notif_resp reply = {.id = call.id};
    CHECK_ERRNO(ioctl(s_listener, SECCOMP_IOCTL_NOTIF_SEND, &reply), ENOENT);
}

static volatile int s_signals;
static void count(int signal) {
    (void)signal;
    s_signals++;
}

TEST(a_signal_interrupts_the_wait_unless_it_may_only_be_killed) {
    struct sigaction action = {.sa_handler = count};
    OK(sigaction(SIGUSR1, &action, NULL));
    pid_t child = begin_process(0);
    receive();
    OK(kill(child, SIGUSR1));
    CHECK_EXIT(child, 0);
    CHECK_EQ(s_error, EINTR);
    CHECK_EQ(s_signals, 1);
    OK(close(s_listener));
    child = begin_process(32 /* SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV */);
    struct seccomp_notif call = receive();
    OK(kill(child, SIGUSR1));
    test_sleep_ms(100);
    OK(ioctl(s_listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &call.id));
    answer(call.id, 5, 0, 0);
    CHECK_EXIT(child, 0);
    CHECK_EQ(s_result, 5);
    CHECK_EQ(s_signals, 2);
}
