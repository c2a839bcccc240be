/* Listening, connecting, accepting; addresses. */
#include "sockets.h"

TEST(a_client_connects_and_both_know_each_others_address) {
    int listener = listen_at(SOCK_STREAM, "server", 5), client = client_of(SOCK_STREAM, "server");
    struct sockaddr_un address;
    socklen_t length = sizeof address;
    memset(&address, 0x55, sizeof address);
    int accepted = (int)OK(accept(listener, (struct sockaddr *)&address, &length));
    CHECK_EQ(length, 2);
    CHECK_EQ(address.sun_family, AF_UNIX);
    length = sizeof address;
    OK(getpeername(client, (struct sockaddr *)&address, &length));
    CHECK_EQ(length, 2 + 7);
    CHECK_STR(address.sun_path, "server");
    length = sizeof address;
    OK(getsockname(accepted, (struct sockaddr *)&address, &length));
    CHECK_EQ(length, 2 + 7);
    length = sizeof address;
    OK(getsockname(client, (struct sockaddr *)&address, &length));
    CHECK_EQ(length, 2);
    length = 4;
    OK(getpeername(client, (struct sockaddr *)&address, &length));
    CHECK_EQ(length, 2 + 7);
    CHECK_ERRNO(getpeername(listener, (struct sockaddr *)&address, &length), ENOTCONN);
    CHECK_EQ(write(client, "x", 1), 1);
    char byte;
    CHECK_EQ(recvfrom(accepted, &byte, 1, 0, (struct sockaddr *)&address, &length), 1);
    CHECK_EQ(length, 0);
}

TEST(a_bound_client_has_a_name_for_who_accepts_it) {
    int listener = listen_at(SOCK_STREAM, "@server", 5), client = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    OK(bind_to(client, "client"));
    OK(connect_to(client, "@server"));
    struct sockaddr_un address = {0};
    socklen_t length = sizeof address;
    int accepted = (int)OK(accept4(listener, (struct sockaddr *)&address, &length, SOCK_CLOEXEC | SOCK_NONBLOCK));
    CHECK_STR(address.sun_path, "client");
    CHECK_EQ(fcntl(accepted, F_GETFD), FD_CLOEXEC);
    CHECK(fcntl(accepted, F_GETFL) & O_NONBLOCK);
    char byte;
    CHECK_EQ(write(client, "x", 1), 1);
    length = sizeof address;
    memset(&address, 0, sizeof address);
    CHECK_EQ(recvfrom(accepted, &byte, 1, 0, (struct sockaddr *)&address, &length), 1);
    CHECK_STR(address.sun_path, "client");
    length = sizeof address;
    OK(getpeername(client, (struct sockaddr *)&address, &length));
    CHECK_EQ(length, 2 + 7);
    CHECK_EQ(memcmp(address.sun_path, "\0server", 7), 0);
}

TEST(what_was_sent_before_the_accept_is_there_after_it) {
    int listener = listen_at(SOCK_STREAM, "server", 5), client = client_of(SOCK_STREAM, "server");
    char text[8] = "";
    CHECK_EQ(write(client, "early", 5), 5);
    OK(close(client));
    int accepted = (int)OK(accept(listener, NULL, NULL));
    CHECK_EQ(read(accepted, text, 8), 5);
    CHECK_STR(text, "early");
    CHECK_EQ(read(accepted, text, 8), 0);
}

TEST(errors_of_connecting) {
    int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK_ERRNO(connect_to(fd, "nothing"), ENOENT);
    CHECK_ERRNO(connect_to(fd, "@nothing"), ECONNREFUSED);
    test_write_file("regular", "x");
    CHECK_ERRNO(connect_to(fd, "regular"), ECONNREFUSED);
    CHECK_ERRNO(connect_to(fd, "regular/below"), ENOTDIR);
    OK(mknod("made", S_IFSOCK | 0777, 0));
    CHECK_ERRNO(connect_to(fd, "made"), ECONNREFUSED);
    int bound = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    OK(bind_to(bound, "bound"));
    CHECK_ERRNO(connect_to(fd, "bound"), ECONNREFUSED);
    int packets = listen_at(SOCK_SEQPACKET, "packets", 1);
    CHECK_ERRNO(connect_to(fd, "packets"), EPROTOTYPE);
    CHECK_ERRNO(connect_to(packets, "packets"), EINVAL);
    listen_at(SOCK_STREAM, "server", 1);
    OK(connect_to(fd, "server"));
    CHECK_ERRNO(connect_to(fd, "server"), EISCONN);
    CHECK_ERRNO(listen(fd, 1), EINVAL);
    OK(symlink("server", "link"));
    client_of(SOCK_STREAM, "link");
}

