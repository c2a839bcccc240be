/* Leases of fcntl(2), and programs that cannot be written to while they run. */
#include "test.h"

#include <poll.h>
#include <sys/file.h>
#include <sys/sendfile.h>

static volatile sig_atomic_t s_count, s_code, s_fd_seen;

static void note(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    s_count++;
    s_code = info->si_code;
    s_fd_seen = info->si_fd;
}

static void catch_signal(int signal) {
    struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO};
    OK(sigaction(signal, &action, NULL));
    s_count = 0;
}

static void make(const char *path) { OK(close((int)OK(open(path, O_RDWR | O_CREAT, 0644)))); }

TEST(a_lease_needs_a_file_that_nobody_else_uses) {
    make("f");
    int reader = (int)OK(open("f", O_RDONLY));
    CHECK_EQ(fcntl(reader, F_GETLEASE), F_UNLCK);
    CHECK_ERRNO(fcntl(reader, F_SETLEASE, F_UNLCK), EAGAIN); /* there is none */
    OK(fcntl(reader, F_SETLEASE, F_RDLCK));
    CHECK_EQ(fcntl(reader, F_GETLEASE), F_RDLCK);
    OK(fcntl(reader, F_SETLEASE, F_WRLCK)); /* alone with it */
    CHECK_EQ(fcntl(reader, F_GETLEASE), F_WRLCK);
    OK(fcntl(reader, F_SETLEASE, F_RDLCK));
    int second = (int)OK(open("f", O_RDONLY));
    CHECK_ERRNO(fcntl(reader, F_SETLEASE, F_WRLCK), EAGAIN);
    OK(fcntl(second, F_SETLEASE, F_RDLCK));
    OK(close(second));
    OK(fcntl(reader, F_SETLEASE, F_UNLCK));
    CHECK_EQ(fcntl(reader, F_GETLEASE), F_UNLCK);
    int writer = (int)OK(open("f", O_RDWR));
    CHECK_ERRNO(fcntl(reader, F_SETLEASE, F_RDLCK), EAGAIN);
    CHECK_ERRNO(fcntl(writer, F_SETLEASE, F_RDLCK), EAGAIN); /* open for writing, by itself */
    CHECK_ERRNO(fcntl(writer, F_SETLEASE, F_WRLCK), EAGAIN); /* and read by another */
    OK(close(reader));
    OK(fcntl(writer, F_SETLEASE, F_WRLCK));
    CHECK_ERRNO(fcntl(writer, F_SETLEASE, 9), EINVAL);
    OK(close(writer));
    int directory = (int)OK(open(".", O_RDONLY));
    CHECK_ERRNO(fcntl(directory, F_SETLEASE, F_RDLCK), EINVAL);
    OK(chmod("f", 0666));
    CHECK_EXIT(CHILD(OK(setuid(1000)); int own = (int)OK(open("f", O_RDONLY)); CHECK_ERRNO(fcntl(own, F_SETLEASE, F_RDLCK), EACCES)), 0);
}

