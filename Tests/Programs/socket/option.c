/* Options, creation, and input that is wrong. */
#include "sockets.h"

static long raw_option(int fd, int option, void *value, socklen_t *length) { return syscall(SYS_getsockopt, fd, SOL_SOCKET, option, value, length); }

TEST(sockets_are_made_of_three_types) {
    int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
    CHECK_EQ(fcntl(fd, F_GETFL) & (O_NONBLOCK | O_ACCMODE), O_NONBLOCK | O_RDWR);
    CHECK_EQ(option_of(fd, SO_TYPE), SOCK_STREAM);
    CHECK_EQ(option_of(fd, SO_DOMAIN), AF_UNIX);
    CHECK_EQ(option_of(fd, SO_PROTOCOL), 0);
    CHECK_EQ(option_of((int)OK(socket(AF_UNIX, SOCK_RAW, 0)), SO_TYPE), SOCK_DGRAM);
    CHECK_EQ(option_of((int)OK(socket(AF_UNIX, SOCK_SEQPACKET, AF_UNIX)), SO_PROTOCOL), 0);
    CHECK_ERRNO(socket(AF_UNIX, SOCK_RDM, 0), ESOCKTNOSUPPORT);
    CHECK_ERRNO(socket(AF_UNIX, 0, 0), ESOCKTNOSUPPORT);
    CHECK_ERRNO(socket(AF_UNIX, 15, 0), EINVAL);
    CHECK_ERRNO(socket(AF_UNIX, SOCK_STREAM | 0x10, 0), EINVAL);
    CHECK_ERRNO(socket(AF_UNIX, SOCK_STREAM, 2), EPROTONOSUPPORT);
    CHECK_ERRNO(socket(99, SOCK_STREAM, 0), EAFNOSUPPORT);
    CHECK_ERRNO(socket(-1, SOCK_STREAM, 0), EAFNOSUPPORT);
    CHECK_ERRNO(socket(AF_UNSPEC, SOCK_STREAM, 0), EAFNOSUPPORT);
    int ends[2] = {-7, -7};
    CHECK_ERRNO(socketpair(AF_UNIX, SOCK_STREAM, 0, (int *)8), EFAULT);
    CHECK_ERRNO(socketpair(AF_UNIX, SOCK_STREAM | 0x10, 0, ends), EINVAL);
    CHECK_ERRNO(socketpair(AF_UNIX, SOCK_RDM, 0, ends), ESOCKTNOSUPPORT);
    OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
    CHECK_EQ(fcntl(ends[1], F_GETFD), FD_CLOEXEC);
    struct rlimit limit = {(rlim_t)ends[1] + 2, 1024};
    OK(setrlimit(RLIMIT_NOFILE, &limit));
    int more[2];
    CHECK_ERRNO(socketpair(AF_UNIX, SOCK_STREAM, 0, more), EMFILE);
    int last = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK_ERRNO(socket(AF_UNIX, SOCK_STREAM, 0), EMFILE);
    (void)last;
}

TEST(buffers_are_doubled_limited_and_never_too_small) {
    int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK_EQ(option_of(fd, SO_SNDBUF), 212992);
    CHECK_EQ(option_of(fd, SO_RCVBUF), 212992);
    set_option(fd, SO_SNDBUF, 10000);
    set_option(fd, SO_RCVBUF, 10000);
    CHECK_EQ(option_of(fd, SO_SNDBUF), 20000);
    CHECK_EQ(option_of(fd, SO_RCVBUF), 20000);
    set_option(fd, SO_SNDBUF, 1);
    set_option(fd, SO_RCVBUF, 1);
    CHECK_EQ(option_of(fd, SO_SNDBUF), 4608);
    CHECK_EQ(option_of(fd, SO_RCVBUF), 2304);
    set_option(fd, SO_SNDBUF, 1 << 30);
    CHECK_EQ(option_of(fd, SO_SNDBUF), 212992 * 2);
    set_option(fd, SO_SNDBUFFORCE, 1 << 20);
    CHECK_EQ(option_of(fd, SO_SNDBUF), 2 << 20);
    set_option(fd, SO_RCVBUFFORCE, 1 << 20);
    CHECK_EQ(option_of(fd, SO_RCVBUF), 2 << 20);
    pid_t child = CHILD(OK(setuid(1000)); int one = 1; CHECK_ERRNO(setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &one, sizeof one), EPERM);
                        CHECK_ERRNO(setsockopt(fd, SOL_SOCKET, SO_DEBUG, &one, sizeof one), EACCES); CHECK_ERRNO(setsockopt(fd, SOL_SOCKET, SO_MARK, &one, sizeof one), EPERM);
                        int high = 7; CHECK_ERRNO(setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &high, sizeof high), EPERM));
    CHECK_EXIT(child, 0);
}

