/*
 * The n-th allocation of a system call fails, for each n until the call needs no more: it gives ENOMEM (or another error that the manual page has for it, or goes on without), and nothing is lost.
 * Only kernels for tests have /proc/fail-nth; elsewhere these tests are skipped.
 */
#include "test.h"

#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>

#define MOST_ALLOCATIONS 3000

static int s_nth = -1, s_file, s_other, s_pipe[2], s_epoll, s_timer;
static char s_buffer[65536], *s_memory;

struct operation {
    const char *name;
    long (*run)(void);  /* -1 and errno on failure */
    void (*undo)(long); /* what a success has made */
};

static void close_it(long file) { close((int)file); }
static void nothing(long result) { (void)result; }

static void arm(int number) {
    char text[16];
    int length = snprintf(text, sizeof text, "%d", number);
    if (pwrite(s_nth, text, (size_t)length, 0) != length) FAIL("fail-nth: errno %d", errno);
}

/* Allocations that were left until the failing one: 0 when it came. */
static int left(void) {
    char text[16] = "";
    if (pread(s_nth, text, sizeof text - 1, 0) < 0) FAIL("fail-nth: errno %d", errno);
    return atoi(text);
}

static long count(const char *path, const char *name) {
    char text[4096];
    test_read_file(path, text, sizeof text);
    char *at = name == NULL ? text : strstr(text, name);
    if (at == NULL) FAIL("%s has no %s", path, name);
    return strtol(at + (name == NULL ? 0 : strlen(name)), NULL, 10);
}

struct counts {
    long files, tables, pages, areas, promised;
};

static struct counts counts(void) {
    test_write_file("/proc/sys/vm/drop_caches", "3");
    return (struct counts){count("/proc/sys/fs/file-nr", NULL), count("/sys/kernel/debug/frames", "UserPageTable"), count("/sys/kernel/debug/frames", "User "), count("/sys/kernel/debug/frames", "VirtualArea"),
        count("/proc/meminfo", "Committed_AS:")};
}

static void prepare(void) {
    s_nth = open("/proc/fail-nth", O_RDWR | O_CLOEXEC);
    if (s_nth == -1) SKIP("this kernel has no fault injection");
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    OK(sched_setaffinity(0, sizeof one, &one));
    s_file = (int)OK(open("file", O_RDWR | O_CREAT, 0644));
    s_other = (int)OK(open("other", O_RDWR | O_CREAT, 0644));
    OK(write(s_file, s_buffer, sizeof s_buffer));
    OK(pipe2(s_pipe, O_NONBLOCK));
    s_epoll = (int)OK(epoll_create1(0));
    s_timer = (int)OK(timerfd_create(CLOCK_MONOTONIC, 0));
    s_memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(s_memory != MAP_FAILED);
    memset(s_memory, 1, 64 << 10);
    OK(mkdir("folder", 0755));
}

static void walk(const struct operation *operations, size_t number) {
    prepare();
    for (size_t i = 0; i < number; i++) {
        const struct operation *o = &operations[i];
        errno = 0;
        long result = o->run(); /* fills caches, and shows that it works */
        if (result == -1) FAIL("%s: errno %d without a fault", o->name, errno);
        o->undo(result);
        struct counts before = counts();
        int injected = 0, n;
        for (n = 1;; n++) {
            if (n == MOST_ALLOCATIONS) FAIL("%s: still a fault at allocation %d", o->name, n);
            arm(n);
            errno = 0;
            result = o->run();
            int error = errno;
            bool failed = left() == 0;
            if (result == -1 && !failed) FAIL("%s: errno %d with no fault, at %d", o->name, error, n);
            if (result == -1 && error != ENOMEM && error != ENOSPC && error != EAGAIN && error != ENFILE && error != EFAULT && error != ENOBUFS) FAIL("%s: errno %d at allocation %d", o->name, error, n);
            if (result != -1) o->undo(result);
            injected += failed;
            if (!failed) break;
        }
        struct counts after = counts();
        for (int tries = 0; tries < 3000 && (after.files != before.files || after.tables > before.tables || after.pages > before.pages || after.areas > before.areas + 64 || after.promised > before.promised); tries++) {
            test_sleep_ms(20);
            after = counts();
        }
        if (after.files != before.files || after.tables > before.tables || after.pages > before.pages || after.areas > before.areas + 64 || after.promised > before.promised) {
            FAIL("%s (%d faults) leaked: open files %ld, then %ld; page tables %ld, %ld; pages %ld, %ld; areas %ld, %ld; promised %ld kB, %ld kB", o->name, injected, before.files, after.files, before.tables, after.tables,
                before.pages, after.pages, before.areas, after.areas, before.promised, after.promised);
        }
        dprintf(STDOUT_FILENO, "%s: %d faults\n", o->name, injected);
    }
}

