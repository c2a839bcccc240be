/* Mutexes of every type, condition variables, rwlocks, barriers, spin locks, semaphores; robust and priority-inheriting mutexes. */
#include "test.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

static pthread_mutex_t s_mutex;
static pthread_cond_t s_condition = PTHREAD_COND_INITIALIZER;
static long s_counter;
static int s_rounds;

static void make_mutex(pthread_mutex_t *mutex, int type, int protocol, int robust, int shared) {
    pthread_mutexattr_t attributes;
    CHECK_EQ(pthread_mutexattr_init(&attributes), 0);
    CHECK_EQ(pthread_mutexattr_settype(&attributes, type), 0);
    CHECK_EQ(pthread_mutexattr_setprotocol(&attributes, protocol), 0);
    CHECK_EQ(pthread_mutexattr_setrobust(&attributes, robust), 0);
    CHECK_EQ(pthread_mutexattr_setpshared(&attributes, shared), 0);
    CHECK_EQ(pthread_mutex_init(mutex, &attributes), 0);
}

static void *count(void *unused) {
    for (int i = 0; i < s_rounds; i++) {
        pthread_mutex_lock(&s_mutex);
        s_counter++;
        pthread_mutex_unlock(&s_mutex);
    }
    return unused;
}

static void count_with_four(int rounds) {
    pthread_t threads[4];
    s_counter = 0;
    s_rounds = rounds;
    for (int i = 0; i < 4; i++) CHECK_EQ(pthread_create(&threads[i], NULL, count, NULL), 0);
    for (int i = 0; i < 4; i++) CHECK_EQ(pthread_join(threads[i], NULL), 0);
    CHECK_EQ(s_counter, 4L * rounds);
}

