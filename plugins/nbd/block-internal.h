/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of block.h and block-class.h share.
 */
#ifndef BLOCK_INTERNAL_H
#define BLOCK_INTERNAL_H

#include "block-class.h"

/* Adds counters to @sum, which no other thread changes. */
void block_counters_add(BlockCounters *sum, const BlockCounters *counters);

/* Returns: (transfer full) the value of the property `stats`; main */
struct BlockStats *block_describe_stats(BlockBackend *drive);

#endif