static long do_open(void) { return open("file", O_RDONLY); }
static long do_create(void) { return open("new", O_RDWR | O_CREAT | O_EXCL, 0644); }
static void undo_create(long file) { close((int)file), unlink("new"); }
static long do_mkdir(void) { return mkdir("made", 0755); }
static void undo_mkdir(long result) { (void)result, rmdir("made"); }
static long do_symlink(void) { return symlink("file", "made"); }
static void undo_unlink(long result) { (void)result, unlink("made"); }
static long do_link(void) { return link("file", "made"); }
static long do_mknod(void) { return mknod("made", S_IFIFO | 0600, 0); }
static long do_rename(void) { return rename("other", "moved"); }
static void undo_rename(long result) { (void)result, rename("moved", "other"); }
static long do_stat(void) {
    struct stat about;
    return stat("folder/../file", &about);
}
static long do_temporary(void) { return open(".", O_RDWR | O_TMPFILE, 0600); }
static long do_write(void) { return pwrite(s_other, s_buffer, 40000, 100); }
static void undo_write(long result) { (void)result, OK(ftruncate(s_other, 0)); }
static long do_allocate(void) { return fallocate(s_other, 0, 0, 100000); }
static long do_folder(void) { return open("/proc/self/fd", O_RDONLY | O_DIRECTORY); }
static long do_list(void) {
    lseek(s_file, 0, SEEK_SET);
    return syscall(SYS_getdents64, s_file, s_buffer, sizeof s_buffer) == -1 && errno == ENOTDIR ? 0 : -1;
}
static long do_mount(void) {
    long result = mount("none", "folder", "tmpfs", 0, NULL);
    int error = errno;
    if (result == -1 && umount("folder") == 0) FAIL("mount: errno %d, and it is mounted", error);
    errno = error;
    return result;
}
static void undo_mount(long result) { (void)result, OK(umount("folder")); }
static long do_lock(void) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 10};
    return fcntl(s_file, F_SETLK, &lock);
}
static void undo_lock(long result) {
    (void)result;
    struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
    fcntl(s_file, F_SETLK, &lock);
}
static long do_flock(void) { return syscall(SYS_flock, s_file, 2); }
static void undo_flock(long result) { (void)result, syscall(SYS_flock, s_file, 8); }

TEST(names_and_contents_of_files_lose_nothing) {
    static const struct operation operations[] = {{"open", do_open, close_it}, {"create", do_create, undo_create}, {"mkdir", do_mkdir, undo_mkdir}, {"symlink", do_symlink, undo_unlink}, {"link", do_link, undo_unlink},
        {"mknod", do_mknod, undo_unlink}, {"rename", do_rename, undo_rename}, {"stat", do_stat, nothing}, {"O_TMPFILE", do_temporary, close_it}, {"write", do_write, undo_write},
        {"fallocate", do_allocate, undo_write}, {"proc", do_folder, close_it}, {"getdents", do_list, nothing}, {"mount", do_mount, undo_mount}, {"lock", do_lock, undo_lock}, {"flock", do_flock, undo_flock}};
    walk(operations, COUNT_OF(operations));
}

