#include "ipc.h"

#ifndef MSG_STAT_ANY
#define MSG_STAT_ANY 13
#endif
#ifndef MSG_COPY
#define MSG_COPY 040000
#endif

struct message {
    long type;
    char text[8192];
};

static int queue(void) { return (int)OK(msgget(IPC_PRIVATE, IPC_CREAT | 0600)); }
static void remove_queue(int id) { OK(msgctl(id, IPC_RMID, NULL)); }
static int put(int id, long type, const char *text, int flags) {
    struct message m = {.type = type};
    strcpy(m.text, text);
    return msgsnd(id, &m, strlen(text) + 1, flags);
}
static struct message got;
static long take(int id, long type, int flags) { return msgrcv(id, &got, sizeof got.text, type, flags); }
static struct msqid_ds state(int id) {
    struct msqid_ds d;
    OK(msgctl(id, IPC_STAT, &d));
    return d;
}
static void nothing(int signal) { (void)signal; }

TEST(msg_messages_come_in_order_and_by_type) {
    int id = queue();
    OK(put(id, 3, "three", 0));
    OK(put(id, 1, "one", 0));
    OK(put(id, 2, "two", 0));
    OK(put(id, 1, "one again", 0));
    OK(put(id, 5, "five", 0));
    CHECK_EQ(take(id, 0, 0), 6);
    CHECK_STR(got.text, "three");
    CHECK_EQ(got.type, 3);
    CHECK_EQ(take(id, 2, 0), 4);
    CHECK_STR(got.text, "two");
    OK(take(id, -4, 0));
    CHECK_STR(got.text, "one");
    OK(take(id, 1, MSG_EXCEPT));
    CHECK_STR(got.text, "five");
    CHECK_ERRNO(take(id, 1, MSG_EXCEPT | IPC_NOWAIT), ENOMSG);
    CHECK_ERRNO(take(id, 7, IPC_NOWAIT), ENOMSG);
    OK(take(id, LONG_MIN, 0));
    CHECK_STR(got.text, "one again");
    CHECK_ERRNO(take(id, 0, IPC_NOWAIT), ENOMSG);
    remove_queue(id);
    CHECK_ERRNO(put(id, 1, "", 0), EINVAL);
    CHECK_ERRNO(take(id, 1, 0), EINVAL);
}

TEST(msg_a_negative_type_takes_the_least) {
    int id = queue();
    OK(put(id, 9, "nine", 0));
    OK(put(id, 4, "four", 0));
    OK(put(id, 6, "six", 0));
    OK(put(id, 4, "four again", 0));
    OK(take(id, -6, 0));
    CHECK_STR(got.text, "four");
    OK(take(id, -6, 0));
    CHECK_STR(got.text, "four again");
    OK(take(id, -6, 0));
    CHECK_STR(got.text, "six");
    CHECK_ERRNO(take(id, -6, IPC_NOWAIT), ENOMSG);
    remove_queue(id);
}

TEST(msg_lengths) {
    int id = queue();
    struct message m = {.type = 1};
    memset(m.text, 'x', sizeof m.text);
    OK(msgsnd(id, &m, 0, 0));
    CHECK_EQ(msgrcv(id, &got, 0, 0, 0), 0);
    OK(msgsnd(id, &m, 8192, 0));
    CHECK_ERRNO(msgrcv(id, &got, 8191, 0, 0), E2BIG);
    CHECK_EQ(state(id).msg_qnum, 1);
    CHECK_EQ(msgrcv(id, &got, 10, 0, MSG_NOERROR), 10);
    CHECK_EQ(state(id).msg_qnum, 0);
    CHECK_ERRNO(msgsnd(id, &m, 8193, 0), EINVAL);
    CHECK_ERRNO(msgsnd(id, &m, (size_t)-1, 0), EINVAL);
    CHECK_ERRNO(msgrcv(id, &got, (size_t)-1, 0, 0), EINVAL);
    m.type = 0;
    CHECK_ERRNO(msgsnd(id, &m, 1, 0), EINVAL);
    m.type = -1;
    CHECK_ERRNO(msgsnd(id, &m, 1, 0), EINVAL);
    CHECK_ERRNO(msgsnd(id, (void *)8, 1, 0), EFAULT);
    m.type = 1;
    CHECK_ERRNO(msgsnd(-1, &m, 1, 0), EINVAL);
    /* It was received, and could not be written: it is lost. */
    OK(msgsnd(id, &m, 1, 0));
    CHECK_ERRNO(msgrcv(id, (void *)8, 1, 0, 0), EFAULT);
    CHECK_EQ(state(id).msg_qnum, 0);
    remove_queue(id);
}

