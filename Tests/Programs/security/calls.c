/* Calls that few programs make: keys, advice on other processes, components of the processor. */
#include "test.h"

#include <sys/prctl.h>
#include <sys/uio.h>

#ifndef SYS_process_madvise
#define SYS_process_madvise 440
#endif
#ifndef SYS_process_mrelease
#define SYS_process_mrelease 448
#endif

TEST(without_protection_keys_none_is_left) {
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK_ERRNO(syscall(SYS_pkey_alloc, 1, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_pkey_alloc, 0, 4), EINVAL);
    OK(syscall(SYS_pkey_mprotect, page, 4096, PROT_READ, -1));
    OK(syscall(SYS_pkey_mprotect, page, 4096, PROT_READ | PROT_WRITE, -1));
    *page = 1;
    CHECK_ERRNO(syscall(SYS_pkey_mprotect, page + 1, 4096, PROT_READ, -1), EINVAL);
    CHECK_ERRNO(syscall(SYS_pkey_mprotect, page, 4096, PROT_READ, 15), EINVAL);
    CHECK_ERRNO(syscall(SYS_pkey_free, 15), EINVAL);
    CHECK_ERRNO(syscall(SYS_pkey_free, -1), EINVAL);
    if (syscall(SYS_pkey_alloc, 0, 0) >= 0) SKIP("this CPU has protection keys");
    CHECK_EQ(errno, ENOSPC);
    CHECK_ERRNO(syscall(SYS_pkey_mprotect, page, 4096, PROT_READ, 0), EINVAL);
    OK(syscall(SYS_pkey_mprotect, page, 0, PROT_READ, 5));
}

TEST(advice_on_the_memory_of_another_process) {
    struct gate ready = gate_make(), end = gate_make();
    char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(page, 7, 8192);
    pid_t child = CHILD(gate_open(ready); gate_wait(end); CHECK_EQ(page[5000], 7));
    gate_wait(ready);
    int process = (int)OK(syscall(SYS_pidfd_open, child, 0));
    struct iovec parts[2] = {{page, 4096}, {page + 4096, 4096}}, odd = {page + 1, 4096};
    CHECK_EQ(OK(syscall(SYS_process_madvise, process, parts, 2, MADV_COLD, 0)), 8192);
    CHECK_EQ(OK(syscall(SYS_process_madvise, process, parts, 2, MADV_WILLNEED, 0)), 8192);
    CHECK_EQ(OK(syscall(SYS_process_madvise, process, parts, 0, MADV_COLD, 0)), 0);
    CHECK_ERRNO(syscall(SYS_process_madvise, process, parts, 2, MADV_COLD, 1), EINVAL);
    CHECK_ERRNO(syscall(SYS_process_madvise, process, parts, 2, MADV_DONTNEED, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_process_madvise, process, &odd, 1, MADV_COLD, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_process_madvise, process, NULL, 2, MADV_COLD, 0), EFAULT);
    CHECK_ERRNO(syscall(SYS_process_madvise, 1, parts, 2, MADV_COLD, 0), EBADF);
    CHECK_ERRNO(syscall(SYS_process_madvise, 999, parts, 2, MADV_COLD, 0), EBADF);
    pid_t other = CHILD(OK(setuid(1000)); CHECK_ERRNO(syscall(SYS_process_madvise, process, parts, 2, MADV_COLD, 0), EACCES));
    CHECK_EXIT(other, 0);
    CHECK_ERRNO(syscall(SYS_process_mrelease, process, 1), EINVAL);
    CHECK_ERRNO(syscall(SYS_process_mrelease, process, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_process_mrelease, 1, 0), EBADF);
    gate_open(end);
    test_wait_state(child, "Z");
    CHECK_ERRNO(syscall(SYS_process_mrelease, process, 0), ESRCH);
    CHECK_EXIT(child, 0);
}

TEST(what_arch_prctl_tells_of_the_processor) {
    uint64_t components = 0;
    OK(syscall(SYS_arch_prctl, 0x1021, &components));
    CHECK((components & 3) == 3);
    components = 0;
    OK(syscall(SYS_arch_prctl, 0x1022, &components));
    CHECK((components & 3) == 3);
    CHECK_ERRNO(syscall(SYS_arch_prctl, 0x1021, 16), EFAULT);
    CHECK_ERRNO(syscall(SYS_arch_prctl, 0x1023, 1000), EINVAL);
    CHECK_EQ(OK(syscall(SYS_arch_prctl, 0x1011, 0)), 1);
    CHECK_ERRNO(syscall(SYS_arch_prctl, 0x1012, 0), ENODEV);
}
