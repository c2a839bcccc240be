/* seccomp: strict mode, filters, their answers, who may install them and who inherits them. */
#include "test.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "filters.h"

TEST(strict_mode_leaves_four_calls) {
    int out[2];
    OK(pipe(out));
    pid_t child = CHILD(OK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT)); if (write(out[1], "x", 1) != 1) syscall(SYS_exit, 3); syscall(SYS_exit, 5));
    CHECK_EXIT(child, 5);
    char byte;
    CHECK_EQ(read(out[0], &byte, 1), 1);
    child = CHILD(OK(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL)); syscall(SYS_getpid); syscall(SYS_exit, 0));
    CHECK_KILLED(child, SIGKILL);
    child = CHILD(OK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT)); syscall(5000); syscall(SYS_exit, 0));
    CHECK_KILLED(child, SIGKILL);
    CHECK_ERRNO(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, NULL), EINVAL);
    CHECK_ERRNO(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, out), EINVAL);
}

TEST(who_may_install_a_filter) {
    struct sock_filter allow[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    pid_t child = CHILD(OK(setuid(1000)); CHECK_ERRNO(install(allow, 1, 0), EACCES); OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)); CHECK_EQ(install(allow, 1, 0), 0);
                        CHECK_EQ(prctl(PR_GET_SECCOMP), 2));
    CHECK_EXIT(child, 0);
    /* Root needs nothing. */
    child = CHILD(CHECK_EQ(install(allow, 1, 0), 0); CHECK_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0));
    CHECK_EXIT(child, 0);
    CHECK_EQ(prctl(PR_GET_SECCOMP), 0);
}

TEST(arguments_are_checked) {
    struct sock_filter allow[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_filter bad[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog none = {0, allow}, nowhere = {1, (void *)4096}, huge = {4097, allow};
    CHECK_ERRNO(syscall(SYS_seccomp, 99, 0, NULL), EINVAL);
    CHECK_ERRNO(install(allow, 1, 1u << 20), EINVAL);
    CHECK_ERRNO(install(allow, 1, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_NEW_LISTENER), EINVAL);
    CHECK_ERRNO(install(allow, 1, 32), EINVAL);
    CHECK_ERRNO(install(bad, 2, 0), EINVAL);
    CHECK_ERRNO(install(bad, 1, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL), EFAULT);
    CHECK_ERRNO(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &none), EINVAL);
    CHECK_ERRNO(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &nowhere), EFAULT);
    CHECK_ERRNO(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &huge), EINVAL);
    CHECK_ERRNO(prctl(PR_SET_SECCOMP, 7, NULL), EINVAL);
    CHECK_EQ(prctl(PR_GET_SECCOMP), 0);
    uint32_t action;
    static const uint32_t known[] = {SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO, SECCOMP_RET_USER_NOTIF, SECCOMP_RET_TRACE, SECCOMP_RET_LOG, SECCOMP_RET_ALLOW};
    for (size_t i = 0; i < COUNT_OF(known); i++) OK(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &known[i]));
    action = 0x12340000;
    CHECK_ERRNO(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action), EOPNOTSUPP);
    CHECK_ERRNO(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 1, &action), EINVAL);
    CHECK_ERRNO(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, NULL), EFAULT);
    struct seccomp_notif_sizes sizes;
    OK(syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes));
    CHECK_EQ(sizes.seccomp_notif, sizeof(struct seccomp_notif));
    CHECK_EQ(sizes.seccomp_notif_resp, sizeof(struct seccomp_notif_resp));
    CHECK_EQ(sizes.seccomp_data, sizeof(struct seccomp_data));
    CHECK_ERRNO(syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 1, &sizes), EINVAL);
    CHECK_ERRNO(syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, NULL), EFAULT);
}

