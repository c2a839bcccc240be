/* wait4 and waitid: options, zombies, orphans, sub-reapers, groups, stops. */
#include "test.h"

#include <sys/prctl.h>

static volatile int s_signals;

static void count_signal(int number) {
    (void)number;
    s_signals++;
}

TEST(waiting_without_children_is_echild) {
    CHECK_ERRNO(wait(NULL), ECHILD);
    CHECK_ERRNO(waitpid(getpid(), NULL, 0), ECHILD);
    CHECK_ERRNO(waitpid(1, NULL, WNOHANG), ECHILD);
    siginfo_t info;
    CHECK_ERRNO(waitid(P_ALL, 0, &info, WEXITED), ECHILD);
}

TEST(wnohang_returns_zero_while_the_child_runs) {
    struct gate gate = gate_make();
    pid_t child = CHILD(gate_wait(gate));
    int status = 77;
    CHECK_EQ(waitpid(child, &status, WNOHANG), 0);
    siginfo_t info;
    memset(&info, 0xFF, sizeof info);
    OK(waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG));
    CHECK_EQ(info.si_pid, 0);
    CHECK_EQ(info.si_signo, 0);
    gate_open(gate);
    CHECK_EXIT(child, 0);
}

TEST(a_dead_child_is_a_zombie_until_it_is_waited_for) {
    pid_t child = CHILD(_exit(3));
    test_wait_state(child, "Z");
    OK(kill(child, 0));
    CHECK_EXIT(child, 3);
    CHECK_ERRNO(kill(child, 0), ESRCH);
    CHECK_ERRNO(waitpid(child, NULL, 0), ECHILD);
}

TEST(wnowait_leaves_the_zombie) {
    pid_t child = CHILD(_exit(7));
    siginfo_t info;
    for (int i = 0; i < 2; i++) {
        memset(&info, 0, sizeof info);
        OK(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT));
        CHECK_EQ(info.si_signo, SIGCHLD);
        CHECK_EQ(info.si_code, CLD_EXITED);
        CHECK_EQ(info.si_status, 7);
        CHECK_EQ(info.si_pid, child);
        CHECK_EQ(info.si_uid, getuid());
    }
    CHECK_EXIT(child, 7);
}

TEST(waitid_tells_how_a_signal_killed) {
    pid_t child = CHILD(raise(SIGKILL));
    siginfo_t info;
    OK(waitid(P_PID, (id_t)child, &info, WEXITED));
    CHECK_EQ(info.si_code, CLD_KILLED);
    CHECK_EQ(info.si_status, SIGKILL);
}

TEST(bad_options_are_einval) {
    pid_t child = CHILD(pause());
    siginfo_t info;
    CHECK_ERRNO(waitpid(child, NULL, 0x100), EINVAL);
    CHECK_ERRNO(waitid(P_PID, (id_t)child, &info, 0), EINVAL);
    CHECK_ERRNO(waitid(P_PID, (id_t)child, &info, WNOHANG), EINVAL);
    CHECK_ERRNO(waitid(P_PID, (id_t)child, &info, WEXITED | 0x100), EINVAL);
    CHECK_ERRNO(waitid((idtype_t)99, 0, &info, WEXITED), EINVAL);
    CHECK_ERRNO(waitid(P_PID, (id_t)-1, &info, WEXITED), EINVAL);
    CHECK_ERRNO(waitpid(INT_MIN, NULL, WNOHANG), ESRCH);
    OK(kill(child, SIGKILL));
    CHECK_KILLED(child, SIGKILL);
}

TEST(a_bad_status_pointer_is_efault_and_the_child_is_gone) {
    pid_t child = CHILD(_exit(1));
    test_wait_state(child, "Z");
    CHECK_ERRNO(syscall(SYS_wait4, child, (int *)16, 0, NULL), EFAULT);
    CHECK_ERRNO(waitpid(child, NULL, 0), ECHILD);
}

TEST(a_process_group_can_be_waited_for) {
    pid_t in_group = CHILD(setpgid(0, 0); pause()), outside = CHILD(pause());
    OK(setpgid(in_group, in_group));
    CHECK_EQ(getpgid(in_group), in_group);
    OK(kill(outside, SIGKILL));
    test_wait_state(outside, "Z");
    CHECK_EQ(waitpid(-in_group, NULL, WNOHANG), 0);
    OK(kill(-in_group, SIGTERM));
    int status;
    CHECK_EQ(waitpid(-in_group, &status, 0), in_group);
    CHECK_EQ(WTERMSIG(status), SIGTERM);
    CHECK_EQ(waitpid(0, &status, 0), outside); /* the caller's own group */
    CHECK_EQ(WTERMSIG(status), SIGKILL);
}