TEST(a_mutex_excludes) {
    make_mutex(&s_mutex, PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
    count_with_four(20000);
}

TEST(a_priority_inheriting_mutex_excludes) {
    make_mutex(&s_mutex, PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
    count_with_four(1000); /* each contended lock is two system calls */
}

TEST(a_robust_mutex_excludes) {
    make_mutex(&s_mutex, PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, PTHREAD_MUTEX_ROBUST, PTHREAD_PROCESS_PRIVATE);
    count_with_four(20000);
}

static void *try_lock(void *unused) {
    (void)unused;
    return (void *)(intptr_t)pthread_mutex_trylock(&s_mutex);
}

static void *unlock(void *unused) {
    (void)unused;
    return (void *)(intptr_t)pthread_mutex_unlock(&s_mutex);
}

static int in_thread(void *(*body)(void *)) {
    pthread_t thread;
    void *value;
    CHECK_EQ(pthread_create(&thread, NULL, body, NULL), 0);
    CHECK_EQ(pthread_join(thread, &value), 0);
    return (int)(intptr_t)value;
}

TEST(recursive_and_error_checking_mutexes_follow_their_type) {
    make_mutex(&s_mutex, PTHREAD_MUTEX_RECURSIVE, PTHREAD_PRIO_NONE, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
    for (int i = 0; i < 3; i++) CHECK_EQ(pthread_mutex_lock(&s_mutex), 0);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(in_thread(try_lock), EBUSY);
        CHECK_EQ(pthread_mutex_unlock(&s_mutex), 0);
    }
    CHECK_EQ(pthread_mutex_unlock(&s_mutex), EPERM);
    make_mutex(&s_mutex, PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_NONE, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
    CHECK_EQ(pthread_mutex_lock(&s_mutex), 0);
    CHECK_EQ(pthread_mutex_lock(&s_mutex), EDEADLK);
    CHECK_EQ(in_thread(unlock), EPERM);
    CHECK_EQ(pthread_mutex_unlock(&s_mutex), 0);
    CHECK_EQ(pthread_mutex_unlock(&s_mutex), EPERM);
}

static void *lock_in_time(void *unused) {
    (void)unused;
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_nsec += 30000000;
    if (end.tv_nsec >= 1000000000) end.tv_sec++, end.tv_nsec -= 1000000000;
    int64_t before = test_now();
    int result = pthread_mutex_timedlock(&s_mutex, &end);
    return (void *)(intptr_t)(result == ETIMEDOUT && test_now() - before < 25000000 ? -1 : result);
}

TEST(a_timed_lock_times_out) {
    static const int protocols[] = {PTHREAD_PRIO_NONE, PTHREAD_PRIO_INHERIT};
    for (int i = 0; i < 2; i++) {
        make_mutex(&s_mutex, PTHREAD_MUTEX_NORMAL, protocols[i], PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
        CHECK_EQ(pthread_mutex_lock(&s_mutex), 0);
        CHECK_EQ(in_thread(lock_in_time), ETIMEDOUT);
        CHECK_EQ(pthread_mutex_unlock(&s_mutex), 0);
        CHECK_EQ(in_thread(lock_in_time), 0);
    }
}

static void *lock_and_die(void *unused) {
    (void)unused;
    return (void *)(intptr_t)pthread_mutex_lock(&s_mutex);
}

TEST(a_robust_mutex_tells_of_its_dead_owner_and_is_made_consistent) {
    static const int protocols[] = {PTHREAD_PRIO_NONE, PTHREAD_PRIO_INHERIT};
    for (int i = 0; i < 2; i++) {
        make_mutex(&s_mutex, PTHREAD_MUTEX_NORMAL, protocols[i], PTHREAD_MUTEX_ROBUST, PTHREAD_PROCESS_PRIVATE);
        CHECK_EQ(in_thread(lock_and_die), 0);
        CHECK_EQ(pthread_mutex_lock(&s_mutex), EOWNERDEAD);
        CHECK_EQ(pthread_mutex_consistent(&s_mutex), 0);
        CHECK_EQ(pthread_mutex_unlock(&s_mutex), 0);
        CHECK_EQ(in_thread(lock_and_die), 0);
        CHECK_EQ(pthread_mutex_lock(&s_mutex), EOWNERDEAD);
        CHECK_EQ(pthread_mutex_unlock(&s_mutex), 0); /* not made consistent */
        CHECK_EQ(pthread_mutex_lock(&s_mutex), ENOTRECOVERABLE);
    }
}

TEST(a_robust_mutex_in_shared_memory_survives_the_kill_of_its_owner) {
    static const int protocols[] = {PTHREAD_PRIO_NONE, PTHREAD_PRIO_INHERIT};
    for (int i = 0; i < 2; i++) {
        struct gate gate = gate_make();
        pthread_mutex_t *mutex = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        make_mutex(mutex, PTHREAD_MUTEX_NORMAL, protocols[i], PTHREAD_MUTEX_ROBUST, PTHREAD_PROCESS_SHARED);
        pid_t owner = CHILD(CHECK_EQ(pthread_mutex_lock(mutex), 0); gate_open(gate); pause());
        gate_wait(gate);
        pid_t waiter = CHILD(CHECK_EQ(pthread_mutex_lock(mutex), EOWNERDEAD); CHECK_EQ(pthread_mutex_consistent(mutex), 0); CHECK_EQ(pthread_mutex_unlock(mutex), 0));
        test_wait_state(waiter, "S");
        OK(kill(owner, SIGKILL));
        CHECK_KILLED(owner, SIGKILL);
        CHECK_EXIT(waiter, 0);
        CHECK_EQ(pthread_mutex_lock(mutex), 0);
    }
}

static volatile int s_turn;

static void *take_turns(void *mine) {
    for (int i = 0; i < 500; i++) {
        pthread_mutex_lock(&s_mutex);
        while (s_turn != (int)(intptr_t)mine) pthread_cond_wait(&s_condition, &s_mutex);
        s_turn = 1 - s_turn;
        pthread_cond_signal(&s_condition);
        pthread_mutex_unlock(&s_mutex);
    }
    return NULL;
}

TEST(two_threads_take_turns_with_a_condition_variable) {
    pthread_t a, b;
    make_mutex(&s_mutex, PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
    CHECK_EQ(pthread_create(&a, NULL, take_turns, (void *)0), 0);
    CHECK_EQ(pthread_create(&b, NULL, take_turns, (void *)1), 0);
    CHECK_EQ(pthread_join(a, NULL), 0);
    CHECK_EQ(pthread_join(b, NULL), 0);
    CHECK_EQ(s_turn, 0);
}

static int s_waiting, s_go;

static void *wait_for_go(void *unused) {
    pthread_mutex_lock(&s_mutex);
    s_waiting++;
    while (!s_go) pthread_cond_wait(&s_condition, &s_mutex);
    s_counter++;
    pthread_mutex_unlock(&s_mutex);
    return unused;
}

TEST(broadcast_wakes_everybody) {
    pthread_t threads[8];
    make_mutex(&s_mutex, PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
    for (int i = 0; i < 8; i++) CHECK_EQ(pthread_create(&threads[i], NULL, wait_for_go, NULL), 0);
    for (;;) {
        pthread_mutex_lock(&s_mutex);
        if (s_waiting == 8) break;
        pthread_mutex_unlock(&s_mutex);
        sched_yield();
    }
    s_go = 1;
    pthread_cond_broadcast(&s_condition);
    pthread_mutex_unlock(&s_mutex);
    for (int i = 0; i < 8; i++) CHECK_EQ(pthread_join(threads[i], NULL), 0);
    CHECK_EQ(s_counter, 8);
}

TEST(a_timed_wait_times_out_on_either_clock) {
    static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC};
    make_mutex(&s_mutex, PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
    for (int i = 0; i < 2; i++) {
        pthread_condattr_t attributes;
        pthread_cond_t condition;
        struct timespec end;
        CHECK_EQ(pthread_condattr_init(&attributes), 0);
        CHECK_EQ(pthread_condattr_setclock(&attributes, clocks[i]), 0);
        CHECK_EQ(pthread_cond_init(&condition, &attributes), 0);
        clock_gettime(clocks[i], &end);
        end.tv_nsec += 30000000;
        if (end.tv_nsec >= 1000000000) end.tv_sec++, end.tv_nsec -= 1000000000;
        int64_t before = test_now();
        CHECK_EQ(pthread_mutex_lock(&s_mutex), 0);
        CHECK_EQ(pthread_cond_timedwait(&condition, &s_mutex, &end), ETIMEDOUT);
        CHECK(test_now() - before >= 25000000);
        CHECK_EQ(pthread_mutex_unlock(&s_mutex), 0);
    }
}

static pthread_rwlock_t s_rwlock = PTHREAD_RWLOCK_INITIALIZER;
static volatile long s_a, s_b;

static void *write_both(void *unused) {
    for (int i = 0; i < 2000; i++) {
        pthread_rwlock_wrlock(&s_rwlock);
        s_a++;
        s_b++;
        pthread_rwlock_unlock(&s_rwlock);
    }
    return unused;
}

static void *read_both(void *unused) {
    for (int i = 0; i < 2000; i++) {
        pthread_rwlock_rdlock(&s_rwlock);
        CHECK_EQ(s_a, s_b);
        pthread_rwlock_unlock(&s_rwlock);
    }
    return unused;
}

TEST(a_reader_writer_lock_shares_and_excludes) {
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) CHECK_EQ(pthread_create(&threads[i], NULL, i < 2 ? write_both : read_both, NULL), 0);
    for (int i = 0; i < 4; i++) CHECK_EQ(pthread_join(threads[i], NULL), 0);
    CHECK_EQ(s_a, 4000);
    CHECK_EQ(pthread_rwlock_rdlock(&s_rwlock), 0);
    CHECK_EQ(pthread_rwlock_tryrdlock(&s_rwlock), 0);
    CHECK_EQ(pthread_rwlock_trywrlock(&s_rwlock), EBUSY);
}

static pthread_barrier_t s_barrier;
static int s_arrived, s_serial;

static void *meet(void *unused) {
    for (int round = 1; round <= 50; round++) {
        __atomic_add_fetch(&s_arrived, 1, __ATOMIC_SEQ_CST);
        int result = pthread_barrier_wait(&s_barrier);
        if (result == PTHREAD_BARRIER_SERIAL_THREAD) __atomic_add_fetch(&s_serial, 1, __ATOMIC_SEQ_CST);
        CHECK(__atomic_load_n(&s_arrived, __ATOMIC_SEQ_CST) >= round * 4);
        pthread_barrier_wait(&s_barrier);
    }
    return unused;
}

TEST(a_barrier_lets_nobody_through_before_all_are_there) {
    pthread_t threads[4];
    CHECK_EQ(pthread_barrier_init(&s_barrier, NULL, 4), 0);
    for (int i = 0; i < 4; i++) CHECK_EQ(pthread_create(&threads[i], NULL, meet, NULL), 0);
    for (int i = 0; i < 4; i++) CHECK_EQ(pthread_join(threads[i], NULL), 0);
    CHECK_EQ(s_serial, 50);
}

static pthread_spinlock_t s_spin;

static void *spin_count(void *unused) {
    for (int i = 0; i < 2000; i++) {
        pthread_spin_lock(&s_spin);
        s_counter++;
        pthread_spin_unlock(&s_spin);
    }
    return unused;
}

TEST(a_spin_lock_excludes) {
    pthread_t threads[3];
    CHECK_EQ(pthread_spin_init(&s_spin, PTHREAD_PROCESS_PRIVATE), 0);
    for (int i = 0; i < 3; i++) CHECK_EQ(pthread_create(&threads[i], NULL, spin_count, NULL), 0);
    for (int i = 0; i < 3; i++) CHECK_EQ(pthread_join(threads[i], NULL), 0);
    CHECK_EQ(s_counter, 6000);
    CHECK_EQ(pthread_spin_lock(&s_spin), 0);
    CHECK_EQ(pthread_spin_trylock(&s_spin), EBUSY);
}

static sem_t s_items, s_spaces;
static int s_ring[4], s_sum;

static void *produce(void *unused) {
    for (int i = 1; i <= 1000; i++) {
        sem_wait(&s_spaces);
        s_ring[i % 4] = i;
        sem_post(&s_items);
    }
    return unused;
}

static void *consume(void *unused) {
    for (int i = 1; i <= 1000; i++) {
        sem_wait(&s_items);
        s_sum += s_ring[i % 4];
        sem_post(&s_spaces);
    }
    return unused;
}

TEST(producer_and_consumer_with_unnamed_semaphores) {
    pthread_t producer, consumer;
    CHECK_EQ(sem_init(&s_items, 0, 0), 0);
    CHECK_EQ(sem_init(&s_spaces, 0, 4), 0);
    CHECK_EQ(pthread_create(&producer, NULL, produce, NULL), 0);
    CHECK_EQ(pthread_create(&consumer, NULL, consume, NULL), 0);
    CHECK_EQ(pthread_join(producer, NULL), 0);
    CHECK_EQ(pthread_join(consumer, NULL), 0);
    CHECK_EQ(s_sum, 500500);
    CHECK_ERRNO(sem_trywait(&s_items), EAGAIN);
}

TEST(a_named_semaphore_is_the_same_in_two_processes) {
    sem_unlink("/test");
    sem_t *semaphore = sem_open("/test", O_CREAT | O_EXCL, 0600, 0);
    CHECK(semaphore != SEM_FAILED);
    CHECK(sem_open("/test", O_CREAT | O_EXCL, 0600, 0) == SEM_FAILED && errno == EEXIST);
    pid_t child = CHILD(sem_t *own = sem_open("/test", 0); CHECK(own != SEM_FAILED); CHECK_EQ(sem_wait(own), 0));
    test_wait_state(child, "S");
    CHECK_EQ(sem_post(semaphore), 0);
    CHECK_EXIT(child, 0);
    int value;
    CHECK_EQ(sem_getvalue(semaphore, &value), 0);
    CHECK_EQ(value, 0);
    struct timespec past = {1, 0};
    CHECK_ERRNO(sem_timedwait(semaphore, &past), ETIMEDOUT);
    CHECK_EQ(sem_unlink("/test"), 0);
    CHECK(sem_open("/test", 0) == SEM_FAILED && errno == ENOENT);
}

static pthread_mutex_t s_inherit;
static volatile int s_stage, s_seen;
static struct gate s_gate;

static void at(int policy, int priority) {
    struct sched_param parameters = {.sched_priority = priority};
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    OK((syscall(SYS_sched_setaffinity, 0, sizeof one, &one)));
    OK((syscall(SYS_sched_setscheduler, 0, policy, &parameters)));
}

static void *low(void *unused) {
    at(SCHED_FIFO, 1);
    pthread_mutex_lock(&s_inherit);
    s_stage = 1;
    gate_wait(s_gate);
    int64_t end = test_now() + 50000000;
    while (test_now() < end) { /* runs, above the middle one, only because of what it inherits */
    }
    s_seen = 1;
    pthread_mutex_unlock(&s_inherit);
    return unused;
}

static void *high(void *unused) {
    at(SCHED_FIFO, 30);
    s_stage = 2;
    pthread_mutex_lock(&s_inherit);
    CHECK_EQ(s_seen, 1);
    pthread_mutex_unlock(&s_inherit);
    s_stage = 4;
    return unused;
}

TEST(a_waiter_of_high_priority_lends_it_to_the_owner) {
    /* All on one CPU. The main thread, in the middle, lets low go on and then spins: without inheritance, low would not run again. */
    pthread_t one, two;
    make_mutex(&s_inherit, PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
    s_gate = gate_make();
    at(SCHED_FIFO, 10);
    CHECK_EQ(pthread_create(&one, NULL, low, NULL), 0);
    while (s_stage != 1) test_sleep_ms(1);
    CHECK_EQ(pthread_create(&two, NULL, high, NULL), 0);
    while (s_stage != 2) test_sleep_ms(1);
    test_sleep_ms(20); /* high blocks on the mutex */
    gate_open(s_gate);
    int64_t end = test_now() + 3000000000LL;
    while (s_stage != 4 && test_now() < end) {
    }
    CHECK_EQ(s_stage, 4);
    CHECK_EQ(pthread_join(one, NULL), 0);
    CHECK_EQ(pthread_join(two, NULL), 0);
}
