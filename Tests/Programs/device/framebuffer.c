/* The screen's pixels: /dev/fb0 (fbset(8) uses the same requests). */
#include "test.h"

#include <linux/fb.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

static int open_screen(void) {
    int fd = open("/dev/fb0", O_RDWR | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) SKIP("no /dev/fb0");
    return (int)OK(fd);
}

/* The console draws on the screen as long as nobody has set another mode. */
static void keep_console_away(int fd) {
    struct fb_var_screeninfo screen;
    OK(ioctl(fd, FBIOGET_VSCREENINFO, &screen));
    bool is_large = screen.xres == 800;
    screen.xres = is_large ? 640 : 800;
    screen.yres = is_large ? 480 : 600;
    if (ioctl(fd, FBIOPUT_VSCREENINFO, &screen) < 0) SKIP("the screen has one mode, which the console uses");
}

TEST(the_screen_says_how_its_pixels_are) {
    int fd = open_screen();
    struct fb_var_screeninfo screen;
    struct fb_fix_screeninfo memory;
    OK(ioctl(fd, FBIOGET_VSCREENINFO, &screen));
    OK(ioctl(fd, FBIOGET_FSCREENINFO, &memory));
    CHECK(screen.xres >= 320 && screen.yres >= 200);
    CHECK_EQ(screen.xres_virtual, screen.xres);
    CHECK(memory.line_length >= screen.xres * screen.bits_per_pixel / 8);
    CHECK(memory.smem_len >= memory.line_length * screen.yres);
    CHECK_EQ(memory.visual, FB_VISUAL_TRUECOLOR);
    CHECK_EQ(screen.red.length + screen.green.length + screen.blue.length, 24);
    CHECK_ERRNO(ioctl(fd, FBIOGET_VSCREENINFO, (void *)8), EFAULT);
    CHECK_ERRNO(ioctl(fd, 0x4655, 0), ENOTTY);
}

TEST(what_is_written_to_the_screen_is_read) {
    int fd = open_screen();
    keep_console_away(fd);
    struct fb_fix_screeninfo memory;
    struct fb_var_screeninfo screen;
    OK(ioctl(fd, FBIOGET_FSCREENINFO, &memory));
    OK(ioctl(fd, FBIOGET_VSCREENINFO, &screen));
    off_t end = (off_t)memory.line_length * screen.yres;
    unsigned char drawn[3000], old[3000], shown[3000];
    off_t place = end - (off_t)sizeof drawn;
    for (size_t i = 0; i < sizeof drawn; i++) drawn[i] = (unsigned char)(i * 7);
    CHECK_EQ(pread(fd, old, sizeof old, place), sizeof old);
    CHECK_EQ(pwrite(fd, drawn, sizeof drawn, place), sizeof drawn);
    CHECK_EQ(pread(fd, shown, sizeof shown, place), sizeof shown);
    CHECK(memcmp(drawn, shown, sizeof drawn) == 0);
    CHECK_EQ(pwrite(fd, old, sizeof old, place), sizeof old);
    CHECK_EQ(lseek(fd, 0, SEEK_END), end);
    CHECK_EQ(read(fd, shown, 1), 0);
    CHECK_ERRNO(write(fd, shown, 1), ENOSPC);
    CHECK_EQ(pwrite(fd, old, sizeof old, end - 100), 100); /* as much as there is room for */
}