TEST(a_closed_listener_leaves_a_name_that_refuses) {
    int listener = listen_at(SOCK_STREAM, "server", 5), client = client_of(SOCK_STREAM, "server");
    OK(close(listener));
    char byte;
    CHECK_EQ(events_of(client) & (POLLHUP | POLLERR), POLLHUP | POLLERR);
    CHECK_ERRNO(read(client, &byte, 1), ECONNRESET);
    CHECK_EQ(read(client, &byte, 1), 0);
    CHECK_ERRNO(send(client, "x", 1, MSG_NOSIGNAL), EPIPE);
    int other = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK_ERRNO(connect_to(other, "server"), ECONNREFUSED);
    CHECK_ERRNO(bind_to(other, "server"), EADDRINUSE);
    OK(unlink("server"));
    OK(bind_to(other, "server"));
    CHECK_ERRNO(bind_to(other, "second"), EINVAL);
    CHECK_ERRNO(bind_to(other, "@second"), EINVAL);
    CHECK_EQ(access("second", F_OK), -1);
    CHECK_ERRNO(bind_to(other, "server"), EADDRINUSE);
}

TEST(an_unlinked_name_refuses_nobody_who_is_connected_and_can_be_taken_again) {
    int listener = listen_at(SOCK_STREAM, "server", 5), client = client_of(SOCK_STREAM, "server");
    OK(rename("server", "renamed"));
    client_of(SOCK_STREAM, "renamed");
    OK(unlink("renamed"));
    listen_at(SOCK_STREAM, "renamed", 5);
    OK(accept(listener, NULL, NULL));
    CHECK_EQ(write(client, "x", 1), 1);
}

TEST(the_backlog_holds_one_more_than_it_says) {
    int listener = listen_at(SOCK_STREAM, "server", 1);
    client_of(SOCK_STREAM, "server");
    client_of(SOCK_STREAM, "server");
    int third = (int)OK(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    CHECK_ERRNO(connect_to(third, "server"), EAGAIN);
    OK(listen(listener, 2));
    OK(connect_to(third, "server"));
    pid_t child = CHILD(client_of(SOCK_STREAM, "server"));
    test_wait_state(child, "S");
    OK(accept(listener, NULL, NULL));
    CHECK_EXIT(child, 0);
    int last = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    set_timeout(last, SO_SNDTIMEO, 30);
    int64_t begin = test_now();
    CHECK_ERRNO(connect_to(last, "server"), EAGAIN);
    CHECK(test_now() - begin >= 29000000);
}

TEST(a_close_of_the_listener_refuses_who_waits_to_connect) {
    int listener = listen_at(SOCK_STREAM, "@server", 0);
    client_of(SOCK_STREAM, "@server");
    pid_t child = CHILD(close(listener); int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0)); CHECK_ERRNO(connect_to(fd, "@server"), ECONNREFUSED));
    test_wait_state(child, "S");
    OK(close(listener));
    CHECK_EXIT(child, 0);
}

TEST(shutdown_of_a_listener_ends_accepting_and_connecting) {
    int listener = listen_at(SOCK_STREAM, "server", 5), fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    pid_t child = CHILD(CHECK_ERRNO(accept(listener, NULL, NULL), EINVAL));
    test_wait_state(child, "S");
    OK(shutdown(listener, SHUT_RD));
    CHECK_EXIT(child, 0);
    CHECK_ERRNO(accept(listener, NULL, NULL), EINVAL);
    CHECK_ERRNO(connect_to(fd, "server"), ECONNREFUSED);
}

