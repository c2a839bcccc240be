/* Clocks, sleeps, interval and POSIX timers. */
#include "test.h"

#include <sys/timex.h>
#include <sys/times.h>

static volatile int s_count, s_value, s_overrun;
static timer_t s_timer;

static int64_t on(clockid_t clock) {
    struct timespec now;
    OK(clock_gettime(clock, &now));
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

TEST(clocks_go_forward_and_agree) {
    static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_TAI};
    for (size_t i = 0; i < COUNT_OF(clocks); i++) {
        int64_t before = on(clocks[i]);
        struct timespec resolution;
        OK(clock_getres(clocks[i], &resolution));
        CHECK(resolution.tv_sec == 0 && resolution.tv_nsec > 0 && resolution.tv_nsec <= 10000000);
        test_sleep_ms(30);
        int64_t passed = on(clocks[i]) - before;
        CHECK(passed >= 15000000 && passed < 1000000000000);
    }
    int64_t last = on(CLOCK_MONOTONIC);
    for (int i = 0; i < 20000; i++) {
        int64_t now = on(CLOCK_MONOTONIC);
        CHECK(now >= last);
        last = now;
    }
    struct timeval day;
    int64_t before = on(CLOCK_REALTIME) / 1000000000;
    OK(gettimeofday(&day, NULL));
    time_t seconds = time(NULL);
    int64_t after = on(CLOCK_REALTIME) / 1000000000;
    CHECK(day.tv_sec >= before && day.tv_sec <= after);
    CHECK(seconds >= before - 1 && seconds <= after); /* of the last tick */
    struct timespec now;
    CHECK_ERRNO(clock_gettime(99, &now), EINVAL);
    CHECK_ERRNO(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, 16), EFAULT);
}

TEST(the_clock_never_goes_back_between_cpus) {
    int64_t *last = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t children[4];
    for (int i = 0; i < 4; i++) {
        children[i] = CHILD(int64_t end = test_now() + 200000000; int64_t now = 0; while (now < end) {
            int64_t seen = __atomic_load_n(last, __ATOMIC_SEQ_CST);
            now = on(CLOCK_MONOTONIC);
            CHECK(now >= seen);
            __atomic_compare_exchange_n(last, &seen, now, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
        });
    }
    for (int i = 0; i < 4; i++) CHECK_EXIT(children[i], 0);
}

TEST(cpu_clocks_count_only_running) {
    /* The least of some: a host that lets this CPU stand still on the way into the sleep has it charged. */
    int64_t before, thread, least = INT64_MAX;
    for (int i = 0; i < 50 && least >= 60000000; i++) {
        before = on(CLOCK_PROCESS_CPUTIME_ID);
        test_sleep_ms(100);
        int64_t used = on(CLOCK_PROCESS_CPUTIME_ID) - before;
        if (used < least) least = used;
    }
    CHECK(least < 60000000);
    before = on(CLOCK_PROCESS_CPUTIME_ID), thread = on(CLOCK_THREAD_CPUTIME_ID);
    int64_t end = test_now() + 100000000;
    while (test_now() < end) {
    }
    CHECK(on(CLOCK_PROCESS_CPUTIME_ID) - before > 15000000);
    CHECK(on(CLOCK_THREAD_CPUTIME_ID) - thread > 15000000);
    CHECK(clock() > 0);
    struct tms times_now;
    CHECK(times(&times_now) > 0);
}

TEST(sleeps_last_as_long_as_asked) {
    static const int milliseconds[] = {1, 5, 20, 100};
    for (size_t i = 0; i < COUNT_OF(milliseconds); i++) {
        int64_t before = test_now();
        OK(nanosleep(&(struct timespec){0, milliseconds[i] * 1000000L}, NULL));
        int64_t passed = test_now() - before;
        CHECK(passed >= milliseconds[i] * 1000000LL);
        CHECK(passed < milliseconds[i] * 1000000LL + 100000000000LL);
    }
    OK(nanosleep(&(struct timespec){0, 0}, NULL));
    CHECK_ERRNO(nanosleep(&(struct timespec){0, 1000000000}, NULL), EINVAL);
    CHECK_ERRNO(nanosleep(&(struct timespec){-1, 0}, NULL), EINVAL);
    CHECK_ERRNO(syscall(SYS_nanosleep, 16, NULL), EFAULT);
}

TEST(absolute_sleeps_end_at_their_moment) {
    static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME};
    for (size_t i = 0; i < COUNT_OF(clocks); i++) {
        struct timespec end;
        OK(clock_gettime(clocks[i], &end));
        end.tv_nsec += 40000000;
        if (end.tv_nsec >= 1000000000) end.tv_sec++, end.tv_nsec -= 1000000000;
        CHECK_EQ(clock_nanosleep(clocks[i], TIMER_ABSTIME, &end, NULL), 0);
        CHECK(on(clocks[i]) >= end.tv_sec * 1000000000LL + end.tv_nsec);
        int64_t least = INT64_MAX;
        for (int j = 0; j < 20 && least >= 1000000000; j++) {
            int64_t before = test_now();
            CHECK_EQ(clock_nanosleep(clocks[i], TIMER_ABSTIME, &end, NULL), 0); /* in the past now */
            int64_t passed = test_now() - before;
            if (passed < least) least = passed;
        }
        CHECK(least < 1000000000);
    }
    CHECK_EQ(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &(struct timespec){0, 1}, NULL), EINVAL);
    CHECK(clock_nanosleep(99, 0, &(struct timespec){0, 1}, NULL) == EINVAL);
}

