/* Control data: descriptors and credentials in messages, and sockets that only messages keep. */
#include "sockets.h"

#include <sys/eventfd.h>
#include <grp.h>

TEST(a_descriptor_is_passed_with_each_type_of_socket) {
    int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    for (int t = 0; t < 3; t++) {
        struct pair pair = pair_make(types[t]);
        struct gate pipe = gate_make();
        char text[8] = "";
        CHECK_EQ(send_files(pair.one, "x", 1, &pipe.write, 1, 0), 1);
        OK(close(pipe.write));
        struct received message = receive(pair.other, text, 8, 256, MSG_CMSG_CLOEXEC);
        CHECK_EQ(message.count, 1);
        CHECK_EQ(message.number, 1);
        CHECK_EQ(message.flags, MSG_CMSG_CLOEXEC);
        CHECK_EQ(message.control, CMSG_SPACE(sizeof(int)));
        CHECK_EQ(fcntl(message.files[0], F_GETFD), FD_CLOEXEC);
        CHECK_EQ(write(message.files[0], "through", 7), 7);
        CHECK_EQ(read(pipe.read, text, 8), 7);
        OK(close(message.files[0]));
        CHECK_EQ(read(pipe.read, text, 8), 0);
    }
}

TEST(a_stream_stops_behind_bytes_with_descriptors) {
    struct pair pair = pair_make(SOCK_STREAM);
    char text[32] = "";
    CHECK_EQ(write(pair.one, "ab", 2), 2);
    CHECK_EQ(send_files(pair.one, "cd", 2, &pair.one, 1, 0), 2);
    CHECK_EQ(write(pair.one, "ef", 2), 2);
    CHECK_EQ(send_files(pair.one, "gh", 2, &pair.other, 1, 0), 2);
    struct received message = receive(pair.other, text, 32, 256, 0);
    CHECK_EQ(message.count, 4);
    CHECK_EQ(message.number, 1);
    CHECK(same_file(message.files[0], pair.one));
    message = receive(pair.other, text, 3, 256, 0);
    CHECK_EQ(message.count, 3);
    CHECK_EQ(message.number, 1);
    CHECK(same_file(message.files[0], pair.other));
    message = receive(pair.other, text, 3, 256, 0);
    CHECK_EQ(message.count, 1);
    CHECK_EQ(message.number, 0);
}

TEST(descriptors_that_do_not_fit_are_closed_and_told) {
    struct pair pair = pair_make(SOCK_DGRAM);
    struct gate pipe = gate_make();
    int three[3] = {pipe.write, pipe.write, pipe.write};
    char byte;
    CHECK_EQ(send_files(pair.one, "x", 1, three, 3, 0), 1);
    struct received message = receive(pair.other, &byte, 1, CMSG_LEN(2 * sizeof(int)), 0);
    CHECK_EQ(message.number, 2);
    CHECK_EQ(message.flags, MSG_CTRUNC);
    OK(close(message.files[0]));
    OK(close(message.files[1]));
    CHECK_EQ(send_files(pair.one, "x", 1, three, 3, 0), 1);
    message = receive(pair.other, &byte, 1, 0, 0);
    CHECK_EQ(message.flags, MSG_CTRUNC);
    CHECK_EQ(message.number, 0);
    CHECK_EQ(send_files(pair.one, "x", 1, three, 3, 0), 1);
    CHECK_EQ(read(pair.other, &byte, 1), 1);
    CHECK_EQ(send_files(pair.one, "x", 1, three, 3, 0), 1);
    CHECK_EQ(receive(pair.other, &byte, 1, 16, 0).flags, MSG_CTRUNC);
    OK(close(pipe.write));
    CHECK_EQ(read(pipe.read, &byte, 1), 0);
}

TEST(the_limit_of_descriptors_cuts_what_is_received) {
    struct pair pair = pair_make(SOCK_STREAM);
    int two[2] = {0, 0};
    char byte;
    struct rlimit limit;
    OK(getrlimit(RLIMIT_NOFILE, &limit));
    CHECK_EQ(send_files(pair.one, "x", 1, two, 2, 0), 1);
    int lowest = (int)OK(dup(0));
    OK(close(lowest));
    limit.rlim_cur = (rlim_t)lowest + 1;
    OK(setrlimit(RLIMIT_NOFILE, &limit));
    struct received message = receive(pair.other, &byte, 1, 256, 0);
    CHECK_EQ(message.number, 1);
    CHECK_EQ(message.flags, MSG_CTRUNC);
    CHECK_EQ(message.files[0], lowest);
}

