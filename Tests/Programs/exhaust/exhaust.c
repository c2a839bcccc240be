/* What happens when memory runs out: who is killed, who is not, and that all of it is there again afterwards. */
#include "test.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/statfs.h>

static long meminfo(const char *name) {
    char text[8192];
    test_read_file("/proc/meminfo", text, sizeof text);
    char *at = strstr(text, name);
    return at == NULL ? -1 : strtol(at + strlen(name), NULL, 10);
}

static long number_in(const char *path) {
    char text[64];
    test_read_file(path, text, sizeof text);
    return strtol(text, NULL, 10);
}

static void adjust(int value) {
    char text[16];
    snprintf(text, sizeof text, "%d", value);
    test_write_file("/proc/self/oom_score_adj", text);
}

/* Touches page after page until it is killed. */
__attribute__((noreturn)) static void eat(void) {
    for (;;) {
        char *at = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (at == MAP_FAILED) {
            sched_yield();
            continue;
        }
        for (size_t i = 0; i < 8 << 20; i += 4096) at[i] = 1;
    }
}

/* Memory that can be had is what it was before; ends of processes may take a moment. */
static void check_free(long before) {
    long free = 0;
    for (int i = 0; i < 1200; i++) {
        free = meminfo("MemFree:");
        if (free >= before - 16384) return;
        test_sleep_ms(50);
    }
    FAIL("%ld kB were free before, %ld kB are now", before, free);
}

TEST(who_eats_all_memory_is_killed_and_others_live) {
    long before = meminfo("MemFree:");
    adjust(-1000);
    struct gate gate = gate_make();
    pid_t innocent = CHILD(adjust(0); gate_wait(gate));
    for (int i = 0; i < 3; i++) CHECK_KILLED(CHILD(adjust(0); eat()), SIGKILL);
    check_free(before);
    CHECK_EQ(waitpid(innocent, NULL, WNOHANG), 0);
    gate_open(gate);
    CHECK_EXIT(innocent, 0);
}

TEST(the_higher_oom_score_adj_is_killed_first_and_the_lowest_never) {
    adjust(-1000);
    struct gate gate = gate_make();
    pid_t preferred = CHILD(adjust(1000); gate_wait(gate)), spared = CHILD(adjust(-1000); gate_wait(gate));
    pid_t eater = CHILD(adjust(0); eat());
    CHECK_KILLED(preferred, SIGKILL);
    CHECK_KILLED(eater, SIGKILL);
    CHECK_EQ(waitpid(spared, NULL, WNOHANG), 0);
    gate_open(gate);
    CHECK_EXIT(spared, 0);
}

