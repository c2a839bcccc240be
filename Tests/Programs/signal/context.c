/* Fault signals, alternate stacks, and the machine state around a handler. */
#include "test.h"

#include <cpuid.h>
#include <setjmp.h>
#include <sys/ucontext.h>
#include <ucontext.h>

static siginfo_t s_info;
static sigjmp_buf s_back;
static volatile uintptr_t s_stack, s_error_code, s_ip, s_address;
static volatile int s_count;

static void keep_fault(int number, siginfo_t *info, void *context) {
    (void)number;
    s_info = *info;
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    s_error_code = (uintptr_t)registers[REG_ERR];
    s_ip = (uintptr_t)registers[REG_RIP];
    s_address = (uintptr_t)registers[REG_CR2];
    siglongjmp(s_back, 1);
}

static void catch_fault(int number) {
    struct sigaction action = {.sa_sigaction = keep_fault, .sa_flags = SA_SIGINFO};
    OK(sigaction(number, &action, NULL));
}

#define FAULT(...)                                   \
    do {                                             \
        if (sigsetjmp(s_back, 1) == 0) {             \
            __VA_ARGS__;                             \
            FAIL("%s did not fault", #__VA_ARGS__);  \
        }                                            \
    } while (0)

TEST(an_unmapped_address_is_segv_maperr_with_the_address) {
    catch_fault(SIGSEGV);
    volatile int *bad = (volatile int *)0x123450;
    FAULT((void)*bad);
    CHECK_EQ(s_info.si_code, SEGV_MAPERR);
    CHECK_EQ((uintptr_t)s_info.si_addr, 0x123450);
    CHECK_EQ(s_error_code & 7, 4); /* user, read, not present */
    CHECK_EQ(s_address, 0x123450);
    FAULT(*bad = 1);
    CHECK_EQ(s_error_code & 7, 6);
    FAULT(*(volatile int *)NULL = 1);
    CHECK_EQ((uintptr_t)s_info.si_addr, 0);
}

TEST(a_forbidden_access_is_segv_accerr) {
    catch_fault(SIGSEGV);
    volatile char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK_EQ(page[5], 0);
    FAULT(page[5] = 1);
    CHECK_EQ(s_info.si_code, SEGV_ACCERR);
    CHECK_EQ((uintptr_t)s_info.si_addr, (uintptr_t)page + 5);
    FAULT(((void (*)(void))page)());
    CHECK_EQ(s_info.si_code, SEGV_ACCERR);
    CHECK_EQ(s_ip, (uintptr_t)page);
    OK(mprotect((void *)page, 4096, PROT_NONE));
    FAULT((void)page[7]);
    CHECK_EQ(s_info.si_code, SEGV_ACCERR);
}

TEST(kernel_and_non_canonical_addresses_are_segv) {
    catch_fault(SIGSEGV);
    volatile char *kernel = (volatile char *)0xFFFFFFFF80000000, *wild = (volatile char *)0x8000000000000000;
    FAULT((void)*kernel);
    CHECK_EQ(s_info.si_code, SEGV_MAPERR);
    CHECK_EQ((uintptr_t)s_info.si_addr, (uintptr_t)kernel);
    FAULT((void)*wild);
    CHECK_EQ(s_info.si_code, SI_KERNEL);
    CHECK_EQ((uintptr_t)s_info.si_addr, 0);
    FAULT(((void (*)(void))wild)());
    CHECK_EQ(s_info.si_signo, SIGSEGV);
}

TEST(past_the_end_of_a_mapped_file_is_sigbus) {
    catch_fault(SIGBUS);
    int file = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    OK(ftruncate(file, 100));
    volatile char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    page[4095] = 1; /* the rest of the last page is there */
    FAULT((void)page[4096]);
    CHECK_EQ(s_info.si_code, BUS_ADRERR);
    CHECK_EQ((uintptr_t)s_info.si_addr, (uintptr_t)page + 4096);
}

TEST(divide_error_is_sigfpe_at_the_instruction) {
    catch_fault(SIGFPE);
    FAULT(__asm__ volatile("xor %%ecx, %%ecx; mov $1, %%eax; xor %%edx, %%edx; div %%ecx" ::: "eax", "ecx", "edx"));
    CHECK_EQ(s_info.si_code, FPE_INTDIV);
    CHECK_EQ((uintptr_t)s_info.si_addr, s_ip);
    CHECK(s_ip != 0);
}

TEST(x87_exceptions_are_sigfpe_with_their_kind) {
    catch_fault(SIGFPE);
    /* Of SSE exceptions there is no test: QEMU, when it interprets, does not raise them. */
    unsigned short control = 0x37B; /* the x87 unit's division by zero unmasked */
    FAULT(__asm__ volatile("fninit; fldcw %0; fld1; fldz; fdivrp; fwait" ::"m"(control)));
    CHECK_EQ(s_info.si_code, FPE_FLTDIV);
}

TEST(invalid_and_privileged_instructions) {
    catch_fault(SIGILL);
    catch_fault(SIGSEGV);
    FAULT(__asm__ volatile("ud2"));
    CHECK_EQ(s_info.si_signo, SIGILL);
    CHECK_EQ(s_info.si_code, ILL_ILLOPN);
    CHECK_EQ((uintptr_t)s_info.si_addr, s_ip);
    FAULT(__asm__ volatile("hlt"));
    CHECK_EQ(s_info.si_signo, SIGSEGV);
    CHECK_EQ(s_info.si_code, SI_KERNEL);
    FAULT(__asm__ volatile("cli"));
    FAULT(__asm__ volatile("mov %%cr0, %%rax" ::: "rax"));
    FAULT(__asm__ volatile("inb $0x60, %%al" ::: "al"));
    FAULT(__asm__ volatile("int $0x21"));
    FAULT(__asm__ volatile("xor %%ecx, %%ecx; rdmsr" ::: "eax", "ecx", "edx"));
}

static void keep_trap(int number, siginfo_t *info, void *context) {
    (void)number;
    s_info = *info;
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    registers[REG_EFL] &= ~0x100;
    s_ip = (uintptr_t)registers[REG_RIP];
    s_count++;
}

TEST(a_breakpoint_and_single_steps_are_sigtrap) {
    struct sigaction action = {.sa_sigaction = keep_trap, .sa_flags = SA_SIGINFO};
    OK(sigaction(SIGTRAP, &action, NULL));
    __asm__ volatile("int3");
    CHECK_EQ(s_count, 1);
    CHECK_EQ(s_info.si_code, SI_KERNEL);
    __asm__ volatile("pushfq; orl $0x100, (%%rsp); popfq; nop" ::: "memory", "cc");
    CHECK_EQ(s_count, 2);
    CHECK_EQ(s_info.si_code, TRAP_TRACE);
}

TEST(a_blocked_or_ignored_fault_kills) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGSEGV);
    CHECK_KILLED(CHILD(OK(sigprocmask(SIG_BLOCK, &set, NULL)); *(volatile int *)16 = 1), SIGSEGV);
    CHECK_KILLED(CHILD(signal(SIGSEGV, SIG_IGN); *(volatile int *)16 = 1), SIGSEGV);
    CHECK_KILLED(CHILD(__asm__ volatile("ud2")), SIGILL);
}