TEST(peeking_gives_descriptors_too_and_keeps_them) {
    int types[] = {SOCK_STREAM, SOCK_DGRAM};
    for (int t = 0; t < 2; t++) {
        struct pair pair = pair_make(types[t]);
        char byte;
        CHECK_EQ(send_files(pair.one, "x", 1, &pair.one, 1, 0), 1);
        for (int i = 0; i < 2; i++) {
            struct received message = receive(pair.other, &byte, 1, 256, MSG_PEEK);
            CHECK_EQ(message.number, 1);
            CHECK(same_file(message.files[0], pair.one));
            OK(close(message.files[0]));
        }
        CHECK_EQ(receive(pair.other, &byte, 1, 256, 0).number, 1);
    }
}

TEST(at_most_253_descriptors_go_with_a_message) {
    struct pair pair = pair_make(SOCK_STREAM);
    int files[254];
    char byte;
    for (int i = 0; i < 254; i++) files[i] = i % 2 ? pair.one : 0;
    CHECK_EQ(send_files(pair.one, "x", 1, files, 253, 0), 1);
    struct received message = receive(pair.other, &byte, 1, 2048, 0);
    CHECK_EQ(message.number, 253);
    for (int i = 0; i < 253; i++) CHECK(i == 0 || message.files[i] > message.files[i - 1]);
    static char control[CMSG_SPACE(sizeof files)];
    struct iovec vector = {"x", 1};
    struct msghdr header = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *first = CMSG_FIRSTHDR(&header);
    *first = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof files)};
    memcpy(CMSG_DATA(first), files, sizeof files);
    CHECK_ERRNO(sendmsg(pair.one, &header, 0), EINVAL);
    files[0] = 9999;
    CHECK_ERRNO(send_files(pair.one, "x", 1, files, 2, 0), EBADF);
    CHECK_ERRNO(recv(pair.other, &byte, 1, MSG_DONTWAIT), EAGAIN);
}

TEST(control_data_that_is_not_well_formed_is_refused) {
    struct pair pair = pair_make(SOCK_STREAM);
    union {
        char bytes[64];
        struct cmsghdr header;
    } control = {{0}};
    struct iovec vector = {"x", 1};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    control.header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = 15};
    CHECK_ERRNO(sendmsg(pair.one, &message, 0), EINVAL);
    control.header.cmsg_len = 65;
    CHECK_ERRNO(sendmsg(pair.one, &message, 0), EINVAL);
    control.header.cmsg_len = (size_t)-1;
    CHECK_ERRNO(sendmsg(pair.one, &message, 0), EINVAL);
    control.header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = 77, .cmsg_len = 16};
    CHECK_ERRNO(sendmsg(pair.one, &message, 0), EINVAL);
    control.header.cmsg_level = 5;
    message.msg_controllen = 16;
    CHECK_EQ(sendmsg(pair.one, &message, 0), 1);
    control.header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = 16};
    CHECK_EQ(sendmsg(pair.one, &message, 0), 1);
    control.header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_CREDENTIALS, .cmsg_len = 20};
    message.msg_controllen = 24;
    CHECK_ERRNO(sendmsg(pair.one, &message, 0), EINVAL);
    message.msg_control = (void *)8;
    CHECK_ERRNO(sendmsg(pair.one, &message, 0), EFAULT);
    message.msg_controllen = 1 << 20;
    CHECK_ERRNO(sendmsg(pair.one, &message, 0), ENOBUFS);
    message.msg_controllen = (size_t)1 << 40;
    CHECK_ERRNO(sendmsg(pair.one, &message, 0), ENOBUFS);
    message.msg_controllen = 8;
    message.msg_control = &control;
    CHECK_EQ(sendmsg(pair.one, &message, 0), 1);
}

static ssize_t send_identity(int fd, struct ucred identity) {
    char control[CMSG_SPACE(sizeof identity)] = "";
    struct iovec vector = {"i", 1};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_CREDENTIALS, .cmsg_len = CMSG_LEN(sizeof identity)};
    memcpy(CMSG_DATA(header), &identity, sizeof identity);
    return sendmsg(fd, &message, 0);
}

