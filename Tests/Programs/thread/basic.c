/* pthread_create with attributes, join, detach, exit, cancellation, keys, thread-local storage, fork. */
#include "test.h"

#include <pthread.h>
#include <sched.h>

static void *add_one(void *argument) { return (char *)argument + 1; }

TEST(two_threads_return_their_values_to_join) {
    pthread_t a, b;
    void *first, *second;
    CHECK_EQ(pthread_create(&a, NULL, add_one, (void *)10), 0);
    CHECK_EQ(pthread_create(&b, NULL, add_one, (void *)20), 0);
    CHECK_EQ(pthread_join(a, &first), 0);
    CHECK_EQ(pthread_join(b, &second), 0);
    CHECK_EQ((intptr_t)first, 11);
    CHECK_EQ((intptr_t)second, 21);
}

static void *exit_deep(void *argument) {
    pthread_exit((char *)argument + 5);
    return NULL;
}

TEST(pthread_exit_gives_its_value_to_join) {
    pthread_t thread;
    void *value;
    CHECK_EQ(pthread_create(&thread, NULL, exit_deep, (void *)1), 0);
    CHECK_EQ(pthread_join(thread, &value), 0);
    CHECK_EQ((intptr_t)value, 6);
}

static void *set_flag(void *flag) {
    __atomic_store_n((int *)flag, 1, __ATOMIC_RELEASE);
    return NULL;
}

static pthread_t s_main;

static void *outlive_main(void *unused) {
    CHECK_EQ(pthread_join(s_main, NULL), 0);
    _exit(12);
    return unused;
}

TEST(the_process_lives_on_after_its_first_thread_ends) {
    CHECK_EXIT(CHILD(execl(test_program(), test_program(), "--helper", "outlive", (char *)NULL)), 12);
}

int test_helper(int argc, char **argv) {
    pthread_t thread;
    if (argc != 1 || strcmp(argv[0], "outlive") != 0) return 2;
    s_main = pthread_self();
    CHECK_EQ(pthread_create(&thread, NULL, outlive_main, NULL), 0);
    pthread_exit(NULL);
}

TEST(detached_threads_run_and_end_by_themselves) {
    pthread_attr_t attributes;
    static int flags[10];
    pthread_t thread;
    CHECK_EQ(pthread_attr_init(&attributes), 0);
    CHECK_EQ(pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED), 0);
    for (int i = 0; i < 10; i++) CHECK_EQ(pthread_create(&thread, i % 2 ? &attributes : NULL, set_flag, &flags[i]), 0), i % 2 ? 0 : pthread_detach(thread);
    for (int i = 0; i < 10; i++) {
        while (__atomic_load_n(&flags[i], __ATOMIC_ACQUIRE) == 0) sched_yield();
    }
}

static void *use_stack(void *bytes) {
    volatile char block[200000];
    memset((char *)block, 1, sizeof block);
    return (void *)((intptr_t)bytes + block[5]);
}

TEST(stack_sizes_and_own_stacks_are_honoured) {
    pthread_attr_t attributes;
    pthread_t thread;
    void *value;
    size_t size;
    CHECK_EQ(pthread_attr_init(&attributes), 0);
    CHECK_EQ(pthread_attr_setstacksize(&attributes, 1 << 20), 0);
    CHECK_EQ(pthread_attr_getstacksize(&attributes, &size), 0);
    CHECK_EQ(size, 1 << 20);
    CHECK_EQ(pthread_create(&thread, &attributes, use_stack, (void *)1), 0);
    CHECK_EQ(pthread_join(thread, &value), 0);
    CHECK_EQ((intptr_t)value, 2);
    CHECK_EQ(pthread_attr_setstacksize(&attributes, 1), EINVAL);
    char *memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK_EQ(pthread_attr_setstack(&attributes, memory, 1 << 20), 0);
    CHECK_EQ(pthread_create(&thread, &attributes, use_stack, (void *)2), 0);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    int touched = 0;
    for (int i = 0; i < 1 << 20; i += 4096) touched += memory[i] == 1;
    CHECK(touched > 40);
}

static void *overflow(void *previous) {
    volatile char block[4096];
    block[0] = previous == NULL ? 0 : *(char *)previous;
    return block[0] == 2 ? NULL : overflow((void *)block) + block[0];
}

TEST(the_guard_page_ends_an_overflow) {
    CHECK_KILLED(CHILD(pthread_t thread; pthread_attr_t attributes; pthread_attr_init(&attributes); pthread_attr_setstacksize(&attributes, 65536);
                       CHECK_EQ(pthread_create(&thread, &attributes, overflow, NULL), 0); pthread_join(thread, NULL)), SIGSEGV);
}

static void *policy_of(void *unused) {
    (void)unused;
    struct sched_param parameters;
    int policy = (int)syscall(SYS_sched_getscheduler, 0);
    syscall(SYS_sched_getparam, 0, &parameters);
    return (void *)(intptr_t)(policy * 100 + parameters.sched_priority);
}