TEST(all_processes_that_share_the_memory_are_killed) {
    adjust(-1000);
    OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
    pid_t eater = CHILD(
        adjust(500);
        if (vfork() == 0) eat();
        pause());
    CHECK_KILLED(eater, SIGKILL);
    int status;
    CHECK((pid_t)OK(waitpid(-1, &status, 0)) != eater);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* A bomb: eaters that fork eaters. The shell runs commands as before when it has blown up. */
TEST(a_shell_survives_a_bomb_of_memory_eaters) {
    long before = meminfo("MemFree:");
    int ends[2];
    char line[64] = "";
    OK(pipe(ends));
    adjust(-1000);
    pid_t shell = CHILD(
        adjust(0); /* as any other */
        dup2(ends[1], 1);
        OK(execl("/bin/busybox", "sh", "-c", "sleep 1; i=0; while [ $i -lt 20 ]; do i=$((i+1)); /bin/busybox true || exit 1; done; echo alive", NULL)));
    OK(close(ends[1]));
    pid_t bombs[3];
    for (size_t i = 0; i < COUNT_OF(bombs); i++) {
        bombs[i] = CHILD(
            adjust(0);
            for (int k = 0; k < 1; k++) {
                if (fork() == 0) eat();
            }
            eat());
    }
    for (size_t i = 0; i < COUNT_OF(bombs); i++) CHECK_KILLED(bombs[i], SIGKILL);
    CHECK_EXIT(shell, 0);
    OK(read(ends[0], line, sizeof line - 1));
    CHECK_STR(line, "alive\n");
    check_free(before);
}

TEST(a_buffer_that_the_kernel_fills_can_be_what_kills) {
    adjust(-1000);
    int zero = (int)OK(open("/dev/zero", O_RDONLY));
    CHECK_KILLED(CHILD(
                     adjust(0);
                     for (;;) {
                         char *at = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
                         if (at == MAP_FAILED) continue;
                         if (read(zero, at, 8 << 20) < 0) _exit(1);
                     }),
                 SIGKILL);
}

TEST(oom_score_adj_takes_its_range_and_only_root_may_lower_it) {
    CHECK_EXIT(CHILD(
                   int file = (int)OK(open("/proc/self/oom_score_adj", O_RDWR));
                   CHECK_EQ(number_in("/proc/self/oom_score_adj"), 0);
                   CHECK_EQ(write(file, "300\n", 4), 4);
                   CHECK_EQ(number_in("/proc/self/oom_score_adj"), 300);
                   CHECK_ERRNO(write(file, "1001", 4), EINVAL);
                   CHECK_ERRNO(write(file, "-1001", 5), EINVAL);
                   CHECK_ERRNO(write(file, "x", 1), EINVAL);
                   CHECK_EXIT(CHILD(CHECK_EQ(number_in("/proc/self/oom_score_adj"), 300)), 0);
                   long score = number_in("/proc/self/oom_score");
                   CHECK_EQ(write(file, "-1000", 5), 5);
                   CHECK_EQ(number_in("/proc/self/oom_score"), 0);
                   CHECK_EQ(write(file, "1000", 4), 4);
                   CHECK(number_in("/proc/self/oom_score") > score);
                   CHECK_EQ(number_in("/proc/self/oom_adj"), 15);
                   CHECK_EQ(write(file, "0", 1), 1);
                   OK(setgid(1000)); OK(setuid(1000)); OK(prctl(PR_SET_DUMPABLE, 1));
                   CHECK_EQ(write(file, "10", 2), 2);
                   CHECK_EQ(write(file, "0", 1), 1);
                   int own = (int)OK(open("/proc/self/oom_score_adj", O_RDWR));
                   CHECK_ERRNO(write(own, "-1", 2), EACCES)),
               0);
}

TEST(strict_overcommit_promises_no_more_than_there_is) {
    char old[32];
    test_read_file("/proc/sys/vm/overcommit_memory", old, sizeof old);
    test_write_file("/proc/sys/vm/overcommit_memory", "2");
    long limit = meminfo("CommitLimit:"), promised = meminfo("Committed_AS:");
    CHECK(limit > 0 && promised > 0);
    errno = 0;
    void *whole = mmap(NULL, (size_t)limit << 10, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int error = errno;
    long half = 0;
    char *some = mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (some != MAP_FAILED) half = meminfo("Committed_AS:");
    test_write_file("/proc/sys/vm/overcommit_memory", old);
    CHECK(whole == MAP_FAILED);
    CHECK_EQ(error, ENOMEM);
    CHECK(some != MAP_FAILED);
    if (half < promised + 16000 || half > promised + 18000) FAIL("Committed_AS was %ld kB, and is %ld kB with 16 MiB more", promised, half);
    OK(munmap(some, 16 << 20));
    test_write_file("/proc/sys/vm/overcommit_memory", "1");
    some = mmap(NULL, (size_t)limit << 12, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    test_write_file("/proc/sys/vm/overcommit_memory", old);
    CHECK(some != MAP_FAILED);
}

TEST(a_full_tmpfs_is_enospc_and_is_empty_again) {
    struct statfs before, after;
    static char buffer[65536];
    OK(mkdir("full", 0755));
    OK(mount("none", "full", "tmpfs", 0, "size=3m,nr_inodes=20"));
    OK(statfs("full", &before));
    int file = (int)OK(open("full/f", O_RDWR | O_CREAT, 0644));
    long total = 0, count;
    while ((count = write(file, buffer, sizeof buffer)) > 0) total += count;
    CHECK_EQ(errno, ENOSPC);
    CHECK_EQ(total, 3 << 20);
    CHECK_ERRNO(pwrite(file, buffer, 1, 4 << 20), ENOSPC);
    CHECK_ERRNO(fallocate(file, 0, 4 << 20, 4096), ENOSPC);
    CHECK_KILLED(CHILD(
                     char *at = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
                     OK(ftruncate(file, 8 << 20));
                     at[5 << 20] = 1),
                 SIGBUS);
    int made = 0;
    char name[32];
    do {
        snprintf(name, sizeof name, "full/n%d", made++);
    } while (mkdir(name, 0755) == 0);
    CHECK_EQ(errno, ENOSPC);
    OK(close(file));
    OK(unlink("full/f"));
    for (int i = 0; i < made - 1; i++) {
        snprintf(name, sizeof name, "full/n%d", i);
        OK(rmdir(name));
    }
    OK(statfs("full", &after));
    CHECK_EQ(after.f_bfree, before.f_bfree);
    CHECK_EQ(after.f_ffree, before.f_ffree);
    OK(umount("full"));
}

/* Sparse pages cost a page table each: these count, too. */
TEST(page_tables_count_as_memory_of_who_has_them) {
    long before = meminfo("MemFree:");
    adjust(-1000);
    CHECK_KILLED(CHILD(
                     adjust(0);
                     volatile char sum = 0;
                     for (;;) {
                         char *at = mmap(NULL, 1L << 38, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
                         if (at == MAP_FAILED) break;
                         for (long i = 0; i < 1L << 38; i += 2 << 20) sum += at[i];
                     }),
                 SIGKILL);
    check_free(before);
}

TEST(drop_caches_takes_its_values) {
    int file = (int)OK(open("/proc/sys/vm/drop_caches", O_WRONLY));
    CHECK_EQ(pwrite(file, "1", 1, 0), 1);
    CHECK_EQ(pwrite(file, "3\n", 2, 0), 2);
    CHECK_ERRNO(pwrite(file, "0", 1, 0), EINVAL);
    CHECK_ERRNO(pwrite(file, "5", 1, 0), EINVAL);
    struct stat about;
    OK(stat("/tests/list", &about)); /* names are found again */
}
