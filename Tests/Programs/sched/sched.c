/* Scheduling from user space: affinity, policies, priorities, yield. */
#include "test.h"

#include <sched.h>
#include <sys/sysinfo.h>

static long set_policy(int policy, int priority) {
    struct sched_param parameters = {.sched_priority = priority};
    return syscall(SYS_sched_setscheduler, 0, policy, &parameters);
}

TEST(affinity_is_honoured_and_inherited) {
    cpu_set_t all, one, now;
    CHECK_EQ(syscall(SYS_sched_getaffinity, 0, sizeof all, &all) > 0, 1);
    OK(sched_getaffinity(0, sizeof all, &all));
    CHECK_EQ(CPU_COUNT(&all), get_nprocs());
    for (int cpu = 0; cpu < get_nprocs(); cpu++) {
        CPU_ZERO(&one);
        CPU_SET((unsigned)cpu, &one);
        OK(sched_setaffinity(0, sizeof one, &one));
        for (int i = 0; i < 50; i++) {
            CHECK_EQ(sched_getcpu(), cpu);
            sched_yield();
        }
        CHECK_EXIT(CHILD(CHECK_EQ(sched_getcpu(), cpu); OK(sched_getaffinity(0, sizeof now, &now)); CHECK(CPU_EQUAL(&now, &one))), 0);
    }
    CPU_ZERO(&one);
    CHECK_ERRNO(sched_setaffinity(0, sizeof one, &one), EINVAL);
    CPU_SET(1000, &one);
    CHECK_ERRNO(sched_setaffinity(0, sizeof one, &one), EINVAL);
    CHECK_ERRNO(sched_setaffinity(0x3FFFFFFF, sizeof all, &all), ESRCH);
    CHECK_ERRNO(syscall(SYS_sched_getaffinity, 0, 1, &all), EINVAL);
    CHECK_ERRNO(syscall(SYS_sched_setaffinity, 0, 8, 16), EFAULT);
    OK(sched_setaffinity(0, sizeof all, &all));
}

TEST(getcpu_tells_a_cpu_that_is_there) {
    unsigned cpu = 99, node = 99;
    OK(syscall(SYS_getcpu, &cpu, &node, NULL));
    CHECK(cpu < (unsigned)get_nprocs());
    CHECK_EQ(node, 0);
}

TEST(policies_are_set_and_checked) {
    CHECK_EQ(sched_get_priority_max(SCHED_FIFO), 99);
    CHECK_EQ(sched_get_priority_min(SCHED_RR), 1);
    CHECK_EQ(sched_get_priority_max(SCHED_OTHER), 0);
    CHECK_ERRNO(sched_get_priority_max(99), EINVAL);
    OK(set_policy(SCHED_FIFO, 5));
    CHECK_EQ(syscall(SYS_sched_getscheduler, 0), SCHED_FIFO);
    CHECK_EXIT(CHILD(CHECK_EQ(syscall(SYS_sched_getscheduler, 0), SCHED_FIFO)), 0);
    OK(set_policy(SCHED_RR | 0x40000000 /* SCHED_RESET_ON_FORK */, 6));
    CHECK_EQ(syscall(SYS_sched_getscheduler, 0), SCHED_RR | 0x40000000);
    CHECK_EXIT(CHILD(CHECK_EQ(syscall(SYS_sched_getscheduler, 0), SCHED_OTHER)), 0);
    struct timespec slice;
    OK(syscall(SYS_sched_rr_get_interval, 0, &slice));
    CHECK(slice.tv_sec > 0 || slice.tv_nsec > 0);
    static const int fair[] = {SCHED_OTHER, SCHED_BATCH, SCHED_IDLE};
    for (size_t i = 0; i < COUNT_OF(fair); i++) {
        OK(set_policy(fair[i], 0));
        CHECK_EQ(syscall(SYS_sched_getscheduler, 0), fair[i]);
    }
    CHECK_ERRNO(set_policy(SCHED_FIFO, 0), EINVAL);
    CHECK_ERRNO(set_policy(SCHED_FIFO, 100), EINVAL);
    CHECK_ERRNO(set_policy(SCHED_OTHER, 1), EINVAL);
    CHECK_ERRNO(set_policy(99, 0), EINVAL);
    CHECK_ERRNO(set_policy(-1, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_sched_setscheduler, 0x3FFFFFFF, SCHED_OTHER, &(struct sched_param){0}), ESRCH);
    CHECK_ERRNO(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, NULL), EINVAL);
    CHECK_EXIT(CHILD(OK(set_policy(SCHED_OTHER, 0)); OK(setuid(1000)); CHECK_ERRNO(set_policy(SCHED_FIFO, 1), EPERM)), 0);
}

