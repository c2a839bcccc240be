/* What the tests of sockets share. */
#ifndef SOCKETS_H
#define SOCKETS_H

#include "test.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>

#ifndef SIOCOUTQ
#define SIOCOUTQ 0x5411
#endif
#ifndef SIOCATMARK
#define SIOCATMARK 0x8905
#endif

struct pair {
    int one, other;
};

static inline struct pair pair_make(int type) {
    int ends[2];
    OK(socketpair(AF_UNIX, type, 0, ends));
    return (struct pair){ends[0], ends[1]};
}

static inline short events_of(int fd) {
    struct pollfd item = {fd, POLLIN | POLLPRI | POLLOUT | POLLRDHUP, 0};
    OK(poll(&item, 1, 0));
    return item.revents;
}

/* An address with a path, or an abstract one when the name begins with @; the length goes to *length. */
static inline struct sockaddr_un address_of(const char *name, socklen_t *length) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t bytes = strlen(name);
    memcpy(address.sun_path, name, bytes);
    *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + bytes + (name[0] != '@'));
    if (name[0] == '@') address.sun_path[0] = 0;
    return address;
}

static inline int bind_to(int fd, const char *name) {
    socklen_t length;
    struct sockaddr_un address = address_of(name, &length);
    return bind(fd, (struct sockaddr *)&address, length);
}

static inline int connect_to(int fd, const char *name) {
    socklen_t length;
    struct sockaddr_un address = address_of(name, &length);
    return connect(fd, (struct sockaddr *)&address, length);
}

static inline ssize_t send_to(int fd, const void *bytes, size_t count, int flags, const char *name) {
    socklen_t length;
    struct sockaddr_un address = address_of(name, &length);
    return sendto(fd, bytes, count, flags, (struct sockaddr *)&address, length);
}

static inline int listen_at(int type, const char *name, int backlog) {
    int fd = (int)OK(socket(AF_UNIX, type, 0));
    OK(bind_to(fd, name));
    OK(listen(fd, backlog));
    return fd;
}

static inline int client_of(int type, const char *name) {
    int fd = (int)OK(socket(AF_UNIX, type, 0));
    OK(connect_to(fd, name));
    return fd;
}

static inline int option_of(int fd, int option) {
    int value = -1;
    socklen_t length = sizeof value;
    OK(getsockopt(fd, SOL_SOCKET, option, &value, &length));
    CHECK_EQ(length, sizeof value);
    return value;
}

static inline void set_option(int fd, int option, int value) {
    OK(setsockopt(fd, SOL_SOCKET, option, &value, sizeof value));
}

static inline void set_timeout(int fd, int option, int milliseconds) {
    struct timeval time = {milliseconds / 1000, milliseconds % 1000 * 1000};
    OK(setsockopt(fd, SOL_SOCKET, option, &time, sizeof time));
}

/* Sends bytes with descriptors; recvmsg with room for some. */
static inline ssize_t send_files(int fd, const void *bytes, size_t count, const int *files, size_t number, int flags) {
    char control[CMSG_SPACE(sizeof(int) * 253)] = "";
    struct iovec vector = {(void *)bytes, count};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(sizeof(int) * number)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * number);
    memcpy(CMSG_DATA(header), files, sizeof(int) * number);
    return sendmsg(fd, &message, flags);
}

struct received {
    ssize_t count;
    int flags, number, files[253];
    bool has_identity;
    struct ucred identity;
    size_t control;
};

static inline struct received receive(int fd, void *bytes, size_t count, size_t room, int flags) {
    static char control[4096];
    struct iovec vector = {bytes, count};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = room ? control : NULL, .msg_controllen = room};
    struct received result = {.count = recvmsg(fd, &message, flags)};
    if (result.count < 0) return result;
    result.flags = message.msg_flags;
    result.control = message.msg_controllen;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        CHECK_EQ(header->cmsg_level, SOL_SOCKET);
        if (header->cmsg_type == SCM_RIGHTS) {
            result.number = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
            memcpy(result.files, CMSG_DATA(header), sizeof(int) * (size_t)result.number);
        } else if (header->cmsg_type == SCM_CREDENTIALS) {
            result.has_identity = true;
            memcpy(&result.identity, CMSG_DATA(header), sizeof result.identity);
        }
    }
    return result;
}

static inline bool same_file(int one, int other) {
    struct stat a, b;
    OK(fstat(one, &a));
    OK(fstat(other, &b));
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

#endif
