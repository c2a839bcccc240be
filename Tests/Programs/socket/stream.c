/* SOCK_STREAM: bytes, ends, waiting, polling. */
#include "sockets.h"

#include <pthread.h>

TEST(bytes_go_both_ways_and_have_no_borders) {
    char text[16] = "";
    struct pair pair = pair_make(SOCK_STREAM);
    CHECK_EQ(write(pair.one, "one", 3), 3);
    CHECK_EQ(send(pair.one, "two", 3, 0), 3);
    CHECK_EQ(read(pair.other, text, 4), 4);
    CHECK_EQ(recv(pair.other, text + 4, 10, 0), 2);
    CHECK_STR(text, "onetwo");
    CHECK_EQ(write(pair.other, "back", 4), 4);
    CHECK_EQ(read(pair.one, text, 16), 4);
    CHECK_EQ(memcmp(text, "back", 4), 0);
    CHECK_EQ(read(pair.one, text, 0), 0);
    CHECK_EQ(write(pair.one, text, 0), 0);
}

TEST(vectors_are_gathered_and_scattered) {
    struct pair pair = pair_make(SOCK_STREAM);
    char one[4] = "", two[8] = "";
    struct iovec out[] = {{"ab", 2}, {NULL, 0}, {"cdef", 4}, {"g", 1}}, in[] = {{one, 3}, {two, 7}};
    CHECK_EQ(writev(pair.one, out, 4), 7);
    CHECK_EQ(readv(pair.other, in, 2), 7);
    CHECK_STR(one, "abc");
    CHECK_STR(two, "defg");
}

TEST(megabytes_go_through_between_processes) {
    enum { TOTAL = 3 << 20 };
    struct pair pair = pair_make(SOCK_STREAM);
    pid_t child = CHILD(static unsigned char bytes[70001]; for (int sent = 0; sent < TOTAL;) {
        int count = TOTAL - sent < (int)sizeof bytes ? TOTAL - sent : (int)sizeof bytes;
        for (int i = 0; i < count; i++) bytes[i] = (unsigned char)((sent + i) * 31 >> 3);
        CHECK_EQ(write(pair.one, bytes, (size_t)count), count);
        sent += count;
    });
    OK(close(pair.one));
    static unsigned char bytes[10000];
    int got = 0;
    ssize_t count;
    while ((count = OK(read(pair.other, bytes, sizeof bytes))) > 0) {
        for (ssize_t i = 0; i < count; i++) CHECK_EQ(bytes[i], (unsigned char)((got + i) * 31 >> 3));
        got += (int)count;
    }
    CHECK_EQ(got, TOTAL);
    CHECK_EXIT(child, 0);
}

TEST(many_small_writes_of_many_processes_all_arrive) {
    enum { WRITERS = 6, ROUNDS = 700, SIZE = 100 };
    struct pair pair = pair_make(SOCK_STREAM);
    pid_t writers[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = CHILD(char block[SIZE]; memset(block, 'a' + i, SIZE); close(pair.other);
                           for (int round = 0; round < ROUNDS; round++) CHECK_EQ(write(pair.one, block, SIZE), SIZE));
    }
    OK(close(pair.one));
    int counts[WRITERS] = {0};
    static char bytes[777];
    ssize_t count;
    while ((count = OK(read(pair.other, bytes, sizeof bytes))) > 0) {
        for (ssize_t i = 0; i < count; i++) {
            CHECK(bytes[i] >= 'a' && bytes[i] < 'a' + WRITERS);
            counts[bytes[i] - 'a']++;
        }
    }
    for (int i = 0; i < WRITERS; i++) {
        CHECK_EXIT(writers[i], 0);
        CHECK_EQ(counts[i], ROUNDS * SIZE);
    }
}

TEST(a_reader_waits_for_bytes_and_for_the_end) {
    struct pair pair = pair_make(SOCK_STREAM);
    pid_t child = CHILD(char byte; close(pair.one); CHECK_EQ(read(pair.other, &byte, 1), 1); CHECK_EQ(byte, 'x'); CHECK_EQ(read(pair.other, &byte, 1), 0));
    OK(close(pair.other));
    test_wait_state(child, "S");
    CHECK_EQ(write(pair.one, "x", 1), 1);
    test_wait_state(child, "S");
    OK(close(pair.one));
    CHECK_EXIT(child, 0);
}