TEST(another_mode_lasts_until_the_file_is_closed) {
    int fd = open_screen();
    struct fb_var_screeninfo screen, changed, wrong;
    OK(ioctl(fd, FBIOGET_VSCREENINFO, &screen));
    OK(ioctl(fd, FBIOPUT_VSCREENINFO, &screen));
    wrong = screen;
    wrong.xres = 100000;
    CHECK_ERRNO(ioctl(fd, FBIOPUT_VSCREENINFO, &wrong), EINVAL);
    wrong = screen;
    wrong.bits_per_pixel = 7;
    CHECK_ERRNO(ioctl(fd, FBIOPUT_VSCREENINFO, &wrong), EINVAL);
    wrong = screen;
    wrong.yoffset = 1;
    CHECK_ERRNO(ioctl(fd, FBIOPAN_DISPLAY, &wrong), EINVAL);
    OK(ioctl(fd, FBIOPAN_DISPLAY, &screen));
    changed = screen;
    changed.xres = screen.xres == 800 ? 640 : 800;
    changed.yres = screen.xres == 800 ? 480 : 600;
    changed.activate = FB_ACTIVATE_TEST;
    if (ioctl(fd, FBIOPUT_VSCREENINFO, &changed) < 0) SKIP("the screen has one mode");
    OK(ioctl(fd, FBIOGET_VSCREENINFO, &wrong));
    CHECK_EQ(wrong.xres, screen.xres);
    changed.activate = FB_ACTIVATE_NOW;
    OK(ioctl(fd, FBIOPUT_VSCREENINFO, &changed));
    int other = open_screen();
    OK(ioctl(other, FBIOGET_VSCREENINFO, &wrong));
    CHECK_EQ(wrong.xres, changed.xres);
    CHECK_ERRNO(ioctl(other, FBIOPUT_VSCREENINFO, &screen), EBUSY);
    close(fd);
    OK(ioctl(other, FBIOGET_VSCREENINFO, &wrong));
    CHECK_EQ(wrong.xres, screen.xres);
    CHECK_EQ(wrong.yres, screen.yres);
}

static unsigned char *map_screen(int fd, struct fb_var_screeninfo *screen, struct fb_fix_screeninfo *memory, int rights) {
    OK(ioctl(fd, FBIOGET_VSCREENINFO, screen));
    OK(ioctl(fd, FBIOGET_FSCREENINFO, memory));
    unsigned char *pixels = mmap(NULL, memory->smem_len, rights, MAP_SHARED, fd, 0);
    CHECK(pixels != MAP_FAILED);
    return pixels;
}

TEST(the_screen_is_mapped) {
    int fd = open_screen();
    keep_console_away(fd);
    struct fb_var_screeninfo screen;
    struct fb_fix_screeninfo memory;
    unsigned char *pixels = map_screen(fd, &screen, &memory, PROT_READ | PROT_WRITE);
    off_t place = (off_t)memory.line_length * (screen.yres - 1);
    unsigned char old[64], shown[64];
    memcpy(old, pixels + place, sizeof old);
    for (int i = 0; i < 64; i++) pixels[place + i] = (unsigned char)(i * 3);
    CHECK_EQ(pread(fd, shown, sizeof shown, place), sizeof shown);
    CHECK(memcmp(shown, pixels + place, sizeof shown) == 0);
    CHECK_EQ(shown[63], 189);

    /* A child has the same memory, and what it draws is seen here; so are the rights. */
    pid_t child = OK(fork());
    if (child == 0) {
        pixels[place] = 0xAB;
        _exit(pixels[place + 1] == 3 ? 0 : 1);
    }
    int status;
    OK(waitpid(child, &status, 0));
    CHECK_EQ(status, 0);
    CHECK_EQ(pixels[place], 0xAB);
    OK(mprotect(pixels, memory.smem_len, PROT_READ));
    CHECK_EQ(pixels[place + 2], 6);
    child = OK(fork());
    if (child == 0) {
        pixels[place] = 1;
        _exit(0);
    }
    OK(waitpid(child, &status, 0));
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    OK(mprotect(pixels, memory.smem_len, PROT_READ | PROT_WRITE));

    /* System calls reach it through the caller's own tables, but nobody else's memory is read through it. */
    lseek(fd, place, SEEK_SET);
    CHECK_EQ(read(fd, pixels + place + 128, 64), 64);
    CHECK_EQ(pixels[place + 128], 0xAB);
    struct iovec here = { shown, sizeof shown }, there = { pixels + place, sizeof shown };
    CHECK_ERRNO(process_vm_readv(getpid(), &here, 1, &there, 1, 0), EFAULT);
    CHECK_ERRNO(process_vm_writev(getpid(), &here, 1, &there, 1, 0), EFAULT);
    memcpy(pixels + place, old, sizeof old);

    /* The mapping outlives the descriptor, and keeps the driver. */
    close(fd);
    char uses[32] = "";
    int counted = open("/sys/module/framebuffer/refcnt", O_RDONLY);
    if (counted >= 0) {
        CHECK(pread(counted, uses, sizeof uses - 1, 0) > 0);
        CHECK(atoi(uses) >= 1);
    }

    unsigned char *moved = mremap(pixels, memory.smem_len, memory.smem_len, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)0x500000000000);
    CHECK(moved != MAP_FAILED);
    CHECK(memcmp(moved + place, old, sizeof old) == 0);
    OK(munmap(moved, memory.smem_len));
}

