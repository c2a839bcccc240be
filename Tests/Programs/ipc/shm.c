#include "ipc.h"

#ifndef SHM_STAT_ANY
#define SHM_STAT_ANY 15
#endif
#define SHM_DEST 01000
#define SHM_LOCKED 02000

static unsigned long attachments(int id) {
    struct shmid_ds d;
    OK(shmctl(id, IPC_STAT, &d));
    return d.shm_nattch;
}

/* A segment that is removed when the test's process ends it. */
static int segment(size_t size, int flags) { return (int)OK(shmget(IPC_PRIVATE, size, IPC_CREAT | flags)); }
static void remove_segment(int id) { OK(shmctl(id, IPC_RMID, NULL)); }

TEST(shm_a_segment_is_shared_and_zero) {
    int id = segment(10000, 0600);
    char *one = shmat(id, NULL, 0), *other = shmat(id, NULL, 0);
    CHECK(one != (char *)-1 && other != (char *)-1 && one != other);
    for (int i = 0; i < 12288; i++) CHECK_EQ(one[i], 0);
    one[9999] = 7;
    CHECK_EQ(other[9999], 7);
    pid_t child = CHILD(one[5] = 9);
    CHECK_EXIT(child, 0);
    CHECK_EQ(other[5], 9);
    OK(shmdt(one));
    CHECK_EQ(other[9999], 7);
    OK(shmdt(other));
    CHECK_ERRNO(shmdt(other), EINVAL);
    remove_segment(id);
    CHECK_ERRNO(shmctl(id, IPC_RMID, NULL), EINVAL);
}

TEST(shm_keys_find_and_exclude) {
    key_t key = ipc_key(1);
    CHECK_ERRNO(shmget(key, 100, 0600), ENOENT);
    int id = (int)OK(shmget(key, 5000, IPC_CREAT | 0600));
    CHECK_EQ(shmget(key, 5000, 0), id);
    CHECK_EQ(shmget(key, 0, 0), id);
    CHECK_EQ(shmget(key, 10, IPC_CREAT | 0600), id);
    CHECK_ERRNO(shmget(key, 5000, IPC_CREAT | IPC_EXCL | 0600), EEXIST);
    CHECK_ERRNO(shmget(key, 5001, 0), EINVAL);
    CHECK_ERRNO(shmget(IPC_PRIVATE, 0, 0600), EINVAL);
    CHECK_ERRNO(shmget(key + 1, 0, IPC_CREAT | 0600), EINVAL);
    remove_segment(id);
    CHECK_ERRNO(shmget(key, 100, 0600), ENOENT);
    int next = (int)OK(shmget(key, 100, IPC_CREAT | 0600));
    CHECK(next != id);
    remove_segment(next);
}