TEST(accept_waits_and_polls) {
    int listener = listen_at(SOCK_STREAM, "server", 5);
    CHECK_EQ(option_of(listener, SO_ACCEPTCONN), 1);
    CHECK_EQ(events_of(listener), 0);
    set_timeout(listener, SO_RCVTIMEO, 30);
    CHECK_ERRNO(accept(listener, NULL, NULL), EAGAIN);
    set_timeout(listener, SO_RCVTIMEO, 0);
    OK(fcntl(listener, F_SETFL, O_NONBLOCK));
    CHECK_ERRNO(accept(listener, NULL, NULL), EAGAIN);
    OK(fcntl(listener, F_SETFL, 0));
    pid_t child = CHILD(int fd = (int)OK(accept(listener, NULL, NULL)); char byte; CHECK_EQ(read(fd, &byte, 1), 1));
    test_wait_state(child, "S");
    int client = client_of(SOCK_STREAM, "server");
    CHECK_EQ(write(client, "x", 1), 1);
    CHECK_EXIT(child, 0);
    client_of(SOCK_STREAM, "server");
    CHECK_EQ(events_of(listener), POLLIN);
    char byte;
    int value;
    CHECK_ERRNO(read(listener, &byte, 1), EINVAL);
    CHECK_ERRNO(write(listener, &byte, 1), ENOTCONN);
    CHECK_ERRNO(ioctl(listener, FIONREAD, &value), EINVAL);
}

TEST(each_connection_is_accepted_once_by_many_servers) {
    enum { SERVERS = 5, CLIENTS = 60 };
    int listener = listen_at(SOCK_STREAM, "server", 3);
    pid_t servers[SERVERS];
    for (int i = 0; i < SERVERS; i++) {
        servers[i] = CHILD(for (;;) {
            char byte;
            int fd = (int)OK(accept(listener, NULL, NULL));
            CHECK_EQ(read(fd, &byte, 1), 1);
            if (byte == 'q') break;
            CHECK_EQ(write(fd, &byte, 1), 1);
            OK(close(fd));
        });
    }
    pid_t clients[3];
    for (int i = 0; i < 3; i++) {
        clients[i] = CHILD(for (int round = 0; round < CLIENTS / 3; round++) {
            char byte = 'a';
            int fd = client_of(SOCK_STREAM, "server");
            CHECK_EQ(write(fd, &byte, 1), 1);
            CHECK_EQ(read(fd, &byte, 1), 1);
            OK(close(fd));
        });
    }
    for (int i = 0; i < 3; i++) CHECK_EXIT(clients[i], 0);
    for (int i = 0; i < SERVERS; i++) CHECK_EQ(write(client_of(SOCK_STREAM, "server"), "q", 1), 1);
    for (int i = 0; i < SERVERS; i++) CHECK_EXIT(servers[i], 0);
}

TEST(abstract_names_are_bytes_and_belong_to_a_type) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t length = sizeof address;
    int one = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0)), two = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0)), three = (int)OK(socket(AF_UNIX, SOCK_DGRAM, 0));
    memcpy(address.sun_path, "\0a\0b", 4);
    OK(bind(one, (struct sockaddr *)&address, 2 + 4));
    CHECK_ERRNO(bind(two, (struct sockaddr *)&address, 2 + 4), EADDRINUSE);
    OK(bind(two, (struct sockaddr *)&address, 2 + 5));
    OK(bind(three, (struct sockaddr *)&address, 2 + 4));
    OK(getsockname(one, (struct sockaddr *)&address, &length));
    CHECK_EQ(length, 6);
    CHECK_EQ(memcmp(address.sun_path, "\0a\0b", 4), 0);
    OK(listen(one, 1));
    OK(close(two));
    two = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK_ERRNO(connect(two, (struct sockaddr *)&address, 2 + 5), ECONNREFUSED);
    OK(connect(two, (struct sockaddr *)&address, 2 + 4));
    OK(close(one));
    one = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    OK(bind(one, (struct sockaddr *)&address, 2 + 4));
}

