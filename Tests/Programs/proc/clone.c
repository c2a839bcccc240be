/* clone and clone3: each sharing flag alone and in legal combinations; the illegal ones. */
#include "test.h"

#include "futex.h"
#include <sched.h>

#ifndef CLONE_CLEAR_SIGHAND
#define CLONE_CLEAR_SIGHAND 0x100000000ULL
#endif

struct clone3_arguments {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

static char s_stack[64 * 1024] __attribute__((aligned(16)));
static volatile int s_value;
static int s_fd;
static int s_tid;

/* A fork by clone: no stack is given, so memory has to be copied (or the parent has to wait). */
static long fork_clone(unsigned long flags, int *parent_tid, int *child_tid) { return syscall(SYS_clone, flags, 0, parent_tid, child_tid, 0); }

static pid_t run_clone(int (*body)(void *), unsigned long flags) { return (pid_t)OK(clone(body, s_stack + sizeof s_stack, (int)flags, NULL)); }

static int set_value(void *unused) {
    (void)unused;
    s_value = 42;
    return 5;
}

TEST(without_flags_clone_is_fork) {
    long child = OK(fork_clone(SIGCHLD, NULL, NULL));
    if (child == 0) {
        s_value = 1;
        _exit(9);
    }
    CHECK_EXIT((pid_t)child, 9);
    CHECK_EQ(s_value, 0);
}

TEST(clone_vm_shares_memory_without_making_a_thread) {
    pid_t child = run_clone(set_value, CLONE_VM | SIGCHLD);
    CHECK(child != getpid());
    CHECK_EXIT(child, 5);
    CHECK_EQ(s_value, 42);
}

TEST(clone_vm_with_vfork_waits_for_the_exit) {
    pid_t child = run_clone(set_value, CLONE_VM | CLONE_VFORK | SIGCHLD);
    CHECK_EQ(s_value, 42);
    CHECK_EXIT(child, 5);
}

static int close_and_open(void *unused) {
    (void)unused;
    close(s_fd);
    int made = open("/dev/null", O_RDONLY);
    s_value = made;
    return made == s_fd ? 0 : 1;
}

TEST(clone_files_shares_the_descriptor_table) {
    int spare = (int)OK(open("/dev/zero", O_RDONLY));
    s_fd = (int)OK(dup2(spare, 50));
    int lowest = (int)OK(dup(spare));
    OK(close(lowest));
    long child = OK(fork_clone(CLONE_FILES | SIGCHLD, NULL, NULL));
    if (child == 0) {
        close(50);
        _exit(open("/dev/null", O_RDONLY) == lowest ? 0 : 1);
    }
    CHECK_EXIT((pid_t)child, 0);
    CHECK_ERRNO(fcntl(50, F_GETFD), EBADF);
    OK(fcntl(lowest, F_GETFD));
}

TEST(without_clone_files_the_descriptor_table_is_a_copy) {
    s_fd = (int)OK(open("/dev/zero", O_RDONLY));
    CHECK_EXIT(run_clone(close_and_open, CLONE_VM | SIGCHLD), 0);
    char byte = 1;
    CHECK_EQ(read(s_fd, &byte, 1), 1); /* still /dev/zero, not /dev/null */
    CHECK_EQ(byte, 0);
}

TEST(clone_fs_shares_working_directory_and_umask) {
    char where[PATH_MAX];
    umask(022);
    long child = OK(fork_clone(CLONE_FS | SIGCHLD, NULL, NULL));
    if (child == 0) {
        umask(077);
        _exit(chdir("/proc") == 0 ? 0 : 1);
    }
    CHECK_EXIT((pid_t)child, 0);
    CHECK(getcwd(where, sizeof where) != NULL);
    CHECK_STR(where, "/proc");
    CHECK_EQ(umask(022), 077);
}

static void on_signal(int number) { s_value = number; }

static int change_handler(void *unused) {
    (void)unused;
    return signal(SIGUSR1, on_signal) == SIG_ERR;
}

TEST(clone_sighand_shares_the_handlers) {
    CHECK_EXIT(run_clone(change_handler, CLONE_VM | CLONE_SIGHAND | SIGCHLD), 0);
    raise(SIGUSR1);
    CHECK_EQ(s_value, SIGUSR1);
}

TEST(without_clone_sighand_the_handlers_are_a_copy) {
    signal(SIGUSR1, SIG_IGN);
    CHECK_EXIT(run_clone(change_handler, CLONE_VM | SIGCHLD), 0);
    raise(SIGUSR1);
    CHECK_EQ(s_value, 0);
}

TEST(clone_parent_makes_a_sibling) {
    pid_t grandparent = getpid();
    struct gate gate = gate_make();
    pid_t middle = CHILD(long child = OK(fork_clone(CLONE_PARENT | SIGCHLD, NULL, NULL)); if (child == 0) {
        CHECK_EQ(getppid(), grandparent);
        _exit(11);
    } pid_t number = (pid_t)child; CHECK_EQ(write(gate.write, &number, sizeof number), sizeof number); CHECK_ERRNO(waitpid(number, NULL, 0), ECHILD));
    pid_t sibling;
    CHECK_EQ(read(gate.read, &sibling, sizeof sibling), sizeof sibling);
    CHECK_EXIT(middle, 0);
    CHECK_EXIT(sibling, 11);
}

TEST(parent_settid_stores_the_number_before_clone_returns) {
    int parent_tid = -1, child_tid = -1;
    long child = OK(fork_clone(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, &parent_tid, &child_tid));
    if (child == 0) _exit(child_tid == getpid() ? 0 : 1);
    CHECK_EQ(parent_tid, child);
    CHECK_EQ(child_tid, -1); /* only in the child's copy */
    CHECK_EXIT((pid_t)child, 0);
}

static int return_zero(void *unused) {
    (void)unused;
    return 0;
}

TEST(child_cleartid_clears_the_word_and_wakes_a_futex) {
    s_tid = 12345;
    pid_t child = (pid_t)OK(clone(return_zero, s_stack + sizeof s_stack, CLONE_VM | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, NULL, NULL, NULL, &s_tid));
    int seen;
    while ((seen = __atomic_load_n(&s_tid, __ATOMIC_ACQUIRE)) != 0) {
        CHECK(seen == child || seen == 12345);
        syscall(SYS_futex, &s_tid, FUTEX_WAIT, seen, NULL, NULL, 0);
    }
    CHECK_EXIT(child, 0);
}

TEST(set_tid_address_returns_the_callers_number) {
    CHECK_EQ(syscall(SYS_set_tid_address, &s_tid), getpid());
}

TEST(another_exit_signal_is_sent_and_needs_wclone_to_wait_for) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    OK(sigprocmask(SIG_BLOCK, &set, NULL));
    long child = OK(fork_clone(SIGUSR1, NULL, NULL));
    if (child == 0) _exit(4);
    siginfo_t info;
    CHECK_EQ(sigwaitinfo(&set, &info), SIGUSR1);
    CHECK_EQ(info.si_pid, child);
    CHECK_ERRNO(waitpid((pid_t)child, NULL, 0), ECHILD);
    int status;
    CHECK_EQ(waitpid((pid_t)child, &status, __WCLONE), child);
    CHECK_EQ(WEXITSTATUS(status), 4);
}