TEST(scheduling_policy_and_priority_come_from_the_attributes) {
    pthread_attr_t attributes;
    pthread_t thread;
    void *value;
    struct sched_param parameters = {.sched_priority = 7};
    CHECK_EQ(pthread_attr_init(&attributes), 0);
    CHECK_EQ(pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED), 0);
    CHECK_EQ(pthread_attr_setschedpolicy(&attributes, SCHED_FIFO), 0);
    CHECK_EQ(pthread_attr_setschedparam(&attributes, &parameters), 0);
    CHECK_EQ(pthread_create(&thread, &attributes, policy_of, NULL), 0);
    CHECK_EQ(pthread_join(thread, &value), 0);
    CHECK_EQ((intptr_t)value, SCHED_FIFO * 100 + 7);
    CHECK_EXIT(CHILD(OK(setgid(1000)); OK(setuid(1000)); CHECK_EQ(pthread_create(&thread, &attributes, policy_of, NULL), EPERM)), 0);
}

static struct gate s_gate;
static int s_cleaned;

static void clean(void *argument) { s_cleaned += (int)(intptr_t)argument; }

static void *wait_to_be_cancelled(void *unused) {
    (void)unused;
    pthread_cleanup_push(clean, (void *)1);
    pthread_cleanup_push(clean, (void *)10);
    gate_wait(s_gate); /* read is a cancellation point */
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
    return NULL;
}

TEST(cancellation_ends_a_blocked_thread_and_runs_its_cleanups) {
    pthread_t thread;
    void *value;
    s_gate = gate_make();
    CHECK_EQ(pthread_create(&thread, NULL, wait_to_be_cancelled, NULL), 0);
    CHECK_EQ(pthread_cancel(thread), 0);
    CHECK_EQ(pthread_join(thread, &value), 0);
    CHECK(value == PTHREAD_CANCELED);
    CHECK(s_cleaned == 11 || s_cleaned == 0); /* 0: it was cancelled before it began */
}

static void *refuse_then_allow(void *unused) {
    (void)unused;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    gate_wait(s_gate);
    s_cleaned = 100;
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
    pthread_testcancel();
    return NULL;
}

TEST(disabled_cancellation_waits) {
    pthread_t thread;
    void *value;
    s_gate = gate_make();
    CHECK_EQ(pthread_create(&thread, NULL, refuse_then_allow, NULL), 0);
    test_sleep_ms(20);
    CHECK_EQ(pthread_cancel(thread), 0);
    gate_open(s_gate);
    CHECK_EQ(pthread_join(thread, &value), 0);
    CHECK(value == PTHREAD_CANCELED);
    CHECK_EQ(s_cleaned, 100);
}

static pthread_key_t s_key;
static int s_destroyed;

static void destroy(void *value) { __atomic_add_fetch(&s_destroyed, (int)(intptr_t)value, __ATOMIC_RELAXED); }

static void *use_key(void *value) {
    CHECK(pthread_getspecific(s_key) == NULL);
    pthread_setspecific(s_key, value);
    sched_yield();
    return pthread_getspecific(s_key);
}

TEST(keys_are_per_thread_and_destroyed_at_the_end) {
    pthread_t threads[4];
    CHECK_EQ(pthread_key_create(&s_key, destroy), 0);
    for (int i = 0; i < 4; i++) CHECK_EQ(pthread_create(&threads[i], NULL, use_key, (void *)(intptr_t)(i + 1)), 0);
    for (int i = 0; i < 4; i++) {
        void *value;
        CHECK_EQ(pthread_join(threads[i], &value), 0);
        CHECK_EQ((intptr_t)value, i + 1);
    }
    CHECK_EQ(s_destroyed, 10);
    CHECK_EQ(pthread_key_delete(s_key), 0);
}

static __thread int s_local = 5;
static __thread char s_large[20000];

static void *use_local(void *value) {
    CHECK_EQ(s_local, 5);
    s_local = (int)(intptr_t)value;
    memset(s_large, s_local, sizeof s_large);
    for (int i = 0; i < 100; i++) {
        sched_yield();
        CHECK_EQ(s_local, (intptr_t)value);
        CHECK_EQ(s_large[sizeof s_large - 1], (char)(intptr_t)value);
    }
    errno = (int)(intptr_t)value;
    sched_yield();
    return (void *)(intptr_t)(errno == 0 || errno == (intptr_t)value);
}

TEST(thread_local_variables_belong_to_one_thread) {
    pthread_t threads[6];
    for (int i = 0; i < 6; i++) CHECK_EQ(pthread_create(&threads[i], NULL, use_local, (void *)(intptr_t)(i + 10)), 0);
    for (int i = 0; i < 6; i++) {
        void *value;
        CHECK_EQ(pthread_join(threads[i], &value), 0);
        CHECK_EQ((intptr_t)value, 1);
    }
    CHECK_EQ(s_local, 5);
}

