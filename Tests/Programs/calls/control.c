/* Flags of waiting, cloning, scheduling, limits, signals, random numbers, barriers and terminals. */
#include "test.h"

#include <linux/membarrier.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <termios.h>

TEST(waitid_by_group_and_by_the_threads_own_children) {
    pid_t child = CHILD(OK(setpgid(0, 0)); _exit(3));
    siginfo_t info;
    for (;;) { /* the child may not have its group yet */
        errno = 0;
        if (waitid(P_PGID, (id_t)child, &info, WEXITED) == 0) break;
        CHECK_EQ(errno, ECHILD);
        test_sleep_ms(1);
    }
    CHECK_EQ(info.si_pid, child);
    CHECK_EQ(info.si_status, 3);
    CHECK_EQ(info.si_code, CLD_EXITED);
    CHECK_ERRNO(waitid(P_PGID, 0x3FFFFFFF, &info, WEXITED), ECHILD);
    CHECK_ERRNO(waitid(P_ALL, 0, &info, 0), EINVAL);
    CHECK_ERRNO(waitid(P_ALL, 0, &info, WEXITED | 0x100), EINVAL);
    CHECK_ERRNO(waitid(7, 0, &info, WEXITED), EINVAL);
    child = CHILD(_exit(4));
    int status;
    CHECK_EQ(OK(syscall(SYS_wait4, child, &status, 0x20000000, NULL)), child); /* __WNOTHREAD */
    CHECK_EQ(WEXITSTATUS(status), 4);
    CHECK_ERRNO(syscall(SYS_wait4, -1, &status, 0x10, NULL), EINVAL);
    CHECK_ERRNO(syscall(SYS_wait4, INT_MIN, &status, 0, NULL), ESRCH);
}

static void *waits_for_a_child_of_another_thread(void *argument) {
    pid_t child = (pid_t)(intptr_t)argument;
    int status;
    long result = syscall(SYS_wait4, child, &status, 0x20000000, NULL); /* __WNOTHREAD */
    return (void *)(intptr_t)(result == -1 ? errno : 0);
}

TEST(wnothread_leaves_children_of_other_threads) {
    pid_t child = CHILD(_exit(0));
    pthread_t thread;
    void *result;
    CHECK_EQ(pthread_create(&thread, NULL, waits_for_a_child_of_another_thread, (void *)(intptr_t)child), 0);
    CHECK_EQ(pthread_join(thread, &result), 0);
    CHECK_EQ((intptr_t)result, ECHILD);
    CHECK_EXIT(child, 0);
}