TEST(msg_a_copy_stays) {
    int id = queue();
    OK(put(id, 1, "first", 0));
    OK(put(id, 2, "second", 0));
    CHECK_ERRNO(take(id, 0, MSG_COPY), EINVAL);
    CHECK_ERRNO(take(id, 0, MSG_COPY | MSG_EXCEPT | IPC_NOWAIT), EINVAL);
    if (take(id, 1, MSG_COPY | IPC_NOWAIT) == -1 && errno == ENOSYS) SKIP("this kernel has no MSG_COPY");
    CHECK_STR(got.text, "second");
    CHECK_EQ(got.type, 2);
    CHECK_EQ(take(id, 0, MSG_COPY | IPC_NOWAIT), 6);
    CHECK_STR(got.text, "first");
    CHECK_ERRNO(take(id, 2, MSG_COPY | IPC_NOWAIT), ENOMSG);
    CHECK_ERRNO(msgrcv(id, &got, 2, 0, MSG_COPY | IPC_NOWAIT), E2BIG);
    CHECK_EQ(state(id).msg_qnum, 2);
    remove_queue(id);
}

TEST(msg_a_receiver_waits_for_its_type) {
    int id = queue();
    struct gate ready = gate_make();
    pid_t child = CHILD({
        gate_open(ready);
        CHECK_EQ(take(id, 4, 0), 5);
        CHECK_STR(got.text, "four");
    });
    gate_wait(ready);
    test_wait_state(child, "S");
    OK(put(id, 3, "three", 0));
    CHECK_EQ(state(id).msg_qnum, 1);
    OK(put(id, 4, "four", 0));
    CHECK_EXIT(child, 0);
    struct msqid_ds d = state(id);
    CHECK_EQ(d.msg_qnum, 1);
    CHECK_EQ(d.msg_lrpid, child);
    CHECK_EQ(d.msg_lspid, getpid());
    remove_queue(id);
}

TEST(msg_a_receiver_with_a_short_buffer_is_told) {
    int id = queue();
    struct gate ready = gate_make();
    pid_t child = CHILD({
        gate_open(ready);
        CHECK_ERRNO(msgrcv(id, &got, 2, 0, 0), E2BIG);
    });
    gate_wait(ready);
    test_wait_state(child, "S");
    OK(put(id, 4, "four", 0));
    CHECK_EXIT(child, 0);
    CHECK_EQ(state(id).msg_qnum, 1);
    remove_queue(id);
}

TEST(msg_a_sender_waits_for_room) {
    int id = queue();
    struct message m = {.type = 1};
    OK(msgsnd(id, &m, 8192, 0));
    OK(msgsnd(id, &m, 8192, 0));
    CHECK_ERRNO(msgsnd(id, &m, 1, IPC_NOWAIT), EAGAIN);
    CHECK_EQ(state(id).__msg_cbytes, 16384);
    struct gate ready = gate_make();
    pid_t child = CHILD({
        m.type = 2;
        gate_open(ready);
        OK(msgsnd(id, &m, 100, 0));
    });
    gate_wait(ready);
    test_wait_state(child, "S");
    OK(take(id, 0, 0));
    CHECK_EXIT(child, 0);
    struct msqid_ds d = state(id);
    CHECK_EQ(d.__msg_cbytes, 8292);
    CHECK_EQ(d.msg_lspid, child);
    CHECK_EQ(take(id, 2, 0), 100);
    remove_queue(id);
}

