/* SOCK_DGRAM and SOCK_SEQPACKET. */
#include "sockets.h"

static int bound(int type, const char *name) {
    int fd = (int)OK(socket(AF_UNIX, type, 0));
    OK(bind_to(fd, name));
    return fd;
}

TEST(messages_keep_their_borders_and_say_who_sent_them) {
    int one = bound(SOCK_DGRAM, "one"), two = bound(SOCK_DGRAM, "@two"), nameless = (int)OK(socket(AF_UNIX, SOCK_DGRAM, 0));
    char text[16];
    struct sockaddr_un address;
    socklen_t length = sizeof address;
    CHECK_EQ(send_to(two, "hello", 5, 0, "one"), 5);
    CHECK_EQ(send_to(two, "", 0, 0, "one"), 0);
    CHECK_EQ(send_to(nameless, "again", 5, 0, "one"), 5);
    CHECK_EQ(recvfrom(one, text, 16, 0, (struct sockaddr *)&address, &length), 5);
    CHECK_EQ(length, 2 + 4);
    CHECK_EQ(memcmp(address.sun_path, "\0two", 4), 0);
    length = sizeof address;
    CHECK_EQ(recvfrom(one, text, 16, 0, (struct sockaddr *)&address, &length), 0);
    CHECK_EQ(length, 2 + 4);
    int in;
    OK(ioctl(one, FIONREAD, &in));
    CHECK_EQ(in, 5);
    length = sizeof address;
    CHECK_EQ(recvfrom(one, text, 16, 0, (struct sockaddr *)&address, &length), 5);
    CHECK_EQ(length, 0);
    CHECK_ERRNO(recv(one, text, 16, MSG_DONTWAIT), EAGAIN);
}

TEST(a_message_that_is_too_long_for_the_buffer_is_cut) {
    struct pair pair = pair_make(SOCK_DGRAM);
    char text[8] = "";
    for (int i = 0; i < 4; i++) CHECK_EQ(write(pair.one, "abcdef", 6), 6);
    CHECK_EQ(read(pair.other, text, 3), 3);
    CHECK_EQ(recv(pair.other, text, 3, MSG_TRUNC), 6);
    CHECK_EQ(recv(pair.other, text, 3, MSG_PEEK | MSG_TRUNC), 6);
    struct received message = receive(pair.other, text, 4, 0, 0);
    CHECK_EQ(message.count, 4);
    CHECK_EQ(message.flags, MSG_TRUNC);
    message = receive(pair.other, text, 8, 0, 0);
    CHECK_EQ(message.flags, 0);
    CHECK_EQ(message.count, 6);
}

TEST(large_messages_arrive_whole) {
    static char out[150000], in[150001];
    int types[] = {SOCK_DGRAM, SOCK_SEQPACKET};
    for (int t = 0; t < 2; t++) {
        struct pair pair = pair_make(types[t]);
        for (size_t i = 0; i < sizeof out; i++) out[i] = (char)(i * 7 >> 2);
        CHECK_EQ(write(pair.one, out, sizeof out), sizeof out);
        CHECK_EQ(read(pair.other, in, sizeof in), sizeof out);
        CHECK_EQ(memcmp(in, out, sizeof out), 0);
        int size = option_of(pair.one, SO_SNDBUF);
        char *huge = calloc(1, (size_t)size);
        CHECK_ERRNO(send(pair.one, huge, (size_t)size - 31, MSG_DONTWAIT), EMSGSIZE);
        CHECK_EQ(send(pair.one, huge, (size_t)size - 32, MSG_DONTWAIT), size - 32);
        CHECK_ERRNO(send(pair.one, huge, 1, MSG_DONTWAIT), EAGAIN);
    }
}

TEST(errors_of_datagrams) {
    int one = bound(SOCK_DGRAM, "one"), two = (int)OK(socket(AF_UNIX, SOCK_DGRAM, 0));
    bound(SOCK_STREAM, "stream");
    char byte;
    CHECK_ERRNO(write(two, "x", 1), ENOTCONN);
    CHECK_ERRNO(send_to(two, "x", 1, 0, "nobody"), ENOENT);
    CHECK_ERRNO(send_to(two, "x", 1, 0, "@nobody"), ECONNREFUSED);
    CHECK_ERRNO(send_to(two, "x", 1, 0, "stream"), EPROTOTYPE);
    CHECK_ERRNO(send(two, "x", 1, MSG_OOB), EOPNOTSUPP);
    CHECK_ERRNO(recv(two, &byte, 1, MSG_OOB), EOPNOTSUPP);
    CHECK_ERRNO(listen(one, 1), EOPNOTSUPP);
    CHECK_ERRNO(accept(one, NULL, NULL), EOPNOTSUPP);
    CHECK_EQ(events_of(two), POLLOUT);
    OK(connect_to(two, "one"));
    OK(close(one));
    CHECK_ERRNO(write(two, "x", 1), ECONNREFUSED);
    CHECK_ERRNO(write(two, "x", 1), ENOTCONN);
}

