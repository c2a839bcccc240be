/* futex_wake(2), futex_wait(2) and futex_requeue(2), which Linux has since 6.7. */
#include "test.h"

#ifndef SYS_futex_wake
#define SYS_futex_wake 454
#define SYS_futex_wait 455
#define SYS_futex_requeue 456
#endif
#define SIZE_U32 2
#define PRIVATE 128

struct waitv {
    uint64_t value, address;
    uint32_t flags, reserved;
};

static long wake(void *word, unsigned long mask, int count, unsigned flags) { return syscall(SYS_futex_wake, word, mask, count, flags); }
static long wait_for(void *word, unsigned long value, unsigned long mask, unsigned flags, struct timespec *end, int clock) {
    return syscall(SYS_futex_wait, word, value, mask, flags, end, clock);
}
static uint32_t *shared_words(void) {
    uint32_t *words = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (wake(words, 1, 0, SIZE_U32) == -1 && errno == ENOSYS) SKIP("this kernel has no futex_wake");
    return words;
}

TEST(futex2_arguments) {
    uint32_t *word = shared_words();
    struct timespec bad = {0, 1000000000}, past = {0, 1};
    CHECK_EQ(wake(word, 1, 0, SIZE_U32), 0);
    CHECK_EQ(wake(word, 1, 1, SIZE_U32 | PRIVATE), 0);
    CHECK_ERRNO(wake(word, 0, 1, SIZE_U32), EINVAL);
    CHECK_ERRNO(wake(word, 1ul << 32, 1, SIZE_U32), EINVAL);
    CHECK_ERRNO(wake(word, 1, 1, 0), EINVAL);
    CHECK_ERRNO(wake(word, 1, 1, SIZE_U32 | 4), EINVAL);
    CHECK_ERRNO(wake((char *)word + 1, 1, 1, SIZE_U32), EINVAL);
    CHECK_ERRNO(wait_for(word, 1, 1, SIZE_U32, NULL, 0), EAGAIN);
    CHECK_ERRNO(wait_for(word, 0, 0, SIZE_U32, NULL, 0), EINVAL);
    CHECK_ERRNO(wait_for(word, 1ul << 32, 1, SIZE_U32, NULL, 0), EINVAL);
    CHECK_ERRNO(wait_for(word, 0, 1, SIZE_U32, &bad, CLOCK_MONOTONIC), EINVAL);
    CHECK_ERRNO(wait_for(word, 0, 1, SIZE_U32, &past, 77), EINVAL);
    CHECK_ERRNO(wait_for(word, 0, 1, SIZE_U32, (void *)8, CLOCK_REALTIME), EFAULT);
    CHECK_ERRNO(wait_for(word, 0, 1, SIZE_U32, &past, CLOCK_MONOTONIC), ETIMEDOUT);
    CHECK_ERRNO(wait_for(word, 0, 1, SIZE_U32, &past, CLOCK_REALTIME), ETIMEDOUT);
    CHECK_ERRNO(wait_for((void *)8, 0, 1, SIZE_U32, NULL, 0), EFAULT);
    CHECK_ERRNO(syscall(SYS_futex_requeue, NULL, 0, 0, 0), EINVAL);
}

TEST(futex2_wakes_who_has_a_bit_and_requeues) {
    uint32_t *word = shared_words();
    struct gate ready = gate_make();
    pid_t child = CHILD({
        gate_open(ready);
        OK(wait_for(word, 0, 4, SIZE_U32, NULL, 0));
    });
    gate_wait(ready);
    test_wait_state(child, "S");
    CHECK_EQ(wake(word, 3, 1, SIZE_U32), 0);
    CHECK_EQ(wake(word, 4, 0, SIZE_U32), 0);
    struct waitv pair[2] = {{1, (uintptr_t)word, SIZE_U32, 0}, {0, (uintptr_t)(word + 1), SIZE_U32, 0}};
    CHECK_ERRNO(syscall(SYS_futex_requeue, pair, 0, 0, 1), EAGAIN);
    CHECK_ERRNO(syscall(SYS_futex_requeue, pair, 1, 0, 1), EINVAL);
    pair[0].value = 0;
    CHECK_ERRNO(syscall(SYS_futex_requeue, pair, 0, -1, 1), EINVAL);
    CHECK_EQ(syscall(SYS_futex_requeue, pair, 0, 0, 1), 1);
    CHECK_EQ(wake(word, ~0u, 1, SIZE_U32), 0);
    CHECK_EQ(wake(word + 1, ~0u, 1, SIZE_U32), 1);
    CHECK_EXIT(child, 0);
}