TEST(stops_and_continues_are_told) {
    /* A group of its own: the test's group is orphaned, and SIGTSTP does not stop those. */
    struct gate gate = gate_make();
    pid_t child = CHILD(OK(setpgid(0, 0)); gate_open(gate); for (;;) pause());
    int status;
    gate_wait(gate);
    OK(kill(child, SIGSTOP));
    CHECK_EQ(waitpid(child, &status, WUNTRACED), child);
    CHECK(WIFSTOPPED(status));
    CHECK_EQ(WSTOPSIG(status), SIGSTOP);
    test_wait_state(child, "T");
    CHECK_EQ(waitpid(child, &status, WUNTRACED | WNOHANG), 0); /* told once */
    OK(kill(child, SIGCONT));
    CHECK_EQ(waitpid(child, &status, WCONTINUED), child);
    CHECK(WIFCONTINUED(status));
    CHECK_EQ(waitpid(child, &status, WCONTINUED | WNOHANG), 0);
    siginfo_t info;
    OK(kill(child, SIGTSTP));
    OK(waitid(P_PID, (id_t)child, &info, WSTOPPED));
    CHECK_EQ(info.si_code, CLD_STOPPED);
    CHECK_EQ(info.si_status, SIGTSTP);
    OK(kill(child, SIGCONT));
    OK(waitid(P_PID, (id_t)child, &info, WCONTINUED));
    CHECK_EQ(info.si_code, CLD_CONTINUED);
    CHECK_EQ(info.si_status, SIGCONT);
    OK(kill(child, SIGKILL));
    CHECK_KILLED(child, SIGKILL);
}

TEST(a_stopped_process_dies_by_sigkill_and_keeps_other_signals_until_it_goes_on) {
    struct gate gate = gate_make();
    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pid_t child = CHILD(signal(SIGUSR1, count_signal); OK(sigprocmask(SIG_BLOCK, &set, &old)); gate_open(gate); while (s_signals == 0) sigsuspend(&old); _exit(5));
    int status;
    gate_wait(gate);
    OK(kill(child, SIGSTOP));
    CHECK_EQ(waitpid(child, &status, WUNTRACED), child);
    OK(kill(child, SIGUSR1));
    test_sleep_ms(20);
    CHECK_EQ(test_stat_field(child, 3), 'T');
    OK(kill(child, SIGCONT));
    CHECK_EXIT(child, 5);
    child = CHILD(pause());
    OK(kill(child, SIGSTOP));
    CHECK_EQ(waitpid(child, &status, WUNTRACED), child);
    OK(kill(child, SIGKILL));
    CHECK_KILLED(child, SIGKILL);
}

TEST(sigchld_comes_for_stops_unless_nocldstop) {
    struct sigaction action = {.sa_handler = count_signal, .sa_flags = SA_RESTART};
    OK(sigaction(SIGCHLD, &action, NULL));
    pid_t child = CHILD(for (;;) pause());
    int status;
    OK(kill(child, SIGSTOP));
    CHECK_EQ(waitpid(child, &status, WUNTRACED), child);
    CHECK_EQ(s_signals, 1);
    action.sa_flags |= SA_NOCLDSTOP;
    OK(sigaction(SIGCHLD, &action, NULL));
    OK(kill(child, SIGCONT));
    CHECK_EQ(waitpid(child, &status, WCONTINUED), child);
    CHECK_EQ(s_signals, 1);
    OK(kill(child, SIGKILL));
    CHECK_KILLED(child, SIGKILL);
    CHECK_EQ(s_signals, 2);
}

TEST(ignored_sigchld_leaves_no_zombies) {
    signal(SIGCHLD, SIG_IGN);
    pid_t child = CHILD(_exit(0));
    CHECK_ERRNO(waitpid(child, NULL, 0), ECHILD); /* waits until it has ended */
    int64_t end = test_now() + 60000000000LL;
    while (kill(child, 0) == 0 && test_now() < end) test_sleep_ms(1); /* its number may go a moment later */
    CHECK_ERRNO(kill(child, 0), ESRCH);
}

TEST(nocldwait_leaves_no_zombies_but_sends_the_signal) {
    struct sigaction action = {.sa_handler = count_signal, .sa_flags = SA_NOCLDWAIT};
    OK(sigaction(SIGCHLD, &action, NULL));
    pid_t child = CHILD(_exit(0));
    while (waitpid(child, NULL, 0) == -1 && errno == EINTR) {
    }
    CHECK_EQ(errno, ECHILD);
    CHECK_EQ(s_signals, 1);
}

TEST(orphans_go_to_init) {
    struct gate gate = gate_make(), told = gate_make();
    pid_t middle = CHILD(pid_t orphan = CHILD(gate_wait(gate); pid_t parent = getppid(); CHECK_EQ(write(told.write, &parent, sizeof parent), sizeof parent)); (void)orphan);
    CHECK_EXIT(middle, 0);
    gate_open(gate);
    pid_t parent = 0;
    CHECK_EQ(read(told.read, &parent, sizeof parent), sizeof parent);
    CHECK_EQ(parent, 1);
}

