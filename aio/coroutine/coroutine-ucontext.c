/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Switching stacks with the C library, for processors that coroutine-asm.c does
 * not support.
 *
 * The context of a stack that is left is stored on that stack, so a switch
 * keeps one pointer, as in coroutine-asm.c.  Each switch makes a system call
 * for the signal mask, which therefore belongs to the coroutine.
 */
#include "aio/coroutine/coroutine-switch-internal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

void *coroutine_init_stack(void *bottom, size_t size, void (*start)(void))
{
    uintptr_t top = ((uintptr_t)bottom + size - sizeof(ucontext_t)) &
                    ~(uintptr_t)63;
    ucontext_t *context = (ucontext_t *)top;

    memset(context, 0, sizeof(*context));
    if (getcontext(context) < 0) {
        abort();
    }
    context->uc_stack.ss_sp = bottom;
    context->uc_stack.ss_size = top - (uintptr_t)bottom;
    context->uc_link = NULL;
    makecontext(context, start, 0);
    return context;
}

void coroutine_switch_stack(void **save, void *to)
{
    ucontext_t here;

    /* The address sanitizer reads it, and getcontext() does not set it. */
    memset(&here.uc_stack, 0, sizeof(here.uc_stack));
    *save = &here;
    swapcontext(&here, to);
}
