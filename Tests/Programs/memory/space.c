/* The whole address space: stack growth, limits, what /proc/self says, many CPUs at once. */
#include "test.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>

struct area {
    uintptr_t start, end;
    char rights[5], name[256];
    uint64_t offset, inode;
};

static int read_maps(struct area *areas, int limit) {
    static char text[65536];
    test_read_file("/proc/self/maps", text, sizeof text);
    int count = 0;
    char *save = NULL;
    for (char *line = strtok_r(text, "\n", &save); line != NULL && count < limit; line = strtok_r(NULL, "\n", &save)) {
        struct area *area = &areas[count++];
        area->name[0] = 0;
        int fields = sscanf(line, "%lx-%lx %4s %lx %*x:%*x %lu %255[^\n]", &area->start, &area->end, area->rights, &area->offset, &area->inode, area->name);
        if (fields < 5) FAIL("a line of maps that is none: %s", line);
    }
    return count;
}

static const struct area *find(const struct area *areas, int count, const void *address) {
    for (int i = 0; i < count; i++) {
        if (areas[i].start <= (uintptr_t)address && (uintptr_t)address < areas[i].end) return &areas[i];
    }
    return NULL;
}

TEST(maps_lists_the_areas_in_order_with_rights_and_names) {
    static struct area areas[200];
    test_write_file("mapped", "x");
    int file = (int)OK(open("mapped", O_RDONLY)), local = 0;
    char *mapped = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0);
    char *none = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int count = read_maps(areas, 200);
    for (int i = 0; i < count; i++) {
        CHECK(areas[i].start < areas[i].end && areas[i].start % 4096 == 0 && areas[i].end % 4096 == 0);
        CHECK(i == 0 || areas[i - 1].end <= areas[i].start);
    }
    const struct area *stack = find(areas, count, &local), *code = find(areas, count, (void *)&read_maps), *shared = find(areas, count, mapped);
    CHECK(stack != NULL && code != NULL && shared != NULL);
    CHECK_STR(stack->name, "[stack]");
    CHECK_STR(stack->rights, "rw-p");
    CHECK_STR(code->rights, "r-xp");
    CHECK_STR(code->name, test_program());
    CHECK_STR(shared->rights, "r--s");
    CHECK_STR(shared->name, "/tmp/work/mapped");
    struct stat about;
    OK(fstat(file, &about));
    CHECK_EQ(shared->inode, about.st_ino);
    CHECK_STR(find(areas, count, none)->rights, "---p");
    OK(unlink("mapped"));
    count = read_maps(areas, 200);
    CHECK_STR(find(areas, count, mapped)->name, "/tmp/work/mapped (deleted)");
    OK(munmap(none, 8192));
    count = read_maps(areas, 200);
    CHECK(find(areas, count, none) == NULL);
}

TEST(nothing_is_writable_and_executable) {
    static struct area areas[200];
    int count = read_maps(areas, 200);
    for (int i = 0; i < count; i++) CHECK(areas[i].rights[1] != 'w' || areas[i].rights[2] != 'x');
}

