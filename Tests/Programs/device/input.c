/* Input devices: /dev/input/eventN, /dev/input/mice, /proc/bus/input, /sys/class/input. Events are written to the nodes, which is as if the device had reported them. */
#include "test.h"

#include <dirent.h>
#include <linux/input.h>
#include <poll.h>
#include <sys/ioctl.h>

#define BITS(n) (((n) + 7) / 8)

/* Opens the first device that has a code; skips the test without one. */
static int open_device(unsigned type, unsigned code, int flags) {
    for (int i = 0; i < 32; i++) {
        char path[64];
        unsigned char bits[BITS(KEY_MAX + 1)] = {0};
        snprintf(path, sizeof path, "/dev/input/event%d", i);
        int fd = open(path, flags | O_CLOEXEC);
        if (fd < 0) continue;
        if (ioctl(fd, EVIOCGBIT(type, sizeof bits), bits) > 0 && (bits[code / 8] & (1 << (code % 8)))) return fd;
        close(fd);
    }
    SKIP("no input device has type %u, code %u", type, code);
}

static int open_keyboard(void) { return open_device(EV_KEY, KEY_A, O_RDWR | O_NONBLOCK); }
static int open_mouse(void) { return open_device(EV_REL, REL_X, O_RDWR | O_NONBLOCK); }

static void report(int fd, unsigned type, unsigned code, int value) {
    struct input_event event = {.type = (uint16_t)type, .code = (uint16_t)code, .value = value};
    CHECK_EQ(write(fd, &event, sizeof event), sizeof event);
}

static void synchronize(int fd) { report(fd, EV_SYN, SYN_REPORT, 0); }

static void expect_event(int fd, unsigned type, unsigned code, int value) {
    struct input_event event;
    CHECK_EQ(read(fd, &event, sizeof event), sizeof event);
    CHECK_EQ(event.type, type);
    CHECK_EQ(event.code, code);
    CHECK_EQ(event.value, value);
}

TEST(a_device_says_what_it_is) {
    int fd = open_keyboard();
    int version;
    struct input_id id;
    char name[256] = "", place[256] = "";
    OK(ioctl(fd, EVIOCGVERSION, &version));
    CHECK_EQ(version, EV_VERSION);
    OK(ioctl(fd, EVIOCGID, &id));
    CHECK(id.bustype != 0);
    long length = OK(ioctl(fd, EVIOCGNAME(sizeof name), name));
    CHECK_EQ(length, strlen(name) + 1);
    CHECK(strlen(name) > 3);
    OK(ioctl(fd, EVIOCGPHYS(sizeof place), place));
    CHECK_EQ(ioctl(fd, EVIOCGNAME(4), place), 4);
    CHECK(memcmp(place, name, 4) == 0);
    CHECK_ERRNO(ioctl(fd, EVIOCGUNIQ(sizeof place), place), ENOENT);
    CHECK_ERRNO(ioctl(fd, EVIOCGNAME(8), (void *)8), EFAULT);
    CHECK_ERRNO(ioctl(fd, EVIOCGABS(ABS_X), place), EINVAL);
}

TEST(a_device_says_what_it_can) {
    int fd = open_mouse();
    unsigned char types[BITS(EV_MAX + 1)] = {0}, axes[BITS(REL_MAX + 1)] = {0}, keys[BITS(KEY_MAX + 1)] = {0};
    CHECK_EQ(ioctl(fd, EVIOCGBIT(0, sizeof types), types), sizeof types);
    CHECK((types[0] & (1 << EV_SYN)) && (types[0] & (1 << EV_KEY)) && (types[0] & (1 << EV_REL)));
    OK(ioctl(fd, EVIOCGBIT(EV_REL, sizeof axes), axes));
    CHECK((axes[0] & 3) == 3);
    CHECK_EQ(ioctl(fd, EVIOCGBIT(EV_KEY, sizeof keys), keys), sizeof keys);
    CHECK(keys[BTN_LEFT / 8] & (1 << (BTN_LEFT % 8)));
    CHECK(!(keys[KEY_A / 8] & (1 << (KEY_A % 8))));
}

TEST(events_go_to_all_readers_in_packets) {
    int writer = open_mouse(), reader = open_mouse();
    struct pollfd item = {reader, POLLIN, 0};
    report(writer, EV_REL, REL_X, 3);
    CHECK_EQ(poll(&item, 1, 20), 0); /* not before the packet is complete */
    report(writer, EV_REL, REL_Y, -2);
    report(writer, EV_REL, REL_Y, 0); /* no movement is no event */
    synchronize(writer);
    CHECK_EQ(poll(&item, 1, 60000), 1);
    for (int i = 0; i < 2; i++) {
        int fd = i == 0 ? reader : writer;
        expect_event(fd, EV_REL, REL_X, 3);
        expect_event(fd, EV_REL, REL_Y, -2);
        expect_event(fd, EV_SYN, SYN_REPORT, 0);
        struct input_event event;
        CHECK_ERRNO(read(fd, &event, sizeof event), EAGAIN);
        CHECK_ERRNO(read(fd, &event, sizeof event - 1), EINVAL);
    }
}

