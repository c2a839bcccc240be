/* Flags of mmap, mremap, msync, madvise, mprotect and memory files. */
#include "test.h"

#include <setjmp.h>

#define PAGE 4096UL
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

static char *map(size_t pages, int protection, int flags) {
    char *space = mmap(NULL, pages * PAGE, protection, flags | MAP_ANONYMOUS, -1, 0);
    if (space == MAP_FAILED) FAIL("mmap: errno %d", errno);
    return space;
}

static int resident(char *page) {
    unsigned char there;
    OK(mincore(page, PAGE, &there));
    return there & 1;
}

TEST(map_32bit_is_below_two_gigabytes) {
    char *space = map(4, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_32BIT);
    CHECK((uintptr_t)space + 4 * PAGE <= 0x80000000UL);
    space[0] = 1;
}

TEST(populate_and_locked_are_there_at_once_and_nonblock_is_not) {
    CHECK(resident(map(1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_POPULATE)));
    char *readable = map(1, PROT_READ, MAP_PRIVATE | MAP_POPULATE);
    CHECK(resident(readable));
    CHECK(resident(map(1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_LOCKED)));
    CHECK(!resident(map(1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_POPULATE | MAP_NONBLOCK)));
    CHECK(!resident(map(1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_STACK | MAP_NORESERVE)));
    CHECK(resident(map(1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE)));
}

TEST(shared_validate_refuses_what_it_does_not_know) {
    int fd = (int)OK(memfd_create("m", 0));
    OK(ftruncate(fd, PAGE));
    char *space = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED_VALIDATE, fd, 0);
    CHECK(space != MAP_FAILED);
    CHECK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED_VALIDATE | 0x200000, fd, 0) == MAP_FAILED);
    CHECK_EQ(errno, EOPNOTSUPP);
    CHECK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED_VALIDATE | 0x80000, fd, 0) == MAP_FAILED); /* MAP_SYNC */
    CHECK_EQ(errno, EOPNOTSUPP);
    CHECK(mmap(NULL, PAGE, PROT_READ, 0, fd, 0) == MAP_FAILED);
    CHECK_EQ(errno, EINVAL);
    /* The other kinds ignore it. */
    CHECK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED | 0x200000, fd, 0) != MAP_FAILED);
}

static volatile sig_atomic_t faults;
static sigjmp_buf place;
static void on_fault(int signal) {
    (void)signal;
    faults++;
    siglongjmp(place, 1);
}

static int touch_fails(volatile char *at) {
    struct sigaction action = {.sa_handler = on_fault, .sa_flags = SA_NODEFER};
    static char stack[65536];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    OK(sigaltstack(&alternate, NULL));
    action.sa_flags |= SA_ONSTACK;
    OK(sigaction(SIGSEGV, &action, NULL));
    OK(sigaction(SIGBUS, &action, NULL));
    if (sigsetjmp(place, 1)) return 1;
    *at = 1;
    return 0;
}

TEST(growsdown_grows_when_it_is_touched_just_below) {
    char *hole = map(1024, PROT_NONE, MAP_PRIVATE | MAP_NORESERVE);
    OK(munmap(hole, 1024 * PAGE));
    char *area = mmap(hole + 1023 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN, -1, 0);
    CHECK(area == hole + 1023 * PAGE);
    area[0] = 1;
    CHECK_EQ(touch_fails(area - 1), 0);
    CHECK_EQ(touch_fails(area - 5 * PAGE), 0);
    CHECK(!mprotect(area - 5 * PAGE, 6 * PAGE, PROT_READ));
    CHECK_EQ(touch_fails(area), 1);
    /* The whole area down to its start, from any page of it. */
    OK(mprotect(area, PAGE, PROT_READ | PROT_WRITE | PROT_GROWSDOWN));
    CHECK_EQ(touch_fails(area - 5 * PAGE), 0);
    char *plain = map(2, PROT_READ, MAP_PRIVATE);
    CHECK_ERRNO(mprotect(plain + PAGE, PAGE, PROT_READ | PROT_GROWSDOWN), EINVAL);
    CHECK_ERRNO(mprotect(plain, PAGE, PROT_READ | PROT_GROWSUP), EINVAL);
    CHECK_ERRNO(mprotect(plain, PAGE, PROT_READ | PROT_GROWSUP | PROT_GROWSDOWN), EINVAL);
}