TEST(credentials_come_with_messages_to_who_wants_them) {
    struct pair pair = pair_make(SOCK_DGRAM);
    char byte;
    CHECK_EQ(write(pair.one, "x", 1), 1);
    set_option(pair.other, SO_PASSCRED, 1);
    CHECK_EQ(option_of(pair.other, SO_PASSCRED), 1);
    struct received message = receive(pair.other, &byte, 1, 256, 0);
    CHECK(message.has_identity);
    CHECK_EQ(message.identity.pid, 0);
    CHECK_EQ(message.identity.uid, 65534);
    pid_t child = CHILD(OK(setgid(77)); OK(setuid(1000)); CHECK_EQ(write(pair.one, "y", 1), 1));
    message = receive(pair.other, &byte, 1, 256, 0);
    CHECK_EQ(message.identity.pid, child);
    CHECK_EQ(message.identity.uid, 1000);
    CHECK_EQ(message.identity.gid, 77);
    CHECK_EQ(message.control, CMSG_SPACE(sizeof(struct ucred)));
    CHECK_EXIT(child, 0);
    CHECK_EQ(send_identity(pair.one, (struct ucred){1, 5, 6}), 1);
    message = receive(pair.other, &byte, 1, 256, 0);
    CHECK_EQ(message.identity.pid, 1);
    CHECK_EQ(message.identity.uid, 5);
    CHECK_EQ(message.identity.gid, 6);
    CHECK_ERRNO(send_identity(pair.one, (struct ucred){30000, 0, 0}), ESRCH);
    CHECK_ERRNO(send_identity(pair.one, (struct ucred){getpid(), (uid_t)-1, 0}), EINVAL);
    child = CHILD(OK(setgid(77)); OK(setuid(1000)); CHECK_ERRNO(send_identity(pair.one, (struct ucred){1, 1000, 77}), EPERM);
                  CHECK_ERRNO(send_identity(pair.one, (struct ucred){getpid(), 0, 77}), EPERM); CHECK_ERRNO(send_identity(pair.one, (struct ucred){getpid(), 1000, 0}), EPERM);
                  CHECK_EQ(send_identity(pair.one, (struct ucred){getpid(), 1000, 77}), 1));
    CHECK_EXIT(child, 0);
    message = receive(pair.other, &byte, 1, 0, 0);
    CHECK_EQ(message.flags, MSG_CTRUNC);
    CHECK_EQ(write(pair.one, "x", 1), 1);
    message = receive(pair.other, &byte, 1, 20, 0);
    CHECK_EQ(message.flags, MSG_CTRUNC);
}

TEST(a_stream_does_not_mix_writers_for_who_wants_to_know_them) {
    struct pair pair = pair_make(SOCK_STREAM);
    char text[16];
    set_option(pair.other, SO_PASSCRED, 1);
    CHECK_EQ(write(pair.one, "ab", 2), 2);
    CHECK_EQ(write(pair.one, "cd", 2), 2);
    pid_t child = CHILD(CHECK_EQ(write(pair.one, "ef", 2), 2));
    CHECK_EXIT(child, 0);
    struct received message = receive(pair.other, text, 16, 256, 0);
    CHECK_EQ(message.count, 4);
    CHECK_EQ(message.identity.pid, getpid());
    message = receive(pair.other, text, 16, 256, 0);
    CHECK_EQ(message.count, 2);
    CHECK_EQ(message.identity.pid, child);
}

TEST(the_peers_credentials_are_those_at_the_connection) {
    struct ucred identity;
    socklen_t length = sizeof identity;
    int listener = listen_at(SOCK_STREAM, "@server", 5), fresh = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    OK(getsockopt(fresh, SOL_SOCKET, SO_PEERCRED, &identity, &length));
    CHECK_EQ(identity.pid, 0);
    CHECK_EQ(identity.uid, -1u);
    gid_t groups[3] = {5, 7, 6}, found[8];
    OK(setgroups(3, groups));
    struct gate gate = gate_make();
    pid_t child = CHILD(OK(setgid(77)); OK(setuid(1000)); int fd = client_of(SOCK_STREAM, "@server"); struct ucred server; socklen_t bytes = sizeof server;
                        OK(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &server, &bytes)); CHECK_EQ(server.pid, getppid()); CHECK_EQ(server.uid, 0); gate_wait(gate));
    int accepted = (int)OK(accept(listener, NULL, NULL));
    OK(getsockopt(accepted, SOL_SOCKET, SO_PEERCRED, &identity, &length));
    CHECK_EQ(length, sizeof identity);
    CHECK_EQ(identity.pid, child);
    CHECK_EQ(identity.uid, 1000);
    CHECK_EQ(identity.gid, 77);
    length = sizeof found;
    OK(getsockopt(accepted, SOL_SOCKET, 59, found, &length));
    CHECK_EQ(length, 12);
    CHECK(found[0] == 5 && found[1] == 6 && found[2] == 7);
    length = 8;
    CHECK_ERRNO(getsockopt(accepted, SOL_SOCKET, 59, found, &length), ERANGE);
    CHECK_EQ(length, 12);
    length = sizeof found;
    CHECK_ERRNO(getsockopt(fresh, SOL_SOCKET, 59, found, &length), ENODATA);
    gate_open(gate);
    CHECK_EXIT(child, 0);
    struct pair pair = pair_make(SOCK_DGRAM);
    length = sizeof identity;
    OK(getsockopt(pair.one, SOL_SOCKET, SO_PEERCRED, &identity, &length));
    CHECK_EQ(identity.pid, getpid());
}

