/* The vDSO: found through the auxiliary vector as vdso(7) says, not through the C library. */
#include "test.h"

#include <elf.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <ucontext.h>
#ifdef __GLIBC__
#include <unwind.h>
#endif

typedef int (*clock_function)(clockid_t, struct timespec *);

static int64_t in_ns(struct timespec t) { return t.tv_sec * 1000000000LL + t.tv_nsec; }

static const ElfW(Ehdr) *image(void) {
    const ElfW(Ehdr) *header = (const void *)getauxval(AT_SYSINFO_EHDR);
    if (header == NULL) FAIL("there is no vDSO");
    return header;
}

/* A symbol of the version LINUX_2.6, by the dynamic section. */
static void *find_in(const ElfW(Ehdr) *header, const char *name) {
    uintptr_t base = (uintptr_t)header;
    const ElfW(Phdr) *segments = (const void *)(base + header->e_phoff);
    uintptr_t bias = 0;
    const ElfW(Dyn) *dynamic = NULL;
    bool found = false;
    for (int i = 0; i < header->e_phnum; i++) {
        if (segments[i].p_type == PT_LOAD && !found) {
            bias = base + segments[i].p_offset - segments[i].p_vaddr;
            found = true;
        } else if (segments[i].p_type == PT_DYNAMIC) {
            dynamic = (const void *)(base + segments[i].p_offset);
        }
    }
    CHECK(found && dynamic != NULL);
    const char *strings = NULL;
    const ElfW(Sym) *symbols = NULL;
    const ElfW(Half) *versions = NULL;
    const ElfW(Verdef) *definitions = NULL;
    const ElfW(Word) *hash = NULL;
    uint32_t count = 0;
    for (const ElfW(Dyn) *d = dynamic; d->d_tag != DT_NULL; d++) {
        void *at = (void *)(bias + d->d_un.d_ptr);
        if (d->d_tag == DT_STRTAB) strings = at;
        if (d->d_tag == DT_SYMTAB) symbols = at;
        if (d->d_tag == DT_VERSYM) versions = at;
        if (d->d_tag == DT_VERDEF) definitions = at;
        if (d->d_tag == DT_HASH) hash = at;
    }
    CHECK(strings && symbols && versions && definitions);
    if (hash != NULL) {
        count = hash[1];
    } else {
        /* The symbols end where the strings begin, in every vDSO there is. */
        count = (uint32_t)(((uintptr_t)strings - (uintptr_t)symbols) / sizeof(*symbols));
    }
    for (uint32_t i = 0; i < count; i++) {
        if (symbols[i].st_shndx == SHN_UNDEF || ELF64_ST_TYPE(symbols[i].st_info) != STT_FUNC || strcmp(strings + symbols[i].st_name, name) != 0) continue;
        const ElfW(Verdef) *definition = definitions;
        while ((definition->vd_ndx & 0x7FFF) != (versions[i] & 0x7FFF) && definition->vd_next != 0) definition = (const void *)((const char *)definition + definition->vd_next);
        const ElfW(Verdaux) *version = (const void *)((const char *)definition + definition->vd_aux);
        CHECK_STR(strings + version->vda_name, "LINUX_2.6");
        return (void *)(bias + symbols[i].st_value);
    }
    return NULL;
}

static void *find(const char *name) {
    void *function = find_in(image(), name);
    if (function == NULL) FAIL("%s is not there", name);
    return function;
}

struct area {
    uintptr_t start, end;
    char rights[5];
};

static bool find_area(const char *name, struct area *area) {
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "r");
    CHECK(maps != NULL);
    bool found = false;
    while (!found && fgets(line, sizeof line, maps)) {
        line[strcspn(line, "\n")] = 0;
        char *at = strrchr(line, ' ');
        if (at != NULL && strcmp(at + 1, name) == 0) {
            CHECK_EQ(sscanf(line, "%lx-%lx %4s", &area->start, &area->end, area->rights), 3);
            found = true;
        }
    }
    fclose(maps);
    return found;
}

