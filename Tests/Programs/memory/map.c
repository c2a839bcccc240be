/* mmap, munmap, mprotect, mremap, brk, madvise and faults. */
#include "test.h"

#include <setjmp.h>
#include <sys/uio.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif
#ifndef MADV_COLD
#define MADV_COLD 20
#endif

static sigjmp_buf s_back;
static siginfo_t s_info;

static void keep_fault(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)context;
    s_info = *info;
    siglongjmp(s_back, 1);
}

static int fault_of(volatile char *address, bool write) {
    struct sigaction action = {.sa_sigaction = keep_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    if (sigsetjmp(s_back, 1) != 0) return s_info.si_signo;
    if (write) {
        *address = 1;
    } else {
        (void)*address;
    }
    return 0;
}

static char *map(size_t bytes, int protection, int flags) {
    char *address = mmap(NULL, bytes, protection, flags | MAP_ANONYMOUS, -1, 0);
    CHECK(address != MAP_FAILED);
    return address;
}

TEST(anonymous_memory_is_zero_and_writable) {
    char *memory = map(1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    CHECK_EQ((uintptr_t)memory % 4096, 0);
    for (int i = 0; i < 1 << 20; i += 512) CHECK_EQ(memory[i], 0);
    for (int i = 0; i < 1 << 20; i += 4096) memory[i] = (char)(i >> 12);
    for (int i = 0; i < 1 << 20; i += 4096) CHECK_EQ(memory[i], (char)(i >> 12));
    OK(munmap(memory, 1 << 20));
    CHECK_EQ(fault_of(memory, false), SIGSEGV);
    CHECK_EQ(s_info.si_code, SEGV_MAPERR);
}

TEST(reading_first_and_writing_then_gives_an_own_page) {
    volatile char *memory = map(8192, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    CHECK_EQ(memory[0] + memory[4096], 0);
    memory[0] = 5;
    CHECK_EQ(memory[4096], 0);
    volatile char *other = map(4096, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    CHECK_EQ(other[0], 0);
}

TEST(fork_copies_on_write_in_both_directions) {
    struct gate to_child = gate_make(), to_parent = gate_make();
    char *memory = map(64 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    for (int i = 0; i < 64; i++) memory[i * 4096] = 1;
    pid_t child = CHILD(for (int i = 0; i < 64; i += 2) memory[i * 4096] = 2; gate_open(to_parent); gate_wait(to_child); for (int i = 0; i < 64; i++) {
        CHECK_EQ(memory[i * 4096], i % 2 == 0 ? 2 : 1);
    });
    gate_wait(to_parent);
    for (int i = 0; i < 64; i++) CHECK_EQ(memory[i * 4096], 1);
    for (int i = 1; i < 64; i += 2) memory[i * 4096] = 3;
    gate_open(to_child);
    CHECK_EXIT(child, 0);
    for (int i = 0; i < 64; i++) CHECK_EQ(memory[i * 4096], i % 2 == 0 ? 1 : 3);
}

TEST(grandchildren_share_pages_until_someone_writes) {
    volatile int *memory = (volatile int *)map(4096, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    *memory = 1;
    pid_t child = CHILD(pid_t grandchild = CHILD(CHECK_EQ(*memory, 1); *memory = 3); CHECK_EXIT(grandchild, 0); CHECK_EQ(*memory, 1); *memory = 2; CHECK_EQ(*memory, 2));
    CHECK_EXIT(child, 0);
    CHECK_EQ(*memory, 1);
}

TEST(shared_anonymous_memory_is_seen_by_both) {
    volatile int *memory = (volatile int *)map(16384, PROT_READ | PROT_WRITE, MAP_SHARED);
    pid_t child = CHILD(memory[0] = 7; memory[3000] = 8);
    CHECK_EXIT(child, 0);
    CHECK_EQ(memory[0], 7);
    CHECK_EQ(memory[3000], 8); /* even a page that nobody had touched before fork */
}

TEST(a_shared_file_mapping_and_the_file_are_one) {
    int file = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    OK(ftruncate(file, 8192));
    char *shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), text[8] = "";
    char *again = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 4096);
    strcpy(shared + 4096, "memory");
    CHECK_STR(again, "memory");
    CHECK_EQ(pread(file, text, 7, 4096), 7);
    CHECK_STR(text, "memory");
    CHECK_EQ(pwrite(file, "file", 5, 0), 5);
    CHECK_STR(shared, "file");
    CHECK_EXIT(CHILD(strcpy(shared, "child")), 0);
    CHECK_EQ(pread(file, text, 6, 0), 6);
    CHECK_STR(text, "child");
    OK(msync(shared, 8192, MS_SYNC));
    CHECK_ERRNO(msync(shared, 8192, MS_SYNC | MS_ASYNC), EINVAL);
    CHECK_ERRNO(msync(shared + 1, 8192, MS_SYNC), EINVAL);
    OK(close(file));
    OK(unlink("f"));
    strcpy(shared, "alive");
    CHECK_STR(shared, "alive");
    OK(munmap(shared, 8192));
}

TEST(a_private_file_mapping_keeps_its_writes) {
    test_write_file("f", "original");
    int file = (int)OK(open("f", O_RDONLY));
    char *private = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0), text[16];
    CHECK_STR(private, "original");
    private[0] = 'X';
    CHECK_STR(private, "Xriginal");
    test_read_file("f", text, sizeof text);
    CHECK_STR(text, "original");
    CHECK_EXIT(CHILD(CHECK_STR(private, "Xriginal"); private[1] = 'Y'), 0);
    CHECK_STR(private, "Xriginal");
}

TEST(mapping_errors) {
    test_write_file("f", "x");
    int reader = (int)OK(open("f", O_RDONLY)), writer = (int)OK(open("f", O_WRONLY));
    struct gate gate = gate_make();
    CHECK_ERRNO((long)mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), EINVAL);
    CHECK_ERRNO((long)mmap(NULL, 4096, PROT_READ, MAP_ANONYMOUS, -1, 0), EINVAL);
    CHECK_ERRNO((long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, -1, 0), EBADF);
    CHECK_ERRNO(syscall(SYS_mmap, 0, 4096, PROT_READ, MAP_PRIVATE, reader, 100), EINVAL);
    CHECK_ERRNO((long)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, reader, 0), EACCES);
    CHECK_ERRNO((long)mmap(NULL, 4096, PROT_READ, MAP_SHARED, writer, 0), EACCES);
    CHECK_ERRNO((long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, gate.read, 0), ENODEV);
    CHECK_ERRNO((long)mmap(NULL, (size_t)1 << 47, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
    CHECK_ERRNO((long)mmap((void *)0xFFFFFFFF80000000, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), ENOMEM);
    CHECK_ERRNO((long)mmap((void *)123, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), EINVAL);
    CHECK_ERRNO(munmap((void *)123, 4096), EINVAL);
    CHECK_ERRNO(munmap((void *)4096, 0), EINVAL);
    OK(munmap((void *)0x10000000, 4096)); /* nothing there: no error */
    /* A shared mapping of a file opened for reading cannot be made writable later. */
    char *shared = mmap(NULL, 4096, PROT_READ, MAP_SHARED, reader, 0);
    CHECK_ERRNO(mprotect(shared, 4096, PROT_READ | PROT_WRITE), EACCES);
}

TEST(fixed_replaces_and_noreplace_refuses) {
    char *memory = map(3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    memset(memory, 1, 3 * 4096);
    char *middle = mmap(memory + 4096, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    CHECK(middle == memory + 4096);
    CHECK_EQ(memory[4095] + memory[4096] + memory[8192], 2);
    CHECK_ERRNO((long)mmap(memory + 8192, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
    OK(munmap(memory + 4096, 4096));
    middle = mmap(memory + 4096, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    CHECK(middle == memory + 4096);
    OK(munmap(memory + 4096, 4096));
    middle = mmap(memory + 4096, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); /* a hint that is free is taken */
    CHECK(middle == memory + 4096);
    CHECK_EQ(memory[0] + memory[8192], 2);
}

TEST(a_hole_in_the_middle_leaves_both_sides) {
    char *memory = map(5 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    memset(memory, 9, 5 * 4096);
    OK(munmap(memory + 2 * 4096, 4096));
    CHECK_EQ(memory[0] + memory[2 * 4096 - 1] + memory[3 * 4096], 27);
    CHECK_EQ(fault_of(memory + 2 * 4096, false), SIGSEGV);
    CHECK_ERRNO(mprotect(memory, 5 * 4096, PROT_READ), ENOMEM);
    OK(munmap(memory, 5 * 4096));
    CHECK_EQ(fault_of(memory, false), SIGSEGV);
}

TEST(mprotect_changes_rights_at_once_and_keeps_the_contents) {
    char *memory = map(3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    memset(memory, 4, 3 * 4096);
    OK(mprotect(memory + 4096, 4096, PROT_READ));
    CHECK_EQ(fault_of(memory + 4096, true), SIGSEGV);
    CHECK_EQ(s_info.si_code, SEGV_ACCERR);
    CHECK_EQ(fault_of(memory, true), 0);
    CHECK_EQ(fault_of(memory + 8192, true), 0);
    OK(mprotect(memory, 3 * 4096, PROT_NONE));
    CHECK_EQ(fault_of(memory, false), SIGSEGV);
    OK(mprotect(memory, 3 * 4096, PROT_READ | PROT_WRITE));
    CHECK_EQ(memory[4096], 4);
    memory[4096] = 5;
    CHECK_ERRNO(syscall(SYS_mprotect, memory + 1, 4096, PROT_READ), EINVAL);
    CHECK_ERRNO(mprotect(memory, 4096, 0x100), EINVAL);
    OK(mprotect(memory + 1 - 1, 0, PROT_READ));
}

TEST(writing_after_mprotect_does_not_break_copy_on_write) {
    char *memory = map(4096, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    memory[0] = 1;
    CHECK_EXIT(CHILD(OK(mprotect(memory, 4096, PROT_READ)); OK(mprotect(memory, 4096, PROT_READ | PROT_WRITE)); memory[0] = 2), 0);
    CHECK_EQ(memory[0], 1);
    volatile char *zero = map(4096, PROT_READ, MAP_PRIVATE);
    CHECK_EQ(zero[0], 0); /* the zero page */
    OK(mprotect((void *)zero, 4096, PROT_READ | PROT_WRITE));
    zero[0] = 3;
    volatile char *other = map(4096, PROT_READ, MAP_PRIVATE);
    CHECK_EQ(other[0], 0);
}

TEST(code_can_be_made_and_run) {
    char *memory = map(4096, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    memcpy(memory, "\xb8\x2a\x00\x00\x00\xc3", 6); /* mov eax, 42; ret */
    OK(mprotect(memory, 4096, PROT_READ | PROT_EXEC));
    CHECK_EQ(((int (*)(void))memory)(), 42);
    OK(mprotect(memory, 4096, PROT_READ | PROT_WRITE));
    memory[1] = 43;
    OK(mprotect(memory, 4096, PROT_READ | PROT_EXEC));
    CHECK_EQ(((int (*)(void))memory)(), 43);
}

TEST(mremap_shrinks_grows_and_moves) {
    char *memory = map(4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    memset(memory, 6, 4 * 4096);
    CHECK(mremap(memory, 4 * 4096, 2 * 4096, 0) == memory);
    CHECK_EQ(fault_of(memory + 2 * 4096, false), SIGSEGV);
    CHECK(mremap(memory, 2 * 4096, 3 * 4096, 0) == memory); /* there is room again */
    CHECK_EQ(memory[2 * 4096] + memory[0], 6);
    char *wall = mmap(memory + 3 * 4096, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    CHECK(wall == memory + 3 * 4096);
    CHECK_ERRNO((long)mremap(memory, 3 * 4096, 100 * 4096, 0), ENOMEM);
    char *moved = mremap(memory, 3 * 4096, 100 * 4096, MREMAP_MAYMOVE);
    CHECK(moved != MAP_FAILED && moved != memory);
    CHECK_EQ(moved[0] + moved[2 * 4096 - 1] + moved[99 * 4096], 12);
    CHECK_EQ(fault_of(memory, false), SIGSEGV);
    char *target = map(8 * 4096, PROT_READ, MAP_PRIVATE);
    CHECK(mremap(moved, 2 * 4096, 2 * 4096, MREMAP_MAYMOVE | MREMAP_FIXED, target + 4096) == target + 4096);
    CHECK_EQ(target[4096], 6);
    CHECK_EQ(target[0], 0);
    CHECK_ERRNO((long)mremap(target + 1, 4096, 8192, MREMAP_MAYMOVE), EINVAL);
    CHECK_ERRNO((long)mremap(target, 4096, 0, MREMAP_MAYMOVE), EINVAL);
    CHECK_ERRNO((long)mremap((void *)0x10000000, 4096, 8192, MREMAP_MAYMOVE), EFAULT);
    CHECK_ERRNO((long)mremap(target, 4096, 4096, MREMAP_FIXED, target + 4096), EINVAL);
    CHECK_ERRNO((long)mremap(target, 8192, 8192, MREMAP_MAYMOVE | MREMAP_FIXED, target + 4096), EINVAL);
}

TEST(mremap_of_a_shared_mapping_with_old_size_zero_doubles_it) {
    char *memory = map(8192, PROT_READ | PROT_WRITE, MAP_SHARED);
    memory[1] = 'a';
    char *twin = mremap(memory, 0, 8192, MREMAP_MAYMOVE);
    CHECK(twin != MAP_FAILED && twin != memory);
    twin[4096] = 'b';
    CHECK_EQ(twin[1], 'a');
    CHECK_EQ(memory[4096], 'b');
}

TEST(brk_grows_and_shrinks_the_heap) {
    char *start = (char *)syscall(SYS_brk, 0);
    CHECK_EQ(syscall(SYS_brk, start + 100000), (uintptr_t)start + 100000);
    start[99999] = 1;
    CHECK_EQ(start[50000], 0);
    start[50000] = 7;
    CHECK_EQ(syscall(SYS_brk, start), (uintptr_t)start);
    char *page = (char *)(((uintptr_t)start + 4095) & ~4095UL) + 4096;
    CHECK_EQ(fault_of(page, false), SIGSEGV);
    CHECK_EQ(syscall(SYS_brk, start + 100000), (uintptr_t)start + 100000);
    CHECK_EQ(start[50000], 0); /* fresh memory */
    CHECK_EQ(syscall(SYS_brk, 4096), (uintptr_t)start + 100000); /* below the program: nothing happens */
    CHECK_EQ(syscall(SYS_brk, 0x7FFFFFFFF000), (uintptr_t)start + 100000);
    struct rlimit limit = {1 << 20, 1 << 20};
    OK(setrlimit(RLIMIT_DATA, &limit));
    CHECK_EQ(syscall(SYS_brk, start + (64 << 20)), (uintptr_t)start + 100000);
}

TEST(dontneed_gives_zeros_back_and_keeps_files) {
    char *memory = map(3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    memset(memory, 1, 3 * 4096);
    OK(madvise(memory + 4096, 4096, MADV_DONTNEED));
    CHECK_EQ(memory[0] + memory[4096] + memory[8192], 2);
    test_write_file("f", "text");
    int file = (int)OK(open("f", O_RDWR));
    char *private = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    private[0] = 'X';
    OK(madvise(private, 4096, MADV_DONTNEED));
    CHECK_STR(private, "text");
    OK(madvise(memory, 4096, MADV_WILLNEED));
    OK(madvise(memory, 4096, MADV_NORMAL));
    OK(madvise(memory, 4096, MADV_SEQUENTIAL));
    CHECK_ERRNO(madvise(memory, 4096, 12345), EINVAL);
    CHECK_ERRNO(madvise(memory + 1, 4096, MADV_NORMAL), EINVAL);
    OK(munmap(memory + 4096, 4096));
    CHECK_ERRNO(madvise(memory, 3 * 4096, MADV_DONTNEED), ENOMEM);
    CHECK_EQ(memory[8192], 0); /* the rest was done all the same */
}

TEST(dontfork_and_wipeonfork) {
    char *gone = map(4096, PROT_READ | PROT_WRITE, MAP_PRIVATE), *wiped = map(4096, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    gone[0] = 1;
    wiped[0] = 2;
    OK(madvise(gone, 4096, 10 /* MADV_DONTFORK */));
    OK(madvise(wiped, 4096, 18 /* MADV_WIPEONFORK */));
    CHECK_EXIT(CHILD(CHECK_EQ(wiped[0], 0); CHECK_EQ(fault_of(gone, false), SIGSEGV)), 0);
    CHECK_EQ(gone[0] + wiped[0], 3);
}

TEST(truncating_a_mapped_file_takes_its_pages_away) {
    int file = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    OK(ftruncate(file, 3 * 4096));
    char *memory = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    char *private = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    memset(memory, 1, 3 * 4096);
    private[8192] = 2;
    OK(ftruncate(file, 4096 + 10));
    CHECK_EQ(fault_of(memory + 8192, false), SIGBUS);
    CHECK_EQ(s_info.si_code, BUS_ADRERR);
    CHECK_EQ(fault_of(private + 8192, false), SIGBUS); /* private copies go, too */
    CHECK_EQ(memory[4096 + 9], 1);
    CHECK_EQ(memory[4096 + 10], 0);
    OK(ftruncate(file, 3 * 4096));
    CHECK_EQ(memory[8192], 0);
}

TEST(a_system_call_on_a_bad_page_is_efault_not_a_signal) {
    struct gate gate = gate_make();
    char *memory = map(8192, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    OK(mprotect(memory + 4096, 4096, PROT_NONE));
    CHECK_ERRNO(write(gate.write, memory + 4096, 1), EFAULT);
    gate_open(gate);
    CHECK_ERRNO(read(gate.read, memory + 4096, 1), EFAULT);
    OK(mprotect(memory, 4096, PROT_READ));
    int file = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    CHECK_EQ(write(file, memory, 8192), 4096); /* up to the bad page */
}

TEST(system_calls_see_lazy_and_copied_pages) {
    char *memory = map(16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    int zero = (int)OK(open("/dev/zero", O_RDONLY)), file = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    CHECK_EQ(read(zero, memory, 16 * 4096), 16 * 4096); /* pages that nobody touched */
    memset(memory, 'm', 16 * 4096);
    CHECK_EXIT(CHILD(CHECK_EQ(read(zero, memory, 16 * 4096), 16 * 4096); CHECK_EQ(memory[5000], 0)), 0);
    CHECK_EQ(memory[5000], 'm'); /* the kernel's write broke the sharing */
    CHECK_EQ(write(file, memory, 16 * 4096), 16 * 4096);
}

TEST_LATER(process_vm_readv_and_writev_reach_a_child) {
    volatile char *memory = map(8192, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    struct gate gate = gate_make();
    memory[0] = 'p';
    pid_t child = CHILD(memory[0] = 'c'; memory[4096] = 'd'; gate_open(gate); while (memory[1] == 0) test_sleep_ms(1); _exit(memory[1]));
    gate_wait(gate);
    char text[8192];
    struct iovec local = {text, sizeof text}, remote = {(void *)memory, 8192};
    CHECK_EQ((syscall(SYS_process_vm_readv, child, &local, 1, &remote, 1, 0)), 8192);
    CHECK_EQ(text[0], 'c');
    CHECK_EQ(text[4096], 'd');
    text[0] = 9;
    local.iov_len = 1;
    remote = (struct iovec){(void *)(memory + 1), 1};
    CHECK_EQ((syscall(SYS_process_vm_writev, child, &local, 1, &remote, 1, 0)), 1);
    CHECK_EXIT(child, 9);
    CHECK_EQ(memory[0], 'p');
}
