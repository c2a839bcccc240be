/* Masks, queues, siginfo, sigaction's flags, waiting for signals. */
#include "test.h"

#include <pthread.h>
#include <sched.h>

static volatile int s_count, s_order[64], s_last_value;
static siginfo_t s_info;

static void count_signal(int number) {
    s_order[s_count] = number;
    s_count++;
}

static void keep_info(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)context;
    s_info = *info;
    s_order[s_count] = info->si_value.sival_int;
    s_count++;
}

static void handle(int number, void (*handler)(int), int flags) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    OK(sigaction(number, &action, NULL));
}

static void handle_info(int number, int flags) {
    struct sigaction action = {.sa_sigaction = keep_info, .sa_flags = SA_SIGINFO | flags};
    OK(sigaction(number, &action, NULL));
}

static void mask(int how, int number) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    OK(sigprocmask(how, &set, NULL));
}

static bool pending(int number) {
    sigset_t set;
    OK(sigpending(&set));
    return sigismember(&set, number);
}

TEST(a_handler_runs_before_kill_to_oneself_returns) {
    handle(SIGUSR1, count_signal, 0);
    OK(kill(getpid(), SIGUSR1));
    CHECK_EQ(s_count, 1);
    CHECK_EQ(raise(SIGUSR1), 0);
    CHECK_EQ(s_count, 2);
}

TEST(a_blocked_standard_signal_is_pending_once) {
    handle(SIGUSR1, count_signal, 0);
    mask(SIG_BLOCK, SIGUSR1);
    for (int i = 0; i < 5; i++) OK(kill(getpid(), SIGUSR1));
    CHECK_EQ(s_count, 0);
    CHECK(pending(SIGUSR1));
    mask(SIG_UNBLOCK, SIGUSR1);
    CHECK_EQ(s_count, 1);
    CHECK(!pending(SIGUSR1));
}

TEST(real_time_signals_queue_in_order_and_the_lowest_number_comes_first) {
    for (int i = 0; i < 3; i++) {
        handle_info(SIGRTMIN + i, 0);
        mask(SIG_BLOCK, SIGRTMIN + i);
    }
    for (int i = 0; i < 4; i++) {
        for (int number = 2; number >= 0; number--) {
            OK(sigqueue(getpid(), SIGRTMIN + number, (union sigval){.sival_int = number * 10 + i}));
        }
    }
    sigset_t all, old;
    sigfillset(&all);
    OK(sigprocmask(SIG_BLOCK, &all, &old));
    /* sigtimedwait takes them as a delivery would. */
    static const int expected[] = {0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23};
    sigset_t wanted;
    sigemptyset(&wanted);
    for (int i = 0; i < 3; i++) sigaddset(&wanted, SIGRTMIN + i);
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        siginfo_t info;
        CHECK_EQ(sigwaitinfo(&wanted, &info), SIGRTMIN + (int)i / 4);
        CHECK_EQ(info.si_value.sival_int, expected[i]);
        CHECK_EQ(info.si_code, SI_QUEUE);
        CHECK_EQ(info.si_pid, getpid());
        CHECK_EQ(info.si_uid, getuid());
    }
    CHECK_ERRNO(sigtimedwait(&wanted, NULL, &(struct timespec){0, 0}), EAGAIN);
}

TEST(the_queue_has_a_limit) {
    struct rlimit limit = {10, 10};
    mask(SIG_BLOCK, SIGRTMIN);
    OK(setrlimit(RLIMIT_SIGPENDING, &limit));
    int queued = 0;
    while (sigqueue(getpid(), SIGRTMIN, (union sigval){0}) == 0) queued++;
    CHECK_EQ(errno, EAGAIN);
    CHECK(queued <= 10 && queued >= 5);
    siginfo_t info;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    CHECK_EQ(sigwaitinfo(&set, &info), SIGRTMIN);
    OK(sigqueue(getpid(), SIGRTMIN, (union sigval){0}));
}

TEST(siginfo_tells_who_and_why) {
    handle_info(SIGUSR1, 0);
    OK(kill(getpid(), SIGUSR1));
    CHECK_EQ(s_info.si_code, SI_USER);
    CHECK_EQ(s_info.si_pid, getpid());
    CHECK_EQ(s_info.si_signo, SIGUSR1);
    OK((syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR1)));
    CHECK_EQ(s_info.si_code, SI_TKILL);
    OK(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_ptr = (void *)0x123456789ABC}));
    CHECK_EQ(s_info.si_code, SI_QUEUE);
    CHECK_EQ((uintptr_t)s_info.si_value.sival_ptr, 0x123456789ABC);
    pid_t parent = getpid();
    pid_t child = CHILD(OK(kill(parent, SIGUSR1)));
    CHECK_EXIT(child, 0);
    CHECK_EQ(s_info.si_pid, child);
}

