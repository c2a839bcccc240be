cat > t.c << 'END'
#include <pthread.h>
#include <stdio.h>
static __thread int own;
static void *work(void *n) { own = (int)(long)n; return (void *)(long)(own * own); }
int main(void) {
    long sum = 0;
    pthread_t threads[4];
    for (long i = 0; i < 4; i++) pthread_create(&threads[i], NULL, work, (void *)i);
    for (int i = 0; i < 4; i++) { void *result; pthread_join(threads[i], &result); sum += (long)result; }
    printf("hello, %ld\n", sum);
    return own;
}
END
cat > lib.c << 'END'
#include <stdio.h>
int square(int x) { return x * x; }
__attribute__((constructor)) static void begin(void) { puts("loaded"); }
END
cat > user.c << 'END'
#include <dlfcn.h>
#include <stdio.h>
int square(int);
int main(void) {
    void *maths = dlopen("libm.so.6", RTLD_NOW);
    double (*root)(double) = (double (*)(double))dlsym(maths, "sqrt");
    printf("%d %.1f\n", square(5), root(16));
}
END
printf 'all: t static\nt: t.c\n\t$(CC) -O2 -pthread -o $@ $<\nstatic: t.c\n\t$(CC) -O2 -pthread -static -o $@ $<\n' > Makefile
make -j 2 -s && ./t && ./static
gcc -shared -fPIC -o libsquare.so lib.c && gcc -o user user.c -L. -lsquare && LD_LIBRARY_PATH=. ./user; ./user 2>&1 | cut -d : -f 1-2
LD_PRELOAD=./libsquare.so /bin/true; ldd t | grep -c 'libc.so.6'; LD_DEBUG=statistics ./t 2>&1 | grep -c 'number of relocations:'
musl-gcc -o musl t.c && ./musl && /lib/ld-musl-x86_64.so.1 --list ./musl | grep -c musl
gcc -g -O1 -fsanitize=undefined -o checked -x c - <<< 'int main(int n, char **v) { return 0 * (2147483647 + n); }' && ./checked 2>&1 | grep -c 'signed integer overflow'
cpp -P <<< '#define X 1
X'; objdump -f t | grep -c 'file format elf64-x86-64'; strip t && ./t; echo 'int main(void) { return 1 }' | gcc -x c - 2>&1 | grep -c error
