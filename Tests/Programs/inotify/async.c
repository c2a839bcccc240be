/* Signals of files: O_ASYNC, F_SETOWN, F_SETOWN_EX, F_SETSIG, F_NOTIFY of fcntl(2). */
#include "test.h"

#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#ifndef F_GETOWNER_UIDS
#define F_GETOWNER_UIDS 17
#endif

static volatile sig_atomic_t s_count, s_code, s_fd_seen, s_signal;
static volatile long s_band;

static void note(int signal, siginfo_t *info, void *context) {
    (void)context;
    s_count++;
    s_signal = signal;
    s_code = info->si_code;
    s_fd_seen = info->si_fd;
    s_band = info->si_band;
}

static void catch_signal(int signal) {
    struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO};
    OK(sigaction(signal, &action, NULL));
    s_count = 0;
}

static void turn_on(int fd, int owner, int signal) {
    OK(fcntl(fd, F_SETOWN, owner));
    if (signal) OK(fcntl(fd, F_SETSIG, signal));
    OK(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC));
    CHECK(fcntl(fd, F_GETFL) & O_ASYNC);
}

TEST(a_pipe_tells_its_owner_what_happened) {
    int pipes[2];
    OK(pipe(pipes));
    catch_signal(SIGIO);
    catch_signal(SIGRTMIN + 3);
    turn_on(pipes[0], getpid(), SIGRTMIN + 3);
    CHECK_EQ(s_count, 0);
    CHECK_EQ(write(pipes[1], "a", 1), 1);
    CHECK_EQ(s_count, 1);
    CHECK_EQ(s_signal, SIGRTMIN + 3);
    CHECK_EQ(s_code, POLL_IN);
    CHECK_EQ(s_fd_seen, pipes[0]);
    CHECK_EQ(s_band, POLLIN | POLLRDNORM);
    CHECK_EQ(write(pipes[1], "b", 1), 1); /* each write, not only the first */
    CHECK_EQ(s_count, 2);
    char byte;
    CHECK_EQ(read(pipes[0], &byte, 1), 1);
    CHECK_EQ(s_count, 2);
    OK(fcntl(pipes[0], F_SETSIG, 0));
    CHECK_EQ(write(pipes[1], "c", 1), 1);
    CHECK_EQ(s_count, 3);
    CHECK_EQ(s_signal, SIGIO);
    CHECK_EQ(s_code, SI_KERNEL);
    OK(fcntl(pipes[0], F_SETFL, 0));
    CHECK_EQ(write(pipes[1], "d", 1), 1);
    CHECK_EQ(s_count, 3);
    turn_on(pipes[0], getpid(), 0);
    OK(close(pipes[1]));
    CHECK_EQ(s_count, 4);
}

TEST(room_in_a_pipe_is_told_to_its_writer) {
    int pipes[2];
    OK(pipe(pipes));
    catch_signal(SIGRTMIN);
    turn_on(pipes[1], getpid(), SIGRTMIN);
    CHECK_EQ(write(pipes[1], "abc", 3), 3);
    CHECK_EQ(s_count, 0);
    char byte;
    CHECK_EQ(read(pipes[0], &byte, 1), 1);
    CHECK_EQ(s_count, 1);
    CHECK_EQ(s_code, POLL_OUT);
    CHECK_EQ(s_band, POLLOUT | POLLWRNORM | POLLWRBAND);
    CHECK_EQ(s_fd_seen, pipes[1]);
}

TEST(signals_with_codes_of_their_own_say_only_sigio) {
    int pipes[2];
    OK(pipe(pipes));
    catch_signal(SIGCHLD);
    turn_on(pipes[0], getpid(), SIGCHLD);
    CHECK_EQ(write(pipes[1], "a", 1), 1);
    CHECK_EQ(s_count, 1);
    CHECK_EQ(s_code, SI_SIGIO);
    catch_signal(SIGUSR1);
    OK(fcntl(pipes[0], F_SETSIG, SIGUSR1));
    CHECK_EQ(write(pipes[1], "a", 1), 1);
    CHECK_EQ(s_count, 1);
    CHECK_EQ(s_code, POLL_IN);
}