TEST(sigchld_tells_status_and_times) {
    handle_info(SIGCHLD, SA_RESTART);
    pid_t child = CHILD(_exit(17));
    CHECK_EXIT(child, 17);
    CHECK_EQ(s_count, 1);
    CHECK_EQ(s_info.si_code, CLD_EXITED);
    CHECK_EQ(s_info.si_status, 17);
    CHECK_EQ(s_info.si_pid, child);
    child = CHILD(raise(SIGKILL));
    CHECK_KILLED(child, SIGKILL);
    CHECK_EQ(s_info.si_code, CLD_KILLED);
    CHECK_EQ(s_info.si_status, SIGKILL);
}

static volatile bool s_blocked_inside, s_other_blocked_inside;

static void look_at_mask(int number) {
    sigset_t set;
    sigprocmask(SIG_BLOCK, NULL, &set);
    s_blocked_inside = sigismember(&set, number);
    s_other_blocked_inside = sigismember(&set, SIGUSR2);
    s_count++;
}

TEST(the_mask_inside_a_handler_has_the_signal_and_sa_mask) {
    struct sigaction action = {.sa_handler = look_at_mask};
    sigaddset(&action.sa_mask, SIGUSR2);
    OK(sigaction(SIGUSR1, &action, NULL));
    raise(SIGUSR1);
    CHECK(s_blocked_inside && s_other_blocked_inside);
    sigset_t set;
    OK(sigprocmask(SIG_BLOCK, NULL, &set));
    CHECK(!sigismember(&set, SIGUSR1) && !sigismember(&set, SIGUSR2));
    action.sa_flags = SA_NODEFER;
    sigemptyset(&action.sa_mask);
    OK(sigaction(SIGUSR1, &action, NULL));
    raise(SIGUSR1);
    CHECK(!s_blocked_inside && !s_other_blocked_inside);
}

TEST(resethand_gives_the_default_back_before_the_handler_runs) {
    handle(SIGUSR1, count_signal, (int)SA_RESETHAND);
    raise(SIGUSR1);
    CHECK_EQ(s_count, 1);
    struct sigaction action;
    OK(sigaction(SIGUSR1, NULL, &action));
    CHECK(action.sa_handler == SIG_DFL);
    CHECK_KILLED(CHILD(raise(SIGUSR1)), SIGUSR1);
}

static void raise_inside(int number) {
    count_signal(number);
    if (number == SIGUSR1) raise(SIGUSR2);
    count_signal(number + 100);
}

TEST(a_signal_in_a_handler_nests) {
    handle(SIGUSR1, raise_inside, 0);
    handle(SIGUSR2, raise_inside, 0);
    raise(SIGUSR1);
    CHECK_EQ(s_count, 4);
    CHECK_EQ(s_order[0], SIGUSR1);
    CHECK_EQ(s_order[1], SIGUSR2);
    CHECK_EQ(s_order[2], SIGUSR2 + 100);
    CHECK_EQ(s_order[3], SIGUSR1 + 100);
}

static void nest_same(int number) {
    int mine = ++s_count;
    if (mine < 10) raise(number);
    s_last_value += mine;
}

TEST(nodefer_lets_a_handler_be_entered_again) {
    handle(SIGUSR1, nest_same, SA_NODEFER);
    raise(SIGUSR1);
    CHECK_EQ(s_count, 10);
    CHECK_EQ(s_last_value, 55);
}

TEST(two_unblocked_at_once_are_both_handled) {
    handle(SIGUSR1, count_signal, 0);
    handle(SIGUSR2, count_signal, 0);
    sigset_t both;
    sigemptyset(&both);
    sigaddset(&both, SIGUSR1);
    sigaddset(&both, SIGUSR2);
    OK(sigprocmask(SIG_BLOCK, &both, NULL));
    raise(SIGUSR2);
    raise(SIGUSR1);
    OK(sigprocmask(SIG_UNBLOCK, &both, NULL));
    CHECK_EQ(s_count, 2);
    CHECK(s_order[0] != s_order[1]);
}

TEST(ignored_and_default_ignored_signals_do_nothing) {
    signal(SIGUSR1, SIG_IGN);
    raise(SIGUSR1);
    raise(SIGURG);
    raise(SIGWINCH);
    raise(SIGCONT);
    raise(SIGCHLD);
    mask(SIG_BLOCK, SIGUSR1);
    raise(SIGUSR1);
    CHECK(pending(SIGUSR1)); /* a blocked signal is kept: the handler may change before it is unblocked */
    mask(SIG_BLOCK, SIGUSR2);
    raise(SIGUSR2);
    CHECK(pending(SIGUSR2));
    signal(SIGUSR2, SIG_IGN); /* sigaction(2): this throws the pending one away */
    CHECK(!pending(SIGUSR2));
}

