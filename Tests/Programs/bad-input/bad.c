/* Wrong numbers, pointers, lengths, descriptors and flags: Linux's errno, and nothing changed. */
#include "test.h"

#include <sys/uio.h>

#define KERNEL 0xFFFFFFFF80000000L
#define UNMAPPED 16L

/* A call that must fail with this error. */
struct bad_call {
    const char *what;
    int error;
    long number, arguments[6];
};

#define BAD(error, name, ...) {#name "(" #__VA_ARGS__ ")", error, SYS_##name, {__VA_ARGS__}}

static void run(const struct bad_call *calls, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const long *a = calls[i].arguments;
        errno = 0;
        long result = syscall(calls[i].number, a[0], a[1], a[2], a[3], a[4], a[5]);
        if (result != -1 || errno != calls[i].error) FAIL("%s: expected errno %d, found result %ld, errno %d", calls[i].what, calls[i].error, result, errno);
    }
}

#define RUN(...)                                            \
    do {                                                    \
        const struct bad_call calls_[] = {__VA_ARGS__};     \
        run(calls_, COUNT_OF(calls_));                      \
    } while (0)

TEST(unknown_numbers_are_enosys) {
    static const long numbers[] = {335, 400, 500, 1000, 0x7FFFFFFF, -2, 0x40000000L};
    for (size_t i = 0; i < COUNT_OF(numbers); i++) CHECK_ERRNO(syscall(numbers[i], 1, 2, 3, 4, 5, 6), ENOSYS);
    /* Only the low 32 bits of RAX count. */
    CHECK_EQ(syscall((long)(0x100000000UL | SYS_getpid)), getpid());
}

TEST(bad_descriptors_are_ebadf) {
    static char buffer[256];
    long b = (long)buffer;
    static const long descriptors[] = {-1, 999, 0x7FFFFFFF, -2147483647 - 1};
    for (size_t i = 0; i < COUNT_OF(descriptors); i++) {
        long fd = descriptors[i];
        RUN(BAD(EBADF, read, fd, b, 1), BAD(EBADF, write, fd, b, 1), BAD(EBADF, close, fd), BAD(EBADF, fstat, fd, b), BAD(EBADF, lseek, fd, 0, 0), BAD(EBADF, ioctl, fd, 0x5401, b),
            BAD(EBADF, pread64, fd, b, 1, 0), BAD(EBADF, pwrite64, fd, b, 1, 0), BAD(EBADF, readv, fd, b, 1), BAD(EBADF, writev, fd, b, 1), BAD(EBADF, dup, fd), BAD(EBADF, dup2, fd, 5),
            BAD(EBADF, fcntl, fd, F_GETFD), BAD(EBADF, flock, fd, 1), BAD(EBADF, fsync, fd), BAD(EBADF, fdatasync, fd), BAD(EBADF, ftruncate, fd, 0), BAD(EBADF, getdents64, fd, b, 100),
            BAD(EBADF, fchdir, fd), BAD(EBADF, fchmod, fd, 0), BAD(EBADF, fchown, fd, 0, 0), BAD(EBADF, fstatfs, fd, b), BAD(EBADF, fallocate, fd, 0, 0, 1), BAD(EBADF, fadvise64, fd, 0, 0, 0),
            BAD(EBADF, splice, fd, 0, fd, 0, 1, 0), BAD(EBADF, tee, fd, fd, 1, 0), BAD(EBADF, sendfile, fd, fd, 0, 1), BAD(EBADF, epoll_wait, fd, b, 1, 0), BAD(EBADF, epoll_ctl, fd, 1, fd, b),
            BAD(EBADF, timerfd_gettime, fd, b), BAD(EBADF, mmap, 0, 4096, PROT_READ, MAP_SHARED, fd, 0), BAD(EBADF, syncfs, fd));
    }
}

