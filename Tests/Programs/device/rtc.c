/* The clock of the machine: /dev/rtc0 (rtc(4)). */
#include "test.h"

#include <linux/rtc.h>
#include <poll.h>
#include <sys/ioctl.h>

static int open_clock(void) {
    int fd = open("/dev/rtc0", O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) SKIP("no /dev/rtc0");
    return (int)OK(fd);
}

static time_t seconds_of(const struct rtc_time *time) {
    struct tm parts = {.tm_sec = time->tm_sec, .tm_min = time->tm_min, .tm_hour = time->tm_hour, .tm_mday = time->tm_mday, .tm_mon = time->tm_mon, .tm_year = time->tm_year};
    return timegm(&parts);
}

static time_t read_clock(int fd) {
    struct rtc_time time;
    OK(ioctl(fd, RTC_RD_TIME, &time));
    return seconds_of(&time);
}

TEST(the_clock_shows_the_time) {
    int fd = open_clock();
    struct rtc_time shown;
    OK(ioctl(fd, RTC_RD_TIME, &shown));
    time_t seconds = seconds_of(&shown);
    CHECK(llabs((long long)seconds - (long long)time(NULL)) < 30);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    CHECK_EQ(shown.tm_wday, parts.tm_wday);
    CHECK_EQ(shown.tm_yday, parts.tm_yday);
    CHECK_ERRNO(open("/dev/rtc0", O_RDONLY), EBUSY);
    CHECK_ERRNO(ioctl(fd, RTC_RD_TIME, (void *)8), EFAULT);
    CHECK_ERRNO(ioctl(fd, 0x7055, 0), ENOTTY);
}

TEST(the_clock_can_be_set) {
    int fd = open_clock();
    time_t before = read_clock(fd);
    struct rtc_time times[] = {
        {.tm_year = 127, .tm_mon = 11, .tm_mday = 31, .tm_hour = 23, .tm_min = 59, .tm_sec = 30},
        {.tm_year = 128, .tm_mon = 1, .tm_mday = 29, .tm_hour = 12},
        {.tm_year = 100, .tm_mon = 0, .tm_mday = 1, .tm_hour = 0, .tm_min = 0, .tm_sec = 1},
    };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        OK(ioctl(fd, RTC_SET_TIME, &times[i]));
        long long late = (long long)read_clock(fd) - (long long)seconds_of(&times[i]);
        CHECK(late >= 0 && late < 10);
    }
    struct rtc_time wrong = {.tm_year = 127, .tm_mon = 1, .tm_mday = 29};
    CHECK_ERRNO(ioctl(fd, RTC_SET_TIME, &wrong), EINVAL);
    wrong = (struct rtc_time){.tm_year = INT_MAX, .tm_mon = INT_MIN, .tm_mday = -1};
    CHECK_ERRNO(ioctl(fd, RTC_SET_TIME, &wrong), EINVAL);
    struct tm parts;
    gmtime_r(&before, &parts);
    struct rtc_time back = {.tm_year = parts.tm_year, .tm_mon = parts.tm_mon, .tm_mday = parts.tm_mday, .tm_hour = parts.tm_hour, .tm_min = parts.tm_min, .tm_sec = parts.tm_sec};
    OK(ioctl(fd, RTC_SET_TIME, &back));
    CHECK(llabs((long long)read_clock(fd) - (long long)before) < 30);
}

TEST(updates_interrupt_once_a_second) {
    int fd = open_clock();
    unsigned long data;
    struct pollfd item = {fd, POLLIN, 0};
    CHECK_EQ(poll(&item, 1, 0), 0);
    OK(ioctl(fd, RTC_UIE_ON, 0));
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(poll(&item, 1, 60000), 1);
        CHECK_EQ(read(fd, &data, sizeof data), sizeof data);
        CHECK(data & RTC_UF);
        CHECK(data >> 8 >= 1);
    }
    OK(ioctl(fd, RTC_UIE_OFF, 0));
    CHECK_ERRNO(read(fd, &data, 3), EINVAL);
}

TEST(the_periodic_interrupt_keeps_its_rate) {
    int fd = open_clock();
    unsigned long rate, data;
    OK(ioctl(fd, RTC_IRQP_SET, 64));
    OK(ioctl(fd, RTC_IRQP_READ, &rate));
    CHECK_EQ(rate, 64);
    CHECK_ERRNO(ioctl(fd, RTC_IRQP_SET, 100), EINVAL);
    CHECK_ERRNO(ioctl(fd, RTC_IRQP_SET, 1), EINVAL);
    CHECK_ERRNO(ioctl(fd, RTC_IRQP_SET, 16384), EINVAL);
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    OK(ioctl(fd, RTC_PIE_ON, 0));
    unsigned long count = 0;
    while (count < 64) {
        CHECK_EQ(read(fd, &data, sizeof data), sizeof data);
        CHECK(data & RTC_PF);
        count += data >> 8;
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    OK(ioctl(fd, RTC_PIE_OFF, 0));
    long long milliseconds = (end.tv_sec - begin.tv_sec) * 1000ll + (end.tv_nsec - begin.tv_nsec) / 1000000;
    if (milliseconds < 900) FAIL("%lu interrupts at 64 Hz took %lld ms", count, milliseconds);
}

TEST(an_alarm_comes_once) {
    int fd = open_clock();
    unsigned long data;
    time_t due;
    struct rtc_wkalrm alarm, set;
    /* The host may let the CPU stand still until the time is past. */
    for (int tries = 0;; tries++) {
        due = read_clock(fd) + 2;
        struct tm parts;
        gmtime_r(&due, &parts);
        alarm = (struct rtc_wkalrm){
            .enabled = 1,
            .time = {.tm_year = parts.tm_year, .tm_mon = parts.tm_mon, .tm_mday = parts.tm_mday, .tm_hour = parts.tm_hour, .tm_min = parts.tm_min, .tm_sec = parts.tm_sec},
        };
        if (ioctl(fd, RTC_WKALM_SET, &alarm) == 0) break;
        CHECK_EQ(errno, EINVAL);
        CHECK(read_clock(fd) >= due && tries < 20);
    }
    OK(ioctl(fd, RTC_WKALM_RD, &set));
    if (set.enabled) CHECK_EQ(seconds_of(&set.time), due);
    else CHECK(read_clock(fd) >= due);
    struct pollfd item = {fd, POLLIN, 0};
    CHECK_EQ(poll(&item, 1, 60000), 1);
    CHECK_EQ(read(fd, &data, sizeof data), sizeof data);
    CHECK(data & RTC_AF);
    CHECK(read_clock(fd) >= due);
    for (int i = 0; i < 6000 && set.enabled; i++) {
        struct timespec pause = {0, 10000000};
        nanosleep(&pause, NULL);
        OK(ioctl(fd, RTC_WKALM_RD, &set));
    }
    CHECK_EQ(set.enabled, 0);
    CHECK_ERRNO(ioctl(fd, RTC_WKALM_SET, &alarm), EINVAL); /* past */
}

TEST(who_may_not_set_the_clock_gets_eacces) {
    int fd = open_clock();
    struct rtc_time time;
    OK(ioctl(fd, RTC_RD_TIME, &time));
    pid_t child = CHILD({
        OK(setuid(1000));
        CHECK_ERRNO(ioctl(fd, RTC_SET_TIME, &time), EACCES);
        CHECK_ERRNO(ioctl(fd, RTC_IRQP_SET, 128), EACCES);
        OK(ioctl(fd, RTC_IRQP_SET, 64));
    });
    test_exit_status(__FILE__, __LINE__, child, 0);
}
