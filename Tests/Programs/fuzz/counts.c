/* What the kernel has in use, by Linux's files: after everything is killed it must be what it was before. */
#include "fuzz.h"

#include <dirent.h>
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/statvfs.h>

/* Linux counts some of these on each CPU and sums them up late, and its slabs keep empty pages. Ours is exact but for the managed heap and caches. */
static const struct {
    const char *name, *unit;
    long tolerance, tolerance_linux;
} s_about[COUNTS] = {
    [COUNT_TASKS] = {"tasks", "", 0, 0},
    [COUNT_FILES] = {"open files", "", 0, 64},
    [COUNT_LOCKS] = {"file locks", "", 0, 0},
    [COUNT_MOUNTS] = {"mounts", "", 0, 0},
    [COUNT_SIGNALS] = {"queued signals of the user", "", 0, 0},
    [COUNT_TABLES] = {"page tables", "kB", 0, 512},
    [COUNT_STACKS] = {"kernel stacks and areas", "kB", 512, 4096},
    [COUNT_ANONYMOUS] = {"pages of processes", "kB", 64, 1024},
    [COUNT_SHARED] = {"shared pages or slabs", "kB", 512, 1024},
    [COUNT_USED] = {"memory", "kB", 6144, 12288},
};

static long field(const char *path, const char *name) {
    static char text[16384];
    int file = open(path, O_RDONLY);
    if (file == -1) return -1;
    size_t length = 0;
    ssize_t count;
    while (length < sizeof text - 1 && (count = read(file, text + length, sizeof text - 1 - length)) > 0) length += (size_t)count;
    close(file);
    text[length] = 0;
    char *at = name == NULL ? text : strstr(text, name);
    return at == NULL ? -1 : strtol(at + (name == NULL ? 0 : strlen(name)), NULL, 10);
}

static long lines(const char *path) {
    static char text[65536];
    int file = open(path, O_RDONLY);
    long count = 0;
    ssize_t bytes;
    while (file != -1 && (bytes = read(file, text, sizeof text)) > 0) {
        for (ssize_t i = 0; i < bytes; i++) count += text[i] == '\n';
    }
    if (file != -1) close(file);
    return count;
}

/* Threads of processes; those of the kernel have no memory. */
static long tasks(void) {
    DIR *folder = opendir("/proc");
    long count = 0;
    struct dirent *item;
    while (folder != NULL && (item = readdir(folder)) != NULL) {
        if (item->d_name[0] < '1' || item->d_name[0] > '9') continue;
        char path[300];
        snprintf(path, sizeof path, "/proc/%s/task", item->d_name);
        struct stat about;
        long links = stat(path, &about) == 0 ? (long)about.st_nlink - 2 : 0;
        snprintf(path, sizeof path, "/proc/%s/statm", item->d_name);
        count += field(path, NULL) > 0 ? links : 0;
    }
    if (folder != NULL) closedir(folder);
    return count;
}

/* Signals that are queued for user 1000, as that user sees it. */
static long signals(void) {
    int ends[2];
    long count = -1;
    if (pipe(ends) == -1) return -1;
    pid_t child = fork();
    if (child == 0) {
        if (setgid(1000) != 0 || setuid(1000) != 0) _exit(1);
        count = field("/proc/self/status", "SigQ:");
        if (write(ends[1], &count, sizeof count) != sizeof count) _exit(1);
        _exit(0);
    }
    close(ends[1]);
    if (read(ends[0], &count, sizeof count) != sizeof count) count = -1;
    close(ends[0]);
    while (waitpid(child, NULL, 0) == -1 && errno == EINTR) {
    }
    return count;
}