TEST(a_connected_datagram_socket_takes_messages_of_its_partner_only) {
    int one = bound(SOCK_DGRAM, "one"), two = bound(SOCK_DGRAM, "two"), three = bound(SOCK_DGRAM, "three");
    char byte;
    OK(connect_to(one, "two"));
    CHECK_EQ(write(one, "x", 1), 1);
    CHECK_EQ(recv(two, &byte, 1, 0), 1);
    CHECK_ERRNO(send_to(three, "x", 1, 0, "one"), EPERM);
    CHECK_ERRNO(connect_to(three, "one"), EPERM);
    CHECK_EQ(send_to(two, "x", 1, 0, "one"), 1);
    CHECK_EQ(send_to(one, "y", 1, 0, "three"), 1);
    CHECK_EQ(recv(three, &byte, 1, 0), 1);
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    OK(connect(one, &none, sizeof none));
    CHECK_ERRNO(write(one, "x", 1), ENOTCONN);
    CHECK_ERRNO(recv(one, &byte, 1, MSG_DONTWAIT), EAGAIN);
    CHECK_EQ(send_to(three, "x", 1, 0, "one"), 1);
}

TEST(a_partner_that_goes_elsewhere_resets) {
    int one = bound(SOCK_DGRAM, "one"), two = bound(SOCK_DGRAM, "two");
    OK(connect_to(one, "two"));
    OK(connect_to(two, "one"));
    CHECK_EQ(write(one, "lost", 4), 4);
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    OK(connect(two, &none, sizeof none));
    CHECK(events_of(one) & POLLERR);
    char byte;
    CHECK_ERRNO(recv(one, &byte, 1, 0), ECONNRESET);
    CHECK_ERRNO(recv(two, &byte, 1, MSG_DONTWAIT), EAGAIN);
}

TEST(a_receiver_keeps_so_many_messages_of_strangers) {
    int receiver = bound(SOCK_DGRAM, "receiver"), sender = (int)OK(socket(AF_UNIX, SOCK_DGRAM, 0));
    char text[32];
    test_read_file("/proc/sys/net/unix/max_dgram_qlen", text, sizeof text);
    int most = atoi(text) + 1;
    OK(connect_to(sender, "receiver"));
    for (int i = 0; i < most; i++) CHECK_EQ(send(sender, &i, sizeof i, MSG_DONTWAIT), sizeof i);
    CHECK_ERRNO(send(sender, "x", 1, MSG_DONTWAIT), EAGAIN);
    CHECK_EQ(events_of(sender), 0);
    int epoll = (int)OK(epoll_create1(0));
    struct epoll_event event = {.events = EPOLLOUT | EPOLLET}, found;
    OK(epoll_ctl(epoll, EPOLL_CTL_ADD, sender, &event));
    CHECK_EQ(epoll_wait(epoll, &found, 1, 0), 0);
    pid_t child = CHILD(CHECK_EQ(write(sender, &most, sizeof most), sizeof most));
    pid_t poller = CHILD(struct pollfd item = {sender, POLLOUT, 0}; CHECK_EQ(poll(&item, 1, 20000), 1));
    test_wait_state(child, "S");
    test_wait_state(poller, "S");
    for (int i = 0; i <= most; i++) {
        int number;
        CHECK_EQ(recv(receiver, &number, sizeof number, 0), sizeof number);
        CHECK_EQ(number, i);
    }
    CHECK_EXIT(child, 0);
    CHECK_EXIT(poller, 0);
    CHECK_EQ(epoll_wait(epoll, &found, 1, 1000), 1);
    set_timeout(sender, SO_SNDTIMEO, 30);
    for (int i = 0; i < most; i++) CHECK_EQ(write(sender, "x", 1), 1);
    CHECK_ERRNO(write(sender, "x", 1), EAGAIN);
    set_timeout(sender, SO_SNDTIMEO, 0);
    child = CHILD(close(receiver); CHECK_ERRNO(write(sender, "x", 1), ECONNREFUSED));
    test_wait_state(child, "S");
    OK(close(receiver));
    CHECK_EXIT(child, 0);
}

