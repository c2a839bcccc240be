#include "ipc.h"
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

#ifndef SEM_STAT_ANY
#define SEM_STAT_ANY 20
#endif

static int set(int count) { return (int)OK(semget(IPC_PRIVATE, count, IPC_CREAT | 0600)); }
static void remove_set(int id) { OK(semctl(id, 0, IPC_RMID)); }
static void set_value(int id, int n, int value) {
    union semun u = {.val = value};
    OK(semctl(id, n, SETVAL, u));
}
static int value(int id, int n) { return (int)OK(semctl(id, n, GETVAL)); }
static int op(int id, int n, int change, int flags) {
    struct sembuf b = {(unsigned short)n, (short)change, (short)flags};
    return semop(id, &b, 1);
}
/* Waits until so many wait for a greater value of the semaphore, or for zero. */
static void await(int id, int n, int command, int count) {
    for (int i = 0; i < 60000 && semctl(id, n, command) != count; i++) usleep(1000);
    CHECK_EQ(semctl(id, n, command), count);
}
static void nothing(int signal) { (void)signal; }

TEST(sem_values_go_up_and_down) {
    int id = set(3);
    CHECK_EQ(value(id, 1), 0);
    OK(op(id, 1, 5, 0));
    OK(op(id, 1, -2, 0));
    CHECK_EQ(value(id, 1), 3);
    CHECK_EQ(value(id, 0), 0);
    CHECK_EQ(semctl(id, 1, GETPID), getpid());
    CHECK_EQ(semctl(id, 0, GETPID), 0);
    CHECK_ERRNO(op(id, 1, -4, IPC_NOWAIT), EAGAIN);
    CHECK_ERRNO(op(id, 1, 0, IPC_NOWAIT), EAGAIN);
    CHECK_EQ(value(id, 1), 3);
    OK(op(id, 0, 0, 0));
    set_value(id, 2, 32767);
    CHECK_ERRNO(op(id, 2, 1, 0), ERANGE);
    remove_set(id);
    CHECK_ERRNO(op(id, 0, 1, 0), EINVAL);
}

TEST(sem_bad_arguments) {
    int id = set(2);
    struct sembuf b[501];
    memset(b, 0, sizeof b);
    CHECK_ERRNO(semop(id, b, 0), EINVAL);
    CHECK_ERRNO(semop(id, b, 501), E2BIG);
    OK(semop(id, b, 500));
    CHECK_ERRNO(semop(-1, b, 1), EINVAL);
    CHECK_ERRNO(semop(id, (void *)8, 1), EFAULT);
    CHECK_ERRNO(op(id, 2, 1, 0), EFBIG);
    struct timespec bad = {0, 1000000000};
    CHECK_ERRNO(semtimedop(id, b, 1, &bad), EINVAL);
    CHECK_ERRNO(semtimedop(id, b, 1, (void *)8), EFAULT);
    union semun u = {.val = 32768};
    CHECK_ERRNO(semctl(id, 0, SETVAL, u), ERANGE);
    u.val = -1;
    CHECK_ERRNO(semctl(id, 0, SETVAL, u), ERANGE);
    u.val = 1;
    CHECK_ERRNO(semctl(id, 2, SETVAL, u), EINVAL);
    CHECK_ERRNO(semctl(id, -1, GETVAL), EINVAL);
    CHECK_ERRNO(semctl(id, 2, GETNCNT), EINVAL);
    CHECK_ERRNO(semctl(id, 0, 77), EINVAL);
    CHECK_ERRNO(semctl(-5, 0, GETVAL), EINVAL);
    u.array = (void *)8;
    CHECK_ERRNO(semctl(id, 0, GETALL, u), EFAULT);
    CHECK_ERRNO(semctl(id, 0, SETALL, u), EFAULT);
    CHECK_ERRNO(semctl(id, 0, IPC_STAT, u), EFAULT);
    CHECK_ERRNO(semget(IPC_PRIVATE, 0, 0600), EINVAL);
    CHECK_ERRNO(semget(IPC_PRIVATE, -1, 0600), EINVAL);
    CHECK_ERRNO(semget(IPC_PRIVATE, 32001, 0600), EINVAL);
    remove_set(id);
}

