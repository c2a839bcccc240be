/* The textbooks' first process program: fork, execute ls in the child, wait. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    if (mkdir("folder", 0755) != 0 || mkdir("folder/entry", 0755) != 0) return 1;
    pid_t child = fork();
    if (child < 0) {
        perror("fork");
        return 1;
    }
    if (child == 0) {
        execlp("/bin/ls", "ls", "folder", NULL);
        perror("execlp");
        _exit(127);
    }
    if (wait(NULL) != child) return 1;
    printf("Child complete\n");
    return 0;
}
