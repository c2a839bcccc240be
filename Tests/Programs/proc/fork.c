/* fork, vfork, _exit and what the child gets from its parent. */
#include "test.h"

static int s_value = 1;

TEST(fork_returns_zero_in_the_child_and_its_number_in_the_parent) {
    struct gate gate = gate_make();
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        pid_t me = getpid();
        CHECK_EQ(getppid(), parent);
        CHECK(me != parent);
        CHECK_EQ(write(gate.write, &me, sizeof me), sizeof me);
        _exit(0);
    }
    pid_t told = 0;
    CHECK(child > 0);
    CHECK_EQ(read(gate.read, &told, sizeof told), sizeof told);
    CHECK_EQ(told, child);
    CHECK_EXIT(child, 0);
}

TEST(memory_is_copied_by_fork) {
    int local = 5;
    pid_t child = CHILD(s_value = 2; local = 6; CHECK_EQ(s_value + local, 8));
    CHECK_EXIT(child, 0);
    CHECK_EQ(s_value, 1);
    CHECK_EQ(local, 5);
}

TEST(vfork_lets_the_parent_wait_until_the_child_exits) {
    /* The child shares memory, so its write is seen. */
    volatile int shared = 0;
    pid_t child = vfork();
    if (child == 0) {
        for (volatile int i = 0; i < 100000; i++) {
        }
        shared = 7;
        _exit(3);
    }
    CHECK(child > 0);
    CHECK_EQ(shared, 7);
    CHECK_EXIT(child, 3);
}

TEST(vfork_lets_the_parent_go_on_when_the_child_executes) {
    struct gate gate = gate_make();
    char fd[16];
    snprintf(fd, sizeof fd, "%d", gate.read);
    const char *program = test_program();
    pid_t child = vfork();
    if (child == 0) {
        execl(program, program, "--helper", "wait-for-byte", fd, (char *)NULL);
        _exit(99);
    }
    /* The child waits for a byte that only the parent can send. */
    gate_open(gate);
    CHECK_EXIT(child, 0);
}

TEST(children_of_one_parent_all_end_with_their_own_status) {
    enum { CHILDREN = 40 };
    pid_t children[CHILDREN];
    for (int i = 0; i < CHILDREN; i++) children[i] = CHILD(_exit(i));
    for (int i = CHILDREN - 1; i >= 0; i--) CHECK_EXIT(children[i], i);
    CHECK_ERRNO(wait(NULL), ECHILD);
}

static int descend(int depth) {
    if (depth == 20) return 1;
    pid_t child = (pid_t)OK(fork());
    if (child == 0) _exit(descend(depth + 1));
    int status;
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status));
    return WEXITSTATUS(status) + 1;
}

TEST(a_chain_of_forks_unwinds_in_order) { CHECK_EQ(descend(0), 21); }

TEST(the_low_eight_bits_of_the_exit_status_count) {
    CHECK_EXIT(CHILD(_exit(0x1FF)), 0xFF);
    CHECK_EXIT(CHILD(_exit(256)), 0);
    CHECK_EXIT(CHILD(_exit(-1)), 255);
}

TEST(exit_by_a_signal_is_told_with_the_signal) {
    static const int signals[] = {SIGKILL, SIGTERM, SIGHUP, SIGINT, SIGPIPE, SIGUSR1, SIGALRM};
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        int number = signals[i];
        CHECK_KILLED(CHILD(signal(number, SIG_DFL); raise(number); pause()), number);
    }
}

TEST(the_child_gets_working_directory_umask_and_root) {
    char before[PATH_MAX], after[PATH_MAX];
    OK(mkdir("sub", 0755));
    OK(chdir("sub"));
    umask(0123);
    CHECK(getcwd(before, sizeof before) != NULL);
    pid_t child = CHILD(CHECK(getcwd(after, sizeof after) != NULL); CHECK_STR(after, before); CHECK_EQ(umask(0), 0123); OK(chdir("/")));
    CHECK_EXIT(child, 0);
    CHECK(getcwd(after, sizeof after) != NULL);
    CHECK_STR(after, before);
    CHECK_EQ(umask(022), 0123);
}