TEST(clone_takes_and_refuses_flags_as_linux) {
    CHECK_ERRNO(syscall(SYS_clone, CLONE_THREAD | SIGCHLD, 0, 0, 0, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_clone, CLONE_THREAD | CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_clone, CLONE_FS | CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0), EINVAL);
    int tid = 0;
    CHECK_ERRNO(syscall(SYS_clone, CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD, 0, &tid, 0, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_clone, CLONE_PIDFD | CLONE_DETACHED | SIGCHLD, 0, &tid, 0, 0), EINVAL);
    pid_t child = (pid_t)OK(syscall(SYS_clone, CLONE_IO | CLONE_UNTRACED | CLONE_DETACHED | SIGCHLD, 0, 0, 0, 0));
    if (child == 0) _exit(5);
    CHECK_EXIT(child, 5);
    child = (pid_t)OK(syscall(SYS_clone, CLONE_PTRACE | SIGCHLD, 0, 0, 0, 0)); /* nobody traces: nothing differs */
    if (child == 0) _exit(6);
    CHECK_EXIT(child, 6);
    /* clone3 knows neither CLONE_DETACHED nor a signal among its flags. */
    struct clone_args args = {.flags = CLONE_DETACHED, .exit_signal = SIGCHLD};
    CHECK_ERRNO(syscall(SYS_clone3, &args, sizeof args), EINVAL);
    args = (struct clone_args){.flags = SIGCHLD};
    CHECK_ERRNO(syscall(SYS_clone3, &args, sizeof args), EINVAL);
    args = (struct clone_args){.exit_signal = 65};
    CHECK_ERRNO(syscall(SYS_clone3, &args, sizeof args), EINVAL);
    args = (struct clone_args){.exit_signal = SIGCHLD, .stack = 4096};
    CHECK_ERRNO(syscall(SYS_clone3, &args, sizeof args), EINVAL);
    args = (struct clone_args){.exit_signal = SIGCHLD, .stack_size = 4096};
    CHECK_ERRNO(syscall(SYS_clone3, &args, sizeof args), EINVAL);
    CHECK_ERRNO(syscall(SYS_clone3, &args, 63), EINVAL);
    CHECK_ERRNO(syscall(SYS_clone3, &args, 5000), E2BIG);
    args = (struct clone_args){.exit_signal = SIGCHLD};
    child = (pid_t)OK(syscall(SYS_clone3, &args, sizeof args));
    if (child == 0) _exit(7);
    CHECK_EXIT(child, 7);
    pid_t chosen[2] = {4242, 0};
    args = (struct clone_args){.exit_signal = SIGCHLD, .set_tid = (uintptr_t)chosen, .set_tid_size = 1};
    child = (pid_t)OK(syscall(SYS_clone3, &args, sizeof args));
    if (child == 0) _exit(8);
    CHECK_EQ(child, 4242);
    CHECK_EXIT(child, 8);
    args.set_tid_size = 33;
    CHECK_ERRNO(syscall(SYS_clone3, &args, sizeof args), EINVAL);
    args.set_tid_size = 1;
    chosen[0] = getpid();
    CHECK_ERRNO(syscall(SYS_clone3, &args, sizeof args), EEXIST);
    chosen[0] = 0;
    CHECK_ERRNO(syscall(SYS_clone3, &args, sizeof args), EINVAL);
}

static void *gives_its_thread_pointer(void *argument) {
    unsigned long fs = 0, self;
    OK(syscall(SYS_arch_prctl, 0x1003, &fs)); /* ARCH_GET_FS */
    asm("movq %%fs:0, %0" : "=r"(self));
    *(unsigned long *)argument = fs;
    return (void *)(self == fs ? 1L : 0L);
}

TEST(each_thread_has_its_own_thread_pointer) {
    unsigned long mine = 0, other = 0;
    OK(syscall(SYS_arch_prctl, 0x1003, &mine));
    pthread_t thread;
    void *same;
    CHECK_EQ(pthread_create(&thread, NULL, gives_its_thread_pointer, &other), 0); /* CLONE_SETTLS */
    CHECK_EQ(pthread_join(thread, &same), 0);
    CHECK(same != NULL);
    CHECK(mine != other);
    CHECK_ERRNO(syscall(SYS_arch_prctl, 0x1002, 0xFFFF800000000000UL), EPERM);
    CHECK_ERRNO(syscall(SYS_arch_prctl, 0x1003, 8), EFAULT);
    CHECK_ERRNO(syscall(SYS_arch_prctl, 0x9999, 0), EINVAL);
}

