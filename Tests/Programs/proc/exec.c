/* execve and execveat: arguments, scripts, errors, what survives, threads. */
#include "test.h"

#include <pthread.h>
#include <sys/auxv.h>

static void fill(const char *path, const void *bytes, size_t count, mode_t mode) {
    int file = (int)OK(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644));
    CHECK_EQ(write(file, bytes, count), count);
    OK(fchmod(file, mode));
    OK(close(file));
}

static void copy_program(const char *to) {
    static char bytes[4 * 1024 * 1024];
    int file = (int)OK(open(test_program(), O_RDONLY));
    size_t length = 0;
    ssize_t count;
    while ((count = OK(read(file, bytes + length, sizeof bytes - length))) > 0) length += (size_t)count;
    OK(close(file));
    fill(to, bytes, length, 0755);
}

int test_helper(int argc, char **argv) {
    if (strcmp(argv[0], "wait-for-byte") == 0) {
        char byte;
        if (argc > 2 && write(atoi(argv[2]), "r", 1) != 1) return 3; /* "I run" */
        return read(atoi(argv[1]), &byte, 1) == 1 ? 0 : 1;
    }
    if (strcmp(argv[0], "show") == 0) {
        printf("%d", argc - 1);
        for (int i = 1; i < argc; i++) printf("[%s]", argv[i]);
        for (char **variable = environ; *variable != NULL; variable++) printf("{%s}", *variable);
        fflush(stdout);
        return 0;
    }
    if (strcmp(argv[0], "open-descriptors") == 0) {
        for (int fd = 3; fd < 64; fd++) {
            if (fcntl(fd, F_GETFD) != -1) printf("%d ", fd);
        }
        fflush(stdout);
        return 0;
    }
    if (strcmp(argv[0], "signals") == 0) {
        struct sigaction caught, ignored;
        sigset_t mask, pending;
        sigaction(SIGUSR1, NULL, &caught);
        sigaction(SIGUSR2, NULL, &ignored);
        sigprocmask(SIG_BLOCK, NULL, &mask);
        sigpending(&pending);
        printf("%d%d%d%d%u", caught.sa_handler == SIG_DFL, ignored.sa_handler == SIG_IGN, sigismember(&mask, SIGHUP), sigismember(&pending, SIGHUP), alarm(0) != 0);
        fflush(stdout);
        return 0;
    }
    if (strcmp(argv[0], "identity") == 0) {
        printf("%d %d %d %ld", getpid(), getpgrp(), getsid(0), (long)syscall(SYS_gettid));
        fflush(stdout);
        return 0;
    }
    return 2;
}

/* Runs the program in a child and returns what it prints. */
static const char *output_of(const char *path, char *const arguments[], char *const environment[]) {
    static char text[8192];
    int ends[2];
    OK(pipe2(ends, O_CLOEXEC));
    pid_t child = CHILD(OK(dup2(ends[1], 1)); execve(path, arguments, environment); dprintf(1, "errno %d", errno));
    OK(close(ends[1]));
    size_t length = 0;
    ssize_t count;
    while ((count = OK(read(ends[0], text + length, sizeof text - 1 - length))) > 0) length += (size_t)count;
    text[length] = 0;
    OK(close(ends[0]));
    CHECK_EXIT(child, 0);
    return text;
}

#define ARGS(...) ((char *[]){(char *)test_program(), "--helper", __VA_ARGS__, NULL})
#define NOTHING ((char *[]){NULL})

TEST(exec_passes_arguments_and_environment) {
    CHECK_STR(output_of(test_program(), ARGS("show", "a", "", "b c"), (char *[]){"X=1", "EMPTY=", NULL}), "3[a][][b c]{X=1}{EMPTY=}");
    CHECK_STR(output_of(test_program(), ARGS("show"), NOTHING), "0");
}

