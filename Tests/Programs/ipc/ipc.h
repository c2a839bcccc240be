/* What the tests of shared memory, semaphores and message queues share. */
#ifndef IPC_H
#define IPC_H
#include "test.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

union semun {
    int val;
    struct semid_ds *buf;
    unsigned short *array;
    struct seminfo *info;
};

/* A key that no other test has, since a test has its process for itself. */
static inline key_t ipc_key(int n) { return (key_t)(0x49000000 + getpid() * 16 + n); }

/* The child becomes the user 1000 without rights. */
static inline void ipc_become_user(void) {
    OK(setresgid(1000, 1000, 1000));
    OK(setresuid(1000, 1000, 1000));
}

/* Whether a line of the file has this number in this column, counted from 0, after the first line. */
static inline bool ipc_listed(const char *path, int id) {
    static char text[1 << 16];
    test_read_file(path, text, sizeof text);
    for (char *line = strchr(text, '\n'); line != NULL && line[1] != 0; line = strchr(line + 1, '\n')) {
        int key, found;
        if (sscanf(line + 1, "%d %d", &key, &found) == 2 && found == id) return true;
    }
    return false;
}
#endif