TEST(priorities_of_process_group_and_user) {
    struct gate gate = gate_make();
    pid_t others[3]; /* of other groups, and of another user: nothing concerns them */
    for (int i = 0; i < 3; i++) others[i] = CHILD(if (i == 1) OK(setpgid(0, 0)); if (i == 2) OK(setuid(4712)); gate_open(gate); pause());
    for (int i = 0; i < 3; i++) gate_wait(gate);
    int init = getpriority(PRIO_PROCESS, 1);
    pid_t child = CHILD(OK(setpgid(0, 0)); OK(setpriority(PRIO_PGRP, 0, 7)); CHECK_EQ(getpriority(PRIO_PROCESS, 0), 7); CHECK_EQ(getpriority(PRIO_PGRP, 0), 7);
                        pid_t two = CHILD(pause()); OK(setpriority(PRIO_PROCESS, (id_t)two, 3)); CHECK_EQ(getpriority(PRIO_PGRP, 0), 3); OK(kill(two, SIGKILL));
                        OK(waitpid(two, NULL, 0)); CHECK_EQ(getpriority(PRIO_PGRP, 0), 7));
    CHECK_EXIT(child, 0);
    child = CHILD(OK(setuid(4711)); OK(setpriority(PRIO_USER, 4711, 9)); CHECK_EQ(getpriority(PRIO_USER, 4711), 9); CHECK_EQ(getpriority(PRIO_PROCESS, 0), 9);
                  CHECK_ERRNO(setpriority(PRIO_PROCESS, 0, 5), EACCES); CHECK_ERRNO(setpriority(PRIO_PROCESS, 1, 15), EPERM));
    CHECK_EXIT(child, 0);
    child = CHILD(struct rlimit nice = {25, 25}; OK(setrlimit(RLIMIT_NICE, &nice)); OK(setuid(4711)); OK(setpriority(PRIO_PROCESS, 0, 10)); OK(setpriority(PRIO_PROCESS, 0, -5));
                  CHECK_ERRNO(setpriority(PRIO_PROCESS, 0, -6), EACCES));
    CHECK_EXIT(child, 0);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(getpriority(PRIO_PROCESS, (id_t)others[i]), 0);
        OK(kill(others[i], SIGKILL));
        CHECK_KILLED(others[i], SIGKILL);
    }
    CHECK_EQ(getpriority(PRIO_PROCESS, 0), 0);
    CHECK_EQ(getpriority(PRIO_PROCESS, 1), init);
    OK(setpriority(PRIO_PROCESS, 0, -100));
    CHECK_EQ(getpriority(PRIO_PROCESS, 0), -20);
    CHECK_ERRNO(setpriority(3, 0, 0), EINVAL);
    CHECK_ERRNO(setpriority(PRIO_PROCESS, 0x3FFFFFFF, 0), ESRCH);
    CHECK_ERRNO(getpriority(-1, 0), EINVAL);
}

struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
    uint32_t least, most;
};

TEST(real_time_policies_stay_within_the_limit) {
    pid_t child = CHILD(struct rlimit limit = {10, 10}; OK(setrlimit(RLIMIT_RTPRIO, &limit)); OK(setuid(4711)); struct sched_param param = {.sched_priority = 10};
                        OK(sched_setscheduler(0, SCHED_FIFO, &param)); param.sched_priority = 11; CHECK_ERRNO(sched_setscheduler(0, SCHED_RR, &param), EPERM);
                        param.sched_priority = 5; OK(sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &param));
                        CHECK_EQ(sched_getscheduler(0), SCHED_RR | SCHED_RESET_ON_FORK);
                        pid_t two = CHILD(CHECK_EQ(sched_getscheduler(0), SCHED_OTHER)); CHECK_EXIT(two, 0);
                        /* the flag cannot be taken back without the right to */
                        CHECK_ERRNO(sched_setscheduler(0, SCHED_RR, &param), EPERM));
    CHECK_EXIT(child, 0);
    child = CHILD(OK(setuid(4711)); struct sched_param param = {.sched_priority = 1}; CHECK_ERRNO(sched_setscheduler(0, SCHED_FIFO, &param), EPERM); param.sched_priority = 0;
                  OK(sched_setscheduler(0, SCHED_BATCH, &param)); OK(sched_setscheduler(0, SCHED_IDLE, &param)); CHECK_ERRNO(sched_setscheduler(0, SCHED_OTHER, &param), EPERM));
    CHECK_EXIT(child, 0);
}