TEST(a_small_send_buffer_lets_small_parts_through) {
    struct pair pair = pair_make(SOCK_STREAM);
    set_option(pair.one, SO_SNDBUF, 1);
    pid_t child = CHILD(static char bytes[100000]; close(pair.other); CHECK_EQ(write(pair.one, bytes, sizeof bytes), sizeof bytes));
    OK(close(pair.one));
    static char bytes[3000];
    size_t got = 0;
    ssize_t count;
    while ((count = OK(read(pair.other, bytes, sizeof bytes))) > 0) got += (size_t)count;
    CHECK_EQ(got, 100000);
    CHECK_EXIT(child, 0);
}

TEST(options_that_are_on_or_off) {
    int options[] = {SO_REUSEADDR, SO_KEEPALIVE, SO_BROADCAST, SO_OOBINLINE, SO_DONTROUTE, SO_PASSCRED, SO_PASSSEC, SO_NO_CHECK, SO_DEBUG};
    int fd = (int)OK(socket(AF_UNIX, SOCK_DGRAM, 0));
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        CHECK_EQ(option_of(fd, options[i]), 0);
        set_option(fd, options[i], 5);
        CHECK_EQ(option_of(fd, options[i]), 1);
    }
    for (size_t i = 0; i < COUNT_OF(options); i++) set_option(fd, options[i], 0);
    for (size_t i = 0; i < COUNT_OF(options); i++) CHECK_EQ(option_of(fd, options[i]), 0);
    int on = 1;
    CHECK_ERRNO(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on), EOPNOTSUPP);
    set_option(fd, SO_PRIORITY, 3);
    CHECK_EQ(option_of(fd, SO_PRIORITY), 3);
    CHECK_EQ(option_of(fd, SO_RCVLOWAT), 1);
    CHECK_EQ(option_of(fd, SO_SNDLOWAT), 1);
    set_option(fd, SO_RCVLOWAT, 0);
    CHECK_EQ(option_of(fd, SO_RCVLOWAT), 1);
    CHECK_EQ(option_of(fd, SO_ACCEPTCONN), 0);
    struct linger linger = {1, 5}, found;
    socklen_t length = sizeof found;
    OK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
    OK(getsockopt(fd, SOL_SOCKET, SO_LINGER, &found, &length));
    CHECK(found.l_onoff == 1 && found.l_linger == 5);
}

TEST(timeouts_are_told_as_they_were_set) {
    int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    struct timeval time = {3, 250000}, found;
    socklen_t length = sizeof found;
    OK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time));
    OK(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &found, &length));
    CHECK_EQ(found.tv_sec, 3);
    CHECK(found.tv_usec >= 250000 && found.tv_usec < 260000);
    OK(getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &found, &length));
    CHECK(found.tv_sec == 0 && found.tv_usec == 0);
    time.tv_usec = 1000000;
    CHECK_ERRNO(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time), EDOM);
    CHECK_ERRNO(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, 8), EINVAL);
    struct pair pair = pair_make(SOCK_STREAM);
    time = (struct timeval){-1, 0};
    OK(setsockopt(pair.one, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time));
    char byte;
    CHECK_ERRNO(read(pair.one, &byte, 1), EAGAIN);
}