TEST(msg_the_number_of_empty_messages_is_limited) {
    int id = queue();
    struct msqid_ds d = state(id);
    d.msg_qbytes = 10;
    OK(msgctl(id, IPC_SET, &d));
    struct message m = {.type = 1};
    for (int i = 0; i < 10; i++) OK(msgsnd(id, &m, 0, 0));
    CHECK_ERRNO(msgsnd(id, &m, 0, IPC_NOWAIT), EAGAIN);
    struct gate ready = gate_make();
    pid_t child = CHILD({
        gate_open(ready);
        OK(msgsnd(id, &m, 0, 0));
    });
    gate_wait(ready);
    test_wait_state(child, "S");
    d.msg_qbytes = 11;
    OK(msgctl(id, IPC_SET, &d));
    CHECK_EXIT(child, 0);
    CHECK_EQ(state(id).msg_qnum, 11);
    remove_queue(id);
}

TEST(msg_removal_ends_waits) {
    int id = queue(), full = queue();
    struct message m = {.type = 1};
    OK(msgsnd(full, &m, 8192, 0));
    OK(msgsnd(full, &m, 8192, 0));
    struct gate ready = gate_make();
    pid_t receiver = CHILD({
        gate_open(ready);
        CHECK_ERRNO(take(id, 0, 0), EIDRM);
    });
    pid_t sender = CHILD({
        gate_open(ready);
        CHECK_ERRNO(msgsnd(full, &m, 1, 0), EIDRM);
    });
    gate_wait(ready);
    gate_wait(ready);
    test_wait_state(receiver, "S");
    test_wait_state(sender, "S");
    remove_queue(id);
    remove_queue(full);
    CHECK_EXIT(receiver, 0);
    CHECK_EXIT(sender, 0);
}

TEST(msg_a_signal_with_a_handler_ends_a_wait) {
    int id = queue();
    struct gate ready = gate_make();
    for (int flags = 0; flags <= SA_RESTART; flags += SA_RESTART) {
        pid_t child = CHILD({
            struct sigaction action = {.sa_handler = nothing, .sa_flags = flags};
            OK(sigaction(SIGUSR1, &action, NULL));
            gate_open(ready);
            CHECK_ERRNO(take(id, 0, 0), EINTR);
        });
        gate_wait(ready);
        test_wait_state(child, "S");
        OK(kill(child, SIGUSR1));
        CHECK_EXIT(child, 0);
    }
    /* A stop is none: the wait goes on. */
    pid_t child = CHILD({
        gate_open(ready);
        CHECK_EQ(take(id, 0, 0), 3);
    });
    gate_wait(ready);
    test_wait_state(child, "S");
    OK(kill(child, SIGSTOP));
    test_wait_state(child, "T");
    OK(kill(child, SIGCONT));
    test_wait_state(child, "S");
    OK(put(id, 1, "go", 0));
    CHECK_EXIT(child, 0);
    remove_queue(id);
}

