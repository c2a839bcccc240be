/* futex(2), each operation, with processes over shared memory and with threads. */
#include "futex.h"
#include "test.h"

#include <pthread.h>
#include <sched.h>

static int *s_shared;

static long futex(int *word, int operation, int value, const void *time, int *second, int third) {
    return syscall(SYS_futex, word, operation, value, time, second, third);
}

static void share(void) {
    s_shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(s_shared != MAP_FAILED);
}

static void wait_for_waiters(pid_t *children, int count) {
    for (int i = 0; i < count; i++) test_wait_state(children[i], "S");
}

TEST(wait_with_another_value_is_eagain) {
    int word = 5;
    CHECK_ERRNO(futex(&word, FUTEX_WAIT, 4, NULL, NULL, 0), EAGAIN);
    CHECK_ERRNO(futex(&word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 4, NULL, NULL, 0), EAGAIN);
    CHECK_EQ(futex(&word, FUTEX_WAKE, 10, NULL, NULL, 0), 0);
}

TEST(arguments_are_checked) {
    int words[2] = {0, 0};
    int *odd = (int *)((char *)words + 1);
    CHECK_ERRNO(futex(odd, FUTEX_WAIT, 0, NULL, NULL, 0), EINVAL);
    CHECK_ERRNO(futex((int *)16, FUTEX_WAIT, 0, NULL, NULL, 0), EFAULT);
    CHECK_ERRNO(futex((int *)0xFFFFFFFF80000000, FUTEX_WAIT, 0, NULL, NULL, 0), EFAULT);
    CHECK_ERRNO(futex(words, FUTEX_WAIT, 0, &(struct timespec){0, 1000000000}, NULL, 0), EINVAL);
    CHECK_ERRNO(futex(words, FUTEX_WAIT, 0, &(struct timespec){-1, 0}, NULL, 0), EINVAL);
    CHECK_ERRNO(futex(words, FUTEX_WAIT, 0, (void *)16, NULL, 0), EFAULT);
    CHECK_ERRNO(futex(words, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0), EINVAL);
    CHECK_ERRNO(futex(words, FUTEX_WAKE_BITSET, 0, NULL, NULL, 0), EINVAL);
    CHECK_ERRNO(futex(words, 77, 0, NULL, NULL, 0), ENOSYS);
    CHECK_ERRNO(futex(words, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 0, NULL, NULL, 0), ENOSYS);
    CHECK_ERRNO(futex(words, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), EPERM);
}

TEST(waits_end_in_time_by_each_clock) {
    int word = 0;
    struct timespec end;
    int64_t before = test_now();
    CHECK_ERRNO(futex(&word, FUTEX_WAIT, 0, &(struct timespec){0, 30000000}, NULL, 0), ETIMEDOUT);
    CHECK(test_now() - before >= 30000000);
    static const int flags[] = {0, FUTEX_CLOCK_REALTIME};
    for (int i = 0; i < 2; i++) {
        clock_gettime(i == 0 ? CLOCK_MONOTONIC : CLOCK_REALTIME, &end);
        end.tv_nsec += 30000000;
        if (end.tv_nsec >= 1000000000) end.tv_sec++, end.tv_nsec -= 1000000000;
        before = test_now();
        CHECK_ERRNO(futex(&word, FUTEX_WAIT_BITSET | flags[i], 0, &end, NULL, -1), ETIMEDOUT);
        CHECK(test_now() - before >= 25000000 && test_now() - before < 5000000000);
    }
    CHECK_ERRNO(futex(&word, FUTEX_WAIT_BITSET, 0, &(struct timespec){0, 0}, NULL, -1), ETIMEDOUT); /* long ago */
}

TEST(wake_wakes_as_many_as_asked) {
    pid_t children[4];
    share();
    for (int i = 0; i < 4; i++) children[i] = CHILD(CHECK_EQ(futex(s_shared, FUTEX_WAIT, 0, NULL, NULL, 0), 0));
    wait_for_waiters(children, 4);
    CHECK_EQ(futex(s_shared, FUTEX_WAKE, 1, NULL, NULL, 0), 1);
    CHECK_EQ(futex(s_shared, FUTEX_WAKE, 2, NULL, NULL, 0), 2);
    CHECK_EQ(futex(s_shared, FUTEX_WAKE, INT_MAX, NULL, NULL, 0), 1);
    CHECK_EQ(futex(s_shared, FUTEX_WAKE, INT_MAX, NULL, NULL, 0), 0);
    for (int i = 0; i < 4; i++) CHECK_EXIT(children[i], 0);
}

