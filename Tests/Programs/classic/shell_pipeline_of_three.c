/* What a shell does for "printf ... | sort | uniq -c": three processes, two pipes. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    char *stages[3][4] = {{"printf", "b\\na\\nb\\n", NULL}, {"sort", NULL}, {"uniq", NULL}};
    int input = STDIN_FILENO;
    for (int i = 0; i < 3; i++) {
        int ends[2] = {-1, -1};
        if (i < 2 && pipe(ends) == -1) return 1;
        pid_t child = fork();
        if (child < 0) return 1;
        if (child == 0) {
            dup2(input, STDIN_FILENO);
            if (i < 2) {
                dup2(ends[1], STDOUT_FILENO);
                close(ends[0]);
                close(ends[1]);
            }
            execvp(stages[i][0], stages[i]);
            perror(stages[i][0]);
            _exit(127);
        }
        if (input != STDIN_FILENO) close(input);
        if (i < 2) close(ends[1]);
        input = ends[0];
    }
    int status, failures = 0;
    while (wait(&status) > 0) failures += status != 0;
    printf("%d failures\n", failures);
    return 0;
}
