/* Exceptions of the processor that become signals. QEMU's interpreter raises neither #AC nor #XM: there two of these are skipped. */
#include "test.h"

#include <ucontext.h>
#include <xmmintrin.h>

static siginfo_t seen;
static volatile sig_atomic_t count;
static unsigned long long flags_in_handler;
static unsigned mxcsr_in_handler;
static void *resume;

static void handler(int signal, siginfo_t *info, void *context) {
    (void)signal;
    ucontext_t *user = context;
    seen = *info;
    count++;
    flags_in_handler = __builtin_ia32_readeflags_u64();
    mxcsr_in_handler = _mm_getcsr();
    user->uc_mcontext.gregs[REG_RIP] = (greg_t)resume;
    user->uc_mcontext.gregs[REG_EFL] &= ~0x40000LL;
}

static void handle(int signal) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    OK(sigaction(signal, &action, NULL));
}

TEST(division_by_zero_is_fpe_intdiv) {
    handle(SIGFPE);
    void *fault;
    asm volatile("leaq 1f(%%rip), %%rax; movq %%rax, %0; leaq 2f(%%rip), %%rax; movq %%rax, %1; xorl %%ecx, %%ecx; xorl %%edx, %%edx; movl $1, %%eax;\n"
                 "1: divl %%ecx\n2:" : "=m"(fault), "=m"(resume) : : "rax", "rcx", "rdx", "memory", "cc");
    CHECK_EQ(count, 1);
    CHECK_EQ(seen.si_signo, SIGFPE);
    CHECK_EQ(seen.si_code, FPE_INTDIV);
    CHECK_EQ((long)seen.si_addr, (long)fault);
}

TEST(an_unmasked_exception_of_sse_is_fpe_fltdiv) {
    handle(SIGFPE);
    void *fault;
    float zero = 0, one = 1;
    unsigned before = _mm_getcsr();
    _mm_setcsr(before & ~0x200u); /* zero divide is not masked */
    asm volatile("leaq 1f(%%rip), %%rax; movq %%rax, %0; leaq 2f(%%rip), %%rax; movq %%rax, %1; movss %2, %%xmm0;\n"
                 "1: divss %3, %%xmm0\n2:" : "=m"(fault), "=m"(resume) : "m"(one), "m"(zero) : "rax", "xmm0", "memory", "cc");
    unsigned after = _mm_getcsr();
    _mm_setcsr(before);
    if (count == 0) SKIP("this processor raises no #XM");
    CHECK_EQ(count, 1);
    CHECK_EQ(seen.si_code, FPE_FLTDIV);
    CHECK_EQ((long)seen.si_addr, (long)fault);
    CHECK_EQ(mxcsr_in_handler, 0x1F80); /* a handler begins with all exceptions masked */
    CHECK_EQ(after & 0x1F80, before & ~0x200u & 0x1F80);
}

TEST(an_unmasked_exception_of_the_x87_is_fpe_fltdiv) {
    handle(SIGFPE);
    unsigned short all = 0x37F, control = 0x37F & ~4; /* zero divide is not masked */
    asm volatile("leaq 2f(%%rip), %%rax; movq %%rax, %0; fninit; fldcw %1; fld1; fldz; fdivrp %%st, %%st(1);\n"
                 "fwait\n2:" : "=m"(resume) : "m"(control) : "rax", "memory", "cc");
    asm volatile("fnclex; fninit; fldcw %0" : : "m"(all));
    CHECK_EQ(count, 1);
    CHECK_EQ(seen.si_signo, SIGFPE);
    CHECK_EQ(seen.si_code, FPE_FLTDIV);
}

TEST(an_access_that_is_not_aligned_is_bus_adraln_when_asked_for) {
    handle(SIGBUS);
    long long words[2] = {1, 2};
    asm volatile("leaq 2f(%%rip), %%rax; movq %%rax, %0; leaq 1(%1), %%rcx; pushfq; orq $0x40000, (%%rsp); popfq;\n"
                 "movq (%%rcx), %%rax\n"
                 "pushfq; andq $~0x40000, (%%rsp); popfq\n2:" : "=m"(resume) : "r"(words) : "rax", "rcx", "memory", "cc");
    if (count == 0) SKIP("this processor raises no #AC");
    CHECK_EQ(count, 1);
    CHECK_EQ(seen.si_signo, SIGBUS);
    CHECK_EQ(seen.si_code, BUS_ADRALN);
    CHECK_EQ(flags_in_handler & 0x40000, 0x40000); /* only the trap flag, the direction flag and the resume flag are taken away */
}

TEST(system_calls_work_with_alignment_checks_on) {
    int ends[2];
    OK(pipe(ends));
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    long written, taken;
    page[1] = 'x';
    /* The kernel's own accesses to what the program names are not checked. */
    asm volatile("pushfq; orq $0x40000, (%%rsp); popfq; syscall; pushfq; andq $~0x40000, (%%rsp); popfq" : "=a"(written)
                 : "a"(SYS_write), "D"((long)ends[1]), "S"(page + 1), "d"(1001L) : "rcx", "r11", "memory", "cc");
    asm volatile("pushfq; orq $0x40000, (%%rsp); popfq; syscall; pushfq; andq $~0x40000, (%%rsp); popfq" : "=a"(taken)
                 : "a"(SYS_read), "D"((long)ends[0]), "S"(page + 2003), "d"(1001L) : "rcx", "r11", "memory", "cc");
    CHECK_EQ(written, 1001);
    CHECK_EQ(taken, 1001);
    CHECK_EQ(page[2003], 'x');
}