void count_all(struct counts *counts) {
    for (int i = 0; i < 3; i++) { /* what ended a moment ago is freed by others */
        int file = open("/proc/sys/vm/drop_caches", O_WRONLY);
        if (file != -1) {
            if (write(file, "3\n", 2) != 2) dprintf(STDOUT_FILENO, "drop_caches: errno %d\n", errno);
            close(file);
        }
        test_sleep_ms(200);
    }
    counts->value[COUNT_SIGNALS] = signals();
    counts->value[COUNT_TASKS] = tasks();
    counts->value[COUNT_FILES] = field("/proc/sys/fs/file-nr", NULL);
    counts->value[COUNT_LOCKS] = lines("/proc/locks");
    counts->value[COUNT_MOUNTS] = lines("/proc/mounts");
    if (access("/sys/kernel/debug/frames", R_OK) == 0) { /* ours: exact */
        counts->value[COUNT_TABLES] = 4 * field("/sys/kernel/debug/frames", "UserPageTable");
        counts->value[COUNT_STACKS] = 4 * field("/sys/kernel/debug/frames", "VirtualArea");
        counts->value[COUNT_ANONYMOUS] = 4 * field("/sys/kernel/debug/frames", "User");
        counts->value[COUNT_SHARED] = 4 * field("/sys/kernel/debug/frames", "Slab");
    } else {
        counts->value[COUNT_TABLES] = field("/proc/meminfo", "PageTables:");
        counts->value[COUNT_STACKS] = field("/proc/meminfo", "KernelStack:");
        counts->value[COUNT_ANONYMOUS] = field("/proc/meminfo", "AnonPages:");
        counts->value[COUNT_SHARED] = field("/proc/meminfo", "Shmem:");
    }
    counts->value[COUNT_USED] = field("/proc/meminfo", "MemTotal:") - field("/proc/meminfo", "MemFree:");
}

static bool is_linux(void) {
    static char version[512];
    if (version[0] == 0) test_read_file("/proc/version", version, sizeof version);
    return strstr(version, "Linux version") != NULL && strstr(version, "CosmosKernel") == NULL;
}

bool compare_counts(const struct counts *before, const struct counts *after, bool print) {
    bool same = true;
    for (int i = 0; i < COUNTS; i++) {
        long tolerance = is_linux() ? s_about[i].tolerance_linux : s_about[i].tolerance;
        if (after->value[i] <= before->value[i] + tolerance) continue;
        same = false;
        if (print) dprintf(STDOUT_FILENO, "leaked: %s: %ld%s before, %ld%s after\n", s_about[i].name, before->value[i], s_about[i].unit, after->value[i], s_about[i].unit);
    }
    return same;
}

void print_counts(const char *when, const struct counts *counts) {
    char line[1024];
    int length = snprintf(line, sizeof line, "%s:", when);
    for (int i = 0; i < COUNTS && length < 900; i++) length += snprintf(line + length, sizeof line - (size_t)length, "%s %s %ld%s", i == 0 ? "" : ",", s_about[i].name, counts->value[i], s_about[i].unit);
    dprintf(STDOUT_FILENO, "%s\n", line);
}

static void print_file(const char *path) {
    char text[8192];
    int file = open(path, O_RDONLY);
    ssize_t count;
    dprintf(STDOUT_FILENO, "%s:\n", path);
    while (file != -1 && (count = read(file, text, sizeof text)) > 0) {
        if (write(STDOUT_FILENO, text, (size_t)count) != count) break;
    }
    if (file != -1) close(file);
}

/* Where to look for what leaked: mounts, what the frames are used for, what is in the file systems. */
void print_places(void) {
    print_file("/proc/mounts");
    print_file("/sys/kernel/debug/frames");
    static const char *const places[] = {"/", "/tmp", "/dev", "/dev/shm", "/run", "."};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        struct statvfs about;
        if (statvfs(places[i], &about) != 0) continue;
        dprintf(STDOUT_FILENO, "%s: %lu blocks used, %lu inodes\n", places[i], (unsigned long)(about.f_blocks - about.f_bfree), (unsigned long)(about.f_files - about.f_ffree));
    }
}

/* Objects of System V and message queues outlive processes by design. */
void remove_ipc(void) {
    for (int i = 0; i < 256; i++) {
        struct shmid_ds memory;
        struct msqid_ds queue;
        struct semid_ds semaphores;
        int identity = shmctl(i, SHM_STAT, &memory);
        if (identity != -1) shmctl(identity, IPC_RMID, NULL);
        identity = msgctl(i, MSG_STAT, &queue);
        if (identity != -1) msgctl(identity, IPC_RMID, NULL);
        identity = semctl(i, 0, SEM_STAT, &semaphores);
        if (identity != -1) semctl(identity, 0, IPC_RMID);
    }
    for (int i = 0; i < 3; i++) {
        char name[8] = {'f', 'u', 'z', (char)('0' + i), 0};
        syscall(SYS_mq_unlink, name);
    }
}