TEST(sched_setattr_keeps_what_its_flags_say) {
    struct attributes want = {.size = sizeof want, .policy = SCHED_OTHER, .flags = 1, .nice = 5}, found; /* SCHED_FLAG_RESET_ON_FORK */
    OK(syscall(SYS_sched_setattr, 0, &want, 0));
    OK(syscall(SYS_sched_getattr, 0, &found, sizeof found, 0));
    CHECK_EQ(found.flags & 1, 1);
    CHECK_EQ(found.nice, 5);
    want = (struct attributes){.size = sizeof want, .policy = 99, .flags = 0x08, .nice = 6}; /* SCHED_FLAG_KEEP_POLICY: the policy is not looked at */
    OK(syscall(SYS_sched_setattr, 0, &want, 0));
    OK(syscall(SYS_sched_getattr, 0, &found, sizeof found, 0));
    CHECK_EQ(found.policy, SCHED_OTHER);
    CHECK_EQ(found.nice, 6);
    want = (struct attributes){.size = sizeof want, .policy = SCHED_BATCH, .flags = 0x10, .nice = 19}; /* SCHED_FLAG_KEEP_PARAMS */
    OK(syscall(SYS_sched_setattr, 0, &want, 0));
    OK(syscall(SYS_sched_getattr, 0, &found, sizeof found, 0));
    CHECK_EQ(found.policy, SCHED_OTHER); /* Linux keeps the policy with them */
    CHECK_EQ(found.nice, 6);
    want = (struct attributes){.size = sizeof want, .policy = 6, .runtime = 1000000, .deadline = 10000000, .period = 10000000}; /* SCHED_DEADLINE */
    OK(syscall(SYS_sched_setattr, 0, &want, 0));
    OK(syscall(SYS_sched_getattr, 0, &found, sizeof found, 0));
    CHECK_EQ(found.policy, 6);
    CHECK_EQ(found.runtime, 1000000);
    CHECK_EQ(found.deadline, 10000000);
    CHECK_EQ(found.period, 10000000);
    errno = 0;
    pid_t child = fork(); /* it may have none that would have its policy */
    if (child == 0) _exit(0);
    CHECK_EQ(child, -1);
    CHECK_EQ(errno, EAGAIN);
    want.flags = 1;
    OK(syscall(SYS_sched_setattr, 0, &want, 0));
    child = CHILD(CHECK_EQ(sched_getscheduler(0), SCHED_OTHER));
    CHECK_EXIT(child, 0);
    want.runtime = 20000000;
    CHECK_ERRNO(syscall(SYS_sched_setattr, 0, &want, 0), EINVAL);
    want = (struct attributes){.size = sizeof want, .policy = SCHED_OTHER};
    OK(syscall(SYS_sched_setattr, 0, &want, 0));
    want.flags = 0x100000;
    CHECK_ERRNO(syscall(SYS_sched_setattr, 0, &want, 0), EINVAL);
    want.flags = 0;
    want.size = 40;
    CHECK_ERRNO(syscall(SYS_sched_setattr, 0, &want, 0), E2BIG);
    CHECK_ERRNO(syscall(SYS_sched_setattr, 0, &want, 1), EINVAL);
    CHECK_ERRNO(syscall(SYS_sched_getattr, 0, &found, 40, 0), EINVAL);
}

TEST(random_numbers_with_each_flag) {
    unsigned char one[300], two[300];
    CHECK_EQ(OK(getrandom(one, sizeof one, GRND_NONBLOCK)), sizeof one);
    CHECK_EQ(OK(getrandom(two, sizeof two, GRND_INSECURE)), sizeof two);
    CHECK(memcmp(one, two, sizeof one) != 0);
    CHECK_EQ(OK(getrandom(two, sizeof two, GRND_RANDOM)), sizeof two);
    CHECK_ERRNO(getrandom(two, sizeof two, GRND_RANDOM | GRND_INSECURE), EINVAL);
    CHECK_ERRNO(getrandom(two, sizeof two, 8), EINVAL);
    CHECK_ERRNO(getrandom((void *)8, 16, 0), EFAULT);
    CHECK_EQ(OK(getrandom(NULL, 0, 0)), 0);
}

TEST(barriers_of_all_kinds) {
    long known = OK(syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0));
    long expected = MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED | MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED
        | MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE | MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE;
    CHECK_EQ(known & expected, expected);
    OK(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0));
    OK(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0));
    OK(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0));
    CHECK_ERRNO(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0), EPERM);
    OK(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0));
    OK(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0));
    CHECK_ERRNO(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0), EPERM);
    OK(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0));
    OK(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0));
    CHECK_ERRNO(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 1, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_membarrier, 1 << 20, 0, 0), EINVAL);
}