TEST(sem_keys_find_and_exclude) {
    key_t key = ipc_key(1);
    CHECK_ERRNO(semget(key, 2, 0), ENOENT);
    int id = (int)OK(semget(key, 2, IPC_CREAT | 0600));
    CHECK_EQ(semget(key, 0, 0), id);
    CHECK_EQ(semget(key, 2, IPC_CREAT | 0600), id);
    CHECK_ERRNO(semget(key, 3, 0), EINVAL);
    CHECK_ERRNO(semget(key, 2, IPC_CREAT | IPC_EXCL | 0600), EEXIST);
    remove_set(id);
    CHECK_ERRNO(semget(key, 2, 0), ENOENT);
}

TEST(sem_operations_are_all_or_nothing) {
    int id = set(3);
    set_value(id, 0, 5);
    struct sembuf b[] = {{0, -3, IPC_NOWAIT}, {1, -1, IPC_NOWAIT}};
    CHECK_ERRNO(semop(id, b, 2), EAGAIN);
    CHECK_EQ(value(id, 0), 5);
    /* One after the other on the same semaphore. */
    struct sembuf same[] = {{2, 2, 0}, {2, -1, 0}, {2, -1, 0}, {2, 0, 0}, {2, 4, 0}};
    OK(semop(id, same, 5));
    CHECK_EQ(value(id, 2), 4);
    struct sembuf range[] = {{0, -5, 0}, {2, 32767, 0}};
    CHECK_ERRNO(semop(id, range, 2), ERANGE);
    CHECK_EQ(value(id, 0), 5);
    /* The flag of the operation that cannot be done counts. */
    struct sembuf flags[] = {{0, -1, IPC_NOWAIT}, {1, -1, 0}};
    struct timespec soon = {0, 20000000};
    CHECK_ERRNO(semtimedop(id, flags, 2, &soon), EAGAIN);
    CHECK_EQ(value(id, 0), 5);
    remove_set(id);
}

TEST(sem_who_waits_is_woken) {
    int id = set(2);
    pid_t child = CHILD(OK(op(id, 0, -2, 0)));
    await(id, 0, GETNCNT, 1);
    OK(op(id, 0, 1, 0));
    CHECK_EQ(value(id, 0), 1);
    OK(op(id, 0, 1, 0));
    CHECK_EXIT(child, 0);
    CHECK_EQ(value(id, 0), 0);
    CHECK_EQ(semctl(id, 0, GETPID), child);
    set_value(id, 1, 2);
    child = CHILD(OK(op(id, 1, 0, 0)));
    await(id, 1, GETZCNT, 1);
    CHECK_EQ(semctl(id, 1, GETNCNT), 0);
    OK(op(id, 1, -2, 0));
    CHECK_EXIT(child, 0);
    remove_set(id);
}

TEST(sem_a_call_with_several_operations_waits_for_all) {
    int id = set(3);
    pid_t child = CHILD({
        struct sembuf b[] = {{0, -1, 0}, {1, -1, 0}, {2, 0, 0}};
        OK(semop(id, b, 3));
    });
    await(id, 0, GETNCNT, 1);
    OK(op(id, 0, 1, 0));
    await(id, 1, GETNCNT, 1);
    CHECK_EQ(value(id, 0), 1);
    struct sembuf both[] = {{2, 1, 0}, {1, 1, 0}};
    OK(semop(id, both, 2));
    await(id, 2, GETZCNT, 1);
    OK(op(id, 2, -1, 0));
    CHECK_EXIT(child, 0);
    CHECK_EQ(value(id, 0), 0);
    CHECK_EQ(value(id, 1), 0);
    remove_set(id);
}

