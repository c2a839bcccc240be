/* A pre-forking server on a UNIX socket: four processes accept from one listening socket; clients ask and are answered. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sockaddr_un s_address = {.sun_family = AF_UNIX, .sun_path = "server.socket"};

static void serve(int listener) {
    for (;;) {
        char text[64];
        int peer = accept(listener, NULL, NULL);
        if (peer == -1) _exit(1);
        ssize_t count;
        while ((count = read(peer, text, sizeof text)) > 0) {
            for (ssize_t i = 0; i < count; i++) {
                if (text[i] >= 'a' && text[i] <= 'z') text[i] -= 32;
            }
            if (write(peer, text, (size_t)count) != count) _exit(1);
        }
        close(peer);
    }
}

int main(void) {
    pid_t workers[4];
    int listener = socket(AF_UNIX, SOCK_STREAM, 0), answered = 0;
    if (listener == -1 || bind(listener, (struct sockaddr *)&s_address, sizeof s_address) != 0 || listen(listener, 16) != 0) return 1;
    for (int i = 0; i < 4; i++) {
        if ((workers[i] = fork()) == 0) serve(listener);
    }
    for (int i = 0; i < 50; i++) {
        char text[64], expected[64];
        int client = socket(AF_UNIX, SOCK_STREAM, 0), length = snprintf(text, sizeof text, "request %d", i);
        snprintf(expected, sizeof expected, "REQUEST %d", i);
        if (connect(client, (struct sockaddr *)&s_address, sizeof s_address) != 0 || write(client, text, (size_t)length) != length) return 1;
        memset(text, 0, sizeof text);
        if (read(client, text, sizeof text - 1) == length && strcmp(text, expected) == 0) answered++;
        close(client);
    }
    for (int i = 0; i < 4; i++) {
        kill(workers[i], SIGTERM);
        waitpid(workers[i], NULL, 0);
    }
    printf("%d answers\n", answered);
    return 0;
}
