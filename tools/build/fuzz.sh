#!/usr/bin/env bash
# Random system calls for as long as one likes: docs/robustness.md.
# usage: fuzz.sh MINUTES SEED CPUS [WORD...]      more words go onto the kernel's command line, such as fuzz.only=mmap,munmap
set -euo pipefail
minutes=$1 seed=$2 cpus=$3
shift 3
seconds=$((minutes * 60))
tools/boot --kernel build/kernel.elf --initrd build/test-initramfs.cpio.gz --cpus "$cpus" --memory 768 \
    --timeout $((seconds * 2 + 300)) --test-timeout $((seconds * 2 + 240)) --log build/fuzz.log \
    --append "quiet progs=fuzz.* limit=$((seconds * 2 + 200)) fuzz.seconds=$seconds fuzz.seed=$seed fuzz.report=1 $*"
