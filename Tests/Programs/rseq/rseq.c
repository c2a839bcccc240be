/* Restartable sequences. The C library registers an area of its own, so each test unregisters that first, or uses a thread without one. */
#include "test.h"

#include <linux/membarrier.h>
#include <linux/rseq.h>
#include <pthread.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/rseq.h>

#define SIGNATURE 0x53053053

static __thread struct rseq s_area __attribute__((aligned(32)));

static long rseq_call(void *area, unsigned size, int flags, unsigned signature) { return syscall(SYS_rseq, area, size, flags, signature); }

/* The C library's registration goes away; ours comes. */
static void leave_library(void) {
    if (__rseq_size != 0) OK(rseq_call((char *)__builtin_thread_pointer() + __rseq_offset, 32, RSEQ_FLAG_UNREGISTER, RSEQ_SIG));
}

static void enter(void) {
    leave_library();
    memset(&s_area, 0, sizeof s_area);
    s_area.cpu_id = (uint32_t)RSEQ_CPU_ID_UNINITIALIZED;
    OK(rseq_call(&s_area, 32, 0, SIGNATURE));
}

/* A sequence: spins until *stop is not 0, then commits 1 to *done. Gives 0 when it committed, 1 when it was aborted. */
static int spin_in_sequence(struct rseq *area, volatile int *stop, volatile int *started) {
    int result;
    __asm__ volatile(
        ".pushsection __rseq_cs, \"aw\"\n"
        ".balign 32\n"
        "3:\n"
        ".long 0, 0\n"
        ".quad 1f, (2f - 1f), 4f\n"
        ".popsection\n"
        "leaq 3b(%%rip), %%rax\n"
        "movq %%rax, %[cs]\n"
        "1:\n"
        "movl $1, %[started]\n"
        "5: pause\n"
        "cmpl $0, %[stop]\n"
        "je 5b\n"
        "2:\n"
        "movl $0, %[result]\n"
        "jmp 6f\n"
        ".long 0x53053053\n"
        "4:\n"
        "movl $1, %[result]\n"
        "6:\n"
        : [cs] "=m"(area->rseq_cs), [result] "=r"(result), [started] "=m"(*started)
        : [stop] "m"(*stop)
        : "rax", "memory", "cc");
    return result;
}

TEST(the_library_has_registered_the_main_thread) {
    if (__rseq_size == 0) SKIP("this C library does not");
    struct rseq *area = (void *)((char *)__builtin_thread_pointer() + __rseq_offset);
    CHECK((int)area->cpu_id >= 0);
    CHECK_EQ(sched_getcpu(), area->cpu_id);
    CHECK_ERRNO(rseq_call(area, 32, 0, RSEQ_SIG), EBUSY);
}

TEST(registration_follows_its_rules) {
    static struct rseq other __attribute__((aligned(32)));
    leave_library();
    CHECK_ERRNO(rseq_call(&s_area, 32, RSEQ_FLAG_UNREGISTER, SIGNATURE), EINVAL);
    CHECK_ERRNO(rseq_call(&s_area, 32, 2, SIGNATURE), EINVAL);
    CHECK_ERRNO(rseq_call(&s_area, 31, 0, SIGNATURE), EINVAL);
    CHECK_ERRNO(rseq_call(&s_area, 0, 0, SIGNATURE), EINVAL);
    CHECK_ERRNO(rseq_call((char *)&s_area + 4, 32, 0, SIGNATURE), EINVAL);
    CHECK_ERRNO(rseq_call((void *)0xFFFF800000000000, 32, 0, SIGNATURE), EFAULT);
    OK(rseq_call(&s_area, 32, 0, SIGNATURE));
    CHECK_EQ(s_area.cpu_id, sched_getcpu());
    CHECK_EQ(s_area.cpu_id_start, s_area.cpu_id);
    CHECK_ERRNO(rseq_call(&s_area, 32, 0, SIGNATURE), EBUSY);
    CHECK_ERRNO(rseq_call(&s_area, 32, 0, SIGNATURE + 1), EPERM);
    CHECK_ERRNO(rseq_call(&other, 32, 0, SIGNATURE), EINVAL);
    CHECK_ERRNO(rseq_call(&s_area, 64, 0, SIGNATURE), EINVAL);
    CHECK_ERRNO(rseq_call(&other, 32, RSEQ_FLAG_UNREGISTER, SIGNATURE), EINVAL);
    CHECK_ERRNO(rseq_call(&s_area, 31, RSEQ_FLAG_UNREGISTER, SIGNATURE), EINVAL);
    CHECK_ERRNO(rseq_call(&s_area, 32, RSEQ_FLAG_UNREGISTER, SIGNATURE + 1), EPERM);
    CHECK_ERRNO(rseq_call(&s_area, 32, RSEQ_FLAG_UNREGISTER | 2, SIGNATURE), EINVAL);
    OK(rseq_call(&s_area, 32, RSEQ_FLAG_UNREGISTER, SIGNATURE));
    CHECK_EQ((int)s_area.cpu_id, RSEQ_CPU_ID_UNINITIALIZED);
    CHECK_EQ(s_area.cpu_id_start, 0);
    CHECK_ERRNO(rseq_call(&s_area, 32, RSEQ_FLAG_UNREGISTER, SIGNATURE), EINVAL);
    OK(rseq_call(&s_area, 32, 0, SIGNATURE + 1));
}