TEST(a_writer_waits_for_room_and_goes_on) {
    struct pair pair = pair_make(SOCK_STREAM);
    static char bytes[600000];
    pid_t child = CHILD(close(pair.other); CHECK_EQ(write(pair.one, bytes, sizeof bytes), sizeof bytes));
    OK(close(pair.one));
    test_wait_state(child, "S");
    size_t got = 0;
    ssize_t count;
    while ((count = OK(read(pair.other, bytes, 5000))) > 0) got += (size_t)count;
    CHECK_EQ(got, sizeof bytes);
    CHECK_EXIT(child, 0);
}

TEST(a_full_socket_that_does_not_wait_gives_eagain_and_part_of_a_write) {
    struct pair pair = pair_make(SOCK_STREAM | SOCK_NONBLOCK);
    static char bytes[1 << 20];
    char byte;
    CHECK(fcntl(pair.one, F_GETFL) & O_NONBLOCK);
    CHECK_ERRNO(read(pair.one, &byte, 1), EAGAIN);
    ssize_t count = OK(write(pair.one, bytes, sizeof bytes));
    CHECK(count > 50000 && count < (ssize_t)sizeof bytes);
    CHECK_ERRNO(write(pair.one, bytes, 1), EAGAIN);
    CHECK_EQ(events_of(pair.one) & POLLOUT, 0);
    int in, out;
    OK(ioctl(pair.other, FIONREAD, &in));
    OK(ioctl(pair.one, SIOCOUTQ, &out));
    CHECK_EQ(in, count);
    CHECK(out >= count);
    while (read(pair.other, bytes, sizeof bytes) > 0) continue;
    CHECK_EQ(errno, EAGAIN);
    CHECK(events_of(pair.one) & POLLOUT);
    OK(ioctl(pair.one, SIOCOUTQ, &out));
    CHECK_EQ(out, 0);
    OK(fcntl(pair.one, F_SETFL, 0));
    int on = 1;
    OK(ioctl(pair.one, FIONBIO, &on));
    CHECK(fcntl(pair.one, F_GETFL) & O_NONBLOCK);
    CHECK_EQ(send(pair.one, "x", 1, MSG_DONTWAIT), 1);
    CHECK_EQ(recv(pair.other, &byte, 1, MSG_DONTWAIT), 1);
    CHECK_ERRNO(recv(pair.other, &byte, 0, MSG_DONTWAIT), EAGAIN);
}

TEST(room_comes_back_when_three_quarters_are_free) {
    struct pair pair = pair_make(SOCK_STREAM | SOCK_NONBLOCK);
    static char bytes[1 << 20];
    ssize_t total = OK(write(pair.one, bytes, sizeof bytes));
    CHECK_EQ(read(pair.other, bytes, (size_t)total / 3), total / 3);
    CHECK_EQ(events_of(pair.one) & POLLOUT, 0);
    CHECK(read(pair.other, bytes, (size_t)total) > 0);
    CHECK(events_of(pair.one) & POLLOUT);
}

TEST(the_other_ends_close_is_end_of_file_and_broken_pipe) {
    struct pair pair = pair_make(SOCK_STREAM);
    char byte;
    CHECK_EQ(write(pair.one, "last", 4), 4);
    OK(close(pair.one));
    CHECK_EQ(events_of(pair.other), POLLIN | POLLOUT | POLLHUP | POLLRDHUP);
    char text[8] = "";
    CHECK_EQ(read(pair.other, text, 8), 4);
    CHECK_EQ(read(pair.other, text, 8), 0);
    CHECK_EQ(events_of(pair.other), POLLIN | POLLOUT | POLLHUP | POLLRDHUP);
    CHECK_ERRNO(send(pair.other, &byte, 1, MSG_NOSIGNAL), EPIPE);
    pid_t child = CHILD((void)!write(pair.other, &byte, 1));
    CHECK_KILLED(child, SIGPIPE);
    signal(SIGPIPE, SIG_IGN);
    CHECK_ERRNO(write(pair.other, &byte, 1), EPIPE);
}