TEST(sem_waiters_are_served_in_the_order_in_which_they_came) {
    int id = set(2), order[2];
    OK(pipe(order));
    pid_t children[6];
    for (int i = 0; i < 6; i++) {
        children[i] = CHILD({
            OK(op(id, 0, -1, 0));
            char byte = (char)i;
            CHECK_EQ(write(order[1], &byte, 1), 1);
            OK(op(id, 1, 1, 0));
        });
        await(id, 0, GETNCNT, i + 1);
    }
    for (int i = 0; i < 6; i++) {
        OK(op(id, 0, 1, 0));
        OK(op(id, 1, -1, 0));
        char byte;
        CHECK_EQ(read(order[0], &byte, 1), 1);
        CHECK_EQ(byte, i);
    }
    for (int i = 0; i < 6; i++) CHECK_EXIT(children[i], 0);
    remove_set(id);
}

TEST(sem_a_small_request_passes_a_large_one) {
    int id = set(1);
    pid_t large = CHILD(OK(op(id, 0, -3, 0)));
    await(id, 0, GETNCNT, 1);
    pid_t small = CHILD(OK(op(id, 0, -1, 0)));
    await(id, 0, GETNCNT, 2);
    OK(op(id, 0, 1, 0));
    CHECK_EXIT(small, 0);
    CHECK_EQ(semctl(id, 0, GETNCNT), 1);
    OK(op(id, 0, 3, 0));
    CHECK_EXIT(large, 0);
    remove_set(id);
}

TEST(sem_one_change_lets_a_chain_go_on) {
    int id = set(3);
    pid_t first = CHILD({
        struct sembuf b[] = {{0, -1, 0}, {1, 1, 0}};
        OK(semop(id, b, 2));
    });
    await(id, 0, GETNCNT, 1);
    pid_t second = CHILD({
        struct sembuf b[] = {{1, -1, 0}, {2, 1, 0}};
        OK(semop(id, b, 2));
    });
    await(id, 1, GETNCNT, 1);
    pid_t third = CHILD(OK(op(id, 2, -1, 0)));
    await(id, 2, GETNCNT, 1);
    OK(op(id, 0, 1, 0));
    CHECK_EXIT(first, 0);
    CHECK_EXIT(second, 0);
    CHECK_EXIT(third, 0);
    for (int i = 0; i < 3; i++) CHECK_EQ(value(id, i), 0);
    remove_set(id);
}

TEST(sem_a_removed_set_ends_waits) {
    int id = set(2);
    pid_t one = CHILD(CHECK_ERRNO(op(id, 0, -1, 0), EIDRM)), two = CHILD({
        struct sembuf b[] = {{0, -1, SEM_UNDO}, {1, -1, 0}};
        CHECK_ERRNO(semop(id, b, 2), EIDRM);
    });
    await(id, 0, GETNCNT, 2);
    remove_set(id);
    CHECK_EXIT(one, 0);
    CHECK_EXIT(two, 0);
    CHECK_ERRNO(semctl(id, 0, GETVAL), EINVAL);
}

TEST(sem_a_time_out_ends_a_wait) {
    int id = set(1);
    struct sembuf b = {0, -1, 0};
    struct timespec time = {0, 50000000}, none = {0, 0};
    int64_t begin = test_now();
    CHECK_ERRNO(semtimedop(id, &b, 1, &time), EAGAIN);
    CHECK(test_now() - begin >= 50000000);
    CHECK_ERRNO(semtimedop(id, &b, 1, &none), EAGAIN);
    CHECK_EQ(semctl(id, 0, GETNCNT), 0);
    set_value(id, 0, 1);
    OK(semtimedop(id, &b, 1, &none));
    OK(syscall(SYS_semtimedop, id, &(struct sembuf){0, 0, 0}, 1, NULL));
    remove_set(id);
}

TEST(sem_a_signal_ends_a_wait_and_it_is_never_begun_anew) {
    int id = set(1);
    for (int flags = 0; flags <= SA_RESTART; flags += SA_RESTART) {
        pid_t child = CHILD({
            struct sigaction action = {.sa_handler = nothing, .sa_flags = flags};
            OK(sigaction(SIGUSR1, &action, NULL));
            CHECK_ERRNO(op(id, 0, -1, 0), EINTR);
        });
        await(id, 0, GETNCNT, 1);
        OK(kill(child, SIGUSR1));
        CHECK_EXIT(child, 0);
        CHECK_EQ(semctl(id, 0, GETNCNT), 0);
    }
    pid_t child = CHILD(op(id, 0, -1, 0));
    await(id, 0, GETNCNT, 1);
    OK(kill(child, SIGKILL));
    CHECK_KILLED(child, SIGKILL);
    CHECK_EQ(semctl(id, 0, GETNCNT), 0);
    remove_set(id);
}