TEST(the_owner_is_a_process_a_group_or_a_thread) {
    int pipes[2];
    OK(pipe(pipes));
    CHECK_EQ(fcntl(pipes[0], F_GETOWN), 0);
    OK(fcntl(pipes[0], F_SETOWN, getpid()));
    CHECK_EQ(fcntl(pipes[0], F_GETOWN), getpid());
    OK(fcntl(pipes[0], F_SETOWN, -getpgrp()));
    CHECK_EQ(fcntl(pipes[0], F_GETOWN), -getpgrp());
    struct f_owner_ex owner = {99, 0};
    OK(fcntl(pipes[0], F_GETOWN_EX, &owner));
    CHECK_EQ(owner.type, F_OWNER_PGRP);
    CHECK_EQ(owner.pid, getpgrp());
    owner = (struct f_owner_ex){F_OWNER_TID, (pid_t)syscall(SYS_gettid)};
    OK(fcntl(pipes[0], F_SETOWN_EX, &owner));
    owner = (struct f_owner_ex){99, 0};
    OK(fcntl(pipes[0], F_GETOWN_EX, &owner));
    CHECK_EQ(owner.type, F_OWNER_TID);
    CHECK_EQ(owner.pid, getpid());
    owner.type = 3;
    CHECK_ERRNO(fcntl(pipes[0], F_SETOWN_EX, &owner), EINVAL);
    owner = (struct f_owner_ex){F_OWNER_PID, 4000000};
    CHECK_ERRNO(fcntl(pipes[0], F_SETOWN_EX, &owner), ESRCH);
    CHECK_ERRNO(fcntl(pipes[0], F_SETOWN, 4000000), ESRCH);
    CHECK_ERRNO(fcntl(pipes[0], F_SETOWN, -4000000), ESRCH);
    CHECK_ERRNO(fcntl(pipes[0], F_SETOWN, INT_MIN), EINVAL);
    CHECK_ERRNO(fcntl(pipes[0], F_SETOWN_EX, (void *)1), EFAULT);
    CHECK_ERRNO(fcntl(pipes[0], F_GETOWN_EX, (void *)1), EFAULT);
    CHECK_ERRNO(fcntl(pipes[0], F_SETSIG, 65), EINVAL);
    CHECK_ERRNO(fcntl(pipes[0], F_SETSIG, -1), EINVAL);
    CHECK_EQ(fcntl(pipes[0], F_GETSIG), 0);
    OK(fcntl(pipes[0], F_SETSIG, SIGUSR1));
    CHECK_EQ(fcntl(pipes[0], F_GETSIG), SIGUSR1);
    OK(fcntl(pipes[0], F_SETOWN, 0));
    CHECK_EQ(fcntl(pipes[0], F_GETOWN), 0);
    /* one that has ended owns nothing, even if another gets its number */
    pid_t child = CHILD(pause());
    OK(fcntl(pipes[0], F_SETOWN, child));
    CHECK_EQ(fcntl(pipes[0], F_GETOWN), child);
    OK(kill(child, SIGKILL));
    CHECK_KILLED(child, SIGKILL);
    CHECK_EQ(fcntl(pipes[0], F_GETOWN), 0);
}

TEST(a_group_gets_the_signal_and_strangers_do_not) {
    int pipes[2];
    OK(pipe(pipes));
    struct gate ready = gate_make();
    pid_t leader = CHILD(OK(setpgid(0, 0)); catch_signal(SIGIO); gate_open(ready); pause(); _exit(s_count == 1 ? 7 : 1));
    gate_wait(ready);
    turn_on(pipes[0], -leader, 0);
    test_wait_state(leader, "S");
    CHECK_EQ(write(pipes[1], "a", 1), 1);
    CHECK_EXIT(leader, 7);
    /* who set the owner may not signal it: nothing is sent */
    catch_signal(SIGIO);
    CHECK_EXIT(CHILD(OK(setuid(1000)); turn_on(pipes[0], getppid(), 0); CHECK_EQ(write(pipes[1], "b", 1), 1)), 0);
    CHECK_EQ(s_count, 0);
}

TEST(fioasync_turns_it_on_and_off) {
    int pipes[2], on = 1, off = 0;
    OK(pipe(pipes));
    catch_signal(SIGIO);
    OK(fcntl(pipes[0], F_SETOWN, getpid()));
    OK(ioctl(pipes[0], FIOASYNC, &on));
    CHECK(fcntl(pipes[0], F_GETFL) & O_ASYNC);
    CHECK_EQ(write(pipes[1], "a", 1), 1);
    CHECK_EQ(s_count, 1);
    OK(ioctl(pipes[0], FIOASYNC, &off));
    CHECK(!(fcntl(pipes[0], F_GETFL) & O_ASYNC));
    CHECK_EQ(write(pipes[1], "a", 1), 1);
    CHECK_EQ(s_count, 1);
    int file = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    CHECK_ERRNO(ioctl(file, FIOASYNC, &on), ENOTTY);
    OK(fcntl(file, F_SETFL, O_ASYNC)); /* means nothing, and is no error */
    CHECK_ERRNO(ioctl(pipes[0], FIOASYNC, (void *)1), EFAULT);
}