TEST(a_close_with_unread_bytes_resets_the_connection) {
    struct pair pair = pair_make(SOCK_STREAM);
    char byte;
    CHECK_EQ(write(pair.other, "never read", 10), 10);
    CHECK_EQ(write(pair.one, "z", 1), 1);
    OK(close(pair.one));
    CHECK(events_of(pair.other) & POLLERR);
    CHECK_EQ(read(pair.other, &byte, 1), 1);
    CHECK_ERRNO(read(pair.other, &byte, 1), ECONNRESET);
    CHECK_EQ(read(pair.other, &byte, 1), 0);
    CHECK_ERRNO(send(pair.other, &byte, 1, MSG_NOSIGNAL), EPIPE);
    CHECK_EQ(option_of(pair.other, SO_ERROR), 0);
}

TEST(so_error_takes_the_reset) {
    struct pair pair = pair_make(SOCK_STREAM);
    char byte;
    CHECK_EQ(write(pair.other, "x", 1), 1);
    OK(close(pair.one));
    CHECK_EQ(option_of(pair.other, SO_ERROR), ECONNRESET);
    CHECK_EQ(option_of(pair.other, SO_ERROR), 0);
    CHECK_EQ(read(pair.other, &byte, 1), 0);
}

TEST(shutdown_ends_one_direction) {
    struct pair pair = pair_make(SOCK_STREAM);
    char byte = 'b', text[8];
    CHECK_EQ(write(pair.one, "abc", 3), 3);
    OK(shutdown(pair.one, SHUT_WR));
    CHECK_ERRNO(send(pair.one, "x", 1, MSG_NOSIGNAL), EPIPE);
    CHECK_EQ(events_of(pair.other) & (POLLIN | POLLRDHUP | POLLHUP), POLLIN | POLLRDHUP);
    CHECK_EQ(read(pair.other, text, 8), 3);
    CHECK_EQ(read(pair.other, text, 8), 0);
    CHECK_EQ(write(pair.other, &byte, 1), 1);
    CHECK_EQ(read(pair.one, text, 8), 1);
    OK(shutdown(pair.one, SHUT_RD));
    CHECK_EQ(read(pair.one, text, 8), 0);
    CHECK_EQ(events_of(pair.one) & POLLHUP, POLLHUP);
    CHECK_ERRNO(send(pair.other, &byte, 1, MSG_NOSIGNAL), EPIPE);
    CHECK_ERRNO(shutdown(pair.one, 3), EINVAL);
    CHECK_ERRNO(shutdown(pair.one, -1), EINVAL);
}

TEST(bytes_before_a_shutdown_of_reading_can_still_be_read) {
    struct pair pair = pair_make(SOCK_STREAM);
    char text[8];
    CHECK_EQ(write(pair.one, "abc", 3), 3);
    OK(shutdown(pair.other, SHUT_RD));
    CHECK_EQ(read(pair.other, text, 8), 3);
    CHECK_EQ(read(pair.other, text, 8), 0);
}

static void *read_one(void *argument) {
    char byte;
    return (void *)(long)read((int)(long)argument, &byte, 1);
}

TEST(shutdown_wakes_a_blocked_reader) {
    struct pair pair = pair_make(SOCK_STREAM);
    pthread_t thread;
    void *result = (void *)5;
    pid_t child = CHILD(char byte; CHECK_EQ(read(pair.one, &byte, 1), 0));
    test_wait_state(child, "S");
    CHECK_EQ(pthread_create(&thread, NULL, read_one, (void *)(long)pair.one), 0);
    OK(shutdown(pair.one, SHUT_RD));
    CHECK_EQ(pthread_join(thread, &result), 0);
    CHECK_EQ((long)result, 0);
    CHECK_EXIT(child, 0);
}

TEST(a_blocked_writer_is_woken_by_the_close_of_the_reader) {
    struct pair pair = pair_make(SOCK_STREAM);
    static char bytes[1 << 20];
    pid_t child = CHILD(close(pair.other); signal(SIGPIPE, SIG_IGN); ssize_t count = write(pair.one, bytes, sizeof bytes);
                        CHECK(count > 0 && count < (ssize_t)sizeof bytes); CHECK_ERRNO(write(pair.one, bytes, 1), EPIPE));
    OK(close(pair.one));
    test_wait_state(child, "S");
    OK(close(pair.other));
    CHECK_EXIT(child, 0);
}