TEST(orphans_go_to_the_nearest_sub_reaper) {
    int set = 0;
    OK(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
    OK(prctl(PR_GET_CHILD_SUBREAPER, &set, 0, 0, 0));
    CHECK_EQ(set, 1);
    struct gate gate = gate_make(), told = gate_make();
    pid_t middle = CHILD(pid_t orphan = CHILD(gate_wait(gate); _exit(getppid() == getpgrp() ? 8 : 9)); CHECK_EQ(write(told.write, &orphan, sizeof orphan), sizeof orphan));
    pid_t orphan = 0;
    CHECK_EQ(read(told.read, &orphan, sizeof orphan), sizeof orphan);
    CHECK_EXIT(middle, 0);
    CHECK_EQ(test_stat_field(orphan, 4), getpid());
    gate_open(gate);
    int status;
    CHECK_EQ(waitpid(orphan, &status, 0), orphan);
    CHECK(WIFEXITED(status));
}

TEST(the_parent_death_signal_comes) {
    struct gate ready = gate_make(), told = gate_make();
    pid_t middle = CHILD(CHILD(sigset_t set; sigemptyset(&set); sigaddset(&set, SIGUSR1); OK(sigprocmask(SIG_BLOCK, &set, NULL)); OK(prctl(PR_SET_PDEATHSIG, SIGUSR1));
                               gate_open(ready); siginfo_t info; CHECK_EQ(sigwaitinfo(&set, &info), SIGUSR1); gate_open(told));
                         gate_wait(ready));
    CHECK_EXIT(middle, 0);
    gate_wait(told);
}

TEST(sessions_and_groups_follow_the_rules) {
    pid_t child = CHILD(pid_t session = getsid(0); OK(setpgid(0, 0)); CHECK_EQ(getpgrp(), getpid()); CHECK_EQ(getsid(0), session); CHECK_ERRNO(setsid(), EPERM);
                        pid_t grandchild = CHILD(CHECK_EQ(OK(setsid()), getpid()); CHECK_EQ(getpgrp(), getpid()); CHECK_EQ(getsid(0), getpid());
                                                 CHECK_ERRNO(setpgid(0, 0), EPERM); CHECK_ERRNO(setpgid(0, getppid()), EPERM));
                        CHECK_EXIT(grandchild, 0));
    CHECK_EXIT(child, 0);
    CHECK_ERRNO(setpgid(1, 1), ESRCH);
    CHECK_ERRNO(setpgid(0, -1), EINVAL);
    CHECK_ERRNO(getpgid(0x3FFFFFFF), ESRCH);
    CHECK_ERRNO(getsid(0x3FFFFFFF), ESRCH);
}

TEST(setpgid_on_a_child_that_has_executed_is_eacces) {
    struct gate gate = gate_make(), ready = gate_make();
    char fd[16], ready_fd[16];
    snprintf(fd, sizeof fd, "%d", gate.read);
    snprintf(ready_fd, sizeof ready_fd, "%d", ready.write);
    const char *program = test_program();
    pid_t child = vfork();
    if (child == 0) {
        execl(program, program, "--helper", "wait-for-byte", fd, ready_fd, (char *)NULL);
        _exit(9);
    }
    gate_wait(ready);
    CHECK_ERRNO(setpgid(child, child), EACCES);
    gate_open(gate);
    CHECK_EXIT(child, 0);
}

TEST(a_stop_from_the_terminal_leaves_an_orphaned_group_alone) {
    pid_t child = CHILD(raise(SIGTSTP); raise(SIGTTIN); raise(SIGTTOU); _exit(4));
    CHECK_EXIT(child, 4);
}

TEST(an_orphaned_stopped_group_gets_hangup_and_continue) {
    struct gate told = gate_make();
    pid_t middle = CHILD(OK(setpgid(0, 0)); pid_t child = CHILD(sigset_t set; sigemptyset(&set); sigaddset(&set, SIGHUP); sigaddset(&set, SIGCONT);
        OK(sigprocmask(SIG_BLOCK, &set, NULL)); raise(SIGSTOP); siginfo_t info; CHECK_EQ(sigwaitinfo(&set, &info), SIGHUP); gate_open(told));
        int status; CHECK_EQ(waitpid(child, &status, WUNTRACED), child); CHECK(WIFSTOPPED(status)));
    CHECK_EXIT(middle, 0);
    gate_wait(told);
}

TEST(wait_for_any_hands_out_each_child_once) {
    enum { CHILDREN = 30 };
    bool seen[CHILDREN] = {false};
    for (int i = 0; i < CHILDREN; i++) CHILD(_exit(i));
    for (int i = 0; i < CHILDREN; i++) {
        int status;
        CHECK(wait(&status) > 0);
        CHECK(WIFEXITED(status) && !seen[WEXITSTATUS(status)]);
        seen[WEXITSTATUS(status)] = true;
    }
    CHECK_ERRNO(wait(NULL), ECHILD);
}
