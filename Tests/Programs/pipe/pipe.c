/* Pipes and fifos: order, atomicity, ends, polling, sizes, splice. */
#include "test.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

static struct gate s_pipe;

static short events(int fd, short wanted) {
    struct pollfd item = {fd, wanted, 0};
    OK(poll(&item, 1, 0));
    return item.revents;
}

TEST(bytes_come_out_in_the_order_they_went_in) {
    char text[16] = "";
    s_pipe = gate_make();
    CHECK_EQ(write(s_pipe.write, "one", 3), 3);
    CHECK_EQ(write(s_pipe.write, "two", 3), 3);
    CHECK_EQ(read(s_pipe.read, text, 4), 4);
    CHECK_EQ(read(s_pipe.read, text + 4, 10), 2);
    CHECK_STR(text, "onetwo");
    CHECK_EQ(write(s_pipe.write, "", 0), 0);
    CHECK_EQ(read(s_pipe.read, text, 0), 0);
}

TEST(a_megabyte_goes_through_between_processes) {
    s_pipe = gate_make();
    pid_t child = CHILD(close(s_pipe.read); static unsigned char bytes[7001]; unsigned sum = 0; for (int sent = 0; sent < 1 << 20;) {
        int count = (1 << 20) - sent < 7001 ? (1 << 20) - sent : 7001;
        for (int i = 0; i < count; i++) bytes[i] = (unsigned char)((sent + i) * 31 >> 3);
        CHECK_EQ(write(s_pipe.write, bytes, (size_t)count), count);
        sent += count;
    } (void)sum);
    OK(close(s_pipe.write));
    static unsigned char bytes[10000];
    int got = 0;
    ssize_t count;
    while ((count = OK(read(s_pipe.read, bytes, sizeof bytes))) > 0) {
        for (ssize_t i = 0; i < count; i++) CHECK_EQ(bytes[i], (unsigned char)((got + i) * 31 >> 3));
        got += (int)count;
    }
    CHECK_EQ(got, 1 << 20);
    CHECK_EXIT(child, 0);
}

TEST(writes_up_to_pipe_buf_from_many_writers_are_not_torn) {
    enum { WRITERS = 6, ROUNDS = 40 };
    s_pipe = gate_make();
    pid_t writers[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = CHILD(char block[PIPE_BUF]; memset(block, 'a' + i, sizeof block); close(s_pipe.read);
                           for (int round = 0; round < ROUNDS; round++) CHECK_EQ(write(s_pipe.write, block, sizeof block), PIPE_BUF));
    }
    OK(close(s_pipe.write));
    char block[PIPE_BUF];
    int blocks = 0;
    for (;;) {
        size_t got = 0;
        ssize_t count;
        while (got < sizeof block && (count = OK(read(s_pipe.read, block + got, sizeof block - got))) > 0) got += (size_t)count;
        if (got == 0) break;
        CHECK_EQ(got, sizeof block);
        for (size_t i = 1; i < sizeof block; i++) CHECK_EQ(block[i], block[0]);
        blocks++;
    }
    CHECK_EQ(blocks, WRITERS * ROUNDS);
    for (int i = 0; i < WRITERS; i++) CHECK_EXIT(writers[i], 0);
}

TEST(the_end_of_the_writers_is_end_of_file_after_the_data) {
    char text[8];
    s_pipe = gate_make();
    CHECK_EQ(write(s_pipe.write, "rest", 4), 4);
    OK(close(s_pipe.write));
    CHECK_EQ(events(s_pipe.read, POLLIN), POLLIN | POLLHUP);
    CHECK_EQ(read(s_pipe.read, text, 8), 4);
    CHECK_EQ(read(s_pipe.read, text, 8), 0);
    CHECK_EQ(events(s_pipe.read, POLLIN), POLLHUP);
}

static volatile int s_count;

static void count_signal(int number) {
    (void)number;
    s_count++;
}

