# Address spaces.
. /tests/load/stress.inc
stress mmap mmapmany mremap mprotect madvise munmap brk stack vm vm-rw vm-addr fault mincore msync mlock memfd shm tlb-shootdown
