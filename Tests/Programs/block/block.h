/* What the files of this area share. */
#ifndef BLOCK_H
#define BLOCK_H

#include "test.h"

#include <linux/fs.h>
#include <sys/ioctl.h>

#define PAGE 4096
#define KIB 1024

/* The first of /dev/vdb, /dev/vda, /dev/ram0 that is there; skips the test without one. */
const char *disk(void);
int open_disk(int flags);

/* Memory for O_DIRECT. */
void *aligned(size_t bytes);
void fill(unsigned char *to, size_t bytes, unsigned seed);

#endif