TEST(neighbours_with_equal_rights_merge_and_changes_split) {
    static struct area areas[200];
    char *memory = mmap(NULL, 10 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    OK(mprotect(memory, 10 * 4096, PROT_NONE)); /* unlike all neighbours */
    OK(mprotect(memory + 4 * 4096, 4096, PROT_READ));
    int count = read_maps(areas, 200);
    CHECK_EQ(find(areas, count, memory + 4 * 4096)->end - find(areas, count, memory + 4 * 4096)->start, 4096);
    OK(mprotect(memory + 4 * 4096, 4096, PROT_NONE));
    count = read_maps(areas, 200);
    const struct area *whole = find(areas, count, memory);
    CHECK(whole->start <= (uintptr_t)memory && whole->end >= (uintptr_t)memory + 10 * 4096);
}

static long long status_field(const char *name) {
    static char text[8192];
    test_read_file("/proc/self/status", text, sizeof text);
    char *at = strstr(text, name);
    CHECK(at != NULL);
    return strtoll(at + strlen(name), NULL, 10);
}

TEST(resident_memory_follows_touches) {
    long long before = status_field("VmRSS:"), size = status_field("VmSize:");
    char *memory = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK_EQ(status_field("VmSize:") - size, 8 << 10);
    CHECK(status_field("VmRSS:") - before < 1024);
    memset(memory, 1, 8 << 20);
    CHECK(status_field("VmRSS:") - before >= 8 << 10);
    OK(munmap(memory, 8 << 20));
    CHECK(status_field("VmRSS:") - before < 1024);
    CHECK(status_field("VmHWM:") - before >= 8 << 10);
}

static int deep(int bytes, volatile char *previous) {
    volatile char block[4096];
    block[0] = (char)(previous == NULL ? 0 : previous[0] + 1);
    return bytes <= 0 ? block[0] : deep(bytes - 4096, block) + (block[0] & 0);
}

TEST(the_stack_grows_to_its_limit_and_not_beyond) {
    struct rlimit limit = {4 << 20, RLIM_INFINITY};
    OK(setrlimit(RLIMIT_STACK, &limit));
    CHECK_EXIT(CHILD(deep(3 << 20, NULL)), 0);
    CHECK_KILLED(CHILD(deep(5 << 20, NULL)), SIGSEGV);
    limit.rlim_cur = 16 << 20; /* the limit is looked at when the stack grows */
    OK(setrlimit(RLIMIT_STACK, &limit));
    CHECK_EXIT(CHILD(deep(12 << 20, NULL)), 0);
}

TEST(a_touch_far_below_the_stack_within_the_limit_grows_it) {
    volatile char local = 0;
    volatile char *far = &local - (2 << 20);
    *far = 3;
    CHECK_EQ(*far, 3);
}

TEST(an_address_space_limit_holds) {
    struct rlimit limit = {64 << 20, 64 << 20};
    OK(setrlimit(RLIMIT_AS, &limit));
    CHECK_ERRNO((long)mmap(NULL, 128 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
    void *memory = mmap(NULL, 16 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    CHECK_ERRNO((long)mremap(memory, 16 << 20, 100 << 20, MREMAP_MAYMOVE), ENOMEM);
    OK(munmap(memory, 16 << 20));
}

TEST(addresses_differ_from_run_to_run) {
    uintptr_t seen[8];
    int different = 0;
    for (int i = 0; i < 8; i++) {
        int ends[2];
        OK(pipe(ends));
        CHECK_EXIT(CHILD(OK(dup2(ends[1], 1)); execl(test_program(), test_program(), "--helper", "stack-address", (char *)NULL); _exit(9)), 0);
        CHECK_EQ(read(ends[0], &seen[i], sizeof seen[i]), sizeof seen[i]);
        for (int j = 0; j < i; j++) different += seen[i] != seen[j];
    }
    CHECK(different > 20);
}

int test_helper(int argc, char **argv) {
    uintptr_t address = (uintptr_t)&argc;
    if (strcmp(argv[0], "stack-address") != 0) return 2;
    return write(1, &address, sizeof address) == sizeof address ? 0 : 1;
}

static char *s_memory;
static volatile int s_stop;
static sigjmp_buf s_back;

static void go_back(int number) {
    (void)number;
    siglongjmp(s_back, 1);
}

static void *touch(void *unused) {
    (void)unused;
    while (!__atomic_load_n(&s_stop, __ATOMIC_ACQUIRE)) {
        for (int i = 0; i < 32; i++) __atomic_add_fetch((int *)(s_memory + i * 4096), 1, __ATOMIC_RELAXED);
    }
    return NULL;
}

TEST(threads_fault_the_same_pages_at_the_same_time) {
    pthread_t threads[3];
    s_memory = mmap(NULL, 32 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 3; i++) CHECK_EQ(pthread_create(&threads[i], NULL, touch, NULL), 0);
    for (int round = 0; round < 100; round++) {
        OK(madvise(s_memory, 32 * 4096, MADV_DONTNEED));
        sched_yield();
    }
    s_stop = 1;
    for (int i = 0; i < 3; i++) CHECK_EQ(pthread_join(threads[i], NULL), 0);
}

TEST(forks_beside_writing_threads_see_whole_words) {
    pthread_t threads[2];
    s_memory = mmap(NULL, 32 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 2; i++) CHECK_EQ(pthread_create(&threads[i], NULL, touch, NULL), 0);
    for (int round = 0; round < 30; round++) {
        /* A child's memory stands still, though the parent's threads write on. */
        CHECK_EXIT(CHILD(int sum = 0; for (int i = 0; i < 32; i++) sum += *(volatile int *)(s_memory + i * 4096); sched_yield();
                         for (int i = 0; i < 32; i++) sum -= *(volatile int *)(s_memory + i * 4096); CHECK_EQ(sum, 0)), 0);
    }
    s_stop = 1;
    for (int i = 0; i < 2; i++) CHECK_EQ(pthread_join(threads[i], NULL), 0);
}

static void *check_revoked(void *unused) {
    (void)unused;
    /* Reads until the page is gone: every CPU must see the unmapping. */
    struct sigaction action = {.sa_handler = go_back};
    sigaction(SIGSEGV, &action, NULL);
    if (sigsetjmp(s_back, 1) == 0) {
        for (;;) (void)*(volatile char *)s_memory;
    }
    return (void *)1;
}

TEST(an_unmapped_page_is_gone_on_every_cpu) {
    for (int round = 0; round < 20; round++) {
        pthread_t thread;
        void *result;
        s_memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        s_memory[0] = 1;
        CHECK_EQ(pthread_create(&thread, NULL, check_revoked, NULL), 0);
        test_sleep_ms(2);
        OK(munmap(s_memory, 4096));
        CHECK_EQ(pthread_join(thread, &result), 0);
        CHECK(result == (void *)1);
    }
}

TEST(a_thousand_areas_come_and_go) {
    static char *areas[1000];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 1000; i++) {
            areas[i] = mmap(NULL, 2 * 4096, i % 2 ? PROT_READ | PROT_WRITE : PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            CHECK(areas[i] != MAP_FAILED);
            if (i % 2) areas[i][0] = (char)i;
        }
        for (int i = 1; i < 1000; i += 2) CHECK_EQ(areas[i][0], (char)i);
        for (int i = 999; i >= 0; i--) OK(munmap(areas[i], 2 * 4096));
    }
}

TEST(memfd_is_memory_with_a_descriptor_and_takes_seals) {
    int file = (int)OK(syscall(SYS_memfd_create, "name", 1 | 2 /* MFD_CLOEXEC | MFD_ALLOW_SEALING */));
    OK(ftruncate(file, 8192));
    char *memory = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    CHECK_EXIT(CHILD(strcpy(memory, "child")), 0);
    CHECK_STR(memory, "child");
    CHECK_ERRNO(fcntl(file, 1033 /* F_ADD_SEALS */, 8 /* F_SEAL_WRITE */), EBUSY);
    OK(munmap(memory, 8192));
    OK(fcntl(file, 1033, 8 | 2 | 4)); /* write, shrink, grow */
    CHECK_EQ(OK(fcntl(file, 1034 /* F_GET_SEALS */)), 14);
    CHECK_ERRNO(write(file, "x", 1), EPERM);
    CHECK_ERRNO(ftruncate(file, 4096), EPERM);
    CHECK_ERRNO(ftruncate(file, 10000), EPERM);
    CHECK_ERRNO((long)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), EPERM);
    CHECK_ERRNO(syscall(SYS_memfd_create, "name", 0x1000), EINVAL);
}
