/* Requests of ioctl_console(2). */
#include "test.h"

#include <linux/kd.h>
#include <sys/ioctl.h>

TEST(the_console_makes_tones) {
    int fd = (int)OK(open("/dev/tty0", O_RDWR | O_NOCTTY));
    OK(ioctl(fd, KDMKTONE, (20 << 16) | 1193));
    OK(ioctl(fd, KDMKTONE, 0));
    OK(ioctl(fd, KIOCSOUND, 1193));
    OK(ioctl(fd, KIOCSOUND, 0));
    char type = 0;
    int mode = -1;
    OK(ioctl(fd, KDGKBTYPE, &type));
    CHECK_EQ(type, KB_101);
    OK(ioctl(fd, KDGETMODE, &mode));
    CHECK_EQ(mode, KD_TEXT);
    CHECK_ERRNO(ioctl(fd, KDGKBTYPE, (void *)8), EFAULT);
}