TEST(who_opens_waits_until_the_holder_gives_the_lease_up) {
    make("f");
    catch_signal(SIGRTMIN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    OK(sigprocmask(SIG_BLOCK, &set, NULL));
    int file = (int)OK(open("f", O_RDONLY));
    OK(fcntl(file, F_SETSIG, SIGRTMIN));
    OK(fcntl(file, F_SETLEASE, F_WRLCK));
    CHECK_EQ(fcntl(file, F_GETOWN), getpid());
    struct gate opened = gate_make();
    pid_t child = CHILD(int other = (int)OK(open("f", O_RDONLY)); gate_open(opened); pause(); (void)other);
    siginfo_t info;
    CHECK_EQ(sigwaitinfo(&set, &info), SIGRTMIN);
    CHECK_EQ(info.si_fd, file);
    CHECK_EQ(info.si_code, POLL_MSG);
    CHECK_EQ(fcntl(file, F_GETLEASE), F_RDLCK); /* what it must become */
    test_wait_state(child, "S");
    struct pollfd item = {opened.read, POLLIN, 0};
    CHECK_EQ(poll(&item, 1, 50), 0);
    OK(fcntl(file, F_SETLEASE, F_RDLCK));
    gate_wait(opened);
    /* now somebody writes */
    pid_t second = CHILD(int other = (int)OK(open("f", O_WRONLY)); gate_open(opened); (void)other);
    CHECK_EQ(sigwaitinfo(&set, &info), SIGRTMIN);
    CHECK_EQ(fcntl(file, F_GETLEASE), F_UNLCK);
    CHECK_EQ(poll(&item, 1, 50), 0);
    OK(fcntl(file, F_SETLEASE, F_UNLCK));
    gate_wait(opened);
    CHECK_EXIT(second, 0);
    OK(kill(child, SIGKILL));
    CHECK_KILLED(child, SIGKILL);
}

TEST(who_does_not_wait_is_told_so_and_breaks_it_all_the_same) {
    make("f");
    catch_signal(SIGIO);
    int file = (int)OK(open("f", O_RDONLY));
    OK(fcntl(file, F_SETLEASE, F_RDLCK));
    OK(close((int)OK(open("f", O_RDONLY)))); /* no conflict */
    CHECK_EQ(s_count, 0);
    CHECK_ERRNO(open("f", O_WRONLY | O_NONBLOCK), EWOULDBLOCK);
    CHECK_EQ(s_count, 1);
    CHECK_EQ(fcntl(file, F_GETLEASE), F_UNLCK);
    CHECK_ERRNO(open("f", O_RDWR | O_NONBLOCK), EWOULDBLOCK);
    CHECK_EQ(s_count, 1); /* told once */
    OK(close(file));
    OK(close((int)OK(open("f", O_RDWR | O_NONBLOCK))));
}

TEST(a_lease_that_is_not_given_up_in_time_is_taken) {
    make("f");
    catch_signal(SIGIO);
    char before[32];
    test_read_file("/proc/sys/fs/lease-break-time", before, sizeof before);
    CHECK_EQ(atoi(before), 45);
    test_write_file("/proc/sys/fs/lease-break-time", "1");
    int file = (int)OK(open("f", O_RDONLY));
    OK(fcntl(file, F_SETLEASE, F_RDLCK));
    pid_t child = CHILD(OK(truncate("f", 10)));
    int64_t start = test_now();
    CHECK_EXIT(child, 0);
    test_write_file("/proc/sys/fs/lease-break-time", before);
    CHECK(test_now() - start >= 700000000);
    CHECK_EQ(s_count, 1);
    CHECK_EQ(fcntl(file, F_GETLEASE), F_UNLCK);
    CHECK_ERRNO(fcntl(file, F_SETLEASE, F_UNLCK), EAGAIN);
    CHECK_EQ(lseek(file, 0, SEEK_END), 10);
}

TEST(a_signal_ends_the_wait_for_a_lease) {
    make("f");
    int file = (int)OK(open("f", O_RDONLY));
    signal(SIGIO, SIG_IGN);
    OK(fcntl(file, F_SETLEASE, F_RDLCK));
    pid_t child = CHILD(catch_signal(SIGUSR1); CHECK_ERRNO(open("f", O_WRONLY), EINTR));
    test_wait_state(child, "S");
    OK(kill(child, SIGUSR1));
    CHECK_EXIT(child, 0);
    OK(close((int)OK(open("f", O_RDONLY))));
}

TEST(leases_and_locks_stand_in_proc_locks) {
    make("f");
    struct stat about;
    OK(stat("f", &about));
    int file = (int)OK(open("f", O_RDONLY));
    OK(fcntl(file, F_SETLEASE, F_RDLCK));
    OK(flock(file, LOCK_SH));
    struct flock range = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 5, .l_len = 10};
    OK(fcntl(file, F_SETLK, &range));
    range.l_start = 100;
    range.l_len = 0;
    OK(fcntl(file, F_OFD_SETLK, &range));
    char text[8192], expected[200], place[64], path[64];
    sprintf(place, "%02x:%02x:%lu", (unsigned)(about.st_dev >> 8 & 0xFFF), (unsigned)(about.st_dev & 0xFF), (unsigned long)about.st_ino);
    const char *kinds[] = {"LEASE  ACTIVE    READ %d %s 0 EOF", "FLOCK  ADVISORY  READ %d %s 0 EOF", "POSIX  ADVISORY  READ %d %s 5 14", "OFDLCK ADVISORY  READ -1 %s 100 EOF"};
    test_read_file("/proc/locks", text, sizeof text);
    for (int i = 0; i < 4; i++) {
        if (i == 3) sprintf(expected, kinds[i], place);
        else sprintf(expected, kinds[i], getpid(), place);
        if (strstr(text, expected) == NULL) FAIL("no \"%s\" in /proc/locks: %s", expected, text);
    }
    sprintf(path, "/proc/self/fdinfo/%d", file);
    test_read_file(path, text, sizeof text);
    for (int i = 0; i < 4; i++) {
        if (i == 3) sprintf(expected, kinds[i], place);
        else sprintf(expected, kinds[i], getpid(), place);
        char *at = strstr(text, expected);
        if (at == NULL) FAIL("no \"%s\" in fdinfo: %s", expected, text);
        CHECK(at - text > 9);
        CHECK(strncmp(at - 9, "lock:\t", 6) == 0);
    }
}

