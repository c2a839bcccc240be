/* The parent sends a greeting through a pipe, the child prints it. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    int ends[2];
    char text[25] = "";
    const char *message = "Greetings";
    if (pipe(ends) == -1) return 1;
    pid_t child = fork();
    if (child < 0) return 1;
    if (child > 0) {
        close(ends[0]);
        if (write(ends[1], message, strlen(message) + 1) == -1) return 1;
        close(ends[1]);
        return wait(NULL) == child ? 0 : 1;
    }
    close(ends[1]);
    if (read(ends[0], text, sizeof text) <= 0) return 1;
    printf("read %s\n", text);
    close(ends[0]);
    return 0;
}