TEST(what_cannot_be_mapped_of_a_screen) {
    int fd = open_screen();
    struct fb_fix_screeninfo memory;
    OK(ioctl(fd, FBIOGET_FSCREENINFO, &memory));
    size_t length = (memory.smem_len + 4095) & ~4095u;
    CHECK(mmap(NULL, length + 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED && errno == EINVAL);
    CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, (off_t)length) == MAP_FAILED && errno == EINVAL);
    void *last = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, (off_t)length - 4096);
    CHECK(last != MAP_FAILED);
    OK(munmap(last, 4096));
    CHECK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED && errno == EINVAL);
    int reader = open("/dev/fb0", O_RDONLY);
    CHECK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, reader, 0) == MAP_FAILED && errno == EACCES);
    void *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, reader, 0);
    CHECK(page != MAP_FAILED);
    CHECK_ERRNO(mprotect(page, 4096, PROT_READ | PROT_WRITE), EACCES);
}

/* Four fields of one colour each, around a cross of white: with "look" on the command line, somebody takes a screenshot meanwhile and then ends the machine. */
TEST(a_picture_is_drawn) {
    int fd = open_screen();
    keep_console_away(fd);
    struct fb_var_screeninfo screen;
    struct fb_fix_screeninfo memory;
    unsigned char *pixels = map_screen(fd, &screen, &memory, PROT_READ | PROT_WRITE);
    if (screen.bits_per_pixel != 32) SKIP("pixels of another size");
    static const unsigned colours[] = { 0xE03030, 0x30C040, 0x3050E0, 0xF0D020 };
    unsigned middle_x = screen.xres / 2, middle_y = screen.yres / 2;
    for (unsigned y = 0; y < screen.yres; y++) {
        volatile unsigned *line = (volatile unsigned *)(pixels + (size_t)y * memory.line_length);
        for (unsigned x = 0; x < screen.xres; x++) {
            unsigned colour = colours[(x >= middle_x) + 2 * (y >= middle_y)];
            if ((x > middle_x ? x - middle_x : middle_x - x) < 8 || (y > middle_y ? y - middle_y : middle_y - y) < 8) colour = 0xFFFFFF;
            line[x] = (colour >> 16) << screen.red.offset | ((colour >> 8) & 0xFF) << screen.green.offset | (colour & 0xFF) << screen.blue.offset;
        }
    }
    CHECK_EQ(((volatile unsigned *)pixels)[1], 0xE03030);
    char options[1024] = "";
    int cmdline = (int)OK(open("/proc/cmdline", O_RDONLY));
    CHECK(read(cmdline, options, sizeof options - 1) > 0);
    if (strstr(options, " look")) {
        int console = (int)OK(open("/dev/kmsg", O_WRONLY));
        CHECK(write(console, "<3>the picture is there\n", 24) == 24);
        sleep(60);
    }
}
