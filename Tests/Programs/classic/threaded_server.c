/* A threaded server on a UNIX socket: a thread a connection, eight clients at once, a descriptor passed to one of them. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sockaddr_un s_address = {.sun_family = AF_UNIX, .sun_path = "server.socket"};

static void *serve_one(void *argument) {
    int peer = (int)(long)argument, number;
    while (read(peer, &number, sizeof number) == sizeof number) {
        number *= number;
        if (write(peer, &number, sizeof number) != sizeof number) break;
    }
    close(peer);
    return NULL;
}

static void *accept_all(void *argument) {
    int listener = (int)(long)argument, peer;
    while ((peer = accept(listener, NULL, NULL)) != -1) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve_one, (void *)(long)peer) != 0) break;
        pthread_detach(thread);
    }
    return NULL;
}

static int ask(void) {
    int client = socket(AF_UNIX, SOCK_STREAM, 0), good = 0;
    if (connect(client, (struct sockaddr *)&s_address, sizeof s_address) != 0) return 0;
    for (int i = 0; i < 100; i++) {
        int number = i;
        if (write(client, &number, sizeof number) == sizeof number && read(client, &number, sizeof number) == sizeof number && number == i * i) good++;
    }
    return good;
}

static int pass_descriptor(void) {
    int pair[2], ends[2];
    char control[CMSG_SPACE(sizeof(int))] = "", byte = 'x';
    struct iovec vector = {&byte, 1};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || pipe(ends) != 0) return 0;
    if (fork() == 0) {
        int received;
        if (recvmsg(pair[1], &message, 0) != 1) _exit(1);
        memcpy(&received, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof received);
        _exit(write(received, "passed", 6) == 6 ? 0 : 1);
    }
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))};
    memcpy(CMSG_DATA(header), &ends[1], sizeof(int));
    char text[8] = "";
    return sendmsg(pair[0], &message, 0) == 1 && read(ends[0], text, 7) == 6 && strcmp(text, "passed") == 0;
}

int main(void) {
    pthread_t acceptor;
    int listener = socket(AF_UNIX, SOCK_STREAM, 0), good = 0;
    if (listener == -1 || bind(listener, (struct sockaddr *)&s_address, sizeof s_address) != 0 || listen(listener, 16) != 0) return 1;
    if (pthread_create(&acceptor, NULL, accept_all, (void *)(long)listener) != 0) return 1;
    for (int i = 0; i < 8; i++) {
        if (fork() == 0) _exit(ask());
    }
    for (int i = 0; i < 8; i++) {
        int status;
        wait(&status);
        good += WEXITSTATUS(status);
    }
    printf("%d answers, descriptor %s\n", good, pass_descriptor() ? "passed" : "lost");
    return 0;
}
