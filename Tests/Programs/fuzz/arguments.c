/* Values of arguments: good, bad, and nearly good ones. */
#include "fuzz.h"

#include <linux/futex.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

#define PICK(fuzz, array) ((array)[draw(fuzz, COUNT_OF(array))])

static const uint64_t s_numbers[] = {0, 1, 2, 3, 4, 7, 8, 15, 16, 63, 64, 65, 127, 128, 255, 256, 511, 512, 1023, 1024, 4095, 4096, 4097, 8192, 65535, 65536, 0xFFFFF, 0x100000, 0x200000,
    0x7FFFFFFE, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 0x100000000, 0x7FFFFFFFEFFF, 0x7FFFFFFFF000, 0x800000000000, 0xFFFF800000000000, 0x7FFFFFFFFFFFFFFE, 0x7FFFFFFFFFFFFFFF,
    0x8000000000000000, 0xFFFFFFFFFFFFF000, 0xFFFFFFFFFFFFFFFE, 0xFFFFFFFFFFFFFFFF};

static uint64_t number(struct fuzz *fuzz) {
    switch (draw(fuzz, 8)) {
        case 0: return next_random(&fuzz->random);
        case 1: return PICK(fuzz, s_numbers) + draw(fuzz, 3) - 1;
        case 2: return UINT64_C(1) << draw(fuzz, 64);
        case 3: return draw(fuzz, 1 << 20);
        case 4: return PICK(fuzz, s_numbers);
        default: return draw(fuzz, 32);
    }
}

unsigned char *place(struct fuzz *fuzz, size_t bytes) {
    size_t room = 8 * PAGE - bytes;
    return fuzz->arena + (draw(fuzz, room) & ~7UL);
}

/* The address of BYTES bytes with this content; one of ten lies where it cannot be used, or not wholly. */
static long hostile(struct fuzz *fuzz, unsigned char *good, size_t bytes) {
    unsigned char *other = NULL;
    switch (draw(fuzz, 100)) {
        case 0: return 0;
        case 1: return (long)0xFFFF800000100000;
        case 2: return (long)0xFFFFFFFF80100000;
        case 3: return (long)(0x7FFFFFFFF000 - draw(fuzz, bytes + 16));
        case 4: return (long)0x8000000000000000;
        case 5: return (long)number(fuzz);
        case 6: return (long)(good + 1 + draw(fuzz, 7)); /* unaligned */
        case 7: other = fuzz->arena + 12 * PAGE - draw(fuzz, bytes + 1); break; /* ends in nothing */
        case 8: other = fuzz->arena + 8 * PAGE - draw(fuzz, bytes + 1); break; /* ends in what is read-only */
        case 9: return (long)(fuzz->arena + 8 * PAGE + draw(fuzz, PAGE)); /* read-only */
        case 10: return (long)(fuzz->arena + 9 * PAGE + draw(fuzz, 16)); /* no rights */
        case 11: return (long)(fuzz->arena + 15 * PAGE + draw(fuzz, PAGE - 64)); /* shared */
        default: return (long)good;
    }
    for (size_t i = 0; i < bytes && other + i < (other >= fuzz->arena + 10 * PAGE ? fuzz->arena + 12 * PAGE : fuzz->arena + 8 * PAGE); i++) {
        other[i] = good[i];
    }
    return (long)other;
}

static void fill(struct fuzz *fuzz, void *at, size_t bytes) {
    unsigned char *to = at;
    for (size_t i = 0; i < bytes; i++) to[i] = chance(fuzz, 60) ? 0 : (unsigned char)draw(fuzz, 256);
}

int any_descriptor(struct fuzz *fuzz) {
    static const int odd[] = {-1, AT_FDCWD, 999, 0x7FFFFFFF, -2147483647 - 1, 63, 64, 65};
    return chance(fuzz, 92) ? (int)draw(fuzz, 44) : PICK(fuzz, odd);
}