TEST(the_number_of_the_cpu_follows_the_thread) {
    cpu_set_t all, one;
    enter();
    OK(sched_getaffinity(0, sizeof all, &all));
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < CPU_SETSIZE; i++) {
            if (!CPU_ISSET(i, &all)) continue;
            CPU_ZERO(&one);
            CPU_SET(i, &one);
            OK(sched_setaffinity(0, sizeof one, &one));
            CHECK_EQ(*(volatile uint32_t *)&s_area.cpu_id, i);
            CHECK_EQ(*(volatile uint32_t *)&s_area.cpu_id_start, i);
        }
    }
}

static void note(int signal) { (void)signal; }

TEST(a_sequence_without_interruption_commits) {
    enter();
    volatile int stop = 1, started = 0;
    int aborted = 0;
    for (int i = 0; i < 1000; i++) aborted += spin_in_sequence(&s_area, &stop, &started);
    CHECK(aborted < 1000);
}

TEST(a_signal_aborts_the_sequence) {
    enter();
    struct sigaction action = {.sa_handler = note};
    OK(sigaction(SIGUSR1, &action, NULL));
    pid_t parent = getpid();
    volatile int stop = 0, *started = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = CHILD(while (!*started) test_sleep_ms(1); test_sleep_ms(100); OK(kill(parent, SIGUSR1)));
    *started = 0; /* the page is there */
    do CHECK_EQ(spin_in_sequence(&s_area, &stop, started), 1);
    while (!*started); /* preempted before it had begun */
    CHECK_EQ(s_area.rseq_cs, 0);
    CHECK_EXIT(child, 0);
}

static volatile uintptr_t s_interrupted;
static void *s_sequence_seen;