TEST(writing_without_readers_is_sigpipe_and_epipe) {
    s_pipe = gate_make();
    OK(close(s_pipe.read));
    CHECK_KILLED(CHILD(CHECK_EQ(write(s_pipe.write, "x", 1), 1)), SIGPIPE);
    signal(SIGPIPE, count_signal);
    CHECK_ERRNO(write(s_pipe.write, "x", 1), EPIPE);
    CHECK_EQ(s_count, 1);
    signal(SIGPIPE, SIG_IGN);
    CHECK_ERRNO(write(s_pipe.write, "x", 1), EPIPE);
    CHECK_EQ(events(s_pipe.write, POLLOUT), POLLOUT | POLLERR);
}

TEST(the_last_reader_wakes_a_blocked_writer) {
    s_pipe = gate_make();
    pid_t child = CHILD(signal(SIGPIPE, SIG_IGN); close(s_pipe.read); static char bytes[1 << 20]; CHECK(write(s_pipe.write, bytes, sizeof bytes) < 1 << 20);
                        CHECK_ERRNO(write(s_pipe.write, bytes, 1), EPIPE));
    test_wait_state(child, "S");
    OK(close(s_pipe.read));
    CHECK_EXIT(child, 0);
}

TEST(nonblocking_ends_give_eagain) {
    int ends[2];
    char bytes[PIPE_BUF];
    OK(pipe2(ends, O_NONBLOCK | O_CLOEXEC));
    CHECK_EQ(OK(fcntl(ends[0], F_GETFD)), FD_CLOEXEC);
    CHECK_ERRNO(read(ends[0], bytes, 1), EAGAIN);
    memset(bytes, 'x', sizeof bytes);
    int written = 0;
    ssize_t count;
    while ((count = write(ends[1], bytes, sizeof bytes)) > 0) written += (int)count;
    CHECK_EQ(errno, EAGAIN);
    CHECK_EQ(written, 65536);
    CHECK_EQ(events(ends[1], POLLOUT), 0);
    CHECK_EQ(events(ends[0], POLLIN), POLLIN);
    int waiting;
    OK(ioctl(ends[0], FIONREAD, &waiting));
    CHECK_EQ(waiting, 65536);
    CHECK_EQ(read(ends[0], bytes, PIPE_BUF), PIPE_BUF);
    CHECK_EQ(events(ends[1], POLLOUT), POLLOUT);
    CHECK_EQ(write(ends[1], bytes, PIPE_BUF), PIPE_BUF);
    CHECK_ERRNO(write(ends[1], bytes, 1), EAGAIN);
}

TEST(a_large_nonblocking_write_is_done_in_part) {
    static char bytes[100000];
    int ends[2];
    OK(pipe2(ends, O_NONBLOCK));
    CHECK_EQ(write(ends[1], bytes, sizeof bytes), 65536);
    CHECK_EQ(read(ends[0], bytes, 10), 10);
    CHECK_ERRNO(write(ends[1], bytes, PIPE_BUF), EAGAIN); /* not in part: it would be torn */
}

TEST(directions_and_flags_are_checked) {
    int ends[2];
    char byte;
    CHECK_ERRNO(pipe2(ends, 0x1000000), EINVAL);
    CHECK_ERRNO(syscall(SYS_pipe2, 16, 0), EFAULT);
    s_pipe = gate_make();
    CHECK_ERRNO(write(s_pipe.read, "x", 1), EBADF);
    CHECK_ERRNO(read(s_pipe.write, &byte, 1), EBADF);
    struct stat about;
    OK(fstat(s_pipe.read, &about));
    CHECK(S_ISFIFO(about.st_mode));
    char name[64], path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", s_pipe.read);
    ssize_t length = OK(readlink(path, name, sizeof name - 1));
    name[length] = 0;
    snprintf(path, sizeof path, "pipe:[%llu]", (unsigned long long)about.st_ino);
    CHECK_STR(name, path);
}

