/* Two POSIX threads print, one after the other, and return values to pthread_join. */
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t s_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t s_turn = PTHREAD_COND_INITIALIZER;
static long s_next = 1;

static void *print_message(void *argument) {
    long number = (long)argument;
    pthread_mutex_lock(&s_mutex);
    while (s_next != number) pthread_cond_wait(&s_turn, &s_mutex);
    printf("Thread %ld\n", number);
    s_next++;
    pthread_cond_broadcast(&s_turn);
    pthread_mutex_unlock(&s_mutex);
    return (void *)(number * 100);
}

int main(void) {
    pthread_t threads[2];
    for (long i = 0; i < 2; i++) {
        if (pthread_create(&threads[i], NULL, print_message, (void *)(i + 1)) != 0) return 1;
    }
    void *results[2];
    for (int i = 0; i < 2; i++) {
        if (pthread_join(threads[i], &results[i]) != 0) return 1;
    }
    for (int i = 0; i < 2; i++) printf("Thread %d returns: %ld\n", i + 1, (long)results[i]);
    return 0;
}
