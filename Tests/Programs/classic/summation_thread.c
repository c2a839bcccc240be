/* A thread sums into a global variable, which its creator prints after the join. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static long s_sum;

static void *run(void *upper) {
    for (int i = 1; i <= atoi(upper); i++) s_sum += i;
    pthread_exit(0);
}

int main(void) {
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    if (pthread_create(&thread, &attributes, run, "100") != 0) return 1;
    pthread_join(thread, NULL);
    printf("sum = %ld\n", s_sum);
    return 0;
}