TEST(kill_and_stop_cannot_be_caught_or_blocked) {
    struct sigaction action = {.sa_handler = count_signal};
    CHECK_ERRNO(sigaction(SIGKILL, &action, NULL), EINVAL);
    CHECK_ERRNO(sigaction(SIGSTOP, &action, NULL), EINVAL);
    action.sa_handler = SIG_DFL;
    CHECK_ERRNO(sigaction(SIGKILL, &action, NULL), EINVAL);
    OK(sigaction(SIGKILL, NULL, &action));
    CHECK_ERRNO(syscall(SYS_rt_sigaction, 0, NULL, NULL, 8), EINVAL);
    CHECK_ERRNO(syscall(SYS_rt_sigaction, 65, NULL, NULL, 8), EINVAL);
    CHECK_ERRNO(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 16), EINVAL);
    uint64_t all = ~0ULL, old = 0;
    OK(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, 8));
    OK(syscall(SYS_rt_sigprocmask, SIG_SETMASK, NULL, &old, 8));
    CHECK_EQ(old, ~(1ULL << (SIGKILL - 1) | 1ULL << (SIGSTOP - 1)));
    CHECK_ERRNO(syscall(SYS_rt_sigprocmask, 9, &all, NULL, 8), EINVAL);
    CHECK_ERRNO(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, 4), EINVAL);
    CHECK_ERRNO(syscall(SYS_rt_sigprocmask, SIG_SETMASK, 16, NULL, 8), EFAULT);
    CHECK_KILLED(CHILD(raise(SIGKILL)), SIGKILL);
}

TEST(sigsuspend_waits_with_another_mask_and_gives_the_old_one_back) {
    handle(SIGUSR1, count_signal, 0);
    mask(SIG_BLOCK, SIGUSR1);
    raise(SIGUSR1);
    sigset_t none;
    sigemptyset(&none);
    CHECK_ERRNO(sigsuspend(&none), EINTR);
    CHECK_EQ(s_count, 1);
    raise(SIGUSR1);
    CHECK_EQ(s_count, 1); /* blocked again */
    pid_t parent = getpid();
    handle(SIGUSR2, count_signal, 0);
    pid_t child = CHILD(test_wait_state(parent, "S"); OK(kill(parent, SIGUSR2)));
    sigset_t keep;
    sigemptyset(&keep);
    sigaddset(&keep, SIGUSR1);
    CHECK_ERRNO(sigsuspend(&keep), EINTR);
    CHECK_EQ(s_count, 2);
    CHECK_EQ(s_order[1], SIGUSR2);
    CHECK_EXIT(child, 0);
}

TEST(sigtimedwait_takes_waits_and_times_out) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    OK(sigprocmask(SIG_BLOCK, &set, NULL));
    siginfo_t info;
    int64_t before = test_now();
    CHECK_ERRNO(sigtimedwait(&set, &info, &(struct timespec){0, 30000000}), EAGAIN);
    CHECK(test_now() - before >= 30000000);
    pid_t parent = getpid();
    pid_t child = CHILD(test_wait_state(parent, "S"); OK(kill(parent, SIGUSR1)));
    CHECK_EQ(sigtimedwait(&set, &info, &(struct timespec){20, 0}), SIGUSR1);
    CHECK_EQ(info.si_pid, child);
    CHECK(!pending(SIGUSR1));
    CHECK_EXIT(child, 0);
    handle(SIGUSR2, count_signal, SA_RESTART);
    child = CHILD(test_wait_state(parent, "S"); OK(kill(parent, SIGUSR2)));
    /* By number: musl's function waits on after a handler. */
    CHECK_ERRNO((syscall(SYS_rt_sigtimedwait, &set, &info, &(struct timespec){20, 0}, 8)), EINTR);
    CHECK_EQ(s_count, 1);
    CHECK_EXIT(child, 0);
    CHECK_ERRNO(sigtimedwait(&set, &info, &(struct timespec){0, -1}), EINVAL);
}