TEST(msg_it_is_described) {
    key_t key = ipc_key(1);
    CHECK_ERRNO(msgget(key, 0), ENOENT);
    int id = (int)OK(msgget(key, IPC_CREAT | 0640));
    CHECK_EQ(msgget(key, 0), id);
    CHECK_ERRNO(msgget(key, IPC_CREAT | IPC_EXCL | 0600), EEXIST);
    struct msqid_ds d;
    memset(&d, 0xAA, sizeof d);
    OK(msgctl(id, IPC_STAT, &d));
    CHECK_EQ(d.msg_perm.mode, 0640);
    CHECK_EQ(d.msg_perm.__key, key);
    CHECK_EQ(d.msg_qbytes, 16384);
    CHECK_EQ(d.msg_qnum, 0);
    CHECK_EQ(d.msg_stime, 0);
    CHECK_EQ(d.msg_rtime, 0);
    CHECK(labs(d.msg_ctime - time(NULL)) <= 10);
    OK(put(id, 1, "12345", 0));
    OK(put(id, 1, "12345", 0));
    OK(take(id, 0, 0));
    OK(msgctl(id, IPC_STAT, &d));
    CHECK_EQ(d.msg_qnum, 1);
    CHECK_EQ(d.__msg_cbytes, 6);
    CHECK(labs(d.msg_stime - time(NULL)) <= 10);
    CHECK(labs(d.msg_rtime - time(NULL)) <= 10);
    d.msg_perm.gid = 1000;
    d.msg_perm.mode = 0111;
    d.msg_qbytes = 100000;
    OK(msgctl(id, IPC_SET, &d));
    CHECK_EQ(msgctl(id & 0x7FFF, MSG_STAT, &d), id);
    CHECK_EQ(d.msg_qbytes, 100000);
    CHECK_EQ(d.msg_perm.gid, 1000);
    CHECK_EQ(d.msg_perm.mode, 0111);
    CHECK_ERRNO(msgctl(id, IPC_STAT, (void *)8), EFAULT);
    CHECK_ERRNO(msgctl(id, 55, &d), EINVAL);
    CHECK_ERRNO(msgctl(-1, IPC_STAT, &d), EINVAL);
    struct msginfo info;
    CHECK(OK(msgctl(0, IPC_INFO, (void *)&info)) >= (id & 0x7FFF));
    CHECK_EQ(info.msgmax, 8192);
    CHECK_EQ(info.msgmnb, 16384);
    CHECK_EQ(info.msgmni, 32000);
    CHECK_EQ(info.msgpool, 512000);
    CHECK_EQ(info.msgmap, 16384);
    CHECK_EQ(info.msgtql, 16384);
    CHECK_EQ(info.msgssz, 16);
    CHECK_EQ(info.msgseg, 0xFFFF);
    OK(msgctl(0, MSG_INFO, (void *)&info));
    CHECK(info.msgpool >= 1 && info.msgmap >= 1 && info.msgtql >= 6);
    char row[300];
    static char text[1 << 16];
    snprintf(row, sizeof row, "\n%10d %10d  %4o  %10lu %10lu %5u %5u %5u %5u %5u %5u %10lu %10lu %10lu\n", key, id, 0111, 6ul, 1ul, getpid(), getpid(), 0, 1000, 0, 0,
             (unsigned long)d.msg_stime, (unsigned long)d.msg_rtime, (unsigned long)d.msg_ctime);
    test_read_file("/proc/sysvipc/msg", text, sizeof text);
    CHECK(strstr(text, "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime      ctime\n") == text);
    if (strstr(text, row) == NULL) FAIL("expected%sfound\n%s", row, text);
    remove_queue(id);
    CHECK(!ipc_listed("/proc/sysvipc/msg", id));
}

TEST(msg_permissions_are_checked) {
    int mine = queue(), writable = (int)OK(msgget(IPC_PRIVATE, 0602));
    struct msqid_ds d = state(mine);
    pid_t child = CHILD({
        ipc_become_user();
        CHECK_ERRNO(put(mine, 1, "x", 0), EACCES);
        CHECK_ERRNO(take(mine, 0, IPC_NOWAIT), EACCES);
        OK(put(writable, 1, "x", 0));
        CHECK_ERRNO(take(writable, 0, IPC_NOWAIT), EACCES);
        CHECK_ERRNO(msgctl(mine, IPC_STAT, &d), EACCES);
        CHECK_ERRNO(msgctl(mine, IPC_RMID, NULL), EPERM);
        CHECK_ERRNO(msgctl(mine, IPC_SET, &d), EPERM);
        CHECK_EQ(msgctl(mine & 0x7FFF, MSG_STAT_ANY, &d), mine);
        int own = queue();
        OK(msgctl(own, IPC_STAT, &d));
        d.msg_qbytes = 16385;
        CHECK_ERRNO(msgctl(own, IPC_SET, &d), EPERM);
        d.msg_qbytes = 16384;
        OK(msgctl(own, IPC_SET, &d));
        remove_queue(own);
    });
    CHECK_EXIT(child, 0);
    remove_queue(mine);
    remove_queue(writable);
}