TEST(a_pair_is_limited_by_the_send_buffer_only) {
    struct pair pair = pair_make(SOCK_DGRAM | SOCK_NONBLOCK);
    int sent = 0;
    while (write(pair.one, "x", 1) == 1) sent++;
    CHECK_EQ(errno, EAGAIN);
    CHECK(sent > 100);
    CHECK_EQ(events_of(pair.one) & POLLOUT, 0);
    char byte;
    for (int i = 0; i < sent; i++) CHECK_EQ(read(pair.other, &byte, 1), 1);
    CHECK_ERRNO(read(pair.other, &byte, 1), EAGAIN);
    CHECK(events_of(pair.one) & POLLOUT);
}

TEST(many_senders_to_one_receiver_lose_nothing) {
    enum { SENDERS = 5, ROUNDS = 200 };
    int receiver = bound(SOCK_DGRAM, "receiver");
    pid_t senders[SENDERS];
    for (int i = 0; i < SENDERS; i++) {
        senders[i] = CHILD(int fd = (int)OK(socket(AF_UNIX, SOCK_DGRAM, 0)); for (int round = 0; round < ROUNDS; round++) {
            int number[2] = {i, round};
            CHECK_EQ(send_to(fd, number, sizeof number, 0, "receiver"), sizeof number);
        });
    }
    int next[SENDERS] = {0};
    for (int i = 0; i < SENDERS * ROUNDS; i++) {
        int number[2];
        CHECK_EQ(recv(receiver, number, sizeof number, 0), sizeof number);
        CHECK_EQ(number[1], next[number[0]]);
        next[number[0]]++;
    }
    for (int i = 0; i < SENDERS; i++) CHECK_EXIT(senders[i], 0);
}

TEST(shutdown_of_datagrams) {
    struct pair pair = pair_make(SOCK_DGRAM);
    char byte;
    OK(shutdown(pair.one, SHUT_WR));
    CHECK_ERRNO(write(pair.one, "x", 1), EPIPE);
    CHECK_EQ(write(pair.other, "x", 1), 1);
    OK(shutdown(pair.one, SHUT_RD));
    CHECK_ERRNO(write(pair.other, "x", 1), EPIPE);
    CHECK_EQ(read(pair.one, &byte, 1), 1);
    CHECK_EQ(read(pair.one, &byte, 1), 0);
    CHECK_ERRNO(recv(pair.one, &byte, 1, MSG_DONTWAIT), EAGAIN);
    CHECK_EQ(events_of(pair.one) & (POLLHUP | POLLRDHUP | POLLIN), POLLHUP | POLLRDHUP | POLLIN);
}

TEST(sequenced_packets_are_connected_messages) {
    int listener = listen_at(SOCK_SEQPACKET, "server", 5), client = client_of(SOCK_SEQPACKET, "server"), accepted = (int)OK(accept(listener, NULL, NULL));
    char text[16] = "";
    for (int i = 0; i < 20; i++) CHECK_EQ(write(client, "packet", 6), 6);
    CHECK_EQ(read(accepted, text, 3), 3);
    CHECK_EQ(read(accepted, text, 16), 6);
    struct received message = receive(accepted, text, 2, 0, 0);
    CHECK_EQ(message.flags, MSG_TRUNC);
    OK(close(client));
    for (int i = 0; i < 17; i++) CHECK_EQ(read(accepted, text, 16), 6);
    CHECK_EQ(read(accepted, text, 16), 0);
    CHECK_EQ(recv(accepted, text, 16, MSG_DONTWAIT), 0);
    CHECK_ERRNO(write(accepted, "x", 1), EPIPE);
    int fd = (int)OK(socket(AF_UNIX, SOCK_SEQPACKET, 0));
    CHECK_ERRNO(read(fd, text, 1), ENOTCONN);
    CHECK_ERRNO(write(fd, text, 1), ENOTCONN);
    struct pair pair = pair_make(SOCK_SEQPACKET);
    CHECK_ERRNO(send(pair.one, "x", 1, MSG_OOB), EOPNOTSUPP);
    CHECK_EQ(send_to(pair.one, "x", 1, 0, "ignored"), 1);
    CHECK_EQ(write(pair.other, "unread", 6), 6);
    OK(close(pair.one));
    CHECK_ERRNO(read(pair.other, text, 1), ECONNRESET);
    CHECK_EQ(read(pair.other, text, 1), 1);
    CHECK_EQ(read(pair.other, text, 1), 0);
}