TEST(an_errno_is_given_and_the_call_not_made) {
    pid_t child = CHILD(answer_to(SYS_mkdir, SECCOMP_RET_ERRNO | EXDEV); CHECK_ERRNO(syscall(SYS_mkdir, "made", 0700), EXDEV); CHECK(access("made", F_OK) != 0));
    CHECK_EXIT(child, 0);
    /* 0 is success, more than 4095 is 4095. */
    child = CHILD(answer_to(SYS_getppid, SECCOMP_RET_ERRNO); CHECK_EQ(syscall(SYS_getppid), 0));
    CHECK_EXIT(child, 0);
    child = CHILD(answer_to(SYS_getppid, SECCOMP_RET_ERRNO | 0xFFFF); CHECK_ERRNO(syscall(SYS_getppid), 4095));
    CHECK_EXIT(child, 0);
    /* A number that no call has can be given one, too. */
    child = CHILD(answer_to(5000, SECCOMP_RET_ERRNO | EPROTO); CHECK_ERRNO(syscall(5000), EPROTO); CHECK_ERRNO(syscall(5001), ENOSYS));
    CHECK_EXIT(child, 0);
}

TEST(the_data_is_what_the_call_was) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 101),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[5]) + 4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x66, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 102),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_STMT(BPF_MISC | BPF_TAX, 0),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[3])),
        BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
        BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO),
        BPF_STMT(BPF_RET | BPF_A, 0),
    };
    pid_t child = CHILD(CHECK_EQ(install(filter, COUNT_OF(filter), 0), 0); CHECK_ERRNO(syscall(SYS_getppid, 3L, 0L, 0L, 4L, 0L, 0x6600000000L), 7);
                        CHECK_ERRNO(syscall(SYS_getppid, 3L, 0L, 0L, 4L, 0L, 0L), 102));
    CHECK_EXIT(child, 0);
}

static siginfo_t s_info;
static volatile long s_rax;
#include <ucontext.h>
static void trapped(int signal, siginfo_t *info, void *context) {
    (void)signal;
    ucontext_t *user = context;
    s_info = *info;
    s_rax = user->uc_mcontext.gregs[REG_RAX];
    if (info->si_call_addr != (void *)user->uc_mcontext.gregs[REG_RIP]) s_rax = -99;
    user->uc_mcontext.gregs[REG_RAX] = 4711;
}

TEST(a_trap_is_a_signal_that_tells_the_call) {
    pid_t child = CHILD(struct sigaction action = {.sa_sigaction = trapped, .sa_flags = SA_SIGINFO}; OK(sigaction(SIGSYS, &action, NULL)); answer_to(SYS_getppid, SECCOMP_RET_TRAP | 77);
                        CHECK_EQ(syscall(SYS_getppid), 4711); CHECK_EQ(s_rax, SYS_getppid); CHECK_EQ(s_info.si_signo, SIGSYS); CHECK_EQ(s_info.si_code, 1); CHECK_EQ(s_info.si_errno, 77);
                        CHECK_EQ(s_info.si_syscall, SYS_getppid); CHECK_EQ(s_info.si_arch, AUDIT_ARCH_X86_64));
    CHECK_EXIT(child, 0);
    child = CHILD(answer_to(SYS_getppid, SECCOMP_RET_TRAP); syscall(SYS_getppid));
    CHECK_KILLED(child, SIGSYS);
    /* Blocked or ignored is no way around. */
    child = CHILD(sigset_t all; sigfillset(&all); signal(SIGSYS, SIG_IGN); OK(sigprocmask(SIG_BLOCK, &all, NULL)); answer_to(SYS_getppid, SECCOMP_RET_TRAP); syscall(SYS_getppid));
    CHECK_KILLED(child, SIGSYS);
}

static void *call_getppid(void *unused) {
    (void)unused;
    syscall(SYS_getppid);
    return NULL;
}

TEST(kill_process_cannot_be_caught) {
    pid_t child = CHILD(struct sigaction action = {.sa_sigaction = trapped, .sa_flags = SA_SIGINFO}; OK(sigaction(SIGSYS, &action, NULL)); answer_to(SYS_getppid, SECCOMP_RET_KILL_PROCESS);
                        pthread_t thread; CHECK_EQ(pthread_create(&thread, NULL, call_getppid, NULL), 0); for (;;) pause());
    CHECK_KILLED(child, SIGSYS);
    /* An action that nobody knows kills, too. */
    child = CHILD(answer_to(SYS_getppid, 0x00700000); syscall(SYS_getppid));
    CHECK_KILLED(child, SIGSYS);
}