static stack_t in_handler;
static volatile sig_atomic_t handled;
static void on_signal(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info, (void)context;
    handled++;
    sigaltstack(NULL, &in_handler);
}

TEST(an_alternate_stack_with_autodisarm_is_off_in_its_handler) {
    static char space[65536];
    stack_t stack = {.ss_sp = space, .ss_size = sizeof space, .ss_flags = (int)(1U << 31)}; /* SS_AUTODISARM */
    OK(sigaltstack(&stack, NULL));
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    OK(sigaction(SIGUSR1, &action, NULL));
    OK(raise(SIGUSR1));
    CHECK_EQ(handled, 1);
    CHECK_EQ(in_handler.ss_flags, SS_DISABLE);
    stack_t after;
    OK(sigaltstack(NULL, &after));
    CHECK_EQ((unsigned)after.ss_flags, 1U << 31);
    CHECK(after.ss_sp == space);
    stack.ss_flags = 8;
    CHECK_ERRNO(sigaltstack(&stack, NULL), EINVAL);
}

TEST(a_timer_can_signal_one_thread) {
    struct sigevent event = {.sigev_notify = 4, .sigev_signo = SIGUSR1}; /* SIGEV_THREAD_ID */
    event._sigev_un._tid = gettid();
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    OK(sigaction(SIGUSR1, &action, NULL));
    timer_t timer;
    int id;
    OK(timer_create(CLOCK_MONOTONIC, &event, &timer));
    OK(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id));
    struct itimerspec when = {.it_value = {0, 1000000}};
    OK(timer_settime(timer, 0, &when, NULL));
    for (int i = 0; i < 12000 && handled == 0; i++) test_sleep_ms(5);
    CHECK_EQ(handled, 1);
    event._sigev_un._tid = 1; /* of another process */
    CHECK_ERRNO(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id), EINVAL);
    event.sigev_notify = 77;
    CHECK_ERRNO(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id), EINVAL);
}

TEST(unknown_flags_of_sigaction_are_taken_away) {
    struct { void (*handler)(int); unsigned long flags; void (*restorer)(void); uint64_t mask; } action = {SIG_IGN, 0x400 | 0x800 | 0x10000000, NULL, 0}, found;
    OK(syscall(SYS_rt_sigaction, SIGUSR1, &action, NULL, 8));
    OK(syscall(SYS_rt_sigaction, SIGUSR1, NULL, &found, 8));
    CHECK_EQ(found.flags & 0x400, 0); /* SA_UNSUPPORTED: so a program asks */
    CHECK_EQ(found.flags & 0x10000000, 0x10000000);
}

static int master, slave;
static void open_pair(void) {
    master = (int)OK(open("/dev/ptmx", O_RDWR | O_NOCTTY));
    int unlock = 0, number = -1, locked = -1;
    OK(ioctl(master, TIOCGPTLCK, &locked));
    CHECK_EQ(locked, 1);
    OK(ioctl(master, TIOCGPTN, &number));
    char name[32];
    snprintf(name, sizeof name, "/dev/pts/%d", number);
    CHECK_ERRNO(open(name, O_RDWR | O_NOCTTY), EIO);
    OK(ioctl(master, TIOCSPTLCK, &unlock));
    slave = (int)OK(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY));
    struct stat one, two;
    OK(fstat(slave, &one));
    OK(stat(name, &two));
    CHECK_EQ(one.st_rdev, two.st_rdev);
    struct termios settings;
    OK(tcgetattr(slave, &settings));
    cfmakeraw(&settings);
    OK(tcsetattr(slave, TCSANOW, &settings));
}