TEST(bad_paths_are_efault_and_empty_ones_enoent) {
    static char buffer[256];
    long b = (long)buffer, empty = (long)"";
    static const long pointers[] = {0, UNMAPPED, KERNEL, 0x7FFFFFFFFFFFF000L, -1};
    for (size_t i = 0; i < COUNT_OF(pointers); i++) {
        long p = pointers[i];
        RUN(BAD(EFAULT, open, p, 0), BAD(EFAULT, stat, p, b), BAD(EFAULT, lstat, p, b), BAD(EFAULT, access, p, 0), BAD(EFAULT, chdir, p), BAD(EFAULT, rename, p, p), BAD(EFAULT, mkdir, p, 0),
            BAD(EFAULT, rmdir, p), BAD(EFAULT, creat, p, 0), BAD(EFAULT, link, p, p), BAD(EFAULT, unlink, p), BAD(EFAULT, symlink, p, p), BAD(EFAULT, readlink, p, b, 10),
            BAD(EFAULT, chmod, p, 0), BAD(EFAULT, chown, p, 0, 0), BAD(EFAULT, truncate, p, 0), BAD(EFAULT, statfs, p, b), BAD(EFAULT, chroot, p), BAD(EFAULT, mknod, p, 0100600, 0),
            BAD(EFAULT, execve, p, 0, 0), BAD(EFAULT, umount2, p, 0), BAD(EFAULT, memfd_create, p, 0), BAD(EFAULT, sethostname, p, 5));
    }
    RUN(BAD(ENOENT, open, empty, 0), BAD(ENOENT, stat, empty, b), BAD(ENOENT, access, empty, 0), BAD(ENOENT, chdir, empty), BAD(ENOENT, rename, empty, empty), BAD(ENOENT, mkdir, empty, 0),
        BAD(ENOENT, rmdir, empty), BAD(ENOENT, unlink, empty), BAD(ENOENT, chmod, empty, 0), BAD(ENOENT, truncate, empty, 0), BAD(ENOENT, execve, empty, 0, 0), BAD(ENOENT, chroot, empty));
}

TEST(bad_result_pointers_are_efault) {
    static const long pointers[] = {UNMAPPED, KERNEL, 0x7FFFFFFFFFFFF000L, -8};
    long self = (long)"/tests/list";
    int zero = (int)OK(open("/dev/zero", O_RDWR)), list = (int)OK(open("/tests/list", O_RDONLY)), folder = (int)OK(open("/tests", O_RDONLY));
    for (size_t i = 0; i < COUNT_OF(pointers); i++) {
        long p = pointers[i];
        RUN(BAD(EFAULT, read, zero, p, 8), BAD(EFAULT, read, list, p, 8), BAD(EFAULT, pread64, list, p, 8, 0), BAD(EFAULT, readv, zero, p, 1), BAD(EFAULT, writev, zero, p, 1),
            BAD(EFAULT, stat, self, p), BAD(EFAULT, fstat, list, p), BAD(EFAULT, statfs, self, p), BAD(EFAULT, getdents64, folder, p, 512), BAD(EFAULT, getcwd, p, 100), BAD(EFAULT, uname, p),
            BAD(EFAULT, sysinfo, p), BAD(EFAULT, getrlimit, RLIMIT_NOFILE, p), BAD(EFAULT, setrlimit, RLIMIT_CORE, p), BAD(EFAULT, getrusage, 0, p), BAD(EFAULT, times, p),
            BAD(EFAULT, pipe, p), BAD(EFAULT, pipe2, p, 0), BAD(EFAULT, poll, p, 1, 0), BAD(EFAULT, select, 1, p, 0, 0, 0), BAD(EFAULT, nanosleep, p, 0), BAD(EFAULT, clock_gettime, 0, p),
            BAD(EFAULT, clock_getres, 0, p), BAD(EFAULT, clock_nanosleep, 0, 0, p, 0), BAD(EFAULT, gettimeofday, p, 0), BAD(EFAULT, time, p), BAD(EFAULT, getitimer, 0, p),
            BAD(EFAULT, rt_sigaction, 10, p, 0, 8), BAD(EFAULT, rt_sigprocmask, 0, p, 0, 8), BAD(EFAULT, rt_sigpending, p, 8), BAD(EFAULT, rt_sigsuspend, p, 8),
            BAD(EFAULT, rt_sigtimedwait, p, 0, 0, 8), BAD(EFAULT, getresuid, p, p, p), BAD(EFAULT, getresgid, p, p, p), BAD(EFAULT, sched_getparam, 0, p), BAD(EFAULT, sched_setparam, 0, p),
            BAD(EFAULT, sched_getaffinity, 0, 128, p), BAD(EFAULT, sched_rr_get_interval, 0, p), BAD(EFAULT, prlimit64, 0, RLIMIT_NOFILE, 0, p), BAD(EFAULT, getrandom, p, 8, 0),
            BAD(EFAULT, capget, p, 0), BAD(EFAULT, clone3, p, 64), BAD(EFAULT, timer_create, 1, 0, p), BAD(EFAULT, arch_prctl, 0x1003, p), BAD(EFAULT, readlink, (long)"/proc/self/exe", p, 100),
            BAD(EFAULT, sendfile, zero, list, p, 8), BAD(EFAULT, signalfd4, -1, p, 8, 0), BAD(EFAULT, mincore, (long)self & -4096, 4096, p));
    }
    CHECK_ERRNO(syscall(SYS_getrandom, KERNEL, 16, 0), EFAULT);
}