static void count_signal(int number) {
    (void)number;
    s_count++;
}

TEST(alarm_and_setitimer_send_sigalrm) {
    signal(SIGALRM, count_signal);
    CHECK_EQ(alarm(100), 0);
    unsigned left = alarm(0);
    CHECK(left > 0 && left <= 100);
    struct itimerval setting = {{0, 10000}, {0, 10000}}, now;
    OK(setitimer(ITIMER_REAL, &setting, NULL));
    OK(getitimer(ITIMER_REAL, &now));
    CHECK_EQ(now.it_interval.tv_usec, 10000);
    while (s_count < 5) pause();
    setting = (struct itimerval){{0, 0}, {0, 0}};
    OK(setitimer(ITIMER_REAL, &setting, &now));
    CHECK_EQ(now.it_interval.tv_usec, 10000);
    setting.it_value.tv_usec = 1000000;
    CHECK_ERRNO(setitimer(ITIMER_REAL, &setting, NULL), EINVAL);
    CHECK_ERRNO(setitimer(9, &setting, NULL), EINVAL);
    CHECK_KILLED(CHILD(signal(SIGALRM, SIG_DFL); struct itimerval once = {{0, 0}, {0, 20000}}; OK(setitimer(ITIMER_REAL, &once, NULL)); for (;;) pause()), SIGALRM);
}

TEST(virtual_and_profiling_timers_count_cpu_time) {
    signal(SIGVTALRM, count_signal);
    signal(SIGPROF, count_signal);
    struct itimerval setting = {{0, 0}, {0, 30000}};
    /* Asleep, no CPU time passes; but the host may let the CPU stand still before the sleep. */
    for (int i = 0;; i++) {
        s_count = 0;
        OK(setitimer(ITIMER_VIRTUAL, &setting, NULL));
        test_sleep_ms(80);
        if (s_count == 0) break;
        CHECK(i < 50);
    }
    while (s_count < 1) {
    }
    OK(setitimer(ITIMER_PROF, &setting, NULL));
    while (s_count < 2) {
    }
}

static void keep_value(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)context;
    s_value = info->si_value.sival_int;
    s_overrun = info->si_code == SI_TIMER ? info->si_overrun : -1;
    s_count++;
}