TEST(bitsets_choose_who_wakes) {
    pid_t children[2];
    share();
    for (int i = 0; i < 2; i++) children[i] = CHILD(CHECK_EQ(futex(s_shared, FUTEX_WAIT_BITSET, 0, NULL, NULL, 1 << i), 0));
    wait_for_waiters(children, 2);
    CHECK_EQ(futex(s_shared, FUTEX_WAKE_BITSET, 10, NULL, NULL, 4), 0);
    CHECK_EQ(futex(s_shared, FUTEX_WAKE_BITSET, 10, NULL, NULL, 2), 1);
    CHECK_EXIT(children[1], 0);
    CHECK_EQ(futex(s_shared, FUTEX_WAKE, 10, NULL, NULL, 0), 1);
    CHECK_EXIT(children[0], 0);
}

TEST(requeue_moves_waiters_to_another_word) {
    pid_t children[4];
    share();
    for (int i = 0; i < 4; i++) children[i] = CHILD(CHECK_EQ(futex(s_shared, FUTEX_WAIT, 0, NULL, NULL, 0), 0));
    wait_for_waiters(children, 4);
    CHECK_ERRNO(futex(s_shared, FUTEX_CMP_REQUEUE, 1, (void *)10, s_shared + 1, 99), EAGAIN);
    CHECK_EQ(futex(s_shared, FUTEX_CMP_REQUEUE, 1, (void *)2, s_shared + 1, 0), 3); /* one woken, two moved */
    CHECK_EQ(futex(s_shared + 1, FUTEX_WAKE, 10, NULL, NULL, 0), 2);
    CHECK_EQ(futex(s_shared, FUTEX_REQUEUE, 0, (void *)10, s_shared + 1, 0), 1); /* the last one, moved */
    CHECK_EQ(futex(s_shared, FUTEX_WAKE, 10, NULL, NULL, 0), 0);
    CHECK_EQ(futex(s_shared + 1, FUTEX_WAKE, 10, NULL, NULL, 0), 1);
    for (int i = 0; i < 4; i++) CHECK_EXIT(children[i], 0);
}

TEST(wake_op_changes_the_second_word_and_wakes_by_its_old_value) {
    pid_t children[2];
    share();
    s_shared[1] = 5;
    children[0] = CHILD(CHECK_EQ(futex(s_shared, FUTEX_WAIT, 0, NULL, NULL, 0), 0));
    children[1] = CHILD(CHECK_EQ(futex(s_shared + 1, FUTEX_WAIT, 5, NULL, NULL, 0), 0));
    wait_for_waiters(children, 2);
    CHECK_EQ(futex(s_shared, FUTEX_WAKE_OP, 1, (void *)1, s_shared + 1, (int)FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_GT, 100)), 1);
    CHECK_EQ(s_shared[1], 8);
    CHECK_EXIT(children[0], 0);
    CHECK_EQ(futex(s_shared, FUTEX_WAKE_OP, 1, (void *)1, s_shared + 1, (int)FUTEX_OP(FUTEX_OP_SET, 1, FUTEX_OP_CMP_EQ, 8)), 1);
    CHECK_EQ(s_shared[1], 1);
    CHECK_EXIT(children[1], 0);
    CHECK_EQ(futex(s_shared, FUTEX_WAKE_OP, 1, (void *)1, s_shared + 1, (int)FUTEX_OP(FUTEX_OP_OR, 6, FUTEX_OP_CMP_EQ, 0)), 0);
    CHECK_EQ(s_shared[1], 7);
    CHECK_EQ(futex(s_shared, FUTEX_WAKE_OP, 1, (void *)1, s_shared + 1, (int)FUTEX_OP(FUTEX_OP_ANDN, 2, FUTEX_OP_CMP_EQ, 0)), 0);
    CHECK_EQ(s_shared[1], 5);
    CHECK_EQ(futex(s_shared, FUTEX_WAKE_OP, 1, (void *)1, s_shared + 1, (int)FUTEX_OP(FUTEX_OP_XOR | FUTEX_OP_OPARG_SHIFT, 4, FUTEX_OP_CMP_EQ, 0)), 0);
    CHECK_EQ(s_shared[1], 21);
}