static void note_stack(int number) {
    (void)number;
    int here;
    s_stack = (uintptr_t)&here;
    stack_t now;
    s_count = syscall(SYS_sigaltstack, NULL, &now) == 0 ? now.ss_flags : -1;
}

TEST(onstack_runs_the_handler_on_the_alternate_stack) {
    char *memory = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stack_t stack = {.ss_sp = memory, .ss_size = 65536}, old;
    OK(sigaltstack(NULL, &old));
    CHECK_EQ(old.ss_flags, SS_DISABLE);
    OK(sigaltstack(&stack, NULL));
    struct sigaction action = {.sa_handler = note_stack, .sa_flags = SA_ONSTACK};
    OK(sigaction(SIGUSR1, &action, NULL));
    raise(SIGUSR1);
    CHECK(s_stack > (uintptr_t)memory && s_stack < (uintptr_t)memory + 65536);
    CHECK_EQ(s_count, SS_ONSTACK);
    action.sa_flags = 0;
    OK(sigaction(SIGUSR1, &action, NULL));
    raise(SIGUSR1);
    CHECK(s_stack < (uintptr_t)memory || s_stack >= (uintptr_t)memory + 65536);
    stack.ss_size = 100;
    CHECK_ERRNO(sigaltstack(&stack, NULL), ENOMEM);
    stack.ss_size = 65536;
    stack.ss_flags = 77;
    CHECK_ERRNO(sigaltstack(&stack, NULL), EINVAL);
    CHECK_ERRNO(syscall(SYS_sigaltstack, 16, NULL), EFAULT);
}