TEST(exec_keeps_process_group_session_and_number) {
    char expected[64];
    struct gate gate = gate_make();
    char text[64] = "";
    pid_t child = CHILD(OK(setsid()); OK(dup2(gate.write, 1)); execv(test_program(), ARGS("identity")));
    CHECK(OK(read(gate.read, text, sizeof text - 1)) > 0);
    CHECK_EXIT(child, 0);
    snprintf(expected, sizeof expected, "%d %d %d %d", child, child, child, child);
    CHECK_STR(text, expected);
}

TEST(exec_closes_what_is_marked_and_keeps_the_rest) {
    OK(dup2(0, 40));
    OK(dup3(0, 41, O_CLOEXEC));
    OK(dup2(0, 42));
    OK(fcntl(42, F_SETFD, FD_CLOEXEC));
    OK(fcntl(0, F_DUPFD_CLOEXEC, 43));
    CHECK_STR(output_of(test_program(), ARGS("open-descriptors"), NOTHING), "40 ");
    for (int fd = 40; fd <= 43; fd++) OK(fcntl(fd, F_GETFD)); /* the parent's are untouched */
}

static void ignore_number(int number) { (void)number; }

TEST(exec_resets_handlers_and_keeps_ignored_masked_and_pending_signals_and_the_alarm) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    struct gate gate = gate_make();
    char text[16] = "";
    pid_t child = CHILD(signal(SIGUSR1, ignore_number); signal(SIGUSR2, SIG_IGN); OK(sigprocmask(SIG_BLOCK, &set, NULL)); raise(SIGHUP); alarm(100);
                        OK(dup2(gate.write, 1)); execv(test_program(), ARGS("signals")));
    CHECK(OK(read(gate.read, text, sizeof text - 1)) > 0);
    CHECK_EXIT(child, 0);
    CHECK_STR(text, "11111");
}

TEST(a_script_runs_its_interpreter_with_one_argument) {
    /* What follows the interpreter is one argument, without the spaces around it. */
    fill("echo", "#! /bin/echo one  two \n", 23, 0755);
    CHECK_STR(output_of("./echo", (char *[]){"name", "x", "y", NULL}, NOTHING), "one  two ./echo x y\n");
}

TEST(a_script_may_be_the_interpreter_of_a_script) {
    fill("first", "#!/bin/echo a\n", 14, 0755);
    fill("second", "#!./first b\n", 12, 0755);
    CHECK_STR(output_of("./second", (char *[]){"second", "c", NULL}, NOTHING), "a ./first b ./second c\n");
}

TEST(a_loop_of_scripts_is_eloop) {
    fill("loop", "#!./loop\n", 9, 0755);
    CHECK_ERRNO(execl("./loop", "loop", (char *)NULL), ELOOP);
}

TEST(a_script_without_its_interpreter_is_enoent) {
    fill("script", "#!/no/such\n", 11, 0755);
    CHECK_ERRNO(execl("./script", "script", (char *)NULL), ENOENT);
}

TEST(what_is_no_program_is_enoexec) {
    static const char *texts[] = {"", "x", "echo hello\n", "#!\n", "#!   \n", "\x7f" "ELF", "\x7f" "ELF\1\1\1 not sixty-four bits, and not a program of this machine at all"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        fill("bad", texts[i], strlen(texts[i]), 0755);
        CHECK_ERRNO(execl("./bad", "bad", (char *)NULL), ENOEXEC);
    }
}

TEST(a_header_cut_short_is_enoexec_and_one_for_another_machine_too) {
    unsigned char header[120];
    int file = (int)OK(open(test_program(), O_RDONLY));
    CHECK_EQ(read(file, header, sizeof header), sizeof header);
    fill("bad", header, 63, 0755);
    CHECK_ERRNO(execl("./bad", "bad", (char *)NULL), ENOEXEC);
    header[18] = 0xB7; /* e_machine: AArch64 */
    fill("bad", header, sizeof header, 0755);
    CHECK_ERRNO(execl("./bad", "bad", (char *)NULL), ENOEXEC);
    header[18] = 0x3E;
    header[54] = 1; /* e_phentsize */
    fill("bad", header, sizeof header, 0755);
    CHECK_ERRNO(execl("./bad", "bad", (char *)NULL), ENOEXEC);
}

