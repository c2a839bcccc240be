/* A worker: a process with a few threads and children, each of which makes calls until it is told to stop, or dies of one. */
#include "fuzz.h"

#include <grp.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/prctl.h>

#define CALLS_OF_A_WORKER 1500
#define CALLS_OF_A_CHILD 60
#define STACK_BYTES (64 * 1024)
#define TICK_MICROSECONDS 40000

static struct fuzz s_threads[THREADS];
static int s_total_weight, s_only;
static unsigned short s_chosen[8192];

/* Ends what waits: the other threads of the process are told, too. */
static void tick(int signal) {
    if (signal != SIGALRM) return;
    int process = (int)RAW(SYS_getpid);
    for (int i = 0; i < THREADS; i++) {
        int peer = s_threads[i].thread;
        if (peer > 0) RAW(SYS_tgkill, process, peer, SIGURG);
    }
}

/* What a call may have changed and the worker cannot do without. */
static void recover(struct fuzz *fuzz) {
    struct {
        void (*handler)(int);
        unsigned long flags;
        void (*restorer)(void);
        uint64_t mask;
    } action = {tick, 0x04000000, NULL, 0};
    extern void fuzz_restorer(void);
    action.restorer = fuzz_restorer;
    RAW(SYS_rt_sigaction, SIGALRM, &action, 0, 8);
    RAW(SYS_rt_sigaction, SIGURG, &action, 0, 8);
    uint64_t none = 0;
    RAW(SYS_rt_sigprocmask, 2, &none, 0, 8);
    struct itimerval time = {{0, TICK_MICROSECONDS}, {0, TICK_MICROSECONDS}};
    if (fuzz->depth == 0 || fuzz->single) RAW(SYS_setitimer, 0, &time, 0);
}
__asm__(".globl fuzz_restorer\nfuzz_restorer: mov $15, %eax\n syscall\n");