TEST(exit_signal_zero_sends_nothing) {
    signal(SIGCHLD, on_signal);
    long child = OK(fork_clone(0, NULL, NULL));
    if (child == 0) _exit(0);
    CHECK_EQ(waitpid((pid_t)child, NULL, __WALL), child);
    CHECK_EQ(s_value, 0);
}

static int thread_body(void *unused) {
    (void)unused;
    s_tid = (int)syscall(SYS_gettid);
    s_value = (int)syscall(SYS_getpid);
    syscall(SYS_exit, 0);
    return 0;
}

TEST(clone_thread_makes_a_thread_of_the_same_process) {
    int tid = -1;
    int number = (int)OK(clone(thread_body, s_stack + sizeof s_stack,
                               CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID, NULL, &tid,
                               NULL, &tid));
    int seen;
    while ((seen = __atomic_load_n(&tid, __ATOMIC_ACQUIRE)) != 0) syscall(SYS_futex, &tid, FUTEX_WAIT, seen, NULL, NULL, 0);
    CHECK_EQ(s_tid, number);
    CHECK_EQ(s_value, getpid());
    CHECK(number != getpid());
    CHECK_ERRNO(waitpid(number, NULL, __WALL), ECHILD);
}

TEST(illegal_combinations_are_einval) {
    CHECK_ERRNO(fork_clone(CLONE_SIGHAND | SIGCHLD, NULL, NULL), EINVAL);
    CHECK_ERRNO(fork_clone(CLONE_THREAD | SIGCHLD, NULL, NULL), EINVAL);
    CHECK_ERRNO(fork_clone(CLONE_THREAD | CLONE_VM | SIGCHLD, NULL, NULL), EINVAL);
    CHECK_ERRNO(fork_clone(CLONE_THREAD | CLONE_SIGHAND | SIGCHLD, NULL, NULL), EINVAL);
    CHECK_ERRNO(fork_clone(CLONE_FS | CLONE_NEWNS | SIGCHLD, NULL, NULL), EINVAL);
    CHECK_ERRNO(fork_clone(CLONE_FS | CLONE_NEWUSER | SIGCHLD, NULL, NULL), EINVAL);
    CHECK_ERRNO(fork_clone(CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD, &s_tid, NULL), EINVAL);
    CHECK_ERRNO(wait(NULL), ECHILD);
}