static volatile sig_atomic_t s_signals;
static void count_signal(int signal) {
    (void)signal;
    s_signals++;
}

TEST(a_signal_ends_a_wait_or_begins_it_anew) {
    struct pair pair = pair_make(SOCK_STREAM);
    pid_t child = CHILD(char byte; struct sigaction action = {.sa_handler = count_signal}; close(pair.one);
                        sigaction(SIGUSR1, &action, NULL); action.sa_flags = SA_RESTART; sigaction(SIGUSR2, &action, NULL);
                        CHECK_ERRNO(read(pair.other, &byte, 1), EINTR); CHECK_EQ(read(pair.other, &byte, 1), 1); CHECK_EQ(s_signals, 2));
    OK(close(pair.other));
    test_wait_state(child, "S");
    OK(kill(child, SIGUSR1));
    for (int i = 0; i < 3; i++) test_sleep_ms(5), test_wait_state(child, "S");
    OK(kill(child, SIGUSR2));
    test_sleep_ms(5);
    test_wait_state(child, "S");
    CHECK_EQ(write(pair.one, "x", 1), 1);
    CHECK_EXIT(child, 0);
}

TEST(a_wait_with_a_timeout_is_not_begun_anew) {
    struct pair pair = pair_make(SOCK_STREAM);
    set_timeout(pair.other, SO_RCVTIMEO, 20000);
    pid_t child = CHILD(char byte; struct sigaction action = {.sa_handler = count_signal, .sa_flags = SA_RESTART}; sigaction(SIGUSR1, &action, NULL);
                        CHECK_ERRNO(read(pair.other, &byte, 1), EINTR));
    test_wait_state(child, "S");
    OK(kill(child, SIGUSR1));
    CHECK_EXIT(child, 0);
}

TEST(timeouts_end_waits_with_eagain) {
    struct pair pair = pair_make(SOCK_STREAM);
    static char bytes[1 << 20];
    char byte;
    set_timeout(pair.one, SO_RCVTIMEO, 30);
    set_timeout(pair.one, SO_SNDTIMEO, 30);
    int64_t begin = test_now();
    CHECK_ERRNO(read(pair.one, &byte, 1), EAGAIN);
    CHECK(test_now() - begin >= 29000000);
    ssize_t count = OK(write(pair.one, bytes, sizeof bytes));
    CHECK(count > 0 && count < (ssize_t)sizeof bytes);
    begin = test_now();
    CHECK_ERRNO(write(pair.one, bytes, 1), EAGAIN);
    CHECK(test_now() - begin >= 29000000);
}

TEST(peeking_takes_nothing) {
    struct pair pair = pair_make(SOCK_STREAM);
    char text[8] = "";
    CHECK_EQ(write(pair.one, "abc", 3), 3);
    CHECK_EQ(recv(pair.other, text, 2, MSG_PEEK), 2);
    CHECK_STR(text, "ab");
    CHECK_EQ(recv(pair.other, text, 8, MSG_PEEK | MSG_WAITALL), 3);
    CHECK_EQ(recv(pair.other, text, 8, 0), 3);
    CHECK_ERRNO(recv(pair.other, text, 8, MSG_PEEK | MSG_DONTWAIT), EAGAIN);
}

TEST(a_peek_offset_moves_with_peeks_and_reads) {
    struct pair pair = pair_make(SOCK_STREAM);
    char text[8] = "";
    CHECK_EQ(option_of(pair.other, SO_PEEK_OFF), -1);
    CHECK_EQ(write(pair.one, "abcdef", 6), 6);
    set_option(pair.other, SO_PEEK_OFF, 1);
    CHECK_EQ(recv(pair.other, text, 2, MSG_PEEK), 2);
    CHECK_EQ(memcmp(text, "bc", 2), 0);
    CHECK_EQ(option_of(pair.other, SO_PEEK_OFF), 3);
    CHECK_EQ(recv(pair.other, text, 2, MSG_PEEK), 2);
    CHECK_EQ(memcmp(text, "de", 2), 0);
    CHECK_EQ(recv(pair.other, text, 2, 0), 2);
    CHECK_EQ(option_of(pair.other, SO_PEEK_OFF), 3);
    CHECK_EQ(recv(pair.other, text, 8, MSG_PEEK), 1);
    CHECK_EQ(text[0], 'f');
    CHECK_ERRNO(recv(pair.other, text, 8, MSG_PEEK | MSG_DONTWAIT), EAGAIN);
    pid_t child = CHILD(char byte; CHECK_EQ(recv(pair.other, &byte, 1, MSG_PEEK), 1));
    test_wait_state(child, "S");
    CHECK_EQ(write(pair.one, "g", 1), 1);
    CHECK_EXIT(child, 0);
}

