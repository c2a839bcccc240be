/* Network devices as any socket shows them: netdevice(7), /proc/net/dev, /sys/class/net. The device is lo, which Linux and the kernel have both. */
#include "sockets.h"

#include <net/if.h>

#define SIOC_GET_NAME 0x8910
#define SIOC_GET_CONF 0x8912
#define SIOC_GET_FLAGS 0x8913
#define SIOC_SET_FLAGS 0x8914
#define SIOC_GET_ADDRESS 0x8915
#define SIOC_GET_METRIC 0x891D
#define SIOC_GET_MTU 0x8921
#define SIOC_SET_MTU 0x8922
#define SIOC_GET_HARDWARE 0x8927
#define SIOC_GET_INDEX 0x8933
#define SIOC_GET_QUEUE 0x8942
#define SIOC_SET_QUEUE 0x8943
#define HARDWARE_LOOPBACK 772

static int any_socket(void) { return (int)OK(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)); }

static struct ifreq about(const char *name) {
    struct ifreq request;
    memset(&request, 0xA5, sizeof request);
    strncpy(request.ifr_name, name, IFNAMSIZ);
    return request;
}

static char *read_file(const char *path) {
    static char text[8192];
    int fd = (int)OK(open(path, O_RDONLY | O_CLOEXEC));
    ssize_t length = OK(read(fd, text, sizeof text - 1));
    text[length] = 0;
    OK(close(fd));
    return text;
}

static void set_up(int fd, bool up) {
    struct ifreq request = about("lo");
    OK(ioctl(fd, SIOC_GET_FLAGS, &request));
    request.ifr_flags = (short)(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
    OK(ioctl(fd, SIOC_SET_FLAGS, &request));
}

TEST(any_socket_tells_of_interfaces) {
    int fd = any_socket();
    struct ifreq request = about("lo");
    OK(ioctl(fd, SIOC_GET_INDEX, &request));
    int index = request.ifr_ifindex;
    CHECK(index >= 1);
    memset(request.ifr_name, 'x', IFNAMSIZ);
    OK(ioctl(fd, SIOC_GET_NAME, &request));
    CHECK_STR(request.ifr_name, "lo");
    request = about("lo");
    OK(ioctl(fd, SIOC_GET_MTU, &request));
    CHECK_EQ(request.ifr_mtu, 65536);
    request = about("lo");
    OK(ioctl(fd, SIOC_GET_QUEUE, &request));
    CHECK_EQ(request.ifr_qlen, 1000);
    request = about("lo");
    OK(ioctl(fd, SIOC_GET_METRIC, &request));
    CHECK_EQ(request.ifr_metric, 0);
    request = about("lo");
    OK(ioctl(fd, SIOC_GET_HARDWARE, &request));
    CHECK_EQ(request.ifr_hwaddr.sa_family, HARDWARE_LOOPBACK);
    for (int i = 0; i < 6; i++) CHECK_EQ(request.ifr_hwaddr.sa_data[i], 0);

    /* An alias is a name of its device. */
    request = about("lo:1");
    OK(ioctl(fd, SIOC_GET_INDEX, &request));
    CHECK_EQ(request.ifr_ifindex, index);
    CHECK_STR(request.ifr_name, "lo:1");
}

TEST(questions_about_interfaces_fail_as_they_should) {
    int fd = any_socket();
    struct ifreq request = about("none7");
    CHECK_ERRNO(ioctl(fd, SIOC_GET_INDEX, &request), ENODEV);
    CHECK_ERRNO(ioctl(fd, SIOC_GET_FLAGS, &request), ENODEV);
    CHECK_ERRNO(ioctl(fd, SIOC_GET_HARDWARE, &request), ENODEV);
    CHECK_ERRNO(ioctl(fd, SIOC_SET_FLAGS, &request), ENODEV);
    request.ifr_ifindex = 1 << 20;
    CHECK_ERRNO(ioctl(fd, SIOC_GET_NAME, &request), ENODEV);
    CHECK_ERRNO(ioctl(fd, SIOC_GET_INDEX, (void *)8), EFAULT);
    CHECK_ERRNO(ioctl(fd, SIOC_GET_CONF, (void *)8), EFAULT);

    /* Addresses of the Internet protocol are no affair of this socket. */
    request = about("lo");
    CHECK_ERRNO(ioctl(fd, SIOC_GET_ADDRESS, &request), ENOTTY);
    CHECK_ERRNO(ioctl(fd, 0x89C0, &request), ENOTTY);
    CHECK_ERRNO(ioctl(0, SIOC_GET_INDEX, &request), ENOTTY);
    request.ifr_mtu = -1;
    CHECK_ERRNO(ioctl(fd, SIOC_SET_MTU, &request), EINVAL);
    request.ifr_qlen = -1;
    CHECK_ERRNO(ioctl(fd, SIOC_SET_QUEUE, &request), EINVAL);
}

TEST(no_interface_has_an_internet_address) {
    if (socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) >= 0) SKIP("this kernel gives lo an address of the Internet protocol");
    int fd = any_socket();
    struct ifreq list[8];
    struct ifconf conf = {.ifc_len = sizeof list, .ifc_req = list};
    OK(ioctl(fd, SIOC_GET_CONF, &conf));
    CHECK_EQ(conf.ifc_len, 0);
}