TEST(wrong_options_and_lengths) {
    int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0)), value = 1;
    socklen_t length = sizeof value;
    CHECK_ERRNO(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, 3), EINVAL);
    CHECK_ERRNO(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, (socklen_t)-1), EINVAL);
    CHECK_ERRNO(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, (void *)8, 4), EFAULT);
    CHECK_ERRNO(setsockopt(fd, SOL_SOCKET, SO_TYPE, &value, 4), ENOPROTOOPT);
    CHECK_ERRNO(setsockopt(fd, SOL_SOCKET, SO_ERROR, &value, 4), ENOPROTOOPT);
    CHECK_ERRNO(setsockopt(fd, SOL_SOCKET, 9999, &value, 4), ENOPROTOOPT);
    CHECK_ERRNO(setsockopt(fd, 6, 1, &value, 4), EOPNOTSUPP);
    CHECK_ERRNO(getsockopt(fd, 6, 1, &value, &length), EOPNOTSUPP);
    CHECK_ERRNO(getsockopt(fd, SOL_SOCKET, 9999, &value, &length), ENOPROTOOPT);
    CHECK_ERRNO(getsockopt(fd, SOL_SOCKET, SO_PEERSEC, &value, &length), ENOPROTOOPT);
    CHECK_ERRNO(raw_option(fd, SO_TYPE, &value, (socklen_t *)8), EFAULT);
    CHECK_ERRNO(raw_option(fd, SO_TYPE, (void *)8, &length), EFAULT);
    length = (socklen_t)-1;
    CHECK_ERRNO(raw_option(fd, SO_TYPE, &value, &length), EINVAL);
    length = 2;
    value = 0x7F7F7F7F;
    OK(raw_option(fd, SO_TYPE, &value, &length));
    CHECK_EQ(length, 2);
    CHECK_EQ(value, 0x7F7F0001);
    CHECK_ERRNO(getsockopt(0, SOL_SOCKET, SO_TYPE, &value, &length), ENOTSOCK);
    CHECK_ERRNO(setsockopt(-1, SOL_SOCKET, SO_TYPE, &value, 4), EBADF);
}

TEST(wrong_descriptors) {
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "x"};
    socklen_t length = sizeof address;
    char byte = 'x';
    struct iovec vector = {&byte, 1};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    struct mmsghdr several = {.msg_hdr = message};
    int path = (int)OK(open(".", O_PATH)), fds[] = {999, -1, path, 0}, errors[] = {EBADF, EBADF, EBADF, ENOTSOCK};
    for (int i = 0; i < 4; i++) {
        int fd = fds[i], error = errors[i];
        CHECK_ERRNO(bind(fd, (struct sockaddr *)&address, length), error);
        CHECK_ERRNO(connect(fd, (struct sockaddr *)&address, length), error);
        CHECK_ERRNO(listen(fd, 1), error);
        CHECK_ERRNO(accept(fd, NULL, NULL), error);
        CHECK_ERRNO(getsockname(fd, (struct sockaddr *)&address, &length), error);
        CHECK_ERRNO(getpeername(fd, (struct sockaddr *)&address, &length), error);
        CHECK_ERRNO(shutdown(fd, 0), error);
        CHECK_ERRNO(send(fd, &byte, 1, 0), error);
        CHECK_ERRNO(recv(fd, &byte, 1, 0), error);
        CHECK_ERRNO(sendmsg(fd, &message, 0), error);
        CHECK_ERRNO(recvmsg(fd, &message, 0), error);
        CHECK_ERRNO(sendmmsg(fd, &several, 1, 0), error);
        CHECK_ERRNO(recvmmsg(fd, &several, 1, 0, NULL), error);
    }
}