TEST(errors_of_the_path) {
    char longest[5000];
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = 0;
    CHECK_ERRNO(execl("./none", "none", (char *)NULL), ENOENT);
    CHECK_ERRNO(execl("", "none", (char *)NULL), ENOENT);
    CHECK_ERRNO(execl(longest, "none", (char *)NULL), ENAMETOOLONG);
    CHECK_ERRNO(execl("/proc/self/exe/x", "none", (char *)NULL), ENOTDIR);
    CHECK_ERRNO(execl(".", "none", (char *)NULL), EACCES);
    fill("plain", "#!/bin/echo\n", 12, 0644);
    CHECK_ERRNO(execl("./plain", "plain", (char *)NULL), EACCES); /* root needs one execute bit, too */
    CHECK_ERRNO(execl("/dev/null", "null", (char *)NULL), EACCES);
    CHECK_ERRNO(execve(NULL, ARGS("show"), environ), EFAULT);
    CHECK_ERRNO(execve(test_program(), (char **)16, environ), EFAULT);
    CHECK_ERRNO(execve(test_program(), (char *[]){(char *)16, NULL}, environ), EFAULT);
    CHECK_ERRNO(execve(test_program(), ARGS("show"), (char **)16), EFAULT);
}

TEST(an_argument_over_128_kib_is_e2big) {
    static char text[32 * 4096 + 1];
    memset(text, 'x', sizeof text);
    text[32 * 4096 - 1] = 0;
    struct gate gate = gate_make();
    pid_t child = CHILD(OK(dup2(gate.write, 1)); execve(test_program(), ARGS("identity", text), NOTHING); _exit(9)); /* exactly the limit */
    CHECK_EXIT(child, 0);
    text[32 * 4096 - 1] = 'x';
    text[32 * 4096] = 0;
    CHECK_ERRNO(execve(test_program(), ARGS("identity", text), NOTHING), E2BIG);
}

TEST(all_arguments_together_over_a_quarter_of_the_stack_limit_are_e2big) {
    static char text[100001];
    static char *arguments[40];
    memset(text, 'x', 100000);
    for (int i = 0; i < 39; i++) arguments[i] = text; /* 3.9 MB, and a quarter of 8 MiB is 2 MiB */
    arguments[0] = "x";
    struct rlimit limit = {8 << 20, RLIM_INFINITY};
    OK(setrlimit(RLIMIT_STACK, &limit));
    CHECK_ERRNO(execve(test_program(), arguments, NOTHING), E2BIG);
    arguments[1] = "--helper";
    arguments[2] = "identity";
    arguments[15] = NULL;
    pid_t child = CHILD(OK(close(1)); OK(open("/dev/null", O_WRONLY)); execve(test_program(), arguments, NOTHING); _exit(9));
    CHECK_EXIT(child, 0);
}

TEST_LATER(a_program_open_for_writing_is_etxtbsy_and_a_running_one_cannot_be_written) {
    copy_program("copy");
    int writer = (int)OK(open("copy", O_WRONLY));
    CHECK_ERRNO(execl("./copy", "copy", (char *)NULL), ETXTBSY);
    OK(close(writer));
    struct gate gate = gate_make();
    char fd[16];
    snprintf(fd, sizeof fd, "%d", gate.read);
    pid_t child = vfork();
    if (child == 0) {
        execl("./copy", "copy", "--helper", "wait-for-byte", fd, (char *)NULL);
        _exit(9);
    }
    CHECK_ERRNO(open("copy", O_WRONLY), ETXTBSY);
    CHECK_ERRNO(truncate("copy", 0), ETXTBSY);
    OK(close((int)OK(open("copy", O_RDONLY))));
    OK(unlink("copy"));
    gate_open(gate);
    CHECK_EXIT(child, 0);
}