TEST(msg_who_waits_learns_of_lost_permissions) {
    int id = (int)OK(msgget(IPC_PRIVATE, 0606));
    struct gate ready = gate_make();
    pid_t child = CHILD({
        ipc_become_user();
        gate_open(ready);
        CHECK_ERRNO(take(id, 0, 0), EACCES);
    });
    gate_wait(ready);
    test_wait_state(child, "S");
    struct msqid_ds d = state(id);
    d.msg_perm.mode = 0600;
    OK(msgctl(id, IPC_SET, &d));
    CHECK_EXIT(child, 0);
    remove_queue(id);
}

TEST(msg_limits_hold) {
    test_write_file("/proc/sys/kernel/msgmax", "100");
    test_write_file("/proc/sys/kernel/msgmnb", "50");
    struct message m = {.type = 1};
    int id = msgget(IPC_PRIVATE, 0600), large = msgsnd(id, &m, 101, IPC_NOWAIT), large_error = errno, full = msgsnd(id, &m, 51, IPC_NOWAIT), full_error = errno,
        fits = msgsnd(id, &m, 50, IPC_NOWAIT);
    test_write_file("/proc/sys/kernel/msgmax", "8192");
    test_write_file("/proc/sys/kernel/msgmnb", "16384");
    CHECK(large == -1 && large_error == EINVAL && full == -1 && full_error == EAGAIN && fits == 0);
    remove_queue(id);
}

TEST(msg_many_messages_between_many_processes) {
    int id = queue();
    enum { SENDERS = 3, MESSAGES = 200 };
    pid_t senders[SENDERS], receivers[2];
    for (int r = 0; r < 2; r++)
        receivers[r] = CHILD({
            int count = 0;
            long next[SENDERS] = {0};
            for (;;) {
                OK(take(id, -(SENDERS + 1), 0));
                if (got.type == SENDERS + 1) break;
                long number;
                memcpy(&number, got.text, sizeof number);
                CHECK(number >= next[got.type - 1]); /* in order, as far as it sees */
                next[got.type - 1] = number + 1;
                count++;
            }
            struct message report = {.type = 100 + r};
            memcpy(report.text, &count, sizeof count);
            OK(msgsnd(id, &report, sizeof count, 0));
        });
    for (int s = 0; s < SENDERS; s++)
        senders[s] = CHILD({
            struct message m = {.type = s + 1};
            for (long i = 0; i < MESSAGES; i++) {
                memcpy(m.text, &i, sizeof i);
                OK(msgsnd(id, &m, 500 + (size_t)(i % 7) * 1000, 0));
            }
        });
    for (int s = 0; s < SENDERS; s++) CHECK_EXIT(senders[s], 0);
    struct message end = {.type = SENDERS + 1};
    OK(msgsnd(id, &end, 8, 0));
    OK(msgsnd(id, &end, 8, 0));
    for (int r = 0; r < 2; r++) CHECK_EXIT(receivers[r], 0);
    int total = 0;
    for (int r = 0; r < 2; r++) {
        int count;
        CHECK_EQ(take(id, 100 + r, IPC_NOWAIT), sizeof count);
        memcpy(&count, got.text, sizeof count);
        total += count;
    }
    CHECK_EQ(total, SENDERS * MESSAGES);
    remove_queue(id);
}