char *make_path(struct fuzz *fuzz, bool changes) {
    static const char *const own[] = {"f0", "f1", "f2", "f3", "f4", "d0", "d1", "d0/f0", "d0/f1", "d1/f0", "d1/d2", "d1/d2/f3", "l0", "l1", "p0", "p1", "d0/../f1", "./f2", "d1/", "f0/", "loop",
        "d0/l2", "s0", "no/such"};
    static const char *const others[] = {"", ".", "..", "/proc/self/maps", "/proc/self/status", "/proc/self/fd/5", "/proc/self/fd/7", "/proc/self/fd", "/proc/self/fdinfo/4", "/proc/self/task",
        "/proc/thread-self/stat", "/proc/self/exe", "/proc/self/cwd", "/proc/self/root", "/proc/self/mem", "/proc/self/smaps", "/proc/self/environ", "/proc/self/oom_score_adj", "/proc/self/limits",
        "/proc/self/comm", "/proc/meminfo", "/proc/stat", "/proc/locks", "/proc/mounts", "/proc/self/mountinfo", "/proc/interrupts", "/proc/sys/kernel/pid_max", "/dev/null", "/dev/zero",
        "/dev/full", "/dev/urandom", "/dev/ptmx", "/dev/tty", "/dev/pts/0", "/dev/shm", "/proc", "/sys", "/sys/devices/system/cpu", "/dev/fd/3", "/proc/self/stack", "/proc/self/io"};
    char *to = (char *)place(fuzz, 6000);
    const char *from = changes || chance(fuzz, 50) ? PICK(fuzz, own) : PICK(fuzz, others);
    size_t length = 0;
    unsigned kind = (unsigned)draw(fuzz, 60);
    if (kind == 0) { /* too long, or as long as may be */
        size_t bytes = 4090 + draw(fuzz, 12);
        for (; length < bytes; length++) to[length] = length % 2 == 0 ? '.' : '/';
    } else if (kind == 1) {
        size_t bytes = 250 + draw(fuzz, 10);
        for (; length < bytes; length++) to[length] = 'n';
    } else if (kind == 2) { /* no end but that of the memory */
        to = (char *)(fuzz->arena + 12 * PAGE - 200);
        for (; length < 200; length++) to[length] = 'x';
        return to;
    } else if (kind == 3) {
        for (; length < 9; length++) to[length] = (char)(1 + draw(fuzz, 255));
        if (to[0] == '/' || to[0] == '.') to[0] = 'q';
    } else {
        for (; from[length] != 0; length++) to[length] = from[length];
    }
    to[length] = 0;
    return to;
}

static long process(struct fuzz *fuzz) {
    static const int odd[] = {0x3FFFFFFF, -2147483647 - 1, 0x7FFFFFFF, 4194305, -5};
    switch (draw(fuzz, 8)) {
        case 0: return 0;
        case 1: return fuzz->process;
        case 2: return fuzz->thread;
        case 3: return PICK(fuzz, fuzz->recent);
        case 4: return fuzz->board->slots[draw(fuzz, MAX_WORKERS)].process;
        case 5: return -fuzz->process;
        case 6: return PICK(fuzz, fuzz->peers);
        default: return PICK(fuzz, odd);
    }
}

static void times(struct fuzz *fuzz, int64_t *to, int count, bool micro) {
    for (int i = 0; i < count; i++) {
        to[2 * i] = chance(fuzz, 90) ? 0 : (int64_t)number(fuzz);
        to[2 * i + 1] = chance(fuzz, 92) ? (int64_t)draw(fuzz, micro ? 5000 : 5000000) : (int64_t)number(fuzz);
    }
}

static long address(struct fuzz *fuzz) { return (long)(fuzz->arena + draw(fuzz, 4 * ARENA_PAGES) * PAGE) + (chance(fuzz, 5) ? (long)draw(fuzz, PAGE) : 0); }

static long size(struct fuzz *fuzz) {
    static const long large[] = {0x200000, 0x400000, 0x1000000, 0x40000000, 0x7FFFFFFFF000, -4096, 0x7FFFFFFFFFFFFFFF};
    return chance(fuzz, 95) ? (long)(draw(fuzz, 12) * PAGE) + (chance(fuzz, 20) ? (long)draw(fuzz, PAGE) : 0) : PICK(fuzz, large);
}

static long vector(struct fuzz *fuzz) {
    struct iovec *to = (struct iovec *)place(fuzz, 16 * sizeof *to);
    for (int i = 0; i < 16; i++) {
        unsigned char *good = place(fuzz, 600);
        to[i].iov_base = (void *)hostile(fuzz, good, 8);
        to[i].iov_len = chance(fuzz, 95) ? draw(fuzz, 600) : number(fuzz);
    }
    return hostile(fuzz, (unsigned char *)to, 3 * sizeof *to);
}