#include <ucontext.h>
static void look(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    s_interrupted = (uintptr_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
    s_sequence_seen = (void *)(uintptr_t)s_area.rseq_cs;
}

/* The frame of the signal has the abort handler as the place to go on, not the middle of the sequence. */
TEST(the_handler_of_a_signal_returns_to_the_abort_handler) {
    enter();
    struct sigaction action = {.sa_sigaction = look, .sa_flags = SA_SIGINFO};
    OK(sigaction(SIGALRM, &action, NULL));
    /* Preemption may come first, or the signal outside of the sequence: then again. */
    for (int round = 0; round < 100; round++) {
        volatile int stop = 0, started = 0;
        struct itimerval soon = {{0, 50000}, {0, 50000}}, none = {0};
        s_interrupted = 0;
        OK(setitimer(ITIMER_REAL, &soon, NULL));
        CHECK_EQ(spin_in_sequence(&s_area, &stop, &started), 1);
        OK(setitimer(ITIMER_REAL, &none, NULL));
        if (s_interrupted != 0 && *(uint32_t *)(s_interrupted - 4) == SIGNATURE) {
            CHECK(s_sequence_seen == NULL);
            return;
        }
    }
    FAIL("no signal came inside of a sequence");
}

TEST(preemption_aborts_the_sequence) {
    enter();
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    OK(sched_setaffinity(0, sizeof one, &one));
    int *stop = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = CHILD(int64_t end = test_now() + 20000000000; while (test_now() < end && *(volatile int *)stop == 0));
    volatile int never = 0, started = 0;
    CHECK_EQ(spin_in_sequence(&s_area, &never, &started), 1);
    *stop = 1;
    CHECK_EXIT(child, 0);
}

TEST(being_moved_to_another_cpu_aborts_the_sequence) {
    cpu_set_t all, one;
    OK(sched_getaffinity(0, sizeof all, &all));
    if (CPU_COUNT(&all) < 2) SKIP("one CPU");
    enter();
    pid_t parent = getpid();
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    OK(sched_setaffinity(0, sizeof one, &one));
    volatile int never = 0, *started = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = CHILD(CPU_CLR(0, &all); OK(sched_setaffinity(0, sizeof all, &all)); while (!*started) test_sleep_ms(1); test_sleep_ms(50); OK(sched_setaffinity(parent, sizeof all, &all)));
    int aborted = spin_in_sequence(&s_area, &never, started);
    *started = 1; /* also when it was preempted before it had begun */
    CHECK_EQ(aborted, 1);
    CHECK_EXIT(child, 0);
    CHECK(s_area.cpu_id != 0);
}

/* Counters of each CPU, added to by sequences on all CPUs without any atomic instruction: none is lost. */
static struct {
    int64_t count;
    char rest[56];
} s_counters[CPU_SETSIZE] __attribute__((aligned(64)));

static void add_here(struct rseq *area) {
    for (;;) {
        int failed;
        __asm__ volatile(
            ".pushsection __rseq_cs, \"aw\"\n"
            ".balign 32\n"
            "3:\n"
            ".long 0, 0\n"
            ".quad 1f, (2f - 1f), 4f\n"
            ".popsection\n"
            "leaq 3b(%%rip), %%rax\n"
            "movq %%rax, %[cs]\n"
            "1:\n"
            "movl %[cpu], %%eax\n"
            "shlq $6, %%rax\n"
            "movq (%[counters], %%rax), %%rcx\n"
            "incq %%rcx\n"
            "movq %%rcx, (%[counters], %%rax)\n"
            "2:\n"
            "movl $0, %[failed]\n"
            "jmp 6f\n"
            ".long 0x53053053\n"
            "4:\n"
            "movl $1, %[failed]\n"
            "6:\n"
            : [cs] "=m"(area->rseq_cs), [failed] "=r"(failed)
            : [cpu] "m"(area->cpu_id), [counters] "r"(s_counters)
            : "rax", "rcx", "memory", "cc");
        if (!failed) return;
    }
}

enum { ADDERS = 8, ADDITIONS = 100000 };

static void *add_often(void *unused) {
    (void)unused;
    enter();
    for (int i = 0; i < ADDITIONS; i++) {
        add_here(&s_area);
        if (i % 1000 == 0) sched_yield();
    }
    OK(rseq_call(&s_area, 32, RSEQ_FLAG_UNREGISTER, SIGNATURE));
    return NULL;
}

TEST(counters_of_each_cpu_lose_nothing) {
    pthread_t threads[ADDERS];
    for (int i = 0; i < ADDERS; i++) CHECK_EQ(pthread_create(&threads[i], NULL, add_often, NULL), 0);
    for (int i = 0; i < ADDERS; i++) CHECK_EQ(pthread_join(threads[i], NULL), 0);
    int64_t sum = 0;
    for (int i = 0; i < CPU_SETSIZE; i++) sum += s_counters[i].count;
    CHECK_EQ(sum, (int64_t)ADDERS * ADDITIONS);
}

TEST(a_child_of_fork_stays_registered_and_a_thread_is_not) {
    enter();
    pid_t child = CHILD(CHECK_ERRNO(rseq_call(&s_area, 32, 0, SIGNATURE), EBUSY); CHECK_EQ(s_area.cpu_id, sched_getcpu()));
    CHECK_EXIT(child, 0);
}

static char s_stack[65536] __attribute__((aligned(64)));
static struct rseq s_shared __attribute__((aligned(32)));
static int s_result;
static int register_again(void *unused) {
    (void)unused;
    s_result = (int)rseq_call(&s_shared, 32, 0, SIGNATURE);
    return 0;
}

TEST(a_process_with_the_same_memory_is_not_registered) {
    leave_library();
    OK(rseq_call(&s_shared, 32, 0, SIGNATURE));
    pid_t child = (pid_t)OK(clone(register_again, s_stack + sizeof s_stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL));
    CHECK_EXIT(child, 0);
    CHECK_EQ(s_result, 0);
}

int test_helper(int argc, char **argv) {
    (void)argc;
    (void)argv;
    leave_library();
    return rseq_call(&s_area, 32, 0, SIGNATURE) == 0 ? 0 : 1;
}

TEST(exec_forgets_the_registration) {
    enter();
    pid_t child = CHILD(execl(test_program(), test_program(), "--helper", "again", NULL); _exit(9));
    CHECK_EXIT(child, 0);
}

static void force_look(void) {
    for (int i = 0; i < 50; i++) test_sleep_ms(2);
}

static struct rseq_cs s_bad __attribute__((aligned(32)));
extern char good_start[], good_abort[];
__asm__(".text\n.globl good_start\ngood_start:\nnop\nnop\n.long 0x53053053\n.globl good_abort\ngood_abort:\nud2\n");

static void with_sequence(struct rseq_cs *sequence, uint32_t flags) {
    enter();
    s_area.flags = flags;
    __atomic_store_n(&s_area.rseq_cs, (uintptr_t)sequence, __ATOMIC_SEQ_CST);
    force_look();
}

TEST(a_bad_sequence_is_answered_with_SIGSEGV) {
    struct rseq_cs good = {.start_ip = (uintptr_t)good_start, .post_commit_offset = 2, .abort_ip = (uintptr_t)good_abort};
    struct rseq_cs wrong_version = good, no_signature = good, abort_inside = good, wraps = good, high = good;
    wrong_version.version = 1;
    no_signature.abort_ip = (uintptr_t)good_start + 3;
    abort_inside.abort_ip = (uintptr_t)good_start + 1;
    wraps.post_commit_offset = ~0ull;
    high.start_ip = 0xFFFF800000000000;
    struct rseq_cs *all[] = {&wrong_version, &no_signature, &abort_inside, &wraps, &high, (void *)0xFFFF800000000000, (void *)4096};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        pid_t child = CHILD(if (i < 5) s_bad = *all[i]; with_sequence(i < 5 ? &s_bad : all[i], 0));
        int status;
        OK(waitpid(child, &status, 0));
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSEGV) FAIL("sequence %zu: status %x", i, status);
    }
    /* A good one that the thread is not in is taken out. */
    pid_t child = CHILD(s_bad = good; with_sequence(&s_bad, 0); CHECK_EQ(s_area.rseq_cs, 0));
    CHECK_EXIT(child, 0);
}