void map_arena(struct fuzz *fuzz) {
    unsigned char *at = fuzz->arena;
    RAW(SYS_munmap, at, 4 * ARENA_PAGES * PAGE);
    RAW(SYS_mmap, at, 9 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    RAW(SYS_mprotect, at + 8 * PAGE, PAGE, PROT_READ);
    RAW(SYS_mmap, at + 9 * PAGE, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    RAW(SYS_mmap, at + 10 * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    RAW(SYS_mmap, at + 15 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

long make_call(struct fuzz *fuzz, long number, const long arguments[6]) {
    uint32_t at = atomic_fetch_add(&fuzz->slot->next, 1) % RING;
    struct record *record = &fuzz->slot->ring[at];
    record->number = (uint64_t)number;
    for (int i = 0; i < 6; i++) record->arguments[i] = (uint64_t)arguments[i];
    record->process = fuzz->process;
    record->thread = fuzz->thread;
    record->result = IN_CALL;
    long result = raw(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
    record->result = result;
    atomic_fetch_add(&fuzz->slot->calls, 1);
    if (number >= 0 && number < 512) {
        atomic_fetch_add_explicit(&fuzz->board->seen[number], 1, memory_order_relaxed);
        if (result >= 0 || result < -4095) atomic_fetch_add_explicit(&fuzz->board->succeeded[number], 1, memory_order_relaxed);
    }
    return result;
}

void run_calls(struct fuzz *fuzz, int count) {
    long arguments[6];
    for (int i = 0; i < count; i++) {
        if (i % 20 == 0) recover(fuzz);
        if (i % 100 == 50) map_arena(fuzz); /* another call may have taken it away or its rights */
        if (i % 400 == 200) open_descriptors(fuzz);
        if (s_only == 0 && chance(fuzz, 6)) {
            act(fuzz);
            continue;
        }
        const struct call *call = &calls[s_chosen[draw(fuzz, (uint64_t)s_total_weight)]];
        make_arguments(fuzz, call, arguments);
        /* Not in a worker: what makes a second thread return here on the same stack, or ends the only one. */
        make_call(fuzz, call->number, arguments);
    }
}

/* clone(2) with a stack of its own: the child calls the function and never returns. */
extern long fuzz_clone(unsigned long flags, void *stack, int *parent, int *child, void *tls, void (*run)(struct fuzz *), struct fuzz *fuzz);
__asm__(".globl fuzz_clone\n"
        "fuzz_clone:\n"
        "  push %rbx\n"
        "  mov 16(%rsp), %rbx\n" /* fuzz */
        "  push %r12\n"
        "  mov %r9, %r12\n"
        "  mov %rcx, %r10\n"
        "  mov $56, %eax\n"
        "  syscall\n"
        "  test %rax, %rax\n"
        "  jz 1f\n"
        "  pop %r12\n"
        "  pop %rbx\n"
        "  ret\n"
        "1: xor %ebp, %ebp\n"
        "  and $-16, %rsp\n"
        "  mov %rbx, %rdi\n"
        "  call *%r12\n"
        "  ud2\n");

static void run_child(struct fuzz *fuzz) {
    fuzz->process = (int32_t)RAW(SYS_getpid);
    fuzz->thread = (int32_t)RAW(SYS_gettid);
    run_calls(fuzz, 1 + (int)draw(fuzz, CALLS_OF_A_CHILD));
    atomic_fetch_sub(&fuzz->slot->children, 1);
    for (;;) RAW(SYS_exit, draw(fuzz, 256));
}

void fork_child(struct fuzz *fuzz, unsigned long flags) {
    if (fuzz->depth >= 3 || atomic_load(&fuzz->slot->children) >= LIVE_CHILDREN) return;
    atomic_fetch_add(&fuzz->slot->children, 1);
    struct fuzz *child;
    unsigned char *stack = NULL;
    if (flags & CLONE_VM) { /* in memory of its own, which goes with the process */
        long at = RAW(SYS_mmap, 0, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (at < 0) {
            atomic_fetch_sub(&fuzz->slot->children, 1);
            return;
        }
        stack = (unsigned char *)at + STACK_BYTES - 1024;
        child = (struct fuzz *)stack;
        stack -= 16;
    } else {
        child = (struct fuzz *)place(fuzz, sizeof *child);
    }
    *child = *fuzz;
    child->depth++;
    child->single = !(flags & CLONE_VM);
    child->random = next_random(&fuzz->random);
    long result = fuzz_clone(flags, stack, (int *)place(fuzz, 8), (int *)place(fuzz, 8), NULL, run_child, child);
    if (result > 0) {
        fuzz->recent[draw(fuzz, COUNT_OF(fuzz->recent))] = (int32_t)result;
    } else {
        atomic_fetch_sub(&fuzz->slot->children, 1);
    }
}

static void run_thread(struct fuzz *fuzz) {
    fuzz->thread = (int32_t)RAW(SYS_gettid);
    run_calls(fuzz, CALLS_OF_A_WORKER);
    for (;;) RAW(SYS_exit, 0);
}

/* fuzz.only=NAME,NAME on the kernel's command line: just these calls, to find the one that does harm. */
static bool wanted(const char *name, const char *only) {
    size_t length = strlen(name);
    for (const char *at = only; (at = strstr(at, name)) != NULL; at += length) {
        if ((at == only || at[-1] == ',') && (at[length] == ',' || at[length] == 0 || at[length] == ' ' || at[length] == '\n')) return true;
    }
    return false;
}

static void choose(void) {
    static char options[2048];
    test_read_file("/proc/cmdline", options, sizeof options);
    const char *only = strstr(options, "fuzz.only=");
    s_only = only != NULL;
    for (size_t i = 0; i < call_count; i++) {
        if (only != NULL && !wanted(calls[i].name, only + 10)) continue;
        for (int k = 0; k < calls[i].weight && s_total_weight < (int)COUNT_OF(s_chosen); k++) s_chosen[s_total_weight++] = (unsigned short)i;
    }
    if (s_total_weight == 0) _exit(TEST_FAILED);
}

static void limit(int resource, rlim_t value) {
    struct rlimit to = {value, value};
    setrlimit(resource, &to);
}

void run_worker(struct board *board, struct slot *slot, uint64_t seed, bool root) {
    slot->process = getpid();
    choose();
    setsid();
    int adjust = open("/proc/self/oom_score_adj", O_WRONLY);
    if (write(adjust, "500", 3) != 3) _exit(TEST_FAILED);
    close(adjust);
    int null = open("/dev/null", O_RDWR);
    for (int i = 0; i < 3; i++) dup2(null, i);
    limit(RLIMIT_AS, 48 << 20);
    limit(RLIMIT_FSIZE, 1 << 20);
    limit(RLIMIT_NOFILE, 66);
    limit(RLIMIT_MEMLOCK, 1 << 20);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NPROC, 400);
    if (!root) {
        if (setgroups(0, NULL) != 0 || setgid(1000) != 0 || setuid(1000) != 0) _exit(TEST_FAILED);
    }
    struct fuzz *first = &s_threads[0];
    for (int i = 0; i < THREADS; i++) {
        s_threads[i] = (struct fuzz){.random = seed + (uint64_t)i * 77, .board = board, .slot = slot, .root = root, .index = i, .process = getpid(), .depth = i == 0 ? 0 : 1};
        s_threads[i].arena = (unsigned char *)(0x10000000L + i * 0x1000000L);
        map_arena(&s_threads[i]);
    }
    first->thread = getpid();
    open_descriptors(first);
    int threads = (int)(seed % THREADS);
    for (int i = 1; i <= threads; i++) {
        unsigned char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        long result = fuzz_clone(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM, stack + STACK_BYTES - 64, NULL, NULL, NULL, run_thread, &s_threads[i]);
        for (int k = 0; k < THREADS; k++) s_threads[k].peers[i] = result > 0 ? (int32_t)result : 0;
    }
    first->single = threads == 0;
    run_calls(first, CALLS_OF_A_WORKER);
    for (;;) RAW(SYS_exit_group, 0);
}