TEST(the_capacity_can_be_changed) {
    s_pipe = gate_make();
    CHECK_EQ(OK(fcntl(s_pipe.write, F_GETPIPE_SZ)), 65536);
    CHECK_EQ(OK(fcntl(s_pipe.write, F_SETPIPE_SZ, 5000)), 8192);
    OK(fcntl(s_pipe.write, F_SETFL, O_NONBLOCK));
    static char bytes[65536];
    CHECK_EQ(write(s_pipe.write, bytes, sizeof bytes), 8192);
    CHECK_ERRNO(fcntl(s_pipe.write, F_SETPIPE_SZ, 4096), EBUSY);
    CHECK_EQ(OK(fcntl(s_pipe.write, F_SETPIPE_SZ, 1 << 20)), 1 << 20);
    CHECK_EQ(write(s_pipe.write, bytes, sizeof bytes), 65536);
    CHECK_EXIT(CHILD(OK(setuid(1000)); CHECK_ERRNO(fcntl(s_pipe.write, F_SETPIPE_SZ, 2 << 20), EPERM)), 0);
    CHECK_ERRNO(fcntl(0, F_GETPIPE_SZ), EBADF);
}

TEST(three_stages_work_at_the_same_time) {
    struct gate first = gate_make(), second = gate_make();
    pid_t producer = CHILD(close(first.read); close(second.read); close(second.write); for (int i = 0; i < 5000; i++) CHECK_EQ(write(first.write, &i, sizeof i), sizeof i));
    pid_t doubler = CHILD(close(first.write); close(second.read); int value; while (OK(read(first.read, &value, sizeof value)) > 0) {
        value *= 2;
        CHECK_EQ(write(second.write, &value, sizeof value), sizeof value);
    });
    close(first.read), close(first.write), close(second.write);
    long sum = 0;
    int value;
    while (OK(read(second.read, &value, sizeof value)) > 0) sum += value;
    CHECK_EQ(sum, 5000L * 4999);
    CHECK_EXIT(producer, 0);
    CHECK_EXIT(doubler, 0);
}

TEST(ping_pong_between_two_processes) {
    struct gate there = gate_make(), back = gate_make();
    pid_t child = CHILD(for (int i = 0; i < 2000; i++) {
        gate_wait(there);
        gate_open(back);
    });
    for (int i = 0; i < 2000; i++) {
        gate_open(there);
        gate_wait(back);
    }
    CHECK_EXIT(child, 0);
}

TEST(two_readers_share_the_data_without_loss) {
    struct gate results = gate_make();
    s_pipe = gate_make();
    pid_t readers[3];
    for (int i = 0; i < 3; i++) {
        readers[i] = CHILD(close(s_pipe.write); long sum = 0; unsigned char byte; while (OK(read(s_pipe.read, &byte, 1)) > 0) sum += byte;
                           CHECK_EQ(write(results.write, &sum, sizeof sum), sizeof sum));
    }
    long expected = 0, total = 0, part;
    for (int i = 0; i < 3000; i++) {
        unsigned char byte = (unsigned char)i;
        expected += byte;
        CHECK_EQ(write(s_pipe.write, &byte, 1), 1);
    }
    OK(close(s_pipe.write));
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(read(results.read, &part, sizeof part), sizeof part);
        total += part;
        CHECK_EXIT(readers[i], 0);
    }
    CHECK_EQ(total, expected);
}

TEST(a_fifo_joins_two_processes_by_name) {
    OK(mkfifo("fifo", 0600));
    CHECK_ERRNO(open("fifo", O_WRONLY | O_NONBLOCK), ENXIO);
    int early = (int)OK(open("fifo", O_RDONLY | O_NONBLOCK));
    char text[8] = "";
    CHECK_EQ(read(early, text, 1), 0); /* no writer */
    pid_t child = CHILD(close(early); int writer = (int)OK(open("fifo", O_WRONLY)); CHECK_EQ(write(writer, "named", 5), 5));
    CHECK_EXIT(child, 0);
    CHECK_EQ(read(early, text, 8), 5);
    CHECK_STR(text, "named");
    OK(close(early));
    child = CHILD(int reader = (int)OK(open("fifo", O_RDONLY)); CHECK_EQ(read(reader, text, 8), 3));
    int writer = (int)OK(open("fifo", O_WRONLY)); /* waits for the reader */
    CHECK_EQ(write(writer, "abc", 3), 3);
    CHECK_EXIT(child, 0);
    int both = (int)OK(open("fifo", O_RDWR)); /* fifo(7): does not wait */
    CHECK_EQ(write(both, "x", 1), 1);
    CHECK_EQ(read(both, text, 1), 1);
}

