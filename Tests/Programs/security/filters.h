/* What the tests of filters share. */
#ifndef FILTERS_H
#define FILTERS_H

#include "test.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

long install(struct sock_filter *filter, unsigned short count, unsigned flags);
/* From here on the call with this number gets this answer; every other one is allowed. */
void answer_to(long number, uint32_t answer);
/* A number of /proc/self/status. */
long status_field(const char *name);
/* What a program that is executed says of itself. */
unsigned long helper_secure(void);
int helper_capabilities(const char *what);

#endif