TEST(flags_and_commands_that_do_not_exist_are_einval) {
    static char buffer[256];
    long b = (long)buffer, self = (long)"/tests/list";
    int list = (int)OK(open("/tests/list", O_RDONLY));
    RUN(BAD(EINVAL, lseek, list, 0, 77), BAD(EINVAL, fcntl, list, 9999, 0), BAD(EINVAL, flock, list, 16), BAD(EINVAL, dup3, list, 50, 1), BAD(EINVAL, pipe2, b, 1), BAD(EINVAL, access, self, 99),
        BAD(EINVAL, faccessat2, AT_FDCWD, self, 0, 0x8000), BAD(EINVAL, newfstatat, AT_FDCWD, self, b, 0x8), BAD(EINVAL, unlinkat, AT_FDCWD, self, 1), BAD(EINVAL, linkat, AT_FDCWD, self, AT_FDCWD, self, 1),
        BAD(EINVAL, renameat2, AT_FDCWD, self, AT_FDCWD, self, 0x100), BAD(EINVAL, fchownat, AT_FDCWD, self, 0, 0, 1), BAD(EINVAL, utimensat, AT_FDCWD, self, 0, 1), BAD(EINVAL, mmap, 0, 4096, 0, MAP_ANONYMOUS, -1, 0),
        BAD(EINVAL, mprotect, 1, 4096, 0), BAD(EINVAL, mprotect, 0, 4096, 0x1000), BAD(EINVAL, munmap, 1, 4096), BAD(EINVAL, mremap, 0, 4096, 4096, 8), BAD(EINVAL, madvise, 0, 4096, 9999),
        BAD(EINVAL, msync, 0, 4096, 99), BAD(EINVAL, wait4, -1, 0, 0x40, 0), BAD(EINVAL, waitid, 0, 0, 0, 0), BAD(EINVAL, kill, getpid(), 65), BAD(EINVAL, kill, getpid(), -1), BAD(EINVAL, tgkill, getpid(), -1, 0),
        BAD(EINVAL, rt_sigaction, 65, 0, 0, 8), BAD(EINVAL, rt_sigaction, 10, 0, 0, 7), BAD(EINVAL, rt_sigprocmask, 99, b, 0, 8), BAD(EINVAL, sigaltstack, (long)(char[24]){[8] = 99}, 0),
        BAD(EINVAL, getrlimit, 99, b), BAD(EINVAL, setrlimit, 99, b), BAD(EINVAL, prlimit64, 0, 99, 0, b), BAD(EINVAL, getrusage, 99, b), BAD(EINVAL, getpriority, 9, 0), BAD(EINVAL, setpriority, 9, 0, 0),
        BAD(EINVAL, sched_setscheduler, 0, 99, b), BAD(EINVAL, sched_get_priority_max, 99), BAD(EINVAL, clock_gettime, 99, b), BAD(EINVAL, getitimer, 99, b), BAD(EINVAL, setitimer, 99, b, 0),
        BAD(EINVAL, timer_settime, 999, 0, b, 0), BAD(EINVAL, timerfd_create, 99, 0), BAD(EINVAL, eventfd2, 0, 2), BAD(EINVAL, epoll_create1, 1), BAD(EINVAL, signalfd4, -1, b, 8, 1),
        BAD(EINVAL, signalfd4, -1, b, 7, 0), BAD(EINVAL, arch_prctl, 0x9999, 0), BAD(EINVAL, prctl, 0x7777));
}