/* A receiver takes what there is also where it then waits for more. */
static void await_taken(int fd) {
    int unread = -1;
    for (int i = 0; i < 60000 && unread != 0; i++) {
        OK(ioctl(fd, FIONREAD, &unread));
        if (unread != 0) test_sleep_ms(1);
    }
    CHECK_EQ(unread, 0);
}

TEST(waitall_and_the_low_water_mark_wait_for_all_of_it) {
    struct pair pair = pair_make(SOCK_STREAM);
    pid_t child = CHILD(char text[8]; CHECK_EQ(recv(pair.other, text, 6, MSG_WAITALL), 6); set_option(pair.other, SO_RCVLOWAT, 4);
                        CHECK_EQ(recv(pair.other, text, 8, 0), 5); close(pair.one); CHECK_EQ(recv(pair.other, text, 8, MSG_WAITALL), 2));
    CHECK_EQ(write(pair.one, "abc", 3), 3);
    test_wait_state(child, "S");
    CHECK_EQ(write(pair.one, "def", 3), 3);
    await_taken(pair.other);
    test_wait_state(child, "S");
    CHECK_EQ(write(pair.one, "ghi", 3), 3);
    await_taken(pair.other);
    test_wait_state(child, "S");
    CHECK_EQ(write(pair.one, "jk", 2), 2);
    await_taken(pair.other);
    test_wait_state(child, "S");
    CHECK_EQ(write(pair.one, "lm", 2), 2);
    OK(close(pair.one));
    CHECK_EXIT(child, 0);
}

TEST(level_triggered_epoll_tells_as_long_as_it_lasts_and_edge_triggered_once) {
    struct pair pair = pair_make(SOCK_STREAM);
    int level = (int)OK(epoll_create1(0)), edge = (int)OK(epoll_create1(0));
    struct epoll_event event = {.events = EPOLLIN}, found;
    OK(epoll_ctl(level, EPOLL_CTL_ADD, pair.other, &event));
    event.events = EPOLLIN | EPOLLET;
    OK(epoll_ctl(edge, EPOLL_CTL_ADD, pair.other, &event));
    CHECK_EQ(epoll_wait(edge, &found, 1, 0), 0);
    CHECK_EQ(write(pair.one, "ab", 2), 2);
    for (int i = 0; i < 3; i++) CHECK_EQ(epoll_wait(level, &found, 1, 0), 1);
    CHECK_EQ(epoll_wait(edge, &found, 1, 1000), 1);
    CHECK_EQ(epoll_wait(edge, &found, 1, 0), 0);
    CHECK_EQ(write(pair.one, "c", 1), 1);
    CHECK_EQ(epoll_wait(edge, &found, 1, 1000), 1);
    char text[4];
    CHECK_EQ(read(pair.other, text, 4), 3);
    CHECK_EQ(epoll_wait(level, &found, 1, 0), 0);
    OK(close(pair.one));
    CHECK_EQ(epoll_wait(edge, &found, 1, 1000), 1);
    CHECK_EQ(found.events & (EPOLLIN | EPOLLHUP), EPOLLIN | EPOLLHUP);
}

TEST(an_edge_comes_when_a_full_socket_has_room) {
    struct pair pair = pair_make(SOCK_STREAM | SOCK_NONBLOCK);
    static char bytes[1 << 20];
    int epoll = (int)OK(epoll_create1(0));
    struct epoll_event event = {.events = EPOLLOUT | EPOLLET}, found;
    OK(epoll_ctl(epoll, EPOLL_CTL_ADD, pair.one, &event));
    CHECK_EQ(epoll_wait(epoll, &found, 1, 0), 1);
    OK(write(pair.one, bytes, sizeof bytes));
    CHECK_EQ(epoll_wait(epoll, &found, 1, 0), 0);
    while (read(pair.other, bytes, 4096) > 0) continue;
    CHECK_EQ(epoll_wait(epoll, &found, 1, 1000), 1);
    CHECK_EQ(found.events, EPOLLOUT);
}

