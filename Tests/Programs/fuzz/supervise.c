/*
 * The supervisor: rounds of workers, all of which are killed at the end; what the kernel has in use is counted before and after.
 * Options on the kernel's command line: fuzz.seconds=, fuzz.seed=, fuzz.only=NAME,... (docs/robustness.md).
 */
#include "fuzz.h"

#include <dirent.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>

#define ROUND_SECONDS 4
#define WORKERS 6
#define SILENCE (1500 * 1000000LL) /* a worker that makes no call for so long is killed, ns */
#define DEATH_SECONDS 20           /* in which a kill must have its effect */

static struct board *s_board;
static uint64_t s_seed;

static long option(const char *name, long otherwise) {
    char text[2048];
    test_read_file("/proc/cmdline", text, sizeof text);
    char *at = strstr(text, name);
    return at == NULL ? otherwise : strtol(at + strlen(name), NULL, 0);
}

static const char *name_of(uint64_t number) {
    for (size_t i = 0; i < call_count; i++) {
        if ((uint64_t)calls[i].number == number) return calls[i].name;
    }
    return "?";
}

/* What a worker did last, oldest first. */
static void print_ring(const struct slot *slot) {
    dprintf(STDOUT_FILENO, "worker %d, seed %#lx, %lu calls, the last ones:\n", slot->process, (unsigned long)slot->seed, (unsigned long)atomic_load(&slot->calls));
    uint32_t next = atomic_load(&slot->next);
    for (uint32_t i = next < 24 ? 0 : next - 24; i < next; i++) {
        const struct record *r = &slot->ring[i % RING];
        char result[32] = "has not returned";
        if (r->result != IN_CALL) snprintf(result, sizeof result, "%ld", (long)r->result);
        dprintf(STDOUT_FILENO, "  [%d/%d] %s(%#lx, %#lx, %#lx, %#lx, %#lx, %#lx) = %s\n", r->process, r->thread, name_of(r->number), (unsigned long)r->arguments[0], (unsigned long)r->arguments[1],
            (unsigned long)r->arguments[2], (unsigned long)r->arguments[3], (unsigned long)r->arguments[4], (unsigned long)r->arguments[5], result);
    }
}

static void print_process(int process) {
    static const char *const files[] = {"status", "wchan", "stack", "syscall"};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        char path[64], text[4096];
        snprintf(path, sizeof path, "/proc/%d/%s", process, files[i]);
        int file = open(path, O_RDONLY);
        if (file == -1) continue;
        ssize_t count = read(file, text, sizeof text);
        close(file);
        dprintf(STDOUT_FILENO, "%s:\n%.*s\n", path, count > 0 ? (int)count : 0, text);
    }
}

static void start(struct slot *slot, int index, int round, int generation) {
    slot->seed = s_seed * 1000003 + (uint64_t)(round * 4096 + index * 512 + generation);
    atomic_store(&slot->calls, 0);
    atomic_store(&slot->next, 0);
    atomic_store(&slot->children, 0);
    slot->process = (int32_t)OK(fork());
    if (slot->process == 0) {
        char folder[32];
        snprintf(folder, sizeof folder, "w%d", index);
        if (chdir(folder) != 0) _exit(TEST_FAILED);
        run_worker(s_board, slot, slot->seed, index % 2 == 0);
    }
}

static void kill_all(void) {
    int64_t end = test_now() + DEATH_SECONDS * 1000000000LL;
    for (;;) {
        kill(-1, SIGKILL);
        pid_t found;
        while ((found = waitpid(-1, NULL, WNOHANG | __WALL)) > 0) {
        }
        if (found == -1 && errno == ECHILD) return;
        if (test_now() > end) break;
        test_sleep_ms(5);
    }
    dprintf(STDOUT_FILENO, "seed %lu: killed %d s ago and still there:\n", (unsigned long)s_seed, DEATH_SECONDS);
    for (int i = 0; i < WORKERS; i++) print_ring(&s_board->slots[i]);
    DIR *folder = opendir("/proc");
    struct dirent *item;
    while ((item = readdir(folder)) != NULL) {
        int process = atoi(item->d_name);
        if (process > 1 && process < 4194304 && process != getpid()) print_process(process);
    }
    FAIL("processes do not die");
}

static void remove_tree(const char *path, int depth) {
    DIR *folder = depth < 20 ? opendir(path) : NULL;
    struct dirent *item;
    while (folder != NULL && (item = readdir(folder)) != NULL) {
        if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0) continue;
        char below[4200];
        snprintf(below, sizeof below, "%s/%s", path, item->d_name);
        if (unlink(below) == -1) remove_tree(below, depth + 1);
    }
    if (folder != NULL) closedir(folder);
    rmdir(path);
}

