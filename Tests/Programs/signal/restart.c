/* signal(7), "Interruption of system calls": which calls start again after a handler, and which end with EINTR. */
#include "test.h"

#include "futex.h"
#include <poll.h>
#include <sys/select.h>

static volatile int s_count;
static pid_t s_parent;

static void count_signal(int number) {
    (void)number;
    s_count++;
}

static void handle(int flags) {
    struct sigaction action = {.sa_handler = count_signal, .sa_flags = flags};
    OK(sigaction(SIGUSR1, &action, NULL));
    s_parent = getpid();
}

/* Sends SIGUSR1 as soon as the test sleeps, then does the statements after a moment. */
#define INTERRUPTER(...)                                   \
    CHILD(test_wait_state(s_parent, "S"); OK(kill(s_parent, SIGUSR1)); __VA_ARGS__)

TEST(read_of_a_pipe_is_interrupted_without_restart_and_goes_on_with_it) {
    struct gate gate = gate_make();
    char byte = 0;
    handle(0);
    pid_t child = INTERRUPTER();
    CHECK_ERRNO(read(gate.read, &byte, 1), EINTR);
    CHECK_EXIT(child, 0);
    CHECK_EQ(s_count, 1);
    handle(SA_RESTART);
    child = INTERRUPTER(test_sleep_ms(20); gate_open(gate));
    CHECK_EQ(read(gate.read, &byte, 1), 1);
    CHECK_EXIT(child, 0);
    CHECK_EQ(s_count, 2);
    CHECK_EQ(byte, 'g');
}

TEST(write_to_a_full_pipe_is_interrupted_or_goes_on) {
    int ends[2];
    static char bytes[1 << 20];
    OK(pipe(ends));
    handle(0);
    pid_t child = INTERRUPTER();
    ssize_t done = write(ends[1], bytes, sizeof bytes); /* fills the pipe, then waits: what was written counts */
    CHECK(done > 0 && done < (ssize_t)sizeof bytes);
    CHECK_EXIT(child, 0);
    child = INTERRUPTER();
    CHECK_ERRNO(write(ends[1], bytes, 1), EINTR);
    CHECK_EXIT(child, 0);
    handle(SA_RESTART);
    child = INTERRUPTER(CHECK_EQ(read(ends[0], bytes, 8192), 8192));
    CHECK_EQ(write(ends[1], "x", 1), 1);
    CHECK_EXIT(child, 0);
    CHECK_EQ(s_count, 3);
}

TEST(waiting_for_a_child_is_interrupted_or_goes_on) {
    struct gate gate = gate_make();
    handle(0);
    pid_t sleeper = CHILD(gate_wait(gate); _exit(4)), child = INTERRUPTER();
    CHECK_ERRNO(waitpid(sleeper, NULL, 0), EINTR);
    CHECK_EXIT(child, 0);
    handle(SA_RESTART);
    child = INTERRUPTER(test_sleep_ms(20); gate_open(gate));
    int status;
    CHECK_EQ(waitpid(sleeper, &status, 0), sleeper);
    CHECK_EQ(WEXITSTATUS(status), 4);
    CHECK_EXIT(child, 0);
    CHECK_EQ(s_count, 2);
}

TEST(nanosleep_is_interrupted_even_with_restart_and_tells_what_is_left) {
    handle(SA_RESTART);
    pid_t child = INTERRUPTER();
    struct timespec left = {0, 0};
    CHECK_ERRNO(nanosleep(&(struct timespec){20, 0}, &left), EINTR);
    CHECK(left.tv_sec >= 5 && left.tv_sec < 20);
    CHECK_EXIT(child, 0);
    child = INTERRUPTER();
    CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){20, 0}, &left), EINTR);
    CHECK_EXIT(child, 0);
    CHECK_EQ(s_count, 2);
}