static long socket_address(struct fuzz *fuzz) {
    struct sockaddr_un *to = (struct sockaddr_un *)place(fuzz, sizeof *to);
    static const char *const names[] = {"s0", "s1", "d0/s2", "no/s3", ""};
    fill(fuzz, to, sizeof *to);
    to->sun_family = chance(fuzz, 95) ? AF_UNIX : (sa_family_t)draw(fuzz, 50);
    const char *from = PICK(fuzz, names);
    size_t length = 0;
    bool abstract = chance(fuzz, 30);
    if (abstract) to->sun_path[0] = 0;
    for (; from[length] != 0; length++) to->sun_path[abstract + length] = from[length];
    if (!abstract) to->sun_path[length] = 0;
    return hostile(fuzz, (unsigned char *)to, sizeof *to);
}

static void message(struct fuzz *fuzz, struct msghdr *to) {
    fill(fuzz, to, sizeof *to);
    to->msg_iov = (struct iovec *)vector(fuzz);
    to->msg_iovlen = chance(fuzz, 95) ? draw(fuzz, 8) : number(fuzz);
    to->msg_name = chance(fuzz, 60) ? NULL : (void *)socket_address(fuzz);
    to->msg_namelen = to->msg_name == NULL ? 0 : (socklen_t)draw(fuzz, sizeof(struct sockaddr_un) + 4);
    to->msg_control = NULL;
    to->msg_controllen = 0;
    if (chance(fuzz, 50)) {
        struct cmsghdr *control = (struct cmsghdr *)place(fuzz, 256);
        unsigned count = chance(fuzz, 90) ? (unsigned)draw(fuzz, 6) : (unsigned)draw(fuzz, 60);
        control->cmsg_level = chance(fuzz, 95) ? SOL_SOCKET : (int)number(fuzz);
        control->cmsg_type = chance(fuzz, 80) ? SCM_RIGHTS : chance(fuzz, 50) ? SCM_CREDENTIALS : (int)draw(fuzz, 5);
        control->cmsg_len = chance(fuzz, 92) ? CMSG_LEN(count * 4) : number(fuzz);
        for (unsigned i = 0; i < count && i < 50; i++) ((int *)CMSG_DATA(control))[i] = chance(fuzz, 90) ? (int)draw(fuzz, 40) : any_descriptor(fuzz);
        to->msg_control = (void *)hostile(fuzz, (unsigned char *)control, 64);
        to->msg_controllen = chance(fuzz, 92) ? CMSG_SPACE(count * 4) : number(fuzz);
    }
}

static void handle(int signal) { (void)signal; }

__attribute__((naked, used)) static void return_from_handler(void) { __asm__("mov $15, %eax; syscall"); }

static long action(struct fuzz *fuzz) {
    uint64_t *to = (uint64_t *)place(fuzz, 32);
    static const uint64_t flags[] = {SA_NOCLDSTOP, SA_NOCLDWAIT, SA_SIGINFO, SA_ONSTACK, SA_RESTART, SA_NODEFER, SA_RESETHAND};
    to[0] = chance(fuzz, 50) ? (uint64_t)handle : chance(fuzz, 50) ? 1 : chance(fuzz, 90) ? 0 : number(fuzz);
    to[1] = 0x04000000;
    for (int i = 0; i < 2; i++) to[1] |= chance(fuzz, 60) ? PICK(fuzz, flags) : 0;
    if (chance(fuzz, 3)) to[1] = number(fuzz);
    to[2] = chance(fuzz, 97) ? (uint64_t)return_from_handler : number(fuzz);
    to[3] = chance(fuzz, 80) ? 0 : next_random(&fuzz->random) & ~(UINT64_C(1) << (SIGALRM - 1));
    return hostile(fuzz, (unsigned char *)to, 32);
}

