/* Calls that belong together: what single random calls rarely reach. */
#include "fuzz.h"

#include <linux/sched.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define CALL(...) CALL_(__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define CALL_(number, a, b, c, d, e, f, ...) make_call(fuzz, number, (const long[]){(long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f)})

/* A string in the arena: constants of the program lie where a fuzzed munmap does not reach, but are read-only anyway. */
static char *text(struct fuzz *fuzz, const char *from) {
    size_t length = strlen(from);
    char *to = (char *)place(fuzz, 512);
    for (size_t i = 0; i <= length; i++) to[i] = from[i];
    return to;
}

void open_descriptors(struct fuzz *fuzz) {
    int *ends = (int *)place(fuzz, 8);
    uint64_t *mask = (uint64_t *)place(fuzz, 8);
    CALL(SYS_close_range, 3, 0x7FFFFFFF, 0);
    CALL(SYS_mkdir, text(fuzz, "d0"), 0755);
    CALL(SYS_mkdir, text(fuzz, "d1"), 0755);
    CALL(SYS_mkdir, text(fuzz, "d1/d2"), 0755);
    CALL(SYS_symlink, text(fuzz, "f1"), text(fuzz, "l0"));
    CALL(SYS_symlink, text(fuzz, "loop"), text(fuzz, "loop"));
    CALL(SYS_mknod, text(fuzz, "p0"), S_IFIFO | 0600, 0);
    static const char *const names[] = {"f0", "f1", "d0/f0", "f2"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        long file = CALL(SYS_open, text(fuzz, names[i]), O_RDWR | O_CREAT | (i == 2 ? O_APPEND : 0), 0644);
        CALL(SYS_write, file, fuzz->arena, 3000);
    }
    CALL(SYS_open, text(fuzz, "."), O_RDONLY | O_DIRECTORY);
    CALL(SYS_open, text(fuzz, "d1"), O_PATH);
    CALL(SYS_open, text(fuzz, "p0"), O_RDWR | O_NONBLOCK);
    CALL(SYS_pipe2, ends, 0);
    CALL(SYS_pipe2, ends, O_NONBLOCK);
    CALL(SYS_eventfd2, 3, 0);
    CALL(SYS_timerfd_create, 1, 0);
    *mask = UINT64_C(1) << (SIGUSR1 - 1);
    CALL(SYS_signalfd4, -1, mask, 8, O_NONBLOCK);
    CALL(SYS_epoll_create1, 0);
    CALL(SYS_memfd_create, text(fuzz, "m"), 2);
    CALL(SYS_open, text(fuzz, "/dev/ptmx"), O_RDWR | O_NOCTTY | O_NONBLOCK);
    CALL(SYS_open, text(fuzz, "/dev/zero"), O_RDWR);
    CALL(SYS_open, text(fuzz, "/proc/self/maps"), O_RDONLY);
    CALL(SYS_open, text(fuzz, "/proc/self"), O_RDONLY);
    CALL(SYS_pidfd_open, fuzz->process, 0);
    CALL(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, ends);
    CALL(SYS_socketpair, AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends);
    CALL(SYS_socketpair, AF_UNIX, SOCK_SEQPACKET, 0, ends);
    CALL(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
    CALL(SYS_inotify_init1, O_NONBLOCK);
}

/* Writes and reads mapped pages as the kernel does it, so that a wrong one is EFAULT and no signal. */
static void touch(struct fuzz *fuzz, long at, long pages) {
    int *ends = (int *)place(fuzz, 8);
    if (CALL(SYS_pipe2, ends, O_NONBLOCK) < 0) return;
    long read = ends[0], write = ends[1];
    for (long i = 0; i < pages; i++) {
        CALL(SYS_write, write, at + i * (long)PAGE, 8);
        CALL(SYS_read, read, at + i * (long)PAGE + (long)draw(fuzz, PAGE - 8), 8);
    }
    CALL(SYS_close, read);
    CALL(SYS_close, write);
}

static void map_and_touch(struct fuzz *fuzz) {
    static const int kinds[] = {MAP_PRIVATE, MAP_SHARED, MAP_PRIVATE | MAP_ANONYMOUS, MAP_SHARED | MAP_ANONYMOUS};
    int kind = kinds[draw(fuzz, COUNT_OF(kinds))];
    long file = kind & MAP_ANONYMOUS ? -1 : any_descriptor(fuzz), pages = 1 + (long)draw(fuzz, 9);
    long at = CALL(SYS_mmap, chance(fuzz, 50) ? 0 : fuzz->arena + 20 * PAGE, pages * PAGE, PROT_READ | PROT_WRITE, kind | (chance(fuzz, 10) ? MAP_LOCKED : 0), file, draw(fuzz, 3) * PAGE);
    if (at < 0) return;
    touch(fuzz, at, pages);
    if (chance(fuzz, 30)) CALL(SYS_ftruncate, file, draw(fuzz, 3 * PAGE));
    if (chance(fuzz, 30)) fork_child(fuzz, SIGCHLD);
    if (chance(fuzz, 30)) CALL(SYS_mprotect, at, PAGE, PROT_READ);
    if (chance(fuzz, 30)) CALL(SYS_mremap, at, pages * PAGE, (pages + draw(fuzz, 4)) * PAGE, 1);
    touch(fuzz, at, pages);
    if (chance(fuzz, 80)) CALL(SYS_munmap, at, pages * PAGE);
}

static void clone_with_flags(struct fuzz *fuzz) {
    static const unsigned long flags[] = {CLONE_VM, CLONE_FS, CLONE_FILES, CLONE_SIGHAND, CLONE_PARENT, CLONE_SYSVSEM, CLONE_PARENT_SETTID, CLONE_CHILD_CLEARTID, CLONE_CHILD_SETTID, CLONE_IO, CLONE_VFORK,
        CLONE_PIDFD, CLONE_VM | CLONE_SIGHAND, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, CLONE_UNTRACED, CLONE_SETTLS, CLONE_NEWNS, CLONE_NEWUSER};
    unsigned long value = chance(fuzz, 80) ? SIGCHLD : draw(fuzz, 65);
    for (unsigned left = (unsigned)draw(fuzz, 4); left > 0; left--) value |= flags[draw(fuzz, COUNT_OF(flags))];
    fork_child(fuzz, value);
}

/* clone3 with a structure that is often wrong; a child that comes of it ends at once. */
static void clone_by_structure(struct fuzz *fuzz) {
    if (fuzz->depth >= 3 || !fuzz->single) return;
    uint64_t *structure = (uint64_t *)place(fuzz, 88);
    for (int i = 0; i < 11; i++) structure[i] = chance(fuzz, 90) ? 0 : next_random(&fuzz->random);
    structure[0] = chance(fuzz, 50) ? CLONE_PIDFD : next_random(&fuzz->random) & 0x1FFFFF00 & ~(uint64_t)(CLONE_VM | CLONE_VFORK);
    structure[1] = (uint64_t)place(fuzz, 8), structure[2] = (uint64_t)place(fuzz, 8), structure[3] = (uint64_t)place(fuzz, 8);
    structure[4] = chance(fuzz, 90) ? SIGCHLD : draw(fuzz, 100);
    long bytes = chance(fuzz, 80) ? 88 : (long)draw(fuzz, 200);
    long result = CALL(435, structure, bytes);
    if (result == 0) {
        for (;;) RAW(SYS_exit_group, 0);
    }
}

static void execute(struct fuzz *fuzz) {
    if (fuzz->depth >= 3 || atomic_load(&fuzz->slot->children) >= LIVE_CHILDREN) return;
    static const char *const programs[] = {"/bin/busybox", "f0", "/proc/self/exe", "script", "/tests/list", "d0"};
    char *path = text(fuzz, programs[draw(fuzz, COUNT_OF(programs))]);
    char **words = (char **)place(fuzz, 64);
    words[0] = text(fuzz, "true"), words[1] = text(fuzz, chance(fuzz, 50) ? "--list" : "x"), words[2] = NULL;
    if (chance(fuzz, 5)) words[draw(fuzz, 2)] = (char *)next_random(&fuzz->random);
    if (chance(fuzz, 20)) {
        long file = CALL(SYS_open, text(fuzz, "script"), O_WRONLY | O_CREAT | O_TRUNC, 0755);
        char *line = text(fuzz, chance(fuzz, 70) ? "#!/bin/busybox true\n" : "#!script x\n");
        CALL(SYS_write, file, line, draw(fuzz, 21));
        CALL(SYS_close, file);
    }
    long child = CALL(SYS_fork);
    if (child == 0) {
        RAW(SYS_execve, path, words, chance(fuzz, 95) ? (long)(words + 2) : (long)next_random(&fuzz->random));
        for (;;) RAW(SYS_exit_group, 1);
    }
    if (child > 0 && chance(fuzz, 70)) CALL(SYS_wait4, child, 0, 0, 0);
    if (child > 0 && chance(fuzz, 30)) CALL(SYS_kill, child, draw(fuzz, 65));
}

/* Descriptors in flight: sent over a pair that is closed before anybody receives, or in a circle. */
static void send_descriptors(struct fuzz *fuzz) {
    int *pair = (int *)place(fuzz, 8), *other = (int *)place(fuzz, 8);
    if (CALL(SYS_socketpair, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) < 0) return;
    long left = pair[0], right = pair[1];
    for (unsigned rounds = 1 + (unsigned)draw(fuzz, 4); rounds > 0; rounds--) {
        struct msghdr *message = (struct msghdr *)place(fuzz, sizeof *message);
        struct iovec *vector = (struct iovec *)place(fuzz, sizeof *vector);
        struct cmsghdr *control = (struct cmsghdr *)place(fuzz, 64);
        *vector = (struct iovec){place(fuzz, 8), 1};
        *message = (struct msghdr){.msg_iov = vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(8)};
        control->cmsg_level = SOL_SOCKET, control->cmsg_type = SCM_RIGHTS, control->cmsg_len = CMSG_LEN(8);
        ((int *)CMSG_DATA(control))[0] = (int)(chance(fuzz, 50) ? right : left);
        ((int *)CMSG_DATA(control))[1] = (int)draw(fuzz, 30);
        CALL(SYS_sendmsg, left, message, MSG_NOSIGNAL);
        if (chance(fuzz, 30)) CALL(SYS_recvmsg, right, message, 0);
    }
    (void)other;
    CALL(SYS_close, left);
    CALL(SYS_close, right);
}

static void watch(struct fuzz *fuzz) {
    long set = CALL(SYS_epoll_create1, 0);
    if (set < 0) return;
    struct epoll_event *event = (struct epoll_event *)place(fuzz, 512);
    for (int i = 0; i < 6; i++) {
        event->events = (uint32_t)(EPOLLIN | EPOLLOUT | (chance(fuzz, 30) ? EPOLLET : 0) | (chance(fuzz, 30) ? EPOLLONESHOT : 0));
        CALL(SYS_epoll_ctl, set, EPOLL_CTL_ADD, any_descriptor(fuzz), event);
    }
    CALL(SYS_epoll_wait, set, event, 8, draw(fuzz, 3));
    if (chance(fuzz, 50)) CALL(SYS_epoll_ctl, set, EPOLL_CTL_ADD, CALL(SYS_dup, set), event);
    CALL(SYS_close, chance(fuzz, 80) ? set : any_descriptor(fuzz));
}

static void time_objects(struct fuzz *fuzz) {
    int *identity = (int *)place(fuzz, 8);
    if (CALL(SYS_timer_create, draw(fuzz, 4), 0, identity) < 0) return;
    int64_t *time = (int64_t *)place(fuzz, 32);
    time[0] = 0, time[1] = (int64_t)draw(fuzz, 300000), time[2] = 0, time[3] = (int64_t)draw(fuzz, 300000);
    long timer = *identity;
    uint64_t *mask = (uint64_t *)place(fuzz, 8);
    *mask = UINT64_C(1) << (SIGALRM - 1);
    CALL(SYS_rt_sigprocmask, 0, mask, 0, 8); /* its signal only shortens a wait */
    CALL(SYS_timer_settime, timer, 0, time, 0);
    if (chance(fuzz, 70)) CALL(SYS_timer_delete, timer);
}

static void pipes(struct fuzz *fuzz) {
    int *ends = (int *)place(fuzz, 8);
    if (CALL(SYS_pipe2, ends, O_NONBLOCK) < 0) return;
    long read = ends[0], write = ends[1];
    CALL(SYS_fcntl, write, F_SETPIPE_SZ, draw(fuzz, 1 << 18));
    for (int i = 0; i < 5; i++) {
        CALL(SYS_write, write, fuzz->arena, draw(fuzz, 5 * PAGE));
        if (chance(fuzz, 40)) CALL(SYS_splice, read, 0, any_descriptor(fuzz), 0, draw(fuzz, 9000), 2);
        if (chance(fuzz, 40)) CALL(SYS_splice, any_descriptor(fuzz), 0, write, 0, draw(fuzz, 9000), 2);
        if (chance(fuzz, 40)) CALL(SYS_tee, read, any_descriptor(fuzz), 4096, 2);
    }
    CALL(SYS_close, read);
    if (chance(fuzz, 80)) CALL(SYS_close, write);
}

static void lists_of_names(struct fuzz *fuzz) {
    for (unsigned i = 0; i < 6; i++) {
        char *first = make_path(fuzz, true), *second = make_path(fuzz, true);
        switch (draw(fuzz, 6)) {
            case 0: CALL(SYS_rename, first, second); break;
            case 1: CALL(SYS_link, first, second); break;
            case 2: CALL(SYS_unlink, first); break;
            case 3: CALL(SYS_mkdir, first, 0700); break;
            case 4: CALL(SYS_rmdir, first); break;
            default: CALL(SYS_close, CALL(SYS_open, first, O_RDWR | O_CREAT, 0600)); break;
        }
    }
}

void act(struct fuzz *fuzz) {
    switch (draw(fuzz, 14)) {
        case 0: case 1: map_and_touch(fuzz); break;
        case 2: clone_with_flags(fuzz); break;
        case 3: fork_child(fuzz, SIGCHLD); break;
        case 4: fork_child(fuzz, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM); break;
        case 5: clone_by_structure(fuzz); break;
        case 6: execute(fuzz); break;
        case 7: send_descriptors(fuzz); break;
        case 8: watch(fuzz); break;
        case 9: time_objects(fuzz); break;
        case 10: pipes(fuzz); break;
        case 11: lists_of_names(fuzz); break;
        case 12: fork_child(fuzz, CLONE_VM | CLONE_VFORK | SIGCHLD); break;
        default: CALL(SYS_wait4, -1, 0, 1, 0); break;
    }
}