TEST(kill_thread_ends_one_thread) {
    pid_t child = CHILD(answer_to(SYS_getppid, SECCOMP_RET_KILL_THREAD); pthread_t thread; CHECK_EQ(pthread_create(&thread, NULL, call_getppid, NULL), 0); CHECK_EQ(pthread_join(thread, NULL), 0);
                        _exit(6));
    CHECK_EXIT(child, 6);
    child = CHILD(answer_to(SYS_getppid, SECCOMP_RET_KILL_THREAD); syscall(SYS_getppid));
    CHECK_KILLED(child, SIGSYS);
}

TEST(without_a_tracer_or_a_listener_the_call_is_not_there) {
    pid_t child = CHILD(answer_to(SYS_getppid, SECCOMP_RET_TRACE); CHECK_ERRNO(syscall(SYS_getppid), ENOSYS));
    CHECK_EXIT(child, 0);
    child = CHILD(answer_to(SYS_getppid, SECCOMP_RET_USER_NOTIF); CHECK_ERRNO(syscall(SYS_getppid), ENOSYS));
    CHECK_EXIT(child, 0);
    child = CHILD(answer_to(SYS_getppid, SECCOMP_RET_LOG); CHECK(syscall(SYS_getppid) > 0));
    CHECK_EXIT(child, 0);
}

TEST(all_filters_apply_and_the_strictest_answer_counts) {
    pid_t child = CHILD(answer_to(SYS_getppid, SECCOMP_RET_ERRNO | 5); answer_to(SYS_getppid, SECCOMP_RET_ALLOW); CHECK_ERRNO(syscall(SYS_getppid), 5);
                        answer_to(SYS_getppid, SECCOMP_RET_ERRNO | 6); CHECK_ERRNO(syscall(SYS_getppid), 6); answer_to(SYS_getppid, SECCOMP_RET_LOG); CHECK_ERRNO(syscall(SYS_getppid), 6);
                        CHECK_EQ(status_field("Seccomp"), 2); CHECK_EQ(status_field("Seccomp_filters"), 4); CHECK_ERRNO(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT), EINVAL);
                        answer_to(SYS_getppid, SECCOMP_RET_KILL_PROCESS); syscall(SYS_getppid));
    CHECK_KILLED(child, SIGSYS);
    CHECK_EQ(status_field("Seccomp"), 0);
    CHECK_EQ(status_field("Seccomp_filters"), 0);
}

TEST(there_is_a_limit_of_filters) {
    pid_t child = CHILD(static struct sock_filter filter[4096]; for (int i = 0; i < 4095; i++) filter[i] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, 0);
                        filter[4095] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW); int installed = 0; while (installed < 20 && install(filter, 4096, 0) == 0) installed++;
                        CHECK_EQ(errno, ENOMEM); CHECK_EQ(installed, 7));
    CHECK_EXIT(child, 0);
}

int test_helper(int argc, char **argv) {
    (void)argc;
    if (strcmp(argv[0], "filtered") == 0) return syscall(SYS_getppid) == -1 && errno == 9 && prctl(PR_GET_SECCOMP) == 2 ? 0 : 1;
    if (strcmp(argv[0], "ids") == 0) {
        printf("%d %d %lu %d\n", (int)geteuid(), (int)getegid(), helper_secure(), (int)prctl(PR_GET_DUMPABLE));
        return 0;
    }
    return helper_capabilities(argv[0]);
}

TEST(children_threads_and_programs_inherit_filters) {
    pid_t child = CHILD(answer_to(SYS_getppid, SECCOMP_RET_ERRNO | 9); pid_t grandchild = CHILD(CHECK_ERRNO(syscall(SYS_getppid), 9)); CHECK_EXIT(grandchild, 0);
                        execl(test_program(), test_program(), "--helper", "filtered", NULL));
    CHECK_EXIT(child, 0);
}