static long do_pipe(void) {
    int ends[2];
    if (pipe(ends) == -1) return -1;
    close(ends[1]);
    return ends[0];
}
static long do_event(void) { return eventfd(0, 0); }
static long do_epoll(void) { return epoll_create1(0); }
static long do_timer(void) { return timerfd_create(CLOCK_MONOTONIC, 0); }
static long do_signal(void) {
    sigset_t set;
    sigemptyset(&set);
    return signalfd(-1, &set, 0);
}
static long do_memory_file(void) { return syscall(SYS_memfd_create, "m", 0); }
static long do_terminal(void) { return open("/dev/ptmx", O_RDWR | O_NOCTTY); }
static long do_pidfd(void) { return syscall(SYS_pidfd_open, getpid(), 0); }
static long do_dup(void) { return dup2(s_file, 900); }
static long do_watch(void) {
    struct epoll_event event = {.events = EPOLLIN};
    return epoll_ctl(s_epoll, EPOLL_CTL_ADD, s_pipe[0], &event);
}
static void undo_watch(long result) { (void)result, epoll_ctl(s_epoll, EPOLL_CTL_DEL, s_pipe[0], NULL); }
static long do_fill(void) { return write(s_pipe[1], s_buffer, 30000); }
static void undo_fill(long result) {
    (void)result;
    while (read(s_pipe[0], s_buffer, sizeof s_buffer) > 0) {
    }
}
static long do_splice(void) {
    off_t at = 0;
    return syscall(SYS_splice, s_file, &at, s_pipe[1], NULL, 20000, 2);
}
static long do_sendfile(void) {
    off_t at = 0;
    return sendfile(s_other, s_file, &at, 20000);
}
static long do_resize(void) { return fcntl(s_pipe[1], F_SETPIPE_SZ, 1 << 18); }
static void undo_resize(long result) { (void)result, fcntl(s_pipe[1], F_SETPIPE_SZ, 4096); }
static long do_poll(void) {
    struct pollfd set[40];
    for (int i = 0; i < 40; i++) set[i] = (struct pollfd){s_pipe[i % 2], POLLIN, 0};
    return poll(set, 40, 1);
}
static long do_pair(void) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1) return errno == EAFNOSUPPORT || errno == ENOSYS ? 999 : -1;
    close(ends[1]);
    return ends[0];
}
static long do_timer_object(void) {
    int timer;
    return syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &timer) == -1 ? -1 : timer;
}
static void undo_timer_object(long timer) { syscall(SYS_timer_delete, timer); }

TEST(descriptors_of_all_kinds_lose_nothing) {
    static const struct operation operations[] = {{"pipe", do_pipe, close_it}, {"eventfd", do_event, close_it}, {"epoll_create", do_epoll, close_it}, {"timerfd", do_timer, close_it}, {"signalfd", do_signal, close_it},
        {"memfd", do_memory_file, close_it}, {"ptmx", do_terminal, close_it}, {"pidfd", do_pidfd, close_it}, {"dup2", do_dup, close_it}, {"epoll_ctl", do_watch, undo_watch}, {"pipe write", do_fill, undo_fill},
        {"splice", do_splice, undo_fill}, {"sendfile", do_sendfile, undo_write}, {"F_SETPIPE_SZ", do_resize, undo_resize}, {"poll", do_poll, nothing}, {"socketpair", do_pair, close_it},
        {"timer_create", do_timer_object, undo_timer_object}};
    walk(operations, COUNT_OF(operations));
}

static long do_map(void) { return (long)mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0); }
static void undo_map(long at) { munmap((void *)at, 1 << 20); }
static long do_map_file(void) { return (long)mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, s_file, 0); }
static void undo_map_file(long at) { munmap((void *)at, 1 << 16); }
static long do_map_shared(void) { return (long)mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0); }
static long do_protect(void) { return mprotect(s_memory + 8192, 4096, PROT_READ); }
static void undo_protect(long result) { (void)result, mprotect(s_memory, 1 << 20, PROT_READ | PROT_WRITE); }
static long do_remap(void) { return (long)mremap(s_memory, 1 << 20, 2 << 20, MREMAP_MAYMOVE); }
static void undo_remap(long at) { s_memory = (char *)at, munmap(s_memory + (1 << 20), 1 << 20); }
static long do_hole(void) { return munmap(s_memory + (512 << 10), 4096); }
static void undo_hole(long result) { (void)result, mmap(s_memory + (512 << 10), 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0); }
static long do_lock_memory(void) { return mlock(s_memory, 256 << 10); }
static void undo_lock_memory(long result) { (void)result, munlock(s_memory, 1 << 20); }

