/* A child that has ended stays a zombie until its parent waits; a child whose parent has ended gets init as its parent. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char state_of(pid_t pid) {
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL) return '-';
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = 0;
    char *end = strrchr(text, ')');
    return end == NULL ? '?' : end[2];
}

int main(void) {
    int ends[2], go[2];
    pid_t child = fork(), parent;
    if (child == 0) _exit(0);
    while (state_of(child) != 'Z') usleep(1000);
    printf("zombie: %c\n", state_of(child));
    waitpid(child, NULL, 0);
    printf("after wait: %c\n", state_of(child));
    if (pipe(ends) != 0 || pipe(go) != 0) return 1;
    fflush(stdout);
    child = fork();
    if (child == 0) {
        if (fork() == 0) {
            char byte;
            if (read(go[0], &byte, 1) != 1) _exit(1);
            parent = getppid();
            _exit(write(ends[1], &parent, sizeof parent) != sizeof parent);
        }
        _exit(0);
    }
    waitpid(child, NULL, 0);
    if (write(go[1], "g", 1) != 1 || read(ends[0], &parent, sizeof parent) != sizeof parent) return 1;
    printf("orphan's parent: %d\n", parent);
    return 0;
}