TEST(each_function_is_there_with_its_version) {
    static const char *const names[] = {"__vdso_clock_gettime", "__vdso_gettimeofday", "__vdso_time", "__vdso_clock_getres", "__vdso_getcpu"};
    for (size_t i = 0; i < COUNT_OF(names); i++) CHECK(find(names[i]) != NULL);
    CHECK(find_in(image(), "__vdso_nothing") == NULL);
    CHECK(memcmp(image()->e_ident, ELFMAG, SELFMAG) == 0);
    CHECK_EQ(image()->e_type, ET_DYN);
}

TEST(its_areas_have_names_and_rights) {
    struct area code, data;
    CHECK(find_area("[vdso]", &code));
    CHECK(find_area("[vvar]", &data));
    CHECK_EQ(code.start, (uintptr_t)image());
    CHECK_STR(code.rights, "r-xp");
    CHECK_STR(data.rights, "r--p");
    CHECK(data.end <= code.start);
}

TEST(clocks_lie_between_two_system_calls) {
    static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME, CLOCK_TAI};
    clock_function read = find("__vdso_clock_gettime");
    for (size_t i = 0; i < COUNT_OF(clocks); i++) {
        for (int round = 0; round < 500; round++) {
            struct timespec before, now, after;
            OK(syscall(SYS_clock_gettime, clocks[i], &before));
            CHECK_EQ(read(clocks[i], &now), 0);
            OK(syscall(SYS_clock_gettime, clocks[i], &after));
            CHECK(now.tv_nsec >= 0 && now.tv_nsec < 1000000000);
            if (in_ns(before) > in_ns(now) || in_ns(now) > in_ns(after)) {
                FAIL("clock %d: %ld, %ld, %ld", clocks[i], (long)in_ns(before), (long)in_ns(now), (long)in_ns(after));
            }
        }
    }
}

TEST(coarse_clocks_are_near) {
    static const clockid_t coarse[] = {CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE}, fine[] = {CLOCK_REALTIME, CLOCK_MONOTONIC};
    clock_function read = find("__vdso_clock_gettime");
    for (size_t i = 0; i < COUNT_OF(coarse); i++) {
        struct timespec before, near, after, resolution;
        OK(syscall(SYS_clock_getres, coarse[i], &resolution));
        for (int tries = 0;; tries++) {
            OK(syscall(SYS_clock_gettime, fine[i], &before));
            CHECK_EQ(read(coarse[i], &near), 0);
            OK(syscall(SYS_clock_gettime, fine[i], &after));
            CHECK(in_ns(near) - in_ns(after) <= in_ns(resolution));
            if (in_ns(before) - in_ns(near) < 100000000) break;
            CHECK(tries < 500); /* the host may let the CPU stand still whose ticks move it */
            test_sleep_ms(20);
        }
    }
}

TEST(other_clocks_ask_the_kernel) {
    clock_function read = find("__vdso_clock_gettime"), resolution = find("__vdso_clock_getres");
    struct timespec now;
    CHECK_EQ(read(CLOCK_PROCESS_CPUTIME_ID, &now), 0);
    CHECK(in_ns(now) > 0);
    CHECK_EQ(read(CLOCK_THREAD_CPUTIME_ID, &now), 0);
    CHECK_EQ(read(CLOCK_BOOTTIME_ALARM, &now) == 0 || errno != 0, 1);
    /* A clock of this process by its number. */
    CHECK_EQ(read((clockid_t)((~0u << 3) | 2), &now), 0);
    CHECK_EQ(read(10, &now), -EINVAL);
    CHECK_EQ(read(12, &now), -EINVAL);
    CHECK_EQ(read(63, &now), -EINVAL);
    CHECK_EQ(read(INT_MAX, &now), -EINVAL);
    CHECK_EQ(resolution(10, &now), -EINVAL);
    CHECK_EQ(resolution(12, NULL), -EINVAL);
    CHECK_EQ(resolution(CLOCK_THREAD_CPUTIME_ID, &now), 0);
}