TEST(lengths_that_are_too_large_are_refused_or_cut) {
    static char buffer[64];
    int zero = (int)OK(open("/dev/zero", O_RDWR)), file = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    CHECK_ERRNO(syscall(SYS_read, file, buffer, -1L), EFAULT); /* the end of the buffer is not in user space */
    CHECK_ERRNO(syscall(SYS_write, zero, buffer, -1L), EFAULT);
    CHECK_ERRNO(syscall(SYS_read, zero, KERNEL, 8), EFAULT);
    CHECK_EQ(syscall(SYS_read, file, buffer, 0x7FFFFFFFL), 0);
    struct iovec vector[2] = {{buffer, 0x7FFFFFFFFFFFFFFF}, {buffer, 2}};
    CHECK_ERRNO(syscall(SYS_readv, zero, vector, 2), EFAULT); /* the buffer would not end in user space */
    CHECK_ERRNO(syscall(SYS_readv, zero, vector, 1025), EINVAL);
    CHECK_ERRNO(syscall(SYS_sethostname, buffer, 65), EINVAL);
    CHECK_ERRNO(syscall(SYS_sethostname, buffer, -1), EINVAL);
    CHECK_ERRNO(syscall(SYS_mmap, 0, -4096L, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
    CHECK_ERRNO(syscall(SYS_mmap, 0, -1L, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
    CHECK_ERRNO(syscall(SYS_munmap, 4096, -4096L), EINVAL);
    CHECK_ERRNO(syscall(SYS_mprotect, 4096, -4096L, PROT_READ), ENOMEM);
    CHECK_ERRNO(syscall(SYS_pwrite64, file, buffer, 1, -1L), EINVAL);
    CHECK_ERRNO(syscall(SYS_ftruncate, file, -1L), EINVAL);
    CHECK_ERRNO(syscall(SYS_setgroups, 65537, buffer), EINVAL);
    CHECK_ERRNO(syscall(SYS_poll, buffer, 0xFFFFFFFFL, 0), EINVAL);
    struct stat about;
    OK(fstat(file, &about));
    CHECK_EQ(about.st_size, 0); /* nothing was written */
}

TEST(processes_that_do_not_exist_are_esrch) {
    static char buffer[256];
    long b = (long)buffer, none = 0x3FFFFFFF;
    RUN(BAD(ESRCH, kill, none, 0), BAD(ESRCH, tgkill, none, none, 0), BAD(ESRCH, tkill, none, 0), BAD(ESRCH, getpgid, none), BAD(ESRCH, getsid, none), BAD(ESRCH, setpgid, none, 0),
        BAD(ESRCH, sched_getscheduler, none), BAD(ESRCH, sched_getparam, none, b), BAD(ESRCH, sched_getaffinity, none, 128, b), BAD(ESRCH, getpriority, 0, none), BAD(ESRCH, prlimit64, none, 7, 0, b),
        BAD(ESRCH, get_robust_list, none, b, b), BAD(ESRCH, pidfd_open, none, 0), BAD(ECHILD, wait4, none, 0, 0, 0));
    CHECK_ERRNO(syscall(SYS_kill, (long)INT_MIN, 0), ESRCH);
}

TEST(a_failed_call_leaves_registers_and_state_alone) {
    /* RCX and R11 are the system call's own; every other register keeps its value. */
    unsigned long out[6], rsp_before, rsp_after;
    __asm__ volatile("mov %%rsp, %[b]\n"
                     "mov $0x1111, %%rdi; mov $0x2222, %%rsi; mov $0x3333, %%rdx; mov $0x4444, %%r10; mov $0x5555, %%r8; mov $0x6666, %%r9\n"
                     "mov $9999, %%eax; syscall\n"
                     "mov %%rdi, 0(%[o]); mov %%rsi, 8(%[o]); mov %%rdx, 16(%[o]); mov %%r10, 24(%[o]); mov %%r8, 32(%[o]); mov %%r9, 40(%[o])\n"
                     "mov %%rsp, %[a]"
                     : [b] "=&r"(rsp_before), [a] "=&r"(rsp_after)
                     : [o] "r"(out)
                     : "rax", "rcx", "r11", "rdi", "rsi", "rdx", "r10", "r8", "r9", "memory");
    for (unsigned long i = 0; i < 6; i++) CHECK_EQ(out[i], 0x1111 * (i + 1));
    CHECK_EQ(rsp_before, rsp_after);
}

TEST(hostile_register_values_around_a_system_call_do_no_harm) {
    static const unsigned long stacks[] = {0, 8, 0x8000000000000000, 0xFFFFFFFF80000000, 0xFFFFFFFFFFFFFFFF, 0x7FFFFFFFFFFF};
    for (size_t i = 0; i < COUNT_OF(stacks); i++) {
        unsigned long stack = stacks[i], result;
        /* The call itself needs no user stack. */
        __asm__ volatile("mov %%rsp, %%rbx; mov %[s], %%rsp; mov $39, %%eax; syscall; mov %%rbx, %%rsp" : "=&a"(result) : [s] "r"(stack) : "rbx", "rcx", "r11", "memory");
        CHECK_EQ(result, getpid());
    }
    /* User-mode flags: NT, AC, DF and the trap flag's neighbours must not leak into the kernel or crash it. */
    __asm__ volatile("pushfq; orl $0x44400, (%%rsp); popfq; mov $39, %%eax; syscall; pushfq; andl $0xFFFBBBFF, (%%rsp); popfq" ::: "rax", "rcx", "r11", "memory", "cc");
    CHECK_KILLED(CHILD(__asm__ volatile("mov $0x7FFFFFFFFFFE, %%rax; jmp *%%rax" ::: "rax")), SIGSEGV);
    int status; /* a stack fault, which the processor tells apart and QEMU's interpreter does not */
    pid_t child = CHILD(__asm__ volatile("mov $0x8000000000000000, %%rsp; push %%rax" ::: "memory"));
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK(WIFSIGNALED(status) && (WTERMSIG(status) == SIGBUS || WTERMSIG(status) == SIGSEGV));
}

TEST(the_page_before_the_limit_is_the_last_and_a_call_at_its_end_faults_safely) {
    static const unsigned char code[] = {0x0F, 0x05}; /* syscall: the return address would be the first one past user space */
    char *last = mmap((void *)0x7FFFFFFFE000, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (last == MAP_FAILED) SKIP("the last page is taken");
    memcpy(last + 4094, code, 2);
    OK(mprotect(last, 4096, PROT_READ | PROT_EXEC));
    CHECK_KILLED(CHILD(__asm__ volatile("mov $39, %%eax; jmp *%0" ::"r"(last + 4094) : "rax", "rcx", "r11")), SIGSEGV);
}

TEST(segment_and_privileged_state_cannot_be_taken) {
    CHECK_KILLED(CHILD(__asm__ volatile("mov $0x10, %%eax; mov %%eax, %%ss" ::: "eax")), SIGSEGV);
    CHECK_KILLED(CHILD(__asm__ volatile("lidt (%%rsp)" :::)), SIGSEGV);
    CHECK_KILLED(CHILD(__asm__ volatile("int $0x20")), SIGSEGV);
    CHECK_KILLED(CHILD(__asm__ volatile("int $0x0e")), SIGSEGV);
    CHECK_KILLED(CHILD(__asm__ volatile("swapgs")), SIGSEGV);
    CHECK_KILLED(CHILD(__asm__ volatile("sysretq")), SIGSEGV);
    CHECK_ERRNO(syscall(SYS_arch_prctl, 0x1002 /* ARCH_SET_FS */, KERNEL), EPERM);
    CHECK_ERRNO(syscall(SYS_arch_prctl, 0x1001 /* ARCH_SET_GS */, 0x8000000000000000), EPERM);
    CHECK_EXIT(CHILD(OK(syscall(SYS_arch_prctl, 0x1001, 0x12345678)); unsigned long base = 0; OK(syscall(SYS_arch_prctl, 0x1004, &base)); CHECK_EQ(base, 0x12345678)), 0);
}

TEST(a_user_cannot_do_what_root_may) {
    static char buffer[256];
    long b = (long)buffer;
    CHECK_EXIT(CHILD(OK(setgid(1000)); OK(setuid(1000));
                     RUN(BAD(EPERM, reboot, 0xfee1dead, 672274793, 0x4321fedc, 0), BAD(EPERM, sethostname, b, 1), BAD(EPERM, setdomainname, b, 1), BAD(EPERM, chroot, (long)"/"),
                         BAD(EPERM, mount, (long)"none", (long)"/tmp", (long)"tmpfs", 0, 0), BAD(EPERM, umount2, (long)"/proc", 0), BAD(EPERM, clock_settime, 0, (long)(long[]){1, 0}),
                         BAD(EPERM, setuid, 0), BAD(EPERM, setgid, 0), BAD(EPERM, setgroups, 0, 0),
                         BAD(EPERM, syslog, 5, 0, 0), BAD(EPERM, vhangup), BAD(EPERM, kill, 1, 9), BAD(EPERM, pivot_root, (long)"/", (long)"/"))), 0);
}

TEST_LATER(a_user_cannot_swap_load_modules_account_or_reach_ports) {
    static char buffer[256];
    long b = (long)buffer;
    CHECK_ERRNO(syscall(SYS_iopl, 99), EINVAL);
    CHECK_EXIT(CHILD(OK(setgid(1000)); OK(setuid(1000)); RUN(BAD(EPERM, iopl, 3), BAD(EPERM, swapoff, b), BAD(EPERM, init_module, b, 1, b), BAD(EPERM, acct, 0))), 0);
}