static void change_stack(int number) {
    (void)number;
    stack_t none = {.ss_flags = SS_DISABLE};
    s_count = (int)syscall(SYS_sigaltstack, &none, NULL) == -1 ? errno : 0;
}

TEST(the_alternate_stack_cannot_change_while_it_is_in_use) {
    char *memory = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stack_t stack = {.ss_sp = memory, .ss_size = 65536};
    OK(sigaltstack(&stack, NULL));
    struct sigaction action = {.sa_handler = change_stack, .sa_flags = SA_ONSTACK};
    OK(sigaction(SIGUSR1, &action, NULL));
    raise(SIGUSR1);
    CHECK_EQ(s_count, EPERM);
}

static int recurse(volatile char *previous) {
    volatile char block[4096];
    block[0] = previous == NULL ? 1 : previous[0];
    return block[0] == 2 ? 0 : recurse(block) + block[0];
}

static void end_well(int number) {
    (void)number;
    _exit(23);
}

TEST(a_stack_overflow_is_caught_on_the_alternate_stack_and_kills_without_one) {
    struct rlimit limit = {1 << 20, 1 << 20};
    OK(setrlimit(RLIMIT_STACK, &limit));
    CHECK_EXIT(CHILD(char *memory = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); stack_t stack = {.ss_sp = memory, .ss_size = 65536};
                     OK(sigaltstack(&stack, NULL)); struct sigaction action = {.sa_handler = end_well, .sa_flags = SA_ONSTACK}; OK(sigaction(SIGSEGV, &action, NULL));
                     recurse(NULL)), 23);
    CHECK_KILLED(CHILD(struct sigaction action = {.sa_handler = end_well}; OK(sigaction(SIGSEGV, &action, NULL)); recurse(NULL)), SIGSEGV);
}

/* A handler that spoils every register of the machine that it may. */
static void spoil(int number) {
    (void)number;
    __asm__ volatile("pcmpeqd %%xmm0, %%xmm0; movdqa %%xmm0, %%xmm1; movdqa %%xmm0, %%xmm7; movdqa %%xmm0, %%xmm8; movdqa %%xmm0, %%xmm15\n"
                     "fninit; fldz; fldz; fldz" ::: "xmm0", "xmm1", "xmm7", "xmm8", "xmm15");
    unsigned mxcsr = 0x9FC0;
    __asm__ volatile("ldmxcsr %0" ::"m"(mxcsr));
    s_count++;
}

