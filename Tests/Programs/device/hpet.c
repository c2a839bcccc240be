/* Event timers: /dev/hpet (Linux, Documentation/timers/hpet.rst). */
#include "test.h"

#include <linux/hpet.h>
#include <poll.h>
#include <sys/ioctl.h>

static int open_timer(void) {
    int fd = open("/dev/hpet", O_RDONLY | O_CLOEXEC);
    if (fd < 0 && (errno == ENOENT || errno == ENODEV)) SKIP("no /dev/hpet");
    return (int)OK(fd);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* False where the machine has no line for it. */
static bool start(int fd, unsigned long hertz) {
    OK(ioctl(fd, HPET_IRQFREQ, hertz));
    if (ioctl(fd, HPET_IE_ON, 0) == 0) return true;
    CHECK_EQ(errno, EIO);
    return false;
}

static void check_rate(int fd) {
    unsigned long count;
    /* Never faster, and once not slower: the host may let a CPU of the machine stand still. */
    for (int tries = 0;; tries++) {
        fcntl(fd, F_SETFL, 0);
        double begin = now();
        if (!start(fd, 64)) SKIP("the timer has no interrupt");
        CHECK_ERRNO(ioctl(fd, HPET_IE_ON, 0), EBUSY);
        unsigned long total = 0;
        while (total < 32) {
            CHECK_EQ(read(fd, &count, sizeof count), sizeof count);
            CHECK(count >= 1);
            total += count;
        }
        double seconds = now() - begin;
        CHECK((double)total <= 64 * seconds + 2);
        OK(ioctl(fd, HPET_IE_OFF, 0));
        fcntl(fd, F_SETFL, O_NONBLOCK);
        read(fd, &count, sizeof count);
        if (seconds < 1.5) break;
        CHECK(tries < 20);
    }
    struct timespec wait = { 0, 100000000 };
    nanosleep(&wait, NULL);
    CHECK_ERRNO(read(fd, &count, sizeof count), EAGAIN);
}

TEST(an_event_timer_interrupts_at_its_rate) { check_rate(open_timer()); }

TEST(an_event_timer_repeats_by_itself) {
    int fd = open_timer();
    struct hpet_info info;
    OK(ioctl(fd, HPET_INFO, &info));
    if (!(info.hi_flags & 0x10)) {
        CHECK_ERRNO(ioctl(fd, HPET_EPI, 0), ENXIO);
        SKIP("this one cannot");
    }
    OK(ioctl(fd, HPET_EPI, 0));
    check_rate(fd);
    OK(ioctl(fd, HPET_DPI, 0));
}

TEST(what_an_event_timer_says_and_refuses) {
    int fd = open_timer();
    struct hpet_info info;
    unsigned long count;
    OK(ioctl(fd, HPET_INFO, &info));
    CHECK_EQ(info.hi_ireqfreq, 0);
    CHECK_ERRNO(ioctl(fd, HPET_IE_ON, 0), EIO);
    CHECK_ERRNO(read(fd, &count, sizeof count), EIO);
    CHECK_ERRNO(read(fd, &count, 4), EINVAL);
    CHECK_ERRNO(ioctl(fd, HPET_IRQFREQ, 0), EINVAL);
    CHECK_ERRNO(ioctl(fd, HPET_INFO, (void *)8), EFAULT);
    CHECK_ERRNO(open("/dev/hpet", O_RDWR), EINVAL);
    OK(ioctl(fd, HPET_IRQFREQ, 50));
    OK(ioctl(fd, HPET_INFO, &info));
    CHECK_EQ(info.hi_ireqfreq, 50);

    /* Each opening has a timer of its own, as long as there are any. */
    int others[40], opened = 0;
    while (opened < 40 && (others[opened] = open("/dev/hpet", O_RDONLY)) >= 0) opened++;
    CHECK(opened < 40 && errno == EBUSY);
    for (int i = 0; i < opened; i++) {
        struct hpet_info other;
        OK(ioctl(others[i], HPET_INFO, &other));
        CHECK(other.hi_timer != info.hi_timer);
        close(others[i]);
    }
    close(fd);
    fd = open_timer();
    OK(ioctl(fd, HPET_INFO, &info));
    CHECK_EQ(info.hi_ireqfreq, 0);
    if (setresuid(1000, 1000, 1000) == 0) CHECK_ERRNO(ioctl(fd, HPET_IRQFREQ, 65), EACCES);
    OK(ioctl(fd, HPET_IRQFREQ, 64));
}

TEST(the_counter_is_mapped_to_be_read) {
    int fd = open_timer();
    CHECK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED && errno == EACCES);
    volatile uint32_t *registers = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    CHECK(registers != MAP_FAILED);
    close(fd);
    double period = registers[1] * 1e-15;
    CHECK(period > 0 && period <= 1e-7);
    double before_first = now();
    uint32_t first = registers[0xF0 / 4];
    double after_first = now();
    struct timespec wait = { 0, 200000000 };
    nanosleep(&wait, NULL);
    double before_last = now();
    double counted = (uint32_t)(registers[0xF0 / 4] - first) * period;
    double after_last = now();
    CHECK(counted > before_last - after_first - 0.05 && counted < after_last - before_first + 0.05);
}

TEST(an_event_timer_wakes_a_poller) {
    int fd = open_timer();
    struct pollfd one = { fd, POLLIN, 0 };
    CHECK_EQ(poll(&one, 1, 50), 0);
    if (!start(fd, 20)) SKIP("the timer has no interrupt");
    CHECK_EQ(poll(&one, 1, 60000), 1);
    CHECK_EQ(one.revents, POLLIN);
}