TEST(lo_goes_up_and_down) {
    int fd = any_socket();
    set_up(fd, true);
    struct ifreq request = about("lo");
    OK(ioctl(fd, SIOC_GET_FLAGS, &request));
    CHECK_EQ(request.ifr_flags, IFF_UP | IFF_LOOPBACK | IFF_RUNNING);
    CHECK_STR(read_file("/sys/class/net/lo/flags"), "0x9\n");
    CHECK_STR(read_file("/sys/class/net/lo/operstate"), "unknown\n");
    CHECK_STR(read_file("/sys/class/net/lo/carrier"), "1\n");
    set_up(fd, false);
    request = about("lo");
    OK(ioctl(fd, SIOC_GET_FLAGS, &request));
    CHECK_EQ(request.ifr_flags, IFF_LOOPBACK);
    CHECK_STR(read_file("/sys/class/net/lo/flags"), "0x8\n");
    CHECK_STR(read_file("/sys/class/net/lo/operstate"), "down\n");
    int file = (int)OK(open("/sys/class/net/lo/carrier", O_RDONLY));
    char byte;
    CHECK_ERRNO(read(file, &byte, 1), EINVAL);
}

TEST(interfaces_are_changed_with_the_capability_only) {
    int fd = any_socket();
    CHILD({
        OK(setresuid(1000, 1000, 1000));
        struct ifreq request = about("lo");
        OK(ioctl(fd, SIOC_GET_FLAGS, &request));
        CHECK_ERRNO(ioctl(fd, SIOC_SET_FLAGS, &request), EPERM);
        CHECK_ERRNO(ioctl(fd, SIOC_SET_MTU, &request), EPERM);
        request = about("none7");
        CHECK_ERRNO(ioctl(fd, SIOC_SET_MTU, &request), EPERM);
        CHECK_ERRNO(open("/sys/class/net/lo/mtu", O_WRONLY), EACCES);
    });
}

TEST(files_of_interfaces_say_what_requests_say) {
    int fd = any_socket();
    struct ifreq request = about("lo");
    request.ifr_mtu = 9000;
    OK(ioctl(fd, SIOC_SET_MTU, &request));
    CHECK_STR(read_file("/sys/class/net/lo/mtu"), "9000\n");
    int file = (int)OK(open("/sys/class/net/lo/mtu", O_WRONLY));
    CHECK_EQ(write(file, "65536\n", 6), 6);
    CHECK_ERRNO(write(file, "many\n", 5), EINVAL);
    OK(close(file));
    request = about("lo");
    OK(ioctl(fd, SIOC_GET_MTU, &request));
    CHECK_EQ(request.ifr_mtu, 65536);
    file = (int)OK(open("/sys/class/net/lo/tx_queue_len", O_WRONLY));
    CHECK_EQ(write(file, "0x1f4", 5), 5);
    OK(close(file));
    request = about("lo");
    OK(ioctl(fd, SIOC_GET_QUEUE, &request));
    CHECK_EQ(request.ifr_qlen, 500);
    request.ifr_qlen = 1000;
    OK(ioctl(fd, SIOC_SET_QUEUE, &request));
    CHECK_STR(read_file("/sys/class/net/lo/tx_queue_len"), "1000\n");
    CHECK_STR(read_file("/sys/class/net/lo/address"), "00:00:00:00:00:00\n");
    CHECK_STR(read_file("/sys/class/net/lo/type"), "772\n");
    request = about("lo");
    OK(ioctl(fd, SIOC_GET_INDEX, &request));
    CHECK_EQ(atoi(read_file("/sys/class/net/lo/ifindex")), request.ifr_ifindex);
    CHECK(strstr(read_file("/sys/class/net/lo/uevent"), "INTERFACE=lo\n") != NULL);
    static const char *const counters[] = {"rx_packets", "tx_packets", "rx_bytes", "tx_bytes", "rx_errors", "tx_errors", "rx_dropped", "tx_dropped", "multicast", "collisions", "rx_length_errors",
        "rx_over_errors", "rx_crc_errors", "rx_frame_errors", "rx_fifo_errors", "rx_missed_errors", "tx_aborted_errors", "tx_carrier_errors", "tx_fifo_errors", "tx_heartbeat_errors",
        "tx_window_errors", "rx_compressed", "tx_compressed", "rx_nohandler"};
    for (size_t i = 0; i < COUNT_OF(counters); i++) {
        char path[128];
        snprintf(path, sizeof path, "/sys/class/net/lo/statistics/%s", counters[i]);
        char *text = read_file(path);
        CHECK(*text >= '0' && *text <= '9');
    }
}

TEST(proc_net_dev_has_a_line_of_sixteen_numbers) {
    char *text = read_file("/proc/net/dev");
    CHECK(strstr(text, "Inter-|   Receive") == text);
    char *line = strstr(text, "    lo: ");
    CHECK(line != NULL);
    line += 8;
    for (int i = 0; i < 16; i++) {
        char *end;
        strtoull(line, &end, 10);
        CHECK(end > line);
        line = end;
    }
    CHECK_EQ(*line, '\n');
}