TEST(select_sees_a_socket) {
    struct pair pair = pair_make(SOCK_STREAM);
    fd_set in, out;
    struct timeval now = {0, 0};
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_SET(pair.one, &in);
    FD_SET(pair.one, &out);
    CHECK_EQ(select(pair.one + 1, &in, &out, NULL, &now), 1);
    CHECK(!FD_ISSET(pair.one, &in) && FD_ISSET(pair.one, &out));
    CHECK_EQ(write(pair.other, "x", 1), 1);
    FD_SET(pair.one, &in);
    CHECK_EQ(select(pair.one + 1, &in, &out, NULL, NULL), 2);
}

TEST(files_and_pipes_are_spliced_to_and_from_sockets) {
    struct pair pair = pair_make(SOCK_STREAM);
    int ends[2], file = (int)OK(open("file", O_RDWR | O_CREAT, 0600));
    char text[32] = "";
    OK(pipe(ends));
    CHECK_EQ(write(file, "hello, socket", 13), 13);
    OK(lseek(file, 0, SEEK_SET));
    CHECK_EQ(sendfile(pair.one, file, NULL, 100), 13);
    CHECK_EQ(splice(pair.other, NULL, ends[1], NULL, 100, 0), 13);
    CHECK_EQ(read(ends[0], text, 32), 13);
    CHECK_STR(text, "hello, socket");
    CHECK_EQ(write(ends[1], "pipe", 4), 4);
    CHECK_EQ(splice(ends[0], NULL, pair.one, NULL, 100, 0), 4);
    CHECK_EQ(read(pair.other, text, 32), 4);
    CHECK_ERRNO(splice(pair.other, NULL, ends[1], NULL, 100, SPLICE_F_NONBLOCK), EAGAIN);
    loff_t offset = 0;
    CHECK_ERRNO(splice(pair.other, &offset, ends[1], NULL, 100, 0), EINVAL);
    OK(close(pair.one));
    CHECK_EQ(splice(pair.other, NULL, ends[1], NULL, 100, 0), 0);
}

TEST(an_unconnected_stream_can_do_little) {
    int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    char byte;
    CHECK_ERRNO(read(fd, &byte, 1), EINVAL);
    CHECK_ERRNO(write(fd, &byte, 1), ENOTCONN);
    CHECK_ERRNO(send_to(fd, &byte, 1, 0, "@nowhere"), EOPNOTSUPP);
    CHECK_ERRNO(listen(fd, 1), EINVAL);
    CHECK_ERRNO(accept(fd, NULL, NULL), EINVAL);
    CHECK_EQ(events_of(fd), POLLOUT | POLLHUP);
    struct pair pair = pair_make(SOCK_STREAM);
    CHECK_ERRNO(send_to(pair.one, &byte, 1, 0, "@nowhere"), EISCONN);
    CHECK_ERRNO(connect_to(pair.one, "@nowhere"), ECONNREFUSED);
    CHECK_ERRNO(lseek(pair.one, 0, SEEK_SET), ESPIPE);
    CHECK_ERRNO(pread(pair.one, &byte, 1, 0), ESPIPE);
    CHECK_ERRNO(ftruncate(pair.one, 0), EINVAL);
    CHECK_ERRNO(fsync(pair.one), EINVAL);
    CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, pair.one, 0) == MAP_FAILED && errno == ENODEV);
}

TEST(a_fault_loses_nothing) {
    struct pair pair = pair_make(SOCK_STREAM);
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), text[16] = "";
    OK(munmap(pages + 4096, 4096));
    memset(pages, 'p', 4096);
    CHECK_ERRNO(write(pair.one, pages + 4090, 100), EFAULT);
    CHECK_ERRNO(recv(pair.other, text, 16, MSG_DONTWAIT), EAGAIN);
    CHECK_EQ(write(pair.one, "abcdef", 6), 6);
    CHECK_ERRNO(read(pair.other, pages + 4096, 6), EFAULT);
    CHECK_EQ(read(pair.other, text, 16), 6);
    CHECK_STR(text, "abcdef");
}