TEST(splice_moves_between_a_file_and_a_pipe) {
    test_write_file("f", "spliced data");
    int file = (int)OK(open("f", O_RDONLY)), out = (int)OK(open("g", O_RDWR | O_CREAT, 0644));
    char text[32] = "";
    s_pipe = gate_make();
    off_t offset = 8;
    CHECK_EQ(splice(file, &offset, s_pipe.write, NULL, 100, 0), 4);
    CHECK_EQ(offset, 12);
    CHECK_EQ(splice(file, NULL, s_pipe.write, NULL, 7, 0), 7);
    CHECK_EQ(lseek(file, 0, SEEK_CUR), 7);
    CHECK_EQ(splice(s_pipe.read, NULL, out, NULL, 100, 0), 11);
    CHECK_EQ(pread(out, text, sizeof text, 0), 11);
    CHECK_STR(text, "dataspliced");
    CHECK_ERRNO(splice(file, NULL, out, NULL, 1, 0), EINVAL);
    CHECK_ERRNO(splice(file, NULL, s_pipe.write, &offset, 1, 0), ESPIPE);
    CHECK_ERRNO(splice(s_pipe.read, NULL, out, NULL, 1, SPLICE_F_NONBLOCK), EAGAIN);
}

TEST(tee_copies_and_vmsplice_gathers) {
    struct gate other = gate_make();
    char text[16] = "";
    s_pipe = gate_make();
    struct iovec vector[] = {{"ab", 2}, {"cd", 2}};
    CHECK_EQ(vmsplice(s_pipe.write, vector, 2, 0), 4);
    CHECK_EQ(tee(s_pipe.read, other.write, 100, 0), 4);
    CHECK_EQ(read(other.read, text, 16), 4);
    CHECK_STR(text, "abcd");
    memset(text, 0, sizeof text);
    CHECK_EQ(read(s_pipe.read, text, 16), 4);
    CHECK_STR(text, "abcd");
}

TEST(tee_gives_a_waiting_reader_all_that_was_there) {
    struct gate other = gate_make();
    static char bytes[16 * 4096], back[16 * 4096];
    s_pipe = gate_make();
    for (int round = 0; round < 20; round++) {
        memset(bytes, 'a' + round, sizeof bytes);
        CHECK_EQ(write(s_pipe.write, bytes, sizeof bytes), (long)sizeof bytes);
        pid_t child = CHILD({
            CHECK_EQ(read(other.read, back, sizeof back), (long)sizeof back); /* in one piece, as it went in */
            CHECK(memcmp(back, bytes, sizeof back) == 0);
        });
        test_wait_state(child, "S");
        CHECK_EQ(tee(s_pipe.read, other.write, 1 << 20, 0), (long)sizeof bytes);
        CHECK_EXIT(child, 0);
        CHECK_EQ(read(s_pipe.read, back, sizeof back), (long)sizeof back);
    }
}

TEST(splice_between_pipes_keeps_the_bytes_of_each_write) {
    struct gate other = gate_make();
    char text[32] = "";
    s_pipe = gate_make();
    CHECK_EQ(write(s_pipe.write, "0123456789", 10), 10);
    CHECK_EQ(write(other.write, "old", 3), 3);
    CHECK_EQ(splice(s_pipe.read, NULL, other.write, NULL, 4, 0), 4);
    CHECK_EQ(write(s_pipe.write, "ab", 2), 2);
    CHECK_EQ(write(other.write, "new", 3), 3);
    CHECK_EQ(splice(s_pipe.read, NULL, other.write, NULL, 100, 0), 8);
    CHECK_EQ(read(other.read, text, sizeof text - 1), 18);
    CHECK_STR(text, "old0123new456789ab");
    CHECK_ERRNO(splice(s_pipe.read, NULL, other.write, NULL, 1, SPLICE_F_NONBLOCK), EAGAIN);
}