TEST(sem_undo_takes_back_at_the_end) {
    int id = set(2);
    set_value(id, 0, 5);
    pid_t child = CHILD({
        OK(op(id, 0, -3, SEM_UNDO));
        OK(op(id, 1, 4, SEM_UNDO));
        OK(op(id, 1, 2, 0));
        CHECK_EQ(value(id, 0), 2);
    });
    CHECK_EXIT(child, 0);
    CHECK_EQ(value(id, 0), 5);
    CHECK_EQ(value(id, 1), 2);
    CHECK_EQ(semctl(id, 0, GETPID), child);
    /* What cannot be taken back wholly ends at zero. */
    child = CHILD({
        OK(op(id, 1, 4, SEM_UNDO));
        OK(op(id, 1, -5, 0));
    });
    CHECK_EXIT(child, 0);
    CHECK_EQ(value(id, 1), 0);
    /* A kill is an end, too, and who waits learns of it. */
    struct gate held = gate_make();
    child = CHILD({
        OK(op(id, 0, -5, SEM_UNDO));
        gate_open(held);
        pause();
    });
    gate_wait(held);
    pid_t waiter = CHILD(OK(op(id, 0, -5, 0)));
    await(id, 0, GETNCNT, 1);
    OK(kill(child, SIGKILL));
    CHECK_KILLED(child, SIGKILL);
    CHECK_EXIT(waiter, 0);
    CHECK_EQ(value(id, 0), 0);
    remove_set(id);
}

TEST(sem_undo_is_cleared_by_set_commands) {
    int id = set(2);
    struct gate ready = gate_make(), go = gate_make();
    pid_t child = CHILD({
        OK(op(id, 0, 3, SEM_UNDO));
        OK(op(id, 1, 3, SEM_UNDO));
        gate_open(ready);
        gate_wait(go);
        OK(op(id, 1, 1, SEM_UNDO));
    });
    gate_wait(ready);
    set_value(id, 0, 7);
    gate_open(go);
    CHECK_EXIT(child, 0);
    CHECK_EQ(value(id, 0), 7);
    CHECK_EQ(value(id, 1), 0);
    child = CHILD({
        OK(op(id, 0, 3, SEM_UNDO));
        gate_open(ready);
        gate_wait(go);
    });
    gate_wait(ready);
    unsigned short all[2] = {1, 2};
    union semun u = {.array = all};
    OK(semctl(id, 0, SETALL, u));
    gate_open(go);
    CHECK_EXIT(child, 0);
    CHECK_EQ(value(id, 0), 1);
    CHECK_EQ(value(id, 1), 2);
    remove_set(id);
}

TEST(sem_undo_has_a_range) {
    int id = set(1);
    pid_t child = CHILD({
        OK(op(id, 0, 32767, SEM_UNDO));
        OK(op(id, 0, -10, 0));
        OK(op(id, 0, 1, SEM_UNDO));
        CHECK_ERRNO(op(id, 0, 1, SEM_UNDO), ERANGE);
        OK(op(id, 0, 1, 0));
    });
    CHECK_EXIT(child, 0);
    CHECK_EQ(value(id, 0), 0);
    remove_set(id);
}

TEST(sem_undo_survives_exec_and_is_not_inherited) {
    int id = set(1);
    pid_t child = CHILD({
        OK(op(id, 0, 2, SEM_UNDO));
        pid_t grandchild = CHILD(CHECK_EQ(value(id, 0), 2));
        CHECK_EXIT(grandchild, 0);
        CHECK_EQ(value(id, 0), 2);
        execl("/bin/busybox", "true", NULL);
        _exit(9);
    });
    CHECK_EXIT(child, 0);
    CHECK_EQ(value(id, 0), 0);
    remove_set(id);
}

static int thread_set;
static void *add_with_undo(void *unused) {
    OK(op(thread_set, 0, 2, SEM_UNDO));
    return unused;
}