static struct gate s_ready, s_go;
static volatile long s_got;
static void *wait_and_call(void *unused) {
    (void)unused;
    gate_open(s_ready);
    gate_wait(s_go);
    s_got = syscall(SYS_getppid) == -1 ? errno : 0;
    return NULL;
}

static void *filter_and_wait(void *unused) {
    (void)unused;
    answer_to(SYS_getuid, SECCOMP_RET_ERRNO | 3);
    return wait_and_call(NULL);
}

TEST(all_threads_get_the_filter_together_or_none_does) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 8),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    pid_t child = CHILD(s_ready = gate_make(); s_go = gate_make(); pthread_t thread; CHECK_EQ(pthread_create(&thread, NULL, wait_and_call, NULL), 0); gate_wait(s_ready);
                        CHECK_EQ(install(filter, COUNT_OF(filter), SECCOMP_FILTER_FLAG_TSYNC), 0); gate_open(s_go); CHECK_EQ(pthread_join(thread, NULL), 0); CHECK_EQ(s_got, 8));
    CHECK_EXIT(child, 0);
    /* A thread with a filter of its own cannot. */
    child = CHILD(s_ready = gate_make(); s_go = gate_make(); pthread_t thread; CHECK_EQ(pthread_create(&thread, NULL, filter_and_wait, NULL), 0); gate_wait(s_ready);
                  long hindrance = install(filter, COUNT_OF(filter), SECCOMP_FILTER_FLAG_TSYNC); CHECK(hindrance > 0 && hindrance != getpid());
                  CHECK_ERRNO(install(filter, COUNT_OF(filter), SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH), ESRCH); CHECK(syscall(SYS_getppid) > 0); gate_open(s_go);
                  CHECK_EQ(pthread_join(thread, NULL), 0); CHECK_EQ(s_got, 0));
    CHECK_EXIT(child, 0);
}

TEST(the_actions_are_told_in_proc) {
    char text[256];
    test_read_file("/proc/sys/kernel/seccomp/actions_avail", text, sizeof text);
    CHECK_STR(text, "kill_process kill_thread trap errno user_notif trace log allow\n");
    test_read_file("/proc/sys/kernel/seccomp/actions_logged", text, sizeof text);
    CHECK_STR(text, "kill_process kill_thread trap errno user_notif trace log\n");
    int file = (int)OK(open("/proc/sys/kernel/seccomp/actions_logged", O_WRONLY));
    CHECK_ERRNO(write(file, "allow", 5), EINVAL);
    CHECK_ERRNO(write(file, "nothing", 7), EINVAL);
    CHECK_EQ(write(file, "trap log", 8), 8);
    test_read_file("/proc/sys/kernel/seccomp/actions_logged", text, sizeof text);
    CHECK_STR(text, "trap log\n");
    OK(lseek(file, 0, SEEK_SET));
    CHECK(write(file, "kill_process kill_thread trap errno user_notif trace log", 56) == 56);
    OK(close(file));
}

/* A wait that a filter sees only once is not asked about again when a signal interrupts it. */
static void nothing(int signal) { (void)signal; }

TEST(a_restarted_call_goes_through_the_filter_again) {
    pid_t child = CHILD(struct sigaction action = {.sa_handler = nothing, .sa_flags = SA_RESTART}; OK(sigaction(SIGALRM, &action, NULL)); int ends[2]; OK(pipe(ends));
                        answer_to(5000, SECCOMP_RET_ERRNO); struct itimerval soon = {.it_value = {0, 30000}}; OK(setitimer(ITIMER_REAL, &soon, NULL));
                        pid_t writer = CHILD(test_sleep_ms(200); CHECK_EQ(write(ends[1], "y", 1), 1)); char byte; CHECK_EQ(read(ends[0], &byte, 1), 1); CHECK_EXIT(writer, 0));
    CHECK_EXIT(child, 0);
}