TEST(a_user_has_so_many_descriptors_in_flight_at_most) {
    pid_t child = CHILD(struct rlimit limit = {40, 40}; OK(setrlimit(RLIMIT_NOFILE, &limit)); OK(setuid(1000)); struct pair pair = pair_make(SOCK_STREAM); int files[10] = {0};
                        int sent = 0; while (sent < 200 && send_files(pair.one, "x", 1, files, 10, MSG_DONTWAIT) == 1) sent++; CHECK_EQ(errno, ETOOMANYREFS); CHECK_EQ(sent, 5);
                        char byte; for (int i = 0; i < 5; i++) CHECK_EQ(read(pair.other, &byte, 1), 1); CHECK_EQ(send_files(pair.one, "x", 1, files, 10, 0), 1));
    CHECK_EXIT(child, 0);
}

/* The write end of a pipe goes into a message that nobody can receive: that it is closed shows that the sockets are freed. */
static void check_freed(struct gate pipe) {
    char byte;
    OK(close(pipe.write));
    struct pollfd item = {pipe.read, POLLIN, 0};
    CHECK_EQ(poll(&item, 1, 10000), 1);
    CHECK_EQ(read(pipe.read, &byte, 1), 0);
}

TEST(a_socket_in_its_own_queue_is_freed) {
    struct gate pipe = gate_make();
    struct pair pair = pair_make(SOCK_STREAM);
    int files[3] = {pair.one, pair.other, pipe.write};
    CHECK_EQ(send_files(pair.one, "x", 1, files, 3, 0), 1);
    CHECK_EQ(send_files(pair.other, "x", 1, files, 2, 0), 1);
    OK(close(pair.one));
    OK(close(pair.other));
    close(pair_make(SOCK_STREAM).one);
    check_freed(pipe);
}

/* Linux looks for them when a UNIX socket is closed for good, and has to be asked; so does a kernel that cannot do without. */
static void check_freed_unasked(struct gate pipe) {
    char version[512];
    test_read_file("/proc/version", version, sizeof version);
    if (strstr(version, "CosmosKernel") == NULL) close(pair_make(SOCK_STREAM).one);
    check_freed(pipe);
}

TEST(a_descriptor_that_is_closed_last_leaves_no_socket_behind) {
    struct gate pipe = gate_make();
    struct pair pair = pair_make(SOCK_STREAM);
    int files[2] = {pair.other, pipe.write};
    CHECK_EQ(send_files(pair.one, "x", 1, files, 2, 0), 1); /* in its own queue */
    OK(close(pair.one));
    OK(close(pair.other)); /* the message has it still: no socket is closed here */
    check_freed_unasked(pipe);
}

TEST(one_close_among_many_sockets_in_messages_leaves_none_behind) {
    enum { COUNT = 100 };
    struct gate pipe = gate_make();
    struct pair keeper = pair_make(SOCK_DGRAM);
    for (int i = 0; i < COUNT; i++) { /* so many that not every close begins a search */
        struct pair pair = pair_make(SOCK_STREAM);
        CHECK_EQ(send_files(keeper.one, "x", 1, &pair.one, 1, MSG_DONTWAIT), 1);
        OK(close(pair.one));
        OK(close(pair.other));
        if (i % 5 != 4) continue;
        struct pair next = pair_make(SOCK_DGRAM); /* a queue takes few messages: the next one has the full one in it */
        CHECK_EQ(send_files(next.one, "x", 1, &keeper.other, 1, MSG_DONTWAIT), 1);
        OK(close(keeper.one));
        OK(close(keeper.other));
        keeper = next;
    }
    struct pair pair = pair_make(SOCK_STREAM);
    int files[2] = {pair.other, pipe.write};
    CHECK_EQ(send_files(pair.one, "x", 1, files, 2, 0), 1);
    OK(close(pair.one));
    OK(close(pair.other));
    check_freed_unasked(pipe);
    OK(close(keeper.one));
    OK(close(keeper.other));
}