TEST(sem_threads_share_what_is_taken_back) {
    int id = thread_set = set(1);
    pid_t child = CHILD({
        pthread_t thread;
        CHECK_EQ(pthread_create(&thread, NULL, add_with_undo, NULL), 0);
        CHECK_EQ(pthread_join(thread, NULL), 0);
        CHECK_EQ(value(id, 0), 2);
        OK(op(id, 0, 1, SEM_UNDO));
    });
    CHECK_EXIT(child, 0);
    CHECK_EQ(value(id, 0), 0);
    /* Processes that share it: it is taken back with the last one. */
    child = CHILD({
        pid_t other = (pid_t)syscall(SYS_clone, CLONE_SYSVSEM | SIGCHLD, NULL, NULL, NULL, NULL);
        if (other == 0) {
            OK(op(id, 0, 3, SEM_UNDO));
            _exit(0);
        }
        CHECK_EXIT(other, 0);
        CHECK_EQ(value(id, 0), 3);
    });
    CHECK_EXIT(child, 0);
    CHECK_EQ(value(id, 0), 0);
    /* Who leaves shares no longer. */
    child = CHILD({
        OK(op(id, 0, 3, SEM_UNDO));
        OK(unshare(CLONE_SYSVSEM));
        CHECK_EQ(value(id, 0), 0);
        OK(op(id, 0, 1, 0));
    });
    CHECK_EXIT(child, 0);
    CHECK_EQ(value(id, 0), 1);
    remove_set(id);
}

TEST(sem_it_is_described) {
    key_t key = ipc_key(2);
    int id = (int)OK(semget(key, 4, IPC_CREAT | 0640));
    struct semid_ds d;
    union semun u = {.buf = &d};
    memset(&d, 0xAA, sizeof d);
    OK(semctl(id, 0, IPC_STAT, u));
    CHECK_EQ(d.sem_nsems, 4);
    CHECK_EQ(d.sem_otime, 0);
    CHECK_EQ(d.sem_perm.mode, 0640);
    CHECK_EQ(d.sem_perm.__key, key);
    CHECK(labs(d.sem_ctime - time(NULL)) <= 10);
    OK(op(id, 0, 1, 0));
    OK(semctl(id, 0, IPC_STAT, u));
    CHECK(labs(d.sem_otime - time(NULL)) <= 10);
    d.sem_perm.uid = 1000;
    d.sem_perm.mode = 0777;
    OK(semctl(id, 0, IPC_SET, u));
    CHECK_EQ(semctl(id & 0x7FFF, 0, SEM_STAT, u), id);
    CHECK_EQ(d.sem_perm.uid, 1000);
    CHECK_EQ(d.sem_perm.cuid, 0);
    unsigned short all[4] = {1, 2, 3, 4}, found[4];
    u.array = all;
    OK(semctl(id, 0, SETALL, u));
    u.array = found;
    OK(semctl(id, 0, GETALL, u));
    CHECK_EQ(memcmp(all, found, sizeof all), 0);
    CHECK_EQ(semctl(id, 3, GETPID), getpid());
    all[2] = 40000;
    u.array = all;
    CHECK_ERRNO(semctl(id, 0, SETALL, u), ERANGE);
    struct seminfo info;
    u.info = &info;
    CHECK(OK(semctl(0, 0, IPC_INFO, u)) >= (id & 0x7FFF));
    CHECK_EQ(info.semmsl, 32000);
    CHECK_EQ(info.semmns, 1024000000);
    CHECK_EQ(info.semopm, 500);
    CHECK_EQ(info.semmni, 32000);
    CHECK_EQ(info.semvmx, 32767);
    CHECK_EQ(info.semaem, 32767);
    CHECK_EQ(info.semusz, 20);
    CHECK_EQ(info.semume, 500);
    CHECK_EQ(info.semmnu, 1024000000);
    CHECK_EQ(info.semmap, 1024000000);
    OK(semctl(0, 0, SEM_INFO, u));
    CHECK(info.semusz >= 1 && info.semaem >= 4);
    char row[200];
    static char text[1 << 16];
    u.buf = &d;
    OK(semctl(id, 0, IPC_STAT, u));
    snprintf(row, sizeof row, "\n%10d %10d  %4o %10u %5u %5u %5u %5u %10lu %10lu\n", key, id, 0777, 4, 1000, 0, 0, 0, (unsigned long)d.sem_otime, (unsigned long)d.sem_ctime);
    test_read_file("/proc/sysvipc/sem", text, sizeof text);
    CHECK(strstr(text, "       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n") == text);
    if (strstr(text, row) == NULL) FAIL("expected%sfound\n%s", row, text);
    remove_set(id);
    CHECK(!ipc_listed("/proc/sysvipc/sem", id));
}

