#include "filters.h"

#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

long install(struct sock_filter *filter, unsigned short count, unsigned flags) {
    struct sock_fprog program = {count, filter};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

void answer_to(long number, uint32_t answer) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, answer),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    CHECK_EQ(install(filter, COUNT_OF(filter), 0), 0);
}

long status_field(const char *name) {
    char text[8192], label[64];
    test_read_file("/proc/self/status", text, sizeof text);
    snprintf(label, sizeof label, "\n%s:", name);
    char *at = strstr(text, label);
    if (at == NULL) FAIL("there is no %s in /proc/self/status", name);
    return strtol(at + strlen(label), NULL, 10);
}

unsigned long helper_secure(void) { return getauxval(AT_SECURE); }