TEST(autobind_gives_a_free_abstract_name) {
    struct sockaddr_un address = {.sun_family = AF_UNIX}, other;
    int one = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0)), two = (int)OK(socket(AF_UNIX, SOCK_DGRAM, 0));
    OK(bind(one, (struct sockaddr *)&address, 2));
    OK(bind(one, (struct sockaddr *)&address, 2));
    socklen_t length = sizeof other;
    OK(getsockname(one, (struct sockaddr *)&other, &length));
    CHECK_EQ(length, 2 + 6);
    CHECK_EQ(other.sun_path[0], 0);
    for (int i = 1; i < 6; i++) CHECK(strchr("0123456789abcdef", other.sun_path[i]) && other.sun_path[i]);
    OK(listen(one, 1));
    int client = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    OK(connect(client, (struct sockaddr *)&other, length));
    set_option(two, SO_PASSCRED, 1);
    CHECK_ERRNO(send_to(two, "x", 1, 0, "@nobody"), ECONNREFUSED);
    length = sizeof other;
    OK(getsockname(two, (struct sockaddr *)&other, &length));
    CHECK_EQ(length, 2 + 6);
}

TEST(a_path_may_fill_the_address_without_nul) {
    struct sockaddr_un address = {.sun_family = AF_UNIX}, found;
    memset(address.sun_path, 'p', sizeof address.sun_path);
    int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    OK(bind(fd, (struct sockaddr *)&address, sizeof address));
    OK(listen(fd, 1));
    char path[109] = "";
    memset(path, 'p', 108);
    OK(access(path, F_OK));
    struct {
        struct sockaddr_un address;
        char more[8];
    } name;
    socklen_t length = sizeof name;
    OK(getsockname(fd, (struct sockaddr *)&name, &length));
    CHECK_EQ(length, 2 + 109);
    CHECK_EQ(name.more[0], 0);
    int client = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    OK(connect(client, (struct sockaddr *)&address, sizeof address));
    length = sizeof found;
    OK(getpeername(client, (struct sockaddr *)&found, &length));
    CHECK_EQ(length, 2 + 109);
    /* What is behind the NUL does not count. */
    memcpy(address.sun_path, "short\0tail", 11);
    int other = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    OK(bind(other, (struct sockaddr *)&address, 2 + 11));
    OK(access("short", F_OK));
    length = sizeof found;
    OK(getsockname(other, (struct sockaddr *)&found, &length));
    CHECK_EQ(length, 2 + 6);
}

TEST(a_path_gets_the_sockets_permissions_and_needs_write_permission) {
    struct stat status;
    umask(022);
    listen_at(SOCK_STREAM, "server", 5);
    OK(stat("server", &status));
    CHECK_EQ(status.st_mode, S_IFSOCK | 0755);
    CHECK_EQ(status.st_size, 0);
    int other = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    OK(fchmod(other, 0640));
    OK(fstat(other, &status));
    CHECK_EQ(status.st_mode, S_IFSOCK | 0640);
    OK(bind_to(other, "other"));
    OK(stat("other", &status));
    CHECK_EQ(status.st_mode, S_IFSOCK | 0640);
    OK(chmod(".", 0755));
    pid_t child = CHILD(OK(setuid(1000)); int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0)); CHECK_ERRNO(connect_to(fd, "server"), EACCES);
                        CHECK_ERRNO(bind_to(fd, "mine"), EACCES));
    CHECK_EXIT(child, 0);
    OK(chmod("server", 0622));
    child = CHILD(OK(setuid(1000)); client_of(SOCK_STREAM, "server"));
    CHECK_EXIT(child, 0);
    CHECK_ERRNO(open("server", O_RDWR), ENXIO);
}