TEST(wrong_addresses) {
    struct sockaddr_storage large = {.ss_family = AF_UNIX};
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "x"};
    int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0)), datagrams = (int)OK(socket(AF_UNIX, SOCK_DGRAM, 0));
    int fds[] = {fd, datagrams};
    for (int i = 0; i < 2; i++) {
        CHECK_ERRNO(bind(fds[i], (struct sockaddr *)&address, 129), EINVAL);
        CHECK_ERRNO(bind(fds[i], (struct sockaddr *)&address, (socklen_t)-1), EINVAL);
        CHECK_ERRNO(bind(fds[i], (struct sockaddr *)&address, 0), EINVAL);
        CHECK_ERRNO(bind(fds[i], (struct sockaddr *)&address, 1), EINVAL);
        CHECK_ERRNO(bind(fds[i], (struct sockaddr *)&large, 111), EINVAL);
        CHECK_ERRNO(bind(fds[i], (struct sockaddr *)8, 10), EFAULT);
        CHECK_ERRNO(connect(fds[i], (struct sockaddr *)&address, 2), EINVAL);
        CHECK_ERRNO(connect(fds[i], (struct sockaddr *)&large, 111), EINVAL);
        CHECK_ERRNO(connect(fds[i], (struct sockaddr *)8, 10), EFAULT);
        address.sun_family = AF_INET;
        CHECK_ERRNO(bind(fds[i], (struct sockaddr *)&address, 10), EINVAL);
        CHECK_ERRNO(connect(fds[i], (struct sockaddr *)&address, 10), EINVAL);
        address.sun_family = AF_UNIX;
    }
    CHECK_ERRNO(sendto(datagrams, "x", 1, 0, (struct sockaddr *)&address, 2), EINVAL);
    CHECK_ERRNO(sendto(datagrams, "x", 1, 0, (struct sockaddr *)&address, 200), EINVAL);
    CHECK_ERRNO(sendto(datagrams, "x", 1, 0, (struct sockaddr *)8, 10), EFAULT);
    socklen_t length = 10;
    CHECK_ERRNO(syscall(SYS_getsockname, fd, 8, &length), EFAULT);
    CHECK_ERRNO(syscall(SYS_getsockname, fd, &address, 8), EFAULT);
    length = (socklen_t)-1;
    CHECK_ERRNO(syscall(SYS_getsockname, fd, &address, &length), EINVAL);
    length = 0;
    OK(syscall(SYS_getsockname, fd, 8, &length));
    CHECK_EQ(length, 2);
    int listener = listen_at(SOCK_STREAM, "server", 5);
    client_of(SOCK_STREAM, "server");
    length = 10;
    CHECK_ERRNO(syscall(SYS_accept, listener, 8, &length), EFAULT);
    OK(fcntl(listener, F_SETFL, O_NONBLOCK));
    CHECK_ERRNO(accept(listener, NULL, NULL), EAGAIN);
    CHECK_ERRNO(accept4(listener, NULL, NULL, 0x10), EINVAL);
}

TEST(wrong_message_headers) {
    struct pair pair = pair_make(SOCK_STREAM);
    char byte = 'x';
    struct iovec vector = {&byte, 1}, bad = {(void *)8, 1}, negative = {&byte, (size_t)-1};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    CHECK_ERRNO(sendmsg(pair.one, (struct msghdr *)8, 0), EFAULT);
    CHECK_ERRNO(recvmsg(pair.one, (struct msghdr *)8, 0), EFAULT);
    CHECK_ERRNO(sendmsg(pair.one, &message, (int)0x80000000), EINVAL);
    message.msg_iovlen = 1025;
    CHECK_ERRNO(sendmsg(pair.one, &message, 0), EMSGSIZE);
    CHECK_ERRNO(recvmsg(pair.one, &message, 0), EMSGSIZE);
    message.msg_iovlen = (size_t)-1;
    CHECK_ERRNO(sendmsg(pair.one, &message, 0), EMSGSIZE);
    message.msg_iovlen = 1;
    message.msg_iov = (struct iovec *)8;
    CHECK_ERRNO(sendmsg(pair.one, &message, 0), EFAULT);
    message.msg_iov = &bad;
    CHECK_ERRNO(sendmsg(pair.one, &message, 0), EFAULT);
    message.msg_iov = &negative;
    CHECK_ERRNO(sendmsg(pair.one, &message, 0), EINVAL);
    message.msg_iov = &vector;
    message.msg_name = &byte;
    message.msg_namelen = (socklen_t)-1;
    CHECK_ERRNO(sendmsg(pair.one, &message, 0), EINVAL);
    CHECK_ERRNO(recvmsg(pair.one, &message, 0), EINVAL);
    message.msg_name = (void *)8;
    message.msg_namelen = 10;
    CHECK_ERRNO(sendmsg(pair.one, &message, 0), EFAULT);
    message.msg_name = NULL;
    CHECK_EQ(sendmsg(pair.one, &message, 0), 1);
    CHECK_EQ(recvmsg(pair.other, &message, 0), 1);
    CHECK_ERRNO(send(pair.one, (void *)-100, 200, 0), EFAULT);
    CHECK_ERRNO(recv(pair.one, (void *)-100, 200, 0), EFAULT);
    int value;
    CHECK_ERRNO(ioctl(pair.one, 0x1234, &value), ENOTTY);
    CHECK_ERRNO(syscall(SYS_ioctl, pair.one, FIONREAD, 8), EFAULT);
}