TEST(shm_it_is_described) {
    key_t key = ipc_key(2);
    time_t now = time(NULL);
    int id = (int)OK(shmget(key, 4097, IPC_CREAT | 0640));
    struct shmid_ds d;
    memset(&d, 0xAA, sizeof d);
    OK(shmctl(id, IPC_STAT, &d));
    CHECK_EQ(d.shm_segsz, 4097);
    CHECK_EQ(d.shm_perm.__key, key);
    CHECK_EQ(d.shm_perm.mode, 0640);
    CHECK_EQ(d.shm_perm.uid, 0);
    CHECK_EQ(d.shm_perm.cgid, 0);
    CHECK_EQ(d.shm_nattch, 0);
    CHECK_EQ(d.shm_cpid, getpid());
    CHECK_EQ(d.shm_lpid, 0);
    CHECK_EQ(d.shm_atime, 0);
    CHECK_EQ(d.shm_dtime, 0);
    CHECK(d.shm_ctime >= now - 1 && d.shm_ctime <= now + 10);
    CHECK_EQ(d.shm_perm.__seq, (unsigned short)(id >> 15));
    pid_t child = CHILD({
        char *at = shmat(id, NULL, 0);
        CHECK(at != (char *)-1);
        OK(shmdt(at));
    });
    CHECK_EXIT(child, 0);
    OK(shmctl(id, IPC_STAT, &d));
    CHECK_EQ(d.shm_lpid, child);
    CHECK(d.shm_atime >= now - 1 && d.shm_dtime >= d.shm_atime);
    d.shm_perm.uid = 1000;
    d.shm_perm.gid = 1001;
    d.shm_perm.mode = 07777;
    OK(shmctl(id, IPC_SET, &d));
    memset(&d, 0, sizeof d);
    OK(shmctl(id, IPC_STAT, &d));
    CHECK_EQ(d.shm_perm.uid, 1000);
    CHECK_EQ(d.shm_perm.gid, 1001);
    CHECK_EQ(d.shm_perm.cuid, 0);
    CHECK_EQ(d.shm_perm.mode, 0777);
    d.shm_perm.uid = (uid_t)-1;
    CHECK_ERRNO(shmctl(id, IPC_SET, &d), EINVAL);
    CHECK_ERRNO(shmctl(id, IPC_STAT, (void *)8), EFAULT);
    CHECK_ERRNO(shmctl(id, IPC_SET, (void *)8), EFAULT);
    CHECK_ERRNO(shmctl(id, 99, &d), EINVAL);
    CHECK_ERRNO(shmctl(-1, IPC_STAT, &d), EINVAL);
    remove_segment(id);
    CHECK_ERRNO(shmctl(id, IPC_STAT, &d), EINVAL);
}

TEST(shm_attachments_are_counted_over_fork_exec_and_exit) {
    int id = segment(8192, 0600);
    char *at = shmat(id, NULL, 0);
    CHECK_EQ(attachments(id), 1);
    struct gate ready = gate_make(), go = gate_make();
    pid_t child = CHILD({
        gate_open(ready);
        gate_wait(go);
    });
    gate_wait(ready);
    CHECK_EQ(attachments(id), 2);
    gate_open(go);
    CHECK_EXIT(child, 0);
    CHECK_EQ(attachments(id), 1);
    child = CHILD(execl("/bin/busybox", "true", NULL));
    CHECK_EXIT(child, 0);
    CHECK_EQ(attachments(id), 1);
    /* A piece more is an attachment more. */
    OK(mprotect(at, 4096, PROT_READ));
    CHECK_EQ(attachments(id), 2);
    OK(shmdt(at));
    CHECK_EQ(attachments(id), 0);
    at = shmat(id, NULL, 0);
    OK(munmap(at, 4096));
    CHECK_EQ(attachments(id), 1);
    OK(shmdt(at));
    CHECK_EQ(attachments(id), 0);
    remove_segment(id);
}

TEST(shm_it_goes_with_the_last_attachment) {
    key_t key = ipc_key(3);
    int id = (int)OK(shmget(key, 4096, IPC_CREAT | 0600));
    char *at = shmat(id, NULL, 0);
    strcpy(at, "still here");
    remove_segment(id);
    struct shmid_ds d;
    OK(shmctl(id, IPC_STAT, &d));
    CHECK_EQ(d.shm_perm.mode, 0600 | SHM_DEST);
    CHECK_EQ(d.shm_perm.__key, 0);
    CHECK_ERRNO(shmget(key, 4096, 0), ENOENT);
    char *again = shmat(id, NULL, SHM_RDONLY);
    CHECK(again != (char *)-1);
    CHECK_STR(again, "still here");
    OK(shmctl(id, IPC_RMID, NULL));
    OK(shmdt(at));
    CHECK_STR(again, "still here");
    OK(shmdt(again));
    CHECK_ERRNO(shmctl(id, IPC_STAT, &d), EINVAL);
    CHECK_ERRNO((long)shmat(id, NULL, 0), EINVAL);
}