TEST(an_area_that_cannot_be_written_is_answered_with_SIGSEGV) {
    pid_t child = CHILD(char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); leave_library(); OK(rseq_call(page, 32, 0, SIGNATURE));
                        OK(munmap(page, 4096)); force_look());
    CHECK_KILLED(child, SIGSEGV);
}

static volatile int s_go, s_stop_all;
static void *spin_registered(void *result) {
    enter();
    volatile int never = 0;
    *(int *)result = spin_in_sequence(&s_area, &never, &s_go);
    return NULL;
}

TEST(membarrier_aborts_the_sequences_of_the_process) {
    CHECK((syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0) & MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ) != 0);
    CHECK_ERRNO(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, 0, 0), EPERM);
    CHECK_ERRNO(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, MEMBARRIER_CMD_FLAG_CPU, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, 2, 0), EINVAL);
    OK(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ, 0, 0));
    for (int flagged = 0; flagged < 2; flagged++) {
        int result = -1;
        pthread_t thread;
        s_go = 0;
        CHECK_EQ(pthread_create(&thread, NULL, spin_registered, &result), 0);
        while (!s_go) sched_yield();
        for (int cpu = 0; cpu < (flagged ? 8 : 1); cpu++) {
            OK(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, flagged ? MEMBARRIER_CMD_FLAG_CPU : 0, cpu));
        }
        CHECK_EQ(pthread_join(thread, NULL), 0);
        CHECK_EQ(result, 1);
    }
    OK(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, MEMBARRIER_CMD_FLAG_CPU, 100000));
    OK(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, MEMBARRIER_CMD_FLAG_CPU, -1));
}