static long structure(struct fuzz *fuzz, char kind) {
    unsigned char *to = place(fuzz, 512);
    int64_t *words = (int64_t *)to;
    size_t bytes = 128;
    fill(fuzz, to, bytes);
    switch (kind) {
        case 't': times(fuzz, words, 2, false), bytes = 16; break;
        case 'T': times(fuzz, words, 2, false), bytes = 32; break;
        case 'v': times(fuzz, words, 2, true), bytes = 32; break;
        case 'S': words[0] = chance(fuzz, 70) ? (int64_t)(UINT64_C(1) << draw(fuzz, 64)) : (int64_t)next_random(&fuzz->random), words[0] &= ~(INT64_C(1) << (SIGALRM - 1)), bytes = 8; break;
        case 'c': *(int *)to = (int)draw(fuzz, 40), bytes = 4; break;
        case 'C': {
            uint32_t *attributes = (uint32_t *)to;
            for (int i = 0; i < 14; i++) attributes[i] = 0;
            attributes[0] = chance(fuzz, 90) ? 48 : chance(fuzz, 50) ? 56 : (uint32_t)number(fuzz);
            attributes[1] = chance(fuzz, 90) ? (uint32_t)draw(fuzz, 7) : (uint32_t)number(fuzz);
            words[1] = chance(fuzz, 80) ? 0 : (int64_t)draw(fuzz, 128);
            attributes[4] = (uint32_t)draw(fuzz, 40) - 20;
            attributes[5] = (uint32_t)draw(fuzz, 30);
            words[3] = (int64_t)draw(fuzz, 2000000), words[4] = (int64_t)draw(fuzz, 20000000), words[5] = (int64_t)draw(fuzz, 40000000);
            bytes = 56;
            break;
        }
        case 'K': { /* struct flock */
            struct flock *lock = (struct flock *)to;
            lock->l_type = (short)draw(fuzz, 4), lock->l_whence = (short)draw(fuzz, 4), lock->l_pid = chance(fuzz, 80) ? 0 : 1;
            lock->l_start = chance(fuzz, 90) ? (long)draw(fuzz, 100) : (long)number(fuzz), lock->l_len = chance(fuzz, 90) ? (long)draw(fuzz, 100) : (long)number(fuzz);
            bytes = sizeof *lock;
            break;
        }
        case 'r': words[0] = (int64_t)draw(fuzz, 60), words[1] = 40 + (int64_t)draw(fuzz, 30), bytes = 16; break;
        case 'e': *(uint32_t *)to = (uint32_t)(chance(fuzz, 70) ? (EPOLLIN | EPOLLOUT) << 0 : next_random(&fuzz->random)), bytes = 12; break;
        case 'q':
            for (int i = 0; i < 8; i++) ((struct pollfd *)to)[i] = (struct pollfd){any_descriptor(fuzz), (short)draw(fuzz, 65536), 0};
            bytes = 64;
            break;
        case 'z': /* siginfo: kinds that a program may queue */
            ((int *)to)[0] = (int)draw(fuzz, 66), ((int *)to)[2] = chance(fuzz, 80) ? -1 : (int)number(fuzz), bytes = 128;
            break;
        case 'y': words[0] = (int64_t)(fuzz->arena + 2 * PAGE), *(int *)(words + 1) = chance(fuzz, 70) ? 0 : (int)draw(fuzz, 4), words[2] = chance(fuzz, 80) ? (int64_t)(4 * PAGE) : (int64_t)number(fuzz), bytes = 24; break;
        case 'H': words[0] = (int64_t)(draw(fuzz, 2) != 0 ? O_RDWR | O_CREAT : number(fuzz)), words[1] = chance(fuzz, 70) ? 0600 : (int64_t)number(fuzz), words[2] = chance(fuzz, 80) ? (int64_t)draw(fuzz, 64) : (int64_t)number(fuzz), bytes = 24; break;
        case 'u': *(int *)(to = fuzz->arena + draw(fuzz, 8) * 8) = (int)draw(fuzz, 3); bytes = 4; break;
        case 'X': /* struct sembuf */
            for (int i = 0; i < 4; i++) ((struct sembuf *)to)[i] = (struct sembuf){(unsigned short)draw(fuzz, 5), (short)((int)draw(fuzz, 5) - 2), (short)(chance(fuzz, 70) ? IPC_NOWAIT : SEM_UNDO)};
            bytes = 24;
            break;
        case 'Y': words[0] = 1 + (int64_t)draw(fuzz, 3), bytes = 64; break; /* struct msgbuf */
        case 'W': /* struct futex_waitv */
            for (int i = 0; i < 4; i++) words[3 * i] = (int64_t)draw(fuzz, 3), words[3 * i + 1] = structure(fuzz, 'u'), words[3 * i + 2] = chance(fuzz, 90) ? 2 | (chance(fuzz, 50) ? 128 : 0) : (int64_t)number(fuzz);
            bytes = 96;
            break;
        case 'G': /* capability header and data in one */
            *(uint32_t *)to = chance(fuzz, 80) ? 0x20080522 : (uint32_t)number(fuzz), ((int *)to)[1] = 0, bytes = 32;
            break;
        case 'R': words[0] = (int64_t)(fuzz->arena + 64), words[1] = chance(fuzz, 90) ? 32 : (int64_t)number(fuzz), words[2] = 0, bytes = 24; break; /* robust list head */
        case 'Q': words[0] = 0, words[1] = (int64_t)draw(fuzz, 12), words[2] = (int64_t)draw(fuzz, 600), words[3] = 0, bytes = 64; break; /* struct mq_attr */
        case 'B': { /* sock_fprog: a program that is often right */
            uint64_t *filter = (uint64_t *)place(fuzz, 64);
            unsigned count = 1 + (unsigned)draw(fuzz, 6);
            for (unsigned i = 0; i < count; i++) filter[i] = chance(fuzz, 50) ? UINT64_C(0x0000000000000020) : next_random(&fuzz->random) & 0xFFFFFFFF070700FF;
            filter[count - 1] = UINT64_C(0x7FFF000000000006); /* return ALLOW */
            words[0] = (int64_t)count, words[1] = (int64_t)filter, bytes = 16;
            break;
        }
        case 'm': message(fuzz, (struct msghdr *)to), bytes = sizeof(struct msghdr); break;
        case 'M':
            for (int i = 0; i < 4; i++) message(fuzz, (struct msghdr *)(to + i * sizeof(struct mmsghdr)));
            bytes = 4 * sizeof(struct mmsghdr);
            break;
        default: break;
    }
    return hostile(fuzz, to, bytes);
}