TEST(resolutions_are_those_of_the_system_call) {
    clock_function resolution = find("__vdso_clock_getres");
    for (clockid_t clock = 0; clock < 12; clock++) {
        struct timespec mine = {-1, -1}, theirs = {-1, -1};
        int result = resolution(clock, &mine);
        CHECK_EQ(result, syscall(SYS_clock_getres, clock, &theirs) == 0 ? 0 : -errno);
        CHECK(in_ns(mine) == in_ns(theirs));
    }
    CHECK_EQ(resolution(CLOCK_MONOTONIC, NULL), 0);
}

TEST(gettimeofday_and_time_agree_with_the_clock) {
    int (*day)(struct timeval *, struct timezone *) = find("__vdso_gettimeofday");
    time_t (*seconds)(time_t *) = find("__vdso_time");
    struct timezone zone = {-1, -1}, theirs = {-2, -2};
    for (int i = 0; i < 200; i++) {
        struct timespec before, after;
        struct timeval now;
        OK(syscall(SYS_clock_gettime, CLOCK_REALTIME, &before));
        CHECK_EQ(day(&now, &zone), 0);
        OK(syscall(SYS_clock_gettime, CLOCK_REALTIME, &after));
        CHECK(now.tv_usec >= 0 && now.tv_usec < 1000000);
        int64_t at = now.tv_sec * 1000000LL + now.tv_usec;
        CHECK(at >= in_ns(before) / 1000 && at <= in_ns(after) / 1000);
        time_t stored = 0, got = seconds(&stored);
        CHECK_EQ(stored, got);
        OK(syscall(SYS_clock_gettime, CLOCK_REALTIME, &after));
        CHECK(got >= now.tv_sec - 1 && got <= after.tv_sec);
    }
    OK(syscall(SYS_gettimeofday, NULL, &theirs));
    CHECK_EQ(zone.tz_minuteswest, theirs.tz_minuteswest);
    CHECK_EQ(zone.tz_dsttime, theirs.tz_dsttime);
    CHECK_EQ(day(NULL, NULL), 0);
    CHECK(seconds(NULL) > 0);
}

TEST(setting_the_clock_is_seen_at_once) {
    clock_function read = find("__vdso_clock_gettime");
    struct timespec old, now, moved;
    OK(clock_gettime(CLOCK_REALTIME, &old));
    moved = (struct timespec){old.tv_sec + 100000, 0};
    OK(clock_settime(CLOCK_REALTIME, &moved));
    CHECK_EQ(read(CLOCK_REALTIME, &now), 0);
    bool seen = now.tv_sec >= old.tv_sec + 100000 && now.tv_sec < old.tv_sec + 101000;
    struct timespec mono, sys;
    CHECK_EQ(read(CLOCK_MONOTONIC, &mono), 0);
    OK(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &sys));
    now.tv_sec -= 100000;
    OK(clock_settime(CLOCK_REALTIME, &now));
    CHECK(seen);
    CHECK(in_ns(sys) - in_ns(mono) >= 0 && in_ns(sys) - in_ns(mono) < 1000000000000LL);
    CHECK_EQ(read(CLOCK_REALTIME, &now), 0);
    CHECK(now.tv_sec < old.tv_sec + 1000);
}

TEST(getcpu_tells_where_the_thread_is) {
    int (*where)(unsigned *, unsigned *, void *) = find("__vdso_getcpu");
    cpu_set_t all, one;
    OK(sched_getaffinity(0, sizeof all, &all));
    for (int i = 0; i < CPU_SETSIZE; i++) {
        if (!CPU_ISSET(i, &all)) continue;
        CPU_ZERO(&one);
        CPU_SET(i, &one);
        OK(sched_setaffinity(0, sizeof one, &one));
        unsigned cpu = 999, node = 999, again = 999;
        CHECK_EQ(where(&cpu, &node, NULL), 0);
        CHECK_EQ(cpu, i);
        CHECK_EQ(node, 0);
        OK(syscall(SYS_getcpu, &again, NULL, NULL));
        CHECK_EQ(again, i);
        CHECK_EQ(sched_getcpu(), i);
        CHECK_EQ(where(NULL, NULL, NULL), 0);
    }
}