static void copy(const char *from, const char *to) {
    struct stat about;
    int in = (int)OK(open(from, O_RDONLY)), out = (int)OK(open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755));
    OK(fstat(in, &about));
    for (off_t left = about.st_size; left > 0;) left -= OK(sendfile(out, in, NULL, (size_t)left));
    OK(close(in));
    OK(close(out));
}

TEST(a_running_program_is_not_written_to) {
    copy("/bin/busybox", "program");
    struct gate started = gate_make();
    pid_t child = CHILD(OK(dup2(started.write, 1)); execl("program", "sh", "-c", "echo; while :; do sleep 1; done", NULL));
    gate_wait(started);
    CHECK_ERRNO(open("program", O_WRONLY), ETXTBSY);
    CHECK_ERRNO(open("program", O_RDWR | O_TRUNC), ETXTBSY);
    CHECK_ERRNO(truncate("program", 0), ETXTBSY);
    OK(close((int)OK(open("program", O_RDONLY))));
    OK(chmod("program", 0700));
    OK(rename("program", "other"));
    OK(kill(child, SIGKILL));
    CHECK_KILLED(child, SIGKILL);
    int other = -1; /* its last sleep may still run */
    for (int i = 0; i < 6000 && (other = open("other", O_WRONLY)) < 0; i++) test_sleep_ms(10);
    OK(other);
}

TEST(what_is_open_for_writing_is_not_executed) {
    copy("/bin/busybox", "busybox");
    int writer = (int)OK(open("busybox", O_WRONLY));
    CHECK_EXIT(CHILD(execl("busybox", "true", NULL); CHECK(errno == ETXTBSY)), 0);
    OK(close(writer));
    CHECK_EXIT(CHILD(execl("busybox", "true", NULL); _exit(9)), 0);
    /* the interpreter of a script, and a script */
    int script = (int)OK(open("script", O_WRONLY | O_CREAT, 0755));
    CHECK_EQ(write(script, "#!/tmp/work/busybox true\n", 25), 25);
    CHECK_EXIT(CHILD(execl("script", "script", NULL); CHECK(errno == ETXTBSY)), 0);
    OK(close(script));
    CHECK_EXIT(CHILD(execl("script", "script", NULL); _exit(9)), 0);
    writer = (int)OK(open("busybox", O_WRONLY));
    CHECK_EXIT(CHILD(execl("script", "script", NULL); CHECK(errno == ETXTBSY)), 0);
    OK(close(writer));
    int temporary = (int)OK(open(".", O_TMPFILE | O_RDWR, 0755));
    CHECK_EXIT(CHILD(char path[64]; sprintf(path, "/proc/self/fd/%d", temporary); execl(path, "true", NULL); CHECK(errno == ETXTBSY)), 0);
    int memory = memfd_create("busybox", 0), in = (int)OK(open("busybox", O_RDONLY));
    struct stat about;
    OK(fstat(in, &about));
    for (off_t left = about.st_size; left > 0;) left -= OK(sendfile(memory, in, NULL, (size_t)left));
    CHECK_EXIT(CHILD(char *arguments[] = {(char *)"true", NULL}; char *none[] = {NULL}; fexecve(memory, arguments, none); FAIL("fexecve: %m")), 0); /* a memory file is */
}