TEST(vector_and_x87_registers_survive_a_handler) {
    signal(SIGUSR1, spoil);
    long pid = getpid(), result;
    uint64_t in[8] = {0x1111111111111111, 0x2222, 0x3333, 0x4444, 0x5555, 0x6666, 0x7777, 0x8888}, out[8] = {0};
    double x87_out = 0;
    unsigned mxcsr_in = 0x3F80, mxcsr_out = 0, usual = 0x1F80;
    __asm__ volatile("ldmxcsr %[mi]\n"
                     "movdqu (%[in]), %%xmm0; movdqu 16(%[in]), %%xmm7; movdqu 32(%[in]), %%xmm8; movdqu 48(%[in]), %%xmm15\n"
                     "fldpi\n"
                     "mov $62, %%eax; mov %[pid], %%rdi; mov $10, %%esi; syscall\n" /* kill(getpid(), SIGUSR1) */
                     "fstpl %[x]\n"
                     "movdqu %%xmm0, (%[out]); movdqu %%xmm7, 16(%[out]); movdqu %%xmm8, 32(%[out]); movdqu %%xmm15, 48(%[out])\n"
                     "stmxcsr %[mo]; ldmxcsr %[us]"
                     : "=&a"(result), [x] "=m"(x87_out), [mo] "=m"(mxcsr_out)
                     : [in] "r"(in), [out] "r"(out), [pid] "r"(pid), [mi] "m"(mxcsr_in), [us] "m"(usual)
                     : "rdi", "rsi", "rcx", "r11", "xmm0", "xmm7", "xmm8", "xmm15", "memory", "st");
    CHECK_EQ(result, 0);
    CHECK_EQ(s_count, 1);
    CHECK(memcmp(in, out, sizeof in) == 0);
    CHECK(x87_out > 3.14159 && x87_out < 3.14160);
    CHECK_EQ(mxcsr_out, mxcsr_in);
}

static void spoil_upper_halves(int number) {
    (void)number;
    __asm__ volatile("vpcmpeqd %%ymm0, %%ymm0, %%ymm0; vpcmpeqd %%ymm15, %%ymm15, %%ymm15" ::: "xmm0", "xmm15");
    s_count++;
}

static bool has_avx2(void) {
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & 1 << 5) != 0 && __get_cpuid(1, &a, &b, &c, &d) && (c & 1 << 27) != 0;
}

TEST(upper_halves_survive_handlers_and_other_processes) {
    if (!has_avx2()) SKIP("no AVX2");
    signal(SIGUSR1, spoil_upper_halves);
    long pid = getpid(), result;
    uint64_t in[4] = {1, 2, 3, 4}, out[8] = {0};
    __asm__ volatile("vmovdqu (%[in]), %%ymm0; vmovdqu (%[in]), %%ymm15\n"
                     "mov $62, %%eax; mov %[pid], %%rdi; mov $10, %%esi; syscall\n"
                     "vmovdqu %%ymm0, (%[out]); vmovdqu %%ymm15, 32(%[out]); vzeroupper"
                     : "=&a"(result)
                     : [in] "r"(in), [out] "r"(out), [pid] "r"(pid)
                     : "rdi", "rsi", "rcx", "r11", "xmm0", "xmm15", "memory");
    CHECK_EQ(s_count, 1);
    CHECK(memcmp(in, out, 32) == 0 && memcmp(in, out + 4, 32) == 0);
    pid_t children[3];
    for (int i = 0; i < 3; i++) {
        children[i] = CHILD(uint64_t mine[4] = {(uint64_t)i, 10, 20, 30}; uint64_t back[4]; int64_t end = test_now() + 100000000; while (test_now() < end) {
            __asm__ volatile("vmovdqu (%[in]), %%ymm5; mov $24, %%eax; syscall; mov $2000, %%ecx; 1: dec %%ecx; jnz 1b; vmovdqu %%ymm5, (%[out]); vzeroupper" ::[in] "r"(mine),
                             [out] "r"(back) : "rax", "rcx", "r11", "xmm5", "memory"); /* sched_yield */
            CHECK(memcmp(mine, back, 32) == 0);
        });
    }
    for (int i = 0; i < 3; i++) CHECK_EXIT(children[i], 0);
}

static void change_result(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)info;
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    registers[REG_RAX] = 4711;
    registers[REG_RBX] = 4712;
    sigaddset(&((ucontext_t *)context)->uc_sigmask, SIGUSR2);
}