TEST(posix_timers_send_their_signal_with_the_value) {
    struct sigaction action = {.sa_sigaction = keep_value, .sa_flags = SA_SIGINFO};
    OK(sigaction(SIGRTMIN, &action, NULL));
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value = {.sival_int = 99}};
    OK(timer_create(CLOCK_MONOTONIC, &event, &s_timer));
    struct itimerspec setting = {{0, 0}, {0, 20000000}}, now;
    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    OK(sigprocmask(SIG_BLOCK, &set, &old));
    OK(timer_settime(s_timer, 0, &setting, NULL));
    while (s_count == 0) sigsuspend(&old);
    CHECK_EQ(s_value, 99);
    CHECK_EQ(s_overrun, 0);
    OK(timer_gettime(s_timer, &now));
    CHECK_EQ(now.it_value.tv_sec + now.it_value.tv_nsec, 0);
    OK(timer_delete(s_timer));
    CHECK_ERRNO(syscall(SYS_timer_delete, 12345), EINVAL);
    CHECK_ERRNO(syscall(SYS_timer_create, 99, NULL, &s_timer), EINVAL);
    event.sigev_signo = 99;
    CHECK_ERRNO(timer_create(CLOCK_MONOTONIC, &event, &s_timer), EINVAL);
}

TEST(overruns_of_a_blocked_timer_are_counted) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    OK(sigprocmask(SIG_BLOCK, &set, NULL));
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    OK(timer_create(CLOCK_MONOTONIC, &event, &s_timer));
    struct itimerspec setting = {{0, 5000000}, {0, 5000000}};
    OK(timer_settime(s_timer, 0, &setting, NULL));
    test_sleep_ms(100);
    siginfo_t info;
    CHECK_EQ(sigwaitinfo(&set, &info), SIGUSR1);
    CHECK_EQ(info.si_code, SI_TIMER);
    CHECK(info.si_overrun >= 10);
    CHECK_EQ(timer_getoverrun(s_timer), info.si_overrun);
}

TEST(timers_are_gone_after_fork) {
    struct sigevent event = {.sigev_notify = SIGEV_NONE};
    OK(timer_create(CLOCK_MONOTONIC, &event, &s_timer));
    struct itimerspec now;
    OK(timer_gettime(s_timer, &now));
    CHECK_EXIT(CHILD(CHECK_ERRNO(timer_gettime(s_timer, &now), EINVAL)), 0);
}

TEST(a_cpu_limit_sends_sigxcpu_and_then_sigkill) {
    signal(SIGXCPU, SIG_DFL);
    CHECK_KILLED(CHILD(struct rlimit limit = {1, 1000}; OK(setrlimit(RLIMIT_CPU, &limit)); for (;;) {
    }), SIGXCPU);
}

TEST(only_root_sets_the_clock) {
    struct timespec now;
    OK(clock_gettime(CLOCK_REALTIME, &now));
    OK(clock_settime(CLOCK_REALTIME, &now));
    CHECK_EXIT(CHILD(OK(setuid(1000)); CHECK_ERRNO(clock_settime(CLOCK_REALTIME, &now), EPERM)), 0);
    CHECK_ERRNO(clock_settime(CLOCK_MONOTONIC, &now), EINVAL);
    now.tv_nsec = -1;
    CHECK_ERRNO(clock_settime(CLOCK_REALTIME, &now), EINVAL);
}

TEST(setting_the_clock_moves_absolute_sleeps_only) {
    struct timespec now, end;
    OK(clock_gettime(CLOCK_REALTIME, &now));
    end = now;
    end.tv_sec += 1000;
    pid_t child = CHILD(CHECK_EQ(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &end, NULL), 0));
    test_wait_state(child, "S");
    now.tv_sec += 2000;
    OK(clock_settime(CLOCK_REALTIME, &now));
    CHECK_EXIT(child, 0);
    int64_t before = test_now();
    now.tv_sec -= 2000;
    OK(clock_settime(CLOCK_REALTIME, &now));
    CHECK(test_now() - before < 100000000000);
}