TEST(a_circle_of_sockets_is_freed_and_one_that_is_held_is_not) {
    enum { COUNT = 6 };
    struct gate pipe = gate_make();
    struct pair pairs[COUNT];
    char byte;
    for (int i = 0; i < COUNT; i++) pairs[i] = pair_make(SOCK_DGRAM);
    for (int i = 0; i < COUNT; i++) {
        int files[2] = {pairs[(i + 1) % COUNT].other, pipe.write};
        CHECK_EQ(send_files(pairs[i].one, "x", 1, files, 2, 0), 1);
    }
    for (int i = 0; i < COUNT; i++) OK(close(pairs[i].one));
    for (int i = 1; i < COUNT; i++) OK(close(pairs[i].other));
    close(pair_make(SOCK_STREAM).one);
    /* The first one is still open: all that can be received from it is there. */
    int held = pairs[0].other;
    for (int i = 0; i < COUNT; i++) {
        struct received message = receive(held, &byte, 1, 256, MSG_DONTWAIT);
        CHECK_EQ(message.count, 1);
        CHECK_EQ(message.number, 2);
        int next = message.files[0];
        /* Send it around again, so that the circle is closed at the end. */
        OK(close(message.files[1]));
        if (i < COUNT - 1) {
            OK(close(held));
            held = next;
        } else {
            OK(close(next));
        }
    }
    OK(close(held));
    check_freed(pipe);
}

TEST(a_long_chain_of_sockets_in_sockets_is_freed) {
    struct gate pipe = gate_make();
    int held = -1;
    for (int i = 0; i < 3000; i++) {
        struct pair pair = pair_make(SOCK_DGRAM);
        int files[2] = {held, pipe.write};
        CHECK_EQ(send_files(pair.one, "x", 1, held < 0 ? files + 1 : files, held < 0 ? 1 : 2, 0), 1);
        OK(close(pair.one));
        if (held >= 0) OK(close(held));
        held = pair.other;
    }
    OK(close(held));
    check_freed(pipe);
}

TEST(a_connection_that_nobody_accepted_is_freed_with_its_listener_in_flight) {
    struct gate pipe = gate_make();
    int listener = listen_at(SOCK_STREAM, "@server", 5), client = client_of(SOCK_STREAM, "@server");
    int files[3] = {listener, client, pipe.write};
    CHECK_EQ(send_files(client, "x", 1, files, 3, 0), 1);
    OK(close(client));
    OK(close(listener));
    close(pair_make(SOCK_STREAM).one);
    check_freed(pipe);
}

TEST(sockets_are_passed_while_others_are_searched) {
    enum { WORKERS = 4, ROUNDS = 150 };
    pid_t workers[WORKERS];
    for (int w = 0; w < WORKERS; w++) {
        workers[w] = CHILD(struct pair road = pair_make(SOCK_STREAM); char byte; for (int i = 0; i < ROUNDS; i++) {
            struct pair pair = pair_make(SOCK_STREAM);
            /* One that comes through, and a circle that is lost. */
            CHECK_EQ(send_files(road.one, "x", 1, &pair.other, 1, 0), 1);
            OK(close(pair.other));
            struct pair lost = pair_make(SOCK_DGRAM);
            CHECK_EQ(send_files(lost.one, "x", 1, &lost.other, 1, 0), 1);
            OK(close(lost.one));
            OK(close(lost.other));
            struct received peeked = receive(road.other, &byte, 1, 256, MSG_PEEK);
            CHECK_EQ(peeked.number, 1);
            struct received message = receive(road.other, &byte, 1, 256, 0);
            CHECK_EQ(message.number, 1);
            CHECK_EQ(write(pair.one, "y", 1), 1);
            CHECK_EQ(read(message.files[0], &byte, 1), 1);
            CHECK_EQ(byte, 'y');
            OK(close(message.files[0]));
            OK(close(peeked.files[0]));
            OK(close(pair.one));
        });
    }
    for (int w = 0; w < WORKERS; w++) CHECK_EXIT(workers[w], 0);
}