TEST(kill_reaches_groups_and_checks_permission) {
    struct gate gate = gate_make(), ready = gate_make();
    pid_t leader = CHILD(OK(setpgid(0, 0)); handle(SIGUSR1, SIG_DFL, 0); gate_open(ready); pause());
    gate_wait(ready);
    pid_t member = CHILD(OK(setpgid(0, leader)); gate_open(ready); pause());
    gate_wait(ready);
    OK(kill(-leader, SIGUSR1));
    CHECK_KILLED(leader, SIGUSR1);
    CHECK_KILLED(member, SIGUSR1);
    CHECK_ERRNO(kill(-leader, 0), ESRCH);
    CHECK_ERRNO(kill(0x3FFFFFFF, 0), ESRCH);
    CHECK_ERRNO(kill(getpid(), 65), EINVAL);
    CHECK_ERRNO(kill(getpid(), -1), EINVAL);
    pid_t other = CHILD(gate_wait(gate));
    CHECK_EXIT(CHILD(OK(setuid(1000)); CHECK_ERRNO(kill(other, SIGKILL), EPERM); CHECK_ERRNO(kill(other, 0), EPERM); CHECK_ERRNO(kill(1, SIGKILL), EPERM)), 0);
    gate_open(gate);
    CHECK_EXIT(other, 0);
}

TEST(tgkill_and_rt_sigqueueinfo_check_their_arguments) {
    CHECK_ERRNO(syscall(SYS_tgkill, getpid(), 1, 0), ESRCH);
    CHECK_ERRNO(syscall(SYS_tgkill, -1, getpid(), 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_tgkill, getpid(), 0, 0), EINVAL);
    siginfo_t info = {.si_code = SI_USER};
    pid_t child = CHILD(pause());
    CHECK_ERRNO(syscall(SYS_rt_sigqueueinfo, child, SIGUSR1, &info), EPERM); /* who sends to others may not pretend to be kill() */
    info.si_code = SI_QUEUE;
    CHECK_ERRNO(syscall(SYS_rt_sigqueueinfo, child, SIGUSR1, 16), EFAULT);
    OK(syscall(SYS_rt_sigqueueinfo, child, SIGUSR1, &info));
    CHECK_KILLED(child, SIGUSR1);
}

TEST(init_is_safe_from_signals_that_it_does_not_handle) {
    OK(kill(1, SIGTERM));
    OK(kill(1, SIGKILL));
    OK(kill(1, 0));
}

TEST(a_storm_between_two_processes_loses_no_queued_signal) {
    enum { SIGNALS = 500 };
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    OK(sigprocmask(SIG_BLOCK, &set, NULL));
    pid_t parent = getpid();
    pid_t child = CHILD(for (int i = 0; i < SIGNALS;) {
        if (sigqueue(parent, SIGRTMIN, (union sigval){.sival_int = i}) == 0) {
            i++;
        } else {
            CHECK_EQ(errno, EAGAIN);
            sched_yield();
        }
    });
    for (int i = 0; i < SIGNALS; i++) {
        siginfo_t info;
        CHECK_EQ(sigwaitinfo(&set, &info), SIGRTMIN);
        CHECK_EQ(info.si_value.sival_int, i);
    }
    CHECK_EXIT(child, 0);
}

static volatile sig_atomic_t s_thread_hits;

static void note_thread(int number) {
    (void)number;
    s_thread_hits = (int)syscall(SYS_gettid);
}

static void *open_thread(void *gate) {
    mask(SIG_UNBLOCK, SIGUSR1);
    gate_wait(*(struct gate *)gate);
    return (void *)syscall(SYS_gettid);
}

TEST(a_process_signal_goes_to_a_thread_that_does_not_block_it) {
    struct gate gate = gate_make();
    handle(SIGUSR1, note_thread, SA_RESTART);
    mask(SIG_BLOCK, SIGUSR1);
    pthread_t thread;
    CHECK_EQ(pthread_create(&thread, NULL, open_thread, &gate), 0);
    OK(kill(getpid(), SIGUSR1));
    while (s_thread_hits == 0) sched_yield();
    gate_open(gate);
    void *tid;
    CHECK_EQ(pthread_join(thread, &tid), 0);
    CHECK_EQ(s_thread_hits, (intptr_t)tid);
    CHECK(s_thread_hits != getpid());
}

static void *wait_blocked(void *gate) {
    gate_wait(*(struct gate *)gate);
    return NULL;
}

TEST(a_thread_signal_is_pending_for_that_thread_only) {
    struct gate gate = gate_make();
    mask(SIG_BLOCK, SIGUSR1);
    pthread_t thread;
    CHECK_EQ(pthread_create(&thread, NULL, wait_blocked, &gate), 0);
    CHECK_EQ(pthread_kill(thread, SIGUSR1), 0);
    CHECK(!pending(SIGUSR1));
    gate_open(gate);
    CHECK_EQ(pthread_join(thread, NULL), 0);
}