TEST(keys_have_a_state_that_reading_it_takes_out_of_the_queue) {
    int fd = open_keyboard();
    unsigned char keys[BITS(KEY_MAX + 1)];
    OK(ioctl(fd, EVIOCGRAB, 1)); /* the console is not to type */
    report(fd, EV_KEY, KEY_F9, 1);
    synchronize(fd);
    memset(keys, 0, sizeof keys);
    OK(ioctl(fd, EVIOCGKEY(sizeof keys), keys));
    CHECK(keys[KEY_F9 / 8] & (1 << (KEY_F9 % 8)));
    struct input_event event;
    CHECK_ERRNO(read(fd, &event, sizeof event), EAGAIN);
    report(fd, EV_KEY, KEY_F9, 1); /* down already: nothing */
    synchronize(fd);
    CHECK_ERRNO(read(fd, &event, sizeof event), EAGAIN);
    report(fd, EV_KEY, KEY_F9, 0);
    synchronize(fd);
    expect_event(fd, EV_KEY, KEY_F9, 0);
    expect_event(fd, EV_SYN, SYN_REPORT, 0);
    OK(ioctl(fd, EVIOCGKEY(sizeof keys), keys));
    CHECK(!(keys[KEY_F9 / 8] & (1 << (KEY_F9 % 8))));
}

TEST(who_grabs_a_device_has_it_alone) {
    int one = open_mouse(), other = open_mouse();
    struct input_event event;
    CHECK_ERRNO(ioctl(other, EVIOCGRAB, 0), EINVAL);
    OK(ioctl(one, EVIOCGRAB, 1));
    CHECK_ERRNO(ioctl(other, EVIOCGRAB, 1), EBUSY);
    report(other, EV_REL, REL_X, 1);
    synchronize(other);
    CHECK_ERRNO(read(other, &event, sizeof event), EAGAIN);
    expect_event(one, EV_REL, REL_X, 1);
    OK(ioctl(one, EVIOCGRAB, 0));
    OK(ioctl(other, EVIOCGRAB, 1));
    close(other); /* ends it */
    int third = open_mouse();
    OK(ioctl(third, EVIOCGRAB, 1));
}

TEST(a_slow_reader_learns_that_it_missed_something) {
    int writer = open_mouse(), reader = open_mouse();
    for (int i = 1; i <= 200; i++) {
        report(writer, EV_REL, REL_X, i);
        synchronize(writer);
    }
    struct input_event event;
    CHECK_EQ(read(reader, &event, sizeof event), sizeof event);
    CHECK_EQ(event.type, EV_SYN);
    CHECK_EQ(event.code, SYN_DROPPED);
    int last = 0;
    while (read(reader, &event, sizeof event) == sizeof event)
        if (event.type == EV_REL) last = event.value;
    CHECK_EQ(last, 200);
    report(writer, EV_REL, REL_X, 7);
    synchronize(writer);
    expect_event(reader, EV_REL, REL_X, 7);
}

TEST(events_are_stamped_with_the_clock_that_was_asked_for) {
    int fd = open_mouse();
    clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_REALTIME};
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        int clock = clocks[i];
        struct timespec before, after;
        struct input_event event;
        OK(ioctl(fd, EVIOCSCLOCKID, &clock));
        clock_gettime(clocks[i], &before);
        report(fd, EV_REL, REL_X, 1);
        synchronize(fd);
        clock_gettime(clocks[i], &after);
        do CHECK_EQ(read(fd, &event, sizeof event), sizeof event);
        while (event.type != EV_REL);
        long long time = event.input_event_sec * 1000000ll + event.input_event_usec;
        CHECK(time >= before.tv_sec * 1000000ll + before.tv_nsec / 1000);
        CHECK(time <= after.tv_sec * 1000000ll + after.tv_nsec / 1000);
        while (read(fd, &event, sizeof event) > 0) continue;
    }
    int wrong = CLOCK_PROCESS_CPUTIME_ID;
    CHECK_ERRNO(ioctl(fd, EVIOCSCLOCKID, &wrong), EINVAL);
}

static volatile sig_atomic_t s_signals;
static void count_signal(int signal) { (void)signal; s_signals++; }

TEST(events_send_signals_and_wake_a_blocked_reader) {
    int writer = open_mouse(), reader = open_mouse();
    signal(SIGIO, count_signal);
    OK(fcntl(reader, F_SETOWN, getpid()));
    OK(fcntl(reader, F_SETFL, fcntl(reader, F_GETFL) | O_ASYNC));
    report(writer, EV_REL, REL_X, 1);
    synchronize(writer);
    CHECK_EQ(s_signals, 1);
    OK(fcntl(reader, F_SETFL, 0));
    struct input_event events[8];
    CHECK(read(reader, events, sizeof events) >= (ssize_t)(2 * sizeof *events));
    pid_t child = CHILD({
        struct timespec pause = {0, 50000000};
        nanosleep(&pause, NULL);
        report(writer, EV_REL, REL_Y, 9);
        synchronize(writer);
    });
    CHECK_EQ(read(reader, events, sizeof *events), sizeof *events);
    CHECK_EQ(events[0].value, 9);
    test_exit_status(__FILE__, __LINE__, child, 0);
}

