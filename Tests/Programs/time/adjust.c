/* adjtimex(2) and clock_adjtime(2), as far as the clock's rate is not touched. */
#include "test.h"
#include <sys/timex.h>

static struct timex ask(void) {
    struct timex t = {.modes = 0};
    CHECK(adjtimex(&t) >= 0);
    return t;
}

TEST(the_state_of_the_clock_is_kept) {
    struct timex t = {.modes = ADJ_STATUS | ADJ_MAXERROR | ADJ_ESTERROR | ADJ_NANO, .status = 0, .maxerror = 1000, .esterror = 500};
    CHECK_EQ(adjtimex(&t), TIME_OK);
    CHECK(t.maxerror >= 1000 && t.maxerror <= 3000);
    CHECK_EQ(t.esterror, 500);
    CHECK_EQ(t.status & ~STA_NANO, 0);
    CHECK_EQ(t.status & STA_NANO, STA_NANO);
    CHECK_EQ(t.tick, 10000);
    CHECK_EQ(t.precision, 1);
    CHECK_EQ(t.tolerance, 32768000);
    struct timespec before, after;
    clock_gettime(CLOCK_REALTIME, &before);
    t = ask();
    clock_gettime(CLOCK_REALTIME, &after);
    CHECK_EQ(t.esterror, 500);
    CHECK(t.time.tv_sec >= before.tv_sec && t.time.tv_sec <= after.tv_sec && t.time.tv_usec < 1000000000);
    t = (struct timex){.modes = ADJ_TIMECONST, .constant = 3};
    OK(adjtimex(&t));
    CHECK_EQ(t.constant, 3);
    t = (struct timex){.modes = ADJ_MICRO};
    OK(adjtimex(&t));
    CHECK_EQ(t.status & STA_NANO, 0);
    CHECK(t.time.tv_usec < 1000000);
    t = (struct timex){.modes = ADJ_TIMECONST, .constant = 3};
    OK(adjtimex(&t));
    CHECK_EQ(t.constant, 7);
    t = (struct timex){.modes = ADJ_STATUS, .status = STA_UNSYNC};
    CHECK_EQ(adjtimex(&t), TIME_ERROR);
    CHECK_EQ(t.status, STA_UNSYNC);
    t = (struct timex){.modes = ADJ_FREQUENCY | ADJ_TICK | ADJ_OFFSET, .freq = 0, .tick = 10000, .offset = 0};
    CHECK_EQ(adjtimex(&t), TIME_ERROR);
}

TEST(an_offset_is_added_at_once) {
    struct timespec before, after;
    int64_t begin = test_now();
    clock_gettime(CLOCK_REALTIME, &before);
    struct timex t = {.modes = ADJ_SETOFFSET, .time = {100, 500000}};
    CHECK(clock_adjtime(CLOCK_REALTIME, &t) >= 0);
    clock_gettime(CLOCK_REALTIME, &after);
    int64_t moved = (after.tv_sec - before.tv_sec) * 1000000000ll + after.tv_nsec - before.tv_nsec;
    CHECK(moved >= 100500000000 && moved <= 100500000000 + test_now() - begin);
    t = (struct timex){.modes = ADJ_SETOFFSET | ADJ_NANO, .time = {-101, 500000000}};
    CHECK(adjtimex(&t) >= 0);
    clock_gettime(CLOCK_REALTIME, &after);
    moved = (after.tv_sec - before.tv_sec) * 1000000000ll + after.tv_nsec - before.tv_nsec;
    CHECK(moved >= 0 && moved <= test_now() - begin);
    t = (struct timex){.modes = ADJ_SETOFFSET, .time = {0, 1000000}};
    CHECK_ERRNO(adjtimex(&t), EINVAL);
    t.time.tv_usec = -1;
    CHECK_ERRNO(adjtimex(&t), EINVAL);
    t = (struct timex){.modes = ADJ_MICRO};
    OK(adjtimex(&t));
}

TEST(bad_adjustments_are_refused) {
    struct timex t = {.modes = ADJ_TICK, .tick = 8999};
    CHECK_ERRNO(adjtimex(&t), EINVAL);
    t.tick = 11001;
    CHECK_ERRNO(adjtimex(&t), EINVAL);
    t = (struct timex){.modes = 0x8000};
    CHECK_ERRNO(adjtimex(&t), EINVAL);
    CHECK_ERRNO(adjtimex((void *)8), EFAULT);
    CHECK_ERRNO(clock_adjtime(77, &t), EINVAL);
    t.modes = 0;
    CHECK_ERRNO(clock_adjtime(CLOCK_MONOTONIC, &t), EOPNOTSUPP);
    pid_t child = CHILD({
        OK(setresuid(1000, 1000, 1000));
        t.modes = 0;
        CHECK(adjtimex(&t) >= 0);
        t.modes = ADJ_STATUS;
        CHECK_ERRNO(adjtimex(&t), EPERM);
        t.modes = ADJ_SETOFFSET;
        CHECK_ERRNO(adjtimex(&t), EPERM);
        t.modes = ADJ_OFFSET_SINGLESHOT;
        CHECK_ERRNO(adjtimex(&t), EPERM);
        t.modes = ADJ_OFFSET_SS_READ;
        CHECK(adjtimex(&t) >= 0);
    });
    CHECK_EXIT(child, 0);
}