TEST(terminals_and_inotify_send_signals) {
    int master, slave;
    OK(openpty(&master, &slave, NULL, NULL, NULL));
    catch_signal(SIGRTMIN);
    turn_on(slave, getpid(), SIGRTMIN);
    CHECK_EQ(write(master, "x", 1), 1);
    test_sleep_ms(20);
    CHECK_EQ(s_count, 0); /* no line yet */
    CHECK_EQ(write(master, "\n", 1), 1);
    for (int i = 0; i < 6000 && s_count == 0; i++) test_sleep_ms(10);
    CHECK_EQ(s_count, 1);
    CHECK_EQ(s_fd_seen, slave);
    CHECK_EQ(s_code, POLL_IN);
    int events = (int)OK(inotify_init1(IN_NONBLOCK));
    OK(inotify_add_watch(events, ".", IN_CREATE));
    s_count = 0;
    turn_on(events, getpid(), SIGRTMIN);
    OK(close((int)OK(open("f", O_RDWR | O_CREAT, 0644))));
    CHECK_EQ(s_count, 1);
    CHECK_EQ(s_fd_seen, events);
    CHECK_EQ(s_code, POLL_IN);
}

static void make(const char *path) { OK(close((int)OK(open(path, O_RDWR | O_CREAT, 0644)))); }

TEST(a_directory_tells_of_changes_in_it) {
    OK(mkdir("d", 0755));
    int directory = (int)OK(open("d", O_RDONLY));
    catch_signal(SIGIO);
    catch_signal(SIGRTMIN + 1);
    OK(fcntl(directory, F_NOTIFY, DN_CREATE | DN_MULTISHOT));
    CHECK_EQ(fcntl(directory, F_GETOWN), getpid());
    make("d/a");
    CHECK_EQ(s_count, 1);
    CHECK_EQ(s_signal, SIGIO);
    OK(fcntl(directory, F_SETSIG, SIGRTMIN + 1));
    make("d/b");
    CHECK_EQ(s_count, 2);
    CHECK_EQ(s_signal, SIGRTMIN + 1);
    CHECK_EQ(s_fd_seen, directory);
    CHECK_EQ(s_code, POLL_MSG);
    CHECK_EQ(s_band, POLLIN | POLLRDNORM | POLLMSG);
    make("d/b"); /* it is there */
    CHECK_EQ(s_count, 2);
    OK(unlink("d/b"));
    CHECK_EQ(s_count, 2);
    OK(fcntl(directory, F_NOTIFY, DN_DELETE | DN_MULTISHOT)); /* one more kind, as it adds */
    OK(unlink("d/a"));
    CHECK_EQ(s_count, 3);
    make("d/c");
    CHECK_EQ(s_count, 4);
    OK(fcntl(directory, F_NOTIFY, 0));
    OK(unlink("d/c"));
    CHECK_EQ(s_count, 4);
}

TEST(one_change_of_a_directory_unless_more_are_wanted) {
    OK(mkdir("d", 0755));
    OK(mkdir("e", 0755));
    make("d/f");
    int directory = (int)OK(open("d", O_RDONLY)), file = (int)OK(open("d/f", O_RDWR));
    catch_signal(SIGIO);
    OK(fcntl(directory, F_NOTIFY, DN_MODIFY));
    CHECK_EQ(write(file, "x", 1), 1);
    CHECK_EQ(s_count, 1);
    CHECK_EQ(write(file, "x", 1), 1);
    CHECK_EQ(s_count, 1);
    OK(fcntl(directory, F_NOTIFY, DN_ACCESS | DN_ATTRIB | DN_MULTISHOT));
    char byte;
    CHECK_EQ(pread(file, &byte, 1, 0), 1);
    CHECK_EQ(s_count, 2);
    OK(fchmod(file, 0600));
    CHECK_EQ(s_count, 3);
    OK(fcntl(directory, F_NOTIFY, 0));
    OK(fcntl(directory, F_NOTIFY, DN_RENAME | DN_MULTISHOT));
    OK(rename("d/f", "d/g"));
    CHECK_EQ(s_count, 4);
    OK(fcntl(directory, F_NOTIFY, 0));
    OK(fcntl(directory, F_NOTIFY, DN_DELETE | DN_MULTISHOT));
    OK(rename("d/g", "e/g")); /* away */
    CHECK_EQ(s_count, 5);
    OK(close(directory));
    make("d/h");
    OK(unlink("d/h"));
    CHECK_EQ(s_count, 5);
    CHECK_ERRNO(fcntl(file, F_NOTIFY, DN_CREATE), ENOTDIR);
    CHECK_ERRNO(fcntl(999, F_NOTIFY, DN_CREATE), EBADF);
}

TEST(a_descriptor_that_watches_a_directory_is_that_of_who_asked) {
    OK(mkdir("d", 0755));
    int directory = (int)OK(open("d", O_RDONLY));
    catch_signal(SIGIO);
    OK(fcntl(directory, F_NOTIFY, DN_CREATE | DN_MULTISHOT));
    int other = (int)OK(dup(directory));
    CHECK_EXIT(CHILD(OK(close(directory))), 0); /* a copy of the table: the watch stays */
    make("d/a");
    CHECK_EQ(s_count, 1);
    OK(close(other)); /* one of the same file, in the same table: that ends it */
    make("d/b");
    CHECK_EQ(s_count, 1);
}