/* The time by the vDSO and by the system call in turn, on all CPUs: nobody sees less than anybody has seen before. */
TEST(monotonic_time_never_goes_back_between_cpus_nor_to_the_kernel) {
    clock_function read = find("__vdso_clock_gettime");
    int64_t *last = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cpu_set_t all;
    OK(sched_getaffinity(0, sizeof all, &all));
    pid_t children[8];
    int cpus = CPU_COUNT(&all) > 4 ? 4 : CPU_COUNT(&all), made = 0;
    for (int i = 0; i < cpus * 2; i++) {
        children[made++] = CHILD(cpu_set_t one; CPU_ZERO(&one); CPU_SET(i % cpus, &one); OK(sched_setaffinity(0, sizeof one, &one));
                                 int64_t end = test_now() + 400000000, now = 0; for (unsigned round = 0; now < end; round++) {
            struct timespec t;
            int64_t seen = __atomic_load_n(last, __ATOMIC_SEQ_CST);
            if ((round + (unsigned)i) & 1) CHECK_EQ(read(CLOCK_MONOTONIC, &t), 0);
            else OK(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t));
            now = in_ns(t);
            if (now < seen) FAIL("%ld after %ld", (long)now, (long)seen);
            while (now > seen && !__atomic_compare_exchange_n(last, &seen, now, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {}
        });
    }
    for (int i = 0; i < made; i++) CHECK_EXIT(children[i], 0);
}

static sigjmp_buf s_jump;
static void jump_out(int signal) { siglongjmp(s_jump, signal); }

static int signal_of_write(volatile char *at) {
    struct sigaction action = {.sa_handler = jump_out, .sa_flags = SA_NODEFER};
    OK(sigaction(SIGSEGV, &action, NULL));
    OK(sigaction(SIGBUS, &action, NULL));
    int signal = sigsetjmp(s_jump, 1);
    if (signal == 0) *at = *at;
    return signal;
}

TEST(neither_area_can_be_written) {
    struct area code, data;
    CHECK(find_area("[vdso]", &code) && find_area("[vvar]", &data));
    CHECK_EQ(signal_of_write((char *)code.start), SIGSEGV);
    CHECK_EQ(signal_of_write((char *)data.start), SIGSEGV);
    CHECK_ERRNO(mprotect((void *)data.start, data.end - data.start, PROT_READ | PROT_WRITE), EACCES);
    /* A copy of the code may be changed, as a debugger does: nobody else sees it. */
    pid_t child = CHILD(OK(mprotect((void *)code.start, code.end - code.start, PROT_READ | PROT_WRITE | PROT_EXEC)); ((char *)code.start)[15] = 1; CHECK_EQ(((char *)code.start)[15], 1));
    CHECK_EXIT(child, 0);
    CHECK_EQ(((char *)code.start)[15], 0);
}

TEST(it_is_not_split_nor_grown_and_goes_as_a_whole) {
    struct area code;
    CHECK(find_area("[vdso]", &code));
    size_t bytes = code.end - code.start;
    CHECK_ERRNO(mremap((void *)code.start, bytes, bytes + 4096, MREMAP_MAYMOVE), EFAULT);
    pid_t child = CHILD(OK(munmap((void *)code.start, bytes)); CHECK(!find_area("[vdso]", &code)));
    CHECK_EXIT(child, 0);
}

/* Both areas moved by the same distance work as before. */
TEST(it_works_where_mremap_puts_it) {
    struct area code, data;
    CHECK(find_area("[vdso]", &code) && find_area("[vvar]", &data));
    size_t code_bytes = code.end - code.start, span = code.end - data.start;
    uintptr_t offset = (uintptr_t)find("__vdso_clock_gettime") - code.start;
    char *room = mmap(NULL, span + 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(room != MAP_FAILED);
    char *code_at = room + (code.start - data.start);
    void *moved = mremap((void *)code.start, code_bytes, code_bytes, MREMAP_MAYMOVE | MREMAP_FIXED, code_at);
    CHECK(moved == code_at);
    moved = mremap((void *)data.start, data.end - data.start, data.end - data.start, MREMAP_MAYMOVE | MREMAP_FIXED, room);
    if (moved == MAP_FAILED) SKIP("this kernel does not move [vvar]");
    CHECK(find_area("[vdso]", &code));
    CHECK_EQ(code.start, (uintptr_t)code_at);
    struct timespec now, after;
    CHECK_EQ(((clock_function)(code_at + offset))(CLOCK_MONOTONIC, &now), 0);
    OK(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &after));
    CHECK(in_ns(after) >= in_ns(now) && in_ns(after) - in_ns(now) < 1000000000000LL);
}

TEST(a_child_of_fork_has_it_at_the_same_place) {
    const void *here = image();
    clock_function read = find("__vdso_clock_gettime");
    pid_t child = CHILD(struct area code; struct timespec now; CHECK(find_area("[vdso]", &code)); CHECK_EQ(code.start, (uintptr_t)here); CHECK_EQ(read(CLOCK_REALTIME, &now), 0);
                        CHECK(now.tv_sec > 0));
    CHECK_EXIT(child, 0);
}

int test_helper(int argc, char **argv) {
    (void)argc;
    (void)argv;
    printf("%lx\n", getauxval(AT_SYSINFO_EHDR));
    return 0;
}

TEST(each_program_has_it_elsewhere) {
    unsigned long last = 0;
    int different = 0;
    for (int i = 0; i < 6; i++) {
        char command[256];
        unsigned long at = 0;
        snprintf(command, sizeof command, "%s --helper where", test_program());
        FILE *out = popen(command, "r");
        CHECK(out != NULL && fscanf(out, "%lx", &at) == 1);
        CHECK_EQ(pclose(out), 0);
        CHECK(at != 0);
        different += at != last;
        last = at;
    }
    CHECK(different >= 5);
}

#ifdef __GLIBC__ /* musl brings no unwinder to static programs. */
/* Unwinding out of the vDSO: the fault is inside of it, and the caller is found. */
static volatile int s_frames, s_found, s_inside;
static uintptr_t s_low, s_high;

static _Unwind_Reason_Code count_frame(struct _Unwind_Context *context, void *unused) {
    (void)unused;
    uintptr_t ip = _Unwind_GetIP(context);
    s_frames++;
    s_found |= ip >= s_low && ip < s_high;
    return s_frames > 40 ? _URC_END_OF_STACK : _URC_NO_REASON;
}

static void unwind(int signal, siginfo_t *info, void *context) {
    (void)info;
    ucontext_t *user = context;
    struct area code;
    bool inside = find_area("[vdso]", &code) && (uintptr_t)user->uc_mcontext.gregs[REG_RIP] >= code.start && (uintptr_t)user->uc_mcontext.gregs[REG_RIP] < code.end;
    s_inside = inside;
    s_found = 0;
    _Unwind_Backtrace(count_frame, NULL);
    siglongjmp(s_jump, signal);
}

__attribute__((noinline)) static int call_with_bad_pointer(clock_function read) {
    int result = read(CLOCK_MONOTONIC, (struct timespec *)16);
    __asm__ volatile("" ::: "memory");
    return result + 1;
}

TEST(a_bad_pointer_is_a_fault_that_can_be_unwound) {
    clock_function read = find("__vdso_clock_gettime");
    s_low = (uintptr_t)call_with_bad_pointer;
    s_high = s_low + 256;
    struct sigaction action = {.sa_sigaction = unwind, .sa_flags = SA_SIGINFO | SA_NODEFER};
    OK(sigaction(SIGSEGV, &action, NULL));
    if (sigsetjmp(s_jump, 1) == 0) {
        if (call_with_bad_pointer(read) == 1 - EFAULT) SKIP("this machine's clock is read by the kernel");
        FAIL("it was no fault");
    }
    CHECK(s_inside);
    CHECK(s_found);
}
#endif