TEST(what_a_handler_writes_into_its_frame_counts) {
    struct sigaction action = {.sa_sigaction = change_result, .sa_flags = SA_SIGINFO};
    OK(sigaction(SIGUSR1, &action, NULL));
    long rax, rbx, pid = getpid();
    __asm__ volatile("mov $62, %%eax; mov %2, %%rdi; mov $10, %%esi; syscall" : "=&a"(rax), "=&b"(rbx) : "r"(pid) : "rdi", "rsi", "rcx", "r11", "memory");
    CHECK_EQ(rax, 4711);
    CHECK_EQ(rbx, 4712);
    sigset_t set;
    OK(sigprocmask(SIG_BLOCK, NULL, &set));
    CHECK(sigismember(&set, SIGUSR2));
}

static void spoil_frame(int number, siginfo_t *info, void *context) {
    (void)info;
    ucontext_t *frame = context;
    greg_t *registers = frame->uc_mcontext.gregs;
    if (number == SIGUSR1) {
        registers[REG_RIP] = (greg_t)0x8000000000000000; /* not canonical */
    } else if (number == SIGUSR2) {
        registers[REG_EFL] |= 0x3000 | 0x200 | 0x4000 | 0x20000; /* IOPL, IF, NT, VM: not for user space */
        registers[REG_CSGSFS] = 0; /* CS: a null selector */
    } else if (number == SIGHUP) {
        frame->uc_mcontext.fpregs = (fpregset_t)16;
    } else {
        ((uint32_t *)frame->uc_mcontext.fpregs)[6] = 0xFFFFFFFF; /* reserved bits of MXCSR */
    }
}

TEST(a_hostile_frame_kills_the_process_and_nothing_else) {
    struct sigaction action = {.sa_sigaction = spoil_frame, .sa_flags = SA_SIGINFO};
    static const int signals[] = {SIGUSR1, SIGUSR2, SIGHUP};
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        int number = signals[i];
        CHECK_KILLED(CHILD(OK(sigaction(number, &action, NULL)); raise(number)), SIGSEGV);
    }
    int status;
    pid_t child = CHILD(OK(sigaction(SIGTERM, &action, NULL)); raise(SIGTERM));
    CHECK_EQ(waitpid(child, &status, 0), child); /* the kernel may mask the reserved bits, or refuse the frame */
    CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0) || (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV));
    CHECK_KILLED(CHILD(syscall(SYS_rt_sigreturn)), SIGSEGV);
    CHECK_KILLED(CHILD(__asm__ volatile("mov $16, %%rsp; mov $15, %%eax; syscall" ::: "memory")), SIGSEGV);
    /* No stack for the frame. */
    CHECK_KILLED(CHILD(struct sigaction plain = {.sa_handler = note_stack}; OK(sigaction(SIGUSR1, &plain, NULL)); long pid = getpid();
                       __asm__ volatile("mov $16, %%rsp; mov $62, %%eax; mov %0, %%rdi; mov $10, %%esi; syscall" ::"r"(pid) : "rdi", "rsi", "memory")), SIGSEGV);
}

static volatile unsigned long s_flags_inside;

static void note_flags(int number) {
    (void)number;
    unsigned long flags;
    __asm__ volatile("pushfq; popq %0" : "=r"(flags));
    s_flags_inside = flags;
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    s_stack = here;
}

TEST(a_handler_starts_with_the_direction_flag_clear_and_an_aligned_stack) {
    signal(SIGUSR1, note_flags);
    long pid = getpid();
    __asm__ volatile("std; mov $62, %%eax; mov %0, %%rdi; mov $10, %%esi; syscall; cld" ::"r"(pid) : "rax", "rdi", "rsi", "rcx", "r11", "memory");
    CHECK_EQ(s_flags_inside & 0x400, 0);
    CHECK_EQ(s_stack % 16, 0);
}

TEST(the_red_zone_is_left_alone) {
    signal(SIGUSR1, spoil);
    long pid = getpid(), value;
    __asm__ volatile("movq $0x1234567, -120(%%rsp); mov $62, %%eax; mov %1, %%rdi; mov $10, %%esi; syscall; movq -120(%%rsp), %0"
                     : "=r"(value) : "r"(pid) : "rax", "rdi", "rsi", "rcx", "r11", "memory");
    CHECK_EQ(value, 0x1234567);
    CHECK_EQ(s_count, 1);
}
