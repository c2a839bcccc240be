/* System V: a segment, a semaphore and a message queue between a parent and its child. */
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

struct message {
    long type;
    char text[32];
};

int main(void) {
    int segment = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600), semaphore = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600), queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    if (segment == -1 || semaphore == -1 || queue == -1) return 1;
    char *memory = shmat(segment, NULL, 0);
    if (memory == (char *)-1) return 1;
    pid_t child = fork();
    if (child == 0) {
        strcpy(memory, "from the child");
        struct sembuf up = {0, 1, 0};
        struct message message = {7, "a message"};
        _exit(semop(semaphore, &up, 1) != 0 || msgsnd(queue, &message, sizeof message.text, 0) != 0);
    }
    struct sembuf down = {0, -1, 0};
    struct message message;
    if (semop(semaphore, &down, 1) != 0) return 1;
    printf("%s\n", memory);
    if (msgrcv(queue, &message, sizeof message.text, 7, 0) == -1) return 1;
    printf("%s\n", message.text);
    int status;
    if (waitpid(child, &status, 0) != child || status != 0) return 1;
    return shmdt(memory) | shmctl(segment, IPC_RMID, NULL) | semctl(semaphore, 0, IPC_RMID) | msgctl(queue, IPC_RMID, NULL);
}