TEST(sem_permissions_are_checked) {
    int id = set(1), readable = (int)OK(semget(IPC_PRIVATE, 1, 0604));
    pid_t child = CHILD({
        ipc_become_user();
        struct semid_ds d;
        union semun u = {.buf = &d};
        CHECK_ERRNO(op(id, 0, 1, 0), EACCES);
        CHECK_ERRNO(semctl(id, 0, GETVAL), EACCES);
        CHECK_ERRNO(semctl(id, 0, IPC_STAT, u), EACCES);
        CHECK_ERRNO(semctl(id, 0, IPC_RMID), EPERM);
        OK(semctl(readable, 0, GETVAL));
        OK(op(readable, 0, 0, 0));
        CHECK_ERRNO(op(readable, 0, 1, 0), EACCES);
        u.val = 1;
        CHECK_ERRNO(semctl(readable, 0, SETVAL, u), EACCES);
        u.buf = &d;
        CHECK_EQ(semctl(id & 0x7FFF, 0, SEM_STAT_ANY, u), id);
        CHECK_ERRNO(semctl(id & 0x7FFF, 0, SEM_STAT, u), EACCES);
    });
    CHECK_EXIT(child, 0);
    remove_set(id);
    remove_set(readable);
}

TEST(sem_limits_hold) {
    char old[100];
    test_read_file("/proc/sys/kernel/sem", old, sizeof old);
    CHECK_STR(old, "32000\t1024000000\t500\t32000\n");
    test_write_file("/proc/sys/kernel/sem", "10 1024000000 3 32000");
    struct sembuf b[4] = {{0, 0, 0}};
    int id = semget(IPC_PRIVATE, 10, 0600), many = semget(IPC_PRIVATE, 11, 0600), many_error = errno;
    int three = semop(id, b, 3), four = semop(id, b, 4), four_error = errno;
    test_write_file("/proc/sys/kernel/sem", old);
    CHECK(id != -1 && many == -1 && many_error == EINVAL && three == 0 && four == -1 && four_error == E2BIG);
    remove_set(id);
}

TEST(sem_a_mutex_of_processes_excludes) {
    int id = set(1);
    set_value(id, 0, 1);
    volatile int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t children[4];
    for (int i = 0; i < 4; i++)
        children[i] = CHILD({
            for (int round = 0; round < 300; round++) {
                OK(op(id, 0, -1, SEM_UNDO));
                int seen = *shared;
                if (round % 50 == 0) sched_yield();
                *shared = seen + 1;
                OK(op(id, 0, 1, SEM_UNDO));
            }
        });
    for (int i = 0; i < 4; i++) CHECK_EXIT(children[i], 0);
    CHECK_EQ(*shared, 1200);
    CHECK_EQ(value(id, 0), 1);
    remove_set(id);
}

TEST(sem_removal_races_with_operations) {
    for (int round = 0; round < 30; round++) {
        int id = set(2);
        pid_t children[3];
        for (int i = 0; i < 3; i++)
            children[i] = CHILD({
                struct sembuf b[] = {{0, 1, SEM_UNDO}, {1, -1, SEM_UNDO}};
                while (semop(id, b, 1) == 0 && semop(id, b + (round & 1), 1) == 0) continue;
                CHECK(errno == EIDRM || errno == EINVAL || errno == ERANGE);
            });
        usleep(1000 * (round % 5));
        remove_set(id);
        for (int i = 0; i < 3; i++) CHECK_EXIT(children[i], 0);
    }
}
