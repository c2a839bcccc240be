/* Five philosophers with a monitor: each eats a hundred times, and neighbours never at the same time. */
#include <pthread.h>
#include <stdio.h>

enum { PHILOSOPHERS = 5, MEALS = 100 };

static enum { THINKING, HUNGRY, EATING } s_state[PHILOSOPHERS];
static pthread_mutex_t s_monitor = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t s_may_eat[PHILOSOPHERS];
static int s_meals, s_violations;

static void test(int i) {
    if (s_state[i] == HUNGRY && s_state[(i + 4) % 5] != EATING && s_state[(i + 1) % 5] != EATING) {
        s_state[i] = EATING;
        pthread_cond_signal(&s_may_eat[i]);
    }
}

static void *dine(void *argument) {
    int i = (int)(long)argument;
    for (int meal = 0; meal < MEALS; meal++) {
        pthread_mutex_lock(&s_monitor);
        s_state[i] = HUNGRY;
        test(i);
        while (s_state[i] != EATING) pthread_cond_wait(&s_may_eat[i], &s_monitor);
        pthread_mutex_unlock(&s_monitor);
        pthread_mutex_lock(&s_monitor);
        if (s_state[(i + 4) % 5] == EATING || s_state[(i + 1) % 5] == EATING) s_violations++;
        s_meals++;
        s_state[i] = THINKING;
        test((i + 4) % 5);
        test((i + 1) % 5);
        pthread_mutex_unlock(&s_monitor);
    }
    return NULL;
}

int main(void) {
    pthread_t threads[PHILOSOPHERS];
    for (int i = 0; i < PHILOSOPHERS; i++) pthread_cond_init(&s_may_eat[i], NULL);
    for (long i = 0; i < PHILOSOPHERS; i++) pthread_create(&threads[i], NULL, dine, (void *)i);
    for (int i = 0; i < PHILOSOPHERS; i++) pthread_join(threads[i], NULL);
    printf("%d meals, %d violations\n", s_meals, s_violations);
    return 0;
}