TEST(mremap_dontunmap_leaves_an_empty_area) {
    char *space = map(2, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    strcpy(space, "moved");
    char *moved = mremap(space, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
    CHECK(moved != MAP_FAILED && moved != space);
    CHECK_STR(moved, "moved");
    CHECK_STR(space, "");
    space[0] = 1;
    CHECK(mremap(space, 2 * PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL) == MAP_FAILED);
    CHECK_EQ(errno, EINVAL);
    CHECK(mremap(space, PAGE, PAGE, MREMAP_DONTUNMAP, NULL) == MAP_FAILED);
    CHECK_EQ(errno, EINVAL);
    char *fixed = map(2, PROT_NONE, MAP_PRIVATE);
    CHECK(mremap(moved, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, fixed) == fixed);
    CHECK_STR(fixed, "moved");
}

TEST(msync_takes_one_kind_at_a_time) {
    char *space = map(2, PROT_READ | PROT_WRITE, MAP_SHARED);
    OK(msync(space, 2 * PAGE, MS_SYNC));
    OK(msync(space, 2 * PAGE, MS_ASYNC));
    OK(msync(space, 2 * PAGE, MS_INVALIDATE));
    OK(msync(space, 0, 0));
    CHECK_ERRNO(msync(space, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
    CHECK_ERRNO(msync(space, PAGE, 8), EINVAL);
    CHECK_ERRNO(msync(space + 1, PAGE, MS_SYNC), EINVAL);
    OK(munmap(space + PAGE, PAGE));
    CHECK_ERRNO(msync(space, 2 * PAGE, MS_SYNC), ENOMEM);
    OK(mlock(space, PAGE));
    CHECK_ERRNO(msync(space, PAGE, MS_INVALIDATE), EBUSY);
}

TEST(madvise_populates_drops_and_hides) {
    char *space = map(4, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    OK(madvise(space, PAGE, MADV_POPULATE_READ));
    OK(madvise(space + PAGE, PAGE, MADV_POPULATE_WRITE));
    CHECK(resident(space) && resident(space + PAGE) && !resident(space + 2 * PAGE));
    OK(mprotect(space, PAGE, PROT_READ));
    CHECK_ERRNO(madvise(space, PAGE, MADV_POPULATE_WRITE), EINVAL);
    OK(mprotect(space, PAGE, PROT_NONE));
    CHECK_ERRNO(madvise(space, PAGE, MADV_POPULATE_READ), EINVAL);
    OK(mprotect(space, PAGE, PROT_READ | PROT_WRITE));
    int file = (int)OK(memfd_create("m", 0));
    char *beyond = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    CHECK_ERRNO(madvise(beyond, PAGE, MADV_POPULATE_READ), EFAULT);
    space[2 * PAGE] = 'z';
    OK(madvise(space, 4 * PAGE, MADV_RANDOM));
    OK(madvise(space, 4 * PAGE, MADV_SEQUENTIAL));
    OK(madvise(space, 4 * PAGE, MADV_NORMAL));
    OK(madvise(space, 4 * PAGE, MADV_WILLNEED));
    OK(madvise(space, 4 * PAGE, MADV_DONTDUMP));
    OK(madvise(space, 4 * PAGE, MADV_DODUMP));
    OK(madvise(space, 4 * PAGE, MADV_COLD));
    OK(madvise(space, 4 * PAGE, MADV_PAGEOUT));
    CHECK_EQ(space[2 * PAGE], 'z');
    OK(madvise(space, 4 * PAGE, MADV_FREE));
    space[2 * PAGE] = 'y'; /* written after: it stays */
    CHECK_EQ(space[2 * PAGE], 'y');
    CHECK_ERRNO(madvise(space, PAGE, 4711), EINVAL);
    CHECK_ERRNO(madvise(space + 1, PAGE, MADV_NORMAL), EINVAL);
    CHECK_ERRNO(madvise(map(1, PROT_READ, MAP_SHARED), PAGE, MADV_FREE), EINVAL);
    OK(munmap(space + PAGE, PAGE));
    CHECK_ERRNO(madvise(space, 3 * PAGE, MADV_DONTNEED), ENOMEM);
    CHECK_EQ(space[2 * PAGE], 0); /* what is mapped was done all the same */
}

TEST(madvise_remove_makes_a_hole_in_a_shared_file) {
    int fd = (int)OK(memfd_create("m", 0));
    OK(ftruncate(fd, 2 * PAGE));
    char *one = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char *two = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    memset(one, 'x', 2 * PAGE);
    OK(madvise(one, PAGE, MADV_REMOVE));
    CHECK_EQ(two[0], 0);
    CHECK_EQ(two[PAGE], 'x');
    char *private = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    CHECK_ERRNO(madvise(private, PAGE, MADV_REMOVE), EACCES);
    CHECK_ERRNO(madvise(map(1, PROT_READ | PROT_WRITE, MAP_PRIVATE), PAGE, MADV_REMOVE), EINVAL);
}

TEST(fork_sees_what_madvise_says) {
    char *space = map(3, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    memset(space, 'x', 3 * PAGE);
    OK(madvise(space, PAGE, MADV_DONTFORK));
    OK(madvise(space + PAGE, PAGE, MADV_WIPEONFORK));
    pid_t child = CHILD(CHECK_EQ(touch_fails(space), 1); CHECK_EQ(space[PAGE], 0); CHECK_EQ(space[2 * PAGE], 'x'));
    CHECK_EXIT(child, 0);
    OK(madvise(space, PAGE, MADV_DOFORK));
    OK(madvise(space + PAGE, PAGE, MADV_KEEPONFORK));
    child = CHILD(CHECK_EQ(space[0], 'x'); CHECK_EQ(space[PAGE], 'x'));
    CHECK_EXIT(child, 0);
    CHECK_ERRNO(madvise(map(1, PROT_READ, MAP_SHARED), PAGE, MADV_WIPEONFORK), EINVAL);
}

TEST(memory_files_are_sealed_step_by_step) {
    int plain = (int)OK(memfd_create("plain", 0));
    CHECK_EQ(OK(fcntl(plain, F_GET_SEALS)), F_SEAL_SEAL);
    CHECK_ERRNO(fcntl(plain, F_ADD_SEALS, F_SEAL_WRITE), EPERM);
    int fd = (int)OK(memfd_create("sealed", MFD_ALLOW_SEALING | MFD_CLOEXEC));
    CHECK_EQ(OK(fcntl(fd, F_GETFD)), FD_CLOEXEC);
    CHECK_EQ(OK(fcntl(fd, F_GET_SEALS)), 0);
    OK(ftruncate(fd, 2 * PAGE));
    OK(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
    CHECK_ERRNO(ftruncate(fd, PAGE), EPERM);
    OK(ftruncate(fd, 3 * PAGE));
    OK(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
    CHECK_ERRNO(ftruncate(fd, 4 * PAGE), EPERM);
    CHECK_ERRNO(pwrite(fd, "x", 1, 3 * PAGE), EPERM);
    CHECK_ERRNO(fallocate(fd, 0, 3 * PAGE, PAGE), EPERM);
    char *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK_ERRNO(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
    OK(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
    shared[0] = 'f'; /* a mapping from before goes on */
    CHECK_ERRNO(write(fd, "x", 1), EPERM);
    CHECK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
    CHECK_EQ(errno, EPERM);
    char *readable = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    CHECK_EQ(readable[0], 'f');
    CHECK_ERRNO(mprotect(readable, PAGE, PROT_READ | PROT_WRITE), EACCES);
    OK(munmap(shared, PAGE));
    OK(munmap(readable, PAGE));
    OK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SEAL));
    CHECK_ERRNO(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE), EPERM);
    CHECK_ERRNO(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), EPERM);
    CHECK_ERRNO(fcntl(fd, F_ADD_SEALS, 0x100), EINVAL);
    char *private = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    private[0] = 'p';
    CHECK_EQ(OK(fcntl(fd, F_GET_SEALS)), F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE);
    CHECK_ERRNO(fcntl((int)OK(open("/dev/null", O_RDWR)), F_GET_SEALS), EINVAL);
    CHECK_ERRNO(memfd_create("x", 0x80), EINVAL);
    char name[300];
    memset(name, 'n', sizeof name);
    name[249] = 0;
    OK(memfd_create(name, 0));
    name[249] = 'n';
    name[250] = 0;
    CHECK_ERRNO(memfd_create(name, 0), EINVAL);
}

TEST(remap_file_pages_rearranges_a_shared_mapping) {
    int fd = (int)OK(memfd_create("m", 0));
    OK(ftruncate(fd, 3 * PAGE));
    char *space = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    for (int i = 0; i < 3; i++) space[(size_t)i * PAGE] = (char)('a' + i);
    OK(remap_file_pages(space, PAGE, 0, 2, 0));
    CHECK_EQ(space[0], 'c');
    CHECK_EQ(space[PAGE], 'b');
    space[0] = 'C';
    CHECK_EQ(space[2 * PAGE], 'C');
    CHECK_ERRNO(remap_file_pages(map(1, PROT_READ, MAP_PRIVATE), PAGE, 0, 0, 0), EINVAL);
    CHECK_ERRNO(remap_file_pages(space, PAGE, PROT_READ, 0, 0), EINVAL);
}