TEST(shm_the_end_of_a_process_detaches_and_removes) {
    struct shmid_ds d;
    int ids[2];
    OK(pipe(ids));
    pid_t child = CHILD({
        int id = segment(4096, 0600);
        char *at = shmat(id, NULL, 0);
        at[0] = 1;
        remove_segment(id);
        CHECK_EQ(write(ids[1], &id, sizeof id), sizeof id);
        raise(SIGKILL);
    });
    int id;
    CHECK_EQ(read(ids[0], &id, sizeof id), sizeof id);
    CHECK_KILLED(child, SIGKILL);
    CHECK_ERRNO(shmctl(id, IPC_STAT, &d), EINVAL);
}

TEST(shm_addresses_are_taken_or_rounded) {
    int id = segment(8192, 0600);
    char *place = mmap(NULL, 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(place != MAP_FAILED);
    CHECK_ERRNO((long)shmat(id, place, 0), EINVAL);
    CHECK_ERRNO((long)shmat(id, place + 1, 0), EINVAL);
    CHECK_EQ((long)shmat(id, place, SHM_REMAP), (long)place);
    place[0] = 1;
    CHECK_EQ(attachments(id), 1);
    CHECK_EQ((long)shmat(id, place, SHM_REMAP), (long)place);
    CHECK_EQ(place[0], 1);
    CHECK_EQ(attachments(id), 1);
    OK(munmap(place, 65536));
    CHECK_EQ(attachments(id), 0);
    CHECK_EQ((long)shmat(id, place + 4097, SHM_RND), (long)place + 4096);
    OK(shmdt(place + 4096));
    CHECK_ERRNO((long)shmat(id, NULL, SHM_REMAP), EINVAL);
    CHECK_ERRNO((long)shmat(id, (void *)100, SHM_RND | SHM_REMAP), EINVAL);
    CHECK_ERRNO(shmdt(place + 1), EINVAL);
    CHECK_ERRNO((long)shmat(-1, NULL, 0), EINVAL);
    remove_segment(id);
    CHECK_ERRNO((long)shmat(id, NULL, 0), EINVAL);
}

TEST(shm_rights_of_attachments) {
    int id = segment(4096, 0600);
    char *read_only = shmat(id, NULL, SHM_RDONLY);
    CHECK(read_only != (char *)-1);
    pid_t child = CHILD(*(volatile char *)read_only = 1);
    CHECK_KILLED(child, SIGSEGV);
    CHECK_ERRNO(mprotect(read_only, 4096, PROT_READ | PROT_WRITE), EACCES);
    unsigned char *code = shmat(id, NULL, SHM_EXEC);
    CHECK(code != (unsigned char *)-1);
    memcpy(code, "\xb8\x2a\x00\x00\x00\xc3", 6); /* mov $42, %eax; ret */
    CHECK_EQ(((int (*)(void))(void *)code)(), 42);
    unsigned char *data = shmat(id, NULL, 0);
    child = CHILD(((int (*)(void))(void *)data)());
    CHECK_KILLED(child, SIGSEGV);
    remove_segment(id);
}

TEST(shm_permissions_are_checked) {
    int mine = segment(4096, 0600), readable = segment(4096, 0604), theirs = segment(4096, 0600);
    key_t key = ipc_key(4);
    int keyed = (int)OK(shmget(key, 4096, IPC_CREAT | 0600));
    struct shmid_ds d;
    OK(shmctl(theirs, IPC_STAT, &d));
    d.shm_perm.uid = 1000;
    OK(shmctl(theirs, IPC_SET, &d));
    pid_t child = CHILD({
        ipc_become_user();
        CHECK_ERRNO((long)shmat(mine, NULL, 0), EACCES);
        CHECK_ERRNO((long)shmat(readable, NULL, 0), EACCES);
        CHECK(shmat(readable, NULL, SHM_RDONLY) != (void *)-1);
        CHECK_ERRNO((long)shmat(readable, NULL, SHM_RDONLY | SHM_EXEC), EACCES);
        CHECK(shmat(theirs, NULL, 0) != (void *)-1);
        CHECK_ERRNO(shmctl(mine, IPC_STAT, &d), EACCES);
        CHECK_ERRNO(shmctl(mine, IPC_RMID, NULL), EPERM);
        CHECK_ERRNO(shmctl(mine, IPC_SET, &d), EPERM);
        CHECK_ERRNO(shmctl(mine, SHM_LOCK, NULL), EPERM);
        CHECK_ERRNO(shmget(key, 4096, 0600), EACCES);
        CHECK_EQ(shmget(key, 4096, 0), keyed);
        OK(shmctl(readable, IPC_STAT, &d));
        CHECK_EQ(shmctl(mine & 0x7FFF, SHM_STAT_ANY, &d), mine);
        CHECK_ERRNO(shmctl(mine & 0x7FFF, SHM_STAT, &d), EACCES);
        OK(shmctl(theirs, IPC_RMID, NULL));
    });
    CHECK_EXIT(child, 0);
    remove_segment(mine);
    remove_segment(readable);
    remove_segment(keyed);
    CHECK_ERRNO(shmctl(theirs, IPC_STAT, &d), EINVAL);
}

TEST(shm_locking_counts_for_the_user) {
    int id = segment(16384, 0666);
    struct shmid_ds d;
    OK(shmctl(id, SHM_LOCK, NULL));
    OK(shmctl(id, IPC_STAT, &d));
    CHECK_EQ(d.shm_perm.mode, 0666 | SHM_LOCKED);
    OK(shmctl(id, SHM_LOCK, NULL));
    OK(shmctl(id, SHM_UNLOCK, NULL));
    OK(shmctl(id, IPC_STAT, &d));
    CHECK_EQ(d.shm_perm.mode, 0666);
    d.shm_perm.uid = 1000;
    OK(shmctl(id, IPC_SET, &d));
    pid_t child = CHILD({
        struct rlimit limit = {8192, 8192};
        OK(setrlimit(RLIMIT_MEMLOCK, &limit));
        ipc_become_user();
        CHECK_ERRNO(shmctl(id, SHM_LOCK, NULL), ENOMEM);
        int small = segment(8192, 0600);
        OK(shmctl(small, SHM_LOCK, NULL));
        int other = segment(4096, 0600);
        CHECK_ERRNO(shmctl(other, SHM_LOCK, NULL), ENOMEM);
        remove_segment(small);
        OK(shmctl(other, SHM_LOCK, NULL));
        remove_segment(other);
        limit.rlim_cur = limit.rlim_max = 0;
        OK(setrlimit(RLIMIT_MEMLOCK, &limit));
        CHECK_ERRNO(shmctl(id, SHM_LOCK, NULL), EPERM);
        OK(shmctl(id, SHM_UNLOCK, NULL));
    });
    CHECK_EXIT(child, 0);
    remove_segment(id);
}

TEST(shm_information_of_the_system) {
    int id = segment(40000, 0600);
    struct shminfo limits;
    struct shm_info use;
    long last = OK(shmctl(0, IPC_INFO, (void *)&limits));
    CHECK(last >= (id & 0x7FFF));
    CHECK_EQ(limits.shmmax, 18446744073692774399ul);
    CHECK_EQ(limits.shmall, 18446744073692774399ul);
    CHECK_EQ(limits.shmmin, 1);
    CHECK_EQ(limits.shmmni, 4096);
    CHECK_EQ(limits.shmseg, 4096);
    char *at = shmat(id, NULL, 0);
    CHECK_EQ(shmctl(0, SHM_INFO, (void *)&use), last);
    unsigned long before = use.shm_rss;
    CHECK(use.used_ids >= 1 && use.shm_tot >= 10);
    at[0] = 1;
    OK(shmctl(0, SHM_INFO, (void *)&use));
    CHECK_EQ(use.shm_rss, before + 1);
    struct shmid_ds d;
    CHECK_EQ(shmctl(id & 0x7FFF, SHM_STAT, &d), id);
    CHECK_EQ(d.shm_segsz, 40000);
    CHECK_ERRNO(shmctl(0x7000, SHM_STAT, &d), EINVAL);
    CHECK_ERRNO(shmctl(0, IPC_INFO, (void *)8), EFAULT);
    remove_segment(id);
}

TEST(shm_huge_pages_are_refused) {
    int result = shmget(IPC_PRIVATE, 1 << 21, IPC_CREAT | SHM_HUGETLB | 0600);
    CHECK(result == -1 && errno == ENOMEM);
    pid_t child = CHILD({
        struct rlimit limit = {0, 0};
        OK(setrlimit(RLIMIT_MEMLOCK, &limit));
        ipc_become_user();
        CHECK_ERRNO(shmget(IPC_PRIVATE, 1 << 21, IPC_CREAT | SHM_HUGETLB | 0600), EPERM);
    });
    CHECK_EXIT(child, 0);
    CHECK_ERRNO(shmget(IPC_PRIVATE, 1 << 21, IPC_CREAT | SHM_HUGETLB | (13 << 26) | 0600), EINVAL);
}

TEST(shm_without_promise_may_be_larger_than_memory) {
    int id = (int)OK(shmget(IPC_PRIVATE, 1ul << 40, IPC_CREAT | SHM_NORESERVE | 0600));
    char *at = shmat(id, NULL, 0);
    CHECK(at != (char *)-1);
    at[1ul << 39] = 1;
    OK(shmdt(at));
    remove_segment(id);
    CHECK_ERRNO(shmget(IPC_PRIVATE, 1ul << 46, IPC_CREAT | 0600), ENOMEM);
}

TEST(shm_it_stands_in_maps_and_sysvipc) {
    key_t key = ipc_key(5);
    int id = (int)OK(shmget(key, 4096, IPC_CREAT | 0600));
    char *at = shmat(id, NULL, 0), wanted[100], line[300];
    snprintf(wanted, sizeof wanted, "%lx-%lx rw-s 00000000 00:01 %d ", (long)at, (long)at + 4096, id);
    FILE *maps = fopen("/proc/self/maps", "r");
    bool found = false;
    while (fgets(line, sizeof line, maps) != NULL) {
        char name[40];
        snprintf(name, sizeof name, " /SYSV%08x (deleted)\n", key);
        if (strncmp(line, wanted, strlen(wanted)) == 0) {
            CHECK(strstr(line, name) != NULL);
            found = true;
        }
    }
    CHECK(found);
    static char text[1 << 16], row[300];
    test_read_file("/proc/sysvipc/shm", text, sizeof text);
    CHECK(strstr(text, "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap\n") == text);
    struct shmid_ds d;
    OK(shmctl(id, IPC_STAT, &d));
    at[0] = 1;
    test_read_file("/proc/sysvipc/shm", text, sizeof text);
    snprintf(row, sizeof row, "\n%10d %10d  %4o %21lu %5u %5u  %5lu %5u %5u %5u %5u %10lu %10lu %10lu %21lu %21lu\n", key, id, 0600, 4096ul, getpid(), getpid(), 1ul, 0, 0, 0, 0,
             (unsigned long)d.shm_atime, 0ul, (unsigned long)d.shm_ctime, 4096ul, 0ul);
    if (strstr(text, row) == NULL) FAIL("expected%sfound\n%s", row, text);
    remove_segment(id);
    CHECK(ipc_listed("/proc/sysvipc/shm", id));
    OK(shmdt(at));
    CHECK(!ipc_listed("/proc/sysvipc/shm", id));
}

TEST(shm_limits_hold) {
    char old[64];
    test_read_file("/proc/sys/kernel/shmmax", old, sizeof old);
    test_write_file("/proc/sys/kernel/shmmax", "8192");
    int result = shmget(IPC_PRIVATE, 8193, IPC_CREAT | 0600), error = errno;
    int fits = shmget(IPC_PRIVATE, 8192, IPC_CREAT | 0600);
    test_write_file("/proc/sys/kernel/shmmax", old);
    CHECK(result == -1 && error == EINVAL && fits != -1);
    remove_segment(fits);
    test_read_file("/proc/sys/kernel/shmall", old, sizeof old);
    struct shm_info use;
    OK(shmctl(0, SHM_INFO, (void *)&use));
    char number[32];
    snprintf(number, sizeof number, "%lu", use.shm_tot + 2);
    test_write_file("/proc/sys/kernel/shmall", number);
    result = shmget(IPC_PRIVATE, 8193, IPC_CREAT | 0600), error = errno;
    fits = shmget(IPC_PRIVATE, 8192, IPC_CREAT | 0600);
    test_write_file("/proc/sys/kernel/shmall", old);
    CHECK(result == -1 && error == ENOSPC && fits != -1);
    remove_segment(fits);
    OK(shmctl(0, SHM_INFO, (void *)&use));
    test_read_file("/proc/sys/kernel/shmmni", old, sizeof old);
    CHECK_STR(old, "4096\n");
    snprintf(number, sizeof number, "%d", use.used_ids + 1);
    test_write_file("/proc/sys/kernel/shmmni", number);
    fits = shmget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
    result = shmget(IPC_PRIVATE, 1, IPC_CREAT | 0600), error = errno;
    test_write_file("/proc/sys/kernel/shmmni", old);
    CHECK(result == -1 && error == ENOSPC && fits != -1);
    remove_segment(fits);
}

TEST(shm_rmid_forced_removes_what_nobody_has) {
    struct shmid_ds d;
    int orphan_of_child[2];
    OK(pipe(orphan_of_child));
    pid_t child = CHILD({
        int id = segment(4096, 0600);
        CHECK_EQ(write(orphan_of_child[1], &id, sizeof id), sizeof id);
    });
    CHECK_EXIT(child, 0);
    int orphan, own = segment(4096, 0600), attached = segment(4096, 0600);
    CHECK_EQ(read(orphan_of_child[0], &orphan, sizeof orphan), sizeof orphan);
    OK(shmctl(orphan, IPC_STAT, &d));
    char *at = shmat(attached, NULL, 0);
    test_write_file("/proc/sys/kernel/shm_rmid_forced", "1");
    int gone = shmctl(orphan, IPC_STAT, &d), kept = shmctl(own, IPC_STAT, &d);
    shmdt(at);
    int detached = shmctl(attached, IPC_STAT, &d);
    child = CHILD({
        int id = segment(4096, 0600);
        CHECK_EQ(write(orphan_of_child[1], &id, sizeof id), sizeof id);
    });
    CHECK_EXIT(child, 0);
    CHECK_EQ(read(orphan_of_child[0], &orphan, sizeof orphan), sizeof orphan);
    int late = shmctl(orphan, IPC_STAT, &d);
    test_write_file("/proc/sys/kernel/shm_rmid_forced", "0");
    CHECK_EQ(gone, -1);
    CHECK_EQ(kept, 0);
    CHECK_EQ(detached, -1);
    CHECK_EQ(late, -1);
    remove_segment(own);
}

TEST(shm_ids_do_not_come_back_at_once) {
    int before = -1;
    for (int i = 0; i < 300; i++) {
        int id = segment(1, 0600);
        CHECK(id != before);
        remove_segment(id);
        struct shmid_ds d;
        CHECK_ERRNO(shmctl(id, IPC_STAT, &d), EINVAL);
        before = id;
    }
}