TEST(execveat_takes_a_folder_a_descriptor_and_flags) {
    copy_program("copy");
    OK(symlink("copy", "link"));
    int folder = (int)OK(open(".", O_PATH | O_DIRECTORY)), program = (int)OK(open("copy", O_PATH | O_CLOEXEC));
    char *arguments[] = {"copy", "--helper", "show", NULL};
    pid_t child = CHILD(OK(close(1)); OK(open("/dev/null", O_WRONLY)); syscall(SYS_execveat, folder, "copy", arguments, environ, 0); _exit(9));
    CHECK_EXIT(child, 0);
    child = CHILD(OK(close(1)); OK(open("/dev/null", O_WRONLY)); syscall(SYS_execveat, program, "", arguments, environ, AT_EMPTY_PATH); _exit(9));
    CHECK_EXIT(child, 0);
    CHECK_ERRNO(syscall(SYS_execveat, folder, "link", arguments, environ, AT_SYMLINK_NOFOLLOW), ELOOP);
    CHECK_ERRNO(syscall(SYS_execveat, program, "", arguments, environ, 0), ENOENT);
    CHECK_ERRNO(syscall(SYS_execveat, 999, "copy", arguments, environ, 0), EBADF);
    CHECK_ERRNO(syscall(SYS_execveat, folder, "copy", arguments, environ, 0x10), EINVAL);
}

TEST(the_auxiliary_vector_is_there) {
    CHECK_EQ(getauxval(AT_PAGESZ), 4096);
    CHECK_EQ(getauxval(AT_CLKTCK), 100);
    CHECK_EQ(getauxval(AT_UID), 0);
    CHECK_EQ(getauxval(AT_SECURE), 0);
    CHECK(getauxval(AT_PHDR) != 0);
    CHECK_EQ(getauxval(AT_PHENT), 56);
    CHECK(getauxval(AT_ENTRY) != 0);
    CHECK_STR((const char *)getauxval(AT_PLATFORM), "x86_64");
    const unsigned char *random = (const unsigned char *)getauxval(AT_RANDOM);
    CHECK(random != NULL);
    int zeros = 0;
    for (int i = 0; i < 16; i++) zeros += random[i] == 0;
    CHECK(zeros < 8);
}

static void *exec_in_thread(void *unused) {
    (void)unused;
    execv(test_program(), ARGS("identity"));
    _exit(9);
}

static void *wait_forever(void *unused) {
    (void)unused;
    for (;;) pause();
    return NULL;
}

TEST(exec_in_a_thread_ends_the_others_and_takes_the_process_number) {
    struct gate gate = gate_make();
    char text[64] = "", expected[64];
    pid_t child = CHILD(OK(setsid()); OK(dup2(gate.write, 1)); pthread_t thread; for (int i = 0; i < 4; i++) {
        CHECK_EQ(pthread_create(&thread, NULL, wait_forever, NULL), 0);
    } CHECK_EQ(pthread_create(&thread, NULL, exec_in_thread, NULL), 0); wait_forever(NULL));
    CHECK(OK(read(gate.read, text, sizeof text - 1)) > 0);
    CHECK_EXIT(child, 0);
    snprintf(expected, sizeof expected, "%d %d %d %d", child, child, child, child);
    CHECK_STR(text, expected);
}

TEST(the_name_is_the_last_part_of_the_path) {
    copy_program("a-rather-long-name");
    struct gate gate = gate_make(), ready = gate_make();
    char fd[16], ready_fd[16], text[64];
    snprintf(fd, sizeof fd, "%d", gate.read);
    snprintf(ready_fd, sizeof ready_fd, "%d", ready.write);
    pid_t child = vfork();
    if (child == 0) {
        execl("./a-rather-long-name", "x", "--helper", "wait-for-byte", fd, ready_fd, (char *)NULL);
        _exit(9);
    }
    gate_wait(ready);
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/comm", child);
    test_read_file(path, text, sizeof text);
    CHECK_STR(text, "a-rather-long-n\n");
    snprintf(path, sizeof path, "/proc/%d/cmdline", child);
    CHECK_EQ(test_read_file(path, text, sizeof text), strlen("x--helperwait-for-byte") + strlen(fd) + strlen(ready_fd) + 5);
    gate_open(gate);
    CHECK_EXIT(child, 0);
}