TEST(an_urgent_byte_is_received_apart) {
    struct pair pair = pair_make(SOCK_STREAM);
    char text[16] = "", byte;
    int mark;
    CHECK_ERRNO(recv(pair.other, &byte, 1, MSG_OOB), EINVAL);
    CHECK_EQ(send(pair.one, "ab!", 3, MSG_OOB), 3);
    CHECK_EQ(send(pair.one, "cd", 2, 0), 2);
    CHECK(events_of(pair.other) & POLLPRI);
    OK(ioctl(pair.other, SIOCATMARK, &mark));
    CHECK_EQ(mark, 0);
    CHECK_EQ(recv(pair.other, text, 16, 0), 2);
    CHECK_EQ(memcmp(text, "ab", 2), 0);
    OK(ioctl(pair.other, SIOCATMARK, &mark));
    CHECK_EQ(mark, 1);
    CHECK_EQ(recv(pair.other, &byte, 1, MSG_OOB), 1);
    CHECK_EQ(byte, '!');
    CHECK_ERRNO(recv(pair.other, &byte, 1, MSG_OOB), EINVAL);
    CHECK_EQ(events_of(pair.other) & POLLPRI, 0);
    CHECK_EQ(recv(pair.other, text, 16, 0), 2);
    CHECK_EQ(memcmp(text, "cd", 2), 0);
    CHECK_ERRNO(send(pair.one, "", 0, MSG_OOB), EOPNOTSUPP);
}

TEST(an_urgent_byte_that_is_not_wanted_is_passed_over_or_comes_in_line) {
    struct pair pair = pair_make(SOCK_STREAM);
    char text[16] = "";
    CHECK_EQ(send(pair.one, "a!", 2, MSG_OOB), 2);
    CHECK_EQ(send(pair.one, "b", 1, 0), 1);
    CHECK_EQ(recv(pair.other, text, 16, 0), 1);
    CHECK_EQ(recv(pair.other, text, 16, 0), 1);
    CHECK_EQ(text[0], 'b');
    set_option(pair.other, SO_OOBINLINE, 1);
    CHECK_EQ(send(pair.one, "c?", 2, MSG_OOB), 2);
    CHECK_EQ(send(pair.one, "d", 1, 0), 1);
    CHECK_EQ(recv(pair.other, text, 16, 0), 1);
    CHECK_EQ(recv(pair.other, text, 16, 0), 2);
    CHECK_EQ(memcmp(text, "?d", 2), 0);
}

TEST(an_urgent_byte_sends_sigurg_to_the_owner) {
    struct pair pair = pair_make(SOCK_STREAM);
    signal(SIGURG, count_signal);
    CHECK_EQ(send(pair.one, "!", 1, MSG_OOB), 1);
    CHECK_EQ(s_signals, 0);
    OK(fcntl(pair.other, F_SETOWN, getpid()));
    CHECK_EQ(send(pair.one, "!", 1, MSG_OOB), 1);
    CHECK_EQ(s_signals, 1);
}

static void *read_all(void *argument) {
    char bytes[64];
    long total = 0;
    ssize_t count;
    while ((count = read((int)(long)argument, bytes, sizeof bytes)) > 0) total += count;
    return (void *)(count < 0 ? -1L : total);
}

TEST(shutdown_against_readers_and_writers_loses_nobody) {
    for (int round = 0; round < 150; round++) {
        struct pair pair = pair_make(round % 2 ? SOCK_STREAM : SOCK_SEQPACKET);
        pthread_t readers[3];
        long total = 0;
        for (int i = 0; i < 3; i++) CHECK_EQ(pthread_create(&readers[i], NULL, read_all, (void *)(long)pair.other), 0);
        for (int i = 0; i < round % 7; i++) CHECK_EQ(write(pair.one, "1234567", 7), 7);
        if (round % 3) OK(shutdown(pair.one, SHUT_WR));
        else OK(close(pair.one));
        for (int i = 0; i < 3; i++) {
            void *count;
            CHECK_EQ(pthread_join(readers[i], &count), 0);
            CHECK((long)count >= 0);
            total += (long)count;
        }
        CHECK_EQ(total, round % 7 * 7);
        if (round % 3) OK(close(pair.one));
        OK(close(pair.other));
    }
}
