/* The bounded-buffer problem: two producers, three consumers, two counting semaphores and a mutex. */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>

enum { SLOTS = 5, ITEMS = 2000, PRODUCERS = 2, CONSUMERS = 3 };

static int s_slots[SLOTS], s_in, s_out, s_taken;
static long s_sum;
static sem_t s_empty, s_full;
static pthread_mutex_t s_mutex = PTHREAD_MUTEX_INITIALIZER;

static void *produce(void *unused) {
    for (int i = 1; i <= ITEMS; i++) {
        sem_wait(&s_empty);
        pthread_mutex_lock(&s_mutex);
        s_slots[s_in] = i;
        s_in = (s_in + 1) % SLOTS;
        pthread_mutex_unlock(&s_mutex);
        sem_post(&s_full);
    }
    return unused;
}

static void *consume(void *unused) {
    for (;;) {
        sem_wait(&s_full);
        pthread_mutex_lock(&s_mutex);
        int item = s_slots[s_out];
        s_out = (s_out + 1) % SLOTS;
        s_sum += item;
        if (item != 0) s_taken++;
        pthread_mutex_unlock(&s_mutex);
        sem_post(&s_empty);
        if (item == 0) return unused;
    }
}

int main(void) {
    pthread_t producers[PRODUCERS], consumers[CONSUMERS];
    sem_init(&s_empty, 0, SLOTS);
    sem_init(&s_full, 0, 0);
    for (int i = 0; i < PRODUCERS; i++) pthread_create(&producers[i], NULL, produce, NULL);
    for (int i = 0; i < CONSUMERS; i++) pthread_create(&consumers[i], NULL, consume, NULL);
    for (int i = 0; i < PRODUCERS; i++) pthread_join(producers[i], NULL);
    for (int i = 0; i < CONSUMERS; i++) { /* an item of zero ends one consumer */
        sem_wait(&s_empty);
        pthread_mutex_lock(&s_mutex);
        s_slots[s_in] = 0;
        s_in = (s_in + 1) % SLOTS;
        pthread_mutex_unlock(&s_mutex);
        sem_post(&s_full);
    }
    for (int i = 0; i < CONSUMERS; i++) pthread_join(consumers[i], NULL);
    printf("%d items, sum %ld\n", s_taken, s_sum);
    return 0;
}
