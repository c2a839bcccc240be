/* POSIX shared memory: a producer process writes, a consumer process reads and prints; then the same with memfd and with an anonymous mapping. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static int produce_and_consume(int descriptor) {
    char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, descriptor < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED, descriptor, 0);
    if (memory == MAP_FAILED) return 1;
    pid_t producer = fork();
    if (producer == 0) {
        sprintf(memory, "%s %s", "Studying", "operating systems is fun");
        _exit(0);
    }
    if (waitpid(producer, NULL, 0) != producer) return 1;
    printf("%s\n", memory);
    return munmap(memory, 4096);
}

int main(void) {
    int named = shm_open("/OS", O_CREAT | O_RDWR, 0666);
    if (named == -1 || ftruncate(named, 4096) != 0 || produce_and_consume(named) != 0) return 1;
    if (shm_unlink("/OS") != 0 || shm_open("/OS", O_RDWR, 0) != -1) return 1;
    int unnamed = memfd_create("memory", 0);
    if (unnamed == -1 || ftruncate(unnamed, 4096) != 0 || produce_and_consume(unnamed) != 0) return 1;
    return produce_and_consume(-1);
}