TEST(a_revoked_file_is_dead) {
    int fd = open_mouse();
    struct input_event event;
    OK(ioctl(fd, EVIOCREVOKE, 0));
    CHECK_ERRNO(read(fd, &event, sizeof event), ENODEV);
    CHECK_ERRNO(write(fd, &event, sizeof event), ENODEV);
    struct pollfd item = {fd, POLLIN, 0};
    CHECK_EQ(poll(&item, 1, 0), 1);
    CHECK((item.revents & (POLLHUP | POLLERR)) == (POLLHUP | POLLERR));
}

TEST(the_rate_of_repetition_can_be_set) {
    int fd = open_keyboard();
    unsigned old[2], rate[2] = {500, 50}, now[2];
    OK(ioctl(fd, EVIOCGREP, old));
    OK(ioctl(fd, EVIOCSREP, rate));
    OK(ioctl(fd, EVIOCGREP, now));
    CHECK_EQ(now[0], 500);
    CHECK_EQ(now[1], 50);
    OK(ioctl(fd, EVIOCSREP, old));
    CHECK_ERRNO(ioctl(open_mouse(), EVIOCGREP, now), ENOSYS);
}

TEST(mice_speak_ps2) {
    int mouse = open_mouse();
    int fd = (int)OK(open("/dev/input/mice", O_RDWR | O_NONBLOCK));
    unsigned char bytes[16];
    while (read(fd, bytes, sizeof bytes) > 0) continue;
    report(mouse, EV_REL, REL_X, 5);
    report(mouse, EV_REL, REL_Y, 3); /* down: PS/2 counts up */
    report(mouse, EV_KEY, BTN_LEFT, 1);
    synchronize(mouse);
    struct pollfd item = {fd, POLLIN, 0};
    CHECK_EQ(poll(&item, 1, 60000), 1);
    CHECK_EQ(read(fd, bytes, sizeof bytes), 3);
    CHECK_EQ(bytes[0], 0x29);
    CHECK_EQ(bytes[1], 5);
    CHECK_EQ((signed char)bytes[2], -3);
    report(mouse, EV_KEY, BTN_LEFT, 0);
    synchronize(mouse);
    CHECK_EQ(read(fd, bytes, sizeof bytes), 3);
    CHECK_EQ(bytes[0], 0x08);
    CHECK_ERRNO(read(fd, bytes, sizeof bytes), EAGAIN);

    /* The wheel, after the sequence that asks for it. */
    const unsigned char wheel[] = {0xF3, 200, 0xF3, 100, 0xF3, 80, 0xF2};
    CHECK_EQ(write(fd, wheel, sizeof wheel), sizeof wheel);
    CHECK_EQ(read(fd, bytes, sizeof bytes), 2);
    CHECK_EQ(bytes[0], 0xFA);
    CHECK_EQ(bytes[1], 3);
    report(mouse, EV_REL, REL_WHEEL, 1);
    synchronize(mouse);
    CHECK_EQ(read(fd, bytes, sizeof bytes), 4);
    CHECK_EQ((signed char)bytes[3], -1);

    /* What is too far for one packet comes in several. */
    report(mouse, EV_REL, REL_X, 300);
    synchronize(mouse);
    int moved = 0;
    while (read(fd, bytes, sizeof bytes) == 4) moved += (signed char)bytes[1];
    CHECK_EQ(moved, 300);
}

TEST(proc_and_sys_list_the_devices) {
    open_keyboard();
    static char text[16384];
    int fd = (int)OK(open("/proc/bus/input/devices", O_RDONLY));
    CHECK(read(fd, text, sizeof text - 1) > 0);
    CHECK(strstr(text, "N: Name=\"") != NULL);
    CHECK(strstr(text, "H: Handlers=") != NULL);
    CHECK(strstr(text, "event0") != NULL);
    char name[256] = "", shown[256] = "";
    int event = (int)OK(open("/dev/input/event0", O_RDONLY));
    OK(ioctl(event, EVIOCGNAME(sizeof name), name));
    CHECK(strstr(text, name) != NULL);
    int found = 0;
    DIR *folder = opendir("/sys/class/input");
    CHECK(folder != NULL);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[512];
        snprintf(path, sizeof path, "/sys/class/input/%s/name", entry->d_name);
        int file = open(path, O_RDONLY);
        if (file < 0) continue;
        ssize_t length = read(file, shown, sizeof shown - 1);
        close(file);
        if (length > 0) shown[length - 1] = 0, found += strcmp(shown, name) == 0;
    }
    CHECK_EQ(found, 1);
}