TEST(memory_calls_lose_nothing) {
    static const struct operation operations[] = {{"mmap", do_map, undo_map}, {"mmap of a file", do_map_file, undo_map_file}, {"mmap shared", do_map_shared, undo_map_file}, {"mprotect", do_protect, undo_protect},
        {"mremap", do_remap, undo_remap}, {"munmap", do_hole, undo_hole}, {"mlock", do_lock_memory, undo_lock_memory}};
    walk(operations, COUNT_OF(operations));
}

/* The child ends at once, whatever is left of the parent's faults. */
static long do_fork(void) {
    long child = syscall(SYS_fork);
    if (child == 0) syscall(SYS_exit_group, 0);
    return child;
}
static long do_vfork(void) {
    pid_t child = vfork();
    if (child == 0) _exit(0);
    return child;
}
static void undo_fork(long child) {
    int status;
    if (waitpid((pid_t)child, &status, 0) != child || status != 0) FAIL("the child ended with %#x, errno %d", status, errno);
}
static long do_queue(void) {
    union sigval value = {.sival_int = 1};
    return sigqueue(getpid(), SIGRTMIN + 3, value);
}
static void undo_queue(long result) {
    (void)result;
    sigset_t set;
    struct timespec now = {0, 0};
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 3);
    while (sigtimedwait(&set, NULL, &now) > 0) {
    }
}
static long do_groups(void) {
    gid_t groups[200];
    for (int i = 0; i < 200; i++) groups[i] = (gid_t)i;
    return syscall(SYS_setgroups, 200, groups);
}
static long do_session(void) { return setpgid(0, 0) == -1 && errno != EPERM ? -1 : 0; }
static long do_unshare(void) { return unshare(CLONE_FILES | CLONE_FS); }

TEST(processes_lose_nothing) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 3);
    OK(sigprocmask(SIG_BLOCK, &set, NULL));
    static const struct operation operations[] = {{"fork", do_fork, undo_fork}, {"vfork", do_vfork, undo_fork}, {"sigqueue", do_queue, undo_queue}, {"setgroups", do_groups, nothing}, {"setpgid", do_session, nothing},
        {"unshare", do_unshare, nothing}};
    walk(operations, COUNT_OF(operations));
}

/* exec: before the point of no return an error leaves the old program as it was; after it, none may come. */
TEST(exec_fails_as_a_whole_or_not_at_all) {
    prepare();
    static char *words[] = {"true", NULL}, *none[] = {NULL};
    struct counts before = counts();
    int faults = 0;
    for (int n = 1; n < MOST_ALLOCATIONS; n++) {
        pid_t child = fork();
        if (child == 0) {
            arm(n);
            execve("/bin/busybox", words, none);
            int error = errno;
            _exit(left() == 0 && (error == ENOMEM || error == E2BIG || error == EAGAIN) ? 3 : error == 0 ? 4 : error);
        }
        int status;
        if (waitpid(child, &status, 0) != child) FAIL("waitpid: errno %d", errno);
        bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL; /* the stack of the new program could not be made */
        if (!killed && !(WIFEXITED(status) && (WEXITSTATUS(status) == 3 || WEXITSTATUS(status) == 0))) FAIL("at allocation %d: status %#x", n, status);
        bool injected = left() == 0;
        faults += injected;
        if (!injected) break;
    }
    CHECK(faults > 10);
    struct counts after = counts();
    for (int tries = 0; tries < 3000 && (after.files != before.files || after.tables > before.tables || after.pages > before.pages); tries++) {
        test_sleep_ms(20);
        after = counts();
    }
    CHECK_EQ(after.files, before.files);
    CHECK_EQ(after.tables, before.tables);
    CHECK(after.pages <= before.pages);
    dprintf(STDOUT_FILENO, "%d faults\n", faults);
}