TEST(nice_values_are_clamped_and_guarded) {
    CHECK_EQ(getpriority(PRIO_PROCESS, 0), 0);
    OK(setpriority(PRIO_PROCESS, 0, 5));
    CHECK_EQ(getpriority(PRIO_PROCESS, 0), 5);
    CHECK_EQ(test_stat_field(getpid(), 19), 5);
    OK(setpriority(PRIO_PROCESS, 0, 100));
    CHECK_EQ(getpriority(PRIO_PROCESS, 0), 19);
    OK(setpriority(PRIO_PROCESS, 0, -100));
    errno = 0;
    CHECK_EQ(getpriority(PRIO_PROCESS, 0), -20);
    OK(setpriority(PRIO_PROCESS, 0, 0));
    CHECK_EXIT(CHILD(OK(setuid(1000)); OK(setpriority(PRIO_PROCESS, 0, 3)); CHECK_ERRNO(setpriority(PRIO_PROCESS, 0, 1), EACCES);
                     CHECK_ERRNO(setpriority(PRIO_PROCESS, 1, 1), EPERM)), 0);
    CHECK_ERRNO(setpriority(9, 0, 0), EINVAL);
    CHECK_ERRNO(getpriority(PRIO_PROCESS, 0x3FFFFFFF), ESRCH);
    CHECK_ERRNO(syscall(SYS_getpriority, 9, 0), EINVAL);
}

TEST(a_process_of_higher_real_time_priority_runs_when_it_wakes) {
    /* On one CPU, which processes of lower real-time priority never give up: without preemption each sleep would last until they have used what the real-time classes get of a second. */
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    OK(sched_setaffinity(0, sizeof one, &one));
    OK(set_policy(SCHED_FIFO, 10));
    pid_t hogs[3];
    for (int i = 0; i < 3; i++) {
        hogs[i] = CHILD(OK(set_policy(i == 0 ? SCHED_OTHER : SCHED_FIFO, i == 0 ? 0 : 5)); for (;;) {
        });
    }
    int64_t before = test_now();
    for (int i = 0; i < 200; i++) OK(nanosleep(&(struct timespec){0, 5000000}, NULL));
    CHECK(test_now() - before < 100000000000); /* 200 s without preemption */
    for (int i = 0; i < 3; i++) OK(kill(hogs[i], SIGKILL)); /* all, before the first dies: it may wait for the CPU behind another */
    for (int i = 0; i < 3; i++) CHECK_KILLED(hogs[i], SIGKILL);
}

TEST(yield_lets_an_equal_one_run) {
    volatile int *turn = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    OK(sched_setaffinity(0, sizeof one, &one));
    OK(set_policy(SCHED_FIFO, 10));
    pid_t child = CHILD(for (int i = 0; i < 100; i++) {
        while (*turn % 2 == 0) sched_yield();
        *turn = *turn + 1;
    });
    for (int i = 0; i < 100; i++) {
        while (*turn % 2 == 1) sched_yield();
        *turn = *turn + 1;
    }
    CHECK_EXIT(child, 0);
    CHECK_EQ(*turn, 200);
}

TEST(nice_processes_get_less_of_a_cpu) {
    volatile long *counts = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    OK(sched_setaffinity(0, sizeof one, &one));
    pid_t children[2];
    for (int i = 0; i < 2; i++) {
        children[i] = CHILD(OK(setpriority(PRIO_PROCESS, 0, i * 15)); for (;;) counts[i * 64]++);
    }
    /* The host may let the CPU stand still while one of them has it: then they need longer until their shares show. */
    for (int i = 0; i < 30 && (i == 0 || counts[64] == 0 || counts[0] <= 5 * counts[64]); i++) test_sleep_ms(1500);
    for (int i = 0; i < 2; i++) {
        OK(kill(children[i], SIGKILL));
        CHECK_KILLED(children[i], SIGKILL);
    }
    CHECK(counts[64] > 0);
    CHECK(counts[0] > 5 * counts[64]); /* the weights are 1024 and 36 */
}

struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

TEST(sched_setattr_and_getattr) {
    struct attributes attributes = {.size = sizeof attributes, .policy = SCHED_OTHER, .nice = 7}, now = {0};
    OK(syscall(SYS_sched_setattr, 0, &attributes, 0));
    OK(syscall(SYS_sched_getattr, 0, &now, sizeof now, 0));
    CHECK_EQ(now.nice, 7);
    CHECK_EQ(now.policy, SCHED_OTHER);
    CHECK_ERRNO(syscall(SYS_sched_setattr, 0, &attributes, 1), EINVAL);
    CHECK_ERRNO(syscall(SYS_sched_getattr, 0, &now, 10, 0), EINVAL);
    attributes.flags = 1ULL << 40;
    CHECK_ERRNO(syscall(SYS_sched_setattr, 0, &attributes, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_sched_setattr, 0, 16, 0), EFAULT);
}
