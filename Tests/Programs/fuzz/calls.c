/* The calls that the fuzzer makes. What would end the run itself is not among them: reboot, kexec, modules, swap, accounting, iopl. */
#include "fuzz.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <termios.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#define LIST(...) ((const long[]){__VA_ARGS__, LIST_END})
#define OPEN LIST(O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_NONBLOCK, O_DIRECTORY, O_NOFOLLOW, O_CLOEXEC, O_PATH, O_TMPFILE, O_SYNC, O_NOATIME)
#define AT LIST(AT_SYMLINK_NOFOLLOW, AT_SYMLINK_FOLLOW, AT_EMPTY_PATH, AT_REMOVEDIR, AT_EACCESS, AT_NO_AUTOMOUNT, 0x2000, 0x4000, 0x8000)
#define PROT LIST(PROT_READ, PROT_WRITE, PROT_EXEC, PROT_READ | PROT_WRITE)
#define MAP LIST(MAP_PRIVATE, MAP_SHARED, MAP_ANONYMOUS, MAP_PRIVATE | MAP_ANONYMOUS, MAP_GROWSDOWN, MAP_NORESERVE, MAP_POPULATE, MAP_LOCKED, MAP_STACK, MAP_SHARED_VALIDATE, 0x100000)
#define POLICY LIST(0, 1, 2, 3, 5, 6, 0x40000000)
#define CLOCKFLAGS LIST(1, 2, TFD_NONBLOCK, TFD_CLOEXEC)
#define SOCKETS LIST(1, 2, 5, SOCK_NONBLOCK, SOCK_CLOEXEC)
#define MESSAGES LIST(MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, MSG_WAITALL, MSG_NOSIGNAL, MSG_CMSG_CLOEXEC, MSG_OOB, MSG_MORE, 0x10000)
#define SPLICE LIST(1, 2, 4, 8)
#define SIGNALS LIST(0, 1, 2)
#define KEYS LIST(0x46755A5A, 0x46755A5B, 0x46755A5C, 0)
#define C(name, kinds, ...) {SYS_##name, #name, kinds, {__VA_ARGS__}, 4}
#define RARE(name, kinds, ...) {SYS_##name, #name, kinds, {__VA_ARGS__}, 1}