TEST(terminals_count_flush_stop_and_exclude) {
    open_pair();
    int count = -1;
    OK(write(master, "hello", 5));
    for (int i = 0; i < 60000 && count != 5; i++) {
        OK(ioctl(slave, TIOCINQ, &count));
        test_sleep_ms(1);
    }
    CHECK_EQ(count, 5);
    OK(ioctl(slave, TCFLSH, TCIFLUSH));
    OK(ioctl(slave, FIONREAD, &count));
    CHECK_EQ(count, 0);
    OK(write(slave, "abc", 3));
    OK(ioctl(slave, TIOCOUTQ, &count));
    CHECK(count >= 0 && count <= 3);
    OK(ioctl(slave, TCSBRK, 1)); /* tcdrain */
    OK(ioctl(slave, TCSBRK, 0));
    OK(ioctl(slave, TCXONC, TCOOFF));
    OK(ioctl(slave, TCXONC, TCOON));
    CHECK_ERRNO(ioctl(slave, TCXONC, 9), EINVAL);
    CHECK_ERRNO(ioctl(slave, TCFLSH, 9), EINVAL);
    int number;
    OK(ioctl(master, TIOCGPTN, &number));
    char name[32];
    snprintf(name, sizeof name, "/dev/pts/%d", number);
    OK(ioctl(slave, TIOCEXCL));
    OK(ioctl(slave, TIOCGEXCL, &count));
    CHECK_EQ(count, 1);
    pid_t child = CHILD(OK(setuid(0)); int again = open(name, O_RDWR | O_NOCTTY); CHECK(again >= 0)); /* root may */
    CHECK_EXIT(child, 0);
    OK(chmod(name, 0666));
    child = CHILD(OK(setuid(4711)); CHECK_ERRNO(open(name, O_RDWR | O_NOCTTY), EBUSY));
    CHECK_EXIT(child, 0);
    OK(ioctl(slave, TIOCNXCL));
    child = CHILD(OK(setuid(4711)); OK(open(name, O_RDWR | O_NOCTTY)));
    CHECK_EXIT(child, 0);
}

TEST(packet_mode_tells_the_master_of_changes) {
    open_pair();
    int on = 1;
    OK(ioctl(master, TIOCPKT, &on));
    OK(ioctl(master, TIOCGPKT, &on));
    CHECK_EQ(on, 1);
    OK(write(slave, "x", 1));
    char text[8];
    CHECK_EQ(OK(read(master, text, sizeof text)), 2);
    CHECK_EQ(text[0], TIOCPKT_DATA);
    CHECK_EQ(text[1], 'x');
    OK(ioctl(slave, TCFLSH, TCIFLUSH));
    CHECK_EQ(OK(read(master, text, sizeof text)), 1);
    CHECK_EQ(text[0], TIOCPKT_FLUSHREAD);
    on = 0;
    OK(ioctl(master, TIOCPKT, &on));
    OK(write(slave, "y", 1));
    CHECK_EQ(OK(read(master, text, sizeof text)), 1);
    CHECK_EQ(text[0], 'y');
}

TEST(a_session_has_its_terminal) {
    open_pair();
    pid_t child = CHILD(
        OK(setsid()); pid_t group = -1; CHECK_ERRNO(ioctl(slave, TIOCGPGRP, &group), ENOTTY); OK(ioctl(slave, TIOCSCTTY, 0)); OK(ioctl(slave, TIOCGPGRP, &group));
        CHECK_EQ(group, getpid()); pid_t session = -1; OK(ioctl(slave, TIOCGSID, &session)); CHECK_EQ(session, getpid());
        OK(ioctl(slave, TIOCSTI, "q")); char byte; CHECK_EQ(OK(read(slave, &byte, 1)), 1); CHECK_EQ(byte, 'q');
        struct sigaction ignore = {.sa_handler = SIG_IGN}; OK(sigaction(SIGHUP, &ignore, NULL)); OK(ioctl(slave, TIOCNOTTY)); CHECK_ERRNO(ioctl(slave, TIOCGPGRP, &group), ENOTTY));
    CHECK_EXIT(child, 0);
    child = CHILD(OK(setsid()); OK(ioctl(slave, TIOCSCTTY, 0)); OK(setuid(4711)); pid_t two = CHILD(OK(setsid()); CHECK_ERRNO(ioctl(slave, TIOCSCTTY, 0), EPERM)); CHECK_EXIT(two, 0));
    CHECK_EXIT(child, 0);
}
