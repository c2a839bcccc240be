/* The fuzzer of system calls: docs/robustness.md. Nothing in a worker uses the C library's state, since a fuzzed call may take it away. */
#ifndef FUZZ_H
#define FUZZ_H

#include "test.h"

#include <stdatomic.h>

#define RING 64            /* calls that are kept of each worker */
#define MAX_WORKERS 32
#define THREADS 3          /* of a worker */
#define ARENA_PAGES 16     /* of a thread, for what pointers point to */
#define LIVE_CHILDREN 24   /* of a worker */
#define PAGE 4096UL

/* A call as it was made; the result is IN_CALL until it returns. */
struct record {
    uint64_t number, arguments[6];
    int64_t result;
    int32_t process, thread;
};
#define IN_CALL INT64_C(0x7FFFFFFFFFFFFFFF)

/* What a worker shares with the supervisor. */
struct slot {
    _Atomic uint64_t calls;   /* made so far; its rise is the sign of life */
    _Atomic uint32_t next;    /* in the ring */
    _Atomic int32_t children; /* forked and not ended by themselves */
    int32_t process;
    uint64_t seed;
    struct record ring[RING];
};

/* What all processes share. */
struct board {
    int32_t supervisor;
    _Atomic uint32_t seen[512]; /* calls by number, and how many of them succeeded */
    _Atomic uint32_t succeeded[512];
    struct slot slots[MAX_WORKERS];
};

/* One thread of the fuzzer. */
struct fuzz {
    uint64_t random;
    struct board *board;
    struct slot *slot;
    unsigned char *arena;
    bool root, single; /* single: the only thread of its process */
    int depth, index;
    int32_t process, thread, recent[4]; /* children */
    int32_t peers[THREADS];
};

/* A system call and the kinds of its arguments (arguments.c); lists are the values of the kinds 1 to 3 (any of them, or-ed) and ! @ # (one of them). */
struct call {
    long number;
    const char *name, *kinds;
    const long *lists[3];
    int weight;
};
#define LIST_END (-0x7777777777L)
extern const struct call calls[];
extern const size_t call_count;

/* The call, with no state of the C library touched: a negative errno on error. */
static inline long raw(long number, long a, long b, long c, long d, long e, long f) {
    register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
    return result;
}
#define RAW(number, ...) RAW_(number, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define RAW_(number, a, b, c, d, e, f, ...) raw(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

static inline uint64_t next_random(uint64_t *state) { /* splitmix64 */
    uint64_t z = *state += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}
static inline uint64_t draw(struct fuzz *fuzz, uint64_t below) { return next_random(&fuzz->random) % below; }
static inline bool chance(struct fuzz *fuzz, unsigned percent) { return draw(fuzz, 100) < percent; }

/* arguments.c: the value of an argument; what is wrong for the run itself is replaced. */
void make_arguments(struct fuzz *fuzz, const struct call *call, long arguments[6]);
unsigned char *place(struct fuzz *fuzz, size_t bytes);
char *make_path(struct fuzz *fuzz, bool changes);
int any_descriptor(struct fuzz *fuzz);

/* worker.c */
long make_call(struct fuzz *fuzz, long number, const long arguments[6]);
void map_arena(struct fuzz *fuzz);
void run_calls(struct fuzz *fuzz, int count);
__attribute__((noreturn)) void run_worker(struct board *board, struct slot *slot, uint64_t seed, bool root);

/* A child of this one, with the flags of clone(2), that makes some calls and ends. */
void fork_child(struct fuzz *fuzz, unsigned long flags);

/* actions.c: several calls that belong together. */
void act(struct fuzz *fuzz);
void open_descriptors(struct fuzz *fuzz);

/* counts.c: what the kernel has in use. */
enum { COUNT_TASKS, COUNT_FILES, COUNT_LOCKS, COUNT_MOUNTS, COUNT_SIGNALS, COUNT_TABLES, COUNT_STACKS, COUNT_ANONYMOUS, COUNT_SHARED, COUNT_USED, COUNTS };
struct counts {
    long value[COUNTS];
};
void count_all(struct counts *counts);
/* Says what is more than before by more than the tolerance; false when something is. */
bool compare_counts(const struct counts *before, const struct counts *after, bool print);
void print_counts(const char *when, const struct counts *counts);
void print_places(void);
void remove_ipc(void);

#endif
