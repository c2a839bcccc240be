/* Files that are nearly programs: execve(2) refuses them, or runs what there is; the machine goes on, and nothing is left behind. */
#include "test.h"

#include <elf.h>

#define FILE_BYTES 8192

/* A small whole program: exit(7). Text at 0x400000, data behind it. */
struct image {
    Elf64_Ehdr header;
    Elf64_Phdr segments[4];
    unsigned char code[32];
    char interpreter[64];
};

static const unsigned char s_code[] = {0xB8, 60, 0, 0, 0, 0xBF, 7, 0, 0, 0, 0x0F, 0x05}; /* mov $60, %eax; mov $7, %edi; syscall */
static union {
    struct image image;
    unsigned char bytes[FILE_BYTES];
} s_file;
static uint64_t s_random = 1;

static uint64_t draw(void) { /* splitmix64 */
    uint64_t z = s_random += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

static void make_image(bool dynamic) {
    memset(&s_file, 0, sizeof s_file);
    struct image *i = &s_file.image;
    memcpy(i->header.e_ident, ELFMAG, SELFMAG);
    i->header.e_ident[EI_CLASS] = ELFCLASS64, i->header.e_ident[EI_DATA] = ELFDATA2LSB, i->header.e_ident[EI_VERSION] = EV_CURRENT;
    i->header.e_type = ET_EXEC, i->header.e_machine = EM_X86_64, i->header.e_version = EV_CURRENT;
    i->header.e_entry = 0x400000 + offsetof(struct image, code), i->header.e_phoff = offsetof(struct image, segments);
    i->header.e_ehsize = sizeof i->header, i->header.e_phentsize = sizeof(Elf64_Phdr), i->header.e_phnum = 3;
    i->segments[0] = (Elf64_Phdr){PT_LOAD, PF_R | PF_X, 0, 0x400000, 0x400000, 4096, 4096, 4096};
    i->segments[1] = (Elf64_Phdr){PT_LOAD, PF_R | PF_W, 4096, 0x402000, 0x402000, 4096, 20000, 4096};
    i->segments[2] = (Elf64_Phdr){PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 0, 0, 16};
    i->segments[3] = (Elf64_Phdr){PT_INTERP, PF_R, offsetof(struct image, interpreter), 0x400000 + offsetof(struct image, interpreter), 0, sizeof i->interpreter, sizeof i->interpreter, 1};
    if (dynamic) {
        /* The interpreter must lie before what is loaded; it is this file itself. */
        Elf64_Phdr interpreter = i->segments[3];
        i->header.e_phnum = 4;
        i->segments[3] = i->segments[2], i->segments[2] = i->segments[1], i->segments[1] = i->segments[0], i->segments[0] = interpreter;
    }
    strcpy(i->interpreter, "./program");
    i->segments[dynamic ? 0 : 3].p_filesz = sizeof "./program";
    memcpy(i->code, s_code, sizeof s_code);
}

static void write_image(size_t bytes) {
    int file = (int)OK(open("program", O_WRONLY | O_CREAT | O_TRUNC, 0755));
    CHECK_EQ(write(file, &s_file, bytes), (long)bytes);
    OK(close(file));
}

/* Runs the file: its exit status, 1000 + a signal, or 2000 + the errno of execve. */
static int run_for(unsigned seconds) {
    int pipe_ends[2], error = 0, status;
    OK(pipe2(pipe_ends, O_CLOEXEC));
    pid_t child = CHILD(
        alarm(seconds); /* whatever it runs */
        execl("./program", "program", NULL);
        error = errno;
        if (write(pipe_ends[1], &error, sizeof error) != sizeof error) _exit(99));
    OK(close(pipe_ends[1]));
    long got = read(pipe_ends[0], &error, sizeof error);
    OK(close(pipe_ends[0]));
    CHECK_EQ(waitpid(child, &status, 0), child);
    if (got == sizeof error) return 2000 + error;
    return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int run(void) { return run_for(60); }

static void check_error(int found) {
    static const int known[] = {ENOEXEC, ENOMEM, EINVAL, EACCES, ELIBBAD, E2BIG, EFAULT, ENOENT, EIO, ELOOP, ENAMETOOLONG, EISDIR, ENOTDIR, EPERM, EOVERFLOW, EEXIST};
    if (found < 2000) return;
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (found == 2000 + known[i]) return;
    }
    FAIL("execve gave errno %d", found - 2000);
}

static void settle(long *free, long *files) {
    char text[4096];
    int file = open("/proc/sys/vm/drop_caches", O_WRONLY);
    if (file == -1 || write(file, "3", 1) != 1) FAIL("drop_caches: errno %d", errno);
    close(file);
    test_read_file("/proc/sys/fs/file-nr", text, sizeof text);
    *files = atol(text);
    test_read_file("/proc/meminfo", text, sizeof text);
    *free = atol(strstr(text, "MemFree:") + 8);
}

TEST(damaged_programs_are_refused_or_run_and_leave_nothing) {
    static const uint64_t values[] = {0, 1, 2, 3, 7, 0x40, 0xFFF, 0x1000, 0x1001, 0xFFFF, 0x10000, 0x3FFFFF, 0x400000, 0x400FFF, 0x401000, 0x402000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000, 0x40000000000,
        0x7FFFFFFFE000, 0x7FFFFFFFF000, 0x800000000000, 0x8000000000000000, 0xFFFF800000000000, 0xFFFFFFFF80000000, 0xFFFFFFFFFFFFF000, 0xFFFFFFFFFFFFFFFF};
    make_image(false);
    write_image(FILE_BYTES);
    CHECK_EQ(run(), 7);
    long free_before, files_before, free_after, files_after;
    settle(&free_before, &files_before);
    int64_t end = test_now() + 8000000000LL;
    int runs = 0;
    for (; runs < 600 && (runs <= 20 || test_now() < end); runs++) {
        make_image(draw() % 3 == 0);
        for (unsigned changes = 1 + (unsigned)(draw() % 3); changes > 0; changes--) {
            size_t headers = sizeof(Elf64_Ehdr) + 4 * sizeof(Elf64_Phdr), width = (size_t)1 << (draw() % 4), at = draw() % (headers - width) & ~(width - 1);
            uint64_t value = draw() % 3 == 0 ? draw() : values[draw() % COUNT_OF(values)] + draw() % 3 - 1;
            memcpy(s_file.bytes + at, &value, width);
        }
        write_image(draw() % 8 == 0 ? draw() % FILE_BYTES : FILE_BYTES);
        check_error(run_for(2));
    }
    CHECK(runs > 20);
    for (int tries = 0;; tries++) {
        settle(&free_after, &files_after);
        if (free_after >= free_before - 4096 && files_after <= files_before + 32) break;
        if (tries == 1200) FAIL("%d runs: %ld kB free before, %ld kB after; %ld open files before, %ld after", runs, free_before, free_after, files_before, files_after);
        test_sleep_ms(50);
    }
}

TEST(fields_that_contradict_are_enoexec) {
    static const struct {
        size_t at, width;
        uint64_t value;
        const char *what;
    } cases[] = {
        {0, 1, 0x7E, "magic"}, {offsetof(Elf64_Ehdr, e_type), 2, ET_REL, "type"}, {offsetof(Elf64_Ehdr, e_machine), 2, EM_386, "machine"}, {offsetof(Elf64_Ehdr, e_phentsize), 2, 32, "size of program headers"},
        {offsetof(Elf64_Ehdr, e_phnum), 2, 0, "no program headers"}, {offsetof(Elf64_Ehdr, e_phnum), 2, 0xFFFF, "too many program headers"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        make_image(false);
        memcpy(s_file.bytes + cases[i].at, &cases[i].value, cases[i].width);
        write_image(FILE_BYTES);
        int found = run();
        if (found != 2000 + ENOEXEC) FAIL("%s: expected ENOEXEC, found %d", cases[i].what, found);
    }
    make_image(false);
    write_image(40); /* ends within the header */
    CHECK_EQ(run(), 2000 + ENOEXEC);
}

TEST(an_interpreter_that_is_none_is_an_error) {
    make_image(true);
    strcpy(s_file.image.interpreter, "./none");
    s_file.image.segments[0].p_filesz = sizeof "./none";
    write_image(FILE_BYTES);
    CHECK_EQ(run(), 2000 + ENOENT);
    make_image(true);
    strcpy(s_file.image.interpreter, "/tmp");
    s_file.image.segments[0].p_filesz = sizeof "/tmp";
    write_image(FILE_BYTES);
    CHECK_EQ(run(), 2000 + EACCES);
    make_image(true);
    s_file.image.segments[0].p_filesz = 5; /* without its NUL */
    write_image(FILE_BYTES);
    CHECK_EQ(run(), 2000 + ENOEXEC);
    make_image(true);
    s_file.image.segments[0].p_filesz = 1;
    write_image(FILE_BYTES);
    CHECK_EQ(run(), 2000 + ENOEXEC);
}

static void write_script(const char *name, const char *text) {
    int file = (int)OK(open(name, O_WRONLY | O_CREAT | O_TRUNC, 0755));
    CHECK_EQ(write(file, text, strlen(text)), (long)strlen(text));
    OK(close(file));
}

TEST(scripts_of_scripts_end) {
    char text[600];
    write_script("program", "#!./program\n"); /* its own interpreter */
    CHECK_EQ(run(), 2000 + ELOOP);
    write_script("s0", "#!/bin/busybox false\n");
    for (int i = 1; i < 8; i++) {
        char name[8];
        snprintf(name, sizeof name, "s%d", i);
        snprintf(text, sizeof text, "#!./s%d\n", i - 1);
        write_script(name, text);
    }
    write_script("program", "#!./s7\n");
    CHECK_EQ(run(), 2000 + ELOOP);
    write_script("program", "#!./s2\n"); /* few enough */
    CHECK_EQ(run(), 1);
    write_script("program", "#!\n");
    CHECK_EQ(run(), 2000 + ENOEXEC);
    write_script("program", "#!    \n");
    CHECK_EQ(run(), 2000 + ENOEXEC);
    write_script("program", "#!/tmp\n");
    CHECK_EQ(run(), 2000 + EACCES);
    write_script("program", "#!/no/such/interpreter\n");
    CHECK_EQ(run(), 2000 + ENOENT);
    memset(text, 'x', sizeof text - 1);
    memcpy(text, "#!/", 3);
    text[sizeof text - 1] = 0;
    write_script("program", text); /* a name that does not end within what is looked at */
    CHECK_EQ(run(), 2000 + ENOEXEC);
}
