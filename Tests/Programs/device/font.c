/* Fonts of the console, as setfont(8) loads them: ioctl_console(2). */
#include "test.h"

#include <linux/kd.h>
#include <sys/ioctl.h>
#include <termios.h>

#define COUNT 256

static int open_console(void) {
    return (int)OK(open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC));
}

static int operate(int fd, unsigned op, unsigned width, unsigned height, unsigned count, unsigned char *data) {
    struct console_font_op request = { .op = op, .width = width, .height = height, .charcount = count, .data = data };
    return ioctl(fd, KDFONTOP, &request);
}

static struct winsize size_of(int fd) {
    struct winsize size;
    OK(ioctl(fd, TIOCGWINSZ, &size));
    return size;
}

TEST(a_font_is_loaded_and_forgotten) {
    static unsigned char font[COUNT * 32 * 2], seen[sizeof font];
    int fd = open_console();
    for (size_t i = 0; i < sizeof font; i++) font[i] = i % 64 < 48 ? (unsigned char)(i * 5) : 0;
    if (operate(fd, KD_FONT_OP_SET, 12, 24, COUNT, font) < 0 && errno == EINVAL) SKIP("no screen that shows fonts");
    struct winsize large = size_of(fd);
    struct console_font_op get = { .op = KD_FONT_OP_GET, .width = 32, .height = 32, .charcount = 512, .data = seen };
    OK(ioctl(fd, KDFONTOP, &get));
    CHECK_EQ(get.width, 12);
    CHECK_EQ(get.height, 24);
    CHECK_EQ(get.charcount, COUNT);
    CHECK(memcmp(font, seen, sizeof font) == 0);
    get.charcount = COUNT - 1;
    CHECK_ERRNO(ioctl(fd, KDFONTOP, &get), ENOSPC);
    get.charcount = COUNT;
    get.height = 23;
    CHECK_ERRNO(ioctl(fd, KDFONTOP, &get), ENOSPC);

    struct unipair pairs[] = { { 'A', 1 }, { 0xC4, 2 } };
    struct unimapdesc map = { 2, pairs };
    OK(ioctl(fd, PIO_UNIMAPCLR, NULL));
    OK(ioctl(fd, PIO_UNIMAP, &map));
    struct unipair more[] = { { 'B', 3 } };
    struct unimapdesc addition = { 1, more };
    OK(ioctl(fd, PIO_UNIMAP, &addition));
    struct unipair found[4] = { { 0, 0 } };
    struct unimapdesc all = { 2, found };
    CHECK_ERRNO(ioctl(fd, GIO_UNIMAP, &all), ENOMEM);
    CHECK_EQ(all.entry_ct, 3);
    OK(ioctl(fd, GIO_UNIMAP, &all));
    CHECK_EQ(all.entry_ct, 3);
    unsigned glyphs = 0;
    for (int i = 0; i < 3; i++) glyphs += (found[i].unicode == 'A') * 1 + (found[i].unicode == 0xC4) * 2 + (found[i].unicode == 'B') * 3 == found[i].fontpos;
    CHECK_EQ(glyphs, 3);
    all.entries = (struct unipair *)8;
    CHECK_ERRNO(ioctl(fd, GIO_UNIMAP, &all), EFAULT);
    CHECK_ERRNO(ioctl(fd, GIO_UNIMAP, (void *)8), EFAULT);
    map.entries = (struct unipair *)8;
    CHECK_ERRNO(ioctl(fd, PIO_UNIMAP, &map), EFAULT);

    /* Twice as many rows of half the height. */
    OK(operate(fd, KD_FONT_OP_SET, 12, 12, COUNT, font));
    struct winsize small = size_of(fd);
    CHECK_EQ(small.ws_col, large.ws_col);
    CHECK(small.ws_row == 2 * large.ws_row || small.ws_row == 2 * large.ws_row + 1);
    OK(operate(fd, KD_FONT_OP_SET_DEFAULT, 0, 0, 0, NULL));
    struct winsize usual = size_of(fd);
    CHECK(usual.ws_col > small.ws_col && usual.ws_row > large.ws_row && usual.ws_row < small.ws_row);
    all.entries = found;
    OK(ioctl(fd, GIO_UNIMAP, &all));
    CHECK_EQ(all.entry_ct, 0);

    OK(operate(fd, KD_FONT_OP_SET, 12, 12, COUNT, font));
    OK(ioctl(fd, PIO_FONTRESET, NULL));
    struct winsize again = size_of(fd);
    CHECK(again.ws_col == usual.ws_col && again.ws_row == usual.ws_row);
}

TEST(what_is_no_font_is_refused) {
    static unsigned char font[COUNT * 32];
    int fd = open_console();
    CHECK_ERRNO(operate(fd, KD_FONT_OP_SET, 0, 16, COUNT, font), EINVAL);
    CHECK_ERRNO(operate(fd, KD_FONT_OP_SET, 33, 16, COUNT, font), EINVAL);
    CHECK_ERRNO(operate(fd, KD_FONT_OP_SET, 8, 33, COUNT, font), EINVAL);
    CHECK_ERRNO(operate(fd, KD_FONT_OP_SET, 8, 16, 513, font), EINVAL);
    CHECK_ERRNO(operate(fd, KD_FONT_OP_SET, 8, 16, COUNT, (unsigned char *)8), EFAULT);
    CHECK_ERRNO(ioctl(fd, KDFONTOP, (void *)8), EFAULT);
    OK(setresuid(1000, 1000, 1000));
    CHECK_ERRNO(operate(fd, KD_FONT_OP_SET, 8, 16, COUNT, font), EPERM);
    CHECK_ERRNO(ioctl(fd, PIO_UNIMAPCLR, NULL), EPERM);
    CHECK_ERRNO(ioctl(fd, PIO_FONTRESET, NULL), EPERM);
}