static long flags(struct fuzz *fuzz, const long *list, bool one) {
    size_t count = 0;
    long value = 0;
    if (chance(fuzz, 3)) return (long)number(fuzz);
    while (list[count] != LIST_END) count++;
    if (one) return list[draw(fuzz, count)];
    for (unsigned left = (unsigned)draw(fuzz, 4); left > 0; left--) value |= list[draw(fuzz, count)];
    return value;
}

static long argument(struct fuzz *fuzz, const struct call *call, char kind) {
    switch (kind) {
        case 'f': return any_descriptor(fuzz);
        case 'F': return chance(fuzz, 75) ? AT_FDCWD : any_descriptor(fuzz);
        case 'o': return hostile(fuzz, place(fuzz, 4096), 64);
        case 'i': {
            unsigned char *to = place(fuzz, 64);
            fill(fuzz, to, 64);
            return hostile(fuzz, to, 64);
        }
        case '0': return chance(fuzz, 60) ? 0 : structure(fuzz, 't'); /* often none */
        case 'O': return chance(fuzz, 60) ? 0 : hostile(fuzz, place(fuzz, 512), 128);
        case 'l': return chance(fuzz, 94) ? (long)draw(fuzz, 700) : (long)number(fuzz);
        case 'L': return chance(fuzz, 80) ? (long)draw(fuzz, 5 * PAGE) : (long)number(fuzz);
        case 'k': return chance(fuzz, 95) ? (long)draw(fuzz, 9) : (long)number(fuzz);
        case '8': return chance(fuzz, 96) ? 8 : (long)number(fuzz);
        case 'p': return chance(fuzz, 96) ? (long)make_path(fuzz, true) : hostile(fuzz, place(fuzz, 64), 8);
        case 'P': return chance(fuzz, 96) ? (long)make_path(fuzz, false) : hostile(fuzz, place(fuzz, 64), 8);
        case 'w': { /* a place that a mount or a root may have without harm to others */
            char *to = (char *)place(fuzz, 8);
            to[0] = 'd', to[1] = (char)('0' + draw(fuzz, 3)), to[2] = 0;
            return (long)to;
        }
        case 'N': { /* the type of a file system */
            static const char *const types[] = {"tmpfs", "proc", "sysfs", "devpts", "devtmpfs", "mqueue", "ext4"};
            const char *from = PICK(fuzz, types);
            char *to = (char *)place(fuzz, 16);
            size_t length = 0;
            for (; from[length] != 0; length++) to[length] = from[length];
            to[length] = 0;
            return (long)to;
        }
        case 'h': { /* the name of a message queue */
            char *to = (char *)place(fuzz, 8);
            to[0] = 'f', to[1] = 'u', to[2] = 'z', to[3] = (char)('0' + draw(fuzz, 3)), to[4] = 0;
            return chance(fuzz, 95) ? (long)to : (long)make_path(fuzz, true);
        }
        case 'n': return (long)number(fuzz);
        case 'j': return chance(fuzz, 85) ? (long)draw(fuzz, 20000) : (long)number(fuzz);
        case 's': return chance(fuzz, 90) ? (long)draw(fuzz, 65) : (long)number(fuzz);
        case 'x': return chance(fuzz, 90) ? 0700 : (long)draw(fuzz, 010000);
        case 'd': return process(fuzz);
        case 'D': return chance(fuzz, 50) ? 1000 : chance(fuzz, 50) ? -1 : (long)draw(fuzz, 3);
        case 'b': return chance(fuzz, 90) ? (long)draw(fuzz, 12) : (long)number(fuzz); /* clocks */
        case 'A': return address(fuzz);
        case 'Z': return size(fuzz);
        case 'V': return vector(fuzz);
        case 'a': return action(fuzz);
        case 'U': return socket_address(fuzz);
        case '1': case '2': case '3': return flags(fuzz, call->lists[kind - '1'], false);
        case '!': return flags(fuzz, call->lists[0], true);
        case '@': return flags(fuzz, call->lists[1], true);
        case '#': return flags(fuzz, call->lists[2], true);
        default: return structure(fuzz, kind);
    }
}