static pthread_once_t s_once = PTHREAD_ONCE_INIT;
static int s_once_count;

static void run_once(void) {
    test_sleep_ms(10);
    s_once_count++;
}

static void *call_once(void *unused) {
    pthread_once(&s_once, run_once);
    CHECK_EQ(s_once_count, 1);
    return unused;
}

TEST(once_runs_once_and_everybody_waits_for_it) {
    pthread_t threads[6];
    for (int i = 0; i < 6; i++) CHECK_EQ(pthread_create(&threads[i], NULL, call_once, NULL), 0);
    for (int i = 0; i < 6; i++) CHECK_EQ(pthread_join(threads[i], NULL), 0);
    CHECK_EQ(s_once_count, 1);
}

static void *count_up(void *unused) {
    for (;;) __atomic_add_fetch(&s_once_count, 1, __ATOMIC_RELAXED);
    return unused;
}

TEST(fork_in_a_thread_copies_only_that_thread) {
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) CHECK_EQ(pthread_create(&threads[i], NULL, count_up, NULL), 0);
    for (int round = 0; round < 10; round++) {
        pid_t child = CHILD(int before = __atomic_load_n(&s_once_count, __ATOMIC_RELAXED); test_sleep_ms(5); CHECK_EQ(__atomic_load_n(&s_once_count, __ATOMIC_RELAXED), before);
                            pthread_t thread; static int flag; CHECK_EQ(pthread_create(&thread, NULL, set_flag, &flag), 0); CHECK_EQ(pthread_join(thread, NULL), 0);
                            CHECK_EQ(flag, 1));
        CHECK_EXIT(child, 0);
    }
}

static int s_prepared, s_in_parent, s_in_child;
static void prepare(void) { s_prepared++; }
static void in_parent(void) { s_in_parent++; }
static void in_child(void) { s_in_child++; }

TEST(atfork_handlers_run) {
    CHECK_EQ(pthread_atfork(prepare, in_parent, in_child), 0);
    CHECK_EXIT(CHILD(CHECK_EQ(s_prepared + s_in_child * 10 + s_in_parent * 100, 11)), 0);
    CHECK_EQ(s_prepared + s_in_child * 10 + s_in_parent * 100, 101);
}

TEST(exit_ends_all_threads) {
    CHECK_EXIT(CHILD(pthread_t thread; for (int i = 0; i < 5; i++) CHECK_EQ(pthread_create(&thread, NULL, count_up, NULL), 0); _exit(14)), 14);
}

static void *die(void *unused) {
    *(volatile int *)16 = 1;
    return unused;
}

TEST(a_fault_in_one_thread_ends_the_process) {
    CHECK_KILLED(CHILD(pthread_t thread; CHECK_EQ(pthread_create(&thread, NULL, die, NULL), 0); pthread_join(thread, NULL); pause()), SIGSEGV);
    CHECK_KILLED(CHILD(pthread_t thread; for (int i = 0; i < 3; i++) CHECK_EQ(pthread_create(&thread, NULL, count_up, NULL), 0); kill(getpid(), SIGKILL); pause()), SIGKILL);
}

TEST(a_hundred_threads_come_and_go_ten_times) {
    static pthread_t threads[100];
    pthread_attr_t attributes;
    CHECK_EQ(pthread_attr_init(&attributes), 0);
    CHECK_EQ(pthread_attr_setstacksize(&attributes, 65536), 0);
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 100; i++) CHECK_EQ(pthread_create(&threads[i], &attributes, add_one, (void *)(intptr_t)i), 0);
        for (int i = 0; i < 100; i++) {
            void *value;
            CHECK_EQ(pthread_join(threads[i], &value), 0);
            CHECK_EQ((intptr_t)value, i + 1);
        }
    }
}

static void *tell_number(void *number) {
    *(int *)number = (int)syscall(SYS_gettid);
    gate_open(s_gate);
    test_sleep_ms(1000000);
    return NULL;
}

TEST(threads_are_listed_in_proc_with_their_names) {
    CHECK_EXIT(CHILD(pthread_t thread; int number = 0; char path[64]; char text[32]; s_gate = gate_make(); CHECK_EQ(pthread_create(&thread, NULL, tell_number, &number), 0);
                     gate_wait(s_gate); CHECK_EQ(test_stat_field(getpid(), 20), 2); CHECK_EQ(pthread_setname_np(thread, "worker"), 0);
                     snprintf(path, sizeof path, "/proc/self/task/%d/comm", number); test_read_file(path, text, sizeof text); CHECK_STR(text, "worker\n");
                     snprintf(path, sizeof path, "/proc/%d/task/%d", getpid(), getpid()); OK(access(path, F_OK))), 0);
}