const struct call calls[] = {
    /* Files */
    C(read, "foL"), C(write, "fiL"), C(open, "P1x", OPEN), C(openat, "FP1x", OPEN), C(openat2, "FPHl"), C(creat, "px"), RARE(close, "f"), C(stat, "Po"), C(fstat, "fo"), C(lstat, "Po"),
    C(newfstatat, "FPo1", AT), C(statx, "FP1no", AT), C(lseek, "fj!", LIST(0, 1, 2, 3, 4)), C(pread64, "foLj"), C(pwrite64, "fiLj"), C(readv, "fVk"), C(writev, "fVk"), C(preadv, "fVkj"),
    C(pwritev, "fVkj"), C(preadv2, "fVkjn1", LIST(1, 2, 4, 8, 16)), C(pwritev2, "fVkjn1", LIST(1, 2, 4, 8, 16)), C(access, "P1", LIST(1, 2, 4)), C(faccessat, "FPn"),
    C(faccessat2, "FPn1", AT), C(dup, "f"), C(dup2, "fn"), C(dup3, "fn1", LIST(O_CLOEXEC)), C(pipe, "o"), C(pipe2, "o1", LIST(O_CLOEXEC, O_NONBLOCK, O_DIRECT)),
    C(fcntl, "f@n", NULL, LIST(F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_SETOWN, F_GETOWN, F_SETSIG, F_GETSIG, F_SETLEASE,
        F_GETLEASE, F_NOTIFY, F_DUPFD_CLOEXEC, F_SETPIPE_SZ, F_GETPIPE_SZ, F_ADD_SEALS, F_GET_SEALS, F_SETOWN_EX, F_GETOWN_EX)),
    C(flock, "f1", LIST(1, 2, 4, 8)), C(fsync, "f"), C(fdatasync, "f"), C(truncate, "pj"), C(ftruncate, "fj"), C(getdents64, "fol"), C(getdents, "fol"), C(getcwd, "ol"), C(chdir, "P"), C(fchdir, "f"),
    C(rename, "pp"), C(renameat, "FpFp"), C(renameat2, "FpFp1", LIST(1, 2, 4)), C(mkdir, "px"), C(mkdirat, "Fpx"), C(rmdir, "p"), C(link, "pp"), C(linkat, "FpFp1", AT), C(unlink, "p"),
    C(unlinkat, "Fp1", AT), C(symlink, "Pp"), C(symlinkat, "PFp"), C(readlink, "Pol"), C(readlinkat, "FPol"), C(chmod, "px"), C(fchmod, "fx"), C(fchmodat, "Fpx"), C(fchmodat2, "Fpx1", AT),
    C(chown, "pDD"), C(lchown, "pDD"), C(fchown, "fDD"), C(fchownat, "FpDD1", AT), C(umask, "x"), C(mknod, "p1n", LIST(S_IFIFO, S_IFREG, S_IFSOCK, S_IFCHR, 0600)), C(mknodat, "Fp1n", LIST(S_IFIFO, S_IFREG, S_IFSOCK)),
    C(utime, "po"), C(utimes, "pv"), C(futimesat, "Fpv"), C(utimensat, "FpT1", AT), C(statfs, "Po"), C(fstatfs, "fo"), C(ustat, "no"), C(fallocate, "f1jj", LIST(1, 2, 8, 16, 32)),
    C(fadvise64, "fjjn"), C(sync_file_range, "fjjn"), RARE(sync, ""), C(syncfs, "f"), C(sendfile, "ffol"), C(splice, "fOfOl1", SPLICE), C(tee, "ffl1", SPLICE), C(vmsplice, "fVk1", SPLICE),
    C(copy_file_range, "fOfOln"), C(close_range, "nn1", LIST(2, 4)), C(memfd_create, "h1", LIST(1, 2, 4)), C(setxattr, "ppiln"), C(lsetxattr, "ppiln"), C(fsetxattr, "fpiln"), C(getxattr, "Ppol"),
    C(lgetxattr, "Ppol"), C(fgetxattr, "fpol"), C(listxattr, "Pol"), C(llistxattr, "Pol"), C(flistxattr, "fol"), C(removexattr, "pp"), C(lremovexattr, "pp"), C(fremovexattr, "fp"),
    C(name_to_handle_at, "FPoon"), C(readahead, "fjl"), RARE(chroot, "w"), RARE(mount, "wwN1p", LIST(MS_RDONLY, MS_NOSUID, MS_BIND, MS_REC, MS_MOVE, MS_REMOUNT, MS_PRIVATE)),
    RARE(umount2, "w1", LIST(MNT_DETACH, MNT_FORCE, MNT_EXPIRE, UMOUNT_NOFOLLOW)),
    C(ioctl, "f!o", LIST(TCGETS, TCSETS, TCSETSW, TCSETSF, TCGETA, TCSETA, TCSBRK, TCXONC, TCFLSH, TIOCEXCL, TIOCNXCL, TIOCSCTTY, TIOCGPGRP, TIOCSPGRP, TIOCOUTQ, TIOCSTI, TIOCGWINSZ, TIOCSWINSZ,
        FIONREAD, FIONBIO, TIOCNOTTY, TIOCSETD, TIOCGETD, TIOCGSID, TIOCGPTN, TIOCSPTLCK, TIOCPKT, FIOCLEX, FIONCLEX, FIOASYNC, TIOCGPTPEER, TIOCVHANGUP)),
    RARE(vhangup, ""),

    /* Events */
    C(poll, "qk!", LIST(0, 1, 5)), C(ppoll, "qk0O8"), C(select, "lOOOv"), C(pselect6, "lOOO0O"), C(epoll_create, "n"), C(epoll_create1, "1", LIST(O_CLOEXEC)), C(epoll_ctl, "f@fe", NULL, LIST(1, 2, 3)),
    C(epoll_wait, "fok!", LIST(0, 1, 5)), C(epoll_pwait, "fok!O8", LIST(0, 1, 5)), C(epoll_pwait2, "fok0O8"), C(eventfd, "n"), C(eventfd2, "n1", LIST(EFD_SEMAPHORE, EFD_NONBLOCK, EFD_CLOEXEC)),
    C(timerfd_create, "b1", CLOCKFLAGS), C(timerfd_settime, "f1To", CLOCKFLAGS), C(timerfd_gettime, "fo"), C(signalfd, "fS8"), C(signalfd4, "fS81", CLOCKFLAGS), C(pidfd_open, "dn"),
    C(pidfd_send_signal, "fszn"), C(pidfd_getfd, "ffn"), C(inotify_init, ""), C(inotify_init1, "1", CLOCKFLAGS), C(inotify_add_watch, "fP1", LIST(0xFFF, 1, 2, IN_ONESHOT, IN_ONLYDIR, IN_MASK_ADD)),
    C(inotify_rm_watch, "fn"),

    /* Memory */
    C(mmap, "AZ12fj", PROT, MAP), C(munmap, "AZ"), C(mprotect, "AZ1", PROT), C(mremap, "AZZ1A", LIST(1, 2, 4)), C(madvise, "AZ!", LIST(0, 1, 2, 3, 4, 8, 9, 10, 11, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23)),
    C(msync, "AZn"), C(mincore, "AZo"), C(mlock, "AZ"), C(mlock2, "AZn"), C(munlock, "AZ"), RARE(mlockall, "1", LIST(1, 2, 4)), C(munlockall, ""), RARE(brk, "n"), C(remap_file_pages, "AZnnn"),
    C(process_vm_readv, "dVkVkn"), C(process_vm_writev, "dVkVkn"), C(membarrier, "1n", LIST(0, 1, 2, 4, 8, 16, 32, 64)), C(process_madvise, "fVknn"),

    /* Processes */
    C(getpid, ""), C(gettid, ""), C(getppid, ""), C(wait4, "d1o0", LIST(1, 1, 2, 8, 0x20000000, 0x40000000)), C(waitid, "ndo1o", LIST(1, 2, 4, 8, 0x1000000)), RARE(exit, "n"), RARE(exit_group, "n"),
    C(set_tid_address, "u"), C(getpgid, "d"), C(setpgid, "dd"), C(getsid, "d"), RARE(setsid, ""), C(getpgrp, ""), C(getrusage, "no"), C(times, "o"), C(getrlimit, "lo"), RARE(setrlimit, "kr"),
    RARE(prlimit64, "dkrO"), C(prlimit64, "dkOo"), C(getpriority, "nd"), C(setpriority, "ndn"), C(personality, "n"), C(unshare, "1", LIST(CLONE_FS, CLONE_FILES, CLONE_SYSVSEM)),
    C(prctl, "!nnnn", LIST(1, 2, 3, 4, 7, 8, 13, 14, 15, 16, 21, 25, 26, 28, 29, 30, 36, 37, 38, 39, 40, 41, 42, 47)), RARE(arch_prctl, "!A", LIST(0x1001, 0x1002, 0x1003, 0x1004)), C(setns, "fn"), C(kcmp, "ddnff"),
    C(seccomp, "!nB", LIST(0, 1, 1, 2, 3)), C(rseq, "Alnn"), RARE(ioprio_set, "ndn"), C(ioprio_get, "nd"), RARE(restart_syscall, ""),

    /* Scheduling */
    C(sched_yield, ""), C(sched_setparam, "dc"), C(sched_getparam, "do"), C(sched_setscheduler, "d!c", POLICY), C(sched_getscheduler, "d"), C(sched_setattr, "dCn"), C(sched_getattr, "doln"),
    C(sched_get_priority_max, "n"), C(sched_get_priority_min, "n"), C(sched_rr_get_interval, "do"), C(sched_setaffinity, "dli"), C(sched_getaffinity, "dlo"), C(getcpu, "oo"),

    /* Signals */
    C(rt_sigaction, "saO8"), C(rt_sigprocmask, "!SO8", SIGNALS), C(rt_sigpending, "ol"), C(rt_sigsuspend, "S8"), C(rt_sigtimedwait, "Sot8"), C(rt_sigqueueinfo, "dsz"), C(rt_tgsigqueueinfo, "ddsz"),
    C(kill, "ds"), C(tkill, "ds"), C(tgkill, "dds"), C(sigaltstack, "yO"), C(pause, ""), RARE(rt_sigreturn, ""),

    /* Time */
    C(nanosleep, "tO"), C(clock_nanosleep, "bntO"), C(clock_gettime, "bo"), C(clock_getres, "bo"), C(gettimeofday, "oo"), C(time, "o"), RARE(clock_settime, "bt"), RARE(settimeofday, "tn"), C(adjtimex, "o"),
    C(clock_adjtime, "bo"), C(alarm, "n"), C(getitimer, "no"), C(setitimer, "nvO"), C(timer_create, "bOo"), C(timer_settime, "k1TO", LIST(1)), C(timer_gettime, "ko"), C(timer_getoverrun, "k"),
    C(timer_delete, "k"),

    /* Futexes */
    C(futex, "u!n0un", LIST(0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 128, 129, 131, 132, 133, 134, 135, 136, 137, 138, 139, 140, 141, 256 + 9, 256 + 128 + 9)), C(futex_waitv, "Wkn0b"),
    C(set_robust_list, "Rl"), C(get_robust_list, "doo"),

    /* Users */
    C(getuid, ""), C(getresuid, "ooo"), C(getresgid, "ooo"), RARE(setuid, "D"), RARE(setgid, "D"), RARE(setreuid, "DD"), RARE(setregid, "DD"), RARE(setresuid, "DDD"), RARE(setresgid, "DDD"),
    C(getgroups, "lo"), RARE(setgroups, "ki"), RARE(setfsuid, "D"), RARE(setfsgid, "D"), C(capget, "GG"), RARE(capset, "GG"),

    /* The system */
    C(uname, "o"), C(sysinfo, "o"), C(getrandom, "oL1", LIST(1, 2, 4)), RARE(sethostname, "il"), RARE(setdomainname, "il"), C(syslog, "!ol", LIST(3, 9, 10, 0, 1)), C(sysfs, "nno"),

    /* Sockets */
    C(socket, "!1n", LIST(1, 1, 1, 1, 2, 10, 16), SOCKETS), C(socketpair, "!1no", LIST(1, 1, 1, 1, 2), SOCKETS), C(bind, "fUl"), C(listen, "fk"), C(accept, "fOO"), C(accept4, "fOO1", SOCKETS),
    C(connect, "fUl"), C(getsockname, "foO"), C(getpeername, "foO"), C(sendto, "fiL1Ul", MESSAGES), C(recvfrom, "foL1OO", MESSAGES), C(sendmsg, "fm1", MESSAGES), C(recvmsg, "fm1", MESSAGES),
    C(sendmmsg, "fMk1", MESSAGES), C(recvmmsg, "fMk10", MESSAGES), C(shutdown, "fk"), C(setsockopt, "f!nil", LIST(1, 1, 0, 6)), C(getsockopt, "f!noO", LIST(1, 1, 0, 6)),

    /* System V and POSIX message queues, semaphores, shared memory */
    C(shmget, "!Z1", KEYS, LIST(IPC_CREAT, IPC_EXCL, 0600)), C(shmat, "kA1", LIST(SHM_RDONLY, SHM_RND, SHM_REMAP, SHM_EXEC)), C(shmdt, "A"), C(shmctl, "k!o", LIST(0, 1, 2, 3, 11, 12, 13, 14)),
    C(semget, "!k1", KEYS, LIST(IPC_CREAT, IPC_EXCL, 0600)), C(semop, "kXk"), C(semtimedop, "kXk0"), C(semctl, "kk!o", LIST(0, 1, 2, 11, 12, 13, 14, 15, 16, 17, 18, 19)),
    C(msgget, "!1", KEYS, LIST(IPC_CREAT, IPC_EXCL, 0600)), C(msgsnd, "kYl1", LIST(IPC_NOWAIT, 010000)), C(msgrcv, "kolk1", LIST(IPC_NOWAIT, 010000, 020000, 040000)), C(msgctl, "k!o", LIST(0, 1, 2, 3, 11, 12)),
    C(mq_open, "h1xQ", LIST(O_RDWR, O_CREAT, O_EXCL, O_NONBLOCK)), C(mq_unlink, "h"), C(mq_timedsend, "filkt"), C(mq_timedreceive, "folot"), C(mq_notify, "fO"), C(mq_getsetattr, "fQO"),

    /* Numbers that mean nothing */
    {470, "none_470", "nnnnnn", {0}, 1}, {511, "none_511", "nnnnnn", {0}, 1}, {335, "none_335", "nnnnnn", {0}, 1},
};

const size_t call_count = COUNT_OF(calls);