TEST(a_fault_loses_a_message_that_is_received_and_none_that_is_sent) {
    struct pair pair = pair_make(SOCK_DGRAM);
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), text[16];
    OK(munmap(pages + 4096, 4096));
    memset(pages, 'p', 4096);
    CHECK_ERRNO(write(pair.one, pages + 4090, 100), EFAULT);
    CHECK_ERRNO(recv(pair.other, text, 16, MSG_DONTWAIT), EAGAIN);
    CHECK_EQ(write(pair.one, "abc", 3), 3);
    CHECK_EQ(write(pair.one, "def", 3), 3);
    CHECK_ERRNO(read(pair.other, pages + 4096, 3), EFAULT);
    CHECK_EQ(read(pair.other, text, 16), 3);
    CHECK_EQ(memcmp(text, "def", 3), 0);
}

TEST(several_messages_in_one_call) {
    struct pair pair = pair_make(SOCK_DGRAM);
    char out[4][8] = {"one", "two2", "three", "x"}, in[6][8] = {""};
    struct iovec vectors[6];
    struct mmsghdr messages[6] = {0};
    for (int i = 0; i < 4; i++) {
        vectors[i] = (struct iovec){out[i], strlen(out[i])};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    CHECK_EQ(sendmmsg(pair.one, messages, 4, 0), 4);
    CHECK_EQ(messages[1].msg_len, 4);
    for (int i = 0; i < 6; i++) {
        vectors[i] = (struct iovec){in[i], 8};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    CHECK_EQ(recvmmsg(pair.other, messages, 2, 0, NULL), 2);
    CHECK_STR(in[1], "two2");
    CHECK_EQ(recvmmsg(pair.other, messages, 6, MSG_WAITFORONE, NULL), 2);
    CHECK_EQ(messages[0].msg_len, 5);
    CHECK_ERRNO(recvmmsg(pair.other, messages, 6, MSG_DONTWAIT, NULL), EAGAIN);
    CHECK_EQ(write(pair.one, "timed", 5), 5);
    struct timespec none = {0, 0}, bad = {0, 1000000000};
    CHECK_EQ(recvmmsg(pair.other, messages, 6, 0, &none), 1);
    CHECK_ERRNO(recvmmsg(pair.other, messages, 6, 0, &bad), EINVAL);
    CHECK_EQ(sendmmsg(pair.one, messages, 0, 0), 0);
    messages[1].msg_hdr.msg_iov = (struct iovec *)8;
    messages[0].msg_hdr.msg_iov->iov_len = 1;
    CHECK_EQ(sendmmsg(pair.one, messages, 2, 0), 1);
    CHECK_ERRNO(sendmmsg(pair.one, messages + 1, 1, 0), EFAULT);
}

TEST(the_time_of_a_message_is_told) {
    struct pair pair = pair_make(SOCK_DGRAM);
    char control[64], byte;
    struct iovec vector = {&byte, 1};
    set_option(pair.other, SO_TIMESTAMP, 1);
    struct timeval before, sent, after;
    gettimeofday(&before, NULL);
    CHECK_EQ(write(pair.one, "x", 1), 1);
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    CHECK_EQ(recvmsg(pair.other, &message, 0), 1);
    gettimeofday(&after, NULL);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    CHECK(header);
    CHECK_EQ(header->cmsg_type, SO_TIMESTAMP);
    CHECK_EQ(header->cmsg_len, CMSG_LEN(sizeof sent));
    memcpy(&sent, CMSG_DATA(header), sizeof sent);
    CHECK(sent.tv_sec <= after.tv_sec && sent.tv_sec >= before.tv_sec - 1);
    set_option(pair.other, SO_TIMESTAMPNS, 1);
    CHECK_EQ(option_of(pair.other, SO_TIMESTAMP), 0);
    CHECK_EQ(write(pair.one, "x", 1), 1);
    message.msg_controllen = sizeof control;
    CHECK_EQ(recvmsg(pair.other, &message, 0), 1);
    CHECK_EQ(CMSG_FIRSTHDR(&message)->cmsg_type, SO_TIMESTAMPNS);
}