TEST(a_socket_shows_in_proc) {
    char path[64], text[64] = "", *lines = malloc(1 << 16);
    int listener = listen_at(SOCK_STREAM, "shown-path", 5), name = (int)OK(socket(AF_UNIX, SOCK_DGRAM, 0));
    OK(bind_to(name, "@shown-name"));
    struct stat status;
    OK(fstat(listener, &status));
    snprintf(path, sizeof path, "/proc/self/fd/%d", listener);
    OK(readlink(path, text, sizeof text));
    char expected[64];
    snprintf(expected, sizeof expected, "socket:[%lu]", (unsigned long)status.st_ino);
    CHECK_STR(text, expected);
    CHECK_ERRNO(open(path, O_RDWR), ENXIO);
    test_read_file("/proc/net/unix", lines, 1 << 16);
    CHECK_EQ(strncmp(lines, "Num       RefCount Protocol Flags    Type St Inode Path\n", 56), 0);
    char *line = strstr(lines, " shown-path\n");
    CHECK(line);
    *line = 0;
    line = strrchr(lines, '\n') + 1;
    unsigned references, protocol, flags, type, state;
    unsigned long inode;
    CHECK_EQ(sscanf(line, "%*[0-9a-fA-F]: %X %X %X %X %X %lu", &references, &protocol, &flags, &type, &state, &inode), 6);
    CHECK_EQ(inode, status.st_ino);
    CHECK_EQ(type, SOCK_STREAM);
    CHECK_EQ(state, 1);
    CHECK_EQ(flags, 0x10000);
    test_read_file("/proc/net/unix", lines, 1 << 16);
    CHECK(strstr(lines, " @shown-name\n"));
}

TEST(settings_are_in_proc_sys) {
    char text[32];
    test_read_file("/proc/sys/net/core/somaxconn", text, sizeof text);
    CHECK_STR(text, "4096\n");
    test_read_file("/proc/sys/net/core/wmem_default", text, sizeof text);
    CHECK_STR(text, "212992\n");
    test_read_file("/proc/sys/net/core/optmem_max", text, sizeof text);
    CHECK(atoi(text) >= 20480);
    test_read_file("/proc/sys/net/unix/max_dgram_qlen", text, sizeof text);
    int before = atoi(text);
    test_write_file("/proc/sys/net/unix/max_dgram_qlen", "2");
    int receiver = (int)OK(socket(AF_UNIX, SOCK_DGRAM, 0)), sender = (int)OK(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0));
    char restored[16];
    snprintf(restored, sizeof restored, "%d", before);
    test_write_file("/proc/sys/net/unix/max_dgram_qlen", restored);
    OK(bind_to(receiver, "@receiver"));
    for (int i = 0; i < 3; i++) CHECK_EQ(send_to(sender, "x", 1, 0, "@receiver"), 1);
    CHECK_ERRNO(send_to(sender, "x", 1, 0, "@receiver"), EAGAIN);
}

TEST(connecting_against_the_close_of_the_listener_ends_one_way_or_the_other) {
    enum { ROUNDS = 120, CLIENTS = 3 };
    pid_t clients[CLIENTS];
    struct gate stop = gate_make();
    for (int c = 0; c < CLIENTS; c++) {
        clients[c] = CHILD(for (;;) {
            struct pollfd item = {stop.read, POLLIN, 0};
            if (OK(poll(&item, 1, 0)) == 1) break;
            int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
            char byte;
            if (connect_to(fd, "@server") != 0) {
                CHECK_EQ(errno, ECONNREFUSED);
            } else {
                /* Accepted and answered, or reset with the listener. */
                ssize_t count = read(fd, &byte, 1);
                CHECK(count == 1 || (count == -1 && errno == ECONNRESET));
            }
            OK(close(fd));
        });
    }
    for (int round = 0; round < ROUNDS; round++) {
        int listener = listen_at(SOCK_STREAM, "@server", round % 3);
        if (round % 2) {
            int fd = (int)OK(accept(listener, NULL, NULL));
            CHECK_EQ(write(fd, "x", 1), 1);
            OK(close(fd));
        }
        OK(close(listener));
    }
    gate_open(stop);
    for (int c = 0; c < CLIENTS; c++) CHECK_EXIT(clients[c], 0);
}