static void make_folders(void) {
    for (int i = 0; i < WORKERS; i++) {
        char folder[32];
        snprintf(folder, sizeof folder, "w%d", i);
        OK(mkdir(folder, 0777));
        OK(mount("none", folder, "tmpfs", 0, "size=4m,nr_inodes=500,mode=0777"));
    }
}

/* Each file system of a worker must be empty when its names are gone: no inode and no block is held by what has ended. */
static void remove_folders(void) {
    for (int i = 0; i < WORKERS; i++) {
        char folder[32], below[48];
        snprintf(folder, sizeof folder, "w%d", i);
        for (int tries = 0; tries < 200; tries++) { /* what root workers mounted inside */
            int done = 0;
            for (int k = 0; k < 3; k++) {
                snprintf(below, sizeof below, "%s/d%d", folder, k);
                done += umount2(below, MNT_DETACH) == 0;
            }
            if (done == 0) break;
        }
        while (umount2(folder, MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
        }
        remove_tree(folder, 0);
    }
}

/* Root workers leave their folders by "..": what they mounted and made elsewhere, and modes that they changed there. */
static const struct { const char *path; mode_t mode; } s_folders[] = {{"/", 0755}, {"/dev", 0755}, {"/dev/shm", 01777}, {"/tmp", 01777}, {"/run", 0755}, {".", 0755}, {"..", 0777}, {"/proc", 0555}, {"/sys", 0555}};
#define TIDIED 7 /* the first so many hold files of anybody */
#define KNOWN 2048
static char *s_known_names[KNOWN], *s_known_mounts[64];
static int s_names, s_mounts;

static bool is_known(const char *path) {
    for (int i = 0; i < s_names; i++) {
        if (strcmp(s_known_names[i], path) == 0) return true;
    }
    return false;
}

static void note_names(void) {
    for (size_t i = 0; i < TIDIED; i++) {
        DIR *folder = opendir(s_folders[i].path);
        struct dirent *item;
        while (folder != NULL && (item = readdir(folder)) != NULL) {
            char path[600];
            snprintf(path, sizeof path, "%s/%s", s_folders[i].path, item->d_name);
            CHECK(s_names < KNOWN);
            s_known_names[s_names++] = strdup(path);
        }
        if (folder != NULL) closedir(folder);
    }
    FILE *mounts = fopen("/proc/mounts", "r");
    char line[4096], place[4096];
    while (mounts != NULL && s_mounts < (int)COUNT_OF(s_known_mounts) && fgets(line, sizeof line, mounts) != NULL) {
        if (sscanf(line, "%*s %4095s", place) == 1) s_known_mounts[s_mounts++] = strdup(place);
    }
    if (mounts != NULL) fclose(mounts);
}

/* What was not mounted before goes, the last first. */
static void unmount_strangers(void) {
    for (int tries = 0; tries < 200; tries++) {
        FILE *mounts = fopen("/proc/mounts", "r");
        char line[4096], place[4096], last[4096] = "";
        int number = 0;
        while (mounts != NULL && fgets(line, sizeof line, mounts) != NULL) {
            if (sscanf(line, "%*s %4095s", place) != 1) continue;
            if (number < s_mounts && strcmp(place, s_known_mounts[number]) == 0) number++;
            else strcpy(last, place);
        }
        if (mounts != NULL) fclose(mounts);
        if (last[0] == 0 || umount2(last, MNT_DETACH) != 0) break;
    }
}

static void tidy(void) {
    unmount_strangers();
    for (size_t i = 0; i < COUNT_OF(s_folders); i++) {
        if (chmod(s_folders[i].path, s_folders[i].mode) != 0 || chown(s_folders[i].path, 0, 0) != 0) continue; /* may be no more than a view */
    }
    for (size_t i = 0; i < TIDIED; i++) {
        DIR *folder = opendir(s_folders[i].path);
        struct dirent *item;
        while (folder != NULL && (item = readdir(folder)) != NULL) {
            char path[600];
            snprintf(path, sizeof path, "%s/%s", s_folders[i].path, item->d_name);
            if (!is_known(path) && unlink(path) == -1) remove_tree(path, 0);
        }
        if (folder != NULL) closedir(folder);
    }
}

static void repair(const struct timespec *offset) {
    static const struct { const char *path; mode_t mode; } nodes[] = {{"/dev/null", 0666}, {"/dev/zero", 0666}, {"/dev/full", 0666}, {"/dev/urandom", 0666}, {"/dev/ptmx", 0666}, {"/dev/tty", 0666}};
    for (size_t i = 0; i < COUNT_OF(nodes); i++) {
        if (chmod(nodes[i].path, nodes[i].mode) != 0 || chown(nodes[i].path, 0, 0) != 0) continue;
    }
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    now.tv_sec += offset->tv_sec;
    clock_settime(CLOCK_REALTIME, &now);
    remove_ipc();
}

static uint64_t round_of_workers(int round, int seconds) {
    int generations[WORKERS] = {0};
    uint64_t calls_before[WORKERS] = {0}, total = 0;
    int64_t heard[WORKERS], end = test_now() + seconds * 1000000000LL;
    make_folders();
    for (int i = 0; i < WORKERS; i++) {
        start(&s_board->slots[i], i, round, 0);
        heard[i] = test_now();
    }
    while (test_now() < end) {
        pid_t found;
        while ((found = waitpid(-1, NULL, WNOHANG | __WALL)) > 0) {
            for (int i = 0; i < WORKERS; i++) {
                struct slot *slot = &s_board->slots[i];
                if (slot->process != found) continue;
                kill(-found, SIGKILL);
                total += atomic_load(&slot->calls);
                start(slot, i, round, ++generations[i]);
                calls_before[i] = 0;
                heard[i] = test_now();
            }
        }
        for (int i = 0; i < WORKERS; i++) {
            uint64_t made = atomic_load(&s_board->slots[i].calls);
            if (made != calls_before[i]) {
                calls_before[i] = made;
                heard[i] = test_now();
            } else if (test_now() - heard[i] > SILENCE) {
                kill(s_board->slots[i].process, SIGKILL);
                heard[i] = test_now();
            }
        }
        test_sleep_ms(10);
    }
    kill_all();
    for (int i = 0; i < WORKERS; i++) total += atomic_load(&s_board->slots[i].calls);
    remove_folders();
    return total;
}

TEST(random_calls_of_many_processes_neither_stop_the_kernel_nor_leak) {
    if (getppid() != 1) SKIP("everything else is killed: only as a test of the first process");
    long seconds = option("fuzz.seconds=", 16);
    s_seed = (uint64_t)option("fuzz.seed=", 1);
    s_board = mmap(NULL, sizeof *s_board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(s_board != MAP_FAILED);
    memset(s_board, 0, sizeof *s_board); /* its pages are there before anything is counted */
    s_board->supervisor = getpid();
    OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
    struct sched_param first = {.sched_priority = 99};
    OK(sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &first));
    test_write_file("/proc/self/oom_score_adj", "-1000"); /* workers get their own back */
    signal(SIGCHLD, SIG_DFL);
    sigset_t all; /* nobody else than the kernel ends this one */
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    struct timespec real, monotonic;
    clock_gettime(CLOCK_REALTIME, &real);
    clock_gettime(CLOCK_MONOTONIC, &monotonic);
    real.tv_sec -= monotonic.tv_sec;

    struct counts before, after;
    note_names();
    uint64_t total = round_of_workers(0, ROUND_SECONDS); /* fills caches */
    tidy();
    repair(&real);
    count_all(&before);
    print_counts("after the first round", &before);
    if (option("fuzz.places=", 0) != 0) print_places();
    int64_t end = test_now() + (seconds - ROUND_SECONDS) * 1000000000LL;
    bool same = true;
    for (int round = 1; test_now() < end && same; round++) {
        total += round_of_workers(round, ROUND_SECONDS);
        tidy();
        repair(&real);
        count_all(&after);
        for (int tries = 0; tries < 10 && !compare_counts(&before, &after, false); tries++) count_all(&after);
        same = compare_counts(&before, &after, true);
        if (!same || round % 8 == 0) print_counts(same ? "now" : "found", &after);
        if (!same) print_places();
        if (!same) dprintf(STDOUT_FILENO, "in round %d of seed %lu\n", round, (unsigned long)s_seed);
    }
    dprintf(STDOUT_FILENO, "%lu calls\n", (unsigned long)total);
    int console = (int)option("fuzz.report=", 0) != 0 ? open("/dev/console", O_WRONLY | O_NOCTTY) : -1;
    for (size_t i = 0; console != -1 && i < call_count; i++) {
        if (i > 0 && calls[i].number == calls[i - 1].number) continue;
        dprintf(console, "fuzz: %s %u calls, %u succeeded\n", calls[i].name, atomic_load(&s_board->seen[calls[i].number]), atomic_load(&s_board->succeeded[calls[i].number]));
    }
    if (console != -1) dprintf(console, "fuzz: %lu calls\n", (unsigned long)total);
    if (!same) FAIL("something leaked");
}