TEST(a_file_mapping_at_two_addresses_is_one_futex_and_private_memory_is_not) {
    int file = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    OK(ftruncate(file, 4096));
    int *one = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), *two = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    pid_t child = CHILD(CHECK_EQ(futex(one, FUTEX_WAIT, 0, NULL, NULL, 0), 0));
    test_wait_state(child, "S");
    CHECK_EQ(futex(two, FUTEX_WAKE, 1, NULL, NULL, 0), 1);
    CHECK_EXIT(child, 0);
    static int word;
    child = CHILD(CHECK_ERRNO(futex(&word, FUTEX_WAIT, 0, &(struct timespec){0, 200000000}, NULL, 0), ETIMEDOUT));
    test_wait_state(child, "S");
    CHECK_EQ(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0), 0); /* the same address in another process */
    CHECK_EXIT(child, 0);
}

TEST(ping_pong_between_processes) {
    share();
    pid_t child = CHILD(for (int i = 0; i < 2000; i++) {
        int seen;
        while ((seen = __atomic_load_n(s_shared, __ATOMIC_ACQUIRE)) != 2 * i + 1) futex(s_shared, FUTEX_WAIT, seen, NULL, NULL, 0);
        __atomic_store_n(s_shared, 2 * i + 2, __ATOMIC_RELEASE);
        futex(s_shared, FUTEX_WAKE, 1, NULL, NULL, 0);
    });
    for (int i = 0; i < 2000; i++) {
        int seen;
        __atomic_store_n(s_shared, 2 * i + 1, __ATOMIC_RELEASE);
        futex(s_shared, FUTEX_WAKE, 1, NULL, NULL, 0);
        while ((seen = __atomic_load_n(s_shared, __ATOMIC_ACQUIRE)) != 2 * i + 2) futex(s_shared, FUTEX_WAIT, seen, NULL, NULL, 0);
    }
    CHECK_EXIT(child, 0);
}

static int s_lock, s_total;