static long clone3(struct clone3_arguments *arguments, size_t size) { return syscall(SYS_clone3, arguments, size); }

TEST(clone3_forks) {
    int parent_tid = 0;
    struct clone3_arguments arguments = {.flags = CLONE_PARENT_SETTID, .parent_tid = (uint64_t)&parent_tid, .exit_signal = SIGCHLD};
    long child = OK(clone3(&arguments, sizeof arguments));
    if (child == 0) _exit(6);
    CHECK_EQ(parent_tid, child);
    CHECK_EXIT((pid_t)child, 6);
}

TEST(clone3_clears_handlers_when_asked) {
    signal(SIGUSR1, on_signal);
    signal(SIGUSR2, SIG_IGN);
    struct clone3_arguments arguments = {.flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD};
    long child = OK(clone3(&arguments, sizeof arguments));
    if (child == 0) {
        struct sigaction action;
        OK(sigaction(SIGUSR1, NULL, &action));
        CHECK(action.sa_handler == SIG_DFL);
        OK(sigaction(SIGUSR2, NULL, &action));
        CHECK(action.sa_handler == SIG_IGN);
        _exit(0);
    }
    CHECK_EXIT((pid_t)child, 0);
}

TEST(clone3_refuses_what_makes_no_sense) {
    struct clone3_arguments arguments = {.exit_signal = SIGCHLD};
    CHECK_ERRNO(clone3(&arguments, 63), EINVAL);
    CHECK_ERRNO(clone3(&arguments, 8192), E2BIG);
    CHECK_ERRNO(clone3(NULL, sizeof arguments), EFAULT);
    arguments.exit_signal = 65;
    CHECK_ERRNO(clone3(&arguments, sizeof arguments), EINVAL);
    arguments.exit_signal = SIGCHLD;
    arguments.stack = 4096; /* a stack without a size */
    CHECK_ERRNO(clone3(&arguments, sizeof arguments), EINVAL);
    arguments.stack = 0;
    arguments.stack_size = 4096;
    CHECK_ERRNO(clone3(&arguments, sizeof arguments), EINVAL);
    arguments.stack_size = 0;
    arguments.flags = CLONE_SIGHAND | CLONE_VM | CLONE_CLEAR_SIGHAND;
    CHECK_ERRNO(clone3(&arguments, sizeof arguments), EINVAL);
    arguments.flags = 1; /* signal bits do not belong into flags */
    CHECK_ERRNO(clone3(&arguments, sizeof arguments), EINVAL);
    arguments.flags = 1ULL << 63;
    CHECK_ERRNO(clone3(&arguments, sizeof arguments), EINVAL);
    char larger[128] = {0};
    memcpy(larger, &(struct clone3_arguments){.exit_signal = SIGCHLD}, sizeof arguments);
    larger[sizeof larger - 1] = 1; /* unknown fields must be zero */
    CHECK_ERRNO(clone3((struct clone3_arguments *)larger, sizeof larger), E2BIG);
    CHECK_ERRNO(wait(NULL), ECHILD);
}

TEST_LATER(clone_pidfd_gives_a_descriptor_that_closes_on_exec_and_reads_as_ended) {
    int pidfd = -1;
    struct gate gate = gate_make();
    long child = OK(fork_clone(CLONE_PIDFD | SIGCHLD, &pidfd, NULL));
    if (child == 0) {
        gate_wait(gate);
        _exit(3);
    }
    CHECK(pidfd > 2);
    CHECK_EQ(OK(fcntl(pidfd, F_GETFD)) & FD_CLOEXEC, FD_CLOEXEC);
    OK(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0));
    gate_open(gate);
    siginfo_t info = {0};
    OK(waitid((idtype_t)3 /* P_PIDFD */, (id_t)pidfd, &info, WEXITED));
    CHECK_EQ(info.si_pid, child);
    CHECK_EQ(info.si_status, 3);
    CHECK_ERRNO(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0), ESRCH);
}

TEST(unshare_gives_back_an_own_table_and_own_file_system_state) {
    long child = OK(fork_clone(CLONE_FILES | CLONE_FS | SIGCHLD, NULL, NULL));
    if (child == 0) {
        OK(unshare(CLONE_FILES | CLONE_FS));
        OK(chdir("/proc"));
        OK(close(0));
        _exit(0);
    }
    CHECK_EXIT((pid_t)child, 0);
    char where[PATH_MAX];
    CHECK(getcwd(where, sizeof where) != NULL);
    CHECK(strcmp(where, "/proc") != 0);
    OK(fcntl(0, F_GETFD));
}