/* Keeps the run itself alive: the first process, the supervisor, and what all processes share. */
static void spare(struct fuzz *fuzz, const struct call *call, long arguments[6]) {
    long number = call->number;
    for (size_t i = 0; call->kinds[i] != 0; i++) {
        if (call->kinds[i] != 'd') continue;
        int value = (int)arguments[i];
        if (value == 1 || value == fuzz->board->supervisor || -value == fuzz->board->supervisor || (fuzz->root && value == -1)) arguments[i] = 0;
    }
    if (number == SYS_pidfd_open || number == SYS_tgkill || number == SYS_rt_tgsigqueueinfo || number == SYS_tkill) {
        if ((int)arguments[1] == 1 || (int)arguments[1] == fuzz->board->supervisor) arguments[1] = 0;
    }
    if ((number == SYS_setpriority || number == SYS_ioprio_set) && fuzz->root) arguments[0] = number == SYS_setpriority ? PRIO_PROCESS : 1;
}

void make_arguments(struct fuzz *fuzz, const struct call *call, long arguments[6]) {
    size_t i = 0;
    for (; call->kinds[i] != 0; i++) arguments[i] = argument(fuzz, call, call->kinds[i]);
    for (; i < 6; i++) arguments[i] = (long)number(fuzz);
    if (call->number == SYS_fcntl) { /* the third depends on the command */
        switch ((int)arguments[1]) {
            case F_GETLK: case F_SETLK: case F_SETLKW: case F_OFD_GETLK: case F_OFD_SETLK: case F_OFD_SETLKW: arguments[2] = structure(fuzz, 'K'); break;
            case F_SETOWN: arguments[2] = process(fuzz); break;
            case F_SETSIG: arguments[2] = (long)draw(fuzz, 66); break;
            case F_DUPFD: case F_DUPFD_CLOEXEC: arguments[2] = (long)draw(fuzz, 60); break;
            case F_SETFL: arguments[2] = chance(fuzz, 70) ? O_NONBLOCK : (long)number(fuzz); break;
            default: break;
        }
        if ((int)arguments[2] == 1 || (int)arguments[2] == fuzz->board->supervisor) arguments[2] = 0;
    }
    spare(fuzz, call, arguments);
}