static void *count(void *unused) {
    for (int i = 0; i < 5000; i++) {
        int state = 0;
        if (!__atomic_compare_exchange_n(&s_lock, &state, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
            while (__atomic_exchange_n(&s_lock, 2, __ATOMIC_ACQUIRE) != 0) futex(&s_lock, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 2, NULL, NULL, 0);
        }
        s_total++;
        if (__atomic_exchange_n(&s_lock, 0, __ATOMIC_RELEASE) == 2) futex(&s_lock, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
    }
    return unused;
}

TEST(a_lock_made_of_a_futex_excludes_threads) {
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) CHECK_EQ(pthread_create(&threads[i], NULL, count, NULL), 0);
    for (int i = 0; i < 4; i++) CHECK_EQ(pthread_join(threads[i], NULL), 0);
    CHECK_EQ(s_total, 20000);
}

TEST(a_pi_futex_hands_over_to_its_waiter) {
    share();
    CHECK_EQ(futex(s_shared, FUTEX_LOCK_PI, 0, NULL, NULL, 0), 0);
    CHECK_EQ(*s_shared, getpid());
    CHECK_ERRNO(futex(s_shared, FUTEX_LOCK_PI, 0, NULL, NULL, 0), EDEADLK);
    CHECK_EXIT(CHILD(CHECK_ERRNO(futex(s_shared, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0), EAGAIN); CHECK_ERRNO(futex(s_shared, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), EPERM)), 0);
    pid_t child = CHILD(CHECK_EQ(futex(s_shared, FUTEX_LOCK_PI, 0, NULL, NULL, 0), 0); CHECK_EQ(*s_shared & (int)FUTEX_TID_MASK, getpid());
                        CHECK_EQ(futex(s_shared, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), 0));
    test_wait_state(child, "S");
    CHECK_EQ((unsigned)*s_shared, (unsigned)getpid() | FUTEX_WAITERS);
    CHECK_EQ(futex(s_shared, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), 0);
    CHECK_EXIT(child, 0);
    CHECK_EQ(*s_shared, 0);
    *s_shared = 0x3FFFFFFF; /* no such thread */
    CHECK_ERRNO(futex(s_shared, FUTEX_LOCK_PI, 0, NULL, NULL, 0), ESRCH);
}

TEST(a_pi_futex_wait_ends_in_time) {
    struct timespec end;
    share();
    CHECK_EQ(futex(s_shared, FUTEX_LOCK_PI, 0, NULL, NULL, 0), 0);
    CHECK_EXIT(CHILD(clock_gettime(CLOCK_REALTIME, &end); end.tv_nsec += 30000000; if (end.tv_nsec >= 1000000000) end.tv_sec++, end.tv_nsec -= 1000000000;
                     CHECK_ERRNO(futex(s_shared, FUTEX_LOCK_PI, 0, &end, NULL, 0), ETIMEDOUT)), 0);
    CHECK_EQ(futex(s_shared, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), 0);
    CHECK_EQ(*s_shared, 0);
}

struct robust_list {
    struct robust_list *next;
};
struct robust_head {
    struct robust_list list;
    long offset;
    struct robust_list *pending;
};
struct robust_lock {
    struct robust_list list;
    int word;
};

TEST(the_robust_list_marks_and_wakes_at_death) {
    struct robust_lock *locks = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct gate gate = gate_make();
    pid_t owner = CHILD(static struct robust_head head; head.offset = offsetof(struct robust_lock, word); head.list.next = &locks[0].list; locks[0].list.next = &locks[1].list;
                        locks[1].list.next = &head.list; head.pending = &locks[2].list; for (int i = 0; i < 4; i++) locks[i].word = getpid();
                        OK(syscall(SYS_set_robust_list, &head, sizeof head)); gate_open(gate); pause());
    gate_wait(gate);
    locks[1].word |= (int)FUTEX_WAITERS;
    int value = locks[1].word;
    pid_t waiter = CHILD(CHECK_EQ(futex(&locks[1].word, FUTEX_WAIT, value, NULL, NULL, 0), 0));
    test_wait_state(waiter, "S");
    OK(kill(owner, SIGKILL));
    CHECK_KILLED(owner, SIGKILL);
    CHECK_EXIT(waiter, 0);
    CHECK_EQ((unsigned)locks[0].word, FUTEX_OWNER_DIED);
    CHECK_EQ((unsigned)locks[1].word, FUTEX_OWNER_DIED | FUTEX_WAITERS);
    CHECK_EQ((unsigned)locks[2].word, FUTEX_OWNER_DIED);
    CHECK_EQ(locks[3].word, owner); /* not on the list */
}

TEST(a_robust_list_that_is_a_loop_or_wild_ends) {
    static struct robust_head head;
    static struct robust_lock lock;
    head.offset = offsetof(struct robust_lock, word);
    head.list.next = &lock.list;
    lock.list.next = &lock.list;
    CHECK_EXIT(CHILD(OK(syscall(SYS_set_robust_list, &head, sizeof head))), 0);
    head.list.next = (struct robust_list *)0xFFFFFFFF80000000;
    CHECK_EXIT(CHILD(OK(syscall(SYS_set_robust_list, &head, sizeof head))), 0);
    CHECK_EXIT(CHILD(OK(syscall(SYS_set_robust_list, 16, sizeof head))), 0);
    CHECK_ERRNO(syscall(SYS_set_robust_list, &head, 7), EINVAL);
    struct robust_head *got;
    size_t size;
    CHECK_EXIT(CHILD(OK(syscall(SYS_set_robust_list, &head, sizeof head)); OK(syscall(SYS_get_robust_list, 0, &got, &size)); CHECK(got == &head);
                     CHECK_EQ(size, sizeof head)), 0);
    CHECK_ERRNO(syscall(SYS_get_robust_list, 0x3FFFFFFF, &got, &size), ESRCH);
}

TEST(a_killed_waiter_leaves_the_queue) {
    pid_t children[3];
    share();
    for (int i = 0; i < 3; i++) children[i] = CHILD(futex(s_shared, FUTEX_WAIT, 0, NULL, NULL, 0));
    wait_for_waiters(children, 3);
    OK(kill(children[0], SIGKILL));
    CHECK_KILLED(children[0], SIGKILL);
    CHECK_EQ(futex(s_shared, FUTEX_WAKE, 10, NULL, NULL, 0), 2);
    for (int i = 1; i < 3; i++) CHECK_EXIT(children[i], 0);
}