TEST(descriptors_are_copied_and_offsets_are_shared) {
    test_write_file("f", "abcdef");
    int file = (int)OK(open("f", O_RDONLY));
    pid_t child = CHILD(char c[2]; CHECK_EQ(read(file, c, 2), 2); OK(close(file)));
    CHECK_EXIT(child, 0);
    char c;
    CHECK_EQ(read(file, &c, 1), 1);
    CHECK_EQ(c, 'c');
}

TEST(pending_signals_and_timers_are_not_inherited_but_masks_are) {
    sigset_t set, got;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    OK(sigprocmask(SIG_BLOCK, &set, NULL));
    raise(SIGUSR1);
    alarm(1000);
    pid_t child = CHILD(OK(sigpending(&got)); CHECK(!sigismember(&got, SIGUSR1)); CHECK_EQ(alarm(0), 0); OK(sigprocmask(SIG_BLOCK, NULL, &got));
                        CHECK(sigismember(&got, SIGUSR1)));
    CHECK_EXIT(child, 0);
    OK(sigpending(&got));
    CHECK(sigismember(&got, SIGUSR1));
    CHECK(alarm(0) > 0);
}

TEST(times_of_the_child_start_at_zero_and_reach_the_parent_when_it_is_waited_for) {
    struct rusage before, own, usage, after;
    OK(getrusage(RUSAGE_CHILDREN, &before));
    do OK(getrusage(RUSAGE_SELF, &own));
    while (own.ru_utime.tv_sec * 1000000 + own.ru_utime.tv_usec + own.ru_stime.tv_sec * 1000000 + own.ru_stime.tv_usec < 300000);
    int64_t begin = test_now();
    pid_t child = CHILD(OK(getrusage(RUSAGE_SELF, &own)); long mine = own.ru_utime.tv_sec * 1000000 + own.ru_utime.tv_usec + own.ru_stime.tv_sec * 1000000 + own.ru_stime.tv_usec;
                        CHECK(mine <= (test_now() - begin) / 1000 + 20000); struct rusage now; do {
        for (volatile int i = 0; i < 100000; i++) {
        }
        OK(getrusage(RUSAGE_SELF, &now));
    } while (now.ru_utime.tv_sec * 1000000 + now.ru_utime.tv_usec < 50000));
    int status;
    CHECK_EQ(wait4(child, &status, 0, &usage), child);
    CHECK_EQ(status, 0);
    OK(getrusage(RUSAGE_CHILDREN, &after));
    long long used = usage.ru_utime.tv_sec * 1000000LL + usage.ru_utime.tv_usec;
    CHECK(used >= 50000);
    long long more = (after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1000000LL + after.ru_utime.tv_usec - before.ru_utime.tv_usec;
    CHECK(more >= used - 1000);
}

TEST(a_limit_on_processes_stops_a_user_but_not_root) {
    CHECK_EXIT(CHILD(struct rlimit limit = {0, 0}; OK(setrlimit(RLIMIT_NPROC, &limit)); CHECK_EXIT(CHILD(), 0)), 0);
    CHECK_EXIT(CHILD(struct rlimit limit = {0, 0}; OK(setrlimit(RLIMIT_NPROC, &limit)); OK(setgid(1000)); OK(setuid(1000)); CHECK_ERRNO(fork(), EAGAIN)), 0);
}

TEST(four_processes_fork_and_wait_at_the_same_time) {
    pid_t workers[4];
    for (int i = 0; i < 4; i++) {
        workers[i] = CHILD(for (int round = 0; round < 40; round++) CHECK_EXIT(CHILD(_exit(round)), round));
    }
    for (int i = 0; i < 4; i++) CHECK_EXIT(workers[i], 0);
}