TEST(a_stop_and_continue_does_not_end_a_sleep) {
    pid_t child = CHILD(int64_t before = test_now(); OK(nanosleep(&(struct timespec){0, 300000000}, NULL)); CHECK(test_now() - before >= 300000000));
    int status;
    test_wait_state(child, "S");
    OK(kill(child, SIGSTOP));
    CHECK_EQ(waitpid(child, &status, WUNTRACED), child);
    OK(kill(child, SIGCONT));
    CHECK_EXIT(child, 0);
}

TEST(poll_and_select_are_interrupted_even_with_restart) {
    struct gate gate = gate_make();
    struct pollfd item = {gate.read, POLLIN, 0};
    handle(SA_RESTART);
    pid_t child = INTERRUPTER();
    CHECK_ERRNO(poll(&item, 1, 20000), EINTR);
    CHECK_EXIT(child, 0);
    child = INTERRUPTER();
    CHECK_ERRNO(poll(&item, 1, -1), EINTR);
    CHECK_EXIT(child, 0);
    fd_set set;
    FD_ZERO(&set);
    FD_SET(gate.read, &set);
    child = INTERRUPTER();
    CHECK_ERRNO(select(gate.read + 1, &set, NULL, NULL, NULL), EINTR);
    CHECK_EXIT(child, 0);
    CHECK_EQ(s_count, 3);
}

TEST(ppoll_swaps_the_mask_while_it_waits) {
    struct gate gate = gate_make();
    struct pollfd item = {gate.read, POLLIN, 0};
    sigset_t set, none;
    sigemptyset(&none);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    handle(0);
    OK(sigprocmask(SIG_BLOCK, &set, NULL));
    raise(SIGUSR1);
    CHECK_ERRNO(ppoll(&item, 1, &(struct timespec){20, 0}, &none), EINTR);
    CHECK_EQ(s_count, 1);
    raise(SIGUSR1);
    CHECK_EQ(s_count, 1);
}

TEST(futex_wait_goes_on_with_restart_and_is_interrupted_without) {
    static volatile int word = 1;
    handle(0);
    pid_t child = INTERRUPTER();
    CHECK_ERRNO(syscall(SYS_futex, &word, FUTEX_WAIT, 1, NULL, NULL, 0), EINTR);
    CHECK_EXIT(child, 0);
    handle(SA_RESTART);
    child = INTERRUPTER();
    int64_t before = test_now();
    /* With a relative time, the rest of it. */
    long result = syscall(SYS_futex, &word, FUTEX_WAIT, 1, &(struct timespec){0, 300000000}, NULL, 0);
    CHECK_EQ(result, -1);
    if (errno == ETIMEDOUT) {
        CHECK(test_now() - before >= 300000000);
    } else {
        CHECK_EQ(errno, EINTR);
    }
    CHECK_EXIT(child, 0);
    CHECK_EQ(s_count, 2);
}

TEST(pause_always_ends_with_eintr) {
    handle(SA_RESTART);
    pid_t child = INTERRUPTER();
    CHECK_ERRNO(pause(), EINTR);
    CHECK_EXIT(child, 0);
    CHECK_EQ(s_count, 1);
}

TEST(an_ignored_signal_interrupts_nothing) {
    struct gate gate = gate_make();
    s_parent = getpid();
    signal(SIGUSR1, SIG_IGN);
    char byte;
    pid_t child = INTERRUPTER(test_sleep_ms(20); gate_open(gate));
    CHECK_EQ(read(gate.read, &byte, 1), 1);
    CHECK_EXIT(child, 0);
}

TEST(open_of_a_fifo_waits_for_the_other_side_and_is_restarted) {
    OK(mkfifo("fifo", 0600));
    handle(SA_RESTART);
    pid_t child = INTERRUPTER(test_sleep_ms(20); OK(open("fifo", O_WRONLY)));
    int reader = (int)OK(open("fifo", O_RDONLY));
    CHECK_EQ(s_count, 1);
    CHECK_EXIT(child, 0);
    char byte;
    CHECK_EQ(read(reader, &byte, 1), 0);
}
